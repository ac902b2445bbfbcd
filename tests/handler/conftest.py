"""An empty local AWS for each test, and the account that the rule evaluates in it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.handler.evaluation import ACCOUNT_ID, REGION
from workstation.local_aws import Account, LocalAws


@pytest.fixture(scope="module")
def server() -> Iterator[LocalAws]:
    with LocalAws() as aws:
        yield aws


@pytest.fixture
def aws(server: LocalAws) -> LocalAws:
    server.reset()
    return server


@pytest.fixture
def account(aws: LocalAws) -> Account:
    account = Account(ACCOUNT_ID, REGION, aws.endpoint_url)
    # A credential report that is there already need not be waited for.
    account.client("iam").generate_credential_report()
    return account
