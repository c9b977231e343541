"""Tables for the terminal of newly published figures beside a projection."""

from __future__ import annotations

from rich.table import Table

from model.calibration.tracking.track import Tracking
from model.cli.console.report_table import render_table
from model.reporting.tables.tracking import implicated_table, series_table

MOST_ASSUMPTIONS = 8
"""Implicated assumptions on the terminal."""
SERIES_COLUMNS = ("series", "New figures", "Outside 80%", "Newest figure", "Its distance", "Mean distance", "Chance")
IMPLICATED_COLUMNS = ("Assumption", "Shift", "Alone: would have to be", "Alone: share")


def render_series(tracking: Tracking) -> Table:
    """Where the new figures of each series lie in its projection."""
    return render_table(
        series_table(tracking).only(*SERIES_COLUMNS),
        title="New figures over the projection (80% band; distance in normal scores)",
    )


def render_implicated(tracking: Tracking) -> Table:
    """Assumptions that the figures implicate, the most implicated first."""
    return render_table(
        implicated_table(tracking).only(*IMPLICATED_COLUMNS),
        title="Assumptions that the figures implicate (shift in standard deviations projected; ! beyond any member)",
        most_rows=MOST_ASSUMPTIONS,
    )
