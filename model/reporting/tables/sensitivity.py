"""Tables of a sensitivity study as tidy CSV: one input, one result and one financial year a line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product
from pathlib import Path

import numpy as np

from model.analysis.sensitivity.evaluation import Question
from model.analysis.sensitivity.indices import Indices, Screening
from model.analysis.sensitivity.inputs import Input
from model.analysis.sensitivity.methods import ENDS, Leverage, Tornado
from model.analysis.sensitivity.payoffs import DecisionPayoffs
from model.analysis.sensitivity.sensitivity_study import SensitivityResults
from model.reporting.tables.table import Row, Table, file_table, write_files

INPUT_KEYS = ("input", "result", "financial_year")
DECISION_KEYS = (
    "objective",
    "option",
    "mean_payoff",
    "difference_from_first",
    "difference_low_80",
    "difference_high_80",
    "probability_best",
    "chosen",
    "unit",
)


def write_tables(results: SensitivityResults, folder: Path) -> list[tuple[str, str]]:
    """Write every table; names of the files and what they hold."""
    return write_files(tables_of(results), folder)


def tables_of(results: SensitivityResults) -> dict[str, Table]:
    """Return every table that a study gives, by name of its file."""
    subject = results.question.scenario.name
    if results.question.against is not None:
        subject += f" less {results.question.against.name}"
    tables = {
        "inputs.csv": file_table(
            "Every uncertain input: its range, distribution and source.",
            ("input", "title", "unit", "low", "central", "high", "distribution", "source"),
            _inputs(results.inputs),
        )
    }
    if results.leverage is not None:
        tables["leverage.csv"] = file_table(
            f"Every parameter and every headline result of {subject} at each horizon: change of the result for one per "
            "cent more of the parameter, and elasticity (per cent for one per cent).",
            ("parameter", "result", "financial_year", "central", "change_per_1_percent", "elasticity", "unit"),
            _leverage(results.headlines, results.leverage),
        )
    if results.tornado is not None:
        tables["tornado.csv"] = file_table(
            f"Results of {subject} with one input at either end of its 80% interval and all others central, by year.",
            (*INPUT_KEYS, "input_low", "input_high", "central", "at_low", "at_high", "swing", "unit"),
            _tornado(results, results.tornado),
        )
    if results.screening is not None:
        tables["screening.csv"] = file_table(
            "Morris' screening at each horizon: mean absolute elementary effect (mu_star, with half its 80% interval), "
            "mean (mu) and spread (sigma), in units of the result from end to end of the input's 80% interval.",
            (*INPUT_KEYS, "mu_star", "mu_star_margin", "mu", "sigma", "unit"),
            _screening(results, results.screening),
        )
    if results.indices is not None:
        tables["sobol.csv"] = file_table(
            "Sobol indices by year: share of the variance that an input makes by itself (first) and in which it takes "
            "part (total), each with half its 80% interval.",
            (*INPUT_KEYS, "first", "first_margin", "total", "total_margin", "variance"),
            _sobol(results, results.indices),
        )
    if results.decisions:
        tables["decision.csv"] = file_table(
            "Each option: mean payoff, its difference from the first, and the share of members in which it is best.",
            DECISION_KEYS,
            _options(results.decisions),
        )
        tables["value_of_information.csv"] = file_table(
            "What knowing an input, or everything, would be worth to the choice. Up to 'chance' a value is not told "
            "from the largest of as many inputs without any bearing.",
            ("objective", "input", "value", "chance", "explained", "unit"),
            _information(results.decisions),
        )
    return tables


def _number(value: float | np.floating) -> float | str:
    """Return a number for a table, an empty text where there is none."""
    return float(value) if np.isfinite(value) else ""


def _inputs(inputs: tuple[Input, ...]) -> Iterator[Row]:
    for uncertain in inputs:
        limits = tuple(uncertain.limits) if uncertain.is_number else ("", "", "")
        shape = uncertain.shape if uncertain.is_number else "several numbers that move together"
        yield (uncertain.name, uncertain.title, uncertain.unit, *limits, shape, uncertain.source)


def _leverage(question: Question, leverage: Leverage) -> Iterator[Row]:
    for index, name in enumerate(leverage.names):
        for (row, measure), (year, column) in product(enumerate(question.measures), question.horizons.items()):
            numbers = (
                leverage.central[row, column],
                leverage.per_cent[index, row, column],
                leverage.elasticity[index, row, column],
            )
            yield (name, measure.name, year, *map(_number, numbers), measure.unit)


def _tornado(results: SensitivityResults, tornado: Tornado) -> Iterator[Row]:
    question = results.question
    for index, uncertain in enumerate(results.inputs):
        ends = tuple(uncertain.write(end) for end in ENDS)
        for (row, measure), (column, year) in product(enumerate(question.measures), enumerate(question.years)):
            numbers = (
                tornado.central[row, column],
                tornado.low[index, row, column],
                tornado.high[index, row, column],
                tornado.swing[index, row, column],
            )
            yield (uncertain.name, measure.name, year, *ends, *map(_number, numbers), measure.unit)


def _screening(results: SensitivityResults, screening: Screening) -> Iterator[Row]:
    question = results.question
    for index, uncertain in enumerate(results.inputs):
        for row, (measure, year) in enumerate(product(question.measures, question.horizons)):
            effects = (screening.size, screening.margin, screening.mean, screening.spread)
            numbers = (_number(values[row, index]) for values in effects)
            yield (uncertain.name, measure.name, year, *numbers, measure.unit)


def _sobol(results: SensitivityResults, indices: Indices) -> Iterator[Row]:
    question = results.question
    for index, name in enumerate(indices.groups):
        for row, (measure, year) in enumerate(product(question.measures, question.years)):
            shares = (indices.first, indices.first_margin, indices.total, indices.total_margin)
            numbers = (_number(values[row, index]) for values in shares)
            yield (name, measure.name, year, *numbers, _number(indices.variance[row]))


def _options(decisions: Sequence[DecisionPayoffs]) -> Iterator[Row]:
    for decision in decisions:
        information, objective = decision.information, decision.objective
        gains = decision.payoffs - decision.payoffs[0]
        for index, option in enumerate(decision.options):
            numbers = (
                information.payoffs[index],
                gains[index].mean(),
                *np.quantile(gains[index], ENDS),
                information.preferred[index],
            )
            best = "yes" if index == information.best else ""
            yield (objective.name, option, *map(float, numbers), best, objective.unit)


def _information(decisions: Sequence[DecisionPayoffs]) -> Iterator[Row]:
    for decision in decisions:
        information, objective = decision.information, decision.objective
        yield objective.name, "everything", information.perfect, "", "", objective.unit
        for index in np.argsort(-information.partial, kind="stable"):
            value, explained = float(information.partial[index]), float(information.explained[index])
            yield objective.name, decision.inputs[index].name, value, information.chance, explained, objective.unit
