"""Runs as one labelled dataset (CF conventions), as NetCDF, and read back from it.

Stocks lie on ``time_end``, flows and means on ``time``. The file names what it holds, so that runs can be read from it
without the version of the model that wrote it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from weakref import WeakValueDictionary

import numpy as np

from model.registry.calendar import financial_year_of
from model.registry.catalogue import Registry
from model.registry.declarations import Entry, Flow, Kind, Output, Stock
from model.registry.dimensions import DIMENSION_DESCRIPTIONS, DIMENSIONS
from model.registry.errors import Exit, UserError
from model.results.atomic_files import whole_file
from model.results.run import BLOCK, Run

if TYPE_CHECKING:
    import netCDF4
    import xarray as xr

COMPRESSION: dict[str, Any] = {"zlib": True, "complevel": 1, "shuffle": True}
"""Level 4 takes a quarter more time than 1 on an ensemble, for a file 3% smaller."""

SMALL_CHUNK = 2**16
"""Bytes below which the months of one cell are not worth a chunk of the file to themselves."""

HORIZON = re.compile(r"(\w+): (\d+) years? after the decision")
UNITS_OF_TIME = "days since "


def time_axis(entry: Entry) -> str:
    """Return the name of the time coordinate of a result."""
    return "time_end" if isinstance(entry, Stock) else "time"


def cell_methods(entry: Entry) -> str:
    """Return how a value stands for its month: at its end, summed over it, or averaged over it."""
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
        raise UserError("two runs have the same scenario name; rename one.")


def _coordinates(runs: Sequence[Run], dims: Iterable[str]) -> dict[str, Any]:
    run = runs[0]
    starts = np.array(run.month_starts, dtype="datetime64[ns]")
    ends = np.array(run.month_ends, dtype="datetime64[ns]")
    years = [financial_year_of(day) for day in run.month_starts]
    coordinates: dict[str, Any] = {
        "scenario": ("scenario", [run.scenario for run in runs], {"long_name": "scenario"}),
        "scenario_title": ("scenario", [run.heading for run in runs], {"long_name": "name of the scenario for people"}),
        "time": ("time", starts, {"long_name": "first day of the month", "standard_name": "time", "axis": "T"}),
        "time_end": ("time_end", ends, {"long_name": "last day of the month", "standard_name": "time", "axis": "T"}),
        "year_of_month": ("time", years, {"long_name": "NHS financial year of the month"}),
        "days_in_month": ("time", run.days, {"long_name": "days in the month", "units": "days"}),
        "member": ("member", np.arange(run.members), {"long_name": "ensemble member", "units": "1"}),
    }
    for dim in dims:
        title = DIMENSION_DESCRIPTIONS.get(dim, dim.replace("_", " "))
        coordinates[dim] = (dim, list(DIMENSIONS[dim]), {"long_name": title})
    return coordinates


def _attributes(run: Run, entry: Entry) -> dict[str, str]:
    """Attributes of a result: its meaning for people, and its declaration for ``read_runs``."""
    attributes = {
        "long_name": entry.title,
        "description": entry.description,
        "units": entry.unit,
        "cell_methods": cell_methods(entry),
        "sector": run.registry.sectors.get(entry.sector, entry.sector),
        "source": entry.source or "derived by the equations of its sector",
        "declared_as": type(entry).__name__.lower(),
        "kind": str(getattr(entry, "kind", "")),
    }
    declared = {name: getattr(entry, name, "") for name in ("substance", "origin", "target", "better")}
    return attributes | {name: text for name, text in declared.items() if text}


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

    It holds what ``to_dataset`` gives, but only some members of one result are in memory at a time; chunks of the file
    hold those members and all months, of one cell where there are many members.

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
    with whole_file(path) as temporary, _disk_errors(path):
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


def _to_file(dataset: xr.Dataset, path: Path) -> None:
    start = np.datetime_as_string(dataset["time"].values[0], unit="D")
    units = {"units": f"{UNITS_OF_TIME}{start}", "calendar": "proleptic_gregorian", "dtype": "int32"}
    dataset.to_netcdf(path, engine="netcdf4", encoding={"time": units, "time_end": units})


class ResultsOfFile(Mapping[str, np.ndarray]):
    """Results of one scenario of a file, read when they are asked for.

    The file is opened at the first reading and stays open until the results are no longer used or are closed.

    Args:
        path: file that ``write_runs`` wrote.
        position: position of the scenario in the file.
        names: names of the results.
    """

    def __init__(self, path: Path, position: int, names: Iterable[str]) -> None:
        self.path = path
        self._position = position
        self._names = tuple(names)
        self._file: netCDF4.Dataset | None = None

    def __getitem__(self, name: str) -> np.ndarray:
        if name not in self._names:
            raise KeyError(name)
        return self._read(name, slice(None))

    def __contains__(self, name: object) -> bool:
        return name in self._names

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_file": None}

    def of_members(self, name: str, first: int, members: int) -> np.ndarray:
        """Return a result of so many members from the first, shape ``(months,) + dims + (members,)``."""
        return self._read(name, slice(first, first + members))

    def close(self) -> None:
        """Let go of the file, which closes when no other results read it; it is opened again where more is read."""
        self._file = None

    def _read(self, name: str, members: slice) -> np.ndarray:
        if self._file is None:
            self._file = _opened(self.path)
        return np.asarray(self._file[name][self._position, ..., members])


_OPEN_FILES: WeakValueDictionary[tuple[str, int, int], netCDF4.Dataset] = WeakValueDictionary()
"""Files that are open, by path, time of change and node: HDF5 fails where one file is open twice and closed once."""


def _opened(path: Path) -> netCDF4.Dataset:
    """Open a file of results, or give the file that is open already; it closes when it is no longer used.

    Raises:
        UserError: it is missing, or not such a file.
    """
    import netCDF4

    if not path.is_file():
        raise UserError("file not found.", file=path, code=Exit.MISSING_FILE)
    state = path.stat()
    key = (str(path.resolve()), state.st_mtime_ns, state.st_ino)
    if (known := _OPEN_FILES.get(key)) is not None:
        return known
    try:
        file = netCDF4.Dataset(path)
    except OSError as error:
        raise UserError(f"not a readable NetCDF file: {error.strerror or error}.", file=path) from error
    file.set_auto_mask(False)
    _OPEN_FILES[key] = file
    return file


def read_runs(path: Path) -> list[Run]:
    """Read the runs of a file that ``write_runs`` wrote, in its order: the baseline first, as a rule.

    Their registry knows the results of the file and no parameters. Values are read when they are asked for, in single
    precision.

    Args:
        path: ``results.nc`` of a folder of results.

    Raises:
        UserError: the file is missing, or not such a file.
    """
    file = _opened(path)
    missing = [name for name in ("scenario", "scenario_title", "time", "member") if name not in file.variables]
    missing += [name for name in ("decision_date", "horizons") if name not in file.ncattrs()]
    if missing:
        message = f"no file of results of this model: it has no '{missing[0]}'. Give the results.nc of a run."
        raise UserError(message, file=path)
    registry = _registry_of(file)
    names = [name for name in file.variables if name in registry.recorded]
    days = file["time"]
    start = date.fromisoformat(days.units.removeprefix(UNITS_OF_TIME)[:10]) + timedelta(days=int(days[0]))
    horizons = {name: int(years) for name, years in HORIZON.findall(file.horizons)}
    titles = file["scenario_title"][:]
    return [
        Run(
            scenario=str(name),
            start=start,
            months=len(days),
            decision=date.fromisoformat(file.decision_date),
            horizons=horizons,
            members=len(file.dimensions["member"]),
            results=ResultsOfFile(path, position, names),
            registry=registry,
            provenance=_provenance_of(file, position),
            title=str(titles[position]),
        )
        for position, name in enumerate(file["scenario"][:])
    ]


def _registry_of(file: netCDF4.Dataset) -> Registry:
    """The declarations of all results of a file."""
    stocks: list[Stock] = []
    flows: list[Flow] = []
    outputs: list[Output] = []
    sectors: dict[str, str] = {}
    for name, variable in file.variables.items():
        attributes = {key: variable.getncattr(key) for key in variable.ncattrs()}
        if "declared_as" not in attributes:
            continue
        entry: dict[str, Any] = {
            "name": name,
            "description": attributes["description"],
            "unit": attributes["units"],
            "dims": tuple(variable.dimensions[2:-1]),
            "source": attributes["source"],
            "label": attributes["long_name"],
            "kind": Kind(attributes["kind"]),
        }
        match attributes["declared_as"]:
            case "stock":
                stocks.append(Stock(**entry, substance=attributes["substance"]))
            case "flow":
                flows.append(Flow(**entry, origin=attributes["origin"], target=attributes["target"]))
            case _:
                outputs.append(Output(**entry, better=attributes.get("better", "")))
        sectors.setdefault(name.split(".", 1)[0], attributes["sector"])
    return Registry([], stocks, flows, outputs, [], sectors)


def _provenance_of(file: netCDF4.Dataset, position: int) -> dict[str, str]:
    if "provenance" not in file.variables:
        return {}
    items, texts = file["provenance_item"][:], file["provenance"][position]
    return {str(item): str(text) for item, text in zip(items, texts, strict=True) if text}
