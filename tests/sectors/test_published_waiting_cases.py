"""The published waiting-list cases, reproduced to the digits printed."""

from __future__ import annotations

import numpy as np
import pytest
from waiting_helpers import compartment_month

REMOVALS = np.array([0.05, 0.04, 0.03, 0.10])
WEIGHTS = np.array([0.30, 0.15, 0.20, 0.25])
START = np.array([700.0, 500.0, 400.0, 900.0])
REFERRALS, TREATMENTS = 1000.0, 650.0


def list_after(months: int) -> float:
    waiting = START
    for _ in range(months):
        waiting, _, _ = compartment_month(waiting, REFERRALS, TREATMENTS, REMOVALS, WEIGHTS)
    return float(waiting.sum())


def test_first_month_by_compartment():
    waiting, removed, treated = compartment_month(START, REFERRALS, TREATMENTS, REMOVALS, WEIGHTS)
    assert [f"{value:g}" for value in removed] == ["50", "28", "15", "130"]
    assert [f"{value:.3f}" for value in treated] == ["234.940", "82.229", "78.313", "254.518"]
    assert f"{waiting.sum():.1f}" == "2627.0"


@pytest.mark.parametrize(("months", "printed"), [(12, "3497.56"), (24, "3812.33"), (60, "3947.81")])
def test_list_after_months(months: int, printed: str):
    assert f"{list_after(months):.2f}" == printed


def test_england_mass_balance():
    waiting, stops_per_day, capacity_cut, days = 3_843_182.0, 43_149.0, 0.10, 365.0
    growth = stops_per_day * capacity_cut * days / waiting
    assert f"{100 * growth:.1f}" == "41.0"
    assert 0.33 <= growth <= 0.49
