"""KMS: the keys behind `alias/aws/...` are AWS's."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from moto.kms.models import KmsBackend
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
