"""The account and region that a command works on, and how it says that it can't."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import boto3
import click
from botocore.exceptions import BotoCoreError, ClientError

from ..desk.consent import account_line, agreed
from ..desk.exit_status import ExitStatus
from ..remediation.steps.shared import CannotRemediate
from . import names
from .stacks import StackFailed, Stacks

# Where to ask for trails when no region is known: AWS shows multi-region trails in every region.
ANY_REGION = "us-east-1"


class CannotDeploy(click.ClickException):
    """What a person has to do before this can go on."""

    exit_code = ExitStatus.COULD_NOT_RUN


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

    def require_consent(self, *doing: str, yes: bool) -> None:
        """Shows the account and what is about to be done there, and asks; raises CannotDeploy for a no."""
        click.echo(account_line(self.session, self.account_id, self.region))
        for each in doing:
            click.echo(f"  {each}")
        if not agreed("Go on?", yes=yes):
            raise CannotDeploy("nothing was changed")

    def handed_over(self, template: Mapping[str, Any], name: str = "", bucket: str = "") -> dict[str, str]:
        """The template as an argument; under that name from the bucket, where a call can't carry it.

        https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
        """
        body, key = json.dumps(template, separators=(",", ":")), f"{name}.template.json"
        if len(body) <= names.MOST_TEMPLATE_BYTES:
            return {"TemplateBody": body}
        self.client("s3").put_object(Bucket=bucket, Key=key, Body=body.encode())
        domain = "amazonaws.com.cn" if self.partition == "aws-cn" else "amazonaws.com"
        return {"TemplateURL": f"https://{bucket}.s3.{self.region}.{domain}/{key}"}

    def delete_stack(self, name: str) -> None:
        """Deletes the stack, and says whether there was one."""
        click.echo(f"stack {name}: {'deleted' if self.stacks.delete(name) else 'was not there'}")


class told_plainly:  # noqa: N801 it reads as the `with` statement that it is
    """Shows what AWS or CloudFormation said as one line, not as a traceback."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: Any, error: BaseException | None, traceback: Any) -> None:
        plain = (StackFailed, CannotRemediate, ClientError, BotoCoreError)
        if isinstance(error, plain):
            raise CannotDeploy(str(error)) from error


def target_of(profile: str | None, region: str | None) -> Target:
    """By default the home region of the account's trail: metric filter, alarm and topic have to be there."""
    session = boto3.session.Session(profile_name=profile, region_name=region)
    home = None if region else home_of_trail(session)
    if home:
        click.echo(f"region {home['HomeRegion']}: the home region of trail {home['Name']}")
        session = boto3.session.Session(profile_name=profile, region_name=home["HomeRegion"])
    if not session.region_name:
        raise CannotDeploy("no region, and no multi-region trail to take it from: give --region (REGION=)")
    identity = session.client("sts").get_caller_identity()
    return Target(session, profile, identity["Account"], identity["Arn"].split(":")[1])


def home_of_trail(session: boto3.session.Session) -> Mapping[str, Any] | None:
    """The trail that the rule will follow, as far as DescribeTrails tells: multi-region, with a log group."""
    make: Any = session.client
    cloudtrail = make("cloudtrail", region_name=session.region_name or ANY_REGION)
    try:
        trails = cloudtrail.describe_trails()["trailList"]
    except ClientError:
        return None  # a matter of taste only, so whoever may not ask goes on without
    candidates = [each for each in trails if each.get("IsMultiRegionTrail")]
    return min(
        candidates,
        key=lambda each: ("CloudWatchLogsLogGroupArn" not in each, each["TrailARN"]),
        default=None,
    )


def empty_bucket(target: Target, bucket: str | None) -> None:
    """CloudFormation deletes no bucket that holds anything."""
    if bucket is None:
        return
    s3 = target.client("s3")
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket):
        keys = [{"Key": each["Key"]} for each in page.get("Contents", [])]
        if keys:
            s3.delete_objects(Bucket=bucket, Delete={"Objects": keys, "Quiet": True})
