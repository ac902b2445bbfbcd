"""`check`: the rule's decision on a real account, from the workstation, read-only."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import boto3
import click
from botocore.exceptions import BotoCoreError, ClientError
from rich.console import Console
from root_usage.aws.gathering import PassingFault
from root_usage.examine import Account, Examination, examine
from root_usage.parameters import PARSERS, InvalidParameters, Parameters, parse_parameters
from root_usage.report import to_json
from root_usage.verdict.outcome import Told

from .chain_view import draw
from .root_user_view import draw_root_user

COMPLIANT, NON_COMPLIANT, COULD_NOT_RUN = 0, 1, 2


class SessionClientFactory:
    """Builds clients from the workstation's own credentials, where the rule has rdklib's factory."""

    def __init__(self, session: boto3.session.Session) -> None:
        self._session = session

    def build_client(self, service: str, region: str | None = None) -> Any:
        return self._session.client(service, region_name=region)


@click.command()
@click.option("--profile", help="Named profile of the AWS configuration; AWS_PROFILE by default.")
@click.option("--region", help="AWS region to start from; AWS_REGION, then the profile's, by default.")
@click.option(
    "--parameter",
    "given",
    multiple=True,
    metavar="NAME=VALUE",
    help=f"A rule parameter, as in AWS Config: {', '.join(PARSERS)}.",
)
@click.option("--output", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.pass_context
def check(
    context: click.Context, profile: str | None, region: str | None, given: tuple[str, ...], output: str
) -> None:
    """Would a person be told if root did something in this account now?

    Exit status: 0 COMPLIANT, 1 NON_COMPLIANT, 2 could not run.
    """
    try:
        account, examination = run(profile, region, _parameters(given))
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
    session = boto3.session.Session(profile_name=profile, region_name=region)
    sts = session.client("sts", region_name=session.region_name or "us-east-1")
    identity = sts.get_caller_identity()
    partition = identity["Arn"].split(":")[1]
    account = Account(identity["Account"], sts.meta.region_name, partition)
    factory = SessionClientFactory(session)
    return account, examine(account, parameters, factory, datetime.now(UTC), with_summary=True)


def _parameters(given: tuple[str, ...]) -> Parameters | InvalidParameters:
    pairs = [each.partition("=") for each in given]
    for name, separator, _ in pairs:
        if not separator:
            raise click.BadParameter(f"`{name}` should be NAME=VALUE", param_hint="--parameter")
    return parse_parameters({name: value for name, _, value in pairs})
