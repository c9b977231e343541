"""The course of prices: levels of the financial years by the registered inflation."""

from __future__ import annotations

import numpy as np

from model.registry.catalogue import Registry
from model.registry.dimensions import DIMENSIONS

PRICES = "finance.price_inflation"
"""Parameter by which money of one year is brought to the prices of another."""


def price_level(registry: Registry, base: str) -> dict[str, float]:
    """Give prices of each financial year relative to those of ``base``, by the registered inflation."""
    years = DIMENSIONS["financial_year"]
    level = np.cumprod(1.0 + registry.parameters[PRICES].value)
    return {year: float(level[index] / level[years.index(base)]) for index, year in enumerate(years)}
