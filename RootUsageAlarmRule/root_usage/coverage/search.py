"""Searches an assignment of values to nodes that meets a goal: the DPLL procedure, with a theory.

Literals that must hold are collected per node; the node says whether its value can meet them all.
Alternatives that can't be met any more are struck out; where one is left it must hold; else one is
chosen, and unchosen if it leads nowhere. With a cost for each value, the search goes on for the
cheapest assignment.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import assert_never

from .goals import Goal, Meet, MeetAll, MeetAny, Problem
from .nodes import NodePath

Held = Mapping[NodePath, int]
"""For each node that matters, the literals that it has to meet."""

Cost = Callable[[NodePath, int], float]
"""The price of a node's cheapest sample among these."""

MAX_IMPROVEMENTS = 150
"""Choices that the search makes beyond its first find, for a cheaper one. It is a matter of taste only."""


@dataclass(frozen=True, slots=True)
class _State:
    held: dict[NodePath, int]
    choices: tuple[MeetAny, ...]


def is_possible(problem: Problem, goal: Goal) -> Held | None:
    """Literals that meet the goal, or None if no event does. Raises CapReached."""
    return _Search(problem, None).first(goal)


def cheapest(problem: Problem, goal: Goal, cost: Cost) -> Held | None:
    """Literals that meet the goal, at about the least cost, or None. Raises CapReached."""
    return _Search(problem, cost).first(goal)


class _Search:
    def __init__(self, problem: Problem, cost: Cost | None) -> None:
        self._problem = problem
        self._cost = cost

    def first(self, goal: Goal) -> Held | None:
        best: Held | None = None
        least = float("inf")
        improvements = MAX_IMPROVEMENTS
        start = self._with((goal,), _State({}, ()))
        pending = [start] if start else []
        while pending:
            state = pending.pop()
            if best is not None:
                improvements -= 1
                if improvements < 0:
                    break
            price = self._price(state.held)
            if price >= least:
                continue
            if not state.choices:
                if self._cost is None:
                    return state.held
                best, least = state.held, price
                continue
            pending.extend(reversed(self._branches(state)))
        return best

    def _branches(self, state: _State) -> list[_State]:
        choice = min(state.choices, key=lambda each: len(each.parts))
        others = _State(state.held, tuple(each for each in state.choices if each is not choice))
        branches = [branch for part in choice.parts if (branch := self._with((part,), others))]
        if self._cost:
            branches.sort(key=lambda branch: self._price(branch.held))
        return branches

    def _price(self, held: Held) -> float:
        if self._cost is None:
            return 0.0
        return sum(
            self._cost(path, self._problem.nodes[path].meeting(literals)) for path, literals in held.items()
        )

    def _with(self, goals: Iterable[Goal], state: _State) -> _State | None:
        """The state with these goals met as well, and all that follows from it; None if it can't be."""
        held = dict(state.held)
        pending, choices = list(goals), list(state.choices)
        while True:
            while pending:
                goal = pending.pop()
                match goal:
                    case Meet(path, literals):
                        held[path] = held.get(path, 0) | literals
                        if not self._problem.nodes[path].meeting(held[path]):
                            return None
                    case MeetAll(parts):
                        pending.extend(parts)
                    case MeetAny():
                        choices.append(goal)
                    case other:
                        assert_never(other)
            narrowed = [self._narrowed(choice, held) for choice in choices]
            if any(not choice.parts for choice in narrowed):
                return None
            choices = [choice for choice in narrowed if len(choice.parts) > 1]
            pending = [choice.parts[0] for choice in narrowed if len(choice.parts) == 1]
            if not pending:
                return _State(held, tuple(choices))

    def _narrowed(self, choice: MeetAny, held: dict[NodePath, int]) -> MeetAny:
        parts = tuple(part for part in choice.parts if self._may_hold(part, held))
        # One that holds already settles the choice: the others needn't be looked at.
        for part in parts:
            if isinstance(part, Meet) and held.get(part.path, 0) & part.literals == part.literals:
                return MeetAny((part,))
        return choice if len(parts) == len(choice.parts) else MeetAny(parts)

    def _may_hold(self, goal: Goal, held: dict[NodePath, int]) -> bool:
        self._problem.budget.spend_choice()
        match goal:
            case Meet(path, literals):
                return bool(self._problem.nodes[path].meeting(held.get(path, 0) | literals))
            case MeetAll(parts):
                return all(self._may_hold(part, held) for part in parts)
            case MeetAny(parts):
                return any(self._may_hold(part, held) for part in parts)
            case other:
                assert_never(other)
