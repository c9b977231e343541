"""What replications of a pathway network gave, as tables for the terminal, and where a line does not settle."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from model.cli.console.headline_table import WIDTH
from model.results.number_format import format_number
from model.results.pathway_sweep import Sweep, verdict
from model.results.pathways import Estimate, PathwayRecord, estimate, per_day, queue_states, summary_values, watched

if TYPE_CHECKING:
    from rich.console import Group
    from rich.table import Table

COLUMNS = (
    ("places", "places"),
    ("occupancy", "in places"),
    ("occupancy_95", "busy day"),
    ("waiting", "waiting"),
    ("mean_wait", "wait\ndays"),
    ("delayed", "delayed"),
    ("mean_delay", "delay\ndays"),
    ("throughput", "through\na day"),
    ("rejected", "rejected\na day"),
    ("cancelled", "cancelled\na day"),
    ("gave_up", "gave up\na day"),
    ("cost", "£ a day"),
)
"""Results of the table by service point and their headings; those that are zero everywhere get no column."""

STATES = {"congested": "congested: no steady state", "growing": "more waiting or delayed than before"}
ALWAYS = ("occupancy", "waiting", "mean_wait", "throughput")
MARKS = {"congested": "▲▲", "growing": "▲", "settled": ""}
TOTALLED = ("waiting", "delayed", "rejected", "cancelled", "gave_up", "cost")


def brief(value: float) -> str:
    """Return a number with about three significant figures: whole from a hundred on, zero below half a thousandth."""
    rounded = value if abs(value) >= 100 else float(f"{value:.3g}")
    size = abs(rounded)
    if size >= 100 or size < 5e-4:
        return format_number(rounded, 0)
    return format_number(rounded, 1 if size >= 10 else 2 if size >= 0.1 else 3)


def mean_and_margin(mean: Estimate) -> str:
    """Return a mean, and below it half the width of its interval."""
    text = brief(mean.mean)
    if not np.isfinite(mean.low) or not np.isfinite(mean.mean):
        return text
    margin = brief(mean.margin)
    return text if margin == "0" else f"{text}\n[dim]±{margin}[/dim]"


def broken(name: str, width: int) -> str:
    """Return a name in lines of at most so many letters, broken after ``_`` and ``-`` where it can be."""
    lines = [""]
    for piece in re.findall(r"[^_-]*[_-]+|[^_-]+", name):
        if lines[-1] and len(lines[-1]) + len(piece) > width:
            lines.append("")
        lines[-1] += piece
    return "\n".join(lines)


def _width(cell: str) -> int:
    """Letters in the longest line of a cell, its marks of style left out."""
    return max(len(re.sub(r"\[/?dim\]", "", line)) for line in cell.split("\n"))


def _table(title: str, padding: tuple[int, int, int, int] = (0, 1, 0, 0)) -> Table:
    from rich import box
    from rich.markup import escape
    from rich.table import Table

    return Table(
        title=escape(title),
        title_justify="left",
        title_style="bold",
        box=box.SIMPLE_HEAD,
        width=WIDTH,
        pad_edge=False,
        padding=padding,
    )


def points_table(record: PathwayRecord) -> Table:
    """Return one line for each service point; a mark stands before one whose line does not settle."""
    from rich.markup import escape

    values = summary_values(record)
    states = queue_states(record)
    columns = [
        (name, heading)
        for name, heading in COLUMNS
        if name in ALWAYS or bool(np.any(np.isfinite(values[name]) & (np.abs(values[name]) > 0)))
    ]
    many = "replications" if record.replications > 1 else "replication"
    table = _table(
        f"{record.name}: {number_of_days(record)} from {record.first_day:%-d %B %Y}, {record.replications} {many}",
        padding=(0, 0, 0, 0),
    )
    rows = [
        [
            brief(float(record.places[:, position].mean()))
            if name == "places"
            else mean_and_margin(estimate(values[name][:, position]))
            for name, _ in columns
        ]
        for position in range(len(record.points))
    ]
    totals = [mean_and_margin(estimate(values[name].sum(axis=1))) if name in TOTALLED else "" for name, _ in columns]
    cells_of_columns = zip((heading for _, heading in columns), totals, *rows, strict=True)
    # The frame takes a letter before every column and after the last.
    widest_name = WIDTH - 2 - sum(1 + max(_width(cell) for cell in cells) for cells in cells_of_columns)
    table.add_column("service point", ratio=1, overflow="fold")
    for _, heading in columns:
        table.add_column(heading, justify="right")
    for point, cells in zip(record.points, rows, strict=True):
        mark = MARKS[states[point].state]
        label = escape(broken(point, widest_name - (len(mark) + 1 if mark else 0)))
        table.add_row(f"[red]{mark}[/red] {label}" if mark else label, *cells)
    if len(record.points) > 1:
        table.add_section()
        table.add_row("all", *totals)
    return table


def number_of_days(record: PathwayRecord) -> str:
    """Return how long was recorded, in words."""
    return f"{record.days:g} day{'' if record.days == 1 else 's'}"


def ways_out_table(record: PathwayRecord) -> Table | None:
    """Return patients a day by exit, with their share; then those who stopped waiting; none where nobody left."""
    from rich.markup import escape

    out, stopped = per_day(record.exits), per_day(record.gave_up)
    if not out and not stopped:
        return None
    total = sum(leaving.mean for leaving in out.values())
    table = _table("Ways out")
    table.add_column("way", ratio=1, overflow="fold")
    table.add_column("patients a day", justify="right")
    table.add_column("of all who left", justify="right")
    for name, leaving in out.items():
        share = f"{leaving.mean / total:.1%}" if total > 0 else "–"
        table.add_row(escape(name), _in_line(leaving), share)
    if stopped:
        table.add_section()
    for name, stopping in stopped.items():
        table.add_row(f"stopped waiting, {escape(name)}", _in_line(stopping), "")
    return table


def watches_table(record: PathwayRecord) -> Table | None:
    """Return the share of durations over their threshold; none where nothing is watched."""
    from rich.markup import escape

    durations = watched(record)
    if not durations:
        return None
    table = _table("Durations over their threshold")
    table.add_column("what is watched", ratio=1, overflow="fold")
    table.add_column("over", justify="right")
    table.add_column("measured a day", justify="right")
    for name, (over, measured) in durations.items():
        share = Estimate(over.mean * 100, over.low * 100, over.high * 100)
        table.add_row(escape(name), f"{_in_line(share)} %", _in_line(measured))
    return table


def _in_line(mean: Estimate) -> str:
    text = brief(mean.mean)
    return f"{text} ± {brief(mean.margin)}" if np.isfinite(mean.low) and mean.margin > 0 else text


def unsettled_table(record: PathwayRecord) -> Table | None:
    """Return service points whose line does not settle, and how fast it grew; none where all settle."""
    from rich.markup import escape

    unsettled = {point: state for point, state in queue_states(record).items() if state.state != "settled"}
    if not unsettled:
        return None
    table = _table("Lines that do not settle: means there depend on the days run and are no long-run averages")
    table.add_column("service point", ratio=1, overflow="fold")
    for heading in ("places\nneeded", "places", "longer in\nthe 2nd half", "growth\na day"):
        table.add_column(heading, justify="right")
    table.add_column("", ratio=1, overflow="fold")
    for point, state in unsettled.items():
        table.add_row(
            f"[red]{MARKS[state.state]}[/red] {escape(point)}",
            brief(state.load),
            brief(state.places),
            brief(state.growth.mean),
            brief(state.growth_a_day),
            STATES[state.state],
        )
    return table


def render_pathway(record: PathwayRecord) -> Group:
    """Return all tables of a run, with notes on intervals and on lines that do not settle."""
    from rich.console import Group
    from rich.text import Text

    tables = (unsettled_table(record), ways_out_table(record), watches_table(record))
    shown = [table for table in tables if table is not None]
    return Group(points_table(record), Text(legend(record), style="dim"), *shown)


def legend(record: PathwayRecord) -> str:
    """Return what the columns mean, and what the interval is."""
    interval = (
        f"±: half the 95% interval of the mean over {record.replications} replications."
        if record.replications > 1
        else "One replication: no interval (--replications)."
    )
    return (
        "In places: patients in places, and places reserved; busy day: 95th percentile of the days. Waiting: without a "
        "place. Delayed: in a place after the stay. A patient blocked elsewhere is delayed there, not waiting here; "
        f"the wait in days counts both. {interval}"
    )


def render_sweep(sweep: Sweep) -> Group:
    """Return the table of a sweep, and the verdict in words."""
    from rich import box
    from rich.console import Group
    from rich.markup import escape
    from rich.table import Table
    from rich.text import Text

    table = Table(
        title=escape(f"{sweep.network}: cost a day and service by {sweep.key}"),
        title_justify="left",
        title_style="bold",
        box=box.SIMPLE_HEAD,
        width=WIDTH,
        pad_edge=False,
        padding=(0, 1, 0, 0),
    )
    for heading in (
        escape(sweep.key.rsplit(".", 1)[-1]),
        "£ a day",
        "less the least",
        "empty",
        "delayed",
        "waiting",
        "waiting\npatients",
        "delayed\npatients",
        "wait\ndays",
        "full",
        "turned\naway",
        "",
    ):
        table.add_column(heading, justify="right")
    for position, value in enumerate(sweep.values):
        best = position == sweep.least
        cells = [
            f"{value:g}",
            _cell(sweep, "cost", position),
            "least" if best else _difference(sweep.difference(position)),
        ]
        cells += [_cell(sweep, name, position) for name in ("cost_empty", "cost_delayed", "cost_waiting")]
        cells += [_cell(sweep, name, position) for name in ("waiting", "delayed", "mean_wait")]
        full = sweep.results["full"][position].mean()
        cells += [f"{full:.0%}" if np.isfinite(full) else "–", _cell(sweep, "turned_away", position)]
        cells.append("▲" if sweep.unsettled_here[position] else "")
        table.add_row(*cells, style="bold" if best else "")
    return Group(table, *(Text(line) for line in verdict(sweep)))


def _cell(sweep: Sweep, name: str, position: int) -> str:
    return brief(float(np.mean(sweep.results[name][position])))


def _difference(mean: Estimate) -> str:
    signed = f"{'+' if mean.mean > 0 else ''}{brief(mean.mean)}"
    return f"{signed} ± {brief(mean.margin)}" if np.isfinite(mean.low) else signed
