"""A run as a list of things to do: sectors' functions in turn, the calendar's numbers, and what is kept of each month.

None of it depends on a scenario: it is made once for a start, an end and a length of step, and used by every run.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from model.engine.clock import Clock
from model.engine.compiled.driver_code import ENTRY, Instruction, driver
from model.engine.compiled.emission import Emitter, layout_of
from model.engine.compiled.lowering import lower
from model.engine.compiled.machine_code import MachineCode
from model.engine.compiled.recording import Declared, Pattern, Slot, pattern_of, record, signal_cell
from model.engine.stepper import Sector, schedule

CACHE_VARIABLE = "BNSSG_MODEL_CACHE"
"""Environment variable that names another folder for compiled code."""

EQUATIONS = "equations.py"
"""File of a sector in its own folder, beside the folders of the others, whose equations it may use."""

SOURCES = (".py", ".csv", ".yaml")
"""Endings of the files that decide what is compiled."""

NOT_COMPILED = ("parameters.yaml", "emulator.yaml", "loops.yaml")
"""Files whose numbers reach compiled code while it runs."""

Progress = Callable[[int, int], None]
"""Called with the sectors compiled, and sectors in all."""


def cache_folder() -> Path:
    """Return the folder in which compiled code is kept."""
    named = os.environ.get(CACHE_VARIABLE)
    if named:
        return Path(named)
    if sys.platform == "win32":
        home = Path(os.environ.get("LOCALAPPDATA", Path.home() / "AppData" / "Local"))
    elif sys.platform == "darwin":
        home = Path.home() / "Library" / "Caches"
    else:
        home = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache"))
    return home / "bnssg-model"


@dataclass(frozen=True)
class SectorCode:
    """What is known of a compiled sector, so that it need not be recorded again.

    Attributes:
        patterns: what decides which equations act; one function for each.
        slots: numbers of the calendar that the equations read.
        parameters: first cell of each parameter in the sector's room.
        sizes: cells of each of these.
        cells: cells of the room that differ between members.
        scalars: numbers behind them that are the same for all members.
        derived: parameters on which each function of parameters alone depends.
        texts: digest of the code for each number of lanes, by which it is found.
    """

    patterns: Sequence[Pattern]
    slots: Sequence[Slot]
    parameters: Mapping[str, int]
    sizes: Mapping[str, int]
    cells: int
    scalars: int
    derived: Sequence[Sequence[str]]
    texts: Mapping[str, str]

    @classmethod
    def read(cls, content: Mapping[str, Any]) -> SectorCode:
        """Read it back from JSON."""
        fields = dict(content)
        fields["patterns"] = [tuple((name, value) for name, value in pattern) for pattern in content["patterns"]]
        fields["slots"] = [(kind, name) for kind, name in content["slots"]]
        return cls(**fields)


@dataclass(frozen=True)
class StateLayout:
    """Where each stock, flow, output, memory and tracked signal lies in the state of a run.

    Attributes:
        first: first cell by name.
        shapes: shape by name, without the member axis.
        cells: cells in all.
    """

    first: Mapping[str, int]
    shapes: Mapping[str, tuple[int, ...]]
    cells: int

    def size(self, name: str) -> int:
        """Return the cells of an entry."""
        return int(np.prod(self.shapes[name], dtype=int))


def state_layout(sectors: Sequence[Sector], declared: Declared) -> StateLayout:
    """Lay out the state: what is recorded of a sector lies together, so that it is kept in one go."""
    first: dict[str, int] = {}
    shapes: dict[str, tuple[int, ...]] = {}
    cells = 0

    def place(name: str, shape: tuple[int, ...]) -> None:
        nonlocal cells
        first[name], shapes[name] = cells, shape
        cells += int(np.prod(shape, dtype=int))

    for sector in sectors:
        for entries in (sector.stocks, sector.flows, sector.outputs, sector.memory):
            for recorded in (True, False):
                for entry in entries:
                    if entry.recorded is recorded:
                        place(entry.name, declared.shape(entry.name))
    for reader, signals in declared.tracked.items():
        for name in signals:
            for which in ("before", "now", "total"):
                place(signal_cell(reader, name, which), declared.shape(name))
    return StateLayout(first, shapes, cells)


def source_files(sectors: Sequence[Sector]) -> list[Path]:
    """Return the files on which compiled code depends: the engine, the declarations, and all sectors."""
    engine = Path(__file__).resolve().parents[1]
    folders, files = {engine, engine.parent / "registry"}, set()
    for sector in sectors:
        path = Path(sys.modules[type(sector).__module__].__file__ or "").resolve()
        if path.name == EQUATIONS:
            folders.add(path.parents[1])
        else:
            files.add(path)
    found = {path for folder in folders for suffix in SOURCES for path in folder.rglob(f"*{suffix}")}
    return sorted(files | {path for path in found if path.name not in NOT_COMPILED})


def fingerprint(sectors: Sequence[Sector], declared: Declared, step_days: float) -> str:
    """Return a digest of all that decides the code."""
    import llvmlite

    facts = [np.__version__, llvmlite.__version__, repr(step_days), *sorted(declared.levers)]
    facts += [f"{type(sector).__module__}.{type(sector).__qualname__} {sector.every}" for sector in sectors]
    facts += [f"{name} {shape}" for name, shape in sorted(declared.parameters.items())]
    digest = hashlib.sha256("\n".join(facts).encode())
    for path in source_files(sectors):
        digest.update(path.name.encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


class CompiledSectors:
    """The functions of all sectors, compiled or found among those kept.

    Args:
        sectors: in the order in which those of one rate step; those that are not ``compiled`` are left out.
        declared: what they declare.
        clock: of the run.
        lanes: members side by side.
        progress: called as sectors are compiled.
    """

    def __init__(
        self, sectors: Sequence[Sector], declared: Declared, clock: Clock, lanes: int, progress: Progress | None = None
    ) -> None:
        self.layout = state_layout(sectors, declared)
        self.lanes = lanes
        self._sectors = {sector.name: sector for sector in sectors if sector.compiled}
        self._declared, self._clock = declared, clock
        self._folder = cache_folder()
        digest = fingerprint(sectors, declared, clock.step_days)
        self._index = self._folder / f"{digest[:32]}.json"
        self.codes = self._known()
        missing = [name for name in self._sectors if not self._has(name)]
        self.modules: dict[str, MachineCode] = {}
        for number, name in enumerate(missing):
            if progress is not None:
                progress(number, len(missing))
            self._compile(name)
        if missing:
            self._keep()
            if progress is not None:
                progress(len(missing), len(missing))
        for name in self._sectors:
            if name not in self.modules:
                self._load(name)
        self.driver = MachineCode.of_text(driver(lanes), self._folder)

    def _has(self, name: str) -> bool:
        """Return whether the code of a sector is kept, with all patterns that occur in this run."""
        code = self.codes.get(name, _NOTHING)
        return str(self.lanes) in code.texts and len(self._patterns(self._sectors[name])) == len(code.patterns)

    def _known(self) -> dict[str, SectorCode]:
        try:
            content = json.loads(self._index.read_text(encoding="utf-8"))
            return {name: SectorCode.read(code) for name, code in content.items()}
        except (OSError, ValueError, KeyError, TypeError):
            return {}

    def _keep(self) -> None:
        from model.engine.compiled.machine_code import write_whole

        text = json.dumps({name: asdict(code) for name, code in self.codes.items()})
        write_whole(text.encode(), self._index)

    def _patterns(self, sector: Sector) -> list[Pattern]:
        """Patterns that can occur: those of the steps of this run, and of any before them."""
        clock = self._clock
        clock.span = sector.every * clock.step_days
        known: dict[Pattern, None] = dict.fromkeys(
            self.codes[sector.name].patterns if sector.name in self.codes else ()
        )
        for step in range(0, clock.steps, sector.every):
            clock.step, clock.day = step, step * clock.step_days
            known.setdefault(pattern_of(sector, clock))
        return list(known)

    def _compile(self, name: str) -> None:
        sector = self._sectors[name]
        recording = record(sector, self._clock, self._declared, self._patterns(sector))
        lowered = lower(recording.tapes, name)
        layout = layout_of(lowered, dict(self.layout.first))
        text = Emitter(lowered, layout, self.lanes).module()
        module = MachineCode.of_text(text, self._folder)
        known = self.codes.get(name, _NOTHING)
        # Code with fewer patterns than are known now is of no use any more.
        texts = dict(known.texts) if len(known.patterns) == len(recording.patterns) else {}
        self.codes[name] = SectorCode(
            patterns=recording.patterns,
            slots=recording.slots,
            parameters=layout.parameters,
            sizes=lowered.parameters,
            cells=layout.cells,
            scalars=layout.scalars,
            derived=[sorted(routine.parameters) for routine in lowered.derived],
            texts={**texts, str(self.lanes): module.digest},
        )
        self.modules[name] = module

    def _load(self, name: str) -> None:
        digest = self.codes[name].texts[str(self.lanes)]
        try:
            self.modules[name] = MachineCode.of_digest(digest, self._folder)
        except OSError:
            self._compile(name)


_NOTHING = SectorCode((), (), {}, {}, 0, 0, (), {})


@dataclass(frozen=True)
class Timing:
    """When the values of a tracked signal came in, for every step of its reader.

    Attributes:
        count: values since the reader's last step.
        later: day for which the newest value stands.
        gap: days between the last two; infinite where there are not two.
    """

    count: np.ndarray
    later: np.ndarray
    gap: np.ndarray


def signal_timing(clock: Clock, reader: Sector, owner: Sector, moment: float, *, owner_first: bool) -> Timing:
    """Work out when a reader gets the values of a signal.

    Args:
        clock: of the run.
        reader: who reads.
        owner: whose signal it is.
        moment: where in the owner's step the value stands, 0 to 1.
        owner_first: whether the owner steps before the reader where both step.
    """
    reads = np.arange(0, clock.steps, reader.every)
    owns = np.arange(0, clock.steps, owner.every)
    days = (owns + moment * owner.every) * clock.step_days
    before = np.searchsorted(owns, reads, side="right" if owner_first else "left")
    sums = np.concatenate([[0.0], np.cumsum(days)])
    count, total = np.diff(before, prepend=0), np.diff(sums[before], prepend=0.0)
    later, gap = np.zeros(len(reads)), np.full(len(reads), np.inf)
    newest = 0.0
    for step, values in enumerate(count):
        gap[step] = gap[step - 1] if step else np.inf
        if values:
            former, newest = newest, total[step] / values
            gap[step] = newest - former if newest > former else np.inf
        later[step] = newest
    return Timing(count.astype(float), later, gap)


class Program:
    """What a run does, step by step.

    Args:
        sectors: in the order in which those of one rate step.
        clock: of the run.
        compiled: the functions of the sectors.
        declared: what they declare.
    """

    def __init__(self, sectors: Sequence[Sector], clock: Clock, compiled: CompiledSectors, declared: Declared) -> None:
        self.sectors = {sector.name: sector for sector in sectors}
        self.clock = clock
        self.compiled = compiled
        self.declared = declared
        self.numbers = {name: position for position, name in enumerate(self.sectors)}
        self._turns = schedule(list(sectors))
        self._order = [name for turn in self._turns for name in turn.sectors]
        self.functions, self._steps, self._derived = self._numbered()
        self.calendar, self._begins, self._widths = self._calendar()
        self.pauses: list[tuple[int, int, str]] = []
        self.entries, self.ends = self._entries()

    def _numbered(self) -> tuple[np.ndarray, dict[str, int], dict[str, int]]:
        """Addresses of all functions, and the number of the first of each sector's steps and derived functions."""
        addresses: list[int] = []
        steps, derived = {}, {}
        for name, code in self.compiled.codes.items():
            module = self.compiled.modules[name]
            steps[name] = len(addresses)
            addresses += [module.address(f"{name}_step_{number}") for number in range(len(code.patterns))]
            derived[name] = len(addresses)
            addresses += [module.address(f"{name}_derived_{number}") for number in range(len(code.derived))]
        return np.array(addresses, dtype=np.uint64), steps, derived

    def derived_function(self, sector: str, number: int) -> int:
        """Return the number of a function of parameters alone."""
        return self._derived[sector] + number

    @cached_property
    def timings(self) -> dict[tuple[str, str], Timing]:
        """When readers get signals, by reader and signal."""
        place = {name: number for number, name in enumerate(self._order)}
        timings = {}
        for reader, signals in self.declared.tracked.items():
            for name, moment in signals.items():
                owner = name.split(".", 1)[0]
                timings[reader, name] = signal_timing(
                    self.clock, self.sectors[reader], self.sectors[owner], moment,
                    owner_first=place[owner] < place[reader],
                )  # fmt: skip
        return timings

    def _calendar(self) -> tuple[np.ndarray, dict[str, int], dict[str, int]]:
        """Numbers of the calendar of all sectors and steps, and where those of each sector begin."""
        tables: list[np.ndarray] = []
        begins, widths, cells = {}, {}, 0
        for name, code in self.compiled.codes.items():
            table = self._calendar_of(self.sectors[name], code)
            begins[name], widths[name] = cells, table.shape[1]
            cells += table.size
            tables.append(table.ravel())
        return np.concatenate(tables) if tables else np.zeros(1), begins, widths

    def _calendar_of(self, sector: Sector, code: SectorCode) -> np.ndarray:
        clock = self.clock
        steps = range(0, clock.steps, sector.every)
        table = np.zeros((len(steps), max(len(code.slots), 1)))
        for column, (kind, name) in enumerate(code.slots):
            if kind in ("count", "later", "gap"):
                table[:, column] = getattr(self.timings[sector.name, name], kind)
        moving = [
            (column, (lambda clock, name=name: getattr(clock, name)) if kind == "clock" else sector.calendar[name])
            for column, (kind, name) in enumerate(code.slots)
            if kind in ("clock", "sector")
        ]
        clock.span = sector.every * clock.step_days
        for row, step in enumerate(steps):
            clock.step, clock.day = step, step * clock.step_days
            for column, function in moving:
                table[row, column] = function(clock)
        return table

    def groups(self) -> list[tuple[str, str]]:
        """Return what is kept of a month, in the order of rows: stocks, then flows and outputs, of each sector."""
        return [(kind, name) for kind in ("stocks", "changes") for name in self.sectors]

    def _entries(self) -> tuple[np.ndarray, np.ndarray]:
        """The list of things to do, and where each base step ends in it."""
        clock = self.clock
        rows: list[tuple[int, int, int, int, int, float]] = []
        ends, moment = [], 0
        group = {key: number for number, key in enumerate(self.groups())}
        edges = clock.month_edges[1:]
        self.moments: dict[tuple[str, int], int] = {}
        zeroes = self._zeroes()
        variants = {name: self._variants(name) for name in self.compiled.codes}
        for step in range(clock.steps):
            clock.step, clock.day = step, step * clock.step_days
            for turn in self._turns:
                if step % turn.every:
                    continue
                clock.span = turn.every * clock.step_days
                begin, end = clock.day, clock.day + clock.span
                shares = [(month, days / (end - begin)) for month, days in clock.overlaps(begin, end)]
                closing = [month for month, _ in shares if begin < edges[month] <= end]
                if closing:
                    rows += [(Instruction.KEEP, group["stocks", name], 0, 0, 0, 0.0) for name in turn.sectors]
                turned = step // turn.every
                # Signals that limit a change are read before the first sector of the turn sets its own.
                for name in [name for name in turn.sectors if name in self.compiled.codes]:
                    self.moments[name, turned] = moment
                    rows.append((Instruction.PARAMETERS, moment, self.numbers[name], 0, 0, 0.0))
                    moment += 1
                for name in turn.sectors:
                    if name in self.compiled.codes:
                        rows += [(Instruction.ZERO, cell, count, 0, 0, 0.0) for cell, count in zeroes[name]]
                        calendar = self._begins[name] + turned * self._widths[name]
                        function = self._steps[name] + variants[name][turned]
                        rows.append((Instruction.STEP, function, self.numbers[name], calendar, 0, 0.0))
                    else:
                        self.pauses.append((len(rows), step, name))
                    changes = group["changes", name]
                    rows += [(Instruction.ADD, changes, 0, month, 0, share) for month, share in shares]
                for month in closing:
                    within = float((edges[month] - begin) / (end - begin))
                    rows += [
                        (Instruction.MONTH_END, group["stocks", name], 0, month, 0, within) for name in turn.sectors
                    ]
            ends.append(len(rows))
        entries = np.zeros((len(rows), ENTRY), dtype=np.int64)
        table = np.array(rows, dtype=float)
        entries[:, :5] = table[:, :5]
        entries[:, 5] = np.ascontiguousarray(table[:, 5]).view(np.int64)
        return entries, np.array(ends)

    def _variants(self, name: str) -> list[int]:
        """Number of the function that steps a sector, at each of its steps."""
        sector, clock = self.sectors[name], self.clock
        known = {pattern: number for number, pattern in enumerate(self.compiled.codes[name].patterns)}
        clock.span = sector.every * clock.step_days
        numbers = []
        for step in range(0, clock.steps, sector.every):
            clock.step, clock.day = step, step * clock.step_days
            numbers.append(known[pattern_of(sector, clock)])
        return numbers

    def _zeroes(self) -> dict[str, list[tuple[int, int]]]:
        """Cells of each sector's flows, which are cleared before its step."""
        layout = self.compiled.layout
        cleared: dict[str, list[tuple[int, int]]] = {}
        for name, sector in self.sectors.items():
            if sector.flows:
                first = min(layout.first[flow.name] for flow in sector.flows)
                cleared[name] = [(first, sum(layout.size(flow.name) for flow in sector.flows))]
            else:
                cleared[name] = []
        return cleared
