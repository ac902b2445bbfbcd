"""What AWS refuses to show, or shows in pieces, never turns a NON_COMPLIANT account COMPLIANT."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import pytest

from root_usage_alarm.demo.invocation import invoke
from root_usage_alarm.local_aws import Account, LocalAws, hooks
from root_usage_alarm.local_aws.accounts import build_working_chain
from tests.handler.evaluation import Answer, Build, Refusal, answering
from tests.handler.test_dated_codes import noon, with_use_in_november

__all__ = ["noon"]  # so that root was used three days ago

NARROW = '{ $.userIdentity.type = "Root" && $.eventName = "ConsoleLogin" }'


def muted(account: Account) -> None:
    build_working_chain(account)
    account.client("cloudwatch").put_alarm_mute_rule(
        Name="quiet",
        Rule={"Schedule": {"Expression": "cron(0 0 * * *)", "Duration": "P1D"}},
        MuteTargets={"AlarmNames": ["RootAccountUsageCountAlarm"]},
    )


def without_mfa(account: Account) -> None:
    build_working_chain(account)
    hooks.give_root(account.account_id, mfa=False)


BROKEN = [
    pytest.param(with_use_in_november, {}, id="root-went-unheard"),
    pytest.param(muted, {}, id="muted"),
    pytest.param(partial(build_working_chain, metric_filter={"filterPattern": NARROW}), {}, id="narrow"),
    pytest.param(partial(build_working_chain, alarm={"Threshold": 5.0}), {}, id="threshold"),
    pytest.param(partial(build_working_chain, alarm={"ActionsEnabled": False}), {}, id="actions-disabled"),
    pytest.param(partial(build_working_chain, topic={"KmsMasterKeyId": "alias/aws/sns"}), {}, id="topic-key"),
    pytest.param(without_mfa, {"OnRecentRootUse": "fail", "RequireRootMfa": "True"}, id="no-mfa"),
]


@pytest.mark.parametrize(("build", "parameters"), BROKEN)
@pytest.mark.parametrize(
    "instead", [pytest.param(Refusal("AccessDenied"), id="refused"), pytest.param({}, id="empty")]
)
def test_9_no_answer_that_is_missing_makes_the_verdict_greener(
    aws: LocalAws, account: Account, build: Build, parameters: Mapping[str, str], instead: Answer
) -> None:
    build(account)
    none: dict[str, Answer] = {
        "cloudtrail:LookupEvents": {"Events": []}
    }  # the local AWS has no event history
    with answering(none):
        whole = invoke(aws, account, parameters)
    assert whole.evaluation["ComplianceType"] == "NON_COMPLIANT"

    greener: dict[str, Any] = {}
    for call in dict.fromkeys(whole.log["calls"]):
        with answering({**none, call: instead}):
            partly = invoke(aws, account, parameters)
        if partly.evaluation["ComplianceType"] == "COMPLIANT":
            greener[call] = partly.evaluation["Annotation"]

    # Under `report` the use of root never changes the compliance, so the credential report is missed only.
    assert set(greener) <= {"iam:GetCredentialReport"}
    assert all("root's last use not verified" in each for each in greener.values())
