"""Waiting lists: referral to treatment by specialty and weeks waited, and (``service_lists.py``) six other lists.

Over a week the list ages, referrals enter, the capacity of NHS and independent providers treats people in an order that
is policy, and some leave unreported (validation, reneging, death). Whether a pathway ends in an admission is a property
of the capacity, not of the person waiting: the split of the list into those who will and will not be admitted is not
followed. Cancelled patients stay on the list.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import ClassVar

import numpy as np

from model.engine.clock import Clock
from model.engine.dynamics import SMALLEST, Numbers, approach, safe_ratio, share_leaving
from model.engine.stepper import Sector
from model.engine.views import Values
from model.engine.world import World
from model.registry.calendar import DAYS_PER_YEAR
from model.registry.declarations import Flow, Loop, Memory, Output, Stock
from model.registry.dimensions import DIMENSIONS, position
from model.sectors.demand.declarations import NEED
from model.sectors.urgent_care.declarations import ELECTIVE_SHARE_KEPT
from model.sectors.waiting_lists import service_lists
from model.sectors.waiting_lists.cohort import WaitingCohorts
from model.sectors.waiting_lists.declarations import ACTIVITY, FLOWS, LOOPS, MEMORY, OUTPUTS, STOCKS
from model.sectors.waiting_lists.treatment_order import (
    DAYS_PER_WEEK,
    elapsed_share_of_week,
    over_threshold,
    removal_rate,
    week_boundaries,
)
from model.sectors.waiting_lists.views import Parameters, views
from model.sectors.workforce.declarations import EFFECTIVE_STAFF

ACUTE = position("employer", "acute")
ELECTIVE_REFERRAL = position("service", "elective_referral")
WEEKS = np.arange(len(DIMENSIONS["weeks_waited"]), dtype=float)[:, None]
THRESHOLDS = (18, 52, 65, 78, 104)
TRACKED_SIGNALS = {EFFECTIVE_STAFF.name: 1.0, ELECTIVE_SHARE_KEPT.name: 0.5, NEED.name: 0.5}
"""Signals read as they are in the middle of the week, and where in their owner's step they stand."""
YEARS_PER_WEEK = DAYS_PER_WEEK / DAYS_PER_YEAR
MOST_SUBSTEPS = 8
"""Substeps of the service lists in the longest step of the sector, four weeks."""


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


def treatment_capacity(p: Parameters, trend: np.ndarray, staff: Numbers, share_kept: Numbers) -> Capacity:
    """Treatments possible in a day.

    Args:
        p: parameters.
        trend: growth of capacity since April 2019.
        staff: effective acute staff, 1 in April 2019.
        share_kept: share of planned overnight elective admissions that are not cancelled (R4).
    """
    scale = p.capacity_multiplier * p.productivity * trend * staff**p.staffing_elasticity
    admitted = p.admitted_capacity * scale
    planned = admitted * (1.0 - p.day_case_share)
    return Capacity(
        nonadmitted=p.nonadmitted_capacity * scale,
        day_case=admitted - planned,
        overnight_planned=planned,
        overnight=planned * share_kept,
        independent=p.independent_capacity * trend,
    )


def referral_threshold(p: Parameters, longer: np.ndarray, gain: np.ndarray) -> np.ndarray:
    """Effect of perceived long waits on referrals by specialty (B3), 1 at the waits of April 2019, never below 0.

    Args:
        p: parameters.
        longer: share of the list over 18 weeks beyond that of April 2019, as it is perceived.
        gain: gain of the loop.
    """
    return np.maximum(1.0 - gain * (p.referral_sensitivity * longer), 0.0)


def harm_while_waiting(p: Parameters, longer: np.ndarray, gain: np.ndarray) -> np.ndarray:
    """Emergency admissions a day of people who come to harm while they wait (R4), never negative.

    Args:
        p: parameters.
        longer: people who wait 18 weeks and more beyond those of April 2019.
        gain: gain of the loop.
    """
    return gain * (p.harm_rate * np.maximum(longer, 0.0))


def urgent_weight(arrays: Mapping[str, np.ndarray]) -> np.ndarray:
    """Share of those waiting who are urgent, by weeks waited."""
    return np.exp(-WEEKS / arrays["waiting_lists.urgent_weeks"])


def unreported_removal_share(arrays: Mapping[str, np.ndarray]) -> np.ndarray:
    """Share removed in a week by weeks waited: validation and death at any wait, reneging rising with it (B3)."""
    p, gain = Parameters(arrays, "waiting_lists"), Values(arrays, "loops")
    always = p.validation_rate * p.validation_multiplier + p.death_rate * YEARS_PER_WEEK
    rate = removal_rate(WEEKS, always, p.reneging_rate, p.reneging_half_point, p.reneging_slope, gain.B3_reneging)
    return share_leaving(rate, 1.0)


def count_waits(waiting: np.ndarray) -> dict[int, np.ndarray]:
    """Pathways by specialty waiting at least so many weeks; at 0 weeks, the whole list, at the end of a week."""
    counts = {0: waiting.sum(axis=1)}
    return counts | {weeks: over_threshold(waiting, weeks, elapsed=1.0) for weeks in THRESHOLDS}


def share_over_18(counts: dict[int, np.ndarray]) -> np.ndarray:
    """Share of each specialty's list that waits 18 weeks or more; 0 for an empty list."""
    return safe_ratio(np.maximum(counts[18], 0.0), counts[0], floor=1.0)


def weeks_begun_in(substep: int, clock: Clock) -> int:
    """Weeks that begin in a substep of the service lists."""
    span = clock.span / service_lists.substeps(clock.span)
    return week_boundaries(clock.day + substep * span, span)


class WaitingLists(Sector):
    """The sector of all waiting lists."""

    name: ClassVar[str] = "waiting_lists"
    title: ClassVar[str] = "Waiting lists"
    every: ClassVar[int] = 2
    stocks: ClassVar[tuple[Stock, ...]] = STOCKS
    flows: ClassVar[tuple[Flow, ...]] = FLOWS
    outputs: ClassVar[tuple[Output, ...]] = OUTPUTS
    memory: ClassVar[tuple[Memory, ...]] = MEMORY
    loops: ClassVar[tuple[Loop, ...]] = LOOPS
    tracked: ClassVar[Mapping[str, float]] = TRACKED_SIGNALS
    calendar: ClassVar[Mapping[str, Callable[[Clock], float]]] = {
        "week": lambda clock: clock.day // DAYS_PER_WEEK,
        "share_of_week_at_middle": lambda clock: elapsed_share_of_week(clock.middle),
        "share_of_week_at_end": lambda clock: elapsed_share_of_week(clock.end_of_step),
    }
    patterns: ClassVar[Mapping[str, Callable[[Clock], Hashable]]] = {
        "weeks_begun": lambda clock: week_boundaries(clock.day, clock.span),
        **{f"weeks_begun_in_substep_{substep}": partial(weeks_begun_in, substep) for substep in range(MOST_SUBSTEPS)},
    }

    def compiled_at(self, step_days: float) -> bool:
        """Return whether a step is a week: parameters of the days of a week then are those of the step."""
        return step_days * self.every == DAYS_PER_WEEK

    def initialise(self, world: World) -> None:
        """Lists of April 2019 with the waits of a steady state, and the outputs that others need at once."""
        p, _, stock, _, out, memory, _ = views(world)
        service_lists.initialise(world)
        profile = p.initial_profile / p.initial_profile.sum(axis=1, keepdims=True)
        stock.rtt = memory.week_before = p.initial_list[:, None] * profile
        stock.capacity_trend = 1.0
        counts = count_waits(stock.rtt)
        memory.first_over_18 = counts[18].sum(axis=0)
        memory.first_share_over_18 = stock.perceived_share_over_18_weeks = share_over_18(counts)
        memory.first_need = world.signal(NEED)[ELECTIVE_REFERRAL].sum(axis=0)
        capacity = treatment_capacity(p, stock.capacity_trend, staff=1.0, share_kept=1.0)
        memory.stops_per_week = capacity.total.sum(axis=0) * DAYS_PER_WEEK
        self.publish_counts(world, counts)
        out.elective_admissions_planned = (capacity.overnight_planned * p.procedures_per_admitted).sum(axis=0)
        out.activity_index = out.referral_threshold = 1.0

    def step(self, world: World) -> None:
        """Move the referral-to-treatment list by every week that begins in the step, then the other lists.

        The list is held by weeks waited, so the week is its own step: whom a capacity treats does not depend on the
        step of the sector. Within a week activity is even and the list moves along a straight line; those waiting are
        counted in the middle of the step, which is their mean over it.
        """
        p, gain, stock, _, out, memory, _ = views(world)
        day, span = world.clock.day, world.clock.span
        for later in range(world.pattern("weeks_begun") - 1, -1, -1):
            # A week that begins in a shorter step still takes its parameters from its own days.
            week = world.calendar("week") - later
            world.advance_parameters(week * DAYS_PER_WEEK, (week + 1.0) * DAYS_PER_WEEK)
            self.move_a_week(world, (week + 0.5) * DAYS_PER_WEEK)
        world.advance_parameters(day, day + span)
        for name in ACTIVITY:
            setattr(out, name, getattr(memory, f"weekly_{name}") * (span / DAYS_PER_WEEK))
        elapsed = world.calendar("share_of_week_at_middle")
        now = count_waits(stock.rtt)
        counts = {weeks: old + (now[weeks] - old) * elapsed for weeks, old in count_waits(memory.week_before).items()}
        self.publish_counts(world, counts)
        longer = counts[18].sum(axis=0) - memory.first_over_18
        out.harm_admissions = harm_while_waiting(p, longer, gain.R4_cancellation)
        service_lists.step(world)

    def move_a_week(self, world: World, middle: Numbers) -> None:
        """Age, refer, treat and remove over the week whose middle is given; then turn treatments into activity."""
        p, gain, stock, _, out, memory, move = views(world)
        cohorts = WaitingCohorts(stock.rtt, move.ageing, move.clock_starts, move.unreported_removals, move.clock_stops)
        need = world.extrapolated(NEED, middle)[ELECTIVE_REFERRAL].sum(axis=0)
        memory.week_before = stock.rtt
        cohorts.age(1)
        longer = stock.perceived_share_over_18_weeks - memory.first_share_over_18
        threshold = referral_threshold(p, longer, gain.B3_reneging)
        relative_need = safe_ratio(need, memory.first_need, floor=SMALLEST)
        referrals = p.clock_starts_at_start * p.referral_multiplier * relative_need * threshold
        arrived = cohorts.arrive(referrals * DAYS_PER_WEEK)

        # Capacity grows half before and half after treatment, which so sees the middle of the week.
        half = np.exp(p.capacity_growth * (0.5 * YEARS_PER_WEEK))
        stock.capacity_trend *= half
        staff = world.extrapolated(EFFECTIVE_STAFF, middle)[ACUTE]
        share_kept = np.minimum(world.extrapolated(ELECTIVE_SHARE_KEPT, middle), 1.0)
        capacity = treatment_capacity(p, stock.capacity_trend, staff, share_kept)
        possible = capacity.total * DAYS_PER_WEEK
        weight = world.p.derived(urgent_weight)
        treated = cohorts.treat(arrived, possible, p.urgent_share[None], p.longest_first_share[None], weight).sum(
            axis=1
        )
        stock.capacity_trend *= half
        self.count_activity(world, capacity, np.minimum(safe_ratio(treated, possible, floor=SMALLEST), 1.0))

        # Referrals and treatments meet within a week: the list after both is the one from which people drop out.
        on_list = stock.rtt.sum(axis=1)
        cohorts.remove(world.p.derived(unreported_removal_share))
        memory.weekly_deaths_while_waiting = (on_list * share_leaving(p.death_rate, YEARS_PER_WEEK)).sum(axis=0)
        out.referral_threshold = threshold.mean(axis=0)
        memory.stops_per_week = treated.sum(axis=0)
        share, known = share_over_18(count_waits(stock.rtt)), stock.perceived_share_over_18_weeks
        stock.perceived_share_over_18_weeks = approach(known, share, p.referral_delay, DAYS_PER_WEEK)

    def count_activity(self, world: World, capacity: Capacity, used: np.ndarray) -> None:
        """Turn the treatments of a week into attendances, procedures and admissions.

        Args:
            world: the run.
            capacity: treatments possible in a day.
            used: share of the capacity that has somebody to treat, by specialty.
        """
        p, _, _, _, out, memory, _ = views(world)
        spells = p.procedures_per_admitted
        planned = (capacity.overnight_planned * used).sum(axis=0) * spells
        overnight = (capacity.overnight * used).sum(axis=0) * spells
        day_cases = (capacity.day_case * used).sum(axis=0) * spells
        by_nhs = ((capacity.nonadmitted + capacity.day_case + capacity.overnight) * used).sum(axis=0)
        attendances = p.attendances_per_stop * by_nhs
        independent = (capacity.independent * used).sum(axis=0)
        out.elective_admissions_planned = planned
        memory.weekly_cancelled_admissions = (planned - overnight) * DAYS_PER_WEEK
        memory.weekly_procedures = (overnight + day_cases) * DAYS_PER_WEEK
        memory.weekly_day_cases = day_cases * DAYS_PER_WEEK
        memory.weekly_outpatient_attendances = attendances * DAYS_PER_WEEK
        memory.weekly_independent_stops = independent * DAYS_PER_WEEK
        memory.weekly_independent_procedures = independent * p.independent_admitted_share * spells * DAYS_PER_WEEK
        work = attendances + p.procedure_work * (overnight + day_cases)
        memory.first_work = np.where(memory.first_work > 0.0, memory.first_work, work)
        out.activity_index = safe_ratio(work, memory.first_work, floor=SMALLEST)

    def publish_counts(self, world: World, counts: dict[int, np.ndarray]) -> None:
        """Set the outputs that count those waiting."""
        _, _, _, _, out, memory, _ = views(world)
        total = counts[0].sum(axis=0)
        out.rtt_by_specialty, out.rtt_total = counts[0], total
        for weeks in THRESHOLDS:
            setattr(out, f"over_{weeks}_weeks", counts[weeks].sum(axis=0))
        out.share_over_18_weeks = safe_ratio(out.over_18_weeks, total, floor=1.0)
        out.within_18_weeks = 1.0 - out.share_over_18_weeks
        out.clearing_weeks = safe_ratio(total, memory.stops_per_week, floor=1.0)
