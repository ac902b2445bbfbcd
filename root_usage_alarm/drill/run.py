"""One drill, from the rule's chain to the record: of which alarm, by whom, and what a person says of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import click
from root_usage.aws.clients import ClientFactory
from root_usage.aws.gathering import Gatherer
from root_usage.examine import Account, Examination, examine, factory_of
from root_usage.parameters import Parameters
from root_usage.verdict.findings import quote

from ..desk.consent import agreed
from ..desk.progress import busy, tell
from . import record, telling
from .clock import Clock
from .policy import RING, WATCH, policy_of
from .record import Confirmation, DrillRecord, Moment
from .ringing import ALARM, Done, Ring, ring
from .showing import shown
from .target import AlarmNow, CannotDrill, Target, alarm_now, target_of
from .watching import ACTS, EVENT, LINKS, RINGS, Watch, Watcher, WatchFile, follow


class NobodyAgreed(Exception):
    """The person said no, or there was none to ask."""


@dataclass(frozen=True, slots=True)
class Found:
    """What the rule says of the account's chain, and how its questions are asked."""

    account: Account
    parameters: Parameters
    factory: ClientFactory
    caller_arn: str
    clock: Clock
    examination: Examination
    gatherer: Gatherer

    @classmethod
    def by(
        cls, account: Account, parameters: Parameters, factory: ClientFactory, caller_arn: str, clock: Clock
    ) -> Found:
        """Has the rule look at the chain alone: that root was used is no reason against a drill."""
        parameters = replace(
            parameters,
            root_usage_lookback_days=0,
            require_root_mfa=False,
            require_no_root_access_keys=False,
        )
        examination = examine(account, parameters, factory, clock.now())
        gatherer = Gatherer(factory_of(account, parameters, factory))
        return cls(account, parameters, factory, caller_arn, clock, examination, gatherer)

    def of_alarm(self, name: str | None = None, *, anyway: bool = False) -> Drill:
        """Raises CannotDrill."""
        target = target_of(self.account, self.examination, name, anyway=anyway)
        return Drill(self, target, self.factory.build_client("cloudwatch", target.place.region))


@dataclass(frozen=True, slots=True)
class Drill:
    """A drill of one alarm, with the caller's credentials."""

    found: Found
    target: Target
    cloudwatch: Any

    def policy(self, modes: Iterable[str]) -> dict[str, Any]:
        """The IAM policy for a drill of this alarm; see `policy`."""
        actions = alarm_now(self.cloudwatch, self.target).actions
        evidence = self.found.examination.evidence
        return policy_of(self.target, actions, evidence, self.found.account.partition, modes)

    # -- ring ----------------------------------------------------------------------------------------

    def ring(self, confirmed_by: str | None, *, yes: bool) -> DrillRecord:
        """Raises CannotDrill, and NobodyAgreed where the person says no."""
        arn, clock = self.found.caller_arn, self.found.clock
        if arn.endswith(":root"):
            raise CannotDrill(
                "these are root's own credentials, and root setting the alarm's state would be a finding of "
                "the rule (ROOT_CHANGED_THE_CHAIN); ring with a role"
            )
        now = self._quiet()
        tell(f"account {self.found.account.account_id}, as {arn}")
        subscribers = telling.subscribers_of(self.found.gatherer.ask, now.actions)
        for line in telling.announcement(self.target, now, subscribers):
            tell(line)
        if not agreed("Ring it?", yes=yes):
            raise NobodyAgreed("nobody agreed, and nothing has happened")
        reason = f"drill by {arn} at {clock.now():%Y-%m-%dT%H:%M:%SZ}"
        with busy("following the alarm"):
            rung = ring(self.cloudwatch, self.found.gatherer.ask, self.target, now.state, reason, clock)
        tell(_of_action(rung.done, rung.words))
        confirmation = self._confirmation(rung.done, confirmed_by)
        notes = (rung.back.value,) if rung.back else ()
        return self._record(RING, rung.started, rung, _times_of(rung), confirmation, notes)

    def _quiet(self) -> AlarmNow:
        """The alarm, unless it is in ALARM: then nothing that is done changes its state."""
        now = alarm_now(self.cloudwatch, self.target)
        if now.state.value == ALARM:
            raise CannotDrill(
                f"alarm {quote(self.target.alarm.name)} is in ALARM already ({now.state.reason}), so it "
                "would tell nobody again; nothing was done"
            )
        return now

    # -- watch ---------------------------------------------------------------------------------------

    def watch(self, path: Path, limit: timedelta, confirmed_by: str | None) -> DrillRecord:
        """Raises CannotDrill; OSError where the file that it could be taken up from can't be written."""
        found, place = self.found, self.target.place
        run = {"account": place.account_id, "region": place.region, "alarm": self.target.alarm.name}
        kept = WatchFile(path, run)
        watch = kept.read(found.clock.now())
        if watch is None:
            self._quiet()
            watch = Watch(found.clock.now())
            kept.write(watch)
            tell(f"account {place.account_id}: sign in as root now; this ends by itself after {limit}")
        else:
            tell(f"goes on with the watch of {watch.started:%Y-%m-%d %H:%M:%S} UTC (--fresh begins anew)")
        watcher = Watcher(found.factory, found.gatherer.ask, self.target, found.account, found.clock)
        with shown(watch, found.clock) as show:

            def after_look(each: Watch) -> None:
                kept.write(each)
                show(each)

            try:
                follow(watcher, watch, limit, found.clock, after_look)
            except KeyboardInterrupt:
                tell("stopped; the same command goes on from here")
                raise
        self._sum_up(watch)
        confirmation = self._confirmation(watch.done, confirmed_by)
        begun = watch.seen[EVENT].at if EVENT in watch.seen else watch.started
        times = tuple(_moment(name, watch, begun) for name in LINKS if name in watch.seen)
        notes = tuple(f"{name} is not seen: {reason}" for name, reason in watch.unseen.items())
        made = self._record(WATCH, begun, watch, times, confirmation, notes)
        kept.discard()
        return made

    def _sum_up(self, watch: Watch) -> None:
        if EVENT not in watch.seen:
            tell("no sign-in as root was seen")
        if ACTS in watch.seen:
            tell(_of_action(watch.done, watch.words))
        if watch.total is not None:
            tell(f"{watch.total.total_seconds():.0f} s from the event to the action")
        if watch.detection is not None:
            limit = self.found.parameters.max_detection_minutes
            allowed = f", of {limit} min that MaxDetectionMinutes allows" if limit else ""
            tell(f"{watch.detection.total_seconds():.0f} s of it from the log group to ALARM{allowed}")

    # -- what came of it -----------------------------------------------------------------------------

    def _confirmation(self, done: Done, confirmed_by: str | None) -> Confirmation | None:
        """What a person says of the message; nobody is asked for one that wasn't sent."""
        if done is not Done.SUCCEEDED:
            return None
        if confirmed_by:
            return Confirmation(arrived=True, by=confirmed_by, where="", time=self._now())
        try:
            arrived = click.confirm("Did the message arrive?")
            where = click.prompt("Where, and who saw it?") if arrived else ""
        except click.Abort:
            tell("nobody to ask whether the message arrived (--confirmed-by says so beforehand)")
            return None
        return Confirmation(arrived, self.found.caller_arn, where, self._now())

    def _now(self) -> str:
        return self.found.clock.now().isoformat(timespec="seconds")

    def _record(  # noqa: PLR0913, PLR0917 all that a record says
        self,
        kind: str,
        begun: datetime,
        ended: Ring | Watch,
        times: tuple[Moment, ...],
        confirmation: Confirmation | None,
        notes: tuple[str, ...],
    ) -> DrillRecord:
        account_id, succeeded = self.found.account.account_id, ended.done is Done.SUCCEEDED
        return DrillRecord(
            kind=kind,
            time=begun.isoformat(timespec="seconds"),
            by=self.found.caller_arn,
            account_id=account_id,
            chain=record.links_of(self.target.chain, account_id),
            times=times,
            action={"arn": self.target.action, "outcome": ended.done.value, "words": ended.words},
            delivered=self._delivered(begun) if succeeded else None,
            outcome=record.outcome_of(succeeded=succeeded, confirmation=confirmation),
            confirmation=confirmation,
            limit_minutes=self.found.parameters.max_detection_minutes,
            notes=notes,
        )

    def _delivered(self, since: datetime) -> dict[str, float] | str | None:
        """What SNS counts; the record is there without it for whoever presses Ctrl-C."""
        topic = self.target.topic
        if topic is None:
            return None
        try:
            with busy("waiting for SNS's delivery metrics; Ctrl-C does without them"):
                account_id = self.found.account.account_id
                return telling.delivered(self.cloudwatch, topic, account_id, since, self.found.clock)
        except KeyboardInterrupt:
            return "nobody waited for SNS's metrics"


def _of_action(done: Done, words: str) -> str:
    return (
        f"the action {done.value}{f': {words}' if words else ''}"
        if done is not Done.NOT_RECORDED
        else ("CloudWatch has recorded no action")
    )


def _times_of(rung: Ring) -> tuple[Moment, ...]:
    begun = rung.rang or rung.started
    moments = ((RINGS, rung.rang), (ACTS, rung.acted))
    return tuple(
        Moment(link, at.isoformat(), round((at - begun).total_seconds(), 3)) for link, at in moments if at
    )


def _moment(link: str, watch: Watch, begun: datetime) -> Moment:
    seen = watch.seen[link]
    seconds = round((seen.at - begun).total_seconds(), 3)
    return Moment(link, seen.at.isoformat(), seconds, "AWS" if seen.is_exact else "first seen")
