"""Filters that split root's events by fields as every recorded event has them: none escapes."""

from __future__ import annotations

import pytest
from root_usage.coverage.decision import AS_OBSERVED

from root_usage_alarm.demo.invocation import invoke
from root_usage_alarm.local_aws import Account, LocalAws
from root_usage_alarm.local_aws.accounts import CIS_PATTERN, build_working_chain

MFA = "$.userIdentity.sessionContext.attributes.mfaAuthenticated"


@pytest.mark.parametrize(
    ("condition", "notes"),
    [
        pytest.param('$.awsRegion != "cn-*"', [], id="region"),
        pytest.param('$.eventSource = "*.amazonaws.com"', [AS_OBSERVED], id="event-source"),
        pytest.param("$.managementEvent IS TRUE", [AS_OBSERVED], id="management-event"),
        pytest.param('$.userIdentity.principalId = "*"', [AS_OBSERVED], id="principal-id"),
        pytest.param(
            '($.eventType = "AwsApiCall" || $.eventType = "AwsConsoleAction" '
            '|| $.eventType = "AwsConsoleSignIn")',
            [AS_OBSERVED],
            id="event-type",
        ),
    ],
)
def test_1_filter_that_asks_for_what_every_root_event_has(
    aws: LocalAws, account: Account, condition: str, notes: list[str]
) -> None:
    build_working_chain(
        account, metric_filter={"filterPattern": f"{{ ({CIS_PATTERN[1:-1]}) && {condition} }}"}
    )

    invocation = invoke(aws, account)

    assert invocation.evaluation["ComplianceType"] == "COMPLIANT"
    assert invocation.log["notes"] == notes


@pytest.mark.parametrize(
    ("condition", "code"),
    [
        pytest.param(f'{MFA} = "*"', "PATTERN_MISSES_ROOT_EVENT", id="sign-ins-have-no-session"),
        pytest.param('$.userAgent = "*"', "PATTERN_UNDECIDED", id="user-agent-may-be-absent"),
        pytest.param('$.awsRegion != "eu-*"', "PATTERN_MISSES_ROOT_EVENT", id="own-region"),
        pytest.param('$.eventSource != "iam.*"', "PATTERN_MISSES_ROOT_EVENT", id="own-source"),
    ],
)
def test_3_filter_that_asks_for_more(aws: LocalAws, account: Account, condition: str, code: str) -> None:
    build_working_chain(
        account, metric_filter={"filterPattern": f"{{ ({CIS_PATTERN[1:-1]}) && {condition} }}"}
    )

    assert invoke(aws, account).codes[0] == code
