"""Entries of the sector by attribute. Made by ``python -m model.sectors.generate_views``; do not edit."""

from typing import NamedTuple

import numpy as np

from model.engine.views import Cells, Move, Moves, State, Values
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
    cumulative_avoidable_deaths: Cells
    cumulative_bed_days_lost: Cells
    cumulative_life_years: Cells
    cumulative_qalys: Cells

class Flows(Values):
    pass

class Outputs(State):
    avoidable_deaths: Cells
    bed_days_lost: Cells
    deaths: Cells
    deaths_by_age: Cells
    deaths_by_place: Cells
    deaths_from_department_delay: Cells
    emergency_need: Cells
    emergency_need_by_age: Cells
    emergency_need_by_place: Cells
    inequality_cost: Cells
    inequality_cost_all_services: Cells
    inequality_cost_by_deprivation: Cells
    life_years: Cells
    life_years_by_age: Cells
    life_years_by_place: Cells
    paid_roles: Cells
    poor_health_share: Cells
    premature_deaths: Cells
    premature_deaths_by_age: Cells
    premature_deaths_by_place: Cells
    qalys: Cells
    qalys_by_age: Cells
    qalys_by_place: Cells
    quality_adjusted_life_expectancy: Cells
    relative_index_emergency_admissions: Cells
    relative_index_poor_health: Cells
    relative_index_premature_mortality: Cells
    slope_index_emergency_admissions: Cells
    slope_index_poor_health: Cells
    slope_index_premature_mortality: Cells
    years_in_poor_health: Cells
    years_in_poor_health_by_age: Cells
    years_in_poor_health_by_place: Cells

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
