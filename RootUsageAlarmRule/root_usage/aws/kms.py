"""KMS keys, as far as a topic's encryption depends on them.

https://docs.aws.amazon.com/kms/latest/APIReference/API_DescribeKey.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .arn import Arn
from .asking import Question, Reader, Readers

if TYPE_CHECKING:
    from mypy_boto3_kms import KMSClient

SYMMETRIC = "SYMMETRIC_DEFAULT"


@dataclass(frozen=True, slots=True)
class Key:
    arn: Arn
    manager: str  # AWS or CUSTOMER
    state: str  # Enabled, Disabled, PendingDeletion ...
    spec: str  # SYMMETRIC_DEFAULT, RSA_2048, HMAC_256 ...; empty where AWS doesn't say
    usage: str  # ENCRYPT_DECRYPT, SIGN_VERIFY ...; empty where AWS doesn't say

    @property
    def is_for_symmetric_encryption(self) -> bool:
        """Whether AWS says so."""
        return self.spec == SYMMETRIC and self.usage == "ENCRYPT_DECRYPT"

    @classmethod
    def from_api(cls, member: Mapping[str, Any]) -> Key:
        return cls(
            arn=Arn.parse(member["Arn"]),
            manager=member["KeyManager"],
            state=member["KeyState"],
            spec=member.get("KeySpec") or member.get("CustomerMasterKeySpec", ""),  # the older name
            usage=member.get("KeyUsage", ""),
        )


# -- what is asked, and how ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class KeyAt(Question[Key | None]):
    """A KMS key by its own ARN or an alias's; None when there is none."""

    key_id: str


@dataclass(frozen=True, slots=True)
class PolicyOfKey(Question[str]):
    """A KMS key's policy, JSON text."""

    key_arn: Arn


def _key(client: KMSClient, question: KeyAt) -> Key | None:
    try:
        return Key.from_api(client.describe_key(KeyId=question.key_id)["KeyMetadata"])
    except client.exceptions.NotFoundException:
        return None


def _key_policy(client: KMSClient, question: PolicyOfKey) -> str:
    # `default` is the only policy name that KMS knows.
    return str(client.get_key_policy(KeyId=str(question.key_arn), PolicyName="default")["Policy"])


READERS: Readers = {
    KeyAt: Reader("kms", ("kms:DescribeKey",), _key),
    PolicyOfKey: Reader("kms", ("kms:GetKeyPolicy",), _key_policy),
}
