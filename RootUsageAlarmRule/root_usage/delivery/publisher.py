"""Who tells the people: an alarm by its actions, or a rule of EventBridge by its targets.

What differs between the two is here, for what judges topics, keys, functions and subscriptions.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from ..aws.arn import Arn
from ..aws.cloudwatch import CompositeAlarm, MetricAlarm
from ..verdict.findings import quote
from .alarm_message import Content, attributes_of, body_of, most_bytes
from .caller import CLOUDWATCH, CLOUDWATCH_FOR_LAMBDA, admission, publish_of_alarm, request_of_alarm
from .conditions import RequestContext


@dataclass(frozen=True, slots=True)
class Service:
    """The AWS service that acts, and the words for what it acts for.

    `principal` publishes and uses keys, `principal_for_lambda` invokes functions. `needs_unconditional`:
    the admission that is sure to work has no condition.
    """

    brand: str
    principal: str
    principal_for_lambda: str
    noun: str  # of what it acts for
    action: str  # what that has
    add_topic: str  # the remedy where no action tells anybody
    message: str
    needs_unconditional: bool = False


CLOUDWATCH_ALARMS = Service(
    brand="CloudWatch",
    principal=CLOUDWATCH,
    principal_for_lambda=CLOUDWATCH_FOR_LAMBDA,
    noun="alarm",
    action="action",
    add_topic="add an SNS topic to its AlarmActions",
    message="alarm message",
)


@dataclass(frozen=True, slots=True)
class Publisher:
    """An alarm, or a rule, with what is known of its requests and of the message that it sends."""

    service: Service
    arn: Arn
    name: str
    attributes: Content
    body: Content
    most_bytes: int
    publishing: RequestContext = field(hash=False)
    using_key: RequestContext = field(hash=False)
    invoking: RequestContext = field(hash=False)

    def __str__(self) -> str:
        return f"{self.service.noun} {quote(self.name)}"

    def admission(self, actions: Sequence[str], resource: str) -> dict[str, Any]:
        """The policy statement, ready to paste, that lets the service in."""
        account_ids = () if self.service.needs_unconditional else (self.arn.account_id,)
        return admission(account_ids, actions, resource, self.service.principal)


def publisher_of(alarm: MetricAlarm | CompositeAlarm) -> Publisher:
    request = request_of_alarm(alarm.arn)
    return Publisher(
        CLOUDWATCH_ALARMS,
        alarm.arn,
        alarm.name,
        attributes_of(alarm),
        body_of(alarm),
        most_bytes(alarm),
        publish_of_alarm(alarm.arn),
        request,
        request,
    )
