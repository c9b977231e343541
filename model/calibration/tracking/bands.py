"""New figures against a projection: bands, standardised distances, figures outside in a row, and false alarms.

What would be published is the spread of the members, the model's own error and the measurement error together: a
mixture of normal distributions, one about each member. No random number is drawn for the bands.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import log_ndtr, logsumexp, ndtr, ndtri_exp

from model.calibration.targets import CalibrationTargets

INTERVAL = (0.1, 0.9)
"""The 80% band."""

HALVINGS = 45
REPETITIONS = 4000
"""Invented sets of figures for the chance of false alarms."""


def published_quantiles(predictions: np.ndarray, deviation: np.ndarray, shares: Sequence[float]) -> np.ndarray:
    """Return quantiles of what would be published.

    Args:
        predictions: of the members, shape ``(figures, members)``.
        deviation: standard deviation of model and measurement error together, shape ``(figures,)``.
        shares: quantiles asked for.

    Returns:
        Shape ``(shares, figures)``.
    """
    quantiles = np.empty((len(shares), len(predictions)))
    for index, share in enumerate(shares):
        low, high = (limit(predictions, axis=1) + sign * 9.0 * deviation for limit, sign in ((np.min, -1), (np.max, 1)))
        for _ in range(HALVINGS):
            middle = 0.5 * (low + high)
            below = ndtr((middle[:, None] - predictions) / deviation[:, None]).mean(axis=1) < share
            low, high = np.where(below, middle, low), np.where(below, high, middle)
        quantiles[index] = 0.5 * (low + high)
    return quantiles


def standardised_distances(predictions: np.ndarray, deviation: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Return the normal score of values in the distribution of what would be published.

    Beyond ±1.28 they lie outside the 80% band, whatever the shape of the spread.

    Args:
        predictions: of the members, shape ``(figures, members)``.
        deviation: standard deviation of all errors, shape ``(figures,)``.
        values: shape ``(figures,)``.
    """
    away = (values[:, None] - predictions) / deviation[:, None]
    count = np.log(predictions.shape[1])
    below, above = (logsumexp(log_ndtr(sign * away), axis=1) - count for sign in (1.0, -1.0))
    # The smaller tail keeps its figures where the other is 1 to the last digit.
    return np.where(below < above, ndtri_exp(np.minimum(below, 0.0)), -ndtri_exp(np.minimum(above, 0.0)))


@dataclass(frozen=True)
class ObservationRow:
    """One new figure beside the projection.

    Attributes:
        id: series and period.
        series: the id without its period.
        period: as written.
        unit: unit of all figures.
        value: published.
        low: lower end of the 80% band.
        median: middle of what would be published.
        high: upper end.
        score: standardised distance; above zero, the figure is above the projection.
        repeated: whether the record that was fitted has it already.
    """

    id: str
    series: str
    period: str
    unit: str
    value: float
    low: float
    median: float
    high: float
    score: float
    repeated: bool

    @property
    def side(self) -> str:
        """``above`` or ``below`` the 80% band, or ``inside``; its ends belong to it."""
        if self.value > self.high:
            return "above"
        return "below" if self.value < self.low else "inside"


@dataclass(frozen=True)
class SeriesFinding:
    """What new figures say about one series.

    Attributes:
        series: its id.
        figures: how many are new.
        outside: how many lie outside their 80% band.
        side: where the newest lies: ``inside``, ``above`` or ``below``.
        since: period since which all figures have been outside on that side; empty where the newest is inside.
        in_a_row: how many that are.
        newest: standardised distance of the newest.
        mean: mean standardised distance.
        chance: chance of a mean distance as large, to either side, were the projection right.
    """

    series: str
    figures: int
    outside: int
    side: str
    since: str
    in_a_row: int
    newest: float
    mean: float
    chance: float


def series_finding(rows: Sequence[ObservationRow], chance: float) -> SeriesFinding:
    """Summarise the new figures of one series.

    Args:
        rows: its figures in the order of their dates.
        chance: chance of a mean distance as large.
    """
    newest = rows[-1]
    run = 0
    for row in reversed(rows):
        if newest.side == "inside" or row.side != newest.side:
            break
        run += 1
    return SeriesFinding(
        newest.series,
        len(rows),
        sum(row.side != "inside" for row in rows),
        newest.side,
        rows[-run].period if run else "",
        run,
        newest.score,
        float(np.mean([row.score for row in rows])),
        chance,
    )


@dataclass(frozen=True)
class FalseAlarmCheck:
    """How many figures lie outside, and how many would by chance.

    Attributes:
        figures: how many were looked at.
        outside: how many lie outside their 80% band.
        expected: how many would on average, were the projection right.
        usual: the most that would in nine cases of ten.
        chance_of_count: chance of as many outside or more.
        chance: chance that any of the series goes as far astray as the one that is furthest, by its mean distance.
    """

    figures: int
    outside: int
    expected: float
    usual: int
    chance_of_count: float
    chance: float


def false_alarms(
    targets: CalibrationTargets, predictions: np.ndarray, band: np.ndarray, seed: int
) -> tuple[FalseAlarmCheck, dict[str, float]]:
    """Compare the figures with figures drawn from the projection itself, with all errors and their correlation.

    Args:
        targets: new figures.
        predictions: of the members, shape ``(figures, members)``.
        band: lower and upper end of the 80% band, shape ``(2, figures)``.
        seed: seed of the inventions.

    Returns:
        What chance would do to all figures, and for each series the chance of a mean distance as large.
    """
    generator = np.random.default_rng([seed, 6])
    members = predictions.shape[1]
    invented = predictions[:, np.arange(REPETITIONS) % members].astype(float)
    for indices in targets.series.values():
        normals = generator.standard_normal((indices.size, REPETITIONS))
        invented[indices] += np.linalg.cholesky(targets.covariance(indices)) @ normals
    counts = np.sum((invented < band[0][:, None]) | (invented > band[1][:, None]), axis=0)
    outside = int(np.sum((targets.observed < band[0]) | (targets.observed > band[1])))
    middle = predictions.mean(axis=1)[:, None]
    spread = np.sqrt(predictions.var(axis=1) + targets.deviation**2)[:, None]
    observed_means, invented_means = (
        _series_means(targets, (values - middle) / spread) for values in (targets.observed[:, None], invented)
    )
    usual = invented_means.std(axis=1, keepdims=True)
    furthest, astray = (np.abs(means / usual).max(axis=0) for means in (observed_means, invented_means))
    alarm = FalseAlarmCheck(
        len(targets),
        outside,
        float(counts.mean()),
        int(np.quantile(counts, 0.9, method="higher")),
        _share_at_least(counts, outside),
        _share_at_least(astray, float(furthest[0])),
    )
    chances = {
        name: _share_at_least(np.abs(invented_means[row]), float(np.abs(observed_means[row, 0])))
        for row, name in enumerate(targets.series)
    }
    return alarm, chances


def _series_means(targets: CalibrationTargets, distances: np.ndarray) -> np.ndarray:
    """Return the mean distance of each series, shape ``(series, sets)``: months of a series go astray together."""
    return np.stack([distances[indices].mean(axis=0) for indices in targets.series.values()])


def _share_at_least(values: np.ndarray, limit: float) -> float:
    return (1.0 + float(np.sum(values >= limit))) / (1.0 + values.size)
