"""`check`: the rule's decision on a real account, from the workstation, read-only."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import boto3
import click
from botocore.exceptions import BotoCoreError, ClientError
from rich.console import Console
from root_usage.aws.gathering import PassingFault
from root_usage.examine import Account, Examination, examine
from root_usage.parameters import InvalidParameters, Parameters
from root_usage.report import to_json
from root_usage.verdict.outcome import Told

from ..desk.rule_parameters import parameter_option, parameters_of
from .caller import Caller
from .chain_view import draw
from .root_user_view import draw_root_user

COMPLIANT, NON_COMPLIANT, COULD_NOT_RUN = 0, 1, 2


@click.command()
@click.option("--profile", help="Named profile of the AWS configuration; AWS_PROFILE by default.")
@click.option("--region", help="AWS region to start from; AWS_REGION, then the profile's, by default.")
@parameter_option
@click.option("--output", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.pass_context
def check(
    context: click.Context, profile: str | None, region: str | None, given: tuple[str, ...], output: str
) -> None:
    """Would a person be told if root did something in this account now?

    Exit status: 0 COMPLIANT, 1 NON_COMPLIANT, 2 could not run.
    """
    try:
        account, examination = run(profile, region, parameters_of(given))
    except (BotoCoreError, ClientError, PassingFault) as error:
        click.echo(f"could not run: {error}", err=True)
        context.exit(COULD_NOT_RUN)
    if output == "json":
        click.echo(json.dumps(to_json(account, examination), indent=2, default=str))
    else:
        console = Console(highlight=False)
        draw(console, account, examination)
        if examination.root_user:
            draw_root_user(console, examination.root_user)
        console.print(f"\n{len(examination.calls)} AWS calls, all of them reads", style="dim")
    context.exit(COMPLIANT if isinstance(examination.verdict, Told) else NON_COMPLIANT)


def run(
    profile: str | None, region: str | None, parameters: Parameters | InvalidParameters
) -> tuple[Account, Examination]:
    """Examines the account that the credentials belong to."""
    caller = Caller.of(boto3.session.Session(profile_name=profile, region_name=region))
    account = Account(caller.account_id, caller.region, caller.partition)
    return account, examine(account, parameters, caller.factory, datetime.now(UTC), with_summary=True)
