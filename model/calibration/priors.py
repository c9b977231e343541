"""Priors (``calibration/priors.yaml``): what is fitted, and between which ends."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, cast

import numpy as np
from pydantic import Field, model_validator

from model.registry.catalogue import Registry
from model.registry.data_folders import CALIBRATION
from model.registry.declarations import Parameter
from model.registry.error_collector import ErrorCollector
from model.registry.errors import UserError, nearest_names
from model.scenarios.dated_changes import change_modifiers
from model.scenarios.overrides import index_of
from model.scenarios.resolved import ResolvedScenario
from model.scenarios.schema import DatedChange, StrictModel, Where
from model.scenarios.specs import ModifierSpec
from model.scenarios.uncertainty.posterior import (
    FITTED,
    HISTORY,
    LABEL,
    FittedNumber,
    into_parameters,
    into_sizes,
    with_fitted_changes,
)
from model.scenarios.uncertainty.prior import Prior, Shape
from model.scenarios.validated_file import Location, ValidatedFile, check_labels

PRIORS = CALIBRATION / "priors.yaml"


class Ends(StrictModel):
    """Ends of a prior."""

    low: float = Field(description="smallest value that the evidence allows")
    central: float = Field(1.0, description="value before the fit; 1 where left out")
    high: float = Field(description="largest value that the evidence allows")
    shape: Shape = Field("triangular", description="distribution between the ends")


class FittedParameter(StrictModel):
    """A registered parameter that is fitted: by a factor, by an amount, or within its own registered range."""

    parameter: str = Field(description="registered name")
    where: Where = Field(default_factory=dict, description="labels by dimension; all where left out")
    factor: Ends | None = Field(None, description="factor on the registered values; the range where left out")
    amount: Ends | None = Field(None, description="amount added to the registered values, in their unit")
    source: str = Field(description="evidence ids, or a text that begins with 'assumption'")

    @model_validator(mode="after")
    def _one_form(self) -> FittedParameter:
        if self.factor is not None and self.amount is not None:
            raise ValueError("'factor' and 'amount' exclude each other; keep one of them")
        return self


class FittedHistory(StrictModel):
    """Dated changes of the history of one parameter that are fitted together, by a factor on their size."""

    parameter: str = Field(description="registered name of a parameter that the history changes")
    where: Where = Field(default_factory=dict, description="labels by dimension, as the history writes them")
    factor: Ends = Field(description="factor on the size of the changes")
    source: str = Field(description="evidence ids, or a text that begins with 'assumption'")


class PriorsFile(StrictModel):
    """The file of priors."""

    description: str = Field("", description="what the priors are")
    parameters: tuple[FittedParameter, ...] = Field((), description="registered parameters")
    history: tuple[FittedHistory, ...] = Field((), description="dated changes of the history, by a factor")
    changes: tuple[DatedChange, ...] = Field((), description="further dated changes; their 'size' is fitted")


@dataclass(frozen=True, eq=False)
class Priors:
    """Fitted numbers, and the dated changes that they move.

    Attributes:
        fitted: in the order of the file.
        modifiers: dated changes of the scenario, those that are fitted after them.
        text: the file, for provenance.
    """

    fitted: tuple[FittedNumber, ...]
    modifiers: tuple[ModifierSpec, ...]
    text: str

    def __len__(self) -> int:
        return len(self.fitted)

    @property
    def central(self) -> np.ndarray:
        """Scores of the values before the fit, shape ``(fitted,)``."""
        return np.array([fitted_number.range.score(fitted_number.range.central) for fitted_number in self.fitted])

    def values(self, scores: np.ndarray) -> np.ndarray:
        """Return fitted numbers in their units from scores, both of shape ``(fitted, members)``."""
        return np.stack(
            [fitted_number.range.value(row) for fitted_number, row in zip(self.fitted, scores, strict=True)]
        )

    def apply(
        self, values: np.ndarray, base: dict[str, np.ndarray], sizes: Sequence[np.ndarray], registry: Registry
    ) -> tuple[dict[str, np.ndarray], list[np.ndarray]]:
        """Put vectors into parameters and sizes of dated changes, without changing the arguments.

        Args:
            values: fitted numbers, shape ``(fitted, members)``.
            base: parameters by name, shape ``dims + (1,)``.
            sizes: sizes of the dated changes in the order of ``modifiers``.
            registry: declarations, for dimensions and bounds.

        Returns:
            Parameters, those fitted of shape ``dims + (members,)``, and sizes.
        """
        return (
            into_parameters(self.fitted, values, base, registry),
            into_sizes(self.fitted, values, sizes, self.modifiers),
        )


def read_priors(scenario: ResolvedScenario, registry: Registry, path: Path = PRIORS) -> Priors:
    """Read the priors and tie them to a scenario.

    Raises:
        UserError: all errors of the file, each with its line.
    """
    source = ValidatedFile.read(PriorsFile, path)
    errors, fitted = ErrorCollector(), list[FittedNumber]()
    for index, entry in enumerate(source.content.parameters):
        with errors.caught():
            fitted.append(_parameter(entry, ("parameters", index), source, registry))
    for index, changed in enumerate(source.content.history):
        with errors.caught():
            fitted.append(_history(changed, ("history", index), source, scenario, registry))
    changes = change_modifiers(source, registry, scenario.decision, FITTED, LABEL, errors)
    errors.raise_all()
    for index, spec in enumerate(changes):
        with errors.caught():
            fitted.append(_change(spec, index, source))
    names = [fitted_number.name for fitted_number in fitted]
    for name in {name for name in names if names.count(name) > 1}:
        errors.add(UserError("is fitted twice in the same way; keep one of them.", file=path, key=name))
    if not names:
        errors.add(UserError("no number is fitted; name at least one parameter.", file=path))
    errors.raise_all()
    return Priors(tuple(fitted), with_fitted_changes(scenario.modifiers, fitted), path.read_text(encoding="utf-8"))


def _range(ends: Ends, source: ValidatedFile[PriorsFile], location: Location) -> Prior:
    prior = Prior(ends.low, ends.central, ends.high, ends.shape)
    if error := prior.error():
        raise source.error(location, f"{error}.")
    return prior


def _labels(where: Where) -> str:
    return ", ".join("|".join(labels) for labels in where.values())


def _named(name: str, where: Where) -> str:
    return f"{name}[{_labels(where)}]" if where else name


def _registered(name: str, source: ValidatedFile[PriorsFile], location: Location, registry: Registry) -> Parameter:
    if name not in registry.parameters:
        nearest = nearest_names(name, registry.parameters)
        raise source.error((*location, "parameter"), "not a registered parameter.", nearest, key=name)
    return registry.parameters[name]


def _parameter(
    entry: FittedParameter, location: Location, source: ValidatedFile[PriorsFile], registry: Registry
) -> FittedNumber:
    parameter = _registered(entry.parameter, source, location, registry)
    check_labels(parameter, dict(entry.where), source, (*location, "where"))
    where = tuple(entry.where.items())
    ends = entry.factor or entry.amount
    if ends is None:
        return _within_registered(parameter, where, entry, source, location)
    kind: Literal["factor", "amount"] = "factor" if entry.amount is None else "amount"
    prior = _range(ends, source, (*location, kind))
    cells = parameter.value[index_of(parameter.dims, dict(where))]
    for end in (prior.low, prior.high):
        moved = cells * end if kind == "factor" else cells + end
        if np.any(moved < parameter.bounds[0] - 1e-12) or np.any(moved > parameter.bounds[1] + 1e-12):
            limits = f"{parameter.bounds[0]:g} to {parameter.bounds[1]:g}"
            raise source.error((*location, kind), f"{end:g} takes values out of the bounds {limits}.")
    unit = "x" if kind == "factor" else f"+ {parameter.unit}"
    return FittedNumber(_named(parameter.name, entry.where), unit, prior, kind, parameter.name, where, entry.source)


def _within_registered(
    parameter: Parameter,
    where: tuple[tuple[str, tuple[str, ...]], ...],
    entry: FittedParameter,
    source: ValidatedFile[PriorsFile],
    location: Location,
) -> FittedNumber:
    """Return a number within its registered range, or a table whose cells move together within theirs."""
    if parameter.distribution == "fixed":
        message = "it has no registered range; give a 'factor' or an 'amount' with low and high."
        raise source.error(location, message, key=parameter.name)
    if parameter.value.ndim:
        name = _named(parameter.name, entry.where)
        return FittedNumber(name, "of range", Prior(-1.0, 0.0, 1.0), "place", parameter.name, where, entry.source)
    shape = cast("Shape", parameter.distribution)
    ends = Ends(low=float(parameter.low), central=float(parameter.value), high=float(parameter.high), shape=shape)
    return FittedNumber(
        parameter.name, parameter.unit, _range(ends, source, location), "value", parameter.name, where, entry.source
    )


def _history(
    entry: FittedHistory,
    location: Location,
    source: ValidatedFile[PriorsFile],
    scenario: ResolvedScenario,
    registry: Registry,
) -> FittedNumber:
    parameter = _registered(entry.parameter, source, location, registry)
    check_labels(parameter, dict(entry.where), source, (*location, "where"))
    name = f"history of {_named(parameter.name, entry.where)}"
    fitted_number = FittedNumber(
        name,
        "x",
        _range(entry.factor, source, (*location, "factor")),
        "history",
        parameter.name,
        tuple(entry.where.items()),
        entry.source,
    )
    scaled = [scenario.modifiers[index] for index in fitted_number.positions(scenario.modifiers)]
    if not scaled:
        of_history = [spec for spec in scenario.modifiers if (spec.role, spec.target) == (HISTORY, parameter.name)]
        valid = "; ".join(_labels(dict(spec.where)) or "all" for spec in of_history) or "none"
        message = f"the history '{scenario.history}' has no such change of it (it has: {valid})."
        raise source.error(location, message, key=_named(parameter.name, entry.where))
    if any(spec.operation == "set" for spec in scaled):
        raise source.error(location, "a change that sets a value cannot be scaled.", key=parameter.name)
    return fitted_number


def _change(spec: ModifierSpec, index: int, source: ValidatedFile[PriorsFile]) -> FittedNumber:
    low, central, high = spec.size
    location = ("changes", index, "size")
    prior = _range(Ends(low=min(low, high), central=central, high=max(low, high)), source, location)
    day = max(spec.points, key=lambda point: abs(point[1]))[0]
    name = f"{_named(spec.target, dict(spec.where))} at {day:%Y-%m}"
    return FittedNumber(
        name, "size", prior, "change", spec.target, spec.where, source.content.changes[index].source, spec
    )


def with_modifiers(scenario: ResolvedScenario, priors: Priors) -> ResolvedScenario:
    """Return the scenario with the fitted dated changes behind those of its history."""
    return replace(scenario, modifiers=priors.modifiers)
