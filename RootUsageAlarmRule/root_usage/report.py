"""The whole verdict as JSON, for the Lambda's log and for machines that read `make check`; and its record."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from .aws.logs import LogGroupId
from .aws.recording import Recorder
from .examine import Account, Examination
from .root_user.judging import RootUser
from .root_user.last_use import Used
from .verdict.findings import Finding
from .verdict.outcome import Chain, NotTold, ReportedElsewhere, Station, Told, compliance_type


def to_json(account: Account, examination: Examination) -> dict[str, Any]:
    """`findings` and `chains` in the verdict's order; every member is always there."""
    verdict = examination.verdict
    return {
        "accountId": account.account_id,
        "region": account.region,
        "complianceType": compliance_type(verdict),
        "annotation": examination.annotation,
        "findings": [_finding(account, each) for each in _findings(verdict)],
        "chains": [_chain(account, each) for each in _chains(verdict)],
        "notes": [*(verdict.notes if isinstance(verdict, Told) else ()), *_about(examination)],
        "oldestAnswer": _oldest_answer(examination),
        "rootUser": _root_user(examination.root_user),
        "calls": list(examination.calls),
    }


RECORD = "root-usage-alarm/1"
"""The schema of a record, in the member `record` of its first line."""


def to_record(
    account: Account,
    parameters: Mapping[str, Any],
    now: datetime,
    recorder: Recorder,
    *,
    with_summary: bool = False,
) -> Iterator[str]:
    """The evaluation as JSON Lines, to be decided again: what was evaluated, and when; then each call."""
    head = {
        "record": RECORD,
        "accountId": account.account_id,
        "region": account.region,
        "partition": account.partition,
        "now": now.isoformat(),
        "parameters": dict(parameters),
        "withSummary": with_summary,
        "endpointUrl": recorder.endpoint_url,
    }
    yield json.dumps(head)
    yield from (json.dumps({"call": call}, default=str) for call in recorder.calls)


def _about(examination: Examination) -> tuple[str, ...]:
    return tuple(filter(None, (examination.about_floor, examination.about_age)))


def _oldest_answer(examination: Examination) -> str | None:
    """When it was asked; None where AWS was asked for every answer."""
    oldest = examination.sharing.oldest if examination.sharing else None
    return oldest.isoformat() if oldest else None


def _root_user(root_user: RootUser | None) -> dict[str, Any] | None:
    if root_user is None:
        return None
    used = root_user.last_use if isinstance(root_user.last_use, Used) else None
    return {
        "lastUsed": used.at.isoformat() if used else None,
        "lastUsedWith": str(used.way) if used else None,
        "accessKeys": root_user.access_keys.value,
        "credentials": root_user.credentials.value,
        "hasMfa": root_user.has_mfa,
        "notes": list(root_user.notes),
        "notVerified": list(root_user.unverified),
    }


def _findings(verdict: Told | NotTold | ReportedElsewhere) -> tuple[Finding, ...]:
    return verdict.findings if isinstance(verdict, NotTold) else ()


def _chains(verdict: Told | NotTold | ReportedElsewhere) -> tuple[Chain, ...]:
    return () if isinstance(verdict, ReportedElsewhere) else verdict.chains


def _finding(account: Account, finding: Finding) -> dict[str, Any]:
    return {
        "code": finding.code.name,
        "link": finding.code.link.name,
        "accountId": finding.account_id or account.account_id,
        "region": finding.region,
        "resource": finding.resource,
        "message": finding.message,
        "remedy": finding.remedy,
        "example": finding.example,
        "statement": finding.statement,
    }


def _chain(account: Account, chain: Chain) -> dict[str, Any]:
    return {
        "steps": [
            {
                "link": step.link.name,
                "accountId": step.account_id or account.account_id,
                "region": chain.region_of(step),
                "name": step.name,
                "arn": _arn(account, step),
            }
            for step in chain.steps
        ],
        "broken": chain.broken.code.name if chain.broken else None,
        "worstMinutes": chain.worst_minutes,
        "protocols": list(chain.protocols),
    }


def _arn(account: Account, step: Station) -> str | None:
    """None where AWS has none, as of a metric filter."""
    if isinstance(step.record, LogGroupId):
        place = step.record.place
        return f"arn:{account.partition}:logs:{place.region}:{place.account_id}:log-group:{step.name}"
    return str(step.arn) if step.arn else None
