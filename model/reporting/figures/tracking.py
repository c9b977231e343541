"""Figures of tracking: new figures over the projected fan, and the assumptions that they implicate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from matplotlib.artist import Artist
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from model.reporting.figures.fit import DRAWS_COLOUR, at, rows_figure, save_series, series_figure, widened
from model.reporting.figures.style import EIGHTY_PERCENT, heading, note, save, styled
from model.reporting.theme import AXIS_POINTS, FAINT, OBSERVED, WORSE, ZERO

ALONE = 0.3
"""Years drawn to each side of a fan of one period."""


@dataclass(frozen=True, eq=False)
class FanPanel:
    """New figures of one series over its fan.

    Attributes:
        title: what the series is.
        unit: unit of all figures.
        years: middle of each period of the fan as a decimal year, shape ``(periods,)``.
        bands: quantiles 10, 25, 50, 75 and 90%, shape ``(5, periods)``.
        history: decimal years and values of figures of the record.
        new: decimal years, values and measurement errors of the new figures, and whether each lies outside its 80%
            band.
        verdict: one line.
    """

    title: str
    unit: str
    years: np.ndarray
    bands: np.ndarray
    history: tuple[np.ndarray, np.ndarray]
    new: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]
    verdict: str


def plot_fan(panel: FanPanel, path: Path) -> Path:
    """Draw one series: the projected fan with all errors, figures of the record, and the new ones."""
    with styled():
        figure, axes = series_figure()
        years = widened(panel.years, ALONE)
        low80, low50, median, high50, high80 = at(panel.bands, years)
        axes.fill_between(years, low80, high80, color=DRAWS_COLOUR, alpha=0.18, lw=0)
        axes.fill_between(years, low50, high50, color=DRAWS_COLOUR, alpha=0.32, lw=0)
        axes.plot(years, median, color=DRAWS_COLOUR, lw=1.4)
        axes.plot(*panel.history, "o", ms=2.4, mfc="white", mec=ZERO, mew=0.7, zorder=4)
        new_years, values, errors, outside = panel.new
        for selected, colour, marker in ((~outside, OBSERVED, "o"), (outside, WORSE, "D")):
            axes.errorbar(
                new_years[selected],
                values[selected],
                yerr=EIGHTY_PERCENT * errors[selected],
                fmt=marker,
                ms=3.6,
                color=colour,
                elinewidth=0.8,
                zorder=6,
            )
        keys: list[Artist] = [
            Patch(color=DRAWS_COLOUR, alpha=0.3, label="projected: 50% and 80%"),
            Line2D([], [], ls="", marker="o", ms=3, mfc="white", mec=ZERO, label="on record"),
            Line2D([], [], ls="", marker="o", ms=3.4, color=OBSERVED, label="new, inside 80%"),
            Line2D([], [], ls="", marker="D", ms=3.4, color=WORSE, label="new, outside 80%"),
        ]
        return save_series(figure, panel.title, f"{panel.unit} · {panel.verdict}", keys, path)


def plot_implicated(rows: Sequence[tuple[str, float, float, float]], path: Path) -> Path:
    """Draw how far assumptions would move, given all new figures.

    Args:
        rows: name, shift, standard deviation afterwards, and shift if it alone were to blame, all in the standard
            deviations that the projection held; the most implicated first.
        path: file; PNG and SVG are written.
    """
    with styled():
        figure, axes = rows_figure([name for name, *_ in rows], left=0.42, right=0.97, above=0.62, below=0.78)
        axes.axvspan(-EIGHTY_PERCENT, EIGHTY_PERCENT, color=FAINT, alpha=0.35, lw=0)
        axes.axvline(0.0, color=ZERO, lw=0.8)
        for row, (_, shift, after, alone) in enumerate(rows):
            ends = [shift - EIGHTY_PERCENT * after, shift + EIGHTY_PERCENT * after]
            axes.plot(ends, [row, row], color=DRAWS_COLOUR, lw=2.6)
            axes.plot(shift, row, "o", ms=4, mfc="white", mec=DRAWS_COLOUR, mew=1.2)
            axes.plot(alone, row, "D", ms=3.2, color=WORSE)
        axes.set_xlabel("standard deviations that the projection held", fontsize=AXIS_POINTS)
        heading(
            figure,
            "Assumptions that the new figures implicate",
            "blue: all moved together, with 80%; orange: if it alone were to blame; grey: what was held 80% likely",
        )
        note(figure, "By ensemble regression: linear, and as good as the spread of the members is wide.")
        return save(figure, path)
