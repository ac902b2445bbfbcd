"""The rule's parameters, as AWS Config hands them over."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from root_usage.delivery import PROTOCOLS
from root_usage.parameters import PARSERS, InvalidParameters, Parameters, parse_parameters
from root_usage.verdict.findings import Code


def test_no_parameters_give_the_defaults() -> None:
    assert parse_parameters({}) == Parameters(
        sns_topic_arn=None,
        min_confirmed_subscribers=1,
        allow_assume_root_exclusion=True,
        allowed_excluded_event_sources=frozenset(),
        max_detection_minutes=None,
        accepted_actions=frozenset({"sns"}),
        person_protocols=frozenset(PROTOCOLS),
        reporting_region=None,
        reading_role_name=None,
        root_usage_lookback_days=90,
        on_recent_root_use="report",
        require_no_root_access_keys=False,
        require_root_mfa=False,
    )


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        pytest.param(
            "MinConfirmedSubscribers", "3", Parameters(min_confirmed_subscribers=3), id="a-number-as-text"
        ),
        pytest.param("MinConfirmedSubscribers", 3, Parameters(min_confirmed_subscribers=3), id="a-number"),
        pytest.param(
            "AllowAssumeRootExclusion", "False", Parameters(allow_assume_root_exclusion=False), id="a-boolean"
        ),
        pytest.param(
            "AllowedExcludedEventSources",
            "kms.amazonaws.com",
            Parameters(allowed_excluded_event_sources=frozenset({"kms.amazonaws.com"})),
            id="an-event-source",
        ),
        pytest.param("MaxDetectionMinutes", "15", Parameters(max_detection_minutes=15), id="minutes"),
        pytest.param(
            "AcceptedWays",
            "eventbridge, alarm",
            Parameters(accepted_ways=frozenset({"alarm", "eventbridge"})),
            id="both-ways",
        ),
        pytest.param(
            "AcceptedActions",
            "sns, lambda",
            Parameters(accepted_actions=frozenset({"sns", "lambda"})),
            id="a-list-with-blanks",
        ),
        pytest.param(
            "PersonProtocols",
            "email,sms",
            Parameters(person_protocols=frozenset({"email", "sms"})),
            id="a-list",
        ),
        pytest.param(
            "ReportingRegion", "us-gov-west-1", Parameters(reporting_region="us-gov-west-1"), id="a-region"
        ),
        pytest.param(
            "ReadingRoleName", "root-reader", Parameters(reading_role_name="root-reader"), id="a-role"
        ),
        pytest.param(
            "RootUsageLookbackDays", "0", Parameters(root_usage_lookback_days=0), id="days-of-no-looking"
        ),
        pytest.param(
            "OnRecentRootUse", "FAIL", Parameters(on_recent_root_use="fail"), id="a-word-in-capitals"
        ),
        pytest.param(
            "RequireNoRootAccessKeys",
            "true",
            Parameters(require_no_root_access_keys=True),
            id="no-access-keys",
        ),
        pytest.param("RequireRootMfa", "true", Parameters(require_root_mfa=True), id="mfa"),
        pytest.param(
            "RootChangesReviewedUntil",
            "2026-11-20T07:05:00Z",
            Parameters(root_changes_reviewed_until=datetime(2026, 11, 20, 7, 5, tzinfo=UTC)),
            id="a-time",
        ),
        pytest.param("ReportingRegion", "  ", Parameters(), id="an-empty-value-is-the-default"),
        pytest.param(
            "SnsTopicArn",
            "arn:aws:sns:eu-west-1:111122223333:security",
            Parameters(sns_topic_arn="arn:aws:sns:eu-west-1:111122223333:security"),
            id="a-topic",
        ),
        pytest.param("AssumeRoleMode", "False", Parameters(), id="rdklib-reads-its-own"),
    ],
)
def test_parameter_is_parsed(name: str, value: object, expected: Parameters) -> None:
    assert parse_parameters({name: value}) == expected


@pytest.mark.parametrize(
    ("name", "value", "message", "remedy"),
    [
        pytest.param(
            "MinConfirmedSubscriber",
            "1",
            "cannot verify: rule parameter `MinConfirmedSubscriber` is unknown, so the rule decides nothing",
            "remove it or correct its spelling in the rule's parameters",
            id="misspelt",
        ),
        pytest.param(
            "MinConfirmedSubscribers",
            "0",
            "cannot verify: rule parameter `MinConfirmedSubscribers` is `0`, so the rule decides nothing",
            "set it to a whole number from 1 to 100",
            id="number-out-of-range",
        ),
        pytest.param(
            "MaxDetectionMinutes",
            "soon",
            "cannot verify: rule parameter `MaxDetectionMinutes` is `soon`, so the rule decides nothing",
            "set it to a whole number from 1 to 10080",
            id="not-a-number",
        ),
        pytest.param(
            "AllowAssumeRootExclusion",
            "yes",
            "cannot verify: rule parameter `AllowAssumeRootExclusion` is `yes`, so the rule decides nothing",
            "set it to `true` or `false`",
            id="not-a-boolean",
        ),
        pytest.param(
            "PersonProtocols",
            "email,pigeon",
            "cannot verify: rule parameter `PersonProtocols` is `email,pigeon`, so the rule decides nothing",
            "set it to some of application, email, email-json, firehose, http, https, lambda, sms, sqs, "
            "with commas between them",
            id="unknown-protocol",
        ),
        pytest.param(
            "ReportingRegion",
            "Virginia",
            "cannot verify: rule parameter `ReportingRegion` is `Virginia`, so the rule decides nothing",
            "set it to the name of an AWS region, such as us-east-1",
            id="not-a-region",
        ),
        pytest.param(
            "SnsTopicArn",
            "security",
            "cannot verify: rule parameter `SnsTopicArn` is `security`, so the rule decides nothing",
            "set it to the ARN of an SNS topic",
            id="topic-by-name",
        ),
        pytest.param(
            "ExecutionRoleName",
            "path/role",
            "cannot verify: rule parameter `ExecutionRoleName` is `path/role`, so the rule decides nothing",
            "set it to the name of an IAM role, without its path",
            id="role-that-rdklib-would-fail-on",
        ),
        pytest.param(
            "ReadingRoleName",
            "path/role",
            "cannot verify: rule parameter `ReadingRoleName` is `path/role`, so the rule decides nothing",
            "set it to the name of an IAM role, without its path",
            id="role-with-a-path",
        ),
        pytest.param(
            "RootUsageLookbackDays",
            "366",
            "cannot verify: rule parameter `RootUsageLookbackDays` is `366`, so the rule decides nothing",
            "set it to a whole number from 0 to 365",
            id="more-than-a-year",
        ),
        pytest.param(
            "OnRecentRootUse",
            "warn",
            "cannot verify: rule parameter `OnRecentRootUse` is `warn`, so the rule decides nothing",
            "set it to `report` or `fail`",
            id="neither-word",
        ),
    ],
)
def test_parameter_that_makes_no_sense_is_a_finding(name: str, value: str, message: str, remedy: str) -> None:
    parsed = parse_parameters({name: value})

    assert isinstance(parsed, InvalidParameters)
    (finding,) = parsed.findings
    assert (finding.code, finding.resource) == (Code.INVALID_PARAMETER, name)
    assert (finding.message, finding.remedy) == (message, remedy)


def test_every_bad_parameter_is_named() -> None:
    parsed = parse_parameters({"MinConfirmedSubscribers": "x", "Sparkle": "1", "MaxDetectionMinutes": "5"})

    assert isinstance(parsed, InvalidParameters)
    assert [each.resource for each in parsed.findings] == ["MinConfirmedSubscribers", "Sparkle"]


# -- two names of one parameter ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "given",
    [
        pytest.param({"LogArchiveRoleName": "reader"}, id="older-name"),
        pytest.param({"ReadingRoleName": "reader", "LogArchiveRoleName": "reader"}, id="both-the-same"),
        pytest.param({"ReadingRoleName": "reader", "LogArchiveRoleName": ""}, id="older-name-is-empty"),
    ],
)
def test_older_name_of_the_reading_role_still_works(given: dict[str, str]) -> None:
    assert parse_parameters(given) == Parameters(reading_role_name="reader")


def test_two_reading_roles_are_a_finding() -> None:
    parsed = parse_parameters({"ReadingRoleName": "reader", "LogArchiveRoleName": "other"})

    assert isinstance(parsed, InvalidParameters)
    (finding,) = parsed.findings
    assert (finding.code, finding.resource) == (Code.INVALID_PARAMETER, "LogArchiveRoleName")
    assert finding.message == (
        "cannot verify: rule parameter `LogArchiveRoleName` is `other`, "
        "but ReadingRoleName and LogArchiveRoleName are one, so the rule decides nothing"
    )
    assert finding.remedy == "give one of the two in the rule's parameters"


# -- the function's floor --------------------------------------------------------------------------------


FLOORS = [
    pytest.param("MinConfirmedSubscribers", "2", "1", "2", id="more-subscribers"),
    pytest.param("MinConfirmedSubscribers", "2", "3", "3", id="own-more-subscribers"),
    pytest.param("MinConfirmedSubscribers", "", "3", "3", id="stricter-than-the-default"),
    pytest.param("AllowAssumeRootExclusion", "false", "true", "false", id="no-exclusion"),
    pytest.param("AllowAssumeRootExclusion", "true", "false", "false", id="own-no-exclusion"),
    pytest.param("AllowedExcludedEventSources", "", "kms.amazonaws.com", "", id="looser-than-the-default"),
    pytest.param(
        "AllowedExcludedEventSources",
        "kms.amazonaws.com",
        "kms.amazonaws.com,rdsdata.amazonaws.com",
        "kms.amazonaws.com",
        id="common-event-sources",
    ),
    pytest.param("AllowedExcludedEventSources", "kms.amazonaws.com", "", "", id="own-no-event-source"),
    pytest.param("MaxDetectionMinutes", "15", "60", "15", id="sooner"),
    pytest.param("MaxDetectionMinutes", "15", "5", "5", id="own-sooner"),
    pytest.param("MaxDetectionMinutes", "15", "", "15", id="a-limit-where-there-is-none"),
    pytest.param("MaxDetectionMinutes", "", "15", "15", id="own-limit"),
    pytest.param("AcceptedWays", "", "alarm,eventbridge", "alarm", id="fewer-ways-by-default"),
    pytest.param("AcceptedWays", "alarm,eventbridge", "alarm", "alarm", id="own-fewer-ways"),
    pytest.param("AcceptedActions", "sns", "sns,lambda", "sns", id="fewer-actions"),
    pytest.param("AcceptedActions", "", "sns,lambda", "sns", id="fewer-actions-by-default"),
    pytest.param("AcceptedActions", "sns,lambda", "lambda", "lambda", id="own-fewer-actions"),
    pytest.param("AcceptedActions", "sns", "lambda", "sns", id="no-action-in-common"),
    pytest.param("PersonProtocols", "email,sms", "", "email,sms", id="people-only"),
    pytest.param("PersonProtocols", "email,sms", "sms,https", "sms", id="protocols-in-common"),
    pytest.param("PersonProtocols", "email,sms", "https", "email,sms", id="no-protocol-in-common"),
    pytest.param("RootUsageLookbackDays", "90", "0", "90", id="looks-back"),
    pytest.param("RootUsageLookbackDays", "30", "365", "365", id="own-looks-back-further"),
    pytest.param("OnRecentRootUse", "fail", "report", "fail", id="fails"),
    pytest.param("OnRecentRootUse", "report", "fail", "fail", id="own-fails"),
    pytest.param("RequireNoRootAccessKeys", "true", "false", "true", id="no-access-keys"),
    pytest.param("RequireNoRootAccessKeys", "false", "true", "true", id="own-no-access-keys"),
    pytest.param("RequireRootMfa", "true", "", "true", id="root-mfa"),
    pytest.param("RequireRootMfa", "", "true", "true", id="own-root-mfa"),
    pytest.param("RootChangesReviewedUntil", "", "2026-11-20T07:05:00Z", "", id="nobody-reviewed"),
    pytest.param("RootChangesReviewedUntil", "2026-11-20T07:05:00Z", "", "", id="own-not-reviewed"),
    pytest.param(
        "RootChangesReviewedUntil",
        "2026-11-20T07:05:00Z",
        "2026-11-21T07:05:00Z",
        "2026-11-20T07:05:00Z",
        id="reviewed-earlier",
    ),
    pytest.param("ReportingRegion", "eu-west-1", "us-east-1", "eu-west-1", id="another-region"),
    pytest.param("ReportingRegion", "", "us-east-1", "us-east-1", id="own-region"),
    pytest.param("ReadingRoleName", "reader", "other", "reader", id="another-role"),
    pytest.param("ReadingRoleName", "", "other", "other", id="own-role"),
    pytest.param(
        "SnsTopicArn",
        "arn:aws:sns:eu-west-1:444455556666:security",
        "arn:aws:sns:eu-west-1:111122223333:mine",
        "arn:aws:sns:eu-west-1:444455556666:security",
        id="another-topic",
    ),
    pytest.param(
        "SnsTopicArn",
        "",
        "arn:aws:sns:eu-west-1:111122223333:mine",
        "arn:aws:sns:eu-west-1:111122223333:mine",
        id="own-topic",
    ),
]


@pytest.mark.parametrize(("name", "floor", "own", "effective"), FLOORS)
def test_stricter_of_floor_and_own_parameter_holds(name: str, floor: str, own: str, effective: str) -> None:
    expected = parse_parameters({name: effective})
    assert isinstance(expected, Parameters)

    parsed = parse_parameters({name: own}, json.dumps({name: floor}))

    held = () if expected == parse_parameters({name: own}) else (name,)
    assert parsed == replace(expected, held=held)


def test_every_parameter_has_its_rows_of_the_floor() -> None:
    assert {str(each.values[0]) for each in FLOORS} == set(PARSERS)


def test_parameters_that_the_floor_makes_stricter_are_named_in_the_tables_order() -> None:
    floor = json.dumps({"RequireRootMfa": "true", "AcceptedActions": "sns", "MinConfirmedSubscribers": 2})

    parsed = parse_parameters({"MinConfirmedSubscribers": "3", "AcceptedActions": "sns,incident"}, floor)

    assert parsed == Parameters(
        min_confirmed_subscribers=3, require_root_mfa=True, held=("AcceptedActions", "RequireRootMfa")
    )


@pytest.mark.parametrize(
    ("floor", "message", "remedy"),
    [
        pytest.param(
            "{",
            "cannot verify: the function's PARAMETER_FLOOR isn't a JSON object, so the rule decides nothing",
            "set it to parameters with their values, or remove it",
            id="no-json",
        ),
        pytest.param(
            "[]",
            "cannot verify: the function's PARAMETER_FLOOR isn't a JSON object, so the rule decides nothing",
            "set it to parameters with their values, or remove it",
            id="no-object",
        ),
        pytest.param(
            '{"Sparkle": "1"}',
            "cannot verify: floor parameter `Sparkle` is unknown, so the rule decides nothing",
            "remove it or correct its spelling in the function's PARAMETER_FLOOR",
            id="unknown",
        ),
        pytest.param(
            '{"RequireRootMfa": "maybe"}',
            "cannot verify: floor parameter `RequireRootMfa` is `maybe`, so the rule decides nothing",
            "set it to `true` or `false` in the function's PARAMETER_FLOOR",
            id="no-boolean",
        ),
    ],
)
def test_floor_that_makes_no_sense_is_a_finding(floor: str, message: str, remedy: str) -> None:
    parsed = parse_parameters({}, floor)

    assert isinstance(parsed, InvalidParameters)
    (finding,) = parsed.findings
    assert (finding.code, finding.message, finding.remedy) == (Code.INVALID_PARAMETER, message, remedy)


def test_own_parameter_that_makes_no_sense_is_a_finding_under_a_floor_too() -> None:
    parsed = parse_parameters({"RequireRootMfa": "maybe"}, '{"RequireRootMfa": "true"}')

    assert isinstance(parsed, InvalidParameters)
    assert [each.resource for each in parsed.findings] == ["RequireRootMfa"]
