"""The two representations of the acute hospitals, and what a scenario may not do with the patient-level one."""

from __future__ import annotations

from model.registry.catalogue import Registry
from model.registry.declarations import Flow

STOCK_FLOW, PATIENT_LEVEL = "stock-flow", "patient-level"
SECTORS = ("urgent_care", "discharge")
"""Sectors that the patient-level hospital replaces."""
NO_EFFECT = "the patient-level hospital does not use it: its patients wait and crowd by themselves"
FIXED = (
    "urgent_care.crowding_stay_response",
    "urgent_care.outlier_stay_penalty",
    "discharge.function_lost_per_day",
    "discharge.function_lost_limit",
    "loops.R1_deconditioning",
    "loops.R3_exit_block",
)
"""Parameters that patients carry from the first day on, so that no dated change can act on them."""
NOT_USED = (
    "urgent_care.handover_queue_hours",
    "urgent_care.handover_per_boarding_hour",
    "urgent_care.handover_power",
    "urgent_care.delay_per_nctr_share",
    "urgent_care.long_wait_scale",
    "urgent_care.long_wait_onset",
    "urgent_care.occupancy_memory",
    "urgent_care.outlier_share_at_full",
    "urgent_care.outlier_onset",
    "urgent_care.outlier_delay",
    "urgent_care.cancellation_response",
    "urgent_care.crowding_of_assessment",
    "urgent_care.breach_base",
    "urgent_care.breach_per_crowding",
    "urgent_care.breach_staffing_response",
    "urgent_care.breach_response",
    "urgent_care.wait_for_bed_response",
    "urgent_care.uncrowded_wait_for_bed",
    "loops.R4_cancellation",
)
"""Parameters of the stock-flow hospital that have no effect in the other: patients do what they describe."""


def whole_steps(days: float, step_days: float) -> bool:
    """Return whether a time is a whole number of base steps."""
    steps = days / step_days
    return steps >= 1.0 - 1e-9 and abs(steps - round(steps)) < 1e-9


def refused_by_patients(target: str, registry: Registry) -> str:
    """Return why a dated change of a parameter or flow cannot act on patients; empty where it can."""
    if target in NOT_USED:
        return NO_EFFECT
    if target in FIXED:
        return "the patient-level hospital takes it once, at the start"
    entry = registry.entries[target]
    if isinstance(entry, Flow) and entry.sector in SECTORS:
        return "the patients of a patient-level hospital make this flow themselves"
    return ""
