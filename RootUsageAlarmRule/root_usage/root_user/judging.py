"""Judges the root user itself: when it was last used, and which credentials it still holds.

Whether its next use would be told is the chain's business; this only adds to it. Nothing is asked that
no parameter calls for, and under OnRecentRootUse `report` neither use nor a report that can't be read
is a finding: both are only told.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import assert_never

from ..aws.arn import Place
from ..aws.asking import Evidence, NotOffered, Unreadable
from ..aws.event_history import RootEvent
from ..aws.iam import AccountSummary, AccountSummaryOf, CredentialReport, RootCredentials
from ..parameters import FAIL, Parameters
from ..verdict.findings import Finding
from ..verdict.outcome import NotTold, ReportedElsewhere, Told, Verdict
from .credentials import Held, access_keys_held, credentials_held, mfa_held
from .findings import credentials_unverified, has_access_keys, use_unverified, used_recently, without_mfa
from .last_use import (
    LastRootUse,
    NotLookedFor,
    NotUsed,
    NotVerified,
    Used,
    event_of,
    last_root_use,
    recent_root_events,
    uses_not_shown,
)

Report = RootCredentials | Unreadable | NotOffered | None  # None: not asked for
Summary = AccountSummary | Unreadable | NotOffered | None


@dataclass(frozen=True, slots=True)
class RootUser:
    """Everything that is known of the root user; `sentence` is for the annotation, and may be empty."""

    account_id: str
    last_use: LastRootUse
    recent_events: tuple[RootEvent, ...]  # newest first
    access_keys: Held
    credentials: Held  # password, access keys and certificates together
    has_mfa: bool | None
    notes: tuple[str, ...]
    unverified: tuple[str, ...]
    findings: tuple[Finding, ...]
    sentence: str


def judge_root_user(evidence: Evidence, parameters: Parameters, *, with_summary: bool = False) -> RootUser:
    """What the parameters ask for and no more; `with_summary` is for whoever wants to see all of it."""
    report, summary = _ask(evidence, parameters, with_summary=with_summary)
    seen_report = report if isinstance(report, RootCredentials) else None
    seen_summary = summary if isinstance(summary, AccountSummary) else None
    last_use = _last_use(evidence, parameters, report)
    events, gaps = _events(evidence, parameters, last_use, seen_report)
    held = credentials_held(seen_summary, seen_report)
    has_mfa = mfa_held(seen_summary, seen_report)
    access_keys = access_keys_held(seen_summary, seen_report)
    findings = (
        *_findings_of_use(evidence, parameters, last_use, events),
        *_findings_of_keys(evidence, parameters, access_keys, summary),
        *_findings_of_mfa(evidence, parameters, has_mfa, held, summary),
    )
    return RootUser(
        account_id=evidence.account_id,
        last_use=last_use,
        recent_events=events,
        access_keys=access_keys,
        credentials=held,
        has_mfa=has_mfa,
        notes=tuple(_notes(parameters, held, has_mfa)),
        unverified=(*_unverified(last_use, seen_report, summary), *gaps),
        findings=findings,
        sentence=_sentence(last_use, held),
    )


def with_root_user(verdict: Verdict, *findings: Finding) -> Verdict:
    """The verdict, with findings about the root user behind those of the chain."""
    if not findings:
        return verdict
    match verdict:
        case Told(chains):
            return NotTold(findings, chains)
        case NotTold(of_chain, chains):
            return NotTold((*of_chain, *findings), chains)
        case ReportedElsewhere():
            return verdict
        case other:
            assert_never(other)


# -- what is asked -----------------------------------------------------------------------------------


def _ask(evidence: Evidence, parameters: Parameters, *, with_summary: bool) -> tuple[Report, Summary]:
    """Both answers, asked side by side."""
    place = Place(evidence.account_id, evidence.region)
    is_required = parameters.require_no_root_access_keys or parameters.require_root_mfa
    of_report = CredentialReport(place, evidence.now, is_required=parameters.on_recent_root_use == FAIL)
    of_summary = AccountSummaryOf(place, is_required=is_required)
    asks_report, asks_summary = parameters.root_usage_lookback_days > 0, is_required or with_summary
    evidence.need(*([of_report] if asks_report else []), *([of_summary] if asks_summary else []))
    report: Report = None
    summary: Summary = None
    # In steps, since mypy would take the type of the target for the question's.
    if asks_report:
        answer = evidence.answer(of_report)
        report = _of_account(evidence.account_id, answer)
    if asks_summary:
        answer_of_summary = evidence.answer(of_summary)
        summary = answer_of_summary
    return report, summary


def _of_account(account_id: str, report: Report) -> Report:
    if isinstance(report, RootCredentials) and report.arn.account_id != account_id:
        reason = f"it is the report of account {report.arn.account_id}"
        return Unreadable("iam:GetCredentialReport", "MalformedAnswer", reason)
    return report


def _last_use(evidence: Evidence, parameters: Parameters, report: Report) -> LastRootUse:
    match report:
        case None:
            return NotLookedFor()
        case Unreadable(_, code):
            return NotVerified(_answered(report), code)
        case NotOffered(call):
            return NotVerified(f"no {call} here")
        case RootCredentials():
            return last_root_use(report, evidence.now, parameters.root_usage_lookback_days)
        case other:
            assert_never(other)


def _events(
    evidence: Evidence, parameters: Parameters, last_use: LastRootUse, report: RootCredentials | None
) -> tuple[tuple[RootEvent, ...], tuple[str, ...]]:
    """Those of a use, or of the time in which nobody knows of one."""
    if not isinstance(last_use, Used | NotVerified):
        return (), ()
    return recent_root_events(evidence, report, last_use, parameters.root_usage_lookback_days)


# -- what is concluded -------------------------------------------------------------------------------


def _findings_of_use(
    evidence: Evidence, parameters: Parameters, last_use: LastRootUse, events: tuple[RootEvent, ...]
) -> Iterator[Finding]:
    if parameters.on_recent_root_use != FAIL:
        return
    match last_use:
        case Used():
            days = parameters.root_usage_lookback_days
            yield used_recently(evidence.account_id, last_use, event_of(last_use, events), days)
        case NotVerified():
            yield use_unverified(evidence.account_id, last_use)
        case NotUsed() | NotLookedFor():
            return
        case other:
            assert_never(other)


def _findings_of_keys(
    evidence: Evidence, parameters: Parameters, access_keys: Held, summary: Summary
) -> Iterator[Finding]:
    if not parameters.require_no_root_access_keys:
        return
    match access_keys:
        case Held.SOME:
            yield has_access_keys(evidence.account_id)
        case Held.UNKNOWN | Held.NONE_ACTIVE:
            yield credentials_unverified(evidence.account_id, "the access keys", summary)
        case Held.NONE:
            return
        case other:
            assert_never(other)


def _findings_of_mfa(
    evidence: Evidence, parameters: Parameters, has_mfa: bool | None, held: Held, summary: Summary
) -> Iterator[Finding]:
    if not parameters.require_root_mfa or has_mfa or held is Held.NONE:
        return
    if has_mfa is None:
        yield credentials_unverified(evidence.account_id, "the MFA", summary)
    else:
        yield without_mfa(evidence.account_id)


def _notes(parameters: Parameters, held: Held, has_mfa: bool | None) -> Iterator[str]:
    if held is Held.NONE:
        yield "root has no credentials at all (central root access)"
        if parameters.require_root_mfa and not has_mfa:
            yield "root has no MFA, and nothing that MFA would protect"


def _unverified(last_use: LastRootUse, report: RootCredentials | None, summary: Summary) -> Iterator[str]:
    if isinstance(last_use, NotVerified):
        yield f"root's last use: {last_use.reason}"
    elif report:
        yield from (f"a later use of root: {reason}" for reason in uses_not_shown(report))
    if isinstance(summary, Unreadable):
        yield f"root's access keys and MFA: {_answered(summary)}"
    if isinstance(summary, NotOffered):
        yield f"root's access keys and MFA: no {summary.call} here"


def _answered(refusal: Unreadable) -> str:
    """AWS's own words only where the code says nothing by itself."""
    answered = f"{refusal.call} answered {refusal.code}"
    return f"{answered} ({refusal.message})" if refusal.code == "MalformedAnswer" else answered


def _sentence(last_use: LastRootUse, held: Held) -> str:
    match last_use:
        case Used():
            return f"root last used {last_use.at:%Y-%m-%d} ({last_use.way})"
        case NotVerified():
            return f"root's last use not verified: {last_use.reason}"
        case NotUsed(days):
            return _held_sentence(held) or f"root not used for {days} days"
        case NotLookedFor():
            return _held_sentence(held)
        case other:
            assert_never(other)


def _held_sentence(held: Held) -> str:
    return {Held.NONE: "root has no credentials", Held.NONE_ACTIVE: "root has no active credentials"}.get(
        held, ""
    )
