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
from model.sectors.demand.declarations import NEED, NEED_BY_DEPRIVATION
from model.sectors.demand.views import Parameters as DemandParameters
from model.sectors.demand.views import views as demand_views
from model.sectors.outcomes.declarations import OUTPUTS, STOCKS
from model.sectors.outcomes.life_expectancy import quality_adjusted
from model.sectors.outcomes.views import Parameters, views
from model.sectors.population.declarations import BY_AGE, DEATHS, DEATHS_BY_PLACE, DEATHS_UNDER_75_BY_PLACE, PEOPLE
from model.sectors.population.equations import Population
from model.sectors.urgent_care.declarations import BED_DAYS_DELAYED, DELAYED_OVER_SIX_HOURS
from model.sectors.urgent_care.equations import UrgentCare
from model.sectors.workforce.declarations import IN_POST

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


def modelled_need(demand: DemandParameters, people: np.ndarray, service: int) -> np.ndarray:
    """Relative need for a service by age and deprivation, from the rates and factors of the demand sector.

    Args:
        demand: parameters of the demand sector.
        people: residents by age, deprivation and segment.
        service: position of the service.
    """
    rate = demand.segment_rate[service]
    need = people[:, :, 0] * rate[0]
    for segment in range(1, rate.shape[0]):
        need += people[:, :, segment] * rate[segment]
    need *= demand.age_factor[service][:, None]
    need *= demand.deprivation_factor[service][None]
    return need


def excess_share(need: np.ndarray, people: np.ndarray) -> np.ndarray:
    """Share of each fifth's need beyond what the least deprived fifth's rates at each age would give."""
    least = per_person(need[:, -1], people[:, -1])
    expected = (least[:, None] * people).sum(axis=0)
    actual = need.sum(axis=0)
    return np.where(actual > 0.0, 1.0 - safe_ratio(expected, actual, floor=SMALLEST), 0.0)


def quality_by_cell(p: Parameters, people: np.ndarray) -> np.ndarray:
    """Quality of life summed over people, by place, age and deprivation.

    Args:
        p: parameters.
        people: residents by place, age, deprivation and segment.
    """
    quality = np.maximum(p.utility[:, None] - p.utility_loss[None], 0.0)
    summed = people[:, :, :, 0] * quality[:, None, 0]
    for segment in range(1, quality.shape[1]):
        summed += people[:, :, :, segment] * quality[:, None, segment]
    return summed * p.quality_multiplier


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
        everyone = world.signal(PEOPLE)
        people = everyone.sum(axis=0)
        by_age = people.sum(axis=2)
        self.live(world, everyone, by_age)
        self.fall_ill(world, everyone, by_age)
        self.die(world, by_age)
        self.wait(world)
        self.need_care(world, people, by_age)
        views(world).out.paid_roles = world.signal(IN_POST).sum(axis=(0, 1))

    def live(self, world: World, everyone: np.ndarray, by_age: np.ndarray) -> None:
        """Life years and QALYs of the step, and the quality-adjusted life expectancy of a newborn.

        Args:
            world: the run.
            everyone: residents by place, age, deprivation and segment.
            by_age: residents by age and deprivation.
        """
        p, _, stock, _, out, _, _ = views(world)
        years = world.clock.years_spanned
        quality = quality_by_cell(p, everyone)
        by_place, by_cell = quality.sum(axis=(1, 2)), quality.sum(axis=0)
        out.qalys = by_cell.sum(axis=0) * years
        out.qalys_by_place = by_place * years
        out.qalys_by_age = by_cell.sum(axis=1) * years
        stock.cumulative_qalys += out.qalys
        out.life_years = by_age.sum(axis=0) * years
        out.life_years_by_place = world.signal(BY_AGE).sum(axis=1) * years
        out.life_years_by_age = by_age.sum(axis=1) * years
        stock.cumulative_life_years += out.life_years
        death_rate = per_person(world.signal(DEATHS), by_age * years)
        out.quality_adjusted_life_expectancy = quality_adjusted(death_rate, per_person(by_cell, by_age))

    def fall_ill(self, world: World, everyone: np.ndarray, by_age: np.ndarray) -> None:
        """Years in core segments 4 and 5, the share of people in them, and its slope."""
        out, years = views(world).out, world.clock.years_spanned
        by_place = everyone[:, :, :, POOR_HEALTH].sum(axis=3)
        poor = by_place.sum(axis=0)
        out.years_in_poor_health = poor.sum(axis=0) * years
        out.years_in_poor_health_by_place = by_place.sum(axis=(1, 2)) * years
        out.years_in_poor_health_by_age = poor.sum(axis=1) * years
        out.poor_health_share = per_person(poor.sum(axis=0), by_age.sum(axis=0))
        rate = standardised(per_person(poor, by_age), by_age)
        out.slope_index_poor_health, out.relative_index_poor_health = slope_index(rate, by_age.sum(axis=0))

    def die(self, world: World, by_age: np.ndarray) -> None:
        """Deaths at all ages, those under 75, and of these those beyond the rates of the least deprived fifth."""
        _, _, stock, _, out, _, _ = views(world)
        deaths = world.signal(DEATHS)
        out.deaths = deaths.sum(axis=0)
        out.deaths_by_place = world.signal(DEATHS_BY_PLACE)
        out.deaths_by_age = deaths.sum(axis=1)
        people, early = by_age[:UNDER_75], deaths[:UNDER_75]
        rate = per_person(early, people)
        out.premature_deaths = early.sum(axis=0)
        out.premature_deaths_by_place = world.signal(DEATHS_UNDER_75_BY_PLACE)
        out.premature_deaths_by_age[:UNDER_75] = early.sum(axis=1)
        out.avoidable_deaths = early.sum(axis=0) - (rate[:, -1:] * people).sum(axis=0)
        stock.cumulative_avoidable_deaths += out.avoidable_deaths
        yearly = standardised(rate, people) / world.clock.years_spanned
        slope, relative = slope_index(yearly, people.sum(axis=0))
        out.slope_index_premature_mortality, out.relative_index_premature_mortality = slope, relative

    def wait(self, world: World) -> None:
        """Deaths attributed to delay, and bed days lost; the rates of urgent care's latest step hold for the step."""
        p, _, stock, _, out, _, _ = views(world)
        scale = world.clock.span / (world.clock.step_days * UrgentCare.every)
        out.deaths_from_department_delay = world.signal(DELAYED_OVER_SIX_HOURS) * scale * p.deaths_per_delayed_patient
        need = world.signal(NEED_BY_DEPRIVATION)[EMERGENCY]
        out.bed_days_lost = world.signal(BED_DAYS_DELAYED) * scale * per_person(need, need.sum(axis=0))
        stock.cumulative_bed_days_lost += out.bed_days_lost

    def need_care(self, world: World, people: np.ndarray, by_age: np.ndarray) -> None:
        """Cost of inequality; need for emergency admission by fifth, place and age, and its slope.

        Within a fifth, need for admission is spread over ages as rates and people are.
        """
        p, _, _, _, out, _, _ = views(world)
        demand, daily, days = demand_views(world).p, world.signal(NEED_BY_DEPRIVATION), world.clock.span
        yearly = daily * DAYS_PER_YEAR
        counted, wider = np.zeros_like(yearly[0]), np.zeros_like(yearly[0])
        for service in range(len(SERVICES)):
            need = modelled_need(demand, people, service)
            cost = yearly[service] * p.unit_cost[service] * excess_share(need, by_age)
            counted += cost * p.inequality_perimeter[service]
            wider += cost
        out.inequality_cost_by_deprivation = counted
        out.inequality_cost = counted.sum(axis=0)
        out.inequality_cost_all_services = wider.sum(axis=0)
        need = modelled_need(demand, people, EMERGENCY)
        level = per_person(yearly[EMERGENCY].sum(axis=0), need.sum(axis=(0, 1)))
        slope, relative = slope_index(standardised(per_person(need, by_age), by_age) * level, by_age.sum(axis=0))
        out.slope_index_emergency_admissions, out.relative_index_emergency_admissions = slope, relative
        out.emergency_need = daily[EMERGENCY] * days
        out.emergency_need_by_place = world.signal(NEED)[EMERGENCY] * days
        out.emergency_need_by_age = (need * per_person(out.emergency_need, need.sum(axis=0))).sum(axis=1)
