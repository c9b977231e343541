"""The sheet of principles: recalculated it gives the program's figures, also after a change of weights and rates."""

from __future__ import annotations

from dataclasses import replace

import openpyxl
import test_workbook as workbook_test
import xlsxwriter
from costing_cases import basis
from principles_cases import ranked, shipped, three

from model.appraisal.costing.appraisal import appraise
from model.reporting.theme import AS_RUN, INPUT
from model.reporting.workbook.appraisal_sheets import appraisal_sheet
from model.reporting.workbook.benefit_sheets import benefits_sheet
from model.reporting.workbook.input_sheets import (
    CellReferences,
    assumptions_sheet,
    calendar_sheet,
    costs_sheet,
    effects_sheet,
)
from model.reporting.workbook.principles_sheet import PRINCIPLES as SHEET
from model.reporting.workbook.principles_sheet import principles_sheet
from model.reporting.workbook.sheets import Book


def write_sheets(path, appraisals, ranking):
    """A workbook of the sheets on which that of the principles stands."""
    names = ("Assumptions", "Prices and years", "Costs", "Effects", "Benefits", "Appraisal", SHEET)
    workbook = xlsxwriter.Workbook(str(path), {"strings_to_numbers": False})
    for name in names:
        workbook.add_worksheet(name)
    book, references = Book(workbook), CellReferences()
    assumptions_sheet(book, appraisals[0].assumptions)
    calendar_sheet(book, appraisals[0].assumptions, appraisals[0].option.years)
    costs_sheet(book, appraisals, references)
    effects_sheet(book, appraisals, references)
    benefits_sheet(book, appraisals, references)
    appraisal_sheet(book, appraisals, references)
    principles_sheet(book, ranking, references)
    workbook.close()
    return path


def set_inputs(path, target, cells):
    """Other numbers in cells of the sheet of principles, without any stored result of a formula."""
    book = openpyxl.load_workbook(path)
    for cell, value in cells.items():
        book[SHEET][cell].value = value
    book.save(target)
    return target


def recalculated(path, monkeypatch):
    monkeypatch.setattr(workbook_test, "ORDER", tuple(dict.fromkeys((*workbook_test.ORDER, SHEET))))
    return workbook_test.by_library(path)


def test_the_sheet_recalculated_gives_the_figures_of_the_program(tmp_path, monkeypatch):
    appraisals = three()
    workbook = write_sheets(tmp_path / "costing.xlsx", appraisals, ranked(appraisals, shipped()))
    bare = workbook_test.set_assumptions(workbook, tmp_path / "bare.xlsx", {})
    workbook_test.check_equal(workbook, recalculated(bare, monkeypatch))


def surer_or_greater(assumptions):
    """One option with twice the effect of the other, on weaker evidence, of which more is spent later."""
    great, *others = three(assumptions)
    capital, running = great.option.costs
    costs = (replace(capital, grade="assumption"), replace(running, grade="weak"))
    return [appraise(replace(great.option, costs=costs), assumptions), *others]


@workbook_test.needs_libreoffice
def test_after_a_change_of_weight_rate_and_prices_libreoffice_ranks_as_the_program(tmp_path):
    changes = {"discount_money": 0.08, "years_appraised": 2.0}
    changed_basis = replace(basis().changed(**changes), prices="2024/25")
    appraisals, later = surer_or_greater(basis()), surer_or_greater(changed_basis)
    agreed = [
        replace(principle, weight=0.0) if principle.name == "evidence" else principle
        for principle in shipped().principles
    ]
    before, after = ranked(appraisals, shipped()), ranked(later, replace(shipped(), principles=tuple(agreed)))
    assert before.options[before.order[0]] == "weak"
    assert after.options[after.order[0]] == "strong"
    workbook, there = (
        write_sheets(tmp_path / "costing.xlsx", appraisals, before),
        write_sheets(tmp_path / "changed.xlsx", later, after),
    )
    rows = openpyxl.load_workbook(workbook)[SHEET].iter_rows()
    row = next(row[0].row for row in rows if row[0].value == "Evidence")
    changed = workbook_test.set_assumptions(workbook, tmp_path / "rate.xlsx", changes, "2024/25")
    got = workbook_test.by_libreoffice(set_inputs(changed, tmp_path / "weight.xlsx", {f"G{row}": 0.0}), tmp_path)
    workbook_test.check_equal(there, got)


def test_numbers_of_the_sheet_are_inputs_as_run_or_formulas(tmp_path):
    appraisals = three()
    sheet = openpyxl.load_workbook(write_sheets(tmp_path / "costing.xlsx", appraisals, ranked(appraisals, shipped())))[
        SHEET
    ]
    cells = [cell for row in sheet.iter_rows() for cell in row if isinstance(cell.value, int | float)]
    assert {f"#{cell.font.color.rgb[2:]}" for cell in cells} == {INPUT, AS_RUN}
    titles = {row[0].value for row in sheet.iter_rows()}
    assert {principle.title for principle in shipped().principles} <= titles
    dominated = {row[0].value: row[5].value for row in sheet.iter_rows(min_row=6, max_row=8)}
    assert all(str(text).startswith("=IF(") for text in dominated.values())


def test_the_sheet_of_one_option_has_no_ranks(tmp_path):
    appraisals = three()[:1]
    sheet = openpyxl.load_workbook(write_sheets(tmp_path / "costing.xlsx", appraisals, ranked(appraisals, shipped())))[
        SHEET
    ]
    formulas = [cell.value for row in sheet.iter_rows() for cell in row if str(cell.value).startswith("=")]
    assert formulas
    assert not any("RANK(" in text for text in formulas)
