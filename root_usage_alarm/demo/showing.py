"""The demo's accounts, judged one after the other, and the story of the button."""

from __future__ import annotations

import sys
import time

from rich.console import Console
from rich.table import Table
from rich.text import Text

from ..local_aws import Account, LocalAws
from .invocation import invoke
from .scenarios import SCENARIOS
from .story import tell

REGION = "us-east-1"
STYLES = {"COMPLIANT": "green", "NON_COMPLIANT": "red", "NOT_APPLICABLE": "yellow"}


def show() -> None:
    console = Console(highlight=False, width=None if sys.stdout.isatty() else 140)
    started = time.monotonic()
    with LocalAws() as aws:
        console.print(
            "If root did something in this account now, would a person be told? "
            "The rule's own Lambda handler, on an embedded AWS (moto, corrected):\n"
        )
        table = Table(
            "account", "as its owner tells it", "compliance", "annotation in AWS Config", show_lines=True
        )
        for number, scenario in enumerate(SCENARIOS, start=1):
            account = Account(f"{number:012}", REGION, aws.endpoint_url)
            scenario.build(account)
            # A credential report that is there already need not be waited for.
            account.client("iam").generate_credential_report()
            evaluation = invoke(aws, account, scenario.parameters).evaluation
            compliance = evaluation["ComplianceType"]
            table.add_row(
                account.account_id,
                scenario.title,
                Text(compliance, style=STYLES[compliance]),
                Text(evaluation["Annotation"]),
            )
        console.print(table)
        tell(console, aws, Account(f"{len(SCENARIOS) + 1:012}", REGION, aws.endpoint_url))
    console.print(f"\n{len(SCENARIOS) + 1} accounts in {time.monotonic() - started:.1f} s")
