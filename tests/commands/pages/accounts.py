"""Results of accounts for the pages' tests, among them some that mean harm."""

from __future__ import annotations

from root_usage_alarm.commands.account_results import AccountResult

HOSTILE = '</script><script>document.title = "taken"</script>&amp;\'"\u202egnp\n2'
# What is shown of it.
SHOWN = '</script><script>document.title = "taken"</script>&amp;\'"\\u202egnp\\n2'

UNIT = "alarm `root. Usage`: watches unit Count, so nobody is told. Delete the alarm's unit [ALARM_UNIT]"
RESULTS = [
    AccountResult(
        "000000000001",
        "eu-west-1",
        "NON_COMPLIANT",
        UNIT,
        "ALARM_UNIT",
        "",
        "2026-11-20T02:00:00+00:00",
        "",
        "web 10",
    ),
    AccountResult(
        "000000000002", "eu-west-1", "NON_COMPLIANT", "no trail [NO_TRAIL]", "NO_TRAIL", name=HOSTILE
    ),
    AccountResult("000000000003", "eu-west-1", "NON_COMPLIANT", "of another rule's making", name="web 9"),
    AccountResult("000000000004", "eu-west-1", "COMPLIANT", "root use is told", name="data"),
    AccountResult("000000000004", "us-east-1", "COMPLIANT", "root use is told", name="data"),
    AccountResult(
        "000000000005",
        "eu-west-1",
        "NO_RESULT",
        "as it was",
        recorded_at="2026-11-01T00:00:00+00:00",
        note="no result since",
    ),
    AccountResult("000000000006", note="the rule has no result here"),
]


def many(number: int) -> list[AccountResult]:
    """Every third is broken."""
    return [
        AccountResult(
            f"{each:012d}", "eu-west-1", "NON_COMPLIANT", UNIT, "ALARM_UNIT", name=f"account {each}"
        )
        if each % 3 == 0
        else AccountResult(
            f"{each:012d}", "eu-west-1", "COMPLIANT", "root use is told", name=f"account {each}"
        )
        for each in range(1, number + 1)
    ]
