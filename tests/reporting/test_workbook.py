"""The costing workbook: recalculated by LibreOffice and by a Python library it gives the program's own figures."""

from __future__ import annotations

import os
import shutil
import subprocess
import warnings
from dataclasses import replace
from pathlib import Path

import numpy as np
import openpyxl
import pytest
from costing_cases import basis, option, plain_basis, small
from equity_cases import made_up
from principles_cases import ranked, shipped

from model.appraisal.costing.appraisal import Appraisal, appraisal_results, appraise
from model.reporting.theme import AS_RUN, INPUT
from model.reporting.workbook.costing_workbook import ORDER, write_workbook
from model.reporting.workbook.sheets import DASH

PENNY = 0.005
FORMULAS_ONLY = ("Appraisal", "Organisations", "Summary")
SOFFICE = shutil.which("soffice") or shutil.which("libreoffice")
needs_libreoffice = pytest.mark.skipif(SOFFICE is None, reason="LibreOffice (soffice) is not installed")
CHANGED = {
    "discount_money": 0.05,
    "discount_health": 0.02,
    "value_health": 25_000.0,
    "bias_capital": 0.5,
    "cash_delayed_bed_days": 0.6,
    "grade_strong": 0.3,
    "years_appraised": 2.0,
    "counted_activity": 0.0,
    "inequality_aversion": 3.5,
    "threshold_marginal": 20_000.0,
}


def second(appraisal: Appraisal) -> Appraisal:
    """An option without costs that only loses, so that words stand in the place of ratios."""
    losing = [replace(line, quantity=-line.quantity) for line in appraisal.option.benefits if not line.intervention]
    gains = {text: -values for text, values in appraisal.option.gains.items()}
    option = replace(appraisal.option, name="loses", costs=(), benefits=tuple(losing), staff=(), gains=gains)
    return appraise(option, appraisal.assumptions)


def by_hand(**values: float) -> tuple[Appraisal, ...]:
    assumptions = basis().changed(**values)
    appraisal = appraise(option(assumptions, members=np.array([0.4, 0.9, 1.0, 1.9])), assumptions)
    return appraisal, second(appraisal)


def write_costing(folder: Path, appraisals: tuple[Appraisal, ...], name: str = "costing.xlsx") -> Path:
    return write_workbook(
        appraisals, {"seed": "1"}, folder / name, equity=made_up(appraisals), ranking=ranked(appraisals, shipped())
    )


def formulas_of(path: Path) -> dict[tuple[str, str], str]:
    book = openpyxl.load_workbook(path)
    return {
        (sheet.title, cell.coordinate): cell.value
        for sheet in book
        for row in sheet.iter_rows()
        for cell in row
        if isinstance(cell.value, str) and cell.value.startswith("=")
    }


def values_of(path: Path) -> dict[tuple[str, str], object]:
    book = openpyxl.load_workbook(path, data_only=True)
    return {(sheet.title, cell.coordinate): cell.value for sheet in book for row in sheet.iter_rows() for cell in row}


def set_assumptions(path: Path, target: Path, values: dict[str, float], prices: str = "") -> Path:
    """The workbook with other numbers in named cells and without any stored result of a formula."""
    book = openpyxl.load_workbook(path)
    for name, value in values.items():
        sheet, cell = book.defined_names[name].attr_text.replace("'", "").split("!")
        book[sheet][cell.replace("$", "")].value = value
    if prices:
        book["Assumptions"]["C4"].value = prices
    book.save(target)
    return target


def by_libreoffice(path: Path, folder: Path) -> dict[tuple[str, str], object]:
    target = folder / "recalculated"
    command = [
        SOFFICE,
        "--headless",
        f"-env:UserInstallation=file://{folder}/profile",
        "--convert-to",
        "xlsx:Calc MS Excel 2007 XML",
        "--outdir",
        str(target),
        str(path),
    ]
    subprocess.run(command, check=True, capture_output=True, timeout=120, env={**os.environ, "HOME": str(folder)})
    return values_of(target / path.name)


def by_library(path: Path) -> dict[tuple[str, str], object]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import formulas

        solution = formulas.ExcelModel().loads(str(path)).finish().calculate()
    titles = {title.upper(): title for title in ORDER}
    values: dict[tuple[str, str], object] = {}
    for key, ranges in solution.items():
        sheet, _, cell = str(key).partition("]")[2].partition("'!")
        if sheet.upper() in titles and ":" not in cell:
            values[titles[sheet.upper()], cell] = ranges.value[0, 0]
    return values


def check_equal(workbook: Path, recalculated: dict[tuple[str, str], object]) -> None:
    """Every formula of a workbook gives, recalculated, what the program wrote beside it, money to the penny."""
    stored = values_of(workbook)
    wrong = []
    for cell, formula in formulas_of(workbook).items():
        expected, got = stored[cell], recalculated[cell]
        if isinstance(expected, str) or isinstance(got, str):
            same = str(expected) == str(got)
        else:
            same = abs(float(expected) - float(got)) < PENNY * max(1.0, abs(float(expected)) * 1e-9)
        if not same:
            wrong.append((cell, formula, expected, got))
    assert not wrong[:5], f"{len(wrong)} formulas differ"


def summary_rows(values: dict[tuple[str, str], object]) -> dict[object, int]:
    """Row of each figure on the summary, by its title; the first, as intervals stand below."""
    rows = [row for sheet, cell in values if sheet == "Summary" and (row := int(cell[1:] if cell[0] == "A" else 0)) > 4]
    return {values["Summary", f"A{row}"]: row for row in sorted(rows, reverse=True)}


@needs_libreoffice
@pytest.mark.parametrize("appraisals", [by_hand, pytest.param(small, marks=pytest.mark.slow)], ids=["by hand", "model"])
def test_libreoffice_gives_every_figure_of_the_program(tmp_path, appraisals):
    workbook = write_costing(tmp_path, appraisals())
    check_equal(workbook, by_libreoffice(set_assumptions(workbook, tmp_path / "bare.xlsx", {}), tmp_path))


@needs_libreoffice
def test_after_a_change_of_the_discount_rate_libreoffice_agrees_to_the_penny(tmp_path):
    workbook = write_costing(tmp_path, by_hand())
    got = by_libreoffice(set_assumptions(workbook, tmp_path / "changed.xlsx", {"discount_money": 0.06}), tmp_path)
    summary = summary_rows(got)
    for index, (before, after) in enumerate(zip(by_hand(), by_hand(discount_money=0.06), strict=True)):
        for old, new in zip(appraisal_results(before), appraisal_results(after), strict=True):
            if old.name.startswith("net_"):
                cell = f"{'CE'[index]}{summary[f'{new.title}, £']}"
                assert got["Summary", cell] == pytest.approx(new.discounted, abs=PENNY)
                assert abs(new.discounted - old.discounted) > 1.0


@needs_libreoffice
def test_every_kind_of_assumption_moves_the_results_as_in_the_program(tmp_path):
    workbook = write_costing(tmp_path, by_hand())
    changed = tuple(by_hand(**CHANGED))
    changed = tuple(
        appraise(appraisal.option, replace(appraisal.assumptions, prices="2024/25")) for appraisal in changed
    )
    there = write_costing(tmp_path, changed, "by_the_program.xlsx")
    got = by_libreoffice(set_assumptions(workbook, tmp_path / "changed.xlsx", CHANGED, "2024/25"), tmp_path)
    check_equal(there, got)


def test_a_python_library_gives_every_figure_of_the_program(tmp_path):
    workbook = write_costing(tmp_path, by_hand())
    check_equal(workbook, by_library(set_assumptions(workbook, tmp_path / "bare.xlsx", {})))


def test_a_python_library_agrees_after_a_change_of_the_discount_rate(tmp_path):
    workbook = write_costing(tmp_path, by_hand())
    there = write_costing(tmp_path, by_hand(discount_money=0.06), "by_the_program.xlsx")
    check_equal(there, by_library(set_assumptions(workbook, tmp_path / "changed.xlsx", {"discount_money": 0.06})))


@pytest.mark.parametrize("appraisals", [by_hand, pytest.param(small, marks=pytest.mark.slow)], ids=["by hand", "model"])
def test_a_number_is_an_input_or_a_formula(tmp_path, appraisals):
    """Totals and all that is derived are formulas; what is typed is blue (an input) or grey (as the run gave it)."""
    book = openpyxl.load_workbook(write_costing(tmp_path, appraisals()))
    inputs = 0
    for sheet in book:
        for row in sheet.iter_rows():
            for cell in row:
                if isinstance(cell.value, bool) or not isinstance(cell.value, int | float):
                    continue
                colour = f"#{cell.font.color.rgb[2:]}" if cell.font.color else ""
                allowed = (AS_RUN,) if sheet.title in FORMULAS_ONLY else (INPUT, AS_RUN)
                assert colour in allowed, (sheet.title, cell.coordinate)
                assert not cell.font.bold, (sheet.title, cell.coordinate)
                inputs += colour == INPUT
    assert inputs > 100


def test_formulas_hold_no_amounts_of_their_own(tmp_path):
    """Numbers inside formulas are 0, 1, digits of rounding and of a year, or its place: never an amount or a rate."""
    import re

    for cell, formula in formulas_of(write_costing(tmp_path, by_hand())).items():
        bare = re.sub(r"'[^']*'!|\$?[A-Z]{1,3}\$?\d+|\"[^\"]*\"|[A-Za-z_]+_\d+|[A-Za-z_]\w*", "", formula)
        numbers = {float(text) for text in re.findall(r"\d+(?:\.\d+)?", bare)}
        assert numbers <= {0.0, 1.0, 2.0, 3.0, 4.0}, (cell, formula)


def test_every_sheet_is_set_for_print_and_names_are_defined(tmp_path):
    book = openpyxl.load_workbook(write_costing(tmp_path, by_hand()))
    assert tuple(book.sheetnames) == ORDER
    for sheet in book:
        assert sheet.freeze_panes
        assert sheet.page_setup.orientation == "landscape"
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
        assert sheet["A1"].value
        assert sheet["A2"].value
    for name in basis().by_name:
        assert name in book.defined_names
    sources = {row[0].value: row[6].value for row in book["Assumptions"].iter_rows(min_row=4)}
    assert all(sources[name] for name in basis().by_name)


def test_the_workbook_holds_the_figures_of_the_tables(tmp_path):
    appraisals = by_hand()
    stored = values_of(write_costing(tmp_path, appraisals))
    shown = summary_rows(stored)
    for index, appraisal in enumerate(appraisals):
        for result in appraisal_results(appraisal):
            title = f"{result.title}, £" if result.unit == "£" else result.title
            value = stored["Summary", f"{'CE'[index]}{shown[title]}"]
            if isinstance(result.discounted, str):
                assert value == result.discounted
            elif np.isnan(result.discounted):
                assert value == DASH
            else:
                assert value == pytest.approx(result.discounted, rel=1e-9)


def test_the_plain_case_needs_no_bias_and_no_reflation(tmp_path):
    assumptions = plain_basis()
    stored = values_of(write_costing(tmp_path, (appraise(option(assumptions), assumptions),)))
    row = summary_rows(stored)["Net present value, public sector, £"]
    assert stored["Summary", f"C{row}"] == pytest.approx(514_035.95 + 638_884.71 - 1_547_107.44, abs=4 * PENNY)
