"""Text that is longer than the line: it goes on below itself, between two words."""

from __future__ import annotations

from rich.console import Console
from rich.text import Text

MOST_NARROW = 20  # columns of text; a narrower terminal breaks the lines itself


def draw_hanging(console: Console, head: Text, text: Text | str) -> None:
    """The text behind its head, and what doesn't fit in lines as far to the right as the head is wide."""
    body = Text(text) if isinstance(text, str) else text
    for line in body.wrap(console, max(console.width - head.cell_len, MOST_NARROW)):
        line.rstrip()
        console.print(head + line)
        head = Text(" " * head.cell_len)
