"""Every finding, taken through Remediate: made whole, or left to a person in the rule's own words."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from root_usage.verdict.findings import Code

from root_usage_alarm.local_aws import Account, hooks
from root_usage_alarm.local_aws.accounts import build_event_rules
from root_usage_alarm.remediation.steps.look import FOR_A_PERSON
from tests.handler import test_alarm_codes, test_delivery_codes, test_handler, test_trail_codes
from tests.remediation.conftest import evaluate, give_the_rule
from tests.remediation.runner import StepFailed
from tests.remediation.scenarios import EMAIL, remediate
from tests.remediation.state import state_of

TABLES = (
    test_handler.BROKEN,
    test_trail_codes.BROKEN,
    test_alarm_codes.BROKEN,
    test_alarm_codes.COMPOSITES,
    test_delivery_codes.BROKEN,
)
ROWS = [
    pytest.param(*row.values[:2], id=f"{row.values[1]}-{row.id}")
    for table in TABLES
    for row in table
    # AWS lets no such log group have a metric filter, so the rule asks for its class elsewhere only.
    if row.values[1] != "LOG_GROUP_CLASS"
]

# Those that AWS's refusal, the account's past, a parameter of the rule or an organization leads to.
BESIDE_THE_TABLES = {
    "ACTION_UNDECIDED",
    "ACTION_UNREADABLE",
    "ALARM_OTHER_METRIC",
    "ALARM_RUNG_BY_OTHERS",
    "ALARM_TOO_SLOW",
    "LOG_GROUP_CLASS",
    "REQUIRED_TOPIC_NOT_NOTIFIED",
    "SUBSCRIPTION_PROTOCOL",
    "TOO_FEW_SUBSCRIBERS",
    "TOPIC_KEY_UNREADABLE",
    "TRAIL_AT_HOME_IN_OPT_IN_REGION",
}


@pytest.mark.parametrize(("build", "code"), ROWS)
def test_broken_account_is_made_whole_and_no_more_than_once(
    account: Account, capsys: pytest.CaptureFixture[str], build: Any, code: str
) -> None:
    build(account)
    compliance, _ = evaluate(account)
    log = json.loads(capsys.readouterr().out)

    remediate(account, SubscriptionEndpoint=EMAIL, CreateTrail=True)
    made = state_of(account)
    remediate(account, SubscriptionEndpoint=EMAIL, CreateTrail=True)
    made_again = state_of(account)
    for topic in account.client("sns").list_topics()["Topics"]:
        hooks.confirm_subscriptions(topic["TopicArn"])

    assert compliance == "NON_COMPLIANT"
    assert code in [finding["code"] for finding in log["findings"]]
    assert made_again == made
    assert evaluate(account)[0] == "COMPLIANT"


def test_every_other_finding_is_left_to_a_person() -> None:
    mended = {row.values[1] for row in ROWS}
    left = {code.name for code in Code if re.match(FOR_A_PERSON, code.name)}

    assert mended & left == set()
    assert mended | left | BESIDE_THE_TABLES == {code.name for code in Code}


@pytest.mark.parametrize("ways", ["eventbridge", "alarm,eventbridge"])
def test_event_rule_is_left_to_a_person_and_gets_no_alarm_beside_it(account: Account, ways: str) -> None:
    hooks.enable_regions(account.account_id, account.region)
    build_event_rules(account, [account.region], confirmed=False)
    give_the_rule(account, AcceptedWays=ways)
    before = state_of(account)

    with pytest.raises(StepFailed, match=f"The rule says: in {account.region}: topic .* 1 pending"):
        remediate(account, SubscriptionEndpoint=EMAIL)

    assert state_of(account) == before
