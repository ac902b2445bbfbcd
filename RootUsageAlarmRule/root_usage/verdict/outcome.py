"""What the rule concludes, and on what.

`Told` is the only outcome that becomes COMPLIANT; see `compliance_type`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import assert_never

from ..aws.arn import Arn
from ..aws.cloudtrail import Trail
from ..aws.cloudwatch import CompositeAlarm, MetricAlarm
from ..aws.events import Rule
from ..aws.logs import LogGroupId, MetricFilter
from .findings import Code, Finding, Link

Record = Trail | LogGroupId | MetricFilter | Rule | MetricAlarm | CompositeAlarm | Arn | int | None


@dataclass(frozen=True, slots=True)
class Station:
    """A link of a chain that holds, and the resource that makes it: its name, and its record as AWS gave it.

    The record of an action is its ARN, that of the last link the number of confirmed subscribers.
    `account_id` is the resource's, where that isn't the one under evaluation; see `placing`. `region` is its
    own, where each has a chain.
    """

    link: Link
    name: str
    account_id: str | None = None
    record: Record = field(default=None, compare=False)
    region: str | None = None

    @property
    def arn(self) -> Arn | None:
        """None where AWS's record of the resource has none."""
        match self.record:
            case Arn():
                return self.record
            case Trail() | Rule() | MetricAlarm() | CompositeAlarm():
                return self.record.arn
            case _:
                return None


@dataclass(frozen=True, slots=True)
class Chain:
    """One way from the trail towards a person: the links that hold, then the first that doesn't.

    `broken` is None when all links hold. `worst_minutes` is the longest time from an event's
    arrival in the log group to the ALARM state, by the alarm's own settings; an EventBridge rule has none.
    """

    steps: tuple[Station, ...]
    broken: Finding | None = None
    worst_minutes: int | None = None
    protocols: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    def name(self, link: Link) -> str:
        """The name of the resource at a link that holds; empty where the chain doesn't get that far."""
        return next((step.name for step in self.steps if step.link is link), "")

    def account_id(self, link: Link) -> str | None:
        """The account of the resource at a link that holds, where that isn't the one under evaluation."""
        return next((step.account_id for step in self.steps if step.link is link), None)

    def record(self, link: Link) -> Record:
        """What AWS showed of the resource at a link that holds."""
        return next((step.record for step in self.steps if step.link is link), None)

    @property
    def region(self) -> str | None:
        """Of an EventBridge rule's chain, the region that it speaks for."""
        return next((step.region for step in self.steps if step.region), None)

    def region_of(self, step: Station) -> str | None:
        """Where the resource is: a trail at home, what comes behind a log group in its region."""
        if isinstance(step.record, Trail):
            return step.record.home_region
        group = self.record(Link.LOG_GROUP)
        return step.region or (group.place.region if isinstance(group, LogGroupId) else None)

    @property
    def subscribers(self) -> int:
        """The confirmed subscribers that hear the alarm; an action other than a topic has none."""
        found = self.record(Link.SUBSCRIBER)
        return found if isinstance(found, int) else 0

    @property
    def reach(self) -> Link:
        """How far the chain gets: the broken link's place, or the last one."""
        return self.broken.code.link if self.broken else Link.SUBSCRIBER


@dataclass(frozen=True, slots=True)
class Told:
    """Every root event reaches somebody: through one of `chains`, or through all of them together."""

    chains: tuple[Chain, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NotTold:
    """A root event may go unheard; the findings lead with the chain that got furthest."""

    findings: tuple[Finding, ...]
    chains: tuple[Chain, ...] = ()


@dataclass(frozen=True, slots=True)
class ReportedElsewhere:
    """The rule is deployed in several regions, and this isn't the one that reports."""

    reporting_region: str


Verdict = Told | NotTold | ReportedElsewhere


def compliance_type(verdict: Verdict) -> str:
    """The one place where a verdict becomes a compliance type of AWS Config."""
    match verdict:
        case Told():
            return "COMPLIANT"
        case NotTold():
            return "NON_COMPLIANT"
        case ReportedElsewhere():
            return "NOT_APPLICABLE"
        case other:
            assert_never(other)


# A root alarm that leaves the telling to a composite alarm above it has no action of its own.
_INSTEAD = {Code.NO_ALARM_ACTION: 2, Code.ALARM_ACTIONS_DISABLED: 2} | dict.fromkeys(
    (each for each in Code if each.name.startswith("COMPOSITE_")), 1
)


def _reach(code: Code) -> Link:
    """How far a chain gets that breaks there: a composite alarm comes behind the alarm that it hears."""
    return Link.ACTION if _INSTEAD.get(code) == 1 else code.link


def not_told(chains: tuple[Chain, ...], *more: Finding) -> NotTold:
    """Leads with the finding whose link is furthest along; each finding once."""
    findings = dict.fromkeys([*more, *(chain.broken for chain in chains if chain.broken)])
    furthest_first = sorted(findings, key=lambda each: (-_reach(each.code), _INSTEAD.get(each.code, 0)))
    return NotTold(tuple(furthest_first), tuple(dict.fromkeys(chains)))
