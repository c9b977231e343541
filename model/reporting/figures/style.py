"""One look of all figures: headings, notes, legends, panels, axes of numbers, intervals, saving."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from io import BytesIO
from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from model.reporting.names import wrapped
from model.reporting.numbers import axis_number
from model.reporting.theme import (
    BASELINE,
    DOTS_PER_INCH,
    LABEL_POINTS,
    LEGEND_POINTS,
    NOTE_POINTS,
    PALETTE,
    QUIET,
    TEXT_POINTS,
    TITLE_POINTS,
    ZERO,
    matplotlib_settings,
)
from model.results.atomic_files import whole_file

SOURCE = "Source: BNSSG whole-system model."
ONE_RUN = "One run: no interval."
EIGHTY_PERCENT = 1.2816
"""Standard deviations of a normal distribution to either side of its mean that hold 80% of it."""
DASHED, DOTTED_LINE = (0, (4, 3)), (0, (3, 1.5))


class NotebookFigure(Figure):
    """A figure that a notebook shows as a picture, whether or not it has set Matplotlib up."""

    def _repr_png_(self) -> bytes:
        picture = BytesIO()
        self.savefig(picture, dpi=DOTS_PER_INCH, facecolor="white", format="png")
        return picture.getvalue()


def styled() -> AbstractContextManager[None]:
    """Return a context in which figures take the theme of the package; nothing outside it changes."""
    return mpl.rc_context(matplotlib_settings())


def scenario_colours(scenarios: Sequence[str], baseline: str) -> dict[str, str]:
    """Return a colour for each scenario in order; grey for the baseline."""
    others = [name for name in scenarios if name != baseline]
    colours = {name: PALETTE[index % len(PALETTE)] for index, name in enumerate(others)}
    return {baseline: BASELINE, **colours}


def heading(figure: Figure, title: str, subtitle: str = "") -> None:
    """Write a title, and a line below it, at the top left of a figure."""
    height = figure.get_figheight()
    figure.text(0.02, 1 - 0.12 / height, title, fontsize=TITLE_POINTS, fontweight="bold", va="top")
    if subtitle:
        figure.text(0.02, 1 - 0.38 / height, subtitle, fontsize=TEXT_POINTS, va="top", color=QUIET)


def note(figure: Figure, text: str) -> None:
    """Write units, interval and source at the foot of a figure, wrapped to its width."""
    lines = wrapped(text, int(figure.get_figwidth() * 19))
    bottom = 0.06 / figure.get_figheight()
    figure.text(0.02, bottom, lines, fontsize=NOTE_POINTS, va="bottom", color=QUIET, linespacing=1.25)


def margins(
    figure: Figure,
    *,
    left: float,
    right: float,
    above: float,
    below: float,
    hspace: float | None = None,
    wspace: float | None = None,
) -> None:
    """Set the space around and between the panels of a figure.

    Args:
        figure: with its panels.
        left: left edge of the panels, as a share of the width.
        right: right edge, as a share of the width.
        above: inches above the panels.
        below: inches below them.
        hspace: between rows, as a share of the height of a panel.
        wspace: between columns, as a share of the width of a panel.
    """
    height = figure.get_figheight()
    figure.subplots_adjust(
        left=left, right=right, top=1 - above / height, bottom=below / height, hspace=hspace, wspace=wspace
    )


def rows_of(count: int, columns: int) -> int:
    """Return how many rows so many panels take, with so many side by side."""
    return -(-count // columns)


def panels(figure: Figure, count: int, columns: int, *, sharey: bool = False) -> list[Axes]:
    """Lay out panels of one size row by row; what is left of the last row stays empty."""
    columns = min(columns, count)
    grid = figure.subplots(rows_of(count, columns), columns, squeeze=False, sharey=sharey)
    for axes in grid.flat[count:]:
        axes.set_visible(False)
    return list(grid.flat[:count])


def panel_title(axes: Axes, title: str, below: str = "", *, points: float = TEXT_POINTS) -> None:
    """Write the title of a panel, and its unit in small letters between title and picture."""
    axes.set_title(f"{title}\n" if below else title, fontsize=points, pad=3)
    axes.annotate(
        below,
        (0, 1),
        xytext=(0, 3),
        xycoords="axes fraction",
        textcoords="offset points",
        fontsize=NOTE_POINTS,
        color=QUIET,
    )


def unit_and_direction(unit: str, better: str) -> str:
    """Return a unit, and which way is better where one is."""
    return f"{unit} · {better} is better" if better else unit


def legend_above(
    figure: Figure,
    keys: Sequence[Artist] | Mapping[str, Artist],
    columns: int,
    *,
    points: float = LEGEND_POINTS,
    key_length: float = 1.8,
) -> None:
    """Put a legend between the heading of a figure and its panels.

    Args:
        figure: with its heading.
        keys: what is explained; with the words where it has none of its own.
        columns: keys side by side.
        points: size of the letters.
        key_length: length of a key, in letters.
    """
    handles, labels = (list(keys.values()), list(keys)) if isinstance(keys, Mapping) else (list(keys), None)
    figure.legend(
        handles=handles,
        labels=labels if labels is not None else [str(key.get_label()) for key in handles],
        loc="upper left",
        bbox_to_anchor=(0.012, 1 - 0.57 / figure.get_figheight()),
        ncols=max(columns, 1),
        fontsize=points,
        handlelength=key_length,
        columnspacing=1.4,
        borderaxespad=0,
    )


def number_axis(axis: Axis, ticks: int | None = None, *, signed: bool = False) -> None:
    """Write the numbers of an axis thousands apart, with a true minus sign.

    Args:
        axis: of a panel.
        ticks: most intervals between ticks; Matplotlib's own choice where left out.
        signed: whether positive numbers have a sign.
    """
    if ticks is not None:
        axis.set_major_locator(MaxNLocator(ticks))
    axis.set_major_formatter(FuncFormatter(lambda value, _: axis_number(value, signed=signed)))


def name_rows(
    axes: Axes, names: Sequence[str], rows: Sequence[float] | np.ndarray | None = None, points: float = LABEL_POINTS
) -> None:
    """Write names beside rows, the first on top, without ticks and lines."""
    axes.set_yticks(range(len(names)) if rows is None else rows, names)
    axes.tick_params(axis="y", length=0, labelsize=points)
    axes.grid(False, axis="y")


def zero_line(axes: Axes, *, upright: bool = True) -> None:
    """Draw a line at zero behind the data."""
    (axes.axvline if upright else axes.axhline)(0, color=ZERO, lw=0.8, zorder=0)


def interval_mark(axes: Axes, row: float, spread: tuple[float, float, float], colour: str) -> None:
    """Draw an interval as a line in a row, and a point at its middle.

    Args:
        axes: where.
        row: height of the row.
        spread: lower end, middle and upper end.
        colour: of both.
    """
    low, middle, high = spread
    axes.plot([low, high], [row, row], color=colour, lw=1.6, alpha=0.55, solid_capstyle="butt")
    axes.plot(middle, row, "o", color=colour, ms=3.5)


def heat_map(
    axes: Axes,
    values: np.ndarray,
    rows: Sequence[str],
    columns: Sequence[str],
    *,
    colours: str,
    limits: tuple[float, float],
) -> None:
    """Draw a matrix as coloured cells with names at its left and below."""
    axes.imshow(values, cmap=colours, vmin=limits[0], vmax=limits[1], aspect="auto")
    axes.set_yticks(range(len(rows)), rows)
    axes.set_xticks(range(len(columns)), columns)
    axes.grid(False)


def bare(axes: Axes) -> None:
    """Take away everything but what is drawn."""
    axes.set_axis_off()
    axes.grid(False)


def save(figure: Figure, path: Path) -> Path:
    """Save a figure as PNG at ``path`` and as SVG beside it, each whole or not at all.

    Raises:
        UserError: a file cannot be written.
    """
    picture = path.with_suffix(".png")
    with styled(), whole_file(picture) as temporary:
        figure.savefig(temporary, dpi=DOTS_PER_INCH, facecolor="white", format="png")
    with styled(), whole_file(path.with_suffix(".svg")) as temporary:
        # Without a date the same run gives the same file.
        figure.savefig(temporary, facecolor="white", format="svg", metadata={"Date": None})
    return picture
