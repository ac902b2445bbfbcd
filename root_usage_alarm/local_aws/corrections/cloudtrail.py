"""CloudTrail: log group delivery in the status, event selectors, organization trails in a member."""

from __future__ import annotations

import calendar
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from moto.cloudtrail.exceptions import TrailNotFoundException
from moto.cloudtrail.models import CloudTrailBackend, Trail, cloudtrail_backends
from moto.cloudtrail.responses import CloudTrailResponse
from moto.core.exceptions import JsonRESTError

from .patching import Corrections, kept

CORRECTIONS = Corrections()

_CHANNELS_PER_PAGE = 2  # AWS doesn't say how many; few, so that pages are seen to be followed
_TRAIL_NEVER_GIVEN_SELECTORS = {
    "ReadWriteType": "All",
    "IncludeManagementEvents": True,
    "DataResources": [],
    "ExcludeManagementEventSources": [],
}


@dataclass(slots=True)
class LogDelivery:
    """What GetTrailStatus says of the delivery to CloudWatch Logs; `at` None: while logging, just now."""

    error: str | None = None
    at: datetime | None = None
    never: bool = False


def log_delivery(trail: Any) -> LogDelivery:
    return kept(trail, "log_delivery", LogDelivery)


def foreign_trails(backend: Any) -> list[Any]:
    """The organization trails of other accounts that are seen from this account, in their home region."""
    return kept(backend, "foreign_trails", list)


def channels(backend: Any) -> dict[str, dict[str, Any]]:
    """The channels of the account and region, by their ARNs, as GetChannel shows them."""
    return kept(backend, "channels", dict)


@CORRECTIONS.adds(CloudTrailResponse)
def list_channels(self: Any) -> str:
    """https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_ListChannels.html"""
    there = [
        {"ChannelArn": each["ChannelArn"], "Name": each["Name"]}
        for each in channels(self.cloudtrail_backend).values()
    ]
    start = int(self._get_param("NextToken") or 0) % 10_000  # a token has at least four characters
    end = start + int(self._get_param("MaxResults") or _CHANNELS_PER_PAGE)
    token = {"NextToken": str(10_000 + end)} if end < len(there) else {}
    return json.dumps({"Channels": there[start:end]} | token)


@CORRECTIONS.adds(CloudTrailResponse)
def get_channel(self: Any) -> str:
    """https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_GetChannel.html"""
    arn = self._get_param("Channel")
    if arn not in channels(self.cloudtrail_backend):
        raise JsonRESTError("ChannelNotFoundException", f"Channel {arn} is not found.")
    return json.dumps(channels(self.cloudtrail_backend)[arn])


@CORRECTIONS.replaces(CloudTrailResponse, "get_trail_status")
def status_tells_of_log_group_delivery(_: Callable[..., str], self: Any) -> str:
    """moto knows nothing of the delivery to CloudWatch Logs, and reports local time for UTC.

    AWS returns LatestCloudWatchLogsDeliveryTime and ...Error, and answers a member for an organization
    trail when it gives the ARN:
    https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_GetTrailStatus.html
    """
    trail = _visible_trail(self.cloudtrail_backend, self._get_param("Name"))
    status = trail.status.description()
    for member, moment in (
        ("StartLoggingTime", trail.status.started),
        ("StopLoggingTime", trail.status.stopped),
    ):
        if moment is not None:
            status[member] = calendar.timegm(moment.timetuple())
    return json.dumps(status | _log_delivery_members(trail))


def _log_delivery_members(trail: Any) -> dict[str, Any]:
    delivery = log_delivery(trail)
    if not trail.cw_log_group_arn or trail.status.started is None:
        return {}
    members: dict[str, Any] = {}
    if delivery.error:
        members["LatestCloudWatchLogsDeliveryError"] = delivery.error
    if not delivery.never:
        members["LatestCloudWatchLogsDeliveryTime"] = _delivered_at(trail, delivery).timestamp()
    return members


def _delivered_at(trail: Any, delivery: LogDelivery) -> datetime:
    if delivery.at is not None:
        return delivery.at
    if trail.status.is_logging:
        return datetime.now(UTC)
    stopped: datetime = trail.status.stopped
    return stopped.replace(tzinfo=UTC)


def _visible_trail(backend: Any, name_or_arn: str) -> Any:
    for trail in backend.describe_trails(include_shadow_trails=True):
        if name_or_arn == trail.arn or (
            name_or_arn == trail.trail_name and trail.account_id == backend.account_id
        ):
            return trail
    raise TrailNotFoundException(account_id=backend.account_id, name=name_or_arn)


@CORRECTIONS.replaces(CloudTrailBackend, "describe_trails")
def organization_trails_are_seen_in_members(
    original: Callable[..., Any], self: Any, include_shadow_trails: bool
) -> list[Any]:
    """moto shows an account nothing but its own trails.

    AWS shows a member the organization trail too, with its owner's ARN, among the shadow trails:
    https://docs.aws.amazon.com/awscloudtrail/latest/userguide/creating-trail-organization.html
    """
    trails = list(original(self, include_shadow_trails))
    if include_shadow_trails:
        for backend in list(cloudtrail_backends[self.account_id].values()):
            trails += [
                trail
                for trail in foreign_trails(backend)
                if trail.is_multi_region or trail.region_name == self.region_name
            ]
    return trails


@CORRECTIONS.replaces(CloudTrailResponse, "describe_trails")
def describe_trails_honours_the_list_of_names(_: Callable[..., str], self: Any) -> str:
    """moto returns every trail, whatever trailNameList says.

    On AWS a name stands for a trail of this account and region, an ARN for any:
    https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_DescribeTrails.html
    """
    backend = self.cloudtrail_backend
    trails = backend.describe_trails(self._get_bool_param("includeShadowTrails", True))
    wanted = self._get_param("trailNameList") or []
    if wanted:
        here = (backend.account_id, backend.region_name)
        trails = [
            trail
            for trail in trails
            if trail.arn in wanted
            or (trail.trail_name in wanted and (trail.account_id, trail.region_name) == here)
        ]
    return json.dumps({"trailList": [trail.description(include_region=True) for trail in trails]})


@CORRECTIONS.replaces(CloudTrailBackend, "get_trail")
def another_accounts_trail_is_refused(original: Callable[..., Any], self: Any, name_or_arn: str) -> Any:
    """moto calls another account's trail unknown.

    AWS says that the ARN's account is not the caller's, for GetEventSelectors among others: see
    CloudTrailARNInvalidException in
    https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_GetEventSelectors.html

    A delegated administrator manages the organization trail, which has the management account's ARN;
    here it is the account that has the trail's log group:
    https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-delegated-administrator.html
    """
    for trail in foreign_trails(self):
        if name_or_arn == trail.arn and f":{self.account_id}:" in (trail.cw_log_group_arn or ""):
            return trail
    if name_or_arn.startswith("arn:") and name_or_arn.split(":")[4] != self.account_id:
        raise JsonRESTError(
            "CloudTrailARNInvalidException",
            "AccountID in ARN is wrong, you can only access resources with AccountID "
            + self.account_id
            + ".",
        )
    return original(self, name_or_arn)


@CORRECTIONS.replaces(CloudTrailBackend, "create_trail")
def create_trail_twice_fails(
    original: Callable[..., Any], self: Any, name: str, *args: Any, **kwargs: Any
) -> Any:
    """moto forgets the first trail. AWS answers TrailAlreadyExistsException:

    https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_CreateTrail.html
    """
    if name in self.trails:
        raise JsonRESTError(
            "TrailAlreadyExistsException", f"Trail {name} already exists for customer: {self.account_id}"
        )
    return original(self, name, *args, **kwargs)


@CORRECTIONS.replaces(CloudTrailBackend, "delete_trail")
def delete_trail_takes_an_arn(original: Callable[..., Any], self: Any, name: str) -> None:
    """moto ignores an ARN, and a trail that isn't there.

    https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_DeleteTrail.html
    """
    original(self, self.get_trail(name).trail_name)


@CORRECTIONS.replaces(Trail, "description")
def trail_tells_of_custom_event_selectors(
    original: Callable[..., dict[str, Any]], self: Any, include_region: bool = False
) -> dict[str, Any]:
    """moto always says HasCustomEventSelectors false, and returns members that have no value as null.

    https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_Trail.html
    """
    members = original(self, include_region)
    members["HasCustomEventSelectors"] = bool(self.event_selectors or self.advanced_event_selectors)
    return {name: value for name, value in members.items() if value is not None and value != ""}


@CORRECTIONS.replaces(CloudTrailResponse, "put_event_selectors")
def one_kind_of_event_selectors(_: Callable[..., str], self: Any) -> str:
    """moto keeps the advanced selectors when basic ones are put, and leaves AWS's defaults out.

    "You can use either, but not both": the last kind put is the one that holds. A basic selector
    logs all management events but for what it says:
    https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_PutEventSelectors.html
    """
    basic = self._get_param("EventSelectors") or []
    advanced = self._get_param("AdvancedEventSelectors") or []
    if bool(basic) == bool(advanced):
        raise JsonRESTError(
            "InvalidEventSelectorsException", "Give event selectors or advanced event selectors."
        )
    trail = self.cloudtrail_backend.get_trail(self._get_param("TrailName"))
    trail.event_selectors = [_TRAIL_NEVER_GIVEN_SELECTORS | selector for selector in basic]
    trail.advanced_event_selectors = advanced
    return json.dumps(_selectors(trail))


@CORRECTIONS.replaces(CloudTrailResponse, "get_event_selectors")
def default_event_selector(_: Callable[..., str], self: Any) -> str:
    """moto returns empty lists for a trail that was never given selectors, and both kinds at once.

    AWS returns one basic selector: all management events, read and write:
    https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_GetEventSelectors.html
    """
    return json.dumps(_selectors(self.cloudtrail_backend.get_trail(self._get_param("TrailName"))))


def _selectors(trail: Any) -> dict[str, Any]:
    if trail.advanced_event_selectors:
        return {"TrailARN": trail.arn, "AdvancedEventSelectors": trail.advanced_event_selectors}
    return {"TrailARN": trail.arn, "EventSelectors": trail.event_selectors or [_TRAIL_NEVER_GIVEN_SELECTORS]}
