"""The local AWS as a server: for any client, in any process, quiet, and empty when asked."""

from __future__ import annotations

import os
import subprocess
import sys

import boto3
import pytest

from root_usage_alarm.local_aws import Account, LocalAws
from root_usage_alarm.local_aws.accounts import build_working_chain

MEMBER = "444455556666"
LIST_TRAILS = (
    "import boto3; print([t['Name'] for t in boto3.client('cloudtrail').describe_trails()['trailList']])"
)


def test_process_with_its_environment_sees_its_account(
    aws: LocalAws, capfd: pytest.CaptureFixture[str]
) -> None:
    build_working_chain(Account(MEMBER, endpoint_url=aws.endpoint_url))

    client = subprocess.run(  # noqa: S603 our own interpreter
        [sys.executable, "-c", LIST_TRAILS],
        env=os.environ | aws.environment(MEMBER),
        capture_output=True,
        text=True,
        check=True,
    )

    assert client.stdout == "['account-trail']\n"
    assert capfd.readouterr() == ("", "")


def test_nobody_but_this_machine_reaches_it(aws: LocalAws) -> None:
    assert aws.endpoint_url.startswith("http://127.0.0.1:")


def test_reset_empties_every_account(aws: LocalAws) -> None:
    account = Account(MEMBER, endpoint_url=aws.endpoint_url)
    chain = build_working_chain(account)

    aws.reset()

    assert account.client("cloudtrail").describe_trails()["trailList"] == []
    assert account.client("cloudwatch").describe_alarm_history()["AlarmHistoryItems"] == []
    assert account.client("cloudwatch").describe_alarms(AlarmNames=[chain.alarm_name])["MetricAlarms"] == []


def test_role_of_another_account_leads_into_that_account(aws: LocalAws) -> None:
    account = Account(endpoint_url=aws.endpoint_url)

    assumed = account.client("sts").assume_role(
        RoleArn=f"arn:aws:iam::{MEMBER}:role/reader", RoleSessionName="reader"
    )

    credentials = assumed["Credentials"]
    session = boto3.Session(
        credentials["AccessKeyId"], credentials["SecretAccessKey"], credentials["SessionToken"], "us-east-1"
    )
    sts = session.client("sts", endpoint_url=aws.endpoint_url)
    assert sts.get_caller_identity()["Account"] == MEMBER
