"""The command ``sensitivity``: what results depend on, and which uncertainty could change a choice."""

from __future__ import annotations

from typing import Any

import click

from model.cli.analysis_options import analysis_options
from model.cli.context import CommandContext, common_options
from model.workflows.sensitivity import MEMBERS, OBJECTIVE, SAMPLES, TOP, TRAJECTORIES


@click.command(
    short_help="What results depend on, and what it is worth to know more.",
    epilog="Without a method, all of them are used: leverage, tornado, screening, and Sobol indices of the inputs that "
    "matter most. See docs/sensitivity.md for how to read them.",
)
@click.argument("scenario")
@click.option("--of", multiple=True, metavar="RESULT", help="Ask about this result [default: main headlines].")
@click.option("--against", metavar="SCENARIO", help="Look at the difference from this scenario.")
@click.option("--leverage", is_flag=True, help="Compute elasticities of headlines to parameters.")
@click.option("--tornado", is_flag=True, help="Set each input to the ends of its 80% interval.")
@click.option("--screen", is_flag=True, help="Screen all uncertain inputs (Morris).")
@click.option("--sobol", multiple=True, metavar="INPUT", help="Compute Sobol indices of this input, or of 'top'.")
@click.option("--decision", multiple=True, metavar="PACKAGE", help="Value information for a choice with SCENARIO.")
@click.option(
    "--objective", multiple=True, metavar="NAME", help=f"Choose by this name, file or result [default: {OBJECTIVE}]."
)
@click.option(
    "--top",
    type=click.IntRange(min=1),
    default=TOP,
    show_default=True,
    help="Show this many inputs; 'top' means these.",
)
@click.option(
    "--trajectories",
    type=click.IntRange(min=2),
    default=TRAJECTORIES,
    show_default=True,
    help="Screen with this many trajectories.",
)
@click.option(
    "--samples",
    type=click.IntRange(min=2),
    default=SAMPLES,
    show_default=True,
    help="Draw this many base samples for Sobol indices.",
)
@analysis_options(MEMBERS)
@common_options
@click.pass_obj
def sensitivity(context: CommandContext, scenario: str, top: int, **options: Any) -> None:
    """Find what results of a SCENARIO depend on: which inputs matter, how, and when.

    Options that take a RESULT, INPUT, PACKAGE or NAME may be given again. A result is a headline
    ('run.py describe headlines') or an expression such as 'discharge.nctr_share_of_beds'.
    """
    from model.cli.console.sensitivity_tables import render_sensitivity
    from model.workflows.sensitivity import sensitivity as run_sensitivity

    with context.progress() as progress:
        answer = run_sensitivity(scenario, top=top, progress=progress, **options)
    context.show(render_sensitivity(answer.result, top))
    context.say_folder(answer.folder)
