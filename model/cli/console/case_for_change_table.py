"""The case for change for the terminal: what the baseline gives beside each published figure, and whether it passes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from model.results.case_for_change import CaseRow
from model.results.number_format import format_number

if TYPE_CHECKING:
    from rich.table import Table


def render_case_for_change(rows: Sequence[CaseRow]) -> Table:
    """Return the table, at most 116 columns wide."""
    from rich import box
    from rich.table import Table

    table = Table(
        title="Case for change: the baseline beside the published figures",
        title_justify="left",
        title_style="bold",
        box=box.SIMPLE_HEAD,
        pad_edge=False,
    )
    for name, right in (
        ("quantity", False),
        ("period", False),
        ("model", True),
        ("target", True),
        ("passes if", True),
        ("unit", False),
        ("", False),
    ):
        table.add_column(name, justify="right" if right else "left", no_wrap=name != "unit")
    for row in rows:
        verdict = "[green]pass[/green]" if row.passes else "[red]FAIL[/red]"
        values = (format_number(value, row.decimals) for value in (row.value, row.target))
        table.add_row(row.title, row.period, *values, row.tolerance, row.unit, verdict)
    return table
