"""Tables of text for the terminal, and descriptions of what the model holds."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from rich import box
from rich.console import Group, RenderableType
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from model.cli.context import NARROWEST

if TYPE_CHECKING:
    from model.workflows.describe import Description, Listing


def plain_table(title: str, columns: Sequence[str], rows: Iterable[Sequence[str]], *, widest: int = -1) -> Table:
    """Return a table with a bold title; the column of index ``widest`` takes the room that is left."""
    table = Table(
        title=title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, width=NARROWEST, pad_edge=False
    )
    for position, column in enumerate(columns):
        table.add_column(column, overflow="fold", ratio=1 if position == widest % len(columns) else None)
    for row in rows:
        table.add_row(*row)
    return table


def render_description(description: Description) -> Group:
    """Return a description: its title and facts, its tables, and its file as YAML."""
    from rich.syntax import Syntax

    parts: list[RenderableType] = []
    if description.title:
        parts.append(Text(description.title, style="bold"))
    if description.facts:
        facts = Table.grid(padding=(0, 2))
        facts.add_column(style="dim", no_wrap=True)
        facts.add_column(overflow="fold")
        for heading, text in description.facts:
            facts.add_row(heading, escape(text))
        parts.append(facts)
    parts += [_listing(listing) for listing in description.listings]
    if description.text:
        parts.append(Syntax(description.text, "yaml", background_color="default", word_wrap=True))
    return Group(*parts)


def _listing(listing: Listing) -> Table:
    """A table whose remarks are faint below the first cell of their rows."""
    rows: Iterable[Sequence[str]] = (tuple(escape(cell) for cell in row) for row in listing.rows)
    if listing.remarks:
        rows = (
            (f"{row[0]}\n[dim]{escape(remark)}[/dim]", *row[1:])
            for row, remark in zip(rows, listing.remarks, strict=True)
        )
    return plain_table(
        escape(listing.title), [escape(column) for column in listing.columns], rows, widest=listing.widest
    )
