"""Stock-and-flow picture of a sector, drawn from what it declares: boxes, pipes with valves, clouds for the outside.

Stocks stand in bands, left to right in the order of their declaration. A flow between neighbours is a pipe from box to
box; one that leads further ends at a dashed stand-in of the distant stock; one across the boundary ends in a cloud.
Every flow has a line of its own in the space beside its stock, so that nothing crosses.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Circle, FancyBboxPatch, Polygon, Rectangle

from model.registry.catalogue import Registry
from model.registry.declarations import OUTSIDE, Flow, Stock
from model.registry.errors import UserError, nearest_names
from model.reporting.figures.style import SOURCE, bare, heading, note, rows_of, save, styled
from model.reporting.names import plain_name, short_title, wrapped
from model.reporting.theme import (
    A4_LANDSCAPE,
    AXIS,
    AXIS_POINTS,
    INK,
    LABEL_POINTS,
    OUTSIDE_FILL,
    PALETTE,
    QUIET,
    SMALL_POINTS,
    STOCK_FILL,
)

ABREAST, LEVELS_ABREAST = 4, 6
"""Stocks of a band, and levels of a row, side by side."""
BOX = 1.15
LINE = 0.52
PIPE = PALETTE[0]
MARGIN = 0.15
LETTERS_PER_INCH = 17.5
"""Letters of the size used for labels that fit in an inch."""


@dataclass(frozen=True)
class PlacedFlow:
    """A flow placed in a space between boxes: its ends are a box (None) or the words of a cloud or a stand-in."""

    flow: Flow
    left: str | None
    right: str | None
    rightward: bool


@dataclass(frozen=True)
class StockBand:
    """Stocks side by side, with the pipes of the space to the left of each and to the right of the last."""

    stocks: tuple[Stock, ...]
    spaces: tuple[tuple[PlacedFlow, ...], ...]

    @property
    def lines(self) -> int:
        """Pipes in the fullest space."""
        return max(1, *(len(space) for space in self.spaces))


def _joined(first: Stock, second: Stock, flows: Sequence[Flow]) -> bool:
    return any({flow.origin, flow.target} == {first.name, second.name} for flow in flows)


def _bands_of_stocks(stocks: Sequence[Stock], flows: Sequence[Flow]) -> list[list[Stock]]:
    """Stocks in the order of their declaration, a new band where one is full or a chain ends."""
    bands: list[list[Stock]] = []
    for stock in stocks:
        last = bands[-1] if bands else []
        chain_ends = len(last) >= 2 and not _joined(last[-1], stock, flows)
        if not last or len(last) >= ABREAST or chain_ends:
            bands.append([stock])
        else:
            last.append(stock)
    return bands


def lay_out(stocks: Sequence[Stock], flows: Sequence[Flow], registry: Registry) -> list[StockBand]:
    """Place stocks in bands and every flow in one space between them."""
    names = {stock.name for stock in stocks}

    def label(name: str) -> str:
        if name == OUTSIDE:
            return OUTSIDE
        entry = registry.entries.get(name)
        text = short_title(entry) if entry else plain_name(name)
        return text if name in names else f"{text} ({name.split('.', 1)[0].replace('_', ' ')})"

    placed_bands: list[StockBand] = []
    placed: set[str] = set()
    for members in _bands_of_stocks(stocks, flows):
        position = {stock.name: column for column, stock in enumerate(members)}
        spaces: list[list[PlacedFlow]] = [[] for _ in range(len(members) + 1)]
        for flow in flows:
            origin, target = position.get(flow.origin), position.get(flow.target)
            if flow.name in placed or (origin is None and (target is None or flow.origin in names)):
                continue
            placed.add(flow.name)
            if origin is None:
                assert target is not None
                spaces[target].append(PlacedFlow(flow, label(flow.origin), None, True))
            elif target is not None and abs(target - origin) == 1:
                spaces[max(origin, target)].append(PlacedFlow(flow, None, None, target > origin))
            else:
                text = "within the stock" if flow.origin == flow.target else label(flow.target)
                spaces[origin + 1].append(PlacedFlow(flow, None, text, True))
        placed_bands.append(StockBand(tuple(members), tuple(tuple(space) for space in spaces)))
    return placed_bands


def _cloud(axes: Axes, x: float, y: float) -> None:
    for dx, dy, radius in ((-0.1, 0, 0.075), (0, 0.045, 0.09), (0.1, 0, 0.075), (0, -0.025, 0.08)):
        axes.add_patch(Circle((x + dx, y + dy), radius, color=OUTSIDE_FILL, lw=0, zorder=4))


def _stand_in(axes: Axes, x: float, y: float, width: float, text: str) -> None:
    axes.add_patch(
        FancyBboxPatch(
            (x, y - 0.15),
            width,
            0.3,
            boxstyle="round,pad=0,rounding_size=0.05",
            fc="white",
            ec=AXIS,
            ls=(0, (3, 2)),
            lw=0.8,
            zorder=4,
        )
    )
    lines = wrapped(text, max(int(width * 20), 8))
    axes.text(
        x + width / 2,
        y,
        lines,
        ha="center",
        va="center",
        fontsize=SMALL_POINTS - 0.3,
        color=QUIET,
        zorder=5,
        linespacing=0.95,
    )


def _pipe(axes: Axes, x0: float, x1: float, y: float, pipe: PlacedFlow) -> None:
    """Draw one flow in the space from ``x0`` to ``x1`` at height ``y``."""
    end = min(0.78, (x1 - x0) * 0.6)
    start, stop = x0, x1
    if pipe.left is not None:
        start = x0 + (0.34 if pipe.left == OUTSIDE else end)
        if pipe.left == OUTSIDE:
            _cloud(axes, start - 0.14, y)
        else:
            _stand_in(axes, x0 + 0.04, y, end - 0.04, pipe.left)
    if pipe.right is not None:
        stop = x1 - (0.34 if pipe.right == OUTSIDE else end)
        if pipe.right == OUTSIDE:
            _cloud(axes, stop + 0.16, y)
        else:
            _stand_in(axes, stop, y, end - 0.04, pipe.right)
    tail, head = (start, stop) if pipe.rightward else (stop, start)
    way = 1 if pipe.rightward else -1
    axes.plot([tail, head - way * 0.07], [y, y], color=PIPE, lw=3.2, solid_capstyle="butt", zorder=3)
    axes.plot([tail, head - way * 0.07], [y, y], color="white", lw=1.4, solid_capstyle="butt", zorder=3.1)
    tip = [(head, y), (head - way * 0.1, y + 0.06), (head - way * 0.1, y - 0.06)]
    axes.add_patch(Polygon(tip, color=PIPE, lw=0, zorder=4))
    middle = (start + stop) / 2 - way * 0.04
    for side in (-1, 1):
        wing = [(middle, y), (middle + side * 0.065, y + 0.065), (middle + side * 0.065, y - 0.065)]
        axes.add_patch(Polygon(wing, fc="white", ec=PIPE, lw=0.9, zorder=4))
    ends = {pipe.left, pipe.right} - {None}
    # Above a cloud or a stand-in the words are lifted clear of it.
    lift = 0.09 if not ends else 0.15 if ends == {OUTSIDE} else 0.17
    text = wrapped(short_title(pipe.flow), int((x1 - x0) * LETTERS_PER_INCH))
    axes.text(
        (x0 + x1) / 2, y + lift, text, ha="center", va="bottom", fontsize=LABEL_POINTS, zorder=6, linespacing=0.95
    )


def _box(axes: Axes, x: float, y: float, height: float, stock: Stock) -> None:
    axes.add_patch(Rectangle((x, y), BOX, height, fc=STOCK_FILL, ec=INK, lw=1.1, zorder=5))
    unit = stock.unit or "1"
    dims = ", ".join(dim.replace("_", " ") for dim in stock.dims)
    small = wrapped(f"{unit}" + (f" by {dims}" if dims else ""), 23)
    title = wrapped(short_title(stock), 17)
    axes.text(
        x + BOX / 2,
        y + height / 2 + 0.03,
        title,
        ha="center",
        va="bottom",
        fontsize=AXIS_POINTS,
        fontweight="bold",
        zorder=6,
        linespacing=1.0,
    )
    axes.text(
        x + BOX / 2,
        y + height / 2 - 0.02,
        small,
        ha="center",
        va="top",
        fontsize=SMALL_POINTS - 0.5,
        color=QUIET,
        zorder=6,
    )


def _levels(axes: Axes, stocks: Sequence[Stock], y: float, width: float) -> None:
    """Levels that no flow moves, in rows below the bands."""
    axes.text(
        0,
        y,
        "Levels and smoothed signals (set by equations, no material flow)",
        fontsize=AXIS_POINTS,
        color=QUIET,
        va="top",
    )
    box = (width - 0.12 * (LEVELS_ABREAST - 1)) / LEVELS_ABREAST
    for index, stock in enumerate(stocks):
        line, column = divmod(index, LEVELS_ABREAST)
        x, top = column * (box + 0.12), y - 0.24 - line * 0.46
        axes.add_patch(Rectangle((x, top - 0.38), box, 0.38, fc="white", ec=AXIS, lw=0.9, zorder=5))
        text = wrapped(short_title(stock), 27)
        axes.text(
            x + box / 2, top - 0.19, text, ha="center", va="center", fontsize=LABEL_POINTS, zorder=6, linespacing=0.95
        )


def plot_stocks_and_flows(registry: Registry, sector: str, path: Path) -> Path:
    """Draw the stock-and-flow picture of one sector.

    Returns:
        Path of the PNG.

    Raises:
        UserError: no such sector, or one that declares no stock.
    """
    if sector not in registry.sectors:
        raise UserError("not a sector.", key=sector, nearest=nearest_names(sector, registry.sectors))
    flows = [
        flow
        for flow in registry.flows.values()
        if sector in (flow.sector, flow.origin.split(".")[0], flow.target.split(".")[0])
    ]
    touched = {end for flow in flows for end in (flow.origin, flow.target)}
    stocks = [stock for stock in registry.stocks.values() if stock.sector == sector]
    stocks_shown = [stock for stock in stocks if stock.name in touched or stock.substance != "index"]
    levels = [stock for stock in stocks if stock not in stocks_shown]
    if not stocks:
        raise UserError("this sector declares no stock to draw.", key=sector)
    bands = lay_out(stocks_shown, flows, registry)
    width = A4_LANDSCAPE[0] - 2 * MARGIN
    heights = [max(band.lines * LINE + 0.16, 0.75) for band in bands]
    rows = rows_of(len(levels), LEVELS_ABREAST)
    below = (0.4 + rows * 0.46) if levels else 0.0
    total = sum(heights) + 0.32 * len(bands) + below
    figure_height = total + 1.25
    with styled():
        figure = Figure(figsize=(A4_LANDSCAPE[0], figure_height))
        axes = figure.add_axes(
            (MARGIN / A4_LANDSCAPE[0], 0.42 / figure_height, width / A4_LANDSCAPE[0], total / figure_height)
        )
        axes.set_xlim(-0.03, width + 0.03)
        axes.set_ylim(-0.03, total + 0.03)
        bare(axes)
        top = total
        for band, height in zip(bands, heights, strict=True):
            count = len(band.stocks)
            space = min((width - count * BOX) / (count + 1), 2.2)
            for column, stock in enumerate(band.stocks):
                _box(axes, space + column * (BOX + space), top - height, height, stock)
            for column, pipes in enumerate(band.spaces):
                x0 = column * (BOX + space)
                first = top - (height - len(pipes) * LINE) / 2 - LINE * 0.68
                for line, pipe in enumerate(pipes):
                    _pipe(axes, x0, x0 + space, first - line * LINE, pipe)
            top -= height + 0.32
        if levels:
            _levels(axes, levels, top + 0.05, width)
        heading(figure, f"Stocks and flows: {registry.sectors[sector]}", "drawn from the model's declarations")
        note(
            figure,
            "Box: stock (a value at a moment). Pipe with valve: flow (a total over a period). Cloud: outside the "
            f"model. Dashed: a stock that stands elsewhere. {SOURCE}",
        )
        return save(figure, path)
