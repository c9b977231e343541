"""The loop over steps as LLVM code: it calls the sectors' functions, brings parameters up to date and keeps months.

It works off a list of entries, six whole numbers each, that says what is done next. The list holds nothing of a
scenario; what a scenario changes in parameters stands in tables of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from enum import IntEnum

from model.engine.compiled.writer import Arithmetic, Writer

ENTRY = 6
"""Whole numbers of an entry: its kind, four operands, and a share, whose bits are those of a double."""
ROWS, PARAMETER, MODIFIER = 3, 8, 8
"""Whole numbers of a row that is kept, of a parameter that is modified, and of a modifier."""


class Instruction(IntEnum):
    """What an entry does."""

    STEP = 0
    """Call function ``a`` of sector ``b`` with the calendar from ``c``."""
    ADD = 1
    """Add the rows of group ``a`` to month ``c``, in a share."""
    KEEP = 2
    """Keep the rows of group ``a`` for the end of a month."""
    MONTH_END = 3
    """Write the rows of group ``a`` of month ``c``, as they were at a share of the step."""
    PARAMETERS = 4
    """Bring the parameters of sector ``b`` up to date for moment ``a``."""
    ZERO = 5
    """Set ``b`` cells of state from ``a`` to zero."""


class ChangeOperation(IntEnum):
    """How a modifier acts."""

    MULTIPLY = 0
    ADD = 1
    SET = 2


ARGUMENTS = (
    "ptr %entries", "i64 %count", "ptr %functions", "ptr noalias %state", "ptr %rooms", "ptr noalias %calendar",
    "ptr noalias %results", "ptr noalias %before", "ptr %row_starts", "ptr %rows", "i64 %months_apart",
    "ptr %update_starts",
    "ptr %updates", "ptr %derived_starts", "ptr %derived", "ptr %level_rows", "ptr %levels", "ptr %parameters",
    "ptr %limits", "ptr %modifiers", "ptr %cells", "ptr noalias %values",
)  # fmt: skip
"""Arguments of ``run``, all addresses but two."""


class _Driver:
    """Writes ``run`` for a number of members side by side."""

    def __init__(self, lanes: int) -> None:
        self._lanes = lanes
        self._w = Writer(f"run_{lanes}", ", ".join(ARGUMENTS))
        self._a = Arithmetic(self._w, lanes)

    def whole(self, base: str, index: str | int, beyond: int = 0) -> str:
        """A whole number of a table."""
        pointer = self._w.value(f"getelementptr i64, ptr {base}, i64 {index}")
        if beyond:
            pointer = self._w.value(f"getelementptr i64, ptr {pointer}, i64 {beyond}")
        return self._w.value(f"load i64, ptr {pointer}, align 8")

    def real(self, base: str, index: str | int) -> str:
        """A number of a table, for all members."""
        pointer = self._w.value(f"getelementptr double, ptr {base}, i64 {index}")
        return self._a.load(pointer, repeated=True)

    def times(self, one: str, other: int) -> str:
        """A whole number times a constant."""
        return one if other == 1 else self._w.value(f"mul nsw i64 {one}, {other}")

    def plus(self, one: str, other: str) -> str:
        """Sum of whole numbers."""
        return self._w.value(f"add nsw i64 {one}, {other}")

    def cell(self, base: str, index: str) -> str:
        """Address of a cell of all members."""
        return self._w.value(f"getelementptr double, ptr {base}, i64 {self.times(index, self._lanes)}")

    def between(self, begin: str, end: str) -> str:
        """How many there are from ``begin`` up to ``end``."""
        return self._w.value(f"sub nsw i64 {end}, {begin}")

    def text(self) -> str:
        """The function."""
        w = self._w
        some = w.value("icmp sgt i64 %count, 0")
        with w.when(some), w.loop("%count") as number:
            entry = w.value(f"getelementptr i64, ptr %entries, i64 {self.times(number, ENTRY)}")
            kind, a, b, c = (self.whole(entry, position) for position in range(4))
            share = self.real(entry, 5)
            for what, write in (
                (Instruction.STEP, self._step),
                (Instruction.ADD, self._add),
                (Instruction.KEEP, self._keep),
                (Instruction.MONTH_END, self._month_end),
                (Instruction.PARAMETERS, self._parameters),
                (Instruction.ZERO, self._zero),
            ):
                with w.when(w.value(f"icmp eq i64 {kind}, {int(what)}")):
                    write(a, b, c, share)
        return w.text()

    def _call(self, function: str, sector: str, calendar: str) -> None:
        w = self._w
        where = w.value(f"getelementptr ptr, ptr %functions, i64 {function}")
        address = w.value(f"load ptr, ptr {where}, align 8")
        room = w.value(f"load ptr, ptr {w.value(f'getelementptr ptr, ptr %rooms, i64 {sector}')}, align 8")
        moment = w.value(f"getelementptr double, ptr %calendar, i64 {calendar}")
        w.do(f"call void {address}(ptr %state, ptr {room}, ptr {moment})")

    def _step(self, a: str, b: str, c: str, share: str) -> None:
        self._call(a, b, c)

    @contextmanager
    def _each_cell(self, group: str) -> Iterator[tuple[str, str]]:
        """A loop over the cells of a group: address in the state, and number of the cell among those of a month."""
        w = self._w
        begin, end = self.whole("%row_starts", group), self.whole("%row_starts", group, 1)
        count = self.between(begin, end)
        with w.when(w.value(f"icmp sgt i64 {count}, 0")), w.loop(count) as number:
            row = w.value(f"getelementptr i64, ptr %rows, i64 {self.times(self.plus(begin, number), ROWS)}")
            source, target, cells = (self.whole(row, position) for position in range(3))
            with w.loop(cells) as cell:
                yield self.cell("%state", self.plus(source, cell)), self.plus(target, cell)

    def _add(self, a: str, b: str, c: str, share: str) -> None:
        with self._each_cell(a) as (source, target):
            result = self._result(c, target)
            self._a.store(self._a.add(self._a.load(result), self._a.multiply(self._a.load(source), share)), result)

    def _keep(self, a: str, b: str, c: str, share: str) -> None:
        with self._each_cell(a) as (source, target):
            self._a.store(self._a.load(source), self.cell("%before", target))

    def _month_end(self, a: str, b: str, c: str, share: str) -> None:
        with self._each_cell(a) as (source, target):
            old, now = self._a.load(self.cell("%before", target)), self._a.load(source)
            within = self._a.add(old, self._a.multiply(self._a.subtract(now, old), share))
            self._a.store(within, self._result(c, target))

    def _result(self, month: str, target: str) -> str:
        first = self._w.value(f"mul nsw i64 {month}, %months_apart")
        return self.cell("%results", self.plus(first, target))

    def _zero(self, a: str, b: str, c: str, share: str) -> None:
        with self._w.loop(b) as number:
            self._a.store(self._a.constant(0.0), self.cell("%state", self.plus(a, number)))

    def _parameters(self, a: str, b: str, c: str, share: str) -> None:
        w = self._w
        first, last = self.whole("%update_starts", a), self.whole("%update_starts", a, 1)
        count = self.between(first, last)
        level_row = self.whole("%level_rows", a)
        room = w.value(f"load ptr, ptr {w.value(f'getelementptr ptr, ptr %rooms, i64 {b}')}, align 8")
        with w.when(w.value(f"icmp sgt i64 {count}, 0")):
            with w.loop(count) as number:
                self._update(self.whole("%updates", self.plus(first, number)), level_row, room)
            begin, end = self.whole("%derived_starts", a), self.whole("%derived_starts", a, 1)
            routines = self.between(begin, end)
            with w.when(w.value(f"icmp sgt i64 {routines}, 0")), w.loop(routines) as number:
                self._call(self.whole("%derived", self.plus(begin, number)), b, "0")

    def _update(self, which: str, level_row: str, room: str) -> None:
        """Base value, changed by every modifier in turn, held within bounds."""
        w, a = self._w, self._a
        parameter = w.value(f"getelementptr i64, ptr %parameters, i64 {self.times(which, PARAMETER)}")
        target, base, cells, first, last = (self.whole(parameter, position) for position in range(5))
        limits = w.value(f"getelementptr double, ptr %limits, i64 {self.times(which, 2)}")
        low, high = self.real(limits, 0), self.real(limits, 1)
        with w.loop(cells) as cell:
            a.store(a.load(self.cell("%values", self.plus(base, cell))), self.cell(room, self.plus(target, cell)))
        with w.loop(self.between(first, last)) as number:
            self._modify(self.plus(first, number), level_row, room, target)
        with w.loop(cells) as cell:
            pointer = self.cell(room, self.plus(target, cell))
            a.store(a.minimum(a.maximum(a.load(pointer), low), high), pointer)

    def _modify(self, which: str, level_row: str, room: str, target: str) -> None:
        w, a = self._w, self._a
        modifier = w.value(f"getelementptr i64, ptr %modifiers, i64 {self.times(which, MODIFIER)}")
        operation, profile, size_at, share_at, first, last = (self.whole(modifier, at) for at in range(6))
        where = w.value(f"getelementptr double, ptr %levels, i64 {self.plus(level_row, profile)}")
        one = w.value(f"load double, ptr {where}, align 8")
        level = a.spread(one)
        acts = w.value(f"fcmp une double {one}, 0.0")
        with w.when(acts):
            size = a.load(self.cell("%values", size_at))
            reach = a.multiply(level, a.load(self.cell("%values", share_at)))
            with w.loop(self.between(first, last)) as number:
                where = w.value(f"getelementptr i64, ptr %cells, i64 {self.times(self.plus(first, number), 2)}")
                cell, gate = self.whole(where, 0), self.whole(where, 1)
                pointer = self.cell(room, self.plus(target, cell))
                gated = w.value(f"icmp sge i64 {gate}, 0")
                safe = w.value(f"select i1 {gated}, i64 {gate}, i64 0")
                signal = a.load(self.cell("%state", safe))
                opened = w.value(f"select i1 {gated}, {a.kind} {signal}, {a.kind} {a.constant(1.0)}")
                full = a.multiply(reach, opened)
                now = a.load(pointer)
                results = (
                    a.multiply(now, a.add(a.constant(1.0), a.multiply(size, full))),
                    a.add(now, a.multiply(size, full)),
                    a.add(now, a.multiply(a.subtract(size, now), full)),
                )
                chosen = results[ChangeOperation.SET]
                for other in (ChangeOperation.MULTIPLY, ChangeOperation.ADD):
                    condition = w.value(f"icmp eq i64 {operation}, {int(other)}")
                    chosen = w.value(f"select i1 {condition}, {a.kind} {results[other]}, {a.kind} {chosen}")
                a.store(chosen, pointer)


def driver(lanes: int) -> str:
    """The function ``run`` for so many members side by side."""
    return _Driver(lanes).text()
