"""The work of one evaluation, in steps: it has a cap, and it ends before the function's own time does.

A function that is killed reports nothing, and AWS Config goes on showing its last result: whoever may add a
metric filter or a topic could hold a COMPLIANT in place for ever. So whatever may take long counts its steps
here. Of the clock only the end depends: else the same input takes the same steps and has the same answer.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import partial, wraps
from typing import Any, ParamSpec, TypeVar

MAX_STEPS = 1_500_000
"""Steps of one evaluation: about five seconds, and less than a minute in a function with 256 MB. Ordinary
accounts take some thousand."""

STEPS_BETWEEN_LOOKS = 1_000  # at the clock

P = ParamSpec("P")
Answer = TypeVar("Answer")


class OutOfWork(Exception):
    """The evaluation has to end before it has an answer; says which limit it reached."""


class _TooMuch(Exception):
    """A judgement takes more steps than it may."""


@dataclass(slots=True)
class Work:
    """What an evaluation has spent, and the judgements that it has made of it."""

    is_over: Callable[[], bool] = lambda: False
    most: int = MAX_STEPS
    steps: int = 0
    answers: dict[Hashable, Any] = field(default_factory=dict)
    _costs: dict[str, int] = field(default_factory=dict)
    _until: int = MAX_STEPS  # where the judgement in hand ends

    def spend(self, steps: int) -> None:
        before, self.steps = self.steps, self.steps + steps
        if self.steps > self.most:
            raise OutOfWork(f"{self.most:,} steps of work")
        if self.steps > self._until:
            raise _TooMuch
        if before // STEPS_BETWEEN_LOOKS != self.steps // STEPS_BETWEEN_LOOKS:
            self.look_at_clock()

    def look_at_clock(self) -> None:
        if self.is_over():
            raise OutOfWork("the function's time")

    @contextmanager
    def judging(self, subject: str, most: int) -> Iterator[None]:
        before, until = self.steps, self._until
        self._until = before + most
        try:
            yield
        finally:
            self._until = until
            self._costs[subject] = self._costs.get(subject, 0) + self.steps - before

    @property
    def most_costly(self) -> str:
        """What took the largest part; empty where nothing took any."""
        return max(self._costs, key=self._costs.__getitem__, default="")


_WORK: ContextVar[Work | None] = ContextVar("work", default=None)


@contextmanager
def working(work: Work) -> Iterator[None]:
    """All that is judged within belongs to this evaluation."""
    token = _WORK.set(work)
    try:
        yield
    finally:
        _WORK.reset(token)


def spend(steps: int = 1) -> None:
    """Counts steps, of about three microseconds each. Raises OutOfWork where the evaluation has to end."""
    work = _WORK.get()
    if work is not None:
        work.spend(steps)


def judged(
    subject: Callable[..., str], most: int, in_doubt: Callable[[str], Any]
) -> Callable[[Callable[P, Answer]], Callable[P, Answer]]:
    """Marks a judge: it answers a question once in an evaluation, however often the walk comes back to it.

    `subject` names what it judges, and `in_doubt` is its answer, with the reason, where it would take more
    than `most` steps.
    """

    def decorate(judge: Callable[P, Answer]) -> Callable[P, Answer]:
        @wraps(judge)
        def judging(*args: P.args, **kwargs: P.kwargs) -> Answer:
            work = _WORK.get() or Work()
            question = judge, args, tuple(kwargs.items())
            if question not in work.answers:
                with working(work):
                    work.answers[question] = _answer(work, partial(judge, *args, **kwargs), subject(*args))
            answer: Answer = work.answers[question]
            return answer

        def _answer(work: Work, answer: Callable[[], Answer], name: str) -> Any:
            try:
                with work.judging(name, most):
                    return answer()
            except _TooMuch:
                return in_doubt(f"it takes more than {most:,} steps of work")

        return judging

    return decorate
