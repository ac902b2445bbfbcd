"""What the rule once got wrong, across its modules.

The expectations are worked out by hand from the facts of AWS that each docstring names.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import boto3
import pytest
from botocore.awsrequest import AWSResponse
from botocore.client import BaseClient
from botocore.compat import HTTPHeaders
from botocore.config import Config
from botocore.exceptions import ClientError
from botocore.stub import Stubber
from root_usage.aws.arn import Arn, Place
from root_usage.aws.asking import Unreadable
from root_usage.aws.cloudtrail import (
    AdvancedEventSelector,
    EventSelectors,
    EventSelectorsOfTrail,
    FieldSelector,
    StatusOfTrail,
    Trail,
    Trails,
)
from root_usage.aws.cloudwatch import AlarmsForMetric, MuteRulesOf
from root_usage.aws.gathering import Gatherer
from root_usage.aws.logs import LogGroupId, LogGroupNamed, MetricFiltersOf
from root_usage.aws.sns import AttributesOfSubscription, SubscriptionsOf, TopicAt
from root_usage.chain.walk import decide
from root_usage.parameters import InvalidParameters, Parameters, parse_parameters
from root_usage.verdict.findings import Code
from root_usage.verdict.outcome import NotTold, Told

import RootUsageAlarmRule
from root_usage_alarm.demo.invocation import acting_in, invoke, scheduled_event
from root_usage_alarm.local_aws import Account, LocalAws
from root_usage_alarm.local_aws.accounts import METRIC_NAME, METRIC_NAMESPACE, UNSET, build_working_chain
from tests.builders import (
    ACCOUNT,
    ALARM,
    ALARMS_FOR_METRIC,
    FILTER,
    LOG_GROUP,
    OTHER_ACCOUNT,
    PLACE,
    REGION,
    SUBSCRIPTION,
    SUBSCRIPTION_ATTRIBUTES,
    TOPIC,
    TOPIC_ARN,
    TRAIL,
    TRAILS,
    evidence,
)

# -- COMPLIANT where nobody would be told -------------------------------------------------------------


@pytest.fixture
def account(aws: LocalAws) -> Account:
    account = Account(ACCOUNT, REGION, aws.endpoint_url)
    account.client("iam").generate_credential_report()
    return account


@pytest.mark.parametrize(
    ("noise", "transformation", "alarm"),
    [
        pytest.param({"filterPattern": ""}, {}, {}, id="every event of an application rings the alarm"),
        pytest.param(
            {"filterPattern": "{ $.level = 9 }"},
            {"defaultValue": 0.0},
            {"Statistic": "Average"},
            id="an application's zeros dilute the average",
        ),
        pytest.param(
            {"filterPattern": "{ $.level = 9 }"},
            {"unit": "Count"},
            {},
            id="an application's unit makes two of the metric",
        ),
    ],
)
def test_filter_on_another_log_group_feeds_the_same_metric(
    aws: LocalAws,
    account: Account,
    noise: Mapping[str, Any],
    transformation: Mapping[str, Any],
    alarm: Mapping[str, Any],
) -> None:
    """A metric is fed by filters of any log group of the region, not by the trail's alone."""
    build_working_chain(account, transformation={"defaultValue": UNSET}, alarm=alarm)
    logs = account.client("logs")
    logs.create_log_group(logGroupName="application")
    logs.put_metric_filter(
        logGroupName="application",
        filterName="application",
        metricTransformations=[
            {
                "metricName": METRIC_NAME,
                "metricNamespace": METRIC_NAMESPACE,
                "metricValue": "1",
                **transformation,
            }
        ],
        **noise,
    )

    assert invoke(aws, account).evaluation["ComplianceType"] == "NON_COMPLIANT"


def test_member_under_an_organization_trail_with_an_opt_in_home_region() -> None:
    """A member sends such a trail nothing unless it enabled that region: no proof."""
    region = "af-south-1"
    place = Place(OTHER_ACCOUNT, region)
    trail = replace(
        TRAIL,
        arn=Arn("aws", "cloudtrail", region, OTHER_ACCOUNT, "trail/organization"),
        home_region=region,
        is_organization_trail=True,
        log_group_arn=f"arn:aws:logs:{region}:{OTHER_ACCOUNT}:log-group:trail-logs:*",
    )
    topic = Arn("aws", "sns", region, OTHER_ACCOUNT, "security")
    alarm = replace(
        ALARM,
        arn=Arn("aws", "cloudwatch", region, OTHER_ACCOUNT, "alarm:root-usage"),
        alarm_actions=(str(topic),),
    )
    changes = {
        TRAILS: (trail,),
        StatusOfTrail(Place(ACCOUNT, region), trail): Unreadable(
            "cloudtrail:GetTrailStatus", "UnrecognizedClientException"
        ),
        StatusOfTrail(place, trail): evidence().answers[StatusOfTrail(PLACE, TRAIL)],
        EventSelectorsOfTrail(place, trail): EventSelectors((), ()),
        LogGroupNamed(place, "trail-logs"): LOG_GROUP,
        MetricFiltersOf(place, LogGroupId(place, "trail-logs")): (FILTER,),
        AlarmsForMetric(place, FILTER.metric_namespace, FILTER.metric_name): (alarm,),
        MuteRulesOf(place, "root-usage"): (),
        TopicAt(place, topic): replace(
            TOPIC, arn=str(topic), policy=TOPIC.policy.replace(str(TOPIC_ARN), str(topic))
        ),
        SubscriptionsOf(place, topic): (replace(SUBSCRIPTION, arn=f"{topic}:0"),),
        AttributesOfSubscription(place, f"{topic}:0"): SUBSCRIPTION_ATTRIBUTES,
    }

    verdict = decide(evidence(changes), Parameters(reading_role_name="reader"))

    assert isinstance(verdict, NotTold)


def test_selectors_are_read_where_the_trail_does_not_say_that_it_has_none() -> None:
    """AWS leaves out members without a value, so an absent HasCustomEventSelectors says nothing."""
    trail = Trail.from_api({"Name": "management", "TrailARN": str(TRAIL.arn), "IsMultiRegionTrail": True})
    client = boto3.client(
        "cloudtrail", region_name=REGION, aws_access_key_id="testing", aws_secret_access_key="testing"
    )
    writes_only = {"ReadWriteType": "WriteOnly", "IncludeManagementEvents": True}
    question = EventSelectorsOfTrail(PLACE, trail)
    with Stubber(client) as stubber:
        stubber.add_response("get_event_selectors", {"EventSelectors": [writes_only]})
        selectors = Gatherer(lambda _: _Factory(client)).ask([question])[question]

    assert [each.read_write_type for each in selectors.basic] == ["WriteOnly"]


def test_one_field_in_two_field_selectors_of_a_selector() -> None:
    """All field selectors must hold, so the first exclusion counts as well as the last."""
    selector = AdvancedEventSelector(
        (
            FieldSelector("eventCategory", "Equals", ("Management",)),
            FieldSelector("eventSource", "NotEquals", ("kms.amazonaws.com",)),
            FieldSelector("eventSource", "NotEquals", ("rdsdata.amazonaws.com",)),
        )
    )
    changes = {EventSelectorsOfTrail(PLACE, TRAIL): EventSelectors((), (selector,))}

    verdict = decide(
        evidence(changes), Parameters(allowed_excluded_event_sources=frozenset({"rdsdata.amazonaws.com"}))
    )

    assert isinstance(verdict, NotTold)


# -- the Lambda fails for ever, and the last result stands -------------------------------------------


def test_alarm_that_only_the_list_of_all_alarms_shows() -> None:
    """It is judged all the same: without it there would be nothing to say of the account."""
    verdict = decide(evidence({ALARMS_FOR_METRIC: ()}), Parameters())

    assert isinstance(verdict, Told)


def test_endpoint_that_does_not_know_a_call_that_every_chain_needs() -> None:
    """Only mute rules and histories can do without an answer; the trails can't."""
    client = boto3.client(
        "cloudtrail",
        region_name=REGION,
        endpoint_url="http://localhost:1",
        aws_access_key_id="testing",
        aws_secret_access_key="testing",
        config=Config(retries={"total_max_attempts": 1}),
    )
    events: Any = client.meta.events
    events.register("before-send", lambda request, **_: _NotImplemented(request.url))
    question = Trails(PLACE)

    answer = Gatherer(lambda _: _Factory(client)).ask([question])[question]

    assert isinstance(answer, Unreadable)


@pytest.mark.parametrize("code", ["ValidationError", "RegionDisabledException"])
def test_role_that_sts_refuses_for_good(
    aws: LocalAws, account: Account, monkeypatch: pytest.MonkeyPatch, code: str
) -> None:
    """rdklib writes `InternalError` over every code of STS but AccessDenied, which then looks passing."""
    build_working_chain(account)
    make_api_call: Any = getattr(BaseClient, "_make_api_call")  # noqa: B009 the stubs hide it

    def refuse(client: BaseClient, operation: str, members: Any) -> Any:
        if operation != "AssumeRole":
            return make_api_call(client, operation, members)
        error: Any = {"Error": {"Code": code, "Message": ""}, "ResponseMetadata": {"HTTPStatusCode": 400}}
        raise ClientError(error, operation)

    monkeypatch.setattr(BaseClient, "_make_api_call", refuse)

    with acting_in(aws, account):
        (evaluation,) = RootUsageAlarmRule.lambda_handler(scheduled_event(account, {}), None)

    assert evaluation["ComplianceType"] == "NON_COMPLIANT"


def test_assume_role_mode_as_a_json_boolean(aws: LocalAws, account: Account) -> None:
    """`{"AssumeRoleMode": false}` is what people write in JSON; rdklib itself fails on it in every run."""
    build_working_chain(account)
    event = scheduled_event(account, {})
    event["ruleParameters"] = '{"AssumeRoleMode": false}'

    with acting_in(aws, account):
        (evaluation,) = RootUsageAlarmRule.lambda_handler(event, None)

    assert evaluation["ComplianceType"] in {"COMPLIANT", "NON_COMPLIANT"}


# -- NON_COMPLIANT for no good reason ---------------------------------------------------------------


def test_sns_topic_arn_is_a_parameter() -> None:
    """The rule's specification names it first of all parameters: the topic that must be reached."""
    parsed = parse_parameters({"SnsTopicArn": str(TOPIC_ARN)})

    assert not isinstance(parsed, InvalidParameters)


def test_execution_role_name_that_no_role_can_have() -> None:
    """An IAM role's name has no blanks, so this key is named, and STS isn't asked in every run."""
    parsed = parse_parameters({"ExecutionRoleName": "no such role"})

    assert isinstance(parsed, InvalidParameters)
    assert [(each.code, each.resource) for each in parsed.findings] == [
        (Code.INVALID_PARAMETER, "ExecutionRoleName")
    ]


# -- what the tests are made of ----------------------------------------------------------------------


class _Factory:
    def __init__(self, client: Any) -> None:
        self._client = client

    def build_client(self, service: str, region: str | None = None) -> Any:  # noqa: ARG002
        return self._client


class _NotImplemented(AWSResponse):
    """What an emulator answers to a call that it lacks: no request id, no error document."""

    def __init__(self, url: str) -> None:
        super().__init__(url, 501, HTTPHeaders(), None)

    @property
    def content(self) -> bytes:
        return b"{}"
