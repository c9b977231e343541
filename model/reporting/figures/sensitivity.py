"""What results depend on: tornado, screening, Sobol indices over time, leverage, and the worth of information."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import FuncFormatter, MaxNLocator

from model.reporting.figures.style import (
    A4_LANDSCAPE,
    A4_PORTRAIT,
    BASELINE,
    INK,
    PALETTE,
    heading,
    note,
    save,
    styled,
    wrapped,
)

LOW, HIGH = "#0072B2", "#D55E00"
SOURCE = "Source: BNSSG whole-system model."
COLUMNS = 2
LONGEST_NAME = 36
"""Letters of a name beside a bar; a longer one is cut."""


@dataclass(frozen=True)
class Bars:
    """A result with its inputs at either end, strongest first.

    Attributes:
        title: the result.
        unit: its unit.
        central: its value with all inputs central.
        names: inputs.
        low: the result with the input at its low end, shape ``(inputs,)``.
        high: with the input at its high end.
    """

    title: str
    unit: str
    central: float
    names: Sequence[str]
    low: np.ndarray
    high: np.ndarray


@dataclass(frozen=True)
class Points:
    """A result with the size and spread of the effects of its inputs, each ``(inputs,)``."""

    title: str
    unit: str
    names: Sequence[str]
    size: np.ndarray
    spread: np.ndarray


@dataclass(frozen=True)
class Courses:
    """Indices of inputs of one result over the years, each of shape ``(inputs, years)``."""

    title: str
    years: Sequence[str]
    names: Sequence[str]
    first: np.ndarray
    total: np.ndarray
    margin: np.ndarray


@dataclass(frozen=True)
class Worth:
    """What information is worth to one choice: of each input, of everything, and what chance gives."""

    title: str
    unit: str
    names: Sequence[str]
    values: np.ndarray
    perfect: float
    chance: float


def _number(value: float, _: int = 0) -> str:
    return f"{value:,.6g}".replace("-", "−")


def _cut(name: str) -> str:
    return name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 1]}…"


def _multiples(
    count: int,
    row_height: float,
    title: str,
    subtitle: str,
    remark: str,
    path: Path,
    draw: Callable[[Axes, int], None],
    *,
    left: float = 0.09,
    between: float = 0.3,
    keys: Sequence[Patch | Line2D] = (),
) -> Path:
    """Panels in two columns below a heading, with a note at the foot."""
    columns = min(COLUMNS, count)
    lines = -(-count // columns)
    rows_of_keys = -(-len(keys) // 3)
    above = 0.95 + 0.17 * rows_of_keys
    height = above + 0.6 + row_height * lines
    with styled():
        figure = Figure(figsize=(A4_PORTRAIT[0], height))
        grid = figure.subplots(lines, columns, squeeze=False)
        figure.subplots_adjust(
            left=left, right=0.97, top=1 - above / height, bottom=0.85 / height, hspace=0.42, wspace=between
        )
        for place, axes in enumerate(grid.flat):
            if place < count:
                draw(axes, place)
            else:
                axes.set_visible(False)
        heading(figure, title, subtitle)
        if keys:
            figure.legend(
                handles=list(keys),
                loc="upper left",
                bbox_to_anchor=(0.01, 1 - 0.58 / height),
                ncols=3,
                fontsize=7,
                handlelength=1.6,
                columnspacing=1.4,
                borderaxespad=0,
            )
        note(figure, f"{remark} {SOURCE}")
        return save(figure, path)


def plot_tornado(panels: Sequence[Bars], path: Path, *, subtitle: str) -> Path:
    """One panel of bars for each result: how far each input moves it from end to end of its 80 % interval."""

    def draw(axes: Axes, place: int) -> None:
        panel = panels[place]
        for row, (low, high) in enumerate(zip(panel.low, panel.high, strict=True)):
            for end, colour in ((low, LOW), (high, HIGH)):
                axes.barh(row, end - panel.central, left=panel.central, height=0.72, color=colour, lw=0, alpha=0.9)
        axes.axvline(panel.central, color=INK, lw=0.8)
        axes.set_yticks(range(len(panel.names)), [_cut(name) for name in panel.names], fontsize=5.8)
        axes.invert_yaxis()
        axes.grid(False, axis="y")
        axes.set_title(f"{wrapped(panel.title, 44)}\n", fontsize=8, pad=2)
        axes.text(0, 1.015, panel.unit, transform=axes.transAxes, fontsize=6.5, color="#555555")
        axes.xaxis.set_major_locator(MaxNLocator(4))
        axes.xaxis.set_major_formatter(FuncFormatter(_number))

    rows = max(len(panel.names) for panel in panels)
    keys = [Patch(color=LOW, label="input at its low end"), Patch(color=HIGH, label="input at its high end")]
    remark = (
        "One input at a time at the 10% and 90% quantile of its range, all others central; the line is the central "
        "case. Effects together are not the sum of the bars."
    )
    return _multiples(
        len(panels),
        0.7 + 0.2 * rows,
        "Which inputs move the results most",
        subtitle,
        remark,
        path,
        draw,
        left=0.215,
        between=0.75,
        keys=keys,
    )


def plot_screening(panels: Sequence[Points], path: Path, *, subtitle: str, named: int = 6) -> Path:
    """Scatter of spread against size of the elementary effects, the largest named."""

    def draw(axes: Axes, place: int) -> None:
        panel = panels[place]
        order = np.argsort(-panel.size)
        axes.scatter(panel.size, panel.spread, s=9, color=PALETTE[0], alpha=0.55, lw=0)
        top = max(float(panel.size.max()), 1e-12)
        axes.plot([0, top], [0, top], color="#BBBBBB", lw=0.8, ls=(0, (4, 3)))
        for rank, row in enumerate(order[:named], start=1):
            axes.scatter(panel.size[row], panel.spread[row], s=16, color=HIGH, lw=0, zorder=3)
            axes.annotate(
                str(rank),
                (panel.size[row], panel.spread[row]),
                xytext=(3, 3),
                textcoords="offset points",
                fontsize=6.5,
                fontweight="bold",
                color=INK,
                zorder=4,
            )
        key = "\n".join(f"{rank} {panel.names[row]}" for rank, row in enumerate(order[:named], start=1))
        axes.text(
            0.02,
            0.98,
            key,
            transform=axes.transAxes,
            fontsize=5.8,
            va="top",
            color=INK,
            zorder=1.5,
            linespacing=1.3,
            bbox={"facecolor": "white", "alpha": 0.75, "lw": 0, "pad": 1.5},
        )
        axes.set_title(f"{wrapped(panel.title, 44)}\n", fontsize=8, pad=2)
        axes.text(0, 1.015, panel.unit, transform=axes.transAxes, fontsize=6.5, color="#555555")
        axes.set_xlabel("size of the effect (mu*)", fontsize=6.5)
        axes.set_ylabel("spread of the effect (sigma)", fontsize=6.5)
        for axis in (axes.xaxis, axes.yaxis):
            axis.set_major_locator(MaxNLocator(4))
            axis.set_major_formatter(FuncFormatter(_number))
        # Room above the points for their names.
        axes.set_ylim(top=1.45 * max(float(panel.spread.max()), 0.35 * top))
        axes.margins(x=0.08)

    remark = (
        "Change of the result when one input goes from the 10% to the 90% quantile of its range, over random places of "
        "all others. To the right: matters more. Near or above the broken line (sigma = mu*): interacts or bends."
    )
    return _multiples(len(panels), 2.5, "Screening of all uncertain inputs", subtitle, remark, path, draw)


def plot_sobol(panels: Sequence[Courses], path: Path, *, subtitle: str) -> Path:
    """Total indices over the years with their intervals, first-order ones broken."""
    names = list(panels[0].names)
    colours = [PALETTE[place % len(PALETTE)] for place in range(len(names) - 1)] + [BASELINE]

    def draw(axes: Axes, place: int) -> None:
        panel = panels[place]
        years = np.array([int(year[:4]) for year in panel.years])
        for row, colour in enumerate(colours):
            axes.plot(years, panel.total[row], color=colour, lw=1.6)
            axes.plot(years, panel.first[row], color=colour, lw=0.9, ls=(0, (3, 2)))
            axes.fill_between(
                years,
                panel.total[row] - panel.margin[row],
                panel.total[row] + panel.margin[row],
                color=colour,
                alpha=0.13,
                lw=0,
            )
        axes.set_ylim(-0.05, max(1.0, float(np.nanmax(panel.total, initial=0.0)) * 1.05))
        axes.set_title(f"{wrapped(panel.title, 44)}\n", fontsize=8, pad=2)
        axes.text(0, 1.015, "share of variance", transform=axes.transAxes, fontsize=6.5, color="#555555")
        axes.xaxis.set_major_locator(MaxNLocator(6, integer=True, min_n_ticks=1))

    keys = [Line2D([], [], color=colour, lw=1.8, label=name) for name, colour in zip(names, colours, strict=True)]
    remark = (
        "Line: total index (share of the variance in which the input takes part), band: its 80% interval; broken: "
        "first index (what it makes by itself). Indices depend on the ranges of the inputs. 2023 is the financial "
        "year 2023/24."
    )
    return _multiples(
        len(panels), 2.1, "Where the uncertainty comes from, over time", subtitle, remark, path, draw, keys=keys
    )


def plot_leverage(
    names: Sequence[str], results: Sequence[str], elasticity: np.ndarray, path: Path, *, subtitle: str
) -> Path:
    """Heat map of elasticities, shape ``(names, results)``."""
    height = 3.4 + 0.2 * len(names)
    with styled():
        figure = Figure(figsize=(A4_LANDSCAPE[0], height))
        axes = figure.subplots()
        figure.subplots_adjust(left=0.2, right=0.985, top=1 - 2.6 / height, bottom=0.5 / height)
        sizes = np.abs(elasticity[np.isfinite(elasticity)])
        limit = max(0.5, float(np.quantile(sizes, 0.9))) if sizes.size else 1.0
        axes.imshow(np.nan_to_num(elasticity), cmap="PuOr_r", vmin=-limit, vmax=limit, aspect="auto")
        for (row, column), value in np.ndenumerate(elasticity):
            if np.isfinite(value) and abs(value) >= 0.005:
                shown = f"{value:.2f}" if abs(value) < 10 else f"{value:.0f}"
                colour = "white" if abs(value) > 0.75 * limit else INK
                axes.text(column, row, shown.replace("-", "−"), ha="center", va="center", fontsize=5, color=colour)
        axes.set_yticks(range(len(names)), names, fontsize=6)
        axes.set_xticks(range(len(results)), results, rotation=90, fontsize=6)
        axes.xaxis.tick_top()
        axes.grid(False)
        heading(figure, "Leverage: per cent by which a result moves for one per cent more of a parameter", subtitle)
        note(
            figure,
            f"Central differences of one per cent around the central case; the colours end at {limit:.2g}. Blank: less "
            f"than 0.005. Results near zero have large elasticities. {SOURCE}",
        )
        return save(figure, path)


def plot_information(panels: Sequence[Worth], path: Path, *, subtitle: str) -> Path:
    """Bars of the worth of knowing each input, with that of everything and what chance gives."""

    def draw(axes: Axes, place: int) -> None:
        panel = panels[place]
        axes.barh(range(len(panel.names)), panel.values, height=0.7, color=PALETTE[2], lw=0)
        axes.axvline(panel.perfect, color=INK, lw=1.0)
        axes.axvline(panel.chance, color="#999999", lw=0.9, ls=(0, (4, 3)))
        axes.set_yticks(range(len(panel.names)), [_cut(name) for name in panel.names], fontsize=5.8)
        axes.set_xlim(left=0)
        axes.invert_yaxis()
        axes.grid(False, axis="y")
        axes.set_title(f"{wrapped(panel.title, 50)}\n", fontsize=8, pad=2)
        axes.text(0, 1.015, panel.unit, transform=axes.transAxes, fontsize=6.5, color="#555555")
        axes.xaxis.set_major_formatter(FuncFormatter(_number))

    rows = max(len(panel.names) for panel in panels)
    keys = [
        Patch(color=PALETTE[2], label="knowing this input alone"),
        Line2D([], [], color=INK, label="knowing everything"),
        Line2D([], [], color="#999999", ls=(0, (4, 3)), label="what chance gives"),
    ]
    remark = (
        "Expected gain in the objective from choosing after the input is known, over choosing now. Zero: whatever it "
        "turns out to be, the choice stays the same."
    )
    return _multiples(
        len(panels),
        0.8 + 0.22 * rows,
        "Which uncertainty could change the choice",
        subtitle,
        remark,
        path,
        draw,
        left=0.215,
        between=0.75,
        keys=keys,
    )
