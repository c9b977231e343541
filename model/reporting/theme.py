"""The one place that declares colours, fonts and sizes, for figures, charts, pages, slides and workbooks.

Matplotlib, Vega-Lite, style sheets, PowerPoint and Excel each have a way of their own to be told; the functions below
translate. This module imports no drawing library.
"""

from __future__ import annotations

from typing import Any

# Colours of data.
PALETTE = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#7A5195", "#8C564B")
"""Okabe and Ito's colour-blind safe colours (2008), two darker ones added for many scenarios."""

BETTER, WORSE, UNCLEAR = PALETTE[0], PALETTE[1], "#767676"
"""An improvement, a change for the worse, and what may be either."""
BETTER_TINT, WORSE_TINT = "#86BEDF", "#F0A987"
"""The first two so light that dark letters can be read on them."""
BASELINE, OBSERVED = "#6E6E6E", "#111111"
COST_GREYS = ("#595959", "#8C8C8C", "#BFBFBF")
"""Costs by type; benefits have colours of the palette."""
MANY_CATEGORIES = (*(PALETTE[index] for index in (0, 1, 2, 4, 5, 3, 6)), "#B8860B", "#4D4D4D")
"""Nine parts of one bar, neighbours told apart."""
DEEPENING = ("#D6E6F2", "#A9CCE3", "#6FA8CF", "#2F78AE", "#0B3C66")
"""Light to dark with rising need; legible without colour."""
RAMP = ("#eef4f9", "#9cc4de", "#4292c6", "#0b5a94", "#08306b")
DIVERGING = ("#a63603", "#f0a35e", "#f7f7f7", "#7fb2d6", "#08519c")
DIVERGING_MAP = "PuOr"
"""Matplotlib's map from orange through white to purple; colour-blind safe."""
BACKGROUND_POINTS = "#B8C7D6"
"""Many points behind those that matter."""

# Colours of text, lines and areas around the data.
INK, QUIET, PAPER = "#1b1f24", "#57606a", "#ffffff"
AXIS, ZERO, FAINT, GRID = "#999999", "#777777", "#C8C8C8", "#e6e9ec"
LINE, BAND = "#d0d7de", "#f6f8fa"
LINK, GOOD, BAD = "#0550ae", "#0a5c36", "#a40e26"
STOCK_FILL, OUTSIDE_FILL, LOWERS = "#E8F1F8", "#B9B9B9", "#A03060"
"""Of structure pictures: a stock, the world outside the model, and a link by which more of a cause means less."""

# Colours of a workbook, as financial models have them.
INPUT, AS_RUN, INPUT_FILL = "#0000FF", "#7F7F7F", "#FFF9E5"
"""Numbers that are inputs, numbers as the run gave them, and the ground of inputs."""
SHEET_HEADING, SHEET_SECTION = "#1F3864", "#D9E2F3"

# Fonts.
SCREEN_FONTS = ("system-ui", "Segoe UI", "Liberation Sans", "Arial", "DejaVu Sans")
"""Fonts of a page, the first that the reader's machine has."""
STILL_FONTS = ("Liberation Sans", "Arial", "DejaVu Sans")
"""Fonts of a still picture of a chart; as wide as each other, the last nearly so."""
FIGURE_FONT, FIGURE_FONT_STAND_IN = "DejaVu Sans", "Verdana"
"""The font that comes with Matplotlib, so that figures are the same on every machine; one as wide, for readers."""
SLIDE_FONT = "Arial"

# Sizes.
SYMBOL_POINTS, TITLE_POINTS, TEXT_POINTS, LEGEND_POINTS = 15, 12, 8, 7.5
AXIS_POINTS, NOTE_POINTS, LABEL_POINTS, SMALL_POINTS = 7, 6.5, 6, 5.5
"""Letters of a figure, from a symbol to the numbers in a cell, in points."""
A4_PORTRAIT, A4_LANDSCAPE = (8.27, 11.0), (11.7, 8.0)
"""Inches of a figure over a whole page."""
DOTS_PER_INCH = 150
PAGE_PIXELS, CHART_PIXELS, CHART_TITLE_PIXELS, CHART_SMALL_PIXELS = 16, 12, 13, 11
"""Letters of a page, and of the axes, titles and marks of its charts, in pixels."""
CHART_LINE_PIXELS = 14
"""From one line of a name beside an axis to the next."""
BAR_PIXELS = 26
"""From one bar of a chart to the next, where names take one line."""
NARROW_PIXELS = 480
"""Boxes below this width are those of phones."""
STILL_PIXELS = 760
"""Width of a still picture."""


def matplotlib_settings() -> dict[Any, Any]:
    """Return settings of Matplotlib; keys are those of its ``rcParams``."""
    return {
        "font.family": FIGURE_FONT,
        "font.size": TEXT_POINTS,
        "text.color": INK,
        "axes.titlesize": 8.5,
        "axes.titleweight": "bold",
        "axes.titlelocation": "left",
        "axes.edgecolor": AXIS,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.labelcolor": INK,
        "xtick.labelsize": AXIS_POINTS,
        "ytick.labelsize": AXIS_POINTS,
        "xtick.labelcolor": INK,
        "ytick.labelcolor": INK,
        "axes.grid": True,
        "axes.axisbelow": True,
        "grid.color": GRID,
        "grid.linewidth": 0.6,
        "legend.frameon": False,
        "svg.fonttype": "none",
        "svg.hashsalt": "bnssg",
    }


def css_fonts(fonts: tuple[str, ...] = SCREEN_FONTS, *, quote: str = "'") -> str:
    """Return a list of fonts as style sheets and drawings have it, ending in any without serifs.

    Args:
        fonts: names, the first choice first.
        quote: mark around names of several words; empty for readers that know none.
    """
    return ", ".join([*(f"{quote}{font}{quote}" if " " in font else font for font in fonts), "sans-serif"])


def css_variables() -> str:
    """Return declarations of the variables on which the style sheet of a page is built."""
    values = {
        "ink": INK,
        "quiet": QUIET,
        "paper": PAPER,
        "line": LINE,
        "band": BAND,
        "link": LINK,
        "good": GOOD,
        "bad": BAD,
        "font": css_fonts(),
        "size": f"{PAGE_PIXELS}px",
    }
    return " ".join(f"--{name}: {value};" for name, value in values.items())


def _axis_texts() -> dict[str, Any]:
    """Colours and sizes that axes, legends and headings of Vega-Lite share."""
    return {"labelColor": INK, "titleColor": QUIET, "labelFontSize": CHART_PIXELS, "titleFontSize": CHART_PIXELS}


def vega_configuration() -> dict[str, Any]:
    """Return the configuration of Vega-Lite; its expressions read the width of the box from ``box_width``."""
    return {
        "background": "white",
        "font": css_fonts(),
        "locale": {"number": NUMBER_LOCALE, "time": TIME_LOCALE},
        "view": {"stroke": None, "continuousHeight": 300, "discreteHeight": {"step": BAR_PIXELS}},
        "axis": {
            **_axis_texts(),
            "titleFontWeight": "normal",
            "gridColor": GRID,
            "domainColor": FAINT,
            "tickColor": FAINT,
            "labelPadding": 6,
            "labelLineHeight": CHART_LINE_PIXELS,
            "titlePadding": 8,
        },
        "axisLeft": {
            "titleAngle": 0,
            "titleAlign": "left",
            "titleBaseline": "bottom",
            "titleX": 0,
            "titleY": -10,
            "domain": False,
            "ticks": False,
        },
        "axisX": {"labelFlush": True, "grid": False},
        "axisQuantitative": {
            "grid": True,
            "gridColor": {"condition": {"test": "datum.value === 0", "value": QUIET}, "value": GRID},
            "tickCount": {"expr": f"box_width < {NARROW_PIXELS} ? 4 : 7"},
        },
        "axisBand": {"grid": False, "ticks": False},
        "legend": {
            **_axis_texts(),
            "orient": "top",
            "titleFontWeight": "normal",
            "labelLimit": {"expr": "box_width - 60"},
            "titleLimit": {"expr": "box_width - 60"},
            "symbolStrokeWidth": 2,
            "columnPadding": 16,
        },
        "title": {"color": INK, "fontSize": CHART_TITLE_PIXELS, "anchor": "start"},
        "header": _axis_texts(),
        "mark": {"color": PALETTE[0], "tooltip": True},
        "line": {"strokeWidth": 2.25},
        "area": {"opacity": 0.2},
        "rule": {"color": INK},
        "point": {"filled": True, "size": 70, "opacity": 0.9},
        "text": {"color": INK, "fontSize": CHART_SMALL_PIXELS},
        "range": {"category": list(PALETTE), "ramp": list(RAMP), "heatmap": list(RAMP), "diverging": list(DIVERGING)},
    }


NUMBER_LOCALE = {"decimal": ".", "thousands": ",", "grouping": [3], "currency": ["£", ""], "minus": "−"}
_MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
_DAYS = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"]
TIME_LOCALE = {
    "dateTime": "%a %e %b %X %Y",
    "date": "%d/%m/%Y",
    "time": "%H:%M:%S",
    "periods": ["AM", "PM"],
    "days": _DAYS,
    "shortDays": [name[:3] for name in _DAYS],
    "months": _MONTHS,
    "shortMonths": [name[:3] for name in _MONTHS],
}
