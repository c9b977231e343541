"""A report as one HTML file: no network, no script; figures within; readable on a phone and on paper."""

from __future__ import annotations

import base64
import re
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from model.registry.errors import Exit, UserError
from model.reports.blocks import Picture, Report
from model.results.files import written_whole

if TYPE_CHECKING:
    from jinja2 import Environment
    from markupsafe import Markup

TEMPLATES = Path(__file__).resolve().parent / "templates"
PAGE = "page.html.j2"
MEDIA = {".svg": "image/svg+xml", ".png": "image/png"}
DRAWN_IN = b"font-family: 'DejaVu Sans'"
READ_IN = b"font-family: 'DejaVu Sans', Verdana, sans-serif"
"""Letters of a drawing are set by the reader's machine, which may lack its font; Verdana is as wide."""


def anchor(title: str) -> str:
    """Name by which a link reaches the section of a title."""
    return re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")


def embedded(picture: Picture) -> str:
    """A figure as the address that holds it whole.

    Raises:
        UserError: no such file, or neither PNG nor SVG.
    """
    drawn = picture.path.with_suffix(".svg")
    path = drawn if drawn.is_file() else picture.path
    if path.suffix not in MEDIA:
        raise UserError("a figure of a report is PNG or SVG.", file=path)
    try:
        content = path.read_bytes()
    except OSError as fault:
        raise UserError(f"cannot read the figure: {fault.strerror}.", file=path, code=Exit.MISSING_FILE) from fault
    content = content.replace(DRAWN_IN, READ_IN) if path.suffix == ".svg" else content
    return f"data:{MEDIA[path.suffix]};base64,{base64.b64encode(content).decode('ascii')}"


def breakable(text: str) -> Markup:
    """Escaped text whose registered names may be broken after a dot, an underscore or a bar."""
    from markupsafe import Markup, escape

    return Markup(re.sub(r"(?<=[a-z])([._|])(?=[a-z])", r"\1<wbr>", str(escape(text))))


@lru_cache(maxsize=1)
def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True,
    )  # fmt: skip
    environment.filters["anchor"] = anchor
    environment.filters["breakable"] = breakable
    environment.filters["embedded"] = embedded
    return environment


def render(report: Report) -> str:
    """The page as text; every text in it escaped, every figure within it.

    Raises:
        UserError: a figure cannot be read.
    """
    return _environment().get_template(PAGE).render(report=report)


def write_report(report: Report, path: Path) -> Path:
    """Write the page, whole or not at all.

    Raises:
        UserError: a figure cannot be read, or the page not be written.
    """
    text = render(report)
    with written_whole(path) as temporary:
        temporary.write_text(text, encoding="utf-8")
    return path
