"""The root user's credentials, as IAM's API shows them; its deeds are in `event_history`.

https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_getting-report.html
https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountSummary.html
"""

from __future__ import annotations

import csv
import io
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from .arn import Arn, MalformedArn
from .asking import NotOffered, Question, Reader, Readers, Sleep, Unreadable, refused

if TYPE_CHECKING:
    from mypy_boto3_iam import IAMClient

# No IAM user can have this name: user names hold no angle brackets.
ROOT_ROW = "<root_account>"


class MalformedReport(Exception):
    """The credential report isn't what AWS documents; the text says what and where."""


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
    def from_api(cls, summary_map: Mapping[Any, int]) -> AccountSummary:
        def present(member: str) -> bool | None:
            return bool(summary_map[member]) if member in summary_map else None

        return cls(
            access_keys_present=present("AccountAccessKeysPresent"),
            mfa_enabled=present("AccountMFAEnabled"),
            password_present=present("AccountPasswordPresent"),
            signing_certificates_present=present("AccountSigningCertificatesPresent"),
        )


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


# -- what is asked, and how ----------------------------------------------------------------------------

GET_REPORT = "iam:GetCredentialReport"

# IAM hands out the same report for four hours:
# https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_getting-report.html
REUSED_FOR = timedelta(hours=4)

# Seconds to wait for a new report, try by try: 20 in all, a third of what RDK gives the Lambda.
PAUSES = (1, 1, 2, 3, 5, 8)


@dataclass(frozen=True, slots=True)
class CredentialReport(Question[RootCredentials | NotOffered]):
    """The root user's row of a credential report that is less than four hours old at `as_of`."""

    as_of: datetime
    is_required: bool = True


@dataclass(frozen=True, slots=True)
class AccountSummaryOf(Question[AccountSummary | NotOffered]):
    is_required: bool = True


@dataclass(frozen=True, slots=True)
class _NotReady:
    """IAM has no report to show: ReportNotPresent, ReportExpired or ReportInProgress."""

    code: str


def read_credential_report(
    client: IAMClient, question: CredentialReport, sleep: Sleep = time.sleep
) -> RootCredentials | Unreadable:
    """Root's row; has a report generated where there is none that is young enough."""
    try:
        return _young_report(client, question.as_of, sleep)
    except MalformedReport as error:
        return Unreadable(GET_REPORT, "MalformedAnswer", str(error))
    except BotoCoreError as error:
        if question.is_required:
            raise
        return refused(client, GET_REPORT, error)


def read_account_summary(client: IAMClient, question: AccountSummaryOf) -> AccountSummary | Unreadable:
    try:
        return AccountSummary.from_api(client.get_account_summary()["SummaryMap"])
    except (ClientError, BotoCoreError) as error:
        if question.is_required:
            raise
        return refused(client, "iam:GetAccountSummary", error)


def _young_report(client: IAMClient, as_of: datetime, sleep: Sleep) -> RootCredentials | Unreadable:
    found = _report(client)
    if isinstance(found, RootCredentials) and as_of - found.generated < REUSED_FOR:
        return found
    is_complete = False
    if not (isinstance(found, _NotReady) and found.code == "ReportInProgress"):
        is_complete = client.generate_credential_report()["State"] == "COMPLETE"
    for pause in PAUSES:
        if not is_complete:
            sleep(pause)
        found = _report(client)
        # What IAM calls complete is taken, however old by this clock: IAM makes no younger one.
        if isinstance(found, RootCredentials) and (is_complete or as_of - found.generated < REUSED_FOR):
            return found
        is_complete = False
    return Unreadable(GET_REPORT, "ReportInProgress", f"not ready after {sum(PAUSES)} s")


def _report(client: IAMClient) -> RootCredentials | _NotReady:
    try:
        answer = client.get_credential_report()
    except ClientError as error:
        code = error.response["Error"]["Code"]
        if code in {"ReportNotPresent", "ReportExpired", "ReportInProgress"}:
            return _NotReady(code)
        raise
    return RootCredentials.from_report(answer["Content"], answer["GeneratedTime"].astimezone(UTC))


READERS: Readers = {
    CredentialReport: Reader(
        "iam",
        ("iam:GetCredentialReport", "iam:GenerateCredentialReport"),
        read_credential_report,
        may_not_be_offered=True,
    ),
    AccountSummaryOf: Reader(
        "iam", ("iam:GetAccountSummary",), read_account_summary, may_not_be_offered=True
    ),
}
