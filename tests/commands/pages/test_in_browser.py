"""The page as people use it, in a headless Chromium."""

from __future__ import annotations

from pathlib import Path

import pytest

from root_usage_alarm.commands.account_results import totals_of
from root_usage_alarm.commands.pages.report_page import report_page
from root_usage_alarm.commands.pages.trend import earlier_in
from root_usage_alarm.commands.results_view import as_json
from tests.commands.pages.accounts import RESULTS, SHOWN, many
from tests.commands.pages.browser import Browser

TAB, ENTER = "\ue004", "\ue007"


@pytest.fixture
def page(tmp_path: Path) -> Path:
    (tmp_path / "page.html").write_text(report_page(RESULTS, None))
    return tmp_path / "page.html"


def numbers(browser: Browser) -> list[int]:
    return [int(each) for each in browser.texts("#table tbody th")]


def test_hostile_name_stays_text_and_nothing_is_complained_of(browser: Browser, page: Path) -> None:
    browser.open(page)

    assert browser.texts("#table tbody .name")[1] == SHOWN
    assert browser.texts("title") == ["Root usage alarm: 6 accounts"]
    assert browser.run("return document.title") == "Root usage alarm: 6 accounts"
    assert browser.complaints() == []


def test_policy_keeps_a_script_of_others_from_running(browser: Browser, page: Path) -> None:
    browser.open(page)

    browser.run(
        "const script = document.createElement('script'); script.textContent = 'document.title = 1';"
        "document.body.append(script)"
    )

    assert browser.run("return document.title") == "Root usage alarm: 6 accounts"
    assert "Content Security Policy" in browser.complaints()[0]


def test_search_filter_and_show_all(browser: Browser, page: Path) -> None:
    browser.open(page)
    assert numbers(browser) == [1, 2, 3, 5, 6, 4, 4]

    browser.type("#words", "web unit")
    assert (numbers(browser), browser.texts("#shown")) == ([1], ["1 of 7 results"])
    browser.click("#reset")
    browser.click('.filter[data-value="STALE"]')
    assert numbers(browser) == [5]
    browser.click('.filter[data-value="NO_TRAIL"]')
    assert numbers(browser) == [2]
    browser.click('.filter[data-value="trail"]')
    assert numbers(browser) == [2]
    browser.click('.filter[data-value="unknown"]')
    assert (numbers(browser), browser.run("return document.activeElement.id")) == ([3], "shown")


def test_keyboard_sorts_and_the_header_says_so(browser: Browser, page: Path) -> None:
    browser.open(page)
    headers = "[...document.querySelectorAll('#table [aria-sort]')]"
    aria = f"return {headers}.map((each) => each.textContent + each.ariaSort)"
    assert browser.run(aria) == ["Resultascending"]

    browser.run("document.getElementById('reset').focus()")
    for key in (TAB, TAB, ENTER):  # past the number, to the name
        browser.press(key)
    assert (browser.run(aria), numbers(browser)) == (["Nameascending"], [2, 4, 4, 3, 1, 5, 6])
    browser.press(ENTER)
    assert (browser.run(aria), numbers(browser)) == (["Namedescending"], [1, 3, 4, 4, 2, 5, 6])


def test_each_row_has_its_chain_with_the_broken_link_marked(browser: Browser, page: Path) -> None:
    browser.open(page)

    assert browser.texts("#table .strip .broken") == ["alarm", "trail"]
    labels = "return [...document.querySelectorAll('#table .strip')].map((each) => each.ariaLabel)"
    assert browser.run(labels) == [
        "chain: breaks at alarm",
        "chain: breaks at trail",
        "chain: every link holds",
        "chain: every link holds",
    ]


def test_change_can_be_filtered_by(browser: Browser, tmp_path: Path) -> None:
    (tmp_path / "earlier.json").write_text(as_json(RESULTS[1:5], totals_of(RESULTS[1:5])))
    (tmp_path / "page.html").write_text(report_page(RESULTS, earlier_in(tmp_path / "earlier.json")))
    browser.open(tmp_path / "page.html")

    browser.click('.filter[data-value="newly broken"]')

    assert browser.texts("#table tbody .state-cell") == [
        "NON_COMPLIANTnewly broken (not in the earlier report)"
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_page_fits_its_window(browser: Browser, page: Path, width: int, scheme: str) -> None:
    browser.open(page, width, scheme)

    assert browser.run("return document.documentElement.scrollWidth") <= width
    # A row that became a card is a row to a screen reader all the same.
    assert browser.run("return document.querySelector('#table tbody tr').getAttribute('role')") == "row"


def test_ten_thousand_accounts_are_searched_whole_and_drawn_a_piece_at_a_time(
    browser: Browser, tmp_path: Path
) -> None:
    (tmp_path / "page.html").write_text(report_page(many(10_000), None))
    browser.open(tmp_path / "page.html")

    assert browser.texts("#shown") == ["10,000 of 10,000 results"]
    assert (len(numbers(browser)), browser.texts("#more")) == (200, ["Show 200 more of 9,800"])
    browser.click("#more")
    assert len(numbers(browser)) == 400
    browser.click('[data-sort="id"]')
    browser.click('[data-sort="id"]')
    assert numbers(browser)[0] == 10_000
    browser.type("#words", "unit 999")
    # 999, 1999 no, 2999 no ...: multiples of three whose digits have 999.
    assert sorted(numbers(browser)) == [each for each in range(3, 10_001, 3) if "999" in str(each)]


def test_print_has_every_row_that_is_selected(browser: Browser, tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text(report_page(many(300), None))
    browser.open(tmp_path / "page.html")
    browser.type("#words", "told")

    browser.chrome("Page.printToPDF")

    assert len(numbers(browser)) == 300
