"""Makes whole, realistic events of what the search found: a plain root event, changed where it must be."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from typing import Any

from .goals import Problem
from .nodes import NodePath
from .root_activity import ABSENT, CALLS, CONSOLE_ACTIONS
from .root_events import Event, EventKind, copy_of
from .search import Held
from .views import Opaque, View


@dataclass(frozen=True, slots=True)
class Departure:
    """Where an event differs from the plain one that it was made from; ABSENT is no value."""

    path: NodePath
    usual: Any
    value: Any


@dataclass(frozen=True, slots=True)
class Escape:
    """A missed event, made from the plain one of its kind, and where it departs from that."""

    event: Event
    kind: EventKind
    departures: tuple[Departure, ...] = ()


def is_surely_unheard(views: Sequence[View | Opaque], event: Event) -> bool:
    """Whether no watch catches the event, under any reading."""
    return not any(isinstance(view, Opaque) or view.may_catch(event) for view in views)


class Tailor:
    """Fits a plain event to what has to hold."""

    def __init__(self, problem: Problem, plain: Event) -> None:
        self._problem = problem
        self._plain = plain

    def cost(self, path: NodePath, samples: int) -> float:
        """What the cheapest of these values costs: nothing if it is the plain event's."""
        return min(price for price, _ in self._priced(path, samples))

    def event(self, held: Held) -> Event:
        """The plain event with the cheapest values that do."""
        event = copy_of(self._plain)
        for path in sorted(held, key=len):
            samples = self._problem.nodes[path].meeting(held[path])
            _, value = min(self._priced(path, samples), key=lambda each: each[0])
            _put(event, path, value)
        return event

    def departures(self, event: Event) -> tuple[Departure, ...]:
        return tuple(_departures(self._plain, event, ()))

    def _priced(self, path: NodePath, samples: int) -> Iterator[tuple[float, Any]]:
        usual = value_at(self._plain, path)
        for index, sample in enumerate(self._problem.nodes[path].samples):
            if samples >> index & 1:
                yield (0.0 if _is_like(usual, sample) else _price(path) + index / 1000), sample


def natural(event: Event, held: Held, views: Sequence[View | Opaque]) -> Event:
    """The event of a call that exists: name, service and kind of access as they go together.

    Only where that is still unheard; what was found stands otherwise.
    """
    for call in _CALLS_OF_TYPE.get(event["eventType"], ()):
        fields = {"eventSource": call.source, "eventName": call.name, "readOnly": call.is_read_only}
        if any(event.get(name) != value for name, value in fields.items() if (name,) in held):
            continue
        if all(event.get(name) == value for name, value in fields.items()):
            return event
        candidate = {**event, **fields}
        if ("requestParameters",) not in held and not any(path[0] == "requestParameters" for path in held):
            candidate["requestParameters"] = None
        if is_surely_unheard(views, candidate):
            return candidate
    return event


_CALLS_OF_TYPE = {"AwsApiCall": CALLS, "AwsConsoleAction": CONSOLE_ACTIONS}


def value_at(event: Any, path: NodePath) -> Any:
    value = event
    for key in path:
        if isinstance(key, str):
            value = value.get(key, ABSENT) if isinstance(value, dict) else ABSENT
        else:
            value = value[key] if isinstance(value, list) and key < len(value) else ABSENT
    return value


# What tells which call it is costs more than the circumstances: another region is a small departure.
_TELLING = frozenset({"eventName", "eventSource", "eventType", "readOnly"})


def _price(path: NodePath) -> float:
    return 2.0 if path[0] in _TELLING else 1.0 + 0.1 * len(path)


def _is_like(usual: Any, sample: Any) -> bool:
    if isinstance(usual, dict) or isinstance(sample, dict):
        return isinstance(usual, dict) and isinstance(sample, dict)
    return type(usual) is type(sample) and bool(usual == sample)


def _put(event: Event, path: NodePath, value: Any) -> None:
    parent: Any = event
    for key, following in pairwise(path):
        parent = _child(parent, key, [] if isinstance(following, int) else {})
    last = path[-1]
    if isinstance(last, int):
        if value is not ABSENT:
            parent.extend([None] * (last + 1 - len(parent)))
            parent[last] = _json(value)
        return
    if value is ABSENT:
        parent.pop(last, None)
    elif not (isinstance(value, dict) and isinstance(parent.get(last), dict)):
        parent[last] = _json(value)


def _child(parent: Any, key: str | int, empty: Any) -> Any:
    if isinstance(key, int):
        parent.extend([None] * (key + 1 - len(parent)))
        if not isinstance(parent[key], type(empty)):
            parent[key] = empty
    elif not isinstance(parent.get(key), type(empty)):
        parent[key] = empty
    return parent[key]


def _json(value: Any) -> Any:
    if isinstance(value, dict | list):
        return type(value)()  # the sample itself must stay as it is
    return float(value) if isinstance(value, Decimal) else value


def _departures(usual: Any, value: Any, path: NodePath) -> Iterator[Departure]:
    if isinstance(value, dict) and (value or isinstance(usual, dict)):
        before = usual if isinstance(usual, dict) else {}
        for name in dict.fromkeys((*before, *value)):
            yield from _departures(before.get(name, ABSENT), value.get(name, ABSENT), (*path, name))
    elif usual != value or type(usual) is not type(value):
        yield Departure(path, usual, value)
