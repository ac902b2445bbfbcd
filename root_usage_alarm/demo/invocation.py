"""Invokes the rule's Lambda handler as AWS Config does, in an account of the embedded AWS."""

from __future__ import annotations

import importlib
import io
import json
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass
from typing import Any

import boto3

from ..deployment.names import RULE, RULE_FOLDER
from ..local_aws import Account, LocalAws
from ..local_aws.sessions import new_session

RULE_NAME = RULE


@dataclass(frozen=True, slots=True)
class Invocation:
    """What the handler reported to AWS Config, and the line that it left in its log."""

    evaluation: dict[str, Any]
    log: dict[str, Any]

    @property
    def codes(self) -> list[str]:
        return [finding["code"] for finding in self.log["findings"]]


def invoke(aws: LocalAws, account: Account, parameters: Mapping[str, str] | None = None) -> Invocation:
    """One scheduled evaluation; the Lambda acts with its own role, in the account itself."""
    event = scheduled_event(account, {"AssumeRoleMode": "False", **(parameters or {})})
    log = io.StringIO()
    with acting_in(aws, account), redirect_stdout(log):
        (evaluation,) = _handler()(event, None)
    return Invocation(evaluation, json.loads(log.getvalue()))


def _handler() -> Any:
    """The function's handler, which in an installed tool is on nobody's path."""
    if str(RULE_FOLDER) not in sys.path:
        sys.path.append(str(RULE_FOLDER))
    return importlib.import_module(RULE).lambda_handler


def scheduled_event(account: Account, parameters: Mapping[str, str]) -> dict[str, Any]:
    """https://docs.aws.amazon.com/config/latest/developerguide/evaluate-config_develop-rules_example-events.html"""
    rule_id = "config-rule-abc123"
    return {
        "version": "1.0",
        "invokingEvent": json.dumps(
            {
                "awsAccountId": account.account_id,
                "notificationCreationTime": "2026-11-20T12:00:00.370Z",
                "messageType": "ScheduledNotification",
                "recordVersion": "1.0",
            }
        ),
        "ruleParameters": json.dumps(parameters),
        "resultToken": "TESTMODE",
        "eventLeftScope": False,
        "executionRoleArn": f"arn:aws:iam::{account.account_id}:role/root-usage-alarm-evaluation",
        "configRuleArn": f"arn:aws:config:{account.region}:{account.account_id}:config-rule/{rule_id}",
        "configRuleName": RULE_NAME,
        "configRuleId": rule_id,
        "accountId": account.account_id,
    }


@contextmanager
def acting_in(aws: LocalAws, account: Account) -> Iterator[None]:
    """The environment of a process of that account, with a default session of its own."""
    before = dict(os.environ)
    os.environ.update(aws.environment(account.account_id, account.region))
    boto3.DEFAULT_SESSION = new_session()
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
        boto3.DEFAULT_SESSION = None
