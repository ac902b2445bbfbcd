"""An earlier drill beside today's verdict: how old it is, and whether the chain is still the same.

It is told, and never weighed.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from rich.console import Console
from rich.text import Text
from root_usage.examine import Account, Examination
from root_usage.verdict.outcome import ReportedElsewhere

from ..drill.record import EarlierDrill, changes_since


def draw_drill(
    console: Console, drill: EarlierDrill, account: Account, examination: Examination, now: datetime
) -> None:
    """Prints a line, and one for everything that has changed; nothing of the file is read as markup."""
    days = (now - drill.time).days
    by = f", confirmed by {drill.confirmed_by}" if drill.confirmed_by else ""
    console.print(
        Text(f"\ndrill ({drill.kind}) of {drill.time:%Y-%m-%d}, {days} days ago: {drill.outcome}{by}")
    )
    changes = _changes(drill, account, examination)
    for each in changes:
        console.print(Text(f"  changed since: {each}", style="yellow"))
    if not changes:
        console.print(Text("  the chain is still the same", style="dim"))


def drill_to_json(
    drill: EarlierDrill, account: Account, examination: Examination, now: datetime
) -> dict[str, Any]:
    """The member `drill` of the whole verdict; `changes` is empty where the chain is still the same."""
    return {
        "kind": drill.kind,
        "time": drill.time.isoformat(),
        "ageDays": (now - drill.time).days,
        "outcome": drill.outcome,
        "confirmedBy": drill.confirmed_by or None,
        "changes": list(_changes(drill, account, examination)),
    }


def _changes(drill: EarlierDrill, account: Account, examination: Examination) -> tuple[str, ...]:
    verdict = examination.verdict
    chains = () if isinstance(verdict, ReportedElsewhere) else verdict.chains
    return changes_since(drill, chains, account.account_id)
