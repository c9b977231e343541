"""How far levers go towards a target: its value by the scale of each, with what is asked and what limits allow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from model.reporting.figures.style import A4_PORTRAIT, INK, PALETTE, heading, note, save, styled, wrapped

COLUMNS = 2


@dataclass(frozen=True)
class Climb:
    """One way of going for the target.

    Attributes:
        title: levers and start.
        scales: scales tried, ascending, shape ``(scales,)``.
        median: median of the value judged, same shape.
        low: lower end of its 80 % interval, same shape.
        high: upper end, same shape.
        cap: largest scale within the limits.
        needed: scale that meets the target, not a number where none does.
    """

    title: str
    scales: np.ndarray
    median: np.ndarray
    low: np.ndarray
    high: np.ndarray
    cap: float
    needed: float


def plot_reaching(
    climbs: Sequence[Climb], path: Path, *, target: str, unit: str, limit: float, probability: float, members: int
) -> Path:
    """A panel for each way: the value judged by scale, the target, the limit of what may be used, the scale needed."""
    columns = min(COLUMNS, len(climbs))
    lines = -(-len(climbs) // columns)
    height = 1.5 + 2.3 * lines
    with styled():
        figure = Figure(figsize=(A4_PORTRAIT[0], height))
        grid = figure.subplots(lines, columns, squeeze=False, sharey=True)
        figure.subplots_adjust(
            left=0.11, right=0.97, top=1 - 0.95 / height, bottom=0.95 / height, hspace=0.55, wspace=0.1
        )
        for axes, each in zip(grid.flat, climbs, strict=False):
            axes.fill_between(each.scales, each.low, each.high, color=PALETTE[0], alpha=0.2, lw=0)
            axes.plot(each.scales, each.median, "o-", color=PALETTE[0], ms=2.5, lw=1.2)
            axes.axhline(limit, color=PALETTE[1], lw=1.1)
            if each.cap < each.scales[-1]:
                axes.axvline(each.cap, color=INK, lw=0.9, ls="--")
            if np.isfinite(each.needed):
                axes.axvline(each.needed, color=PALETTE[2], lw=1.2)
            axes.set_title(wrapped(each.title.replace("_", " "), 52), fontsize=7.5)
            axes.xaxis.set_major_locator(MaxNLocator(5))
            axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.6g}".replace("-", "−")))
        for axes in grid.flat[len(climbs) :]:
            axes.set_visible(False)
        for axes in grid[-1]:
            axes.set_xlabel("scale")
        for row in grid:
            row[0].set_ylabel(unit)
        heading(figure, f"What it would take: {target}", f"with a probability of {probability:.0%}")
        note(
            figure,
            f"Line: median of {members} members; band: 80% interval; orange: the target; green: the smallest "
            "scale that meets it; dashed: the largest scale within budget and posts. Source: BNSSG whole-system model.",
        )
        return save(figure, path)
