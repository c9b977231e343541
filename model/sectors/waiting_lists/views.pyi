"""Entries of the sector by attribute. Made by ``python -m model.sectors.generate_views``; do not edit."""

from typing import NamedTuple

import numpy as np

from model.engine.views import Cells, Move, Moves, State, Values
from model.engine.world import World

class Parameters(Values):
    admitted_capacity: np.ndarray
    attendances_per_stop: np.ndarray
    cancer_interval_shape: np.ndarray
    cancer_least_share_kept: np.ndarray
    cancer_pressure_elasticity: np.ndarray
    cancer_treatment_interval: np.ndarray
    capacity_growth: np.ndarray
    capacity_multiplier: np.ndarray
    clock_starts_at_start: np.ndarray
    day_case_share: np.ndarray
    death_rate: np.ndarray
    harm_rate: np.ndarray
    independent_admitted_share: np.ndarray
    independent_capacity: np.ndarray
    initial_list: np.ndarray
    initial_profile: np.ndarray
    longest_first_share: np.ndarray
    nonadmitted_capacity: np.ndarray
    procedure_work: np.ndarray
    procedures_per_admitted: np.ndarray
    productivity: np.ndarray
    referral_delay: np.ndarray
    referral_multiplier: np.ndarray
    referral_sensitivity: np.ndarray
    reneging_half_point: np.ndarray
    reneging_rate: np.ndarray
    reneging_slope: np.ndarray
    service_capacity: np.ndarray
    service_capacity_growth: np.ndarray
    service_capacity_multiplier: np.ndarray
    service_initial_list: np.ndarray
    service_initial_profile: np.ndarray
    service_longest_first_share: np.ndarray
    service_referral_multiplier: np.ndarray
    service_removal_multiplier: np.ndarray
    service_removal_rate: np.ndarray
    service_reneging_half_point: np.ndarray
    service_reneging_rate: np.ndarray
    service_reneging_slope: np.ndarray
    service_starts_at_start: np.ndarray
    service_urgent_share: np.ndarray
    service_urgent_weeks: np.ndarray
    staffing_elasticity: np.ndarray
    urgent_share: np.ndarray
    urgent_weeks: np.ndarray
    validation_multiplier: np.ndarray
    validation_rate: np.ndarray

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
    capacity_trend: Cells
    perceived_share_over_18_weeks: Cells
    rtt: Cells
    service_capacity_trend: Cells
    service_list: Cells

class Flows(Values):
    ageing: np.ndarray
    clock_starts: np.ndarray
    clock_stops: np.ndarray
    service_ageing: np.ndarray
    service_removals: np.ndarray
    service_starts: np.ndarray
    service_stops: np.ndarray
    unreported_removals: np.ndarray

class Outputs(State):
    activity_index: Cells
    cancelled_admissions: Cells
    cancer_within_28_days: Cells
    cancer_within_31_days: Cells
    cancer_within_62_days: Cells
    clearing_weeks: Cells
    day_cases: Cells
    deaths_while_waiting: Cells
    elective_admissions_planned: Cells
    harm_admissions: Cells
    independent_procedures: Cells
    independent_stops: Cells
    outpatient_attendances: Cells
    over_104_weeks: Cells
    over_18_weeks: Cells
    over_52_weeks: Cells
    over_65_weeks: Cells
    over_78_weeks: Cells
    procedures: Cells
    referral_threshold: Cells
    rtt_by_specialty: Cells
    rtt_total: Cells
    service_clearing_weeks: Cells
    service_list_total: Cells
    service_over_13_weeks: Cells
    service_over_18_weeks: Cells
    service_over_52_weeks: Cells
    service_over_6_weeks: Cells
    share_over_18_weeks: Cells
    talking_therapies_within_6_weeks: Cells
    within_18_weeks: Cells

class Memory(State):
    first_need: Cells
    first_over_18: Cells
    first_share_over_18: Cells
    first_work: Cells
    service_first_need: Cells
    stops_per_week: Cells
    week_before: Cells
    weekly_cancelled_admissions: Cells
    weekly_day_cases: Cells
    weekly_deaths_while_waiting: Cells
    weekly_independent_procedures: Cells
    weekly_independent_stops: Cells
    weekly_outpatient_attendances: Cells
    weekly_procedures: Cells

class FlowMoves(Moves):
    ageing: Move
    clock_starts: Move
    clock_stops: Move
    service_ageing: Move
    service_removals: Move
    service_starts: Move
    service_stops: Move
    unreported_removals: Move

class Views(NamedTuple):
    p: Parameters
    gain: Gains
    stock: Stocks
    flow: Flows
    out: Outputs
    memory: Memory
    move: FlowMoves

def views(world: World) -> Views: ...
