"""Scenario discovery by PRIM: the box of uncertain inputs in which cases of interest, such as failures, are dense.

The patient rule induction method (Friedman and Fisher 1999; Bryant and Lempert 2010) peels a small slice at a time off
one end of one input, or one category, so that the share of cases of interest in what is left rises most. Of the boxes
passed on the way the one with the best balance of density and coverage is kept; conditions that chance could have made
are dropped; and what is said of the box is measured on members that had no part in finding it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import binom

from model.registry.errors import UserError

PEEL = 0.05
"""Share of the cases left that one step peels off."""
SMALLEST_SHARE = 0.05
"""Smallest share of all cases that a box may hold."""
CHANCE = 0.05
"""Probability, over all inputs that were tried, above which a condition is put down to chance."""
FEWEST_CASES = 10
"""Cases of interest, and other cases, below which no box is searched."""


@dataclass(frozen=True)
class Condition:
    """One side of a box: an input between two values, or one of some categories.

    Attributes:
        input: position of the input.
        low: lower end; minus infinity where open.
        high: upper end; infinity where open.
        chance: probability that it raises the density as it does by chance alone, over all inputs tried.
    """

    input: int
    low: float
    high: float
    chance: float


@dataclass(frozen=True)
class ScenarioBox:
    """Conditions under which cases of interest are dense.

    Attributes:
        conditions: all of which hold in the box.
        density: share of the cases in the box that are of interest.
        coverage: share of the cases of interest that lie in the box.
        mass: share of all cases that lie in the box.
        base: share of all cases that are of interest.
    """

    conditions: tuple[Condition, ...]
    density: float
    coverage: float
    mass: float
    base: float

    def holds(self, input_values: np.ndarray) -> np.ndarray:
        """Return which cases lie in the box, shape ``(cases,)``, for values of shape ``(inputs, cases)``."""
        return _inside(
            input_values, {condition.input: (condition.low, condition.high) for condition in self.conditions}
        )


BoxLimits = dict[int, tuple[float, float]]


def _inside(input_values: np.ndarray, limits: BoxLimits) -> np.ndarray:
    inside = np.ones(input_values.shape[1], dtype=bool)
    for row, (low, high) in limits.items():
        inside &= (input_values[row] >= low) & (input_values[row] <= high)
    return inside


def discover_box(
    input_values: np.ndarray,
    interesting: np.ndarray,
    learning: np.ndarray | None = None,
    repeats: np.ndarray | None = None,
) -> ScenarioBox | None:
    """Find the box in which cases of interest are dense; None where none stands out.

    Args:
        input_values: value of each input in each case, shape ``(inputs, cases)``.
        interesting: whether a case is of interest, shape ``(cases,)``.
        learning: cases by which the box is found, the others measure it; every other one where left out.
        repeats: cases that share one draw of each input, as members do in several futures, shape ``(inputs,)``; they
            count as one when chance is tested. One each where None.

    Raises:
        UserError: shapes that do not fit.
    """
    if input_values.ndim != 2 or interesting.shape != (input_values.shape[1],):
        raise UserError("values are (inputs, cases) and interest is (cases,).")
    learn = np.arange(len(interesting)) % 2 == 0 if learning is None else learning
    counts = (int(interesting[learn].sum()), int((~interesting[learn]).sum()))
    if min(counts) < FEWEST_CASES:
        return None
    learning_values, learning_interesting = input_values[:, learn], interesting[learn]
    limits = _best_of(_peeled(learning_values, learning_interesting), learning_values, learning_interesting)
    shared = np.ones(len(input_values)) if repeats is None else repeats
    limits, chances = _without_chance(limits, learning_values, learning_interesting, shared)
    if not limits:
        return None
    conditions = tuple(Condition(row, *limits[row], chances[row]) for row in sorted(limits, key=chances.__getitem__))
    inside = _inside(input_values[:, ~learn], limits)
    tested = interesting[~learn]
    if not inside.any() or not tested.any():
        return None
    return ScenarioBox(
        conditions,
        float(tested[inside].mean()),
        float(tested[inside].sum() / tested.sum()),
        float(inside.mean()),
        float(tested.mean()),
    )


def _peeled(input_values: np.ndarray, interesting: np.ndarray) -> list[BoxLimits]:
    """Return boxes from the whole space to the smallest, each peeled from the one before."""
    limits: BoxLimits = {}
    inside = np.ones(len(interesting), dtype=bool)
    boxes: list[BoxLimits] = [dict(limits)]
    while inside.mean() > SMALLEST_SHARE and not interesting[inside].all():
        best: tuple[float, int, tuple[float, float]] | None = None
        left, interesting_left = input_values[:, inside], interesting[inside]
        for row, values in enumerate(left):
            low, high = limits.get(row, (-np.inf, np.inf))
            for cut, side in ((np.quantile(values, PEEL), "low"), (np.quantile(values, 1 - PEEL), "high")):
                remaining = values > cut if side == "low" else values < cut
                if not remaining.any() or remaining.all():
                    continue
                # A slice that is cheap to give up counts for more: gain in density for each case that is lost.
                gain = (interesting_left[remaining].mean() - interesting_left.mean()) / (1.0 - remaining.mean())
                ends = (
                    (float(values[remaining].min()), high) if side == "low" else (low, float(values[remaining].max()))
                )
                if best is None or gain > best[0]:
                    best = (float(gain), row, ends)
        if best is None or best[0] <= 0:
            break
        limits = {**limits, best[1]: best[2]}
        inside = _inside(input_values, limits)
        boxes.append(dict(limits))
    return boxes


def _balance(limits: BoxLimits, input_values: np.ndarray, interesting: np.ndarray) -> float:
    """Return the harmonic mean of density and coverage."""
    inside = _inside(input_values, limits)
    hits = interesting[inside].sum()
    return float(2.0 * hits / (inside.sum() + interesting.sum()))


def _best_of(boxes: Sequence[BoxLimits], input_values: np.ndarray, interesting: np.ndarray) -> BoxLimits:
    """Return the box with the best balance of density and coverage among those clearly denser than the whole."""
    base = interesting.mean()
    dense = [
        limits
        for limits in boxes
        if (inside := _inside(input_values, limits)).any() and interesting[inside].mean() >= base + 0.5 * (1.0 - base)
    ]
    return max(dense or boxes, key=lambda limits: _balance(limits, input_values, interesting))


def _without_chance(
    limits: BoxLimits, input_values: np.ndarray, interesting: np.ndarray, repeats: np.ndarray
) -> tuple[BoxLimits, dict[int, float]]:
    """Drop, one by one, the condition most likely made by chance, until none is."""
    remaining = dict(limits)
    while remaining:
        chances = {row: _chance(row, remaining, input_values, interesting, repeats[row]) for row in remaining}
        weakest = max(chances, key=chances.__getitem__)
        if chances[weakest] <= CHANCE:
            return remaining, chances
        del remaining[weakest]
    return {}, {}


def _chance(row: int, limits: BoxLimits, input_values: np.ndarray, interesting: np.ndarray, repeats: float) -> float:
    """Return the probability of so many cases of interest in the box if the condition on one input did nothing.

    Multiplied by the number of inputs, each of which could have been picked (Bonferroni).
    """
    inside = _inside(input_values, limits)
    without = _inside(input_values, {other: ends for other, ends in limits.items() if other != row})
    expected = interesting[without].mean()
    hits, cases = int(interesting[inside].sum() // repeats), int(inside.sum() // repeats)
    return float(min(1.0, binom.sf(hits - 1, cases, expected) * len(input_values)))
