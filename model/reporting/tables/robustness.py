"""Tables and figures of a robustness experiment."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from model.analysis.robustness.experiment import Experiment, Failure
from model.reporting.figures.robustness import HeatMap, plot_regret, plot_targets
from model.reporting.numbers import share, three_figures
from model.reporting.tables.table import Row, file_table, write_files
from model.results.number_format import format_number

REGRET_KEYS = (
    "objective",
    "package",
    "future",
    "payoff",
    "low_80",
    "high_80",
    "regret",
    "regret_90",
    "probability_best",
    "best_of_future",
    "unit",
)


def write_tables(experiment: Experiment, failing: Sequence[Failure], folder: Path) -> list[tuple[str, str]]:
    """Write every table; names of the files and what they hold."""
    tables = {
        "regret.csv": file_table(
            "Every package in every future by each objective: payoff (mean and 80% interval; larger is better), regret "
            "(what its mean falls short of the best of the future), the 90% quantile of what it falls short of the "
            "best of each member, and the share of members in which it is the best.",
            REGRET_KEYS,
            _regret(experiment),
        ),
        "worst_regret.csv": file_table(
            "Largest regret of each package over the futures; the smallest is the minimax choice.",
            ("objective", "package", "worst_regret", "minimax", "unit"),
            _worst(experiment),
        ),
    }
    if experiment.targets:
        tables["targets.csv"] = file_table(
            "Probability that each package meets each target in each future, and the values judged.",
            ("target", "package", "future", "probability", "median", "low_80", "high_80", "unit"),
            _targets(experiment),
        )
    tables["failures.csv"] = file_table(
        "When a package misses a target or does worse than the baseline: share of members and futures, and the "
        "conditions under which such cases crowd (PRIM). Density: share of cases in the conditions that fail. "
        "Coverage: share of failures that lie in them. Both from members that had no part in finding them.",
        ("package", "fails_when_it", "share_failing", "conditions", "density", "coverage", "share_of_cases"),
        _failures(failing),
    )
    return write_files(tables, folder)


def _regret(experiment: Experiment) -> Iterator[Row]:
    for index, objective in enumerate(experiment.objectives):
        regret = experiment.regret(index)
        for row, package in enumerate(experiment.grid.packages):
            for column, future in enumerate(experiment.grid.futures):
                cells = (regret.mean, regret.low, regret.high, regret.regret, regret.tail, regret.preferred)
                best = "yes" if regret.best[column] == row else ""
                figures = (float(values[row, column]) for values in cells)
                yield objective.name, package, future, *figures, best, objective.unit


def _worst(experiment: Experiment) -> Iterator[Row]:
    for index, objective in enumerate(experiment.objectives):
        regret = experiment.regret(index)
        for row, package in enumerate(experiment.grid.packages):
            minimax = "yes" if regret.minimax == row else ""
            yield objective.name, package, float(regret.worst[row]), minimax, objective.unit


def _targets(experiment: Experiment) -> Iterator[Row]:
    for index, target in enumerate(experiment.targets):
        met, values = experiment.met(index), experiment.values[index]
        for row, package in enumerate(experiment.grid.packages):
            for column, future in enumerate(experiment.grid.futures):
                median, low, high = np.quantile(values[row, column], (0.5, 0.1, 0.9))
                yield (
                    target.text,
                    package,
                    future,
                    float(met[row, column].mean()),
                    float(median),
                    float(low),
                    float(high),
                    target.measure.unit,
                )


def _failures(failing: Sequence[Failure]) -> Iterator[Row]:
    for failure in failing:
        box = failure.box
        figures = ("", "", "") if box is None else (box.density, box.coverage, box.mass)
        yield failure.package, failure.what, failure.share, "; ".join(failure.conditions()), *figures


def draw_figures(experiment: Experiment, folder: Path) -> list[tuple[str, str]]:
    """Draw regret and targets; file names and what they show."""
    packages, futures = experiment.grid.packages, experiment.grid.futures
    maps = []
    for index, objective in enumerate(experiment.objectives):
        regret = experiment.regret(index)
        values = np.concatenate([regret.regret, regret.worst[:, None]], axis=1)
        framed = np.zeros(values.shape, dtype=bool)
        framed[regret.best, np.arange(len(futures))] = True
        framed[regret.minimax, -1] = True
        decimals = three_figures(values)
        texts = np.array([[format_number(float(value), decimals) for value in row] for row in values])
        maps.append(
            HeatMap(f"{objective.name}: {objective.title}", objective.unit, values, texts, framed, float(values.max()))
        )
    plot_regret(maps, packages, futures, folder / "regret.png")
    files = [("regret.png", "Regret of every package in every future, by objective.")]
    if experiment.targets:
        maps = []
        for index, target in enumerate(experiment.targets):
            met = experiment.met(index).mean(axis=-1)
            texts = np.array([[share(value) for value in row] for row in met])
            framed = (met == met.max(axis=0)) & (met > 0)
            maps.append(HeatMap(target.text, "probability", met, texts, framed, 1.0))
        plot_targets(maps, packages, futures, folder / "targets.png")
        files.append(("targets.png", "Probability that targets are met, by package and future."))
    return files
