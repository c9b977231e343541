"""The choice: options of interventions, what they use year by year, and the limits on it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, product
from math import prod

import numpy as np

BLOCK = 20_000
"""Choices whose use of resources is worked out at a time."""
SLACK = 1e-9
"""Share of a limit by which rounding may pass it."""


@dataclass(frozen=True)
class PortfolioOption:
    """One way of using an intervention: its start and scale.

    Attributes:
        intervention: its name.
        start: when it starts, as ``YYYY-MM``.
        scale: how large it is; 1 as its file has it.
        stops: whether it is something to stop, which does not count towards the number of interventions.
    """

    intervention: str
    start: str
    scale: float = 1.0
    stops: bool = False

    @property
    def label(self) -> str:
        """Name for tables."""
        scale = "" if self.scale == 1.0 else f", x {self.scale:g}"
        return f"{self.intervention} ({self.start}{scale})"


@dataclass(frozen=True, eq=False)
class Resource:
    """Something of which only so much is available in a year.

    Attributes:
        name: what it is.
        unit: its unit.
        limit: most that may be used in any year.
        use: by each option in each year, shape ``(options, years)``; negative where an option releases it.
    """

    name: str
    unit: str
    limit: float
    use: np.ndarray


@dataclass(frozen=True, eq=False)
class PortfolioProblem:
    """Options, resources and limits of a choice.

    Attributes:
        options: all ways; of one intervention at most one is chosen.
        resources: limits, the budget first.
        years: financial years of the resources.
        at_most: most interventions, those that are stopped not counted.
    """

    options: tuple[PortfolioOption, ...]
    resources: tuple[Resource, ...]
    years: tuple[str, ...]
    at_most: int

    @property
    def groups(self) -> tuple[tuple[int, ...], ...]:
        """Positions of the options of each intervention."""
        groups: dict[str, list[int]] = {}
        for index, option in enumerate(self.options):
            groups.setdefault(option.intervention, []).append(index)
        return tuple(tuple(group) for group in groups.values())

    @property
    def starting(self) -> tuple[tuple[int, ...], ...]:
        """Groups of what is started."""
        return tuple(group for group in self.groups if not self.options[group[0]].stops)

    @property
    def stopping(self) -> tuple[tuple[int, ...], ...]:
        """Groups of what is stopped."""
        return tuple(group for group in self.groups if self.options[group[0]].stops)

    @property
    def choices(self) -> int:
        """Number of choices before resources are considered."""
        sizes = [len(group) for group in self.starting]
        # Sum over sets of at most so many groups of the product of their sizes, by the elementary polynomials.
        sums = [1] + [0] * self.at_most
        for size in sizes:
            for count in range(self.at_most, 0, -1):
                sums[count] += sums[count - 1] * size
        return sum(sums) * prod(len(group) + 1 for group in self.stopping)

    def used(self, chosen: np.ndarray) -> np.ndarray:
        """Return resources used, ``(choices, resources, years)``, by choices of shape ``(choices, options)``."""
        use = np.zeros((len(chosen), len(self.resources), len(self.years)))
        for row, resource in enumerate(self.resources):
            use[:, row] = chosen @ resource.use
        return use

    def peaks(self, chosen: np.ndarray) -> np.ndarray:
        """Return the largest use of each resource in any year, at least 0, shape ``(choices, resources)``."""
        return self.used(chosen).max(axis=2).clip(0.0)

    def feasible(self, chosen: np.ndarray) -> np.ndarray:
        """Return whether choices keep within all limits in every year, shape ``(choices,)``."""
        limits = np.array([resource.limit for resource in self.resources])
        return np.all(self.peaks(chosen) <= limits * (1.0 + SLACK), axis=1)

    def enumerate_feasible(self) -> np.ndarray:
        """Return all choices within all limits, doing nothing first, shape ``(choices, options)``."""
        feasible: list[np.ndarray] = []
        for block in _blocks(self._all(), len(self.options)):
            feasible.append(block[self.feasible(block)])
        return np.concatenate(feasible)

    def _all(self) -> Iterator[tuple[int, ...]]:
        stops = [(-1, *group) for group in self.stopping]
        for count in range(min(self.at_most, len(self.starting)) + 1):
            for groups in combinations(self.starting, count):
                for choice in product(*groups, *stops):
                    yield tuple(option for option in choice if option >= 0)


def _blocks(choices: Iterator[tuple[int, ...]], options: int) -> Iterator[np.ndarray]:
    block: list[np.ndarray] = []
    for choice in choices:
        row = np.zeros(options, dtype=bool)
        row[list(choice)] = True
        block.append(row)
        if len(block) == BLOCK:
            yield np.array(block)
            block = []
    if block:
        yield np.array(block)


def choice_text(chosen: np.ndarray, options: Sequence[PortfolioOption]) -> str:
    """Write a choice in words."""
    labels = [option.label for option, taken in zip(options, chosen, strict=True) if taken]
    return "; ".join(labels) if labels else DO_NOTHING


DO_NOTHING = "do nothing"


def compatible_pairs(problem: PortfolioProblem) -> list[tuple[int, int]]:
    """Return pairs of options that can be chosen together."""
    group_of_option = {option: index for index, group in enumerate(problem.groups) for option in group}
    return [
        pair
        for pair in combinations(range(len(problem.options)), 2)
        if group_of_option[pair[0]] != group_of_option[pair[1]]
    ]
