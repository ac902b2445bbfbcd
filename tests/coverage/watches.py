"""Watches on one account's trail, for the tests of coverage."""

from __future__ import annotations

from root_usage.aws.arn import Place
from root_usage.coverage import Recorded, Watch

ACCOUNT = "111122223333"
OTHER_ACCOUNT = "444455556666"
PLACE = Place(ACCOUNT, "eu-west-1")
ROOT = (
    '$.userIdentity.type = "Root" && $.userIdentity.invokedBy NOT EXISTS && $.eventType != "AwsServiceEvent"'
)
CIS = f"{{ {ROOT} }}"


def root_and(condition: str) -> str:
    """The CIS pattern with one condition more."""
    return f"{{ {ROOT} && {condition} }}"


def watch(
    pattern: str = CIS,
    *,
    criteria: str | None = None,
    is_transformed: bool = False,
    recorded: Recorded | None = None,
    other_accounts: frozenset[str] = frozenset(),
) -> Watch:
    return Watch(
        pattern, "root-usage", PLACE, criteria, is_transformed, recorded or Recorded(), other_accounts
    )
