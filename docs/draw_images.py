"""Draw the pictures of README.md and docs/: ``python docs/draw_images.py``, or with the names of some of them.

Names: ``worked_example``, ``responses``, ``emulator``.
"""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import numpy as np  # noqa: E402
from matplotlib.axes import Axes  # noqa: E402
from matplotlib.figure import Figure  # noqa: E402
from PIL import Image  # noqa: E402
from response_curves import CARE, PEOPLE_AND_MONEY, Panel, band, line, points, visited_range  # noqa: E402

from model.calibration.emulator import curves, parameter_file  # noqa: E402
from model.calibration.emulator.curve_fit import STEADY_WAIT_HOURS  # noqa: E402
from model.calibration.emulator.patient_experiment import steady_state  # noqa: E402
from model.registry.dimensions import DIMENSIONS  # noqa: E402
from model.reporting.figures.style import heading, note, save, styled  # noqa: E402
from model.reporting.figures.trajectories import plot_trajectories  # noqa: E402
from model.reporting.theme import FAINT, PALETTE  # noqa: E402
from model.results.headlines import headline  # noqa: E402
from model.results.observations import read_observations  # noqa: E402
from model.results.run import Run  # noqa: E402
from model.scenarios.resolver import resolve  # noqa: E402
from model.sectors.model_registry import registry  # noqa: E402
from model.simulation.simulate import simulate  # noqa: E402

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
POINTS_OF_A_CURVE = 121
CLOSURES_FOOT = (
    "Means over replications at steady inputs of July 2022 with longer or shorter treatment, process and electives. "
    "Over four hours: the curve of each site at its crowding. docs/emulator.md."
)


def draw_worked_example() -> None:
    """Run the scenarios of the README and draw some of their headline results."""
    baseline, *others = (simulate(resolve(name, registry())) for name in SCENARIOS)
    picture = IMAGES / "worked_example.png"
    shown = [headline(name) for name in SHOWN]
    plot_trajectories(others, baseline, picture, headlines=shown, observations=read_observations())
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


def draw_emulator() -> None:
    """Draw the points of patients and the learnt curves, from what is shipped."""
    rows = parameter_file.read_points(parameter_file.points_file(parameter_file.FILE))
    rows = {name: values[rows["wait"] < STEADY_WAIT_HOURS] for name, values in rows.items()}
    learnt = parameter_file.shipped_curves(registry())
    given = parameter_file.fixed_parameters(registry(), steady_state())
    wait, occupancy = np.linspace(1.0, rows["wait"].max(), POINTS_OF_A_CURVE), np.linspace(0.78, 1.0, POINTS_OF_A_CURVE)
    held = np.full_like(occupancy, rows["held"].mean())
    panels = (
        ("Wait for a bed", "wait", "occupancy", "hours", occupancy, curves.mean_wait(learnt, occupancy, held)),
        (
            "Over 12 hours for a bed",
            "over_twelve",
            "wait",
            "share of admissions",
            wait,
            curves.share_waiting_over(learnt, given, wait, 12.0),
        ),
        ("Handover", "handover", "wait", "hours", wait, curves.mean_handover(learnt, given, wait)),
        ("Over four hours", "over_four", "occupancy", "share of attendances", None, None),
        (
            "Cancellation",
            "cancelled",
            "occupancy",
            "share of electives",
            occupancy,
            curves.share_cancelled(learnt, occupancy),
        ),
        ("Outlying", "outlying", "occupancy", "share of patients", occupancy, curves.share_outlying(learnt, occupancy)),
    )
    with styled():
        figure = Figure(figsize=(8.27, 6.0))
        heading(
            figure, "Curves learnt from patients", "Dots: patients, one for each setting and site. Line: stock-flow."
        )
        grid = figure.subplots(2, COLUMNS)
        figure.subplots_adjust(left=0.08, right=0.98, top=0.86, bottom=0.15, wspace=0.38, hspace=0.5)
        for axes, (title, name, along, up, x, y) in zip(grid.flat, panels, strict=True):
            for site, colour in zip(DIMENSIONS["site"], PALETTE[1:], strict=False):
                of_site = rows["site"] == site
                axes.plot(
                    rows[along][of_site],
                    rows[name][of_site],
                    ".",
                    color=colour,
                    markersize=4,
                    label=site.replace("_", " "),
                )
                if x is None:
                    by_curve = curves.share_over_four(
                        learnt, given, rows["occupancy"][of_site], rows["crowding"][of_site]
                    )
                    by = np.argsort(rows[along][of_site])
                    axes.plot(rows[along][of_site][by], by_curve[by], color=colour, linewidth=0.9)
            if x is not None:
                axes.plot(x, y, color=PALETTE[0], linewidth=1.6)
            axes.set_title(title)
            axes.set_xlabel("occupancy of open beds" if along == "occupancy" else "mean hours for a bed", fontsize=7)
            axes.set_ylabel(up, fontsize=7)
        grid.flat[0].legend(fontsize=6, handlelength=1.0, loc="best")
        note(figure, CLOSURES_FOOT)
        picture = save(figure, IMAGES / "emulator.png")
    picture.with_suffix(".svg").unlink()


DRAWN = {"worked_example": draw_worked_example, "responses": draw_responses, "emulator": draw_emulator}


def main() -> None:
    """Draw the pictures named on the command line, or all."""
    for name in sys.argv[1:] or DRAWN:
        DRAWN[name]()


if __name__ == "__main__":
    main()
