"""Judges trails: does one record what root does, everywhere, and hand it to a log group?

https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-concepts.html
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass, replace
from datetime import datetime, timedelta

from ..aws.arn import MalformedArn, Place
from ..aws.asking import ASSUME_ROLE, Evidence, Unreadable
from ..aws.cloudtrail import (
    AdvancedEventSelector,
    EventSelector,
    EventSelectors,
    EventSelectorsOfTrail,
    StatusOfTrail,
    Trail,
    TrailStatus,
)
from ..aws.logs import LogGroupId
from ..coverage import Recorded
from ..parameters import Parameters
from ..verdict.findings import Code, Finding, quote, unreadable

# The rule itself calls AWS in every run, so an account under a daily rule has management events to
# deliver at least once a day; CloudTrail takes about 5 minutes on average and promises nothing:
# https://docs.aws.amazon.com/awscloudtrail/latest/userguide/get-and-view-cloudtrail-log-files.html
OLDEST_DELIVERY = timedelta(hours=25)

# A trail that has only just begun to log has delivered nothing yet. Until this much time has passed
# CloudTrail's own check of the log group and the role, made when it took the configuration, stands in
# for a delivery: https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_CreateTrail.html
FIRST_DELIVERY = timedelta(hours=1)

# AWS's clock and this one may differ; a time further ahead is no evidence.
CLOCK_SKEW = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Recording:
    """A trail that logs, and which management events it records.

    `recorded` is without the exclusions that the rule's owner accepts. `shortfall` says what it
    leaves out all the same; another trail may make up for that.
    """

    trail: Trail
    recorded: Recorded
    shortfall: Finding | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TrailDelivery(Recording):
    """A trail that logs, and the log group that it feeds."""

    _: KW_ONLY
    log_group: LogGroupId


def judge_reach(trail: Trail) -> Finding | None:
    """Why the trail can't record all that root does, by its description alone."""
    if not trail.is_multi_region:
        return _finding(
            Code.TRAIL_SINGLE_REGION,
            trail,
            f"records {trail.home_region} only, so root's use of other regions goes unseen",
            "make it a multi-region trail",
        )
    if not trail.includes_global_service_events:
        return _finding(
            Code.TRAIL_WITHOUT_GLOBAL_EVENTS,
            trail,
            "leaves out global service events, so root's sign-ins and IAM calls go unseen",
            "include global service events (UpdateTrail)",
        )
    return None


def judge_by_description(trail: Trail, account_id: str) -> Finding | LogGroupId:
    """What the trail's description alone tells: the log group that it feeds, or why it is no use."""
    if finding := judge_reach(trail):
        return finding
    if trail.log_group_arn is None:
        return _without_log_group(trail, account_id)
    try:
        log_group = LogGroupId.from_arn(trail.log_group_arn)
    except MalformedArn:
        return _elsewhere(trail, trail.log_group_arn)
    # A delegated administrator's organization trail carries the management account's ARN, while its
    # log group may be the delegated administrator's own.
    is_of_owner = trail.is_organization_trail or log_group.place.account_id == trail.arn.account_id
    is_in_place = is_of_owner and log_group.place.region == trail.home_region
    return log_group if is_in_place else _elsewhere(trail, trail.log_group_arn)


def judge_delivery(
    evidence: Evidence, trail: Trail, log_group: LogGroupId, parameters: Parameters
) -> TrailDelivery | Finding:
    """Whether the trail logs management events, now, and they arrive in its log group."""
    place = Place(log_group.place.account_id, trail.home_region)
    evidence.need(StatusOfTrail(place, trail), EventSelectorsOfTrail(place, trail))
    status = evidence.answer(StatusOfTrail(place, trail))
    selectors = evidence.answer(EventSelectorsOfTrail(place, trail))
    if isinstance(status, Unreadable):
        return _unreadable(trail, place, status, parameters.reading_role_name)
    finding, notes = _judge_status(trail, status, evidence.now)
    if finding:
        return finding
    if isinstance(selectors, Unreadable):
        return _unreadable(trail, place, selectors, parameters.reading_role_name)
    recording = _recording(trail, selectors, parameters, notes)
    if isinstance(recording, Finding):
        return recording
    return TrailDelivery(trail, recording.recorded, recording.shortfall, recording.notes, log_group=log_group)


def judge_recording(evidence: Evidence, trail: Trail, parameters: Parameters) -> Recording | Finding:
    """Whether the trail logs management events of this account, now: those that it sends to event buses.

    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-service-event-cloudtrail.html
    """
    owner = trail.arn.account_id
    is_own = owner == evidence.account_id
    if not is_own and not trail.is_organization_trail:
        return trail_of_no_organization(trail)
    if finding := judge_reach(trail):
        return finding
    if not is_own and parameters.reading_role_name is None:
        return _of_unseen_events(trail)
    # A member sees the state of its copy, and not which events the trail selects.
    place, of_owner = (Place(each, trail.home_region) for each in (evidence.account_id, owner))
    evidence.need(StatusOfTrail(place, trail), EventSelectorsOfTrail(of_owner, trail))
    status = evidence.answer(StatusOfTrail(place, trail))
    selectors = evidence.answer(EventSelectorsOfTrail(of_owner, trail))
    if isinstance(status, Unreadable):
        return _unreadable(trail, place, status, parameters.reading_role_name)
    if not status.is_logging:
        return _not_logging(trail)
    if status.bucket_delivery_error:
        return _finding(
            Code.TRAIL_DELIVERY_FAILS,
            trail,
            f"can't deliver to its bucket ({quote(status.bucket_delivery_error)}), and AWS doesn't say that "
            "EventBridge gets its events then",
            "repair the bucket, its policy or its key",
        )
    if isinstance(selectors, Unreadable):
        return _unreadable(trail, of_owner, selectors, parameters.reading_role_name)
    # Decision 0018
    notes = (
        () if is_own else (f"that trail {quote(trail.name)} feeds event buses of members is observed only",)
    )
    return _recording(trail, selectors, parameters, notes)


def _recording(
    trail: Trail, selectors: EventSelectors, parameters: Parameters, notes: tuple[str, ...]
) -> Recording | Finding:
    recorded = recorded_by(selectors)
    if isinstance(recorded, str):
        return _finding(
            Code.TRAIL_SELECTORS_UNDECIDED,
            trail,
            f"has an event selector that this rule can't decide ({quote(recorded)}), "
            "so root events may go unseen",
            "record all management events, with no condition but eventCategory",
        )
    if not recorded.reads and not recorded.writes:
        return _finding(
            Code.TRAIL_WITHOUT_MANAGEMENT_EVENTS,
            trail,
            "records no management events, so root's calls go unseen",
            "record all management events, read and write",
        )
    accepted = recorded.excluded_sources & parameters.allowed_excluded_event_sources
    return Recording(
        trail,
        replace(recorded, excluded_sources=recorded.excluded_sources - accepted),
        _shortfall(trail, recorded, accepted),
        (*notes, *_exclusion_notes(trail, accepted)),
    )


def recorded_by(selectors: EventSelectors) -> Recorded | str:
    """Which management events the selectors record; a text says what could not be understood.

    An event is logged when any one selector selects it. A trail without selectors records all
    management events. https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_PutEventSelectors.html
    """
    if not selectors.basic and not selectors.advanced:
        return Recorded()
    parts = [_basic(each) for each in selectors.basic if each.include_management_events]
    for selector in selectors.advanced:
        part = _advanced(selector)
        if isinstance(part, str):
            return part
        if part is not None:
            parts.append(part)
    return union_of(parts)


def union_of(parts: Sequence[Recorded]) -> Recorded:
    """What several selectors, or trails, record together; nothing where there are none."""
    # An exclusion counts as soon as one kind of event (read or write) is without that source: less
    # than the truth where the two differ, never more.
    excluded: frozenset[str] = frozenset()
    for kind in ("reads", "writes"):
        exclusions = [part.excluded_sources for part in parts if getattr(part, kind)]
        if exclusions:
            excluded |= frozenset.intersection(*exclusions)
    return Recorded(
        reads=any(part.reads for part in parts),
        writes=any(part.writes for part in parts),
        excluded_sources=excluded,
    )


def _basic(selector: EventSelector) -> Recorded:
    return Recorded(
        reads=selector.read_write_type in {"All", "ReadOnly"},
        writes=selector.read_write_type in {"All", "WriteOnly"},
        excluded_sources=selector.excluded_sources,
    )


def _advanced(selector: AdvancedEventSelector) -> Recorded | str | None:
    """None: no management events. For trails AWS documents eventCategory, readOnly and eventSource.

    https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_AdvancedFieldSelector.html
    """
    recorded = Recorded()
    is_management: bool | None = None
    undecided = None
    for field in selector.fields:
        match field.field, field.operator, field.values:
            case "eventCategory", "Equals", values:
                is_management = "Management" in values and is_management is not False
            case "readOnly", "Equals", values:
                recorded = replace(
                    recorded,
                    reads=recorded.reads and "true" in values,
                    writes=recorded.writes and "false" in values,
                )
            case "eventSource", "NotEquals", values:
                recorded = replace(recorded, excluded_sources=recorded.excluded_sources | frozenset(values))
            case name, operator, _:
                undecided = f"{operator} on {name}"
    if not is_management:
        return None
    return undecided or recorded


def is_fresh(delivered: datetime, now: datetime) -> bool:
    """Whether the delivery is recent enough to show that the next one arrives as well."""
    return -CLOCK_SKEW <= now - delivered <= OLDEST_DELIVERY


def _judge_status(trail: Trail, status: TrailStatus, now: datetime) -> tuple[Finding | None, tuple[str, ...]]:
    if not status.is_logging:
        return _not_logging(trail), ()
    # AWS doesn't say when it clears the error, and gives it no time: an error counts as current.
    if status.log_group_delivery_error:
        return _finding(
            Code.TRAIL_DELIVERY_FAILS,
            trail,
            f"can't deliver to CloudWatch Logs ({quote(status.log_group_delivery_error)}), "
            "so no filter sees root events",
            "let its role write to the log group",
        ), ()
    delivered = status.log_group_delivery_time
    if delivered is None:
        return _judge_first_delivery(trail, status, now)
    if not is_fresh(delivered, now):
        return _finding(
            Code.TRAIL_DELIVERY_STALE,
            trail,
            f"delivered nothing to CloudWatch Logs since {delivered:%Y-%m-%d %H:%M} UTC, "
            "so root events may not arrive",
            "check its log group and role",
        ), ()
    return None, ()


def _judge_first_delivery(
    trail: Trail, status: TrailStatus, now: datetime
) -> tuple[Finding | None, tuple[str, ...]]:
    started = status.started_logging
    # CloudTrail makes an organization trail's copies even where its check of the log group failed:
    # https://docs.aws.amazon.com/awscloudtrail/latest/userguide/creating-trail-organization.html
    has_just_begun = started is not None and -CLOCK_SKEW <= now - started <= FIRST_DELIVERY
    if has_just_begun and not trail.is_organization_trail:
        return None, (f"trail {quote(trail.name)} began to log within the hour; no delivery is recorded yet",)
    return _finding(
        Code.TRAIL_DELIVERY_STALE,
        trail,
        "has never delivered to its log group, so root events may not arrive",
        "wait 15 minutes if it was joined just now, else check its role",
    ), ()


def _shortfall(trail: Trail, recorded: Recorded, accepted: frozenset[str]) -> Finding | None:
    if not recorded.reads:
        return _finding(
            Code.TRAIL_WITHOUT_READ_EVENTS,
            trail,
            "records write events only, so root's List, Get and Describe calls go unseen",
            "record read management events too",
        )
    if not recorded.writes:
        return _finding(
            Code.TRAIL_WITHOUT_WRITE_EVENTS,
            trail,
            "records read events only, so root's sign-ins and changes go unseen",
            "record write management events too",
        )
    forbidden = sorted(recorded.excluded_sources - accepted)
    if forbidden:
        return _finding(
            Code.TRAIL_EXCLUDES_EVENT_SOURCE,
            trail,
            f"leaves out {' and '.join(forbidden)}, so root's calls there go unseen",
            "record them, or accept it by parameter AllowedExcludedEventSources",
        )
    return None


def _exclusion_notes(trail: Trail, accepted: frozenset[str]) -> tuple[str, ...]:
    return tuple(
        f"trail {quote(trail.name)} leaves out {source}, as AllowedExcludedEventSources accepts"
        for source in sorted(accepted)
    )


def _without_log_group(trail: Trail, account_id: str) -> Finding:
    if trail.arn.account_id != account_id:
        return Finding(
            Code.TRAIL_WITHOUT_LOG_GROUP,
            str(trail.arn),
            f"trail {quote(trail.name)} of account {trail.arn.account_id} has no log group, "
            "so no filter sees root events",
            "have its owner join it to one, or make a trail of this account's own",
        )
    return _finding(
        Code.TRAIL_WITHOUT_LOG_GROUP,
        trail,
        "doesn't deliver to CloudWatch Logs, so no filter sees root events",
        "join it to a log group",
    )


def _elsewhere(trail: Trail, log_group_arn: str) -> Finding:
    return _finding(
        Code.LOG_GROUP_ELSEWHERE,
        trail,
        f"names {quote(log_group_arn)}, which is no log group of its home region and account, "
        "so nothing arrives there",
        f"join it to a log group in {trail.home_region}",
    )


def _unreadable(trail: Trail, place: Place, refusal: Unreadable, role_name: str | None) -> Finding:
    """`place` is where it was asked: with that role, if it is in another account."""
    if refusal.call == ASSUME_ROLE and role_name:
        return Finding(
            Code.TRAIL_UNREADABLE,
            str(trail.arn),
            f"cannot verify trail {quote(trail.name)}: role {quote(role_name)} of account "
            f"{place.account_id} can't be assumed ({refusal.code})",
            "create it there, or let it trust the evaluation role and that assume it",
            account_id=place.account_id,
        )
    subject = f"trail {quote(trail.name)} of account {trail.arn.account_id}"
    finding = unreadable(Code.TRAIL_UNREADABLE, str(trail.arn), subject, refusal)
    return replace(finding, account_id=place.account_id)


def _finding(code: Code, trail: Trail, fault: str, remedy: str) -> Finding:
    return Finding(code, str(trail.arn), f"trail {quote(trail.name)} {fault}", remedy)


def _not_logging(trail: Trail) -> Finding:
    return _finding(Code.TRAIL_NOT_LOGGING, trail, "doesn't log, so nothing is recorded", "start its logging")


def _of_unseen_events(trail: Trail) -> Finding:
    owner = trail.arn.account_id
    return Finding(
        Code.TRAIL_OF_ANOTHER_ACCOUNT,
        str(trail.arn),
        f"cannot verify which events trail {quote(trail.name)} of account {owner} records",
        "name a role there that may read its event selectors in parameter ReadingRoleName",
        account_id=owner,
    )


def trails_unreadable(account_id: str, refusal: Unreadable) -> Finding:
    if refusal.call == ASSUME_ROLE:
        return Finding(
            Code.CANNOT_ASSUME_ROLE,
            account_id,
            f"cannot verify account {account_id}: {refusal.call} answered {refusal.code}",
            "let the rule's Lambda role assume the evaluation role, or set ExecutionRoleName",
        )
    return unreadable(Code.TRAIL_UNREADABLE, account_id, f"account {account_id}", refusal)


def trail_of_no_organization(trail: Trail) -> Finding:
    # AWS shows an account its own trails and its organization's, none else; so this is no known case.
    # https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_DescribeTrails.html
    return Finding(
        Code.TRAIL_OF_ANOTHER_ACCOUNT,
        str(trail.arn),
        f"cannot verify: trail {quote(trail.name)} belongs to account {trail.arn.account_id} and is no "
        "organization trail, so it may not record this account",
        "make it an organization trail, or create one in this account",
        account_id=trail.arn.account_id,
    )


def trail_of_another_account(trail: Trail, account_id: str) -> Finding:
    where = f"belongs to account {account_id}, where its log group, alarm and topic are"
    if account_id != trail.arn.account_id:
        where = f"delivers to a log group of account {account_id}, where its alarm and topic are"
    return Finding(
        Code.TRAIL_OF_ANOTHER_ACCOUNT,
        str(trail.arn),
        f"cannot verify: trail {quote(trail.name)} {where}",
        "name a role there that may read them in parameter ReadingRoleName",
        account_id=account_id,
    )
