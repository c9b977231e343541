"""The sheet of who gains: by fifth of deprivation, place, age and stage of life; inequality; health were it equal."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from model.appraisal.costing.appraisal import Appraisal
from model.appraisal.costing.assumptions import MODEL_PRICES
from model.appraisal.equity.distributional_impact import PEOPLE_PER_RATE, DistributionalImpact, GroupImpact
from model.appraisal.equity.groups import GROUPS_OF_STAGE, QALYS
from model.reporting.workbook.input_sheets import YEAR_WIDTH, CellReferences
from model.reporting.workbook.sheets import Book, Sheet, here, there
from model.results.comparison import Spread

EQUITY = "Equity"
FIRST = 4
"""Column of the first year."""
SMALL = 100.0
"""Amounts below this have two digits after the point."""

DIVIDED_BY = {"deprivation": "deprivation", "place": "place", "age_group": "age", "stage": "stage of life"}
PER_PEOPLE = "rate_people"
"""Name of the cell that says per how many people rates are."""


def equity_sheet(
    book: Book, appraisals: Sequence[Appraisal], equity: Sequence[DistributionalImpact], references: CellReferences
) -> None:
    """All options, one below the other: changes by group, indices of inequality, and the distribution of health."""
    n = len(appraisals[0].option.years)
    note = (
        "Option less baseline, not discounted; grey: over the years as run. Stages of life are sums of age groups. "
        "People: residents of the baseline. docs/equity.md says what the model cannot tell."
    )
    widths = (22, 46, 14, 18, *(YEAR_WIDTH,) * n, 14, 10, 12, 14, 12, 12, 12)
    sheet = book.sheet(EQUITY, "Who gains", note, widths, freeze=(4, FIRST))
    titles = (
        "option",
        "result and unit",
        "divided by",
        "group",
        *appraisals[0].option.years,
        "sum",
        "share of all",
        "people",
        "per 1,000 people",
        "median",
        "low of 80%",
        "high of 80%",
    )
    sheet.headings(2, titles, right_from=FIRST)
    sheet.text(3, 1, "Rates are per so many people")
    sheet.inputs(3, FIRST, [PEOPLE_PER_RATE], "plain")
    book.name(PER_PEOPLE, there(EQUITY, 3, FIRST))
    row = 4
    for appraisal, gained in zip(appraisals, equity, strict=True):
        rows: dict[tuple[str, str], int] = {}
        for gain in gained.impacts:
            rows[gain.result, gain.grouping] = row
            row = _gain(sheet, appraisal, gain, row, rows)
        row = _indices(sheet, gained, row + 1)
        row = _distribution(sheet, appraisal, gained, row + 1, rows[QALYS, "deprivation"], references) + 1


def _gain(sheet: Sheet, appraisal: Appraisal, gain: GroupImpact, row: int, rows: dict[tuple[str, str], int]) -> int:
    """Rows of one result in one division; gives the row after them."""
    n = len(appraisal.option.years)
    at, last = FIRST + n, row + len(gain.labels) - 1
    means = gain.yearly.mean(axis=2)
    sums = np.tensordot(appraisal.counted, means, axes=1)
    whole = sums.sum()
    kind = "ratio" if np.abs(sums).max() < SMALL else "count"
    for index, label in enumerate(gain.labels):
        texts = (appraisal.option.name, f"{gain.title}, {gain.unit}", DIVIDED_BY[gain.grouping], label)
        sheet.texts(row + index, texts)
        _years(sheet, gain, index, row + index, means[:, index], rows, kind)
        amounts = here(row + index, FIRST, row + index, at - 1)
        sheet.formula(row + index, at, f"SUMPRODUCT({amounts},in_appraisal)", sums[index], kind, total=True)
        everyone = f"SUM({here(row, at, last, at)})"
        share = f'IF({everyone}=0,"–",{here(row + index, at)}/{everyone})'
        sheet.formula(row + index, at + 1, share, sums[index] / whole if whole else np.nan, "share")
        sheet.inputs(row + index, at + 2, [gain.people[index]], "money")
        rate = f"{here(row + index, at)}/{here(row + index, at + 2)}*{PER_PEOPLE}"
        sheet.formula(row + index, at + 3, rate, sums[index] / gain.people[index] * PEOPLE_PER_RATE, "ratio")
        if appraisal.option.members > 1:
            spread = Spread.of(gain.values[index])
            sheet.inputs(row + index, at + 4, (spread.median, spread.low, spread.high), kind, "as_run")
    return last + 1


def _years(
    sheet: Sheet,
    gain: GroupImpact,
    index: int,
    row: int,
    means: np.ndarray,
    rows: dict[tuple[str, str], int],
    kind: str,
) -> None:
    """One group by year; a stage of life is the sum of its age groups, which stand above it."""
    if gain.grouping != "stage":
        sheet.inputs(row, FIRST, means, kind)
        return
    top = rows[gain.result, "age_group"]
    first, last = (top + group for group in GROUPS_OF_STAGE[index])
    for column, value in enumerate(means, start=FIRST):
        sheet.formula(row, column, f"SUM({here(first, column, last, column)})", value, kind)


def _indices(sheet: Sheet, gained: DistributionalImpact, row: int) -> int:
    """Indices of inequality, as run; gives the row after them."""
    titles = (
        f"{gained.option}: inequality",
        f"index and unit (money at {MODEL_PRICES} prices)",
        "",
        "",
        "before",
        "change",
        "low of 80%",
        "high of 80%",
    )
    sheet.headings(row, titles, right_from=FIRST)
    for inequality in gained.indices:
        row += 1
        sheet.text(row, 0, gained.option)
        sheet.text(row, 1, f"{inequality.title}, {inequality.unit}")
        kind = "money" if inequality.unit.startswith("£") else "index"
        sheet.inputs(row, FIRST, (inequality.before.mean(), inequality.change.mean()), kind, "as_run")
        if gained.members > 1:
            spread = Spread.of(inequality.change)
            sheet.inputs(row, FIRST + 2, (spread.low, spread.high), kind, "as_run")
    return row + 1


def _distribution(
    sheet: Sheet, appraisal: Appraisal, gained: DistributionalImpact, row: int, qalys: int, references: CellReferences
) -> int:
    """Health by fifth before and after, and the equal health that is worth as much; gives the row after it.

    ``qalys`` is the first row of QALYs by fifth.
    """
    one, n, fifths = gained.distribution.expected(), len(appraisal.option.years), len(gained.distribution.people)
    titles = (
        f"{gained.option}: health",
        "quality-adjusted life expectancy",
        "",
        "deprivation",
        "people",
        "share of people",
        "QALYs gained, discounted",
        "years before",
        "years after",
        "weighed before",
        "weighed after",
    )
    sheet.headings(row, titles, right_from=FIRST)
    people, share, health, before, after, terms = (FIRST + offset for offset in range(6))
    first, total = row + 1, row + 1 + fifths
    last = total - 1
    forgone = here(total + 2, FIRST)
    weighed = [_weighed(values[:, 0], one.share, one.aversion) for values in (one.before, one.after)]
    for index in range(fifths):
        row = first + index
        sheet.text(row, 0, gained.option)
        sheet.text(row, 3, gained.impact(QALYS, "deprivation").labels[index])
        sheet.formula(row, people, here(qalys + index, FIRST + n + 2), one.people[index])
        everyone = f"SUM({here(first, people, last, people)})"
        sheet.formula(row, share, f"{here(row, people)}/{everyone}", one.share[index], "share")
        amounts = here(qalys + index, FIRST, qalys + index, FIRST + n - 1)
        sheet.formula(row, health, f"SUMPRODUCT({amounts},factor_health)", one.gained[index, 0], "count")
        sheet.inputs(row, before, [one.before[index, 0]], "ratio")
        formula = f"{here(row, before)}+{here(row, health)}/{here(row, people)}-{forgone}/{everyone}"
        sheet.formula(row, after, formula, one.after[index, 0], "ratio")
        for side in range(2):
            value, population_share = here(row, before + side), here(row, share)
            formula = f"{population_share}*IF(inequality_aversion=1,LN({value}),{value}^(1-inequality_aversion))"
            sheet.formula(row, terms + side, formula, weighed[side][index], "power")
    sheet.text(total, 0, f"All of {gained.option}", "bold")
    sheet.text(total, 1, "Years: mean, then equally distributed equivalent", "bold")
    sheet.formula(total, people, f"SUM({here(first, people, last, people)})", one.everyone, total=True)
    sheet.formula(total, health, f"SUM({here(first, health, last, health)})", one.gained.sum(), "count", total=True)
    for side, values in enumerate((one.before, one.after)):
        column = before + side
        mean = f"SUMPRODUCT({here(first, share, last, share)},{here(first, column, last, column)})"
        sheet.formula(total, column, mean, one.share @ values[:, 0], "ratio", total=True)
        summed = f"SUM({here(first, terms + side, last, terms + side)})"
        equal = f"IF(inequality_aversion=1,EXP({summed}),{summed}^(1/(1-inequality_aversion)))"
        sheet.formula(total, terms + side, equal, one.equal(values)[0], "ratio", total=True)
    rows = (
        (
            "Net public cost, discounted, £",
            f"-{references.figures[gained.option, 'net_public'][1]}",
            one.net_cost,
            "money",
            None,
        ),
        (
            "QALYs that it would else have gained",
            f"{here(total + 1, FIRST)}/{appraisal.assumptions.charged_at}",
            one.forgone,
            "count",
            None,
        ),
        (
            "QALYs gained less those forgone",
            f"{here(total, health)}-{forgone}",
            one.plain,
            "count",
            gained.distribution.plain,
        ),
        (
            "Gain in equally distributed equivalent health, QALYs",
            f"({here(total, terms + 1)}-{here(total, terms)})*{here(total, people)}",
            one.worth(),
            "count",
            gained.distribution.worth(),
        ),
        (
            "Part of it that is due to who gains, QALYs",
            f"{here(total + 4, FIRST)}-{here(total + 3, FIRST)}",
            one.for_equality(),
            "count",
            gained.distribution.for_equality(),
        ),
    )
    for offset, (title, formula, expected, kind, members) in enumerate(rows, start=1):
        sheet.text(total + offset, 0, gained.option)
        sheet.text(total + offset, 1, title)
        sheet.formula(total + offset, FIRST, formula, expected[0], kind)
        if members is not None and len(members) > 1 and np.all(np.isfinite(members)):
            spread = Spread.of(members)
            sheet.text(total + offset, FIRST + 1, "80% interval:")
            sheet.inputs(total + offset, FIRST + 2, (spread.low, spread.high), kind, "as_run")
    return total + len(rows) + 1


def _weighed(health: np.ndarray, share: np.ndarray, aversion: float) -> np.ndarray:
    """What each group adds to the mean of which the equally distributed equivalent is the inverse function."""
    return share * (np.log(health) if aversion == 1.0 else health ** (1.0 - aversion))
