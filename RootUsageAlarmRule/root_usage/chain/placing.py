"""Says in which account a resource is, where that isn't the one under evaluation.

A person reads the finding in the evaluated account, and would look there for what is somewhere else.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from ..aws.arn import Arn
from ..delivery import Delivered
from ..verdict.findings import PRESS_REMEDIATE, Finding, Link
from ..verdict.outcome import Chain, Station
from .trail import TrailDelivery


def placed(finding: Finding, account_id: str, evaluated_id: str) -> Finding:
    """The finding, its resource in that account, unless it says already where it is."""
    return replace(finding, account_id=_elsewhere(finding.account_id or account_id, evaluated_id))


def placed_chain(chain: Chain, delivery: TrailDelivery, evaluated_id: str) -> Chain:
    """The chain behind that delivery: its resources are the log group's neighbours."""
    trails, groups = delivery.trail.arn.account_id, delivery.log_group.place.account_id
    broken = placed(chain.broken, groups, evaluated_id) if chain.broken else None
    if broken and {trails, groups} != {evaluated_id}:
        # The document leaves alone what an organization shares.
        broken = replace(broken, remedy=broken.remedy.removesuffix(PRESS_REMEDIATE))
    steps = tuple(
        _placed_step(step, trails if step.link is Link.TRAIL else groups, evaluated_id)
        for step in chain.steps
    )
    return replace(chain, steps=steps, broken=broken)


def stations_of(delivered: Delivered, region: str | None = None) -> tuple[Station, Station]:
    """The links behind the alarm, or the rule: what it tells, and who hears that."""
    action, subscribers = Arn.parse(delivered.action), delivered.confirmed_subscribers
    account_id = action.account_id or None
    return (
        Station(Link.ACTION, delivered.topic_name or delivered.action, account_id, action, region),
        Station(Link.SUBSCRIBER, str(subscribers), account_id, subscribers, region),
    )


def placed_steps(steps: Iterable[Station], evaluated_id: str) -> tuple[Station, ...]:
    """The stations, each with its account where that isn't the evaluated one."""
    return tuple(_placed_step(each, evaluated_id, evaluated_id) for each in steps)


def _placed_step(step: Station, account_id: str, evaluated_id: str) -> Station:
    return replace(step, account_id=_elsewhere(step.account_id or account_id, evaluated_id))


def _elsewhere(account_id: str, evaluated_id: str) -> str | None:
    return None if account_id == evaluated_id else account_id
