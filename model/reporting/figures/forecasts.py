"""Figures of a backtest: each forecast against what came, and skill by series."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import FuncFormatter, MaxNLocator

from model.reporting.figures.fit import BAND, PANEL, ROW, WIDE, Band, panel_heading, thousands, whole_years
from model.reporting.figures.style import BASELINE, OBSERVED, PALETTE, heading, note, save, styled

WORSE = PALETTE[1]
LEAST_SKILL = -1.5
"""Skill at which a bar ends; what is worse is written beside it."""

EIGHTY = 1.2816
"""Standard deviations of a normal distribution to either side that hold 80%."""

HALF_WIDTH = 0.06
"""Half the width, in years, of the band of a forecast that stands alone."""


@dataclass(frozen=True, eq=False)
class ForecastPanel:
    """Forecasts of one series and what came.

    Attributes:
        title: what it is.
        unit: unit of all figures.
        cut_off: end of the last month known, as a decimal year.
        known: places of known figures as decimal years, and their values, shape ``(2, figures)``.
        places: middle of the periods forecast, as decimal years, shape ``(figures,)``.
        observed: the figures as they came.
        band: quantiles of the forecasts.
        last: mean and standard deviation of the last-value forecast, shape ``(2, figures)``; None without history.
    """

    title: str
    unit: str
    cut_off: float
    known: np.ndarray
    places: np.ndarray
    observed: np.ndarray
    band: Band
    last: np.ndarray | None


def plot_forecast(panel: ForecastPanel, path: Path) -> Path:
    """One series: what was known, the forecast with its intervals, the last-value forecast, and what came."""
    with styled():
        figure = Figure(figsize=PANEL)
        axes = figure.subplots()
        figure.subplots_adjust(left=0.16, right=0.97, top=0.81, bottom=0.26)
        places, band = panel.places, panel.band
        alone = places.size == 1
        shown = places + np.array([-HALF_WIDTH, HALF_WIDTH]) if alone else places

        def wide(values: np.ndarray) -> np.ndarray:
            return np.broadcast_to(values, shown.shape) if alone else values

        axes.fill_between(shown, wide(band.low80), wide(band.high80), color=BAND, alpha=0.22, lw=0)
        axes.fill_between(shown, wide(band.low50), wide(band.high50), color=BAND, alpha=0.35, lw=0)
        axes.plot(shown, wide(band.median), color=BAND, lw=1.4)
        if panel.last is not None:
            mean, deviation = panel.last
            axes.plot(shown, wide(mean), color=BASELINE, lw=1.0, ls=(0, (3, 1.5)))
            for sign in (-1.0, 1.0):
                axes.plot(shown, wide(mean + sign * EIGHTY * deviation), color=BASELINE, lw=0.8, ls=":")
        axes.plot(*panel.known, "o", ms=2.6, mfc=OBSERVED, mec=OBSERVED, mew=0.6)
        axes.plot(places, panel.observed, "o", ms=2.8, mfc="white", mec=OBSERVED, mew=0.8, zorder=5)
        axes.axvline(panel.cut_off, color="#999999", lw=0.9, ls=(0, (4, 3)), zorder=1)
        _leave_room(axes, panel)
        whole_years(axes)
        axes.yaxis.set_major_locator(MaxNLocator(5))
        axes.yaxis.set_major_formatter(FuncFormatter(thousands))
        panel_heading(axes, panel.title, panel.unit)
        keys = [
            Line2D([], [], ls="", marker="o", ms=3, mfc="white", mec=OBSERVED, label="came later"),
            Patch(color=BAND, alpha=0.4, label="forecast: median, 50%, 80%"),
        ]
        if panel.last is not None:
            keys += [
                Line2D([], [], ls="", marker="o", ms=3, color=OBSERVED, label="known at the cut-off"),
                Line2D([], [], color=BASELINE, lw=1.0, ls=(0, (3, 1.5)), label="last value, 80% (dotted)"),
            ]
        figure.legend(handles=keys, loc="lower center", ncols=2, fontsize=6.5, handlelength=1.6, columnspacing=1.2)
        return save(figure, path)


def _leave_room(axes: Axes, panel: ForecastPanel) -> None:
    """Show all that came and the 80% interval; a wide last-value forecast may leave the picture."""
    inside = [panel.observed, panel.band.low80, panel.band.high80, panel.known[1]]
    if panel.last is not None:
        inside.append(panel.last[0])
    values = np.concatenate(inside)
    margin = 0.08 * max(float(np.ptp(values)), 1e-9 + 1e-3 * float(np.abs(values).max()))
    axes.set_ylim(values.min() - margin, values.max() + margin)


def plot_skill(rows: Sequence[tuple[str, float]], title: str, path: Path) -> Path:
    """Skill of every series against the last value, best first.

    Args:
        rows: series with its number of figures in words, and skill.
        title: of which cut-off.
        path: file; PNG and SVG are written.
    """
    height = 1.4 + ROW * len(rows)
    with styled():
        figure = Figure(figsize=(WIDE, height))
        axes = figure.subplots()
        figure.subplots_adjust(left=0.36, right=0.95, top=1 - 0.65 / height, bottom=0.75 / height)
        for place, (_, skill) in enumerate(rows):
            axes.barh(place, max(skill, LEAST_SKILL), color=BAND if skill > 0 else WORSE, height=0.68)
            at = max(skill, LEAST_SKILL)
            axes.text(
                at + (0.02 if skill > 0 else -0.02),
                place,
                f"{skill:+.2f}".replace("-", "−"),
                va="center",
                ha="left" if skill > 0 else "right",
                fontsize=6.5,
            )
        axes.set_yticks(range(len(rows)), [name for name, _ in rows])
        axes.set_ylim(len(rows) - 0.4, -0.6)
        axes.set_xlim(LEAST_SKILL - 0.25, 1.15)
        axes.axvline(0.0, color="#777777", lw=0.9)
        axes.grid(axis="y", visible=False)
        heading(figure, title, "skill: 1 is perfect, 0 as good as the last value, below 0 worse")
        note(figure, "Share of the CRPS of the last value that the model saves; all figures of a series together.")
        return save(figure, path)
