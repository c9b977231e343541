"""The backtest as a page: what was tested, every series good and bad, and forecasts against what came."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from model.calibration.backtest.naive_forecasts import REFERENCE_NAMES, SEASON_MONTHS
from model.calibration.backtest.rolling_origin import BacktestOutcome, SeriesForecast
from model.calibration.backtest.score_table import MODEL, CutOffSummary, ScoreRow, horizon_table, summary_of
from model.calibration.fit import FitOptions
from model.reporting.figures.fit import DrawQuantiles
from model.reporting.figures.forecasts import SeriesForecastPanel, plot_forecast, plot_skill
from model.reporting.html.blocks import Block, Facts, Paragraphs, Picture, Pictures, Report, Section
from model.reporting.html.page import write_report
from model.reporting.names import capitalised, file_name
from model.reporting.numbers import MISSING, number, share, skill
from model.reporting.tables.table import Cell, Column, Mark, Table
from model.results.observations import read_observations

PAGE = "report.html"
FIGURES = "figures"
FEWEST_DRAWN = 2
"""Figures of a series from which its forecast is drawn."""

HINDSIGHT = (
    "What is still hindsight: the model was built after the pandemic. Registered values, the course of the history up "
    "to each cut-off, opening stocks, learnt curves, priors and the stated size of the model's own error were set by "
    "hand with 2022/23 in view, and which results the model has at all follows what came to matter. The test shows "
    "whether the model, so built, forecasts better from its cut-offs than rules that know nothing of the system; it "
    "does not show what somebody would have forecast in 2021.",
)


def write_backtest_page(
    outcomes: Sequence[BacktestOutcome], rows: Sequence[ScoreRow], options: FitOptions, folder: Path
) -> Path:
    """Write ``report.html`` and its figures into a folder that exists.

    Args:
        outcomes: what each cut-off gave.
        rows: scores of every series at every cut-off.
        options: choices of the fits.
        folder: where.

    Raises:
        UserError: a file cannot be written.
    """
    sections = (
        _summary(outcomes, rows),
        *(section for outcome in outcomes for section in backtest_sections(outcome, rows, folder / FIGURES)),
        _method(outcomes, options),
    )
    subtitle = "BNSSG whole-system model, forecasts from earlier cut-offs"
    return write_report(Report("The model on figures that it has not seen", subtitle, sections), folder / PAGE)


def backtest_sections(outcome: BacktestOutcome, rows: Sequence[ScoreRow], figures: Path) -> tuple[Section, ...]:
    """Return the table and the figures of one cut-off; they fit into other reports too.

    Args:
        outcome: what the cut-off gave.
        rows: scores, of other cut-offs too.
        figures: folder of the figures.
    """
    cut_off = outcome.trial.cut_off
    of_cut_off = [row for row in rows if row.cut_off == cut_off.name]
    titles = {row.series: capitalised(row.quantity) for row in read_observations()}
    pictures = [
        _forecast_picture(outcome, forecast, titles.get(forecast.series, forecast.series), figures)
        for forecast in outcome.series
        if len(forecast.ids) >= FEWEST_DRAWN
    ]
    blocks: list[Block] = [Paragraphs((summary_of(of_cut_off).words,))]
    if skills := _skill_picture(of_cut_off, cut_off.title, cut_off.name, figures):
        blocks.append(Pictures((skills,)))
    blocks += [_scores(of_cut_off, cut_off.title), _errors(of_cut_off, cut_off.title)]
    return (
        Section(f"Known up to {cut_off.title}: scores", tuple(blocks)),
        Section(f"Known up to {cut_off.title}: forecasts", (Pictures(tuple(pictures)),)),
    )


def _summary(outcomes: Sequence[BacktestOutcome], rows: Sequence[ScoreRow]) -> Section:
    titles = [outcome.trial.cut_off.title for outcome in outcomes]
    names = [outcome.trial.cut_off.name for outcome in outcomes]
    summaries = [summary_of([row for row in rows if row.cut_off == name]) for name in names]
    wins = [summary.beaten[REFERENCE_NAMES[0]] for summary in summaries]
    lead = "; ".join(
        f"from {title} the model beats the last value in {better} of {compared} series"
        for title, (better, compared) in zip(titles, wins, strict=True)
    )
    columns = (
        Column("Last month known"),
        *(Column(f"Better than {name}", True) for name in REFERENCE_NAMES),
        Column("Median skill", True, format=skill),
        Column("Figures", True),
        Column("In 50% interval", True, format=share),
        Column("In 80% interval", True, format=share),
        Column("Verdict"),
    )
    cells = [
        (
            summary.cut_off,
            *_beaten(summary),
            summary.median_skill,
            summary.figures,
            summary.inside50,
            summary.inside80,
            Cell("better on most", "good") if summary.holds else Cell("not better on most", "bad"),
        )
        for summary in summaries
    ]
    table = Table(
        "Cut-offs",
        columns,
        cells,
        "Better: series with a smaller CRPS, of those in which the reference forecast can be made. Skill is against "
        "the last value. Intervals: share of all figures, with or without history.",
    )
    return Section("In short", (Paragraphs((capitalised(f"{lead}."),), "lead"), table, Paragraphs(HINDSIGHT)))


def _beaten(summary: CutOffSummary) -> list[str]:
    """In how many series the model is better than each reference forecast."""
    return [f"{better} of {compared}" if compared else MISSING for better, compared in summary.beaten.values()]


def _scores(rows: Sequence[ScoreRow], title: str) -> Table:
    columns = (
        Column("Series"),
        Column("Known", True),
        Column("Scored", True),
        Column("Model", True, format=number),
        *(Column(capitalised(name), True, format=number) for name in REFERENCE_NAMES),
        Column("Unit"),
        Column("Skill", True, format=skill),
        Column("In 50%", True, format=share),
        Column("In 80%", True, format=share),
        Column("Verdict"),
    )
    marks: dict[str, Mark] = {"better": "good", "worse": "bad", "no history": "aside"}
    cells = [
        (
            row.series,
            row.known,
            row.figures,
            row.crps[MODEL],
            *(row.crps.get(name) for name in REFERENCE_NAMES),
            row.unit,
            row.skill() if row.compared else MISSING,
            row.inside50,
            row.inside80,
            Cell(row.verdict, marks[row.verdict]),
        )
        for row in rows
    ]
    return Table(
        f"CRPS of every series after {title}",
        columns,
        cells,
        "CRPS: mean continuous ranked probability score, in the unit of the series; smaller is better. Skill: share of "
        "the CRPS of the last value that the model saves. No history: no figure of the series is known, so there is no "
        "last value; the model's intervals are still counted.",
    )


def _errors(rows: Sequence[ScoreRow], title: str) -> Table:
    columns = (
        Column("Series"),
        Column("Mean of what came", True, format=number),
        Column("Model", True, format=number),
        *(Column(capitalised(name), True, format=number) for name in REFERENCE_NAMES),
        Column("Unit"),
    )
    cells = [
        (row.series, row.observed, row.error[MODEL], *(row.error.get(name) for name in REFERENCE_NAMES), row.unit)
        for row in rows
    ]
    note = "Mean absolute error of the middle of each forecast, in the unit of the series."
    return Table(f"Errors of every series after {title}", columns, cells, note)


def _skill_picture(rows: Sequence[ScoreRow], title: str, name: str, figures: Path) -> Picture | None:
    compared = sorted((row for row in rows if row.compared), key=lambda row: -row.skill())
    if not compared:
        return None
    bars = [(f"{row.series} ({row.figures})", row.skill()) for row in compared]
    path = plot_skill(bars, f"Figures after {title}: skill against the last value", figures / f"skill_{name}.png")
    alt = "Bars of skill by series: " + "; ".join(f"{row.series} {skill(row.skill())}" for row in compared)
    return Picture(path, alt, "In brackets: figures scored.")


def _forecast_picture(outcome: BacktestOutcome, forecast: SeriesForecast, title: str, figures: Path) -> Picture:
    cut_off = outcome.trial.cut_off
    last = forecast.references.get(REFERENCE_NAMES[0])
    panel = SeriesForecastPanel(
        title,
        forecast.unit,
        (cut_off.origin.year * SEASON_MONTHS + cut_off.origin.month - 1) / SEASON_MONTHS,
        np.stack([forecast.past.months / SEASON_MONTHS, forecast.past.values]),
        forecast.months / SEASON_MONTHS,
        forecast.observed,
        DrawQuantiles(*forecast.quantiles),
        None if last is None else np.stack([last.mean, last.deviation]),
    )
    path = plot_forecast(panel, figures / f"forecast_{cut_off.name}_{file_name(forecast.series)}.png")
    inside = share(float(forecast.inside(0.8).mean()))
    alt = f"{title}: forecast from {cut_off.title}; {inside} of {len(forecast.ids)} figures lie in its 80% interval."
    return Picture(path, alt, f"{forecast.series}; {inside} of what came lies in the 80% interval.")


def _method(outcomes: Sequence[BacktestOutcome], options: FitOptions) -> Section:
    rows = [
        (
            outcome.trial.cut_off.title,
            f"{len(outcome.trial.problem.priors)} numbers fitted to {int(outcome.trial.problem.targets.fitted.sum())} "
            f"figures, {outcome.runs:,} runs; mean square of the fitted residuals in units of error "
            f"{outcome.fit.misfit(outcome.fit.point_predictions):.2f}",
        )
        for outcome in outcomes
    ]
    settings = outcomes[0].trial.settings
    facts = Facts(
        (
            *rows,
            ("draws", f"{options.members}; seed {options.seed}; {options.iterations} updates, {options.steps} steps"),
            (
                "after the cut-off",
                f"disturbances last as long again, at even odds, then end in {settings.returns.end_months:g} "
                f"months; further "
                f"changes up to ±{settings.drift.size:.0%} within {settings.drift.months:g} months",
            ),
            ("assumptions", "calibration/backtest.yaml; method and limits: docs/backtest.md"),
        )
    )
    return Section("How it was done", (facts, _by_horizon(outcomes)))


def _by_horizon(outcomes: Sequence[BacktestOutcome]) -> Table:
    rows = horizon_table(outcomes)
    cells = []
    for outcome in outcomes:
        name = outcome.trial.cut_off.name
        for ahead in dict.fromkeys(row.ahead for row in rows if row.cut_off == name):
            summary = summary_of([row for row in rows if row.cut_off == name and row.ahead == ahead])
            cells.append((name, ahead, *_beaten(summary), summary.figures, summary.inside50, summary.inside80))
    columns = (
        Column("Last month known"),
        Column("Ahead"),
        *(Column(f"Better than {name}", True) for name in REFERENCE_NAMES),
        Column("Figures", True),
        Column("In 50%", True, format=share),
        Column("In 80%", True, format=share),
    )
    return Table("By months ahead: series in which the model's CRPS is smaller", columns, cells)
