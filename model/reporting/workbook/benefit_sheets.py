"""Sheets of benefits, and of who pays and who gains. All formulas; quantities come from the model."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from model.appraisal.costing.appraisal import (
    CASH,
    CLASSES,
    NON_CASH,
    SOCIETAL,
    Appraisal,
    ValuedBenefit,
    organisation_totals,
)
from model.appraisal.costing.assumptions import MODEL_PRICES, SOCIETY
from model.registry.dimensions import DIMENSIONS
from model.reporting.workbook.input_sheets import (
    BENEFITS,
    COSTS,
    EFFECTS,
    FIRST,
    ORGANISATIONS,
    YEAR_WIDTH,
    CellReferences,
)
from model.reporting.workbook.sheets import Book, Sheet, here, there


def reduction_name(option: int) -> str:
    """Return the name of the cell with what is taken off the benefits of an option."""
    return f"taken_off_option_{option + 1}"


def benefits_sheet(book: Book, appraisals: Sequence[Appraisal], references: CellReferences) -> None:
    """Write benefits by kind and organisation: quantities, their worth by year, and classes."""
    option = appraisals[0].option
    n = len(option.years)
    note = (
        f"Left: quantities, £ at {MODEL_PRICES} prices from the model's accounts, or units from 'Effects'. Right: £ at "
        "the prices shown, after optimism bias. Losses are negative, and nothing is taken off them."
    )
    widths = (22, 40, 24, 18, 20, 12, 9, 12, 11, *(YEAR_WIDTH,) * (2 * n), *(16,) * 4)
    sheet = book.sheet(BENEFITS, "Benefits by organisation that gains", note, widths, freeze=(3, 3))
    titles = (
        "option",
        "benefit",
        "organisation",
        "released by",
        "what is not cash",
        "worth of a unit, £",
        "counted",
        "cash-releasing share",
        "taken off",
        *(f"quantity {year}" for year in option.years),
        *(f"£ {year}" for year in option.years),
        "cash-releasing, undiscounted",
        "the rest, undiscounted",
        "cash-releasing, discounted",
        "the rest, discounted",
    )
    sheet.headings(2, titles, right_from=5)
    row = 3
    for index, appraisal in enumerate(appraisals):
        first = row
        for row, valued in enumerate(appraisal.benefits, start=first):
            _benefit_row(sheet, row, appraisal, valued, reduction_name(index), references)
        count = len(appraisal.benefits)
        row = first + count
        references.benefits[appraisal.option.name] = (first, row - 1) if count else None
        if count:
            _benefit_totals(sheet, (first, row), appraisal)
            row += 1


def _benefit_row(
    sheet: Sheet, row: int, appraisal: Appraisal, valued: ValuedBenefit, reduction: str, references: CellReferences
) -> None:
    """Write a benefit: what a unit is worth, its quantity and money by year, and the sums of its classes."""
    line, kind, basis, n = valued.line, valued.line.kind, appraisal.assumptions, len(appraisal.option.years)
    texts = (appraisal.option.name, kind.title, line.organisation, line.intervention, kind.rest)
    sheet.texts(row, texts)
    worth, unit = "price_factor", basis.reflated(MODEL_PRICES)
    if kind.result:
        assumed = basis.by_name[f"value_{kind.name}"]
        worth, unit = f"worth_{kind.name}", assumed.value * basis.reflated(assumed.prices)
    sheet.formula(row, 5, worth, unit, "ratio")
    sheet.formula(row, 6, f"counted_{kind.name}", basis[f"counted_{kind.name}"], "plain")
    sheet.formula(row, 7, f"cash_{kind.name}", valued.cash, "share")
    taken_off = f"grade_{line.grade}" if line.grade else reduction
    sheet.formula(row, 8, "0*price_factor" if kind.bias == "none" else taken_off, valued.reduction, "share")
    quantities = line.quantity.mean(axis=1)
    if kind.result:
        source = references.gains[appraisal.option.name, kind.result]
        for index, value in enumerate(quantities):
            sheet.formula(row, 9 + index, there(EFFECTS, source, FIRST + index), value, "count")
    else:
        sheet.inputs(row, 9, quantities, "money")
    money = valued.amounts.mean(axis=1)
    for index, value in enumerate(money):
        gross = f"{here(row, 9 + index)}*{here(row, 5)}*{here(row, 6)}"
        biased = f"{gross}*(1-{here(row, 8)})"
        formula = biased if kind.bias == "all" else f"IF({gross}>0,{biased},{gross})"
        sheet.formula(row, 9 + n + index, formula, value)
    amounts, rest = here(row, 9 + n, row, 8 + 2 * n), "health" if kind.societal else "money"
    factors = appraisal.factors(SOCIETAL if kind.societal else CASH)
    for column, factor, share, value in (
        (0, "in_appraisal", here(row, 7), appraisal.counted @ money * valued.cash),
        (1, "in_appraisal", f"(1-{here(row, 7)})", appraisal.counted @ money * (1 - valued.cash)),
        (2, "factor_money", here(row, 7), appraisal.factors(CASH) @ money * valued.cash),
        (3, f"factor_{rest}", f"(1-{here(row, 7)})", factors @ money * (1 - valued.cash)),
    ):
        sheet.formula(row, 9 + 2 * n + column, f"SUMPRODUCT({amounts},{factor})*{share}", value)


def _benefit_totals(sheet: Sheet, rows: tuple[int, int], appraisal: Appraisal) -> None:
    """Write the total of an option's benefits below them; ``rows`` are its first benefit and the total."""
    (first, row), n = rows, len(appraisal.option.years)
    sheet.text(row, 0, f"Total of {appraisal.option.name}", "bold")
    money = sum(valued.amounts.mean(axis=1) for valued in appraisal.benefits)
    cash = [appraisal.value(CASH, discounted=flag).mean() for flag in (False, True)]
    others = [appraisal.value(NON_CASH, SOCIETAL, discounted=flag).mean() for flag in (False, True)]
    sums = (cash[0], others[0], cash[1], others[1])
    for column, value in [*enumerate(money, start=9 + n), *enumerate(sums, start=9 + 2 * n)]:
        sheet.formula(row, column, f"SUM({here(first, column, row - 1, column)})", value, total=True)


def organisations_sheet(book: Book, appraisals: Sequence[Appraisal], references: CellReferences) -> None:
    """Write who pays and who gains: discounted costs and benefits of every organisation."""
    note = "Discounted £ at the prices shown, with optimism bias. Contracts between organisations stand under cash."
    sheet = book.sheet(ORGANISATIONS, "Who pays and who gains", note, (22, 28, *(18,) * 8), freeze=(3, 2))
    types = DIMENSIONS["cost_type"]
    titles = (
        "option",
        "organisation",
        *(f"{cost_type.replace('_', '-')} cost" for cost_type in types),
        "all costs",
        "cash-releasing",
        "non-cash-releasing",
        "societal",
        "net",
    )
    sheet.headings(2, titles, right_from=2)
    row = 3
    for appraisal in appraisals:
        first, sums = row, np.zeros(8)
        for organisation in (*DIMENSIONS["organisation"], SOCIETY):
            values = organisation_totals(appraisal, organisation)
            sums += values
            sheet.text(row, 0, appraisal.option.name)
            sheet.text(row, 1, organisation)
            formulas = _organisation_formulas(row, appraisal, references)
            for column, (formula, value) in enumerate(zip(formulas, values, strict=True), start=2):
                sheet.formula(row, column, formula, value)
            row += 1
        sheet.text(row, 0, f"Total of {appraisal.option.name}", "bold")
        for column, value in enumerate(sums, start=2):
            sheet.formula(row, column, f"SUM({here(first, column, row - 1, column)})", value, total=True)
        row += 1


def _organisation_formulas(row: int, appraisal: Appraisal, references: CellReferences) -> list[str]:
    name, n, who = appraisal.option.name, len(appraisal.option.years), here(row, 1)
    formulas: list[str] = []
    rows = references.costs[name]
    for kind in DIMENSIONS["cost_type"]:
        if rows is None:
            formulas.append("0*price_factor")
            continue
        payer, typed, discounted = (there(COSTS, rows[0], c, rows[1], c) for c in (2, 3, 9 + n))
        formulas.append(f'SUMIFS({discounted},{payer},{who},{typed},"{kind}")')
    formulas.append(f"SUM({here(row, 2, row, 4)})")
    rows = references.benefits[name]
    for class_name in CLASSES:
        if rows is None:
            formulas.append("0*price_factor")
            continue
        owner, rest, cash, not_cash = (there(BENEFITS, rows[0], c, rows[1], c) for c in (2, 4, 11 + 2 * n, 12 + 2 * n))
        formulas.append(
            f"SUMIFS({cash},{owner},{who})"
            if class_name == CASH
            else f'SUMIFS({not_cash},{owner},{who},{rest},"{class_name}")'
        )
    formulas.append(f"SUM({here(row, 6, row, 8)})-{here(row, 5)}")
    return formulas
