"""`--output html` with its options, as a shell would call it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from root_usage_alarm.__main__ import main
from root_usage_alarm.commands.account_results import totals_of
from root_usage_alarm.commands.results_view import as_json
from tests.bench.simulated_organization import SimulatedOrganization
from tests.commands.pages.accounts import RESULTS
from tests.commands.pages.parsed import Page


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "simulated")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def report(*arguments: str) -> Result:
    """On ten accounts, whose results are of the year 9999: young whenever this test runs."""
    organization = SimulatedOrganization(10, recorded_at=datetime(9999, 1, 1, tzinfo=UTC))
    with organization.answering():
        return CliRunner().invoke(
            main, ["report", "aggregator", "--region", "us-east-1", "--state", "state", *arguments]
        )


def test_page_goes_to_standard_output(folder: Path) -> None:
    result = report("--output", "html")

    assert folder
    assert result.exit_code == 1
    assert result.stdout.startswith("<!doctype html>\n")
    assert Page(result.stdout).texts("h2")[0] == "10 accounts"


def test_page_goes_to_a_file_with_what_has_changed(folder: Path) -> None:
    (folder / "earlier.json").write_text(as_json(RESULTS, totals_of(RESULTS)))

    result = report("--output", "html", "--to", "page.html", "--against", "earlier.json")

    assert (result.exit_code, result.stdout) == (1, "")
    # Accounts 5 to 7 are broken: two of them had no result, and 7 wasn't there.
    changes = [
        each["id"]
        for each in Page((folder / "page.html").read_text()).rows
        if each["change"] == "newly broken"
    ]
    assert changes == ["000000000005", "000000000006", "000000000007"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        pytest.param(["--to", "page.html"], "Error: --to is for --output html", id="to-of-text"),
        pytest.param(
            ["--output", "json", "--against", "state.json"],
            "Error: --against is for --output html",
            id="against-of-json",
        ),
        pytest.param(
            ["--output", "html", "--to", "none/page.html"],
            "Error: Invalid value for '--to': there is no folder `none`",
            id="no-folder",
        ),
        pytest.param(
            ["--output", "html", "--against", "x.txt"],
            "Error: Invalid value for '--against': `x.txt` isn't what --output json of this command prints",
            id="no-report",
        ),
    ],
)
def test_bad_use_is_told_before_aws_is_asked(folder: Path, arguments: list[str], said: str) -> None:
    (folder / "state.json").write_text(as_json(RESULTS, totals_of(RESULTS)))
    (folder / "x.txt").write_text("accounts 10")

    result = CliRunner().invoke(main, ["report", "aggregator", *arguments])

    assert result.exit_code == 2
    assert result.output.splitlines()[-1] == said
