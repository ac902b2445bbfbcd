"""How a process ends: each case in a process of its own, as signals and full disks need one."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

SCRIPT = """
import sys, time, os
from concurrent.futures import ThreadPoolExecutor
import click
from rich.console import Console
from root_usage_alarm.desk.ending import ending, unhurried
from root_usage_alarm.desk.exit_status import CouldNotRun

def hang():
    with ThreadPoolExecutor(2) as pool:
        pool.map(time.sleep, [60, 60])
        print("ready", flush=True)

def draw():
    for _ in range(20_000):
        Console().print("a line of a report that nobody reads to its end")

def deaf():
    print("ready", flush=True)
    try:
        time.sleep(60)
    finally:
        time.sleep(60)

def undo():
    with unhurried():
        try:
            print("ready", flush=True)
            time.sleep(60)
        finally:
            time.sleep(1.5)  # longer than the second that others have
            print("undone", flush=True)

def fail(error):
    raise error

ending({body})
"""


def start(body: str, stdout: int | None = subprocess.PIPE, **environment: str) -> subprocess.Popen[str]:
    script = SCRIPT.replace("{body}", body)
    return subprocess.Popen(  # noqa: S603
        [sys.executable, "-c", script],
        stdout=stdout,
        stderr=subprocess.PIPE,
        text=True,
        env={"PYTHONPATH": os.pathsep.join(sys.path), **environment},
    )


def ended(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    out, err = process.communicate(timeout=30)
    return process.returncode, out, err


@pytest.mark.parametrize("body", [pytest.param("hang", id="threads"), pytest.param("deaf", id="unwinding")])
@pytest.mark.parametrize(
    ("number", "status", "word"),
    [
        pytest.param(signal.SIGINT, 130, "interrupted", id="ctrl-c"),
        pytest.param(signal.SIGTERM, 143, "terminated", id="sigterm"),
    ],
)
def test_signal_ends_what_hangs_within_seconds_with_one_line(
    body: str, number: signal.Signals, status: int, word: str
) -> None:
    process = start(body)
    assert process.stdout
    assert process.stdout.readline() == "ready\n"
    started = time.monotonic()

    process.send_signal(number)

    assert ended(process) == (status, "", f"{word}\n")
    assert time.monotonic() - started < 30  # of the 60 that it would hang


@pytest.mark.parametrize(
    ("number", "status"),
    [
        pytest.param(signal.SIGINT, 130, id="ctrl-c"),
        pytest.param(signal.SIGTERM, 143, id="sigterm"),
        pytest.param(signal.SIGHUP, 129, id="terminal-closed"),
    ],
)
def test_what_must_be_undone_has_the_time_that_it_takes(number: signal.Signals, status: int) -> None:
    process = start("lambda: click.Command('undo', callback=undo).main([], standalone_mode=False)")
    assert process.stdout
    assert process.stdout.readline() == "ready\n"

    process.send_signal(number)

    assert ended(process)[:2] == (status, "undone\n")


def test_broken_pipe_is_silent() -> None:
    with start("draw") as process:
        assert process.stdout
        assert process.stderr
        process.stdout.close()
        said = process.stderr.read()

    assert (process.returncode, said) == (141, "")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="the system has no full disk to offer")
@pytest.mark.parametrize(
    "body", [pytest.param("draw", id="rich"), pytest.param("lambda: print(1)", id="print")]
)
def test_full_disk_is_no_verdict(body: str) -> None:
    with Path("/dev/full").open("w") as full:
        status, _, said = ended(start(body, full.fileno()))

    assert (status, said) == (2, "could not run: [Errno 28] No space left on device\n")


def test_defect_is_one_line_and_a_status_of_its_own() -> None:
    status, _, said = ended(start("lambda: {}['x']"))

    assert status == 70
    assert said == (
        "a defect of this tool, no verdict: KeyError: 'x'; please report it, "
        "with what it prints under ROOT_USAGE_ALARM_DEBUG=1\n"
    )


def test_call_that_aws_cant_answer_just_now_is_no_defect() -> None:
    body = "lambda: fail(__import__('root_usage.aws.gathering', fromlist=['x']).PassingFault('throttled'))"

    assert ended(start(body)) == (2, "", "could not run: throttled\n")


def test_defect_shows_its_traceback_on_request() -> None:
    status, _, said = ended(start("lambda: {}['x']", ROOT_USAGE_ALARM_DEBUG="1"))

    assert (status, said.splitlines()[0]) == (70, "Traceback (most recent call last):")


def test_terminal_that_isnt_utf_8_gets_ascii() -> None:
    body = "lambda: Console(highlight=False).print('✔ alarm ✘ 警報 … é')"

    assert ended(start(body, PYTHONIOENCODING="ascii"))[1] == "+ alarm x \\u8b66\\u5831 ... \\xe9\n"


def test_status_is_the_commands() -> None:
    assert ended(start("lambda: 3")) == (3, "", "")


def test_reason_is_one_line_whatever_it_was() -> None:
    assert ended(start("lambda: fail(CouldNotRun('line\\nother line'))")) == (
        2,
        "",
        "could not run: line other line\n",
    )


@pytest.mark.parametrize(
    ("before", "status", "said"),
    [
        pytest.param("", -signal.SIGINT, "", id="ended-without-a-traceback"),
        pytest.param("signal.signal(signal.SIGINT, signal.SIG_IGN)", 0, "on\n", id="ignored-stays-ignored"),
    ],
)
def test_ctrl_c_while_the_command_is_being_loaded(before: str, status: int, said: str) -> None:
    script = (
        f"import os, signal\n{before}\nfrom root_usage_alarm.start import quietly\nquietly()\n"
        "os.kill(os.getpid(), signal.SIGINT)\nprint('on')\n"
    )
    environment = {"PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", script]
    finished = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)  # noqa: S603

    assert (finished.returncode, finished.stdout, finished.stderr) == (status, said, "")
