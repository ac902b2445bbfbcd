"""The only module that calls AWS: answers the questions of `evidence`.

A lasting refusal becomes Unreadable, which becomes a finding; only a passing fault (throttling, a
time-out, a server error after botocore's retries) is raised, so that the Lambda fails and is retried.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Protocol

from botocore.exceptions import ClientError, ParamValidationError

from .arn import MalformedArn, Place
from .cloudtrail import EventSelectors, Trail, TrailStatus
from .cloudwatch import ActionRecord, Alarms, CompositeAlarm, LogAlarm, MetricAlarm, MuteRule
from .evidence import (
    ActionHistoryOf,
    AlarmsForMetric,
    AttributesOfSubscription,
    EventSelectorsOfTrail,
    EveryAlarm,
    FiltersOfMetric,
    HasTransformer,
    KeyAt,
    LogGroupNamed,
    MetricFiltersOf,
    MuteRulesOf,
    NotOffered,
    PolicyOfFunction,
    PolicyOfKey,
    Question,
    StatusOfTrail,
    SubscriptionsOf,
    TopicAt,
    Trails,
    Unreadable,
)
from .gathering_iam import read_account_summary, read_credential_report, read_root_events
from .kms import Key
from .logs import LogGroup, MetricFilter, PlacedFilter
from .root_questions import AccountSummaryOf, CredentialReport, RootEventsSince
from .sns import Subscription, SubscriptionAttributes, Topic

# As many calls as one link ever asks for side by side.
WORKERS = 4

# https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/AlarmThatSendsEmail.html
HISTORY_KEPT = timedelta(days=30)

# Faults that pass: https://docs.aws.amazon.com/general/latest/gr/api-retries.html and each service's
# list of common errors. An expired token passes with the next run's session.
PASSING_CODES = frozenset(
    {
        "Throttling",
        "ThrottlingException",
        "ThrottledException",
        "Throttled",
        "RequestThrottled",
        "RequestThrottledException",
        "TooManyRequestsException",
        "RequestLimitExceeded",
        "LimitExceededException",
        "PriorRequestNotComplete",
        "RequestTimeout",
        "RequestTimeoutException",
        "ExpiredToken",
        "ExpiredTokenException",
        "InternalError",
        "InternalFailure",
        "InternalServerError",
        "InternalServiceError",
        "ServiceUnavailable",
        "ServiceUnavailableException",
    }
)


class PassingFault(Exception):
    """AWS could not answer just now; another run may get an answer."""


class ClientFactory(Protocol):
    """rdklib's ClientFactory, as far as it is used."""

    def build_client(self, service: str, region: str | None = None) -> Any: ...


@dataclass(frozen=True, slots=True)
class Reader:
    """How a kind of question is asked: the service, the IAM actions it takes, the calls."""

    service: str
    actions: tuple[str, ...]
    read: Callable[[Any, Any], Any]
    may_not_be_offered: bool = False  # by an endpoint that isn't one of AWS's own


class Gatherer:
    """Asks AWS, in the account under evaluation and, by role, in others; keeps count of its calls."""

    def __init__(self, factory_for: Callable[[Question[Any]], ClientFactory | None]) -> None:
        """`factory_for` gives the client factory to ask a question with; None where there is none for it."""
        self._factory_for = factory_for
        self._clients: dict[tuple[str, Place], Any] = {}
        self.calls: list[str] = []

    def ask(self, questions: Iterable[Question[Any]]) -> dict[Question[Any], Any]:
        """The answers, side by side; raises PassingFault or a botocore error that isn't AWS's answer."""
        # Clients are built one after the other: boto3's default session isn't safe for threads.
        # https://boto3.amazonaws.com/v1/documentation/api/latest/guide/clients.html
        work = [(question, self._reading_of(question)) for question in questions]
        if len(work) == 1:
            return {question: reading() for question, reading in work}
        with ThreadPoolExecutor(max_workers=WORKERS) as pool:
            futures = {question: pool.submit(reading) for question, reading in work}
        return {question: future.result() for question, future in futures.items()}

    def _reading_of(self, question: Question[Any]) -> Callable[[], Any]:
        reader = READERS[type(question)]
        factory = self._factory_for(question)
        if factory is None:
            no_role = Unreadable(reader.actions[0], "NoRoleThere")
            return lambda: no_role
        try:
            client = self._client(factory, reader.service, question.place)
        except ClientError as error:
            refusal = _refusal("sts:AssumeRole", error)
            return lambda: refusal
        except ValueError:  # botocore's InvalidRegionError is one as well
            no_region = Unreadable(reader.actions[0], "InvalidRegion")
            return lambda: no_region
        return lambda: _read(reader, client, question)

    def _client(self, factory: ClientFactory, service: str, place: Place) -> Any:
        if (service, place) not in self._clients:
            client = factory.build_client(service, place.region)
            client.meta.events.register("before-parameter-build", self._record)
            self._clients[service, place] = client
        return self._clients[service, place]

    def _record(self, model: Any, **_: Any) -> None:
        self.calls.append(f"{model.service_model.service_name}:{model.name}")


def asks_by_arn(question: Question[Any]) -> bool:
    """Whether AWS is given the resource's ARN: then no namesake of the caller's account can answer."""
    match question:
        case TopicAt() | SubscriptionsOf() | AttributesOfSubscription() | PolicyOfKey() | PolicyOfFunction():
            return True
        case KeyAt(key_id=key_id):
            return key_id.startswith("arn:")
        case _:
            return False


def iam_actions() -> frozenset[str]:
    """Every IAM action that the readers need, in the account that they read."""
    return frozenset(action for reader in READERS.values() for action in reader.actions)


def _read(reader: Reader, client: Any, question: Question[Any]) -> Any:
    try:
        return reader.read(client, question)
    except ClientError as error:
        call = _iam_action(client, error)
        if _is_unknown_to(client, error):
            return NotOffered(call) if reader.may_not_be_offered else Unreadable(call, "NotOffered")
        return _refusal(call, error)
    except ParamValidationError as error:
        # What AWS told of a resource doesn't fit into AWS's own call.
        return Unreadable(reader.actions[0], "ParamValidation", str(error))
    except AttributeError as error:
        # A boto3 from before the call was made public, as an old Lambda runtime may have it.
        return Unreadable(reader.actions[0], "NotInThisBoto3", str(error))
    except (KeyError, TypeError, ValueError, MalformedArn) as error:
        return Unreadable(reader.actions[0], "MalformedAnswer", f"{type(error).__name__}: {error}")


def _refusal(call: str, error: ClientError) -> Unreadable:
    code = _code_of(error)
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    if code in PASSING_CODES or status >= 500:
        raise PassingFault(f"{call} answered {code}; the evaluation is left to a later run") from error
    return Unreadable(call, code, error.response.get("Error", {}).get("Message", ""))


def _code_of(error: ClientError) -> str:
    """AWS's error code; rdklib puts `InternalError` over that of AssumeRole, but not into the text."""
    said = re.match(r"An error occurred \((?P<code>[\w.]+)\)", str(error))
    return said["code"] if said else str(error.response.get("Error", {}).get("Code", "Unknown"))


def _iam_action(client: Any, error: ClientError) -> str:
    return f"{client.meta.service_model.service_name}:{error.operation_name}"


def _is_unknown_to(client: Any, error: ClientError) -> bool:
    """Whether an endpoint that isn't AWS's own has no idea of the call.

    AWS's answers carry a request id and an error document; an emulator that lacks a call answers
    without. On AWS's own endpoints a missing feature is never concluded from an error.
    """
    metadata = error.response.get("ResponseMetadata", {})
    return (
        not is_aws_endpoint(client.meta.endpoint_url)
        and "x-amzn-requestid" not in metadata.get("HTTPHeaders", {})
        and metadata.get("HTTPStatusCode", 0) in {404, 500, 501}
    )


def is_aws_endpoint(url: str) -> bool:
    """https://docs.aws.amazon.com/general/latest/gr/rande.html"""
    host = url.split("://", 1)[-1].split("/", 1)[0].split(":", 1)[0]
    return host.endswith((".amazonaws.com", ".amazonaws.com.cn", ".api.aws", ".amazonwebservices.com.cn"))


# -- the readers -------------------------------------------------------------------------------------


def _trails(client: Any, _: Trails) -> tuple[Trail, ...]:
    return tuple(Trail.from_api(each) for each in client.describe_trails()["trailList"])


def _trail_status(client: Any, question: StatusOfTrail) -> TrailStatus:
    # The ARN, not the name: a name is looked up among the caller's own trails of the region only.
    return TrailStatus.from_api(client.get_trail_status(Name=str(question.trail.arn)))


def _event_selectors(client: Any, question: EventSelectorsOfTrail) -> EventSelectors:
    trail = question.trail
    # AWS documents that a trail without custom event selectors records all management events, so the
    # call can be spared; nobody else's endpoint is taken at its word, nor the copy of an organization
    # trail in a member account.
    is_plain = trail.has_custom_event_selectors is False and not trail.is_organization_trail
    if is_plain and is_aws_endpoint(client.meta.endpoint_url):
        return EventSelectors((), ())
    return EventSelectors.from_api(client.get_event_selectors(TrailName=str(trail.arn)))


def _log_group(client: Any, question: LogGroupNamed) -> LogGroup | None:
    # AWS shows no filters of a log group that isn't there, and supports them on class Standard only,
    # which can't be changed: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/MonitoringLogData.html
    if question.has_metric_filters and is_aws_endpoint(client.meta.endpoint_url):
        return LogGroup(question.name, "STANDARD")
    # Groups come sorted by name, so an exact match is the first of those with the prefix.
    answer = client.describe_log_groups(logGroupNamePrefix=question.name)
    named = (each for each in answer["logGroups"] if each["logGroupName"] == question.name)
    return next((LogGroup.from_api(each) for each in named), None)


def _metric_filters(client: Any, question: MetricFiltersOf) -> tuple[MetricFilter, ...] | None:
    pages = client.get_paginator("describe_metric_filters").paginate(logGroupName=question.log_group.name)
    try:
        return tuple(MetricFilter.from_api(each) for page in pages for each in page["metricFilters"])
    except client.exceptions.ResourceNotFoundException:
        return None


def _filters_of_metric(client: Any, question: FiltersOfMetric) -> tuple[PlacedFilter, ...]:
    pages = client.get_paginator("describe_metric_filters").paginate(
        metricNamespace=question.namespace, metricName=question.name
    )
    return tuple(PlacedFilter.from_api(each) for page in pages for each in page["metricFilters"])


def _has_transformer(client: Any, question: HasTransformer) -> bool:
    try:
        answer = client.get_transformer(logGroupIdentifier=question.log_group.name)
    except client.exceptions.ResourceNotFoundException:
        answer = {}
    return bool(answer.get("transformerConfig")) or any(_account_transformers(client))


def _account_transformers(client: Any) -> Iterator[Mapping[str, Any]]:
    # An account policy may transform every log group; which of them isn't decided here.
    answer = client.describe_account_policies(policyType="TRANSFORMER_POLICY")
    yield from answer.get("accountPolicies", ())


def _alarms_for_metric(client: Any, question: AlarmsForMetric) -> tuple[MetricAlarm, ...]:
    dimensions = [{"Name": name, "Value": value} for name, value in sorted(question.dimensions)]
    answer = client.describe_alarms_for_metric(
        MetricName=question.name, Namespace=question.namespace, Dimensions=dimensions
    )
    return tuple(MetricAlarm.from_api(each) for each in answer["MetricAlarms"])


def _every_alarm(client: Any, _: EveryAlarm) -> Alarms:
    pages = list(
        client.get_paginator("describe_alarms").paginate(
            AlarmTypes=["MetricAlarm", "CompositeAlarm", "LogAlarm"]
        )
    )
    return Alarms(
        tuple(MetricAlarm.from_api(each) for page in pages for each in page.get("MetricAlarms", ())),
        tuple(CompositeAlarm.from_api(each) for page in pages for each in page.get("CompositeAlarms", ())),
        tuple(LogAlarm.from_api(each) for page in pages for each in page.get("LogAlarms", ())),
    )


def _mute_rules(client: Any, question: MuteRulesOf) -> tuple[MuteRule, ...]:
    pages = client.get_paginator("list_alarm_mute_rules").paginate(
        AlarmName=question.alarm_name, Statuses=["ACTIVE", "SCHEDULED"]
    )
    return tuple(MuteRule.from_api(each) for page in pages for each in page.get("AlarmMuteRuleSummaries", ()))


def _action_history(client: Any, question: ActionHistoryOf) -> tuple[ActionRecord, ...]:
    pages = client.get_paginator("describe_alarm_history").paginate(
        AlarmName=question.alarm_name,
        AlarmTypes=["MetricAlarm", "CompositeAlarm"],
        HistoryItemType="Action",
        ScanBy="TimestampDescending",
    )
    return tuple(ActionRecord.from_api(each) for page in pages for each in page.get("AlarmHistoryItems", ()))


def _topic(client: Any, question: TopicAt) -> Topic | None:
    try:
        answer = client.get_topic_attributes(TopicArn=str(question.arn))
    except client.exceptions.NotFoundException:
        return None
    return Topic.from_api(str(question.arn), answer["Attributes"])


def _subscriptions(client: Any, question: SubscriptionsOf) -> tuple[Subscription, ...] | None:
    pages = client.get_paginator("list_subscriptions_by_topic").paginate(TopicArn=str(question.topic_arn))
    try:
        return tuple(Subscription.from_api(each) for page in pages for each in page["Subscriptions"])
    except client.exceptions.NotFoundException:
        return None


def _subscription_attributes(
    client: Any, question: AttributesOfSubscription
) -> SubscriptionAttributes | None:
    try:
        answer = client.get_subscription_attributes(SubscriptionArn=question.subscription_arn)
    except client.exceptions.NotFoundException:
        return None
    return SubscriptionAttributes.from_api(answer["Attributes"])


def _key(client: Any, question: KeyAt) -> Key | None:
    try:
        return Key.from_api(client.describe_key(KeyId=question.key_id)["KeyMetadata"])
    except client.exceptions.NotFoundException:
        return None


def _key_policy(client: Any, question: PolicyOfKey) -> str:
    # `default` is the only policy name that KMS knows.
    return str(client.get_key_policy(KeyId=str(question.key_arn), PolicyName="default")["Policy"])


def _function_policy(client: Any, question: PolicyOfFunction) -> str | None:
    try:
        return str(client.get_policy(FunctionName=str(question.function_arn))["Policy"])
    except client.exceptions.ResourceNotFoundException:
        return None


READERS: Mapping[type[Question[Any]], Reader] = {
    Trails: Reader("cloudtrail", ("cloudtrail:DescribeTrails",), _trails),
    StatusOfTrail: Reader("cloudtrail", ("cloudtrail:GetTrailStatus",), _trail_status),
    EventSelectorsOfTrail: Reader("cloudtrail", ("cloudtrail:GetEventSelectors",), _event_selectors),
    LogGroupNamed: Reader("logs", ("logs:DescribeLogGroups",), _log_group),
    MetricFiltersOf: Reader("logs", ("logs:DescribeMetricFilters",), _metric_filters),
    FiltersOfMetric: Reader("logs", ("logs:DescribeMetricFilters",), _filters_of_metric),
    HasTransformer: Reader("logs", ("logs:GetTransformer", "logs:DescribeAccountPolicies"), _has_transformer),
    AlarmsForMetric: Reader("cloudwatch", ("cloudwatch:DescribeAlarmsForMetric",), _alarms_for_metric),
    EveryAlarm: Reader("cloudwatch", ("cloudwatch:DescribeAlarms",), _every_alarm),
    MuteRulesOf: Reader(
        "cloudwatch", ("cloudwatch:ListAlarmMuteRules",), _mute_rules, may_not_be_offered=True
    ),
    ActionHistoryOf: Reader(
        "cloudwatch", ("cloudwatch:DescribeAlarmHistory",), _action_history, may_not_be_offered=True
    ),
    TopicAt: Reader("sns", ("sns:GetTopicAttributes",), _topic),
    SubscriptionsOf: Reader("sns", ("sns:ListSubscriptionsByTopic",), _subscriptions),
    AttributesOfSubscription: Reader("sns", ("sns:GetSubscriptionAttributes",), _subscription_attributes),
    KeyAt: Reader("kms", ("kms:DescribeKey",), _key),
    PolicyOfKey: Reader("kms", ("kms:GetKeyPolicy",), _key_policy),
    PolicyOfFunction: Reader("lambda", ("lambda:GetPolicy",), _function_policy),
    CredentialReport: Reader(
        "iam",
        ("iam:GetCredentialReport", "iam:GenerateCredentialReport"),
        read_credential_report,
        may_not_be_offered=True,
    ),
    AccountSummaryOf: Reader(
        "iam", ("iam:GetAccountSummary",), read_account_summary, may_not_be_offered=True
    ),
    RootEventsSince: Reader(
        "cloudtrail", ("cloudtrail:LookupEvents",), read_root_events, may_not_be_offered=True
    ),
}
