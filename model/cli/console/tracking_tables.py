"""Tables for the terminal of newly published figures beside a projection."""

from __future__ import annotations

from rich import box
from rich.markup import escape
from rich.table import Table

from model.calibration.tracking.implicated_assumptions import ImplicatedAssumption, direction
from model.calibration.tracking.track import Tracking
from model.reporting.numbers import deviations, number, probability, share
from model.reporting.technical.tracking_narrative import verdict_in_words

MOST_ASSUMPTIONS = 8
"""Implicated assumptions on the terminal."""


def _table(title: str, columns: tuple[tuple[str, bool], ...]) -> Table:
    """Return an empty table.

    Args:
        title: its title.
        columns: heading of each column, and whether it holds numbers.
    """
    table = Table(title=title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, pad_edge=False)
    for name, numbers in columns:
        table.add_column(name, justify="right" if numbers else "left", overflow="fold", no_wrap=numbers)
    return table


def render_series(tracking: Tracking) -> Table:
    """Where the new figures of each series lie in its projection."""
    table = _table(
        "New figures over the projection (80% band; distance in normal scores)",
        (
            ("series", False),
            ("new", True),
            ("outside", True),
            ("newest figure", False),
            ("distance", True),
            ("mean", True),
            ("chance", True),
        ),
    )
    for finding in tracking.findings:
        words = verdict_in_words(finding)
        table.add_row(
            escape(finding.series),
            str(finding.figures),
            str(finding.outside),
            words if finding.side == "inside" else f"[red]{words}[/red]",
            deviations(finding.newest),
            deviations(finding.mean),
            probability(finding.chance),
        )
    return table


def render_implicated(tracking: Tracking) -> Table:
    """Assumptions that the figures implicate, the most implicated first."""
    table = _table(
        "Assumptions that the figures implicate (shift in the standard deviations that were projected)",
        (
            ("assumption", False),
            ("shift", True),
            ("alone it would have to be (! no member is)", False),
            ("taking away", True),
        ),
    )
    for row in tracking.implication.ranked[:MOST_ASSUMPTIONS]:
        table.add_row(
            escape(row.number.name), deviations(row.shift), _value_alone(row), share(max(0.0, row.alone_share))
        )
    return table


def _value_alone(row: ImplicatedAssumption) -> str:
    """What an assumption would have to be if it alone were to explain the figures."""
    words = direction(row)
    if row.change is not None:
        words = f"{words} ({number(row.value_alone)} for {number(row.number.mean)})"
    return f"{words} !" if row.out_of_reach else words
