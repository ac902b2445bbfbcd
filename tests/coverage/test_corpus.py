"""Patterns as people write them, each with the answer worked out by hand."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, assert_never

import pytest
from root_usage.coverage import Coverage, Covered, Missed, Undecided, decide_coverage
from root_usage.coverage.root_activity import is_root_activity
from root_usage.filter_pattern import parse_filter_pattern
from root_usage.filter_pattern.matching import matches

from tests.coverage.watches import ACCOUNT, watch

CORPUS: list[Mapping[str, Any]] = json.loads(
    (Path(__file__).parents[1] / "data" / "filter_patterns.json").read_text(encoding="utf-8")
)


def case(row: Mapping[str, Any]) -> Any:
    return pytest.param(row, id=row["id"])


def answer(coverage: Coverage) -> tuple[str, str | None]:
    match coverage:
        case Covered():
            return "covered", None
        case Missed(_, phrase):
            return "missed", phrase
        case Undecided(reason):
            return "undecided", reason
        case other:
            assert_never(other)


@pytest.mark.parametrize("row", [case(row) for row in CORPUS])
def test_the_answer_is_the_one_worked_out_by_hand(row: Mapping[str, Any]) -> None:
    verdict, words = answer(decide_coverage([watch(each) for each in row["patterns"]], ACCOUNT))

    assert row["expected"] == verdict, row["reason"]
    assert row.get("says", words) == words


@pytest.mark.parametrize("row", [case(row) for row in CORPUS if row["expected"] == "missed"])
def test_the_example_is_root_activity_that_the_evaluator_rejects(row: Mapping[str, Any]) -> None:
    outcome = decide_coverage([watch(each) for each in row["patterns"]], ACCOUNT)

    assert isinstance(outcome, Missed)
    assert is_root_activity(outcome.example, ACCOUNT)
    assert not any(matches(parse_filter_pattern(each), outcome.example) for each in row["patterns"])


def test_the_corpus_is_as_large_as_promised_and_every_row_has_its_reason() -> None:
    assert len(CORPUS) >= 60
    assert len({row["id"] for row in CORPUS}) == len(CORPUS)
    assert all(row["reason"] and row["form"] for row in CORPUS)
