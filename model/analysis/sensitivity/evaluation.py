"""Results of many members of several scenarios, in batches, by one process or several."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import pairwise
from typing import Protocol

import numpy as np

from model.analysis.sensitivity.designs import MemberDesign
from model.analysis.sensitivity.worker_pool import Call, WorkerPool
from model.engine.clock import Clock
from model.registry.calendar import financial_year_of
from model.registry.errors import UserError
from model.results.headlines import Measure, names_read
from model.results.run import Run
from model.scenarios.hospitals import PATIENT_LEVEL
from model.scenarios.resolved import ResolvedScenario
from model.sectors.model_registry import registry
from model.simulation.progress import StepCounter
from model.simulation.simulate import CHUNK, CHUNK_OF_PATIENTS, run_members


class RunReader(Protocol):
    """Reads from a run the results that an analysis needs."""

    @property
    def names(self) -> tuple[str, ...]:
        """Registered results that are read."""
        ...

    def __call__(self, run: Run) -> np.ndarray:
        """Return the results of each member, shape ``(results, members)``."""
        ...


@dataclass(frozen=True)
class YearlyReader:
    """Reads measures by financial year: result ``measure x years + year``.

    Attributes:
        measures: which.
        years: labels of financial years.
    """

    measures: tuple[Measure, ...]
    years: tuple[str, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """See ``RunReader``."""
        return names_read(self.measures)

    def __call__(self, run: Run) -> np.ndarray:
        """See ``RunReader``."""
        yearly = [measure.by_year(run) for measure in self.measures]
        return np.stack([by_year[year] for by_year in yearly for year in self.years])


def run_calendar(scenario: ResolvedScenario) -> Run:
    """Return a run without results: the months, years and horizons of a scenario."""
    clock = Clock(scenario.start, scenario.end, scenario.step_days)
    horizons = {name: int(years) for name, years in scenario.horizons}
    return Run(scenario.name, scenario.start, clock.months, scenario.decision, horizons, 1, {}, registry())


def years_of(scenario: ResolvedScenario) -> tuple[str, ...]:
    """Return the complete financial years from the decision on.

    Raises:
        UserError: the run holds none.
    """
    first = financial_year_of(scenario.decision)
    years = tuple(year for year in run_calendar(scenario).financial_years if year >= first)
    if not years:
        raise UserError("no complete financial year (April to March) lies between decision and end.", key="end")
    return years


def evaluate(
    scenarios: Sequence[ResolvedScenario], members: MemberDesign, reader: RunReader, pool: WorkerPool | None = None
) -> np.ndarray:
    """Run the same members with every scenario.

    Args:
        scenarios: the scenarios.
        members: the members, and their uncertain numbers.
        reader: reads the results that are kept.
        pool: worker processes, this process alone where None; the results do not depend on it.

    Returns:
        Shape ``(scenarios, results, members)``, double precision.
    """
    chunks = [
        (index, first, count)
        for index, scenario in enumerate(scenarios)
        for first, count in even_spans(
            members.count, CHUNK_OF_PATIENTS if scenario.hospital == PATIENT_LEVEL else CHUNK
        )
    ]
    calls = [
        Call(_batch, (scenarios[index], members, reader, first, count), _steps(scenarios[index]) * count)
        for index, first, count in chunks
    ]
    results: np.ndarray | None = None
    for chunk, values in (pool or WorkerPool()).gather(calls):
        index, first, count = chunks[chunk]
        if results is None:
            results = np.empty((len(scenarios), values.shape[0], members.count))
        results[index, :, first : first + count] = values
    if results is None:
        raise ValueError("nothing to run")
    return results


def even_spans(count: int, size: int) -> list[tuple[int, int]]:
    """Split members into spans of nearly equal length, at most ``size``.

    A sum over the months of a single member rounds otherwise, in its last digit, than the same sum for many members.
    Even spans leave no member alone, so results do not depend on how members are batched.

    Args:
        count: members.
        size: largest span.

    Returns:
        First member and length of each span.
    """
    spans = -(-count // size)
    ends = [count * span // spans for span in range(spans + 1)]
    return [(first, last - first) for first, last in pairwise(ends)]


def _steps(scenario: ResolvedScenario) -> int:
    return Clock(scenario.start, scenario.end, scenario.step_days).steps


def _batch(
    scenario: ResolvedScenario, members: MemberDesign, reader: RunReader, first: int, size: int, *, count: StepCounter
) -> np.ndarray:
    """Return the results of one batch of members."""
    declarations = registry()
    parameters, sizes = members.values(scenario, declarations, first, size)
    results = run_members(
        scenario,
        first,
        size,
        parameters=parameters,
        sizes=sizes,
        names=reader.names,
        progress=lambda _, __: count(size),
    )
    return reader(replace(run_calendar(scenario), members=size, results=results))


@dataclass(frozen=True, eq=False)
class Question:
    """A question: some measures of a scenario, or of its difference from another, by year.

    Attributes:
        scenario: the scenario.
        against: what it is compared with, member by member; None where its own values are looked at.
        measures: results in question.
        pool: worker processes; this process alone where None.
    """

    scenario: ResolvedScenario
    against: ResolvedScenario | None
    measures: tuple[Measure, ...]
    pool: WorkerPool = field(default_factory=WorkerPool)

    @property
    def scenarios(self) -> tuple[ResolvedScenario, ...]:
        """The scenario and what it is compared with."""
        return (self.scenario,) if self.against is None else (self.scenario, self.against)

    @cached_property
    def years(self) -> tuple[str, ...]:
        """Financial years of the answers."""
        return years_of(self.scenario)

    @cached_property
    def horizons(self) -> dict[str, int]:
        """Position of the year of each horizon, by the label of the year; the last year where there is none."""
        named = run_calendar(self.scenario).horizon_years.values()
        positions = {year: self.years.index(year) for year in named if year in self.years}
        return positions or {self.years[-1]: len(self.years) - 1}

    def answer(self, members: MemberDesign) -> np.ndarray:
        """Return values of the measures, shape ``(measures, years, members)``."""
        reader = YearlyReader(self.measures, self.years)
        values = evaluate(self.scenarios, members, reader, self.pool)
        asked = values[0] - values[1] if self.against is not None else values[0]
        return asked.reshape(len(self.measures), len(self.years), members.count)
