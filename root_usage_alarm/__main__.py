"""The commands at a desk, as one tree: `python -m root_usage_alarm --help`."""

from __future__ import annotations

import click

from .commands.check import check
from .commands.check_org import check_org
from .commands.explain import explain
from .commands.report import report
from .demo.command import demo
from .deployment.deploy import deploy, undeploy
from .deployment.organization import deploy_org, deploy_org_status, undeploy_org
from .remediation.run import remediate


@click.group()
def main() -> None:
    """Root usage alarm: would a person be told if the root user did something?"""


for command in (check, check_org, explain, report, remediate, demo):
    main.add_command(command)
for command in (deploy, undeploy, deploy_org, deploy_org_status, undeploy_org):
    main.add_command(command)

if __name__ == "__main__":
    main()
