"""The exchange between the stock-flow system and the patient-level hospital: what is passed, and in which unit.

``FromSystem`` is all that the system passes to the hospital of one ensemble member at a date, ``ToSystem`` all that
the hospital reports back for the base steps until the next. ``docs/exchange.md`` says who owns each stock. Nothing else
crosses: the hospital knows no budget and no staff, and the system no patient.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

MOST_ADMITTED = 0.95
"""Ceiling of the share of arrivals of one kind who are admitted."""


@dataclass(frozen=True)
class PeriodCounts:
    """Amounts by flow over the base steps of a period.

    Attributes:
        amount: by flow, shape ``(steps,) + dims``: patients.
        late: by flow, the same shape: patients times the share of the step that was left when they moved, so that the
            mean of a stock over a step is its beginning plus what came late less what went late.
    """

    amount: dict[str, np.ndarray]
    late: dict[str, np.ndarray]


@dataclass(frozen=True)
class Lengthening:
    """What patients do to their own stays, fixed for a run.

    Attributes:
        per_day_waited: relative lengthening of a ward stay per day delayed before it (crowding).
        outlier: multiplier of the stay of an emergency patient in an elective bed.
        per_day_delayed: relative lengthening of a pathway stay per day delayed in hospital (deconditioning).
        limit: most that deconditioning lengthens.
    """

    per_day_waited: float
    outlier: float
    per_day_delayed: float
    limit: float


@dataclass(frozen=True)
class FromSystem:
    """What the system passes to the hospital at an exchange, for one member. Rates are per day, times days.

    Attributes:
        ambulances: patients arriving by ambulance, [site, place] a day.
        walk_ins: other attendances who need a cubicle, [site, place] a day.
        minors: other attendances with something minor, [site, place] a day.
        direct: emergency admissions that bypass the department, [site, place] a day.
        electives: planned elective overnight admissions, [site] a day.
        applications: people at home who come to need long-term care, [place, kind] a day.
        admitted: share of patients of cubicles admitted overnight, [way of arrival, site].
        cubicles: places in the departments but for minors, [site].
        minors_places: places for minors, [site].
        core_beds: beds open every day, [site].
        elective_bed_share: share of them kept for elective patients, [site].
        corridor_share: beds that can be exceeded by this share of those open.
        pathway_places: places funded and staffed, spot ones not counted, [place, pathway].
        long_term_places: places funded and staffed, [place, kind].
        hospital_priority: share of them that goes first to people on a pathway place.
        handover_days: mean of an ambulance handover into a free cubicle.
        handover_standard_days: handover beyond which time counts as lost.
        department_days: mean stay in a department until the decision.
        treatment_days: mean stay of an emergency admission until fit to leave, [site, place], without what patients
            do to each other by waiting or outlying.
        elective_days: mean time in bed of an elective patient.
        process_days: mean time from fit to leave to ready, [place, pathway].
        transfer_days: mean time from ready to leaving for a pathway; it passes while patients wait for a place.
        pathway_days: mean stay on a pathway, deaths and loss of function included, [place, pathway]; whose stay is
            longer than the mean, the own delay of each patient decides.
        arrangement_days: mean time to arrange long-term care, [kind]; it passes while people wait for a place.
        long_term_days: mean length of long-term care, [kind].
        virtual_ward_days: mean stay on a virtual ward.
        pathway_shares: of those fit to leave, [place, pathway].
        death_share: share of emergency admissions that die in hospital.
        virtual_ward_share: share of them that leave for a virtual ward, whose whole stay is saved.
        death_on_pathway_share: [place, pathway].
        long_term_shares: of stays that end otherwise than by death, [pathway, kind].
        relapse_rate: per day of waiting for a pathway.
        death_rate: per day of waiting for a pathway.
        switch_rate: per day of waiting, [pathway].
        lapse_days: mean time after which people at home stop waiting for long-term care.
        escalation: gain, trigger (share of core beds), limit (share of core beds), delay in days.
        spot: places per patient waiting, delay in days.
        spot_limit: most places, [place, pathway].
    """

    ambulances: np.ndarray
    walk_ins: np.ndarray
    minors: np.ndarray
    direct: np.ndarray
    electives: np.ndarray
    applications: np.ndarray
    admitted: np.ndarray
    cubicles: np.ndarray
    minors_places: np.ndarray
    core_beds: np.ndarray
    elective_bed_share: np.ndarray
    corridor_share: float
    pathway_places: np.ndarray
    long_term_places: np.ndarray
    hospital_priority: float
    handover_days: float
    handover_standard_days: float
    department_days: float
    treatment_days: np.ndarray
    elective_days: float
    process_days: np.ndarray
    transfer_days: float
    pathway_days: np.ndarray
    arrangement_days: np.ndarray
    long_term_days: np.ndarray
    virtual_ward_days: float
    pathway_shares: np.ndarray
    death_share: float
    virtual_ward_share: float
    death_on_pathway_share: np.ndarray
    long_term_shares: np.ndarray
    relapse_rate: float
    death_rate: float
    switch_rate: np.ndarray
    lapse_days: float
    escalation: tuple[float, float, float, float]
    spot: tuple[float, float]
    spot_limit: np.ndarray


@dataclass(frozen=True)
class ToSystem:
    """What the hospital reports to the system of one member for each base step of a period, first axis the step.

    Attributes:
        counts: patients by flow, and the mean of stocks.
        escalation_beds: beds, [step, site].
        spot_places: places, [step, place, pathway].
        over_four_hours: patients who left the department after more than four hours, [step, site].
        left_department: all who left it, [step, site].
        over_six_hours: admitted after more than six hours' wait for a bed, [step, site].
        over_twelve_hours: the same for twelve hours.
        wait_for_bed_hours: hours waited for a bed by those admitted from departments, [step, site], in all.
        handover_hours_lost: hours of ambulances beyond the standard, [step, site], in all.
        occupancy: patients in beds over beds open, mean over the step, [step, site].
        full: share of the step in which no bed for emergencies was free, escalation and elective beds included,
            [step, site].
    """

    counts: PeriodCounts
    escalation_beds: np.ndarray
    spot_places: np.ndarray
    over_four_hours: np.ndarray
    left_department: np.ndarray
    over_six_hours: np.ndarray
    over_twelve_hours: np.ndarray
    wait_for_bed_hours: np.ndarray
    handover_hours_lost: np.ndarray
    occupancy: np.ndarray
    full: np.ndarray
