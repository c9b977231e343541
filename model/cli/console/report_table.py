"""A table of a report on the terminal."""

from __future__ import annotations

from rich import box
from rich.markup import escape
from rich.table import Table as TerminalTable

from model.reporting.tables.table import Mark, Table

STYLES: dict[Mark, str] = {"": "", "good": "green", "bad": "red", "aside": "dim"}


def render_table(table: Table, *, title: str = "", most_rows: int | None = None) -> TerminalTable:
    """Return a table of a report as one of the terminal: its texts, with marks as colours.

    Args:
        table: of a report.
        title: in place of its caption.
        most_rows: rows shown at most; all where left out.
    """
    rendered = TerminalTable(
        title=escape(title or table.caption),
        title_justify="left",
        title_style="bold",
        box=box.SIMPLE_HEAD,
        pad_edge=False,
    )
    for column in table.shown:
        rendered.add_column(
            escape(column.heading), justify="right" if column.number else "left", overflow="fold", no_wrap=column.number
        )
    for row in table.cells[:most_rows]:
        texts = (escape(cell.text) for cell in row)
        styles = (STYLES[cell.mark] for cell in row)
        rendered.add_row(
            *(f"[{style}]{text}[/{style}]" if style else text for text, style in zip(texts, styles, strict=True))
        )
    return rendered
