"""Values and kinds that came after this version of the rule: they prove nothing."""

from __future__ import annotations

from typing import Any

import boto3
import pytest

import RootUsageAlarmRule
from root_usage_alarm.demo.invocation import acting_in, scheduled_event
from root_usage_alarm.local_aws import Account, LocalAws
from root_usage_alarm.local_aws.accounts import build_working_chain


@pytest.mark.parametrize(
    ("members", "said"),
    [
        pytest.param({}, "", id="as-it-is"),
        pytest.param(
            {"EvaluationWindow": {"SDK_UNKNOWN_MEMBER": {"name": "LunarWindow"}}},
            "EvaluationWindow.SDK_UNKNOWN_MEMBER",
            id="kind-of-window",
        ),
        pytest.param(
            {"EvaluationCriteria": {"PromQLCriteria": {"Query": "up"}}},
            "EvaluationCriteria beside a metric",
            id="criteria-beside-a-metric",
        ),
        pytest.param(
            {"WarmUpConfiguration": {"OnlyStartEvaluatingAfterWarmUpPeriodEnds": True}},
            "a WarmUpConfiguration without its minutes",
            id="warm-up",
        ),
        pytest.param({"StateValue": "PAUSED"}, "StateValue PAUSED", id="state"),
    ],
)
def test_alarm_of_which_something_is_not_known_proves_nothing(
    aws: LocalAws, account: Account, members: dict[str, Any], said: str
) -> None:
    build_working_chain(account)

    def alter(parsed: dict[str, Any], **_: Any) -> None:
        for alarm in parsed.get("MetricAlarms", ()):
            alarm.update(members)

    with acting_in(aws, account):
        session: Any = boto3.DEFAULT_SESSION
        session.events.register("after-call.cloudwatch", alter)
        event = scheduled_event(account, {"AssumeRoleMode": "False"})
        (evaluation,) = RootUsageAlarmRule.lambda_handler(event, None)

    assert evaluation["ComplianceType"] == ("NON_COMPLIANT" if said else "COMPLIANT")
    assert said in evaluation["Annotation"]
