"""CloudWatch alarm mute rules, which moto does not have at all.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutAlarmMuteRule.html
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from moto.cloudwatch.exceptions import ResourceNotFoundException, ValidationError
from moto.cloudwatch.responses import CloudWatchResponse
from moto.core.responses import ActionResult, EmptyResult

from .patching import Corrections, kept

CORRECTIONS = Corrections()

_DURATION = re.compile(r"P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?)?")
_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_DAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
_RULES_PER_PAGE = 100


@CORRECTIONS.adds(CloudWatchResponse)
def put_alarm_mute_rule(self: Any) -> ActionResult:
    """Creates the rule, or replaces the one of that name."""
    members = {name: value for name, value in self._get_params().items() if name != "Tags"}
    _duration(members["Rule"]["Schedule"]["Duration"])
    backend = self.cloudwatch_backend
    rule = members | {
        "AlarmMuteRuleArn": f"arn:{backend.partition}:cloudwatch:{backend.region_name}:{backend.account_id}"
        f":alarm-mute-rule:{members['Name']}",
        "LastUpdatedTimestamp": datetime.now(UTC),
        "MuteType": "ONE_TIME" if _expression(members).startswith("at(") else "RECURRING",
    }
    _rules(backend)[members["Name"]] = rule
    return EmptyResult()


@CORRECTIONS.adds(CloudWatchResponse)
def get_alarm_mute_rule(self: Any) -> ActionResult:
    """https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetAlarmMuteRule.html"""
    rule = _rules(self.cloudwatch_backend).get(self._get_param("AlarmMuteRuleName"))
    if rule is None:
        raise ResourceNotFoundException()
    return ActionResult(rule | {"Status": status_of(rule, datetime.now(UTC))})


@CORRECTIONS.adds(CloudWatchResponse)
def delete_alarm_mute_rule(self: Any) -> ActionResult:
    """https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DeleteAlarmMuteRule.html"""
    _rules(self.cloudwatch_backend).pop(self._get_param("AlarmMuteRuleName"), None)
    return EmptyResult()


@CORRECTIONS.adds(CloudWatchResponse)
def list_alarm_mute_rules(self: Any) -> ActionResult:
    """https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_ListAlarmMuteRules.html"""
    now, alarm_name, statuses = datetime.now(UTC), self._get_param("AlarmName"), self._get_param("Statuses")
    shown = ("AlarmMuteRuleArn", "ExpireDate", "MuteType", "LastUpdatedTimestamp")
    summaries = [
        {name: rule[name] for name in shown if name in rule} | {"Status": status_of(rule, now)}
        for rule in _rules(self.cloudwatch_backend).values()
        if (alarm_name is None or alarm_name in _targets(rule))
        and (not statuses or status_of(rule, now) in statuses)
    ]
    start = int(self._get_param("NextToken") or 0)
    end = start + int(self._get_param("MaxRecords") or _RULES_PER_PAGE)
    token = {"NextToken": str(end)} if end < len(summaries) else {}
    return ActionResult({"AlarmMuteRuleSummaries": summaries[start:end]} | token)


def is_muted(backend: Any, alarm_name: str) -> bool:
    """Whether an active rule targets the alarm, so that it changes its state but does nothing."""
    now = datetime.now(UTC)
    return any(
        alarm_name in _targets(rule) and status_of(rule, now) == "ACTIVE" for rule in _rules(backend).values()
    )


def _rules(backend: Any) -> dict[str, dict[str, Any]]:
    return kept(backend, "alarm_mute_rules", dict)


def _targets(rule: dict[str, Any]) -> list[str]:
    names: list[str] = rule.get("MuteTargets", {}).get("AlarmNames", [])
    return names


def _expression(rule: dict[str, Any]) -> str:
    expression: str = rule["Rule"]["Schedule"]["Expression"]
    return expression


def status_of(rule: dict[str, Any], now: datetime) -> str:
    """SCHEDULED, ACTIVE or EXPIRED, by the rule's schedule and dates."""
    schedule = rule["Rule"]["Schedule"]
    zone = ZoneInfo(schedule.get("Timezone", "UTC"))
    here, duration = now.astimezone(zone), _duration(schedule["Duration"])
    expires, starts = rule.get("ExpireDate"), rule.get("StartDate")
    if expires is not None and _aware(expires) <= now:
        return "EXPIRED"
    if starts is not None and now < _aware(starts):
        return "SCHEDULED"
    if _expression(rule).startswith("at("):
        return _status_of_one_window(_expression(rule), here, duration)
    return "ACTIVE" if _has_begun_within(_expression(rule), here, duration) else "SCHEDULED"


def _status_of_one_window(expression: str, now: datetime, duration: timedelta) -> str:
    begin = datetime.fromisoformat(expression.removeprefix("at(").removesuffix(")")).replace(
        tzinfo=now.tzinfo
    )
    if now < begin:
        return "SCHEDULED"
    return "ACTIVE" if now < begin + duration else "EXPIRED"


def _has_begun_within(expression: str, now: datetime, duration: timedelta) -> bool:
    """Whether a minute that the cron expression names lies within `duration` before `now`."""
    minutes, hours, days, months, weekdays = expression.removeprefix("cron(").removesuffix(")").split()
    minute_set, hour_set, day_set = _numbers(minutes, 0, 59), _numbers(hours, 0, 23), _numbers(days, 1, 31)
    month_set, weekday_set = _numbers(months, 1, 12, _MONTHS), _numbers(weekdays, 0, 6, _DAYS)
    return any(
        moment.minute in minute_set
        and moment.hour in hour_set
        and moment.day in day_set
        and moment.month in month_set
        and moment.isoweekday() % 7 in weekday_set
        for moment in (now - timedelta(minutes=back) for back in range(int(duration.total_seconds() // 60)))
    )


def _numbers(field: str, lowest: int, highest: int, names: tuple[str, ...] = ()) -> frozenset[int]:
    """The numbers that a cron field names: `*`, or a list of numbers, names and ranges."""
    if field == "*":
        return frozenset(range(lowest, highest + 1))

    def number(word: str) -> int:
        return names.index(word) + lowest if word in names else int(word)

    found: set[int] = set()
    for part in field.split(","):
        first, _, last = part.partition("-")
        found.update(range(number(first), number(last or first) + 1))
    return frozenset(found)


def _duration(text: str) -> timedelta:
    match = _DURATION.fullmatch(text)
    if match is None or text in ("P", "PT"):
        raise ValidationError(f"{text} is not an ISO 8601 duration")
    days, hours, minutes = (int(each or 0) for each in match.groups())
    return timedelta(days=days, hours=hours, minutes=minutes)


def _aware(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
