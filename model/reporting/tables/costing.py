"""Costing as tidy tables, one figure a line, with unit and price base."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from model.appraisal.costing.appraisal import CLASSES, Appraisal, appraisal_results, organisation_totals
from model.appraisal.costing.assumptions import MODEL_PRICES, SOCIETY
from model.registry.dimensions import DIMENSIONS
from model.results.atomic_files import write_csv
from model.results.comparison import Spread, stated_of
from model.results.headlines import headline


def in_money(valued: bool) -> str:
    """Whether an effect is valued, in words."""
    return "valued" if valued else "unmonetised"


def statistics(difference: np.ndarray) -> list[tuple[str, np.ndarray]]:
    """Statistics over the members of a difference by year; only the value itself where there is one member."""
    found = [("expected", difference.mean(axis=1))]
    if difference.shape[1] > 1:
        spreads = Spread.several(difference)
        found += [
            ("median", np.array([each.median for each in spreads])),
            ("low of 80%", np.array([s.low for s in spreads])),
            ("high of 80%", np.array([each.high for each in spreads])),
        ]
    return found


def write_tables(found: Sequence[Appraisal], folder: Path) -> list[tuple[str, str]]:
    """Write all tables into a folder.

    Returns:
        Pairs of a file's name and its meaning.

    Raises:
        UserError: a file cannot be written.
    """
    basis, years = found[0].assumptions, found[0].option.years
    shown, model = f"£ at {basis.prices} prices", f"£ at {MODEL_PRICES} prices"
    appraised = f"{years[0]} to {years[min(basis.years, len(years)) - 1]}"
    each = "each year by itself"
    tables = (
        (
            "appraisal.csv",
            ("option", "figure", "title", "statistic", "value", "unit"),
            _figures(found),
            f"Present values, ratios, payback and costs per unit gained, {shown}.",
            shown,
            appraised,
        ),
        (
            "costs.csv",
            ("option", "intervention", "payer", "type", "financial_year", "statistic", "value", "unit"),
            _costs(found),
            f"Programme costs by year, payer and type, {model}, without optimism bias.",
            model,
            each,
        ),
        (
            "staff.csv",
            ("option", "intervention", "employer", "staff_group", "financial_year", "value", "unit"),
            _staff(found),
            "Posts needed, mean of each year.",
            "no money",
            each,
        ),
        (
            "effects.csv",
            ("option", "headline", "in_money", "financial_year", "statistic", "value", "unit"),
            _effects(found),
            "Differences of headline results from the baseline by year.",
            "as the unit says",
            each,
        ),
        (
            "benefits.csv",
            ("option", "benefit", "organisation", "class", "financial_year", "value", "unit"),
            _benefits(found),
            f"Expected benefits by year, undiscounted, {shown}, after optimism bias.",
            shown,
            each,
        ),
        (
            "organisations.csv",
            ("option", "organisation", "figure", "value", "unit"),
            _organisations(found),
            f"Who pays and who gains, discounted, {shown}, with optimism bias.",
            shown,
            appraised,
        ),
        (
            "accounts.csv",
            ("option", "line", "financial_year", "value", "unit"),
            _accounts(found),
            f"Expected differences of the model's accounts by line, {model}, income positive.",
            model,
            each,
        ),
    )
    statement = stated_of(found[0].option.members)
    for name, header, rows, _, prices, span in tables:
        held = statement if "statistic" in header else {**statement, "interval": "none: expected values"}
        write_csv(folder / name, header, rows, {"prices": prices, "years": span, **held})
    return [(name, meaning) for name, _, _, meaning, *_ in tables]


Rows = Iterator[tuple[object, ...]]


def _figures(found: Sequence[Appraisal]) -> Rows:
    for each in found:
        for figure in appraisal_results(each):
            labels = (each.option.name, figure.name, figure.title)
            if figure.undiscounted != "":
                yield (*labels, "undiscounted", figure.undiscounted, figure.unit)
            yield (*labels, "discounted", figure.discounted, figure.unit)
            if figure.spread is not None:
                for name, value in _parts(figure.spread):
                    yield (*labels, f"discounted_{name}", value, figure.unit)
            if figure.favourable is not None:
                yield (*labels, "probability_above_zero", figure.favourable, "share of members")


def _parts(spread: Spread) -> tuple[tuple[str, float], ...]:
    return (("median", spread.median), ("low_80", spread.low), ("high_80", spread.high))


def _with_interval(values: np.ndarray) -> list[tuple[str, float]]:
    """Expected value of one year, and the interval where there are several members."""
    found = [("expected", float(values.mean()))]
    return found if len(values) == 1 else [*found, *_parts(Spread.of(values))]


def _costs(found: Sequence[Appraisal]) -> Rows:
    for each in found:
        lines = [(line, line.amounts) for line in each.option.costs]
        for line, amounts in lines:
            for year, values in zip(each.option.years, amounts, strict=True):
                for statistic, value in _with_interval(values):
                    labels = (each.option.name, line.intervention, line.payer, line.type, year)
                    yield (*labels, statistic, value, "£")


def _staff(found: Sequence[Appraisal]) -> Rows:
    for each in found:
        for line in each.option.staff:
            for year, value in zip(each.option.years, line.wte, strict=True):
                yield each.option.name, line.intervention, line.employer, line.staff_group, year, float(value), "WTE"


def _effects(found: Sequence[Appraisal]) -> Rows:
    for each in found:
        for name, difference in each.option.effects.items():
            for statistic, values in statistics(difference):
                for year, value in zip(each.option.years, values, strict=True):
                    labels = (each.option.name, name, in_money(each.assumptions.monetised(name)), year)
                    yield (*labels, statistic, float(value), headline(name).unit)


def _benefits(found: Sequence[Appraisal]) -> Rows:
    for each in found:
        for valued in each.benefits:
            for name in CLASSES:
                values = valued.of_class(name).mean(axis=1)
                if not np.any(values):
                    continue
                labels = (each.option.name, valued.line.kind.name, valued.line.organisation, name)
                for year, value in zip(each.option.years, values, strict=True):
                    yield (*labels, year, float(value), "£")


def _organisations(found: Sequence[Appraisal]) -> Rows:
    types = [f"{each}_cost" for each in DIMENSIONS["cost_type"]]
    for each in found:
        for organisation in (*DIMENSIONS["organisation"], SOCIETY):
            figures = organisation_totals(each, organisation)
            for name, value in zip((*types, "all_costs", *CLASSES, "net"), figures, strict=True):
                yield each.option.name, organisation, name, float(value), "£"


def _accounts(found: Sequence[Appraisal]) -> Rows:
    for each in found:
        for line, values in each.option.accounts.items():
            for year, value in zip(each.option.years, values.mean(axis=1), strict=True):
                yield each.option.name, line, year, float(value), "£"
