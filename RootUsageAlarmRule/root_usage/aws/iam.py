"""The root user's credentials and its deeds, as IAM's and CloudTrail's APIs show them.

https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_getting-report.html
https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountSummary.html
https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from typing import Any

from .arn import Arn, MalformedArn

# No IAM user can have this name: user names hold no angle brackets.
ROOT_ROW = "<root_account>"


class MalformedReport(Exception):
    """The credential report isn't what AWS documents; the text says what and where."""


class MalformedRootEvent(Exception):
    """An event of CloudTrail's event history isn't what AWS documents."""


@dataclass(frozen=True, slots=True)
class UsedAt:
    """When a credential was used last, to about a quarter of an hour."""

    at: datetime


@dataclass(frozen=True, slots=True)
class NoUseKnown:
    """There is no such credential, or it was never used (`N/A`, `no_information`)."""


@dataclass(frozen=True, slots=True)
class NotShown:
    """The report doesn't tell; `reason` says which column is at fault."""

    reason: str


LastUse = UsedAt | NoUseKnown | NotShown


@dataclass(frozen=True, slots=True)
class AccessKey:
    """One of root's two access keys; the report shows an inactive key like one that isn't there."""

    number: int
    is_active: bool | None
    last_use: LastUse
    region: str | None
    service: str | None


@dataclass(frozen=True, slots=True)
class RootCredentials:
    """The credential report's row of the root user; None where the report doesn't tell."""

    arn: Arn
    generated: datetime
    password_enabled: bool | None
    password_last_use: LastUse
    mfa_active: bool | None
    access_keys: tuple[AccessKey, AccessKey]
    certificates_active: tuple[bool | None, bool | None]
    additional_credentials: str  # AWS's words about credentials that have no columns; mostly empty

    @classmethod
    def from_report(cls, content: bytes, generated: datetime) -> RootCredentials:
        """Takes the CSV text as AWS sends it; raises MalformedReport."""
        row = _root_row(content)
        return cls(
            arn=row.arn("arn"),
            generated=generated.astimezone(UTC),
            password_enabled=row.truth("password_enabled"),
            password_last_use=row.last_use("password_last_used"),
            mfa_active=row.truth("mfa_active"),
            access_keys=(_access_key(row, 1), _access_key(row, 2)),
            certificates_active=(row.truth("cert_1_active"), row.truth("cert_2_active")),
            additional_credentials=row.text("additional_credentials_info") or "",
        )


@dataclass(frozen=True, slots=True)
class AccountSummary:
    """What GetAccountSummary says of root's credentials; None where it leaves the member out."""

    access_keys_present: bool | None
    mfa_enabled: bool | None
    password_present: bool | None
    signing_certificates_present: bool | None

    @classmethod
    def from_api(cls, summary_map: Mapping[str, int]) -> AccountSummary:
        def present(member: str) -> bool | None:
            return bool(summary_map[member]) if member in summary_map else None

        return cls(
            access_keys_present=present("AccountAccessKeysPresent"),
            mfa_enabled=present("AccountMFAEnabled"),
            password_present=present("AccountPasswordPresent"),
            signing_certificates_present=present("AccountSigningCertificatesPresent"),
        )


class Way(Enum):
    """What root's request was made with, in words."""

    CONSOLE = "console"
    ACCESS_KEY = "access key"
    ASSUME_ROOT = "AssumeRoot session"
    TEMPORARY = "temporary credentials"  # GetSessionToken, or a session that CloudTrail doesn't mark
    UNKNOWN = "unknown credentials"


@dataclass(frozen=True, slots=True)
class RootEvent:
    """One event of CloudTrail's event history whose identity is the root user."""

    time: datetime
    name: str
    source: str
    region: str
    source_ip_address: str
    way: Way
    is_failed: bool  # refused by AWS, a failed sign-in among them
    is_by_root_itself: bool  # not by an AWS service with root's forwarded session
    event_id: str = ""

    @classmethod
    def from_api(cls, member: Mapping[str, Any]) -> RootEvent | None:
        """None when somebody else's; raises MalformedRootEvent."""
        event_id = str(member.get("EventId", ""))
        record = _record(member, event_id)
        identity = record.get("userIdentity")
        if not isinstance(identity, dict) or identity.get("type") != "Root":
            return None
        return cls(
            time=member["EventTime"].astimezone(UTC),
            name=str(member["EventName"]),
            source=str(member.get("EventSource") or record.get("eventSource", "")),
            region=str(record.get("awsRegion", "")),
            source_ip_address=str(record.get("sourceIPAddress", "")),
            way=_way(record, identity),
            is_failed="errorCode" in record or "errorMessage" in record,
            is_by_root_itself="invokedBy" not in identity and record.get("eventType") != "AwsServiceEvent",
            event_id=event_id,
        )

    @property
    def is_assume_root_session(self) -> bool:
        """Whether CloudTrail marks it as done centrally, by the organization's management.

        https://docs.aws.amazon.com/IAM/latest/UserGuide/cloudtrail-track-privileged-tasks.html
        AWS doesn't say that the mark is always there: a session without it counts as root itself.
        """
        return self.way is Way.ASSUME_ROOT


@dataclass(frozen=True, slots=True)
class RootEvents:
    """Root's events of one region, newest first; not complete when there were more than are read."""

    events: tuple[RootEvent, ...]
    is_complete: bool


def _record(member: Mapping[str, Any], event_id: str) -> dict[str, Any]:
    try:
        record = json.loads(member["CloudTrailEvent"])
    except (KeyError, TypeError, ValueError) as error:
        raise MalformedRootEvent(f"event `{event_id}`: member `CloudTrailEvent` isn't JSON") from error
    if not isinstance(record, dict):
        raise MalformedRootEvent(f"event `{event_id}`: member `CloudTrailEvent` isn't a JSON object")
    return record


def _way(record: Mapping[str, Any], identity: Mapping[str, Any]) -> Way:
    session = identity.get("sessionContext")
    access_key_id = str(identity.get("accessKeyId") or "")
    # `assumedRoot` and `sessionCredentialFromConsole` are texts in AWS's samples, booleans in its tables.
    if isinstance(session, dict) and _is_true(session.get("assumedRoot")):
        return Way.ASSUME_ROOT
    if record.get("eventType") in {"AwsConsoleSignIn", "AwsConsoleAction"}:
        return Way.CONSOLE
    if _is_true(record.get("sessionCredentialFromConsole")):
        return Way.CONSOLE
    if access_key_id.startswith("AKIA"):
        return Way.ACCESS_KEY
    return Way.TEMPORARY if access_key_id.startswith("ASIA") else Way.UNKNOWN


def _is_true(value: object) -> bool:
    return str(value).lower() == "true"


# -- the credential report ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Row:
    """The values of one line of the report, by column; AWS adds columns, so none is sure to be there."""

    line: int
    values: Mapping[str, str]

    def truth(self, column: str) -> bool | None:
        text = self.text(column)
        if text is None:
            return None
        if text.lower() not in {"true", "false"}:
            raise self._malformed(column, "isn't TRUE or FALSE")
        return text.lower() == "true"

    def text(self, column: str) -> str | None:
        """None where the report has no value: `N/A`, `no_information`, `not_supported`, no column."""
        text = self.values.get(column, "").strip()
        return None if text.lower() in {"", "n/a", "no_information", "not_supported"} else text

    def last_use(self, column: str) -> LastUse:
        if column not in self.values:
            return NotShown(f"the credential report has no column {column}")
        text = self.text(column)
        if text is not None:
            return UsedAt(self._time(column, text))
        raw = self.values[column].strip().lower()
        if raw in {"n/a", "no_information"}:
            return NoUseKnown()
        return NotShown(f"{column} is {raw or 'empty'} in the credential report")

    def arn(self, column: str) -> Arn:
        try:
            return Arn.parse(self.values.get(column, ""))
        except MalformedArn as error:
            raise self._malformed(column, "isn't an ARN") from error

    def _time(self, column: str, text: str) -> datetime:
        try:
            time = datetime.fromisoformat(text)
        except ValueError as error:
            raise self._malformed(column, "isn't a time") from error
        if time.tzinfo is None:
            raise self._malformed(column, "is a time without its zone")
        return time.astimezone(UTC)

    def _malformed(self, column: str, what: str) -> MalformedReport:
        value = self.values.get(column, "")
        return MalformedReport(f"line {self.line}, column {column}: `{value}` {what}")


def _access_key(row: _Row, number: int) -> AccessKey:
    return AccessKey(
        number=number,
        is_active=row.truth(f"access_key_{number}_active"),
        last_use=row.last_use(f"access_key_{number}_last_used_date"),
        region=row.text(f"access_key_{number}_last_used_region"),
        service=row.text(f"access_key_{number}_last_used_service"),
    )


def _root_row(content: bytes) -> _Row:
    header, *lines = _lines(content)
    columns = header[1]
    if "user" not in columns:
        raise MalformedReport(f"line {header[0]}: no column user")
    repeated = sorted({each for each in columns if columns.count(each) > 1})
    if repeated:
        raise MalformedReport(f"line {header[0]}: column {repeated[0]} is there twice")
    at = columns.index("user")
    roots = [(number, values) for number, values in lines if values[at : at + 1] == [ROOT_ROW]]
    if len(roots) != 1:
        raise MalformedReport(f"{len(roots) or 'no'} lines for user {ROOT_ROW}")
    ((number, values),) = roots
    if len(values) != len(columns):
        raise MalformedReport(f"line {number}: {len(values)} values for {len(columns)} columns")
    return _Row(number, dict(zip(columns, values, strict=True)))


def _lines(content: bytes) -> list[tuple[int, list[str]]]:
    """Each line's number and values, the header first; empty lines are left out."""
    try:
        reader = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), strict=True)
        lines = [(reader.line_num, values) for values in reader if values]
    except (UnicodeDecodeError, csv.Error) as error:
        raise MalformedReport(f"not CSV text: {error}") from error
    if not lines:
        raise MalformedReport("empty")
    return lines
