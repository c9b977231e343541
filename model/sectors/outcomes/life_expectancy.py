"""Life expectancy weighted by quality of life, by Sullivan's method on a period life table of five-year age bands.

Sullivan D F, 'A single index of mortality and morbidity', HSMHA Health Reports 1971; the life table as Chiang 1984,
with those who die within a band dying in the middle of it.
"""

from __future__ import annotations

import numpy as np

from model.engine.dynamics import safe_ratio

YEARS_OF_BAND = 5.0
LOWEST_RATE = 1e-6
"""Guard against division by zero (1/year) where nobody dies in the open band."""


def years_lived(death_rate: np.ndarray, width: float = YEARS_OF_BAND) -> np.ndarray:
    """Years that a newborn lives in each age band at the death rates of the period.

    Args:
        death_rate: deaths by person-year, 1/year; age band first, the last one open.
        width: years of every other band.

    Returns:
        Years by age band, of the shape of the rates.
    """
    dying = np.minimum(width * death_rate / (1.0 + 0.5 * width * death_rate), 1.0)
    alive_after = np.cumprod(1.0 - dying[:-1], axis=0)
    alive = np.concatenate([np.ones_like(death_rate[:1]), alive_after])
    closed = width * 0.5 * (alive[:-1] + alive[1:])
    return np.concatenate([closed, safe_ratio(alive[-1:], death_rate[-1:], floor=LOWEST_RATE)])


def quality_adjusted(death_rate: np.ndarray, quality: np.ndarray, width: float = YEARS_OF_BAND) -> np.ndarray:
    """Quality-adjusted life expectancy at birth: years lived in each band times the quality of life in it.

    Args:
        death_rate: as ``years_lived``.
        quality: mean quality of life of those in each band, 0 to 1, of the same shape.
        width: years of every band but the last.
    """
    return (years_lived(death_rate, width) * quality).sum(axis=0)
