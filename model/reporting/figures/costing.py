"""One picture of costing: what each option costs and gains, discounted, and what is left with its interval."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from model.appraisal.costing.appraisal import CASH, CLASSES, NON_CASH, SOCIETAL, Appraisal
from model.results.comparison import Spread

MILLION = 1e6
STREAMS = (("cost", "programme cost", 1), (CASH, CASH, 2), (NON_CASH, NON_CASH, 5), (SOCIETAL, SOCIETAL, 3))
"""Stream, its words, and its colour of the palette."""


def draw_costing(found: Sequence[Appraisal], path: Path) -> Path:
    """Discounted costs to the left, benefits by class to the right; marks of net present values.

    Losses of a class stand to the left, beside the costs. PNG at ``path`` and SVG beside it.

    Raises:
        UserError: a file cannot be written.
    """
    from matplotlib.figure import Figure

    from model.reporting.figures.style import A4_LANDSCAPE, INK, PALETTE, heading, note, save, styled, wrapped

    basis, members = found[0].basis, found[0].option.members
    height = 2.0 + 0.55 * len(found)
    with styled():
        figure = Figure(figsize=(A4_LANDSCAPE[0], height))
        axes = figure.subplots()
        figure.subplots_adjust(left=0.2, right=0.97, top=1 - 0.95 / height, bottom=0.85 / height)
        rows = np.arange(len(found))
        ends = {1.0: np.zeros(len(found)), -1.0: np.zeros(len(found))}
        for stream, words, colour in STREAMS:
            sums = np.array([each.value(stream).mean() for each in found]) / MILLION
            sums = -sums if stream == "cost" else sums
            begins = np.where(sums < 0, ends[-1.0], ends[1.0])
            axes.barh(rows, sums, left=begins, height=0.5, color=PALETTE[colour], label=words)
            for sign, end in ends.items():
                end += np.where(np.sign(sums) == sign, sums, 0.0)
        for streams, words, mark, place in (
            ((CASH, NON_CASH, "cost"), "net, public sector", "o", -0.1),
            ((*CLASSES, "cost"), "net, society", "D", 0.1),
        ):
            spreads = [Spread.of(each.value(*streams) / MILLION) for each in found]
            means = [each.value(*streams).mean() / MILLION for each in found]
            if members > 1:
                axes.hlines(rows + place, [s.low for s in spreads], [s.high for s in spreads], color=INK, lw=1.2)
            axes.plot(means, rows + place, mark, color=INK, markerfacecolor="white", ms=5, ls="", label=words)
        axes.axvline(0, color=INK, lw=0.8)
        axes.set_yticks(rows, [wrapped(each.option.title, 26) for each in found])
        axes.set_ylim(len(found) - 0.5, -0.5)
        axes.set_xlabel(f"£m, discounted, {basis.prices} prices")
        axes.grid(visible=False, axis="y")
        axes.legend(loc="lower right", bbox_to_anchor=(1.0, 1.0), ncol=6, fontsize=7)
        counted = [year for year, flag in zip(found[0].option.years, found[0].counted, strict=True) if flag]
        heading(figure, "Costs and benefits against the baseline", f"{counted[0]} to {counted[-1]}, expected values")
        interval = f"Lines: 80% interval of {members} paired members. " if members > 1 else "One run: no interval. "
        note(
            figure,
            f"With optimism bias; discounted at {basis['discount_money']:.1%} a year, health at "
            f"{basis['discount_health']:.1%}. {interval}Source: BNSSG whole-system model.",
        )
        return save(figure, path)
