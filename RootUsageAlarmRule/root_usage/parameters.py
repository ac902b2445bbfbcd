"""The rule's parameters: one table, parsed once, and held to the function's floor.

AWS Config hands them over as a JSON object of strings. A value that makes no sense is a finding,
not an exception: an exception would leave the rule's last result standing.
https://docs.aws.amazon.com/config/latest/APIReference/API_ConfigRule.html (`InputParameters`)
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime
from operator import and_, or_
from typing import Any

from .delivery import ACCEPTABLE, PROTOCOLS
from .verdict.findings import Code, Finding, quote

ACTION_KINDS = frozenset(each.value for each in ACCEPTABLE)
# The event sources that a trail's selectors are able to leave out.
# https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_EventSelector.html
EXCLUDABLE_SOURCES = frozenset({"kms.amazonaws.com", "rdsdata.amazonaws.com"})

# The ways of being told that may count.
ALARM, EVENTBRIDGE = "alarm", "eventbridge"
WAYS = frozenset({ALARM, EVENTBRIDGE})

# What recent use of root does to the compliance: nothing, it is only told; or it makes NON_COMPLIANT.
REPORT, FAIL = "report", "fail"

# Read by rdklib itself: https://github.com/awslabs/aws-config-rdklib (configrule.py)
RDKLIB_PARAMETERS = ("AssumeRoleMode", "ExecutionRoleName", "ExecutionRoleRegion")

FLOOR_VARIABLE = "PARAMETER_FLOOR"
"""The function's environment variable with parameters, as JSON, that no account's own may undercut."""


@dataclass(frozen=True, slots=True)
class Parameters:
    """What the rule's owner decided; the defaults are the product's."""

    sns_topic_arn: str | None = None
    min_confirmed_subscribers: int = 1
    allow_assume_root_exclusion: bool = True
    allowed_excluded_event_sources: frozenset[str] = frozenset()
    max_detection_minutes: int | None = None
    accepted_ways: frozenset[str] = frozenset({ALARM})
    accepted_actions: frozenset[str] = frozenset({"sns"})
    person_protocols: frozenset[str] = frozenset(PROTOCOLS)
    reporting_region: str | None = None
    reading_role_name: str | None = None
    root_usage_lookback_days: int = 90
    on_recent_root_use: str = REPORT
    require_no_root_access_keys: bool = False
    require_root_mfa: bool = False
    root_changes_reviewed_until: datetime | None = None
    held: tuple[str, ...] = ()  # names of those for which the floor holds, not the account's own value


@dataclass(frozen=True, slots=True)
class InvalidParameters:
    """Every parameter that can't be used, one finding each."""

    findings: tuple[Finding, ...]


class _NotUsableError(Exception):
    """What a value should have been."""


@dataclass(frozen=True, slots=True)
class _Origin:
    """Where parameters come from, in a finding's words."""

    kind: str
    place: str


_RULE = _Origin("rule parameter", "the rule's parameters")
_FLOOR = _Origin("floor parameter", f"the function's {FLOOR_VARIABLE}")


def parse_parameters(raw: Mapping[str, Any], floor: str = "") -> Parameters | InvalidParameters:
    """The parameters that AWS Config handed over, by name; an empty value means the default.

    `floor` is the text of FLOOR_VARIABLE, empty where there is none: for each parameter the stricter value
    holds, its default where the floor doesn't name it. One of which no value is stricter is the floor's, if
    the floor names it.
    """
    own = _parsed(raw, _RULE)
    if not floor or isinstance(own, InvalidParameters):
        return own
    try:
        least = json.loads(floor)
    except ValueError:
        least = None
    if not isinstance(least, dict):
        return InvalidParameters((_floor_is_no_object(),))
    parsed = _parsed(least, _FLOOR)
    return parsed if isinstance(parsed, InvalidParameters) else _held_to(parsed, own)


def _parsed(raw: Mapping[str, Any], origin: _Origin) -> Parameters | InvalidParameters:
    values: dict[str, Any] = {}
    findings: list[Finding] = []
    for name, given in raw.items():
        text = str(given).strip()
        if not text:
            continue
        row = PARSERS.get(OLDER_NAMES.get(name, name))
        if row is None and name not in RDKLIB_PARSERS:
            findings.append(_unknown(name, origin))
            continue
        try:
            value = row.parse(text) if row else RDKLIB_PARSERS[name](text)
            if row and values.setdefault(row.field, value) != value:
                findings.append(_contradicts(name, text, origin))
        except _NotUsableError as expected:
            findings.append(_unusable(name, text, str(expected), origin))
    return InvalidParameters(tuple(findings)) if findings else Parameters(**values)


def _held_to(floor: Parameters, own: Parameters) -> Parameters:
    values = {
        name: row.stricter(getattr(floor, row.field), getattr(own, row.field))
        for name, row in PARSERS.items()
    }
    return replace(
        own,
        **{PARSERS[name].field: value for name, value in values.items()},
        held=tuple(name for name, value in values.items() if value != getattr(own, PARSERS[name].field)),
    )


def _unknown(name: str, origin: _Origin) -> Finding:
    return Finding(
        Code.INVALID_PARAMETER,
        name,
        f"cannot verify: {origin.kind} {quote(name)} is unknown, so the rule decides nothing",
        f"remove it or correct its spelling in {origin.place}",
    )


def _unusable(name: str, text: str, expected: str, origin: _Origin) -> Finding:
    where = "" if origin is _RULE else f" in {origin.place}"
    return Finding(
        Code.INVALID_PARAMETER,
        name,
        f"cannot verify: {origin.kind} {quote(name)} is {quote(text)}, so the rule decides nothing",
        f"set it to {expected}{where}",
    )


def _contradicts(name: str, text: str, origin: _Origin) -> Finding:
    """The older and the newer name of one parameter, with different values."""
    names = next(f"{newer} and {older}" for older, newer in OLDER_NAMES.items() if name in (older, newer))
    return Finding(
        Code.INVALID_PARAMETER,
        name,
        f"cannot verify: {origin.kind} {quote(name)} is {quote(text)}, but {names} are one, "
        "so the rule decides nothing",
        f"give one of the two in {origin.place}",
    )


def _floor_is_no_object() -> Finding:
    return Finding(
        Code.INVALID_PARAMETER,
        FLOOR_VARIABLE,
        f"cannot verify: {_FLOOR.place} isn't a JSON object, so the rule decides nothing",
        "set it to parameters with their values, or remove it",
    )


def _integer(least: int, most: int) -> Callable[[str], int]:
    def parse(text: str) -> int:
        if not re.fullmatch(r"[0-9]{1,9}", text) or not least <= int(text) <= most:
            raise _NotUsableError(f"a whole number from {least} to {most}")
        return int(text)

    return parse


def _boolean(text: str) -> bool:
    if text.lower() not in {"true", "false"}:
        raise _NotUsableError("`true` or `false`")
    return text.lower() == "true"


def _subset(allowed: frozenset[str]) -> Callable[[str], frozenset[str]]:
    def parse(text: str) -> frozenset[str]:
        chosen = frozenset(part.strip() for part in text.split(",") if part.strip())
        if not chosen or not chosen <= allowed:
            raise _NotUsableError(f"some of {', '.join(sorted(allowed))}, with commas between them")
        return chosen

    return parse


def _one_of(*allowed: str) -> Callable[[str], str]:
    def parse(text: str) -> str:
        if text.lower() not in allowed:
            raise _NotUsableError(" or ".join(f"`{each}`" for each in allowed))
        return text.lower()

    return parse


def _moment(text: str) -> datetime:
    """AWS's own way of writing a time, so that CloudTrail's may be copied."""
    try:
        return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    except ValueError as error:
        raise _NotUsableError("a time in UTC, such as 2026-11-20T07:05:00Z") from error


def _matching(expression: str, expected: str) -> Callable[[str], str]:
    def parse(text: str) -> str:
        if not re.fullmatch(expression, text):
            raise _NotUsableError(expected)
        return text

    return parse


_region = _matching(r"[a-z]{2,4}(-[a-z]+)+-[0-9]", "the name of an AWS region, such as us-east-1")
_role_name = _matching(r"[\w+=,.@-]{1,64}", "the name of an IAM role, without its path")
_topic_arn = _matching(r"arn:aws[a-z-]*:sns:[a-z0-9-]+:[0-9]{12}:[\w-]{1,256}", "the ARN of an SNS topic")

# rdklib takes these as they come, and fails in every run on what they can't be.
RDKLIB_PARSERS: Mapping[str, Callable[[str], Any]] = dict(
    zip(RDKLIB_PARAMETERS, (_boolean, _role_name, _region), strict=True)
)

# -- of two values of a parameter, the floor's first, the stricter one ----------------------------------


def _floors(floor: Any, own: Any) -> Any:
    """For a parameter of which no value is stricter than another."""
    return own if floor is None else floor


def _fewer(floor: frozenset[str], own: frozenset[str]) -> frozenset[str]:
    return floor & own or floor


def _sooner(floor: int | None, own: int | None) -> int | None:
    return min((each for each in (floor, own) if each is not None), default=None)


def _earlier(floor: datetime | None, own: datetime | None) -> datetime | None:
    return min(floor, own) if floor and own else None


def _failing(floor: str, own: str) -> str:
    return FAIL if FAIL in (floor, own) else REPORT


@dataclass(frozen=True, slots=True)
class _Row:
    """A field of Parameters, how its text is read, and which of two values is the stricter one."""

    field: str
    parse: Callable[[str], Any]
    stricter: Callable[[Any, Any], Any] = _floors


# By the parameter's name in AWS Config. The longest detection time that makes sense is the longest that an
# alarm may look back, seven days.
PARSERS: Mapping[str, _Row] = {
    "SnsTopicArn": _Row("sns_topic_arn", _topic_arn),
    "MinConfirmedSubscribers": _Row("min_confirmed_subscribers", _integer(1, 100), max),
    "AllowAssumeRootExclusion": _Row("allow_assume_root_exclusion", _boolean, and_),
    "AllowedExcludedEventSources": _Row("allowed_excluded_event_sources", _subset(EXCLUDABLE_SOURCES), and_),
    "MaxDetectionMinutes": _Row("max_detection_minutes", _integer(1, 7 * 24 * 60), _sooner),
    "AcceptedWays": _Row("accepted_ways", _subset(WAYS), _fewer),
    "AcceptedActions": _Row("accepted_actions", _subset(ACTION_KINDS), _fewer),
    "PersonProtocols": _Row("person_protocols", _subset(frozenset(PROTOCOLS)), _fewer),
    "ReportingRegion": _Row("reporting_region", _region),
    "ReadingRoleName": _Row("reading_role_name", _role_name),
    "RootUsageLookbackDays": _Row("root_usage_lookback_days", _integer(0, 365), max),
    "OnRecentRootUse": _Row("on_recent_root_use", _one_of(REPORT, FAIL), _failing),
    "RequireNoRootAccessKeys": _Row("require_no_root_access_keys", _boolean, or_),
    "RequireRootMfa": _Row("require_root_mfa", _boolean, or_),
    "RootChangesReviewedUntil": _Row("root_changes_reviewed_until", _moment, _earlier),
}

OLDER_NAMES: Mapping[str, str] = {"LogArchiveRoleName": "ReadingRoleName"}

# INVARIANT: every field but `held` can be set, and every parser sets a field.
assert {row.field for row in PARSERS.values()} | {"held"} == {each.name for each in fields(Parameters)}  # noqa: S101
