"""Objectives of a decision: a weighted sum of results over the years, stated in YAML, or one result."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
from pydantic import BeforeValidator, Field

from model.registry.catalogue import Registry
from model.registry.dimensions import DIMENSIONS
from model.registry.error_collector import ErrorCollector
from model.registry.errors import Exit, UserError, nearest_names
from model.results.headlines import HEADLINES, Measure, measure
from model.results.prices import price_level
from model.scenarios.library import Library
from model.scenarios.schema import FinancialYear, Names, StrictModel
from model.scenarios.units import UnitError, quantity
from model.scenarios.validated_file import ValidatedFile


def _rate(value: object) -> float:
    try:
        return quantity(value, "1/year")
    except UnitError as error:
        raise ValueError(str(error)) from error


class ObjectiveTermEntry(StrictModel):
    """One result in the sum."""

    result: str = Field(description="a headline, or an expression on registered results")
    weight: float = Field(description="worth of one unit of the result in the unit of the objective; negative if bad")
    discount: Annotated[float, BeforeValidator(_rate)] = Field(0.0, description="rate a year, such as 3.5 %/year")
    money: bool = Field(False, description="whether it is money of each year, to be brought to the prices stated")


class ObjectiveFile(StrictModel):
    """An objective: the sum over years of weighted, discounted results."""

    description: str = Field(description="what is to be as large as possible")
    unit: str = Field(description="unit of the sum")
    prices: FinancialYear | None = Field(None, description="financial year in whose prices money is counted")
    first: FinancialYear | None = Field(
        None, alias="from", description="first financial year; that of the decision if left out"
    )
    last: FinancialYear | None = Field(None, alias="to", description="last financial year; that of the end if left out")
    terms: tuple[ObjectiveTermEntry, ...] = Field(min_length=1, description="what is added up")
    sources: Names = Field(default=(), description="evidence ids and publications")


@dataclass(frozen=True)
class ObjectiveTerm:
    """One result in the sum: which, its weight, its yearly discount rate, and whether it is money."""

    measure: Measure
    weight: float
    discount: float = 0.0
    money: bool = False


@dataclass(frozen=True)
class Objective:
    """What a decision makes as large as possible.

    Attributes:
        name: name of the file, or of the result.
        title: for people.
        unit: unit of the payoff.
        terms: what is added up.
        mean: whether years are averaged, not added up.
        first: first financial year, or empty.
        last: last financial year, or empty.
        prices: financial year of the prices, or empty.
    """

    name: str
    title: str
    unit: str
    terms: tuple[ObjectiveTerm, ...]
    mean: bool = False
    first: str = ""
    last: str = ""
    prices: str = ""

    @property
    def measures(self) -> tuple[Measure, ...]:
        """Results that it is made of."""
        return tuple(term.measure for term in self.terms)

    def weights(self, years: tuple[str, ...], registry: Registry) -> np.ndarray:
        """Return the weight of every result in every year, ``(terms, years)``, discounted to the first that counts.

        Args:
            years: financial years of the run, from the decision on.
            registry: declarations, for the course of prices.

        Raises:
            UserError: none of the years counts.
        """
        counted = [year for year in years if (self.first or year) <= year <= (self.last or year)]
        if not counted:
            span = f"{self.first or years[0]} to {self.last or years[-1]}"
            raise UserError(f"its years ({span}) lie outside the run ({years[0]} to {years[-1]}).", key=self.name)
        deflator = price_level(registry, self.prices) if self.prices else {}
        weights = np.zeros((len(self.terms), len(years)))
        for row, term in enumerate(self.terms):
            for column, year in enumerate(years):
                if year not in counted:
                    continue
                since = int(year[:4]) - int(counted[0][:4])
                level = deflator.get(year, 1.0) if term.money else 1.0
                weights[row, column] = term.weight / (1.0 + term.discount) ** since / level
        return weights / len(counted) if self.mean else weights


def objective_of_measure(result: Measure) -> Objective:
    """Turn a result into an objective: its mean over the years from the decision on; larger is better.

    Raises:
        UserError: neither direction of it is better.
    """
    if not result.better:
        raise UserError(
            "neither more nor less of it is better; state an objective in a file with a weight.", key=result.name
        )
    sign = 1.0 if result.better == "higher" else -1.0
    return Objective(
        result.name, f"{result.title}, mean of the years", result.unit, (ObjectiveTerm(result, sign),), mean=True
    )


def find_objective(text: str, registry: Registry) -> Objective:
    """Return the objective of a name: a file of ``scenarios/objectives``, a path, a headline, or an expression.

    Raises:
        UserError: none of these, or an error in the file.
    """
    shipped = Library().files("objectives")
    path = shipped.get(text, Path(text))
    if path.is_file():
        return read_objective(path, registry)
    if path.suffix in (".yaml", ".yml"):
        raise UserError("no such file of an objective.", key=text, code=Exit.MISSING_FILE)
    headlines = {headline.name for headline in HEADLINES}
    if text not in headlines and "." not in text:
        nearest = nearest_names(text, [*shipped, *headlines])
        message = f"neither an objective ({', '.join(shipped)}, or a file) nor a result."
        raise UserError(message, key=text, nearest=nearest, code=Exit.USAGE)
    return objective_of_measure(measure(text, registry))


def read_objective(path: Path, registry: Registry) -> Objective:
    """Read an objective.

    Raises:
        UserError: all errors of the file, with their lines.
    """
    source = ValidatedFile.read(ObjectiveFile, path)
    content, errors, terms = source.content, ErrorCollector(), list[ObjectiveTerm]()
    for index, entry in enumerate(content.terms):
        location = ("terms", index, "result")
        try:
            terms.append(ObjectiveTerm(measure(entry.result, registry), entry.weight, entry.discount, entry.money))
        except UserError as error:
            errors.add(source.error(location, error.message, error.nearest, key=error.key or entry.result))
        if entry.money and content.prices is None:
            errors.add(source.error(("terms", index), "money needs 'prices', the year whose prices are meant."))
    for key, year in (("prices", content.prices), ("from", content.first), ("to", content.last)):
        if year is not None and year not in DIMENSIONS["financial_year"]:
            years = DIMENSIONS["financial_year"]
            errors.add(source.error((key,), f"expected a financial year from {years[0]} to {years[-1]}, found {year}."))
    errors.raise_all()
    return Objective(
        path.stem,
        content.description,
        content.unit,
        tuple(terms),
        first=content.first or "",
        last=content.last or "",
        prices=content.prices or "",
    )
