"""Accounts under an organization trail: what is read where, and with whose credentials.

M is the management account, which the trail's ARN names; D is CloudTrail's delegated administrator,
which may have the log group.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest

from root_usage_alarm.demo.invocation import invoke
from root_usage_alarm.local_aws import Account, LocalAws, hooks
from root_usage_alarm.local_aws.accounts import CIS_PATTERN, build_working_chain, put_alarm
from tests.handler import test_alarm_codes, test_delivery_codes, test_handler, test_trail_codes
from tests.handler.evaluation import ACCOUNT_ID, Answer, Build, Refusal, answering, leading
from tests.handler.organization import (
    ROLE,
    delegated,
    management,
    under_a_delegated_administrators_trail,
    under_an_organization_trail,
)

NO_ROLE: dict[str, str] = {}
# The state of an account's own copy of the trail.
DELIVERS = {"IsLogging": True, "LatestCloudWatchLogsDeliveryTime": datetime.now(UTC)}


def broken(code: str, annotation: str) -> tuple[str, str, str]:
    return "NON_COMPLIANT", code, f"{annotation} [{code}]"


IN_THE_DELEGATED_ACCOUNT = broken(
    "TRAIL_OF_ANOTHER_ACCOUNT",
    "cannot verify: trail `account-trail` delivers to a log group of account 777788889999, where its alarm "
    "and topic are. Name a role there that may read them in parameter ReadingRoleName",
)


@pytest.mark.parametrize("has_namesake", [False, True])
def test_4_management_account_never_takes_its_own_namesakes_for_those_of_the_log_groups_account(
    aws: LocalAws, account: Account, *, has_namesake: bool
) -> None:
    """D's log group has no filter; M's own group of that name has a chain that works."""
    under_a_delegated_administrators_trail(account, metric_filter=None, alarm=None)
    if has_namesake:
        build_working_chain(management(account), trail=None)

    assert leading(invoke(aws, management(account), NO_ROLE)) == IN_THE_DELEGATED_ACCOUNT


def test_4_member_without_a_role_is_told_the_log_groups_account(aws: LocalAws, account: Account) -> None:
    under_a_delegated_administrators_trail(account)

    assert leading(invoke(aws, account, NO_ROLE)) == IN_THE_DELEGATED_ACCOUNT


def test_1_whole_chain_of_the_management_account(aws: LocalAws, account: Account) -> None:
    under_an_organization_trail(account)

    assert invoke(aws, account, ROLE).evaluation["ComplianceType"] == "COMPLIANT"


@pytest.mark.parametrize("has_role", [False, True])
def test_1_delegated_administrator_sees_its_own_chain(
    aws: LocalAws, account: Account, *, has_role: bool
) -> None:
    under_a_delegated_administrators_trail(account)
    delegated(account).client("iam").generate_credential_report()

    invocation = invoke(aws, delegated(account), ROLE if has_role else NO_ROLE)

    assert invocation.evaluation["ComplianceType"] == "COMPLIANT"
    assert "sts:AssumeRole" not in invocation.log["calls"]


# -- what is broken in the other account ---------------------------------------------------------------


def without_a_log_group(member: Account) -> None:
    chain = under_an_organization_trail(member)
    management(member).client("logs").delete_log_group(logGroupName=chain.log_group_name)


def with_a_topic_of_the_member(member: Account) -> None:
    """The management account's alarm notifies the member's topic, to which nobody has subscribed."""
    topic_arn = build_working_chain(
        member, trail=None, log_group=None, metric_filter=None, alarm=None, subscriptions=[]
    ).topic_arn
    chain = under_an_organization_trail(member, alarm=None, topic=None)
    put_alarm(management(member), chain, {"AlarmActions": [topic_arn]})
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "cloudwatch.amazonaws.com"},
        "Action": "sns:Publish",
        "Resource": topic_arn,
    }
    member.client("sns").set_topic_attributes(
        TopicArn=topic_arn,
        AttributeName="Policy",
        AttributeValue=json.dumps({"Version": "2012-10-17", "Statement": [statement]}),
    )


ELSEWHERE = [
    pytest.param(
        partial(under_an_organization_trail, trail={"IsMultiRegionTrail": False}),
        "TRAIL_SINGLE_REGION",
        "in account 444455556666: trail `account-trail` records eu-west-1 only, so root's use of other "
        "regions goes unseen. Make it a multi-region trail",
        id="single-region-trail",
    ),
    pytest.param(
        partial(under_an_organization_trail, event_selectors=[{"ReadWriteType": "WriteOnly"}]),
        "TRAIL_WITHOUT_READ_EVENTS",
        "in account 444455556666: trail `account-trail` records write events only, so root's List, Get and "
        "Describe calls go unseen. Record read management events too",
        id="write-only-trail",
    ),
    pytest.param(
        without_a_log_group,
        "LOG_GROUP_MISSING",
        "in account 444455556666: the trail's log group `cloudtrail` doesn't exist in eu-west-1, "
        "so root events are lost. Create it again, or join the trail to another",
        id="deleted-log-group",
    ),
    pytest.param(
        partial(under_an_organization_trail, metric_filter=None),
        "NO_METRIC_FILTER",
        "in account 444455556666: log group `cloudtrail` has no metric filter, so no alarm on it sees root "
        "events (EventBridge rules don't count, by AcceptedWays). "
        "Add the CIS root usage filter and an alarm",
        id="no-metric-filter",
    ),
    pytest.param(
        partial(under_a_delegated_administrators_trail, metric_filter=None),
        "NO_METRIC_FILTER",
        "in account 777788889999: log group `cloudtrail` has no metric filter, so no alarm on it sees root "
        "events (EventBridge rules don't count, by AcceptedWays). "
        "Add the CIS root usage filter and an alarm",
        id="no-metric-filter-in-the-delegated-account",
    ),
    pytest.param(
        partial(under_an_organization_trail, metric_filter={"filterPattern": '{ $.eventType = "None" }'}),
        "PATTERN_MISSES_ROOT_EVENT",
        "in account 444455556666: the metric filter of log group `cloudtrail` doesn't match any root event, "
        "so no one is told. Add the CIS root usage filter and an alarm",
        id="pattern-of-something-else",
    ),
    pytest.param(
        partial(
            under_an_organization_trail,
            metric_filter={"filterPattern": CIS_PATTERN.replace(" }", ' && $.awsRegion != "us-west-2" }')},
        ),
        "PATTERN_MISSES_ROOT_EVENT",
        "in account 444455556666: metric filter `RootAccountUsageCount`: misses us-west-2, "
        "so no one is told of it. Use the CIS root usage pattern",
        id="pattern-without-a-region",
    ),
    pytest.param(
        partial(under_an_organization_trail, alarm=None),
        "NO_ALARM",
        "in account 444455556666: no alarm watches metric `CloudTrailMetrics/RootAccountUsageCount` of "
        "metric filter `RootAccountUsageCount`, so no one is told. Create an alarm on it (Sum >= 1)",
        id="no-alarm",
    ),
    pytest.param(
        partial(under_an_organization_trail, alarm={"Threshold": 5.0}),
        "ALARM_THRESHOLD_TOO_HIGH",
        "in account 444455556666: alarm `RootAccountUsageCountAlarm`: rings at Sum >= 5, but one root event "
        "gives 1, so no one is told. Lower the threshold to 1",
        id="alarm-wants-five",
    ),
    pytest.param(
        partial(under_an_organization_trail, topic={"KmsMasterKeyId": "alias/aws/sns"}),
        "TOPIC_KEY_AWS_MANAGED",
        "in account 444455556666: topic `security-alerts` is encrypted with AWS's own key, which CloudWatch "
        "may not use, so no one is told. "
        "Encrypt the topic with a customer managed key that cloudwatch.amazonaws.com may use",
        id="aws-managed-key",
    ),
    pytest.param(
        partial(under_an_organization_trail, confirmed=False),
        "SUBSCRIPTION_PENDING",
        "in account 444455556666: topic `security-alerts` has 1 pending subscription "
        "(email `security@example.com`) and none confirmed, so no one is told. "
        "Click the link in the confirmation mail within two days, or subscribe again",
        id="pending",
    ),
    pytest.param(
        with_a_topic_of_the_member,
        "NO_SUBSCRIPTION",
        "topic `security-alerts` has no subscription, so no one is told. "
        "Subscribe a person by e-mail, and click the link in the confirmation mail",
        id="topic-of-the-evaluated-account",
    ),
]


@pytest.mark.parametrize(("build", "code", "annotation"), ELSEWHERE)
def test_3_broken_link_in_another_account_is_named_with_the_account(
    aws: LocalAws, account: Account, build: Build, code: str, annotation: str
) -> None:
    """Nobody is told to press Remediate, which leaves the other account alone."""
    build(account)

    assert leading(invoke(aws, account, ROLE)) == broken(code, annotation)


def test_3_call_that_another_account_refuses_is_named_with_the_account(
    aws: LocalAws, account: Account
) -> None:
    under_an_organization_trail(account)

    with answering({"logs:DescribeMetricFilters": Refusal("AccessDeniedException")}):
        invocation = invoke(aws, account, ROLE)

    assert leading(invocation) == broken(
        "METRIC_FILTERS_UNREADABLE",
        "in account 444455556666: cannot verify the metric filters of log group `cloudtrail`: "
        "logs:DescribeMetricFilters answered AccessDeniedException. "
        "Allow logs:DescribeMetricFilters to the role that the rule reads with",
    )


def test_3_delegated_administrator_is_not_told_to_press_remediate(aws: LocalAws, account: Account) -> None:
    """The document refuses another account's trail there as well."""
    under_a_delegated_administrators_trail(account, metric_filter=None)

    assert leading(invoke(aws, delegated(account), NO_ROLE)) == broken(
        "NO_METRIC_FILTER",
        "log group `cloudtrail` has no metric filter, so no alarm on it sees root events "
        "(EventBridge rules don't count, by AcceptedWays). "
        "Add the CIS root usage filter and an alarm",
    )


def test_3_alarm_of_another_account_that_kept_silent(aws: LocalAws, account: Account) -> None:
    chain = under_an_organization_trail(account)
    long_ago, yesterday = (datetime.now(UTC) - timedelta(days=days) for days in (100, 1))
    hooks.stands_since(chain.trail_arn, chain.alarm_arn, long_ago)
    hooks.sign_in_as_root(ACCOUNT_ID, yesterday)

    with answering({"cloudtrail:LookupEvents": {"Events": []}}):
        invocation = invoke(aws, account, ROLE)

    assert leading(invocation) == broken(
        "ROOT_USE_WENT_UNHEARD",
        f"root was used on {yesterday:%Y-%m-%d} (`ConsoleLogin`), but alarm `RootAccoun..eCountAlarm` of "
        "account 444455556666 has no action recorded for it, so no one was told. "
        "Find out which link failed; if that is repaired by now, save the alarm anew",
    )


def test_1_log_says_in_which_account_each_link_is(aws: LocalAws, account: Account) -> None:
    under_a_delegated_administrators_trail(account)

    (chain,) = invoke(aws, account, ROLE).log["chains"]

    assert [(step["link"], step["accountId"]) for step in chain["steps"]] == [
        ("TRAIL", "444455556666"),
        ("LOG_GROUP", "777788889999"),
        ("METRIC_FILTER", "777788889999"),
        ("ALARM", "777788889999"),
        ("ACTION", "777788889999"),
        ("SUBSCRIBER", "777788889999"),
    ]


def test_3_log_says_in_which_account_the_broken_link_is(aws: LocalAws, account: Account) -> None:
    under_an_organization_trail(account, alarm=None)

    (finding,) = invoke(aws, account, ROLE).log["findings"]

    assert (finding["accountId"], finding["resource"]) == ("444455556666", "RootAccountUsageCount")


# Rows that lead to another finding, or to none, when they are built in the owner's account.
ONLY_HERE = {"no-trail", "channel", "organization-trail", "topic-of-another-account"}
EVERY_ROW = [
    row
    for table in (test_handler, test_trail_codes, test_alarm_codes, test_delivery_codes)
    for row in table.BROKEN
    if row.id not in ONLY_HERE
]


@pytest.mark.parametrize(("build", "code"), [pytest.param(*row.values[:2], id=row.id) for row in EVERY_ROW])
def test_3_there_is_room_for_account_and_remedy(
    aws: LocalAws, account: Account, build: Build, code: str
) -> None:
    build(management(account))
    for trail in management(account).client("cloudtrail").describe_trails()["trailList"]:
        hooks.show_organization_trail(trail["TrailARN"], ACCOUNT_ID)

    with answering({"cloudtrail:GetTrailStatus": DELIVERS}, caller=ACCOUNT_ID):
        invocation = invoke(aws, account, ROLE)

    annotation, lead = invocation.evaluation["Annotation"], invocation.log["findings"][0]
    assert (lead["code"], lead["accountId"]) == (code, "444455556666")
    assert "444455556666" in annotation
    assert lead["remedy"][1:] in annotation


def test_4_trail_of_another_account_that_is_no_organization_trail(aws: LocalAws, account: Account) -> None:
    """AWS shows no such trail; if it does, its copy here and the whole chain there prove nothing."""
    chain = under_an_organization_trail(account)
    management(account).client("cloudtrail").update_trail(Name=chain.trail_arn, IsOrganizationTrail=False)

    assert leading(invoke(aws, account, ROLE)) == broken(
        "TRAIL_OF_ANOTHER_ACCOUNT",
        "cannot verify: trail `account-trail` belongs to account 444455556666 and is no organization trail, "
        "so it may not record this account. Make it an organization trail, or create one in this account",
    )


# -- the account's own copy of the trail ---------------------------------------------------------------

IN_ZURICH = partial(under_an_organization_trail, region="eu-central-2")
LONG_AGO = datetime(2026, 1, 2, 3, 4, tzinfo=UTC)

COPIES = [
    pytest.param(
        Refusal("AccessDeniedException"),
        "TRAIL_UNREADABLE",
        "cannot verify that account 111122223333 sends events to trail `account-trail` of account "
        "444455556666: cloudtrail:GetTrailStatus answered AccessDeniedException, so root events may not "
        "arrive. Allow it to the evaluation role",
        under_an_organization_trail,
        id="refused",
    ),
    pytest.param(
        Refusal("UnrecognizedClientException"),
        "TRAIL_UNREADABLE",
        "cannot verify that account 111122223333 sends events to trail `account-trail` of account "
        "444455556666: cloudtrail:GetTrailStatus answered UnrecognizedClientException, so root events may "
        "not arrive. Allow it to the evaluation role",
        under_an_organization_trail,
        id="credentials-not-known-in-the-region",
    ),
    pytest.param(
        Refusal("TrailNotFoundException"),
        "TRAIL_UNREADABLE",
        "account 111122223333 shows no copy of trail `account-trail` of account 444455556666: "
        "cloudtrail:GetTrailStatus answered TrailNotFoundException, so root events may not arrive. "
        "Wait a day if it is new, else have its owner check it",
        under_an_organization_trail,
        id="no-copy",
    ),
    pytest.param(
        DELIVERS | {"IsLogging": False},
        "TRAIL_NOT_LOGGING",
        "the copy of trail `account-trail` in account 111122223333 doesn't log, so nothing that root does "
        "is recorded. Have account 444455556666 start the trail's logging",
        under_an_organization_trail,
        id="stopped",
    ),
    pytest.param(
        DELIVERS | {"LatestCloudWatchLogsDeliveryError": "AccessDenied"},
        "TRAIL_DELIVERY_FAILS",
        "the copy of trail `account-trail` in account 111122223333 can't deliver to CloudWatch Logs "
        "(`AccessDenied`), so no filter sees its root events. "
        "Have account 444455556666 let the trail's role write to the log group",
        under_an_organization_trail,
        id="error-of-the-log-group",
    ),
    pytest.param(
        {"IsLogging": True, "LatestDeliveryError": "NoSuchBucket"},
        "TRAIL_DELIVERY_FAILS",
        "the copy of trail `account-trail` in account 111122223333 can't deliver (`NoSuchBucket`), "
        "so root events may not arrive. "
        "Have account 444455556666 repair the trail's bucket, its policy or key, and save the trail",
        under_an_organization_trail,
        id="error-of-the-bucket",
    ),
    pytest.param(
        DELIVERS | {"LatestCloudWatchLogsDeliveryTime": LONG_AGO},
        "TRAIL_DELIVERY_STALE",
        "the copy of trail `account-trail` in account 111122223333 delivered nothing to CloudWatch Logs "
        "since 2026-01-02 03:04 UTC, so root events may not arrive. "
        "Have account 444455556666 check the trail's log group and role",
        under_an_organization_trail,
        id="stale",
    ),
    pytest.param(
        DELIVERS | {"LatestCloudWatchLogsDeliveryTime": LONG_AGO},
        "TRAIL_DELIVERY_STALE",
        "the copy of trail `account-trail` in account 111122223333 delivered nothing to CloudWatch Logs "
        "since 2026-01-02 03:04 UTC, so root events may not arrive. "
        "Have account 777788889999 check the trail's log group and role",
        under_a_delegated_administrators_trail,
        id="stale-in-the-delegated-account",
    ),
    pytest.param(
        Refusal("UnrecognizedClientException"),
        "TRAIL_AT_HOME_IN_OPT_IN_REGION",
        "trail `account-trail` is at home in opt-in region eu-central-2 and account 111122223333 may send "
        "it nothing (UnrecognizedClientException). "
        "Enable it and allow GetTrailStatus there, or have account 444455556666 move it",
        IN_ZURICH,
        id="region-that-the-account-has-not-enabled",
    ),
]


@pytest.mark.parametrize(("answer", "code", "annotation", "build"), COPIES)
def test_3_copy_of_the_trail_that_sends_nothing_is_named(
    aws: LocalAws, account: Account, answer: Answer, code: str, annotation: str, build: Build
) -> None:
    build(account)

    with answering({"cloudtrail:GetTrailStatus": answer}, caller=ACCOUNT_ID):
        invocation = invoke(aws, account, ROLE)

    assert leading(invocation) == broken(code, annotation)


@pytest.mark.parametrize(
    ("build", "answer", "note"),
    [
        pytest.param(under_an_organization_trail, DELIVERS, "", id="delivers"),
        pytest.param(
            under_an_organization_trail,
            DELIVERS | {"LatestCloudWatchLogsDeliveryTime": datetime.now(UTC) - timedelta(hours=24)},
            "",
            id="delivered-yesterday",
        ),
        pytest.param(
            under_an_organization_trail,
            DELIVERS | {"LatestDeliveryError": "NoSuchBucket"},
            "",
            id="error-of-the-bucket-but-the-log-group-gets-its-events",
        ),
        pytest.param(
            under_an_organization_trail,
            {"IsLogging": True},
            "; note: trail `account-trail`: this account's copy shows no time of delivery",
            id="members-left-out",
        ),
        pytest.param(
            under_an_organization_trail,
            DELIVERS | {"LatestNotificationError": "AuthorizationError"},
            "",
            id="error-of-the-trail's-own-topic",
        ),
        pytest.param(IN_ZURICH, DELIVERS, "", id="opt-in-region-that-is-enabled"),
    ],
)
def test_1_copy_of_the_trail_that_sends_events(
    aws: LocalAws, account: Account, build: Build, answer: dict[str, Any], note: str
) -> None:
    build(account)

    with answering({"cloudtrail:GetTrailStatus": answer}, caller=ACCOUNT_ID):
        evaluation = invoke(aws, account, ROLE).evaluation

    assert (evaluation["ComplianceType"], evaluation["Annotation"]) == (
        "COMPLIANT",
        (
            "root use is told: alarm `RootAccountUsageCountAlarm` of account 444455556666 -> "
            f"topic `security-alerts` -> 1 confirmed subscriber (email){note}; root not used for 90 days"
        ),
    )


def test_4_management_account_has_enabled_its_trails_home_region(aws: LocalAws, account: Account) -> None:
    """Whatever refuses the state of its own trail, it isn't the region."""
    there = Account(account.account_id, "eu-central-2", account.endpoint_url)
    under_a_delegated_administrators_trail(there)
    refused = {"cloudtrail:GetTrailStatus": Refusal("AccessDeniedException")}

    with answering(refused, caller=management(there).account_id):
        invocation = invoke(aws, management(there), ROLE)

    assert leading(invocation) == broken(
        "TRAIL_UNREADABLE",
        "cannot verify that account 444455556666 sends events to trail `account-trail` of account "
        "444455556666: cloudtrail:GetTrailStatus answered AccessDeniedException, so root events may not "
        "arrive. Allow it to the evaluation role",
    )


# -- the role in the account that is read ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("build", "where"),
    [
        pytest.param(under_an_organization_trail, "444455556666", id="management-account"),
        pytest.param(under_a_delegated_administrators_trail, "777788889999", id="delegated-administrator"),
    ],
)
def test_4_role_that_can_not_be_assumed_is_named_with_its_account(
    aws: LocalAws, account: Account, build: Build, where: str
) -> None:
    build(account)

    with answering({"sts:AssumeRole": Refusal("AccessDenied")}):
        invocation = invoke(aws, account, ROLE)

    assert leading(invocation) == broken(
        "TRAIL_UNREADABLE",
        f"cannot verify trail `account-trail`: role `RootUsageAlarmRule-reading` of account {where} "
        "can't be assumed (AccessDenied). "
        "Create it there, or let it trust the evaluation role and that assume it",
    )


def test_4_call_that_the_delegated_administrator_refuses(aws: LocalAws, account: Account) -> None:
    under_a_delegated_administrators_trail(account)

    with answering({"cloudtrail:GetEventSelectors": Refusal("AccessDeniedException")}):
        invocation = invoke(aws, account, ROLE)

    assert leading(invocation) == broken(
        "TRAIL_UNREADABLE",
        "in account 777788889999: cannot verify trail `account-trail` of account 444455556666: "
        "cloudtrail:GetEventSelectors answered AccessDeniedException. "
        "Allow cloudtrail:GetEventSelectors to the role that the rule reads with",
    )
