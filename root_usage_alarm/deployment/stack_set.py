"""The StackSet that puts the rule into every account of the organizational units.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/stacksets-concepts.html
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..desk.progress import busy, tell
from . import names
from .stacks import StackFailed, parameters_of

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_cloudformation.type_defs import StackSetOperationPreferencesTypeDef

SECONDS_BETWEEN_LOOKS = 10
# https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DeploymentTargets.html
MOST_UNITS = 50
# A quarter of the accounts at a time. That some fail (without AWS Config no rule can be made) keeps no other
# from its rule: a percentage is rounded down, so that of nine accounts one would stop all the rest.
# https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_StackSetOperationPreferences.html
PREFERENCES: StackSetOperationPreferencesTypeDef = {
    "RegionConcurrencyType": "PARALLEL",
    "MaxConcurrentPercentage": 25,
    "FailureTolerancePercentage": 100,
    "ConcurrencyMode": "SOFT_FAILURE_TOLERANCE",
}
GOING_ON = {"QUEUED", "RUNNING", "STOPPING"}
# Of one account's result. https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_StackSetOperationResultSummary.html
STILL_TO_COME = {"PENDING", "RUNNING"}


@dataclass(frozen=True, slots=True)
class StackSet:
    """The StackSet of the members, as the management account or a delegated administrator sees it."""

    cloudformation: CloudFormationClient
    call_as: str
    region: str
    sleep: Callable[[float], None] = time.sleep
    tell: Callable[[str], None] = tell

    def put(self, template: Mapping[str, str], parameters: Mapping[str, str], ous: Sequence[str]) -> bool:
        """Creates or updates it, and adds those organizational units that it doesn't have yet.

        `template` is TemplateBody or TemplateURL. What is added goes on after this has returned; returns
        whether the update, if there was one, went well.
        """
        request: dict[str, Any] = {
            **self._name,
            **template,
            "Parameters": parameters_of(parameters),
            "Capabilities": ["CAPABILITY_NAMED_IAM"],
            "PermissionModel": "SERVICE_MANAGED",
            # New accounts of the organizational units get the rule, accounts that leave them lose it.
            "AutoDeployment": {"Enabled": True, "RetainStacksOnAccountRemoval": False},
        }
        there = self._description()
        if there is None:
            state = "SUCCEEDED"
            # Managed: what comes while an operation runs waits for it instead of failing.
            self.cloudformation.create_stack_set(**request, ManagedExecution={"Active": True})
        else:
            update = self.cloudformation.update_stack_set(**request, OperationPreferences=PREFERENCES)
            state = self.wait(update["OperationId"])
            self.tell(f"StackSet {names.STACK_SET}: update {state}")
        known = (there or {}).get("OrganizationalUnitIds", [])
        self._add([each for each in ous if each not in known])
        return state == "SUCCEEDED"

    def delete(self) -> bool:
        """Takes it out of all accounts, then away; whether there was one. Raises StackFailed."""
        there = self._description()
        if there is None:
            return False
        for ous in _batches(there.get("OrganizationalUnitIds", [])):
            operation = self.cloudformation.delete_stack_instances(**self._targets(ous), RetainStacks=False)
            if (state := self.wait(operation["OperationId"])) != "SUCCEEDED":
                raise StackFailed(
                    f"StackSet {names.STACK_SET}: taking it out of the accounts ended {state}; "
                    f"`{names.TOOL} deploy-org-status` names them"
                )
        self.cloudformation.delete_stack_set(**self._name)
        return True

    def wait(self, operation_id: str) -> str:
        """The operation's state once it has ended; each account and region is told as it ends."""
        told: set[tuple[str, str]] = set()
        with busy(f"StackSet {names.STACK_SET}: operation {operation_id}"):
            while True:
                operation = {**self._name, "OperationId": operation_id}
                answer = self.cloudformation.describe_stack_set_operation(**operation)
                state = str(answer["StackSetOperation"]["Status"])
                self._tell_ended(operation, told)
                if state not in GOING_ON:
                    return state
                self.sleep(SECONDS_BETWEEN_LOOKS)

    def follow(self) -> None:
        """Waits for the last operation to end, if there was one."""
        if last := self._last():
            self.wait(last["OperationId"])

    def last_operation(self) -> str:
        last = self._last()
        return f"{last['Action']} {last['Status']}" if last else "none"

    def instances(self) -> Iterator[Mapping[str, Any]]:
        """One per account and region."""
        paginator = self.cloudformation.get_paginator("list_stack_instances")
        for page in paginator.paginate(**self._name):
            yield from page["Summaries"]

    def _add(self, ous: Sequence[str]) -> None:
        for batch in _batches(ous):
            operation = self.cloudformation.create_stack_instances(**self._targets(batch))["OperationId"]
            self.tell(
                f"StackSet {names.STACK_SET}: goes to {', '.join(batch)} (operation {operation}); "
                f"`{names.TOOL} deploy-org-status` follows it"
            )

    def _tell_ended(self, operation: Mapping[str, Any], told: set[tuple[str, str]]) -> None:
        paginator = self.cloudformation.get_paginator("list_stack_set_operation_results")
        for page in paginator.paginate(**operation):
            for result in page["Summaries"]:
                place, state = (result["Account"], result["Region"]), result["Status"]
                if state in STILL_TO_COME or place in told:
                    continue
                told.add(place)
                reason = f": {result.get('StatusReason', 'no reason given')}" if state != "SUCCEEDED" else ""
                self.tell(f"  {state} {place[0]} {place[1]}{reason}")

    def _last(self) -> Mapping[str, Any] | None:
        operations = self.cloudformation.list_stack_set_operations(**self._name, MaxResults=1)["Summaries"]
        return operations[0] if operations else None

    def _description(self) -> Mapping[str, Any] | None:
        try:
            found: Mapping[str, Any] = self.cloudformation.describe_stack_set(**self._name)["StackSet"]
        except self.cloudformation.exceptions.StackSetNotFoundException:
            return None
        return found

    def _targets(self, ous: Sequence[str]) -> dict[str, Any]:
        return {
            **self._name,
            "DeploymentTargets": {"OrganizationalUnitIds": list(ous)},
            "Regions": [self.region],
            "OperationPreferences": PREFERENCES,
        }

    @property
    def _name(self) -> dict[str, Any]:
        return {"StackSetName": names.STACK_SET, "CallAs": self.call_as}


def _batches(ous: Sequence[str]) -> Iterator[Sequence[str]]:
    return (ous[start : start + MOST_UNITS] for start in range(0, len(ous), MOST_UNITS))


def status_lines(instances: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """The counts by state, then each account that isn't there yet with its reason."""
    states = Counter(_state(each) for each in instances)
    yield f"{len(instances)} accounts: " + (
        ", ".join(f"{count} {state}" for state, count in sorted(states.items())) or "none yet"
    )
    for each in instances:
        if has_failed(each):
            reason = each.get("StatusReason", "no reason given")
            yield f"{each['Account']} {each['Region']} {_state(each)}: {reason}"


def has_failed(instance: Mapping[str, Any]) -> bool:
    return _state(instance) not in {"SUCCEEDED", "PENDING", "RUNNING", "SKIPPED_SUSPENDED_ACCOUNT"}


def _state(instance: Mapping[str, Any]) -> str:
    detailed = instance.get("StackInstanceStatus", {}).get("DetailedStatus")
    return str(detailed or instance["Status"])
