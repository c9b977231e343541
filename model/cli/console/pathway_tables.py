"""What replications of a pathway network gave, as tables for the terminal, and where a line does not settle."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from model.cli.console.headline_table import WIDTH
from model.results.pathway_sweep import Sweep, verdict
from model.results.pathways import Estimate, PathwayRecord, estimate, per_day, settling, summary_values, watched

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
"""Figures of the table by service point and their headings; those that are nought everywhere get no column."""

STATES = {"congested": "congested: no steady state", "growing": "more waiting or delayed than before"}
ALWAYS = ("occupancy", "waiting", "mean_wait", "throughput")
MARKS = {"congested": "▲▲", "growing": "▲", "settled": ""}
TOTALLED = ("waiting", "delayed", "rejected", "cancelled", "gave_up", "cost")


def number(value: float) -> str:
    """A number with about three significant figures, whole from a hundred on; a dash for what is not a number."""
    if not np.isfinite(value):
        return "–"
    if abs(value) < 5e-4:
        return "0"
    value = float(f"{value:.3g}") if abs(value) < 100 else value
    if abs(value) >= 100:
        return f"{value:,.0f}".replace("-", "−")
    digits = 1 if abs(value) >= 10 else 2 if abs(value) >= 0.1 else 3
    return f"{value:.{digits}f}".replace("-", "−")


def shown(found: Estimate) -> str:
    """A mean, and below it half the width of its interval."""
    text = number(found.mean)
    if not np.isfinite(found.low) or not np.isfinite(found.mean):
        return text
    margin = number(found.margin)
    return text if margin == "0" else f"{text}\n[dim]±{margin}[/dim]"


def broken(name: str, width: int) -> str:
    """A name in lines of at most so many letters, broken after ``_`` and ``-`` where it can be."""
    lines = [""]
    for part in re.findall(r"[^_-]*[_-]+|[^_-]+", name):
        if lines[-1] and len(lines[-1]) + len(part) > width:
            lines.append("")
        lines[-1] += part
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
    """One line for each service point; a mark stands before one whose line does not settle."""
    from rich.markup import escape

    values = summary_values(record)
    states = settling(record)
    kept = [
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
            number(float(record.places[:, position].mean()))
            if name == "places"
            else shown(estimate(values[name][:, position]))
            for name, _ in kept
        ]
        for position in range(len(record.points))
    ]
    totals = [shown(estimate(values[name].sum(axis=1))) if name in TOTALLED else "" for name, _ in kept]
    columns = zip((heading for _, heading in kept), totals, *rows, strict=True)
    # The frame takes a letter before every column and after the last.
    room = WIDTH - 2 - sum(1 + max(_width(cell) for cell in column) for column in columns)
    table.add_column("service point", ratio=1, overflow="fold")
    for _, heading in kept:
        table.add_column(heading, justify="right")
    for point, cells in zip(record.points, rows, strict=True):
        mark = MARKS[states[point].state]
        label = escape(broken(point, room - (len(mark) + 1 if mark else 0)))
        table.add_row(f"[red]{mark}[/red] {label}" if mark else label, *cells)
    if len(record.points) > 1:
        table.add_section()
        table.add_row("all", *totals)
    return table


def number_of_days(record: PathwayRecord) -> str:
    """How long was recorded, in words."""
    return f"{record.days:g} day{'' if record.days == 1 else 's'}"


def ways_out_table(record: PathwayRecord) -> Table | None:
    """Patients a day by exit, with their share; then those who stopped waiting; none where nobody left."""
    from rich.markup import escape

    out, stopped = per_day(record.exits), per_day(record.gave_up)
    if not out and not stopped:
        return None
    total = sum(found.mean for found in out.values())
    table = _table("Ways out")
    table.add_column("way", ratio=1, overflow="fold")
    table.add_column("patients a day", justify="right")
    table.add_column("of all who left", justify="right")
    for name, found in out.items():
        share = f"{found.mean / total:.1%}" if total > 0 else "–"
        table.add_row(escape(name), _in_line(found), share)
    if stopped:
        table.add_section()
    for name, found in stopped.items():
        table.add_row(f"stopped waiting, {escape(name)}", _in_line(found), "")
    return table


def watches_table(record: PathwayRecord) -> Table | None:
    """Share of durations over their threshold; none where nothing is watched."""
    from rich.markup import escape

    found = watched(record)
    if not found:
        return None
    table = _table("Durations over their threshold")
    table.add_column("what is watched", ratio=1, overflow="fold")
    table.add_column("over", justify="right")
    table.add_column("measured a day", justify="right")
    for name, (over, measured) in found.items():
        share = Estimate(over.mean * 100, over.low * 100, over.high * 100)
        table.add_row(escape(name), f"{_in_line(share)} %", _in_line(measured))
    return table


def _in_line(found: Estimate) -> str:
    text = number(found.mean)
    return f"{text} ± {number(found.margin)}" if np.isfinite(found.low) and found.margin > 0 else text


def unsettled_table(record: PathwayRecord) -> Table | None:
    """Service points whose line does not settle, and how fast it grew; none where all settle."""
    from rich.markup import escape

    found = {point: each for point, each in settling(record).items() if each.state != "settled"}
    if not found:
        return None
    table = _table("Lines that do not settle: means there depend on the days run and are no long-run averages")
    table.add_column("service point", ratio=1, overflow="fold")
    for heading in ("places\nneeded", "places", "longer in\nthe 2nd half", "growth\na day"):
        table.add_column(heading, justify="right")
    table.add_column("", ratio=1, overflow="fold")
    for point, each in found.items():
        table.add_row(
            f"[red]{MARKS[each.state]}[/red] {escape(point)}",
            number(each.load),
            number(each.places),
            number(each.growth.mean),
            number(each.growth_a_day),
            STATES[each.state],
        )
    return table


def render_pathway(record: PathwayRecord) -> Group:
    """All tables of a run, with notes on intervals and on lines that do not settle."""
    from rich.console import Group
    from rich.text import Text

    tables = (unsettled_table(record), ways_out_table(record), watches_table(record))
    parts = [points_table(record), Text(legend(record), style="dim"), *(each for each in tables if each is not None)]
    return Group(*parts)


def legend(record: PathwayRecord) -> str:
    """What the columns mean, and what the interval is."""
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
    """Table of the sweep for the terminal, and the verdict in words."""
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
        cells = [f"{value:g}", _cell(sweep, "cost", position), "least" if best else _apart(sweep.difference(position))]
        cells += [_cell(sweep, name, position) for name in ("cost_empty", "cost_delayed", "cost_waiting")]
        cells += [_cell(sweep, name, position) for name in ("waiting", "delayed", "mean_wait")]
        full = sweep.figures["full"][position].mean()
        cells += [f"{full:.0%}" if np.isfinite(full) else "–", _cell(sweep, "turned_away", position)]
        cells.append("▲" if sweep.unsettled_here[position] else "")
        table.add_row(*cells, style="bold" if best else "")
    return Group(table, *(Text(line) for line in verdict(sweep)))


def _cell(sweep: Sweep, name: str, position: int) -> str:
    return number(float(np.mean(sweep.figures[name][position])))


def _apart(found: Estimate) -> str:
    signed = f"{'+' if found.mean > 0 else ''}{number(found.mean)}"
    return f"{signed} ± {number(found.margin)}" if np.isfinite(found.low) else signed
