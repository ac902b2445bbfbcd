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


def busy(doing: str) -> AbstractContextManager[object]:
    """A spinner beneath the lines that are told meanwhile; nothing where the output is no terminal."""
    return Console().status(doing) if sys.stdout.isatty() else nullcontext()
