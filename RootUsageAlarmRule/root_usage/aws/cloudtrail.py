"""Trails, as CloudTrail's API shows them.

https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_Trail.html and siblings.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from .arn import Arn
from .asking import NotOffered, Question, Reader, Readers, pages
from .clients import is_aws_endpoint

if TYPE_CHECKING:
    from mypy_boto3_cloudtrail import CloudTrailClient


@dataclass(frozen=True, slots=True)
class Trail:
    """A trail that applies to the account: its own, or an organization's.

    The ARN holds the home region and the account that owns the trail; an organization trail's copy
    in a member account carries the owner's ARN.
    """

    name: str
    arn: Arn
    home_region: str
    is_multi_region: bool
    is_organization_trail: bool
    includes_global_service_events: bool
    log_group_arn: str | None
    has_custom_event_selectors: bool | None  # None: AWS doesn't say
    log_group_role_arn: str | None = None  # the role that CloudTrail writes to the log group with

    @classmethod
    def from_api(cls, member: Mapping[str, Any]) -> Trail:
        arn = Arn.parse(member["TrailARN"])
        return cls(
            name=member["Name"],
            arn=arn,
            home_region=member.get("HomeRegion") or arn.region,
            is_multi_region=member.get("IsMultiRegionTrail", False),
            is_organization_trail=member.get("IsOrganizationTrail", False),
            includes_global_service_events=member.get("IncludeGlobalServiceEvents", False),
            log_group_arn=member.get("CloudWatchLogsLogGroupArn") or None,
            has_custom_event_selectors=member.get("HasCustomEventSelectors"),
            log_group_role_arn=member.get("CloudWatchLogsRoleArn") or None,
        )


@dataclass(frozen=True, slots=True)
class TrailStatus:
    is_logging: bool
    started_logging: datetime | None
    log_group_delivery_error: str | None
    log_group_delivery_time: datetime | None
    bucket_delivery_error: str | None = None

    @classmethod
    def from_api(cls, answer: Mapping[str, Any]) -> TrailStatus:
        return cls(
            is_logging=answer["IsLogging"],
            started_logging=answer.get("StartLoggingTime"),
            log_group_delivery_error=answer.get("LatestCloudWatchLogsDeliveryError") or None,
            log_group_delivery_time=answer.get("LatestCloudWatchLogsDeliveryTime"),
            bucket_delivery_error=answer.get("LatestDeliveryError") or None,
        )


@dataclass(frozen=True, slots=True)
class EventSelector:
    """A basic event selector, as far as management events go."""

    read_write_type: str = "All"  # ReadOnly, WriteOnly or All
    include_management_events: bool = True
    excluded_sources: frozenset[str] = frozenset()

    @classmethod
    def from_api(cls, member: Mapping[str, Any]) -> EventSelector:
        return cls(
            read_write_type=member.get("ReadWriteType", "All"),
            include_management_events=member.get("IncludeManagementEvents", True),
            excluded_sources=frozenset(member.get("ExcludeManagementEventSources", ())),
        )


@dataclass(frozen=True, slots=True)
class FieldSelector:
    """One condition of an advanced event selector; `operator` is AWS's (Equals, NotStartsWith ...)."""

    field: str
    operator: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AdvancedEventSelector:
    """All of its field selectors must hold for an event to be logged."""

    fields: tuple[FieldSelector, ...]

    @classmethod
    def from_api(cls, member: Mapping[str, Any]) -> AdvancedEventSelector:
        return cls(
            tuple(
                FieldSelector(each["Field"], operator, tuple(values))
                for each in member["FieldSelectors"]
                for operator, values in each.items()
                if operator != "Field"
            )
        )


@dataclass(frozen=True, slots=True)
class EventSelectors:
    """A trail's event selectors; an event is logged when any one of them selects it."""

    basic: tuple[EventSelector, ...]
    advanced: tuple[AdvancedEventSelector, ...]

    @classmethod
    def from_api(cls, answer: Mapping[str, Any]) -> EventSelectors:
        return cls(
            tuple(EventSelector.from_api(each) for each in answer.get("EventSelectors", ())),
            tuple(AdvancedEventSelector.from_api(each) for each in answer.get("AdvancedEventSelectors", ())),
        )


CHANNELS_TO_CLOUDWATCH = "aws-service-channel/cloudwatch/"
"""What the names of service-linked channels that CloudWatch gets events by begin with."""


@dataclass(frozen=True, slots=True)
class Channel:
    """A channel by which CloudTrail hands events to CloudWatch without a trail; AWS names no log group of it.

    https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_GetChannel.html
    """

    name: str
    applies_to_all_regions: bool
    selectors: tuple[AdvancedEventSelector, ...]

    @classmethod
    def from_api(cls, answer: Mapping[str, Any]) -> Channel:
        config = answer.get("SourceConfig", {})
        selectors = config.get("AdvancedEventSelectors", ())
        return cls(
            answer["Name"],
            config.get("ApplyToAllRegions", False),
            tuple(AdvancedEventSelector.from_api(each) for each in selectors),
        )


# -- what is asked, and how ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Trails(Question[tuple[Trail, ...]]):
    """Every trail that applies to the place, organization trails and shadow trails included."""


@dataclass(frozen=True, slots=True)
class StatusOfTrail(Question[TrailStatus]):
    trail: Trail


@dataclass(frozen=True, slots=True)
class EventSelectorsOfTrail(Question[EventSelectors]):
    trail: Trail


@dataclass(frozen=True, slots=True)
class ChannelsToCloudWatch(Question[tuple[Channel, ...] | NotOffered]):
    """The account's channels to CloudWatch that are seen in the place's region."""


def _trails(client: CloudTrailClient, _: Trails) -> tuple[Trail, ...]:
    return tuple(Trail.from_api(each) for each in client.describe_trails()["trailList"])


def _trail_status(client: CloudTrailClient, question: StatusOfTrail) -> TrailStatus:
    # The ARN, not the name: a name is looked up among the caller's own trails of the region only.
    return TrailStatus.from_api(client.get_trail_status(Name=str(question.trail.arn)))


def _event_selectors(client: CloudTrailClient, question: EventSelectorsOfTrail) -> EventSelectors:
    trail = question.trail
    # AWS documents that a trail without custom event selectors records all management events, so the
    # call can be spared; nobody else's endpoint is taken at its word, nor the copy of an organization
    # trail in a member account.
    is_plain = trail.has_custom_event_selectors is False and not trail.is_organization_trail
    if is_plain and is_aws_endpoint(client.meta.endpoint_url):
        return EventSelectors((), ())
    answer = client.get_event_selectors(TrailName=str(trail.arn))
    if not answer.keys() & {"EventSelectors", "AdvancedEventSelectors"}:
        raise KeyError("EventSelectors")  # a trail always has one of the two
    return EventSelectors.from_api(answer)


def _channels(client: CloudTrailClient, _: ChannelsToCloudWatch) -> tuple[Channel, ...]:
    listed = (each for page in pages(client.list_channels, "NextToken") for each in page["Channels"])
    ours = [each["ChannelArn"] for each in listed if each["Name"].startswith(CHANNELS_TO_CLOUDWATCH)]
    return tuple(Channel.from_api(client.get_channel(Channel=arn)) for arn in ours)


READERS: Readers = {
    Trails: Reader("cloudtrail", ("cloudtrail:DescribeTrails",), _trails),
    StatusOfTrail: Reader("cloudtrail", ("cloudtrail:GetTrailStatus",), _trail_status),
    EventSelectorsOfTrail: Reader("cloudtrail", ("cloudtrail:GetEventSelectors",), _event_selectors),
    ChannelsToCloudWatch: Reader(
        "cloudtrail",
        ("cloudtrail:ListChannels", "cloudtrail:GetChannel"),
        _channels,
        may_not_be_offered=True,
    ),
}
