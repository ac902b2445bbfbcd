"""What phrases mean, as predicates over events: written from the words alone, apart from what makes them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

Event = dict[str, Any]
Predicate = Callable[[Event], bool]

MISSING = object()
NAME, VALUE = r"(`[^`]+`|[\w.:-]+)", r"(`[^`]+`|[\w.:*-]+)"
LIST = rf"{VALUE}(?: (?:and|or) (?:{VALUE}|(\d+) more))?"
MFA = "userIdentity.sessionContext.attributes.mfaAuthenticated"
ONE_OTHER = r"(?:`[^`]+`|[\w.:-]+)"


@dataclass(frozen=True)
class Meaning:
    """Which events a phrase says are missed, and which seen; None where it doesn't say of any."""

    missed: Predicate | None
    seen: Predicate | None = None
    is_example: bool = False


def at(name: str) -> Callable[[Event], Any]:
    def value(event: Event) -> Any:
        found: Any = event
        for key in name.strip("`").split("."):
            found = found.get(key, MISSING) if isinstance(found, dict) else MISSING
        return found

    return value


def is_like(value: Any, wanted: str) -> bool:
    """Equal, but for an asterisk at either end."""
    pieces = map(re.escape, wanted.strip("`").split("*"))
    return isinstance(value, str) and re.fullmatch(".*".join(pieces), value, re.DOTALL) is not None


def one_of(name: str, values: tuple[str | None, ...]) -> Predicate:
    value = at(name)
    return lambda event: any(is_like(value(event), each) for each in values if each)


def negated(predicate: Predicate) -> Predicate:
    return lambda event: not predicate(event)


def both(one: Predicate, other: Predicate) -> Predicate:
    return lambda event: one(event) and other(event)


def exists(name: str) -> Predicate:
    return lambda event: at(name)(event) is not MISSING


def has_text(text: str) -> Predicate:
    return lambda event: text.strip("`") in json.dumps(event)


SIGN_IN = one_of("eventName", ("ConsoleLogin",))
WITH_MFA = one_of("additionalEventData.MFAUsed", ("Yes",))
IS_READ: Predicate = lambda event: event.get("readOnly") is True  # noqa: E731
REGION_OF = r"(?:us|eu|ap)-[a-z]+-\d"

# The words for a set of events, in the order in which they are tried: a pattern and its predicate.
SETS: tuple[tuple[str, Callable[..., Predicate]], ...] = (
    (r"root's read-only calls", lambda: IS_READ),
    (r"root's write calls", lambda: negated(IS_READ)),
    (r"root sessions by AssumeRoot", lambda: exists("userIdentity.sessionContext.assumedRoot")),
    (r"root sessions with MFA", lambda: one_of(MFA, ("true",))),
    (r"root sessions without MFA", lambda: one_of(MFA, ("false",))),
    (r"root ConsoleLogin with MFA", lambda: both(SIGN_IN, WITH_MFA)),
    (r"root ConsoleLogin without MFA", lambda: both(SIGN_IN, negated(WITH_MFA))),
    (r"root ConsoleLogin that fails", lambda: both(SIGN_IN, exists("errorMessage"))),
    (r"root's console actions \(AwsConsoleAction\)", lambda: one_of("eventType", ("AwsConsoleAction",))),
    (r"root calls that fail", lambda: exists("errorCode")),
    (r"root calls with an access key", lambda: one_of("userIdentity.accessKeyId", ("AKIA*",))),
    (r"root calls in another region", lambda: negated(one_of("awsRegion", ("us-east-1",)))),
    (r"root events that fail \((\w+)\)", exists),
    (r"root events that succeed \(without (\w+)\)", lambda name: negated(exists(name))),
    (rf"root's {LIST} calls", lambda *values: one_of("eventSource", values)),
    (rf"root events of type {LIST}", lambda *values: one_of("eventType", values)),
    (rf"root events in {VALUE}", lambda *values: one_of("awsRegion", values)),
    (rf"root events from {LIST}", lambda *values: one_of("sourceIPAddress", values)),
    (
        rf"root events from other addresses than {LIST}",
        lambda *values: negated(one_of("sourceIPAddress", values)),
    ),
    (rf"root events by user agent {LIST}", lambda *values: one_of("userAgent", values)),
    (
        rf"root events by other user agents than {LIST}",
        lambda *values: negated(one_of("userAgent", values)),
    ),
    (rf"root events with the text {VALUE}", has_text),
    (rf"root events without the text {VALUE}", lambda text: negated(has_text(text))),
    (rf"root events with {NAME}", exists),
    (rf"root events without {NAME}", lambda name: negated(exists(name))),
    (rf"root events with {NAME} {LIST}", lambda name, *values: one_of(name, values)),
    (rf"root events without {NAME} {LIST}", lambda name, *values: negated(one_of(name, values))),
    (rf"root {LIST}", lambda *values: one_of("eventName", values)),
    (LIST, lambda *values: one_of("awsRegion", values)),
)
# What is seen, where the phrase says what is missed beside it.
SEEN: tuple[tuple[str, str], ...] = (
    (rf"root {ONE_OTHER} and other (?:API )?calls", "eventName"),
    (rf"root's {ONE_OTHER} calls and those of other services", "eventSource"),
    (rf"root events of type {ONE_OTHER} and of other types", "eventType"),
    (rf"{ONE_OTHER} and other regions", "awsRegion"),
)
NOTHING_IS_SEEN = (
    r"matches no root event of this account",
    r"watches account \d{12} only",
    r"misses every root event \(no filter\)",
)


def meaning_of(phrase: str) -> Meaning:
    """Raises ValueError for words that have no meaning here yet."""
    if any(re.fullmatch(each, phrase) for each in NOTHING_IS_SEEN):
        return Meaning(lambda _: True)
    if words := re.fullmatch(r"misses, for example, (.*)", phrase):
        return Meaning(predicate(words[1])[0], is_example=True)
    if words := re.fullmatch(r"misses (.*) \((.*) (only|at most)\)", phrase):
        return seen_beside(*words.groups())
    words = re.fullmatch(r"misses (at least )?(.*?)(?:, which the trail leaves out)?", phrase)
    if not words:
        raise ValueError(phrase)
    missed, is_whole = predicate(words[2])
    others = None if words[1] or not is_whole else negated(missed)
    # Of all but several, some of which aren't told, nobody can check one.
    is_clear = is_whole or not re.search(" (without|other) ", words[2])
    return Meaning(missed if is_clear else None, others)


def seen_beside(missed: str, seen: str, how: str) -> Meaning:
    name = next((name for form, name in SEEN if re.fullmatch(form, missed)), None)
    values = re.fullmatch(LIST, seen)
    if name is None or values is None:
        raise ValueError(missed)
    is_seen = one_of(name, values.groups()[:2])
    return Meaning(negated(is_seen) if values[3] is None else None, is_seen if how == "only" else None)


def predicate(words: str) -> tuple[Predicate, bool]:
    """The words' predicate, and whether it is about all that they mean, with nothing untold."""
    for made, groups in matching(words):
        return made(*(each for each in groups if each)), not re.search(r" \d+ more\b", words)
    raise ValueError(words)


def matching(words: str) -> Iterator[tuple[Callable[..., Predicate], tuple[str | None, ...]]]:
    for form, made in SETS:
        if found := re.fullmatch(form, words):
            groups = found.groups()
            # The number of those that aren't told is no value.
            yield made, groups[:-1] if form.endswith(LIST) or LIST in form else groups
