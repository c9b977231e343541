"""Demand: need for each service by the people there are, their age, segment, deprivation and conditions.

need[service, place] = sum over age, deprivation, segment of
    people x registered per resident x rate[service, segment] x age factor[service, age]
    x deprivation factor[service, deprivation] x condition factor[service, deprivation] x growth[service]
    x support by the voluntary sector[service, place]

Rates by segment are those of the BNSSG Dynamic Population Model (2023); in this form each factor is a lever.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from typing import ClassVar

import numpy as np

from model.engine.clock import Clock
from model.engine.dynamics import Numbers, safe_ratio
from model.engine.stepper import Sector
from model.engine.world import World
from model.registry.calendar import DAYS_PER_YEAR
from model.registry.declarations import Memory, Output
from model.registry.dimensions import DIMENSIONS, position
from model.sectors.demand.declarations import MEMORY, OUTPUTS
from model.sectors.demand.views import Parameters, views
from model.sectors.population.declarations import CONDITION_BURDEN, PEOPLE
from model.sectors.population.equations import Population
from model.sectors.population.views import views as population_views
from model.sectors.vcse.declarations import FALLS_NEED_MULTIPLIER, GP_CONTACT_MULTIPLIER, MENTAL_HEALTH_NEED_MULTIPLIER

SERVICES = DIMENSIONS["service"]
EMERGENCY = position("service", "emergency_admission")
FALLS = position("service", "falls_admission")
CONCENTRATION_EVERY = 4
"""Steps of the population between two measurements of concentration, which sorts all groups and changes slowly."""
SUPPORTED_SERVICES: dict[str, Output] = {
    "gp_contact": GP_CONTACT_MULTIPLIER,
    "falls_admission": FALLS_NEED_MULTIPLIER,
    "talking_therapies": MENTAL_HEALTH_NEED_MULTIPLIER,
    "adult_community_mental_health": MENTAL_HEALTH_NEED_MULTIPLIER,
}
"""Services for which support by the voluntary sector changes need, and the signal that says by how much."""


def growth_factor(growth: np.ndarray, mean_life: np.ndarray, day: Numbers) -> np.ndarray:
    """Growth to ``day`` since April 2019 that demography does not explain, by service; it fades with a mean life."""
    return (1.0 + growth) ** (mean_life * -np.expm1(-day / DAYS_PER_YEAR / mean_life))


def condition_factor(share: np.ndarray, burden: np.ndarray) -> np.ndarray:
    """Need relative to the condition burden of 2019, by service and deprivation.

    Args:
        share: share of need that each condition makes, by service and condition.
        burden: frequency of each condition relative to 2019, by condition and deprivation.
    """
    return 1.0 + (share[:, :, None, :] * (burden[None] - 1.0)).sum(axis=1)


def need_by_age(p: Parameters, registered: np.ndarray, people: np.ndarray, service: int) -> np.ndarray:
    """Need for a service by place, age and deprivation, before place, condition and growth factors, per day.

    Args:
        p: parameters.
        registered: people registered with a practice per resident.
        people: residents by place, age, deprivation and segment.
        service: position of the service.
    """
    rate = p.segment_rate[service]
    need = people[:, :, :, 0] * rate[0]
    for segment in range(1, rate.shape[0]):
        need += people[:, :, :, segment] * rate[segment]
    need *= p.age_factor[service][:, None] * p.deprivation_factor[service] * (registered / DAYS_PER_YEAR)
    return need


def age_index(admitted: np.ndarray, factor: np.ndarray, reference: Numbers) -> np.ndarray:
    """Mean of a factor by age over those admitted, relative to a reference, by place; 1 where nobody comes.

    Args:
        admitted: need for emergency admission by place and age.
        factor: by age.
        reference: mean of April 2019, by place.
    """
    total = admitted.sum(axis=1)
    mean = (admitted * factor[None]).sum(axis=1) / np.where(total > 0.0, total, 1.0)
    return np.where(total > 0.0, mean / reference, 1.0)


def falls_concentration(p: Parameters, people: np.ndarray, share_of_people: np.ndarray) -> np.ndarray:
    """Share of falls bed days used by the given share of people, those in the groups with the highest use first.

    Args:
        p: parameters.
        people: residents by place, age, deprivation and segment.
        share_of_people: share of all residents.
    """
    rate = (
        p.segment_rate[FALLS][None, None, :]
        * p.age_factor[FALLS][:, None, None]
        * p.deprivation_factor[FALLS][None, :, None]
        * p.stay_factor[:, None, None]
    )
    members = people.shape[-1]
    counts = people.sum(axis=0).reshape(-1, members)
    use = np.broadcast_to(rate, people.shape[1:]).reshape(-1, members) * counts
    order = np.argsort(-rate.reshape(-1, rate.shape[-1]), axis=0, kind="stable")
    counts, use = np.take_along_axis(counts, order, axis=0), np.take_along_axis(use, order, axis=0)
    before = np.cumsum(counts, axis=0) - counts
    wanted = share_of_people * counts.sum(axis=0)
    inside = np.clip(safe_ratio(wanted - before, counts, floor=1e-12), 0.0, 1.0)
    return safe_ratio((use * inside).sum(axis=0), use.sum(axis=0), floor=1e-12)


def population_step(clock: Clock) -> float:
    """Days of a step of the population."""
    return Population.every * clock.step_days


def begin_of_population_step(clock: Clock) -> float:
    """Day on which the current step of the population began."""
    return clock.step // Population.every * population_step(clock)


class Demand(Sector):
    """Need for services, and how dependent and how long-staying those in need are."""

    name: ClassVar[str] = "demand"
    title: ClassVar[str] = "Demand"
    every: ClassVar[int] = 2
    outputs: ClassVar[tuple[Output, ...]] = OUTPUTS
    memory: ClassVar[tuple[Memory, ...]] = MEMORY
    calendar: ClassVar[Mapping[str, Callable[[Clock], float]]] = {
        "end_of_population_step": lambda clock: begin_of_population_step(clock) + population_step(clock),
        "share_of_population_step": lambda clock: (
            (clock.middle - begin_of_population_step(clock)) / population_step(clock)
        ),
    }
    patterns: ClassVar[Mapping[str, Callable[[Clock], Hashable]]] = {
        "population_stepped": lambda clock: clock.step % Population.every == 0,
        "concentration_measured": lambda clock: clock.step % (CONCENTRATION_EVERY * Population.every) == 0,
    }

    def initialise(self, world: World) -> None:
        """Need of April 2019, and its age mix as the reference of the indices."""
        _, _, _, _, out, memory, _ = views(world)
        memory.first_stay = memory.first_dependency = 1.0
        self.derive(world, day=0.0)
        memory.first_stay = np.where(memory.stay_after > 0.0, memory.stay_after, 1.0)
        memory.first_dependency = np.where(memory.dependency_after > 0.0, memory.dependency_after, 1.0)
        self.derive(world, day=0.0)
        self.keep(world)
        # The voluntary sector starts later; at the start its support is that of April 2019.
        self.publish(world, share=0.0, support=np.ones_like(out.need))

    def step(self, world: World) -> None:
        """Derive need when the population has stepped; within its step need lies on a straight line."""
        if world.pattern("population_stepped"):
            self.keep(world)
            self.derive(world, day=world.calendar("end_of_population_step"))
        support = np.ones_like(views(world).out.need)
        for service, signal in SUPPORTED_SERVICES.items():
            support[position("service", service)] = world.signal(signal)
        self.publish(world, share=world.calendar("share_of_population_step"), support=support)

    def keep(self, world: World) -> None:
        """Take what holds at the end of the population's last step as what holds at the beginning of this one."""
        memory = views(world).memory
        memory.need_before = memory.need_after
        memory.stay_before, memory.dependency_before = memory.stay_after, memory.dependency_after

    def derive(self, world: World, day: Numbers) -> None:
        """Need of the people there are, at the growth of ``day``."""
        p, _, _, _, _, memory, _ = views(world)
        people, registered = world.signal(PEOPLE), population_views(world).p.registered_per_resident
        growth = growth_factor(p.growth, p.growth_years, day)
        condition = condition_factor(p.condition_share, world.signal(CONDITION_BURDEN))
        for service in range(len(SERVICES)):
            by_age = need_by_age(p, registered, people, service)
            memory.need_after[service] = by_age.sum(axis=1) * (condition[service][None] * growth[service])
            if service == EMERGENCY:
                admitted = by_age.sum(axis=2)
                memory.stay_after = age_index(admitted, p.stay_factor, memory.first_stay)
                memory.dependency_after = age_index(admitted, p.dependency_factor, memory.first_dependency)

    def publish(self, world: World, share: Numbers, support: np.ndarray) -> None:
        """Need at a share of the way through the population's step, with the factors of service and place in force.

        Args:
            world: the run.
            share: share of the way.
            support: need relative to the voluntary support of April 2019, by service and place; for emergency need see
                urgent care.
        """
        p, _, _, _, out, memory, _ = views(world)
        need = memory.need_before + (memory.need_after - memory.need_before) * share
        need = need * (p.service_factor * support)[:, :, None]
        out.need = need.sum(axis=2)
        out.need_by_deprivation = need.sum(axis=1)
        out.stay_index = memory.stay_before + (memory.stay_after - memory.stay_before) * share
        out.dependency_index = memory.dependency_before + (memory.dependency_after - memory.dependency_before) * share
        if world.pattern("concentration_measured"):
            out.falls_bed_day_concentration = falls_concentration(p, world.signal(PEOPLE), p.falls_top_share)
