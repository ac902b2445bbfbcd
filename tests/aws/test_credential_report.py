"""The credential report's root row, in every shape that it comes in."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from root_usage.aws.arn import Arn
from root_usage.aws.iam import (
    AccessKey,
    AccountSummary,
    LastUse,
    MalformedReport,
    NotShown,
    NoUseKnown,
    RootCredentials,
    UsedAt,
)

GENERATED = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)
# Left is the column, right is root's value: a root user with a password, MFA and one access key.
WORKING = {
    "user": "<root_account>",
    "arn": "arn:aws:iam::111122223333:root",
    "user_creation_time": "2020-01-02T03:04:05+00:00",
    "password_enabled": "TRUE",
    "password_last_used": "2026-11-20T07:01:00+00:00",
    "password_last_changed": "2025-01-01T00:00:00+00:00",
    "password_next_rotation": "not_supported",
    "mfa_active": "TRUE",
    "access_key_1_active": "TRUE",
    "access_key_1_last_rotated": "2024-05-06T07:08:09+00:00",
    "access_key_1_last_used_date": "2026-10-01T08:00:00+00:00",
    "access_key_1_last_used_region": "ap-south-1",
    "access_key_1_last_used_service": "ec2",
    "access_key_2_active": "FALSE",
    "access_key_2_last_rotated": "N/A",
    "access_key_2_last_used_date": "N/A",
    "access_key_2_last_used_region": "N/A",
    "access_key_2_last_used_service": "N/A",
    "cert_1_active": "FALSE",
    "cert_1_last_rotated": "N/A",
    "cert_2_active": "FALSE",
    "cert_2_last_rotated": "N/A",
    "additional_credentials_info": "N/A",
}


def csv_of(*rows: dict[str, str]) -> bytes:
    lines = [",".join(rows[0]), *(",".join(row.values()) for row in rows)]
    return "\n".join(lines).encode()


def report(**changes: str) -> RootCredentials:
    return RootCredentials.from_report(csv_of({**WORKING, **changes}), GENERATED)


def without(*columns: str) -> RootCredentials:
    row = {column: value for column, value in WORKING.items() if column not in columns}
    return RootCredentials.from_report(csv_of(row), GENERATED)


def test_whole_row_is_read() -> None:
    assert report() == RootCredentials(
        arn=Arn("aws", "iam", "", "111122223333", "root"),
        generated=GENERATED,
        password_enabled=True,
        password_last_use=UsedAt(datetime(2026, 11, 20, 7, 1, tzinfo=UTC)),
        mfa_active=True,
        access_keys=(
            AccessKey(
                number=1,
                is_active=True,
                last_use=UsedAt(datetime(2026, 10, 1, 8, 0, tzinfo=UTC)),
                region="ap-south-1",
                service="ec2",
            ),
            AccessKey(number=2, is_active=False, last_use=NoUseKnown(), region=None, service=None),
        ),
        certificates_active=(False, False),
        additional_credentials="",
    )


def test_columns_are_found_by_name_in_whatever_order() -> None:
    backwards = dict(reversed(WORKING.items()))

    assert RootCredentials.from_report(csv_of(backwards), GENERATED) == report()


def test_other_users_are_passed_over() -> None:
    other = {**WORKING, "user": "alice", "password_enabled": "perhaps", "arn": "none"}

    assert RootCredentials.from_report(csv_of(other, WORKING), GENERATED) == report()


def test_windows_line_ends_and_byte_order_mark_are_passed_over() -> None:
    content = b"\xef\xbb\xbf" + csv_of(WORKING).replace(b"\n", b"\r\n") + b"\r\n"

    assert RootCredentials.from_report(content, GENERATED) == report()


def test_times_are_kept_in_utc() -> None:
    elsewhere = GENERATED.astimezone(timezone(timedelta(hours=9)))

    credentials = RootCredentials.from_report(csv_of(WORKING), elsewhere)

    assert (credentials.generated, credentials.generated.tzinfo) == (GENERATED, UTC)


@pytest.mark.parametrize(
    ("text", "truth"),
    [
        pytest.param("TRUE", True, id="capitals"),
        pytest.param("true", True, id="small-letters"),
        pytest.param("FALSE", False, id="no-in-capitals"),
        pytest.param("false", False, id="no-in-small-letters"),
        pytest.param("not_supported", None, id="not-supported"),
        pytest.param("N/A", None, id="not-applicable"),
        pytest.param("no_information", None, id="no-information"),
        pytest.param("", None, id="empty"),
    ],
)
def test_truth_value(text: str, truth: bool | None) -> None:
    credentials = report(password_enabled=text, mfa_active=text, access_key_1_active=text, cert_2_active=text)

    seen = (
        credentials.password_enabled,
        credentials.mfa_active,
        credentials.access_keys[0].is_active,
        credentials.certificates_active[1],
    )
    assert seen == (truth, truth, truth, truth)


@pytest.mark.parametrize(
    ("text", "last_use"),
    [
        pytest.param("2026-11-20T07:01:00+00:00", UsedAt(datetime(2026, 11, 20, 7, 1, tzinfo=UTC)), id="utc"),
        pytest.param("2026-11-20T07:01:00Z", UsedAt(datetime(2026, 11, 20, 7, 1, tzinfo=UTC)), id="z"),
        pytest.param(
            "2026-11-20T08:01:00+01:00", UsedAt(datetime(2026, 11, 20, 7, 1, tzinfo=UTC)), id="other-zone"
        ),
        pytest.param("N/A", NoUseKnown(), id="not-applicable"),
        pytest.param("no_information", NoUseKnown(), id="no-information"),
        pytest.param(
            "not_supported",
            NotShown("password_last_used is not_supported in the credential report"),
            id="not-supported",
        ),
        pytest.param("", NotShown("password_last_used is empty in the credential report"), id="empty"),
    ],
)
def test_last_use(text: str, last_use: LastUse) -> None:
    assert report(password_last_used=text).password_last_use == last_use


def test_missing_column_of_a_last_use_is_said() -> None:
    credentials = without("access_key_2_last_used_date")

    assert credentials.access_keys[1].last_use == NotShown(
        "the credential report has no column access_key_2_last_used_date"
    )


def test_older_report_without_the_newer_columns_is_read() -> None:
    credentials = without("additional_credentials_info", "cert_1_active", "cert_2_active", "mfa_active")

    assert (credentials.additional_credentials, credentials.certificates_active, credentials.mfa_active) == (
        "",
        (None, None),
        None,
    )


def test_additional_credentials_are_kept_in_aws_words() -> None:
    assert report(additional_credentials_info="1 more access key").additional_credentials == (
        "1 more access key"
    )


@pytest.mark.parametrize(
    ("content", "message"),
    [
        pytest.param(b"", "empty", id="nothing"),
        pytest.param(b"\n\n", "empty", id="blank-lines"),
        pytest.param(b"\xff\xfe\x00", "not CSV text: 'utf-8' codec can't decode byte", id="not-text"),
        pytest.param(b'user,arn\n"<root_account>,x', "not CSV text: unexpected end of data", id="open-quote"),
        pytest.param(b"name,arn\na,b", "line 1: no column user", id="other-header"),
        pytest.param(b"user,arn,arn\na,b,c", "line 1: column arn is there twice", id="column-twice"),
        pytest.param(b"user,arn\nalice,b", "no lines for user <root_account>", id="no-root"),
        pytest.param(
            b"user,arn\n<root_account>,a\n<root_account>,b",
            "2 lines for user <root_account>",
            id="root-twice",
        ),
        pytest.param(
            b"user,arn,mfa_active\nalice,b,TRUE\n<root_account>,a",
            "line 3: 2 values for 3 columns",
            id="cut-short",
        ),
        pytest.param(
            b"user,arn\n<root_account>,a,b", "line 2: 3 values for 2 columns", id="more-values-than-columns"
        ),
        pytest.param(
            b"user,arn\n<root_account>,root", "line 2, column arn: `root` isn't an ARN", id="no-arn"
        ),
        pytest.param(b"user\n<root_account>", "line 2, column arn: `` isn't an ARN", id="no-column-arn"),
    ],
)
def test_malformed_report_says_what_and_where(content: bytes, message: str) -> None:
    with pytest.raises(MalformedReport) as raised:
        RootCredentials.from_report(content, GENERATED)

    assert str(raised.value).startswith(message)


@pytest.mark.parametrize(
    ("column", "text", "message"),
    [
        pytest.param(
            "mfa_active", "maybe", "line 2, column mfa_active: `maybe` isn't TRUE or FALSE", id="truth"
        ),
        pytest.param(
            "password_last_used",
            "yesterday",
            "line 2, column password_last_used: `yesterday` isn't a time",
            id="time",
        ),
        pytest.param(
            "access_key_1_last_used_date",
            "2026-11-20T07:01:00",
            "line 2, column access_key_1_last_used_date: `2026-11-20T07:01:00` is a time without its zone",
            id="time-without-zone",
        ),
    ],
)
def test_malformed_value_says_what_and_where(column: str, text: str, message: str) -> None:
    with pytest.raises(MalformedReport) as raised:
        report(**{column: text})

    assert str(raised.value) == message


@pytest.mark.parametrize(
    ("summary_map", "summary"),
    [
        pytest.param(
            {
                "Users": 3,
                "AccountAccessKeysPresent": 1,
                "AccountMFAEnabled": 0,
                "AccountPasswordPresent": 1,
                "AccountSigningCertificatesPresent": 0,
            },
            AccountSummary(True, False, True, False),
            id="all-four",
        ),
        pytest.param(
            {"AccountAccessKeysPresent": 0, "AccountMFAEnabled": 1},
            AccountSummary(False, True, None, None),
            id="the-older-two",
        ),
        pytest.param({}, AccountSummary(None, None, None, None), id="none"),
    ],
)
def test_account_summary_is_read(summary_map: dict[str, int], summary: AccountSummary) -> None:
    assert AccountSummary.from_api(summary_map) == summary
