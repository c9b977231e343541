"""Statements below the tables and charts of a decision: unit, prices, horizon, interval, source."""

from __future__ import annotations

from collections.abc import Sequence

from model.appraisal.costing.appraisal import Appraisal
from model.reporting.tables.table import Statement
from model.results.comparison import interval_of
from model.results.run import Run

NO_MONEY = "no money"
OF_HEADLINES = "£ at 2022/23 prices, unless the unit says: prices of the year"
EFFECTS = "this run of the model, scenario less baseline (headlines.csv, results.nc)"
COSTING = "this run of the model and the costing assumptions (appraisal.csv; workbook, sheets Summary and Appraisal)"


def horizons_of(baseline: Run) -> str:
    """Return horizons with their financial years."""
    return ", ".join(f"{name} {year}" for name, year in baseline.horizon_years.items()) or "none within the run"


def span_of(appraisal: Appraisal) -> str:
    """Return the years that an appraisal adds up."""
    years = [year for year, flag in zip(appraisal.option.years, appraisal.counted, strict=True) if flag]
    return f"{years[0]} to {years[-1]}, added up"


def discounting_of(appraisal: Appraisal) -> str:
    """Return price base and discounting of an appraisal."""
    basis = appraisal.assumptions
    return (
        f"£ at {basis.prices} prices, with optimism bias, discounted at {basis['discount_money']:.1%} a year "
        f"(health {basis['discount_health']:.1%})"
    )


def of_effects(runs: Sequence[Run], *, horizon: str = "", unit: str = "stated with each result") -> Statement:
    """Return the statement of differences from the baseline, which is the first run."""
    return Statement(unit, OF_HEADLINES, horizon or horizons_of(runs[0]), interval_of(runs[0].members), EFFECTS)


def of_costing(appraisals: Sequence[Appraisal], *, unit: str = "£m") -> Statement:
    """Return the statement of results of the costing."""
    first = appraisals[0]
    return Statement(unit, discounting_of(first), span_of(first), interval_of(first.option.members), COSTING)
