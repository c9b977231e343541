"""Sheets of what comes out: appraisal by option and summary. All formulas, no number of their own."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from model.appraisal.costing.appraisal import (
    CASH,
    CLASSES,
    NEVER,
    NO_GAIN,
    PAYBACKS,
    RETURNS,
    SAVES,
    SOCIETAL,
    SUMS,
    Appraisal,
    AppraisalResult,
    appraisal_results,
)
from model.reporting.workbook.benefit_sheets import reduction_name
from model.reporting.workbook.input_sheets import BENEFITS, COSTS, EFFECTS, FIRST, YEAR_WIDTH, CellReferences
from model.reporting.workbook.sheets import DASH, Book, Sheet, here, there

KINDS_OF_UNIT = {"£": "money", "£ for £1": "ratio", "1": "count", "financial year": "plain", "": "plain"}


def appraisal_sheet(book: Book, appraisals: Sequence[Appraisal], references: CellReferences) -> None:
    """Write streams by year, discounted and added up, and all figures of every option, one block below the other."""
    n = len(appraisals[0].option.years)
    note = "Expected £ at the prices shown, with optimism bias; years beyond the appraisal are 0."
    widths = (48, 22, 22, *(YEAR_WIDTH + 2,) * n)
    sheet = book.sheet("Appraisal", "Appraisal of each option", note, widths, freeze=(3, 1))
    sheet.headings(2, ("", "undiscounted", "discounted", *appraisals[0].option.years), right_from=1)
    row = 3
    for index, appraisal in enumerate(appraisals):
        row = _block(book, sheet, appraisal, index, row, references) + 2


def _block(book: Book, sheet: Sheet, appraisal: Appraisal, option: int, row: int, references: CellReferences) -> int:
    """One option from a row on; gives the row after its last."""
    name, n = appraisal.option.name, len(appraisal.option.years)
    for column in range(3 + n):
        sheet.text(row, column, f"{name}: {appraisal.option.title}" if column == 0 else "", "section")
    row += 1
    sheet.text(row, 0, "Taken off benefits: mean of the grades, weighted by cost")
    sheet.formula(row, 1, _reduction(references.costs[name], n), appraisal.reduction, "share")
    book.name(reduction_name(option), there(sheet.name, row, 1))
    streams: dict[str, int] = {}
    for stream in ("cost", *CLASSES):
        row += 1
        streams[stream] = row
        sheet.text(row, 0, "Programme cost" if stream == "cost" else f"{stream.capitalize()} benefits")
        values = appraisal.streams[stream].mean(axis=1)
        for index in range(n):
            formula = _stream(stream, index, n, references.costs[name], references.benefits[name])
            flag = f"INDEX(in_appraisal,1,{index + 1})"
            sheet.formula(row, 3 + index, f"{formula}*{flag}", values[index])
        amounts, rate = here(row, 3, row, 2 + n), "health" if stream == SOCIETAL else "money"
        sheet.formula(row, 1, f"SUM({amounts})", values.sum(), total=True)
        sheet.formula(row, 2, f"SUMPRODUCT({amounts},factor_{rate})", appraisal.factors(stream) @ values, total=True)
    standing = _cumulative(sheet, appraisal, row + 1, streams)
    row += 7
    for result in appraisal_results(appraisal):
        row += 1
        plain, discounted = _formulas(result, appraisal, streams, standing, references)
        _write_figure(sheet, result, row, plain, discounted)
        cells = there(sheet.name, row, 1), there(sheet.name, row, 2)
        references.figures[name, result.name] = cells
    return row


def _reduction(rows: tuple[int, int] | None, n: int) -> str:
    """Mean of the grades of an option's interventions, weighted by their costs; else the greatest."""
    greatest = "MAX(grade_strong,grade_moderate,grade_weak,grade_assumption,grade_null)"
    if rows is None:
        return greatest
    weights, grades = (there(COSTS, rows[0], column, rows[1], column) for column in (7 + n, 10 + n))
    return f"IF(SUM({weights})>0,SUMPRODUCT({weights},{grades})/SUM({weights}),{greatest})"


def _stream(stream: str, index: int, n: int, costs: tuple[int, int] | None, benefits: tuple[int, int] | None) -> str:
    """Formula of one year of a stream."""
    rows, name = (costs, COSTS) if stream == "cost" else (benefits, BENEFITS)
    if rows is None:
        return "0"
    first, last = rows
    if stream == "cost":
        bias, amounts = (there(name, first, column, last, column) for column in (6 + n, 6 + index))
        return f"SUMPRODUCT(1+{bias},{amounts})*price_factor"
    share, money, rest = (there(name, first, column, last, column) for column in (7, 9 + n + index, 4))
    if stream == CASH:
        return f"SUMPRODUCT({share},{money})"
    return f'SUMPRODUCT(({rest}="{stream}")*(1-{share}),{money})'


def _cumulative(sheet: Sheet, appraisal: Appraisal, row: int, streams: dict[str, int]) -> dict[str, int]:
    """Rows of what is paid back by the end of each year, and whether that stands; gives the rows of the latter."""
    n, rows = len(appraisal.option.years), {}
    for name, title, classes in PAYBACKS:
        total = np.zeros(n)
        sheet.text(row, 0, f"Discounted net, added up: {title.lower().removeprefix('paid back ').removesuffix(' in')}")
        sheet.text(row + 1, 0, "  paid back for good (1) or not (0)")
        net = -appraisal.factors("cost") * appraisal.streams["cost"].mean(axis=1)
        for stream in classes:
            net = net + appraisal.factors(stream) * appraisal.streams[stream].mean(axis=1)
        total = np.cumsum(net)
        flags = _flags(total, appraisal.assumptions.years)
        for index in range(n):
            column = 3 + index
            parts = [f"-{here(streams['cost'], column)}*INDEX(factor_money,1,{index + 1})"]
            for stream in classes:
                rate = "health" if stream == SOCIETAL else "money"
                parts.append(f"+{here(streams[stream], column)}*INDEX(factor_{rate},1,{index + 1})")
            before = f"{here(row, column - 1)}" if index else ""
            sheet.formula(row, column, before + "".join(parts), total[index])
            later = f"*{here(row + 1, column + 1)}" if index + 1 < n else ""
            stands = f"IF(INDEX(in_appraisal,1,{index + 1})=0,1,IF({here(row, column)}>=0,1,0){later})"
            sheet.formula(row + 1, column, stands, flags[index], "plain")
        rows[name] = row + 1
        row += 2
    return rows


def _flags(total: np.ndarray, appraised: int) -> np.ndarray:
    """1 in each year from whose end on what is added up never falls below nothing; 1 beyond the appraisal."""
    stands = (total >= 0.0) | (np.arange(len(total)) >= appraised)
    return np.minimum.accumulate(stands[::-1].astype(float))[::-1]


def _formulas(
    result: AppraisalResult,
    appraisal: Appraisal,
    streams: dict[str, int],
    standing: dict[str, int],
    references: CellReferences,
) -> tuple[str, str]:
    """Formulas of a figure, undiscounted and discounted; the first is empty where there is none."""
    name, n = appraisal.option.name, len(appraisal.option.years)
    for key, _, classes in SUMS:
        if key == result.name:
            alone = classes == ("cost",)
            signs = ["-" if stream == "cost" and not alone else "+" for stream in classes]
            plain, discounted = (
                "".join(f"{sign}{here(streams[stream], column)}" for sign, stream in zip(signs, classes, strict=True))
                for column in (1, 2)
            )
            return plain.removeprefix("+"), discounted.removeprefix("+")
    for key, _, classes in RETURNS:
        if key == result.name:
            plain, discounted = (
                f"IF({here(streams['cost'], column)}>0,({'+'.join(here(streams[s], column) for s in classes)})"
                f'/{here(streams["cost"], column)},"{DASH}")'
                for column in (1, 2)
            )
            return plain, discounted
    if result.name in standing:
        row = standing[result.name]
        flags = here(row, 3, row, 2 + n)
        return "", (f'IF(SUMPRODUCT({flags},in_appraisal)=0,"{NEVER}",INDEX(year_labels,1,MATCH(1,{flags},0)))')
    what, _, key = result.name.partition("_") if not result.name.startswith("cost_per_") else ("cost", "", "")
    if what == "below":
        qaly = next((d.name for d in appraisal.assumptions.divisors if d.health), None)
        if qaly is None:
            return "", f'"{NO_GAIN}"'
        cell = references.figures[name, f"cost_per_{qaly}"][1]
        return "", (
            f'IF({cell}="{NO_GAIN}","{NO_GAIN}",IF({cell}="{SAVES}","yes",IF({cell}<=threshold_{key},"yes","no")))'
        )
    divisor = next(
        d for d in appraisal.assumptions.divisors if result.name in (f"gained_{d.name}", f"cost_per_{d.name}")
    )
    if what == "gained":
        row = references.gains[name, divisor.result]
        return there(EFFECTS, row, FIRST + n), there(EFFECTS, row, FIRST + n + 1)
    gains = references.figures[name, f"gained_{divisor.name}"]
    costs = references.figures[name, "net_public" if divisor.net else "programme_cost"]
    sign = "-" if divisor.net else ""
    plain, discounted = (
        f'IF({gain}<=0,"{NO_GAIN}",IF({sign}{cost}<=0,"{SAVES}",{sign}{cost}/{gain}))'
        for gain, cost in zip(gains, costs, strict=True)
    )
    return plain, discounted


def _write_figure(sheet: Sheet, result: AppraisalResult, row: int, plain: str, discounted: str) -> None:
    kind = KINDS_OF_UNIT[result.unit]
    sheet.text(row, 0, f"{result.title}{', £' if result.unit == '£' else ''}")
    if plain:
        sheet.formula(row, 1, plain, result.undiscounted, kind)
    sheet.formula(row, 2, discounted, result.discounted, kind)


def summary_sheet(book: Book, appraisals: Sequence[Appraisal], references: CellReferences) -> None:
    """Write all figures, options side by side; below, the intervals of the run, which no assumption moves."""
    note = "£ at the prices of 'Assumptions'; expected values over members. All of it follows the sheets behind."
    sheet = book.sheet("Summary", "Summary", note, (66, *(19,) * max(2 * len(appraisals), 2)), freeze=(4, 1))
    first = appraisals[0]
    sheet.headings(2, ("", *(appraisal.option.name for appraisal in appraisals for _ in (0, 1))), right_from=1)
    sheet.worksheet.set_row(2, 30)
    sheet.headings(3, ("", *("undiscounted", "discounted") * len(appraisals)), right_from=1)
    tables = [appraisal_results(appraisal) for appraisal in appraisals]
    row = 4
    for results in zip(*tables, strict=True):
        sheet.text(row, 0, f"{results[0].title}{', £' if results[0].unit == '£' else ''}")
        for index, (appraisal, result) in enumerate(zip(appraisals, results, strict=True)):
            cells, kind = references.figures[appraisal.option.name, result.name], KINDS_OF_UNIT[result.unit]
            if result.undiscounted != "":
                sheet.formula(row, 1 + 2 * index, cells[0], result.undiscounted, kind)
            sheet.formula(row, 2 + 2 * index, cells[1], result.discounted, kind)
        row += 1
    years = first.option.years
    span = f"Appraised: at most {first.assumptions.years} years from {years[0]}; the run holds {len(years)}."
    sheet.text(row + 1, 0, span, "note")
    if first.option.members > 1:
        _as_run(sheet, appraisals, tables, row + 3)


def _as_run(sheet: Sheet, appraisals: Sequence[Appraisal], tables: list[list[AppraisalResult]], row: int) -> None:
    members = appraisals[0].option.members
    title = f"As run with {members} members, at the assumptions then, discounted; no assumption moves it"
    sheet.text(row, 0, title, "section")
    for index, result in enumerate(tables[0]):
        if result.spread is None:
            continue
        kind = KINDS_OF_UNIT[result.unit]
        sheet.text(row + 1, 0, f"{result.title}: median, share of members above 0")
        sheet.text(row + 2, 0, "   low and high of the 80% interval")
        for option, table in enumerate(tables):
            spread, favourable = table[index].spread, table[index].favourable
            column = 1 + 2 * option
            if spread is not None:
                sheet.inputs(row + 1, column, [spread.median], kind, "as_run")
                sheet.inputs(row + 2, column, (spread.low, spread.high), kind, "as_run")
            if favourable is not None:
                sheet.inputs(row + 1, column + 1, [favourable], "share", "as_run")
        row += 2
