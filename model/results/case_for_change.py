"""The case for change: what the baseline gives for each published figure, beside its target and tolerance."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from model.registry.errors import UserError
from model.results.atomic_files import write_csv
from model.results.expressions import Statistic, evaluate, parse_expression
from model.results.observations import Observation, modelled, read_observations
from model.results.run import Run

Observed = Mapping[str, Observation]


@dataclass(frozen=True)
class CaseRow:
    """One figure of the case for change.

    Attributes:
        title: what it is.
        period: when.
        unit: unit of all figures of the row.
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
        if np.isinf(self.high):
            return f"over {self.low:,.{self.decimals}f}"
        return f"{self.low:,.{self.decimals}f} to {self.high:,.{self.decimals}f}"


@dataclass(frozen=True, kw_only=True)
class Case:
    """A figure to reproduce: how the model gives it, how the record gives it, and how near they must be.

    Attributes:
        title: what it is.
        model: the model's value, shape ``(members,)``.
        target: the published figure.
        evidence: observation whose source stands for the figure.
        period: when.
        unit: unit after scaling.
        scale: factor on value and target.
        relative: tolerance as a share of the target.
        absolute: tolerance in ``unit``.
        lower_bound: whether the target is a lower bound only.
        decimals: digits after the point.
    """

    title: str
    model: Callable[[Run, Observed], np.ndarray]
    target: Callable[[Observed], float]
    evidence: str
    period: str
    unit: str
    scale: float = 1.0
    relative: float = 0.0
    absolute: float = 0.0
    lower_bound: bool = False
    decimals: int = 0


def _figure(observed: Observed, identifier: str) -> Observation:
    if identifier not in observed:
        raise UserError("the file of observed figures lacks this row of the case for change.", key=identifier)
    return observed[identifier]


def _same(identifier: str) -> dict[str, Callable[..., object]]:
    """Model and target of a figure that the model gives directly."""
    return {
        "model": lambda run, observed: modelled(run, _figure(observed, identifier)),
        "target": lambda observed: _figure(observed, identifier).value,
    }


def nctr_growth(run: Run, observed: Observed) -> np.ndarray:
    """Patients without criteria to reside in April 2022 over those of April 2021, before the day's discharges."""
    expression = parse_expression("discharge.nctr_before_discharges")
    later, earlier = (
        evaluate(run, expression, run.months_of(_figure(observed, identifier).period), Statistic.MEAN)
        for identifier in ("case_nctr.2022-04", "case_nctr.2021-04")
    )
    return later / earlier


def published_nctr_growth(observed: Observed) -> float:
    """Published growth, from a pair of counts on one perimeter."""
    return _figure(observed, "case_nctr.2022-04").value / _figure(observed, "case_nctr.2021-04").value


def _nctr_months(observed: Observed) -> list[Observation]:
    found = [row for row in observed.values() if row.series == "nctr_before" and "2022-04" <= row.period <= "2023-03"]
    if len(found) != 12:
        raise UserError(f"{len(found)} of the 12 months of 2022/23 observed.", key="nctr_before")
    return found


def nctr_level(run: Run, observed: Observed) -> np.ndarray:
    """Mean of the twelve months of 2022/23."""
    return np.mean([modelled(run, row) for row in _nctr_months(observed)], axis=0)


def published_nctr_level(observed: Observed) -> float:
    """Mean of the twelve published months of 2022/23."""
    return float(np.mean([row.value for row in _nctr_months(observed)]))


def mean_stay(run: Run, year: str) -> np.ndarray:
    """Mean overnight stay of a financial year in days: all bed days over overnight discharges."""
    stay = "urgent_care.bed_days_needed + urgent_care.bed_days_delayed / discharge.overnight_discharges"
    return evaluate(run, parse_expression(stay), run.months_of(year), Statistic.SUM)


def extra_bed_days(run: Run, observed: Observed) -> np.ndarray:
    """Bed days of 2021/22 that stays longer than those of 2019/20 took: discharges times the growth in mean stay."""
    del observed
    discharges = parse_expression("discharge.overnight_discharges")
    count = evaluate(run, discharges, run.months_of("2021/22"), Statistic.SUM)
    return count * (mean_stay(run, "2021/22") - mean_stay(run, "2019/20"))


CASES: tuple[Case, ...] = (
    Case(
        title="Underlying NHS deficit",
        evidence="case_deficit.2022-23",
        period="2022/23",
        unit="£m a year",
        scale=1e-6,
        relative=0.10,
        decimals=1,
        **_same("case_deficit.2022-23"),
    ),
    Case(
        title="Vacancy rate, NHS employers",
        evidence="case_vacancy.2022-23",
        period="2022/23",
        unit="%",
        scale=100,
        absolute=1.0,
        decimals=1,
        **_same("case_vacancy.2022-23"),
    ),
    Case(
        title="Vacancy rate, community",
        evidence="case_vacancy_community.2022-23",
        period="2022/23",
        unit="%",
        scale=100,
        lower_bound=True,
        decimals=1,
        **_same("case_vacancy_community.2022-23"),
    ),
    Case(
        title="Vacancy rate, mental health",
        evidence="case_vacancy_mental_health.2022-23",
        period="2022/23",
        unit="%",
        scale=100,
        lower_bound=True,
        decimals=1,
        **_same("case_vacancy_mental_health.2022-23"),
    ),
    Case(
        title="No criteria to reside: growth",
        model=nctr_growth,
        target=published_nctr_growth,
        evidence="case_nctr.2022-04",
        period="April 2021 to 2022",
        unit="ratio",
        relative=0.10,
        decimals=2,
    ),
    Case(
        title="No criteria to reside: level",
        model=nctr_level,
        target=published_nctr_level,
        evidence="nctr_before.2022-04",
        period="2022/23",
        unit="patients per day",
        relative=0.10,
    ),
    Case(
        title="Bed days from longer stays",
        model=extra_bed_days,
        evidence="case_extra_bed_days.2021-22",
        target=lambda observed: _figure(observed, "case_extra_bed_days.2021-22").value,
        period="2019/20 to 2021/22",
        unit="bed days",
        relative=0.15,
    ),
    Case(
        title="Falls bed days of 3% of people",
        evidence="case_falls.2022-23",
        period="2022/23",
        unit="%",
        scale=100,
        absolute=5.0,
        decimals=1,
        **_same("case_falls.2022-23"),
    ),
    Case(
        title="Referral-to-treatment list",
        evidence="rtt_list.2023-03",
        period="March 2023",
        unit="pathways",
        relative=0.10,
        **_same("rtt_list.2023-03"),
    ),
    Case(
        title="Waiting over 52 weeks",
        evidence="rtt_over_52_weeks.2023-03",
        period="March 2023",
        unit="pathways",
        relative=0.20,
        **_same("rtt_over_52_weeks.2023-03"),
    ),
    Case(
        title="Cost of inequality",
        evidence="case_inequality.2022-23",
        period="2022/23",
        unit="£m a year",
        scale=1e-6,
        relative=0.15,
        decimals=1,
        **_same("case_inequality.2022-23"),
    ),
)
"""The figures the baseline must reproduce and how near. The vacancy rate is stated as a whole per cent: one point."""


def case_for_change(run: Run, observations: Sequence[Observation] | None = None) -> list[CaseRow]:
    """The table of the case for change of a baseline run.

    Args:
        run: a run that covers April 2019 to March 2023.
        observations: observed figures; those shipped with the model where it is None.

    Raises:
        UserError: the run lacks a result or a period, or the observations lack a figure.
    """
    observed = {row.id: row for row in (read_observations() if observations is None else observations)}
    found: list[CaseRow] = []
    for case in CASES:
        target = case.target(observed) * case.scale
        value = float(np.median(case.model(run, observed))) * case.scale
        margin = case.absolute or abs(target) * case.relative
        low, high = (target, np.inf) if case.lower_bound else (target - margin, target + margin)
        source = _figure(observed, case.evidence).source
        found.append(CaseRow(case.title, case.period, case.unit, value, target, low, high, source, case.decimals))
    return found


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
