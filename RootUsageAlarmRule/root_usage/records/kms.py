"""KMS keys, as far as a topic's encryption depends on them.

https://docs.aws.amazon.com/kms/latest/APIReference/API_DescribeKey.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .arn import Arn


@dataclass(frozen=True, slots=True)
class Key:
    arn: Arn
    manager: str  # AWS or CUSTOMER
    state: str  # Enabled, Disabled, PendingDeletion ...

    @classmethod
    def from_api(cls, member: Mapping[str, Any]) -> Key:
        return cls(
            arn=Arn.parse(member["Arn"]),
            manager=member.get("KeyManager", ""),
            state=member.get("KeyState", ""),
        )
