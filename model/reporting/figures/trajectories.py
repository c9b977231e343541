"""Headline results over time: what was observed, the baseline, and each scenario with its 80 % interval."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.ticker import MultipleLocator

from model.registry.calendar import DAYS_PER_MONTH, decimal_year
from model.reporting.figures.style import (
    DASHED,
    ONE_RUN,
    SOURCE,
    NotebookFigure,
    heading,
    legend_above,
    margins,
    note,
    number_axis,
    panel_title,
    panels,
    rows_of,
    save,
    scenario_colours,
    styled,
    unit_and_direction,
)
from model.reporting.theme import A4_PORTRAIT, AXIS, BASELINE, OBSERVED
from model.reporting.time_axis import MONTH, observed_points, year_position
from model.results.comparison import INTERVAL
from model.results.expressions import Statistic
from model.results.headlines import Measure, Place, headlines_shown
from model.results.observations import Observation
from model.results.run import Run

BASELINE_DASHES = (0, (3.5, 1.2))
COLUMNS = 3


def plot_trajectories(
    runs: Sequence[Run],
    baseline: Run,
    path: Path,
    *,
    headlines: Sequence[Measure] | None = None,
    observations: Sequence[Observation] = (),
    by: str = "financial_year",
) -> Path:
    """Draw headline results as ``draw_trajectories`` does, and save them as PNG and SVG; path of the PNG.

    Raises:
        UserError: a file cannot be written.
    """
    return save(draw_trajectories(runs, baseline, headlines=headlines, observations=observations, by=by), path)


def draw_trajectories(
    runs: Sequence[Run],
    baseline: Run,
    *,
    headlines: Sequence[Measure] | None = None,
    observations: Sequence[Observation] = (),
    by: str = "financial_year",
) -> NotebookFigure:
    """Draw small multiples of headline results.

    Args:
        runs: scenarios; the baseline may be among them.
        baseline: drawn grey.
        headlines: headline results, one panel each; those that are shown in figures where left out.
        observations: history, drawn as points where a figure is compared with just that result.
        by: ``financial_year`` or ``month``.
    """
    runs_shown = [baseline, *(run for run in runs if run.scenario != baseline.scenario)]
    colours = scenario_colours([run.scenario for run in runs_shown], baseline.scenario)
    measures = headlines_shown(Place.FIGURE) if headlines is None else headlines
    yearly = by == "financial_year"
    height = min(A4_PORTRAIT[1], 1.5 + 1.95 * rows_of(len(measures), min(COLUMNS, len(measures))))
    with styled():
        figure = NotebookFigure(figsize=(A4_PORTRAIT[0], height))
        grid = panels(figure, len(measures), COLUMNS)
        margins(figure, left=0.08, right=0.975, above=1.22, below=0.72, hspace=0.55, wspace=0.27)
        for axes, measure in zip(grid, measures, strict=True):
            _panel(axes, measure, runs_shown, colours, observations, yearly=yearly)
        heading(figure, "Headline results", "by NHS financial year" if yearly else "by month")
        keys = _keys(runs_shown, colours, any_observed=bool(observations))
        legend_above(figure, keys, 4 if len(keys) > 5 else len(keys))
        note(figure, _note(runs_shown[0].members, yearly=yearly))
        return figure


def _panel(
    axes: Axes,
    measure: Measure,
    runs: Sequence[Run],
    colours: dict[str, str],
    observations: Sequence[Observation],
    *,
    yearly: bool,
) -> None:
    """Draw one result: lines and bands of the runs, points of history, a line at the decision."""
    for order, run in enumerate(runs):
        positions, values = _series(run, measure, yearly=yearly)
        # The baseline is broken and on top, so that a scenario equal to it still shows beneath.
        colour, is_baseline = colours[run.scenario], colours[run.scenario] == BASELINE
        dashes, width, above = (BASELINE_DASHES, 1.3, 20) if is_baseline else ("-", 1.9, 3 + order)
        axes.plot(positions, np.median(values, axis=1), color=colour, ls=dashes, lw=width, zorder=above)
        if run.members > 1:
            low, high = np.quantile(values, INTERVAL, axis=1)
            axes.fill_between(positions, low, high, color=colour, alpha=0.18, lw=0, zorder=2)
    if points := observed_points(measure, observations, yearly=yearly):
        years, observed = zip(*points, strict=True)
        size = 14 if yearly else 6
        axes.scatter(years, observed, s=size, facecolor="white", edgecolor=OBSERVED, lw=0.9, zorder=30)
    axes.axvline(decimal_year(runs[0].decision), color=AXIS, lw=0.9, ls=DASHED, zorder=1)
    of_a_month = not yearly and measure.statistic is Statistic.SUM
    unit = measure.unit.replace("a year", "a month") if of_a_month else measure.unit
    title = measure.title if yearly else measure.title.removesuffix(", March")
    panel_title(axes, title, unit_and_direction(unit, measure.better))
    axes.xaxis.set_major_locator(MultipleLocator(5))
    number_axis(axes.yaxis, 5)
    low, high = axes.get_ylim()
    # A quantity that is never negative is shown from zero unless it hardly moves: then zero would hide its course.
    if 0 < low < 0.6 * high:
        axes.set_ylim(0, high)


def _series(run: Run, measure: Measure, *, yearly: bool) -> tuple[np.ndarray, np.ndarray]:
    """Return places on the axis, shape ``(times,)``, and values ``(times, members)``."""
    if yearly:
        by_year = measure.by_year(run)
        positions = [year_position(year, measure.statistic) for year in by_year]
        return np.array(positions), np.array(list(by_year.values()))
    within = MONTH if measure.statistic is Statistic.AT_END else MONTH / 2
    evened = DAYS_PER_MONTH / run.days[:, None] if measure.statistic is Statistic.SUM else 1.0
    return np.array([decimal_year(start) + within for start in run.month_starts]), measure.monthly(run) * evened


def _keys(runs: Sequence[Run], colours: dict[str, str], *, any_observed: bool) -> list[Artist]:
    keys: list[Artist] = [
        Line2D(
            [],
            [],
            color=colours[run.scenario],
            lw=1.9,
            ls=BASELINE_DASHES if run is runs[0] else "-",
            label=run.heading,
        )
        for run in runs
    ]
    if any_observed:
        keys.append(Line2D([], [], ls="", marker="o", markersize=4, mfc="white", mec=OBSERVED, label="observed"))
    decision = f"decision, {runs[0].decision:%B %Y}"
    return [*keys, Line2D([], [], color=AXIS, lw=0.9, ls=DASHED, label=decision)]


def _note(members: int, *, yearly: bool) -> str:
    interval = (
        f"Line: median of {members} members; band: 80% interval of the level. What a scenario changes, member by "
        "member, is drawn in effects.png."
        if members > 1
        else ONE_RUN
    )
    evened = "" if yearly else "Monthly totals are put to months of equal length. "
    return (
        f"{interval} {evened}Totals and means are drawn in the middle of their period, lists at their end. "
        f"{SOURCE} Observed: NHS England statistics and the BNSSG case for change, sources by figure in "
        "calibration/observations.csv."
    )
