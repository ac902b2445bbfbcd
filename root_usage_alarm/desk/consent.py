"""What a command is about to do, and where: shown, and asked, before anything is done."""

from __future__ import annotations

from typing import Any

import click
from botocore.exceptions import BotoCoreError, ClientError

yes_option = click.option("--yes", is_flag=True, help="Don't ask before anything is made or deleted.")


def account_line(session: Any, account_id: str, region: str) -> str:
    """Which account this is."""
    alias = alias_of(session)
    return f"account {account_id}{f' ({alias})' if alias else ''} in {region}"


def alias_of(session: Any) -> str:
    """The account's name for the eye; empty where it has none, or where the caller may not ask."""
    try:
        aliases: list[str] = session.client("iam").list_account_aliases()["AccountAliases"]
    except (BotoCoreError, ClientError):
        return ""
    return aliases[0] if aliases else ""


def agreed(question: str, *, yes: bool) -> bool:
    """Whether the person says so; a script has to have said so beforehand."""
    if yes:
        return True
    try:
        return click.confirm(question)
    except click.Abort:
        click.echo("nobody to ask: give --yes (YES=1)", err=True)
        return False
