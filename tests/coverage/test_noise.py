"""Whose everyday events a watch catches as well, and of which watches nobody can tell."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from root_usage.aws.arn import Place
from root_usage.coverage import Drowned, MaybeDrowned, Recorded, Undecided, Watch, drowned_by
from root_usage.coverage.everyday import ACCOUNT_FIELDS, everyday_events
from root_usage.coverage.noise import MAX_ACCOUNTS
from root_usage.coverage.root_activity import is_root_activity
from root_usage.coverage.views import View, view_of
from root_usage.filter_pattern import format_filter_pattern
from root_usage.filter_pattern.syntax import (
    AnyMember,
    Comparison,
    Member,
    Number,
    Operand,
    Operator,
    Regex,
    Selector,
    Text,
)

from tests.coverage.watches import ACCOUNT, CIS, OTHER_ACCOUNT, watch
from tests.filter_pattern.strategies import conditions, expressions, json_patterns

ROOT_TYPE = '$.userIdentity.type = "Root"'
THIRD_ACCOUNT = "777788889999"
OWNED = frozenset({OTHER_ACCOUNT})  # an organization trail of that account


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
        pytest.param(watch("", criteria='@aws.region = "zz-north-1"'), id="not-selected"),
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


# -- events of other accounts


def root_or(condition: str) -> str:
    return f"{{ ({CIS[1:-1]}) || {condition} }}"


@pytest.mark.parametrize(
    "watched",
    [
        pytest.param(
            watch(root_or(f'$.recipientAccountId != "{ACCOUNT}"'), other_accounts=OWNED), id="all-but-this"
        ),
        pytest.param(
            watch(root_or(f'$.userIdentity.accountId = "{OTHER_ACCOUNT}"'), other_accounts=OWNED),
            id="the-owner's-own",
        ),
        pytest.param(
            watch(root_or(f'$.userIdentity.arn = "*:{OTHER_ACCOUNT}:*"'), other_accounts=OWNED),
            id="the-owner's-roles",
        ),
        pytest.param(watch(f'"{OTHER_ACCOUNT}"', other_accounts=OWNED), id="the-owner-in-words"),
    ],
)
def test_everyday_events_of_the_trails_owner_are_certain_to_come(watched: Watch) -> None:
    drowned = drowned_by(watched, ACCOUNT)

    assert isinstance(drowned, Drowned)
    assert (drowned.is_certain, drowned.is_elsewhere) == (True, True)
    assert drowned.example["recipientAccountId"] == OTHER_ACCOUNT


@pytest.mark.parametrize(
    "watched",
    [
        pytest.param(watch(root_or(f'$.recipientAccountId = "{THIRD_ACCOUNT}"')), id="one-account"),
        pytest.param(
            watch(root_or(f'$.recipientAccountId = "{THIRD_ACCOUNT}"'), other_accounts=OWNED),
            id="one-of-an-organization",
        ),
        pytest.param(watch(root_or(f'$.recipientAccountId != "{ACCOUNT}"')), id="all-but-this"),
        pytest.param(watch(root_or(f"$.recipientAccountId = %{THIRD_ACCOUNT}%")), id="by-regex"),
        pytest.param(watch(root_or(f'$.* = "{THIRD_ACCOUNT}"')), id="by-wildcard"),
        pytest.param(
            watch(root_or(f'($.awsRegion = "sa-east-1" && $.recipientAccountId = "{THIRD_ACCOUNT}")')),
            id="in-another-region",
        ),
        pytest.param(watch("", criteria=f'@aws.account = "{OTHER_ACCOUNT}"'), id="criteria"),
        pytest.param(
            watch("", criteria=f'@aws.account = "{OTHER_ACCOUNT}"', other_accounts=OWNED),
            id="criteria-for-the-owner",
        ),
        pytest.param(
            watch("", criteria=f'@aws.account NOT IN ["{ACCOUNT}", "{OTHER_ACCOUNT}"]', other_accounts=OWNED),
            id="criteria-for-the-rest",
        ),
    ],
)
def test_everyday_events_of_accounts_that_a_watch_speaks_of_may_come(watched: Watch) -> None:
    """Nothing that AWS shows rules it out, and the criteria may look at the log group's own place."""
    drowned = drowned_by(watched, ACCOUNT)

    assert isinstance(drowned, Drowned)
    assert (drowned.is_certain, drowned.is_elsewhere) == (False, True)
    assert drowned.example["recipientAccountId"] != ACCOUNT


@pytest.mark.parametrize(
    "watched",
    [
        pytest.param(watch(other_accounts=OWNED), id="root-of-every-member"),
        pytest.param(
            watch(root_or(f'($.userIdentity.type = "Root" && $.recipientAccountId = "{THIRD_ACCOUNT}")')),
            id="root-of-another-member",
        ),
        pytest.param(watch(f'{{ {CIS[1:-1]} && $.recipientAccountId = "{ACCOUNT}" }}'), id="this-account"),
        pytest.param(watch(f'{{ {CIS[1:-1]} && $.recipientAccountId = "1111*" }}'), id="part-of-an-id"),
        pytest.param(
            watch(criteria="@aws.account IN [" + ", ".join(f'"{n:012}"' for n in range(100)) + "]"),
            id="root-of-a-hundred-accounts",
        ),
        pytest.param(watch(root_or('$.recipientAccountId = "1234"')), id="no-account-at-all"),
        pytest.param(watch(root_or('$.eventName = "Nobody7"')), id="digits-of-something-else"),
        pytest.param(watch("Root -777788889999"), id="words"),
    ],
)
def test_root_events_of_other_accounts_are_no_noise(watched: Watch) -> None:
    assert drowned_by(watched, ACCOUNT) is None


@pytest.mark.parametrize(
    "pattern",
    [
        pytest.param(root_or('$.recipientAccountId = "7777*"'), id="beginning-of-an-id"),
        pytest.param(root_or("$.recipientAccountId = 7777*"), id="without-quotes"),
        pytest.param(root_or("$.recipientAccountId = %^77%"), id="regex"),
        pytest.param(
            root_or("($.recipientAccountId > 700000000000 && $.recipientAccountId < 800000000000)"),
            id="range",
        ),
        pytest.param(root_or('$.userIdentity.arn = "arn:aws:sts::7777*"'), id="beginning-of-an-arn"),
        pytest.param("%:7777%", id="regex-in-the-text"),
        pytest.param('?Root ?":7777"', id="words"),
    ],
)
def test_whether_parts_of_ids_belong_to_an_account_is_undecided(pattern: str) -> None:
    assert drowned_by(watch(pattern), ACCOUNT) == Undecided("it tells accounts apart by parts of their ids")


def that_names(count: int) -> Watch:
    """Catches reads of an account with all of these ids: of none."""
    tests = "&&".join(f'$.recipientAccountId="{n:012}"' for n in range(count))
    return watch(f'{{ $.userIdentity.type = "Root" || ($.eventName = "GetRole" && {tests}) }}')


def test_as_many_accounts_as_the_cap_allows_are_told_apart() -> None:
    unnamed = 1

    assert drowned_by(that_names(MAX_ACCOUNTS - unnamed), ACCOUNT) is None


def test_more_accounts_than_the_cap_allows_are_undecided() -> None:
    assert drowned_by(that_names(MAX_ACCOUNTS), ACCOUNT) == Undecided("it tells more than 20 accounts apart")


def differing(one: Any, other: Any, path: tuple[str, ...] = ()) -> set[tuple[str, ...]]:
    if isinstance(one, dict):
        return {each for name in one for each in differing(one[name], other[name], (*path, name))}
    return set() if one == other else {path}


def test_account_fields_are_those_in_which_accounts_differ() -> None:
    pairs = zip(
        everyday_events(ACCOUNT, "eu-west-1"), everyday_events(OTHER_ACCOUNT, "eu-west-1"), strict=True
    )

    assert {path for one, other in pairs for path in differing(one, other)} == set(ACCOUNT_FIELDS)


IDS = [ACCOUNT, OTHER_ACCOUNT, THIRD_ACCOUNT, "777711112222", "100000000007", "077778888999"]
ACCOUNT_SELECTORS = st.sampled_from(
    [
        *(Selector(tuple(map(Member, path))) for path in ACCOUNT_FIELDS[:3]),
        *(Selector((AnyMember(),)), Selector((Member("userIdentity"), Member("type")))),
    ]
)
ID_OPERANDS: st.SearchStrategy[Operand] = st.sampled_from(
    [
        *(Text(each, is_quoted=True) for each in IDS[:3]),
        *(Text("7777*", is_quoted=True), Text("*7", is_quoted=True), Text("7*", is_quoted=False)),
        *(Text("*:777788889999:*", is_quoted=True), Text("arn:aws:sts::7*", is_quoted=True)),
        *(Regex("^7"), Regex("777788889999"), Regex("777788889999?"), Number("777788889999"), Number("7")),
        *(Text("AssumedRole", is_quoted=True), Text("Root", is_quoted=True)),
    ]
)
EQUALITIES = st.builds(
    Comparison, ACCOUNT_SELECTORS, st.sampled_from([Operator.EQUAL, Operator.NOT_EQUAL]), ID_OPERANDS
)


@given(json_patterns(expressions(EQUALITIES | conditions(ACCOUNT_SELECTORS, ID_OPERANDS), max_leaves=5)))
def test_what_is_not_drowned_catches_no_everyday_event_of_any_account(pattern: Any) -> None:
    watched = watch(format_filter_pattern(pattern))
    view = view_of(watched, ACCOUNT)

    if drowned_by(watched, ACCOUNT) is None and isinstance(view, View):
        assert not any(
            replace(view, account_id=each).may_catch(event)
            for each in IDS
            for event in everyday_events(each, "eu-west-1")
        )
