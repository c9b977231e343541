"""Entries of the sector by attribute. Made by ``python -m model.sectors.generate_views``; do not edit."""

from typing import NamedTuple

import numpy as np

from model.engine.views import Cells, Move, Moves, State, Values
from model.engine.world import World

class Parameters(Values):
    capability_years: np.ndarray
    closing_years: np.ndarray
    conversion_rate: np.ndarray
    cost_per_wte: np.ndarray
    discharge_support_share: np.ndarray
    effect_years: np.ndarray
    emergency_need_effect: np.ndarray
    falls_need_effect: np.ndarray
    funding: np.ndarray
    funding_multiplier: np.ndarray
    gp_contact_effect: np.ndarray
    gp_contact_share_of_supported: np.ndarray
    letting_years: np.ndarray
    long_contract_capability: np.ndarray
    long_contract_years: np.ndarray
    mental_health_need_effect: np.ndarray
    outside_income_of_long_contracts: np.ndarray
    outside_income_per_pound: np.ndarray
    programme_capacity: np.ndarray
    reach: np.ndarray
    reserve_years: np.ndarray
    saved_share_of_income: np.ndarray
    share_not_renewed: np.ndarray
    share_of_funding_discretionary: np.ndarray
    share_on_long_contracts: np.ndarray
    short_contract_years: np.ndarray
    starts_per_wte: np.ndarray
    support_limit: np.ndarray
    support_years: np.ndarray
    volunteer_leaving_rate: np.ndarray
    volunteer_reach: np.ndarray
    volunteer_recruitment: np.ndarray
    volunteer_recruitment_multiplier: np.ndarray
    wte_per_volunteer: np.ndarray

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
    capability: Cells
    capacity_long: Cells
    capacity_short: Cells
    reserves: Cells
    support_felt: Cells
    supported: Cells
    volunteers: Cells

class Flows(Values):
    contracts_lengthened: np.ndarray
    contracts_let_long: np.ndarray
    contracts_let_short: np.ndarray
    posts_closed_long: np.ndarray
    posts_closed_short: np.ndarray
    posts_lost_long: np.ndarray
    posts_lost_short: np.ndarray
    reserves_saved: np.ndarray
    reserves_spent: np.ndarray
    support_ends: np.ndarray
    support_starts: np.ndarray
    volunteers_joining: np.ndarray
    volunteers_leaving: np.ndarray

class Outputs(State):
    capacity: Cells
    capacity_index: Cells
    contracted_posts: Cells
    discharge_support: Cells
    emergency_need_multiplier: Cells
    falls_need_multiplier: Cells
    gp_contact_multiplier: Cells
    income: Cells
    mental_health_need_multiplier: Cells
    people_supported: Cells
    programme_filled_share: Cells
    supported_by_deprivation: Cells
    volunteers_total: Cells

class Memory(State):
    first_achieved: Cells
    first_staffed: Cells
    first_volunteers: Cells

class FlowMoves(Moves):
    contracts_lengthened: Move
    contracts_let_long: Move
    contracts_let_short: Move
    posts_closed_long: Move
    posts_closed_short: Move
    posts_lost_long: Move
    posts_lost_short: Move
    reserves_saved: Move
    reserves_spent: Move
    support_ends: Move
    support_starts: Move
    volunteers_joining: Move
    volunteers_leaving: Move

class Views(NamedTuple):
    p: Parameters
    gain: Gains
    stock: Stocks
    flow: Flows
    out: Outputs
    memory: Memory
    move: FlowMoves

def views(world: World) -> Views: ...
