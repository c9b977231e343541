"""The value of information for a choice between options: of knowing everything, and of knowing one input.

Perfect information is worth what the best choice in each member gains, on average, over the choice that is best on
average. Of one input: the same with the payoff that its value leads one to expect, which is found by regression of the
payoffs on it (Strong, Oakley and Brennan 2014, Medical Decision Making 34:311), here by natural cubic splines whose
number of knots is chosen by leave-one-out error. It needs no runs beyond the ensemble, and holds for inputs that are
correlated.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.stats import norm, rankdata

from model.registry.errors import Exit, UserError

KNOTS = (2, 3, 4, 6)
"""Numbers of knots that are tried; two make a straight line."""
FEWEST_IDLE = 60
"""Fewest inputs without any bearing that are tried to see what chance gives; else as many as there are inputs."""


@dataclass(frozen=True)
class Information:
    """Worth of information about a choice, in the unit of the payoffs.

    Attributes:
        best: position of the option with the largest mean payoff.
        payoffs: mean payoff of each option, shape ``(options,)``.
        preferred: share of members in which each option is the best, shape ``(options,)``.
        perfect: worth of knowing everything.
        partial: worth of knowing each input, shape ``(inputs,)``.
        chance: the most that any of as many inputs without any bearing seems to be worth.
        explained: share of the variance of the gain of the best option over the next that each input explains.
    """

    best: int
    payoffs: np.ndarray
    preferred: np.ndarray
    perfect: float
    partial: np.ndarray
    chance: float
    explained: np.ndarray


def value_of_information(payoffs: np.ndarray, inputs: np.ndarray, seed: int) -> Information:
    """Return the worth of perfect and of partial information.

    Args:
        payoffs: payoff of each option in each member, shape ``(options, members)``; larger is better.
        inputs: value of each input in each member, shape ``(inputs, members)``; only its order matters.
        seed: seed of the idle inputs that show what chance gives.

    Raises:
        UserError: one option, or too few members for a regression.
    """
    options, members = payoffs.shape
    check_members(options, members)
    means = payoffs.mean(axis=1)
    order = np.argsort(-means)
    best = int(order[0])
    perfect = float(payoffs.max(axis=0).mean() - means[best])
    # Differences from the best option are smoother in an input than the payoffs themselves.
    gains = payoffs - payoffs[best]
    partial, explained = np.zeros(len(inputs)), np.zeros(len(inputs))
    rival = int(order[1])
    for index, values in enumerate(inputs):
        expected = _expected(gains, values)
        partial[index] = _gain(expected)
        explained[index] = expected[rival].var() / max(gains[rival].var(), np.finfo(float).tiny)
    generator = np.random.Generator(np.random.Philox(key=seed))
    idle = range(max(FEWEST_IDLE, len(inputs)))
    chance = max(_gain(_expected(gains, generator.random((members,)))) for _ in idle)
    preferred = np.bincount(payoffs.argmax(axis=0), minlength=options) / members
    return Information(best, means, preferred, perfect, partial, chance, explained)


def check_members(options: int, members: int) -> None:
    """Check that there is a choice, and that members suffice for a regression.

    Raises:
        UserError: there is not.
    """
    if options < 2:
        raise UserError("a decision needs two options or more.", code=Exit.USAGE)
    if members < 10 * max(KNOTS):
        message = f"the value of information needs {10 * max(KNOTS)} members or more."
        raise UserError(message, key=f"--members {members}", code=Exit.USAGE)


def _gain(expected: np.ndarray) -> float:
    """Return what choosing by the expected payoffs gains over one choice for all members."""
    return max(0.0, float(expected.max(axis=0).mean() - expected.mean(axis=1).max()))


def _expected(gains: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Return payoffs as the value of an input leads one to expect, shape ``(options, members)``."""
    if np.ptp(values) == 0:
        return np.broadcast_to(gains.mean(axis=1, keepdims=True), gains.shape)
    scores = norm.ppf((rankdata(values) - 0.5) / len(values))
    fits, errors = [], []
    for knots in (1, *KNOTS):
        splines = _natural_splines(scores, knots)
        orthogonal, _ = np.linalg.qr(splines)
        fit = (gains @ orthogonal) @ orthogonal.T
        leverage = np.minimum((orthogonal**2).sum(axis=1), 1 - 1e-9)
        fits.append(fit)
        errors.append((((gains - fit) / (1 - leverage)) ** 2).sum(axis=1))
    chosen = np.argmin(errors, axis=0)
    return np.stack([fits[choice][option] for option, choice in enumerate(chosen)])


def _natural_splines(scores: np.ndarray, knots: int) -> np.ndarray:
    """Return a basis of natural cubic splines, linear beyond the outer knots; one knot gives the constant alone.

    Args:
        scores: shape ``(members,)``.
        knots: number of knots, at even quantiles of the scores.

    Returns:
        Shape ``(members, knots)``, or fewer columns where values tie.
    """
    columns = [np.ones_like(scores)]
    if knots > 1:
        columns.append(scores)
    positions = np.unique(np.quantile(scores, np.linspace(0.05, 0.95, knots)))
    if len(positions) > 2:
        last, before = positions[-1], positions[-2]

        def bend(knot: float) -> np.ndarray:
            return (np.maximum(scores - knot, 0) ** 3 - np.maximum(scores - last, 0) ** 3) / (last - knot)

        columns += [bend(position) - bend(before) for position in positions[:-2]]
    return np.stack(columns, axis=1)
