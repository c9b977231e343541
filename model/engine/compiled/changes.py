"""What a scenario changes in parameters, as tables that the compiled loop works off."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from model.engine.compiled.driver_code import MODIFIER, PARAMETER, ChangeOperation
from model.engine.compiled.program import Program, SectorCode
from model.engine.parameters import Modifier, Profile

OPERATIONS = {"multiply": ChangeOperation.MULTIPLY, "add": ChangeOperation.ADD, "set": ChangeOperation.SET}
NO_GATE = -1


def mean_levels(profile: Profile, begins: np.ndarray, span: float) -> np.ndarray:
    """Return the mean level of a profile over steps of one length, as ``Profile.mean`` gives it for each.

    Args:
        profile: level over time.
        begins: first day of each step.
        span: days of a step.
    """
    days, levels = np.array(profile.days), np.array(profile.levels)
    ends = begins + span
    inside = np.searchsorted(days, ends, side="right") > np.searchsorted(days, begins, side="left")
    means = 0.5 * (np.interp(begins, days, levels) + np.interp(ends, days, levels))
    for step in np.nonzero(inside)[0]:
        means[step] = profile.mean(float(begins[step]), float(ends[step]))
    return means


class _Values:
    """Numbers by member that modifiers use: base values, sizes, and how far they are in force."""

    def __init__(self) -> None:
        self._arrays: list[np.ndarray] = []
        self._cells = 0

    def add(self, values: np.ndarray, cells: int) -> int:
        """Add the numbers of some cells, ``(cells, members or 1)``; give the first cell."""
        first = self._cells
        self._arrays.append(values.reshape(cells, -1))
        self._cells += cells
        return first

    def of_members(self, first: int, lanes: int) -> np.ndarray:
        """Numbers of members from the first on, side by side."""
        block = np.empty((self._cells, lanes))
        row = 0
        for values in self._arrays:
            block[row : row + len(values)] = for_lanes(values, first, lanes)
            row += len(values)
        return block


def for_lanes(values: np.ndarray, first: int, lanes: int) -> np.ndarray:
    """Return the numbers of so many members from the first on; the last is repeated where there are fewer.

    Args:
        values: shape ``(cells, members or 1)``.
        first: first member.
        lanes: members side by side.
    """
    if values.shape[1] == 1:
        return np.broadcast_to(values, (values.shape[0], lanes))
    chosen = np.minimum(np.arange(first, first + lanes), values.shape[1] - 1)
    return values[:, chosen]


@dataclass(frozen=True)
class Tables:
    """Tables of the compiled loop; see ``driver_code``.

    Attributes:
        update_starts: first update of each moment.
        updates: parameters brought up to date.
        derived_starts: first function of each moment that is called afterwards.
        derived: functions of parameters alone.
        level_rows: first level of each moment.
        levels: levels of all profiles at all steps.
        parameters: parameters that are modified.
        limits: their bounds.
        modifiers: changes of parameters.
        cells: cells that each changes, with the signal that limits it.
        values: numbers by member.
    """

    update_starts: np.ndarray
    updates: np.ndarray
    derived_starts: np.ndarray
    derived: np.ndarray
    level_rows: np.ndarray
    levels: np.ndarray
    parameters: np.ndarray
    limits: np.ndarray
    modifiers: np.ndarray
    cells: np.ndarray
    values: _Values


class _Builder:
    """Builds the tables of one run."""

    def __init__(
        self,
        program: Program,
        base: Mapping[str, np.ndarray],
        bounds: Mapping[str, tuple[float, float]],
        modifiers: Iterable[Modifier],
    ) -> None:
        self._program = program
        self._base, self._bounds = base, bounds
        self._modifiers: dict[str, list[Modifier]] = {}
        self._profiles: dict[Profile, int] = {}
        for modifier in modifiers:
            self._modifiers.setdefault(modifier.target, []).append(modifier)
            self._profiles.setdefault(modifier.profile, len(self._profiles))
        self._values = _Values()
        self._whole = self._values.add(np.ones((1, 1)), 1)
        self._base_cells: dict[str, int] = {}
        self._parameters: list[tuple[int, ...]] = []
        self._limits: list[tuple[float, float]] = []
        self._rows: list[tuple[int, ...]] = []
        self._cells: list[tuple[int, int]] = []

    def tables(self) -> Tables:
        """The tables."""
        levels, level_begins = self._levels()
        moments = len(self._program.moments)
        updates: list[Sequence[int]] = [()] * moments
        derived: list[Sequence[int]] = [()] * moments
        level_rows = np.zeros(moments, dtype=np.int64)
        for name, code in self._program.compiled.codes.items():
            every = self._program.sectors[name].every
            changed = [parameter for parameter in code.parameters if parameter in self._modifiers]
            numbers = [self._parameter(parameter, code) for parameter in changed]
            due = self._due(changed, levels[every])
            called = self._called(name, code, changed, due)
            for step in range(len(levels[every])):
                moment = self._program.moments[name, step]
                updates[moment] = [numbers[column] for column in np.nonzero(due[step])[0]]
                derived[moment] = called[step]
                level_rows[moment] = level_begins[every] + step * levels[every].shape[1]
        return Tables(
            *_lists(updates), *_lists(derived), level_rows,
            np.concatenate([table.ravel() for table in levels.values()]),
            _table(self._parameters, PARAMETER), np.array(self._limits or [(0.0, 0.0)]),
            _table(self._rows, MODIFIER), _table(self._cells, 2), self._values,
        )  # fmt: skip

    def _levels(self) -> tuple[dict[int, np.ndarray], dict[int, int]]:
        """Mean level of every profile over every step, by rate of step, and where each table begins."""
        clock = self._program.clock
        tables, begins, cells = {}, {}, 0
        for every in sorted({sector.every for sector in self._program.sectors.values()}):
            days = np.arange(0, clock.steps, every) * clock.step_days
            columns = [mean_levels(profile, days, every * clock.step_days) for profile in self._profiles]
            tables[every] = np.stack(columns, axis=1) if columns else np.zeros((len(days), 1))
            begins[every], cells = cells, cells + tables[every].size
        return tables, begins

    def _parameter(self, name: str, code: SectorCode) -> int:
        """Add a parameter of a sector that is modified; give its number."""
        base = self._base[name]
        size = code.sizes[name]
        if name not in self._base_cells:
            self._base_cells[name] = self._values.add(base, size)
        first = len(self._rows)
        for modifier in self._modifiers[name]:
            self._add(modifier, np.arange(size).reshape(base.shape[:-1]))
        self._parameters.append((code.parameters[name], self._base_cells[name], size, first, len(self._rows)))
        self._limits.append(self._bounds[name])
        return len(self._parameters) - 1

    def _add(self, modifier: Modifier, numbers: np.ndarray) -> None:
        chosen = numbers[modifier.where]
        gates = np.full(np.shape(chosen), NO_GATE)
        if modifier.gate is not None:
            signal, index = modifier.gate
            layout = self._program.compiled.layout
            cells = layout.first[signal] + np.arange(layout.size(signal)).reshape(layout.shapes[signal])
            gates = np.broadcast_to(cells[index], np.shape(chosen))
        first = len(self._cells)
        self._cells += list(zip(np.ravel(chosen).tolist(), np.ravel(gates).tolist(), strict=True))
        size = self._values.add(np.asarray(modifier.size, dtype=float), 1)
        share = self._whole if modifier.share is None else self._values.add(np.asarray(modifier.share, dtype=float), 1)
        profile = self._profiles[modifier.profile]
        self._rows.append((OPERATIONS[modifier.operation], profile, size, share, first, len(self._cells)))

    def _due(self, names: Sequence[str], levels: np.ndarray) -> np.ndarray:
        """Whether each parameter changes at each step, shape ``(steps, parameters)``."""
        due = np.zeros((len(levels), len(names)), dtype=bool)
        for column, name in enumerate(names):
            mine = levels[:, [self._profiles[modifier.profile] for modifier in self._modifiers[name]]]
            due[0, column] = True
            due[1:, column] = (mine[1:] != mine[:-1]).any(axis=1)
            gated = [modifier.gate is not None for modifier in self._modifiers[name]]
            due[:, column] |= (mine[:, gated] != 0.0).any(axis=1)
        return due

    def _called(self, name: str, code: SectorCode, changed: Sequence[str], due: np.ndarray) -> list[list[int]]:
        """Functions of parameters alone that are called at each step of a sector."""
        depends = np.array([[parameter in used for used in code.derived] for parameter in changed], dtype=int)
        if not depends.size:
            return [[] for _ in due]
        called = due.astype(int) @ depends > 0
        return [
            [self._program.derived_function(name, number) for number in np.nonzero(row)[0].tolist()] for row in called
        ]


def _lists(of_moments: Sequence[Sequence[int]]) -> tuple[np.ndarray, np.ndarray]:
    """Lists one after the other, and where each begins."""
    starts = np.concatenate([[0], np.cumsum([len(numbers) for numbers in of_moments])]).astype(np.int64)
    numbers = [number for listed in of_moments for number in listed]
    return starts, np.array(numbers or [0], dtype=np.int64)


def _table(rows: Sequence[tuple[int, ...]], width: int) -> np.ndarray:
    """Rows of whole numbers, filled up to a width."""
    table = np.zeros((max(len(rows), 1), width), dtype=np.int64)
    for number, row in enumerate(rows):
        table[number, : len(row)] = row
    return table


def change_tables(
    program: Program,
    base: Mapping[str, np.ndarray],
    bounds: Mapping[str, tuple[float, float]],
    modifiers: Iterable[Modifier],
) -> Tables:
    """Return what a scenario changes in parameters as tables.

    Args:
        program: what the run does.
        base: values before any change, shape ``dims + (members or 1,)``.
        bounds: lowest and highest value by name.
        modifiers: changes in order of precedence.
    """
    return _Builder(program, base, bounds, modifiers).tables()
