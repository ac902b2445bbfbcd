"""`remediate`: makes the chain whole with the caller's credentials; the rule judges before and after."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import boto3
import click
from botocore.exceptions import BotoCoreError, ClientError
from rich.console import Console
from rich.text import Text
from root_usage.aws.gathering import PassingFault
from root_usage.examine import Account, Examination, examine
from root_usage.parameters import InvalidParameters, Parameters
from root_usage.verdict.outcome import Told

from ..remediation.documents import REMEDIATION_PARAMETERS
from ..remediation.run import StepResult, carry_out, plan
from ..remediation.steps.shared import CannotRemediate, subscriptions_of
from .caller import Caller
from .chain_view import draw
from .rule_parameters import parameter_option, parameters_of

COMPLIANT, LEFT_TO_A_PERSON, COULD_NOT_RUN = 0, 1, 2

# The command's options, by the document's parameters.
OPTIONS = {
    "email": "SubscriptionEndpoint",
    "topic": "TopicArn",
    "topic_key": "TopicKmsKeyArn",
    "trail": "TrailName",
    "create_trail": "CreateTrail",
    "log_group": "LogGroupName",
    "event_count_alarm": "EventCountAlarm",
}


@click.command()
@click.option("--profile", help="Named profile of the AWS configuration; AWS_PROFILE by default.")
@click.option("--region", help="AWS region to start from; AWS_REGION, then the profile's, by default.")
@click.option("--email", help="Whom to tell; confirms the subscription by AWS's e-mail.")
@click.option("--topic", metavar="ARN", help="The topic to tell, instead of one of its own.")
@click.option("--topic-key", metavar="ARN", help="Customer managed key for a topic of its own.")
@click.option("--trail", metavar="NAME", help="The trail to use, or to create; by default the best there is.")
@click.option("--create-trail", is_flag=True, help="Create a trail if none of the account's will do.")
@click.option("--log-group", metavar="NAME", help="Log group to create for a trail that has none.")
@click.option("--event-count-alarm", is_flag=True, help="A second alarm for root's API calls alone.")
@parameter_option
@click.option("--dry-run", is_flag=True, help="Only say what would be done.")
@click.option("--yes", is_flag=True, help="Don't ask before anything is made.")
@click.pass_context
def remediate(context: click.Context, /, **chosen: Any) -> None:
    """Make the chain from trail to subscriber whole, in the account of the credentials.

    The rule judges before and after: an account that is COMPLIANT gets nothing.

    Exit status: 0 COMPLIANT, 1 a person has to do something, 2 could not run.
    """
    values = _values(chosen)
    parameters = parameters_of(chosen["given"])
    if isinstance(parameters, InvalidParameters):
        raise click.BadParameter(parameters.findings[0].message, param_hint="--parameter")
    console = Console(highlight=False)
    try:
        boto3.setup_default_session(profile_name=chosen["profile"], region_name=chosen["region"])
        session: Any = boto3.DEFAULT_SESSION
        caller = Caller.of(session)
        console.print(f"account {caller.account_id}{_alias(session)} in {caller.region}")
        status = _run(console, caller, parameters, values, chosen)
    except CannotRemediate as reason:
        console.print(Text.assemble(("✘ ", "red"), str(reason)))
        status = LEFT_TO_A_PERSON
    except (BotoCoreError, ClientError, PassingFault) as error:
        click.echo(f"could not run: {error}", err=True)
        status = COULD_NOT_RUN
    context.exit(status)


def _run(
    console: Console,
    caller: Caller,
    parameters: Parameters,
    values: dict[str, Any],
    chosen: dict[str, Any],
) -> int:
    before = _judged(caller, parameters)
    if isinstance(before.verdict, Told):
        draw(console, Account(caller.account_id, caller.region, caller.partition), before)
        console.print("\nnothing to do")
        return COMPLIANT
    wanted = {"AccountId": caller.account_id, **values, "DryRun": chosen["dry_run"]}
    found = plan(caller.region, before.annotation, **wanted)
    if not chosen["email"] and not _somebody_is_told(found["Chain"]):
        raise click.UsageError("nobody would be told: give --email (EMAIL=) or --topic (TOPIC=)")
    console.print(Text(found["Summary"]))
    if chosen["dry_run"]:
        return LEFT_TO_A_PERSON
    if found["WorkToDo"]:
        if not chosen["yes"] and not _agreed():
            return COULD_NOT_RUN
        for result in carry_out(caller.region, found, **wanted):
            _draw(console, result)
    after = _judged(caller, parameters)
    draw(console, Account(caller.account_id, caller.region, caller.partition), after)
    return COMPLIANT if isinstance(after.verdict, Told) else LEFT_TO_A_PERSON


def _judged(caller: Caller, parameters: Parameters) -> Examination:
    account = Account(caller.account_id, caller.region, caller.partition)
    return examine(account, parameters, caller.factory, datetime.now(UTC))


def _values(chosen: dict[str, Any]) -> dict[str, Any]:
    """The document's parameters; one that the document wouldn't take is named by its option."""
    values = {name: chosen[option] for option, name in OPTIONS.items() if chosen[option] is not None}
    for option, name in OPTIONS.items():
        pattern, value = REMEDIATION_PARAMETERS[name].pattern, chosen[option]
        if pattern and value is not None and not re.fullmatch(pattern, value):
            hint = "--" + option.replace("_", "-")
            meant = REMEDIATION_PARAMETERS[name].description
            raise click.BadParameter(f"`{value}` is none: {meant}", param_hint=hint)
    return values


def _alias(session: Any) -> str:
    """The account's name, for whoever may ask; it's for the eye only."""
    try:
        aliases = session.client("iam").list_account_aliases()["AccountAliases"]
    except (BotoCoreError, ClientError):
        return ""
    return f" ({aliases[0]})" if aliases else ""


def _somebody_is_told(chain: dict[str, str]) -> bool:
    sns = boto3.client("sns", chain["Region"])
    try:
        return bool(subscriptions_of(sns, chain["Topic"]))
    except sns.exceptions.NotFoundException:
        return False


def _agreed() -> bool:
    try:
        return click.confirm("Make it?")
    except click.Abort:
        click.echo("nobody to ask: give --yes (YES=1)", err=True)
        return False


def _draw(console: Console, result: StepResult) -> None:
    """Prints the step; nothing that the customer named is read as markup."""
    first, *others = result.lines
    console.print(Text.assemble(("✔", "green"), f" {result.name:<23} {first}"))
    for line in others:
        console.print(Text(f"  {'':<23} {line}"))
    if result.waiting:
        console.print(Text.assemble(f"  {'':<23} ", (result.waiting, "bold yellow")))
