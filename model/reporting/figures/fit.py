"""Figures of a fit: each series beside the model, residuals over time, prior against posterior, correlations."""

from __future__ import annotations

from calendar import month_abbr
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.colors import TwoSlopeNorm
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import FuncFormatter, MaxNLocator, MultipleLocator

from model.reporting.figures.style import (
    DOTTED_LINE,
    EIGHTY_PERCENT,
    heading,
    heat_map,
    margins,
    note,
    number_axis,
    panel_title,
    save,
    styled,
)
from model.reporting.names import shortened, wrapped
from model.reporting.theme import (
    AXIS_POINTS,
    BASELINE,
    DIVERGING_MAP,
    FAINT,
    INK,
    LABEL_POINTS,
    NOTE_POINTS,
    OBSERVED,
    PALETTE,
    ZERO,
)
from model.results.number_format import format_number

DRAWS_COLOUR = PALETTE[0]
SERIES_SIZE = (3.7, 2.6)
"""Inches of the figure of one series."""
WIDE = 9.0
ROW = 0.21
"""Height of a line of text in a figure of many rows, in inches."""

TITLE_LETTERS, NAME_LETTERS = 42, 54
"""Letters in a line of a small figure's title, and in the name of a row."""

ALONE = 0.04
"""Years drawn to each side of a figure of a series that stands alone."""
LARGEST_RESIDUAL = 3.0
"""Units of error at which the colour of a residual is full."""
LEAST_CORRELATION = 0.2
"""Size of a correlation from which it is written out."""
USES = {"fit": "fitted", "judge": "judged only", "fit and judge": "fitted and judged"}


@dataclass(frozen=True, eq=False)
class DrawQuantiles:
    """Quantiles of draws at some places, each of shape ``(figures,)``."""

    low80: np.ndarray
    low50: np.ndarray
    median: np.ndarray
    high50: np.ndarray
    high80: np.ndarray

    @classmethod
    def of(cls, draws: np.ndarray) -> DrawQuantiles:
        """Return the quantiles over the last axis of draws of shape ``(figures, members)``."""
        return cls(*np.quantile(draws, (0.1, 0.25, 0.5, 0.75, 0.9), axis=1))


@dataclass(frozen=True, eq=False)
class SeriesFit:
    """One series beside the model.

    Attributes:
        title: what it is.
        unit: unit of all figures.
        use: whether it was fitted, judges the fit, or both.
        years: middle of each period as a decimal year, shape ``(figures,)``.
        observed: published figures.
        error: their measurement errors, one standard deviation.
        before: the model with the values before the fit.
        draws: quantiles of the draws.
        published: quantiles of what would be published: draws, discrepancy and measurement error together.
    """

    title: str
    unit: str
    use: str
    years: np.ndarray
    observed: np.ndarray
    error: np.ndarray
    before: np.ndarray
    draws: DrawQuantiles
    published: DrawQuantiles


def series_figure() -> tuple[Figure, Axes]:
    """Return the small figure of one series, with room for a title above and a legend below."""
    figure = Figure(figsize=SERIES_SIZE)
    axes = figure.subplots()
    figure.subplots_adjust(left=0.16, right=0.97, top=0.81, bottom=0.26)
    return figure, axes


def save_series(figure: Figure, title: str, below: str, keys: Sequence[Artist], path: Path) -> Path:
    """Give the figure of a series its axes, title and legend, and save it.

    Args:
        figure: made by ``series_figure``, with the data drawn.
        title: what the series is.
        below: unit, and what else is to be known, in small letters.
        keys: what the legend explains.
        path: file; PNG and SVG are written.

    Returns:
        Path of the PNG.
    """
    (axes,) = figure.axes
    _year_axis(axes)
    number_axis(axes.yaxis, 5)
    panel_title(axes, wrapped(title, TITLE_LETTERS), below, points=8.5)
    figure.legend(
        handles=list(keys), loc="lower center", ncols=2, fontsize=NOTE_POINTS, handlelength=1.6, columnspacing=1.2
    )
    return save(figure, path)


def widened(years: np.ndarray, half_width: float) -> np.ndarray:
    """Return the places of a line or band; a single one becomes two, so that there is something to see."""
    return years[0] + np.array([-half_width, half_width]) if years.size == 1 else years


def at(values: np.ndarray, years: np.ndarray) -> np.ndarray:
    """Return values at the places that ``widened`` gave: a single one at both."""
    return np.broadcast_to(values, (*values.shape[:-1], years.size))


def rows_figure(names: Sequence[str], *, left: float, right: float, above: float, below: float) -> tuple[Figure, Axes]:
    """Return a wide figure of one row for each name, the first on top.

    Args:
        names: of the rows; long ones are cut.
        left: left edge of the rows, as a share of the width.
        right: right edge, as a share of the width.
        above: inches above the rows.
        below: inches below them.
    """
    figure = Figure(figsize=(WIDE, above + below + 0.15 + ROW * len(names)))
    axes = figure.subplots()
    margins(figure, left=left, right=right, above=above, below=below)
    axes.set_yticks(range(len(names)), [shortened(name, NAME_LETTERS) for name in names])
    axes.set_ylim(len(names) - 0.4, -0.6)
    return figure, axes


def plot_series_fit(series: SeriesFit, path: Path) -> Path:
    """Draw one series: observed with error bars, the model before the fit, and bands of the draws."""
    with styled():
        figure, axes = series_figure()
        for stretch in _stretches(series.years):
            years = widened(series.years[stretch], ALONE)
            for low, high, alpha in (
                (series.published.low80, series.published.high80, 0.13),
                (series.draws.low80, series.draws.high80, 0.30),
                (series.draws.low50, series.draws.high50, 0.45),
            ):
                ends = at(low[stretch], years), at(high[stretch], years)
                axes.fill_between(years, *ends, color=DRAWS_COLOUR, alpha=alpha, lw=0)
            axes.plot(years, at(series.draws.median[stretch], years), color=DRAWS_COLOUR, lw=1.4)
            axes.plot(years, at(series.before[stretch], years), color=BASELINE, lw=1.0, ls=DOTTED_LINE)
        axes.errorbar(
            series.years,
            series.observed,
            yerr=EIGHTY_PERCENT * series.error,
            fmt="o",
            ms=2.6,
            mfc="white",
            mec=OBSERVED,
            ecolor=OBSERVED,
            elinewidth=0.7,
            mew=0.8,
            zorder=5,
        )
        keys = [
            Line2D([], [], ls="", marker="o", ms=3, mfc="white", mec=OBSERVED, label="published, 80% of error"),
            Line2D([], [], color=BASELINE, lw=1.0, ls=DOTTED_LINE, label="before the fit"),
            Line2D([], [], color=DRAWS_COLOUR, lw=1.4, label="median; draws 50%, 80%"),
            Patch(color=DRAWS_COLOUR, alpha=0.13, label="80% with all errors"),
        ]
        return save_series(figure, series.title, f"{series.unit} · {USES.get(series.use, series.use)}", keys, path)


def plot_residuals(series: Sequence[tuple[str, np.ndarray, np.ndarray]], path: Path) -> Path:
    """Draw residuals of every series over time, one row each.

    Args:
        series: name, decimal years and residuals in units of error: median of the draws less published.
        path: file; PNG and SVG are written.
    """
    with styled():
        figure, axes = rows_figure([name for name, _, _ in series], left=0.24, right=0.9, above=0.6, below=0.75)
        norm = TwoSlopeNorm(0.0, -LARGEST_RESIDUAL, LARGEST_RESIDUAL)
        for row, (_, years, residuals) in enumerate(series):
            squares = axes.scatter(
                years,
                np.full(years.size, row),
                c=np.clip(residuals, -LARGEST_RESIDUAL, LARGEST_RESIDUAL),
                s=24,
                marker="s",
                cmap=f"{DIVERGING_MAP}_r",
                norm=norm,
                edgecolor=ZERO,
                lw=0.3,
            )
        _year_axis(axes)
        scale = figure.colorbar(squares, ax=axes, fraction=0.025, pad=0.02)
        scale.set_label("units of error", fontsize=AXIS_POINTS)
        heading(figure, "Residuals over time", "median of draws less published figure; orange: the model is high")
        note(figure, "In standard deviations of measurement and model error together; colours end at 3.")
        return save(figure, path)


def plot_prior_posterior(rows: Sequence[tuple[str, tuple[float, ...], tuple[float, ...]]], path: Path) -> Path:
    """Draw prior and posterior of every fitted number on a common scale, the middle 80% of the prior.

    Args:
        rows: name, and 10%, 50% and 90% points of prior and posterior.
        path: file; PNG and SVG are written.
    """
    with styled():
        figure, axes = rows_figure([name for name, _, _ in rows], left=0.47, right=0.97, above=0.6, below=0.6)
        for row, (_, prior, posterior) in enumerate(rows):
            low, _, high = prior
            first, middle, last = (np.array(posterior) - low) / (high - low)
            axes.plot([0, 1], [row, row], color=FAINT, lw=5, solid_capstyle="butt")
            axes.plot([first, last], [row, row], color=DRAWS_COLOUR, lw=2.6, solid_capstyle="butt")
            axes.plot(middle, row, "o", ms=4, mfc="white", mec=DRAWS_COLOUR, mew=1.2)
        axes.set_xticks([0, 1], ["10% of the prior", "90% of the prior"])
        below = "grey: 80% of the prior; blue: 80% and median after"
        heading(figure, "What the record said about each fitted number", below)
        note(figure, "Each number on the scale of its own prior; values with units and sources are in the table.")
        return save(figure, path)


def plot_correlations(names: Sequence[str], correlations: np.ndarray, path: Path) -> Path:
    """Draw correlations of draws between fitted numbers.

    Args:
        names: of the fitted numbers, shape ``(fitted,)``.
        correlations: shape ``(fitted, fitted)``.
        path: file; PNG and SVG are written.
    """
    size = 1.4 + 0.3 * len(names)
    with styled():
        figure = Figure(figsize=(max(WIDE, size + 3.2), size))
        axes = figure.subplots()
        margins(figure, left=0.42, right=0.92, above=0.55, below=0.65)
        below_diagonal = np.where(np.tri(len(names), k=-1, dtype=bool), correlations, np.nan)
        numbers = [str(row) for row in range(1, len(names) + 1)]
        labels = [f"{shortened(name, NAME_LETTERS)}  {row}" for name, row in zip(names, numbers, strict=True)]
        heat_map(axes, below_diagonal, labels, numbers, colours=f"{DIVERGING_MAP}_r", limits=(-1.0, 1.0))
        strong = np.abs(np.nan_to_num(below_diagonal)) >= LEAST_CORRELATION
        for row, column in zip(*np.nonzero(strong), strict=True):
            value = float(below_diagonal[row, column])
            colour = "white" if abs(value) > 0.7 else INK
            text = format_number(value, 1)
            axes.text(column, row, text, ha="center", va="center", fontsize=LABEL_POINTS, color=colour)
        figure.colorbar(axes.images[0], ax=axes, fraction=0.03, pad=0.02)
        heading(figure, "Numbers that the record ties together", "correlation of the draws; 0.2 or more is written out")
        note(figure, "Two numbers of strong correlation are known better together than each by itself.")
        return save(figure, path)


def _stretches(years: np.ndarray) -> list[slice]:
    """Stretches of places without a gap of more than a year."""
    breaks = [0, *(np.flatnonzero(np.diff(years) > 1.05) + 1), years.size]
    return [slice(first, last) for first, last in pairwise(breaks)]


def _year_axis(axes: Axes) -> None:
    """Years on the axis without halves, unless the span is short."""
    low, high = axes.get_xlim()
    if high - low > 1.5:
        axes.xaxis.set_major_locator(MaxNLocator(5, integer=True))
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:.0f}"))
    else:
        axes.xaxis.set_major_locator(MultipleLocator(0.25 if high - low > 0.75 else 1 / 12))
        axes.xaxis.set_major_formatter(FuncFormatter(_month))


def _month(value: float, _: object = None) -> str:
    year, within = divmod(value, 1.0)
    return f"{month_abbr[min(12, int(within * 12 + 0.01) + 1)]} {year:.0f}"
