"""How many simulated accounts ring under all that was tried and are refused all the same, by finding.

`python -m tests.simulation.refused 1000 40` tries so many accounts, and so many lives of each.
"""

from __future__ import annotations

import sys
from collections import Counter

from root_usage.verdict.outcome import NotTold

from tests.simulation.accounts import Dice, random_account, verdict_on
from tests.simulation.lives import random_life
from tests.simulation.metrics import minutes_of_period


def main(accounts: int, lives: int) -> None:
    ringing = 0
    refused: Counter[str] = Counter()
    seeds: dict[str, list[str]] = {}
    for seed in range(accounts):
        random = Dice(seed)
        account = random_account(random)
        within = 60 + max(minutes_of_period(each) for each in account.metric_alarms)
        if any(random_life(account, random).unheard(within) for _ in range(lives)):
            continue
        ringing += 1
        verdict = verdict_on(account)
        if isinstance(verdict, NotTold):
            code = verdict.findings[0].code.name
            refused[code] += 1
            seeds.setdefault(code, []).append(str(seed))
    print(f"{ringing} of {accounts} accounts ring in all of {lives} lives; {refused.total()} are refused")
    for code, count in refused.most_common():
        print(f"{count:5} {code:30} SEED={','.join(seeds[code][:8])}")


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
