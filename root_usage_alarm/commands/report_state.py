"""What an interrupted report has read already, one line for each account, so that it goes on from there."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path

from .account_results import AccountResult, Key
from .aggregate import Row

# Results change; half a report of yesterday and half of today would be neither.
YOUNG = timedelta(hours=6)


class State:
    """A file that is appended to as results come in, and removed once the report is whole."""

    def __init__(self, path: Path, aggregator: str, rule: str, now: datetime) -> None:
        self.rule = rule
        self._path = path
        self._header = {"aggregator": aggregator, "rule": rule}
        self.now = now
        self._lock = threading.Lock()
        self.known: dict[Key, AccountResult] = self._read()
        if not self.known:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps({**self._header, "started": now.isoformat()}) + "\n", encoding="utf-8")

    def split(self, rows: Iterable[Row]) -> tuple[list[AccountResult], list[Row]]:
        """The results that are known and still right, and the rows that have to be read."""
        known, unknown = [], []
        for row in rows:
            result = self.known.get(row.key)
            if result is not None and result.compliance_type == row.compliance_type:
                known.append(result)
            else:
                unknown.append(row)
        return known, unknown

    def add(self, result: AccountResult) -> None:
        """From any thread; what couldn't be read is tried again next time."""
        if result.note:
            return
        line = json.dumps(result.to_json())
        with self._lock, self._path.open("a", encoding="utf-8") as file:
            file.write(line + "\n")

    def discard(self) -> None:
        self._path.unlink(missing_ok=True)

    def _read(self) -> dict[Key, AccountResult]:
        if not self._path.exists():
            return {}
        header, *lines = self._path.read_text(encoding="utf-8").splitlines() or [""]
        if not self._is_ours(header):
            return {}
        return {each.key: each for each in map(_result_in, lines) if each}

    def _is_ours(self, header: str) -> bool:
        """Whether the file is of this report, and young; what can't be read is of none."""
        try:
            found = dict(json.loads(header))
            age = self.now - datetime.fromisoformat(found.pop("started"))
        except (ValueError, TypeError, KeyError):
            return False
        return found == self._header and age <= YOUNG


def _result_in(line: str) -> AccountResult | None:
    """A line that was cut off by the interruption, or that another version wrote, counts for nothing."""
    try:
        return AccountResult(**json.loads(line))
    except (ValueError, TypeError):
        return None
