"""The simulation asks what the rule asks, and the docs have its figures."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from root_usage_alarm.demo.invocation import invoke
from root_usage_alarm.local_aws import Account, LocalAws
from tests.bench.many_members import CALLS, LIMITS, MEMBERS, figures, simulate
from tests.handler.organization import ROLE, under_an_organization_trail

DOCS = Path(__file__).parents[2] / "docs" / "scale.md"


def test_simulated_run_makes_the_handlers_calls(aws: LocalAws, account: Account) -> None:
    under_an_organization_trail(account)

    calls = invoke(aws, account, ROLE).log["calls"]

    # The state of its own copy of the trail is asked in the member.
    calls.remove("cloudtrail:GetTrailStatus")
    asked = ["cloudtrail" if each.startswith("cloudtrail:Get") else each for each in calls]
    assert Counter(each for each in asked if each in LIMITS) == Counter(CALLS)


def test_docs_have_the_figures() -> None:
    assert "\n".join(figures(MEMBERS)) in DOCS.read_text(encoding="utf-8")


def test_every_event_ends_fresh_or_lost() -> None:
    for concurrency in (1, 10, 1_000):
        outcome = simulate(600, concurrency, 0.0)

        assert len(outcome.fresh_at) + outcome.lost == 600


def test_queue_that_lasts_longer_than_six_hours_loses_events() -> None:
    """Three seconds a run, one at a time: about 6,000 runs in six hours."""
    outcome = simulate(10_000, 1, 300.0)

    assert 2_500 < outcome.lost < 5_500
    assert max(outcome.fresh_at) < 6.2 * 3600
