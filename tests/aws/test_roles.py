"""What IAM and Organizations say of a role, by botocore's real clients with stubbed answers."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

import boto3
import pytest
from botocore.stub import Stubber
from root_usage.aws.arn import Arn, Place
from root_usage.aws.asking import Question, Unreadable
from root_usage.aws.gathering import Gatherer
from root_usage.aws.roles import OrganizationOf, RightsOf, Simulation, TrustPolicyOf

ACCOUNT = "111122223333"
PLACE = Place(ACCOUNT, "eu-west-1")
ROLE = Arn("aws", "iam", "", ACCOUNT, "role/service/forward")
BUS = Arn("aws", "events", "eu-west-1", ACCOUNT, "event-bus/central")
RIGHTS = RightsOf(PLACE, ROLE, "events:PutEvents", BUS)
TRUST = {"Version": "2012-10-17", "Statement": []}


class Stubbed:
    """One client with one answer."""

    def __init__(self, service: str) -> None:
        make: Any = boto3.client
        client = make(
            service,
            region_name="eu-west-1",
            aws_access_key_id="testing",
            aws_secret_access_key="testing",
        )
        self.stubber = Stubber(client)
        self.stubber.activate()

    def build_client(self, *_: Any) -> Any:
        return self.stubber.client


def asked(service: str, call: str, answer: dict[str, Any] | None, question: Question[Any]) -> Any:
    """What the question becomes by that answer; by an error, where there is none."""
    stubbed = Stubbed(service)
    if answer is None:
        code = "NoSuchEntity" if service == "iam" else "AWSOrganizationsNotInUseException"
        stubbed.stubber.add_client_error(call, service_error_code=code)
    else:
        stubbed.stubber.add_response(call, answer)
    found = Gatherer(lambda _: stubbed).ask([question])[question]
    stubbed.stubber.assert_no_pending_responses()
    return found


def role(arn: Arn) -> dict[str, Any]:
    return {
        "Role": {
            "Path": "/service/",
            "RoleName": "forward",
            "RoleId": "AROA0123456789ABCDEF",
            "Arn": str(arn),
            "CreateDate": "2026-01-01T00:00:00Z",
            "AssumeRolePolicyDocument": quote(json.dumps(TRUST)),
        }
    }


def results(*members: dict[str, Any]) -> dict[str, Any]:
    asked_for = {"EvalActionName": "events:PutEvents", "EvalDecision": "allowed"}
    return {"EvaluationResults": [{**asked_for, **each} for each in members]}


def test_role_is_the_one_of_that_path() -> None:
    assert asked("iam", "get_role", None, TrustPolicyOf(PLACE, ROLE)) is None
    other = Arn("aws", "iam", "", ACCOUNT, "role/forward")
    assert asked("iam", "get_role", role(other), TrustPolicyOf(PLACE, ROLE)) is None


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        pytest.param(None, None, id="no-such-role"),
        pytest.param(results({}), Simulation(frozenset({"allowed"})), id="least"),
        pytest.param(
            results(
                {
                    "EvalDecisionDetails": {"IAM Policy": "allowed"},
                    "MissingContextValues": ["aws:SourceIp"],
                    "OrganizationsDecisionDetail": {"AllowedByOrganizations": False},
                    "ResourceSpecificResults": [
                        {
                            "EvalResourceName": str(BUS),
                            "EvalResourceDecision": "implicitDeny",
                            "EvalDecisionDetails": {"Resource Policy": "implicitDeny"},
                            "MissingContextValues": ["aws:RequestedRegion"],
                            "PermissionsBoundaryDecisionDetail": {"AllowedByPermissionsBoundary": False},
                        }
                    ],
                }
            ),
            Simulation(
                frozenset({"allowed", "implicitDeny"}),
                (("IAM Policy", "allowed"), ("Resource Policy", "implicitDeny")),
                ("aws:RequestedRegion", "aws:SourceIp"),
                allowed_by_organization=False,
                allowed_by_boundary=False,
            ),
            id="of-the-resource-too",
        ),
        pytest.param(
            results(),
            Unreadable(
                "iam:SimulatePrincipalPolicy", "MalformedAnswer", "ValueError: 0 results for one action"
            ),
            id="no-result",
        ),
        pytest.param(
            results({}, {}),
            Unreadable(
                "iam:SimulatePrincipalPolicy", "MalformedAnswer", "ValueError: 2 results for one action"
            ),
            id="two-results",
        ),
    ],
)
def test_simulation_is_of_one_action(answer: dict[str, Any] | None, expected: Any) -> None:
    assert asked("iam", "simulate_principal_policy", answer, RIGHTS) == expected


def test_account_may_be_of_no_organization() -> None:
    of_account = OrganizationOf(PLACE)

    assert asked("organizations", "describe_organization", None, of_account) is None
    there = {"Organization": {"Id": "o-a1b2c3d4e5"}}
    assert asked("organizations", "describe_organization", there, of_account) == "o-a1b2c3d4e5"
