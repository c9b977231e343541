"""Discharge and intermediate care: patients without criteria to reside (NCTR), pathways P0 to P3, long-term care.

A patient fit to leave first passes assessment and process, still in the bed; then goes home (P0) or waits, still in the
bed, for a place on P1 (care at home), P2 (rehabilitation bed) or P3 (care-home bed) of the council of residence. As
published for January 2023, demand exceeds places on every pathway, so what relieves the queue is stated: places bought
at spot price (B5), switching to a simpler pathway, relapse, and death. Function is lost with every delayed day (R1): it
moves people to a more dependent pathway and lengthens the stay on it. A place is held until long-term care is found.
"""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from model.engine.dynamics import approach, entries_until_full, filled_and_left, safe_ratio, served, share_leaving
from model.engine.stepper import Sector
from model.engine.world import World
from model.registry.calendar import DAYS_PER_YEAR
from model.registry.declarations import Flow, Loop, Output, Stock
from model.registry.dimensions import position, positions
from model.sectors.demand.equations import EMERGENCY
from model.sectors.discharge.declarations import FLOWS, LOOPS, OUTPUTS, STOCKS
from model.sectors.urgent_care.equations import LEAST_STAFFING

P0, P1, P2, P3 = positions("pathway").values()
PROCESS, CAPACITY = positions("reason").values()
ACUTE, COMMUNITY, SOCIAL_CARE = (position("employer", label) for label in ("acute", "community", "social_care"))
LONG_TERM_CARE = position("service", "long_term_care")

TRACKED_SIGNALS = {
    "workforce.staffed_share": 1.0,
    "finance.social_care_funded_share": 1.0,
    "vcse.discharge_support": 1.0,
}
"""Signals read as they are in the middle of the step, and where in their owner's step they stand."""


def pathway_shares(world: World) -> np.ndarray:
    """Share of those fit to leave that needs each pathway, by place: ageing and deconditioning (R1) add to P1-P3."""
    p = world.p
    supported = p["discharge.pathway_share"] * p["discharge.supported_share_multiplier"]
    supported = supported * world.outputs["demand.dependency_index"][:, None]
    lost = world.stocks["discharge.function_lost"]
    steps_up = np.minimum(p["discharge.dependence_per_function_lost"] * lost, p["discharge.step_up_limit"])
    shares = np.empty((*supported.shape[:-1], world.members))
    shares[:, P1:] = supported[:, P1:]
    shares[:, P0] = 1.0 - shares[:, P1:].sum(axis=1)
    for pathway in (P2, P1, P0):
        rising = shares[:, pathway] * steps_up[:, pathway]
        shares[:, pathway] -= rising
        shares[:, pathway + 1] += rising
    return shares


def process_days(world: World) -> np.ndarray:
    """Mean days from fit to leave to ready for the pathway: winter staffing, voluntary help home (place, pathway)."""
    p = world.p
    staffing = np.maximum(world.extrapolated("workforce.staffed_share")[ACUTE], LEAST_STAFFING)
    slow = (p["discharge.reference_staffed_share"] / staffing) ** p["discharge.staffing_elasticity_of_process"]
    days = p["discharge.process_days"] * p["discharge.process_multiplier"] * slow
    helped = world.extrapolated("vcse.discharge_support") * p["discharge.process_saving_when_helped"]
    days = np.broadcast_to(days[None], (helped.shape[0], *days.shape[:-1], world.members)).copy()
    days[:, P0] *= 1.0 - helped
    return days


def staffed_places(world: World) -> np.ndarray:
    """Places that are funded and staffed, by place and pathway, spot purchases included (P0 has none)."""
    p = world.p
    staffed = world.extrapolated("workforce.staffed_share")
    employer = (
        p["discharge.staffed_by_community"] * staffed[COMMUNITY]
        + (1.0 - p["discharge.staffed_by_community"]) * staffed[SOCIAL_CARE]
    )
    relative = (employer / p["discharge.reference_staffed_share_of_pathways"]) ** p[
        "discharge.staffing_elasticity_of_places"
    ]
    follow = 1.0 + p["discharge.places_follow_need"] * (world.outputs["discharge.supported_need_index"] - 1.0)
    funded = p["discharge.funded_places"] * p["discharge.places_multiplier"] * follow[:, None]
    return funded * relative + world.stocks["discharge.spot_places"]


def stay_days(world: World) -> np.ndarray:
    """Mean days on a pathway before onward care is sought: longer for people who lost function while delayed (R1)."""
    p = world.p
    return p["discharge.pathway_stay_days"] * (1.0 + world.stocks["discharge.function_lost_on_pathway"])


def pathway_exits(world: World) -> tuple[np.ndarray, np.ndarray]:
    """Exit rate per day of a stay on a pathway, and the share of exits that are deaths (place, pathway)."""
    ending = 1.0 / stay_days(world)
    death = world.p["discharge.death_rate_on_pathway"]
    return ending + death, death / (ending + death)


def workload(world: World) -> np.ndarray:
    """People cared for by community and social care staff, weighted by the work that each takes."""
    p, stocks = world.p, world.stocks
    short = stocks["discharge.on_pathway"] + stocks["discharge.awaiting_long_term_care"].sum(axis=2)
    return p["discharge.work_of_pathway_user"] * short.sum(axis=(0, 1)) + stocks["discharge.long_term_users"].sum(
        axis=(0, 1)
    )


def long_term_places(world: World) -> np.ndarray:
    """Long-term home care and care-home places, by place: what councils fund (R5) and providers can staff."""
    p = world.p
    funded = 1.0 + p["loops.R5_unmet_social_care"] * (world.extrapolated("finance.social_care_funded_share") - 1.0)
    staffed = (
        world.extrapolated("workforce.staffed_share")[SOCIAL_CARE]
        / p["discharge.reference_staffed_share_of_social_care"]
    )
    relative = staffed ** p["discharge.staffing_elasticity_of_places"]
    return (
        p["discharge.long_term_capacity"]
        * (world.outputs["discharge.long_term_need_index"] * funded * relative)[:, None]
    )


class Discharge(Sector):
    """NCTR, discharge pathways and long-term care by council of residence."""

    name: ClassVar[str] = "discharge"
    title: ClassVar[str] = "Discharge and intermediate care"
    every: ClassVar[int] = 1
    stocks: ClassVar[tuple[Stock, ...]] = STOCKS
    flows: ClassVar[tuple[Flow, ...]] = FLOWS
    outputs: ClassVar[tuple[Output, ...]] = OUTPUTS
    loops: ClassVar[tuple[Loop, ...]] = LOOPS

    def initialise(self, world: World) -> None:
        """Patients of April 2019: NCTR as given, pathways and long-term care as full as stated."""
        p, stocks = world.p, world.stocks
        world.track_signals(self.name, TRACKED_SIGNALS)
        beds = p["urgent_care.core_beds"]
        by_site = safe_ratio(beds, beds.sum(axis=0))[:, None, None]
        initial = p["discharge.initial_nctr"]
        in_process = p["discharge.initial_share_in_process"] * initial
        stocks["discharge.nctr"][:, :, :, PROCESS] = by_site * in_process
        stocks["discharge.nctr"][:, :, :, CAPACITY] = by_site * (initial - in_process)
        occupied = p["discharge.funded_places"] * p["discharge.initial_use_of_places"]
        onward = p["discharge.initial_share_awaiting_long_term_care"] * occupied
        stocks["discharge.on_pathway"][...] = occupied - onward
        kind = p["discharge.long_term_share"]
        kind = safe_ratio(kind, kind.sum(axis=1, keepdims=True), floor=1e-12)
        stocks["discharge.awaiting_long_term_care"][...] = onward[:, :, None] * kind
        users = p["discharge.long_term_capacity"] * p["discharge.initial_use_of_long_term_care"]
        stocks["discharge.long_term_users"][...] = users
        stocks["discharge.awaiting_in_community"][...] = p["discharge.initial_awaiting_in_community"]
        self._finished_per_day = stocks["discharge.on_pathway"] / stay_days(world)
        self._need_reference = world.outputs["demand.need"].copy()
        self._workload_reference = workload(world)
        world.outputs["discharge.workload"][...] = 1.0
        self._compare_need(world)
        self._signals(world)

    def step(self, world: World) -> None:
        """One step from ward to home or long-term care."""
        self._compare_need(world)
        ready = self._become_fit(world)
        self._virtual_ward(world)
        self._long_term_care(world)
        starts, left = self._start_pathways(world, ready)
        self._end_pathways(world, starts)
        self._count_departures(world, left)
        self._lose_function(world, left)
        self._buy_places(world)
        self._signals(world)

    def _compare_need(self, world: World) -> None:
        """Need for long-term care and for supported discharge relative to April 2019: places follow it."""
        need = safe_ratio(world.outputs["demand.need"], self._need_reference, floor=1e-12)
        outputs = world.outputs
        outputs["discharge.long_term_need_index"][...] = need[LONG_TERM_CARE]
        outputs["discharge.supported_need_index"][...] = need[EMERGENCY] * outputs["demand.dependency_index"]

    def _become_fit(self, world: World) -> np.ndarray:
        """Patients whose treatment ends join NCTR; process ends in going home (P0) or in waiting for a place.

        Returns:
            Patients whose process ends in the step, by site, place and pathway.
        """
        fit = world.outputs["urgent_care.fit_to_leave"]
        by_place = np.moveaxis(fit * world.outputs["urgent_care.place_share"], 0, 1)
        joining = by_place[:, :, None] * pathway_shares(world)[None]
        world.move("discharge.fit_to_leave", joining, target=np.s_[:, :, :, PROCESS], collect=(1, 2))
        in_process = world.stocks["discharge.nctr"][:, :, :, PROCESS]
        ready = filled_and_left(in_process - joining, joining, 1.0 / process_days(world)[None], world.clock.span)
        world.move("discharge.home_without_support", ready[:, :, P0], origin=np.s_[:, :, P0, PROCESS], collect=(0,))
        world.move(
            "discharge.ready_for_pathway",
            ready[:, :, P1:],
            origin=np.s_[:, :, P1:, PROCESS],
            target=np.s_[:, :, P1:, CAPACITY],
            record=np.s_[:, P1:],
            collect=(0,),
        )
        return ready

    def _virtual_ward(self, world: World) -> None:
        """Early supported discharge to a virtual ward.

        A patient saves fewer bed days than a mean stay, so whole stays are moved in proportion to the days saved. A
        whole stay is bed days over patients who become fit to leave, NCTR included.
        """
        p, span = world.p, world.clock.span
        inpatients = world.stocks["urgent_care.inpatients_emergency"]
        staffed = (
            world.extrapolated("workforce.staffed_share")[COMMUNITY]
            / p["discharge.reference_staffed_share_of_community"]
        )
        stays_served = p["discharge.virtual_ward_places"] * staffed / p["discharge.virtual_ward_stay_days"] * span
        total = inpatients.sum(axis=0)
        in_beds = total + world.stocks["discharge.nctr"].sum(axis=(0, 1, 2, 3))
        days_saved = stays_served * p["discharge.virtual_ward_days_saved"]
        whole_stays = safe_ratio(days_saved * world.flows["discharge.fit_to_leave"].sum(axis=0), in_beds * span)
        moved = inpatients * np.minimum(safe_ratio(whole_stays, total), 1.0)
        world.move("discharge.to_virtual_ward", moved, collect=(0,))
        ward = world.stocks["discharge.virtual_ward"]
        entered = moved.sum(axis=0)
        left = filled_and_left(ward - entered, entered, 1.0 / p["discharge.virtual_ward_stay_days"], span)
        world.move("discharge.from_virtual_ward", left)

    def _long_term_care(self, world: World) -> None:
        """Long-term care begins and ends; applicants from pathways and from the community share what is free."""
        p, span, stocks = world.p, world.clock.span, world.stocks
        users, on_place = stocks["discharge.long_term_users"], stocks["discharge.awaiting_long_term_care"]
        in_community = stocks["discharge.awaiting_in_community"]
        exit_rate = 1.0 / (p["discharge.long_term_years"] * DAYS_PER_YEAR)
        arranging = 1.0 / p["discharge.arrangement_days"]
        applying = world.outputs["demand.need"][LONG_TERM_CARE][:, None] * p["discharge.community_kind"] * span
        world.move("discharge.community_applications", applying)
        seeking = self._finished_per_day[:, :, None] * p["discharge.long_term_share"] * span
        possible_starts = entries_until_full(users, long_term_places(world), exit_rate, span)
        waiting, joining = on_place.sum(axis=1), seeking.sum(axis=1)
        first = served(waiting, joining, arranging, possible_starts * p["discharge.hospital_priority"], span)
        lapsing = 1.0 / p["discharge.community_lapse_days"]
        second = served(in_community - applying, applying, arranging, possible_starts - first, span, elsewhere=lapsing)
        first = np.minimum(served(waiting, joining, arranging, possible_starts - second, span), waiting)
        placed = on_place * safe_ratio(first, waiting, floor=1e-12)[:, None]
        entering = first + second
        left = filled_and_left(users, entering, exit_rate, span)
        world.move("discharge.long_term_starts_from_pathway", placed, collect=(1,))
        world.move("discharge.long_term_starts_from_community", second)
        world.move("discharge.long_term_ends", left)
        lapsed = filled_and_left(in_community + second - applying, applying - second, lapsing, span)
        world.move("discharge.community_lapses", np.clip(lapsed, 0.0, in_community))

    def _start_pathways(self, world: World, ready: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Those ready start where there is a place; the others wait in the bed, switch, relapse or die.

        Returns:
            Starts by place and pathway, and all who leave NCTR by place and pathway.
        """
        p, span = world.p, world.clock.span
        queue = world.stocks["discharge.nctr"][..., CAPACITY, :]
        possible_starts = self._possible_starts(world)
        relapse, death = p["discharge.relapse_rate_while_waiting"], p["discharge.death_rate_while_waiting"]
        starts, others, switched = (np.zeros_like(ready) for _ in range(3))
        for pathway in (P3, P2, P1):
            joined = ready[:, :, pathway].copy()
            if pathway < P3:
                joined += switched[:, :, pathway + 1]
            before = queue[:, :, pathway] - ready[:, :, pathway]
            waiting = before + joined
            leaving = relapse + death + p["discharge.switch_rate_while_waiting"][pathway]
            started = served(
                np.maximum(before.sum(axis=0), 0.0),
                joined.sum(axis=0),
                1.0 / p["discharge.transfer_days"],
                possible_starts[:, pathway],
                span,
                elsewhere=leaving,
            )
            starts[:, :, pathway] = waiting * safe_ratio(started, waiting.sum(axis=0), floor=1e-12)
            left = filled_and_left(before, joined - starts[:, :, pathway], leaving, span)
            others[:, :, pathway] = np.clip(left, 0.0, np.maximum(waiting - starts[:, :, pathway], 0.0))
            switched[:, :, pathway] = others[:, :, pathway] * (
                p["discharge.switch_rate_while_waiting"][pathway] / leaving
            )
        leaving = relapse + death + p["discharge.switch_rate_while_waiting"]
        at = np.s_[..., CAPACITY, :]
        world.move(
            "discharge.switches",
            switched[:, :, P2:],
            np.s_[:, :, P2:, CAPACITY],
            np.s_[:, :, P1:P3, CAPACITY],
            record=np.s_[:, P2:],
            collect=(0,),
        )
        world.move("discharge.withdrawals", switched[:, :, P1], np.s_[:, :, P1, CAPACITY], collect=(0,))
        world.move("discharge.pathway_starts", starts, at, collect=(0,))
        world.move("discharge.relapses", others * (relapse / leaving), at, collect=(1, 2))
        world.move("discharge.deaths_while_waiting", others * (death / leaving), at, collect=(0, 2))
        departed = (starts + others).sum(axis=0)
        departed[:, P2:] -= switched[:, :, P2:].sum(axis=0)
        departed[:, P0] = ready[:, :, P0].sum(axis=0)
        return starts.sum(axis=0), departed

    def _possible_starts(self, world: World) -> np.ndarray:
        """People who can start over the step so that places are just full at its end, by place and pathway.

        Of those in their stay a share g ends over the step, of those who start a share 1 - g / turned; of either a
        share frees the place, the rest holds it for long-term care until placed.
        """
        on_pathway = world.stocks["discharge.on_pathway"]
        held = on_pathway + world.stocks["discharge.awaiting_long_term_care"].sum(axis=2)
        rate, died = pathway_exits(world)
        turned = rate * world.clock.span
        gone = share_leaving(rate, world.clock.span)
        freed = died + (1.0 - died) * (1.0 - world.p["discharge.long_term_share"].sum(axis=1))
        free = staffed_places(world) - held + freed * gone * on_pathway
        return np.maximum(free, 0.0) / (1.0 - freed * (1.0 - gone / turned))

    def _end_pathways(self, world: World, starts: np.ndarray) -> None:
        """Stays on a pathway end at home, in death, or in waiting for long-term care on the same place."""
        rate, died = pathway_exits(world)
        on_pathway = world.stocks["discharge.on_pathway"]
        ended = filled_and_left(on_pathway - starts, starts, rate, world.clock.span)
        finished = ended * (1.0 - died)
        long_term = world.p["discharge.long_term_share"]
        world.move("discharge.deaths_on_pathway", ended * died)
        world.move("discharge.pathway_ends_home", finished * (1.0 - long_term.sum(axis=1)))
        world.move("discharge.seek_long_term_care", finished[:, :, None] * long_term, collect=(2,))
        self._finished_per_day[...] = finished / world.clock.span

    def _count_departures(self, world: World, left: np.ndarray) -> None:
        """Discharges of patients without criteria to reside, and of all who leave a bed."""
        flows = world.flows
        relapsed = flows["discharge.relapses"].sum(axis=0)
        departed = left.sum(axis=(0, 1)) - relapsed
        world.outputs["discharge.nctr_discharges"][...] = departed
        world.outputs["discharge.overnight_discharges"][...] = (
            departed
            + flows["discharge.to_virtual_ward"]
            + flows["urgent_care.elective_discharges"].sum(axis=0)
            + flows["urgent_care.deaths_in_hospital"].sum(axis=0)
        )

    def _lose_function(self, world: World, left: np.ndarray) -> None:
        """R1: function lost grows with the days of delay and is carried into the pathway."""
        p, span, stocks = world.p, world.clock.span, world.stocks
        delayed = stocks["discharge.nctr"].sum(axis=(0, 3))
        days = safe_ratio(delayed, left / span)
        lost = p["loops.R1_deconditioning"] * p["discharge.function_lost_per_day"] * days
        lost = np.minimum(lost, p["discharge.function_lost_limit"])
        now = stocks["discharge.function_lost"]
        now[...] = approach(now, lost, p["discharge.function_smoothing_days"], span)
        carried = stocks["discharge.function_lost_on_pathway"]
        carried[...] = approach(carried, now, p["discharge.pathway_stay_days"], span)

    def _buy_places(self, world: World) -> None:
        """B5: places bought at spot price while patients wait, up to a limit."""
        p, stocks = world.p, world.stocks
        waiting = stocks["discharge.nctr"][..., CAPACITY, :].sum(axis=0)
        limit = p["discharge.spot_purchase_limit"] * p["discharge.funded_places"]
        wanted = p["loops.B5_spot_purchase"] * np.minimum(p["discharge.spot_purchase_response"] * waiting, limit)
        spot = stocks["discharge.spot_places"]
        spot[...] = approach(spot, wanted, p["discharge.spot_purchase_delay"], world.clock.span)

    def _signals(self, world: World) -> None:
        """NCTR counts and the use of places."""
        stocks, outputs, span = world.stocks, world.outputs, world.clock.span
        remaining = stocks["discharge.nctr"].sum(axis=(0, 1, 3))
        outputs["discharge.nctr_remaining"][...] = remaining
        per_day = outputs["discharge.nctr_discharges"] / span
        outputs["discharge.nctr_before_discharges"][...] = remaining.sum(axis=0) + per_day
        outputs["discharge.nctr_share_of_beds"][...] = safe_ratio(
            remaining.sum(axis=0), outputs["urgent_care.beds_occupied"]
        )
        onward = stocks["discharge.awaiting_long_term_care"]
        outputs["discharge.occupied_places"][...] = stocks["discharge.on_pathway"] + onward.sum(axis=2)
        outputs["discharge.waiting_long_term"][...] = onward.sum(axis=1) + stocks["discharge.awaiting_in_community"]
        outputs["discharge.waiting_for_place"][...] = stocks["discharge.nctr"][..., CAPACITY, :].sum(axis=0)
        outputs["discharge.workload"][...] = workload(world) / self._workload_reference
