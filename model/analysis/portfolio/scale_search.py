"""The smallest scale at which a share reaches a goal, by bracketing on a grid that is refined."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

POINTS = 9
"""Scales that a round tries between two ends, the ends among them."""
ROUNDS = 3
"""Rounds; each divides the bracket by ``POINTS - 1``."""

ShareFunction = Callable[[np.ndarray], np.ndarray]
"""Gives the share for each scale tried, shape ``(cases, points)`` for scales of the same shape."""


@dataclass(frozen=True, eq=False)
class ScaleSearchResult:
    """Scales needed in each case.

    Attributes:
        scale: smallest scale found that meets what is asked, not a number where none does, shape ``(cases,)``.
        share: share at that scale, or the largest share found where none meets it, same shape.
        at: scale of that share, same shape.
        fails_above: whether a larger scale was tried that no longer meets it, same shape.
        scales: all scales tried in each case, ascending, shape ``(cases, tried)``.
        shares: their shares, same shape.
    """

    scale: np.ndarray
    share: np.ndarray
    at: np.ndarray
    fails_above: np.ndarray
    scales: np.ndarray
    shares: np.ndarray


def smallest_scales(shares: ShareFunction, most: np.ndarray, asked: float) -> ScaleSearchResult:
    """Find the smallest scale from 0 on at which a share reaches the goal.

    Where shares rise and fall, it is the first rise through what is asked that the first grid shows.

    Args:
        shares: gives shares of scales.
        most: largest scale of each case, shape ``(cases,)``.
        asked: share asked for.
    """
    low, high = np.zeros_like(most, dtype=float), most.astype(float)
    tried: list[np.ndarray] = []
    tried_shares: list[np.ndarray] = []
    for round_index in range(ROUNDS):
        grid = low[:, None] + (high - low)[:, None] * np.linspace(0.0, 1.0, POINTS)
        # The ends of a later round are known from the one before.
        grid = grid if round_index == 0 else grid[:, 1:-1]
        tried.append(grid)
        tried_shares.append(shares(grid))
        scales, values = _sorted(np.concatenate(tried, axis=1), np.concatenate(tried_shares, axis=1))
        met = values >= asked
        first = np.where(met.any(axis=1), met.argmax(axis=1), scales.shape[1] - 1)
        rows = np.arange(len(most))
        high = scales[rows, first]
        low = np.where(first > 0, scales[rows, np.maximum(first - 1, 0)], high)
        if not met.any() or np.all(high - low <= 0.0):
            break
    at = np.where(met.any(axis=1), first, values.argmax(axis=1))
    return ScaleSearchResult(
        np.where(met.any(axis=1), scales[rows, first], np.nan),
        values[rows, at],
        scales[rows, at],
        np.array([met[row].any() and not met[row, first[row] :].all() for row in rows]),
        scales,
        values,
    )


def _sorted(scales: np.ndarray, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    order = np.argsort(scales, axis=1, kind="stable")
    return np.take_along_axis(scales, order, axis=1), np.take_along_axis(values, order, axis=1)
