"""Packages in many futures: heat maps of regret and of the probability that targets are met."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from model.reporting.figures.style import SOURCE, heading, heat_map, margins, note, panel_title, panels, save, styled
from model.reporting.names import wrapped
from model.reporting.theme import A4_PORTRAIT, AXIS_POINTS, INK, NOTE_POINTS, OBSERVED, TEXT_POINTS


@dataclass(frozen=True)
class HeatMap:
    """Packages by future.

    Attributes:
        title: what is shown.
        unit: its unit.
        values: shape ``(packages, futures)``.
        texts: text of each cell, same shape.
        framed: cells with a frame, same shape.
        darkest: value of the darkest colour.
    """

    title: str
    unit: str
    values: np.ndarray
    texts: np.ndarray
    framed: np.ndarray
    darkest: float


def plot_regret(maps: Sequence[HeatMap], packages: Sequence[str], futures: Sequence[str], path: Path) -> Path:
    """Draw regret of every package in every future, one map for each objective; the best of a future is framed."""
    remark = (
        "What a package falls short of the best one of the same future, on average over members. Framed: best of the "
        "future. Last column: worst over the futures; framed: smallest worst (minimax regret)."
    )
    return _plot(maps, packages, [*futures, "worst"], path, "Regret in each future", remark, "Oranges")


def plot_targets(maps: Sequence[HeatMap], packages: Sequence[str], futures: Sequence[str], path: Path) -> Path:
    """Draw the probability that each target is met, one map for each."""
    remark = "Share of members in which the target is met. Framed: highest of the future."
    return _plot(maps, packages, futures, path, "Probability of meeting the targets", remark, "Blues")


def _plot(
    maps: Sequence[HeatMap],
    packages: Sequence[str],
    futures: Sequence[str],
    path: Path,
    title: str,
    remark: str,
    colours: str,
) -> Path:
    with styled():
        figure = Figure(figsize=(A4_PORTRAIT[0], 1.4 + (0.85 + 0.3 * len(packages)) * len(maps)))
        grid = panels(figure, len(maps), 1)
        margins(figure, left=0.22, right=0.97, above=0.85, below=0.85, hspace=0.85 / (0.3 * len(packages)))
        for axes, heat in zip(grid, maps, strict=True):
            _draw(axes, heat, packages, futures, colours)
        heading(figure, title)
        note(figure, f"{remark} {SOURCE}")
        return save(figure, path)


def _draw(axes: Axes, heat: HeatMap, packages: Sequence[str], futures: Sequence[str], colours: str) -> None:
    darkest = heat.darkest or 1.0
    rows = [wrapped(name.replace("_", " "), 24) for name in packages]
    columns = [wrapped(name.replace("_", " "), 14) for name in futures]
    heat_map(axes, heat.values, rows, columns, colours=colours, limits=(0.0, darkest))
    axes.tick_params(axis="x", labelsize=NOTE_POINTS)
    for (row, column), text in np.ndenumerate(heat.texts):
        dark = heat.values[row, column] > 0.6 * darkest
        axes.text(column, row, text, ha="center", va="center", fontsize=AXIS_POINTS, color="white" if dark else INK)
        if heat.framed[row, column]:
            corner = (column - 0.48, row - 0.46)
            axes.add_patch(Rectangle(corner, 0.96, 0.92, fill=False, edgecolor=OBSERVED, lw=1.4))
    panel_title(axes, wrapped(heat.title, 82), heat.unit, points=TEXT_POINTS)
