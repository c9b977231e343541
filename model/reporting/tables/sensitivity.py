"""Tables of a sensitivity study as tidy CSV: one input, one result and one financial year a line."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from model.analysis.sensitivity.inputs import Input
from model.analysis.sensitivity.methods import ENDS
from model.analysis.sensitivity.sensitivity_study import SensitivityResults
from model.results.atomic_files import write_csv
from model.results.headlines import Measure

Row = tuple[object, ...]


def tables_of(found: SensitivityResults) -> Iterator[tuple[str, str, tuple[str, ...], Iterator[Row]]]:
    """File name, meaning, header and rows of every table that a study gives."""
    subject = found.question.scenario.name
    if found.question.against is not None:
        subject += f" less {found.question.against.name}"
    yield (
        "inputs.csv",
        "Every uncertain input: its range, distribution and source.",
        ("input", "title", "unit", "low", "central", "high", "distribution", "source"),
        _inputs(found.inputs),
    )
    if found.leverage is not None:
        yield (
            "leverage.csv",
            f"Every parameter and every headline result of {subject} at each horizon: change of the result for one per "
            "cent more of the parameter, and elasticity (per cent for one per cent).",
            ("parameter", "result", "financial_year", "central", "change_per_1_percent", "elasticity", "unit"),
            _leverage(found),
        )
    if found.tornado is not None:
        yield (
            "tornado.csv",
            f"Results of {subject} with one input at either end of its 80% interval and all others central, by year.",
            (
                "input",
                "result",
                "financial_year",
                "input_low",
                "input_high",
                "central",
                "at_low",
                "at_high",
                "swing",
                "unit",
            ),
            _tornado(found),
        )
    if found.screening is not None:
        yield (
            "screening.csv",
            "Morris' screening at each horizon: mean absolute elementary effect (mu_star, with half its 80% interval), "
            "mean (mu) and spread (sigma), in units of the result from end to end of the input's 80% interval.",
            ("input", "result", "financial_year", "mu_star", "mu_star_margin", "mu", "sigma", "unit"),
            _screening(found),
        )
    if found.indices is not None:
        yield (
            "sobol.csv",
            "Sobol indices by year: share of the variance that an input makes by itself (first) and in which it takes "
            "part (total), each with half its 80% interval.",
            ("input", "result", "financial_year", "first", "first_margin", "total", "total_margin", "variance"),
            _sobol(found),
        )
    if found.decisions:
        yield (
            "decision.csv",
            "Each option: mean payoff, its difference from the first, and the share of members in which it is best.",
            (
                "objective",
                "option",
                "mean_payoff",
                "difference_from_first",
                "difference_low_80",
                "difference_high_80",
                "probability_best",
                "chosen",
                "unit",
            ),
            _options(found),
        )
        yield (
            "value_of_information.csv",
            "What knowing an input, or everything, would be worth to the choice. Up to 'chance' a value is not told "
            "from the largest of as many inputs without any bearing.",
            ("objective", "input", "value", "chance", "explained", "unit"),
            _information(found),
        )


def write_tables(found: SensitivityResults, folder: Path) -> list[tuple[str, str]]:
    """Write every table; names of the files and what they hold."""
    written = []
    for name, meaning, header, rows in tables_of(found):
        write_csv(folder / name, header, rows)
        written.append((name, meaning))
    return written


def _number(value: float | np.floating) -> float | str:
    """A number for a table, nothing where there is none."""
    return float(value) if np.isfinite(value) else ""


def _inputs(inputs: tuple[Input, ...]) -> Iterator[Row]:
    for each in inputs:
        limits = tuple(each.limits) if each.is_number else ("", "", "")
        shape = each.shape if each.is_number else "several numbers that move together"
        yield (each.name, each.title, each.unit, *limits, shape, each.source)


def _cells(measures: tuple[Measure, ...], years: dict[str, int]) -> Iterator[tuple[int, Measure, str, int]]:
    for row, each in enumerate(measures):
        for year, column in years.items():
            yield row, each, year, column


def _leverage(found: SensitivityResults) -> Iterator[Row]:
    assert found.leverage is not None
    own = found.leverage
    for place, name in enumerate(own.names):
        for row, each, year, column in _cells(found.headlines.measures, found.headlines.horizons):
            yield (
                name,
                each.name,
                year,
                _number(own.central[row, column]),
                _number(own.per_cent[place, row, column]),
                _number(own.elasticity[place, row, column]),
                each.unit,
            )


def _tornado(found: SensitivityResults) -> Iterator[Row]:
    assert found.tornado is not None
    own, years = found.tornado, {year: place for place, year in enumerate(found.question.years)}
    for place, known in enumerate(found.inputs):
        ends = tuple(known.write(end) for end in ENDS)
        for row, each, year, column in _cells(found.question.measures, years):
            yield (
                known.name,
                each.name,
                year,
                *ends,
                _number(own.central[row, column]),
                _number(own.low[place, row, column]),
                _number(own.high[place, row, column]),
                _number(own.swing[place, row, column]),
                each.unit,
            )


def _screening(found: SensitivityResults) -> Iterator[Row]:
    assert found.screening is not None
    own, horizons = found.screening, list(found.question.horizons)
    for place, known in enumerate(found.inputs):
        for number, each in enumerate(found.question.measures):
            for position, year in enumerate(horizons):
                row = number * len(horizons) + position
                yield (
                    known.name,
                    each.name,
                    year,
                    _number(own.size[row, place]),
                    _number(own.margin[row, place]),
                    _number(own.mean[row, place]),
                    _number(own.spread[row, place]),
                    each.unit,
                )


def _sobol(found: SensitivityResults) -> Iterator[Row]:
    assert found.indices is not None
    own, years = found.indices, found.question.years
    for place, name in enumerate(own.groups):
        for number, each in enumerate(found.question.measures):
            for position, year in enumerate(years):
                row = number * len(years) + position
                yield (
                    name,
                    each.name,
                    year,
                    _number(own.first[row, place]),
                    _number(own.first_margin[row, place]),
                    _number(own.total[row, place]),
                    _number(own.total_margin[row, place]),
                    _number(own.variance[row]),
                )


def _options(found: SensitivityResults) -> Iterator[Row]:
    for each in found.decisions:
        gains = each.payoffs - each.payoffs[0]
        for place, option in enumerate(each.options):
            low, high = np.quantile(gains[place], ENDS)
            yield (
                each.objective.name,
                option,
                float(each.information.payoffs[place]),
                float(gains[place].mean()),
                float(low),
                float(high),
                float(each.information.preferred[place]),
                "yes" if place == each.information.best else "",
                each.objective.unit,
            )


def _information(found: SensitivityResults) -> Iterator[Row]:
    for each in found.decisions:
        own = each.information
        yield each.objective.name, "everything", own.perfect, "", "", each.objective.unit
        for place in np.argsort(-own.partial, kind="stable"):
            yield (
                each.objective.name,
                each.inputs[place].name,
                float(own.partial[place]),
                own.chance,
                float(own.explained[place]),
                each.objective.unit,
            )
