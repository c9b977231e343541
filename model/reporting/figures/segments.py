"""People by core segment: over time, and the share with most need by deprivation."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from model.registry.calendar import decimal_year, months_between
from model.registry.dimensions import DIMENSIONS
from model.reporting.figures.effects import effect_text
from model.reporting.figures.style import ONE_RUN, NotebookFigure, heading, note, save, scenario_colours, styled
from model.reporting.theme import A4_PORTRAIT, AXIS_POINTS, DEEPENING, LINE
from model.results.number_format import format_number
from model.results.run import Run

PEOPLE = "population.by_deprivation"
MOST_NEED = ("CS4", "CS5")
MEANING = {"CS1": "CS1, fewest conditions", "CS2": "CS2", "CS3": "CS3", "CS4": "CS4", "CS5": "CS5, most conditions"}


def people(run: Run) -> np.ndarray:
    """Return median people by month, deprivation and segment, shape ``(months, deprivation, segment)``."""
    return np.median(run.values(PEOPLE), axis=-1)


def share_with_most_need(run: Run) -> np.ndarray:
    """Return the share of people in CS4 and CS5 by month and deprivation, in %, shape ``(months, deprivation)``."""
    counts = people(run)
    return 100 * counts[:, :, _columns_of_most_need()].sum(axis=2) / counts.sum(axis=2)


def change_of_most_need(run: Run, baseline: Run) -> np.ndarray:
    """Return the change of the share of all people in CS4 and CS5 at the end of the run, in points, by member."""
    scenario, base = (_share_at_end(other) for other in (run, baseline))
    return scenario - base


def plot_segments(runs: Sequence[Run], baseline: Run, path: Path) -> Path:
    """Draw segments as ``draw_segments`` does, and save them as PNG and SVG; path of the PNG.

    Raises:
        UserError: a file cannot be written.
    """
    return save(draw_segments(runs, baseline), path)


def draw_segments(runs: Sequence[Run], baseline: Run) -> NotebookFigure:
    """Draw people by segment in the baseline, and the share with most need by deprivation in every run.

    Args:
        runs: scenarios; the baseline may be among them.
        baseline: drawn first.
    """
    runs_shown = [baseline, *(run for run in runs if run.scenario != baseline.scenario)]
    colours = scenario_colours([run.scenario for run in runs_shown], baseline.scenario)
    with styled():
        figure = NotebookFigure(figsize=(A4_PORTRAIT[0], 8.0))
        top, bottom = figure.subplots(2, 1, height_ratios=(1.35, 1))
        figure.subplots_adjust(left=0.075, right=0.8, top=0.885, bottom=0.135, hspace=0.33)
        _areas(top, baseline)
        _deprivation(bottom, runs_shown, colours)
        bottom.legend(
            handles=_keys(runs_shown, colours),
            loc="upper left",
            bbox_to_anchor=(1.005, 1.02),
            fontsize=AXIS_POINTS,
            handlelength=0.9,
            borderaxespad=0,
        )
        heading(figure, "Who will need care", "residents of all ages by core segment (Cambridge Multimorbidity Score)")
        note(figure, _note(baseline))
        return figure


def _columns_of_most_need() -> list[int]:
    return [DIMENSIONS["segment"].index(label) for label in MOST_NEED]


def _share_at_end(run: Run) -> np.ndarray:
    """Share of all people in CS4 and CS5 in the last month, in %, shape ``(members,)``."""
    last = np.concatenate([values[-1] for values in run.blocks(PEOPLE)], axis=-1, dtype=np.float64)
    return 100 * last[:, _columns_of_most_need()].sum(axis=(0, 1)) / last.sum(axis=(0, 1))


def _areas(axes: Axes, run: Run) -> None:
    """Stack thousands of people by segment over the months, each area with its name and numbers beside it."""
    years = np.array([decimal_year(day) for day in run.month_starts])
    counts = people(run).sum(axis=1) / 1e3
    axes.stackplot(years, counts.T, colors=DEEPENING, lw=0)
    edges = np.concatenate([np.zeros((len(years), 1)), counts.cumsum(axis=1)], axis=1)
    axes.set_xlim(years[0], years[-1])
    axes.set_ylim(0, edges[:, -1].max() * 1.04)
    # Labels stand beside their band; where bands are thin they are set apart so that none overlap.
    middles = (edges[-1, :-1] + edges[-1, 1:]) / 2
    gap = edges[-1, -1] * 0.075
    for column in range(1, len(middles)):
        middles[column] = max(middles[column], middles[column - 1] + gap)
    for column, label in enumerate(DIMENSIONS["segment"]):
        first, last = (format_number(counts[month, column], 0) for month in (0, -1))
        axes.annotate(
            f"{MEANING[label]}\n{first} to {last}",
            (years[-1], middles[column]),
            xytext=(6, 0),
            textcoords="offset points",
            fontsize=AXIS_POINTS,
            va="center",
            annotation_clip=False,
            linespacing=1.05,
        )
    axes.set_title(f"People by core segment, {run.heading}, thousands")
    axes.xaxis.set_major_locator(MaxNLocator(6, integer=True))


def _deprivation(axes: Axes, runs: Sequence[Run], colours: dict[str, str]) -> None:
    """Draw bars of the share with most need for each fifth: today, then every run at its end."""
    fifths = DIMENSIONS["deprivation"]
    bars = [(runs[0], _month_before_decision(runs[0]), LINE)]
    bars += [(run, -1, colours[run.scenario]) for run in runs]
    width = 0.8 / len(bars)
    for index, (run, month, colour) in enumerate(bars):
        centres = np.arange(len(fifths)) - 0.4 + width * (index + 0.5)
        values = share_with_most_need(run)[month]
        axes.bar(centres, values, width * 0.92, color=colour, edgecolor="white", lw=0.3)
    names = [f"{fifths[0]}\nmost deprived", *fifths[1:-1], f"{fifths[-1]}\nleast deprived"]
    axes.set_xticks(np.arange(len(fifths)), names)
    axes.grid(False, axis="x")
    axes.set_title("Share of people in CS4 and CS5 by fifth of deprivation, %")


def _keys(runs: Sequence[Run], colours: dict[str, str]) -> list[Line2D]:
    baseline = runs[0]
    today, end = baseline.month_starts[_month_before_decision(baseline)], baseline.month_starts[-1]
    keys = [Line2D([], [], color=LINE, lw=6, label=f"{today:%B %Y}")]
    for run in runs:
        label = f"{run.heading},\n{end:%B %Y}"
        if run is not baseline and run.members > 1:
            label += "\n" + effect_text(change_of_most_need(run, baseline), improves=-1, decimals=2, lines=True)
        keys.append(Line2D([], [], color=colours[run.scenario], lw=6, label=label))
    return keys


def _month_before_decision(run: Run) -> int:
    return min(max(months_between(run.start, run.decision) - 1, 0), run.months - 1)


def _note(baseline: Run) -> str:
    medians = (
        "Medians of members; beside the names, what the scenario changes in the share of all people in CS4 and "
        "CS5, in points: median, 80% interval and probability of improvement, member by member."
        if baseline.members > 1
        else ONE_RUN
    )
    first, last = baseline.month_starts[0], baseline.month_starts[-1]
    return (
        f"{medians} Unit: residents of Bristol, North Somerset and South Gloucestershire. Figures beside the bands: "
        f"thousands in {first:%B %Y} and {last:%B %Y}. Source: BNSSG whole-system model, from ONS 2018-based "
        "projections and the BNSSG population segments of 2022."
    )
