"""Accounts with any links broken: the rule and Remediate never disagree."""

from __future__ import annotations

from typing import Any

import boto3
from hypothesis import given, settings
from hypothesis import strategies as st

from root_usage_alarm.local_aws import Account, hooks
from root_usage_alarm.local_aws.accounts import build_working_chain
from tests.remediation.conftest import REGION, evaluate, new_account
from tests.remediation.runner import StepFailed
from tests.remediation.scenarios import EMAIL, WITHOUT_LOG_GROUP, remediate
from tests.remediation.state import state_of

SIGN_INS = '{ $.userIdentity.type = "Root" && $.eventName = "ConsoleLogin" }'


def one_of(*values: Any) -> st.SearchStrategy[Any]:
    """The first is the link that holds, and comes as often as all others together."""
    return st.one_of(st.just(values[0]), st.sampled_from(values[1:]))


ACCOUNTS = st.fixed_dictionaries(
    {
        "trail": one_of({}, None, WITHOUT_LOG_GROUP, {"IsMultiRegionTrail": False}),
        "logging": one_of(True, False),
        "log_group": one_of({}, None),
        "metric_filter": one_of({}, None, {"filterPattern": SIGN_INS}, {"filterPattern": ""}),
        "transformation": one_of({}, {"metricValue": "0"}, {"metricValue": "$.size"}, {"defaultValue": 0.0}),
        "alarm": one_of(
            {},
            None,
            {"Threshold": 5.0},
            {"Statistic": "Average"},
            {"Period": 3600},
            {"EvaluationPeriods": 3, "DatapointsToAlarm": 1},
            {"ActionsEnabled": False},
            {"AlarmActions": []},
        ),
        "topic": one_of({}, None, {"KmsMasterKeyId": "alias/aws/sns"}),
        "confirmed": one_of(True, False),
    }
)


@given(ACCOUNTS, st.booleans())
@settings(max_examples=8)
def test_after_remediate_and_confirmation_the_rule_is_content_or_the_run_had_said_why(
    links: dict[str, Any], creates_trail: bool
) -> None:
    with new_account() as account:
        build_working_chain(account, **_buildable(links))
        before, found = state_of(account), evaluate(account)[0]

        refusal = _remediated(account, CreateTrail=creates_trail)
        made = state_of(account)
        _remediated(account, CreateTrail=creates_trail)

        assert state_of(account) == made
        for topic in boto3.client("sns", REGION).list_topics()["Topics"]:
            hooks.confirm_subscriptions(topic["TopicArn"])
        compliance, annotation = evaluate(account)
        assert compliance == ("NON_COMPLIANT" if refusal else "COMPLIANT"), (refusal, annotation)
        if found == "COMPLIANT" or refusal:
            assert made == before


def _buildable(links: dict[str, Any]) -> dict[str, Any]:
    """Without a log group there is no metric filter."""
    has_log_group = links["log_group"] is not None and links["trail"] != WITHOUT_LOG_GROUP
    return links if has_log_group else links | {"log_group": None, "metric_filter": None}


def _remediated(account: Account, **parameters: Any) -> str:
    """Why the run stopped, empty if it didn't."""
    try:
        remediate(account, SubscriptionEndpoint=EMAIL, **parameters)
    except StepFailed as stop:
        return str(stop)
    return ""
