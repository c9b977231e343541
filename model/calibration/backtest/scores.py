"""Scores of forecasts: the continuous ranked probability score (CRPS), coverage of central intervals, skill.

The CRPS generalises the absolute error to a distribution (it is the absolute error of a forecast without spread), has
the unit of the figure, and is smallest on average for the true distribution (Gneiting and Raftery 2007).
"""

from __future__ import annotations

import numpy as np
from scipy.special import ndtri

INTERVALS = (0.5, 0.8)
"""Central intervals whose coverage is counted."""


def crps_of_draws(draws: np.ndarray, observed: np.ndarray) -> np.ndarray:
    """CRPS of forecasts given by equally likely draws.

    Args:
        draws: shape ``(figures, draws)``.
        observed: shape ``(figures,)``.

    Returns:
        Shape ``(figures,)``, in the unit of each figure.
    """
    import scoringrules

    return np.asarray(scoringrules.crps_ensemble(observed, draws, estimator="qd", backend="numpy"))


def crps_of_normal(mean: np.ndarray, deviation: np.ndarray, observed: np.ndarray) -> np.ndarray:
    """CRPS of normal forecasts in closed form, shape of the arguments."""
    import scoringrules

    return np.asarray(scoringrules.crps_normal(observed, mean, deviation, backend="numpy"))


def inside_draws(draws: np.ndarray, observed: np.ndarray, share: float) -> np.ndarray:
    """Whether figures lie within the central interval of their draws that holds ``share``, shape ``(figures,)``."""
    low, high = np.quantile(draws, (0.5 - share / 2.0, 0.5 + share / 2.0), axis=1)
    return (low <= observed) & (observed <= high)


def inside_normal(mean: np.ndarray, deviation: np.ndarray, observed: np.ndarray, share: float) -> np.ndarray:
    """The same for normal forecasts."""
    return np.abs(observed - mean) <= float(ndtri(0.5 + share / 2.0)) * deviation


def skill(score: float, reference: float) -> float:
    """Share of the score of a reference forecast that is saved: 1 is perfect, 0 no better, below 0 worse."""
    return 1.0 - score / reference if reference > 0.0 else float("nan")
