"""The command ``backtest``: test the model on figures that the fit has not seen."""

from __future__ import annotations

from pathlib import Path
from textwrap import fill
from typing import Any

import click

from model.cli.context import NARROWEST, CommandContext, common_options
from model.cli.run_options import figures_option
from model.workflows.backtest import ITERATIONS, RESULTS, SEED, STARTS, STEPS


@click.command(short_help="Test the model on figures that it has not seen.")
@click.option(
    "--cut-off",
    "cut_offs",
    multiple=True,
    metavar="YYYY-MM",
    help="Forecast from this month on [default: backtest.yaml].",
)
@click.option("--members", type=click.IntRange(min=4), help="Draw this many in each fit [default: twice the numbers].")
@click.option(
    "--iterations",
    type=click.IntRange(min=1),
    default=ITERATIONS,
    show_default=True,
    help="Update the ensemble this many times.",
)
@click.option(
    "--steps", type=click.IntRange(min=0), default=STEPS, show_default=True, help="Run chains of this many steps."
)
@click.option(
    "--starts",
    type=click.IntRange(min=1),
    default=STARTS,
    show_default=True,
    help="Start the point fit from this many places.",
)
@click.option("--seed", type=click.IntRange(min=0), default=SEED, show_default=True, help="Seed all draws with this.")
@click.option("--resume", is_flag=True, help="Complete an unfinished backtest, with the same scores.")
@figures_option
@click.option(
    "--output",
    type=click.Path(path_type=Path, file_okay=False),
    default=RESULTS,
    show_default=True,
    help="Write results into this folder.",
)
@common_options
@click.pass_obj
def backtest(context: CommandContext, cut_offs: tuple[str, ...], **options: Any) -> None:
    """Fit to the figures up to a month, forecast what follows, and score the forecasts by series.

    The model is compared with three forecasts that know nothing of the system: the last value, the same month of last
    year, and a straight line. Of the history only what was known at the cut-off is used; calibration/backtest.yaml has
    what is assumed from there, and the cut-offs where none is given. docs/backtest.md describes the test.
    """
    from model.cli.console.backtest_tables import render_scores
    from model.workflows.backtest import backtest as run_backtest

    with context.progress() as progress:
        test = run_backtest(*cut_offs, progress=progress, **options)
    for rows, summary in zip(test.result.by_cut_off(), test.result.summaries(), strict=True):
        context.show(render_scores(rows))
        context.say(f"{fill(summary.words, NARROWEST)}\n")
    context.say(f"{test.result.runs:,} runs of the model.")
    context.say_folder(test.folder)
