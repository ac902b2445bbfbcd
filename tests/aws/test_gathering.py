"""Asking AWS: botocore's real clients with stubbed answers, where moto can't show them."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from botocore.config import Config
from botocore.exceptions import EndpointConnectionError
from botocore.stub import Stubber
from root_usage.aws.arn import Arn, Place
from root_usage.aws.asking import NotOffered, Question, Unreadable
from root_usage.aws.clients import is_aws_endpoint
from root_usage.aws.cloudtrail import (
    EventSelector,
    EventSelectors,
    EventSelectorsOfTrail,
    StatusOfTrail,
    Trail,
    Trails,
    TrailStatus,
)
from root_usage.aws.cloudwatch import ActionHistoryOf, AlarmsForMetric, EveryAlarm, MuteRulesOf
from root_usage.aws.functions import PolicyOfFunction
from root_usage.aws.gathering import Gatherer, PassingFault, iam_actions
from root_usage.aws.kms import Key, KeyAt, PolicyOfKey
from root_usage.aws.logs import (
    FiltersOfMetric,
    HasTransformer,
    LogGroup,
    LogGroupId,
    LogGroupNamed,
    MetricFiltersOf,
)
from root_usage.aws.observability import DataSource, Pipeline, Pipelines
from root_usage.aws.sns import AttributesOfSubscription, Subscription, SubscriptionsOf, TopicAt

ACCOUNT = "111122223333"
PLACE = Place(ACCOUNT, "eu-west-1")
TOPIC = Arn("aws", "sns", "eu-west-1", ACCOUNT, "security")
FUNCTION = Arn("aws", "lambda", "eu-west-1", ACCOUNT, "function:page")
KEY = Arn("aws", "kms", "eu-west-1", ACCOUNT, "key/0")
WHEN = datetime(2026, 11, 20, tzinfo=UTC)


class StubbedAws:
    """One client a service, each with a Stubber; a client factory like rdklib's."""

    def __init__(self) -> None:
        self.stubbers: dict[str, Stubber] = {}

    def stub(self, service: str) -> Stubber:
        if service not in self.stubbers:
            make: Any = boto3.client
            client = make(
                service,
                region_name="eu-west-1",
                aws_access_key_id="testing",
                aws_secret_access_key="testing",
                config=Config(retries={"total_max_attempts": 1}),
            )
            self.stubbers[service] = Stubber(client)
            self.stubbers[service].activate()
        return self.stubbers[service]

    def build_client(self, service: str, region: str | None = None) -> Any:
        assert region == "eu-west-1"
        return self.stub(service).client


@pytest.fixture
def aws() -> Iterator[StubbedAws]:
    stubbed = StubbedAws()
    yield stubbed
    for stubber in stubbed.stubbers.values():
        stubber.assert_no_pending_responses()


@pytest.fixture
def ask(aws: StubbedAws) -> Callable[[Question[Any]], Any]:
    return lambda question: Gatherer(lambda _: aws).ask([question])[question]


def trail(*, has_custom_event_selectors: bool = True) -> Trail:
    return Trail.from_api(
        {
            "Name": "management",
            "TrailARN": f"arn:aws:cloudtrail:eu-west-1:{ACCOUNT}:trail/management",
            "HasCustomEventSelectors": has_custom_event_selectors,
        }
    )


def test_members_that_aws_leaves_out_get_their_documented_default(aws: StubbedAws, ask: Any) -> None:
    arn = f"arn:aws:cloudtrail:eu-west-1:{ACCOUNT}:trail/management"
    aws.stub("cloudtrail").add_response(
        "describe_trails", {"trailList": [{"Name": "management", "TrailARN": arn}]}
    )

    assert ask(Trails(PLACE)) == (
        Trail(
            name="management",
            arn=Arn("aws", "cloudtrail", "eu-west-1", ACCOUNT, "trail/management"),
            home_region="eu-west-1",
            is_multi_region=False,
            is_organization_trail=False,
            includes_global_service_events=False,
            log_group_arn=None,
            has_custom_event_selectors=None,
        ),
    )


def test_status_is_asked_by_arn(aws: StubbedAws, ask: Any) -> None:
    """A name is looked up among the caller's own trails only."""
    aws.stub("cloudtrail").add_response(
        "get_trail_status",
        {
            "IsLogging": True,
            "LatestCloudWatchLogsDeliveryError": "",
            "LatestCloudWatchLogsDeliveryTime": WHEN,
        },
        {"Name": f"arn:aws:cloudtrail:eu-west-1:{ACCOUNT}:trail/management"},
    )

    assert ask(StatusOfTrail(PLACE, trail())) == TrailStatus(True, None, None, WHEN)


def test_selectors_are_not_asked_of_a_trail_that_aws_says_has_none(aws: StubbedAws, ask: Any) -> None:
    aws.stub("cloudtrail")  # and no call expected

    question = EventSelectorsOfTrail(PLACE, trail(has_custom_event_selectors=False))

    assert ask(question) == EventSelectors((), ())


def test_selectors_are_asked_of_an_organization_trail(aws: StubbedAws, ask: Any) -> None:
    """What its copy in a member account says of selectors isn't taken at its word."""
    trails = replace(trail(has_custom_event_selectors=False), is_organization_trail=True)
    aws.stub("cloudtrail").add_response("get_event_selectors", {"EventSelectors": [{"ReadWriteType": "All"}]})

    assert ask(EventSelectorsOfTrail(PLACE, trails)) == EventSelectors((EventSelector(),), ())


def test_class_of_a_log_group_with_metric_filters_is_not_asked_of_aws(aws: StubbedAws, ask: Any) -> None:
    aws.stub("logs")  # and no call expected

    assert ask(LogGroupNamed(PLACE, "trail-logs", has_metric_filters=True)) == LogGroup(
        "trail-logs", "STANDARD"
    )


def test_filters_of_a_metric_carry_their_log_group(aws: StubbedAws, ask: Any) -> None:
    aws.stub("logs").add_response(
        "describe_metric_filters",
        {"metricFilters": [{**metric_filter("f"), "logGroupName": "application"}]},
        {"metricNamespace": "Trail", "metricName": "Root"},
    )

    (placed,) = ask(FiltersOfMetric(PLACE, "Trail", "Root"))

    assert (placed.log_group_name, placed.metric_filter.name) == ("application", "f")


def test_log_group_is_matched_by_its_whole_name(aws: StubbedAws, ask: Any) -> None:
    aws.stub("logs").add_response(
        "describe_log_groups",
        {"logGroups": [{"logGroupName": "trail-logs-2", "logGroupClass": "INFREQUENT_ACCESS"}]},
        {"logGroupNamePrefix": "trail-logs"},
    )

    assert ask(LogGroupNamed(PLACE, "trail-logs")) is None


def test_log_group_class_is_read(aws: StubbedAws, ask: Any) -> None:
    groups = [{"logGroupName": "trail-logs", "logGroupClass": "INFREQUENT_ACCESS"}]
    aws.stub("logs").add_response("describe_log_groups", {"logGroups": groups})

    assert ask(LogGroupNamed(PLACE, "trail-logs")) == LogGroup("trail-logs", "INFREQUENT_ACCESS")


def metric_filter(name: str) -> dict[str, Any]:
    transformation = {"metricName": "Root", "metricNamespace": "Trail", "metricValue": "1"}
    return {"filterName": name, "filterPattern": "{ $.a = 1 }", "metricTransformations": [transformation]}


def test_every_page_of_metric_filters_is_read(aws: StubbedAws, ask: Any) -> None:
    stubber = aws.stub("logs")
    stubber.add_response(
        "describe_metric_filters",
        {"metricFilters": [metric_filter("first")], "nextToken": "more"},
        {"logGroupName": "trail-logs"},
    )
    stubber.add_response(
        "describe_metric_filters",
        {"metricFilters": [metric_filter("second")]},
        {"logGroupName": "trail-logs", "nextToken": "more"},
    )

    filters = ask(MetricFiltersOf(PLACE, LogGroupId(PLACE, "trail-logs")))

    assert [each.name for each in filters] == ["first", "second"]


def test_answer_that_makes_no_sense_is_unreadable_and_says_where(aws: StubbedAws, ask: Any) -> None:
    nonsense = {"filterName": "odd", "filterPattern": ""}
    aws.stub("logs").add_response("describe_metric_filters", {"metricFilters": [nonsense]})

    answer = ask(MetricFiltersOf(PLACE, LogGroupId(PLACE, "trail-logs")))

    assert answer == Unreadable(
        "logs:DescribeMetricFilters", "MalformedAnswer", "KeyError: 'metricTransformations'"
    )


def test_dimensions_are_part_of_the_question(aws: StubbedAws, ask: Any) -> None:
    aws.stub("cloudwatch").add_response(
        "describe_alarms_for_metric",
        {"MetricAlarms": []},
        {"MetricName": "Root", "Namespace": "Trail", "Dimensions": [{"Name": "type", "Value": "Root"}]},
    )

    assert ask(AlarmsForMetric(PLACE, "Trail", "Root", frozenset({("type", "Root")}))) == ()


def test_every_kind_of_alarm_is_asked_for(aws: StubbedAws, ask: Any) -> None:
    arn = f"arn:aws:cloudwatch:eu-west-1:{ACCOUNT}:alarm"
    always = {"ActionsEnabled": True, "StateValue": "OK"}
    aws.stub("cloudwatch").add_response(
        "describe_alarms",
        {
            "MetricAlarms": [{"AlarmName": "plain", "AlarmArn": f"{arn}:plain", **always}],
            "CompositeAlarms": [
                {"AlarmName": "both", "AlarmArn": f"{arn}:both", "AlarmRule": "ALARM(plain)", **always}
            ],
            "LogAlarms": [{"AlarmName": "query", "AlarmArn": f"{arn}:query", **always}],
        },
        {"AlarmTypes": ["MetricAlarm", "CompositeAlarm", "LogAlarm"]},
    )

    alarms = ask(EveryAlarm(PLACE))

    names = [alarms.metric_alarms[0].name, alarms.composite_alarms[0].name, alarms.log_alarms[0].name]
    assert names == ["plain", "both", "query"]


@pytest.mark.parametrize(
    ("service", "operation", "code", "question", "answer"),
    [
        pytest.param(
            "logs",
            "describe_metric_filters",
            "ResourceNotFoundException",
            MetricFiltersOf(PLACE, LogGroupId(PLACE, "gone")),
            None,
            id="log-group-gone",
        ),
        pytest.param("sns", "get_topic_attributes", "NotFound", TopicAt(PLACE, TOPIC), None, id="topic-gone"),
        pytest.param(
            "sns",
            "list_subscriptions_by_topic",
            "NotFound",
            SubscriptionsOf(PLACE, TOPIC),
            None,
            id="topic-of-subscriptions-gone",
        ),
        pytest.param(
            "sns",
            "get_subscription_attributes",
            "NotFound",
            AttributesOfSubscription(PLACE, f"{TOPIC}:0"),
            None,
            id="subscription-gone",
        ),
        pytest.param(
            "kms", "describe_key", "NotFoundException", KeyAt(PLACE, "alias/x"), None, id="key-gone"
        ),
        pytest.param(
            "lambda",
            "get_policy",
            "ResourceNotFoundException",
            PolicyOfFunction(PLACE, FUNCTION),
            None,
            id="function-without-policy",
        ),
        pytest.param(
            "sns",
            "get_topic_attributes",
            "AuthorizationError",
            TopicAt(PLACE, TOPIC),
            Unreadable("sns:GetTopicAttributes", "AuthorizationError", "said AWS"),
            id="topic-refused",
        ),
        pytest.param(
            "kms",
            "get_key_policy",
            "AccessDeniedException",
            PolicyOfKey(PLACE, KEY),
            Unreadable("kms:GetKeyPolicy", "AccessDeniedException", "said AWS"),
            id="key-policy-refused",
        ),
        pytest.param(
            "cloudwatch",
            "list_alarm_mute_rules",
            "AccessDenied",
            MuteRulesOf(PLACE, "root-usage"),
            Unreadable("cloudwatch:ListAlarmMuteRules", "AccessDenied", "said AWS"),
            id="mute-rules-refused",
        ),
        pytest.param(
            "cloudwatch",
            "describe_alarm_history",
            "InvalidParameterValue",
            ActionHistoryOf(PLACE, "root-usage"),
            Unreadable("cloudwatch:DescribeAlarmHistory", "InvalidParameterValue", "said AWS"),
            id="history-refused",
        ),
    ],
)
def test_lasting_fault_is_an_answer(
    aws: StubbedAws, ask: Any, service: str, operation: str, code: str, question: Question[Any], answer: Any
) -> None:
    aws.stub(service).add_client_error(operation, code, "said AWS", http_status_code=400)

    assert ask(question) == answer


@pytest.mark.parametrize(
    ("code", "status"),
    [
        pytest.param("ThrottlingException", 400, id="throttled"),
        pytest.param("Throttling", 400, id="throttled-in-the-query-protocol"),
        pytest.param("Throttled", 429, id="throttled-by-sns"),
        pytest.param("ServiceUnavailableException", 500, id="unavailable"),
        pytest.param("Whatever", 503, id="any-server-error"),
        pytest.param("Whatever", 429, id="too-many-requests"),
        pytest.param("ProvisionedThroughputExceededException", 400, id="throughput"),
        pytest.param("BandwidthLimitExceeded", 400, id="bandwidth"),
        pytest.param("TransactionInProgressException", 400, id="transaction"),
        pytest.param("EC2ThrottledException", 400, id="ec2"),
        pytest.param("ExpiredTokenException", 400, id="session-ended"),
    ],
)
def test_passing_fault_fails_the_run(aws: StubbedAws, ask: Any, code: str, status: int) -> None:
    aws.stub("cloudtrail").add_client_error("describe_trails", code, http_status_code=status)

    with pytest.raises(PassingFault, match=f"cloudtrail:DescribeTrails answered {code}"):
        ask(Trails(PLACE))


def test_server_error_of_aws_never_means_that_a_feature_is_missing(aws: StubbedAws, ask: Any) -> None:
    aws.stub("cloudwatch").add_client_error("list_alarm_mute_rules", "500", http_status_code=500)

    with pytest.raises(PassingFault):
        ask(MuteRulesOf(PLACE, "root-usage"))


def test_role_that_can_not_be_assumed_is_an_answer() -> None:
    class Denied:
        def build_client(self, service: str, region: str | None = None) -> Any:  # noqa: ARG002
            sts = StubbedAws().stub("sts")
            sts.add_client_error("assume_role", "AccessDenied", "no", http_status_code=403)
            client: Any = sts.client
            return client.assume_role(RoleArn="arn:aws:iam::444455556666:role/reader", RoleSessionName="x1")

    answers = Gatherer(lambda _: Denied()).ask([Trails(PLACE)])

    assert answers == {Trails(PLACE): Unreadable("sts:AssumeRole", "AccessDenied", "no")}


@pytest.mark.parametrize(
    ("answer", "has_transformer"),
    [
        pytest.param({}, False, id="none"),
        pytest.param({"transformerConfig": [{"parseJSON": {}}]}, True, id="of-its-own"),
    ],
)
def test_transformer_of_the_log_group(
    aws: StubbedAws, ask: Any, answer: dict[str, Any], has_transformer: bool
) -> None:
    logs = aws.stub("logs")
    logs.add_response("get_transformer", answer, {"logGroupIdentifier": "trail-logs"})
    if not has_transformer:
        logs.add_response(
            "describe_account_policies", {"accountPolicies": []}, {"policyType": "TRANSFORMER_POLICY"}
        )

    assert ask(HasTransformer(PLACE, LogGroupId(PLACE, "trail-logs"))) is has_transformer


def test_account_policy_may_transform_any_log_group(aws: StubbedAws, ask: Any) -> None:
    logs = aws.stub("logs")
    logs.add_client_error("get_transformer", "ResourceNotFoundException")
    logs.add_response("describe_account_policies", {"accountPolicies": [{"policyName": "all-groups"}]})

    assert ask(HasTransformer(PLACE, LogGroupId(PLACE, "trail-logs"))) is True


def test_every_page_of_account_policies_is_read(aws: StubbedAws, ask: Any) -> None:
    logs = aws.stub("logs")
    wanted = {"policyType": "TRANSFORMER_POLICY"}
    logs.add_response("get_transformer", {})
    logs.add_response("describe_account_policies", {"accountPolicies": [], "nextToken": "a"}, wanted)
    second = {"accountPolicies": [{"policyName": "all-groups"}]}
    logs.add_response("describe_account_policies", second, {**wanted, "nextToken": "a"})

    assert ask(HasTransformer(PLACE, LogGroupId(PLACE, "trail-logs"))) is True


def test_pages_without_an_end_are_no_answer(aws: StubbedAws, ask: Any) -> None:
    logs = aws.stub("logs")
    logs.add_response("get_transformer", {})
    for token in ("a", "b", "a"):
        logs.add_response("describe_account_policies", {"accountPolicies": [], "nextToken": token})

    answer = ask(HasTransformer(PLACE, LogGroupId(PLACE, "trail-logs")))

    assert isinstance(answer, Unreadable)
    assert (answer.code, answer.message) == ("MalformedAnswer", "ValueError: the same page again")


ALARM: dict[str, Any] = {
    "AlarmName": "plain",
    "AlarmArn": f"arn:aws:cloudwatch:eu-west-1:{ACCOUNT}:alarm:plain",
    "ActionsEnabled": True,
    "StateValue": "OK",
    "Period": 300,
}


@pytest.mark.parametrize("member", ["ActionsEnabled", "StateValue", "AlarmArn"])
def test_alarm_without_what_aws_always_sends_is_not_believed(aws: StubbedAws, ask: Any, member: str) -> None:
    alarm = {name: value for name, value in ALARM.items() if name != member}
    aws.stub("cloudwatch").add_response("describe_alarms_for_metric", {"MetricAlarms": [alarm]})

    answer = ask(AlarmsForMetric(PLACE, "Security", "RootUsage"))

    assert isinstance(answer, Unreadable)
    assert (answer.code, answer.message) == ("MalformedAnswer", f"KeyError: '{member}'")


@pytest.mark.parametrize(("sent", "read"), [("300", 300), ("300.0", 300), ("3e2", 300)])
def test_whole_number_may_come_with_a_point(sent: str, read: int) -> None:
    (alarm,) = ask_over_http(json.dumps({"MetricAlarms": [ALARM]}).replace("300", sent))

    assert (alarm.period, type(alarm.period)) == (read, int)


def test_number_that_is_not_whole_is_no_answer() -> None:
    found = ask_over_http(json.dumps({"MetricAlarms": [ALARM]}).replace("300", "300.5"))

    assert isinstance(found, Unreadable)
    assert found.message == "ValueError: 300.5 isn't a whole number"


def ask_over_http(body: str) -> Any:
    """What a real client makes of an answer's body."""
    client: Any = boto3.client(
        "cloudwatch", "eu-west-1", aws_access_key_id="testing", aws_secret_access_key="testing"
    )
    response: Any = AWSResponse("", 200, HTTPHeaders(), None)
    response._content = body.encode()
    client.meta.events.register("before-send", lambda **_: response)

    class Factory:
        def build_client(self, service: str, region: str | None = None) -> Any:  # noqa: ARG002
            return client

    question = AlarmsForMetric(PLACE, "Security", "RootUsage")
    return Gatherer(lambda _: Factory()).ask([question])[question]


@pytest.mark.parametrize(
    ("members", "unknown"),
    [
        pytest.param({}, "", id="nothing"),
        pytest.param({"EvaluationWindow": {"SlidingWindow": {}}}, "", id="known-window"),
        pytest.param(
            {"EvaluationWindow": {"LunarWindow": {}}},
            "EvaluationWindow.SDK_UNKNOWN_MEMBER",
            id="kind-of-window",
        ),
        pytest.param(
            {"EvaluationCriteria": {"SqlCriteria": {}}},
            "EvaluationCriteria.SDK_UNKNOWN_MEMBER",
            id="kind-of-criteria",
        ),
        pytest.param(
            {"EvaluationCriteria": {"PromQLCriteria": {}}, "MetricName": "a", "Namespace": "b"},
            "EvaluationCriteria beside a metric",
            id="criteria-beside-a-metric",
        ),
        pytest.param({"WarmUpConfiguration": {}}, "a WarmUpConfiguration without its minutes", id="warm-up"),
        pytest.param({"StateValue": "PAUSED"}, "StateValue PAUSED", id="state"),
        pytest.param(
            {"EvaluateLowSampleCountPercentile": "guess"},
            "EvaluateLowSampleCountPercentile guess",
            id="low-samples",
        ),
    ],
)
def test_what_this_rule_does_not_know_of_an_alarm_is_kept(members: dict[str, Any], unknown: str) -> None:
    (alarm,) = ask_over_http(json.dumps({"MetricAlarms": [{**ALARM, **members}]}))

    assert alarm.unknown == unknown


@pytest.mark.parametrize(
    ("members", "sends_tags"),
    [
        pytest.param({}, False, id="by-default"),
        pytest.param({"ActionConfiguration": {}}, False, id="nothing-said"),
        pytest.param(
            {"ActionConfiguration": {"AlarmTagsPropagation": {"Enabled": True}}}, True, id="enabled"
        ),
        pytest.param(
            {"ActionConfiguration": {"AlarmTagsPropagation": {"Enabled": False}}}, False, id="disabled"
        ),
        pytest.param(
            {"ActionConfiguration": {"AlarmTagsPropagation": {"IncludedTagKeys": ["team"]}}},
            True,
            id="not-said-whether",
        ),
    ],
)
def test_whether_an_alarm_sends_its_tags(members: dict[str, Any], sends_tags: bool) -> None:
    (alarm,) = ask_over_http(json.dumps({"MetricAlarms": [{**ALARM, **members}]}))

    assert alarm.sends_tags is sends_tags


def test_subscription_that_does_not_say_whether_it_is_pending_is_no_answer(aws: StubbedAws, ask: Any) -> None:
    aws.stub("sns").add_response("get_subscription_attributes", {"Attributes": {"Protocol": "email"}})

    answer = ask(AttributesOfSubscription(PLACE, f"{TOPIC}:0"))

    assert isinstance(answer, Unreadable)
    assert answer.message == "KeyError: 'PendingConfirmation'"


def test_key_that_does_not_say_whose_it_is_is_no_answer(aws: StubbedAws, ask: Any) -> None:
    aws.stub("kms").add_response("describe_key", {"KeyMetadata": {"KeyId": "0", "Arn": str(KEY)}})

    answer = ask(KeyAt(PLACE, str(KEY)))

    assert isinstance(answer, Unreadable)
    assert answer.message == "KeyError: 'KeyManager'"


def test_key_is_read(aws: StubbedAws, ask: Any) -> None:
    metadata = {
        "KeyId": "0",
        "Arn": str(KEY),
        "KeyManager": "AWS",
        "KeyState": "Enabled",
        "KeySpec": "SYMMETRIC_DEFAULT",
        "KeyUsage": "ENCRYPT_DECRYPT",
    }
    aws.stub("kms").add_response("describe_key", {"KeyMetadata": metadata}, {"KeyId": "alias/aws/sns"})

    key = ask(KeyAt(PLACE, "alias/aws/sns"))

    assert key == Key(KEY, "AWS", "Enabled", "SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT")


@pytest.mark.parametrize("region", [pytest.param("`x", id="odd"), pytest.param("", id="empty")])
def test_region_that_no_client_can_be_built_for_is_unreadable(region: str) -> None:
    """botocore raises InvalidRegionError for the one and a plain ValueError for the other."""

    class Factory:
        def build_client(self, service: str, region: str | None = None) -> Any:
            make: Any = boto3.client
            return make(service, region, aws_access_key_id="testing", aws_secret_access_key="testing")

    question = KeyAt(Place(ACCOUNT, region), str(KEY))

    answers = Gatherer(lambda _: Factory()).ask([question])

    assert answers == {question: Unreadable("kms:DescribeKey", "InvalidRegion")}


@pytest.mark.parametrize(
    ("members", "spec"),
    [
        pytest.param({"CustomerMasterKeySpec": "SYMMETRIC_DEFAULT"}, "SYMMETRIC_DEFAULT", id="older-name"),
        pytest.param({}, "", id="not-said"),
    ],
)
def test_spec_of_a_key_is_what_aws_says(aws: StubbedAws, ask: Any, members: Any, spec: str) -> None:
    metadata = {"KeyId": "0", "Arn": str(KEY), "KeyManager": "CUSTOMER", "KeyState": "Enabled", **members}
    aws.stub("kms").add_response("describe_key", {"KeyMetadata": metadata})

    assert ask(KeyAt(PLACE, str(KEY))) == Key(KEY, "CUSTOMER", "Enabled", spec, "")


def test_pending_subscription_is_not_confirmed(aws: StubbedAws, ask: Any) -> None:
    pending = {"SubscriptionArn": "PendingConfirmation", "Protocol": "email", "Endpoint": "a@example.com"}
    aws.stub("sns").add_response("list_subscriptions_by_topic", {"Subscriptions": [pending]})

    (subscription,) = ask(SubscriptionsOf(PLACE, TOPIC))

    assert subscription == Subscription("PendingConfirmation", "", "email", "a@example.com")
    assert not subscription.is_confirmed


def test_every_call_is_kept(aws: StubbedAws) -> None:
    aws.stub("cloudtrail").add_response("describe_trails", {"trailList": []})
    gatherer = Gatherer(lambda _: aws)

    gatherer.ask([Trails(PLACE)])

    assert gatherer.calls == ["cloudtrail:DescribeTrails"]


def test_every_action_only_reads() -> None:
    """AWS counts GenerateCredentialReport, LookupEvents and the simulator as reading too."""
    verbs = {action.split(":")[1] for action in iam_actions()}
    others = {verb for verb in verbs if not verb.startswith(("Describe", "Get", "List"))}

    assert others <= {"GenerateCredentialReport", "LookupEvents", "SimulatePrincipalPolicy"}


@pytest.mark.parametrize(
    ("url", "is_aws"),
    [
        pytest.param("https://logs.eu-west-1.amazonaws.com", True, id="aws"),
        pytest.param("https://logs.cn-north-1.amazonaws.com.cn", True, id="china"),
        pytest.param("https://logs.eu-west-1.api.aws", True, id="dual-stack"),
        pytest.param("http://127.0.0.1:5000", False, id="loopback"),
        pytest.param("https://amazonaws.com.example.com", False, id="look-alike"),
    ],
)
def test_endpoint_of_aws(url: str, is_aws: bool) -> None:
    assert is_aws_endpoint(url) is is_aws


# -- a service that isn't in every region


class RealClients:
    def build_client(self, service: str, region: str | None = None) -> Any:
        make: Any = boto3.client
        once = Config(retries={"total_max_attempts": 1})
        return make(
            service, region, aws_access_key_id="testing", aws_secret_access_key="testing", config=once
        )


def resolving(monkeypatch: pytest.MonkeyPatch, error: int) -> None:
    """DNS answers so for every host."""

    def getaddrinfo(*_: Any, **__: Any) -> Any:
        raise socket.gaierror(error, "said DNS")

    monkeypatch.setattr("socket.getaddrinfo", getaddrinfo)


@pytest.mark.parametrize("error", [socket.EAI_NONAME, socket.EAI_NODATA])
def test_service_that_has_no_host_in_the_region_is_not_offered(
    monkeypatch: pytest.MonkeyPatch, error: int
) -> None:
    resolving(monkeypatch, error)

    answers = Gatherer(lambda _: RealClients()).ask([Pipelines(PLACE)])

    assert answers == {Pipelines(PLACE): NotOffered("observabilityadmin:ListTelemetryPipelines")}


@pytest.mark.parametrize(
    ("question", "error"),
    [
        pytest.param(Pipelines(PLACE), socket.EAI_AGAIN, id="resolver-that-does-not-answer"),
        pytest.param(MuteRulesOf(PLACE, "root-usage"), socket.EAI_NONAME, id="service-that-is-everywhere"),
    ],
)
def test_host_that_is_not_found_otherwise_fails_the_run(
    monkeypatch: pytest.MonkeyPatch, question: Question[Any], error: int
) -> None:
    resolving(monkeypatch, error)

    with pytest.raises(EndpointConnectionError):
        Gatherer(lambda _: RealClients()).ask([question])


def test_service_that_this_boto3_does_not_know_is_unreadable() -> None:
    class Old:
        def build_client(self, service: str, region: str | None = None) -> Any:
            return RealClients().build_client(f"{service}-of-tomorrow", region)

    (answer,) = Gatherer(lambda _: Old()).ask([Pipelines(PLACE)]).values()

    assert (answer.call, answer.code) == ("observabilityadmin:ListTelemetryPipelines", "NotInThisBoto3")


def test_pipelines_are_read_page_by_page(aws: StubbedAws, ask: Any) -> None:
    stub = aws.stub("observabilityadmin")
    summary = {"DataSources": [{"Name": "aws_cloudtrail", "Type": "management"}], "Processors": ["ocsf"]}
    first = {"Name": "trails", "Status": "ACTIVE", "ConfigurationSummary": summary}
    stub.add_response("list_telemetry_pipelines", {"PipelineSummaries": [first], "NextToken": "a"}, {})
    stub.add_response(
        "list_telemetry_pipelines", {"PipelineSummaries": [{"Name": "new"}]}, {"NextToken": "a"}
    )

    assert ask(Pipelines(PLACE)) == (
        Pipeline("trails", "ACTIVE", (), (DataSource("aws_cloudtrail", "management"),), ("ocsf",)),
        Pipeline("new", "", (), (), ()),
    )
