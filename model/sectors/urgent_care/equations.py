"""Urgent care and acute beds by site: ambulances, emergency department, wards, escalation and cancellation.

Emergency patients pass from ambulance or door through assessment to a bed; elective patients compete for the same beds.
Patients in treatment become fit to leave after a mean time that lengthens with crowding (R3) and falling staff; from
then on they belong to the discharge sector, but hold their bed. Occupancy is everyone in a bed over beds open.

Fast stocks are solved exactly within a step (``filled_and_left``), so the step may be days although waits are hours.
"""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from model.engine.dynamics import approach, filled_and_left, relative_to_first, safe_ratio
from model.engine.stepper import Sector
from model.engine.world import World
from model.registry.calendar import DAYS_PER_YEAR
from model.registry.declarations import Flow, Loop, Output, Stock
from model.registry.dimensions import DIMENSIONS, position
from model.sectors.urgent_care.declarations import FLOWS, LOOPS, OUTPUTS, STOCKS

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

TRACKED_SIGNALS = {
    "workforce.effective_staff": 1.0,
    "finance.unmet_need_effect": 1.0,
    "vcse.emergency_need_multiplier": 1.0,
}
"""Signals read as they are in the middle of the step, and where in their owner's step they stand."""


def response(world: World, name: str, occupancy: np.ndarray) -> np.ndarray:
    """A tabulated response to occupancy, linear between its points and flat beyond them (shape of ``occupancy``)."""
    table = np.broadcast_to(world.p[name], (len(OCCUPANCY_POINTS), world.members))
    lower = np.clip(np.searchsorted(OCCUPANCY_POINTS, occupancy) - 1, 0, len(OCCUPANCY_POINTS) - 2)
    left, right = OCCUPANCY_POINTS[lower], OCCUPANCY_POINTS[lower + 1]
    share = np.clip((occupancy - left) / (right - left), 0.0, 1.0)
    at_left = np.take_along_axis(table, lower, axis=0)
    at_right = np.take_along_axis(table, lower + 1, axis=0)
    return at_left + (at_right - at_left) * share


def patients_in_beds(world: World) -> np.ndarray:
    """Patients in acute beds by site: in treatment, elective, and without criteria to reside."""
    return (
        world.stocks["urgent_care.inpatients_emergency"]
        + world.stocks["urgent_care.inpatients_elective"]
        + world.stocks["discharge.nctr"].sum(axis=(1, 2, 3))
    )


def arrivals(world: World) -> dict[str, np.ndarray]:
    """Arrivals per day: attendances and ambulances by site, overnight emergency admissions by place and site."""
    p = world.p
    need = world.outputs["demand.need"]
    catchment = p["urgent_care.catchment"]
    season = 1.0 + p["urgent_care.winter_amplitude"] * world.clock.season(
        float(p["urgent_care.winter_peak_day"].flat[0])
    )
    attendances = (need[ATTENDANCE] * p["urgent_care.emergency_department_share"])[:, None] * catchment
    ambulances = (need[AMBULANCE] * p["urgent_care.conveyed_share"])[:, None] * catchment
    emergencies = need[EMERGENCY] + need[FALLS]
    unmet = world.extrapolated("finance.unmet_need_effect")
    voluntary = world.extrapolated("vcse.emergency_need_multiplier")
    harm = safe_ratio(
        world.outputs["waiting_lists.harm_admissions"] * emergencies, emergencies.sum(axis=0), floor=1e-12
    )
    emergencies = (emergencies * unmet * voluntary * season + harm)[:, None] * catchment
    return {
        "attendances": (attendances * season * (unmet * voluntary)[:, None]).sum(axis=0),
        "ambulances": (ambulances * season).sum(axis=0),
        "emergencies": emergencies,
        "overnight": emergencies * (1.0 - p["urgent_care.same_day_emergency_share"]),
    }


def wait_for_bed_hours(world: World, occupancy: np.ndarray, held: np.ndarray) -> np.ndarray:
    """Mean hours from decision to admit to a bed by site; at zero gain of R3 that of the way to a bed that is free.

    Args:
        world: the run.
        occupancy: patients in beds over beds open, by site.
        held: share of beds open that patients without criteria to reside hold, by site.
    """
    p = world.p
    uncrowded = p["urgent_care.uncrowded_wait_for_bed"]
    excess = response(world, "urgent_care.wait_for_bed_response", occupancy) - uncrowded
    return uncrowded + p["loops.R3_exit_block"] * (excess + p["urgent_care.delay_per_nctr_share"] * held)


def share_waiting_over(world: World, wait: np.ndarray, hours: float) -> np.ndarray:
    """Share of admissions that wait longer for a bed, where so many hours are waited in the mean.

    The more is waited beyond the way to a free bed, the more of the patients queue at all, and the longer each does.
    """
    p = world.p
    uncrowded, onset = p["urgent_care.uncrowded_wait_for_bed"], p["urgent_care.long_wait_onset"]
    beyond = np.maximum(wait - uncrowded, LEAST_QUEUE_HOURS)
    queueing = -np.expm1(-beyond / onset)
    mean = p["urgent_care.long_wait_scale"] * (uncrowded + beyond / queueing)
    return (1.0 - queueing) * np.exp(-hours / uncrowded) + queueing * np.exp(-hours / mean)


def handover_hours(world: World, wait: np.ndarray) -> np.ndarray:
    """Mean hours of an ambulance handover where patients wait so long for a bed: they hold cubicles meanwhile."""
    p = world.p
    beyond = np.maximum(wait - p["urgent_care.uncrowded_wait_for_bed"], 0.0)
    uncrowded = p["urgent_care.base_handover_hours"] + p["urgent_care.handover_queue_hours"]
    return uncrowded + p["urgent_care.handover_per_boarding_hour"] * beyond ** p["urgent_care.handover_power"]


def core_beds(world: World) -> np.ndarray:
    """General and acute beds open every day by site, with those that are added year by year."""
    p = world.p
    years = np.maximum(world.clock.year - p["urgent_care.core_bed_growth_from"], 0.0)
    return p["urgent_care.core_beds"] * (1.0 + p["urgent_care.core_bed_growth"]) ** years


def beds_open(world: World) -> np.ndarray:
    """Core and escalation beds by site."""
    return core_beds(world) + world.stocks["urgent_care.escalation_beds"]


def staff_for_the_work(world: World) -> np.ndarray:
    """Effective acute staff over the work of the hospitals, 1 in April 2019."""
    return world.extrapolated("workforce.effective_staff")[ACUTE] / world.outputs["urgent_care.work_index"]


def treatment_days(world: World, wait_hours: np.ndarray, outlying: np.ndarray) -> np.ndarray:
    """Mean days from admission until fit to leave, by site: age mix, crowding (R3), outlying (R3) and staffing.

    Args:
        world: the run.
        wait_hours: mean wait for a bed, by site.
        outlying: share of patients outside the ward of their specialty, by site.
    """
    p = world.p
    uncrowded = p["urgent_care.uncrowded_wait_for_bed"]
    crowding = 1.0 + p["urgent_care.crowding_stay_response"] * (wait_hours - uncrowded)
    penalty = 1.0 + p["urgent_care.outlier_stay_penalty"] * outlying
    staffing = np.maximum(staff_for_the_work(world), LEAST_STAFFING)
    slow = staffing ** -p["urgent_care.staffing_elasticity_of_stay"]
    age = (world.outputs["demand.stay_index"][:, None] * world.outputs["urgent_care.place_share"]).sum(axis=0)
    trend = (1.0 + p["urgent_care.stay_trend"]) ** (world.clock.middle / DAYS_PER_YEAR)
    base = p["urgent_care.treatment_days_emergency"] * p["urgent_care.treatment_multiplier"] * trend
    return base * age * crowding * penalty * slow


def share_of_electives_kept(world: World, occupancy: np.ndarray) -> np.ndarray:
    """Share of planned elective overnight admissions that are not cancelled for want of a bed (R4), by site."""
    p = world.p
    cancelled = response(world, "urgent_care.cancellation_response", occupancy)
    return 1.0 - np.minimum(p["loops.R4_cancellation"] * cancelled, 1.0)


def escalation_wanted(world: World, in_beds: np.ndarray) -> np.ndarray:
    """Escalation beds that the sites would open for the patients in their beds (B4)."""
    p = world.p
    core = core_beds(world)
    above = np.maximum(in_beds - p["urgent_care.escalation_trigger"] * core, 0.0)
    wanted = p["loops.B4_escalation"] * p["urgent_care.escalation_response"] * above
    return np.minimum(wanted, p["urgent_care.escalation_beds_limit"] * core)


class UrgentCare(Sector):
    """Emergency departments and acute beds at three sites."""

    name: ClassVar[str] = "urgent_care"
    title: ClassVar[str] = "Urgent care and acute beds"
    every: ClassVar[int] = 1
    stocks: ClassVar[tuple[Stock, ...]] = STOCKS
    flows: ClassVar[tuple[Flow, ...]] = FLOWS
    outputs: ClassVar[tuple[Output, ...]] = OUTPUTS
    loops: ClassVar[tuple[Loop, ...]] = LOOPS

    def initialise(self, world: World) -> None:
        """Fill the beds: elective and needed emergency stays in balance with admissions, NCTR is set by discharge."""
        p = world.p
        outputs = world.outputs
        world.track_signals(self.name, TRACKED_SIGNALS)
        outputs["urgent_care.work_index"][...] = 1.0
        outputs["urgent_care.elective_share_kept"][...] = 1.0
        self._first_work = np.zeros(world.members)
        self._before: dict[str, np.ndarray] = {}
        world.stocks["urgent_care.occupancy_felt"][...] = p["urgent_care.initial_occupancy"]
        planned = world.outputs["waiting_lists.elective_admissions_planned"] * p["urgent_care.elective_site_share"]
        world.stocks["urgent_care.inpatients_elective"][...] = planned * p["urgent_care.treatment_days_elective"]
        occupied = p["urgent_care.core_beds"] * p["urgent_care.initial_occupancy"]
        delayed = safe_ratio(
            p["discharge.initial_nctr"].sum(axis=(0, 1)) * p["urgent_care.core_beds"],
            p["urgent_care.core_beds"].sum(axis=0),
        )
        in_treatment = occupied - world.stocks["urgent_care.inpatients_elective"] - delayed
        world.stocks["urgent_care.inpatients_emergency"][...] = np.maximum(in_treatment, 0.0)
        outputs["urgent_care.occupancy"][...] = p["urgent_care.initial_occupancy"]
        outputs["urgent_care.beds_occupied"][...] = occupied.sum(axis=0)
        arriving, span = arrivals(world), world.clock.span
        self._set_place_share(world, arriving["overnight"])
        # What others read before the first step of the hospital is what goes on when it begins.
        needed = (np.maximum(in_treatment, 0.0) + world.stocks["urgent_care.inpatients_elective"]).sum(axis=0)
        outputs["urgent_care.attendances"][...] = arriving["attendances"].sum(axis=0) * span
        outputs["urgent_care.bed_days_needed"][...] = needed * span
        outputs["urgent_care.bed_days_delayed"][...] = (occupied.sum(axis=0) - needed) * span

    def step(self, world: World) -> None:
        """One step of the hospital, patients in the order ambulance, department, ward, fit to leave."""
        stocks = world.stocks
        now = {
            "needed": stocks["urgent_care.inpatients_emergency"] + stocks["urgent_care.inpatients_elective"],
            "delayed": stocks["discharge.nctr"].sum(axis=(1, 2, 3)),
            "open": beds_open(world),
            "outliers": stocks["urgent_care.outliers"],
        }
        beds = self._midway(now)
        in_beds = beds["needed"] + beds["delayed"]
        occupancy = safe_ratio(in_beds, beds["open"])
        self._bed_results(world, beds, occupancy)
        felt = self._occupancy_felt(world, occupancy)
        arriving = arrivals(world)
        self._set_place_share(world, arriving["overnight"])
        wait = wait_for_bed_hours(world, felt, held=safe_ratio(beds["delayed"], beds["open"]))
        self._emergency_department(world, arriving, wait, felt)
        stay = treatment_days(world, wait, outlying=safe_ratio(beds["outliers"], in_beds))
        self._wards(world, arriving, wait, stay, felt, now["open"])
        self._escalate(world, in_beds, occupancy)
        self._work(world, arriving)

    def _midway(self, now: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        """Amounts as they will be in the middle of the step, on the line from those of the last step.

        ``World.extrapolated`` does not serve here: the discharge sector moves these patients too, after this
        sector's step.
        """
        before = self._before or now
        self._before = {name: amount.copy() for name, amount in now.items()}
        return {name: np.maximum(1.5 * amount - 0.5 * before[name], 0.0) for name, amount in now.items()}

    def _occupancy_felt(self, world: World, occupancy: np.ndarray) -> np.ndarray:
        """Occupancy as waits and cancellations follow it: a running mean, as it is in the middle of the step.

        The curves are of means over many days. Against the occupancy of single days they would be too steep: a full
        day would empty the next.
        """
        days, span = world.p["urgent_care.occupancy_memory"], world.clock.span
        felt = world.stocks["urgent_care.occupancy_felt"]
        midway = approach(felt, occupancy, days, 0.5 * span)
        felt[...] = approach(felt, occupancy, days, span)
        return midway

    def _set_place_share(self, world: World, overnight: np.ndarray) -> None:
        """Residence of those admitted to each site."""
        total = overnight.sum(axis=0)
        shared = overnight / np.where(total > 0.0, total, 1.0)
        world.outputs["urgent_care.place_share"][...] = np.where(total > 0.0, shared, 1.0 / overnight.shape[0])

    def _emergency_department(
        self, world: World, arriving: dict[str, np.ndarray], wait: np.ndarray, occupancy: np.ndarray
    ) -> None:
        """Ambulance handover, wait to be seen, assessment, and the wait for a bed of those who stay overnight."""
        p, stocks, outputs, span = world.p, world.stocks, world.outputs, world.clock.span
        handover = handover_hours(world, wait)
        ambulances = world.move("urgent_care.ambulance_arrivals", arriving["ambulances"] * span)
        handed_over = filled_and_left(
            stocks["urgent_care.ambulances_waiting"] - ambulances, ambulances, HOURS_PER_DAY / handover, span
        )
        world.move("urgent_care.handovers", handed_over)
        walking = np.maximum(arriving["attendances"] - arriving["ambulances"], 0.0) * span
        world.move("urgent_care.walk_in_arrivals", walking)
        crowding = safe_ratio(stocks["urgent_care.waiting_for_bed"], stocks["urgent_care.in_assessment"], floor=1.0)
        slower = 1.0 + p["loops.R3_exit_block"] * p["urgent_care.crowding_of_assessment"] * crowding
        seen_rate = HOURS_PER_DAY / (p["urgent_care.wait_to_be_seen_hours"] * slower)
        joined = handed_over + walking
        seen = filled_and_left(stocks["urgent_care.waiting_to_be_seen"] - joined, joined, seen_rate, span)
        world.move("urgent_care.seen", seen)
        assessed = filled_and_left(
            stocks["urgent_care.in_assessment"] - seen, seen, HOURS_PER_DAY / p["urgent_care.assessment_hours"], span
        )
        through_department = arriving["overnight"].sum(axis=0) * (1.0 - p["urgent_care.direct_admission_share"]) * span
        to_bed = np.minimum(through_department, assessed)
        world.move("urgent_care.decisions_to_admit", to_bed)
        world.move("urgent_care.departures", assessed - to_bed)

        shortage = np.maximum(1.0 - staff_for_the_work(world), 0.0)
        breach = (
            p["urgent_care.breach_base"]
            + p["loops.R3_exit_block"]
            * (
                response(world, "urgent_care.breach_response", occupancy)
                + p["urgent_care.breach_per_crowding"] * crowding
            )
            + p["urgent_care.breach_staffing_response"] * shortage
        )
        breaches = (np.minimum(breach, 1.0) * assessed).sum(axis=0)
        outputs["urgent_care.four_hour_share"][...] = 1.0 - safe_ratio(breaches, assessed.sum(axis=0), floor=1e-12)
        over_twelve = to_bed * share_waiting_over(world, wait, LONG_WAIT_HOURS)
        outputs["urgent_care.twelve_hour_waits"][...] = over_twelve.sum(axis=0)
        outputs["urgent_care.delayed_over_six_hours"][...] = (
            to_bed * share_waiting_over(world, wait, HARMFUL_WAIT_HOURS)
        ).sum(axis=0)
        lost = handed_over * np.maximum(handover - p["urgent_care.handover_standard_hours"], 0.0)
        outputs["urgent_care.handover_hours_lost"][...] = lost.sum(axis=0)
        outputs["urgent_care.attendances"][...] = assessed.sum(axis=0)

    def _wards(
        self,
        world: World,
        arriving: dict[str, np.ndarray],
        wait: np.ndarray,
        stay: np.ndarray,
        occupancy: np.ndarray,
        open_beds: np.ndarray,
    ) -> None:
        """Admission to beds, within the places there are, and treatment until fit to leave."""
        p, stocks, outputs, span = world.p, world.stocks, world.outputs, world.clock.span
        direct = arriving["overnight"].sum(axis=0) * p["urgent_care.direct_admission_share"] * span
        boarding = stocks["urgent_care.waiting_for_bed"]
        decided = world.flows["urgent_care.decisions_to_admit"]
        wanting = filled_and_left(boarding - decided, decided, HOURS_PER_DAY / wait, span)
        share_kept = share_of_electives_kept(world, occupancy)
        planned = outputs["waiting_lists.elective_admissions_planned"] * p["urgent_care.elective_site_share"] * span
        in_treatment = stocks["urgent_care.inpatients_emergency"]
        elective = stocks["urgent_care.inpatients_elective"]
        elective_rate = 1.0 / p["urgent_care.treatment_days_elective"]
        leaving = (in_treatment / stay + elective * elective_rate) * span
        space = np.maximum(open_beds * p["urgent_care.occupancy_limit"] - patients_in_beds(world) + leaving, 0.0)
        emergency = np.minimum(wanting + direct, space)
        fits = safe_ratio(emergency, wanting + direct, floor=1e-12)
        world.move("urgent_care.admissions_from_department", wanting * fits)
        world.move("urgent_care.direct_admissions", direct * fits)
        elective_in = np.minimum(planned * share_kept, space - emergency)
        world.move("urgent_care.elective_admissions", elective_in)

        # Patients who relapse return when the discharge sector steps; those of the last step stand for them here.
        joining = emergency + world.flows["discharge.relapses"]
        fit = np.minimum(filled_and_left(in_treatment - emergency, joining, 1.0 / stay, span), in_treatment)
        died = fit * p["urgent_care.in_hospital_death_share"]
        world.move("urgent_care.deaths_in_hospital", died)
        outputs["urgent_care.fit_to_leave"][...] = fit - died
        home = filled_and_left(elective - elective_in, elective_in, elective_rate, span)
        world.move("urgent_care.elective_discharges", home)

        cancelled = planned - elective_in
        outputs["urgent_care.cancellations"][...] = cancelled.sum(axis=0)
        wanted = planned.sum(axis=0)
        kept_share = elective_in.sum(axis=0) / np.where(wanted > 0.0, wanted, 1.0)
        outputs["urgent_care.elective_share_kept"][...] = np.where(wanted > 0.0, kept_share, 1.0)
        outputs["urgent_care.wait_for_bed"][...] = safe_ratio(
            (wait * decided).sum(axis=0), decided.sum(axis=0), floor=1e-12
        )
        outputs["urgent_care.overnight_admissions"][...] = emergency.sum(axis=0) + elective_in.sum(axis=0)

    def _escalate(self, world: World, in_beds: np.ndarray, occupancy: np.ndarray) -> None:
        """Open or close escalation beds (B4) and spread patients over other wards as beds fill (R3)."""
        p, stocks, span = world.p, world.stocks, world.clock.span
        escalation = stocks["urgent_care.escalation_beds"]
        escalation[...] = approach(
            escalation, escalation_wanted(world, in_beds), p["urgent_care.escalation_delay"], span
        )
        onset = p["urgent_care.outlier_onset"]
        share = p["urgent_care.outlier_share_at_full"] * np.maximum(occupancy - onset, 0.0) / (1.0 - onset)
        outlying = p["loops.R3_exit_block"] * share * in_beds
        stocks["urgent_care.outliers"][...] = approach(
            stocks["urgent_care.outliers"], outlying, p["urgent_care.outlier_delay"], span
        )

    def _bed_results(self, world: World, beds: dict[str, np.ndarray], occupancy: np.ndarray) -> None:
        """Occupancy and bed days of the step, from the patients there are in its middle."""
        outputs, span = world.outputs, world.clock.span
        needed, delayed = beds["needed"].sum(axis=0), beds["delayed"].sum(axis=0)
        outputs["urgent_care.occupancy"][...] = occupancy
        outputs["urgent_care.beds_occupied"][...] = needed + delayed
        outputs["urgent_care.beds_open"][...] = beds["open"].sum(axis=0)
        outputs["urgent_care.beds_required"][...] = (needed + delayed) / world.p["urgent_care.planning_occupancy"]
        outputs["urgent_care.bed_days_needed"][...] = needed * span
        outputs["urgent_care.bed_days_delayed"][...] = delayed * span

    def _work(self, world: World, arriving: dict[str, np.ndarray]) -> None:
        """Emergency admissions, and the work of the hospitals relative to April 2019."""
        outputs, span = world.outputs, world.clock.span
        outputs["urgent_care.emergency_admissions"][...] = arriving["emergencies"].sum(axis=(0, 1)) * span
        work = arriving["attendances"].sum(axis=0) + outputs["urgent_care.beds_occupied"]
        outputs["urgent_care.work_index"][...] = relative_to_first(work, self._first_work)
