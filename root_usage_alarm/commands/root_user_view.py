"""Draws the section "root user" of `check`: last use, what root holds, and what it did lately."""

from __future__ import annotations

from typing import assert_never

from rich.cells import cell_len, set_cell_size
from rich.console import Console
from rich.text import Text
from root_usage.aws.event_history import RootEvent
from root_usage.root_user.credentials import Held
from root_usage.root_user.judging import RootUser
from root_usage.root_user.last_use import LastRootUse, NotLookedFor, NotUsed, NotVerified, Used

from .hanging import draw_hanging

MOST_EVENTS = 10
EVENT_HEADINGS = ("time (UTC)", "event", "region", "from", "with")


def draw_root_user(console: Console, root_user: RootUser) -> None:
    """Prints the section; findings are drawn with those of the chain, so they aren't repeated here."""
    console.print(Text("\nroot user", style="bold"))
    for name, text in lines_of(root_user):
        console.print(Text(f"  {name:<20} {text}"))
    if root_user.recent_events:
        _draw_events(console, root_user.recent_events)


def lines_of(root_user: RootUser) -> tuple[tuple[str, str], ...]:
    """What is known, each with its name."""
    return (
        ("last use", _last_use(root_user.last_use)),
        ("access keys", root_user.access_keys.value),
        ("MFA", _mfa(root_user.has_mfa)),
        ("central root access", _central_root_access(root_user.credentials)),
        *(("note", each) for each in root_user.notes),
        *(("not verified", each) for each in root_user.unverified),
    )


def _last_use(last_use: LastRootUse) -> str:
    match last_use:
        case Used(at, way, service, region):
            where = " in ".join(each for each in (service, region) if each)
            return f"{at:%Y-%m-%d %H:%M} UTC ({way}{f', {where}' if where else ''})"
        case NotUsed(days):
            return f"none within {days} days"
        case NotVerified():
            return "not known"
        case NotLookedFor():
            return "not looked for (RootUsageLookbackDays is 0)"
        case other:
            assert_never(other)


def _mfa(has_mfa: bool | None) -> str:
    return {True: "on", False: "off", None: "not known"}[has_mfa]


def _central_root_access(credentials: Held) -> str:
    match credentials:
        case Held.NONE:
            return "root has no credentials at all"
        case Held.NONE_ACTIVE:
            return "root has no active credentials"
        case Held.SOME:
            return "no, root has credentials of its own"
        case Held.UNKNOWN:
            return "not known"
        case other:
            assert_never(other)


def _draw_events(console: Console, events: tuple[RootEvent, ...]) -> None:
    """Columns as wide as what is in them; where they don't fit, a line goes on below, between two of them."""
    rows = [EVENT_HEADINGS, *(cells_of(event) for event in events[:MOST_EVENTS])]
    widths = [max(map(cell_len, column)) for column in zip(*rows, strict=True)]
    for number, row in enumerate(rows):
        # Text, not a string: what CloudTrail recorded is never read as markup.
        cells = "  ".join(set_cell_size(cell, width) for cell, width in zip(row, widths, strict=True))
        draw_hanging(console, Text("  "), Text(cells.rstrip(), style="" if number else "dim"))
    if len(events) > MOST_EVENTS:
        console.print(Text(f"  and {len(events) - MOST_EVENTS} more", style="dim"))


def cells_of(event: RootEvent) -> tuple[str, str, str, str, str]:
    name = f"{event.name} (refused)" if event.is_failed else event.name
    way = event.way.value if event.is_by_root_itself else "an AWS service"
    return f"{event.time:%Y-%m-%d %H:%M}", name, event.region, event.source_ip_address, way
