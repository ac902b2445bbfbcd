"""Scenario accounts: a chain that works, and one argument per link that breaks it."""

from __future__ import annotations

import functools
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from root_usage.coverage.root_activity import ROOT_EVENT_PATTERN, ROOT_FILTER_PATTERN

from .corrections.identity import access_key_of
from .hooks import confirm_subscriptions
from .sessions import new_session

CIS_PATTERN = ROOT_FILTER_PATTERN
LOG_GROUP = "cloudtrail"
TRAIL = "account-trail"
METRIC_NAME = "RootAccountUsageCount"
METRIC_NAMESPACE = "CloudTrailMetrics"
ALARM = "RootAccountUsageCountAlarm"
TOPIC = "security-alerts"
EVENT_RULE = "root-usage"
EMAIL = "security@example.com"

Members = Mapping[str, Any]
UNSET = object()  # as the value of a member: leave it out of the call


@dataclass(frozen=True, slots=True)
class Account:
    """One account of the local AWS in one region, with an administrator's ordinary boto3 clients.

    Without an endpoint the clients are those of `mock_aws`. `prefix` is put before every resource's name.
    """

    account_id: str = "111122223333"
    region: str = "us-east-1"
    endpoint_url: str | None = None
    prefix: str = ""

    def named(self, name: str) -> str:
        return self.prefix + name

    def subscriber(self, protocol: str, endpoint: str, *, confirmed: bool) -> tuple[str, str]:  # noqa: ARG002
        """Who is subscribed in the place of that person; who has confirmed has to be somebody who can."""
        return protocol, endpoint

    def confirm_subscriptions(self, topic_arn: str) -> None:
        """Everybody who was asked confirms; those of `subscriber` who do so by themselves already have."""
        confirm_subscriptions(topic_arn)

    def client(self, service: str) -> Any:
        return _client(service, self.account_id, self.region, self.endpoint_url)

    def arn(self, service: str, resource: str) -> str:
        return f"arn:aws:{service}:{self.region}:{self.account_id}:{resource}"


@functools.cache
def _client(service: str, account_id: str, region: str, endpoint_url: str | None) -> Any:
    session = new_session(
        aws_access_key_id=access_key_of(account_id),
        aws_secret_access_key="local",  # noqa: S106 nobody checks it
        region_name=region,
    )
    return session.client(service, endpoint_url=endpoint_url)


@dataclass(frozen=True, slots=True)
class Chain:
    """The names and ARNs of a chain that `build_working_chain` made; of left out links too."""

    bucket: str
    trail_arn: str
    log_group_name: str
    log_group_arn: str
    filter_name: str
    alarm_name: str
    alarm_arn: str
    topic_arn: str


def build_working_chain(  # noqa: PLR0913 one argument per link is what this is for
    account: Account,
    *,
    name: str = "",
    trail: Members | None = {},  # noqa: B006 never written to
    logging: bool = True,
    event_selectors: Sequence[Members] = (),
    advanced_event_selectors: Sequence[Members] = (),
    log_group: Members | None = {},  # noqa: B006
    metric_filter: Members | None = {},  # noqa: B006
    transformation: Members = {},  # noqa: B006
    alarm: Members | None = {},  # noqa: B006
    topic: Members | None = {},  # noqa: B006
    subscriptions: Sequence[tuple[str, str]] = (("email", EMAIL),),
    subscription: Members = {},  # noqa: B006
    confirmed: bool = True,
) -> Chain:
    """Builds trail, log group, metric filter, alarm, topic and confirmed e-mail subscription.

    Each link's argument holds members of its own AWS call (CreateTrail, PutMetricFilter and its
    metric transformation, PutMetricAlarm, CreateTopic's attributes, Subscribe's attributes) that are
    laid over the working ones; `UNSET` leaves a member out and None leaves the link out. `name` is
    put after every resource's name, for a second chain in the account.
    """
    chain = _names(account, name)
    if log_group is not None:
        _create_log_group(account, chain, log_group)
    if trail is not None:
        _create_trail(account, chain, {"logging": logging}, trail)
        _put_selectors(account, chain, event_selectors, advanced_event_selectors)
    if metric_filter is not None and log_group is not None:
        _put_metric_filter(account, chain, metric_filter, transformation)
    if topic is not None:
        _create_topic(account, chain, topic)
        _subscribe(account, chain, subscriptions, subscription, confirmed=confirmed)
    if alarm is not None:
        put_alarm(account, chain, alarm)
    return chain


@dataclass(frozen=True, slots=True)
class EventRule:
    """The names and ARNs of an EventBridge rule that `build_event_rules` made, and of its target."""

    name: str
    arn: str
    topic_arn: str


def build_event_rules(  # noqa: PLR0913 as for the chain
    account: Account,
    regions: Iterable[str],
    *,
    name: str = "",
    trail: Members | None = {},  # noqa: B006 never written to
    rule: Members = {},  # noqa: B006
    target: Members | None = {},  # noqa: B006
    topic: Members = {},  # noqa: B006
    subscriptions: Sequence[tuple[str, str]] = (("email", EMAIL),),
    subscription: Members = {},  # noqa: B006
    confirmed: bool = True,
) -> dict[str, EventRule]:
    """Builds one trail, and in each region a rule that tells a topic with a confirmed e-mail subscription.

    The arguments are as for `build_working_chain`, with PutRule's and a target's members. To break one
    region, build it by a second call without a trail. The trail has no log group.
    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html#eb-sns-permissions
    """
    if trail is not None:
        without_log_group = {"CloudWatchLogsLogGroupArn": UNSET, "CloudWatchLogsRoleArn": UNSET}
        build_working_chain(
            account,
            name=name,
            trail={**without_log_group, **trail},
            log_group=None,
            metric_filter=None,
            alarm=None,
            topic=None,
        )
    built = {}
    for region in regions:
        there = replace(account, region=region)
        names = _names(there, f"-events{name}")
        policy = _policy({"Service": "events.amazonaws.com"}, "sns:Publish", names.topic_arn)
        _create_topic(there, names, {"Policy": policy, **topic})
        _subscribe(there, names, subscriptions, subscription, confirmed=confirmed)
        built[region] = _put_rule(there, there.named(EVENT_RULE + name), names.topic_arn, rule, target)
    return built


def _put_rule(
    account: Account, name: str, topic_arn: str, members: Members, target: Members | None
) -> EventRule:
    working = {
        "Name": name,
        "EventPattern": ROOT_EVENT_PATTERN,
        "State": "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS",
    }
    asked = _laid_over(working, members)
    events = account.client("events")
    arn = events.put_rule(**asked)["RuleArn"]
    if target is not None:
        bus = {"EventBusName": asked["EventBusName"]} if "EventBusName" in asked else {}
        events.put_targets(
            Rule=asked["Name"], Targets=[_laid_over({"Id": "people", "Arn": topic_arn}, target)], **bus
        )
    return EventRule(asked["Name"], arn, topic_arn)


def put_alarm(account: Account, chain: Chain, members: Members = {}) -> None:  # noqa: B006
    """CIS's alarm: one datapoint of five minutes, Sum at least 1; quiet while nothing happens."""
    working = {
        "AlarmName": chain.alarm_name,
        "Namespace": account.named(METRIC_NAMESPACE),
        "MetricName": METRIC_NAME,
        "Statistic": "Sum",
        "Period": 300,
        "EvaluationPeriods": 1,
        "DatapointsToAlarm": 1,
        "Threshold": 1.0,
        "ComparisonOperator": "GreaterThanOrEqualToThreshold",
        "TreatMissingData": "notBreaching",
        "AlarmActions": [chain.topic_arn],
    }
    account.client("cloudwatch").put_metric_alarm(**_laid_over(working, members))


def _names(account: Account, name: str) -> Chain:
    alarm_name, log_group_name = account.named(ALARM + name), account.named(LOG_GROUP + name)
    return Chain(
        bucket=account.named(f"cloudtrail-{account.account_id}-{account.region}{name.lower()}"),
        trail_arn=account.arn("cloudtrail", f"trail/{account.named(TRAIL + name)}"),
        log_group_name=log_group_name,
        log_group_arn=account.arn("logs", f"log-group:{log_group_name}:*"),
        filter_name=account.named(METRIC_NAME + name),
        alarm_name=alarm_name,
        alarm_arn=account.arn("cloudwatch", f"alarm:{alarm_name}"),
        topic_arn=account.arn("sns", account.named(TOPIC + name)),
    )


def _laid_over(working: Members, members: Members) -> dict[str, Any]:
    return {key: value for key, value in {**working, **members}.items() if value is not UNSET}


def _create_log_group(account: Account, chain: Chain, members: Members) -> None:
    account.client("logs").create_log_group(**_laid_over({"logGroupName": chain.log_group_name}, members))


def _create_trail(account: Account, chain: Chain, state: Members, members: Members) -> None:
    working = {
        "Name": chain.trail_arn.rpartition("/")[2],
        "S3BucketName": chain.bucket,
        "IsMultiRegionTrail": True,
        "IncludeGlobalServiceEvents": True,
        "EnableLogFileValidation": True,
        "CloudWatchLogsLogGroupArn": chain.log_group_arn,
        "CloudWatchLogsRoleArn": _delivery_role(account, chain),
    }
    _create_bucket(account, chain)
    cloudtrail = account.client("cloudtrail")
    cloudtrail.create_trail(**_laid_over(working, members))
    if state["logging"]:
        cloudtrail.start_logging(Name=chain.trail_arn)


def _create_bucket(account: Account, chain: Chain) -> None:
    elsewhere = account.region != "us-east-1"
    place = {"CreateBucketConfiguration": {"LocationConstraint": account.region}} if elsewhere else {}
    s3 = account.client("s3")
    s3.create_bucket(Bucket=chain.bucket, **place)
    s3.put_bucket_policy(Bucket=chain.bucket, Policy=json.dumps(_admits_cloudtrail(chain.bucket)))


def _admits_cloudtrail(bucket: str) -> Members:
    """https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-s3-bucket-policy-for-cloudtrail.html"""
    service, arn = {"Service": "cloudtrail.amazonaws.com"}, f"arn:aws:s3:::{bucket}"
    allow = {"Effect": "Allow", "Principal": service}
    return {
        "Version": "2012-10-17",
        "Statement": [
            {**allow, "Action": "s3:GetBucketAcl", "Resource": arn},
            {**allow, "Action": "s3:PutObject", "Resource": f"{arn}/AWSLogs/*"},
        ],
    }


def _delivery_role(account: Account, chain: Chain) -> str:
    """https://docs.aws.amazon.com/awscloudtrail/latest/userguide/send-cloudtrail-events-to-cloudwatch-logs.html"""
    name = account.named(
        f"cloudtrail-to-{chain.log_group_name.removeprefix(account.prefix)}-{account.region}"
    )
    streams = (
        chain.log_group_arn.removesuffix("*")
        + f"log-stream:{account.account_id}_CloudTrail_{account.region}*"
    )
    role = account.client("iam").create_role(
        RoleName=name,
        AssumeRolePolicyDocument=_policy({"Service": "cloudtrail.amazonaws.com"}, "sts:AssumeRole"),
    )
    account.client("iam").put_role_policy(
        RoleName=name,
        PolicyName="deliver",
        PolicyDocument=_policy(None, ["logs:CreateLogStream", "logs:PutLogEvents"], streams),
    )
    arn: str = role["Role"]["Arn"]
    return arn


def _policy(principal: Members | None, action: str | list[str], resource: str | None = None) -> str:
    statement: dict[str, Any] = {"Effect": "Allow", "Action": action}
    statement |= {"Principal": principal} if principal else {}
    statement |= {"Resource": resource} if resource else {}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def _put_selectors(
    account: Account, chain: Chain, basic: Sequence[Members], advanced: Sequence[Members]
) -> None:
    selectors = {"EventSelectors": list(basic)} if basic else {"AdvancedEventSelectors": list(advanced)}
    if basic or advanced:
        account.client("cloudtrail").put_event_selectors(TrailName=chain.trail_arn, **selectors)


def _put_metric_filter(account: Account, chain: Chain, members: Members, transformation: Members) -> None:
    working_transformation = {
        "metricName": METRIC_NAME,
        "metricNamespace": account.named(METRIC_NAMESPACE),
        "metricValue": "1",
        "defaultValue": 0.0,
    }
    working = {
        "logGroupName": chain.log_group_name,
        "filterName": chain.filter_name,
        "filterPattern": CIS_PATTERN,
        "metricTransformations": [_laid_over(working_transformation, transformation)],
    }
    account.client("logs").put_metric_filter(**_laid_over(working, members))


def _create_topic(account: Account, chain: Chain, attributes: Members) -> None:
    name = chain.topic_arn.rpartition(":")[2]
    account.client("sns").create_topic(Name=name, Attributes=_laid_over({}, attributes))


def _subscribe(
    account: Account,
    chain: Chain,
    subscriptions: Sequence[tuple[str, str]],
    attributes: Members,
    *,
    confirmed: bool,
) -> None:
    for person in subscriptions:
        protocol, endpoint = account.subscriber(*person, confirmed=confirmed)
        account.client("sns").subscribe(
            TopicArn=chain.topic_arn,
            Protocol=protocol,
            Endpoint=endpoint,
            Attributes=_laid_over({}, attributes),
        )
    if confirmed:
        account.confirm_subscriptions(chain.topic_arn)
