"""`docs/check.svg`: what `check` prints of one account of the local AWS, as a picture."""

from __future__ import annotations

import io
import re
from datetime import UTC, datetime

import boto3
from rich.console import Console
from root_usage.examine import Account as Evaluated
from root_usage.examine import examine
from root_usage.parameters import Parameters

from ..commands.caller import Caller
from ..commands.chain_view import draw
from ..deployment.names import ROOT
from ..local_aws import Account, LocalAws
from ..local_aws.accounts import build_working_chain
from .invocation import acting_in

PICTURE = ROOT / "docs" / "check.svg"


def picture() -> str:
    """An SVG that names no font which would have to be fetched."""
    console = Console(record=True, width=100, file=io.StringIO(), highlight=False, force_terminal=True)
    with LocalAws() as aws:
        account = Account("111122223333", "us-east-1", aws.endpoint_url)
        build_working_chain(account, alarm={"Unit": "Count"})
        with acting_in(aws, account):
            factory = Caller.of(boto3.session.Session()).factory
            evaluated = Evaluated(account.account_id, account.region)
            parameters = Parameters(root_usage_lookback_days=0)
            examination = examine(evaluated, parameters, factory, datetime.now(UTC))
    console.print("$ make check PROFILE=audit", style="dim")
    draw(console, evaluated, examination)
    svg = console.export_svg(title="would a person be told?", unique_id="check")
    return re.sub(r"\s*@font-face \{.*?\}", "", svg, flags=re.DOTALL)


if __name__ == "__main__":
    PICTURE.write_text(picture(), encoding="utf-8")
    print(f"{PICTURE.relative_to(ROOT)}: {PICTURE.stat().st_size:,} bytes")
