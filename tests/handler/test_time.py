"""What takes too long ends in an evaluation that says so, before the function is killed."""

from __future__ import annotations

import io
import json
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import botocore
import pytest
from botocore.exceptions import ReadTimeoutError
from root_usage.aws.clients import TRIES, patience
from root_usage.examine import Account as Evaluated
from root_usage.examine import Examination, examine
from root_usage.parameters import Parameters
from root_usage.verdict.outcome import NotTold, compliance_type
from root_usage.work import Work

import RootUsageAlarmRule
from root_usage_alarm.demo.invocation import Invocation, acting_in, scheduled_event
from root_usage_alarm.deployment.names import TIMEOUT_SECONDS
from root_usage_alarm.local_aws import Account, LocalAws, hooks
from root_usage_alarm.local_aws.accounts import build_working_chain
from tests.handler.evaluation import ACCOUNT_ID, REGION, answering, leading

# Whether an everyday event matches takes a look at all of its fields, under each reading of `!=`.
COSTLY = '{ $.*!="a*ga*" && $.*!="b*ga*" && $.*!="c*1*" && $.userIdentity.type="Root" && $.a%d!=1 }'


@dataclass(frozen=True, slots=True)
class Context:
    """As much of Lambda's context as the function looks at."""

    milliseconds: int

    def get_remaining_time_in_millis(self) -> int:
        return self.milliseconds


def invoke_within(aws: LocalAws, account: Account, seconds: int) -> Invocation:
    event = scheduled_event(account, {"AssumeRoleMode": "False"})
    log = io.StringIO()
    with acting_in(aws, account), redirect_stdout(log):
        (evaluation,) = RootUsageAlarmRule.lambda_handler(event, Context(1_000 * seconds))
    return Invocation(evaluation, json.loads(log.getvalue()))


@contextmanager
def hanging(call: str) -> Iterator[Counter[str]]:
    """Lets every try of the call (`iam.GetCredentialReport`) run into its time-out; counts them."""
    tries = Counter[str]()

    def hang(request: Any, **_: Any) -> None:
        tries[call] += 1
        raise ReadTimeoutError(endpoint_url=request.url)

    def watch(session: Any) -> None:
        session.register(f"before-send.{call}", hang)

    botocore.register_initializer(watch)
    try:
        yield tries
    finally:
        botocore.unregister_initializer(watch)


def test_9_function_without_time_left_says_what_took_it(aws: LocalAws, account: Account) -> None:
    build_working_chain(account)

    invocation = invoke_within(aws, account, 0)

    annotation = (
        "could not be decided in time whether root use is told: cloudtrail:DescribeTrails took most of the "
        "function's time. Evaluate the rule again; then simplify it, or give the function more memory "
        "[NOT_DECIDED_IN_TIME]"
    )
    assert leading(invocation) == ("NON_COMPLIANT", "NOT_DECIDED_IN_TIME", annotation)


def test_9_function_with_time_left_takes_no_notice_of_it(aws: LocalAws, account: Account) -> None:
    build_working_chain(account)

    assert invoke_within(aws, account, TIMEOUT_SECONDS).evaluation["ComplianceType"] == "COMPLIANT"


PATIENCE: Any = patience(TIMEOUT_SECONDS)


class Clients:
    """The account's clients; a clock that shows how many calls were made with them."""

    def __init__(self) -> None:
        self.calls = 0

    def build_client(self, service: str, region: str | None = None) -> Any:
        make: Any = boto3.client
        client = make(service, region)
        client.meta.events.register("before-parameter-build", self._count)
        return client

    def clock(self) -> float:
        return self.calls

    def _count(self, **_: Any) -> None:
        self.calls += 1


def examined(aws: LocalAws, account: Account, **limits: Any) -> Examination:
    clients = Clients()
    with acting_in(aws, account):
        return examine(
            Evaluated(ACCOUNT_ID, REGION),
            Parameters(),
            clients,
            datetime.now(UTC),
            work=Work(clock=clients.clock, **limits),
        )


def codes(examination: Examination) -> list[str]:
    verdict = examination.verdict
    return [each.code.name for each in verdict.findings] if isinstance(verdict, NotTold) else []


def test_9_whichever_call_is_the_last_one_nothing_is_proven_without_all(
    aws: LocalAws, account: Account
) -> None:
    build_working_chain(account)
    calls = len(examined(aws, account).calls)

    ends = [codes(examined(aws, account, end=calls - short)) for short in (1, 2, 5, calls)]

    assert ends == [["NOT_DECIDED_IN_TIME"]] * 4
    assert codes(examined(aws, account, end=calls)) == []


def test_9_broken_chain_stays_broken_whatever_is_not_asked_any_more(aws: LocalAws, account: Account) -> None:
    build_working_chain(account, alarm={"ActionsEnabled": False})
    calls = examined(aws, account).calls

    stopped = examined(aws, account, end=len(calls) - 1)

    assert calls[-1] == "iam:GetCredentialReport"
    assert codes(stopped) == ["ALARM_ACTIONS_DISABLED", "NOT_DECIDED_IN_TIME"]


def with_costly_filters(account: Account, count: int, **chain: Any) -> None:
    log_group = build_working_chain(account, **chain).log_group_name
    for number in range(count):
        account.client("logs").put_metric_filter(
            logGroupName=log_group,
            filterName=f"a-costly-{number}",
            filterPattern=COSTLY % number,
            metricTransformations=[{"metricName": f"m{number}", "metricNamespace": "n", "metricValue": "1"}],
        )


def test_9_work_beyond_the_cap_names_what_takes_it(aws: LocalAws, account: Account) -> None:
    with_costly_filters(account, 3, alarm={"ActionsEnabled": False})

    examination = examined(aws, account, most=100_000)

    assert compliance_type(examination.verdict) == "NON_COMPLIANT"
    assert codes(examination) == ["NOT_DECIDED_IN_TIME", "ALARM_ACTIONS_DISABLED"]
    assert examination.annotation == examined(aws, account, most=100_000).annotation
    assert examination.annotation == (
        "could not be decided in time whether root use is told: metric filter `a-costly-0` takes most of "
        "100,000 steps of work. Simplify it, or delete what nobody needs (1 more finding) "
        "[NOT_DECIDED_IN_TIME]"
    )


def test_9_costly_filters_cost_a_whole_chain_nothing(aws: LocalAws, account: Account) -> None:
    with_costly_filters(account, 60)

    assert codes(examined(aws, account, most=20_000)) == []


# -- calls that hang


def test_9_call_that_only_informs_may_hang(
    aws: LocalAws, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    pauses: list[float] = []
    monkeypatch.setattr("botocore.endpoint.time.sleep", pauses.append)
    build_working_chain(account)

    with (
        answering({"cloudtrail:LookupEvents": {"Events": []}}),
        hanging("iam.GetCredentialReport") as tries,
    ):
        invocation = invoke_within(aws, account, TIMEOUT_SECONDS)

    assert invocation.evaluation["Annotation"].endswith(
        "root's last use not verified: iam:GetCredentialReport answered ReadTimeoutError"
    )
    time_out = PATIENCE.read_timeout
    assert tries == {"iam.GetCredentialReport": TRIES}
    assert TRIES * time_out + sum(pauses) < TIMEOUT_SECONDS / 4


def test_9_event_history_that_hangs_in_all_regions_is_no_proof(
    aws: LocalAws, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("botocore.endpoint.time.sleep", lambda _: None)
    build_working_chain(account)
    hooks.sign_in_as_root(ACCOUNT_ID, datetime.now(UTC) - timedelta(days=60))

    with hanging("cloudtrail.LookupEvents") as tries:
        invocation = invoke_within(aws, account, TIMEOUT_SECONDS)

    assert invocation.evaluation["Annotation"].startswith(
        "cannot verify that root left alone what tells of its use: cloudtrail:LookupEvents answered "
        "ReadTimeoutError in us-east-1. Evaluate the rule again [ROOT_CHANGES_UNVERIFIED]"
    )
    assert tries == {"cloudtrail.LookupEvents": 4 * TRIES}


def test_7_history_that_hangs_fails_the_function_while_it_has_time_left(
    aws: LocalAws, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without it nobody knows whether root was heard, so it doesn't only inform."""
    pauses: list[float] = []
    monkeypatch.setattr("botocore.endpoint.time.sleep", pauses.append)
    build_working_chain(account)
    hooks.sign_in_as_root(ACCOUNT_ID, datetime.now(UTC) - timedelta(days=5))

    with (
        answering({"cloudtrail:LookupEvents": {"Events": []}}),
        hanging("cloudwatch.DescribeAlarmHistory") as tries,
        pytest.raises(ReadTimeoutError),
    ):
        invoke_within(aws, account, TIMEOUT_SECONDS)

    assert tries == {"cloudwatch.DescribeAlarmHistory": TRIES}
    assert TRIES * PATIENCE.read_timeout + sum(pauses) < TIMEOUT_SECONDS / 4


def test_9_all_clients_have_the_time_outs(aws: LocalAws, account: Account) -> None:
    event = scheduled_event(account, {"AssumeRoleMode": "False"})
    with acting_in(aws, account), redirect_stdout(io.StringIO()):
        RootUsageAlarmRule.lambda_handler(event, Context(1_000 * TIMEOUT_SECONDS))
        config: Any = boto3.client("cloudtrail").meta.config

    assert (config.connect_timeout, config.read_timeout) == (7.5, 7.5)
    assert config.retries["total_max_attempts"] == TRIES


@pytest.mark.parametrize("seconds", [30, 60, 180, 900])
def test_9_call_that_hangs_leaves_time_to_report(seconds: int) -> None:
    config: Any = patience(seconds)
    longest_pauses = 1 + 2 + 4  # of botocore's legacy mode, between four tries

    assert TRIES * config.read_timeout + longest_pauses <= seconds / 2
