"""`drill --policy`: enough for every call of a drill, on exactly the resources that it names, and no more."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from root_usage_alarm.local_aws import Account, LocalAws, hooks
from root_usage_alarm.local_aws.accounts import ALARM, Chain, build_working_chain
from tests.deployment.enforcement import Enforcement, allows, enforced
from tests.drill.drilling import ACCOUNT_ID, REGION, Waiting, run, set_state

ANSWERS: dict[str, Any] = {
    "cloudtrail:LookupEvents": {"Events": []},
    # IAM lets everybody ask who they are.
    "sts:GetCallerIdentity": {
        "Account": ACCOUNT_ID,
        "Arn": f"arn:aws:sts::{ACCOUNT_ID}:assumed-role/drill/x",
    },
}
WHO_AM_I = {"Effect": "Allow", "Action": ["sts:GetCallerIdentity"], "Resource": "*"}

RING = ("--ring", "--yes", "--confirmed-by", "Jane")
WATCH = ("--watch", "--minutes", "1", "--fresh")


def policy_for(aws: LocalAws, account: Account, *mode: str) -> list[dict[str, Any]]:
    result = run(aws, account, "--policy", *mode)
    assert result.exit_code == 0, result.output
    statements: list[dict[str, Any]] = json.loads(result.output)["Statement"]
    return statements


def plain(account: Account) -> Chain:
    return build_working_chain(account)


def with_a_composite_above(account: Account) -> Chain:
    chain = build_working_chain(account)
    other = account.client("sns").create_topic(Name="other")["TopicArn"]
    account.client("cloudwatch").put_composite_alarm(
        AlarmName="over-all", AlarmRule=f"ALARM({ALARM})", AlarmActions=[other]
    )
    return chain


def that_rang_before(account: Account) -> Chain:
    chain = build_working_chain(account)
    for state in ("ALARM", "OK"):
        set_state(account, ALARM, state)
    return chain


def held_to(
    aws: LocalAws, account: Account, tmp_path: Path, mode: tuple[str, ...], statements: list[dict[str, Any]]
) -> tuple[Result, Enforcement]:
    files = ("--record", str(tmp_path / "drill.json"), "--state", str(tmp_path / "state"))
    with enforced({ACCOUNT_ID: [*statements, WHO_AM_I]}, ANSWERS) as enforcement:
        result = run(aws, account, *mode, *files, waiting=Waiting())
    return result, enforcement


@pytest.mark.parametrize(
    ("build", "mode"),
    [
        pytest.param(plain, RING, id="ring"),
        pytest.param(plain, WATCH, id="watch"),
        pytest.param(with_a_composite_above, RING, id="ring-below-a-composite-alarm"),
        pytest.param(that_rang_before, RING, id="ring-again"),
    ],
)
def test_drill_is_granted_what_it_calls_and_nothing_else(
    aws: LocalAws,
    account: Account,
    tmp_path: Path,
    build: Callable[[Account], Chain],
    mode: tuple[str, ...],
) -> None:
    build(account)
    statements = policy_for(aws, account, mode[0])

    result, enforcement = held_to(aws, account, tmp_path, mode, statements)

    assert enforcement.denied == set()
    assert result.exit_code in (0, 1), result.output
    used = {action for _, action in enforcement.allowed}
    granted = {action for each in statements for action in each["Action"]}
    assert granted == used - {"sts:GetCallerIdentity"}


def test_ring_may_set_no_other_alarm_and_publish_nothing(aws: LocalAws, account: Account) -> None:
    chain = build_working_chain(account)

    statements = policy_for(aws, account)

    assert allows(statements, "cloudwatch:SetAlarmState", chain.alarm_arn)
    assert not allows(statements, "cloudwatch:SetAlarmState", f"{chain.alarm_arn}-2")
    assert not allows(statements, "sns:Publish", chain.topic_arn)
    assert not allows(statements, "cloudwatch:PutMetricAlarm", chain.alarm_arn)
    assert not allows(
        statements,
        "logs:FilterLogEvents",
        f"arn:aws:logs:{REGION}:{ACCOUNT_ID}:log-group:another:log-stream:",
    )


def test_watch_may_change_nothing(aws: LocalAws, account: Account) -> None:
    build_working_chain(account)

    actions = {action for each in policy_for(aws, account, "--watch") for action in each["Action"]}

    verbs = ("Describe", "Get", "List", "Lookup", "Filter")
    assert [each for each in sorted(actions) if not each.partition(":")[2].startswith(verbs)] == []


def test_policy_is_printed_and_nothing_is_done(aws: LocalAws, account: Account, tmp_path: Path) -> None:
    chain = build_working_chain(account)
    file = tmp_path / "drill.json"

    policy_for(aws, account, "--ring", "--record", str(file))

    assert (file.exists(), hooks.messages_of(chain.topic_arn)) == (False, ())
