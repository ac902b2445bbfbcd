"""The chain as a picture: which links there are, and how each stands where one of them is broken."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from root_usage.verdict.findings import Link


class Standing(Enum):
    """What a result says of a link; of the links ahead of the broken one it says nothing more."""

    HOLDS = "holds"
    AHEAD = "ahead of the fault"
    BROKEN = "broken"
    BEHIND = "behind the fault"


@dataclass(frozen=True, slots=True)
class Node:
    label: str
    standing: Standing


# What people read in a picture of both ways at once; `Link.title` is one way's word.
LABELS = {
    Link.RULE: "the rule itself",
    Link.EVENT_RULE: "EventBridge rule",
    Link.ACTION: "action or target",
}

BY_ALARM = (Link.TRAIL, Link.LOG_GROUP, Link.METRIC_FILTER, Link.ALARM, Link.ACTION, Link.SUBSCRIBER)
BY_EVENT_RULE = (Link.TRAIL, Link.EVENT_RULE, Link.ACTION, Link.SUBSCRIBER)
# Where it isn't known which way the account goes.
BY_EITHER = (Link.TRAIL, Link.ALARM, Link.ACTION, Link.SUBSCRIBER)


def label_of(link: Link) -> str:
    return LABELS.get(link, link.title)


def labels_behind(broken: Link) -> tuple[str, ...]:
    """The links that an event doesn't reach where that one is broken."""
    return tuple(each.label for each in strip_of(broken) if each.standing is Standing.BEHIND)


def strip_of(broken: Link | None) -> tuple[Node, ...]:
    """The chain of an account whose first broken link is that; of one that is COMPLIANT without one."""
    if broken is None:
        return tuple(_either(each, Standing.HOLDS) for each in BY_EITHER)
    if broken is Link.RULE:
        behind = (_either(each, Standing.BEHIND) for each in BY_EITHER)
        return Node(label_of(Link.RULE), Standing.BROKEN), *behind
    if broken is Link.ROOT_USER:
        ahead = (_either(each, Standing.AHEAD) for each in BY_EITHER)
        return *ahead, Node(label_of(Link.ROOT_USER), Standing.BROKEN)
    if broken is Link.EVENT_RULE:
        return tuple(_nodes(BY_EVENT_RULE, broken))
    if broken in {Link.LOG_GROUP, Link.METRIC_FILTER, Link.ALARM}:
        return tuple(_nodes(BY_ALARM, broken))
    return tuple(_either(each, _standing(each, broken)) for each in BY_EITHER)


def _nodes(way: Iterable[Link], broken: Link) -> Iterable[Node]:
    return (Node(label_of(each), _standing(each, broken)) for each in way)


def _either(link: Link, standing: Standing) -> Node:
    return Node("alarm or EventBridge rule" if link is Link.ALARM else label_of(link), standing)


def _standing(link: Link, broken: Link) -> Standing:
    if link is broken:
        return Standing.BROKEN
    return Standing.AHEAD if link < broken else Standing.BEHIND
