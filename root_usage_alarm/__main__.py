"""The commands at a desk, as one tree: `root-usage-alarm --help`, or `python -m root_usage_alarm --help`.

A command's module is loaded when the command is called: `check` needs neither moto nor rdk.
"""

from __future__ import annotations

from .start import quietly

if __name__ == "__main__":
    quietly()


import importlib
import importlib.util
from typing import Any

import click

from . import __version__
from .desk.ending import ending
from .desk.exit_status import ExitStatus


class MissingExtra(click.ClickException):
    """The command needs packages that a plain installation leaves out."""

    exit_code = ExitStatus.COULD_NOT_RUN

    def __init__(self, extra: str) -> None:
        super().__init__(f"this command needs the extra `{extra}`: pip install 'root-usage-alarm[{extra}]'")


class Lazy(click.Command):
    """Stands for the command `place` (module:function) until it is called."""

    def __init__(self, name: str, place: str, summary: str, extra: str = "", *needs: str) -> None:
        super().__init__(name, short_help=summary)
        self._place, self._extra, self._needs = place, extra, needs

    def make_context(self, *arguments: Any, **options: Any) -> click.Context:
        if not all(importlib.util.find_spec(each) for each in self._needs):
            raise MissingExtra(self._extra)
        return self.load().make_context(*arguments, **options)

    def load(self) -> click.Command:
        module, _, function = self._place.partition(":")
        command: click.Command = getattr(importlib.import_module(module, __package__), function)
        return command


class Tree(click.Group):
    """All commands end in the same way; see `desk.ending`."""

    def main(self, *arguments: Any, **options: Any) -> Any:
        command: Any = super().main
        if not options.pop("standalone_mode", True):
            return command(*arguments, standalone_mode=False, **options)
        return ending(lambda: command(*arguments, standalone_mode=False, **options))


@click.group(cls=Tree)
@click.version_option(__version__, prog_name="root-usage-alarm")
def main() -> None:
    """Root usage alarm: would a person be told if the root user did something?"""


# The summaries are the first lines of the commands' own help, here so that `--help` loads none of them.
for each in (
    Lazy(
        "check",
        ".commands.check:check",
        "Would a person be told if root did something in this account now?",
    ),
    Lazy(
        "replay",
        ".commands.replay:replay",
        "Decide again from what `check --save` kept, or the function's log with RECORD_ANSWERS set.",
    ),
    Lazy(
        "drill",
        ".commands.drill:drill",
        "Does the alarm that `check` found tell a person? Ring it, or watch a sign-in as root.",
    ),
    Lazy(
        "check-org",
        ".commands.check_org:check_org",
        "Would a person be told in each account of the organization, as the read-only ROLE there sees it?",
    ),
    Lazy(
        "explain",
        ".commands.explain:explain",
        "Does the filter PATTERN catch every event that the root user can cause?",
    ),
    Lazy(
        "lint",
        ".commands.lint:lint",
        "Do the filters for root in CloudFormation templates and Terraform files catch all of root's events?",
        "lint",
        "cfnlint",
        "hcl2",
    ),
    Lazy(
        "report",
        ".commands.report:report",
        "Every account of AGGREGATOR: totals, the first broken links, and each account's annotation.",
    ),
    Lazy(
        "remediate",
        ".commands.remediate:remediate",
        "Make the chain from trail to subscriber whole, in the account of the credentials.",
    ),
    Lazy(
        "deploy",
        ".deployment.deploy:deploy",
        "Deploys the rule with its remediation to one account, and starts the first evaluation.",
        "deploy",
        "rdk",
        "pip",
    ),
    Lazy(
        "undeploy",
        ".deployment.deploy:undeploy",
        "Takes everything away again that `deploy` made, but not what the remediation made.",
    ),
    Lazy(
        "deploy-org",
        ".deployment.organization:deploy_org",
        "Deploys the rule with its remediation to all accounts of the organizational units.",
        "deploy",
        "pip",
    ),
    Lazy(
        "deploy-org-status",
        ".deployment.organization:deploy_org_status",
        "How far the roll-out is, and in which accounts it failed.",
    ),
    Lazy(
        "undeploy-org",
        ".deployment.organization:undeploy_org",
        "Takes the rule out of all accounts, then the function away; not what the remediation made.",
    ),
    Lazy(
        "demo",
        ".demo.command:demo",
        "Judge accounts on an embedded local AWS; no credentials, no network.",
        "demo",
        "moto",
        "flask",
        "flask_cors",
    ),
):
    main.add_command(each)

if __name__ == "__main__":
    main()
