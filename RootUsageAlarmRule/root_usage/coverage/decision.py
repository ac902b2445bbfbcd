"""Do these watches together catch every root event? Covered, Missed or Undecided.

Every event that escapes must leave each watch's pattern false. A search for such an event that lets
AWS's open points fall as badly as they can, for each condition on its own, and finds none, is a
proof. A find is a counterexample only if the event escapes however they fall.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from ..filter_pattern.matching import conditions
from ..filter_pattern.reading import Reading
from ..filter_pattern.syntax import JsonPattern, NotExists, UnstructuredPattern
from ..work import judged
from .budget import MAX_STEPS_OF_PROOF, Budget, CapReached
from .doubt import POINTS, doubtful_fields, on_which_it_depends
from .goals import Problem
from .nodes import Stance
from .noise import notes_on_services
from .outcome import Coverage, Covered, Missed, Undecided, Watch, names_of
from .phrase import phrase_for
from .root_activity import OBSERVED, Field, Path, is_root_activity, root_activity
from .root_events import Event, EventKind, copy_of, root_events
from .search import Held, cheapest, is_possible
from .truth import readings_over
from .views import Opaque, View, view_of
from .witness import Departure, Escape, Tailor, is_surely_unheard, natural

MAX_READINGS = 64
"""Combinations of readings that are tried one by one, where doing so for each condition was too coarse."""

# Plain events that say more by their kind than by what sets them apart from an API call.
_FIRST = (
    *(
        EventKind.API_CALL,
        EventKind.SIGN_IN_WITHOUT_MFA,
        EventKind.SIGN_IN_WITH_MFA,
        EventKind.FAILED_SIGN_IN,
    ),
    *(EventKind.PASSWORD_RECOVERY, EventKind.PASSWORD_CHANGE),
)

ABSENT_PARENT = "takes NOT EXISTS to hold where the field's parent is absent too, as AWS's wording has it"
_ALWAYS_OBJECTS = ((), ("userIdentity",))

AS_OBSERVED = (
    "rests on what every recorded root event has and CloudTrail's page doesn't promise "
    "(such as account ids, arn, principalId, managementEvent)"
)

WITHOUT_ASSUME_ROOT = "leaves out root sessions by AssumeRoot (central root access)"


def decide_coverage(
    watches: Sequence[Watch],
    account_id: str,
    partition: str = "aws",
    *,
    allow_assume_root_exclusion: bool = True,
) -> Coverage:
    """Whether every root event of this account is caught by at least one of the watches.

    With `allow_assume_root_exclusion` the watches may leave out the sessions of AssumeRoot.
    """
    return _remembered(tuple(watches), account_id, partition, allow_assume_root_exclusion)


@judged(lambda watches, *_: names_of(*watches), MAX_STEPS_OF_PROOF, Undecided)
def _remembered(
    watches: tuple[Watch, ...],
    account_id: str,
    partition: str,
    allow_assume_root_exclusion: bool,
) -> Coverage:
    views = [view_of(watch, account_id) for watch in watches]

    def decide(*, with_assume_root: bool) -> Coverage:
        documented = _Decision(views, account_id, partition, with_assume_root=with_assume_root).coverage()
        if not isinstance(documented, Undecided) or not _may_rest_on_what_is_observed(views):
            return documented
        observed = _Decision(
            views, account_id, partition, with_assume_root=with_assume_root, as_observed=True
        ).coverage()
        return Covered((AS_OBSERVED, *observed.notes)) if isinstance(observed, Covered) else documented

    coverage = decide(with_assume_root=True)
    if isinstance(coverage, Covered) or not allow_assume_root_exclusion:
        return coverage
    if not any(_may_speak_of_assume_root(watch) for watch in watches):
        return coverage  # leaving such sessions out wouldn't change it
    exclusive = decide(with_assume_root=False)
    if isinstance(exclusive, Covered):
        return Covered((WITHOUT_ASSUME_ROOT, *exclusive.notes))
    return exclusive


def _may_rest_on_what_is_observed(views: Sequence[View | Opaque]) -> bool:
    names = {path[-1] for path in OBSERVED}
    return any(any(name in view.watch.pattern for name in names) for view in views)


def _may_speak_of_assume_root(watch: Watch) -> bool:
    pattern = watch.pattern.strip()
    return "assumedRoot" in pattern or "sessionContext.*" in pattern or not pattern.startswith("{")


@judged(lambda watch, *_: names_of(watch), MAX_STEPS_OF_PROOF, lambda _: True)
def matches_some_root_event(watch: Watch, account_id: str, partition: str = "aws") -> bool:
    """Whether the watch may catch a root event at all; in doubt it does."""
    view = view_of(watch, account_id)
    if isinstance(view, Opaque) or not isinstance(view.pattern, JsonPattern):
        return True
    if any(view.may_catch(event) for event in root_events(account_id, partition).values()):
        return True
    problem = Problem(root_activity(account_id, partition), Stance.POSSIBLY, Budget())
    try:
        held = is_possible(problem, problem.heard(view))
    except CapReached:
        return True
    return held is not None or problem.is_unknown or problem.open_question is not None


class _Decision:
    """One decision; all of its searches draw on one budget."""

    def __init__(
        self,
        views: Sequence[View | Opaque],
        account_id: str,
        partition: str,
        *,
        with_assume_root: bool,
        as_observed: bool = False,
    ) -> None:
        self._views = views
        self._account_id = account_id
        self._partition = partition
        self._activity: Mapping[Path, Field] = root_activity(
            account_id, partition, with_assume_root=with_assume_root, as_observed=as_observed
        )
        self._with_assume_root = with_assume_root
        self._budget = Budget()

    def coverage(self) -> Coverage:
        problem = Problem(self._activity, Stance.POSSIBLY, self._budget)
        try:
            held = is_possible(problem, problem.all_unheard(self._views))
        except CapReached as cap:
            return self._missed() or Undecided(str(cap))
        if held is not None:
            return self._missed() or self._doubt(problem, held)
        if problem.is_unknown:
            return Undecided("its numbers and strings can't be told apart well enough")
        return Covered(self._notes())

    def _notes(self) -> tuple[str, ...]:
        absent_parents = (ABSENT_PARENT,) if self._rely_on_absent_parents() else ()
        return (*absent_parents, *notes_on_services(self._views, self._account_id, self._partition))

    def _rely_on_absent_parents(self) -> bool:
        for view in self._views:
            if isinstance(view, View) and isinstance(view.pattern, JsonPattern):
                for condition in conditions(view.pattern.expression):
                    parent = tuple(getattr(step, "name", "") for step in condition.selector.steps[:-1])
                    if isinstance(condition, NotExists) and parent not in _ALWAYS_OBJECTS:
                        return True
        return False

    # -- a counterexample

    def _missed(self) -> Missed | None:
        if any(isinstance(view, Opaque) for view in self._views):
            return None
        try:
            made_to_measure = self._as_it_is(_FIRST) or self._by_excluded_words() or self._made_to_measure()
        except CapReached:
            made_to_measure = None
        found = made_to_measure or self._as_it_is(tuple(EventKind))
        return self._told(found) if found else None

    def _told(self, found: Escape) -> Missed:
        return Missed(found.event, phrase_for(self._views, found, self._plain_events(), self._activity))

    def _as_it_is(self, kinds: Sequence[EventKind]) -> Escape | None:
        """A plain event that is missed without any change to it."""
        events = self._plain_events()
        for kind in kinds:
            if kind in events and is_surely_unheard(self._views, events[kind]):
                return self._verified(copy_of(events[kind]), kind, ())
        return None

    def _by_excluded_words(self) -> Escape | None:
        """A root event with a word in it that a pattern about text excludes: a user agent can be any text."""
        plain = self._plain_events()[EventKind.API_CALL]
        for view in self._views:
            if isinstance(view, View) and isinstance(view.pattern, UnstructuredPattern):
                for word in view.pattern.excluded:
                    departure = Departure(("userAgent",), plain["userAgent"], word)
                    found = self._verified({**plain, "userAgent": word}, EventKind.API_CALL, (departure,))
                    if found:
                        return found
        return None

    def _plain_events(self) -> dict[EventKind, Event]:
        events = root_events(self._account_id, self._partition)
        if self._with_assume_root:
            return events
        return {kind: event for kind, event in events.items() if kind is not EventKind.ASSUME_ROOT}

    def _made_to_measure(self) -> Escape | None:
        problem = Problem(self._activity, Stance.SURELY, self._budget)
        goal = problem.all_unheard(self._views)
        made: list[tuple[float, Escape, Held]] = []
        for kind in (EventKind.API_CALL, EventKind.SIGN_IN_WITH_MFA, EventKind.ACCESS_KEY_CALL):
            plain = self._plain_events()[kind]
            tailor = Tailor(problem, plain)
            held = cheapest(problem, goal, tailor.cost)
            if held is None:
                return None
            price = sum(tailor.cost(path, problem.nodes[path].meeting(bits)) for path, bits in held.items())
            event = tailor.event(held)
            if found := self._verified(event, kind, tailor.departures(event)):
                made.append((price, found, held))
        if not made:
            return None
        _, found, held = min(made, key=lambda each: each[0])
        return replace(found, event=natural(found.event, held, self._views))

    def _verified(self, event: Event, kind: EventKind, departures: tuple[Departure, ...]) -> Escape | None:
        """The counterexample, if the ordinary evaluator says so too."""
        if not is_root_activity(event, self._account_id, self._partition):
            return None
        return Escape(event, kind, departures) if is_surely_unheard(self._views, event) else None

    # -- neither a proof nor a counterexample

    def _doubt(self, problem: Problem, held: Held) -> Coverage:
        for view in self._views:
            if isinstance(view, Opaque):
                return Undecided(view.reason)
        if problem.open_question and not self._are_all_about_fields():
            return Undecided(problem.open_question)
        plain = self._plain_events()[EventKind.API_CALL]
        tailor = Tailor(problem, plain)
        event = tailor.event(held)
        points = on_which_it_depends(
            self._views, event, frozenset(POINTS) if problem.open_question else problem.open_points
        )
        if points is None:
            return self._by_single_readings(problem)
        doubtful = tuple(doubtful_fields(self._activity, event))
        if not doubtful and (found := self._verified(event, EventKind.API_CALL, tailor.departures(event))):
            return self._told(found)
        reasons = [*doubtful, *points] or ["points that AWS leaves open"]
        return Undecided(f"depends on {' and '.join(reasons)}")

    def _are_all_about_fields(self) -> bool:
        return all(isinstance(view, View) and isinstance(view.pattern, JsonPattern) for view in self._views)

    def _by_single_readings(self, problem: Problem) -> Coverage:
        """What was found escapes under no one reading: tries each reading by itself."""
        if problem.open_question:
            return Undecided(problem.open_question)
        points = tuple(sorted({*problem.open_points, "container_rejects_event"}))
        readings = readings_over(points)
        if len(readings) > MAX_READINGS:
            return Undecided(f"AWS's documentation can be read in more than {MAX_READINGS} ways here")
        try:
            open_readings = [reading for reading in readings if self._may_escape(reading)]
        except CapReached as cap:
            return Undecided(str(cap))
        if open_readings:
            return Undecided("depends on points that AWS leaves open; TestMetricFilter can tell")
        return Covered(self._notes())

    def _may_escape(self, reading: Reading) -> bool:
        problem = Problem(self._activity, reading, self._budget)
        held = is_possible(problem, problem.all_unheard(self._views))
        return held is not None or problem.is_unknown
