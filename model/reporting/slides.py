"""A few slides of a summary: a title, what to say, one picture or small table, and what its numbers are."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from model.registry.errors import Exit, UserError
from model.registry.extras import require_extra
from model.reporting.tables.table import Statement, Table
from model.reporting.theme import BAND, INK, LINE, QUIET, SLIDE_FONT
from model.results.atomic_files import whole_file

if TYPE_CHECKING:
    from pptx.dml.color import RGBColor

WIDTH, HEIGHT = 13.333, 7.5
"""Inches of a slide of 16 to 9."""
MARGIN = 0.55
FOOT_TOP, FOOT_HEIGHT = 6.72, 0.6
GAP = 0.35
SHARE_OF_TEXT = 0.36
"""Of the width, where a picture or table stands beside the text."""
POINTS_OF_AN_INCH = 72.0
LETTER_WIDTH = 0.53
"""Width of a letter, in sizes of the font, on the mean and a little more."""
LEADING = 1.25
REST = "The rest is in the report."


@dataclass(frozen=True)
class Slide:
    """One slide; what does not fit in letters that can be read is left to the report, and the slide says so.

    Attributes:
        title: what it says, in a sentence.
        paragraphs: the first is the answer, the others are points.
        table: a small table beside the text.
        picture: where there is no table, a PNG beside the text.
        alt: what the picture shows, for those who do not see it; the title where left out.
        statement: unit, prices, horizon, interval and source of the numbers; where left out, those of the table. A
            still picture of a chart states its own.
    """

    title: str
    paragraphs: tuple[str, ...]
    table: Table | None = None
    picture: Path | None = None
    alt: str = ""
    statement: Statement | None = None

    @property
    def foot(self) -> str:
        """The statement as running text; an empty text where there is none."""
        statement = self.statement or (self.table.statement if self.table else None)
        return " ".join(f"{name}: {text.rstrip('.')}." for name, text in statement.rows) if statement else ""


@dataclass(frozen=True)
class Box:
    """A box on a slide, in inches from the upper left corner of the slide."""

    left: float
    top: float
    width: float
    height: float


def write_slides(slides: Sequence[Slide], path: Path) -> Path:
    """Write the slides as a file that PowerPoint and LibreOffice open, whole or not at all.

    Raises:
        UserError: a picture cannot be read, or the file not be written.
    """
    require_extra("report", "a file of slides")
    from pptx import Presentation
    from pptx.util import Inches

    deck = Presentation()
    deck.slide_width, deck.slide_height = Inches(WIDTH), Inches(HEIGHT)
    (layout,) = (layout for layout in deck.slide_layouts if layout.name == "Title Only")
    for slide in slides:
        _draw(deck.slides.add_slide(layout), slide)
    with whole_file(path) as temporary:
        deck.save(str(temporary))
    return path


def _draw(canvas: Any, slide: Slide) -> None:
    inner = WIDTH - 2 * MARGIN
    title = Box(MARGIN, 0.4, inner, 0.95)
    _place(canvas.shapes.title, title)
    _write(canvas.shapes.title, [slide.title], title, largest=28, smallest=18, bold=True)
    beside = slide.table is not None or slide.picture is not None
    text = Box(MARGIN, 1.5, inner * SHARE_OF_TEXT if beside else inner, FOOT_TOP - 1.6)
    _write(_box(canvas, text), slide.paragraphs, text, largest=20, smallest=11, lead=True)
    left = MARGIN + inner * SHARE_OF_TEXT + GAP
    beside_text = Box(left, 1.5, WIDTH - MARGIN - left, FOOT_TOP - 1.6)
    if slide.table is not None:
        _draw_table(canvas, slide.table, beside_text)
    elif slide.picture is not None:
        _draw_picture(canvas, slide.picture, slide.alt or slide.title, beside_text)
    if slide.foot:
        foot = Box(MARGIN, FOOT_TOP, inner, FOOT_HEIGHT)
        _write(_box(canvas, foot), [slide.foot], foot, largest=10, smallest=6, colour=QUIET)


def _colour(colour: str) -> RGBColor:
    """A colour of the theme as slides have it."""
    from pptx.dml.color import RGBColor

    return RGBColor.from_string(colour.removeprefix("#"))


def _box(canvas: Any, box: Box) -> Any:
    from pptx.util import Inches

    return canvas.shapes.add_textbox(*map(Inches, (box.left, box.top, box.width, box.height)))


def _place(shape: Any, box: Box) -> None:
    from pptx.util import Inches

    shape.left, shape.top, shape.width, shape.height = map(Inches, (box.left, box.top, box.width, box.height))


def _write(
    shape: Any,
    texts: Sequence[str],
    box: Box,
    *,
    largest: int,
    smallest: int,
    bold: bool = False,
    lead: bool = False,
    colour: str = INK,
) -> None:
    """Put paragraphs into a box, in the largest letters that fit; those at the end that do not are left out."""
    from pptx.enum.text import MSO_ANCHOR, PP_ALIGN
    from pptx.util import Pt

    size = next((points for points in range(largest, smallest - 1, -1) if _fits(texts, box, points)), smallest)
    texts = _that_fit(texts, box, size)
    frame = shape.text_frame
    frame.word_wrap, frame.vertical_anchor = True, MSO_ANCHOR.TOP
    frame.margin_left = frame.margin_right = frame.margin_top = frame.margin_bottom = 0
    for position, text in enumerate(texts):
        paragraph = frame.paragraphs[0] if position == 0 else frame.add_paragraph()
        paragraph.alignment, paragraph.space_after = PP_ALIGN.LEFT, Pt(size * 0.5)
        paragraph.line_spacing = 1.0
        run = paragraph.add_run()
        run.text = text
        run.font.name, run.font.size, run.font.bold = SLIDE_FONT, Pt(size), bold or (lead and position == 0)
        run.font.color.rgb = _colour(colour)


def _fits(texts: Sequence[str], box: Box, size: float) -> bool:
    """Whether paragraphs of a size in points fit into a box."""
    letters = _letters(box.width, size)
    height = sum(len(textwrap.wrap(text, letters)) * size * LEADING + size * 0.5 for text in texts)
    return height <= box.height * POINTS_OF_AN_INCH


def _that_fit(texts: Sequence[str], box: Box, size: float) -> Sequence[str]:
    """Return the texts, or the first of them and a word on the rest; the first is cut where it alone is too long."""
    if _fits(texts, box, size):
        return texts
    count = next((count for count in range(len(texts) - 1, 0, -1) if _fits([*texts[:count], REST], box, size)), 0)
    if count:
        return [*texts[:count], REST]
    lines = int(box.height * POINTS_OF_AN_INCH / (size * LEADING)) - 2
    return [textwrap.shorten(texts[0], lines * _letters(box.width, size), placeholder=" …")]


def _letters(width: float, size: float) -> int:
    """Letters of a size in points that fit into a width in inches."""
    return int(width * POINTS_OF_AN_INCH / (size * LETTER_WIDTH))


def _draw_picture(canvas: Any, path: Path, alt: str, box: Box) -> None:
    """Draw a picture as large as its box, its sides in proportion.

    Raises:
        UserError: the picture cannot be read.
    """
    from pptx.util import Inches

    try:
        shape = canvas.shapes.add_picture(str(path), Inches(box.left), Inches(box.top))
    except OSError as error:
        raise UserError(f"cannot read the figure: {error.strerror}.", file=path, code=Exit.MISSING_FILE) from error
    scale = min(Inches(box.width) / shape.width, Inches(box.height) / shape.height)
    shape.width, shape.height = int(shape.width * scale), int(shape.height * scale)
    shape._element.nvPicPr.cNvPr.set("descr", alt)


def _draw_table(canvas: Any, table: Table, box: Box) -> None:
    """Draw a table in the largest letters in which its rows fit; the last rows are left out where none do."""
    from pptx.enum.text import MSO_ANCHOR, PP_ALIGN
    from pptx.util import Inches, Pt

    rows = [[column.heading for column in table.shown], *([cell.text for cell in row] for row in table.cells)]
    longest = [max(len(row[column]) for row in rows) for column in range(len(table.shown))]
    # A column is as wide as the root of its longest text: long texts take lines, short ones stay whole.
    weights = [max(length, 4) ** 0.5 for length in longest]
    widths = [box.width * weight / sum(weights) for weight in weights]
    size = next((points for points in range(14, 7, -1) if sum(_row_heights(rows, widths, points)) <= box.height), 8)
    rest = [REST, *[""] * (len(widths) - 1)]
    count = len(rows)
    rows_shown = rows
    while sum(heights := _row_heights(rows_shown, widths, size)) > box.height and count > 2:
        count -= 1
        rows_shown = [*rows[:count], rest]
    frame = canvas.shapes.add_table(
        len(rows_shown), len(widths), *map(Inches, (box.left, box.top, box.width, sum(heights)))
    )
    frame._element.nvGraphicFramePr.cNvPr.set("descr", table.caption)
    for column, width in zip(frame.table.columns, widths, strict=True):
        column.width = Inches(width)
    for index, (row, height) in enumerate(zip(frame.table.rows, heights, strict=True)):
        row.height = Inches(height)
        for cell, text, column in zip(row.cells, rows_shown[index], table.shown, strict=True):
            cell.vertical_anchor = MSO_ANCHOR.MIDDLE
            cell.margin_top = cell.margin_bottom = Inches(0.03)
            cell.fill.solid()
            cell.fill.fore_color.rgb = _colour(LINE if index == 0 else BAND)
            paragraph = cell.text_frame.paragraphs[0]
            paragraph.alignment = PP_ALIGN.RIGHT if column.number else PP_ALIGN.LEFT
            run = paragraph.add_run()
            run.text = text
            run.font.name, run.font.size, run.font.bold = SLIDE_FONT, Pt(size), index == 0
            run.font.color.rgb = _colour(INK)


def _row_heights(rows: Sequence[Sequence[str]], widths: Sequence[float], size: float) -> list[float]:
    """Height of each row in inches, its texts broken to the width of their columns less the margins of a cell."""
    heights = []
    for row in rows:
        lines = max(
            len(textwrap.wrap(text, max(1, _letters(width - 0.2, size)))) or 1
            for text, width in zip(row, widths, strict=True)
        )
        heights.append(lines * size * LEADING / POINTS_OF_AN_INCH + 0.08)
    return heights
