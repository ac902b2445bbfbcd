"""What an interrupted run has read already, one line for each account, so that it goes on from there."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from pathlib import Path

import click

from .account_results import RANKS, AccountResult, Key
from .aggregate import Row

state_option = click.option(
    "--state", type=click.Path(path_type=Path), help="Where an interrupted run goes on from."
)
fresh_option = click.option("--fresh", is_flag=True, help="Don't go on from an interrupted run.")

# Results change; half a report of yesterday and half of today would be neither.
YOUNG = timedelta(hours=6)


def state_path(given: Path | None, name: str, *, fresh: bool) -> Path:
    """The file that was given, else one of that name below `build`; what it holds is gone if it should be."""
    path = given or Path("build") / f"{name.replace('/', '-')}.jsonl"
    if fresh:
        path.unlink(missing_ok=True)
    return path


class State:
    """A file that is appended to as results come in, and removed once the run is whole.

    `run` says what is read, with which parameters: a file of another run is none of this one's.
    Raises OSError where the file can't be written.
    """

    def __init__(self, path: Path, run: Mapping[str, str], now: datetime) -> None:
        self._path = path
        self._run = dict(run)
        self.now = now
        self._lock = threading.Lock()
        self.known: dict[Key, AccountResult] = self._read()
        if not self.known:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps({**self._run, "started": now.isoformat()}) + "\n", encoding="utf-8")

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
        text = self._path.read_text(encoding="utf-8", errors="replace")
        header, *lines = text.splitlines() or [""]
        if not self._is_ours(header):
            return {}
        return {each.key: each for each in map(_result_in, lines) if each}

    def _is_ours(self, header: str) -> bool:
        """Whether the file is of this run, and young; what can't be read is of none."""
        try:
            found = dict(json.loads(header))
            age = self.now - datetime.fromisoformat(found.pop("started"))
        except (ValueError, TypeError, KeyError):
            return False
        return found == self._run and timedelta() <= age <= YOUNG


def _result_in(line: str) -> AccountResult | None:
    """A line that was cut off by the interruption, or that another version wrote, counts for nothing."""
    try:
        members = dict(json.loads(line))
        result = AccountResult(**members)
    except (ValueError, TypeError):
        return None
    is_whole = all(isinstance(each, str) for each in members.values()) and result.compliance_type in RANKS
    return result if is_whole else None
