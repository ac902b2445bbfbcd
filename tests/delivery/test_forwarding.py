"""Whether what a rule of EventBridge forwards gets into another event bus: role, bus and policies."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from root_usage.aws.arn import Arn
from root_usage.aws.asking import Question, Unreadable
from root_usage.aws.events import EventBus, EventBusNamed, Rule, RulesOfBus, Target
from root_usage.aws.roles import OrganizationOf, RightsOf, Simulation, TrustPolicyOf
from root_usage.delivery import DeliverySettings, judge_forwarding
from root_usage.verdict.findings import Code, Finding

from tests.delivery.builders import ACCOUNT, PLACE, evidence, policy

HUB_ACCOUNT = "444455556666"
HUB = Arn("aws", "events", "eu-central-1", HUB_ACCOUNT, "event-bus/central")
OWN = Arn("aws", "events", "eu-central-1", ACCOUNT, "event-bus/central")
ROLE = Arn("aws", "iam", "", ACCOUNT, "role/service/forward")
RULE = Rule(
    "root-usage",
    Arn("aws", "events", "us-east-1", ACCOUNT, "rule/root-usage"),
    "ENABLED",
    '{"source": ["aws.s3"]}',
)
SETTINGS = DeliverySettings(has_reading_role=True)

TRUSTS = {"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Action": "sts:AssumeRole"}
ADMITS = {
    "Effect": "Allow",
    "Principal": {"AWS": ACCOUNT},
    "Action": "events:PutEvents",
    "Resource": str(HUB),
}
DENIES = {**ADMITS, "Effect": "Deny", "Principal": "*"}
MAY = Simulation(frozenset({"allowed"}))
REFUSED = Unreadable("", "AccessDenied")


TRUSTED, ADMITTED = policy(TRUSTS), EventBus(policy(ADMITS))


def judge(
    bus: Arn = HUB,
    target: Mapping[str, Any] | None = None,
    *,
    trust: str | Unreadable | None = TRUSTED,
    rights: Simulation | Unreadable | None = MAY,
    there: EventBus | Unreadable | None = ADMITTED,
    organization: str | Unreadable | None = None,
) -> Finding | None:
    answers: dict[Question[Any], Any] = {
        TrustPolicyOf(PLACE, ROLE): trust,
        RightsOf(PLACE, ROLE, "events:PutEvents", bus): rights,
        EventBusNamed(bus.place, "central"): there,
        RulesOfBus(bus.place, "central"): (),
        OrganizationOf(PLACE): organization,
    }
    sending = Target(str(bus), **{"role_arn": str(ROLE), **(target or {})})
    return judge_forwarding(evidence(answers), RULE, sending, bus, SETTINGS)


def bus_for(*statements: dict[str, Any]) -> EventBus:
    return EventBus(policy(*statements))


def if_(statement: dict[str, Any], operator: str, key: str, value: Any) -> dict[str, Any]:
    return {**statement, "Condition": {operator: {key: value}}}


def everybody_if(operator: str, key: str, value: Any) -> EventBus:
    return bus_for(if_({**ADMITS, "Principal": "*"}, operator, key, value))


def parts(*by_type: tuple[str, str], decision: str = "implicitDeny", **more: Any) -> Simulation:
    return Simulation(frozenset({decision}), by_type, **more)


IDENTITY, BOUNDARY, RESOURCE = "IAM policy", "Boundary", "Resource-based policy"
ORGANIZATION = "o-a1b2c3d4e5"


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({}, id="as-aws-documents-it"),
        pytest.param({"there": bus_for({**ADMITS, "Principal": {"AWS": str(ROLE)}})}, id="role"),
        pytest.param(
            {"there": bus_for({**ADMITS, "Principal": {"AWS": [f"arn:aws:iam::{ACCOUNT}:root"]}})},
            id="account",
        ),
        pytest.param({"there": bus_for({**ADMITS, "Principal": {"AWS": "*"}})}, id="everybody"),
        pytest.param({"there": bus_for({**ADMITS, "Action": "events:Put*"})}, id="more-actions"),
        pytest.param(
            {
                "there": everybody_if("StringEquals", "aws:PrincipalOrgID", ORGANIZATION),
                "organization": ORGANIZATION,
            },
            id="organization",
        ),
        pytest.param(
            {"there": everybody_if("ArnLike", "aws:PrincipalArn", f"arn:aws:iam::{ACCOUNT}:role/*")}, id="arn"
        ),
        pytest.param(
            {"there": bus_for(ADMITS, {**DENIES, "Resource": str(OWN)})}, id="another-bus-is-denied"
        ),
        pytest.param(
            {"there": bus_for(ADMITS, {**DENIES, "Principal": {"AWS": HUB_ACCOUNT}})}, id="another-account"
        ),
        pytest.param(
            {"there": bus_for(ADMITS, {**DENIES, "Principal": {"Service": "s3.amazonaws.com"}})}, id="service"
        ),
        pytest.param(
            {"trust": policy(if_(TRUSTS, "ArnEquals", "aws:SourceArn", str(RULE.arn)))}, id="trust-rule"
        ),
        pytest.param(
            {"trust": policy(if_(TRUSTS, "StringEquals", "aws:SourceAccount", ACCOUNT))}, id="trust-account"
        ),
        pytest.param(
            {"rights": parts((IDENTITY, "allowed"), (RESOURCE, "implicitDeny"))}, id="all-but-the-bus"
        ),
        pytest.param(
            {"rights": parts((IDENTITY, "allowed"), (BOUNDARY, "allowed"), (RESOURCE, "implicitDeny"))},
            id="within-a-boundary",
        ),
        pytest.param({"bus": OWN, "there": EventBus()}, id="own-bus"),
        pytest.param(
            {"bus": OWN, "there": bus_for({**ADMITS, "Principal": {"AWS": HUB_ACCOUNT}})},
            id="own-for-another",
        ),
    ],
)
def test_1_it_gets_in(changes: dict[str, Any]) -> None:
    assert judge(**changes) is None


DENIED, UNDECIDED, UNREADABLE = Code.EVENT_BUS_DENIES, Code.TARGET_UNDECIDED, Code.EVENT_BUS_UNREADABLE


@pytest.mark.parametrize(
    ("code", "changes"),
    [
        pytest.param(UNDECIDED, {"target": {"role_arn": None}}, id="no-role"),
        pytest.param(UNDECIDED, {"bus": OWN, "target": {"role_arn": None}}, id="no-role-for-an-own-bus"),
        pytest.param(
            UNDECIDED,
            {"target": {"role_arn": f"arn:aws:iam::{HUB_ACCOUNT}:role/forward"}},
            id="role-elsewhere",
        ),
        pytest.param(UNDECIDED, {"target": {"input": "{}"}}, id="input"),
        pytest.param(UNDECIDED, {"target": {"input_path": "$.detail"}}, id="part-of-the-event"),
        pytest.param(UNDECIDED, {"target": {"input_paths": ()}}, id="template"),
        pytest.param(DENIED, {"trust": None}, id="role-is-missing"),
        pytest.param(DENIED, {"rights": None}, id="role-was-deleted-just-now"),
        pytest.param(UNREADABLE, {"trust": REFUSED}, id="trust-is-unreadable"),
        pytest.param(UNREADABLE, {"rights": REFUSED}, id="rights-are-unreadable"),
        pytest.param(UNREADABLE, {"there": REFUSED}, id="bus-is-unreadable"),
        pytest.param(
            DENIED,
            {"trust": policy({**TRUSTS, "Principal": {"Service": "lambda.amazonaws.com"}})},
            id="of-lambda",
        ),
        pytest.param(DENIED, {"trust": policy({**TRUSTS, "Action": "sts:TagSession"})}, id="other-action"),
        pytest.param(DENIED, {"trust": policy(TRUSTS, {**TRUSTS, "Effect": "Deny"})}, id="trust-denies"),
        pytest.param(
            DENIED,
            {"trust": policy(if_(TRUSTS, "StringEquals", "aws:SourceAccount", HUB_ACCOUNT))},
            id="trusts-others",
        ),
        pytest.param(
            UNDECIDED,
            {"trust": policy(if_(TRUSTS, "StringEquals", "sts:ExternalId", "hub"))},
            id="external-id",
        ),
        pytest.param(
            UNDECIDED, {"trust": policy({**TRUSTS, "Resource": "arn:${aws:x}"})}, id="trust-of-a-resource"
        ),
        pytest.param(DENIED, {"rights": parts(decision="explicitDeny")}, id="role-is-denied"),
        pytest.param(
            DENIED, {"bus": OWN, "there": EventBus(), "rights": parts()}, id="no-right-on-an-own-bus"
        ),
        pytest.param(UNDECIDED, {"rights": parts()}, id="iam-does-not-tell"),
        pytest.param(
            UNDECIDED, {"rights": parts((RESOURCE, "implicitDeny"))}, id="iam-tells-of-the-bus-alone"
        ),
        pytest.param(
            UNDECIDED,
            {"rights": parts((IDENTITY, "allowed"), (BOUNDARY, "implicitDeny"), (RESOURCE, "allowed"))},
            id="one-of-two",
        ),
        pytest.param(
            DENIED, {"rights": parts((IDENTITY, "implicitDeny"), (RESOURCE, "implicitDeny"))}, id="neither"
        ),
        pytest.param(
            UNDECIDED, {"rights": Simulation(frozenset({"allowed", "explicitDeny"}))}, id="contradiction"
        ),
        pytest.param(
            UNDECIDED,
            {"rights": Simulation(frozenset({"allowed"}), missing_keys=("aws:SourceVpc",))},
            id="missing-key",
        ),
        pytest.param(
            DENIED,
            {"rights": Simulation(frozenset({"allowed"}), allowed_by_organization=False)},
            id="organization",
        ),
        pytest.param(
            DENIED, {"rights": Simulation(frozenset({"allowed"}), allowed_by_boundary=False)}, id="boundary"
        ),
        pytest.param(Code.EVENT_BUS_MISSING, {"there": None}, id="bus-is-missing"),
        pytest.param(UNDECIDED, {"there": EventBus(policy(ADMITS), "alias/hub")}, id="bus-has-a-key"),
        pytest.param(DENIED, {"there": EventBus()}, id="bus-without-a-policy"),
        pytest.param(
            DENIED, {"there": bus_for({**ADMITS, "Principal": {"AWS": "777788889999"}})}, id="for-others"
        ),
        pytest.param(
            DENIED,
            {"there": bus_for({**ADMITS, "Principal": {"Service": "events.amazonaws.com"}})},
            id="for-a-service",
        ),
        pytest.param(DENIED, {"there": bus_for({**ADMITS, "Resource": str(OWN)})}, id="for-another-bus"),
        pytest.param(DENIED, {"there": bus_for(ADMITS, DENIES)}, id="bus-denies"),
        pytest.param(
            DENIED, {"bus": OWN, "there": bus_for({**DENIES, "Resource": str(OWN)})}, id="own-bus-denies"
        ),
        pytest.param(
            DENIED,
            {
                "there": everybody_if("StringEquals", "aws:PrincipalOrgID", "o-another"),
                "organization": ORGANIZATION,
            },
            id="another-organization",
        ),
        pytest.param(
            DENIED,
            {"there": everybody_if("StringEquals", "aws:PrincipalOrgID", ORGANIZATION)},
            id="no-organization",
        ),
        pytest.param(
            UNREADABLE,
            {
                "there": everybody_if("StringEquals", "aws:PrincipalOrgID", ORGANIZATION),
                "organization": REFUSED,
            },
            id="organization-is-unreadable",
        ),
        pytest.param(
            UNDECIDED,
            {"there": everybody_if("ForAnyValue:StringLike", "aws:PrincipalOrgPaths", f"{ORGANIZATION}/*")},
            id="organizational-unit",
        ),
        pytest.param(
            UNDECIDED, {"there": everybody_if("ArnEquals", "aws:SourceArn", str(RULE.arn))}, id="source-arn"
        ),
        pytest.param(
            UNDECIDED, {"there": everybody_if("StringEquals", "events:source", "aws.iam")}, id="event-source"
        ),
        pytest.param(
            UNDECIDED,
            {
                "there": bus_for(
                    {**ADMITS, "Principal": {"AWS": f"arn:aws:sts::{ACCOUNT}:assumed-role/forward/it"}}
                )
            },
            id="session",
        ),
        pytest.param(
            UNDECIDED, {"there": bus_for({**ADMITS, "Principal": {"AWS": "AROAEXAMPLEID"}})}, id="role-id"
        ),
        pytest.param(
            UNDECIDED,
            {
                "there": bus_for(
                    ADMITS,
                    {
                        **{name: value for name, value in DENIES.items() if name != "Principal"},
                        "NotPrincipal": {"AWS": ACCOUNT},
                    },
                )
            },
            id="not-principal",
        ),
        pytest.param(
            UNDECIDED,
            {
                "bus": OWN,
                "there": bus_for(if_({**DENIES, "Resource": "*"}, "ArnLike", "aws:SourceArn", "arn:*")),
            },
            id="own-bus-may-deny",
        ),
    ],
)
def test_3_it_is_kept_out_or_may_be(code: Code, changes: dict[str, Any]) -> None:
    finding = judge(**changes)

    assert finding is not None
    assert finding.code is code


def test_4_without_a_role_there_nothing_is_asked() -> None:
    finding = judge_forwarding(evidence({}), RULE, Target(str(HUB), str(ROLE)), HUB, DeliverySettings())

    assert finding is not None
    assert finding.code is Code.TARGET_UNDECIDED
    assert finding.remedy == "name a role there that may read them in parameter ReadingRoleName"


def test_3_what_the_policy_lacks_is_ready_to_paste() -> None:
    finding = judge(there=EventBus())

    assert finding is not None
    assert finding.statement is not None
    assert (finding.account_id, finding.region) == (HUB_ACCOUNT, "eu-central-1")
    assert judge(there=bus_for(finding.statement)) is None
