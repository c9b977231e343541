"""The command ``portfolio``: which handful of interventions, in which order, within a budget."""

from __future__ import annotations

from typing import Any

import click

from model.cli.analysis_options import analysis_options
from model.cli.context import CommandContext, common_options
from model.workflows.portfolio import AT_MOST, CRITERIA, MEMBERS, MOST_RUNS, OBJECTIVE, PROBABILITY


@click.command(
    short_help="Choose a handful of interventions within a budget.",
    epilog="Example: run.py portfolio --budget £20m/year --at-most 5 --package home_first --package vcse_capacity. "
    "See docs/portfolio.md for how to read the results.",
)
@click.argument("interventions", nargs=-1, metavar="[INTERVENTION]...")
@click.option("--package", "packages", multiple=True, metavar="NAME", help="Choose from what a package uses.")
@click.option("--budget", required=True, metavar="AMOUNT", help="Spend at most this in any year: £20m/year.")
@click.option(
    "--at-most", type=click.IntRange(min=1), default=AT_MOST, show_default=True, help="Choose at most this many."
)
@click.option("--stop", "stops", multiple=True, metavar="NAME", help="Allow stopping this one, or 'all'.")
@click.option(
    "--start",
    "starts",
    multiple=True,
    type=click.FloatRange(min=0),
    metavar="YEARS",
    help="Start this long after the decision [default: own dates].",
)
@click.option(
    "--scale",
    "scales",
    multiple=True,
    type=click.FloatRange(min=0, min_open=True),
    metavar="NUMBER",
    help="Allow this scale [default: 1].",
)
@click.option("--posts", multiple=True, metavar="LIMIT", help="Limit new posts: 200, acute=80, acute.nursing=40.")
@click.option(
    "--objective",
    "objectives",
    multiple=True,
    metavar="NAME",
    help=f"Make this as large as possible [default: {OBJECTIVE}].",
)
@click.option("--limit", "limits", multiple=True, metavar="TEXT", help="Require 'occupancy <= 95 by 2030-03'.")
@click.option(
    "--probability",
    type=click.FloatRange(0, 1),
    default=PROBABILITY,
    show_default=True,
    help="Meet each --limit with this probability.",
)
@click.option(
    "--choose-by",
    type=click.Choice(CRITERIA),
    default=CRITERIA[0],
    show_default=True,
    help="Choose by the mean, its worst fifth, or worst regret.",
)
@click.option("--futures", multiple=True, metavar="NAME", help="Run this future, or 'all' [default: as projected].")
@click.option("--baseline", default="baseline", show_default=True, help="Add interventions to this scenario.")
@click.option(
    "--most-runs",
    type=click.IntRange(min=10),
    default=MOST_RUNS,
    show_default=True,
    help="Run the model at most this often.",
)
@analysis_options(MEMBERS)
@common_options
@click.pass_obj
def portfolio(context: CommandContext, interventions: tuple[str, ...], **options: Any) -> None:
    """Choose among INTERVENTIONS (all of the library where none is named): which, when, how large, and what to stop.

    Every choice within the limits is run where that is possible. Otherwise integer programming on the effects of
    interventions and their pairs finds the choices to run. With more than one objective, the first decides and all make
    a frontier. Options that take a NAME, YEARS, NUMBER, LIMIT or TEXT may be given again.
    """
    from model.cli.console.portfolio_tables import render_portfolio
    from model.workflows.portfolio import portfolio as choose

    with context.progress() as progress:
        answer = choose(*interventions, progress=progress, **options)
    context.show(render_portfolio(answer.result))
    context.say_folder(answer.folder)
