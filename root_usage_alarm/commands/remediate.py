"""`remediate`: makes the chain whole with the caller's credentials; the rule judges before and after."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import boto3
import click
from rich.console import Console
from rich.text import Text
from root_usage.examine import Account, Examination, examine
from root_usage.parameters import Parameters
from root_usage.verdict.outcome import NotTold

from ..desk.config_file import config_option
from ..desk.consent import account_line, agreed, yes_option
from ..desk.exit_status import TABLE, ExitStatus
from ..desk.rule_parameters import parameter_option, usable_parameters_of
from ..desk.verdict_status import status_of
from ..remediation.documents import REMEDIATION_PARAMETERS, Parameter
from ..remediation.run import StepResult, carry_out, plan
from ..remediation.steps.shared import CannotRemediate, subscriptions_of
from .caller import Caller, session_of
from .chain_view import draw

Command = Callable[..., None]

# The document's parameters that are options here, most under their own names.
OPTIONS = {
    name: {
        "SubscriptionEndpoint": "email",
        "TopicArn": "topic",
        "TopicKmsKeyArn": "topic-key",
        "TrailName": "trail",
        "LogGroupName": "log-group",
    }.get(name, re.sub("(?<=[a-z])(?=[A-Z])", "-", name).lower())
    for name in REMEDIATION_PARAMETERS
    if name not in {"AutomationAssumeRole", "AccountId", "DeliveryRoleArn", "ConfigRuleName"}
}


def _options(command: Command) -> Command:
    for name, option in reversed(OPTIONS.items()):
        command = _option(name, option, REMEDIATION_PARAMETERS[name])(command)
    return command


def _option(name: str, option: str, parameter: Parameter) -> Callable[[Command], Command]:
    """Takes what the document takes of that parameter; what it doesn't is named by its option."""

    def checked(_context: click.Context, _option: click.Parameter, value: Any) -> Any:
        if value is not None and parameter.pattern and not re.fullmatch(parameter.pattern, value):
            raise click.BadParameter(f"`{value}` is none: {parameter.description}", param_hint=f"--{option}")
        return int(value) if value and parameter.type == "Integer" else value

    kind = click.Choice([str(each) for each in parameter.allowed]) if parameter.allowed else str
    is_flag = parameter.type == "Boolean"
    return click.option(
        f"--{option}",
        name,
        is_flag=is_flag,
        type=None if is_flag else kind,
        callback=checked,
        help=parameter.description.replace("; empty: ", "; by default "),
    )


@click.command(epilog=TABLE)
@config_option
@click.option("--profile", help="Named profile of the AWS configuration; AWS_PROFILE by default.")
@click.option("--region", help="AWS region to start from; AWS_REGION, then the profile's, by default.")
@_options
@parameter_option
@yes_option
@click.pass_context
def remediate(context: click.Context, /, **chosen: Any) -> None:
    """Make the chain from trail to subscriber whole, in the account of the credentials.

    The rule judges before and after: an account that is COMPLIANT gets nothing.
    The exit status is that of the verdict afterwards; 1 also where a person has to do something first.
    """
    parameters = usable_parameters_of(chosen["given"])
    console = Console(highlight=False)
    try:
        session = session_of(chosen["profile"], chosen["region"])
        caller = Caller.of(session)
        console.print(account_line(session, caller.account_id, caller.region))
        status = _run(console, caller, parameters, chosen)
    except CannotRemediate as reason:
        console.print(Text.assemble(("✘ ", "red"), _as_options(str(reason))))
        status = ExitStatus.NOT_COMPLIANT
    context.exit(status)


def _run(console: Console, caller: Caller, parameters: Parameters, chosen: dict[str, Any]) -> ExitStatus:
    before = _judged(caller, parameters)
    if not isinstance(before.verdict, NotTold):
        draw(console, Account(caller.account_id, caller.region, caller.partition), before)
        console.print("\nnothing to do")
        return status_of(before.verdict)
    given = {name: chosen[name] for name in OPTIONS if chosen[name] is not None}
    wanted = {"AccountId": caller.account_id, **given}
    found = plan(caller.region, before.annotation, **wanted)
    if not chosen["SubscriptionEndpoint"] and not _somebody_is_told(found["Chain"]):
        raise click.UsageError("nobody would be told: give --email (EMAIL=) or --topic (TOPIC=)")
    console.print(Text(found["Summary"]))
    if chosen["DryRun"]:
        return ExitStatus.NOT_COMPLIANT
    if found["WorkToDo"]:
        if not agreed("Make it?", yes=chosen["yes"]):
            return ExitStatus.COULD_NOT_RUN
        for result in carry_out(caller.region, found, **wanted):
            _draw(console, result)
    after = _judged(caller, parameters)
    draw(console, Account(caller.account_id, caller.region, caller.partition), after)
    return status_of(after.verdict)


def _judged(caller: Caller, parameters: Parameters) -> Examination:
    account = Account(caller.account_id, caller.region, caller.partition)
    return examine(account, parameters, caller.factory, datetime.now(UTC))


def _as_options(text: str) -> str:
    """The text in this command's words, not in those of the document and the console."""
    for name, option in OPTIONS.items():
        text = re.sub(rf"\b{name}( true)?\b", f"--{option}", text)
    return text.replace("press Re-evaluate", "run this again")


def _somebody_is_told(chain: dict[str, str]) -> bool:
    sns = boto3.client("sns", chain["Region"])
    try:
        return bool(subscriptions_of(sns, chain["Topic"]))
    except sns.exceptions.NotFoundException:
        return False


def _draw(console: Console, result: StepResult) -> None:
    """Prints the step; nothing that the customer named is read as markup."""
    first, *others = result.lines
    console.print(Text.assemble(("✔", "green"), f" {result.name:<23} {first}"))
    for line in others:
        console.print(Text(f"  {'':<23} {line}"))
    if result.waiting:
        console.print(Text.assemble(f"  {'':<23} ", (_as_options(result.waiting), "bold yellow")))
