"""What published patterns match of what root does."""

from __future__ import annotations

import pytest
from root_usage.event_pattern import EventPatternSyntaxError, matches, parse_event_pattern

from tests.event_pattern.recipes import INVALID, RECIPES
from tests.event_pattern.root_events import EVENTS


@pytest.mark.parametrize("name", RECIPES)
def test_recipe_matches_what_it_does_by_hand(name: str) -> None:
    text, expected = RECIPES[name]
    pattern = parse_event_pattern(text)

    assert {each for each, event in EVENTS.items() if matches(pattern, event)} == expected


@pytest.mark.parametrize("name", INVALID)
def test_recipe_that_aws_refuses(name: str) -> None:
    with pytest.raises(EventPatternSyntaxError):
        parse_event_pattern(INVALID[name])
