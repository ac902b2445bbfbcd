"""`deploy` and `undeploy`: the rule in one account, by our templates and rdk."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import click
from botocore.exceptions import BotoCoreError, ClientError

from remediation.steps.shared import CannotRemediate

from . import evaluation, layer, names, rule_folder
from .foundation import errors_alarm_name
from .foundation import template as foundation
from .repair import template as repair
from .stacks import StackFailed, Stacks, TemplateTooLarge
from .topic import make_topic


class CannotDeploy(click.ClickException):
    """What a person has to do before this can go on."""


@dataclass(frozen=True, slots=True)
class Target:
    """The account and region to deploy to, by a named profile or the environment."""

    session: boto3.session.Session
    profile: str | None
    account_id: str
    partition: str

    @property
    def region(self) -> str:
        return str(self.session.region_name)

    @property
    def stacks(self) -> Stacks:
        return Stacks(self.client("cloudformation"))

    def client(self, service: str) -> Any:
        make: Any = self.session.client
        return make(service)

    def delete_stack(self, name: str) -> None:
        """Deletes the stack, and says whether there was one."""
        click.echo(f"stack {name}: {'deleted' if self.stacks.delete(name) else 'was not there'}")


@click.command()
@click.option("--profile", help="Named profile of the AWS configuration; AWS_PROFILE by default.")
@click.option("--region", help="AWS region; best the trail's home region. The profile's by default.")
@click.option("--email", help="Who is told when the rule's function fails, and by the remediation's alarm.")
@click.option("--topic", "topic_arn", help="ARN of a topic to tell instead.")
@click.option("--log-archive-role", default="", help="ARN of the role LogArchiveRoleName, if that is set.")
def deploy(
    profile: str | None, region: str | None, email: str | None, topic_arn: str | None, log_archive_role: str
) -> None:
    """Deploys the rule with its remediation to one account, and starts the first evaluation."""
    if bool(email) == bool(topic_arn):
        raise click.UsageError("name one of --email and --topic")
    with told_plainly():
        target = target_of(profile, region)
        topic, waiting = (topic_arn, "") if topic_arn else topic_for(target, str(email), names.FUNCTION)
        outputs = _prepare(target, str(topic), log_archive_role)
        _run_rdk(target, outputs, {"TopicArn": topic_arn or "", "SubscriptionEndpoint": email or ""})
        click.echo(f"rule {names.RULE} is deployed in account {target.account_id}, {target.region}")
        _evaluate(target)
    if waiting:
        click.echo(f"waiting for {waiting}")


@click.command()
@click.option("--profile", help="Named profile of the AWS configuration; AWS_PROFILE by default.")
@click.option("--region", help="AWS region; the profile's by default.")
def undeploy(profile: str | None, region: str | None) -> None:
    """Takes everything away again that `deploy` made, but not what the remediation made."""
    with told_plainly():
        target = target_of(profile, region)
        # What `rdk undeploy` does, which doesn't say when it fails.
        target.delete_stack(names.RULE_STACK)
        target.delete_stack(names.REMEDIATION_STACK)
        empty_bucket(target, target.stacks.outputs(names.FOUNDATION_STACK).get("CodeBucket"))
        target.delete_stack(names.FOUNDATION_STACK)
        click.echo(f"layer versions deleted: {layer.delete(target.client('lambda'))}")
    click.echo("left as they are: trail, log group, metric filter, alarm, topic and subscriptions")


class told_plainly:  # noqa: N801 it reads as the `with` statement that it is
    """Shows what AWS or CloudFormation said as one line, not as a traceback."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: Any, error: BaseException | None, traceback: Any) -> None:
        plain = (StackFailed, TemplateTooLarge, CannotRemediate, ClientError, BotoCoreError)
        if isinstance(error, plain):
            raise click.ClickException(str(error)) from error


def target_of(profile: str | None, region: str | None) -> Target:
    session = boto3.session.Session(profile_name=profile, region_name=region)
    if not session.region_name:
        raise CannotDeploy("no region: give REGION=, best the home region of the account's trail")
    identity = session.client("sts").get_caller_identity()
    return Target(session, profile, identity["Account"], identity["Arn"].split(":")[1])


def topic_for(target: Target, email: str, function: str) -> tuple[str, str]:
    """The topic that the function's errors alarm tells, and who has to confirm."""
    place = {"Partition": target.partition, "Account": target.account_id, "Region": target.region}
    return make_topic(target.client("sns"), place, errors_alarm_name(function), email)


def _prepare(target: Target, topic: str, log_archive_role: str) -> dict[str, str]:
    """Our own stacks and the layer; returns what they are called."""
    if not evaluation.is_recording(target.client("config")):
        raise CannotDeploy(f"AWS Config doesn't record in {target.region}: turn it on there, then try again")
    parameters = {"TopicArn": topic, "LogArchiveRoleArn": log_archive_role}
    outputs = target.stacks.deploy(names.FOUNDATION_STACK, foundation(), parameters)
    outputs |= target.stacks.deploy(names.REMEDIATION_STACK, repair(), {})
    arn = layer.publish(target.client("lambda"), target.client("s3"), outputs["CodeBucket"])
    return outputs | {"LayerArn": arn}


def _run_rdk(target: Target, outputs: Mapping[str, str], values: Mapping[str, str]) -> None:
    """`rdk deploy`; raises StackFailed, which rdk doesn't."""
    # rdk's update of a stack that never came up fails, and it says "complete".
    target.stacks.clear(names.RULE_STACK)
    folder = rule_folder.stage(
        {"AutomationAssumeRole": outputs["AutomationRoleArn"], **values}, outputs["DocumentName"]
    )
    command = [
        *(sys.executable, "-m", "deployment.rdk_launcher"),
        *(("--profile", target.profile) if target.profile else ()),
        *("--region", target.region, "deploy", names.RULE),
        *("--custom-code-bucket", outputs["CodeBucket"]),
        *("--lambda-role-arn", outputs["FunctionRoleArn"]),
        *("--rdklib-layer-arn", outputs["LayerArn"]),
        *("--lambda-timeout", str(names.TIMEOUT_SECONDS)),
    ]
    finished = subprocess.run(command, cwd=folder, env=_environment(), check=False)  # noqa: S603 our own
    if finished.returncode:
        raise CannotDeploy(f"rdk ended with exit status {finished.returncode}; see above")
    target.stacks.wait(names.RULE_STACK)


def _environment() -> dict[str, str]:
    """rdk runs in a folder of its own, so the way to our modules has to be absolute."""
    paths = (str(names.ROOT / names.RULE), str(names.ROOT))
    return {**os.environ, "PYTHONPATH": os.pathsep.join(paths), "PYTHONDONTWRITEBYTECODE": "1"}


def _evaluate(target: Target) -> None:
    config = target.client("config")
    # AWS Config's clock may be a little behind this one.
    started = datetime.now(UTC) - timedelta(seconds=10)
    evaluation.start(config)
    click.echo("first evaluation started; waiting for its result ...")
    result = evaluation.result_since(config, started)
    if result:
        click.echo(f"{result['ComplianceType']}: {result.get('Annotation', '')}")
    else:
        click.echo(f"no result yet: see log group /aws/lambda/{names.FUNCTION}")
    click.echo(evaluation.console_url(target.region, target.partition))


def empty_bucket(target: Target, bucket: str | None) -> None:
    """CloudFormation deletes no bucket that holds anything."""
    if bucket is None:
        return
    s3 = target.client("s3")
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket):
        keys = [{"Key": each["Key"]} for each in page.get("Contents", [])]
        if keys:
            s3.delete_objects(Bucket=bucket, Delete={"Objects": keys, "Quiet": True})
