"""What the urgent care sector declares: stocks, flows, outputs and loops."""

from __future__ import annotations

from model.registry.declarations import OUTSIDE, Declare, Flow, Kind, Link, Loop, Memory, Output, Stock, named

SITE = ("site",)

# Tables, laid out by hand.
# fmt: off

declare = Declare("urgent_care")

STOCKS: tuple[Stock, ...] = (
    declare.stock("ambulances_waiting", "Ambulances waiting to hand over their patient.", "patients", "patients", SITE),
    declare.stock(
        "waiting_to_be_seen", "Patients in the emergency department waiting to be seen.", "patients", "patients", SITE,
    ),
    declare.stock(
        "in_assessment", "Patients in the emergency department being assessed and treated.", "patients", "patients",
        SITE,
    ),
    declare.stock(
        "waiting_for_bed", "Patients in the emergency department waiting for a bed.", "patients", "patients", SITE,
    ),
    declare.stock(
        "inpatients_emergency", "Emergency inpatients in treatment, who need their bed.", "patients", "patients", SITE,
    ),
    declare.stock("inpatients_elective", "Elective inpatients in a bed overnight.", "patients", "patients", SITE),
    declare.stock("escalation_beds", "Escalation beds open.", "beds", "index", SITE),
    declare.stock(
        "occupancy_felt", "Bed occupancy over the last days, which waits and cancellations follow.", "1", "index", SITE,
    ),
    declare.stock("outliers", "Patients outside the ward of their specialty.", "patients", "index", SITE),
)

FLOWS: tuple[Flow, ...] = (
    declare.flow(
        "ambulance_arrivals", "Patients arriving by ambulance.", "patients", OUTSIDE, "ambulances_waiting", SITE,
    ),
    declare.flow(
        "handovers", "Ambulance patients handed over.", "patients", "ambulances_waiting", "waiting_to_be_seen", SITE,
    ),
    declare.flow(
        "walk_in_arrivals", "Patients arriving on their own.", "patients", OUTSIDE, "waiting_to_be_seen", SITE,
    ),
    declare.flow("seen", "Patients whose assessment begins.", "patients", "waiting_to_be_seen", "in_assessment", SITE),
    declare.flow(
        "decisions_to_admit", "Decisions to admit overnight.", "patients", "in_assessment", "waiting_for_bed", SITE,
    ),
    declare.flow(
        "departures", "Patients who leave the department for home or same-day care.", "patients", "in_assessment",
        OUTSIDE, SITE,
    ),
    declare.flow(
        "admissions_from_department", "Admissions from the department to a bed.", "patients", "waiting_for_bed",
        "inpatients_emergency", SITE,
    ),
    declare.flow(
        "direct_admissions", "Emergency admissions that bypass the department.", "patients", OUTSIDE,
        "inpatients_emergency", SITE,
    ),
    declare.flow(
        "elective_admissions", "Elective admissions to a bed overnight.", "patients", OUTSIDE, "inpatients_elective",
        SITE,
    ),
    declare.flow(
        "elective_discharges", "Elective patients discharged home.", "patients", "inpatients_elective", OUTSIDE, SITE,
    ),
    declare.flow(
        "deaths_in_hospital", "Deaths of emergency inpatients.", "patients", "inpatients_emergency", OUTSIDE, SITE,
    ),
)

OUTPUTS: tuple[Output, ...] = (
    declare.output(
        "occupancy", "Patients in acute beds over beds open.", "1", Kind.SHARE, SITE, label="Bed occupancy",
        better="lower",
    ),
    declare.output(
        "beds_occupied", "General and acute beds occupied, all sites.", "beds", Kind.COUNT, label="Acute beds occupied",
        better="lower",
    ),
    declare.output(
        "beds_open", "General and acute beds open, core and escalation, all sites.", "beds", Kind.COUNT,
        label="Acute beds open",
    ),
    declare.output(
        "beds_required", "Beds that would hold the same patients at 92% occupancy.", "beds", Kind.COUNT,
        label="Beds required at 92% occupancy", better="lower",
    ),
    declare.output(
        "bed_days_needed", "Acute bed days of patients who need their bed.", "bed days", Kind.FLOW,
        label="Bed days needed", better="lower",
    ),
    declare.output(
        "bed_days_delayed", "Acute bed days of patients without criteria to reside.", "bed days", Kind.FLOW,
        label="Bed days delayed", better="lower",
    ),
    declare.output(
        "emergency_admissions", "Emergency admissions, same-day care included.", "patients", Kind.FLOW,
        label="Emergency admissions", better="lower",
    ),
    declare.output(
        "overnight_admissions", "Emergency and elective admissions to a bed overnight.", "patients", Kind.FLOW,
        label="Overnight admissions",
    ),
    declare.output(
        "attendances", "Attendances at the emergency departments of the three sites.", "patients", Kind.FLOW,
        label="A&E attendances",
    ),
    declare.output(
        "four_hour_share", "Share of attendances that leave the department within four hours.", "1", Kind.SHARE,
        label="A&E within 4 hours", better="higher",
    ),
    declare.output(
        "twelve_hour_waits", "Waits of over twelve hours from decision to admit.", "patients", Kind.FLOW,
        label="12-hour waits for a bed", better="lower",
    ),
    declare.output(
        "delayed_over_six_hours", "Admitted patients delayed by more than six hours for a bed.", "patients", Kind.FLOW,
        label="Over 6 hours for a bed", better="lower",
    ),
    declare.output(
        "handover_hours_lost", "Ambulance hours lost to handovers beyond 15 minutes.", "hours", Kind.FLOW,
        label="Handover hours lost", better="lower",
    ),
    declare.output(
        "cancellations", "Planned elective overnight admissions that are cancelled because beds are full.", "patients",
        Kind.FLOW, label="Electives cancelled for want of a bed", better="lower",
    ),
    declare.output(
        "elective_share_kept", "Share of planned elective overnight admissions that take place.", "1", Kind.SHARE,
        label="Electives kept", better="higher",
    ),
    declare.output(
        "wait_for_bed", "Mean hours from decision to admit to a bed.", "hours", Kind.DURATION, label="Wait for a bed",
        better="lower",
    ),
    declare.output(
        "fit_to_leave", "Emergency inpatients whose treatment ends in the step, survivors.", "patients", Kind.FLOW,
        SITE, recorded=False,
    ),
    declare.output(
        "place_share", "Share of a site's overnight emergency admissions by place of residence.", "1", Kind.SHARE,
        ("place", "site"), recorded=False,
    ),
    declare.output(
        "work_index", "Attendances and occupied beds relative to April 2019.", "1", Kind.INDEX, label="Acute work",
    ),
)

MEMORY: tuple[Memory, ...] = (
    declare.memory("needed_before", "Patients in treatment at the beginning of the last step.", "patients", SITE),
    declare.memory(
        "delayed_before", "Patients without criteria to reside at the beginning of the last step.", "patients", SITE,
    ),
    declare.memory("open_before", "Beds open at the beginning of the last step.", "beds", SITE),
    declare.memory(
        "outliers_before", "Patients outside the ward of their specialty at the beginning of the last step.",
        "patients", SITE,
    ),
    declare.memory("first_work", "Attendances and occupied beds of April 2019.", "1"),
)

LOOPS: tuple[Loop, ...] = (
    Loop(
        identifier="R3", name="exit block", gain="loops.R3_exit_block",
        description="Patients without criteria to reside fill beds; departments crowd, patients stay longer.",
        links=(
            Link("discharge.nctr", "urgent_care.occupancy", +1),
            Link("urgent_care.occupancy", "urgent_care.wait_for_bed", +1),
            Link("urgent_care.wait_for_bed", "urgent_care.inpatients_emergency", +1),
            Link("urgent_care.inpatients_emergency", "discharge.nctr", +1),
        ),
        strength=(
            "urgent_care.crowding_of_assessment", "urgent_care.breach_per_crowding",
            "urgent_care.outlier_share_at_full", "urgent_care.delay_per_nctr_share",
        ),
        shows_in=("urgent_care.bed_days_needed", +1),
    ),
    Loop(
        identifier="B4", name="escalation capacity", gain="loops.B4_escalation",
        description="Full core beds open escalation beds, which lowers occupancy at a cost.",
        links=(
            Link("urgent_care.occupancy", "urgent_care.escalation_beds", +1),
            Link("urgent_care.escalation_beds", "urgent_care.beds_open", +1),
            Link("urgent_care.beds_open", "urgent_care.occupancy", -1),
        ),
        strength=("urgent_care.escalation_response", "urgent_care.escalation_trigger"),
        shows_in=("urgent_care.occupancy", -1),
    ),
)

# fmt: on

# Signals that other sectors read.
ATTENDANCES = named(OUTPUTS, "attendances")
BED_DAYS_DELAYED = named(OUTPUTS, "bed_days_delayed")
BED_DAYS_NEEDED = named(OUTPUTS, "bed_days_needed")
BEDS_OCCUPIED = named(OUTPUTS, "beds_occupied")
DEATHS_IN_HOSPITAL = named(FLOWS, "deaths_in_hospital")
DELAYED_OVER_SIX_HOURS = named(OUTPUTS, "delayed_over_six_hours")
ELECTIVE_DISCHARGES = named(FLOWS, "elective_discharges")
ELECTIVE_SHARE_KEPT = named(OUTPUTS, "elective_share_kept")
ESCALATION_BEDS = named(STOCKS, "escalation_beds")
FIT_TO_LEAVE = named(OUTPUTS, "fit_to_leave")
INPATIENTS_EMERGENCY = named(STOCKS, "inpatients_emergency")
PLACE_SHARE = named(OUTPUTS, "place_share")
