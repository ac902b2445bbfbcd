"""The first evaluation after a deployment: started, waited for, and shown."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from .names import RULE

if TYPE_CHECKING:
    from mypy_boto3_config import ConfigServiceClient

SECONDS_BETWEEN_LOOKS = 5
LOOKS = 36  # three minutes: the function's own limit


def is_recording(config: ConfigServiceClient) -> bool:
    """Whether AWS Config records in this region: without it no rule can be made."""
    statuses = config.describe_configuration_recorder_status()["ConfigurationRecordersStatus"]
    return any(each.get("recording") for each in statuses)


def result_since(
    config: ConfigServiceClient, since: datetime, sleep: Callable[[float], None] = time.sleep
) -> dict[str, Any] | None:
    """The rule's result that AWS Config recorded after that time; None if none came."""
    for _ in range(LOOKS):
        answer = config.get_compliance_details_by_config_rule(ConfigRuleName=RULE)
        for result in answer["EvaluationResults"]:
            if result["ResultRecordedTime"] >= since:
                return dict(result)
        sleep(SECONDS_BETWEEN_LOOKS)
    return None


def console_url(region: str, partition: str) -> str:
    """The rule's page in the AWS Config console."""
    domain = {
        "aws": "console.aws.amazon.com",
        "aws-cn": "console.amazonaws.cn",
        "aws-us-gov": "console.amazonaws-us-gov.com",
    }.get(partition, "console.aws.amazon.com")
    return f"https://{region}.{domain}/config/home?region={region}#/rules/details?configRuleName={RULE}"
