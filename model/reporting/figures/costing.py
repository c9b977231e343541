"""One picture of costing: what each option costs and gains, discounted, and what is left with its interval."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from model.appraisal.costing.appraisal import CASH, CLASSES, NON_CASH, SOCIETAL, Appraisal
from model.reporting.figures.style import ONE_RUN, SOURCE, heading, margins, note, save, styled
from model.reporting.names import wrapped
from model.reporting.theme import A4_LANDSCAPE, AXIS_POINTS, INK, PALETTE
from model.results.comparison import Spread
from model.results.number_format import MILLION

STREAMS = (("cost", "programme cost", 1), (CASH, CASH, 2), (NON_CASH, NON_CASH, 5), (SOCIETAL, SOCIETAL, 3))
"""Stream, its words, and its colour of the palette."""
NETS = (((CASH, NON_CASH, "cost"), "net, public sector", "o", -0.1), ((*CLASSES, "cost"), "net, society", "D", 0.1))
"""Streams of a net present value, its words, its mark, and how far it stands from the middle of the row."""


def draw_costing(appraisals: Sequence[Appraisal], path: Path) -> Path:
    """Draw discounted costs to the left, benefits by class to the right, and marks of net present values.

    Losses of a class stand to the left, beside the costs. PNG at ``path`` and SVG beside it.

    Raises:
        UserError: a file cannot be written.
    """
    first = appraisals[0]
    basis, members = first.assumptions, first.option.members
    with styled():
        figure = Figure(figsize=(A4_LANDSCAPE[0], 2.0 + 0.55 * len(appraisals)))
        axes = figure.subplots()
        margins(figure, left=0.2, right=0.97, above=0.95, below=0.85)
        _bars(axes, appraisals)
        _net_marks(axes, appraisals)
        axes.axvline(0, color=INK, lw=0.8)
        axes.set_yticks(range(len(appraisals)), [wrapped(appraisal.option.title, 26) for appraisal in appraisals])
        axes.set_ylim(len(appraisals) - 0.5, -0.5)
        axes.set_xlabel(f"£m, discounted, {basis.prices} prices")
        axes.grid(visible=False, axis="y")
        axes.legend(loc="lower right", bbox_to_anchor=(1.0, 1.0), ncol=6, fontsize=AXIS_POINTS)
        years = [year for year, flag in zip(first.option.years, first.counted, strict=True) if flag]
        heading(figure, "Costs and benefits against the baseline", f"{years[0]} to {years[-1]}, expected values")
        interval = f"Lines: 80% interval of {members} paired members." if members > 1 else ONE_RUN
        note(
            figure,
            f"With optimism bias; discounted at {basis['discount_money']:.1%} a year, health at "
            f"{basis['discount_health']:.1%}. {interval} {SOURCE}",
        )
        return save(figure, path)


def _bars(axes: Axes, appraisals: Sequence[Appraisal]) -> None:
    """Stack the streams of each option, costs and losses to the left of zero."""
    ends = {1.0: np.zeros(len(appraisals)), -1.0: np.zeros(len(appraisals))}
    for stream, label, colour in STREAMS:
        sums = np.array([appraisal.value(stream).mean() for appraisal in appraisals]) / MILLION
        sums = -sums if stream == "cost" else sums
        begins = np.where(sums < 0, ends[-1.0], ends[1.0])
        axes.barh(np.arange(len(appraisals)), sums, left=begins, height=0.5, color=PALETTE[colour], label=label)
        for sign, end in ends.items():
            end += np.where(np.sign(sums) == sign, sums, 0.0)


def _net_marks(axes: Axes, appraisals: Sequence[Appraisal]) -> None:
    """Mark net present values, with their intervals where there are several members."""
    for streams, label, mark, offset in NETS:
        rows = np.arange(len(appraisals)) + offset
        values = [appraisal.value(*streams) / MILLION for appraisal in appraisals]
        if appraisals[0].option.members > 1:
            spreads = [Spread.of(members) for members in values]
            axes.hlines(
                rows, [spread.low for spread in spreads], [spread.high for spread in spreads], color=INK, lw=1.2
            )
        means = [members.mean() for members in values]
        axes.plot(means, rows, mark, color=INK, markerfacecolor="white", ms=5, ls="", label=label)
