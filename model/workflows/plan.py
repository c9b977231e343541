"""What is to be run: scenarios resolved and checked, each folder of results with its baseline, before anything runs."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from model.registry.errors import UserError
from model.workflows.results_folder import LONGEST_NAME, check_replaceable, folder_name
from model.workflows.run_options import RunOptions

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

SCENARIO_OPTIONS = ("members", "seed", "end", "years", "settings")
"""Options that change a scenario, as others change how it is computed or written."""


ScenarioContent = str | Path | Mapping[str, Any]
"""A scenario by name, by file, or as the content of a file."""


@dataclass(frozen=True, eq=False)
class LoadedScenario:
    """A scenario with the options that hold for it and for the baseline that it is compared with.

    Attributes:
        source: name, file, or content of a scenario file as a mapping.
        options: what is changed in it.
    """

    source: ScenarioContent
    options: RunOptions

    @cached_property
    def resolved(self) -> ResolvedScenario:
        """Every setting, value and dated change of it.

        Raises:
            UserError: whatever is wrong.
        """
        return resolve_all([self.source], self.options.changes())[0]

    def check(self) -> LoadedScenario:
        """Resolve it, so that its errors appear where it is loaded, and return it.

        Raises:
            UserError: whatever is wrong.
        """
        _ = self.resolved
        return self

    def facts(self) -> dict[str, str]:
        """Return what a reader wants to know of it first, by heading."""
        resolved = self.resolved
        return {
            "scenario": resolved.name,
            "description": resolved.description or "none",
            "months": f"{resolved.start:%B %Y} to {resolved.end:%B %Y}, decisions from {resolved.decision:%B %Y}",
            "interventions": ", ".join(programme.name for programme in resolved.programmes) or "none",
            "parameters set": ", ".join(resolved.parameters) or "none",
            "future": resolved.future,
            "members": str(resolved.members),
            "numbers": resolved.numbers,
        }

    def __repr__(self) -> str:
        return "\n".join(f"{heading}: {text}" for heading, text in self.facts().items())

    def _repr_html_(self) -> str:
        from html import escape

        rows = (f"<tr><th>{escape(heading)}</th><td>{escape(text)}</td></tr>" for heading, text in self.facts().items())
        return f"<table>{''.join(rows)}</table>"


ScenarioSource = ScenarioContent | LoadedScenario
"""A scenario as a user gives it: by name, file, content of a file, or loaded."""


@dataclass(frozen=True, eq=False)
class RunPlan:
    """Scenarios that are run together, and their folder of results.

    Attributes:
        folder: the folder; None where no files are written.
        baseline: what the scenarios are compared with.
        scenarios: the others; empty where the baseline runs alone.
    """

    folder: Path | None
    baseline: ResolvedScenario
    scenarios: tuple[ResolvedScenario, ...]

    @property
    def resolved(self) -> tuple[ResolvedScenario, ...]:
        """The baseline and all others."""
        return (self.baseline, *self.scenarios)


def load(
    source: str | Path,
    *,
    members: int | None = None,
    seed: int | None = None,
    end: str | None = None,
    years: int | None = None,
    settings: Mapping[str, Any] | None = None,
    **more_settings: Any,
) -> LoadedScenario:
    """Load a scenario or package by name or file, and check it.

    Args:
        source: name, or path of a YAML file.
        members: ensemble size.
        seed: seed of the ensemble.
        end: first month after the run, such as ``2030-04``.
        years: years after the decision.
        settings: settings and parameters by name, such as ``{"loops.R7_poaching": 0}``.
        more_settings: further settings, such as ``future="high_inflation"``.

    Raises:
        UserError: whatever is wrong in it.

    Example:
        >>> load("home_first", years=5, members=20, future="high_inflation")
    """
    options = RunOptions(
        members=members, seed=seed, end=end, years=years, settings={**(settings or {}), **more_settings}
    )
    return LoadedScenario(source, options).check()


def scenario(content: Mapping[str, Any] | None = None, **more_content: Any) -> LoadedScenario:
    """Build a scenario in Python, with the keys of a scenario file, and check it.

    Args:
        content: keys and values as in YAML.
        more_content: further keys, such as ``interventions=["home_first"]``.

    Raises:
        UserError: whatever is wrong in it.

    Example:
        >>> scenario(name="both", extends="baseline", interventions=["home_first", "retention_programme"])
    """
    return LoadedScenario({**(content or {}), **more_content}, RunOptions()).check()


def sources_and_options(
    scenarios: Sequence[ScenarioSource], options: RunOptions
) -> tuple[list[ScenarioContent], RunOptions]:
    """Return scenarios without the options with which they were loaded, and these together with the options given.

    Raises:
        UserError: scenarios that were loaded with different options.
    """
    loaded = [scenario for scenario in scenarios if isinstance(scenario, LoadedScenario)]
    sources = [scenario.source if isinstance(scenario, LoadedScenario) else scenario for scenario in scenarios]
    common: dict[str, Any] = {}
    for name in SCENARIO_OPTIONS:
        default, given = getattr(RunOptions(), name), getattr(options, name)
        values = [getattr(scenario.options, name) for scenario in loaded] or [default]
        if any(value != values[0] for value in values) or (values[0] != default and given not in (default, values[0])):
            message = "differs between the scenarios, or from the options; give one value for all."
            raise UserError(message, key=name)
        common[name] = values[0] if given == default else given
    return sources, replace(options, **common)


def resolve_all(sources: Sequence[ScenarioContent], changes: dict[str, Any]) -> list[ResolvedScenario]:
    """Resolve scenarios by name, file or content; the errors of all of them come together.

    Raises:
        UserError: whatever is wrong.
    """
    from model.registry.error_collector import read_all
    from model.scenarios.resolver import resolve
    from model.sectors.model_registry import registry

    return list(read_all(sources, lambda source: resolve(source, registry(), changes=changes)))


def notes_on(scenarios: Iterable[ResolvedScenario]) -> list[str]:
    """Return what of scenarios has no effect, such as interventions that begin after the end of their run."""
    notes: set[str] = set()
    for scenario in scenarios:
        notes |= {f"Note: {note}" for note in scenario.notes}
        notes |= {
            f"Note: {programme.name} begins in {programme.start:%B %Y}, after the run of {scenario.name} ends."
            for programme in scenario.programmes
            if programme.start >= scenario.end
        }
    return sorted(notes)


def _pairing(scenario: ResolvedScenario) -> dict[str, Any]:
    settings = scenario.settings()
    return {key: settings[key] for key in PAIRED}


class _Baselines:
    """Baselines of scenarios, each resolved once: scenarios that pair alike share one.

    Args:
        options: options of the run.
    """

    def __init__(self, options: RunOptions) -> None:
        self._options = options
        self._by_pairing: dict[str, ResolvedScenario] = {}

    def of(self, scenario: ResolvedScenario) -> ResolvedScenario:
        """Return the baseline over the same months, with the same members.

        Correlations are taken over as they are: they may name an intervention that the baseline does not use.
        """
        from model.scenarios.schema import FROM

        pairing = _pairing(scenario)
        key = json.dumps(pairing, sort_keys=True)
        if key not in self._by_pairing:
            changes = {name: value for name, value in self._options.changes().items() if name != "years_after_decision"}
            pairing.pop("correlations")
            numbers = {**changes.get("parameters", {}), FROM: pairing.pop("parameters_from")}
            changes = {**changes, **pairing, "parameters": numbers, "correlations": []}
            baseline = resolve_all([self._options.baseline], changes)[0]
            self._by_pairing[key] = replace(baseline, correlations=scenario.correlations)
        return self._by_pairing[key]


def _same_file(scenario: ResolvedScenario, other: ResolvedScenario) -> bool:
    return Path(scenario.file).resolve() == Path(other.file).resolve()


def _check_names(baseline: ResolvedScenario, scenarios: Sequence[ResolvedScenario]) -> None:
    """Check that names are short enough for a file, and that no two name the same file.

    Raises:
        UserError: a name that is too long, or two that are alike.
    """
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


def result_folder(options: RunOptions, name: str) -> Path | None:
    """Return the folder of results of this name, checked to be replaceable; None where no files are written.

    Raises:
        UserError: a folder in the way, or one that cannot be written.
    """
    if options.output is None:
        return None
    folder = Path(options.output) / folder_name(name)
    check_replaceable(folder)
    return folder


def keeping(scenario: ResolvedScenario, results: Sequence[str]) -> ResolvedScenario:
    """Return a scenario whose runs keep further results beside those that it names."""
    return replace(scenario, outputs=tuple(dict.fromkeys((*scenario.outputs, *results))))


def plan_runs(sources: Sequence[ScenarioContent], options: RunOptions, results: Sequence[str] = ()) -> list[RunPlan]:
    """Plan a folder for each scenario, every one with the baseline.

    Args:
        sources: names, files or contents of files.
        options: options of the run.
        results: results to keep beside those that scenarios name.

    Raises:
        UserError: an error in any of them, or a folder in the way.
    """
    baselines = _Baselines(options)
    plans: list[RunPlan] = []
    names: set[str] = set()
    for resolved in resolve_all(sources, options.changes()):
        scenario = keeping(resolved, results)
        baseline = baselines.of(scenario)
        others = () if _same_file(scenario, baseline) else (scenario,)
        _check_names(baseline, others)
        name = folder_name(scenario.name)
        if name in names:
            raise UserError("two of the scenarios have this folder of results; rename one.", key=name)
        names.add(name)
        plans.append(RunPlan(result_folder(options, name), baseline, others))
    return plans


def plan_comparison(
    sources: Sequence[ScenarioContent], name: str | None, options: RunOptions, results: Sequence[str] = ()
) -> RunPlan:
    """Plan one folder for all scenarios together.

    Args:
        sources: names, files or contents of files.
        name: name of the folder; the names of the scenarios where it is None.
        options: options of the run.
        results: results to keep beside those that scenarios name.

    Raises:
        UserError: an error in any of them, scenarios that cannot be paired, or a folder in the way.
    """
    resolved = [keeping(scenario, results) for scenario in resolve_all(sources, options.changes())]
    return comparison_of(resolved, name, options)


def comparison_of(resolved: Sequence[ResolvedScenario], name: str | None, options: RunOptions) -> RunPlan:
    """Plan one folder for scenarios that are resolved.

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
    baseline = _Baselines(options).of(first)
    others = tuple(scenario for scenario in resolved if not _same_file(scenario, baseline))
    _check_names(baseline, others)
    names = "+".join(scenario.name for scenario in others) or baseline.name
    return RunPlan(result_folder(options, name or names), baseline, others)
