"""An AWS on this machine, with one account in it, for the documents."""

from __future__ import annotations

from collections.abc import Iterator

import boto3
import botocore.session
import pytest
from moto import mock_aws

from root_usage_alarm.local_aws import Account, apply_corrections
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
def account(monkeypatch: pytest.MonkeyPatch) -> Iterator[Account]:
    """An empty account; the default session of boto3, which the scripts use, is its administrator's."""
    monkeypatch.setattr("time.sleep", lambda _: None)
    apply_corrections()
    with mock_aws():
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", access_key_of(ACCOUNT_ID))
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "local")
        monkeypatch.delenv("AWS_SESSION_TOKEN", raising=False)
        boto3.DEFAULT_SESSION = _session()
        yield Account(ACCOUNT_ID, REGION)
    boto3.DEFAULT_SESSION = None
