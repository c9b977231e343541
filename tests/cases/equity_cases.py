"""A made-up system of 5,000 people, in which what an option gains by age and fifth is chosen."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from model.appraisal.costing.appraisal import CASH, NON_CASH, Appraisal
from model.appraisal.equity.distributional_impact import DistributionalImpact, EquityInputs, assess_equity, by_grouping
from model.appraisal.equity.groups import INEQUALITY_INDICES, LIFE_EXPECTANCY, QALYS, RESULTS_BY_DIMENSION
from model.registry.dimensions import AGE_BANDS, DIMENSIONS
from model.results.headlines import measure
from model.sectors.model_registry import registry

AGES, FIFTHS = len(AGE_BANDS), len(DIMENSIONS["deprivation"])
PLACES = np.array([0.5, 0.2, 0.3])
HEALTH = np.array([62.0, 64.0, 66.0, 68.0, 70.0])
INDEX = 0.5


def cells(by_fifth: np.ndarray, years: int, members: int) -> np.ndarray:
    """An amount of each fifth spread evenly over ages, the same in every year, rising from member to member."""
    rising = 1.0 + 0.1 * np.arange(members)
    return np.ones((years, AGES, 1, 1)) / AGES * np.asarray(by_fifth, dtype=float)[:, None] * rising


def seen(years: tuple[str, ...], members: int, gained: np.ndarray, slope: float = 0.0) -> EquityInputs:
    """A run in which each fifth has so many more QALYs and fewer of everything else, and indices move by ``slope``."""
    n = len(years)
    results = {}
    for name, sources in RESULTS_BY_DIMENSION.items():
        sign = 1.0 if name == QALYS else -1.0
        amount = cells(1000.0 + sign * np.asarray(gained, dtype=float), n, members)
        if name == "outcomes.premature_deaths":
            amount[:, AGE_BANDS.index("75-79") :] = 0.0
        total = amount.sum(axis=(1, 2))
        by = {
            "deprivation": amount.sum(axis=1),
            "age_band": amount.sum(axis=2),
            "place": total[:, None] * PLACES[:, None],
        }
        for dim in sources:
            results |= {(name, division): values for division, values in by_grouping(by[dim], dim).items()}
    people = {}
    for dim, size in (("deprivation", FIFTHS), ("place", len(PLACES)), ("age_band", AGES)):
        people |= by_grouping(np.full((n, size), 5000.0 / size), dim)
    return EquityInputs(
        "made up",
        years,
        {name: measure(name, registry()) for name in (*RESULTS_BY_DIMENSION, *INEQUALITY_INDICES, LIFE_EXPECTANCY)},
        results,
        {name: np.full((n, members), INDEX + slope) for name in INEQUALITY_INDICES},
        np.broadcast_to(HEALTH[:, None], (n, FIFTHS, members)) + np.zeros((n, 1, 1)),
        people,
    )


def equity_by(
    appraisal: Appraisal, gained: np.ndarray, slope: float = 0.0, net_cost: np.ndarray | None = None
) -> DistributionalImpact:
    """Who gains by an appraised option under whose name the made-up system has changed."""
    years, members = appraisal.option.years, appraisal.option.members
    changed, base = seen(years, members, gained, slope), seen(years, members, np.zeros(FIFTHS))
    cost = -appraisal.value(CASH, NON_CASH, "cost") if net_cost is None else net_cost
    return assess_equity(
        appraisal.option, replace(changed, title=appraisal.option.title), base, appraisal.assumptions, cost
    )


def made_up(appraisals: tuple[Appraisal, ...]) -> tuple[DistributionalImpact, ...]:
    """Who gains by several options, the more the less deprived."""
    return tuple(equity_by(appraisal, np.array([1.0, 2.0, 3.0, 4.0, 5.0]), 0.01) for appraisal in appraisals)
