"""Whether this is an account that was made for the test, and what a run costs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from botocore.exceptions import ClientError

from root_usage_alarm.local_aws import Account
from root_usage_alarm.local_aws.accounts import ALARM
from tests.live.alarms import ALARMS, FEEDS, METRICS
from tests.live.buses import BUSES
from tests.live.ledger import KINDS, Ledger, left
from tests.live.scenarios import EXPECTED

MOST_RESOURCES = 20
_AWS_ROLES = ("AWSServiceRoleFor", "AWSReservedSSO_", "OrganizationAccountAccessRole")

MINUTES = 45 + 2 * len(EXPECTED)


def refusals(account: Account, caller: dict[str, Any], named: str, ledger: Ledger) -> Iterator[str]:
    """Each reason not to touch the account, by GetCallerIdentity's answer and the id that was typed."""
    if caller["Account"] != named:
        yield f"these credentials are of account {caller['Account']}, and --account says {named}"
        return
    if caller["Arn"].endswith(":root"):
        yield "these credentials are root's: use an administrator's"
    yield from _organization(account)
    if ledger.entries():
        yield "an earlier run has left something behind: --clean deletes it"
        return
    found = {kind: _others(kind, of.names(account)) for kind, of in KINDS.items()}
    yield from (f"there is trail `{each}`, whose events would count" for each in found["trail"])
    yield from (
        f"there is alarm `{each}`" for each in (*found["alarm"], *found["composite alarm"]) if ALARM in each
    )
    yield from (f"{each} is there, by our prefix or tag" for each in left(account))
    many = sum(map(len, found.values()))
    if many > MOST_RESOURCES:
        yield f"there are {many} resources, more than {MOST_RESOURCES}: somebody uses this account"


def _others(kind: str, names: Any) -> list[str]:
    return [each for each in names if kind != "role" or not each.startswith(_AWS_ROLES)]


def _organization(account: Account) -> Iterator[str]:
    describe: Callable[[], Any] = account.client("organizations").describe_organization
    try:
        managing = describe()["Organization"]["MasterAccountId"]
    except ClientError as error:
        if error.response["Error"]["Code"] != "AWSOrganizationsNotInUseException":
            yield f"whether this is an organization's management account can't be told: {error}"
    else:
        if managing == account.account_id:
            yield "this is its organization's management account"


def cost() -> str:
    """List prices of us-east-1, by the hour for alarms and metrics; and if a month of each were billed."""
    alarms = len(EXPECTED) + len(ALARMS) + 4
    metrics = len(EXPECTED) + len(FEEDS) + len(METRICS) + 1
    month = alarms * 0.10 + metrics * 0.30
    most_hours = MINUTES / 60 + 1
    return (
        f"about {MINUTES} minutes; {alarms} alarms, {metrics} metrics, {len(BUSES)} EventBridge rules, "
        f"{len(EXPECTED)} trails one after the other: about ${month * most_hours / 730 + 0.1:.2f}, and "
        f"${month:.2f} if a month of each were billed; metrics can't be deleted, they expire"
    )
