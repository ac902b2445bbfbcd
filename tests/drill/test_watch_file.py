"""The file from which an interrupted watch is taken up: what isn't of this watch counts for nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from root_usage_alarm.drill.ringing import Done
from root_usage_alarm.drill.watching import ACTS, METRIC, YOUNG, Seen, Watch, WatchFile

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
RUN = {"account": "111122223333", "region": "eu-west-1", "alarm": "root-usage"}
WATCH = Watch(
    NOW,
    {METRIC: Seen(NOW + timedelta(seconds=80), is_exact=False), ACTS: Seen(NOW + timedelta(seconds=90))},
    done=Done.FAILED,
    words="Resource not found",
)


@pytest.fixture
def file(tmp_path: Path) -> WatchFile:
    written = WatchFile(tmp_path / "build" / "watch", RUN)
    written.write(WATCH)
    return written


def test_watch_is_read_as_it_was_written(file: WatchFile) -> None:
    assert file.read(NOW + YOUNG) == WATCH


def test_old_watch_is_none(file: WatchFile) -> None:
    assert file.read(NOW + YOUNG + timedelta(seconds=1)) is None


def test_watch_of_the_future_is_none(file: WatchFile) -> None:
    """The clock was put back: nobody knows what its times mean."""
    assert file.read(NOW - timedelta(seconds=1)) is None


def test_watch_that_is_over_is_none(file: WatchFile) -> None:
    file.discard()

    assert file.read(NOW) is None


@pytest.mark.usefixtures("file")
def test_watch_of_another_alarm_is_none(tmp_path: Path) -> None:
    assert WatchFile(tmp_path / "build" / "watch", {**RUN, "alarm": "another"}).read(NOW) is None


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda _: "", id="empty"),
        pytest.param(lambda _: "[]", id="a-list"),
        pytest.param(lambda text: text[: len(text) // 2], id="cut"),
        pytest.param(lambda text: text.replace("failed", "unheard of"), id="of-another-version"),
        pytest.param(lambda text: text.replace("+00:00", ""), id="times-without-a-zone"),
    ],
)
def test_file_that_is_spoilt_is_none(file: WatchFile, tmp_path: Path, spoil: Callable[[str], str]) -> None:
    path = tmp_path / "build" / "watch"
    path.write_text(spoil(path.read_text(encoding="utf-8")), encoding="utf-8")

    assert file.read(NOW) is None
