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
PEOPLE, SHARE, GAINED, BEFORE, AFTER, WEIGHED = range(FIRST, FIRST + 6)
"""Columns of health by fifth; health as it is weighed takes two, before and after."""
SMALL = 100.0
"""Amounts below this have two digits after the point."""

DIVIDED_BY = {"deprivation": "deprivation", "place": "place", "age_group": "age", "stage": "stage of life"}
PER_PEOPLE = "rate_people"
"""Name of the cell that says per how many people rates are."""


def equity_sheet(
    book: Book, appraisals: Sequence[Appraisal], equity: Sequence[DistributionalImpact], references: CellReferences
) -> None:
    """Write all options, one below the other: changes by group, indices of inequality, distribution of health."""
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
    for appraisal, impact in zip(appraisals, equity, strict=True):
        rows: dict[tuple[str, str], int] = {}
        for gain in impact.impacts:
            rows[gain.result, gain.grouping] = row
            row = _gain(sheet, appraisal, gain, row, rows)
        row = _indices(sheet, impact, row + 1)
        row = _distribution(sheet, appraisal, impact, row + 1, rows[QALYS, "deprivation"], references) + 1


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


def _indices(sheet: Sheet, impact: DistributionalImpact, row: int) -> int:
    """Indices of inequality, as run; gives the row after them."""
    titles = (
        f"{impact.option}: inequality",
        f"index and unit (money at {MODEL_PRICES} prices)",
        "",
        "",
        "before",
        "change",
        "low of 80%",
        "high of 80%",
    )
    sheet.headings(row, titles, right_from=FIRST)
    for inequality in impact.indices:
        row += 1
        sheet.text(row, 0, impact.option)
        sheet.text(row, 1, f"{inequality.title}, {inequality.unit}")
        kind = "money" if inequality.unit.startswith("£") else "index"
        sheet.inputs(row, FIRST, (inequality.before.mean(), inequality.change.mean()), kind, "as_run")
        if impact.members > 1:
            spread = Spread.of(inequality.change)
            sheet.inputs(row, FIRST + 2, (spread.low, spread.high), kind, "as_run")
    return row + 1


def _distribution(
    sheet: Sheet, appraisal: Appraisal, impact: DistributionalImpact, row: int, qalys: int, references: CellReferences
) -> int:
    """Health by fifth before and after, and the equal health that is worth as much; gives the row after it.

    ``qalys`` is the first row of QALYs by fifth.
    """
    titles = (
        f"{impact.option}: health",
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
    first, total = row + 1, row + 1 + len(impact.distribution.people)
    _fifths(sheet, appraisal, impact, first, qalys)
    _all_fifths(sheet, impact, first, total)
    return _equal_health(sheet, appraisal, impact, total, references)


def _fifths(sheet: Sheet, appraisal: Appraisal, impact: DistributionalImpact, first: int, qalys: int) -> None:
    """A row for each fifth of deprivation: people, health gained, health before and after."""
    mean, years = impact.distribution.expected(), len(appraisal.option.years)
    last = first + len(mean.people) - 1
    everyone, forgone = f"SUM({here(first, PEOPLE, last, PEOPLE)})", here(last + 3, FIRST)
    weighed = [_weighed(values[:, 0], mean.share, mean.aversion) for values in (mean.before, mean.after)]
    for index, label in enumerate(impact.impact(QALYS, "deprivation").labels):
        row, source = first + index, qalys + index
        sheet.text(row, 0, impact.option)
        sheet.text(row, 3, label)
        sheet.formula(row, PEOPLE, here(source, FIRST + years + 2), mean.people[index])
        sheet.formula(row, SHARE, f"{here(row, PEOPLE)}/{everyone}", mean.share[index], "share")
        amounts = here(source, FIRST, source, FIRST + years - 1)
        sheet.formula(row, GAINED, f"SUMPRODUCT({amounts},factor_health)", mean.gained[index, 0], "count")
        sheet.inputs(row, BEFORE, [mean.before[index, 0]], "ratio")
        formula = f"{here(row, BEFORE)}+{here(row, GAINED)}/{here(row, PEOPLE)}-{forgone}/{everyone}"
        sheet.formula(row, AFTER, formula, mean.after[index, 0], "ratio")
        for side, column in enumerate((BEFORE, AFTER)):
            value, share = here(row, column), here(row, SHARE)
            formula = f"{share}*IF(inequality_aversion=1,LN({value}),{value}^(1-inequality_aversion))"
            sheet.formula(row, WEIGHED + side, formula, weighed[side][index], "power")


def _all_fifths(sheet: Sheet, impact: DistributionalImpact, first: int, total: int) -> None:
    """The row below the fifths: sums, mean health, and the equally distributed equivalent."""
    mean, last = impact.distribution.expected(), total - 1
    sheet.text(total, 0, f"All of {impact.option}", "bold")
    sheet.text(total, 1, "Years: mean, then equally distributed equivalent", "bold")
    sheet.formula(total, PEOPLE, f"SUM({here(first, PEOPLE, last, PEOPLE)})", mean.everyone, total=True)
    sheet.formula(total, GAINED, f"SUM({here(first, GAINED, last, GAINED)})", mean.gained.sum(), "count", total=True)
    for side, (column, values) in enumerate(((BEFORE, mean.before), (AFTER, mean.after))):
        formula = f"SUMPRODUCT({here(first, SHARE, last, SHARE)},{here(first, column, last, column)})"
        sheet.formula(total, column, formula, mean.share @ values[:, 0], "ratio", total=True)
        summed = f"SUM({here(first, WEIGHED + side, last, WEIGHED + side)})"
        equal = f"IF(inequality_aversion=1,EXP({summed}),{summed}^(1/(1-inequality_aversion)))"
        sheet.formula(total, WEIGHED + side, equal, mean.equal(values)[0], "ratio", total=True)


def _equal_health(
    sheet: Sheet, appraisal: Appraisal, impact: DistributionalImpact, total: int, references: CellReferences
) -> int:
    """Rows from the net cost to the gain in equal health, below the row of the total; gives the row after them."""
    mean, members = impact.distribution.expected(), impact.distribution
    forgone, plain = here(total + 2, FIRST), here(total + 3, FIRST)
    equal = f"({here(total, WEIGHED + 1)}-{here(total, WEIGHED)})*{here(total, PEOPLE)}"
    net_cost = f"-{references.figures[impact.option, 'net_public'][1]}"
    charged = f"{here(total + 1, FIRST)}/{appraisal.assumptions.charged_at}"
    rows = (
        ("Net public cost, discounted, £", net_cost, mean.net_cost, "money", None),
        ("QALYs that it would else have gained", charged, mean.forgone, "count", None),
        ("QALYs gained less those forgone", f"{here(total, GAINED)}-{forgone}", mean.plain, "count", members.plain),
        ("Gain in equally distributed equivalent health, QALYs", equal, mean.worth(), "count", members.worth()),
        (
            "Part of it that is due to who gains, QALYs",
            f"{here(total + 4, FIRST)}-{plain}",
            mean.for_equality(),
            "count",
            members.for_equality(),
        ),
    )
    for row, (title, formula, expected, kind, values) in enumerate(rows, start=total + 1):
        sheet.text(row, 0, impact.option)
        sheet.text(row, 1, title)
        sheet.formula(row, FIRST, formula, expected[0], kind)
        if values is not None and len(values) > 1 and np.all(np.isfinite(values)):
            spread = Spread.of(values)
            sheet.text(row, FIRST + 1, "80% interval:")
            sheet.inputs(row, FIRST + 2, (spread.low, spread.high), kind, "as_run")
    return total + len(rows) + 1


def _weighed(health: np.ndarray, share: np.ndarray, aversion: float) -> np.ndarray:
    """Return what each group adds to the mean of which the equally distributed equivalent is the inverse function."""
    return share * (np.log(health) if aversion == 1.0 else health ** (1.0 - aversion))
