"""The income and expenditure statement of each organisation for each financial year."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from model.registry.dimensions import DIMENSIONS
from model.registry.errors import UserError
from model.results.atomic_files import write_csv
from model.results.comparison import INTERVAL, stated_of
from model.results.run import Run

STATEMENT = "finance.statement"
SURPLUS = "surplus"
"""Line added below the others: their sum, income less expenditure."""


@dataclass(frozen=True)
class StatementRow:
    """One line of one organisation's statement for one year; ``value`` in £, income positive, expenditure negative."""

    scenario: str
    financial_year: str
    organisation: str
    line: str
    value: float


def statement_values(run: Run, year: str) -> np.ndarray:
    """Return the statement of a financial year in £, shape ``(organisations, lines, members)``.

    Raises:
        UserError: no statement in the run, or a year it does not wholly cover.
    """
    if year not in run.financial_years:
        covered = list(run.financial_years)
        raise UserError(f"the run covers {covered[0]} to {covered[-1]}.", key=year)
    return np.asarray(statement_years(run, [year])[0])


def statement_years(run: Run, years: Sequence[str]) -> np.ndarray:
    """Return the statements of financial years in £, shape ``(years, organisations, lines, members)``.

    Raises:
        UserError: no statement in the run.
    """
    months = [run.financial_years[year] for year in years]
    blocks: list[np.ndarray] = []
    for values in run.blocks(STATEMENT):
        sums = [values[of_year].sum(axis=0, dtype=np.float64) for of_year in months]
        blocks.append(np.array(sums).reshape(len(months), *values.shape[1:]))
    return blocks[0] if len(blocks) == 1 else np.concatenate(blocks, axis=-1)


def statement_labels(run: Run) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the labels of organisations and of lines, from the declared dimensions of the statement."""
    organisation, line = run.registry.find(STATEMENT).dims
    return DIMENSIONS[organisation], DIMENSIONS[line]


def income_and_expenditure(run: Run, years: Sequence[str] | None = None) -> list[StatementRow]:
    """Return the statement of every organisation and complete year: medians of the lines, and the surplus they leave.

    Medians of lines need not add up; the surplus is the median of the members' own sums. With one member it is the sum.
    """
    organisations, lines = statement_labels(run)
    rows: list[StatementRow] = []
    for year in run.financial_years if years is None else years:
        values = statement_values(run, year)
        medians = np.median(values, axis=-1)
        surplus = np.median(values.sum(axis=1), axis=-1)
        for row, organisation in enumerate(organisations):
            rows += [
                StatementRow(run.scenario, year, organisation, line, float(medians[row, column]))
                for column, line in enumerate(lines)
            ]
            rows.append(StatementRow(run.scenario, year, organisation, SURPLUS, float(surplus[row])))
    return rows


def write_statement(runs: Sequence[Run], path: Path) -> Path:
    """Write the statements of runs as a tidy CSV in £: one value a line, with paired differences from the first run.

    Lines in which an organisation has no money in any year of any run are left out.

    Raises:
        UserError: no statement in a run, or the file cannot be written.
    """
    header = ("scenario", "financial_year", "organisation", "line", "statistic", "value", "unit")
    baseline, *others = runs
    years = list(baseline.financial_years)
    organisations, lines = statement_labels(baseline)
    of_baseline = _with_surplus(statement_years(baseline, years))
    has_money = np.any(of_baseline, axis=(0, 3))

    def rows() -> Iterator[tuple[object, ...]]:
        for run in (baseline, *others):
            of_run = of_baseline if run is baseline else _with_surplus(statement_years(run, years))
            statistics = _statistics(of_run, None if run is baseline else of_run - of_baseline)
            for year, organisation, line in np.ndindex(of_run.shape[:3]):
                if not has_money[organisation, line] and not of_run[:, organisation, line].any():
                    continue
                labels = (run.scenario, years[year], organisations[organisation], (*lines, SURPLUS)[line])
                for statistic, values in statistics.items():
                    unit = "share of members" if statistic.startswith("probability") else "£"
                    yield (*labels, statistic, float(values[year, organisation, line]), unit)

    return write_csv(path, header, rows(), {"prices": "prices of the year", **stated_of(baseline.members)})


def _with_surplus(values: np.ndarray) -> np.ndarray:
    """Statements with the sum of their lines as one line more."""
    return np.concatenate([values, values.sum(axis=2, keepdims=True)], axis=2)


def _statistics(values: np.ndarray, difference: np.ndarray | None) -> dict[str, np.ndarray]:
    """Statistics over the members, the last axis, by name."""
    if values.shape[-1] == 1:
        single = {"value": values[..., 0]}
        return single if difference is None else {**single, "difference_from_baseline": difference[..., 0]}
    low, high = np.quantile(values, INTERVAL, axis=-1)
    statistics: dict[str, np.ndarray] = {"median": np.median(values, axis=-1), "low_80": low, "high_80": high}
    if difference is not None:
        low, high = np.quantile(difference, INTERVAL, axis=-1)
        statistics |= {
            "difference_from_baseline": np.median(difference, axis=-1),
            "difference_low_80": low,
            "difference_high_80": high,
            "probability_of_improvement": np.mean(difference > 0, axis=-1),
        }
    return statistics
