"""CloudTrail events by their shape, each with the answers worked out by hand: root activity, and told?"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from root_usage.coverage import Missed, Undecided, decide_coverage
from root_usage.coverage.root_activity import ROOT_FILTER_PATTERN, is_root_activity
from root_usage.filter_pattern import matches, parse_filter_pattern

from tests.coverage.watches import ACCOUNT, root_and, watch

EVENTS: list[Mapping[str, Any]] = json.loads(
    (Path(__file__).parents[1] / "data" / "root_events.json").read_text(encoding="utf-8")
)


def case(row: Mapping[str, Any]) -> Any:
    return pytest.param(row, id=row["id"])


@pytest.mark.parametrize("row", [case(row) for row in EVENTS])
def test_what_root_did_is_root_activity_and_nothing_else_is(row: Mapping[str, Any]) -> None:
    is_roots = is_root_activity(row["event"], ACCOUNT, row.get("partition", "aws"))

    assert row["expected"] == ("root activity" if is_roots else "not"), row["reason"]


@pytest.mark.parametrize("row", [case(row) for row in EVENTS])
def test_the_pattern_of_cis_matches_as_worked_out_by_hand(row: Mapping[str, Any]) -> None:
    pattern = parse_filter_pattern(ROOT_FILTER_PATTERN)

    assert row["cis"] is matches(pattern, row["event"])
    assert row["cis"] is matches(pattern, json.dumps(row["event"]))


@pytest.mark.parametrize("row", [case(row) for row in EVENTS if row["expected"] == "root activity"])
def test_pattern_that_leaves_such_an_event_out_misses_it(row: Mapping[str, Any]) -> None:
    event = row["event"]
    names = ("eventName", "eventSource", "eventType", "awsRegion")
    differs = " || ".join(f'$.{name} != "{event[name]}"' for name in names)
    watches = [watch(root_and(f"({differs})"))]

    # What nobody has seen, but AWS doesn't rule out, is no counterexample.
    expected = Undecided if row.get("is_doubtful") else Missed
    assert isinstance(decide_coverage(watches, ACCOUNT, row.get("partition", "aws")), expected)


@pytest.mark.parametrize("name", ["ConsoleLogin", "PasswordRecoveryRequested", "PasswordUpdated"])
def test_sign_in_that_is_missed_is_shown_as_one(name: str) -> None:
    """No other service has these events: as an API call the example would be one that AWS never writes."""
    coverage = decide_coverage([watch(root_and(f'$.eventName != "{name}"'))], ACCOUNT)

    assert isinstance(coverage, Missed)
    assert coverage.example["eventName"] == name
    assert coverage.example["eventSource"] == "signin.amazonaws.com"
    assert coverage.example["eventType"] == "AwsConsoleSignIn"


def test_the_corpus_is_as_large_as_promised_and_every_row_has_its_reason() -> None:
    assert len(EVENTS) >= 90
    assert len({row["id"] for row in EVENTS}) == len(EVENTS)
    assert all(row["reason"] and row["form"] for row in EVENTS)
