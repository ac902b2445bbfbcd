"""Whether what a phrase says of the missed events is true of all of them: by the same search as coverage."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from functools import cached_property

from ..filter_pattern.field_selection import SystemField, tests_of
from ..filter_pattern.matching import conditions
from ..filter_pattern.syntax import (
    Comparison,
    Condition,
    Constant,
    Expression,
    IpGlob,
    Is,
    JsonPattern,
    Member,
    NotExists,
    Operator,
    Or,
    Selector,
    Text,
)
from .budget import Budget, CapReached
from .goals import Goal, Problem, all_of, any_of
from .nodes import NodePath, Stance
from .root_activity import Field, Path
from .root_events import Event
from .search import is_possible
from .truth import has_wildcard, truth_of_pattern
from .views import Opaque, View
from .witness import is_surely_unheard

MAX_CONDITIONS = 30
"""In longer patterns nobody looks for what is missing, and the proof has had its time."""

MAX_SINGLE_VALUES = 4
"""Where a field is compared with more, nobody looks for one of them."""

MAX_CHOICES_OF_CLAIMS = 6_000
"""Looks at a condition for all claims of one phrase; those of patterns that people write take hundreds."""


class Extent(Enum):
    """How much of what is missed a claim names; what isn't proven is NOTHING."""

    ALL = auto()  # they are missed, and nothing else is
    PART = auto()  # they are missed
    NOTHING = auto()


@dataclass(frozen=True, slots=True)
class Claim:
    """The events whose field is one of these values, or is absent where there is none; or all the others.

    `also` are further conditions that hold of the claimed ones, or don't.
    """

    path: Path
    values: tuple[str, ...] = ()
    is_about_others: bool = False
    also: tuple[tuple[Condition, bool], ...] = ()

    @property
    def tests(self) -> tuple[tuple[Expression, bool], ...]:
        """Expressions, and whether they hold of the claimed events."""
        return ((self._expression(), not self.is_about_others), *self.also)

    def _expression(self) -> Expression:
        selector = Selector(tuple(map(Member, self.path)))
        tests = tuple(test_of(selector, value) for value in self.values or (None,))
        return tests[0] if len(tests) == 1 else Or(tests)


def test_of(selector: Selector, value: str | None) -> Condition:
    """That the field has this value; without one, that it is absent."""
    if value is None:
        return NotExists(selector)
    if selector == _READ_ONLY:
        return Is(selector, Constant[value.upper()])
    return Comparison(selector, Operator.EQUAL, Text(value, is_quoted=True))


_READ_ONLY = Selector((Member("readOnly"),))


class Claims:
    """Proves claims about the events that these watches miss; all of the proofs draw on one budget."""

    def __init__(
        self,
        views: Sequence[View | Opaque],
        activity: Mapping[Path, Field],
        example: Event,
        plain_events: Iterable[Event],
    ) -> None:
        self._views = views
        self._activity = activity
        self._example = example
        self._events = (example, *plain_events)
        self._budget = Budget(choices=MAX_CHOICES_OF_CLAIMS)
        self._is_worth_it = _are_worth_a_proof(views)

    @cached_property
    def _unheard(self) -> list[tuple[Event, bool]]:
        return [(event, is_surely_unheard(self._views, event)) for event in self._events]

    def best(self, claims: Sequence[Claim]) -> tuple[Claim, Extent] | None:
        """The first claim that names all that is missed; else the first that names a part, if any does."""
        if not self._is_worth_it:
            return None
        told = [(claim, self._by_plain_events(claim)) for claim in claims]
        parts: list[Claim] = []
        try:
            for claim, most in told:
                if most is Extent.ALL and self._all_are_missed(claim):
                    if self._no_others_are(claim):
                        return claim, Extent.ALL
                    parts.append(claim)
            for claim, most in told:
                if claim in parts or (most is Extent.PART and self._all_are_missed(claim)):
                    return claim, Extent.PART
        except CapReached:
            pass
        return (parts[0], Extent.PART) if parts else None

    def all_is_missed(self) -> bool:
        """Whether no watch catches any root event."""
        if not self._is_worth_it or not all(is_unheard for _, is_unheard in self._unheard):
            return False
        try:
            return self._is_impossible(self._heard)
        except CapReached:
            return False

    def _by_plain_events(self, claim: Claim) -> Extent:
        """What the evaluator leaves of the claim, on whole events."""
        if not _holds(claim, self._example):
            return Extent.NOTHING
        held = [(_holds(claim, event), is_unheard) for event, is_unheard in self._unheard]
        if (True, False) in held:
            return Extent.NOTHING
        return Extent.PART if (False, True) in held else Extent.ALL

    def _all_are_missed(self, claim: Claim) -> bool:
        def heard(problem: Problem) -> Goal:
            tests = [problem.where(each, wanted=wanted) for each, wanted in claim.tests]
            return all_of([*tests, self._heard(problem)])

        return self._is_impossible(heard)

    def _no_others_are(self, claim: Claim) -> bool:
        def unheard(problem: Problem) -> Goal:
            tests = [problem.where(each, wanted=not wanted) for each, wanted in claim.tests]
            return all_of([problem.all_unheard(self._views), any_of(tests)])

        return self._is_impossible(unheard)

    def _heard(self, problem: Problem) -> Goal:
        return any_of([problem.heard(view) for view in self._views])

    def _is_impossible(self, goal_of: Callable[[Problem], Goal]) -> bool:
        problem = Problem(self._activity, Stance.POSSIBLY, self._budget)
        return is_possible(problem, goal_of(problem)) is None and not problem.is_unknown


def claims_of(views: Sequence[View | Opaque]) -> Iterator[Claim]:
    """What the watches' own conditions suggest, the widest first."""
    fields: dict[Path, list[str]] = {}
    for path, value in _mentioned(views):
        values = fields.setdefault(path, [])
        if value is not None and value not in values:
            values.append(value)
    paths = sorted(fields, key=weight)
    sets = {path: _sets_of(fields[path]) for path in paths}
    for is_about_others in (True, False):
        for path in paths:
            yield from (Claim(path, each, is_about_others) for each in sets[path])
        for path in paths:
            yield Claim(path, (), is_about_others)


def weight(path: NodePath) -> int:
    """What tells most comes first: which call, then which circumstances."""
    order = ("eventName", "eventSource", "eventType", "readOnly", "awsRegion", "errorCode")
    return order.index(str(path[0])) if path[0] in order else len(order) + len(path)


def _sets_of(values: Sequence[str]) -> list[tuple[str, ...]]:
    single = [(value,) for value in values] if len(values) <= MAX_SINGLE_VALUES else []
    return [*([tuple(values)] if len(values) > 1 else []), *single]


def _mentioned(views: Sequence[View | Opaque]) -> Iterator[tuple[Path, str | None]]:
    """The fields that a watch speaks of, each with a string that it compares the field with, if any."""
    for view in views:
        if isinstance(view, Opaque):
            continue
        recorded = view.watch.recorded
        if not (recorded.reads and recorded.writes):
            yield ("readOnly",), "true"
        for source in sorted(recorded.excluded_sources):
            yield ("eventSource",), source
        for test in tests_of(view.criteria):
            if test.field is SystemField.REGION:
                yield from ((("awsRegion",), value) for value in sorted(test.values))
        if isinstance(view.pattern, JsonPattern):
            for condition in conditions(view.pattern.expression):
                yield from _of_condition(condition)


def _of_condition(condition: Condition) -> Iterator[tuple[Path, str | None]]:
    path = tuple(step.name for step in condition.selector.steps if isinstance(step, Member))
    if len(path) < len(condition.selector.steps):
        return
    if path == ("readOnly",):
        yield path, "true"
        return
    match condition:
        case Comparison(_, Operator.EQUAL | Operator.NOT_EQUAL, Text(content) | IpGlob(content)):
            # What an asterisk in the middle means is left open.
            yield path, content if content.strip("*") and "*" not in content[1:-1] else None
        case _:
            yield path, None


def _holds(claim: Claim, event: Event) -> bool:
    return all(
        truth_of_pattern(JsonPattern(expression), event).surely == wanted
        for expression, wanted in claim.tests
    )


def _are_worth_a_proof(views: Sequence[View | Opaque]) -> bool:
    """Not so where they are long, or speak of any child: what they say of it is left open."""
    patterns = [view.pattern for view in views if isinstance(view, View)]
    found = [
        each
        for pattern in patterns
        if isinstance(pattern, JsonPattern)
        for each in conditions(pattern.expression)
    ]
    return len(found) <= MAX_CONDITIONS and not any(has_wildcard(each.selector) for each in found)
