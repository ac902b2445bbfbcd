"""What a command is about to do, and where: shown, and asked, before anything is done."""

from __future__ import annotations

from typing import Any

import click
from botocore.exceptions import BotoCoreError, ClientError

yes_option = click.option("--yes", is_flag=True, help="Don't ask before anything is made or deleted.")


def account_line(session: Any, account_id: str, region: str) -> str:
    """Which account this is; its name only for whoever may ask, as it's for the eye."""
    try:
        aliases = session.client("iam").list_account_aliases()["AccountAliases"]
    except (BotoCoreError, ClientError):
        aliases = []
    return f"account {account_id}{f' ({aliases[0]})' if aliases else ''} in {region}"


def agreed(question: str, *, yes: bool) -> bool:
    """Whether the person says so; a script has to have said so beforehand."""
    if yes:
        return True
    try:
        return click.confirm(question)
    except click.Abort:
        click.echo("nobody to ask: give --yes (YES=1)", err=True)
        return False
