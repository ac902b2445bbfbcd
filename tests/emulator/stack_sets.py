"""Service-managed StackSets, which ministack lacks: a stack in each account of the organizational units.

As on AWS, an operation goes on after the call that started it, and the management account is left out.
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/what-is-cfnstacksets.html
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

from botocore.exceptions import ClientError
from ministack.core import responses
from ministack.services import s3
from ministack.services.cloudformation.helpers import _error, _xml

Request = dict[str, list[str]]
Answer = tuple[int, dict[str, str], bytes]
# A stack instance's detailed status, and its reason.
State = tuple[str, str]
# Makes a client of the service, in the account, in the region.
MakeClient = Callable[[str, str, str], Any]
MakeClientThere = Callable[[str], Any]


@dataclass
class StackSet:
    """One of an account; `instances` has the stack's state and reason by account, `results` per operation."""

    owner: str
    request: Request
    units: list[str] = field(default_factory=list)
    instances: dict[str, State] = field(default_factory=dict)
    operations: list[tuple[str, str]] = field(default_factory=list)
    results: list[dict[str, State]] = field(default_factory=list)

    @property
    def stack_name(self) -> str:
        return f"StackSet-{self.request['StackSetName'][0]}"


class StackSets:
    """The actions of CloudFormation, by their names; `actions` fits ministack's table."""

    def __init__(self, make_client: MakeClient) -> None:
        self._make_client = make_client
        self._by_owner: dict[str, StackSet] = {}

    @property
    def actions(self) -> dict[str, Callable[[Request], Answer]]:
        on_one = {
            "DescribeStackSet": self._describe,
            "UpdateStackSet": self._update,
            "DeleteStackSet": self._delete,
            "CreateStackInstances": self._create_instances,
            "DeleteStackInstances": self._delete_instances,
            "DescribeStackSetOperation": self._describe_operation,
            "ListStackSetOperations": self._list_operations,
            "ListStackSetOperationResults": self._list_results,
            "ListStackInstances": self._list_instances,
        }
        return {
            "DescribeOrganizationsAccess": lambda _: _answer(
                "DescribeOrganizationsAccess", "<Status>ENABLED</Status>"
            ),
            "CreateStackSet": self._create,
            **{name: self._finding(name, act) for name, act in on_one.items()},
        }

    def _finding(self, name: str, act: Callable[[StackSet, Request], str]) -> Callable[[Request], Answer]:
        def handle(request: Request) -> Answer:
            found = self._by_owner.get(responses.get_account_id())
            if found is None:
                return _refusal("StackSetNotFoundException", "StackSet not found")
            return _answer(name, act(found, request))

        return handle

    def _create(self, request: Request) -> Answer:
        owner = responses.get_account_id()
        self._by_owner[owner] = StackSet(owner, _whole(request))
        return _answer("CreateStackSet", "<StackSetId>1</StackSetId>")

    def _describe(self, found: StackSet, _: Request) -> str:
        units = "".join(f"<member>{each}</member>" for each in found.units)
        return f"<StackSet><OrganizationalUnitIds>{units}</OrganizationalUnitIds></StackSet>"

    def _update(self, found: StackSet, request: Request) -> str:
        found.request = _whole(request)
        return self._operate(found, "UPDATE", list(found.instances), self._put_stack)

    def _delete(self, found: StackSet, _: Request) -> str:
        del self._by_owner[found.owner]
        return ""

    def _create_instances(self, found: StackSet, request: Request) -> str:
        units = _listed(request, "DeploymentTargets.OrganizationalUnitIds.member.")
        found.units += units
        return self._operate(found, "CREATE", self._accounts_of(found.owner, units), self._put_stack)

    def _delete_instances(self, found: StackSet, request: Request) -> str:
        units = _listed(request, "DeploymentTargets.OrganizationalUnitIds.member.")
        found.units = [each for each in found.units if each not in units]
        return self._operate(found, "DELETE", self._accounts_of(found.owner, units), self._delete_stack)

    def _describe_operation(self, found: StackSet, request: Request) -> str:
        _, state = found.operations[int(request["OperationId"][0])]
        return f"<StackSetOperation><Status>{state}</Status></StackSetOperation>"

    def _list_operations(self, found: StackSet, _: Request) -> str:
        members = [
            f"<OperationId>{number}</OperationId><Action>{action}</Action><Status>{state}</Status>"
            for number, (action, state) in reversed(list(enumerate(found.operations)))
        ]
        return _summaries(members[:1])

    def _list_results(self, found: StackSet, request: Request) -> str:
        results = dict(found.results[int(request["OperationId"][0])])
        return _summaries(
            [
                f"<Account>{account}</Account><Region>{responses.get_region()}</Region><Status>{state}</Status>"
                f"<StatusReason>{reason}</StatusReason>"
                for account, (state, reason) in results.items()
            ]
        )

    def _list_instances(self, found: StackSet, _: Request) -> str:
        return _summaries(
            [
                f"<Account>{account}</Account><Region>{responses.get_region()}</Region><Status>CURRENT</Status>"
                f"<StackInstanceStatus><DetailedStatus>{state}</DetailedStatus></StackInstanceStatus>"
                f"<StatusReason>{reason}</StatusReason>"
                for account, (state, reason) in found.instances.items()
            ]
        )

    def _operate(
        self,
        found: StackSet,
        action: str,
        accounts: list[str],
        act: Callable[[StackSet, MakeClientThere], State],
    ) -> str:
        number, region = len(found.operations), responses.get_region()
        found.operations.append((action, "RUNNING"))
        results: dict[str, State] = dict.fromkeys(accounts, ("PENDING", ""))
        found.results.append(results)

        def run() -> None:
            for account in accounts:
                state, reason = act(found, partial(self._client, account, region))
                if state == "DELETED":
                    del found.instances[account]
                    state = "SUCCEEDED"
                else:
                    found.instances[account] = state, reason
                results[account] = state, reason
            states = {state for state, _ in found.instances.values()}
            found.operations[number] = (action, "FAILED" if "FAILED" in states else "SUCCEEDED")

        # The stacks are made through ministack's own door, which is shut until this call has returned.
        threading.Thread(target=run, daemon=True).start()
        return f"<OperationId>{number}</OperationId>"

    def _client(self, account: str, region: str, service: str) -> Any:
        return self._make_client(service, account, region)

    def _put_stack(self, found: StackSet, make: MakeClientThere) -> State:
        cloudformation = make("cloudformation")
        request = {
            "StackName": found.stack_name,
            # A bucket of the account's, as its call can't carry every template.
            "TemplateURL": _upload(make("s3"), found.request["TemplateBody"][0]),
            "Parameters": _parameters(found.request),
            "Capabilities": ["CAPABILITY_NAMED_IAM"],
        }
        if _state(cloudformation, found.stack_name) == "ROLLBACK_COMPLETE":
            self._delete_stack(found, make)
        try:
            cloudformation.create_stack(**request)
        except cloudformation.exceptions.AlreadyExistsException:
            try:
                cloudformation.update_stack(**request)
            except ClientError as error:
                if "No updates are to be performed" not in str(error):
                    return "FAILED", str(error)
        if _wait(cloudformation, found.stack_name) in _WHOLE:
            return "SUCCEEDED", ""
        return "FAILED", _reason(cloudformation, found.stack_name)

    def _delete_stack(self, found: StackSet, make: MakeClientThere) -> State:
        cloudformation = make("cloudformation")
        cloudformation.delete_stack(StackName=found.stack_name)
        _wait(cloudformation, found.stack_name)
        return "DELETED", ""

    def _accounts_of(self, owner: str, units: list[str]) -> list[str]:
        organizations = self._make_client("organizations", owner, responses.get_region())
        management = organizations.describe_organization()["Organization"]["MasterAccountId"]
        accounts = [account for unit in units for account in _accounts_below(organizations, unit)]
        return [each for each in accounts if each != management]


_WHOLE = {"CREATE_COMPLETE", "UPDATE_COMPLETE"}


def bucket_and_key(request: Request) -> tuple[str, str]:
    """Of a TemplateURL as AWS documents it, with the bucket in the host's name."""
    place = urlsplit(request["TemplateURL"][0])
    return str(place.hostname).partition(".s3.")[0], place.path[1:]


def _whole(request: Request) -> Request:
    """The request with its template, which AWS takes from the caller's bucket once, not in each account."""
    if "TemplateURL" not in request:
        return request
    return {**request, "TemplateBody": [s3._get_object_data(*bucket_and_key(request)).decode()]}


def _upload(s3_client: Any, template: str) -> str:
    bucket, place = f"template-{uuid4()}", {"LocationConstraint": s3_client.meta.region_name}
    s3_client.create_bucket(Bucket=bucket, CreateBucketConfiguration=place)
    s3_client.put_object(Bucket=bucket, Key="template.json", Body=template.encode())
    return f"https://{bucket}.s3.amazonaws.com/template.json"


def _accounts_below(organizations: Any, parent: str) -> Iterator[str]:
    yield from (each["Id"] for each in organizations.list_accounts_for_parent(ParentId=parent)["Accounts"])
    for unit in organizations.list_organizational_units_for_parent(ParentId=parent)["OrganizationalUnits"]:
        yield from _accounts_below(organizations, unit["Id"])


def _wait(cloudformation: Any, stack_name: str) -> str:
    while (state := _state(cloudformation, stack_name)).endswith("_IN_PROGRESS"):
        time.sleep(0.05)
    return state


def _state(cloudformation: Any, stack_name: str) -> str:
    stacks = cloudformation.describe_stacks()["Stacks"]
    return next((each["StackStatus"] for each in stacks if each["StackName"] == stack_name), "none")


def _reason(cloudformation: Any, stack_name: str) -> str:
    events = cloudformation.describe_stack_events(StackName=stack_name)["StackEvents"]
    failed = [each for each in events if each["ResourceStatus"] == "CREATE_FAILED"]
    first = failed[-1]
    return f"ResourceLogicalId:{first['LogicalResourceId']}, {first.get('ResourceStatusReason', '')}"


def _parameters(request: Request) -> list[dict[str, str]]:
    return [
        {
            "ParameterKey": value[0],
            "ParameterValue": request.get(key.replace("ParameterKey", "ParameterValue"), [""])[0],
        }
        for key, value in request.items()
        if key.startswith("Parameters.member.") and key.endswith("ParameterKey")
    ]


def _listed(request: Request, prefix: str) -> list[str]:
    return [value[0] for key, value in request.items() if key.startswith(prefix)]


def _summaries(members: list[str]) -> str:
    return f"<Summaries>{''.join(f'<member>{each}</member>' for each in members)}</Summaries>"


def _refusal(code: str, message: str) -> Answer:
    answer: Answer = _error(code, message, 404)
    return answer


def _answer(action: str, result: str) -> Answer:
    answer: Answer = _xml(200, f"{action}Response", f"<{action}Result>{result}</{action}Result>")
    return answer
