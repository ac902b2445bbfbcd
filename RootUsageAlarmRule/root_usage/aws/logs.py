"""Log groups and metric filters, as CloudWatch Logs' API shows them.

https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_MetricFilter.html and siblings.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .arn import Arn, MalformedArn, Place
from .asking import Question, Reader, Readers, pages
from .clients import is_aws_endpoint

if TYPE_CHECKING:
    from mypy_boto3_logs import CloudWatchLogsClient

_RESOURCE_PREFIX = "log-group:"


@dataclass(frozen=True, slots=True)
class LogGroupId:
    """A log group's whole identity: groups of one name in two accounts have nothing in common."""

    place: Place
    name: str

    @classmethod
    def from_arn(cls, text: str) -> LogGroupId:
        """Takes an ARN with or without the `:*` at its end; raises MalformedArn."""
        arn = Arn.parse(text)
        if arn.service != "logs" or not arn.resource.startswith(_RESOURCE_PREFIX):
            raise MalformedArn(f"not the ARN of a log group: `{text}`")
        return cls(arn.place, arn.resource.removeprefix(_RESOURCE_PREFIX).removesuffix(":*"))


@dataclass(frozen=True, slots=True)
class LogGroup:
    name: str
    log_group_class: str

    @classmethod
    def from_api(cls, member: Mapping[str, Any]) -> LogGroup:
        return cls(name=member["logGroupName"], log_group_class=member.get("logGroupClass") or "STANDARD")


@dataclass(frozen=True, slots=True)
class MetricFilter:
    """A metric filter with its one metric transformation."""

    name: str
    pattern: str
    metric_namespace: str
    metric_name: str
    metric_value: str  # a literal number, or a selector such as `$.latency`
    default_value: float | None
    dimensions: tuple[tuple[str, str], ...]  # dimension name, selector of its value
    unit: str
    apply_on_transformed_logs: bool
    field_selection_criteria: str | None
    emit_system_field_dimensions: tuple[str, ...]

    @classmethod
    def from_api(cls, member: Mapping[str, Any]) -> MetricFilter:
        (transformation,) = member["metricTransformations"]
        return cls(
            name=member["filterName"],
            pattern=member.get("filterPattern", ""),
            metric_namespace=transformation["metricNamespace"],
            metric_name=transformation["metricName"],
            metric_value=transformation["metricValue"],
            default_value=transformation.get("defaultValue"),
            dimensions=tuple(sorted(transformation.get("dimensions", {}).items())),
            unit=transformation.get("unit") or "None",
            apply_on_transformed_logs=member.get("applyOnTransformedLogs", False),
            field_selection_criteria=member.get("fieldSelectionCriteria") or None,
            emit_system_field_dimensions=tuple(member.get("emitSystemFieldDimensions", ())),
        )


@dataclass(frozen=True, slots=True)
class PlacedFilter:
    """A metric filter, and the log group that it is on."""

    log_group_name: str
    metric_filter: MetricFilter

    @classmethod
    def from_api(cls, member: Mapping[str, Any]) -> PlacedFilter:
        return cls(member["logGroupName"], MetricFilter.from_api(member))


# -- what is asked, and how ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class LogGroupNamed(Question[LogGroup | None]):
    """None when there is no such log group; `has_metric_filters` is what AWS has shown already."""

    name: str
    has_metric_filters: bool = False


@dataclass(frozen=True, slots=True)
class MetricFiltersOf(Question[tuple[MetricFilter, ...] | None]):
    """None when there is no such log group."""

    log_group: LogGroupId


@dataclass(frozen=True, slots=True)
class FiltersOfMetric(Question[tuple[PlacedFilter, ...]]):
    """The metric filters of all log groups of the place that publish to a metric of that name."""

    namespace: str
    name: str


@dataclass(frozen=True, slots=True)
class FiltersOfPlace(Question[tuple[PlacedFilter, ...]]):
    """The first 50 metric filters of the place, on whichever log groups."""


@dataclass(frozen=True, slots=True)
class HasTransformer(Question[bool]):
    """Whether the log group has a log transformer, of its own or from an account policy."""

    log_group: LogGroupId


def _log_group(client: CloudWatchLogsClient, question: LogGroupNamed) -> LogGroup | None:
    # AWS shows no filters of a log group that isn't there, and supports them on class Standard only,
    # which can't be changed: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/MonitoringLogData.html
    if question.has_metric_filters and is_aws_endpoint(client.meta.endpoint_url):
        return LogGroup(question.name, "STANDARD")
    # Groups come sorted by name, so an exact match is the first of those with the prefix.
    answer = client.describe_log_groups(logGroupNamePrefix=question.name)
    named = (each for each in answer["logGroups"] if each["logGroupName"] == question.name)
    return next((LogGroup.from_api(each) for each in named), None)


def _metric_filters(
    client: CloudWatchLogsClient, question: MetricFiltersOf
) -> tuple[MetricFilter, ...] | None:
    pages = client.get_paginator("describe_metric_filters").paginate(logGroupName=question.log_group.name)
    try:
        return tuple(MetricFilter.from_api(each) for page in pages for each in page["metricFilters"])
    except client.exceptions.ResourceNotFoundException:
        return None


def _filters_of_metric(client: CloudWatchLogsClient, question: FiltersOfMetric) -> tuple[PlacedFilter, ...]:
    pages = client.get_paginator("describe_metric_filters").paginate(
        metricNamespace=question.namespace, metricName=question.name
    )
    return tuple(PlacedFilter.from_api(each) for page in pages for each in page["metricFilters"])


def _filters_of_place(client: CloudWatchLogsClient, _: FiltersOfPlace) -> tuple[PlacedFilter, ...]:
    # https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DescribeMetricFilters.html
    answer = client.describe_metric_filters(limit=50)
    return tuple(PlacedFilter.from_api(each) for each in answer["metricFilters"])


def _has_transformer(client: CloudWatchLogsClient, question: HasTransformer) -> bool:
    try:
        own = client.get_transformer(logGroupIdentifier=question.log_group.name).get("transformerConfig")
    except client.exceptions.ResourceNotFoundException:
        own = None
    return bool(own) or any(_account_transformers(client))


def _account_transformers(client: CloudWatchLogsClient) -> Iterator[Mapping[str, Any]]:
    # An account policy may transform every log group; which of them isn't decided here.
    for page in pages(client.describe_account_policies, "nextToken", policyType="TRANSFORMER_POLICY"):
        yield from page["accountPolicies"]


READERS: Readers = {
    LogGroupNamed: Reader("logs", ("logs:DescribeLogGroups",), _log_group),
    MetricFiltersOf: Reader("logs", ("logs:DescribeMetricFilters",), _metric_filters),
    FiltersOfMetric: Reader("logs", ("logs:DescribeMetricFilters",), _filters_of_metric),
    FiltersOfPlace: Reader("logs", ("logs:DescribeMetricFilters",), _filters_of_place),
    HasTransformer: Reader("logs", ("logs:GetTransformer", "logs:DescribeAccountPolicies"), _has_transformer),
}
