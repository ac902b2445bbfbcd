"""What needs root, an organization, other services or days: for a person, who tells us what was seen."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tests.live.table import Probe

YES_OR_NO = ("yes", "no")
SIGN_IN = "AWS Console Sign In via CloudTrail, aws.signin, Root"
OF_THE_DEMO = "as `make demo` has it"


@dataclass(frozen=True, slots=True)
class Person:
    """A question with what to do for its answer."""

    name: str
    question: str
    assumed: str
    steps: str
    answers: tuple[str, ...] = YES_OR_NO


ASKED = (
    Person(
        "whole-chain",
        "whether a sign-in of root tells a person, and after how many minutes",
        "yes",
        "`make deploy`, press Remediate, confirm the mail, sign in as root",
    ),
    Person(
        "event-rules",
        "what the rule says of EventBridge rules in every region, with AcceptedWays=alarm,eventbridge",
        OF_THE_DEMO,
        "put the rule and its topic into every enabled region, then run `make check`",
        (OF_THE_DEMO, "otherwise"),
    ),
    Person(
        "enabled-drops-reads",
        "which reads a rule in state ENABLED keeps back: by readOnly or by name",
        "by readOnly",
        "with a trail, put one rule in each state on your own user's ARN; call sts get-caller-identity, "
        "cloudtrail lookup-events, sts assume-role; see which arrived after a quarter of an hour",
        ("by readOnly", "by name"),
    ),
    Person(
        "selectors-cut-buses",
        "whether a trail of writes only, or one without KMS, keeps events from EventBridge",
        "yes",
        "the same rules, and a trail of writes only; then one with ExcludeManagementEventSources",
    ),
    Person(
        "failing-trail-feeds-buses",
        "whether a trail whose delivery to S3 fails still feeds EventBridge",
        "no",
        "deny CloudTrail in the bucket's policy, wait for LatestDeliveryError, make a call that a rule wants",
    ),
    Person(
        "organization-trail-feeds-members",
        "whether a member's events reach its bus by the organization's trail alone",
        "yes",
        "in a member without a trail of its own, put a rule on your own user's ARN and make a call; "
        "the same with a channel, and with an event data store",
    ),
    Person(
        "root-sign-in-events",
        "detail-type, source and type of root's password recovery, password, e-mail and MFA changes",
        SIGN_IN,
        "a rule on type Root in ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS with a queue; as root change "
        "and recover the password, change the e-mail address and MFA",
        (SIGN_IN, "others"),
    ),
    Person(
        "channel-log-group",
        "what is in `aws/cloudtrail/managementevents`, its class and region; IngestionStatus of its channel",
        "others",
        "turn CloudTrail on in CloudWatch's telemetry, in the account and the organization; read the group",
        ("CloudTrail's records", "others"),
    ),
    Person(
        "centralization-delay",
        "how long the copy of a log group to a central account takes",
        "longer",
        "make a centralization rule; compare timestamp and ingestionTime of the copies",
        ("a minute", "longer"),
    ),
    Person(
        "sign-in-anomaly",
        "whether `Sign-in Anomaly Alert` comes for root, and what it holds",
        "no",
        'a rule on {"source": ["aws.signin"]} for some weeks; sign in as root from a new device',
    ),
    Person(
        "guardduty-sign-in",
        "whether RootCredentialUsage comes for a bare sign-in, and for AssumeRoot",
        "no",
        "turn GuardDuty on; sign in as root and do nothing; from the management account use AssumeRoot",
    ),
    Person(
        "chat-renders-cloudtrail",
        "whether Amazon Q Developer shows `AWS API Call via CloudTrail`; the state of User Notifications",
        "no",
        "join a chat channel to the topic behind an EventBridge rule; read the rules by events list-rules",
    ),
    Person(
        "aws-mails-root",
        "whether AWS mails root's address when it signs in",
        "no",
        "sign in as root from a new device and look into its mailbox",
    ),
    Person(
        "metrics-without-target",
        "whether TriggeredRules and MatchedEvents are published for a rule without targets",
        "no",
        "put a rule without a target, an event that it matches, and list AWS/Events' metrics an hour later",
    ),
    Person(
        "delivery-error-clears",
        "when LatestCloudWatchLogsDeliveryError is cleared",
        "never",
        "take the delivery role's policy away, wait for the error, put it back, ask get-trail-status",
        ("at the next delivery", "never"),
    ),
    Person(
        "subscription-counts",
        "how far SubscriptionsConfirmed lags behind ListSubscriptionsByTopic",
        "longer",
        "confirm a subscription by mail and ask both each minute",
        ("not at all", "longer"),
    ),
)


def persons() -> Iterator[Probe]:
    for each in ASKED:
        yield Probe(f"person/{each.name}", each.question, each.answers, each.assumed, each.steps)
