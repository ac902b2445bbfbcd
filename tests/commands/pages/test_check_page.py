"""The page of one account, from the command on the local AWS."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from root_usage_alarm.commands.check import check
from root_usage_alarm.demo.invocation import acting_in
from root_usage_alarm.local_aws import Account, LocalAws, hooks
from root_usage_alarm.local_aws.accounts import build_event_rules, build_working_chain
from tests.commands.pages.accounts import HOSTILE, SHOWN
from tests.commands.pages.parsed import Page


def page_of(server: LocalAws, account: Account, *arguments: str) -> Page:
    with acting_in(server, account):
        return Page(CliRunner().invoke(check, ["--output", "html", *arguments]).stdout)


def test_working_chain_is_drawn_link_by_link(server: LocalAws, account: Account) -> None:
    build_working_chain(account)

    page = page_of(server, account)

    assert page.texts("title") == ["Root usage alarm: account 111122223333, COMPLIANT"]
    assert page.texts("li", class_="holds") == [
        "trail holds: account-trail",
        "log group holds: cloudtrail",
        "metric filter holds: RootAccountUsageCount",
        "alarm holds: RootAccountUsageCountAlarm",
        "alarm action holds: security-alerts",
        "subscriber holds: 1 confirmed",
    ]
    assert "Rings within 2 min of the event's arrival." in page.texts("p")
    assert page.all("script") == []


def test_broken_chain_ends_with_its_finding_and_what_was_not_reached(
    server: LocalAws, account: Account
) -> None:
    build_working_chain(account, topic={"Policy": '{"Version": "2012-10-17", "Statement": []}'})

    page = page_of(server, account)

    assert page.texts("li", class_="broken")[0].startswith(
        "alarm action broken: the policy of topic `security-alerts`"
    )
    assert page.texts("li", class_="behind") == ["subscriber not reached"]
    assert page.texts("h3") == [
        "\u2718 TOPIC_POLICY_DENIES the topic's policy doesn't let CloudWatch publish"
    ]
    assert '"aws:SourceAccount": [\n' in page.all("pre")[0].text


def test_account_without_a_chain_has_the_link_that_is_missing(server: LocalAws, account: Account) -> None:
    page = page_of(server, account)

    assert page.texts("li", class_="broken")[0].startswith("trail broken: ")


def test_hostile_name_stays_text(server: LocalAws, account: Account) -> None:
    name = HOSTILE.replace("\n", "")
    build_working_chain(account, alarm={"AlarmName": name, "Threshold": 5.0})

    page = page_of(server, account)

    assert any(SHOWN.replace("\\n", "") in each for each in page.texts("li", class_="broken"))
    assert page.all("script") == []


def test_root_users_section_and_notes_are_there(server: LocalAws, account: Account) -> None:
    build_working_chain(account)

    page = page_of(server, account)

    assert page.texts("dt")[:4] == ["last use", "access keys", "MFA", "central root access"]
    assert page.texts("h2")[-1] == "AWS calls"


@pytest.mark.parametrize("arguments", [["--parameter", "AcceptedWays=eventbridge"], ["--all-ways"]])
def test_rules_chains_have_their_regions(server: LocalAws, account: Account, arguments: list[str]) -> None:
    hooks.enable_regions(account.account_id, "us-east-1", "eu-west-1")
    build_event_rules(account, ["us-east-1", "eu-west-1"])

    page = page_of(server, account, *arguments)

    assert "Chain 2 of 2: eu-west-1" in page.texts("h3")
    assert "target holds: security-alerts-events in eu-west-1" in page.texts("li")
