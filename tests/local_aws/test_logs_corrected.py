"""CloudWatch Logs in the local AWS does what AWS documents, where moto does something else."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from root_usage_alarm.local_aws import Account
from root_usage_alarm.local_aws.accounts import CIS_PATTERN, Chain


def put_filter(account: Account, **members: Any) -> None:
    transformation = {"metricName": "m", "metricNamespace": "n", "metricValue": "1"}
    working = {
        "logGroupName": "cloudtrail",
        "filterName": "f",
        "filterPattern": CIS_PATTERN,
        "metricTransformations": [transformation],
    }
    account.client("logs").put_metric_filter(**working | members)


def test_metric_filter_put_twice_is_there_once_as_put_last(account: Account) -> None:
    account.client("logs").create_log_group(logGroupName="cloudtrail")
    put_filter(account)
    put_filter(account, filterPattern="ERROR")

    (metric_filter,) = account.client("logs").describe_metric_filters()["metricFilters"]

    assert metric_filter["filterPattern"] == "ERROR"


def test_metric_filter_keeps_its_newer_members(account: Account) -> None:
    account.client("logs").create_log_group(logGroupName="cloudtrail")
    put_filter(
        account,
        applyOnTransformedLogs=True,
        fieldSelectionCriteria='@aws.region = "us-east-1"',
        emitSystemFieldDimensions=["@aws.account"],
    )

    (metric_filter,) = account.client("logs").describe_metric_filters()["metricFilters"]

    assert metric_filter["applyOnTransformedLogs"] is True
    assert metric_filter["fieldSelectionCriteria"] == '@aws.region = "us-east-1"'
    assert metric_filter["emitSystemFieldDimensions"] == ["@aws.account"]


@pytest.mark.usefixtures("chain")
def test_metric_filter_without_newer_members_lacks_them(account: Account) -> None:
    (metric_filter,) = account.client("logs").describe_metric_filters()["metricFilters"]

    assert metric_filter["applyOnTransformedLogs"] is False
    assert "fieldSelectionCriteria" not in metric_filter
    assert "emitSystemFieldDimensions" not in metric_filter


def test_metric_filter_needs_its_log_group(account: Account) -> None:
    with pytest.raises(ClientError, match=r"\(ResourceNotFoundException\)"):
        put_filter(account)


@pytest.mark.usefixtures("chain")
def test_dimensions_and_default_value_exclude_each_other(account: Account) -> None:
    transformation = {
        "metricName": "m",
        "metricNamespace": "n",
        "metricValue": "1",
        "defaultValue": 0.0,
        "dimensions": {"name": "$.eventName"},
    }

    with pytest.raises(ClientError, match=r"\(InvalidParameterException\)"):
        put_filter(account, metricTransformations=[transformation])


def test_metric_filters_of_a_missing_log_group_are_an_error(account: Account) -> None:
    with pytest.raises(ClientError, match=r"\(ResourceNotFoundException\)"):
        account.client("logs").describe_metric_filters(logGroupName="cloudtrail")


def test_metric_filters_come_in_pages_of_fifty(account: Account) -> None:
    logs = account.client("logs")
    logs.create_log_group(logGroupName="cloudtrail")
    for number in range(51):
        put_filter(account, filterName=f"f{number:02}")

    pages = list(logs.get_paginator("describe_metric_filters").paginate(logGroupName="cloudtrail"))

    assert [len(page["metricFilters"]) for page in pages] == [50, 1]
    assert pages[1]["metricFilters"][0]["filterName"] == "f50"


def test_log_group_takes_its_filters_along(account: Account, chain: Chain) -> None:
    logs = account.client("logs")

    logs.delete_log_group(logGroupName=chain.log_group_name)
    logs.create_log_group(logGroupName=chain.log_group_name)

    assert logs.describe_metric_filters(logGroupName=chain.log_group_name)["metricFilters"] == []


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        pytest.param({}, "STANDARD", id="standard-unless-said-otherwise"),
        pytest.param({"logGroupClass": "INFREQUENT_ACCESS"}, "INFREQUENT_ACCESS", id="infrequent-access"),
    ],
)
def test_log_group_tells_its_class(account: Account, members: dict[str, str], expected: str) -> None:
    account.client("logs").create_log_group(logGroupName="cloudtrail", **members)

    (group,) = account.client("logs").describe_log_groups()["logGroups"]

    assert group["logGroupClass"] == expected
    assert group["metricFilterCount"] == 0


def test_transformer_is_returned_as_put(account: Account, chain: Chain) -> None:
    logs = account.client("logs")
    before = logs.get_transformer(logGroupIdentifier=chain.log_group_name)

    logs.put_transformer(logGroupIdentifier=chain.log_group_arn, transformerConfig=[{"parseJSON": {}}])
    after = logs.get_transformer(logGroupIdentifier=chain.log_group_name)

    assert "transformerConfig" not in before
    assert after["transformerConfig"] == [{"parseJSON": {}}]


def test_account_policies_are_returned_by_type(account: Account) -> None:
    logs = account.client("logs")
    logs.put_account_policy(policyName="ocsf", policyDocument="{}", policyType="TRANSFORMER_POLICY")

    transformers = logs.describe_account_policies(policyType="TRANSFORMER_POLICY")["accountPolicies"]
    retentions = logs.describe_account_policies(policyType="RETENTION_POLICY")["accountPolicies"]

    assert [policy["policyName"] for policy in transformers] == ["ocsf"]
    assert retentions == []


def test_pattern_is_tested_on_messages(account: Account) -> None:
    root = json.dumps({"userIdentity": {"type": "Root"}, "eventType": "AwsApiCall"})
    other = json.dumps({"userIdentity": {"type": "IAMUser"}, "eventType": "AwsApiCall"})

    matches = account.client("logs").test_metric_filter(
        filterPattern=CIS_PATTERN, logEventMessages=[other, root]
    )["matches"]

    assert [match["eventMessage"] for match in matches] == [root]


def test_pattern_that_is_none_is_an_invalid_parameter(account: Account) -> None:
    with pytest.raises(ClientError, match=r"\(InvalidParameterException\)"):
        account.client("logs").test_metric_filter(filterPattern="{ $.a = ", logEventMessages=["{}"])
