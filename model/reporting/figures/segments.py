"""People by core segment: over time, and the share with most need by deprivation."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from model.registry.dimensions import DIMENSIONS
from model.reporting.figures.effects import effect_text
from model.reporting.figures.style import INK, heading, note, save, scenario_colours, styled
from model.reporting.figures.trajectories import decimal_year
from model.results.run import Run

PEOPLE = "population.by_deprivation"
MOST_NEED = ("CS4", "CS5")
SHADES = ("#D6E6F2", "#A9CCE3", "#6FA8CF", "#2F78AE", "#0B3C66")
"""Light to dark with rising need; legible without colour."""

MEANING = {"CS1": "CS1, fewest conditions", "CS2": "CS2", "CS3": "CS3", "CS4": "CS4", "CS5": "CS5, most conditions"}


def people(run: Run) -> np.ndarray:
    """Median people by month, deprivation and segment, shape ``(months, deprivation, segment)``."""
    return np.median(run.values(PEOPLE), axis=-1)


def share_with_most_need(run: Run) -> np.ndarray:
    """Share of people in CS4 and CS5 by month and deprivation, in %, shape ``(months, deprivation)``."""
    counts = people(run)
    columns = [DIMENSIONS["segment"].index(label) for label in MOST_NEED]
    return 100 * counts[:, :, columns].sum(axis=2) / counts.sum(axis=2)


def change_of_most_need(run: Run, baseline: Run) -> np.ndarray:
    """Difference of the share of all people in CS4 and CS5 at the end of the run, in points, shape ``(members,)``."""
    columns = [DIMENSIONS["segment"].index(label) for label in MOST_NEED]
    shares = []
    for each in (run, baseline):
        last = np.concatenate([values[-1] for values in each.blocks(PEOPLE)], axis=-1, dtype=np.float64)
        shares.append(100 * last[:, columns].sum(axis=(0, 1)) / last.sum(axis=(0, 1)))
    return shares[0] - shares[1]


def _areas(axes: Axes, run: Run, years: np.ndarray) -> None:
    counts = people(run).sum(axis=1) / 1e3
    axes.stackplot(years, counts.T, colors=SHADES, lw=0)
    edges = np.concatenate([np.zeros((len(years), 1)), counts.cumsum(axis=1)], axis=1)
    axes.set_xlim(years[0], years[-1])
    axes.set_ylim(0, edges[:, -1].max() * 1.04)
    # Labels stand beside their band; where bands are thin they are set apart so that none overlap.
    middles = (edges[-1, :-1] + edges[-1, 1:]) / 2
    gap = edges[-1, -1] * 0.075
    for position in range(1, len(middles)):
        middles[position] = max(middles[position], middles[position - 1] + gap)
    for position, label in enumerate(DIMENSIONS["segment"]):
        first, last = counts[0, position], counts[-1, position]
        text = f"{MEANING[label]}\n{first:,.0f} to {last:,.0f}"
        axes.annotate(
            text,
            (years[-1], middles[position]),
            xytext=(6, 0),
            textcoords="offset points",
            fontsize=6.8,
            va="center",
            annotation_clip=False,
            color=INK,
            linespacing=1.05,
        )
    axes.set_title(f"People by core segment, {run.heading}, thousands")
    axes.xaxis.set_major_locator(MaxNLocator(6, integer=True))


def _deprivation(axes: Axes, runs: Sequence[Run], colours: dict[str, str]) -> None:
    groups = DIMENSIONS["deprivation"]
    bars = [("today", runs[0], _month_before_decision(runs[0]), "#DDDDDD")]
    bars += [("end", run, -1, colours[run.scenario]) for run in runs]
    width = 0.8 / len(bars)
    for position, (_, run, month, colour) in enumerate(bars):
        places = np.arange(len(groups)) - 0.4 + width * (position + 0.5)
        values = share_with_most_need(run)[month]
        axes.bar(places, values, width * 0.92, color=colour, edgecolor="white", lw=0.3)
    names = [*groups]
    names[0], names[-1] = f"{groups[0]}\nmost deprived", f"{groups[-1]}\nleast deprived"
    axes.set_xticks(np.arange(len(groups)), names)
    axes.grid(False, axis="x")
    axes.set_title("Share of people in CS4 and CS5 by fifth of deprivation, %")


def _month_before_decision(run: Run) -> int:
    months = (run.decision.year - run.start.year) * 12 + run.decision.month - run.start.month
    return min(max(months - 1, 0), run.months - 1)


def plot_segments(runs: Sequence[Run], baseline: Run, path: Path) -> Path:
    """People by segment in the baseline, and the share with most need by deprivation in every run.

    Returns:
        Path of the PNG.
    """
    shown = [baseline, *(run for run in runs if run.scenario != baseline.scenario)]
    colours = scenario_colours([run.scenario for run in shown], baseline.scenario)
    with styled():
        figure = Figure(figsize=(8.27, 8.0))
        top, bottom = figure.subplots(2, 1, height_ratios=(1.35, 1))
        figure.subplots_adjust(left=0.075, right=0.8, top=0.885, bottom=0.135, hspace=0.33)
        years = np.array([decimal_year(day) for day in baseline.month_starts])
        _areas(top, baseline, years)
        _deprivation(bottom, shown, colours)
        today = baseline.month_starts[_month_before_decision(baseline)]
        end = baseline.month_starts[-1]
        keys = [Line2D([], [], color="#DDDDDD", lw=6, label=f"{today:%B %Y}")]
        for run in shown:
            label = f"{run.heading},\n{end:%B %Y}"
            if run is not baseline and run.members > 1:
                label += "\n" + effect_text(change_of_most_need(run, baseline), improves=-1, decimals=2, lines=True)
            keys.append(Line2D([], [], color=colours[run.scenario], lw=6, label=label))
        bottom.legend(
            handles=keys,
            loc="upper left",
            bbox_to_anchor=(1.005, 1.02),
            fontsize=6.8,
            handlelength=0.9,
            borderaxespad=0,
        )
        heading(figure, "Who will need care", "residents of all ages by core segment (Cambridge Multimorbidity Score)")
        middle = (
            "Medians of members; beside the names, what the scenario changes in the share of all people in CS4 and "
            "CS5, in points: median, 80% interval and probability of improvement, member by member. "
            if baseline.members > 1
            else "One run: no interval. "
        )
        note(
            figure,
            f"{middle}Unit: residents of Bristol, North Somerset and South Gloucestershire. Figures beside the bands: "
            f"thousands in {baseline.month_starts[0]:%B %Y} and {end:%B %Y}. Source: BNSSG whole-system model, from "
            "ONS 2018-based projections and the BNSSG population segments of 2022.",
        )
        return save(figure, path)
