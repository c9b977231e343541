"""VCSE: capacity under short and long contracts, volunteers, reserves, people supported and what support does.

Income pays for posts. Posts under short contracts are lost more often, at the end of each contract; long contracts lose
fewer and let organisations become better at what they do. Reserves bridge gaps. Paid staff recruit volunteers.
Controlled studies find little or no effect of this support on the use of services: effects are small, with ranges
that include none.
"""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from model.engine.dynamics import approach, competing_shares, filled_and_left, relative_to_first, safe_ratio
from model.engine.stepper import Sector
from model.engine.world import World
from model.registry.declarations import Flow, Output, Stock
from model.registry.dimensions import position
from model.sectors.vcse.declarations import FLOWS, OUTPUTS, STOCKS

VCSE = position("employer", "vcse")


def income(world: World) -> np.ndarray:
    """Income in a year by place: local funding as released, and what it attracts from outside (£/year)."""
    p = world.p
    withheld = p["vcse.share_of_funding_discretionary"] * (1.0 - world.outputs["finance.discretionary_share"])
    local = p["vcse.funding"] * p["vcse.funding_multiplier"] * np.maximum(1.0 - withheld, 0.0)
    attracted = p["vcse.outside_income_per_pound"] + p["vcse.outside_income_of_long_contracts"] * share_long(world)
    return local * (1.0 + attracted)


def share_long(world: World) -> np.ndarray:
    """Share of contracted posts under long contracts, by place."""
    long = world.stocks["vcse.capacity_long"]
    return safe_ratio(long, long + world.stocks["vcse.capacity_short"])


def lost_at_end(world: World) -> tuple[np.ndarray, np.ndarray]:
    """Rates at which posts under short and long contracts are lost at the end of a contract (1/year)."""
    lost = world.p["vcse.share_not_renewed"]
    return lost / world.p["vcse.short_contract_years"], lost / world.p["vcse.long_contract_years"]


def support_effect(effect: np.ndarray, support: np.ndarray) -> np.ndarray:
    """Multiplier of need: 1 at the support of April 2019, changing in proportion to support beyond or below it."""
    return np.maximum(1.0 + effect * (support - 1.0), 0.0)


class Vcse(Sector):
    """Voluntary, community and social enterprise organisations."""

    name: ClassVar[str] = "vcse"
    title: ClassVar[str] = "Voluntary, community and social enterprise"
    every: ClassVar[int] = 2
    stocks: ClassVar[tuple[Stock, ...]] = STOCKS
    flows: ClassVar[tuple[Flow, ...]] = FLOWS
    outputs: ClassVar[tuple[Output, ...]] = OUTPUTS

    def initialise(self, world: World) -> None:
        """Contracts, reserves, volunteers and people supported in balance with the income of April 2019."""
        p, stocks = world.p, world.stocks
        self._start_contracts(world)
        stocks["vcse.capability"][...] = 1.0 + p["vcse.long_contract_capability"] * share_long(world)
        stocks["vcse.support_felt"][...] = 1.0
        posts = stocks["vcse.capacity_short"] + stocks["vcse.capacity_long"]
        volunteers_per_post = p["vcse.volunteer_recruitment"] / p["vcse.volunteer_leaving_rate"]
        stocks["vcse.volunteers"][...] = posts[:, None] * volunteers_per_post
        self._first_volunteers = stocks["vcse.volunteers"].sum(axis=0)
        self._first_staffed = np.zeros(world.members)
        capacity = self._capacity(world, 1.0)
        self._first_achieved = capacity * stocks["vcse.capability"]
        stocks["vcse.supported"][...] = self._first_achieved * p["vcse.starts_per_wte"] * p["vcse.support_years"]
        self._publish(world, capacity)

    def step(self, world: World) -> None:
        """Money, contracts, volunteers, people supported, then what others see."""
        self._change_contracts(world)
        self._change_volunteers(world)
        capacity = self._capacity(world, self._staffed(world))
        self._support(world, capacity)
        self._publish(world, capacity)

    def _start_contracts(self, world: World) -> None:
        """Contracts let = contracts lost, with money for every post that is let in time; reserves in balance."""
        p, stocks = world.p, world.stocks
        long = p["vcse.share_on_long_contracts"]
        lost_short, lost_long = lost_at_end(world)
        convert = p["vcse.conversion_rate"]
        short_per_letting = (1.0 - long) / (lost_short + convert)
        long_per_letting = (long + convert * short_per_letting) / lost_long
        per_letting = short_per_letting + long_per_letting
        attracted = p["vcse.outside_income_per_pound"]
        attracted = attracted + p["vcse.outside_income_of_long_contracts"] * long_per_letting / per_letting
        earned = p["vcse.funding"] * p["vcse.funding_multiplier"] * (1.0 + attracted)
        lettings = earned / p["vcse.cost_per_wte"] / (p["vcse.letting_years"] + per_letting)
        stocks["vcse.capacity_short"][...] = lettings * short_per_letting
        stocks["vcse.capacity_long"][...] = lettings * long_per_letting
        stocks["vcse.reserves"][...] = earned * p["vcse.saved_share_of_income"] * p["vcse.reserve_years"]

    def _change_contracts(self, world: World) -> None:
        """Posts lost at contract ends, closed for want of money, lengthened and let; reserves saved and spent."""
        p, stocks, span = world.p, world.stocks, world.clock.years_spanned
        earned = income(world)
        saved = earned * p["vcse.saved_share_of_income"]
        reserves = stocks["vcse.reserves"]
        spent = filled_and_left(reserves, saved * span, 1.0 / p["vcse.reserve_years"], span)
        world.move("vcse.reserves_saved", saved * span)
        spent = world.move("vcse.reserves_spent", spent)
        affordable = (earned - saved + spent / span) / p["vcse.cost_per_wte"]
        affordable = np.maximum(affordable + p["vcse.programme_capacity"], 0.0)
        short, long = stocks["vcse.capacity_short"], stocks["vcse.capacity_long"]
        posts = short + long
        to_let = np.maximum(affordable - posts, 0.0) * competing_shares([1.0 / p["vcse.letting_years"]], span)[0]
        # Posts beyond what income covers close at a rate that vanishes as the two meet.
        excess = safe_ratio(np.maximum(posts - affordable, 0.0), posts)
        closing = excess / p["vcse.closing_years"]
        lost_short, lost_long = lost_at_end(world)
        convert = p["vcse.conversion_rate"]
        of_short = [short * share for share in competing_shares([lost_short, closing, convert], span)]
        of_long = [long * share for share in competing_shares([lost_long, closing], span)]
        world.move("vcse.posts_lost_short", of_short[0])
        world.move("vcse.posts_closed_short", of_short[1])
        world.move("vcse.posts_lost_long", of_long[0])
        world.move("vcse.posts_closed_long", of_long[1])
        world.move("vcse.contracts_lengthened", of_short[2])
        to_long = to_let * p["vcse.share_on_long_contracts"]
        world.move("vcse.contracts_let_long", to_long)
        world.move("vcse.contracts_let_short", to_let - to_long)
        goal = 1.0 + p["vcse.long_contract_capability"] * share_long(world)
        capability = stocks["vcse.capability"]
        capability[...] = approach(capability, goal, p["vcse.capability_years"], span)

    def _change_volunteers(self, world: World) -> None:
        """Volunteers recruited by paid staff, by deprivation of where they live, and those who stop."""
        p, stocks, span = world.p, world.stocks, world.clock.years_spanned
        posts = (stocks["vcse.capacity_short"] + stocks["vcse.capacity_long"])[:, None]
        joining = posts * (p["vcse.volunteer_recruitment"] * p["vcse.volunteer_recruitment_multiplier"]) * span
        leaving = filled_and_left(stocks["vcse.volunteers"], joining, p["vcse.volunteer_leaving_rate"], span)
        world.move("vcse.volunteers_joining", joining)
        world.move("vcse.volunteers_leaving", leaving)

    def _staffed(self, world: World) -> np.ndarray:
        """How far posts are filled, relative to the first step."""
        staffed = world.outputs["workforce.staffed_share"][VCSE]
        return relative_to_first(staffed, self._first_staffed)

    def _capacity(self, world: World, staffed: np.ndarray | float) -> np.ndarray:
        """Capacity in WTE by place: posts as far as they are filled, and volunteers."""
        stocks = world.stocks
        posts = (stocks["vcse.capacity_short"] + stocks["vcse.capacity_long"]) * staffed
        return posts + stocks["vcse.volunteers"].sum(axis=1) * world.p["vcse.wte_per_volunteer"]

    def _support(self, world: World, capacity: np.ndarray) -> None:
        """People who begin and end support over the step, and support as it acts on need."""
        p, stocks, span = world.p, world.stocks, world.clock.years_spanned
        achieved = self._free(world, capacity) * stocks["vcse.capability"]
        starts = achieved * p["vcse.starts_per_wte"] * span
        ends = filled_and_left(stocks["vcse.supported"], starts, 1.0 / p["vcse.support_years"], span)
        world.move("vcse.support_starts", starts)
        world.move("vcse.support_ends", ends)
        level = np.minimum(safe_ratio(achieved, self._first_achieved), p["vcse.support_limit"])
        felt = stocks["vcse.support_felt"]
        felt[...] = approach(felt, level, p["vcse.effect_years"], span)

    def _free(self, world: World, capacity: np.ndarray) -> np.ndarray:
        """Capacity that interventions do not take up."""
        return np.maximum(capacity - np.maximum(world.p["vcse.programme_capacity"], 0.0), 0.0)

    def _reach(self, world: World) -> np.ndarray:
        """Share of people supported by deprivation; follows where volunteers live as far as they open doors."""
        p = world.p
        volunteers = world.stocks["vcse.volunteers"].sum(axis=0)
        now = safe_ratio(volunteers, volunteers.sum(axis=0))
        first = safe_ratio(self._first_volunteers, self._first_volunteers.sum(axis=0))
        follow = 1.0 + p["vcse.volunteer_reach"] * (safe_ratio(now, first) - 1.0)
        weight = p["vcse.reach"] * follow
        return safe_ratio(weight, weight.sum(axis=0))

    def _publish(self, world: World, capacity: np.ndarray) -> None:
        """Capacity, people supported and effects for other sectors and for results."""
        p, stocks, outputs = world.p, world.stocks, world.outputs
        free = self._free(world, capacity)
        outputs["vcse.capacity"][...] = free
        index = safe_ratio(free * stocks["vcse.capability"], self._first_achieved)
        outputs["vcse.capacity_index"][...] = index
        posts = stocks["vcse.capacity_short"] + stocks["vcse.capacity_long"]
        outputs["vcse.contracted_posts"][...] = posts.sum(axis=0)
        filled = safe_ratio(capacity, p["vcse.programme_capacity"])
        outputs["vcse.programme_filled_share"][...] = np.minimum(filled, 1.0)
        supported = stocks["vcse.supported"].sum(axis=0)
        outputs["vcse.people_supported"][...] = supported
        outputs["vcse.supported_by_deprivation"][...] = supported * self._reach(world)
        outputs["vcse.volunteers_total"][...] = stocks["vcse.volunteers"].sum(axis=(0, 1))
        outputs["vcse.income"][...] = income(world)
        limited = np.minimum(index, p["vcse.support_limit"])
        outputs["vcse.discharge_support"][...] = np.minimum(p["vcse.discharge_support_share"] * limited, 1.0)
        felt = stocks["vcse.support_felt"]
        outputs["vcse.emergency_need_multiplier"][...] = support_effect(p["vcse.emergency_need_effect"], felt)
        outputs["vcse.falls_need_multiplier"][...] = support_effect(p["vcse.falls_need_effect"], felt)
        outputs["vcse.mental_health_need_multiplier"][...] = support_effect(p["vcse.mental_health_need_effect"], felt)
        of_contacts = p["vcse.gp_contact_effect"] * p["vcse.gp_contact_share_of_supported"]
        outputs["vcse.gp_contact_multiplier"][...] = support_effect(of_contacts, felt)
