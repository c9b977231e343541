"""The command ``target``: what it would take to meet a target."""

from __future__ import annotations

from typing import Any

import click

from model.cli.analysis_options import analysis_options
from model.cli.context import CommandContext, common_options
from model.workflows.goal_seek import MEMBERS, MOST_SCALE, PROBABILITY


@click.command(
    short_help="What it would take to meet a target.",
    epilog="Example: run.py target 'nctr_before <= 200 by 2026-03' --by home_first --by discharge.process_days=-50% "
    "--budget £10m/year. See docs/portfolio.md for how to read the results.",
)
@click.argument("text", metavar="'RESULT <= NUMBER by YYYY-MM'")
@click.option(
    "--by", "levers", multiple=True, required=True, metavar="LEVER", help="Move this intervention, or PARAMETER=CHANGE."
)
@click.option(
    "--probability",
    type=click.FloatRange(0, 1, min_open=True),
    default=PROBABILITY,
    show_default=True,
    help="Meet the target in this share of members.",
)
@click.option(
    "--start",
    "starts",
    multiple=True,
    type=click.FloatRange(min=0),
    metavar="YEARS",
    help="Start this long after the decision [default: own dates].",
)
@click.option(
    "--most-scale",
    type=click.FloatRange(min=0, min_open=True),
    default=MOST_SCALE,
    show_default=True,
    help="Scale a lever at most by this.",
)
@click.option("--budget", metavar="AMOUNT", help="Spend at most this in any year: £20m/year.")
@click.option("--posts", multiple=True, metavar="LIMIT", help="Limit new posts: 200, acute=80, acute.nursing=40.")
@click.option("--mix", is_flag=True, help="Seek the cheapest mix of two to four levers, too.")
@click.option("--baseline", default="baseline", show_default=True, help="Add levers to this scenario.")
@analysis_options(MEMBERS)
@common_options
@click.pass_obj
def target(context: CommandContext, text: str, levers: tuple[str, ...], **options: Any) -> None:
    """Find the smallest scale of levers that meets a target, by each lever alone and by all of them together.

    A lever is an intervention, or a parameter with the relative change that scale 1 stands for. Where the target cannot
    be met, the answer names the limits that bind. --by, --start and --posts may be given again.
    """
    from model.cli.console.goal_seek_tables import render_goal_seek
    from model.workflows.goal_seek import target as seek

    with context.progress() as progress:
        answer = seek(text, *levers, progress=progress, **options)
    context.show(render_goal_seek(answer.result.search))
    for sentence in answer.result.sentences():
        context.say(sentence)
    context.say_folder(answer.folder)
