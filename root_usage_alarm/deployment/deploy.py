"""`deploy` and `undeploy`: the rule in one account, by our templates and rdk."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..desk.config_file import config_option
from ..desk.consent import yes_option
from ..desk.rule_parameters import parameter_option, usable_parameters_of, values_of
from ..remediation.steps.shared import starts
from . import evaluation, layer, names, package, rule_folder, watch
from .foundation import template as foundation
from .reading_roles import name_of, reading_role_option
from .repair import template as repair
from .rule_folder import no_button
from .target import CannotDeploy, Target, empty_bucket, home_of_trail, target_of, told_plainly
from .topic import TOPIC_NAME, make_topic, remove_topic

if TYPE_CHECKING:
    from mypy_boto3_iam import IAMClient

STACKS = names.FOUNDATION_STACK, names.REMEDIATION_STACK, names.RULE_STACK, names.WATCH_STACK


@click.command()
@config_option
@click.option("--profile", help="Named profile of the AWS configuration; AWS_PROFILE by default.")
@click.option("--region", help="AWS region; the trail's home region by default.")
@click.option("--email", help="Who is told when the rule's function fails, and by the remediation's alarm.")
@click.option("--topic", "topic_arn", help="ARN of a topic to tell instead.")
@reading_role_option
@parameter_option
@yes_option
def deploy(  # noqa: PLR0913, PLR0917 an argument for each option
    profile: str | None,
    region: str | None,
    email: str | None,
    topic_arn: str | None,
    reading_roles: tuple[str, ...],
    given: tuple[str, ...],
    *,
    yes: bool,
) -> None:
    """Deploys the rule with its remediation to one account, and starts the first evaluation."""
    if bool(email) == bool(topic_arn):
        raise click.UsageError("say who is told: one of --email (EMAIL=) and --topic (TOPIC=)")
    usable_parameters_of(given)
    values = values_of(given)
    with told_plainly():
        target = target_of(profile, region)
        _require_room(target)
        if region:
            _advise(target)
        target.require_consent(
            f"makes or updates the stacks {', '.join(STACKS)}, and a layer version",
            f"makes topic {TOPIC_NAME}, subscribes {email}" if email else f"has topic {topic_arn} told",
            yes=yes,
        )
        alarms = watch.alarm_names(names.FUNCTION)
        topic, waiting = (topic_arn, "") if topic_arn else make_topic(target, alarms, str(email))
        outputs = _prepare(target, rule_folder.ways(values), reading_roles)
        told = {"TopicArn": topic_arn or "", "SubscriptionEndpoint": email or ""}
        _run_rdk(target, outputs, values | {"ReadingRoleName": name_of(reading_roles)}, told)
        watching = target.handed_over(watch.template())
        target.stacks.deploy(names.WATCH_STACK, watching, {"TopicArn": str(topic)})
        click.echo(f"rule {names.RULE} is deployed in account {target.account_id}, {target.region}")
        if target.region in names.WITHOUT_BUTTON:
            click.echo(no_button(target.region))
        _evaluate(target, values)
    if waiting:
        click.echo(f"waiting for {waiting}")


@click.command()
@click.option("--profile", help="Named profile of the AWS configuration; AWS_PROFILE by default.")
@click.option("--region", help="AWS region; the trail's home region by default.")
@yes_option
def undeploy(profile: str | None, region: str | None, *, yes: bool) -> None:
    """Takes everything away again that `deploy` made, but not what the remediation made."""
    with told_plainly():
        target = target_of(profile, region)
        target.require_consent(
            f"deletes the stacks {', '.join(STACKS)}, the layer's versions, "
            f"and topic {TOPIC_NAME} unless an alarm tells it",
            yes=yes,
        )
        # What `rdk undeploy` does, which doesn't say when it fails.
        target.delete_stack(names.WATCH_STACK)
        target.delete_stack(names.RULE_STACK)
        target.delete_stack(names.REMEDIATION_STACK)
        empty_bucket(target, target.stacks.outputs(names.FOUNDATION_STACK).get("CodeBucket"))
        target.delete_stack(names.FOUNDATION_STACK)
        click.echo(f"layer versions deleted: {layer.delete(target.client('lambda'), names.LAYER)}")
        click.echo(remove_topic(target))
    click.echo("left as they are: trail, log group, metric filter and alarm")


def _advise(target: Target) -> None:
    home = home_of_trail(target.session)
    if home and home["HomeRegion"] != target.region:
        click.echo(
            f"note: trail {home['Name']} is at home in {home['HomeRegion']}, where its alarm and the alarm's "
            "topic have to be; the rule finds them from here too, but is best deployed there"
        )


def _require_room(target: Target) -> None:
    """Before anything is made: that AWS Config is on, and nobody else's roll-out in the way."""
    if not evaluation.is_recording(target.client("config")):
        raise CannotDeploy(f"AWS Config doesn't record in {target.region}: turn it on there, then try again")
    role = names.AUTOMATION_ROLE.replace("${AWS::Region}", target.region)
    if target.stacks.touched(names.REMEDIATION_STACK) is None and _has_role(target.client("iam"), role):
        raise CannotDeploy(
            f"role {role} is here already, and `{names.TOOL} deploy` didn't make it: if an organization's "
            "roll-out did, the account has the rule; else delete the role"
        )


def _has_role(iam: IAMClient, name: str) -> bool:
    try:
        iam.get_role(RoleName=name)
    except iam.exceptions.NoSuchEntityException:
        return False
    return True


def _prepare(target: Target, ways: str, reading_roles: Sequence[str]) -> dict[str, str]:
    """Our own stacks and the layer; returns what they are called."""
    parameters = {"ReadingRoleArns": ",".join(reading_roles), "AcceptedWays": ways}
    outputs = target.stacks.deploy(names.FOUNDATION_STACK, target.handed_over(foundation()), parameters)
    remediation = target.handed_over(repair(), names.REMEDIATION_STACK, outputs["CodeBucket"])
    outputs |= target.stacks.deploy(names.REMEDIATION_STACK, remediation, {})
    arn = layer.publish(target.client("lambda"), target.client("s3"), outputs["CodeBucket"], names.LAYER)
    return outputs | {"LayerArn": arn}


def _run_rdk(
    target: Target, outputs: Mapping[str, str], rule_values: Mapping[str, str], told: Mapping[str, str]
) -> None:
    """`rdk deploy`; raises StackFailed, which rdk doesn't."""
    # rdk's update of a stack that never came up fails, and it says "complete".
    target.stacks.clear(names.RULE_STACK)
    before = target.stacks.moment(names.RULE_STACK)
    document_values = {"AutomationAssumeRole": outputs["AutomationRoleArn"], **told}
    command = [
        *(sys.executable, "-m", "root_usage_alarm.deployment.rdk_launcher"),
        *(("--profile", target.profile) if target.profile else ()),
        *("--region", target.region, "deploy", names.RULE),
        *("--custom-code-bucket", outputs["CodeBucket"]),
        *("--lambda-role-arn", outputs["FunctionRoleArn"]),
        *("--rdklib-layer-arn", outputs["LayerArn"]),
        *("--lambda-timeout", str(names.TIMEOUT_SECONDS)),
    ]
    with tempfile.TemporaryDirectory() as folder:
        rule_folder.stage(rule_values, document_values, outputs["DocumentName"], target.region, Path(folder))
        # rdk puts its zip there under the same name each time: two at once would share it.
        environment = _environment() | {"TMPDIR": folder}
        finished = subprocess.run(command, cwd=folder, env=environment, check=False)  # noqa: S603 our own
    # Why a stack failed is in its events, whether rdk noticed it or not.
    if target.stacks.touched(names.RULE_STACK):
        target.stacks.wait(names.RULE_STACK, before)
    if finished.returncode:
        raise CannotDeploy(f"rdk ended with exit status {finished.returncode}; see above")


def _environment() -> dict[str, str]:
    """rdk runs in a folder of its own, so the way to our modules has to be absolute."""
    paths = (str(package.PACKAGE.parent), str(Path(__file__).parents[2]))
    return {**os.environ, "PYTHONPATH": os.pathsep.join(paths), "PYTHONDONTWRITEBYTECODE": "1"}


def _evaluate(target: Target, values: dict[str, str]) -> None:
    config = target.client("config")
    # AWS Config's clock may be a little behind this one.
    started = datetime.now(UTC) - timedelta(seconds=10)
    starts(config, names.RULE)  # another that is under way does as well
    given = rule_folder.rule_parameters() | values
    reporting_region = given.get("ReportingRegion", target.region)
    if reporting_region != target.region:
        click.echo(f"NOT_APPLICABLE here: the account is reported in {reporting_region} (ReportingRegion)")
        return
    click.echo("first evaluation started; waiting for its result ...")
    result = evaluation.result_since(config, started)
    if result:
        click.echo(f"{result['ComplianceType']}: {result.get('Annotation', '')}")
    else:
        click.echo(f"no result yet: see log group /aws/lambda/{names.FUNCTION}")
    click.echo(evaluation.console_url(target.region, target.partition))
