"""Fits to figures that the model made itself: intervals must hold the known numbers as often as they say.

Simulation-based calibration (Talts and others, 2018): the truth is drawn from the prior, figures are made from it with
the stated errors, and the fit is repeated. If the method is right, the rank of each true number among the draws is
uniform, and an 80% interval holds it four times in five.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from model.calibration.fit import FitOptions, fit_and_sample
from model.calibration.forward_model import Forward
from model.calibration.targets import CalibrationTargets

INTERVAL = (0.1, 0.9)
IDENTIFIABLE = 0.3
"""Share of the prior variance removed from which a number counts as identifiable."""


@dataclass(frozen=True, eq=False)
class Recovery:
    """The end of one repetition.

    Attributes:
        truth: true scores, shape ``(fitted,)``.
        ranks: share of the draws below the truth, shape ``(fitted,)``.
        inside: whether the 80% interval of the draws holds it, shape ``(fitted,)``.
        informed: share of the prior variance that the figures took away, shape ``(fitted,)``.
    """

    truth: np.ndarray
    ranks: np.ndarray
    inside: np.ndarray
    informed: np.ndarray


@dataclass(frozen=True)
class Coverage:
    """Coverage over repetitions.

    Attributes:
        informed: least share of the prior variance removed from which numbers count.
        numbers: how many were counted, over all repetitions.
        covered: share of them within their 80% intervals.
        error: standard error of that share, from the spread over repetitions.
    """

    informed: float
    numbers: int
    covered: float
    error: float


def synthetic(
    targets: CalibrationTargets, truth: np.ndarray, forward: Forward, generator: np.random.Generator
) -> CalibrationTargets:
    """Return the figures that would have been published if the truth were so.

    Args:
        targets: figures whose periods and errors are taken; those that are not fitted stay without an error.
        truth: true scores, shape ``(fitted,)``.
        forward: the forward operator.
        generator: of the errors, measurement and the model's own.
    """
    made = forward(truth[:, None])[:, 0]
    for indices in targets.series.values():
        fitted = indices[targets.fitted[indices]]
        if fitted.size:
            factor = np.linalg.cholesky(targets.covariance(fitted))
            made[fitted] += factor @ generator.standard_normal(fitted.size)
    rows = [replace(row, value=float(value)) for row, value in zip(targets.rows, made, strict=True)]
    return CalibrationTargets(rows, targets.unused, targets.keys)


def recover(
    forward: Forward, targets: CalibrationTargets, central: np.ndarray, options: FitOptions, seed: int
) -> Recovery:
    """Draw a truth, make figures of it, and fit them.

    Args:
        forward: the forward operator.
        targets: figures whose periods and errors are taken.
        central: scores at which the point fit begins.
        options: choices of the fit.
        seed: seed of truth and errors.
    """
    generator = np.random.default_rng([seed, 4])
    truth = generator.standard_normal(central.size)
    made = synthetic(targets, truth, forward, generator)
    _, sample = fit_and_sample(forward, made, central, replace(options, seed=seed))
    low, high = np.quantile(sample.scores, INTERVAL, axis=1)
    ranks = np.mean(sample.scores < truth[:, None], axis=1)
    return Recovery(truth, ranks, (low <= truth) & (truth <= high), 1.0 - sample.scores.var(axis=1))


def coverage(recoveries: Sequence[Recovery], informed: float = IDENTIFIABLE) -> Coverage:
    """Return the share of true numbers within their 80% intervals, of those that the figures inform."""
    inside = [recovery.inside[recovery.informed >= informed] for recovery in recoveries]
    numbers = sum(flags.size for flags in inside)
    covered = sum(flags.sum() for flags in inside) / max(numbers, 1)
    # Numbers of one repetition share their figures, so that the repetition is the unit of the error.
    away = [flags.sum() - covered * flags.size for flags in inside]
    error = float(np.sqrt(np.sum(np.square(away)))) / max(numbers, 1)
    return Coverage(informed, numbers, float(covered), error)


def rank_histogram(recoveries: Sequence[Recovery], bins: int = 10, informed: float = IDENTIFIABLE) -> np.ndarray:
    """Return the share of ranks in each of ``bins`` equal bins, of informed numbers; level if all is right."""
    ranks = np.concatenate([recovery.ranks[recovery.informed >= informed] for recovery in recoveries])
    counts, _ = np.histogram(ranks, bins=bins, range=(0.0, 1.0))
    return counts / max(ranks.size, 1)
