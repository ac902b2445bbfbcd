"""The codes that only a rule parameter calls forth."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import partial

import pytest

from root_usage_alarm.demo.invocation import invoke
from root_usage_alarm.local_aws import Account, LocalAws, hooks
from root_usage_alarm.local_aws.accounts import build_working_chain
from tests.handler.evaluation import ACCOUNT_ID, Build, answering, leading

FUNCTION_ARN = f"arn:aws:lambda:eu-west-1:{ACCOUNT_ID}:function:page"
# What AddPermission writes with an EventSourceToken; the local AWS has no functions.
FUNCTION_POLICY = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Sid": "alarms",
            "Effect": "Allow",
            "Principal": {"Service": "lambda.alarms.cloudwatch.amazonaws.com"},
            "Action": "lambda:InvokeFunction",
            "Resource": FUNCTION_ARN,
            "Condition": {"StringEquals": {"lambda:EventSourceToken": "secret"}},
        }
    ],
}


def with_root_access_key(account: Account) -> None:
    build_working_chain(account)
    hooks.give_root(ACCOUNT_ID, access_key=True)


def without_root_mfa(account: Account) -> None:
    build_working_chain(account)
    hooks.give_root(ACCOUNT_ID, mfa=False)


BROKEN = [
    pytest.param(
        build_working_chain,
        {"MinConfirmedSubscribers": "0"},
        "INVALID_PARAMETER",
        "cannot verify: rule parameter `MinConfirmedSubscribers` is `0`, so the rule decides nothing. "
        "Set it to a whole number from 1 to 100",
        id="impossible-value",
    ),
    pytest.param(
        partial(
            build_working_chain,
            alarm={"Period": 3600, "EvaluationWindow": {"WallClockWindow": {"Timezone": "UTC"}}},
        ),
        {"MaxDetectionMinutes": "15"},
        "ALARM_TOO_SLOW",
        "alarm `RootAccountUsageCountAlarm` may ring 61 minutes after a root event, "
        "later than MaxDetectionMinutes 15 allows. Use a sliding window, or raise MaxDetectionMinutes",
        id="wall-clock-hour",
    ),
    pytest.param(
        build_working_chain,
        {"SnsTopicArn": f"arn:aws:sns:eu-west-1:{ACCOUNT_ID}:on-call"},
        "REQUIRED_TOPIC_NOT_NOTIFIED",
        "alarm `RootAccountUsageCountAlarm` doesn't notify topic "
        "`arn:aws:sns:eu-west-1:111122223333:on-call`, which parameter SnsTopicArn requires, "
        "so the right people are not told. Add the topic to its AlarmActions",
        id="another-topic-than-required",
    ),
    pytest.param(
        partial(build_working_chain, alarm={"AlarmActions": [FUNCTION_ARN]}),
        {"AcceptedActions": "sns,lambda"},
        "ACTION_UNDECIDED",
        "can't decide whether alarms may invoke function "
        "`arn:aws:lambda:..3:function:page`: "
        "statement `alarms`: condition StringEquals lambda:EventSourceToken. "
        "Allow lambda:InvokeFunction to lambda.alarms.cloudwatch.amazonaws.com (AddPermission)",
        id="function-with-an-odd-condition",
    ),
    pytest.param(
        partial(
            build_working_chain,
            subscriptions=[("sqs", f"arn:aws:sqs:eu-west-1:{ACCOUNT_ID}:alerts")],
        ),
        {"PersonProtocols": "email,sms"},
        "SUBSCRIPTION_PROTOCOL",
        "topic `security-alerts` has only sqs subscribers, which PersonProtocols doesn't accept, "
        "so no one is told. Subscribe a person by email, or accept sqs in PersonProtocols",
        id="queue-for-a-person",
    ),
    pytest.param(
        build_working_chain,
        {"MinConfirmedSubscribers": "2"},
        "TOO_FEW_SUBSCRIBERS",
        "topic `security-alerts` has 1 of 2 confirmed subscribers that MinConfirmedSubscribers asks for, "
        "so too few are told. Subscribe more people and confirm, or lower MinConfirmedSubscribers",
        id="one-of-two-subscribers",
    ),
    pytest.param(
        with_root_access_key,
        {"RequireNoRootAccessKeys": "true"},
        "ROOT_HAS_ACCESS_KEYS",
        "root of account 111122223333 has access keys, so whoever holds one can do anything without MFA. "
        "Let a role do their work, then delete them with the root-credentials document",
        id="root-access-key",
    ),
    pytest.param(
        without_root_mfa,
        {"RequireRootMfa": "true"},
        "ROOT_WITHOUT_MFA",
        "root of account 111122223333 has no MFA, so a stolen password is enough to be root. "
        "Sign in as root, open Security credentials, choose Assign MFA device: no API can do it",
        id="root-without-mfa",
    ),
]


@pytest.mark.parametrize(("build", "parameters", "code", "annotation"), BROKEN)
def test_3_what_the_parameter_asks_for_is_missing(
    aws: LocalAws,
    account: Account,
    build: Build,
    parameters: Mapping[str, str],
    code: str,
    annotation: str,
) -> None:
    build(account)

    with answering({"lambda:GetPolicy": {"Policy": json.dumps(FUNCTION_POLICY)}}):
        invocation = invoke(aws, account, parameters)

    assert leading(invocation) == ("NON_COMPLIANT", code, f"{annotation} [{code}]")
