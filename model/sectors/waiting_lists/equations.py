"""Waiting lists: referral to treatment by specialty and weeks waited, and (``service_lists.py``) six other lists.

Over a week the list ages, referrals enter, the capacity of NHS and independent providers treats people in an order that
is policy, and some leave unreported (validation, reneging, death). Whether a pathway ends in an admission is a property
of the capacity, not of the person waiting: the split of the list into those who will and will not be admitted is not
followed. Cancelled patients stay on the list.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from model.engine.dynamics import SMALLEST, approach, safe_ratio, share_leaving
from model.engine.stepper import Sector
from model.engine.world import World
from model.registry.calendar import DAYS_PER_YEAR
from model.registry.declarations import Flow, Loop, Output, Stock
from model.registry.dimensions import DIMENSIONS, position
from model.sectors.waiting_lists.cohort import WaitingCohorts
from model.sectors.waiting_lists.declarations import FLOWS, LOOPS, OUTPUTS, RTT, STOCKS
from model.sectors.waiting_lists.service_lists import ServiceLists
from model.sectors.waiting_lists.treatment_order import (
    DAYS_PER_WEEK,
    elapsed_share_of_week,
    over_threshold,
    removal_rate,
    week_boundaries,
)

ACUTE = position("employer", "acute")
ELECTIVE_REFERRAL = position("service", "elective_referral")
WEEKS = np.arange(len(DIMENSIONS["weeks_waited"]), dtype=float)[:, None]
THRESHOLDS = (18, 52, 65, 78, 104)
TRACKED_SIGNALS = {"workforce.effective_staff": 1.0, "urgent_care.elective_share_kept": 0.5, "demand.need": 0.5}
"""Signals read as they are in the middle of the week, and where in their owner's step they stand."""
YEARS_PER_WEEK = DAYS_PER_WEEK / DAYS_PER_YEAR


@dataclass(frozen=True)
class Capacity:
    """Treatments possible in a day, by specialty and member.

    Attributes:
        nonadmitted: pathways ended without admission by NHS providers.
        day_case: pathways ended by a day case at NHS providers.
        overnight_planned: pathways to end by an overnight admission at NHS providers, before cancellations.
        overnight: the same after cancellations.
        independent: pathways ended by independent providers.
    """

    nonadmitted: np.ndarray
    day_case: np.ndarray
    overnight_planned: np.ndarray
    overnight: np.ndarray
    independent: np.ndarray

    @property
    def total(self) -> np.ndarray:
        """All treatments possible in a day."""
        return self.nonadmitted + self.day_case + self.overnight + self.independent


class WaitingLists(Sector):
    """The sector of all waiting lists."""

    name: ClassVar[str] = "waiting_lists"
    title: ClassVar[str] = "Waiting lists"
    every: ClassVar[int] = 2
    stocks: ClassVar[tuple[Stock, ...]] = STOCKS
    flows: ClassVar[tuple[Flow, ...]] = FLOWS
    outputs: ClassVar[tuple[Output, ...]] = OUTPUTS
    loops: ClassVar[tuple[Loop, ...]] = LOOPS

    def initialise(self, world: World) -> None:
        """Lists of April 2019 with the waits of a steady state, and the outputs that others need at once."""
        p = world.p
        world.track_signals(self.name, TRACKED_SIGNALS)
        self.list = WaitingCohorts(
            RTT,
            "waiting_lists.ageing",
            "waiting_lists.clock_starts",
            "waiting_lists.unreported_removals",
            "waiting_lists.clock_stops",
        )
        self.list.allocate(world)
        self.services = ServiceLists(world)
        profile = p["waiting_lists.initial_profile"]
        profile = profile / profile.sum(axis=1, keepdims=True)
        world.stocks[RTT][...] = p["waiting_lists.initial_list"][:, None] * profile
        world.stocks["waiting_lists.capacity_trend"].fill(1.0)
        self.activity: dict[str, np.ndarray] = {}
        self.counts = counts = count_waits(world)
        self.over_18_at_start = counts[18].sum(axis=0)
        self.share_over_18_at_start = share_over_18(counts)
        world.stocks["waiting_lists.perceived_share_over_18_weeks"][...] = self.share_over_18_at_start
        self.need_at_start = world.outputs["demand.need"][ELECTIVE_REFERRAL].sum(axis=0)
        self.work_at_start: np.ndarray | None = None
        capacity = treatment_capacity(world, staff=np.ones(world.members), share_kept=np.ones(world.members))
        publish_counts(world, counts, stops_per_week=capacity.total.sum(axis=0) * DAYS_PER_WEEK)
        planned = capacity.overnight_planned * p["waiting_lists.procedures_per_admitted"]
        world.outputs["waiting_lists.elective_admissions_planned"][...] = planned.sum(axis=0)
        world.outputs["waiting_lists.activity_index"].fill(1.0)
        world.outputs["waiting_lists.referral_threshold"].fill(1.0)

    def step(self, world: World) -> None:
        """Move the referral-to-treatment list by every week that begins in the step, then the other lists.

        The list is held by weeks waited, so the week is its own step: whom a capacity treats does not depend on the
        step of the sector. Within a week activity is even and the list moves along a straight line; those waiting are
        counted in the middle of the step, which is their mean over it.
        """
        day, span = world.clock.day, world.clock.span
        weeks = week_boundaries(day, span)
        for later in range(weeks - 1, -1, -1):
            # A week that begins in a shorter step still takes its parameters from its own days.
            week = day // DAYS_PER_WEEK - later
            world.p.advance(week * DAYS_PER_WEEK, (week + 1.0) * DAYS_PER_WEEK)
            self.move_a_week(world, (week + 0.5) * DAYS_PER_WEEK)
        world.p.advance(day, day + span)
        for name, total in self.activity.items():
            world.outputs[name][...] = total * (span / DAYS_PER_WEEK)
        elapsed = elapsed_share_of_week(world.clock.middle)
        counts = {weeks: old + (self.counts[weeks] - old) * elapsed for weeks, old in self.counts_before.items()}
        publish_counts(world, counts, self.stops_per_week)
        harm = harm_while_waiting(world, counts[18], self.over_18_at_start)
        world.outputs["waiting_lists.harm_admissions"][...] = harm
        self.services.step(world)

    def move_a_week(self, world: World, middle: float) -> None:
        """Age, refer, treat and remove over the week whose middle is given; then turn treatments into activity."""
        p = world.p
        need = world.extrapolated("demand.need", middle)[ELECTIVE_REFERRAL].sum(axis=0)
        self.list.age(world, 1)
        threshold = referral_threshold(world, self.share_over_18_at_start)
        arrivals = referrals(world, safe_ratio(need, self.need_at_start, floor=SMALLEST), threshold)
        self.list.arrive(world, arrivals * DAYS_PER_WEEK)

        grow_capacity(world, 0.5 * YEARS_PER_WEEK)
        staff = world.extrapolated("workforce.effective_staff", middle)[ACUTE]
        share_kept = np.minimum(world.extrapolated("urgent_care.elective_share_kept", middle), 1.0)
        capacity = treatment_capacity(world, staff, share_kept)
        possible = capacity.total * DAYS_PER_WEEK
        treated = self.list.treat(
            world,
            possible,
            p["waiting_lists.urgent_share"][None],
            p["waiting_lists.longest_first_share"][None],
            p.derived(urgent_weight),
        ).sum(axis=1)
        grow_capacity(world, 0.5 * YEARS_PER_WEEK)
        self.take_activity(world, capacity, np.minimum(safe_ratio(treated, possible, floor=SMALLEST), 1.0))

        # Referrals and treatments meet within a week: the list after both is the one from which people drop out.
        on_list = world.stocks[RTT].sum(axis=1)
        self.list.remove(world, p.derived(unreported_removal_share))
        died = on_list * share_leaving(p["waiting_lists.death_rate"], YEARS_PER_WEEK)
        self.activity["waiting_lists.deaths_while_waiting"] = died.sum(axis=0)
        world.outputs["waiting_lists.referral_threshold"][...] = threshold.mean(axis=0)
        self.counts_before, self.counts = self.counts, count_waits(world)
        self.stops_per_week = treated.sum(axis=0)
        perceive_waits(world, self.counts)

    def take_activity(self, world: World, capacity: Capacity, used: np.ndarray) -> None:
        """Turn the treatments of a week into attendances, procedures and admissions.

        Args:
            world: state.
            capacity: treatments possible in a day.
            used: share of the capacity that has somebody to treat, by specialty.
        """
        p, out = world.p, world.outputs
        spells = p["waiting_lists.procedures_per_admitted"]
        overnight_planned = (capacity.overnight_planned * used).sum(axis=0) * spells
        overnight = (capacity.overnight * used).sum(axis=0) * spells
        day_cases = (capacity.day_case * used).sum(axis=0) * spells
        attendances = p["waiting_lists.attendances_per_stop"] * (
            ((capacity.nonadmitted + capacity.day_case + capacity.overnight) * used).sum(axis=0)
        )
        independent = (capacity.independent * used).sum(axis=0)
        out["waiting_lists.elective_admissions_planned"][...] = overnight_planned
        self.activity["waiting_lists.cancelled_admissions"] = (overnight_planned - overnight) * DAYS_PER_WEEK
        self.activity["waiting_lists.procedures"] = (overnight + day_cases) * DAYS_PER_WEEK
        self.activity["waiting_lists.day_cases"] = day_cases * DAYS_PER_WEEK
        self.activity["waiting_lists.outpatient_attendances"] = attendances * DAYS_PER_WEEK
        self.activity["waiting_lists.independent_stops"] = independent * DAYS_PER_WEEK
        self.activity["waiting_lists.independent_procedures"] = (
            independent * p["waiting_lists.independent_admitted_share"] * spells * DAYS_PER_WEEK
        )
        work = attendances + p["waiting_lists.procedure_work"] * (overnight + day_cases)
        if self.work_at_start is None:
            self.work_at_start = work.copy()
        out["waiting_lists.activity_index"][...] = safe_ratio(work, self.work_at_start, floor=SMALLEST)


def referrals(world: World, relative_need: np.ndarray, threshold: np.ndarray) -> np.ndarray:
    """Clock starts in a day by specialty: those of 2019/20 moved by need, by the referral lever and by long waits."""
    p = world.p
    return p["waiting_lists.clock_starts_at_start"] * p["waiting_lists.referral_multiplier"] * relative_need * threshold


def referral_threshold(world: World, reference: np.ndarray) -> np.ndarray:
    """Effect of perceived long waits on referrals by specialty (B3), 1 at the waits of April 2019, never below 0."""
    p = world.p
    longer = world.stocks["waiting_lists.perceived_share_over_18_weeks"] - reference
    return np.maximum(1.0 - p["loops.B3_reneging"] * (p["waiting_lists.referral_sensitivity"] * longer), 0.0)


def perceive_waits(world: World, counts: dict[int, np.ndarray]) -> None:
    """Move what is known of waits towards the present share over 18 weeks, with an information delay."""
    known = world.stocks["waiting_lists.perceived_share_over_18_weeks"]
    delay = world.p["waiting_lists.referral_delay"]
    known[...] = approach(known, share_over_18(counts), delay, DAYS_PER_WEEK)


def urgent_weight(p: Mapping[str, np.ndarray]) -> np.ndarray:
    """Share of those waiting who are urgent, by weeks waited."""
    return np.exp(-WEEKS / p["waiting_lists.urgent_weeks"])


def unreported_removal_share(p: Mapping[str, np.ndarray]) -> np.ndarray:
    """Share removed in a week by weeks waited: validation and death at any wait, reneging rising with it (B3)."""
    always = p["waiting_lists.validation_rate"] * p["waiting_lists.validation_multiplier"]
    always = always + p["waiting_lists.death_rate"] * YEARS_PER_WEEK
    rate = removal_rate(
        WEEKS,
        always,
        p["waiting_lists.reneging_rate"],
        p["waiting_lists.reneging_half_point"],
        p["waiting_lists.reneging_slope"],
        p["loops.B3_reneging"],
    )
    return share_leaving(rate, 1.0)


def grow_capacity(world: World, years: float) -> None:
    """Compound the growth of capacity; half before and half after treatment, which so sees the middle of the week."""
    trend = world.stocks["waiting_lists.capacity_trend"]
    trend *= np.exp(world.p["waiting_lists.capacity_growth"] * years)


def treatment_capacity(world: World, staff: np.ndarray, share_kept: np.ndarray) -> Capacity:
    """Treatments possible in a day.

    Args:
        world: state.
        staff: effective acute staff, 1 in April 2019.
        share_kept: share of planned overnight elective admissions that are not cancelled (R4).
    """
    p = world.p
    trend = world.stocks["waiting_lists.capacity_trend"]
    scale = (
        p["waiting_lists.capacity_multiplier"]
        * p["waiting_lists.productivity"]
        * trend
        * staff ** p["waiting_lists.staffing_elasticity"]
    )
    admitted = p["waiting_lists.admitted_capacity"] * scale
    planned = admitted * (1.0 - p["waiting_lists.day_case_share"])
    return Capacity(
        nonadmitted=p["waiting_lists.nonadmitted_capacity"] * scale,
        day_case=admitted - planned,
        overnight_planned=planned,
        overnight=planned * share_kept,
        independent=p["waiting_lists.independent_capacity"] * trend,
    )


def count_waits(world: World) -> dict[int, np.ndarray]:
    """Pathways by specialty waiting at least so many weeks; at 0 weeks, the whole list, at the end of a week."""
    waiting = world.stocks[RTT]
    counts = {0: waiting.sum(axis=1)}
    for weeks in THRESHOLDS:
        counts[weeks] = over_threshold(waiting, weeks, elapsed=1.0)
    return counts


def share_over_18(counts: dict[int, np.ndarray]) -> np.ndarray:
    """Share of each specialty's list that waits 18 weeks or more; 0 for an empty list."""
    return safe_ratio(np.maximum(counts[18], 0.0), counts[0], floor=1.0)


def publish_counts(world: World, counts: dict[int, np.ndarray], stops_per_week: np.ndarray) -> None:
    """Set the outputs that count those waiting."""
    out = world.outputs
    out["waiting_lists.rtt_by_specialty"][...] = counts[0]
    total = counts[0].sum(axis=0)
    out["waiting_lists.rtt_total"][...] = total
    for weeks in THRESHOLDS:
        out[f"waiting_lists.over_{weeks}_weeks"][...] = counts[weeks].sum(axis=0)
    out["waiting_lists.share_over_18_weeks"][...] = safe_ratio(out["waiting_lists.over_18_weeks"], total, floor=1.0)
    out["waiting_lists.within_18_weeks"][...] = 1.0 - out["waiting_lists.share_over_18_weeks"]
    out["waiting_lists.clearing_weeks"][...] = safe_ratio(total, stops_per_week, floor=1.0)


def harm_while_waiting(world: World, over_18: np.ndarray, at_start: np.ndarray) -> np.ndarray:
    """Emergency admissions in a day from waits of 18 weeks and more beyond those of April 2019 (R4), never negative."""
    p = world.p
    more = np.maximum(over_18.sum(axis=0) - at_start, 0.0)
    return p["loops.R4_cancellation"] * (p["waiting_lists.harm_rate"] * more)
