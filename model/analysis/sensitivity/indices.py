"""Morris' screening and Sobol's indices of any function of numbers between 0 and 1, by SALib.

The function takes a design of shape ``(inputs, members)`` and gives results of shape ``(results, members)``, so that
many results are analysed from one set of runs, and test functions go through the code that the model goes through.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from model.registry.errors import Exit, UserError

DesignFunction = Callable[[np.ndarray], np.ndarray]
"""From a design ``(inputs, members)`` with values between 0 and 1 to results ``(results, members)``."""

LEVELS = 4
"""Levels of the grid of Morris' trajectories, the usual number."""
CONFIDENCE = 0.8
"""Probability of the confidence intervals, that of all intervals of the model."""
RESAMPLES = 200
"""Resamples of the bootstrap behind the confidence intervals."""


@dataclass(frozen=True)
class Screening:
    """Morris' measures, each of shape ``(results, inputs)``, in units of the result per whole range of the input.

    Attributes:
        mean: mean elementary effect, with its sign.
        size: mean absolute elementary effect (mu star): how much the input matters.
        spread: standard deviation of the effects (sigma): how much it interacts or bends.
        margin: half the width of the confidence interval of ``size``.
    """

    mean: np.ndarray
    size: np.ndarray
    spread: np.ndarray
    margin: np.ndarray


@dataclass(frozen=True)
class Indices:
    """Sobol's indices, each of shape ``(results, groups)``; not a number for a result that does not vary.

    Attributes:
        groups: names of the inputs, or groups of inputs, that the indices are of.
        first: share of the variance that the input makes by itself.
        first_margin: half the width of its confidence interval.
        total: share of the variance in which it takes part.
        total_margin: half the width of its confidence interval.
        variance: variance of each result, shape ``(results,)``.
    """

    groups: tuple[str, ...]
    first: np.ndarray
    first_margin: np.ndarray
    total: np.ndarray
    total_margin: np.ndarray
    variance: np.ndarray


def _problem(names: Sequence[str], groups: Sequence[str] | None = None) -> dict[str, Any]:
    problem: dict[str, Any] = {"num_vars": len(names), "names": list(names), "bounds": [[0.0, 1.0]] * len(names)}
    if groups is not None:
        problem["groups"] = list(groups)
    return problem


def _varies(values: np.ndarray) -> bool:
    return bool(np.all(np.isfinite(values)) and np.ptp(values) > 1e-12 * np.abs(values).max())


def morris_screening(names: Sequence[str], function: DesignFunction, trajectories: int, seed: int) -> Screening:
    """Screen inputs by elementary effects along random trajectories, each of ``inputs + 1`` runs.

    Args:
        names: inputs.
        function: what is screened.
        trajectories: number of trajectories.
        seed: seed of the design and the bootstrap.

    Raises:
        UserError: fewer than two trajectories, from which no spread follows.
    """
    from SALib.analyze import morris as analysis
    from SALib.sample import morris as sampling

    if trajectories < 2:
        raise UserError("screening needs two trajectories or more.", key=str(trajectories), code=Exit.USAGE)
    problem = _problem(names)
    design = sampling.sample(problem, trajectories, num_levels=LEVELS, seed=seed)
    results = function(design.T)
    kinds = ("mu", "mu_star", "sigma", "mu_star_conf")
    statistics = {kind: np.zeros((len(results), len(names))) for kind in kinds}
    for row, values in enumerate(results):
        if not _varies(values):
            continue
        analysed = analysis.analyze(
            problem, design, values, num_resamples=RESAMPLES, conf_level=CONFIDENCE, num_levels=LEVELS, seed=seed
        )
        for kind in kinds:
            statistics[kind][row] = analysed[kind]
    return Screening(
        mean=statistics["mu"], size=statistics["mu_star"], spread=statistics["sigma"], margin=statistics["mu_star_conf"]
    )


def check_samples(samples: int) -> None:
    """Check the number of base samples of Sobol's design.

    Raises:
        UserError: it is no power of two.
    """
    if samples < 2 or samples & (samples - 1):
        message = "Sobol's design needs a power of two, such as 64, 128 or 256."
        raise UserError(message, key=f"--samples {samples}", code=Exit.USAGE)


def sobol_indices(
    names: Sequence[str], function: DesignFunction, samples: int, seed: int, groups: Sequence[str] | None = None
) -> Indices:
    """Compute first and total indices by Saltelli's design: ``samples x (groups + 2)`` runs.

    Args:
        names: inputs.
        function: what is analysed.
        samples: base samples, a power of two.
        seed: seed of the design and the bootstrap.
        groups: group of each input; each input by itself where left out.

    Raises:
        UserError: the number of samples is no power of two.
    """
    from SALib.analyze import sobol as analysis
    from SALib.sample import sobol as sampling

    check_samples(samples)
    problem = _problem(names, groups)
    design = sampling.sample(problem, samples, calc_second_order=False, seed=seed)
    results = function(design.T)
    shown = tuple(names) if groups is None else tuple(dict.fromkeys(groups))
    kinds = ("S1", "S1_conf", "ST", "ST_conf")
    statistics = {kind: np.full((len(results), len(shown)), np.nan) for kind in kinds}
    for row, values in enumerate(results):
        if not _varies(values):
            continue
        analysed = analysis.analyze(
            problem, values, calc_second_order=False, num_resamples=RESAMPLES, conf_level=CONFIDENCE, seed=seed + 1
        )
        for kind in kinds:
            statistics[kind][row] = analysed[kind]
    return Indices(
        groups=shown,
        first=statistics["S1"],
        first_margin=statistics["S1_conf"],
        total=statistics["ST"],
        total_margin=statistics["ST_conf"],
        variance=results.var(axis=1),
    )
