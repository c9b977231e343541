"""The case for change: what the baseline gives for each published figure, beside its target and tolerance."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from model.registry.calendar import MONTHS_PER_YEAR
from model.registry.errors import UserError
from model.results.atomic_files import write_csv
from model.results.expressions import Statistic, evaluate, parse_expression
from model.results.headlines import IN_MILLIONS, PERCENT
from model.results.number_format import format_number
from model.results.observations import Observation, modelled, read_observations
from model.results.run import Run

Observed = Mapping[str, Observation]
"""Published figures by id."""


@dataclass(frozen=True)
class CaseRow:
    """One line of the case for change.

    Attributes:
        title: what it is.
        period: when.
        unit: unit of all numbers of the row.
        value: median over the members of the run.
        target: published figure.
        low: lowest value that passes.
        high: highest value that passes.
        source: publication and evidence ids.
        decimals: digits after the point when written.
    """

    title: str
    period: str
    unit: str
    value: float
    target: float
    low: float
    high: float
    source: str
    decimals: int = 0

    @property
    def passes(self) -> bool:
        """Whether the value lies within the tolerance."""
        return bool(self.low <= self.value <= self.high)

    @property
    def tolerance(self) -> str:
        """The values that pass, as text."""
        low = format_number(self.low, self.decimals)
        return f"over {low}" if np.isinf(self.high) else f"{low} to {format_number(self.high, self.decimals)}"


def published(observed: Observed, identifier: str) -> Observation:
    """Return a published figure of the case for change.

    Raises:
        UserError: the file of observed figures lacks it.
    """
    if identifier not in observed:
        raise UserError("the file of observed figures lacks this row of the case for change.", key=identifier)
    return observed[identifier]


@dataclass(frozen=True, kw_only=True)
class PublishedFigure:
    """A figure to reproduce: how the model gives it, how the record gives it, and how near they must be.

    Attributes:
        title: what it is.
        evidence: observation whose value is the target, and whose source stands for the figure.
        period: when.
        unit: unit after scaling.
        model: the model's value, shape ``(members,)``; what the run gives for the observation where it is None.
        target: the published figure; the value of the observation where it is None.
        scale: factor on value and target.
        relative: tolerance as a share of the target.
        absolute: tolerance in ``unit``.
        lower_bound: whether the target is a lower bound only.
        decimals: digits after the point.
    """

    title: str
    evidence: str
    period: str
    unit: str
    model: Callable[[Run, Observed], np.ndarray] | None = None
    target: Callable[[Observed], float] | None = None
    scale: float = 1.0
    relative: float = 0.0
    absolute: float = 0.0
    lower_bound: bool = False
    decimals: int = 0

    def row(self, run: Run, observed: Observed) -> CaseRow:
        """Return what a run gives beside the target.

        Raises:
            UserError: the run lacks a result or a period, or the observations lack the figure.
        """
        observation = published(observed, self.evidence)
        values = self.model(run, observed) if self.model else modelled(run, observation)
        target = (self.target(observed) if self.target else observation.value) * self.scale
        margin = self.absolute or abs(target) * self.relative
        low, high = (target, np.inf) if self.lower_bound else (target - margin, target + margin)
        value = float(np.median(values)) * self.scale
        return CaseRow(self.title, self.period, self.unit, value, target, low, high, observation.source, self.decimals)


def nctr_growth(run: Run, observed: Observed) -> np.ndarray:
    """Return patients without criteria to reside in April 2022 over those of April 2021, before discharges."""
    expression = parse_expression("discharge.nctr_before_discharges")
    later, earlier = (
        evaluate(run, expression, run.months_of(published(observed, identifier).period), Statistic.MEAN)
        for identifier in ("case_nctr.2022-04", "case_nctr.2021-04")
    )
    return later / earlier


def published_nctr_growth(observed: Observed) -> float:
    """Return the published growth, from a pair of counts on one perimeter."""
    return published(observed, "case_nctr.2022-04").value / published(observed, "case_nctr.2021-04").value


def _nctr_months(observed: Observed) -> list[Observation]:
    months = [row for row in observed.values() if row.series == "nctr_before" and "2022-04" <= row.period <= "2023-03"]
    if len(months) != MONTHS_PER_YEAR:
        raise UserError(f"{len(months)} of the 12 months of 2022/23 observed.", key="nctr_before")
    return months


def nctr_level(run: Run, observed: Observed) -> np.ndarray:
    """Return the model's mean of the twelve months of 2022/23."""
    return np.asarray(np.mean([modelled(run, row) for row in _nctr_months(observed)], axis=0))


def published_nctr_level(observed: Observed) -> float:
    """Return the mean of the twelve published months of 2022/23."""
    return float(np.mean([row.value for row in _nctr_months(observed)]))


def mean_stay(run: Run, year: str) -> np.ndarray:
    """Return the mean overnight stay of a financial year in days: all bed days over overnight discharges."""
    stay = "urgent_care.bed_days_needed + urgent_care.bed_days_delayed / discharge.overnight_discharges"
    return evaluate(run, parse_expression(stay), run.months_of(year), Statistic.SUM)


def extra_bed_days(run: Run, observed: Observed) -> np.ndarray:
    """Return bed days of 2021/22 by stays longer than those of 2019/20: discharges times the growth in mean stay."""
    del observed
    discharges = parse_expression("discharge.overnight_discharges")
    count = evaluate(run, discharges, run.months_of("2021/22"), Statistic.SUM)
    return count * (mean_stay(run, "2021/22") - mean_stay(run, "2019/20"))


CASES: tuple[PublishedFigure, ...] = (
    PublishedFigure(
        title="Underlying NHS deficit", evidence="case_deficit.2022-23", period="2022/23", unit="£m a year",
        scale=IN_MILLIONS, relative=0.10, decimals=1,
    ),
    PublishedFigure(
        title="Vacancy rate, NHS employers", evidence="case_vacancy.2022-23", period="2022/23", unit="%",
        scale=PERCENT, absolute=1.0, decimals=1,
    ),
    PublishedFigure(
        title="Vacancy rate, community", evidence="case_vacancy_community.2022-23", period="2022/23", unit="%",
        scale=PERCENT, lower_bound=True, decimals=1,
    ),
    PublishedFigure(
        title="Vacancy rate, mental health", evidence="case_vacancy_mental_health.2022-23", period="2022/23", unit="%",
        scale=PERCENT, lower_bound=True, decimals=1,
    ),
    PublishedFigure(
        title="No criteria to reside: growth", evidence="case_nctr.2022-04", period="April 2021 to 2022", unit="ratio",
        model=nctr_growth, target=published_nctr_growth, relative=0.10, decimals=2,
    ),
    PublishedFigure(
        title="No criteria to reside: level", evidence="nctr_before.2022-04", period="2022/23",
        unit="patients per day", model=nctr_level, target=published_nctr_level, relative=0.10,
    ),
    PublishedFigure(
        title="Bed days from longer stays", evidence="case_extra_bed_days.2021-22", period="2019/20 to 2021/22",
        unit="bed days", model=extra_bed_days, relative=0.15,
    ),
    PublishedFigure(
        title="Falls bed days of 3% of people", evidence="case_falls.2022-23", period="2022/23", unit="%",
        scale=PERCENT, absolute=5.0, decimals=1,
    ),
    PublishedFigure(
        title="Referral-to-treatment list", evidence="rtt_list.2023-03", period="March 2023", unit="pathways",
        relative=0.10,
    ),
    PublishedFigure(
        title="Waiting over 52 weeks", evidence="rtt_over_52_weeks.2023-03", period="March 2023", unit="pathways",
        relative=0.20,
    ),
    PublishedFigure(
        title="Cost of inequality", evidence="case_inequality.2022-23", period="2022/23", unit="£m a year",
        scale=IN_MILLIONS, relative=0.15, decimals=1,
    ),
)  # fmt: skip
"""The figures the baseline must reproduce and how near. The vacancy rate is stated as a whole per cent: one point."""


def case_for_change(run: Run, observations: Sequence[Observation] | None = None) -> list[CaseRow]:
    """Return the table of the case for change of a baseline run.

    Args:
        run: a run that covers April 2019 to March 2023.
        observations: observed figures; those shipped with the model where it is None.

    Raises:
        UserError: the run lacks a result or a period, or the observations lack a figure.
    """
    observed = {row.id: row for row in (read_observations() if observations is None else observations)}
    return [figure.row(run, observed) for figure in CASES]


def write_case_for_change(rows: Sequence[CaseRow], path: Path) -> Path:
    """Write the table as CSV."""
    header = ("quantity", "period", "unit", "model", "target", "lowest", "highest", "passes", "source")
    lines = (
        (
            row.title,
            row.period,
            row.unit,
            row.value,
            row.target,
            row.low,
            row.high,
            "yes" if row.passes else "no",
            row.source,
        )
        for row in rows
    )
    return write_csv(path, header, lines)
