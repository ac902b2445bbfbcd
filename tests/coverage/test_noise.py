"""Whose everyday events a watch catches as well, and of which watches nobody can tell."""

from __future__ import annotations

import pytest
from root_usage.coverage import Drowned, MaybeDrowned, Recorded, Watch, drowned_by
from root_usage.records.arn import Place
from root_usage.root_activity import is_root_activity

from tests.coverage.watches import ACCOUNT, CIS, OTHER_ACCOUNT, watch

ROOT_TYPE = '$.userIdentity.type = "Root"'


@pytest.mark.parametrize(
    ("pattern", "event_name"),
    [
        pytest.param("", "DescribeInstances", id="everything"),
        pytest.param(
            '{ $.eventType != "AwsServiceEvent" }', "DescribeInstances", id="all-but-service-events"
        ),
        pytest.param(
            f'{{ {CIS[1:-1]} || $.errorCode = "AccessDenied*" }}', "GetBucketAcl", id="denied-calls"
        ),
        pytest.param("{ $.userIdentity.invokedBy NOT EXISTS }", "DescribeInstances", id="type-forgotten"),
        pytest.param('{ $.userIdentity.type = "AWSService" }', "AssumeRole", id="services"),
        pytest.param('{ $.userIdentity.invokedBy = "backup*" }', "AssumeRole", id="one-service"),
        pytest.param('{ $.userIdentity.type = "IAMUser" }', "GetCallerIdentity", id="users"),
        pytest.param('{ $.userIdentity.type = "AWSAccount" }', "AssumeRole", id="other-accounts"),
        pytest.param(
            '{ $.userIdentity.type = "WebIdentityUser" }', "AssumeRoleWithWebIdentity", id="web-identities"
        ),
        pytest.param('{ $.eventName = "CreateLogStream" }', "CreateLogStream", id="lambda-functions"),
        pytest.param('{ $.eventName = "*NetworkInterface" }', "CreateNetworkInterface", id="interfaces"),
        pytest.param('{ $.eventName = "GenerateDataKey" }', "GenerateDataKey", id="data-keys"),
        pytest.param('{ $.eventName = "List*" }', "ListBuckets", id="lists"),
        pytest.param(
            '{ $.eventName = "UpdateInstanceInformation" }', "UpdateInstanceInformation", id="ssm-agents"
        ),
        pytest.param('{ $.eventType = "AwsServiceEvent" }', "RotateKey", id="service-events"),
    ],
)
def test_a_pattern_that_matches_everyday_events_is_drowned(pattern: str, event_name: str) -> None:
    drowned = drowned_by(watch(pattern), ACCOUNT)

    assert isinstance(drowned, Drowned)
    assert drowned.is_certain
    assert drowned.example["eventName"] == event_name
    assert not is_root_activity(drowned.example, ACCOUNT)


@pytest.mark.parametrize(
    "watched",
    [
        pytest.param(watch(), id="cis"),
        pytest.param(watch(f"{{ {ROOT_TYPE} }}"), id="services-that-act-for-root"),
        pytest.param(watch(f"{{ {ROOT_TYPE} && $.readOnly = true }}"), id="root-and-an-open-point"),
        pytest.param(watch("{ $.userIdentity.* = Root }"), id="root-by-wildcard"),
        pytest.param(watch("Root"), id="the-word-root"),
        pytest.param(watch('{ $.eventName = "ConsoleLogin" }'), id="sign-ins-of-all"),
        pytest.param(
            watch('{ $.eventName = "DescribeInstances" }', recorded=Recorded(reads=False)), id="not-recorded"
        ),
        pytest.param(watch("", criteria=f'@aws.account = "{OTHER_ACCOUNT}"'), id="not-selected"),
    ],
)
def test_a_pattern_without_everyday_events_is_not_drowned(watched: Watch) -> None:
    assert drowned_by(watched, ACCOUNT) is None


@pytest.mark.parametrize(
    "condition",
    [
        # aws-facts 1.3: whether text equals a boolean, and whether `!=` holds on an absent field, is open.
        pytest.param("$.readOnly = true", id="text-and-a-boolean"),
        pytest.param('$.errorCode != "AccessDenied"', id="absent-field"),
    ],
)
def test_a_pattern_that_may_match_everyday_events_may_be_drowned(condition: str) -> None:
    recorded = Recorded(excluded_sources=frozenset({"s3.amazonaws.com"}))  # else an error is denied, too

    drowned = drowned_by(watch(f"{{ {ROOT_TYPE} || {condition} }}", recorded=recorded), ACCOUNT)

    assert isinstance(drowned, Drowned)
    assert not drowned.is_certain


@pytest.mark.parametrize("region", ["eu-central-1", "ap-southeast-2", "cn-north-1"])
def test_a_pattern_that_matches_everything_in_the_home_region_is_drowned(region: str) -> None:
    """An account's workloads run in its trail's home region, whichever of AWS's regions that is."""
    pattern = f'{{ {ROOT_TYPE} || $.awsRegion = "{region}" }}'

    assert isinstance(drowned_by(Watch(pattern, "broad", Place(ACCOUNT, region)), ACCOUNT), Drowned)


@pytest.mark.parametrize(
    ("region", "partition"),
    [
        pytest.param("sa-east-1", "aws", id="aws"),
        pytest.param("cn-northwest-1", "aws-cn", id="china"),
        pytest.param("us-gov-east-1", "aws-us-gov", id="gov-cloud"),
    ],
)
@pytest.mark.parametrize(
    "condition",
    [
        pytest.param('$.awsRegion = "{}" && $.eventName = "Decrypt"', id="one-call"),
        pytest.param('$.* = "{}"', id="by-wildcard"),
    ],
)
def test_a_pattern_that_matches_another_region_of_the_partition_is_drowned(
    region: str, partition: str, condition: str
) -> None:
    watched = watch(f"{{ {ROOT_TYPE} || {condition.format(region)} }}")

    drowned = drowned_by(watched, ACCOUNT, partition)

    assert isinstance(drowned, Drowned)
    assert drowned.example["awsRegion"] == region


def test_words_about_another_region_are_drowned() -> None:
    assert isinstance(drowned_by(watch('"sa-east-1"'), ACCOUNT), Drowned)


@pytest.mark.parametrize(
    ("watched", "reason"),
    [
        pytest.param(
            watch("[w1, ...]"),
            "a space-delimited pattern isn't made for CloudTrail's JSON",
            id="space-delimited",
        ),
        pytest.param(
            watch(is_transformed=True),
            "the filter works on transformed events, whose shape isn't known",
            id="transformed",
        ),
    ],
)
def test_nobody_can_tell_what_an_opaque_watch_matches(watched: Watch, reason: str) -> None:
    assert drowned_by(watched, ACCOUNT) == MaybeDrowned(reason)
