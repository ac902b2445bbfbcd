"""The loop closed: a broken account, the button, a confirmed subscription, and the real rule's verdict."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from root_usage_alarm.local_aws import Account, hooks
from root_usage_alarm.local_aws.accounts import build_working_chain
from tests.remediation.conftest import evaluate
from tests.remediation.runner import StepFailed
from tests.remediation.scenarios import EMAIL, TOPIC, WITHOUT_LOG_GROUP, refusal, remediate
from tests.remediation.state import state_of

SIGN_INS = '{ $.userIdentity.type = "Root" && $.eventName = "ConsoleLogin" }'


@pytest.mark.parametrize(
    "broken",
    [
        pytest.param(
            {"trail": WITHOUT_LOG_GROUP, "log_group": None, "topic": None, "alarm": None},
            id="trail-without-log-group",
        ),
        pytest.param({"log_group": None, "topic": None, "alarm": None}, id="log-group-deleted"),
        pytest.param({"metric_filter": None, "alarm": None, "topic": None}, id="no-metric-filter"),
        pytest.param({"metric_filter": {"filterPattern": SIGN_INS}}, id="narrow-pattern"),
        pytest.param({"metric_filter": {"filterPattern": ""}}, id="drowned"),
        pytest.param({"transformation": {"metricValue": "0"}}, id="filter-that-counts-nothing"),
        pytest.param({"alarm": None}, id="no-alarm"),
        pytest.param({"alarm": {"Threshold": 5.0}}, id="threshold"),
        pytest.param({"alarm": {"Statistic": "Average"}}, id="average"),
        pytest.param({"alarm": {"TreatMissingData": "ignore"}}, id="ignore"),
        pytest.param({"alarm": {"Unit": "Count"}}, id="unit"),
        pytest.param({"alarm": {"Dimensions": [{"Name": "a", "Value": "b"}]}}, id="dimension"),
        pytest.param({"alarm": {"ActionsEnabled": False}}, id="actions-disabled"),
        pytest.param({"alarm": {"AlarmActions": []}}, id="no-action"),
        pytest.param({"topic": {"KmsMasterKeyId": "alias/aws/sns"}}, id="aws-managed-key"),
        pytest.param({"subscriptions": []}, id="nobody-subscribed"),
    ],
)
def test_broken_account_is_compliant_once_the_subscription_is_confirmed(
    account: Account, broken: dict[str, Any]
) -> None:
    build_working_chain(account, **broken)
    before, _ = evaluate(account)

    remediate(account, SubscriptionEndpoint=EMAIL)
    for topic in account.client("sns").list_topics()["Topics"]:
        hooks.confirm_subscriptions(topic["TopicArn"])

    after, annotation = evaluate(account)
    assert (before, after) == ("NON_COMPLIANT", "COMPLIANT"), annotation


def test_account_without_anything_is_compliant_with_a_trail_of_its_own(account: Account) -> None:
    before, _ = evaluate(account)

    remediate(account, SubscriptionEndpoint=EMAIL, CreateTrail=True)
    hooks.confirm_subscriptions(TOPIC)

    assert before == "NON_COMPLIANT"
    after, annotation = evaluate(account)
    assert after == "COMPLIANT"
    assert annotation == (
        "root use is told: alarm `RootAccountUsageCountAlarm` -> topic `root-usage-alarm` -> "
        "1 confirmed subscriber (email)"
    )


def test_account_is_not_compliant_before_somebody_confirms(account: Account) -> None:
    remediate(account, SubscriptionEndpoint=EMAIL, CreateTrail=True)

    compliance, annotation = evaluate(account)

    assert compliance == "NON_COMPLIANT"
    assert annotation == (
        "topic `root-usage-alarm` has 1 pending subscription (email `oncall@example.com`) and none "
        "confirmed, so no one is told. Click the link in the confirmation mail within two days, "
        "or subscribe again [SUBSCRIPTION_PENDING]"
    )


def test_trail_that_was_joined_just_now_counts_once_it_has_delivered(account: Account) -> None:
    """It has logged for long, and AWS doesn't tell when it was joined."""
    chain = build_working_chain(account, trail=WITHOUT_LOG_GROUP, log_group=None)
    hooks.stands_since(chain.trail_arn, chain.alarm_arn, datetime(2026, 1, 2, tzinfo=UTC))
    hooks.last_log_delivery(chain.trail_arn, None)

    execution = remediate(account)
    made = state_of(account)
    with pytest.raises(StepFailed) as too_soon:
        remediate(account, CreateTrail=True)

    never = (
        "trail `account-trail` has never delivered to its log group, so root events may not arrive. Wait 15 "
        "minutes if it was joined just now, else check its role [TRAIL_DELIVERY_STALE]"
    )
    assert execution["Prove.Outcome"] == f"Not told yet. Press Re-evaluate in 15 minutes: {never}"
    assert str(too_soon.value) == f"Look: nothing that this could add would help. The rule says: {never}"
    assert state_of(account) == made
    hooks.last_log_delivery(chain.trail_arn, datetime.now(UTC))
    assert evaluate(account)[0] == "COMPLIANT"


def test_trail_that_never_delivered_to_a_log_group_of_long_ago_is_not_used(account: Account) -> None:
    chain = build_working_chain(account)
    hooks.stands_since(chain.trail_arn, chain.alarm_arn, datetime(2026, 1, 2, tzinfo=UTC))
    hooks.last_log_delivery(chain.trail_arn, None)
    hooks.make_log_group_older(chain.log_group_arn, timedelta(hours=1))

    said = "Look: trail `account-trail` delivers to `cloudtrail`, which got nothing lately; "
    assert refusal(account).startswith(said)
