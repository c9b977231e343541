"""Figures of a sensitivity study: what of it is drawn, strongest inputs first."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from model.analysis.sensitivity.indices import Indices
from model.analysis.sensitivity.methods import Leverage, Tornado
from model.analysis.sensitivity.sensitivity_study import SensitivityResults
from model.reporting.figures import sensitivity as plots
from model.reporting.names import plain_name

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


def figures_of(results: SensitivityResults, folder: Path) -> Iterator[tuple[str, str]]:
    """Draw every figure that a study gives; file names and what they show.

    Args:
        results: of the study.
        folder: where they are written, each as PNG and SVG.
    """
    question = results.question
    year = list(question.horizons)[-1]
    subject = question.scenario.name
    if question.against is not None:
        subject += f" less {question.against.name}"
    of_year = f"{subject}, {year}"
    if results.tornado is not None:
        plots.plot_tornado(_tornadoes(results, results.tornado, year), folder / "tornado.png", subtitle=of_year)
        yield "tornado.png", f"Strongest inputs of each result in {year}."
    if results.screening is not None:
        plots.plot_screening(_screenings(results, year), folder / "screening.png", subtitle=of_year)
        yield "screening.png", f"Size and spread of the effects of all uncertain inputs in {year}."
    if results.indices is not None:
        plots.plot_sobol(_sobol(results, results.indices), folder / "sobol.png", subtitle=subject)
        yield "sobol.png", "Sobol indices over time."
    if results.leverage is not None:
        _plot_leverage(results, results.leverage, folder / "leverage.png", subtitle=of_year)
        yield "leverage.png", f"Elasticities of the headline results to the strongest parameters in {year}."
    if results.decisions:
        options = ", ".join(results.decisions[0].options)
        plots.plot_information(
            _information(results), folder / "value_of_information.png", subtitle=f"choice between {options}"
        )
        yield "value_of_information.png", "What knowing each input is worth to the choice."


def _tornadoes(results: SensitivityResults, tornado: Tornado, year: str) -> list[plots.TornadoPanel]:
    column, panels = results.question.horizons[year], []
    for row, measure in enumerate(results.question.measures):
        order = np.argsort(-tornado.swing[:, row, column], kind="stable")[:SHOWN]
        panels.append(
            plots.TornadoPanel(
                measure.title,
                measure.unit,
                float(tornado.central[row, column]),
                [label(results.inputs[index].name) for index in order],
                tornado.low[order, row, column],
                tornado.high[order, row, column],
            )
        )
    return panels


def _screenings(results: SensitivityResults, year: str) -> list[plots.ScreeningPanel]:
    names, panels = [label(uncertain.name) for uncertain in results.inputs], []
    for row, measure in enumerate(results.question.measures):
        size, spread, _ = results.screened(row, year)
        panels.append(plots.ScreeningPanel(measure.title, measure.unit, names, size, spread))
    return panels


def _sobol(results: SensitivityResults, indices: Indices) -> list[plots.SobolPanel]:
    measures, years = results.question.measures, results.question.years
    shape = (len(measures), len(years), len(indices.groups))
    first, total, margin = (
        np.swapaxes(values.reshape(shape), 1, 2) for values in (indices.first, indices.total, indices.total_margin)
    )
    names = [label(name) for name in indices.groups]
    return [
        plots.SobolPanel(measure.title, years, names, first[row], total[row], margin[row])
        for row, measure in enumerate(measures)
    ]


def _plot_leverage(results: SensitivityResults, leverage: Leverage, path: Path, *, subtitle: str) -> None:
    column = list(results.headlines.horizons.values())[-1]
    elasticity = leverage.elasticity[:, :, column]
    size = np.nan_to_num(np.abs(elasticity))
    # The strongest of every headline in turn, so that none with large elasticities fills the picture alone.
    ranks = np.argsort(np.argsort(-size, axis=0, kind="stable"), axis=0, kind="stable")
    best = np.lexsort((-size.sum(axis=1), ranks.min(axis=1)))[:LEVERS_SHOWN]
    shown = best[np.argsort(-np.minimum(size[best], 1.0).sum(axis=1), kind="stable")]
    plots.plot_leverage(
        [label(leverage.names[row]) for row in shown],
        [measure.title for measure in results.headlines.measures],
        elasticity[shown],
        path,
        subtitle=subtitle,
    )


def _information(results: SensitivityResults) -> list[plots.InformationPanel]:
    panels = []
    for decision in results.decisions:
        information, objective = decision.information, decision.objective
        order = np.argsort(-information.partial, kind="stable")[:SHOWN]
        panels.append(
            plots.InformationPanel(
                objective.name,
                objective.unit,
                [label(decision.inputs[index].name) for index in order],
                information.partial[order],
                information.perfect,
                information.chance,
            )
        )
    return panels
