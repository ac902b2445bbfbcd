"""The account in which the live test works: ordinary clients that write the ledger, name and tag."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from root_usage.aws.clients import is_aws_endpoint

from root_usage_alarm.local_aws import Account
from tests.live.ledger import KINDS, MAKING, PREFIX, Ledger

QUEUE = f"{PREFIX}people"
_NOT_YET = {
    # a role or policy of a moment ago isn't known everywhere
    "InvalidCloudWatchLogsRoleArnException",
    "InsufficientS3BucketPolicyException",
    # the name of what was deleted a moment ago isn't free
    "AWS.SimpleQueueService.QueueDeletedRecently",
    "QueueDeletedRecently",
    "OperationAborted",
}
_MOST_ATTEMPTS, _SECONDS_BETWEEN = 12, 5


class OutsideThePrefix(Exception):
    """A call that would make something that nobody would delete."""


@dataclass(frozen=True, slots=True)
class Sandbox(Account):
    """An account of AWS's, or of an emulator that `AWS_ENDPOINT_URL` names."""

    prefix: str = PREFIX
    session: Any = None
    ledger: Ledger = None  # type: ignore[assignment] # the fields above have defaults
    is_aws: bool = True
    minute: float = 60  # in seconds; an emulator needn't be waited for
    _clients: dict[tuple[str, str], Any] = field(default_factory=dict, compare=False, repr=False)

    def client(self, service: str) -> Any:
        key = (service, self.region)
        if key not in self._clients:
            client = self.session.client(service, region_name=self.region)
            client.meta.events.register("before-parameter-build", self._before)
            client.meta.events.register("needs-retry", _try_later)
            self._clients[key] = client
        return self._clients[key]

    def subscriber(self, protocol: str, endpoint: str, *, confirmed: bool) -> tuple[str, str]:
        """The queue, which confirms itself; a mail that nobody is to confirm may go to nobody."""
        return ("sqs", self.queue_arn) if confirmed else (protocol, endpoint)

    def confirm_subscriptions(self, topic_arn: str) -> None:
        """See `subscriber`."""

    @property
    def queue_arn(self) -> str:
        return self.arn("sqs", QUEUE)

    def make_queue(self) -> str:
        """The URL of the queue that stands for people; every topic of the account may send to it."""
        sqs = self.client("sqs")
        statement = {
            "Effect": "Allow",
            "Principal": {"Service": "sns.amazonaws.com"},
            "Action": "sqs:SendMessage",
            "Resource": self.queue_arn,
            "Condition": {"StringEquals": {"aws:SourceAccount": self.account_id}},
        }
        policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        url: str = sqs.create_queue(QueueName=QUEUE, Attributes={"Policy": policy})["QueueUrl"]
        return url

    def messages(self, minutes: float) -> list[dict[str, Any]]:
        """What SNS puts into the queue within that time."""
        sqs, found = self.client("sqs"), []
        url = sqs.get_queue_url(QueueName=QUEUE)["QueueUrl"]
        until = time.monotonic() + minutes * self.minute
        while True:
            answer = sqs.receive_message(
                QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=10 if self.minute else 0
            )
            for each in answer.get("Messages", ()):
                found.append(json.loads(each["Body"]))
                sqs.delete_message(QueueUrl=url, ReceiptHandle=each["ReceiptHandle"])
            if time.monotonic() >= until and not answer.get("Messages"):
                return found

    def wait(self, minutes: float) -> None:
        time.sleep(minutes * self.minute)

    def _before(self, params: dict[str, Any], model: Any, **_: Any) -> None:
        kind = MAKING.get((model.service_model.service_name, model.name))
        if kind is None:
            return
        of = KINDS[kind]
        name = params[of.name_member]
        if not name.startswith(PREFIX):
            raise OutsideThePrefix(f"{model.name} of `{name}`")
        self.ledger.will_make(kind, name)
        if of.tags_member:
            params[of.tags_member] = of.tags()


def sandbox_of(session: Any, account_id: str, region: str, ledger: Ledger) -> Sandbox:
    is_aws = is_aws_endpoint(session.client("sts", region_name=region).meta.endpoint_url)
    return Sandbox(
        account_id, region, session=session, ledger=ledger, is_aws=is_aws, minute=60 if is_aws else 0
    )


def _try_later(response: Any, attempts: int, **_: Any) -> int | None:
    """The seconds after which what has to settle may have."""
    parsed: Mapping[str, Any] = response[1] if response else {}
    code = parsed.get("Error", {}).get("Code")
    return _SECONDS_BETWEEN if code in _NOT_YET and attempts < _MOST_ATTEMPTS else None
