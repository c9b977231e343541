"""The commands that run scenarios: ``run`` and ``compare``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from model.cli.context import CommandContext, common_options
from model.cli.run_options import run_options

if TYPE_CHECKING:
    from model.workflows.comparison import Comparison


@click.command(short_help="Run scenarios, each against the baseline.")
@click.argument("scenarios", nargs=-1, required=True, metavar="SCENARIO...")
@run_options
@common_options
@click.pass_obj
def run(context: CommandContext, scenarios: tuple[str, ...], **options: Any) -> None:
    """Run scenarios, each against the baseline, each into a folder of its own.

    A SCENARIO is a YAML file or a name (see 'run.py describe scenarios').
    """
    from model.workflows.run import run as run_scenarios

    with context.progress() as progress:
        comparisons = run_scenarios(*scenarios, progress=progress, **options)
    for comparison in comparisons:
        _show(comparison, context)


@click.command(short_help="Run scenarios and set them side by side.")
@click.argument("scenarios", nargs=-1, required=True, metavar="SCENARIO...")
@click.option("--name", help="Name the folder of results [default: the scenarios].")
@run_options
@common_options
@click.pass_obj
def compare(context: CommandContext, scenarios: tuple[str, ...], name: str | None, **options: Any) -> None:
    """Run scenarios and set them beside each other and the baseline, in one folder."""
    from model.workflows.run import compare as compare_scenarios

    with context.progress() as progress:
        comparison = compare_scenarios(*scenarios, name=name, progress=progress, **options)
    _show(comparison, context)


def _show(comparison: Comparison, context: CommandContext) -> None:
    """Print the headlines by horizon, and where the results are."""
    from model.cli.console.headline_table import render_headlines

    if rows := comparison.headline_rows():
        context.show(render_headlines(rows))
    else:
        context.say("No horizon lies within the run: see headlines_by_year.csv.")
    context.say_folder(comparison.folder)
