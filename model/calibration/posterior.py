"""The posterior: iterated statistical linearisation, then chains that make its draws exact.

The first part draws an ensemble from the current Gaussian, regresses predictions on scores, adds what the regression
leaves over to the errors, and updates the prior by the linear rule; repeated until it settles (an iterated ensemble
smoother in the form of posterior linearisation). Draws have exact moments, so that a linear model is solved exactly.

The second part moves one chain from each draw by preconditioned Crank-Nicolson steps about that Gaussian, accepted by
the rule of Metropolis. Where the Gaussian is right every step is accepted; where it is not, the chains mend it. Curved
ridges are the rule where the data inform most: there a Gaussian is too thin. After a third of the steps it is therefore
given the moments of the chains themselves in its most informed directions, and then left alone.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from model.calibration.forward_model import CountCallback, Forward
from model.calibration.targets import CalibrationTargets

BOLDNESS = (1.0, 0.5)
"""How far proposals leave their chain's state, in turn: 1 is an independent draw of the Gaussian, 0 no move at all.

Draws of the Gaussian forget the start at once where it fits; shorter steps free chains that it leaves stranded.
"""

WARM_UP = 1 / 3
"""Share of the steps after which the Gaussian is adapted to the chains, once."""

LEAST_WARM_UP = 5
"""Steps before that, at least; shorter chains are left with the first Gaussian."""

INFORMED_DIRECTIONS = 10
"""Directions of least variance in which it is adapted: few enough for the chains to tell their moments."""

INFLATION = 1.3
"""Factor on their covariance: tails that are too wide cost a little, tails that are too thin hold chains fast."""

NEGLIGIBLE = 0.05
"""Autocorrelation below which the sum ends."""


@dataclass(frozen=True, eq=False)
class Gaussian:
    """A normal distribution of scores.

    Attributes:
        mean: shape ``(fitted,)``.
        covariance: shape ``(fitted, fitted)``.
    """

    mean: np.ndarray
    covariance: np.ndarray

    @property
    def factor(self) -> np.ndarray:
        """Lower triangular factor of the covariance."""
        return np.linalg.cholesky(self.covariance)

    def log_density(self, scores: np.ndarray) -> np.ndarray:
        """Return the log density but for a constant, at scores of shape ``(fitted, members)``."""
        away = np.linalg.solve(self.factor, scores - self.mean[:, None])
        return -0.5 * np.sum(away**2, axis=0)


@dataclass(frozen=True, eq=False)
class PosteriorSample:
    """Draws of the posterior.

    Attributes:
        scores: shape ``(fitted, members)``.
        predictions: of all figures, shape ``(figures, members)``.
        log_posterior: log posterior density but for a constant, shape ``(members,)``.
        gaussian: the approximation from which the chains set out.
        importance_size: effective number of draws of the Gaussian by their weights, of ``members``.
        accepted: share of proposals accepted at each step of the chains.
        correlation_time: autocorrelation time of each fitted number in steps, pooled over the chains after their
            warm-up, shape ``(fitted,)``; chains should be several times as long.
        memory: correlation over the chains between where each began and where it ended, shape ``(fitted,)``.
        drift: how far the mean over all chains moved between the third and the last quarter of the steps, in standard
            deviations, shape ``(fitted,)``.
    """

    scores: np.ndarray
    predictions: np.ndarray
    log_posterior: np.ndarray
    gaussian: Gaussian
    importance_size: float
    accepted: tuple[float, ...]
    correlation_time: np.ndarray
    memory: np.ndarray
    drift: np.ndarray = field(default_factory=lambda: np.empty(0))


def exact_normals(dimension: int, members: int, generator: np.random.Generator) -> np.ndarray:
    """Draw standard normals whose mean is exactly 0 and covariance exactly 1, shape ``(dimension, members)``.

    Raises:
        ValueError: too few members for that.
    """
    if members <= dimension + 1:
        raise ValueError(f"{members} draws cannot have the moments of {dimension} numbers")
    draws = generator.standard_normal((dimension, members))
    draws -= draws.mean(axis=1, keepdims=True)
    return np.linalg.solve(np.linalg.cholesky(draws @ draws.T / members), draws)


def linearise_posterior(
    forward: Forward,
    targets: CalibrationTargets,
    begin: Gaussian,
    *,
    members: int,
    iterations: int,
    seed: int,
    done: CountCallback = lambda count: None,
) -> Gaussian:
    """Approximate the posterior by a Gaussian, by iterated statistical linearisation.

    Args:
        forward: forward operator.
        targets: figures to fit.
        begin: where to linearise first, such as the point fit.
        members: ensemble size, more than the numbers fitted.
        iterations: updates.
        seed: seed of the ensemble; the same standard draws serve every iteration, so that it can settle.
        done: receives the number of iterations done.
    """
    dimension = begin.mean.size
    normals = exact_normals(dimension, members, np.random.default_rng([seed, 2]))
    current = begin
    for iteration in range(iterations):
        scores = current.mean[:, None] + current.factor @ normals
        residuals = targets.whitened(forward(scores))
        middle = residuals.mean(axis=1)
        slopes = (residuals - middle[:, None]) @ normals.T / members @ np.linalg.inv(current.factor)
        linear = middle[:, None] + slopes @ (scores - current.mean[:, None])
        noise = 1.0 + np.sum((residuals - linear) ** 2, axis=1) / (members - dimension - 1)
        weighted = slopes.T / noise
        covariance = np.linalg.inv(np.eye(dimension) + weighted @ slopes)
        mean = covariance @ (weighted @ (slopes @ current.mean - middle))
        current = Gaussian(mean, 0.5 * (covariance + covariance.T))
        done(iteration + 1)
    return current


def sample_posterior(
    forward: Forward,
    targets: CalibrationTargets,
    gaussian: Gaussian,
    *,
    members: int,
    steps: int,
    seed: int,
    done: CountCallback = lambda count: None,
) -> PosteriorSample:
    """Draw from the posterior: one chain from each of ``members`` draws of the Gaussian.

    Args:
        forward: forward operator.
        targets: figures to fit.
        gaussian: approximation to set out from.
        members: chains.
        steps: steps of each chain; each takes one batched run of all chains.
        seed: seed of the draws.
        done: receives the number of steps done.
    """
    generator = np.random.default_rng([seed, 3])
    factor, mean = gaussian.factor, gaussian.mean[:, None]
    scores = mean + factor @ exact_normals(gaussian.mean.size, members, generator)
    predictions = forward(scores)
    density = _log_posterior(scores, predictions, targets)
    ratio = density - gaussian.log_density(scores)
    weights = np.exp(ratio - ratio.max())
    importance_size = float(weights.sum() ** 2 / np.sum(weights**2))
    warm_up = int(WARM_UP * steps)
    accepted, path, reference = [], [scores], gaussian
    for step in range(steps):
        if step == warm_up >= LEAST_WARM_UP:
            reference = adapted(gaussian, np.concatenate(path[-(warm_up // 2) :], axis=1))
            factor, mean = reference.factor, reference.mean[:, None]
            ratio = density - reference.log_density(scores)
        bold = BOLDNESS[step % len(BOLDNESS)]
        proposed = mean + np.sqrt(1.0 - bold**2) * (scores - mean)
        proposed = proposed + bold * factor @ generator.standard_normal(scores.shape)
        chances = generator.random(members)
        proposed_predictions = forward(proposed)
        new_density = _log_posterior(proposed, proposed_predictions, targets)
        new_ratio = new_density - reference.log_density(proposed)
        # Rounding alone must not refuse a step where the Gaussian is the posterior.
        taken = np.log(chances) < new_ratio - ratio + 1e-9
        scores, predictions = np.where(taken, proposed, scores), np.where(taken, proposed_predictions, predictions)
        density, ratio = np.where(taken, new_density, density), np.where(taken, new_ratio, ratio)
        accepted.append(float(taken.mean()))
        path.append(scores)
        done(step + 1)
    states = np.stack(path)
    return PosteriorSample(
        scores,
        predictions,
        density,
        gaussian,
        importance_size,
        tuple(accepted),
        correlation_time(states[warm_up:]),
        memory(states),
        drift(states),
    )


def adapted(gaussian: Gaussian, states: np.ndarray) -> Gaussian:
    """Return a Gaussian with the moments of chains in its directions of least variance, and otherwise as it was.

    Args:
        gaussian: as it was.
        states: of the chains, shape ``(fitted, states)``.
    """
    sizes, directions = np.linalg.eigh(gaussian.covariance)
    count = min(INFORMED_DIRECTIONS, sizes.size)
    along = directions[:, :count].T @ states
    mean = directions.T @ gaussian.mean
    mean[:count] = along.mean(axis=1)
    covariance = np.diag(sizes)
    covariance[:count, :count] = INFLATION * np.atleast_2d(np.cov(along))
    turned = directions @ covariance @ directions.T
    return Gaussian(directions @ mean, 0.5 * (turned + turned.T))


def _log_posterior(scores: np.ndarray, predictions: np.ndarray, targets: CalibrationTargets) -> np.ndarray:
    return -0.5 * (np.sum(targets.whitened(predictions) ** 2, axis=0) + np.sum(scores**2, axis=0))


def correlation_time(states: np.ndarray) -> np.ndarray:
    """Return the autocorrelation time in steps, from all chains together.

    Args:
        states: shape ``(steps + 1, fitted, chains)``.

    Returns:
        Shape ``(fitted,)``: 1 where each step is independent of the one before; at most what the chains can show.
    """
    centred = states - states.mean(axis=(0, 2), keepdims=True)
    variance = np.mean(centred**2, axis=(0, 2))
    total, open_ = np.ones(variance.size), np.ones(variance.size, dtype=bool)
    for lag in range(1, states.shape[0]):
        together = np.mean(centred[:-lag] * centred[lag:], axis=(0, 2)) / variance
        open_ &= together > NEGLIGIBLE
        total += np.where(open_, 2.0 * together, 0.0)
    return total


def memory(states: np.ndarray) -> np.ndarray:
    """Return the correlation over the chains between first and last state, shape ``(fitted,)``; 1 without steps."""
    first, last = (state - state.mean(axis=1, keepdims=True) for state in (states[0], states[-1]))
    return np.sum(first * last, axis=1) / np.sqrt(np.sum(first**2, axis=1) * np.sum(last**2, axis=1))


def drift(states: np.ndarray) -> np.ndarray:
    """Return the difference of the chains' means in the third and last quarter, in standard deviations of all.

    Args:
        states: shape ``(steps + 1, fitted, chains)``.

    Returns:
        Shape ``(fitted,)``; near 0 where the chains have settled, and 0 with too few steps to tell.
    """
    quarter = states.shape[0] // 4
    if quarter == 0:
        return np.zeros(states.shape[1])
    third, last = states[-2 * quarter : -quarter], states[-quarter:]
    away = last.mean(axis=(0, 2)) - third.mean(axis=(0, 2))
    return away / states[-2 * quarter :].std(axis=(0, 2))
