"""The command ``cost``: prioritisation costing of interventions and packages, as tables and as a workbook."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from model.cli.assessment_options import assessment_options
from model.cli.context import CommandContext, common_options

AMONG_RESULTS = "-"
"""What stands for a workbook without a name of its own."""


@click.command(
    short_help="Cost interventions and packages for prioritisation.",
    epilog="Example: run.py cost home_first vcse_capacity --members 50 --years 10 --workbook. See docs/costing.md for "
    "what is counted, and how.",
)
@click.argument("scenarios", nargs=-1, required=True, metavar="SCENARIO...")
@click.option(
    "--workbook",
    is_flag=False,
    flag_value=AMONG_RESULTS,
    metavar="[FILE.xlsx]",
    help="Write a workbook, to FILE.xlsx or among the results.",
)
@assessment_options
@common_options
@click.pass_obj
def cost(context: CommandContext, scenarios: tuple[str, ...], workbook: str | None, **options: Any) -> None:
    """Cost SCENARIOS against the baseline: who pays, who gains, present values, ratios, payback, cost per QALY.

    A SCENARIO is a scenario, a package, or an intervention by name; an intervention is costed on the baseline.
    """
    from model.cli.console.costing_tables import render_costing
    from model.workflows.cost import cost as cost_scenarios

    book = workbook is not None if workbook in (None, AMONG_RESULTS) else Path(workbook)
    with context.progress() as progress:
        costing = cost_scenarios(*scenarios, workbook=book, progress=progress, **options)
    context.show(render_costing(costing.result.appraisals))
    if isinstance(book, Path):
        context.say(f"Workbook: {book}")
    context.say_folder(costing.folder)
