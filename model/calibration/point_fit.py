"""The point fit: the most probable vector by least squares, its whole Jacobian from one batched run."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import least_squares

from model.calibration.forward_model import CountCallback, Forward
from model.calibration.targets import CalibrationTargets

STEP = 0.1
"""Half the width of the central differences, in standard deviations of the prior: wide enough to pass over kinks."""

SPREAD = 0.7
"""Standard deviation of the further starts about the middle of the prior."""


@dataclass(frozen=True, eq=False)
class PointFit:
    """The end of the least squares.

    Attributes:
        scores: most probable vector, shape ``(fitted,)``.
        jacobian: of the whitened residuals, shape ``(fitted figures, fitted)``.
        costs: half the sum of squares, prior included, at the end of each start.
        start: number of the start that ended lowest.
    """

    scores: np.ndarray
    jacobian: np.ndarray
    costs: tuple[float, ...]
    start: int

    @property
    def covariance(self) -> np.ndarray:
        """Covariance of the scores where the model is linear about the fit (Laplace)."""
        return np.linalg.inv(np.eye(self.scores.size) + self.jacobian.T @ self.jacobian)


class _Residuals:
    """Residuals and Jacobian of the last vector asked for, from one batched run."""

    def __init__(self, forward: Forward, targets: CalibrationTargets) -> None:
        self._forward = forward
        self._targets = targets
        self._at: np.ndarray | None = None
        self._values = np.empty(0)
        self.slopes = np.empty((0, 0))

    def values(self, scores: np.ndarray) -> np.ndarray:
        """Return whitened residuals, then the scores themselves: the prior as so many further figures."""
        self._go_to(scores)
        return np.concatenate([self._values, scores])

    def jacobian(self, scores: np.ndarray) -> np.ndarray:
        """Return the slopes of ``values``."""
        self._go_to(scores)
        return np.concatenate([self.slopes, np.eye(scores.size)])

    def _go_to(self, scores: np.ndarray) -> None:
        if self._at is not None and np.array_equal(scores, self._at):
            return
        steps = STEP * np.eye(scores.size)
        batch = scores[:, None] + np.concatenate([np.zeros((scores.size, 1)), steps, -steps], axis=1)
        residuals = self._targets.whitened(self._forward(batch))
        above, below = np.split(residuals[:, 1:], 2, axis=1)
        self._at, self._values, self.slopes = scores.copy(), residuals[:, 0], (above - below) / (2.0 * STEP)


def fit_point(
    forward: Forward,
    targets: CalibrationTargets,
    central: np.ndarray,
    *,
    starts: int,
    evaluations: int,
    seed: int,
    done: CountCallback = lambda count: None,
) -> PointFit:
    """Find the most probable vector from several starts: the values before the fit, and draws about them.

    Args:
        forward: forward operator.
        targets: figures to fit.
        central: scores of the values before the fit.
        starts: number of starts.
        evaluations: most vectors tried from each start; each takes one batched run.
        seed: seed of the further starts.
        done: receives the number of starts that ended.
    """
    generator = np.random.default_rng([seed, 1])
    ends = []
    for start in range(starts):
        begin = central if start == 0 else SPREAD * generator.standard_normal(central.size)
        residuals = _Residuals(forward, targets)
        solution = least_squares(
            residuals.values, begin, jac=residuals.jacobian, method="trf", max_nfev=evaluations, xtol=1e-4, ftol=1e-4
        )
        ends.append((float(solution.cost), solution.x, solution.jac[: -central.size]))
        done(start + 1)
    best = min(range(starts), key=lambda start: ends[start][0])
    return PointFit(ends[best][1], ends[best][2], tuple(end[0] for end in ends), best)
