"""The commands that run scenarios: ``run`` and ``compare``."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from model.cli.console.progress import Bar, bar
from model.cli.context import Session, announce_compiling, common_options
from model.cli.run_options import Choices, run_options

if TYPE_CHECKING:
    from model.results.comparison import HeadlineRow
    from model.results.run import Run
    from model.scenarios.resolved import ResolvedScenario
    from model.simulation.store import Folder
    from model.workflows.plan import Plan


@click.command(short_help="Run scenarios, each against the baseline.")
@click.argument("scenarios", nargs=-1, required=True, metavar="SCENARIO...")
@run_options
@common_options
@click.pass_obj
def run(session: Session, scenarios: tuple[str, ...], **options: Any) -> None:
    """Run scenarios, each against the baseline, each into a folder of its own.

    A SCENARIO is a YAML file or a name (see 'run.py describe scenarios').
    """
    from model.workflows.plan import plan_runs

    choices = Choices(**options)
    _carry_out(plan_runs(scenarios, choices), choices, session)


@click.command(short_help="Run scenarios and set them side by side.")
@click.argument("scenarios", nargs=-1, required=True, metavar="SCENARIO...")
@click.option("--name", help="Name of the folder of results [default: the names of the scenarios].")
@run_options
@common_options
@click.pass_obj
def compare(session: Session, scenarios: tuple[str, ...], name: str | None, **options: Any) -> None:
    """Run scenarios and set them beside each other and the baseline, in one folder."""
    from model.workflows.plan import plan_comparison

    choices = Choices(**options)
    _carry_out([plan_comparison(scenarios, name, choices)], choices, session)


def _carry_out(plans: Sequence[Plan], choices: Choices, session: Session) -> None:
    """Run what is planned and write each folder as soon as its runs are done, so that a later error loses nothing."""
    from model.cli.console.headline_table import render_headlines
    from model.scenarios.hospitals import PATIENT_LEVEL
    from model.simulation.simulate import jobs_of, lasting
    from model.simulation.store import Folder
    from model.workflows.plan import notes_on
    from model.workflows.results_folder import working_folder

    # Each scenario once, though it may stand in several folders as the baseline does.
    scenarios = list({each.to_yaml(): each for plan in plans for each in plan.resolved}.values())
    for text in notes_on(scenarios) if not session.quiet else ():
        click.echo(text, err=True)
    store = Folder(
        working_folder(choices.output, [plan.target.name for plan in plans]),
        jobs_of(scenarios, checked=choices.checked, processes=choices.processes),
        resume=choices.resume,
        lasting=lasting(scenarios),
    )
    if any(each.hospital == PATIENT_LEVEL for each in scenarios):
        announce_compiling(session)
    try:
        with store:
            _tell_what_was_there(store, session)
            tables = _run_and_write(plans, scenarios, store, choices, session)
    finally:
        if store.kept:
            click.echo("Finished parts are kept: the same command with --resume goes on with them.", err=True)
    for plan, rows in tables:
        if rows:
            session.show(render_headlines(rows))
        else:
            session.say("No horizon lies within the run: see headlines_by_year.csv.")
        session.say(f"Results: {_shown(plan.target)}")


def _tell_what_was_there(store: Folder, session: Session) -> None:
    """Say what is taken over from an unfinished run, or thrown away with it."""
    text = ""
    if store.replaced is not None:
        done, parts = store.replaced
        text = f"Note: an unfinished run of this name is replaced ({done} of {parts} parts); --resume completes one."
    elif there := sum(store.has(part) for part in store.parts):
        text = f"Resuming: {there} of {len(store.parts)} parts are there."
    if text and not session.quiet:
        click.echo(text, err=True)


def _run_and_write(
    plans: Sequence[Plan], scenarios: Sequence[ResolvedScenario], store: Folder, choices: Choices, session: Session
) -> list[tuple[Plan, list[HeadlineRow]]]:
    """Headline table of each plan, in order, once all is written."""
    from model.results.comparison import headline_table
    from model.simulation.simulate import runs_of

    places = {each.to_yaml(): place for place, each in enumerate(scenarios)}
    needed = [[places[each.to_yaml()] for each in plan.resolved] for plan in plans]
    runs: dict[int, Run] = {}
    tables: dict[int, list[HeadlineRow]] = {}
    title = f"{len(scenarios)} scenarios" if len(scenarios) > 1 else scenarios[0].name
    with bar(len(scenarios) + len(plans) * (2 if choices.figures else 1), quiet=session.quiet) as progress:
        coming = runs_of(
            scenarios,
            store,
            processes=choices.processes,
            scheduler=choices.scheduler,
            progress=progress.beside(f"running {title}", len(scenarios)),
        )
        with closing(coming):
            for place, run in coming:
                runs[place] = run
                for number, plan in enumerate(plans):
                    if number not in tables and all(each in runs for each in needed[number]):
                        own = [runs[each] for each in needed[number]]
                        _write(plan, own, store.folder, choices, progress)
                        tables[number] = headline_table(own, own[0])
    return [(plan, tables[number]) for number, plan in enumerate(plans)]


def _write(plan: Plan, runs: Sequence[Run], room: Path, choices: Choices, progress: Bar) -> None:
    from model.workflows.results_folder import whole_folder
    from model.workflows.run_outputs import write_products

    with whole_folder(plan.target, room) as folder:
        write_products(
            folder, plan.resolved, runs, figures=choices.figures, began=progress.begin, finished=progress.finish
        )


def _shown(path: Path) -> str:
    """A path from here, where it lies below."""
    return f"{path.relative_to(Path.cwd())}/" if path.is_relative_to(Path.cwd()) else f"{path}/"
