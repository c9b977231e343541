"""Bounded priors and their transform to a space in which every prior is standard normal.

A fitted number ``x`` with prior distribution function ``F`` becomes the score ``z = Phi^-1(F(x))``: unbounded, and
standard normal a priori, whatever the shape of ``F``. Any ``z`` gives an ``x`` within the range of the evidence.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from model.scenarios.uncertainty.draws import quantile

Shape = Literal["triangular", "uniform", "loguniform"]


@dataclass(frozen=True)
class Prior:
    """A prior distribution between two ends.

    Attributes:
        low: smallest value.
        central: value in use before the fit; the mode where the distribution is triangular.
        high: largest value.
        shape: its distribution.
    """

    low: float
    central: float
    high: float
    shape: Shape = "triangular"

    def value(self, score: np.ndarray) -> np.ndarray:
        """Return the values that belong to scores, any shape."""
        from scipy.special import ndtr

        return quantile(self.shape, ndtr(score), *(np.asarray(end) for end in (self.low, self.central, self.high)))

    def score(self, value: float) -> float:
        """Return the score of a value that lies within the range."""
        from scipy.special import ndtri

        width = self.high - self.low
        if self.shape == "uniform":
            share = (value - self.low) / width
        elif self.shape == "loguniform":
            share = np.log(value / self.low) / np.log(self.high / self.low)
        elif value <= self.central:
            share = (value - self.low) ** 2 / (width * max(self.central - self.low, np.finfo(float).tiny))
        else:
            share = 1.0 - (self.high - value) ** 2 / (width * (self.high - self.central))
        return float(ndtri(np.clip(share, 1e-12, 1.0 - 1e-12)))

    def error(self) -> str:
        """Return what is wrong with it; empty where it is right."""
        if not self.low < self.high:
            return f"low ({self.low:g}) must lie below high ({self.high:g})"
        if not self.low <= self.central <= self.high:
            return f"the central value {self.central:g} must lie between {self.low:g} and {self.high:g}"
        if self.shape == "triangular" and self.central in (self.low, self.high):
            return "the central value of a triangular prior must lie inside its range, not at an end"
        if self.shape == "loguniform" and self.low <= 0.0:
            return "a loguniform prior needs a range above zero"
        return ""
