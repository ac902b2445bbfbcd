"""Findings that somebody has accepted, for a reason and until a day: shown as such, never as COMPLIANT."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date

import click
from root_usage.verdict.findings import Code

ACCEPTED = "root_usage_alarm.accepted"
"""In a context's `meta`: what the configuration file accepts today."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """One finding in one account; `expires` is the last day on which it is accepted, in UTC."""

    account_id: str
    code: Code
    reason: str
    expires: date

    def __str__(self) -> str:
        return f"accepted until {self.expires}: {self.reason}"


def accepted_in(context: click.Context) -> tuple[Accepted, ...]:
    found: tuple[Accepted, ...] = context.meta.get(ACCEPTED, ())
    return found


def of_account(accepted: Iterable[Accepted], account_id: str) -> dict[Code, Accepted]:
    return {each.code: each for each in accepted if each.account_id == account_id}


def first_not_accepted(codes: Iterable[Code], accepted: Collection[Code]) -> Code | None:
    """The finding that counts; None where all of them are accepted."""
    return next((each for each in codes if each not in accepted), None)
