"""Judges the targets of an EventBridge rule: does one of them tell a person?

EventBridge doesn't check that a target exists or may be used.
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-targets.html
"""

from __future__ import annotations

from dataclasses import replace

from ..aws.arn import Arn, MalformedArn, Place
from ..aws.asking import Evidence
from ..aws.events import Rule, Target
from ..verdict.findings import Code, Finding, quote
from .actions import ActionKind, judge_action, kind_of
from .alarm_message import Content, OneOf, Present
from .conditions import RequestContext
from .publisher import Publisher, Service
from .settings import Delivered, DeliverySettings

# AWS's pages contradict each other on conditions in the policies of topics and keys for EventBridge: only an
# Allow without any is sure to work.
# https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html
# https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
EVENTBRIDGE = Service(
    brand="EventBridge",
    principal="events.amazonaws.com",
    principal_for_lambda="events.amazonaws.com",
    noun="EventBridge rule",
    action="target",
    add_topic="add an SNS topic of its region to it",
    message="event",
    needs_unconditional=True,
)

# https://docs.aws.amazon.com/awscloudtrail/latest/userguide/WhatIsCloudTrail-Limits.html: larger events don't
# come to EventBridge.
_MOST_EVENT_BYTES = 256 * 1024

# https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-retry-policy.html
_RETRIES, _RETRY_SECONDS = 185, 24 * 60 * 60

# What every root event has, of the envelope and of CloudTrail's record.
# https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
_ALWAYS_THERE = frozenset(
    {
        "$",
        *(f"$.{name}" for name in ("version", "id", "detail-type", "source", "account", "time", "region")),
        *("$.resources", "$.detail", "$.detail.userIdentity", "$.detail.userIdentity.type"),
        *(f"$.detail.{name}" for name in ("eventVersion", "eventTime", "eventSource", "eventName")),
        *(f"$.detail.{name}" for name in ("awsRegion", "sourceIPAddress", "eventID", "eventType")),
    }
)

_DETAIL_TYPES = tuple(
    f"AWS {each} via CloudTrail" for each in ("API Call", "Console Sign In", "Console Action")
)


def judge_targets(
    evidence: Evidence, rule: Rule, targets: tuple[Target, ...], settings: DeliverySettings, origin: Place
) -> Delivered | Finding:
    """The first target that is proven to tell a person; else why none does, of the one that gets furthest.

    What a rule for root forwards to another event bus is followed in `chain`: one that is among these targets
    is the second of its kind. `origin` is where the events happened, which they keep wherever they go.
    """
    if rule.schedule:
        return _by_schedule(rule, rule.schedule)
    findings = []
    for target in targets:
        judged = _judge_target(evidence, rule, target, settings, origin)
        if isinstance(judged, Delivered):
            return replace(judged, notes=(*judged.notes, *notes_on(rule, target)))
        findings.append(judged)
    return max(findings, key=lambda each: each.code.link, default=_no_target(rule))


def _judge_target(
    evidence: Evidence, rule: Rule, target: Target, settings: DeliverySettings, origin: Place
) -> Delivered | Finding:
    publisher = publisher_of_target(rule, target, origin)
    try:
        arn = Arn.parse(target.arn)
    except MalformedArn:
        return judge_action(evidence, publisher, target.arn, settings)
    if is_event_bus(arn):
        return _forwards_again(rule, arn)
    if kind_of(arn) in (ActionKind.SNS, ActionKind.LAMBDA):
        if target.role_arn:
            return _by_role(rule, target)
        if unsure := next((each for each in _paths(target) if each not in _ALWAYS_THERE), None):
            return _transforms(rule, unsure)
    return judge_action(evidence, publisher, target.arn, settings)


def is_event_bus(arn: Arn) -> bool:
    return arn.service == "events" and arn.resource.startswith("event-bus/")


def name_of_bus(arn: Arn) -> str:
    return arn.resource.removeprefix("event-bus/")


def publisher_of_target(rule: Rule, target: Target, origin: Place) -> Publisher:
    """The rule, as it publishes to one of its targets what happened there."""
    request = RequestContext(
        {"aws:securetransport": "true", "aws:principalisawsservice": "true"}, conditions_prove=False
    )
    # For functions the guide has the rule as the source, and no source account.
    # https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html
    invoking = RequestContext(
        {**request.values, "aws:sourcearn": str(rule.arn)}, frozenset({"aws:sourceaccount"})
    )
    return Publisher(
        EVENTBRIDGE,
        rule.arn,
        rule.name,
        # A target has no member for message attributes.
        # https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_Target.html
        attributes=Content({}, is_complete=True),
        body=_event(origin) if target.sends_whole_event else Content({}),
        most_bytes=_MOST_EVENT_BYTES,
        publishing=request,
        using_key=request,
        invoking=invoking,
    )


def _event(origin: Place) -> Content:
    """What is known of every root event that the rule may tell of."""
    return Content(
        {
            "version": "0",
            "id": Present(),
            "detail-type": OneOf(_DETAIL_TYPES),
            "source": Present(),
            "account": origin.account_id,
            "time": Present(),
            "region": origin.region,
            "detail": Content({"userIdentity": Content({"type": "Root"}), "awsRegion": origin.region}),
        }
    )


def _paths(target: Target) -> tuple[str, ...]:
    """What the target gets of the event, where it doesn't get all of it."""
    return target.input_paths or ((target.input_path,) if target.input_path else ())


def notes_on(rule: Rule, target: Target) -> tuple[str, ...]:
    notes = []
    if target.input is not None:
        notes.append(f"{_called(rule)} sends a text that doesn't say what root did")
    retries = _RETRIES if target.retries is None else target.retries
    seconds = _RETRY_SECONDS if target.retry_seconds is None else target.retry_seconds
    if retries < _RETRIES or seconds < _RETRY_SECONDS:
        minutes = seconds // 60
        notes.append(f"{_called(rule)} tries again {retries} times at most, within {minutes} min")
    return tuple(notes)


def _called(rule: Rule) -> str:
    return f"{EVENTBRIDGE.noun} {quote(rule.name)}"


# -- findings ----------------------------------------------------------------------------------------


def _no_target(rule: Rule) -> Finding:
    return Finding(
        Code.NO_TARGET,
        rule.name,
        f"{_called(rule)} has no target, so no one is told",
        EVENTBRIDGE.add_topic,
    )


def _by_schedule(rule: Rule, schedule: str) -> Finding:
    # https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutRule.html: a rule may have both
    return Finding(
        Code.EVENT_PATTERN_DROWNED,
        rule.name,
        f"{_called(rule)} drowns root: it also runs by {quote(schedule)}, and a root event is one message "
        "among those",
        "take its schedule away, or give root usage a rule of its own",
    )


def _undecided(rule: Rule, doubt: str, remedy: str) -> Finding:
    return Finding(Code.TARGET_UNDECIDED, rule.name, f"cannot verify that {_called(rule)} {doubt}", remedy)


def _forwards_again(rule: Rule, bus_arn: Arn) -> Finding:
    # https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-cross-account.html
    return Finding(
        Code.ACTION_NOT_ACCEPTED,
        rule.name,
        f"{_called(rule)} forwards to event bus {quote(name_of_bus(bus_arn))} what was forwarded already, "
        "which EventBridge doesn't, so no one is told",
        EVENTBRIDGE.add_topic,
    )


def _by_role(rule: Rule, target: Target) -> Finding:
    return _undecided(
        rule,
        f"may use target {quote(target.arn)}: the rights of its role are not read",
        "take away the role, and admit events.amazonaws.com in the policy of topic or function",
    )


def _transforms(rule: Rule, path: str) -> Finding:
    return _undecided(
        rule,
        f"sends every root event: its target gets {quote(path)}, which not each one has",
        "send the whole event, or what each event has, such as $.detail.eventName",
    )
