"""The rule's parameters: one table, parsed once.

AWS Config hands them over as a JSON object of strings. A value that makes no sense is a finding,
not an exception: an exception would leave the rule's last result standing.
https://docs.aws.amazon.com/config/latest/APIReference/API_ConfigRule.html (`InputParameters`)
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Any

from .delivery import ACCEPTABLE, PROTOCOLS
from .verdict.findings import Code, Finding, quote

ACTION_KINDS = frozenset(each.value for each in ACCEPTABLE)
# The event sources that a trail's selectors are able to leave out.
# https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_EventSelector.html
EXCLUDABLE_SOURCES = frozenset({"kms.amazonaws.com", "rdsdata.amazonaws.com"})

# What recent use of root does to the compliance: nothing, it is only told; or it makes NON_COMPLIANT.
REPORT, FAIL = "report", "fail"

# Read by rdklib itself: https://github.com/awslabs/aws-config-rdklib (configrule.py)
RDKLIB_PARAMETERS = ("AssumeRoleMode", "ExecutionRoleName", "ExecutionRoleRegion")


@dataclass(frozen=True, slots=True)
class Parameters:
    """What the rule's owner decided; the defaults are the product's."""

    sns_topic_arn: str | None = None
    min_confirmed_subscribers: int = 1
    allow_assume_root_exclusion: bool = True
    allowed_excluded_event_sources: frozenset[str] = frozenset()
    max_detection_minutes: int | None = None
    accepted_actions: frozenset[str] = frozenset({"sns"})
    person_protocols: frozenset[str] = frozenset(PROTOCOLS)
    reporting_region: str | None = None
    log_archive_role_name: str | None = None
    root_usage_lookback_days: int = 90
    on_recent_root_use: str = REPORT
    require_no_root_access_keys: bool = False
    require_root_mfa: bool = False


@dataclass(frozen=True, slots=True)
class InvalidParameters:
    """Every parameter that can't be used, one finding each."""

    findings: tuple[Finding, ...]


class _NotUsableError(Exception):
    """What a value should have been."""


def parse_parameters(raw: Mapping[str, Any]) -> Parameters | InvalidParameters:
    """The parameters that AWS Config handed over, by name; an empty value means the default."""
    values: dict[str, Any] = {}
    findings: list[Finding] = []
    for name, given in raw.items():
        text = str(given).strip()
        if not text:
            continue
        if name not in PARSERS and name not in RDKLIB_PARSERS:
            findings.append(_unknown(name))
            continue
        try:
            if name in PARSERS:
                field_name, parse = PARSERS[name]
                values[field_name] = parse(text)
            else:
                RDKLIB_PARSERS[name](text)
        except _NotUsableError as expected:
            findings.append(_unusable(name, text, str(expected)))
    return InvalidParameters(tuple(findings)) if findings else Parameters(**values)


def _unknown(name: str) -> Finding:
    return Finding(
        Code.INVALID_PARAMETER,
        name,
        f"cannot verify: rule parameter {quote(name)} is unknown, so the rule decides nothing",
        "remove it or correct its spelling in the rule's parameters",
    )


def _unusable(name: str, text: str, expected: str) -> Finding:
    return Finding(
        Code.INVALID_PARAMETER,
        name,
        f"cannot verify: rule parameter {quote(name)} is {quote(text)}, so the rule decides nothing",
        f"set it to {expected}",
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

# Parameter name in AWS Config -> field of Parameters, parser. The longest detection time that makes
# sense is the longest that an alarm may look back, seven days.
PARSERS: Mapping[str, tuple[str, Callable[[str], Any]]] = {
    "SnsTopicArn": ("sns_topic_arn", _topic_arn),
    "MinConfirmedSubscribers": ("min_confirmed_subscribers", _integer(1, 100)),
    "AllowAssumeRootExclusion": ("allow_assume_root_exclusion", _boolean),
    "AllowedExcludedEventSources": ("allowed_excluded_event_sources", _subset(EXCLUDABLE_SOURCES)),
    "MaxDetectionMinutes": ("max_detection_minutes", _integer(1, 7 * 24 * 60)),
    "AcceptedActions": ("accepted_actions", _subset(ACTION_KINDS)),
    "PersonProtocols": ("person_protocols", _subset(frozenset(PROTOCOLS))),
    "ReportingRegion": ("reporting_region", _region),
    "LogArchiveRoleName": ("log_archive_role_name", _role_name),
    "RootUsageLookbackDays": ("root_usage_lookback_days", _integer(0, 365)),
    "OnRecentRootUse": ("on_recent_root_use", _one_of(REPORT, FAIL)),
    "RequireNoRootAccessKeys": ("require_no_root_access_keys", _boolean),
    "RequireRootMfa": ("require_root_mfa", _boolean),
}

# INVARIANT: every field can be set, and every parser sets a field.
assert {name for name, _ in PARSERS.values()} == {each.name for each in fields(Parameters)}  # noqa: S101
