"""With which status the commands on patterns end, so that a script can tell the endings apart."""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum

import click

from ..desk.exit_status import ExitStatus


class Ending(IntEnum):
    """The numbers are those of `check`: proven, not so, could not run, and neither can be shown."""

    COVERED = ExitStatus.FINE
    MISSED = ExitStatus.NOT_COMPLIANT
    COULD_NOT_RUN = ExitStatus.COULD_NOT_RUN
    UNDECIDED = ExitStatus.CANNOT_VERIFY


_WORST_FIRST = (Ending.COULD_NOT_RUN, Ending.MISSED, Ending.UNDECIDED)


def worst(endings: Iterable[Ending]) -> Ending:
    """COVERED where there are none."""
    found = set(endings)
    return next((each for each in _WORST_FIRST if each in found), Ending.COVERED)


class CouldNotRun(click.ClickException):
    """Nothing was decided: what was given can't be read, or AWS can't be asked."""

    exit_code = Ending.COULD_NOT_RUN


class CannotBeDecided(click.ClickException):
    """What was given may be right, and nothing can be proven by it."""

    exit_code = Ending.UNDECIDED
