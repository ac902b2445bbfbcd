"""Everything that the live test makes, written down before it is made, so that all of it can be deleted."""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from root_usage_alarm.local_aws import Account

PREFIX = "root-usage-live-"
TAG = "root-usage-live"

_GONE = re.compile("NotFound|NoSuch|NonExist|DoesNotExist")
_LOOKS = 6


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of resource: the call that makes it, the members that name and tag it, and how it goes away."""

    service: str
    operation: str
    name_member: str
    delete: Callable[[Account, str], None]
    names: Callable[[Account], Iterable[str]]
    tags_member: str | None = None
    tags_are_map: bool = False

    def tags(self) -> Any:
        return {TAG: "yes"} if self.tags_are_map else [{"Key": TAG, "Value": "yes"}]


class Ledger:
    """A file with a line for each resource that may be there, and one for each that was deleted.

    Its account and region are in the first line. Raises ValueError where the file is another's.
    """

    def __init__(self, path: Path, account_id: str, region: str) -> None:
        self._path = path
        self._entries: dict[tuple[str, str], None] = {}
        self._head = {"accountId": account_id, "region": region}
        if path.exists():
            self._read()

    def _read(self) -> None:
        lines = self._path.read_text(encoding="utf-8").splitlines()
        found = [json.loads(each) for each in lines if each.endswith("}")]  # the last may be cut off
        if found and found[0] != self._head:
            raise ValueError(f"`{self._path}` is of {found[0]}, not of {self._head}")
        for each in found[1:]:
            key = (each["kind"], each["name"])
            if each.get("deleted"):
                self._entries.pop(key, None)
            else:
                self._entries[key] = None

    def entries(self) -> list[tuple[str, str]]:
        """Kind and name of what may be there, newest first."""
        return list(reversed(self._entries))

    def will_make(self, kind: str, name: str) -> None:
        """Written to the disk when this returns."""
        self._entries[kind, name] = None
        self._write({"kind": kind, "name": name})

    def deleted(self, kind: str, name: str) -> None:
        self._entries.pop((kind, name), None)
        self._write({"kind": kind, "name": name, "deleted": True})

    def close(self) -> None:
        """Nothing is left, so nobody needs the file."""
        self._path.unlink(missing_ok=True)

    def _write(self, line: dict[str, Any]) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        is_new = not self._path.exists()
        text = self._path.read_text(encoding="utf-8") if not is_new else ""
        with self._path.open("a", encoding="utf-8") as file:
            # A line that was cut off by a crash is of a call that was never made.
            file.write("\n" if text and not text.endswith("\n") else "")
            file.writelines(json.dumps(each) + "\n" for each in ([self._head] if is_new else []) + [line])
            file.flush()
            os.fsync(file.fileno())


def clean(account: Account, ledger: Ledger, keep: str = "") -> None:
    """Deletes what the ledger has, newest first, but for the resource of that name.

    What can't be deleted stays in the ledger, and the first reason is raised in the end; to be called again.
    """
    reasons = []
    for kind, name in ledger.entries():
        if name == keep:
            continue
        try:
            KINDS[kind].delete(account, name)
        except ClientError as error:
            if not _GONE.search(error.response["Error"]["Code"]):
                reasons.append(error)
                continue
        ledger.deleted(kind, name)
    for reason in reasons:
        raise reason


def left(account: Account, pause: float = 0) -> list[str]:
    """What AWS still shows by our prefix or our tag, after some looks, as lists lag behind."""
    found: list[str] = []
    for look in range(_LOOKS if pause else 1):
        time.sleep(pause if look else 0)
        found = [
            f"{kind} {name}" for kind, of in KINDS.items() for name in of.names(account) if PREFIX in name
        ]
        found += [each for each in _tagged(account) if each not in found]
        if not found:
            break
    return found


def _tagged(account: Account) -> Iterator[str]:
    tagging = account.client("resourcegroupstaggingapi")
    try:
        yield from (
            each["ResourceARN"]
            for page in tagging.get_paginator("get_resources").paginate(TagFilters=[{"Key": TAG}])
            for each in page["ResourceTagMappingList"]
        )
    except BotoCoreError as error:
        yield f"resources by tag couldn't be listed: {error}"


# -- how each kind is deleted and listed ----------------------------------------------------------------


def _pages(service: str, operation: str, path: str, member: str | None, **more: Any) -> Any:
    """Lists the member of each element at the path, over all pages where there are pages."""

    def names(account: Account) -> Iterator[str]:
        client = account.client(service)
        if client.can_paginate(operation):
            answers = client.get_paginator(operation).paginate(**more)
        else:
            answers = [getattr(client, operation)(**more)]
        for answer in answers:
            for each in answer.get(path, ()):
                yield str(each if member is None else each[member])

    return names


def _call(service: str, operation: str, member: str, *, many: bool = False) -> Callable[[Account, str], None]:
    def delete(account: Account, name: str) -> None:
        getattr(account.client(service), operation)(**{member: [name] if many else name})

    return delete


def _delete_bucket(account: Account, name: str) -> None:
    s3 = account.client("s3")
    for look in range(_LOOKS):  # CloudTrail may put a late file there
        for page in s3.get_paginator("list_object_versions").paginate(Bucket=name):
            for each in (*page.get("Versions", ()), *page.get("DeleteMarkers", ())):
                s3.delete_object(Bucket=name, Key=each["Key"], VersionId=each["VersionId"])
        try:
            s3.delete_bucket(Bucket=name)
        except ClientError as error:
            if error.response["Error"]["Code"] != "BucketNotEmpty" or look == _LOOKS - 1:
                raise
        else:
            return


def _delete_role(account: Account, name: str) -> None:
    iam = account.client("iam")
    for policy in iam.list_role_policies(RoleName=name)["PolicyNames"]:
        iam.delete_role_policy(RoleName=name, PolicyName=policy)
    iam.delete_role(RoleName=name)


def _delete_topic(account: Account, name: str) -> None:
    account.client("sns").delete_topic(TopicArn=account.arn("sns", name))


def _delete_queue(account: Account, name: str) -> None:
    sqs = account.client("sqs")
    sqs.delete_queue(QueueUrl=sqs.get_queue_url(QueueName=name)["QueueUrl"])


def _delete_rule(account: Account, name: str) -> None:
    events = account.client("events")
    targets = [each["Id"] for each in events.list_targets_by_rule(Rule=name)["Targets"]]
    if targets:
        events.remove_targets(Rule=name, Ids=targets)
    events.delete_rule(Name=name)


_delete_alarm = _call("cloudwatch", "delete_alarms", "AlarmNames", many=True)

KINDS = {
    "bucket": Kind(
        "s3", "CreateBucket", "Bucket", _delete_bucket, _pages("s3", "list_buckets", "Buckets", "Name")
    ),
    "trail": Kind(
        "cloudtrail",
        "CreateTrail",
        "Name",
        _call("cloudtrail", "delete_trail", "Name"),
        _pages("cloudtrail", "describe_trails", "trailList", "Name"),
        "TagsList",
    ),
    "log group": Kind(
        "logs",
        "CreateLogGroup",
        "logGroupName",
        _call("logs", "delete_log_group", "logGroupName"),
        _pages("logs", "describe_log_groups", "logGroups", "logGroupName"),
        "tags",
        tags_are_map=True,
    ),
    "role": Kind(
        "iam",
        "CreateRole",
        "RoleName",
        _delete_role,
        _pages("iam", "list_roles", "Roles", "RoleName"),
        "Tags",
    ),
    "topic": Kind(
        "sns",
        "CreateTopic",
        "Name",
        _delete_topic,
        _pages("sns", "list_topics", "Topics", "TopicArn"),
        "Tags",
    ),
    "alarm": Kind(
        "cloudwatch",
        "PutMetricAlarm",
        "AlarmName",
        _delete_alarm,
        _pages("cloudwatch", "describe_alarms", "MetricAlarms", "AlarmName"),
        "Tags",
    ),
    "composite alarm": Kind(
        "cloudwatch",
        "PutCompositeAlarm",
        "AlarmName",
        _delete_alarm,
        _pages(
            "cloudwatch",
            "describe_alarms",
            "CompositeAlarms",
            "AlarmName",
            AlarmTypes=["CompositeAlarm"],
        ),
        "Tags",
    ),
    "mute rule": Kind(
        "cloudwatch",
        "PutAlarmMuteRule",
        "Name",
        _call("cloudwatch", "delete_alarm_mute_rule", "AlarmMuteRuleName"),
        _pages("cloudwatch", "list_alarm_mute_rules", "AlarmMuteRuleSummaries", "AlarmMuteRuleArn"),
        "Tags",
    ),
    "queue": Kind(
        "sqs",
        "CreateQueue",
        "QueueName",
        _delete_queue,
        _pages("sqs", "list_queues", "QueueUrls", None),
        "tags",
        tags_are_map=True,
    ),
    "event rule": Kind(
        "events",
        "PutRule",
        "Name",
        _delete_rule,
        _pages("events", "list_rules", "Rules", "Name"),
        "Tags",
    ),
}
MAKING = {(of.service, of.operation): kind for kind, of in KINDS.items()}
