"""Entries of the sector by attribute. Made by ``python -m model.sectors.generate_views``; do not edit."""

from typing import NamedTuple

import numpy as np

from model.engine.views import Cells, Move, Moves, State, Values
from model.engine.world import World

class Parameters(Values):
    age_factor: np.ndarray
    condition_share: np.ndarray
    dependency_factor: np.ndarray
    deprivation_factor: np.ndarray
    falls_top_share: np.ndarray
    growth: np.ndarray
    growth_years: np.ndarray
    segment_rate: np.ndarray
    service_factor: np.ndarray
    stay_factor: np.ndarray

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
    pass

class Flows(Values):
    pass

class Outputs(State):
    dependency_index: Cells
    falls_bed_day_concentration: Cells
    need: Cells
    need_by_deprivation: Cells
    stay_index: Cells

class Memory(State):
    dependency_after: Cells
    dependency_before: Cells
    first_dependency: Cells
    first_stay: Cells
    need_after: Cells
    need_before: Cells
    stay_after: Cells
    stay_before: Cells

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
