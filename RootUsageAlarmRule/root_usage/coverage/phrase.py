"""Says in a few words which root events are missed."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ..filter_pattern.matching import conditions
from ..filter_pattern.syntax import Comparison, JsonPattern, Member, Operator, Text, UnstructuredPattern
from ..verdict.findings import quote
from .budget import Budget, CapReached
from .goals import Problem
from .nodes import NodePath, Stance
from .root_activity import ABSENT, root_activity
from .root_events import Event, EventKind
from .search import cheapest
from .views import Opaque, View
from .witness import Departure, Tailor, is_surely_unheard

_PLAIN = {
    EventKind.SIGN_IN_WITH_MFA: "misses root ConsoleLogin with MFA",
    EventKind.FAILED_SIGN_IN: "misses root ConsoleLogin that fails",
    EventKind.READ_ONLY_CALL: "misses root's read-only calls, such as GetAccountSummary",
    EventKind.FAILED_CALL: "misses root calls that fail",
    EventKind.ACCESS_KEY_CALL: "misses root calls with an access key",
    EventKind.OTHER_REGION_CALL: "misses root calls in other regions",
    EventKind.PASSWORD_RECOVERY: "misses root PasswordRecoveryRequested",
    EventKind.PASSWORD_CHANGE: "misses root PasswordUpdated",
    EventKind.CONSOLE_ACTION: "misses root's console actions (AwsConsoleAction)",
    EventKind.ASSUME_ROOT: "misses root sessions by AssumeRoot",
}

MAX_CONDITIONS = 30
"""In longer patterns nobody looks for what is missing, and the proof has had its time."""

_SIGN_INS = frozenset({EventKind.SIGN_IN_WITHOUT_MFA, EventKind.SIGN_IN_WITH_MFA, EventKind.FAILED_SIGN_IN})


def phrase_for(
    views: Sequence[View | Opaque],
    event: Event,
    kind: EventKind,
    departures: Sequence[Departure],
    plain_events: Mapping[EventKind, Event],
) -> str:
    """The hole that the event shows; it departs from the plain one of its kind in these points."""
    not_recorded = _not_recorded(views, event)
    if not_recorded:
        return not_recorded
    if departures:
        return _of_departure(kind, min(departures, key=lambda each: _weight(each.path)))
    if kind is EventKind.API_CALL:
        return _of_api_calls(views, event, plain_events)
    if kind is EventKind.SIGN_IN_WITHOUT_MFA:
        all_missed = is_surely_unheard(views, plain_events[EventKind.SIGN_IN_WITH_MFA])
        return "misses root ConsoleLogin" if all_missed else "misses root ConsoleLogin without MFA"
    return _PLAIN[kind]


# -- one departure from a plain event

_DEPARTURES: Mapping[NodePath, str] = {
    ("awsRegion",): "misses {value}",
    ("eventName",): "misses root {value}",
    ("eventSource",): "misses root's {value} calls",
    ("eventType",): "misses root events of type {value}",
    ("sourceIPAddress",): "misses {subject} from {value}",
    ("userAgent",): "misses {subject} by user agent {value}",
    ("userIdentity", "sessionContext", "attributes", "mfaAuthenticated"): "misses root sessions without MFA",
}


def _of_departure(kind: EventKind, departure: Departure) -> str:
    subject = "root ConsoleLogin" if kind in _SIGN_INS else "root calls"
    path, value = departure.path, departure.value
    name = field_name(path)
    if path == ("userIdentity", "sessionContext", "attributes", "mfaAuthenticated") and value == "true":
        return "misses root sessions with MFA"
    if path in _DEPARTURES and isinstance(value, str):
        return _DEPARTURES[path].format(subject=subject, value=shown(value))
    if path[-1] == "assumedRoot" and value is not ABSENT:
        return "misses root sessions by AssumeRoot"
    if path == ("readOnly",):
        return "misses root's read-only calls" if value is True else "misses root's write calls"
    if path in (("errorCode",), ("errorMessage",)) and departure.usual is ABSENT:
        return f"misses {subject} that fail ({name})"
    if path == ("additionalEventData", "MFAUsed") and value in ("Yes", "No"):
        return f"misses {subject} {'with' if value == 'Yes' else 'without'} MFA"
    if value is ABSENT:
        return f"misses {subject} without {name}"
    if departure.usual is ABSENT or isinstance(value, dict):
        return f"misses {subject} with {name}"
    return f"misses {subject} with {name} {shown(value)}"


def _weight(path: NodePath) -> int:
    """What tells most comes first: which call, then which circumstances."""
    order = ("eventName", "eventSource", "eventType", "readOnly", "awsRegion", "errorCode")
    return order.index(str(path[0])) if path[0] in order else len(order) + len(path)


def field_name(path: NodePath, above: str = "") -> str:
    """The field's name, without what is above; quoted where it doesn't look like one of CloudTrail's."""
    name = ".".join(map(str, path)).removeprefix(above)
    return name if re.fullmatch(r"[A-Za-z0-9_.:-]{1,60}", name) else quote(name)


def shown(value: Any) -> str:
    if isinstance(value, str):
        return value if re.fullmatch(r"[A-Za-z0-9_.:-]{1,40}", value) else quote(value)
    return str(value).lower()


# -- what the trail leaves out


def _not_recorded(views: Sequence[View | Opaque], event: Event) -> str | None:
    recorded = [view.watch.recorded for view in views]
    if not recorded:
        return "misses every root event (no filter)"
    if all(event["eventSource"] in each.excluded_sources for each in recorded):
        return f"misses root's {event['eventSource']} calls, which the trail leaves out"
    if event["readOnly"] is True and not any(each.reads for each in recorded):
        return "misses root's read-only calls, which the trail leaves out"
    if event["readOnly"] is False and not any(each.writes for each in recorded):
        return "misses root's write calls, which the trail leaves out"
    return None


# -- a plain API call is missed already: what does a pattern ask for that it doesn't have?


def _of_api_calls(
    views: Sequence[View | Opaque], event: Event, plain_events: Mapping[EventKind, Event]
) -> str:
    account = _other_account(views, event["recipientAccountId"])
    if account and all(is_surely_unheard(views, plain) for plain in plain_events.values()):
        return f"watches account {account} only"
    needed = _needed(views, event)
    if needed is None:
        return "matches no root event of this account"
    if not needed:
        return f"misses root {event['eventName']}{_missing_text(views, event)}"
    by_path = {departure.path: departure for departure in needed}
    call, name = event["eventName"], by_path.get(("eventName",))
    if name:
        return f"misses root {call} and other {_others(name.value)} ({_only(views, name.value)} only)"
    if ("eventSource",) in by_path:
        return f"misses root {call} and other calls ({by_path['eventSource',].value} only)"
    if by_path.keys() & _OF_SIGN_INS:
        return f"misses root {call} and other API calls (ConsoleLogin only)"
    if ("eventType",) in by_path:
        kind = by_path["eventType",].value
        return f"misses root {call} and other API calls ({kind} only)"
    if ("errorCode",) in by_path or ("errorMessage",) in by_path:
        field = "errorCode" if ("errorCode",) in by_path else "errorMessage"
        return f"misses every root call that succeeds (needs {field})"
    if ("awsRegion",) in by_path:
        return f"misses {event['awsRegion']} and other regions ({by_path['awsRegion',].value} only)"
    return f"misses root {call} ({_need(min(needed, key=lambda each: _weight(each.path)))})"


_OF_SIGN_INS = frozenset({("responseElements", "ConsoleLogin"), ("additionalEventData", "MFAUsed")})


def _missing_text(views: Sequence[View | Opaque], event: Event) -> str:
    """What a pattern about text looks for and doesn't find."""
    text = json.dumps(event)
    for view in views:
        if isinstance(view, View) and isinstance(view.pattern, UnstructuredPattern):
            for term in (*view.pattern.required, *view.pattern.optional):
                if term not in text:
                    return f" (needs the text {shown(term)})"
    return ""


def _others(name: str) -> str:
    return "API calls" if name == "ConsoleLogin" else "calls"


def _only(views: Sequence[View | Opaque], name: str) -> str:
    names = dict.fromkeys(_texts_compared(views, "eventName"))
    return name if len(names) < 2 else f"{name} and {len(names) - 1} more"


def _need(departure: Departure) -> str:
    # The annotation is short, and `sessionContext` stands nowhere else.
    name = field_name(departure.path, above="userIdentity.")
    if departure.value is ABSENT:
        return f"needs no {name}"
    if isinstance(departure.value, dict | list) or departure.value is None:
        return f"needs {name}"
    return f"needs {name} {shown(departure.value)}"


def _needed(views: Sequence[View | Opaque], event: Event) -> tuple[Departure, ...] | None:
    """The departures to the nearest root event that some watch catches; None if none catches any.

    Empty where that isn't worth the time.
    """
    nearest: list[tuple[Departure, ...]] = []
    for view in views:
        if isinstance(view, Opaque) or _size(view) > MAX_CONDITIONS:
            return ()
        problem = Problem(root_activity(event["recipientAccountId"]), Stance.SURELY, Budget())
        tailor = Tailor(problem, event)
        try:
            held = cheapest(problem, problem.heard(view), tailor.cost)
        except CapReached:
            return ()
        if held is not None:
            nearest.append(tailor.departures(tailor.event(held)))
    return min(nearest, key=len, default=None)


def _size(view: View) -> int:
    return sum(1 for _ in conditions(view.pattern.expression)) if isinstance(view.pattern, JsonPattern) else 0


def _other_account(views: Sequence[View | Opaque], account_id: str) -> str | None:
    """An account that is named, where this one isn't."""
    paths = ("recipientAccountId", "accountId", "arn", "principalId")
    texts = [text for path in paths for text in _texts_compared(views, path)]
    texts += [view.watch.field_selection_criteria or "" for view in views]
    found = [account for text in texts for account in re.findall(r"(?<![0-9])[0-9]{12}(?![0-9])", text)]
    return found[0] if found and account_id not in found else None


def _texts_compared(views: Sequence[View | Opaque], name: str) -> Iterator[str]:
    """The strings that must equal a field of this name."""
    for view in views:
        if isinstance(view, Opaque) or not isinstance(view.pattern, JsonPattern):
            continue
        for condition in conditions(view.pattern.expression):
            match condition:
                case Comparison(selector, Operator.EQUAL, operand) if selector.steps[-1] == Member(name):
                    yield operand.content if isinstance(operand, Text) else getattr(operand, "literal", "")
                case _:
                    pass
