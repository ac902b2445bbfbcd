"""CloudFormation stacks: deployed or deleted, waited for, and the event that failed named."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click
from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient

SECONDS_BETWEEN_LOOKS = 5
# Stacks in these states take no update: only deleting them helps, and nothing of them is in use.
# https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/view-stack-events.html
BEYOND_UPDATE = {
    "ROLLBACK_COMPLETE",
    "ROLLBACK_FAILED",
    "CREATE_FAILED",
    "DELETE_FAILED",
    "REVIEW_IN_PROGRESS",
}
WHOLE = {"CREATE_COMPLETE", "UPDATE_COMPLETE"}


class StackFailed(Exception):
    """The stack's name and state, and the event that says why."""


@dataclass(frozen=True, slots=True)
class Stacks:
    """The stacks of one account and region."""

    cloudformation: CloudFormationClient
    sleep: Callable[[float], None] = time.sleep
    tell: Callable[[str], None] = click.echo

    def deploy(self, name: str, template: Mapping[str, str], parameters: Mapping[str, str]) -> dict[str, str]:
        """Creates the stack or updates it; returns its outputs; raises StackFailed.

        `template` is TemplateBody or TemplateURL.
        """
        self.clear(name)
        request: dict[str, Any] = {
            "StackName": name,
            **template,
            "Parameters": parameters_of(parameters),
            "Capabilities": ["CAPABILITY_NAMED_IAM"],
            "Tags": [{"Key": "CreatedBy", "Value": "root-usage-alarm"}],
        }
        before = self.touched(name)
        self.tell(f"stack {name} ...")
        if before is None:
            self.cloudformation.create_stack(**request)
        else:
            self._update(request)
        return self.wait(name, before)

    def wait(self, name: str, before: object = None) -> dict[str, str]:
        """The outputs of the stack once it is whole; raises StackFailed.

        `before` is what `touched` said before the operation: if it still says so there was nothing to do,
        and an update that failed earlier has been rolled back to just what is wanted now.
        """
        while (state := self.state(name) or "DELETE_COMPLETE").endswith("_IN_PROGRESS"):
            self.sleep(SECONDS_BETWEEN_LOOKS)
        is_as_before = state == "UPDATE_ROLLBACK_COMPLETE" and before == self.touched(name)
        if state not in WHOLE and not is_as_before:
            raise StackFailed(f"stack {name} is in state {state}: {self.reason(name)}")
        return self.outputs(name)

    def touched(self, name: str) -> object:
        """When the stack's last operation began; None if there is no stack."""
        stack = self._describe(name)
        return None if stack is None else stack.get("LastUpdatedTime", stack["CreationTime"])

    def outputs(self, name: str) -> dict[str, str]:
        """The outputs of the stack; empty where there is no stack."""
        stack = self._describe(name)
        return {each["OutputKey"]: each["OutputValue"] for each in (stack or {}).get("Outputs", [])}

    def delete(self, name: str) -> bool:
        """Deletes the stack; whether there was one. Raises StackFailed."""
        stack = self._describe(name)
        if stack is None:
            return False
        self.cloudformation.delete_stack(StackName=name)
        # By its id, as a name finds no stack that is deleted.
        while (state := self.state(stack["StackId"]) or "DELETE_COMPLETE") != "DELETE_COMPLETE":
            if not state.endswith("_IN_PROGRESS"):
                raise StackFailed(f"stack {name} is in state {state}: {self.reason(name)}")
            self.sleep(SECONDS_BETWEEN_LOOKS)
        return True

    def clear(self, name: str) -> None:
        """Deletes what an earlier failure left behind, since no update gets it going again."""
        while (state := self.state(name)) and state.endswith("_IN_PROGRESS"):
            self.sleep(SECONDS_BETWEEN_LOOKS)
        if state in BEYOND_UPDATE:
            self.delete(name)

    def state(self, name: str) -> str | None:
        stack = self._describe(name)
        return None if stack is None else str(stack["StackStatus"])

    def reason(self, name: str) -> str:
        """The first event of the last operation that failed on its own account."""
        pages = self.cloudformation.get_paginator("describe_stack_events").paginate(StackName=name)
        return first_failure(event for page in pages for event in page["StackEvents"])

    def _update(self, request: dict[str, Any]) -> None:
        try:
            self.cloudformation.update_stack(**request)
        except ClientError as error:
            if "No updates are to be performed" not in str(error):
                raise

    def _describe(self, name: str) -> dict[str, Any] | None:
        try:
            (stack,) = self.cloudformation.describe_stacks(StackName=name)["Stacks"]
        except ClientError as error:
            # CloudFormation has no code of its own for this.
            if "does not exist" in str(error):
                return None
            raise
        return dict(stack)


def first_failure(events: Iterable[Mapping[str, Any]]) -> str:
    """`resource (type): reason` of the failure that the others follow from; events come newest first."""
    failures = []
    for event in events:
        state, reason = event["ResourceStatus"], event.get("ResourceStatusReason", "no reason given")
        is_stack = event["LogicalResourceId"] == event["StackName"]
        if is_stack and state in {"CREATE_IN_PROGRESS", "UPDATE_IN_PROGRESS", "DELETE_IN_PROGRESS"}:
            break  # the operation began here
        # What was under way at the time is cancelled, and tells nothing.
        if state.endswith("_FAILED") and not is_stack and "cancelled" not in reason:
            failures.append(f"{event['LogicalResourceId']} ({event['ResourceType']}): {reason}")
    return failures[-1] if failures else "CloudFormation names no event that failed"


def parameters_of(values: Mapping[str, str]) -> list[dict[str, str]]:
    """https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_Parameter.html"""
    return [{"ParameterKey": key, "ParameterValue": value} for key, value in values.items()]
