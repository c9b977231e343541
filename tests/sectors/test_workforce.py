"""Workforce: levels of 2019-2023, conservation, limits, loops and levers."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from workforce_helpers import EMPLOYERS, START, dated, simulate

from model.registry.dimensions import DIMENSIONS
from model.sectors.workforce.declarations import LOOPS
from model.sectors.workforce.equations import Workforce

ACUTE, COMMUNITY, MENTAL_HEALTH, SOCIAL_CARE = (
    EMPLOYERS.index(name) for name in ("acute", "community", "mental_health", "social_care")
)
NHS_OTHERS = ("community", "mental_health", "primary_care")
PRESSURE = {"demand.need": 0.03, "urgent_care.beds_occupied": 0.03, "discharge.long_term_users": 0.03}
LABOUR, LEAVING = "workforce.labour_market_factor", "workforce.leaving_multiplier"
SICKNESS, PRODUCTIVITY = "workforce.sickness_multiplier", "workforce.productivity_multiplier"
HISTORY = (
    dated(
        LABOUR,
        {
            2020.15: 1,
            2020.4: 1.15,
            2021.2: 1.15,
            2021.3: 0.55,
            2022.45: 0.55,
            2022.55: 1.05,
            2023.25: 0.95,
            2024.25: 0.6,
        },
        ("acute",),
    ),
    dated(
        LABOUR,
        {2020.15: 1, 2020.4: 1.2, 2021.2: 1.15, 2021.4: 0.75, 2022.4: 0.8, 2022.6: 1.0, 2023.25: 0.95, 2024.25: 0.72},
        ("community", "primary_care"),
    ),
    dated(
        LABOUR,
        {2020.1: 1, 2020.2: 2.0, 2021.2: 1.6, 2021.3: 0.75, 2022.4: 0.85, 2022.6: 1.1, 2023.25: 1.0, 2024.25: 0.68},
        ("mental_health",),
    ),
    dated(
        LABOUR,
        {
            2020.15: 1,
            2020.4: 1.05,
            2021.2: 0.95,
            2021.3: 0.50,
            2022.0: 0.55,
            2022.3: 0.92,
            2023.25: 0.85,
            2024.25: 0.80,
        },
        ("social_care", "vcse"),
    ),
    dated("workforce.overseas_recruitment", {2022.1: 1, 2022.6: 5, 2024.0: 5, 2025.25: 2}, ("social_care",)),
    dated(
        LEAVING,
        {2020.15: 1, 2020.35: 0.85, 2021.2: 0.92, 2021.5: 1.15, 2022.6: 1.15, 2023.6: 1},
        ("acute", *NHS_OTHERS),
    ),
    dated(
        LEAVING, {2020.15: 1, 2020.35: 0.95, 2021.2: 1, 2021.5: 1.12, 2022.3: 1.05, 2023.5: 1}, ("social_care", "vcse")
    ),
    dated(
        SICKNESS,
        {
            2020.15: 1,
            2020.3: 1.35,
            2020.5: 1,
            2020.95: 1.05,
            2021.05: 1.3,
            2021.2: 1,
            2021.95: 1.15,
            2022.1: 1.2,
            2022.6: 1.12,
            2023.3: 1.05,
            2025.3: 1,
        },
        EMPLOYERS,
    ),
    dated(
        PRODUCTIVITY,
        {2020.15: 1, 2020.35: 0.75, 2021.25: 0.84, 2022.25: 0.86, 2023.25: 0.89, 2026.25: 0.93},
        ("acute",),
    ),
    dated(
        PRODUCTIVITY,
        {2020.15: 1, 2020.35: 0.85, 2021.25: 0.90, 2022.25: 0.90, 2023.25: 0.92, 2026.25: 0.95},
        NHS_OTHERS,
    ),
)
"""Dated shocks of the pandemic and its labour market, as a history of a scenario would give them."""
GROWTH = {"demand.need": 0.012, "urgent_care.beds_occupied": 0.01, "discharge.long_term_users": 0.012}


@pytest.fixture(scope="module")
def history() -> dict[str, np.ndarray]:
    return simulate([Workforce()], years=20, modifiers=HISTORY, growth=GROWTH)


@pytest.mark.parametrize(
    ("employer", "at", "wte"),
    [
        (ACUTE, date(2020, 3, 1), 17475),  # E2026, E2046
        (ACUTE, date(2021, 3, 1), 18301),  # E2028, E2048
        (ACUTE, date(2022, 3, 1), 18261),  # E2030, E2050
        (ACUTE, date(2023, 3, 1), 19007),  # E2034, E2054
        (MENTAL_HEALTH, date(2021, 3, 1), 1980),  # half of E2068
        (MENTAL_HEALTH, date(2023, 3, 1), 2036),  # half of E2074
    ],
)
def test_staff_in_post_follow_the_series(history: dict[str, np.ndarray], employer: int, at: date, wte: float) -> None:
    month = (at.year - START.year) * 12 + at.month - START.month
    found = history["workforce.in_post"][month, employer, :, 0].sum()
    assert found == pytest.approx(wte, rel=0.03)


def test_vacancies_of_2022_23(history: dict[str, np.ndarray]) -> None:
    year = slice(36, 48)
    rates = history["workforce.vacancy_rate"][year, :, 0].mean(axis=0)
    assert history["workforce.vacancy_rate_overall"][year, 0].mean() == pytest.approx(0.16, abs=0.01)
    assert 0.20 < rates[COMMUNITY] < 0.25
    assert 0.20 < rates[MENTAL_HEALTH] < 0.25
    assert 0.09 < rates[SOCIAL_CARE] < 0.12


def test_vacancies_settle_after_2023(history: dict[str, np.ndarray]) -> None:
    later = history["workforce.vacancy_rate_overall"][60:, 0]
    assert later.min() > 0.12
    assert later.max() < 0.18


def test_leavers_and_sickness_are_of_the_size_reported(history: dict[str, np.ndarray]) -> None:
    year = slice(36, 48)
    assert history["workforce.leaver_rate"][year, ACUTE, 0].mean() == pytest.approx(0.0875, abs=0.01)  # E3458
    assert history["workforce.sickness_rate"][year, ACUTE, 0].mean() == pytest.approx(0.051, abs=0.006)  # E0103, E0085


def test_equal_members_give_equal_answers() -> None:
    one = simulate([Workforce()], growth=PRESSURE)
    five = simulate([Workforce()], growth=PRESSURE, members=5)
    for name, values in one.items():
        assert np.array_equal(np.repeat(values, 5, axis=-1), five[name]), name


def test_half_the_step_changes_little() -> None:
    whole = simulate([Workforce()], years=6, modifiers=HISTORY, growth=GROWTH)
    half = simulate([Workforce()], years=6, modifiers=HISTORY, growth=GROWTH, step_days=1.75)
    for name in ("workforce.in_post_nhs", "workforce.vacancy_rate_overall", "workforce.temporary_staff_total"):
        assert half[name][-12:].mean() == pytest.approx(whole[name][-12:].mean(), rel=0.005), name


def test_unlimited_labour_supply_ends_vacancies() -> None:
    found = simulate([Workforce()], years=2, change={LABOUR: 1e6})
    # Medical posts of social care and the VCSE do not exist; elsewhere only a step's leavers remain to be replaced.
    assert found["workforce.vacancy_rate"][-1].max() < 0.01


def test_without_any_supply_staff_decline_and_stay_above_zero() -> None:
    none = {LABOUR: 0.0, "workforce.training_places": 0.0, "workforce.apprenticeships": 0.0}
    found = simulate([Workforce()], years=20, change={**none, "workforce.overseas_recruitment": 0.0})
    staff = found["workforce.in_post"].sum(axis=(1, 2))[:, 0]
    assert np.all(np.diff(staff[72:]) < 0.0)
    assert found["workforce.in_post"].min() >= 0.0
    assert staff[-1] < 0.4 * staff[0]


@pytest.mark.parametrize("name", ["workforce.initial_in_post", "workforce.training_years", "workforce.leaving_rate"])
def test_extreme_values_give_finite_results(name: str) -> None:
    extreme = {"workforce.initial_in_post": 0.0, "workforce.training_years": 0.1, "workforce.leaving_rate": 50.0}[name]
    found = simulate([Workforce()], years=2, change={name: extreme})
    assert all(np.isfinite(values).all() for values in found.values())


@pytest.mark.parametrize("loop", LOOPS, ids=lambda loop: loop.identifier)
def test_loop_acts_with_its_sign(loop) -> None:
    name, sign = loop.shows_in
    on = simulate([Workforce()], years=5, growth=PRESSURE, modifiers=HISTORY)[name][-24:].mean()
    broken = simulate([Workforce()], years=5, growth=PRESSURE, modifiers=HISTORY, change={loop.gain: 0.0})
    off = broken[name][-24:].mean()
    assert abs(on - off) > 0.002 * abs(off)
    assert np.sign(on - off) == sign


@pytest.mark.parametrize("loop", LOOPS, ids=lambda loop: loop.identifier)
def test_loop_at_zero_gain_leaves_no_trace_of_its_strength(loop) -> None:
    # Pay differs between employers so that its elasticity would be seen.
    common = {loop.gain: 0.0, "workforce.relative_pay": np.linspace(1.2, 0.9, len(EMPLOYERS))[:, None]}
    plain = simulate([Workforce()], years=3, growth=PRESSURE, change=common)
    other = {
        "workforce.sickness_per_workload": 2.0,
        "workforce.leaving_per_workload": 3.0,
        "workforce.burnout_limit": 0.3,
        "workforce.overwork_loss": 0.9,
        "workforce.move_pay_elasticity": 4.0,
        "workforce.move_workload_elasticity": 3.0,
        "workforce.move_vacancy_response": 0.3,
        "workforce.move_pull_limit": 6.0,
        "workforce.recruitment_response": 1.2,
        "workforce.recruitment_limit": 5.0,
        "workforce.temporary_fill_share": 0.1,
    }
    for strength in loop.strength:
        perturbed = simulate([Workforce()], years=3, growth=PRESSURE, change={**common, strength: other[strength]})
        for name, values in plain.items():
            assert np.array_equal(values, perturbed[name]), (strength, name)


def test_acute_posts_draw_staff_from_social_care() -> None:
    plain = simulate([Workforce()], years=5)
    posts = np.zeros((len(EMPLOYERS), len(DIMENSIONS["staff_group"]), 1))
    posts[ACUTE] = 400.0
    more = simulate([Workforce()], years=5, change={"workforce.programme_posts": posts})
    change = (more["workforce.in_post"] - plain["workforce.in_post"])[-1, :, :, 0].sum(axis=1)
    assert change[ACUTE] > 0.0
    assert change[SOCIAL_CARE] < 0.0


def test_pay_parity_fills_posts_of_social_care() -> None:
    pay = np.ones((len(EMPLOYERS), 1))
    pay[SOCIAL_CARE] = 1.1
    plain = simulate([Workforce()])["workforce.vacancy_rate"][-1, SOCIAL_CARE, 0]
    parity = simulate([Workforce()], change={"workforce.relative_pay": pay})
    assert parity["workforce.vacancy_rate"][-1, SOCIAL_CARE, 0] < plain - 0.005


def test_retention_acts_within_months_and_training_after_years() -> None:
    start = {2019.25: 1, 2019.26: 0.882}  # E3457
    plain = simulate([Workforce()], years=6)["workforce.in_post_nhs"][:, 0]
    retention = simulate([Workforce()], years=6, modifiers=(dated(LEAVING, start),))
    retained = retention["workforce.in_post_nhs"][:, 0] - plain
    places = dated("workforce.training_places", {2019.25: 1, 2019.26: 1.5})
    trained = simulate([Workforce()], years=6, modifiers=(places,))["workforce.in_post_nhs"][:, 0] - plain
    assert retained[11] > 0.3 * retained[35]
    assert trained[11] < 0.1 * trained[59]
    assert trained[59] > 0.0


def test_reserve_staff_replace_agency_staff() -> None:
    plain = simulate([Workforce()], years=2)
    reserve = simulate([Workforce()], years=2, change={"workforce.reserve_staff": 30.0})
    assert reserve["workforce.temporary_staff_total"][-1, 0] < plain["workforce.temporary_staff_total"][-1, 0]
    assert reserve["workforce.staffed_share"][-1, ACUTE, 0] > plain["workforce.staffed_share"][-1, ACUTE, 0]


def test_money_held_back_slows_posts() -> None:
    plain = simulate([Workforce()], years=3)["workforce.funded_posts"][-1, ACUTE].sum()
    short = simulate([Workforce()], years=3, growth={"finance.discretionary_share": -0.2})
    assert short["workforce.funded_posts"][-1, ACUTE].sum() < plain
