"""Which rows the page shows, in which order: its script's pure part, run by Node.js where there is one."""

from __future__ import annotations

import json
import shutil
import subprocess
from importlib.resources import files
from typing import Any

import pytest

NODE = shutil.which("node")
pytestmark = pytest.mark.skipif(NODE is None, reason="no Node.js here")

EMPTY = {
    "name": "",
    "region": "",
    "state": "",
    "link": "",
    "code": "",
    "reason": "",
    "remedy": "",
    "at": "",
    "change": "",
}
ROWS = [
    EMPTY | {"id": "1", "name": "web 10", "state": "COMPLIANT", "at": "2026-11-20T02:00:00+02:00"},
    EMPTY | {"id": "2", "name": "Web 9", "state": "NON_COMPLIANT", "link": "alarm", "code": "ALARM_UNIT"},
    EMPTY
    | {
        "id": "3",
        "state": "NON_COMPLIANT",
        "link": "trail",
        "reason": "no TRAIL",
        "at": "2026-11-20T01:00:00+00:00",
    },
]
ORDER = {"state": ["NON_COMPLIANT", "COMPLIANT"], "link": ["trail", "alarm"], "change": []}
ANY = {"words": "", "state": "", "link": "", "code": "", "change": ""}


def evaluated(expression: str, **given: object) -> Any:
    source = files("root_usage_alarm.commands.pages").joinpath("templates/selection.js").read_text()
    values = f"const given = {json.dumps(given)};"
    script = f"{source}\n{values}\nconsole.log(JSON.stringify({expression}))"
    finished = subprocess.run([str(NODE), "-"], input=script, capture_output=True, text=True, check=True)  # noqa: S603
    return json.loads(finished.stdout)


@pytest.mark.parametrize(
    ("wanted", "ids"),
    [
        pytest.param({}, ["1", "2", "3"], id="everything"),
        pytest.param({"words": "WEB"}, ["1", "2"], id="any-case"),
        pytest.param({"words": " 9  web "}, ["2"], id="every-word"),
        pytest.param({"words": "trail"}, ["3"], id="reason"),
        pytest.param({"words": "10compliant"}, [], id="not-over-two-cells"),
        pytest.param({"words": ".*"}, [], id="no-pattern"),
        pytest.param({"state": "NON_COMPLIANT", "link": "alarm"}, ["2"], id="two-filters"),
        pytest.param({"code": "ALARM_UNIT", "words": "10"}, [], id="filter-and-words"),
    ],
)
def test_rows_that_match(wanted: dict[str, str], ids: list[str]) -> None:
    found = evaluated(
        "matching(given.rows, given.wanted).map((row) => row.id)", rows=ROWS, wanted=ANY | wanted
    )

    assert found == ids


@pytest.mark.parametrize(
    ("field", "descending", "ids"),
    [
        pytest.param("name", False, ["2", "1", "3"], id="numbers-in-names"),
        pytest.param("name", True, ["1", "2", "3"], id="nothing-stays-last"),
        pytest.param("at", False, ["1", "3", "2"], id="times-of-two-zones"),
        pytest.param("link", False, ["3", "2", "1"], id="links-as-events-travel"),
        pytest.param("state", False, ["2", "3", "1"], id="worst-first-and-stable"),
    ],
)
def test_rows_are_sorted(field: str, descending: bool, ids: list[str]) -> None:
    expression = "sorted(given.rows, given.field, given.descending, given.order).map((row) => row.id)"

    assert evaluated(expression, rows=ROWS, field=field, descending=descending, order=ORDER) == ids
