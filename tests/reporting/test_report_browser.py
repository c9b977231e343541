"""The page of a report in a real browser: drawn, quiet, alone, reachable, readable at every width."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from browser_checks import (
    PHONE,
    check_drawn,
    check_keyboard,
    check_names,
    check_paper,
    check_rules,
    check_within,
    check_without_script,
    opened_browser,
    opened_page,
)
from report_cases import PACKAGES, bars, whole_report

from model.reporting.html.blocks import Paragraphs, Report, Section
from model.reporting.html.page import write_report

SHAPES = """(name) => [...document.querySelectorAll(`figure[data-chart=${name}] [class*="role-mark"] :is(path, line)`)]
  .map((each) => ['d', 'transform', 'opacity'].map((name) => each.getAttribute(name)).join(' ')).join('|')"""


@pytest.fixture(scope="module")
def browser():
    with opened_browser() as opened:
        yield opened


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    return write_report(whole_report(), tmp_path_factory.mktemp("report") / "page.html")


def test_every_chart_is_drawn_and_the_page_passes_the_rules(browser, path):
    with opened_page(browser, path) as page:
        assert page.locator("figure.chart svg").count() == len(whole_report().charts) == 6
        check_drawn(page)
        check_names(page)
        check_rules(page)


def test_the_keyboard_reaches_everything(browser, path):
    with opened_page(browser, path) as page:
        check_keyboard(page)
        page.evaluate("() => { document.activeElement.blur(); scrollTo(0, 0); }")
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement.id") == "main_text"


def test_a_phone_shows_all_within_its_width(browser, path):
    with opened_page(browser, path, PHONE) as page:
        check_drawn(page)
        check_within(page)
        check_rules(page)


def test_charts_take_the_width_that_there_is(browser, path):
    with opened_page(browser, path) as page:
        for width in (700, 1100):
            page.set_viewport_size({"width": width, "height": 800})
            page.wait_for_function(
                "(width) => { const box = document.querySelector('figure[data-chart=fan] .drawing');"
                "return Math.abs(box.querySelector('svg').getBoundingClientRect().width - box.clientWidth) < 2"
                " && box.clientWidth > width - 80; }",
                arg=width,
            )


def test_paper_and_readers_without_script(browser, path):
    with opened_page(browser, path) as page:
        check_paper(page)
    with opened_page(browser, path, script=False) as page:
        check_without_script(page)
        assert page.locator("figure.chart .drawing img").count() == 6


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("fan", lambda figure: figure.get_by_label("Result").select_option("Waiting list")),
        ("waterfall", lambda figure: figure.get_by_label("from zero").check()),
        ("bars", lambda figure: figure.get_by_label("Show intervals").uncheck()),
        ("scatter", lambda figure: figure.get_by_label("North Somerset").press("Space")),
    ],
    ids=["select", "radio", "checkbox", "keyboard"],
)
def test_a_choice_changes_what_is_drawn_in_its_own_chart_only(browser, path, name, change):
    with opened_page(browser, path) as page:
        before = {chart: page.evaluate(SHAPES, chart) for chart in ("fan", "waterfall", "bars", "scatter", "heat")}
        chosen = page.locator("input:checked").count()
        change(page.locator(f"figure[data-chart={name}]"))
        page.wait_for_function(f"(before) => ({SHAPES})('{name}') !== before", arg=before[name], timeout=5000)
        for other in set(before) - {name}:
            assert page.evaluate(SHAPES, other) == before[other]
        # Radio buttons of two charts are two groups, though their parameters have one name.
        assert page.locator("input:checked").count() == chosen - (name == "bars")


def test_a_tip_is_escaped_and_has_no_needless_decimals(browser, path):
    with opened_page(browser, path) as page:
        figure = page.locator("figure[data-chart=scatter]")
        points = figure.locator("[class*=mark-symbol][class*=role-mark] path")
        assert points.count() == len(PACKAGES)
        for index, name, cost in ((0, PACKAGES[0], "1.235"), (2, PACKAGES[2], "21.23")):
            points.nth(index).hover()
            page.wait_for_function("document.querySelector('#vg-tooltip-element.visible')", timeout=5000)
            text = page.locator("#vg-tooltip-element").inner_text()
            assert name in text
            assert cost in text
            page.mouse.move(1, 1)


def test_the_numbers_can_be_taken_as_csv(browser, path):
    with opened_page(browser, path) as page:
        figure = page.locator("figure[data-chart=bars]")
        figure.locator("summary").press("Enter")
        with page.expect_download() as waited:
            figure.get_by_role("link").press("Enter")
        assert waited.value.suggested_filename == "bars.csv"
        text = Path(waited.value.path()).read_text(encoding="utf-8-sig")
    rows = list(csv.reader(io.StringIO(text)))
    assert rows[:3] == [
        ["Package", "Beds", "80%"],
        ["Home first", "-12", "−16 to −8"],
        ["Retention", "4.25", "0.25 to 8.25"],
    ]
    assert dict(rows[4:])["Unit"] == bars().statement.unit


def test_a_page_without_charts_has_no_script_and_passes(browser, tmp_path):
    sections = (Section("First", (Paragraphs(("One.",)),)), Section("Second", (Paragraphs(("Two.",)),)))
    report = Report("Words", "only", sections)
    path = write_report(report, tmp_path / "words.html")
    assert "<script" not in path.read_text(encoding="utf-8")
    with opened_page(browser, path) as page:
        check_rules(page)
        check_keyboard(page)


def test_the_page_may_ask_nothing_of_a_network_nor_run_what_was_not_written_into_it(browser, path):
    page = browser.new_page()
    page.goto(path.as_uri())
    refused = page.evaluate("""async () => {
      const refused = [];
      addEventListener('securitypolicyviolation', (error) => refused.push(error.effectiveDirective));
      const picture = new Image();
      picture.src = 'http://127.0.0.1:9/picture.png';
      const script = document.createElement('script');
      script.textContent = 'window.foreign = true';
      document.body.append(picture, script);
      await fetch('http://127.0.0.1:9/').catch(() => {});
      await new Promise((done) => setTimeout(done, 100));
      return { refused: refused.sort(), foreign: Boolean(window.foreign) };
    }""")
    page.close()
    assert refused == {"refused": ["connect-src", "img-src", "script-src-elem"], "foreign": False}
