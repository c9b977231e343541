"""Reference forecasts without a model of the system: last value, same month of last year, straight line.

Each gives a normal distribution whose spread comes from its own past errors, up to the cut-off and no further.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from scipy.optimize import nnls

from model.results.observations import Observation

SEASON_MONTHS = 12.0
"""Months of a season."""

SAME_MONTH = 0.75
"""Months within which two periods are of the same month of the year."""

LEAST_FOR_NOISE = 4
"""Figures from which noise and drift of a series are told apart."""

LEAST_FOR_LINE = 4
"""Figures from which a line has a spread of its own."""

LINE_MONTHS = 24.0
"""Months before the cut-off to which a line is fitted."""

REFERENCE_NAMES = ("last value", "seasonal", "trend")
"""Reference forecasts, the one that must be beaten first."""


@dataclass(frozen=True, eq=False)
class KnownFigures:
    """Figures of one series that are known at a cut-off, in the order of their periods.

    Attributes:
        months: middle of each period in months, shape ``(figures,)``.
        values: the figures.
        error: measurement error of the last figure, below which no spread falls; 0 where it is not known.
    """

    months: np.ndarray
    values: np.ndarray
    error: float


@dataclass(frozen=True, eq=False)
class ReferenceForecast:
    """A normal forecast of some figures.

    Attributes:
        mean: shape ``(figures,)``.
        deviation: standard deviation, shape ``(figures,)``.
    """

    mean: np.ndarray
    deviation: np.ndarray


def middle_month(first: date, last: date) -> float:
    """Return the middle of a period of whole months, in months of the calendar since the year 0."""
    begin, end = (day.year * SEASON_MONTHS + day.month - 1 for day in (first, last))
    return (begin + end + 1.0) / 2.0


def known_figures(rows: Sequence[Observation]) -> KnownFigures:
    """Return the known figures of one series from its observations."""
    ordered = sorted(rows, key=lambda row: middle_month(*row.dates))
    error = ordered[-1].error if ordered else None
    months = np.array([middle_month(*row.dates) for row in ordered])
    return KnownFigures(months, np.array([row.value for row in ordered]), error or 0.0)


def reference_forecasts(past: KnownFigures, months: np.ndarray, single_figure: float) -> dict[str, ReferenceForecast]:
    """Make all reference forecasts for which there are enough known figures.

    Args:
        past: what is known; may be empty.
        months: middles of the periods to forecast.
        single_figure: spread of the last value after a year, as a share of it, where it is the only figure.

    Returns:
        By name; one for which there are too few figures is left out.
    """
    if not past.values.size:
        return {}
    forecasts = {"last value": last_value(past, months, single_figure)}
    seasonal = same_month(past, months, single_figure)
    line = straight_line(past, months)
    return forecasts | {
        name: forecast for name, forecast in (("seasonal", seasonal), ("trend", line)) if forecast is not None
    }


def last_value(past: KnownFigures, months: np.ndarray, single_figure: float) -> ReferenceForecast:
    """Forecast the last value; its variance grows linearly with the months ahead, as its past errors did."""
    ahead = months - past.months[-1]
    noise, drift = _growth(past, single_figure)
    return _reference(np.full(months.shape, past.values[-1]), noise + drift * ahead, past)


def same_month(past: KnownFigures, months: np.ndarray, single_figure: float) -> ReferenceForecast | None:
    """Forecast the figure of the same month of the last known year; None where such a month is missing.

    Its variance is that of changes over a year in the past (of the last value's over a year, where no year is there),
    times the years.
    """
    indices, years = np.empty(months.shape, dtype=int), np.empty(months.shape)
    for index, month in enumerate(months):
        behind = (month - past.months) / SEASON_MONTHS
        whole = np.round(behind)
        same = np.flatnonzero((whole >= 1.0) & (np.abs(behind - whole) * SEASON_MONTHS < SAME_MONTH))
        if not same.size:
            return None
        indices[index], years[index] = same[-1], whole[same[-1]]
    apart = past.months[None, :] - past.months[:, None]
    before, after = np.nonzero(np.abs(apart - SEASON_MONTHS) < SAME_MONTH)
    if before.size:
        variance = float(np.mean((past.values[after] - past.values[before]) ** 2))
    else:
        noise, drift = _growth(past, single_figure)
        variance = noise + drift * SEASON_MONTHS
    return _reference(past.values[indices], variance * years, past)


def straight_line(past: KnownFigures, months: np.ndarray) -> ReferenceForecast | None:
    """Fit a line to the last two years, with the variance of a new figure about it; None with too few figures."""
    recent = past.months > past.months[-1] - LINE_MONTHS
    at, values = past.months[recent], past.values[recent]
    if at.size < LEAST_FOR_LINE:
        return None
    middle, width = at.mean(), np.sum((at - at.mean()) ** 2)
    slope = float(np.sum((at - middle) * (values - values.mean())) / width)
    left = values - values.mean() - slope * (at - middle)
    variance = np.sum(left**2) / (at.size - 2) * (1.0 + 1.0 / at.size + (months - middle) ** 2 / width)
    return _reference(values.mean() + slope * (months - middle), variance, past)


def _growth(past: KnownFigures, single_figure: float) -> tuple[float, float]:
    """Return the variance of the last value's past errors: at once, and added by every month.

    The mean squares at every distance are fitted by a line, each weighed by its own uncertainty.
    """
    if past.values.size == 1:
        return 0.0, float((single_figure * past.values[0]) ** 2 / SEASON_MONTHS)
    if past.values.size < LEAST_FOR_NOISE:
        return 0.0, float(np.mean(np.diff(past.values) ** 2 / np.diff(past.months)))
    first, second = np.triu_indices(past.values.size, k=1)
    apart = past.months[second] - past.months[first]
    squares = (past.values[second] - past.values[first]) ** 2
    distances = np.unique(apart)
    means = np.array([squares[apart == distance].mean() for distance in distances])
    counts = np.array([np.sum(apart == distance) for distance in distances])
    weights = np.sqrt(counts) / distances
    noise, drift = nnls(np.stack([weights, weights * distances], axis=1), weights * means)[0]
    return float(noise), float(drift)


def _reference(mean: np.ndarray, variance: np.ndarray, past: KnownFigures) -> ReferenceForecast:
    least = max(past.error, 1e-3 * abs(float(past.values[-1])), float(np.finfo(float).tiny))
    return ReferenceForecast(mean, np.maximum(np.sqrt(variance), least))
