"""How the members of an ensemble lie in the ranges of uncertain numbers: stratified or random, correlated where stated.

Latin hypercube: each stream puts one member into each of as many equal slices as the ensemble has members, so that an
ensemble covers every range evenly; member ``i`` then depends on the size of the ensemble. Random: member ``i`` is the
same in an ensemble of any size. In both it depends on nothing but seed, name of the stream and its own number.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import ndtr, ndtri
from scipy.stats import rankdata

from model.scenarios.uncertainty.draws import key_of, uniforms

if TYPE_CHECKING:
    from model.scenarios.specs import Correlation

LATIN_HYPERCUBE = "latin-hypercube"
RANDOM = "random"
SMALLEST = 2.0**-54
"""Nearest that a quantile comes to 0 or 1."""


def stratified(seed: int, stream: str, ensemble: int) -> np.ndarray:
    """Quantiles of all members of an ensemble, one in each of ``ensemble`` equal slices, shape ``(ensemble,)``."""
    from scipy.stats.qmc import LatinHypercube

    generator = np.random.default_rng(key_of(f"{seed}|{stream}|{ensemble}"))
    drawn = LatinHypercube(d=1, seed=generator).random(ensemble)[:, 0]
    return np.clip(drawn, SMALLEST, 1.0 - SMALLEST)


def normal_correlation(rank_correlation: float) -> float:
    """Correlation of the two normal variables whose rank correlation (Spearman) is given."""
    return 2.0 * np.sin(np.pi * rank_correlation / 6.0)


def copula_matrix(names: Sequence[str], correlations: Sequence[Correlation]) -> np.ndarray:
    """Correlation matrix of the normal variables behind a Gaussian copula; pairs that are not stated have 0.

    Returns:
        Shape ``(names, names)``; it need not be positive definite.
    """
    matrix = np.eye(len(names))
    for each in correlations:
        first, second = (names.index(name) for name in each.between)
        matrix[first, second] = matrix[second, first] = normal_correlation(each.correlation)
    return matrix


@dataclass(frozen=True)
class Sampling:
    """Quantiles of a chunk of members.

    Attributes:
        seed: seed of the ensemble.
        ensemble: members of the whole ensemble; one is the central case.
        first_member: number of the first member of the chunk.
        members: members of the chunk.
        method: ``latin-hypercube`` or ``random``.
        correlations: rank correlations between streams; margins stay as they are.
    """

    seed: int
    ensemble: int
    first_member: int
    members: int
    method: str = LATIN_HYPERCUBE
    correlations: tuple[Correlation, ...] = ()
    _normals: dict[str, np.ndarray] = field(default_factory=dict, init=False, repr=False, compare=False)

    def __call__(self, stream: str) -> np.ndarray | None:
        """Quantiles of a stream, shape ``(members,)``; None in the central case."""
        if self.ensemble <= 1:
            return None
        if self.method == RANDOM:
            if stream not in self._correlated:
                return uniforms(self.seed, stream, self.first_member, self.members)
            return ndtr(self._joint(stream))
        whole = stratified(self.seed, stream, self.ensemble)
        if stream in self._correlated:
            # Ranks of the joint draw put the same stratified numbers into another order: the margin stays exact.
            whole = np.sort(whole)[rankdata(self._joint(stream), method="ordinal") - 1]
        return whole[self.first_member : self.first_member + self.members]

    @cached_property
    def _correlated(self) -> tuple[str, ...]:
        return tuple(sorted({name for each in self.correlations for name in each.between}))

    @cached_property
    def _factor(self) -> np.ndarray:
        return np.linalg.cholesky(copula_matrix(self._correlated, self.correlations))

    def _joint(self, stream: str) -> np.ndarray:
        """Correlated normal variables of a stream: of the chunk where random, else of the whole ensemble."""
        weights = self._factor[self._correlated.index(stream)]
        return sum(
            weight * self._normal(name) for name, weight in zip(self._correlated, weights, strict=True) if weight != 0.0
        )

    def _normal(self, stream: str) -> np.ndarray:
        """Independent normal variables of a stream."""
        if stream not in self._normals:
            drawn = (
                uniforms(self.seed, stream, self.first_member, self.members)
                if self.method == RANDOM
                else stratified(self.seed, stream, self.ensemble)
            )
            self._normals[stream] = ndtri(drawn)
        return self._normals[stream]
