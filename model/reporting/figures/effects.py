"""What each scenario changes: paired differences from the baseline by horizon, with interval and probability."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, MaxNLocator

from model.registry.errors import UserError
from model.reporting.figures.style import heading, note, save, scenario_colours, styled
from model.reporting.theme import A4_PORTRAIT
from model.results.comparison import HeadlineRow, Spread, headline_table
from model.results.headlines import Measure, Place, headlines_shown
from model.results.run import Run

COLUMNS = 3
ROW = 0.115
"""Inches that one effect takes."""

GAP = 0.6
"""Space between two horizons, in rows."""


def effect_text(difference: np.ndarray, *, improves: int, decimals: int, lines: bool = False) -> str:
    """Median, 80 % interval and probability of improvement of paired differences, shape ``(members,)``, as text.

    Args:
        difference: scenario less baseline, member by member.
        improves: +1 where more is better, -1 where less is.
        decimals: digits after the point.
        lines: whether the three stand below each other.
    """
    spread = Spread.of(difference)
    median, low, high = (_signed(value, decimals) for value in (spread.median, spread.low, spread.high))
    share = float(np.mean(improves * difference > 0))
    gap = "\n" if lines else " "
    return f"{median}{gap}({low} to {high}){gap}{share:.0%} better"


def _signed(value: float, decimals: int) -> str:
    rounded = round(value, decimals)
    return (f"{rounded:+,.{decimals}f}" if rounded else f"{0.0:.{decimals}f}").replace("-", "−")


def _places(horizons: int, scenarios: int) -> list[list[float]]:
    """Place of each scenario of each horizon, from the top down."""
    return [[group * (scenarios + GAP) + each for each in range(scenarios)] for group in range(horizons)]


def _panel(axes: Axes, each: Measure, rows: Sequence[HeadlineRow], colours: dict[str, str]) -> None:
    horizons = list(dict.fromkeys((row.horizon, row.financial_year) for row in rows))
    scenarios = list(dict.fromkeys(row.scenario for row in rows))
    places = _places(len(horizons), len(scenarios))
    for row in rows:
        place = places[horizons.index((row.horizon, row.financial_year))][scenarios.index(row.scenario)]
        spread, colour = row.difference, colours[row.scenario]
        if spread is None:
            continue
        axes.plot([spread.low, spread.high], [place, place], color=colour, lw=1.6, alpha=0.55, solid_capstyle="butt")
        axes.plot(spread.median, place, "o", color=colour, ms=3.2)
        if row.improvement is not None:
            text = f"{row.improvement:.0%}"
            axes.text(1.015, place, text, transform=axes.get_yaxis_transform(), fontsize=5.6, va="center", color=colour)
    axes.axvline(0, color="#777777", lw=0.8, zorder=0)
    axes.set_ylim(places[-1][-1] + 0.8, -0.8)
    axes.set_yticks([sum(group) / len(group) for group in places], [year for _, year in horizons])
    axes.tick_params(axis="y", length=0, labelsize=6.5)
    axes.grid(False, axis="y")
    axes.set_title(f"{each.title}\n", fontsize=8, pad=3)
    arrow = "higher is better" if each.better == "higher" else "lower is better"
    axes.text(0, 1.03, f"{each.unit} · {arrow}", transform=axes.transAxes, fontsize=6.5, color="#555555")
    axes.xaxis.set_major_locator(MaxNLocator(4))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:+,.6g}".replace("-", "−") if value else "0"))


def plot_effects(
    runs: Sequence[Run], baseline: Run, path: Path, *, headlines: Sequence[Measure] | None = None
) -> Path:
    """Small multiples of the effects of scenarios on headline results, at each horizon.

    Args:
        runs: scenarios; the baseline may be among them.
        baseline: what they are compared with, member by member.
        path: file; PNG and SVG are written.
        headlines: results, one panel each; those that are shown in figures where it is None.

    Returns:
        Path of the PNG.

    Raises:
        UserError: no scenario but the baseline, or no horizon within the run.
    """
    others = [run for run in runs if run.scenario != baseline.scenario]
    if not others or not baseline.horizon_years:
        raise UserError("effects need a scenario beside the baseline, and a horizon within the run.")
    wanted = headlines_shown(Place.FIGURE) if headlines is None else headlines
    table = headline_table([baseline, *others], baseline, wanted)
    colours = scenario_colours([baseline.scenario, *(run.scenario for run in others)], baseline.scenario)
    columns = min(COLUMNS, len(wanted))
    lines = -(-len(wanted) // columns)
    panel = max(0.85, ROW * len(baseline.horizon_years) * (len(others) + GAP))
    height = 1.6 + lines * (panel + 0.75)
    with styled():
        figure = Figure(figsize=(A4_PORTRAIT[0], height))
        grid = figure.subplots(lines, columns, squeeze=False)
        figure.subplots_adjust(
            left=0.085, right=0.955, top=1 - 1.3 / height, bottom=0.78 / height, hspace=0.75 / panel, wspace=0.44
        )
        for axes, each in zip(grid.flat, wanted, strict=False):
            own = [row for row in table if row.headline.name == each.name and row.difference is not None]
            _panel(axes, each, own, colours)
        for axes in grid.flat[len(wanted) :]:
            axes.set_visible(False)
        heading(figure, "What each scenario changes", "difference from the baseline in the year of each horizon")
        keys = [Line2D([], [], color=colours[run.scenario], marker="o", ms=3.5, label=run.heading) for run in others]
        figure.legend(
            handles=keys,
            loc="upper left",
            bbox_to_anchor=(0.015, 1 - 0.58 / height),
            ncols=4,
            fontsize=7.5,
            handlelength=1.8,
            columnspacing=1.4,
            borderaxespad=0,
        )
        note(figure, _note(baseline.members))
        return save(figure, path)


def _note(members: int) -> str:
    spread = (
        f"Point: median of {members} paired members, scenario less baseline; bar: 80% interval; %: probability of "
        "improvement."
        if members > 1
        else "One run: no interval."
    )
    return f"{spread} Panels have scales of their own. Source: BNSSG whole-system model."
