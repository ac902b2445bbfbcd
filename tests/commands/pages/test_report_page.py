"""The page of an organization: what it counts, and that foreign text stays text on it."""

from __future__ import annotations

import re
from base64 import b64encode
from hashlib import sha256
from importlib.resources import files

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from root_usage.verdict.findings import Code, Link

from root_usage_alarm.commands.account_results import AccountResult
from root_usage_alarm.commands.pages.links import Standing, strip_of
from root_usage_alarm.commands.pages.rendering import visible
from root_usage_alarm.commands.pages.report_page import reason_and_remedy, report_page
from tests.commands.pages.accounts import RESULTS, SHOWN, UNIT
from tests.commands.pages.parsed import Page


@pytest.fixture(scope="module")
def page() -> Page:
    return Page(report_page(RESULTS, None))


def test_accounts_are_counted_once_by_what_is_known_of_them(page: Page) -> None:
    assert page.texts("h2")[0] == "6 accounts"
    cards = [each for each in page.all("button") if each.attributes.get("data-filter") == "state"]
    assert [(each.text.split()[0], each.attributes["data-value"]) for each in cards] == [
        ("3", "NON_COMPLIANT"),
        ("1", "STALE"),
        ("1", "NO_RESULT"),
        ("1", "COMPLIANT"),
    ]


def test_each_link_has_the_number_of_accounts_that_break_there(page: Page) -> None:
    buttons = [each.attributes | {"text": each.text.strip()} for each in page.all("button", class_="filter")]

    shown = {each["data-value"]: each["text"] for each in buttons if each["data-filter"] in {"link", "code"}}
    assert {value: re.sub(r"\D", "", text) for value, text in shown.items()} == {
        "trail": "1",
        "NO_TRAIL": "1",
        "alarm": "1",
        "ALARM_UNIT": "1",
        "unknown": "1",
    }
    assert page.texts("h3") == [
        "the rule itself",
        "trail",
        "log group",
        "metric filter",
        "alarm",
        "EventBridge rule",
        "action or target",
        "subscriber",
        "root user",
    ]


def test_row_has_reason_and_remedy_as_the_annotation_says_them(page: Page) -> None:
    assert page.rows[0] == {
        "id": "000000000001",
        "name": "web 10",
        "region": "eu-west-1",
        "state": "NON_COMPLIANT",
        "link": "alarm",
        "code": "ALARM_UNIT",
        "at": "2026-11-20T02:00:00+00:00",
        "reason": "alarm `root. Usage`: watches unit Count, so nobody is told",
        "remedy": "Delete the alarm's unit",
        "change": "",
        "before": "",
    }
    assert [each["state"] for each in page.rows[5:]] == ["STALE", "NO_RESULT"]
    assert [each["reason"] for each in page.rows[5:]] == ["no result since", "the rule has no result here"]


@pytest.mark.parametrize(
    ("annotation", "code", "parts"),
    [
        pytest.param(UNIT, "", (UNIT, ""), id="without-a-code"),
        pytest.param("no trail [NO_TRAIL]", "NO_TRAIL", ("no trail", ""), id="without-a-remedy"),
        pytest.param(
            "no trail. Make one (1 more finding) [NO_TRAIL]; root last used 2026-11-20 (console)",
            "NO_TRAIL",
            ("no trail", "Make one (1 more finding); root last used 2026-11-20 (console)"),
            id="with-more",
        ),
        pytest.param(
            "alarm `a [NO_TRAIL]` is off. Switch on [NO_TRAIL]",
            "NO_TRAIL",
            ("alarm `a [NO_TRAIL]` is off", "Switch on"),
            id="code-in-a-name",
        ),
        pytest.param("alarm `a. B is cut [NO_TRAIL]", "NO_TRAIL", ("alarm `a. B is cut", ""), id="name-cut"),
    ],
)
def test_annotation_is_taken_apart(annotation: str, code: str, parts: tuple[str, str]) -> None:
    assert reason_and_remedy(annotation, code) == parts


@pytest.mark.parametrize("code", Code)
def test_every_codes_chain_has_its_link_marked_and_no_other(code: Code) -> None:
    assert [each.standing for each in strip_of(code.link)].count(Standing.BROKEN) == 1


def test_chain_goes_the_way_that_the_broken_link_is_on() -> None:
    assert [(each.label, each.standing.name) for each in strip_of(Link.EVENT_RULE)] == [
        ("trail", "AHEAD"),
        ("EventBridge rule", "BROKEN"),
        ("action or target", "BEHIND"),
        ("subscriber", "BEHIND"),
    ]
    assert [each.label for each in strip_of(Link.ALARM)][:4] == [
        "trail",
        "log group",
        "metric filter",
        "alarm",
    ]


def test_hostile_name_stays_text(page: Page) -> None:
    assert page.rows[1]["name"] == SHOWN
    assert [each.attributes for each in page.all("script")] == [
        {"type": "application/json", "id": "data"},
        {},
    ]
    assert page.texts("title") == ["Root usage alarm: 6 accounts"]


names = st.text(max_size=40) | st.lists(
    st.sampled_from(["</script>", "<!--", "\u202e", '"', "'", "&lt;", "{{"])
).map("".join)


@settings(max_examples=20)
@given(names, names)
def test_no_name_adds_an_element(name: str, annotation: str) -> None:
    plain = Page(report_page([AccountResult("1", "r", "NON_COMPLIANT", "a", name="b")], None))
    foreign = Page(report_page([AccountResult("1", "r", "NON_COMPLIANT", annotation, name=name)], None))

    assert [(each.tag, each.attributes) for each in foreign.elements] == [
        (each.tag, each.attributes) for each in plain.elements
    ]
    assert (foreign.rows[0]["name"], foreign.rows[0]["reason"]) == (visible(name), visible(annotation))


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        pytest.param("a\u202eb\u2066c", "a\\u202eb\\u2066c", id="direction"),
        pytest.param("a\nb\x00", "a\\nb\\x00", id="control"),
        pytest.param("\ud800", "\\ud800", id="half-a-character"),
        pytest.param(
            "\u062d\u0633\u0627\u0628\u200f \u65e5\u672c",
            "\u062d\u0633\u0627\u0628\u200f \u65e5\u672c",
            id="other-scripts",
        ),
    ],
)
def test_what_can_not_be_seen_is_shown_as_its_escape(name: str, shown: str) -> None:
    assert visible(name) == shown


def test_policy_admits_the_pages_own_script_and_style_and_nothing_else(page: Page) -> None:
    (policy,) = [each.attributes["content"] for each in page.all("meta") if "http-equiv" in each.attributes]
    (style,), (script,) = page.all("style"), [each for each in page.all("script") if not each.attributes]

    assert policy == (
        f"default-src 'none'; script-src {hashed(script.text)}; style-src {hashed(style.text)}; "
        "base-uri 'none'; form-action 'none'"
    )


def hashed(text: str) -> str:
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"


def test_page_needs_nothing_from_elsewhere(page: Page) -> None:
    forbidden = {"src", "href", "style", "srcset", "action"}

    assert page.source.isascii()
    assert [each for each in page.elements if each.attributes.keys() & forbidden] == []
    assert [name for each in page.elements for name in each.attributes if name.startswith("on")] == []
    assert re.findall(r"url\(|@import|https?://", page.source) == []


def test_table_tells_its_structure(page: Page) -> None:
    (caption,) = page.texts("caption")

    assert caption.startswith("Results, account by account.")
    headers = [each for each in page.all("th") if each.attributes["scope"] == "col"]
    assert len(headers) == 7
    assert [each.text for each in page.all("button") if "data-sort" in each.attributes] == [
        "Number",
        "Name",
        "Region",
        "Result",
        "Breaks at",
        "Recorded",
    ]


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_text_stands_out_from_what_is_behind_it(theme: int) -> None:
    """4.5 to 1 for text, 3 to 1 for lines: https://www.w3.org/TR/WCAG22/#contrast-minimum."""
    style = files("root_usage_alarm.commands.pages").joinpath("templates/page.css").read_text()
    colours = dict(re.findall(r"--(\w+): #(\w{6});", style.split("}")[theme]))

    for behind in ("paper", "panel"):
        ratios = {
            each: contrast(colours[each], colours[behind]) for each in colours.keys() - {"paper", "panel"}
        }
        assert {each for each, ratio in ratios.items() if ratio < (3 if each == "line" else 4.5)} == set()


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: str) -> float:
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in (int(colour[at : at + 2], 16) / 255 for at in (0, 2, 4))
    )
    return float(0.2126 * red + 0.7152 * green + 0.0722 * blue)
