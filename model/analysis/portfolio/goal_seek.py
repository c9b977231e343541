"""What it takes to meet a target: scale and start of levers within budget and posts, or the limit in the way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from model.analysis.attribution.variants import OptionSet, evaluate_variants
from model.analysis.portfolio.candidates import Candidates
from model.analysis.portfolio.problem import PortfolioOption, PortfolioProblem, Resource
from model.analysis.portfolio.scale_search import ScaleSearchResult, smallest_scales
from model.analysis.robustness.experiment import ExperimentReader
from model.analysis.robustness.stated_targets import StatedTarget
from model.analysis.sensitivity.evaluation import run_calendar
from model.analysis.sensitivity.worker_pool import WorkerPool
from model.registry.calendar import MONTHS_PER_YEAR, shift_date
from model.registry.catalogue import Registry
from model.registry.declarations import Flow, Parameter
from model.registry.errors import Exit, UserError, nearest_names
from model.results.comparison import Spread
from model.results.number_format import format_millions
from model.scenarios.hospitals import PATIENT_LEVEL, refused_by_patients
from model.scenarios.specs import ModifierSpec
from model.scenarios.units import UnitError, quantity

RAMP_MONTHS = 12
"""Months over which a parameter that is a lever moves from its start on."""
LARGEST_SCALE = "largest scale"
"""Name of the limit that is the largest scale tried."""


@dataclass(frozen=True)
class ParameterLever:
    """A parameter or flow that is changed directly.

    Attributes:
        name: registered name.
        change: relative change at scale 1, such as -0.5.
    """

    name: str
    change: float


@dataclass(frozen=True)
class LeverCase:
    """One way to try for a target: levers that move together, from one start.

    Attributes:
        levers: their names.
        entries: their positions among the options.
        start: when they start, ``YYYY-MM``, several where their files say so.
        caps: largest scale by each limit, the name of the limit first.
    """

    levers: tuple[str, ...]
    entries: tuple[int, ...]
    start: str
    caps: tuple[tuple[str, float], ...]

    @property
    def cap(self) -> float:
        """Largest scale within all limits."""
        return min(scale for _, scale in self.caps)

    @property
    def binding(self) -> str:
        """The limit that is reached first."""
        return min(self.caps, key=lambda cap: cap[1])[0]


@dataclass(frozen=True, eq=False)
class GoalSeekResult:
    """Scales at which levers meet a target, and what the limits allow.

    Attributes:
        candidates: levers and limits.
        target: what is to be met.
        probability: with what probability.
        cases: ways that were tried.
        solution: scales needed, whatever the limits; one case each.
        values: values of the target at every scale tried, shape ``(cases, scales, members)``.
        at_cap: values at the largest scale within the limits, shape ``(cases, members)``.
    """

    candidates: Candidates
    target: StatedTarget
    probability: float
    cases: tuple[LeverCase, ...]
    solution: ScaleSearchResult
    values: np.ndarray
    at_cap: np.ndarray

    @property
    def members(self) -> int:
        """Ensemble size."""
        return self.values.shape[-1]

    def reached(self, case: int) -> bool:
        """Return whether a case meets the target within the limits."""
        return bool(self.solution.scale[case] <= self.cases[case].cap * (1.0 + 1e-9))

    def use(self, case: int, scale: float) -> list[float]:
        """Return the largest yearly use of each resource by a case at a scale."""
        entries = list(self.cases[case].entries)
        return [
            max(float(resource.use[entries].sum(axis=0).max()) * scale, 0.0)
            for resource in self.candidates.problem.resources
        ]

    def verdict(self, case: int) -> str:
        """Say what a case needs, or what keeps it from the target."""
        lever_case, scale = self.cases[case], self.solution.scale[case]
        if scale == 0.0:
            return "met without it"
        if self.reached(case):
            return "met" + (", but no longer at some larger scale" if self.solution.fails_above[case] else "")
        share = float(self.target.met(self.at_cap[case]).mean())
        median = self.target.measure.format(Spread.of(self.at_cap[case]).median)
        got = f"within the limits {share:.0%}, median {median}"
        if np.isnan(scale):
            return (
                f"cannot be met, even at scale {largest_scale(lever_case):g} ({self.solution.share[case]:.0%}); {got}"
            )
        binding = next(
            (
                index
                for index, resource in enumerate(self.candidates.problem.resources)
                if resource.name == lever_case.binding
            ),
            None,
        )
        if binding is None:
            return f"needs scale {scale:.3g}, more than the largest allowed; {got}"
        resource = self.candidates.problem.resources[binding]
        needed = self.use(case, scale)[binding]
        words = (
            f"£{format_millions(needed, 2)}m a year"
            if resource.unit.startswith("£")
            else f"{needed:,.0f} {resource.unit}"
        )
        return f"{resource.name} binds: scale {scale:.3g} would need {words}; {got}"


def largest_scale(case: LeverCase) -> float:
    """Return the largest scale that was tried for a case."""
    return dict(case.caps)[LARGEST_SCALE]


def read_lever(text: str, registry: Registry) -> ParameterLever | None:
    """Read a lever such as ``discharge.process_days=-50%``; None where it is the name of an intervention.

    Raises:
        UserError: not a parameter or flow, or no relative change.
    """
    name, equals, change_text = (piece.strip() for piece in text.partition("="))
    if not equals:
        if "." in name:
            message = "a parameter is moved by a relative change, such as discharge.process_days=-50%."
            raise UserError(message, key=f"--by {text}", code=Exit.USAGE)
        return None
    entry = registry.entries.get(name)
    if not isinstance(entry, Parameter | Flow):
        near = nearest_names(name, [*registry.parameters, *registry.flows])
        raise UserError("not a registered parameter or flow.", key=f"--by {text}", nearest=near, code=Exit.USAGE)
    try:
        change = quantity(change_text, "1")
    except UnitError as error:
        raise UserError(f"{error}; a change is relative, such as -50%.", key=f"--by {text}", code=Exit.USAGE) from error
    if change == 0 or change < -1:
        raise UserError("a relative change is not 0 and not below -100%.", key=f"--by {text}", code=Exit.USAGE)
    return ParameterLever(name, change)


def with_parameters(
    candidates: Candidates, levers: Sequence[ParameterLever], starts: Sequence[float], most: float, registry: Registry
) -> Candidates:
    """Add parameters that are changed directly to the candidates; they cost nothing and need no staff.

    Args:
        candidates: interventions.
        levers: parameters and flows.
        starts: years after the decision; the decision itself where empty.
        most: largest scale.
        registry: all declarations.

    Raises:
        UserError: a lever that patients one by one cannot follow, one that takes away the whole, or a start outside
            the run.
    """
    (option_set,) = candidates.option_sets
    scenario, problem = option_set.scenario, candidates.problem
    specs, names, options = list(scenario.modifiers), list(option_set.options), list(problem.options)
    owners = list(option_set.owners)
    for lever in levers:
        reason = refused_by_patients(lever.name, registry) if scenario.hospital == PATIENT_LEVEL else ""
        if reason:
            raise UserError(f"{reason}; keep 'hospital: stock-flow'.", key=lever.name)
        if lever.change * most <= -1.0:
            raise UserError(
                f"at scale {most:g}, the largest, it would fall to zero or below; give a smaller change or scale.",
                key=f"--by {lever.name}={lever.change:g}",
                code=Exit.USAGE,
            )
        for years in starts or (0.0,):
            start = shift_date(scenario.decision, MONTHS_PER_YEAR * years)
            if not start < scenario.end:
                raise UserError(f"starts on {start}, outside the run.", key=lever.name)
            specs.append(
                ModifierSpec(
                    target=lever.name,
                    where=(),
                    operation="multiply",
                    size=(lever.change,) * 3,
                    points=((start, 0.0), (shift_date(start, RAMP_MONTHS), 1.0)),
                    label=lever.name,
                    role="effect",
                    origin="command line",
                )
            )
            owners.append(len(names))
            names.append(f"{lever.name}|{start:%Y-%m}")
            options.append(PortfolioOption(lever.name, f"{start:%Y-%m}"))
    more = len(options) - len(problem.options)
    resources = tuple(
        replace(resource, use=np.concatenate([resource.use, np.zeros((more, len(problem.years)))]))
        for resource in problem.resources
    )
    return replace(
        candidates,
        option_sets=(OptionSet(replace(scenario, modifiers=tuple(specs)), tuple(names), np.array(owners, dtype=int)),),
        problem=replace(problem, options=tuple(options), resources=resources),
        entries=np.arange(len(options)),
    )


def lever_cases(problem: PortfolioProblem, starts: int, most: float) -> tuple[LeverCase, ...]:
    """Return each lever by itself and all together, at each start.

    Args:
        problem: levers with their starts as options, and limits.
        starts: number of starts of each lever.
        most: largest scale.
    """
    names = list(dict.fromkeys(option.intervention for option in problem.options))
    cases: list[LeverCase] = []
    for together in [[name] for name in names] + ([names] if len(names) > 1 else []):
        for start_index in range(starts):
            entries = [problem.groups[names.index(name)][start_index] for name in together]
            dates = " and ".join(dict.fromkeys(problem.options[entry].start for entry in entries))
            caps = ((LARGEST_SCALE, most), *(_cap(resource, entries) for resource in problem.resources))
            cases.append(LeverCase(tuple(together), tuple(entries), dates, caps))
    return tuple(cases)


def _cap(resource: Resource, entries: Sequence[int]) -> tuple[str, float]:
    peak = float(resource.use[list(entries)].sum(axis=0).max())
    return resource.name, resource.limit / peak if peak > 0 else np.inf


def seek_goal(
    candidates: Candidates,
    target: StatedTarget,
    cases: Sequence[LeverCase],
    probability: float,
    members: int,
    pool: WorkerPool | None = None,
) -> GoalSeekResult:
    """Find the smallest scale of each case that meets a target with a probability.

    Args:
        candidates: levers and limits; one future.
        target: what is to be met.
        cases: ways to try.
        probability: share of members in which it is to be met.
        members: ensemble size.
        pool: worker processes; this process alone where None.

    Raises:
        UserError: a target outside the run.
    """
    (option_set,) = candidates.option_sets
    target.check(run_calendar(option_set.scenario))
    reader = ExperimentReader((), (target,), ())
    tried: list[tuple[np.ndarray, np.ndarray]] = []

    def values_at(scales: np.ndarray) -> np.ndarray:
        """Return the target's values, shape ``(cases, points, members)``, at scales of ``(cases, points)``."""
        variants = np.zeros((*scales.shape, len(option_set.options)))
        for row, case in enumerate(cases):
            variants[row][:, list(case.entries)] = scales[row][:, None]
        values = evaluate_variants(option_set, variants.reshape(-1, len(option_set.options)), reader, members, pool)
        return values[:, 0].reshape(*scales.shape, members)

    def shares(scales: np.ndarray) -> np.ndarray:
        values = values_at(scales)
        tried.append((scales, values))
        return target.met(values).mean(axis=-1)

    solution = smallest_scales(shares, np.array([largest_scale(case) for case in cases]), probability)
    scales = np.concatenate([grid for grid, _ in tried], axis=1)
    order = np.argsort(scales, axis=1, kind="stable")
    values = np.take_along_axis(
        np.concatenate([grid_values for _, grid_values in tried], axis=1), order[..., None], axis=1
    )
    at_cap = values_at(np.array([[case.cap] for case in cases]))[:, 0]
    return GoalSeekResult(candidates, target, probability, tuple(cases), solution, values, at_cap)
