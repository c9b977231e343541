"""The command ``robustness``: packages in many futures."""

from __future__ import annotations

from typing import Any

import click

from model.cli.analysis_options import analysis_options
from model.cli.context import CommandContext, common_options
from model.workflows.robustness import MEMBERS


@click.command(
    short_help="Set packages against many futures.",
    epilog="Example: run.py robustness home_first prevention_shift --target 'discharge.nctr_share_of_beds <= 15 % by "
    "2026-03'. See docs/sensitivity.md for how to read the results.",
)
@click.argument("packages", nargs=-1, required=True, metavar="PACKAGE...")
@click.option("--futures", multiple=True, metavar="NAME", help="Run this future; repeatable [default: all].")
@click.option(
    "--target", "targets", multiple=True, metavar="TEXT", help="Count members that meet 'RESULT <= NUMBER by YYYY-MM'."
)
@click.option(
    "--objective", "objectives", multiple=True, metavar="NAME", help="Judge by this name, file or result; repeatable."
)
@click.option("--baseline", default="baseline", show_default=True, help="Compare packages with this scenario.")
@analysis_options(MEMBERS)
@common_options
@click.pass_obj
def robustness(context: CommandContext, packages: tuple[str, ...], **options: Any) -> None:
    """Run PACKAGES and the baseline in every future: regret, the best of each future, targets met, and failures.

    The future 'none' is the one without a file: as projected. Members are the same in every package and future. Where
    no objective is named, packages are judged by net benefit and by the headlines marked for it.
    """
    from model.cli.console.robustness_tables import render_robustness
    from model.workflows.robustness import robustness as run_robustness

    with context.progress() as progress:
        answer = run_robustness(*packages, progress=progress, **options)
    context.show(render_robustness(answer.result.experiment, answer.result.failures))
    context.say_folder(answer.folder)
