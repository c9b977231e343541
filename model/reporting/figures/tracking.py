"""Figures of tracking: new figures over the projected fan, and the assumptions that they implicate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import FuncFormatter, MaxNLocator

from model.reporting.figures.fit import BAND, PANEL, ROW, WIDE, panel_heading, short, thousands, whole_years
from model.reporting.figures.style import FAINT, OBSERVED, PALETTE, heading, note, save, styled

OUTSIDE = PALETTE[1]
SHORTEST_SPAN = 0.3
"""Years drawn to each side of a fan of one period."""


@dataclass(frozen=True, eq=False)
class FanPanel:
    """New figures of one series over its fan.

    Attributes:
        title: what the series is.
        unit: unit of all figures.
        places: middle of each period of the fan as a decimal year, shape ``(periods,)``.
        bands: quantiles 10, 25, 50, 75 and 90%, shape ``(5, periods)``.
        known: places and values of figures of the record.
        new: places, values and measurement errors of the new figures, and whether each lies outside its 80% band.
        verdict: one line.
    """

    title: str
    unit: str
    places: np.ndarray
    bands: np.ndarray
    known: tuple[np.ndarray, np.ndarray]
    new: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]
    verdict: str


def plot_fan(panel: FanPanel, path: Path) -> Path:
    """One series: the projected fan with all errors, figures of the record, and the new ones."""
    with styled():
        figure = Figure(figsize=PANEL)
        axes = figure.subplots()
        figure.subplots_adjust(left=0.16, right=0.97, top=0.81, bottom=0.26)
        places, bands = panel.places, panel.bands
        if places.size == 1:
            places = places[0] + np.array([-SHORTEST_SPAN, SHORTEST_SPAN])
            bands = np.repeat(bands, 2, axis=1)
        axes.fill_between(places, bands[0], bands[4], color=BAND, alpha=0.18, lw=0)
        axes.fill_between(places, bands[1], bands[3], color=BAND, alpha=0.32, lw=0)
        axes.plot(places, bands[2], color=BAND, lw=1.4)
        axes.plot(*panel.known, "o", ms=2.4, mfc="white", mec="#777777", mew=0.7, zorder=4)
        where, values, errors, outside = panel.new
        for chosen, colour, marker in ((~outside, OBSERVED, "o"), (outside, OUTSIDE, "D")):
            axes.errorbar(
                where[chosen],
                values[chosen],
                yerr=1.2816 * errors[chosen],
                fmt=marker,
                ms=3.6,
                color=colour,
                elinewidth=0.8,
                zorder=6,
            )
        whole_years(axes)
        axes.yaxis.set_major_locator(MaxNLocator(5))
        axes.yaxis.set_major_formatter(FuncFormatter(thousands))
        panel_heading(axes, panel.title, f"{panel.unit} · {panel.verdict}")
        keys = [
            Patch(color=BAND, alpha=0.3, label="projected: 50% and 80%"),
            Line2D([], [], ls="", marker="o", ms=3, mfc="white", mec="#777777", label="on record"),
            Line2D([], [], ls="", marker="o", ms=3.4, color=OBSERVED, label="new, inside 80%"),
            Line2D([], [], ls="", marker="D", ms=3.4, color=OUTSIDE, label="new, outside 80%"),
        ]
        figure.legend(handles=keys, loc="lower center", ncols=2, fontsize=6.5, handlelength=1.6, columnspacing=1.2)
        return save(figure, path)


def plot_implicated(rows: Sequence[tuple[str, float, float, float]], path: Path) -> Path:
    """How far assumptions would move, given all new figures.

    Args:
        rows: name, shift, standard deviation afterwards, and shift if it alone were to blame, all in the standard
            deviations that the projection held; the most implicated first.
        path: file; PNG and SVG are written.
    """
    height = 1.5 + ROW * len(rows)
    with styled():
        figure = Figure(figsize=(WIDE, height))
        axes = figure.subplots()
        figure.subplots_adjust(left=0.42, right=0.97, top=1 - 0.62 / height, bottom=0.78 / height)
        axes.axvspan(-1.2816, 1.2816, color=FAINT, alpha=0.35, lw=0)
        axes.axvline(0.0, color="#777777", lw=0.8)
        for row, (_, shift, after, alone) in enumerate(rows):
            axes.plot([shift - 1.2816 * after, shift + 1.2816 * after], [row, row], color=BAND, lw=2.6)
            axes.plot(shift, row, "o", ms=4, mfc="white", mec=BAND, mew=1.2)
            axes.plot(alone, row, "D", ms=3.2, color=OUTSIDE)
        axes.set_yticks(range(len(rows)), [short(name) for name, *_ in rows])
        axes.set_ylim(len(rows) - 0.4, -0.6)
        axes.set_xlabel("standard deviations that the projection held", fontsize=7)
        heading(
            figure,
            "Assumptions that the new figures implicate",
            "blue: all moved together, with 80%; orange: if it alone were to blame; grey: what was held 80% likely",
        )
        note(figure, "By ensemble regression: linear, and as good as the spread of the members is wide.")
        return save(figure, path)
