"""Charts of a report as pictures: drawn for the page, and as files that state all by themselves."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from model.registry.extras import require_extra
from model.reporting.html.blocks import Chart, Report
from model.reporting.html.vega_lite import takes_any_width, themed
from model.reporting.theme import INK, QUIET, STILL_FONTS, STILL_PIXELS, css_fonts
from model.results.atomic_files import whole_file

DRAWN_FONTS = css_fonts(STILL_FONTS, quote="")
"""Of a still picture; the library that draws it reads no quotation marks."""
STILL_SCALE = 2.0


def first_choices(specification: Mapping[str, Any]) -> tuple[str, ...]:
    """Return what the controls of a chart are set to before anybody moves them, each in words."""
    choices = []
    for parameter in specification.get("params", ()):
        bind = parameter.get("bind")
        if not isinstance(bind, Mapping) or "input" not in bind:
            continue
        value = parameter.get("value")
        if bind["input"] == "checkbox":
            text = "yes" if value else "no"
        else:
            labels = dict(zip(bind.get("options", ()), bind.get("labels", bind.get("options", ())), strict=False))
            text = str(labels.get(value, value))
        choices.append(f"{str(bind.get('name', parameter['name'])).rstrip(': ')}: {text}")
    return tuple(choices)


def drawing(chart: Chart, width: int = STILL_PIXELS) -> str:
    """Return the chart as SVG, its controls at their first choice, without title and statement."""
    import vl_convert

    specification = themed(chart.specification)
    specification["config"]["font"] = DRAWN_FONTS
    if takes_any_width(specification):
        specification |= {"width": width, "autosize": {"type": "fit-x", "contains": "padding"}}
        specification["params"][-1]["value"] = width
    return str(vl_convert.vegalite_to_svg(specification))


def still_pictures(report: Report, folder: Path) -> list[Path]:
    """Write every chart of a report as SVG and PNG, each with its title, choice and statement in the picture.

    Args:
        report: whose charts.
        folder: where; made where it is missing.

    Returns:
        The PNG of each chart, in order; the SVG stands beside it.

    Raises:
        UserError: a file cannot be written.
    """
    import vl_convert

    paths = []
    for chart in report.charts:
        drawing = framed(chart)
        path = folder / f"{chart.name}.png"
        with whole_file(path.with_suffix(".svg")) as temporary:
            temporary.write_text(drawing, encoding="utf-8")
        with whole_file(path) as temporary:
            temporary.write_bytes(vl_convert.svg_to_png(drawing, scale=STILL_SCALE))
        paths.append(path)
    return paths


def framed(chart: Chart) -> str:
    """Return the chart as SVG with its title above and its statement below."""
    inner = drawing(chart)
    width, height = _size(inner)
    page = max(width, STILL_PIXELS) + 32
    parts: list[str] = []
    below = 16.0
    for text, size, weight, colour in (
        (chart.title, 18, "bold", INK),
        (chart.alt, 13, "normal", QUIET),
        (" · ".join(first_choices(chart.specification)), 13, "bold", INK),
    ):
        below = _lines(parts, text, below, page, size, weight, colour)
    below += 10
    parts.append(inner.replace("<svg ", f'<svg x="16" y="{below:.0f}" ', 1))
    below += height + 8
    for name, text in chart.statement.rows:
        below = _lines(parts, f"{name}: {text}", below, page, 11, "normal", QUIET)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{page:.0f}" height="{below + 14:.0f}" '
        f'viewBox="0 0 {page:.0f} {below + 14:.0f}" role="img" aria-label="{_attribute(chart.title)}">'
        f'<rect width="100%" height="100%" fill="white"/>{"".join(parts)}</svg>'
    )


@lru_cache(maxsize=1)
def library() -> str:
    """Return the drawing library of the page: Vega, Vega-Lite and Vega-Embed, for a script element."""
    require_extra("report", "a page with charts")
    import vl_convert

    bundle = vl_convert.javascript_bundle()  # type: ignore[call-arg]  # The stubs of the library lack its default.
    return re.sub(r"<(/script|!--)", r"\\x3c\1", bundle, flags=re.IGNORECASE)


def _lines(parts: list[str], text: str, top: float, width: float, size: float, weight: str, colour: str) -> float:
    """Add text in lines as wide as the picture; returns where the next may begin."""
    letters = int((width - 32) / (size * (0.56 if weight == "bold" else 0.52)))
    for line in textwrap.wrap(text, letters):
        top += size * 1.3
        parts.append(
            f'<text x="16" y="{top:.1f}" font-family="{DRAWN_FONTS}" font-size="{size}" font-weight="{weight}" '
            f'fill="{colour}">{escape(line)}</text>'
        )
    return top


def _attribute(text: str) -> str:
    return escape(text, {'"': "&quot;"})


def _size(drawing: str) -> tuple[float, float]:
    """Width and height of a drawing, in pixels."""
    width, height = (re.search(rf'<svg[^>]* {side}="([\d.]+)"', drawing) for side in ("width", "height"))
    if width is None or height is None:
        raise ValueError("the drawing does not say how large it is")
    return float(width[1]), float(height[1])
