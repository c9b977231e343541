"""Figures of a backtest: each forecast against what came, and skill by series."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from model.reporting.figures.fit import (
    DRAWS_COLOUR,
    DrawQuantiles,
    at,
    rows_figure,
    save_series,
    series_figure,
    widened,
)
from model.reporting.figures.style import DASHED, DOTTED_LINE, EIGHTY_PERCENT, heading, note, save, styled
from model.reporting.theme import AXIS, BASELINE, NOTE_POINTS, OBSERVED, WORSE, ZERO
from model.results.number_format import format_number

LEAST_SKILL = -1.5
"""Skill at which a bar ends; what is worse is written beside it."""

ALONE = 0.06
"""Years drawn to each side of a forecast that stands alone."""


@dataclass(frozen=True, eq=False)
class SeriesForecastPanel:
    """Forecasts of one series and what came.

    Attributes:
        title: what it is.
        unit: unit of all figures.
        cut_off: end of the last month known, as a decimal year.
        history: decimal years of known figures, and their values, shape ``(2, figures)``.
        years: middle of the periods forecast, as decimal years, shape ``(figures,)``.
        observed: the figures as they came.
        forecast: quantiles of the forecasts.
        last_value: mean and standard deviation of the last-value forecast, shape ``(2, figures)``; None without
            history.
    """

    title: str
    unit: str
    cut_off: float
    history: np.ndarray
    years: np.ndarray
    observed: np.ndarray
    forecast: DrawQuantiles
    last_value: np.ndarray | None


def plot_forecast(panel: SeriesForecastPanel, path: Path) -> Path:
    """Draw one series: what was known, the forecast with its intervals, the last-value forecast, and what came."""
    with styled():
        figure, axes = series_figure()
        forecast, years = panel.forecast, widened(panel.years, ALONE)
        for low, high, alpha in ((forecast.low80, forecast.high80, 0.22), (forecast.low50, forecast.high50, 0.35)):
            axes.fill_between(years, at(low, years), at(high, years), color=DRAWS_COLOUR, alpha=alpha, lw=0)
        axes.plot(years, at(forecast.median, years), color=DRAWS_COLOUR, lw=1.4)
        keys: list[Artist] = [
            Line2D([], [], ls="", marker="o", ms=3, mfc="white", mec=OBSERVED, label="came later"),
            Patch(color=DRAWS_COLOUR, alpha=0.4, label="forecast: median, 50%, 80%"),
        ]
        if panel.last_value is not None:
            mean, deviation = panel.last_value
            axes.plot(years, at(mean, years), color=BASELINE, lw=1.0, ls=DOTTED_LINE)
            for end in (mean - EIGHTY_PERCENT * deviation, mean + EIGHTY_PERCENT * deviation):
                axes.plot(years, at(end, years), color=BASELINE, lw=0.8, ls=":")
            keys += [
                Line2D([], [], ls="", marker="o", ms=3, color=OBSERVED, label="known at the cut-off"),
                Line2D([], [], color=BASELINE, lw=1.0, ls=DOTTED_LINE, label="last value, 80% (dotted)"),
            ]
        axes.plot(*panel.history, "o", ms=2.6, mfc=OBSERVED, mec=OBSERVED, mew=0.6)
        axes.plot(panel.years, panel.observed, "o", ms=2.8, mfc="white", mec=OBSERVED, mew=0.8, zorder=5)
        axes.axvline(panel.cut_off, color=AXIS, lw=0.9, ls=DASHED, zorder=1)
        _leave_room(axes, panel)
        return save_series(figure, panel.title, panel.unit, keys, path)


def plot_skill(rows: Sequence[tuple[str, float]], title: str, path: Path) -> Path:
    """Draw the skill of every series against the last value, best first.

    Args:
        rows: series with its number of figures in words, and skill.
        title: of which cut-off.
        path: file; PNG and SVG are written.
    """
    with styled():
        figure, axes = rows_figure([name for name, _ in rows], left=0.36, right=0.95, above=0.65, below=0.75)
        for row, (_, skill) in enumerate(rows):
            good, end = skill > 0, max(skill, LEAST_SKILL)
            axes.barh(row, end, color=DRAWS_COLOUR if good else WORSE, height=0.68)
            axes.text(
                end + (0.02 if good else -0.02),
                row,
                format_number(skill, 2, signed=True),
                va="center",
                ha="left" if good else "right",
                fontsize=NOTE_POINTS,
            )
        axes.set_xlim(LEAST_SKILL - 0.25, 1.15)
        axes.axvline(0.0, color=ZERO, lw=0.9)
        axes.grid(axis="y", visible=False)
        heading(figure, title, "skill: 1 is perfect, 0 as good as the last value, below 0 worse")
        note(figure, "Share of the CRPS of the last value that the model saves; all figures of a series together.")
        return save(figure, path)


def _leave_room(axes: Axes, panel: SeriesForecastPanel) -> None:
    """Show all that came and the 80% interval; a wide last-value forecast may leave the picture."""
    inside = [panel.observed, panel.forecast.low80, panel.forecast.high80, panel.history[1]]
    if panel.last_value is not None:
        inside.append(panel.last_value[0])
    values = np.concatenate(inside)
    margin = 0.08 * max(float(np.ptp(values)), 1e-9 + 1e-3 * float(np.abs(values).max()))
    axes.set_ylim(values.min() - margin, values.max() + margin)
