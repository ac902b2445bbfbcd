"""Follows alarms in batches, and regions at once, so that AWS is asked in few rounds."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

from ..aws.asking import Question, Unanswered
from ..verdict.outcome import Chain

_Alarm = TypeVar("_Alarm")
_Item = TypeVar("_Item")
_Judgement = TypeVar("_Judgement")


def side_by_side(alarms: Sequence[_Alarm], follow: Callable[[_Alarm], Chain]) -> Iterator[Chain]:
    """Each alarm's chain, until one is whole; what those of a batch need next is asked in one round.

    The walk starts anew with every round, so a round for each alarm would make its work quadratic. The
    first alarm goes by itself, as it mostly is enough; then each batch is twice as large as the last.
    """
    start, size = 0, 1
    while start < len(alarms):
        chains, needed = _chains_of(alarms[start : start + size], follow)
        if needed:
            raise Unanswered(needed)
        yield from chains
        start, size = start + size, 2 * size


def all_at_once(items: Sequence[_Item], judge: Callable[[_Item], _Judgement]) -> list[_Judgement]:
    """The judgement on each; what they need next is asked in one round."""
    judgements: list[_Judgement] = []
    needed: list[Question[Any]] = []
    for each in items:
        try:
            judgements.append(judge(each))
        except Unanswered as need:
            needed += need.questions
    if needed:
        raise Unanswered(tuple(dict.fromkeys(needed)))
    return judgements


def _chains_of(
    batch: Sequence[_Alarm], follow: Callable[[_Alarm], Chain]
) -> tuple[list[Chain], tuple[Question[Any], ...]]:
    """The chains up to the first that is whole, and the questions that those before it leave open."""
    chains: list[Chain] = []
    needed: list[Question[Any]] = []
    for each in batch:
        try:
            chains.append(follow(each))
        except Unanswered as need:
            needed += need.questions
        else:
            if chains[-1].broken is None:
                break
    return chains, tuple(dict.fromkeys(needed))
