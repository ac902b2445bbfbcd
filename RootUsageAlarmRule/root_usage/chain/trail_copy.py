"""Judges the account's own copy of an organization trail: does it send the account's events?

https://docs.aws.amazon.com/awscloudtrail/latest/userguide/creating-trail-organization.html
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from ..aws.arn import Place
from ..aws.asking import Evidence, Unreadable
from ..aws.cloudtrail import StatusOfTrail, Trail
from ..aws.logs import LogGroupId
from ..verdict.findings import Code, Finding, quote
from .trail import is_fresh

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


def judge_copy(evidence: Evidence, trail: Trail, log_group: LogGroupId) -> Finding | tuple[str, ...]:
    """Why the account's events don't get into another account's log group; else what has to be noted."""
    if log_group.place.account_id == evidence.account_id:
        return ()
    copy = _Copy(trail, evidence.account_id, log_group.place.account_id)
    status = evidence.answer(StatusOfTrail(Place(evidence.account_id, trail.home_region), trail))
    if isinstance(status, Unreadable):
        return copy.unreadable(status)
    delivered = status.log_group_delivery_time
    if not status.is_logging:
        return copy.not_logging()
    if status.log_group_delivery_error:
        return copy.failing(status.log_group_delivery_error)
    if delivered and is_fresh(delivered, evidence.now):
        return ()
    # AWS makes the copy even where its check of bucket, key or log group failed, and tells of it here. An
    # error on the trail's own SNS topic, which tells of log files, keeps no event from the log group.
    if status.bucket_delivery_error:
        return copy.without_bucket(status.bucket_delivery_error)
    if delivered is None:
        # Which members AWS shows of a copy isn't documented; the trail's owner has to show this one.
        return (f"trail {quote(trail.name)}: this account's copy shows no time of delivery",)
    return copy.stale(delivered)


@dataclass(frozen=True, slots=True)
class _Copy:
    """The copy, and its findings. Only others can repair it: the trail's owner, or the log group's."""

    trail: Trail
    account_id: str
    log_group_account_id: str

    def unreadable(self, refusal: Unreadable) -> Finding:
        if self._may_be_in_a_disabled_region:
            return self._in_opt_in_region(refusal)
        trail = f"trail {quote(self.trail.name)} of account {self._owner}"
        if refusal.code == "TrailNotFoundException":
            # It may take up to 24 hours until a new trail is everywhere.
            # https://docs.aws.amazon.com/awscloudtrail/latest/userguide/creating-trail-organization.html
            return self._finding(
                Code.TRAIL_UNREADABLE,
                f"account {self.account_id} shows no copy of {trail}: "
                f"{refusal.call} answered {refusal.code}, so root events may not arrive",
                "wait a day if it is new, else have its owner check it",
            )
        return self._finding(
            Code.TRAIL_UNREADABLE,
            f"cannot verify that account {self.account_id} sends events to {trail}: "
            f"{refusal.call} answered {refusal.code}, so root events may not arrive",
            "allow it to the evaluation role",
        )

    @property
    def _may_be_in_a_disabled_region(self) -> bool:
        trail = self.trail
        is_opt_in = trail.arn.partition == "aws" and trail.home_region not in DEFAULT_REGIONS
        return is_opt_in and self.account_id != self._owner

    def _in_opt_in_region(self, refusal: Unreadable) -> Finding:
        fault = (
            f"trail {quote(self.trail.name)} is at home in opt-in region {self.trail.home_region} "
            f"and account {self.account_id} may send it nothing"
        )
        finding = self._finding(
            Code.TRAIL_AT_HOME_IN_OPT_IN_REGION,
            f"{fault} ({refusal.code})",
            f"enable it and allow GetTrailStatus there, or have account {self._owner} move it",
        )
        return replace(finding, short_message=fault)

    def not_logging(self) -> Finding:
        return self._finding(
            Code.TRAIL_NOT_LOGGING,
            f"{self._subject} doesn't log, so nothing that root does is recorded",
            f"have account {self._owner} start the trail's logging",
        )

    def failing(self, error: str) -> Finding:
        return self._finding(
            Code.TRAIL_DELIVERY_FAILS,
            f"{self._subject} can't deliver to CloudWatch Logs ({quote(error)}), "
            "so no filter sees its root events",
            f"have account {self.log_group_account_id} let the trail's role write to the log group",
        )

    def without_bucket(self, error: str) -> Finding:
        return self._finding(
            Code.TRAIL_DELIVERY_FAILS,
            f"{self._subject} can't deliver ({quote(error)}), so root events may not arrive",
            f"have account {self._owner} repair the trail's bucket, its policy or key, and save the trail",
        )

    def stale(self, delivered: datetime) -> Finding:
        return self._finding(
            Code.TRAIL_DELIVERY_STALE,
            f"{self._subject} delivered nothing to CloudWatch Logs since {delivered:%Y-%m-%d %H:%M} UTC, "
            "so root events may not arrive",
            f"have account {self.log_group_account_id} check the trail's log group and role",
        )

    @property
    def _owner(self) -> str:
        return self.trail.arn.account_id

    @property
    def _subject(self) -> str:
        return f"the copy of trail {quote(self.trail.name)} in account {self.account_id}"

    def _finding(self, code: Code, message: str, remedy: str) -> Finding:
        return Finding(code, str(self.trail.arn), message, remedy, account_id=self.account_id)
