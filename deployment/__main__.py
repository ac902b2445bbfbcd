"""The commands that deploy: `python -m deployment --help`."""

from __future__ import annotations

import click

from .deploy import deploy, undeploy
from .organization import deploy_org, deploy_org_status, undeploy_org


@click.group()
def main() -> None:
    """Root usage alarm: deploys the rule to an account or to an organization."""


main.add_command(deploy)
main.add_command(undeploy)
main.add_command(deploy_org)
main.add_command(deploy_org_status)
main.add_command(undeploy_org)

if __name__ == "__main__":
    main()
