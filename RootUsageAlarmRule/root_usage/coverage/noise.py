"""What drowns a watch: everyday events of others. What else others can cause is in `others`.

An alarm that rings all day for others doesn't change when root does something: no one is told.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from ..filter_pattern.field_selection import selects
from ..filter_pattern.matching import conditions, matches
from ..filter_pattern.syntax import AnyMember, JsonPattern, Member
from ..verdict.findings import quote
from ..work import judged
from .accounts import of_whichever_account, of_whichever_parts, other_accounts_told_apart
from .budget import MAX_STEPS_OF_NOISE
from .everyday import everyday_events, root_for_services
from .outcome import Drowned, MaybeDrowned, Undecided, Watch, names_of
from .root_activity import REGIONS
from .root_events import Event, copy_of
from .truth import truth_of_condition
from .views import Opaque, View, view_of

MAX_ACCOUNTS = 20
"""Other accounts whose everyday events are tried on one watch, where it tells them apart."""


@judged(lambda watch, *_: names_of(watch), MAX_STEPS_OF_NOISE, Undecided)
def drowned_by(
    watch: Watch, account_id: str, partition: str = "aws"
) -> Drowned | MaybeDrowned | Undecided | None:
    """Whether the watch catches an everyday event of somebody else; None if it surely catches none.

    Of other accounts too. Their events come to a log group by an organization trail, and by CloudWatch
    Logs centralization, which goes by the names of log groups and shows in no call that this rule makes:
    a watch that speaks of another account is taken at its word.
    https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CloudWatchLogs_Centralization.html
    Root events of theirs aren't everyday events: where root is used anywhere, somebody shall be told.
    """
    view = view_of(watch, account_id)
    if isinstance(view, Opaque):
        return MaybeDrowned(view.reason)
    own = _caught_by(view, partition)
    if own is not None and (own.is_certain or not watch.other_accounts):
        return own  # nothing that is found elsewhere could be more certain
    elsewhere = _caught_elsewhere(view, partition)
    return elsewhere if own is None or _is_certain(elsewhere) else own


def _is_certain(noise: Drowned | Undecided | None) -> bool:
    return isinstance(noise, Drowned) and noise.is_certain


def _caught_by(view: View, partition: str) -> Drowned | None:
    """An everyday event of the view's account, preferably one that the watch surely catches."""
    uncertain: Event | None = None
    for event in _everyday_events_for(view, partition):
        if not view.may_catch(event):
            continue
        if view.surely_catches(event):
            return Drowned(copy_of(event))
        uncertain = uncertain or event
    return None if uncertain is None else Drowned(copy_of(uncertain), is_certain=False)


def _caught_elsewhere(view: View, partition: str) -> Drowned | Undecided | None:
    """An everyday event of another account, where the watch tells accounts apart."""
    told_apart = other_accounts_told_apart(view)
    if not told_apart or _caught_by(of_whichever_account(view), partition) is None:
        return None
    accounts = tuple(dict.fromkeys((*sorted(view.watch.other_accounts), *told_apart)))
    views = [replace(view, account_id=each) for each in accounts[:MAX_ACCOUNTS]]
    if found := _caught_by_one_of(views, partition):
        return found
    if len(accounts) > MAX_ACCOUNTS:
        return Undecided(f"it tells more than {MAX_ACCOUNTS} accounts apart")
    if any(_caught_by(of_whichever_parts(each), partition) for each in views):
        return Undecided("it tells accounts apart by parts of their ids")
    return None


def _caught_by_one_of(views: Sequence[View], partition: str) -> Drowned | None:
    """Certain only of an account whose events are known to come; the views of those are the first."""
    found = None
    for view in views:
        if caught := _caught_by(view, partition):
            is_known = view.account_id in view.watch.other_accounts
            found = replace(caught, is_certain=caught.is_certain and is_known, is_elsewhere=True)
            if found.is_certain or not is_known:
                break
    return found


def notes_on_services(views: Sequence[View | Opaque], account_id: str, partition: str) -> tuple[str, ...]:
    """A note for each kind of event in root's name that a watch catches beside root's own."""
    return tuple(
        f"{quote(view.watch.name)} also matches {what}"
        for view in views
        if isinstance(view, View)
        for what, event in root_for_services(account_id, partition).items()
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
