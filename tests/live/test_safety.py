"""Which accounts the live test doesn't touch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from root_usage_alarm.local_aws import Account
from root_usage_alarm.local_aws.accounts import build_working_chain
from tests.live.conftest import ACCOUNT, REGION
from tests.live.ledger import PREFIX
from tests.live.safety import refusals
from tests.live.sandbox import OutsideThePrefix, Sandbox

OWN = Account(ACCOUNT, REGION)
ADMINISTRATOR = f"arn:aws:iam::{ACCOUNT}:user/admin"


def reasons(sandbox: Sandbox, arn: str = ADMINISTRATOR, named: str = ACCOUNT) -> list[str]:
    return list(refusals(sandbox, {"Account": ACCOUNT, "Arn": arn}, named, sandbox.ledger))


def test_empty_account_is_accepted(sandbox: Sandbox) -> None:
    assert reasons(sandbox) == []


def test_account_that_was_not_typed_is_refused(sandbox: Sandbox) -> None:
    assert reasons(sandbox, named="444455556666") == [
        "these credentials are of account 111122223333, and --account says 444455556666"
    ]


def test_root_itself_is_refused(sandbox: Sandbox) -> None:
    assert reasons(sandbox, f"arn:aws:iam::{ACCOUNT}:root") == [
        "these credentials are root's: use an administrator's"
    ]


def _a_chain() -> None:
    build_working_chain(OWN)


def _queues() -> None:
    for number in range(21):
        OWN.client("sqs").create_queue(QueueName=f"queue{number}")


def _an_organization() -> None:
    OWN.client("organizations").create_organization(FeatureSet="ALL")


def _a_log_group_of_ours() -> None:
    OWN.client("logs").create_log_group(logGroupName=f"{PREFIX}once")


IN_THE_WAY: dict[str, tuple[Callable[[], Any], list[str]]] = {
    "chain": (
        _a_chain,
        [
            "there is trail `account-trail`, whose events would count",
            "there is alarm `RootAccountUsageCountAlarm`",
        ],
    ),
    "resources": (_queues, ["there are 21 resources, more than 20: somebody uses this account"]),
    "organization": (_an_organization, ["this is its organization's management account"]),
    "prefix": (_a_log_group_of_ours, ["log group root-usage-live-once is there, by our prefix or tag"]),
}


@pytest.mark.parametrize("name", IN_THE_WAY)
def test_account_with_anything_in_the_way_is_refused(sandbox: Sandbox, name: str) -> None:
    make, expected = IN_THE_WAY[name]
    make()

    assert reasons(sandbox) == expected


def test_earlier_run_is_cleaned_up_first(sandbox: Sandbox) -> None:
    sandbox.ledger.will_make("queue", f"{PREFIX}people")

    assert reasons(sandbox) == ["an earlier run has left something behind: --clean deletes it"]


def test_nothing_is_made_outside_the_prefix(sandbox: Sandbox) -> None:
    with pytest.raises(OutsideThePrefix, match="CreateQueue of `mine`"):
        sandbox.client("sqs").create_queue(QueueName="mine")

    assert "QueueUrls" not in OWN.client("sqs").list_queues()
