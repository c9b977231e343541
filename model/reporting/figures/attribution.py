"""What each intervention contributes: waterfalls from nothing to the whole, and maps of pairwise interactions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from textwrap import shorten

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from model.reporting.figures.style import A4_PORTRAIT, BASELINE, INK, PALETTE, heading, note, save, styled
from model.results.number_format import format_number

BETTER, WORSE, NEITHER = PALETTE[0], PALETTE[1], PALETTE[6]
SOURCE = "Source: BNSSG whole-system model."
ROW = 0.17
"""Inches that one intervention takes."""
COLUMNS = 2
LONGEST = 32
"""Letters of the name of an intervention."""


@dataclass(frozen=True)
class Falls:
    """One waterfall.

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


def _words(name: str) -> str:
    return shorten(name.replace("_", " "), LONGEST, placeholder=" …")


def _unit(axes: Axes, text: str) -> None:
    """A line between title and picture."""
    axes.annotate(
        text, (0, 1), xytext=(0, 3), xycoords="axes fraction", textcoords="offset points", fontsize=6.5, color="#555555"
    )


def _colour(value: float, better: str) -> str:
    if not better:
        return NEITHER
    return BETTER if (value > 0) == (better == "higher") else WORSE


def _fall(axes: Axes, each: Falls, *, intervals: bool) -> None:
    rows = np.arange(len(each.names))
    ends = np.cumsum(each.steps)
    starts = ends - each.steps
    for row, step in zip(rows, each.steps, strict=True):
        axes.barh(row, step, left=starts[row], color=_colour(step, each.better), height=0.7)
        axes.plot([ends[row]] * 2, [row - 0.35, row + 1.35], color=BASELINE, lw=0.6)
    last = len(rows)
    axes.barh(last, each.whole[0], color=BASELINE, height=0.7)
    if intervals:
        # The interval of a step stands where the step ends, as wide as its own interval is.
        left, right = starts + each.low, starts + each.high
        axes.hlines(rows, left, right, color=INK, lw=0.9)
        axes.hlines(last, each.whole[1], each.whole[2], color=INK, lw=0.9)
    axes.axvline(0, color="#777777", lw=0.8, zorder=0)
    axes.set_ylim(last + 0.7, -0.7)
    axes.set_yticks([*rows, last], [*(_words(name) for name in each.names), "all together"])
    axes.tick_params(axis="y", length=0, labelsize=6)
    axes.grid(False, axis="y")
    axes.set_title(f"{each.title}\n", fontsize=8, pad=3)
    arrow = f" · {each.better} is better" if each.better else ""
    _unit(axes, f"{each.unit}{arrow}")
    axes.xaxis.set_major_locator(MaxNLocator(5))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:+,.6g}".replace("-", "−")))


def plot_waterfalls(panels: Sequence[Falls], path: Path, *, title: str, subtitle: str, members: int) -> Path:
    """Waterfalls of several results, each with its interventions in an order of its own.

    Args:
        panels: one for each result.
        path: file; PNG and SVG are written.
        title: what is taken apart.
        subtitle: which year.
        members: members behind the means; no intervals with one.

    Returns:
        Path of the PNG.
    """
    lines = -(-len(panels) // COLUMNS)
    panel = 0.35 + ROW * (len(panels[0].names) + 1)
    height = 1.35 + lines * (panel + 0.6)
    with styled():
        figure = Figure(figsize=(A4_PORTRAIT[0], height))
        grid = figure.subplots(lines, min(COLUMNS, len(panels)), squeeze=False)
        figure.subplots_adjust(
            left=0.2, right=0.975, top=1 - 1.0 / height, bottom=0.75 / height, hspace=0.6 / panel, wspace=0.62
        )
        for axes, each in zip(grid.flat, panels, strict=False):
            _fall(axes, each, intervals=members > 1)
        for axes in grid.flat[len(panels) :]:
            axes.set_visible(False)
        heading(figure, title, subtitle)
        spread = (
            f"Bars: mean Shapley values of {members} paired members, which add up to the mean effect of all; lines: "
            "80% intervals, from where the bar begins."
            if members > 1
            else "Central values: no interval."
        )
        note(figure, f"{spread} Blue improves, orange makes worse. Panels have scales of their own. {SOURCE}")
        return save(figure, path)


@dataclass(frozen=True)
class Pairs:
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


def plot_interactions(panels: Sequence[Pairs], names: Sequence[str], path: Path, *, title: str, subtitle: str) -> Path:
    """Maps of pairwise interactions: purple where a pair gives more than its sum, orange where it gives less."""
    lines = -(-len(panels) // COLUMNS)
    panel = max(1.6, 0.13 * len(names))
    height = 1.6 + lines * (panel + 0.75) + 0.9
    with styled():
        figure = Figure(figsize=(A4_PORTRAIT[0], height))
        grid = figure.subplots(lines, min(COLUMNS, len(panels)), squeeze=False)
        figure.subplots_adjust(
            left=0.19, right=0.97, top=1 - 1.0 / height, bottom=1.65 / height, hspace=0.75 / panel, wspace=0.12
        )
        for place, (axes, each) in enumerate(zip(grid.flat, panels, strict=False)):
            _map(axes, each, names, left=place % COLUMNS == 0, below=place + COLUMNS >= len(panels))
        for axes in grid.flat[len(panels) :]:
            axes.set_visible(False)
        heading(figure, title, subtitle)
        note(
            figure,
            "What two interventions give together beyond the sum of both (Shapley interaction index, mean). "
            "Purple: more, they reinforce each other; orange: less, they overlap or compete. Numbers stand in "
            f"interactions.csv. {SOURCE}",
        )
        return save(figure, path)


def _map(axes: Axes, each: Pairs, names: Sequence[str], *, left: bool, below: bool) -> None:
    # Turned so that purple is always an improvement.
    shown = each.values * (-1.0 if each.better == "lower" else 1.0)
    widest = float(np.max(np.abs(shown))) or 1.0
    axes.imshow(np.where(np.eye(len(names), dtype=bool), np.nan, shown), cmap="PuOr", vmin=-widest, vmax=widest)
    axes.set_aspect("auto")
    labels = [_words(name) for name in names]
    axes.set_yticks(range(len(names)), labels if left else [])
    axes.set_xticks(range(len(names)), labels if below else [], rotation=90)
    axes.tick_params(length=0, labelsize=5.5)
    axes.grid(False)
    axes.set_title(f"{each.title}\n", fontsize=8, pad=3)
    _unit(axes, f"{each.unit} · darkest ±{format_number(widest)}")
