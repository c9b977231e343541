"""Entries of the sector by attribute. Made by ``python -m model.sectors.generate_views``; do not edit."""

from typing import NamedTuple

import numpy as np

from model.engine.views import Cells, Move, Moves, State, Values
from model.engine.world import World

class Parameters(Values):
    birth_multiplier: np.ndarray
    births_per_year: np.ndarray
    coding_drift_share: np.ndarray
    coding_loss_share: np.ndarray
    condition_delay: np.ndarray
    condition_incidence: np.ndarray
    extra_longevity: np.ndarray
    extra_longevity_from: np.ndarray
    extra_migration: np.ndarray
    incidence_per_prevention: np.ndarray
    initial_people: np.ndarray
    migration_multiplier: np.ndarray
    mortality: np.ndarray
    mortality_attributable: np.ndarray
    mortality_by_deprivation: np.ndarray
    mortality_multiplier: np.ndarray
    mortality_relative_risk: np.ndarray
    net_migration: np.ndarray
    progression_attributable: np.ndarray
    progression_by_deprivation: np.ndarray
    progression_multiplier: np.ndarray
    rate_to_CS1: np.ndarray
    rate_to_CS2: np.ndarray
    rate_to_CS3: np.ndarray
    rate_to_CS4: np.ndarray
    rate_to_CS5: np.ndarray
    recovery_multiplier: np.ndarray
    registered_per_resident: np.ndarray

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
    condition_burden: Cells
    people: Cells

class Flows(Values):
    ageing: np.ndarray
    births: np.ndarray
    deaths: np.ndarray
    emigration: np.ndarray
    migration: np.ndarray
    progression: np.ndarray
    recovery: np.ndarray

class Outputs(State):
    adults_by_segment: Cells
    age_well: Cells
    aged_75_and_over: Cells
    by_age: Cells
    by_deprivation: Cells
    by_place_and_segment: Cells
    deaths_by_place: Cells
    deaths_under_75: Cells
    deaths_under_75_by_place: Cells
    live_well: Cells
    residents: Cells
    share_high_multimorbidity: Cells
    start_well: Cells

class Memory(State):
    people_before: Cells

class FlowMoves(Moves):
    ageing: Move
    births: Move
    deaths: Move
    emigration: Move
    migration: Move
    progression: Move
    recovery: Move

class Views(NamedTuple):
    p: Parameters
    gain: Gains
    stock: Stocks
    flow: Flows
    out: Outputs
    memory: Memory
    move: FlowMoves

def views(world: World) -> Views: ...
