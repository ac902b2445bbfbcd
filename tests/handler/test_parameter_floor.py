"""The function's floor of parameters, which no account's own parameters undercut."""

from __future__ import annotations

import json

import pytest
from root_usage.verdict.annotation import code_in
from root_usage.verdict.findings import Code

from root_usage_alarm.demo.invocation import invoke
from root_usage_alarm.local_aws import Account, LocalAws
from root_usage_alarm.local_aws.accounts import build_working_chain

TOLD = (
    "root use is told: alarm `RootAccountUsageCountAlarm` -> topic `security-alerts` -> "
    "1 confirmed subscriber (email)"
)


def floor(monkeypatch: pytest.MonkeyPatch, **parameters: str) -> None:
    monkeypatch.setenv("PARAMETER_FLOOR", json.dumps(parameters))


def test_1_parameters_above_the_floor_are_not_spoken_of(
    aws: LocalAws, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    build_working_chain(account)
    floor(monkeypatch, MaxDetectionMinutes="60")

    invocation = invoke(aws, account, {"MaxDetectionMinutes": "30"})

    assert invocation.evaluation["Annotation"] == f"{TOLD}; root not used for 90 days"
    assert invocation.log["notes"] == []


def test_1_verdict_says_for_which_parameters_the_floor_holds(
    aws: LocalAws, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    build_working_chain(account)
    floor(monkeypatch, PersonProtocols="email,sms", MaxDetectionMinutes="60")

    invocation = invoke(aws, account, {"AcceptedActions": "sns,lambda"})

    note = "floor holds for MaxDetectionMinutes, AcceptedActions, PersonProtocols"
    assert invocation.evaluation["ComplianceType"] == "COMPLIANT"
    assert invocation.evaluation["Annotation"] == f"{TOLD}; {note}; root not used for 90 days"
    assert invocation.log["notes"] == [note]


def test_3_member_that_accepts_what_the_floor_does_not(
    aws: LocalAws, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    build_working_chain(account, alarm={"AlarmActions": ["arn:aws:ssm:eu-west-1:111122223333:opsitem:1"]})
    floor(monkeypatch, AcceptedActions="sns")

    invocation = invoke(aws, account, {"AcceptedActions": "opsitem"})

    assert invocation.evaluation["Annotation"] == (
        "action `arn:aws:ssm:eu-w..2223333:opsitem:1` of alarm `RootAccountUsageCountAlarm` is of kind "
        "opsitem, which AcceptedActions doesn't accept, so no one counts as told. Add an SNS topic to its "
        "AlarmActions, or opsitem to AcceptedActions [ACTION_NOT_ACCEPTED]"
    )
    assert invocation.log["notes"] == ["floor holds for AcceptedActions"]


def test_3_code_is_still_read_in_front_of_the_note(
    aws: LocalAws, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    build_working_chain(account, alarm={"ActionsEnabled": False})
    floor(monkeypatch, RequireRootMfa="true")

    annotation = invoke(aws, account).evaluation["Annotation"]

    assert annotation == (
        "alarm `RootAccountUsageCountAlarm` has its actions disabled, so no one is told. "
        "Enable its actions (EnableAlarmActions) [ALARM_ACTIONS_DISABLED]; floor holds for RequireRootMfa"
    )
    assert code_in(annotation) is Code.ALARM_ACTIONS_DISABLED


def test_3_member_that_would_be_reported_in_another_region(
    aws: LocalAws, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    build_working_chain(account)
    floor(monkeypatch, ReportingRegion=account.region)

    invocation = invoke(aws, account, {"ReportingRegion": "us-east-1"})

    assert invocation.evaluation["ComplianceType"] == "COMPLIANT"


def test_5_floor_that_is_no_json(aws: LocalAws, account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    build_working_chain(account)
    monkeypatch.setenv("PARAMETER_FLOOR", "AcceptedActions=sns")

    assert invoke(aws, account).evaluation["Annotation"] == (
        "cannot verify: the function's PARAMETER_FLOOR isn't a JSON object, so the rule decides nothing. "
        "Set it to parameters with their values, or remove it [INVALID_PARAMETER]"
    )
