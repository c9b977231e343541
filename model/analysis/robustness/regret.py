"""Regret: what a package falls short of the best one in the same future, on average."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Regret:
    """Payoffs of packages in futures, and what they fall short of the best.

    Attributes:
        mean: mean payoff, shape ``(packages, futures)``.
        low: lower end of the 80% interval of the payoff, same shape.
        high: upper end, same shape.
        regret: mean payoff of the best package of the future less that of the package, same shape.
        tail: regret in one member of ten: 90% quantile of what the package falls short of the best of each
            member, same shape.
        preferred: share of members in which the package is the best, same shape.
        worst: largest regret of a package over the futures, shape ``(packages,)``.
        best: position of the best package of each future, shape ``(futures,)``.
        minimax: position of the package whose largest regret is smallest.
    """

    mean: np.ndarray
    low: np.ndarray
    high: np.ndarray
    regret: np.ndarray
    tail: np.ndarray
    preferred: np.ndarray
    worst: np.ndarray
    best: np.ndarray
    minimax: int


def regret_of(payoffs: np.ndarray) -> Regret:
    """Return regret from payoffs ``(packages, futures, members)``; larger payoffs are better, members are paired."""
    mean = payoffs.mean(axis=-1)
    low, high = np.quantile(payoffs, (0.1, 0.9), axis=-1)
    regret = mean.max(axis=0) - mean
    short = payoffs.max(axis=0) - payoffs
    leading = short == 0
    # Packages that tie for the best of a member share it.
    preferred = (leading / leading.sum(axis=0)).mean(axis=-1)
    worst = regret.max(axis=1)
    return Regret(
        mean,
        low,
        high,
        regret,
        np.quantile(short, 0.9, axis=-1),
        preferred,
        worst,
        mean.argmax(axis=0),
        int(worst.argmin()),
    )
