"""Costing as tidy tables, one figure a line, with unit and price base."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from model.appraisal.costing.appraisal import CLASSES, Appraisal, appraisal_results, organisation_totals
from model.appraisal.costing.assumptions import MODEL_PRICES, SOCIETY
from model.registry.dimensions import DIMENSIONS
from model.reporting.tables.statistics import interval_statistics, member_statistics, yearly_statistics
from model.reporting.tables.table import Row, file_table, write_files
from model.results.comparison import stated_of
from model.results.headlines import headline


def in_money(valued: bool) -> str:
    """Whether an effect is valued, in words."""
    return "valued" if valued else "unmonetised"


def write_tables(appraisals: Sequence[Appraisal], folder: Path) -> list[tuple[str, str]]:
    """Write all tables into a folder.

    Returns:
        Pairs of a file's name and its meaning.

    Raises:
        UserError: a file cannot be written.
    """
    basis, years = appraisals[0].assumptions, appraisals[0].option.years
    prices_shown, model = f"£ at {basis.prices} prices", f"£ at {MODEL_PRICES} prices"
    appraised = f"{years[0]} to {years[min(basis.years, len(years)) - 1]}"
    yearly = "each year by itself"
    tables = {
        "appraisal.csv": (
            f"Present values, ratios, payback and costs per unit gained, {prices_shown}.",
            ("option", "figure", "title", "statistic", "value", "unit"),
            _figures(appraisals),
            (prices_shown, appraised),
        ),
        "costs.csv": (
            f"Programme costs by year, payer and type, {model}, without optimism bias.",
            ("option", "intervention", "payer", "type", "financial_year", "statistic", "value", "unit"),
            _costs(appraisals),
            (model, yearly),
        ),
        "staff.csv": (
            "Posts needed, mean of each year.",
            ("option", "intervention", "employer", "staff_group", "financial_year", "value", "unit"),
            _staff(appraisals),
            ("no money", yearly),
        ),
        "effects.csv": (
            "Differences of headline results from the baseline by year.",
            ("option", "headline", "in_money", "financial_year", "statistic", "value", "unit"),
            _effects(appraisals),
            ("as the unit says", yearly),
        ),
        "benefits.csv": (
            f"Expected benefits by year, undiscounted, {prices_shown}, after optimism bias.",
            ("option", "benefit", "organisation", "class", "financial_year", "value", "unit"),
            _benefits(appraisals),
            (prices_shown, yearly),
        ),
        "organisations.csv": (
            f"Who pays and who gains, discounted, {prices_shown}, with optimism bias.",
            ("option", "organisation", "figure", "value", "unit"),
            _organisations(appraisals),
            (prices_shown, appraised),
        ),
        "accounts.csv": (
            f"Expected differences of the model's accounts by line, {model}, income positive.",
            ("option", "line", "financial_year", "value", "unit"),
            _accounts(appraisals),
            (model, yearly),
        ),
    }
    common = stated_of(appraisals[0].option.members)
    files = {}
    for name, (meaning, keys, rows, (prices, span)) in tables.items():
        interval = {} if "statistic" in keys else {"interval": "none: expected values"}
        files[name] = file_table(meaning, keys, rows, {"prices": prices, "years": span, **common, **interval})
    return write_files(files, folder)


def _figures(appraisals: Sequence[Appraisal]) -> Iterator[Row]:
    for appraisal in appraisals:
        for result in appraisal_results(appraisal):
            labels = (appraisal.option.name, result.name, result.title)
            if result.undiscounted != "":
                yield (*labels, "undiscounted", result.undiscounted, result.unit)
            yield (*labels, "discounted", result.discounted, result.unit)
            if result.spread is not None:
                for name, value in interval_statistics(result.spread):
                    yield (*labels, f"discounted_{name}", value, result.unit)
            if result.favourable is not None:
                yield (*labels, "probability_above_zero", result.favourable, "share of members")


def _costs(appraisals: Sequence[Appraisal]) -> Iterator[Row]:
    for appraisal in appraisals:
        for line in appraisal.option.costs:
            for year, values in zip(appraisal.option.years, line.amounts, strict=True):
                for statistic, value in member_statistics(values):
                    labels = (appraisal.option.name, line.intervention, line.payer, line.type, year)
                    yield (*labels, statistic, value, "£")


def _staff(appraisals: Sequence[Appraisal]) -> Iterator[Row]:
    for appraisal in appraisals:
        for line in appraisal.option.staff:
            for year, value in zip(appraisal.option.years, line.wte, strict=True):
                yield (
                    appraisal.option.name,
                    line.intervention,
                    line.employer,
                    line.staff_group,
                    year,
                    float(value),
                    "WTE",
                )


def _effects(appraisals: Sequence[Appraisal]) -> Iterator[Row]:
    for appraisal in appraisals:
        for name, difference in appraisal.option.effects.items():
            for statistic, values in yearly_statistics(difference):
                for year, value in zip(appraisal.option.years, values, strict=True):
                    labels = (appraisal.option.name, name, in_money(appraisal.assumptions.monetised(name)), year)
                    yield (*labels, statistic, float(value), headline(name).unit)


def _benefits(appraisals: Sequence[Appraisal]) -> Iterator[Row]:
    for appraisal in appraisals:
        for valued in appraisal.benefits:
            for name in CLASSES:
                values = valued.of_class(name).mean(axis=1)
                if not np.any(values):
                    continue
                labels = (appraisal.option.name, valued.line.kind.name, valued.line.organisation, name)
                for year, value in zip(appraisal.option.years, values, strict=True):
                    yield (*labels, year, float(value), "£")


def _organisations(appraisals: Sequence[Appraisal]) -> Iterator[Row]:
    types = [f"{cost_type}_cost" for cost_type in DIMENSIONS["cost_type"]]
    for appraisal in appraisals:
        for organisation in (*DIMENSIONS["organisation"], SOCIETY):
            figures = organisation_totals(appraisal, organisation)
            for name, value in zip((*types, "all_costs", *CLASSES, "net"), figures, strict=True):
                yield appraisal.option.name, organisation, name, float(value), "£"


def _accounts(appraisals: Sequence[Appraisal]) -> Iterator[Row]:
    for appraisal in appraisals:
        for line, values in appraisal.option.accounts.items():
            for year, value in zip(appraisal.option.years, values.mean(axis=1), strict=True):
                yield appraisal.option.name, line, year, float(value), "£"
