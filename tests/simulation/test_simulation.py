"""Where the rule says COMPLIANT, a person is told after each root event of each simulated life.

The simulator steps through CloudWatch's published rules and shares no decision with the rule. A failure
prints the account's seed: `SEED=<it> pytest tests/simulation` replays it; `ACCOUNTS=<n>` tries more.
"""

from __future__ import annotations

import os
from pprint import pformat

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from root_usage.verdict.outcome import Told

from tests.simulation.accounts import Dice, random_account, verdict_on
from tests.simulation.lives import random_life

_LIVES = 8
_LATE_MINUTES = 1  # the newest minute's data may come after an evaluation


def _seeds() -> range:
    if "SEED" in os.environ:
        return range(int(os.environ["SEED"]), int(os.environ["SEED"]) + 1)
    return range(int(os.environ.get("ACCOUNTS", "300")))


def _check(seed: int, lives: int = _LIVES) -> bool:
    """Whether the rule says COMPLIANT of the seed's account; fails where it's wrong to."""
    random = Dice(seed)
    account = random_account(random)
    verdict = verdict_on(account)
    if not isinstance(verdict, Told):
        return False
    within = max(each.worst_minutes or 0 for each in verdict.chains) + _LATE_MINUTES
    for _ in range(lives):
        life = random_life(account, random)
        if unheard := life.unheard(within):
            pytest.fail(f"SEED={seed}\n{pformat(account)}\nunheard: {unheard}\n{life}\n{verdict}")
    return True


def test_compliant_accounts_tell_a_person() -> None:
    compliant = [seed for seed in _seeds() if _check(seed)]

    assert compliant or "SEED" in os.environ


@settings(phases=[Phase.explicit, Phase.generate])  # a seed doesn't shrink
@given(st.integers(1_000_000, 2**40))
def test_fresh_compliant_accounts_tell_a_person(seed: int) -> None:
    _check(seed)
