"""AWS Config's aggregator over accounts that don't exist: real botocore clients, made-up answers.

For the tests of `report`, and for its figures at ten thousand accounts with latency and throttling.
"""

from __future__ import annotations

import io
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import boto3
import botocore
from botocore.awsrequest import AWSResponse
from botocore.config import Config

RULE = "RootUsageAlarmRule"
REGION = "us-east-1"

COMPLIANT = "root use is told: alarm `root` -> topic `security` -> 1 confirmed subscriber (email)"
# By turns: the compliance type, the annotation. Every tenth account has no result at all.
TURNS: tuple[tuple[str, str] | None, ...] = (
    *((("COMPLIANT", COMPLIANT),) * 5),
    ("NON_COMPLIANT", "account 0 has no trail, so nothing that root does is recorded [NO_TRAIL]"),
    ("NON_COMPLIANT", "alarm `root`: watches unit Count, but its filter publishes unit None [ALARM_UNIT]"),
    (
        "NON_COMPLIANT",
        "topic `security` has 1 pending subscription and none confirmed [SUBSCRIPTION_PENDING]",
    ),
    ("INSUFFICIENT_DATA", ""),
    None,
)


@dataclass
class SimulatedOrganization:
    """So many accounts; each answer takes `latency` seconds, and no more than `rate` a second are given."""

    accounts: int
    latency: float = 0.0
    rate: float | None = None
    rule: str = RULE
    rules: dict[str, str] = field(default_factory=dict)  # where it isn't `rule`, by account
    unknown: frozenset[str] = frozenset()  # accounts that the aggregator doesn't read
    lists_accounts: bool = True
    shows_details: bool = True
    recorded_at: datetime = datetime(2026, 11, 19, tzinfo=UTC)
    calls: dict[str, int] = field(default_factory=dict)
    throttled: int = 0

    def __post_init__(self) -> None:
        self._lock = threading.Lock()
        self._tokens, self._filled = self.rate or 0.0, time.monotonic()

    def client(self, service: str, config: Config | None = None) -> Any:
        """A client of that service whose calls end here."""
        make: Any = boto3.session.Session("simulated", "simulated", region_name=REGION).client
        client = make(service, config=config)
        client.meta.events.register("before-send", self._answer)
        return client

    @contextmanager
    def answering(self) -> Iterator[None]:
        """Every call of every session that is made within ends here."""

        def watch(session: Any) -> None:
            session.register("before-send", self._answer)

        botocore.register_initializer(watch)
        try:
            yield
        finally:
            botocore.unregister_initializer(watch)

    def rule_of(self, account_id: str) -> str:
        return self.rules.get(account_id, self.rule)

    def account_ids(self) -> list[str]:
        return [f"{number:012d}" for number in range(1, self.accounts + 1)]

    def _answer(self, request: Any, **_: Any) -> AWSResponse:
        operation = request.headers["X-Amz-Target"].decode().rpartition(".")[2]
        asked = json.loads(request.body)
        time.sleep(self.latency)
        with self._lock:
            self.calls[operation] = self.calls.get(operation, 0) + 1
            if not self._has_token():
                self.throttled += 1
                return _response(
                    request.url, 400, {"__type": "ThrottlingException", "message": "Rate exceeded"}
                )
        refused = {"ListAccounts": not self.lists_accounts}
        refused["GetAggregateComplianceDetailsByConfigRule"] = not self.shows_details
        if refused.get(operation):
            return _response(request.url, 400, {"__type": "AccessDeniedException", "message": "no"})
        if asked.get("Filters", {}).get("AccountId") in self.unknown:
            return _response(request.url, 400, {"__type": "ValidationException", "message": "no"})
        answers: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
            "DescribeAggregateComplianceByConfigRules": self._compliance,
            "GetAggregateComplianceDetailsByConfigRule": self._details,
            "DescribeConfigurationAggregatorSourcesStatus": self._sources,
            "ListAccounts": self._accounts,
        }
        return _response(request.url, 200, answers[operation](asked))

    def _has_token(self) -> bool:
        if self.rate is None:
            return True
        now = time.monotonic()
        self._tokens = min(self.rate, self._tokens + (now - self._filled) * self.rate)
        self._filled = now
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True

    def _compliance(self, asked: dict[str, Any]) -> dict[str, Any]:
        filters = asked.get("Filters", {})
        accounts = [filters["AccountId"]] if "AccountId" in filters else self.account_ids()
        rows = [
            {
                "AccountId": each,
                "AwsRegion": REGION,
                "ConfigRuleName": self.rule_of(each),
                "Compliance": {"ComplianceType": turn[0]},
            }
            for each in accounts
            if filters.get("ConfigRuleName") in (None, self.rule_of(each)) and (turn := _turn(each))
        ]
        return _page(asked, "AggregateComplianceByConfigRules", rows, asked.get("Limit") or 1_000)

    def _details(self, asked: dict[str, Any]) -> dict[str, Any]:
        # An empty page with another behind it: AWS says that this happens.
        if int(asked["AccountId"]) % 25 == 0 and "NextToken" not in asked:
            return {"AggregateEvaluationResults": [], "NextToken": "1"}
        turn = _turn(asked["AccountId"])
        result = {
            "AccountId": asked["AccountId"],
            "AwsRegion": REGION,
            "Annotation": turn[1] if turn else "",
            "ResultRecordedTime": self.recorded_at.timestamp(),
        }
        return {"AggregateEvaluationResults": [result]}

    def _sources(self, asked: dict[str, Any]) -> dict[str, Any]:
        source = {"SourceId": "o-exampleorgid", "SourceType": "ORGANIZATION", "LastUpdateStatus": "SUCCEEDED"}
        return _page(asked, "AggregatedSourceStatusList", [source], 1_000)

    def _accounts(self, asked: dict[str, Any]) -> dict[str, Any]:
        rows = [
            {"Id": each, "Name": f"account {int(each)}", "State": "ACTIVE"} for each in self.account_ids()
        ]
        return _page(asked, "Accounts", rows, 20)


def _turn(account_id: str) -> tuple[str, str] | None:
    return TURNS[int(account_id) % len(TURNS)]


def _page(asked: dict[str, Any], key: str, rows: list[dict[str, Any]], size: int) -> dict[str, Any]:
    start = int(asked.get("NextToken", "0"))
    more = {"NextToken": str(start + size)} if start + size < len(rows) else {}
    return {key: rows[start : start + size], **more}


class _Raw(io.BytesIO):
    def stream(self, *_: Any, **__: Any) -> Any:
        yield self.read()


def _response(url: str, status: int, body: dict[str, Any]) -> AWSResponse:
    headers: Any = {"Content-Type": "application/x-amz-json-1.1"}
    return AWSResponse(url, status, headers, _Raw(json.dumps(body).encode()))
