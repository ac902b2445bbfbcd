"""The exit statuses of the commands, told apart: what a script may branch on."""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum
from typing import IO, Any

import click


class ExitStatus(IntEnum):
    """70 is EX_SOFTWARE of sysexits.h; from 128 on, what shells show for a process that a signal ended."""

    FINE = 0
    NOT_COMPLIANT = 1
    COULD_NOT_RUN = 2
    CANNOT_VERIFY = 3
    NOT_APPLICABLE = 4
    DEFECT = 70
    INTERRUPTED = 130
    BROKEN_PIPE = 141
    TERMINATED = 143


TABLE = """\b
Exit status:
  0    COMPLIANT
  1    NON_COMPLIANT
  2    could not run, or was called in a wrong way
  3    cannot verify: AWS refused to show it, or it can't be decided
  4    NOT_APPLICABLE
  70   a defect of this tool
  130  interrupted (143: terminated)"""

# Of several accounts, the status of the one that comes first here.
WORST_FIRST = (
    ExitStatus.DEFECT,
    ExitStatus.NOT_COMPLIANT,
    ExitStatus.CANNOT_VERIFY,
    ExitStatus.NOT_APPLICABLE,
    ExitStatus.FINE,
)

TABLE_OF_SEVERAL = (
    f"{TABLE}\n\nOf several accounts the worst, in the order {', '.join(map(str, WORST_FIRST))}."
)


class CouldNotRun(click.ClickException):
    """Something outside of this tool is in the way: no credentials, no network, a full disk."""

    exit_code = ExitStatus.COULD_NOT_RUN

    def __init__(self, reason: object) -> None:
        super().__init__(" ".join(str(reason).split()))

    def show(self, file: IO[Any] | None = None) -> None:
        click.echo(f"could not run: {self.message}", file=file, err=file is None)


def worst(statuses: Iterable[ExitStatus]) -> ExitStatus:
    """Of no account at all nothing is verified."""
    return min(statuses, key=WORST_FIRST.index, default=ExitStatus.CANNOT_VERIFY)
