"""CloudFormation stacks: deployed or deleted, their events told as they come, the one that failed named."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import takewhile
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from ..desk.progress import busy, tell

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
# Ends, and the stack's turning back; what merely began tells nothing.
MATTERS = ("_COMPLETE", "_SKIPPED", "_FAILED", "ROLLBACK_IN_PROGRESS")


class StackFailed(Exception):
    """The stack's name and state, and the event that says why."""


@dataclass(frozen=True, slots=True)
class Moment:
    """A stack as it was before an operation: when its last one began, and its newest event's id."""

    touched: object = None
    event: str = ""


@dataclass(frozen=True, slots=True)
class Stacks:
    """The stacks of one account and region."""

    cloudformation: CloudFormationClient
    sleep: Callable[[float], None] = time.sleep
    tell: Callable[[str], None] = tell

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
        before = self.moment(name)
        self.tell(f"stack {name} ...")
        if before.touched is None:
            self.cloudformation.create_stack(**request)
        else:
            self._update(request)
        return self.wait(name, before)

    def wait(self, name: str, before: Moment) -> dict[str, str]:
        """The outputs of the stack once it is whole, its events told on the way; raises StackFailed.

        `before` is what `moment` said before the operation: if the stack wasn't touched since there was
        nothing to do, and an update that failed earlier has been rolled back to just what is wanted now.
        """
        state = self._follow(name, name, before)
        is_as_before = state == "UPDATE_ROLLBACK_COMPLETE" and before.touched == self.touched(name)
        if state not in WHOLE and not is_as_before:
            raise StackFailed(f"stack {name} is in state {state}: {self.reason(name)}")
        return self.outputs(name)

    def moment(self, name: str) -> Moment:
        touched = self.touched(name)
        return Moment() if touched is None else Moment(touched, self._newest_event(name))

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
        # By its id, as a name finds no stack that is deleted.
        stack_id = str(stack["StackId"])
        before = Moment(event=self._newest_event(stack_id))
        self.cloudformation.delete_stack(StackName=name)
        state = self._follow(name, stack_id, before)
        if state != "DELETE_COMPLETE":
            raise StackFailed(f"stack {name} is in state {state}: {self.reason(name)}")
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
        return first_failure(self._events(name))

    def _follow(self, name: str, stack_id: str, before: Moment) -> str:
        """The state that the operation ends in; what happened since `before` is told."""
        last = before.event
        with busy(f"stack {name}"):
            while True:
                # The state first, so that the events are at least as new.
                state = self.state(stack_id) or "DELETE_COMPLETE"
                last = self._tell_since(stack_id, last)
                if not state.endswith("_IN_PROGRESS"):
                    return state
                self.sleep(SECONDS_BETWEEN_LOOKS)

    def _tell_since(self, stack_id: str, last: str) -> str:
        """Tells the events after that one, oldest first; returns the newest one's id."""
        fresh = list(takewhile(lambda event: event["EventId"] != last, self._events(stack_id)))
        for line in event_lines(reversed(fresh)):
            self.tell(f"  {line}")
        return str(fresh[0]["EventId"]) if fresh else last

    def _newest_event(self, stack_id: str) -> str:
        return next((str(event["EventId"]) for event in self._events(stack_id)), "")

    def _events(self, stack_id: str) -> Iterator[Mapping[str, Any]]:
        """Newest first; none of a stack that isn't there."""
        pages = self.cloudformation.get_paginator("describe_stack_events").paginate(StackName=stack_id)
        try:
            for page in pages:
                yield from page["StackEvents"]
        except ClientError as error:
            if not _is_missing(error):
                raise

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
            if _is_missing(error):
                return None
            raise
        return dict(stack)


def _is_missing(error: ClientError) -> bool:
    """CloudFormation has no code of its own for a stack that isn't there."""
    return "does not exist" in str(error)


def event_lines(events: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """`state resource (type)` of the events that matter, with the reason of what failed or turned back."""
    for event in events:
        state, reason = event["ResourceStatus"], event.get("ResourceStatusReason", "no reason given")
        if not state.endswith(MATTERS) or _is_cancelled(state, reason):
            continue
        line = f"{state} {event['LogicalResourceId']} ({event['ResourceType']})"
        yield line if state.endswith(("_COMPLETE", "_SKIPPED")) else f"{line}: {reason}"


def _is_cancelled(state: str, reason: str) -> bool:
    """What was under way when something else failed, which tells nothing."""
    return state.endswith("_FAILED") and "cancelled" in reason


def first_failure(events: Iterable[Mapping[str, Any]]) -> str:
    """`resource (type): reason` of the failure that the others follow from; events come newest first."""
    failures = []
    for event in events:
        state, reason = event["ResourceStatus"], event.get("ResourceStatusReason", "no reason given")
        is_stack = event["LogicalResourceId"] == event["StackName"]
        if is_stack and state in {"CREATE_IN_PROGRESS", "UPDATE_IN_PROGRESS", "DELETE_IN_PROGRESS"}:
            break  # the operation began here
        if state.endswith("_FAILED") and not is_stack and not _is_cancelled(state, reason):
            failures.append(f"{event['LogicalResourceId']} ({event['ResourceType']}): {reason}")
    return failures[-1] if failures else "CloudFormation names no event that failed"


def parameters_of(values: Mapping[str, str]) -> list[dict[str, str]]:
    """https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_Parameter.html"""
    return [{"ParameterKey": key, "ParameterValue": value} for key, value in values.items()]
