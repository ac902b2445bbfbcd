"""Accounts that tell by EventBridge's rules, where AcceptedWays has them: what is proven, what is missing."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from root_usage_alarm.demo.invocation import Invocation, invoke
from root_usage_alarm.local_aws import Account, LocalAws, hooks
from root_usage_alarm.local_aws.accounts import (
    UNSET,
    build_event_rules,
    build_working_chain,
)
from tests.handler.evaluation import (
    ACCOUNT_ID,
    OTHER_ACCOUNT_ID,
    REGION,
    Answer,
    Build,
    Refusal,
    answering,
    leading,
)
from tests.handler.organization import ROLE, under_an_organization_trail

HOME = "us-east-1"
RULES_ONLY = {"AcceptedWays": "eventbridge", "RootUsageLookbackDays": "0"}
EITHER = {"AcceptedWays": "alarm,eventbridge", "RootUsageLookbackDays": "0"}

TYPE_ROOT = {"userIdentity": {"type": ["Root"]}}
SIGN_INS = json.dumps({"detail-type": ["AWS Console Sign In via CloudTrail"], "detail": TYPE_ROOT})
CALLS = json.dumps(
    {"detail-type": ["AWS API Call via CloudTrail", "AWS Console Action via CloudTrail"], "detail": TYPE_ROOT}
)
# AWS Prescriptive Guidance: https://github.com/aws-samples/aws-iam-root-user-activity-monitor
CALLS_AND_SIGN_INS = json.dumps(
    {
        "detail-type": ["AWS API Call via CloudTrail", "AWS Console Sign In via CloudTrail"],
        "detail": TYPE_ROOT,
    }
)
FUNCTION_ARN = f"arn:aws:lambda:{REGION}:{ACCOUNT_ID}:function:page"


def two_regions(
    home: Mapping[str, Any] | None = None,
    there: Mapping[str, Any] | None = None,
    *,
    trail: Mapping[str, Any] | None = None,
    **both: Any,
) -> Build:
    """An account of two regions, each with a rule that works but for these members; None: without one."""

    def build(account: Account) -> None:
        hooks.enable_regions(account.account_id, HOME, REGION)
        build_event_rules(account, [], trail=trail or {})
        for region, members in ((HOME, home), (REGION, there)):
            if members is not None:
                build_event_rules(account, [region], trail=None, **both, **members)

    return build


WORKS: Mapping[str, Any] = {}
everywhere = two_regions(WORKS, WORKS)


def policy(*statements: Mapping[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def publishing(service: str, **more: Any) -> dict[str, Any]:
    principal = {"Service": service}
    return {"Effect": "Allow", "Principal": principal, "Action": "sns:Publish", "Resource": "*", **more}


def topic_policy(*statements: Mapping[str, Any]) -> dict[str, Any]:
    return {"topic": {"Policy": policy(*statements)}}


def beside_a_narrow_alarm(pattern: str) -> Build:
    """An alarm that tells of sign-ins in all regions, and a rule in each region."""

    def build(account: Account) -> None:
        hooks.enable_regions(account.account_id, HOME, REGION)
        narrow = '{ $.userIdentity.type = "Root" && $.eventType = "AwsConsoleSignIn" }'
        build_working_chain(account, metric_filter={"filterPattern": narrow})
        build_event_rules(account, [HOME, REGION], trail=None, rule={"EventPattern": pattern})

    return build


def two_rules_in_a_region(account: Account) -> None:
    everywhere_by_calls = two_regions(WORKS, WORKS, rule={"EventPattern": CALLS})
    everywhere_by_calls(account)
    build_event_rules(account, [HOME], trail=None, name="-sign-in", rule={"EventPattern": SIGN_INS})


WHOLE = [
    pytest.param(
        everywhere,
        RULES_ONLY,
        "root use is told: EventBridge rule `root-usage` in us-east-1 and 1 more region -> "
        "topic `security-alerts-events` -> 1 confirmed subscriber (email)",
        id="each-region",
    ),
    pytest.param(
        everywhere,
        EITHER,
        "root use is told: EventBridge rule `root-usage` in us-east-1 and 1 more region -> "
        "topic `security-alerts-events` -> 1 confirmed subscriber (email)",
        id="no-alarm",
    ),
    pytest.param(
        two_regions({}, {"rule": {"EventPattern": CALLS}}),
        RULES_ONLY,
        "root use is told: EventBridge rule `root-usage` in us-east-1 and 1 more region -> "
        "topic `security-alerts-events` -> 1 confirmed subscriber (email); 2 notes in the log",
        id="no-sign-ins-there",
    ),
    pytest.param(
        two_rules_in_a_region,
        RULES_ONLY,
        "root use is told: EventBridge rule `root-usage` in us-east-1 and 1 more region -> "
        "topic `security-alerts-events` -> 1 confirmed subscriber (email); 2 notes in the log",
        id="two-rules",
    ),
    pytest.param(
        beside_a_narrow_alarm(CALLS),
        EITHER,
        "root use is told: alarm `RootAccountUsageCountAlarm` (1 of 3 alarms and rules that "
        "cover root use together) -> topic `security-alerts` -> 1 confirmed subscriber (email);"
        " 2 notes in the log",
        id="alarm-and-rules",
    ),
    pytest.param(
        two_regions(WORKS, WORKS, target={"Input": '"root was used"'}),
        RULES_ONLY,
        "root use is told: EventBridge rule `root-usage` in us-east-1 and 1 more region -> "
        "topic `security-alerts-events` -> 1 confirmed subscriber (email); note: EventBridge "
        "rule `root-usage` sends a text that doesn't say what root did",
        id="constant-text",
    ),
    pytest.param(
        two_regions(WORKS, WORKS, target={"RetryPolicy": {"MaximumRetryAttempts": 0}}),
        RULES_ONLY,
        "root use is told: EventBridge rule `root-usage` in us-east-1 and 1 more region -> "
        "topic `security-alerts-events` -> 1 confirmed subscriber (email); note: EventBridge "
        "rule `root-usage` tries again 0 times at most, within 1440 min",
        id="one-try",
    ),
    pytest.param(
        two_regions(
            WORKS,
            WORKS,
            target={
                "InputTransformer": {"InputPathsMap": {"n": "$.detail.eventName"}, "InputTemplate": '"<n>"'}
            },
        ),
        RULES_ONLY,
        "root use is told: EventBridge rule `root-usage` in us-east-1 and 1 more region -> "
        "topic `security-alerts-events` -> 1 confirmed subscriber (email)",
        id="transformed",
    ),
    pytest.param(
        two_regions(
            WORKS,
            {
                "subscription": {
                    "FilterPolicy": json.dumps({"region": [REGION]}),
                    "FilterPolicyScope": "MessageBody",
                }
            },
        ),
        RULES_ONLY,
        "root use is told: EventBridge rule `root-usage` in us-east-1 and 1 more region -> "
        "topic `security-alerts-events` -> 1 confirmed subscriber (email)",
        id="filter-policy-on-the-event",
    ),
]

BROKEN = [
    pytest.param(
        two_regions(WORKS),
        RULES_ONLY,
        "REGION_WITHOUT_EVENT_RULE",
        "no one is told of root RunInstances in eu-west-1: EventBridge rule `root-usage` is in "
        "us-east-1 only. Put such a rule, its topic and subscription into every enabled region",
        id="region-forgotten",
    ),
    pytest.param(
        two_regions(WORKS),
        EITHER,
        "REGION_WITHOUT_EVENT_RULE",
        "no one is told of root RunInstances in eu-west-1: EventBridge rule `root-usage` is in "
        "us-east-1 only. Put such a rule, its topic and subscription into every enabled region "
        "(1 more finding)",
        id="region-forgotten-no-alarm",
    ),
    pytest.param(
        two_regions(),
        RULES_ONLY,
        "NO_EVENT_RULE",
        "no one is told of root CreateAccessKey in us-east-1, nor of root in 1 more region: no "
        "EventBridge rule matches it. Make a rule for userIdentity.type Root in every enabled "
        "region, with a topic there",
        id="no-rule",
    ),
    pytest.param(
        two_regions(),
        EITHER,
        "TRAIL_WITHOUT_LOG_GROUP",
        "trail `account-trail` doesn't deliver to CloudWatch Logs, so no filter sees root "
        "events. Join it to a log group (1 more finding)",
        id="no-rule-no-alarm",
    ),
    pytest.param(
        two_regions(WORKS, WORKS, rule={"State": "ENABLED"}),
        RULES_ONLY,
        "EVENT_RULE_WITHOUT_READS",
        "no one is told of root GetAccountSummary in us-east-1: EventBridge rule `root-usage` "
        "in state ENABLED gets no reads. Set its state to "
        "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS",
        id="state-enabled",
    ),
    pytest.param(
        two_regions(WORKS, {"rule": {"State": "DISABLED"}}),
        RULES_ONLY,
        "EVENT_RULE_DISABLED",
        "no one is told of root RunInstances in eu-west-1: EventBridge rule `root-usage` is in "
        "state DISABLED. Set its state to ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS",
        id="disabled",
    ),
    pytest.param(
        two_regions(WORKS, WORKS, rule={"EventPattern": SIGN_INS}),
        RULES_ONLY,
        "EVENT_PATTERN_MISSES_ROOT_EVENT",
        "no one is told of root CreateAccessKey in us-east-1: EventBridge rule `root-usage` "
        "doesn't match it. Let its pattern ask for userIdentity.type Root only",
        id="sign-ins-only",
    ),
    pytest.param(
        two_regions(WORKS, WORKS, rule={"EventPattern": CALLS_AND_SIGN_INS}),
        RULES_ONLY,
        "EVENT_PATTERN_MISSES_ROOT_EVENT",
        "no one is told of root GetPaymentInformation in us-east-1: EventBridge rule `root-"
        "usage` doesn't match it. Let its pattern ask for userIdentity.type Root only",
        id="recipe-of-aws",
    ),
    pytest.param(
        two_regions(
            WORKS,
            {
                "rule": {
                    "EventPattern": json.dumps({"detail": {**TYPE_ROOT, "requestID": [{"exists": True}]}})
                }
            },
        ),
        RULES_ONLY,
        "EVENT_PATTERN_MISSES_ROOT_EVENT",
        "no one is told of root RunInstances in eu-west-1: EventBridge rule `root-usage` "
        "doesn't match it. Let its pattern ask for userIdentity.type Root only",
        id="request-id",
    ),
    pytest.param(
        two_regions(
            WORKS,
            {"rule": {"EventPattern": json.dumps({"detail": {**TYPE_ROOT, "readOnly": [True, False]}})}},
        ),
        RULES_ONLY,
        "EVENT_PATTERN_UNDECIDED",
        "in eu-west-1: cannot verify that EventBridge rule `root-usage` matches all root events"
        " (depends on whether CloudTrail ever leaves out `readOnly`), so one may go unheard. "
        "Let its pattern ask for userIdentity.type Root only",
        id="undecided",
    ),
    pytest.param(
        two_regions(
            WORKS,
            {"rule": {"EventPattern": json.dumps({"detail": {"userIdentity": {"type": [{"is": "Root"}]}}})}},
        ),
        RULES_ONLY,
        "EVENT_PATTERN_UNDECIDED",
        "in eu-west-1: cannot verify that EventBridge rule `root-usage` matches all root events"
        " (its event pattern has what AWS doesn't document), so one may go unheard. Let its "
        "pattern ask for userIdentity.type Root only",
        id="not-understood",
    ),
    pytest.param(
        two_regions(WORKS, WORKS, rule={"EventPattern": '{"source": [{"prefix": "aws."}]}'}),
        RULES_ONLY,
        "EVENT_PATTERN_DROWNED",
        "in us-east-1: EventBridge rule `root-usage` drowns root: it also tells of everyday "
        "events of others (DescribeInstances), so a root event is one message of many. Give "
        "root usage a rule and topic of its own (1 more finding)",
        id="everybodys-events",
    ),
    pytest.param(
        two_regions(WORKS, WORKS, rule={"ScheduleExpression": "rate(5 minutes)"}),
        RULES_ONLY,
        "EVENT_PATTERN_DROWNED",
        "in us-east-1: EventBridge rule `root-usage` drowns root: it also runs by `rate(5 minutes)`, and a "
        "root event is one message among those. Take its schedule away, or give root usage a rule of its own "
        "(1 more finding)",
        id="schedule-beside-the-pattern",
    ),
    pytest.param(
        two_regions(WORKS, {"target": None}),
        RULES_ONLY,
        "NO_TARGET",
        "in eu-west-1: EventBridge rule `root-usage` has no target, so no one is told. Add an "
        "SNS topic of its region to it",
        id="no-target",
    ),
    pytest.param(
        two_regions(WORKS, {"target": {"RoleArn": f"arn:aws:iam::{ACCOUNT_ID}:role/publisher"}}),
        RULES_ONLY,
        "TARGET_UNDECIDED",
        "in eu-west-1: cannot verify that EventBridge rule `root-usage` may use target "
        "`arn:aws:sns:eu-..ty-alerts-events`: the rights of its role are not read. Take away "
        "the role, and admit events.amazonaws.com in the policy of topic or function",
        id="role",
    ),
    pytest.param(
        two_regions(WORKS, {"target": {"InputPath": "$.detail.errorCode"}}),
        RULES_ONLY,
        "TARGET_UNDECIDED",
        "in eu-west-1: cannot verify that EventBridge rule `root-usage` sends every root event:"
        " its target gets `$.detail.errorCode`, which not each one has. Send the whole event, "
        "or what each event has, such as $.detail.eventName",
        id="input-path",
    ),
    pytest.param(
        two_regions(
            WORKS, {"target": {"Arn": f"arn:aws:events:{HOME}:{OTHER_ACCOUNT_ID}:event-bus/central"}}
        ),
        RULES_ONLY,
        "TARGET_UNDECIDED",
        "in eu-west-1: cannot verify: EventBridge rule `root-usage` forwards to event bus `central` of "
        "account 444455556666 in us-east-1, whose rules are not read. Name a role there that may read them "
        "in parameter ReadingRoleName",
        id="event-bus",
    ),
    pytest.param(
        two_regions(WORKS, {"target": {"Arn": f"arn:aws:sqs:{REGION}:{ACCOUNT_ID}:queue"}}),
        RULES_ONLY,
        "ACTION_NOT_ACCEPTED",
        "in eu-west-1: target `arn:aws:sqs:eu-west-1:111122223333:queue` of EventBridge rule "
        "`root-usage` is of a kind unknown to this rule, so no one is told by it. Add an SNS "
        "topic of its region to it",
        id="queue",
    ),
    pytest.param(
        two_regions(WORKS, {"target": {"Arn": FUNCTION_ARN}}),
        RULES_ONLY,
        "ACTION_NOT_ACCEPTED",
        "in eu-west-1: target `arn:aws:lambd..function:page` of EventBridge rule `root-usage` is of kind "
        "lambda, which AcceptedActions doesn't accept, so no one counts as told. Add an SNS topic of its "
        "region to it, or lambda to AcceptedActions",
        id="function-that-is-not-accepted",
    ),
    pytest.param(
        two_regions(WORKS, {"target": {"Arn": f"arn:aws:sns:{HOME}:{ACCOUNT_ID}:security-alerts-events"}}),
        RULES_ONLY,
        "TOPIC_ELSEWHERE",
        "topic `security-alerts-events` is in us-east-1 and EventBridge rule `root-usage` in "
        "eu-west-1, so no one is told. Let the EventBridge rule notify a topic in eu-west-1",
        id="topic-of-another-region",
    ),
    pytest.param(
        two_regions(WORKS, topic_policy(publishing("cloudwatch.amazonaws.com"))),
        RULES_ONLY,
        "TOPIC_POLICY_DENIES",
        "in eu-west-1: the policy of topic `security-alerts-events` doesn't let EventBridge "
        "publish, so no one is told. Allow sns:Publish to events.amazonaws.com in the topic's "
        "policy, without a condition",
        id="policy-for-alarms",
    ),
    pytest.param(
        two_regions(
            WORKS,
            topic_policy(
                publishing(
                    "events.amazonaws.com", Condition={"StringEquals": {"aws:SourceAccount": ACCOUNT_ID}}
                )
            ),
        ),
        RULES_ONLY,
        "TOPIC_POLICY_UNDECIDED",
        "in eu-west-1: can't decide whether topic `security-alerts-events` lets EventBridge publish "
        "(the log says why). Allow sns:Publish to events.amazonaws.com in the topic's policy, "
        "without a condition, and forbid it nowhere",
        id="policy-with-a-condition",
    ),
    pytest.param(
        two_regions(WORKS, {"topic": {"KmsMasterKeyId": "alias/aws/sns"}}),
        RULES_ONLY,
        "TOPIC_KEY_AWS_MANAGED",
        "in eu-west-1: topic `security-alerts-events` is encrypted with AWS's own key, which "
        "EventBridge may not use, so no one is told. Encrypt the topic with a customer managed "
        "key that events.amazonaws.com may use",
        id="key-of-aws",
    ),
    pytest.param(
        two_regions(
            WORKS,
            {
                "subscription": {
                    "FilterPolicy": json.dumps({"source": ["aws.iam"]}),
                    "FilterPolicyScope": "MessageBody",
                }
            },
        ),
        RULES_ONLY,
        "SUBSCRIPTION_FILTER_UNDECIDED",
        "in eu-west-1: can't decide whether email `security@example.com` of topic `security-"
        "alerts-events` gets events: filter on `source`. Remove the subscription's filter "
        "policy",
        id="filter-policy-on-the-source",
    ),
    pytest.param(
        two_regions(WORKS, {"subscription": {"FilterPolicy": json.dumps({"severity": ["high"]})}}),
        RULES_ONLY,
        "SUBSCRIPTION_FILTERED",
        "in eu-west-1: topic `security-alerts-events`: the filter policy of email "
        "`security@example.com` drops every event, so no one is told. Remove the subscription's"
        " filter policy",
        id="filter-policy-on-attributes",
    ),
    pytest.param(
        two_regions(WORKS, {"confirmed": False}),
        RULES_ONLY,
        "SUBSCRIPTION_PENDING",
        "in eu-west-1: topic `security-alerts-events` has 1 pending subscription (email "
        "`security@example.com`) and none confirmed, so no one is told. Click the link in the "
        "confirmation mail within two days, or subscribe again",
        id="unconfirmed",
    ),
    pytest.param(
        everywhere,
        RULES_ONLY | {"SnsTopicArn": f"arn:aws:sns:{REGION}:{ACCOUNT_ID}:security-alerts-events"},
        "REQUIRED_TOPIC_NOT_NOTIFIED",
        "in us-east-1: EventBridge rule `root-usage` doesn't notify topic "
        "`arn:aws:sns:eu-wes..urity-alerts-events`, which parameter SnsTopicArn requires, so the right "
        "people are not told. Take SnsTopicArn away: it is of another region",
        id="topic-required",
    ),
    pytest.param(
        everywhere,
        RULES_ONLY | {"SnsTopicArn": f"arn:aws:sns:{HOME}:{ACCOUNT_ID}:others"},
        "REQUIRED_TOPIC_NOT_NOTIFIED",
        "in us-east-1: EventBridge rule `root-usage` doesn't notify topic "
        "`arn:aw..others`, which parameter SnsTopicArn requires, so the right people "
        "are not told. Add the topic to its targets, or take SnsTopicArn away (1 more finding)",
        id="topic-required-of-the-region",
    ),
    pytest.param(
        two_regions(WORKS, WORKS, trail={"IsMultiRegionTrail": False}),
        RULES_ONLY,
        "TRAIL_SINGLE_REGION",
        "trail `account-trail` records eu-west-1 only, so root's use of other regions goes "
        "unseen. Make it a multi-region trail",
        id="trail-of-one-region",
    ),
    pytest.param(
        beside_a_narrow_alarm(SIGN_INS),
        EITHER,
        "EVENT_PATTERN_MISSES_ROOT_EVENT",
        "no one is told of root CreateAccessKey in us-east-1: EventBridge rule `root-usage` "
        "doesn't match it. Let its pattern ask for userIdentity.type Root only (1 more finding)",
        id="alarm-and-rules-miss-calls",
    ),
]

REFUSED = [
    pytest.param(
        "ec2:DescribeRegions",
        "REGIONS_UNREADABLE",
        "cannot verify which regions account 111122223333 can use: ec2:DescribeRegions answered"
        " AccessDeniedException. Allow ec2:DescribeRegions to the role that the rule reads with",
        id="regions",
    ),
    pytest.param(
        "events:ListRules",
        "EVENT_RULES_UNREADABLE",
        "cannot verify the EventBridge rules of us-east-1: events:ListRules answered "
        "AccessDeniedException. Allow events:ListRules to the role that the rule reads with (1 "
        "more finding)",
        id="rules",
    ),
    pytest.param(
        "events:DescribeEventBus",
        "EVENT_BUS_UNREADABLE",
        "cannot verify the default event bus of us-east-1: events:DescribeEventBus answered "
        "AccessDeniedException. Allow events:DescribeEventBus to the role that the rule reads with (1 more "
        "finding)",
        id="bus",
    ),
    pytest.param(
        "events:ListTargetsByRule",
        "TARGETS_UNREADABLE",
        "in us-east-1: cannot verify the targets of EventBridge rule `root-usage`: "
        "events:ListTargetsByRule answered AccessDeniedException. Allow "
        "events:ListTargetsByRule to the role that the rule reads with (1 more finding)",
        id="targets",
    ),
]


def services_asked(invocation: Invocation) -> set[str]:
    return {call.split(":")[0] for call in invocation.log["calls"]}


def under_organization_trail(account: Account) -> None:
    """The member's own rules; the only trail is the organization's, without a log group."""
    hooks.enable_regions(account.account_id, HOME, REGION)
    build_event_rules(account, [HOME, REGION], trail=None)
    no_log_group = {"CloudWatchLogsLogGroupArn": UNSET, "CloudWatchLogsRoleArn": UNSET}
    under_an_organization_trail(
        account, trail=no_log_group, log_group=None, metric_filter=None, alarm=None, topic=None
    )


def account_in(aws: LocalAws) -> Account:
    return Account(ACCOUNT_ID, REGION, aws.endpoint_url)


@pytest.mark.parametrize(("build", "parameters", "annotation"), WHOLE)
def test_1_account_that_tells_by_rules_is_compliant(
    aws: LocalAws, build: Build, parameters: Mapping[str, str], annotation: str
) -> None:
    build(account_in(aws))

    evaluation = invoke(aws, account_in(aws), parameters).evaluation

    assert (evaluation["ComplianceType"], evaluation["Annotation"]) == ("COMPLIANT", annotation)


@pytest.mark.parametrize(("build", "parameters", "code", "annotation"), BROKEN)
def test_3_account_whose_rules_leave_root_unheard_is_not(
    aws: LocalAws, build: Build, parameters: Mapping[str, str], code: str, annotation: str
) -> None:
    build(account_in(aws))

    assert leading(invoke(aws, account_in(aws), parameters)) == (
        "NON_COMPLIANT",
        code,
        f"{annotation} [{code}]",
    )


@pytest.mark.parametrize(("call", "code", "annotation"), REFUSED)
def test_4_refusal_is_told(aws: LocalAws, call: str, code: str, annotation: str) -> None:
    everywhere(account_in(aws))

    with answering({call: Refusal("AccessDeniedException")}):
        invocation = invoke(aws, account_in(aws), RULES_ONLY)

    assert leading(invocation) == ("NON_COMPLIANT", code, f"{annotation} [{code}]")


def test_4_organization_trail_has_to_show_what_it_records(aws: LocalAws) -> None:
    under_organization_trail(account_in(aws))

    assert leading(invoke(aws, account_in(aws), RULES_ONLY)) == (
        "NON_COMPLIANT",
        "TRAIL_OF_ANOTHER_ACCOUNT",
        (
            "cannot verify which events trail `account-trail` of account 444455556666 records. Name a role "
            "there that may read its event selectors in parameter ReadingRoleName [TRAIL_OF_ANOTHER_ACCOUNT]"
        ),
    )


def test_1_members_rules_count_under_an_organization_trail_with_a_note(aws: LocalAws) -> None:
    under_organization_trail(account_in(aws))

    evaluation = invoke(aws, account_in(aws), RULES_ONLY | ROLE).evaluation

    assert (evaluation["ComplianceType"], evaluation["Annotation"]) == (
        "COMPLIANT",
        (
            "root use is told: EventBridge rule `root-usage` in us-east-1 and 1 more region -> topic "
            "`security-alerts-events` -> 1 confirmed subscriber (email); note: that trail "
            "`account-trail` feeds event buses of members is observed only"
        ),
    )


def test_3_trail_that_is_stopped_feeds_no_bus(aws: LocalAws) -> None:
    everywhere(account_in(aws))
    account_in(aws).client("cloudtrail").stop_logging(Name="account-trail")

    assert "TRAIL_NOT_LOGGING" in invoke(aws, account_in(aws), RULES_ONLY).codes


def test_3_trail_that_leaves_reads_out_leaves_them_out_of_the_bus(aws: LocalAws) -> None:
    everywhere(account_in(aws))
    account_in(aws).client("cloudtrail").put_event_selectors(
        TrailName="account-trail",
        EventSelectors=[{"ReadWriteType": "WriteOnly", "IncludeManagementEvents": True}],
    )

    assert invoke(aws, account_in(aws), RULES_ONLY).codes == ["TRAIL_WITHOUT_READ_EVENTS"]


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param({}, id="empty"),
        pytest.param({"Regions": []}, id="none"),
        pytest.param({"Regions": [{"RegionName": HOME}]}, id="not-the-one-that-answers"),
    ],
)
def test_4_account_without_regions_proves_nothing(aws: LocalAws, answer: Answer) -> None:
    everywhere(account_in(aws))

    with answering({"ec2:DescribeRegions": answer}):
        invocation = invoke(aws, account_in(aws), RULES_ONLY)

    assert invocation.codes[0] == "REGIONS_UNREADABLE"


def test_3_default_asks_for_no_rule_and_takes_none(aws: LocalAws) -> None:
    everywhere(account_in(aws))

    invocation = invoke(aws, account_in(aws), {"RootUsageLookbackDays": "0"})

    assert invocation.codes == ["TRAIL_WITHOUT_LOG_GROUP"]
    assert services_asked(invocation) == {"cloudtrail"}


def test_1_alarm_that_tells_of_everything_spares_the_rules(aws: LocalAws) -> None:
    build_working_chain(account_in(aws))

    invocation = invoke(aws, account_in(aws), EITHER)

    assert invocation.evaluation["ComplianceType"] == "COMPLIANT"
    assert not {"ec2", "events"} & services_asked(invocation)


def test_3_rules_on_a_bus_with_a_key_of_the_customers_prove_nothing(aws: LocalAws) -> None:
    """https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-encryption-event-bus-cmkey.html"""
    everywhere(account_in(aws))

    with answering({"events:DescribeEventBus": {"Name": "default", "KmsKeyIdentifier": "alias/events"}}):
        invocation = invoke(aws, account_in(aws), RULES_ONLY)

    assert leading(invocation) == (
        "NON_COMPLIANT",
        "EVENT_PATTERN_UNDECIDED",
        (
            "in us-east-1: cannot verify that EventBridge can read rule `root-usage`: a key of the "
            "customer's encrypts its event bus. Let the bus use the key that EventBridge owns (1 more "
            "finding) [EVENT_PATTERN_UNDECIDED]"
        ),
    )


def test_1_region_costs_six_calls(aws: LocalAws) -> None:
    """Its bus and rules, the rule's targets, the topic, its subscriptions, and the first of them."""
    everywhere(account_in(aws))

    calls = invoke(aws, account_in(aws), RULES_ONLY).log["calls"]

    of_the_account = [
        "cloudtrail:DescribeTrails",
        "cloudtrail:GetEventSelectors",
        "cloudtrail:GetTrailStatus",
    ]
    of_a_region = [
        *("events:DescribeEventBus", "events:ListRules", "events:ListTargetsByRule"),
        "sns:GetSubscriptionAttributes",
        *("sns:GetTopicAttributes", "sns:ListSubscriptionsByTopic"),
    ]
    assert sorted(calls) == sorted([*of_the_account, "ec2:DescribeRegions", *of_a_region, *of_a_region])
