"""Outcomes and equity: life years, QALYs, premature death (killers), years in poor health (degraders), inequality.

Nothing here acts back on the other sectors. Rates by deprivation are standardised to the ages of all residents, so that
a difference between fifths is not one of age. Deaths attributed to delay in the emergency department lie within
the deaths of the population sector and are not to be added to them. What is given by deprivation, by place
(``_by_place``) and by age (``_by_age``) is one total divided in three ways.
"""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from model.engine.dynamics import SMALLEST, safe_ratio
from model.engine.stepper import Sector
from model.engine.world import World
from model.registry.calendar import DAYS_PER_YEAR
from model.registry.declarations import Output, Stock
from model.registry.dimensions import DIMENSIONS, position
from model.sectors.outcomes.declarations import OUTPUTS, STOCKS
from model.sectors.outcomes.life_expectancy import quality_adjusted
from model.sectors.population.equations import Population
from model.sectors.urgent_care.equations import UrgentCare

SERVICES = DIMENSIONS["service"]
EMERGENCY = position("service", "emergency_admission")
UNDER_75 = position("age_band", "75-79")
POOR_HEALTH = slice(position("segment", "CS4"), None)


def standardised(rate: np.ndarray, people: np.ndarray) -> np.ndarray:
    """Directly standardised rate by deprivation: each fifth's rates by age, weighted by the ages of all residents.

    Args:
        rate: rate by age and deprivation.
        people: residents by age and deprivation.
    """
    by_age = people.sum(axis=1)
    share = safe_ratio(by_age, by_age.sum(axis=0), floor=1e-12)
    return (rate * share[:, None]).sum(axis=0)


def per_person(amount: np.ndarray, people: np.ndarray) -> np.ndarray:
    """Amount per person, 0 where nobody is."""
    return safe_ratio(amount, people, floor=SMALLEST, where_empty=0.0)


def slope_index(rate: np.ndarray, people: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Slope and relative index of inequality: weighted least squares of a rate on the rank of deprivation.

    The rank of a fifth is the share of people in less deprived fifths plus half its own, so that the slope is the
    modelled difference between the most and the least deprived person; the relative index divides it by the mean.

    Args:
        rate: rate by deprivation, the most deprived first.
        people: residents by deprivation.
    """
    share = safe_ratio(people, people.sum(axis=0), floor=1e-12)
    rank = 1.0 - (np.cumsum(share, axis=0) - 0.5 * share)
    mean_rate = (share * rate).sum(axis=0)
    mean_rank = (share * rank).sum(axis=0)
    spread = (share * (rank - mean_rank) ** 2).sum(axis=0)
    slope = safe_ratio((share * (rank - mean_rank) * (rate - mean_rate)).sum(axis=0), spread, floor=1e-12)
    return slope, per_person(slope, mean_rate)


def modelled_need(world: World, service: int, people: np.ndarray) -> np.ndarray:
    """Relative need for a service by age and deprivation, from the rates and factors of the demand sector."""
    rate = world.p["demand.segment_rate"][service]
    need = people[:, :, 0] * rate[0]
    for segment in range(1, rate.shape[0]):
        need += people[:, :, segment] * rate[segment]
    need *= world.p["demand.age_factor"][service][:, None]
    need *= world.p["demand.deprivation_factor"][service][None]
    return need


def excess_share(need: np.ndarray, people: np.ndarray) -> np.ndarray:
    """Share of each fifth's need beyond what the least deprived fifth's rates at each age would give."""
    least = per_person(need[:, -1], people[:, -1])
    expected = (least[:, None] * people).sum(axis=0)
    actual = need.sum(axis=0)
    return np.where(actual > 0.0, 1.0 - safe_ratio(expected, actual, floor=SMALLEST), 0.0)


class Outcomes(Sector):
    """What the system does for health, for whom, and at what cost of inequality."""

    name: ClassVar[str] = "outcomes"
    title: ClassVar[str] = "Outcomes and equity"
    every: ClassVar[int] = Population.every
    stocks: ClassVar[tuple[Stock, ...]] = STOCKS
    outputs: ClassVar[tuple[Output, ...]] = OUTPUTS

    def initialise(self, world: World) -> None:
        """Leave the stocks at zero: counting begins with the first step."""

    def step(self, world: World) -> None:
        """Derive the outcomes of the step."""
        everyone = world.stocks["population.people"]
        people = everyone.sum(axis=0)
        by_age = people.sum(axis=2)
        quality = self._quality_of_life(world, everyone)
        self._life_years(world, by_age)
        self._poor_health(world, everyone, by_age)
        self._deaths(world, by_age)
        self._life_expectancy(world, by_age, per_person(quality, by_age))
        self._delay(world)
        self._inequality_of_need(world, people, by_age)
        world.outputs["outcomes.paid_roles"][...] = world.signal("workforce.in_post").sum(axis=(0, 1))

    def _quality_of_life(self, world: World, everyone: np.ndarray) -> np.ndarray:
        """QALYs of the step; gives quality of life summed over people, by age and deprivation.

        Args:
            world: the state.
            everyone: residents by place, age, deprivation and segment.
        """
        p, out, years = world.p, world.outputs, world.clock.years_spanned
        quality = np.maximum(p["outcomes.utility"][:, None] - p["outcomes.utility_loss"][None], 0.0)
        summed = everyone[:, :, :, 0] * quality[:, None, 0]
        for segment in range(1, quality.shape[1]):
            summed += everyone[:, :, :, segment] * quality[:, None, segment]
        summed *= p["outcomes.quality_multiplier"]
        by_place, by_cell = summed.sum(axis=(1, 2)), summed.sum(axis=0)
        lived = by_cell.sum(axis=0) * years
        out["outcomes.qalys"][...] = lived
        out["outcomes.qalys_by_place"][...] = by_place * years
        out["outcomes.qalys_by_age"][...] = by_cell.sum(axis=1) * years
        world.stocks["outcomes.cumulative_qalys"][...] += lived
        return by_cell

    def _life_years(self, world: World, by_age: np.ndarray) -> None:
        """Life years of the step."""
        out, years = world.outputs, world.clock.years_spanned
        lived = by_age.sum(axis=0) * years
        out["outcomes.life_years"][...] = lived
        out["outcomes.life_years_by_place"][...] = out["population.by_age"].sum(axis=1) * years
        out["outcomes.life_years_by_age"][...] = by_age.sum(axis=1) * years
        world.stocks["outcomes.cumulative_life_years"][...] += lived

    def _poor_health(self, world: World, everyone: np.ndarray, by_age: np.ndarray) -> None:
        """Years in core segments 4 and 5, the share of people in them, and its slope."""
        out, years = world.outputs, world.clock.years_spanned
        by_place = everyone[:, :, :, POOR_HEALTH].sum(axis=3)
        poor = by_place.sum(axis=0)
        out["outcomes.years_in_poor_health"][...] = poor.sum(axis=0) * years
        out["outcomes.years_in_poor_health_by_place"][...] = by_place.sum(axis=(1, 2)) * years
        out["outcomes.years_in_poor_health_by_age"][...] = poor.sum(axis=1) * years
        out["outcomes.poor_health_share"][...] = per_person(poor.sum(axis=0), by_age.sum(axis=0))
        self._indices(world, "poor_health", standardised(per_person(poor, by_age), by_age), by_age.sum(axis=0))

    def _life_expectancy(self, world: World, by_age: np.ndarray, quality: np.ndarray) -> None:
        """Quality-adjusted life expectancy by deprivation; ``quality`` is the mean by age and deprivation."""
        rate = per_person(world.flows["population.deaths"], by_age * world.clock.years_spanned)
        world.outputs["outcomes.quality_adjusted_life_expectancy"][...] = quality_adjusted(rate, quality)

    def _indices(self, world: World, subject: str, rate: np.ndarray, people: np.ndarray) -> None:
        """Write the slope and relative index of inequality of a rate by deprivation."""
        slope, relative = slope_index(rate, people)
        world.outputs[f"outcomes.slope_index_{subject}"][...] = slope
        world.outputs[f"outcomes.relative_index_{subject}"][...] = relative

    def _deaths(self, world: World, by_age: np.ndarray) -> None:
        """Deaths at all ages, those under 75, and of these those beyond the rates of the least deprived fifth."""
        out, everyone = world.outputs, world.flows["population.deaths"]
        out["outcomes.deaths"][...] = everyone.sum(axis=0)
        out["outcomes.deaths_by_place"][...] = out["population.deaths_by_place"]
        out["outcomes.deaths_by_age"][...] = everyone.sum(axis=1)
        young, deaths = by_age[:UNDER_75], everyone[:UNDER_75]
        rate = per_person(deaths, young)
        avoidable = deaths.sum(axis=0) - (rate[:, -1:] * young).sum(axis=0)
        out["outcomes.premature_deaths"][...] = deaths.sum(axis=0)
        out["outcomes.premature_deaths_by_place"][...] = out["population.deaths_under_75_by_place"]
        out["outcomes.premature_deaths_by_age"][:UNDER_75] = deaths.sum(axis=1)
        out["outcomes.avoidable_deaths"][...] = avoidable
        yearly = standardised(rate, young) / world.clock.years_spanned
        self._indices(world, "premature_mortality", yearly, young.sum(axis=0))
        world.stocks["outcomes.cumulative_avoidable_deaths"][...] += avoidable

    def _delay(self, world: World) -> None:
        """Deaths attributed to delay, and bed days lost; the rates of urgent care's latest step hold for the step."""
        out = world.outputs
        scale = world.clock.span / (world.clock.step_days * UrgentCare.every)
        delayed = world.signal("urgent_care.delayed_over_six_hours") * scale
        out["outcomes.deaths_from_department_delay"][...] = delayed * world.p["outcomes.deaths_per_delayed_patient"]
        need = world.signal("demand.need_by_deprivation")[EMERGENCY]
        lost = world.signal("urgent_care.bed_days_delayed") * scale * per_person(need, need.sum(axis=0))
        out["outcomes.bed_days_lost"][...] = lost
        world.stocks["outcomes.cumulative_bed_days_lost"][...] += lost

    def _inequality_of_need(self, world: World, people: np.ndarray, by_age: np.ndarray) -> None:
        """Cost of inequality; need for emergency admission by fifth, place and age, and its slope."""
        daily = world.signal("demand.need_by_deprivation")
        yearly = daily * DAYS_PER_YEAR
        counted, wider = np.zeros_like(yearly[0]), np.zeros_like(yearly[0])
        for service in range(len(SERVICES)):
            unit_cost = world.p["outcomes.unit_cost"][service]
            if not np.any(unit_cost) and service != EMERGENCY:
                continue
            need = modelled_need(world, service, people)
            cost = yearly[service] * unit_cost * excess_share(need, by_age)
            counted += cost * world.p["outcomes.inequality_perimeter"][service]
            wider += cost
            if service == EMERGENCY:
                level = per_person(yearly[service].sum(axis=0), need.sum(axis=(0, 1)))
                rate = standardised(per_person(need, by_age), by_age) * level
                self._indices(world, "emergency_admissions", rate, by_age.sum(axis=0))
                self._emergency_need(world, daily[service], need)
        world.outputs["outcomes.inequality_cost_by_deprivation"][...] = counted
        world.outputs["outcomes.inequality_cost"][...] = counted.sum(axis=0)
        world.outputs["outcomes.inequality_cost_all_services"][...] = wider.sum(axis=0)

    def _emergency_need(self, world: World, daily: np.ndarray, modelled: np.ndarray) -> None:
        """Need for emergency admission over the step; within a fifth it is spread over ages as rates and people are.

        Args:
            world: the state.
            daily: need by deprivation, 1/day.
            modelled: relative need by age and deprivation.
        """
        out, days = world.outputs, world.clock.span
        out["outcomes.emergency_need"][...] = daily * days
        out["outcomes.emergency_need_by_place"][...] = world.signal("demand.need")[EMERGENCY] * days
        spread = modelled * per_person(daily * days, modelled.sum(axis=0))
        out["outcomes.emergency_need_by_age"][...] = spread.sum(axis=1)
