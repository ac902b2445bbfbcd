"""Root who hides root: what root itself changed in the chain, seen at noon on 20 November 2026."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from root_usage_alarm.demo.invocation import Invocation, invoke
from root_usage_alarm.local_aws import Account, LocalAws, hooks
from root_usage_alarm.local_aws.accounts import (
    ALARM,
    EVENT_RULE,
    LOG_GROUP,
    METRIC_NAME,
    METRIC_NAMESPACE,
    build_event_rules,
)
from tests.handler.evaluation import ACCOUNT_ID, REGION, Answer, Refusal, answering, leading
from tests.handler.test_dated_codes import Clock, chain_since
from tests.handler.test_event_hubs import OWN_ARN, to_hub

SIGNED_IN = datetime(2026, 11, 17, 7, 1, tzinfo=UTC)
SAVED = datetime(2026, 11, 17, 7, 11, tzinfo=UTC)  # by root, who enables the alarm's actions again
TOPIC = f"arn:aws:sns:{REGION}:{ACCOUNT_ID}:security-alerts"
TRAIL_ROLE = f"cloudtrail-to-{LOG_GROUP}-{REGION}"
OTHER_TOPIC = f"arn:aws:sns:{REGION}:{ACCOUNT_ID}:builds"


@pytest.fixture(autouse=True)
def noon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("RootUsageAlarmRule.datetime", Clock)


def event(
    name: str,
    minute: int = 5,
    parameters: Mapping[str, Any] | None = None,
    source: str = "monitoring",
    identity: str = "Root",
    **record: Any,
) -> dict[str, Any]:
    """A member of LookupEvents' answer, of 07:`minute`."""
    whole = {
        "userIdentity": {"type": identity, "accountId": ACCOUNT_ID},
        "sourceIPAddress": "198.51.100.7",
        "eventType": "AwsApiCall",
        "requestParameters": parameters,
        **record,
    }
    return {
        "EventId": f"{name}-{minute}",
        "EventTime": SIGNED_IN.replace(minute=minute),
        "EventName": name,
        "EventSource": f"{source}.amazonaws.com",
        "CloudTrailEvent": json.dumps(whole),
    }


def filter_on(metric_name: str) -> dict[str, Any]:
    transformation = {"metricName": metric_name, "metricNamespace": METRIC_NAMESPACE, "metricValue": "1"}
    parameters = {"filterName": "noise", "filterPattern": "", "metricTransformations": [transformation]}
    return event("PutMetricFilter", 5, parameters, "logs")


SIGN_IN = event("ConsoleLogin", 1, source="signin", eventType="AwsConsoleSignIn")
OF_ALARM = {"alarmNames": [ALARM]}
STORY = (
    event("EnableAlarmActions", 10, OF_ALARM),
    event("CreateUser", 6, {"userName": "backdoor"}, source="iam"),
    event("DisableAlarmActions", 5, OF_ALARM),
    SIGN_IN,
)


def with_deeds(account: Account, stands_since: datetime = SAVED) -> None:
    chain_since(account, stands_since)
    hooks.sign_in_as_root(ACCOUNT_ID, SIGNED_IN)


def judged(
    aws: LocalAws, account: Account, answer: Answer, parameters: Mapping[str, str] | None = None
) -> Invocation:
    with answering({"cloudtrail:LookupEvents": answer}):
        return invoke(aws, account, parameters or {})


def judged_by(
    aws: LocalAws, account: Account, *events: dict[str, Any], **parameters: str
) -> tuple[str, list[str]]:
    with_deeds(account)
    invocation = judged(aws, account, {"Events": [*events, SIGN_IN]}, parameters)
    return invocation.evaluation["ComplianceType"], list(invocation.codes)


CHANGED = [
    pytest.param(
        {"Events": list(STORY)},
        "ROOT_CHANGED_THE_CHAIN",
        "root called DisableAlarmActions for `RootAccountUsageCountAlarm` on 2026-11-17 07:05 UTC from "
        "`198.51.100.7` (and 1 more), so its use may have gone unheard. "
        "Look into it, then set RootChangesReviewedUntil to 2026-11-17T07:10:01Z",
        id="actions-disabled-and-enabled-again",
    ),
    pytest.param(
        {"Events": [event("DeleteConfigRule", 5, {"configRuleName": "x"}, source="config"), SIGN_IN]},
        "ROOT_CHANGED_THE_CHAIN",
        "root called DeleteConfigRule on 2026-11-17 07:05 UTC from `198.51.100.7`, so its use may have gone "
        "unheard. Look into it, then set RootChangesReviewedUntil to 2026-11-17T07:05:01Z",
        id="something-of-the-rule",
    ),
    pytest.param(
        {"Events": [SIGN_IN], "NextToken": "more"},
        "ROOT_CHANGES_UNVERIFIED",
        "cannot verify that root left alone what tells of its use: us-east-1 has more than 20 events of "
        "root. Look through them there, then set RootChangesReviewedUntil",
        id="more-than-is-read",
    ),
]


@pytest.mark.parametrize(("answer", "code", "annotation"), CHANGED)
def test_3_what_root_changed_is_named(
    aws: LocalAws,
    account: Account,
    monkeypatch: pytest.MonkeyPatch,
    answer: Answer,
    code: str,
    annotation: str,
) -> None:
    monkeypatch.setattr("root_usage.aws.event_history.SECONDS_BETWEEN_PAGES", 0)
    with_deeds(account)

    invocation = judged(aws, account, answer)

    assert leading(invocation) == ("NON_COMPLIANT", code, f"{annotation} [{code}]")


def test_3_saving_the_alarm_anew_clears_nothing(aws: LocalAws, account: Account) -> None:
    with_deeds(account, datetime(2026, 11, 20, 11, 59, tzinfo=UTC))

    assert judged(aws, account, {"Events": list(STORY)}).codes == ["ROOT_CHANGED_THE_CHAIN"]


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(event("StopLogging", 5, {"name": "management"}, "cloudtrail"), id="another-trail"),
        pytest.param(event("DeleteAlarms", 5, {"alarmNames": ["cpu"]}), id="another-alarm"),
        pytest.param(event("DeleteTopic", 5, {"topicArn": OTHER_TOPIC}, "sns"), id="another-topic"),
        pytest.param(event("DisableKey", 5, {"keyId": "a-key"}, "kms"), id="key-that-no-topic-has"),
        pytest.param(filter_on("Sign-ins"), id="filter-on-another-metric"),
        pytest.param(event("DeleteRolePolicy", 5, {"roleName": "app"}, "iam"), id="another-role"),
        pytest.param(event("DisableAlarmActions", 5, OF_ALARM, identity="IAMUser"), id="somebody-elses"),
        pytest.param(event("DisableAlarmActions", 5, OF_ALARM, errorCode="AccessDenied"), id="failed"),
        pytest.param(event("DescribeAlarms", 5, OF_ALARM), id="a-read"),
    ],
)
def test_1_what_changed_nothing_of_the_chain_does_not_count(
    aws: LocalAws, account: Account, change: dict[str, Any]
) -> None:
    assert judged_by(aws, account, change)[1] == []


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(event("PutMetricAlarm", 5, {"alarmName": ALARM}), id="alarm"),
        pytest.param(event("PutAlarmMuteRule", 5, {"muteTargets": OF_ALARM}), id="mute-rule-of-it"),
        pytest.param(event("DeleteAlarmMuteRule", 5, {"alarmMuteRuleName": "night"}), id="mute-rule"),
        pytest.param(event("DeleteAlarms", 5), id="alarms-that-the-event-does-not-name"),
        pytest.param(event("SetTopicAttributes", 5, {"topicArn": TOPIC}, "sns"), id="topic"),
        pytest.param(event("Unsubscribe", 5, {"subscriptionArn": f"{TOPIC}:1-2"}, "sns"), id="subscription"),
        pytest.param(event("UpdateFunctionCode20150331v2", 5, source="lambda"), id="function"),
        pytest.param(event("AssociateKmsKey", 5, {"logGroupName": LOG_GROUP}, "logs"), id="log-groups-key"),
        pytest.param(filter_on(METRIC_NAME), id="another-filter-that-may-drown-its-metric"),
        pytest.param(event("DeleteRolePolicy", 5, {"roleName": TRAIL_ROLE}, "iam"), id="role-that-delivers"),
        pytest.param(event("UpdateAssumeRolePolicy", 5, {"roleName": TRAIL_ROLE}, "iam"), id="its-trust"),
        pytest.param(event("SetDefaultPolicyVersion", 5, {"policyArn": "x"}, "iam"), id="policy-of-any-role"),
        pytest.param(
            event("DisableAlarmActions", 5, OF_ALARM, invokedBy="cloudformation.amazonaws.com"),
            id="through-a-service",
        ),
    ],
)
def test_3_what_may_have_changed_the_chain_counts(
    aws: LocalAws, account: Account, change: dict[str, Any]
) -> None:
    assert judged_by(aws, account, change) == ("NON_COMPLIANT", ["ROOT_CHANGED_THE_CHAIN"])


@pytest.mark.parametrize(
    ("reviewed_until", "codes"),
    [
        pytest.param("2026-11-17T07:10:01Z", [], id="behind-the-last-change"),
        pytest.param("2026-11-17T07:09:59Z", ["ROOT_CHANGED_THE_CHAIN"], id="ahead-of-the-last-change"),
    ],
)
def test_1_reviewed_changes_do_not_count(
    aws: LocalAws, account: Account, reviewed_until: str, codes: list[str]
) -> None:
    assert judged_by(aws, account, *STORY, RootChangesReviewedUntil=reviewed_until)[1] == codes


def test_1_look_back_ends_at_its_days(aws: LocalAws, account: Account) -> None:
    chain_since(account, SAVED)
    hooks.sign_in_as_root(ACCOUNT_ID, SIGNED_IN)

    asked = judged(aws, account, {"Events": list(STORY)}, {"RootUsageLookbackDays": "2"})

    assert asked.codes == []


def test_3_refused_credential_report_does_not_hide_what_root_changed(aws: LocalAws, account: Account) -> None:
    with_deeds(account)

    with answering(
        {
            "iam:GetCredentialReport": Refusal("AccessDenied"),
            "cloudtrail:LookupEvents": {"Events": list(STORY)},
        }
    ):
        invocation = invoke(aws, account)

    assert invocation.codes == ["ROOT_CHANGED_THE_CHAIN"]


def test_3_refused_event_history_is_no_proof(aws: LocalAws, account: Account) -> None:
    chain_since(account, datetime(2026, 11, 1, tzinfo=UTC))
    hooks.sign_in_as_root(ACCOUNT_ID, datetime(2026, 9, 21, 8, 15, tzinfo=UTC))

    invocation = judged(aws, account, Refusal("AccessDeniedException"))

    assert leading(invocation) == (
        "NON_COMPLIANT",
        "ROOT_CHANGES_UNVERIFIED",
        (
            "cannot verify that root left alone what tells of its use: cloudtrail:LookupEvents answered "
            "AccessDeniedException in us-east-1. Allow cloudtrail:LookupEvents there to the role that the "
            "rule reads with [ROOT_CHANGES_UNVERIFIED]"
        ),
    )


def test_5_what_is_yet_to_come_reviews_nothing(aws: LocalAws, account: Account) -> None:
    with_deeds(account)

    until = {"RootChangesReviewedUntil": "2026-11-21T00:00:00Z"}
    invocation = judged(aws, account, {"Events": list(STORY)}, until)

    assert invocation.codes == ["INVALID_PARAMETER", "ROOT_CHANGED_THE_CHAIN"]
    assert invocation.evaluation["Annotation"] == (
        "cannot verify: rule parameter `RootChangesReviewedUntil` is 2026-11-21T00:00:00Z, and nobody has "
        "reviewed what is yet to come. Set it to a time that has passed (1 more finding) "
        "[INVALID_PARAMETER]; root last used 2026-11-17 (console)"
    )


BY_RULES = {"AcceptedWays": "eventbridge"}
DISABLED = event("DisableRule", 5, {"name": EVENT_RULE}, "events")


def with_rules_and_deeds(account: Account) -> None:
    hooks.enable_regions(ACCOUNT_ID, account.region)
    build_event_rules(account, [account.region])
    hooks.sign_in_as_root(ACCOUNT_ID, SIGNED_IN)


@pytest.mark.parametrize(
    ("change", "codes"),
    [
        pytest.param(DISABLED, ["ROOT_CHANGED_THE_CHAIN"], id="disabled"),
        pytest.param(
            event("RemoveTargets", 5, {"rule": EVENT_RULE, "ids": ["people"]}, "events"),
            ["ROOT_CHANGED_THE_CHAIN"],
            id="targets-removed",
        ),
        pytest.param(
            event("EnableRegion", 5, {"RegionName": "af-south-1"}, "account"),
            ["ROOT_CHANGED_THE_CHAIN"],
            id="region-enabled",
        ),
        pytest.param(event("PutRule", 5, {"name": "nightly"}, "events"), [], id="another-rule"),
        # What it did is told by the rule; EventBridge keeps no history of that.
        pytest.param(SIGN_IN, [], id="used-only"),
    ],
)
def test_3_what_root_changed_of_an_event_rule_is_told(
    aws: LocalAws, account: Account, change: dict[str, Any], codes: list[str]
) -> None:
    with_rules_and_deeds(account)

    assert judged(aws, account, {"Events": [change, SIGN_IN]}, BY_RULES).codes == codes


@pytest.mark.parametrize(
    ("change", "codes"),
    [
        pytest.param(
            event("DeleteRolePolicy", 5, {"roleName": "forward", "policyName": "put"}, "iam"),
            ["ROOT_CHANGED_THE_CHAIN"],
            id="role",
        ),
        pytest.param(
            event("PutPermission", 5, {"eventBusName": "central"}, "events"),
            ["ROOT_CHANGED_THE_CHAIN"],
            id="policy-of-the-bus",
        ),
        pytest.param(event("UpdateEventBus", 5, {"name": "orders"}, "events"), [], id="another-bus"),
    ],
)
def test_3_what_root_changed_of_forwarding_is_told(
    aws: LocalAws, account: Account, change: dict[str, Any], codes: list[str]
) -> None:
    to_hub(bus_arn=OWN_ARN)(account)
    hooks.sign_in_as_root(ACCOUNT_ID, SIGNED_IN)

    assert judged(aws, account, {"Events": [change, SIGN_IN]}, BY_RULES).codes == codes


def test_1_event_rule_that_tells_nobody_by_the_parameter_does_not_count(
    aws: LocalAws, account: Account
) -> None:
    enabled = event("EnableRegion", 5, source="account")

    assert judged_by(aws, account, DISABLED, enabled) == ("COMPLIANT", [])


def test_1_policy_of_an_event_bus_that_nobody_forwards_to_does_not_count(
    aws: LocalAws, account: Account
) -> None:
    change = event("PutPermission", 5, {"statementId": "partner"}, "events")

    assert judged_by(aws, account, change) == ("COMPLIANT", [])
