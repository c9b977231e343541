"""What each intervention contributes: waterfalls from zero to the whole, and maps of pairwise interactions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from model.reporting.figures.style import (
    SOURCE,
    heading,
    heat_map,
    margins,
    name_rows,
    note,
    number_axis,
    panel_title,
    panels,
    rows_of,
    save,
    styled,
    unit_and_direction,
    zero_line,
)
from model.reporting.names import shortened
from model.reporting.theme import (
    A4_PORTRAIT,
    BASELINE,
    BETTER,
    DIVERGING_MAP,
    INK,
    LABEL_POINTS,
    PALETTE,
    SMALL_POINTS,
    WORSE,
)
from model.results.number_format import format_number

NEITHER = PALETTE[6]
ROW = 0.17
"""Inches that one intervention takes."""
COLUMNS = 2
LONGEST_NAME = 32
"""Letters of the name of an intervention."""


@dataclass(frozen=True)
class Waterfall:
    """The contributions of the interventions to one result.

    Attributes:
        title: the result.
        unit: its unit.
        better: ``lower``, ``higher``, or empty.
        names: interventions from the top down.
        steps: mean contribution of each, shape ``(interventions,)``; they add up to the whole.
        low: lower end of the 80 % interval of each contribution, same shape.
        high: upper end, same shape.
        whole: mean, lower and upper end of the effect of all.
    """

    title: str
    unit: str
    better: str
    names: tuple[str, ...]
    steps: np.ndarray
    low: np.ndarray
    high: np.ndarray
    whole: tuple[float, float, float]


@dataclass(frozen=True)
class InteractionMap:
    """Interactions of all pairs on one result.

    Attributes:
        title: the result.
        unit: its unit.
        better: ``lower``, ``higher``, or empty.
        values: shape ``(interventions, interventions)``, symmetric.
    """

    title: str
    unit: str
    better: str
    values: np.ndarray


def plot_waterfalls(waterfalls: Sequence[Waterfall], path: Path, *, title: str, subtitle: str, members: int) -> Path:
    """Draw waterfalls of several results, each with its interventions in an order of its own.

    Args:
        waterfalls: one for each result.
        path: file; PNG and SVG are written.
        title: what is taken apart.
        subtitle: which year.
        members: members behind the means; no intervals with one.

    Returns:
        Path of the PNG.
    """
    panel = 0.35 + ROW * (len(waterfalls[0].names) + 1)
    with styled():
        height = 1.35 + rows_of(len(waterfalls), COLUMNS) * (panel + 0.6)
        figure = Figure(figsize=(A4_PORTRAIT[0], height))
        grid = panels(figure, len(waterfalls), COLUMNS)
        margins(figure, left=0.2, right=0.975, above=1.0, below=0.75, hspace=0.6 / panel, wspace=0.62)
        for axes, waterfall in zip(grid, waterfalls, strict=True):
            _waterfall(axes, waterfall, intervals=members > 1)
        heading(figure, title, subtitle)
        spread = (
            f"Bars: mean Shapley values of {members} paired members, which add up to the mean effect of all; lines: "
            "80% intervals, from where the bar begins."
            if members > 1
            else "Central values: no interval."
        )
        note(figure, f"{spread} Blue improves, orange makes worse. Panels have scales of their own. {SOURCE}")
        return save(figure, path)


def plot_interactions(
    maps: Sequence[InteractionMap], names: Sequence[str], path: Path, *, title: str, subtitle: str
) -> Path:
    """Draw maps of pairwise interactions: purple where a pair gives more than its sum, orange where it gives less.

    Args:
        maps: one for each result.
        names: interventions.
        path: file; PNG and SVG are written.
        title: what is taken apart.
        subtitle: which year.

    Returns:
        Path of the PNG.
    """
    panel = max(1.6, 0.13 * len(names))
    with styled():
        height = 1.6 + rows_of(len(maps), COLUMNS) * (panel + 0.75) + 0.9
        figure = Figure(figsize=(A4_PORTRAIT[0], height))
        grid = panels(figure, len(maps), COLUMNS)
        margins(figure, left=0.19, right=0.97, above=1.0, below=1.65, hspace=0.75 / panel, wspace=0.12)
        for index, (axes, interactions) in enumerate(zip(grid, maps, strict=True)):
            _map(axes, interactions, names, left=index % COLUMNS == 0, below=index + COLUMNS >= len(maps))
        heading(figure, title, subtitle)
        note(
            figure,
            "What two interventions give together beyond the sum of both (Shapley interaction index, mean). "
            "Purple: more, they reinforce each other; orange: less, they overlap or compete. Numbers are in "
            f"interactions.csv. {SOURCE}",
        )
        return save(figure, path)


def _waterfall(axes: Axes, waterfall: Waterfall, *, intervals: bool) -> None:
    rows = np.arange(len(waterfall.names))
    ends = np.cumsum(waterfall.steps)
    starts = ends - waterfall.steps
    for row, step in zip(rows, waterfall.steps, strict=True):
        axes.barh(row, step, left=starts[row], color=_colour(step, waterfall.better), height=0.7)
        axes.plot([ends[row]] * 2, [row - 0.35, row + 1.35], color=BASELINE, lw=0.6)
    last = len(rows)
    whole, low, high = waterfall.whole
    axes.barh(last, whole, color=BASELINE, height=0.7)
    if intervals:
        # The interval of a step stands where the step ends, as wide as its own interval is.
        axes.hlines(rows, starts + waterfall.low, starts + waterfall.high, color=INK, lw=0.9)
        axes.hlines(last, low, high, color=INK, lw=0.9)
    zero_line(axes)
    axes.set_ylim(last + 0.7, -0.7)
    name_rows(axes, [*map(_name, waterfall.names), "all together"], points=LABEL_POINTS)
    panel_title(axes, waterfall.title, unit_and_direction(waterfall.unit, waterfall.better))
    number_axis(axes.xaxis, 5, signed=True)


def _colour(value: float, better: str) -> str:
    if not better:
        return NEITHER
    return BETTER if (value > 0) == (better == "higher") else WORSE


def _map(axes: Axes, interactions: InteractionMap, names: Sequence[str], *, left: bool, below: bool) -> None:
    # Turned so that purple is always an improvement.
    values = interactions.values * (-1.0 if interactions.better == "lower" else 1.0)
    widest = float(np.max(np.abs(values))) or 1.0
    cells = np.where(np.eye(len(names), dtype=bool), np.nan, values)
    labels, blank = [_name(name) for name in names], [""] * len(names)
    heat_map(
        axes,
        cells,
        labels if left else blank,
        labels if below else blank,
        colours=DIVERGING_MAP,
        limits=(-widest, widest),
    )
    axes.tick_params(length=0, labelsize=SMALL_POINTS)
    axes.tick_params(axis="x", rotation=90)
    panel_title(axes, interactions.title, f"{interactions.unit} · darkest ±{format_number(widest)}")


def _name(name: str) -> str:
    return shortened(name.replace("_", " "), LONGEST_NAME)
