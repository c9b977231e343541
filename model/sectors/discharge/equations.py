"""Discharge and intermediate care: patients without criteria to reside (NCTR), pathways P0 to P3, long-term care.

A patient fit to leave first passes assessment and process, still in the bed; then goes home (P0) or waits, still in the
bed, for a place on P1 (care at home), P2 (rehabilitation bed) or P3 (care-home bed) of the council of residence. As
published for January 2023, demand exceeds places on every pathway, so what relieves the queue is stated: places bought
at spot price (B5), switching to a simpler pathway, relapse, and death. Function is lost with every delayed day (R1): it
moves people to a more dependent pathway and lengthens the stay on it. A place is held until long-term care is found.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import numpy as np

from model.engine.dynamics import approach, entries_until_full, filled_and_left, safe_ratio, served, share_leaving
from model.engine.stepper import Sector
from model.engine.world import World
from model.registry.calendar import DAYS_PER_YEAR
from model.registry.declarations import Flow, Loop, Memory, Output, Stock
from model.registry.dimensions import position, positions
from model.sectors.demand.declarations import DEPENDENCY_INDEX, NEED
from model.sectors.demand.equations import EMERGENCY
from model.sectors.discharge.declarations import FLOWS, LOOPS, MEMORY, OUTPUTS, STOCKS
from model.sectors.discharge.views import Parameters, Stocks, views
from model.sectors.finance.declarations import SOCIAL_CARE_FUNDED_SHARE
from model.sectors.urgent_care.declarations import (
    BEDS_OCCUPIED,
    DEATHS_IN_HOSPITAL,
    ELECTIVE_DISCHARGES,
    FIT_TO_LEAVE,
    INPATIENTS_EMERGENCY,
    PLACE_SHARE,
)
from model.sectors.urgent_care.equations import LEAST_STAFFING
from model.sectors.urgent_care.views import views as urgent_care_views
from model.sectors.vcse.declarations import DISCHARGE_SUPPORT
from model.sectors.workforce.declarations import STAFFED_SHARE

P0, P1, P2, P3 = positions("pathway").values()
PROCESS, CAPACITY = positions("reason").values()
ACUTE, COMMUNITY, SOCIAL_CARE = (position("employer", label) for label in ("acute", "community", "social_care"))
LONG_TERM_CARE = position("service", "long_term_care")

TRACKED_SIGNALS = {STAFFED_SHARE.name: 1.0, SOCIAL_CARE_FUNDED_SHARE.name: 1.0, DISCHARGE_SUPPORT.name: 1.0}
"""Signals read as they are in the middle of the step, and where in their owner's step they stand."""


def pathway_shares(p: Parameters, dependency: np.ndarray, lost: np.ndarray) -> np.ndarray:
    """Share of those fit to leave that needs each pathway, by place: ageing and deconditioning (R1) add to P1-P3.

    Args:
        p: parameters.
        dependency: effect of age on the need for support, by place.
        lost: function lost by those delayed, by place and pathway.
    """
    supported = p.pathway_share * p.supported_share_multiplier * dependency[:, None]
    steps_up = np.minimum(p.dependence_per_function_lost * lost, p.step_up_limit)
    shares = np.empty_like(supported)
    shares[:, P1:] = supported[:, P1:]
    shares[:, P0] = 1.0 - shares[:, P1:].sum(axis=1)
    for pathway in (P2, P1, P0):
        rising = shares[:, pathway] * steps_up[:, pathway]
        shares[:, pathway] -= rising
        shares[:, pathway + 1] += rising
    return shares


def process_days(p: Parameters, staffed: np.ndarray, support: np.ndarray) -> np.ndarray:
    """Mean days from fit to leave to ready for the pathway: winter staffing, voluntary help home (place, pathway).

    Args:
        p: parameters.
        staffed: staffed share of acute employers.
        support: share of those who go home whom volunteers help, by place.
    """
    slow = (p.reference_staffed_share / np.maximum(staffed, LEAST_STAFFING)) ** p.staffing_elasticity_of_process
    helped = support * p.process_saving_when_helped
    days = (p.process_days * p.process_multiplier * slow)[None] + np.zeros_like(helped)[:, None]
    days[:, P0] *= 1.0 - helped
    return days


def funded_and_staffed_places(p: Parameters, staffed: np.ndarray, need: np.ndarray) -> np.ndarray:
    """Places that are funded and staffed, by place and pathway, without spot purchases (P0 has none).

    Args:
        p: parameters.
        staffed: staffed share by employer.
        need: need for supported discharge relative to April 2019, by place.
    """
    employer = p.staffed_by_community * staffed[COMMUNITY] + (1.0 - p.staffed_by_community) * staffed[SOCIAL_CARE]
    relative = (employer / p.reference_staffed_share_of_pathways) ** p.staffing_elasticity_of_places
    follow = 1.0 + p.places_follow_need * (need - 1.0)
    return p.funded_places * p.places_multiplier * follow[:, None] * relative


def stay_days(p: Parameters, lost: np.ndarray) -> np.ndarray:
    """Mean days on a pathway before onward care is sought: longer for people who lost function while delayed (R1)."""
    return p.pathway_stay_days * (1.0 + lost)


def pathway_exits(p: Parameters, lost: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Exit rate per day of a stay on a pathway, and the share of exits that are deaths (place, pathway).

    Args:
        p: parameters.
        lost: function lost in hospital by those on the pathway.
    """
    ending = 1.0 / stay_days(p, lost)
    return ending + p.death_rate_on_pathway, p.death_rate_on_pathway / (ending + p.death_rate_on_pathway)


def workload(p: Parameters, stock: Stocks) -> np.ndarray:
    """People cared for by community and social care staff, weighted by the work that each takes."""
    short = stock.on_pathway + stock.awaiting_long_term_care.sum(axis=2)
    return p.work_of_pathway_user * short.sum(axis=(0, 1)) + stock.long_term_users.sum(axis=(0, 1))


def long_term_places(
    p: Parameters, gain: np.ndarray, funded_share: np.ndarray, staffed: np.ndarray, need: np.ndarray
) -> np.ndarray:
    """Long-term home care and care-home places, by place: what councils fund (R5) and providers can staff.

    Args:
        p: parameters.
        gain: of R5.
        funded_share: share of need for social care that councils fund, by place.
        staffed: staffed share of social care.
        need: need for long-term care relative to April 2019, by place.
    """
    funded = 1.0 + gain * (funded_share - 1.0)
    relative = (staffed / p.reference_staffed_share_of_social_care) ** p.staffing_elasticity_of_places
    return p.long_term_capacity * (need * funded * relative)[:, None]


def virtual_ward_starts(p: Parameters, staffed: np.ndarray) -> np.ndarray:
    """Stays a day that virtual wards can begin where so much of the community's work is staffed."""
    return p.virtual_ward_places * (staffed / p.reference_staffed_share_of_community) / p.virtual_ward_stay_days


def function_lost(p: Parameters, gain: np.ndarray, days: np.ndarray) -> np.ndarray:
    """Function that patients lose while they are delayed for so many days (R1)."""
    return np.minimum(gain * p.function_lost_per_day * days, p.function_lost_limit)


def spot_places_wanted(p: Parameters, gain: np.ndarray, waiting: np.ndarray) -> np.ndarray:
    """Places that would be bought at spot price for so many who wait, up to a limit (B5)."""
    limit = p.spot_purchase_limit * p.funded_places
    return gain * np.minimum(p.spot_purchase_response * waiting, limit)


def pathway_shares_now(world: World) -> np.ndarray:
    """Return ``pathway_shares`` of the current step."""
    p, _, stock, _, _, _, _ = views(world)
    return pathway_shares(p, world.signal(DEPENDENCY_INDEX), stock.function_lost)


def process_days_now(world: World) -> np.ndarray:
    """Return ``process_days`` of the current step."""
    staffed = world.extrapolated(STAFFED_SHARE)[ACUTE]
    return process_days(views(world).p, staffed, world.extrapolated(DISCHARGE_SUPPORT))


def funded_and_staffed_places_now(world: World) -> np.ndarray:
    """Return ``funded_and_staffed_places`` of the current step."""
    p, _, _, _, out, _, _ = views(world)
    return funded_and_staffed_places(p, world.extrapolated(STAFFED_SHARE), out.supported_need_index)


def pathway_exits_now(world: World) -> tuple[np.ndarray, np.ndarray]:
    """Return ``pathway_exits`` of the current step."""
    p, _, stock, _, _, _, _ = views(world)
    return pathway_exits(p, stock.function_lost_on_pathway)


def long_term_places_now(world: World) -> np.ndarray:
    """Return ``long_term_places`` of the current step."""
    p, gain, _, _, out, _, _ = views(world)
    funded = world.extrapolated(SOCIAL_CARE_FUNDED_SHARE)
    staffed = world.extrapolated(STAFFED_SHARE)[SOCIAL_CARE]
    return long_term_places(p, gain.R5_unmet_social_care, funded, staffed, out.long_term_need_index)


class Discharge(Sector):
    """NCTR, discharge pathways and long-term care by council of residence."""

    name: ClassVar[str] = "discharge"
    title: ClassVar[str] = "Discharge and intermediate care"
    every: ClassVar[int] = 1
    stocks: ClassVar[tuple[Stock, ...]] = STOCKS
    flows: ClassVar[tuple[Flow, ...]] = FLOWS
    outputs: ClassVar[tuple[Output, ...]] = OUTPUTS
    memory: ClassVar[tuple[Memory, ...]] = MEMORY
    loops: ClassVar[tuple[Loop, ...]] = LOOPS
    tracked: ClassVar[Mapping[str, float]] = TRACKED_SIGNALS

    def initialise(self, world: World) -> None:
        """Patients of April 2019: NCTR as given, pathways and long-term care as full as stated."""
        p, _, stock, _, out, memory, _ = views(world)
        beds = urgent_care_views(world).p.core_beds
        by_site = safe_ratio(beds, beds.sum(axis=0))[:, None, None]
        in_process = p.initial_share_in_process * p.initial_nctr
        stock.nctr[:, :, :, PROCESS] = by_site * in_process
        stock.nctr[:, :, :, CAPACITY] = by_site * (p.initial_nctr - in_process)
        occupied = p.funded_places * p.initial_use_of_places
        onward = p.initial_share_awaiting_long_term_care * occupied
        stock.on_pathway = occupied - onward
        kind = safe_ratio(p.long_term_share, p.long_term_share.sum(axis=1, keepdims=True), floor=1e-12)
        stock.awaiting_long_term_care = onward[:, :, None] * kind
        stock.long_term_users = p.long_term_capacity * p.initial_use_of_long_term_care
        stock.awaiting_in_community = p.initial_awaiting_in_community
        memory.finished_per_day = stock.on_pathway / stay_days(p, stock.function_lost_on_pathway)
        memory.first_need = world.signal(NEED)
        memory.first_workload = workload(p, stock)
        out.workload = 1.0
        self.compare_need(world)
        self.publish(world)

    def step(self, world: World) -> None:
        """One step from ward to home or long-term care."""
        self.compare_need(world)
        ready = self.become_fit(world)
        self.virtual_ward(world)
        self.long_term_care(world)
        starts, left = self.start_pathways(world, ready)
        self.end_pathways(world, starts)
        self.count_departures(world, left)
        self.lose_function(world, left)
        self.buy_places(world)
        self.publish(world)

    def compare_need(self, world: World) -> None:
        """Need for long-term care and for supported discharge relative to April 2019: places follow it."""
        _, _, _, _, out, memory, _ = views(world)
        need = safe_ratio(world.signal(NEED), memory.first_need, floor=1e-12)
        out.long_term_need_index = need[LONG_TERM_CARE]
        out.supported_need_index = need[EMERGENCY] * world.signal(DEPENDENCY_INDEX)

    def become_fit(self, world: World) -> np.ndarray:
        """Patients whose treatment ends join NCTR; process ends in going home (P0) or in waiting for a place.

        Returns:
            Patients whose process ends in the step, by site, place and pathway.
        """
        _, _, stock, _, _, _, move = views(world)
        by_place = np.moveaxis(world.signal(FIT_TO_LEAVE) * world.signal(PLACE_SHARE), 0, 1)
        joining = by_place[:, :, None] * pathway_shares_now(world)[None]
        move.fit_to_leave(joining, target=np.s_[:, :, :, PROCESS], collect=(1, 2))
        in_process = stock.nctr[:, :, :, PROCESS]
        ready = filled_and_left(in_process - joining, joining, 1.0 / process_days_now(world)[None], world.clock.span)
        move.home_without_support(ready[:, :, P0], origin=np.s_[:, :, P0, PROCESS], collect=(0,))
        move.ready_for_pathway(
            ready[:, :, P1:],
            origin=np.s_[:, :, P1:, PROCESS],
            target=np.s_[:, :, P1:, CAPACITY],
            record=np.s_[:, P1:],
            collect=(0,),
        )
        return ready

    def virtual_ward(self, world: World) -> None:
        """Early supported discharge to a virtual ward.

        A patient saves fewer bed days than a mean stay, so whole stays are moved in proportion to the days saved. A
        whole stay is bed days over patients who become fit to leave, NCTR included.
        """
        p, _, stock, flow, _, _, move = views(world)
        span, inpatients = world.clock.span, world.signal(INPATIENTS_EMERGENCY)
        stays_served = virtual_ward_starts(p, world.extrapolated(STAFFED_SHARE)[COMMUNITY]) * span
        total = inpatients.sum(axis=0)
        in_beds = total + stock.nctr.sum(axis=(0, 1, 2, 3))
        days_saved = stays_served * p.virtual_ward_days_saved
        whole_stays = safe_ratio(days_saved * flow.fit_to_leave.sum(axis=0), in_beds * span)
        moved = move.to_virtual_ward(inpatients * np.minimum(safe_ratio(whole_stays, total), 1.0), collect=(0,))
        entered = moved.sum(axis=0)
        move.from_virtual_ward(
            filled_and_left(stock.virtual_ward - entered, entered, 1.0 / p.virtual_ward_stay_days, span)
        )

    def long_term_care(self, world: World) -> None:
        """Long-term care begins and ends; applicants from pathways and from the community share what is free."""
        p, _, stock, _, _, memory, move = views(world)
        span = world.clock.span
        users, on_place, in_community = (
            stock.long_term_users,
            stock.awaiting_long_term_care,
            stock.awaiting_in_community,
        )
        exit_rate = 1.0 / (p.long_term_years * DAYS_PER_YEAR)
        arranging, lapsing = 1.0 / p.arrangement_days, 1.0 / p.community_lapse_days
        applying = world.signal(NEED)[LONG_TERM_CARE][:, None] * p.community_kind * span
        move.community_applications(applying)
        seeking = memory.finished_per_day[:, :, None] * p.long_term_share * span
        possible_starts = entries_until_full(users, long_term_places_now(world), exit_rate, span)
        waiting, joining = on_place.sum(axis=1), seeking.sum(axis=1)
        first = served(waiting, joining, arranging, possible_starts * p.hospital_priority, span)
        second = served(in_community - applying, applying, arranging, possible_starts - first, span, elsewhere=lapsing)
        first = np.minimum(served(waiting, joining, arranging, possible_starts - second, span), waiting)
        left = filled_and_left(users, first + second, exit_rate, span)
        move.long_term_starts_from_pathway(on_place * safe_ratio(first, waiting, floor=1e-12)[:, None], collect=(1,))
        move.long_term_starts_from_community(second)
        move.long_term_ends(left)
        lapsed = filled_and_left(in_community + second - applying, applying - second, lapsing, span)
        move.community_lapses(np.clip(lapsed, 0.0, in_community))

    def start_pathways(self, world: World, ready: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Those ready start where there is a place; the others wait in the bed, switch, relapse or die.

        Returns:
            Starts by place and pathway, and all who leave NCTR by place and pathway.
        """
        p, _, stock, _, _, _, move = views(world)
        span, queue = world.clock.span, stock.nctr[:, :, :, CAPACITY]
        possible_starts = self.possible_starts(world)
        relapse, death = p.relapse_rate_while_waiting, p.death_rate_while_waiting
        starts, others, switched = np.zeros_like(ready), np.zeros_like(ready), np.zeros_like(ready)
        for pathway in (P3, P2, P1):
            joined = ready[:, :, pathway]
            if pathway < P3:
                joined = joined + switched[:, :, pathway + 1]
            before = queue[:, :, pathway] - ready[:, :, pathway]
            waiting = before + joined
            leaving = relapse + death + p.switch_rate_while_waiting[pathway]
            started = served(
                np.maximum(before.sum(axis=0), 0.0),
                joined.sum(axis=0),
                1.0 / p.transfer_days,
                possible_starts[:, pathway],
                span,
                elsewhere=leaving,
            )
            starts[:, :, pathway] = waiting * safe_ratio(started, waiting.sum(axis=0), floor=1e-12)
            left = filled_and_left(before, joined - starts[:, :, pathway], leaving, span)
            others[:, :, pathway] = np.clip(left, 0.0, np.maximum(waiting - starts[:, :, pathway], 0.0))
            switched[:, :, pathway] = others[:, :, pathway] * (p.switch_rate_while_waiting[pathway] / leaving)
        leaving = relapse + death + p.switch_rate_while_waiting
        at = np.s_[:, :, :, CAPACITY]
        move.switches(
            switched[:, :, P2:],
            np.s_[:, :, P2:, CAPACITY],
            np.s_[:, :, P1:P3, CAPACITY],
            record=np.s_[:, P2:],
            collect=(0,),
        )
        move.withdrawals(switched[:, :, P1], np.s_[:, :, P1, CAPACITY], collect=(0,))
        move.pathway_starts(starts, at, collect=(0,))
        move.relapses(others * (relapse / leaving), at, collect=(1, 2))
        move.deaths_while_waiting(others * (death / leaving), at, collect=(0, 2))
        departed = (starts + others).sum(axis=0)
        departed[:, P2:] -= switched[:, :, P2:].sum(axis=0)
        departed[:, P0] = ready[:, :, P0].sum(axis=0)
        return starts.sum(axis=0), departed

    def possible_starts(self, world: World) -> np.ndarray:
        """People who can start over the step so that places are just full at its end, by place and pathway.

        Of those in their stay a share g ends over the step, of those who start a share 1 - g / turned; of either a
        share frees the place, the rest holds it for long-term care until placed.
        """
        p, _, stock, _, _, _, _ = views(world)
        held = stock.on_pathway + stock.awaiting_long_term_care.sum(axis=2)
        rate, died = pathway_exits_now(world)
        turned = rate * world.clock.span
        gone = share_leaving(rate, world.clock.span)
        freed = died + (1.0 - died) * (1.0 - p.long_term_share.sum(axis=1))
        places = funded_and_staffed_places_now(world) + stock.spot_places
        free = places - held + freed * gone * stock.on_pathway
        return np.maximum(free, 0.0) / (1.0 - freed * (1.0 - gone / turned))

    def end_pathways(self, world: World, starts: np.ndarray) -> None:
        """Stays on a pathway end at home, in death, or in waiting for long-term care on the same place."""
        p, _, stock, _, _, memory, move = views(world)
        rate, died = pathway_exits_now(world)
        ended = filled_and_left(stock.on_pathway - starts, starts, rate, world.clock.span)
        finished = ended * (1.0 - died)
        move.deaths_on_pathway(ended * died)
        move.pathway_ends_home(finished * (1.0 - p.long_term_share.sum(axis=1)))
        move.seek_long_term_care(finished[:, :, None] * p.long_term_share, collect=(2,))
        memory.finished_per_day = finished / world.clock.span

    def count_departures(self, world: World, left: np.ndarray) -> None:
        """Discharges of patients without criteria to reside, and of all who leave a bed."""
        _, _, _, flow, out, _, _ = views(world)
        departed = left.sum(axis=(0, 1)) - flow.relapses.sum(axis=0)
        out.nctr_discharges = departed
        out.overnight_discharges = (
            departed
            + flow.to_virtual_ward
            + world.signal(ELECTIVE_DISCHARGES).sum(axis=0)
            + world.signal(DEATHS_IN_HOSPITAL).sum(axis=0)
        )

    def lose_function(self, world: World, left: np.ndarray) -> None:
        """R1: function lost grows with the days of delay and is carried into the pathway."""
        days = safe_ratio(views(world).stock.nctr.sum(axis=(0, 3)), left / world.clock.span)
        self.carry_function_lost(world, days)

    def carry_function_lost(self, world: World, days: np.ndarray) -> None:
        """Move the function lost towards that of a mean delay of so many days, by place and pathway."""
        p, gain, stock, _, _, _, _ = views(world)
        span, lost = world.clock.span, function_lost(p, gain.R1_deconditioning, days)
        stock.function_lost = approach(stock.function_lost, lost, p.function_smoothing_days, span)
        carried = stock.function_lost_on_pathway
        stock.function_lost_on_pathway = approach(carried, stock.function_lost, p.pathway_stay_days, span)

    def buy_places(self, world: World) -> None:
        """B5: places bought at spot price while patients wait, up to a limit."""
        p, gain, stock, _, _, _, _ = views(world)
        waiting = stock.nctr[:, :, :, CAPACITY].sum(axis=0)
        wanted = spot_places_wanted(p, gain.B5_spot_purchase, waiting)
        stock.spot_places = approach(stock.spot_places, wanted, p.spot_purchase_delay, world.clock.span)

    def publish(self, world: World) -> None:
        """NCTR counts and the use of places."""
        p, _, stock, _, out, memory, _ = views(world)
        self.publish_nctr(world, stock.nctr.sum(axis=(0, 1, 3)))
        onward = stock.awaiting_long_term_care
        out.occupied_places = stock.on_pathway + onward.sum(axis=2)
        out.waiting_long_term = onward.sum(axis=1) + stock.awaiting_in_community
        out.waiting_for_place = stock.nctr[:, :, :, CAPACITY].sum(axis=0)
        out.workload = workload(p, stock) / memory.first_workload

    def publish_nctr(self, world: World, remaining: np.ndarray) -> None:
        """NCTR counts, where so many remain on each pathway."""
        out, total = views(world).out, remaining.sum(axis=0)
        out.nctr_remaining = remaining
        out.nctr_before_discharges = total + out.nctr_discharges / world.clock.span
        out.nctr_share_of_beds = safe_ratio(total, world.signal(BEDS_OCCUPIED))
