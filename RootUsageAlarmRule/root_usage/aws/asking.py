"""The evidence that a verdict rests on: questions to AWS, and the answers so far.

What each question is, and how it is asked, is in its service's file.

A decision is a pure function of `Evidence`. Where it needs something that nobody has asked yet, it
says so by raising `Unanswered`; whoever runs it (`examine`) asks AWS those questions side by side
and runs it again on the richer evidence. So the walk reads as straight code, asks only what it
needs, asks nothing twice, and a test may hand it a dictionary of answers.

That the decision starts anew with each round is on purpose, and cheap: all rounds of a COMPLIANT account
take about a millisecond beside AWS's answers. Bazel's Skyframe restarts its functions in the same way:
https://bazel.build/reference/skyframe
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any, Generic, TypeVar, cast

from .arn import Place

Answer = TypeVar("Answer")

ASSUME_ROLE = "sts:AssumeRole"
"""The call of an `Unreadable` where the account's role can't be assumed."""

# Comes into a reader as an argument, so that tests wait for nothing.
Sleep = Callable[[float], None]


@dataclass(frozen=True, slots=True)
class Question(Generic[Answer]):
    """Something to ask AWS, at one place; equal questions have one answer within a run."""

    place: Place


@dataclass(frozen=True, slots=True)
class Unreadable:
    """AWS's lasting refusal to answer, or an answer that makes no sense.

    `call` is in IAM's spelling (`sns:GetTopicAttributes`), `code` is AWS's error code.
    """

    call: str
    code: str
    message: str = ""


@dataclass(frozen=True, slots=True)
class NotOffered:
    """The feature isn't there: AWS has no endpoint for it in that region, or an endpoint that isn't one of
    AWS's own doesn't know the call.
    """

    call: str


@dataclass(frozen=True, slots=True)
class Reader:
    """How a kind of question is asked: the service, the IAM actions it takes, the calls."""

    service: str
    actions: tuple[str, ...]
    read: Callable[[Any, Any], Any]
    may_not_be_offered: bool = False  # by an endpoint that isn't one of AWS's own
    is_everywhere: bool = True  # AWS has the service in every region


Readers = Mapping[type[Question[Any]], Reader]


def whole(number: float | None) -> int | None:
    """An integer of AWS's, which may come as 300.0; raises ValueError for any other number."""
    if number is None or number == int(number):
        return None if number is None else int(number)
    raise ValueError(f"{number} isn't a whole number")


def pages(call: Callable[..., Any], token: str, **asked: Any) -> Iterator[Mapping[str, Any]]:
    """Every page of a call that botocore has no paginator for; raises ValueError where they go in circles.

    `token` is the name of what leads to the next page, in the call as in its answer.
    """
    seen = [""]
    while len(set(seen)) == len(seen):
        page = call(**asked, **({token: seen[-1]} if seen[-1] else {}))
        yield page
        if not page.get(token):
            return
        seen.append(page[token])
    raise ValueError("the same page again")


def refused(client: Any, call: str, error: Exception) -> Unreadable:
    """The answer in place of one that no verdict rests on: there even a passing fault is an answer."""
    response = getattr(error, "response", None)
    if response is None:
        return Unreadable(call, type(error).__name__, str(error))
    answer = response.get("Error", {})
    call = f"{client.meta.service_model.service_name}:{getattr(error, 'operation_name', '')}"
    return Unreadable(call, answer.get("Code", "Unknown"), answer.get("Message", ""))


class Unanswered(Exception):
    """The decision needs these questions answered before it can go on."""

    def __init__(self, questions: tuple[Question[Any], ...]) -> None:
        super().__init__(questions)
        self.questions = questions


@dataclass(frozen=True, slots=True)
class Evidence:
    """The account under evaluation, the moment of it, and every answer so far."""

    account_id: str
    region: str
    now: datetime
    answers: Mapping[Question[Any], Any] = field(default_factory=dict)
    # The accounts in which no role could be assumed: once for each round of answers, as it is asked for
    # again and again.
    closed_accounts: frozenset[str] = field(init=False, compare=False)

    def __post_init__(self) -> None:
        closed = frozenset(
            question.place.account_id
            for question, answer in self.answers.items()
            if isinstance(answer, Unreadable) and answer.call == ASSUME_ROLE
        )
        object.__setattr__(self, "closed_accounts", closed)

    def need(self, *questions: Question[Any]) -> None:
        """Raises Unanswered with those of `questions` that are open; asks them side by side."""
        open_questions = tuple(each for each in dict.fromkeys(questions) if each not in self.answers)
        if open_questions:
            raise Unanswered(open_questions)

    def answer(self, question: Question[Answer]) -> Answer | Unreadable:
        """AWS's answer; raises Unanswered while there is none."""
        self.need(question)
        return cast("Answer | Unreadable", self.answers[question])

    def with_answers(self, answers: Mapping[Question[Any], Any]) -> Evidence:
        return Evidence(self.account_id, self.region, self.now, MappingProxyType({**self.answers, **answers}))

    def __iter__(self) -> Iterator[tuple[Question[Any], Any]]:
        return iter(self.answers.items())
