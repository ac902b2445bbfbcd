"""What happens in a simulated account, minute by minute: everyday events, and root's.

Minutes are those in which CloudTrail's events arrive in the log group: a metric filter's datapoints carry
that time. https://docs.aws.amazon.com/awscloudtrail/latest/userguide/send-cloudtrail-events-to-cloudwatch-logs.html
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from random import Random
from typing import Any

from root_usage.filter_pattern import matches, parse_filter_pattern

from tests.builders import ACCOUNT

DAY = 24 * 60

_ROLE = {
    "type": "AssumedRole",
    "principalId": "AROAEXAMPLE0000000001:app",
    "arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/app/app",
    "accountId": ACCOUNT,
}
_USER = {
    "type": "IAMUser",
    "principalId": "AIDAEXAMPLE0000000001",
    "arn": f"arn:aws:iam::{ACCOUNT}:user/deploy",
    "accountId": ACCOUNT,
    "userName": "deploy",
}
_SERVICE = {"type": "AWSService", "invokedBy": "lambda.amazonaws.com"}
_ROOT = {
    "type": "Root",
    "principalId": ACCOUNT,
    "arn": f"arn:aws:iam::{ACCOUNT}:root",
    "accountId": ACCOUNT,
}


def _event(identity: Mapping[str, Any], source: str, name: str, **more: Any) -> dict[str, Any]:
    return {
        "eventVersion": "1.10",
        "userIdentity": identity,
        "eventTime": "2026-10-05T07:05:10Z",
        "eventSource": f"{source}.amazonaws.com",
        "eventName": name,
        "awsRegion": "us-east-1",
        "sourceIPAddress": "198.51.100.7",
        "userAgent": "aws-cli/2",
        "readOnly": name.startswith(("Describe", "Get")),
        "eventType": "AwsApiCall",
        "managementEvent": True,
        "recipientAccountId": ACCOUNT,
        "eventCategory": "Management",
        **more,
    }


# https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-aws-console-sign-in-events.html
_SIGN_IN = {"eventType": "AwsConsoleSignIn", "additionalEventData": {"MFAUsed": "No"}}
ROOT_EVENTS = (
    _event(_ROOT, "signin", "ConsoleLogin", **_SIGN_IN, responseElements={"ConsoleLogin": "Success"}),
    _event(_ROOT, "signin", "ConsoleLogin", **_SIGN_IN, responseElements={"ConsoleLogin": "Failure"}),
    _event(_ROOT, "iam", "CreateAccessKey"),
    _event(_ROOT, "ec2", "DescribeRegions"),
)
EVERYDAY_EVENTS = (
    _event(_ROLE, "ec2", "DescribeInstances"),
    _event(_ROLE, "s3", "GetBucketAcl", errorCode="AccessDenied", errorMessage="Access Denied"),
    _event(_USER, "sts", "GetCallerIdentity"),
    _event(_SERVICE, "sts", "AssumeRole"),
)
EVENTS = (*ROOT_EVENTS, *EVERYDAY_EVENTS)


@cache
def matched_by(pattern: str) -> tuple[bool, ...]:
    """Which of EVENTS the pattern matches."""
    parsed = parse_filter_pattern(pattern)
    return tuple(matches(parsed, event) for event in EVENTS)


@dataclass(frozen=True, slots=True)
class Day:
    """A day and a half: how many of which of EVENTS arrive in each minute that isn't idle.

    `due` are the minutes of root events that somebody has to be told of: the first, and the first that
    comes a day or more after the one before.
    """

    minutes: Mapping[int, Mapping[int, int]]
    due: tuple[int, ...]
    length: int


def random_day(random: Random, periods: Sequence[int], longest: int) -> Day:
    """`periods`, in minutes, are those of the account's alarms: root likes to act at their bounds.

    The `longest` time, in minutes, until one of them rings is still part of the day.
    """
    acts = _when_root_acts(random, periods)
    length = acts[-1] + longest + 90
    minutes = _everyday(random, length)
    for act in acts:
        _change_around(random, minutes, act)
        kinds = minutes.setdefault(act, {})
        kinds[random.randrange(len(ROOT_EVENTS))] = random.choice((1, 1, 1, 2, 7))
    due = [act for before, act in zip((-DAY, *acts), acts, strict=False) if act - before >= DAY]
    return Day(minutes, tuple(due), length)


def _when_root_acts(random: Random, periods: Sequence[int]) -> list[int]:
    period = random.choice(periods)
    bound = random.randrange(1, 4) * period if period < DAY else DAY
    acts = [random.choice((random.randrange(5), random.randrange(400), bound - 1, bound))]
    for _ in range(random.choice((0, 0, 0, 1, 4))):  # a burst, or now and then
        acts.append(acts[-1] + random.choice((1, 3, period, random.randrange(1, 300))))
    if random.random() < 0.7:
        acts.append(acts[-1] + DAY + random.choice((0, 0, 1, random.randrange(60))))
    return acts


def _everyday(random: Random, length: int) -> dict[int, dict[int, int]]:
    """Idle, quiet and busy stretches."""
    minutes: dict[int, dict[int, int]] = {}
    kinds = range(len(ROOT_EVENTS), len(EVENTS))
    minute = 0
    while minute < length:
        until = min(length, minute + random.choice((5, 60, 400, 2 * DAY)))
        chance, most = random.choice(((0.0, 1), (0.02, 1), (0.3, 2), (1.0, 1), (1.0, 9)))
        these = random.sample(kinds, random.randint(1, len(kinds)))
        for each in range(minute, until):
            if random.random() < chance:
                minutes[each] = {random.choice(these): random.randint(1, most)}
        minute = until
    return minutes


def _change_around(random: Random, minutes: dict[int, dict[int, int]], act: int) -> None:
    """Root acts in an idle hour, in a busy one, or in whatever hour it is."""
    choice = random.choice(("idle", "idle minute", "busy", "as it is", "as it is"))
    reach = 0 if choice == "idle minute" else 30
    for minute in range(act - reach, act + reach + 1):
        own = {kind: n for kind, n in minutes.get(minute, {}).items() if kind < len(ROOT_EVENTS)}
        if choice.startswith("idle"):
            minutes[minute] = own
        elif choice == "busy":
            minutes[minute] = own | {len(ROOT_EVENTS): random.randint(1, 9)}
