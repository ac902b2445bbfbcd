"""A root user as evidence; tests change one thing in it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from root_usage.aws.arn import Arn, Place
from root_usage.aws.asking import Evidence, Question
from root_usage.aws.event_history import RootEvent, RootEventsSince, Way
from root_usage.aws.iam import (
    AccessKey,
    AccountSummary,
    AccountSummaryOf,
    CredentialReport,
    NoUseKnown,
    RootCredentials,
)

ACCOUNT = "111122223333"
REGION = "eu-west-1"
NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
PLACE = Place(ACCOUNT, REGION)
VIRGINIA = Place(ACCOUNT, "us-east-1")
SIGN_IN_AT = datetime(2026, 11, 20, 7, 1, tzinfo=UTC)

REPORT = CredentialReport(PLACE, NOW, is_required=False)
REQUIRED_REPORT = CredentialReport(PLACE, NOW, is_required=True)
SUMMARY = AccountSummaryOf(PLACE, is_required=False)
REQUIRED_SUMMARY = AccountSummaryOf(PLACE, is_required=True)
EVENTS_IN_VIRGINIA = RootEventsSince(VIRGINIA, NOW - timedelta(days=90))
OHIO = Place(ACCOUNT, "us-east-2")
OREGON = Place(ACCOUNT, "us-west-2")
EVENTS_IN_OHIO = RootEventsSince(OHIO, NOW - timedelta(days=90))
EVENTS_IN_OREGON = RootEventsSince(OREGON, NOW - timedelta(days=90))
EVENTS_AT_HOME = RootEventsSince(PLACE, NOW - timedelta(days=90))

NO_KEYS = (
    AccessKey(1, is_active=False, last_use=NoUseKnown(), region=None, service=None),
    AccessKey(2, is_active=False, last_use=NoUseKnown(), region=None, service=None),
)
UNUSED = RootCredentials(
    arn=Arn("aws", "iam", "", ACCOUNT, "root"),
    generated=NOW - timedelta(hours=1),
    password_enabled=True,
    password_last_use=NoUseKnown(),
    mfa_active=True,
    access_keys=NO_KEYS,
    certificates_active=(False, False),
    additional_credentials="",
)
SAFE = AccountSummary(
    access_keys_present=False, mfa_enabled=True, password_present=True, signing_certificates_present=False
)
BARE = AccountSummary(
    access_keys_present=False, mfa_enabled=False, password_present=False, signing_certificates_present=False
)
SIGN_IN = RootEvent(
    time=SIGN_IN_AT,
    name="ConsoleLogin",
    source="signin.amazonaws.com",
    region="us-east-1",
    source_ip_address="198.51.100.7",
    way=Way.CONSOLE,
    is_failed=False,
    is_by_root_itself=True,
    event_id="1",
)


def evidence(answers: Mapping[Question[Any], Any] | None = None) -> Evidence:
    return Evidence(ACCOUNT, REGION, NOW, answers or {})
