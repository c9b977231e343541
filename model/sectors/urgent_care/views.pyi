"""Entries of the sector by attribute. Made by ``python -m model.sectors.generate_views``; do not edit."""

from typing import NamedTuple

import numpy as np

from model.engine.views import Cells, Move, Moves, State, Values
from model.engine.world import World

class Parameters(Values):
    ambulance_admission_ratio: np.ndarray
    assessment_hours: np.ndarray
    base_handover_hours: np.ndarray
    breach_base: np.ndarray
    breach_per_crowding: np.ndarray
    breach_response: np.ndarray
    breach_staffing_response: np.ndarray
    cancellation_response: np.ndarray
    catchment: np.ndarray
    conveyed_share: np.ndarray
    core_bed_growth: np.ndarray
    core_bed_growth_from: np.ndarray
    core_beds: np.ndarray
    crowding_of_assessment: np.ndarray
    crowding_stay_response: np.ndarray
    cubicles: np.ndarray
    delay_per_nctr_share: np.ndarray
    direct_admission_share: np.ndarray
    elective_bed_share: np.ndarray
    elective_site_share: np.ndarray
    emergency_department_share: np.ndarray
    escalation_beds_limit: np.ndarray
    escalation_delay: np.ndarray
    escalation_response: np.ndarray
    escalation_trigger: np.ndarray
    handover_per_boarding_hour: np.ndarray
    handover_power: np.ndarray
    handover_queue_hours: np.ndarray
    handover_standard_hours: np.ndarray
    in_hospital_death_share: np.ndarray
    initial_occupancy: np.ndarray
    long_wait_onset: np.ndarray
    long_wait_scale: np.ndarray
    minors_places: np.ndarray
    minors_share: np.ndarray
    occupancy_limit: np.ndarray
    occupancy_memory: np.ndarray
    outlier_delay: np.ndarray
    outlier_onset: np.ndarray
    outlier_share_at_full: np.ndarray
    outlier_stay_penalty: np.ndarray
    planning_occupancy: np.ndarray
    same_day_emergency_share: np.ndarray
    staffing_elasticity_of_stay: np.ndarray
    stay_trend: np.ndarray
    treatment_days_elective: np.ndarray
    treatment_days_emergency: np.ndarray
    treatment_multiplier: np.ndarray
    uncrowded_wait_for_bed: np.ndarray
    wait_for_bed_response: np.ndarray
    wait_to_be_seen_hours: np.ndarray
    winter_amplitude: np.ndarray
    winter_peak_day: np.ndarray

class Gains(Values):
    B1_hiring: np.ndarray
    B2_agency: np.ndarray
    B3_reneging: np.ndarray
    B4_escalation: np.ndarray
    B5_spot_purchase: np.ndarray
    R1_deconditioning: np.ndarray
    R2_burnout: np.ndarray
    R3_exit_block: np.ndarray
    R4_cancellation: np.ndarray
    R5_unmet_social_care: np.ndarray
    R6_firefighting: np.ndarray
    R7_poaching: np.ndarray

class Stocks(State):
    ambulances_waiting: Cells
    escalation_beds: Cells
    in_assessment: Cells
    inpatients_elective: Cells
    inpatients_emergency: Cells
    occupancy_felt: Cells
    outliers: Cells
    waiting_for_bed: Cells
    waiting_to_be_seen: Cells

class Flows(Values):
    admissions_from_department: np.ndarray
    ambulance_arrivals: np.ndarray
    deaths_in_hospital: np.ndarray
    decisions_to_admit: np.ndarray
    departures: np.ndarray
    direct_admissions: np.ndarray
    elective_admissions: np.ndarray
    elective_discharges: np.ndarray
    handovers: np.ndarray
    seen: np.ndarray
    walk_in_arrivals: np.ndarray

class Outputs(State):
    attendances: Cells
    bed_days_delayed: Cells
    bed_days_needed: Cells
    beds_occupied: Cells
    beds_open: Cells
    beds_required: Cells
    cancellations: Cells
    delayed_over_six_hours: Cells
    elective_share_kept: Cells
    emergency_admissions: Cells
    fit_to_leave: Cells
    four_hour_share: Cells
    handover_hours_lost: Cells
    occupancy: Cells
    overnight_admissions: Cells
    place_share: Cells
    twelve_hour_waits: Cells
    wait_for_bed: Cells
    work_index: Cells

class Memory(State):
    delayed_before: Cells
    first_work: Cells
    needed_before: Cells
    open_before: Cells
    outliers_before: Cells

class FlowMoves(Moves):
    admissions_from_department: Move
    ambulance_arrivals: Move
    deaths_in_hospital: Move
    decisions_to_admit: Move
    departures: Move
    direct_admissions: Move
    elective_admissions: Move
    elective_discharges: Move
    handovers: Move
    seen: Move
    walk_in_arrivals: Move

class Views(NamedTuple):
    p: Parameters
    gain: Gains
    stock: Stocks
    flow: Flows
    out: Outputs
    memory: Memory
    move: FlowMoves

def views(world: World) -> Views: ...
