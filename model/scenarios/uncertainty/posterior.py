"""Draws of fitted numbers (``calibration/posterior.nc``): what each number moves, and how a scenario uses the draws.

The file describes every fitted number well enough to be applied without the priors from which it came. This module
knows that description in both directions; what else the file holds is for reports.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from model.registry.catalogue import Registry
from model.registry.data_folders import CALIBRATION
from model.registry.declarations import Parameter
from model.registry.dimensions import DIMENSIONS
from model.registry.error_collector import ErrorCollector
from model.registry.errors import Exit, UserError, nearest_names
from model.scenarios.hospitals import PATIENT_LEVEL, refused_by_patients
from model.scenarios.overrides import index_of
from model.scenarios.schema import POSTERIOR
from model.scenarios.specs import ModifierSpec
from model.scenarios.uncertainty.draws import key_of
from model.scenarios.uncertainty.prior import Prior

if TYPE_CHECKING:
    from model.scenarios.precedence import Setting

SHIPPED = CALIBRATION / "posterior.nc"
TITLE = "Posterior of the BNSSG whole-system model"
REFIT_ADVICE = "fit again with 'python run.py calibrate', or write 'parameters: central'"

HISTORY = "history"
"""Role of the dated changes of a history."""

FITTED = "fitted"
"""Role of dated changes whose size is fitted."""

LABEL = "calibration"
"""Where dated changes that are fitted come from, for people."""

DIGEST_LENGTH = 16
"""Hexadecimal digits of the digest of a registered parameter."""

NAMES_SHOWN = 6

Kind = Literal["value", "factor", "amount", "place", "history", "change"]


@dataclass(frozen=True, eq=False)
class FittedNumber:
    """One fitted number.

    Attributes:
        name: what it moves, for people; unique.
        unit: unit of its values; ``x`` for a factor.
        range: prior.
        kind: how it enters the model: in the place of a single number (``value``), times or beside a table or a part
            of it (``factor``, ``amount``), as the position of its cells in their registered ranges (``place``), times
            the size of dated changes of the history (``history``), or as the size of a dated change (``change``).
        target: registered parameter.
        where: labels by dimension that it moves.
        source: evidence of the range.
        change: the dated change of kind ``change``.
    """

    name: str
    unit: str
    range: Prior
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
        """Return the indices of dated changes whose size it moves: of the history, or its own."""
        if self.kind == "change":
            return tuple(index for index, spec in enumerate(modifiers) if spec == self.change)
        if self.kind != "history":
            return ()
        return tuple(
            index
            for index, spec in enumerate(modifiers)
            if spec.role == HISTORY
            and spec.target == self.target
            and (not self.where or dict(spec.where) == dict(self.where))
        )


def with_fitted_changes(modifiers: Sequence[ModifierSpec], numbers: Sequence[FittedNumber]) -> tuple[ModifierSpec, ...]:
    """Return dated changes with those that are fitted: after the history, before what futures and scenarios decide."""
    fitted_changes = tuple(number.change for number in numbers if number.change is not None)
    after = next((index for index, spec in enumerate(modifiers) if spec.role != HISTORY), len(modifiers))
    return (*modifiers[:after], *fitted_changes, *modifiers[after:])


def fitted_cells(numbers: Sequence[FittedNumber], registry: Registry) -> dict[str, np.ndarray]:
    """Return masks of the cells that fitted numbers move, by parameter: the fit was made with their central values."""
    masks: dict[str, np.ndarray] = {}
    for number in numbers:
        if not number.needs_history:
            parameter = registry.parameters[number.target]
            mask = masks.setdefault(number.target, np.zeros(parameter.value.shape, dtype=bool))
            mask[index_of(parameter.dims, dict(number.where))] = True
    return masks


def into_parameters(
    numbers: Sequence[FittedNumber], values: np.ndarray, base: Mapping[str, np.ndarray], registry: Registry
) -> dict[str, np.ndarray]:
    """Return parameters moved by fitted numbers; what is given stays as it is.

    Args:
        numbers: fitted numbers.
        values: their values, shape ``(fitted, members)``.
        base: parameters by name, shape ``dims + (members or 1,)``.
        registry: declarations, for dimensions and bounds.

    Returns:
        Parameters, those fitted of shape ``dims + (members,)``.
    """
    members, moved = values.shape[1], dict(base)
    for number, row in zip(numbers, values, strict=True):
        if number.needs_history:
            continue
        parameter = registry.parameters[number.target]
        table = np.array(np.broadcast_to(moved[number.target], (*parameter.value.shape, members)))
        cells = index_of(parameter.dims, dict(number.where))
        table[cells] = _moved(number.kind, parameter, cells, table[cells], row)
        moved[number.target] = table.clip(*parameter.bounds)
    return moved


def _moved(kind: Kind, parameter: Parameter, cells: Any, values: np.ndarray, row: np.ndarray) -> np.ndarray:
    """Return cells of a parameter under the values ``row`` of a fitted number of one kind."""
    if kind == "value":
        return row
    if kind == "factor":
        return values * row
    if kind == "amount":
        return values + row
    # A position in the registered range: -1 its low ends, 0 the registered values, 1 its high ends.
    low, value, high = (end[cells][..., None] for end in (parameter.low, parameter.value, parameter.high))
    return value + np.maximum(row, 0.0) * (high - value) + np.minimum(row, 0.0) * (value - low)


def into_sizes(
    numbers: Sequence[FittedNumber], values: np.ndarray, sizes: Sequence[np.ndarray], modifiers: Sequence[ModifierSpec]
) -> list[np.ndarray]:
    """Return sizes of dated changes moved by fitted numbers; what is given stays as it is.

    Args:
        numbers: fitted numbers.
        values: their values, shape ``(fitted, members)``.
        sizes: sizes in the order of ``modifiers``.
        modifiers: dated changes, those that are fitted among them.
    """
    moved = list(sizes)
    for number, row in zip(numbers, values, strict=True):
        for index in number.positions(modifiers):
            moved[index] = row if number.kind == "change" else moved[index] * row
    return moved


@dataclass(frozen=True, eq=False)
class Posterior:
    """Equally weighted draws of fitted numbers.

    Attributes:
        file: where they were read.
        fitted: what each number is.
        values: draws in their units, shape ``(fitted, draws)``.
        point: most probable vector, shape ``(fitted,)``.
        history: name of the history to which they were fitted.
        registered: digest of every parameter as it was registered at the fit, by name.
        newest: date of the newest figure fitted.
        digest: identifies the numbers and their description.
    """

    file: Path
    fitted: tuple[FittedNumber, ...]
    values: np.ndarray
    point: np.ndarray
    history: str
    registered: Mapping[str, str]
    newest: str
    digest: str

    @property
    def draws(self) -> int:
        """Number of draws."""
        return self.values.shape[1]

    def restricted_to(self, numbers: Sequence[FittedNumber]) -> Posterior:
        """Return the same draws of some of the numbers."""
        rows = [index for index, number in enumerate(self.fitted) if number in numbers]
        return replace(
            self, fitted=tuple(self.fitted[row] for row in rows), values=self.values[rows], point=self.point[rows]
        )

    def of_members(self, seed: int, first_member: int, members: int, ensemble: int) -> np.ndarray:
        """Return fitted numbers of a chunk of members, shape ``(fitted, members)``.

        One member takes the most probable vector. Of several each takes one draw: the draws in an order that depends
        on the seed, and again in another order where there are more members than draws.
        """
        if ensemble <= 1:
            return np.repeat(self.point[:, None], members, axis=1)
        indices = np.arange(first_member, first_member + members)
        chosen = np.empty(members, dtype=int)
        for block in range(indices[0] // self.draws, indices[-1] // self.draws + 1):
            generator = np.random.Generator(np.random.Philox(key=key_of(f"{seed}|posterior|{block}")))
            inside = indices // self.draws == block
            chosen[inside] = generator.permutation(self.draws)[indices[inside] % self.draws]
        return self.values[:, chosen]


def parameter_digest(parameter: Parameter) -> str:
    """Return a digest of a registered parameter: its dimensions, distribution, values and range."""
    digest = hashlib.sha256(f"{parameter.name} {parameter.dims} {parameter.distribution}".encode())
    for numbers in (parameter.value, parameter.low, parameter.high):
        digest.update(np.ascontiguousarray(numbers, dtype=float).tobytes())
    return digest.hexdigest()[:DIGEST_LENGTH]


def described(numbers: Sequence[FittedNumber]) -> dict[str, tuple[str, list[Any], dict[str, str]]]:
    """Return what fitted numbers are, as coordinates of a dataset along ``fitted``; ``read_posterior`` reads them."""
    columns: dict[str, tuple[str, list[Any]]] = {
        "fitted": ("fitted number", [number.name for number in numbers]),
        "unit": ("unit; x is a factor", [number.unit for number in numbers]),
        "kind": ("how it enters the model", [number.kind for number in numbers]),
        "target": ("registered parameter", [number.target for number in numbers]),
        "where": ("labels by dimension, as JSON", [json.dumps(dict(number.where)) for number in numbers]),
        "change": ("dated change whose size it is, as JSON", [_change_text(number.change) for number in numbers]),
        "source": ("evidence of the prior range", [number.source for number in numbers]),
        "prior_shape": ("distribution of the prior", [number.range.shape for number in numbers]),
        "prior_low": ("lower end of the prior", [number.range.low for number in numbers]),
        "prior_central": ("value before the fit", [number.range.central for number in numbers]),
        "prior_high": ("upper end of the prior", [number.range.high for number in numbers]),
    }
    return {name: ("fitted", column, {"long_name": title}) for name, (title, column) in columns.items()}


def registered_parameters(registry: Registry) -> dict[str, tuple[str, list[str], dict[str, str]]]:
    """Return every parameter with its digest, as coordinates of a dataset along ``registered``.

    They are part of a posterior, so that it is refused where a parameter to which it was fitted has changed.
    """
    names = sorted(registry.parameters)
    digests = [parameter_digest(registry.parameters[name]) for name in names]
    return {
        "registered": ("registered", names, {"long_name": "registered parameter at the fit"}),
        "registered_digest": ("registered", digests, {"long_name": "digest of its dimensions, values and range"}),
    }


def _change_text(change: ModifierSpec | None) -> str:
    if change is None:
        return ""
    points = {day.isoformat(): level for day, level in change.points}
    return json.dumps({"operation": change.operation, "points": points, "origin": change.origin})


@lru_cache(maxsize=8)
def _read(path: Path, modified: int) -> Posterior:
    """Read a file, whose time of modification tells apart what it held before and after a new fit."""
    import netCDF4

    try:
        with netCDF4.Dataset(path) as dataset:
            if getattr(dataset, "title", "") != TITLE or "registered_digest" not in dataset.variables:
                raise UserError(f"is not a posterior of this version of the model; {REFIT_ADVICE}.", file=path)
            columns = {name: dataset[name][:].tolist() for name in described(())}
            registered = dict(zip(dataset["registered"][:], dataset["registered_digest"][:], strict=True))
            values = np.ma.getdata(dataset["value"][:]).T.astype(float)
            point = np.ma.getdata(dataset["point_value"][:]).astype(float)
            history, newest = (str(getattr(dataset, name, "")) for name in ("history", "newest_figure"))
    except (OSError, IndexError, KeyError, ValueError) as error:
        raise UserError(f"is not a posterior of this model ({error}); {REFIT_ADVICE}.", file=path) from error
    if not (values.size and np.isfinite(values).all() and np.isfinite(point).all()):
        raise UserError(f"holds draws that are not numbers; {REFIT_ADVICE}.", file=path)
    rows = [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
    content = json.dumps([rows, history, newest, sorted(registered.items())]).encode()
    digest = hashlib.sha256(content + values.tobytes() + point.tobytes()).hexdigest()
    return Posterior(path, tuple(map(_fitted_number, rows)), values, point, history, registered, newest, digest)


def _fitted_number(row: Mapping[str, Any]) -> FittedNumber:
    """Return the number that a row of ``described`` describes."""
    prior = Prior(row["prior_low"], row["prior_central"], row["prior_high"], row["prior_shape"])
    where = tuple((dim, tuple(labels)) for dim, labels in json.loads(row["where"]).items())
    change = None
    if row["change"]:
        fields = json.loads(row["change"])
        change = ModifierSpec(
            target=row["target"],
            where=where,
            operation=fields["operation"],
            size=(prior.low, prior.central, prior.high),
            points=tuple((date.fromisoformat(day), level) for day, level in fields["points"].items()),
            label=LABEL,
            role=FITTED,
            stream=f"{FITTED}:{row['target']}",
            origin=fields["origin"],
        )
    return FittedNumber(row["fitted"], row["unit"], prior, row["kind"], row["target"], where, row["source"], change)


def read_posterior(path: Path, registry: Registry) -> Posterior:
    """Read draws and check that every parameter is as it was at the fit; parameters registered since do not matter.

    Args:
        path: file that ``run.py calibrate`` wrote.
        registry: all parameters.

    Raises:
        UserError: missing, not such a file, or parameters, dimensions or labels that have changed or no longer exist.
    """
    if not path.is_file():
        raise UserError(f"there are no fitted draws here; {REFIT_ADVICE}.", file=path, code=Exit.MISSING_FILE)
    posterior = _read(path, path.stat().st_mtime_ns)
    errors = ErrorCollector()
    for number in posterior.fitted:
        parameter = registry.parameters.get(number.target)
        if parameter is None:
            message = f"'{number.target}' is no longer a registered parameter; {REFIT_ADVICE}."
            nearest = nearest_names(number.target, registry.parameters)
            errors.add(UserError(message, file=path, key=number.name, nearest=nearest))
            continue
        gone = [
            f"{dim} {label}"
            for dim, labels in number.where
            for label in labels
            if dim not in parameter.dims or label not in DIMENSIONS[dim]
        ]
        if gone or (number.kind == "value" and parameter.value.ndim):
            reason = f"no longer has {', '.join(gone)}" if gone else "is now a table"
            errors.add(UserError(f"{number.target} {reason}; {REFIT_ADVICE}.", file=path, key=number.name))
    errors.raise_all()
    _check_registered(posterior, registry)
    return posterior


def _check_registered(posterior: Posterior, registry: Registry) -> None:
    """Check that every parameter of the fit is registered as it was.

    Raises:
        UserError: with the names of those that have changed or vanished.
    """
    vanished = [name for name in posterior.registered if name not in registry.parameters]
    changed = [
        name
        for name, digest in posterior.registered.items()
        if name in registry.parameters and parameter_digest(registry.parameters[name]) != digest
    ]
    reasons = [
        f"{what} since the draws were fitted: {_listed(names)}"
        for what, names in (
            ("registered values or ranges have changed", changed),
            ("parameters are no longer registered", vanished),
        )
        if names
    ]
    if reasons:
        raise UserError(f"{'; '.join(reasons)}; {REFIT_ADVICE}.", file=posterior.file)


def _listed(names: Sequence[str]) -> str:
    """Return names as a text, the first few of many."""
    more = f" and {len(names) - NAMES_SHOWN} more" if len(names) > NAMES_SHOWN else ""
    return ", ".join(names[:NAMES_SHOWN]) + more


def file_of_draws(origin: str, setting: Setting | None) -> Path:
    """Return the file of fitted draws: the shipped one, or a path from the file that names it, then from here.

    Args:
        origin: ``posterior`` or a path.
        setting: what says so; None for the default.
    """
    if origin == POSTERIOR:
        return SHIPPED
    beside = setting.source.file.parent / origin if setting is not None else Path(origin)
    return (beside if beside.is_file() else Path(origin)).resolve()


def fitted_draws(origin: str, setting: Setting | None, registry: Registry) -> Posterior:
    """Return the fitted draws that a scenario asks for.

    Args:
        origin: ``posterior`` or a path.
        setting: what says so; None for the default.
        registry: all parameters.

    Raises:
        UserError: there are none, with the line that asks for them, or they were fitted to other parameters.
    """
    file = file_of_draws(origin, setting)
    if file.is_file() or setting is None:
        return read_posterior(file, registry)
    message = f"there is no file of fitted draws {file.name}; {REFIT_ADVICE}."
    error = setting.error(message)
    error.code = Exit.MISSING_FILE
    raise error


def in_force(
    posterior: Posterior, modifiers: Sequence[ModifierSpec], history: str, hospital: str, registry: Registry
) -> tuple[Posterior, tuple[ModifierSpec, ...], tuple[str, ...]]:
    """Return fitted numbers that act in a scenario, its dated changes with those that are fitted, and notes.

    Factors on the history and fitted dated changes mean something only with the history to which they were fitted:
    with another one, or none, they are left out. So are dated changes that a patient-level hospital cannot follow.

    Args:
        posterior: the draws.
        modifiers: dated changes of the scenario.
        history: name of the history in force if it is a shipped one, else empty.
        hospital: representation of the acute hospitals.
        registry: all parameters.

    Raises:
        UserError: a change of the history that is scaled is no longer there.
    """
    numbers, notes, errors = list(posterior.fitted), list[str](), ErrorCollector()
    if history != posterior.history:
        numbers = [number for number in numbers if not number.needs_history]
        notes.append(
            f"{len(posterior.fitted) - len(numbers)} fitted numbers belong to the history '{posterior.history}', "
            "which is not in force; they are left out."
        )
    if hospital == PATIENT_LEVEL:
        refused = [
            number for number in numbers if number.change is not None and refused_by_patients(number.target, registry)
        ]
        numbers = [number for number in numbers if number not in refused]
        notes += [f"{number.name} is left out: the patient-level hospital cannot follow it." for number in refused]
    for number in numbers:
        if number.kind == "history" and not number.positions(modifiers):
            message = f"the history '{history}' no longer has this change; {REFIT_ADVICE}."
            errors.add(UserError(message, file=posterior.file, key=number.name))
    errors.raise_all()
    return posterior.restricted_to(numbers), with_fitted_changes(modifiers, numbers), tuple(notes)
