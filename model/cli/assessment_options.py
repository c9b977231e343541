"""Judging for commands: what is run for it, with its baseline; running it; and how the figures came about."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from model.cli.context import Session, announce_compiling
from model.cli.run_options import Choices, Command, run_options
from model.registry.errors import Exit, UserError

if TYPE_CHECKING:
    from model.appraisal.assessment import Judged, Rules
    from model.cli.console.progress import Bar
    from model.results.run import Run
    from model.scenarios.resolved import ResolvedScenario
    from model.simulation.store import Folder
    from model.workflows.plan import Plan


def judging_options(command: Command) -> Command:
    """Options of the commands that judge scenarios, those of a run among them."""
    file = click.Path(path_type=Path, dir_okay=False)
    options = (
        click.option("--each", is_flag=True, help="Judge every intervention of the scenarios by itself, too."),
        click.option(
            "--assumptions",
            type=file,
            metavar="FILE.yaml",
            help="Other assumptions of costing [default: scenarios/costing/appraisal.yaml].",
        ),
        click.option(
            "--principles",
            type=file,
            metavar="FILE.yaml",
            help="Other principles and weights [default: scenarios/costing/principles.yaml].",
        ),
        click.option("--name", help="Name of the folder of results [default: the names of the scenarios]."),
        run_options,
    )
    for option in reversed(options):
        command = option(command)
    return command


def read_rules(costing: Path | None, principles: Path | None) -> Rules:
    """Assumptions of costing and principles of prioritisation: those of the files, or those that come with the model.

    Raises:
        UserError: all errors of both.
    """
    from model.appraisal.assessment import Rules
    from model.appraisal.costing.assumptions import BASIS, read_basis
    from model.appraisal.prioritisation.principles import PRINCIPLES, read_principles
    from model.registry.error_collector import ErrorCollector
    from model.simulation.simulate import registry

    errors, basis = ErrorCollector(), None
    with errors.caught():
        basis = read_basis(registry(), costing or BASIS)
    with errors.caught():
        scored = read_principles(registry(), principles or PRINCIPLES, basis=basis)
    errors.raise_all()
    if basis is None:
        raise ValueError("settled without assumptions of costing")
    return Rules(basis, scored)


def judging_plan(
    written: Sequence[str], choices: Choices, rules: Rules, name: str, *, each: bool
) -> tuple[Plan, dict[str, ResolvedScenario]]:
    """Scenarios, packages and interventions resolved, with the results that judging reads, and their baseline.

    Args:
        written: names or files; an intervention stands on the baseline.
        choices: options of the command.
        rules: by what they are judged.
        name: name of the folder of results; ``{}`` in it becomes the names of the scenarios.
        each: whether every intervention of the scenarios is added by itself.

    Returns:
        The plan, its first scenarios in the order in which they were asked for; and these as they were written.

    Raises:
        UserError: whatever is wrong, in all of them.
    """
    from model.registry.error_collector import ErrorCollector
    from model.workflows.plan import comparison_of

    errors = ErrorCollector()
    asked: dict[str, ResolvedScenario] = {}
    for text in dict.fromkeys(written):
        with errors.caught():
            asked[text] = _resolved(text, choices)
    errors.raise_all()
    resolved = list(asked.values())
    words = name.format(_words(resolved))
    if each:
        names = dict.fromkeys(programme.name for scenario in resolved for programme in scenario.programmes)
        alone = [scenario for scenario in resolved if len(scenario.programmes) > 1]
        own = {scenario.name for scenario in resolved}
        resolved += [single for scenario in alone for single in _alone(scenario, names, own)]
    kept = rules.names_to_keep
    resolved = [replace(one, outputs=tuple(dict.fromkeys((*one.outputs, *kept)))) for one in resolved]
    plan = comparison_of(resolved, words, choices)
    if not plan.scenarios:
        raise UserError("is the baseline itself; name a package or an intervention.", key=written[0], code=Exit.USAGE)
    left = {scenario.name: scenario for scenario in plan.scenarios}
    return plan, {text: left[scenario.name] for text, scenario in asked.items() if scenario.name in left}


def _words(resolved: Sequence[ResolvedScenario]) -> str:
    few = 4
    words = [each.name for each in resolved[:few]] + ([f"{len(resolved) - few}_more"] if len(resolved) > few else [])
    return "_".join(words)


def _resolved(written: str, choices: Choices) -> ResolvedScenario:
    """A scenario or package, or an intervention on the baseline under its own name."""
    from model.scenarios.library import SUBFOLDERS, Library
    from model.workflows.plan import resolve_all

    library, changes = Library(), choices.changes()
    interventions = library.names("intervention")
    scenarios = {**library.names("scenario"), **library.names("package")}
    path = Path(written)
    beside = path.is_file() and path.resolve().parent.name == SUBFOLDERS["intervention"]
    if not beside and (written in scenarios or written not in interventions):
        return resolve_all([written], changes)[0]
    file = path if beside else interventions[written]
    used = {**changes, "interventions": [str(file.resolve()) if beside else written]}
    found = resolve_all([choices.baseline], used)[0]
    programme = found.programmes[0]
    return replace(found, name=file.stem, description=programme.description, file=str(file))


def _alone(scenario: ResolvedScenario, names: dict[str, None], taken: set[str]) -> list[ResolvedScenario]:
    """Each intervention of a scenario as that scenario uses it, with everything else as it is in the scenario.

    Dated changes of the other interventions are left out; names that are costed already are not costed again.
    """
    from model.analysis.attribution.variants import OWN

    found = []
    for programme in scenario.programmes:
        if programme.name in taken:
            continue
        taken.add(programme.name)
        others = names.keys() - {programme.name}
        kept = tuple(spec for spec in scenario.modifiers if spec.role not in OWN or spec.label not in others)
        found.append(
            replace(
                scenario,
                name=programme.name,
                description=programme.description,
                modifiers=kept,
                programmes=(programme,),
            )
        )
    return found


def store_of(plan: Plan, choices: Choices, session: Session) -> Folder:
    """Where finished parts of the runs are kept until the results stand."""
    from model.scenarios.hospitals import PATIENT_LEVEL
    from model.simulation.simulate import jobs_of, lasting
    from model.simulation.store import Folder
    from model.workflows.results_folder import working_folder

    if any(each.hospital == PATIENT_LEVEL for each in plan.resolved):
        announce_compiling(session)
    return Folder(
        working_folder(choices.output, [plan.target.name]),
        jobs_of(plan.resolved, checked=choices.checked, processes=choices.processes),
        resume=choices.resume,
        lasting=lasting(plan.resolved),
    )


def run_and_judge(
    plan: Plan, rules: Rules, store: Folder, choices: Choices, progress: Bar, *, keep: int = -1
) -> tuple[list[Run], Judged]:
    """Run what is planned and judge it.

    Args:
        plan: what is run.
        rules: by what it is judged.
        store: keeps finished parts.
        choices: options of the command.
        progress: told of what is done.
        keep: place of the last run that is kept, the baseline being 0; the others are let go once they are observed.

    Returns:
        The runs that are kept, in order; and the scenarios judged.
    """
    from model.appraisal.assessment import Observation, judge, observe
    from model.simulation.simulate import runs_of

    observed: dict[int, Observation] = {}
    runs: dict[int, Run] = {}
    coming = runs_of(
        plan.resolved,
        store,
        processes=choices.processes,
        scheduler=choices.scheduler,
        progress=progress.beside(f"running {len(plan.resolved)} scenarios", len(plan.resolved)),
    )
    with closing(coming):
        for place, run in coming:
            observed[place] = observe(run, rules)
            if place <= keep:
                runs[place] = run
    own = [observed[place] for place in range(1, len(plan.resolved))]
    return [runs[place] for place in sorted(runs)], judge(plan.scenarios, own, observed[0], rules)


def trail(plan: Plan, choices: Choices) -> dict[str, str]:
    """How the figures came about."""
    from model.simulation.simulate import provenance

    first = plan.baseline
    versions = provenance(first)
    return {
        "compared with": f"{first.name} ({first.file})",
        **{f"option {each.name}": f"{each.file}, future {each.future}" for each in plan.scenarios},
        "run": f"{first.start} to {first.end}, decisions from {first.decision}",
        "members": f"{first.members}, paired; seed {first.seed}; sampling {first.sampling}",
        "numbers that no file sets": first.numbers,
        "set for all scenarios": ", ".join(choices.settings) or "nothing",
        "versions": f"{versions['versions']}, model {versions['model_version']}",
    }
