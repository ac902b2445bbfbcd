"""`deploy-org`, `deploy-org-status` and `undeploy-org`: the rule in every account of an organization."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click
from root_usage.aws.arn import Arn

from ..desk.config_file import config_option
from ..desk.consent import yes_option
from ..desk.exit_status import ExitStatus
from ..desk.rule_parameters import parameter_option, usable_parameters_of, values_of
from . import central, conformance_pack, layer, member, names, package, rule_folder, watch
from .central_topic import CentralTopic, admit, check, require_place
from .reading_roles import name_of, reading_role_option
from .rule_folder import no_button
from .stack_set import StackSet, has_failed, status_lines
from .target import CannotDeploy, Target, empty_bucket, target_of, told_plainly
from .topic import TOPIC_NAME, make_topic, remove_topic, topic_of

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient


class InputParametersTooLong(CannotDeploy):
    """AWS Config takes no more than so many characters."""


KEPT_BY_LAMBDA = 100


@dataclass(frozen=True, slots=True)
class Organization:
    """The organization as the account that deploys to it sees it."""

    target: Target
    id: str
    management_account_id: str

    @classmethod
    def of(cls, target: Target) -> Organization:
        found = target.client("organizations").describe_organization()["Organization"]
        return cls(target, found["Id"], found["MasterAccountId"])

    @property
    def is_management(self) -> bool:
        return self.management_account_id == self.target.account_id

    @property
    def call_as(self) -> str:
        return "SELF" if self.is_management else "DELEGATED_ADMIN"

    @property
    def stack_set(self) -> StackSet:
        return StackSet(self.target.client("cloudformation"), self.call_as, self.target.region)

    def require_trusted_access(self) -> None:
        """Without it AWS makes no StackSet that reaches the organization's accounts."""
        answer = self.target.client("cloudformation").describe_organizations_access(CallAs=self.call_as)
        if answer.get("Status") != "ENABLED":
            raise CannotDeploy(
                "StackSets have no trusted access to the organization: run "
                "`aws cloudformation activate-organizations-access` in the management account"
            )

    def account_ids(self) -> list[str]:
        """The oldest members first."""
        pages = self.target.client("organizations").get_paginator("list_accounts").paginate()
        joined = [(each["JoinedTimestamp"], each["Id"]) for page in pages for each in page["Accounts"]]
        return [account_id for _, account_id in sorted(joined)]

    def management_account_is_in(self, ous: Sequence[str]) -> bool:
        """Whether one of the organizational units holds the management account, at any depth."""
        organizations, child = self.target.client("organizations"), self.management_account_id
        while parents := organizations.list_parents(ChildId=child)["Parents"]:
            (parent,) = parents
            if parent["Id"] in ous:
                return True
            if parent["Type"] == "ROOT":
                return False
            child = parent["Id"]
        return False


@click.command("deploy-org")
@config_option
@click.option("--profile", help="Profile of the management account or of StackSets' delegated administrator.")
@click.option("--region", help="The one region that reports; the organization trail's home by default.")
@click.option("--ou", "ous", multiple=True, required=True, help="Organizational unit or root; more than one.")
@click.option("--email", help="Whom the members' remediation subscribes; told when the function fails too.")
@click.option("--topic", "topic_arn", help="ARN of a topic here that is told of the function's errors.")
@click.option("--pack", is_flag=True, help="Leave rule and remediation to an organization conformance pack.")
@click.option("--central-topic", is_flag=True, help="Members' alarms tell the topic, none of their own.")
@reading_role_option
@parameter_option
@yes_option
def deploy_org(  # noqa: PLR0913, PLR0917 an argument for each option
    profile: str | None,
    region: str | None,
    ous: tuple[str, ...],
    email: str | None,
    topic_arn: str | None,
    reading_roles: tuple[str, ...],
    given: tuple[str, ...],
    *,
    pack: bool,
    central_topic: bool,
    yes: bool,
) -> None:
    """Deploys the rule with its remediation to all accounts of the organizational units."""
    if not email and not topic_arn:
        raise click.UsageError("say who is told: --email (EMAIL=), --topic (TOPIC=) or both")
    if central_topic and email and topic_arn:
        raise click.UsageError(
            "a central topic is one of yours, --topic (TOPIC=), or made for --email (EMAIL=)"
        )
    usable_parameters_of(given)
    values = values_of(given)
    with told_plainly():
        target = target_of(profile, region)
        floor = parameter_floor(target.region, values)
        rule_parameters = input_parameters(target.region, floor, reading_roles)
        organization = Organization.of(target)
        organization.require_trusted_access()
        target.require_consent(
            f"makes or updates the stacks {names.CODE_STACK} and {names.ORGANIZATION_STACK}",
            f"has StackSet {names.STACK_SET} bring the rule to all accounts of {', '.join(ous)}",
            f"has {topic_arn or TOPIC_NAME} told" + (f", and subscribes {email}" if email else ""),
            yes=yes,
        )
        alarms = watch.alarm_names(names.ORGANIZATION_FUNCTION)
        if central_topic:
            require_place(target, Arn.parse(topic_arn or topic_of(target)), reading_roles)
        topic, waiting = (topic_arn, "") if topic_arn else make_topic(target, alarms, str(email))
        if central_topic:
            whole = CentralTopic(Arn.parse(topic), organization.id, organization.account_ids())
            (check if topic_arn else admit)(target, whole)
        outputs = _deploy_function(organization, topic, floor)
        parameters = {
            "FunctionArn": outputs["FunctionArn"],
            "FunctionRoleArn": outputs["FunctionRoleArn"],
            "InputParameters": rule_parameters,
            "SubscriptionEndpoint": "" if central_topic else email or "",
            "TopicArn": topic if central_topic else "",
            "ReadingRoleArns": ",".join(reading_roles),
            "AcceptedWays": rule_folder.ways(floor),
        }
        template = member.prerequisites() if pack else member.template(target.region)
        if target.region in names.WITHOUT_BUTTON:
            click.echo(no_button(target.region))
        wanted = {name: parameters[name] for name in template["Parameters"]}
        bucket = target.stacks.outputs(names.CODE_STACK)["CodeBucket"]
        body = target.handed_over(template, names.STACK_SET, bucket)
        went_well = organization.stack_set.put(body, wanted, ous)
        if organization.management_account_is_in(ous):
            _deploy_to_management_account(organization, body, wanted)
    if pack:
        click.echo(f"once that is through: {conformance_pack.command(parameters)}")
    if waiting:
        click.echo(f"waiting for {waiting}")
    if not went_well:
        raise CannotDeploy(f"the update failed in some accounts: `{names.TOOL} deploy-org-status` names them")


@click.command("deploy-org-status")
@click.option("--profile", help="As for deploy-org.")
@click.option("--region", help="As for deploy-org.")
@click.option(
    "--follow", is_flag=True, help="Wait for the last operation, with a line per account that ends."
)
@click.pass_context
def deploy_org_status(
    context: click.Context, profile: str | None, region: str | None, *, follow: bool
) -> None:
    """How far the roll-out is, and in which accounts it failed.

    Exit status: 1 if it failed in any account, 2 could not run.
    """
    with told_plainly():
        organization = Organization.of(target_of(profile, region))
        if follow:
            organization.stack_set.follow()
        click.echo(f"last operation: {organization.stack_set.last_operation()}")
        instances = list(organization.stack_set.instances())
        for line in status_lines(instances):
            click.echo(line)
        if organization.is_management:
            state = organization.target.stacks.state(names.MANAGEMENT_STACK) or "no stack"
            click.echo(f"management account {organization.management_account_id}: {state}")
    if any(has_failed(each) for each in instances):
        context.exit(ExitStatus.NOT_COMPLIANT)


@click.command("undeploy-org")
@click.option("--profile", help="As for deploy-org.")
@click.option("--region", help="As for deploy-org.")
@yes_option
def undeploy_org(profile: str | None, region: str | None, *, yes: bool) -> None:
    """Takes the rule out of all accounts, then the function away; not what the remediation made."""
    with told_plainly():
        target = target_of(profile, region)
        target.require_consent(
            f"takes StackSet {names.STACK_SET} out of all accounts and deletes it",
            f"deletes the stacks {names.MANAGEMENT_STACK}, {names.ORGANIZATION_STACK} and "
            f"{names.CODE_STACK}, the layer's versions, and topic {TOPIC_NAME} unless an alarm tells it",
            yes=yes,
        )
        found = Organization.of(target).stack_set.delete()
        click.echo(f"StackSet {names.STACK_SET}: {'deleted' if found else 'was not there'}")
        target.delete_stack(names.MANAGEMENT_STACK)
        target.delete_stack(names.ORGANIZATION_STACK)
        empty_bucket(target, target.stacks.outputs(names.CODE_STACK).get("CodeBucket"))
        target.delete_stack(names.CODE_STACK)
        versions = layer.delete(target.client("lambda"), names.ORGANIZATION_LAYER)
        click.echo(f"layer versions deleted: {versions}")
        click.echo(remove_topic(target))


def parameter_floor(region: str, given: dict[str, str]) -> dict[str, str]:
    """What is rolled out is the floor: an administrator of a member may not loosen it there."""
    # Else a member could have itself reported in a region that has no rule.
    return {"ReportingRegion": region} | rule_folder.rule_parameters() | given


def input_parameters(region: str, floor: Mapping[str, str], reading_roles: Sequence[str]) -> str:
    """The rule's parameters in a member account, as AWS Config's InputParameters."""
    given = dict(floor)
    given["ExecutionRoleName"] = names.EVALUATION_ROLE.replace("${AWS::Region}", region)
    if reading_roles:
        given["ReadingRoleName"] = name_of(reading_roles)
    text = json.dumps(given)
    if len(text) > names.MOST_INPUT_PARAMETER_CHARACTERS:
        raise InputParametersTooLong(
            f"the rule's parameters have {len(text)} characters; "
            f"AWS Config takes {names.MOST_INPUT_PARAMETER_CHARACTERS}"
        )
    return text


def reservable_concurrency(functions: LambdaClient) -> int:
    """How many executions the function reserves; 0 where the account's quota leaves no room for it.

    Lambda keeps 100 for functions that reserve none, and refuses what would take them away.
    https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html
    """
    left = functions.get_account_settings()["AccountLimit"]["UnreservedConcurrentExecutions"] - KEPT_BY_LAMBDA
    try:
        own = functions.get_function_concurrency(FunctionName=names.ORGANIZATION_FUNCTION)
        left += own.get("ReservedConcurrentExecutions", 0)
    except functions.exceptions.ResourceNotFoundException:
        pass  # not made yet
    if left >= central.CONCURRENCY:
        return central.CONCURRENCY
    click.echo(
        f"note: Lambda's quota here leaves no room to reserve {central.CONCURRENCY} executions for the "
        "function, so nothing but that quota bounds it"
    )
    return 0


def _deploy_function(organization: Organization, topic: str, floor: Mapping[str, str]) -> dict[str, str]:
    target = organization.target
    code_stack = target.handed_over(central.code_template())
    bucket = target.stacks.deploy(names.CODE_STACK, code_stack, {})["CodeBucket"]
    code = package.build_code()
    key = f"{package.sha256(code)}.zip"  # another name, or CloudFormation sees no other code
    target.client("s3").upload_file(str(code), bucket, key)
    return target.stacks.deploy(
        names.ORGANIZATION_STACK,
        target.handed_over(central.template(organization.account_ids()), names.ORGANIZATION_STACK, bucket),
        {
            "OrganizationId": organization.id,
            "TopicArn": topic,
            "ParameterFloor": json.dumps(floor),
            "ReservedConcurrency": str(reservable_concurrency(target.client("lambda"))),
            "CodeBucket": bucket,
            "CodeKey": key,
            "LayerArn": layer.publish(
                target.client("lambda"), target.client("s3"), bucket, names.ORGANIZATION_LAYER
            ),
        },
    )


def _deploy_to_management_account(
    organization: Organization, template: Mapping[str, str], parameters: Mapping[str, str]
) -> None:
    """StackSets leave the management account out, so it gets the members' stack by itself.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DeploymentTargets.html
    """
    account_id, target = organization.management_account_id, organization.target
    if not organization.is_management:
        click.echo(
            f"note: StackSets leave management account {account_id} out: run `{names.TOOL} deploy` there"
        )
    elif target.stacks.state(names.RULE_STACK):
        click.echo(f"management account {account_id}: keeps the rule that `{names.TOOL} deploy` put there")
    else:
        target.stacks.deploy(names.MANAGEMENT_STACK, template, parameters)
        click.echo(f"management account {account_id}: has the rule too, by stack {names.MANAGEMENT_STACK}")
