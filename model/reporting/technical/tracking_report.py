"""Tracking as files: tables, figures and one page."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from model.calibration.tracking.implicated_assumptions import ImplicatedAssumption, direction
from model.calibration.tracking.track import FAN, Tracking
from model.registry.calendar import decimal_year, period_dates
from model.reporting.figures.tracking import FanPanel, plot_fan, plot_implicated
from model.reporting.html.blocks import Facts, Paragraphs, Picture, Pictures, Report, Section
from model.reporting.html.page import write_report
from model.reporting.names import capitalised, file_name
from model.reporting.numbers import between, deviations, number, probability, share
from model.reporting.tables.table import Cell, Column, Table
from model.reporting.technical.tracking_narrative import summary, verdict_in_words
from model.results.atomic_files import write_csv
from model.results.observations import Observation
from model.results.run import in_words

PAGE, FIGURES, SERIES, ROWS, IMPLICATED = ("report.html", "figures", "series.csv", "figures.csv", "implicated.csv")
SHOWN = 15
"""Assumptions in the page and its figure; the table in the file has all."""

Told = Callable[[str], None]


def write_tracking(found: Tracking, folder: Path, *, figures: bool = True, told: Told = lambda name: None) -> None:
    """Write tables, figures and the page into a folder that exists.

    Args:
        found: what new figures say.
        folder: where.
        figures: whether figures are drawn.
        told: told of each.

    Raises:
        UserError: a file cannot be written.
    """
    _write_tables(found, folder)
    pictures = _pictures(found, folder / FIGURES, told) if figures else []
    implicated = _implicated_picture(found, folder / FIGURES) if figures and found.implication.ranked else []
    write_report(_report(found, pictures, implicated), folder / PAGE)


def _write_tables(found: Tracking, folder: Path) -> None:
    write_csv(
        folder / ROWS,
        (
            "id",
            "series",
            "period",
            "unit",
            "published",
            "low_80",
            "median",
            "high_80",
            "position",
            "distance",
            "on_record",
        ),
        (
            (
                row.id,
                row.series,
                row.period,
                row.unit,
                row.value,
                row.low,
                row.median,
                row.high,
                row.side,
                row.score,
                "yes" if row.repeated else "no",
            )
            for row in found.rows
        ),
    )
    write_csv(
        folder / SERIES,
        ("series", "figures", "outside", "newest", "since", "in_a_row", "newest_distance", "mean_distance", "chance"),
        (
            (
                each.series,
                each.figures,
                each.outside,
                each.side,
                each.since,
                each.in_a_row,
                each.newest,
                each.mean,
                each.chance,
            )
            for each in found.findings
        ),
    )
    write_csv(
        folder / IMPLICATED,
        (
            "assumption",
            "meaning",
            "fitted",
            "unit",
            "mean",
            "standard_deviation",
            "shift",
            "standard_deviation_after",
            "share_of_misfit",
            "alone_shift",
            "alone_value",
            "alone_change",
            "alone_share_of_misfit",
        ),
        (
            (
                row.number.name,
                row.number.meaning,
                "yes" if row.number.fitted else "no",
                row.number.unit,
                row.number.mean,
                row.number.deviation,
                row.shift,
                row.after,
                row.share,
                row.alone,
                row.value_alone,
                "" if row.change is None else row.change,
                row.alone_share,
            )
            for row in found.implication.ranked
        ),
    )


def _middle(row: Observation) -> float:
    first, last = row.dates
    return (decimal_year(first) + decimal_year(last)) / 2


def _fan_panel(found: Tracking, series: str) -> FanPanel:
    fan, figures = found.fans[series], found.observations
    days = [period_dates(period) for period in fan.periods]
    places = np.array([(decimal_year(first) + decimal_year(last)) / 2 for first, last in days])
    known = [row for row in figures.history(series) if days[0][0] <= row.dates[0]]
    rows = [row for row in found.rows if row.series == series]
    targets = {row.id: row for row in figures.targets.rows}
    verdict = next(each for each in found.findings if each.series == series)
    return FanPanel(
        capitalised(figures.title(series)),
        rows[0].unit,
        places,
        fan.bands,
        (np.array([_middle(row) for row in known]), np.array([row.value for row in known])),
        (
            np.array([_middle(figures.observed[row.id]) for row in rows]),
            np.array([row.value for row in rows]),
            np.array([targets[row.id].error for row in rows]),
            np.array([row.side != "inside" for row in rows]),
        ),
        verdict_in_words(verdict),
    )


def _pictures(found: Tracking, folder: Path, told: Told) -> list[Picture]:
    made: list[Picture] = []
    for verdict in found.findings:
        panel = _fan_panel(found, verdict.series)
        path = plot_fan(panel, folder / f"fan_{file_name(verdict.series)}.png")
        alt = f"{panel.title}: {verdict.figures} new figures over the projected fan; {verdict_in_words(verdict)}."
        made.append(Picture(path, alt))
        told(path.name)
    return made


def _implicated_picture(found: Tracking, folder: Path) -> list[Picture]:
    rows = found.implication.ranked[:SHOWN]
    drawn = [(row.number.name, row.shift, row.after, row.alone) for row in rows]
    path = plot_implicated(drawn, folder / "implicated.png")
    alt = f"How far the {len(rows)} most implicated assumptions would move; first {rows[0].number.name}."
    return [Picture(path, alt)]


_HOW_BANDS = (
    "Bands hold the spread of the members, the model's own error (calibration/series.yaml) and the measurement error "
    "of a figure (light 80%, dark 50%). Small circles are figures of the record; new ones are black inside their 80% "
    "band, orange outside. One in five figures leaves its band by chance; figures of one series do so together."
)
_HOW_IMPLICATED = (
    "Every figure is regressed on all numbers in which the members differ; the linear Gaussian rule then says how far "
    "each would have to move, given all figures at once, their errors and what the projection held likely. Shift: all "
    "moved together. Alone: if that number by itself were to blame. A shift above one standard deviation deserves a "
    "look. Numbers that move the same figures in the same way cannot be told apart here, and what the model leaves out "
    "cannot be implicated at all: this names where to look first, not what is wrong."
)


def _report(found: Tracking, pictures: list[Picture], implicated: list[Picture]) -> Report:
    resolved = found.scenario
    first, *others = summary(found)
    last = found.observations.last
    sections = [
        Section("In short", (Paragraphs((first,), "lead"), Paragraphs(tuple(others)))),
        Section("Series", (_series_table(found), *_gallery(pictures), Paragraphs((_HOW_BANDS,), "note"))),
        Section(
            "What the figures implicate",
            (*_gallery(implicated), _implicated_table(found), Paragraphs((_HOW_IMPLICATED,), "note")),
        ),
        Section("Every figure", (_figure_table(found),)),
        Section(
            "Provenance",
            (
                Facts(
                    (
                        ("new figures", str(found.observations.file)),
                        ("scenario", f"{resolved.name}, history '{resolved.history}', future '{resolved.future}'"),
                        ("numbers", resolved.numbers),
                        ("members", f"{resolved.members}, seed {resolved.seed}"),
                        ("not compared", ", ".join(found.observations.not_compared) or "none"),
                        ("sources", "; ".join(dict.fromkeys(row.source for row in found.observations.targets.rows))),
                    )
                ),
            ),
        ),
    ]
    subtitle = f"{capitalised(in_words(resolved.name))}; new figures up to {last:%B %Y}"
    return Report("New figures over the projection", subtitle, tuple(sections))


def _gallery(pictures: list[Picture]) -> tuple[Pictures, ...]:
    return (Pictures(tuple(pictures)),) if pictures else ()


def _series_table(found: Tracking) -> Table:
    columns = (
        Column("Series"),
        Column("New figures", True),
        Column("Outside 80%", True),
        Column("Newest figure"),
        Column("Its distance", True),
        Column("Mean distance", True),
        Column("Chance", True),
    )
    cells = [
        (
            f"{capitalised(found.observations.title(each.series))} ({each.series})",
            str(each.figures),
            str(each.outside),
            Cell(verdict_in_words(each), "bad" if each.side != "inside" else "good"),
            deviations(each.newest),
            deviations(each.mean),
            probability(each.chance),
        )
        for each in found.findings
    ]
    note = (
        "Distance: normal score of the figure in what was projected; beyond ±1.28 it lies outside the 80% band; above "
        "zero it is higher than projected. Chance: of a mean distance as large, were the projection right."
    )
    return Table("Where each series stands", columns, cells, note)


def _implicated_table(found: Tracking) -> Table:
    columns = (
        Column("Assumption"),
        Column("Meaning"),
        Column("Unit"),
        Column("Projected", True),
        Column("Shift", True),
        Column("Share of misfit", True),
        Column("Alone: would have to be", True),
        Column("alone: share", True),
    )
    cells = [
        (
            row.number.name,
            row.number.meaning,
            row.number.unit,
            f"{number(row.number.mean)} ± {number(row.number.deviation)}",
            deviations(row.shift),
            share(row.share),
            _alone_in_page(row),
            share(max(0.0, row.alone_share)),
        )
        for row in found.implication.ranked[:SHOWN]
    ]
    implication = found.implication
    note = (
        f"{implication.tried} uncertain numbers were tried; {len(implication.ranked)} move these figures by more than "
        f"chance. The regression explains {share(implication.explained)} of what the figures vary. Of the misfit, "
        f"{share(implication.errors)} is left to measurement, the model's own error and the numbers left out. x: a "
        "factor on registered values. !: further than any member goes. Projected: mean and standard deviation of the "
        "members; shifts in that deviation."
    )
    return Table("Assumptions, the most implicated first", columns, cells, note)


def _alone_in_page(row: ImplicatedAssumption) -> Cell:
    words = number(row.value_alone) if row.change is None else f"{number(row.value_alone)} ({direction(row)})"
    return Cell(f"{words} !", "aside") if row.out_of_reach else Cell(words)


def _figure_table(found: Tracking) -> Table:
    columns = (
        Column("Figure"),
        Column("Published", True),
        Column("Projected 80%", True),
        Column("Median", True),
        Column("Unit"),
        Column("Distance", True),
        Column("Position"),
    )
    cells = [
        (
            row.id,
            number(row.value),
            between(row.low, row.high),
            number(row.median),
            row.unit,
            deviations(row.score),
            Cell(row.side, "bad" if row.side != "inside" else ""),
        )
        for row in found.rows
    ]
    return Table(f"Each new figure beside the projection ({FAN[0]:.0%} to {FAN[-1]:.0%})", columns, cells)
