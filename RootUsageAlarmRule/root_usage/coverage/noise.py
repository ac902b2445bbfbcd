"""What else a watch matches: everyday events that drown it, and rarer ones that are worth a note.

An alarm that rings all day for others doesn't change when root does something: no one is told.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

from ..filter_pattern.field_selection import selects
from ..filter_pattern.matching import conditions, matches
from ..filter_pattern.syntax import AnyMember, JsonPattern, Member
from ..findings import quote
from ..root_activity import REGIONS
from .everyday import everyday_events, neighbours
from .outcome import REMEMBERED, Drowned, MaybeDrowned, Watch
from .root_events import Event, copy_of
from .truth import truth_of_condition
from .views import Opaque, View, view_of


@lru_cache(maxsize=REMEMBERED)
def drowned_by(watch: Watch, account_id: str, partition: str = "aws") -> Drowned | MaybeDrowned | None:
    """Whether the watch catches an everyday event of somebody else; None if it surely catches none."""
    view = view_of(watch, account_id)
    if isinstance(view, Opaque):
        return MaybeDrowned(view.reason)
    uncertain: Event | None = None
    for event in _everyday_events_for(view, partition):
        if not view.may_catch(event):
            continue
        if view.surely_catches(event):
            return Drowned(copy_of(event))
        uncertain = uncertain or event
    return None if uncertain is None else Drowned(copy_of(uncertain), is_certain=False)


def noise_of(views: Sequence[View | Opaque], account_id: str, partition: str) -> tuple[str, ...]:
    """A note for each kind of rarer events of others that a watch catches as well."""
    return tuple(
        f"{quote(view.watch.name)} also matches {what}"
        for view in views
        if isinstance(view, View)
        for what, event in neighbours(account_id, partition).items()
        if _catches(view, event)
    )


def _catches(view: View, event: Event) -> bool:
    return view.presents(event).possibly and matches(view.pattern, event)


# -- everyday events


def _everyday_events_for(view: View, partition: str) -> Iterator[Event]:
    """The everyday events in every region that makes a difference to the watch, its own region first."""
    home, *others = _telling_regions(view, partition)
    events = everyday_events(view.account_id, home, partition)
    yield from events
    if not isinstance(view.pattern, JsonPattern):
        events = events[:1]  # searching the text of each event in each region takes too long
    for region in others:
        for event in events:
            yield {**event, "awsRegion": region}


def _telling_regions(view: View, partition: str) -> Iterable[str]:
    """One region for each way in which the conditions about it can fall."""
    regions = (view.watch.log_group_place.region, *REGIONS.get(partition, REGIONS["aws"]))
    if not isinstance(view.pattern, JsonPattern):
        return dict.fromkeys(regions)
    about_region = [
        condition
        for condition in conditions(view.pattern.expression)
        if condition.selector.steps[0] in (Member("awsRegion"), AnyMember())
    ]
    telling: dict[tuple[object, ...], str] = {}
    for region in regions:
        falls = [truth_of_condition(condition, {"awsRegion": region}) for condition in about_region]
        telling.setdefault((*falls, selects(view.criteria, view.account_id, region)), region)
    return telling.values()
