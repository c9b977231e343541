"""The command ``attribute``: what each intervention of a package contributes."""

from __future__ import annotations

from typing import Any

import click

from model.cli.analysis_options import analysis_options
from model.cli.context import CommandContext, common_options
from model.workflows.attribute import MEMBERS, MOST_RUNS


@click.command(
    short_help="What each intervention of a package contributes.",
    epilog="Example: run.py attribute home_first --members 20. See docs/attribution.md for how to read the results.",
)
@click.argument("package")
@click.option("--of", multiple=True, metavar="RESULT", help="Show this result; repeatable [default: main headlines].")
@click.option("--central", is_flag=True, help="Run central values only: no intervals, far fewer runs.")
@click.option(
    "--orders", type=click.IntRange(min=2), metavar="N", help="Sample N pairs of opposite orders for each member."
)
@click.option(
    "--most-runs",
    type=click.IntRange(min=100),
    default=MOST_RUNS,
    show_default=True,
    help="Run all subsets up to this many runs, else sample.",
)
@analysis_options(MEMBERS)
@common_options
@click.pass_obj
def attribute(context: CommandContext, package: str, of: tuple[str, ...], **options: Any) -> None:
    """Attribute the effect of a PACKAGE (or scenario) to its interventions.

    Shapley values of every headline at every horizon, which add up to the effect of the package; interactions of pairs;
    and where interventions save the same bed days or need the same staff. The package is compared with the same
    scenario without any of its interventions. All subsets of up to 12 interventions are run where --most-runs allows.
    """
    from model.cli.console.attribution_tables import render_attribution
    from model.workflows.attribute import attribute as run_attribution
    from model.workflows.attribute import results_drawn

    with context.progress() as progress:
        answer = run_attribution(package, of=of, progress=progress, **options)
    context.show(render_attribution(answer.result, [measure.name for measure in results_drawn(of)]))
    context.say_folder(answer.folder)
