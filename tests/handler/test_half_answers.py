"""Answers that aren't AWS's, or not whole: they are never read as "there is none".

botocore reads a JSON body that is cut, empty or a proxy's page as `{}`. Each one here leaves an account
COMPLIANT, or makes it so, where it is believed; so it fails the Lambda, which AWS then invokes again.
"""

from __future__ import annotations

import json
from typing import Any

import boto3
import pytest
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from root_usage.aws.answers import NotAnAnswer

import RootUsageAlarmRule
from root_usage_alarm.demo.invocation import acting_in, scheduled_event
from root_usage_alarm.local_aws import Account, LocalAws
from root_usage_alarm.local_aws.accounts import build_working_chain

CALLS = [
    "cloudtrail.DescribeTrails",
    "cloudtrail.GetTrailStatus",
    "cloudtrail.GetEventSelectors",
    "logs.DescribeMetricFilters",
    "logs.DescribeAccountPolicies",
    "cloudwatch.DescribeAlarmsForMetric",
    "cloudwatch.ListAlarmMuteRules",
    "observabilityadmin.ListTelemetryPipelines",
]
WHOLE = json.dumps({"trailList": [], "IsLogging": True, "EventSelectors": [], "alarmMuteRuleSummaries": []})
TRANSFORMED: dict[str, Any] = {"metric_filter": {"applyOnTransformedLogs": True}}


def answer(body: str, length: int | None = None) -> AWSResponse:
    headers = {"x-amzn-requestid": "0", **({} if length is None else {"content-length": str(length)})}
    response: Any = AWSResponse("", 200, HTTPHeaders.from_dict(headers), None)
    response._content = body.encode()
    made: AWSResponse = response
    return made


def evaluate(aws: LocalAws, account: Account, call: str, response: AWSResponse) -> list[dict[str, Any]]:
    with acting_in(aws, account):
        session: Any = boto3.DEFAULT_SESSION
        session.events.register(f"before-send.{call}", lambda **_: response)
        event = scheduled_event(account, {"AssumeRoleMode": "False"})
        return RootUsageAlarmRule.lambda_handler(event, None)


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize(
    ("response", "what"),
    [
        pytest.param(answer(""), "an empty body", id="empty"),
        pytest.param(answer(WHOLE[:40]), "a body that isn't JSON", id="cut"),
        pytest.param(answer(WHOLE, len(WHOLE) + 9), f"{len(WHOLE)} bytes of {len(WHOLE) + 9}", id="short"),
        pytest.param(answer("<html>sign in</html>"), "a body that isn't JSON", id="page"),
        pytest.param(answer('{"error": "proxy"}'), "JSON that isn't its answer", id="other-json"),
        pytest.param(answer("[]"), "JSON that isn't its answer", id="list"),
    ],
)
def test_body_that_is_no_answer_fails_the_lambda(
    aws: LocalAws, account: Account, call: str, response: AWSResponse, what: str
) -> None:
    build_working_chain(account, **TRANSFORMED)

    with pytest.raises(NotAnAnswer) as error:
        evaluate(aws, account, call, response)

    assert str(error.value) == f"{call.replace('.', ':')} was answered by {what}"


@pytest.mark.parametrize("body", ["", "<html></html>"])
def test_evaluation_that_config_may_not_have_kept_fails_the_lambda(
    aws: LocalAws, account: Account, body: str
) -> None:
    build_working_chain(account)

    with pytest.raises(NotAnAnswer, match="config:PutEvaluations was answered by"):
        evaluate(aws, account, "config-service.PutEvaluations", answer(body))


@pytest.mark.parametrize(
    ("call", "body"),
    [
        pytest.param("cloudtrail.GetTrailStatus", "{}", id="is-logging"),
        pytest.param("cloudtrail.GetEventSelectors", '{"TrailARN": "a"}', id="event-selectors"),
    ],
)
def test_answer_without_what_aws_always_sends_is_not_believed(
    aws: LocalAws, account: Account, call: str, body: str
) -> None:
    build_working_chain(account)

    (evaluation,) = evaluate(aws, account, call, answer(body))

    assert evaluation["ComplianceType"] == "NON_COMPLIANT"
    assert evaluation["Annotation"] == (
        f"cannot verify trail `account-trail` of account {account.account_id}: {call.replace('.', ':')} "
        "answered MalformedAnswer. Evaluate the rule again; if it stays so, see whether a proxy answers "
        "in AWS's place [TRAIL_UNREADABLE]"
    )
