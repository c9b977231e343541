"""Draws of uncertain numbers: inverse transform of uniforms keyed by seed, stream name and member.

A stream is known by its name, so a new parameter or intervention shifts no other, and member ``i`` draws the same
whatever the chunk in which it runs. Every scenario of a comparison therefore sees the same members.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from model.registry.catalogue import Registry

if TYPE_CHECKING:
    from model.scenarios.resolved import ModifierSpec, Override

WORDS_PER_BLOCK = 4
"""Random words that one step of the counter of the generator yields."""


def uniforms(seed: int, stream: str, first_member: int, members: int) -> np.ndarray:
    """Uniform numbers strictly between 0 and 1 for members ``first_member`` onwards.

    Args:
        seed: seed of the ensemble.
        stream: name of the stream.
        first_member: number of the first member wanted.
        members: how many.

    Returns:
        Array of shape ``(members,)``.
    """
    digest = hashlib.blake2b(f"{seed}|{stream}".encode(), digest_size=16).digest()
    generator = np.random.Philox(key=int.from_bytes(digest, "little"))
    generator.advance(first_member // WORDS_PER_BLOCK)
    skipped = first_member % WORDS_PER_BLOCK
    words = generator.random_raw(skipped + members)[skipped:]
    return ((words >> np.uint64(11)).astype(float) + 0.5) * 2.0**-53


def triangular(uniform: np.ndarray, low: np.ndarray, mode: np.ndarray, high: np.ndarray) -> np.ndarray:
    """Quantile of a triangular distribution; ``low`` may be the larger end, and ends may coincide."""
    width = high - low
    at = np.divide(mode - low, width, out=np.zeros(np.broadcast(mode, width).shape), where=width != 0)
    rising = np.sqrt(uniform * at)
    falling = 1.0 - np.sqrt((1.0 - uniform) * (1.0 - at))
    return np.where(width == 0, mode, low + width * np.where(uniform < at, rising, falling))


def _drawn(distribution: str, uniform: np.ndarray, low: np.ndarray, mode: np.ndarray, high: np.ndarray) -> np.ndarray:
    if distribution == "uniform":
        return low + (high - low) * uniform
    if distribution == "loguniform":
        return low * (high / np.where(low > 0, low, 1.0)) ** uniform
    return triangular(uniform, low, mode, high)


def draw_parameters(
    registry: Registry,
    overrides: Mapping[str, Override],
    seed: int,
    first_member: int,
    members: int,
    ensemble: int | None = None,
) -> dict[str, np.ndarray]:
    """Base arrays of all parameters.

    One uniform per parameter moves its whole table together. What a scenario sets is taken as certain.

    Args:
        registry: all parameters.
        overrides: values set by the scenario.
        seed: seed of the ensemble.
        first_member: number of the first member of the chunk.
        members: members of the chunk.
        ensemble: members of the whole ensemble (``members`` where not given); one member is the central case.

    Returns:
        By name, shape ``dims + (members,)``, or ``dims + (1,)`` where all members are alike.
    """
    central = (members if ensemble is None else ensemble) <= 1
    found: dict[str, np.ndarray] = {}
    for name, parameter in registry.parameters.items():
        value = parameter.value[..., None]
        uncertain = parameter.distribution != "fixed" and bool(np.any(parameter.low != parameter.high))
        if uncertain and not central:
            uniform = uniforms(seed, name, first_member, members)
            value = _drawn(parameter.distribution, uniform, parameter.low[..., None], value, parameter.high[..., None])
        override = overrides.get(name)
        if override is not None:
            value = np.where(override.changed[..., None], override.values[..., None], value)
            if np.all(override.changed):
                value = value[..., :1]
        found[name] = np.array(value, dtype=float)
    return found


def draw_effects(
    specs: tuple[ModifierSpec, ...], seed: int, first_member: int, members: int, ensemble: int | None = None
) -> list[np.ndarray]:
    """Size of each dated change, for every member; effects of one intervention move together, as do its costs.

    Returns:
        In the order of ``specs``: one number, or an array ``(members,)``.
    """
    central = (members if ensemble is None else ensemble) <= 1
    cache: dict[str, np.ndarray] = {}

    def draw(stream: str, limits: tuple[float, float, float]) -> np.ndarray:
        low, mode, high = (np.asarray(limit) for limit in limits)
        if central or low == high:
            return mode
        if stream not in cache:
            cache[stream] = uniforms(seed, stream, first_member, members)
        return triangular(cache[stream], low, mode, high)

    return [
        draw(f"{spec.label}|{spec.stream}", spec.size) * draw(f"{spec.label}|reach", spec.reach) for spec in specs
    ]
