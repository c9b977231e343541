"""A model of as many stocks, cells and flows as ours, with equations of like kind, for PySD and for our engine.

Every stock has the dimensions of one of ours. What leaves it in a day is a share of it, more or less as it is crowded
(a curve), and at most a limit; it goes to the next stock of the same sector and dimensions or outside. What comes from
outside goes by the season (a curve). All amounts are those of the beginning of a step, as PySD has it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise
from math import prod
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree

import numpy as np

from model.engine.clock import Clock
from model.engine.stepper import Inputs, Sector, run
from model.engine.world import World
from model.registry.calendar import add_months
from model.registry.declarations import OUTSIDE, Flow
from model.registry.dimensions import DIMENSIONS
from model.scenarios.resolved import ResolvedScenario
from model.sectors.model_registry import registry

if TYPE_CHECKING:
    from pysd.py_backend.model import Model

SIZES = {name: len(labels) for name, labels in DIMENSIONS.items()}

MONTHS = 12
"""Length of a run."""

INITIAL, ARRIVALS, LIMIT = 100.0, 2.0, 1.9
"""Amount in a cell at the start, and amounts a day that enter and that can leave it at most."""

SEASON = ((0.0, 91.0, 182.0, 273.0, 364.0), (1.0, 1.1, 1.0, 0.9, 1.0))
CROWDING = ((0.0, 0.5, 1.0, 2.0), (1.5, 1.2, 1.0, 0.6))
"""Factors on what enters, by day, and on what leaves, by the amount relative to that of the start."""


@dataclass(frozen=True)
class Vessel:
    """One stock of the model of like size.

    Attributes:
        name: registered name of the stock whose size it has, with an underscore for the dot.
        dims: names of its dimensions.
        rate: share that leaves in a day at the amount of the start.
        source: the vessel that empties into it; outside where there is none.
    """

    name: str
    dims: tuple[str, ...]
    rate: float
    source: str = OUTSIDE

    @property
    def exits(self) -> str:
        """Name of the flow that leaves it."""
        return f"exits_{self.name}"

    @property
    def arrivals(self) -> str:
        """Name of the flow that enters it from outside."""
        return f"into_{self.name}"


@lru_cache(maxsize=1)
def vessels() -> tuple[Vessel, ...]:
    """As many stocks as ours, of the same dimensions; neighbours of one sector and shape stand in a row."""
    stocks = list(registry().stocks.values())
    chains = [
        Vessel(stock.name.replace(".", "_"), stock.dims, 0.01 + 0.001 * (index % 10))
        for index, stock in enumerate(stocks)
    ]
    for index, (former, stock) in enumerate(pairwise(stocks), start=1):
        if (former.sector, former.dims) == (stock.sector, stock.dims):
            chains[index] = replace(chains[index], source=chains[index - 1].name)
    return tuple(chains)


def cells_of(dims: tuple[str, ...]) -> int:
    """Cells of an array of these dimensions."""
    return prod(SIZES[dim] for dim in dims)


def xmile(folder: Path, step_days: float, written_out: int | None = None) -> Path:
    """Write the model of like size for PySD.

    Args:
        folder: folder for it.
        step_days: length of a step.
        written_out: most cells of a stock, each a stock by itself; arrays with subscripts where left out.
    """
    root = ElementTree.Element("xmile", version="1.0", xmlns="http://docs.oasis-open.org/xmile/ns/XMILE/v1.0")
    ElementTree.SubElement(ElementTree.SubElement(root, "header"), "name").text = "A model of like size"
    times = ElementTree.SubElement(root, "sim_specs", method="Euler", time_units="Days")
    for name, value in (("start", 0), ("stop", step_days), ("dt", step_days)):
        ElementTree.SubElement(times, name).text = str(value)
    # PySD takes an underscore in the name of a subscript for a space.
    subscripts = {dim: dim.replace("_", "") for vessel in vessels() for dim in vessel.dims}
    if written_out is None:
        ranges = ElementTree.SubElement(root, "dimensions")
        for dim, name in subscripts.items():
            labels = ElementTree.SubElement(ranges, "dim", name=name)
            for index in range(SIZES[dim]):
                ElementTree.SubElement(labels, "elem", name=f"{name}{index}")
    variables = ElementTree.SubElement(ElementTree.SubElement(root, "model"), "variables")

    def write(
        kind: str,
        name: str,
        equation: str,
        dims: tuple[str, ...] = (),
        curve: tuple[tuple[float, ...], ...] = (),
        **ends: str,
    ) -> None:
        node = ElementTree.SubElement(variables, kind, name=name)
        if dims:
            of_node = ElementTree.SubElement(node, "dimensions")
            for dim in dims:
                ElementTree.SubElement(of_node, "dim", name=subscripts[dim])
        for tag, text in {"eqn": equation, **ends}.items():
            ElementTree.SubElement(node, tag).text = text
        if curve:
            graph = ElementTree.SubElement(node, "gf")
            for tag, points in zip(("xpts", "ypts"), curve, strict=True):
                ElementTree.SubElement(graph, tag).text = ",".join(str(point) for point in points)

    write("aux", "season", "TIME", curve=SEASON)
    for vessel in vessels():
        dims = vessel.dims if written_out is None else ()
        at = f"[{', '.join(subscripts[dim] for dim in dims)}]" if dims else ""
        for cell in cell_names(vessel, written_out):
            inflow = f"{vessel.arrivals}{cell}" if vessel.source == OUTSIDE else f"exits_{vessel.source}{cell}"
            stock, exits, crowding = (f"{name}{cell}" for name in (vessel.name, vessel.exits, f"of_{vessel.name}"))
            write("stock", stock, str(INITIAL), dims, inflow=inflow, outflow=exits)
            write("aux", crowding, f"{stock}{at}/{INITIAL}", dims, CROWDING)
            write("flow", exits, f"MIN({stock}{at}*{vessel.rate}*{crowding}{at}, {LIMIT})", dims)
            if vessel.source == OUTSIDE:
                write("aux", f"usual_{stock}", str(ARRIVALS), dims)
                write("flow", inflow, f"usual_{stock}{at}*season", dims)
    file = folder / ("arrays.xmile" if written_out is None else "cells.xmile")
    ElementTree.ElementTree(root).write(file)
    return file


def cell_names(vessel: Vessel, written_out: int | None) -> list[str]:
    """What is added to the name of a stock for each cell that has its own equation; one empty name for an array."""
    return [""] if written_out is None else [f"_{index}" for index in range(min(cells_of(vessel.dims), written_out))]


class LikeSector(Sector):
    """The model of like size on our engine."""

    name = "like"
    title = "Model of like size"

    def __init__(self) -> None:
        known = zip(vessels(), registry().stocks.values(), strict=True)
        self.stocks = tuple(replace(stock, name=f"like.{vessel.name}") for vessel, stock in known)
        feeds = {vessel.source: f"like.{vessel.name}" for vessel in vessels() if vessel.source != OUTSIDE}
        shared = {"description": self.title, "unit": "1"}
        self.flows = tuple(
            Flow(name=f"like.{name}", dims=vessel.dims, origin=origin, target=target, **shared)
            for vessel in vessels()
            for name, origin, target in (
                (vessel.exits, f"like.{vessel.name}", feeds.get(vessel.name, OUTSIDE)),
                (vessel.arrivals, OUTSIDE, f"like.{vessel.name}"),
            )
            if name == vessel.exits or vessel.source == OUTSIDE
        )

    def initialise(self, world: World) -> None:
        """The same amount in every cell."""
        self.world = world
        self.held = {vessel: world.stocks[f"like.{vessel.name}"] for vessel in vessels()}
        for amount in self.held.values():
            amount.fill(INITIAL)
        self.usual = {vessel: np.full_like(amount, ARRIVALS) for vessel, amount in self.held.items()}

    def step(self, world: World) -> None:
        """What leaves and what enters, all from the amounts at the beginning of the step."""
        days = world.clock.span
        leaving = {
            vessel: np.minimum(held * vessel.rate * np.interp(held / INITIAL, *CROWDING), LIMIT) * days
            for vessel, held in self.held.items()
        }
        season = np.interp(world.clock.day, *SEASON)
        for vessel, amount in leaving.items():
            world.move(f"like.{vessel.exits}", amount)
            if vessel.source == OUTSIDE:
                world.move(f"like.{vessel.arrivals}", self.usual[vessel] * (season * days))


def run_by_engine(members: int, ours: ResolvedScenario) -> LikeSector:
    """Run for a year on our engine, from the start of our model and by its step; the sector holds the end."""
    sector = LikeSector()
    clock = Clock(ours.start, add_months(ours.start, MONTHS), ours.step_days)
    run([sector], clock, Inputs(parameters={}, bounds={}, modifiers=(), sizes=SIZES, members=members))
    return sector


def run_by_pysd(model: Model, end: float, names: list[str]) -> dict[str, np.ndarray]:
    """Run by PySD to a day, and give the named stocks as they are then."""
    results = model.run(final_time=end, return_timestamps=[end], return_columns=names, flatten_output=False)
    # PySD gives names back with spaces.
    return {name: np.asarray(results[name].iloc[-1]) for name in names}
