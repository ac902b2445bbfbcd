"""CloudWatch pipelines that may come between CloudTrail and the metric filters."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from root_usage_alarm.demo.invocation import invoke
from root_usage_alarm.local_aws import Account, LocalAws, hooks
from root_usage_alarm.local_aws.accounts import build_working_chain
from tests.handler.evaluation import Build, leading
from tests.handler.organization import MANAGEMENT, ROLE, under_an_organization_trail

OF_CLOUDTRAIL = {
    "Sources": [{"Type": "cloudwatch_logs"}],
    "DataSources": [{"Name": "aws_cloudtrail", "Type": "management"}],
    "Processors": ["ocsf"],
    "ProcessorCount": 1,
    "Sinks": ["cloudwatch_logs"],
}


def with_pipeline(account: Account, status: str = "ACTIVE", **summary: Any) -> None:
    build_working_chain(account)
    configuration = OF_CLOUDTRAIL | summary
    hooks.put_pipeline(
        account.account_id, account.region, "trails", Status=status, ConfigurationSummary=configuration
    )


CHANGED = (
    " may change or reroute the events of log group `cloudtrail`, so whether its metric filters see root is "
    "undecided. Take CloudTrail's events out of it, or delete it"
)

CHANGING = [
    pytest.param(with_pipeline, "LOG_GROUP_PIPELINE", f"pipeline `trails` (`ocsf`){CHANGED}", id="ocsf"),
    pytest.param(
        partial(with_pipeline, Processors=["parse_json", "drop_events"], ProcessorCount=2),
        "LOG_GROUP_PIPELINE",
        f"pipeline `trails` (`parse_json, drop_events`){CHANGED}",
        id="drop-events",
    ),
    pytest.param(
        partial(with_pipeline, Processors=[], ProcessorCount=0, Sinks=["cloudwatch_logs"] * 2),
        "LOG_GROUP_PIPELINE",
        f"pipeline `trails`{CHANGED}",
        id="routes",
    ),
    pytest.param(
        partial(with_pipeline, DataSources=[]),
        "LOG_GROUP_PIPELINE",
        f"pipeline `trails` (`ocsf`){CHANGED}",
        id="data-sources-not-shown",
    ),
    pytest.param(
        partial(with_pipeline, DataSources=[{"Name": "aws_cloudtrail"}]),
        "LOG_GROUP_PIPELINE",
        f"pipeline `trails` (`ocsf`){CHANGED}",
        id="type-not-shown",
    ),
    pytest.param(
        partial(with_pipeline, status="UPDATE_FAILED", Sources=[]),
        "LOG_GROUP_PIPELINE",
        f"pipeline `trails` (`ocsf`){CHANGED}",
        id="update-failed",
    ),
]


@pytest.mark.parametrize(("build", "code", "annotation"), CHANGING)
def test_4_pipeline_over_cloudtrails_events_is_undecided(
    aws: LocalAws, account: Account, build: Build, code: str, annotation: str
) -> None:
    build(account)

    invocation = invoke(aws, account)

    assert leading(invocation) == ("NON_COMPLIANT", code, f"{annotation} [{code}]")
    (chain,) = invocation.log["chains"]
    assert [step["name"] for step in chain["steps"]] == ["account-trail"]


@pytest.mark.parametrize(
    "build",
    [
        pytest.param(partial(with_pipeline, status="CREATE_FAILED"), id="never-made"),
        pytest.param(partial(with_pipeline, Sources=[{"Type": "s3"}]), id="from-a-bucket"),
        pytest.param(
            partial(with_pipeline, DataSources=[{"Name": "amazon_vpc", "Type": "flow"}]), id="of-flow-logs"
        ),
        pytest.param(
            partial(with_pipeline, DataSources=[{"Name": "aws_cloudtrail", "Type": "data"}]),
            id="of-data-events",
        ),
        pytest.param(
            partial(with_pipeline, DataSources=[{"Name": "shop", "Type": "default"}]), id="of-an-application"
        ),
    ],
)
def test_1_pipeline_over_other_events_changes_nothing(aws: LocalAws, account: Account, build: Build) -> None:
    build(account)

    assert invoke(aws, account).evaluation["ComplianceType"] == "COMPLIANT"


def test_4_second_page_of_pipelines_is_read(aws: LocalAws, account: Account) -> None:
    other = {"DataSources": [{"Name": "amazon_vpc", "Type": "flow"}]}
    for number in range(100):
        hooks.put_pipeline(
            account.account_id, account.region, f"other-{number}", ConfigurationSummary=OF_CLOUDTRAIL | other
        )
    with_pipeline(account)

    assert invoke(aws, account).codes == ["LOG_GROUP_PIPELINE"]


def test_1_broken_account_is_not_asked_for_pipelines(aws: LocalAws, account: Account) -> None:
    build_working_chain(account, alarm={"Threshold": 5.0})

    assert "observabilityadmin:ListTelemetryPipelines" not in invoke(aws, account).log["calls"]


def test_4_pipeline_is_asked_for_where_the_log_group_is(aws: LocalAws, account: Account) -> None:
    under_an_organization_trail(account)
    hooks.put_pipeline(MANAGEMENT, account.region, "trails", ConfigurationSummary=OF_CLOUDTRAIL)

    annotation = leading(invoke(aws, account, ROLE))[2]

    assert annotation.startswith(f"in account {MANAGEMENT}: pipeline `trails` (`ocsf`) may change")
    assert annotation.endswith(" [LOG_GROUP_PIPELINE]")
