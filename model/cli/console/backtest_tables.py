"""Tables of a backtest for the terminal."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from rich import box
from rich.table import Table

from model.calibration.backtest.naive_forecasts import REFERENCE_NAMES
from model.calibration.backtest.score_table import MODEL, ScoreRow
from model.results.number_format import MILLION

LEAST_WIDTH = 27
"""Columns kept for names of series."""


def render_scores(rows: Sequence[ScoreRow]) -> Table:
    """Scores of one cut-off for the terminal."""
    title = (
        f"Figures after {rows[0].cut_off}: mean absolute error and CRPS of the model and of the last value; skill "
        "against last value, same month of last year, trend (blank: too little history); share of the n figures in 50% "
        "and 80% intervals"
    )
    table = Table(
        title=title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0)
    )
    for name, right in (
        ("series", False),
        ("n", True),
        ("error", True),
        ("last", True),
        ("CRPS", True),
        ("last", True),
        ("skill", True),
        ("season", True),
        ("trend", True),
        ("50%", True),
        ("80%", True),
        ("", False),
    ):
        table.add_column(name, justify="right" if right else "left", no_wrap=True)
    table.columns[0].min_width = LEAST_WIDTH
    verdicts = {"better": "[green]better[/]", "worse": "[red]worse[/]"}
    for row in rows:
        table.add_row(
            row.series,
            str(row.figures),
            _short(row.error[MODEL]),
            _short(row.error.get(REFERENCE_NAMES[0])),
            _short(row.crps[MODEL]),
            _short(row.crps.get(REFERENCE_NAMES[0])),
            *(_skill(row.skill(name)) for name in REFERENCE_NAMES),
            f"{row.inside50:.0%}",
            f"{row.inside80:.0%}",
            verdicts.get(row.verdict, ""),
        )
    return table


def _short(value: float | None) -> str:
    if value is None:
        return ""
    if abs(value) >= MILLION:
        return f"{value / MILLION:,.3g}m"
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def _skill(value: float) -> str:
    return "" if np.isnan(value) else f"{value:+.2f}"
