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
from model.reporting.figures.style import SOURCE, bare, heading, margins, note, panels, rows_of, save, styled
from model.reporting.names import capitalised, registered_title, wrapped
from model.reporting.theme import A4_LANDSCAPE, INK, LOWERS, NOTE_POINTS, PALETTE, SYMBOL_POINTS, TITLE_POINTS

REINFORCING, BALANCING = PALETTE[1], PALETTE[0]
RAISES = INK
Box = tuple[float, float, float, float]
"""Left, bottom, right and top in the units of the axes."""
RADIUS = 1.0
COLUMNS = 4


def _point(angle: float, radius: float = RADIUS) -> tuple[float, float]:
    return radius * float(np.sin(angle)), radius * float(np.cos(angle))


def _label_boxes(axes: Axes, labels: Sequence[str], angles: Sequence[float]) -> list[Box]:
    """Write the labels on the circle, and return the box of each."""
    boxes: list[Box] = []
    for label, angle in zip(labels, angles, strict=True):
        x, y = _point(angle)
        text = axes.text(x, y, label, ha="center", va="center", fontsize=NOTE_POINTS, zorder=5, linespacing=0.95)
        extent = text.get_window_extent().transformed(axes.transData.inverted())
        boxes.append((extent.x0 - 0.05, extent.y0 - 0.05, extent.x1 + 0.05, extent.y1 + 0.05))
    return boxes


def _outside(points: np.ndarray, box: Box) -> np.ndarray:
    """Whether each point, shape ``(points, 2)``, lies outside a box."""
    left, bottom, right, top = box
    inside = (points[:, 0] > left) & (points[:, 0] < right) & (points[:, 1] > bottom) & (points[:, 1] < top)
    return ~inside


def _arc(axes: Axes, begin: float, end: float, boxes: Sequence[Box], sign: int) -> None:
    """Draw an arrow along the circle between two labels, clear of both, its polarity beside the head."""
    angles = np.linspace(begin, end, 400)
    points = np.column_stack([np.sin(angles), np.cos(angles)]) * RADIUS
    clear = np.flatnonzero(np.logical_and.reduce([_outside(points, box) for box in boxes]))
    if len(clear) < 12:
        return
    first, last = clear[0], clear[-1]
    colour = RAISES if sign > 0 else LOWERS
    axes.plot(points[first : last - 8, 0], points[first : last - 8, 1], color=colour, lw=1.3, zorder=3)
    tip, back = points[last], points[max(last - 16, first)]
    along = (tip - back) / np.linalg.norm(tip - back)
    across = np.array([-along[1], along[0]])
    base = tip - along * 0.11
    axes.add_patch(Polygon([tip, base + across * 0.05, base - across * 0.05], color=colour, lw=0, zorder=4))
    near = angles[max(last - max(int(len(clear) * 0.2), 10), first)]
    x, y = _point(near, RADIUS * 1.14)
    axes.text(
        x, y, "+" if sign > 0 else "−", fontsize=TITLE_POINTS, fontweight="bold", color=colour, ha="center", va="center"
    )


def draw_loop(axes: Axes, loop: Loop, registry: Registry) -> None:
    """Draw one loop on its circle, clockwise from the top."""
    bare(axes)
    axes.set_xlim(-1.62, 1.62)
    axes.set_ylim(-1.32, 1.32)
    axes.set_aspect("equal", adjustable="box")
    names = [link.cause for link in loop.links]
    count = len(names)
    angles = [2 * np.pi * index / count for index in range(count)]
    # Two or three long words a line keep a label shorter than the space between neighbours.
    labels = [wrapped(registered_title(name, registry), 16) for name in names]
    boxes = _label_boxes(axes, labels, angles)
    for position, link in enumerate(loop.links):
        following = (position + 1) % count
        _arc(
            axes, angles[position], angles[position] + 2 * np.pi / count, (boxes[position], boxes[following]), link.sign
        )
    colour = REINFORCING if loop.polarity > 0 else BALANCING
    axes.text(
        0, 0.06, loop.identifier, fontsize=SYMBOL_POINTS, fontweight="bold", color=colour, ha="center", va="center"
    )
    kind = "reinforcing" if loop.polarity > 0 else "balancing"
    axes.text(0, -0.2, kind, fontsize=NOTE_POINTS, color=colour, ha="center", va="center")
    axes.set_title(capitalised(loop.name), loc="center", pad=10)


def plot_loops(registry: Registry, path: Path, identifiers: Sequence[str] | None = None) -> Path:
    """Draw the causal loop diagram of all declared loops, or of some.

    Args:
        registry: of the model.
        path: file; PNG and SVG are written.
        identifiers: loops drawn; all where left out.

    Returns:
        Path of the PNG.

    Raises:
        UserError: no loop declared, or an unknown one.
    """
    names = list(registry.loops) if identifiers is None else list(identifiers)
    unknown = [name for name in names if name not in registry.loops]
    if unknown or not names:
        raise UserError("not a declared loop.", key=", ".join(unknown) or "loops", nearest=registry.loops)
    order = sorted(names, key=lambda name: (name[0] != "R", name))
    columns = min(COLUMNS, len(order))
    width = max(A4_LANDSCAPE[0] * columns / COLUMNS, 6.0)
    with styled():
        figure = Figure(figsize=(width, 1.15 + 2.55 * rows_of(len(order), columns)))
        # The size of a text is known once there is a canvas to draw it on.
        FigureCanvasAgg(figure)
        grid = panels(figure, len(order), columns)
        margins(figure, left=0.01, right=0.99, above=0.95, below=0.42, hspace=0.2, wspace=0.04)
        for axes, name in zip(grid, order, strict=True):
            draw_loop(axes, registry.loops[name], registry)
        heading(figure, "Feedback loops", "drawn from the model's declarations; read clockwise from the top")
        note(
            figure,
            "+ : the effect moves with its cause, − : against it. R: reinforcing, B: balancing. "
            f"Each loop has a gain that switches it. {SOURCE}",
        )
        return save(figure, path)
