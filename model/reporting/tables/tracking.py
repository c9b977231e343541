"""The tables of tracking, for its report, the terminal and as CSV files."""

from __future__ import annotations

from pathlib import Path

from model.calibration.tracking.implicated_assumptions import ImplicatedAssumption, direction
from model.calibration.tracking.track import FAN, Tracking
from model.reporting.names import capitalised
from model.reporting.numbers import between, deviations, number, probability, share
from model.reporting.tables.table import Cell, Column, Table, write_files
from model.reporting.technical.tracking_narrative import verdict_in_words

SERIES, ROWS, IMPLICATED = "series.csv", "figures.csv", "implicated.csv"


def write_tables(tracking: Tracking, folder: Path) -> None:
    """Write every new figure, what each series says, and the implicated assumptions.

    Raises:
        UserError: a file cannot be written.
    """
    tables = {ROWS: figures_table(tracking), SERIES: series_table(tracking), IMPLICATED: implicated_table(tracking)}
    write_files(tables, folder)


def figures_table(tracking: Tracking) -> Table:
    """Return each new figure beside the projection."""
    columns = (
        Column("Figure", key="id"),
        Column("", key="series"),
        Column("", key="period"),
        Column("Published", True, "published", format=number),
        Column("", key="low_80"),
        Column("Projected 80%", True),
        Column("Median", True, "median", format=number),
        Column("", key="high_80"),
        Column("Unit", key="unit"),
        Column("Distance", True, "distance", format=deviations),
        Column("Position", key="position"),
        Column("", key="on_record"),
    )
    rows = [
        (
            row.id,
            row.series,
            row.period,
            row.value,
            row.low,
            between(row.low, row.high),
            row.median,
            row.high,
            row.unit,
            row.score,
            Cell(row.side, "bad" if row.side != "inside" else ""),
            "yes" if row.repeated else "no",
        )
        for row in tracking.rows
    ]
    return Table(f"Each new figure beside the projection ({FAN[0]:.0%} to {FAN[-1]:.0%})", columns, rows)


def series_table(tracking: Tracking) -> Table:
    """Return where each series stands."""
    columns = (
        Column("", key="series"),
        Column("Series"),
        Column("New figures", True, "figures"),
        Column("Outside 80%", True, "outside"),
        Column("Newest figure", key="newest"),
        Column("", key="since"),
        Column("", key="in_a_row"),
        Column("Its distance", True, "newest_distance", format=deviations),
        Column("Mean distance", True, "mean_distance", format=deviations),
        Column("Chance", True, "chance", format=probability),
    )
    rows = [
        (
            finding.series,
            f"{capitalised(tracking.observations.title(finding.series))} ({finding.series})",
            finding.figures,
            finding.outside,
            Cell(finding.side, "good" if finding.side == "inside" else "bad", verdict_in_words(finding)),
            finding.since,
            finding.in_a_row,
            finding.newest,
            finding.mean,
            finding.chance,
        )
        for finding in tracking.findings
    ]
    note = (
        "Distance: normal score of the figure in what was projected; beyond ±1.28 it lies outside the 80% band; above "
        "zero it is higher than projected. Chance: of a mean distance as large, were the projection right."
    )
    return Table("Where each series stands", columns, rows, note)


def implicated_table(tracking: Tracking) -> Table:
    """Return the assumptions that the figures implicate, the most implicated first."""
    implication = tracking.implication
    columns = (
        Column("Assumption", key="assumption"),
        Column("Meaning", key="meaning"),
        Column("", key="fitted"),
        Column("Unit", key="unit"),
        Column("Projected", True),
        Column("", key="mean"),
        Column("", key="standard_deviation"),
        Column("Shift", True, "shift", format=deviations),
        Column("", key="standard_deviation_after"),
        Column("Share of misfit", True, "share_of_misfit", format=share),
        Column("", key="alone_shift"),
        Column("Alone: would have to be", True, "alone_value"),
        Column("", key="alone_change"),
        Column("Alone: share", True, "alone_share_of_misfit"),
    )
    rows = [
        (
            row.number.name,
            row.number.meaning,
            "yes" if row.number.fitted else "no",
            row.number.unit,
            f"{number(row.number.mean)} ± {number(row.number.deviation)}",
            row.number.mean,
            row.number.deviation,
            row.shift,
            row.after,
            row.share,
            row.alone,
            _value_alone(row),
            row.change,
            Cell(row.alone_share, text=share(max(0.0, row.alone_share))),
        )
        for row in implication.ranked
    ]
    note = (
        f"{implication.tried} uncertain numbers were tried; {len(implication.ranked)} move these figures by more than "
        f"chance. The regression explains {share(implication.explained)} of what the figures vary. Of the misfit, "
        f"{share(implication.errors)} is left to measurement, the model's own error and the numbers left out. x: a "
        "factor on registered values. !: further than any member goes. Projected: mean and standard deviation of the "
        "members; shifts in that deviation."
    )
    return Table("Assumptions, the most implicated first", columns, rows, note)


def _value_alone(row: ImplicatedAssumption) -> Cell:
    """What an assumption would have to be if it alone were to explain the figures."""
    text = number(row.value_alone)
    text += "" if row.change is None else f" ({direction(row)})"
    return Cell(row.value_alone, "aside", f"{text} !") if row.out_of_reach else Cell(row.value_alone, text=text)
