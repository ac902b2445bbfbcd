"""What moves on a terminal while a command waits, and nowhere else."""

from __future__ import annotations

import sys
from contextlib import AbstractContextManager, nullcontext

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn


def progress_bar() -> Progress:
    """How many accounts are done: on the error stream, out of the way of JSON; still where nobody watches."""
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=Console(file=sys.stderr),
        transient=True,
        disable=not sys.stderr.isatty(),
    )


# Of whatever the output is at the time.
_console = Console()


def busy(doing: str) -> AbstractContextManager[object]:
    """A spinner beneath what is told meanwhile; nothing where the output is no terminal."""
    return _console.status(doing) if sys.stdout.isatty() else nullcontext()


def tell(line: str) -> None:
    """A line above the spinner, never broken; click's own echo takes rich's stream for a broken one."""
    _console.print(line, markup=False, highlight=False, emoji=False, soft_wrap=True)
