"""Run sectors through their compiled functions, many members side by side."""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

import numpy as np

from model.engine.clock import Clock
from model.engine.compiled.changes import Tables, change_tables, for_lanes
from model.engine.compiled.driver_code import ARGUMENTS, ROWS
from model.engine.compiled.program import CompiledSectors, Program, Progress, StateLayout
from model.engine.compiled.recording import Declared, signal_cell
from model.engine.stepper import Inputs, Sector, started
from model.engine.world import World
from model.registry.declarations import Flow, Output, Stock

LANES = 8
"""Members side by side: as many doubles as the widest registers hold."""

SLICES = 200
"""Parts of a run between which progress is reported."""

ALIGNMENT = 64


@dataclass(frozen=True)
class Kept:
    """What is kept of a month.

    Attributes:
        starts: first row of each group of the program, and the end of the last.
        rows: first cell in the state, first cell among those of a month, and how many.
        names: first cell of each result among those of a month.
        cells: cells of a month.
    """

    starts: np.ndarray
    rows: np.ndarray
    names: Mapping[str, int]
    cells: int


def kept_of(program: Program, keep: Collection[str] | None) -> Kept:
    """Return what is kept: all that is recorded, or only some names."""
    layout = program.compiled.layout
    starts, cells = [0], 0
    rows: list[tuple[int, int, int]] = []
    names: dict[str, int] = {}
    for kind, sector in program.groups():
        declared = program.sectors[sector]
        entries: tuple[Stock | Flow | Output, ...] = (
            declared.stocks if kind == "stocks" else (*declared.flows, *declared.outputs)
        )
        for entry in entries:
            if not entry.recorded or (keep is not None and entry.name not in keep):
                continue
            first, size = layout.first[entry.name], layout.size(entry.name)
            names[entry.name] = cells
            if len(rows) > starts[-1] and rows[-1][0] + rows[-1][2] == first:
                rows[-1] = (rows[-1][0], rows[-1][1], rows[-1][2] + size)
            else:
                rows.append((first, cells, size))
            cells += size
        starts.append(len(rows))
    return Kept(
        np.array(starts, dtype=np.int64), np.array(rows or [(0, 0, 0)], dtype=np.int64).reshape(-1, ROWS), names, cells
    )


def aligned(numbers: int) -> np.ndarray:
    """Return zeros that begin at a boundary of the widest registers."""
    raw = np.zeros(numbers + ALIGNMENT // 8)
    first = (-raw.ctypes.data // 8) % (ALIGNMENT // 8)
    return raw[first : first + numbers]


class LaneBlock:
    """Some members side by side, and the numbers that their run works on.

    Args:
        program: what the run does.
        tables: what the scenario changes.
        kept: what is kept of a month.
        base: values of parameters before any change.
        first: first member.
    """

    def __init__(
        self, program: Program, tables: Tables, kept: Kept, base: Mapping[str, np.ndarray], first: int
    ) -> None:
        self._program, self._tables, self._kept = program, tables, kept
        lanes = program.compiled.lanes
        layout = program.compiled.layout
        self.state = aligned(layout.cells * lanes).reshape(layout.cells, lanes)
        self.results = aligned(program.clock.months * kept.cells * lanes)
        self._before = aligned(max(kept.cells, 1) * lanes)
        self._values = np.ascontiguousarray(tables.values.of_members(first, lanes))
        self._rooms = [self._room(name, base, first) for name in program.sectors]
        self._addresses = np.array([room.ctypes.data for room in self._rooms], dtype=np.uint64)
        kinds = [ctypes.c_int64 if argument.startswith("i64") else ctypes.c_void_p for argument in ARGUMENTS]
        self._run = ctypes.CFUNCTYPE(None, *kinds)(program.compiled.driver.address(f"run_{lanes}"))

    def _room(self, name: str, base: Mapping[str, np.ndarray], first: int) -> np.ndarray:
        """The room of a sector: parameters, and what depends on them alone."""
        code = self._program.compiled.codes.get(name)
        if code is None:
            return aligned(1)
        lanes = self._program.compiled.lanes
        room = aligned(code.cells * lanes + code.scalars)
        cells = room[: code.cells * lanes].reshape(code.cells, lanes)
        for parameter, begin in code.parameters.items():
            size = code.sizes[parameter]
            cells[begin : begin + size] = for_lanes(base[parameter].reshape(size, -1), first, lanes)
        module = self._program.compiled.modules[name]
        function = ctypes.CFUNCTYPE(None, *[ctypes.c_void_p] * 3)
        for number in range(len(code.derived)):
            call = function(module.address(f"{name}_derived_{number}"))
            call(self.state.ctypes.data, room.ctypes.data, self._program.calendar.ctypes.data)
        return room

    def go_on(self, begin: int, end: int) -> None:
        """Do entries ``begin`` to ``end`` of the program."""
        program, tables, kept = self._program, self._tables, self._kept
        entries = program.entries[begin:end]
        self._run(
            entries.ctypes.data,
            len(entries),
            *(
                array.ctypes.data
                for array in (
                    program.functions, self.state, self._addresses, program.calendar, self.results, self._before,
                    kept.starts, kept.rows,
                )
            ),
            kept.cells,
            *(
                array.ctypes.data
                for array in (
                    tables.update_starts, tables.updates, tables.derived_starts, tables.derived, tables.level_rows,
                    tables.levels, tables.parameters, tables.limits, tables.modifiers, tables.cells, self._values,
                )
            ),
        )  # fmt: skip


def fill_state(state: np.ndarray, layout: StateLayout, world: World, declared: Declared, first: int) -> None:
    """Copy the state of some members from that of all, as it is before the first step."""
    lanes = state.shape[1]

    def put(name: str, values: np.ndarray) -> None:
        begin, size = layout.first[name], layout.size(name)
        state[begin : begin + size] = for_lanes(values.reshape(size, -1), first, lanes)

    for arrays in (world.stocks, world.flows, world.outputs, world.memory):
        for name, values in arrays.items():
            put(name, values)
    for reader, signals in declared.tracked.items():
        for name in signals:
            for which in ("before", "now"):
                put(signal_cell(reader, name, which), world.signal(name))


def run_compiled(
    sectors: list[Sector],
    clock: Clock,
    inputs: Inputs,
    *,
    keep: Collection[str] | None = None,
    progress: Progress | None = None,
) -> dict[str, np.ndarray]:
    """Run all sectors over the clock; arguments and results are those of ``stepper.run``."""
    world = started(sectors, clock, inputs)
    declared = declared_by(sectors, inputs, world)
    lanes = lanes_of(sectors, inputs.members)
    program = program_of(sectors, clock, declared, lanes)
    kept = kept_of(program, keep)
    tables = change_tables(program, world.p.base, world.p.bounds, inputs.modifiers)
    months = program.clock.months
    results = np.empty((months, kept.cells, inputs.members))
    firsts = range(0, inputs.members, lanes)
    if program.pauses and len(firsts) > 1:
        raise ValueError(f"sectors that run in Python take at most {lanes} members")
    for number, first in enumerate(firsts):
        block = LaneBlock(program, tables, kept, world.p.base, first)
        fill_state(block.state, program.compiled.layout, world, declared, first)
        told = _part(progress, number, len(firsts))
        if program.pauses:
            _run_with_pauses(program, block, world, sectors, told)
        else:
            _run_through(program, block, told)
        members = min(lanes, inputs.members - first)
        table = block.results.reshape(months, kept.cells, lanes)
        results[:, :, first : first + members] = table[:, :, :members]
    return _named(results, kept, program)


def prepare(sectors: list[Sector], clock: Clock, inputs: Inputs, progress: Progress | None = None) -> None:
    """Compile the steps of sectors, unless they are kept from an earlier run, so that runs and processes find them.

    Args:
        sectors: those of the run.
        clock: of the run.
        inputs: of the run; only how many members there are, and which flows have levers, matters.
        progress: called with sectors compiled and in all, where any has to be.
    """
    declared = declared_by(sectors, inputs, started(sectors, clock, inputs))
    program_of(sectors, clock, declared, lanes_of(sectors, inputs.members), progress)


def lanes_of(sectors: list[Sector], members: int) -> int:
    """Return how many members run side by side.

    What runs in Python sees several members, as numpy adds up a lone column in another order.
    """
    return 1 if members == 1 and all(sector.compiled for sector in sectors) else LANES


def _part(progress: Progress | None, number: int, blocks: int) -> Progress | None:
    """Progress over all blocks, from that of one."""
    if progress is None:
        return None
    return lambda done, steps: progress((number * steps + done) // blocks, steps)


def _run_through(program: Program, block: LaneBlock, progress: Progress | None) -> None:
    steps, begin = program.clock.steps, 0
    for stop in sorted({round(steps * part / SLICES) for part in range(1, SLICES + 1)} - {0}):
        end = int(program.ends[stop - 1])
        block.go_on(begin, end)
        begin = end
        if progress is not None:
            progress(stop, steps)


def _run_with_pauses(
    program: Program, block: LaneBlock, world: World, sectors: list[Sector], progress: Progress | None
) -> None:
    """Run on, and let the sectors that are not compiled step in Python when their turn comes."""
    by_name = {sector.name: sector for sector in sectors}
    layout, clock = program.compiled.layout, world.clock

    def cells_of(name: str) -> np.ndarray:
        begin = layout.first[name]
        whole = block.state[begin : begin + layout.size(name)]
        return whole.reshape(*layout.shapes[name], whole.shape[1])[..., : world.members]

    world.move_into(cells_of)
    begin = 0
    for entry, step, name in program.pauses:
        block.go_on(begin, entry)
        begin = entry
        sector = by_name[name]
        clock.step, clock.day, clock.span = step, step * clock.step_days, sector.every * clock.step_days
        world.p.advance(clock.day, clock.day + clock.span)
        world.begin_sector(name)
        _open_windows(program, world, cells_of, name, step // sector.every)
        sector.step(world)
        for reader, signals in program.declared.tracked.items():
            for signal in signals:
                if signal.split(".", 1)[0] == name:
                    cells_of(signal_cell(reader, signal, "total"))[...] += world.signal(signal)
        if progress is not None:
            progress(step, clock.steps)
    block.go_on(begin, len(program.entries))
    if progress is not None:
        progress(clock.steps, clock.steps)


def _open_windows(
    program: Program, world: World, cells_of: Callable[[str], np.ndarray], reader: str, turn: int
) -> None:
    """Bring the signals that a sector tracks up to date, as compiled sectors do by themselves."""
    for name in program.declared.tracked.get(reader, {}):
        timing = program.timings[reader, name]
        before, now, total = (cells_of(signal_cell(reader, name, which)) for which in ("before", "now", "total"))
        if timing.count[turn]:
            before[...] = now
            now[...] = total / timing.count[turn]
            total[...] = 0.0
        world.take_signal(reader, name, before, now, float(timing.later[turn]), float(timing.gap[turn]))


def _named(results: np.ndarray, kept: Kept, program: Program) -> dict[str, np.ndarray]:
    """Results by name; levels, which were added up over steps, become means over days."""
    layout = program.compiled.layout
    days = np.diff(program.clock.month_edges)[:, None, None]
    named = {}
    for name, first in kept.names.items():
        values = results[:, first : first + layout.size(name)]
        output = program.declared.outputs.get(name)
        if output is not None and not output.adds_up:
            values = values * (program.sectors[output.sector].every * program.clock.step_days / days)
        named[name] = values.reshape(len(results), *layout.shapes[name], results.shape[-1])
    return named


def declared_by(sectors: list[Sector], inputs: Inputs, world: World) -> Declared:
    """Return what sectors declare, with the flows on which a scenario has a lever."""
    return Declared(
        stocks={stock.name: stock for sector in sectors for stock in sector.stocks},
        flows={flow.name: flow for sector in sectors for flow in sector.flows},
        outputs={output.name: output for sector in sectors for output in sector.outputs},
        memory={entry.name: entry for sector in sectors for entry in sector.memory},
        sizes=inputs.sizes,
        parameters={name: values.shape[:-1] for name, values in inputs.parameters.items()},
        tracked={sector.name: dict(sector.tracked) for sector in sectors if sector.tracked},
        levers=frozenset(world.multipliers),
    )


_PROGRAMS: dict[tuple[object, ...], Program] = {}
_MOST_PROGRAMS = 8


def program_of(
    sectors: list[Sector], clock: Clock, declared: Declared, lanes: int, progress: Progress | None = None
) -> Program:
    """Return the program of a run, made once in a process."""
    key = (
        tuple(type(sector) for sector in sectors), clock.start, clock.end, clock.step_days, declared.levers, lanes,
        tuple(sorted(declared.parameters.items())),
    )  # fmt: skip
    if key not in _PROGRAMS:
        own = Clock(clock.start, clock.end, clock.step_days)
        compiled = CompiledSectors(sectors, declared, own, lanes, progress)
        if len(_PROGRAMS) >= _MOST_PROGRAMS:
            _PROGRAMS.pop(next(iter(_PROGRAMS)))
        _PROGRAMS[key] = Program(sectors, own, compiled, declared)
    return _PROGRAMS[key]
