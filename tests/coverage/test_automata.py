"""Emptiness of intersections of regular languages, with witnesses."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st
from root_usage.coverage.automata import Language, find_string, language_of_pieces, language_of_regex
from root_usage.coverage.budget import MAX_TRANSITIONS, Budget, CapReached
from root_usage.filter_pattern.regex import parse_regex, search
from root_usage.text.pieces import matches_pieces


def like(content: str) -> Language:
    return language_of_pieces(content.split("*"))


def regex(source: str) -> Language:
    return language_of_regex(source)


@pytest.mark.parametrize(
    ("inside", "outside", "shortest"),
    [
        pytest.param([], [], "", id="no-condition-leaves-the-empty-string"),
        pytest.param([like("Root")], [], "Root", id="a-plain-string-is-itself"),
        pytest.param([like("Get*")], [], "Get", id="a-wildcard-may-stand-for-nothing"),
        pytest.param([like("Get*")], [like("Get")], "Geta", id="or-for-something"),
        pytest.param([like("Get*"), like("*Role")], [], "GetRole", id="a-beginning-and-an-end"),
        pytest.param([like("*aba"), like("aba*")], [like("aba")], "ababa", id="which-may-overlap"),
        pytest.param(
            [regex("^[ab]{3,5}$")], [regex("a"), regex("^b{3,4}$")], "bbbbb", id="counted-repetitions"
        ),
        pytest.param([regex("^x?y*z+$")], [], "z", id="optional-parts"),
        pytest.param([regex("^$")], [], "", id="both-ends-at-once"),
        pytest.param([regex("a|b")], [like("*a*")], "b", id="an-alternative"),
        pytest.param([regex(r"[^\x00-\x7F]")], [], "é", id="a-character-outside-ascii"),
        pytest.param([regex(r"^\d\.\D$")], [], "1.a", id="classes"),
        pytest.param([like("a*b*c")], [like("abc")], "aabc", id="a-wildcard-in-the-middle"),
    ],
)
def test_a_shortest_string_is_found(inside: list[Language], outside: list[Language], shortest: str) -> None:
    found = find_string(inside, outside, Budget())

    assert shortest == found


@pytest.mark.parametrize(
    ("inside", "outside"),
    [
        pytest.param([like("Get*")], [like("Get*")], id="a-language-and-its-complement"),
        pytest.param([like("GetRole")], [like("Get*")], id="a-part-of-what-is-left-out"),
        pytest.param([like("a"), like("b")], [], id="two-strings-at-once"),
        pytest.param(
            [regex("^[1-9][0-9]*$")], [like(f"{digit}*") for digit in range(1, 10)], id="all-digits-out"
        ),
        pytest.param([], [regex("."), regex("^$")], id="nothing-and-something"),
        pytest.param([], [like("*")], id="anything"),
        pytest.param([regex("a$b")], [], id="something-after-the-end"),
        pytest.param([regex("a^b")], [], id="something-before-the-start"),
        pytest.param([regex("^a{2}$")], [like("*aa")], id="counted-and-spelled-out"),
        pytest.param([regex("^[ab]*$")], [like("*a*"), like("*b*"), like("")], id="neither-letter-nor-empty"),
    ],
)
def test_an_empty_language_is_known_to_be_empty(inside: list[Language], outside: list[Language]) -> None:
    assert find_string(inside, outside, Budget()) is None


def test_a_language_that_needs_too_many_states_reaches_the_cap() -> None:
    """To forbid an `a` anywhere 19 characters before the end takes half a million states."""
    outside = [regex("a[ab]{18}$"), regex("b[ab]{18}$"), regex("^[ab]{0,18}$")]

    with pytest.raises(CapReached, match="12,000 automaton steps"):
        find_string([regex("^[ab]*$")], outside, Budget())


def test_regexes_that_are_too_long_reach_the_cap_at_once() -> None:
    budget = Budget()

    with pytest.raises(CapReached, match="6,000 characters"):
        find_string([regex("a{1000}" * 7)], [], budget)
    assert budget.transitions == MAX_TRANSITIONS


_ITEMS = st.sampled_from(["a", "b", "c", ".", "[ab]", "[^a]", "a*", "b+", "a?", "b{2}", "a{1,2}", "^", "$"])
_SEQUENCES = st.lists(_ITEMS, min_size=1, max_size=4).map("".join)
_REGEXES = st.lists(_SEQUENCES, min_size=1, max_size=2).map("|".join)
_STRINGS = ["".join(letters) for size in range(5) for letters in itertools.product("abc", repeat=size)]


@given(st.lists(_REGEXES, max_size=2), st.lists(_REGEXES, max_size=2))
def test_the_answer_agrees_with_trying_all_short_strings(inside: list[str], outside: list[str]) -> None:
    wanted, unwanted = [parse_regex(each) for each in inside], [parse_regex(each) for each in outside]

    def is_good(text: str) -> bool:
        return all(search(each, text) for each in wanted) and not any(search(each, text) for each in unwanted)

    shortest = next((text for text in _STRINGS if is_good(text)), None)
    found = find_string([regex("^[abc]*$"), *map(regex, inside)], [regex(each) for each in outside], Budget())

    if found is None:
        assert shortest is None
    else:
        assert is_good(found)
        assert shortest is None or len(found) == len(shortest)


@given(st.lists(st.sampled_from(["a", "b", "ab", ""]), min_size=1, max_size=3), st.sampled_from(_STRINGS))
def test_pieces_are_the_language_that_the_evaluator_matches(pieces: list[str], text: str) -> None:
    is_inside = find_string([like(text), language_of_pieces(pieces)], [], Budget()) is not None

    assert matches_pieces(tuple(pieces), text) == is_inside
