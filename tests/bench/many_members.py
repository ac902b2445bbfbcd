"""How a roll-out behaves whose members' timers fire together: `python -m tests.bench.many_members`.

A simulation in AWS's published limits, of the one thing that all members share: the account that has the
organization trail's log group, metric filters, alarm and topic. Its figures are in docs/scale.md.

Lambda: a throttled event is tried again after 1 second, then 2, 4, ... at most 300, for six hours; one that
the function failed on after 1 minute, then after 2, and then it is lost.
https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
botocore: four tries of a call, with pauses at random of up to 1, 2 and 4 seconds (`aws.clients.patience`).
"""

from __future__ import annotations

import heapq
import sys
from collections import Counter
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from random import Random

from root_usage.aws.clients import TRIES

from root_usage_alarm.deployment.central import CONCURRENCY, SHARED_MINUTES

MEMBERS = (600, 1_200, 10_000)
SPREAD = 60.0  # seconds within which all timers fire
UNBOUNDED = 1_000  # executions at a time: an account's quota
OWN_SECONDS = 3.0  # of a run: its own account's calls, AssumeRole, the decision and the report
ANSWER_SECONDS = 0.1
GIVEN_UP = 6 * 3600.0
RETRIES = (60.0, 120.0)

LIMITS = {
    "cloudtrail": 10.0,
    "logs:DescribeMetricFilters": 5.0,
    "logs:DescribeLogGroups": 10.0,
    "cloudwatch:DescribeAlarmsForMetric": 9.0,
    "cloudwatch:ListAlarmMuteRules": 50.0,
    "sns:GetTopicAttributes": 30.0,
    "sns:ListSubscriptionsByTopic": 30.0,
    "sns:GetSubscriptionAttributes": 30.0,
}
"""Calls a second, hard or by default: the smallest of all regions."""

CALLS = (
    "cloudtrail",
    "cloudtrail",
    "logs:DescribeMetricFilters",
    "logs:DescribeLogGroups",
    "cloudwatch:DescribeAlarmsForMetric",
    "logs:DescribeMetricFilters",
    "cloudwatch:ListAlarmMuteRules",
    "sns:GetTopicAttributes",
    "sns:ListSubscriptionsByTopic",
    "sns:GetSubscriptionAttributes",
)
"""What one run asks there, one after the other; a test holds it against a run of the handler."""


@dataclass(slots=True)
class Bucket:
    """So many calls a second, and as many at once after a quiet second."""

    rate: float
    tokens: float
    filled: float = 0.0

    def takes(self, now: float) -> bool:
        self.tokens = min(self.rate, self.tokens + (now - self.filled) * self.rate)
        self.filled = now
        if self.tokens < 1:
            return False
        self.tokens -= 1
        return True


@dataclass(slots=True)
class Outcome:
    """What became of one day's evaluations of all members."""

    members: int
    fresh_at: list[float] = field(default_factory=list)  # seconds after the first timer
    failed_runs: int = 0
    lost: int = 0
    calls: Counter[int] = field(default_factory=Counter)  # in the shared account, by second

    def fresh_after(self, minutes: float) -> float:
        """The share of the members with a fresh result by then."""
        return sum(each <= minutes * 60 for each in self.fresh_at) / self.members


@dataclass(slots=True)
class Event:
    """AWS Config's, on its way through Lambda's queue."""

    sent: float
    throttled: int = 0
    failures: int = 0


def simulate(members: int, concurrency: int, shared_seconds: float, seed: int = 0) -> Outcome:
    """One day on which all members' timers fire within a minute."""
    return _Day(members, concurrency, shared_seconds, Random(seed)).run()  # noqa: S311


class _Day:
    def __init__(self, members: int, concurrency: int, shared_seconds: float, random: Random) -> None:
        self._random, self._shared_seconds = random, shared_seconds
        self._outcome = Outcome(members)
        self._buckets = {api: Bucket(rate, rate) for api, rate in LIMITS.items()}
        # When each idle environment last asked AWS; the one that was used last is used again.
        self._idle = [-GIVEN_UP] * concurrency
        self._steps: list[tuple[float, int, Iterator[float]]] = []
        self._count = 0
        for _ in range(members):
            sent = random.uniform(0, SPREAD)
            self._start(sent, self._event(sent, Event(sent)))

    def run(self) -> Outcome:
        """Each step says for how long it waits; the next one is taken then."""
        while self._steps:
            self._now, _, steps = heapq.heappop(self._steps)
            wait = next(steps, None)
            if wait is not None:
                self._start(self._now + wait, steps)
        return self._outcome

    def _start(self, at: float, steps: Iterator[float]) -> None:
        self._count += 1
        heapq.heappush(self._steps, (at, self._count, steps))

    def _event(self, sent: float, event: Event) -> Iterator[float]:
        while True:
            if self._now - sent > GIVEN_UP:
                self._outcome.lost += 1
                return
            if not self._idle:
                pause = min(300.0, 2.0**event.throttled)
                event.throttled += 1
                yield self._random.uniform(pause / 2, pause)
                continue
            asked_at = self._idle.pop()
            yield OWN_SECONDS * self._random.uniform(0.8, 1.2)
            succeeded = True
            if self._now - asked_at > self._shared_seconds:
                began = self._now
                succeeded = yield from self._asking()
                asked_at = began if succeeded else asked_at
            self._idle.append(asked_at)
            if succeeded:
                self._outcome.fresh_at.append(self._now)
                return
            self._outcome.failed_runs += 1
            if event.failures == len(RETRIES):
                self._outcome.lost += 1
                return
            yield RETRIES[event.failures]
            event.failures += 1

    def _asking(self) -> Generator[float, None, bool]:
        """Whether AWS answered all."""
        for api in CALLS:
            for attempt in range(TRIES):
                yield ANSWER_SECONDS
                self._outcome.calls[int(self._now)] += 1
                if self._buckets[api].takes(self._now):
                    break
                if attempt == TRIES - 1:
                    return False
                yield self._random.uniform(0, 2**attempt)
        return True


CASES = {
    "unbounded": (UNBOUNDED, 0.0),
    "unbounded, answers shared": (UNBOUNDED, SHARED_MINUTES * 60.0),
    f"{CONCURRENCY} at a time": (CONCURRENCY, 0.0),
    f"{CONCURRENCY} at a time, answers shared": (CONCURRENCY, SHARED_MINUTES * 60.0),
}
MINUTES = (2, 5, 10, 20, 40, 60, 80)


def figures(members: tuple[int, ...]) -> Iterator[str]:
    """Two tables in Markdown, as docs/scale.md has them."""
    outcomes = {(size, how): simulate(size, *case) for size in members for how, case in CASES.items()}
    yield "| members | | calls there | most in a second | runs failed | lost that day | all fresh after |"
    yield "| --- | --- | --- | --- | --- | --- | --- |"
    for (size, how), outcome in outcomes.items():
        calls, most = sum(outcome.calls.values()), max(outcome.calls.values())
        fresh = "never" if outcome.lost else f"{max(outcome.fresh_at) / 60:.0f} min"
        failed, lost = outcome.failed_runs, outcome.lost
        yield f"| {size:,} | {how} | {calls:,} | {most:,} | {failed:,} | {lost:,} | {fresh} |"
    yield ""
    yield f"| {max(members):,} members, fresh after | " + " | ".join(f"{each} min" for each in MINUTES) + " |"
    yield "| --- " * (len(MINUTES) + 1) + "|"
    for how in CASES:
        shares = (f"{outcomes[max(members), how].fresh_after(each):.0%}" for each in MINUTES)
        yield f"| {how} | " + " | ".join(shares) + " |"


if __name__ == "__main__":
    for line in figures(tuple(map(int, sys.argv[1:])) or MEMBERS):
        print(line)
