"""`check-org`: the rule's decision on every account of the organization, without AWS Config."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import boto3
import click
from botocore.exceptions import BotoCoreError, ClientError
from rich.console import Console
from root_usage.aws.clients import ClientFactory, RoleClientFactory
from root_usage.aws.gathering import PassingFault
from root_usage.examine import Account, examine
from root_usage.parameters import InvalidParameters, Parameters
from root_usage.verdict.annotation import annotation_of
from root_usage.verdict.outcome import NotTold, Verdict, compliance_type

from ..desk.progress import progress_bar
from ..desk.rule_parameters import parameter_option, parameters_of
from .account_results import AccountResult
from .aggregate import active_accounts
from .caller import Caller
from .results_view import COULD_NOT_RUN, FORMATS, show, status_of

WORKERS = 8  # each has up to four calls under way


@click.command("check-org")
@click.argument("role")
@click.option("--profile", help="Profile that may list the organization and assume ROLE.")
@click.option("--region", help="AWS region to start from in each account; the profile's by default.")
@parameter_option
@click.option("--output", type=click.Choice(FORMATS), default="text", show_default=True)
@click.pass_context
def check_org(  # noqa: PLR0913, PLR0917 an argument for each option
    context: click.Context,
    role: str,
    profile: str | None,
    region: str | None,
    given: tuple[str, ...],
    output: str,
) -> None:
    """Would a person be told in each account of the organization, as the read-only ROLE there sees it?

    Exit status: 0 all are COMPLIANT, 1 some aren't or couldn't be read, 2 could not run.
    """
    parameters = parameters_of(given)
    try:
        caller = Caller.of(boto3.session.Session(profile_name=profile, region_name=region))
        organizations = caller.factory.build_client("organizations")
        accounts = [each["Id"] for each in active_accounts(organizations)]
    except (BotoCoreError, ClientError) as error:
        click.echo(f"could not run: {error}", err=True)
        context.exit(COULD_NOT_RUN)
    results = check_all(caller, role, accounts, parameters)
    show(Console(highlight=False), results, output)
    context.exit(status_of(results))


class OneAtATime:
    """Builds clients for many threads: making one isn't safe in boto3, using one is.

    https://boto3.amazonaws.com/v1/documentation/api/latest/guide/clients.html
    """

    _lock = threading.Lock()

    def __init__(self, factory: ClientFactory) -> None:
        self._factory = factory

    def build_client(self, service: str, region: str | None = None) -> Any:
        with self._lock:
            return self._factory.build_client(service, region)


def check_all(
    caller: Caller, role: str, accounts: Iterable[str], parameters: Parameters | InvalidParameters
) -> list[AccountResult]:
    """Each account's result, several at a time; what goes wrong in one is that one's note."""
    accounts = list(accounts)
    with progress_bar() as progress, ThreadPoolExecutor(max_workers=WORKERS) as pool:
        task = progress.add_task("accounts", total=len(accounts))

        def check(account_id: str) -> AccountResult:
            result = check_one(caller, role, account_id, parameters)
            progress.advance(task)
            return result

        return list(pool.map(check, accounts))


def check_one(
    caller: Caller, role: str, account_id: str, parameters: Parameters | InvalidParameters
) -> AccountResult:
    """The account's result, or why there is none."""
    account = Account(account_id, caller.region, caller.partition)
    role_arn = f"arn:{caller.partition}:iam::{account_id}:role/{role}"
    try:
        factory = _usable(
            OneAtATime(RoleClientFactory(caller.factory, role_arn, caller.region)), caller, account_id
        )
        verdict = examine(account, parameters, factory, datetime.now(UTC)).verdict
    except ClientError as error:
        reason = error.response["Error"]["Code"]
        return AccountResult(
            account_id, caller.region, note=f"{role}: {error.operation_name} answered {reason}"
        )
    except (BotoCoreError, PassingFault) as error:
        return AccountResult(account_id, caller.region, note=str(error))
    except Exception as error:  # noqa: BLE001 the other accounts' results are worth more than this traceback
        return AccountResult(account_id, caller.region, note=f"defect: {type(error).__name__}: {error}")
    return result_of(account, verdict)


def _usable(factory: ClientFactory, caller: Caller, account_id: str) -> ClientFactory:
    """The factory that takes on the role, tried; in the caller's own account, the caller if there is no role.

    A service-managed StackSet puts no role into the management account.
    """
    try:
        factory.build_client("sts", caller.region)
    except ClientError:
        if account_id == caller.account_id:
            return OneAtATime(caller.factory)
        raise
    return factory


def result_of(account: Account, verdict: Verdict) -> AccountResult:
    return AccountResult(
        account.account_id,
        account.region,
        compliance_type(verdict),
        annotation_of(verdict),
        verdict.findings[0].code.name if isinstance(verdict, NotTold) else "",
    )
