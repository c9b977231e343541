"""A pathway network run again and again: results by day and service point, their summary, its intervals, and files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from model.registry.errors import Exit, UserError
from model.results.atomic_files import whole_file, write_csv
from model.results.dataset import COMPRESSION
from model.results.expressions import ratio

if TYPE_CHECKING:
    import xarray as xr

CONFIDENCE = 0.95
"""Probability of the interval of a mean over replications."""

BAND = (10.0, 90.0)
"""Percentiles between which 80 % of the replications lie on a day."""

BUSY_DAYS = 95.0
"""Percentile of the days whose occupancy is shown beside its mean."""

SURE = 0.99
"""Probability of the interval of a growth before it is called one: many points are looked at, few may be wrong."""

FULL = 0.95
"""Share of its places in use from which on a point is taken as full."""

LEAST_GROWTH = 1.0
"""Patients by which a line must have grown between the halves of the record, and a tenth of those in it."""


@dataclass(frozen=True)
class PointMeasure:
    """One result of each service point.

    Attributes:
        name: name in files.
        unit: its unit.
        meaning: what it is.
    """

    name: str
    unit: str
    meaning: str


DAILY = (
    PointMeasure("occupancy", "patients", "patients who hold a place, and places reserved for one on transfer"),
    PointMeasure("treated", "patients", "patients in their stay, by the place they hold"),
    PointMeasure(
        "delayed", "patients", "patients who hold a place after their stay: preparing, blocked or on transfer"
    ),
    PointMeasure("reserved", "places", "places reserved for a patient on transfer"),
    PointMeasure("waiting", "patients", "patients who wait for the point and hold no place"),
    PointMeasure("full", "1", "share of the time during which no place was free"),
    PointMeasure("joined", "patients/day", "patients who joined the line"),
    PointMeasure("started", "patients/day", "patients who started their stay after a wait, or at once"),
    PointMeasure("outliers_started", "patients/day", "those of them who started in a place of another point"),
    PointMeasure("ended", "patients/day", "patients whose stay ended"),
    PointMeasure("left", "patients/day", "patients who left the place held after their stay"),
    PointMeasure("rejected", "patients/day", "arrivals turned away because the queue was full"),
    PointMeasure("cancelled", "patients/day", "arrivals cancelled because the point was too full"),
    PointMeasure("gave_up", "patients/day", "patients who left the line before they were served"),
    PointMeasure("wait_days", "days/day", "days waited by those who started"),
    PointMeasure("delay_days", "days/day", "days delayed of those whose delay ended"),
    PointMeasure("cost_treated", "GBP/day", "cost of patients in their stay"),
    PointMeasure("cost_delayed", "GBP/day", "cost of patients delayed in a place after their stay"),
    PointMeasure("cost_waiting", "GBP/day", "cost of patients who wait without a place"),
)
"""Results of each day; patients in a state are means over the day."""

SUMMARY = (
    PointMeasure("places", "places", "places, mean of the days"),
    PointMeasure("occupancy", "patients", "patients in places, mean of the days"),
    PointMeasure("occupancy_95", "patients", "patients in places, 95th percentile of the days"),
    PointMeasure("occupancy_share", "1", "patients in places over places"),
    PointMeasure("full", "1", "share of the time during which no place was free"),
    PointMeasure("waiting", "patients", "patients waiting without a place"),
    PointMeasure("mean_wait", "days", "mean wait of those who started"),
    PointMeasure("delayed", "patients", "patients delayed in places"),
    PointMeasure("mean_delay", "days", "mean delay, after the stay, of those who left their place"),
    PointMeasure("throughput", "patients/day", "patients who left a place after their stay"),
    PointMeasure("rejected", "patients/day", "arrivals turned away"),
    PointMeasure("cancelled", "patients/day", "arrivals cancelled"),
    PointMeasure("gave_up", "patients/day", "patients who left the line unserved"),
    PointMeasure("cost_treated", "GBP/day", "cost of treatment"),
    PointMeasure("cost_delayed", "GBP/day", "cost of delay"),
    PointMeasure("cost_waiting", "GBP/day", "cost of waiting"),
    PointMeasure("cost", "GBP/day", "cost of treatment, delay and waiting"),
    PointMeasure("growth", "patients", "patients waiting or delayed, second half of the days less the first"),
)
"""Results of each service point over the whole record, one for each replication."""


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
        daily: results named in ``DAILY`` [replication, interval, point].
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
        return tuple(self.first_day + timedelta(interval * self.interval_days) for interval in range(self.intervals))


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
    """Return the mean of independent values with the interval of Student's t.

    Args:
        values: one for each replication; those that are not a number (no patient to measure) are left out.
        confidence: probability of the interval.
    """
    from scipy.special import stdtrit

    finite = np.asarray(values, dtype=float)
    finite = finite[np.isfinite(finite)]
    if finite.size == 0:
        return Estimate(np.nan, np.nan, np.nan)
    mean = float(finite.mean())
    if finite.size == 1:
        return Estimate(mean, np.nan, np.nan)
    width = float(stdtrit(finite.size - 1, 0.5 + confidence / 2)) * float(finite.std(ddof=1)) / np.sqrt(finite.size)
    return Estimate(mean, mean - width, mean + width)


def _share(amount: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """A quotient that is not a number where the whole is zero or has no limit."""
    return ratio(amount, np.where((whole > 0) & np.isfinite(whole), whole, 0.0))


def growth(record: PathwayRecord) -> np.ndarray:
    """Return patients waiting or delayed in the second half of the days, less the first half [replication, point]."""
    stuck = record.daily["waiting"] + record.daily["delayed"]
    half = record.intervals // 2
    if half == 0:
        return np.zeros((record.replications, len(record.points)))
    return stuck[:, -half:].mean(axis=1) - stuck[:, :half].mean(axis=1)


def summary_values(record: PathwayRecord) -> dict[str, np.ndarray]:
    """Return every result of ``SUMMARY`` [replication, point]."""
    daily = record.daily
    means = {measure.name: daily[measure.name].mean(axis=1) for measure in DAILY}
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
class QueueState:
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


def queue_states(record: PathwayRecord) -> dict[str, QueueState]:
    """Return for each service point whether its line settles."""
    grown = growth(record)
    stuck = (record.daily["waiting"] + record.daily["delayed"]).mean(axis=(0, 1))
    later = record.intervals // 2
    in_use = record.daily["occupancy"][:, later:].mean(axis=(0, 1))
    # The middles of the halves lie as far apart as a half is long, and an odd day between them.
    apart = max(record.intervals - record.intervals // 2, 1) * record.interval_days
    states = {}
    for position, point in enumerate(record.points):
        places = float(record.places[:, position].mean())
        load = float(record.load[position])
        longer = estimate(grown[:, position], SURE)
        state = "settled"
        full = in_use[position] >= FULL * float(record.places[later:, position].mean())
        if record.endless[position] and load >= places and full:
            state = "congested"
        elif longer.low > 0 and longer.mean > LEAST_GROWTH and longer.mean > 0.1 * stuck[position]:
            state = "growing"
        states[point] = QueueState(state, load, places, longer, longer.mean / apart)
    return states


def per_day(arrays: Mapping[str, np.ndarray]) -> dict[str, Estimate]:
    """Return patients a day of each name, over arrays [replication, interval]."""
    return {name: estimate(values.mean(axis=1)) for name, values in arrays.items()}


def watched(record: PathwayRecord) -> dict[str, tuple[Estimate, Estimate]]:
    """Return of each duration watched its share over the threshold, and how many were measured a day."""
    durations = {}
    for name, values in record.watches.items():
        over, measured = values[..., 0].mean(axis=1), values[..., 1].mean(axis=1)
        durations[name] = (estimate(_share(over, measured)), estimate(measured))
    return durations


def write_summary(record: PathwayRecord, path: Path) -> Path:
    """Write one line for each service point and result: mean over replications and its 95 % interval."""
    values = summary_values(record)
    states = queue_states(record)

    def rows() -> Iterator[tuple[object, ...]]:
        for position, point in enumerate(record.points):
            for measure in SUMMARY:
                mean = estimate(values[measure.name][:, position])
                if np.isfinite(mean.mean):
                    yield (point, measure.name, measure.unit, *_cells(mean), states[point].state, measure.meaning)
            needed = ("places_needed", "places", float(record.load[position]), "", "")
            yield (point, *needed, states[point].state, "places that arrivals need if nobody waits")

    header = ("point", "measure", "unit", "mean", "low", "high", "state", "meaning")
    return write_csv(path, header, rows())


def _cells(mean: Estimate) -> tuple[object, object, object]:
    return (mean.mean, *((mean.low, mean.high) if np.isfinite(mean.low) else ("", "")))


def write_ways_out(record: PathwayRecord, path: Path) -> Path:
    """Write patients a day by each exit, those who stopped waiting by each way, and durations over their threshold."""

    def rows() -> Iterator[tuple[object, ...]]:
        for name, leaving in per_day(record.exits).items():
            yield ("exit", name, "patients/day", *_cells(leaving))
        for name, stopping in per_day(record.gave_up).items():
            yield ("stopped waiting", name, "patients/day", *_cells(stopping))
        for name, (over, measured) in watched(record).items():
            yield ("over threshold", name, "1", *_cells(over))
            yield ("measured", name, "patients/day", *_cells(measured))

    return write_csv(path, ("kind", "name", "unit", "mean", "low", "high"), rows())


def write_daily(record: PathwayRecord, path: Path) -> Path:
    """Write one line for each day, point and result: mean of the replications, and between what 80% of them lie."""
    bands = {}
    for measure in DAILY:
        values = record.daily[measure.name]
        bands[measure.name] = (values.mean(axis=0), *np.percentile(values, BAND, axis=0))

    def rows() -> Iterator[tuple[object, ...]]:
        for index, day in enumerate(record.dates):
            for position, point in enumerate(record.points):
                if np.isfinite(record.places[index, position]):
                    yield (day, point, "places", "places", float(record.places[index, position]), "", "")
                for measure in DAILY:
                    cells = (float(band[index, position]) for band in bands[measure.name])
                    yield (day, point, measure.name, measure.unit, *cells)

    return write_csv(path, ("date", "point", "measure", "unit", "mean", "low", "high"), rows())


def to_dataset(record: PathwayRecord) -> xr.Dataset:
    """Return all results by replication, day and service point, with units and provenance (CF conventions)."""
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
    with whole_file(path) as temporary:
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
