"""The costing workbook: live formulas from the assumptions to the summary, and an audit trail."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from model.appraisal.costing.appraisal import Appraisal
from model.appraisal.costing.assumptions import MODEL_PRICES
from model.appraisal.equity.distributional_impact import DistributionalImpact
from model.appraisal.prioritisation.scoring import Ranking
from model.registry.dimensions import DIMENSIONS
from model.registry.extras import require_extra
from model.reporting.workbook.appraisal_sheets import appraisal_sheet, summary_sheet
from model.reporting.workbook.benefit_sheets import benefits_sheet, organisations_sheet
from model.reporting.workbook.equity_sheet import EQUITY, equity_sheet
from model.reporting.workbook.input_sheets import (
    ASSUMPTIONS,
    BENEFITS,
    COSTS,
    ORGANISATIONS,
    YEAR_WIDTH,
    CellReferences,
    accounts_sheet,
    assumptions_sheet,
    calendar_sheet,
    costs_sheet,
    effects_sheet,
    staff_sheet,
)
from model.reporting.workbook.principles_sheet import PRINCIPLES, principles_sheet
from model.reporting.workbook.sheets import Book, Sheet, here, there
from model.results.atomic_files import whole_file

AUDIT = "Audit trail"
ORDER = (
    "Summary",
    "Assumptions",
    "Prices and years",
    "Appraisal",
    "Costs",
    "Staff",
    "Benefits",
    "Organisations",
    "Effects",
    EQUITY,
    PRINCIPLES,
    "Accounts",
    AUDIT,
)
ORGANISATION_ROWS = len(DIMENSIONS["organisation"]) + 2
"""Rows of an option on the sheet of organisations: each of them, society, and the total."""


def write_workbook(
    appraisals: Sequence[Appraisal],
    trail: Mapping[str, str],
    path: Path,
    *,
    equity: Sequence[DistributionalImpact],
    ranking: Ranking,
) -> Path:
    """Write the workbook, whole or not at all.

    Args:
        appraisals: appraised options, with the same years.
        trail: how the figures came about: pairs of a heading and a text.
        path: file.
        equity: who gains by each option, in the same order.
        ranking: the options set against the principles.

    Raises:
        UserError: the file cannot be written.
    """
    require_extra("report", "a workbook")
    import xlsxwriter

    with whole_file(path) as temporary:
        workbook = xlsxwriter.Workbook(str(temporary), {"strings_to_numbers": False})
        workbook.set_properties({"title": "Prioritisation costing", "subject": "BNSSG whole-system model"})
        for name in ORDER:
            workbook.add_worksheet(name)
        book, references = Book(workbook, _statement(appraisals[0])), CellReferences()
        assumptions_sheet(book, appraisals[0].assumptions)
        calendar_sheet(book, appraisals[0].assumptions, appraisals[0].option.years)
        costs_sheet(book, appraisals, references)
        effects_sheet(book, appraisals, references)
        benefits_sheet(book, appraisals, references)
        appraisal_sheet(book, appraisals, references)
        organisations_sheet(book, appraisals, references)
        staff_sheet(book, appraisals)
        equity_sheet(book, appraisals, equity, references)
        principles_sheet(book, ranking, references)
        accounts_sheet(book, appraisals)
        summary_sheet(book, appraisals, references)
        audit_sheet(book, appraisals, trail, references)
        workbook.close()
    return path


def _statement(first: Appraisal) -> str:
    """Say what holds for the numbers of every sheet: years, interval, source."""
    years, members, most = first.option.years, first.option.members, first.assumptions.years
    spread = f"80% of {members:,} paired members where shown" if members > 1 else "none, one run"
    return (
        f"Years {years[0]} to {years[-1]}, of which at most {most} are appraised. Interval: {spread}. "
        f"Source: this run of the model ('{AUDIT}') and what is on '{ASSUMPTIONS}'."
    )


def audit_sheet(
    book: Book, appraisals: Sequence[Appraisal], trail: Mapping[str, str], references: CellReferences
) -> None:
    """Write how the figures came about, and checks that they agree."""
    years = appraisals[0].option.years
    note = "Checks are formulas: the first should be 0; the last two rows are two calculations of one cost."
    widths = (64, 60, *(YEAR_WIDTH,) * len(years), 14)
    sheet = book.sheet(AUDIT, "Audit trail", note, widths, freeze=(2, 1))
    row = 3
    for heading, text in trail.items():
        sheet.text(row, 0, heading)
        sheet.text(row, 1, text, "wrapped")
        row += 1
    row += 1
    sheet.headings(row, ("checks", "difference, £", *years, "sum"), right_from=1)
    for index, appraisal in enumerate(appraisals):
        _checks(sheet, appraisal, row + 1 + 4 * index, ORGANISATION_ROWS * (index + 1) + 2, references)


def _checks(sheet: Sheet, appraisal: Appraisal, row: int, total: int, references: CellReferences) -> None:
    """Checks of one option, in four rows; ``total`` is the row of its total on the sheet of organisations."""
    name, n = appraisal.option.name, len(appraisal.option.years)
    sheet.text(row, 0, f"{name}: {appraisal.option.title}", "bold")
    sheet.text(row, 1, appraisal.option.description, "wrapped")
    sheet.text(row + 1, 0, "net of all organisations less the net present value of society")
    net = references.figures[name, "net_social"][1]
    sheet.formula(row + 1, 1, f"ROUND({there(ORGANISATIONS, total, 9)}-{net},2)", 0.0, "ratio")
    sheet.text(row + 2, 0, f"programme costs that the model's accounts charge, £ at {MODEL_PRICES} prices")
    charged = appraisal.option.charged.mean(axis=1)
    sheet.inputs(row + 2, 2, charged, "money")
    sheet.text(row + 3, 0, "programme costs from the files of interventions, less what they release")
    filed = np.zeros(n)
    for line in appraisal.option.costs:
        filed += line.amounts.mean(axis=1)
    for gain in appraisal.option.benefits:
        filed -= gain.quantity.mean(axis=1) if gain.intervention else 0.0
    for index in range(n):
        sheet.formula(row + 3, 2 + index, _filed(references, name, index), filed[index])
    for check_row, values in ((row + 2, charged), (row + 3, filed)):
        formula = f"SUMPRODUCT({here(check_row, 2, check_row, 1 + n)},in_appraisal)"
        sheet.formula(check_row, 2 + n, formula, appraisal.counted @ values, total=True)


def _filed(references: CellReferences, name: str, index: int) -> str:
    """Formula of one year's programme costs at the model's prices, what is released taken off."""
    parts = ["0*price_factor"]
    if rows := references.costs[name]:
        parts.append(f"+SUM({there(COSTS, rows[0], 6 + index, rows[1], 6 + index)})")
    if rows := references.benefits[name]:
        by, quantity = (there(BENEFITS, rows[0], column, rows[1], column) for column in (3, 9 + index))
        parts.append(f'-SUMPRODUCT(({by}<>"")*{quantity})')
    return "".join(parts)
