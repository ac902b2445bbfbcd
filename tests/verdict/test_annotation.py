"""The sentence in AWS Config: whole words, at most 256 characters, the reason first."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from root_usage.verdict.annotation import LIMIT, annotation_of, ascii_of, code_in
from root_usage.verdict.findings import Code, Finding, Link, quote
from root_usage.verdict.outcome import Chain, NotTold, ReportedElsewhere, Station, Told

from root_usage_alarm.remediation.steps.shared import judged

LONG_NAME = "production-security-baseline-" + "x" * 220 + "-root-usage"


def finding(name: str = "root-usage") -> Finding:
    return Finding(
        Code.ALARM_ACTIONS_DISABLED,
        name,
        f"alarm {quote(name)}: its actions are disabled, so no one is told",
        "enable its actions",
    )


def subscribed(count: int, account_id: str | None = None) -> Station:
    return Station(Link.SUBSCRIBER, str(count), account_id, record=count)


def chain(alarm: str = "root-usage", subscribers: int = 2) -> Chain:
    steps = (Station(Link.ALARM, alarm), Station(Link.ACTION, "security"), subscribed(subscribers))
    return Chain(steps, worst_minutes=6, protocols=("email", "sms"))


def placed_chain(alarms: str | None, topics: str | None) -> Chain:
    steps = (
        Station(Link.ALARM, "a", alarms),
        Station(Link.ACTION, "t", topics),
        subscribed(1, topics),
    )
    return Chain(steps)


def test_annotation_says_what_is_broken_what_follows_and_what_to_do() -> None:
    assert annotation_of(NotTold((finding(),))) == (
        "alarm `root-usage`: its actions are disabled, so no one is told. Enable its actions "
        "[ALARM_ACTIONS_DISABLED]"
    )


def test_annotation_counts_the_other_findings() -> None:
    others = (finding(), finding("second"), finding("third"))

    assert annotation_of(NotTold(others)) == (
        "alarm `root-usage`: its actions are disabled, so no one is told. Enable its actions "
        "(2 more findings) [ALARM_ACTIONS_DISABLED]"
    )


def test_long_name_is_shortened_in_its_middle_and_nothing_else_is() -> None:
    annotation = annotation_of(NotTold((finding(LONG_NAME),)))

    assert len(annotation) == LIMIT
    assert annotation.startswith("alarm `production-security-baseline-xxxxx")
    assert annotation.endswith(
        "xx-root-usage`: its actions are disabled, so no one is told. Enable its actions "
        "[ALARM_ACTIONS_DISABLED]"
    )


def test_remedy_is_worth_more_than_a_whole_name() -> None:
    # 6 + 52 + 29 + 2 + 147 + 25 = 261 characters: the name gives up five of its fifty, and two for dots.
    alarm = Finding(
        Code.ALARM_ACTIONS_DISABLED,
        "x",
        f"alarm {quote('a' * 25 + 'z' * 25)} is silent, so nobody is told",
        "mend it" + " now" * 35,
    )

    assert annotation_of(NotTold((alarm,))) == (
        f"alarm `{'a' * 21}..{'z' * 22}` is silent, so nobody is told. Mend it{' now' * 35} "
        "[ALARM_ACTIONS_DISABLED]"
    )


def test_remedy_that_can_not_fit_is_left_out() -> None:
    finding = Finding(Code.NO_TRAIL, "x", "nothing is told", "mend it " * 40)

    assert annotation_of(NotTold((finding,))) == "nothing is told [NO_TRAIL]"


def undecided(reason: str, remedy: str = "use the CIS pattern") -> Finding:
    return Finding(
        Code.NO_TRAIL,
        "x",
        f"cannot verify filter `root-usage-filter` ({reason})",
        remedy,
        account_id="444455556666",
        short_message="cannot verify filter `root-usage-filter`",
    )


@pytest.mark.parametrize(
    ("finding", "annotation"),
    [
        pytest.param(
            undecided("why " * 20),
            "in account 444455556666: cannot verify filter `root-usage-filter` "
            f"({'why ' * 20}). Use the CIS pattern [NO_TRAIL]",
            id="not-where-the-reason-fits",
        ),
        pytest.param(
            undecided("why" * 57),
            "444455556666: cannot verify filter `root-..filter` "
            f"({'why' * 57}). Use the CIS pattern [NO_TRAIL]",
            id="not-where-it-fits-beside-a-shortened-name",
        ),
        pytest.param(
            undecided("why " * 50),
            "in account 444455556666: cannot verify filter `root-usage-filter`. "
            "Use the CIS pattern [NO_TRAIL]",
            id="for-the-remedy",
        ),
        pytest.param(
            undecided("why", "mend it" + " now" * 50),
            "in account 444455556666: cannot verify filter `root-usage-filter` (why) [NO_TRAIL]",
            id="not-where-the-remedy-does-not-fit-either",
        ),
    ],
)
def test_short_message_stands_in_for_the_reason(finding: Finding, annotation: str) -> None:
    assert annotation_of(NotTold((finding,))) == annotation


def test_other_findings_are_counted_behind_a_short_message_too() -> None:
    annotation = annotation_of(NotTold((undecided("why " * 50), finding())))

    assert annotation.endswith(". Use the CIS pattern (1 more finding) [NO_TRAIL]")


def test_sentence_that_can_not_fit_ends_with_a_whole_word() -> None:
    endless = Finding(Code.NO_TRAIL, "x", "nothing is told " * 40, "mend it")

    annotation = annotation_of(NotTold((endless,)))

    # The dots and " [NO_TRAIL]" leave 242 characters: the sentence fifteen times, without its last blank.
    assert annotation == "nothing is told " * 14 + "nothing is told... [NO_TRAIL]"


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        pytest.param("wurzel-überwachung", "wurzel-überwachung", id="umlaut"),
        pytest.param("ルート利用", "ルート利用", id="katakana"),
        pytest.param("root \U0001f6a8", "root ?", id="what-some-count-twice"),
        pytest.param("a\u202eb\n", "a?b?", id="control-characters"),
    ],
)
def test_name_is_shown_as_it_is_where_it_can_be_read(name: str, shown: str) -> None:
    assert annotation_of(NotTold((finding(name),))).startswith(f"alarm `{shown}`: ")


def test_long_name_of_wide_characters_is_shortened_to_256_bytes() -> None:
    """98 bytes stand around the name, so 158 are left: 52 characters of 3 bytes, and the two dots."""
    annotation = annotation_of(NotTold((finding("監" * 100),)))

    assert annotation == (
        f"alarm `{'監' * 26}..{'監' * 26}`: its actions are disabled, so no one is told. "
        "Enable its actions [ALARM_ACTIONS_DISABLED]"
    )
    assert len(annotation.encode()) <= LIMIT


def test_account_leads_where_it_is_not_the_evaluated_one() -> None:
    assert annotation_of(NotTold((replace(finding(), account_id="444455556666"),))) == (
        "in account 444455556666: alarm `root-usage`: its actions are disabled, so no one is told. "
        "Enable its actions [ALARM_ACTIONS_DISABLED]"
    )


def test_account_that_the_message_names_does_not_lead_as_well() -> None:
    named = Finding(
        Code.NO_TRAIL, "x", "trail of account 444455556666 is off", "start it", account_id="444455556666"
    )

    assert annotation_of(NotTold((named,))) == "trail of account 444455556666 is off. Start it [NO_TRAIL]"


def test_account_in_a_name_is_not_taken_for_the_account() -> None:
    """The name may be shortened, and needn't mean that account."""
    alarm = replace(finding("account 444455556666"), account_id="444455556666")

    assert annotation_of(NotTold((alarm,))).startswith("in account 444455556666: alarm `account 4444")


def test_remedy_is_worth_more_than_words_around_the_account() -> None:
    # 14 + 15 + 2 + 215 + 11 = 257 characters with the account's number alone, 268 with all of it.
    long = Finding(Code.NO_TRAIL, "x", "nothing is told", "m" * 214, account_id="444455556666")

    assert annotation_of(NotTold((long,))) == f"444455556666: nothing is told. M{'m' * 213} [NO_TRAIL]"


def test_sentence_about_root_is_added_where_it_fits() -> None:
    assert annotation_of(NotTold((finding(),)), "root last used 2026-11-20 (console)") == (
        "alarm `root-usage`: its actions are disabled, so no one is told. Enable its actions "
        "[ALARM_ACTIONS_DISABLED]; root last used 2026-11-20 (console)"
    )


def test_sentence_about_root_is_left_out_where_it_does_not_fit() -> None:
    whole = annotation_of(NotTold((finding(LONG_NAME),)))

    assert annotation_of(NotTold((finding(LONG_NAME),)), "root last used 2026-11-20 (console)") == whole


def test_compliant_annotation_names_alarm_topic_and_subscribers() -> None:
    assert annotation_of(Told((chain(),))) == (
        "root use is told: alarm `root-usage` -> topic `security` -> 2 confirmed subscribers (email, sms)"
    )


@pytest.mark.parametrize(
    ("verdict", "annotation"),
    [
        pytest.param(
            Told((chain(subscribers=1),), ("it also matches failed sign-ins",)),
            "root use is told: alarm `root-usage` -> topic `security` -> 1 confirmed subscriber (email, sms)"
            "; note: it also matches failed sign-ins",
            id="with-a-note",
        ),
        pytest.param(
            Told((chain(), chain("second"))),
            "root use is told: alarm `root-usage` (1 of 2 alarms that cover root use together) -> "
            "topic `security` -> 2 confirmed subscribers (email, sms)",
            id="several-alarms-together",
        ),
        pytest.param(
            Told((chain(),), ("n" * 300, "m")),
            "root use is told: alarm `root-usage` -> topic `security` -> 2 confirmed subscribers (email, sms)"
            "; 2 notes in the log",
            id="notes-that-do-not-fit-are-counted",
        ),
        pytest.param(
            Told(
                (
                    Chain(
                        (
                            Station(Link.ALARM, "a"),
                            Station(Link.ACTION, "arn:x"),
                            subscribed(0),
                        )
                    ),
                )
            ),
            "root use is told: alarm `a` -> action `arn:x`",
            id="an-action-without-subscribers",
        ),
        pytest.param(
            Told((placed_chain("444455556666", "444455556666"),)),
            "root use is told: alarm `a` of account 444455556666 -> topic `t` -> 1 confirmed subscriber",
            id="all-in-another-account",
        ),
        pytest.param(
            Told((placed_chain(None, "444455556666"),)),
            "root use is told: alarm `a` -> topic `t` of account 444455556666 -> 1 confirmed subscriber",
            id="topic-of-another-account",
        ),
        pytest.param(
            Told((placed_chain("444455556666", "777788889999"),)),
            "root use is told: alarm `a` of account 444455556666 -> topic `t` of account 777788889999 -> "
            "1 confirmed subscriber",
            id="topic-of-a-third-account",
        ),
        pytest.param(
            Told((placed_chain("444455556666", None),)),
            "root use is told: alarm `a` of account 444455556666 -> topic `t` of this account -> "
            "1 confirmed subscriber",
            id="own-topic-of-another-account's-alarm",
        ),
        pytest.param(
            ReportedElsewhere("eu-west-1"),
            "root usage alarm: this account is reported in eu-west-1 (ReportingRegion)",
            id="reported-elsewhere",
        ),
    ],
)
def test_annotation(verdict: Told | ReportedElsewhere, annotation: str) -> None:
    assert annotation_of(verdict) == annotation


names = st.text(max_size=300) | st.sampled_from(["[NO_TRAIL]", "a [NO_TRAIL]; root", "` [NO_TRAIL]"])


@given(
    st.lists(names, min_size=1, max_size=4),
    st.text(max_size=200),
    st.sampled_from(Code),
    st.sampled_from(["", "root last used 2026-11-20 (console)"]),
)
def test_annotation_is_printable_and_fits_and_has_its_code_whatever_the_names(
    names: list[str], remedy: str, code: Code, about_root: str
) -> None:
    message = "alarm " + " and ".join(quote(name) for name in names)

    annotation = annotation_of(NotTold((Finding(code, names[0], message, remedy),)), about_root)

    assert code_in(annotation) is code
    assert judged("NON_COMPLIANT", annotation)["Code"] == code.name  # the document's, which has no engine
    assert 1 <= len(annotation.encode()) <= LIMIT
    assert annotation.isprintable()
    assert max(annotation) <= "\uffff"
    assert ascii_of(annotation).isascii()
    assert len(ascii_of(annotation)) == len(annotation)


@pytest.mark.parametrize(
    "annotation",
    [
        pytest.param("", id="none"),
        pytest.param("root use is told: alarm `a [NO_TRAIL]`", id="name-that-poses-as-a-code"),
        pytest.param("root use is told: alarm `a` -> action `b` [A_CODE_OF_TOMORROW]", id="unknown-code"),
    ],
)
def test_annotation_that_is_not_about_a_finding_has_no_code(annotation: str) -> None:
    assert code_in(annotation) is None
