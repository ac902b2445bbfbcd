"""The first thing that anybody sees of this: `demo`, run whole."""

from __future__ import annotations

import re

from click.testing import CliRunner

from root_usage_alarm.demo.command import demo
from root_usage_alarm.demo.scenarios import SCENARIOS
from tests.live.scenarios import EXPECTED, TOLD


def test_demo_shows_each_account_and_its_reason_in_80_columns_and_ends_told() -> None:
    result = CliRunner().invoke(demo)

    lines = result.output.splitlines()
    assert result.exit_code == 0, result.output
    assert max(map(len, lines)) <= 80
    shown = [re.fullmatch(r" *(\d+)  (COMPLIANT|NON_COMPLIANT) +(.+)", line) for line in lines]
    assert [each[3] for each in shown if each] == [each.title for each in SCENARIOS]
    compliant = [each[3] for each in shown if each and each[2] == "COMPLIANT"]
    assert compliant == [
        "all is well",
        "two filters that cover only together",
        "a filter that no regular expression knows",
        "a composite alarm tells for it",
        "no alarm, but EventBridge rules in both regions",
    ]
    # Every other one ends with a whole code.
    assert len(re.findall(r"\[[A-Z_]+\] *$", result.output, re.MULTILINE)) >= len(SCENARIOS) - len(compliant)
    assert "told: alarm RootAccountUsageCountAlarm is ALARM" in result.output
    # What the live test expects of the same accounts.
    told = re.split(r"^ *\d+  (?:NON_)?COMPLIANT +", result.output, flags=re.MULTILINE)[1:]
    codes = [[*re.findall(r"\[([A-Z_]+)\]", each), TOLD][0] for each in told]
    shown_codes = dict(zip((each.title for each in SCENARIOS), codes, strict=False))
    assert {title: shown_codes[title] for title in EXPECTED} == EXPECTED
