"""How a command's process ends: one line for whatever isn't a verdict, and a status of its own for each.

Signals: the main thread unwinds, and what still hangs after a second is left behind. Python wakes the
main thread up for its handlers only between two of its own instructions, which a call that hangs may
keep it from; so a thread of its own hears of the signal, too.
https://docs.python.org/3/library/signal.html#signal.set_wakeup_fd
"""

from __future__ import annotations

import codecs
import os
import signal
import socket
import sys
import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import NoReturn

import click

from .exit_status import CouldNotRun, ExitStatus

GRACE = 1.0  # seconds
DEBUG = "ROOT_USAGE_ALARM_DEBUG"
SIGNALS = {
    signal.SIGINT: ("interrupted", ExitStatus.INTERRUPTED),
    signal.SIGTERM: ("terminated", ExitStatus.TERMINATED),
}
SDK = {"boto3", "botocore", "s3transfer"}
SHOW_CURSOR = "\x1b[?25h"  # which a spinner hides

# For a terminal that can't show them; what else it can't show is escaped, so that no name is lost.
ASCII = {"✔": "+", "✘": "x", "…": "...", "→": "->", "━": "-", "╸": "-", "╺": "-"}


class Stopped(BaseException):
    """A signal; nothing on the way takes it for an error, nor click for an answer."""

    def __init__(self, number: int) -> None:
        self.number = number


def ending(command: Callable[[], object]) -> NoReturn:
    """Runs the command, and raises SystemExit with the status that it returns, or what it ended with."""
    for stream in (sys.stdout, sys.stderr):
        with suppress(AttributeError):
            stream.reconfigure(errors=_as_ascii.__name__)  # type: ignore[union-attr]
    try:
        with _listening():
            status = _status_of(command)
    except (Stopped, KeyboardInterrupt) as stop:
        _leave(stop.number if isinstance(stop, Stopped) else signal.SIGINT)
    sys.exit(status)


def _status_of(command: Callable[[], object]) -> int:
    try:
        status = command()
        sys.stdout.flush()
    except click.Abort as abort:
        if isinstance(abort.__cause__, KeyboardInterrupt):  # which click takes for an answer
            word, status = SIGNALS[signal.SIGINT]
            click.echo(word, err=True)
            return status
        click.echo("could not run: nobody answered", err=True)
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except SystemExit as end:
        if not isinstance(end.__context__, BrokenPipeError):  # rich ends so, with the status 1
            raise
        return _silently()
    except BrokenPipeError:
        return _silently()
    except Exception as error:  # noqa: BLE001 whatever it is, it must not look like a verdict
        if os.environ.get(DEBUG):
            traceback.print_exc()
        return _told(error)
    else:
        return status if isinstance(status, int) else ExitStatus.FINE
    return ExitStatus.COULD_NOT_RUN


def _told(error: Exception) -> int:
    if isinstance(error, OSError):
        _to_nowhere()  # else what the disk didn't take is tried again at the end, and fails again
    if isinstance(error, OSError) or _is_of_aws(error):
        CouldNotRun(error).show()
        return ExitStatus.COULD_NOT_RUN
    said = " ".join(f"{type(error).__name__}: {error}".split())
    hint = "" if os.environ.get(DEBUG) else f", with what it prints under {DEBUG}=1"
    click.echo(f"a defect of this tool, no verdict: {said}; please report it{hint}", err=True)
    return ExitStatus.DEFECT


def _is_of_aws(error: Exception) -> bool:
    """Whether AWS or the way there is in the way; botocore's exceptions have no class in common."""
    gathering = sys.modules.get(
        "root_usage.aws.gathering"
    )  # nothing is loaded for it: that may be the defect
    is_passing = gathering is not None and isinstance(error, gathering.PassingFault)
    return is_passing or type(error).__module__.partition(".")[0] in SDK


def _silently() -> int:
    _to_nowhere()
    return ExitStatus.BROKEN_PIPE


def _to_nowhere() -> None:
    """https://docs.python.org/3/library/signal.html#note-on-sigpipe"""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


@contextmanager
def _listening() -> Iterator[None]:
    """Signals become Stopped, in the main thread; one that was ignored from the start stays so."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    hearing, told = socket.socketpair()
    told.setblocking(False)
    threading.Thread(target=_watch, args=(hearing,), daemon=True).start()
    heard = [each for each in SIGNALS if signal.getsignal(each) is not signal.SIG_IGN]
    before = {each: signal.signal(each, _stop) for each in heard}
    descriptor = signal.set_wakeup_fd(told.fileno(), warn_on_full_buffer=False)
    is_stopped = False
    try:
        yield
    except Stopped:
        is_stopped = True  # what comes now has a second, and no thread is waited for
        raise
    finally:
        if not is_stopped:
            signal.set_wakeup_fd(descriptor)
            for number, handler in before.items():
                signal.signal(number, handler)
            told.close()


@contextmanager
def unhurried() -> Iterator[None]:
    """What is undone within has the time that it takes: Ctrl-C is KeyboardInterrupt here, and whatever else
    ends a job (a closed terminal, too) SystemExit, and nothing leaves the process by itself.
    """
    names = [name for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]  # not everywhere all
    before = {name: signal.signal(getattr(signal, name), _unwind) for name in names}
    descriptor = signal.set_wakeup_fd(-1)
    try:
        yield
    finally:
        signal.set_wakeup_fd(descriptor)
        for name, handler in before.items():
            signal.signal(getattr(signal, name), handler)


def _unwind(number: int, _frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt if number == signal.SIGINT else SystemExit(128 + number)


def _stop(number: int, _frame: FrameType | None) -> None:
    signal.signal(number, lambda again, _: _leave(again))  # whoever asks twice doesn't wait
    raise Stopped(number)


def _watch(hearing: socket.socket) -> None:
    """Until the other end is closed, or a signal has had its second."""
    while received := hearing.recv(1):
        if received[0] in SIGNALS:
            threading.Event().wait(GRACE)
            _leave(received[0])
    hearing.close()


_leaving = threading.Lock()


def _leave(number: int) -> NoReturn:
    """Ends the process without waiting for its threads; says so once."""
    word, status = SIGNALS[signal.Signals(number)]
    if _leaving.acquire(blocking=False):
        line = f"\n{SHOW_CURSOR}{word}\n" if os.isatty(2) else f"{word}\n"
        with suppress(OSError):
            os.write(2, line.encode())
        os._exit(status)
    threading.Event().wait()  # the other thread is at it
    raise AssertionError


def _as_ascii(error: UnicodeError) -> tuple[str | bytes, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    text = error.object[error.start : error.end]
    shown = "".join(ASCII.get(each, each.encode("ascii", "backslashreplace").decode()) for each in text)
    return shown, error.end


codecs.register_error(_as_ascii.__name__, _as_ascii)
