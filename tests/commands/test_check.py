"""`check`: the decision from the workstation, against the local AWS."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from click.testing import CliRunner, Result

from root_usage_alarm import __version__
from root_usage_alarm.__main__ import main
from root_usage_alarm.demo.invocation import acting_in
from root_usage_alarm.local_aws import Account, LocalAws, hooks
from root_usage_alarm.local_aws.accounts import build_event_rules, build_working_chain
from tests.commands.refusing import refused

ACCOUNT_ID = "111122223333"
REGION = "eu-west-1"


def run(server: LocalAws, account: Account, *arguments: str) -> Result:
    with acting_in(server, account):
        return CliRunner().invoke(main, ["check", *arguments])


def test_compliant_account_exits_0_and_shows_every_link(server: LocalAws, account: Account) -> None:
    build_working_chain(account)

    result = run(server, account)

    assert result.exit_code == 0
    assert result.output.splitlines()[:9] == [
        "account 111122223333  COMPLIANT",
        "",
        "  ✔ trail          account-trail in eu-west-1",
        "  ✔ log group      cloudtrail in eu-west-1",
        "  ✔ metric filter  RootAccountUsageCount in eu-west-1",
        "  ✔ alarm          RootAccountUsageCountAlarm in eu-west-1",
        "  ✔ alarm action   security-alerts in eu-west-1",
        "  ✔ subscriber     1 confirmed in eu-west-1",
        "    rings within 2 min of the event's arrival",
    ]


def test_broken_chain_exits_1_and_says_what_to_do(server: LocalAws, account: Account) -> None:
    build_working_chain(account, alarm={"Threshold": 5.0})

    result = run(server, account)

    assert result.exit_code == 1
    lines = result.output.splitlines()
    broken = lines.index("  ✘ alarm          alarm `RootAccountUsageCountAlarm`: rings at Sum >= 5, but")
    assert lines[broken + 1 : broken + 4] == [
        "                   one root event gives 1, so no one is told",
        "  ALARM_THRESHOLD_TOO_HIGH",
        "  what to do: lower the threshold to 1",
    ]
    assert result.output.count("rings at Sum >= 5") == 1


def test_link_of_another_account_is_shown_with_its_account(server: LocalAws, account: Account) -> None:
    owner = Account("444455556666", REGION, server.endpoint_url)
    chain = build_working_chain(owner, trail={"IsOrganizationTrail": True}, metric_filter=None)
    hooks.show_organization_trail(chain.trail_arn, ACCOUNT_ID)

    result = run(server, account, "--parameter", "ReadingRoleName=reader")

    assert "  ✔ log group      cloudtrail in account 444455556666" in result.output
    assert "  ✘ metric filter  in account 444455556666: log group `cloudtrail` has" in result.output


def test_policy_that_keeps_cloudwatch_out_shows_the_statement_to_paste(
    server: LocalAws, account: Account
) -> None:
    build_working_chain(account, topic={"Policy": '{"Version": "2012-10-17", "Statement": []}'})

    lines = run(server, account).output.splitlines()

    pasted = "\n".join(lines[lines.index("  the statement to paste into its policy:") + 1 :])
    statement, _ = json.JSONDecoder().raw_decode(pasted)
    assert statement["Condition"] == {"StringEquals": {"aws:SourceAccount": ["111122223333"]}}


def test_pattern_with_a_hole_shows_the_event_that_goes_unheard(server: LocalAws, account: Account) -> None:
    sign_ins = '{ $.userIdentity.type = "Root" && $.eventName = "ConsoleLogin" }'
    build_working_chain(account, metric_filter={"filterPattern": sign_ins})

    result = run(server, account)

    assert result.exit_code == 1
    assert "  a root event that would go unheard:" in result.output
    assert '"type": "Root"' in result.output


def test_json_is_the_whole_verdict(server: LocalAws, account: Account) -> None:
    build_working_chain(account, confirmed=False)

    result = run(server, account, "--output", "json")

    verdict = json.loads(result.output)
    assert result.exit_code == 1
    assert (verdict["accountId"], verdict["complianceType"]) == (ACCOUNT_ID, "NON_COMPLIANT")
    assert [finding["code"] for finding in verdict["findings"]] == ["SUBSCRIPTION_PENDING"]
    assert verdict["rootUser"]["lastUsed"] is None
    assert (verdict["schemaVersion"], verdict["toolVersion"]) == ("1.0", __version__)
    assert datetime.fromisoformat(verdict["time"]).tzinfo


def test_json_names_region_and_arn_of_each_link(server: LocalAws, account: Account) -> None:
    chain = build_working_chain(account)

    steps = json.loads(run(server, account, "--output", "json").output)["chains"][0]["steps"]

    assert {each["region"] for each in steps} == {REGION}
    assert {each["link"]: each["arn"] for each in steps} == {
        "TRAIL": chain.trail_arn,
        "LOG_GROUP": f"arn:aws:logs:{REGION}:{ACCOUNT_ID}:log-group:cloudtrail",
        "METRIC_FILTER": None,
        "ALARM": f"arn:aws:cloudwatch:{REGION}:{ACCOUNT_ID}:alarm:RootAccountUsageCountAlarm",
        "ACTION": f"arn:aws:sns:{REGION}:{ACCOUNT_ID}:security-alerts",
        "SUBSCRIBER": None,
    }


def test_account_is_named_by_its_alias_where_the_caller_may_ask(server: LocalAws, account: Account) -> None:
    account.client("iam").create_account_alias(AccountAlias="payroll")

    named = run(server, account)
    with refused("iam.ListAccountAliases", "AccessDenied"):
        unnamed = run(server, account)

    assert named.output.startswith("account 111122223333 (payroll)  NON_COMPLIANT\n")
    assert unnamed.output.startswith("account 111122223333  NON_COMPLIANT\n")


def test_calls_are_listed_on_request(server: LocalAws, account: Account) -> None:
    plain, verbose = run(server, account), run(server, account, "--verbose")

    assert "cloudtrail:DescribeTrails" not in plain.output
    assert "  cloudtrail:DescribeTrails\n" in verbose.output


def test_parameter_is_honoured(server: LocalAws, account: Account) -> None:
    build_working_chain(account)

    result = run(server, account, "--parameter", "MinConfirmedSubscribers=2")

    assert result.exit_code == 1
    assert "TOO_FEW_SUBSCRIBERS" in result.output


def test_parameter_without_a_value_is_a_usage_error(server: LocalAws, account: Account) -> None:
    result = run(server, account, "--parameter", "MinConfirmedSubscribers")

    assert result.exit_code == 2
    assert "`MinConfirmedSubscribers` should be NAME=VALUE" in result.output


def test_unknown_parameter_is_a_usage_error_and_no_verdict(server: LocalAws, account: Account) -> None:
    result = run(server, account, "--parameter", "SnsTopic=security")

    assert result.exit_code == 2
    assert "Invalid value for --parameter" in result.output
    assert "`SnsTopic` is unknown" in result.output


def test_refusal_has_a_status_of_its_own(server: LocalAws, account: Account) -> None:
    build_working_chain(account)
    with refused("sns.GetTopicAttributes", "AuthorizationError"):
        result = run(server, account)

    assert result.exit_code == 3
    assert "TOPIC_UNREADABLE" in result.output


def test_account_that_another_region_reports_has_a_status_of_its_own(
    server: LocalAws, account: Account
) -> None:
    assert run(server, account, "--parameter", "ReportingRegion=us-east-1").exit_code == 4


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        pytest.param(
            {}, "could not run: no region: give --region (REGION=), or set AWS_REGION\n", id="no-region"
        ),
        pytest.param(
            {"AWS_REGION": REGION, "AWS_ENDPOINT_URL": "notaurl"},
            "could not run: AWS configuration: Invalid endpoint: notaurl\n",
            id="endpoint",
        ),
        pytest.param(
            {"AWS_REGION": REGION, "AWS_MAX_ATTEMPTS": "many"},
            "could not run: AWS configuration: invalid literal for int() with base 10: 'many'\n",
            id="attempts",
        ),
    ],
)
@pytest.mark.parametrize("command", [["check"], ["check-org", "role"], ["remediate"]])
def test_broken_configuration_is_one_clear_line(
    command: list[str],
    environment: dict[str, str],
    said: str,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: object,
) -> None:
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION", "AWS_ENDPOINT_URL", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    for name, value in {"AWS_CONFIG_FILE": f"{tmp_path}/none", **environment}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "nobody")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "nothing")

    result = CliRunner().invoke(main, command)

    assert (result.exit_code, result.output) == (2, said)


def test_section_on_the_root_user_names_its_last_use(server: LocalAws, account: Account) -> None:
    build_working_chain(account)
    hooks.sign_in_as_root(ACCOUNT_ID, datetime(2020, 1, 2, 3, 4, tzinfo=UTC))

    result = run(server, account)

    assert "root user\n  last use             none within 90 days" in result.output


def test_no_credentials_is_one_clear_line(monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", f"{tmp_path}/none")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", f"{tmp_path}/none")
    monkeypatch.setenv("HOME", str(tmp_path))

    result = CliRunner().invoke(main, ["check", "--region", REGION])

    assert result.exit_code == 2
    assert result.output == "could not run: Unable to locate credentials\n"


def test_unknown_profile_is_one_clear_line(monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> None:
    monkeypatch.setenv("AWS_CONFIG_FILE", f"{tmp_path}/none")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", f"{tmp_path}/none")

    result = CliRunner().invoke(main, ["check", "--profile", "nobody"])

    assert result.exit_code == 2
    assert result.output == "could not run: The config profile (nobody) could not be found\n"


def rules_in_two_regions(account: Account) -> None:
    hooks.enable_regions(account.account_id, "us-east-1", REGION)
    build_event_rules(account, ["us-east-1", REGION])


def test_rules_chain_is_shown_with_its_region(server: LocalAws, account: Account) -> None:
    rules_in_two_regions(account)

    result = run(server, account, "--parameter", "AcceptedWays=eventbridge")

    assert result.exit_code == 0
    assert result.output.splitlines()[:12] == [
        "account 111122223333  COMPLIANT",
        "",
        "  ✔ trail          account-trail in eu-west-1",
        "  ✔ event rule     root-usage in us-east-1",
        "  ✔ target         security-alerts-events in us-east-1",
        "  ✔ subscriber     1 confirmed in us-east-1",
        "",
        "  ✔ trail          account-trail in eu-west-1",
        "  ✔ event rule     root-usage in eu-west-1",
        "  ✔ target         security-alerts-events in eu-west-1",
        "  ✔ subscriber     1 confirmed in eu-west-1",
        "",
    ]


def test_way_that_isnt_accepted_is_shown_when_asked_for_and_doesnt_count(
    server: LocalAws, account: Account
) -> None:
    rules_in_two_regions(account)

    plain, result = run(server, account), run(server, account, "--all-ways")

    assert (plain.exit_code, result.exit_code) == (1, 1)
    assert "eventbridge" not in plain.output
    assert "by eventbridge, which AcceptedWays doesn't accept: a person would be told" in result.output
    assert "  ✔ event rule     root-usage in eu-west-1" in result.output


def test_way_that_isnt_accepted_has_its_place_in_the_json(server: LocalAws, account: Account) -> None:
    build_working_chain(account)
    hooks.enable_regions(account.account_id, REGION)

    document = json.loads(run(server, account, "--all-ways", "--output", "json").output)

    assert document["complianceType"] == "COMPLIANT"
    other = document["otherWays"]["eventbridge"]
    assert [(each["code"], each["region"]) for each in other["findings"]] == [("NO_EVENT_RULE", REGION)]
