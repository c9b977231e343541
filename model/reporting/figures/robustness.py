"""Packages in many futures: heat maps of regret and of the probability that targets are met."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from model.reporting.figures.style import A4_PORTRAIT, INK, heading, note, save, styled, wrapped

SOURCE = "Source: BNSSG whole-system model."
EDGE = "#111111"


@dataclass(frozen=True)
class Board:
    """One heat map.

    Attributes:
        title: what is shown.
        unit: its unit.
        values: shape ``(packages, futures)``.
        shown: text of each cell, same shape.
        marked: cells with a frame, same shape.
        scale: value of the darkest colour.
    """

    title: str
    unit: str
    values: np.ndarray
    shown: np.ndarray
    marked: np.ndarray
    scale: float


def _draw(axes: Axes, board: Board, packages: Sequence[str], futures: Sequence[str], colours: str) -> None:
    axes.imshow(board.values, cmap=colours, vmin=0, vmax=board.scale or 1.0, aspect="auto")
    for (row, column), text in np.ndenumerate(board.shown):
        dark = board.values[row, column] > 0.6 * (board.scale or 1.0)
        axes.text(column, row, text, ha="center", va="center", fontsize=7, color="white" if dark else INK)
        if board.marked[row, column]:
            axes.add_patch(_frame(column, row))
    axes.set_yticks(range(len(packages)), [wrapped(name.replace("_", " "), 24) for name in packages])
    axes.set_xticks(range(len(futures)), [wrapped(name.replace("_", " "), 14) for name in futures], fontsize=6.5)
    axes.grid(False)
    axes.set_title(f"{wrapped(board.title, 82)}\n", fontsize=8.5, pad=2)
    axes.text(0, 1.02, board.unit, transform=axes.transAxes, fontsize=6.5, color="#555555")


def _frame(column: int, row: int) -> object:
    from matplotlib.patches import Rectangle

    return Rectangle((column - 0.48, row - 0.46), 0.96, 0.92, fill=False, edgecolor=EDGE, lw=1.4)


def _boards(
    boards: Sequence[Board],
    packages: Sequence[str],
    futures: Sequence[str],
    path: Path,
    title: str,
    remark: str,
    colours: str,
) -> Path:
    each = 0.85 + 0.3 * len(packages)
    height = 1.4 + each * len(boards)
    with styled():
        figure = Figure(figsize=(A4_PORTRAIT[0], height))
        grid = figure.subplots(len(boards), 1, squeeze=False)
        figure.subplots_adjust(
            left=0.22, right=0.97, top=1 - 0.85 / height, bottom=0.85 / height, hspace=0.85 / (0.3 * len(packages))
        )
        for axes, board in zip(grid.flat, boards, strict=True):
            _draw(axes, board, packages, futures, colours)
        heading(figure, title)
        note(figure, f"{remark} {SOURCE}")
        return save(figure, path)


def plot_regret(boards: Sequence[Board], packages: Sequence[str], futures: Sequence[str], path: Path) -> Path:
    """Regret of every package in every future, one board for each objective; the best of a future is framed."""
    remark = (
        "What a package falls short of the best one of the same future, on average over members. Framed: best of the "
        "future. Last column: worst over the futures; framed: smallest worst (minimax regret)."
    )
    return _boards(boards, packages, [*futures, "worst"], path, "Regret in each future", remark, "Oranges")


def plot_targets(boards: Sequence[Board], packages: Sequence[str], futures: Sequence[str], path: Path) -> Path:
    """Probability that each target is met, one board for each."""
    remark = "Share of members in which the target is met. Framed: highest of the future."
    return _boards(boards, packages, futures, path, "Probability of meeting the targets", remark, "Blues")
