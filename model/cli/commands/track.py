"""The command that lays new figures over what a scenario projects."""

from __future__ import annotations

from pathlib import Path

import click

from model.cli.console.progress import bar
from model.cli.context import Session, common_options
from model.cli.run_options import RESULTS, Choices

LEAST_MEMBERS = 50
MEMBERS = 400
"""Members of a scenario that says nothing: enough for the regression of figures on all uncertain numbers."""


@click.command(short_help="Lay newly published figures over a projection.")
@click.argument("observed", type=click.Path(path_type=Path, dir_okay=False), metavar="OBSERVED.csv")
@click.option("--scenario", default="baseline", show_default=True, help="Scenario or package that is projected.")
@click.option(
    "--members", type=click.IntRange(min=LEAST_MEMBERS), default=MEMBERS, show_default=True, help="Ensemble size."
)
@click.option("--seed", type=click.IntRange(min=0), help="Seed of the ensemble.")
@click.option(
    "--set",
    "settings",
    multiple=True,
    metavar="NAME=VALUE",
    help="Set a parameter (with its unit) or a setting; may be given again.",
)
@click.option(
    "--output",
    type=click.Path(path_type=Path, file_okay=False),
    default=RESULTS,
    show_default=True,
    help="Folder in which the folder of results is made.",
)
@click.option("--processes", type=click.IntRange(min=1), help="Most processes to use [default: all].")
@click.option("--figures/--no-figures", default=True, help="Whether to draw figures [default: yes].")
@common_options
@click.pass_obj
def track(
    session: Session,
    observed: Path,
    scenario: str,
    members: int,
    seed: int | None,
    settings: tuple[str, ...],
    output: Path,
    processes: int | None,
    figures: bool,
) -> None:
    """Lay newly published figures over the projected fan of a scenario.

    OBSERVED.csv has the columns of calibration/observations.csv. Says which series have left their 80% band and since
    when, whether chance alone does so, and which assumptions the figures implicate. Figures outside are no error.
    """
    from model.calibration.tracking.new_observations import read_new_figures
    from model.calibration.tracking.track import track as lay_over
    from model.reporting.technical.tracking_narrative import summary
    from model.reporting.technical.tracking_report import render_implicated, render_series, write_tracking
    from model.simulation.simulate import registry
    from model.workflows.plan import resolve_all
    from model.workflows.results_folder import GUIDE, check_replaceable, folder_name, whole_folder

    target = output / folder_name(f"tracking_{observed.stem}")
    check_replaceable(target)
    choices = Choices(members=members, seed=seed, settings=settings)
    resolved = resolve_all([scenario], choices.changes())[0]
    new = read_new_figures(observed, resolved, registry())
    tasks = 2 if figures else 1
    with bar(tasks, quiet=session.quiet) as progress:
        progress.begin(resolved.name)
        found = lay_over(resolved, new, registry(), members=members, processes=processes, progress=progress.advance)
        progress.finish()
        with whole_folder(target) as folder:
            write_tracking(found, folder, figures=figures, told=progress.begin)
            (folder / "scenario.resolved.yaml").write_text(found.scenario.to_yaml(), encoding="utf-8")
            (folder / GUIDE).write_text(_guide(observed, resolved.name, figures=figures), encoding="utf-8")
    session.show(render_series(found))
    if found.implication.ranked:
        session.show(render_implicated(found))
    session.say("\n".join(summary(found)))
    session.say(f"Results: {target}/report.html")


def _guide(observed: Path, scenario: str, *, figures: bool) -> str:
    from model.reporting.technical.tracking_report import FIGURES, IMPLICATED, PAGE, ROWS, SERIES
    from model.workflows.results_folder import MARK

    lines = [
        f"{MARK}: figures of {observed} over the projection of '{scenario}'",
        "",
        f"  {PAGE}: all of it on one page that needs no network",
        f"  {SERIES}: by series, whether it has left its 80% band, since when, and the chance of that",
        f"  {ROWS}: each figure beside what was projected, with its standardised distance",
        f"  {IMPLICATED}: uncertain numbers, the most implicated first",
        "  scenario.resolved.yaml: every setting and value of what was run",
    ]
    if figures:
        lines.append(f"  {FIGURES}/: the fan of each series and the implicated assumptions, as PNG and SVG")
    return "\n".join([*lines, ""])
