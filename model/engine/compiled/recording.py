"""Record the step of a sector: the world it sees, with recorded arrays in the place of numbers."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from model.engine.clock import Clock
from model.engine.compiled.tape import RecordedArray, RecordingError, Tape
from model.engine.stepper import Sector
from model.engine.world import FlowArrays, World
from model.registry.calendar import DAYS_PER_YEAR
from model.registry.declarations import Entry, Flow, Memory, Output, Stock

CLOCK_NUMBERS = ("day", "middle", "end_of_step", "year", "day_of_year", "financial_year", "financial_share")
"""Numbers of the clock that equations read, and that change from step to step."""

Slot = tuple[str, str]
"""A number of the calendar: its origin (``clock``, ``sector``, ``count``, ``later``, ``gap``) and its name."""

Pattern = tuple[tuple[str, Hashable], ...]
"""What of the calendar decides which equations act, with its value in a step."""


@dataclass
class Slots:
    """Numbers of the calendar that a sector's equations read, in the order of first use."""

    names: list[Slot] = field(default_factory=list)

    def position(self, slot: Slot) -> int:
        """Return where the number of a slot stands."""
        if slot not in self.names:
            self.names.append(slot)
        return self.names.index(slot)


@dataclass(frozen=True)
class Declared:
    """What all sectors of a run declare.

    Attributes:
        stocks: by name.
        flows: by name.
        outputs: by name.
        memory: by name.
        sizes: length of each dimension.
        parameters: shape of each parameter, without the member axis.
        tracked: signals that each sector tracks, with where in their owner's step they stand.
        levers: flows on which a scenario has a lever.
    """

    stocks: Mapping[str, Stock]
    flows: Mapping[str, Flow]
    outputs: Mapping[str, Output]
    memory: Mapping[str, Memory]
    sizes: Mapping[str, int]
    parameters: Mapping[str, tuple[int, ...]]
    tracked: Mapping[str, Mapping[str, float]]
    levers: frozenset[str]

    def shape(self, name: str) -> tuple[int, ...]:
        """Return the shape of a stock, flow, output or memory, without the member axis."""
        for entries in (self.stocks, self.flows, self.outputs, self.memory):
            if name in entries:
                return tuple(self.sizes[dim] for dim in entries[name].dims)
        raise KeyError(name)


def signal_cell(reader: str, name: str, which: str) -> str:
    """Return the name under which a reader's view of a signal is kept: ``before``, ``now`` or ``total``."""
    return f"{reader} reads {name} {which}"


class RecordedClock:
    """The clock while a step is recorded: its length is known, its numbers are slots of the calendar."""

    def __init__(self, clock: Clock, number: Callable[[Slot], RecordedArray]) -> None:
        self.span = clock.span
        self.step_days = clock.step_days
        self.years_spanned = clock.span / DAYS_PER_YEAR
        self._number = number

    def __getattr__(self, name: str) -> RecordedArray:
        """A number that changes from step to step."""
        if name not in CLOCK_NUMBERS:
            raise RecordingError(f"'{name}' of the clock is not a number of the calendar")
        return self._number(("clock", name))

    def season(self, peak_day_of_year: Any) -> Any:
        """As ``Clock.season``."""
        return np.cos(2 * np.pi * (self.day_of_year - peak_day_of_year) / DAYS_PER_YEAR)


class _Lazy(dict[str, Any]):
    """Recorded arrays by name, made when they are asked for."""

    def __init__(self, names: Iterable[str], make: Callable[[str], Any]) -> None:
        super().__init__()
        self._names = frozenset(names)
        self._make = make

    def __missing__(self, name: str) -> Any:
        if name not in self._names:
            raise KeyError(name)
        self[name] = self._make(name)
        return self[name]

    def __contains__(self, name: object) -> bool:
        return name in self._names

    def get(self, name: str, default: Any = None) -> Any:
        """As of any mapping."""
        return self[name] if name in self._names else default


class _RecordedParameters(_Lazy):
    """Parameters; what depends on them alone is found when the recording is put into loops."""

    def derived(self, function: Callable[..., Any], *arguments: Hashable) -> Any:
        """As ``Parameters.derived``."""
        return function(self, *arguments)

    def advance(self, begin: float, end: float) -> None:
        """Parameters are brought up to date before the step."""


class RecordedWorld(World):
    """What a sector sees while its step is recorded.

    Args:
        declared: what all sectors declare.
        sector: whose step is recorded.
        clock: gives the length of the step.
        slots: numbers of the calendar that are read.
        pattern: values of what decides which equations act.
    """

    def __init__(self, declared: Declared, sector: Sector, clock: Clock, slots: Slots, pattern: Pattern) -> None:
        self.tape = Tape()
        self.members = 1
        self.checked = False
        self._declared = declared
        self._sector = sector
        self._slots = slots
        self._pattern = dict(pattern)
        self._flows, self._stocks = dict(declared.flows), dict(declared.stocks)
        self.clock = RecordedClock(clock, self._number)  # type: ignore[assignment]
        self.stocks = _Lazy(declared.stocks, self._state)
        self.flows = _Lazy(declared.flows, self._state)
        self.outputs = _Lazy(declared.outputs, self._state)
        self.memory = _Lazy(declared.memory, self._state)
        self.p = _RecordedParameters(declared.parameters, self._parameter)  # type: ignore[assignment]
        self.multipliers = _Lazy(declared.levers, self._lever)
        self._routes = _Lazy(declared.flows, self._route)

    def _state(self, name: str) -> RecordedArray:
        return self.tape.named("state", name, self._declared.shape(name))

    def _parameter(self, name: str) -> RecordedArray:
        return self.tape.named("parameter", name, self._declared.parameters[name])

    def _lever(self, flow: str) -> RecordedArray:
        return self.tape.named("parameter", flow, self._declared.shape(flow))

    def _route(self, name: str) -> FlowArrays:
        flow = self._declared.flows[name]
        origin, target = (
            self.stocks[end] if end in self._declared.stocks else None for end in (flow.origin, flow.target)
        )
        return FlowArrays(origin, target, self.flows[name])

    def _number(self, slot: Slot) -> RecordedArray:
        return self.tape.slot(self.tape.buffer("calendar", "calendar", 0), self._slots.position(slot))

    def _signal(self, reader: str, name: str, which: str) -> RecordedArray:
        return self.tape.named("state", signal_cell(reader, name, which), self._declared.shape(name))

    def advance_parameters(self, begin: Any, end: Any) -> None:
        """Do nothing: parameters are brought up to date before a step, whose days are those asked for."""

    def calendar(self, name: str) -> Any:
        """As ``World.calendar``."""
        return self._number(("sector", name))

    def pattern(self, name: str) -> Any:
        """As ``World.pattern``."""
        return self._pattern[name]

    def extrapolated(self, signal: str | Entry, day: Any = None) -> Any:
        """As ``World.extrapolated``."""
        name = signal if isinstance(signal, str) else signal.name
        reader = self._sector.name
        if name not in self._declared.tracked.get(reader, {}):
            raise KeyError(name)
        now, before = self._signal(reader, name, "now"), self._signal(reader, name, "before")
        ahead = (self.clock.middle if day is None else day) - self._number(("later", name))
        return np.maximum((now - before) * (ahead / self._number(("gap", name))) + now, 0.0)

    def close_windows(self) -> None:
        """Record what a reader does before its step: what came in since the last one is the newest value."""
        reader = self._sector.name
        for name in self._declared.tracked.get(reader, {}):
            count = self._number(("count", name))
            before, now, total = (self._signal(reader, name, which) for which in ("before", "now", "total"))
            some = count > 0.0
            newest = np.where(some, total / np.maximum(count, 1.0), now)
            before[...] = np.where(some, now, before)
            now[...] = newest
            total[...] = 0.0

    def add_to_windows(self) -> None:
        """Record what an owner does after its step: its signals go to all who track them."""
        for reader, signals in self._declared.tracked.items():
            for name in signals:
                if name.split(".", 1)[0] == self._sector.name:
                    total = self._signal(reader, name, "total")
                    total[...] = total + self.signal(name)


@dataclass(frozen=True)
class Recording:
    """A sector's step, recorded once for every pattern.

    Attributes:
        tapes: one for each pattern.
        patterns: in the order of the tapes.
        slots: numbers of the calendar that the equations read.
    """

    tapes: Sequence[Tape]
    patterns: Sequence[Pattern]
    slots: Sequence[Slot]


def pattern_of(sector: Sector, clock: Clock) -> Pattern:
    """Return what decides which equations act in the step in hand."""
    return tuple((name, function(clock)) for name, function in sector.patterns.items())


def record(sector: Sector, clock: Clock, declared: Declared, patterns: Sequence[Pattern]) -> Recording:
    """Record the step of a sector.

    Args:
        sector: whose step.
        clock: gives the length of the base step; its span is set.
        declared: what all sectors declare.
        patterns: each is recorded by itself.

    Raises:
        RecordingError: an equation does what cannot be compiled.
    """
    slots, tapes = Slots(), []
    clock.span = sector.every * clock.step_days
    for pattern in patterns:
        world = RecordedWorld(declared, sector, clock, slots, pattern)
        world.close_windows()
        sector.step(world)
        world.add_to_windows()
        tapes.append(world.tape)
    return Recording(tapes, patterns, slots.names)
