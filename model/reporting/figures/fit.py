"""Figures of a fit: each series beside the model, residuals over time, prior against posterior, correlations."""

from __future__ import annotations

from calendar import month_abbr
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import TwoSlopeNorm
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import FuncFormatter, MaxNLocator, MultipleLocator

from model.reporting.figures.style import BASELINE, OBSERVED, PALETTE, heading, note, save, styled, wrapped

BAND = PALETTE[0]
NEW_SIDE, OTHER_SIDE = PALETTE[1], PALETTE[0]
PANEL = (3.7, 2.6)
WIDE = 9.0
ROW = 0.21
"""Height of a line of text in a figure of many rows, in inches."""

TITLE_LETTERS, NAME_LETTERS = 42, 54
"""Letters in a line of a small figure's title, and in the name of a row."""

LARGEST_RESIDUAL = 3.0
"""Units of error at which the colour of a residual is full."""

DIVERGING = "PuOr_r"
"""Colour-blind safe, white in the middle."""


@dataclass(frozen=True, eq=False)
class Band:
    """Quantiles of draws at some places, each of shape ``(figures,)``."""

    low80: np.ndarray
    low50: np.ndarray
    median: np.ndarray
    high50: np.ndarray
    high80: np.ndarray

    @classmethod
    def of(cls, draws: np.ndarray) -> Band:
        """Quantiles over the last axis of draws of shape ``(figures, members)``."""
        return cls(*np.quantile(draws, (0.1, 0.25, 0.5, 0.75, 0.9), axis=1))


@dataclass(frozen=True, eq=False)
class SeriesPanel:
    """One series beside the model.

    Attributes:
        title: what it is.
        unit: unit of all figures.
        use: whether it was fitted, judges the fit, or both.
        places: middle of each period as a decimal year, shape ``(figures,)``.
        observed: published figures.
        error: their measurement errors, one standard deviation.
        before: the model with the values before the fit.
        draws: quantiles of the draws.
        published: quantiles of what would be published: draws, discrepancy and measurement error together.
    """

    title: str
    unit: str
    use: str
    places: np.ndarray
    observed: np.ndarray
    error: np.ndarray
    before: np.ndarray
    draws: Band
    published: Band


def thousands(value: float, _: object = None) -> str:
    """A number on an axis, thousands apart."""
    return f"{value:,.6g}".replace("-", "−")


def whole_years(axes: Axes) -> None:
    """Years on the axis without halves, unless the span is short."""
    low, high = axes.get_xlim()
    if high - low > 1.5:
        axes.xaxis.set_major_locator(MaxNLocator(5, integer=True))
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:.0f}"))
    else:
        axes.xaxis.set_major_locator(MultipleLocator(0.25 if high - low > 0.75 else 1 / 12))
        axes.xaxis.set_major_formatter(FuncFormatter(_month))


def _month(value: float, _: object = None) -> str:
    year, part = divmod(value, 1.0)
    return f"{month_abbr[min(12, int(part * 12 + 0.01) + 1)]} {year:.0f}"


def short(name: str) -> str:
    """A name that fits beside a row."""
    return name if len(name) <= NAME_LETTERS else f"{name[: NAME_LETTERS - 1]}…"


def panel_heading(axes: Axes, title: str, below: str) -> None:
    """Title of a small figure, and unit and use below it."""
    lines = wrapped(title, TITLE_LETTERS)
    axes.set_title(f"{lines}\n", fontsize=8.5, pad=3)
    axes.text(0, 1.03, below, transform=axes.transAxes, fontsize=7, color="#555555")


def _lines(places: np.ndarray) -> list[slice]:
    """Stretches of places without a gap of more than a year."""
    breaks = [0, *(np.flatnonzero(np.diff(places) > 1.05) + 1), places.size]
    return [slice(first, last) for first, last in pairwise(breaks)]


def plot_series_fit(panel: SeriesPanel, path: Path) -> Path:
    """One series: observed with error bars, the model before the fit, and bands of the draws."""
    with styled():
        figure = Figure(figsize=PANEL)
        axes = figure.subplots()
        figure.subplots_adjust(left=0.16, right=0.97, top=0.81, bottom=0.26)
        for part in _lines(panel.places):
            places = panel.places[part]
            shown = places if places.size > 1 else np.array([places[0] - 0.04, places[0] + 0.04])

            def at(values: np.ndarray, part: slice = part, count: int = shown.size) -> np.ndarray:
                return np.broadcast_to(values[part], (count,)) if values[part].size == 1 else values[part]

            for low, high, alpha in (
                (panel.published.low80, panel.published.high80, 0.13),
                (panel.draws.low80, panel.draws.high80, 0.30),
                (panel.draws.low50, panel.draws.high50, 0.45),
            ):
                axes.fill_between(shown, at(low), at(high), color=BAND, alpha=alpha, lw=0)
            axes.plot(shown, at(panel.draws.median), color=BAND, lw=1.4)
            axes.plot(shown, at(panel.before), color=BASELINE, lw=1.0, ls=(0, (3, 1.5)))
        axes.errorbar(
            panel.places,
            panel.observed,
            yerr=1.2816 * panel.error,
            fmt="o",
            ms=2.6,
            mfc="white",
            mec=OBSERVED,
            ecolor=OBSERVED,
            elinewidth=0.7,
            mew=0.8,
            zorder=5,
        )
        whole_years(axes)
        axes.yaxis.set_major_locator(MaxNLocator(5))
        axes.yaxis.set_major_formatter(FuncFormatter(thousands))
        panel_heading(axes, panel.title, f"{panel.unit} · {_use(panel.use)}")
        keys = [
            Line2D([], [], ls="", marker="o", ms=3, mfc="white", mec=OBSERVED, label="published, 80% of error"),
            Line2D([], [], color=BASELINE, lw=1.0, ls=(0, (3, 1.5)), label="before the fit"),
            Line2D([], [], color=BAND, lw=1.4, label="median; draws 50%, 80%"),
            Patch(color=BAND, alpha=0.13, label="80% with all errors"),
        ]
        figure.legend(handles=keys, loc="lower center", ncols=2, fontsize=6.5, handlelength=1.6, columnspacing=1.2)
        return save(figure, path)


def _use(use: str) -> str:
    return {"fit": "fitted", "judge": "judged only", "fit and judge": "fitted and judged"}.get(use, use)


def plot_residuals(series: Sequence[tuple[str, np.ndarray, np.ndarray]], path: Path) -> Path:
    """Residuals of every series over time, one row each.

    Args:
        series: name, places as decimal years and residuals in units of error: median of the draws less published.
        path: file; PNG and SVG are written.
    """
    height = 1.5 + ROW * len(series)
    with styled():
        figure = Figure(figsize=(WIDE, height))
        axes = figure.subplots()
        figure.subplots_adjust(left=0.24, right=0.9, top=1 - 0.6 / height, bottom=0.75 / height)
        norm = TwoSlopeNorm(0.0, -LARGEST_RESIDUAL, LARGEST_RESIDUAL)
        for row, (_, places, residuals) in enumerate(series):
            drawn = axes.scatter(
                places,
                np.full(places.size, row),
                c=np.clip(residuals, -LARGEST_RESIDUAL, LARGEST_RESIDUAL),
                s=24,
                marker="s",
                cmap=DIVERGING,
                norm=norm,
                edgecolor="#777777",
                lw=0.3,
            )
        axes.set_yticks(range(len(series)), [name for name, _, _ in series])
        axes.set_ylim(len(series) - 0.5, -0.5)
        whole_years(axes)
        scale = figure.colorbar(drawn, ax=axes, fraction=0.025, pad=0.02)
        scale.set_label("units of error", fontsize=7)
        heading(figure, "Residuals over time", "median of draws less published figure; orange: the model is high")
        note(figure, "In standard deviations of measurement and model error together; colours end at 3.")
        return save(figure, path)


def plot_prior_posterior(rows: Sequence[tuple[str, tuple[float, ...], tuple[float, ...]]], path: Path) -> Path:
    """Prior and posterior of every fitted number on a common scale, the middle 80% of the prior.

    Args:
        rows: name, and 10%, 50% and 90% points of prior and posterior.
        path: file; PNG and SVG are written.
    """
    height = 1.35 + ROW * len(rows)
    with styled():
        figure = Figure(figsize=(WIDE, height))
        axes = figure.subplots()
        figure.subplots_adjust(left=0.47, right=0.97, top=1 - 0.6 / height, bottom=0.6 / height)
        for row, (_, prior, posterior) in enumerate(rows):
            low, _, high = prior
            scaled = (np.array(posterior) - low) / (high - low)
            axes.plot([0, 1], [row, row], color="#C8C8C8", lw=5, solid_capstyle="butt")
            axes.plot(scaled[[0, 2]], [row, row], color=BAND, lw=2.6, solid_capstyle="butt")
            axes.plot(scaled[1], row, "o", ms=4, mfc="white", mec=BAND, mew=1.2)
        axes.set_yticks(range(len(rows)), [short(name) for name, _, _ in rows])
        axes.set_ylim(len(rows) - 0.4, -0.6)
        axes.set_xticks([0, 1], ["10% of the prior", "90% of the prior"])
        below = "grey: 80% of the prior; blue: 80% and median after"
        heading(figure, "What the record said about each fitted number", below)
        note(figure, "Each number on the scale of its own prior; values with units and sources are in the table.")
        return save(figure, path)


def plot_correlations(names: Sequence[str], correlations: np.ndarray, path: Path) -> Path:
    """Correlations of draws between fitted numbers.

    Args:
        names: of the fitted numbers, shape ``(fitted,)``.
        correlations: shape ``(fitted, fitted)``.
        path: file; PNG and SVG are written.
    """
    size = 1.4 + 0.3 * len(names)
    with styled():
        figure = Figure(figsize=(max(WIDE, size + 3.2), size))
        axes = figure.subplots()
        figure.subplots_adjust(left=0.42, right=0.92, top=1 - 0.55 / size, bottom=0.65 / size)
        shown = np.where(np.tri(len(names), k=-1, dtype=bool), correlations, np.nan)
        drawn = axes.imshow(shown, cmap=DIVERGING, vmin=-1, vmax=1, aspect="auto")
        for row, column in zip(*np.nonzero(np.abs(np.nan_to_num(shown)) >= 0.2), strict=True):
            value = shown[row, column]
            axes.text(
                column,
                row,
                f"{value:.1f}".replace("-", "−"),
                ha="center",
                va="center",
                fontsize=6,
                color="white" if abs(value) > 0.7 else "#222222",
            )
        numbers = [str(position + 1) for position in range(len(names))]
        labels = [f"{short(name)}  {each}" for name, each in zip(names, numbers, strict=True)]
        axes.set_yticks(range(len(names)), labels)
        axes.set_xticks(range(len(names)), numbers)
        axes.grid(False)
        figure.colorbar(drawn, ax=axes, fraction=0.03, pad=0.02)
        heading(figure, "Numbers that the record ties together", "correlation of the draws; 0.2 or more is written out")
        note(figure, "Two numbers of strong correlation are known better together than each by itself.")
        return save(figure, path)
