"""What results depend on: tornado, screening, Sobol indices over time, leverage, and the worth of information."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator

from model.reporting.figures.style import (
    DASHED,
    SOURCE,
    heading,
    heat_map,
    legend_above,
    margins,
    name_rows,
    note,
    number_axis,
    panel_title,
    panels,
    rows_of,
    save,
    styled,
)
from model.reporting.names import shortened, wrapped
from model.reporting.theme import (
    A4_LANDSCAPE,
    A4_PORTRAIT,
    AXIS,
    AXIS_POINTS,
    BASELINE,
    DIVERGING_MAP,
    FAINT,
    INK,
    LABEL_POINTS,
    NOTE_POINTS,
    PALETTE,
    SMALL_POINTS,
)
from model.results.number_format import format_number

LOW, HIGH = PALETTE[0], PALETTE[1]
COLUMNS = 2
KEYS_ABREAST = 3
LONGEST_NAME = 36
"""Letters of a name beside a bar; a longer one is cut."""
LEAST_ELASTICITY = 0.005
"""Size of an elasticity from which it is written out."""


@dataclass(frozen=True)
class TornadoPanel:
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
class ScreeningPanel:
    """A result with the size and spread of the effects of its inputs, each ``(inputs,)``."""

    title: str
    unit: str
    names: Sequence[str]
    size: np.ndarray
    spread: np.ndarray


@dataclass(frozen=True)
class SobolPanel:
    """Indices of inputs of one result over the years, each of shape ``(inputs, years)``."""

    title: str
    years: Sequence[str]
    names: Sequence[str]
    first: np.ndarray
    total: np.ndarray
    margin: np.ndarray


@dataclass(frozen=True)
class InformationPanel:
    """What information is worth to one choice: of each input, of everything, and what chance gives."""

    title: str
    unit: str
    names: Sequence[str]
    values: np.ndarray
    perfect: float
    chance: float


def plot_tornado(tornadoes: Sequence[TornadoPanel], path: Path, *, subtitle: str) -> Path:
    """Draw bars for each result: how far each input moves it from end to end of its 80 % interval."""
    rows = max(len(tornado.names) for tornado in tornadoes)
    remark = (
        "One input at a time at the 10% and 90% quantile of its range, all others central; the line is the central "
        "case. Effects together are not the sum of the bars."
    )
    return _multiples(
        len(tornadoes),
        0.7 + 0.2 * rows,
        "Which inputs move the results most",
        subtitle,
        remark,
        path,
        lambda axes, index: _tornado(axes, tornadoes[index]),
        left=0.215,
        between=0.75,
        keys=[Patch(color=LOW, label="input at its low end"), Patch(color=HIGH, label="input at its high end")],
    )


def plot_screening(screenings: Sequence[ScreeningPanel], path: Path, *, subtitle: str, named: int = 6) -> Path:
    """Draw the spread against the size of the elementary effects, and name the largest."""
    remark = (
        "Change of the result when one input goes from the 10% to the 90% quantile of its range, over random places of "
        "all others. To the right: matters more. Near or above the broken line (sigma = mu*): interacts or bends."
    )
    return _multiples(
        len(screenings),
        2.5,
        "Screening of all uncertain inputs",
        subtitle,
        remark,
        path,
        lambda axes, index: _screening(axes, screenings[index], named),
    )


def plot_sobol(results: Sequence[SobolPanel], path: Path, *, subtitle: str) -> Path:
    """Draw total indices over the years with their intervals, first-order ones broken."""
    names = list(results[0].names)
    colours = [*(PALETTE[row % len(PALETTE)] for row in range(len(names) - 1)), BASELINE]
    remark = (
        "Line: total index (share of the variance in which the input takes part), band: its 80% interval; broken: "
        "first index (what it makes by itself). Indices depend on the ranges of the inputs. 2023 is the financial "
        "year 2023/24."
    )
    return _multiples(
        len(results),
        2.1,
        "Where the uncertainty comes from, over time",
        subtitle,
        remark,
        path,
        lambda axes, index: _sobol(axes, results[index], colours),
        keys=[Line2D([], [], color=colour, lw=1.8, label=name) for name, colour in zip(names, colours, strict=True)],
    )


def plot_leverage(
    names: Sequence[str], results: Sequence[str], elasticity: np.ndarray, path: Path, *, subtitle: str
) -> Path:
    """Draw a heat map of elasticities.

    Args:
        names: of the parameters.
        results: titles of the results.
        elasticity: shape ``(parameters, results)``.
        path: file; PNG and SVG are written.
        subtitle: of which scenario and year.
    """
    with styled():
        figure = Figure(figsize=(A4_LANDSCAPE[0], 3.4 + 0.2 * len(names)))
        axes = figure.subplots()
        margins(figure, left=0.2, right=0.985, above=2.6, below=0.5)
        sizes = np.abs(elasticity[np.isfinite(elasticity)])
        limit = max(0.5, float(np.quantile(sizes, 0.9))) if sizes.size else 1.0
        colours = f"{DIVERGING_MAP}_r"
        heat_map(axes, np.nan_to_num(elasticity), names, results, colours=colours, limits=(-limit, limit))
        axes.tick_params(labelsize=LABEL_POINTS)
        axes.tick_params(axis="x", rotation=90)
        axes.xaxis.tick_top()
        for (row, column), value in np.ndenumerate(elasticity):
            if np.isfinite(value) and abs(value) >= LEAST_ELASTICITY:
                text = format_number(value, 2 if abs(value) < 10 else 0)
                colour = "white" if abs(value) > 0.75 * limit else INK
                axes.text(column, row, text, ha="center", va="center", fontsize=SMALL_POINTS - 0.5, color=colour)
        heading(figure, "Leverage: per cent by which a result moves for one per cent more of a parameter", subtitle)
        note(
            figure,
            f"Central differences of one per cent around the central case; the colours end at {limit:.2g}. Blank: less "
            f"than {LEAST_ELASTICITY}. Results near zero have large elasticities. {SOURCE}",
        )
        return save(figure, path)


def plot_information(choices: Sequence[InformationPanel], path: Path, *, subtitle: str) -> Path:
    """Draw bars of the worth of knowing each input, with that of everything and what chance gives."""
    rows = max(len(choice.names) for choice in choices)
    keys = [
        Patch(color=PALETTE[2], label="knowing this input alone"),
        Line2D([], [], color=INK, label="knowing everything"),
        Line2D([], [], color=AXIS, ls=DASHED, label="what chance gives"),
    ]
    remark = (
        "Expected gain in the objective from choosing after the input is known, over choosing now. Zero: whatever it "
        "turns out to be, the choice stays the same."
    )
    return _multiples(
        len(choices),
        0.8 + 0.22 * rows,
        "Which uncertainty could change the choice",
        subtitle,
        remark,
        path,
        lambda axes, index: _information(axes, choices[index]),
        left=0.215,
        between=0.75,
        keys=keys,
    )


def _multiples(
    count: int,
    panel: float,
    title: str,
    subtitle: str,
    remark: str,
    path: Path,
    draw: Callable[[Axes, int], None],
    *,
    left: float = 0.09,
    between: float = 0.3,
    keys: Sequence[Artist] = (),
) -> Path:
    """Draw panels in two columns below a heading, with a note at the foot."""
    above = 0.95 + 0.17 * rows_of(len(keys), KEYS_ABREAST)
    with styled():
        height = above + 0.6 + panel * rows_of(count, min(COLUMNS, count))
        figure = Figure(figsize=(A4_PORTRAIT[0], height))
        grid = panels(figure, count, COLUMNS)
        margins(figure, left=left, right=0.97, above=above, below=0.85, hspace=0.42, wspace=between)
        for index, axes in enumerate(grid):
            draw(axes, index)
        heading(figure, title, subtitle)
        if keys:
            legend_above(figure, keys, KEYS_ABREAST, points=AXIS_POINTS, key_length=1.6)
        note(figure, f"{remark} {SOURCE}")
        return save(figure, path)


def _tornado(axes: Axes, panel: TornadoPanel) -> None:
    for row, (low, high) in enumerate(zip(panel.low, panel.high, strict=True)):
        for end, colour in ((low, LOW), (high, HIGH)):
            axes.barh(row, end - panel.central, left=panel.central, height=0.72, color=colour, lw=0, alpha=0.9)
    axes.axvline(panel.central, color=INK, lw=0.8)
    _name_bars(axes, panel.names)
    panel_title(axes, wrapped(panel.title, 44), panel.unit)
    number_axis(axes.xaxis, 4)


def _screening(axes: Axes, panel: ScreeningPanel, named: int) -> None:
    largest = np.argsort(-panel.size)[:named]
    axes.scatter(panel.size, panel.spread, s=9, color=PALETTE[0], alpha=0.55, lw=0)
    end = max(float(panel.size.max()), 1e-12)
    axes.plot([0, end], [0, end], color=FAINT, lw=0.8, ls=DASHED)
    for rank, row in enumerate(largest, start=1):
        axes.scatter(panel.size[row], panel.spread[row], s=16, color=HIGH, lw=0, zorder=3)
        axes.annotate(
            str(rank),
            (panel.size[row], panel.spread[row]),
            xytext=(3, 3),
            textcoords="offset points",
            fontsize=NOTE_POINTS,
            fontweight="bold",
            zorder=4,
        )
    axes.text(
        0.02,
        0.98,
        "\n".join(f"{rank} {panel.names[row]}" for rank, row in enumerate(largest, start=1)),
        transform=axes.transAxes,
        fontsize=SMALL_POINTS,
        va="top",
        zorder=1.5,
        linespacing=1.3,
        bbox={"facecolor": "white", "alpha": 0.75, "lw": 0, "pad": 1.5},
    )
    panel_title(axes, wrapped(panel.title, 44), panel.unit)
    axes.set_xlabel("size of the effect (mu*)", fontsize=NOTE_POINTS)
    axes.set_ylabel("spread of the effect (sigma)", fontsize=NOTE_POINTS)
    number_axis(axes.xaxis, 4)
    number_axis(axes.yaxis, 4)
    # Room above the points for their names.
    axes.set_ylim(top=1.45 * max(float(panel.spread.max()), 0.35 * end))
    axes.margins(x=0.08)


def _sobol(axes: Axes, panel: SobolPanel, colours: Sequence[str]) -> None:
    years = np.array([int(year[:4]) for year in panel.years])
    for row, colour in enumerate(colours):
        total, margin = panel.total[row], panel.margin[row]
        axes.plot(years, total, color=colour, lw=1.6)
        axes.plot(years, panel.first[row], color=colour, lw=0.9, ls=(0, (3, 2)))
        axes.fill_between(years, total - margin, total + margin, color=colour, alpha=0.13, lw=0)
    axes.set_ylim(-0.05, max(1.0, float(np.nanmax(panel.total, initial=0.0)) * 1.05))
    panel_title(axes, wrapped(panel.title, 44), "share of variance")
    axes.xaxis.set_major_locator(MaxNLocator(6, integer=True, min_n_ticks=1))


def _information(axes: Axes, panel: InformationPanel) -> None:
    axes.barh(range(len(panel.names)), panel.values, height=0.7, color=PALETTE[2], lw=0)
    axes.axvline(panel.perfect, color=INK, lw=1.0)
    axes.axvline(panel.chance, color=AXIS, lw=0.9, ls=DASHED)
    _name_bars(axes, panel.names)
    axes.set_xlim(left=0)
    panel_title(axes, wrapped(panel.title, 50), panel.unit)
    number_axis(axes.xaxis)


def _name_bars(axes: Axes, names: Sequence[str]) -> None:
    """Name the bars of a panel, the first on top."""
    name_rows(axes, [shortened(name, LONGEST_NAME) for name in names], points=SMALL_POINTS)
    axes.invert_yaxis()
