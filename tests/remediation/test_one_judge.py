"""The rule is the only judge: the document asks it before and after, and fails where it isn't content."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from root_usage_alarm.demo.invocation import RULE_NAME
from root_usage_alarm.local_aws import Account, hooks
from root_usage_alarm.local_aws.accounts import build_working_chain
from tests.remediation.conftest import evaluate
from tests.remediation.recording import Calls
from tests.remediation.runner import StepFailed
from tests.remediation.scenarios import (
    EMAIL,
    EVERY_STEP,
    NO_WORK,
    TOPIC,
    WORKING,
    from_nothing,
    refusal,
    remediate,
)
from tests.remediation.state import state_of


@pytest.mark.parametrize("working", WORKING)
def test_account_that_the_rule_calls_compliant_gets_nothing(
    account: Account, working: dict[str, Any]
) -> None:
    build_working_chain(account, **working)
    before, calls = state_of(account), Calls()

    execution = remediate(account, SubscriptionEndpoint=EMAIL, CreateTrail=True)

    assert execution.steps == NO_WORK
    assert calls.writes == []
    assert state_of(account) == before


def test_topic_that_the_rule_calls_broken_is_not_used(account: Account) -> None:
    """The policy's text lets CloudWatch publish, but to another topic."""
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "cloudwatch.amazonaws.com"},
        "Action": "sns:Publish",
        "Resource": "arn:aws:sns:eu-west-1:111122223333:another",
    }
    build_working_chain(
        account, topic={"Policy": json.dumps({"Version": "2012-10-17", "Statement": [statement]})}
    )
    assert evaluate(account)[1].endswith("[TOPIC_POLICY_DENIES]")

    execution = remediate(account, SubscriptionEndpoint=EMAIL)
    made = state_of(account)
    again = remediate(account, SubscriptionEndpoint=EMAIL)

    assert execution.steps == EVERY_STEP
    assert made["alarms"]["RootAccountUsageCountAlarm-2"]["AlarmActions"] == [TOPIC]
    assert (again.steps, state_of(account)) == (NO_WORK, made)
    hooks.confirm_subscriptions(TOPIC)
    assert evaluate(account)[0] == "COMPLIANT"


def test_what_nothing_added_would_mend_is_a_failure_with_the_rules_own_words(account: Account) -> None:
    build_working_chain(account, subscriptions=[])

    said = refusal(account)

    assert said.startswith(
        "Look: nothing that this could add would help. The rule says: topic `security-alerts` has"
    )
    assert said.endswith("[NO_SUBSCRIPTION]")


def test_chain_that_nobody_hears_is_a_failed_execution(account: Account) -> None:
    with pytest.raises(StepFailed) as failure:
        remediate(account, CreateTrail=True)

    assert failure.value.step == "Prove"
    assert "the rule still says NON_COMPLIANT: topic `root-usage-alarm` has no subscription" in str(
        failure.value
    )


def test_confirmation_that_is_missing_is_no_failure_and_no_work(account: Account) -> None:
    from_nothing(account)

    again = from_nothing(account)

    assert again.steps == NO_WORK
    assert again["Look.Summary"].startswith(
        "Nothing to add. The rule says: topic `root-usage-alarm` has 1 pending"
    )


def test_without_the_rule_nothing_is_made(account: Account) -> None:
    account.client("config").delete_config_rule(ConfigRuleName=RULE_NAME)

    assert refusal(account, CreateTrail=True) == (
        "Judge: no config rule `RootUsageAlarmRule` in eu-west-1: deploy it, or set ConfigRuleName"
    )


def test_where_no_rule_is_named_the_outcome_says_that_none_judged(account: Account) -> None:
    execution = remediate(account, SubscriptionEndpoint=EMAIL, CreateTrail=True, ConfigRuleName="")

    assert execution["Prove.Outcome"] == "made; no rule judged it, as ConfigRuleName is empty"


def test_rule_of_a_conformance_pack_is_found_by_its_name(account: Account) -> None:
    """https://docs.aws.amazon.com/config/latest/developerguide/conformance-packs.html"""
    config = account.client("config")
    (rule,) = config.describe_config_rules()["ConfigRules"]
    config.delete_config_rule(ConfigRuleName=RULE_NAME)
    source = {key: value for key, value in rule["Source"].items() if value}
    name = RULE_NAME + "-conformance-pack-a1b2c3d4e"
    config.put_config_rule(ConfigRule={"ConfigRuleName": name, "Source": source})
    build_working_chain(account)
    hooks.on_started_evaluation(account.account_id, account.region, lambda each: _evaluated(account, each))

    assert remediate(account).steps == NO_WORK
    assert hooks.started_evaluations(account.account_id, account.region) == (name,)


def test_rule_that_reports_nothing_stops_the_run(account: Account) -> None:
    hooks.on_started_evaluation(account.account_id, account.region, lambda _: None)

    assert refusal(account, CreateTrail=True) == (
        "Judge: config rule `RootUsageAlarmRule` says nothing new: see its function's log"
    )


def test_last_verdict_does_where_it_was_bad_and_no_new_one_comes(account: Account) -> None:
    build_working_chain(account, alarm=None)
    evaluate(account)
    hooks.on_started_evaluation(account.account_id, account.region, lambda _: None)

    with pytest.raises(StepFailed) as failure:
        remediate(account, SubscriptionEndpoint=EMAIL)

    assert failure.value.step == "Prove"
    assert "RootAccountUsageCountAlarm" in state_of(account)["alarms"]


def test_last_verdict_that_was_good_is_not_taken_for_a_new_one(account: Account) -> None:
    chain = build_working_chain(account)
    evaluate(account)
    account.client("cloudwatch").disable_alarm_actions(AlarmNames=[chain.alarm_arn.split(":")[-1]])
    hooks.on_started_evaluation(account.account_id, account.region, lambda _: None)

    assert refusal(account) == (
        "Judge: config rule `RootUsageAlarmRule` says nothing new: see its function's log"
    )


@pytest.mark.parametrize("code", ["LimitExceededException", "ResourceInUseException"])
def test_evaluation_that_is_under_way_is_waited_for(account: Account, code: str) -> None:
    """It may have read what holds no more, so another is started behind it."""
    build_working_chain(account)
    calls = Calls()
    calls.before("StartConfigRulesEvaluation", lambda: _refuse(code))

    assert remediate(account).steps == NO_WORK
    assert len([each for each in calls.made if each.operation == "StartConfigRulesEvaluation"]) == 2


def _refuse(code: str) -> None:
    raise ClientError({"Error": {"Code": code, "Message": "under way"}}, "StartConfigRulesEvaluation")


def _evaluated(account: Account, rule: str) -> None:
    evaluate(account, rule)
