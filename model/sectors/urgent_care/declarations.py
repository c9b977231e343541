"""What the urgent care sector declares: its stocks, flows, outputs and loops."""

from __future__ import annotations

from model.registry.declarations import OUTSIDE, Flow, Kind, Link, Loop, Output, Stock

SITE = ("site",)


def _stock(name: str, description: str, unit: str = "patients", substance: str = "patients") -> Stock:
    return Stock(
        name=f"urgent_care.{name}", dims=SITE, unit=unit, substance=substance, description=description,
        bounds=(0.0, float("inf")),
    )  # fmt: skip


def _flow(name: str, origin: str, target: str, description: str) -> Flow:
    def full(stock: str) -> str:
        return stock if stock == OUTSIDE or "." in stock else f"urgent_care.{stock}"

    return Flow(
        name=f"urgent_care.{name}", dims=SITE, unit="patients", origin=full(origin), target=full(target),
        description=description,
    )  # fmt: skip


STOCKS: tuple[Stock, ...] = (
    _stock("ambulances_waiting", "Ambulances waiting to hand over their patient."),
    _stock("waiting_to_be_seen", "Patients in the emergency department waiting to be seen."),
    _stock("in_assessment", "Patients in the emergency department being assessed and treated."),
    _stock("waiting_for_bed", "Patients in the emergency department waiting for a bed."),
    _stock("inpatients_emergency", "Emergency inpatients in treatment, who need their bed."),
    _stock("inpatients_elective", "Elective inpatients in a bed overnight."),
    _stock("escalation_beds", "Escalation beds open.", "beds", "index"),
    _stock("occupancy_felt", "Bed occupancy over the last days, which waits and cancellations follow.", "1", "index"),
    _stock("outliers", "Patients outside the ward of their specialty.", "patients", "index"),
)

FLOWS: tuple[Flow, ...] = (
    _flow("ambulance_arrivals", OUTSIDE, "ambulances_waiting", "Patients arriving by ambulance."),
    _flow("handovers", "ambulances_waiting", "waiting_to_be_seen", "Ambulance patients handed over."),
    _flow("walk_in_arrivals", OUTSIDE, "waiting_to_be_seen", "Patients arriving on their own."),
    _flow("seen", "waiting_to_be_seen", "in_assessment", "Patients whose assessment begins."),
    _flow("decisions_to_admit", "in_assessment", "waiting_for_bed", "Decisions to admit overnight."),
    _flow("departures", "in_assessment", OUTSIDE, "Patients who leave the department for home or same-day care."),
    _flow(
        "admissions_from_department",
        "waiting_for_bed",
        "inpatients_emergency",
        "Admissions from the department to a bed.",
    ),
    _flow("direct_admissions", OUTSIDE, "inpatients_emergency", "Emergency admissions that bypass the department."),
    _flow("elective_admissions", OUTSIDE, "inpatients_elective", "Elective admissions to a bed overnight."),
    _flow("elective_discharges", "inpatients_elective", OUTSIDE, "Elective patients discharged home."),
    _flow("deaths_in_hospital", "inpatients_emergency", OUTSIDE, "Deaths of emergency inpatients."),
)

OUTPUTS: tuple[Output, ...] = (
    Output(
        name="urgent_care.occupancy", dims=SITE, unit="1", kind=Kind.SHARE, better="lower", label="Bed occupancy",
        description="Patients in acute beds over beds open.",
    ),
    Output(
        name="urgent_care.beds_occupied", unit="beds", kind=Kind.COUNT, better="lower", label="Acute beds occupied",
        description="General and acute beds occupied, all sites.",
    ),
    Output(
        name="urgent_care.beds_open", unit="beds", kind=Kind.COUNT, label="Acute beds open",
        description="General and acute beds open, core and escalation, all sites.",
    ),
    Output(
        name="urgent_care.beds_required", unit="beds", kind=Kind.COUNT, better="lower",
        label="Beds required at 92% occupancy", description="Beds that would hold the same patients at 92% occupancy.",
    ),
    Output(
        name="urgent_care.bed_days_needed", unit="bed days", kind=Kind.FLOW, better="lower",
        label="Bed days needed", description="Acute bed days of patients who need their bed.",
    ),
    Output(
        name="urgent_care.bed_days_delayed", unit="bed days", kind=Kind.FLOW, better="lower",
        label="Bed days delayed", description="Acute bed days of patients without criteria to reside.",
    ),
    Output(
        name="urgent_care.emergency_admissions", unit="patients", kind=Kind.FLOW, better="lower",
        label="Emergency admissions", description="Emergency admissions, same-day care included.",
    ),
    Output(
        name="urgent_care.overnight_admissions", unit="patients", kind=Kind.FLOW,
        label="Overnight admissions", description="Emergency and elective admissions to a bed overnight.",
    ),
    Output(
        name="urgent_care.attendances", unit="patients", kind=Kind.FLOW, label="A&E attendances",
        description="Attendances at the emergency departments of the three sites.",
    ),
    Output(
        name="urgent_care.four_hour_share", unit="1", kind=Kind.SHARE, better="higher",
        label="A&E within 4 hours", description="Share of attendances that leave the department within four hours.",
    ),
    Output(
        name="urgent_care.twelve_hour_waits", unit="patients", kind=Kind.FLOW, better="lower",
        label="12-hour waits for a bed", description="Waits of over twelve hours from decision to admit.",
    ),
    Output(
        name="urgent_care.delayed_over_six_hours", unit="patients", kind=Kind.FLOW, better="lower",
        label="Over 6 hours for a bed", description="Admitted patients delayed by more than six hours for a bed.",
    ),
    Output(
        name="urgent_care.handover_hours_lost", unit="hours", kind=Kind.FLOW, better="lower",
        label="Handover hours lost", description="Ambulance hours lost to handovers beyond 15 minutes.",
    ),
    Output(
        name="urgent_care.cancellations", unit="patients", kind=Kind.FLOW, better="lower",
        label="Electives cancelled for want of a bed",
        description="Planned elective overnight admissions that are cancelled because beds are full.",
    ),
    Output(
        name="urgent_care.elective_share_kept", unit="1", kind=Kind.SHARE, better="higher", label="Electives kept",
        description="Share of planned elective overnight admissions that take place.",
    ),
    Output(
        name="urgent_care.wait_for_bed", unit="hours", kind=Kind.DURATION, better="lower", label="Wait for a bed",
        description="Mean hours from decision to admit to a bed.",
    ),
    Output(
        name="urgent_care.fit_to_leave", dims=SITE, unit="patients", kind=Kind.FLOW, recorded=False,
        description="Emergency inpatients whose treatment ends in the step, survivors.",
    ),
    Output(
        name="urgent_care.place_share", dims=("place", "site"), unit="1", kind=Kind.SHARE, recorded=False,
        description="Share of a site's overnight emergency admissions by place of residence.",
    ),
    Output(
        name="urgent_care.work_index", unit="1", kind=Kind.INDEX, label="Acute work",
        description="Attendances and occupied beds relative to April 2019.",
    ),
)  # fmt: skip

LOOPS: tuple[Loop, ...] = (
    Loop(
        identifier="R3", name="exit block", gain="loops.R3_exit_block",
        description="Patients without criteria to reside fill beds; departments crowd, patients stay longer.",
        links=(
            Link(cause="discharge.nctr", effect="urgent_care.occupancy", sign=1),
            Link(cause="urgent_care.occupancy", effect="urgent_care.wait_for_bed", sign=1),
            Link(cause="urgent_care.wait_for_bed", effect="urgent_care.inpatients_emergency", sign=1),
            Link(cause="urgent_care.inpatients_emergency", effect="discharge.nctr", sign=1),
        ),
        strength=(
            "urgent_care.crowding_of_assessment", "urgent_care.breach_per_crowding",
            "urgent_care.outlier_share_at_full",
            "urgent_care.delay_per_nctr_share",
        ),
        shows_in=("urgent_care.bed_days_needed", 1),
    ),
    Loop(
        identifier="B4", name="escalation capacity", gain="loops.B4_escalation",
        description="Full core beds open escalation beds, which lowers occupancy at a cost.",
        links=(
            Link(cause="urgent_care.occupancy", effect="urgent_care.escalation_beds", sign=1),
            Link(cause="urgent_care.escalation_beds", effect="urgent_care.beds_open", sign=1),
            Link(cause="urgent_care.beds_open", effect="urgent_care.occupancy", sign=-1),
        ),
        strength=("urgent_care.escalation_response", "urgent_care.escalation_trigger"),
        shows_in=("urgent_care.occupancy", -1),
    ),
)  # fmt: skip
