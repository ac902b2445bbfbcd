"""What EventBridge's rules, by their state, and metric filters leave open of a region's root events."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from root_usage.aws.arn import Place
from root_usage.coverage import Covered, Missed, Recorded, Undecided, Watch
from root_usage.coverage.event_patterns import (
    EVENT_READINGS,
    Bus,
    RuleWatch,
    decide_coverage_of_bus,
    everyday_event_told_by,
    matches_some_root_event_of,
    others_told_by,
)
from root_usage.coverage.root_activity import ROOT_EVENT_PATTERN, is_root_activity
from root_usage.coverage.root_events import EventKind, copy_of, root_events_of_region
from root_usage.event_pattern import matches, parse_event_pattern
from root_usage.event_pattern.envelope import delivered

from tests.event_pattern.root_events import ACCOUNT

HOME, SIGN_INS_TOO, OTHER = "us-east-1", "us-west-2", "eu-west-1"
ROOT = {"userIdentity": {"type": ["Root"]}}
CALLS = json.dumps({"detail-type": [{"anything-but": "AWS Console Sign In via CloudTrail"}], "detail": ROOT})
SIGN_INS = json.dumps({"detail-type": ["AWS Console Sign In via CloudTrail"], "detail": ROOT})
FILTER = '{{ $.userIdentity.type = "Root" && {} }}'


def rule(pattern: str = ROOT_EVENT_PATTERN, **more: Any) -> RuleWatch:
    return RuleWatch("root-usage", parse_event_pattern(pattern), **more)


def metric_filter(clause: str) -> Watch:
    return Watch(FILTER.format(clause), "root-usage", Place(ACCOUNT, HOME))


def coverage_of(region: str, *watches: RuleWatch | Watch, **more: bool) -> Covered | Missed | Undecided:
    rules = tuple(each for each in watches if isinstance(each, RuleWatch))
    filters = tuple(each for each in watches if isinstance(each, Watch))
    return decide_coverage_of_bus(rules, filters, Bus(ACCOUNT, region), **more)


@pytest.mark.parametrize("region", [HOME, SIGN_INS_TOO, OTHER])
def test_plain_events_of_a_region_can_happen_there(region: str) -> None:
    events = root_events_of_region(ACCOUNT, region)

    assert all(is_root_activity(each, ACCOUNT) for each in events.values())
    assert {each["awsRegion"] for each in events.values()} == {region}


def test_sign_ins_happen_where_aws_records_them_and_iam_at_home() -> None:
    events = {region: root_events_of_region(ACCOUNT, region) for region in (HOME, SIGN_INS_TOO, OTHER)}

    assert [EventKind.SIGN_IN_WITH_MFA in each for each in events.values()] == [True, True, False]
    assert [
        any(one["eventSource"] == "iam.amazonaws.com" for one in each.values()) for each in events.values()
    ] == [True, False, False]


@pytest.mark.parametrize(
    ("region", "watches", "missed"),
    [
        pytest.param(HOME, [rule()], None, id="root-pattern-at-home"),
        pytest.param(OTHER, [rule()], None, id="root-pattern"),
        pytest.param(HOME, [rule(gets_reads=False)], "GetAccountSummary", id="no-reads-at-home"),
        pytest.param(OTHER, [rule(gets_reads=False)], "DescribeInstances", id="no-reads"),
        pytest.param(OTHER, [], "RunInstances", id="nothing"),
        pytest.param(
            OTHER, [rule(recorded=Recorded(reads=False))], "DescribeInstances", id="trail-of-writes"
        ),
        pytest.param(HOME, [rule(CALLS)], "ConsoleLogin", id="calls-at-home"),
        pytest.param(SIGN_INS_TOO, [rule(CALLS)], "ConsoleLogin", id="calls-where-sign-ins-are"),
        pytest.param(OTHER, [rule(CALLS)], None, id="calls"),
        pytest.param(HOME, [rule(CALLS), rule(SIGN_INS)], None, id="both"),
        pytest.param(
            HOME,
            [rule(CALLS), metric_filter('$.eventType = "AwsConsoleSignIn"')],
            None,
            id="alarm-for-sign-ins",
        ),
        pytest.param(
            HOME,
            [rule(CALLS, gets_reads=False), metric_filter('$.eventType = "AwsConsoleSignIn"')],
            "GetAccountSummary",
            id="alarm-for-sign-ins-and-no-reads",
        ),
        pytest.param(OTHER, [metric_filter("$.userIdentity.invokedBy NOT EXISTS")], None, id="alarm-alone"),
        pytest.param(
            OTHER, [metric_filter('$.awsRegion = "us-east-1"')], "RunInstances", id="alarm-of-another-region"
        ),
        pytest.param(HOME, [metric_filter('$.awsRegion = "us-east-1"')], None, id="alarm-of-this-region"),
    ],
)
def test_what_goes_unseen(region: str, watches: list[RuleWatch | Watch], missed: str | None) -> None:
    coverage = coverage_of(region, *watches)

    if missed is None:
        assert isinstance(coverage, Covered)
    else:
        assert isinstance(coverage, Missed)
        assert (coverage.example["eventName"], coverage.example["awsRegion"]) == (missed, region)


BESIDE_INSTANCES, BESIDE_FINDINGS = (
    json.dumps({"$or": [{"detail": {"userIdentity": {"type": ["Root"]}}}, {"detail-type": [each]}]})
    for each in ("EC2 Instance State-change Notification", "GuardDuty Finding")
)


def test_reads_by_name_that_say_they_write_are_not_proven_in_state_enabled() -> None:
    """Nobody knows whether EventBridge goes by the name or by `readOnly`: an alarm for reads is no proof."""
    coverage = coverage_of(OTHER, rule(gets_reads=False), metric_filter("$.readOnly IS TRUE"))

    assert isinstance(coverage, Undecided)


def test_assume_root_may_be_left_out_where_the_rules_owner_says_so() -> None:
    exclusive = json.dumps(
        {
            "detail": {
                "userIdentity": {"type": ["Root"], "sessionContext": {"assumedRoot": [{"exists": False}]}}
            }
        }
    )

    assert isinstance(coverage_of(OTHER, rule(exclusive)), Covered)
    assert isinstance(coverage_of(OTHER, rule(exclusive), allow_assume_root_exclusion=False), Missed)


@pytest.mark.parametrize(
    ("pattern", "told"),
    [
        pytest.param(ROOT_EVENT_PATTERN, None, id="root"),
        pytest.param('{"source": ["aws.ec2"]}', "DescribeInstances", id="a-service"),
        pytest.param('{"detail": {"eventName": ["AssumeRole"]}}', "AssumeRole", id="a-call"),
        pytest.param(SIGN_INS, None, id="sign-ins"),
        pytest.param(BESIDE_INSTANCES, "EC2 Instance State-change Notification", id="without-cloudtrail"),
        pytest.param(BESIDE_FINDINGS, None, id="rarer-without-cloudtrail"),
    ],
)
def test_everyday_event_that_a_rule_tells_of(pattern: str, told: str | None) -> None:
    event = everyday_event_told_by(rule(pattern), Bus(ACCOUNT, OTHER))

    assert (event and event["eventName"]) == told


def test_reads_of_others_dont_reach_a_rule_that_gets_none() -> None:
    reads = rule('{"detail": {"eventName": ["DescribeInstances"]}}', gets_reads=False)

    assert everyday_event_told_by(reads, Bus(ACCOUNT, OTHER)) is None


def test_rarer_events_that_a_rule_tells_of_are_named() -> None:
    everybody = json.dumps({"detail-type": ["AWS Console Sign In via CloudTrail"]})

    assert others_told_by(rule(everybody), Bus(ACCOUNT, HOME)) == (
        "sign-ins of others",
        "failed sign-ins, which anybody can cause",
    )
    assert others_told_by(rule(), Bus(ACCOUNT, HOME)) == ()


@pytest.mark.parametrize(
    ("pattern", "region", "expected"),
    [
        pytest.param(ROOT_EVENT_PATTERN, OTHER, True, id="root"),
        pytest.param(
            '{"detail": {"eventName": ["DeleteBucket"]}}', OTHER, True, id="a-call-that-root-may-make"
        ),
        pytest.param(
            '{"source": ["aws.guardduty"], "detail-type": ["GuardDuty Finding"]}', OTHER, False, id="other"
        ),
        pytest.param('{"region": ["us-east-1"]}', OTHER, False, id="region"),
        pytest.param(SIGN_INS, OTHER, False, id="sign-ins-elsewhere"),
    ],
)
def test_whether_a_rule_matters_to_root(pattern: str, region: str, expected: bool) -> None:
    assert matches_some_root_event_of(Bus(ACCOUNT, region), rule(pattern)) is expected


# -- brute force


REGIONS = st.sampled_from((HOME, SIGN_INS_TOO, OTHER))
CLAUSES: list[dict[str, Any]] = [
    {},
    {"detail-type": ["AWS API Call via CloudTrail"]},
    {"detail-type": [{"suffix": "via CloudTrail"}]},
    {"detail-type": [{"anything-but": ["AWS API Call via CloudTrail"]}]},
    {"source": [{"prefix": "aws."}]},
    {"source": ["aws.ec2", "aws.iam", "aws.signin", "aws.s3"]},
    {"source": [{"anything-but": ["aws.ec2"]}]},
    {"region": [HOME]},
    {"account": [ACCOUNT]},
]
DETAILS: list[dict[str, Any]] = [
    {},
    {"errorCode": [{"exists": False}]},
    {"errorCode": [{"exists": True}]},
    {"readOnly": [False]},
    {"readOnly": [True]},
    {"eventName": [{"wildcard": "*Inst*"}]},
    {"eventName": [{"anything-but": {"wildcard": "*Inst*"}}]},
    {"eventName": [{"prefix": "C"}]},
    {"eventType": [{"anything-but": "AwsServiceEvent"}]},
]
RULES = st.builds(
    lambda envelope, detail, gets_reads: rule(
        json.dumps({**envelope, "detail": {**ROOT, **detail}}), gets_reads=gets_reads
    ),
    st.sampled_from(CLAUSES),
    st.sampled_from(DETAILS),
    st.booleans(),
)


def is_caught(rules: list[RuleWatch], record: dict[str, Any]) -> bool:
    """Under every reading by one of those that surely get it."""
    by_name = record["eventName"].startswith(("Get", "List", "Describe"))
    getting = [each for each in rules if each.gets_reads or not (record["readOnly"] or by_name)]
    event = delivered(record)
    return all(any(matches(each.pattern, event, reading) for each in getting) for reading in EVENT_READINGS)


def records_of(region: str) -> list[dict[str, Any]]:
    """Root events of the region, and each with an error, an alias, a read for a write, without a session."""
    found = []
    for event in root_events_of_region(ACCOUNT, region).values():
        found += [event, {**event, "errorCode": "AccessDenied"}, {**event, "readOnly": not event["readOnly"]}]
        found.append({**event, "eventName": "ListThings"})
        with_alias = copy_of(event)
        with_alias["userIdentity"] |= {"userName": "example-alias"}
        with_alias["userIdentity"].pop("sessionContext", None)
        found.append(with_alias)
    return found


@given(REGIONS, st.lists(RULES, max_size=4))
def test_decision_agrees_with_brute_force(region: str, rules: list[RuleWatch]) -> None:
    match coverage_of(region, *rules):
        case Covered():
            assert all(is_caught(rules, each) for each in records_of(region))
        case Missed(example, _):
            assert is_root_activity(example, ACCOUNT)
            assert example["awsRegion"] == region
            assert not any(each.may_catch(example) for each in rules)
        case Undecided():
            pass


@given(REGIONS, st.lists(RULES, max_size=3), RULES)
def test_rule_more_takes_nothing_away(region: str, rules: list[RuleWatch], another: RuleWatch) -> None:
    if isinstance(coverage_of(region, *rules), Covered):
        assert isinstance(coverage_of(region, *rules, another), Covered)
