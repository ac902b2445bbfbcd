"""IAM: a credential report of now, with the root user in it, a summary that agrees, and its simulator."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from moto.core.responses import ActionResult
from moto.iam.models import IAMBackend
from moto.iam.responses import IamResponse
from root_usage.delivery.wildcards import matches_wildcards

from .patching import Corrections, kept

CORRECTIONS = Corrections()

_CREATED = "2020-01-01T00:00:00+00:00"


@dataclass(slots=True)
class Root:
    """The account's root user: what it holds, and when it last used its password (None: not on record)."""

    password_last_used: datetime | None = None
    has_access_key: bool = False
    has_mfa: bool = True


def root_of(backend: Any) -> Root:
    return kept(backend, "root_user", Root)


@CORRECTIONS.replaces(IAMBackend, "get_credential_report")
def report_has_the_root_user(original: Callable[..., str], self: Any) -> str:
    """moto's report has the users only, and knows them to be called something.

    AWS's first row is `<root_account>`:
    https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_getting-report.html
    """
    header, *users = original(self).splitlines()
    root = root_of(self)
    used = root.password_last_used
    row = {
        "user": "<root_account>",
        "arn": f"arn:aws:iam::{self.account_id}:root",
        "user_creation_time": _CREATED,
        "password_enabled": "TRUE",
        "password_last_used": used.isoformat() if used else "no_information",
        "password_last_changed": _CREATED,
        "password_next_rotation": "not_supported",
        "mfa_active": _told(root.has_mfa),
        "access_key_1_active": _told(root.has_access_key),
        **{f"{what}_active": "FALSE" for what in ("access_key_2", "cert_1", "cert_2")},
    }
    columns = header.split(",")
    return "\n".join([header, ",".join(row.get(each, "N/A") for each in columns), *users]) + "\n"


def _told(value: bool) -> str:
    return "TRUE" if value else "FALSE"


@CORRECTIONS.replaces(IamResponse, "get_account_summary")
def summary_has_the_root_user(original: Callable[..., ActionResult], self: Any) -> ActionResult:
    """moto's root never has MFA, nor access keys, and whether it has a password isn't told.

    https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountSummary.html
    """
    root = root_of(self.backend)
    result: Any = original(self).result
    of_root = {
        "AccountAccessKeysPresent": int(root.has_access_key),
        "AccountMFAEnabled": int(root.has_mfa),
        "AccountPasswordPresent": 1,
    }
    return ActionResult({"SummaryMap": result["SummaryMap"] | of_root})


@CORRECTIONS.replaces(IamResponse, "get_credential_report")
def report_is_of_now(original: Callable[..., ActionResult], self: Any) -> ActionResult:
    """moto's report is always of 2015; AWS's is at most four hours old, or expired (see above)."""
    answer = original(self)
    generated = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    result: Any = answer.result
    return ActionResult({**result, "GeneratedTime": generated})


@CORRECTIONS.adds(IamResponse)
def simulate_principal_policy(self: Any) -> ActionResult:
    """moto has no simulator. This one knows the policies of roles, and takes a condition for unknown.

    Of a resource of another account AWS says what each type of policy decides; "the request is allowed only
    if both evaluations return true", and nobody hands over the resource's policy here:
    https://docs.aws.amazon.com/IAM/latest/APIReference/API_EvaluationResult.html
    """
    source, resource = self._get_param("PolicySourceArn"), self._get_param("ResourceArns")[0]
    action = self._get_param("ActionNames")[0]
    statements = [
        each
        for each in _statements(self.backend.get_role(source.rpartition("/")[2]))
        if _fits(each["Action"], action) and _fits(each["Resource"], resource)
    ]
    effects = {each["Effect"] for each in statements if "Condition" not in each}
    decision = "explicitDeny" if "Deny" in effects else "allowed" if "Allow" in effects else "implicitDeny"
    keys = {key for each in statements for entry in each.get("Condition", {}).values() for key in entry}
    by_type = {}
    if source.split(":")[4] != resource.split(":")[4]:
        by_type = {"IAM Policy": decision, "Resource Policy": "implicitDeny"}
        decision = "implicitDeny" if decision == "allowed" else decision
    result = {
        "EvalActionName": action,
        "EvalDecision": decision,
        "EvalDecisionDetails": by_type,
        "ResourceSpecificResults": [
            {
                "EvalResourceName": resource,
                "EvalResourceDecision": decision,
                "MissingContextValues": sorted(keys),
            }
        ],
    }
    return ActionResult({"EvaluationResults": [result], "IsTruncated": False})


def _statements(role: Any) -> Iterator[dict[str, Any]]:
    attached = (
        version.document
        for policy in role.managed_policies.values()
        for version in policy.versions
        if version.version_id == policy.default_version_id
    )
    for document in (*role.policies.values(), *attached):
        listed = json.loads(document)["Statement"]
        yield from listed if isinstance(listed, list) else [listed]


def _fits(patterns: str | list[str], value: str) -> bool:
    listed = patterns if isinstance(patterns, list) else [patterns]
    return any(matches_wildcards(each, value) for each in listed)
