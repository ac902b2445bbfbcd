"""An installed tool gets the versions that the tests run with, or compatible ones."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from cfnlint.decode import cfn_yaml
from packaging.requirements import Requirement

from root_usage_alarm.deployment import names

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
REQUIRED = [
    *PROJECT["project"]["dependencies"],
    *PROJECT["project"]["optional-dependencies"]["demo"],
    *PROJECT["project"]["optional-dependencies"]["deploy"],
    *PROJECT["project"]["optional-dependencies"]["lint"],
]
PINNED = re.findall(
    r"^([a-z0-9-]+)==(\S+)", (ROOT / "requirements.in").read_text(encoding="utf-8"), re.MULTILINE
)


@pytest.mark.parametrize("required", [each for each in REQUIRED if each != "pip"])
def test_what_the_tool_requires_admits_what_is_tested(required: str) -> None:
    requirement = Requirement(required)
    pinned = [version for name, version in PINNED if name == requirement.name]

    assert pinned
    assert [each for each in pinned if requirement.specifier.contains(each)] != []


def test_hook_of_the_linter_has_what_its_extra_has() -> None:
    hooks = cfn_yaml.loads((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))

    assert [each["additional_dependencies"] for each in hooks] == [
        PROJECT["project"]["optional-dependencies"]["lint"]
    ]


def test_wheel_has_what_a_deployment_reads() -> None:
    included = PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["force-include"]
    shipped = names.SHIPPED.relative_to(ROOT).as_posix()

    assert included == {
        path: f"{shipped}/{path}"
        for path in (f"{names.RULE}/{names.RULE}.py", "parameters.json", "requirements-layer.txt")
    }
