"""State of a run: stocks, flows and outputs in grouped arrays, and the one way to move an amount between stocks."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterable, Mapping
from dataclasses import dataclass
from types import EllipsisType
from typing import Any, TypeAlias

import numpy as np

from model.engine.clock import Clock
from model.engine.parameters import Parameters
from model.registry.declarations import OUTSIDE, Entry, Flow, Memory, Output, Stock

Index: TypeAlias = tuple[Any, ...] | slice | int | EllipsisType


class ConservationError(RuntimeError):
    """An amount was created or lost, or a stock went below zero: an error of an equation, not of its inputs."""


class Block:
    """Arrays of many entries as views of one contiguous array ``(cells, members)``."""

    def __init__(self, entries: list[tuple[str, tuple[int, ...]]], members: int) -> None:
        self.slices: dict[str, slice] = {}
        self.shapes: dict[str, tuple[int, ...]] = {}
        cells = 0
        for name, shape in entries:
            size = int(np.prod(shape)) if shape else 1
            self.slices[name] = slice(cells, cells + size)
            self.shapes[name] = shape
            cells += size
        self.data = np.zeros((cells, members))
        self.views = {name: self.data[rows].reshape(*self.shapes[name], members) for name, rows in self.slices.items()}


@dataclass(frozen=True)
class FlowArrays:
    """Where a flow runs: arrays of its origin and target, ``None`` for the outside, and of its record."""

    origin: np.ndarray | None
    target: np.ndarray | None
    record: np.ndarray


class SignalExtrapolator:
    """A signal as one reader tracks it: its mean since the reader's last step, and that of the step before.

    Means, because the steps of a faster sector within one of the reader alternate with what slower sectors do.
    """

    def __init__(self, name: str, moment: float, now: np.ndarray) -> None:
        self.name = name
        self.moment = moment
        self.before, self.now = now.copy(), now.copy()
        self.earlier, self.later = 0.0, 0.0
        self._total, self._days, self._count = np.zeros_like(now), 0.0, 0
        self._carried: dict[float, np.ndarray] = {}

    def add(self, value: np.ndarray, day: float) -> None:
        """Take the value that stands for a day."""
        self._total += value
        self._days += day
        self._count += 1

    def take(self, before: np.ndarray, now: np.ndarray, later: float, gap: float) -> None:
        """Take the last two values, and the days for which they stand, from elsewhere."""
        self._carried.clear()
        self.before, self.now = before, now
        self.earlier, self.later = later - gap if np.isfinite(gap) else later, later

    def close(self) -> None:
        """End the reader's window: what came in since the last one is the newest value."""
        self._carried.clear()
        if self._count == 0:
            return
        self.before, self.now, self._total = self.now, self._total, self.before
        self.now /= self._count
        self.earlier, self.later = self.later, self._days / self._count
        self._total.fill(0.0)
        self._days, self._count = 0.0, 0

    def at(self, day: float) -> np.ndarray:
        """Value on a day, on the line through the last two, never below zero; to be read only."""
        if self.later <= self.earlier:
            return self.now
        if day not in self._carried:
            carried = (self.now - self.before) * ((day - self.later) / (self.later - self.earlier))
            carried += self.now
            self._carried[day] = np.maximum(carried, 0.0, out=carried)
        return self._carried[day]


class World:
    """Everything that the equations of a sector see.

    Attributes:
        clock: time.
        members: size of the batch.
        stocks: by name, shape ``dims + (members,)``.
        flows: amount moved in the last step of the sector that owns it, by name.
        outputs: current value by name.
        memory: what sectors remember beside their stocks, by name.
        p: parameters in force, by name.
        checked: whether every move is audited (conservation, signs).
    """

    def __init__(
        self,
        clock: Clock,
        members: int,
        stocks: Iterable[Stock],
        flows: Iterable[Flow],
        outputs: Iterable[Output],
        sizes: dict[str, int],
        checked: bool = False,
        *,
        memory: Iterable[Memory] = (),
    ) -> None:
        self.clock = clock
        self.members = members
        self.checked = checked
        self.p: Parameters = Parameters({}, (), {}, members, self.signal)
        self._stocks = {stock.name: stock for stock in stocks}
        self._flows = {flow.name: flow for flow in flows}

        def shape(dims: tuple[str, ...]) -> tuple[int, ...]:
            return tuple(sizes[dim] for dim in dims)

        self.blocks: dict[tuple[str, str, bool], Block] = {}
        self.stocks: dict[str, np.ndarray] = {}
        self.flows: dict[str, np.ndarray] = {}
        self.outputs: dict[str, np.ndarray] = {}
        self.memory: dict[str, np.ndarray] = {}
        groups: dict[tuple[str, str, bool], list[tuple[str, tuple[int, ...]]]] = {}
        for store, entries in (("stocks", stocks), ("flows", flows), ("outputs", outputs), ("memory", memory)):
            for entry in entries:
                groups.setdefault((store, entry.sector, entry.recorded), []).append((entry.name, shape(entry.dims)))
        for key, members_of_group in groups.items():
            block = Block(members_of_group, members)
            self.blocks[key] = block
            getattr(self, key[0]).update(block.views)
        self._routes = {
            name: FlowArrays(self.stocks.get(flow.origin), self.stocks.get(flow.target), self.flows[name])
            for name, flow in self._flows.items()
        }
        self._balance = {stock.substance: np.zeros(members) for stock in self._stocks.values()}
        self._crossed = {substance: np.zeros(members) for substance in self._balance}
        self.multipliers: dict[str, np.ndarray] = {}
        self._extrapolators: dict[str, dict[str, SignalExtrapolator]] = {}
        self._reader = ""
        self._moved = False
        self._calendars: dict[str, Mapping[str, Callable[[Clock], float]]] = {}
        self._patterns: dict[str, Mapping[str, Callable[[Clock], Hashable]]] = {}

    def begin_with(
        self,
        sector: str,
        calendar: Mapping[str, Callable[[Clock], float]],
        patterns: Mapping[str, Callable[[Clock], Hashable]],
    ) -> None:
        """Take what a sector reads of the time, before it fills its stocks."""
        self._reader = sector
        self._calendars[sector], self._patterns[sector] = calendar, patterns

    def advance_parameters(self, begin: float, end: float) -> None:
        """Bring parameters to their mean over other days than those of the current step."""
        self.p.advance(begin, end)

    def calendar(self, name: str) -> Any:
        """Return a number of the current sector that follows from the time alone."""
        return self._calendars[self._reader][name](self.clock)

    def pattern(self, name: str) -> Any:
        """Return what of the time decides which equations of the current sector act."""
        return self._patterns[self._reader][name](self.clock)

    def track_signals(self, reader: str, moments: Mapping[str, float]) -> None:
        """Let a sector read signals as they are in the middle of its own step, by ``extrapolated``.

        Args:
            reader: name of the sector.
            moments: outputs or stocks by name, with where in the step of its owner the value stands: 0 its beginning,
                0.5 its mean, 1 its end.
        """
        self._extrapolators[reader] = {
            name: SignalExtrapolator(name, moment, self.signal(name)) for name, moment in moments.items()
        }
        self._reader = reader

    def record_signals(self, names: Collection[str] | None = None) -> None:
        """Take the present values of tracked signals: those that a sector owns after its step, all at the start."""
        for signals in self._extrapolators.values():
            for tracked in signals.values():
                if names is None:
                    tracked.now[...] = self.signal(tracked.name)
                elif tracked.name in names:
                    day = self.clock.day + tracked.moment * self.clock.span
                    tracked.add(self.signal(tracked.name), day)

    def extrapolated(self, signal: str | Entry, day: Any = None) -> np.ndarray:
        """Return a signal that the sector tracks as it is in the middle of its step (or on a day), never below zero.

        Sectors see each other's states of the beginning or end of a step, or of some time ago. On the line through the
        last two values they see those of their own middle, and results hardly depend on the length of the step.
        """
        name = signal if isinstance(signal, str) else signal.name
        return self._extrapolators[self._reader][name].at(self.clock.middle if day is None else day)

    def move_into(self, cells_of: Callable[[str], np.ndarray]) -> None:
        """Keep the state elsewhere from now on.

        Args:
            cells_of: gives the new array of a stock, flow, output or memory, of its shape.
        """
        self._moved = True
        for (store, _, _), block in self.blocks.items():
            arrays = getattr(self, store)
            for name in block.slices:
                arrays[name] = cells_of(name)
        self._routes = {
            name: FlowArrays(self.stocks.get(flow.origin), self.stocks.get(flow.target), self.flows[name])
            for name, flow in self._flows.items()
        }

    def take_signal(
        self, reader: str, name: str, before: np.ndarray, now: np.ndarray, later: float, gap: float
    ) -> None:
        """Take what a reader has of a signal from elsewhere: its last two values, and when they stood.

        Args:
            reader: name of the sector.
            name: of the signal.
            before: value before the newest.
            now: newest value.
            later: day for which the newest value stands.
            gap: days between the two, infinite where there are not two.
        """
        self._extrapolators[reader][name].take(before, now, later, gap)

    def signal(self, signal: str | Entry) -> np.ndarray:
        """Return the current value of an output or stock, or what a flow moved in the last step of its owner."""
        name = signal if isinstance(signal, str) else signal.name
        if name in self.flows:
            return self.flows[name]
        return self.outputs[name] if name in self.outputs else self.stocks[name]

    def begin_sector(self, sector: str) -> None:
        """Clear the flows of a sector before its step, and bring the signals that it tracks up to date."""
        self._reader = sector
        for tracked in self._extrapolators.get(sector, {}).values():
            tracked.close()
        for recorded in (True, False):
            block = self.blocks.get(("flows", sector, recorded))
            if block is None:
                continue
            if self._moved:
                for name in block.slices:
                    self.flows[name].fill(0.0)
            else:
                block.data.fill(0.0)

    def move(
        self,
        flow: str,
        amount: np.ndarray,
        origin: Index = ...,
        target: Index = ...,
        record: Index = ...,
        collect: tuple[int, ...] = (),
    ) -> np.ndarray:
        """Move an amount from the origin of a declared flow to its target; the only way to change a conserved stock.

        Args:
            flow: name of the flow, which says between which stocks, or the outside, it runs.
            amount: amount over the step, shape of the larger of the two ends as indexed.
            origin: index into the stock that it leaves.
            target: index into the stock that it enters.
            record: index into the recorded flow; this and the others of slices and numbers, which give views.
            collect: axes of ``amount`` summed for the record, and for that end, if any, which has fewer dimensions.

        Returns:
            The amount moved: ``amount``, changed by a lever on the flow and never more than the origin holds.
        """
        # The most frequent call of a run: an index that takes everything is skipped, as it costs as much as a sum.
        route = self._routes[flow]
        source, sink, recorded = route.origin, route.target, route.record
        if record is not ...:
            recorded = recorded[record]
        multiplier = self.multipliers.get(flow)
        if multiplier is not None:
            amount = amount * np.expand_dims(multiplier[record], collect)
        if source is not None:
            if origin is not ...:
                source = source[origin]
            if multiplier is not None and amount.ndim == source.ndim:
                amount = np.minimum(amount, source)
        collected = np.add.reduce(amount, axis=collect) if collect else amount
        if source is not None:
            source -= amount if amount.ndim == source.ndim else collected
        if sink is not None:
            if target is not ...:
                sink = sink[target]
            sink += amount if amount.ndim == sink.ndim else collected
        recorded += collected
        if self.checked:
            self._audit_move(self._flows[flow], amount)
        return amount

    def _audit_move(self, flow: Flow, amount: np.ndarray) -> None:
        if np.any(amount < -1e-9 * (1.0 + np.abs(amount).max(initial=0.0))):
            raise ConservationError(f"flow {flow.name} is negative ({amount.min():.6g})")
        total = amount.reshape(-1, amount.shape[-1]).sum(axis=0)
        if flow.origin == OUTSIDE:
            self._crossed[self._stocks[flow.target].substance] += total
        elif flow.target == OUTSIDE:
            self._crossed[self._stocks[flow.origin].substance] -= total
        elif self._stocks[flow.origin].substance != self._stocks[flow.target].substance:
            raise ConservationError(f"flow {flow.name} joins stocks of different substances")

    def totals(self) -> dict[str, np.ndarray]:
        """Return the amount of every conserved substance in the model, by member."""
        amounts = {substance: np.zeros(self.members) for substance in self._balance}
        for name, stock in self._stocks.items():
            amounts[stock.substance] += self.stocks[name].reshape(-1, self.members).sum(axis=0)
        return amounts

    def open_audit(self) -> None:
        """Take the present amounts as the opening balance."""
        self._balance = self.totals()
        for crossed in self._crossed.values():
            crossed.fill(0.0)

    def audit(self) -> None:
        """Check that what is there is what was there plus what crossed the boundary, and that no stock is negative.

        Raises:
            ConservationError: beyond 1e-9 of the amount that there is or has moved.
        """
        for substance, now in self.totals().items():
            if substance == "index":
                continue
            expected = self._balance[substance] + self._crossed[substance]
            scale = np.maximum(np.abs(expected), np.maximum(np.abs(self._balance[substance]), 1.0))
            worst = float(np.max(np.abs(now - expected) / scale))
            if not worst <= 1e-9:
                raise ConservationError(
                    f"{substance} not conserved at step {self.clock.step}: off by {worst:.3g} relative"
                )
        for name, stock in self._stocks.items():
            if stock.bounds[0] >= 0.0:
                lowest = float(self.stocks[name].min(initial=0.0))
                if not lowest >= -1e-9 * (1.0 + float(self.stocks[name].max(initial=0.0))):
                    raise ConservationError(f"stock {name} is negative at step {self.clock.step}: {lowest:.6g}")
