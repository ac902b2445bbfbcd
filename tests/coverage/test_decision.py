"""Covered, Missed or Undecided: unions, what trails record, criteria, caps; relevance."""

from __future__ import annotations

from typing import Any

import pytest
from root_usage.coverage import (
    Covered,
    Missed,
    Recorded,
    Undecided,
    Watch,
    decide_coverage,
    matches_some_root_event,
)
from root_usage.coverage.decision import ABSENT_PARENT, AS_OBSERVED
from root_usage.coverage.root_activity import ROOT_FILTER_PATTERN, is_root_activity

from tests.coverage.watches import ACCOUNT, CIS, OTHER_ACCOUNT, root_and, watch

NO_KMS = Recorded(excluded_sources=frozenset({"kms.amazonaws.com"}))


def test_the_pattern_that_is_recommended_covers_without_a_note() -> None:
    assert Covered() == decide_coverage([watch(ROOT_FILTER_PATTERN)], ACCOUNT)


@pytest.mark.parametrize(
    ("partition", "arn"),
    [
        pytest.param("aws-cn", f"arn:aws-cn:iam::{ACCOUNT}:root", id="china"),
        pytest.param("aws-us-gov", f"arn:aws-us-gov:iam::{ACCOUNT}:root", id="govcloud"),
    ],
)
def test_root_has_the_arn_of_its_partition(partition: str, arn: str) -> None:
    watches = [watch(root_and(f'$.userIdentity.arn = "{arn}"'))]

    assert Covered((AS_OBSERVED,)) == decide_coverage(watches, ACCOUNT, partition)
    assert isinstance(decide_coverage(watches, ACCOUNT), Missed)


@pytest.mark.parametrize(
    "condition",
    [
        pytest.param(f'$.recipientAccountId = "{ACCOUNT}"', id="recipient"),
        pytest.param(f'$.userIdentity.accountId = "{ACCOUNT}"', id="account"),
        pytest.param(f'$.userIdentity.principalId = "{ACCOUNT}"', id="principal"),
        pytest.param('$.userIdentity.arn = "*:root"', id="arn"),
        pytest.param('$.userIdentity.principalId = "*"', id="any-principal"),
        pytest.param("$.managementEvent IS TRUE", id="management-event"),
        pytest.param('$.eventSource = "*.amazonaws.com"', id="event-source"),
        pytest.param('($.eventType = "AwsApiCall" || $.eventType = "AwsConsole*")', id="event-types"),
    ],
)
def test_what_rests_on_fields_that_all_recorded_events_have_is_noted(condition: str) -> None:
    assert Covered((AS_OBSERVED,)) == decide_coverage([watch(root_and(condition))], ACCOUNT)


def test_sessions_with_and_without_mfa_are_all_there_are() -> None:
    mfa = "$.userIdentity.sessionContext.attributes.mfaAuthenticated"
    with_field, without = watch(root_and(f'{mfa} = "*"')), watch(root_and(f"{mfa} NOT EXISTS"))

    assert Covered((AS_OBSERVED, ABSENT_PARENT)) == decide_coverage([with_field, without], ACCOUNT)
    assert isinstance(decide_coverage([with_field], ACCOUNT), Missed)  # a sign-in has no session


@pytest.mark.parametrize(
    ("partition", "excluded", "is_covered"),
    [
        pytest.param("aws", "cn-*", True, id="china-for-aws"),
        pytest.param("aws-cn", "us-*", True, id="aws-for-china"),
        pytest.param("aws-us-gov", "cn-*", True, id="china-for-govcloud"),
        pytest.param("aws", "us-*", False, id="own-regions"),
        pytest.param("aws", "zz-*", False, id="regions-to-come"),
    ],
)
def test_regions_of_another_partition_may_be_left_out(
    partition: str, excluded: str, is_covered: bool
) -> None:
    outcome = decide_coverage([watch(root_and(f'$.awsRegion != "{excluded}"'))], ACCOUNT, partition)

    assert (outcome == Covered()) == is_covered


@pytest.mark.parametrize(
    "watches",
    [
        pytest.param(
            [watch(root_and("$.eventName = ConsoleLogin")), watch(root_and("$.eventName != ConsoleLogin"))],
            id="sign-ins-and-the-rest",
        ),
        pytest.param(
            [watch(root_and("$.readOnly IS TRUE")), watch(root_and("$.readOnly IS FALSE")), watch()],
            id="one-of-three-covers-alone",
        ),
        pytest.param(
            [watch(recorded=Recorded(reads=False)), watch(recorded=Recorded(writes=False))],
            id="one-trail-records-reads-and-one-writes",
        ),
        pytest.param(
            [
                watch(recorded=NO_KMS),
                watch(root_and('$.eventSource = "kms.amazonaws.com"')),
            ],
            id="another-trail-has-the-source-that-one-leaves-out",
        ),
        pytest.param(
            [watch(root_and("$.awsRegion = us*")), watch(root_and("$.awsRegion != us*"))], id="by-regions"
        ),
        pytest.param([watch("[a, b]"), watch()], id="one-that-is-not-understood-does-no-harm"),
        pytest.param([watch(is_transformed=True), watch()], id="nor-one-on-transformed-events"),
        pytest.param([watch("Root -Jenkins"), watch()], id="nor-one-about-text"),
    ],
)
def test_several_watches_cover_together(watches: list[Watch]) -> None:
    assert isinstance(decide_coverage(watches, ACCOUNT), Covered)


@pytest.mark.parametrize(
    ("watched", "reason"),
    [
        pytest.param(
            watch(is_transformed=True),
            "the filter works on transformed events, whose shape isn't known",
            id="transformed-events",
        ),
        pytest.param(
            watch("{ $.a = }"),
            "the pattern isn't understood: expected a string, a number, an IPv4 address or a %regex%",
            id="a-syntax-error",
        ),
        pytest.param(
            watch(criteria="@aws.region like us"),
            "fieldSelectionCriteria isn't understood: expected `=`, `!=`, `IN` or `NOT IN`",
            id="criteria-with-a-syntax-error",
        ),
        pytest.param(
            watch(criteria='@aws.region = "eu-*"'),
            "fieldSelectionCriteria has an asterisk, which AWS doesn't document there",
            id="criteria-with-an-asterisk",
        ),
        pytest.param(
            watch(criteria='@aws.region = "eu-west-1"'),
            "depends on whether `@aws.region` and `@aws.account` are the event's or its log group's",
            id="criteria-that-name-the-log-groups-region",
        ),
        pytest.param(
            watch('{ $.userIdentity.arn = "arn:aws:iam::*:root" }'),
            "depends on whether `*` is a wildcard in the middle of a string; TestMetricFilter can tell",
            id="an-asterisk-in-the-middle",
        ),
        pytest.param(
            watch("{ $.resources[*].ARN != x && $.userIdentity.type = Root }"),
            "depends on how AWS treats `!=` on an absent field; TestMetricFilter can tell",
            id="not-equal-with-a-wildcard",
        ),
        pytest.param(
            watch("{ $.*.b = 1 || " + "".join(f"$.x{n} = 1 || " for n in range(50)) + "$.awsRegion = us* }"),
            "it has a wildcard selector over more than 50 fields",
            id="a-wildcard-over-too-many-fields",
        ),
        pytest.param(
            watch(root_and("$.requestParameters.list[101] NOT EXISTS")),
            "it has an array index above 100",
            id="an-index-beyond-the-cap",
        ),
        pytest.param(
            watch(root_and(f"${'.a' * 33} NOT EXISTS")),
            "it has a selector of more than 32 steps",
            id="a-selector-beyond-the-cap",
        ),
        pytest.param(
            watch(root_and("($.eventName = %a[ab]{18}$% || $.eventName != %b[ab]{17}$%)")),
            "its strings and regexes need more than 12,000 automaton steps",
            id="regexes-beyond-the-cap",
        ),
    ],
)
def test_what_cannot_be_shown_is_undecided_with_the_reason(watched: Watch, reason: str) -> None:
    assert Undecided(reason) == decide_coverage([watched], ACCOUNT)


@pytest.mark.parametrize(
    "watched",
    [
        pytest.param(watch(criteria=f'@aws.account = "{ACCOUNT}"'), id="criteria-on-this-account"),
        pytest.param(watch(criteria=f'@aws.account != "{OTHER_ACCOUNT}"'), id="criteria-without-another"),
        pytest.param(
            watch(criteria='@aws.region = "us-east-1" OR @aws.region != "us-east-1"'),
            id="criteria-on-any-region",
        ),
        pytest.param(
            watch(root_and("($.eventName = a*b || $.eventName != a*b)")), id="one-reading-at-a-time"
        ),
        pytest.param(
            watch(root_and('($.eventName != "Get*" || $.eventName = "Get*")')), id="a-tautology-on-a-string"
        ),
        pytest.param(
            watch(root_and("($.eventName = %^[A-Z]% || $.eventName != %^[A-Z]%)")), id="and-with-regexes"
        ),
        pytest.param(
            watch(root_and("($.readOnly IS TRUE || $.readOnly IS FALSE || $.readOnly NOT EXISTS)")),
            id="all-that-a-boolean-can-be",
        ),
        pytest.param(watch("{" + "(" * 400 + CIS[1:-1] + ")" * 400 + "}"), id="four-hundred-parentheses"),
    ],
)
def test_covers_alone(watched: Watch) -> None:
    assert Covered() == decide_coverage([watched], ACCOUNT)


def test_leaving_out_assume_root_is_accepted_with_a_note() -> None:
    watches = [watch(root_and("$.userIdentity.sessionContext.assumedRoot NOT EXISTS"))]

    assert Covered(
        (
            "leaves out root sessions by AssumeRoot (central root access)",
            "takes NOT EXISTS to hold where the field's parent is absent too, as AWS's wording has it",
        )
    ) == decide_coverage(watches, ACCOUNT)


def test_leaving_out_assume_root_is_a_hole_if_it_is_not_allowed() -> None:
    watches = [watch(root_and("$.userIdentity.sessionContext.assumedRoot NOT EXISTS"))]

    outcome = decide_coverage(watches, ACCOUNT, allow_assume_root_exclusion=False)

    assert isinstance(outcome, Missed)
    assert outcome.phrase == "misses root sessions by AssumeRoot"
    assert outcome.example["userIdentity"]["sessionContext"]["assumedRoot"] == "true"


def test_a_broader_pattern_covers_with_notes_on_the_noise() -> None:
    assert Covered(
        (
            "`root-usage` also matches AWS services that act for root (`invokedBy`)",
            "`root-usage` also matches service events",
        )
    ) == decide_coverage([watch('{ $.userIdentity.type = "Root" }')], ACCOUNT)


def test_open_points_that_take_too_long_are_undecided() -> None:
    patterns = (
        "{ $.userIdentity.accessKeyId = %^$% }",
        root_and('($.eventName != "abc*d" || $.eventName = "abc*d" || $.eventName NOT EXISTS)'),
        root_and("($.foo[0] != 10.0.* || $.foo[0] = 10.0.*)"),
    )

    outcome = decide_coverage([watch(each) for each in patterns], ACCOUNT)

    assert outcome == Undecided("it takes more than 1,500 evaluations under AWS's open points")


def test_no_watch_covers_nothing() -> None:
    outcome = decide_coverage([], ACCOUNT)

    assert isinstance(outcome, Missed)
    assert outcome.phrase == "misses every root event (no filter)"
    assert is_root_activity(outcome.example, ACCOUNT)


# -- matches_some_root_event


@pytest.mark.parametrize(
    ("watched", "expected"),
    [
        pytest.param(watch(), True, id="cis"),
        pytest.param(watch('{ $.eventName = "ConsoleLogin" }'), True, id="sign-ins"),
        pytest.param(watch("{ $.errorCode = Weird* && $.a.b[0] > 5 }"), True, id="a-made-up-event"),
        pytest.param(watch('{ $.userIdentity.type = "IAMUser" }'), False, id="users"),
        pytest.param(watch("{ $.userIdentity.invokedBy = * }"), False, id="services"),
        pytest.param(watch('{ $.eventName = "A" && $.eventName = "B" }'), False, id="nothing-at-all"),
        pytest.param(watch(f'{{ $.recipientAccountId = "{OTHER_ACCOUNT}" }}'), False, id="another-account"),
        pytest.param(
            watch("{ $.readOnly IS TRUE }", recorded=Recorded(reads=False)), False, id="not-recorded"
        ),
        pytest.param(watch(criteria=f'@aws.account = "{OTHER_ACCOUNT}"'), False, id="not-selected"),
        pytest.param(watch("{ $.a == 1 }"), True, id="in-doubt-it-does"),
        pytest.param(watch("ERROR"), True, id="any-word-may-be-in-an-event"),
    ],
)
def test_whether_a_watch_matters_to_root_events(watched: Watch, expected: bool) -> None:
    assert expected == matches_some_root_event(watched, ACCOUNT)


# -- examples


@pytest.mark.parametrize(
    ("condition", "fields"),
    [
        pytest.param(
            '$.eventName != "DeleteBucket"',
            {"eventName": "DeleteBucket", "eventSource": "s3.amazonaws.com", "readOnly": False},
            id="the-service-goes-with-the-call",
        ),
        pytest.param(
            '$.eventSource != "kms*"',
            {"eventName": "ScheduleKeyDeletion", "eventSource": "kms.amazonaws.com"},
            id="the-call-goes-with-the-service",
        ),
        pytest.param(
            "$.readOnly IS FALSE",
            {"eventName": "GetAccountSummary", "readOnly": True},
            id="a-read-only-call-reads",
        ),
        pytest.param(
            '$.eventType != "AwsConsoleAction"',
            {"eventName": "GetPaymentInformation", "eventSource": "billingconsole.amazonaws.com"},
            id="a-console-action-is-one",
        ),
    ],
)
def test_an_example_is_an_event_that_could_happen(condition: str, fields: dict[str, Any]) -> None:
    outcome = decide_coverage([watch(root_and(condition))], ACCOUNT)

    assert isinstance(outcome, Missed)
    assert fields == {name: outcome.example[name] for name in fields}


def test_an_example_departs_from_a_plain_event_in_nothing_else() -> None:
    usual = decide_coverage([], ACCOUNT)
    outcome = decide_coverage([watch(root_and('$.awsRegion != "us-west-2"'))], ACCOUNT)

    assert isinstance(usual, Missed)
    assert isinstance(outcome, Missed)
    assert {**usual.example, "awsRegion": "us-west-2"} == outcome.example
