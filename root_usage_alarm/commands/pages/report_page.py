"""The page of an organization: totals, what breaks where, what has changed, and every account."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from root_usage.verdict.findings import Code, Link

from ..account_results import NO_RESULT, AccountResult, Totals, totals_of, worst_of
from .links import label_of, strip_of
from .rendering import render, visible
from .trend import Change, Earlier, Trend, trend_of

STALE = "STALE"
# In the order in which somebody has to look into them.
STATES = {
    "NON_COMPLIANT": "nobody is proven to be told",
    STALE: "was COMPLIANT, too long ago to be believed",
    NO_RESULT: "nothing is known",
    "NOT_APPLICABLE": "reported in another region",
    "COMPLIANT": "a person would be told",
}

# `<message>. <Remedy>`; a dot within backticks is the customer's.
_SENTENCES = re.compile(r"((?:`[^`]*`|[^`])*?)\. ([A-Z].*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Broken:
    """How many accounts break at a link first, and by which codes."""

    title: str
    label: str
    accounts: int
    codes: dict[str, int]


def report_page(results: Sequence[AccountResult], earlier: Earlier | None) -> str:
    """The whole page; each account is counted once, by its worst result."""
    worst, totals = worst_of(results), totals_of(results)
    trend = trend_of(worst, earlier) if earlier else None
    links = {each: _broken(totals, each) for each in Link}
    labels = {each.title: label_of(each) for each in Link}
    return render(
        "report.html.j2",
        "selection.js",
        "report.js",
        totals=totals,
        states=_states(worst.values()),
        meanings=STATES,
        links={each.name: broken for each, broken in links.items()},
        labels=labels,
        strips=_strips(),
        unknown=totals.by_link.get("unknown", 0),
        code_meanings={each: Code[each].meaning for each in totals.by_code},
        earlier=earlier,
        trend=trend,
        then=_states(earlier.worst.values()) if earlier else {},
        data={
            "rows": [_row(each, trend, earlier) for each in results],
            "labels": labels,
            "order": {
                "state": list(STATES),
                "link": [*(each.title for each in Link), "unknown"],
                "change": [each.value for each in Change],
            },
        },
    )


def state_of(result: AccountResult) -> str:
    """The compliance type, but a COMPLIANT one that is too old has a word of its own."""
    return STALE if result.is_stale else result.compliance_type


def reason_and_remedy(annotation: str, code: str = "") -> tuple[str, str]:
    """The annotation's two sentences without the code; the second is empty where it has but one."""
    said = "".join(annotation.rsplit(f" [{code}]", 1)) if code else annotation
    found = _SENTENCES.fullmatch(said) if code else None
    return (found[1], found[2]) if found else (said, "")


def _states(worst: Any) -> dict[str, int]:
    found = [state_of(each) for each in worst]
    return {each: found.count(each) for each in STATES if each in found}


def _broken(totals: Totals, link: Link) -> Broken:
    codes = {each: count for each, count in totals.by_code.items() if Code[each].link is link}
    return Broken(link.title, label_of(link), totals.by_link.get(link.title, 0), codes)


def _strips() -> dict[str, Any]:
    return {"": strip_of(None)} | {each.title: strip_of(each) for each in Link}


def _row(result: AccountResult, trend: Trend | None, earlier: Earlier | None) -> dict[str, str]:
    reason, remedy = reason_and_remedy(result.annotation, result.code)
    row = {
        "id": result.account_id,
        "name": result.name,
        "region": result.region,
        "state": state_of(result),
        "link": result.first_broken_link,
        "code": result.code,
        "at": result.recorded_at,
        "reason": result.note or reason,
        "remedy": "" if result.note else remedy,
        "change": "",
        "before": "",
    }
    if trend and earlier and (change := trend.changes.get(result.account_id)):
        then = earlier.worst.get(result.account_id)
        row |= {"change": change.value, "before": _before(then)}
    return {name: visible(value) for name, value in row.items()}


def _before(then: AccountResult | None) -> str:
    if then is None:
        return "not in the earlier report"
    return f"was {then.compliance_type}{f' ({then.code})' if then.code else ''}"
