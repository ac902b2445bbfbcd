"""The demo's accounts, judged one after the other, and the story of the button."""

from __future__ import annotations

import sys
import time
from typing import Any

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from ..local_aws import Account, LocalAws
from .invocation import invoke
from .scenarios import SCENARIOS
from .story import tell

REGION = "us-east-1"
STYLES = {"COMPLIANT": "green", "NON_COMPLIANT": "red", "NOT_APPLICABLE": "yellow"}

NEXT = """
Try next:
  make check PROFILE=audit       the same decision on an account of yours, read-only
  make explain PATTERN='{ ... }' whether your filter's pattern covers root
  make deploy PROFILE=admin EMAIL=security@example.com"""


def show() -> None:
    """Prints each account as it is judged."""
    console = Console(highlight=False, width=None if sys.stdout.isatty() else 80)
    started = time.monotonic()
    console.print(
        "If root did something in this account now, would a person be told?\n"
        "The rule's own Lambda handler, on an embedded AWS (moto, corrected):\n"
    )
    with LocalAws() as aws:
        for number, scenario in enumerate(SCENARIOS, start=1):
            account = Account(f"{number:012}", REGION, aws.endpoint_url)
            scenario.build(account)
            # A credential report that is there already need not be waited for.
            account.client("iam").generate_credential_report()
            draw(console, number, scenario.title, invoke(aws, account, scenario.parameters).evaluation)
        tell(console, aws, Account(f"{len(SCENARIOS) + 1:012}", REGION, aws.endpoint_url))
    console.print(f"\n{len(SCENARIOS) + 1} accounts in {time.monotonic() - started:.1f} s")
    console.print(Text(NEXT))


def draw(console: Console, number: int, title: str, evaluation: dict[str, Any]) -> None:
    """One account: what its owner says of it, the compliance, and below it the annotation."""
    compliance = evaluation["ComplianceType"]
    console.print(
        Text.assemble(f"{number:>3}  ", (f"{compliance:<13}", STYLES[compliance]), "  ", (title, "bold"))
    )
    console.print(Padding(Text(evaluation["Annotation"]), (0, 0, 1, 5)))
