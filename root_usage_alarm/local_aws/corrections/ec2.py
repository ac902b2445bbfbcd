"""EC2: which regions are enabled in an account."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from moto.core.responses import ActionResult
from moto.ec2.models import ec2_backends
from moto.ec2.models.availability_zones_and_regions import Region
from moto.ec2.responses.availability_zones_and_regions import AvailabilityZonesAndRegions
from moto.utilities.utils import filter_resources, get_partition

from .patching import Corrections, kept

CORRECTIONS = Corrections()

# https://docs.aws.amazon.com/accounts/latest/reference/manage-acct-regions.html
_NEEDS_NO_OPT_IN = frozenset(
    {
        *("us-east-1", "us-east-2", "us-west-1", "us-west-2", "ca-central-1", "sa-east-1"),
        *("eu-central-1", "eu-north-1", "eu-west-1", "eu-west-2", "eu-west-3"),
        *("ap-northeast-1", "ap-northeast-2", "ap-northeast-3", "ap-south-1"),
        *("ap-southeast-1", "ap-southeast-2"),
        *("us-gov-east-1", "us-gov-west-1", "cn-north-1", "cn-northwest-1"),
    }
)


def enabled_regions(account_id: str) -> set[str]:
    """Those that need no opt-in, until somebody says otherwise; one set for the whole account."""
    return kept(ec2_backends[account_id]["us-east-1"], "enabled_regions", lambda: set(_NEEDS_NO_OPT_IN))


@CORRECTIONS.replaces(AvailabilityZonesAndRegions, "describe_regions")
def only_enabled_regions_are_shown(_: Callable[..., ActionResult], self: Any) -> ActionResult:
    """moto shows the regions of all partitions, opted in or not, and knows neither AllRegions nor filters.

    https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeRegions.html
    """
    self.error_on_dryrun()
    enabled, shows_all = enabled_regions(self.current_account), self._get_bool_param("AllRegions", False)
    shown = [
        Region(each.name, each.endpoint, _status(each.name, enabled))
        for each in self.ec2_backend.describe_regions(self._get_param("RegionNames", []))
        if get_partition(each.name) == get_partition(self.region) and (shows_all or each.name in enabled)
    ]
    attributes = (
        ("region-name", "name"),
        ("endpoint", "endpoint"),
        ("opt-in-status", "opt_in_status"),
    )
    return ActionResult(
        {"Regions": filter_resources(shown, self._filters_from_querystring() or {}, attributes)}
    )


def _status(region: str, enabled: set[str]) -> str:
    if region in _NEEDS_NO_OPT_IN:
        return "opt-in-not-required"
    return "opted-in" if region in enabled else "not-opted-in"
