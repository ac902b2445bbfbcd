"""The probes of patterns tell the answers that AWS may give from each other."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import fields, replace
from typing import Any

import pytest

from root_usage_alarm.local_aws.corrections import events, logs
from tests.live.patterns import FILTERS, RULES, Language, compared, corpora, readings
from tests.live.sandbox import Sandbox
from tests.live.table import Outcome

READINGS = [
    pytest.param(language, field, value, id=f"{language.name}-{field}-{value}")
    for language in (FILTERS, RULES)
    for field in language.asked
    for value in language.alternatives(field)
]


def read_as(monkeypatch: pytest.MonkeyPatch, language: Language, field: str, value: Any) -> None:
    """AWS reads patterns like that, from now on."""
    module = logs if language is FILTERS else events
    matches: Callable[..., bool] = module.matches
    reading = replace(language.reading, **{field: value})
    monkeypatch.setattr(module, "matches", lambda pattern, event: matches(pattern, event, reading))


@pytest.mark.parametrize("language", [FILTERS, RULES], ids=["filters", "rules"])
def test_every_reading_that_the_code_leaves_open_has_a_probe(language: Language) -> None:
    named = {each.name for each in fields(language.reading)}

    assert set(language.asked) == named
    assert set(language.points) == named
    assert {probe.name for probe, _ in readings()} >= {f"{language.name}/{each}" for each in named}


@pytest.mark.parametrize(("language", "field", "value"), READINGS)
def test_probe_sees_how_aws_reads_it(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, language: Language, field: str, value: Any
) -> None:
    read_as(monkeypatch, language, field, value)
    ask = {probe.name: ask for probe, ask in readings()}[f"{language.name}/{field}"]

    (row,) = ask(sandbox)

    is_default = value == getattr(language.reading, field)
    assert row.outcome is (Outcome.AGREES if is_default else Outcome.DIFFERS)
    assert row.seen in row.probe.answers


def test_each_disagreement_over_a_corpus_is_a_row(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    events: dict[str, Any] = {"absent": {}, "other": {"a": "y"}}
    probe, ask = compared(FILTERS, {"narrow": ('{ $.a != "x" }', events), "bad": ("{ $.a", events)})
    name = "filter/corpus/narrow/absent"

    (agreeing,) = ask(sandbox)
    read_as(monkeypatch, FILTERS, "not_equal_matches_absent", value=True)
    (row,) = ask(sandbox)

    assert probe.question.endswith(": 2 patterns, 4 pairs with an event")
    assert (agreeing.probe, agreeing.outcome) == (probe, Outcome.AGREES)
    assert (row.probe.name, row.seen, row.probe.assumed) == (name, "matches", "doesn't match")
    assert row.outcome is Outcome.DIFFERS


def test_pattern_that_aws_takes_and_our_parser_does_not_is_a_row(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sandbox.client("logs"), "test_metric_filter", lambda **_: {"matches": []})
    _, ask = compared(FILTERS, {"bad": ("{ $.a", {"any": {}})})

    (row,) = ask(sandbox)

    assert (row.probe.name, row.seen, row.probe.assumed) == ("filter/corpus/bad/-", "accepted", "refused")


def test_corpora_are_those_of_the_tests() -> None:
    sizes = {probe.name: re.findall(r"\d+", probe.question) for probe, _ in corpora()}

    assert [int(each) for each in sizes["filter/corpus"]] >= [80, 7_500]
    assert [int(each) for each in sizes["rule/corpus"]] >= [49, 600]
