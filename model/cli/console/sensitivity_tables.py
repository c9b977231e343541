"""Tables of a sensitivity study for the terminal."""

from __future__ import annotations

import numpy as np
from rich.console import Group, RenderableType
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from model.analysis.sensitivity.methods import ENDS, OTHER_INPUTS
from model.analysis.sensitivity.sensitivity_study import SensitivityResults
from model.cli.console.model_tables import plain_table
from model.results.number_format import format_number

NO_SHARE = 0.005
"""Total index below which an input is left out of a printed table."""
STRONGEST = 3
"""Parameters named for each headline."""


def render_sensitivity(study: SensitivityResults, top: int) -> Group:
    """The strongest inputs of each result by every method used, the leverage of the headlines, and the decision.

    Args:
        study: results of the study.
        top: inputs shown in each table.
    """
    question = study.question
    year = list(question.horizons)[-1]
    parts: list[RenderableType] = []
    if study.tornado is not None or study.screening is not None:
        parts += [_inputs_of(study, index, year, top) for index in range(len(question.measures))]
    if study.indices is not None:
        parts += [_indices_of(study, index, year, top) for index in range(len(question.measures))]
    if study.leverage is not None:
        parts.append(_leverage(study))
    for index in range(len(study.decisions)):
        parts += _decision(study, index, top)
    remark = f"{study.runs:,} runs of the model. All inputs, years and horizons are in the tables."
    parts.append(Text(remark, style="dim"))
    return Group(*parts)


def _subject(study: SensitivityResults) -> str:
    against = study.question.against
    return study.question.scenario.name + (f" less {against.name}" if against is not None else "")


def _inputs_of(study: SensitivityResults, index: int, year: str, top: int) -> Table:
    """Strongest inputs of one result: effect at either end, size and spread of the screening."""
    measure, column = study.question.measures[index], study.question.horizons[year]
    columns = ["input", "low to high"]
    decimals = _decimals(study, index, column)
    cells: list[list[str]] = [[] for _ in study.inputs]
    strength = np.zeros(len(study.inputs))
    tornado = study.tornado
    if tornado is not None:
        columns += ["result at low", "at high"]
        strength = tornado.swing[:, index, column]
        for row, texts in enumerate(cells):
            texts += [
                format_number(float(ends[row, index, column] - tornado.central[index, column]), decimals, signed=True)
                for ends in (tornado.low, tornado.high)
            ]
    if study.screening is not None:
        columns += ["mu*", "sigma"]
        size, spread, margin = study.screened(index, year)
        strength = strength if tornado is not None else size
        for row, texts in enumerate(cells):
            texts += [
                f"{format_number(float(size[row]), decimals)} ± {format_number(float(margin[row]), decimals)}",
                format_number(float(spread[row]), decimals),
            ]
    central = ""
    if tornado is not None:
        central = f"; changes from {measure.format(float(tornado.central[index, column]))}"
    rows = []
    for row in np.argsort(-strength, kind="stable")[:top]:
        known = study.inputs[row]
        ends = " to ".join(f"{known.value(end):.3g}" for end in ENDS) + known.unit_shown
        ends = ends if known.is_number else "several numbers"
        rows.append((f"{escape(known.name)}\n[dim]{escape(known.title)}[/dim]", ends, *cells[row]))
    title = f"{measure.title} ({measure.unit}), {_subject(study)}, {year}{central}"
    table = plain_table(escape(title), columns, rows, widest=0)
    table.columns[0].no_wrap, table.columns[0].overflow = True, "ellipsis"
    return table


def _decimals(study: SensitivityResults, index: int, column: int) -> int:
    """Digits by which the largest effect on a result shows two figures, and no fewer than the result has."""
    largest = 0.0
    if study.tornado is not None:
        largest = float(study.tornado.swing[:, index, column].max())
    elif study.screening is not None:
        horizons = len(study.question.horizons)
        largest = float(study.screening.size[(index + 1) * horizons - 1].max())
    needed = 1 - int(np.floor(np.log10(largest))) if largest > 0 else 0
    return max(study.question.measures[index].decimals or 0, needed)


def _indices_of(study: SensitivityResults, index: int, year: str, top: int) -> Table:
    """Sobol indices of one result."""
    assert study.indices is not None
    indices, years = study.indices, study.question.years
    column = index * len(years) + years.index(year)
    rows = [
        (
            escape(indices.groups[group]),
            _share(indices.first[column, group], indices.first_margin[column, group]),
            _share(indices.total[column, group], indices.total_margin[column, group]),
        )
        for group in np.argsort(-np.nan_to_num(indices.total[column]), kind="stable")[: top + 1]
        if indices.total[column, group] >= NO_SHARE or indices.groups[group] == OTHER_INPUTS
    ]
    measure = study.question.measures[index]
    title = f"{measure.title}: shares of its variance, {_subject(study)}, {year}"
    return plain_table(escape(title), ("input", "first index", "total index"), rows, widest=0)


def _share(value: float, margin: float) -> str:
    return f"{value:.2f} ± {margin:.2f}".replace("-", "−") if np.isfinite(value) else "–"


def _leverage(study: SensitivityResults) -> Table:
    """The strongest parameters of each headline with their elasticities, at the last horizon."""
    assert study.leverage is not None
    leverage = study.leverage
    year, column = list(study.headlines.horizons.items())[-1]
    rows = []
    for index, measure in enumerate(study.headlines.measures):
        size = np.nan_to_num(np.abs(leverage.per_cent[:, index, column]))
        strongest = np.argsort(-size, kind="stable")[:STRONGEST]
        text = ", ".join(_elasticity(leverage.names[row], leverage.elasticity[row, index, column]) for row in strongest)
        rows.append((measure.title, escape(text)))
    title = f"Leverage, {_subject(study)}, {year}: strongest parameters, per cent of the result for one per cent more"
    return plain_table(escape(title), ("headline result", "parameters and elasticity"), rows, widest=1)


def _elasticity(name: str, value: float) -> str:
    text = "–" if not np.isfinite(value) else f"{value:+.2f}".replace("-", "−")
    return f"{name} {text}"


def _decision(study: SensitivityResults, index: int, top: int) -> list[RenderableType]:
    """Options, what it is worth to know everything before the choice, and the inputs worth most."""
    decision = study.decisions[index]
    information, unit = decision.information, decision.objective.unit
    gains = decision.payoffs - decision.payoffs[0]
    rows = []
    for row, option in enumerate(decision.options):
        low, high = np.quantile(gains[row], ENDS)
        difference = (
            "–"
            if row == 0
            else f"{format_number(float(gains[row].mean()))} ({format_number(low)} to {format_number(high)})"
        )
        best = "best on average" if row == information.best else ""
        rows.append((option, difference, f"{information.preferred[row]:.0%}", best))
    members = decision.payoffs.shape[1]
    title = f"Choice by {decision.objective.name} ({unit}, {members} members): {decision.objective.title}"
    columns = ("option", f"difference from {decision.options[0]}", "best in", "")
    options = plain_table(escape(title), columns, rows, widest=1)
    worth = [("everything", format_number(information.perfect), "")]
    order = np.argsort(-information.partial, kind="stable")[:top]
    strongest = [row for row in order if information.partial[row] > 0]
    for row in strongest:
        verdict = "" if information.partial[row] > information.chance else "no more than chance"
        worth.append((escape(decision.inputs[row].name), format_number(float(information.partial[row])), verdict))
    if not strongest:
        worth.append(("any one input", format_number(0.0), "whatever it turns out to be, the choice stays the same"))
    title = f"Worth of knowing before choosing ({unit}); chance alone gives up to {format_number(information.chance)}"
    return [options, plain_table(escape(title), ("input", "worth", ""), worth, widest=0)]
