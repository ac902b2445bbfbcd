"""Is the alarm muted, now or in time to come?

While a mute rule is active its alarms change state but perform no actions; what a root event would
have set off is lost, as the alarm is back to OK long before the window ends.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_AlarmMuteRuleSummary.html
"""

from __future__ import annotations

from datetime import datetime

from ..aws.asking import NotOffered
from ..aws.cloudwatch import MuteRule
from ..verdict.findings import Code, Finding, quote
from .faults import moment


def judge_mutes(
    alarm_name: str, mute_rules: tuple[MuteRule, ...] | NotOffered, now: datetime
) -> Finding | tuple[str, ...]:
    """The first mute rule that keeps the alarm from telling anybody; otherwise notes."""
    if isinstance(mute_rules, NotOffered):
        return ()
    for rule in sorted(mute_rules, key=lambda each: (each.status != "ACTIVE", each.arn)):
        if not _is_over(rule, now):
            return _muted(alarm_name, rule)
    return ()


def _is_over(rule: MuteRule, now: datetime) -> bool:
    if rule.status == "EXPIRED":
        return True
    return rule.status == "SCHEDULED" and rule.expires is not None and rule.expires <= now


def _muted(alarm_name: str, rule: MuteRule) -> Finding:
    name = quote(rule.arn.split(":", 6)[-1])
    return Finding(
        Code.ALARM_MUTED,
        alarm_name,
        f"alarm {quote(alarm_name)}: mute rule {name} {_silence(rule)}, so no one is told of a root event "
        "meanwhile",
        "take the alarm out of the mute rule",
    )


def _silence(rule: MuteRule) -> str:
    until = f" until {moment(rule.expires)}" if rule.expires else ""
    if rule.status == "ACTIVE":
        return f"silences it now{until}"
    if rule.status != "SCHEDULED":
        return f"is in state {rule.status or 'unknown'}{until}"
    if rule.mute_type == "ONE_TIME":
        return f"will silence it once{until}"
    return f"silences it again and again{until}"
