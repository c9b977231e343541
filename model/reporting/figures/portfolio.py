"""Choices of interventions: what a larger budget buys, how near the alternatives come, and the frontier."""

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
    interval_mark,
    margins,
    name_rows,
    note,
    number_axis,
    panels,
    save,
    styled,
    zero_line,
)
from model.reporting.names import wrapped
from model.reporting.theme import A4_PORTRAIT, AXIS_POINTS, BACKGROUND_POINTS, BASELINE, INK, PALETTE
from model.results.number_format import MILLION

MOST_VECTOR_POINTS = 2000
"""Points beyond which a file would be too large if each were a shape of its own."""


@dataclass(frozen=True)
class ObjectiveAxis:
    """What an axis shows: title and unit of an objective."""

    title: str
    unit: str


@dataclass(frozen=True)
class Alternative:
    """One choice.

    Attributes:
        name: in words.
        mean: mean gain.
        low: lower end of the 80 % interval.
        high: upper end.
    """

    name: str
    mean: float
    low: float
    high: float


def plot_budget(
    costs: np.ndarray,
    scores: np.ndarray,
    steps: Sequence[tuple[float, float]],
    budget: float,
    path: Path,
    *,
    objective: ObjectiveAxis,
    remark: str,
) -> Path:
    """Draw every choice by its dearest year and its score, and the best that each budget buys.

    Args:
        costs: £ in the dearest year, shape ``(choices,)``.
        scores: shape ``(choices,)``.
        steps: budget and score of each step of the best.
        budget: the limit.
        path: file; PNG and SVG are written.
        objective: what the score is.
        remark: how choices were sought and scored.

    Returns:
        Path of the PNG.
    """
    with styled():
        figure = Figure(figsize=(A4_PORTRAIT[0], 4.8))
        axes = figure.subplots()
        figure.subplots_adjust(left=0.11, right=0.97, top=0.85, bottom=0.2)
        _scatter(axes, costs / MILLION, scores)
        ends = np.array([*(start for start, _ in steps), budget]) / MILLION
        heights = [*(score for _, score in steps), steps[-1][1]]
        axes.step(ends, heights, where="post", color=PALETTE[0], lw=1.6, zorder=3)
        axes.plot(ends[:-1], heights[:-1], "o", color=PALETTE[0], ms=4, zorder=4)
        axes.axvline(budget / MILLION, color=INK, lw=0.9, ls="--")
        zero_line(axes, upright=False)
        axes.set_xlabel("cost of interventions in the dearest year, £m")
        axes.set_ylabel(f"score ({objective.unit})")
        _number_axes(axes)
        heading(figure, "What a budget buys", wrapped(objective.title, 110))
        note(figure, f"Line: the best choice for each budget; points: others; dashed: the limit. {remark} {SOURCE}")
        return save(figure, path)


def plot_alternatives(choices: Sequence[Alternative], path: Path, *, objective: ObjectiveAxis, remark: str) -> Path:
    """Draw the best choices with their intervals, the best on top.

    Args:
        choices: the best first.
        path: file; PNG and SVG are written.
        objective: what is gained.
        remark: how choices were sought and scored.

    Returns:
        Path of the PNG.
    """
    names = [wrapped(choice.name.replace("_", " "), 62) for choice in choices]
    heights = [0.13 * (name.count("\n") + 1) + 0.12 for name in names]
    with styled():
        figure = Figure(figsize=(A4_PORTRAIT[0], 1.6 + sum(heights)))
        axes = figure.subplots()
        margins(figure, left=0.47, right=0.97, above=0.75, below=0.75)
        rows = np.cumsum(heights) - [0.065 * (name.count("\n") + 1) for name in names]
        for index, (row, choice) in enumerate(zip(rows, choices, strict=True)):
            interval_mark(axes, row, (choice.low, choice.mean, choice.high), BASELINE if index else PALETTE[0])
        zero_line(axes)
        name_rows(axes, names, rows)
        axes.set_ylim(rows[-1] + 0.25, rows[0] - 0.25)
        number_axis(axes.xaxis, 6)
        axes.set_xlabel(f"gain over doing nothing ({objective.unit})")
        heading(figure, "The best choices", wrapped(objective.title, 110))
        note(figure, f"Point: mean gain over doing nothing; line: 80% interval. {remark} {SOURCE}")
        return save(figure, path)


def plot_frontier(
    gains: np.ndarray, frontier: Sequence[int], best: int, objectives: Sequence[ObjectiveAxis], path: Path
) -> Path:
    """Draw choices by two objectives at a time, the first against each other one, and mark those on the frontier.

    Args:
        gains: mean gains, shape ``(objectives, choices)``.
        frontier: choices on the frontier.
        best: the best choice.
        objectives: what each objective is.
        path: file; PNG and SVG are written.

    Returns:
        Path of the PNG.
    """
    others = len(gains) - 1
    first = objectives[0]
    with styled():
        figure = Figure(figsize=(A4_PORTRAIT[0], 1.3 + 3.4 * others))
        grid = panels(figure, others, 1)
        margins(figure, left=0.12, right=0.97, above=0.7, below=0.95, hspace=0.35)
        for row, (axes, objective) in enumerate(zip(grid, objectives[1:], strict=True), start=1):
            _scatter(axes, gains[0], gains[row])
            axes.plot(gains[0, frontier], gains[row, frontier], "o", color=PALETTE[0], ms=4, label="on the frontier")
            axes.plot(gains[0, best], gains[row, best], "D", color=PALETTE[1], ms=6, label="chosen")
            axes.set_xlabel(wrapped(f"{first.title} ({first.unit})", 100))
            axes.set_ylabel(wrapped(f"{objective.title} ({objective.unit})", 44))
            _number_axes(axes)
            axes.legend(fontsize=AXIS_POINTS)
        heading(figure, "Frontier of the objectives", "gain over doing nothing")
        note(figure, f"Mean gains over doing nothing; more is better on every axis. {SOURCE}")
        return save(figure, path)


def _scatter(axes: Axes, across: np.ndarray, up: np.ndarray) -> None:
    """Draw all choices as small points behind those that matter."""
    rasterized = len(across) > MOST_VECTOR_POINTS
    axes.plot(across, up, ".", color=BACKGROUND_POINTS, ms=3, zorder=1, rasterized=rasterized)


def _number_axes(axes: Axes) -> None:
    number_axis(axes.xaxis, 6)
    number_axis(axes.yaxis, 6)
