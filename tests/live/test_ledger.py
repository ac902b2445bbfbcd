"""Whatever is made is deleted, wherever the run or its clean-up is interrupted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from root_usage_alarm.demo.scenarios import SCENARIOS
from tests.live import alarms, buses
from tests.live.conftest import ACCOUNT, REGION, sandbox_in
from tests.live.ledger import Ledger, clean, left
from tests.live.sandbox import Sandbox


def _make(sandbox: Sandbox) -> None:
    """Something of every kind."""
    topic = alarms._make_topic(sandbox)
    alarms._make_feed(sandbox, "once", {})
    alarms._make_alarm(sandbox, alarms.ALARMS[0], topic)
    buses._make(sandbox, next(each for each in buses.BUSES if each.has_role))
    next(each for each in SCENARIOS if "composite" in each.title).build(sandbox)
    sandbox.client("cloudwatch").put_alarm_mute_rule(
        Name=sandbox.named("mute"),
        Rule={"Schedule": {"Expression": "at(2026-12-01T00:00)", "Duration": "PT1H", "Timezone": "UTC"}},
    )


@dataclass
class Interruption:
    """Ctrl-C at one call from now on, before it is sent or once it was answered.

    While things are made, the end of one call is the beginning of the next.
    """

    calls_until: int = 0

    def __call__(self, **_: Any) -> None:
        self.calls_until -= 1
        if self.calls_until == 0:
            raise KeyboardInterrupt

    def during(self, work: Callable[[], None], at: int) -> bool:
        """Whether the work was interrupted, as it has so many calls."""
        self.calls_until = at
        try:
            work()
        except KeyboardInterrupt:
            return True
        finally:
            self.calls_until = 0
        return False


@pytest.fixture
def interruption(request: pytest.FixtureRequest, sandbox: Sandbox) -> Interruption:
    interruption = Interruption()
    sandbox.session.events.register(getattr(request, "param", "before-call"), interruption)
    return interruption


def test_nothing_is_left_of_a_run_that_is_interrupted_at_any_call(
    sandbox: Sandbox, folder: Path, interruption: Interruption
) -> None:
    at = 1
    while interruption.during(lambda: _make(sandbox), at):
        assert Ledger(folder / "ledger.jsonl", ACCOUNT, REGION).entries() == sandbox.ledger.entries()
        clean(sandbox, sandbox.ledger)
        assert at % 10 or left(sandbox) == []  # it asks much; what was missed would be there the next time
        at += 1
    clean(sandbox, sandbox.ledger)

    assert at > 20
    assert left(sandbox) == []


@pytest.mark.parametrize("interruption", ["before-call", "after-call"], indirect=True)
def test_clean_up_that_is_interrupted_at_any_call_is_resumed(
    sandbox: Sandbox, folder: Path, interruption: Interruption
) -> None:
    _make(sandbox)

    at, many = 1, len(sandbox.ledger.entries())
    while interruption.during(lambda: clean(sandbox, sandbox.ledger), at):
        rest = Ledger(folder / "ledger.jsonl", ACCOUNT, REGION).entries()
        assert rest == sandbox.ledger.entries()
        at, many = 1 if len(rest) < many else at + 1, len(rest)

    assert left(sandbox) == []


def test_what_is_left_is_named(folder: Path) -> None:
    _make(sandbox_in(folder))

    kinds = {each.rpartition(" ")[0] for each in left(sandbox_in(folder)) if not each.startswith("arn:")}

    assert kinds == {
        "bucket",
        "trail",
        "log group",
        "role",
        "topic",
        "alarm",
        "composite alarm",
        "mute rule",
        "queue",
        "event rule",
    }


def test_refused_deletion_stays_in_the_ledger_and_the_rest_is_deleted(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sandbox = sandbox_in(folder)
    sandbox.client("sns").create_topic(Name=sandbox.named("alarms"))
    sandbox.make_queue()

    def refuse(**_: Any) -> None:
        raise sandbox.client("sqs").exceptions.ClientError({"Error": {"Code": "AccessDenied"}}, "DeleteQueue")

    monkeypatch.setattr(sandbox.client("sqs"), "delete_queue", refuse)
    with pytest.raises(sandbox.client("sqs").exceptions.ClientError):
        clean(sandbox, sandbox.ledger)

    assert sandbox_in(folder).ledger.entries() == [("queue", "root-usage-live-people")]


def test_ledger_of_another_account_is_refused(tmp_path: Path) -> None:
    Ledger(tmp_path / "ledger", ACCOUNT, REGION).will_make("queue", "root-usage-live-people")

    with pytest.raises(ValueError, match="is of"):
        Ledger(tmp_path / "ledger", "444455556666", REGION)


def test_line_that_was_cut_off_is_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "ledger"
    Ledger(path, ACCOUNT, REGION).will_make("queue", "root-usage-live-people")
    path.write_text(path.read_text(encoding="utf-8") + '{"kind": "top', encoding="utf-8")

    ledger = Ledger(path, ACCOUNT, REGION)
    ledger.will_make("topic", "root-usage-live-alarms")

    assert Ledger(path, ACCOUNT, REGION).entries() == [
        ("topic", "root-usage-live-alarms"),
        ("queue", "root-usage-live-people"),
    ]
