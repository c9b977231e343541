"""A finished run as results see it: arrays by registered name on a calendar of months, and what produced them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from typing import Protocol, runtime_checkable

import numpy as np

from model.registry.calendar import (
    MONTHS_PER_YEAR,
    add_months,
    financial_year_of,
    horizon_year,
    months_between,
    period_months,
)
from model.registry.catalogue import Registry
from model.registry.errors import UserError, nearest_names

BLOCK = 250
"""Members of which a result is read at a time where each member's values stand by themselves."""

ABBREVIATIONS = ("cyp", "icb", "nctr", "nhs", "p1", "p2", "p3", "rtt", "vcse")
PROPER_NAMES = ("bristol", "somerset", "gloucestershire")


def in_words(name: str) -> str:
    """Return a name as people write it: ``VCSE capacity`` for ``vcse_capacity``."""
    words = (word.capitalize() if word in PROPER_NAMES else word for word in name.split("_"))
    return " ".join(word.upper() if word in ABBREVIATIONS else word for word in words)


@runtime_checkable
class ReadByMembers(Protocol):
    """Results that can be read for some members without the others."""

    def of_members(self, name: str, first: int, members: int) -> np.ndarray:
        """Return a result of so many members from the first, shape ``(months,) + dims + (members,)``."""
        ...


@dataclass(frozen=True)
class Run:
    """Results of one scenario.

    Attributes:
        scenario: name of the scenario.
        start: first day of the run, the first of a month.
        months: number of months.
        decision: day from which decisions act.
        horizons: years after the decision by name of the horizon (``short``: 2).
        members: number of ensemble members.
        results: arrays by registered name, shape ``(months,) + dims + (members,)``; stocks at month ends, flows as
            totals over the month, other outputs as means over the month. They may be read when they are asked for.
        registry: declarations of all names.
        provenance: how the run came about: resolved scenario, versions, seed.
        title: the scenario's name for people; ``scenario`` in words where it is empty.
        by_year: yearly values already worked out, each of shape ``(members,)``, so that results are read once for all
            tables and figures.
    """

    scenario: str
    start: date
    months: int
    decision: date
    horizons: Mapping[str, int]
    members: int
    results: Mapping[str, np.ndarray] = field(repr=False)
    registry: Registry = field(repr=False)
    provenance: Mapping[str, str] = field(default_factory=dict, repr=False)
    title: str = ""
    by_year: dict[object, dict[str, np.ndarray]] = field(default_factory=dict, init=False, repr=False, compare=False)

    @property
    def heading(self) -> str:
        """Name of the scenario for tables and figures."""
        return self.title or in_words(self.scenario)

    @cached_property
    def month_starts(self) -> tuple[date, ...]:
        """First day of each month."""
        return tuple(add_months(self.start, month) for month in range(self.months))

    @cached_property
    def month_ends(self) -> tuple[date, ...]:
        """Last day of each month."""
        return tuple(add_months(day, 1) - timedelta(days=1) for day in self.month_starts)

    @cached_property
    def days(self) -> np.ndarray:
        """Days in each month, shape ``(months,)``."""
        months = zip(self.month_starts, self.month_ends, strict=True)
        return np.array([(end - start).days + 1.0 for start, end in months])

    @cached_property
    def financial_years(self) -> dict[str, slice]:
        """Months of each complete financial year, by its label."""
        months: dict[str, list[int]] = {}
        for month, day in enumerate(self.month_starts):
            months.setdefault(financial_year_of(day), []).append(month)
        return {
            label: slice(indices[0], indices[-1] + 1)
            for label, indices in months.items()
            if len(indices) == MONTHS_PER_YEAR
        }

    @cached_property
    def horizon_years(self) -> dict[str, str]:
        """The financial year by which each horizon is reported: the last that ends within its years of the decision.

        Horizons beyond the end of the run are left out.
        """
        labels = {name: horizon_year(self.decision, years) for name, years in self.horizons.items()}
        return {name: label for name, label in labels.items() if label in self.financial_years}

    def values(self, name: str) -> np.ndarray:
        """Monthly values of a result, shape ``(months,) + dims + (members,)``.

        Raises:
            UserError: the run has no result of that name.
        """
        self._check(name)
        return self.results[name]

    def blocks(self, name: str) -> Iterator[np.ndarray]:
        """Monthly values of a result, ``BLOCK`` members at a time and in order, so that memory stays small.

        Raises:
            UserError: the run has no result of that name.
        """
        self._check(name)
        by_members = self.results if isinstance(self.results, ReadByMembers) else None
        for first in range(0, self.members, BLOCK):
            count = min(BLOCK, self.members - first)
            yield (
                by_members.of_members(name, first, count)
                if by_members
                else self.results[name][..., first : first + count]
            )

    def _check(self, name: str) -> None:
        if name not in self.results:
            raise UserError(
                f"the run '{self.scenario}' has no result of this name.",
                key=name,
                nearest=nearest_names(name, self.results),
            )

    def months_of(self, period: str) -> slice:
        """Months of a period: ``2022-04``, ``2022/23`` or ``2021/22 Q4`` (financial quarters).

        Raises:
            UserError: the period is none of these, or does not lie wholly within the run.
        """
        try:
            first, count = period_months(period)
        except ValueError as error:
            raise UserError("a period is written 2022-04, 2022/23 or 2021/22 Q4.", key=period) from error
        offset = months_between(self.start, first)
        if offset < 0 or offset + count > self.months:
            raise UserError(f"the run '{self.scenario}' does not cover this period.", key=period)
        return slice(offset, offset + count)
