"""What README and docs/ say is what the code has."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from root_usage.aws import events
from root_usage.aws.gathering import iam_actions
from root_usage.parameters import PARSERS, RDKLIB_PARAMETERS
from root_usage.verdict.findings import Code

from root_usage_alarm import handbook
from root_usage_alarm.demo.picture import PICTURE, picture
from root_usage_alarm.demo.scenarios import SCENARIOS

ROOT = Path(__file__).parent.parent
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
PAGES = {
    path.relative_to(ROOT): path.read_text(encoding="utf-8")
    for path in (*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"))
}


def page(name: str) -> str:
    return PAGES[Path(name)]


def test_findings_are_those_of_the_code() -> None:
    assert page("docs/findings.md") == handbook.findings()


@pytest.mark.parametrize("code", Code)
def test_every_finding_is_listed_once(code: Code) -> None:
    assert page("docs/findings.md").count(f"| `{code.name}` | {code.meaning} |") == 1


@pytest.mark.parametrize("parameter", [*PARSERS, *sorted(RDKLIB_PARAMETERS)])
def test_every_parameter_is_explained(parameter: str) -> None:
    assert f"`{parameter}`" in page("docs/parameters.md") + page("docs/root-user.md")


def test_permissions_are_exactly_those_that_the_readers_need() -> None:
    listed = re.search(
        r"exactly these actions.*?\n\n(.*?)\n\nWith(.*?)\n\n", page("docs/deploy.md"), re.DOTALL
    )

    assert listed is not None
    always, with_event_rules = (set(re.findall(r"`([a-z0-9]+:[A-Za-z]+)`", text)) for text in listed.groups())
    assert always | with_event_rules == iam_actions()
    assert with_event_rules == {action for each in events.READERS.values() for action in each.actions}


@pytest.mark.parametrize("target", re.findall(r"^([a-z-]+):.*## ", MAKEFILE, re.MULTILINE))
def test_every_make_target_is_named(target: str) -> None:
    assert target == "help" or f"make {target}" in page("docs/commands.md")


def test_every_make_command_of_the_pages_is_a_target() -> None:
    targets = set(re.findall(r"^([a-z-]+):", MAKEFILE, re.MULTILINE))

    commands = {name for text in PAGES.values() for name in re.findall(r"[`$] ?make ([a-z][a-z-]+)", text)}

    assert "demo" in commands
    assert commands <= targets


LINKS = [
    (path, link)
    for path, text in PAGES.items()
    for link in re.findall(r"\]\(([^)#]+)", text)
    if not link.startswith("http")
]


@pytest.mark.parametrize(("path", "link"), LINKS, ids=[f"{path}-{link}" for path, link in LINKS])
def test_link_leads_somewhere(path: Path, link: str) -> None:
    assert (ROOT / path.parent / link).exists()


def test_first_screen_has_the_two_commands() -> None:
    first = page("README.md").splitlines()[:25]

    demo = next(line for line in first if line.startswith("$ make demo"))
    assert f"# {len(SCENARIOS) + 1} accounts" in demo
    assert any(line.startswith("$ make test") for line in first)


def test_every_dependency_has_its_reason() -> None:
    wanted = (ROOT / "requirements.in").read_text(encoding="utf-8")
    names = re.findall(r"^([a-z0-9-]+)(?:\[.*\])?==", wanted, re.MULTILINE)
    rows = re.findall(r"^\| (.+?) \|", page("docs/dependencies.md"), re.MULTILINE)

    assert len(names) > 10
    assert set(names) <= {name for row in rows for name in row.split(", ")}


def test_picture_is_what_check_prints() -> None:
    assert PICTURE.read_text(encoding="utf-8") == picture()
