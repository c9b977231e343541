"""Assessment of scenarios: what is run for it, with its baseline; running and assessing it; how results came about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from model.registry.errors import Exit, UserError
from model.workflows.execution import computed_runs
from model.workflows.plan import RunPlan, ScenarioContent, comparison_of, keeping, resolve_all
from model.workflows.progress import Progress
from model.workflows.run_options import RunOptions

if TYPE_CHECKING:
    from model.appraisal.assessment import Assessment, AssessmentInputs, AssessmentRules
    from model.results.run import Run
    from model.scenarios.resolved import ResolvedScenario
    from model.simulation.store import ChunkStore

NAMED = 4
"""Scenarios named in the name of a folder; of more, their number is given."""


def read_rules(assumptions: Path | None = None, principles: Path | None = None) -> AssessmentRules:
    """Read assumptions of costing and principles of prioritisation, those that come with the model where left out.

    Raises:
        UserError: all errors of both files.
    """
    from model.appraisal.assessment import AssessmentRules
    from model.appraisal.costing.assumptions import ASSUMPTIONS, read_costing_assumptions
    from model.appraisal.prioritisation.principles import PRINCIPLES, read_principles
    from model.registry.error_collector import ErrorCollector
    from model.sectors.model_registry import registry

    errors, costing = ErrorCollector(), None
    with errors.caught():
        costing = read_costing_assumptions(registry(), assumptions or ASSUMPTIONS)
    with errors.caught():
        prioritisation = read_principles(registry(), principles or PRINCIPLES, assumptions=costing)
    errors.raise_all()
    if costing is None:
        raise ValueError("no error, and no assumptions of costing")
    return AssessmentRules(costing, prioritisation)


def plan_assessment(
    sources: Sequence[ScenarioContent],
    options: RunOptions,
    rules: AssessmentRules,
    name: str,
    *,
    each_intervention: bool,
) -> tuple[RunPlan, list[tuple[ScenarioContent, ResolvedScenario]]]:
    """Resolve scenarios, packages and interventions, with the results that an assessment reads, and their baseline.

    Args:
        sources: names, files or contents of files; an intervention is added to the baseline.
        options: options of the run.
        rules: by what they are assessed.
        name: name of the folder of results; ``{}`` in it becomes the names of the scenarios.
        each_intervention: whether every intervention of the scenarios is added by itself.

    Returns:
        The plan; and those of its scenarios that were asked for, each with its source, which come first in the plan.

    Raises:
        UserError: whatever is wrong, in all of them.
    """
    from model.registry.error_collector import ErrorCollector

    errors = ErrorCollector()
    resolved: list[tuple[ScenarioContent, ResolvedScenario]] = []
    for index, source in enumerate(sources):
        if source not in sources[:index]:
            with errors.caught():
                resolved.append((source, _resolved(source, options)))
    errors.raise_all()
    requested = [scenario for _, scenario in resolved]
    scenarios = list(requested)
    if each_intervention:
        scenarios += single_interventions(requested)
    scenarios = [keeping(scenario, rules.names_to_keep) for scenario in scenarios]
    plan = comparison_of(scenarios, name.format(_joined_names(requested)), options)
    if not plan.scenarios:
        raise UserError(
            "is the baseline itself; name a package or an intervention.", key=requested[0].name, code=Exit.USAGE
        )
    planned = {scenario.name: scenario for scenario in plan.scenarios}
    return plan, [(source, planned[scenario.name]) for source, scenario in resolved if scenario.name in planned]


def _joined_names(scenarios: Sequence[ResolvedScenario]) -> str:
    names = [scenario.name for scenario in scenarios[:NAMED]]
    return "_".join(names + ([f"{len(scenarios) - NAMED}_more"] if len(scenarios) > NAMED else []))


def _resolved(source: ScenarioContent, options: RunOptions) -> ResolvedScenario:
    """A scenario or package, or an intervention on the baseline under its own name."""
    file = None if isinstance(source, Mapping) else _intervention_file(str(source))
    if file is None:
        return resolve_all([source], options.changes())[0]
    used = str(file.resolve()) if Path(str(source)).is_file() else str(source)
    changes = {**options.changes(), "interventions": [used]}
    scenario = resolve_all([options.baseline], changes)[0]
    return replace(scenario, name=file.stem, description=scenario.programmes[0].description, file=str(file))


def _intervention_file(name: str) -> Path | None:
    """The file of an intervention; None for a scenario or package, whose name goes before that of an intervention."""
    from model.scenarios.library import SUBFOLDERS, Library

    path, library = Path(name), Library()
    if path.is_file():
        return path if path.resolve().parent.name == SUBFOLDERS["intervention"] else None
    if name in library.names("scenario") or name in library.names("package"):
        return None
    return library.names("intervention").get(name)


def single_interventions(scenarios: Sequence[ResolvedScenario]) -> list[ResolvedScenario]:
    """Each intervention of the scenarios as the first scenario that has it uses it, with all else as it is there.

    Dated changes of the other interventions are left out.
    """
    from model.analysis.attribution.variants import INTERVENTION_ROLES

    names = {programme.name for scenario in scenarios for programme in scenario.programmes}
    taken = {scenario.name for scenario in scenarios}
    singles = []
    for scenario in scenarios:
        if len(scenario.programmes) < 2:
            continue
        for programme in scenario.programmes:
            if programme.name in taken:
                continue
            taken.add(programme.name)
            others = names - {programme.name}
            modifiers = tuple(
                spec for spec in scenario.modifiers if spec.role not in INTERVENTION_ROLES or spec.label not in others
            )
            single = replace(
                scenario,
                name=programme.name,
                description=programme.description,
                modifiers=modifiers,
                programmes=(programme,),
            )
            singles.append(single)
    return singles


def run_and_assess(
    plan: RunPlan, rules: AssessmentRules, store: ChunkStore, options: RunOptions, progress: Progress, *, kept: int = 0
) -> tuple[list[Run], Assessment]:
    """Run what is planned and assess it.

    Args:
        plan: what is run.
        rules: by what it is assessed.
        store: keeps finished chunks.
        options: options of the run.
        progress: receives the progress.
        kept: how many of the runs are kept, the baseline first; the others are let go once they are read.

    Returns:
        The runs that are kept, in order; and the assessment.
    """
    from model.appraisal.assessment import assess, read_assessment_inputs

    inputs: dict[int, AssessmentInputs] = {}
    runs: dict[int, Run] = {}
    with closing(computed_runs(plan.resolved, store, options, progress)) as completed:
        for index, run in completed:
            inputs[index] = read_assessment_inputs(run, rules)
            if index < kept:
                runs[index] = run
    of_scenarios = [inputs[index] for index in range(1, len(plan.resolved))]
    return [runs[index] for index in sorted(runs)], assess(plan.scenarios, of_scenarios, inputs[0], rules)


def audit_trail(scenarios: Sequence[ResolvedScenario], options: RunOptions) -> dict[str, str]:
    """Return how results came about: heading and text.

    Args:
        scenarios: what was run, the baseline first.
        options: options of the run.
    """
    from model.simulation.provenance import versions_in_words

    baseline, *others = scenarios
    return {
        "compared with": f"{baseline.name} ({baseline.file})",
        **{f"option {scenario.name}": f"{scenario.file}, future {scenario.future}" for scenario in others},
        "run": f"{baseline.start} to {baseline.end}, decisions from {baseline.decision}",
        "members": f"{baseline.members}, paired; seed {baseline.seed}; sampling {baseline.sampling}",
        "numbers that no file sets": baseline.numbers,
        "set for all scenarios": ", ".join(f"{key}={value}" for key, value in options.settings.items()) or "none",
        "versions": versions_in_words(),
    }
