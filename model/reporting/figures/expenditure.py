"""Where the money goes: expenditure by organisation and statement line, now and at a horizon."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from matplotlib.ticker import FuncFormatter

from model.registry.errors import UserError
from model.reporting.figures.effects import effect_text
from model.reporting.figures.style import INK, capital, heading, note, plain_name, save, styled, wrapped
from model.results.run import Run, financial_year_of, month_after
from model.results.statement import statement_labels, statement_values

PASSED_ON = ("contracts_received", "contracts_paid")
"""Money handed from one organisation to another: left out, so that each pound is counted where it is spent."""

WIDTH_OF_LETTER = 0.0067
"""Of the words beside a bar, as a share of the width of a panel."""

LINES_SHOWN = 9
LINE_COLOURS = ("#0072B2", "#D55E00", "#009E73", "#E69F00", "#56B4E9", "#CC79A7", "#7A5195", "#B8860B", "#4D4D4D")
OTHER_COLOUR = "#C9C9C9"


def expenditure(run: Run, year: str) -> dict[str, np.ndarray]:
    """Median expenditure of a year by line, each an array by organisation in £m; lines of income left out."""
    _, lines = statement_labels(run)
    medians = np.median(statement_values(run, year), axis=-1) / 1e6
    spent = {
        line: np.maximum(-medians[:, position], 0.0) for position, line in enumerate(lines) if line not in PASSED_ON
    }
    return {line: values for line, values in spent.items() if values.sum() > 0}


def change_of_expenditure(run: Run, baseline: Run, year: str) -> np.ndarray:
    """Difference of each organisation's expenditure in £m, shape ``(organisations, members)``."""
    _, lines = statement_labels(run)
    kept = [position for position, line in enumerate(lines) if line not in PASSED_ON]
    spent = [np.maximum(-statement_values(each, year)[:, kept], 0.0).sum(axis=1) / 1e6 for each in (run, baseline)]
    return spent[0] - spent[1]


def _effects(runs: Sequence[Run], year: str) -> list[list[str]]:
    """What each bar changes for each organisation, in words; nothing for today and for the baseline, which is first."""
    organisations, _ = statement_labels(runs[0])
    nothing = [""] * len(organisations)
    found = [nothing, nothing]
    for run in runs[1:]:
        if run.members == 1:
            found.append(nothing)
            continue
        change = change_of_expenditure(run, runs[0], year)
        found.append([f"  {effect_text(row, improves=-1, decimals=1)}" for row in change])
    return found


def _bars(runs: Sequence[Run], today: str, year: str) -> list[tuple[str, dict[str, np.ndarray]]]:
    found = [(f"{today}", expenditure(runs[0], today))]
    return found + [(f"{run.heading}, {year}", expenditure(run, year)) for run in runs]


def _draw(
    axes: Axes, rows: Sequence[int], names: Sequence[str], bars: list, effects: list[list[str]], kept: Sequence[str]
) -> None:
    """One group of bars for each organisation, the first on top."""
    thickness = 0.82 / len(bars)
    for group, row in enumerate(rows):
        for position, (label, spent) in enumerate(bars):
            place = group - 0.41 + thickness * (position + 0.5)
            left = 0.0
            other = sum(values[row] for line, values in spent.items() if line not in kept)
            pieces = [(float(spent[line][row]) if line in spent else 0.0) for line in kept] + [float(other)]
            for value, colour in zip(pieces, (*LINE_COLOURS[: len(kept)], OTHER_COLOUR), strict=True):
                axes.barh(place, value, thickness * 0.9, left=left, color=colour, lw=0)
                left += value
            axes.annotate(
                f"{left:,.0f}  {label}{effects[position][row]}",
                (left, place),
                xytext=(3, 0),
                textcoords="offset points",
                va="center",
                fontsize=5.8,
                color=INK,
            )
    axes.set_yticks(range(len(rows)), [wrapped(capital(plain_name(names[row])), 17) for row in rows])
    axes.set_ylim(len(rows) - 0.45, -0.55)
    axes.grid(False, axis="y")
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
    # Room for the words beside the longest bar.
    words = max(len(label) + len(effects[position][row]) for position, (label, _) in enumerate(bars) for row in rows)
    axes.set_xlim(0, axes.get_xlim()[1] * max(1.28, 1.0 / (1.0 - words * WIDTH_OF_LETTER)))


def plot_money(runs: Sequence[Run], baseline: Run, path: Path, *, horizon: str = "long") -> Path:
    """Stacked bars of expenditure by line for each organisation: the year before the decision against a horizon.

    Large and small organisations stand in two panels with scales of their own.

    Raises:
        UserError: the runs do not reach the horizon or do not cover the year before the decision.
    """
    shown = [baseline, *(run for run in runs if run.scenario != baseline.scenario)]
    if horizon not in baseline.horizon_years:
        raise UserError(f"the run reaches the horizons {', '.join(baseline.horizon_years) or 'none'}.", key=horizon)
    year = baseline.horizon_years[horizon]
    today = financial_year_of(month_after(baseline.decision, -1))
    bars, effects = _bars(shown, today, year), _effects(shown, year)
    names, _ = statement_labels(baseline)
    total: dict[str, float] = {}
    for _, spent in bars:
        for line, values in spent.items():
            total[line] = total.get(line, 0.0) + float(values.sum())
    kept = sorted(total, key=lambda line: -total[line])[:LINES_SHOWN]
    by_organisation = np.sum([values for _, spent in bars for values in spent.values()], axis=0)
    order = [int(row) for row in np.argsort(-by_organisation) if by_organisation[row] > 0]
    large = [row for row in order if by_organisation[row] > 0.2 * by_organisation.max()]
    small = [row for row in order if row not in large]
    panels = [group for group in (large, small) if group]
    bar_height = 0.13
    height = 2.6 + sum(len(group) for group in panels) * (0.18 + bar_height * len(bars))
    with styled():
        figure = Figure(figsize=(8.27, height))
        grid = figure.subplots(len(panels), 1, height_ratios=[len(group) for group in panels], squeeze=False)
        figure.subplots_adjust(left=0.17, right=0.98, top=1 - 1.2 / height, bottom=0.78 / height, hspace=0.12)
        for axes, group in zip(grid.flat, panels, strict=True):
            _draw(axes, group, names, bars, effects, kept)
        grid[-1, 0].set_xlabel("£m a year", fontsize=7)
        keys = [
            Patch(color=colour, label=line.replace("_", " ")) for line, colour in zip(kept, LINE_COLOURS, strict=False)
        ]
        if len(total) > len(kept):
            keys.append(Patch(color=OTHER_COLOUR, label="other lines"))
        figure.legend(
            handles=keys,
            loc="upper left",
            bbox_to_anchor=(0.015, 1 - 0.58 / height),
            ncols=5,
            fontsize=7,
            handlelength=1.0,
            columnspacing=1.2,
            borderaxespad=0,
        )
        heading(figure, "Where the money goes", f"expenditure by organisation, {today} and {year}, £m")
        middle = (
            "Medians of members; beside the names, what the scenario changes: median, 80% interval and probability "
            "that less is spent, member by member. "
            if baseline.members > 1
            else "One run: no interval. "
        )
        note(
            figure,
            f"{middle}£m in the prices of each year. Money passed between organisations is counted where it is spent. "
            "The two panels have scales of their own. Source: BNSSG whole-system model, statements by organisation.",
        )
        return save(figure, path)
