"""Urgent care and acute beds by site: ambulances, emergency department, wards, escalation and cancellation.

Emergency patients pass from ambulance or door through assessment to a bed; elective patients compete for the same beds.
Patients in treatment become fit to leave after a mean time that lengthens with crowding (R3) and falling staff; from
then on they belong to the discharge sector, but hold their bed. Occupancy is everyone in a bed over beds open.

Fast stocks are solved exactly within a step (``filled_and_left``), so the step may be days although waits are hours.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from model.engine.clock import Clock
from model.engine.dynamics import Numbers, approach, filled_and_left, relative_to_first, safe_ratio
from model.engine.stepper import Sector
from model.engine.world import World
from model.registry.calendar import DAYS_PER_YEAR
from model.registry.declarations import Flow, Loop, Memory, Output, Stock
from model.registry.dimensions import DIMENSIONS, position
from model.sectors.demand.declarations import NEED, STAY_INDEX
from model.sectors.discharge.declarations import NCTR, RELAPSES
from model.sectors.discharge.views import views as discharge_views
from model.sectors.finance.declarations import UNMET_NEED_EFFECT
from model.sectors.urgent_care.declarations import FLOWS, LOOPS, MEMORY, OUTPUTS, STOCKS
from model.sectors.urgent_care.views import Parameters, views
from model.sectors.vcse.declarations import EMERGENCY_NEED_MULTIPLIER
from model.sectors.waiting_lists.declarations import ELECTIVE_ADMISSIONS_PLANNED, HARM_ADMISSIONS
from model.sectors.workforce.declarations import EFFECTIVE_STAFF

ATTENDANCE = position("service", "ae_attendance")
AMBULANCE = position("service", "ambulance_999")
EMERGENCY = position("service", "emergency_admission")
FALLS = position("service", "falls_admission")
ACUTE = position("employer", "acute")
OCCUPANCY_POINTS = np.array([float(label) for label in DIMENSIONS["occupancy_point"]])
HOURS_PER_DAY = 24.0
LONG_WAIT_HOURS, HARMFUL_WAIT_HOURS = 12.0, 6.0
"""Waits for a bed that are counted: over twelve hours, and over six (from where mortality rises, E3321)."""
LEAST_QUEUE_HOURS = 1e-6
"""Hours below which nobody queues for a bed: the share that does is divided by."""
LEAST_STAFFING = 0.05
"""Floor of relative staffing where it is raised to a power: a hospital without staff stays finite."""

TRACKED_SIGNALS = {EFFECTIVE_STAFF.name: 1.0, UNMET_NEED_EFFECT.name: 1.0, EMERGENCY_NEED_MULTIPLIER.name: 1.0}
"""Signals read as they are in the middle of the step, and where in their owner's step they stand."""


@dataclass(frozen=True)
class Arrivals:
    """Patients who arrive in a day.

    Attributes:
        attendances: at emergency departments, by site.
        ambulances: those of them who come by ambulance, by site.
        emergencies: emergency admissions, by place and site.
        overnight: those of them who stay overnight, by place and site.
    """

    attendances: np.ndarray
    ambulances: np.ndarray
    emergencies: np.ndarray
    overnight: np.ndarray


@dataclass(frozen=True)
class Beds:
    """Amounts in the middle of the step, by site.

    Attributes:
        needed: patients in treatment.
        delayed: patients without criteria to reside.
        open: beds open.
        outliers: patients outside the ward of their specialty.
    """

    needed: np.ndarray
    delayed: np.ndarray
    open: np.ndarray
    outliers: np.ndarray

    @property
    def occupied(self) -> np.ndarray:
        """Patients in beds."""
        return self.needed + self.delayed


def response(table: np.ndarray, occupancy: np.ndarray) -> np.ndarray:
    """Return a tabulated response to occupancy, linear between its points and flat beyond them.

    Args:
        table: the response at ``OCCUPANCY_POINTS``, the first axis.
        occupancy: patients in beds over beds open, by site.
    """
    left, right = OCCUPANCY_POINTS[:-1, None, None], OCCUPANCY_POINTS[1:, None, None]
    passed = np.clip((occupancy[None] - left) / (right - left), 0.0, 1.0)
    return table[0] + ((table[1:] - table[:-1])[:, None] * passed).sum(axis=0)


def arrivals(
    p: Parameters, need: np.ndarray, season: np.ndarray, unmet: np.ndarray, voluntary: np.ndarray, harmed: np.ndarray
) -> Arrivals:
    """Return who arrives at the hospitals.

    Args:
        p: parameters.
        need: contacts a day by service and place.
        season: level of the time of the year, 1 in its mean.
        unmet: effect of unmet need for social care, by place.
        voluntary: effect of what the voluntary sector does, by place.
        harmed: admissions a day of people who come to harm on a waiting list.
    """
    attendances = (need[ATTENDANCE] * p.emergency_department_share)[:, None] * p.catchment
    ambulances = (need[AMBULANCE] * p.conveyed_share)[:, None] * p.catchment
    emergencies = need[EMERGENCY] + need[FALLS]
    harm = safe_ratio(harmed * emergencies, emergencies.sum(axis=0), floor=1e-12)
    emergencies = (emergencies * unmet * voluntary * season + harm)[:, None] * p.catchment
    return Arrivals(
        attendances=(attendances * season * (unmet * voluntary)[:, None]).sum(axis=0),
        ambulances=(ambulances * season).sum(axis=0),
        emergencies=emergencies,
        overnight=emergencies * (1.0 - p.same_day_emergency_share),
    )


def wait_for_bed_hours(p: Parameters, exit_block: np.ndarray, occupancy: np.ndarray, held: np.ndarray) -> np.ndarray:
    """Mean hours from decision to admit to a bed by site; at zero gain of R3 that of the way to a bed that is free.

    Args:
        p: parameters.
        exit_block: gain of R3.
        occupancy: patients in beds over beds open, by site.
        held: share of beds open that patients without criteria to reside hold, by site.
    """
    excess = response(p.wait_for_bed_response, occupancy) - p.uncrowded_wait_for_bed
    return p.uncrowded_wait_for_bed + exit_block * (excess + p.delay_per_nctr_share * held)


def share_waiting_over(p: Parameters, wait: np.ndarray, hours: float) -> np.ndarray:
    """Share of admissions that wait longer for a bed, where so many hours are waited in the mean.

    The more is waited beyond the way to a free bed, the more of the patients queue at all, and the longer each does.
    """
    beyond = np.maximum(wait - p.uncrowded_wait_for_bed, LEAST_QUEUE_HOURS)
    queueing = -np.expm1(-beyond / p.long_wait_onset)
    mean = p.long_wait_scale * (p.uncrowded_wait_for_bed + beyond / queueing)
    return (1.0 - queueing) * np.exp(-hours / p.uncrowded_wait_for_bed) + queueing * np.exp(-hours / mean)


def handover_hours(p: Parameters, wait: np.ndarray) -> np.ndarray:
    """Mean hours of an ambulance handover where patients wait so long for a bed: they hold cubicles meanwhile."""
    beyond = np.maximum(wait - p.uncrowded_wait_for_bed, 0.0)
    uncrowded = p.base_handover_hours + p.handover_queue_hours
    return uncrowded + p.handover_per_boarding_hour * beyond**p.handover_power


def core_beds(p: Parameters, year: Numbers) -> np.ndarray:
    """General and acute beds open every day by site, with those that are added year by year."""
    years = np.maximum(year - p.core_bed_growth_from, 0.0)
    return p.core_beds * (1.0 + p.core_bed_growth) ** years


def treatment_days(
    p: Parameters, wait_hours: np.ndarray, outlying: np.ndarray, staffing: np.ndarray, age: np.ndarray, years: Numbers
) -> np.ndarray:
    """Mean days from admission until fit to leave, by site: age mix, crowding (R3), outlying (R3) and staffing.

    Args:
        p: parameters.
        wait_hours: mean wait for a bed, by site.
        outlying: share of patients outside the ward of their specialty, by site.
        staffing: effective acute staff over the work of the hospitals, 1 in April 2019.
        age: effect of age on stays, by site.
        years: since April 2019.
    """
    crowding = 1.0 + p.crowding_stay_response * (wait_hours - p.uncrowded_wait_for_bed)
    penalty = 1.0 + p.outlier_stay_penalty * outlying
    slow = np.maximum(staffing, LEAST_STAFFING) ** -p.staffing_elasticity_of_stay
    base = p.treatment_days_emergency * p.treatment_multiplier * (1.0 + p.stay_trend) ** years
    return base * age * crowding * penalty * slow


def share_of_electives_kept(p: Parameters, gain: np.ndarray, occupancy: np.ndarray) -> np.ndarray:
    """Share of planned elective overnight admissions that are not cancelled for want of a bed (R4), by site."""
    return 1.0 - np.minimum(gain * response(p.cancellation_response, occupancy), 1.0)


def escalation_wanted(p: Parameters, gain: np.ndarray, in_beds: np.ndarray, core: np.ndarray) -> np.ndarray:
    """Escalation beds that the sites would open for the patients in their beds (B4)."""
    above = np.maximum(in_beds - p.escalation_trigger * core, 0.0)
    return np.minimum(gain * p.escalation_response * above, p.escalation_beds_limit * core)


def outliers_wanted(p: Parameters, exit_block: np.ndarray, in_beds: np.ndarray, occupancy: np.ndarray) -> np.ndarray:
    """Patients whom the sites would put outside the ward of their specialty as beds fill (R3)."""
    share = p.outlier_share_at_full * np.maximum(occupancy - p.outlier_onset, 0.0) / (1.0 - p.outlier_onset)
    return exit_block * share * in_beds


def share_by_place(overnight: np.ndarray) -> np.ndarray:
    """Residence of those admitted to each site, by place and site; even where nobody is."""
    total = overnight.sum(axis=0)
    shared = overnight / np.where(total > 0.0, total, 1.0)
    return np.where(total > 0.0, shared, 1.0 / overnight.shape[0])


def arrivals_now(world: World) -> Arrivals:
    """Return who arrives in a day of the current step."""
    p = views(world).p
    return arrivals(
        p,
        world.signal(NEED),
        1.0 + p.winter_amplitude * world.clock.season(p.winter_peak_day),
        world.extrapolated(UNMET_NEED_EFFECT),
        world.extrapolated(EMERGENCY_NEED_MULTIPLIER),
        world.signal(HARM_ADMISSIONS),
    )


def staff_for_the_work(world: World) -> np.ndarray:
    """Effective acute staff over the work of the hospitals, 1 in April 2019."""
    return world.extrapolated(EFFECTIVE_STAFF)[ACUTE] / views(world).out.work_index


def treatment_days_now(world: World, wait_hours: np.ndarray, outlying: np.ndarray) -> np.ndarray:
    """Return ``treatment_days`` with the patients and staff of the current step."""
    p, _, _, _, out, _, _ = views(world)
    age = (world.signal(STAY_INDEX)[:, None] * out.place_share).sum(axis=0)
    return treatment_days(p, wait_hours, outlying, staff_for_the_work(world), age, world.clock.middle / DAYS_PER_YEAR)


class UrgentCare(Sector):
    """Emergency departments and acute beds at three sites."""

    name: ClassVar[str] = "urgent_care"
    title: ClassVar[str] = "Urgent care and acute beds"
    every: ClassVar[int] = 1
    stocks: ClassVar[tuple[Stock, ...]] = STOCKS
    flows: ClassVar[tuple[Flow, ...]] = FLOWS
    outputs: ClassVar[tuple[Output, ...]] = OUTPUTS
    memory: ClassVar[tuple[Memory, ...]] = MEMORY
    loops: ClassVar[tuple[Loop, ...]] = LOOPS
    tracked: ClassVar[Mapping[str, float]] = TRACKED_SIGNALS
    calendar: ClassVar[Mapping[str, Callable[[Clock], float]]] = {"first_step": lambda clock: float(clock.step == 0)}

    def initialise(self, world: World) -> None:
        """Fill the beds: elective and needed emergency stays in balance with admissions, NCTR is set by discharge."""
        p, _, stock, _, out, _, _ = views(world)
        out.work_index = out.elective_share_kept = 1.0
        stock.occupancy_felt = out.occupancy = p.initial_occupancy
        planned = world.signal(ELECTIVE_ADMISSIONS_PLANNED) * p.elective_site_share
        stock.inpatients_elective = planned * p.treatment_days_elective
        occupied = p.core_beds * p.initial_occupancy
        initial_nctr = discharge_views(world).p.initial_nctr.sum(axis=(0, 1))
        delayed = safe_ratio(initial_nctr * p.core_beds, p.core_beds.sum(axis=0))
        stock.inpatients_emergency = np.maximum(occupied - stock.inpatients_elective - delayed, 0.0)
        out.beds_occupied = occupied.sum(axis=0)
        arriving, span = arrivals_now(world), world.clock.span
        out.place_share = share_by_place(arriving.overnight)
        # What others read before the first step of the hospital is what goes on when it begins.
        needed = (stock.inpatients_emergency + stock.inpatients_elective).sum(axis=0)
        out.attendances = arriving.attendances.sum(axis=0) * span
        out.bed_days_needed = needed * span
        out.bed_days_delayed = (occupied.sum(axis=0) - needed) * span

    def step(self, world: World) -> None:
        """One step of the hospital, patients in the order ambulance, department, ward, fit to leave."""
        p, gain, stock, _, out, _, _ = views(world)
        open_beds = core_beds(p, world.clock.year) + stock.escalation_beds
        beds = self.midway(world, open_beds)
        occupancy = safe_ratio(beds.occupied, beds.open)
        out.occupancy = occupancy
        self.publish_beds(world, beds.needed.sum(axis=0), beds.delayed.sum(axis=0), beds.open.sum(axis=0))
        felt = self.felt(world, occupancy)
        arriving = arrivals_now(world)
        out.place_share = share_by_place(arriving.overnight)
        wait = wait_for_bed_hours(p, gain.R3_exit_block, felt, held=safe_ratio(beds.delayed, beds.open))
        self.emergency_department(world, arriving, wait, felt)
        stay = treatment_days_now(world, wait, outlying=safe_ratio(beds.outliers, beds.occupied))
        self.wards(world, arriving, wait, stay, felt, open_beds)
        self.escalate(world, beds.occupied, occupancy)
        self.count_work(world, arriving)

    def midway(self, world: World, open_beds: np.ndarray) -> Beds:
        """Amounts as they will be in the middle of the step, on the line from those of the last step.

        ``World.extrapolated`` does not serve here: the discharge sector moves these patients too, after this
        sector's step.
        """
        _, _, stock, _, _, memory, _ = views(world)
        now = {
            "needed": stock.inpatients_emergency + stock.inpatients_elective,
            "delayed": world.signal(NCTR).sum(axis=(1, 2, 3)),
            "open": open_beds,
            "outliers": stock.outliers,
        }
        first = world.calendar("first_step") > 0.0
        midway = {}
        for name, amount in now.items():
            before = np.where(first, amount, getattr(memory, f"{name}_before"))
            midway[name] = np.maximum(1.5 * amount - 0.5 * before, 0.0)
            setattr(memory, f"{name}_before", amount)
        return Beds(**midway)

    def felt(self, world: World, occupancy: np.ndarray) -> np.ndarray:
        """Occupancy as waits and cancellations follow it: a running mean, as it is in the middle of the step.

        The curves are of means over many days. Against the occupancy of single days they would be too steep: a full
        day would empty the next.
        """
        p, _, stock, _, _, _, _ = views(world)
        span, before = world.clock.span, stock.occupancy_felt
        midway = approach(before, occupancy, p.occupancy_memory, 0.5 * span)
        stock.occupancy_felt = approach(before, occupancy, p.occupancy_memory, span)
        return midway

    def emergency_department(self, world: World, arriving: Arrivals, wait: np.ndarray, occupancy: np.ndarray) -> None:
        """Ambulance handover, wait to be seen, assessment, and the wait for a bed of those who stay overnight."""
        p, gain, stock, _, out, _, move = views(world)
        span = world.clock.span
        handover = handover_hours(p, wait)
        ambulances = move.ambulance_arrivals(arriving.ambulances * span)
        handed_over = filled_and_left(stock.ambulances_waiting - ambulances, ambulances, HOURS_PER_DAY / handover, span)
        move.handovers(handed_over)
        walking = np.maximum(arriving.attendances - arriving.ambulances, 0.0) * span
        move.walk_in_arrivals(walking)
        crowding = safe_ratio(stock.waiting_for_bed, stock.in_assessment, floor=1.0)
        slower = 1.0 + gain.R3_exit_block * p.crowding_of_assessment * crowding
        seen_rate = HOURS_PER_DAY / (p.wait_to_be_seen_hours * slower)
        joined = handed_over + walking
        seen = filled_and_left(stock.waiting_to_be_seen - joined, joined, seen_rate, span)
        move.seen(seen)
        assessed = filled_and_left(stock.in_assessment - seen, seen, HOURS_PER_DAY / p.assessment_hours, span)
        through_department = arriving.overnight.sum(axis=0) * (1.0 - p.direct_admission_share) * span
        to_bed = np.minimum(through_department, assessed)
        move.decisions_to_admit(to_bed)
        move.departures(assessed - to_bed)

        shortage = np.maximum(1.0 - staff_for_the_work(world), 0.0)
        crowded = response(p.breach_response, occupancy) + p.breach_per_crowding * crowding
        breach = p.breach_base + gain.R3_exit_block * crowded + p.breach_staffing_response * shortage
        breaches = (np.minimum(breach, 1.0) * assessed).sum(axis=0)
        out.four_hour_share = 1.0 - safe_ratio(breaches, assessed.sum(axis=0), floor=1e-12)
        out.twelve_hour_waits = (to_bed * share_waiting_over(p, wait, LONG_WAIT_HOURS)).sum(axis=0)
        out.delayed_over_six_hours = (to_bed * share_waiting_over(p, wait, HARMFUL_WAIT_HOURS)).sum(axis=0)
        out.handover_hours_lost = (handed_over * np.maximum(handover - p.handover_standard_hours, 0.0)).sum(axis=0)
        out.attendances = assessed.sum(axis=0)

    def wards(
        self,
        world: World,
        arriving: Arrivals,
        wait: np.ndarray,
        stay: np.ndarray,
        occupancy: np.ndarray,
        open_beds: np.ndarray,
    ) -> None:
        """Admission to beds, within the places there are, and treatment until fit to leave."""
        p, gain, stock, flow, out, _, move = views(world)
        span = world.clock.span
        direct = arriving.overnight.sum(axis=0) * p.direct_admission_share * span
        decided = flow.decisions_to_admit
        wanting = filled_and_left(stock.waiting_for_bed - decided, decided, HOURS_PER_DAY / wait, span)
        share_kept = share_of_electives_kept(p, gain.R4_cancellation, occupancy)
        planned = world.signal(ELECTIVE_ADMISSIONS_PLANNED) * p.elective_site_share * span
        elective_rate = 1.0 / p.treatment_days_elective
        leaving = (stock.inpatients_emergency / stay + stock.inpatients_elective * elective_rate) * span
        in_beds = stock.inpatients_emergency + stock.inpatients_elective + world.signal(NCTR).sum(axis=(1, 2, 3))
        space = np.maximum(open_beds * p.occupancy_limit - in_beds + leaving, 0.0)
        emergency = np.minimum(wanting + direct, space)
        fits = safe_ratio(emergency, wanting + direct, floor=1e-12)
        move.admissions_from_department(wanting * fits)
        move.direct_admissions(direct * fits)
        elective_in = np.minimum(planned * share_kept, space - emergency)
        move.elective_admissions(elective_in)

        # Patients who relapse return when the discharge sector steps; those of the last step stand for them here.
        in_treatment, elective = stock.inpatients_emergency, stock.inpatients_elective
        joining = emergency + world.signal(RELAPSES)
        fit = np.minimum(filled_and_left(in_treatment - emergency, joining, 1.0 / stay, span), in_treatment)
        died = fit * p.in_hospital_death_share
        move.deaths_in_hospital(died)
        out.fit_to_leave = fit - died
        home = filled_and_left(elective - elective_in, elective_in, elective_rate, span)
        move.elective_discharges(home)

        out.cancellations = (planned - elective_in).sum(axis=0)
        wanted = planned.sum(axis=0)
        kept_share = elective_in.sum(axis=0) / np.where(wanted > 0.0, wanted, 1.0)
        out.elective_share_kept = np.where(wanted > 0.0, kept_share, 1.0)
        out.wait_for_bed = safe_ratio((wait * decided).sum(axis=0), decided.sum(axis=0), floor=1e-12)
        out.overnight_admissions = emergency.sum(axis=0) + elective_in.sum(axis=0)

    def escalate(self, world: World, in_beds: np.ndarray, occupancy: np.ndarray) -> None:
        """Open or close escalation beds (B4) and spread patients over other wards as beds fill (R3)."""
        p, gain, stock, _, _, _, _ = views(world)
        span, core = world.clock.span, core_beds(p, world.clock.year)
        wanted = escalation_wanted(p, gain.B4_escalation, in_beds, core)
        stock.escalation_beds = approach(stock.escalation_beds, wanted, p.escalation_delay, span)
        outlying = outliers_wanted(p, gain.R3_exit_block, in_beds, occupancy)
        stock.outliers = approach(stock.outliers, outlying, p.outlier_delay, span)

    def publish_beds(self, world: World, needed: np.ndarray, delayed: np.ndarray, open_beds: np.ndarray) -> None:
        """Beds and bed days of the step, all sites.

        Args:
            world: the run.
            needed: patients who need their bed, mean over the step.
            delayed: patients without criteria to reside, mean over the step.
            open_beds: beds open.
        """
        p, _, _, _, out, _, _ = views(world)
        span = world.clock.span
        out.beds_occupied = needed + delayed
        out.beds_open = open_beds
        out.beds_required = (needed + delayed) / p.planning_occupancy
        out.bed_days_needed = needed * span
        out.bed_days_delayed = delayed * span

    def count_work(self, world: World, arriving: Arrivals) -> None:
        """Emergency admissions, and the work of the hospitals relative to April 2019."""
        _, _, _, _, out, memory, _ = views(world)
        out.emergency_admissions = arriving.emergencies.sum(axis=(0, 1)) * world.clock.span
        work = arriving.attendances.sum(axis=0) + out.beds_occupied
        out.work_index = relative_to_first(work, memory.first_work)
