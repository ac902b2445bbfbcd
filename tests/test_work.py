"""The counting of work: what ends an evaluation, what ends a judgement, and what is judged once."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field

import pytest
from root_usage.work import Limit, OutOfWork, Work, judged, spend, working


@dataclass(eq=False)
class Made:
    """The jobs that were done, and not only remembered."""

    jobs: list[int] = field(default_factory=list)


@judged(lambda steps, *_: f"a job of {steps}", 50, lambda reason: reason)
def job(steps: int, made: Made) -> str:
    made.jobs.append(steps)
    for _ in range(steps):
        spend()
    return "done"


def test_question_is_judged_once_in_an_evaluation() -> None:
    made = Made()
    work = Work()
    with working(work):
        answers = [job(50, made) for _ in range(3)]

    assert answers == ["done"] * 3
    assert (made.jobs, work.steps) == ([50], 50)


def test_next_evaluation_judges_anew() -> None:
    made = Made()
    spent = []
    for _ in range(2):
        with working(Work()) as work:
            job(7, made)
            spent.append(work.steps)

    assert (made.jobs, spent) == ([7, 7], [7, 7])


def test_judge_that_takes_more_than_its_cap_is_in_doubt_and_is_not_asked_again() -> None:
    made = Made()
    work = Work()
    with working(work):
        answers = [job(1_000, made) for _ in range(2)]

    assert answers == ["it takes more than 50 steps of work"] * 2
    assert (made.jobs, work.steps) == ([1_000], 51)


def test_cap_of_a_judge_holds_without_an_evaluation() -> None:
    assert job(1_000, Made()) == "it takes more than 50 steps of work"


def test_evaluation_ends_at_its_cap_and_names_what_took_most() -> None:
    with working(Work(most=100)):
        for steps in (30, 45, 20):
            job(steps, Made())
        with pytest.raises(OutOfWork) as stop:
            job(10, Made())

    assert (stop.value.limit, stop.value.subject) == (Limit.STEPS, "a job of 45")


def test_evaluation_looks_at_its_clock_now_and_then_and_ends_in_time() -> None:
    ticks = itertools.count()
    work = Work(end=3, clock=lambda: next(ticks))
    with working(work):
        for _ in range(4_999):
            spend()
        with pytest.raises(OutOfWork) as stop:
            spend()

    assert stop.value.limit is Limit.TIME
    assert work.steps == 5_000  # the looks at 1,000 to 4,000 steps see 0 to 3


def test_time_is_of_what_took_most_of_it() -> None:
    seconds = iter([0, 1, 1, 9, 9, 9, 100])
    work = Work(end=50, clock=lambda: next(seconds))
    with working(work):
        with work.on("sns:GetTopicAttributes"):
            pass
        with work.on("iam:GetCredentialReport"):
            pass
        with work.on("a filter"):
            pass
        with pytest.raises(OutOfWork) as stop:
            work.look_at_clock()

    assert (stop.value.limit, stop.value.subject) == (Limit.TIME, "iam:GetCredentialReport")


def test_nothing_is_counted_outside_of_an_evaluation() -> None:
    work = Work()
    with working(work):
        spend(5)
    spend(5)

    assert work.steps == 5
