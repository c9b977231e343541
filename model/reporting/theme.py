"""The house theme of charts: fonts, colours, and how legends and names fold where there is little room.

A themed specification has a parameter ``room``, the width of its box in pixels, which the page sets.
"""

from __future__ import annotations

import math
import re
import textwrap
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from model.reporting.figures.style import FAINT, INK, PALETTE

QUIET = "#57606a"
GRID = "#e6e9ec"
FONT = "system-ui, 'Segoe UI', 'Liberation Sans', Arial, 'DejaVu Sans', sans-serif"
STILL_WIDTH = 760
"""Width of a still picture, in pixels."""
NARROW = 480
"""Boxes below this width, in pixels, are those of phones."""
LETTER = 6.3
"""Width of a letter of 12 pixels, on the mean, in pixels."""
LETTERS, LETTERS_NARROW = 34, 17
"""Letters in a line of the name of a bar, and of one on a phone."""
LINE = 14
"""Height of a line of such a name, in pixels."""
COMPOSITES = ("concat", "hconcat", "vconcat", "facet", "repeat")
CHANNELS_OF_LEGENDS = ("color", "fill", "stroke", "shape", "strokeDash", "opacity", "size")


def folded(letters: str) -> str:
    """The label of an axis in lines of at most so many letters, words kept whole; an expression of Vega."""
    return f"split(trim(replace(datum.label, regexp('(.{{1,' + ({letters}) + '}})(\\\\s+|$)', 'g'), '$1\\n')), '\\n')"


CONFIGURATION: dict[str, Any] = {
    "background": "white",
    "font": FONT,
    "locale": {
        "number": {"decimal": ".", "thousands": ",", "grouping": [3], "currency": ["£", ""], "minus": "−"},
        "time": {
            "dateTime": "%a %e %b %X %Y",
            "date": "%d/%m/%Y",
            "time": "%H:%M:%S",
            "periods": ["AM", "PM"],
            "days": ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"],
            "shortDays": ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"],
            "months": [
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
            ],
            "shortMonths": ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"],
        },
    },
    "view": {"stroke": None, "continuousHeight": 300, "discreteHeight": {"step": 26}},
    "axis": {
        "labelColor": INK,
        "titleColor": QUIET,
        "labelFontSize": 12,
        "titleFontSize": 12,
        "titleFontWeight": "normal",
        "gridColor": GRID,
        "domainColor": FAINT,
        "tickColor": FAINT,
        "labelPadding": 6,
        "labelLineHeight": LINE,
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
        "tickCount": {"expr": f"room < {NARROW} ? 4 : 7"},
    },
    "axisBand": {"grid": False, "ticks": False},
    "legend": {
        "orient": "top",
        "labelColor": INK,
        "titleColor": QUIET,
        "labelFontSize": 12,
        "titleFontSize": 12,
        "titleFontWeight": "normal",
        "labelLimit": {"expr": "room - 60"},
        "titleLimit": {"expr": "room - 60"},
        "symbolStrokeWidth": 2,
        "columnPadding": 16,
    },
    "title": {"color": INK, "fontSize": 13, "anchor": "start"},
    "header": {"labelColor": INK, "titleColor": QUIET, "labelFontSize": 12, "titleFontSize": 12},
    "mark": {"color": PALETTE[0], "tooltip": True},
    "line": {"strokeWidth": 2.25},
    "area": {"opacity": 0.2},
    "rule": {"color": INK},
    "point": {"filled": True, "size": 70, "opacity": 0.9},
    "text": {"color": INK, "fontSize": 11},
    "range": {
        "category": list(PALETTE),
        "ramp": ["#eef4f9", "#9cc4de", "#4292c6", "#0b5a94", "#08306b"],
        "heatmap": ["#eef4f9", "#9cc4de", "#4292c6", "#0b5a94", "#08306b"],
        "diverging": ["#a63603", "#f0a35e", "#f7f7f7", "#7fb2d6", "#08519c"],
    },
}


def themed(specification: Mapping[str, Any]) -> dict[str, Any]:
    """A specification in the house theme; its own settings go before those of the theme.

    The names of bars fold into lines, and bars are as high as their names; a height in pixels is left as it is.
    """
    themed = _plain(specification)
    themed.pop("$schema", None)
    own = themed.pop("config", {})
    themed["config"] = _over(CONFIGURATION, own)
    legend = themed["config"]["legend"]
    legend.setdefault("columns", {"expr": f"max(1, floor((room - {_left(themed)}) / {_legend_width(themed)}))"})
    legend.setdefault("offset", 30 if _titled_height(themed) else 12)
    themed["params"] = [*themed.get("params", ()), {"name": "room", "value": STILL_WIDTH}]
    _fold_names(themed)
    return themed


def fits(specification: Mapping[str, Any]) -> bool:
    """Whether a chart takes any width: one of several views has its own."""
    return not any(key in specification for key in COMPOSITES) and not any(
        channel in encoding for encoding in _encodings(specification) for channel in ("row", "column", "facet")
    )


def _plain(value: Any) -> Any:
    """A copy that JSON can hold: numbers of the machine as plain ones, what is no number as nothing."""
    if isinstance(value, Mapping):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, np.ndarray | np.generic):
        value = value.tolist()
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_plain(each) for each in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _over(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """Two settings merged, those above before those below."""
    merged = {key: _over(each, {}) if isinstance(each, Mapping) else each for key, each in below.items()}
    for key, each in above.items():
        nested = isinstance(each, Mapping) and isinstance(merged.get(key), dict)
        merged[key] = _over(merged[key], each) if nested else each
    return merged


def _views(specification: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """A specification, its layers, and the views within it."""
    yield specification
    for key in ("layer", "concat", "hconcat", "vconcat"):
        for each in specification.get(key, ()):
            yield from _views(each)
    if isinstance(specification.get("spec"), Mapping):
        yield from _views(specification["spec"])


def _encodings(specification: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for view in _views(specification):
        yield view.get("encoding", {})


def _texts(specification: Mapping[str, Any], field: str) -> set[str]:
    """The values of a field in all data that a specification holds."""
    tables = [view["data"].get("values", ()) for view in _views(specification) if isinstance(view.get("data"), Mapping)]
    tables += list(specification.get("datasets", {}).values())
    return {str(row[field]) for rows in tables for row in rows if isinstance(row, Mapping) and field in row}


def _legend_width(specification: Mapping[str, Any]) -> int:
    """Pixels that one entry of a legend takes at most."""
    longest = 0
    for encoding in _encodings(specification):
        for channel in CHANNELS_OF_LEGENDS:
            place = encoding.get(channel) or {}
            legend, field = place.get("legend", {}), place.get("field")
            if legend is None or not isinstance(field, str):
                continue
            # Where an expression gives the labels, they are the texts in it.
            said = re.findall(r'"((?:[^"\\]|\\.)*)"', legend.get("labelExpr", ""))
            domain = (place.get("scale") or {}).get("domain")
            known = domain if isinstance(domain, list) else _texts(specification, field)
            longest = max([longest, *(len(str(each)) for each in said or known)])
    return int(longest * LETTER) + 40


def _left(specification: Mapping[str, Any]) -> int:
    """Pixels that names or numbers of an upright axis take at most, which a legend above the chart leaves free."""
    places = [encoding.get("y") or {} for encoding in _encodings(specification)]
    named = any(place.get("type") in ("nominal", "ordinal") and place.get("axis", {}) is not None for place in places)
    return int(LETTERS_NARROW * LETTER) + 20 if named else 60


def _titled_height(specification: Mapping[str, Any]) -> bool:
    """Whether a title stands above the upright axis, where a legend must leave it room."""
    places = [encoding["y"] for encoding in _encodings(specification) if isinstance(encoding.get("y"), Mapping)]
    return any(
        "field" in place
        and place.get("title", "") is not None
        and place.get("axis", {}) is not None
        and (place.get("axis") or {}).get("title", "") is not None
        for place in places
    )


def _fold_names(specification: dict[str, Any]) -> None:
    """Fold the names of bars: those that lie are as high as their names on a phone, those that stand stand apart.

    A height in pixels is left as it is, and the names beside it too.
    """
    free = not isinstance(specification.get("height"), int | float)
    lying = folded(f"room < {NARROW} ? {LETTERS_NARROW} : {LETTERS}")
    lines = 0
    for encoding in _encodings(specification):
        for channel in ("x", "y"):
            place = encoding.get(channel) or {}
            axis, field = place.get("axis", {}), place.get("field")
            named = place.get("type") in ("nominal", "ordinal") and isinstance(field, str)
            if not named or axis is None or "labelExpr" in axis:
                continue
            names = _texts(specification, field)
            if channel == "x":
                place["axis"] = {**_standing(names), **axis}
            elif free:
                place["axis"] = {"labelLimit": 0, **axis, "labelExpr": lying}
                lines = max([lines, *map(_lines_on_a_phone, names)])
    if lines:
        asked = specification.get("height") or {}
        step = max(asked.get("step", 0), CONFIGURATION["view"]["discreteHeight"]["step"], lines * LINE + 8)
        specification["height"] = {**asked, "step": step}


def _standing(names: Collection[str]) -> dict[str, Any]:
    """An axis of names below bars: folded where their longest word has room, else slanted."""
    longest = max((len(word) for name in names for word in name.split()), default=1)
    each = f"(room - 100) / {max(len(names), 1) * LETTER}"
    flat = f"{each} >= {longest}"
    return {
        "labelExpr": f"{flat} ? {folded(f'floor({each})')} : datum.label",
        "labelAngle": {"expr": f"{flat} ? 0 : -40"},
        "labelAlign": {"expr": f"{flat} ? 'center' : 'right'"},
        "labelBaseline": {"expr": f"{flat} ? 'top' : 'middle'"},
        "labelLimit": 170,
        "labelOverlap": False,
        "labelFlush": False,
    }


def _lines_on_a_phone(name: str) -> int:
    return len(textwrap.wrap(name, LETTERS_NARROW, break_long_words=False))
