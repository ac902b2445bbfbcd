"""Trails: what a description, a status and event selectors tell."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from root_usage.aws.arn import Arn, Place
from root_usage.aws.asking import Evidence, Unreadable
from root_usage.aws.cloudtrail import EventSelectors, EventSelectorsOfTrail, StatusOfTrail, Trail, TrailStatus
from root_usage.aws.logs import LogGroupId
from root_usage.chain.trail import TrailDelivery, judge_by_description, judge_delivery, recorded_by
from root_usage.coverage import Recorded
from root_usage.parameters import Parameters
from root_usage.verdict.findings import Code, Finding

ACCOUNT = "111122223333"
NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
PLACE = Place(ACCOUNT, "eu-west-1")
LOG_GROUP = LogGroupId(PLACE, "trail-logs")
TRAIL = Trail(
    name="management",
    arn=Arn("aws", "cloudtrail", "eu-west-1", ACCOUNT, "trail/management"),
    home_region="eu-west-1",
    is_multi_region=True,
    is_organization_trail=False,
    includes_global_service_events=True,
    log_group_arn=f"arn:aws:logs:eu-west-1:{ACCOUNT}:log-group:trail-logs:*",
    has_custom_event_selectors=True,
)
STATUS = TrailStatus(
    is_logging=True,
    started_logging=NOW - timedelta(days=300),
    log_group_delivery_error=None,
    log_group_delivery_time=NOW - timedelta(minutes=7),
)
ALL_SELECTORS: dict[str, Any] = {
    "EventSelectors": [{"ReadWriteType": "All", "IncludeManagementEvents": True}]
}


def judged(
    *,
    trail: Trail = TRAIL,
    status: Any = STATUS,
    selectors: Any = None,
    allowed: frozenset[str] = frozenset(),
) -> TrailDelivery | Finding:
    if selectors is None:
        selectors = EventSelectors.from_api(ALL_SELECTORS)
    answers: dict[Any, Any] = {
        StatusOfTrail(PLACE, trail): status,
        EventSelectorsOfTrail(PLACE, trail): selectors,
    }
    return judge_delivery(
        Evidence(ACCOUNT, "eu-west-1", NOW, answers),
        trail,
        LOG_GROUP,
        Parameters(allowed_excluded_event_sources=allowed),
    )


def test_trail_that_logs_all_management_events_delivers() -> None:
    assert judged() == TrailDelivery(TRAIL, Recorded(), log_group=LOG_GROUP)


@pytest.mark.parametrize(
    ("trail", "code", "message", "remedy"),
    [
        pytest.param(
            replace(TRAIL, is_multi_region=False),
            Code.TRAIL_SINGLE_REGION,
            "trail `management` records eu-west-1 only, so root's use of other regions goes unseen",
            "make it a multi-region trail",
            id="single-region",
        ),
        pytest.param(
            replace(TRAIL, includes_global_service_events=False),
            Code.TRAIL_WITHOUT_GLOBAL_EVENTS,
            "trail `management` leaves out global service events, so root's sign-ins and IAM calls go unseen",
            "include global service events (UpdateTrail)",
            id="without-global-service-events",
        ),
        pytest.param(
            replace(TRAIL, log_group_arn=None),
            Code.TRAIL_WITHOUT_LOG_GROUP,
            "trail `management` doesn't deliver to CloudWatch Logs, so no filter sees root events",
            "join it to a log group",
            id="without-a-log-group",
        ),
        pytest.param(
            replace(TRAIL, log_group_arn=f"arn:aws:logs:us-east-1:{ACCOUNT}:log-group:trail-logs:*"),
            Code.LOG_GROUP_ELSEWHERE,
            f"trail `management` names `arn:aws:logs:us-east-1:{ACCOUNT}:log-group:trail-logs:*`, which is "
            "no log group of its home region and account, so nothing arrives there",
            "join it to a log group in eu-west-1",
            id="log-group-of-another-region",
        ),
        pytest.param(
            replace(TRAIL, log_group_arn="trail-logs"),
            Code.LOG_GROUP_ELSEWHERE,
            "trail `management` names `trail-logs`, which is no log group of its home region and account, "
            "so nothing arrives there",
            "join it to a log group in eu-west-1",
            id="not-an-arn",
        ),
    ],
)
def test_description_that_rules_a_trail_out(trail: Trail, code: Code, message: str, remedy: str) -> None:
    assert judge_by_description(trail, ACCOUNT) == Finding(code, str(TRAIL.arn), message, remedy)


def test_log_group_is_known_by_region_account_and_name() -> None:
    assert judge_by_description(TRAIL, ACCOUNT) == LOG_GROUP


@pytest.mark.parametrize(
    ("status", "code", "message", "remedy"),
    [
        pytest.param(
            replace(STATUS, is_logging=False),
            Code.TRAIL_NOT_LOGGING,
            "trail `management` doesn't log, so nothing is recorded",
            "start its logging",
            id="stopped",
        ),
        pytest.param(
            replace(STATUS, log_group_delivery_error="Access denied"),
            Code.TRAIL_DELIVERY_FAILS,
            "trail `management` can't deliver to CloudWatch Logs (`Access denied`), "
            "so no filter sees root events",
            "let its role write to the log group",
            id="delivery-error",
        ),
        pytest.param(
            replace(STATUS, log_group_delivery_time=NOW - timedelta(hours=25, seconds=1)),
            Code.TRAIL_DELIVERY_STALE,
            "trail `management` delivered nothing to CloudWatch Logs since 2026-11-19 10:59 UTC, "
            "so root events may not arrive",
            "check its log group and role",
            id="stale-delivery",
        ),
        pytest.param(
            replace(STATUS, log_group_delivery_time=None),
            Code.TRAIL_DELIVERY_STALE,
            "trail `management` has never delivered to its log group, so root events may not arrive",
            "wait 15 minutes if it was joined just now, else check its role",
            id="never-delivered",
        ),
    ],
)
def test_status_that_breaks_the_chain(status: Any, code: Code, message: str, remedy: str) -> None:
    assert judged(status=status) == Finding(code, str(TRAIL.arn), message, remedy)


def test_status_that_aws_refuses_breaks_the_chain() -> None:
    refusal = Unreadable("cloudtrail:GetTrailStatus", "AccessDeniedException")

    assert judged(status=refusal) == Finding(
        Code.TRAIL_UNREADABLE,
        str(TRAIL.arn),
        "cannot verify trail `management` of account 111122223333: "
        "cloudtrail:GetTrailStatus answered AccessDeniedException",
        "allow cloudtrail:GetTrailStatus to the role that the rule reads with",
        account_id=ACCOUNT,
    )


def test_delivery_a_day_ago_is_fresh() -> None:
    status = replace(STATUS, log_group_delivery_time=NOW - timedelta(hours=25))

    assert isinstance(judged(status=status), TrailDelivery)


def test_trail_that_began_to_log_just_now_is_noted() -> None:
    status = replace(STATUS, log_group_delivery_time=None, started_logging=NOW - timedelta(minutes=60))

    delivery = judged(status=status)

    assert isinstance(delivery, TrailDelivery)
    assert delivery.notes == ("trail `management` began to log within the hour; no delivery is recorded yet",)


def test_organization_trail_that_never_delivered_is_not_trusted() -> None:
    """Its copies exist even where CloudTrail's own check of the log group failed."""
    trail = replace(TRAIL, is_organization_trail=True)
    status = replace(STATUS, log_group_delivery_time=None, started_logging=NOW - timedelta(minutes=1))

    finding = judged(trail=trail, status=status)

    assert isinstance(finding, Finding)
    assert finding.code is Code.TRAIL_DELIVERY_STALE


def management(*fields: dict[str, Any]) -> dict[str, Any]:
    return {"FieldSelectors": [{"Field": "eventCategory", "Equals": ["Management"]}, *fields]}


READ_ONLY = {"Field": "readOnly", "Equals": ["true"]}
WRITE_ONLY = {"Field": "readOnly", "Equals": ["false"]}
NO_KMS = {"Field": "eventSource", "NotEquals": ["kms.amazonaws.com"]}
KMS = frozenset({"kms.amazonaws.com"})


@pytest.mark.parametrize(
    ("answer", "recorded"),
    [
        pytest.param({}, Recorded(), id="none-records-everything"),
        pytest.param(ALL_SELECTORS, Recorded(), id="all"),
        pytest.param({"EventSelectors": [{}]}, Recorded(), id="defaults"),
        pytest.param({"EventSelectors": [{"ReadWriteType": "ReadOnly"}]}, Recorded(writes=False), id="read"),
        pytest.param({"EventSelectors": [{"ReadWriteType": "WriteOnly"}]}, Recorded(reads=False), id="write"),
        pytest.param(
            {"EventSelectors": [{"ReadWriteType": "ReadOnly"}, {"ReadWriteType": "WriteOnly"}]},
            Recorded(),
            id="read-and-write-in-two-selectors",
        ),
        pytest.param(
            {"EventSelectors": [{"IncludeManagementEvents": False}]},
            Recorded(reads=False, writes=False),
            id="data-events-only",
        ),
        pytest.param(
            {
                "EventSelectors": [
                    {"ReadWriteType": "ReadOnly"},
                    {"ReadWriteType": "WriteOnly", "IncludeManagementEvents": False},
                ]
            },
            Recorded(writes=False),
            id="write-selector-without-management-events",
        ),
        pytest.param(
            {"EventSelectors": [{"ExcludeManagementEventSources": ["kms.amazonaws.com"]}]},
            Recorded(excluded_sources=KMS),
            id="without-kms",
        ),
        pytest.param(
            {"EventSelectors": [{"ExcludeManagementEventSources": ["kms.amazonaws.com"]}, {}]},
            Recorded(),
            id="kms-by-the-second-selector",
        ),
        pytest.param(
            {
                "EventSelectors": [
                    {"ReadWriteType": "ReadOnly", "ExcludeManagementEventSources": ["kms.amazonaws.com"]},
                    {"ReadWriteType": "WriteOnly"},
                ]
            },
            Recorded(excluded_sources=KMS),
            id="kms-reads-left-out",
        ),
        pytest.param({"AdvancedEventSelectors": [management()]}, Recorded(), id="advanced-all"),
        pytest.param(
            {"AdvancedEventSelectors": [management(READ_ONLY)]}, Recorded(writes=False), id="advanced-read"
        ),
        pytest.param(
            {"AdvancedEventSelectors": [management(READ_ONLY), management(WRITE_ONLY)]},
            Recorded(),
            id="advanced-read-and-write-in-two-selectors",
        ),
        pytest.param(
            {"AdvancedEventSelectors": [management(NO_KMS)]},
            Recorded(excluded_sources=KMS),
            id="advanced-without-kms",
        ),
        pytest.param(
            {
                "AdvancedEventSelectors": [
                    {"FieldSelectors": [{"Field": "eventCategory", "Equals": ["Data"]}]}
                ]
            },
            Recorded(reads=False, writes=False),
            id="advanced-data-events-only",
        ),
    ],
)
def test_selectors_record(answer: dict[str, Any], recorded: Recorded) -> None:
    assert recorded_by(EventSelectors.from_api(answer)) == recorded


def test_selector_on_a_field_that_trails_do_not_have_is_undecided() -> None:
    odd = {"Field": "userIdentity.arn", "NotStartsWith": ["arn:aws:iam"]}

    finding = judged(selectors=EventSelectors.from_api({"AdvancedEventSelectors": [management(odd)]}))

    assert finding == Finding(
        Code.TRAIL_SELECTORS_UNDECIDED,
        str(TRAIL.arn),
        "trail `management` has an event selector that this rule can't decide "
        "(`NotStartsWith on userIdentity.arn`), so root events may go unseen",
        "record all management events, with no condition but eventCategory",
    )


@pytest.mark.parametrize(
    ("selector", "code", "message", "remedy"),
    [
        pytest.param(
            {"ReadWriteType": "WriteOnly"},
            Code.TRAIL_WITHOUT_READ_EVENTS,
            "trail `management` records write events only, so root's List, Get and Describe calls go unseen",
            "record read management events too",
            id="write-only",
        ),
        pytest.param(
            {"ReadWriteType": "ReadOnly"},
            Code.TRAIL_WITHOUT_WRITE_EVENTS,
            "trail `management` records read events only, so root's sign-ins and changes go unseen",
            "record write management events too",
            id="read-only",
        ),
        pytest.param(
            {"ExcludeManagementEventSources": ["rdsdata.amazonaws.com", "kms.amazonaws.com"]},
            Code.TRAIL_EXCLUDES_EVENT_SOURCE,
            "trail `management` leaves out kms.amazonaws.com and rdsdata.amazonaws.com, "
            "so root's calls there go unseen",
            "record them, or accept it by parameter AllowedExcludedEventSources",
            id="excluded-sources",
        ),
    ],
)
def test_selectors_that_leave_something_out_are_a_shortfall(
    selector: dict[str, Any], code: Code, message: str, remedy: str
) -> None:
    delivery = judged(selectors=EventSelectors.from_api({"EventSelectors": [selector]}))

    assert isinstance(delivery, TrailDelivery)
    assert delivery.shortfall == Finding(code, str(TRAIL.arn), message, remedy)


def test_accepted_exclusion_is_noted_and_no_shortfall() -> None:
    selector = {"ExcludeManagementEventSources": ["kms.amazonaws.com"]}

    delivery = judged(selectors=EventSelectors.from_api({"EventSelectors": [selector]}), allowed=KMS)

    assert delivery == TrailDelivery(
        TRAIL,
        Recorded(),
        log_group=LOG_GROUP,
        notes=("trail `management` leaves out kms.amazonaws.com, as AllowedExcludedEventSources accepts",),
    )


def test_trail_without_management_events_is_a_finding() -> None:
    finding = judged(
        selectors=EventSelectors.from_api({"EventSelectors": [{"IncludeManagementEvents": False}]})
    )

    assert finding == Finding(
        Code.TRAIL_WITHOUT_MANAGEMENT_EVENTS,
        str(TRAIL.arn),
        "trail `management` records no management events, so root's calls go unseen",
        "record all management events, read and write",
    )
