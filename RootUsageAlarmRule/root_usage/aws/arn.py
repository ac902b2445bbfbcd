"""Amazon Resource Names."""

from __future__ import annotations

from dataclasses import dataclass


class MalformedArn(Exception):
    """A text that should be an ARN and isn't."""


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where an API call has to go: one region of one account."""

    account_id: str
    region: str


@dataclass(frozen=True, slots=True)
class Arn:
    """`arn:partition:service:region:account:resource`; the resource may hold colons of its own."""

    partition: str
    service: str
    region: str
    account_id: str
    resource: str

    @classmethod
    def parse(cls, text: str) -> Arn:
        """Raises MalformedArn when `text` has fewer than six parts or doesn't start with `arn`."""
        parts = text.split(":", 5)
        if len(parts) != 6 or parts[0] != "arn" or not parts[5]:
            raise MalformedArn(f"not an ARN: `{text}`")
        return cls(*parts[1:])

    @property
    def place(self) -> Place:
        return Place(self.account_id, self.region)

    def __str__(self) -> str:
        return f"arn:{self.partition}:{self.service}:{self.region}:{self.account_id}:{self.resource}"
