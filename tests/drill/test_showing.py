"""What moves on a terminal while a watch lasts."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta

import pytest
from rich.console import Console

from root_usage_alarm.drill.clock import Clock
from root_usage_alarm.drill.showing import shown, table
from root_usage_alarm.drill.watching import EVENT, HISTORY, LOG_GROUP, METRIC, Seen, Watch

STARTED = datetime(2026, 11, 20, 12, 0, 0, tzinfo=UTC)
CLOCK = Clock(now=lambda: STARTED + timedelta(seconds=185.5))


@pytest.fixture
def watch() -> Watch:
    seen = {
        EVENT: Seen(STARTED + timedelta(seconds=20)),
        LOG_GROUP: Seen(STARTED + timedelta(seconds=95)),
        METRIC: Seen(STARTED + timedelta(seconds=150), is_exact=False),
    }
    return Watch(STARTED, seen, {HISTORY: "cloudtrail:LookupEvents answered AccessDenied in us-east-1"})


def test_every_link_has_a_row(watch: Watch) -> None:
    console = Console(file=io.StringIO(), width=100)

    with console.capture() as captured:
        console.print(table(watch, CLOCK))

    assert [line.rstrip() for line in captured.get().splitlines()] == [
        "✔  event          12:00:20 UTC",
        "·  event history  cloudtrail:LookupEvents answered AccessDenied in us-east-1",
        "✔  log group      12:01:35 UTC, 75 s after the event",
        "✔  metric         first seen 12:02:30 UTC, 130 s after the event",
        "·  alarm          not yet",
        "·  alarm action   not yet",
        "   waiting        0:03:05",
    ]


def test_terminal_shows_the_table(watch: Watch, monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = io.StringIO()
    monkeypatch.setattr(terminal, "isatty", lambda: True, raising=False)
    monkeypatch.setattr("sys.stdout", terminal)

    with shown(watch, CLOCK) as show:
        show(watch)

    assert "log group" in terminal.getvalue()
    assert "75 s after the event" in terminal.getvalue()
