"""What the analyses of many runs share: options, processes, remarks and the folder of results."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from model.registry.errors import Exit, UserError
from model.workflows.progress import Progress
from model.workflows.results_folder import GUIDE, folder_name, whole_folder
from model.workflows.run_options import RunOptions
from model.workflows.task_result import Result, TableWriter, TaskResult

if TYPE_CHECKING:
    from model.scenarios.resolved import ResolvedScenario
    from model.workflows.plan import ScenarioContent, ScenarioSource

RUNS_WORTH_SPREADING = 500
"""Runs from which further processes are started: below that, starting them takes longer than it saves."""

FIGURES = "figures"


def sources_with(
    scenarios: Sequence[ScenarioSource], options: RunOptions, members: int
) -> tuple[list[ScenarioContent], RunOptions]:
    """Return scenarios without the options with which they were loaded, and all options together.

    Args:
        scenarios: names, files, contents of files, or loaded scenarios.
        options: options of the analysis.
        members: ensemble size where neither a scenario nor the options name one.

    Raises:
        UserError: scenarios that were loaded with different options.
    """
    from model.workflows.plan import sources_and_options

    sources, options = sources_and_options(scenarios, options)
    return sources, options if options.members else replace(options, members=members)


def refuse_future(settings: Mapping[str, Any]) -> None:
    """Check that a future is not set where futures are an option of the analysis.

    Raises:
        UserError: the settings name a future.
    """
    if "future" in settings:
        raise UserError("futures are named by --futures here.", key="--set future", code=Exit.USAGE)


def note_runs(progress: Progress, scenarios: Sequence[ResolvedScenario], text: str) -> None:
    """Tell, before anything runs, what does not act in the scenarios and how much there is to run.

    Args:
        progress: receives the remarks.
        scenarios: scenarios to run.
        text: how much there is to run.
    """
    from model.scenarios.hospitals import PATIENT_LEVEL
    from model.workflows.plan import notes_on

    for note in (*notes_on(scenarios), text):
        progress.note(note)
    if any(scenario.hospital == PATIENT_LEVEL for scenario in scenarios):
        note_compiling(progress)


def note_compiling(progress: Progress) -> None:
    """Tell that the patient-level engine must be compiled first, where this machine has not done so yet."""
    from model.hospital.engines.compiled import needs_compiling

    if needs_compiling():
        progress.note("Compiling the engine: once on this machine, some seconds.")


def processes_for(processes: int | None, runs: int) -> int:
    """Return the processes to use: those asked for; otherwise one for few runs and all for many."""
    from os import cpu_count

    return processes or (1 if runs < RUNS_WORTH_SPREADING else cpu_count() or 1)


def write_results(
    result: Result,
    target: Path | None,
    *,
    title: str,
    remarks: str,
    scenarios: Mapping[str, tuple[ResolvedScenario, str]],
    write_tables: TableWriter,
    draw_figures: TableWriter | None,
) -> TaskResult[Result]:
    """Write the folder of results of an analysis: tables, resolved scenarios, figures and a guide.

    Args:
        result: what the analysis gave.
        target: the folder, which appears whole or not at all; None writes no files.
        title: what the analysis is of, in a few words.
        remarks: how results were computed, and where to read about them.
        scenarios: scenarios that were run, each with the meaning of its file, by the name of that file.
        write_tables: writes the tables.
        draw_figures: draws the figures; None where none are asked for.

    Raises:
        UserError: the folder cannot be written.
    """
    if target is None:
        return TaskResult(title, result, None, (), write_tables)
    with whole_folder(target) as folder:
        files = list(write_tables(folder))
        for name, (scenario, meaning) in scenarios.items():
            (folder / name).write_text(scenario.to_yaml(), encoding="utf-8")
            files.append((name, meaning))
        if draw_figures is not None:
            (folder / FIGURES).mkdir()
            figures = draw_figures(folder / FIGURES)
            files += [(f"{FIGURES}/{name}", f"{meaning} Also as SVG.") for name, meaning in figures]
        described = {scenario.name: scenario for scenario, _ in scenarios.values()}
        (folder / GUIDE).write_text(task_guide(title, list(described.values()), remarks, files), encoding="utf-8")
    return TaskResult(title, result, target, tuple(files), write_tables)


def resolved_files(scenarios: Iterable[ResolvedScenario]) -> dict[str, tuple[ResolvedScenario, str]]:
    """Return scenarios, each with the meaning of its file, by the name of the file that holds all its settings."""
    return {
        f"scenario_{folder_name(scenario.name)}.resolved.yaml": (
            scenario,
            f"Every setting, value and dated change of '{scenario.name}'.",
        )
        for scenario in scenarios
    }


def task_guide(title: str, resolved: Sequence[ResolvedScenario], remarks: str, files: Sequence[tuple[str, str]]) -> str:
    """Return the text of the guide in a folder of results.

    Args:
        title: what the folder is of.
        resolved: scenarios that were run, the first of which gives months, seed and versions.
        remarks: how results were computed, and where to read about them.
        files: name and meaning of each file.
    """
    from model.simulation.provenance import versions_in_words
    from model.workflows.folder_guide import guide

    first = resolved[0]
    facts = (
        f"Run from {first.start} to {first.end}, decisions from {first.decision}. Seed: {first.seed}.",
        f"Numbers that no file sets: {first.numbers}.",
        remarks,
        f"Versions: {versions_in_words()}.",
    )
    return guide(title, resolved, facts, files)
