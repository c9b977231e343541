"""The stock-flow hospital's curves as functions of learnt numbers, as its sector computes them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields

import numpy as np

from model.sectors.urgent_care.equations import LEAST_QUEUE_HOURS, OCCUPANCY_POINTS


@dataclass(frozen=True)
class FittedCurves:
    """Learnt numbers, each as the parameter of that name in the sector ``urgent_care``.

    Attributes:
        wait_for_bed_response: hours at ``OCCUPANCY_POINTS``; the first is given, not learnt.
        delay_per_nctr_share: hours per unit share of beds held.
        long_wait_scale: see ``share_waiting_over``.
        long_wait_onset: the same.
        handover_queue_hours: hours queued for a cubicle when no patient waits for a bed.
        handover_per_boarding_hour: hours of handover at one hour of wait beyond the first point.
        handover_power: power of that wait.
        breach_base: share over four hours when no patient waits, with the staffing of April 2019.
        breach_per_crowding: added share per patient waiting for each in assessment.
        cancellation_response: share of planned electives cancelled at ``OCCUPANCY_POINTS``.
        outlier_onset: occupancy.
        outlier_share_at_full: share.
    """

    wait_for_bed_response: np.ndarray
    delay_per_nctr_share: float
    long_wait_scale: float
    long_wait_onset: float
    handover_queue_hours: float
    handover_per_boarding_hour: float
    handover_power: float
    breach_base: float
    breach_per_crowding: float
    cancellation_response: np.ndarray
    outlier_onset: float
    outlier_share_at_full: float


SHAPE_NAMES = ("long_wait_onset", "handover_power")
"""Learnt numbers that trade off against a size."""
LEARNT_NAMES = tuple(field.name for field in fields(FittedCurves))


@dataclass(frozen=True)
class FixedParameters:
    """Parameters of the same equations that are not learnt.

    Attributes:
        uncrowded_wait: hours to a bed at the first of ``OCCUPANCY_POINTS``.
        handover: hours of a handover into a free cubicle.
        breach_response: published share over four hours that occupancy adds, at ``OCCUPANCY_POINTS``.
        breach_of_staffing: share over four hours that staffing of the stated date adds.
        bounds: lowest and highest value of each learnt parameter.
    """

    uncrowded_wait: float
    handover: float
    breach_response: np.ndarray
    breach_of_staffing: float
    bounds: Mapping[str, tuple[float, float]]


def tabulated(table: np.ndarray, occupancy: np.ndarray) -> np.ndarray:
    """Return a tabulated response, linear between its points and flat beyond them."""
    return np.interp(occupancy, OCCUPANCY_POINTS, table)


def mean_wait(curves: FittedCurves, occupancy: np.ndarray, held: np.ndarray) -> np.ndarray:
    """Return mean hours to a bed."""
    return tabulated(curves.wait_for_bed_response, occupancy) + curves.delay_per_nctr_share * held


def share_waiting_over(curves: FittedCurves, given: FixedParameters, wait: np.ndarray, hours: float) -> np.ndarray:
    """Return the share of admissions that wait more than so many hours, at a mean wait."""
    return share_over_hours(curves.long_wait_scale, curves.long_wait_onset, given, wait, hours)


def share_over_hours(scale: float, onset: float, given: FixedParameters, wait: np.ndarray, hours: float) -> np.ndarray:
    """Return the same, of a scale and an onset."""
    beyond = np.maximum(wait - given.uncrowded_wait, LEAST_QUEUE_HOURS)
    queueing = -np.expm1(-beyond / onset)
    mean = scale * (given.uncrowded_wait + beyond / queueing)
    return (1.0 - queueing) * np.exp(-hours / given.uncrowded_wait) + queueing * np.exp(-hours / mean)


def mean_handover(curves: FittedCurves, given: FixedParameters, wait: np.ndarray) -> np.ndarray:
    """Return hours of an ambulance handover, at a mean wait for a bed."""
    beyond = np.maximum(wait - given.uncrowded_wait, 0.0)
    uncrowded = given.handover + curves.handover_queue_hours
    return uncrowded + curves.handover_per_boarding_hour * beyond**curves.handover_power


def share_over_four(
    curves: FittedCurves, given: FixedParameters, occupancy: np.ndarray, crowding: np.ndarray
) -> np.ndarray:
    """Return the share of attendances over four hours, with the staffing of the stated date."""
    base = curves.breach_base + given.breach_of_staffing
    crowded = curves.breach_per_crowding * crowding
    return np.minimum(base + tabulated(given.breach_response, occupancy) + crowded, 1.0)


def share_cancelled(curves: FittedCurves, occupancy: np.ndarray) -> np.ndarray:
    """Return the share of planned overnight electives cancelled."""
    return tabulated(curves.cancellation_response, occupancy)


def share_outlying(curves: FittedCurves, occupancy: np.ndarray) -> np.ndarray:
    """Return the share of patients outside the ward of their specialty."""
    onset = curves.outlier_onset
    return curves.outlier_share_at_full * np.maximum(occupancy - onset, 0.0) / (1.0 - onset)
