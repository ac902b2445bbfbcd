"""`--watch`: waits for a real event of root's and follows it, link by link, with a time for each.

Times are AWS's own where it gives one; of the event history and of the datapoint it is known only when they
were first seen. Nothing is changed.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from root_usage.aws.arn import Place
from root_usage.aws.asking import NotOffered, Question, Unreadable
from root_usage.aws.clients import ClientFactory
from root_usage.aws.cloudwatch import ActionHistoryOf, Metric, MetricAlarm, StateHistoryOf
from root_usage.aws.event_history import LookupBy, RootEventsSince, read_root_events
from root_usage.aws.gathering import PassingFault
from root_usage.coverage.root_activity import SIGN_IN_REGIONS
from root_usage.delivery.history import Outcome, error_of, is_about, outcome_of
from root_usage.examine import Account

from .clock import Clock
from .ringing import ALARM, Ask, Done
from .target import Target

EVENT, HISTORY, LOG_GROUP, METRIC, RINGS, ACTS = (
    "event",
    "event history",
    "log group",
    "metric",
    "alarm",
    "alarm action",
)
LINKS = (EVENT, HISTORY, LOG_GROUP, METRIC, RINGS, ACTS)

SECONDS_BETWEEN_LOOKS = 15.0
# https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html: two requests a second.
SECONDS_BETWEEN_REGIONS = 0.5
YOUNG = timedelta(hours=6)
"""How old a watch may be that is taken up again."""


@dataclass(frozen=True, slots=True)
class Seen:
    """When a link was passed; `is_exact` where AWS says so, else when it was first seen."""

    at: datetime
    is_exact: bool = True


@dataclass(slots=True)
class Watch:
    """How far the event has come, and why a link can't be seen."""

    started: datetime
    seen: dict[str, Seen] = field(default_factory=dict)
    unseen: dict[str, str] = field(default_factory=dict)
    done: Done = Done.NOT_RECORDED
    words: str = ""

    @property
    def is_over(self) -> bool:
        """The event history may come last, and is no link of the chain."""
        return ACTS in self.seen and EVENT in self.seen

    @property
    def total(self) -> timedelta | None:
        """From the event to the action."""
        return self._between(EVENT, ACTS)

    @property
    def detection(self) -> timedelta | None:
        """From the event's arrival in the log group to the ALARM state, which MaxDetectionMinutes limits."""
        return self._between(LOG_GROUP, RINGS)

    def _between(self, first: str, last: str) -> timedelta | None:
        if first in self.seen and last in self.seen:
            return self.seen[last].at - self.seen[first].at
        return None

    def to_json(self) -> dict[str, Any]:
        seen = {name: [each.at.isoformat(), each.is_exact] for name, each in self.seen.items()}
        return {
            "started": self.started.isoformat(),
            "seen": seen,
            "done": self.done.value,
            "words": self.words,
        }

    @classmethod
    def from_json(cls, found: Mapping[str, Any]) -> Watch:
        """Raises KeyError, TypeError or ValueError."""
        seen = {
            name: Seen(datetime.fromisoformat(at), bool(is_exact))
            for name, (at, is_exact) in found["seen"].items()
            if name in LINKS
        }
        started = datetime.fromisoformat(found["started"])
        return cls(started, seen, {}, Done(found["done"]), str(found["words"]))


class WatchFile:
    """Keeps a watch while it lasts, so that an interrupted one is taken up again. Raises OSError."""

    def __init__(self, path: Path, run: Mapping[str, str]) -> None:
        self._path = path
        self._run = dict(run)

    def read(self, now: datetime) -> Watch | None:
        """None where there is none of this run, or an old one."""
        try:
            found = json.loads(self._path.read_text(encoding="utf-8"))
            watch = Watch.from_json(found["watch"]) if found["run"] == self._run else None
            return watch if watch and timedelta() <= now - watch.started <= YOUNG else None
        except (FileNotFoundError, ValueError, KeyError, TypeError, AttributeError):
            return None

    def write(self, watch: Watch) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        part = self._path.with_name(f"{self._path.name}.part")
        part.write_text(json.dumps({"run": self._run, "watch": watch.to_json()}), encoding="utf-8")
        part.replace(self._path)

    def discard(self) -> None:
        self._path.unlink(missing_ok=True)


class Watcher:
    """Looks at every link that the event hasn't been seen at."""

    def __init__(
        self, factory: ClientFactory, ask: Ask, target: Target, account: Account, clock: Clock
    ) -> None:
        self._ask = ask
        self._target = target
        self._account_id = account.account_id
        self._clock = clock
        regions = SIGN_IN_REGIONS.get(account.partition, (target.place.region,))
        self._histories = {each: factory.build_client("cloudtrail", each) for each in regions}
        self._logs = factory.build_client("logs", target.log_group.place.region)
        self._cloudwatch = factory.build_client("cloudwatch", target.place.region)

    def look(self, watch: Watch) -> None:
        """Adds what has come since; a fault that passes leaves it to the next look."""
        looks: dict[str, Callable[[Watch], None]] = {
            HISTORY: self._event_history,
            LOG_GROUP: self._log_group,
            METRIC: self._metric,
            RINGS: self._alarm,
            ACTS: self._action,
        }
        for link, look in looks.items():
            if link not in watch.seen:
                watch.unseen.pop(link, None)
                try:
                    look(watch)
                except (ClientError, BotoCoreError, PassingFault) as error:
                    watch.unseen[link] = str(error)

    def _event_history(self, watch: Watch) -> None:
        found: list[datetime] = []
        for number, (region, client) in enumerate(self._histories.items()):
            if number:
                self._clock.sleep(SECONDS_BETWEEN_REGIONS)
            place = Place(self._account_id, region)
            question = RootEventsSince(place, watch.started, by=LookupBy.CONSOLE_SIGN_IN)
            answer = read_root_events(client, question, self._clock.sleep)
            if isinstance(answer, Unreadable):
                watch.unseen[HISTORY] = f"{answer.call} answered {answer.code} in {region}"
            else:
                found += [each.time for each in answer.events if each.time >= _second(watch.started)]
        if found:
            watch.seen[HISTORY] = Seen(self._clock.now(), is_exact=False)
            watch.seen.setdefault(EVENT, Seen(min(found)))

    def _log_group(self, watch: Watch) -> None:
        pages = self._logs.get_paginator("filter_log_events").paginate(
            logGroupName=self._target.log_group.name,
            filterPattern=self._target.metric_filter.pattern,
            startTime=_milliseconds(watch.started),
        )
        found = [each for page in pages for each in page["events"]]
        events = [
            (at, each) for each in found if (at := self._time_of(each)) and at >= _second(watch.started)
        ]
        if events:
            at, first = min(events, key=lambda each: each[0])
            watch.seen[LOG_GROUP] = Seen(datetime.fromtimestamp(first["ingestionTime"] / 1000, UTC))
            watch.seen[EVENT] = Seen(at)

    def _time_of(self, event: Mapping[str, Any]) -> datetime | None:
        """None where it is another account's, whose events an organization's log group holds too."""
        with suppress(ValueError, KeyError, TypeError):
            record = json.loads(event["message"])
            if record["userIdentity"].get("accountId", self._account_id) == self._account_id:
                return datetime.fromisoformat(record["eventTime"].replace("Z", "+00:00"))
        return None

    def _metric(self, watch: Watch) -> None:
        metric_filter = self._target.metric_filter
        answer = self._cloudwatch.get_metric_statistics(
            Namespace=metric_filter.metric_namespace,
            MetricName=metric_filter.metric_name,
            Dimensions=[{"Name": name, "Value": value} for name, value in sorted(self._dimensions())],
            StartTime=watch.started.replace(second=0, microsecond=0),
            EndTime=self._clock.now() + timedelta(minutes=1),
            Period=60,
            Statistics=["Maximum"],
        )
        if any(each["Maximum"] != metric_filter.default_value for each in answer["Datapoints"]):
            watch.seen[METRIC] = Seen(self._clock.now(), is_exact=False)

    def _dimensions(self) -> frozenset[tuple[str, str]]:
        """As the alarm names them: the filter only has the selectors of their values."""
        alarm, wanted = self._target.alarm, self._target.metric_filter
        metrics: tuple[Metric, ...] = alarm.metrics if isinstance(alarm, MetricAlarm) else ()
        names = (wanted.metric_namespace, wanted.metric_name)
        return next((m.dimensions for m in metrics if (m.namespace, m.name) == names), frozenset())

    def _alarm(self, watch: Watch) -> None:
        question = StateHistoryOf(self._target.place, self._target.alarm.name, watch.started)
        answer = self._answer(question, RINGS, watch)
        times = [each.timestamp for each in answer.changes if each.after == ALARM] if answer else []
        if times:
            watch.seen[RINGS] = Seen(min(times))

    def _action(self, watch: Watch) -> None:
        answer = self._answer(ActionHistoryOf(self._target.place, self._target.alarm.name), ACTS, watch)
        for record in sorted(answer or (), key=lambda each: each.timestamp):
            outcome = outcome_of(record)
            is_ours = record.timestamp >= watch.started and is_about(record, self._target.action)
            if is_ours and outcome is not Outcome.UNCLEAR:
                failed = outcome is Outcome.FAILED
                watch.done = Done.FAILED if failed else Done.SUCCEEDED
                watch.words = error_of(record) if failed else ""
                watch.seen[ACTS] = Seen(record.timestamp)
                return

    def _answer(self, question: Question[Any], link: str, watch: Watch) -> Any:
        answer = self._ask((question,))[question]
        if isinstance(answer, Unreadable | NotOffered):
            code = answer.code if isinstance(answer, Unreadable) else "that there is none"
            watch.unseen[link] = f"{answer.call} answered {code}"
            return None
        return answer


def follow(
    watcher: Watcher, watch: Watch, limit: timedelta, clock: Clock, show: Callable[[Watch], None]
) -> Watch:
    """Looks until the event has come to the action, or the limit is over; once at least.

    `show` gets the watch after each look.
    """
    while True:
        watcher.look(watch)
        show(watch)
        if watch.is_over or clock.now() - watch.started >= limit:
            return watch
        clock.sleep(SECONDS_BETWEEN_LOOKS)


def _second(moment: datetime) -> datetime:
    """CloudTrail's times have no fractions."""
    return moment.replace(microsecond=0)


def _milliseconds(moment: datetime) -> int:
    return int(_second(moment).timestamp() * 1000)
