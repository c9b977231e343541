"""The loop: sectors in a stated order, each at its own multiple of the base step."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import ClassVar

import numpy as np

from model.engine.clock import Clock
from model.engine.parameters import Modifier, Parameters
from model.engine.recorder import Recorder
from model.engine.world import World
from model.registry.declarations import Flow, Loop, Output, Stock


class Sector(ABC):
    """One part of the system: what it declares, how it starts and how it moves over a step.

    Attributes:
        name: first part of the names of all that it declares.
        title: name for people.
        every: base steps between two steps of the sector.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    every: ClassVar[int] = 1
    stocks: ClassVar[tuple[Stock, ...]] = ()
    flows: ClassVar[tuple[Flow, ...]] = ()
    outputs: ClassVar[tuple[Output, ...]] = ()
    loops: ClassVar[tuple[Loop, ...]] = ()

    @abstractmethod
    def initialise(self, world: World) -> None:
        """Fill the stocks, and the outputs that others need before the first step."""

    @abstractmethod
    def step(self, world: World) -> None:
        """Move the stocks over ``world.clock.span`` days and set the outputs."""


@dataclass(frozen=True)
class Turn:
    """One line of the schedule: sectors that step together, in order, every so many base steps."""

    every: int
    sectors: tuple[str, ...]


def schedule(sectors: list[Sector]) -> list[Turn]:
    """Order of the loop as data: sectors in the order given, neighbours of one rate in one turn."""
    paced = ((sector.every, sector.name) for sector in sectors)
    return [Turn(every, tuple(name for _, name in turn)) for every, turn in groupby(paced, key=itemgetter(0))]


@dataclass(frozen=True)
class Inputs:
    """All that a run needs.

    Attributes:
        parameters: base arrays by name, shape ``dims + (members or 1,)``.
        bounds: lowest and highest value of each parameter.
        modifiers: dated changes of parameters and flows.
        sizes: length of each dimension.
        members: size of the batch.
    """

    parameters: dict[str, np.ndarray]
    bounds: dict[str, tuple[float, float]]
    modifiers: tuple[Modifier, ...]
    sizes: dict[str, int]
    members: int


def run(
    sectors: list[Sector],
    clock: Clock,
    inputs: Inputs,
    *,
    keep: Collection[str] | None = None,
    checked: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> dict[str, np.ndarray]:
    """Run all sectors over the clock.

    A batch of one is run as two and the second dropped: numpy adds up a lone column in another order than several.

    Args:
        sectors: in the order in which those of one rate step.
        clock: start, end and base step.
        inputs: parameters, modifiers and sizes.
        keep: names of the results to record; all that are recorded where left out.
        checked: whether conservation is audited at every step.
        progress: called with the steps done and the steps in all.

    Returns:
        Results by name, shape ``(months,) + dims + (members,)``.

    Raises:
        ConservationError: with ``checked``, if an equation creates, loses or overdraws something.
    """
    members = max(inputs.members, 2)
    stocks = [stock for sector in sectors for stock in sector.stocks]
    flows = [flow for sector in sectors for flow in sector.flows]
    outputs = [output for sector in sectors for output in sector.outputs]
    world = World(clock, members, stocks, flows, outputs, inputs.sizes, checked)
    flow_names = {flow.name for flow in flows}
    base = dict(inputs.parameters)
    bounds = dict(inputs.bounds)
    for target in {modifier.target for modifier in inputs.modifiers} & flow_names:
        shape = world.flows[target].shape[:-1]
        base[target] = np.ones((*shape, 1))
        bounds[target] = (0.0, np.inf)
    world.p = Parameters(base, inputs.modifiers, bounds, members, world.signal)
    world.multipliers = {
        name: np.broadcast_to(world.p[name], world.flows[name].shape) for name in flow_names & world.p.keys()
    }
    world.p.advance(0.0, 0.0)
    for sector in sectors:
        clock.span = sector.every * clock.step_days
        sector.initialise(world)
    world.record_signals()
    recorder = Recorder(world, {output.name: output.adds_up for output in outputs}, keep)
    by_name = {sector.name: sector for sector in sectors}
    owned = {sector.name: {entry.name for entry in (*sector.stocks, *sector.outputs)} for sector in sectors}
    turns = schedule(sectors)
    if checked:
        world.open_audit()
    for step in range(clock.steps):
        clock.step, clock.day = step, step * clock.step_days
        for turn in turns:
            if step % turn.every:
                continue
            clock.span = turn.every * clock.step_days
            begin, end = clock.day, clock.day + clock.span
            world.p.advance(begin, end)
            recorder.before(list(turn.sectors), begin, end)
            for name in turn.sectors:
                world.begin_sector(name)
                by_name[name].step(world)
                world.record_signals(owned[name])
                recorder.record(name)
            recorder.after(begin, end)
        if checked:
            world.audit()
        if progress is not None:
            progress(step + 1, clock.steps)
    return {name: values[..., : inputs.members] for name, values in recorder.collect().items()}
