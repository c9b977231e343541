"""How people are grouped, and which registered results give a total by each grouping."""

from __future__ import annotations

from typing import Literal

import numpy as np

from model.registry.dimensions import AGE_BANDS, DIMENSIONS, LIFE_COURSE

Grouping = Literal["deprivation", "place", "age_group", "stage"]

QALYS = "outcomes.qalys"
LIFE_EXPECTANCY = "outcomes.quality_adjusted_life_expectancy"
DEATHS = "outcomes.deaths"
BED_DAYS = "outcomes.bed_days_lost"


def _divided(name: str) -> dict[str, str]:
    return {"deprivation": name, "place": f"{name}_by_place", "age_band": f"{name}_by_age"}


RESULTS_BY_DIMENSION: dict[str, dict[str, str]] = {
    **{
        name: _divided(name)
        for name in (
            QALYS,
            "outcomes.years_in_poor_health",
            "outcomes.premature_deaths",
            "outcomes.emergency_need",
            DEATHS,
        )
    },
    BED_DAYS: {"deprivation": BED_DAYS},
}
"""Registered result by dimension, for each total. Deaths are the people whose last year of life it was (Die Well)."""

PEOPLE_BY_DIMENSION = _divided("outcomes.life_years")
"""Life years lived in a year are the mean number of residents in it."""

INEQUALITY_INDICES = (
    "outcomes.slope_index_emergency_admissions",
    "outcomes.relative_index_emergency_admissions",
    "outcomes.slope_index_premature_mortality",
    "outcomes.relative_index_premature_mortality",
    "outcomes.slope_index_poor_health",
    "outcomes.relative_index_poor_health",
    "outcomes.inequality_cost",
)
"""Indices of inequality between fifths of deprivation, worked out by the model."""

_GROUPS = ("0-14", "15-24", "25-44", "45-64", "65-74", "75-84", "85+")


def _first_band(group: str) -> int:
    """Return the index of the age band that begins with the age at which a group begins."""
    begins = group.rstrip("+").split("-")[0]
    return next(index for index, band in enumerate(AGE_BANDS) if band.rstrip("+").split("-")[0] == begins)


FIRST_AGE_BANDS: dict[Grouping, list[int]] = {
    "age_group": [_first_band(group) for group in _GROUPS],
    "stage": [AGE_BANDS.index(bands[0]) for bands in LIFE_COURSE.values()],
}
"""First age band of each age group and of each stage of life."""

GROUP_LABELS: dict[Grouping, tuple[str, ...]] = {
    "deprivation": tuple(
        f"{label} {words}".strip()
        for label, words in zip(DIMENSIONS["deprivation"], ("most deprived", "", "", "", "least deprived"), strict=True)
    ),
    "place": tuple(label.replace("_", " ").title() for label in DIMENSIONS["place"]),
    "age_group": tuple(group.replace("-", " to ").replace("+", " and over") for group in _GROUPS),
    "stage": tuple(stage.replace("_", " ").title() for stage in LIFE_COURSE),
}
"""Labels for people."""

GROUPS_OF_STAGE: tuple[tuple[int, int], ...] = tuple(
    (
        FIRST_AGE_BANDS["age_group"].index(start),
        (FIRST_AGE_BANDS["age_group"].index(following) if following is not None else len(_GROUPS)) - 1,
    )
    for start, following in zip(FIRST_AGE_BANDS["stage"], (*FIRST_AGE_BANDS["stage"][1:], None), strict=True)
)
"""First and last age group of each stage of life, which is a sum of them."""


def sum_age_bands(values: np.ndarray, grouping: Grouping) -> np.ndarray:
    """Sum age bands, which lie on the second axis, to age groups or stages of life."""
    return np.add.reduceat(values, FIRST_AGE_BANDS[grouping], axis=1)
