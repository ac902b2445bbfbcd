"""Settings and fixtures for the whole folder.

moto is imported where it is used: the fast tests do without it.
"""
# ruff: noqa: PLC0415

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

if TYPE_CHECKING:
    from root_usage_alarm.local_aws import Account, LocalAws

# The same examples in every run, so that a red build is red everywhere; no limit of time per example,
# as build machines are slow, and no database of earlier failures.
settings.register_profile("repeatable", derandomize=True, database=None, deadline=None, max_examples=100)
# A few of them, for `make test-fast`.
settings.register_profile("quick", settings.get_profile("repeatable"), max_examples=20)
# Other examples in every run, for `make explore`: what it finds becomes an `@example` of its test.
settings.register_profile("explore", database=None, deadline=None, max_examples=2_000, print_blob=True)
settings.load_profile("repeatable")


@pytest.fixture(scope="session")
def server() -> Iterator[LocalAws]:
    """The one local AWS of this process, with whatever the tests before left in it."""
    from root_usage_alarm.local_aws import LocalAws

    with LocalAws() as aws:
        yield aws


@pytest.fixture
def aws(server: LocalAws) -> LocalAws:
    """An empty local AWS."""
    server.reset()
    return server


@pytest.fixture
def account(aws: LocalAws) -> Account:
    """The account that the rule evaluates, with nothing in it."""
    from root_usage_alarm.local_aws import Account

    account = Account("111122223333", "eu-west-1", aws.endpoint_url)
    # A credential report that is there already need not be waited for.
    account.client("iam").generate_credential_report()
    return account
