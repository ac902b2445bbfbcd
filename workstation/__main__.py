"""The commands for the workstation: `python -m workstation --help`."""

from __future__ import annotations

import click

from remediation.run import remediate

from .check import check
from .check_org import check_org
from .demo import demo
from .explain import explain
from .report_command import report


@click.group()
def main() -> None:
    """Root usage alarm: would a person be told if the root user did something?"""


main.add_command(check)
main.add_command(check_org)
main.add_command(demo)
main.add_command(explain)
main.add_command(report)
main.add_command(remediate)

if __name__ == "__main__":
    main()
