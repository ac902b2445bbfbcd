"""The work of one evaluation, in steps: it has a cap, and it ends before the function's own time does.

A function that is killed reports nothing, and AWS Config goes on showing its last result: whoever may add a
metric filter or a topic could hold a COMPLIANT in place for ever. So whatever may take long counts its steps
here. The clock only ends it: else the same input takes the same steps and has the same answer.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from enum import Enum, auto
from functools import partial, wraps
from math import inf
from time import monotonic
from typing import Any, ParamSpec, TypeVar

MAX_STEPS = 1_500_000
"""Steps of one evaluation: about five seconds, and less than a minute in a function with 256 MB. Ordinary
accounts take some thousand."""

STEPS_BETWEEN_LOOKS = 1_000  # at the clock

P = ParamSpec("P")
Answer = TypeVar("Answer")


class Limit(Enum):
    STEPS = auto()
    TIME = auto()


class OutOfWork(Exception):
    """The evaluation has to end before it has an answer."""

    def __init__(self, limit: Limit, work: Work) -> None:
        super().__init__(limit)
        self.limit = limit
        self._work = work

    @property
    def subject(self) -> str:
        """What took most of the evaluation; empty where nothing took any."""
        return self._work.most_costly(self.limit)

    @property
    def most_steps(self) -> int:
        return self._work.most


class _TooMuch(Exception):
    """A judgement takes more steps than it may."""


@dataclass(slots=True)
class Work:
    """What an evaluation has spent, and the judgements that it has made of it.

    It is over at `end` by its clock, in seconds, and after `most` steps.
    """

    end: float = inf
    clock: Callable[[], float] = monotonic
    most: int = MAX_STEPS
    steps: int = 0
    answers: dict[Hashable, Any] = field(default_factory=dict)
    _steps_of: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    _seconds_of: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    _until: float = inf  # where the judgement in hand ends, in steps

    def spend(self, steps: int) -> None:
        before, self.steps = self.steps, self.steps + steps
        if self.steps > self.most:
            raise OutOfWork(Limit.STEPS, self)
        if self.steps > self._until:
            raise _TooMuch
        if before // STEPS_BETWEEN_LOOKS != self.steps // STEPS_BETWEEN_LOOKS:
            self.look_at_clock()

    def look_at_clock(self) -> None:
        if self.clock() > self.end:
            raise OutOfWork(Limit.TIME, self)

    @contextmanager
    def on(self, subject: str) -> Iterator[None]:
        """Notes what is spent within as spent on the subject."""
        steps, started = self.steps, self.clock()
        try:
            yield
        finally:
            self._steps_of[subject] += self.steps - steps
            self._seconds_of[subject] += self.clock() - started

    @contextmanager
    def at_most(self, steps: int) -> Iterator[None]:
        until, self._until = self._until, self.steps + steps
        try:
            yield
        finally:
            self._until = until

    def most_costly(self, limit: Limit) -> str:
        costs = self._seconds_of if limit is Limit.TIME else self._steps_of
        return max(costs, key=costs.__getitem__, default="")


_WORK: ContextVar[Work | None] = ContextVar("work", default=None)


@contextmanager
def working(work: Work) -> Iterator[Work]:
    """All that is judged within belongs to this evaluation."""
    token = _WORK.set(work)
    try:
        yield work
    finally:
        _WORK.reset(token)


def spend(steps: int = 1) -> None:
    """Counts steps, of about three microseconds each. Raises OutOfWork where the evaluation has to end."""
    work = _WORK.get()
    if work is not None:
        work.spend(steps)


def once(
    question: Hashable,
    subject: str,
    most: int,
    judge: Callable[[], Answer],
    in_doubt: Callable[[str], Answer],
) -> Answer:
    """The judge's answer, given once in an evaluation, however often the walk comes back to the question.

    `subject` names what it judges, and `in_doubt` is the answer, with the reason, where it would take more
    than `most` steps.
    """
    work = _WORK.get() or Work()
    if question not in work.answers:
        with working(work), work.on(subject), work.at_most(most):
            try:
                work.answers[question] = judge()
            except _TooMuch:
                work.answers[question] = in_doubt(f"it takes more than {most:,} steps of work")
    answer: Answer = work.answers[question]
    return answer


def judged(
    subject: Callable[..., str], most: int, in_doubt: Callable[[str], Any]
) -> Callable[[Callable[P, Answer]], Callable[P, Answer]]:
    """Marks a judge that answers each question `once`; the arguments make the question."""

    def decorate(judge: Callable[P, Answer]) -> Callable[P, Answer]:
        @wraps(judge)
        def judging(*args: P.args, **kwargs: P.kwargs) -> Answer:
            question = judge, args, tuple(kwargs.items())
            asked = partial(judge, *args, **kwargs)
            answer: Answer = once(question, subject(*args), most, asked, in_doubt)
            return answer

        return judging

    return decorate
