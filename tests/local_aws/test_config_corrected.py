"""AWS Config in the local AWS keeps evaluations and shows them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError

from root_usage_alarm.local_aws import Account, hooks
from root_usage_alarm.local_aws.corrections.config import result_token_of

OWNER = "111122223333"
LONG_AGO = datetime(2026, 1, 2, 3, 4, tzinfo=UTC)


def put_rule(account: Account) -> None:
    account.client("config").put_config_rule(
        ConfigRule={
            "ConfigRuleName": "root-usage",
            "Source": {
                "Owner": "CUSTOM_LAMBDA",
                "SourceIdentifier": account.arn("lambda", "function:root-usage"),
                "SourceDetails": [{"EventSource": "aws.config", "MessageType": "ScheduledNotification"}],
            },
        }
    )


def put_evaluation(account: Account, **members: Any) -> None:
    evaluation = {
        "ComplianceResourceType": "AWS::::Account",
        "ComplianceResourceId": OWNER,
        "ComplianceType": "NON_COMPLIANT",
        "OrderingTimestamp": LONG_AGO,
    }
    account.client("config").put_evaluations(
        Evaluations=[evaluation | members], ResultToken=result_token_of("root-usage")
    )


def test_latest_evaluation_is_shown(account: Account) -> None:
    put_rule(account)
    put_evaluation(account, Annotation="no trail")
    put_evaluation(account, ComplianceType="COMPLIANT", Annotation="all is well")

    (result,) = account.client("config").get_compliance_details_by_config_rule(ConfigRuleName="root-usage")[
        "EvaluationResults"
    ]

    assert result["EvaluationResultIdentifier"]["EvaluationResultQualifier"]["ResourceId"] == OWNER
    assert (result["ComplianceType"], result["Annotation"]) == ("COMPLIANT", "all is well")


@pytest.mark.parametrize(
    "members",
    [
        pytest.param({"ComplianceType": "INSUFFICIENT_DATA"}, id="insufficient-data"),
        pytest.param({"Annotation": "a" * 257}, id="annotation-too-long"),
    ],
)
def test_evaluation_that_aws_rejects_is_rejected(account: Account, members: dict[str, str]) -> None:
    with pytest.raises(ClientError, match=r"\(InvalidParameterValueException\)"):
        put_evaluation(account, **members)


def test_started_evaluation_is_noted(account: Account) -> None:
    put_rule(account)

    account.client("config").start_config_rules_evaluation(ConfigRuleNames=["root-usage"])

    assert hooks.started_evaluations(OWNER, "us-east-1") == ("root-usage",)


def test_evaluation_of_an_unknown_rule_is_not_started(account: Account) -> None:
    with pytest.raises(ClientError, match=r"\(NoSuchConfigRuleException\)"):
        account.client("config").start_config_rules_evaluation(ConfigRuleNames=["root-usage"])
