"""The commands that run scenarios: ``run`` and ``compare``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from model.cli.choices import Choices, run_options
from model.cli.progress import Bar, bar
from model.cli.session import Session, announce_compiling, common_options

if TYPE_CHECKING:
    from model.cli.plans import Plan
    from model.results.run import Run


@click.command(short_help="Run scenarios, each against the baseline.")
@click.argument("scenarios", nargs=-1, required=True, metavar="SCENARIO...")
@run_options
@common_options
@click.pass_obj
def run(session: Session, scenarios: tuple[str, ...], **options: Any) -> None:
    """Run scenarios, each against the baseline, each into a folder of its own.

    A SCENARIO is a YAML file or a name (see 'run.py describe scenarios').
    """
    from model.cli.plans import plan_runs

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
    from model.cli.plans import plan_comparison

    choices = Choices(**options)
    _carry_out([plan_comparison(scenarios, name, choices)], choices, session)


def _carry_out(plans: Sequence[Plan], choices: Choices, session: Session) -> None:
    """Run what is planned and write each folder as soon as its runs are done, so that a later fault loses nothing."""
    from model.results.comparison import headline_table
    from model.results.render import render_headlines
    from model.scenarios.hospitals import PATIENT_LEVEL

    baselines: dict[str, Run] = {}
    runs_to_come = len({plan.baseline.to_yaml() for plan in plans}) + sum(len(plan.scenarios) for plan in plans)
    tasks = runs_to_come + len(plans) * (2 if choices.figures else 1)
    done: list[tuple[Plan, list[Run]]] = []
    _note_what_stays_out(plans, session)
    if any(each.hospital == PATIENT_LEVEL for plan in plans for each in (plan.baseline, *plan.scenarios)):
        announce_compiling(session)
    with bar(tasks, quiet=session.quiet) as progress:
        for plan in plans:
            key = plan.baseline.to_yaml()
            if key not in baselines:
                baselines[key] = _simulated(plan.baseline, choices, progress)
            runs = [baselines[key], *(_simulated(each, choices, progress) for each in plan.scenarios)]
            _write(plan, runs, choices, progress)
            done.append((plan, runs))
    for plan, runs in done:
        rows = headline_table(runs, runs[0])
        if rows:
            session.show(render_headlines(rows))
        else:
            session.say("No horizon lies within the run: see headlines_by_year.csv.")
        session.say(f"Results: {_shown(plan.target)}")


def _note_what_stays_out(plans: Sequence[Plan], session: Session) -> None:
    """Say which interventions begin after their run ends: they are no fault, as a run may be cut short."""
    late = {
        f"Note: {programme.name} begins in {programme.start:%B %Y}, after the run of {scenario.name} ends."
        for plan in plans
        for scenario in plan.scenarios
        for programme in scenario.programmes
        if programme.start >= scenario.end
    }
    for text in sorted(late) if not session.quiet else ():
        click.echo(text, err=True)


def _simulated(resolved: Any, choices: Choices, progress: Bar) -> Run:
    from model.simulation import simulate

    progress.begin(resolved.name)
    found = simulate(resolved, checked=choices.checked, processes=choices.processes, progress=progress.advance)
    progress.finish()
    return found


def _write(plan: Plan, runs: Sequence[Run], choices: Choices, progress: Bar) -> None:
    from model.cli.folder import whole_folder
    from model.cli.products import write_products

    with whole_folder(plan.target) as folder:
        write_products(
            folder, plan.resolved, runs, figures=choices.figures, began=progress.begin, finished=progress.finish
        )


def _shown(path: Path) -> str:
    """A path from here, where it lies below."""
    return f"{path.relative_to(Path.cwd())}/" if path.is_relative_to(Path.cwd()) else f"{path}/"
