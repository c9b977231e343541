"""A workbook being written: sheets with cells of a few styles, formulas with the program's own value beside them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import isfinite
from typing import TYPE_CHECKING, Any, SupportsFloat

from model.reporting.numbers import MISSING
from model.reporting.theme import AS_RUN, INPUT, INPUT_FILL, PAPER, SHEET_HEADING, SHEET_SECTION

if TYPE_CHECKING:
    import numpy as np
    import xlsxwriter
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

MONEY, SHARE, RATIO, COUNT, PLAIN = "#,##0;[Red]-#,##0", "0.0%", "0.00", "#,##0.0;[Red]-#,##0.0", "0"
NUMBERS = {
    "money": MONEY,
    "share": SHARE,
    "ratio": RATIO,
    "count": COUNT,
    "plain": PLAIN,
    "factor": "0.0000",
    "index": "0.000000",
    "power": "0.000E+00",
}
HEADING = {"bold": True, "bg_color": SHEET_HEADING, "font_color": PAPER, "text_wrap": True, "valign": "vcenter"}
LOOKS: dict[str, dict[str, Any]] = {
    "title": {"bold": True, "font_size": 14},
    "section": {"bold": True, "bg_color": SHEET_SECTION},
    "note": {"italic": True},
    "text": {"valign": "top"},
    "indented": {"valign": "top", "indent": 1},
    "wrapped": {"text_wrap": True, "valign": "top"},
    "heading": HEADING,
    "heading_right": {**HEADING, "align": "right"},
    "bold": {"bold": True, "top": 1},
}
ROLES: dict[str, dict[str, Any]] = {
    "input": {"font_color": INPUT, "bg_color": INPUT_FILL},
    "as_run": {"font_color": AS_RUN, "italic": True},
    "total": {"bold": True, "top": 1},
}
"""Numbers that are inputs, numbers as the run gave them, which no assumption moves, and totals."""
DASH = MISSING


@dataclass
class Book:
    """The workbook and its formats, each made once.

    Attributes:
        book: what is written.
        statement: what holds for the numbers of every sheet and stands below its title: years, interval, source.
    """

    book: xlsxwriter.Workbook
    statement: str = ""
    _formats: dict[tuple[str, ...], Format] = field(default_factory=dict)

    def look(self, name: str) -> Format:
        """Return a format of text."""
        if (name,) not in self._formats:
            self._formats[name,] = self.book.add_format(LOOKS[name])
        return self._formats[name,]

    def number(self, kind: str, role: str = "") -> Format:
        """Return a format of numbers; ``role`` is ``input``, ``as_run``, ``total`` or empty for a calculated figure."""
        key = (kind, role)
        if key not in self._formats:
            look = {"num_format": NUMBERS[kind], "align": "right", "valign": "top", **ROLES.get(role, {})}
            self._formats[key] = self.book.add_format(look)
        return self._formats[key]

    def sheet(self, name: str, title: str, note: str, widths: Sequence[float], *, freeze: tuple[int, int]) -> Sheet:
        """Begin a sheet that is there by name: title and note in its first two rows, set up for print on A4 across."""
        worksheet = self.book.get_worksheet_by_name(name)
        for column, width in enumerate(widths):
            worksheet.set_column(column, column, width)
        worksheet.freeze_panes(*freeze)
        worksheet.set_landscape()
        worksheet.set_paper(9)
        worksheet.fit_to_pages(1, 0)
        worksheet.repeat_rows(0, max(freeze[0] - 1, 0))
        worksheet.set_footer("&L&A&RPage &P of &N")
        worksheet.hide_gridlines(2)
        sheet = Sheet(self, worksheet, name)
        sheet.text(0, 0, title, "title")
        sheet.text(1, 0, f"{note} {self.statement}".strip(), "note")
        return sheet

    def name(self, name: str, reference: str) -> None:
        """Give a cell or range a name for formulas."""
        self.book.define_name(name, f"={reference}")


@dataclass
class Sheet:
    """One sheet."""

    book: Book
    worksheet: Worksheet
    name: str

    def text(self, row: int, column: int, text: str, look: str = "text") -> None:
        """Write a text."""
        self.worksheet.write_string(row, column, text, self.book.look(look))

    def texts(self, row: int, texts: Sequence[str], look: str = "text") -> None:
        """Write texts beside each other, from the first column on."""
        for column, text in enumerate(texts):
            self.text(row, column, text, look)

    def headings(self, row: int, texts: Sequence[str], *, right_from: int) -> None:
        """Write a row of headings; those of numbers stand to the right."""
        for column, text in enumerate(texts):
            self.text(row, column, text, "heading_right" if column >= right_from else "heading")

    def inputs(
        self, row: int, column: int, values: Sequence[float] | np.ndarray, kind: str, role: str = "input"
    ) -> None:
        """Write numbers that come from the model or from the assumptions, beside each other."""
        for offset, value in enumerate(values):
            self.worksheet.write_number(row, column + offset, float(value), self.book.number(kind, role))

    def formula(
        self, row: int, column: int, text: str, value: SupportsFloat | str, kind: str = "money", *, total: bool = False
    ) -> None:
        """Write a formula with the program's own value of it."""
        result = value if isinstance(value, str) else float(value) if isfinite(float(value)) else DASH
        self.worksheet.write_formula(row, column, f"={text}", self.book.number(kind, "total" if total else ""), result)


def there(sheet: str, row: int, column: int, last_row: int | None = None, last_column: int | None = None) -> str:
    """Return a reference from anywhere to a cell of a sheet, or to a range."""
    return f"'{sheet}'!{here(row, column, last_row, last_column)}"


def absolute(row: int, column: int) -> str:
    """Return ``$A$1`` for the first cell: row and column are counted from 0."""
    from xlsxwriter.utility import xl_rowcol_to_cell

    return xl_rowcol_to_cell(row, column, row_abs=True, col_abs=True)


def here(row: int, column: int, last_row: int | None = None, last_column: int | None = None) -> str:
    """Return a reference within a sheet to a cell, or to a range."""
    if last_row is None or last_column is None:
        return absolute(row, column)
    return f"{absolute(row, column)}:{absolute(last_row, last_column)}"
