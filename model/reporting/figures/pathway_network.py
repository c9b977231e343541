"""Figures of a pathway network: occupancy and places, queues, delays and costs by day, and a sweep of capacity."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import FuncFormatter, MaxNLocator

from model.reporting.figures.style import A4_PORTRAIT, FAINT, INK, PALETTE, heading, note, save, styled, wrapped
from model.results.pathway_sweep import STACK, Sweep
from model.results.pathways import BAND, PathwayRecord, estimate, settling

COLUMNS = 3
PANEL_HEIGHT = 1.75
TREATED, PLACES, DELAYED, WAITING, EMPTY = PALETTE[0], INK, PALETTE[1], PALETTE[4], FAINT
STATES = (("treated", TREATED), ("delayed", DELAYED), ("waiting", WAITING))
"""States that cost money, in the order in which they are stacked."""

STACK_COLOURS = dict(zip(STACK, (TREATED, EMPTY, DELAYED, WAITING), strict=True))
STACK_NAMES = {
    "cost_treated": "treatment",
    "cost_empty": "empty places",
    "cost_delayed": "delay",
    "cost_waiting": "waiting",
}
TITLE_LETTERS = 34
MOST_BINS = 40


def _thousands(value: float, _: object) -> str:
    return f"{value:,.6g}".replace("-", "−")


def _panels(
    record: PathwayRecord,
    path: Path,
    title: str,
    subtitle: str,
    draw: Callable[[Axes, int], None],
    *,
    keys: Sequence[Line2D | Patch],
    explained: str,
    dated: bool = True,
    shown: Sequence[int] | None = None,
) -> Path:
    """One small panel for each service point, on one page that is as long as it must be."""
    points = list(range(len(record.points))) if shown is None else list(shown)
    columns = min(COLUMNS, len(points))
    lines = -(-len(points) // columns)
    height = 1.45 + PANEL_HEIGHT * lines
    states = settling(record)
    with styled():
        figure = Figure(figsize=(A4_PORTRAIT[0], height))
        grid = figure.subplots(lines, columns, squeeze=False)
        figure.subplots_adjust(
            left=0.07, right=0.975, top=1 - 1.1 / height, bottom=0.62 / height, hspace=0.62, wspace=0.24
        )
        for axes, position in zip(grid.flat, points, strict=False):
            draw(axes, position)
            point = record.points[position]
            state = states[point].state
            mark = "" if state == "settled" else f" ({state})"
            axes.set_title(wrapped(point + mark, TITLE_LETTERS), color=INK if state == "settled" else PALETTE[1])
            axes.yaxis.set_major_locator(MaxNLocator(4))
            axes.yaxis.set_major_formatter(FuncFormatter(_thousands))
            axes.set_ylim(bottom=0)
            if dated:
                locator = AutoDateLocator(minticks=2, maxticks=5)
                axes.xaxis.set_major_locator(locator)
                axes.xaxis.set_major_formatter(ConciseDateFormatter(locator))
        for axes in list(grid.flat)[len(points) :]:
            axes.set_visible(False)
        heading(figure, title, subtitle)
        figure.legend(
            handles=list(keys),
            loc="upper left",
            bbox_to_anchor=(0.01, 1 - 0.56 / height),
            ncols=len(keys),
            fontsize=7.5,
            handlelength=1.8,
            columnspacing=1.4,
            borderaxespad=0,
        )
        note(figure, f"{explained} {_source(record)}")
        return save(figure, path)


def _source(record: PathwayRecord) -> str:
    many = f"{record.replications} replication{'' if record.replications == 1 else 's'}"
    seed = record.provenance.get("seed")
    return f"Network: {record.name}, {many}{f', seed {seed}' if seed is not None else ''}."


def _band(axes: Axes, record: PathwayRecord, values: np.ndarray, colour: str) -> None:
    """Mean of the replications by day, and the band in which most of them lie."""
    dates = np.array(record.dates, dtype="datetime64[D]")
    if record.replications > 1:
        low, high = np.percentile(values, BAND, axis=0)
        axes.fill_between(dates, low, high, color=colour, alpha=0.22, lw=0)
    axes.plot(dates, values.mean(axis=0), color=colour, lw=1.3)


def _band_words(record: PathwayRecord) -> str:
    if record.replications == 1:
        return "Line: one replication, by day."
    return "Line: mean of the replications by day; band: 80% of the replications lie within it on that day."


def plot_occupancy(record: PathwayRecord, path: Path) -> Path:
    """Patients in places and places, by day and service point; PNG and SVG are written."""
    dates = np.array(record.dates, dtype="datetime64[D]")

    def draw(axes: Axes, position: int) -> None:
        _band(axes, record, record.daily["occupancy"][:, :, position], TREATED)
        places = record.places[:, position]
        if np.all(np.isfinite(places)):
            axes.step(dates, places, where="post", color=PLACES, lw=1.0, ls=(0, (4, 2)))

    keys = [
        Line2D([], [], color=TREATED, lw=1.6, label="patients in places"),
        Line2D([], [], color=PLACES, lw=1.0, ls=(0, (4, 2)), label="places"),
    ]
    return _panels(
        record,
        path,
        "Occupancy",
        "patients in places, and places reserved for one on transfer",
        draw,
        keys=keys,
        explained=_band_words(record),
    )


def plot_queues(record: PathwayRecord, path: Path) -> Path:
    """Patients who wait without a place, by day and service point."""

    def draw(axes: Axes, position: int) -> None:
        _band(axes, record, record.daily["waiting"][:, :, position], WAITING)

    return _panels(
        record,
        path,
        "Queues",
        "patients who wait for the point and hold no place",
        draw,
        keys=[Line2D([], [], color=WAITING, lw=1.6, label="waiting")],
        explained=f"{_band_words(record)} Who waits in a place elsewhere is delayed there, and not shown here.",
    )


def plot_delays(record: PathwayRecord, path: Path) -> Path:
    """Patients delayed in places, by day and service point."""

    def draw(axes: Axes, position: int) -> None:
        _band(axes, record, record.daily["delayed"][:, :, position], DELAYED)

    return _panels(
        record,
        path,
        "Delayed patients",
        "patients who hold a place of the point after their stay",
        draw,
        keys=[Line2D([], [], color=DELAYED, lw=1.6, label="delayed")],
        explained=f"{_band_words(record)} Delayed: preparing, blocked for want of the next place, or on transfer.",
    )


def plot_occupancy_distribution(record: PathwayRecord, path: Path) -> Path:
    """How often a day had which mean occupancy, over all days and replications, by service point."""

    def draw(axes: Axes, position: int) -> None:
        values = record.daily["occupancy"][:, :, position].ravel()
        low, high = np.floor(values.min()), np.ceil(values.max())
        # Bins lie about whole numbers of patients, so that a point full all day has a bar at its places.
        width = max(1.0, np.ceil((high - low) / MOST_BINS))
        bins = np.arange(low - width / 2, high + 1.5 * width, width)
        axes.hist(values, bins=bins, weights=np.full(values.size, 100.0 / values.size), color=TREATED, alpha=0.75)
        axes.axvline(np.percentile(values, 95), color=DELAYED, lw=1.1)
        places = record.places[:, position].mean()
        if np.isfinite(places):
            axes.axvline(places, color=PLACES, lw=1.0, ls=(0, (4, 2)))

    keys = [
        Patch(color=TREATED, alpha=0.75, label="% of days"),
        Line2D([], [], color=DELAYED, lw=1.1, label="95th percentile"),
        Line2D([], [], color=PLACES, lw=1.0, ls=(0, (4, 2)), label="places (mean)"),
    ]
    return _panels(
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
    """Cost a day by service point and state, mean over all days and replications with the interval of the whole."""
    costs = {name: record.daily[f"cost_{name}"].mean(axis=1) for name, _ in STATES}
    whole = sum(costs.values(), start=np.zeros((record.replications, len(record.points))))
    height = 1.75 + 0.24 * len(record.points)
    with styled():
        figure = Figure(figsize=(A4_PORTRAIT[0], height))
        axes = figure.subplots()
        figure.subplots_adjust(left=0.27, right=0.96, top=1 - 0.95 / height, bottom=0.72 / height)
        places = np.arange(len(record.points))
        begin = np.zeros(len(record.points))
        for name, colour in STATES:
            values = costs[name].mean(axis=0)
            axes.barh(places, values, left=begin, color=colour, height=0.68, label=name)
            begin += values
        margins = [estimate(whole[:, position]).margin for position in places]
        if record.replications > 1:
            axes.errorbar(begin, places, xerr=margins, fmt="none", ecolor=INK, elinewidth=0.9, capsize=2)
        axes.set_yticks(places, [wrapped(point, TITLE_LETTERS) for point in record.points])
        axes.invert_yaxis()
        axes.grid(visible=False, axis="y")
        axes.xaxis.set_major_formatter(FuncFormatter(_thousands))
        axes.set_xlabel("£ a day")
        heading(figure, "Cost a day", "by service point and what patients do there")
        figure.legend(
            loc="upper left",
            bbox_to_anchor=(0.01, 1 - 0.56 / height),
            ncols=len(STATES),
            fontsize=7.5,
            handlelength=1.2,
            borderaxespad=0,
        )
        bar = "Whisker: 95% interval of the mean over replications. " if record.replications > 1 else ""
        note(figure, f"{bar}Prices as in the network file. {_source(record)}")
        return save(figure, path)


def plot_sweep(sweep: Sweep, path: Path) -> Path:
    """Cost a day by value with its parts, what each value costs above the least, and service."""
    values = np.array(sweep.values)
    wide = 0.8 * float(np.diff(values).min()) if values.size > 1 else 0.8
    whole = [estimate(row) for row in sweep.figures["cost"]]
    with styled():
        figure = Figure(figsize=(A4_PORTRAIT[0], 7.6))
        upper, middle, lower = figure.subplots(3, 1, height_ratios=(1.5, 1, 1), sharex=True)
        figure.subplots_adjust(left=0.11, right=0.9, top=0.86, bottom=0.11, hspace=0.32)
        begin = np.zeros(values.size)
        for name in STACK:
            part = sweep.figures[name].mean(axis=1)
            if np.any(part > 0):
                upper.bar(values, part, wide, bottom=begin, color=STACK_COLOURS[name], label=STACK_NAMES[name])
                begin += part
        if sweep.replications > 1:
            upper.errorbar(
                values, begin, yerr=[each.margin for each in whole], fmt="none", ecolor=INK, elinewidth=0.9, capsize=2
            )
        upper.set_title("Cost, £ a day")
        apart = [sweep.difference(position) for position in range(values.size)]
        middle.axhline(0, color="#999999", lw=0.9)
        middle.plot(values, [each.mean for each in apart], color=INK, lw=1.2, marker="o", markersize=3)
        if sweep.replications > 1:
            middle.fill_between(
                values, [each.low for each in apart], [each.high for each in apart], color=INK, alpha=0.15, lw=0
            )
        middle.set_title("Cost above the least, £ a day (paired replications)")
        _service(lower, sweep, values)
        for axes in (upper, middle, lower):
            axes.yaxis.set_major_formatter(FuncFormatter(_thousands))
        for axes in (upper, middle, lower):
            axes.axvline(values[sweep.least], color=PALETTE[2], lw=1.2, ls=(0, (4, 2)))
        lower.set_xlabel(sweep.key)
        heading(figure, f"{sweep.network}: a sweep of {sweep.key}", f"least cost at {values[sweep.least]:g}")
        handles, labels = upper.get_legend_handles_labels()
        figure.legend(
            handles,
            labels,
            loc="upper left",
            bbox_to_anchor=(0.01, 1 - 0.56 / 7.6),
            ncols=max(len(labels), 1),
            fontsize=7.5,
            handlelength=1.2,
            borderaxespad=0,
        )
        marked = [f"{value:g}" for value, points in zip(sweep.values, sweep.unsettled_here, strict=True) if points]
        warning = f" At {', '.join(marked)} a line does not settle: figures there depend on the days." if marked else ""
        many = f"{sweep.replications} replications at each value, with the same random numbers"
        note(figure, f"Whiskers and bands: 95% intervals of means. {many}.{warning} Dashed: least cost.")
        return save(figure, path)


def _service(axes: Axes, sweep: Sweep, values: np.ndarray) -> None:
    """Waiting and delayed patients on the left, mean wait on the right where there is one."""
    axes.plot(values, sweep.figures["waiting"].mean(axis=1), color=WAITING, lw=1.4, marker="o", markersize=3)
    axes.plot(values, sweep.figures["delayed"].mean(axis=1), color=DELAYED, lw=1.4, marker="o", markersize=3)
    axes.set_ylim(bottom=0)
    axes.set_title("Patients waiting (yellow), delayed (red), all points; mean wait at the point, days (blue, right)")
    waits = sweep.figures["mean_wait"].mean(axis=1)
    if np.any(np.isfinite(waits)):
        right = axes.twinx()
        right.plot(values, waits, color=TREATED, lw=1.2, ls=(0, (2, 1)), marker="s", markersize=2.5)
        right.set_ylim(bottom=0)
        right.grid(visible=False)
        right.spines["right"].set_visible(True)


@dataclass(frozen=True)
class Drawing:
    """A figure of a run.

    Attributes:
        name: file name without ending.
        meaning: what it shows.
        plot: makes it.
        needs: figures of the record of which one must not be nought, for there to be something to show.
    """

    name: str
    meaning: str
    plot: Callable[[PathwayRecord, Path], Path]
    needs: tuple[str, ...]


DRAWINGS = (
    Drawing(
        "occupancy",
        "Patients in places and places by day, with the band of the replications.",
        plot_occupancy,
        ("occupancy",),
    ),
    Drawing("queues", "Patients who wait without a place, by day.", plot_queues, ("waiting",)),
    Drawing("delays", "Patients delayed in places, by day.", plot_delays, ("delayed",)),
    Drawing("costs", "Cost a day by service point and state.", plot_costs, tuple(f"cost_{name}" for name, _ in STATES)),
    Drawing(
        "occupancy_distribution",
        "How full each service point is on how many days.",
        plot_occupancy_distribution,
        ("occupancy",),
    ),
)
"""Figures of a run."""


def drawings_of(record: PathwayRecord) -> list[Drawing]:
    """Figures that have something to show."""
    return [each for each in DRAWINGS if any(bool(np.any(record.daily[name])) for name in each.needs)]
