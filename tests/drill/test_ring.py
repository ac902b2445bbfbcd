"""`drill --ring`: from the alarm to a message in a queue, and every way in which it doesn't get there."""

from __future__ import annotations

import io
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError

from root_usage_alarm.local_aws import Account, LocalAws, hooks
from root_usage_alarm.local_aws.accounts import (
    ALARM,
    UNSET,
    Chain,
    build_event_rules,
    build_working_chain,
)
from tests.drill.drilling import (
    ACCOUNT_ID,
    CALLER,
    REGION,
    Waiting,
    around,
    messages_in,
    once,
    record_in,
    run,
    set_state,
    state_of,
)
from tests.handler.evaluation import Refusal, answering

EMAIL = "security@example.com"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "drill.json"


def ok(account: Account, chain: Chain) -> None:
    set_state(account, chain.alarm_name, "OK")


def test_message_is_in_the_queue_and_the_alarm_is_as_it_was(
    aws: LocalAws, account: Account, file: Path
) -> None:
    queue = account.client("sqs").create_queue(QueueName="heard")["QueueUrl"]
    chain = build_working_chain(
        account, subscriptions=[("email", EMAIL), ("sqs", account.arn("sqs", "heard"))]
    )
    ok(account, chain)

    result = run(aws, account, "--ring", "--record", str(file), said="y\ny\nsecurity mailbox\n")

    assert result.exit_code == 0, result.output
    assert state_of(account, ALARM) == "OK"
    (message,) = messages_in(account, queue)
    assert (message["OldStateValue"], message["NewStateValue"]) == ("OK", "ALARM")
    assert message["NewStateReason"].startswith(f"drill by {CALLER} at 20")
    found = record_in(file)
    assert (found["schema"], found["kind"], found["outcome"]) == ("root-usage-alarm-drill/1", "ring", "HEARD")
    assert (found["accountId"], found["by"]) == (ACCOUNT_ID, CALLER)
    assert found["action"] == {"arn": chain.topic_arn, "outcome": "succeeded", "words": ""}
    assert (found["confirmation"]["by"], found["confirmation"]["where"]) == (CALLER, "security mailbox")
    assert found["notes"] == ["the drill put the alarm back"]
    assert [each["link"] for each in found["times"]] == ["alarm", "alarm action"]


def test_record_names_every_link_with_its_region(aws: LocalAws, account: Account, file: Path) -> None:
    chain = build_working_chain(account)

    run(aws, account, "--ring", "--yes", "--confirmed-by", "Jane", "--record", str(file))

    links = [(each["link"], each["name"], each["region"]) for each in record_in(file)["chain"]]
    assert links == [
        ("TRAIL", "account-trail", REGION),
        ("LOG_GROUP", "cloudtrail", REGION),
        ("METRIC_FILTER", "RootAccountUsageCount", REGION),
        ("ALARM", chain.alarm_name, REGION),
        ("ACTION", "security-alerts", REGION),
        ("SUBSCRIBER", "1", REGION),
    ]


def test_what_it_does_and_who_is_told_is_said_before_it_acts(aws: LocalAws, account: Account) -> None:
    instance = f"arn:aws:automate:{REGION}:ec2:stop"
    cleared = account.client("sns").create_topic(Name="cleared")["TopicArn"]
    chain = build_working_chain(
        account,
        alarm={"AlarmActions": [account.arn("sns", "security-alerts"), instance], "OKActions": [cleared]},
    )
    account.client("cloudwatch").put_composite_alarm(
        AlarmName="over-all", AlarmRule=f"ALARM({ALARM})", AlarmActions=[cleared]
    )

    result = run(aws, account, "--ring", said="n\n")

    assert result.exit_code == 2
    assert result.output.splitlines() == [
        f"account {ACCOUNT_ID}, as {CALLER}",
        f"{REGION}: set alarm `{ALARM}` from INSUFFICIENT_DATA to ALARM, then back",
        f"  in ALARM publishes to topic {chain.topic_arn}",
        f"    tells {EMAIL} by email",
        f"  in ALARM acts on an EC2 instance: {instance}",
        f"  composite alarm `over-all`, if this changes it, in ALARM publishes to topic {cleared}",
        "    no confirmed subscriber",
        f"  back in OK publishes to topic {cleared}",
        "    no confirmed subscriber",
        "  what isn't a topic is carried out as for a real event: look at it before you agree",
        "  EventBridge rules on alarms' state changes hear of it too, and aren't listed",
        "Ring it? [y/N]: n",
        "no drill: nobody agreed, and nothing has happened",
    ]
    assert state_of(account, ALARM) == "INSUFFICIENT_DATA"
    assert hooks.messages_of(chain.topic_arn) == ()


def test_alarm_that_is_in_alarm_is_left_alone(aws: LocalAws, account: Account, file: Path) -> None:
    chain = build_working_chain(account)
    set_state(account, ALARM, "ALARM", "a real one")

    result = run(aws, account, "--ring", "--yes", "--record", str(file))

    assert result.exit_code == 2
    assert result.output == (
        f"no drill: alarm `{ALARM}` is in ALARM already (a real one), so it would tell nobody again; "
        "nothing was done\n"
    )
    assert len(hooks.messages_of(chain.topic_arn)) == 1
    assert not file.exists()


def test_without_permission_nothing_happens(aws: LocalAws, account: Account, file: Path) -> None:
    chain = build_working_chain(account)

    with answering({"cloudwatch:SetAlarmState": Refusal("AccessDenied")}):
        result = run(aws, account, "--ring", "--yes", "--record", str(file))

    assert result.exit_code == 2
    assert "no drill: nothing has happened: An error occurred (AccessDenied)" in result.output
    assert (state_of(account, ALARM), hooks.messages_of(chain.topic_arn)) == ("INSUFFICIENT_DATA", ())
    assert not file.exists()


def test_history_that_cant_be_read_is_said_before_anything_happens(aws: LocalAws, account: Account) -> None:
    chain = build_working_chain(account)

    with answering({"cloudwatch:DescribeAlarmHistory": Refusal("AccessDenied")}):
        result = run(aws, account, "--ring", "--yes")

    assert "nothing could be followed: cloudwatch:DescribeAlarmHistory answered AccessDenied" in result.output
    assert hooks.messages_of(chain.topic_arn) == ()


def test_action_that_fails_has_awss_words(aws: LocalAws, account: Account, file: Path) -> None:
    build_working_chain(account, topic={"KmsMasterKeyId": "alias/aws/sns"})

    result = run(aws, account, "--ring", "--anyway", "--yes", "--record", str(file), said="y\n")

    assert result.exit_code == 1
    words = (
        "CloudWatch Alarms is not authorized to access the SNS topic encryption key. "
        "Check the key policy, or use a customer managed key"
    )
    found = record_in(file)
    assert (found["outcome"], found["action"]["words"]) == ("NOT_HEARD", words)
    assert found["confirmation"] is None
    assert f"the action failed: {words}" in result.output
    assert state_of(account, ALARM) == "INSUFFICIENT_DATA"


def test_person_who_says_no_is_believed(aws: LocalAws, account: Account, file: Path) -> None:
    build_working_chain(account)

    result = run(aws, account, "--ring", "--record", str(file), said="y\nn\n")

    assert result.exit_code == 1
    found = record_in(file)
    assert (found["outcome"], found["confirmation"]["arrived"]) == ("NOT_HEARD", False)


def test_nobody_to_ask_leaves_it_unconfirmed(aws: LocalAws, account: Account, file: Path) -> None:
    build_working_chain(account)

    result = run(aws, account, "--ring", "--yes", "--record", str(file), said="")

    assert result.exit_code == 3
    assert (record_in(file)["outcome"], record_in(file)["confirmation"]) == ("NOT_CONFIRMED", None)


class PressesCtrlC(io.BytesIO):
    """Whoever is asked."""

    def read1(self, _size: int | None = -1, /) -> bytes:
        os.kill(os.getpid(), signal.SIGINT)
        return b""


def test_ctrl_c_at_the_question_keeps_the_record(aws: LocalAws, account: Account, file: Path) -> None:
    build_working_chain(account)

    result = run(aws, account, "--ring", "--yes", "--record", str(file), said=PressesCtrlC())

    assert result.exit_code == 3
    assert (record_in(file)["outcome"], record_in(file)["confirmation"]) == ("NOT_CONFIRMED", None)


def disable(account: Account) -> None:
    account.client("cloudwatch").disable_alarm_actions(AlarmNames=[ALARM])


def mute(account: Account) -> None:
    account.client("cloudwatch").put_alarm_mute_rule(
        Name="quiet",
        Rule={"Schedule": {"Expression": "cron(* * * * *)", "Duration": "PT1H"}},
        MuteTargets={"AlarmNames": [ALARM]},
    )


@pytest.mark.parametrize("silence", [disable, mute])
def test_alarm_that_doesnt_act_is_waited_for_two_minutes_and_put_back(
    aws: LocalAws, account: Account, file: Path, silence: Callable[[Account], None]
) -> None:
    chain, waiting = build_working_chain(account), Waiting()

    with around("before-call.cloudwatch.SetAlarmState", once(lambda: silence(account))):
        result = run(aws, account, "--ring", "--yes", "--record", str(file), waiting=waiting)

    assert result.exit_code == 1
    assert "CloudWatch has recorded no action" in result.output
    assert record_in(file)["action"]["outcome"] == "not recorded"
    assert hooks.messages_of(chain.topic_arn) == ()
    assert state_of(account, ALARM) == "INSUFFICIENT_DATA"
    assert 120 <= sum(waiting.waited) <= 220


def test_alarm_that_cloudwatch_puts_back_is_left_to_it(aws: LocalAws, account: Account, file: Path) -> None:
    build_working_chain(account)
    evaluated = Waiting([lambda: None, lambda: set_state(account, ALARM, "OK")])

    run(aws, account, "--ring", "--yes", "--confirmed-by", "Jane", "--record", str(file), waiting=evaluated)

    assert state_of(account, ALARM) == "OK"  # what it was evaluated to, not what it was before
    assert record_in(file)["notes"] == ["CloudWatch put the alarm back"]


def test_real_alarm_in_the_middle_is_left_as_it_is(aws: LocalAws, account: Account, file: Path) -> None:
    build_working_chain(account)

    def rings_in_earnest() -> None:
        set_state(account, ALARM, "OK")
        set_state(account, ALARM, "ALARM", "Threshold Crossed")

    run(aws, account, "--ring", "--yes", "--record", str(file), waiting=Waiting([rings_in_earnest]))

    assert state_of(account, ALARM) == "ALARM"
    assert record_in(file)["notes"] == [
        "the alarm is in ALARM for another reason than the drill, and was left so"
    ]


def test_alarm_that_cant_be_put_back_is_named_with_the_command(aws: LocalAws, account: Account) -> None:
    build_working_chain(account)

    def refuse_the_second(params: dict[str, Any], **_: Any) -> None:
        if params["StateValue"] != "ALARM":
            raise EndpointConnectionError(endpoint_url="x")

    with around("before-parameter-build.cloudwatch.SetAlarmState", refuse_the_second):
        result = run(aws, account, "--ring", "--yes")

    assert result.exit_code == 2
    assert "the alarm may be left in ALARM; put it back by:" in result.output
    assert (
        f"  aws cloudwatch set-alarm-state --region {REGION} --alarm-name {ALARM} "
        f"--state-value INSUFFICIENT_DATA --state-reason 'drill by {CALLER} at "
    ) in result.output


def test_composite_alarm_is_put_back_at_once(aws: LocalAws, account: Account, file: Path) -> None:
    """AWS: it returns to its actual state only once any of its children change state."""
    chain = build_working_chain(account, alarm={"AlarmActions": []})
    account.client("cloudwatch").put_composite_alarm(
        AlarmName="over-all", AlarmRule=f"ALARM({ALARM})", AlarmActions=[chain.topic_arn]
    )
    for name in ("over-all", ALARM):
        set_state(account, name, "OK")
    waiting = Waiting()

    result = run(
        aws,
        account,
        *("--ring", "--yes", "--confirmed-by", "Jane", "--record", str(file)),
        waiting=waiting,
    )

    assert result.exit_code == 0, result.output
    assert len(hooks.messages_of(chain.topic_arn)) == 1
    assert state_of(account, "over-all") == "OK"
    assert [each for each in waiting.waited if each < 20] == []


def test_math_alarm_rings_too(aws: LocalAws, account: Account, file: Path) -> None:
    metric = {"Namespace": "CloudTrailMetrics", "MetricName": "RootAccountUsageCount"}
    query = {"Id": "m1", "MetricStat": {"Metric": metric, "Period": 300, "Stat": "Sum"}, "ReturnData": False}
    plain = ("Namespace", "MetricName", "Statistic", "Period")
    chain = build_working_chain(
        account,
        alarm={
            **dict.fromkeys(plain, UNSET),
            "Metrics": [query, {"Id": "e1", "Expression": "FILL(m1, 0)", "ReturnData": True}],
        },
    )

    result = run(aws, account, "--ring", "--yes", "--confirmed-by", "Jane", "--record", str(file))

    assert result.exit_code == 0, result.output
    assert len(hooks.messages_of(chain.topic_arn)) == 1


def test_chain_of_event_rules_has_nothing_to_ring(aws: LocalAws, account: Account) -> None:
    hooks.enable_regions(ACCOUNT_ID, "us-east-1", REGION)
    build_event_rules(account, ["us-east-1", REGION])

    result = run(aws, account, "--ring", "--yes", "--parameter", "AcceptedWays=eventbridge")

    assert result.exit_code == 2
    assert result.output == (
        "no drill: the account is told by EventBridge rules, which have no alarm that could be set, and "
        "nobody may put events whose source begins with `aws.`; sign in as root to try them\n"
    )


def test_broken_chain_is_refused_with_the_rules_words(aws: LocalAws, account: Account) -> None:
    chain = build_working_chain(account, confirmed=False)

    result = run(aws, account, "--ring", "--yes")

    assert result.exit_code == 2
    assert "[SUBSCRIPTION_PENDING]; --anyway drills the alarm that gets furthest" in result.output
    assert hooks.messages_of(chain.topic_arn) == ()


def test_account_without_an_alarm_is_refused_anyway(aws: LocalAws, account: Account) -> None:
    build_working_chain(account, alarm=None)

    result = run(aws, account, "--ring", "--anyway", "--yes")

    assert result.exit_code == 2
    assert result.output.startswith("no drill: no chain gets as far as an alarm: ")


def test_alarm_of_another_account_is_drilled_there(aws: LocalAws, account: Account) -> None:
    owner = Account("444455556666", REGION, aws.endpoint_url)
    chain = build_working_chain(owner, trail={"IsOrganizationTrail": True})
    hooks.show_organization_trail(chain.trail_arn, ACCOUNT_ID)

    result = run(aws, account, "--ring", "--yes", "--parameter", "ReadingRoleName=reader")

    assert result.exit_code == 2
    assert result.output == f"no drill: alarm `{ALARM}` is in account 444455556666: drill it there\n"


def test_root_itself_may_not_ring(aws: LocalAws, account: Account) -> None:
    """Root that sets the alarm's state is a finding of the rule."""
    chain = build_working_chain(account)
    root = {"Account": ACCOUNT_ID, "Arn": f"arn:aws:iam::{ACCOUNT_ID}:root", "UserId": ACCOUNT_ID}

    with answering({"sts:GetCallerIdentity": root}):
        result = run(aws, account, "--ring", "--yes")

    assert result.exit_code == 2
    assert "these are root's own credentials" in result.output
    assert hooks.messages_of(chain.topic_arn) == ()


def test_alarms_that_tell_together_are_drilled_by_name(aws: LocalAws, account: Account, file: Path) -> None:
    by_name = '{{ $.userIdentity.type = "Root" && $.eventName {} "ConsoleLogin" }}'
    build_working_chain(account, metric_filter={"filterPattern": by_name.format("=")})
    second = "-others"
    build_working_chain(
        account,
        name=second,
        metric_filter={"filterPattern": by_name.format("!=")},
        transformation={"metricName": "Others"},
        alarm={"MetricName": "Others"},
    )

    unnamed = run(aws, account, "--ring", "--yes")
    named = run(
        aws,
        account,
        *("--ring", "--yes", "--alarm", ALARM + second, "--confirmed-by", "Jane", "--record", str(file)),
    )

    assert f"drill each by --alarm (`{ALARM}`, `{ALARM}-others`)" in unnamed.output
    assert named.exit_code == 0, named.output
    assert len(hooks.messages_of(account.arn("sns", "security-alerts-others"))) == 1
    assert hooks.messages_of(account.arn("sns", "security-alerts")) == ()


def test_metrics_of_sns_are_in_the_record(aws: LocalAws, account: Account, file: Path) -> None:
    build_working_chain(account)

    def delivered() -> None:
        account.client("cloudwatch").put_metric_data(
            Namespace="AWS/SNS",
            MetricData=[
                {
                    "MetricName": "NumberOfNotificationsDelivered",
                    "Dimensions": [{"Name": "TopicName", "Value": "security-alerts"}],
                    "Value": 1,
                }
            ],
        )

    waiting = Waiting([delivered])
    run(aws, account, "--ring", "--yes", "--confirmed-by", "Jane", "--record", str(file), waiting=waiting)

    assert record_in(file)["delivered"] == {
        "NumberOfNotificationsDelivered": 1.0,
        "NumberOfNotificationsFailed": 0.0,
        "NumberOfNotificationsFilteredOut": 0.0,
    }


def test_metrics_that_dont_come_are_waited_for_a_few_minutes(
    aws: LocalAws, account: Account, file: Path
) -> None:
    build_working_chain(account)

    run(aws, account, "--ring", "--yes", "--confirmed-by", "Jane", "--record", str(file))

    assert record_in(file)["delivered"] == "SNS has published no metric of it yet"
