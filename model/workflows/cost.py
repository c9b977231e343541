"""Prioritisation costing of interventions and packages, as tables and as a workbook with live formulas."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Unpack

from model.registry.errors import Exit, UserError
from model.registry.extras import require_extra
from model.workflows.analysis_task import FIGURES, resolved_files, task_guide
from model.workflows.assess import audit_trail, plan_assessment, read_rules, run_and_assess
from model.workflows.execution import chunk_store, folder_of_store
from model.workflows.plan import RunPlan, ScenarioSource, notes_on, sources_and_options
from model.workflows.progress import SILENT, Progress
from model.workflows.results_folder import GUIDE, whole_folder
from model.workflows.run_options import RunKeywords, RunOptions
from model.workflows.task_result import Files, TaskResult

if TYPE_CHECKING:
    from model.appraisal.assessment import Assessment
    from model.results.run import Run
    from model.scenarios.resolved import ResolvedScenario

TITLE = "prioritisation costing"
WORKBOOK = "costing.xlsx"


def cost(
    *scenarios: ScenarioSource,
    each_intervention: bool = False,
    assumptions: Path | None = None,
    principles: Path | None = None,
    workbook: Path | bool = False,
    name: str | None = None,
    progress: Progress = SILENT,
    **options: Unpack[RunKeywords],
) -> TaskResult[Assessment]:
    """Cost scenarios against the baseline: who pays, who gains, present values, ratios, payback, cost per QALY.

    Args:
        scenarios: scenarios, packages or interventions, by name or file; an intervention is costed on the baseline.
        each_intervention: whether every intervention of the scenarios is costed by itself, too.
        assumptions: file of costing assumptions; those that come with the model where left out.
        principles: file of principles and weights; those that come with the model where left out.
        workbook: file of a workbook with live formulas; True writes it among the results.
        name: name of the folder of results.
        progress: receives stages and remarks.
        options: options of all scenarios and of the baseline; see ``RunOptions``.

    Raises:
        UserError: whatever is wrong, before anything runs.

    Example:
        >>> costing = cost("home_first", "vcse_capacity", years=10, members=20)
        >>> costing.tables()["appraisal"]
    """
    if workbook:
        require_extra("report", "a workbook")
    sources, chosen = sources_and_options(scenarios, RunOptions(**options))
    file = _checked_workbook(workbook, chosen)
    rules = read_rules(assumptions, principles)
    plan, _ = plan_assessment(sources, chosen, rules, name or "cost_{}", each_intervention=each_intervention)
    for note in notes_on(plan.resolved):
        progress.note(note)
    progress.expect(len(plan.resolved) + 1)
    with chunk_store(plan.resolved, [plan], chosen, progress) as store:
        _, assessment = run_and_assess(plan, rules, store, chosen, progress)
        progress.begin("writing results")
        files = _write(plan, assessment, folder_of_store(store), chosen, in_folder=workbook is True)
        progress.finish()
    if file is not None:
        _write_workbook(assessment, plan.resolved, chosen, file)
    return assessment_result(assessment, plan.folder, files)


def cost_of_runs(scenarios: Sequence[ResolvedScenario], runs: Sequence[Run]) -> TaskResult[Assessment]:
    """Cost scenarios that were run.

    Args:
        scenarios: what was run, the baseline first.
        runs: their runs, in the same order.

    Raises:
        UserError: no scenario but the baseline, or a result that the runs do not hold.
    """
    from model.appraisal.assessment import assess, read_assessment_inputs

    if len(scenarios) < 2:
        raise UserError("is the baseline itself; name a package or an intervention.", key=scenarios[0].name)
    rules = read_rules()
    if missing := [name for name in rules.names_to_keep if name not in runs[0].results]:
        message = "was not kept, and costing reads it: use api.cost, or run with settings={'outputs': 'all'}."
        raise UserError(message, key=missing[0])
    baseline, *inputs = (read_assessment_inputs(run, rules) for run in runs)
    return assessment_result(assess(scenarios[1:], inputs, baseline, rules), None, ())


def assessment_result(
    assessment: Assessment, folder: Path | None, files: Sequence[tuple[str, str]]
) -> TaskResult[Assessment]:
    """Return an assessment with its tables, and the folder in which it is written."""
    from model.reporting.tables.assessment import write_assessment

    return TaskResult(TITLE, assessment, folder, files, lambda target: write_assessment(assessment, target))


def _checked_workbook(workbook: Path | bool, options: RunOptions) -> Path | None:
    """The file of a workbook outside the folder of results, checked to be writable; None where there is none.

    Raises:
        UserError: no name of a workbook, or a folder that cannot be written to.
    """
    if isinstance(workbook, bool):
        if workbook and options.output is None:
            raise UserError("needs a folder of results; give one as output.", key="workbook", code=Exit.USAGE)
        return None
    file = Path(workbook)
    if file.suffix != ".xlsx":
        raise UserError(
            "the name of a workbook ends in .xlsx; without a name, put --workbook after the scenarios.",
            key=str(workbook),
            code=Exit.USAGE,
        )
    path = file.absolute()
    if path.is_dir() or not path.parent.is_dir() or not os.access(path.parent, os.W_OK):
        raise UserError("cannot write a file here.", file=workbook, code=Exit.OUTPUT)
    return file


def _write_workbook(
    assessment: Assessment, scenarios: Sequence[ResolvedScenario], options: RunOptions, path: Path
) -> None:
    from model.reporting.workbook.costing_workbook import write_workbook

    trail = audit_trail(scenarios, options)
    write_workbook(assessment.appraisals, trail, path, equity=assessment.equity, ranking=assessment.ranking)


def _write(
    plan: RunPlan, assessment: Assessment, prepared_in: Path | None, options: RunOptions, *, in_folder: bool
) -> Files:
    """Write the folder of results, if there is one; return the name and meaning of its files."""
    from model.reporting.tables.assessment import write_assessment

    if plan.folder is None:
        return []
    with whole_folder(plan.folder, prepared_in) as folder:
        files = write_assessment(assessment, folder)
        for file, (scenario, meaning) in resolved_files(plan.resolved).items():
            (folder / file).write_text(scenario.to_yaml(), encoding="utf-8")
            files.append((file, meaning))
        if in_folder:
            _write_workbook(assessment, plan.resolved, options, folder / WORKBOOK)
            files.append((WORKBOOK, "All of it with live formulas: change an assumption and results follow."))
        if options.figures:
            from model.reporting.figures.costing import draw_costing

            draw_costing(assessment.appraisals, folder / FIGURES / "costing.png")
            files.append((f"{FIGURES}/costing.png", "What each option costs and gains. Also as SVG."))
        assumptions = assessment.appraisals[0].assumptions
        remarks = (
            f"Money at {assumptions.prices} prices, {assumptions.years} years appraised, discounted at "
            f"{assumptions['discount_money']:.1%} (health {assumptions['discount_health']:.1%}). "
            "See docs/costing.md for what is counted, and how."
        )
        (folder / GUIDE).write_text(task_guide(TITLE, plan.resolved, remarks, files), encoding="utf-8")
    return files
