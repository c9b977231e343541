"""Uncertain numbers that a scenario states to be correlated, checked."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import numpy as np

from model.registry.catalogue import Registry
from model.registry.error_collector import ErrorCollector
from model.registry.errors import nearest_names
from model.scenarios.precedence import Setting
from model.scenarios.specs import Correlation
from model.scenarios.uncertainty.draws import copula_matrix, is_uncertain
from model.scenarios.uncertainty.posterior import FittedNumber, fitted_cells

SMALLEST_EIGENVALUE = 1e-9
"""Least eigenvalue of a correlation matrix that counts as positive definite."""


def checked_correlations(
    setting: Setting | None,
    registry: Registry,
    fitted: Sequence[FittedNumber],
    streams: Collection[str],
    errors: ErrorCollector,
) -> tuple[Correlation, ...]:
    """Return the correlations that a scenario states.

    Args:
        setting: where they are stated, if anywhere.
        registry: all parameters.
        fitted: fitted numbers in force, whose correlations come from the draws.
        streams: effects that may be named, in use or in the library.
        errors: collects what is wrong.
    """
    if setting is None:
        return ()
    correlations: list[Correlation] = []
    cells = fitted_cells(fitted, registry)
    for index, pair in enumerate(setting.value):
        location = (*setting.location, index)
        for name in pair.between:
            message, nearest = _not_drawn(name, registry, cells, streams)
            if message:
                errors.add(setting.source.error(location, f"{message}.", nearest, key=name))
        names = frozenset(pair.between)
        if len(names) == 1 or any(frozenset(other.between) == names for other in correlations):
            message = "names one thing twice" if len(names) == 1 else "states a pair twice"
            errors.add(setting.source.error(location, f"{message}.", key=" and ".join(pair.between)))
            continue
        correlations.append(Correlation(pair.between, pair.correlation, pair.source))
    together = sorted({name for pair in correlations for name in pair.between})
    if together and np.linalg.eigvalsh(copula_matrix(together, correlations)).min() < SMALLEST_EIGENVALUE:
        message = "no numbers can be correlated like this (the matrix is not positive definite); take some nearer to 0."
        errors.add(setting.error(message))
    return tuple(correlations)


def _not_drawn(
    name: str, registry: Registry, cells: Mapping[str, np.ndarray], streams: Collection[str]
) -> tuple[str, tuple[str, ...]]:
    """Return why a name is not drawn, with the nearest names; empty where it is drawn."""
    uncertain = {parameter.name for parameter in registry.parameters.values() if is_uncertain(parameter)}
    if name in cells and cells[name].all():
        return "is fitted; its correlations come from the fitted draws", ()
    if name in registry.parameters and name not in uncertain:
        return "has no range, so it is not drawn", ()
    if name not in uncertain and name not in streams:
        message = "is neither an uncertain parameter nor an effect such as 'home_first|effect'"
        return message, nearest_names(name, [*uncertain, *streams])
    return "", ()
