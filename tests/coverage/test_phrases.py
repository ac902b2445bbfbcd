"""The hole in a few words, for the annotation; and each phrase against the evaluator."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from root_usage.coverage import Missed, Recorded, Watch, decide_coverage
from root_usage.coverage.root_activity import ABSENT, is_root_activity
from root_usage.coverage.root_events import copy_of, root_events
from root_usage.filter_pattern import Reading, matches, parse_filter_pattern

from tests.coverage.phrases import meaning_of
from tests.coverage.test_corpus import CORPUS
from tests.coverage.watches import ACCOUNT, OTHER_ACCOUNT, root_and, watch
from tests.filter_pattern.strategies import readings


@pytest.mark.parametrize(
    ("watches", "phrase"),
    [
        pytest.param(
            [watch('{ $.userIdentity.type = "Root" && $.eventName = "ConsoleLogin" }')],
            "misses root CreateAccessKey and other API calls (ConsoleLogin only)",
            id="sign-ins-only",
        ),
        pytest.param(
            [watch(root_and("($.eventName = CreateUser || $.eventName = DeleteUser)"))],
            "misses root CreateAccessKey and other calls (CreateUser and DeleteUser only)",
            id="two-calls-only",
        ),
        pytest.param(
            [watch(root_and("$.eventName != ConsoleLogin"))], "misses root ConsoleLogin", id="no-sign-ins"
        ),
        pytest.param(
            [
                watch(root_and("$.eventName != ConsoleLogin")),
                watch(root_and("$.additionalEventData.MFAUsed = Yes")),
            ],
            "misses root ConsoleLogin without MFA",
            id="no-sign-ins-without-mfa",
        ),
        pytest.param(
            [
                watch(root_and("$.eventName != ConsoleLogin")),
                watch(root_and("$.additionalEventData.MFAUsed = No")),
            ],
            "misses at least root ConsoleLogin with MFA",
            id="no-sign-ins-with-mfa",
        ),
        pytest.param(
            [watch(root_and("($.eventName != ConsoleLogin || $.errorMessage NOT EXISTS)"))],
            "misses root ConsoleLogin that fails",
            id="no-failed-sign-ins",
        ),
        pytest.param(
            [watch(root_and("$.eventName != PasswordRecoveryRequested"))],
            "misses root PasswordRecoveryRequested",
            id="no-password-recovery",
        ),
        pytest.param(
            [watch(root_and("$.eventName != PasswordUpdated"))],
            "misses root PasswordUpdated",
            id="no-password-change",
        ),
        pytest.param(
            [watch(root_and("$.errorCode = *"))],
            "misses root events that succeed (without errorCode)",
            id="failures-only",
        ),
        pytest.param(
            [watch(root_and("$.requestParameters.['x [NO_ALARM]'] NOT EXISTS"))],
            "misses, for example, root events with `requestParameters.x [NO_ALARM]`",
            id="name-that-poses-as-a-code",
        ),
        pytest.param(
            [watch(root_and("$.requestParameters.['x [NO_ALARM]'] = y"))],
            "misses at least root events without `requestParameters.x [NO_ALARM]`",
            id="needs-a-name-that-poses-as-a-code",
        ),
        pytest.param(
            [watch(root_and("$.errorCode NOT EXISTS"))],
            "misses root events that fail (errorCode)",
            id="successes-only",
        ),
        pytest.param(
            [watch(f'{{ $.recipientAccountId = "{OTHER_ACCOUNT}" && $.userIdentity.type = Root }}')],
            "watches account 444455556666 only",
            id="another-account-in-the-pattern",
        ),
        pytest.param(
            [watch(criteria=f'@aws.account IN ["{OTHER_ACCOUNT}"]')],
            "watches account 444455556666 only",
            id="another-account-in-the-criteria",
        ),
        pytest.param(
            [watch(root_and('$.awsRegion = "us-east-1"'))],
            "misses us-west-2 and other regions (us-east-1 only)",
            id="one-region",
        ),
        pytest.param(
            [watch(criteria='@aws.region = "us-west-2"')],
            "misses us-east-1 and other regions (us-west-2 at most)",
            id="a-region-in-the-criteria",
        ),
        pytest.param(
            [watch(recorded=Recorded(reads=False))],
            "misses root's read-only calls, which the trail leaves out",
            id="a-trail-without-reads",
        ),
        pytest.param(
            [watch(recorded=Recorded(writes=False))],
            "misses root's write calls, which the trail leaves out",
            id="a-trail-without-writes",
        ),
        pytest.param(
            [watch(recorded=Recorded(excluded_sources=frozenset({"kms.amazonaws.com"})))],
            "misses root's kms.amazonaws.com calls, which the trail leaves out",
            id="a-trail-without-kms",
        ),
        pytest.param(
            [watch(root_and('$.userAgent != "aws cli"'))],
            "misses at least root events by user agent `aws cli`",
            id="a-user-agent-with-a-blank-is-quoted",
        ),
        pytest.param(
            [watch(root_and("$.userIdentity.sessionContext.attributes.mfaAuthenticated != true"))],
            "misses at least root sessions with MFA",
            id="sessions-without-mfa-only",
        ),
        pytest.param(
            [watch(root_and("$.requestParameters.policyArn NOT EXISTS"))],
            "misses, for example, root events with requestParameters.policyArn",
            id="a-free-field-that-must-not-be-there",
        ),
        pytest.param(
            [watch(root_and('$.awsRegion != "us-east-1"'))], "misses us-east-1", id="all-regions-but-one"
        ),
        pytest.param(
            [watch(root_and('$.eventName != "CreateAccessKey"'))],
            "misses root CreateAccessKey",
            id="all-calls-but-the-one-of-the-example",
        ),
        pytest.param(
            [watch(root_and('$.eventSource != "iam.amazonaws.com"'))],
            "misses root's iam.amazonaws.com calls",
            id="all-services-but-one",
        ),
        pytest.param(
            [watch(root_and('$.sourceIPAddress != "198.51.100.7"'))],
            "misses root events from 198.51.100.7",
            id="all-addresses-but-one",
        ),
        pytest.param(
            [watch(root_and('$.userIdentity.userName = "root"'))],
            "misses root events without userIdentity.userName root",
            id="a-user-name-that-an-alias-may-be",
        ),
        pytest.param(
            [watch(root_and('$.userIdentity.userName != "root"'))],
            "misses at least root events with userIdentity.userName root",
            id="but-a-user-name-that-an-alias-may-be",
        ),
        pytest.param(
            [watch(root_and('$.awsRegion != "us-east-1" && $.eventName != "CreateAccessKey"'))],
            "misses at least root CreateAccessKey",
            id="two-holes-neither-of-which-is-all",
        ),
        pytest.param(
            [watch(root_and("$.requestParameters.x > 5"))],
            "misses, for example, root CreateAccessKey",
            id="what-cannot-be-proven-of-all",
        ),
        pytest.param(
            [watch(root_and(" && ".join(f"$.eventName != Get{index}" for index in range(32))))],
            "misses, for example, root Get0",
            id="a-pattern-too-long-for-a-proof",
        ),
        pytest.param([watch("-Root")], "matches no root event of this account", id="text-of-every-event"),
        pytest.param(
            [watch("Root -Jenkins -Hudson")],
            "misses at least root events with the text Jenkins",
            id="two-excluded-words",
        ),
        pytest.param(
            [watch('{ $.userIdentity.type = "IAMUser" }')],
            "matches no root event of this account",
            id="no-root-event-at-all",
        ),
    ],
)
def test_the_hole_is_named(watches: list[Watch], phrase: str) -> None:
    outcome = decide_coverage(watches, ACCOUNT)

    assert isinstance(outcome, Missed)
    assert phrase == outcome.phrase


# -- each phrase against the evaluator

FIELDS: dict[str, tuple[str, ...]] = {
    "eventName": ("CreateAccessKey", "ConsoleLogin", "Get*", "GetAccountSummary", "RunInstances", "*User"),
    "eventSource": ("iam.amazonaws.com", "signin.amazonaws.com", "kms*", "ec2.amazonaws.com"),
    "eventType": ("AwsApiCall", "AwsConsoleSignIn", "AwsConsoleAction", "Aws*"),
    "awsRegion": ("us-east-1", "us-*", "eu-west-1", "ap-southeast-2"),
    "sourceIPAddress": ("198.51.100.7", "203.0.113.*", "AWS Internal"),
    "userAgent": ("Mozilla*", "aws-cli/2", "*Jenkins*"),
    "errorCode": ("AccessDenied", "*UnauthorizedOperation"),
    "errorMessage": ("Failed authentication", "denied*"),
    "userIdentity.userName": ("root", "example-alias"),
    "userIdentity.sessionContext.attributes.mfaAuthenticated": ("true", "false"),
    "userIdentity.sessionContext.assumedRoot": ("true",),
    "additionalEventData.MFAUsed": ("Yes", "No"),
    "requestParameters.x": ("y", "z*"),
}
COMPARED = st.sampled_from([(name, value) for name, values in FIELDS.items() for value in values])
CONDITIONS = (
    st.builds(lambda pair, how: f'$.{pair[0]} {how} "{pair[1]}"', COMPARED, st.sampled_from(["=", "!="]))
    | st.builds("$.{} NOT EXISTS".format, st.sampled_from(list(FIELDS)))
    | st.sampled_from(["$.readOnly IS TRUE", "$.readOnly IS FALSE", "$.requestParameters.x > 5"])
)
JOINED = st.builds(
    lambda joint, parts: "(" + joint.join(parts) + ")",
    st.sampled_from([" && ", " || "]),
    st.lists(CONDITIONS, min_size=1, max_size=3),
)
PATTERNS = JOINED.map(root_and) | st.builds(lambda one, other: root_and(f"{one} && {other}"), JOINED, JOINED)
WORDS = st.sampled_from(["Root", "-Root", "ConsoleLogin", "-Jenkins", "-signin", "us-east-1"])
WATCHED = st.lists(PATTERNS, min_size=1, max_size=2) | st.lists(WORDS, min_size=1, max_size=3).map(
    lambda words: [" ".join(words)]
)
CORPUS_PATTERNS = [row["patterns"] for row in CORPUS if row["expected"] == "missed"]


def values_of(name: str, values: Sequence[str]) -> list[Any]:
    pieces = [value.replace("*", more) for value in values for more in ("", "x", "9", "User", "1")]
    odd: list[Any] = [5, 7, None, True, []] if name == "requestParameters.x" else []
    return [*pieces, *odd, ABSENT]


CHANGES = st.lists(
    st.sampled_from([(name, value) for name in FIELDS for value in values_of(name, FIELDS[name])])
    | st.sampled_from([("readOnly", True), ("readOnly", False), ("requestParameters", None)]),
    max_size=4,
)
ROOT_EVENTS = list(root_events(ACCOUNT).values())


def changed(event: dict[str, Any], changes: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    made = copy_of(event)
    for name, value in changes:
        *parents, last = name.split(".")
        parent = made
        for key in parents:
            parent[key] = parent[key] if isinstance(parent.get(key), dict) else {}
            parent = parent[key]
        parent[last] = value
        if value is ABSENT:
            del parent[last]
    return made


EVENTS = st.lists(
    st.builds(changed, st.sampled_from(ROOT_EVENTS), CHANGES).filter(
        lambda event: is_root_activity(event, ACCOUNT)
    ),
    min_size=20,
    max_size=40,
)
READINGS = readings().map(lambda reading: replace(reading, not_exists_under_absent_parent=True))


def hold(patterns: Sequence[str], events: Sequence[dict[str, Any]], reading: Reading) -> None:
    outcome = decide_coverage([watch(each) for each in patterns], ACCOUNT, allow_assume_root_exclusion=False)
    assume(isinstance(outcome, Missed))
    assert isinstance(outcome, Missed)
    meaning = meaning_of(outcome.phrase)
    parsed = [parse_filter_pattern(each) for each in patterns]

    if meaning.is_example:
        assert meaning.missed is not None
        assert meaning.missed(outcome.example), outcome.phrase
        return
    for event in [outcome.example, *ROOT_EVENTS, *events]:
        is_caught = any(matches(each, event, reading) for each in parsed)
        if meaning.missed and meaning.missed(event):
            assert not is_caught, (outcome.phrase, event)
        if meaning.seen and meaning.seen(event):
            assert is_caught, (outcome.phrase, event)


@settings(max_examples=200)
@given(WATCHED, EVENTS, READINGS)
def test_what_a_phrase_says_is_missed_or_seen_is(
    patterns: list[str], events: list[dict[str, Any]], reading: Reading
) -> None:
    hold(patterns, events, reading)


@settings(max_examples=60)
@given(st.sampled_from(CORPUS_PATTERNS), EVENTS, READINGS)
def test_what_a_phrase_says_of_patterns_that_people_write_is_so(
    patterns: list[str], events: list[dict[str, Any]], reading: Reading
) -> None:
    hold(patterns, events, reading)


def test_words_without_a_meaning_fail() -> None:
    with pytest.raises(ValueError, match="dreams"):
        meaning_of("misses root's dreams at night (mostly)")
