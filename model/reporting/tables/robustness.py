"""Tables and figures of a robustness experiment."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from model.analysis.robustness.experiment import Experiment, Failure
from model.reporting.figures.robustness import HeatMap, plot_regret, plot_targets
from model.results.atomic_files import write_csv
from model.results.number_format import format_number

Row = tuple[object, ...]


def write_tables(found: Experiment, failing: Sequence[Failure], folder: Path) -> list[tuple[str, str]]:
    """Write every table; names of the files and what they hold."""
    files: list[tuple[str, str, tuple[str, ...], Iterator[Row]]] = [
        (
            "regret.csv",
            "Every package in every future by each objective: payoff (mean and 80% interval; larger is better), regret "
            "(what its mean falls short of the best of the future), the 90% quantile of what it falls short of the "
            "best of each member, and the share of members in which it is the best.",
            (
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
            ),
            _regret(found),
        ),
        (
            "worst_regret.csv",
            "Largest regret of each package over the futures; the smallest is the minimax choice.",
            ("objective", "package", "worst_regret", "minimax", "unit"),
            _worst(found),
        ),
    ]
    if found.targets:
        files.append(
            (
                "targets.csv",
                "Probability that each package meets each target in each future, and the values judged.",
                ("target", "package", "future", "probability", "median", "low_80", "high_80", "unit"),
                _targets(found),
            )
        )
    files.append(
        (
            "failures.csv",
            "When a package misses a target or does worse than the baseline: share of members and futures, and the "
            "conditions under which such cases crowd (PRIM). Density: share of cases in the conditions that fail. "
            "Coverage: share of failures that lie in them. Both from members that had no part in finding them.",
            ("package", "fails_when_it", "share_failing", "conditions", "density", "coverage", "share_of_cases"),
            _failures(failing),
        )
    )
    for name, _, header, rows in files:
        write_csv(folder / name, header, rows)
    return [(name, meaning) for name, meaning, _, _ in files]


def _regret(found: Experiment) -> Iterator[Row]:
    for number, objective in enumerate(found.objectives):
        own = found.regret(number)
        for row, package in enumerate(found.grid.packages):
            for column, future in enumerate(found.grid.futures):
                cells = (own.mean, own.low, own.high, own.regret, own.tail, own.preferred)
                best = "yes" if own.best[column] == row else ""
                figures = (float(each[row, column]) for each in cells)
                yield objective.name, package, future, *figures, best, objective.unit


def _worst(found: Experiment) -> Iterator[Row]:
    for number, objective in enumerate(found.objectives):
        own = found.regret(number)
        for row, package in enumerate(found.grid.packages):
            minimax = "yes" if own.minimax == row else ""
            yield objective.name, package, float(own.worst[row]), minimax, objective.unit


def _targets(found: Experiment) -> Iterator[Row]:
    for number, target in enumerate(found.targets):
        met, values = found.met(number), found.values[number]
        for row, package in enumerate(found.grid.packages):
            for column, future in enumerate(found.grid.futures):
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
    for each in failing:
        box = each.box
        figures = ("", "", "") if box is None else (box.density, box.coverage, box.mass)
        yield each.package, each.what, each.share, "; ".join(each.conditions()), *figures


def draw_figures(found: Experiment, folder: Path) -> list[tuple[str, str]]:
    """Draw regret and targets; file names and what they show."""
    packages, futures = found.grid.packages, found.grid.futures
    boards = []
    for number, objective in enumerate(found.objectives):
        own = found.regret(number)
        values = np.concatenate([own.regret, own.worst[:, None]], axis=1)
        marked = np.zeros(values.shape, dtype=bool)
        marked[own.best, np.arange(len(futures))] = True
        marked[own.minimax, -1] = True
        decimals = _decimals(values)
        shown = np.array([[format_number(float(value), decimals) for value in row] for row in values])
        boards.append(
            HeatMap(f"{objective.name}: {objective.title}", objective.unit, values, shown, marked, float(values.max()))
        )
    plot_regret(boards, packages, futures, folder / "regret.png")
    drawn = [("regret.png", "Regret of every package in every future, by objective.")]
    if found.targets:
        boards = []
        for number, target in enumerate(found.targets):
            share = found.met(number).mean(axis=-1)
            shown = np.array([[f"{value:.0%}" for value in row] for row in share])
            marked = (share == share.max(axis=0)) & (share > 0)
            boards.append(HeatMap(target.text, "probability", share, shown, marked, 1.0))
        plot_targets(boards, packages, futures, folder / "targets.png")
        drawn.append(("targets.png", "Probability that targets are met, by package and future."))
    return drawn


def _decimals(values: np.ndarray) -> int:
    """Digits by which the largest value shows three figures."""
    largest = float(np.max(np.abs(values), initial=0.0))
    return max(2 - int(np.floor(np.log10(largest))), 0) if largest > 0 else 0
