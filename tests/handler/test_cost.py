"""What a COMPLIANT account costs on AWS's own endpoints, which mock_aws answers in this process."""

from __future__ import annotations

import json
from collections.abc import Iterator

import boto3
import pytest
from moto import mock_aws

import RootUsageAlarmRule
from root_usage_alarm.demo.invocation import scheduled_event
from root_usage_alarm.local_aws import Account, apply_corrections
from root_usage_alarm.local_aws.accounts import build_working_chain
from root_usage_alarm.local_aws.corrections.identity import access_key_of
from root_usage_alarm.local_aws.sessions import new_session

ACCOUNT_ID = "111122223333"
REGION = "eu-west-1"


@pytest.fixture
def account_on_aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[Account]:
    apply_corrections()
    with mock_aws():  # which brings credentials of its own
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", access_key_of(ACCOUNT_ID))
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "local")
        monkeypatch.setenv("AWS_REGION", REGION)
        boto3.DEFAULT_SESSION = new_session()
        yield Account(ACCOUNT_ID, REGION)
    boto3.DEFAULT_SESSION = None


@pytest.mark.parametrize(
    ("parameters", "calls"),
    [
        pytest.param({"RootUsageLookbackDays": "0"}, 11, id="the-chain"),
        pytest.param({}, 12, id="the-chain-and-roots-last-use"),
    ],
)
def test_1_compliant_account_costs_as_many_calls_as_the_readme_says(
    account_on_aws: Account, capsys: pytest.CaptureFixture[str], parameters: dict[str, str], calls: int
) -> None:
    build_working_chain(account_on_aws)
    account_on_aws.client("iam").generate_credential_report()
    event = scheduled_event(account_on_aws, {"AssumeRoleMode": "False", **parameters})

    (evaluation,) = RootUsageAlarmRule.lambda_handler(event, None)

    reads = json.loads(capsys.readouterr().out)["calls"]
    put_evaluations = 1
    assert evaluation["ComplianceType"] == "COMPLIANT", evaluation["Annotation"]
    assert len(reads) + put_evaluations == calls
