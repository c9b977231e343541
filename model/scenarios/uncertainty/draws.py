"""Draws of uncertain numbers: inverse transform of uniforms keyed by seed, stream name and member.

A stream is known by its name, so a new parameter or intervention shifts no other, and member ``i`` draws the same
whatever the chunk in which it runs. Every scenario of a comparison therefore sees the same members.
"""

from __future__ import annotations

import hashlib
from collections.abc import Container, Mapping
from typing import TYPE_CHECKING, Protocol

import numpy as np

from model.registry.catalogue import Registry
from model.registry.declarations import Parameter

if TYPE_CHECKING:
    from model.scenarios.specs import ModifierSpec, Override

WORDS_PER_BLOCK = 4
"""Random words that one step of the counter of the generator yields."""


class Quantiles(Protocol):
    """Where the members of a chunk lie in the ranges of uncertain numbers."""

    def __call__(self, stream: str) -> np.ndarray | None:
        """Quantiles between 0 (low) and 1 (high), shape ``(members,)``; None where all take the central value.

        Args:
            stream: name of a parameter, ``label|effect`` and the like for dated changes, ``label|reach``.
        """
        ...


def central(stream: str) -> None:
    """Quantiles of the central case: every number takes its central value."""


def key_of(text: str) -> int:
    """Key of a random stream, from its name."""
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=16).digest(), "little")


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
    generator = np.random.Philox(key=key_of(f"{seed}|{stream}"))
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


def quantile(shape: str, uniform: np.ndarray, low: np.ndarray, mode: np.ndarray, high: np.ndarray) -> np.ndarray:
    """Quantile of a ``uniform``, ``loguniform`` or ``triangular`` distribution between two ends."""
    if shape == "uniform":
        return low + (high - low) * uniform
    if shape == "loguniform":
        return low * (high / np.where(low > 0, low, 1.0)) ** uniform
    return triangular(uniform, low, mode, high)


def is_uncertain(parameter: Parameter) -> bool:
    """Whether a parameter has a range from which it is drawn."""
    return parameter.distribution != "fixed" and bool(np.any(parameter.low != parameter.high))


def draw_parameters(
    registry: Registry, quantiles: Quantiles, kept: Mapping[str, np.ndarray] | None = None
) -> dict[str, np.ndarray]:
    """Registered values of all parameters, or values from their ranges; one stream moves a whole table together.

    Args:
        registry: all parameters.
        quantiles: where the members lie in each range.
        kept: cells that keep their central value, by name, because something else says what they are.

    Returns:
        By name, shape ``dims + (members,)``, or ``dims + (1,)`` where all members are alike.
    """
    kept = kept or {}
    found: dict[str, np.ndarray] = {}
    for name, parameter in registry.parameters.items():
        value = parameter.value[..., None]
        still = kept.get(name)
        if is_uncertain(parameter) and (still is None or not still.all()):
            share = quantiles(name)
            if share is not None:
                ends = parameter.low[..., None], value, parameter.high[..., None]
                drawn = quantile(parameter.distribution, share, *ends)
                value = drawn if still is None else np.where(still[..., None], value, drawn)
        found[name] = np.array(value, dtype=float)
    return found


def with_overrides(values: Mapping[str, np.ndarray], overrides: Mapping[str, Override]) -> dict[str, np.ndarray]:
    """Parameters with what a scenario sets, which is taken as certain, in the place of what was drawn or fitted."""
    found = dict(values)
    for name, override in overrides.items():
        value = np.where(override.changed[..., None], override.values[..., None], found[name])
        found[name] = value[..., :1] if np.all(override.changed) else value
    return found


def draw_effects(specs: tuple[ModifierSpec, ...], quantiles: Quantiles, kept: Container[int] = ()) -> list[np.ndarray]:
    """Size of each dated change, for every member; effects of one intervention move together, as do its costs.

    Args:
        specs: dated changes.
        quantiles: where the members lie in each range.
        kept: places in ``specs`` of those that keep their central size.

    Returns:
        In the order of ``specs``: one number, or an array ``(members,)``.
    """
    cache: dict[str, np.ndarray | None] = {}

    def draw(stream: str, limits: tuple[float, float, float], certain: bool) -> np.ndarray:
        low, mode, high = (np.asarray(limit) for limit in limits)
        if certain or low == high:
            return mode
        if stream not in cache:
            cache[stream] = quantiles(stream)
        share = cache[stream]
        return mode if share is None else triangular(share, low, mode, high)

    return [
        draw(f"{spec.label}|{spec.stream}", spec.size, place in kept)
        * draw(f"{spec.label}|reach", spec.reach, place in kept)
        for place, spec in enumerate(specs)
    ]
