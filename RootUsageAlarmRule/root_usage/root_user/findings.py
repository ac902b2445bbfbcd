"""The findings about the root user: what each says, and the remedy that it points to.

https://docs.aws.amazon.com/IAM/latest/UserGuide/root-user-best-practices.html
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from ..aws.asking import NotOffered, Unreadable
from ..aws.event_history import RootEvent, RootEvents
from ..verdict.findings import Code, Finding, quote, remedy_of, unreadable
from .last_use import NotVerified, Used


def used_recently(account_id: str, last_use: Used, event: RootEvent | None, days: int) -> Finding:
    return Finding(
        Code.ROOT_USED_RECENTLY,
        account_id,
        f"root was used on {last_use.at:%Y-%m-%d} ({last_use.way}): {_what(last_use, event)}, "
        f"though no use is allowed for {days} days",
        "work through IAM Identity Center or a role; accept this use with a remediation exception",
    )


def _what(last_use: Used, event: RootEvent | None) -> str:
    if event:
        return f"{quote(event.name)} from {quote(event.source_ip_address)}"
    where = " in ".join(each for each in (last_use.service, last_use.region) if each)
    return f"{where or 'sign-in'} from an address that CloudTrail doesn't show"


def use_unverified(account_id: str, last_use: NotVerified) -> Finding:
    return Finding(
        Code.ROOT_USE_UNVERIFIED,
        account_id,
        f"cannot verify when root was last used: {last_use.reason}",
        _remedy_of_use(last_use.code),
    )


def _remedy_of_use(code: str) -> str:
    match code:
        case "":
            return "look at root's row in IAM's credential report, or set OnRecentRootUse to `report`"
        case "ReportInProgress":
            return "evaluate the rule again in a few minutes, when IAM has made the report"
        case "MalformedAnswer":
            return "download the credential report in the IAM console and look at root's row"
        case _:
            return (
                "allow iam:GetCredentialReport and iam:GenerateCredentialReport to the role "
                "that the rule reads with"
            )


def has_access_keys(account_id: str) -> Finding:
    return Finding(
        Code.ROOT_HAS_ACCESS_KEYS,
        account_id,
        f"root of account {account_id} has access keys, so whoever holds one can do anything without MFA",
        "let a role do their work, then delete them with the root-credentials document",
    )


def without_mfa(account_id: str) -> Finding:
    return Finding(
        Code.ROOT_WITHOUT_MFA,
        account_id,
        f"root of account {account_id} has no MFA, so a stolen password is enough to be root",
        "sign in as root, open Security credentials, choose Assign MFA device: no API can do it",
    )


def credentials_unverified(account_id: str, what: str, answer: object) -> Finding:
    """`answer` is what GetAccountSummary gave in place of an answer, or an answer that lacks `what`."""
    match answer:
        case Unreadable(call, code) as refusal:
            reason, remedy = f"{call} answered {code}", remedy_of(refusal)
        case NotOffered(call):
            reason, remedy = f"no {call} here", "ask AWS itself, not an emulator"
        case _:
            reason, remedy = "iam:GetAccountSummary leaves it out", "look at root in IAM's credential report"
    return Finding(
        Code.ROOT_CREDENTIALS_UNVERIFIED,
        account_id,
        f"cannot verify {what} of root of account {account_id}: {reason}",
        remedy,
    )


def went_unheard(alarm_name: str, event: RootEvent, account_id: str | None = None) -> Finding:
    """`account_id` is the alarm's, where that isn't the one whose root was used."""
    where = f" of account {account_id}" if account_id else ""
    return Finding(
        Code.ROOT_USE_WENT_UNHEARD,
        alarm_name,
        f"root was used on {event.time:%Y-%m-%d} ({quote(event.name)}), but alarm {quote(alarm_name)}{where} "
        "has no action recorded for it, so no one was told",
        "find out which link failed; if that is repaired by now, save the alarm anew",
        account_id=account_id,
    )


def hearing_unverified(alarm_name: str, refusal: Unreadable, account_id: str | None = None) -> Finding:
    """Root was used, and AWS doesn't show whether the alarm acted."""
    subject = f"that alarm {quote(alarm_name)} acted when root was used"
    finding = unreadable(Code.ALARMS_UNREADABLE, alarm_name, subject, refusal)
    return replace(finding, account_id=account_id)


def changed_the_chain(account_id: str, changes: Sequence[tuple[RootEvent, str]]) -> Finding:
    """`changes`, oldest first, are root's calls and what each changed, empty where it doesn't say so."""
    event, touched = changes[0]
    what = f" for {quote(touched)}" if touched else ""
    more = f" (and {len(changes) - 1} more)" if changes[1:] else ""
    # CloudTrail's times are whole seconds; the review has to reach behind the last one.
    until = changes[-1][0].time + timedelta(seconds=1)
    return Finding(
        Code.ROOT_CHANGED_THE_CHAIN,
        touched or account_id,
        f"root called {event.name}{what} on {event.time:%Y-%m-%d %H:%M} UTC from "
        f"{quote(event.source_ip_address)}{more}, so its use may have gone unheard",
        f"look into it, then set RootChangesReviewedUntil to {until:%Y-%m-%dT%H:%M:%SZ}",
    )


def changes_unverified(account_id: str, gap: tuple[str, RootEvents | Unreadable]) -> Finding:
    """`gap` is a region, and its event history as far as it was read."""
    region, answer = gap
    subject = "cannot verify that root left alone what tells of its use: "
    if isinstance(answer, Unreadable):
        return Finding(
            Code.ROOT_CHANGES_UNVERIFIED,
            account_id,
            f"{subject}{answer.call} answered {answer.code} in {region}",
            f"allow {answer.call} there to the role that the rule reads with"
            if "Denied" in answer.code
            else "evaluate the rule again",
        )
    return Finding(
        Code.ROOT_CHANGES_UNVERIFIED,
        account_id,
        f"{subject}{region} has more than {len(answer.events)} events of root",
        "look through them there, then set RootChangesReviewedUntil",
    )


def reviewed_in_the_future(until: datetime) -> Finding:
    return Finding(
        Code.INVALID_PARAMETER,
        "RootChangesReviewedUntil",
        f"cannot verify: rule parameter {quote('RootChangesReviewedUntil')} is {until:%Y-%m-%dT%H:%M:%SZ}, "
        "and nobody has reviewed what is yet to come",
        "set it to a time that has passed",
    )
