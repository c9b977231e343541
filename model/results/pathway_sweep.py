"""A sweep of one number of a network: cost and service at each value, and the least cost with what it is sure of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from model.results.atomic_files import write_csv
from model.results.number_format import format_number
from model.results.pathways import Estimate, PathwayRecord, estimate, queue_states, summary_values

SWEEP_RESULTS = {
    "cost": ("GBP/day", "whole cost: of treatment, empty places, delay and waiting, over all service points"),
    "cost_treated": ("GBP/day", "cost of treatment"),
    "cost_empty": ("GBP/day", "cost of the empty places of the point whose places are swept"),
    "cost_delayed": ("GBP/day", "cost of delay"),
    "cost_waiting": ("GBP/day", "cost of waiting without a place"),
    "mean_wait": ("days", "mean wait at the point"),
    "full": ("1", "share of the time during which the point had no free place"),
    "occupancy_share": ("1", "patients in places over places, at the point"),
    "waiting": ("patients", "patients waiting without a place, over all service points"),
    "delayed": ("patients", "patients delayed in places, over all service points"),
    "turned_away": ("patients/day", "patients rejected, cancelled, or who gave up, over all service points"),
}
"""Results of a sweep: unit and meaning."""

COST_PARTS = ("cost_treated", "cost_empty", "cost_delayed", "cost_waiting")
"""What the whole cost is made of."""


@dataclass(frozen=True)
class Sweep:
    """What a network gave at each value of one of its numbers, the replications paired by their random numbers.

    Attributes:
        network: name of the network.
        key: dotted name of the number.
        values: values, ascending.
        point: service point whose places are swept; ``None`` where something else is.
        cost_of_a_place: cost of an empty place of that point, £ a day.
        results: results named in ``SWEEP_RESULTS`` [value, replication].
        unsettled: for each value, the points whose line does not settle.
    """

    network: str
    key: str
    values: tuple[float, ...]
    point: str | None
    cost_of_a_place: float
    results: Mapping[str, np.ndarray]
    unsettled: tuple[tuple[str, ...], ...]

    @property
    def replications(self) -> int:
        """Number of replications at each value."""
        return self.results["cost"].shape[1]

    @property
    def least(self) -> int:
        """Position of the value of least mean cost."""
        return int(np.argmin(self.results["cost"].mean(axis=1)))

    @property
    def unsettled_anyway(self) -> tuple[str, ...]:
        """Points other than the one swept whose line settles at no value."""
        always = set.intersection(*(set(points) for points in self.unsettled)) - {self.point}
        return tuple(name for name in self.unsettled[0] if name in always)

    @property
    def unsettled_here(self) -> tuple[tuple[str, ...], ...]:
        """For each value, points whose line does not settle, those that settle at no value left out."""
        anyway = self.unsettled_anyway
        return tuple(tuple(name for name in points if name not in anyway) for points in self.unsettled)

    def difference(self, position: int, name: str = "cost") -> Estimate:
        """Return a result at a value less the same at the least-cost value, replication by replication."""
        values = self.results[name]
        return estimate(values[position] - values[self.least])

    def as_good(self) -> tuple[float, ...]:
        """Return values whose cost cannot be told from the least, itself included: the difference may be zero."""
        return tuple(
            value
            for position, value in enumerate(self.values)
            if position == self.least or not self.difference(position).low > 0
        )


def sweep_of(
    key: str, point: str | None, cost_of_a_place: float, records: Sequence[tuple[float, PathwayRecord]]
) -> Sweep:
    """Put the records of a sweep together.

    Args:
        key: dotted name of the number.
        point: service point whose places it is, or ``None``.
        cost_of_a_place: £ a day of an empty place there.
        records: value and record, ascending by value.
    """
    results: dict[str, list[np.ndarray]] = {name: [] for name in SWEEP_RESULTS}
    unsettled = []
    for _, record in records:
        for name, values in _results(record, point, cost_of_a_place).items():
            results[name].append(values)
        unsettled.append(tuple(name for name, state in queue_states(record).items() if state.state != "settled"))
    return Sweep(
        network=records[0][1].name,
        key=key,
        values=tuple(value for value, _ in records),
        point=point,
        cost_of_a_place=cost_of_a_place,
        results={name: np.stack(values) for name, values in results.items()},
        unsettled=tuple(unsettled),
    )


def _results(record: PathwayRecord, point: str | None, cost_of_a_place: float) -> dict[str, np.ndarray]:
    """Results of one value [replication]."""
    values = summary_values(record)
    totals = {name: values[name].sum(axis=1) for name in values}
    empty = np.zeros(record.replications)
    at_point = dict.fromkeys(("mean_wait", "full", "occupancy_share"), np.full(record.replications, np.nan))
    if point is not None:
        position = record.points.index(point)
        free = record.places[:, position] - record.daily["occupancy"][:, :, position]
        empty = cost_of_a_place * np.maximum(free, 0.0).mean(axis=1)
        at_point = {name: values[name][:, position] for name in at_point}
    return {
        "cost": totals["cost"] + empty,
        "cost_treated": totals["cost_treated"],
        "cost_empty": empty,
        "cost_delayed": totals["cost_delayed"],
        "cost_waiting": totals["cost_waiting"],
        **at_point,
        "waiting": totals["waiting"],
        "delayed": totals["delayed"],
        "turned_away": totals["rejected"] + totals["cancelled"] + totals["gave_up"],
    }


def write_sweep(sweep: Sweep, path: Path) -> Path:
    """Write one line for each value and result, with its difference from the least-cost value."""

    def rows() -> Iterator[tuple[object, ...]]:
        for position, value in enumerate(sweep.values):
            state = "; ".join(sweep.unsettled[position])
            for name, (unit, meaning) in SWEEP_RESULTS.items():
                mean = estimate(sweep.results[name][position])
                if not np.isfinite(mean.mean):
                    continue
                difference = sweep.difference(position, name)
                cells = (mean.mean, mean.low, mean.high, difference.mean, difference.low, difference.high)
                yield (
                    float(value),
                    name,
                    unit,
                    *(cell if np.isfinite(cell) else "" for cell in cells),
                    position == sweep.least,
                    state,
                    meaning,
                )

    header = (
        sweep.key,
        "measure",
        "unit",
        "mean",
        "low",
        "high",
        "difference_from_least_cost",
        "difference_low",
        "difference_high",
        "least_cost",
        "not_settled",
        "meaning",
    )
    return write_csv(path, header, rows())


def verdict(sweep: Sweep) -> list[str]:
    """The least-cost value in words: against its neighbours, what is as good, and what the cost leaves out."""
    best = sweep.least
    value = sweep.values[best]
    lines = [f"Least cost at {sweep.key} = {value:g}: £{sweep.results['cost'][best].mean():,.0f} a day."]
    for position in (best - 1, best + 1):
        if 0 <= position < len(sweep.values):
            lines.append(f"  {sweep.values[position]:g} costs {_more(sweep.difference(position))}.")
    alike = [f"{other:g}" for other in sweep.as_good() if other != value]
    if sweep.replications == 1:
        lines.append("One replication: differences have no interval (--replications).")
    elif alike:
        lines.append(f"Not told apart from it by these replications: {', '.join(alike)}.")
    if best in (0, len(sweep.values) - 1) and len(sweep.values) > 1:
        lines.append("It lies at the edge of the sweep: a wider one may find less.")
    lines += _unsettled_lines(sweep)
    if bool(np.any(sweep.results["turned_away"] > 0)):
        lines.append("Patients rejected, cancelled or who gave up carry no cost here: weigh them beside it.")
    if sweep.point is not None:
        lines.append(f"An empty place of {sweep.point} costs £{sweep.cost_of_a_place:,.2f} a day.")
    return lines


def _unsettled_lines(sweep: Sweep) -> list[str]:
    marked = [f"{value:g}" for value, points in zip(sweep.values, sweep.unsettled_here, strict=True) if points]
    lines = []
    if marked:
        names = dict.fromkeys(name for points in sweep.unsettled_here for name in points)
        lines.append(
            f"▲ At {', '.join(marked)} a line does not settle ({', '.join(names)}): no steady state was seen, and the "
            "cost there depends on the days run."
        )
    if sweep.unsettled_anyway:
        lines.append(
            f"▲ Whatever the value, a line does not settle at {', '.join(sweep.unsettled_anyway)}: the cost includes "
            "it, and depends on the days run."
        )
    return lines


def _more(cost: Estimate) -> str:
    text = f"{_pounds(cost.mean)} a day more"
    return f"{text} (95% interval {_pounds(cost.low)} to {_pounds(cost.high)})" if np.isfinite(cost.low) else text


def _pounds(value: float) -> str:
    return f"{'−' if round(value) < 0 else ''}£{format_number(abs(value), 0)}"
