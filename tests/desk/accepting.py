"""Accepted findings of one account, as a configuration file would have them."""

from __future__ import annotations

from datetime import date

from root_usage.verdict.findings import Code

from root_usage_alarm.desk.accepted import Accepted


def accepting(account_id: str, *codes: str) -> list[Accepted]:
    return [Accepted(account_id, Code[each], "planned", date(9999, 12, 31)) for each in codes]
