"""AWS Config in an account of the local AWS: on, invoking functions, and asked for its results."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from typing import Any

import boto3

from root_usage_alarm.deployment import evaluation
from root_usage_alarm.deployment.names import RULE
from root_usage_alarm.local_aws import Account, hooks
from root_usage_alarm.remediation.steps.shared import starts
from tests.emulator import config_service


def turn_config_on(account: Account) -> None:
    """AWS Config records, and invokes functions when it is asked to."""
    config = account.client("config")
    role, bucket = f"arn:aws:iam::{account.account_id}:role/config", f"history-{account.account_id}"
    place = {"LocationConstraint": account.region}
    account.client("s3").create_bucket(Bucket=bucket, CreateBucketConfiguration=place)
    config.put_configuration_recorder(ConfigurationRecorder={"name": "default", "roleARN": role})
    config.put_delivery_channel(DeliveryChannel={"name": "default", "s3BucketName": bucket})
    config.start_configuration_recorder(ConfigurationRecorderName="default")
    evaluate = partial(config_service.evaluate, account, aws_lambda())
    hooks.on_started_evaluation(account.account_id, account.region, evaluate)


def aws_lambda() -> Any:
    return boto3.session.Session().client("lambda")


def evaluated(account: Account) -> dict[str, Any]:
    started = datetime.now(UTC)
    starts(account.client("config"), RULE)
    result = evaluation.result_since(account.client("config"), started)
    assert result is not None
    return result
