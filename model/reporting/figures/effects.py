"""What each scenario changes: paired differences from the baseline by horizon, with interval and probability."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from model.registry.errors import UserError
from model.reporting.figures.style import (
    ONE_RUN,
    SOURCE,
    NotebookFigure,
    heading,
    interval_mark,
    legend_above,
    margins,
    name_rows,
    note,
    number_axis,
    panel_title,
    panels,
    rows_of,
    save,
    scenario_colours,
    styled,
    unit_and_direction,
    zero_line,
)
from model.reporting.numbers import share
from model.reporting.theme import A4_PORTRAIT, NOTE_POINTS, SMALL_POINTS
from model.results.comparison import HeadlineRow, Spread, headline_table
from model.results.headlines import Measure, Place, headlines_shown
from model.results.number_format import format_number
from model.results.run import Run

COLUMNS = 3
ROW = 0.115
"""Inches that one effect takes."""

GAP = 0.6
"""Space between two horizons, in rows."""


def effect_text(difference: np.ndarray, *, improves: int, decimals: int, lines: bool = False) -> str:
    """Return median, 80 % interval and probability of improvement of paired differences as text.

    Args:
        difference: scenario less baseline, member by member, shape ``(members,)``.
        improves: +1 where more is better, -1 where less is.
        decimals: digits after the point.
        lines: whether the three stand below each other.
    """
    spread = Spread.of(difference)
    median, low, high = (
        format_number(value, decimals, signed=True) for value in (spread.median, spread.low, spread.high)
    )
    gap = "\n" if lines else " "
    return f"{median}{gap}({low} to {high}){gap}{share(float(np.mean(improves * difference > 0)))} better"


def plot_effects(runs: Sequence[Run], baseline: Run, path: Path, *, headlines: Sequence[Measure] | None = None) -> Path:
    """Draw effects as ``draw_effects`` does, and save them as PNG and SVG; path of the PNG.

    Raises:
        UserError: no scenario but the baseline, no horizon within the run, or a file cannot be written.
    """
    return save(draw_effects(runs, baseline, headlines=headlines), path)


def draw_effects(runs: Sequence[Run], baseline: Run, *, headlines: Sequence[Measure] | None = None) -> NotebookFigure:
    """Draw small multiples of the effects of scenarios on headline results, at each horizon.

    Args:
        runs: scenarios; the baseline may be among them.
        baseline: what they are compared with, member by member.
        headlines: headline results, one panel each; those that are shown in figures where left out.

    Raises:
        UserError: no scenario but the baseline, or no horizon within the run.
    """
    others = [run for run in runs if run.scenario != baseline.scenario]
    if not others or not baseline.horizon_years:
        raise UserError("effects need a scenario beside the baseline, and a horizon within the run.")
    measures = headlines_shown(Place.FIGURE) if headlines is None else headlines
    table = headline_table([baseline, *others], baseline, measures)
    colours = scenario_colours([baseline.scenario, *(run.scenario for run in others)], baseline.scenario)
    panel = max(0.85, ROW * len(baseline.horizon_years) * (len(others) + GAP))
    height = 1.6 + rows_of(len(measures), min(COLUMNS, len(measures))) * (panel + 0.75)
    with styled():
        figure = NotebookFigure(figsize=(A4_PORTRAIT[0], height))
        grid = panels(figure, len(measures), COLUMNS)
        margins(figure, left=0.085, right=0.955, above=1.3, below=0.78, hspace=0.75 / panel, wspace=0.44)
        for axes, measure in zip(grid, measures, strict=True):
            rows = [row for row in table if row.headline.name == measure.name and row.difference is not None]
            _panel(axes, measure, rows, colours)
        heading(figure, "What each scenario changes", "difference from the baseline in the year of each horizon")
        keys = [Line2D([], [], color=colours[run.scenario], marker="o", ms=3.5, label=run.heading) for run in others]
        legend_above(figure, keys, 4)
        note(figure, _note(baseline.members))
        return figure


def _panel(axes: Axes, measure: Measure, rows: Sequence[HeadlineRow], colours: dict[str, str]) -> None:
    """Draw the effects on one result: a row for each scenario within each horizon."""
    horizons = list(dict.fromkeys((row.horizon, row.financial_year) for row in rows))
    scenarios = list(dict.fromkeys(row.scenario for row in rows))
    heights = _row_heights(len(horizons), len(scenarios))
    for row in rows:
        height = heights[horizons.index((row.horizon, row.financial_year))][scenarios.index(row.scenario)]
        spread, colour = row.difference, colours[row.scenario]
        if spread is None:
            continue
        interval_mark(axes, height, (spread.low, spread.median, spread.high), colour)
        if row.improvement is not None:
            axes.text(
                1.015,
                height,
                share(row.improvement),
                transform=axes.get_yaxis_transform(),
                fontsize=SMALL_POINTS,
                va="center",
                color=colour,
            )
    zero_line(axes)
    axes.set_ylim(heights[-1][-1] + 0.8, -0.8)
    middles = [sum(group) / len(group) for group in heights]
    name_rows(axes, [year for _, year in horizons], middles, NOTE_POINTS)
    panel_title(axes, measure.title, unit_and_direction(measure.unit, measure.better))
    number_axis(axes.xaxis, 4, signed=True)


def _row_heights(horizons: int, scenarios: int) -> list[list[float]]:
    """Return the height of each scenario of each horizon, from the top down."""
    return [[group * (scenarios + GAP) + row for row in range(scenarios)] for group in range(horizons)]


def _note(members: int) -> str:
    spread = (
        f"Point: median of {members} paired members, scenario less baseline; bar: 80% interval; %: probability of "
        "improvement."
        if members > 1
        else ONE_RUN
    )
    return f"{spread} Panels have scales of their own. {SOURCE}"
