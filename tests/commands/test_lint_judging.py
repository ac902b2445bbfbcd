"""Which patterns are meant for root, and what the linter says of them."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from root_usage.coverage.root_activity import ROOT_EVENT_PATTERN, ROOT_FILTER_PATTERN

from root_usage_alarm.commands.exit_status import Ending
from root_usage_alarm.commands.linting.found import Found, FoundFilter, FoundRule, Place, Written
from root_usage_alarm.commands.linting.judging import Judgement, judge

ACCOUNT = "111122223333"
PLACE = Place("t.yaml", 3, 7)
WITH_READS = "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"
ROOT_RULE = FoundRule("Rule", PLACE, Written(ROOT_EVENT_PATTERN), Written(WITH_READS))
ROOT_FILTER = FoundFilter("Filter", PLACE, Written(ROOT_FILTER_PATTERN))


def code_of(found: Found) -> str | None:
    judgement = judge(found, ACCOUNT)
    return judgement.code if judgement else None


@pytest.mark.parametrize(
    ("pattern", "code"),
    [
        pytest.param(ROOT_FILTER_PATTERN, "COVERED", id="cis"),
        pytest.param('{ $.userIdentity.arn = "*:root" }', "COVERED", id="arn"),
        pytest.param(
            '{ $.userIdentity.type = "Root" || $.userAgent = "aws-cli*" }',
            "COVERED",
            id="covered-with-others",
        ),
        pytest.param(
            '{ $.userIdentity.type = "Root" && $.eventName = "ConsoleLogin" }',
            "PATTERN_MISSES_ROOT_EVENT",
            id="sign-ins",
        ),
        pytest.param('{ $.userIdentity.type = "root" }', "PATTERN_MISSES_ROOT_EVENT", id="slip-of-the-pen"),
        pytest.param(
            '{ $.userIdentity.type = "Root" && $.userIdentity.invokedBy != "x" }',
            "PATTERN_UNDECIDED",
            id="undecided",
        ),
        pytest.param('{ $.userIdentity.type == "Root" }', "PATTERN_SYNTAX", id="syntax"),
        pytest.param(
            '{ $.userIdentity.type = "Root" ' + "&& $.a = 1 " * 100 + "}", "PATTERN_SYNTAX", id="too-long"
        ),
        pytest.param("", None, id="everything"),
        pytest.param("ERROR", None, id="text"),
        pytest.param("[ip, user, status=4*]", None, id="columns"),
        pytest.param("{ $.level == 5 }", None, id="syntax-of-something-else"),
        pytest.param('{ $.userIdentity.type != "Root" }', None, id="everybody-else"),
        pytest.param(
            '{ $.userIdentity.type = "IAMUser" && $.userIdentity.userName = "root" }',
            None,
            id="user-named-root",
        ),
        pytest.param(
            '{ ($.errorCode = "*UnauthorizedOperation") || ($.errorCode = "AccessDenied*") }',
            None,
            id="cis-unauthorized-calls",
        ),
        pytest.param(
            '{ ($.eventName = "ConsoleLogin") && ($.additionalEventData.MFAUsed != "Yes") }',
            None,
            id="cis-sign-ins-without-mfa",
        ),
        pytest.param(
            "{($.eventName=DeleteGroupPolicy)||($.eventName=DeleteRolePolicy)||($.eventName=PutUserPolicy)}",
            None,
            id="cis-iam-changes",
        ),
        pytest.param("{ ($.eventName = StopLogging) }", None, id="cis-trail-changes"),
        pytest.param(
            "{ $.eventSource = kms* && ($.eventName=DisableKey||$.eventName=ScheduleKeyDeletion) }",
            None,
            id="cis-keys",
        ),
        pytest.param(
            '{ $.eventName = "ConsoleLogin" && ($.userIdentity.type=Root || $.userIdentity.type=IAMUser) }',
            None,
            id="sign-ins-of-root-and-others",
        ),
    ],
)
def test_filters_for_root_are_told_from_others(pattern: str, code: str | None) -> None:
    assert code_of(replace(ROOT_FILTER, pattern=Written(pattern))) == code


@pytest.mark.parametrize(
    ("pattern", "code"),
    [
        pytest.param({"detail": {"userIdentity": {"type": ["Root"]}}}, "COVERED", id="root"),
        pytest.param(
            {
                "detail-type": ["AWS Console Sign In via CloudTrail"],
                "detail": {"userIdentity": {"type": ["Root"]}},
            },
            "EVENT_PATTERN_MISSES_ROOT_EVENT",
            id="sign-ins",
        ),
        pytest.param(
            {
                "detail-type": ["AWS Console Signin via CloudTrail"],
                "detail": {"userIdentity": {"type": ["Root"]}},
            },
            "EVENT_PATTERN_MISSES_ROOT_EVENT",
            id="the-guides-own-slip-of-the-pen",
        ),
        pytest.param({"detail": {"userIdentity": {"type": "Root"}}}, "PATTERN_SYNTAX", id="syntax"),
        pytest.param(
            {"detail": {"userIdentity": {"type": [{"regex": "Root"}]}}},
            "EVENT_PATTERN_UNDECIDED",
            id="unknown-operator",
        ),
        pytest.param({"detail": {"x": [{"regex": "y"}]}}, None, id="unknown-operator-elsewhere"),
        pytest.param({"detail": {"x": 1}}, None, id="syntax-of-something-else"),
        pytest.param({"source": [{"prefix": ""}]}, None, id="everything"),
        pytest.param({"detail": {"eventName": ["StopLogging"]}}, None, id="a-call-of-anybody"),
        pytest.param(
            {"source": ["aws.ec2"], "detail-type": ["EC2 Instance State-change Notification"]},
            None,
            id="no-trail",
        ),
        pytest.param(
            {"detail": {"userIdentity": {"type": [{"anything-but": "Root"}]}}}, None, id="everybody-else"
        ),
        pytest.param({"detail-type": ["AWS Console Sign In via CloudTrail"]}, None, id="sign-ins-of-anybody"),
    ],
)
def test_rules_for_root_are_told_from_others(pattern: dict[str, Any], code: str | None) -> None:
    assert code_of(replace(ROOT_RULE, pattern=Written(json.dumps(pattern)))) == code


def said_of(found: Found) -> tuple[str, Ending, str]:
    judgement = judge(found, ACCOUNT)
    assert judgement
    return judgement.code, judgement.ending, judgement.message


def test_what_is_missed_has_an_event() -> None:
    sign_ins = '{"source": ["aws.signin"], "detail": {"userIdentity": {"type": ["Root"]}}}'

    judgement = judge(replace(ROOT_RULE, pattern=Written(sign_ins)), ACCOUNT)

    assert judgement == Judgement(
        PLACE,
        "Rule",
        "EVENT_PATTERN_MISSES_ROOT_EVENT",
        Ending.MISSED,
        "EventBridge rule `Rule` misses, for example, root CreateAccessKey of iam.amazonaws.com in us-east-1"
        "; unseen: 2026-10-05T07:05:10Z  us-east-1  CreateAccessKey  by Root",
        judgement.example if judgement else None,
    )
    assert judgement.example
    assert judgement.example["eventName"] == "CreateAccessKey"


def test_what_is_covered_says_what_it_rests_on() -> None:
    assert said_of(replace(ROOT_FILTER, pattern=Written('{ $.userIdentity.type = "Root" }'))) == (
        "COVERED",
        Ending.COVERED,
        (
            "metric filter `Filter`: every event that root can cause matches; `Filter` also matches AWS "
            "services that act for root (`invokedBy`); `Filter` also matches service events"
        ),
    )


def test_syntax_error_points_at_its_place() -> None:
    assert said_of(replace(ROOT_RULE, pattern=Written('{"detail": {"userIdentity": "Root"}}'))) == (
        "PATTERN_SYNTAX",
        Ending.COULD_NOT_RUN,
        (
            "EventBridge rule `Rule`: AWS refuses the pattern: a field's value is an array of what it may "
            "be: put it into [ ], at '\"Root\"}}'"
        ),
    )


@pytest.mark.parametrize(
    ("found", "message"),
    [
        pytest.param(
            replace(ROOT_FILTER, pattern=Written('{ $.userIdentity.type = "Root" && ${X} }', ("X", "Y"))),
            "metric filter `Filter`: not decided: depends on `X`, `Y`",
            id="pattern",
        ),
        pytest.param(
            replace(ROOT_FILTER, apply_on_transformed_logs=Written("true")),
            "metric filter `Filter`: not decided: it reads transformed events, whose shape isn't known",
            id="transformed-events",
        ),
        pytest.param(
            replace(ROOT_FILTER, apply_on_transformed_logs=Written("var.x", ("var.x",))),
            "metric filter `Filter`: not decided: it reads transformed events, whose shape isn't known",
            id="perhaps-transformed-events",
        ),
        pytest.param(
            replace(ROOT_RULE, state=Written("var.state", ("var.state",))),
            "EventBridge rule `Rule`: not decided: depends on `var.state`",
            id="state",
        ),
        pytest.param(
            replace(ROOT_RULE, event_bus=Written("hub")),
            "EventBridge rule `Rule`: not decided: "
            "CloudTrail's events come to the default event bus, not to `hub`",
            id="another-bus",
        ),
    ],
)
def test_what_depends_on_a_deployment_is_undecided(found: Found, message: str) -> None:
    judgement = judge(found, ACCOUNT)

    assert judgement
    assert (judgement.ending, judgement.message) == (Ending.UNDECIDED, message)


def test_default_bus_may_be_said_by_its_arn() -> None:
    arn = Written("arn:aws:events:us-east-1:111122223333:event-bus/default")

    assert code_of(replace(ROOT_RULE, event_bus=arn)) == "COVERED"


@pytest.mark.parametrize(
    ("criteria", "code"),
    [
        pytest.param(Written('@aws.account IN ["111122223333"]'), "COVERED", id="of-the-account"),
        pytest.param(
            Written('@aws.account IN ["444455556666"]'), "PATTERN_MISSES_ROOT_EVENT", id="of-another"
        ),
        pytest.param(Written("", ("X",)), "PATTERN_UNDECIDED", id="of-whichever"),
    ],
)
def test_criteria_of_the_fields_count(criteria: Written, code: str) -> None:
    assert code_of(replace(ROOT_FILTER, field_selection_criteria=criteria)) == code


def test_unresolved_pattern_of_something_else_is_left_alone() -> None:
    assert judge(replace(ROOT_FILTER, pattern=Written("{ $.a = ${X} }", ("X",))), ACCOUNT) is None


@pytest.mark.parametrize(
    ("state", "code", "message"),
    [
        pytest.param(
            "ENABLED",
            "EVENT_RULE_WITHOUT_READS",
            "EventBridge rule `Rule` is in state ENABLED, which keeps read-only calls back, such as "
            "2026-10-05T07:05:10Z  us-east-1  GetAccountSummary  by Root: set "
            "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS",
            id="without-reads",
        ),
        pytest.param(
            "DISABLED",
            "EVENT_RULE_DISABLED",
            "EventBridge rule `Rule` is in state DISABLED, so no root event comes to it",
            id="disabled",
        ),
    ],
)
def test_state_of_a_rule_counts(state: str, code: str, message: str) -> None:
    assert said_of(replace(ROOT_RULE, state=Written(state))) == (code, Ending.MISSED, message)


def test_roots_account_is_the_one_that_is_given() -> None:
    of_another = replace(
        ROOT_FILTER, pattern=Written('{ $.userIdentity.arn = "arn:aws:iam::444455556666:root" }')
    )

    judgement = judge(of_another, "444455556666")

    assert judgement
    assert judgement.code == "COVERED"
