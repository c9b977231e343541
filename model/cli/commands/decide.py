"""The commands ``decide`` and ``report``: from packages to one answer, with tables, workbook and a report."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from model.cli.assessment_options import assessment_options
from model.cli.context import CommandContext, common_options
from model.cli.run_options import run_options
from model.workflows.decide import ATTRIBUTION_MEMBERS, ATTRIBUTION_RUNS

if TYPE_CHECKING:
    from model.workflows.decide import Decision


@click.command(
    short_help="Carry out a decision: run, cost, rank, report.",
    epilog="Example: run.py decide six_packages. See docs/decision.md for what a decision file holds.",
)
@click.argument("decision", metavar="DECISION")
@click.option("--name", help="Name the folder of results [default: the decision].")
@run_options
@common_options
@click.pass_obj
def decide(context: CommandContext, decision: str, name: str | None, **options: Any) -> None:
    """Carry out a DECISION: the name of one that comes with the model, or a YAML file.

    Its scenarios are run against the baseline, costed, set against the principles of prioritisation and taken apart;
    all of it is written with a workbook and a report for a board. Options given here take the place of the file's.
    """
    from model.workflows.decide import decide as carry_out

    with context.progress() as progress:
        result = carry_out(decision, name=name, progress=progress, **options)
    _show(result, context)


@click.command(
    short_help="Run packages and write a report for a board.",
    epilog="Example: run.py report home_first vcse_capacity --members 50. See docs/decision.md for what is in it.",
)
@click.argument("scenarios", nargs=-1, required=True, metavar="SCENARIO...")
@click.option(
    "--apart",
    "attributed",
    multiple=True,
    metavar="SCENARIO",
    help="Take this scenario apart; repeatable [default: every one].",
)
@click.option("--no-apart", "none", is_flag=True, help="Take no scenario apart into its interventions.")
@click.option(
    "--apart-members",
    "attribution_members",
    type=click.IntRange(min=2),
    default=ATTRIBUTION_MEMBERS,
    show_default=True,
    help="Take apart with so many members.",
)
@click.option(
    "--apart-runs",
    "attribution_runs",
    type=click.IntRange(min=100),
    default=ATTRIBUTION_RUNS,
    show_default=True,
    help="Take each apart in at most so many runs.",
)
@assessment_options
@common_options
@click.pass_obj
def report(
    context: CommandContext, scenarios: tuple[str, ...], attributed: tuple[str, ...], none: bool, **options: Any
) -> None:
    """Run SCENARIOS against the baseline and write everything that a decision needs, with a report for a board.

    A SCENARIO is a scenario, a package, or an intervention by name. The report is one HTML file that needs no network.
    """
    from model.workflows.decide import report as write_report

    chosen = () if none else attributed or None
    with context.progress() as progress:
        result = write_report(*scenarios, attributed=chosen, progress=progress, **options)
    _show(result, context)


def _show(decision: Decision, context: CommandContext) -> None:
    """Print headlines, the ranking, and where the results are."""
    from model.cli.console.headline_table import render_headlines
    from model.cli.console.ranking_tables import render_ranking

    if rows := decision.comparison.headline_rows():
        context.show(render_headlines(rows))
    context.show(render_ranking(decision.assessment.ranking))
    context.say_folder(decision.folder, begin_with="report.html")
