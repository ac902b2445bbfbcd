"""Can anybody but root cause an event that a watch catches? A proof that nobody can, or such an event.

The same search as for root events that escape, over a model of all events whose identity isn't root's.
What it allows is wide: an event that no one has seen may make a watch noisy, never quiet. Root's own
events of other accounts are no noise, see `noise`.

The types of identity:
https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache

from ..filter_pattern.syntax import JsonPattern, UnstructuredPattern
from ..work import judged
from .budget import MAX_STEPS_OF_NOISE, Budget, CapReached
from .everyday import everyday_events, rare_events
from .goals import Problem
from .nodes import Stance
from .outcome import CatchesOthers, Watch, names_of
from .phrase import field_name, shown
from .root_activity import ABSENT, Field, Path, root_activity
from .root_events import Event, copy_of
from .search import cheapest, is_possible
from .views import Opaque, View, view_of
from .witness import Departure, Tailor

_NOT_TOLD_APART = "nobody can tell of whom"


def _maybe(reason: str) -> CatchesOthers:
    return CatchesOthers(f"may also match events of others ({reason})")


@judged(lambda watch, *_: names_of(watch), MAX_STEPS_OF_NOISE, _maybe)
def others_caught_by(watch: Watch, account_id: str, partition: str = "aws") -> CatchesOthers | None:
    """What the watch catches of others than root; None if it surely catches nothing."""
    view = view_of(watch, account_id)
    if isinstance(view, Opaque):
        return _maybe(view.reason)
    rare = rare_events(account_id, partition)
    for verb, catches in (("also matches", view.surely_catches), ("may also match", view.may_catch)):
        if caught := [what for what, event in rare.items() if catches(event)]:
            return CatchesOthers(f"{verb} {', '.join(caught)}", copy_of(rare[caught[0]]))
    if not isinstance(view.pattern, JsonPattern):
        return _by_words(view, partition)
    try:
        return _by_fields(view, partition)
    except CapReached as cap:
        return _maybe(str(cap))


def _by_words(view: View, partition: str) -> CatchesOthers:
    """A pattern about text matches whatever text somebody sends along, such as a user agent."""
    if isinstance(view.pattern, UnstructuredPattern):
        words = " ".join(view.pattern.required or view.pattern.optional[:1])
        event = {**next(_plain_events(view, partition)), "userAgent": words}
        if view.surely_catches(event):
            return CatchesOthers("also matches events of others with these words in them", event)
    return _maybe("the pattern searches the event's text, not its fields")


def _by_fields(view: View, partition: str) -> CatchesOthers | None:
    fields, budget = _fields_of_others(view.account_id, partition), Budget()
    problem = Problem(fields, Stance.POSSIBLY, budget)
    if is_possible(problem, problem.heard(view)) is None and not problem.is_unknown:
        return None
    found = [
        made
        for plain in _plain_events(view, partition)
        if (made := _made_to_measure(view, Problem(fields, Stance.SURELY, budget), plain))
    ]
    if not found:
        return _maybe(problem.open_question or _NOT_TOLD_APART)
    event, departures = min(found, key=lambda each: len(each[1]))
    what = ", ".join(map(_said, departures[:2])) or event["eventName"]
    return CatchesOthers(f"also matches events of others ({what})", event)


def _made_to_measure(
    view: View, problem: Problem, plain: Event
) -> tuple[Event, tuple[Departure, ...]] | None:
    tailor = Tailor(problem, plain)
    held = cheapest(problem, problem.heard(view), tailor.cost)
    event = None if held is None else tailor.event(held)
    return (event, tailor.departures(event)) if event and view.surely_catches(event) else None


def _said(departure: Departure) -> str:
    name = field_name(departure.path)
    return f"without {name}" if departure.value is ABSENT else f"{name} {shown(departure.value)}"


def _plain_events(view: View, partition: str) -> Iterator[Event]:
    """A role's, a user's and a service's call."""
    types = ("AssumedRole", "IAMUser", "AWSService")
    events = everyday_events(view.account_id, view.watch.log_group_place.region, partition)
    for kind in types:
        yield copy_of(next(event for event in events if event["userIdentity"].get("type") == kind))


_TYPES = (
    *("AssumedRole", "IAMUser", "AWSService", "AWSAccount", "FederatedUser", "WebIdentityUser", "SAMLUser"),
    *("IdentityCenterUser", "Directory", "Role", "Unknown", ABSENT),
)
_PRINTABLE, _ACCOUNT = r"^[\x20-\x7E]+$", "^[0-9]{12}$"
_ARN, _NAME = "^arn:[a-z-]+:[a-z]+::[0-9]{12}:[a-z-]+/", "[A-Za-z0-9_+=,.@-]+$"


@lru_cache(maxsize=64)
def _fields_of_others(account_id: str, partition: str) -> Mapping[Path, Field]:
    """Every kind of event, data events among them, whose identity is not root's."""
    user = ("userIdentity",)
    return {
        **root_activity(account_id, partition, with_assume_root=False),
        ("eventType",): Field(
            ("AwsApiCall", "AwsServiceEvent", "AwsConsoleSignIn", "AwsConsoleAction"),
            words="^Aws[A-Za-z]+$",
        ),
        ("eventCategory",): Field(("Management", "Data", "Insight", "NetworkActivity", ABSENT)),
        ("recipientAccountId",): Field((account_id, ABSENT), words=_ACCOUNT),
        ("readOnly",): Field((True, False, ABSENT)),
        ("managementEvent",): Field((True, False, ABSENT)),
        user: Field(({},), doubtful=(ABSENT, None)),
        (*user, "type"): Field(_TYPES),
        # `anonymous`, for one
        (*user, "accountId"): Field((account_id, ABSENT), words=_ACCOUNT, doubtful_words=_PRINTABLE),
        # A principal's path and name come behind a slash; a name holds no colon.
        (*user, "arn"): Field(
            (f"arn:{partition}:iam::{account_id}:user/deploy", ABSENT, ""),
            words=rf"{_ARN}{_NAME}|{_ARN}[\x21-\x7E]*/{_NAME}",
        ),
        # Never an account's id alone
        (*user, "principalId"): Field(
            ("AIDAEXAMPLE0000000001", ABSENT, ""), words=r"^[A-Za-z][\x20-\x7E]*$|^[0-9]{12}:[\x20-\x7E]+$"
        ),
        (*user, "userName"): Field((ABSENT, "jane"), words=_PRINTABLE),
        (*user, "invokedBy"): Field((ABSENT, "cloudformation.amazonaws.com"), words=_PRINTABLE),
    }
