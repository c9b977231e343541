"""The command ``cost``: prioritisation costing of interventions and packages, as tables and as a workbook."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from model.cli.assessment_options import judging_options
from model.cli.context import Session, common_options
from model.cli.run_options import Choices
from model.registry.errors import Exit, UserError

if TYPE_CHECKING:
    from model.appraisal.assessment import Judged
    from model.workflows.plan import Plan

IN_THE_FOLDER = "-"
WORKBOOK = "costing.xlsx"


@click.command(
    short_help="Cost interventions and packages for prioritisation.",
    epilog="Example: run.py cost home_first vcse_capacity --members 50 --years 10 --workbook. docs/costing.md says "
    "what is counted, and how.",
)
@click.argument("scenarios", nargs=-1, required=True, metavar="SCENARIO...")
@click.option(
    "--workbook",
    is_flag=False,
    flag_value=IN_THE_FOLDER,
    metavar="[FILE.xlsx]",
    help=f"Also write a workbook with live formulas, to FILE.xlsx or to {WORKBOOK} among the results.",
)
@judging_options
@common_options
@click.pass_obj
def cost(session: Session, scenarios: tuple[str, ...], **options: Any) -> None:
    """Cost SCENARIOS against the baseline: who pays, who gains, present values, ratios, payback, cost per QALY.

    A SCENARIO is a scenario, a package, or an intervention by name; an intervention is costed on the baseline.
    """
    from model.cli.assessment_options import judging_plan, read_rules, run_and_judge, store_of
    from model.cli.console.costing_tables import render_costing
    from model.cli.console.progress import bar
    from model.workflows.plan import notes_on

    keys = ("workbook", "each", "assumptions", "principles", "name")
    workbook, each, assumptions, principles, name = (options.pop(key) for key in keys)
    _check_workbook(workbook)
    choices = Choices(**options)
    rules = read_rules(assumptions, principles)
    plan, _ = judging_plan(scenarios, choices, rules, name or "cost_{}", each=each)
    for note in notes_on(plan.resolved) if not session.quiet else ():
        click.echo(note, err=True)
    store = store_of(plan, choices, session)
    try:
        with store, bar(len(plan.resolved) + 1, quiet=session.quiet) as progress:
            _, found = run_and_judge(plan, rules, store, choices, progress)
            progress.begin("writing results")
            _write(plan, found, store.folder, choices, workbook)
            progress.finish()
    finally:
        if store.kept:
            click.echo("Finished parts are kept: the same command with --resume goes on with them.", err=True)
    session.show(render_costing(found.appraisals))
    session.say(f"Results: {plan.target}/" + (f" and {workbook}" if workbook not in (None, IN_THE_FOLDER) else ""))


def _check_workbook(workbook: str | None) -> None:
    if workbook in (None, IN_THE_FOLDER):
        return
    if Path(workbook).suffix != ".xlsx":
        raise UserError(
            "the name of a workbook ends in .xlsx; without a name, put --workbook after the scenarios.",
            key=workbook,
            code=Exit.USAGE,
        )
    place = Path(workbook).absolute()
    if place.is_dir() or not place.parent.is_dir() or not os.access(place.parent, os.W_OK):
        raise UserError("cannot write a file here.", file=workbook, code=Exit.OUTPUT)


def _write(plan: Plan, found: Judged, room: Path, choices: Choices, workbook: str | None) -> None:
    from model.cli.analysis_options import guide
    from model.cli.assessment_options import trail
    from model.reporting.tables.assessment import write_judged
    from model.reporting.workbook.costing_workbook import write_workbook
    from model.workflows.results_folder import GUIDE, folder_name, whole_folder

    made = trail(plan, choices)
    with whole_folder(plan.target, room) as folder:
        written = write_judged(found, folder)
        for each in plan.resolved:
            file = f"scenario_{folder_name(each.name)}.resolved.yaml"
            (folder / file).write_text(each.to_yaml(), encoding="utf-8")
            written.append((file, f"Every setting, value and dated change of '{each.name}'."))
        if workbook == IN_THE_FOLDER:
            write_workbook(found.appraisals, made, folder / WORKBOOK, equity=found.equity, ranking=found.ranking)
            written.append((WORKBOOK, "All of it with live formulas: change an assumption and results follow."))
        if choices.figures:
            from model.reporting.figures.costing import draw_costing

            draw_costing(found.appraisals, folder / "figures" / "costing.png")
            written.append(("figures/costing.png", "What each option costs and gains. Also as SVG."))
        basis = found.appraisals[0].basis
        remarks = (
            f"Money at {basis.prices} prices, {basis.years} years appraised, discounted at "
            f"{basis['discount_money']:.1%} (health {basis['discount_health']:.1%}). "
            "docs/costing.md says what is counted, and how."
        )
        text = guide("prioritisation costing", list(plan.resolved), remarks, written)
        (folder / GUIDE).write_text(text, encoding="utf-8")
    if workbook is not None and workbook != IN_THE_FOLDER:
        write_workbook(found.appraisals, made, Path(workbook), equity=found.equity, ranking=found.ranking)
