"""Options of the commands that assess scenarios: ``cost`` and ``report``."""

from __future__ import annotations

from pathlib import Path

import click

from model.cli.run_options import Command, run_options, with_options


def assessment_options(command: Command) -> Command:
    """Options of the commands that assess scenarios, those of a run among them."""
    file = click.Path(path_type=Path, dir_okay=False)
    return with_options(
        click.option("--each", "each_intervention", is_flag=True, help="Assess every intervention by itself, too."),
        click.option(
            "--assumptions", type=file, metavar="FILE.yaml", help="Take other assumptions of costing from this file."
        ),
        click.option(
            "--principles", type=file, metavar="FILE.yaml", help="Take other principles and weights from this file."
        ),
        click.option("--name", help="Name the folder of results [default: the scenarios]."),
        run_options,
    )(command)
