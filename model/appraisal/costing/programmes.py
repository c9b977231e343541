"""What the interventions of a scenario cost and need, by financial year, from their files and dates of delivery."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from model.registry.calendar import MONTHS_PER_YEAR, financial_year_limits
from model.scenarios.engine_inputs import effect_sizes
from model.scenarios.resolved import ResolvedScenario
from model.scenarios.specs import DatedLevels, ModifierSpec, Programme, calendar_profile

RECURRENT = "recurrent"


@dataclass(frozen=True, eq=False)
class CostLine:
    """One cost of one intervention.

    Attributes:
        intervention: its name in the scenario.
        payer: organisation that pays.
        type: ``recurrent``, ``non_recurrent`` or ``capital``.
        grade: evidence grade of the intervention.
        source: where the amount comes from.
        amounts: £ in each financial year at 2022/23 prices, shape ``(years, members)``; below 0 where money is
            released.
    """

    intervention: str
    payer: str
    type: str
    grade: str
    source: str
    amounts: np.ndarray

    @property
    def releases(self) -> bool:
        """Whether money is released, not spent."""
        return float(self.amounts.mean(axis=1).sum()) < 0.0


@dataclass(frozen=True, eq=False)
class StaffLine:
    """Posts of one employer and staff group that an intervention needs, mean WTE of each financial year."""

    intervention: str
    employer: str
    staff_group: str
    wte: np.ndarray


def level_days(points: DatedLevels, begin: date, end: date) -> float:
    """Return days times level between two dates; levels are linear between points and constant beyond them."""
    return calendar_profile(points).mean(begin.toordinal(), end.toordinal()) * (end - begin).days


def mean_level(points: DatedLevels, year: str) -> float:
    """Return the mean level over a financial year."""
    begin, end = financial_year_limits(year)
    return calendar_profile(points).mean(begin.toordinal(), end.toordinal())


def share_of_total(points: DatedLevels, year: str) -> float:
    """Return the share of the whole of a one-off spend that falls in a financial year."""
    begin, end = financial_year_limits(year)
    whole = level_days(points, points[0][0], points[-1][0])
    return level_days(points, begin, end) / whole if whole else 0.0


def _own(resolved: ResolvedScenario, programme: Programme, role: str) -> list[tuple[int, ModifierSpec]]:
    """Return dated changes of one role of a programme, with their positions, in the order of its file."""
    return [
        (index, spec)
        for index, spec in enumerate(resolved.modifiers)
        if spec.role == role and spec.label == programme.name
    ]


def cost_lines(resolved: ResolvedScenario, years: Sequence[str]) -> list[CostLine]:
    """Return the costs of every intervention in use by year, for all members.

    A recurrent cost of a year is the yearly amount times the mean level of delivery; of a one-off cost each year bears
    the share of its spending that falls in it. No optimism bias is in them.
    """
    sizes = effect_sizes(resolved)
    lines: list[CostLine] = []
    for programme in resolved.programmes:
        for (index, spec), cost in zip(_own(resolved, programme, "cost"), programme.costs, strict=True):
            amount = np.broadcast_to(sizes[index], (resolved.members,)).astype(float)
            if cost.type == RECURRENT:
                weight = [mean_level(spec.points, year) for year in years]
            else:
                months = cost.over_months / MONTHS_PER_YEAR
                weight = [share_of_total(spec.points, year) * months for year in years]
            amounts = np.array(weight)[:, None] * amount
            line = CostLine(programme.name, cost.payer, cost.type, programme.evidence_grade, cost.source, amounts)
            lines.append(line)
    return lines


def staff_lines(resolved: ResolvedScenario, years: Sequence[str]) -> list[StaffLine]:
    """Return posts that every intervention needs, mean of each year."""
    lines: list[StaffLine] = []
    for programme in resolved.programmes:
        for (_, spec), need in zip(_own(resolved, programme, "staff"), programme.staff, strict=True):
            employer, group, wte = need
            levels = np.array([mean_level(spec.points, year) for year in years])
            lines.append(StaffLine(programme.name, employer, group, wte * levels))
    return lines
