"""What a run hands back, and when it counts as passed."""

from __future__ import annotations

from tests.live.table import Probe, Row, Table

PROBE = Probe("bus/control", "whether it arrives", ("arrives", "is lost"), "arrives")
PERSON = Probe("person/root", "whether it comes", ("yes", "no"), "yes", steps="sign in as root")


def test_each_outcome_is_shown_with_what_was_seen_and_what_is_assumed() -> None:
    rows = [Row(PROBE, "arrives"), Row(PROBE, "is lost"), Row(PROBE, None, "no queue"), Row(PERSON, None)]

    assert list(Table("AWS", rows).lines()) == [
        "agrees          bus/control: whether it arrives",
        "                seen: arrives; the code assumes: arrives",
        "differs         bus/control: whether it arrives",
        "                seen: is lost; the code assumes: arrives",
        "no answer       bus/control: whether it arrives",
        "                seen: -; the code assumes: arrives",
        "                no queue",
        "needs a person  person/root: whether it comes",
        "                seen: -; the code assumes: yes",
        "                sign in as root",
        "4 questions: 1 agrees, 1 differs, 1 no answer, 1 needs a person",
    ]


def test_passed_is_what_aws_answered_as_assumed_and_nothing_else() -> None:
    agrees = [Row(PROBE, "arrives"), Row(PERSON, None)]

    assert Table("AWS", agrees).passed()
    assert not Table("an emulator", agrees).passed()
    assert not Table("AWS", [*agrees, Row(PROBE, None)]).passed()
    assert not Table("AWS", [*agrees, Row(PROBE, "is lost")]).passed()
    assert not Table("AWS", [Row(PERSON, None)]).passed()
