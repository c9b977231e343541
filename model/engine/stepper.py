"""The loop: sectors in a stated order, each at its own multiple of the base step."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Hashable, Mapping
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import ClassVar, Literal

import numpy as np

from model.engine.clock import Clock
from model.engine.parameters import Modifier, Parameters
from model.engine.recorder import Recorder
from model.engine.world import World
from model.registry.declarations import Flow, Loop, Memory, Output, Stock


class Sector(ABC):
    """One part of the system: what it declares, how it starts and how it moves over a step.

    Attributes:
        name: first part of the names of all that it declares.
        title: name for people.
        every: base steps between two steps of the sector.
        stocks: what it holds.
        flows: what it moves.
        outputs: what it derives.
        memory: what it remembers from one step to the next beside its stocks.
        loops: feedback loops in which it takes part.
        tracked: signals that it reads as they are in the middle of its step, with where in the step of their owner the
            value stands: 0 its beginning, 0.5 its mean, 1 its end.
        calendar: numbers that follow from the time alone, by name; a whole number may choose a row of a table.
        patterns: what of the time decides which equations act, by name.
        compiled: whether its step can be compiled: it acts on each member by itself and branches on patterns only.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    every: ClassVar[int] = 1
    stocks: ClassVar[tuple[Stock, ...]] = ()
    flows: ClassVar[tuple[Flow, ...]] = ()
    outputs: ClassVar[tuple[Output, ...]] = ()
    memory: ClassVar[tuple[Memory, ...]] = ()
    loops: ClassVar[tuple[Loop, ...]] = ()
    tracked: ClassVar[Mapping[str, float]] = {}
    calendar: ClassVar[Mapping[str, Callable[[Clock], float]]] = {}
    patterns: ClassVar[Mapping[str, Callable[[Clock], Hashable]]] = {}
    compiled: ClassVar[bool] = True

    def compiled_at(self, step_days: float) -> bool:
        """Return whether the compiled step also serves a base step of this length."""
        return True

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


Engine = Literal["compiled", "plain"]
"""How equations are run: compiled, or as they stand, in numpy."""


def started(sectors: list[Sector], clock: Clock, inputs: Inputs, *, checked: bool = False) -> World:
    """Return the state before the first step.

    A batch of one is made two: numpy adds up a lone column in another order than several.
    """
    members = max(inputs.members, 2)
    world = World(
        clock,
        members,
        [stock for sector in sectors for stock in sector.stocks],
        [flow for sector in sectors for flow in sector.flows],
        [output for sector in sectors for output in sector.outputs],
        inputs.sizes,
        checked,
        memory=[entry for sector in sectors for entry in sector.memory],
    )
    base, bounds = dict(inputs.parameters), dict(inputs.bounds)
    levers = {modifier.target for modifier in inputs.modifiers} & world.flows.keys()
    for target in levers:
        base[target] = np.ones((*world.flows[target].shape[:-1], 1))
        bounds[target] = (0.0, np.inf)
    world.p = Parameters(base, inputs.modifiers, bounds, members, world.signal)
    world.multipliers = {name: np.broadcast_to(world.p[name], world.flows[name].shape) for name in levers}
    world.p.advance(0.0, 0.0)
    clock.step, clock.day = 0, 0.0
    for sector in sectors:
        clock.span = sector.every * clock.step_days
        world.begin_with(sector.name, sector.calendar, sector.patterns)
        if sector.tracked:
            world.track_signals(sector.name, sector.tracked)
        sector.initialise(world)
    world.record_signals()
    return world


def run(
    sectors: list[Sector],
    clock: Clock,
    inputs: Inputs,
    *,
    keep: Collection[str] | None = None,
    checked: bool = False,
    progress: Callable[[int, int], None] | None = None,
    engine: Engine = "plain",
) -> dict[str, np.ndarray]:
    """Run all sectors over the clock.

    Args:
        sectors: in the order in which those of one rate step.
        clock: start, end and base step.
        inputs: parameters, modifiers and sizes.
        keep: names of the results to record; all that are recorded where left out.
        checked: whether conservation is audited at every step, which takes the plain engine.
        progress: called with the steps done and the steps in all.
        engine: how equations are run; plain where no compiled step serves the length of the base step.

    Returns:
        Results by name, shape ``(months,) + dims + (members,)``.

    Raises:
        ConservationError: with ``checked``, if an equation creates, loses or overdraws something.
    """
    if engine == "compiled" and not checked and all(sector.compiled_at(clock.step_days) for sector in sectors):
        from model.engine.compiled.run import run_compiled

        return run_compiled(sectors, clock, inputs, keep=keep, progress=progress)
    world = started(sectors, clock, inputs, checked=checked)
    adds_up = {output.name: output.adds_up for sector in sectors for output in sector.outputs}
    recorder = Recorder(world, adds_up, keep)
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
