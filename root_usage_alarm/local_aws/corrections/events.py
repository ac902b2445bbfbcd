"""EventBridge: patterns are refused and matched as documented, and a rule's state counts.

What this project's parser doesn't understand is left to moto, as AWS may take it or not.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from moto.core.exceptions import JsonRESTError
from moto.events.exceptions import InvalidEventPatternException, ValidationException
from moto.events.models import EventPattern, EventPatternParser, Rule
from moto.events.responses import EventsHandler
from moto.sns.models import sns_backends
from root_usage.event_pattern import EventPatternSyntaxError, NotUnderstood, matches, parse_event_pattern

from .patching import Corrections

CORRECTIONS = Corrections()

_MANDATORY = frozenset({"id", "account", "source", "time", "region", "resources", "detail-type"})
_MOST_TARGETS = 5


@CORRECTIONS.replaces(EventPatternParser, "parse")
def invalid_patterns_are_refused(original: Callable[..., Any], self: Any) -> Any:
    """moto takes all that is JSON and has arrays in its leaves.

    AWS answers InvalidEventPatternException:
    https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutRule.html
    """
    if self.pattern is not None:
        try:
            parse_event_pattern(self.pattern)
        except NotUnderstood:
            pass
        except EventPatternSyntaxError as error:
            raise InvalidEventPatternException(error.message) from error
    return original(self)


@CORRECTIONS.replaces(EventPattern, "matches_event")
def events_are_matched_as_documented(original: Callable[..., bool], self: Any, event: dict[str, Any]) -> bool:
    """moto differs on `exists`, `anything-but`, `$or`, numbers, arrays of objects and IPv6 addresses.

    It also has a rule without a pattern match everything; such a rule follows its schedule.
    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
    """
    text = self.dump()
    if text is None:
        return False
    try:
        return matches(parse_event_pattern(text), event)
    except NotUnderstood:
        return original(self, event)


@CORRECTIONS.replaces(EventsHandler, "test_event_pattern")
def pattern_is_tried_on_an_event(_: Callable[..., None], self: Any) -> Any:
    """moto answers nothing.

    https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_TestEventPattern.html
    """
    pattern: Any = EventPattern.load(self._get_param("EventPattern"))
    try:
        event = json.loads(self._get_param("Event"))
    except ValueError:
        event = None
    if not isinstance(event, dict) or not event.keys() >= _MANDATORY:
        raise ValidationException("Parameter Event is not valid.")
    return self._create_response({"Result": pattern.matches_event(event)})


@CORRECTIONS.replaces(Rule, "send_to_targets")
def topics_are_told(_: Callable[..., None], self: Any, event: dict[str, Any], *__: Any, **___: Any) -> None:
    """moto knows no topics among the targets, and delivers whatever state the rule is in.

    DISABLED matches nothing, ENABLED everything but CloudTrail's read-only management events:
    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-service-event-cloudtrail-management.html

    Here nothing but the topics of the rule's region is told, whatever their policies say, and `InputPath` and
    `InputTransformer` change nothing.
    """
    if self.state == "DISABLED" or (self.state == "ENABLED" and _is_read(event)):
        return
    if self.event_pattern.matches_event(event):
        for target in self.targets:
            account_id = target["Arn"].split(":")[4]
            topic = sns_backends[account_id][self.region_name].topics.get(target["Arn"])
            if topic is not None:
                topic.publish(target.get("Input", json.dumps(event)))


def _is_read(event: dict[str, Any]) -> bool:
    detail = event["detail"]
    return (
        event["detail-type"].endswith(" via CloudTrail")
        and detail.get("eventCategory") == "Management"
        and detail.get("readOnly") is True
    )


@CORRECTIONS.replaces(Rule, "put_targets")
def targets_of_a_rule_are_few(
    original: Callable[..., None], self: Any, targets: list[dict[str, Any]]
) -> None:
    """moto takes any number. "Each rule can have up to five (5) targets associated with it at one time":

    https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutTargets.html

    Targets in another region aren't refused here: AWS says that a topic has to be in the rule's region for
    the event to get there, but not that PutTargets looks.
    """
    if len({each["Id"] for each in (*self.targets, *targets)}) > _MOST_TARGETS:
        raise JsonRESTError(
            "LimitExceededException", f"Rule {self.name} would have more than {_MOST_TARGETS} targets."
        )
    original(self, targets)
