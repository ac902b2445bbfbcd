"""CloudTrail's records as they arrive at an event bus."""

from __future__ import annotations

import pytest
from root_usage.event_pattern.envelope import delivered

from tests.event_pattern.root_events import EVENTS


@pytest.mark.parametrize("name", EVENTS)
def test_envelope_says_who_was_called_where_and_how(name: str) -> None:
    event = EVENTS[name]
    record = event["detail"]

    # Only the ids are made up independently of each other.
    assert delivered(record) | {"id": event["id"]} == event


def test_record_of_another_kind_is_none_of_the_bus() -> None:
    with pytest.raises(KeyError, match="AwsCloudTrailInsight"):
        delivered(EVENTS["read"]["detail"] | {"eventType": "AwsCloudTrailInsight"})
