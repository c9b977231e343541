"""Scores of forecasts: the continuous ranked probability score (CRPS) and skill.

The CRPS generalises the absolute error to a distribution (it is the absolute error of a forecast without spread), has
the unit of the figure, and is smallest on average for the true distribution (Gneiting and Raftery 2007).
"""

from __future__ import annotations

import numpy as np


def crps_of_draws(draws: np.ndarray, observed: np.ndarray) -> np.ndarray:
    """Return the CRPS of forecasts given by equally likely draws.

    Args:
        draws: shape ``(figures, draws)``.
        observed: shape ``(figures,)``.

    Returns:
        Shape ``(figures,)``, in the unit of each figure.
    """
    import scoringrules

    return np.asarray(scoringrules.crps_ensemble(observed, draws, estimator="qd", backend="numpy"))


def crps_of_normal(mean: np.ndarray, deviation: np.ndarray, observed: np.ndarray) -> np.ndarray:
    """Return the CRPS of normal forecasts in closed form, shape of the arguments."""
    import scoringrules

    return np.asarray(scoringrules.crps_normal(observed, mean, deviation, backend="numpy"))


def skill(score: float, reference: float) -> float:
    """Return the share of a reference forecast's score that is saved: 1 is perfect, 0 no better, below 0 worse."""
    return 1.0 - score / reference if reference > 0.0 else float("nan")
