"""The cheapest mix of levers that meets a target: every lever at a scale of its own, within the limits."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np

from model.analysis.attribution.variants import evaluate_variants
from model.analysis.portfolio.candidates import Candidates
from model.analysis.portfolio.goal_seek import LeverCase, largest_scale
from model.analysis.robustness.experiment import ExperimentReader
from model.analysis.robustness.stated_targets import StatedTarget
from model.analysis.sensitivity.worker_pool import WorkerPool
from model.registry.errors import Exit, UserError
from model.results.number_format import format_millions

LEVELS = {2: 7, 3: 5, 4: 4}
"""Scales that a round tries of each lever, by how many levers there are."""
ROUNDS = 3
"""Rounds; each looks closer about the cheapest mix of the one before."""

MixFunction = Callable[[np.ndarray], np.ndarray]
"""Gives one number for each mix, shape ``(mixes,)`` for scales of ``(mixes, levers)``."""


@dataclass(frozen=True, eq=False)
class LeverMix:
    """A mix of levers.

    Attributes:
        levers: their names.
        start: when they start.
        scales: scale of each.
        share: share of members that meet the target.
        met: whether that is what was asked for.
        use: largest yearly use of each resource.
        tried: mixes that were run.
    """

    levers: tuple[str, ...]
    start: str
    scales: np.ndarray
    share: float
    met: bool
    use: tuple[float, ...]
    tried: int


def cheapest_scales(
    shares: MixFunction, costs: MixFunction, allowed: MixFunction, most: np.ndarray, asked: float
) -> tuple[np.ndarray, float, int]:
    """Search the scales of the cheapest mix that reaches a share, on a lattice refined about the best mix.

    Cheapest on the lattice: a cheaper mix may lie between its points, by less than one step of the last round.
    Of mixes that cost the same, that with the smallest scales. Where none has the share, the one that comes nearest.

    Args:
        shares: gives the shares of mixes.
        costs: gives their costs.
        allowed: whether they lie within the limits.
        most: largest scale of each lever, shape ``(levers,)``.
        asked: share asked for.

    Returns:
        Scales, their share, and how many mixes were tried.
    """
    levels = LEVELS[len(most)]
    lattice = np.array(list(product(np.linspace(0.0, 1.0, levels), repeat=len(most))))
    low, high = np.zeros_like(most, dtype=float), most.astype(float)
    best, reached, price, tried = low, -1.0, np.inf, 0
    for _ in range(ROUNDS):
        grid = low + lattice * (high - low)
        grid = grid[allowed(grid).astype(bool)]
        if len(grid):
            grid_shares, cost = shares(grid), costs(grid)
            tried += len(grid)
            order = np.lexsort(((grid / most).sum(axis=1), cost))
            met = order[grid_shares[order] >= asked]
            if len(met) and (reached < asked or cost[met[0]] < price):
                best, reached, price = grid[met[0]], float(grid_shares[met[0]]), float(cost[met[0]])
            elif reached < asked:
                nearest = order[np.argmax(grid_shares[order])]
                if grid_shares[nearest] > reached:
                    best, reached, price = grid[nearest], float(grid_shares[nearest]), float(cost[nearest])
        if reached < asked:
            break
        step = (high - low) / (levels - 1)
        low, high = np.maximum(best - step, 0.0), np.minimum(best + step, most)
    return best, reached, tried


def most_runs_of_mix(levers: int, members: int) -> int:
    """Return the most runs of the model that a mix takes."""
    return ROUNDS * LEVELS.get(levers, 0) ** levers * members


def cheapest_mix(
    candidates: Candidates,
    target: StatedTarget,
    together: LeverCase,
    probability: float,
    members: int,
    pool: WorkerPool | None = None,
) -> LeverMix:
    """Search the cheapest mix that meets a target with a probability.

    Args:
        candidates: levers and limits; one future.
        target: what is to be met.
        together: the case of all levers, from one start.
        probability: share of members in which it is to be met.
        members: ensemble size.
        pool: worker processes; this process alone where None.

    Raises:
        UserError: too many levers, or one alone.
    """
    count = len(together.entries)
    if count not in LEVELS:
        raise UserError(
            f"a mix is sought of {min(LEVELS)} to {max(LEVELS)} levers, not of {count}.", key="--mix", code=Exit.USAGE
        )
    (option_set,) = candidates.option_sets
    entries, resources = list(together.entries), candidates.problem.resources
    reader = ExperimentReader((), (target,), ())

    def used(scales: np.ndarray) -> np.ndarray:
        """Return the largest yearly use, shape ``(resources, mixes)``."""
        return np.array(
            [np.maximum((scales @ resource.use[entries]).max(axis=1), 0.0) for resource in resources]
        ).reshape(len(resources), len(scales))

    def shares(scales: np.ndarray) -> np.ndarray:
        variants = np.zeros((len(scales), len(option_set.options)))
        variants[:, entries] = scales
        return target.met(evaluate_variants(option_set, variants, reader, members, pool)[:, 0]).mean(axis=-1)

    limits = np.array([resource.limit for resource in resources])
    most = np.full(count, largest_scale(together))
    scales, share, tried = cheapest_scales(
        shares,
        lambda mixes: used(mixes)[0] if resources else mixes.sum(axis=1),
        lambda mixes: np.all(used(mixes) <= limits[:, None] * (1.0 + 1e-9), axis=0),
        most,
        probability,
    )
    use = tuple(float(value) for value in used(scales[None])[:, 0])
    return LeverMix(together.levers, together.start, scales, share, share >= probability, use, tried)


def mix_sentence(mix: LeverMix, resources: Sequence[str]) -> str:
    """Write a mix as a sentence."""
    levers = " + ".join(f"{name} {scale:.3g}" for name, scale in zip(mix.levers, mix.scales, strict=True))
    costs = ", ".join(
        f"£{format_millions(use, 2)}m a year" if unit.startswith("£") else f"{use:,.0f} {unit}"
        for use, unit in zip(mix.use, resources, strict=True)
    )
    if mix.met:
        return f"Cheapest mix from {mix.start}: {levers}; met in {mix.share:.0%} of members; needs {costs}."
    nearest = f"; nearest: {levers}, met in {mix.share:.0%} of members" if mix.share > 0 else " in any member"
    return f"No mix from {mix.start} within the limits meets it{nearest}."
