"""What a page of a report must do in a real browser; each check on a page of its own."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
WIDE, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
PATIENCE = 20_000
"""Milliseconds after which a page counts as stuck; none takes more than a few hundred."""
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]
ALL_DRAWN = "[...document.querySelectorAll('figure.chart')].every((each) => each.dataset.state === 'drawn')"
MARKS = """(figure) => {
  const drawn = figure.querySelector('.drawing svg');
  const box = drawn.getBoundingClientRect();
  const marks = [...drawn.querySelectorAll('[class*="role-mark"] :is(path, line, text)')];
  return { width: box.width, height: box.height, marks: marks.filter((each) => each.getAttribute('d') !== '').length };
}"""
TOO_WIDE = """() => [...document.querySelectorAll('body *')]
  .filter((each) => !each.closest('.table, .unseen, .skip') && !['g', 'tspan'].includes(each.tagName))
  .filter((each) => each.getBoundingClientRect().right > innerWidth + 1)
  .map((each) => `${each.tagName} ${each.closest('[data-chart]')?.dataset.chart}: ${each.textContent.slice(0, 40)}`)"""
FOCUSED = """() => {
  const found = document.activeElement;
  const style = getComputedStyle(found);
  const seen = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2;
  return { name: found.tagName.toLowerCase(), path: found.getAttribute('class') || '', seen,
           href: found.getAttribute('href') || '', form: Boolean(found.closest('form')) };
}"""
NAMELESS = """() => [...document.querySelectorAll('select, input')].filter((each) => !each.labels.length
  || ![...each.labels].some((label) => label.textContent.trim())).length"""


@contextmanager
def opened_browser() -> Iterator[Browser]:
    """A browser without a window; the test is skipped where the machine has none."""
    api = pytest.importorskip("playwright.sync_api")
    with api.sync_playwright() as playwright:
        executable = next((path for name in NAMES if (path := shutil.which(name))), None)
        if executable is None and not Path(playwright.chromium.executable_path).exists():
            pytest.skip(f"no browser: none of {', '.join(NAMES)} is installed, nor playwright's own")
        browser = playwright.chromium.launch(executable_path=executable, args=["--no-sandbox"])
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def opened_page(browser: Browser, path: Path, size: dict[str, int] = WIDE, script: bool = True) -> Iterator[Page]:
    """The page, drawn; an error where the console says anything, a script fails, or more than the file is asked for."""
    context = browser.new_context(viewport=size, java_script_enabled=script, locale="en-GB")
    page = context.new_page()
    messages: list[str] = []
    asked: list[str] = []
    page.on("console", lambda message: messages.append(f"{message.type}: {message.text}"))
    page.on("pageerror", lambda error: messages.append(f"error: {error}"))
    page.on("request", lambda request: asked.append(request.url))
    try:
        page.goto(path.as_uri())
        if script:
            page.wait_for_function(ALL_DRAWN, timeout=PATIENCE)
        yield page
        assert not messages, messages
        beyond = [address for address in asked if address != path.as_uri() and not address.startswith("data:")]
        assert not beyond, beyond
    finally:
        context.close()


def check_page(browser: Browser, path: Path, tables: bool = True) -> None:
    """A page passes as a whole: drawn, quiet, reachable by keyboard, readable on a phone, on paper, without script.

    Rules of accessibility take long on large tables of numbers; without ``tables`` those stay closed.
    """
    with opened_page(browser, path) as page:
        check_drawn(page)
        check_names(page)
        check_rules(page, tables)
        check_keyboard(page)
    with opened_page(browser, path, PHONE) as page:
        check_drawn(page)
        check_within(page)
        check_rules(page, tables)
    with opened_page(browser, path) as page:
        check_paper(page)
    with opened_page(browser, path, script=False) as page:
        check_without_script(page)


def check_drawn(page: Page) -> None:
    """Every chart has a drawing with marks, as wide as its box allows."""
    for figure in page.query_selector_all("figure.chart"):
        name = figure.get_attribute("data-chart")
        drawn = figure.evaluate(MARKS)
        assert drawn["marks"] > 0, name
        assert drawn["height"] > 40, name
        assert drawn["width"] > 150, name
        if figure.get_attribute("data-fits") == "yes":
            width = figure.query_selector(".drawing").evaluate("(box) => box.clientWidth")
            assert abs(drawn["width"] - width) < 2, f"{name}: {drawn['width']} of {width}"


def check_names(page: Page) -> None:
    """Every control has a name, and no two elements have one key."""
    assert page.evaluate(NAMELESS) == 0
    assert page.evaluate("() => document.querySelectorAll('form.controls:empty').length") == 0
    keys = page.evaluate("() => [...document.querySelectorAll('[id]')].map((each) => each.id)")
    assert len(keys) == len(set(keys)), sorted({key for key in keys if keys.count(key) > 1})


def check_rules(page: Page, tables: bool = True) -> None:
    """No violation of the rules of accessibility, contrast of colours included; tables of numbers opened if wished."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    page.evaluate(f"document.querySelectorAll('details').forEach((each) => {{ each.open = {str(tables).lower()}; }})")
    result = axe.Axe().run(page, options={"runOnly": {"type": "tag", "values": RULES}})
    page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = false; })")
    errors = {
        violation["id"]: [node["html"][:160] for node in violation["nodes"][:3]]
        for violation in result.response["violations"]
    }
    assert not errors, errors


def check_keyboard(page: Page) -> None:
    """Tab reaches the way past the contents, the contents, controls, numbers and downloads, and shows where it is."""
    page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true; })")
    page.evaluate("() => { document.activeElement.blur(); scrollTo(0, 0); }")
    reached = []
    most = page.evaluate("() => document.querySelectorAll('a, summary, select, input, [tabindex=\"0\"]').length")
    for _ in range(most):
        page.keyboard.press("Tab")
        focused = page.evaluate(FOCUSED)
        if focused["name"] == "body":
            break
        assert focused["seen"] or focused["path"] == "skip", focused
        reached.append(focused)
    assert reached[0]["path"] == "skip"
    assert sum(element["href"].startswith("#") for element in reached) == page.locator("nav a").count() + 1
    for name, wanted in (("select", "select"), ("summary", "summary")):
        assert sum(element["name"] == name for element in reached) == page.locator(wanted).count()
    assert (
        sum(element["href"].startswith("data:text/csv") for element in reached) == page.locator("a[download]").count()
    )
    assert sum(element["form"] for element in reached) >= page.locator("form.controls").count()


def check_within(page: Page) -> None:
    """Nothing but tables, in their own boxes, is wider than the screen."""
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= page.viewport_size["width"], f"the page is {width} pixels wide"
    wider = page.evaluate(TOO_WIDE)
    assert not wider, wider


def check_paper(page: Page) -> None:
    """On paper every chart is within the page, and the file is made."""
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 690, "height": 975})
    page.wait_for_timeout(100)
    check_within(page)
    for figure in page.query_selector_all("figure.chart"):
        assert figure.evaluate(MARKS)["width"] > 150
    assert page.pdf(prefer_css_page_size=True).startswith(b"%PDF")


def check_without_script(page: Page) -> None:
    """Without its script the page shows a picture of every chart."""
    for figure in page.query_selector_all("figure.chart"):
        picture = figure.query_selector(".drawing img")
        assert picture.bounding_box()["height"] > 40
