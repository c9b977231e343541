"""Figures of a sensitivity study: what of it is drawn, strongest inputs first."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from model.analysis.sensitivity.study import Findings
from model.reporting.figures import sensitivity as plots
from model.reporting.figures.style import plain_name

SHOWN = 10
"""Inputs in a panel of bars."""
LEVERS_SHOWN = 30
"""Parameters in the heat map of leverage."""


def label(name: str) -> str:
    """Name of an input in words: ``discharge: hospital priority``, ``home first: effect``."""
    before, bar, stream = name.partition("|")
    if bar:
        return f"{before.replace('_', ' ')}: {stream.replace('_', ' ').replace('history:', '')}"
    sector, dot, _ = name.partition(".")
    return f"{sector.replace('_', ' ')}: {plain_name(name)}" if dot else name


def figures_of(found: Findings, folder: Path) -> Iterator[tuple[str, str]]:
    """Draw every figure that a study gives; file names and what they show.

    Args:
        found: the study.
        folder: where they are written, each as PNG and SVG.
    """
    question = found.question
    year = list(question.horizons)[-1]
    subject = question.scenario.name
    if question.against is not None:
        subject += f" less {question.against.name}"
    if found.tornado is not None:
        plots.plot_tornado(_tornado(found, year), folder / "tornado.png", subtitle=f"{subject}, {year}")
        yield "tornado.png", f"Strongest inputs of each result in {year}."
    if found.screening is not None:
        panels, names = [], [label(known.name) for known in found.inputs]
        for number, each in enumerate(question.measures):
            size, spread, _ = found.screened(number, year)
            panels.append(plots.Points(each.title, each.unit, names, size, spread))
        plots.plot_screening(panels, folder / "screening.png", subtitle=f"{subject}, {year}")
        yield "screening.png", f"Size and spread of the effects of all uncertain inputs in {year}."
    if found.indices is not None:
        plots.plot_sobol(_sobol(found), folder / "sobol.png", subtitle=subject)
        yield "sobol.png", "Sobol indices over time."
    if found.leverage is not None:
        _leverage(found, folder / "leverage.png", subtitle=f"{subject}, {year}")
        yield "leverage.png", f"Elasticities of the headline results to the strongest parameters in {year}."
    if found.decisions:
        plots.plot_information(
            _information(found),
            folder / "value_of_information.png",
            subtitle=f"choice between {', '.join(found.decisions[0].options)}",
        )
        yield "value_of_information.png", "What knowing each input is worth to the choice."


def _tornado(found: Findings, year: str) -> list[plots.Bars]:
    assert found.tornado is not None
    own, column, panels = found.tornado, found.question.horizons[year], []
    for row, each in enumerate(found.question.measures):
        order = np.argsort(-own.swing[:, row, column], kind="stable")[:SHOWN]
        panels.append(
            plots.Bars(
                each.title,
                each.unit,
                float(own.central[row, column]),
                [label(found.inputs[at].name) for at in order],
                own.low[order, row, column],
                own.high[order, row, column],
            )
        )
    return panels


def _sobol(found: Findings) -> list[plots.Courses]:
    assert found.indices is not None
    own, years = found.indices, found.question.years
    shape = (len(found.question.measures), len(years), len(own.groups))
    first, total, margin = (
        np.swapaxes(values.reshape(shape), 1, 2) for values in (own.first, own.total, own.total_margin)
    )
    names = [label(name) for name in own.groups]
    return [
        plots.Courses(each.title, years, names, first[row], total[row], margin[row])
        for row, each in enumerate(found.question.measures)
    ]


def _leverage(found: Findings, path: Path, *, subtitle: str) -> None:
    assert found.leverage is not None
    column = list(found.headlines.horizons.values())[-1]
    elasticity = found.leverage.elasticity[:, :, column]
    size = np.nan_to_num(np.abs(elasticity))
    # The strongest of every headline in turn, so that none with large elasticities fills the picture alone.
    ranks = np.argsort(np.argsort(-size, axis=0, kind="stable"), axis=0, kind="stable")
    best = np.lexsort((-size.sum(axis=1), ranks.min(axis=1)))[:LEVERS_SHOWN]
    shown = best[np.argsort(-np.minimum(size[best], 1.0).sum(axis=1), kind="stable")]
    plots.plot_leverage(
        [label(found.leverage.names[row]) for row in shown],
        [each.title for each in found.headlines.measures],
        elasticity[shown],
        path,
        subtitle=subtitle,
    )


def _information(found: Findings) -> list[plots.Worth]:
    panels = []
    for each in found.decisions:
        own = each.information
        order = np.argsort(-own.partial, kind="stable")[:SHOWN]
        panels.append(
            plots.Worth(
                each.objective.name,
                each.objective.unit,
                [label(each.inputs[at].name) for at in order],
                own.partial[order],
                own.perfect,
                own.chance,
            )
        )
    return panels
