"""What the README lists is what the code has."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from root_usage.aws import events
from root_usage.aws.gathering import iam_actions
from root_usage.parameters import PARSERS, RDKLIB_PARAMETERS
from root_usage.verdict.findings import Code

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")


@pytest.mark.parametrize("code", Code)
def test_every_finding_is_listed_with_its_meaning(code: Code) -> None:
    link = code.link.name.replace("_", " ").lower()

    assert f"| `{code.name}` | {link} | {code.meaning} |" in README


@pytest.mark.parametrize("parameter", [*PARSERS, *sorted(RDKLIB_PARAMETERS)])
def test_every_parameter_is_explained(parameter: str) -> None:
    assert f"`{parameter}`" in README


def test_permissions_are_exactly_those_that_the_readers_need() -> None:
    listed = re.search(r"exactly these actions.*?\n\n(.*?)\n\nWith(.*?)\n\n", README, re.DOTALL)

    assert listed is not None
    always, with_event_rules = (set(re.findall(r"`([a-z0-9]+:[A-Za-z]+)`", text)) for text in listed.groups())
    assert always | with_event_rules == iam_actions()
    assert with_event_rules == {action for each in events.READERS.values() for action in each.actions}


@pytest.mark.parametrize("target", re.findall(r"^([a-z-]+):.*## ", MAKEFILE, re.MULTILINE))
def test_every_make_target_is_named(target: str) -> None:
    assert target == "help" or f"make {target}" in README


def test_every_make_command_of_the_readme_is_a_target() -> None:
    targets = set(re.findall(r"^([a-z-]+):", MAKEFILE, re.MULTILINE))

    commands = re.findall(r"[`$] ?make ([a-z][a-z-]+)", README)

    assert commands
    assert set(commands) <= targets
