"""From recorded steps to loops: what depends on parameters alone, groups of operations, room for their results.

A step is recorded once for every combination of the calendar's switches. What depends on parameters alone is the same
in all of them and is worked out only when one of these parameters changes; the rest is put into groups of operations
that run in one loop over cells.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from model.engine.compiled.tape import Buffer, Operand, Operation, Tape, View

FUSABLE = frozenset(
    [
        "copy",
        "add",
        "subtract",
        "multiply",
        "divide",
        "maximum",
        "minimum",
        "power",
        "greater",
        "greater_equal",
        "less",
        "less_equal",
        "equal",
        "not_equal",
        "and",
        "or",
        "not",
        "negative",
        "absolute",
        "exp",
        "expm1",
        "log",
        "tanh",
        "sqrt",
        "floor",
        "cos",
        "where",
    ]
)
"""Operations that act on each cell by itself."""

REDUCING = frozenset(("sum", "product", "largest", "smallest"))
LONGEST_GROUP = 80
"""Operations of a loop; more do not fit into the registers of any processor."""


@dataclass(eq=False)
class Group:
    """Operations that run in one loop.

    Attributes:
        operations: in order.
        lanes: whether members differ.
        registers: temporaries that never leave the loop.
    """

    operations: list[Operation]
    lanes: bool
    registers: set[Buffer] = field(default_factory=set)


@dataclass(eq=False)
class Routine:
    """Groups that run one after the other.

    Attributes:
        name: of the function.
        groups: what it does.
        places: first cell of each temporary that is kept between groups, in the room for temporaries.
        room: cells that these take.
        scalar_room: numbers, the same for all members, that they take.
        parameters: what it depends on; empty for the step itself.
    """

    name: str
    groups: list[Group]
    places: dict[Buffer, int]
    room: int
    scalar_room: int
    parameters: frozenset[str] = frozenset()


@dataclass(eq=False)
class Lowered:
    """A sector's steps, ready to be written as code.

    Attributes:
        steps: the routine of each variant.
        derived: routines that depend on parameters alone, in an order in which they can run.
        parameters: cells of each parameter that takes part.
        kept: temporaries of ``derived`` that steps read, with where they lie.
        kept_cells: cells that these take.
        constants: numbers that are the same in every run.
    """

    steps: list[Routine]
    derived: list[Routine]
    parameters: dict[str, int]
    kept: dict[Buffer, int]
    kept_cells: int
    constants: dict[Buffer, int]
    constant_cells: int
    lanes: dict[Buffer, bool]


def reads(operation: Operation) -> list[View]:
    """Views among the inputs of an operation."""
    return [value for value in operation.inputs if isinstance(value, View)]


def _live(operations: Sequence[Operation], wanted: Iterable[Buffer] = ()) -> list[Operation]:
    """Operations whose results are used."""
    needed, kept = set(wanted), []
    for operation in reversed(operations):
        buffer = operation.out.buffer
        if buffer.kind == "temporary" and buffer not in needed:
            continue
        kept.append(operation)
        needed.update(view.buffer for view in reads(operation) if view.buffer.kind == "temporary")
    return kept[::-1]


class _Values:
    """Results that are alike are one: an operation on the same values is done once.

    Args:
        shared: results that depend on parameters alone, of all variants.
    """

    def __init__(self, shared: dict[object, Buffer]) -> None:
        self._shared = shared
        self._own: dict[object, Buffer] = {}
        self.replaced: dict[Buffer, Buffer] = {}

    def view(self, value: Operand) -> Operand:
        """An operand with the buffer that stands for it."""
        if isinstance(value, View) and value.buffer in self.replaced:
            return View(self.replaced[value.buffer], value.offset, value.strides, value.shape, value.rows)
        return value

    def known(self, key: object, *, static: bool) -> Buffer | None:
        """The result that an earlier operation gave."""
        return (self._shared if static else self._own).get(key)

    def remember(self, key: object, buffer: Buffer, *, static: bool) -> None:
        """Keep what an operation gives."""
        (self._shared if static else self._own)[key] = buffer


def _key(value: Operand) -> object:
    if isinstance(value, View):
        return (
            value.buffer.kind,
            value.buffer.name,
            id(value.buffer) if value.buffer.kind == "temporary" else 0,
            value.offset,
            value.strides,
            value.shape,
            value.rows,
        )
    return value


def lower(tapes: Sequence[Tape], name: str) -> Lowered:
    """Put the recorded steps of a sector into loops.

    Args:
        tapes: one for each variant of the step.
        name: name of the sector.
    """
    sets: dict[Buffer, frozenset[str]] = {}
    lanes: dict[Buffer, bool] = {}
    shared: dict[object, Buffer] = {}
    pool: list[Operation] = []
    dynamic: list[list[Operation]] = []
    for tape in tapes:
        mine = _split(_live(tape.operations), sets, lanes, shared, pool)
        dynamic.append(_live(mine))
    wanted = {view.buffer for operations in dynamic for operation in operations for view in reads(operation)}
    pool = _live(pool, {buffer for buffer in wanted if buffer in sets})
    derived_sets: dict[frozenset[str], list[Operation]] = {}
    for operation in pool:
        derived_sets.setdefault(sets[operation.out.buffer], []).append(operation)
    homes = {operation.out.buffer: sets[operation.out.buffer] for operation in pool}
    kept: dict[Buffer, int] = {}
    cells = 0
    crossing = set(wanted)
    for operation in pool:
        crossing.update(
            view.buffer
            for view in reads(operation)
            if view.buffer in homes and homes[view.buffer] != homes[operation.out.buffer]
        )
    for buffer in homes:
        if buffer in crossing:
            kept[buffer], cells = cells, cells + buffer.cells
    ordered = sorted(derived_sets.items(), key=lambda item: (len(item[0]), sorted(item[0])))
    derived = [
        _routine(f"{name}_derived_{number}", operations, lanes, kept, parameters)
        for number, (parameters, operations) in enumerate(ordered)
    ]
    steps = [_routine(f"{name}_step_{number}", operations, lanes, kept) for number, operations in enumerate(dynamic)]
    parameters, constants, constant_cells = {}, {}, 0
    for operation in [*pool, *(operation for operations in dynamic for operation in operations)]:
        for view in reads(operation):
            if view.buffer.kind == "parameter":
                parameters[view.buffer.name] = view.buffer.cells
            elif view.buffer.kind == "constant" and view.buffer not in constants:
                constants[view.buffer], constant_cells = constant_cells, constant_cells + view.buffer.cells
    return Lowered(steps, derived, parameters, kept, cells, constants, constant_cells, lanes)


def _split(
    operations: Sequence[Operation],
    sets: dict[Buffer, frozenset[str]],
    lanes: dict[Buffer, bool],
    shared: dict[object, Buffer],
    pool: list[Operation],
) -> list[Operation]:
    """Move what depends on parameters alone into the pool; give the rest."""
    values = _Values(shared)
    parts: dict[Buffer, int] = {}
    for operation in operations:
        parts[operation.out.buffer] = parts.get(operation.out.buffer, 0) + 1
    moving = _moving(operations)
    rest: list[Operation] = []
    for operation in operations:
        inputs = tuple(values.view(value) for value in operation.inputs)
        out = operation.out
        changed = Operation(operation.name, out, inputs, operation.reduced)
        views = reads(changed)
        by_member = any(view.buffer.by_member or lanes.get(view.buffer, False) for view in views)
        if out.buffer.kind == "temporary":
            lanes[out.buffer] = lanes.get(out.buffer, False) or by_member
        static = out.buffer.kind == "temporary" and out.buffer not in moving
        whole = out.buffer.kind == "temporary" and parts[out.buffer] == 1
        pure = whole and not any(view.buffer.kind == "state" or parts.get(view.buffer, 1) > 1 for view in views)
        key = (operation.name, out.shape, operation.reduced, *map(_key, inputs))
        if pure:
            former = values.known(key, static=static)
            if former is not None:
                values.replaced[out.buffer] = former
                continue
            values.remember(key, out.buffer, static=static)
        if static:
            used = frozenset(view.buffer.name for view in views if view.buffer.kind == "parameter")
            used = used.union(*(sets[view.buffer] for view in views if view.buffer in sets))
            sets[out.buffer] = sets.get(out.buffer, frozenset()) | used
            pool.append(changed)
        else:
            rest.append(changed)
    _settle_sets(pool, sets)
    return rest


def _settle_sets(pool: Sequence[Operation], sets: dict[Buffer, frozenset[str]]) -> None:
    """An array that is put together from parts depends on what any part depends on."""
    for operation in pool:
        used = frozenset(view.buffer.name for view in reads(operation) if view.buffer.kind == "parameter")
        used = used.union(*(sets[view.buffer] for view in reads(operation) if view.buffer in sets))
        sets[operation.out.buffer] = sets[operation.out.buffer] | used


def _moving(operations: Sequence[Operation]) -> set[Buffer]:
    """Temporaries that depend on state or on the calendar."""
    moving = _changed(operations)
    for operation in operations:
        for view in reads(operation):
            if view.buffer.kind in ("state", "calendar") or view.buffer in moving or view.rows:
                moving.add(operation.out.buffer)
    return moving


def _changed(operations: Sequence[Operation]) -> set[Buffer]:
    """Temporaries that are written again after they were first read or written."""
    cells: dict[Buffer, int] = {}
    for operation in operations:
        if operation.out.buffer.kind == "temporary":
            size = int(np.prod(operation.out.shape, dtype=int))
            cells[operation.out.buffer] = cells.get(operation.out.buffer, 0) + size
    return {buffer for buffer, written in cells.items() if written > buffer.cells}


def _routine(
    name: str,
    operations: Sequence[Operation],
    lanes: dict[Buffer, bool],
    kept: dict[Buffer, int],
    parameters: frozenset[str] = frozenset(),
) -> Routine:
    groups = _grouped(operations, lanes)
    _find_registers(groups, kept)
    places, room, scalar_room = _allocated(groups, lanes, kept)
    return Routine(name, groups, places, room, scalar_room, parameters)


def by_member(operation: Operation, lanes: dict[Buffer, bool]) -> bool:
    """Whether an operation is done for every member."""
    buffer = operation.out.buffer
    return lanes.get(buffer, False) if buffer.kind == "temporary" else True


def _dependencies(operations: Sequence[Operation]) -> list[set[int]]:
    """For each operation those that must come before it."""
    writers: dict[Buffer, list[tuple[int, np.ndarray | None]]] = {}
    readers: dict[Buffer, list[tuple[int, np.ndarray | None]]] = {}
    needed: list[set[int]] = [set() for _ in operations]
    touched: dict[tuple[object, ...], np.ndarray | None] = {}

    def cells_of(view: View) -> np.ndarray | None:
        key = (view.buffer, view.offset, view.strides, view.shape, view.rows)
        if key not in touched:
            touched[key] = view.touched()
        return touched[key]

    def overlap(one: np.ndarray | None, other: np.ndarray | None) -> bool:
        if one is None or other is None:
            return True
        if one[-1] < other[0] or other[-1] < one[0]:
            return False
        return bool(np.intersect1d(one, other, assume_unique=True).size)

    for number, operation in enumerate(operations):
        for view in reads(operation):
            if view.buffer.kind not in ("state", "temporary"):
                continue
            cells = cells_of(view)
            for other, theirs in writers.get(view.buffer, ()):
                if overlap(cells, theirs):
                    needed[number].add(other)
            readers.setdefault(view.buffer, []).append((number, cells))
        view, cells = operation.out, cells_of(operation.out)
        for table in (writers, readers):
            for other, theirs in table.get(view.buffer, ()):
                if other != number and overlap(cells, theirs):
                    needed[number].add(other)
        writers.setdefault(view.buffer, []).append((number, cells))
    return needed


def _loop(operation: Operation, lanes: dict[Buffer, bool]) -> tuple[object, ...] | None:
    """What operations of one loop have in common."""
    if operation.name not in FUSABLE:
        return None
    return (operation.out.dense()[0], by_member(operation, lanes))


def _grouped(operations: Sequence[Operation], lanes: dict[Buffer, bool]) -> list[Group]:
    """Operations in an order that keeps what each needs before it, with as many as can be in one loop."""
    needed = _dependencies(operations)
    following: list[list[int]] = [[] for _ in operations]
    missing = [len(before) for before in needed]
    for number, before in enumerate(needed):
        for other in before:
            following[other].append(number)
    ready = [number for number, count in enumerate(missing) if count == 0]
    heapq.heapify(ready)
    groups: list[Group] = []
    while ready:
        first = heapq.heappop(ready)
        loop = _loop(operations[first], lanes)
        members = [first]
        waiting = list(ready)
        released = _release(first, following, missing)
        waiting += released
        if loop is not None:
            heapq.heapify(waiting)
            passed: list[int] = []
            while waiting and len(members) < LONGEST_GROUP:
                number = heapq.heappop(waiting)
                if _loop(operations[number], lanes) == loop and _joins(
                    operations[number], [operations[other] for other in members]
                ):
                    members.append(number)
                    for freed in _release(number, following, missing):
                        heapq.heappush(waiting, freed)
                else:
                    passed.append(number)
            waiting += passed
        ready = waiting
        heapq.heapify(ready)
        groups.append(Group([operations[number] for number in members], by_member(operations[first], lanes)))
    return groups


def _release(number: int, following: list[list[int]], missing: list[int]) -> list[int]:
    freed = []
    for other in following[number]:
        missing[other] -= 1
        if missing[other] == 0:
            freed.append(other)
    return freed


def _joins(operation: Operation, members: Sequence[Operation]) -> bool:
    """Whether an operation can run in a loop: what it shares with the others lies at the same place in each round."""
    mine = [(operation.out, True), *((view, False) for view in reads(operation))]
    for other in members:
        theirs = [(other.out, True), *((view, False) for view in reads(other))]
        for view, written in mine:
            if view.buffer.kind not in ("state", "temporary"):
                continue
            for theirs_view, theirs_written in theirs:
                if theirs_view.buffer is not view.buffer or not (written or theirs_written):
                    continue
                same = (
                    view.dense()[1] == theirs_view.dense()[1]
                    and view.offset == theirs_view.offset
                    and view.rows == theirs_view.rows
                )
                if same:
                    if any(stride == 0 for stride in view.dense()[1]):
                        return False
                    continue
                one, two = view.touched(), theirs_view.touched()
                if one is None or two is None or np.intersect1d(one, two).size:
                    return False
    return True


def _find_registers(groups: Sequence[Group], kept: dict[Buffer, int]) -> None:
    """Find temporaries that one loop makes and uses up, always the cell of its round."""
    users: dict[Buffer, set[int]] = {}
    for number, group in enumerate(groups):
        for operation in group.operations:
            for view in (operation.out, *reads(operation)):
                if view.buffer.kind == "temporary":
                    users.setdefault(view.buffer, set()).add(number)
    for buffer, where in users.items():
        if len(where) != 1 or buffer in kept:
            continue
        group = groups[next(iter(where))]
        if any(operation.name not in FUSABLE for operation in group.operations):
            continue
        layouts = {
            (view.offset, view.dense()[1])
            for operation in group.operations
            for view in (operation.out, *reads(operation))
            if view.buffer is buffer
        }
        if len(layouts) == 1:
            group.registers.add(buffer)


def _allocated(
    groups: Sequence[Group], lanes: dict[Buffer, bool], kept: dict[Buffer, int]
) -> tuple[dict[Buffer, int], int, int]:
    """Room for the temporaries that are kept between loops, used again when they are used up."""
    first: dict[Buffer, int] = {}
    last: dict[Buffer, int] = {}
    for number, group in enumerate(groups):
        for operation in group.operations:
            for view in (operation.out, *reads(operation)):
                buffer = view.buffer
                if buffer.kind == "temporary" and buffer not in kept and buffer not in group.registers:
                    first.setdefault(buffer, number)
                    last[buffer] = number
    places: dict[Buffer, int] = {}
    rooms = []
    for kind in (True, False):
        free: list[tuple[int, int]] = []
        top = 0
        for number in range(len(groups)):
            for buffer in [one for one, begin in first.items() if begin == number and lanes.get(one, False) is kind]:
                size = buffer.cells
                fitting = [hole for hole in free if hole[1] >= size]
                if fitting:
                    hole = min(fitting, key=lambda gap: gap[1])
                    free.remove(hole)
                    places[buffer] = hole[0]
                    if hole[1] > size:
                        free.append((hole[0] + size, hole[1] - size))
                else:
                    places[buffer], top = top, top + size
            ended = [one for one, end in last.items() if end == number and lanes.get(one, False) is kind]
            free = _merged([*free, *((places[buffer], buffer.cells) for buffer in ended)])
        rooms.append(top)
    return places, rooms[0], rooms[1]


def _merged(holes: list[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for begin, size in sorted(holes):
        if merged and merged[-1][0] + merged[-1][1] == begin:
            merged[-1] = (merged[-1][0], merged[-1][1] + size)
        else:
            merged.append((begin, size))
    return merged
