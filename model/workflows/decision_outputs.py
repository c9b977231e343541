"""What a decision writes: data, tables, workbook, report, slides, still pictures, and a guide to them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from model.reporting.tables.assessment import write_assessment
from model.workflows.analysis_task import FIGURES, task_guide
from model.workflows.comparison import Comparison
from model.workflows.results_folder import GUIDE, folder_name
from model.workflows.run_outputs import data_products, write_products
from model.workflows.task_result import Files

if TYPE_CHECKING:
    from model.reporting.board.decision_results import DecisionResults
    from model.scenarios.resolved import ResolvedScenario

WORKBOOK, REPORT, SLIDES, PORTFOLIO = "costing.xlsx", "report.html", "summary.pptx", "portfolio"


def write_decision(
    folder: Path,
    scenarios: Sequence[ResolvedScenario],
    results: DecisionResults,
    comparison: Comparison,
    *,
    figures: bool,
) -> None:
    """Write everything into a folder that exists.

    Args:
        folder: where.
        scenarios: all that was run, the baseline first.
        results: what the decision gave.
        comparison: the baseline and the scenarios that were asked for.
        figures: whether charts are also written as still pictures.
    """
    from model.reporting.workbook.costing_workbook import write_workbook

    files = _write_report(folder, results, figures=figures)
    assessment = results.assessment
    write_workbook(
        assessment.appraisals,
        results.audit_trail,
        folder / WORKBOOK,
        equity=assessment.equity,
        ranking=assessment.ranking,
    )
    meaning = "Costing, equity and principles with live formulas: change an assumption and results follow."
    files.append((WORKBOOK, meaning))
    files += write_products(data_products(scenarios, comparison.runs, comparison.headline_rows()), folder)
    files += write_assessment(assessment, folder)
    files += _write_analyses(folder, results)
    remarks = (
        f"{results.question} Costing at {results.appraisals[0].assumptions.prices} prices; effects in money at 2022/23 "
        "prices unless the unit says otherwise. See docs/decision.md for what is in the report."
    )
    (folder / GUIDE).write_text(task_guide("a decision", scenarios, remarks, files), encoding="utf-8")


def _write_report(folder: Path, results: DecisionResults, *, figures: bool) -> Files:
    from model.reporting.board.report import board_report, board_slides
    from model.reporting.html.charts import still_pictures
    from model.reporting.html.page import write_report
    from model.reporting.slides import write_slides

    page = board_report(results)
    write_report(page, folder / REPORT)
    files = [(REPORT, "The report to a board: one file that needs no network. Begin here.")]
    if figures:
        (folder / FIGURES).mkdir()
        titles = {chart.name: chart.title for chart in page.charts}
        files += [
            (f"{FIGURES}/{picture.name}", f"{titles[picture.stem]}. Also as SVG.")
            for picture in still_pictures(page, folder / FIGURES)
            if picture.suffix == ".png"
        ]
        write_slides(board_slides(results, folder / FIGURES), folder / SLIDES)
        files.append((SLIDES, "Two slides: the answer, and one picture."))
    return files


def _write_analyses(folder: Path, results: DecisionResults) -> Files:
    """Write the tables of each attribution and of the portfolio, each in a folder of its own."""
    from model.reporting.tables.attribution import write_tables as write_attribution
    from model.reporting.tables.portfolio import write_tables as write_portfolio

    files: Files = []
    for attribution in results.attributions:
        inner = folder / f"attribution_{folder_name(attribution.scenario.name)}"
        inner.mkdir()
        files += [(f"{inner.name}/{name}", meaning) for name, meaning in write_attribution(attribution, inner)]
    if results.portfolio is not None:
        inner = folder / PORTFOLIO
        inner.mkdir()
        files += [(f"{inner.name}/{name}", meaning) for name, meaning in write_portfolio(results.portfolio, inner)]
    return files
