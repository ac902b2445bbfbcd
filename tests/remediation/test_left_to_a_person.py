"""Where the document stops, says what to do, and has changed nothing."""

from __future__ import annotations

from typing import Any

import pytest

from root_usage_alarm.local_aws import Account, hooks
from root_usage_alarm.local_aws.accounts import build_working_chain
from root_usage_alarm.local_aws.corrections.identity import access_key_of
from tests.remediation.conftest import give_the_rule
from tests.remediation.recording import Calls
from tests.remediation.scenarios import EMAIL, NO_WORK, TOPIC, WITHOUT_LOG_GROUP, refusal, remediate


def test_dry_run_makes_reads_only(account: Account) -> None:
    calls = Calls()

    execution = remediate(account, SubscriptionEndpoint=EMAIL, CreateTrail=True, DryRun=True)

    assert calls.writes == []
    assert execution.steps == NO_WORK
    assert execution["Look.Summary"] == (
        "Would: create trail `root-usage-alarm` (a second one is charged per event); create metric filter "
        "`RootAccountUsageCount`; put alarm "
        f"`RootAccountUsageCountAlarm`; create or mend topic `{TOPIC}`; subscribe {EMAIL}"
    )


def test_another_account_is_not_touched(account: Account) -> None:
    assert refusal(account, AccountId="444455556666") == (
        "Judge: this is account 111122223333, not 444455556666: run it there"
    )


def test_member_is_sent_to_the_account_that_owns_its_trail(account: Account) -> None:
    owner = Account("444455556666", account.region)
    chain = build_working_chain(owner)
    hooks.show_organization_trail(chain.trail_arn, account.account_id)

    assert refusal(account) == (
        "Look: trail `account-trail` belongs to account 444455556666: run this there, in eu-west-1; or set "
        "CreateTrail true, and TrailName to a free name"
    )


@pytest.mark.parametrize(
    "asked",
    [
        pytest.param("111122223333", id="member"),
        pytest.param("444455556666", id="management-account"),
        pytest.param("777788889999", id="delegated-administrator"),
    ],
)
def test_log_group_of_a_third_account_is_named_wherever_it_runs(
    account: Account, monkeypatch: pytest.MonkeyPatch, asked: str
) -> None:
    """None of the three is sent to another of them, where it would stop again."""
    management, delegated = (Account(each, account.region) for each in ("444455556666", "777788889999"))
    log_group_arn = build_working_chain(delegated, trail=None, metric_filter=None, alarm=None).log_group_arn
    trail = {"IsOrganizationTrail": True, "CloudWatchLogsLogGroupArn": log_group_arn}
    trail_arn = build_working_chain(
        management, trail=trail, log_group=None, metric_filter=None, alarm=None, topic=None
    ).trail_arn
    for member in (account, delegated):
        hooks.show_organization_trail(trail_arn, member.account_id)
    give_the_rule(Account(asked, account.region))
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", access_key_of(asked))

    assert refusal(Account(asked, account.region)) == (
        "Look: trail `account-trail` delivers to log group `cloudtrail` of account 777788889999 in "
        "eu-west-1, which this leaves alone: add metric filter and alarm there by hand; or set CreateTrail "
        "true, and TrailName to a free name"
    )


@pytest.mark.parametrize(
    ("trail", "reason"),
    [
        pytest.param({"trail": None}, "no trail", id="no-trail"),
        pytest.param(
            {"trail": {"IsMultiRegionTrail": False}},
            "trail `account-trail` records one region only",
            id="single-region",
        ),
        pytest.param({"logging": False}, "trail `account-trail` doesn't log", id="stopped"),
        pytest.param(
            {"event_selectors": [{"ReadWriteType": "WriteOnly", "IncludeManagementEvents": True}]},
            "trail `account-trail` doesn't record every management event",
            id="writes-only",
        ),
        pytest.param(
            {
                "event_selectors": [
                    {"ReadWriteType": "All", "ExcludeManagementEventSources": ["kms.amazonaws.com"]}
                ]
            },
            "trail `account-trail` doesn't record every management event",
            id="without-kms",
        ),
        pytest.param(
            {
                "advanced_event_selectors": [
                    {
                        "FieldSelectors": [
                            {"Field": "eventCategory", "Equals": ["Management"]},
                            {"Field": "readOnly", "Equals": ["false"]},
                        ]
                    }
                ]
            },
            "trail `account-trail` doesn't record every management event",
            id="writes-only-by-advanced-selectors",
        ),
        pytest.param(
            {"log_group": {"logGroupClass": "INFREQUENT_ACCESS"}},
            "trail `account-trail` delivers to `cloudtrail`, whose class runs no metric filters",
            id="log-group-of-another-class",
        ),
    ],
)
def test_trail_that_a_person_has_to_mend(account: Account, trail: dict[str, Any], reason: str) -> None:
    build_working_chain(account, metric_filter=None, **trail)

    assert refusal(account) == (f"Look: {reason}; or set CreateTrail true, and TrailName to a free name")


def test_delivery_that_fails_is_for_a_person(account: Account) -> None:
    chain = build_working_chain(account, metric_filter=None)
    hooks.fail_log_delivery(chain.trail_arn, "AccessDenied")

    assert refusal(account) == (
        "Look: trail `account-trail` can't deliver to `cloudtrail`: AccessDenied; or set CreateTrail true, "
        "and TrailName to a free name"
    )


@pytest.mark.parametrize(
    "selectors",
    [
        pytest.param(
            {
                "event_selectors": [
                    {"ReadWriteType": "ReadOnly", "IncludeManagementEvents": True},
                    {"ReadWriteType": "WriteOnly", "IncludeManagementEvents": True},
                ]
            },
            id="reads-and-writes-by-two-selectors",
        ),
        pytest.param(
            {
                "advanced_event_selectors": [
                    {"FieldSelectors": [{"Field": "eventCategory", "Equals": ["Management"]}]}
                ]
            },
            id="advanced-selector",
        ),
    ],
)
def test_trail_that_records_everything_is_used(account: Account, selectors: dict[str, Any]) -> None:
    build_working_chain(account, **selectors)

    assert remediate(account).steps == NO_WORK


def test_organizations_trail_is_joined_only_where_it_is_named(account: Account) -> None:
    """Its log group then gets every member's events, and their cost."""
    build_working_chain(account, trail={"IsOrganizationTrail": True, **WITHOUT_LOG_GROUP}, log_group=None)

    assert refusal(account).startswith(
        "Look: trail `account-trail` would bring every member's events, and their cost: set TrailName"
    )

    execution = remediate(account, TrailName="account-trail", SubscriptionEndpoint=EMAIL)
    assert "has trail `account-trail` deliver to the log group" in execution["TrailAndLogGroup.Done"]


def test_the_trail_with_a_log_group_is_preferred(account: Account) -> None:
    build_working_chain(account, name="A", trail=WITHOUT_LOG_GROUP)
    build_working_chain(account, name="B", metric_filter=None)

    assert remediate(account)["Look.Chain"]["Trail"] == "account-trailB"
