"""Judges the account's own copy of an organization trail: does it send the account's events?

https://docs.aws.amazon.com/awscloudtrail/latest/userguide/creating-trail-organization.html
"""

from __future__ import annotations

from .evidence import Evidence, StatusOfTrail, Unreadable
from .findings import Code, Finding, quote
from .records.arn import Place
from .records.cloudtrail import Trail
from .records.logs import LogGroupId
from .trail import judge_status

# Regions that every account has; the others have to be enabled account by account. China and GovCloud
# have none of those. https://docs.aws.amazon.com/global-infrastructure/latest/regions/aws-regions.html
DEFAULT_REGIONS = frozenset(
    {
        *("us-east-1", "us-east-2", "us-west-1", "us-west-2", "ca-central-1", "sa-east-1"),
        *("eu-central-1", "eu-west-1", "eu-west-2", "eu-west-3", "eu-north-1"),
        *("ap-south-1", "ap-northeast-1", "ap-northeast-2", "ap-northeast-3"),
        *("ap-southeast-1", "ap-southeast-2"),
    }
)


def judge_copy(
    evidence: Evidence, trail: Trail, log_group: LogGroupId
) -> tuple[Finding | None, tuple[str, ...]]:
    """Why the account's events don't get into another account's log group, or None; and notes."""
    if log_group.place.account_id == evidence.account_id:
        return None, ()
    if trail.arn.partition == "aws" and trail.home_region not in DEFAULT_REGIONS:
        return _opt_in(trail, evidence.account_id), ()
    status = evidence.answer(StatusOfTrail(Place(evidence.account_id, trail.home_region), trail))
    if isinstance(status, Unreadable):
        return None, (f"trail {quote(trail.name)}: this account may not see the state of its own copy",)
    if status.log_group_delivery_error or not status.is_logging:
        return judge_status(trail, status, evidence.now)
    return None, ()


def _opt_in(trail: Trail, account_id: str) -> Finding:
    return Finding(
        Code.TRAIL_AT_HOME_IN_OPT_IN_REGION,
        str(trail.arn),
        f"trail {quote(trail.name)} is at home in opt-in region {trail.home_region}, so account {account_id} "
        "sends nothing unless it enabled that region",
        "move the organization trail to a region that every account has",
    )
