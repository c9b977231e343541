"""The command ``fit-emulator``: learn the stock-flow hospital's curves again from the patient-level hospital."""

from __future__ import annotations

from pathlib import Path

import click

from model.cli.context import CommandContext, common_options
from model.workflows.fit_emulator import REPLICATIONS


@click.command(
    name="fit-emulator",
    short_help="Learn the stock-flow hospital's curves again from patients.",
    epilog="Takes about two minutes. Run it when the network or the parameters of urgent care or discharge changed; a "
    "test tells when the file is stale.",
)
@click.option(
    "--replications",
    type=click.IntRange(min=2),
    default=REPLICATIONS,
    show_default=True,
    help="Run so many hospitals at every setting.",
)
@click.option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Write this parameter file [default: the model's own].",
)
@common_options
@click.pass_obj
def fit_emulator(context: CommandContext, replications: int, output: Path | None) -> None:
    """Run the patient-level hospital from calm to overfull and fit the stock-flow hospital's curves to its patients.

    Writes waits for a bed, handovers, breaches of four hours, cancellations and outlying against occupancy as
    parameters with their provenance, and FILE.points.csv beside them. See docs/emulator.md for the experiment.
    """
    from model.workflows.fit_emulator import fit_emulator as fit

    with context.progress() as progress:
        paths = fit(replications=replications, output=output, progress=progress)
    for path in paths:
        context.say(f"Wrote {path}")
