"""One working account as evidence; tests change one thing in it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from root_usage.aws.arn import Arn, Place
from root_usage.aws.asking import Evidence, Question
from root_usage.aws.cloudtrail import (
    ChannelsToCloudWatch,
    EventSelectors,
    EventSelectorsOfTrail,
    StatusOfTrail,
    Trail,
    Trails,
    TrailStatus,
)
from root_usage.aws.cloudwatch import (
    ActionHistoryOf,
    Alarms,
    AlarmsForMetric,
    AlarmState,
    EveryAlarm,
    Metric,
    MetricAlarm,
    MuteRulesOf,
)
from root_usage.aws.logs import (
    FiltersOfMetric,
    FiltersOfPlace,
    LogGroup,
    LogGroupId,
    LogGroupNamed,
    MetricFilter,
    MetricFiltersOf,
    PlacedFilter,
)
from root_usage.aws.observability import Pipelines
from root_usage.aws.sns import (
    AttributesOfSubscription,
    Subscription,
    SubscriptionAttributes,
    SubscriptionsOf,
    Topic,
    TopicAt,
)

ACCOUNT = "111122223333"
OTHER_ACCOUNT = "444455556666"
REGION = "eu-west-1"
NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
PLACE = Place(ACCOUNT, REGION)
CIS_PATTERN = (
    '{ $.userIdentity.type = "Root" && $.userIdentity.invokedBy NOT EXISTS '
    '&& $.eventType != "AwsServiceEvent" }'
)

TRAIL = Trail(
    name="management",
    arn=Arn("aws", "cloudtrail", REGION, ACCOUNT, "trail/management"),
    home_region=REGION,
    is_multi_region=True,
    is_organization_trail=False,
    includes_global_service_events=True,
    log_group_arn=f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:trail-logs:*",
    has_custom_event_selectors=False,
)
STATUS = TrailStatus(
    is_logging=True,
    started_logging=NOW - timedelta(days=300),
    log_group_delivery_error=None,
    log_group_delivery_time=NOW - timedelta(minutes=7),
)
LOG_GROUP_ID = LogGroupId(PLACE, "trail-logs")
LOG_GROUP = LogGroup("trail-logs", "STANDARD")
FILTER = MetricFilter(
    name="root-usage-filter",
    pattern=CIS_PATTERN,
    metric_namespace="CloudTrailMetrics",
    metric_name="RootAccountUsageCount",
    metric_value="1",
    default_value=None,
    dimensions=(),
    unit="None",
    apply_on_transformed_logs=False,
    field_selection_criteria=None,
    emit_system_field_dimensions=(),
)
TOPIC_ARN = Arn("aws", "sns", REGION, ACCOUNT, "security")
ALARM = MetricAlarm(
    name="root-usage",
    arn=Arn("aws", "cloudwatch", REGION, ACCOUNT, "alarm:root-usage"),
    actions_enabled=True,
    alarm_actions=(str(TOPIC_ARN),),
    state=AlarmState("OK", "no datapoints", NOW - timedelta(days=200), NOW - timedelta(days=200)),
    metric=Metric("CloudTrailMetrics", "RootAccountUsageCount"),
    statistic="Sum",
    period=300,
    unit=None,
    evaluation_periods=1,
    datapoints_to_alarm=1,
    threshold=1.0,
    comparison_operator="GreaterThanOrEqualToThreshold",
    treat_missing_data="notBreaching",
    evaluate_low_sample_count_percentile=None,
    queries=(),
    threshold_metric_id=None,
    evaluation_state=None,
    wall_clock_timezone=None,
    warm_up_minutes=None,
    promql=None,
)
TOPIC = Topic(
    arn=str(TOPIC_ARN),
    owner=ACCOUNT,
    policy=(
        '{"Version":"2012-10-17","Statement":[{"Effect":"Allow",'
        '"Principal":{"Service":"cloudwatch.amazonaws.com"},"Action":"sns:Publish",'
        f'"Resource":"{TOPIC_ARN}"}}]}}'
    ),
    kms_key=None,
    is_fifo=False,
)
SUBSCRIPTION = Subscription(f"{TOPIC_ARN}:0", ACCOUNT, "email", "security@example.com")
SUBSCRIPTION_ATTRIBUTES = SubscriptionAttributes(
    pending_confirmation=False,
    filter_policy=None,
    filter_policy_scope="MessageAttributes",
)

TRAILS = Trails(PLACE)
CHANNELS = ChannelsToCloudWatch(PLACE)
STATUS_OF_TRAIL = StatusOfTrail(PLACE, TRAIL)
SELECTORS_OF_TRAIL = EventSelectorsOfTrail(PLACE, TRAIL)
LOG_GROUP_NAMED = LogGroupNamed(PLACE, "trail-logs", has_metric_filters=True)
FILTERS_OF_GROUP = MetricFiltersOf(PLACE, LOG_GROUP_ID)
PIPELINES = Pipelines(PLACE)
ALARMS_FOR_METRIC = AlarmsForMetric(PLACE, "CloudTrailMetrics", "RootAccountUsageCount")
FILTERS_OF_METRIC = FiltersOfMetric(PLACE, "CloudTrailMetrics", "RootAccountUsageCount")
FILTERS_OF_PLACE = FiltersOfPlace(PLACE)
EVERY_ALARM = EveryAlarm(PLACE)
MUTE_RULES = MuteRulesOf(PLACE, "root-usage")
HISTORY = ActionHistoryOf(PLACE, "root-usage")
TOPIC_AT = TopicAt(PLACE, TOPIC_ARN)
SUBSCRIPTIONS = SubscriptionsOf(PLACE, TOPIC_ARN)
ATTRIBUTES = AttributesOfSubscription(PLACE, f"{TOPIC_ARN}:0")

WORKING: Mapping[Question[Any], Any] = {
    TRAILS: (TRAIL,),
    CHANNELS: (),
    STATUS_OF_TRAIL: STATUS,
    SELECTORS_OF_TRAIL: EventSelectors((), ()),
    LOG_GROUP_NAMED: LOG_GROUP,
    LogGroupNamed(PLACE, "trail-logs"): LOG_GROUP,
    FILTERS_OF_GROUP: (FILTER,),
    PIPELINES: (),
    ALARMS_FOR_METRIC: (ALARM,),
    FILTERS_OF_METRIC: (PlacedFilter("trail-logs", FILTER),),
    FILTERS_OF_PLACE: (),
    EVERY_ALARM: Alarms((ALARM,), (), ()),
    MUTE_RULES: (),
    HISTORY: (),
    TOPIC_AT: TOPIC,
    SUBSCRIPTIONS: (SUBSCRIPTION,),
    ATTRIBUTES: SUBSCRIPTION_ATTRIBUTES,
}


def evidence(changes: Mapping[Any, Any] | None = None) -> Evidence:
    """The working account, with some answers changed."""
    return Evidence(ACCOUNT, REGION, NOW, {**WORKING, **(changes or {})})
