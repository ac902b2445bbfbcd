"""Draws the section "root user" of `check`: last use, what root holds, and what it did lately."""

from __future__ import annotations

from typing import assert_never

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text
from root_usage.aws.event_history import RootEvent
from root_usage.root_user.credentials import Held
from root_usage.root_user.judging import RootUser
from root_usage.root_user.last_use import LastRootUse, NotLookedFor, NotUsed, NotVerified, Used

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
    table = Table(box=None, padding=(0, 1), header_style="dim")
    for heading in EVENT_HEADINGS:
        table.add_column(heading, overflow="fold")
    for event in events[:MOST_EVENTS]:
        # Text, not a string: what CloudTrail recorded is never read as markup.
        table.add_row(*(Text(each) for each in cells_of(event)))
    console.print(Padding(table, (0, 0, 0, 1)))
    if len(events) > MOST_EVENTS:
        console.print(Text(f"  and {len(events) - MOST_EVENTS} more", style="dim"))


def cells_of(event: RootEvent) -> tuple[str, str, str, str, str]:
    """The event under EVENT_HEADINGS."""
    name = f"{event.name} (refused)" if event.is_failed else event.name
    way = event.way.value if event.is_by_root_itself else "an AWS service"
    return f"{event.time:%Y-%m-%d %H:%M}", name, event.region, event.source_ip_address, way
