"""An empty local AWS for each test, and the account that the rule evaluates in it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from root_usage import examine
from root_usage.verdict.annotation import annotation_of
from root_usage.verdict.findings import Finding
from root_usage.verdict.outcome import NotTold, Verdict

from root_usage_alarm.local_aws import Account, LocalAws
from tests.handler.evaluation import ACCOUNT_ID, REGION
from tests.handler.remedies import with_long_names, without_remedy


@pytest.fixture(autouse=True)
def every_remedy_is_kept(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No finding that a test leads to loses its remedy, wherever its resource is and whatever its name."""
    seen: dict[Finding, None] = {}

    def watched(verdict: Verdict, about_root: str = "") -> str:
        seen.update(dict.fromkeys(verdict.findings if isinstance(verdict, NotTold) else ()))
        return annotation_of(verdict, about_root)

    monkeypatch.setattr(examine, "annotation_of", watched)
    yield
    assert without_remedy([*seen, *map(with_long_names, seen)]) == []


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
