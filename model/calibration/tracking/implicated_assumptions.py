"""Assumptions that new figures implicate: the update that an ensemble smoother would make of every uncertain number.

Figures are regressed on all uncertain numbers of the members at once (ridge regression, its strength by generalised
cross-validation). Numbers whose slopes chance could give are left out, and least squares on those that are left gives
slopes that are not shrunk. With these the linear Gaussian rule says how far each number would have to move, given all
figures, their errors and what the projection held likely.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from model.calibration.tracking.uncertain_inputs import FACTOR_UNIT, UncertainInput

STRENGTHS = np.logspace(-3, 1, 17)
"""Strengths of the ridge that are tried, as shares of the largest squared singular value."""

MEMBERS_EACH = 3
"""Members to each number that is kept, at least; the most telling are kept."""

STEADY = 2.0
"""A change is reported in per cent where the mean is at least so many standard deviations from zero."""


@dataclass(frozen=True, eq=False)
class ImplicatedAssumption:
    """What the figures say about one uncertain number.

    Attributes:
        number: which.
        shift: how far it would move, all figures and all numbers taken together, in its standard deviations.
        after: its standard deviation then, as a share of that before.
        share: share of the misfit that its move accounts for, beside those of all others and the errors.
        alone: how far it would have to move if it alone were to blame, in its standard deviations.
        alone_share: share of the misfit that this would take away.
    """

    number: UncertainInput
    shift: float
    after: float
    share: float
    alone: float
    alone_share: float

    @property
    def value_alone(self) -> float:
        """Its value if it alone explained the misfit."""
        return self.number.mean + self.alone * self.number.deviation

    @property
    def out_of_reach(self) -> bool:
        """Whether no member goes as far as it would have to alone."""
        return not float(self.number.values.min()) <= self.value_alone <= float(self.number.values.max())

    @property
    def change(self) -> float | None:
        """Relative change if it alone explained the misfit; None where its mean is near zero."""
        mean = self.number.mean
        if abs(mean) < STEADY * self.number.deviation:
            return None
        return (self.value_alone - mean) / abs(mean)


@dataclass(frozen=True, eq=False)
class Implications:
    """What the figures say about all uncertain numbers.

    Attributes:
        ranked: numbers that move the figures, the most implicated first.
        tried: uncertain numbers looked at.
        errors: share of the misfit that the model's own error, measurement and what the regression leaves over take.
        explained: share of the variance of the projected figures that the regression explains.
    """

    ranked: tuple[ImplicatedAssumption, ...]
    tried: int
    errors: float
    explained: float


def ridge_slopes(standard: np.ndarray, away: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Regress figures on numbers by ridge regression, its strength chosen by generalised cross-validation.

    Args:
        standard: numbers of the members, each of mean 0 and variance 1, shape ``(numbers, members)``.
        away: figures less their means, shape ``(figures, members)``.

    Returns:
        Slopes and their standard errors, both of shape ``(figures, numbers)``.
    """
    left, sizes, right = np.linalg.svd(standard.T, full_matrices=False)
    members = standard.shape[1]
    unit = away / np.maximum(away.std(axis=1, keepdims=True), 1e-300)
    onto = unit @ left

    def left_over(strength: float) -> tuple[np.ndarray, float]:
        shrinkage = sizes**2 / (sizes**2 + strength)
        squares = np.sum(unit**2, axis=1) - np.sum(onto**2 * (2.0 * shrinkage - shrinkage**2), axis=1)
        return squares, members - 1 - float(shrinkage.sum())

    strengths = STRENGTHS * sizes[0] ** 2
    scored = [
        (float(np.sum(squares)) / free**2, strength)
        for strength in strengths
        for squares, free in [left_over(strength)]
        if free > 1.0
    ]
    strength = min(scored)[1]
    shrunk = sizes / (sizes**2 + strength)
    slopes = (away @ left * shrunk) @ right
    squares, free = left_over(strength)
    noise = squares / free * away.var(axis=1)
    errors = np.sqrt(np.outer(noise, np.sum((right.T * shrunk) ** 2, axis=1)))
    return slopes, errors


def implicate_assumptions(
    inputs: Sequence[UncertainInput], predictions: np.ndarray, observed: np.ndarray, errors: np.ndarray, series: int
) -> Implications:
    """Find which uncertain numbers the figures implicate.

    Args:
        inputs: uncertain numbers.
        predictions: of the members, shape ``(figures, members)``.
        observed: figures, shape ``(figures,)``.
        errors: covariance of the model's own error and measurement, shape ``(figures, figures)``.
        series: how many series the figures belong to; figures of one series are so alike that they count once when
            slopes are held against chance.
    """
    away = predictions - predictions.mean(axis=1, keepdims=True)
    standard = np.stack(
        [(uncertain_input.values - uncertain_input.mean) / uncertain_input.deviation for uncertain_input in inputs]
    )
    slopes, uncertainty = ridge_slopes(standard, away)
    telling = np.max(np.abs(slopes) / np.maximum(uncertainty, 1e-300), axis=0)
    selected = np.flatnonzero(telling > np.sqrt(2.0 * np.log(max(2, len(inputs) * series))))
    selected = np.sort(selected[np.argsort(-telling[selected])][: away.shape[1] // MEMBERS_EACH])
    inner = standard[selected]
    slope = np.linalg.lstsq(inner.T, away.T, rcond=None)[0].T
    together = np.atleast_2d(np.cov(inner)) if selected.size else np.empty((0, 0))
    left_over = np.atleast_2d(np.cov(away - slope @ inner))
    noise = errors + left_over
    whole = slope @ together @ slope.T + noise
    misfit = observed - predictions.mean(axis=1)
    weighed = np.linalg.solve(whole, misfit)
    total = float(misfit @ weighed)
    pull = slope.T @ weighed
    shift = together @ pull
    spread = np.diag(together - together @ slope.T @ np.linalg.solve(whole, slope @ together))
    plain = np.linalg.solve(noise, misfit)
    at_first = float(misfit @ plain)
    rows: list[ImplicatedAssumption] = []
    for position, index in enumerate(selected.tolist()):
        slope_of_input = slope[:, position]
        alone = float(slope_of_input @ plain / (slope_of_input @ np.linalg.solve(noise, slope_of_input) + 1.0))
        rest = misfit - alone * slope_of_input
        away_alone = 1.0 - float(rest @ np.linalg.solve(noise, rest)) / at_first
        rows.append(
            ImplicatedAssumption(
                inputs[index],
                float(shift[position]),
                float(np.sqrt(max(0.0, spread[position]))),
                float(shift[position] * pull[position]) / total,
                alone,
                away_alone,
            )
        )
    rows.sort(key=lambda row: -abs(row.shift))
    variance = float(np.sum(away.var(axis=1) / np.maximum(np.diag(errors), 1e-300)))
    lost = float(np.sum(np.diag(left_over) / np.maximum(np.diag(errors), 1e-300)))
    return Implications(
        tuple(rows), len(inputs), 1.0 - float(shift @ pull) / total, 1.0 - lost / variance if variance else 0.0
    )


def direction(row: ImplicatedAssumption) -> str:
    """Say in which direction a number would have to move, and by how much."""
    uncertain_input, higher = row.number, row.alone > 0
    more, less = ("longer", "shorter") if uncertain_input.duration else ("higher", "lower")
    word = more if higher else less
    if row.change is not None:
        return f"{abs(row.change):.0%} {word}" if abs(row.change) >= 0.005 else f"slightly {word}"
    unit = "" if uncertain_input.unit in ("1", FACTOR_UNIT, "share", "size") else f" {uncertain_input.unit}"
    return f"{row.value_alone:.3g}{unit} instead of {uncertain_input.mean:.3g}{unit}".replace("-", "−")
