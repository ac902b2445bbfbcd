"""Prints the results of an organization's accounts: for people, as JSON, as CSV."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from rich.cells import cell_len, set_cell_size
from rich.console import Console
from rich.table import Table
from rich.text import Text
from root_usage.verdict.findings import Code

from .account_results import NO_RESULT, AccountResult, Totals, rank_of, totals_of
from .json_head import json_head

STYLES = {"COMPLIANT": "green", "NON_COMPLIANT": "bold red", NO_RESULT: "bold yellow"}
MOST_OF_A_NAME = 24  # terminal cells; AWS allows 50 characters, JSON and CSV have them all
FORMATS = ("text", "json", "csv")


def show(console: Console, results: Sequence[AccountResult], output: str) -> None:
    """Everything, the broken accounts first."""
    ordered = sorted(results, key=lambda each: (rank_of(each), each.account_id, each.region))
    if output == "json":
        console.out(as_json(ordered), highlight=False)
    elif output == "csv":
        console.out(as_csv(ordered), highlight=False, end="")
    else:
        _draw(console, ordered)


def as_json(results: Sequence[AccountResult]) -> str:
    totals = totals_of(results)
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


def _draw(console: Console, results: Sequence[AccountResult]) -> None:
    width = min(max((cell_len(each.name) for each in results), default=0), MOST_OF_A_NAME)
    for each in results:
        name = f"{set_cell_size(each.name, width)}  " if width else ""
        line = Text.assemble(
            f"{each.account_id}  {name}{each.region:<14} ",
            (f"{each.compliance_type:<14} ", STYLES.get(each.compliance_type, "")),
            "; ".join(filter(None, (each.accepted, each.note or each.annotation))),
        )
        console.print(line, soft_wrap=True)
    console.print(_table(totals_of(results)))


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
