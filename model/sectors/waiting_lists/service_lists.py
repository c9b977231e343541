"""The six lists outside referral to treatment, with one set of equations for all, and their waiting-time measures.

Diagnostics, cancer (referral to diagnosis), talking therapies, children and young people's mental health, adult
community mental health, and community services. The waiting-list sector steps them.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from model.engine.dynamics import SMALLEST, safe_ratio, share_leaving
from model.engine.world import World
from model.registry.dimensions import DIMENSIONS, position
from model.sectors.waiting_lists.cohort import WaitingCohorts
from model.sectors.waiting_lists.declarations import SERVICE_LIST
from model.sectors.waiting_lists.treatment_order import (
    DAYS_PER_WEEK,
    elapsed_share_of_week,
    over_threshold,
    removal_rate,
    share_within,
    week_boundaries,
)

LISTS = DIMENSIONS["service_list"]
WEEKS = np.arange(len(DIMENSIONS["weeks_waited_service"]), dtype=float)[:, None]
THRESHOLDS = (6, 13, 18, 52)
CANCER, TALKING_THERAPIES = (position("service_list", label) for label in ("cancer", "talking_therapies"))
MEASURED = [CANCER, TALKING_THERAPIES]
"""The lists of which the waits of those seen are measured."""
LONGEST_SUBSTEP_DAYS = 3.5
"""These lists turn over within weeks: they move in substeps of at most half a week, so that the order of treatment does
not depend on the step of the sector."""
DIAGNOSIS_DAYS, TREATMENT_DAYS, REFERRAL_TO_TREATMENT_DAYS = 28.0, 31.0, 62.0
"""The national cancer standards: referral to diagnosis, decision to treatment, referral to treatment."""
TALKING_THERAPIES_WEEKS = 6.0
"""The national standard for entering talking therapies."""

NEED_OF_LIST = {
    "diagnostics": "diagnostics",
    "cancer": "cancer_referral",
    "talking_therapies": "talking_therapies",
    "cyp_mental_health": "cyp_mental_health",
    "adult_community_mental_health": "adult_community_mental_health",
    "community": "community_contact",
}
"""The service whose need moves the arrivals of each list."""

EMPLOYER_OF_LIST = {
    "diagnostics": "acute",
    "cancer": "acute",
    "talking_therapies": "mental_health",
    "cyp_mental_health": "mental_health",
    "adult_community_mental_health": "mental_health",
    "community": "community",
}
"""The employer whose staff work through each list."""


class ServiceLists:
    """The six lists, week by week.

    Args:
        world: state; the lists of April 2019 are filled in.
    """

    def __init__(self, world: World) -> None:
        self.list = WaitingCohorts(
            SERVICE_LIST,
            "waiting_lists.service_ageing",
            "waiting_lists.service_starts",
            "waiting_lists.service_removals",
            "waiting_lists.service_stops",
        )
        self.list.allocate(world)
        self.services = [position("service", NEED_OF_LIST[label]) for label in LISTS]
        self.employers = [position("employer", EMPLOYER_OF_LIST[label]) for label in LISTS]
        self.seen = np.zeros((len(MEASURED), len(WEEKS), world.members))
        self.need_at_start = world.outputs["demand.need"][self.services].sum(axis=1)
        profile = world.p["waiting_lists.service_initial_profile"]
        profile = profile / profile.sum(axis=1, keepdims=True)
        world.stocks[SERVICE_LIST][...] = world.p["waiting_lists.service_initial_list"][:, None] * profile
        world.stocks["waiting_lists.service_capacity_trend"].fill(1.0)
        self.publish_counts(world, elapsed=1.0)

    def step(self, world: World) -> None:
        """Age, refer, see people and remove, in substeps of at most half a week; then measure the waits."""
        clock, p = world.clock, world.p
        need = world.outputs["demand.need"][self.services].sum(axis=1)
        arrivals = service_referrals(world, safe_ratio(need, self.need_at_start, floor=SMALLEST))
        capacity = service_capacity(world, world.extrapolated("workforce.effective_staff")[self.employers])
        urgent_weight = p.derived(service_urgent_weight)
        self.seen.fill(0.0)
        substeps = int(np.ceil(clock.span / LONGEST_SUBSTEP_DAYS))
        span = clock.span / substeps
        removed_share = p.derived(service_removal_share, span / DAYS_PER_WEEK)
        for substep in range(substeps):
            self.list.age(world, week_boundaries(clock.day + substep * span, span))
            self.list.arrive(world, arrivals * span)
            seen = self.list.treat(
                world,
                capacity * span,
                p["waiting_lists.service_urgent_share"],
                p["waiting_lists.service_longest_first_share"],
                urgent_weight,
            )
            self.seen += seen[MEASURED]
            self.list.remove(world, removed_share)
        self.publish_counts(world, elapsed_share_of_week(clock.day + clock.span))
        publish_cancer_waits(world, self.seen[0])
        world.outputs["waiting_lists.talking_therapies_within_6_weeks"][...] = share_within(
            self.seen[1], TALKING_THERAPIES_WEEKS
        )

    def publish_counts(self, world: World, elapsed: float) -> None:
        """Set the outputs that count those waiting."""
        waiting = world.stocks[SERVICE_LIST]
        out = world.outputs
        total = waiting.sum(axis=1)
        out["waiting_lists.service_list_total"][...] = total
        for weeks in THRESHOLDS:
            out[f"waiting_lists.service_over_{weeks}_weeks"][...] = over_threshold(waiting, weeks, elapsed)
        per_week = world.flows["waiting_lists.service_stops"] * DAYS_PER_WEEK / world.clock.span
        out["waiting_lists.service_clearing_weeks"][...] = safe_ratio(total, per_week, floor=1.0)


def service_referrals(world: World, relative_need: np.ndarray) -> np.ndarray:
    """Referrals in a day by list: those of April 2019 moved by need and by the referral lever."""
    p = world.p
    return p["waiting_lists.service_starts_at_start"] * p["waiting_lists.service_referral_multiplier"] * relative_need


def service_urgent_weight(p: Mapping[str, np.ndarray]) -> np.ndarray:
    """Share of those waiting who are urgent, by weeks waited."""
    return np.exp(-WEEKS / p["waiting_lists.service_urgent_weeks"])


def service_removal_share(p: Mapping[str, np.ndarray], weeks: float) -> np.ndarray:
    """Share of each list removed over some weeks, by weeks waited.

    A constant rate, and reneging that rises with the wait (B3).
    """
    always = p["waiting_lists.service_removal_rate"] * p["waiting_lists.service_removal_multiplier"]
    rate = removal_rate(
        WEEKS,
        always[:, None],
        p["waiting_lists.service_reneging_rate"][:, None],
        p["waiting_lists.service_reneging_half_point"][:, None],
        p["waiting_lists.service_reneging_slope"][:, None],
        p["loops.B3_reneging"],
    )
    return share_leaving(rate, weeks)


def service_capacity(world: World, staff: np.ndarray) -> np.ndarray:
    """People who can be seen in a day by list, as in the middle of the step; its growth compounds.

    Args:
        world: state.
        staff: effective staff of the employer of each list, 1 in April 2019.
    """
    p = world.p
    half = np.exp(0.5 * p["waiting_lists.service_capacity_growth"] * world.clock.years_spanned)
    trend = world.stocks["waiting_lists.service_capacity_trend"]
    trend *= half
    capacity = (
        p["waiting_lists.service_capacity"]
        * p["waiting_lists.service_capacity_multiplier"]
        * trend
        * staff ** p["waiting_lists.staffing_elasticity"]
    )
    trend *= half
    return capacity


def publish_cancer_waits(world: World, seen: np.ndarray) -> None:
    """Shares of cancer patients within the national standards.

    The list runs from referral to diagnosis. The interval from decision to treatment is Weibull with a scale that
    lengthens as beds for overnight electives are lost; the 62 days leave for diagnosis what it does not take.

    Args:
        world: state.
        seen: people diagnosed or cleared by weeks waited, shape ``(weeks, members)``.
    """
    p, out = world.p, world.outputs
    share_kept = np.maximum(out["urgent_care.elective_share_kept"], p["waiting_lists.cancer_least_share_kept"])
    interval = (
        p["waiting_lists.cancer_treatment_interval"] * share_kept ** -p["waiting_lists.cancer_pressure_elasticity"]
    )
    out["waiting_lists.cancer_within_28_days"][...] = share_within(seen, DIAGNOSIS_DAYS / DAYS_PER_WEEK)
    shape = p["waiting_lists.cancer_interval_shape"]
    out["waiting_lists.cancer_within_31_days"][...] = -np.expm1(-((TREATMENT_DAYS / interval) ** shape))
    left_for_diagnosis = np.maximum(REFERRAL_TO_TREATMENT_DAYS - interval, 0.0) / DAYS_PER_WEEK
    out["waiting_lists.cancer_within_62_days"][...] = share_within(seen, left_for_diagnosis)
