"""What no API call can do, but time, people and other accounts can: for the demo and the tests.

All of it works on moto's own state in this process, under `mock_aws` and beside `LocalAws` alike.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from moto.cloudtrail.models import cloudtrail_backends
from moto.cloudwatch.models import cloudwatch_backends
from moto.config.models import config_backends
from moto.events.models import events_backends
from moto.iam.models import iam_backends
from moto.logs.models import logs_backends
from moto.sns.models import sns_backends
from root_usage.event_pattern.envelope import delivered

from .corrections import alarm_actions, cloudtrail, config, ec2, iam, observability, sns


def confirm_subscriptions(topic_arn: str) -> None:
    """Everybody who was asked opens the e-mail and presses "Confirm subscription"."""
    for subscription in sns.subscriptions_of(_topic(topic_arn)):
        sns.confirm(subscription)


def confirmation_tokens(topic_arn: str) -> tuple[str, ...]:
    """The tokens that went to the subscribers that are still pending."""
    return tuple(each.token for each in sns.subscriptions_of(_topic(topic_arn)) if not each.confirmed)


def messages_of(topic_arn: str) -> tuple[str, ...]:
    """What was published to the topic, oldest first, whoever was told."""
    return tuple(message for _, message, *_ in _topic(topic_arn).sent_notifications)


def fail_log_delivery(trail_arn: str, error: str) -> None:
    """CloudTrail can't deliver to the trail's log group any more."""
    cloudtrail.log_delivery(_trail(trail_arn)).error = error


def last_log_delivery(trail_arn: str, at: datetime | None) -> None:
    """The trail delivered to its log group then and not since; None: it never did."""
    delivery = cloudtrail.log_delivery(_trail(trail_arn))
    delivery.at, delivery.never = at, at is None


def make_log_group_older(log_group_arn: str, by: timedelta) -> None:
    """The log group was made that much earlier."""
    _, _, _, region, account_id, _, name, *_ = log_group_arn.split(":")
    logs_backends[account_id][region].groups[name].creation_time -= by


def show_organization_trail(trail_arn: str, member_account_id: str) -> None:
    """The member account sees another account's trail, which is its organization's from now on."""
    trail = _trail(trail_arn)
    trail.is_org_trail = True
    cloudtrail.foreign_trails(cloudtrail_backends[member_account_id][trail.region_name]).append(trail)


def enable_regions(account_id: str, *regions: str) -> None:
    """These regions and no others are enabled in the account, though AWS lets nobody disable its oldest."""
    enabled = ec2.enabled_regions(account_id)
    enabled.clear()
    enabled.update(regions)


def open_channel(account_id: str, region: str, name: str, source_config: dict[str, Any]) -> None:
    """A service of AWS's, or a partner, gets itself a channel of CloudTrail's there."""
    backend = cloudtrail_backends[account_id][region]
    arn = f"arn:{backend.partition}:cloudtrail:{region}:{account_id}:channel/{name}"
    cloudtrail.channels(backend)[arn] = {"ChannelArn": arn, "Name": name, "SourceConfig": source_config}


def put_pipeline(account_id: str, region: str, name: str, **members: Any) -> None:
    """Somebody puts a CloudWatch pipeline there, which is active; `members` are of its summary."""
    observability.pipelines(account_id, region).append({"Name": name, "Status": "ACTIVE", **members})


def fail_evaluation(alarm_arn: str, evaluation_state: str | None) -> None:
    """CloudWatch reports PARTIAL_DATA, EVALUATION_FAILURE or EVALUATION_ERROR for the alarm."""
    _alarm(alarm_arn).evaluation_state = evaluation_state


def record_action(alarm_arn: str, summary: str, at: datetime, data: str = "{}") -> None:
    """The alarm's history gets an item about an action that was tried then."""
    _record(alarm_arn, "Action", summary, {"Timestamp": at, "HistoryData": data})


def record_transition(alarm_arn: str, before: str, after: str, at: datetime) -> None:
    """The alarm's history tells that it changed its state then; what it is in now stays as it is."""
    _record(alarm_arn, "StateUpdate", f"Alarm updated from {before} to {after}", {"Timestamp": at})


def stands_since(trail_arn: str, alarm_arn: str, at: datetime) -> None:
    """The trail logs, and the alarm is as it is now, since then."""
    _trail(trail_arn).status.started = at.astimezone(UTC)
    _alarm(alarm_arn).configuration_updated_timestamp = at


def sign_in_as_root(account_id: str, at: datetime) -> None:
    """Root signs in to the console, as its credential report will tell."""
    iam.root_of(iam_backends[account_id]["aws"]).password_last_used = at


def give_root(account_id: str, *, access_key: bool = False, mfa: bool = True) -> None:
    """Root makes itself an access key, or takes its MFA device away, as its own console lets it."""
    root = iam.root_of(iam_backends[account_id]["aws"])
    root.has_access_key, root.has_mfa = access_key, mfa


def tell_event_bus(record: Mapping[str, Any]) -> None:
    """CloudTrail's record comes to the default bus of its account and region, as if a trail logged it."""
    backend = events_backends[record["recipientAccountId"]][record["awsRegion"]]
    rules: Iterable[Any] = backend.describe_event_bus("default").rules.values()
    for rule in rules:
        rule.send_to_targets(delivered(record))


def started_evaluations(account_id: str, region: str) -> tuple[str, ...]:
    """The config rules whose evaluation was started by the API."""
    return tuple(config.results(config_backends[account_id][region]).started)


def on_started_evaluation(account_id: str, region: str, invoke: Callable[[str], None]) -> None:
    """Has AWS Config tell of each evaluation that is started, by the rule's name, until the next reset."""
    config.results(config_backends[account_id][region]).invoke = invoke


def _record(alarm_arn: str, item_type: str, summary: str, members: dict[str, Any]) -> None:
    _, _, _, region, account_id, _ = alarm_arn.split(":", 5)
    backend = cloudwatch_backends[account_id][region]
    alarm_actions.record(backend, _alarm(alarm_arn), item_type, summary)
    alarm_actions.history(backend)[-1] |= members


def _topic(arn: str) -> Any:
    _, _, _, region, account_id, _ = arn.split(":", 5)
    return sns_backends[account_id][region].topics[arn]


def _trail(arn: str) -> Any:
    _, _, _, region, account_id, resource = arn.split(":", 5)
    return cloudtrail_backends[account_id][region].trails[resource.removeprefix("trail/")]


def _alarm(arn: str) -> Any:
    _, _, _, region, account_id, _, name = arn.split(":", 6)
    return cloudwatch_backends[account_id][region].alarms[name]
