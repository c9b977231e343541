"""Members of a run and where their uncertain numbers come from: drawn as in an ensemble, or set by a design."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Protocol

import numpy as np

from model.analysis.sensitivity.inputs import POSTERIOR
from model.registry.catalogue import Registry
from model.scenarios.engine_inputs import base_parameters, effect_sizes, fitted_values
from model.scenarios.resolved import ResolvedScenario

MemberValues = tuple[dict[str, np.ndarray], list[np.ndarray]]
"""Parameters by name, shape ``dims + (members or 1,)``, and sizes of the dated changes in their order."""


class MemberDesign(Protocol):
    """Members that any scenario can be run with."""

    @property
    def count(self) -> int:
        """How many."""
        ...

    def values(self, scenario: ResolvedScenario, registry: Registry, first: int, members: int) -> MemberValues:
        """Return the uncertain numbers of a scenario for some of the members.

        Args:
            scenario: the scenario.
            registry: all declarations.
            first: number of the first.
            members: how many.
        """
        ...


@dataclass(frozen=True)
class DrawnMembers:
    """The members of an ordinary ensemble of ``count`` members; the scenario says how they are drawn."""

    count: int

    def values(self, scenario: ResolvedScenario, registry: Registry, first: int, members: int) -> MemberValues:
        """See ``MemberDesign``."""
        ensemble = replace(scenario, members=self.count)
        return base_parameters(ensemble, registry, first, members), effect_sizes(ensemble, first, members)


@dataclass(frozen=True, eq=False)
class DesignedMembers:
    """Members that a design sets around the central case.

    Attributes:
        count: how many.
        quantiles: quantiles by input, shape ``(count,)``; not a number where the member keeps the central value.
        factors: factors on registered parameters, or on sizes of dated changes by their stream, shape ``(count,)``.
    """

    count: int
    quantiles: Mapping[str, np.ndarray] = field(default_factory=dict)
    factors: Mapping[str, np.ndarray] = field(default_factory=dict)

    def values(self, scenario: ResolvedScenario, registry: Registry, first: int, members: int) -> MemberValues:
        """See ``MemberDesign``."""
        chunk = slice(first, first + members)

        def quantiles(stream: str) -> np.ndarray | None:
            drawn = self.quantiles[stream][chunk] if stream in self.quantiles else None
            # A number that is central throughout stays one for all members, which is quicker to step.
            return None if drawn is None or np.isnan(drawn).all() else drawn

        single = replace(scenario, members=1)
        fitted = self._fitted(single, chunk, members)
        central = base_parameters(single, registry, 0, members, fitted=fitted)
        central_sizes = effect_sizes(single, 0, members, fitted=fitted)
        laid = base_parameters(single, registry, 0, members, quantiles=quantiles, fitted=fitted)
        laid_sizes = effect_sizes(single, 0, members, quantiles=quantiles, fitted=fitted)
        parameters = {name: _filled(values, central[name]) for name, values in laid.items()}
        sizes = [_filled(values, middle) for values, middle in zip(laid_sizes, central_sizes, strict=True)]
        factors = {name: factor[chunk] for name, factor in self.factors.items() if np.any(factor[chunk] != 1.0)}
        for name in factors.keys() & parameters.keys():
            parameters[name] = (parameters[name] * factors[name]).clip(*registry.parameters[name].bounds)
        for index, spec in enumerate(scenario.modifiers):
            stream = f"{spec.label}|{spec.stream}"
            if stream in factors:
                sizes[index] = sizes[index] * factors[stream]
        return parameters, sizes

    def _fitted(self, single: ResolvedScenario, chunk: slice, members: int) -> np.ndarray:
        """Return fitted numbers of some members: the most probable ones unless the design sets others."""
        fitted = fitted_values(single, 0, members)
        posterior = single.posterior
        if posterior is None:
            return fitted
        if POSTERIOR in self.quantiles:
            quantiles = self.quantiles[POSTERIOR][chunk]
            draws = np.nan_to_num(quantiles * posterior.draws).astype(int).clip(0, posterior.draws - 1)
            fitted = np.where(np.isnan(quantiles), fitted, posterior.values[:, draws])
        for row, (fitted_number, draws) in enumerate(zip(posterior.fitted, posterior.values, strict=True)):
            if fitted_number.name in self.quantiles:
                quantiles = self.quantiles[fitted_number.name][chunk]
                given = ~np.isnan(quantiles)
                fitted[row, given] = np.quantile(draws, quantiles[given])
        return fitted


def _filled(values: np.ndarray, central: np.ndarray) -> np.ndarray:
    """Fill values with the central one where a member has none."""
    return np.where(np.isnan(values), central, values)
