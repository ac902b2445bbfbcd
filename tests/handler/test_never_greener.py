"""What AWS refuses to show, or shows in pieces, never turns a NON_COMPLIANT account COMPLIANT."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from root_usage_alarm.demo.invocation import invoke
from root_usage_alarm.local_aws import Account, LocalAws, hooks
from tests.handler.evaluation import Answer, Build, Refusal, answering, leading
from tests.handler.test_dated_codes import FIRST_OF_NOVEMBER, chain_since, noon, with_use_in_november

__all__ = ["noon"]  # so that root was used three days ago

NARROW = '{ $.userIdentity.type = "Root" && $.eventName = "ConsoleLogin" }'


def muted(account: Account) -> None:
    chain_since(account, FIRST_OF_NOVEMBER)
    account.client("cloudwatch").put_alarm_mute_rule(
        Name="quiet",
        Rule={"Schedule": {"Expression": "cron(0 0 * * *)", "Duration": "P1D"}},
        MuteTargets={"AlarmNames": ["RootAccountUsageCountAlarm"]},
    )


def without_mfa(account: Account) -> None:
    chain_since(account, FIRST_OF_NOVEMBER)
    hooks.give_root(account.account_id, mfa=False)


def broken(**links: Any) -> Build:
    def build(account: Account) -> None:
        chain_since(account, FIRST_OF_NOVEMBER, **links)

    return build


def with_pipeline(account: Account) -> None:
    chain_since(account, FIRST_OF_NOVEMBER)
    hooks.put_pipeline(account.account_id, account.region, "trails")


REQUIRED = {"OnRecentRootUse": "fail", "RequireRootMfa": "True"}
BROKEN = [
    pytest.param(with_use_in_november, {}, "ROOT_USE_WENT_UNHEARD", id="root-went-unheard"),
    pytest.param(with_pipeline, {}, "LOG_GROUP_PIPELINE", id="pipeline"),
    pytest.param(muted, {}, "ALARM_MUTED", id="muted"),
    pytest.param(
        broken(metric_filter={"filterPattern": NARROW}), {}, "PATTERN_MISSES_ROOT_EVENT", id="narrow"
    ),
    pytest.param(broken(alarm={"Threshold": 5.0}), {}, "ALARM_THRESHOLD_TOO_HIGH", id="threshold"),
    pytest.param(broken(alarm={"ActionsEnabled": False}), {}, "ALARM_ACTIONS_DISABLED", id="actions"),
    pytest.param(
        broken(topic={"KmsMasterKeyId": "alias/aws/sns"}), {}, "TOPIC_KEY_AWS_MANAGED", id="topic-key"
    ),
    pytest.param(without_mfa, REQUIRED, "ROOT_WITHOUT_MFA", id="no-mfa"),
]


@pytest.mark.parametrize(("build", "parameters", "code"), BROKEN)
@pytest.mark.parametrize(
    "instead", [pytest.param(Refusal("AccessDenied"), id="refused"), pytest.param({}, id="empty")]
)
def test_9_no_answer_that_is_missing_makes_the_verdict_greener(
    aws: LocalAws, account: Account, build: Build, parameters: Mapping[str, str], code: str, instead: Answer
) -> None:
    build(account)
    none: dict[str, Answer] = {
        "cloudtrail:LookupEvents": {"Events": []}
    }  # the local AWS has no event history
    with answering(none):
        whole = invoke(aws, account, parameters)
    assert leading(whole)[:2] == ("NON_COMPLIANT", code)

    greener: dict[str, Any] = {}
    for call in dict.fromkeys(whole.log["calls"]):
        with answering({**none, call: instead}):
            partly = invoke(aws, account, parameters)
        if partly.evaluation["ComplianceType"] == "COMPLIANT":
            greener[call] = partly.evaluation["Annotation"]

    # Under `report` the use of root never changes the compliance, so the credential report is missed only.
    assert set(greener) <= {"iam:GetCredentialReport"}
    assert all("root's last use not verified" in each for each in greener.values())
