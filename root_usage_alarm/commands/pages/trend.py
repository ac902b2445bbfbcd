"""What has changed since an earlier report, account by account."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from pathlib import Path

from ..account_results import RANKS, AccountResult, worst_of

PROVEN = {"COMPLIANT", "NON_COMPLIANT"}


class NoReport(Exception):
    """The file isn't what `--output json` prints."""


class Change(Enum):
    """How an account's result differs from the earlier one; the values are for people."""

    NEWLY_BROKEN = "newly broken"
    BROKEN_OTHERWISE = "broken otherwise"
    NO_LONGER_KNOWN = "no longer known"
    REPAIRED = "repaired"
    NEWLY_PROVEN = "newly proven"
    NEW = "new account"
    GONE = "gone"

    @property
    def meaning(self) -> str:
        return _MEANINGS[self]


_MEANINGS = {
    Change.NEWLY_BROKEN: "NON_COMPLIANT now, and not then",
    Change.BROKEN_OTHERWISE: "NON_COMPLIANT then and now, by another finding",
    Change.NO_LONGER_KNOWN: "had a verdict then, and has none now",
    Change.REPAIRED: "NON_COMPLIANT then, COMPLIANT now",
    Change.NEWLY_PROVEN: "COMPLIANT now, and without a verdict then",
    Change.NEW: "not in the earlier report, and not NON_COMPLIANT",
    Change.GONE: "in the earlier report only",
}


@dataclass(frozen=True, slots=True)
class Earlier:
    """An earlier report: its file's name, and each account's worst result.

    `newest_at` is the time of its newest result, None where none has one.
    """

    file: str
    worst: Mapping[str, AccountResult]
    newest_at: datetime | None


@dataclass(frozen=True, slots=True)
class Trend:
    """Each changed account with its change, and the earlier results of those that are gone."""

    changes: Mapping[str, Change]
    gone: tuple[AccountResult, ...]

    @property
    def counts(self) -> dict[Change, int]:
        """Every change, also those that no account has made."""
        counts = Counter(self.changes.values())
        return {each: counts[each] for each in Change}


def earlier_in(path: Path) -> Earlier:
    """The report in the file; raises NoReport."""
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        results = [
            AccountResult(
                str(each["accountId"]),
                compliance_type=each["complianceType"],
                code=str(each["firstFinding"]),
                recorded_at=str(each["recordedAt"]),
                name=str(each["accountName"]),
            )
            for each in document["results"]
        ]
        times = [datetime.fromisoformat(each.recorded_at) for each in results if each.recorded_at]
        newest = max(times, default=None)
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise NoReport(f"`{path.name}` isn't what --output json of this command prints") from error
    if not all(each.compliance_type in RANKS for each in results):
        raise NoReport(f"`{path.name}` has a complianceType that this version doesn't know")
    return Earlier(path.name, worst_of(results), newest)


def trend_of(worst: Mapping[str, AccountResult], earlier: Earlier) -> Trend:
    """The changes from the earlier report to these results, each account's worst."""
    found = {
        each: change
        for each in {**earlier.worst, **worst}
        if (change := change_of(earlier.worst.get(each), worst.get(each)))
    }
    gone = (result for each, result in earlier.worst.items() if each not in worst)
    return Trend(found, tuple(sorted(gone, key=lambda each: each.account_id)))


def change_of(then: AccountResult | None, now: AccountResult | None) -> Change | None:
    """None where nothing has changed; no result is no repair."""
    if now is None:
        return Change.GONE
    before = then.compliance_type if then else None
    match before, now.compliance_type:
        case "NON_COMPLIANT", "NON_COMPLIANT":
            return Change.BROKEN_OTHERWISE if then and then.code != now.code else None
        case _, "NON_COMPLIANT":
            return Change.NEWLY_BROKEN
        case None, _:
            return Change.NEW
        case "NON_COMPLIANT", "COMPLIANT":
            return Change.REPAIRED
        case _, "COMPLIANT":
            return None if before == "COMPLIANT" else Change.NEWLY_PROVEN
        case _:
            return Change.NO_LONGER_KNOWN if before in PROVEN else None
