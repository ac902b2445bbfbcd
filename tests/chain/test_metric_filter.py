"""The findings on filter patterns have room for what to do, whatever stays undecided."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import pytest
from root_usage.aws.logs import MetricFilter
from root_usage.chain.metric_filter import Candidate, candidates_among, hole
from root_usage.chain.trail import TrailDelivery
from root_usage.coverage import Missed, Recorded, Undecided
from root_usage.coverage.doubt import POINTS
from root_usage.verdict.annotation import annotation_of
from root_usage.verdict.findings import Finding
from root_usage.verdict.outcome import NotTold

from tests.builders import FILTER, LOG_GROUP_ID, OTHER_ACCOUNT, TRAIL, evidence

LONG_NAMED = replace(FILTER, name="n" * 512)
CRITERIA = replace(LONG_NAMED, field_selection_criteria='@aws.region = "eu-west-1"')
SINGLE = tuple(f"depends on {each}; TestMetricFilter can tell" for each in POINTS.values())
PAIRS = tuple(
    f"depends on {one} and {other}; TestMetricFilter can tell"
    for one, other in combinations(POINTS.values(), 2)
)


def candidates(*filters: MetricFilter) -> tuple[Candidate, ...]:
    delivery = TrailDelivery(TRAIL, Recorded(), log_group=LOG_GROUP_ID)
    return tuple(candidates_among(evidence(), filters, delivery))


def elsewhere(finding: Finding) -> str:
    return annotation_of(NotTold((replace(finding, account_id=OTHER_ACCOUNT),)))


@pytest.mark.parametrize("reason", [*SINGLE, *PAIRS, "x" * 500])
def test_undecided_pattern_has_room_for_its_remedy(reason: str) -> None:
    annotation = elsewhere(hole(candidates(LONG_NAMED), Undecided(reason)))

    assert annotation.endswith(". Use the CIS root usage pattern [PATTERN_UNDECIDED]")


@pytest.mark.parametrize("reason", [*SINGLE, *PAIRS, "x" * 500])
def test_undecided_criteria_have_room_for_their_remedy(reason: str) -> None:
    both = candidates(CRITERIA, replace(CRITERIA, name="m" * 512))

    annotation = elsewhere(hole(both, Undecided(reason)))

    assert annotation.endswith(
        ". Use the CIS root usage pattern, without fieldSelectionCriteria [PATTERN_UNDECIDED]"
    )


def test_missed_event_has_room_for_its_remedy() -> None:
    annotation = elsewhere(hole(candidates(LONG_NAMED), Missed({}, "misses root calls with " + "x" * 500)))

    assert annotation.endswith(". Use the CIS root usage pattern [PATTERN_MISSES_ROOT_EVENT]")
