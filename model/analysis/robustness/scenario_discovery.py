"""Scenario discovery by PRIM: the box of uncertain inputs in which cases of interest, such as failures, crowd.

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
"""Cases of interest, and of the others, below which nothing is looked for."""


@dataclass(frozen=True)
class Condition:
    """One side of a box: an input between two places, or one of some categories.

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
    """Conditions under which cases of interest crowd.

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

    def holds(self, places: np.ndarray) -> np.ndarray:
        """Which cases lie in the box, shape ``(cases,)``, for places of shape ``(inputs, cases)``."""
        return _inside(places, {each.input: (each.low, each.high) for each in self.conditions})


BoxLimits = dict[int, tuple[float, float]]


def _inside(places: np.ndarray, limits: BoxLimits) -> np.ndarray:
    found = np.ones(places.shape[1], dtype=bool)
    for row, (low, high) in limits.items():
        found &= (places[row] >= low) & (places[row] <= high)
    return found


def discover_box(
    places: np.ndarray, interesting: np.ndarray, learning: np.ndarray | None = None, repeats: np.ndarray | None = None
) -> ScenarioBox | None:
    """The box in which cases of interest crowd; None where there is nothing to find.

    Args:
        places: value of each input in each case, shape ``(inputs, cases)``.
        interesting: whether a case is of interest, shape ``(cases,)``.
        learning: cases by which the box is found, the others measure it; every other one where left out.
        repeats: cases that share one draw of each input, as members do in several futures, shape ``(inputs,)``; they
            count as one when chance is judged. One where left out.

    Raises:
        UserError: shapes that do not fit.
    """
    if places.ndim != 2 or interesting.shape != (places.shape[1],):
        raise UserError("places are (inputs, cases) and interest is (cases,).")
    learn = np.arange(len(interesting)) % 2 == 0 if learning is None else learning
    counts = (int(interesting[learn].sum()), int((~interesting[learn]).sum()))
    if min(counts) < FEWEST_CASES:
        return None
    own, wanted = places[:, learn], interesting[learn]
    limits = _best_of(_peeled(own, wanted), own, wanted)
    shared = np.ones(len(places)) if repeats is None else repeats
    limits, chances = _without_chance(limits, own, wanted, shared)
    if not limits:
        return None
    conditions = tuple(Condition(row, *limits[row], chances[row]) for row in sorted(limits, key=chances.__getitem__))
    inside = _inside(places[:, ~learn], limits)
    judged = interesting[~learn]
    if not inside.any() or not judged.any():
        return None
    return ScenarioBox(
        conditions,
        float(judged[inside].mean()),
        float(judged[inside].sum() / judged.sum()),
        float(inside.mean()),
        float(judged.mean()),
    )


def _peeled(places: np.ndarray, interesting: np.ndarray) -> list[BoxLimits]:
    """Boxes from the whole space to the smallest, each peeled from the one before."""
    limits: BoxLimits = {}
    inside = np.ones(len(interesting), dtype=bool)
    found: list[BoxLimits] = [dict(limits)]
    while inside.mean() > SMALLEST_SHARE and not interesting[inside].all():
        best: tuple[float, int, tuple[float, float]] | None = None
        left, wanted = places[:, inside], interesting[inside]
        for row, values in enumerate(left):
            low, high = limits.get(row, (-np.inf, np.inf))
            for cut, side in ((np.quantile(values, PEEL), "low"), (np.quantile(values, 1 - PEEL), "high")):
                kept = values > cut if side == "low" else values < cut
                if not kept.any() or kept.all():
                    continue
                # A slice that is cheap to give up counts for more: gain in density for each case that is lost.
                gain = (wanted[kept].mean() - wanted.mean()) / (1.0 - kept.mean())
                ends = (float(values[kept].min()), high) if side == "low" else (low, float(values[kept].max()))
                if best is None or gain > best[0]:
                    best = (float(gain), row, ends)
        if best is None or best[0] <= 0:
            break
        limits = {**limits, best[1]: best[2]}
        inside = _inside(places, limits)
        found.append(dict(limits))
    return found


def _balance(limits: BoxLimits, places: np.ndarray, interesting: np.ndarray) -> float:
    """Harmonic mean of density and coverage."""
    inside = _inside(places, limits)
    hits = interesting[inside].sum()
    return float(2.0 * hits / (inside.sum() + interesting.sum()))


def _best_of(boxes: Sequence[BoxLimits], places: np.ndarray, interesting: np.ndarray) -> BoxLimits:
    """The box with the best balance of density and coverage among those clearly denser than the whole."""
    base = interesting.mean()
    dense = [
        limits
        for limits in boxes
        if (inside := _inside(places, limits)).any() and interesting[inside].mean() >= base + 0.5 * (1.0 - base)
    ]
    return max(dense or boxes, key=lambda limits: _balance(limits, places, interesting))


def _without_chance(
    limits: BoxLimits, places: np.ndarray, interesting: np.ndarray, repeats: np.ndarray
) -> tuple[BoxLimits, dict[int, float]]:
    """Drop, one by one, the condition most likely made by chance, until none is."""
    kept = dict(limits)
    while kept:
        chances = {row: _chance(row, kept, places, interesting, repeats[row]) for row in kept}
        weakest = max(chances, key=chances.__getitem__)
        if chances[weakest] <= CHANCE:
            return kept, chances
        del kept[weakest]
    return {}, {}


def _chance(row: int, limits: BoxLimits, places: np.ndarray, interesting: np.ndarray, repeats: float) -> float:
    """Probability of so many cases of interest in the box if the condition on one input did nothing.

    Multiplied by the number of inputs, each of which could have been picked (Bonferroni).
    """
    inside = _inside(places, limits)
    without = _inside(places, {other: ends for other, ends in limits.items() if other != row})
    expected = interesting[without].mean()
    hits, cases = int(interesting[inside].sum() // repeats), int(inside.sum() // repeats)
    return float(min(1.0, binom.sf(hits - 1, cases, expected) * len(places)))
