"""What can be wrong with a chain, as data: links, stable codes, findings.

A finding is made where the fault is seen (trail, log group, metric filter, alarm, delivery ...);
`annotation` and the report decide how it is shown.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from enum import Enum, IntEnum
from typing import Any

from ..aws.asking import Unreadable
from ..work import Limit, OutOfWork

# The end of a remedy that the SSM document can carry out, in the evaluated account.
PRESS_REMEDIATE = ", or press Remediate"

# Ahead of a message about another account than the evaluated one.
IN_ACCOUNT = "in account "

# In a short message, for the reason that it leaves out.
IN_THE_LOG = "the log says why"

# What `quote` has marked.
QUOTED = re.compile(r"`([^`]*)`")


class Link(IntEnum):
    """The links of the chain, in the order in which a root event travels through them.

    ROOT_USER is no link: what root did and holds comes behind every finding of the chain.
    """

    ROOT_USER = -1
    RULE = 0
    TRAIL = 1
    LOG_GROUP = 2
    METRIC_FILTER = 3
    EVENT_RULE = 4  # of EventBridge, which takes the place of log group, metric filter and alarm
    ALARM = 5
    ACTION = 6
    SUBSCRIBER = 7

    @property
    def title(self) -> str:
        """As people call it, in lower case."""
        return "alarm action" if self is Link.ACTION else self.name.lower().replace("_", " ")


class Code(Enum):
    """The stable code of every finding, with its link and what it means.

    Codes are what users filter and suppress by: they are never renamed and never reused.
    """

    # The rule itself
    INVALID_PARAMETER = (Link.RULE, "a rule parameter is unknown or has an impossible value")
    CANNOT_ASSUME_ROLE = (Link.RULE, "the role that the rule reads with can't be assumed")
    NOT_DECIDED_IN_TIME = (Link.RULE, "the account takes more work or time to decide than the function has")

    # Trail
    TRAIL_UNREADABLE = (Link.TRAIL, "AWS refused to show the account's trails, or one trail's state")
    NO_TRAIL = (Link.TRAIL, "no trail records this account")
    CHANNEL_UNDECIDED = (
        Link.TRAIL,
        "a channel to CloudWatch records events; in which log group and format AWS doesn't show",
    )
    TRAIL_SINGLE_REGION = (Link.TRAIL, "the trail records one region only")
    TRAIL_NOT_LOGGING = (Link.TRAIL, "logging is stopped")
    TRAIL_WITHOUT_MANAGEMENT_EVENTS = (Link.TRAIL, "the trail records no management events")
    TRAIL_WITHOUT_READ_EVENTS = (Link.TRAIL, "read-only management events are left out")
    TRAIL_WITHOUT_WRITE_EVENTS = (Link.TRAIL, "write management events are left out")
    TRAIL_EXCLUDES_EVENT_SOURCE = (Link.TRAIL, "an event source (KMS, RDS Data API ...) is left out")
    TRAIL_SELECTORS_UNDECIDED = (Link.TRAIL, "an event selector that this rule doesn't understand")
    TRAIL_WITHOUT_GLOBAL_EVENTS = (Link.TRAIL, "global service events, sign-in among them, are left out")
    TRAIL_OF_ANOTHER_ACCOUNT = (Link.TRAIL, "the trail, or only its log group, belongs to another account")
    TRAIL_AT_HOME_IN_OPT_IN_REGION = (
        Link.TRAIL,
        "an organization trail's home region is one that this account may not have enabled",
    )
    TRAIL_WITHOUT_LOG_GROUP = (Link.TRAIL, "the trail doesn't deliver to CloudWatch Logs")
    TRAIL_DELIVERY_FAILS = (Link.TRAIL, "CloudTrail reports an error on delivery to CloudWatch Logs")
    TRAIL_DELIVERY_STALE = (Link.TRAIL, "nothing was delivered to CloudWatch Logs for too long")

    # Log group
    LOG_GROUP_UNREADABLE = (
        Link.LOG_GROUP,
        "AWS refused to show the log group, or the pipelines of its region",
    )
    LOG_GROUP_MISSING = (Link.LOG_GROUP, "the trail's log group doesn't exist")
    LOG_GROUP_ELSEWHERE = (Link.LOG_GROUP, "the log group isn't in the trail's home region or account")
    LOG_GROUP_CLASS = (Link.LOG_GROUP, "the log group's class runs no metric filters")
    LOG_GROUP_PIPELINE = (Link.LOG_GROUP, "a CloudWatch pipeline may change the events or route them away")

    # Metric filter
    METRIC_FILTERS_UNREADABLE = (Link.METRIC_FILTER, "AWS refused to show the metric filters")
    NO_METRIC_FILTER = (Link.METRIC_FILTER, "the log group has no metric filter")
    PATTERN_MISSES_ROOT_EVENT = (Link.METRIC_FILTER, "a root event matches no filter pattern")
    PATTERN_UNDECIDED = (Link.METRIC_FILTER, "coverage of a filter pattern can't be decided")
    PATTERN_DROWNED = (Link.METRIC_FILTER, "the pattern also matches everyday events of others")

    # Metric and alarm
    ALARMS_UNREADABLE = (Link.ALARM, "AWS refused to show the alarms")
    NO_ALARM = (Link.ALARM, "no alarm watches the metric")
    ALARM_OTHER_METRIC = (Link.ALARM, "the alarm watches another metric")
    ALARM_DIMENSIONS = (Link.ALARM, "the alarm's dimensions aren't those of the metric")
    ALARM_UNIT = (Link.ALARM, "the alarm's unit isn't the metric's")
    ALARM_PERIOD = (Link.ALARM, "the alarm's period is finer than the metric")
    ALARM_STATISTIC = (Link.ALARM, "the alarm's statistic may show nothing of one root event")
    ALARM_COMPARISON = (Link.ALARM, "the alarm rings at low values, root events make high ones")
    ALARM_THRESHOLD_TOO_HIGH = (Link.ALARM, "one root event doesn't reach the threshold")
    ALARM_DILUTED = (Link.ALARM, "other values in the period outweigh one root event")
    ALARM_NEEDS_MORE_PERIODS = (Link.ALARM, "more datapoints have to breach than one root event makes")
    ALARM_LATCHES = (Link.ALARM, "the alarm stays in ALARM after a root event, and the next is silent")
    ALARM_ALWAYS_IN_ALARM = (Link.ALARM, "the alarm is in ALARM without any root event")
    ALARM_RUNG_BY_OTHERS = (Link.ALARM, "the alarm was in ALARM too long or too often, for events of others")
    ALARM_FILLS_TOO_SOON = (Link.ALARM, "FILL stands in for data that is only late")
    ALARM_NOT_PROVEN = (Link.ALARM, "the alarm is of a kind that this rule doesn't decide")
    ALARM_EVALUATION_ERROR = (Link.ALARM, "CloudWatch reports that it can't evaluate the alarm")
    ALARM_WARMING_UP = (Link.ALARM, "the alarm is in its warm-up period")
    ALARM_MUTED = (Link.ALARM, "a mute rule silences the alarm, now or later")
    ALARM_TOO_SLOW = (Link.ALARM, "the alarm rings later than MaxDetectionMinutes allows")
    METRIC_VALUE_ZERO = (Link.ALARM, "the metric filter publishes 0 for a root event")
    METRIC_VALUE_UNDECIDED = (Link.ALARM, "the metric filter's value may be no number")
    METRIC_SHARED = (Link.ALARM, "another metric filter publishes unforeseeable values to the metric")
    FILTER_DIMENSIONS = (Link.ALARM, "root events spread over several values of a dimension")
    COMPOSITE_NOT_UNDERSTOOD = (Link.ALARM, "the composite alarm's rule can't be read")
    COMPOSITE_NOT_PROVEN = (Link.ALARM, "the composite alarm depends on what this rule doesn't know")
    COMPOSITE_NEEDS_OTHERS = (Link.ALARM, "the composite alarm needs more than the root alarm to ring")
    COMPOSITE_ALWAYS_IN_ALARM = (Link.ALARM, "the composite alarm may be in ALARM while all is quiet")
    COMPOSITE_HELD = (Link.ALARM, "another alarm that stays in ALARM decides the composite alarm's state")
    COMPOSITE_SUPPRESSED = (Link.ALARM, "an actions suppressor keeps the composite alarm silent")
    LOG_ALARM_UNDECIDED = (Link.ALARM, "a log alarm watches the log group; its query isn't decided")

    # EventBridge rule, where AcceptedWays has `eventbridge`
    REGIONS_UNREADABLE = (Link.EVENT_RULE, "AWS refused to show which regions the account can use")
    EVENT_RULES_UNREADABLE = (Link.EVENT_RULE, "AWS refused to show a region's EventBridge rules")
    NO_EVENT_RULE = (Link.EVENT_RULE, "no EventBridge rule of any region matches root events")
    REGION_WITHOUT_EVENT_RULE = (Link.EVENT_RULE, "only other regions have an EventBridge rule for root")
    EVENT_RULE_DISABLED = (Link.EVENT_RULE, "the EventBridge rule for root is disabled")
    EVENT_RULE_WITHOUT_READS = (Link.EVENT_RULE, "the EventBridge rule's state keeps read-only calls back")
    EVENT_PATTERN_MISSES_ROOT_EVENT = (
        Link.EVENT_RULE,
        "root events of a region match none of its EventBridge rules",
    )
    EVENT_PATTERN_UNDECIDED = (Link.EVENT_RULE, "whether event patterns match all root events is undecided")
    EVENT_PATTERN_DROWNED = (Link.EVENT_RULE, "the EventBridge rule tells of everyday events of others too")

    # Alarm action, or target of an EventBridge rule
    NO_TARGET = (Link.ACTION, "the EventBridge rule has no target")
    TARGETS_UNREADABLE = (Link.ACTION, "AWS refused to show the targets of the EventBridge rule")
    TARGET_UNDECIDED = (Link.ACTION, "whether the target of the EventBridge rule tells anybody is undecided")
    EVENT_BUS_UNREADABLE = (
        Link.ACTION,
        "AWS refused to show the event bus that the rule forwards to, its rules, or the role that forwards",
    )
    EVENT_BUS_MISSING = (Link.ACTION, "the event bus that the EventBridge rule forwards to doesn't exist")
    EVENT_BUS_DENIES = (
        Link.ACTION,
        "the policy of the event bus, or the role that forwards to it, keeps events out",
    )
    NO_ALARM_ACTION = (Link.ACTION, "the alarm has no action for the ALARM state")
    ALARM_ACTIONS_DISABLED = (Link.ACTION, "the alarm's actions are disabled")
    ACTION_NOT_ACCEPTED = (Link.ACTION, "the action is of a kind that tells nobody, or isn't accepted")
    ACTION_BROKEN = (Link.ACTION, "CloudWatch can't carry out the action as it is configured")
    ACTION_UNDECIDED = (Link.ACTION, "whether CloudWatch may carry out the action can't be decided")
    ACTION_UNREADABLE = (Link.ACTION, "AWS refused to show the action's target or its history")
    ACTION_FAILED_BEFORE = (Link.ACTION, "CloudWatch recorded that the action failed the last time")
    REQUIRED_TOPIC_NOT_NOTIFIED = (Link.ACTION, "the alarm doesn't notify the topic of SnsTopicArn")
    TOPIC_MISSING = (Link.ACTION, "the topic doesn't exist")
    TOPIC_ELSEWHERE = (Link.ACTION, "the topic isn't in the alarm's region")
    TOPIC_UNREADABLE = (Link.ACTION, "AWS refused to show the topic")
    TOPIC_FIFO = (Link.ACTION, "the topic is a FIFO topic, which feeds queues only")
    TOPIC_MESSAGE_SIZE = (Link.ACTION, "the topic refuses messages as large as the alarm's may be")
    TOPIC_POLICY_DENIES = (Link.ACTION, "the topic's policy doesn't let CloudWatch publish")
    TOPIC_POLICY_UNDECIDED = (Link.ACTION, "whether the topic's policy lets CloudWatch publish is undecided")
    TOPIC_KEY_AWS_MANAGED = (Link.ACTION, "the topic is encrypted with AWS's own key")
    TOPIC_KEY_UNUSABLE = (
        Link.ACTION,
        "the topic's key doesn't exist, isn't enabled, or is of a kind or region that SNS can't use",
    )
    TOPIC_KEY_DENIES = (Link.ACTION, "the policy of the topic's key doesn't let CloudWatch in")
    TOPIC_KEY_UNDECIDED = (Link.ACTION, "whether the topic's key lets CloudWatch in is undecided")
    TOPIC_KEY_UNREADABLE = (Link.ACTION, "AWS refused to show the topic's key or its policy")

    # Subscriber
    SUBSCRIPTIONS_UNREADABLE = (Link.SUBSCRIBER, "AWS refused to show the topic's subscriptions")
    NO_SUBSCRIPTION = (Link.SUBSCRIBER, "nobody is subscribed to the topic")
    SUBSCRIPTION_PENDING = (Link.SUBSCRIBER, "every subscription still waits for its confirmation")
    SUBSCRIPTION_PROTOCOL = (Link.SUBSCRIBER, "no confirmed subscription is of an accepted protocol")
    SUBSCRIPTION_FILTERED = (Link.SUBSCRIBER, "filter policies drop the alarm's message")
    SUBSCRIPTION_FILTER_UNDECIDED = (Link.SUBSCRIBER, "what a filter policy does to the message is undecided")
    TOO_FEW_SUBSCRIBERS = (Link.SUBSCRIBER, "fewer confirmed subscribers than the rule's owner asks for")

    # Root user
    ROOT_USED_RECENTLY = (Link.ROOT_USER, "root was used within the time in which the rule allows no use")
    ROOT_USE_UNVERIFIED = (Link.ROOT_USER, "when root was last used can't be verified")
    ROOT_HAS_ACCESS_KEYS = (Link.ROOT_USER, "root has access keys")
    ROOT_WITHOUT_MFA = (Link.ROOT_USER, "root has credentials but no MFA")
    ROOT_CREDENTIALS_UNVERIFIED = (Link.ROOT_USER, "root's access keys or MFA can't be verified")
    ROOT_CHANGED_THE_CHAIN = (Link.ROOT_USER, "root itself changed what tells of its use")
    ROOT_CHANGES_UNVERIFIED = (Link.ROOT_USER, "whether root changed what tells of its use can't be verified")
    ROOT_USE_WENT_UNHEARD = (Link.ROOT_USER, "root was used, and the alarm recorded no action for it")

    @property
    def link(self) -> Link:
        return self.value[0]

    @property
    def meaning(self) -> str:
        return self.value[1]

    @property
    def is_unverified(self) -> bool:
        """Whether it says that nobody knows, as AWS refused to show it or it can't be decided."""
        return self.name.endswith(("_UNREADABLE", "_UNDECIDED", "_UNVERIFIED")) or self in UNVERIFIED


# Those of them whose names don't end like that.
UNVERIFIED = frozenset(
    {
        Code.INVALID_PARAMETER,
        Code.CANNOT_ASSUME_ROLE,
        Code.NOT_DECIDED_IN_TIME,
        Code.TRAIL_OF_ANOTHER_ACCOUNT,
        Code.ALARM_NOT_PROVEN,
        Code.COMPOSITE_NOT_UNDERSTOOD,
        Code.COMPOSITE_NOT_PROVEN,
    }
)


@dataclass(frozen=True, slots=True)
class Finding:
    """One broken link.

    `message` names the resource in backticks (see `quote`), says what is wrong and what follows;
    it starts in lower case and has no full stop at its end. `remedy` is an order that a person can
    carry out, in the same style. Both are ASCII but for what the customer named. `account_id` is the
    resource's account, where that isn't the one under evaluation; see `placing`. `region` is the resource's,
    where each region has a chain of its own. `short_message` is the message without what may take a lot of
    room, such as a reason; the log has it all. `statement` is what a resource's policy lacks, ready to paste.
    """

    code: Code
    resource: str
    message: str
    remedy: str
    example: dict[str, Any] | None = field(default=None, hash=False)
    account_id: str | None = None
    short_message: str | None = field(default=None, compare=False)
    statement: dict[str, Any] | None = field(default=None, compare=False)
    region: str | None = None

    @property
    def whole_message(self) -> str:
        """The message, led by account and region, where people would look in the wrong one."""
        said = QUOTED.sub("", self.message)
        region = self.region if self.region and self.region not in said else None
        account_id = None if f"account {self.account_id}" in said else self.account_id
        where = " ".join(filter(None, (f"account {account_id}" if account_id else None, region)))
        return f"in {where}: {self.message}" if where else self.message

    @property
    def in_short(self) -> Finding:
        """The finding with its short message, where it has one."""
        return self if self.short_message is None else replace(self, message=self.short_message)


def quote(name: str) -> str:
    """The customer's own text, marked so that `annotation` may shorten it and nothing else."""
    return "`" + name.replace("`", "'") + "`"


def unreadable(
    code: Code, resource: str, subject: str, refusal: Unreadable, remedy: str | None = None
) -> Finding:
    """The finding that AWS refused to show something; without a `remedy` the reader has to be let in."""
    return Finding(
        code,
        resource,
        f"cannot verify {subject}: {refusal.call} answered {refusal.code}",
        remedy_of(refusal, remedy),
    )


def remedy_of(refusal: Unreadable, to_let_in: str | None = None) -> str:
    """What to do about it: `to_let_in`, or to let the reader in, but where no permission would help."""
    match refusal.code:
        case "MalformedAnswer":
            return "evaluate the rule again; if it stays so, see whether a proxy answers in AWS's place"
        case "NotInThisBoto3":
            return "give the function the layer with a current boto3, or a newer runtime"
        case "InvalidRegion":
            return "correct the region in the resource's ARN, which is none of AWS's"
        case "NotOffered":
            return "ask AWS itself, not an emulator"
        case "ParamValidation":
            return "correct the resource's name or ARN, which AWS's own call doesn't take"
        case _:
            return to_let_in or f"allow {refusal.call} to the role that the rule reads with"


def not_decided(stop: OutOfWork, account_id: str) -> Finding:
    """The finding that the evaluation had to end before it knew; it names what took most of it."""
    subject = stop.subject or f"account {account_id}"
    undecided = f"could not be decided in time whether root use is told: {subject}"
    if stop.limit is Limit.STEPS:
        return Finding(
            Code.NOT_DECIDED_IN_TIME,
            subject,
            f"{undecided} takes most of {stop.most_steps:,} steps of work",
            "simplify it, or delete what nobody needs",
        )
    return Finding(
        Code.NOT_DECIDED_IN_TIME,
        subject,
        f"{undecided} took most of the function's time",
        "evaluate the rule again; then simplify it, or give the function more memory",
    )
