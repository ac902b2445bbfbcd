"""Says in a few words which root events are missed: nothing that isn't proven of all of them.

What can't be proven is said of an example, as one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from ..filter_pattern.matching import conditions
from ..filter_pattern.syntax import (
    Comparison,
    JsonPattern,
    Member,
    Operator,
    Selector,
    Text,
    UnstructuredPattern,
)
from ..verdict.findings import quote
from .claims import Claim, Claims, Extent, claims_of, test_of, weight
from .nodes import NodePath
from .outcome import Recorded
from .root_activity import ABSENT, Field, Path
from .root_events import Event, EventKind, root_events
from .truth import truth_of_pattern
from .views import Opaque, View, stands_in_every_event, view_of
from .witness import Departure, Escape, is_surely_unheard

_EXAMPLES = {
    EventKind.SIGN_IN_WITHOUT_MFA: "root ConsoleLogin without MFA",
    EventKind.SIGN_IN_WITH_MFA: "root ConsoleLogin with MFA",
    EventKind.FAILED_SIGN_IN: "root ConsoleLogin that fails",
    EventKind.READ_ONLY_CALL: "root GetAccountSummary",
    EventKind.FAILED_CALL: "root calls that fail",
    EventKind.ACCESS_KEY_CALL: "root calls with an access key",
    EventKind.OTHER_REGION_CALL: "root calls in another region",
    EventKind.PASSWORD_RECOVERY: "root PasswordRecoveryRequested",
    EventKind.PASSWORD_CHANGE: "root PasswordUpdated",
    EventKind.CONSOLE_ACTION: "root's console actions (AwsConsoleAction)",
    EventKind.ASSUME_ROOT: "root sessions by AssumeRoot",
}

_MFA = ("userIdentity", "sessionContext", "attributes", "mfaAuthenticated")
_ASSUMED = ("userIdentity", "sessionContext", "assumedRoot")


def phrase_for(
    views: Sequence[View | Opaque],
    escape: Escape,
    plain_events: Mapping[EventKind, Event],
    activity: Mapping[Path, Field],
) -> str:
    """The hole that this event escapes through."""
    if not views:
        return "misses every root event (no filter)"
    event = escape.event
    claims = Claims(views, activity, event, plain_events.values())
    if claims.all_is_missed():
        account = _other_account(views, event["recipientAccountId"])
        return f"watches account {account} only" if account else "matches no root event of this account"
    if by_text := _about_text(views, event, activity):
        return by_text
    if best := claims.best([*claims_of(views), Claim(("eventName",), ("ConsoleLogin",)), *_SIGN_INS]):
        return _said(*best, event, views)
    return f"misses, for example, {_example(escape)}"


def _sign_ins(selector: Selector, value: str | None, *, wanted: bool) -> Claim:
    return Claim(("eventName",), ("ConsoleLogin",), also=((test_of(selector, value), wanted),))


_MFA_USED = Selector((Member("additionalEventData"), Member("MFAUsed")))
_SIGN_INS = {
    _sign_ins(_MFA_USED, "Yes", wanted=False): "root ConsoleLogin without MFA",
    _sign_ins(_MFA_USED, "Yes", wanted=True): "root ConsoleLogin with MFA",
    _sign_ins(Selector((Member("errorMessage"),)), None, wanted=False): "root ConsoleLogin that fails",
}


# -- what is proven


def _said(claim: Claim, extent: Extent, event: Event, views: Sequence[View | Opaque]) -> str:
    """The claim in words; `at least` and `at most` where more may be missed."""
    if claim.is_about_others and (words := _ONLY.get(claim.path)):
        only = "only" if extent is Extent.ALL else "at most"
        return "misses " + words(shown(event[claim.path[0]]), f"({_listed(claim.values, 'and')} {only})")
    misses = "misses" if extent is Extent.ALL else "misses at least"
    joint = "and" if claim.path in _ONLY else "or"
    return f"{misses} {_claimed(claim, _listed(claim.values, joint))}{_by_the_trail(claim, views)}"


# What is missed beside the example's, where all other values are
_ONLY: Mapping[Path, Callable[[str, str], str]] = {
    ("eventName",): lambda one, only: f"root {one} and other {_calls(only)} {only}",
    ("eventSource",): lambda one, only: f"root's {one} calls and those of other services {only}",
    ("eventType",): lambda one, only: f"root events of type {one} and of other types {only}",
    ("awsRegion",): lambda one, only: f"{one} and other regions {only}",
}


def _calls(only: str) -> str:
    return "API calls" if only.startswith("(ConsoleLogin ") else "calls"


_WITH: Mapping[Path, str] = {
    ("awsRegion",): "{values}",
    ("eventName",): "root {values}",
    ("eventSource",): "root's {values} calls",
    ("eventType",): "root events of type {values}",
    ("sourceIPAddress",): "root events from {values}",
    ("userAgent",): "root events by user agent {values}",
    ("readOnly",): "root's read-only calls",
}
_WITHOUT: Mapping[Path, str] = {
    ("readOnly",): "root's write calls",
    ("sourceIPAddress",): "root events from other addresses than {values}",
    ("userAgent",): "root events by other user agents than {values}",
}


def _claimed(claim: Claim, values: str) -> str:
    name = field_name(claim.path)
    if claim in _SIGN_INS:
        return _SIGN_INS[claim]
    if not claim.values:
        return _existing(claim.path, name) if claim.is_about_others else _absent(claim.path, name)
    if claim.is_about_others:
        return _WITHOUT.get(claim.path, f"root events without {name} {{values}}").format(values=values)
    if claim.path == _MFA and claim.values in (("true",), ("false",)):
        return f"root sessions {'with' if claim.values == ('true',) else 'without'} MFA"
    return _WITH.get(claim.path, f"root events with {name} {{values}}").format(values=values)


def _existing(path: Path, name: str) -> str:
    if path in _OF_FAILURES:
        return f"root events that fail ({name})"
    return "root sessions by AssumeRoot" if path == _ASSUMED else f"root events with {name}"


def _absent(path: Path, name: str) -> str:
    return (
        f"root events that succeed (without {name})"
        if path in _OF_FAILURES
        else f"root events without {name}"
    )


_OF_FAILURES = (("errorCode",), ("errorMessage",))


def _by_the_trail(claim: Claim, views: Sequence[View | Opaque]) -> str:
    recorded = [view.watch.recorded for view in views]
    return ", which the trail leaves out" if all(_leaves_out(each, claim) for each in recorded) else ""


def _leaves_out(recorded: Recorded, claim: Claim) -> bool:
    if claim.path == ("readOnly",):
        return not (recorded.writes if claim.is_about_others else recorded.reads)
    is_about_sources = claim.path == ("eventSource",) and not claim.is_about_others
    return is_about_sources and recorded.excluded_sources >= set(claim.values)


def _listed(values: Sequence[str], joint: str) -> str:
    shortened = values if len(values) < 3 else (values[0], f"{len(values) - 1} more")
    return f" {joint} ".join(
        (*map(shown, values[:1]), *map(shown if shortened is values else str, shortened[1:]))
    )


# -- what a pattern about text looks for


def _about_text(views: Sequence[View | Opaque], event: Event, activity: Mapping[Path, Field]) -> str | None:
    """Of the terms that not every root event has, the one that decides."""
    if (
        len(views) > 1
        or isinstance(view := views[0], Opaque)
        or not isinstance(view.pattern, UnstructuredPattern)
    ):
        return None
    pattern = view.pattern
    required = [term for term in pattern.required if not stands_in_every_event(_just(term), activity)]
    is_all = len(required) + len(pattern.excluded) == 1 and _sees_everything(view)
    misses = "misses" if is_all else "misses at least"
    for term in required:
        if not _has(event, term):
            return f"{misses} root events without the text {shown(term)}"
    for term in pattern.excluded:
        if _has(event, term):
            return f"{misses} root events with the text {shown(term)}"
    return None


def _has(event: Event, term: str) -> bool:
    return truth_of_pattern(_just(term), event).possibly


def _sees_everything(view: View) -> bool:
    return view.watch.recorded == Recorded() and not view.watch.field_selection_criteria


def _just(term: str) -> UnstructuredPattern:
    return UnstructuredPattern(required=(term,))


# -- an example


def _example(escape: Escape) -> str:
    if escape.departures:
        return _of_departure(min(escape.departures, key=lambda each: weight(each.path)))
    return _EXAMPLES.get(escape.kind, f"root {escape.event['eventName']}")


def _of_departure(departure: Departure) -> str:
    """Where the example differs from a plain root event."""
    path, value = departure.path, departure.value
    if value is ABSENT:
        return f"root events without {field_name(path)}"
    name = field_name(path)
    claim_path = tuple(map(str, path))
    if departure.usual is ABSENT and claim_path in (*_OF_FAILURES, _ASSUMED):
        return _existing(claim_path, name)
    if departure.usual is ABSENT or isinstance(value, dict | list):
        return f"root events with {name}"
    if path == ("readOnly",) and value is not True:
        return "root's write calls"
    if path == ("awsRegion",):
        return f"root events in {shown(value)}"
    return _claimed(Claim(claim_path, (str(value),)), shown(value))


def field_name(path: NodePath) -> str:
    """The field's name; quoted where it doesn't look like one of CloudTrail's."""
    name = ".".join(map(str, path))
    return name if re.fullmatch(r"[A-Za-z0-9_.:-]{1,60}", name) else quote(name)


def shown(value: Any) -> str:
    if isinstance(value, str):
        return value if re.fullmatch(r"[A-Za-z0-9_.:-]{1,40}", value) else quote(value)
    return str(value).lower()


# -- another account


def _other_account(views: Sequence[View | Opaque], account_id: str) -> str | None:
    """An account that is named, where this one isn't, and some of whose root events are caught."""
    paths = ("recipientAccountId", "accountId", "arn", "principalId")
    texts = [text for path in paths for text in _texts_compared(views, path)]
    texts += [view.watch.field_selection_criteria or "" for view in views]
    found = [account for text in texts for account in re.findall(r"(?<![0-9])[0-9]{12}(?![0-9])", text)]
    if not found or account_id in found:
        return None
    theirs = [view_of(view.watch, found[0]) for view in views]
    heard = (not is_surely_unheard(theirs, event) for event in root_events(found[0]).values())
    return found[0] if any(heard) else None


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
