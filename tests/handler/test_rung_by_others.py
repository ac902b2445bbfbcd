"""Alarms that others than root can ring too: what else rings them is told, and they have to be quiet."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any

import pytest

from root_usage_alarm.demo.invocation import Invocation, invoke
from root_usage_alarm.local_aws import Account, LocalAws, hooks
from root_usage_alarm.local_aws.accounts import (
    ALARM,
    CIS_PATTERN,
    METRIC_NAME,
    METRIC_NAMESPACE,
    Chain,
    build_working_chain,
    put_alarm,
)
from tests.handler.evaluation import Refusal, answering, leading

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
OWN_FILTER = "Give root usage a filter and metric of its own [ALARM_RUNG_BY_OTHERS]"
FAILED_SIGN_INS = '($.eventName = "ConsoleLogin" && $.responseElements.ConsoleLogin = "Failure")'
ANYBODY = "failed sign-ins, which anybody can cause"
QUIET = "alarm `RootAccountUsageCountAlarm` was in ALARM for 0 minutes of 14 days"


class Clock:
    """In the place of `datetime`, of which the handler asks nothing but the time."""

    @staticmethod
    def now(zone: tzinfo) -> datetime:
        return NOON.astimezone(zone)


@pytest.fixture(autouse=True)
def noon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("RootUsageAlarmRule.datetime", Clock)


def root_or(*conditions: str) -> str:
    return "{ " + " || ".join((f"({CIS_PATTERN[1:-1]})", *conditions)) + " }"


def chain_with(account: Account, pattern: str, *, since: datetime = NOON - timedelta(days=90)) -> Chain:
    """The chain stands, and its alarm has never been in ALARM, since then."""
    chain = build_working_chain(account, metric_filter={"filterPattern": pattern})
    hooks.last_log_delivery(chain.trail_arn, NOON)
    hooks.stands_since(chain.trail_arn, chain.alarm_arn, since)
    return chain


def rings(chain: Chain, at: datetime, time: timedelta) -> None:
    hooks.record_transition(chain.alarm_arn, "OK", "ALARM", at)
    hooks.record_transition(chain.alarm_arn, "ALARM", "OK", at + time)


def second_filter(account: Account, chain: Chain, pattern: str, metric_name: str = METRIC_NAME) -> None:
    account.client("logs").put_metric_filter(
        logGroupName=chain.log_group_name,
        filterName="other",
        filterPattern=pattern,
        metricTransformations=[
            {"metricName": metric_name, "metricNamespace": METRIC_NAMESPACE, "metricValue": "1"}
        ],
    )


def notes(invocation: Invocation) -> list[str]:
    found: list[str] = invocation.log["notes"]
    return found


# What others can cause, and how it is told.
NOISY = [
    pytest.param('$.userAgent = "aws-cli*"', "events of others (userAgent `aws-cli/2`)", id="user-agent"),
    pytest.param(
        '$.errorCode = "*UnauthorizedOperation"',
        "events of others (errorCode Client.UnauthorizedOperation)",
        id="error-code",
    ),
    pytest.param(
        '($.errorCode = "AccessDenied" && $.userAgent = "aws-cli*")',
        "events of others (userAgent `aws-cli/2`, errorCode AccessDenied)",
        id="error-code-and-user-agent",
    ),
    *(
        pytest.param(
            f'$.eventSource = "{service}.amazonaws.com"',
            f"events of others (eventSource {service}.amazonaws.com)",
            id=service,
        )
        for service in ("dynamodb", "rds", "lambda", "cloudformation")
    ),
    pytest.param(
        "$.sourceIPAddress = 203.0.113.*", "events of others (sourceIPAddress 203.0.113.9)", id="address"
    ),
    pytest.param(FAILED_SIGN_INS, ANYBODY, id="failed-sign-ins"),
]


@pytest.mark.parametrize(("condition", "what"), NOISY)
def test_1_quiet_alarm_that_others_can_ring_is_compliant_and_says_so(
    aws: LocalAws, account: Account, condition: str, what: str
) -> None:
    chain_with(account, root_or(condition))

    invocation = invoke(aws, account)

    assert invocation.evaluation["ComplianceType"] == "COMPLIANT"
    assert notes(invocation) == [f"`RootAccountUsageCount` also matches {what}", QUIET]


@pytest.mark.parametrize(("condition", "what"), NOISY)
def test_3_alarm_that_others_keep_in_alarm_is_drowned_by_them(
    aws: LocalAws, account: Account, condition: str, what: str
) -> None:
    rings(chain_with(account, root_or(condition)), NOON - timedelta(days=9), timedelta(hours=60))

    invocation = invoke(aws, account)

    (finding,) = invocation.log["findings"]
    assert invocation.evaluation["ComplianceType"] == "NON_COMPLIANT"
    assert finding["message"] == (
        f"alarm `{ALARM}` was in ALARM for 2 days of 14 days: metric filter `RootAccountUsageCount` also "
        f"matches {what}, so a root event may change nothing"
    )
    assert finding["example"]["userIdentity"]["type"] != "Root"
    assert OWN_FILTER in invocation.evaluation["Annotation"]


@pytest.mark.parametrize(("condition", "what"), NOISY)
def test_1_second_filter_on_the_metric_is_told_of_too(
    aws: LocalAws, account: Account, condition: str, what: str
) -> None:
    second_filter(account, chain_with(account, CIS_PATTERN), f"{{ {condition} }}")

    invocation = invoke(aws, account)

    assert invocation.evaluation["ComplianceType"] == "COMPLIANT"
    assert notes(invocation) == [f"`other` also matches {what}", QUIET]


def test_3_second_filter_on_the_metric_keeps_the_alarm_in_alarm(aws: LocalAws, account: Account) -> None:
    chain = chain_with(account, CIS_PATTERN)
    second_filter(account, chain, f"{{ {FAILED_SIGN_INS} }}")
    rings(chain, NOON - timedelta(days=9), timedelta(hours=6))

    assert leading(invoke(aws, account)) == (
        "NON_COMPLIANT",
        "ALARM_RUNG_BY_OTHERS",
        (
            "alarm `RootAccountUsageCountAlarm` was in ALARM for 6 hours of 14 days: metric filter `other` "
            f"also matches {ANYBODY}, so a root event may change nothing. {OWN_FILTER}"
        ),
    )


def test_1_one_filter_for_several_cis_alarms_counts_by_its_alarms_history(
    aws: LocalAws, account: Account
) -> None:
    """CIS 3.2, 3.3 and 3.6 in one; in ALARM for three hours of 14 days, where 1 % would be 3 h 21 min."""
    without_mfa = '($.eventName = "ConsoleLogin" && $.additionalEventData.MFAUsed != "Yes")'
    rings(
        chain_with(account, root_or(FAILED_SIGN_INS, without_mfa)),
        NOON - timedelta(days=9),
        timedelta(hours=3),
    )

    invocation = invoke(aws, account)

    assert invocation.evaluation["ComplianceType"] == "COMPLIANT"
    assert notes(invocation) == [
        f"`RootAccountUsageCount` also matches {ANYBODY}",
        "alarm `RootAccountUsageCountAlarm` was in ALARM for 3 hours of 14 days",
    ]


DENIED = '($.errorCode = "*UnauthorizedOperation" || $.errorCode = "AccessDenied*")'
DENIED_BY_OTHERS = (
    "metric filter `RootAccountUsageCount` is drowned: it also matches everyday events (GetBucketAcl by "
    "others), so a root event changes nothing. Give root usage a filter and metric of its own "
    "[PATTERN_DROWNED]"
)


def test_1_account_without_denied_calls_may_count_them_with_roots_events(
    aws: LocalAws, account: Account
) -> None:
    """CIS 3.1 in root's filter: an account with few workloads has no denied calls for weeks."""
    chain_with(account, root_or(DENIED))

    invocation = invoke(aws, account)

    assert invocation.evaluation["ComplianceType"] == "COMPLIANT"
    assert notes(invocation) == [
        "`RootAccountUsageCount` also matches events of others (errorCode AccessDenied)",
        QUIET,
    ]


@pytest.mark.parametrize(
    ("since", "hours"),
    [
        pytest.param(NOON - timedelta(days=90), 60, id="in-alarm-for-long"),
        pytest.param(NOON - timedelta(days=13), 0, id="not-quiet-for-long-enough"),
    ],
)
def test_3_denied_calls_drown_roots_events_unless_the_alarm_was_quiet(
    aws: LocalAws, account: Account, since: datetime, hours: int
) -> None:
    rings(chain_with(account, root_or(DENIED), since=since), NOON - timedelta(days=9), timedelta(hours=hours))

    assert leading(invoke(aws, account)) == ("NON_COMPLIANT", "PATTERN_DROWNED", DENIED_BY_OTHERS)


def test_3_everyday_events_that_are_sure_to_come_drown_whatever_the_record_says(
    aws: LocalAws, account: Account
) -> None:
    chain_with(account, root_or(DENIED, '$.eventName = "AssumeRole"'))

    invocation = invoke(aws, account)

    assert invocation.codes == ["PATTERN_DROWNED"]
    assert "AssumeRole by others" in invocation.evaluation["Annotation"]


def test_3_alarm_that_rings_again_and_again_is_not_quiet(aws: LocalAws, account: Account) -> None:
    chain = chain_with(account, root_or(FAILED_SIGN_INS))
    for hour in range(51):
        rings(chain, NOON - timedelta(days=9, hours=-hour), timedelta(minutes=1))

    assert leading(invoke(aws, account)) == (
        "NON_COMPLIANT",
        "ALARM_RUNG_BY_OTHERS",
        (
            "alarm `RootAc..ntAlarm` changed its state more than 100 times: metric filter "
            f"`RootAcc..geCount` also matches {ANYBODY}, so a root event may change nothing. {OWN_FILTER}"
        ),
    )


@pytest.mark.parametrize(
    ("minutes", "compliance"), [pytest.param(15, "COMPLIANT"), pytest.param(16, "NON_COMPLIANT")]
)
def test_1_what_was_before_the_alarms_last_change_does_not_count(
    aws: LocalAws, account: Account, minutes: int, compliance: str
) -> None:
    """1 % of 26 hours is 15.6 minutes."""
    chain = chain_with(account, root_or(FAILED_SIGN_INS), since=NOON - timedelta(hours=26))
    rings(chain, NOON - timedelta(days=2), timedelta(hours=20))
    rings(chain, NOON - timedelta(hours=2), timedelta(minutes=minutes))

    assert invoke(aws, account).evaluation["ComplianceType"] == compliance


def test_3_alarm_that_others_may_have_put_in_alarm_just_now(aws: LocalAws, account: Account) -> None:
    chain_with(account, root_or(FAILED_SIGN_INS))
    account.client("cloudwatch").set_alarm_state(AlarmName=ALARM, StateValue="ALARM", StateReason="rung")

    assert leading(invoke(aws, account)) == (
        "NON_COMPLIANT",
        "ALARM_RUNG_BY_OTHERS",
        (
            "alarm `RootAccountUsageCountAlarm` is in ALARM now: metric filter `RootAccountUsageCount` also "
            f"matches failed sign-ins, which anybody can cause, so a root event may change nothing. "
            f"{OWN_FILTER}"
        ),
    )


def test_3_alarm_that_was_changed_today_has_shown_nothing_yet(aws: LocalAws, account: Account) -> None:
    """Who saves a noisy alarm each day would be COMPLIANT each day."""
    chain = chain_with(account, root_or(FAILED_SIGN_INS), since=NOON - timedelta(hours=23))
    rings(chain, NOON - timedelta(days=2), timedelta(hours=20))

    assert leading(invoke(aws, account)) == (
        "NON_COMPLIANT",
        "ALARM_RUNG_BY_OTHERS",
        (
            "alarm `RootAccountUsageCountAlarm` was changed 23 hours ago and shows no day of quiet yet, as "
            f"others can ring it (the log says why), so a root event may change nothing. {OWN_FILTER}"
        ),
    )


@pytest.mark.parametrize("code", ["AccessDenied", "ValidationError"])
def test_3_alarm_that_others_can_ring_and_whose_history_is_refused(
    aws: LocalAws, account: Account, code: str
) -> None:
    chain_with(account, root_or(FAILED_SIGN_INS))

    with answering({"cloudwatch:DescribeAlarmHistory": Refusal(code)}):
        invocation = invoke(aws, account)

    assert invocation.evaluation["ComplianceType"] == "NON_COMPLIANT"
    assert invocation.evaluation["Annotation"] == (
        "cannot verify that alarm `RootAccountUsageCountAlarm` is quiet, as others can ring it too: "
        f"cloudwatch:DescribeAlarmHistory answered {code}. "
        "Allow cloudwatch:DescribeAlarmHistory to the role that the rule reads with [ALARMS_UNREADABLE]"
    )


def test_3_history_that_is_cut_off_is_no_quiet_one(aws: LocalAws, account: Account) -> None:
    chain_with(account, root_or(FAILED_SIGN_INS))

    with answering({"cloudwatch:DescribeAlarmHistory": {}}):
        invocation = invoke(aws, account)

    assert leading(invocation)[:2] == ("NON_COMPLIANT", "ALARMS_UNREADABLE")


def test_3_state_that_nobody_can_read_counts_as_alarm(aws: LocalAws, account: Account) -> None:
    chain_with(account, root_or(FAILED_SIGN_INS))
    item: dict[str, Any] = {"Timestamp": NOON - timedelta(days=3), "HistorySummary": "Alarm changed"}

    with answering({"cloudwatch:DescribeAlarmHistory": {"AlarmHistoryItems": [item]}}):
        invocation = invoke(aws, account)

    assert leading(invocation)[:2] == ("NON_COMPLIANT", "ALARM_RUNG_BY_OTHERS")


@pytest.mark.parametrize(
    "pattern",
    [
        pytest.param(CIS_PATTERN, id="cis"),
        pytest.param('{ $.userIdentity.type = "Root" }', id="services-that-act-for-root"),
        pytest.param(
            '{ $.userIdentity.arn = "*:root" && $.userIdentity.invokedBy NOT EXISTS '
            '&& $.eventType != "AwsServiceEvent" }',
            id="by-arn",
        ),
    ],
)
def test_1_alarm_that_only_root_can_ring_needs_no_history(
    aws: LocalAws, account: Account, pattern: str
) -> None:
    chain_with(account, pattern)

    with answering({"cloudwatch:DescribeAlarmHistory": Refusal("AccessDenied")}):
        invocation = invoke(aws, account)

    assert invocation.evaluation["ComplianceType"] == "COMPLIANT"


def under_a_composite(account: Account, chain: Chain, rule: str) -> Chain:
    """The composite tells people, and has stood as long as its child, which tells nobody."""
    cloudwatch = account.client("cloudwatch")
    cloudwatch.disable_alarm_actions(AlarmNames=[ALARM])
    cloudwatch.put_composite_alarm(AlarmName="page", AlarmRule=rule, AlarmActions=[chain.topic_arn])
    composite = replace(chain, alarm_name="page", alarm_arn=chain.alarm_arn.replace(ALARM, "page"))
    for each in (chain, composite):
        hooks.stands_since(chain.trail_arn, each.alarm_arn, NOON - timedelta(days=90))
    return composite


def test_1_composite_tells_what_else_rings_its_child(aws: LocalAws, account: Account) -> None:
    chain = chain_with(account, root_or(FAILED_SIGN_INS))
    under_a_composite(account, chain, f"ALARM({ALARM})")

    invocation = invoke(aws, account)

    assert invocation.evaluation["ComplianceType"] == "COMPLIANT"
    assert notes(invocation) == [
        f"`RootAccountUsageCount` also matches {ANYBODY}",
        QUIET,
        "alarm `page` was in ALARM for 0 minutes of 14 days",
    ]


def test_3_sibling_that_others_ring_keeps_the_composite_in_alarm(aws: LocalAws, account: Account) -> None:
    """The sibling's filter matches root's failed sign-ins too, so that it belongs to root's alarms."""
    chain = chain_with(account, CIS_PATTERN)
    second_filter(account, chain, f"{{ {FAILED_SIGN_INS} }}", "SignInFailures")
    put_alarm(account, chain, {"AlarmName": "sign-in-failures", "MetricName": "SignInFailures"})
    account.client("cloudwatch").disable_alarm_actions(AlarmNames=["sign-in-failures"])
    composite = under_a_composite(account, chain, f"ALARM({ALARM}) OR ALARM(sign-in-failures)")
    rings(composite, NOON - timedelta(days=9), timedelta(hours=60))

    findings = invoke(aws, account).log["findings"]

    assert [each["message"] for each in findings if each["resource"] == "page"] == [
        (
            f"alarm `page` was in ALARM for 2 days of 14 days: metric filter `other` also matches {ANYBODY}, "
            "so a root event may change nothing"
        )
    ]
