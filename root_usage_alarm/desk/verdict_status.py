"""Which exit status a verdict is; `exit_status` has the table, and does without the engine."""

from __future__ import annotations

from collections.abc import Collection
from typing import assert_never

from root_usage.verdict.findings import Code
from root_usage.verdict.outcome import NotTold, ReportedElsewhere, Told, Verdict

from .accepted import first_not_accepted
from .exit_status import ExitStatus


def status_of_code(code: Code) -> ExitStatus:
    """The status of an account whose first finding that is."""
    return ExitStatus.CANNOT_VERIFY if code.is_unverified else ExitStatus.NOT_COMPLIANT


def status_of(verdict: Verdict, accepted: Collection[Code] = ()) -> ExitStatus:
    """The first finding that isn't accepted decides."""
    match verdict:
        case Told():
            return ExitStatus.FINE
        case NotTold(findings):
            first = first_not_accepted((each.code for each in findings), accepted)
            return status_of_code(first) if first else ExitStatus.FINE
        case ReportedElsewhere():
            return ExitStatus.NOT_APPLICABLE
        case other:
            assert_never(other)
