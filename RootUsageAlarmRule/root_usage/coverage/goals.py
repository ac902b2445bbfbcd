"""What has to hold for a watch not to catch an event, or to catch it, as a tree of literals.

A tree says "all of", "any of" and "this node meets this literal", and never "not": to miss an event
is to have every alternative of the pattern false, and conditions are made false one by one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import assert_never

from ..filter_pattern.field_selection import AllOf, AnyOf, FieldSelection, IsOneOf, SystemField
from ..filter_pattern.matching import conditions
from ..filter_pattern.reading import Reading
from ..filter_pattern.syntax import (
    And,
    AnyElement,
    AnyMember,
    Comparison,
    Condition,
    Constant,
    Element,
    Expression,
    Is,
    JsonPattern,
    Member,
    NotExists,
    Operator,
    Or,
    Selector,
    SelectorStep,
    Text,
)
from .budget import MAX_CHILDREN, MAX_INDEX, MAX_STEPS, Budget, CapReached
from .nodes import Literal, Node, NodePath, Shape, Stance
from .root_activity import ABSENT, Field, Path, field_at
from .views import Opaque, View, stands_in_every_event, stands_in_no_event


@dataclass(frozen=True, slots=True)
class Meet:
    """The node meets the literals of these bits."""

    path: NodePath
    literals: int


@dataclass(frozen=True, slots=True)
class MeetAll:
    parts: tuple[Goal, ...]


@dataclass(frozen=True, slots=True)
class MeetAny:
    parts: tuple[Goal, ...]


Goal = Meet | MeetAll | MeetAny

CERTAIN: Goal = MeetAll(())
IMPOSSIBLE: Goal = MeetAny(())


def all_of(parts: Sequence[Goal]) -> Goal:
    if IMPOSSIBLE in parts:
        return IMPOSSIBLE
    useful = tuple(part for part in parts if part != CERTAIN)
    return useful[0] if len(useful) == 1 else MeetAll(useful)


def any_of(parts: Sequence[Goal]) -> Goal:
    if CERTAIN in parts:
        return CERTAIN
    useful = tuple(dict.fromkeys(part for part in parts if part != IMPOSSIBLE))
    return useful[0] if len(useful) == 1 else MeetAny(useful)


class Problem:
    """The nodes of one question, and its goals.

    The recursion below goes as deep as the pattern's parentheses alternate between AND and OR: about
    115 levels in 1,024 characters, far from the end of Python's stack.
    """

    def __init__(self, activity: Mapping[Path, Field], stance: Stance | Reading, budget: Budget) -> None:
        self.activity = activity
        self.stance = stance
        self.budget = budget
        self.nodes: dict[NodePath, Node] = {}
        self.open_question: str | None = None  # what was taken as possible without proof

    @property
    def is_unknown(self) -> bool:
        return any(node.is_unknown for node in self.nodes.values())

    @property
    def open_points(self) -> frozenset[str]:
        """The fields of Reading on which the truth of some literal depends."""
        return frozenset().union(*(node.open_points for node in self.nodes.values()))

    def all_unheard(self, views: Sequence[View | Opaque]) -> Goal:
        """What makes no watch catch the event."""
        for view in views:  # a wildcard has to know the fields that any of the patterns speaks of
            if isinstance(view, View) and isinstance(view.pattern, JsonPattern):
                self._make_nodes(view.pattern.expression)
        return all_of([self._unheard(view) for view in views])

    def _unheard(self, view: View | Opaque) -> Goal:
        if isinstance(view, Opaque):
            self.open_question = self.open_question or view.reason
            return CERTAIN
        return any_of(
            [*self._not_recorded(view), *self._not_selected(view), self._unmatched(view)],
        )

    def heard(self, view: View | Opaque) -> Goal:
        """What makes the watch catch the event."""
        if isinstance(view, Opaque):
            return CERTAIN
        if not isinstance(view.pattern, JsonPattern):
            return IMPOSSIBLE if stands_in_no_event(view.pattern, self.activity) else CERTAIN
        recorded = view.watch.recorded
        sees = [
            *([] if recorded.reads else [self._condition(Is(_READ_ONLY, Constant.TRUE), wanted=False)]),
            *([] if recorded.writes else [self._condition(Is(_READ_ONLY, Constant.TRUE), wanted=True)]),
            *(
                self._condition(_equals(_EVENT_SOURCE, source), wanted=False)
                for source in sorted(recorded.excluded_sources)
            ),
        ]
        by_group = CERTAIN if view.selects_by_log_group else IMPOSSIBLE
        by_event = self._criteria(view.criteria, view.account_id, wanted=True)
        selected = any_of([by_group, by_event])
        self._make_nodes(view.pattern.expression)
        return all_of([*sees, selected, self._expression(view.pattern.expression, wanted=True)])

    def where(self, expression: Expression, *, wanted: bool) -> Goal:
        """What makes the expression true, or false, in the plain sense where that isn't open."""
        self._make_nodes(expression)
        return self._expression(expression, wanted=wanted, is_plain=True)

    # -- what a watch doesn't see at all

    def _not_recorded(self, view: View) -> Iterator[Goal]:
        recorded = view.watch.recorded
        if not recorded.reads:
            yield self._condition(Is(_READ_ONLY, Constant.TRUE), wanted=True)
        if not recorded.writes:
            yield self._condition(Is(_READ_ONLY, Constant.TRUE), wanted=False)
        for source in sorted(recorded.excluded_sources):
            yield self._condition(_equals(_EVENT_SOURCE, source), wanted=True)

    def _not_selected(self, view: View) -> Iterator[Goal]:
        by_group = IMPOSSIBLE if view.selects_by_log_group else CERTAIN
        by_event = self._criteria(view.criteria, view.account_id, wanted=False)
        yield (all_of if self.stance is Stance.SURELY else any_of)([by_group, by_event])

    def _criteria(self, criteria: FieldSelection, account_id: str, *, wanted: bool) -> Goal:
        match criteria:
            case AllOf(parts) | AnyOf(parts):
                goals = [self._criteria(part, account_id, wanted=wanted) for part in parts]
                return (all_of if isinstance(criteria, AllOf) == wanted else any_of)(goals)
            case IsOneOf(SystemField.ACCOUNT, values, is_negated):
                return CERTAIN if ((account_id in values) != is_negated) == wanted else IMPOSSIBLE
            case IsOneOf(_, values, is_negated):
                is_in = wanted != is_negated
                tests = [
                    self._condition(_equals(_AWS_REGION, value), wanted=is_in) for value in sorted(values)
                ]
                return (any_of if is_in else all_of)(tests)
            case other:
                assert_never(other)

    # -- patterns

    def _unmatched(self, view: View) -> Goal:
        if not isinstance(view.pattern, JsonPattern):
            # What text stands in an event as a whole is checked on the whole event, in the end.
            if stands_in_every_event(view.pattern, self.activity):
                return IMPOSSIBLE
            self.open_question = self.open_question or "the pattern searches the event's text, not its fields"
            return CERTAIN
        expression = view.pattern.expression
        return any_of([self._expression(expression, wanted=False), *self._rejections(expression)])

    def _make_nodes(self, expression: Expression) -> None:
        for condition in conditions(expression):
            if len(condition.selector.steps) > MAX_STEPS:
                raise CapReached(f"it has a selector of more than {MAX_STEPS} steps")
            keys: NodePath = ()
            for step in condition.selector.steps:
                if isinstance(step, AnyElement | AnyMember):
                    break
                if isinstance(step, Element) and step.index > MAX_INDEX:
                    raise CapReached(f"it has an array index above {MAX_INDEX}")
                keys = (*keys, _key(step))
                self._node(keys)

    def _rejections(self, expression: Expression) -> Iterator[Goal]:
        """An array or object in a comparison may reject the whole event; see Reading."""
        if self.stance is Stance.SURELY:
            return
        if isinstance(self.stance, Reading) and not self.stance.container_rejects_event:
            return
        for condition in dict.fromkeys(conditions(expression)):
            if isinstance(condition, Comparison) and wildcard_at(condition.selector) is None:
                yield self._at_target(condition.selector, Literal(Shape.CONTAINER, wanted=True))

    def _expression(self, expression: Expression, *, wanted: bool, is_plain: bool = False) -> Goal:
        match expression:
            case And(parts) | Or(parts):
                needs_all = isinstance(expression, And) == wanted
                goals = []
                for part in sorted(parts, key=_has_many_children):
                    goals.append(self._expression(part, wanted=wanted, is_plain=is_plain))
                    if goals[-1] == (IMPOSSIBLE if needs_all else CERTAIN):
                        break  # the others can't change that
                return (all_of if needs_all else any_of)(goals)
            case _:
                return self._condition(expression, wanted=wanted, is_plain=is_plain)

    def _condition(self, condition: Condition, *, wanted: bool, is_plain: bool = False) -> Goal:
        position = wildcard_at(condition.selector)
        if position is not None:
            return self._wildcard(condition, position, wanted=wanted)
        # Whether null is a value is as open in words as it is in AWS's.
        literal = Literal(condition, wanted, is_plain and not isinstance(condition, NotExists))
        alternatives: list[Goal] = []
        fits: list[Goal] = []
        path: NodePath = ()
        for step, following in zip(condition.selector.steps, condition.selector.steps[1:], strict=False):
            path = (*path, _key(step))
            shape = _shape_for(following)
            if not self._node(path).always_has(shape):
                alternatives.append(all_of([*fits, self._meet(path, literal)]))
                fits.append(self._meet(path, Literal(shape, wanted=True)))
        target = (*path, _key(condition.selector.steps[-1]))
        alternatives.append(all_of([*fits, self._meet(target, literal)]))
        return any_of(alternatives)

    def _at_target(self, selector: Selector, literal: Literal) -> Goal:
        keys = tuple(_key(step) for step in selector.steps)
        fits = [
            self._meet(keys[:depth], Literal(_shape_for(selector.steps[depth]), wanted=True))
            for depth in range(1, len(keys))
        ]
        return all_of([*fits, self._meet(keys, literal)])

    def _meet(self, path: NodePath, literal: Literal) -> Goal:
        node = self._node(path)
        bit = node.literal(literal)
        return Meet(path, bit) if node.meeting(bit) else IMPOSSIBLE

    def _node(self, path: NodePath) -> Node:
        if path not in self.nodes:
            names = tuple(key for key in path if isinstance(key, str))
            field = field_at(self.activity, names if len(names) == len(path) else ("", *names))
            self.nodes[path] = Node(path, field, self.stance, self.budget)
        return self.nodes[path]

    # -- wildcards

    def _wildcard(self, condition: Condition, position: int, *, wanted: bool) -> Goal:
        """A condition on any child is one on each child that is there.

        INVARIANT: children that no condition names can be left out of an event without making any of
        these conditions true, so the named ones, and those that are always there, are enough.
        """
        if isinstance(condition, NotExists) or _is_not_equal(condition):
            self.open_question = "AWS doesn't say what `!=` and `NOT EXISTS` mean with a wildcard"
            return IMPOSSIBLE if self.stance is Stance.SURELY else CERTAIN
        steps = condition.selector.steps
        parent = tuple(_key(step) for step in steps[:position])
        children = self._children(parent, is_object=isinstance(steps[position], AnyMember))
        if len(children) > MAX_CHILDREN:
            raise CapReached(f"it has a wildcard selector over more than {MAX_CHILDREN} fields")
        if wanted:
            extra: SelectorStep = Member("example") if isinstance(steps[position], AnyMember) else Element(0)
            children = tuple(dict.fromkeys((*children, extra)))
        goals = [
            self._condition(
                replace(condition, selector=Selector((*steps[:position], child, *steps[position + 1 :]))),
                wanted=wanted,
            )
            for child in children
        ]
        return (any_of if wanted else all_of)(goals)

    def _children(self, parent: NodePath, *, is_object: bool) -> tuple[SelectorStep, ...]:
        depth = len(parent)
        listed = [path for path, field in self.activity.items() if self._is_worth_listing(field)]
        named = [path for path in (*listed, *self.nodes) if len(path) > depth and path[:depth] == parent]
        keys = dict.fromkeys(path[depth] for path in named)
        if is_object:
            return tuple(Member(key) for key in keys if isinstance(key, str))
        return tuple(Element(key) for key in keys if isinstance(key, int))

    def _is_worth_listing(self, field: Field) -> bool:
        """What can be absent is left out in a proof; an example is made from an event that may have it."""
        return self.stance is Stance.SURELY or ABSENT not in (*field.values, *field.doubtful)


def wildcard_at(selector: Selector) -> int | None:
    """The position of the selector's wildcard step."""
    for position, step in enumerate(selector.steps):
        if isinstance(step, AnyElement | AnyMember):
            return position
    return None


_READ_ONLY = Selector((Member("readOnly"),))
_EVENT_SOURCE = Selector((Member("eventSource"),))
_AWS_REGION = Selector((Member("awsRegion"),))


def _equals(selector: Selector, value: str) -> Comparison:
    return Comparison(selector, Operator.EQUAL, Text(value, is_quoted=True))


def _has_many_children(expression: Expression) -> bool:
    """Whether it is a wildcard condition that is taken apart child by child: those come last."""
    if isinstance(expression, And | Or | NotExists) or _is_not_equal(expression):
        return False
    return wildcard_at(expression.selector) is not None


def _is_not_equal(condition: Condition) -> bool:
    return isinstance(condition, Comparison) and condition.operator is Operator.NOT_EQUAL


def _shape_for(step: SelectorStep) -> Shape:
    return Shape.OBJECT if isinstance(step, Member | AnyMember) else Shape.ARRAY


def _key(step: SelectorStep) -> str | int:
    match step:
        case Member(name):
            return name
        case Element(index):
            return index
        case AnyMember() | AnyElement():
            raise TypeError(step)
        case other:
            assert_never(other)
