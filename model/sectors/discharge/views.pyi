"""Entries of the sector by attribute. Made by ``python -m model.sectors.generate_views``; do not edit."""

from typing import NamedTuple

import numpy as np

from model.engine.views import Cells, Move, Moves, State, Values
from model.engine.world import World

class Parameters(Values):
    arrangement_days: np.ndarray
    community_kind: np.ndarray
    community_lapse_days: np.ndarray
    death_rate_on_pathway: np.ndarray
    death_rate_while_waiting: np.ndarray
    dependence_per_function_lost: np.ndarray
    function_lost_limit: np.ndarray
    function_lost_per_day: np.ndarray
    function_smoothing_days: np.ndarray
    funded_places: np.ndarray
    hospital_priority: np.ndarray
    initial_awaiting_in_community: np.ndarray
    initial_nctr: np.ndarray
    initial_share_awaiting_long_term_care: np.ndarray
    initial_share_in_process: np.ndarray
    initial_use_of_long_term_care: np.ndarray
    initial_use_of_places: np.ndarray
    long_term_capacity: np.ndarray
    long_term_share: np.ndarray
    long_term_years: np.ndarray
    pathway_share: np.ndarray
    pathway_stay_days: np.ndarray
    places_follow_need: np.ndarray
    places_multiplier: np.ndarray
    process_days: np.ndarray
    process_multiplier: np.ndarray
    process_saving_when_helped: np.ndarray
    reference_staffed_share: np.ndarray
    reference_staffed_share_of_community: np.ndarray
    reference_staffed_share_of_pathways: np.ndarray
    reference_staffed_share_of_social_care: np.ndarray
    relapse_rate_while_waiting: np.ndarray
    spot_purchase_delay: np.ndarray
    spot_purchase_limit: np.ndarray
    spot_purchase_response: np.ndarray
    staffed_by_community: np.ndarray
    staffing_elasticity_of_places: np.ndarray
    staffing_elasticity_of_process: np.ndarray
    step_up_limit: np.ndarray
    supported_share_multiplier: np.ndarray
    switch_rate_while_waiting: np.ndarray
    transfer_days: np.ndarray
    virtual_ward_days_saved: np.ndarray
    virtual_ward_places: np.ndarray
    virtual_ward_stay_days: np.ndarray
    work_of_pathway_user: np.ndarray

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
    awaiting_in_community: Cells
    awaiting_long_term_care: Cells
    function_lost: Cells
    function_lost_on_pathway: Cells
    long_term_users: Cells
    nctr: Cells
    on_pathway: Cells
    spot_places: Cells
    virtual_ward: Cells

class Flows(Values):
    community_applications: np.ndarray
    community_lapses: np.ndarray
    deaths_on_pathway: np.ndarray
    deaths_while_waiting: np.ndarray
    fit_to_leave: np.ndarray
    from_virtual_ward: np.ndarray
    home_without_support: np.ndarray
    long_term_ends: np.ndarray
    long_term_starts_from_community: np.ndarray
    long_term_starts_from_pathway: np.ndarray
    pathway_ends_home: np.ndarray
    pathway_starts: np.ndarray
    ready_for_pathway: np.ndarray
    relapses: np.ndarray
    seek_long_term_care: np.ndarray
    switches: np.ndarray
    to_virtual_ward: np.ndarray
    withdrawals: np.ndarray

class Outputs(State):
    long_term_need_index: Cells
    nctr_before_discharges: Cells
    nctr_discharges: Cells
    nctr_remaining: Cells
    nctr_share_of_beds: Cells
    occupied_places: Cells
    overnight_discharges: Cells
    supported_need_index: Cells
    waiting_for_place: Cells
    waiting_long_term: Cells
    workload: Cells

class Memory(State):
    finished_per_day: Cells
    first_need: Cells
    first_workload: Cells

class FlowMoves(Moves):
    community_applications: Move
    community_lapses: Move
    deaths_on_pathway: Move
    deaths_while_waiting: Move
    fit_to_leave: Move
    from_virtual_ward: Move
    home_without_support: Move
    long_term_ends: Move
    long_term_starts_from_community: Move
    long_term_starts_from_pathway: Move
    pathway_ends_home: Move
    pathway_starts: Move
    ready_for_pathway: Move
    relapses: Move
    seek_long_term_care: Move
    switches: Move
    to_virtual_ward: Move
    withdrawals: Move

class Views(NamedTuple):
    p: Parameters
    gain: Gains
    stock: Stocks
    flow: Flows
    out: Outputs
    memory: Memory
    move: FlowMoves

def views(world: World) -> Views: ...
