"""The command ``emulator``: learn the stock-flow hospital's curves again from the patient-level hospital."""

from __future__ import annotations

from pathlib import Path

import click

from model.cli.context import Session, announce_compiling, common_options

REPLICATIONS = 12


@click.command(
    short_help="Learn the stock-flow hospital's curves again from patients.",
    epilog="Takes about two minutes. Run it when the network or the parameters of urgent care or discharge changed; a "
    "test tells when the file is stale.",
)
@click.option(
    "--replications",
    type=click.IntRange(min=2),
    default=REPLICATIONS,
    show_default=True,
    help="Hospitals at every setting.",
)
@click.option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Parameter file to write, with FILE.points.csv beside it; the model's own where left out.",
)
@common_options
@click.pass_obj
def closures(session: Session, replications: int, output: Path | None) -> None:
    """Run the patient-level hospital from calm to overfull and fit the stock-flow hospital's curves to its patients.

    Writes waits for a bed, handovers, breaches of four hours, cancellations and outlying against occupancy as
    parameters with their provenance. docs/emulator.md describes the experiment.
    """
    from model.calibration.emulator import experiment, parameter_file
    from model.cli.console.progress import bar
    from model.simulation.simulate import registry

    announce_compiling(session)
    with bar(1, quiet=session.quiet) as progress:
        progress.begin("hospitals of patients")
        points = experiment.measure(replications, progress=progress.advance)
    written = parameter_file.write(points, registry(), experiment.steady_state(), output or parameter_file.FILE)
    for path in written:
        session.say(f"written: {path}")
