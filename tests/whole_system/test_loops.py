"""Every feedback loop of the register: it acts, in the stated direction, and at zero gain it is gone altogether."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import pytest
from whole_model import run_batch

from model.sectors.model_registry import registry

EXPECTED = ("R1", "R2", "R3", "R4", "R5", "R6", "R7", "B1", "B2", "B3", "B4", "B5")
LAST_YEARS = slice(-36, None)


def pushed(entry_name: str):
    """A value of the parameter that differs from the central one and lies within its bounds."""
    low, high = registry().parameters[entry_name].bounds

    def change(central: np.ndarray) -> np.ndarray:
        return np.clip(np.where(central == 0.0, 0.5 * min(high, 1.0), central * 1.3), low, high)

    return change


@lru_cache(maxsize=1)
def results() -> dict[str, np.ndarray]:
    """One batch: the baseline, then for each loop: gain off, gain off with its strength changed, gain at half."""
    members: list[dict[str, object]] = [{}]
    for loop in registry().loops.values():
        strength = {name: pushed(name) for name in loop.strength}
        members += [{loop.gain: 0.0}, {loop.gain: 0.0, **strength}, {loop.gain: 0.5}]
    return run_batch(members)


def columns(identifier: str) -> tuple[int, int, int]:
    place = list(registry().loops).index(identifier)
    return 1 + 3 * place, 2 + 3 * place, 3 + 3 * place


def test_the_register_holds_every_loop_of_the_specification():
    assert sorted(registry().loops) == sorted(EXPECTED)
    for loop in registry().loops.values():
        assert loop.gain in registry().parameters
        assert loop.strength
        for link in loop.links:
            assert link.cause in registry().entries, (loop.identifier, link.cause)
            assert link.effect in registry().entries, (loop.identifier, link.effect)
        for link, following in zip(loop.links, (*loop.links[1:], loop.links[0]), strict=True):
            assert link.effect == following.cause, loop.identifier
        assert loop.polarity == (1 if loop.identifier.startswith("R") else -1), loop.identifier


@pytest.mark.parametrize("identifier", EXPECTED)
def test_loop_moves_its_result_in_the_stated_direction(identifier):
    name, sign = registry().loops[identifier].shows_in
    values = results()[name][LAST_YEARS]
    values = values.reshape(-1, values.shape[-1]).mean(axis=0)
    off, _, half = columns(identifier)
    assert sign * (values[0] - values[off]) > 1e-6 * abs(values[0]), (identifier, name, values[0], values[off])
    assert sign * (values[half] - values[off]) > 0


@pytest.mark.parametrize("identifier", EXPECTED)
def test_at_zero_gain_the_strength_of_a_loop_changes_nothing(identifier):
    off, pushed_column, _ = columns(identifier)
    for name, values in results().items():
        assert np.array_equal(values[..., off], values[..., pushed_column]), (identifier, name)


@pytest.mark.parametrize("identifier", EXPECTED)
def test_the_strength_of_a_loop_matters_when_it_is_on(identifier):
    loop = registry().loops[identifier]
    got = run_batch([{}, {name: pushed(name) for name in loop.strength}], end="2025-04-01")
    name, _ = loop.shows_in
    assert not np.array_equal(got[name][..., 0], got[name][..., 1])
