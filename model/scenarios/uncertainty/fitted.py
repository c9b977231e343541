"""Fitted numbers: what each moves, and how a vector of them enters parameters and the sizes of dated changes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from model.registry.catalogue import Registry
from model.registry.declarations import Parameter
from model.scenarios.overrides import index_of
from model.scenarios.specs import ModifierSpec
from model.scenarios.uncertainty.prior import Range

HISTORY = "history"
"""Role of the dated changes of a history."""

FITTED = "fitted"
"""Role of dated changes whose size is fitted."""

LABEL = "calibration"
"""Where dated changes that are fitted come from, for people."""

Kind = Literal["value", "factor", "amount", "place", "history", "change"]


@dataclass(frozen=True, eq=False)
class Fitted:
    """One fitted number.

    Attributes:
        name: what it moves, for people; unique.
        unit: unit of its values; ``x`` for a factor.
        range: prior.
        kind: how it enters the model: in the place of a single number (``value``), times or beside a table or a part
            of it (``factor``, ``amount``), as the place of its cells in their registered ranges (``place``), times the
            size of dated changes of the history (``history``), or as the size of an own dated change (``change``).
        target: registered parameter.
        where: labels by dimension that it moves.
        source: evidence of the range.
        change: the dated change of kind ``change``.
    """

    name: str
    unit: str
    range: Range
    kind: Kind
    target: str
    where: tuple[tuple[str, tuple[str, ...]], ...]
    source: str
    change: ModifierSpec | None = None

    @property
    def needs_history(self) -> bool:
        """Whether it means something only with the history to which it was fitted."""
        return self.kind in ("history", "change")

    def positions(self, modifiers: Sequence[ModifierSpec]) -> tuple[int, ...]:
        """Places among dated changes of those whose size it moves: of the history, or its own."""
        if self.kind == "change":
            return tuple(place for place, spec in enumerate(modifiers) if spec == self.change)
        if self.kind != "history":
            return ()
        return tuple(
            place
            for place, spec in enumerate(modifiers)
            if spec.role == HISTORY
            and spec.target == self.target
            and (not self.where or dict(spec.where) == dict(self.where))
        )


def with_fitted_changes(modifiers: Sequence[ModifierSpec], fitted: Sequence[Fitted]) -> tuple[ModifierSpec, ...]:
    """Dated changes with those that are fitted: after the history, before what futures and scenarios decide."""
    own = tuple(each.change for each in fitted if each.change is not None)
    after = next((place for place, spec in enumerate(modifiers) if spec.role != HISTORY), len(modifiers))
    return (*modifiers[:after], *own, *modifiers[after:])


def fitted_cells(fitted: Sequence[Fitted], registry: Registry) -> dict[str, np.ndarray]:
    """Cells of parameters that fitted numbers move, by name: the fit was made with their central values."""
    found: dict[str, np.ndarray] = {}
    for each in fitted:
        if not each.needs_history:
            parameter = registry.parameters[each.target]
            mask = found.setdefault(each.target, np.zeros(parameter.value.shape, dtype=bool))
            mask[index_of(parameter.dims, dict(each.where))] = True
    return found


def into_parameters(
    fitted: Sequence[Fitted], values: np.ndarray, base: dict[str, np.ndarray], registry: Registry
) -> dict[str, np.ndarray]:
    """Put vectors into the parameters; what is given is left as it is.

    Args:
        fitted: fitted numbers.
        values: their values, shape ``(fitted, members)``.
        base: parameters by name, shape ``dims + (members or 1,)``.
        registry: declarations, for dimensions and bounds.

    Returns:
        Parameters, those fitted of shape ``dims + (members,)``.
    """
    members, found = values.shape[1], dict(base)
    for each, row in zip(fitted, values, strict=True):
        if each.needs_history:
            continue
        parameter = registry.parameters[each.target]
        table = np.array(np.broadcast_to(found[each.target], (*parameter.value.shape, members)))
        cells = index_of(parameter.dims, dict(each.where))
        table[cells] = _moved(each.kind, parameter, cells, table[cells], row)
        found[each.target] = table.clip(*parameter.bounds)
    return found


def _moved(kind: Kind, parameter: Parameter, cells: Any, part: np.ndarray, row: np.ndarray) -> np.ndarray:
    """Cells of a parameter under fitted numbers ``row`` of one kind."""
    if kind == "value":
        return row
    if kind == "factor":
        return part * row
    if kind == "amount":
        return part + row
    # A place in the registered range: -1 its low ends, 0 the registered values, 1 its high ends.
    low, value, high = (end[cells][..., None] for end in (parameter.low, parameter.value, parameter.high))
    return value + np.maximum(row, 0.0) * (high - value) + np.minimum(row, 0.0) * (value - low)


def into_sizes(
    fitted: Sequence[Fitted], values: np.ndarray, sizes: Sequence[np.ndarray], modifiers: Sequence[ModifierSpec]
) -> list[np.ndarray]:
    """Put vectors into the sizes of dated changes; what is given is left as it is.

    Args:
        fitted: fitted numbers.
        values: their values, shape ``(fitted, members)``.
        sizes: sizes in the order of ``modifiers``.
        modifiers: dated changes, those that are fitted among them.
    """
    found = list(sizes)
    for each, row in zip(fitted, values, strict=True):
        for place in each.positions(modifiers):
            found[place] = row if each.kind == "change" else found[place] * row
    return found
