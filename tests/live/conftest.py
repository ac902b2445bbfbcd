"""A sandbox account in this process, which says that it is AWS and needn't be waited for."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from moto import mock_aws

from root_usage_alarm.local_aws.corrections import apply_corrections
from root_usage_alarm.local_aws.corrections.identity import access_key_of
from root_usage_alarm.local_aws.sessions import new_session
from tests.live.ledger import Ledger
from tests.live.sandbox import Sandbox

ACCOUNT, REGION = "111122223333", "us-east-1"


def sandbox_in(folder: Path) -> Sandbox:
    """As after a new start: its ledger is what the file has."""
    session = new_session(
        aws_access_key_id=access_key_of(ACCOUNT), aws_secret_access_key="local", region_name=REGION
    )
    ledger = Ledger(folder / "ledger.jsonl", ACCOUNT, REGION)
    return Sandbox(ACCOUNT, REGION, session=session, ledger=ledger, minute=0)


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """Where the ledger is, beside an empty AWS."""
    apply_corrections()
    with mock_aws():
        yield tmp_path


@pytest.fixture
def sandbox(folder: Path) -> Sandbox:
    return sandbox_in(folder)
