"""What a watch shows while it lasts: a table that moves on a terminal, a line for each link elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

from ..desk.progress import tell
from .clock import Clock
from .watching import EVENT, LINKS, Watch


@contextmanager
def shown(watch: Watch, clock: Clock) -> Iterator[Callable[[Watch], None]]:
    """Gives what is called after each look."""
    if sys.stdout.isatty():
        with Live(get_renderable=lambda: table(watch, clock), console=Console(), refresh_per_second=2):
            yield lambda _: None
        return
    told: set[str] = set()

    def tell_new(each: Watch) -> None:
        for link in LINKS:
            if link in each.seen and link not in told:
                told.add(link)
                tell(f"  {link:<14} {_when(each, link)}")

    yield tell_new


def table(watch: Watch, clock: Clock) -> Table:
    """A row for each link, and for how long the watch lasts."""
    rows = Table.grid(padding=(0, 2))
    for link in LINKS:
        if link in watch.seen:
            rows.add_row(Text("✔", "green"), link, Text(_when(watch, link)))
        else:
            rows.add_row(Text("·", "dim"), link, Text(watch.unseen.get(link, "not yet"), "dim"))
    rows.add_row("", Text("waiting", "dim"), Text(str(clock.now() - watch.started).partition(".")[0], "dim"))
    return rows


def _when(watch: Watch, link: str) -> str:
    seen, event = watch.seen[link], watch.seen.get(EVENT)
    after = (
        f", {(seen.at - event.at).total_seconds():.0f} s after the event" if event and link != EVENT else ""
    )
    return f"{'' if seen.is_exact else 'first seen '}{seen.at:%H:%M:%S} UTC{after}"
