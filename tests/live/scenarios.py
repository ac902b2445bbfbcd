"""The demo's accounts, built one after the other in a real one, and what the rule says of each."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from root_usage.aws.recording import Recorder
from root_usage.examine import Account, examine
from root_usage.parameters import parse_parameters
from root_usage.report import to_record
from root_usage.verdict.outcome import NotTold, Told

from root_usage_alarm.commands.caller import SessionClientFactory
from root_usage_alarm.demo.scenarios import BY_RULES, SCENARIOS, Scenario
from root_usage_alarm.desk import record_file
from tests.live.sandbox import Sandbox
from tests.live.table import Probe, Row

TOLD = "COMPLIANT"
EXPECTED: Mapping[str, str] = {
    "all is well": TOLD,
    "no trail at all": "NO_TRAIL",
    "the trail was stopped": "TRAIL_NOT_LOGGING",
    "the trail records changes only": "TRAIL_WITHOUT_READ_EVENTS",
    "the log group is cheap": "LOG_GROUP_CLASS",
    "no metric filter": "NO_METRIC_FILTER",
    "the filter watches sign-ins": "PATTERN_MISSES_ROOT_EVENT",
    "the filter leaves a region out": "PATTERN_MISSES_ROOT_EVENT",
    "two filters that cover only together": TOLD,
    "a filter that no regular expression knows": TOLD,
    "the filter matches everything": "PATTERN_DROWNED",
    "the alarm wants 5 events": "ALARM_THRESHOLD_TOO_HIGH",
    "the alarm takes the average": "ALARM_DILUTED",
    "the alarm ignores missing data": "ALARM_LATCHES",
    "the alarm names a unit": "ALARM_UNIT",
    "the alarm names a dimension": "ALARM_DIMENSIONS",
    "somebody disabled the alarm's actions": "ALARM_ACTIONS_DISABLED",
    "a mute rule is active": "ALARM_MUTED",
    "a composite alarm tells for it": TOLD,
    "the topic uses SNS's own key": "TOPIC_KEY_AWS_MANAGED",
    "nobody pressed the link in the mail": "SUBSCRIPTION_PENDING",
    "nobody subscribed": "NO_SUBSCRIPTION",
}
"""By hand. Those that need a rule of EventBridge in every region are a person's: one region is touched."""

PARAMETERS = {"PersonProtocols": "sqs,email"}
"""The queue stands for people, who would have to press a link."""


def scenarios(recordings: Path) -> Iterator[tuple[Probe, Callable[[Sandbox], list[Row]]]]:
    for number, scenario in enumerate(SCENARIOS, start=1):
        if scenario.parameters != BY_RULES:
            probe = Probe(
                f"scenario/{_slug(scenario.title)}",
                f"what the rule says: {scenario.title}",
                (EXPECTED[scenario.title],),
                EXPECTED[scenario.title],
                of_aws_only=False,
            )
            yield probe, _asking(probe, scenario, f"{number:02}-", recordings)


def _asking(
    probe: Probe, scenario: Scenario, number: str, recordings: Path
) -> Callable[[Sandbox], list[Row]]:
    def ask(sandbox: Sandbox) -> list[Row]:
        # A number each, as a metric of one would be data for the next one's alarm.
        own = replace(sandbox, prefix=f"{sandbox.prefix}{number}")
        sandbox.make_queue()
        scenario.build(own)
        own.wait(1)  # an alarm is warming up until it was evaluated
        seen, note = _judged(own, recordings / f"live-{_slug(scenario.title)}.jsonl")
        return [Row(probe, seen, note)]

    return ask


def _judged(sandbox: Sandbox, file: Path) -> tuple[str, str]:
    """The first finding's code, and the annotation; the record of it is in the file, masked."""
    account, now, recorder = Account(sandbox.account_id, sandbox.region), datetime.now(UTC), Recorder()
    factory = SessionClientFactory(sandbox.session)
    examination = examine(account, parse_parameters(PARAMETERS), factory, now, recorder=recorder)
    file.parent.mkdir(parents=True, exist_ok=True)
    record_file.write(file, to_record(account, PARAMETERS, now, recorder), record_file.Mask())
    match examination.verdict:
        case Told():
            return TOLD, examination.annotation
        case NotTold(findings):
            return findings[0].code.name, examination.annotation
        case other:
            return type(other).__name__, examination.annotation


def _slug(title: str) -> str:
    return re.sub("[^a-z0-9]+", "-", title.lower()).strip("-")
