"""Packages x futures x members: one experiment that gives regret, targets met and conditions of failure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from model.analysis.robustness.regret import Regret, regret_of
from model.analysis.robustness.scenario_discovery import ScenarioBox, discover_box
from model.analysis.robustness.stated_targets import StatedTarget
from model.analysis.sensitivity.designs import DrawnMembers
from model.analysis.sensitivity.evaluation import YearlyReader, evaluate, run_calendar, years_of
from model.analysis.sensitivity.inputs import Input, uncertain_inputs
from model.analysis.sensitivity.objectives import Objective
from model.analysis.sensitivity.payoffs import member_quantiles
from model.analysis.sensitivity.worker_pool import WorkerPool
from model.registry.catalogue import Registry
from model.registry.errors import UserError
from model.results.headlines import names_read
from model.results.run import Run
from model.scenarios.resolved import ResolvedScenario

NO_FUTURE = "none"
FUTURE_INPUT = "future"
"""Prefix of the inputs that stand for futures: the future is this one, or it is not."""


@dataclass(frozen=True, eq=False)
class ExperimentReader:
    """Reads results of the objectives by year, then values of the targets, from each run.

    Attributes:
        objectives: what payoffs are made of.
        targets: what is to be met.
        years: financial years from the decision on.
    """

    objectives: tuple[Objective, ...]
    targets: tuple[StatedTarget, ...]
    years: tuple[str, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Registered results that are read."""
        measures = [measure for objective in self.objectives for measure in objective.measures]
        return names_read([*measures, *(target.measure for target in self.targets)])

    def __call__(self, run: Run) -> np.ndarray:
        """Return the results of each member, shape ``(results, members)``."""
        yearly = [YearlyReader(objective.measures, self.years)(run) for objective in self.objectives]
        return np.concatenate([*yearly, *(target.values(run)[None] for target in self.targets)])


@dataclass(frozen=True, eq=False)
class ExperimentGrid:
    """Resolved scenarios of every package in every future.

    Attributes:
        packages: names of the packages, the baseline among them where it is compared.
        futures: names of the futures.
        scenarios: ``scenarios[package][future]``.
    """

    packages: tuple[str, ...]
    futures: tuple[str, ...]
    scenarios: tuple[tuple[ResolvedScenario, ...], ...]

    @property
    def flat(self) -> list[ResolvedScenario]:
        """All scenarios, futures running faster."""
        return [scenario for row in self.scenarios for scenario in row]


@dataclass(frozen=True, eq=False)
class Experiment:
    """Payoffs and targets of packages in futures.

    Attributes:
        grid: what was run.
        objectives: what packages are compared by.
        targets: what is to be met.
        payoffs: shape ``(objectives, packages, futures, members)``; larger is better.
        values: values of the targets, shape ``(targets, packages, futures, members)``.
    """

    grid: ExperimentGrid
    objectives: tuple[Objective, ...]
    targets: tuple[StatedTarget, ...]
    payoffs: np.ndarray
    values: np.ndarray

    @property
    def members(self) -> int:
        """Members of each package in each future."""
        return self.payoffs.shape[-1]

    def regret(self, objective: int) -> Regret:
        """Return the regret by one objective."""
        return regret_of(self.payoffs[objective])

    def met(self, target: int) -> np.ndarray:
        """Return whether a target is met, shape ``(packages, futures, members)``."""
        return self.targets[target].met(self.values[target])


@dataclass(frozen=True)
class Failure:
    """Conditions under which a package fails.

    Attributes:
        package: name of the package.
        what: what counts as a failure.
        share: share of members, over all futures, that fail.
        box: the conditions, None where none stand out.
        inputs: what the conditions are on; the futures come last.
    """

    package: str
    what: str
    share: float
    box: ScenarioBox | None
    inputs: tuple[Input, ...]

    def conditions(self) -> list[str]:
        """Write the conditions in words, the surest first."""
        sentences = []
        for condition in self.box.conditions if self.box else ():
            uncertain_input = self.inputs[condition.input]
            name, low, high = uncertain_input.name, condition.low, condition.high
            if name.startswith(f"{FUTURE_INPUT} "):
                sentences.append(f"{name} is {'in force' if low > 0 else 'not in force'}")
            elif np.isinf(high):
                sentences.append(f"{name} is {uncertain_input.write(low)} or more")
            elif np.isinf(low):
                sentences.append(f"{name} is {uncertain_input.write(high)} or less")
            else:
                sentences.append(f"{name} lies between {uncertain_input.write(low)} and {uncertain_input.write(high)}")
        return sentences


def run_experiment(
    grid: ExperimentGrid,
    objectives: Sequence[Objective],
    targets: Sequence[StatedTarget],
    registry: Registry,
    pool: WorkerPool | None = None,
) -> Experiment:
    """Run every package in every future with the same members.

    Args:
        grid: what is run.
        objectives: what packages are compared by.
        targets: what is to be met.
        registry: all declarations.
        pool: worker processes; this process alone where None.

    Raises:
        UserError: scenarios that cannot be set beside each other, or a target outside the run.
    """
    scenarios = grid.flat
    years, members = years_of(scenarios[0]), scenarios[0].members
    for other in scenarios[1:]:
        if (other.start, other.decision, other.end, other.members, other.seed) != (
            scenarios[0].start,
            scenarios[0].decision,
            scenarios[0].end,
            members,
            scenarios[0].seed,
        ):
            raise UserError("its dates, members or seed differ from those of the others.", key=other.name)
    for target in targets:
        target.check(run_calendar(scenarios[0]))
    weights = [objective.weights(years, registry) for objective in objectives]
    reader = ExperimentReader(tuple(objectives), tuple(targets), years)
    values = evaluate(scenarios, DrawnMembers(members), reader, pool)
    values = values.reshape(len(grid.packages), len(grid.futures), -1, members)
    payoffs, target_values = payoffs_and_targets(values, weights)
    return Experiment(grid, tuple(objectives), tuple(targets), payoffs, target_values)


def payoffs_and_targets(values: np.ndarray, weights: Sequence[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Split what an ``ExperimentReader`` read into payoffs of its objectives and values of its targets.

    Args:
        values: shape ``(packages or choices, futures, results, members)``.
        weights: of each objective, shape ``(terms, years)``.

    Returns:
        Payoffs by objective and values by target, each of shape ``(packages or choices, futures, members)``.
    """
    payoffs = np.empty((len(weights), *values.shape[:2], values.shape[3]))
    begin = 0
    for row, weight in enumerate(weights):
        payoffs[row] = np.tensordot(values[:, :, begin : begin + weight.size], weight.ravel(), axes=(2, 0))
        begin += weight.size
    return payoffs, np.moveaxis(values[:, :, begin:], 2, 0)


def find_failures(experiment: Experiment, registry: Registry, baseline: str) -> list[Failure]:
    """Find when each package misses each target, or does worse than the baseline by each objective.

    Args:
        experiment: the experiment.
        registry: all declarations.
        baseline: name of the baseline among the packages, with which the others are compared.
    """
    grid = experiment.grid
    cases: list[tuple[int, str, np.ndarray]] = []
    reference = grid.packages.index(baseline) if baseline in grid.packages else None
    for package in range(len(grid.packages)):
        cases += [
            (package, f"misses {target.text}", ~experiment.met(index)[package])
            for index, target in enumerate(experiment.targets)
        ]
        if reference is not None and package != reference:
            cases += [
                (package, f"is worse than {baseline} by {objective.name}", payoffs[package] < payoffs[reference])
                for objective, payoffs in zip(experiment.objectives, experiment.payoffs, strict=True)
            ]
    return [_failure(experiment, package, what, fails, registry) for package, what, fails in cases]


def _failure(experiment: Experiment, package: int, what: str, fails: np.ndarray, registry: Registry) -> Failure:
    """Find the conditions of one failure; ``fails`` has shape ``(futures, members)``."""
    futures, members = fails.shape
    scenarios = experiment.grid.scenarios[package]
    # An input that only some futures make uncertain has no meaning in the others: there the future is the condition.
    future_names = {future for future in experiment.grid.futures if future != NO_FUTURE}
    inputs = [
        uncertain_input
        for uncertain_input in uncertain_inputs(scenarios, registry)
        if uncertain_input.name.partition("|")[0] not in future_names
    ]
    quantiles = np.tile(member_quantiles(scenarios, inputs, members), futures)
    repeats = np.full(len(inputs), float(futures))
    if futures > 1:
        in_force = np.repeat(np.eye(futures), members, axis=1)
        quantiles = np.concatenate([quantiles, in_force])
        repeats = np.concatenate([repeats, np.ones(futures)])
        inputs += [Input(f"{FUTURE_INPUT} {name}", f"the future {name}") for name in experiment.grid.futures]
    # Members have the same draws in every future: those that test the box had no part in finding it.
    learning = np.tile(np.arange(members) % 2 == 0, futures)
    box = discover_box(quantiles, fails.ravel(), learning, repeats)
    return Failure(experiment.grid.packages[package], what, float(fails.mean()), box, tuple(inputs))
