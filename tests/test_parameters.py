"""The rule's parameters, as AWS Config hands them over."""

from __future__ import annotations

import pytest
from root_usage.delivery import PROTOCOLS
from root_usage.parameters import InvalidParameters, Parameters, parse_parameters
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
        log_archive_role_name=None,
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
            "LogArchiveRoleName", "root-reader", Parameters(log_archive_role_name="root-reader"), id="a-role"
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
            "LogArchiveRoleName",
            "path/role",
            "cannot verify: rule parameter `LogArchiveRoleName` is `path/role`, so the rule decides nothing",
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
