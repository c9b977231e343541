"""Runs as one labelled dataset (CF conventions) and as NetCDF: stocks on ``time_end``, flows and means on ``time``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from model.registry.calendar import financial_year_of
from model.registry.declarations import Entry, Flow, Output, Stock
from model.registry.dimensions import DIMENSION_DESCRIPTIONS, DIMENSIONS
from model.registry.errors import Exit, UserError
from model.results.atomic_files import written_whole
from model.results.run import BLOCK, Run

if TYPE_CHECKING:
    import netCDF4
    import xarray as xr

CF_UNITS = {"share": "1", "index": "1", "": "1"}
"""Registered units that CF writes otherwise; counts of people, patients, pathways, WTE and £ keep their own names."""

COMPRESSION = {"zlib": True, "complevel": 1, "shuffle": True}
"""Level 4 takes a quarter more time than 1 on an ensemble, for a file 3% smaller."""

SMALL_CHUNK = 2**16
"""Bytes below which the months of one cell are not worth a chunk of the file to themselves."""


def time_axis(entry: Entry) -> str:
    """Name of the time coordinate of a result."""
    return "time_end" if isinstance(entry, Stock) else "time"


def cell_methods(entry: Entry) -> str:
    """How a value stands for its month: at its end, summed over it, or averaged over it."""
    if isinstance(entry, Stock):
        return "time_end: point"
    adds_up = isinstance(entry, Flow) or (isinstance(entry, Output) and entry.adds_up)
    return "time: sum" if adds_up else "time: mean"


def _check_alike(runs: Sequence[Run]) -> None:
    if not runs:
        raise UserError("no run to write.")
    first = runs[0]
    for run in runs[1:]:
        if (run.start, run.months, run.members) != (first.start, first.months, first.members):
            raise UserError(
                f"'{run.scenario}' and '{first.scenario}' differ in start, length or members; write them apart."
            )
    if len({run.scenario for run in runs}) < len(runs):
        raise UserError("two runs bear the same scenario name.")


def _coordinates(runs: Sequence[Run], dims: Iterable[str]) -> dict[str, Any]:
    run = runs[0]
    starts = np.array(run.month_starts, dtype="datetime64[ns]")
    ends = np.array(run.month_ends, dtype="datetime64[ns]")
    years = [financial_year_of(day) for day in run.month_starts]
    found: dict[str, Any] = {
        "scenario": ("scenario", [each.scenario for each in runs], {"long_name": "scenario"}),
        "time": ("time", starts, {"long_name": "first day of the month", "standard_name": "time", "axis": "T"}),
        "time_end": ("time_end", ends, {"long_name": "last day of the month", "standard_name": "time", "axis": "T"}),
        "year_of_month": ("time", years, {"long_name": "NHS financial year of the month"}),
        "days_in_month": ("time", run.days, {"long_name": "days in the month", "units": "days"}),
        "member": ("member", np.arange(run.members), {"long_name": "ensemble member", "units": "1"}),
    }
    for dim in dims:
        found[dim] = (dim, list(DIMENSIONS[dim]), {"long_name": DIMENSION_DESCRIPTIONS.get(dim, dim.replace("_", " "))})
    return found


def _attributes(run: Run, entry: Entry) -> dict[str, str]:
    """What is said of a result."""
    return {
        "long_name": entry.title,
        "description": entry.description,
        "units": CF_UNITS.get(entry.unit, entry.unit),
        "cell_methods": cell_methods(entry),
        "sector": run.registry.sectors.get(entry.sector, entry.sector),
        "source": entry.source or "derived by the equations of its sector",
    }


def to_dataset(runs: Sequence[Run], names: Iterable[str] | None = None) -> xr.Dataset:
    """Put runs of equal length into one dataset, in memory.

    Args:
        runs: one run per scenario, with the same start, months and members.
        names: results to keep; all that the first run holds where it is None.

    Returns:
        float32 variables by registered name with dimensions scenario, time or time_end, their own, member; and the
        provenance of each scenario as text.

    Raises:
        UserError: runs that do not match, or an unknown name.
    """
    _check_alike(runs)
    first = runs[0]
    entries = [first.registry.find(name) for name in (first.results if names is None else names)]
    variables: dict[str, Any] = {}
    for entry in entries:
        stacked = np.empty((len(runs), *first.values(entry.name).shape), dtype=np.float32)
        for position, run in enumerate(runs):
            stacked[position] = run.values(entry.name)
        variables[entry.name] = (_axes(entry), stacked, _attributes(first, entry))
    return _labelled(runs, entries, variables)


def _axes(entry: Entry) -> tuple[str, ...]:
    return ("scenario", time_axis(entry), *entry.dims, "member")


def _labelled(runs: Sequence[Run], entries: Sequence[Entry], variables: dict[str, Any]) -> xr.Dataset:
    """A dataset of variables with the coordinates of all entries, and the provenance of each run."""
    import xarray as xr

    first = runs[0]
    used = dict.fromkeys(dim for entry in entries for dim in entry.dims)
    items = sorted({item for run in runs for item in run.provenance})
    if items:
        texts = np.array([[str(run.provenance.get(item, "")) for item in items] for run in runs], dtype=object)
        variables["provenance"] = (("scenario", "provenance_item"), texts, {"long_name": "how each run came about"})
    coordinates = _coordinates(runs, used)
    if items:
        coordinates["provenance_item"] = ("provenance_item", items, {"long_name": "item of provenance"})
    attributes = {
        "Conventions": "CF-1.10",
        "title": "BNSSG whole-system capacity, demand and finance model: " + ", ".join(run.heading for run in runs),
        "institution": "Bristol, North Somerset and South Gloucestershire integrated care system",
        "decision_date": first.decision.isoformat(),
        "model_version": first.provenance.get("model_version", ""),
        "commit": first.provenance.get("commit", ""),
        "horizons": ", ".join(f"{name}: {years} years after the decision" for name, years in first.horizons.items()),
        "note_on_time": "flows (sum) and means lie on time, the first day of their month; stocks lie on time_end",
    }
    return xr.Dataset(variables, coordinates, attributes)


def write_runs(runs: Sequence[Run], path: Path) -> Path:
    """Write all that runs hold as NetCDF, compressed, whole or not at all.

    It is the file of ``write_dataset(to_dataset(runs), path)``, but only some members of one result are in memory at a
    time; chunks of the file hold those members and all months, of one cell where there are many members.

    Args:
        runs: one run per scenario, with the same start, months and members.
        path: file.

    Raises:
        UserError: runs that do not match, or the file cannot be written.
    """
    import netCDF4

    _check_alike(runs)
    first = runs[0]
    entries = [first.registry.find(name) for name in first.results]
    with written_whole(path) as temporary, _disk_errors(path):
        _to_file(_labelled(runs, entries, {}), temporary)
        with netCDF4.Dataset(temporary, "a") as file:
            for entry in entries:
                _append(file, entry, runs)
    return path


@contextmanager
def _disk_errors(path: Path) -> Iterator[None]:
    """The NetCDF library tells of a full disk in words of its own, and not as an error of the operating system."""
    try:
        yield
    except RuntimeError as error:
        raise UserError(f"cannot write: the disk is full or faulty ({error}).", file=path, code=Exit.OUTPUT) from error


def _append(file: netCDF4.Dataset, entry: Entry, runs: Sequence[Run]) -> None:
    """Add a result to a file that has its coordinates."""
    axes = _axes(entry)
    sizes = [len(file.dimensions[axis]) for axis in axes]
    members = min(BLOCK, sizes[-1])
    alone = sizes[1] * members * np.dtype(np.float32).itemsize >= SMALL_CHUNK
    chunk = [1, sizes[1], *((1 if alone else size) for size in sizes[2:-1]), members]
    variable = file.createVariable(entry.name, "f4", axes, fill_value=np.nan, chunksizes=chunk, **COMPRESSION)
    variable.setncatts(_attributes(runs[0], entry))
    for position, run in enumerate(runs):
        first = 0
        for values in run.blocks(entry.name):
            variable[position, ..., first : first + values.shape[-1]] = values
            first += values.shape[-1]


def write_dataset(dataset: xr.Dataset, path: Path) -> Path:
    """Write NetCDF, compressed, whole or not at all.

    Raises:
        UserError: the file cannot be written.
    """
    with written_whole(path) as temporary, _disk_errors(path):
        _to_file(dataset, temporary)
    return path


def _to_file(dataset: xr.Dataset, path: Path) -> None:
    encoding = {
        str(name): dict(COMPRESSION) for name, variable in dataset.data_vars.items() if variable.dtype == np.float32
    }
    start = np.datetime_as_string(dataset["time"].values[0], unit="D")
    for axis in ("time", "time_end"):
        encoding[axis] = {"units": f"days since {start}", "calendar": "proleptic_gregorian", "dtype": "int32"}
    dataset.to_netcdf(path, engine="netcdf4", encoding=encoding)


def read_dataset(path: Path) -> xr.Dataset:
    """Read back what ``write_dataset`` wrote, wholly into memory.

    Raises:
        UserError: missing, or not such a file.
    """
    import xarray as xr

    if not path.is_file():
        raise UserError("file not found.", file=path, code=Exit.MISSING_FILE)
    try:
        return xr.load_dataset(path, engine="netcdf4")
    except (OSError, ValueError) as error:
        raise UserError(f"not a readable NetCDF file: {error}.", file=path) from error
