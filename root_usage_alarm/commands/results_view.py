"""Prints the results of an organization's accounts: for people, as JSON, as CSV, as JUnit XML."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click
from rich.cells import cell_len, set_cell_size
from rich.console import Console
from rich.table import Table
from rich.text import Text
from root_usage.verdict.findings import Code

from .account_results import NO_RESULT, RANKS, AccountResult, Totals, rank_of, totals_of
from .hanging import draw_hanging
from .json_head import json_head
from .junit import as_junit
from .pages.options import write
from .pages.trend import Earlier

STYLES = {"COMPLIANT": "green", "NON_COMPLIANT": "bold red", NO_RESULT: "bold yellow"}
# Terminal cells, in a line with the reason. AWS allows 50 characters, and all other outputs have them all.
MOST_OF_A_NAME = 24
FORMATS = ("text", "json", "csv", "junit", "html")
TYPES = {each.lower().replace("_", "-"): each for each in RANKS}

only_option = click.option(
    "--only",
    multiple=True,
    type=click.Choice(list(TYPES)),
    help="Show these accounts only; the totals and the exit status are those of all. More than one.",
)


def show(  # noqa: PLR0913, PLR0917 one argument for each option
    console: Console,
    results: Sequence[AccountResult],
    output: str,
    only: Sequence[str] = (),
    to: Path | None = None,
    against: Earlier | None = None,
) -> None:
    """Everything, or `only` the accounts of those TYPES, the broken ones first.

    A page goes `to` that file, held `against` an earlier report.
    """
    totals, wanted = totals_of(results), {TYPES[each] for each in only or TYPES}
    ordered = sorted(
        (each for each in results if each.compliance_type in wanted),
        key=lambda each: (rank_of(each), each.account_id, each.region),
    )
    match output:
        case "json":
            console.out(as_json(ordered, totals), highlight=False)
        case "csv":
            console.out(as_csv(ordered), highlight=False, end="")
        case "junit":
            console.out(as_junit(ordered, datetime.now(UTC)), highlight=False)
        case "html":
            from .pages.report_page import report_page  # noqa: PLC0415 the others need no template engine

            write(report_page(ordered, against), to)
        case _:
            _draw(console, ordered, totals)


def as_json(results: Sequence[AccountResult], totals: Totals) -> str:
    return json.dumps(
        {
            **json_head(datetime.now(UTC)),
            "accounts": totals.accounts,
            "byComplianceType": totals.by_type,
            "byFirstBrokenLink": totals.by_link,
            "byFirstFinding": totals.by_code,
            "accepted": totals.accepted,
            "oldestResultAt": totals.oldest_at,
            "results": [_members(each) for each in results],
        },
        indent=2,
    )


def as_csv(results: Sequence[AccountResult]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(_members(AccountResult(""))), lineterminator="\n")
    writer.writeheader()
    for each in results:
        # A cell that begins so is a formula to a spreadsheet; an alarm's name may begin so.
        cells = _members(each).items()
        writer.writerow(
            {name: f"'{value}" if value[:1] in "=+-@" and value else value for name, value in cells}
        )
    return text.getvalue()


def _members(result: AccountResult) -> dict[str, str]:
    return {
        "accountId": result.account_id,
        "accountName": result.name,
        "region": result.region,
        "complianceType": result.compliance_type,
        "firstBrokenLink": result.first_broken_link,
        "firstFinding": result.code,
        "annotation": result.annotation,
        "rule": result.rule,
        "recordedAt": result.recorded_at,
        "note": result.note,
        "accepted": result.accepted,
    }


def _draw(console: Console, results: Sequence[AccountResult], totals: Totals) -> None:
    width = min(max((cell_len(each.name) for each in results), default=0), MOST_OF_A_NAME)
    for each in results:
        kind = (f"{each.compliance_type:<14} ", STYLES.get(each.compliance_type, ""))
        said = "; ".join(filter(None, (each.accepted, each.note or each.annotation)))
        if console.is_terminal:
            # A line for the account, and its reason below: side by side they don't fit into 80 columns.
            where = Text.assemble(f"{each.account_id}  ", kind, f" {each.region:<14}  ")
            draw_hanging(console, where, each.name or " ")
            draw_hanging(console, Text("    "), said)
        else:
            name = f"{set_cell_size(each.name, width)}  " if width else ""
            line = Text.assemble(f"{each.account_id}  {name}{each.region:<14} ", kind, said)
            console.print(line, soft_wrap=True)
    console.print(_table(totals))


def _table(totals: Totals) -> Table:
    table = Table("accounts", str(totals.accounts), box=None, header_style="bold")
    for kind, count in totals.by_type.items():
        table.add_row(Text(kind, STYLES.get(kind, "")), str(count))
        if kind == "NON_COMPLIANT" and totals.accepted:
            table.add_row("  of these accepted", str(totals.accepted))
    for link, count in totals.by_link.items():
        table.add_row(f"  first broken link: {link}", str(count))
        for code in (each for each in totals.by_code if Code[each].link.title == link):
            table.add_row(f"    {code}", str(totals.by_code[code]))
    if totals.oldest_at:
        oldest = datetime.fromisoformat(totals.oldest_at).astimezone(UTC)
        hours = (datetime.now(UTC) - oldest) // timedelta(hours=1)
        table.add_row("oldest result", f"{hours} hours old, {oldest:%Y-%m-%d %H:%M} UTC")
    return table
