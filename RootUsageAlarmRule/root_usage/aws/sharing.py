"""What a role was shown of another account, kept for some minutes for the next member that reads there.

All members under an organization trail ask the same of one account, whose quotas are small
(DescribeMetricFilters: 5 calls a second). Only answers of AWS are kept, never what was concluded from them:
each evaluation decides anew, and says how old the answers may be.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from .asking import NotOffered, Question, Unreadable

MINUTES_VARIABLE = "SHARED_MINUTES"
"""How long answers are kept, in the function's environment; nothing is kept where it isn't set."""


@dataclass(frozen=True, slots=True)
class _Kept:
    answer: Any
    asked_at: datetime
    shown_to: set[str]  # accounts: who asks again, such as after a repair, asks AWS


Kept = dict[tuple[str, Question[Any]], _Kept]
"""By the ARN of the role that asked."""


@dataclass(slots=True)
class Sharing:
    """One evaluation's use of what was kept; `kept` lives as long as the function's environment.

    No answer is older than `most_age` when the evaluation begins, at `now`.
    """

    kept: Kept
    account_id: str
    now: datetime
    most_age: timedelta
    _used: list[datetime] = field(default_factory=list, init=False)

    def __post_init__(self) -> None:
        for key, each in list(self.kept.items()):
            # The clock may have been set back meanwhile: what seems to come from the future goes as well.
            if not timedelta(0) <= self.now - each.asked_at <= self.most_age:
                del self.kept[key]

    @property
    def oldest(self) -> datetime | None:
        """When the oldest answer that was used was asked; None where AWS gave all of them now."""
        return min(self._used, default=None)

    def answer(self, role_arn: str, question: Question[Any], read: Callable[[], Any]) -> Any:
        """The kept answer, or what `read` gets from AWS; a refusal isn't kept, nor a fault that it raises.

        The evaluation has assumed the role already: what it may not read it isn't shown.
        """
        found = self.kept.pop((role_arn, question), None)
        if found is not None and self.account_id not in found.shown_to:
            self._used.append(found.asked_at)
        else:
            found = _Kept(read(), self.now, set())
        if not isinstance(found.answer, Unreadable | NotOffered):
            found.shown_to.add(self.account_id)
            self.kept[role_arn, question] = found
        return found.answer
