"""What an interrupted report has read already, one line for each account, so that it goes on from there."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path

from .account_results import AccountResult
from .aggregate import Key, Row

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
        header, *lines = self._path.read_text(encoding="utf-8").splitlines() or ["{}"]
        found = json.loads(header)
        if {**self._header, "started": found.get("started")} != found:
            return {}
        if self.now - datetime.fromisoformat(found["started"]) > YOUNG:
            return {}
        results = [AccountResult(**each) for each in map(_whole, lines) if each]
        return {(each.account_id, each.region): each for each in results}


def _whole(line: str) -> dict[str, str]:
    """A line that was cut off by the interruption counts for nothing."""
    try:
        members: dict[str, str] = json.loads(line)
    except ValueError:
        return {}
    return members
