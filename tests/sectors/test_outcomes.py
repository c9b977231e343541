"""Outcomes: hand-computed life years, QALYs, deaths and inequality; no inequality where fifths are alike."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from model.engine.clock import Clock
from model.engine.stepper import Inputs, Sector, run
from model.registry.data_folders import parameter_files
from model.registry.declarations import OUTSIDE, Flow, Kind, Output, Stock
from model.registry.dimensions import AGE_BANDS, DIMENSIONS
from model.registry.parameter_files import read_parameter_file
from model.sectors.outcomes.equations import EMERGENCY, Outcomes, excess_share, slope_index, standardised
from model.sectors.population.equations import Population

SIZES = {name: len(labels) for name, labels in DIMENSIONS.items()}
CELLS = ("place", "age_band", "deprivation", "segment")
AGES = len(AGE_BANDS)
SERVICES = len(DIMENSIONS["service"])
DAYS = 365.25


def signal(name: str, dims: tuple[str, ...] = (), kind: Kind = Kind.RATE) -> Output:
    return Output(name=name, description=name, unit="1", dims=dims, kind=kind, recorded=False)


class People(Sector):
    """A still population with stated yearly deaths and need."""

    name = "population"
    title = "stub"
    every = Population.every
    stocks = (
        Stock(
            name="population.people",
            description="people",
            unit="people",
            dims=CELLS,
            substance="people",
            recorded=False,
        ),
    )
    flows = (
        Flow(
            name="population.deaths",
            description="deaths",
            unit="people",
            dims=("age_band", "deprivation"),
            origin="population.people",
            target=OUTSIDE,
            recorded=False,
        ),
    )
    outputs = (
        signal("demand.need", ("service", "place")),
        signal("demand.need_by_deprivation", ("service", "deprivation")),
        signal("population.by_age", ("place", "age_band"), kind=Kind.COUNT),
        signal("population.deaths_by_place", ("place",), kind=Kind.FLOW),
        signal("population.deaths_under_75_by_place", ("place",), kind=Kind.FLOW),
        signal("workforce.in_post", ("employer", "staff_group")),
    )

    def __init__(self, counts: np.ndarray, deaths: np.ndarray, need: float = 10.0) -> None:
        self.counts, self.deaths, self.need = counts, deaths, need

    def initialise(self, world):
        """People and signals of the first day."""
        world.stocks["population.people"][...] = self.counts[..., None]
        world.outputs["workforce.in_post"][...] = 100.0
        world.outputs["demand.need_by_deprivation"][...] = self.need
        world.outputs["demand.need"][...] = self.need * SIZES["deprivation"] / SIZES["place"]

    def step(self, world):
        """The same people and yearly deaths."""
        world.stocks["population.people"][...] = self.counts[..., None]
        world.flows["population.deaths"][...] = self.deaths[..., None] * world.clock.years_spanned
        world.outputs["population.by_age"][...] = self.counts.sum(axis=(2, 3))[..., None]
        for name, last in (("deaths", AGES), ("deaths_under_75", AGE_BANDS.index("75-79"))):
            died = self.deaths[:last].sum() * world.clock.years_spanned
            world.outputs[f"population.{name}_by_place"][...] = died / SIZES["place"]


class Hospital(Sector):
    """Delay signals."""

    name = "urgent_care"
    title = "stub"
    every = 1
    outputs = (
        signal("urgent_care.delayed_over_six_hours", kind=Kind.FLOW),
        signal("urgent_care.bed_days_delayed", kind=Kind.FLOW),
    )

    def initialise(self, world):
        """No signal before the first step."""

    def step(self, world):
        """Steady delay."""
        world.outputs["urgent_care.delayed_over_six_hours"][...] = 20.0 * world.clock.span
        world.outputs["urgent_care.bed_days_delayed"][...] = 400.0 * world.clock.span


def parameters(**changes) -> dict[str, np.ndarray]:
    paths = [path for sector in ("outcomes", "demand") for path in parameter_files(sector)]
    entries = [entry for path in paths for entry in read_parameter_file(path)]
    found = {entry.name: entry.value[..., None].copy() for entry in entries}
    for name, value in changes.items():
        found[name.replace("__", ".")][...] = value
    return found


def even_people(count: float = 10.0) -> np.ndarray:
    return np.full(tuple(SIZES[dim] for dim in CELLS), count)


def outcome(counts=None, deaths=None, years=2, step=3.5, changes=None, members=2, need=10.0):
    counts = even_people() if counts is None else counts
    deaths = np.ones((AGES, 5)) if deaths is None else deaths
    clock = Clock(date(2019, 4, 1), date(2019 + years, 4, 1), step)
    values = parameters(**(changes or {}))
    inputs = Inputs(values, dict.fromkeys(values, (-np.inf, np.inf)), (), SIZES, members)
    return run([People(counts, deaths, need), Outcomes(), Hospital()], clock, inputs, checked=True)


def neutral(**changes):
    """Parameters under which need is the same for everybody."""
    return {"demand__segment_rate": 1.0, "demand__age_factor": 1.0, "demand__deprivation_factor": 1.0, **changes}


def test_hand_computed_life_years_qalys_and_poor_health():
    found = outcome()
    year = slice(12, 24)
    lived = 3 * AGES * 5 * 10.0 * 365 / DAYS
    np.testing.assert_allclose(found["outcomes.life_years"][year].sum(axis=0), lived, rtol=1e-9)
    p = parameters()
    quality = (p["outcomes.utility"][:, None, 0] - p["outcomes.utility_loss"][None, :, 0]).mean()
    np.testing.assert_allclose(found["outcomes.qalys"][year].sum(axis=0), lived * quality, rtol=1e-9)
    np.testing.assert_allclose(found["outcomes.years_in_poor_health"][year].sum(axis=0), lived * 0.4, rtol=1e-9)
    np.testing.assert_allclose(found["outcomes.poor_health_share"], 0.4)
    np.testing.assert_allclose(found["outcomes.cumulative_life_years"][11], 3 * AGES * 5 * 10.0 * 366 / DAYS, rtol=1e-9)
    np.testing.assert_allclose(found["outcomes.paid_roles"], 6 * 5 * 100.0)


def test_deaths_under_75_and_those_beyond_the_least_deprived():
    deaths = np.tile(np.array([3.0, 2.0, 1.0, 1.0, 1.0]), (AGES, 1))
    found = outcome(deaths=deaths)
    year = found["outcomes.premature_deaths"][12:].sum(axis=0)[:, 0] * DAYS / 365
    np.testing.assert_allclose(year, 15 * deaths[0], rtol=1e-9)
    avoidable = found["outcomes.avoidable_deaths"][12:].sum(axis=0)[:, 0] * DAYS / 365
    np.testing.assert_allclose(avoidable, 15 * (deaths[0] - 1.0), rtol=1e-9, atol=1e-9)
    slope = found["outcomes.slope_index_premature_mortality"][-1, 0]
    covariance = deaths[0] @ np.array([0.9, 0.7, 0.5, 0.3, 0.1]) / 5 - 1.6 * 0.5
    assert slope == pytest.approx(covariance / 0.08 / 150, rel=1e-9)
    relative = found["outcomes.relative_index_premature_mortality"][-1, 0]
    assert relative == pytest.approx(slope / (1.6 / 150), rel=1e-9)


def test_one_total_is_divided_by_fifth_place_and_age():
    rising = even_people() * np.linspace(1.0, 2.0, AGES)[None, :, None, None]
    rising[0] *= 3.0
    rising[..., 0, 4] *= 2.0
    found = outcome(counts=rising, changes={"outcomes__quality_multiplier": np.linspace(0.8, 1.0, 5)[:, None]})
    divided = [name for name in found if f"{name}_by_place" in found]
    assert len(divided) == 6
    for name in divided:
        total = found[name].sum(axis=1)
        for ending in ("_by_place", "_by_age"):
            np.testing.assert_allclose(found[f"{name}{ending}"].sum(axis=1), total, rtol=1e-12, err_msg=name)
    p, year = parameters(), slice(12, 24)
    quality = p["outcomes.utility"] - p["outcomes.utility_loss"][:, 0]
    cells = rising * quality[None, :, None] * np.linspace(0.8, 1.0, 5)[:, None] * 365 / DAYS
    by_place, by_age = (found[f"outcomes.qalys_by_{each}"][year].sum(axis=0)[:, 0] for each in ("place", "age"))
    np.testing.assert_allclose(by_place, cells.sum(axis=(1, 2, 3)), rtol=1e-9)
    np.testing.assert_allclose(by_age, cells.sum(axis=(0, 2, 3)), rtol=1e-9)
    poor = found["outcomes.years_in_poor_health_by_place"][year].sum(axis=0)[:, 0]
    np.testing.assert_allclose(poor, rising[..., 3:].sum(axis=(1, 2, 3)) * 365 / DAYS, rtol=1e-9)
    np.testing.assert_allclose(found["outcomes.premature_deaths_by_age"][:, 15:], 0.0)


def test_need_for_emergency_admission_follows_rates_over_ages():
    factor = np.ones((SERVICES, AGES, 1))
    factor[EMERGENCY, -1] = 1.0 + AGES
    found = outcome(changes=neutral(demand__age_factor=factor), need=10.0)
    by_age = found["outcomes.emergency_need_by_age"][12:].sum(axis=0)[:, 0]
    np.testing.assert_allclose(by_age, 5 * 10.0 * 365 * np.r_[np.ones(AGES - 1), 1.0 + AGES] / (2 * AGES), rtol=1e-9)
    np.testing.assert_allclose(found["outcomes.emergency_need"][12:].sum(axis=0), 10.0 * 365, rtol=1e-9)


def test_hand_computed_life_expectancy_in_full_health():
    """Deaths of 5 in 150 person-years of each band: alive at its end, (1 - 1/12) / (1 + 1/12) of those at its start."""
    found = outcome(deaths=np.full((AGES, 5), 5.0), changes={"outcomes__utility_loss": np.zeros((5, 1))})
    utility = parameters()["outcomes.utility"][:, 0]
    alive = (11 / 13) ** np.arange(AGES)
    lived = 5 * (alive[:-1] + alive[1:]) / 2 @ utility[:-1] + alive[-1] * 30 * utility[-1]
    expectancy = found["outcomes.quality_adjusted_life_expectancy"][12:]
    np.testing.assert_allclose(expectancy, lived, rtol=1e-9)


def test_delay_is_scaled_from_the_hospital_step():
    found = outcome()
    deaths = found["outcomes.deaths_from_department_delay"][12:].sum(axis=0)
    np.testing.assert_allclose(deaths, 20.0 * 365 * 0.0122, rtol=1e-9)
    np.testing.assert_allclose(found["outcomes.bed_days_lost"][12:].sum(axis=(0, 1)), 400.0 * 365, rtol=1e-9)


def test_alike_fifths_have_no_inequality():
    found = outcome(changes=neutral())
    np.testing.assert_allclose(found["outcomes.inequality_cost"], 0.0, atol=1e-3)
    for name in ("premature_mortality", "poor_health", "emergency_admissions"):
        np.testing.assert_allclose(found[f"outcomes.slope_index_{name}"], 0.0, atol=1e-12)


def test_hand_computed_cost_of_inequality():
    factor = np.ones((SERVICES, 5, 1))
    factor[EMERGENCY, 0] = 2.0
    unit_cost = np.zeros((SERVICES, 1))
    unit_cost[EMERGENCY] = 1000.0
    changes = neutral(demand__deprivation_factor=factor, outcomes__unit_cost=unit_cost)
    found = outcome(changes=changes)
    np.testing.assert_allclose(found["outcomes.inequality_cost"], 10.0 * DAYS * 1000.0 * 0.5, rtol=1e-9)
    np.testing.assert_allclose(found["outcomes.inequality_cost_all_services"], found["outcomes.inequality_cost"])
    assert np.all(found["outcomes.slope_index_emergency_admissions"] > 0.0)


def test_age_alone_is_not_counted_as_inequality():
    counts = even_people()
    counts[:, 14:, 0] *= 3.0
    changes = neutral(demand__age_factor=np.linspace(1.0, 4.0, AGES)[None, :, None] * np.ones((SERVICES, 1, 1)))
    found = outcome(counts=counts, changes=changes)
    np.testing.assert_allclose(found["outcomes.inequality_cost"], 0.0, atol=1e-3)


def test_slope_index_of_a_straight_line_is_its_slope():
    people = np.array([10.0, 20.0, 30.0, 20.0, 20.0])[:, None]
    share = people / people.sum()
    rank = 1.0 - (np.cumsum(share, axis=0) - 0.5 * share)
    slope, relative = slope_index(2.0 + 3.0 * rank, people)
    np.testing.assert_allclose(slope, 3.0)
    np.testing.assert_allclose(relative, 3.0 / (2.0 + 1.5))


def test_standardised_rate_and_excess_by_hand():
    people = np.array([[10.0, 30.0], [30.0, 10.0]])[..., None]
    rate = np.array([[1.0, 1.0], [3.0, 2.0]])[..., None]
    np.testing.assert_allclose(standardised(rate, people)[:, 0], [2.0, 1.5])
    np.testing.assert_allclose(excess_share(rate * people, people)[:, 0], [1.0 - 70.0 / 100.0, 0.0])


def test_nobody_and_no_need_stay_finite():
    found = outcome(counts=even_people(0.0), deaths=np.zeros((AGES, 5)), need=0.0)
    for name, values in found.items():
        assert np.all(np.isfinite(values)), name
        if not name.endswith("paid_roles") and "delay" not in name:
            np.testing.assert_allclose(values, 0.0, atol=1e-9, err_msg=name)


def test_halved_step_and_equal_members():
    whole, half, many = outcome(years=3), outcome(years=3, step=1.75), outcome(years=3, members=5)
    for name, values in whole.items():
        coarse, fine = values[12:].mean(axis=0), half[name][12:].mean(axis=0)
        if "cumulative" in name:
            coarse, fine = values[-1] - values[11], half[name][-1] - half[name][11]
        np.testing.assert_allclose(fine, coarse, rtol=5e-3, err_msg=name)
        np.testing.assert_array_equal(many[name][..., 4], values[..., 0])
