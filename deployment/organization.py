"""`deploy-org`, `deploy-org-status` and `undeploy-org`: the rule in every account of an organization."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import click

from . import central, layer, member, names, package, rule_folder
from .deploy import Target, empty_bucket, target_of, told_plainly, topic_for
from .stacks import TemplateTooLarge, body_of

SECONDS_BETWEEN_LOOKS = 10
# A quarter of the accounts at a time; a bad template stops before it has failed everywhere.
PREFERENCES = {
    "RegionConcurrencyType": "PARALLEL",
    "MaxConcurrentPercentage": 25,
    "FailureTolerancePercentage": 10,
    "ConcurrencyMode": "SOFT_FAILURE_TOLERANCE",
}


class InputParametersTooLong(click.ClickException):
    """AWS Config takes no more than so many characters."""


@dataclass(frozen=True, slots=True)
class StackSet:
    """The StackSet of the members, as the management account or a delegated administrator sees it."""

    cloudformation: Any
    call_as: str
    region: str
    sleep: Callable[[float], None] = time.sleep

    def put(self, template: Mapping[str, str], parameters: Mapping[str, str], ous: tuple[str, ...]) -> str:
        """Creates or updates it and adds those organizational units; returns the operation's id.

        `template` is TemplateBody or TemplateURL.
        """
        request = {
            **self._name,
            **template,
            "Parameters": [{"ParameterKey": key, "ParameterValue": parameters[key]} for key in parameters],
            "Capabilities": ["CAPABILITY_NAMED_IAM"],
            "PermissionModel": "SERVICE_MANAGED",
            # New accounts of the organizational units get the rule, accounts that leave them lose it.
            "AutoDeployment": {"Enabled": True, "RetainStacksOnAccountRemoval": False},
        }
        if self.exists():
            update = self.cloudformation.update_stack_set(**request, OperationPreferences=PREFERENCES)
            self.wait(update["OperationId"])
        else:
            self.cloudformation.create_stack_set(**request, ManagedExecution={"Active": True})
        added = self.cloudformation.create_stack_instances(
            **self._name,
            DeploymentTargets={"OrganizationalUnitIds": list(ous)},
            Regions=[self.region],
            OperationPreferences=PREFERENCES,
        )
        return str(added["OperationId"])

    def delete(self) -> bool:
        """Takes it out of all accounts, then away; whether there was one."""
        if not self.exists():
            return False
        described = self.cloudformation.describe_stack_set(**self._name)["StackSet"]
        ous = described.get("OrganizationalUnitIds", [])
        if ous:
            operation = self.cloudformation.delete_stack_instances(
                **self._name,
                DeploymentTargets={"OrganizationalUnitIds": ous},
                Regions=[self.region],
                RetainStacks=False,
                OperationPreferences=PREFERENCES,
            )
            self.wait(operation["OperationId"])
        self.cloudformation.delete_stack_set(**self._name)
        return True

    def exists(self) -> bool:
        try:
            self.cloudformation.describe_stack_set(**self._name)
        except self.cloudformation.exceptions.StackSetNotFoundException:
            return False
        return True

    def wait(self, operation_id: str) -> str:
        """The operation's state once it has ended."""
        while True:
            answer = self.cloudformation.describe_stack_set_operation(**self._name, OperationId=operation_id)
            state = str(answer["StackSetOperation"]["Status"])
            if state not in {"QUEUED", "RUNNING", "STOPPING"}:
                return state
            self.sleep(SECONDS_BETWEEN_LOOKS)

    def last_operation(self) -> str:
        operations = self.cloudformation.list_stack_set_operations(**self._name, MaxResults=1)["Summaries"]
        if not operations:
            return "none"
        return f"{operations[0]['Action']} {operations[0]['Status']}"

    def instances(self) -> Iterator[Mapping[str, Any]]:
        """One per account and region."""
        paginator = self.cloudformation.get_paginator("list_stack_instances")
        for page in paginator.paginate(**self._name):
            yield from page["Summaries"]

    @property
    def _name(self) -> dict[str, str]:
        return {"StackSetName": names.STACK_SET, "CallAs": self.call_as}


@click.command("deploy-org")
@click.option("--profile", help="Profile of the management account or of StackSets' delegated administrator.")
@click.option("--region", help="The one region that reports; best the organization trail's home region.")
@click.option("--ou", "ous", multiple=True, required=True, help="Organizational unit or root; more than one.")
@click.option("--email", help="Who is told when the function fails, and by the remediation's alarms.")
@click.option("--topic", "topic_arn", help="ARN of a topic here that is told when the function fails.")
@click.option("--log-archive-role", default="", help="ARN of the role of the stack log-archive, if needed.")
def deploy_org(  # noqa: PLR0913, PLR0917 an argument for each option
    profile: str | None,
    region: str | None,
    ous: tuple[str, ...],
    email: str | None,
    topic_arn: str | None,
    log_archive_role: str,
) -> None:
    """Deploys the rule with its remediation to all accounts of the organizational units."""
    if bool(email) == bool(topic_arn):
        raise click.UsageError("name one of --email and --topic")
    with told_plainly():
        target = target_of(profile, region)
        parameters = input_parameters(target.region, log_archive_role)
        organization = target.client("organizations").describe_organization()["Organization"]
        topic = topic_arn or topic_for(target, str(email), names.ORGANIZATION_FUNCTION)[0]
        outputs = _deploy_function(target, organization["Id"], topic)
        operation = _stack_set(target, organization).put(
            template_argument(member.template(), _upload_to(target)),
            {
                "FunctionArn": outputs["FunctionArn"],
                "FunctionRoleArn": outputs["FunctionRoleArn"],
                "InputParameters": parameters,
                "SubscriptionEndpoint": email or "",
                "LogArchiveRoleArn": log_archive_role,
            },
            ous,
        )
    click.echo(f"StackSet {names.STACK_SET}: operation {operation} runs; `make deploy-org-status` follows it")


@click.command("deploy-org-status")
@click.option("--profile", help="As for deploy-org.")
@click.option("--region", help="As for deploy-org.")
def deploy_org_status(profile: str | None, region: str | None) -> None:
    """How far the roll-out is, and in which accounts it failed."""
    with told_plainly():
        target = target_of(profile, region)
        organization = target.client("organizations").describe_organization()["Organization"]
        stack_set = _stack_set(target, organization)
        click.echo(f"last operation: {stack_set.last_operation()}")
        instances = list(stack_set.instances())
    for line in status_lines(instances):
        click.echo(line)


@click.command("undeploy-org")
@click.option("--profile", help="As for deploy-org.")
@click.option("--region", help="As for deploy-org.")
def undeploy_org(profile: str | None, region: str | None) -> None:
    """Takes the rule out of all accounts, then the function away; not what the remediation made."""
    with told_plainly():
        target = target_of(profile, region)
        organization = target.client("organizations").describe_organization()["Organization"]
        found = _stack_set(target, organization).delete()
        click.echo(f"StackSet {names.STACK_SET}: {'deleted' if found else 'was not there'}")
        target.delete_stack(names.ORGANIZATION_STACK)
        empty_bucket(target, target.stacks.outputs(names.CODE_STACK).get("CodeBucket"))
        target.delete_stack(names.CODE_STACK)
        click.echo(f"layer versions deleted: {layer.delete(target.client('lambda'))}")


def input_parameters(region: str, log_archive_role: str) -> str:
    """The rule's parameters in a member account, as AWS Config's InputParameters."""
    rule = json.loads(rule_folder.PARAMETERS.read_text(encoding="utf-8"))["Parameters"]
    given = json.loads(rule["InputParameters"]) | json.loads(rule["OptionalParameters"])
    given["ExecutionRoleName"] = names.EVALUATION_ROLE.replace("${AWS::Region}", region)
    if log_archive_role:
        given["LogArchiveRoleName"] = log_archive_role.rpartition("/")[2]
    text = json.dumps({name: value for name, value in given.items() if value})
    if len(text) > names.MOST_INPUT_PARAMETER_CHARACTERS:
        raise InputParametersTooLong(
            f"the rule's parameters have {len(text)} characters; "
            f"AWS Config takes {names.MOST_INPUT_PARAMETER_CHARACTERS}"
        )
    return text


def template_argument(template: Mapping[str, Any], upload: Callable[[str], str]) -> dict[str, str]:
    """The template itself, or where it was uploaded to if one call can't carry it."""
    try:
        return {"TemplateBody": body_of(template)}
    except TemplateTooLarge:
        return {"TemplateURL": upload(json.dumps(template, separators=(",", ":")))}


def _upload_to(target: Target) -> Callable[[str], str]:
    def upload(body: str) -> str:
        s3, key = target.client("s3"), "member.template.json"
        bucket = target.stacks.outputs(names.CODE_STACK)["CodeBucket"]
        s3.put_object(Bucket=bucket, Key=key, Body=body.encode("utf-8"))
        domain = "amazonaws.com.cn" if target.partition == "aws-cn" else "amazonaws.com"
        return f"https://{bucket}.s3.{target.region}.{domain}/{key}"

    return upload


def status_lines(instances: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """The counts by state, then each account that isn't there yet with its reason."""
    states = Counter(_state(each) for each in instances)
    yield f"{len(instances)} accounts: " + (
        ", ".join(f"{count} {state}" for state, count in sorted(states.items())) or "none yet"
    )
    for each in instances:
        if _state(each) not in {"SUCCEEDED", "PENDING", "RUNNING"}:
            reason = each.get("StatusReason", "no reason given")
            yield f"{each['Account']} {each['Region']} {_state(each)}: {reason}"


def _state(instance: Mapping[str, Any]) -> str:
    detailed = instance.get("StackInstanceStatus", {}).get("DetailedStatus")
    return str(detailed or instance["Status"])


def _deploy_function(target: Target, organization_id: str, topic: str) -> dict[str, str]:
    bucket = target.stacks.deploy(names.CODE_STACK, central.code_template(), {})["CodeBucket"]
    code = package.build_code()
    key = f"{package.sha256(code)}.zip"  # another name, or CloudFormation sees no other code
    target.client("s3").upload_file(str(code), bucket, key)
    return target.stacks.deploy(
        names.ORGANIZATION_STACK,
        central.template(),
        {
            "OrganizationId": organization_id,
            "TopicArn": topic,
            "CodeBucket": bucket,
            "CodeKey": key,
            "LayerArn": layer.publish(target.client("lambda"), target.client("s3"), bucket),
        },
    )


def _stack_set(target: Target, organization: Mapping[str, Any]) -> StackSet:
    is_management = organization["MasterAccountId"] == target.account_id
    return StackSet(
        target.client("cloudformation"), "SELF" if is_management else "DELEGATED_ADMIN", target.region
    )
