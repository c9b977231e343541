"""Distributional cost-effectiveness: health of each fifth before and after, and its equally distributed equivalent.

The method is that of Asaria, Griffin and Cookson (Medical Decision Making 2016) and of Cookson, Griffin, Norheim and
Culyer (Distributional Cost-Effectiveness Analysis, 2021): health per person is lifetime health at birth; gains are
added to it, and what the money would have gained elsewhere is taken off; the Atkinson index turns the distribution
into the equal health that is worth as much.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

GEOMETRIC = 1.0
"""Inequality aversion at which the equally distributed equivalent is the geometric mean."""


def equally_distributed(health: np.ndarray, share: np.ndarray, aversion: float) -> np.ndarray:
    """Return the equal health that is worth as much as an unequal distribution, by the Atkinson index.

    Args:
        health: health per person, above 0; groups first.
        share: share of people in each group, adds up to 1, shape ``(groups,)``.
        aversion: inequality aversion, 0 for none (the mean), 1 for the geometric mean.

    Returns:
        Health per person, shape of ``health`` without the groups; not a number where a group has no health left.
    """
    worst = health.min(axis=0)
    alive = worst > 0.0
    relative = np.log(np.where(alive, health / np.where(alive, worst, 1.0), 1.0))
    weights = share.reshape(-1, *([1] * (health.ndim - 1)))
    if aversion == GEOMETRIC:
        mean = (weights * relative).sum(axis=0)
    else:
        # The mean of powers, written so that it keeps its digits next to the geometric mean.
        power = 1.0 - aversion
        mean = np.log1p((weights * np.expm1(power * relative)).sum(axis=0)) / power
    return np.where(alive, worst * np.exp(mean), np.nan)


@dataclass(frozen=True, eq=False)
class HealthDistribution:
    """Health by fifth of deprivation, the most deprived first, before and after an option.

    Attributes:
        aversion: inequality aversion of the Atkinson index.
        others: its range, for the sensitivity of what follows.
        threshold: what a QALY costs at the margin, £/QALY.
        people: residents, shape ``(fifths,)``.
        before: quality-adjusted life expectancy at birth without the option, years, mean over the years run, shape
            ``(fifths, members)``.
        gained: QALYs gained over the years appraised, discounted, shape ``(fifths, members)``.
        net_cost: net public cost, discounted, £, shape ``(members,)``; below 0 where it is saved.
    """

    aversion: float
    others: tuple[float, ...]
    threshold: float
    people: np.ndarray
    before: np.ndarray
    gained: np.ndarray
    net_cost: np.ndarray

    @property
    def everyone(self) -> float:
        """All residents."""
        return float(self.people.sum())

    @property
    def share(self) -> np.ndarray:
        """Share of people in each fifth."""
        return self.people / self.everyone

    @property
    def forgone(self) -> np.ndarray:
        """QALYs that the net public cost would have gained elsewhere, shape ``(members,)``."""
        return self.net_cost / self.threshold

    @property
    def after(self) -> np.ndarray:
        """Health per person with the option: what is gained by fifth, less an equal part each of what is forgone."""
        return self.before + self.gained / self.people[:, None] - self.forgone / self.everyone

    @property
    def plain(self) -> np.ndarray:
        """QALYs gained less those forgone, whoever has them, shape ``(members,)``."""
        return self.gained.sum(axis=0) - self.forgone

    def equal(self, health: np.ndarray, aversion: float | None = None) -> np.ndarray:
        """Return the equally distributed equivalent of health by fifth, years, shape ``(members,)``."""
        return equally_distributed(health, self.share, self.aversion if aversion is None else aversion)

    def worth(self, aversion: float | None = None) -> np.ndarray:
        """Return the gain in equally distributed equivalent health times people, QALYs, shape ``(members,)``."""
        return (self.equal(self.after, aversion) - self.equal(self.before, aversion)) * self.everyone

    def for_equality(self, aversion: float | None = None) -> np.ndarray:
        """Return the part of the worth due to who gains: worth less plain gain, QALYs, shape ``(members,)``."""
        return self.worth(aversion) - self.plain

    def expected(self) -> HealthDistribution:
        """Return the same of the means over members, as one member, as a workbook of means has it."""
        return replace(
            self,
            before=self.before.mean(axis=1, keepdims=True),
            gained=self.gained.mean(axis=1, keepdims=True),
            net_cost=self.net_cost.mean(keepdims=True),
        )
