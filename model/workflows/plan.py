"""What is to be run: scenarios resolved and checked, each folder of results with its baseline, before anything runs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from model.cli.run_options import Choices
from model.registry.errors import UserError
from model.scenarios.schema import FROM
from model.workflows.results_folder import LONGEST_NAME, check_replaceable, folder_name

if TYPE_CHECKING:
    from model.scenarios.resolved import ResolvedScenario

PAIRED = (
    "start",
    "decision",
    "end",
    "step_days",
    "horizons",
    "members",
    "seed",
    "parameters_from",
    "sampling",
    "correlations",
    "hospital",
    "exchange_days",
    "outputs",
)
"""Settings in which a scenario and its baseline must agree, so that their difference is a paired one."""


@dataclass(frozen=True)
class Plan:
    """One folder of results.

    Attributes:
        target: the folder.
        baseline: what the scenarios are compared with.
        scenarios: the others; empty where the baseline runs alone.
    """

    target: Path
    baseline: ResolvedScenario
    scenarios: tuple[ResolvedScenario, ...]

    @property
    def resolved(self) -> tuple[ResolvedScenario, ...]:
        """The baseline and all others."""
        return (self.baseline, *self.scenarios)


def resolve_all(written: Sequence[str], changes: dict[str, Any]) -> list[ResolvedScenario]:
    """Resolve scenarios by name or file; errors of all of them are told together.

    Raises:
        UserError: whatever is wrong.
    """
    from model.registry.error_collector import read_all
    from model.scenarios.resolver import resolve
    from model.simulation.simulate import registry

    return list(read_all(written, lambda name: resolve(name, registry(), changes=changes)))


def notes_on(scenarios: Iterable[ResolvedScenario]) -> list[str]:
    """What of scenarios does not act, such as interventions that begin after the end of their run."""
    found: set[str] = set()
    for each in scenarios:
        found |= {f"Note: {note}" for note in each.notes}
        found |= {
            f"Note: {programme.name} begins in {programme.start:%B %Y}, after the run of {each.name} ends."
            for programme in each.programmes
            if programme.start >= each.end
        }
    return sorted(found)


def _pairing(scenario: ResolvedScenario) -> dict[str, Any]:
    settings = scenario.settings()
    return {key: settings[key] for key in PAIRED}


def _baseline_for(scenario: ResolvedScenario, choices: Choices, changes: dict[str, Any]) -> ResolvedScenario:
    """The baseline over the same months, with the same members.

    Correlations are taken over as they are: they may name an intervention that the baseline does not use.
    """
    kept = {key: value for key, value in changes.items() if key != "years_after_decision"}
    pairing = _pairing(scenario)
    pairing.pop("correlations")
    numbers = {**kept.get("parameters", {}), FROM: pairing.pop("parameters_from")}
    found = resolve_all([choices.baseline], {**kept, **pairing, "parameters": numbers, "correlations": []})[0]
    return replace(found, correlations=scenario.correlations)


def _check_names(baseline: ResolvedScenario, scenarios: Sequence[ResolvedScenario]) -> None:
    """Refuse names that are too long for a file, or that would name one file twice."""
    files: dict[str, str] = {}
    for scenario in (baseline, *scenarios):
        name = folder_name(scenario.name)
        if len(name) > LONGEST_NAME:
            raise UserError("too long for the name of a scenario; give it a shorter one.", file=scenario.file)
        if name in files:
            raise UserError(
                f"two scenarios bear this name ({files[name]} and {scenario.file}); rename one.", key=scenario.name
            )
        files[name] = scenario.file


def plan_runs(written: Sequence[str], choices: Choices) -> list[Plan]:
    """A folder for each scenario, every one with the baseline.

    Raises:
        UserError: an error in any of them, or a folder in the way.
    """
    changes = choices.changes()
    plans: list[Plan] = []
    for scenario in resolve_all(written, changes):
        baseline = _baseline_for(scenario, choices, changes)
        alone = Path(scenario.file).resolve() == Path(baseline.file).resolve()
        others = () if alone else (scenario,)
        _check_names(baseline, others)
        plans.append(Plan(choices.output / folder_name(scenario.name), baseline, others))
    targets = [plan.target for plan in plans]
    for target in targets:
        if targets.count(target) > 1:
            raise UserError("two of the scenarios have this folder of results; rename one.", key=target.name)
        check_replaceable(target)
    return plans


def plan_comparison(written: Sequence[str], name: str | None, choices: Choices) -> Plan:
    """One folder for all scenarios together.

    Raises:
        UserError: an error in any of them, scenarios that cannot be paired, or a folder in the way.
    """
    return comparison_of(resolve_all(written, choices.changes()), name, choices)


def comparison_of(resolved: Sequence[ResolvedScenario], name: str | None, choices: Choices) -> Plan:
    """One folder for scenarios that are resolved.

    Raises:
        UserError: scenarios that cannot be paired, or a folder in the way.
    """
    first = resolved[0]
    for other in resolved[1:]:
        for key, value in _pairing(first).items():
            if _pairing(other)[key] != value:
                raise UserError(
                    f"'{first.name}' has {value} and '{other.name}' {_pairing(other)[key]}; to compare them, give "
                    "one for all (--members, --seed, --end, --years or --set).",
                    key=key,
                )
    baseline = _baseline_for(first, choices, choices.changes())
    own = Path(baseline.file).resolve()
    others = tuple(scenario for scenario in resolved if Path(scenario.file).resolve() != own)
    _check_names(baseline, others)
    words = "+".join(scenario.name for scenario in others) or baseline.name
    target = choices.output / folder_name(name or words)
    check_replaceable(target)
    return Plan(target, baseline, others)
