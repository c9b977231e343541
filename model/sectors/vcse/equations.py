"""VCSE: capacity under short and long contracts, volunteers, reserves, people supported and what support does.

Income pays for posts. Posts under short contracts are lost more often, at the end of each contract; long contracts lose
fewer and let organisations become better at what they do. Reserves bridge gaps. Paid staff recruit volunteers.
Controlled studies find little or no effect of this support on the use of services: effects are small, with ranges
that include none.
"""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from model.engine.dynamics import (
    Numbers,
    approach,
    competing_shares,
    filled_and_left,
    relative_to_first,
    safe_ratio,
    share_of_total,
)
from model.engine.stepper import Sector
from model.engine.world import World
from model.registry.declarations import Flow, Memory, Output, Stock
from model.registry.dimensions import position
from model.sectors.finance.declarations import DISCRETIONARY_SHARE
from model.sectors.vcse.declarations import FLOWS, MEMORY, OUTPUTS, STOCKS
from model.sectors.vcse.views import Parameters, views
from model.sectors.workforce.declarations import STAFFED_SHARE

VCSE = position("employer", "vcse")


def income(p: Parameters, released: np.ndarray, long: np.ndarray) -> np.ndarray:
    """Income in a year by place: local funding as released, and what it attracts from outside (£/year).

    Args:
        p: parameters.
        released: share of planned discretionary spending that is released.
        long: share of contracted posts under long contracts, by place.
    """
    withheld = p.share_of_funding_discretionary * (1.0 - released)
    local = p.funding * p.funding_multiplier * np.maximum(1.0 - withheld, 0.0)
    return local * (1.0 + (p.outside_income_per_pound + p.outside_income_of_long_contracts * long))


def share_long(short: np.ndarray, long: np.ndarray) -> np.ndarray:
    """Share of contracted posts under long contracts, by place."""
    return safe_ratio(long, long + short)


def lost_at_end(p: Parameters) -> tuple[np.ndarray, np.ndarray]:
    """Rates at which posts under short and long contracts are lost at the end of a contract (1/year)."""
    return p.share_not_renewed / p.short_contract_years, p.share_not_renewed / p.long_contract_years


def support_effect(effect: np.ndarray, support: np.ndarray) -> np.ndarray:
    """Multiplier of need: 1 at the support of April 2019, changing in proportion to support beyond or below it."""
    return np.maximum(1.0 + effect * (support - 1.0), 0.0)


def capability_goal(p: Parameters, long: np.ndarray) -> np.ndarray:
    """What a post achieves in the long run at a share of long contracts, 1 if all were short."""
    return 1.0 + p.long_contract_capability * long


def capacity_of(p: Parameters, posts: np.ndarray, volunteers: np.ndarray, staffed: Numbers) -> np.ndarray:
    """Capacity in WTE by place: posts as far as they are filled, and volunteers.

    Args:
        p: parameters.
        posts: contracted posts by place.
        volunteers: by place and deprivation of where they live.
        staffed: how far posts are filled, relative to the first step.
    """
    return posts * staffed + volunteers.sum(axis=1) * p.wte_per_volunteer


def not_taken_up(capacity: np.ndarray, programme_capacity: np.ndarray) -> np.ndarray:
    """Capacity that interventions do not take up."""
    return np.maximum(capacity - np.maximum(programme_capacity, 0.0), 0.0)


def reach(p: Parameters, volunteers: np.ndarray, first: np.ndarray) -> np.ndarray:
    """Share of people supported by deprivation; follows where volunteers live as far as they open doors.

    Args:
        p: parameters.
        volunteers: by deprivation of where they live.
        first: the same in April 2019.
    """
    follow = 1.0 + p.volunteer_reach * (safe_ratio(share_of_total(volunteers), share_of_total(first)) - 1.0)
    return share_of_total(p.reach * follow)


def contracts_in_balance(p: Parameters) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Posts under short and long contracts, and reserves, where as many contracts are let as are lost.

    There is money for every post that is let in time, and reserves neither grow nor shrink.
    """
    lost_short, lost_long = lost_at_end(p)
    short_per_letting = (1.0 - p.share_on_long_contracts) / (lost_short + p.conversion_rate)
    long_per_letting = (p.share_on_long_contracts + p.conversion_rate * short_per_letting) / lost_long
    per_letting = short_per_letting + long_per_letting
    attracted = p.outside_income_per_pound + p.outside_income_of_long_contracts * long_per_letting / per_letting
    earned = p.funding * p.funding_multiplier * (1.0 + attracted)
    lettings = earned / p.cost_per_wte / (p.letting_years + per_letting)
    return lettings * short_per_letting, lettings * long_per_letting, earned * p.saved_share_of_income * p.reserve_years


class Vcse(Sector):
    """Voluntary, community and social enterprise organisations."""

    name: ClassVar[str] = "vcse"
    title: ClassVar[str] = "Voluntary, community and social enterprise"
    every: ClassVar[int] = 2
    stocks: ClassVar[tuple[Stock, ...]] = STOCKS
    flows: ClassVar[tuple[Flow, ...]] = FLOWS
    outputs: ClassVar[tuple[Output, ...]] = OUTPUTS
    memory: ClassVar[tuple[Memory, ...]] = MEMORY

    def initialise(self, world: World) -> None:
        """Contracts, reserves, volunteers and people supported in balance with the income of April 2019."""
        p, _, stock, _, _, memory, _ = views(world)
        stock.capacity_short, stock.capacity_long, stock.reserves = contracts_in_balance(p)
        stock.capability = capability_goal(p, share_long(stock.capacity_short, stock.capacity_long))
        stock.support_felt = 1.0
        posts = stock.capacity_short + stock.capacity_long
        stock.volunteers = posts[:, None] * (p.volunteer_recruitment / p.volunteer_leaving_rate)
        memory.first_volunteers = stock.volunteers.sum(axis=0)
        capacity = capacity_of(p, posts, stock.volunteers, 1.0)
        memory.first_achieved = capacity * stock.capability
        stock.supported = memory.first_achieved * p.starts_per_wte * p.support_years
        self.publish(world, capacity)

    def step(self, world: World) -> None:
        """Money, contracts, volunteers, people supported, then what others see."""
        p, _, stock, _, _, memory, _ = views(world)
        self.change_contracts(world)
        self.change_volunteers(world)
        staffed = relative_to_first(world.signal(STAFFED_SHARE)[VCSE], memory.first_staffed)
        capacity = capacity_of(p, stock.capacity_short + stock.capacity_long, stock.volunteers, staffed)
        self.support_people(world, capacity)
        self.publish(world, capacity)

    def change_contracts(self, world: World) -> None:
        """Posts lost at contract ends, closed for want of money, lengthened and let; reserves saved and spent."""
        p, _, stock, _, _, _, move = views(world)
        years = world.clock.years_spanned
        short, long = stock.capacity_short, stock.capacity_long
        earned = income(p, world.signal(DISCRETIONARY_SHARE), share_long(short, long))
        saved = earned * p.saved_share_of_income
        spent = filled_and_left(stock.reserves, saved * years, 1.0 / p.reserve_years, years)
        move.reserves_saved(saved * years)
        spent = move.reserves_spent(spent)
        affordable = np.maximum((earned - saved + spent / years) / p.cost_per_wte + p.programme_capacity, 0.0)
        posts = short + long
        to_let = np.maximum(affordable - posts, 0.0) * competing_shares([1.0 / p.letting_years], years)[0]
        # Posts beyond what income covers close at a rate that vanishes as the two meet.
        closing = safe_ratio(np.maximum(posts - affordable, 0.0), posts) / p.closing_years
        lost_short, lost_long = lost_at_end(p)
        of_short = [short * share for share in competing_shares([lost_short, closing, p.conversion_rate], years)]
        of_long = [long * share for share in competing_shares([lost_long, closing], years)]
        move.posts_lost_short(of_short[0])
        move.posts_closed_short(of_short[1])
        move.posts_lost_long(of_long[0])
        move.posts_closed_long(of_long[1])
        move.contracts_lengthened(of_short[2])
        to_long = to_let * p.share_on_long_contracts
        move.contracts_let_long(to_long)
        move.contracts_let_short(to_let - to_long)
        goal = capability_goal(p, share_long(stock.capacity_short, stock.capacity_long))
        stock.capability = approach(stock.capability, goal, p.capability_years, years)

    def change_volunteers(self, world: World) -> None:
        """Volunteers recruited by paid staff, by deprivation of where they live, and those who stop."""
        p, _, stock, _, _, _, move = views(world)
        years = world.clock.years_spanned
        posts = (stock.capacity_short + stock.capacity_long)[:, None]
        joining = posts * (p.volunteer_recruitment * p.volunteer_recruitment_multiplier) * years
        leaving = filled_and_left(stock.volunteers, joining, p.volunteer_leaving_rate, years)
        move.volunteers_joining(joining)
        move.volunteers_leaving(leaving)

    def support_people(self, world: World, capacity: np.ndarray) -> None:
        """People who begin and end support over the step, and support as it acts on need."""
        p, _, stock, _, _, memory, move = views(world)
        years = world.clock.years_spanned
        achieved = not_taken_up(capacity, p.programme_capacity) * stock.capability
        starts = achieved * p.starts_per_wte * years
        ends = filled_and_left(stock.supported, starts, 1.0 / p.support_years, years)
        move.support_starts(starts)
        move.support_ends(ends)
        level = np.minimum(safe_ratio(achieved, memory.first_achieved), p.support_limit)
        stock.support_felt = approach(stock.support_felt, level, p.effect_years, years)

    def publish(self, world: World, capacity: np.ndarray) -> None:
        """Capacity, people supported and effects for other sectors and for results."""
        p, _, stock, _, out, memory, _ = views(world)
        free = not_taken_up(capacity, p.programme_capacity)
        index = safe_ratio(free * stock.capability, memory.first_achieved)
        supported = stock.supported.sum(axis=0)
        long = share_long(stock.capacity_short, stock.capacity_long)
        out.capacity = free
        out.capacity_index = index
        out.contracted_posts = (stock.capacity_short + stock.capacity_long).sum(axis=0)
        out.programme_filled_share = np.minimum(safe_ratio(capacity, p.programme_capacity), 1.0)
        out.people_supported = supported
        out.supported_by_deprivation = supported * reach(p, stock.volunteers.sum(axis=0), memory.first_volunteers)
        out.volunteers_total = stock.volunteers.sum(axis=(0, 1))
        out.income = income(p, world.signal(DISCRETIONARY_SHARE), long)
        out.discharge_support = np.minimum(p.discharge_support_share * np.minimum(index, p.support_limit), 1.0)
        felt = stock.support_felt
        out.emergency_need_multiplier = support_effect(p.emergency_need_effect, felt)
        out.falls_need_multiplier = support_effect(p.falls_need_effect, felt)
        out.mental_health_need_multiplier = support_effect(p.mental_health_need_effect, felt)
        of_contacts = p.gp_contact_effect * p.gp_contact_share_of_supported
        out.gp_contact_multiplier = support_effect(of_contacts, felt)
