"""Summaries of a fit: by series, by figure that must hold, by fitted number and by pair of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri

from model.calibration.fit import Fit

QUANTILES = (0.1, 0.5, 0.9)
USES = {"fit": "fitted", "judge": "judged only", "fit and judge": "fitted and judged"}
"""Uses of a series in words; what is fitted is no evidence for the model."""

STRONG = 0.3
"""Correlation from which a pair is reported; among all pairs of 121 numbers, 400 draws reach about 0.2 by chance."""

EDGE = 2.0
"""Prior standard deviations from the middle beyond which a fitted number is said to press on its range."""


@dataclass(frozen=True)
class SeriesRow:
    """Fit of one series, before and after.

    Attributes:
        series: its id.
        use: fitted, judged or both.
        figures: how many.
        unit: of the root mean square errors.
        rmse_before: root mean square error with central values.
        rmse_after: the same of the posterior median.
        bias_before: mean difference in units of error, model and measurement together; above zero, the model is high.
        bias_after: the same of the posterior median.
        inside: share of the figures within the 80% interval of the posterior, measurement and discrepancy left out.
    """

    series: str
    use: str
    figures: int
    unit: str
    rmse_before: float
    rmse_after: float
    bias_before: float
    bias_after: float
    inside: float


@dataclass(frozen=True)
class PriorRow:
    """Prior and posterior of one fitted number.

    Attributes:
        name: what it moves.
        unit: its unit.
        prior: 10%, 50% and 90% points of the prior.
        posterior: the same of the posterior.
        central: value before the fit.
        informed: share of the prior variance of its score that the data took away; below zero where they widened it.
        shift: posterior mean of its score: prior standard deviations from the middle of the prior.
        source: evidence of the range.
    """

    name: str
    unit: str
    prior: tuple[float, float, float]
    posterior: tuple[float, float, float]
    central: float
    informed: float
    shift: float
    source: str

    @property
    def at_an_end(self) -> bool:
        """Whether it presses against an end of its range, which then deserves a second look."""
        return abs(self.shift) > EDGE


@dataclass(frozen=True)
class KeyRow:
    """A figure that must hold.

    Attributes:
        title: what it is.
        unit: unit of all figures of the row.
        observed: published figure.
        before: the model's with the values before the fit.
        low: lower end of the 80% interval of what would be published: draws, discrepancy and measurement together.
        median: median of the draws.
        high: upper end.
        within: how near the median must come.
        use: how its series is used, a key of ``USES``.
    """

    title: str
    unit: str
    observed: float
    before: float
    low: float
    median: float
    high: float
    within: float
    use: str = "fit and judge"

    @property
    def holds(self) -> bool:
        """Whether the median is near enough and the figure lies within the interval."""
        return abs(self.median - self.observed) <= self.within and self.low <= self.observed <= self.high


@dataclass(frozen=True)
class CorrelationRow:
    """Two fitted numbers that the data tied together.

    Attributes:
        first: name of one.
        second: name of the other.
        correlation: of their scores over the draws; before the fit it is 0.
    """

    first: str
    second: str
    correlation: float


def correlation_table(fit: Fit, least: float = STRONG) -> list[CorrelationRow]:
    """Return pairs of fitted numbers whose correlation is at least ``least`` in size, the strongest first."""
    names = [fitted_number.name for fitted_number in fit.problem.priors.fitted]
    together = np.atleast_2d(np.corrcoef(fit.sample.scores))
    pairs = [
        CorrelationRow(names[first], names[second], float(together[first, second]))
        for first, second in zip(*np.triu_indices(len(names), k=1), strict=True)
        if abs(together[first, second]) >= least
    ]
    return sorted(pairs, key=lambda row: -abs(row.correlation))


def key_table(fit: Fit) -> list[KeyRow]:
    """Return figures that must hold."""
    targets = fit.problem.targets
    position = {row.id: index for index, row in enumerate(targets.rows)}
    rows: list[KeyRow] = []
    for key in targets.keys:
        indices = np.array([position[figure] for figure in key.figures])
        draws = fit.sample.predictions[indices].mean(axis=0)
        spread = -float(ndtri(QUANTILES[0])) * float(np.sqrt(draws.var() + targets.covariance(indices).mean()))
        median = float(np.median(draws))
        row = KeyRow(
            key.title,
            targets.rows[int(indices[0])].unit,
            float(targets.observed[indices].mean()),
            float(fit.before[indices].mean()),
            median - spread,
            median,
            median + spread,
            key.within,
            targets.rows[int(indices[0])].use,
        )
        rows.append(row)
    return rows


def series_table(fit: Fit) -> list[SeriesRow]:
    """Return the fit of every series, in the order of their names."""
    targets = fit.problem.targets
    low, median, high = np.quantile(fit.sample.predictions, QUANTILES, axis=1)
    rows: list[SeriesRow] = []
    for name, indices in targets.series.items():
        observed, deviation = targets.observed[indices], targets.deviation[indices]
        before, after = fit.before[indices] - observed, median[indices] - observed
        inside = (low[indices] <= observed) & (observed <= high[indices])
        first = targets.rows[int(indices[0])]
        row = SeriesRow(
            name,
            first.use,
            indices.size,
            first.unit,
            _root_mean_square(before),
            _root_mean_square(after),
            float(np.mean(before / deviation)),
            float(np.mean(after / deviation)),
            float(inside.mean()),
        )
        rows.append(row)
    return rows


def prior_table(fit: Fit) -> list[PriorRow]:
    """Return prior and posterior of every fitted number, the best informed first."""
    scores = fit.sample.scores
    values = fit.problem.priors.values(scores)
    rows: list[PriorRow] = []
    for fitted_number, score, value in zip(fit.problem.priors.fitted, scores, values, strict=True):
        before, after = fitted_number.range.value(ndtri(np.array(QUANTILES))), np.quantile(value, QUANTILES)
        row = PriorRow(
            fitted_number.name,
            fitted_number.unit,
            _three(before),
            _three(after),
            fitted_number.range.central,
            1.0 - float(score.var()),
            float(score.mean()),
            fitted_number.source,
        )
        rows.append(row)
    return sorted(rows, key=lambda row: -row.informed)


def _three(values: np.ndarray) -> tuple[float, float, float]:
    return float(values[0]), float(values[1]), float(values[2])


def _root_mean_square(values: np.ndarray) -> float:
    return float(np.sqrt(np.mean(values**2)))
