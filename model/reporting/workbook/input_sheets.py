"""Sheets of what goes in: assumptions, prices and years, costs, effects, staff, accounts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from model.appraisal.costing.appraisal import Appraisal
from model.appraisal.costing.assumptions import MODEL_PRICES, CostingAssumptions
from model.reporting.tables.costing import in_money
from model.reporting.tables.statistics import yearly_statistics
from model.reporting.workbook.sheets import Book, here, there
from model.results.headlines import headline

GROUPS = {
    "general": "Appraisal",
    "costs": "Optimism bias, added to costs",
    "benefits": "Optimism bias, taken off benefits",
    "values": "Worth of a unit",
    "cash": "Share of a benefit that releases cash",
    "counted": "What enters totals (1 yes, 0 no)",
    "thresholds": "What a QALY may cost",
    "equity": "Inequality in health",
}
YEAR_WIDTH = 12
FIRST = 5
"""Column of the first year on the sheet of effects."""
ASSUMPTIONS, COSTS, EFFECTS, BENEFITS, ORGANISATIONS = "Assumptions", "Costs", "Effects", "Benefits", "Organisations"


@dataclass
class CellReferences:
    """Where later sheets find what earlier ones wrote.

    Attributes:
        costs: first and last row of the costs of each option; none where it has none.
        gains: row of each gain on the sheet of effects, by option and expression.
        benefits: first and last row of the benefits of each option; none where it has none.
        figures: cells of each figure of each option: undiscounted and discounted.
        headlines: cell with the mean change of each headline over the years appraised, by option and headline.
        spending: ranges of the evidence grades of an option's costs, and of their totals without bias.
    """

    costs: dict[str, tuple[int, int] | None] = field(default_factory=dict)
    gains: dict[tuple[str, str], int] = field(default_factory=dict)
    benefits: dict[str, tuple[int, int] | None] = field(default_factory=dict)
    figures: dict[tuple[str, str], tuple[str, str]] = field(default_factory=dict)
    headlines: dict[tuple[str, str], str] = field(default_factory=dict)
    spending: dict[str, tuple[str, str]] = field(default_factory=dict)


def assumptions_sheet(book: Book, basis: CostingAssumptions) -> None:
    """Write every assumption as a named cell, with its source; worths of units at the prices of the appraisal."""
    note = f"Blue numbers are inputs: change one and every sheet follows. Read from {basis.file}: {basis.description}"
    sheet = book.sheet(ASSUMPTIONS, "Assumptions", note, (28, 74, 14, 16, 12, 18, 120), freeze=(3, 2))
    sheet.headings(2, ("name", "what it is", "value", "unit", "prices of", "at prices shown", "source"), right_from=99)
    sheet.text(3, 0, "price_base")
    sheet.text(3, 1, "Prices in which money is shown (a financial year of 'Prices and years')")
    sheet.worksheet.write_string(3, 2, basis.prices, book.number("plain", "input"))
    sheet.text(4, 0, "model_prices")
    sheet.text(4, 1, "Prices in which the model reports")
    sheet.worksheet.write_string(4, 2, MODEL_PRICES, book.number("plain", "input"))
    sheet.text(5, 0, "price_factor")
    sheet.text(5, 1, "Factor from the prices of the model to those shown")
    sheet.formula(5, 2, level("price_base") + "/" + level("model_prices"), basis.reflated(MODEL_PRICES), "factor")
    sheet.worksheet.data_validation(3, 2, 4, 2, {"validate": "list", "source": "=price_years"})
    for row, name in ((3, "price_base"), (4, "model_prices"), (5, "price_factor")):
        book.name(name, there(sheet.name, row, 2))
    row = 6
    for group, title in GROUPS.items():
        for column in range(7):
            sheet.text(row, column, title if column == 0 else "", "section")
        row += 1
        for assumption in basis.by_name.values():
            if assumption.group != group:
                continue
            money = assumption.unit.startswith("£")
            plain = assumption.unit == "years" or group == "counted"
            kind = "money" if money else "ratio" if group == "equity" else "plain" if plain else "share"
            sheet.text(row, 0, assumption.name)
            sheet.text(row, 1, assumption.title)
            sheet.inputs(row, 2, [assumption.value], kind)
            sheet.text(row, 3, "share" if assumption.unit == "1" else assumption.unit, "indented")
            sheet.text(row, 4, assumption.prices, "indented")
            sheet.text(row, 6, assumption.source, "indented")
            book.name(assumption.name, there(sheet.name, row, 2))
            if group == "values":
                factor = f"{level('price_base')}/{level(here(row, 4))}" if assumption.prices else "1"
                value = assumption.value * basis.reflated(assumption.prices)
                sheet.formula(row, 5, f"{assumption.name}*{factor}", value)
                book.name(f"worth_{assumption.name.removeprefix('value_')}", there(sheet.name, row, 5))
            row += 1


def level(year: str) -> str:
    """Return the formula of the price level of the year in a cell."""
    return f"INDEX(price_level,MATCH({year},price_years,0))"


def calendar_sheet(book: Book, basis: CostingAssumptions, years: Sequence[str]) -> None:
    """Write prices by year, and the discount factors of the years appraised."""
    note = "Growth of prices: finance.price_inflation. Factors are 1 in the first year and 0 beyond the appraisal."
    widths = (30, *(YEAR_WIDTH,) * max(len(years), 3))
    sheet = book.sheet("Prices and years", "Prices and years", note, widths, freeze=(3, 1))
    sheet.headings(2, ("financial year", *years), right_from=1)
    book.name("year_labels", there(sheet.name, 2, 1, 2, len(years)))
    rows = (
        ("years since the first", "year_index", "plain"),
        ("within the appraisal", "in_appraisal", "plain"),
        ("discount factor, money", "factor_money", "factor"),
        ("discount factor, health", "factor_health", "factor"),
    )
    for row, (title, name, kind) in enumerate(rows, start=3):
        sheet.text(row, 0, title)
        book.name(name, there(sheet.name, row, 1, row, len(years)))
        for index in range(len(years)):
            column, in_appraisal = index + 1, float(index < basis.years)
            formula, value = {
                "year_index": (f"VALUE(LEFT({here(2, column)},4))-VALUE(LEFT({here(2, 1)},4))", float(index)),
                "in_appraisal": (f"IF({here(3, column)}<years_appraised,1,0)", in_appraisal),
                "factor_money": (
                    f"{here(4, column)}/(1+discount_money)^{here(3, column)}",
                    in_appraisal / (1.0 + basis["discount_money"]) ** index,
                ),
                "factor_health": (
                    f"{here(4, column)}/(1+discount_health)^{here(3, column)}",
                    in_appraisal / (1.0 + basis["discount_health"]) ** index,
                ),
            }[name]
            sheet.formula(row, column, formula, value, kind)
    first = 9
    sheet.headings(first - 1, ("prices of", "growth", "level"), right_from=1)
    for row, (year, growth) in enumerate(basis.inflation.items(), start=first):
        sheet.text(row, 0, year)
        sheet.inputs(row, 1, [growth], "share")
        before = here(row - 1, 2) if row > first else "1"
        sheet.formula(row, 2, f"{before}*(1+{here(row, 1)})", basis.level(year), "factor")
    last = first + len(basis.inflation) - 1
    book.name("price_years", there(sheet.name, first, 0, last, 0))
    book.name("price_level", there(sheet.name, first, 2, last, 2))


def costs_sheet(book: Book, appraisals: Sequence[Appraisal], references: CellReferences) -> None:
    """Write cost lines by year at the model's prices; totals with optimism bias, undiscounted and discounted."""
    years = appraisals[0].option.years
    n = len(years)
    note = (
        f"Expected £ of each year at {MODEL_PRICES} prices, from the files of interventions; "
        "to the right £ at the prices shown."
    )
    widths = (22, 30, 24, 14, 12, 40, *(YEAR_WIDTH,) * n, 10, 16, 16, 16, 14)
    sheet = book.sheet(COSTS, "Costs by intervention, payer and type", note, widths, freeze=(3, 3))
    titles = (
        "option",
        "intervention",
        "payer",
        "type",
        "evidence",
        "source",
        *years,
        "optimism bias",
        "total without bias",
        "total, undiscounted",
        "total, discounted",
        "taken off benefits",
    )
    sheet.headings(2, titles, right_from=6)
    row, at = 3, 6 + n
    for appraisal in appraisals:
        lines = appraisal.option.costs
        first, factor = row, appraisal.assumptions.reflated(MODEL_PRICES)
        counted, discount = appraisal.counted, appraisal.factors("cost")
        sums = np.zeros((len(lines), 3))
        for index, line in enumerate(lines):
            mean = line.amounts.mean(axis=1)
            sheet.texts(row, (appraisal.option.name, line.intervention, line.payer, line.type, line.grade))
            sheet.text(row, 5, line.source, "wrapped")
            sheet.inputs(row, 6, mean, "money")
            amounts, bias = here(row, 6, row, at - 1), appraisal.assumptions[f"bias_{line.type}"]
            sums[index] = counted @ mean, counted @ mean * (1 + bias), discount @ mean * (1 + bias)
            sums[index] *= factor
            sheet.formula(row, at, f"bias_{line.type}", bias, "share")
            sheet.formula(row, at + 1, f"SUMPRODUCT({amounts},in_appraisal)*price_factor", sums[index, 0])
            sheet.formula(row, at + 2, f"{here(row, at + 1)}*(1+{here(row, at)})", sums[index, 1])
            discounted = f"SUMPRODUCT({amounts},factor_money)*price_factor*(1+{here(row, at)})"
            sheet.formula(row, at + 3, discounted, sums[index, 2])
            sheet.formula(row, at + 4, f"grade_{line.grade}", appraisal.assumptions[f"grade_{line.grade}"], "share")
            row += 1
        references.costs[appraisal.option.name] = (first, row - 1) if lines else None
        if lines:
            grades, amounts_spent = (there(COSTS, first, column, row - 1, column) for column in (4, at + 1))
            references.spending[appraisal.option.name] = (grades, amounts_spent)
            sheet.text(row, 0, f"Total of {appraisal.option.name}", "bold")
            means = np.array([line.amounts.mean(axis=1) for line in lines]).sum(axis=0)
            for column, value in [*enumerate(means, start=6), *enumerate(sums.sum(axis=0), start=at + 1)]:
                sheet.formula(row, column, f"SUM({here(first, column, row - 1, column)})", value, total=True)
            row += 1


def effects_sheet(book: Book, appraisals: Sequence[Appraisal], references: CellReferences) -> None:
    """Write differences from the baseline by year: gains that are valued, and headlines with their intervals."""
    years = appraisals[0].option.years
    n = len(years)
    members = appraisals[0].option.members
    note = (
        f"Option less baseline, {members} paired member{'s' if members > 1 else ''}. "
        "Expected values (means) enter sums; medians and 80% intervals do not add up."
    )
    widths = (22, 46, 24, 14, 12, *(YEAR_WIDTH,) * n, 16, 16)
    sheet = book.sheet(EFFECTS, "Effects by year", note, widths, freeze=(3, 5))
    sheet.headings(
        2,
        (
            "option",
            "gain (a loss is negative)",
            "unit",
            "in money",
            "statistic",
            *years,
            "sum, undiscounted",
            "sum, discounted",
        ),
        right_from=FIRST,
    )
    row = 3
    health = {divisor.result for divisor in appraisals[0].assumptions.divisors if divisor.health}
    health |= {kind.result for kind in appraisals[0].assumptions.kinds if kind.result and kind.societal}
    for appraisal in appraisals:
        for text, gain in appraisal.option.gains.items():
            mean = gain.mean(axis=1)
            valued = any(kind.result == text for kind in appraisal.assumptions.kinds)
            texts = (appraisal.option.name, text, appraisal.assumptions.units[text], in_money(valued), "expected")
            sheet.texts(row, texts)
            sheet.inputs(row, FIRST, mean, "count")
            amounts, rate = here(row, FIRST, row, FIRST + n - 1), "health" if text in health else "money"
            summed = f"SUMPRODUCT({amounts},in_appraisal)"
            sheet.formula(row, FIRST + n, summed, appraisal.counted @ mean, "count", total=True)
            discounted = appraisal.factors("societal" if text in health else "cost") @ mean
            sheet.formula(row, FIRST + n + 1, f"SUMPRODUCT({amounts},factor_{rate})", discounted, "count", total=True)
            references.gains[appraisal.option.name, text] = row
            row += 1
    row += 1
    titles = ("option", "headline result", "unit", "in money", "statistic", *years, "mean of the years")
    sheet.headings(row, titles, right_from=FIRST)
    for appraisal in appraisals:
        for name, difference in appraisal.option.effects.items():
            kind = "ratio" if headline(name).decimals else "money"
            for statistic, values in yearly_statistics(difference):
                row += 1
                measure, money = headline(name), in_money(appraisal.assumptions.monetised(name))
                sheet.texts(row, (appraisal.option.name, measure.title, measure.unit, money, statistic))
                sheet.inputs(row, FIRST, values, kind)
                if statistic == "expected":
                    formula = f"SUMPRODUCT({here(row, FIRST, row, FIRST + n - 1)},in_appraisal)/SUM(in_appraisal)"
                    mean = appraisal.counted @ values / appraisal.counted.sum()
                    sheet.formula(row, FIRST + n, formula, mean, kind, total=True)
                    references.headlines[appraisal.option.name, name] = there(EFFECTS, row, FIRST + n)


def staff_sheet(book: Book, appraisals: Sequence[Appraisal]) -> None:
    """Write posts needed by intervention, employer and staff group, with totals by option."""
    years = appraisals[0].option.years
    n = len(years)
    note = "Mean whole-time equivalents of each year; posts given up are negative. Their pay lies in programme costs."
    sheet = book.sheet("Staff", "Staff needed", note, (22, 30, 18, 24, *(YEAR_WIDTH,) * n), freeze=(3, 4))
    sheet.headings(2, ("option", "intervention", "employer", "staff group", *years), right_from=4)
    row = 3
    for appraisal in appraisals:
        first = row
        for line in appraisal.option.staff:
            sheet.texts(row, (appraisal.option.name, line.intervention, line.employer, line.staff_group))
            sheet.inputs(row, 4, line.wte, "count")
            row += 1
        last = row - 1
        groups = dict.fromkeys(line.staff_group for line in appraisal.option.staff)
        for group in (*groups, *(("all",) if groups else ())):
            sheet.text(row, 0, f"Total of {appraisal.option.name}", "bold")
            sheet.text(row, 3, group, "bold")
            staff = [line.wte for line in appraisal.option.staff if group in (line.staff_group, "all")]
            for column, value in enumerate(np.sum(staff, axis=0), start=4):
                posts = here(first, column, last, column)
                chosen = (
                    f"SUM({posts})" if group == "all" else f"SUMIF({here(first, 3, last, 3)},{here(row, 3)},{posts})"
                )
                sheet.formula(row, column, chosen, value, "count", total=True)
            row += 1


def accounts_sheet(book: Book, appraisals: Sequence[Appraisal]) -> None:
    """Write what moved on every line of the model's statement, and where each is counted here."""
    option, basis = appraisals[0].option, appraisals[0].assumptions
    n = len(option.years)
    note = (
        f"Option less baseline over all organisations, £ at {MODEL_PRICES} prices; more income or less expenditure "
        "is positive. Every line is counted once or left out."
    )
    widths = (22, 26, 44, *(YEAR_WIDTH,) * n, 16)
    sheet = book.sheet("Accounts", "The model's accounts", note, widths, freeze=(3, 3))
    sheet.headings(2, ("option", "line", "where it is counted", *option.years, "sum"), right_from=3)
    where = {line: f"benefit: {kind.title}" for kind in basis.kinds for line in kind.lines}
    where |= {line: f"benefit: {kind.title} (by result)" for kind in basis.kinds for line in kind.in_place_of}
    where |= {line: f"left out: {reason}" for line, reason in basis.left_out.items()}
    row = 3
    for appraisal in appraisals:
        first, total = row, np.zeros(n)
        for line, values in appraisal.option.accounts.items():
            sheet.texts(row, (appraisal.option.name, line))
            sheet.text(row, 2, where[line], "wrapped")
            mean = values.mean(axis=1)
            total = total + mean
            sheet.inputs(row, 3, mean, "money")
            amounts = f"SUMPRODUCT({here(row, 3, row, 2 + n)},in_appraisal)"
            sheet.formula(row, 3 + n, amounts, appraisal.counted @ mean, total=True)
            row += 1
        sheet.text(row, 0, f"Total of {appraisal.option.name}", "bold")
        for column, value in [*enumerate(total, start=3), (3 + n, appraisal.counted @ total)]:
            sheet.formula(row, column, f"SUM({here(first, column, row - 1, column)})", value, total=True)
        row += 1
