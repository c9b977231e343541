"""Entries of the sector by attribute. Made by ``python -m model.sectors.generate_views``; do not edit."""

from typing import NamedTuple

import numpy as np

from model.engine.views import Cells, Move, Moves, State, Values
from model.engine.world import World

class Parameters(Values):
    activity_budget: np.ndarray
    agency_premium: np.ndarray
    agency_share: np.ndarray
    allocation_growth: np.ndarray
    allocation_growth_extra: np.ndarray
    bank_premium: np.ndarray
    base_year_days: np.ndarray
    capital_funded_share: np.ndarray
    care_price_inflation: np.ndarray
    contract_share: np.ndarray
    cost_per_attendance: np.ndarray
    cost_per_bed_day: np.ndarray
    cost_per_outpatient_attendance: np.ndarray
    cost_per_procedure: np.ndarray
    council_budget_growth: np.ndarray
    deficit_smoothing: np.ndarray
    delayed_bed_day_cost: np.ndarray
    delayed_day_cash_share: np.ndarray
    discretionary_cut_most: np.ndarray
    discretionary_cut_scale: np.ndarray
    discretionary_delay: np.ndarray
    escalation_bed_day_cost: np.ndarray
    fixed_cost_growth: np.ndarray
    fixed_cost_multiplier: np.ndarray
    funded_share_delay: np.ndarray
    independent_procedure_cost: np.ndarray
    inflation_funded_share: np.ndarray
    long_term_care_unit_cost: np.ndarray
    non_recurrent_cost_share: np.ndarray
    non_recurrent_funding: np.ndarray
    non_recurrent_savings_share: np.ndarray
    opening_allocation: np.ndarray
    opening_balance: np.ndarray
    opening_council_budget: np.ndarray
    opening_deficit: np.ndarray
    opening_funded_share: np.ndarray
    pathway_day_cost: np.ndarray
    pathway_nhs_share: np.ndarray
    pay_award: np.ndarray
    pay_award_extra: np.ndarray
    pay_per_wte: np.ndarray
    pay_weight: np.ndarray
    prevention_budget_share: np.ndarray
    prevention_delay: np.ndarray
    price_inflation: np.ndarray
    price_inflation_extra: np.ndarray
    programme_cost: np.ndarray
    recovery_ambition: np.ndarray
    savings_delivery: np.ndarray
    savings_target: np.ndarray
    settlement_certainty: np.ndarray
    settlement_cost_relief: np.ndarray
    settlement_delivery_gain: np.ndarray
    spot_premium: np.ndarray
    tolerated_deficit: np.ndarray
    unmet_need_resolution_rate: np.ndarray
    unmet_need_strength: np.ndarray
    unmet_need_unit_cost: np.ndarray

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
    allocation_index: Cells
    balance: Cells
    care_cost_scale: Cells
    care_price_index: Cells
    council_budget_index: Cells
    discretionary_released: Cells
    fixed_cost_base: Cells
    fixed_volume: Cells
    funded_share: Cells
    in_year_smoothed: Cells
    pay_index: Cells
    prevention_investment: Cells
    price_index: Cells
    recurrent_savings: Cells
    reference_need: Cells
    underlying_smoothed: Cells
    unmet_social_care_need: Cells

class Flows(Values):
    contracts: np.ndarray
    expenditure_paid: np.ndarray
    income_received: np.ndarray
    need_left_unmet: np.ndarray
    need_resolved: np.ndarray

class Outputs(State):
    agency_spend: Cells
    cost_of_delay: Cells
    discretionary_share: Cells
    expenditure: Cells
    expenditure_real: Cells
    in_year_deficit: Cells
    income: Cells
    prevention_index: Cells
    programme_spend: Cells
    savings_delivered: Cells
    social_care_funded_share: Cells
    social_care_gap: Cells
    statement: Cells
    underlying_deficit: Cells
    underlying_deficit_by_organisation: Cells
    underlying_deficit_nominal: Cells
    unmet_need_effect: Cells

class Memory(State):
    allocation_index_at_year_end: Cells
    care_price_index_at_year_end: Cells
    council_budget_index_at_year_end: Cells
    first_backlog: Cells
    first_prevention: Cells
    newly_banked: Cells
    pay_base: Cells
    pay_index_at_year_end: Cells
    price_base: Cells
    price_index_at_year_end: Cells

class FlowMoves(Moves):
    contracts: Move
    expenditure_paid: Move
    income_received: Move
    need_left_unmet: Move
    need_resolved: Move

class Views(NamedTuple):
    p: Parameters
    gain: Gains
    stock: Stocks
    flow: Flows
    out: Outputs
    memory: Memory
    move: FlowMoves

def views(world: World) -> Views: ...
