"""`check --drill`: how old a drill is and whether its chain is still the same; never a verdict."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from root_usage_alarm import __version__
from root_usage_alarm.commands.check import check
from root_usage_alarm.demo.invocation import acting_in
from root_usage_alarm.local_aws import Account, LocalAws, hooks
from root_usage_alarm.local_aws.accounts import ALARM, METRIC_NAME, Chain, build_working_chain, put_alarm
from tests.drill.drilling import ACCOUNT_ID, record_in, run


@pytest.fixture
def chain(account: Account) -> Chain:
    return build_working_chain(account)


@pytest.fixture
def file(aws: LocalAws, account: Account, chain: Chain, tmp_path: Path) -> Path:
    """The record of a drill of the working chain, confirmed."""
    assert chain.alarm_name == ALARM
    path = tmp_path / "drill.json"
    result = run(aws, account, "--ring", "--yes", "--confirmed-by", "Jane", "--record", str(path))
    assert result.exit_code == 0, result.output
    return path


def aged(path: Path, age: timedelta) -> None:
    found = record_in(path) | {"time": (datetime.now(UTC) - age).isoformat()}
    path.write_text(json.dumps(found), encoding="utf-8")


def checked(aws: LocalAws, account: Account, path: Path, *arguments: str) -> Result:
    with acting_in(aws, account):
        return CliRunner().invoke(check, ["--drill", str(path), *arguments])


def test_members_are_always_there(file: Path) -> None:
    found = record_in(file)

    assert list(found) == [
        "schema",
        "kind",
        "time",
        "by",
        "accountId",
        "chain",
        "times",
        "action",
        "delivered",
        "outcome",
        "confirmation",
        "limitMinutes",
        "notes",
        "toolVersion",
    ]
    assert found["toolVersion"] == __version__
    assert list(found["chain"][0]) == ["link", "name", "accountId", "region", "setting"]
    assert (found["confirmation"]["by"], found["confirmation"]["arrived"]) == ("Jane", True)


def test_age_is_shown_and_that_the_chain_is_the_same(aws: LocalAws, account: Account, file: Path) -> None:
    aged(file, timedelta(days=40, hours=1))

    result = checked(aws, account, file)

    assert result.exit_code == 0
    day = datetime.now(UTC) - timedelta(days=40, hours=1)
    lines = result.output.splitlines()
    at = lines.index(f"drill (ring) of {day:%Y-%m-%d}, 40 days ago: HEARD, confirmed by Jane")
    assert lines[at + 1] == "  the chain is still the same"


def other_pattern(account: Account, _: Chain) -> None:
    pattern = '{ $.userIdentity.type = "Root" }'
    transformation = {"metricName": METRIC_NAME, "metricNamespace": "CloudTrailMetrics", "metricValue": "1"}
    account.client("logs").put_metric_filter(
        logGroupName="cloudtrail",
        filterName=METRIC_NAME,
        filterPattern=pattern,
        metricTransformations=[transformation],
    )


def alarm_saved_anew(account: Account, chain: Chain) -> None:
    put_alarm(account, chain)


def second_subscriber(account: Account, chain: Chain) -> None:
    account.client("sns").subscribe(TopicArn=chain.topic_arn, Protocol="email", Endpoint="second@example.com")
    hooks.confirm_subscriptions(chain.topic_arn)


def no_subscriber(account: Account, _: Chain) -> None:
    sns = account.client("sns")
    for each in sns.list_subscriptions()["Subscriptions"]:
        sns.unsubscribe(SubscriptionArn=each["SubscriptionArn"])


@pytest.mark.parametrize(
    ("change", "told"),
    [
        pytest.param(other_pattern, f"metric filter `{METRIC_NAME}` was changed since", id="pattern"),
        pytest.param(alarm_saved_anew, f"alarm `{ALARM}` was changed since", id="alarm"),
        pytest.param(second_subscriber, "subscriber was `1`, is `2`", id="another-subscriber"),
        pytest.param(
            no_subscriber, "alarm action `security-alerts` is in no chain any more", id="no-subscriber"
        ),
    ],
)
def test_what_has_changed_is_named(
    aws: LocalAws,
    account: Account,
    chain: Chain,
    file: Path,
    change: Callable[[Account, Chain], None],
    told: str,
) -> None:
    change(account, chain)

    result = checked(aws, account, file)

    assert f"  changed since: {told}" in result.output.splitlines()


def test_drill_of_another_account_is_no_drill_of_this_one(
    aws: LocalAws, account: Account, file: Path
) -> None:
    file.write_text(file.read_text(encoding="utf-8").replace(ACCOUNT_ID, "999988887777"), encoding="utf-8")

    assert "changed since: it was in account 999988887777" in checked(aws, account, file).output


def test_fresh_confirmed_drill_makes_nothing_compliant(aws: LocalAws, account: Account, file: Path) -> None:
    """Somebody was told a moment ago, and says so; root's events go unheard all the same."""
    pattern = '{ $.userIdentity.type = "Root" && $.awsRegion = "us-east-1" }'
    account.client("logs").delete_metric_filter(logGroupName="cloudtrail", filterName=METRIC_NAME)
    account.client("logs").put_metric_filter(
        logGroupName="cloudtrail",
        filterName=METRIC_NAME,
        filterPattern=pattern,
        metricTransformations=[
            {"metricName": METRIC_NAME, "metricNamespace": "CloudTrailMetrics", "metricValue": "1"}
        ],
    )
    with acting_in(aws, account):
        without = CliRunner().invoke(check, ["--output", "json"])

    result = checked(aws, account, file, "--output", "json")

    found = json.loads(result.output)
    assert (result.exit_code, found["complianceType"]) == (1, "NON_COMPLIANT")
    assert (found["drill"]["outcome"], found["drill"]["ageDays"]) == ("HEARD", 0)
    assert {name: found[name] for name in ("findings", "chains", "annotation")} == {
        name: json.loads(without.output)[name] for name in ("findings", "chains", "annotation")
    }


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="empty"),
        pytest.param("[]", id="a-list"),
        pytest.param('{"schema": "root-usage-alarm-drill/2"}', id="another-schema"),
        pytest.param('{"schema": "root-usage-alarm-drill/1"}', id="without-members"),
        pytest.param(
            '{"schema": "root-usage-alarm-drill/1", "accountId": "1", "kind": "ring", "outcome": "HEARD", '
            '"confirmation": null, "chain": [], "time": "2026-01-01T00:00:00"}',
            id="time-without-a-zone",
        ),
        pytest.param(
            '{"schema": "root-usage-alarm-drill/1", "accountId": "1", "kind": "ring", "outcome": "HEARD", '
            '"confirmation": null, "time": "2026-01-01T00:00:00Z", "chain": '
            '[{"link": "MOON", "name": "", "accountId": "", "region": "", "setting": ""}]}',
            id="unknown-link",
        ),
    ],
)
def test_file_that_is_no_record_is_one_clear_line(
    aws: LocalAws, account: Account, tmp_path: Path, text: str
) -> None:
    path = tmp_path / "no-drill.json"
    path.write_text(text, encoding="utf-8")

    result = checked(aws, account, path)

    assert result.exit_code == 2
    assert result.output.startswith(f"could not run: `{path}`")
    assert len(result.output.splitlines()) == 1


def test_record_that_is_there_is_never_written_over(aws: LocalAws, account: Account, file: Path) -> None:
    before = file.read_bytes()

    again = run(aws, account, "--ring", "--yes", "--record", str(file))

    assert again.exit_code == 2
    assert f"`{file}` can't be made: it is there already" in again.output.replace("\n", " ")
    assert file.read_bytes() == before
