"""VCSE: balance, conservation, limits and levers."""

from __future__ import annotations

import numpy as np
import pytest
from workforce_helpers import dated, simulate

from model.sectors.vcse.equations import Vcse
from model.sectors.workforce.equations import Workforce


def test_starts_in_balance() -> None:
    found = simulate([Vcse()], years=6)
    assert found["vcse.capacity_index"] == pytest.approx(1.0, abs=1e-3)
    assert 1400.0 < found["vcse.contracted_posts"][0, 0] < 1650.0
    for name in ("emergency_need", "gp_contact", "falls_need", "mental_health_need"):
        assert found[f"vcse.{name}_multiplier"] == pytest.approx(1.0, abs=1e-4)


def test_without_money_capacity_declines_to_nothing_and_never_below() -> None:
    found = simulate([Vcse()], years=20, change={"vcse.funding_multiplier": 0.0})
    capacity = found["vcse.capacity"].sum(axis=1)[:, 0]
    assert capacity.max() == 0.0
    later = simulate([Vcse()], years=20, growth={"finance.discretionary_share": -0.9})
    capacity = later["vcse.capacity"].sum(axis=1)[:, 0]
    assert np.all(np.diff(capacity) < 1e-9)
    assert capacity.min() >= 0.0
    assert capacity[-1] < 0.65 * capacity[0]


def test_equal_members_give_equal_answers() -> None:
    one = simulate([Workforce(), Vcse()], years=2)
    five = simulate([Workforce(), Vcse()], years=2, members=5)
    for name, values in one.items():
        assert np.array_equal(np.repeat(values, 5, axis=-1), five[name]), name


def test_half_the_step_changes_little() -> None:
    growth = {"finance.discretionary_share": -0.1}
    whole = simulate([Vcse()], growth=growth)
    half = simulate([Vcse()], growth=growth, step_days=1.75)
    for name in ("vcse.capacity", "vcse.people_supported", "vcse.volunteers_total"):
        assert half[name][-12:].mean() == pytest.approx(whole[name][-12:].mean(), rel=0.005), name


def test_long_contracts_hold_more_capacity_for_the_same_money() -> None:
    plain = simulate([Vcse()], years=5)
    longer = simulate([Vcse()], years=5, change={"vcse.share_on_long_contracts": 0.8})
    assert longer["vcse.contracted_posts"][-1, 0] > plain["vcse.contracted_posts"][-1, 0]
    converted = simulate([Vcse()], years=5, change={"vcse.conversion_rate": 0.5})
    assert converted["vcse.capacity_long"][-1].sum() > 2.0 * plain["vcse.capacity_long"][-1].sum()


def test_volunteers_from_deprived_communities_carry_support_there() -> None:
    plain = simulate([Vcse()], years=5)
    more = np.array([2.0, 1.0, 1.0, 1.0, 1.0])[:, None]
    reached = simulate([Vcse()], years=5, change={"vcse.volunteer_recruitment_multiplier": more})
    assert reached["vcse.volunteers_total"][-1, 0] > plain["vcse.volunteers_total"][-1, 0]
    before, after = (
        found["vcse.supported_by_deprivation"][-1, 0, 0] / found["vcse.people_supported"][-1, 0]
        for found in (plain, reached)
    )
    assert after > before + 0.01


def test_more_support_has_small_effects_within_the_evidence() -> None:
    more = dated("vcse.funding_multiplier", {2019.25: 1, 2020.25: 2})
    found = simulate([Vcse()], years=6, modifiers=(more,))
    plain = simulate([Vcse()], years=6)
    assert found["vcse.people_supported"][-1, 0] > 1.8 * plain["vcse.people_supported"][-1, 0]
    for name, effect in (("emergency_need", -0.002), ("gp_contact", -0.0012), ("falls_need", -0.005)):
        assert found[f"vcse.{name}_multiplier"][-1] == pytest.approx(1.0 + effect, abs=abs(effect) / 4.0)


def test_interventions_take_up_capacity() -> None:
    plain = simulate([Vcse()], years=1)
    taken = simulate([Vcse()], years=1, change={"vcse.programme_capacity": 50.0})
    assert taken["vcse.capacity"][0].sum() < plain["vcse.capacity"][0].sum()


def test_posts_of_the_workforce_follow_contracts() -> None:
    found = simulate([Workforce(), Vcse()], years=4, growth={"finance.discretionary_share": -0.3})
    posts = found["workforce.funded_posts"][:, -1].sum(axis=1)[:, 0]
    assert posts[-1] < 0.95 * posts[0]
