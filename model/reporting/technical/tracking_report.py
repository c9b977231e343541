"""Tracking as files: tables, figures and one page."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from model.calibration.tracking.bands import SeriesFinding
from model.calibration.tracking.track import Tracking
from model.registry.calendar import period_dates
from model.reporting.figures.tracking import FanPanel, plot_fan, plot_implicated
from model.reporting.html.blocks import Facts, Paragraphs, Picture, Pictures, Report, Section
from model.reporting.html.page import write_report
from model.reporting.names import capitalised, file_name
from model.reporting.tables.tracking import figures_table, implicated_table, series_table, write_tables
from model.reporting.technical.tracking_narrative import summary, verdict_in_words
from model.reporting.time_axis import middle_of
from model.results.observations import Observation
from model.results.run import in_words

PAGE, FIGURES = "report.html", "figures"
SHOWN = 15
"""Assumptions in the page and its figure; the table in the file has all."""

HOW_BANDS = (
    "Bands hold the spread of the members, the model's own error (calibration/series.yaml) and the measurement error "
    "of a figure (light 80%, dark 50%). Small circles are figures of the record; new ones are black inside their 80% "
    "band, orange outside. One in five figures leaves its band by chance; figures of one series do so together."
)
HOW_IMPLICATED = (
    "Every figure is regressed on all numbers in which the members differ; the linear Gaussian rule then says how far "
    "each would have to move, given all figures at once, their errors and what the projection held likely. Shift: all "
    "moved together. Alone: if that number by itself were to blame. A shift above one standard deviation deserves a "
    "look. Numbers that move the same figures in the same way cannot be told apart here, and what the model leaves out "
    "cannot be implicated at all: this names where to look first, not what is wrong."
)


def write_tracking(tracking: Tracking, folder: Path, *, figures: bool = True) -> None:
    """Write tables, figures and the page into a folder that exists.

    Args:
        tracking: what new figures say.
        folder: where.
        figures: whether figures are drawn.

    Raises:
        UserError: a file cannot be written.
    """
    write_tables(tracking, folder)
    fans = [_fan_picture(tracking, finding, folder / FIGURES) for finding in tracking.findings] if figures else []
    implicated = [_implicated_picture(tracking, folder / FIGURES)] if figures and tracking.implication.ranked else []
    write_report(_report(tracking, fans, implicated), folder / PAGE)


def _fan_picture(tracking: Tracking, finding: SeriesFinding, folder: Path) -> Picture:
    """Draw the new figures of one series over its fan."""
    panel = _fan_panel(tracking, finding)
    path = plot_fan(panel, folder / f"fan_{file_name(finding.series)}.png")
    return Picture(path, f"{panel.title}: {finding.figures} new figures over the projected fan; {panel.verdict}.")


def _fan_panel(tracking: Tracking, finding: SeriesFinding) -> FanPanel:
    series, observations, fan = finding.series, tracking.observations, tracking.fans[finding.series]
    periods = [period_dates(period) for period in fan.periods]
    history = [row for row in observations.history(series) if periods[0][0] <= row.dates[0]]
    rows = [row for row in tracking.rows if row.series == series]
    errors = {row.id: row.error for row in observations.targets.rows}
    return FanPanel(
        capitalised(observations.title(series)),
        rows[0].unit,
        np.array([middle_of(first, last) for first, last in periods]),
        fan.bands,
        (np.array([_middle(row) for row in history]), np.array([row.value for row in history])),
        (
            np.array([_middle(observations.observed[row.id]) for row in rows]),
            np.array([row.value for row in rows]),
            np.array([errors[row.id] for row in rows]),
            np.array([row.side != "inside" for row in rows]),
        ),
        verdict_in_words(finding),
    )


def _middle(observation: Observation) -> float:
    return middle_of(*observation.dates)


def _implicated_picture(tracking: Tracking, folder: Path) -> Picture:
    rows = tracking.implication.ranked[:SHOWN]
    shifts = [(row.number.name, row.shift, row.after, row.alone) for row in rows]
    path = plot_implicated(shifts, folder / "implicated.png")
    alt = f"How far the {len(rows)} most implicated assumptions would move; first {rows[0].number.name}."
    return Picture(path, alt)


def _report(tracking: Tracking, fans: list[Picture], implicated: list[Picture]) -> Report:
    first, *others = summary(tracking)
    last = tracking.observations.last
    sections = (
        Section("In short", (Paragraphs((first,), "lead"), Paragraphs(tuple(others)))),
        Section("Series", (series_table(tracking), *_gallery(fans), Paragraphs((HOW_BANDS,), "note"))),
        Section(
            "What the figures implicate",
            (*_gallery(implicated), implicated_table(tracking).first(SHOWN), Paragraphs((HOW_IMPLICATED,), "note")),
        ),
        Section("Every figure", (figures_table(tracking),)),
        Section("Provenance", (_provenance(tracking),)),
    )
    subtitle = f"{capitalised(in_words(tracking.scenario.name))}; new figures up to {last:%B %Y}"
    return Report("New figures over the projection", subtitle, sections)


def _provenance(tracking: Tracking) -> Facts:
    scenario, observations = tracking.scenario, tracking.observations
    sources = dict.fromkeys(row.source for row in observations.targets.rows)
    return Facts(
        (
            ("new figures", str(observations.file)),
            ("scenario", f"{scenario.name}, history '{scenario.history}', future '{scenario.future}'"),
            ("numbers", scenario.numbers),
            ("members", f"{scenario.members}, seed {scenario.seed}"),
            ("not compared", ", ".join(observations.not_compared) or "none"),
            ("sources", "; ".join(sources)),
        )
    )


def _gallery(pictures: list[Picture]) -> tuple[Pictures, ...]:
    return (Pictures(tuple(pictures)),) if pictures else ()
