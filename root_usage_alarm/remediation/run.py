"""`remediate`: the document's own steps, run from the workstation with the caller's credentials."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import boto3
import click
from botocore.exceptions import BotoCoreError, ClientError
from rich.console import Console
from rich.text import Text

from .documents import REMEDIATION_PARAMETERS
from .policies import DELIVERY_TRUST, Names, Place, delivery_policy
from .steps import alarm, look, metric_filter, prove, topic_and_subscription, trail_and_log_group
from .steps.shared import TAGS, CannotRemediate

DONE, CANNOT, COULD_NOT_RUN = 0, 1, 2

Handler = Callable[[dict[str, Any], Any], dict[str, Any]]

# After the first step, which decides whether there is anything to do for the others.
STEPS: tuple[tuple[str, Handler], ...] = (
    ("trail and log group", trail_and_log_group.handler),
    ("metric filter", metric_filter.handler),
    ("topic and subscription", topic_and_subscription.handler),
    ("alarm", alarm.handler),
    ("prove", prove.handler),
)


@dataclass(frozen=True, slots=True)
class StepResult:
    """What a step did, a line each; `waiting` says what a person has to do now."""

    name: str
    lines: tuple[str, ...]
    waiting: str = ""


@click.command()
@click.option("--profile", help="Named profile of the AWS configuration; AWS_PROFILE by default.")
@click.option("--region", help="AWS region to start from; AWS_REGION, then the profile's, by default.")
@click.option("--email", default="", help="Whom to tell; confirms the subscription by AWS's e-mail.")
@click.option("--topic", default="", help="ARN of the topic to tell, instead of one of its own.")
@click.option("--create-trail", is_flag=True, help="Create a trail if none of the account's will do.")
@click.option("--event-count-alarm", is_flag=True, help="A second alarm for root's API calls alone.")
@click.option("--dry-run", is_flag=True, help="Only say what would be done.")
@click.pass_context
def remediate(context: click.Context, /, **chosen: Any) -> None:
    """Make the chain from trail to subscriber whole, in the account of the credentials.

    Exit status: 0 done, 1 a person has to do something first, 2 could not run.
    """
    console = Console(highlight=False)
    try:
        boto3.setup_default_session(profile_name=chosen["profile"], region_name=chosen["region"])
        session: Any = boto3.DEFAULT_SESSION
        home = session.region_name or "us-east-1"
        account_id = session.client("sts", region_name=home).get_caller_identity()["Account"]
        console.print(Text.assemble("account ", (account_id, "bold"), f" in {home}"))
        for result in carry_out(home, AccountId=account_id, **_parameters(chosen)):
            _draw(console, result)
    except CannotRemediate as reason:
        console.print(Text.assemble(("✘ ", "red"), str(reason)))
        context.exit(CANNOT)
    except (BotoCoreError, ClientError) as error:
        click.echo(f"could not run: {error}", err=True)
        context.exit(COULD_NOT_RUN)


def carry_out(region: str, **chosen: str | int | bool) -> Iterator[StepResult]:
    """Runs the document's steps with boto3's default session, one each time that a result is asked for.

    Deployed, the document finds a role for CloudTrail in its stack; here one is made where it's needed.
    """
    identity = boto3.client("sts", region).get_caller_identity()
    place = Place(identity["Arn"].split(":")[1], identity["Account"])
    role = f"arn:{place.partition}:iam::{place.account_id}:role/root-usage-alarm-{region}"
    payload = {**defaults(), "DeliveryRoleArn": role, **chosen, "Region": region}
    found = look.handler(payload, None)
    yield StepResult("look", (found["Summary"],))
    if found["WorkToDo"]:
        if found["Chain"]["Role"] == role:
            yield StepResult("role", (_ensure_delivery_role(role, found["Chain"]["LogGroup"], place),))
        for name, handler in STEPS:
            outputs = handler({**payload, **found}, None)
            yield StepResult(name, _lines(outputs), outputs.get("Waiting", ""))


def _ensure_delivery_role(arn: str, log_group: str, place: Place) -> str:
    """The role by which CloudTrail writes to the log group; an earlier version's gets a trust that works."""
    iam = boto3.client("iam")
    name = arn.rsplit("/", maxsplit=1)[-1]
    trust = json.dumps(DELIVERY_TRUST)
    tag: Any = TAGS[0]
    try:
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust, Tags=[tag])
    except iam.exceptions.EntityAlreadyExistsException:
        if tag not in iam.get_role(RoleName=name)["Role"].get("Tags", []):
            raise CannotRemediate(f"role `{name}` is someone else's: remove or rename it") from None
        iam.update_assume_role_policy(RoleName=name, PolicyDocument=trust)
    policy = json.dumps(delivery_policy(place, Names(log_group=log_group)))
    iam.put_role_policy(RoleName=name, PolicyName="deliver", PolicyDocument=policy)
    return f"role `{name}` lets CloudTrail write to the log group"


def defaults() -> Mapping[str, str | int | bool]:
    """The document's parameters that have a default."""
    return {name: each.default for name, each in REMEDIATION_PARAMETERS.items() if each.default is not None}


def _parameters(chosen: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "SubscriptionEndpoint": chosen["email"],
        "TopicArn": chosen["topic"],
        "CreateTrail": chosen["create_trail"],
        "EventCountAlarm": chosen["event_count_alarm"],
        "DryRun": chosen["dry_run"],
    }


def _lines(outputs: Mapping[str, Any]) -> tuple[str, ...]:
    lines = [*outputs.get("Done", ()), *outputs.get("Proven", ())]
    return (*lines, *([outputs["Evaluation"]] if "Evaluation" in outputs else []))


def _draw(console: Console, result: StepResult) -> None:
    """Prints the step; nothing that the customer named is read as markup."""
    first, *others = result.lines
    console.print(Text.assemble(("✔", "green"), f" {result.name:<23} {first}"))
    for line in others:
        console.print(Text(f"  {'':<23} {line}"))
    if result.waiting:
        console.print(Text.assemble(f"  {'':<23} ", (result.waiting, "bold yellow")))
