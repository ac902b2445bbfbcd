"""KMS: the keys behind `alias/aws/...` are AWS's; other accounts' keys."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from moto.kms.exceptions import AccessDeniedException
from moto.kms.models import Key, KmsBackend
from moto.kms.responses import KmsResponse
from moto.kms.utils import RESERVED_ALIASES

from .patching import Corrections

CORRECTIONS = Corrections()


@CORRECTIONS.replaces(KmsBackend, "_generate_default_keys")
def reserved_alias_names_an_aws_managed_key(
    original: Callable[..., str | None], self: Any, alias_name: str
) -> str | None:
    """moto makes a customer managed key, for some of the reserved aliases only (not for `alias/aws/sns`).

    The key behind an `alias/aws/<service>` is AWS's: KeyManager is AWS and its policy, which nobody
    can change, lets the account's own principals in through that service, and no other service:
    https://docs.aws.amazon.com/kms/latest/developerguide/concepts.html
    https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html
    """
    key_id = original(self, alias_name)
    if key_id is None:
        return None
    key = self.keys[key_id]
    service = alias_name.removeprefix("alias/aws/")
    key.key_manager = "AWS"
    key.description = f"Default key that protects my {service.upper()} data when no other key is defined"
    key.policy = json.dumps(_managed_key_policy(service, self.region_name, self.account_id))
    return key_id


def _managed_key_policy(service: str, region: str, account_id: str) -> dict[str, Any]:
    through_the_service = {
        "kms:CallerAccount": account_id,
        "kms:ViaService": f"{service}.{region}.amazonaws.com",
    }
    return {
        "Version": "2012-10-17",
        "Id": f"auto-{service}-1",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"AWS": "*"},
                "Action": ["kms:Decrypt", "kms:GenerateDataKey*", "kms:CreateGrant", "kms:DescribeKey"],
                "Resource": "*",
                "Condition": {"StringEquals": through_the_service},
            },
            {
                "Effect": "Allow",
                "Principal": {"AWS": f"arn:aws:iam::{account_id}:root"},
                "Action": ["kms:Describe*", "kms:Get*", "kms:List*"],
                "Resource": "*",
            },
        ],
    }


@CORRECTIONS.replaces(KmsBackend, "get_key_id_from_alias")
def sns_has_a_reserved_alias(original: Callable[..., str | None], self: Any, alias_name: str) -> str | None:
    """moto doesn't count `alias/aws/sns` among the reserved aliases.

    https://docs.aws.amazon.com/sns/latest/dg/sns-server-side-encryption.html
    """
    if alias_name == "alias/aws/sns" and alias_name not in RESERVED_ALIASES:
        RESERVED_ALIASES.append(alias_name)
    return original(self, alias_name)


@CORRECTIONS.replaces(KmsResponse, "describe_key")
def key_of_another_account_is_found_by_its_arn(original: Callable[..., str], self: Any) -> str:
    """moto looks in the caller's account for every key and alias, whatever account the ARN names.

    AWS goes by the ARN, and shows another account's key to whom that key's policy lets see it:
    https://docs.aws.amazon.com/kms/latest/APIReference/API_DescribeKey.html
    """
    caller, owner = self.current_account, _owner_of(self._get_param("KeyId"))
    if owner in (None, caller):
        return original(self)
    self.current_account = owner
    try:
        answer = original(self)
        key = self.kms_backend.keys[json.loads(answer)["KeyMetadata"]["KeyId"]]
    finally:
        self.current_account = caller
    if not _lets_describe(key.policy, caller):
        raise AccessDeniedException(f"arn:aws:iam::{caller}:root may not kms:DescribeKey {key.arn}")
    return answer


@CORRECTIONS.replaces(Key, "to_dict")
def use_of_every_key_is_said(original: Callable[..., dict[str, Any]], self: Any) -> dict[str, Any]:
    """moto leaves KeyUsage out where CreateKey had none; AWS's default is ENCRYPT_DECRYPT.

    https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateKey.html
    """
    answer = original(self)
    answer["KeyMetadata"]["KeyUsage"] = answer["KeyMetadata"].get("KeyUsage") or "ENCRYPT_DECRYPT"
    return answer


@CORRECTIONS.replaces(KmsResponse, "get_key_policy")
def policy_of_another_accounts_key_is_not_shown(original: Callable[..., str], self: Any) -> str:
    """moto looks in the caller's account. AWS never shows another account's:

    https://docs.aws.amazon.com/kms/latest/APIReference/API_GetKeyPolicy.html ("Cross-account use")
    """
    caller, key_id = self.current_account, self._get_param("KeyId")
    if _owner_of(key_id) not in (None, caller):
        raise AccessDeniedException(f"arn:aws:iam::{caller}:root may not kms:GetKeyPolicy {key_id}")
    return original(self)


def _owner_of(key_id: str) -> str | None:
    return key_id.split(":")[4] if key_id.startswith("arn:") else None


def _lets_describe(policy: str, caller: str) -> bool:
    """A stand-in for a policy evaluation: looks for an Allow to the caller's account without a condition."""
    for statement in json.loads(policy)["Statement"]:
        actions = {"*", "kms:*", "kms:DescribeKey"}.intersection(_listed(statement["Action"]))
        named = {"*", f"arn:aws:iam::{caller}:root"}.intersection(_listed(statement["Principal"].get("AWS")))
        if statement["Effect"] == "Allow" and actions and named and not statement.get("Condition"):
            return True
    return False


def _listed(value: Any) -> list[str]:
    return [] if value is None else [value] if isinstance(value, str) else list(value)
