"""The six lists outside referral to treatment, with one set of equations for all, and their waiting-time measures.

Diagnostics, cancer (referral to diagnosis), talking therapies, children and young people's mental health, adult
community mental health, and community services. The waiting-list sector steps them.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from model.engine.dynamics import SMALLEST, Numbers, safe_ratio, share_leaving
from model.engine.views import Values
from model.engine.world import World
from model.registry.dimensions import DIMENSIONS, position
from model.sectors.demand.declarations import NEED
from model.sectors.urgent_care.declarations import ELECTIVE_SHARE_KEPT
from model.sectors.waiting_lists.cohort import WaitingCohorts
from model.sectors.waiting_lists.treatment_order import DAYS_PER_WEEK, over_threshold, removal_rate, share_within
from model.sectors.waiting_lists.views import Parameters, views
from model.sectors.workforce.declarations import EFFECTIVE_STAFF

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


SERVICES = [position("service", NEED_OF_LIST[label]) for label in LISTS]
EMPLOYERS = [position("employer", EMPLOYER_OF_LIST[label]) for label in LISTS]


def substeps(span: float) -> int:
    """Substeps of a step of so many days."""
    return int(np.ceil(span / LONGEST_SUBSTEP_DAYS))


def urgent_weight(arrays: Mapping[str, np.ndarray]) -> np.ndarray:
    """Share of those waiting who are urgent, by weeks waited."""
    return np.exp(-WEEKS / arrays["waiting_lists.service_urgent_weeks"])


def removal_share(arrays: Mapping[str, np.ndarray], weeks: float) -> np.ndarray:
    """Share of each list removed over some weeks, by weeks waited.

    A constant rate, and reneging that rises with the wait (B3).
    """
    p, gain = Parameters(arrays, "waiting_lists"), Values(arrays, "loops")
    rate = removal_rate(
        WEEKS,
        (p.service_removal_rate * p.service_removal_multiplier)[:, None],
        p.service_reneging_rate[:, None],
        p.service_reneging_half_point[:, None],
        p.service_reneging_slope[:, None],
        gain.B3_reneging,
    )
    return share_leaving(rate, weeks)


def within_standards(
    p: Parameters, seen: np.ndarray, share_kept: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Shares of cancer patients within 28, 31 and 62 days.

    The list runs from referral to diagnosis. The interval from decision to treatment is Weibull with a scale that
    lengthens as beds for overnight electives are lost; the 62 days leave for diagnosis what it does not take.

    Args:
        p: parameters.
        seen: people diagnosed or cleared by weeks waited, shape ``(weeks, members)``.
        share_kept: share of overnight electives that are not cancelled.
    """
    kept = np.maximum(share_kept, p.cancer_least_share_kept)
    interval = p.cancer_treatment_interval * kept**-p.cancer_pressure_elasticity
    left_for_diagnosis = np.maximum(REFERRAL_TO_TREATMENT_DAYS - interval, 0.0) / DAYS_PER_WEEK
    return (
        share_within(seen, DIAGNOSIS_DAYS / DAYS_PER_WEEK),
        -np.expm1(-((TREATMENT_DAYS / interval) ** p.cancer_interval_shape)),
        share_within(seen, left_for_diagnosis),
    )


def initialise(world: World) -> None:
    """Lists of April 2019 with the waits of a steady state."""
    p, _, stock, _, _, memory, _ = views(world)
    profile = p.service_initial_profile / p.service_initial_profile.sum(axis=1, keepdims=True)
    stock.service_list = p.service_initial_list[:, None] * profile
    stock.service_capacity_trend = 1.0
    memory.service_first_need = world.signal(NEED)[SERVICES].sum(axis=1)
    publish_counts(world, elapsed=1.0)


def step(world: World) -> None:
    """Age, refer, see people and remove, in substeps of at most half a week; then measure the waits."""
    p, _, stock, _, out, memory, move = views(world)
    cohorts = WaitingCohorts(
        stock.service_list, move.service_ageing, move.service_starts, move.service_removals, move.service_stops
    )
    need = safe_ratio(world.signal(NEED)[SERVICES].sum(axis=1), memory.service_first_need, floor=SMALLEST)
    referrals = p.service_starts_at_start * p.service_referral_multiplier * need
    # Capacity is that of the middle of the step; its growth compounds.
    half = np.exp(0.5 * p.service_capacity_growth * world.clock.years_spanned)
    stock.service_capacity_trend *= half
    staff = world.extrapolated(EFFECTIVE_STAFF)[EMPLOYERS] ** p.staffing_elasticity
    capacity = p.service_capacity * p.service_capacity_multiplier * stock.service_capacity_trend * staff
    stock.service_capacity_trend *= half
    count = substeps(world.clock.span)
    span = world.clock.span / count
    removed = world.p.derived(removal_share, span / DAYS_PER_WEEK)
    weight = world.p.derived(urgent_weight)
    seen = np.zeros_like(stock.service_list[MEASURED])
    for substep in range(count):
        cohorts.age(world.pattern(f"weeks_begun_in_substep_{substep}"))
        arrived = cohorts.arrive(referrals * span)
        treated = cohorts.treat(arrived, capacity * span, p.service_urgent_share, p.service_longest_first_share, weight)
        seen += treated[MEASURED]
        cohorts.remove(removed)
    publish_counts(world, world.calendar("share_of_week_at_end"))
    shares = within_standards(p, seen[0], world.signal(ELECTIVE_SHARE_KEPT))
    out.cancer_within_28_days, out.cancer_within_31_days, out.cancer_within_62_days = shares
    out.talking_therapies_within_6_weeks = share_within(seen[1], TALKING_THERAPIES_WEEKS)


def publish_counts(world: World, elapsed: Numbers) -> None:
    """Set the outputs that count those waiting."""
    _, _, stock, flow, out, _, _ = views(world)
    out.service_list_total = stock.service_list.sum(axis=1)
    for weeks in THRESHOLDS:
        setattr(out, f"service_over_{weeks}_weeks", over_threshold(stock.service_list, weeks, elapsed))
    per_week = flow.service_stops * DAYS_PER_WEEK / world.clock.span
    out.service_clearing_weeks = safe_ratio(out.service_list_total, per_week, floor=1.0)
