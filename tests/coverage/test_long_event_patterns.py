"""What event patterns may take of an evaluation: whoever may add a rule can make them long, and many."""

from __future__ import annotations

import json

import pytest
from root_usage.coverage.event_patterns import Bus, RuleWatch, matches_some_root_event_of
from root_usage.event_pattern import NotUnderstood, parse_event_pattern
from root_usage.work import OutOfWork, Work, working

ACCOUNT_ID = "111122223333"
BUS = Bus(ACCOUNT_ID, "eu-west-1")

TEN_WAYS = [{name: ["x"]} for name in "abcdefghij"]
# As many alternatives as AWS allows, in 500 characters.
A_THOUSAND_WAYS = json.dumps(
    {"$or": TEN_WAYS, "detail": {"$or": TEN_WAYS, "requestParameters": {"$or": TEN_WAYS}}}
)
OF_ONE_CALL = '{"source": ["aws.iam"], "detail": {"eventName": ["CreateUser%d"]}}'


def rules_for_root(*patterns: str) -> list[bool]:
    watches = [RuleWatch(f"rule-{n}", parse_event_pattern(each)) for n, each in enumerate(patterns)]
    return [matches_some_root_event_of(BUS, each) for each in watches]


def test_many_long_patterns_end_the_evaluation() -> None:
    with working(Work(most=100_000)) as work, pytest.raises(OutOfWork) as stop:
        rules_for_root(*[A_THOUSAND_WAYS] * 300)

    assert stop.value.subject == "EventBridge rules of eu-west-1"
    assert work.steps < 150_000


def test_ordinary_patterns_are_judged_once_in_all_rounds() -> None:
    patterns = [OF_ONE_CALL % n for n in range(30)]

    with working(Work()) as work:
        first = rules_for_root(*patterns)
        steps = work.steps
        assert rules_for_root(*patterns) == first

    assert 0 < steps == work.steps < 20_000


def test_pattern_that_cannot_be_read_is_refused_in_each_round() -> None:
    with working(Work()) as work:
        for _ in range(2):
            with pytest.raises(NotUnderstood):
                parse_event_pattern('{"source": [{"is": "aws.iam"}]}')
            steps = work.steps

    assert 0 < steps == work.steps
