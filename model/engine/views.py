"""Entries of one sector by attribute: ``p.treatment_days`` for the parameter ``urgent_care.treatment_days``.

The classes with the names of a sector's entries are generated from its declarations (``model.sectors.generate_views``),
so that an editor completes them and a type checker knows them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from model.engine.dynamics import Numbers
from model.engine.world import Index, World


class Values:
    """Arrays of one sector, to be read.

    Args:
        arrays: by full name.
        sector: first part of the names.
    """

    __slots__ = ("_arrays", "_sector")

    def __init__(self, arrays: Mapping[str, np.ndarray], sector: str) -> None:
        object.__setattr__(self, "_arrays", arrays)
        object.__setattr__(self, "_sector", f"{sector}.")

    def __getattr__(self, name: str) -> np.ndarray:
        """An array of the sector."""
        return self._arrays[self._sector + name]


class State(Values):
    """Arrays of one sector that its step sets: ``out.occupancy = ...`` writes into the array."""

    __slots__ = ()

    def __setattr__(self, name: str, value: Any) -> None:
        """Write into an array of the sector."""
        self._arrays[self._sector + name][...] = value


class Cells:
    """How a type checker sees an entry of ``State``: an array that may be set to an array or to one number."""

    def __get__(self, owner: State, kind: type[State] | None = None) -> np.ndarray:
        """The array."""
        raise NotImplementedError

    def __set__(self, owner: State, value: Numbers) -> None:
        """Write into the array."""
        raise NotImplementedError


class Move:
    """Moves an amount along one flow; see ``World.move``."""

    __slots__ = ("_flow", "_world")

    def __init__(self, world: World, flow: str) -> None:
        self._world, self._flow = world, flow

    def __call__(
        self,
        amount: np.ndarray,
        origin: Index = ...,
        target: Index = ...,
        record: Index = ...,
        collect: tuple[int, ...] = (),
    ) -> np.ndarray:
        """Move an amount over the step; give what was moved."""
        return self._world.move(self._flow, amount, origin, target, record, collect)


class Moves:
    """The flows of one sector: ``move.arrivals(amount)``.

    Args:
        world: the run.
        sector: first part of the names.
    """

    __slots__ = ("_sector", "_world")

    def __init__(self, world: World, sector: str) -> None:
        self._world, self._sector = world, f"{sector}."

    def __getattr__(self, name: str) -> Move:
        """A flow of the sector."""
        return Move(self._world, self._sector + name)


class SectorViews(NamedTuple):
    """All entries of one sector; the sector's ``views.pyi`` says which there are."""

    p: Any
    gain: Any
    stock: Any
    flow: Any
    out: Any
    memory: Any
    move: Any


def sector_views(world: World, sector: str) -> SectorViews:
    """Return the entries of one sector in a run, and the gains of all feedback loops."""
    return SectorViews(
        Values(world.p, sector),
        Values(world.p, "loops"),
        State(world.stocks, sector),
        Values(world.flows, sector),
        State(world.outputs, sector),
        State(world.memory, sector),
        Moves(world, sector),
    )
