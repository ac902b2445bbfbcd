"""The page of one account: its chains link by link, what is broken, and what is known of root."""

from __future__ import annotations

from collections.abc import Mapping

from root_usage.examine import Account, Examination
from root_usage.report import to_json
from root_usage.verdict.outcome import NotTold, Told, compliance_type

from ..chain_view import chains_of, title_of
from ..root_user_view import EVENT_HEADINGS, cells_of, lines_of
from .links import labels_behind
from .rendering import render


def check_page(account: Account, examination: Examination, others: Mapping[str, Examination]) -> str:
    """The whole page; `others` are the verdicts by ways that AcceptedWays doesn't accept."""
    root_user = examination.root_user
    return render(
        "check.html.j2",
        account=account,
        examination=examination,
        compliance=compliance_type(examination.verdict),
        document=to_json(account, examination),
        verdict=examination.verdict,
        others={way: each.verdict for way, each in others.items()},
        calls=[each for done in (examination, *others.values()) for each in done.calls],
        root_lines=lines_of(root_user) if root_user else (),
        root_events=[cells_of(each) for each in root_user.recent_events] if root_user else (),
        event_headings=EVENT_HEADINGS,
        title_of=title_of,
        is_told=lambda verdict: isinstance(verdict, Told),
        chains_of=chains_of,
        behind=labels_behind,
        findings_of=lambda verdict: verdict.findings if isinstance(verdict, NotTold) else (),
    )
