"""How far levers go towards a target: the value judged at each scale, the target, and what the limits allow."""

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
    margins,
    note,
    number_axis,
    panel_title,
    panels,
    rows_of,
    save,
    styled,
)
from model.reporting.names import wrapped
from model.reporting.numbers import share
from model.reporting.theme import A4_PORTRAIT, INK, LEGEND_POINTS, PALETTE

COLUMNS = 2


@dataclass(frozen=True)
class ScaleResponse:
    """What levers from one start give at each scale.

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


def plot_goal_seek(
    responses: Sequence[ScaleResponse],
    path: Path,
    *,
    target: str,
    unit: str,
    limit: float,
    probability: float,
    members: int,
) -> Path:
    """Draw a panel for each set of levers: the value judged by scale, the target, the cap, and the scale needed.

    Args:
        responses: what each set of levers gives.
        path: file; PNG and SVG are written.
        target: the target in words.
        unit: unit of the value judged.
        limit: value that meets the target.
        probability: share of members in which it must be met.
        members: members behind each median.

    Returns:
        Path of the PNG.
    """
    columns = min(COLUMNS, len(responses))
    with styled():
        figure = Figure(figsize=(A4_PORTRAIT[0], 1.5 + 2.3 * rows_of(len(responses), columns)))
        grid = panels(figure, len(responses), columns, sharey=True)
        margins(figure, left=0.11, right=0.97, above=0.95, below=0.95, hspace=0.55, wspace=0.1)
        for index, (axes, response) in enumerate(zip(grid, responses, strict=True)):
            _panel(axes, response, limit)
            if index % columns == 0:
                axes.set_ylabel(unit)
            if index + columns >= len(responses):
                axes.set_xlabel("scale")
        heading(figure, f"What it would take: {target}", f"with a probability of {share(probability)}")
        note(
            figure,
            f"Line: median of {members} members; band: 80% interval; orange: the target; green: the smallest "
            f"scale that meets it; dashed: the largest scale within budget and posts. {SOURCE}",
        )
        return save(figure, path)


def _panel(axes: Axes, response: ScaleResponse, limit: float) -> None:
    axes.fill_between(response.scales, response.low, response.high, color=PALETTE[0], alpha=0.2, lw=0)
    axes.plot(response.scales, response.median, "o-", color=PALETTE[0], ms=2.5, lw=1.2)
    axes.axhline(limit, color=PALETTE[1], lw=1.1)
    if response.cap < response.scales[-1]:
        axes.axvline(response.cap, color=INK, lw=0.9, ls="--")
    if np.isfinite(response.needed):
        axes.axvline(response.needed, color=PALETTE[2], lw=1.2)
    panel_title(axes, wrapped(response.title.replace("_", " "), 52), points=LEGEND_POINTS)
    number_axis(axes.xaxis, 5)
    number_axis(axes.yaxis)
