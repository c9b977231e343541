"""Demand: need for each service by the people there are, their age, segment, deprivation and conditions.

need[service, place] = sum over age, deprivation, segment of
    people x registered per resident x rate[service, segment] x age factor[service, age]
    x deprivation factor[service, deprivation] x condition factor[service, deprivation] x growth[service]
    x support by the voluntary sector[service, place]

Rates by segment are those of the BNSSG Dynamic Population Model (2023); in this form each factor is a lever.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from model.engine.dynamics import safe_ratio
from model.engine.stepper import Sector
from model.engine.world import World
from model.registry.calendar import DAYS_PER_YEAR
from model.registry.declarations import Output
from model.registry.dimensions import DIMENSIONS, position
from model.sectors.demand.declarations import OUTPUTS
from model.sectors.population.equations import Population

SERVICES = DIMENSIONS["service"]
EMERGENCY = position("service", "emergency_admission")
FALLS = position("service", "falls_admission")
CONCENTRATION_EVERY = 4
"""Steps of the population between two measurements of concentration, which sorts all groups and changes slowly."""
INDICES = ("demand.stay_index", "demand.dependency_index")
SUPPORTED_SERVICES: dict[str, str] = {
    "gp_contact": "vcse.gp_contact_multiplier",
    "falls_admission": "vcse.falls_need_multiplier",
    "talking_therapies": "vcse.mental_health_need_multiplier",
    "adult_community_mental_health": "vcse.mental_health_need_multiplier",
}
"""Services for which support by the voluntary sector changes need, and the signal that says by how much."""


def growth_factor(world: World, day: float) -> np.ndarray:
    """Growth to ``day`` since April 2019 that demography does not explain, by service; it fades with a mean life."""
    life = world.p["demand.growth_years"]
    years = life * -np.expm1(-day / DAYS_PER_YEAR / life)
    return (1.0 + world.p["demand.growth"]) ** years


def condition_factor(world: World) -> np.ndarray:
    """Need relative to the condition burden of 2019, by service and deprivation."""
    share = world.p["demand.condition_share"]
    burden = world.stocks["population.condition_burden"]
    return 1.0 + (share[:, :, None, :] * (burden[None] - 1.0)).sum(axis=1)


def need_by_age(world: World, service: int, people: np.ndarray, need: np.ndarray, work: np.ndarray) -> np.ndarray:
    """Need for a service by place, age and deprivation, before place, condition and growth factors, per day.

    Args:
        world: the run.
        service: position of the service.
        people: residents by place, age, deprivation and segment.
        need: array for the result.
        work: array of the same shape to calculate in.
    """
    rate = world.p["demand.segment_rate"][service]
    np.multiply(people[:, :, :, 0], rate[0], out=need)
    for segment in range(1, rate.shape[0]):
        np.multiply(people[:, :, :, segment], rate[segment], out=work)
        need += work
    per_day = world.p["population.registered_per_resident"] / DAYS_PER_YEAR
    factor = world.p["demand.age_factor"][service][:, None] * world.p["demand.deprivation_factor"][service]
    need *= factor * per_day
    return need


def support_factor(world: World) -> np.ndarray:
    """Need relative to the voluntary support of April 2019, ``[service, place]``; emergency need: see urgent care."""
    factor = np.ones_like(world.outputs["demand.need"])
    for service, signal in SUPPORTED_SERVICES.items():
        factor[position("service", service)] = world.outputs[signal]
    return factor


def falls_concentration(world: World, share_of_people: np.ndarray) -> np.ndarray:
    """Share of falls bed days used by the given share of people, those in the groups with the highest use first."""
    people = world.stocks["population.people"]
    p = world.p
    rate = (
        p["demand.segment_rate"][FALLS][None, None, :]
        * p["demand.age_factor"][FALLS][:, None, None]
        * p["demand.deprivation_factor"][FALLS][None, :, None]
        * p["demand.stay_factor"][:, None, None]
    )
    counts = people.sum(axis=0).reshape(-1, world.members)
    use = np.broadcast_to(rate, people.shape[1:]).reshape(-1, world.members) * counts
    order = np.argsort(-rate.reshape(-1, rate.shape[-1]), axis=0, kind="stable")
    counts, use = np.take_along_axis(counts, order, axis=0), np.take_along_axis(use, order, axis=0)
    wanted = share_of_people * counts.sum(axis=0)
    before = np.cumsum(counts, axis=0) - counts
    inside = np.clip(safe_ratio(wanted - before, counts, floor=1e-12), 0.0, 1.0)
    return safe_ratio((use * inside).sum(axis=0), use.sum(axis=0), floor=1e-12)


class Demand(Sector):
    """Need for services, and how dependent and how long-staying those in need are."""

    name: ClassVar[str] = "demand"
    title: ClassVar[str] = "Demand"
    every: ClassVar[int] = 2
    outputs: ClassVar[tuple[Output, ...]] = OUTPUTS

    def initialise(self, world: World) -> None:
        """Need of April 2019, and its age mix as the reference of the indices."""
        places, deprivation = world.stocks["population.people"].shape[0:3:2]
        self._at_start = _Derived.empty(len(SERVICES), places, deprivation, world.members)
        self._at_end = _Derived.empty(len(SERVICES), places, deprivation, world.members)
        self._need, self._work = (np.empty_like(world.stocks["population.people"][:, :, :, 0]) for _ in range(2))
        self._derive(world, self._at_end, day=0.0)
        self._references = [np.where(index > 0.0, index, 1.0) for index in self._at_end.indices]
        self._derive(world, self._at_end, day=0.0)
        self._at_start.take(self._at_end)
        # The voluntary sector starts later; at the start its support is that of April 2019.
        self._publish(world, share=0.0, support=np.ones_like(world.outputs["demand.need"]))

    def step(self, world: World) -> None:
        """Derive need when the population has stepped; within its step need lies on a straight line."""
        clock = world.clock
        if clock.step % Population.every == 0:
            self._begin, self._length = clock.day, clock.span * Population.every / self.every
            self._at_start.take(self._at_end)
            self._derive(world, self._at_end, day=self._begin + self._length)
        self._publish(world, share=(clock.middle - self._begin) / self._length, support=support_factor(world))

    def _derive(self, world: World, derived: _Derived, day: float) -> None:
        """Need of the people there are, at the growth of ``day``."""
        people = world.stocks["population.people"]
        growth = growth_factor(world, day)
        condition = condition_factor(world)
        for service in range(len(SERVICES)):
            by_age = need_by_age(world, service, people, self._need, self._work)
            if service == EMERGENCY:
                derived.indices = self._age_mix(world, by_age.sum(axis=2))
            np.sum(by_age, axis=1, out=derived.cells[service])
            derived.cells[service] *= condition[service][None] * growth[service]

    def _age_mix(self, world: World, admitted: np.ndarray) -> list[np.ndarray]:
        """Stay and dependency that the ages of emergency need (place, age_band, member) imply, 1 where nobody comes."""
        total = admitted.sum(axis=1)
        references = getattr(self, "_references", (1.0, 1.0))
        indices = []
        for factor, reference in zip(("demand.stay_factor", "demand.dependency_factor"), references, strict=True):
            mean = (admitted * world.p[factor][None]).sum(axis=1) / np.where(total > 0.0, total, 1.0)
            indices.append(np.where(total > 0.0, mean / reference, 1.0))
        return indices

    def _publish(self, world: World, share: float, support: np.ndarray) -> None:
        """Need at a share of the way through the population's step, with the factors of service and place in force."""
        start, end, outputs = self._at_start, self._at_end, world.outputs
        cells = start.cells + (end.cells - start.cells) * share
        cells *= (world.p["demand.service_factor"] * support)[:, :, None]
        np.sum(cells, axis=2, out=outputs["demand.need"])
        np.sum(cells, axis=1, out=outputs["demand.need_by_deprivation"])
        for name, before, after in zip(INDICES, start.indices, end.indices, strict=True):
            outputs[name][...] = before + (after - before) * share
        if world.clock.step % (CONCENTRATION_EVERY * Population.every) == 0:
            outputs["demand.falls_bed_day_concentration"][...] = falls_concentration(
                world, world.p["demand.falls_top_share"]
            )


@dataclass
class _Derived:
    """Need by service, place and deprivation, and the indices of stay and dependency by place, at one moment."""

    cells: np.ndarray
    indices: list[np.ndarray]

    @classmethod
    def empty(cls, services: int, places: int, deprivation: int, members: int) -> _Derived:
        """Zeros of the given size."""
        return cls(np.zeros((services, places, deprivation, members)), [np.zeros((places, members)) for _ in INDICES])

    def take(self, other: _Derived) -> None:
        """Become a copy of another moment."""
        self.cells[...] = other.cells
        self.indices = [index.copy() for index in other.indices]
