"""Choices of interventions: what a larger budget buys, how near the alternatives come, and the frontier."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from model.reporting.figures.style import A4_PORTRAIT, BASELINE, INK, PALETTE, heading, note, save, styled, wrapped

SOURCE = "Source: BNSSG whole-system model."
MILLION = 1e-6


@dataclass(frozen=True)
class Scale:
    """What an axis shows: title and unit of an objective."""

    title: str
    unit: str


def _numbers(axes: Axes) -> None:
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_locator(MaxNLocator(6))
        axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.6g}".replace("-", "−")))


def plot_budget(
    costs: np.ndarray,
    scores: np.ndarray,
    steps: Sequence[tuple[float, float]],
    budget: float,
    path: Path,
    *,
    scale: Scale,
    remark: str,
) -> Path:
    """Every choice by its dearest year and its score, and the best that each budget buys.

    Args:
        costs: £ in the dearest year, shape ``(choices,)``.
        scores: shape ``(choices,)``.
        steps: budget and score of each step of the best.
        budget: the limit.
        path: file; PNG and SVG are written.
        scale: what the score is.
        remark: how choices were found and scored.
    """
    with styled():
        figure = Figure(figsize=(A4_PORTRAIT[0], 4.8))
        axes = figure.subplots()
        figure.subplots_adjust(left=0.11, right=0.97, top=0.85, bottom=0.2)
        axes.plot(costs * MILLION, scores, ".", color="#B8C7D6", ms=3, zorder=1, rasterized=len(costs) > 2000)
        ends = [*(at for at, _ in steps), budget]
        heights = [*(score for _, score in steps), steps[-1][1]]
        axes.step(np.array(ends) * MILLION, heights, where="post", color=PALETTE[0], lw=1.6, zorder=3)
        axes.plot(np.array(ends[:-1]) * MILLION, heights[:-1], "o", color=PALETTE[0], ms=4, zorder=4)
        axes.axvline(budget * MILLION, color=INK, lw=0.9, ls="--")
        axes.axhline(0, color="#777777", lw=0.8, zorder=0)
        axes.set_xlabel("cost of interventions in the dearest year, £m")
        axes.set_ylabel(f"score ({scale.unit})")
        _numbers(axes)
        heading(figure, "What a budget buys", wrapped(scale.title, 110))
        note(figure, f"Line: the best choice for each budget; points: others; dashed: the limit. {remark} {SOURCE}")
        return save(figure, path)


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


def plot_alternatives(choices: Sequence[Alternative], path: Path, *, scale: Scale, remark: str) -> Path:
    """The best choices with their intervals, the best on top."""
    names = [wrapped(each.name.replace("_", " "), 62) for each in choices]
    lines = [name.count("\n") + 1 for name in names]
    height = 1.6 + sum(0.13 * count + 0.12 for count in lines)
    with styled():
        figure = Figure(figsize=(A4_PORTRAIT[0], height))
        axes = figure.subplots()
        figure.subplots_adjust(left=0.47, right=0.97, top=1 - 0.75 / height, bottom=0.75 / height)
        places = np.cumsum([0.13 * count + 0.12 for count in lines]) - [0.065 * count for count in lines]
        for number, (place, each) in enumerate(zip(places, choices, strict=True)):
            colour = PALETTE[0] if number == 0 else BASELINE
            axes.plot([each.low, each.high], [place, place], color=colour, lw=1.6, alpha=0.6)
            axes.plot(each.mean, place, "o", color=colour, ms=4)
        axes.axvline(0, color="#777777", lw=0.8, zorder=0)
        axes.set_yticks(places, names)
        axes.tick_params(axis="y", length=0, labelsize=6)
        axes.set_ylim(places[-1] + 0.25, places[0] - 0.25)
        axes.grid(False, axis="y")
        axes.xaxis.set_major_locator(MaxNLocator(6))
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.6g}".replace("-", "−")))
        axes.set_xlabel(f"gain over doing nothing ({scale.unit})")
        heading(figure, "The best choices", wrapped(scale.title, 110))
        note(figure, f"Point: mean gain over doing nothing; line: 80% interval. {remark} {SOURCE}")
        return save(figure, path)


def plot_frontier(values: np.ndarray, kept: Sequence[int], best: int, scales: Sequence[Scale], path: Path) -> Path:
    """Choices by two objectives at a time, the first against each other one; those on the frontier joined.

    Args:
        values: mean gains, shape ``(objectives, choices)``.
        kept: choices on the frontier.
        best: the best choice.
        scales: what each objective is.
        path: file; PNG and SVG are written.
    """
    others = len(values) - 1
    height = 1.3 + 3.4 * others
    with styled():
        figure = Figure(figsize=(A4_PORTRAIT[0], height))
        grid = figure.subplots(others, 1, squeeze=False)
        figure.subplots_adjust(left=0.12, right=0.97, top=1 - 0.7 / height, bottom=0.95 / height, hspace=0.35)
        for row, axes in enumerate(grid.flat, start=1):
            axes.plot(values[0], values[row], ".", color="#B8C7D6", ms=3, rasterized=values.shape[1] > 2000)
            axes.plot(values[0, kept], values[row, kept], "o", color=PALETTE[0], ms=4, label="on the frontier")
            axes.plot(values[0, best], values[row, best], "D", color=PALETTE[1], ms=6, label="chosen")
            axes.set_xlabel(wrapped(f"{scales[0].title} ({scales[0].unit})", 100))
            axes.set_ylabel(wrapped(f"{scales[row].title} ({scales[row].unit})", 44))
            _numbers(axes)
            axes.legend(fontsize=7)
        heading(figure, "Frontier of the objectives", "gain over doing nothing")
        note(figure, f"Mean gains over doing nothing; more is better on every axis. {SOURCE}")
        return save(figure, path)
