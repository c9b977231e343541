"""Entries of the sector by attribute. Made by ``python -m model.sectors.generate_views``; do not edit."""

from typing import NamedTuple

import numpy as np

from model.engine.views import Move, Moves, State, Values
from model.engine.world import World

class Parameters(Values):
    deaths_per_delayed_patient: np.ndarray
    inequality_perimeter: np.ndarray
    quality_multiplier: np.ndarray
    unit_cost: np.ndarray
    utility: np.ndarray
    utility_loss: np.ndarray

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
    cumulative_avoidable_deaths: np.ndarray
    cumulative_bed_days_lost: np.ndarray
    cumulative_life_years: np.ndarray
    cumulative_qalys: np.ndarray

class Flows(Values):
    pass

class Outputs(State):
    avoidable_deaths: np.ndarray
    bed_days_lost: np.ndarray
    deaths: np.ndarray
    deaths_by_age: np.ndarray
    deaths_by_place: np.ndarray
    deaths_from_department_delay: np.ndarray
    emergency_need: np.ndarray
    emergency_need_by_age: np.ndarray
    emergency_need_by_place: np.ndarray
    inequality_cost: np.ndarray
    inequality_cost_all_services: np.ndarray
    inequality_cost_by_deprivation: np.ndarray
    life_years: np.ndarray
    life_years_by_age: np.ndarray
    life_years_by_place: np.ndarray
    paid_roles: np.ndarray
    poor_health_share: np.ndarray
    premature_deaths: np.ndarray
    premature_deaths_by_age: np.ndarray
    premature_deaths_by_place: np.ndarray
    qalys: np.ndarray
    qalys_by_age: np.ndarray
    qalys_by_place: np.ndarray
    quality_adjusted_life_expectancy: np.ndarray
    relative_index_emergency_admissions: np.ndarray
    relative_index_poor_health: np.ndarray
    relative_index_premature_mortality: np.ndarray
    slope_index_emergency_admissions: np.ndarray
    slope_index_poor_health: np.ndarray
    slope_index_premature_mortality: np.ndarray
    years_in_poor_health: np.ndarray
    years_in_poor_health_by_age: np.ndarray
    years_in_poor_health_by_place: np.ndarray

class Memory(State):
    pass

class FlowMoves(Moves):
    pass

class Views(NamedTuple):
    p: Parameters
    gain: Gains
    stock: Stocks
    flow: Flows
    out: Outputs
    memory: Memory
    move: FlowMoves

def views(world: World) -> Views: ...
