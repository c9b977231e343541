"""Causal loop diagrams drawn from the declared loops: each on its own circle, links with their polarity."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import Polygon

from model.registry.catalogue import Registry
from model.registry.declarations import Loop
from model.registry.errors import UserError
from model.reporting.figures.style import A4_LANDSCAPE, INK, bare, capital, heading, named, note, save, styled, wrapped

REINFORCING = "#D55E00"
BALANCING = "#0072B2"
RAISES = "#333333"
LOWERS = "#A03060"
RADIUS = 1.0
COLUMNS = 4


def _point(angle: float, radius: float = RADIUS) -> tuple[float, float]:
    return radius * float(np.sin(angle)), radius * float(np.cos(angle))


def _label_boxes(axes: Axes, labels: Sequence[str], angles: Sequence[float]) -> list[tuple[float, float, float, float]]:
    """Write the labels on the circle; the box of each in the units of the axes (left, bottom, right, top)."""
    renderer = axes.figure.canvas.get_renderer()
    boxes: list[tuple[float, float, float, float]] = []
    for label, angle in zip(labels, angles, strict=True):
        text = axes.text(
            *_point(angle), label, ha="center", va="center", fontsize=6.6, color=INK, zorder=5, linespacing=0.95
        )
        extent = text.get_window_extent(renderer).transformed(axes.transData.inverted())
        boxes.append((extent.x0 - 0.05, extent.y0 - 0.05, extent.x1 + 0.05, extent.y1 + 0.05))
    return boxes


def _outside(points: np.ndarray, box: tuple[float, float, float, float]) -> np.ndarray:
    left, bottom, right, top = box
    inside = (points[:, 0] > left) & (points[:, 0] < right) & (points[:, 1] > bottom) & (points[:, 1] < top)
    return ~inside


def _arc(axes: Axes, begin: float, end: float, boxes: Sequence[tuple[float, float, float, float]], sign: int) -> None:
    """An arrow along the circle between two labels, kept clear of both, its polarity beside the head."""
    angles = np.linspace(begin, end, 400)
    points = np.column_stack([np.sin(angles), np.cos(angles)]) * RADIUS
    clear = np.logical_and.reduce([_outside(points, box) for box in boxes])
    kept = np.flatnonzero(clear)
    if len(kept) < 12:
        return
    first, last = kept[0], kept[-1]
    colour = RAISES if sign > 0 else LOWERS
    axes.plot(points[first : last - 8, 0], points[first : last - 8, 1], color=colour, lw=1.3, zorder=3)
    tip, back = points[last], points[max(last - 16, first)]
    along = (tip - back) / np.linalg.norm(tip - back)
    across = np.array([-along[1], along[0]])
    base = tip - along * 0.11
    axes.add_patch(Polygon([tip, base + across * 0.05, base - across * 0.05], color=colour, lw=0, zorder=4))
    near = angles[max(last - max(int(len(kept) * 0.2), 10), first)]
    x, y = _point(near, RADIUS * 1.14)
    axes.text(x, y, "+" if sign > 0 else "−", fontsize=11, fontweight="bold", color=colour, ha="center", va="center")


def draw_loop(axes: Axes, loop: Loop, registry: Registry) -> None:
    """One loop on its circle, clockwise from the top."""
    bare(axes)
    axes.set_xlim(-1.62, 1.62)
    axes.set_ylim(-1.32, 1.32)
    axes.set_aspect("equal", adjustable="box")
    names = [link.cause for link in loop.links]
    count = len(names)
    angles = [2 * np.pi * position / count for position in range(count)]
    # Two or three long words a line keep a label shorter than the space between neighbours.
    labels = [wrapped(named(name, registry), 16) for name in names]
    boxes = _label_boxes(axes, labels, angles)
    for position, link in enumerate(loop.links):
        following = (position + 1) % count
        _arc(
            axes, angles[position], angles[position] + 2 * np.pi / count, (boxes[position], boxes[following]), link.sign
        )
    colour = REINFORCING if loop.polarity > 0 else BALANCING
    axes.text(0, 0.06, loop.identifier, fontsize=15, fontweight="bold", color=colour, ha="center", va="center")
    kind = "reinforcing" if loop.polarity > 0 else "balancing"
    axes.text(0, -0.2, kind, fontsize=6.5, color=colour, ha="center", va="center")
    axes.set_title(capital(loop.name), fontsize=8.5, loc="center", pad=10)


def plot_loops(registry: Registry, path: Path, identifiers: Sequence[str] | None = None) -> Path:
    """Causal loop diagram of all declared loops, or of some.

    Returns:
        Path of the PNG.

    Raises:
        UserError: no loop declared, or an unknown one.
    """
    wanted = list(registry.loops) if identifiers is None else list(identifiers)
    unknown = [name for name in wanted if name not in registry.loops]
    if unknown or not wanted:
        raise UserError("not a declared loop.", key=", ".join(unknown) or "loops", nearest=registry.loops)
    order = sorted(wanted, key=lambda name: (name[0] != "R", name))
    columns = min(COLUMNS, len(order))
    lines = -(-len(order) // columns)
    height = 1.15 + 2.55 * lines
    width = max(A4_LANDSCAPE[0] * columns / COLUMNS, 6.0)
    with styled():
        figure = Figure(figsize=(width, height))
        FigureCanvasAgg(figure)
        grid = figure.subplots(lines, columns, squeeze=False)
        figure.subplots_adjust(
            left=0.01, right=0.99, top=1 - 0.95 / height, bottom=0.42 / height, hspace=0.2, wspace=0.04
        )
        for axes, name in zip(grid.flat, order, strict=False):
            draw_loop(axes, registry.loops[name], registry)
        for axes in grid.flat[len(order) :]:
            bare(axes)
        heading(figure, "Feedback loops", "drawn from the model's declarations; read clockwise from the top")
        note(
            figure,
            "+ : the effect moves with its cause, − : against it. R: reinforcing, B: balancing. "
            "Each loop has a gain that switches it. Source: BNSSG whole-system model.",
        )
        return save(figure, path)
