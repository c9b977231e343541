"""What a decision run writes: data, tables, workbook, report, slides, still pictures, and a guide to them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from model.cli.analysis_options import guide
from model.reporting.tables.assessment import write_judged
from model.workflows.results_folder import GUIDE, folder_name
from model.workflows.run_outputs import case_product, data_products

if TYPE_CHECKING:
    from model.reporting.board.decision_results import Findings
    from model.workflows.plan import Plan

WORKBOOK, REPORT, SLIDES = "costing.xlsx", "report.html", "summary.pptx"
FIGURES, PORTFOLIO = "figures", "portfolio"

Written = list[tuple[str, str]]


def write_decision(folder: Path, plan: Plan, found: Findings, *, figures: bool) -> None:
    """Write everything into a folder that exists.

    Args:
        folder: where.
        plan: what was run.
        found: what was found.
        figures: whether charts are also written as still pictures.
    """
    from model.reporting.workbook.costing_workbook import write_workbook

    written = _report(folder, found, figures=figures)
    judged = found.judged
    write_workbook(judged.appraisals, found.trail, folder / WORKBOOK, equity=judged.equity, ranking=judged.ranking)
    meaning = "Costing, equity and principles with live formulas: change an assumption and results follow."
    written.append((WORKBOOK, meaning))
    written += _tables(folder, plan, found)
    basis = found.appraisals[0].basis
    remarks = (
        f"{found.question} Costing at {basis.prices} prices; effects in money at 2022/23 prices unless the unit says "
        "otherwise. docs/decision.md says what is in the report."
    )
    (folder / GUIDE).write_text(guide("a decision", list(plan.resolved), remarks, written), encoding="utf-8")


def _report(folder: Path, found: Findings, *, figures: bool) -> Written:
    from model.reporting.board.report import board_report, board_slides
    from model.reporting.html.charts import still_pictures
    from model.reporting.html.page import write_report
    from model.reporting.slides import write_slides

    page = board_report(found)
    write_report(page, folder / REPORT)
    written = [(REPORT, "The report to a board: one file that needs no network. Begin here.")]
    pictures: list[Path] = []
    if figures:
        (folder / FIGURES).mkdir()
        pictures = still_pictures(page, folder / FIGURES)
        titles = {chart.name: chart.title for chart in page.charts}
        written += [
            (f"{FIGURES}/{path.name}", f"{titles[path.stem]}. Also as SVG.")
            for path in pictures
            if path.suffix == ".png"
        ]
        write_slides(board_slides(found, folder / FIGURES), folder / SLIDES)
        written.append((SLIDES, "Two slides: the answer, and one picture."))
    return written


def _tables(folder: Path, plan: Plan, found: Findings) -> Written:
    from model.reporting.tables.attribution import write_tables as write_attribution
    from model.reporting.tables.portfolio import write_tables as write_choice

    written: Written = []
    case = case_product(found.baseline)
    for product in (*data_products(plan.resolved, found.runs), *([case] if case else [])):
        product.write(folder / product.name)
        written.append((product.name, product.meaning))
    written += write_judged(found.judged, folder)
    for each in found.attributions:
        place = folder / f"attribution_{folder_name(each.scenario.name)}"
        place.mkdir()
        written += [(f"{place.name}/{name}", meaning) for name, meaning in write_attribution(each, place)]
    if found.portfolio is not None:
        (folder / PORTFOLIO).mkdir()
        written += [(f"{PORTFOLIO}/{name}", text) for name, text in write_choice(found.portfolio, folder / PORTFOLIO)]
    return written
