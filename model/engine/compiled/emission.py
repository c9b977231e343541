"""Loops of operations as LLVM code."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from model.engine.compiled.lowering import FUSABLE, REDUCING, Group, Lowered, Routine, reads
from model.engine.compiled.mathematics import functions
from model.engine.compiled.tape import Operand, Operation, View
from model.engine.compiled.writer import Arithmetic, Writer, declarations, number

ARGUMENTS = "ptr noalias %state, ptr noalias %own, ptr noalias readonly %calendar"
COMPARISONS = {
    "greater": "ogt", "greater_equal": "oge", "less": "olt", "less_equal": "ole", "equal": "oeq", "not_equal": "une",
}  # fmt: skip
STARTS = {"sum": 0.0, "product": 1.0, "largest": float("-inf"), "smallest": float("inf")}


@dataclass(frozen=True)
class Layout:
    """Where the numbers of a sector lie, in cells.

    Attributes:
        state: first cell of each stock, flow, output and memory, in the state that all sectors share.
        parameters: first cell of each parameter in the sector's own room.
        kept: first cell of what depends on parameters alone.
        temporaries: first cell of temporaries that differ between members.
        cells: cells of the sector's own room that differ between members.
        scalars: numbers behind them that are the same for all members.
    """

    state: dict[str, int]
    parameters: dict[str, int]
    kept: int
    temporaries: int
    cells: int
    scalars: int


def layout_of(lowered: Lowered, state: dict[str, int]) -> Layout:
    """Lay out a sector's own room."""
    parameters, cells = {}, 0
    for name, size in sorted(lowered.parameters.items()):
        parameters[name], cells = cells, cells + size
    kept = cells
    temporaries = kept + lowered.kept_cells
    routines = [*lowered.steps, *lowered.derived]
    room = max((routine.room for routine in routines), default=0)
    scalars = max((routine.scalar_room for routine in routines), default=0)
    return Layout(state, parameters, kept, temporaries, temporaries + room, scalars)


class Emitter:
    """Writes the code of one sector for a number of members side by side.

    Args:
        lowered: the loops.
        layout: where numbers lie.
        lanes: members side by side.
    """

    def __init__(self, lowered: Lowered, layout: Layout, lanes: int) -> None:
        self._lowered = lowered
        self._layout = layout
        self._lanes = lanes
        self._differing = lowered.lanes

    def module(self) -> str:
        """All functions of the sector."""
        lanes = {1, self._lanes}
        lines = declarations(lanes)
        for count in sorted(lanes):
            lines += functions(count)
        lines.append(self._constants())
        lines += [self._routine(routine) for routine in (*self._lowered.steps, *self._lowered.derived)]
        return "\n".join(lines)

    def _constants(self) -> str:
        values = np.zeros(max(self._lowered.constant_cells, 1))
        for buffer, begin in self._lowered.constants.items():
            if buffer.values is not None:
                values[begin : begin + buffer.cells] = buffer.values
        listed = ", ".join(f"double {number(value)}" for value in values)
        return f"@constants = private constant [{len(values)} x double] [{listed}]"

    def _routine(self, routine: Routine) -> str:
        writer = Writer(routine.name, ARGUMENTS)
        for group in routine.groups:
            _Loop(self, writer, routine, group).write()
        return writer.text()

    def address(
        self, writer: Writer, routine: Routine, view: View, strides: Sequence[int], indices: Sequence[str]
    ) -> tuple[str, bool]:
        """Address of a view in a round of the loops, and whether one number stands there for all members."""
        base, cell, scale, one = self._place(routine, view)
        position = cell * scale
        moving: list[str] = []
        for slot, stride in view.rows:
            pointer = writer.value(f"getelementptr double, ptr %calendar, i64 {slot}")
            row = writer.value(f"fptosi double {writer.value(f'load double, ptr {pointer}, align 8')} to i64")
            moving.append(writer.value(f"mul nsw i64 {row}, {stride * scale}"))
        for stride, index in zip(strides, indices, strict=True):
            if stride and index != "0":
                moving.append(index if stride * scale == 1 else writer.value(f"mul nsw i64 {index}, {stride * scale}"))
        if not moving:
            return writer.value(f"getelementptr double, ptr {base}, i64 {position}"), one
        total = moving[0]
        for term in moving[1:]:
            total = writer.value(f"add nsw i64 {total}, {term}")
        if position:
            total = writer.value(f"add nsw i64 {total}, {position}")
        return writer.value(f"getelementptr double, ptr {base}, i64 {total}"), one

    def _place(self, routine: Routine, view: View) -> tuple[str, int, int, bool]:
        """Base, first cell, numbers of a cell, and whether a cell is one number for all members."""
        buffer, lanes = view.buffer, self._lanes
        if buffer.kind == "state":
            return "%state", self._layout.state[buffer.name] + view.offset, lanes, False
        if buffer.kind == "parameter":
            return "%own", self._layout.parameters[buffer.name] + view.offset, lanes, False
        if buffer.kind == "calendar":
            return "%calendar", view.offset, 1, True
        if buffer.kind == "constant":
            return "@constants", self._lowered.constants[buffer] + view.offset, 1, True
        if buffer in self._lowered.kept:
            return "%own", self._layout.kept + self._lowered.kept[buffer] + view.offset, lanes, False
        if self._differing.get(buffer, False):
            return "%own", self._layout.temporaries + routine.places[buffer] + view.offset, lanes, False
        return "%own", self._layout.cells * lanes + routine.places[buffer] + view.offset, 1, True


class _Loop:
    """The code of one group."""

    def __init__(self, emitter: Emitter, writer: Writer, routine: Routine, group: Group) -> None:
        self._emitter = emitter
        self._writer = writer
        self._routine = routine
        self._group = group
        self._many = group.lanes or any(operation.out.buffer in emitter._lowered.kept for operation in group.operations)
        self._a = Arithmetic(writer, emitter._lanes if self._many else 1)

    def write(self) -> None:
        """Write the group."""
        first = self._group.operations[0]
        if first.name in FUSABLE:
            self._elementwise()
        elif first.name in REDUCING:
            self._reduction(first)
        elif first.name in ("running_sum", "running_product"):
            self._running(first)
        elif first.name == "order":
            self._order(first)
        elif first.name == "take":
            self._take(first)
        else:
            raise NotImplementedError(first.name)

    def _load(self, value: Operand, strides: Sequence[int], indices: Sequence[str]) -> str:
        if not isinstance(value, View):
            return self._a.constant(value)
        pointer, one = self._emitter.address(self._writer, self._routine, value, strides, indices)
        return self._a.load(pointer, repeated=one)

    def _elementwise(self) -> None:
        operations = self._group.operations
        views = [view for operation in operations for view in (operation.out, *reads(operation))]
        shape, layouts = merged_axes(operations[0].out.dense()[0], [view.dense()[1] for view in views])
        strides = iter(layouts)
        with self._writer.loops(shape) as indices:
            known: dict[object, str] = {}
            for operation in operations:
                out_strides = next(strides)
                values = []
                for value in operation.inputs:
                    if not isinstance(value, View):
                        values.append(self._a.constant(value))
                        continue
                    where = next(strides)
                    key = (value.buffer, value.offset, where, value.rows)
                    if key not in known:
                        known[key] = self._load(value, where, indices)
                    values.append(known[key])
                result = computed(self._a, operation.name, values)
                out = operation.out
                self._forget(known, out)
                known[out.buffer, out.offset, out_strides, out.rows] = result
                if out.buffer not in self._group.registers:
                    pointer, _ = self._emitter.address(self._writer, self._routine, out, out_strides, indices)
                    self._a.store(result, pointer)

    @staticmethod
    def _forget(known: dict[object, str], out: View) -> None:
        """A value that was loaded before a write to the same buffer is loaded again."""
        for key in [key for key in known if isinstance(key, tuple) and key[0] is out.buffer]:
            del known[key]

    def _reduction(self, operation: Operation) -> None:
        (value,) = operation.inputs
        if not isinstance(value, View):
            raise TypeError("a reduction of a number")
        kept = len(value.shape) - len(operation.reduced)
        outer = [axis for axis in range(kept) if value.shape[axis] != 1]
        inner = [axis for axis in range(kept, len(value.shape)) if value.shape[axis] != 1]
        out_strides = operation.out.dense()[1]
        shape, layouts = merged_axes(
            [value.shape[axis] for axis in outer], [out_strides, [value.strides[axis] for axis in outer]]
        )
        depth, (along,) = merged_axes([value.shape[axis] for axis in inner], [[value.strides[axis] for axis in inner]])
        total = self._writer.variable(self._a.kind)
        combine = {
            "sum": self._a.add,
            "product": self._a.multiply,
            "largest": self._a.maximum,
            "smallest": self._a.minimum,
        }[operation.name]
        with self._writer.loops(shape) as indices:
            self._a.store(self._a.constant(STARTS[operation.name]), total)
            with self._writer.loops(depth) as within:
                term = self._load(value, (*layouts[1], *along), (*indices, *within))
                self._a.store(combine(self._a.load(total), term), total)
            pointer, _ = self._emitter.address(self._writer, self._routine, operation.out, layouts[0], indices)
            self._a.store(self._a.load(total), pointer)

    def _running(self, operation: Operation) -> None:
        (value,) = operation.inputs
        if not isinstance(value, View):
            raise TypeError("a running sum of a number")
        out = operation.out
        total = self._writer.variable(self._a.kind)
        combine = self._a.add if operation.name == "running_sum" else self._a.multiply
        with self._writer.loops(out.shape[1:]) as indices:
            self._a.store(self._a.constant(0.0 if operation.name == "running_sum" else 1.0), total)
            with self._writer.loops(out.shape[:1]) as first:
                term = self._load(value, value.strides, (*first, *indices))
                self._a.store(combine(self._a.load(total), term), total)
                pointer, _ = self._emitter.address(self._writer, self._routine, out, out.strides, (*first, *indices))
                self._a.store(self._a.load(total), pointer)

    def _lane(self, view: View, index: str, lane: str) -> str:
        """Address of one cell of one member."""
        pointer, one = self._emitter.address(self._writer, self._routine, view, view.strides[:1], (index,))
        return pointer if one else self._writer.value(f"getelementptr double, ptr {pointer}, i64 {lane}")

    def _order(self, operation: Operation) -> None:
        """Where each cell would stand among the others: counted, so that equal cells keep their order."""
        (value,) = operation.inputs
        if not isinstance(value, View):
            raise TypeError("numbers to sort")
        writer, out, length = self._writer, operation.out, operation.out.shape[0]
        one = Arithmetic(writer, 1)
        count = writer.variable("i64")
        with writer.loop(self._a.lanes) as lane, writer.loop(length) as cell:
            here = one.load(self._lane(value, cell, lane))
            writer.do(f"store i64 0, ptr {count}")
            with writer.loop(length) as other:
                there = one.load(self._lane(value, other, lane))
                earlier = writer.value(f"icmp slt i64 {other}, {cell}")
                tied = writer.value(f"and i1 {one.compare('oeq', there, here)}, {earlier}")
                before = writer.value(f"or i1 {one.compare('olt', there, here)}, {tied}")
                step = writer.value(f"zext i1 {before} to i64")
                so_far = writer.value(f"load i64, ptr {count}")
                writer.do(f"store i64 {writer.value(f'add i64 {so_far}, {step}')}, ptr {count}")
            rank = writer.value(f"load i64, ptr {count}")
            one.store(writer.value(f"sitofp i64 {cell} to double"), self._lane(out, rank, lane))

    def _take(self, operation: Operation) -> None:
        source, order = operation.inputs
        if not isinstance(source, View) or not isinstance(order, View):
            raise TypeError("numbers to put in order")
        writer, out = self._writer, operation.out
        one = Arithmetic(writer, 1)
        with writer.loop(self._a.lanes) as lane, writer.loop(out.shape[0]) as cell:
            which = writer.value(f"fptosi double {one.load(self._lane(order, cell, lane))} to i64")
            one.store(one.load(self._lane(source, which, lane)), self._lane(out, cell, lane))


def merged_axes(shape: Sequence[int], layouts: Sequence[Sequence[int]]) -> tuple[list[int], list[tuple[int, ...]]]:
    """Neighbouring axes as one where all arrays run on from one to the next."""
    lengths: list[int] = []
    strides: list[list[int]] = [[] for _ in layouts]
    for axis, length in enumerate(shape):
        if lengths and all(mine[-1] == layout[axis] * length for mine, layout in zip(strides, layouts, strict=True)):
            lengths[-1] *= length
            for mine, layout in zip(strides, layouts, strict=True):
                mine[-1] = layout[axis]
        else:
            lengths.append(length)
            for mine, layout in zip(strides, layouts, strict=True):
                mine.append(layout[axis])
    return lengths, [tuple(mine) for mine in strides]


def computed(a: Arithmetic, name: str, values: Sequence[str]) -> str:
    """The result of an elementwise operation."""
    if name in COMPARISONS:
        return a.number_of(a.compare(COMPARISONS[name], *values))
    if name in ("exp", "expm1", "log", "tanh", "power"):
        return a.call(name, *values)
    if name == "where":
        return a.select(a.truth(values[0]), values[1], values[2])
    simple: dict[str, Callable[..., str]] = {
        "copy": lambda one: one,
        "add": a.add,
        "subtract": a.subtract,
        "multiply": a.multiply,
        "divide": a.divide,
        "maximum": a.maximum,
        "minimum": a.minimum,
        "negative": a.negative,
        "absolute": lambda one: a.intrinsic("fabs", one),
        "sqrt": lambda one: a.intrinsic("sqrt", one),
        "floor": lambda one: a.intrinsic("floor", one),
        "cos": lambda one: a.intrinsic("cos", one),
        "not": lambda one: a.number_of(a.compare("oeq", one, a.constant(0.0))),
        "and": lambda one, other: a.select(a.truth(one), a.number_of(a.truth(other)), a.constant(0.0)),
        "or": lambda one, other: a.select(a.truth(one), a.constant(1.0), a.number_of(a.truth(other))),
    }
    return simple[name](*values)
