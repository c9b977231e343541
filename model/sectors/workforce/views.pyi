"""Entries of the sector by attribute. Made by ``python -m model.sectors.generate_views``; do not edit."""

from typing import NamedTuple

import numpy as np

from model.engine.views import Cells, Move, Moves, State, Values
from model.engine.world import World

class Parameters(Values):
    apprenticeship_completion: np.ndarray
    apprenticeship_years: np.ndarray
    apprenticeships: np.ndarray
    base_move_rate: np.ndarray
    base_recruitment: np.ndarray
    burnout_limit: np.ndarray
    establishment_growth: np.ndarray
    establishment_sensitivity_to_funds: np.ndarray
    graduates_staying: np.ndarray
    initial_in_post: np.ndarray
    initial_share_new: np.ndarray
    initial_vacancy_rate: np.ndarray
    labour_market_factor: np.ndarray
    leaving_by_group: np.ndarray
    leaving_multiplier: np.ndarray
    leaving_pay_elasticity: np.ndarray
    leaving_per_workload: np.ndarray
    leaving_rate: np.ndarray
    move_pay_elasticity: np.ndarray
    move_pull_limit: np.ndarray
    move_vacancy_response: np.ndarray
    move_workload_elasticity: np.ndarray
    new_starter_leaving_ratio: np.ndarray
    new_starter_productivity: np.ndarray
    overseas_recruitment: np.ndarray
    overwork_loss: np.ndarray
    productivity_multiplier: np.ndarray
    programme_posts: np.ndarray
    recruitment_limit: np.ndarray
    recruitment_multiplier: np.ndarray
    recruitment_pay_elasticity: np.ndarray
    recruitment_response: np.ndarray
    relative_pay: np.ndarray
    reserve_staff: np.ndarray
    retirement_rate: np.ndarray
    sick_leave_days: np.ndarray
    sickness_multiplier: np.ndarray
    sickness_per_workload: np.ndarray
    sickness_ratio: np.ndarray
    temporary_base_share: np.ndarray
    temporary_delay: np.ndarray
    temporary_fill_share: np.ndarray
    temporary_productivity: np.ndarray
    time_to_hire: np.ndarray
    training_completion: np.ndarray
    training_places: np.ndarray
    training_years: np.ndarray
    vacancy_share_of_workload: np.ndarray
    work_share_of_main_driver: np.ndarray
    workload_limit: np.ndarray
    workload_memory: np.ndarray
    years_to_experience: np.ndarray

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
    apprentices_final: Cells
    apprentices_first: Cells
    establishment: Cells
    in_post_experienced: Cells
    in_post_new: Cells
    on_sick_leave: Cells
    reserve_at_work: Cells
    temporary: Cells
    trainees_final: Cells
    trainees_first: Cells
    trainees_middle: Cells
    vacancies_advertised: Cells
    workload_experience: Cells

class Flows(Values):
    apprentices_elsewhere: np.ndarray
    apprentices_joining: np.ndarray
    apprenticeship_dropouts: np.ndarray
    apprenticeship_progress: np.ndarray
    apprenticeship_starts: np.ndarray
    becoming_experienced: np.ndarray
    domestic_joining: np.ndarray
    graduates_elsewhere: np.ndarray
    graduates_joining: np.ndarray
    leavers_experienced: np.ndarray
    leavers_new: np.ndarray
    moves_between_employers: np.ndarray
    overseas_joining: np.ndarray
    reserve_called: np.ndarray
    reserve_released: np.ndarray
    retirements: np.ndarray
    return_experienced: np.ndarray
    return_new: np.ndarray
    sick_leave_experienced: np.ndarray
    sick_leave_new: np.ndarray
    temporary_engaged: np.ndarray
    temporary_released: np.ndarray
    training_dropouts: np.ndarray
    training_progress_first: np.ndarray
    training_progress_middle: np.ndarray
    training_starts: np.ndarray

class Outputs(State):
    effective_staff: Cells
    funded_posts: Cells
    in_post: Cells
    in_post_nhs: Cells
    leaver_rate: Cells
    local_movers: Cells
    sickness_rate: Cells
    staffed_share: Cells
    temporary_staff: Cells
    temporary_staff_total: Cells
    vacancy_rate: Cells
    vacancy_rate_overall: Cells
    workload: Cells

class Memory(State):
    felt: Cells
    first_beds: Cells
    first_contracted: Cells
    first_cover: Cells
    first_need: Cells
    first_users: Cells
    first_vcse_posts: Cells
    first_work: Cells

class FlowMoves(Moves):
    apprentices_elsewhere: Move
    apprentices_joining: Move
    apprenticeship_dropouts: Move
    apprenticeship_progress: Move
    apprenticeship_starts: Move
    becoming_experienced: Move
    domestic_joining: Move
    graduates_elsewhere: Move
    graduates_joining: Move
    leavers_experienced: Move
    leavers_new: Move
    moves_between_employers: Move
    overseas_joining: Move
    reserve_called: Move
    reserve_released: Move
    retirements: Move
    return_experienced: Move
    return_new: Move
    sick_leave_experienced: Move
    sick_leave_new: Move
    temporary_engaged: Move
    temporary_released: Move
    training_dropouts: Move
    training_progress_first: Move
    training_progress_middle: Move
    training_starts: Move

class Views(NamedTuple):
    p: Parameters
    gain: Gains
    stock: Stocks
    flow: Flows
    out: Outputs
    memory: Memory
    move: FlowMoves

def views(world: World) -> Views: ...
