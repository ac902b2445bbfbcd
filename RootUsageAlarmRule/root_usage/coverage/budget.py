"""The caps on a decision's work: reaching one is Undecided, never a guess."""

from __future__ import annotations

from dataclasses import dataclass

from ..work import spend

MAX_TRANSITIONS = 12_000
"""Steps of string automata in one decision. Patterns that people write need a few hundred at most;
this many take about 40 ms."""

MAX_CHOICES = 12_000
"""Looks at a condition, in the search for an event. A thousand characters of conditions that don't
conspire against the search need less than a tenth of that; this many take about 40 ms."""

MAX_POSITIONS = 6_000
"""Characters of all strings and regexes that are compared with one field; `.{1000}` counts as 1,000."""

MAX_INDEX = 100
"""The largest array index in a selector: an example event has to hold that many elements."""

MAX_STEPS = 32
"""Steps of one selector: each is a field of its own to the search. CloudTrail's deepest fields have five."""

MAX_EVALUATIONS = 1_500
"""Conditions evaluated on a value under one reading of what AWS leaves open. Patterns that people write
need less than a hundred; this many take about 30 ms."""

MAX_CHILDREN = 50
"""Fields that a wildcard selector is taken apart into; a root event has about 25 members at its top."""


MAX_STEPS_OF_PROOF = 150_000
"""Steps of work on one question about coverage, in all its searches; what the caps above leave, mostly."""

MAX_STEPS_OF_NOISE = 200_000
"""Steps of work on the everyday events that one watch catches: about half a second. Patterns that people
write need less than a twentieth."""

STEPS_OF_AN_EVALUATION = 6
"""An evaluated condition takes as long as so many steps of an automaton."""


class CapReached(Exception):
    """The decision would take more work than a cap allows; says which."""


@dataclass(slots=True)
class Budget:
    """What one decision may still spend."""

    transitions: int = MAX_TRANSITIONS
    choices: int = MAX_CHOICES
    evaluations: int = MAX_EVALUATIONS

    def spend_transition(self) -> None:
        spend()
        self.transitions -= 1
        if self.transitions < 0:
            raise CapReached(f"its strings and regexes need more than {MAX_TRANSITIONS:,} automaton steps")

    def spend_choice(self) -> None:
        spend()
        self.choices -= 1
        if self.choices < 0:
            raise CapReached(f"its conditions combine in more than {MAX_CHOICES:,} ways")

    def spend_evaluations(self, count: int) -> None:
        spend(STEPS_OF_AN_EVALUATION * count)
        self.evaluations -= count
        if self.evaluations < 0:
            raise CapReached(f"it takes more than {MAX_EVALUATIONS:,} evaluations under AWS's open points")
