"""`--ring`: sets the alarm to ALARM, follows what CloudWatch does about it, and sees to it that it goes back.

"Metric alarms returns to their actual state quickly, often within seconds", a composite alarm only once one
of its children changes:
https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_SetAlarmState.html
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from root_usage.aws.asking import NotOffered, Unreadable
from root_usage.aws.cloudwatch import (
    ActionHistoryOf,
    ActionRecord,
    AlarmState,
    CompositeAlarm,
    StateHistoryOf,
)
from root_usage.aws.gathering import PASSING_CODES, PassingFault
from root_usage.delivery.history import Outcome, error_of, is_about, outcome_of

from ..desk.ending import unhurried
from ..desk.progress import tell
from .clock import Clock
from .target import CannotDrill, Target

ALARM = "ALARM"
SECONDS_BETWEEN_LOOKS = 5.0  # at the history
SECONDS_BETWEEN_STATES = 15.0
# CloudWatch carries out an action within seconds of the transition, and evaluates an alarm each minute.
LONGEST_WAIT_FOR_ACTION = timedelta(minutes=2)
LONGEST_WAIT_FOR_EVALUATION = timedelta(seconds=90)
# Clocks differ; what was recorded before the drill is told apart by its content.
_SLACK = timedelta(minutes=10)

Ask = Callable[..., dict[Any, Any]]
"""Asks AWS the engine's questions, as `Gatherer.ask` does."""


class Done(Enum):
    """How an action ended, as the alarm's history has it."""

    SUCCEEDED = "succeeded"
    FAILED = "failed"
    NOT_RECORDED = "not recorded"


class Back(Enum):
    """How the alarm came out of the state that the drill had put it into."""

    BY_CLOUDWATCH = "CloudWatch put the alarm back"
    BY_DRILL = "the drill put the alarm back"
    IN_EARNEST = "the alarm is in ALARM for another reason than the drill, and was left so"


@dataclass(frozen=True, slots=True)
class Ring:
    """What came of it; times are AWS's own, of the alarm's history. `words` are AWS's on a failure."""

    started: datetime
    rang: datetime | None
    acted: datetime | None
    done: Done
    words: str
    back: Back | None = None


def ring(  # noqa: PLR0913, PLR0917 all that a ring depends on
    cloudwatch: Any, ask: Ask, target: Target, former: AlarmState, reason: str, clock: Clock
) -> Ring:
    """The alarm is put back into the state `former`, whatever is raised.

    Raises CannotDrill where nothing could be followed, or AWS doesn't let the caller set the state.
    """
    started = clock.now()
    before = _History.of(ask, target, started)
    held = _Held(cloudwatch, target, former, reason)
    with unhurried(), _in_alarm(held):
        tell("set to ALARM; following its history")
        found = _follow(ask, target, before, started, clock)
        _wait_for_return(held, clock)
    return Ring(started, *found, held.back)


@dataclass(slots=True)
class _Held:
    """The alarm, while it may be in ALARM by the drill."""

    cloudwatch: Any
    target: Target
    former: AlarmState
    reason: str
    back: Back | None = None

    def set_to(self, state: str, reason: str) -> None:
        self.cloudwatch.set_alarm_state(
            AlarmName=self.target.alarm.name, StateValue=state, StateReason=reason
        )

    def where(self) -> Back | None:
        """None while it may be in ALARM by the drill: what AWS shows may be of the moment before."""
        name, kind = self.target.alarm.name, self.target.alarm_type
        answer = self.cloudwatch.describe_alarms(AlarmNames=[name], AlarmTypes=[kind])
        for alarm in (*answer["MetricAlarms"], *answer["CompositeAlarms"]):
            state = AlarmState.from_api(alarm)
            if state.reason == self.reason or (state.value, state.reason) == self._before:
                return None
            if state.value == ALARM:
                return Back.IN_EARNEST
        return Back.BY_CLOUDWATCH

    @property
    def _before(self) -> tuple[str, str]:
        return self.former.value, self.former.reason

    def put_back(self) -> None:
        back = None
        with suppress(ClientError, BotoCoreError):  # a state that it is in already is set without consequence
            back = self.where()
        if back is None:
            self.set_to(self.former.value, f"{self.reason}: over")
        self.back = back or Back.BY_DRILL

    @property
    def by_hand(self) -> str:
        """The command that does it."""
        alarm, region = self.target.alarm.name, self.target.place.region
        words = ["aws", "cloudwatch", "set-alarm-state", "--region", region, "--alarm-name", alarm]
        return shlex.join(
            [*words, "--state-value", self.former.value, "--state-reason", f"{self.reason}: over"]
        )


@contextmanager
def _in_alarm(held: _Held) -> Iterator[None]:
    """The alarm is in ALARM within, and no more behind, however it ends."""
    try:
        try:
            held.set_to(ALARM, held.reason)
        except ClientError as error:
            if not _is_refusal(error):
                raise  # AWS's fault may have come behind the deed
            held.back = Back.BY_CLOUDWATCH  # it never left
            raise CannotDrill(f"nothing has happened: {error}") from error
        yield
    finally:
        if held.back is None:
            _put_back(held)


def _is_refusal(error: ClientError) -> bool:
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    return status < 500 and error.response["Error"]["Code"] not in PASSING_CODES


def _put_back(held: _Held) -> None:
    try:
        try:
            held.put_back()
        except BaseException:
            held.put_back()  # once more: the alarm goes back, whoever can't wait for it
            raise
    except BaseException:
        if held.back is None:
            tell(f"the alarm may be left in ALARM; put it back by:\n  {held.by_hand}")
        raise
    tell(f"{held.back.value if held.back else ''} ({held.former.value} before)")


def _wait_for_return(held: _Held, clock: Clock) -> None:
    """Gives CloudWatch the time of an evaluation; a composite alarm may never come back by itself."""
    if isinstance(held.target.alarm, CompositeAlarm):
        return
    end = clock.now() + LONGEST_WAIT_FOR_EVALUATION
    while held.where() is None and clock.now() < end:
        clock.sleep(SECONDS_BETWEEN_STATES)


@dataclass(frozen=True, slots=True)
class _History:
    """What CloudWatch has recorded of the alarm."""

    actions: frozenset[ActionRecord]
    rang: frozenset[datetime]

    @classmethod
    def of(cls, ask: Ask, target: Target, started: datetime) -> _History:
        of_actions = ActionHistoryOf(target.place, target.alarm.name)
        of_states = StateHistoryOf(target.place, target.alarm.name, started - _SLACK)
        answers = ask((of_actions, of_states))
        actions, states = answers[of_actions], answers[of_states]
        for each in (actions, states):
            if isinstance(each, Unreadable | NotOffered):
                code = each.code if isinstance(each, Unreadable) else "that there is none"
                raise CannotDrill(f"nothing could be followed: {each.call} answered {code}")
        rang = (each.timestamp for each in states.changes if each.after == ALARM)
        return cls(frozenset(actions), frozenset(rang))


def _follow(
    ask: Ask, target: Target, before: _History, started: datetime, clock: Clock
) -> tuple[datetime | None, datetime | None, Done, str]:
    """When it rang and acted, and what came of the chain's action."""
    end = clock.now() + LONGEST_WAIT_FOR_ACTION
    now = before
    while True:
        with suppress(PassingFault, BotoCoreError):  # the next look may succeed
            now = _History.of(ask, target, started)
        rang = min(now.rang - before.rang, default=None)
        for record in now.actions - before.actions:
            if is_about(record, target.action) and outcome_of(record) is not Outcome.UNCLEAR:
                failed = outcome_of(record) is Outcome.FAILED
                words = error_of(record) if failed else ""
                return rang, record.timestamp, Done.FAILED if failed else Done.SUCCEEDED, words
        if clock.now() >= end:
            return rang, None, Done.NOT_RECORDED, ""
        clock.sleep(SECONDS_BETWEEN_LOOKS)
