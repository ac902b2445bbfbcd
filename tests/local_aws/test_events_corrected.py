"""EventBridge in the local AWS does what AWS documents, where moto does something else."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError
from root_usage.coverage.root_activity import ROOT_EVENT_PATTERN

from root_usage_alarm.local_aws import Account, hooks
from root_usage_alarm.local_aws.accounts import EMAIL, UNSET, build_event_rules
from tests.event_pattern.root_events import EVENTS

READS_TOO = "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"


@pytest.mark.parametrize(
    ("pattern", "event", "expected"),
    [
        pytest.param(ROOT_EVENT_PATTERN, "sign-in", True, id="matches"),
        pytest.param(ROOT_EVENT_PATTERN, "by a service", False, id="does-not-match"),
        pytest.param('{"detail": {"eventName": ["*"]}}', "sign-in", False, id="literal-star"),
        pytest.param('{"resources": [{"exists": false}]}', "read", True, id="exists-false-of-an-empty-array"),
    ],
)
def test_pattern_is_tried_on_an_event(account: Account, pattern: str, event: str, expected: bool) -> None:
    answer = account.client("events").test_event_pattern(
        EventPattern=pattern, Event=json.dumps(EVENTS[event])
    )

    assert answer["Result"] is expected


@pytest.mark.parametrize(
    "event",
    [
        pytest.param("no JSON", id="no-json"),
        pytest.param("[]", id="no-object"),
        *(
            pytest.param(json.dumps({k: v for k, v in EVENTS["read"].items() if k != name}), id=f"no-{name}")
            for name in ("id", "account", "source", "time", "region", "resources", "detail-type")
        ),
    ],
)
def test_event_that_is_none_is_refused(account: Account, event: str) -> None:
    with pytest.raises(ClientError, match=r"\(ValidationException\)"):
        account.client("events").test_event_pattern(EventPattern=ROOT_EVENT_PATTERN, Event=event)


@pytest.mark.parametrize(
    "pattern",
    [
        pytest.param("{", id="no-json"),
        pytest.param("{}", id="empty"),
        pytest.param('{"detail": {}}', id="empty-object"),
        pytest.param('{"detail": {"userIdentity": {"type": "Root"}}}', id="scalar"),
        pytest.param('{"source": [{"prefix": "a", "suffix": "b"}]}', id="two-operators"),
        pytest.param('{"source": [{"anything-but": [true]}]}', id="anything-but-a-boolean"),
        pytest.param('{"$or": [{"source": ["a"]}]}', id="one-alternative"),
        pytest.param(json.dumps({"source": ["x" * 4096]}), id="too-long"),
    ],
)
def test_invalid_pattern_is_refused(account: Account, pattern: str) -> None:
    events = account.client("events")

    with pytest.raises(ClientError, match=r"\(InvalidEventPatternException\)"):
        events.put_rule(Name="rule", EventPattern=pattern)
    with pytest.raises(ClientError, match=r"\(InvalidEventPatternException\)"):
        events.test_event_pattern(EventPattern=pattern, Event=json.dumps(EVENTS["read"]))
    assert events.list_rules()["Rules"] == []


def test_pattern_that_is_not_documented_is_taken(account: Account) -> None:
    """So that a rule with one can be judged."""
    pattern = '{"detail.eventName": ["a"], "detail": {"eventName": ["b"]}}'
    account.client("events").put_rule(Name="rule", EventPattern=pattern)

    (rule,) = account.client("events").list_rules()["Rules"]

    assert rule["EventPattern"] == pattern


def test_rule_has_a_pattern_or_a_schedule(account: Account) -> None:
    with pytest.raises(ClientError, match=r"\(ValidationException\)"):
        account.client("events").put_rule(Name="rule")


def test_rules_of_the_default_bus_are_listed_page_by_page(account: Account) -> None:
    events = account.client("events")
    events.create_event_bus(Name="custom")
    for name, bus in (("a", "default"), ("b", "default"), ("c", "custom")):
        events.put_rule(Name=name, EventPattern=ROOT_EVENT_PATTERN, EventBusName=bus, State=READS_TOO)

    first = events.list_rules(Limit=1)
    second = events.list_rules(Limit=1, NextToken=first["NextToken"])
    custom = events.list_rules(EventBusName="custom")

    assert first["Rules"] == [
        {
            "Name": "a",
            "Arn": account.arn("events", "rule/a"),
            "EventPattern": ROOT_EVENT_PATTERN,
            "State": READS_TOO,
            "EventBusName": "default",
        }
    ]
    assert [each["Name"] for each in second["Rules"]] == ["b"]
    assert "NextToken" not in second
    assert [each["Arn"] for each in custom["Rules"]] == [account.arn("events", "rule/custom/c")]


def test_rule_has_at_most_five_targets(account: Account) -> None:
    events = account.client("events")
    events.put_rule(Name="rule", EventPattern=ROOT_EVENT_PATTERN)
    targets = [{"Id": str(each), "Arn": account.arn("sns", f"topic-{each}")} for each in range(6)]
    events.put_targets(Rule="rule", Targets=targets[:5])
    events.put_targets(Rule="rule", Targets=targets[:1])

    with pytest.raises(ClientError, match=r"\(LimitExceededException\)"):
        events.put_targets(Rule="rule", Targets=targets[5:])
    assert len(events.list_targets_by_rule(Rule="rule")["Targets"]) == 5


# -- what comes to a rule's targets


def is_told(account: Account, record: dict[str, Any], **rule: Any) -> bool:
    """Whether the record gets through a rule with these members to the topic that is its target."""
    built = build_event_rules(account, (account.region,), trail=None, rule=rule)[account.region]
    hooks.tell_event_bus(record)
    messages = hooks.messages_of(built.topic_arn)
    assert all(json.loads(each)["detail"] == record for each in messages)
    return bool(messages)


@pytest.mark.parametrize(
    ("state", "event", "expected"),
    [
        pytest.param(READS_TOO, "read", True, id="all-reads"),
        pytest.param("ENABLED", "read", False, id="enabled-reads"),
        pytest.param("ENABLED", "IAM write", True, id="enabled-writes"),
        pytest.param("ENABLED", "sign-in", True, id="enabled-sign-ins"),
        pytest.param("DISABLED", "IAM write", False, id="disabled"),
    ],
)
def test_state_of_a_rule_counts(account: Account, state: str, event: str, expected: bool) -> None:
    assert is_told(account, EVENTS[event]["detail"], State=state) is expected


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        pytest.param(
            {"detail": {"responseElements": [{"exists": False}]}}, True, id="exists-false-of-an-object"
        ),
        pytest.param(
            {"source": ["x"], "$or": [{"source": ["aws.signin"]}, {"region": ["x"]}]},
            True,
            id="or-replaces-the-key-outside",
        ),
        pytest.param({"detail": {"sourceIPAddress": [{"cidr": "2001:db8::1/32"}]}}, True, id="ipv6"),
        pytest.param({"detail": {"sourceIPAddress": [{"cidr": "2001:db9::/32"}]}}, False, id="other-ipv6"),
    ],
)
def test_events_are_matched_as_documented(account: Account, pattern: object, expected: bool) -> None:
    record = {**EVENTS["sign-in"]["detail"], "sourceIPAddress": "2001:db8::7"}

    assert is_told(account, record, EventPattern=json.dumps(pattern)) is expected


def test_rule_with_a_schedule_matches_no_event(account: Account) -> None:
    by_time = {"EventPattern": UNSET, "ScheduleExpression": "rate(5 minutes)"}

    assert not is_told(account, EVENTS["sign-in"]["detail"], **by_time)


def test_event_tells_the_topics_of_its_account_and_region_only(account: Account) -> None:
    own = build_event_rules(account, ("us-east-1", "ap-south-1"), trail=None)
    others = build_event_rules(Account("444455556666"), ("ap-south-1",), trail=None)

    hooks.tell_event_bus(EVENTS["EC2 write elsewhere"]["detail"])

    topics = (own["ap-south-1"], own["us-east-1"], others["ap-south-1"])
    assert [len(hooks.messages_of(each.topic_arn)) for each in topics] == [1, 0, 0]


def test_topic_of_another_region_is_told_nothing(account: Account) -> None:
    elsewhere = build_event_rules(account, ("eu-west-1",), trail=None)["eu-west-1"]
    build_event_rules(account, ("us-east-1",), trail=None, target={"Arn": elsewhere.topic_arn})

    hooks.tell_event_bus(EVENTS["read"]["detail"])

    assert hooks.messages_of(elsewhere.topic_arn) == ()


# -- the scenario


def test_event_rules_tell_a_person_in_every_region(account: Account) -> None:
    rules = build_event_rules(account, ("us-east-1", "eu-west-1"))

    (trail,) = account.client("cloudtrail").describe_trails()["trailList"]
    assert trail["IsMultiRegionTrail"]
    assert "CloudWatchLogsLogGroupArn" not in trail
    assert account.client("cloudtrail").get_trail_status(Name=trail["TrailARN"])["IsLogging"]
    for region, rule in rules.items():
        there = Account(account.account_id, region)
        (listed,) = there.client("events").list_rules()["Rules"]
        (target,) = there.client("events").list_targets_by_rule(Rule=rule.name)["Targets"]
        assert (listed["Arn"], listed["State"]) == (rule.arn, READS_TOO)
        assert target == {"Id": "people", "Arn": rule.topic_arn}
        topic = there.client("sns").get_topic_attributes(TopicArn=rule.topic_arn)["Attributes"]
        assert json.loads(topic["Policy"])["Statement"] == [
            {
                "Effect": "Allow",
                "Principal": {"Service": "events.amazonaws.com"},
                "Action": "sns:Publish",
                "Resource": there.arn("sns", "security-alerts-events"),
            }
        ]
        (subscription,) = there.client("sns").list_subscriptions_by_topic(TopicArn=rule.topic_arn)[
            "Subscriptions"
        ]
        assert subscription["Endpoint"] == EMAIL
        assert subscription["SubscriptionArn"].startswith("arn:")


def test_one_region_is_built_otherwise(account: Account) -> None:
    build_event_rules(account, ("us-east-1",))
    build_event_rules(account, ("eu-west-1",), trail=None, rule={"State": "ENABLED"}, target=None)

    events = Account(account.account_id, "eu-west-1").client("events")
    (rule,) = events.list_rules()["Rules"]
    assert rule["State"] == "ENABLED"
    assert events.list_targets_by_rule(Rule=rule["Name"])["Targets"] == []
