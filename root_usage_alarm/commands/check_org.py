"""`check-org`: the rule's decision on every account of the organization, without AWS Config."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    CredentialRetrievalError,
    NoCredentialsError,
    SSOError,
    TokenRetrievalError,
)
from rich.console import Console
from root_usage.aws.clients import ClientFactory, RoleClientFactory
from root_usage.aws.gathering import PassingFault
from root_usage.examine import Account, examine
from root_usage.parameters import Parameters
from root_usage.verdict.annotation import annotation_of
from root_usage.verdict.outcome import NotTold, Verdict, compliance_type

from ..desk.accepted import accepted_in
from ..desk.config_file import config_option
from ..desk.exit_status import TABLE_OF_SEVERAL, CouldNotRun
from ..desk.progress import progress_bar
from ..desk.rule_parameters import parameter_option, usable_parameters_of, values_of
from .account_results import DEFECT, AccountResult, named, totals_of, with_accepted
from .aggregate import active_accounts
from .caller import Caller, session_of
from .pages.options import against_option, to_option
from .pages.trend import Earlier
from .results_view import FORMATS, only_option, show
from .run_state import State, fresh_option, state_option, state_path

WORKERS = 8  # each has up to four calls under way

# What AWS answers once credentials are over: those of IAM Identity Center, of a role, of a session.
# https://docs.aws.amazon.com/STS/latest/APIReference/CommonErrors.html
EXPIRED = {"ExpiredToken", "ExpiredTokenException", "RequestExpired", "InvalidClientTokenId"}
WITHOUT_CREDENTIALS = (CredentialRetrievalError, NoCredentialsError, SSOError, TokenRetrievalError)


class CallerExpired(CouldNotRun):
    """The credentials of whoever runs this are over; no other account could be read either."""


@click.command("check-org", epilog=TABLE_OF_SEVERAL)
@click.argument("role")
@config_option
@click.option("--profile", help="Profile that may list the organization and assume ROLE.")
@click.option("--region", help="AWS region to start from in each account; the profile's by default.")
@parameter_option
@click.option("--account", "chosen", multiple=True, help="Check these accounts only. More than one.")
@click.option("--output", type=click.Choice(FORMATS), default="text", show_default=True)
@to_option
@against_option
@only_option
@state_option
@fresh_option
@click.pass_context
def check_org(  # noqa: PLR0913, PLR0917 an argument for each option
    context: click.Context,
    role: str,
    profile: str | None,
    region: str | None,
    given: tuple[str, ...],
    chosen: tuple[str, ...],
    output: str,
    to: Path | None,
    against: Earlier | None,
    only: tuple[str, ...],
    state: Path | None,
    fresh: bool,
) -> None:
    """Would a person be told in each account of the organization, as the read-only ROLE there sees it?"""
    parameters = usable_parameters_of(given)
    caller = Caller.of(session_of(profile, region))
    names = active_accounts(caller.factory.build_client("organizations"))
    if missing := set(chosen) - names.keys():
        raise click.BadParameter(f"no active account: {', '.join(sorted(missing))}", param_hint="--account")
    names = {number: name for number, name in names.items() if number in chosen or not chosen}
    run = {
        "organization": caller.account_id,
        "role": role,
        "region": caller.region,
        "accounts": " ".join(sorted(chosen)),
        "parameters": json.dumps(values_of(given), sort_keys=True),
    }
    known = State(state_path(state, f"check-org-{role}", fresh=fresh), run, datetime.now(UTC))
    results = named(check_all(caller, role, names, parameters, known), names)
    results = with_accepted(results, accepted_in(context))
    show(Console(highlight=False), results, output, only, to, against)
    context.exit(totals_of(results).status)


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
    caller: Caller,
    role: str,
    accounts: Mapping[str, str],
    parameters: Parameters,
    state: State,
) -> list[AccountResult]:
    """Each account's result, several at a time; what goes wrong in one is that one's note.

    Raises CallerExpired; what is known by then is in the state, and gone from there once all were asked.
    """
    known = [each for each in state.known.values() if each.account_id in accounts]
    rest = sorted(accounts.keys() - {each.account_id for each in known})
    if known:
        click.echo(f"{len(known)} of {len(accounts)} accounts are known from an interrupted run", err=True)
    with progress_bar() as progress, ThreadPoolExecutor(max_workers=WORKERS) as pool:
        task = progress.add_task("accounts", total=len(accounts), completed=len(known))

        def check(account_id: str) -> AccountResult:
            result = check_one(caller, role, account_id, parameters)
            if account_id != caller.account_id:
                # There it may be the caller who asks: credentials that end meanwhile look like refusals.
                state.add(result)
            progress.advance(task)
            return result

        # Where one raises, `map` takes back what hasn't begun.
        results = [*known, *pool.map(check, rest)]
    state.discard()
    return results


def check_one(caller: Caller, role: str, account_id: str, parameters: Parameters) -> AccountResult:
    """The account's result, or why there is none; raises CallerExpired."""
    account = Account(account_id, caller.region, caller.partition)
    role_arn = f"arn:{caller.partition}:iam::{account_id}:role/{role}"
    try:
        factory = _usable(
            OneAtATime(RoleClientFactory(caller.factory, role_arn, caller.region)), caller, account_id
        )
        now = datetime.now(UTC)
        verdict = examine(account, parameters, factory, now).verdict
    except WITHOUT_CREDENTIALS as error:
        raise _expired(str(error)) from error
    except ClientError as error:
        reason = error.response["Error"]["Code"]
        if reason in EXPIRED and error.operation_name == "AssumeRole":
            raise _expired(f"AssumeRole answered {reason}") from error
        return AccountResult(
            account_id, caller.region, note=f"{role}: {error.operation_name} answered {reason}"
        )
    except (BotoCoreError, PassingFault) as error:
        return AccountResult(account_id, caller.region, note=str(error))
    except Exception as error:  # noqa: BLE001 the other accounts' results are worth more than this traceback
        return AccountResult(account_id, caller.region, note=f"{DEFECT}{type(error).__name__}: {error}")
    return result_of(account, verdict, now)


def _expired(reason: str) -> CallerExpired:
    return CallerExpired(
        f"your credentials are no longer valid ({reason}); sign in and run this again: it goes on from here"
    )


def _usable(factory: ClientFactory, caller: Caller, account_id: str) -> ClientFactory:
    """The factory that takes on the role, tried; in the caller's own account, the caller if there is no role.

    A service-managed StackSet puts no role into the management account.
    """
    try:
        factory.build_client("sts", caller.region)
    except ClientError as error:
        if account_id == caller.account_id and error.response["Error"]["Code"] not in EXPIRED:
            return OneAtATime(caller.factory)
        raise
    return factory


def result_of(account: Account, verdict: Verdict, now: datetime) -> AccountResult:
    codes = [each.code.name for each in verdict.findings] if isinstance(verdict, NotTold) else [""]
    return AccountResult(
        account.account_id,
        account.region,
        compliance_type(verdict),
        annotation_of(verdict),
        codes[0],
        recorded_at=now.isoformat(timespec="seconds"),
        other_codes=" ".join(dict.fromkeys(codes[1:])),
    )
