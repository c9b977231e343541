"""What a resolved scenario is made of: values that it sets, dated changes, correlations, programmes, and origins."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

import numpy as np

from model.engine.parameters import Profile

DatedLevels = tuple[tuple[date, float], ...]
"""Levels at dates in ascending order: linear between them, constant beyond them."""

Range = tuple[float, float, float]
"""Low, central and high; low is the least effect, which need not be the smallest number."""


def calendar_profile(points: DatedLevels) -> Profile:
    """Return levels at dates as a profile over days of the calendar (``date.toordinal``)."""
    return Profile(tuple(float(day.toordinal()) for day, _ in points), tuple(level for _, level in points))


@dataclass(frozen=True)
class Origin:
    """One step in the history of a value: the level that set it, its ``file:line``, and the value."""

    level: str
    position: str
    value: str

    def __str__(self) -> str:
        return f"{self.value} ({self.level}, {self.position})"


@dataclass(frozen=True, eq=False)
class Override:
    """A parameter that a scenario sets.

    Attributes:
        values: whole array, in the registered unit.
        changed: cells that were set.
    """

    values: np.ndarray = field(repr=False)
    changed: np.ndarray = field(repr=False)


@dataclass(frozen=True)
class ModifierSpec:
    """One dated change of a parameter or flow, by labels.

    Attributes:
        target: registered name.
        where: labels by dimension; a dimension not named is changed throughout.
        operation: ``multiply`` (by 1 + size x level), ``add`` or ``set``.
        size: low, central and high, in the registered unit (a pure number where it multiplies).
        reach: share of the target group that is reached; multiplies the size.
        points: level at each date, linear between them.
        label: name of the intervention, future or history that it comes from.
        role: ``history``, ``future``, ``change``, ``effect``, ``cost``, ``staff`` or ``vcse_capacity``.
        stream: which of the random streams of its label it draws from.
        gate: a signal that limits it and the labels of its one cell, such as the staffed share of an employer.
        origin: file and line.
    """

    target: str
    where: tuple[tuple[str, tuple[str, ...]], ...]
    operation: str
    size: Range
    points: DatedLevels
    label: str
    role: str
    origin: str
    reach: Range = (1.0, 1.0, 1.0)
    stream: str = "effect"
    gate: tuple[str, tuple[tuple[str, str], ...]] | None = None


@dataclass(frozen=True)
class Correlation:
    """Two uncertain numbers that are high or low together.

    Attributes:
        between: names of their streams: of a parameter, or ``intervention|effect``.
        correlation: rank correlation (Spearman).
        source: evidence.
    """

    between: tuple[str, str]
    correlation: float
    source: str


@dataclass(frozen=True)
class ProgrammeCost:
    """A cost of an intervention: who pays, of which type, how much (£/year, or £ in all) and over how long."""

    payer: str
    type: str
    amount: Range
    over_months: float
    source: str


@dataclass(frozen=True)
class Programme:
    """An intervention in use: what it is and what it needs.

    Attributes:
        name: name in this scenario.
        group: prevention, workforce and so on.
        aim: which aim of the strategy it serves first.
        description: what it does.
        evidence_grade: strength of its evidence.
        sources: evidence ids and publications.
        known_failures: what is known not to work, or to have gone wrong.
        start: first day.
        costs: by payer and type, scaled as used.
        staff: WTE by employer and staff group.
        vcse_capacity: WTE by place.
        origin: file and line of its use.
    """

    name: str
    group: str
    aim: str
    description: str
    evidence_grade: str
    sources: tuple[str, ...]
    known_failures: str
    start: date
    costs: tuple[ProgrammeCost, ...]
    staff: tuple[tuple[str, str, float], ...]
    vcse_capacity: tuple[tuple[str, float], ...]
    origin: str
