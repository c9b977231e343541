"""One theme: figures, charts, pages, slides and workbooks have the colours and fonts that it declares, no others."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from matplotlib.figure import Figure
from report_cases import whole_report

from model.reporting import theme
from model.reporting.figures.style import legend_above, margins, panels, rows_of, styled
from model.reporting.html.page import render
from model.reporting.names import capitalised, listed, shortened
from model.reporting.numbers import axis_number, millions, money, three_figures

REPORTING = Path(theme.__file__).parent
COLOUR = re.compile(r"#[0-9A-Fa-f]{6}\b")


def test_colours_are_declared_in_the_theme_only():
    declaring = [path.name for path in REPORTING.rglob("*.py") if COLOUR.search(path.read_text(encoding="utf-8"))]
    assert declaring == ["theme.py"]
    style = (REPORTING / "html" / "templates" / "style.css").read_text(encoding="utf-8")
    assert not COLOUR.search(style)
    assert set(re.findall(r"var\(--(\w+)\)", style)) <= set(re.findall(r"--(\w+):", theme.css_variables()))


def test_figures_charts_and_pages_share_colours():
    settings, chart, page = theme.matplotlib_settings(), theme.vega_configuration(), theme.css_variables()
    assert settings["text.color"] == chart["title"]["color"] == theme.INK
    assert f"--ink: {theme.INK};" in page
    assert settings["grid.color"] == chart["axis"]["gridColor"] == theme.GRID
    assert chart["range"]["category"] == list(theme.PALETTE)


def test_fonts_of_several_words_are_quoted_where_the_reader_knows_quotation_marks():
    assert theme.css_fonts(("Arial", "DejaVu Sans")) == "Arial, 'DejaVu Sans', sans-serif"
    assert theme.css_fonts(("Arial", "DejaVu Sans"), quote="") == "Arial, DejaVu Sans, sans-serif"
    assert f"--font: {theme.css_fonts()};" in render(whole_report())


def test_panels_that_are_not_needed_are_hidden():
    with styled():
        figure = Figure(figsize=(8.0, 6.0))
        grid = panels(figure, 4, 3)
        margins(figure, left=0.1, right=0.9, above=1.5, below=0.6)
        legend_above(figure, {"a": grid[0].plot([0, 1])[0]}, 1)
    assert len(grid) == 4
    assert [axes.get_visible() for axes in figure.axes] == [True] * 4 + [False] * 2
    assert figure.subplotpars.top == pytest.approx(0.75)
    assert figure.subplotpars.bottom == pytest.approx(0.1)
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["a"]
    assert [rows_of(count, 3) for count in (0, 1, 3, 4)] == [0, 1, 1, 2]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (millions(1_234_567.0), "1.23"),
        (millions(-4_900.0), "0"),
        (millions(-5_100.0), "−0.01"),
        (millions(12_345_678.0, 1), "12.3"),
        (money(7_400_000.0), "£7.4m"),
        (money(-80_000.0), "−£80,000"),
        (money(80_000.0, signed=True), "+£80,000"),
        (axis_number(1234567.0), "1.23457e+06"),
        (axis_number(-0.5, signed=True), "−0.5"),
        (axis_number(0.0, signed=True), "0"),
        (capitalised("nHS"), "NHS"),
        (listed(iter(["a"])), "a"),
        (shortened("abcdef", 4), "abc…"),
        (shortened("abcd", 4), "abcd"),
    ],
)
def test_amounts_and_names_as_people_read_them(text, expected):
    assert text == expected


def test_digits_by_which_the_largest_number_shows_three_figures():
    assert [three_figures([value]) for value in (-1234.0, 12.3, 0.0123, 0.0)] == [0, 1, 4, 0]
