"""What a file of infrastructure code says of metric filters and event rules, and where."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

MAX_BYTES = 1_000_000
"""Of one file: CloudFormation takes no larger template.
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html"""

MAX_DEPTH = 100
"""Of what is nested in a file; the C parser of YAML ends the process somewhere beyond ten thousand."""


@dataclass(frozen=True, slots=True)
class Place:
    """Line and column count from 1."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


class NotRead(Exception):
    """The file, or a place in it, can't be read."""

    def __init__(self, message: str, line: int = 1, column: int = 1) -> None:
        super().__init__(message)
        self.line = line
        self.column = column


@dataclass(frozen=True, slots=True)
class Written:
    """A text as far as the file says it; `depends_on` names what only a deployment knows."""

    text: str
    depends_on: tuple[str, ...] = ()


def joined(parts: Iterable[Written], separator: str = "") -> Written:
    parts = tuple(parts)
    depends_on = dict.fromkeys(each for part in parts for each in part.depends_on)
    return Written(separator.join(part.text for part in parts), tuple(depends_on))


@dataclass(frozen=True, slots=True)
class FoundFilter:
    """A metric filter of CloudWatch Logs. Unset properties are empty."""

    resource: str
    place: Place
    pattern: Written
    field_selection_criteria: Written = Written("")
    apply_on_transformed_logs: Written = Written("false")


@dataclass(frozen=True, slots=True)
class FoundRule:
    """A rule of EventBridge."""

    resource: str
    place: Place
    pattern: Written
    state: Written = Written("ENABLED")
    event_bus: Written = Written("default")


Found = FoundFilter | FoundRule
