"""The questions about the root user itself; `gathering_iam` reads them, `root_user` asks them.

`is_required` tells an answer that the verdict rests on, for which a run may fail and be repeated, from
one that is only reported: there even a passing fault is an answer, since it must not cost the chain
its evaluation.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from .evidence import NotOffered, Question
from .iam import AccountSummary, RootCredentials, RootEvents


@dataclass(frozen=True, slots=True)
class CredentialReport(Question[RootCredentials | NotOffered]):
    """The root user's row of a credential report that is less than four hours old at `as_of`."""

    as_of: datetime
    is_required: bool = True


@dataclass(frozen=True, slots=True)
class AccountSummaryOf(Question[AccountSummary | NotOffered]):
    is_required: bool = True


class LookupBy(Enum):
    """The one attribute that an event history may be looked up by: its key and value."""

    USER_NAME = ("Username", "root")
    CONSOLE_SIGN_IN = ("EventName", "ConsoleLogin")


@dataclass(frozen=True, slots=True)
class RootEventsSince(Question[RootEvents | NotOffered]):
    """Root's events in the place's event history, which CloudTrail keeps for 90 days."""

    since: datetime
    until: datetime | None = None
    by: LookupBy = LookupBy.USER_NAME
