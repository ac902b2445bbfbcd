"""Questions to AWS with the answers that were seen: what the live test hands back."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import Enum
from typing import Any


class Outcome(Enum):
    AGREES = "agrees"
    DIFFERS = "differs"
    NO_ANSWER = "no answer"
    NEEDS_A_PERSON = "needs a person"


@dataclass(frozen=True, slots=True)
class Probe:
    """A question, the answers that it may have, and the one that the code assumes.

    `steps` are what a person does where no program can ask. `of_aws_only`: an emulator's answer is either the
    code's own or nobody's.
    """

    name: str
    question: str
    answers: tuple[str, ...]
    assumed: str
    steps: str = ""
    of_aws_only: bool = True


@dataclass(frozen=True, slots=True)
class Row:
    """What was seen; None where there was no answer, and `note` says why."""

    probe: Probe
    seen: str | None
    note: str = ""

    @property
    def outcome(self) -> Outcome:
        if self.seen is None:
            return Outcome.NEEDS_A_PERSON if self.probe.steps else Outcome.NO_ANSWER
        return Outcome.AGREES if self.seen == self.probe.assumed else Outcome.DIFFERS


@dataclass(slots=True)
class Table:
    """All rows of a run; `answered_by` is AWS, or an emulator, whose answers prove nothing about AWS."""

    answered_by: str
    rows: list[Row] = field(default_factory=list)

    @property
    def is_aws(self) -> bool:
        return self.answered_by == "AWS"

    def passed(self) -> bool:
        """Whether every question got AWS's answer, and the assumed one; those for a person aside."""
        asked = [each.outcome for each in self.rows if not each.probe.steps]
        return self.is_aws and bool(asked) and set(asked) == {Outcome.AGREES}

    def summary(self) -> str:
        counts = Counter(each.outcome for each in self.rows)
        said = ", ".join(f"{counts[each]} {each.value}" for each in Outcome if counts[each])
        whose = "" if self.is_aws else f"; answered by {self.answered_by}, so none of it counts as passed"
        return f"{len(self.rows)} questions: {said or 'nothing asked'}{whose}"

    def lines(self) -> Iterable[str]:
        for each in self.rows:
            probe = each.probe
            yield f"{each.outcome.value:<15} {probe.name}: {probe.question}"
            yield f"{'':<15} seen: {each.seen or '-'}; the code assumes: {probe.assumed}"
            for more in filter(None, (each.note, probe.steps)):
                yield f"{'':<15} {more}"
        yield self.summary()

    def to_json(self) -> dict[str, Any]:
        return {
            "answeredBy": self.answered_by,
            "summary": self.summary(),
            "rows": [
                {
                    "name": each.probe.name,
                    "question": each.probe.question,
                    "answers": list(each.probe.answers),
                    "seen": each.seen,
                    "assumed": each.probe.assumed,
                    "outcome": each.outcome.value,
                    "note": each.note or None,
                    "steps": each.probe.steps or None,
                }
                for each in self.rows
            ],
        }

    def as_text(self) -> str:
        return json.dumps(self.to_json(), indent=2) + "\n"
