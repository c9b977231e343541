"""Draws of fitted numbers (``calibration/posterior.nc``) as scenarios use them, whatever made them.

The file describes every fitted number well enough to be applied without the priors from which it came. This module
knows that description in both directions; what else the file holds is for reports.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from model.registry.catalogue import Registry
from model.registry.data_folders import CALIBRATION
from model.registry.dimensions import DIMENSIONS
from model.registry.error_collector import ErrorCollector
from model.registry.errors import Exit, UserError, nearest_names
from model.scenarios.specs import ModifierSpec
from model.scenarios.uncertainty.draws import key_of
from model.scenarios.uncertainty.fitted import FITTED, LABEL, Fitted
from model.scenarios.uncertainty.prior import Range

SHIPPED = CALIBRATION / "posterior.nc"
TITLE = "Posterior of the BNSSG whole-system model"
ANEW = "fit anew with 'python run.py calibrate', or write 'parameters: central'"


@dataclass(frozen=True, eq=False)
class Posterior:
    """Equally weighted draws of fitted numbers.

    Attributes:
        file: where they were read.
        fitted: what each number is.
        values: draws in their units, shape ``(fitted, draws)``.
        point: most probable vector, shape ``(fitted,)``.
        history: name of the history to which they were fitted.
        registered: stands for the registered values and ranges to which they were fitted.
        newest: date of the newest figure fitted.
        digest: stands for the numbers and all that is said of them.
    """

    file: Path
    fitted: tuple[Fitted, ...]
    values: np.ndarray
    point: np.ndarray
    history: str
    registered: str
    newest: str
    digest: str

    @property
    def draws(self) -> int:
        """Number of draws."""
        return self.values.shape[1]

    def only(self, kept: Sequence[Fitted]) -> Posterior:
        """The same draws of some of the numbers."""
        rows = [place for place, each in enumerate(self.fitted) if each in kept]
        return replace(
            self, fitted=tuple(self.fitted[place] for place in rows), values=self.values[rows], point=self.point[rows]
        )

    def of_members(self, seed: int, first_member: int, members: int, ensemble: int) -> np.ndarray:
        """Fitted numbers of a chunk of members, shape ``(fitted, members)``.

        One member takes the most probable vector. Of several each takes one draw: the draws in an order of their own
        for the seed, and again in another order where there are more members than draws.
        """
        if ensemble <= 1:
            return np.repeat(self.point[:, None], members, axis=1)
        places = np.arange(first_member, first_member + members)
        chosen = np.empty(members, dtype=int)
        for block in range(places[0] // self.draws, places[-1] // self.draws + 1):
            generator = np.random.Generator(np.random.Philox(key=key_of(f"{seed}|posterior|{block}")))
            inside = places // self.draws == block
            chosen[inside] = generator.permutation(self.draws)[places[inside] % self.draws]
        return self.values[:, chosen]


def registered_digest(registry: Registry) -> str:
    """Stands for the value and range of every parameter, so that a fit knows when it stands on others."""
    digest = hashlib.sha256()
    for name, parameter in sorted(registry.parameters.items()):
        digest.update(f"{name} {parameter.dims} {parameter.distribution}".encode())
        for numbers in (parameter.value, parameter.low, parameter.high):
            digest.update(np.ascontiguousarray(numbers, dtype=float).tobytes())
    return digest.hexdigest()


def described(fitted: Sequence[Fitted]) -> dict[str, tuple[str, list[Any], dict[str, str]]]:
    """What fitted numbers are, as coordinates of a dataset along ``fitted``; ``read_posterior`` reads them back."""
    columns: dict[str, tuple[str, list[Any]]] = {
        "fitted": ("fitted number", [each.name for each in fitted]),
        "unit": ("unit; x is a factor", [each.unit for each in fitted]),
        "kind": ("how it enters the model", [each.kind for each in fitted]),
        "target": ("registered parameter", [each.target for each in fitted]),
        "where": ("labels by dimension, as JSON", [_where_text(each) for each in fitted]),
        "change": ("dated change whose size it is, as JSON", [_change_text(each.change) for each in fitted]),
        "source": ("evidence of the prior range", [each.source for each in fitted]),
        "prior_shape": ("distribution of the prior", [each.range.shape for each in fitted]),
        "prior_low": ("lower end of the prior", [each.range.low for each in fitted]),
        "prior_central": ("value before the fit", [each.range.central for each in fitted]),
        "prior_high": ("upper end of the prior", [each.range.high for each in fitted]),
    }
    return {name: ("fitted", column, {"long_name": title}) for name, (title, column) in columns.items()}


def _where_text(each: Fitted) -> str:
    return json.dumps(dict(each.where))


def _change_text(change: ModifierSpec | None) -> str:
    if change is None:
        return ""
    points = {day.isoformat(): level for day, level in change.points}
    return json.dumps({"operation": change.operation, "points": points, "origin": change.origin})


@lru_cache(maxsize=8)
def _read(path: Path, modified: int) -> Posterior:
    import netCDF4

    try:
        with netCDF4.Dataset(path) as found:
            if getattr(found, "title", "") != TITLE or "change" not in found.variables:
                raise UserError(f"is no posterior of this model; {ANEW}.", file=path)
            columns = {name: found[name][:].tolist() for name in described(())}
            values = np.ma.getdata(found["value"][:]).T.astype(float)
            point = np.ma.getdata(found["point_value"][:]).astype(float)
            texts = {name: str(getattr(found, name, "")) for name in ("history", "registered", "newest_figure")}
    except (OSError, IndexError, KeyError, ValueError) as error:
        raise UserError(f"is no posterior of this model ({error}); {ANEW}.", file=path) from error
    if not (values.size and np.isfinite(values).all() and np.isfinite(point).all()):
        raise UserError(f"holds draws that are no numbers; {ANEW}.", file=path)
    rows = [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
    digest = hashlib.sha256(json.dumps([rows, texts]).encode() + values.tobytes() + point.tobytes()).hexdigest()
    return Posterior(
        path,
        tuple(_fitted(row) for row in rows),
        values,
        point,
        texts["history"],
        texts["registered"],
        texts["newest_figure"],
        digest,
    )


def _fitted(row: dict[str, Any]) -> Fitted:
    found = Range(row["prior_low"], row["prior_central"], row["prior_high"], row["prior_shape"])
    where = tuple((dim, tuple(labels)) for dim, labels in json.loads(row["where"]).items())
    change = None
    if row["change"]:
        written = json.loads(row["change"])
        change = ModifierSpec(
            target=row["target"],
            where=where,
            operation=written["operation"],
            size=(found.low, found.central, found.high),
            points=tuple((date.fromisoformat(day), level) for day, level in written["points"].items()),
            label=LABEL,
            role=FITTED,
            stream=f"{FITTED}:{row['target']}",
            origin=written["origin"],
        )
    return Fitted(row["fitted"], row["unit"], found, row["kind"], row["target"], where, row["source"], change)


def read_posterior(path: Path, registry: Registry) -> Posterior:
    """Read draws and check that everything that they move is still there.

    Args:
        path: file that ``run.py calibrate`` wrote.
        registry: all parameters.

    Raises:
        UserError: missing, no such file, or a parameter, dimension or label that no longer exists.
    """
    if not path.is_file():
        raise UserError(f"there are no fitted draws here; {ANEW}.", file=path, code=Exit.MISSING_FILE)
    found = _read(path, path.stat().st_mtime_ns)
    errors = ErrorCollector()
    for each in found.fitted:
        parameter = registry.parameters.get(each.target)
        if parameter is None:
            errors.add(
                UserError(
                    f"'{each.target}' is no longer a registered parameter; {ANEW}.",
                    file=path,
                    key=each.name,
                    nearest=nearest_names(each.target, registry.parameters),
                )
            )
            continue
        gone = [
            f"{dim} {label}"
            for dim, labels in each.where
            for label in labels
            if dim not in parameter.dims or label not in DIMENSIONS[dim]
        ]
        if gone or (each.kind == "value" and parameter.value.ndim):
            what = f"no longer has {', '.join(gone)}" if gone else "is now a table"
            errors.add(UserError(f"{each.target} {what}; {ANEW}.", file=path, key=each.name))
    errors.raise_all()
    return found
