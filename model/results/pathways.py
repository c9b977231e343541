"""A pathway network run again and again: figures by day and service point, their summary, its intervals, and files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from model.registry.errors import Exit, UserError
from model.results.atomic_files import write_csv, written_whole
from model.results.dataset import COMPRESSION

if TYPE_CHECKING:
    import xarray as xr

CONFIDENCE = 0.95
"""Probability of the interval of a mean over replications."""

BAND = (10.0, 90.0)
"""Percentiles between which 80 % of the replications lie on a day."""

BUSY_DAYS = 95.0
"""Percentile of the days whose occupancy is told beside its mean."""

SURE = 0.99
"""Probability of the interval of a growth before it is called one: many points are looked at, few may be wrong."""

FULL = 0.95
"""Share of its places in use from which on a point is taken as full."""

LEAST_GROWTH = 1.0
"""Patients by which a line must have grown between the halves of the record, and a tenth of those in it."""


@dataclass(frozen=True)
class Measure:
    """One figure of each service point.

    Attributes:
        name: name in files.
        unit: its unit.
        meaning: what it is.
    """

    name: str
    unit: str
    meaning: str


DAILY = (
    Measure("occupancy", "patients", "patients who hold a place, and places reserved for one on transfer"),
    Measure("treated", "patients", "patients in their stay, by the place they hold"),
    Measure("delayed", "patients", "patients who hold a place after their stay: preparing, blocked or on transfer"),
    Measure("reserved", "places", "places reserved for a patient on transfer"),
    Measure("waiting", "patients", "patients who wait for the point and hold no place"),
    Measure("full", "1", "share of the time during which no place was free"),
    Measure("joined", "patients/day", "patients who joined the line"),
    Measure("started", "patients/day", "patients who started their stay after a wait, or at once"),
    Measure("outliers_started", "patients/day", "those of them who started in a place of another point"),
    Measure("ended", "patients/day", "patients whose stay ended"),
    Measure("left", "patients/day", "patients who left the place held after their stay"),
    Measure("rejected", "patients/day", "arrivals turned away because the queue was full"),
    Measure("cancelled", "patients/day", "arrivals cancelled because the point was too full"),
    Measure("gave_up", "patients/day", "patients who left the line before they were served"),
    Measure("wait_days", "days/day", "days waited by those who started"),
    Measure("delay_days", "days/day", "days delayed of those whose delay ended"),
    Measure("cost_treated", "GBP/day", "cost of patients in their stay"),
    Measure("cost_delayed", "GBP/day", "cost of patients delayed in a place after their stay"),
    Measure("cost_waiting", "GBP/day", "cost of patients who wait without a place"),
)
"""Figures of each day; patients in a state are means over the day."""

SUMMARY = (
    Measure("places", "places", "places, mean of the days"),
    Measure("occupancy", "patients", "patients in places, mean of the days"),
    Measure("occupancy_95", "patients", "patients in places, 95th percentile of the days"),
    Measure("occupancy_share", "1", "patients in places over places"),
    Measure("full", "1", "share of the time during which no place was free"),
    Measure("waiting", "patients", "patients waiting without a place"),
    Measure("mean_wait", "days", "mean wait of those who started"),
    Measure("delayed", "patients", "patients delayed in places"),
    Measure("mean_delay", "days", "mean delay, after the stay, of those who left their place"),
    Measure("throughput", "patients/day", "patients who left a place after their stay"),
    Measure("rejected", "patients/day", "arrivals turned away"),
    Measure("cancelled", "patients/day", "arrivals cancelled"),
    Measure("gave_up", "patients/day", "patients who left the line unserved"),
    Measure("cost_treated", "GBP/day", "cost of treatment"),
    Measure("cost_delayed", "GBP/day", "cost of delay"),
    Measure("cost_waiting", "GBP/day", "cost of waiting"),
    Measure("cost", "GBP/day", "cost of treatment, delay and waiting"),
    Measure("growth", "patients", "patients waiting or delayed, second half of the days less the first"),
)
"""Figures of each service point over the whole record, one for each replication."""


@dataclass(frozen=True)
class PathwayRecord:
    """What replications of a network gave, day by day.

    Attributes:
        name: name of the network.
        first_day: date of the first day recorded.
        interval_days: length of an interval of the record, a day as a rule.
        points: names of service points.
        places: mean places [interval, point], infinite where there is no limit.
        load: places that the arrivals need on average if nobody waits [point].
        endless: whether nothing bounds the line of a point [point].
        daily: figures named in ``DAILY`` [replication, interval, point].
        exits: patients a day who left [replication, interval], by name of the exit.
        gave_up: patients a day who stopped waiting [replication, interval], by name of the point and of the way.
        watches: durations over their threshold, and all measured, a day [replication, interval, 2], by what is watched.
        provenance: how the record came about.
    """

    name: str
    first_day: date
    interval_days: float
    points: tuple[str, ...]
    places: np.ndarray
    load: np.ndarray
    endless: np.ndarray
    daily: Mapping[str, np.ndarray]
    exits: Mapping[str, np.ndarray] = field(default_factory=dict)
    gave_up: Mapping[str, np.ndarray] = field(default_factory=dict)
    watches: Mapping[str, np.ndarray] = field(default_factory=dict)
    provenance: Mapping[str, str] = field(default_factory=dict)

    @property
    def replications(self) -> int:
        """Number of replications."""
        return self.daily["occupancy"].shape[0]

    @property
    def intervals(self) -> int:
        """Intervals recorded."""
        return self.daily["occupancy"].shape[1]

    @property
    def days(self) -> float:
        """Days recorded."""
        return self.intervals * self.interval_days

    @property
    def dates(self) -> tuple[date, ...]:
        """First date of each interval recorded."""
        return tuple(self.first_day + timedelta(number * self.interval_days) for number in range(self.intervals))


@dataclass(frozen=True)
class Estimate:
    """A mean over replications with its interval.

    Attributes:
        mean: mean.
        low: lower end of the interval; not a number where one replication gives none.
        high: upper end.
    """

    mean: float
    low: float
    high: float

    @property
    def margin(self) -> float:
        """Half the width of the interval."""
        return (self.high - self.low) / 2


def estimate(values: np.ndarray, confidence: float = CONFIDENCE) -> Estimate:
    """Mean of independent values with the interval of Student's t.

    Args:
        values: one for each replication; those that are not a number (no patient to measure) are left out.
        confidence: probability of the interval.
    """
    from scipy.special import stdtrit

    known = np.asarray(values, dtype=float)
    known = known[np.isfinite(known)]
    if known.size == 0:
        return Estimate(np.nan, np.nan, np.nan)
    mean = float(known.mean())
    if known.size == 1:
        return Estimate(mean, np.nan, np.nan)
    width = float(stdtrit(known.size - 1, 0.5 + confidence / 2)) * float(known.std(ddof=1)) / np.sqrt(known.size)
    return Estimate(mean, mean - width, mean + width)


def _share(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """A quotient that is not a number where there is nothing to divide by."""
    return np.divide(part, whole, out=np.full(part.shape, np.nan), where=(whole > 0) & np.isfinite(whole))


def growth(record: PathwayRecord) -> np.ndarray:
    """Patients waiting or delayed in the second half of the days, less the first half [replication, point]."""
    stuck = record.daily["waiting"] + record.daily["delayed"]
    half = record.intervals // 2
    if half == 0:
        return np.zeros((record.replications, len(record.points)))
    return stuck[:, -half:].mean(axis=1) - stuck[:, :half].mean(axis=1)


def summary_values(record: PathwayRecord) -> dict[str, np.ndarray]:
    """Every figure of ``SUMMARY`` [replication, point]."""
    daily = record.daily
    means = {each.name: daily[each.name].mean(axis=1) for each in DAILY}
    places = np.broadcast_to(record.places.mean(axis=0), means["occupancy"].shape)
    costs = {name: means[name] for name in ("cost_treated", "cost_delayed", "cost_waiting")}
    return {
        "places": places,
        "occupancy": means["occupancy"],
        "occupancy_95": np.percentile(daily["occupancy"], BUSY_DAYS, axis=1),
        "occupancy_share": _share(means["occupancy"], places),
        "full": means["full"],
        "waiting": means["waiting"],
        "mean_wait": _share(means["wait_days"], means["started"]),
        "delayed": means["delayed"],
        "mean_delay": _share(means["delay_days"], means["left"]),
        "throughput": means["left"],
        "rejected": means["rejected"],
        "cancelled": means["cancelled"],
        "gave_up": means["gave_up"],
        **costs,
        "cost": sum(costs.values(), start=np.zeros(places.shape)),
        "growth": growth(record),
    }


@dataclass(frozen=True)
class Settling:
    """Whether the line of a point settles, so that its means are more than a matter of how long one looks.

    Attributes:
        state: ``settled``; ``congested`` (arrivals need at least the places that there are, nothing bounds the line,
            and the places were full: there is no steady state); or ``growing`` (the line was longer in the second half
            of the days than before). A point behind a congested one may get less than is asked of it, and settle.
        load: places that arrivals need on average.
        places: places on average.
        growth: patients by which the line grew between the halves of the record.
        growth_a_day: the same a day.
    """

    state: str
    load: float
    places: float
    growth: Estimate
    growth_a_day: float


def settling(record: PathwayRecord) -> dict[str, Settling]:
    """For each service point, whether its line settles."""
    grown = growth(record)
    stuck = (record.daily["waiting"] + record.daily["delayed"]).mean(axis=(0, 1))
    later = record.intervals // 2
    in_use = record.daily["occupancy"][:, later:].mean(axis=(0, 1))
    # The middles of the halves lie as far apart as a half is long, and an odd day between them.
    apart = max(record.intervals - record.intervals // 2, 1) * record.interval_days
    found = {}
    for position, point in enumerate(record.points):
        places = float(record.places[:, position].mean())
        load = float(record.load[position])
        seen = estimate(grown[:, position], SURE)
        state = "settled"
        full = in_use[position] >= FULL * float(record.places[later:, position].mean())
        if record.endless[position] and load >= places and full:
            state = "congested"
        elif seen.low > 0 and seen.mean > LEAST_GROWTH and seen.mean > 0.1 * stuck[position]:
            state = "growing"
        found[point] = Settling(state, load, places, seen, seen.mean / apart)
    return found


def per_day(arrays: Mapping[str, np.ndarray]) -> dict[str, Estimate]:
    """Patients a day of each name, over arrays [replication, interval]."""
    return {name: estimate(values.mean(axis=1)) for name, values in arrays.items()}


def watched(record: PathwayRecord) -> dict[str, tuple[Estimate, Estimate]]:
    """Of each duration watched: its share over the threshold, and how many were measured a day."""
    found = {}
    for name, values in record.watches.items():
        over, measured = values[..., 0].mean(axis=1), values[..., 1].mean(axis=1)
        found[name] = (estimate(_share(over, measured)), estimate(measured))
    return found


def write_summary(record: PathwayRecord, path: Path) -> Path:
    """One line for each service point and figure: mean over replications and its 95 % interval."""
    values = summary_values(record)
    states = settling(record)

    def rows() -> Any:
        for position, point in enumerate(record.points):
            for measure in SUMMARY:
                found = estimate(values[measure.name][:, position])
                if np.isfinite(found.mean):
                    yield (point, measure.name, measure.unit, *_cells(found), states[point].state, measure.meaning)
            needed = float(record.load[position])
            yield (
                point,
                "places_needed",
                "places",
                needed,
                "",
                "",
                states[point].state,
                "places that arrivals need if nobody waits",
            )

    header = ("point", "measure", "unit", "mean", "low", "high", "state", "meaning")
    return write_csv(path, header, rows())


def _cells(found: Estimate) -> tuple[object, object, object]:
    return (found.mean, *((found.low, found.high) if np.isfinite(found.low) else ("", "")))


def write_ways_out(record: PathwayRecord, path: Path) -> Path:
    """Patients a day by each exit, those who stopped waiting by each way, and durations over their threshold."""

    def rows() -> Any:
        for name, found in per_day(record.exits).items():
            yield ("exit", name, "patients/day", *_cells(found))
        for name, found in per_day(record.gave_up).items():
            yield ("stopped waiting", name, "patients/day", *_cells(found))
        for name, (over, measured) in watched(record).items():
            yield ("over threshold", name, "1", *_cells(over))
            yield ("measured", name, "patients/day", *_cells(measured))

    return write_csv(path, ("kind", "name", "unit", "mean", "low", "high"), rows())


def write_daily(record: PathwayRecord, path: Path) -> Path:
    """One line for each day, service point and figure: mean of the replications, and 80 % of them lie between."""
    bands = {}
    for measure in DAILY:
        values = record.daily[measure.name]
        bands[measure.name] = (values.mean(axis=0), *np.percentile(values, BAND, axis=0))

    def rows() -> Any:
        for day, shown in enumerate(record.dates):
            for position, point in enumerate(record.points):
                if np.isfinite(record.places[day, position]):
                    yield (shown, point, "places", "places", float(record.places[day, position]), "", "")
                for measure in DAILY:
                    cells = (float(band[day, position]) for band in bands[measure.name])
                    yield (shown, point, measure.name, measure.unit, *cells)

    return write_csv(path, ("date", "point", "measure", "unit", "mean", "low", "high"), rows())


def to_dataset(record: PathwayRecord) -> xr.Dataset:
    """All figures by replication, day and service point, with units and provenance (CF conventions)."""
    import xarray as xr

    axes = ("replication", "day", "point")
    variables: dict[str, Any] = {}
    for measure in DAILY:
        attributes = {"long_name": measure.meaning, "units": measure.unit, "cell_methods": "day: mean"}
        variables[measure.name] = (axes, record.daily[measure.name].astype(np.float32), attributes)
    variables["places"] = (
        ("day", "point"),
        record.places.astype(np.float32),
        {"long_name": "places, infinite without a limit", "units": "places", "cell_methods": "day: mean"},
    )
    variables["places_needed"] = (
        ("point",),
        record.load.astype(np.float32),
        {"long_name": "places that arrivals need on average if nobody waits", "units": "places"},
    )
    coordinates: dict[str, Any] = {
        "replication": ("replication", np.arange(record.replications), {"long_name": "replication", "units": "1"}),
        "day": (
            "day",
            np.array(record.dates, dtype="datetime64[ns]"),
            {"long_name": "day", "standard_name": "time", "axis": "T"},
        ),
        "point": ("point", list(record.points), {"long_name": "service point"}),
    }
    for axis, title, arrays in (
        ("exit", "way out of the network", record.exits),
        ("waiting_exit", "way to stop waiting", record.gave_up),
    ):
        if arrays:
            name = "left_by_exit" if axis == "exit" else "stopped_waiting"
            stacked = np.stack(list(arrays.values()), axis=-1).astype(np.float32)
            variables[name] = (
                ("replication", "day", axis),
                stacked,
                {"long_name": f"patients by {title}", "units": "patients/day", "cell_methods": "day: mean"},
            )
            coordinates[axis] = (axis, list(arrays), {"long_name": title})
    if record.watches:
        stacked = np.stack(list(record.watches.values()), axis=2).astype(np.float32)
        variables["watched"] = (
            ("replication", "day", "watch", "counted"),
            stacked,
            {"long_name": "durations over their threshold", "units": "patients/day", "cell_methods": "day: mean"},
        )
        coordinates["watch"] = ("watch", list(record.watches), {"long_name": "duration watched"})
        coordinates["counted"] = ("counted", ["over", "measured"], {"long_name": "over the threshold, or all"})
    attributes = {"Conventions": "CF-1.10", "title": f"Pathway network: {record.name}", **record.provenance}
    return xr.Dataset(variables, coordinates, attributes)


def write_dataset(record: PathwayRecord, path: Path) -> Path:
    """Write NetCDF, compressed, whole or not at all.

    Raises:
        UserError: the file cannot be written.
    """
    dataset = to_dataset(record)
    encoding: dict[str, dict[str, Any]] = {
        str(name): dict(COMPRESSION) for name, values in dataset.data_vars.items() if values.dtype == np.float32
    }
    encoding["day"] = {
        "units": f"days since {record.first_day.isoformat()}",
        "calendar": "proleptic_gregorian",
        "dtype": "int32",
    }
    with written_whole(path) as temporary:
        dataset.to_netcdf(temporary, engine="netcdf4", encoding=encoding)
    return path


def check_size(replications: int, intervals: int, points: int, *, most_gigabytes: float = 8.0) -> None:
    """Refuse a record that would not fit into memory.

    Raises:
        UserError: it is larger than ``most_gigabytes``.
    """
    gigabytes = 3.0 * 8 * len(DAILY) * replications * intervals * points / 1e9
    if gigabytes > most_gigabytes:
        raise UserError(
            f"{replications} replications of {intervals:,} days at {points} service points would take about "
            f"{gigabytes:,.0f} GB of memory; ask for fewer days (--days) or replications (--replications).",
            code=Exit.USAGE,
        )
