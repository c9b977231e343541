"""Arrays that write down what is done to them: a step of the equations, recorded once, becomes a list of operations.

A ``RecordedArray`` stands for an array of the run while a step is recorded. It takes part in numpy expressions through
numpy's own protocols, so that equations are recorded as they stand. The member axis, always the last, has length one
while recording: equations act on members one by one, and the compiled code runs many members side by side.

Values are of two kinds. State and parameters live in named buffers, which equations read and, for state, write in
place. Everything else is a temporary, written once by the operation that makes it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

ELEMENTWISE: dict[str, str] = {
    "add": "add",
    "subtract": "subtract",
    "multiply": "multiply",
    "divide": "divide",
    "true_divide": "divide",
    "maximum": "maximum",
    "minimum": "minimum",
    "power": "power",
    "float_power": "power",
    "greater": "greater",
    "greater_equal": "greater_equal",
    "less": "less",
    "less_equal": "less_equal",
    "equal": "equal",
    "not_equal": "not_equal",
    "logical_and": "and",
    "bitwise_and": "and",
    "logical_or": "or",
    "bitwise_or": "or",
    "logical_not": "not",
    "invert": "not",
    "negative": "negative",
    "absolute": "absolute",
    "exp": "exp",
    "expm1": "expm1",
    "log": "log",
    "tanh": "tanh",
    "sqrt": "sqrt",
    "floor": "floor",
    "cos": "cos",
}
"""numpy's name of an elementwise function, and that of its operation."""

REDUCTIONS = {"add": "sum", "multiply": "product", "maximum": "largest", "minimum": "smallest"}
"""numpy's name of the function that is reduced, and that of its operation."""


class RecordingError(RuntimeError):
    """An equation does what cannot be recorded: it branches on a value, or writes into a temporary."""


@dataclass(eq=False)
class Buffer:
    """Cells of storage.

    Attributes:
        kind: ``state``, ``parameter``, ``constant``, ``calendar`` or ``temporary``.
        name: registered name, or a number in the order of recording.
        cells: how many numbers for each member.
        values: numbers of a constant.
    """

    kind: str
    name: str
    cells: int
    values: np.ndarray | None = None

    @property
    def by_member(self) -> bool:
        """Whether every member has its own numbers; a temporary is told by what it is made of."""
        return self.kind in ("state", "parameter")


@dataclass(frozen=True)
class View:
    """Some cells of a buffer, laid out as an array.

    Attributes:
        buffer: where the numbers are.
        offset: first cell.
        strides: cells from one entry to the next, by axis.
        shape: entries by axis.
        rows: calendar slots that move the first cell while the run goes on, each with its stride.
    """

    buffer: Buffer
    offset: int
    strides: tuple[int, ...]
    shape: tuple[int, ...]
    rows: tuple[tuple[int, int], ...] = ()

    def broadcast(self, shape: tuple[int, ...]) -> View:
        """The same numbers repeated to a larger shape."""
        missing = len(shape) - len(self.shape)
        strides = [0] * missing
        for length, stride, wanted in zip(self.shape, self.strides, shape[missing:], strict=True):
            strides.append(stride if length == wanted and length != 1 else 0 if length != wanted else stride)
        return View(self.buffer, self.offset, tuple(strides), tuple(shape), self.rows)

    def dense(self) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Shape and strides without axes of length one."""
        kept = [axis for axis, length in enumerate(self.shape) if length != 1]
        return tuple(self.shape[axis] for axis in kept), tuple(self.strides[axis] for axis in kept)

    def touched(self) -> np.ndarray | None:
        """Cells that it covers, ascending; None where they move while the run goes on."""
        if self.rows:
            return None
        cells = np.array([self.offset])
        for length, stride in zip(self.shape, self.strides, strict=True):
            if stride and length > 1:
                cells = (cells[:, None] + stride * np.arange(length)).ravel()
        return np.unique(cells)


def natural_strides(shape: Sequence[int]) -> tuple[int, ...]:
    """Strides of an array laid out row by row."""
    strides, step = [], 1
    for length in reversed(shape):
        strides.append(step)
        step *= length
    return tuple(reversed(strides))


Operand = View | float


@dataclass(eq=False)
class Operation:
    """One operation of a step.

    Attributes:
        name: what is done.
        out: where the result goes.
        inputs: what it is made of: elementwise operands are laid out in the shape of the result.
        reduced: lengths of the axes that a reduction runs over; its input has them after those of the result.
    """

    name: str
    out: View
    inputs: tuple[Operand, ...]
    reduced: tuple[int, ...] = ()


@dataclass
class Tape:
    """Operations in the order in which equations asked for them.

    Attributes:
        operations: what is done.
        buffers: named buffers that take part, by kind and name.
    """

    operations: list[Operation] = field(default_factory=list)
    buffers: dict[tuple[str, str], Buffer] = field(default_factory=dict)
    _temporaries: int = 0
    _constants: dict[tuple[tuple[int, ...], bytes], Buffer] = field(default_factory=dict)

    def buffer(self, kind: str, name: str, cells: int) -> Buffer:
        """The named buffer, made when it is first asked for."""
        key = (kind, name)
        if key not in self.buffers:
            self.buffers[key] = Buffer(kind, name, cells)
        return self.buffers[key]

    def named(self, kind: str, name: str, shape: tuple[int, ...]) -> RecordedArray:
        """A named buffer as an array; ``shape`` is without the member axis."""
        buffer = self.buffer(kind, name, int(np.prod(shape, dtype=int)))
        return RecordedArray(self, View(buffer, 0, (*natural_strides(shape), 0), (*shape, 1)))

    def slot(self, buffer: Buffer, position: int) -> RecordedArray:
        """One number of the calendar."""
        return RecordedArray(self, View(buffer, position, (), ()))

    def temporary(self, shape: tuple[int, ...]) -> View:
        """Room for a result."""
        self._temporaries += 1
        buffer = Buffer("temporary", str(self._temporaries), int(np.prod(shape, dtype=int)))
        return View(buffer, 0, natural_strides(shape), shape)

    def constant(self, values: np.ndarray) -> View:
        """Numbers that are the same in every run."""
        values = np.ascontiguousarray(values, dtype=float)
        key = (values.shape, values.tobytes())
        if key not in self._constants:
            name = hashlib.sha256(repr(values.shape).encode() + values.tobytes()).hexdigest()
            self._constants[key] = Buffer("constant", name, values.size, values.ravel())
        return View(self._constants[key], 0, natural_strides(values.shape), values.shape)

    def operand(self, value: Any, shape: tuple[int, ...]) -> Operand:
        """A value as an operand laid out in a shape."""
        if isinstance(value, RecordedArray):
            return value.view.broadcast(shape)
        array = np.asarray(value, dtype=float)
        if array.size == 1:
            return float(array.ravel()[0])
        return self.constant(array).broadcast(shape)

    def elementwise(self, name: str, inputs: Sequence[Any], target: RecordedArray | None = None) -> RecordedArray:
        """Record an elementwise operation, whose result may go into an array that is there."""
        shape = np.broadcast_shapes(*(np.shape(value) for value in inputs))
        if target is not None:
            self._check_target(target.view)
            shape = target.shape
        out = self.temporary(shape) if target is None else target.view
        self.operations.append(Operation(name, out, tuple(self.operand(value, shape) for value in inputs)))
        return RecordedArray(self, out)

    def store(self, target: View, value: Any) -> None:
        """Record that state takes a value."""
        self._check_target(target)
        self.operations.append(Operation("copy", target, (self.operand(value, target.shape),)))

    @staticmethod
    def _check_target(target: View) -> None:
        if target.buffer.kind not in ("state", "temporary"):
            raise RecordingError(f"a {target.buffer.kind} is written in place")

    def reduction(self, name: str, value: RecordedArray, axes: tuple[int, ...], keepdims: bool) -> RecordedArray:
        """Record a reduction over some axes."""
        view = value.view
        kept = [axis for axis in range(len(view.shape)) if axis not in axes]
        out = self.temporary(tuple(view.shape[axis] for axis in kept))
        order = [*kept, *axes]
        laid_out = View(
            view.buffer,
            view.offset,
            tuple(view.strides[axis] for axis in order),
            tuple(view.shape[axis] for axis in order),
            view.rows,
        )
        self.operations.append(Operation(name, out, (laid_out,), tuple(view.shape[axis] for axis in axes)))
        result = RecordedArray(self, out)
        if not keepdims:
            return result
        index = tuple(None if axis in axes else slice(None) for axis in range(len(view.shape)))
        return result[index]

    def assembled(self, shape: tuple[int, ...], parts: Iterable[tuple[tuple[Any, ...], Any]]) -> RecordedArray:
        """Record an array put together from parts, each with the index at which it goes; parts do not overlap."""
        out = self.temporary(shape)
        whole = RecordedArray(self, out)
        for index, value in parts:
            target = whole[index].view
            self.operations.append(Operation("copy", target, (self.operand(value, target.shape),)))
        return whole


class RecordedArray(np.lib.mixins.NDArrayOperatorsMixin):
    """An array of the run while a step is recorded.

    Args:
        tape: where operations are written down.
        view: its numbers.
    """

    __array_priority__ = 100.0

    def __init__(self, tape: Tape, view: View) -> None:
        self.tape = tape
        self.view = view

    @property
    def shape(self) -> tuple[int, ...]:
        """Length of each axis, the member axis last."""
        return self.view.shape

    @property
    def ndim(self) -> int:
        """Number of axes."""
        return len(self.view.shape)

    @property
    def size(self) -> int:
        """Number of cells."""
        return int(np.prod(self.view.shape, dtype=int))

    def __len__(self) -> int:
        return self.view.shape[0]

    def __bool__(self) -> bool:
        raise RecordingError("an equation branches on a value; use np.where")

    def __float__(self) -> float:
        raise RecordingError("an equation takes one number out of an array")

    def __array__(self, *_: Any, **__: Any) -> np.ndarray:
        raise RecordingError("an equation turns a recorded array into a plain one")

    def __iter__(self) -> Any:
        return (self[index] for index in range(len(self)))

    def __getitem__(self, index: Any) -> RecordedArray:
        """Some of its cells: numbers, slices, None, Ellipsis, recorded rows; one list of numbers copies."""
        entries = index if isinstance(index, tuple) else (index,)
        if any(isinstance(entry, list | np.ndarray) for entry in entries):
            return self._gathered(entries)
        return RecordedArray(self.tape, _indexed(self.view, entries))

    def _gathered(self, entries: tuple[Any, ...]) -> RecordedArray:
        """A copy of the cells that a list of numbers chooses along one axis."""
        chosen = [axis for axis, entry in enumerate(entries) if isinstance(entry, list | np.ndarray)]
        if len(chosen) != 1 or any(entry is Ellipsis or entry is None for entry in entries[: chosen[0] + 1]):
            raise RecordingError("an index holds more than one list, or a list behind an ellipsis")
        axis = chosen[0]
        numbers = [int(number) for number in np.asarray(entries[axis]).ravel()]
        parts = [self[(*entries[:axis], number, *entries[axis + 1 :])] for number in numbers]
        where = sum(not isinstance(entry, int | np.integer) for entry in entries[:axis])
        return stacked(parts, where)

    def __setitem__(self, index: Any, value: Any) -> None:
        """Write state in place."""
        target = self[index].view if index is not Ellipsis else self.view
        self.tape.store(target, value)

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **options: Any) -> Any:
        """Record a function of numpy."""
        out = options.pop("out", None)
        if method == "reduce":
            return self._reduced(ufunc, *inputs, **options)
        if method == "accumulate":
            return accumulated(ufunc.__name__, inputs[0], options.get("axis", 0))
        condition = options.pop("where", None)
        if ufunc is np.power and isinstance(inputs[1], int | float) and inputs[1] == 2 and out is None:
            return self.tape.elementwise("multiply", (inputs[0], inputs[0]))
        if method != "__call__" or options or ufunc.__name__ not in ELEMENTWISE:
            raise RecordingError(f"np.{ufunc.__name__} ({method}, {', '.join(options)}) cannot be recorded")
        target = None if out is None else out[0]
        if target is not None and not isinstance(target, RecordedArray):
            raise RecordingError("a result is written into a plain array")
        if condition is None:
            return self.tape.elementwise(ELEMENTWISE[ufunc.__name__], inputs, target)
        if target is None:
            raise RecordingError("a result is given in part only")
        target[...] = selected(condition, self.tape.elementwise(ELEMENTWISE[ufunc.__name__], inputs), target)
        return target

    def _reduced(self, ufunc: np.ufunc, value: Any, axis: Any = 0, keepdims: bool = False, **options: Any) -> Any:
        options.pop("dtype", None)
        if options:
            raise RecordingError(f"np.{ufunc.__name__}.reduce with {', '.join(options)} cannot be recorded")
        return _reduce(REDUCTIONS[ufunc.__name__], value, axis, keepdims)

    def __array_function__(self, function: Callable[..., Any], types: Any, args: Any, kwargs: Any) -> Any:
        """Record a function of numpy that is not elementwise."""
        if function not in FUNCTIONS:
            raise RecordingError(f"np.{function.__name__} cannot be recorded")
        return FUNCTIONS[function](*args, **kwargs)

    def sum(self, axis: Any = None, keepdims: bool = False) -> RecordedArray:
        """Sum over axes."""
        return _reduce("sum", self, axis, keepdims)

    def mean(self, axis: Any = None, keepdims: bool = False) -> RecordedArray:
        """Mean over axes."""
        count = np.prod([self.shape[position] for position in _axes(self, axis)])
        return _reduce("sum", self, axis, keepdims) / float(count)

    def max(self, axis: Any = None, keepdims: bool = False) -> RecordedArray:
        """Largest over axes."""
        return _reduce("largest", self, axis, keepdims)

    def min(self, axis: Any = None, keepdims: bool = False) -> RecordedArray:
        """Smallest over axes."""
        return _reduce("smallest", self, axis, keepdims)

    def copy(self) -> RecordedArray:
        """The numbers as they are now."""
        out = self.tape.temporary(self.shape)
        self.tape.operations.append(Operation("copy", out, (self.view,)))
        return RecordedArray(self.tape, out)

    def clip(self, low: Any, high: Any) -> RecordedArray:
        """Held within limits."""
        return np.minimum(np.maximum(self, low), high)

    def fill(self, value: float) -> None:
        """Set all cells of state."""
        self[...] = value

    def reshape(self, *shape: Any) -> RecordedArray:
        """Another shape of the same cells, which lie row by row."""
        wanted = shape[0] if len(shape) == 1 and isinstance(shape[0], tuple) else shape
        size = self.size
        if -1 in wanted:
            others = int(np.prod([length for length in wanted if length != -1], dtype=int))
            wanted = tuple(size // others if length == -1 else length for length in wanted)
        lengths, strides = self.view.dense()
        source = self if strides == natural_strides(lengths) else self.copy()
        view = source.view
        return RecordedArray(self.tape, View(view.buffer, view.offset, natural_strides(wanted), wanted, view.rows))


def _indexed(view: View, entries: tuple[Any, ...]) -> View:
    """The view that an index takes."""
    given = sum(entry is not None and entry is not Ellipsis for entry in entries)
    if Ellipsis not in [entry if entry is Ellipsis else None for entry in entries]:
        entries = (*entries, Ellipsis)
    offset, strides, shape, rows, axis = view.offset, [], [], list(view.rows), 0
    for entry in entries:
        if entry is None:
            strides.append(0)
            shape.append(1)
        elif entry is Ellipsis:
            for _ in range(len(view.shape) - given):
                strides.append(view.strides[axis])
                shape.append(view.shape[axis])
                axis += 1
        elif isinstance(entry, slice):
            start, stop, step = entry.indices(view.shape[axis])
            offset += start * view.strides[axis]
            strides.append(view.strides[axis] * step)
            shape.append(max(0, -(-(stop - start) // step)))
            axis += 1
        elif isinstance(entry, RecordedArray):
            if entry.view.buffer.kind != "calendar":
                raise RecordingError("only a row of the calendar can choose a row of a table")
            rows.append((entry.view.offset, view.strides[axis]))
            axis += 1
        else:
            number = int(entry)
            if not -view.shape[axis] <= number < view.shape[axis]:
                raise IndexError(f"index {number} for an axis of {view.shape[axis]}")
            offset += (number % view.shape[axis]) * view.strides[axis]
            axis += 1
    return View(view.buffer, offset, tuple(strides), tuple(shape), tuple(rows))


def _axes(value: RecordedArray, axis: Any) -> tuple[int, ...]:
    if axis is None:
        raise RecordingError("a sum over all axes would add up members")
    axes = tuple(position % value.ndim for position in (axis if isinstance(axis, tuple) else (axis,)))
    if value.ndim - 1 in axes:
        raise RecordingError("a reduction runs over members")
    return axes


def _reduce(name: str, value: RecordedArray, axis: Any, keepdims: bool = False) -> RecordedArray:
    return value.tape.reduction(name, value, _axes(value, axis), keepdims)


def accumulated(name: str, value: RecordedArray, axis: int) -> RecordedArray:
    """Running sums or products along an axis."""
    position = axis % value.ndim
    if position == value.ndim - 1:
        raise RecordingError("a running sum runs over members")
    out = RecordedArray(value.tape, value.tape.temporary(value.shape))
    order = [position, *(other for other in range(value.ndim) if other != position)]
    operation = {"add": "running_sum", "multiply": "running_product"}[name]
    value.tape.operations.append(Operation(operation, _transposed(out, order).view, (_transposed(value, order).view,)))
    return out


def tape_of(values: Iterable[Any]) -> Tape:
    """The tape on which the first recorded array among some values is written."""
    return next(value.tape for value in values if isinstance(value, RecordedArray))


def stacked(values: Sequence[Any], axis: int = 0) -> RecordedArray:
    """Arrays of one shape side by side along a new axis."""
    tape = tape_of(values)
    shape = np.broadcast_shapes(*(np.shape(value) for value in values))
    position = axis % (len(shape) + 1)
    whole = (*shape[:position], len(values), *shape[position:])
    before = (slice(None),) * position
    return tape.assembled(whole, [((*before, number), value) for number, value in enumerate(values)])


def concatenated(values: Sequence[Any], axis: int = 0) -> RecordedArray:
    """Arrays one after the other along an axis."""
    tape = tape_of(values)
    first = np.shape(values[0])
    position = axis % len(first)
    lengths = [np.shape(value)[position] for value in values]
    whole = (*first[:position], sum(lengths), *first[position + 1 :])
    before, parts, begin = (slice(None),) * position, [], 0
    for value, length in zip(values, lengths, strict=True):
        parts.append(((*before, slice(begin, begin + length)), value))
        begin += length
    return tape.assembled(whole, parts)


def selected(condition: Any, chosen: Any, otherwise: Any) -> RecordedArray:
    """``np.where`` with three arguments."""
    return tape_of((condition, chosen, otherwise)).elementwise("where", (condition, chosen, otherwise))


def _clip(value: Any, low: Any, high: Any) -> Any:
    return np.minimum(np.maximum(value, low), high)


def _broadcast_to(value: RecordedArray, shape: Any) -> RecordedArray:
    return RecordedArray(value.tape, value.view.broadcast(tuple(shape)))


def _broadcast_arrays(*values: Any) -> list[Any]:
    shape = np.broadcast_shapes(*(np.shape(value) for value in values))
    return [
        _broadcast_to(value, shape) if isinstance(value, RecordedArray) else np.broadcast_to(value, shape)
        for value in values
    ]


def _transposed(value: RecordedArray, order: Sequence[int]) -> RecordedArray:
    view = value.view
    strides, shape = (tuple(numbers[axis] for axis in order) for numbers in (view.strides, view.shape))
    return RecordedArray(value.tape, View(view.buffer, view.offset, strides, shape, view.rows))


def _moveaxis(value: RecordedArray, source: int, destination: int) -> RecordedArray:
    order = [axis for axis in range(value.ndim) if axis != source % value.ndim]
    order.insert(destination % value.ndim, source % value.ndim)
    return _transposed(value, order)


def _expand_dims(value: RecordedArray, axis: Any) -> RecordedArray:
    axes = axis if isinstance(axis, tuple) else (axis,)
    total = value.ndim + len(axes)
    new = {position % total for position in axes}
    return value[tuple(None if position in new else slice(None) for position in range(total))]


def _argsort(value: RecordedArray, axis: int = -1, kind: str | None = None, stable: bool | None = None) -> Any:
    if axis % value.ndim != 0 or value.ndim != 2:
        raise RecordingError("only an array [cell, member] is sorted")
    out = value.tape.temporary(value.shape)
    value.tape.operations.append(Operation("order", out, (value.view,)))
    return RecordedArray(value.tape, out)


def _take_along_axis(value: Any, order: RecordedArray, axis: int) -> RecordedArray:
    if axis != 0 or order.ndim != 2:
        raise RecordingError("only an array [cell, member] is put in order")
    out = order.tape.temporary(order.shape)
    source = order.tape.operand(value, np.shape(value))
    order.tape.operations.append(Operation("take", out, (source, order.view)))
    return RecordedArray(order.tape, out)


def _full_like(value: RecordedArray, fill: float, **_: Any) -> RecordedArray:
    out = value.tape.temporary(value.shape)
    value.tape.operations.append(Operation("copy", out, (float(fill),)))
    return RecordedArray(value.tape, out)


def _copyto(target: RecordedArray, value: Any, where: Any = True) -> None:
    target[...] = value if where is True else selected(where, value, target)


FUNCTIONS: dict[Callable[..., Any], Callable[..., Any]] = {
    np.where: selected,
    np.stack: stacked,
    np.concatenate: concatenated,
    np.clip: _clip,
    np.broadcast_to: _broadcast_to,
    np.broadcast_arrays: _broadcast_arrays,
    np.moveaxis: _moveaxis,
    np.expand_dims: _expand_dims,
    np.sum: lambda value, axis=None, keepdims=False: _reduce("sum", value, axis, keepdims),
    np.prod: lambda value, axis=None, keepdims=False: _reduce("product", value, axis, keepdims),
    np.max: lambda value, axis=None, keepdims=False: _reduce("largest", value, axis, keepdims),
    np.min: lambda value, axis=None, keepdims=False: _reduce("smallest", value, axis, keepdims),
    np.mean: lambda value, axis=None, keepdims=False: value.mean(axis, keepdims),
    np.cumsum: lambda value, axis=0: accumulated("add", value, axis),
    np.cumprod: lambda value, axis=0: accumulated("multiply", value, axis),
    np.argsort: _argsort,
    np.take_along_axis: _take_along_axis,
    np.zeros_like: lambda value, **_: _full_like(value, 0.0),
    np.ones_like: lambda value, **_: _full_like(value, 1.0),
    np.empty_like: lambda value, **_: _full_like(value, 0.0),
    np.copyto: _copyto,
    np.shape: lambda value: value.shape,
    np.ndim: lambda value: value.ndim,
    np.size: lambda value: value.size,
}
"""Functions of numpy that are recorded, beside the elementwise ones."""
