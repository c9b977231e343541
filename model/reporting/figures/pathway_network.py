"""Figures of a pathway network: occupancy and places, queues, delays and costs by day, and a sweep of capacity."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from model.reporting.figures.style import (
    heading,
    legend_above,
    margins,
    note,
    number_axis,
    panels,
    rows_of,
    save,
    styled,
)
from model.reporting.names import wrapped
from model.reporting.theme import A4_PORTRAIT, AXIS, FAINT, INK, PALETTE
from model.results.pathway_sweep import COST_PARTS, Sweep
from model.results.pathways import BAND, PathwayRecord, estimate, queue_states

COLUMNS = 3
PANEL_HEIGHT = 1.75
TREATED, PLACES, DELAYED, WAITING, EMPTY = PALETTE[0], INK, PALETTE[1], PALETTE[4], FAINT
STATES = (("treated", TREATED), ("delayed", DELAYED), ("waiting", WAITING))
"""States that cost money, in the order in which they are stacked."""

STACK_COLOURS = dict(zip(COST_PARTS, (TREATED, EMPTY, DELAYED, WAITING), strict=True))
STACK_NAMES = {
    "cost_treated": "treatment",
    "cost_empty": "empty places",
    "cost_delayed": "delay",
    "cost_waiting": "waiting",
}
PLACES_DASHES = (0, (4, 2))
TITLE_LETTERS = 34
MOST_BINS = 40


def plot_occupancy(record: PathwayRecord, path: Path) -> Path:
    """Draw patients in places and places, by day and service point; PNG and SVG are written."""
    dates = _dates(record)

    def draw(axes: Axes, point: int) -> None:
        _band(axes, record, record.daily["occupancy"][:, :, point], TREATED)
        places = record.places[:, point]
        if np.all(np.isfinite(places)):
            axes.step(dates, places, where="post", color=PLACES, lw=1.0, ls=PLACES_DASHES)

    keys = [
        Line2D([], [], color=TREATED, lw=1.6, label="patients in places"),
        Line2D([], [], color=PLACES, lw=1.0, ls=PLACES_DASHES, label="places"),
    ]
    subtitle = "patients in places, and places reserved for one on transfer"
    return _points(record, path, "Occupancy", subtitle, draw, keys=keys, explained=_band_words(record))


def plot_queues(record: PathwayRecord, path: Path) -> Path:
    """Draw patients who wait without a place, by day and service point."""
    explained = f"{_band_words(record)} Who waits in a place elsewhere is delayed there, and not shown here."
    subtitle = "patients who wait for the point and hold no place"
    return _daily(record, path, "waiting", WAITING, "Queues", subtitle, explained)


def plot_delays(record: PathwayRecord, path: Path) -> Path:
    """Draw patients delayed in places, by day and service point."""
    explained = f"{_band_words(record)} Delayed: preparing, blocked for want of the next place, or on transfer."
    subtitle = "patients who hold a place of the point after their stay"
    return _daily(record, path, "delayed", DELAYED, "Delayed patients", subtitle, explained)


def plot_occupancy_distribution(record: PathwayRecord, path: Path) -> Path:
    """Draw how often a day had which mean occupancy, over all days and replications, by service point."""

    def draw(axes: Axes, point: int) -> None:
        values = record.daily["occupancy"][:, :, point].ravel()
        low, high = np.floor(values.min()), np.ceil(values.max())
        # Bins lie about whole numbers of patients, so that a point full all day has a bar at its places.
        width = max(1.0, np.ceil((high - low) / MOST_BINS))
        bins = np.arange(low - width / 2, high + 1.5 * width, width).tolist()
        axes.hist(values, bins=bins, weights=np.full(values.size, 100.0 / values.size), color=TREATED, alpha=0.75)
        axes.axvline(float(np.percentile(values, 95)), color=DELAYED, lw=1.1)
        places = record.places[:, point].mean()
        if np.isfinite(places):
            axes.axvline(places, color=PLACES, lw=1.0, ls=PLACES_DASHES)

    keys = [
        Patch(color=TREATED, alpha=0.75, label="% of days"),
        Line2D([], [], color=DELAYED, lw=1.1, label="95th percentile"),
        Line2D([], [], color=PLACES, lw=1.0, ls=PLACES_DASHES, label="places (mean)"),
    ]
    return _points(
        record,
        path,
        "How full on how many days",
        "mean patients in places on a day, % of all days",
        draw,
        keys=keys,
        explained="All days of all replications.",
        dated=False,
    )


def plot_costs(record: PathwayRecord, path: Path) -> Path:
    """Draw the cost a day by service point and state, mean over all days and replications, with its interval."""
    costs = {name: record.daily[f"cost_{name}"].mean(axis=1) for name, _ in STATES}
    whole = sum(costs.values(), start=np.zeros((record.replications, len(record.points))))
    with styled():
        figure = Figure(figsize=(A4_PORTRAIT[0], 1.75 + 0.24 * len(record.points)))
        axes = figure.subplots()
        margins(figure, left=0.27, right=0.96, above=0.95, below=0.72)
        rows = np.arange(len(record.points))
        ends = np.zeros(len(record.points))
        for name, colour in STATES:
            values = costs[name].mean(axis=0)
            axes.barh(rows, values, left=ends, color=colour, height=0.68, label=name)
            ends += values
        if record.replications > 1:
            spreads = [estimate(whole[:, row]).margin for row in rows]
            axes.errorbar(ends, rows, xerr=spreads, fmt="none", ecolor=INK, elinewidth=0.9, capsize=2)
        axes.set_yticks(rows, [wrapped(point, TITLE_LETTERS) for point in record.points])
        axes.invert_yaxis()
        axes.grid(visible=False, axis="y")
        number_axis(axes.xaxis)
        axes.set_xlabel("£ a day")
        heading(figure, "Cost a day", "by service point and what patients do there")
        legend_above(figure, _labelled(axes), len(STATES), key_length=1.2)
        whisker = "Whisker: 95% interval of the mean over replications. " if record.replications > 1 else ""
        note(figure, f"{whisker}Prices as in the network file. {_source(record)}")
        return save(figure, path)


def plot_sweep(sweep: Sweep, path: Path) -> Path:
    """Draw the cost a day by value with its parts, what each value costs above the least, and service."""
    values = np.array(sweep.values)
    with styled():
        figure = Figure(figsize=(A4_PORTRAIT[0], 7.6))
        upper, middle, lower = figure.subplots(3, 1, height_ratios=(1.5, 1, 1), sharex=True)
        figure.subplots_adjust(left=0.11, right=0.9, top=0.86, bottom=0.11, hspace=0.32)
        _stacked_costs(upper, sweep, values)
        _above_least(middle, sweep, values)
        for axes in (upper, middle, lower):
            number_axis(axes.yaxis)
            axes.axvline(values[sweep.least], color=PALETTE[2], lw=1.2, ls=PLACES_DASHES)
        _service(lower, sweep, values)
        lower.set_xlabel(sweep.key)
        heading(figure, f"{sweep.network}: a sweep of {sweep.key}", f"least cost at {values[sweep.least]:g}")
        keys = _labelled(upper)
        legend_above(figure, keys, len(keys), key_length=1.2)
        note(figure, _sweep_note(sweep))
        return save(figure, path)


def _dates(record: PathwayRecord) -> np.ndarray:
    return np.array(record.dates, dtype="datetime64[D]")


def _labelled(axes: Axes) -> dict[str, Artist]:
    """Artists of a panel by their labels, for a legend."""
    handles, labels = axes.get_legend_handles_labels()
    return dict(zip(labels, handles, strict=True))


def _daily(
    record: PathwayRecord, path: Path, quantity: str, colour: str, title: str, subtitle: str, explained: str
) -> Path:
    """Draw one quantity by day and service point."""

    def draw(axes: Axes, point: int) -> None:
        _band(axes, record, record.daily[quantity][:, :, point], colour)

    keys = [Line2D([], [], color=colour, lw=1.6, label=quantity)]
    return _points(record, path, title, subtitle, draw, keys=keys, explained=explained)


def _points(
    record: PathwayRecord,
    path: Path,
    title: str,
    subtitle: str,
    draw: Callable[[Axes, int], None],
    *,
    keys: Sequence[Artist],
    explained: str,
    dated: bool = True,
) -> Path:
    """Draw one small panel for each service point, on one page that is as long as it must be."""
    states = queue_states(record)
    count = len(record.points)
    with styled():
        height = 1.45 + PANEL_HEIGHT * rows_of(count, min(COLUMNS, count))
        figure = Figure(figsize=(A4_PORTRAIT[0], height))
        grid = panels(figure, count, COLUMNS)
        margins(figure, left=0.07, right=0.975, above=1.1, below=0.62, hspace=0.62, wspace=0.24)
        for index, (axes, point) in enumerate(zip(grid, record.points, strict=True)):
            draw(axes, index)
            state = states[point].state
            settled = state == "settled"
            name = point if settled else f"{point} ({state})"
            axes.set_title(wrapped(name, TITLE_LETTERS), color=INK if settled else PALETTE[1])
            number_axis(axes.yaxis, 4)
            axes.set_ylim(bottom=0)
            if dated:
                locator = AutoDateLocator(minticks=2, maxticks=5)
                axes.xaxis.set_major_locator(locator)
                axes.xaxis.set_major_formatter(ConciseDateFormatter(locator))
        heading(figure, title, subtitle)
        legend_above(figure, keys, len(keys))
        note(figure, f"{explained} {_source(record)}")
        return save(figure, path)


def _source(record: PathwayRecord) -> str:
    replications = f"{record.replications} replication{'' if record.replications == 1 else 's'}"
    seed = record.provenance.get("seed")
    return f"Network: {record.name}, {replications}{f', seed {seed}' if seed is not None else ''}."


def _band(axes: Axes, record: PathwayRecord, values: np.ndarray, colour: str) -> None:
    """Draw the mean of the replications by day, and the band in which most of them lie."""
    dates = _dates(record)
    if record.replications > 1:
        low, high = np.percentile(values, BAND, axis=0)
        axes.fill_between(dates, low, high, color=colour, alpha=0.22, lw=0)
    axes.plot(dates, values.mean(axis=0), color=colour, lw=1.3)


def _band_words(record: PathwayRecord) -> str:
    if record.replications == 1:
        return "Line: one replication, by day."
    return "Line: mean of the replications by day; band: 80% of the replications lie within it on that day."


def _stacked_costs(axes: Axes, sweep: Sweep, values: np.ndarray) -> None:
    width = 0.8 * float(np.diff(values).min()) if values.size > 1 else 0.8
    tops = np.zeros(values.size)
    for name in COST_PARTS:
        costs = sweep.results[name].mean(axis=1)
        if np.any(costs > 0):
            axes.bar(values, costs, width, bottom=tops, color=STACK_COLOURS[name], label=STACK_NAMES[name])
            tops += costs
    if sweep.replications > 1:
        spreads = [estimate(replications).margin for replications in sweep.results["cost"]]
        axes.errorbar(values, tops, yerr=spreads, fmt="none", ecolor=INK, elinewidth=0.9, capsize=2)
    axes.set_title("Cost, £ a day")


def _above_least(axes: Axes, sweep: Sweep, values: np.ndarray) -> None:
    differences = [sweep.difference(index) for index in range(values.size)]
    axes.axhline(0, color=AXIS, lw=0.9)
    axes.plot(values, [difference.mean for difference in differences], color=INK, lw=1.2, marker="o", markersize=3)
    if sweep.replications > 1:
        low, high = ([getattr(difference, end) for difference in differences] for end in ("low", "high"))
        axes.fill_between(values, low, high, color=INK, alpha=0.15, lw=0)
    axes.set_title("Cost above the least, £ a day (paired replications)")


def _service(axes: Axes, sweep: Sweep, values: np.ndarray) -> None:
    """Draw waiting and delayed patients on the left, mean wait on the right where there is one."""
    axes.plot(values, sweep.results["waiting"].mean(axis=1), color=WAITING, lw=1.4, marker="o", markersize=3)
    axes.plot(values, sweep.results["delayed"].mean(axis=1), color=DELAYED, lw=1.4, marker="o", markersize=3)
    axes.set_ylim(bottom=0)
    axes.set_title("Patients waiting (yellow), delayed (red), all points; mean wait at the point, days (blue, right)")
    waits = sweep.results["mean_wait"].mean(axis=1)
    if np.any(np.isfinite(waits)):
        right = axes.twinx()
        right.plot(values, waits, color=TREATED, lw=1.2, ls=(0, (2, 1)), marker="s", markersize=2.5)
        right.set_ylim(bottom=0)
        right.grid(visible=False)
        right.spines["right"].set_visible(True)


def _sweep_note(sweep: Sweep) -> str:
    unsettled = [f"{value:g}" for value, points in zip(sweep.values, sweep.unsettled_here, strict=True) if points]
    warning = (
        f" At {', '.join(unsettled)} a line does not settle: figures there depend on the days." if unsettled else ""
    )
    return (
        f"Whiskers and bands: 95% intervals of means. {sweep.replications} replications at each value, with the same "
        f"random numbers.{warning} Dashed: least cost."
    )


@dataclass(frozen=True)
class PathwayFigure:
    """A figure of a run.

    Attributes:
        name: file name without ending.
        meaning: what it shows.
        plot: makes it.
        needs: quantities of the record of which one must not be zero, for there to be something to show.
    """

    name: str
    meaning: str
    plot: Callable[[PathwayRecord, Path], Path]
    needs: tuple[str, ...]


FIGURES = (
    PathwayFigure(
        "occupancy",
        "Patients in places and places by day, with the band of the replications.",
        plot_occupancy,
        ("occupancy",),
    ),
    PathwayFigure("queues", "Patients who wait without a place, by day.", plot_queues, ("waiting",)),
    PathwayFigure("delays", "Patients delayed in places, by day.", plot_delays, ("delayed",)),
    PathwayFigure(
        "costs", "Cost a day by service point and state.", plot_costs, tuple(f"cost_{name}" for name, _ in STATES)
    ),
    PathwayFigure(
        "occupancy_distribution",
        "How full each service point is on how many days.",
        plot_occupancy_distribution,
        ("occupancy",),
    ),
)


def figures_to_draw(record: PathwayRecord) -> list[PathwayFigure]:
    """Return the figures of a run that have something to show."""
    return [drawing for drawing in FIGURES if any(bool(np.any(record.daily[name])) for name in drawing.needs)]
