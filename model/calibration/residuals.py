"""Patterns in the residuals of a fit: by series, their mean, size, and likeness in neighbouring months."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from model.calibration.fit import Fit
from model.calibration.targets import CalibrationTargets
from model.registry.calendar import DAYS_PER_MONTH

NEIGHBOURS = 1.6
"""Months between the middles of two figures up to which they are neighbours."""

FEWEST_FIGURES = 6
"""Figures from which a correlation of neighbours is reported."""


@dataclass(frozen=True, eq=False)
class ResidualRow:
    """Residuals of one series.

    Attributes:
        series: its id.
        use: fitted, judged or both.
        indices: positions of its figures among the targets.
        residuals: median of the draws less the published figure in units of error, shape ``(figures,)``.
        together: correlation of neighbouring residuals about zero; not a number with too few.
        stated: the same as the stated errors have it.
    """

    series: str
    use: str
    indices: np.ndarray
    residuals: np.ndarray
    together: float
    stated: float

    @property
    def mean(self) -> float:
        """Mean in units of error; above zero, the model is high."""
        return float(self.residuals.mean())

    @property
    def size(self) -> float:
        """Root mean square; about 1 where the errors are as stated."""
        return float(np.sqrt(np.mean(self.residuals**2)))


def residual_table(fit: Fit) -> list[ResidualRow]:
    """Return residuals of every series, in the order of their names."""
    targets = fit.problem.targets
    median = np.median(fit.sample.predictions, axis=1)
    residuals = (median - targets.observed) / targets.deviation
    rows: list[ResidualRow] = []
    for name, indices in targets.series.items():
        together, stated = _neighbours(targets, indices, residuals[indices])
        rows.append(ResidualRow(name, targets.rows[int(indices[0])].use, indices, residuals[indices], together, stated))
    return rows


def _neighbours(targets: CalibrationTargets, indices: np.ndarray, residuals: np.ndarray) -> tuple[float, float]:
    """Return the correlation of neighbouring residuals, as measured and as the stated errors imply."""
    middle = np.array(
        [(targets.rows[index].first.toordinal() + targets.rows[index].last.toordinal()) / 2 for index in indices]
    )
    near = np.flatnonzero(np.diff(middle) <= NEIGHBOURS * DAYS_PER_MONTH)
    if near.size + 1 < FEWEST_FIGURES:
        return float("nan"), float("nan")
    covariance = targets.covariance(indices)
    deviation = np.sqrt(np.diag(covariance))
    stated = float(np.mean(covariance[near, near + 1] / (deviation[near] * deviation[near + 1])))
    ends = 0.5 * (np.sum(residuals[near] ** 2) + np.sum(residuals[near + 1] ** 2))
    return float(np.sum(residuals[near] * residuals[near + 1]) / ends), stated
