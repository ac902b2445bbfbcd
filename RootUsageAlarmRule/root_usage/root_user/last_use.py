"""When and how the root user was last used, by the credential report, and what it did, by CloudTrail.

The report is the measure of use; CloudTrail's event history is asked only where the report says that
there was use, for what happened and from where.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from ..aws.arn import Place
from ..aws.asking import Evidence, Unreadable
from ..aws.cloudtrail import Trail, Trails
from ..aws.event_history import ROOT, LookupBy, RootEvent, RootEvents, RootEventsSince, Way
from ..aws.iam import NotShown, RootCredentials, UsedAt
from ..coverage.root_activity import SIGN_IN_REGIONS

# https://docs.aws.amazon.com/awscloudtrail/latest/userguide/view-cloudtrail-events.html
EVENT_HISTORY_KEPT = timedelta(days=90)

# The report's times are those of the first use within five minutes (password) or fifteen (access key).
AROUND_A_USE = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Used:
    """Root was used within the lookback time; `way` is `console` or `access key 1`."""

    at: datetime
    way: str
    service: str | None = None
    region: str | None = None


@dataclass(frozen=True, slots=True)
class NotUsed:
    """No use within so many days."""

    days: int


@dataclass(frozen=True, slots=True)
class NotVerified:
    """The credential report doesn't tell, or not all of it."""

    reason: str
    code: str = ""  # AWS's error code, where it refused the report


@dataclass(frozen=True, slots=True)
class NotLookedFor:
    """RootUsageLookbackDays is 0."""


LastRootUse = Used | NotUsed | NotVerified | NotLookedFor


def last_root_use(report: RootCredentials, now: datetime, days: int) -> Used | NotUsed | NotVerified:
    """The latest use of the password or a key, if it is within `days`."""
    uses = [each for each in _uses(report) if now - each.at <= timedelta(days=days)]
    if uses:
        return max(uses, key=lambda each: each.at)
    # Not told of one credential means not told of root, whatever the others say.
    hidden = uses_not_shown(report)
    return NotVerified(hidden[0]) if hidden else NotUsed(days)


def uses_not_shown(report: RootCredentials) -> tuple[str, ...]:
    """Why the report doesn't tell of each credential's use."""
    uses = (report.password_last_use, *(key.last_use for key in report.access_keys))
    reasons = tuple(use.reason for use in uses if isinstance(use, NotShown))
    if report.additional_credentials:
        return (*reasons, "root has credentials for which the credential report has no columns")
    return reasons


def recent_root_events(
    evidence: Evidence, report: RootCredentials | None, last_use: Used | NotVerified, days: int
) -> tuple[tuple[RootEvent, ...], tuple[str, ...]]:
    """Root's events of the time, newest first, and why there may be others."""
    since = max(evidence.now - timedelta(days=days), evidence.now - EVENT_HISTORY_KEPT)
    arns = [report.arn] if report else [each.arn for each in _trails(evidence)]
    of_sign_ins = SIGN_IN_REGIONS.get(arns[0].partition if arns else "", (evidence.region,))
    regions = dict.fromkeys(
        # The rule's own, too: what root does to the rule is recorded there.
        [
            *of_sign_ins,
            *sorted({each.home_region for each in _trails(evidence)}),
            evidence.region,
            *(_regions_of_keys(report) if report else ()),
        ]
    )
    places = [_place(evidence, each) for each in regions]
    events, gaps = _look_up(evidence, [RootEventsSince(each, since) for each in places])
    if gaps or not isinstance(last_use, Used) or last_use.way != "console" or event_of(last_use, events):
        return events, gaps
    # AWS doesn't say which user name the history has for root once the account has an alias:
    # a sign-in shows it.
    around = [_sign_ins_around(last_use.at, _place(evidence, each)) for each in of_sign_ins]
    sign_ins, gaps = _look_up(evidence, around)
    names = sorted({each.user_name for each in sign_ins} - {"", ROOT})
    by_name = [RootEventsSince(place, since, user_name=name) for place in places for name in names]
    others, more_gaps = _look_up(evidence, by_name)
    return _newest_first({*events, *sign_ins, *others}), (*gaps, *more_gaps)


def event_of(last_use: Used, events: tuple[RootEvent, ...]) -> RootEvent | None:
    """The event that best shows what the last use was: near in time, of its kind, and not refused."""
    way = Way.CONSOLE if last_use.way == Way.CONSOLE.value else Way.ACCESS_KEY
    near = [
        each
        for each in events
        if each.is_by_root_itself
        and not each.is_assume_root_session
        and abs(each.time - last_use.at) <= AROUND_A_USE
    ]
    return min(
        near,
        key=lambda each: (each.way is not way, each.is_failed, abs(each.time - last_use.at)),
        default=None,
    )


def _uses(report: RootCredentials) -> list[Used]:
    password = report.password_last_use
    of_keys = [
        Used(key.last_use.at, f"access key {key.number}", key.service, key.region)
        for key in report.access_keys
        if isinstance(key.last_use, UsedAt)
    ]
    return [Used(password.at, "console"), *of_keys] if isinstance(password, UsedAt) else of_keys


def _trails(evidence: Evidence) -> tuple[Trail, ...]:
    """Those that the walk has asked for; nothing is asked anew."""
    trails = evidence.answers.get(Trails(Place(evidence.account_id, evidence.region)))
    return trails if isinstance(trails, tuple) else ()


def _regions_of_keys(report: RootCredentials) -> list[str]:
    """Where a key was last used: its events are in no other region's history."""
    regions = [key.region for key in report.access_keys if isinstance(key.last_use, UsedAt)]
    return [each for each in regions if each and re.fullmatch(r"[a-z]{2,4}(-[a-z]+)+-[0-9]", each)]


def _place(evidence: Evidence, region: str) -> Place:
    return Place(evidence.account_id, region)


def _sign_ins_around(at: datetime, place: Place) -> RootEventsSince:
    return RootEventsSince(place, at - AROUND_A_USE, at + AROUND_A_USE, LookupBy.CONSOLE_SIGN_IN)


def _look_up(
    evidence: Evidence, questions: list[RootEventsSince]
) -> tuple[tuple[RootEvent, ...], tuple[str, ...]]:
    evidence.need(*questions)
    events: set[RootEvent] = set()
    gaps: list[str] = []
    for question in questions:
        answer = evidence.answer(question)
        if isinstance(answer, RootEvents):
            events.update(answer.events)
        gaps += _gap(question.place.region, answer)
    return _newest_first(events), tuple(gaps)


def _newest_first(events: set[RootEvent]) -> tuple[RootEvent, ...]:
    return tuple(sorted(events, key=lambda each: (each.time, each.event_id), reverse=True))


def _gap(region: str, answer: object) -> list[str]:
    history = f"CloudTrail's event history in {region}"
    match answer:
        case RootEvents(events, is_complete=False):
            return [f"{history} holds more than the {len(events)} events of root that were read"]
        case RootEvents():
            return []
        case Unreadable(call, code):
            return [f"{history} wasn't read: {call} answered {code}"]
        case _:
            return [f"{history} isn't offered here"]
