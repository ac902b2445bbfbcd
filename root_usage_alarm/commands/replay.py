"""`replay`: decides again from a record, without asking AWS."""

from __future__ import annotations

import json
from pathlib import Path

import click
from rich.console import Console
from root_usage.examine import Account, examine
from root_usage.parameters import parse_parameters
from root_usage.report import to_json

from ..desk.exit_status import TABLE, CouldNotRun
from ..desk.record_file import NotARecord, NotRecorded, Replayed, answering, read
from ..desk.verdict_status import status_of
from .chain_view import draw
from .root_user_view import draw_root_user


@click.command(epilog=TABLE)
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--output", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.pass_context
def replay(context: click.Context, file: Path, output: str) -> None:
    """Decide again from what `check --save` kept, or the function's log with RECORD_ANSWERS set.

    The verdict is that of this version, at the moment of the record.
    """
    try:
        record = read(file)
        account = Account(record.account_id, record.region, record.partition)
        parameters = parse_parameters(record.parameters)
        with answering(record):
            examination = examine(
                account, parameters, Replayed(record), record.now, with_summary=record.with_summary
            )
    except (NotARecord, NotRecorded) as error:
        raise CouldNotRun(error) from error
    if output == "json":
        click.echo(json.dumps(to_json(account, examination), indent=2, default=str))
    else:
        console = Console(highlight=False)
        draw(console, account, examination)
        if examination.root_user:
            draw_root_user(console, examination.root_user)
    context.exit(status_of(examination.verdict))
