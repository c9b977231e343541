"""Draws of uncertain numbers: inverse transform of quantiles keyed by seed, stream name and member.

A stream is known by its name, so a new parameter or intervention shifts no other. Member ``i`` draws the same whatever
the chunk in which it runs, and every scenario of a comparison therefore has the same members.

Latin hypercube: each stream puts one member into each of as many equal slices as the ensemble has members, so that an
ensemble covers every range evenly; member ``i`` then depends on the size of the ensemble. Random: member ``i`` is the
same in an ensemble of any size.
"""

from __future__ import annotations

import hashlib
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

import numpy as np

from model.registry.catalogue import Registry
from model.registry.declarations import Parameter

if TYPE_CHECKING:
    from model.scenarios.specs import Correlation, ModifierSpec, Override

LATIN_HYPERCUBE = "latin-hypercube"
RANDOM = "random"
SMALLEST = 2.0**-54
"""Nearest that a quantile comes to 0 or 1."""

WORDS_PER_BLOCK = 4
"""Random words that one step of the counter of the generator yields."""


class Quantiles(Protocol):
    """Where the members of a chunk lie in the ranges of uncertain numbers."""

    def __call__(self, stream: str) -> np.ndarray | None:
        """Return quantiles between 0 (low) and 1 (high), shape ``(members,)``; None where all take the central value.

        Args:
            stream: name of a parameter, ``label|effect`` and the like for dated changes, ``label|reach``.
        """
        ...


def central(stream: str) -> None:
    """Return the quantiles of the central case: every number takes its central value."""


def key_of(text: str) -> int:
    """Return the key of a random stream, from its name."""
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=16).digest(), "little")


def uniforms(seed: int, stream: str, first_member: int, members: int) -> np.ndarray:
    """Return uniform numbers strictly between 0 and 1 for members ``first_member`` onwards.

    Args:
        seed: seed of the ensemble.
        stream: name of the stream.
        first_member: number of the first member wanted.
        members: how many.

    Returns:
        Array of shape ``(members,)``.
    """
    generator = np.random.Philox(key=key_of(f"{seed}|{stream}"))
    generator.advance(first_member // WORDS_PER_BLOCK)
    skipped = first_member % WORDS_PER_BLOCK
    words = generator.random_raw(skipped + members)[skipped:]
    return ((words >> np.uint64(11)).astype(float) + 0.5) * 2.0**-53


def stratified(seed: int, stream: str, ensemble: int) -> np.ndarray:
    """Return quantiles of all members, one in each of ``ensemble`` equal slices, shape ``(ensemble,)``."""
    from scipy.stats.qmc import LatinHypercube

    generator = np.random.default_rng(key_of(f"{seed}|{stream}|{ensemble}"))
    drawn = LatinHypercube(d=1, seed=generator).random(ensemble)[:, 0]
    return np.clip(drawn, SMALLEST, 1.0 - SMALLEST)


def normal_correlation(rank_correlation: float) -> float:
    """Return the correlation of the two normal variables whose rank correlation (Spearman) is given."""
    return 2.0 * np.sin(np.pi * rank_correlation / 6.0)


def copula_matrix(names: Sequence[str], correlations: Sequence[Correlation]) -> np.ndarray:
    """Return the correlation matrix of the normal variables behind a Gaussian copula; pairs not stated have 0.

    Returns:
        Shape ``(names, names)``; it need not be positive definite.
    """
    matrix = np.eye(len(names))
    for pair in correlations:
        first, second = (names.index(name) for name in pair.between)
        matrix[first, second] = matrix[second, first] = normal_correlation(pair.correlation)
    return matrix


@dataclass(frozen=True)
class Sampling:
    """Quantiles of a chunk of members: stratified or random, correlated where stated.

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
        """Return the quantiles of a stream, shape ``(members,)``; None in the central case."""
        if self.ensemble <= 1:
            return None
        if self.method == RANDOM:
            if stream not in self._correlated:
                return uniforms(self.seed, stream, self.first_member, self.members)
            from scipy.special import ndtr

            return ndtr(self._joint(stream))
        whole = stratified(self.seed, stream, self.ensemble)
        if stream in self._correlated:
            from scipy.stats import rankdata

            # Ranks of the joint draw put the same stratified numbers into another order: the margin stays exact.
            whole = np.sort(whole)[rankdata(self._joint(stream), method="ordinal") - 1]
        return whole[self.first_member : self.first_member + self.members]

    @cached_property
    def _correlated(self) -> tuple[str, ...]:
        return tuple(sorted({name for pair in self.correlations for name in pair.between}))

    @cached_property
    def _factor(self) -> np.ndarray:
        return np.linalg.cholesky(copula_matrix(self._correlated, self.correlations))

    def _joint(self, stream: str) -> np.ndarray:
        """Return the correlated normal variables of a stream: of the chunk where random, else of the ensemble."""
        weights = self._factor[self._correlated.index(stream)]
        terms = (
            weight * self._normal(name) for name, weight in zip(self._correlated, weights, strict=True) if weight != 0.0
        )
        return np.asarray(sum(terms))

    def _normal(self, stream: str) -> np.ndarray:
        """Return the independent normal variables of a stream."""
        from scipy.special import ndtri

        if stream not in self._normals:
            drawn = (
                uniforms(self.seed, stream, self.first_member, self.members)
                if self.method == RANDOM
                else stratified(self.seed, stream, self.ensemble)
            )
            self._normals[stream] = ndtri(drawn)
        return self._normals[stream]


def triangular(uniform: np.ndarray, low: np.ndarray, mode: np.ndarray, high: np.ndarray) -> np.ndarray:
    """Return quantiles of a triangular distribution; ``low`` may be the larger end, and ends may coincide."""
    width = high - low
    at = np.divide(mode - low, width, out=np.zeros(np.broadcast(mode, width).shape), where=width != 0)
    rising = np.sqrt(uniform * at)
    falling = 1.0 - np.sqrt((1.0 - uniform) * (1.0 - at))
    return np.where(width == 0, mode, low + width * np.where(uniform < at, rising, falling))


def quantile(shape: str, uniform: np.ndarray, low: np.ndarray, mode: np.ndarray, high: np.ndarray) -> np.ndarray:
    """Return quantiles of a ``uniform``, ``loguniform`` or ``triangular`` distribution between two ends."""
    if shape == "uniform":
        return low + (high - low) * uniform
    if shape == "loguniform":
        return low * (high / np.where(low > 0, low, 1.0)) ** uniform
    return triangular(uniform, low, mode, high)


def is_uncertain(parameter: Parameter) -> bool:
    """Return whether a parameter has a range from which it is drawn."""
    return parameter.distribution != "fixed" and bool(np.any(parameter.low != parameter.high))


def draw_parameters(
    registry: Registry, quantiles: Quantiles, fixed_cells: Mapping[str, np.ndarray] | None = None
) -> dict[str, np.ndarray]:
    """Return registered values of all parameters, or values from their ranges; one stream moves a table together.

    Args:
        registry: all parameters.
        quantiles: where the members lie in each range.
        fixed_cells: masks of cells that take their central value, by name, because a fit says what they are.

    Returns:
        By name, shape ``dims + (members,)``, or ``dims + (1,)`` where all members are alike.
    """
    fixed_cells = fixed_cells or {}
    values: dict[str, np.ndarray] = {}
    for name, parameter in registry.parameters.items():
        value = parameter.value[..., None]
        fixed = fixed_cells.get(name)
        if is_uncertain(parameter) and (fixed is None or not fixed.all()):
            share = quantiles(name)
            if share is not None:
                ends = parameter.low[..., None], value, parameter.high[..., None]
                drawn = quantile(parameter.distribution, share, *ends)
                value = drawn if fixed is None else np.where(fixed[..., None], value, drawn)
        values[name] = np.array(value, dtype=float)
    return values


def with_overrides(values: Mapping[str, np.ndarray], overrides: Mapping[str, Override]) -> dict[str, np.ndarray]:
    """Return parameters with what a scenario sets, which is certain, in the place of what was drawn or fitted."""
    overridden = dict(values)
    for name, override in overrides.items():
        value = np.where(override.changed[..., None], override.values[..., None], overridden[name])
        overridden[name] = value[..., :1] if np.all(override.changed) else value
    return overridden


def draw_sizes(specs: Sequence[ModifierSpec], quantiles: Quantiles, fixed: Container[int] = ()) -> list[np.ndarray]:
    """Return the size of each dated change; effects of one intervention move together, as do its costs.

    Args:
        specs: dated changes.
        quantiles: where the members lie in each range.
        fixed: indices in ``specs`` of those that take their central size.

    Returns:
        In the order of ``specs``: one number, or an array ``(members,)``.
    """
    shares: dict[str, np.ndarray | None] = {}

    def draw(stream: str, limits: tuple[float, float, float], certain: bool) -> np.ndarray:
        low, mode, high = (np.asarray(limit) for limit in limits)
        if certain or low == high:
            return mode
        if stream not in shares:
            shares[stream] = quantiles(stream)
        share = shares[stream]
        return mode if share is None else triangular(share, low, mode, high)

    return [
        draw(f"{spec.label}|{spec.stream}", spec.size, index in fixed)
        * draw(f"{spec.label}|reach", spec.reach, index in fixed)
        for index, spec in enumerate(specs)
    ]
