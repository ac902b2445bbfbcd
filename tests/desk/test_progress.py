"""What a command shows while it waits: lines anywhere, a spinner on a terminal only."""

from __future__ import annotations

import io
import sys

import pytest
from rich.console import Console

from root_usage_alarm.desk import progress
from root_usage_alarm.desk.progress import busy, tell

LINE = "  CREATE_FAILED Rule [x] (AWS::Config::ConfigRule): " + "the reason is long " * 9


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize("stream", [io.StringIO, Terminal])
def test_line_is_told_whole_while_something_is_waited_for(
    stream: type[io.StringIO], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(sys, "stdout", output := stream())
    # It asks once, as the program starts, whether it is on a terminal.
    monkeypatch.setattr(progress, "_console", Console())

    with busy("stack code"):
        tell(LINE)

    assert f"{LINE}\n" in output.getvalue()
    assert ("stack code" in output.getvalue()) is output.isatty()
