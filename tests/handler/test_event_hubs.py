"""Accounts whose EventBridge rules forward to another event bus: what is proven there, what is missing."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from root_usage_alarm.demo.invocation import invoke
from root_usage_alarm.local_aws import Account, LocalAws, hooks
from root_usage_alarm.local_aws.accounts import UNSET, build_event_rules
from tests.handler.evaluation import ACCOUNT_ID, OTHER_ACCOUNT_ID, REGION, Refusal, answering, closed, leading

HOME = "us-east-1"
PARAMETERS = {
    "AcceptedWays": "eventbridge",
    "RootUsageLookbackDays": "0",
    "ReadingRoleName": "RootUsageAlarmRule-reading",
}
HUB_ARN = f"arn:aws:events:{HOME}:{OTHER_ACCOUNT_ID}:event-bus/central"
OWN_ARN = f"arn:aws:events:{HOME}:{ACCOUNT_ID}:event-bus/central"
ROLE_ARN = f"arn:aws:iam::{ACCOUNT_ID}:role/forward"
TYPE_ROOT = {"userIdentity": {"type": ["Root"]}}
ALL_OF_AWS = json.dumps({"source": [{"prefix": "aws."}]})
SIGN_INS = json.dumps({"detail-type": ["AWS Console Sign In via CloudTrail"], "detail": TYPE_ROOT})
CALLS = json.dumps(
    {"detail-type": ["AWS API Call via CloudTrail", "AWS Console Action via CloudTrail"], "detail": TYPE_ROOT}
)
EVERYBODY = json.dumps({"detail": {"userIdentity": {"type": ["Root", "IAMUser", "AssumedRole"]}}})

Statement = Mapping[str, Any]


def document(*statements: Statement) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def putting(resource: str = HUB_ARN, **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": "events:PutEvents", "Resource": resource, **more}


def admitting(principal: Any = ACCOUNT_ID, **more: Any) -> dict[str, Any]:
    named = principal if principal == "*" else {"AWS": principal}
    return {"Sid": "in", **putting(), "Principal": named, **more}


def trusting(service: str = "events.amazonaws.com", **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole", **more}


def on_key(operator: str, key: str, value: str) -> dict[str, Any]:
    return {"Condition": {operator: {key: value}}}


Build = Callable[[Account], None]


TRUST = trusting()


def to_hub(
    *,
    bus_arn: str = HUB_ARN,
    forwarding: Mapping[str, Any] = {},
    sending: Mapping[str, Any] = {},
    trust: Statement | None = TRUST,
    rights: tuple[Statement, ...] | None = None,
    bus: Mapping[str, Any] | None = {},
    policy: tuple[Statement, ...] = (admitting(),),
    regions: tuple[str, ...] = (HOME, REGION),
    **hub_rule: Any,
) -> Build:
    """A member of two regions that forward to one bus, whose rule works; but for these members.

    `forwarding` are those of the rules that forward, `sending` of their targets, `trust` and `rights` the
    statements of the role, `policy` those of the bus.
    """

    def build(member: Account) -> None:
        hooks.enable_regions(member.account_id, HOME, REGION)
        if trust is not None:
            iam = member.client("iam")
            iam.create_role(RoleName="forward", AssumeRolePolicyDocument=document(trust))
            of_role = document(*(rights if rights is not None else (putting(bus_arn),)))
            iam.put_role_policy(RoleName="forward", PolicyName="put", PolicyDocument=of_role)
        there = {"Arn": bus_arn, "RoleArn": ROLE_ARN, **sending}
        build_event_rules(member, regions, rule=forwarding, target=there)
        if bus is not None:
            with_bus(member, bus_arn, bus, policy, hub_rule)

    return build


def with_bus(
    member: Account,
    arn: str,
    bus: Mapping[str, Any],
    policy: tuple[Statement, ...],
    rule: Mapping[str, Any],
) -> None:
    _, _, _, region, account_id, resource = arn.split(":")
    hub, name = Account(account_id, region, member.endpoint_url), resource.removeprefix("event-bus/")
    events = hub.client("events")
    if name != "default":
        events.create_event_bus(Name=name, **bus)
    if policy:
        events.put_permission(EventBusName=name, Policy=document(*policy))
    members = {"EventBusName": name, **rule.get("rule", {})}
    build_event_rules(hub, [region], trail=None, **{"name": "-hub", **rule, "rule": members})


def two_hub_rules(member: Account) -> None:
    to_hub(rule={"EventPattern": CALLS})(member)
    hub = Account(OTHER_ACCOUNT_ID, HOME, member.endpoint_url)
    members = {"EventBusName": "central", "EventPattern": SIGN_INS}
    build_event_rules(hub, [HOME], trail=None, name="-hub-sign-in", rule=members)


def own_rule_at_home(member: Account) -> None:
    """Only the other region forwards."""
    to_hub(regions=(REGION,))(member)
    build_event_rules(member, [HOME], trail=None, name="-own")


def in_organization(member: Account, organization_id: str | None = None, bus_arn: str = HUB_ARN) -> None:
    """The bus lets in the member's organization, or this other one."""
    own = member.client("organizations").create_organization(FeatureSet="ALL")["Organization"]["Id"]
    in_it = on_key("StringEquals", "aws:PrincipalOrgID", organization_id or own)
    to_hub(bus_arn=bus_arn, policy=(admitting("*", Resource="*", **in_it),))(member)


def in_another_organization(member: Account) -> None:
    in_organization(member, "o-exampleorgid")


TOLD = (
    "root use is told: EventBridge rule `root-usage` in us-east-1 and 1 more region -> topic "
    "`security-alerts-events-hub`"
)
HERE = f"{TOLD} -> 1 confirmed subscriber (email)"
THERE = f"{TOLD} of account 444455556666 -> 1 confirmed subscriber (email)"

DEFAULT_ARN = HUB_ARN.replace("central", "default")


def heard_from(account_id: str) -> Mapping[str, str]:
    return {"FilterPolicy": json.dumps({"account": [account_id]}), "FilterPolicyScope": "MessageBody"}


WHOLE = [
    pytest.param(to_hub(), THERE, id="hub-of-another-account"),
    pytest.param(to_hub(bus_arn=OWN_ARN, policy=()), HERE, id="own-bus"),
    pytest.param(
        to_hub(bus_arn=DEFAULT_ARN, policy=(admitting(Resource="*"),)), THERE, id="default-bus-of-the-hub"
    ),
    pytest.param(
        to_hub(bus_arn=OWN_ARN.replace("central", "default"), regions=(REGION,), policy=()),
        f"{TOLD.replace('rule `root-usage`', 'rule `root-usage-hub`')} -> 1 confirmed subscriber (email)",
        id="default-bus-of-another-region",
    ),
    pytest.param(to_hub(forwarding={"EventPattern": ALL_OF_AWS}), THERE, id="everything-is-forwarded"),
    pytest.param(two_hub_rules, f"{THERE}; 1 note in the log", id="two-rules-of-the-hub"),
    pytest.param(
        own_rule_at_home,
        "root use is told: EventBridge rule `root-usage-own` in us-east-1 and 1 more region -> topic "
        "`security-alerts-events-own` -> 1 confirmed subscriber (email)",
        id="one-region-forwards",
    ),
    pytest.param(in_organization, THERE, id="policy-for-the-organization"),
    pytest.param(
        to_hub(sending={"RetryPolicy": {"MaximumRetryAttempts": 3, "MaximumEventAgeInSeconds": 600}}),
        f"{THERE}; note: EventBridge rule `root-usage` tries again 3 times at most, within 10 min",
        id="three-tries",
    ),
    pytest.param(to_hub(subscription=heard_from(ACCOUNT_ID)), THERE, id="filter-policy-on-the-sender"),
]

IN_HUB = "in account 444455556666"
IN_THE_HUB = "in account 444455556666 us-east-1"
BUS = "event bus `central` of account 444455556666 in us-east-1"

BROKEN = [
    pytest.param(
        to_hub(rule={"State": "ENABLED"}),
        "EVENT_RULE_WITHOUT_READS",
        f"{IN_HUB}: no one is told of root GetAccountSummary in us-east-1: EventBridge rule "
        "`root-usage-hub` in state ENABLED gets no reads. Set its state to "
        "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS (1 more finding)",
        id="hub-without-reads",
    ),
    pytest.param(
        to_hub(rule={"State": "DISABLED"}),
        "EVENT_RULE_DISABLED",
        f"{IN_HUB}: no one is told of root CreateAccessKey in us-east-1: EventBridge rule `root-usage-hub` "
        "is in state DISABLED. Set its state to ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS "
        "(1 more finding)",
        id="hub-disabled",
    ),
    pytest.param(
        to_hub(rule={"EventPattern": CALLS}),
        "EVENT_PATTERN_MISSES_ROOT_EVENT",
        f"{IN_HUB}: no one is told of root ConsoleLogin in us-east-1: EventBridge rule `root-usage-hub` "
        "doesn't match it. Let its pattern ask for userIdentity.type Root only",
        id="hub-without-sign-ins",
    ),
    pytest.param(
        to_hub(rule={"EventPattern": json.dumps({"account": [OTHER_ACCOUNT_ID], "detail": TYPE_ROOT})}),
        "EVENT_PATTERN_MISSES_ROOT_EVENT",
        f"no one is told of root CreateAccessKey in us-east-1: no rule of {BUS} matches it. Make a rule for "
        "userIdentity.type Root on that bus (1 more finding)",
        id="hub-listens-to-other-accounts",
    ),
    pytest.param(
        to_hub(rule={"EventPattern": json.dumps({"region": [HOME], "detail": TYPE_ROOT})}),
        "EVENT_PATTERN_MISSES_ROOT_EVENT",
        f"no one is told of root RunInstances in eu-west-1: no rule of {BUS} matches it. Make a rule for "
        "userIdentity.type Root on that bus",
        id="hub-listens-to-its-own-region",
    ),
    pytest.param(
        to_hub(rule={"EventPattern": json.dumps({"detail": {"userIdentity": {"type": [{"is": "Root"}]}}})}),
        "EVENT_PATTERN_UNDECIDED",
        "444455556666 us-east-1: cannot verify that EventBridge rule `root-usage-hub` matches all root "
        "events (its event pattern has what AWS doesn't document), so one may go unheard. Let its pattern "
        "ask for userIdentity.type Root only",
        id="hub-not-understood",
    ),
    pytest.param(
        to_hub(forwarding={"EventPattern": ALL_OF_AWS}, rule={"EventPattern": EVERYBODY}),
        "EVENT_PATTERN_DROWNED",
        f"{IN_THE_HUB}: EventBridge rule `root-usage-hub` drowns root: it also tells of everyday events of "
        "others (DescribeInstances), so a root event is one message of many. Give root usage a rule and "
        "topic of its own",
        id="hub-tells-of-everybody",
    ),
    pytest.param(
        to_hub(bus_arn=DEFAULT_ARN, policy=(admitting(Resource="*"),), rule={"EventPattern": EVERYBODY}),
        "EVENT_PATTERN_DROWNED",
        f"{IN_THE_HUB}: EventBridge rule `root-usage-hub` drowns root: it also tells of everyday events of "
        "others (DescribeInstances), so a root event is one message of many. Give root usage a rule and "
        "topic of its own",
        id="hub-tells-of-everybody-at-home",
    ),
    pytest.param(
        to_hub(target={"Arn": OWN_ARN, "RoleArn": f"arn:aws:iam::{OTHER_ACCOUNT_ID}:role/forward"}),
        "ACTION_NOT_ACCEPTED",
        f"{IN_THE_HUB}: EventBridge rule `root-usage-hub` forwards to event bus `central` what was forwarded "
        "already, which EventBridge doesn't, so no one is told. Add an SNS topic of its region to it",
        id="hub-forwards-again",
    ),
    pytest.param(
        to_hub(topic={"Policy": document(admitting())}),
        "TOPIC_POLICY_DENIES",
        f"{IN_THE_HUB}: the policy of topic `security-alerts-events-hub` doesn't let EventBridge publish, "
        "so no one is told. Allow sns:Publish to events.amazonaws.com in the topic's policy, without a "
        "condition",
        id="topic-of-the-hub-is-closed",
    ),
    pytest.param(
        to_hub(subscription=heard_from(OTHER_ACCOUNT_ID)),
        "SUBSCRIPTION_FILTERED",
        f"{IN_THE_HUB}: topic `security-alerts-events-hub`: the filter policy of email "
        "`security@example.com` drops every event, so no one is told. Remove the subscription's filter "
        "policy",
        id="filter-policy-on-the-hub",
    ),
    pytest.param(
        to_hub(sending={"RoleArn": UNSET}),
        "TARGET_UNDECIDED",
        f"cannot verify: EventBridge rule `root-usage` forwards to {BUS} without a role of this account. "
        "Give its target a role that may call events:PutEvents there (1 more finding)",
        id="no-role",
    ),
    pytest.param(
        to_hub(rights=(putting(OWN_ARN),)),
        "EVENT_BUS_DENIES",
        f"role `forward` may not call events:PutEvents on {BUS}, so EventBridge rule `root-usage` tells no "
        "one. Allow it in the role's policies, without a condition (1 more finding)",
        id="role-for-another-bus",
    ),
    pytest.param(
        to_hub(bus=None),
        "EVENT_BUS_MISSING",
        f"EventBridge rule `root-usage` forwards to {BUS}, which doesn't exist, so no one is told. Create "
        "the bus and a rule there, or let the rule notify a topic of its own region",
        id="bus-is-missing",
    ),
    pytest.param(
        to_hub(policy=()),
        "EVENT_BUS_DENIES",
        f"{BUS} doesn't let account 111122223333 put events, so no one is told. Allow events:PutEvents to "
        "this account in its policy",
        id="bus-without-a-policy",
    ),
    pytest.param(
        in_another_organization,
        "EVENT_BUS_DENIES",
        f"{BUS} doesn't let account 111122223333 put events, so no one is told. Allow events:PutEvents to "
        "this account in its policy",
        id="bus-for-another-organization",
    ),
]


REFUSED = [
    pytest.param(
        "events:DescribeEventBus",
        "EVENT_BUS_UNREADABLE",
        f"cannot verify {BUS}: events:DescribeEventBus answered AccessDeniedException. Allow "
        "events:DescribeEventBus to role ReadingRoleName of account 444455556666",
        id="bus",
    ),
    pytest.param(
        "iam:SimulatePrincipalPolicy",
        "EVENT_BUS_UNREADABLE",
        "in us-east-1: cannot verify role `forward` of EventBridge rule `root-usage`: "
        "iam:SimulatePrincipalPolicy answered AccessDeniedException. Allow iam:SimulatePrincipalPolicy to "
        "the role that the rule reads with (1 more finding)",
        id="rights",
    ),
    pytest.param(
        "organizations:DescribeOrganization",
        "EVENT_BUS_UNREADABLE",
        "in us-east-1: cannot verify the organization of this account: "
        "organizations:DescribeOrganization answered AccessDeniedException. Allow "
        "organizations:DescribeOrganization to the role that the rule reads with (1 more finding)",
        id="organization",
    ),
]


def account_in(aws: LocalAws) -> Account:
    return Account(ACCOUNT_ID, REGION, aws.endpoint_url)


@pytest.mark.parametrize(("build", "annotation"), WHOLE)
def test_1_account_that_tells_by_a_hub_is_compliant(aws: LocalAws, build: Build, annotation: str) -> None:
    build(account_in(aws))

    evaluation = invoke(aws, account_in(aws), PARAMETERS).evaluation

    assert (evaluation["ComplianceType"], evaluation["Annotation"]) == ("COMPLIANT", annotation)


@pytest.mark.parametrize(("build", "code", "annotation"), BROKEN)
def test_3_hub_that_leaves_root_unheard_is_named(
    aws: LocalAws, build: Build, code: str, annotation: str
) -> None:
    build(account_in(aws))

    invocation = invoke(aws, account_in(aws), PARAMETERS)

    assert leading(invocation) == ("NON_COMPLIANT", code, f"{annotation} [{code}]")


@pytest.mark.parametrize(("call", "code", "annotation"), REFUSED)
def test_4_refusal_about_a_hub_is_told(aws: LocalAws, call: str, code: str, annotation: str) -> None:
    in_organization(account_in(aws))

    own_bus = answering({"events:DescribeEventBus": {"Name": "default"}}, ACCOUNT_ID)
    with own_bus, answering({call: Refusal("AccessDeniedException")}):
        invocation = invoke(aws, account_in(aws), PARAMETERS)

    assert leading(invocation) == ("NON_COMPLIANT", code, f"{annotation} [{code}]")


def test_4_account_of_the_hub_lets_no_role_in(aws: LocalAws) -> None:
    to_hub()(account_in(aws))

    with closed(OTHER_ACCOUNT_ID):
        invocation = invoke(aws, account_in(aws), PARAMETERS)

    said = (
        f"cannot verify {BUS}: sts:AssumeRole answered AccessDenied. Create role ReadingRoleName in account "
        "444455556666, or let it trust the rule's role [EVENT_BUS_UNREADABLE]"
    )
    assert leading(invocation) == ("NON_COMPLIANT", "EVENT_BUS_UNREADABLE", said)


def test_1_required_topic_may_be_the_hubs(aws: LocalAws) -> None:
    to_hub()(account_in(aws))
    required = {"SnsTopicArn": f"arn:aws:sns:{HOME}:{OTHER_ACCOUNT_ID}:security-alerts-events-hub"}

    evaluation = invoke(aws, account_in(aws), PARAMETERS | required).evaluation

    assert (evaluation["ComplianceType"], evaluation["Annotation"]) == ("COMPLIANT", THERE)


def test_3_what_the_bus_lacks_is_ready_to_paste(aws: LocalAws) -> None:
    member = account_in(aws)
    to_hub(policy=())(member)
    (finding,) = invoke(aws, member, PARAMETERS).log["findings"]

    hub = Account(OTHER_ACCOUNT_ID, HOME, aws.endpoint_url)
    hub.client("events").put_permission(EventBusName="central", Policy=document(finding["statement"]))

    assert invoke(aws, member, PARAMETERS).evaluation["ComplianceType"] == "COMPLIANT"


def test_1_chain_shows_both_rules_and_the_hub_is_read_once(aws: LocalAws) -> None:
    to_hub()(account_in(aws))

    log = invoke(aws, account_in(aws), PARAMETERS).log

    rules = [
        (each["name"], each["accountId"], each["region"])
        for each in log["chains"][1]["steps"]
        if each["link"] == "EVENT_RULE"
    ]
    assert rules == [("root-usage", ACCOUNT_ID, REGION), ("root-usage-hub", OTHER_ACCOUNT_ID, HOME)]
    of_the_role = ["iam:GetRole", "iam:SimulatePrincipalPolicy"]
    of_the_topic = ["GetTopicAttributes", "ListSubscriptionsByTopic", "GetSubscriptionAttributes"]
    of_a_bus = ["events:DescribeEventBus", "events:ListRules", "events:ListTargetsByRule"]
    assert sorted(each for each in log["calls"] if not each.startswith(("cloudtrail", "ec2"))) == sorted(
        [*of_the_role, *(f"sns:{each}" for each in of_the_topic), *(of_a_bus * 3)]
    )
