"""A role that a service assumes, as IAM shows it, and the organization that its account belongs to.

https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetRole.html
https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from .arn import Arn
from .asking import Question, Reader, Readers


@dataclass(frozen=True, slots=True)
class Simulation:
    """IAM's own decision on one action of a role on one resource, by the policies in the role's account.

    `decisions` are `allowed`, `implicitDeny` or `explicitDeny`: one, unless IAM contradicts itself.
    `by_policy_type`: what each type of policy, by IAM's name, says where the resource is another account's;
    nobody gave IAM the resource's own policy. `missing_keys`: condition keys that it had no value for.
    """

    decisions: frozenset[str]
    by_policy_type: tuple[tuple[str, str], ...] = ()
    missing_keys: tuple[str, ...] = ()
    allowed_by_organization: bool = True
    allowed_by_boundary: bool = True

    @classmethod
    def from_api(cls, member: Mapping[str, Any]) -> Simulation:
        """Of the one member of EvaluationResults."""
        parts = [member, *member.get("ResourceSpecificResults", [])]
        return cls(
            decisions=frozenset(
                [member["EvalDecision"], *(each["EvalResourceDecision"] for each in parts[1:])]
            ),
            by_policy_type=tuple(sorted(_by_policy_type(parts))),
            missing_keys=tuple(
                sorted({key for each in parts for key in each.get("MissingContextValues", [])})
            ),
            allowed_by_organization=all(
                each.get("OrganizationsDecisionDetail", {}).get("AllowedByOrganizations", True)
                for each in parts
            ),
            allowed_by_boundary=all(
                each.get("PermissionsBoundaryDecisionDetail", {}).get("AllowedByPermissionsBoundary", True)
                for each in parts
            ),
        )


def _by_policy_type(parts: list[Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
    yield from {item for each in parts for item in each.get("EvalDecisionDetails", {}).items()}


# -- what is asked, and how ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class TrustPolicyOf(Question[str | None]):
    """The policy that says who may assume the role, as JSON text; None when there is no such role."""

    role: Arn


@dataclass(frozen=True, slots=True)
class RightsOf(Question[Simulation | None]):
    """What IAM's simulator says of the action; None when there is no such role."""

    role: Arn
    action: str
    resource: Arn


@dataclass(frozen=True, slots=True)
class OrganizationOf(Question[str | None]):
    """The id of the organization that the account belongs to; None where it belongs to none."""


def _trust_policy(client: Any, question: TrustPolicyOf) -> str | None:
    try:
        role = client.get_role(RoleName=question.role.resource.rpartition("/")[2])["Role"]
    except client.exceptions.NoSuchEntityException:
        return None
    # One of the same name and another path isn't the one that is meant.
    return json.dumps(role["AssumeRolePolicyDocument"]) if role["Arn"] == str(question.role) else None


def _rights(client: Any, question: RightsOf) -> Simulation | None:
    pages = client.get_paginator("simulate_principal_policy").paginate(
        PolicySourceArn=str(question.role),
        ActionNames=[question.action],
        ResourceArns=[str(question.resource)],
    )
    try:
        results = [each for page in pages for each in page["EvaluationResults"]]
    except client.exceptions.NoSuchEntityException:
        return None
    if len(results) != 1:
        raise ValueError(f"{len(results)} results for one action")
    return Simulation.from_api(results[0])


def _organization(client: Any, _: OrganizationOf) -> str | None:
    try:
        organization_id: str = client.describe_organization()["Organization"]["Id"]
    except client.exceptions.AWSOrganizationsNotInUseException:
        return None
    return organization_id


READERS: Readers = {
    TrustPolicyOf: Reader("iam", ("iam:GetRole",), _trust_policy),
    RightsOf: Reader("iam", ("iam:SimulatePrincipalPolicy",), _rights),
    OrganizationOf: Reader("organizations", ("organizations:DescribeOrganization",), _organization),
}
"""Asked only where a rule of EventBridge forwards to another event bus."""
