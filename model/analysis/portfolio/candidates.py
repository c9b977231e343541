"""Candidates of a portfolio: interventions of the library at each of their starts, and what each uses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np

from model.analysis.attribution.variants import INTERVENTION_ROLES, NO_OWNER, OptionSet
from model.analysis.portfolio.problem import PortfolioOption, PortfolioProblem, Resource
from model.engine.clock import Clock
from model.engine.parameters import Profile
from model.registry.calendar import MONTHS_PER_YEAR, financial_year_limits, financial_year_of
from model.registry.catalogue import Registry
from model.registry.dimensions import DIMENSIONS
from model.registry.error_collector import ErrorCollector
from model.registry.errors import Exit, UserError, nearest_names
from model.scenarios.library import Library
from model.scenarios.resolved import ResolvedScenario
from model.scenarios.resolver import resolve
from model.scenarios.schema import Intervention, Package
from model.scenarios.specs import ModifierSpec
from model.scenarios.units import UnitError, quantity
from model.scenarios.validated_file import ValidatedFile

DISINVESTMENT = "disinvestment"
"""Group of interventions that stop something."""
ALL = "all"
BUDGET = "budget"


@dataclass(frozen=True, kw_only=True)
class PortfolioLimits:
    """Limits on what candidates use.

    Attributes:
        budget: £ a year, over all payers.
        at_most: most interventions.
        posts: WTE by employer and staff group; an empty text means all.
    """

    budget: float
    at_most: int
    posts: Mapping[tuple[str, str], float]


@dataclass(frozen=True, eq=False)
class Candidates:
    """Candidates in every future, and the choice between them.

    Attributes:
        option_sets: one for each future, with the same entries: an intervention at a start.
        futures: their names.
        problem: options and limits.
        entries: entry of each option, shape ``(options,)``.
    """

    option_sets: tuple[OptionSet, ...]
    futures: tuple[str, ...]
    problem: PortfolioProblem
    entries: np.ndarray

    def scales(self, chosen: np.ndarray) -> np.ndarray:
        """Scale of every entry in every choice, shape ``(choices, entries)``."""
        scales = np.zeros((len(chosen), len(self.option_sets[0].options)))
        for index, option in enumerate(self.problem.options):
            scales[:, self.entries[index]] += chosen[:, index] * option.scale
        return scales


def read_budget(text: str) -> float:
    """Read a yearly budget in £.

    Raises:
        UserError: not an amount of money a year.
    """
    try:
        budget = quantity(text, "£/year")
    except UnitError as error:
        raise UserError(f"{error}.", key=f"--budget {text}", code=Exit.USAGE) from error
    if budget < 0:
        raise UserError("a budget is not negative.", key=f"--budget {text}", code=Exit.USAGE)
    return budget


def read_posts(texts: Sequence[str]) -> dict[tuple[str, str], float]:
    """Read limits on posts: ``200``, ``acute=80`` or ``acute.nursing=40``, in WTE.

    Raises:
        UserError: another form, or a name that is not known.
    """
    limits: dict[tuple[str, str], float] = {}
    for text in texts:
        where, _, amount = text.rpartition("=")
        employer, _, group = where.strip().partition(".")
        for name, dim in ((employer, "employer"), (group, "staff_group")):
            if name and name not in DIMENSIONS[dim]:
                near = nearest_names(name, DIMENSIONS[dim])
                raise UserError(
                    f"'{name}' is not a label of {dim}.", key=f"--posts {text}", nearest=near, code=Exit.USAGE
                )
        try:
            limits[employer, group] = quantity(amount.strip(), "WTE")
        except UnitError as error:
            message = f"{error}; expected WTE such as 200, acute=80 or acute.nursing=40."
            raise UserError(message, key=f"--posts {text}", code=Exit.USAGE) from error
    return limits


def read_names(
    starts_wanted: Sequence[str], packages: Sequence[str], stops: Sequence[str], library: Library
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Read the names of interventions to start and to stop.

    Args:
        starts_wanted: interventions to start.
        packages: packages whose interventions may be started; where neither is given, all but disinvestments.
        stops: interventions that stop something, or ``all`` disinvestments.
        library: where names are looked up.

    Raises:
        UserError: names that are not known, all of them together.
    """
    library_interventions, errors = library.names("intervention"), ErrorCollector()
    for option, names, valid, kind in (
        ("", starts_wanted, library_interventions, "intervention"),
        ("--package ", packages, library.names("package"), "package"),
        ("--stop ", [name for name in stops if name != ALL], library_interventions, "intervention"),
    ):
        for name in names:
            if name not in valid:
                near = nearest_names(name, valid)
                errors.add(UserError(f"no {kind} of this name.", key=f"{option}{name}", nearest=near, code=Exit.USAGE))
    errors.raise_all()
    groups = {
        name: ValidatedFile.read(Intervention, path).content.group for name, path in library_interventions.items()
    }
    stopped = [name for name in stops if name != ALL]
    if ALL in stops:
        stopped += [name for name, group in groups.items() if group == DISINVESTMENT]
    started = [*starts_wanted, *(intervention for name in packages for intervention in _of_package(name, library))]
    if not started:
        started = [name for name, group in groups.items() if group != DISINVESTMENT]
    started = [name for name in dict.fromkeys(started) if name not in stopped]
    return tuple(started), tuple(dict.fromkeys(stopped))


def _of_package(name: str, library: Library) -> list[str]:
    content = ValidatedFile.read(Package, library.names("package")[name]).content
    inner = [intervention for package in content.packages for intervention in _of_package(package, library)]
    return [*inner, *(use.name for use in content.interventions)]


def resolve_candidates(
    baseline: str,
    names: tuple[Sequence[str], Sequence[str]],
    *,
    starts: Sequence[float],
    scales: Sequence[float],
    limits: PortfolioLimits,
    futures: Sequence[str],
    registry: Registry,
    changes: Mapping[str, Any],
) -> Candidates:
    """Resolve all candidates in every future.

    Args:
        baseline: scenario on which they stand.
        names: interventions to start, and to stop.
        starts: years after the decision at which each may start; as their files have it where empty.
        scales: scales of those that are started; those that are stopped are stopped wholly.
        limits: what may be used.
        futures: names of futures, ``none`` for the one without a file.
        registry: all declarations.
        changes: further settings of the command line.

    Raises:
        UserError: whatever is wrong with a scenario; a candidate that is in use already; a start outside the run.
    """
    everything = [*names[0], *names[1]]
    start_texts: list[str] | list[float] = [f"decision + {MONTHS_PER_YEAR * years:g} months" for years in starts]
    menus: list[OptionSet] = []
    for future in futures:
        plain = resolve(baseline, registry, changes={**changes, "future": future})
        taken = [programme.name for programme in plain.programmes if programme.name in everything]
        if taken:
            raise UserError(f"'{plain.name}' uses it already, so it cannot be a candidate.", key=taken[0])
        uses = [
            [{"name": name, **({"start": start} if start else {})} for name in everything]
            for start in (start_texts or [""])
        ]
        versions = [
            resolve(baseline, registry, changes={**changes, "future": future, "interventions": use}) for use in uses
        ]
        menus.append(_side_by_side(plain, versions, everything))
    first = menus[0].scenario
    years = _years(first)
    entries, options = [], []
    for entry, label in enumerate(menus[0].options):
        name, _, start = label.partition("|")
        stopped = name in names[1]
        for scale in (1.0,) if stopped else tuple(dict.fromkeys(scales)):
            entries.append(entry)
            options.append(PortfolioOption(name, start, float(scale), stopped))
    resources = _resources(menus[0], np.array(entries), options, years, limits)
    return Candidates(
        tuple(menus),
        tuple(futures),
        PortfolioProblem(tuple(options), resources, tuple(years), limits.at_most),
        np.array(entries),
    )


def _side_by_side(plain: ResolvedScenario, versions: Sequence[ResolvedScenario], names: Sequence[str]) -> OptionSet:
    """Return one scenario in which every intervention at every start is an option of its own."""
    entries: list[str] = []
    modifiers: list[ModifierSpec] = []
    owners: list[int] = []
    first = versions[0]
    for spec in first.modifiers:
        if spec.role not in INTERVENTION_ROLES or spec.label not in names:
            modifiers.append(spec)
            owners.append(NO_OWNER)
    for name in names:
        for version in versions:
            (programme,) = (programme for programme in version.programmes if programme.name == name)
            label = f"{name}|{programme.start:%Y-%m}"
            if label in entries:
                continue
            if not plain.start <= programme.start < plain.end:
                message = f"starts on {programme.start}, outside the run; give another --start, or a later --end."
                raise UserError(message, key=name)
            entries.append(label)
            changes = [spec for spec in version.modifiers if spec.role in INTERVENTION_ROLES and spec.label == name]
            modifiers += changes
            owners += [len(entries) - 1] * len(changes)
    programmes = tuple(programme for version in versions for programme in version.programmes)
    return OptionSet(
        replace(first, modifiers=tuple(modifiers), programmes=programmes), tuple(entries), np.array(owners, dtype=int)
    )


def _years(scenario: ResolvedScenario) -> dict[str, tuple[date, date]]:
    """Return the first day of each financial year from the decision on, and of the next, within the run."""
    limits: dict[str, tuple[date, date]] = {}
    day = scenario.decision
    while day < scenario.end:
        label = financial_year_of(day)
        limits[label] = financial_year_limits(label)
        _, day = limits[label]
    return limits


def _resources(
    option_set: OptionSet,
    entries: np.ndarray,
    options: Sequence[PortfolioOption],
    years: Mapping[str, tuple[date, date]],
    limits: PortfolioLimits,
) -> tuple[Resource, ...]:
    """Return budget and posts by option and year, at the central size of each cost and need."""
    clock = Clock(option_set.scenario.start, option_set.scenario.end, option_set.scenario.step_days)
    spans = [(clock.days_since_start(begin), clock.days_since_start(end)) for begin, end in years.values()]

    def use(role: str, employer: str = "", group: str = "") -> np.ndarray:
        by_entry = np.zeros((len(option_set.options), len(spans)))
        for spec, owner in zip(option_set.scenario.modifiers, option_set.owners, strict=True):
            where = dict(spec.where)
            fits = (not employer or where.get("employer") == (employer,)) and (
                not group or where.get("staff_group") == (group,)
            )
            if owner == NO_OWNER or spec.role != role or not fits:
                continue
            profile = Profile(
                tuple(clock.days_since_start(day) for day, _ in spec.points), tuple(level for _, level in spec.points)
            )
            by_entry[owner] += spec.size[1] * np.array([profile.mean(*span) for span in spans])
        scales = np.array([option.scale for option in options])
        return by_entry[entries] * scales[:, None]

    resources = [Resource(BUDGET, "£/year", limits.budget, use("cost"))]
    for (employer, group), limit in limits.posts.items():
        words = " ".join(word.replace("_", " ") for word in (employer, group) if word) or "all employers"
        resources.append(Resource(f"posts, {words}", "WTE", limit, use("staff", employer, group)))
    return tuple(resources)
