"""Draw the pictures of README.md and docs/: ``python docs/draw_images.py``, or with the names of some of them.

Names: ``worked_example``, ``responses``.
"""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from matplotlib.axes import Axes  # noqa: E402
from matplotlib.figure import Figure  # noqa: E402
from PIL import Image  # noqa: E402
from response_curves import CARE, PEOPLE_AND_MONEY, Panel, band, line, points, visited_range  # noqa: E402

from model.plots.style import FAINT, PALETTE, heading, note, save, styled  # noqa: E402
from model.plots.trajectories import plot_trajectories  # noqa: E402
from model.results.observations import read_observations  # noqa: E402
from model.results.run import Run  # noqa: E402
from model.scenarios.resolver import resolve  # noqa: E402
from model.simulation import registry, simulate  # noqa: E402

IMAGES = ROOT / "docs" / "images"
SCENARIOS = ("baseline", "prevention_shift", "recruitment_and_retention", "vcse_capacity")
SHOWN = ("bed_days_delayed", "rtt", "vacancy", "underlying_deficit", "people_cs45", "inequality_cost")
COLUMNS = 3
PAGE = (8.27, 10.4)
COLOURS = 256
"""Colours kept in a picture, which halves its size and more."""
MOST_BESIDE, ROOM_FOR_LEGEND = 3, 2.4
"""Lines that find room beside their legend; with more, the axis is made so many times higher."""
PAGES = {
    "responses": ("Non-linear responses: beds, discharge, waiting lists", CARE),
    "responses_people_and_money": ("Non-linear responses: workforce, electives, money, VCSE", PEOPLE_AND_MONEY),
}

FOOT = (
    "Grey: where the baseline goes between April 2019 and March 2043, lowest to highest month over sites, employers or "
    "places, where the quantity is recorded. Drawn from the registered parameters and the functions of the sectors; "
    "names, sources and limits in docs/responses.md."
)


def draw_worked_example() -> None:
    """Run the scenarios of the README and draw some of their headline results."""
    baseline, *others = (simulate(resolve(name, registry())) for name in SCENARIOS)
    picture = IMAGES / "worked_example.png"
    plot_trajectories(others, baseline, picture, headlines=SHOWN, observations=read_observations())
    picture.with_suffix(".svg").unlink()


def draw_panel(axes: Axes, panel: Panel, baseline: Run) -> None:
    """One response: central line, band of the registered ranges, and where the baseline goes."""
    x = points(panel)
    visited = visited_range(panel, baseline)
    if visited:
        axes.axvspan(max(visited[0], x[0]), min(visited[1], x[-1]), color=FAINT, alpha=0.35, linewidth=0)
    for curve, colour in zip(panel.curves, PALETTE, strict=False):
        if panel.varied:
            axes.fill_between(x, *band(panel, curve, registry()), color=colour, alpha=0.18, linewidth=0)
        axes.plot(x, line(panel, curve, registry()), color=colour, linewidth=1.6, label=curve.label)
    axes.set_title(panel.title)
    axes.set_xlabel(panel.along, fontsize=7)
    axes.set_ylabel(panel.up, fontsize=7)
    axes.set_xlim(x[0], x[-1])
    if len(panel.curves) > MOST_BESIDE:
        axes.set_ylim(top=ROOM_FOR_LEGEND * axes.get_ylim()[1])
    if len(panel.curves) > 1:
        axes.legend(fontsize=6, handlelength=1.4, labelspacing=0.25, loc="best")


def draw_responses() -> None:
    """Draw every non-linear response from the registered parameters."""
    baseline = simulate(resolve("baseline", registry()))
    for name, (title, panels) in PAGES.items():
        with styled():
            figure = Figure(figsize=PAGE)
            heading(figure, title, "Line: central values. Band: all combinations of the lowest and highest values.")
            grid = figure.subplots(-(-len(panels) // COLUMNS), COLUMNS)
            figure.subplots_adjust(left=0.08, right=0.98, top=0.925, bottom=0.085, wspace=0.38, hspace=0.62)
            for axes, panel in zip(grid.flat, panels, strict=True):
                draw_panel(axes, panel, baseline)
            note(figure, FOOT)
            picture = save(figure, IMAGES / f"{name}.png")
        picture.with_suffix(".svg").unlink()
        with Image.open(picture) as full:
            reduced = full.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
        reduced.save(picture, optimize=True)


DRAWN = {"worked_example": draw_worked_example, "responses": draw_responses}


def main() -> None:
    """Draw the pictures named on the command line, or all."""
    for name in sys.argv[1:] or DRAWN:
        DRAWN[name]()


if __name__ == "__main__":
    main()
