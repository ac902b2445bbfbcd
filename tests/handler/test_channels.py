"""CloudTrail's channels to CloudWatch, where the account has no trail or none that will do."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from root_usage_alarm.demo.invocation import invoke
from root_usage_alarm.local_aws import Account, LocalAws, hooks
from root_usage_alarm.local_aws.accounts import build_working_chain
from tests.handler.evaluation import Build, Refusal, answering, leading
from tests.handler.test_trail_codes import ALL_EVENTS, with_channel

NONE = (
    "account 111122223333 has no trail, and no channel in eu-west-1 records its management events, "
    "so no metric filter there sees root. Create a multi-region trail that delivers to a log group [NO_TRAIL]"
)
DATA_EVENTS = [{"FieldSelectors": [{"Field": "eventCategory", "Equals": ["Data"]}]}]


def management_events(*conditions: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"FieldSelectors": [{"Field": "eventCategory", "Equals": ["Management"]}, *conditions]}]


@pytest.mark.parametrize(
    ("selectors", "all_regions", "said"),
    [
        pytest.param(ALL_EVENTS, True, "records management events, of all regions", id="all-regions"),
        pytest.param(
            management_events({"Field": "readOnly", "Equals": ["false"]}),
            False,
            "records management events but read events, of eu-west-1 only",
            id="without-reads",
        ),
        pytest.param(
            management_events({"Field": "readOnly", "Equals": ["true"]}),
            False,
            "records management events but write events, of eu-west-1 only",
            id="without-writes",
        ),
        pytest.param(
            management_events({"Field": "eventSource", "NotEquals": ["kms.amazonaws.com"]}),
            False,
            "records management events but kms.amazonaws.com, of eu-west-1 only",
            id="without-kms",
        ),
        pytest.param(
            management_events({"Field": "eventName", "StartsWith": ["Console"]}),
            False,
            "may record management events (`StartsWith on eventName` isn't decided), of eu-west-1 only",
            id="selector-that-is-not-understood",
        ),
        pytest.param(
            [], False, "may record management events (it shows no selectors), of eu-west-1 only", id="none"
        ),
    ],
)
def test_4_channel_is_said_to_record_what_it_selects(
    aws: LocalAws, account: Account, selectors: Any, all_regions: bool, said: str
) -> None:
    with_channel(account, selectors, all_regions=all_regions)

    invocation = invoke(aws, account)

    assert leading(invocation)[:2] == ("NON_COMPLIANT", "CHANNEL_UNDECIDED")
    assert invocation.log["findings"][0]["message"] == (
        f"channel `aws-service-channel/cloudwatch/logs` {said}; "
        "AWS shows neither its log group nor its format, so no alarm is proven to hear root"
    )


@pytest.mark.parametrize(
    "build",
    [
        pytest.param(partial(with_channel, selectors=DATA_EVENTS), id="of-data-events"),
        pytest.param(partial(with_channel, selectors=ALL_EVENTS, name="partner"), id="of-a-partner"),
        pytest.param(
            partial(with_channel, selectors=ALL_EVENTS, name="aws-service-channel/lake/x"),
            id="of-another-service",
        ),
    ],
)
def test_3_other_channels_are_none(aws: LocalAws, account: Account, build: Build) -> None:
    build(account)

    assert leading(invoke(aws, account)) == ("NON_COMPLIANT", "NO_TRAIL", NONE)


def test_4_all_pages_of_channels_are_read(aws: LocalAws, account: Account) -> None:
    """The local AWS shows two on a page."""
    for number in range(4):
        hooks.open_channel(account.account_id, account.region, f"partner-{number}", {})
    with_channel(account, ALL_EVENTS)

    invocation = invoke(aws, account)

    assert invocation.codes == ["CHANNEL_UNDECIDED"]
    assert invocation.log["calls"].count("cloudtrail:ListChannels") == 3
    assert invocation.log["calls"].count("cloudtrail:GetChannel") == 1


def test_4_channel_that_is_not_shown_may_record(aws: LocalAws, account: Account) -> None:
    with_channel(account, ALL_EVENTS)

    with answering({"cloudtrail:GetChannel": Refusal("AccessDeniedException")}):
        invocation = invoke(aws, account)

    assert leading(invocation)[2].startswith(
        "account 111122223333 has no trail, and whether a channel records its events can't be seen "
        "(cloudtrail:GetChannel answered AccessDeniedException)"
    )


@pytest.mark.parametrize(
    ("answers", "codes"),
    [
        pytest.param({}, ["TRAIL_SINGLE_REGION", "CHANNEL_UNDECIDED"], id="shown"),
        pytest.param(
            {"cloudtrail:ListChannels": Refusal("AccessDeniedException")},
            ["TRAIL_SINGLE_REGION"],
            id="refused",
        ),
    ],
)
def test_3_trail_leads_where_there_is_one(
    aws: LocalAws, account: Account, answers: Any, codes: list[str]
) -> None:
    with_channel(account, ALL_EVENTS, trail={"IsMultiRegionTrail": False})

    with answering(answers):
        assert invoke(aws, account).codes == codes


@pytest.mark.parametrize(
    "chain",
    [
        pytest.param({}, id="compliant"),
        pytest.param({"logging": False}, id="trail-that-does-not-log"),
        pytest.param({"alarm": None}, id="no-alarm"),
    ],
)
def test_1_channels_are_not_asked_for_where_a_trail_may_do(
    aws: LocalAws, account: Account, chain: dict[str, Any]
) -> None:
    build_working_chain(account, **chain)

    assert "cloudtrail:ListChannels" not in invoke(aws, account).log["calls"]
