"""Where the money goes: expenditure by organisation and statement line, now and at a horizon."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Patch

from model.registry.calendar import add_months, financial_year_of
from model.registry.errors import UserError
from model.reporting.figures.effects import effect_text
from model.reporting.figures.style import (
    ONE_RUN,
    NotebookFigure,
    heading,
    legend_above,
    margins,
    note,
    number_axis,
    save,
    styled,
)
from model.reporting.names import capitalised, plain_name, wrapped
from model.reporting.theme import A4_PORTRAIT, AXIS_POINTS, FAINT, MANY_CATEGORIES, SMALL_POINTS
from model.results.number_format import MILLION, format_number
from model.results.run import Run
from model.results.statement import statement_labels, statement_values

PASSED_ON = ("contracts_received", "contracts_paid")
"""Money handed from one organisation to another: left out, so that each pound is counted where it is spent."""

WIDTH_OF_LETTER = 0.0067
"""Of the words beside a bar, as a share of the width of a panel."""

LINES_SHOWN = 9
BAR = 0.13
"""Inches that one bar takes."""
LARGE = 0.2
"""Share of the largest organisation's money from which an organisation stands among the large ones."""


@dataclass(frozen=True)
class ExpenditureBars:
    """Bars of one year of one run: one for each organisation.

    Attributes:
        label: run and year.
        spending: £m by line and organisation.
        effects: what the scenario changes for each organisation, in words; empty for today and for the baseline.
    """

    label: str
    spending: Mapping[str, np.ndarray]
    effects: Sequence[str]


def expenditure(run: Run, year: str) -> dict[str, np.ndarray]:
    """Return median expenditure of a year by line, each an array by organisation in £m; lines of income left out."""
    _, lines = statement_labels(run)
    medians = np.median(statement_values(run, year), axis=-1) / MILLION
    spending = {
        line: np.maximum(-medians[:, column], 0.0) for column, line in enumerate(lines) if line not in PASSED_ON
    }
    return {line: values for line, values in spending.items() if values.sum() > 0}


def change_of_expenditure(run: Run, baseline: Run, year: str) -> np.ndarray:
    """Return the difference of each organisation's expenditure in £m, shape ``(organisations, members)``."""
    _, lines = statement_labels(run)
    columns = [column for column, line in enumerate(lines) if line not in PASSED_ON]
    scenario, base = (
        np.maximum(-statement_values(other, year)[:, columns], 0.0).sum(axis=1) / MILLION for other in (run, baseline)
    )
    return scenario - base


def plot_money(runs: Sequence[Run], baseline: Run, path: Path, *, horizon: str = "long") -> Path:
    """Draw expenditure as ``draw_money`` does, and save it as PNG and SVG; path of the PNG.

    Raises:
        UserError: the runs do not reach the horizon or do not cover the year before the decision, or a file cannot be
            written.
    """
    return save(draw_money(runs, baseline, horizon=horizon), path)


def draw_money(runs: Sequence[Run], baseline: Run, *, horizon: str = "long") -> NotebookFigure:
    """Draw stacked bars of expenditure by line for each organisation: the year before the decision and a horizon.

    Large and small organisations stand in two panels with scales of their own.

    Args:
        runs: scenarios; the baseline may be among them.
        baseline: what they are compared with, member by member.
        horizon: name of the horizon.

    Raises:
        UserError: the runs do not reach the horizon or do not cover the year before the decision.
    """
    if horizon not in baseline.horizon_years:
        raise UserError(f"the run reaches the horizons {', '.join(baseline.horizon_years) or 'none'}.", key=horizon)
    year = baseline.horizon_years[horizon]
    today = financial_year_of(add_months(baseline.decision, -1))
    bars = _bars([baseline, *(run for run in runs if run.scenario != baseline.scenario)], today, year)
    organisations, _ = statement_labels(baseline)
    lines, any_other = _largest_lines(bars)
    groups = _groups(bars)
    height = 2.6 + sum(len(rows) for rows in groups) * (0.18 + BAR * len(bars))
    with styled():
        figure = NotebookFigure(figsize=(A4_PORTRAIT[0], height))
        ratios = [len(rows) for rows in groups]
        grid = list(figure.subplots(len(groups), 1, height_ratios=ratios, squeeze=False).flat)
        margins(figure, left=0.17, right=0.98, above=1.2, below=0.78, hspace=0.12)
        for axes, rows in zip(grid, groups, strict=True):
            _draw(axes, rows, organisations, bars, lines)
        grid[-1].set_xlabel("£m a year", fontsize=AXIS_POINTS)
        keys = [
            Patch(color=colour, label=line.replace("_", " "))
            for line, colour in zip(lines, MANY_CATEGORIES, strict=False)
        ]
        keys += [Patch(color=FAINT, label="other lines")] if any_other else []
        legend_above(figure, keys, 5, points=AXIS_POINTS, key_length=1.0)
        heading(figure, "Where the money goes", f"expenditure by organisation, {today} and {year}, £m")
        note(figure, _note(baseline.members))
        return figure


def _bars(runs: Sequence[Run], today: str, year: str) -> list[ExpenditureBars]:
    """Return the bars of every organisation from above: today, then the runs at the horizon, the baseline first."""
    organisations, _ = statement_labels(runs[0])
    blank = [""] * len(organisations)
    bars = [ExpenditureBars(today, expenditure(runs[0], today), blank)]
    for run in runs:
        effects = blank
        if run is not runs[0] and run.members > 1:
            change = change_of_expenditure(run, runs[0], year)
            effects = [f"  {effect_text(members, improves=-1, decimals=1)}" for members in change]
        bars.append(ExpenditureBars(f"{run.heading}, {year}", expenditure(run, year), effects))
    return bars


def _largest_lines(bars: Sequence[ExpenditureBars]) -> tuple[list[str], bool]:
    """Return the lines with most money, and whether there are others."""
    totals: dict[str, float] = {}
    for bar in bars:
        for line, values in bar.spending.items():
            totals[line] = totals.get(line, 0.0) + float(values.sum())
    lines = sorted(totals, key=lambda line: -totals[line])[:LINES_SHOWN]
    return lines, len(totals) > len(lines)


def _groups(bars: Sequence[ExpenditureBars]) -> list[list[int]]:
    """Return large and small organisations, each group from the largest on; those without money left out."""
    by_organisation = np.sum([values for bar in bars for values in bar.spending.values()], axis=0)
    order = [int(row) for row in np.argsort(-by_organisation) if by_organisation[row] > 0]
    large = [row for row in order if by_organisation[row] > LARGE * by_organisation.max()]
    small = [row for row in order if row not in large]
    return [rows for rows in (large, small) if rows]


def _draw(
    axes: Axes, rows: Sequence[int], organisations: Sequence[str], bars: Sequence[ExpenditureBars], lines: Sequence[str]
) -> None:
    """Draw one group of bars for each organisation, the first on top."""
    thickness = 0.82 / len(bars)
    for group, row in enumerate(rows):
        for index, bar in enumerate(bars):
            height = group - 0.41 + thickness * (index + 0.5)
            remainder = sum(values[row] for line, values in bar.spending.items() if line not in lines)
            amounts = [float(bar.spending[line][row]) if line in bar.spending else 0.0 for line in lines]
            left = 0.0
            for amount, colour in zip(
                (*amounts, float(remainder)), (*MANY_CATEGORIES[: len(lines)], FAINT), strict=True
            ):
                axes.barh(height, amount, thickness * 0.9, left=left, color=colour, lw=0)
                left += amount
            axes.annotate(
                f"{format_number(left, 0)}  {bar.label}{bar.effects[row]}",
                (left, height),
                xytext=(3, 0),
                textcoords="offset points",
                va="center",
                fontsize=SMALL_POINTS,
            )
    axes.set_yticks(range(len(rows)), [wrapped(capitalised(plain_name(organisations[row])), 17) for row in rows])
    axes.set_ylim(len(rows) - 0.45, -0.55)
    axes.grid(False, axis="y")
    number_axis(axes.xaxis)
    # Room for the words beside the longest bar.
    letters = max(len(bar.label) + len(bar.effects[row]) for bar in bars for row in rows)
    axes.set_xlim(0, axes.get_xlim()[1] * max(1.28, 1.0 / (1.0 - letters * WIDTH_OF_LETTER)))


def _note(members: int) -> str:
    medians = (
        "Medians of members; beside the names, what the scenario changes: median, 80% interval and probability "
        "that less is spent, member by member."
        if members > 1
        else ONE_RUN
    )
    return (
        f"{medians} £m in the prices of each year. Money passed between organisations is counted where it is spent. "
        "The two panels have scales of their own. Source: BNSSG whole-system model, statements by organisation."
    )
