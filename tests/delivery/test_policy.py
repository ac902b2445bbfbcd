"""Whether a resource policy lets CloudWatch in: one row per way to write it."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from root_usage.delivery.caller import CLOUDWATCH, publish_of_alarm, request_of_alarm
from root_usage.delivery.policy import Allowed, Denied, Permission, Unproven, may
from root_usage.delivery.wildcards import matches_wildcards

from tests.delivery.builders import ACCOUNT, ALARM_ARN, DEFAULT_POLICY, TOPIC_ARN, policy

# AWS's own example for alarms: the service, the topic, the alarm's account.
ALLOW = {
    "Effect": "Allow",
    "Principal": {"Service": "cloudwatch.amazonaws.com"},
    "Action": "sns:Publish",
    "Resource": str(TOPIC_ARN),
}
DENY = {"Sid": "No", "Effect": "Deny", "Principal": "*", "Action": "sns:Publish", "Resource": "*"}

# As AWS's samples of data perimeters write it, for whoever isn't of the organization nor a service.
IN_ORGANIZATION = {"aws:PrincipalOrgID": "o-exampleorgid"}
PERIMETER = {
    **DENY,
    "Sid": "Perimeter",
    "Condition": {
        "StringNotEqualsIfExists": IN_ORGANIZATION,
        "BoolIfExists": {"aws:PrincipalIsAWSService": "false"},
    },
}


def _publish(text: str) -> Permission:
    return may(text, CLOUDWATCH, "sns:Publish", str(TOPIC_ARN), publish_of_alarm(ALARM_ARN))


def _without(statement: dict[str, Any], *elements: str, **others: Any) -> dict[str, Any]:
    return {name: value for name, value in statement.items() if name not in elements} | others


def _allow(**changed: Any) -> str:
    return policy({**ALLOW, **changed})


def _allow_if(operator: str, key: str, value: Any) -> str:
    return _allow(Condition={operator: {key: value}})


def _deny(**changed: Any) -> str:
    return policy(ALLOW, {**DENY, **changed})


def _deny_if(operator: str, key: str, value: Any) -> str:
    return _deny(Condition={operator: {key: value}})


def _doubt(what: str, statement: str = "1") -> Unproven:
    return Unproven(f"statement `{statement}`: {what}")


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(DEFAULT_POLICY, id="a-new-topic's-policy"),
        pytest.param(policy(ALLOW), id="the-service-alone"),
        pytest.param(json.dumps({"Statement": ALLOW}), id="one-statement-without-a-list"),
        pytest.param(_allow(Principal="*"), id="anyone"),
        pytest.param(_allow(Principal={"AWS": "*"}), id="anyone-as-aws"),
        pytest.param(_allow(Principal={"AWS": [ACCOUNT, "*"]}), id="anyone-in-a-list"),
        pytest.param(
            _allow(Principal={"AWS": ACCOUNT, "Service": ["events.amazonaws.com", CLOUDWATCH]}),
            id="the-service-among-others",
        ),
        pytest.param(_allow(Action="SNS:Publish"), id="action-in-capitals"),
        pytest.param(_allow(Action="sns:publish"), id="action-in-lower-case"),
        pytest.param(_allow(Action=["sns:Subscribe", "sns:Pub*"]), id="action-with-star-in-a-list"),
        pytest.param(_allow(Action="sns:?ublish"), id="action-with-question-mark"),
        pytest.param(_allow(Action="SNS:*"), id="every-action-of-the-service"),
        pytest.param(_allow(Action="*"), id="every-action"),
        pytest.param(policy(_without(ALLOW, "Action", NotAction="sns:Subscribe")), id="not-another-action"),
        pytest.param(_allow(Resource="*"), id="every-resource"),
        pytest.param(_allow(Resource=f"arn:aws:sns:*:{ACCOUNT}:root-*"), id="resource-with-stars"),
        pytest.param(
            policy(_without(ALLOW, "Resource", NotResource="arn:aws:sns:*:*:other")), id="not-another-topic"
        ),
        pytest.param(_allow_if("StringEquals", "aws:SourceAccount", ACCOUNT), id="source-account"),
        pytest.param(_allow_if("StringEquals", "AWS:SOURCEACCOUNT", ACCOUNT), id="key-in-capitals"),
        pytest.param(_allow_if("StringEquals", "aws:SourceAccount", int(ACCOUNT)), id="account-as-a-number"),
        pytest.param(
            _allow_if("StringEquals", "aws:SourceAccount", ["444455556666", ACCOUNT]), id="account-in-a-list"
        ),
        pytest.param(_allow_if("StringEqualsIgnoreCase", "aws:SourceOwner", ACCOUNT), id="source-owner"),
        pytest.param(_allow_if("StringLike", "aws:SourceAccount", "1111*"), id="account-with-star"),
        pytest.param(_allow_if("StringEqualsIfExists", "aws:SourceAccount", ACCOUNT), id="if-exists"),
        pytest.param(_allow_if("ForAnyValue:StringEquals", "aws:SourceAccount", ACCOUNT), id="for-any-value"),
        pytest.param(
            _allow_if("ForAllValues:StringEquals", "aws:SourceAccount", ACCOUNT), id="for-all-values"
        ),
        pytest.param(
            _allow_if("StringNotEquals", "aws:SourceAccount", "444455556666"), id="not-another-account"
        ),
        pytest.param(
            _allow_if("ArnLike", "aws:SourceArn", f"arn:aws:cloudwatch:*:{ACCOUNT}:alarm:*"), id="arn"
        ),
        pytest.param(_allow_if("ArnEquals", "aws:SourceArn", str(ALARM_ARN)), id="arn-equals"),
        pytest.param(
            _allow_if("ArnEquals", "aws:SourceArn", f"arn:aws:cloudwatch:*:{ACCOUNT}:alarm:*"),
            id="arn-equals-takes-stars",
        ),
        pytest.param(_allow_if("StringEquals", "aws:SourceArn", str(ALARM_ARN)), id="arn-as-a-string"),
        pytest.param(
            _allow_if("StringLike", "aws:SourceArn", "arn:aws:cloudwatch:*"), id="arn-like-a-string"
        ),
        pytest.param(_allow_if("ArnNotLike", "aws:SourceArn", "arn:aws:s3:::*"), id="arn-not-another"),
        pytest.param(_allow_if("Bool", "aws:SecureTransport", "true"), id="secure-transport"),
        pytest.param(_allow_if("Bool", "aws:SecureTransport", True), id="secure-transport-as-a-boolean"),
        pytest.param(_allow_if("Null", "aws:SourceAccount", "false"), id="source-account-is-there"),
        pytest.param(
            _allow(
                Condition={
                    "StringEquals": {"aws:SourceAccount": ACCOUNT},
                    "ArnLike": {"aws:SourceArn": f"arn:aws:cloudwatch:us-east-1:{ACCOUNT}:alarm:*"},
                }
            ),
            id="account-and-arn",
        ),
        pytest.param(_deny_if("Bool", "aws:SecureTransport", "false"), id="deny-without-tls"),
        pytest.param(_deny_if("BoolIfExists", "aws:SecureTransport", False), id="deny-without-tls-if-exists"),
        pytest.param(_deny(Principal={"AWS": "444455556666"}), id="deny-an-account"),
        pytest.param(_deny(Principal={"Service": "events.amazonaws.com"}), id="deny-another-service"),
        pytest.param(_deny(Action="sns:Subscribe"), id="deny-another-action"),
        pytest.param(_deny(Resource="arn:aws:sns:us-east-1:111122223333:other"), id="deny-another-topic"),
        pytest.param(
            policy(ALLOW, _without(DENY, "Action", NotAction=["sns:Pub*"])), id="deny-all-but-this-action"
        ),
        pytest.param(
            policy(ALLOW, _without(DENY, "Principal", NotPrincipal={"Service": CLOUDWATCH})),
            id="deny-all-but-this-service",
        ),
        pytest.param(
            _deny_if("StringNotEquals", "aws:SourceAccount", ACCOUNT), id="deny-all-but-this-account"
        ),
        pytest.param(
            _deny(Action="sns:Subscribe", Condition={"StringEquals": {"sns:Protocol": "http"}}),
            id="deny-another-action-on-an-unknown-condition",
        ),
        pytest.param(
            policy(ALLOW, {**ALLOW, "Condition": {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}}),
            id="allow-beside-an-undecided-allow",
        ),
        pytest.param(
            _deny_if("StringEquals", "aws:PrincipalOrgID", "o-example"),
            id="deny-an-organization",
        ),
        pytest.param(
            _deny_if("BoolIfExists", "aws:PrincipalIsAWSService", "false"),
            id="deny-all-but-services",
        ),
        pytest.param(
            policy(ALLOW, PERIMETER),
            id="data-perimeter",
        ),
    ],
)
def test_policy_that_admits_alarms_is_allowed(text: str) -> None:
    assert _publish(text) == Allowed()


@pytest.mark.parametrize(
    ("text", "statement"),
    [
        pytest.param(policy(), None, id="no-statement"),
        pytest.param(_allow(Principal={"Service": "events.amazonaws.com"}), None, id="another-service"),
        pytest.param(_allow(Principal={"AWS": ACCOUNT}), None, id="the-account-is-no-service"),
        pytest.param(_allow(Principal={"AWS": f"arn:aws:iam::{ACCOUNT}:root"}), None, id="the-account's-arn"),
        pytest.param(_allow(Principal={"AWS": []}), None, id="no-principal-in-the-list"),
        pytest.param(_allow(Principal={"Federated": "accounts.google.com"}), None, id="federated"),
        pytest.param(_allow(Action="sns:Subscribe"), None, id="another-action"),
        pytest.param(_allow(Action="sqs:*"), None, id="another-service's-actions"),
        pytest.param(policy(_without(ALLOW, "Action", NotAction="sns:*")), None, id="all-but-this-action"),
        pytest.param(_allow(Resource=f"{TOPIC_ARN}-2"), None, id="a-longer-topic-name"),
        pytest.param(_allow(Resource=str(TOPIC_ARN).upper()), None, id="resources-are-case-sensitive"),
        pytest.param(policy(_without(ALLOW, "Resource", NotResource="*")), None, id="no-resource"),
        pytest.param(_allow_if("StringEquals", "aws:SourceAccount", "444455556666"), None, id="account"),
        pytest.param(_allow_if("StringEquals", "aws:SourceAccount", "1111*"), None, id="star-is-literal"),
        pytest.param(
            _allow_if("ArnLike", "aws:SourceArn", f"arn:aws:cloudwatch:eu-west-1:{ACCOUNT}:alarm:*"),
            None,
            id="another-region's-alarms",
        ),
        pytest.param(_allow_if("Bool", "aws:SecureTransport", "false"), None, id="only-without-tls"),
        pytest.param(_allow_if("Null", "aws:SourceArn", "true"), None, id="only-without-source"),
        pytest.param(
            _allow_if("StringEquals", "aws:PrincipalOrgID", "o-example"),
            None,
            id="an-organization's-principals",
        ),
        pytest.param(
            _allow_if("ForAnyValue:StringLike", "aws:PrincipalOrgPaths", "o-example/*"),
            None,
            id="an-organizational-unit's-principals",
        ),
        pytest.param(
            _allow_if("ForAnyValue:StringNotEquals", "aws:PrincipalOrgID", "o-example"),
            None,
            id="any-value-of-an-organization-that-is-absent",
        ),
        pytest.param(
            _allow(
                Condition={
                    "StringEquals": {"aws:SourceAccount": "444455556666"},
                    "IpAddress": {"aws:SourceIp": "10.0.0.0/8"},
                }
            ),
            None,
            id="one-condition-fails-another-is-undecided",
        ),
        pytest.param(
            policy(
                {**ALLOW, "Action": "sns:Subscribe"},
                {**DENY, "Condition": {"StringEquals": {"sns:Protocol": "http"}}},
            ),
            None,
            id="nothing-allows-and-a-deny-is-undecided",
        ),
        pytest.param(_deny(), "No", id="deny-everyone"),
        pytest.param(_deny(Principal={"AWS": "*"}), "No", id="deny-everyone-as-aws"),
        pytest.param(_deny(Principal={"Service": CLOUDWATCH}), "No", id="deny-the-service"),
        pytest.param(policy(ALLOW, _without(DENY, "Sid")), "2", id="deny-without-an-id"),
        pytest.param(
            policy(ALLOW, _without(DENY, "Principal", NotPrincipal={"AWS": ACCOUNT})),
            "No",
            id="deny-all-but-an-account",
        ),
        pytest.param(_deny(Action="SNS:PUBLISH"), "No", id="deny-in-capitals"),
        pytest.param(
            _deny_if("StringNotEquals", "aws:SourceAccount", "444455556666"),
            "No",
            id="deny-all-but-another-account",
        ),
        pytest.param(
            policy(ALLOW, {**DENY, "Sid": "Maybe", "Condition": {"StringEquals": {"x:y": "z"}}}, DENY),
            "No",
            id="a-deny-that-applies-beside-an-undecided-one",
        ),
        pytest.param(
            _deny_if("StringNotEquals", "aws:PrincipalOrgID", "o-example"),
            "No",
            id="deny-all-but-an-organization",
        ),
        pytest.param(
            _deny_if("Null", "aws:PrincipalOrgID", "true"),
            "No",
            id="deny-without-an-organization",
        ),
        pytest.param(
            policy(ALLOW, {**PERIMETER, "Condition": {"StringNotEqualsIfExists": IN_ORGANIZATION}}),
            "Perimeter",
            id="data-perimeter-without-its-exception-for-services",
        ),
    ],
)
def test_policy_that_keeps_alarms_out_is_denied(text: str, statement: str | None) -> None:
    assert _publish(text) == Denied(statement)


@pytest.mark.parametrize(
    ("text", "unproven"),
    [
        pytest.param("", Unproven("it is not valid JSON"), id="empty"),
        pytest.param("{", Unproven("it is not valid JSON"), id="cut-off"),
        pytest.param("[" * 100_000, Unproven("it is not valid JSON"), id="nested-too-deep"),
        pytest.param("[]", Unproven("it is not a JSON object"), id="a-list"),
        pytest.param("{}", Unproven("it has no list of statements"), id="no-statements"),
        pytest.param('{"Statement": ["x"]}', Unproven("it has no list of statements"), id="not-statements"),
        pytest.param(
            json.dumps({"Statement": ALLOW, "Statements": [DENY]}),
            Unproven("element `Statements`"),
            id="element-that-a-policy-has-not",
        ),
        pytest.param(
            json.dumps({"Version": "2026-01-01", "Statement": ALLOW}),
            Unproven("its version"),
            id="version-that-aws-does-not-know",
        ),
        pytest.param(
            '{"Statement": [], "Statement": []}', Unproven("it is not valid JSON"), id="statements-twice"
        ),
        pytest.param(_allow(Effect="allow"), _doubt("its effect"), id="effect-in-lower-case"),
        pytest.param(_allow(Effect=None), _doubt("its effect"), id="effect-is-null"),
        pytest.param(_allow(Conditions={}), _doubt("element `Conditions`"), id="unknown-element"),
        pytest.param(policy(_without(ALLOW, "Principal")), _doubt("its principal"), id="no-principal"),
        pytest.param(_allow(Principal=CLOUDWATCH), _doubt("its principal"), id="principal-is-a-string"),
        pytest.param(_allow(Principal={"AWS": [1]}), _doubt("its principal"), id="principal-is-a-number"),
        pytest.param(
            _allow(Principal={"Robot": "*"}), _doubt("its principal"), id="principal-of-unknown-kind"
        ),
        pytest.param(
            _allow(Principal={"AWS": "arn:aws:iam::*:root"}),
            _doubt("its principal"),
            id="principal-with-star",
        ),
        pytest.param(_allow(Principal={"Service": "*"}), _doubt("principal `*`"), id="every-service"),
        pytest.param(
            _allow(Principal={"Service": "cloudwatch.us-east-1.amazonaws.com"}),
            _doubt("principal `cloudwatch.us-east-1.amazonaws.com`"),
            id="the-service-of-one-region",
        ),
        pytest.param(
            policy(_without(ALLOW, "Principal", NotPrincipal={"AWS": ACCOUNT})),
            _doubt("NotPrincipal"),
            id="allow-by-not-principal",
        ),
        pytest.param(policy(_without(ALLOW, "Action")), _doubt("its action"), id="no-action"),
        pytest.param(_allow(Action=[]), _doubt("its action"), id="empty-action-list"),
        pytest.param(_allow(Action=7), _doubt("its action"), id="action-is-a-number"),
        pytest.param(_allow(NotAction="sns:Subscribe"), _doubt("its action"), id="action-and-not-action"),
        pytest.param(policy(_without(ALLOW, "Resource")), _doubt("its resource"), id="resource-missing"),
        pytest.param(
            _allow(Resource="arn:aws:sns:*:*:${aws:username}"),
            _doubt("policy variable in `arn:aws:sns:*:*:${aws:username}`"),
            id="policy-variable-in-resource",
        ),
        pytest.param(_allow(Condition=[]), _doubt("its condition"), id="condition-is-a-list"),
        pytest.param(_allow(Condition={"Bool": "x"}), _doubt("its condition"), id="condition-without-key"),
        pytest.param(
            _allow_if("IpAddress", "aws:SourceIp", "10.0.0.0/8"),
            _doubt("condition IpAddress aws:SourceIp"),
            id="source-ip",
        ),
        pytest.param(
            _allow_if("StringEquals", "aws:SourceOrgID", "o-example"),
            _doubt("condition StringEquals aws:SourceOrgID"),
            id="unknown-key",
        ),
        pytest.param(
            _allow_if("StringSounds", "aws:SourceAccount", ACCOUNT),
            _doubt("condition StringSounds aws:SourceAccount"),
            id="unknown-operator",
        ),
        pytest.param(
            _allow_if("ForSome:StringEquals", "aws:SourceAccount", ACCOUNT),
            _doubt("condition ForSome:StringEquals aws:SourceAccount"),
            id="unknown-set-operator",
        ),
        pytest.param(
            _allow_if("NullIfExists", "aws:SourceAccount", "false"),
            _doubt("condition NullIfExists aws:SourceAccount"),
            id="null-has-no-if-exists",
        ),
        pytest.param(
            _allow_if("StringEquals", "aws:SourceAccount", "${aws:PrincipalAccount}"),
            _doubt("condition StringEquals aws:SourceAccount"),
            id="policy-variable-in-condition",
        ),
        pytest.param(
            _allow_if("StringEquals", "aws:SourceAccount", [None]),
            _doubt("condition StringEquals aws:SourceAccount"),
            id="null-as-value",
        ),
        pytest.param(
            _allow_if("ArnLike", "aws:SourceArn", "arn:aws:cloudwatch:*"),
            _doubt("condition ArnLike aws:SourceArn"),
            id="arn-of-four-parts",
        ),
        pytest.param(
            _allow_if("StringNotEquals", "aws:PrincipalOrgID", "o-example"),
            _doubt("condition StringNotEquals aws:PrincipalOrgID"),
            id="absence-of-an-organization-is-no-proof",
        ),
        pytest.param(
            _allow_if("ForAllValues:StringEquals", "aws:PrincipalOrgID", "o-example"),
            _doubt("condition ForAllValues:StringEquals aws:PrincipalOrgID"),
            id="all-values-of-an-organization-that-is-absent",
        ),
        pytest.param(
            policy(
                {**ALLOW, "Sid": "All", "Principal": "*", "Condition": {"IpAddress": {"aws:SourceIp": "::"}}},
                {**ALLOW, "Sid": "Ours", "Condition": {"ArnLike": {"aws:SourceArn": "${aws:x}"}}},
            ),
            _doubt("condition ArnLike aws:SourceArn", "Ours"),
            id="statement-for-the-service-before-one-for-everybody",
        ),
        pytest.param(
            _allow(Condition={"StringEquals": {"aws:SourceOrgID": "o-1", "aws:SourceVpce": "vpce-1"}}),
            _doubt("condition StringEquals aws:SourceOrgID and 1 more"),
            id="two-conditions-that-decide-together",
        ),
        pytest.param(
            _allow_if("StringEquals", "x [NO_ALARM]`y", "z"),
            _doubt("condition StringEquals `x [NO_ALARM]'y`"),
            id="key-that-is-no-key",
        ),
        pytest.param(
            _deny(Principal={"Service": "cloudwatch.amazonaws.com.cn"}),
            _doubt("principal `cloudwatch.amazonaws.com.cn`", "No"),
            id="deny-the-service-in-another-spelling",
        ),
        pytest.param(_deny(Effect="Forbid"), _doubt("its effect", "No"), id="effect-that-may-be-a-deny"),
        pytest.param(
            policy(ALLOW, _without(DENY, "Resource", Sid="a`b")),
            _doubt("its resource", "a'b"),
            id="backtick-in-an-id",
        ),
    ],
)
def test_policy_that_is_not_understood_proves_nothing(text: str, unproven: Unproven) -> None:
    assert _publish(text) == unproven


def test_source_owner_says_nothing_of_calls_to_kms() -> None:
    text = _allow_if("StringEquals", "aws:SourceOwner", ACCOUNT)

    permission = may(text, CLOUDWATCH, "sns:Publish", str(TOPIC_ARN), request_of_alarm(ALARM_ARN))

    assert permission == _doubt("condition StringEquals aws:SourceOwner")


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        pytest.param("", "", True, id="nothing-is-nothing"),
        pytest.param("", "a", False, id="nothing-is-not-something"),
        pytest.param("*", "", True, id="star-is-nothing"),
        pytest.param("a*c", "abbc", True, id="star-in-the-middle"),
        pytest.param("a*c", "abcd", False, id="text-goes-on"),
        pytest.param("*ab", "aab", True, id="star-takes-back"),
        pytest.param("*a*b*", "xxaxxbxx", True, id="three-stars"),
        pytest.param("*b*a*", "xxaxxbxx", False, id="wrong-order"),
        pytest.param("a?c", "abc", True, id="question-mark"),
        pytest.param("a?c", "ac", False, id="question-mark-is-one-character"),
        pytest.param("a.c", "abc", False, id="dot-is-a-dot"),
        pytest.param("*a" * 200 + "b", "a" * 300, False, id="many-stars-end-in-time"),
    ],
)
def test_wildcards(pattern: str, text: str, expected: bool) -> None:
    assert matches_wildcards(pattern, text) is expected


_JUNK = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=8)
    | st.sampled_from(["*", CLOUDWATCH, ACCOUNT]),
    lambda below: (
        st.lists(below, max_size=3)
        | st.dictionaries(
            st.sampled_from(["Service", "AWS", "StringEquals", "aws:SourceAccount", "Null", "x"]),
            below,
            max_size=3,
        )
    ),
    max_leaves=6,
)
_STATEMENTS = st.lists(
    st.dictionaries(
        st.sampled_from(
            ["Sid", "Effect", "Principal", "NotPrincipal", "Action", "Resource", "Condition", "X"]
        ),
        _JUNK | st.sampled_from(["Allow", "Deny"]),
    ),
    max_size=3,
)


@given(st.text(max_size=40))
def test_text_that_is_no_policy_is_unproven(text: str) -> None:
    assert isinstance(_publish(text), Unproven)


@given(_STATEMENTS)
def test_junk_in_statements_never_crashes(statements: list[dict[str, Any]]) -> None:
    assert isinstance(_publish(policy(*statements)), Allowed | Denied | Unproven)


@given(_STATEMENTS)
def test_a_deny_of_everything_outweighs_any_other_statement(statements: list[dict[str, Any]]) -> None:
    assert isinstance(_publish(policy(*statements, DENY)), Denied)


@given(_STATEMENTS)
def test_more_statements_of_junk_never_turn_a_lacking_allow_into_proof(
    statements: list[dict[str, Any]],
) -> None:
    """A statement proves something only with an Allow of its own."""
    without_allow = [each for each in statements if each.get("Effect") != "Allow"]

    assert not isinstance(_publish(policy(*without_allow)), Allowed)


@given(st.text("ab*?", max_size=8), st.text("abc", max_size=8))
def test_wildcards_agree_with_regular_expressions(pattern: str, text: str) -> None:
    source = "".join({"*": ".*", "?": "."}.get(char, char) for char in pattern)

    assert matches_wildcards(pattern, text) is (re.fullmatch(source, text) is not None)
