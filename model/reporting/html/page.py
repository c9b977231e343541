"""A report as one HTML file that asks nothing of any network; readable on a phone, on paper and without its script."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import json
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from model.registry.errors import Exit, UserError
from model.reporting.html.blocks import Chart, Picture, Report
from model.reporting.html.charts import drawing, first_choices, library
from model.reporting.html.vega_lite import takes_any_width, themed
from model.reporting.theme import FIGURE_FONT, FIGURE_FONT_STAND_IN, css_variables
from model.results.atomic_files import whole_file

if TYPE_CHECKING:
    from jinja2 import Environment
    from markupsafe import Markup

TEMPLATES = Path(__file__).resolve().parent / "templates"
PAGE = "page.html.j2"
SCRIPT = "charts.js"
MEDIA = {".svg": "image/svg+xml", ".png": "image/png"}
DRAWN_IN = f"font-family: '{FIGURE_FONT}'".encode()
READ_IN = f"font-family: '{FIGURE_FONT}', {FIGURE_FONT_STAND_IN}, sans-serif".encode()
"""Letters of a figure are set by the reader's machine, which may lack its font."""


def anchor(title: str) -> str:
    """Return the name by which a link reaches the section of a title."""
    return re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")


def embedded(picture: Picture) -> str:
    """Return a figure as the address that holds it whole.

    Raises:
        UserError: no such file, or neither PNG nor SVG.
    """
    drawing = picture.path.with_suffix(".svg")
    path = drawing if drawing.is_file() else picture.path
    if path.suffix not in MEDIA:
        raise UserError("a figure of a report is PNG or SVG.", file=path)
    try:
        content = path.read_bytes()
    except OSError as error:
        raise UserError(f"cannot read the figure: {error.strerror}.", file=path, code=Exit.MISSING_FILE) from error
    content = content.replace(DRAWN_IN, READ_IN) if path.suffix == ".svg" else content
    return _address(MEDIA[path.suffix], content)


def still(chart: Chart) -> str:
    """Return a chart as the address of a picture of it, for readers whose program runs no script."""
    return _address(MEDIA[".svg"], drawing(chart).encode())


def specified(specification: Mapping[str, Any]) -> Markup:
    """Return the themed specification of a chart as JSON that a script element can hold."""
    from markupsafe import Markup

    text = json.dumps(themed(specification), ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return Markup(text.replace("<", "\\u003c"))


def numbers(chart: Chart) -> str:
    """Return the numbers of a chart as CSV: numbers that a spreadsheet reads, then a free line and the statement."""
    lines = io.StringIO()
    writer = csv.writer(lines)
    writer.writerow([column.heading for column in chart.table.shown])
    writer.writerows([_readable(cell.text) for cell in row] for row in chart.table.cells)
    writer.writerow([])
    writer.writerows(chart.statement.rows)
    return lines.getvalue()


def downloaded(chart: Chart) -> str:
    """Return the address of the numbers of a chart, marked so that spreadsheets read letters beyond ASCII."""
    text = "\ufeff" + numbers(chart)
    return f"data:text/csv;charset=utf-8,{quote(text)}"


def breakable(text: str) -> Markup:
    """Return escaped text whose registered names may be broken after a dot, an underscore or a bar."""
    from markupsafe import Markup, escape

    return Markup(re.sub(r"(?<=[a-z])([._|])(?=[a-z])", r"\1<wbr>", str(escape(text))))


def policy(scripts: Sequence[str]) -> str:
    """Return what the page may do: draw what is in it, and run the very scripts that were written into it."""
    hashes = (base64.b64encode(hashlib.sha256(script.encode()).digest()).decode("ascii") for script in scripts)
    allowed = " ".join(f"'sha256-{digest}'" for digest in hashes) or "'none'"
    return (
        f"default-src 'none'; script-src {allowed}; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; "
        "form-action 'none'"
    )


def _readable(text: str) -> str:
    """A number without thousands and with a minus that spreadsheets know; other text as it is."""
    plain = text.replace(",", "").replace("−", "-")
    try:
        float(plain)
    except ValueError:
        return text
    return plain


def _address(media: str, content: bytes) -> str:
    return f"data:{media};base64,{base64.b64encode(content).decode('ascii')}"


@lru_cache(maxsize=1)
def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "anchor": anchor,
        "breakable": breakable,
        "embedded": embedded,
        "still": still,
        "themed": specified,
        "takes_any_width": takes_any_width,
        "first_choices": first_choices,
        "downloaded": downloaded,
    }
    return environment


def render(report: Report) -> str:
    """Return the page as text, every text in it escaped, every figure within it; a script only with a chart.

    Raises:
        UserError: a figure cannot be read.
    """
    script = (TEMPLATES / SCRIPT).read_text(encoding="utf-8")
    scripts = [library(), script] if report.charts else []
    return (
        _environment()
        .get_template(PAGE)
        .render(report=report, scripts=scripts, policy=policy(scripts), css_variables=css_variables())
    )


def write_report(report: Report, path: Path) -> Path:
    """Write the page, whole or not at all.

    Raises:
        UserError: a figure cannot be read, or the page not be written.
    """
    text = render(report)
    with whole_file(path) as temporary:
        temporary.write_text(text, encoding="utf-8")
    return path
