"""What came of a drill, for whoever has to show it later: a small JSON file.

It says what happened once. No verdict ever rests on it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from root_usage.aws.arn import Place
from root_usage.aws.cloudtrail import Trail
from root_usage.aws.cloudwatch import CompositeAlarm, MetricAlarm
from root_usage.aws.logs import LogGroupId, MetricFilter
from root_usage.verdict.findings import Link
from root_usage.verdict.outcome import Chain, Station

from .. import __version__

SCHEMA = "root-usage-alarm-drill/1"

HEARD, NOT_HEARD, NOT_CONFIRMED = "HEARD", "NOT_HEARD", "NOT_CONFIRMED"


class NotADrill(Exception):
    """What the file should have been, and where it isn't."""


@dataclass(frozen=True, slots=True)
class ChainLink:
    """A link as it was at the drill. `setting`: the filter's pattern, or when the alarm was changed last."""

    link: str
    name: str
    account_id: str
    region: str
    setting: str = ""


@dataclass(frozen=True, slots=True)
class Moment:
    """When a link was passed, ISO 8601, and how many seconds after the beginning."""

    link: str
    time: str
    seconds: float
    source: str = "AWS"  # or `first seen`, where AWS gives no time


@dataclass(frozen=True, slots=True)
class Confirmation:
    """What a person said about the message."""

    arrived: bool
    by: str
    where: str
    time: str


@dataclass(frozen=True, slots=True)
class DrillRecord:
    """The file's members, in their order. `kind` is `ring` or `watch`."""

    kind: str
    time: str
    by: str
    account_id: str
    chain: tuple[ChainLink, ...]
    times: tuple[Moment, ...]
    action: Mapping[str, str]
    delivered: Mapping[str, float] | str | None
    outcome: str
    confirmation: Confirmation | None = None
    limit_minutes: int | None = None
    notes: tuple[str, ...] = ()
    tool_version: str = __version__

    def write(self, path: Path) -> None:
        """Raises OSError."""
        found = {"schema": SCHEMA, **asdict(self, dict_factory=_members)}
        path.write_text(f"{json.dumps(found, indent=2)}\n", encoding="utf-8")


def _members(fields: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    """In the spelling of the tool's other JSON: `accountId`."""
    return {re.sub("_(.)", lambda found: found[1].upper(), name): value for name, value in fields}


def outcome_of(*, succeeded: bool, confirmation: Confirmation | None) -> str:
    """Whether a person was told; an action that wasn't carried out is no message, whoever says so."""
    if not succeeded or (confirmation and not confirmation.arrived):
        return NOT_HEARD
    return HEARD if confirmation else NOT_CONFIRMED


def links_of(chain: Chain, account_id: str) -> tuple[ChainLink, ...]:
    """The chain's resources, as far as it holds."""
    return tuple(_link(each, chain, account_id) for each in chain.steps)


def _link(step: Station, chain: Chain, account_id: str) -> ChainLink:
    place, setting = _place(step, chain), ""
    match step.record:
        case MetricFilter(pattern=pattern):
            setting = pattern
        case MetricAlarm(configuration_updated=changed) | CompositeAlarm(configuration_updated=changed):
            setting = changed.isoformat() if changed else ""
    where = step.account_id or (place.account_id if place else account_id)
    return ChainLink(step.link.name, step.name, where, place.region if place else "", setting)


def _place(step: Station, chain: Chain) -> Place | None:
    """The actions and subscribers are in the alarm's region."""
    match step.record:
        case Trail(arn=arn):
            return arn.place
        case LogGroupId(place=place) | MetricAlarm(place=place) | CompositeAlarm(place=place):
            return place
    near = chain.record(Link.LOG_GROUP if step.link is Link.METRIC_FILTER else Link.ALARM)
    return near.place if isinstance(near, LogGroupId | MetricAlarm | CompositeAlarm) else None


# -- read again ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class EarlierDrill:
    """As much of a record as is looked at later."""

    account_id: str
    kind: str
    outcome: str
    time: datetime
    confirmed_by: str
    chain: tuple[ChainLink, ...]


def read(path: Path) -> EarlierDrill:
    """Raises NotADrill."""
    try:
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        if found.get("schema") != SCHEMA:
            raise NotADrill(f"`{path}`: schema {found.get('schema')!r} isn't {SCHEMA!r}")
        confirmation = found["confirmation"] or {}
        return EarlierDrill(
            account_id=str(found["accountId"]),
            kind=str(found["kind"]),
            outcome=str(found["outcome"]),
            time=_aware(found["time"]),
            confirmed_by=str(confirmation.get("by", "")),
            chain=tuple(_link_in(each) for each in found["chain"]),
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise NotADrill(f"`{path}` is no record of a drill: {error}") from error


def _link_in(member: Mapping[str, str]) -> ChainLink:
    name, account_id, region = member["name"], member["accountId"], member["region"]
    return ChainLink(Link[member["link"]].name, name, account_id, region, member["setting"])


def _aware(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"{text} has no time zone")
    return moment


def changes_since(drill: EarlierDrill, chains: Iterable[Chain], account_id: str) -> tuple[str, ...]:
    """What of the drilled chain isn't as it was; empty where one of today's chains is the same."""
    if drill.account_id != account_id:
        return (f"it was in account {drill.account_id}",)
    differences = [_differences(drill.chain, links_of(each, account_id)) for each in chains]
    return min(differences, key=len, default=("no chain is left",))


def _differences(before: tuple[ChainLink, ...], now: tuple[ChainLink, ...]) -> tuple[str, ...]:
    by_link = {each.link: each for each in now}
    found = []
    for each in before:
        title, today = Link[each.link].title, by_link.get(each.link)
        if today is None:
            found.append(f"{title} `{each.name}` is in no chain any more")
        elif today.name != each.name or (today.account_id, today.region) != (each.account_id, each.region):
            found.append(f"{title} was `{each.name}`, is `{today.name}`")
        elif today.setting != each.setting:
            found.append(f"{title} `{each.name}` was changed since")
    return tuple(found)
