"""Vega-Lite specifications in the theme of the package: legends and names fold where there is little room.

A themed specification has a parameter ``box_width``, the width of its box in pixels, which the page sets.
"""

from __future__ import annotations

import math
import re
import textwrap
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from model.reporting.theme import BAR_PIXELS, CHART_LINE_PIXELS, NARROW_PIXELS, STILL_PIXELS, vega_configuration

LETTER_PIXELS = 6.3
"""Width of a letter of 12 pixels, on the mean."""
NAME_LETTERS, NAME_LETTERS_NARROW = 34, 17
"""Letters in a line of the name of a bar, and of one on a phone."""
COMPOSITES = ("concat", "hconcat", "vconcat", "facet", "repeat")
LEGEND_CHANNELS = ("color", "fill", "stroke", "shape", "strokeDash", "opacity", "size")


def themed(specification: Mapping[str, Any]) -> dict[str, Any]:
    """Return a specification in the theme of the package; its own settings override those of the theme.

    The names of bars fold into lines, and bars are as high as their names; a height in pixels is left as it is.
    """
    themed = _plain(specification)
    themed.pop("$schema", None)
    overrides = themed.pop("config", {})
    themed["config"] = _merged(vega_configuration(), overrides)
    legend = themed["config"]["legend"]
    columns = f"max(1, floor((box_width - {_names_width(themed)}) / {_legend_width(themed)}))"
    legend.setdefault("columns", {"expr": columns})
    legend.setdefault("offset", 30 if _has_height_title(themed) else 12)
    themed["params"] = [*themed.get("params", ()), {"name": "box_width", "value": STILL_PIXELS}]
    _fold_names(themed)
    return themed


def takes_any_width(specification: Mapping[str, Any]) -> bool:
    """Whether a chart takes any width: one of several views has its own."""
    return not any(key in specification for key in COMPOSITES) and not any(
        channel in encoding for encoding in _encodings(specification) for channel in ("row", "column", "facet")
    )


def _plain(value: Any) -> Any:
    """Return a copy that JSON can hold: NumPy numbers as plain ones, numbers that are not finite as None."""
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, np.ndarray | np.generic):
        value = value.tolist()
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_plain(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _merged(defaults: Mapping[str, Any], overrides: Mapping[str, Any]) -> dict[str, Any]:
    """Merge two nested settings; the second overrides the first."""
    merged = {key: _merged(item, {}) if isinstance(item, Mapping) else item for key, item in defaults.items()}
    for key, item in overrides.items():
        nested = isinstance(item, Mapping) and isinstance(merged.get(key), dict)
        merged[key] = _merged(merged[key], item) if nested else item
    return merged


def _views(specification: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """A specification, its layers, and the views within it."""
    yield specification
    for key in ("layer", "concat", "hconcat", "vconcat"):
        for view in specification.get(key, ()):
            yield from _views(view)
    if isinstance(specification.get("spec"), Mapping):
        yield from _views(specification["spec"])


def _encodings(specification: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for view in _views(specification):
        yield view.get("encoding", {})


def _field_texts(specification: Mapping[str, Any], field: str) -> set[str]:
    """The values of a field in all data that a specification holds."""
    tables = [view["data"].get("values", ()) for view in _views(specification) if isinstance(view.get("data"), Mapping)]
    tables += list(specification.get("datasets", {}).values())
    return {str(row[field]) for rows in tables for row in rows if isinstance(row, Mapping) and field in row}


def _legend_width(specification: Mapping[str, Any]) -> int:
    """Pixels that one entry of a legend takes at most."""
    longest = 0
    for encoding in _encodings(specification):
        for channel in LEGEND_CHANNELS:
            definition = encoding.get(channel) or {}
            legend, field = definition.get("legend", {}), definition.get("field")
            if legend is None or not isinstance(field, str):
                continue
            # Where an expression gives the labels, they are the texts in it.
            labels = re.findall(r'"((?:[^"\\]|\\.)*)"', legend.get("labelExpr", ""))
            domain = (definition.get("scale") or {}).get("domain")
            values = domain if isinstance(domain, list) else _field_texts(specification, field)
            longest = max([longest, *(len(str(label)) for label in labels or values)])
    return int(longest * LETTER_PIXELS) + 40


def _names_width(specification: Mapping[str, Any]) -> int:
    """Pixels that names or numbers of an upright axis take at most, which a legend above the chart leaves free."""
    definitions = [encoding.get("y") or {} for encoding in _encodings(specification)]
    named = any(
        definition.get("type") in ("nominal", "ordinal") and definition.get("axis", {}) is not None
        for definition in definitions
    )
    return int(NAME_LETTERS_NARROW * LETTER_PIXELS) + 20 if named else 60


def _has_height_title(specification: Mapping[str, Any]) -> bool:
    """Whether a title stands above the upright axis, where a legend must leave it room."""
    definitions = [encoding["y"] for encoding in _encodings(specification) if isinstance(encoding.get("y"), Mapping)]
    return any(
        "field" in definition
        and definition.get("title", "") is not None
        and definition.get("axis", {}) is not None
        and (definition.get("axis") or {}).get("title", "") is not None
        for definition in definitions
    )


def _fold_names(specification: dict[str, Any]) -> None:
    """Fold the names of bars; bars that lie get the height that their names have on a phone.

    A height in pixels is left as it is, and the names beside it too.
    """
    free = not isinstance(specification.get("height"), int | float)
    lying = _folded_label(f"box_width < {NARROW_PIXELS} ? {NAME_LETTERS_NARROW} : {NAME_LETTERS}")
    lines = 0
    for encoding in _encodings(specification):
        for channel in ("x", "y"):
            definition = encoding.get(channel) or {}
            axis, field = definition.get("axis", {}), definition.get("field")
            if definition.get("type") not in ("nominal", "ordinal") or not isinstance(field, str):
                continue
            if axis is None or "labelExpr" in axis:
                continue
            names = _field_texts(specification, field)
            if channel == "x":
                definition["axis"] = {**_standing_names(names), **axis}
            elif free:
                definition["axis"] = {"labelLimit": 0, **axis, "labelExpr": lying}
                lines = max([lines, *map(_lines_on_a_phone, names)])
    if lines:
        height = specification.get("height") or {}
        step = max(height.get("step", 0), BAR_PIXELS, lines * CHART_LINE_PIXELS + 8)
        specification["height"] = {**height, "step": step}


def _folded_label(letters: str) -> str:
    """Vega expression: the label of an axis in lines of at most so many letters, words kept whole."""
    return f"split(trim(replace(datum.label, regexp('(.{{1,' + ({letters}) + '}})(\\\\s+|$)', 'g'), '$1\\n')), '\\n')"


def _standing_names(names: Collection[str]) -> dict[str, Any]:
    """An axis of names below bars: folded where their longest word has room, else slanted."""
    longest = max((len(word) for name in names for word in name.split()), default=1)
    letters = f"(box_width - 100) / {max(len(names), 1) * LETTER_PIXELS}"
    flat = f"{letters} >= {longest}"
    return {
        "labelExpr": f"{flat} ? {_folded_label(f'floor({letters})')} : datum.label",
        "labelAngle": {"expr": f"{flat} ? 0 : -40"},
        "labelAlign": {"expr": f"{flat} ? 'center' : 'right'"},
        "labelBaseline": {"expr": f"{flat} ? 'top' : 'middle'"},
        "labelLimit": 170,
        "labelOverlap": False,
        "labelFlush": False,
    }


def _lines_on_a_phone(name: str) -> int:
    return len(textwrap.wrap(name, NAME_LETTERS_NARROW, break_long_words=False))
