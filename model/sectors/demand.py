"""Demand: need for each service by the people there are, their age, segment, deprivation and conditions.

need[service, place] = sum over age, deprivation, segment of
    people x registered per resident x rate[service, segment] x age factor[service, age]
    x deprivation factor[service, deprivation] x condition factor[service, deprivation] x growth[service]

Rates by segment are those of the BNSSG Dynamic Population Model (2023); the multiplicative form keeps each factor a lever.
"""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from model.dimensions import DIMENSIONS
from model.engine.clock import DAYS_PER_YEAR
from model.engine.stepper import Sector
from model.engine.world import World
from model.registry.declarations import Kind, Output

SERVICES = DIMENSIONS["service"]
EMERGENCY = SERVICES.index("emergency_admission")
FALLS = SERVICES.index("falls_admission")


def growth_factor(world: World) -> np.ndarray:
    """Growth since April 2019 that demography does not explain, by service; it fades with a mean life."""
    life = world.p["demand.growth_years"]
    years = life * -np.expm1(-world.clock.day / DAYS_PER_YEAR / life)
    return (1.0 + world.p["demand.growth"]) ** years


def condition_factor(world: World) -> np.ndarray:
    """Need relative to the condition burden of 2019, by service and deprivation."""
    share = world.p["demand.condition_share"]
    burden = world.stocks["population.condition_burden"]
    return 1.0 + (share[:, :, None, :] * (burden[None] - 1.0)).sum(axis=1)


def need_by_age(world: World, service: int, people: np.ndarray) -> np.ndarray:
    """Need for a service by place, age and deprivation, before place, condition and growth factors, per day."""
    rate = world.p["demand.segment_rate"][service]
    need = people[:, :, :, 0] * rate[0]
    for segment in range(1, rate.shape[0]):
        need += people[:, :, :, segment] * rate[segment]
    need *= world.p["demand.age_factor"][service][None, :, None]
    need *= world.p["demand.deprivation_factor"][service][None, None, :]
    need *= world.p["population.registered_per_resident"] / DAYS_PER_YEAR
    return need


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
    order = np.argsort(-rate.mean(axis=-1).ravel(), kind="stable")
    counts, use = counts[order], use[order]
    wanted = share_of_people * counts.sum(axis=0)
    before = np.cumsum(counts, axis=0) - counts
    inside = np.clip((wanted - before) / np.maximum(counts, 1e-12), 0.0, 1.0)
    return (use * inside).sum(axis=0) / np.maximum(use.sum(axis=0), 1e-12)


class Demand(Sector):
    """Need for services, and how dependent and how long-staying those in need are."""

    name: ClassVar[str] = "demand"
    title: ClassVar[str] = "Demand"
    every: ClassVar[int] = 8
    outputs: ClassVar[tuple[Output, ...]] = (
        Output(
            name="demand.need", dims=("service", "place"), unit="1/day",
            description="Need for each service by residents of each place.", label="Need for services",
        ),
        Output(
            name="demand.need_by_deprivation", dims=("service", "deprivation"), unit="1/day",
            description="Need for each service by fifth of deprivation.", label="Need by deprivation",
        ),
        Output(
            name="demand.stay_index", dims=("place",), unit="1", kind=Kind.INDEX,
            description="Mean length of emergency stay that the ages of those admitted imply, 1 = April 2019.",
            label="Stay implied by age",
        ),
        Output(
            name="demand.dependency_index", dims=("place",), unit="1", kind=Kind.INDEX,
            description="Share of admitted people who need a supported discharge implied by age, 1 = April 2019.",
            label="Dependency implied by age",
        ),
        Output(
            name="demand.falls_bed_day_concentration", unit="1", kind=Kind.SHARE,
            description="Share of falls bed days used by the 3% of people in the groups with the highest use.",
            label="Falls bed days used by 3% of people",
        ),
    )  # fmt: skip

    def initialise(self, world: World) -> None:
        """Take the age mix of April 2019 as the reference of the indices."""
        self._stay_reference = np.ones((1, world.members))
        self._dependency_reference = np.ones((1, world.members))
        self.step(world)
        self._stay_reference = world.outputs["demand.stay_index"].copy()
        self._dependency_reference = world.outputs["demand.dependency_index"].copy()
        self.step(world)

    def step(self, world: World) -> None:
        """Derive need from the people there are."""
        people = world.stocks["population.people"]
        place_factor = world.p["demand.service_factor"]
        growth = growth_factor(world)
        condition = condition_factor(world)
        need = world.outputs["demand.need"]
        by_deprivation = world.outputs["demand.need_by_deprivation"]
        for service in range(len(SERVICES)):
            by_age = need_by_age(world, service, people)
            if service == EMERGENCY:
                self._age_mix(world, by_age.sum(axis=2))
            cells = by_age.sum(axis=1)
            cells *= condition[service][None]
            cells *= growth[service]
            cells *= place_factor[service][:, None]
            need[service] = cells.sum(axis=1)
            by_deprivation[service] = cells.sum(axis=0)
        world.outputs["demand.falls_bed_day_concentration"][...] = falls_concentration(
            world, world.p["demand.falls_top_share"]
        )

    def _age_mix(self, world: World, admitted: np.ndarray) -> None:
        """Indices of stay and dependency from emergency need by place and age (place, age_band, member)."""
        total = admitted.sum(axis=1)
        nobody = total <= 0.0
        for output, factor, reference in (
            ("demand.stay_index", "demand.stay_factor", self._stay_reference),
            ("demand.dependency_index", "demand.dependency_factor", self._dependency_reference),
        ):
            mean = (admitted * world.p[factor][None]).sum(axis=1) / np.where(nobody, 1.0, total)
            world.outputs[output][...] = np.where(nobody, 1.0, mean / np.maximum(reference, 1e-12))
