"""An owner's account in a corrected moto, in this process, and a chain that works in it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from moto import mock_aws

from root_usage_alarm.local_aws import Account, apply_corrections
from root_usage_alarm.local_aws.accounts import Chain, build_working_chain

OWNER = "111122223333"


@pytest.fixture
def account() -> Iterator[Account]:
    apply_corrections()
    with mock_aws():
        yield Account(OWNER)


@pytest.fixture
def chain(account: Account) -> Chain:
    return build_working_chain(account)
