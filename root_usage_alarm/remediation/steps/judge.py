"""Step 1: asks the rule, which is the one judge. Changes nothing."""

from __future__ import annotations

from typing import Any

import boto3

from root_usage_alarm.remediation.steps.shared import JSON, CannotRemediate, judgement


def handler(events: JSON, _context: Any) -> JSON:
    """What the Config rule says of the account now, both empty where none is named."""
    region, wanted = events["Region"], events["AccountId"]
    account = boto3.client("sts", region).get_caller_identity()["Account"]
    if account != wanted:
        raise CannotRemediate(f"this is account {account}, not {wanted}: run it there")
    return judgement(region, account, events["ConfigRuleName"], is_first=True)
