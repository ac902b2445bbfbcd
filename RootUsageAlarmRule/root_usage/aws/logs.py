"""Log groups and metric filters, as CloudWatch Logs' API shows them.

https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_MetricFilter.html and siblings.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .arn import Arn, MalformedArn, Place

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
