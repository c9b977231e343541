"""Prices of financial years."""

from __future__ import annotations

import pytest

from model.registry.dimensions import DIMENSIONS
from model.results.prices import PRICES, price_level
from model.sectors.model_registry import registry


def test_prices_are_relative_to_their_base_and_follow_inflation():
    level = price_level(registry(), "2023/24")
    assert level["2023/24"] == 1
    inflation = dict(zip(DIMENSIONS["financial_year"], registry().parameters[PRICES].value, strict=True))
    assert level["2024/25"] == pytest.approx(1 + inflation["2024/25"])
    assert level["2022/23"] == pytest.approx(1 / (1 + inflation["2023/24"]))
