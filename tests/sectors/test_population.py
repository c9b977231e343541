"""The population sector: ONS totals, published segments, conservation, levers and numerical behaviour."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from scipy.linalg import expm

from model.engine.clock import Clock
from model.engine.parameters import Modifier, Profile
from model.engine.stepper import Inputs, run
from model.registry.data_folders import parameter_files
from model.registry.dimensions import AGE_BANDS, DIMENSIONS
from model.registry.parameter_files import read_parameter_file
from model.sectors.population import derivation
from model.sectors.population.equations import Population, burden_factor, mid_year_row, time_at_risk

START = date(2019, 4, 1)
DECLARED = [entry for path in parameter_files("population") for entry in read_parameter_file(path)]
BOUNDS = {parameter.name: parameter.bounds for parameter in DECLARED}
SIZES = {name: len(labels) for name, labels in DIMENSIONS.items()}


def people_run(*, end=date(2034, 4, 1), step_days=3.5, members=1, modifiers=(), checked=False, **changed):
    """Run the sector alone; ``changed`` gives values by the part of the parameter's name after the dot."""
    values = {parameter.name: parameter.value[..., None] for parameter in DECLARED}
    for name, value in changed.items():
        full = f"population.{name}"
        values[full] = np.broadcast_to(value, values[full].shape[:-1])[..., None].astype(float)
    inputs = Inputs(values, BOUNDS, tuple(modifiers), SIZES, members)
    return run([Population()], Clock(START, end, step_days), inputs, checked=checked)


def at_middle_of(year: int, series: np.ndarray) -> np.ndarray:
    """Mean over June and July: the level at mid-year."""
    july = (year - START.year) * 12 + 3
    return series[july - 1 : july + 1, ..., 0].mean(axis=0)


@pytest.fixture(scope="module")
def baseline():
    return people_run()


@pytest.fixture(scope="module")
def derived():
    return derivation.derive()


@pytest.mark.parametrize(("year", "tolerance"), [(2022, 0.005), (2028, 0.005), (2033, 0.005)])
def test_ons_totals_by_age_and_council(baseline, year, tolerance):
    wanted = derivation.targets()[year - 2018]
    found = at_middle_of(year, baseline["population.by_age"])
    np.testing.assert_allclose(found.sum(axis=0), wanted.sum(axis=0), rtol=tolerance)
    np.testing.assert_allclose(found.sum(axis=1), wanted.sum(axis=1), rtol=tolerance)


def test_targets_hold_both_ons_margins():
    by_age = derivation.ons("ons_population_by_age.csv", "mid_year", "age_band")
    by_place = derivation.ons("ons_population_by_council.csv", "mid_year", "place")
    targets = derivation.targets()
    np.testing.assert_allclose(targets.sum(axis=1), by_age, rtol=1e-6)
    np.testing.assert_allclose(targets.sum(axis=2), by_place, rtol=1e-4)


def test_deaths_agree_with_ons(baseline):
    deaths = baseline["population.deaths"][..., 0].sum(axis=(1, 2))
    ons = derivation.ons("ons_deaths.csv", "mid_year", "place").sum(axis=1)
    for year in (2022, 2027, 2032):
        july = (year - START.year) * 12 + 3
        assert deaths[july - 12 : july].sum() == pytest.approx(ons[year - 2018], rel=0.01)


def test_adult_segments_of_2022_are_the_published_ones(baseline):
    found = at_middle_of(2022, baseline["population.adults_by_segment"])
    published = derivation.assumed_array("adult_share_2022", "segment")
    np.testing.assert_allclose(100 * found / found.sum(), published, atol=0.1)


def test_multimorbidity_at_given_ages_rises_modestly(derived):
    by_mid_year = derivation.targets()
    mix = derived.initial.sum(axis=0)
    by_segment = mix.sum(axis=1) / mix.sum(axis=(1, 2))[:, None]
    wanted = derivation.ons_mortality(by_mid_year, by_segment)
    _, _, later = derivation.reference_run(
        derived.initial, by_mid_year, wanted, derived.relative_risk, derived.rates_to, 2033.25
    )

    def sicker(people):
        by_age = people.sum(axis=(0, 2))[derivation.FIRST_ADULT_BAND :]
        weights = derived.initial.sum(axis=(0, 2, 3))[derivation.FIRST_ADULT_BAND :]
        return (by_age[:, 2:].sum(axis=1) / by_age.sum(axis=1) * weights).sum() / weights.sum()

    yearly = (sicker(later) / sicker(derived.initial)) ** (1 / 14) - 1
    assert 0.004 < yearly < 0.011


def test_ten_years_between_most_and_least_deprived(derived):
    people = derived.initial.sum(axis=0)
    share = people[:, :, 2:].sum(axis=2) / people.sum(axis=2)
    most = np.interp(61, derivation.BAND_MIDDLES, share[:, 0])
    least = np.interp(71, derivation.BAND_MIDDLES, share[:, 4])
    assert most == pytest.approx(least, rel=0.05)


def test_shipped_tables_are_the_derived_ones(derived):
    for name, (_, dims, values) in derivation.tables_of(derived).items():
        shipped = derivation.ons(name, *dims)
        np.testing.assert_allclose(shipped, values, rtol=1e-5, atol=1e-6, err_msg=name)


def test_registered_per_resident_agrees_with_the_register():
    by_age = derivation.ons("ons_population_by_age.csv", "mid_year", "age_band")[2022 - 2018]
    adults = by_age[4:].sum() + 0.6 * by_age[3]
    parameter = next(entry for entry in DECLARED if entry.name == "population.registered_per_resident")
    assert float(parameter.value) == pytest.approx(833_795 / adults, rel=0.005)


def test_transition_rates_give_back_the_published_year():
    for matrix in derivation.published_matrices():
        survivors = derivation.survivors_matrix(matrix)
        off = np.abs(expm(derivation.transition_rates(survivors)) - survivors)
        assert off[:4].max() < 0.005
        # Few young people are in CS5: their year is not that of any set of rates.
        assert off[4].max() < 0.03


def test_people_are_conserved_at_every_step():
    found = people_run(end=date(2022, 4, 1), members=3, checked=True)
    assert np.all(found["population.by_age"] >= 0)


def test_nothing_crosses_the_boundary_the_total_stays():
    found = people_run(births_per_year=0, mortality=0, net_migration=0)
    residents = found["population.residents"]
    np.testing.assert_allclose(residents, np.full_like(residents, residents[0, 0]), rtol=1e-9)
    assert found["population.aged_75_and_over"][-1, 0] > found["population.aged_75_and_over"][0, 0]


def test_no_progression_nobody_moves_up(baseline):
    found = people_run(progression_multiplier=0)
    assert np.all(found["population.progression"] == 0)
    assert np.all(baseline["population.progression"] > 0)
    assert found["population.share_high_multimorbidity"][-1, 0] < 0.02


def test_equal_members_are_equal_whatever_the_batch(baseline):
    several = people_run(members=67, end=date(2021, 4, 1))
    for name, values in several.items():
        np.testing.assert_array_equal(values, np.repeat(values[..., :1], 67, axis=-1), err_msg=name)
        np.testing.assert_array_equal(values[:12, ..., :1], baseline[name][:12], err_msg=name)


def test_halving_the_step(baseline):
    finer = people_run(step_days=1.75)
    for name in (
        "population.residents",
        "population.adults_by_segment",
        "population.aged_75_and_over",
        "population.share_high_multimorbidity",
        "population.deaths",
        "population.progression",
    ):
        years = [values[-12:, ..., 0].sum(axis=0) for values in (baseline[name], finer[name])]
        small = years[0] < 1e-3 * years[0].max()
        np.testing.assert_allclose(years[0][~small], years[1][~small], rtol=0.005, err_msg=name)


def test_extreme_mortality_empties_but_never_overdraws(baseline):
    found = people_run(mortality_multiplier=100, end=date(2021, 4, 1), checked=True)
    assert found["population.by_age"].min() >= 0
    # Those left are recent arrivals: migration goes on.
    assert found["population.aged_75_and_over"][-1, 0] < 0.06 * baseline["population.aged_75_and_over"][0, 0]


def test_less_disease_fewer_deaths_later_and_only_where_it_acts(baseline):
    cardiovascular = DIMENSIONS["condition"].index("cardiovascular")
    lever = Modifier(
        "population.condition_incidence", (cardiovascular, 0), "multiply", np.array(-0.5), Profile((1461.0,), (1.0,))
    )
    found = people_run(modifiers=[lever])
    burden = found["population.condition_burden"][-1, ..., 0]
    assert 0.5 < burden[cardiovascular, 0] < 0.7
    assert np.all(np.delete(burden[:, 0], cardiovascular) == 1)
    saved = (baseline["population.deaths_under_75"] - found["population.deaths_under_75"])[..., 0]
    assert saved[-12:, 0].sum() > saved[:12, 0].sum() > 0
    assert abs(saved[-12:, 4].sum()) < 0.05 * saved[-12:, 0].sum()
    sicker = "population.by_deprivation"
    assert found[sicker][-1, 0, 3:].sum() < baseline[sicker][-1, 0, 3:].sum()


@pytest.mark.parametrize(
    ("lever", "output", "sign"),
    [
        ({"progression_multiplier": 0.9}, "population.share_high_multimorbidity", -1),
        ({"recovery_multiplier": 1.1}, "population.share_high_multimorbidity", -1),
        ({"mortality_multiplier": 0.9}, "population.aged_75_and_over", 1),
        ({"extra_longevity": 0.01}, "population.aged_75_and_over", 1),
        ({"birth_multiplier": 1.1}, "population.start_well", 1),
        ({"extra_migration": 10.0}, "population.residents", 1),
        ({"coding_drift_share": 0.0}, "population.share_high_multimorbidity", 1),
        ({"coding_loss_share": 0.0}, "population.share_high_multimorbidity", -1),
    ],
)
def test_levers_act_in_the_right_direction(baseline, lever, output, sign):
    change = people_run(**lever)[output][-1, 0] - baseline[output][-1, 0]
    assert sign * change > 0


def test_deprived_people_are_sicker_and_die_earlier(baseline):
    by_segment = baseline["population.by_deprivation"][0, ..., 0]
    deaths = baseline["population.deaths"][:12, ..., 0].sum(axis=0)
    under_75 = deaths[: AGE_BANDS.index("75-79")].sum(axis=0) / by_segment.sum(axis=1)
    assert np.all(np.diff(under_75) < 0)


def test_pure_functions():
    assert mid_year_row(2019.25) == 1
    assert mid_year_row(2019.6) == 2
    assert mid_year_row(2100.0) == len(DIMENSIONS["mid_year"]) - 1
    np.testing.assert_allclose(time_at_risk(np.array([0.0, 1.0, 100.0]), 0.1), [0.1, 0.1, 0.01])
    factor = burden_factor(np.full((2, 1, 1), 0.5), np.array([[0.2], [0.4]]))
    np.testing.assert_allclose(factor, 0.9 * 0.8)
