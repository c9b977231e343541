"""How far a ranking depends on the weights and on members: acceptability of ranks, and changes of one weight.

Stochastic multicriteria acceptability analysis: Lahdelma and Salminen (2001), SMAA-2, Operations Research 49 (3),
444-454. Weights are drawn from a Dirichlet distribution about those agreed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from model.scenarios.uncertainty.draws import uniforms

DIGITS = 9
"""Decimals by which scores are compared, so that what differs by rounding only is the same."""
STEPS = (0.5, 2.0)
"""What each weight is multiplied by, one at a time."""


@dataclass(frozen=True)
class WeightStep:
    """One weight halved or doubled.

    Attributes:
        principle: whose weight.
        factor: what it is multiplied by.
        weight: its share of all weights then.
        first: options that come first then.
    """

    principle: str
    factor: float
    weight: float
    first: tuple[str, ...]


@dataclass(frozen=True)
class WeightChange:
    """The smallest change of one weight, the others in proportion, that brings another option to the front.

    Attributes:
        principle: whose weight.
        now: its share of all weights.
        then: its share at which the two are equal.
        first: who comes first beyond it.
    """

    principle: str
    now: float
    then: float
    first: str


@dataclass(frozen=True, eq=False)
class WeightSensitivity:
    """How a ranking depends on weights and members. Options in the ranking's order, ranks from the first.

    Attributes:
        by_members: share of members in which an option takes a rank, weights as agreed; shape ``(options, ranks)``.
        by_weights: the same over drawn weights, scores as expected.
        by_both: the same with weights and members together.
        central: mean of the drawn weights by which an option is first, shape ``(options, principles)``; not a number
            where it never is.
        steps: each weight halved and doubled.
        changes: for each principle the smallest change that brings another option first; left out where none does.
        draws: sets of weights drawn.
    """

    by_members: np.ndarray
    by_weights: np.ndarray
    by_both: np.ndarray
    central: np.ndarray
    steps: tuple[WeightStep, ...]
    changes: tuple[WeightChange, ...]
    draws: int

    @property
    def smallest(self) -> WeightChange | None:
        """The smallest change of all."""
        return min(self.changes, key=lambda change: abs(change.then - change.now), default=None)


def rank_totals(totals: np.ndarray) -> np.ndarray:
    """Rank options, 1 for the greatest total; equals share the better rank."""
    rounded = np.round(totals, DIGITS)
    return 1 + (rounded[None] > rounded[:, None]).sum(axis=1)


def options_in_front(names: Sequence[str], totals: np.ndarray) -> tuple[str, ...]:
    """Return the options with the greatest total."""
    return tuple(name for name, rank in zip(names, rank_totals(totals), strict=True) if rank == 1)


def rank_shares(totals: np.ndarray) -> np.ndarray:
    """Return the share of cases in which each option takes each rank; equals share their ranks evenly.

    Args:
        totals: by option and case, shape ``(options, cases)``.

    Returns:
        Shape ``(options, ranks)``; every row and every column adds up to 1.
    """
    rounded = np.round(totals, DIGITS)
    above = (rounded[None] > rounded[:, None]).sum(axis=1)
    equal = (rounded[None] == rounded[:, None]).sum(axis=1)
    positions = np.arange(len(totals))[:, None, None]
    inside = (positions >= above[None]) & (positions < (above + equal)[None])
    return (inside / equal[None]).mean(axis=2).T


def drawn_weights(names: Sequence[str], weights: np.ndarray, concentration: float, draws: int, seed: int) -> np.ndarray:
    """Draw weights from a Dirichlet distribution with the given mean, shape ``(draws, principles)``.

    Gamma variates by inversion, each principle from a stream of its own name. A principle with
    weight 0 keeps it.
    """
    from scipy.special import gammaincinv

    gammas = np.zeros((draws, len(names)))
    for index, (name, weight) in enumerate(zip(names, weights, strict=True)):
        if weight > 0.0:
            gammas[:, index] = gammaincinv(concentration * weight, uniforms(seed, f"weight|{name}", 0, draws))
    return gammas / gammas.sum(axis=1, keepdims=True)


def smallest_change(
    names: Sequence[str], principles: Sequence[str], scores: np.ndarray, weights: np.ndarray
) -> tuple[WeightChange, ...]:
    """Return, for each principle, the nearest weight at which another option draws level with the first.

    With the others in proportion, the lead of the first over another is a straight line in the weight of one
    principle: its lead on that principle at a weight of 1, its lead on all others at 0.

    Args:
        names: options.
        principles: keys.
        scores: by option and principle.
        weights: of principles, adding up to 1.
    """
    totals = scores @ weights
    first = int(np.flatnonzero(rank_totals(totals) == 1)[0])
    changes: list[WeightChange] = []
    for index, principle in enumerate(principles):
        now = float(weights[index])
        others = np.delete(weights, index)
        if now <= 0.0 or others.sum() <= 0.0:
            continue
        rest = np.delete(scores, index, axis=1) @ (others / others.sum())
        leads = scores[first, index] - scores[:, index], rest[first] - rest
        crossings: list[tuple[float, str]] = []
        for option, (lead_here, lead_elsewhere) in enumerate(zip(*leads, strict=True)):
            # Without a lead over the first at either end no weight brings an option past it.
            if option != first and round(min(lead_here, lead_elsewhere), DIGITS) < 0.0 <= max(
                lead_here, lead_elsewhere
            ):
                crossings.append((float(lead_elsewhere / (lead_elsewhere - lead_here)), names[option]))
        if crossings:
            then, name = min(crossings, key=lambda crossing: (abs(crossing[0] - now), crossing[1]))
            changes.append(WeightChange(principle, now, then, name))
    return tuple(changes)


def halved_and_doubled(
    names: Sequence[str], principles: Sequence[str], scores: np.ndarray, weights: np.ndarray
) -> tuple[WeightStep, ...]:
    """Return who is first when each weight is halved or doubled, all scaled to a sum of 1 again."""
    steps = []
    for index, principle in enumerate(principles):
        for factor in STEPS:
            changed = weights.copy()
            changed[index] *= factor
            changed /= changed.sum()
            steps.append(
                WeightStep(principle, factor, float(changed[index]), options_in_front(names, scores @ changed))
            )
    return tuple(steps)


def vary_weights(
    names: Sequence[str],
    principles: Sequence[str],
    expected: np.ndarray,
    members: np.ndarray,
    weights: np.ndarray,
    concentration: float,
    draws: int,
    seed: int,
) -> WeightSensitivity:
    """Vary weights and members, and rank the options each time.

    Args:
        names: options.
        principles: keys of the principles.
        expected: scores at the expected measures, shape ``(options, principles)``.
        members: scores by member, shape ``(options, principles, members)``.
        weights: of the principles, adding up to 1.
        concentration: sum of the parameters of the Dirichlet distribution.
        draws: sets of weights.
        seed: seed of the draws.
    """
    drawn = drawn_weights(principles, weights, concentration, draws, seed)
    by_weights = expected @ drawn.T
    paired = members[:, :, np.arange(draws) % members.shape[2]]
    leading = np.round(by_weights, DIGITS)
    first = leading == leading.max(axis=0)
    central = np.full(expected.shape, np.nan)
    for option, cases in enumerate(first):
        if cases.any():
            central[option] = drawn[cases].mean(axis=0)
    return WeightSensitivity(
        by_members=rank_shares(np.einsum("opm,p->om", members, weights)),
        by_weights=rank_shares(by_weights),
        by_both=rank_shares(np.einsum("opd,dp->od", paired, drawn)),
        central=central,
        steps=halved_and_doubled(names, principles, expected, weights),
        changes=smallest_change(names, principles, expected, weights),
        draws=draws,
    )
