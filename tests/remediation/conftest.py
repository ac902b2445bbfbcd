"""An AWS on this machine, with one account in it, for the documents."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import boto3
import botocore.session
import pytest
from moto import mock_aws

import RootUsageAlarmRule
from root_usage_alarm.demo.invocation import RULE_NAME, scheduled_event
from root_usage_alarm.demo.story import put_config_rule
from root_usage_alarm.local_aws import Account, apply_corrections, hooks
from root_usage_alarm.local_aws.corrections.config import result_token_of
from root_usage_alarm.local_aws.corrections.identity import access_key_of

ACCOUNT_ID = "111122223333"
REGION = "eu-west-1"


# Reading a service's model takes longer than a whole run: once is enough for all sessions.
_MODELS = botocore.session.get_session().get_component("data_loader")


def _session() -> boto3.Session:
    """A session of its own for each test, since what listens to one hears all its calls."""
    session = botocore.session.get_session()
    session.register_component("data_loader", _MODELS)
    return boto3.Session(botocore_session=session)


@pytest.fixture
def account() -> Iterator[Account]:
    with new_account() as account:
        yield account


@contextmanager
def new_account() -> Iterator[Account]:
    """An account with the rule alone; boto3's default session, the scripts', is its administrator's."""
    apply_corrections()
    with mock_aws(), pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setattr("time.sleep", lambda _: None)
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", access_key_of(ACCOUNT_ID))
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "local")
        monkeypatch.delenv("AWS_SESSION_TOKEN", raising=False)
        boto3.DEFAULT_SESSION = _session()
        account = Account(ACCOUNT_ID, REGION)
        give_the_rule(account)
        yield account
    boto3.DEFAULT_SESSION = None


def give_the_rule(account: Account, **parameters: str) -> None:
    put_config_rule(account)

    def invoke(rule: str) -> None:
        evaluate(account, rule, **parameters)

    hooks.on_started_evaluation(account.account_id, account.region, invoke)


def evaluate(account: Account, rule: str = RULE_NAME, **parameters: str) -> tuple[str, str]:
    """AWS Config invokes the rule's function, whose session is another than the scripts'."""
    given = {"AssumeRoleMode": "False", "RootUsageLookbackDays": "0", **parameters}
    event = scheduled_event(account, given)
    of_scripts, boto3.DEFAULT_SESSION = boto3.DEFAULT_SESSION, _session()
    try:
        with pytest.MonkeyPatch.context() as environment:
            environment.setenv("AWS_REGION", account.region)  # Lambda always sets it; rdklib reports there
            (said,) = RootUsageAlarmRule.lambda_handler(event | {"resultToken": result_token_of(rule)}, None)
    finally:
        boto3.DEFAULT_SESSION = of_scripts
    return said["ComplianceType"], said["Annotation"]
