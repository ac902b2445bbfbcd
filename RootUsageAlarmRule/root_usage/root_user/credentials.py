"""Which credentials the root user holds, by GetAccountSummary where it was asked, else by the report.

The summary is of the moment and counts inactive keys; the credential report may be four hours old and
shows an inactive key like one that isn't there.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum

from ..aws.iam import AccountSummary, RootCredentials


class Held(Enum):
    """Whether root holds credentials of a kind, in words."""

    SOME = "yes"
    NONE_ACTIVE = "none active"
    NONE = "none"
    UNKNOWN = "not known"


def access_keys_held(summary: AccountSummary | None, report: RootCredentials | None) -> Held:
    if summary and summary.access_keys_present is not None:
        return _held(summary.access_keys_present)
    return _active(key.is_active for key in report.access_keys) if report else Held.UNKNOWN


def credentials_held(summary: AccountSummary | None, report: RootCredentials | None) -> Held:
    """Of password, access keys and certificates together; NONE is what central root access leaves."""
    parts = {access_keys_held(summary, report), _password(summary, report), _certificates(summary, report)}
    if report and report.additional_credentials:
        parts.add(Held.SOME)
    # The strongest statement that is true of all parts.
    return next(each for each in (Held.SOME, Held.UNKNOWN, Held.NONE_ACTIVE, Held.NONE) if each in parts)


def mfa_held(summary: AccountSummary | None, report: RootCredentials | None) -> bool | None:
    """None where neither tells."""
    if summary and summary.mfa_enabled is not None:
        return summary.mfa_enabled
    return report.mfa_active if report else None


def _password(summary: AccountSummary | None, report: RootCredentials | None) -> Held:
    # A password is never inactive, so the report is as good as the summary for it.
    if summary and summary.password_present is not None:
        return _held(summary.password_present)
    return _held(report.password_enabled) if report else Held.UNKNOWN


def _certificates(summary: AccountSummary | None, report: RootCredentials | None) -> Held:
    if summary and summary.signing_certificates_present is not None:
        return _held(summary.signing_certificates_present)
    return _active(report.certificates_active) if report else Held.UNKNOWN


def _held(is_there: bool | None) -> Held:
    if is_there is None:
        return Held.UNKNOWN
    return Held.SOME if is_there else Held.NONE


def _active(states: Iterable[bool | None]) -> Held:
    known = set(states)
    if True in known:
        return Held.SOME
    return Held.UNKNOWN if None in known else Held.NONE_ACTIVE
