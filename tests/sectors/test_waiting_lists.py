"""The waiting-list sector: conservation, extremes, order of treatment, loops, independence of step and batch."""

from __future__ import annotations

import numpy as np
import pytest
from waiting_helpers import simulate

from model.registry.data_folders import parameter_files
from model.registry.declarations import Parameter
from model.registry.parameter_files import read_parameter_file
from model.sectors.waiting_lists.equations import WaitingLists
from model.sectors.waiting_lists.treatment_order import (
    elapsed_share_of_week,
    over_threshold,
    removal_rate,
    share_within,
    treated_in_order,
    week_boundaries,
)

TOTAL = "waiting_lists.rtt_total"
OVER_18 = "waiting_lists.over_18_weeks"
OVER_52 = "waiting_lists.over_52_weeks"
OVER_65 = "waiting_lists.over_65_weeks"
STOPS = "waiting_lists.clock_stops"
SERVICES = "waiting_lists.service_list_total"
NO_CAPACITY = {
    "waiting_lists.nonadmitted_capacity": 0.0,
    "waiting_lists.admitted_capacity": 0.0,
    "waiting_lists.independent_capacity": 0.0,
    "waiting_lists.service_capacity": 0.0,
}


def at_end(results: dict[str, np.ndarray], name: str) -> float:
    return float(results[name][-1].sum())


def declared() -> dict[str, Parameter]:
    return {entry.name: entry for path in parameter_files("waiting_lists") for entry in read_parameter_file(path)}


def order(waiting: np.ndarray, capacity: float, urgent: float, longest: float) -> np.ndarray:
    weights = np.exp(-np.arange(waiting.shape[1]) / 4.0)[:, None]
    shares = np.full((1, 1), urgent), np.full((1, 1), longest)
    return treated_in_order(waiting, np.full((waiting.shape[0], waiting.shape[2]), capacity), *shares, weights)


def test_first_year_is_steady_and_like_the_record():
    still = {"waiting_lists.capacity_growth": 0.0, "waiting_lists.service_capacity_growth": 0.0}
    results = simulate(years=1, need_growth=0.0, change=still)
    assert at_end(results, TOTAL) == pytest.approx(75_000, rel=0.01)
    assert at_end(results, OVER_18) / at_end(results, TOTAL) == pytest.approx(0.1225, abs=0.01)
    assert at_end(results, OVER_52) < 100
    removed = results["waiting_lists.unreported_removals"].sum() / 12
    assert 0.01 < removed / at_end(results, TOTAL) < 0.033
    assert 43 < results["waiting_lists.elective_admissions_planned"].mean() < 55
    assert results[SERVICES][-1, :, 0] == pytest.approx(results[SERVICES][0, :, 0], rel=0.02)
    assert results["waiting_lists.activity_index"] == pytest.approx(1.0, abs=0.01)


def test_every_pathway_is_accounted_for():
    results = simulate(years=2)
    flows = {
        name: results[f"waiting_lists.{name}"].sum() for name in ("clock_starts", "clock_stops", "unreported_removals")
    }
    start = declared()["waiting_lists.initial_list"].value.sum()
    end = start + flows["clock_starts"] - flows["clock_stops"] - flows["unreported_removals"]
    assert at_end(results, TOTAL) == pytest.approx(end, rel=0.003)


def test_no_capacity_treats_nobody():
    results = simulate(years=2, change=NO_CAPACITY)
    assert results[STOPS].sum() == 0.0
    assert results["waiting_lists.service_stops"].sum() == 0.0
    assert at_end(results, OVER_52) > 50_000
    assert results["waiting_lists.elective_admissions_planned"][-1] == 0.0


def test_no_demand_empties_the_lists():
    results = simulate(years=2, need=0.0)
    assert results["waiting_lists.clock_starts"].sum() == 0.0
    assert at_end(results, TOTAL) < 1e-6
    assert at_end(results, SERVICES) < 1.0
    assert results["waiting_lists.harm_admissions"][-1] == 0.0


def test_infinite_capacity_leaves_next_to_nobody_waiting():
    many = {"waiting_lists.capacity_multiplier": 100.0, "waiting_lists.service_capacity_multiplier": 100.0}
    results = simulate(years=1, change=many)
    assert at_end(results, TOTAL) < 1e-6
    assert at_end(results, SERVICES) < 1e-6
    assert results[STOPS][-1].sum() <= results["waiting_lists.clock_starts"][-1].sum() * 1.001


def test_no_staff_leaves_only_independent_providers():
    results = simulate(years=1, staff=0.0)
    assert results["waiting_lists.procedures"].sum() == 0.0
    assert results["waiting_lists.independent_stops"].sum() == pytest.approx(results[STOPS].sum())


@pytest.mark.parametrize(
    ("change", "sign"),
    [
        ({"waiting_lists.referral_multiplier": 1.1}, 1),
        ({"waiting_lists.capacity_multiplier": 1.1}, -1),
        ({"waiting_lists.productivity": 1.1}, -1),
        ({"waiting_lists.independent_capacity": 200.0}, -1),
        ({"waiting_lists.validation_multiplier": 2.0}, -1),
        ({"waiting_lists.capacity_growth": 0.03}, -1),
    ],
)
def test_levers_have_their_sign(change: dict[str, float], sign: int):
    assert sign * (at_end(simulate(change=change), TOTAL) - at_end(simulate(), TOTAL)) > 0


def test_treating_the_longest_first_moves_no_total_but_the_tail():
    short = {"waiting_lists.capacity_multiplier": 0.8, "loops.B3_reneging": 0.0}
    seldom = simulate(change={**short, "waiting_lists.longest_first_share": 0.0})
    often = simulate(change={**short, "waiting_lists.longest_first_share": 0.4})
    assert at_end(often, TOTAL) == pytest.approx(at_end(seldom, TOTAL), rel=0.01)
    assert at_end(often, OVER_52) < 0.8 * at_end(seldom, OVER_52)


def test_cancelled_patients_stay_on_the_list_and_day_cases_are_spared():
    full, open_ = simulate(years=1, kept=0.8), simulate(years=1, kept=1.0)
    assert at_end(full, TOTAL) > at_end(open_, TOTAL)
    assert full["waiting_lists.cancelled_admissions"].sum() > 0
    assert open_["waiting_lists.cancelled_admissions"].sum() == 0
    assert full["waiting_lists.day_cases"].sum() == pytest.approx(open_["waiting_lists.day_cases"].sum(), rel=1e-6)
    planned = "waiting_lists.elective_admissions_planned"
    assert full[planned].mean() == pytest.approx(open_[planned].mean(), rel=1e-6)
    assert full["waiting_lists.cancer_within_62_days"].mean() < open_["waiting_lists.cancer_within_62_days"].mean()


def test_loop_r4_harm_rises_with_cancellation():
    worse, better = simulate(kept=0.5), simulate(kept=1.0)
    assert worse["waiting_lists.harm_admissions"][-1] > better["waiting_lists.harm_admissions"][-1] > 0


def test_loop_b3_shortens_a_long_list():
    short = {"waiting_lists.capacity_multiplier": 0.8}
    on, off = simulate(change=short), simulate(change={**short, "loops.B3_reneging": 0.0})
    assert at_end(on, TOTAL) < at_end(off, TOTAL)
    assert on["waiting_lists.referral_threshold"][-1] < 1.0
    assert off["waiting_lists.referral_threshold"] == pytest.approx(1.0, abs=1e-12)


@pytest.mark.parametrize("loop", WaitingLists.loops, ids=lambda loop: loop.identifier)
def test_at_zero_gain_the_strength_of_a_loop_changes_nothing(loop):
    entries = declared()
    off = {loop.gain: 0.0, "waiting_lists.capacity_multiplier": 0.9}
    moved = {name: entries[name].value * 1.3 for name in loop.strength}
    moved = {name: value[..., None] for name, value in moved.items()}
    plain, perturbed = simulate(years=2, change=off), simulate(years=2, change={**off, **moved})
    for name, values in plain.items():
        if name != "waiting_lists.perceived_share_over_18_weeks":
            assert np.array_equal(values, perturbed[name]), name
    live = simulate(years=2, change={**moved, "waiting_lists.capacity_multiplier": 0.9})
    shown, _ = loop.shows_in
    assert not np.array_equal(live[shown], plain[shown])


@pytest.mark.parametrize("loop", WaitingLists.loops, ids=lambda loop: loop.identifier)
def test_loops_have_the_polarity_of_their_name(loop):
    assert loop.polarity == (1 if loop.identifier.startswith("R") else -1)


def test_equal_members_get_equal_answers():
    one, five = simulate(years=1), simulate(years=1, members=5)
    for name, values in five.items():
        for member in range(5):
            assert np.array_equal(values[..., member], one[name][..., 0]), name


def test_halving_the_step_moves_no_headline():
    short = {"waiting_lists.capacity_multiplier": 0.85, "waiting_lists.longest_first_share": 0.01}
    whole, half = simulate(change=short), simulate(change=short, step_days=1.75)
    for name in (TOTAL, OVER_18, OVER_52, OVER_65, SERVICES, "waiting_lists.cancer_within_62_days"):
        assert half[name][-1] == pytest.approx(whole[name][-1], rel=0.005), name
    for name in ("waiting_lists.procedures", "waiting_lists.outpatient_attendances", STOPS):
        assert half[name][-12:].sum() == pytest.approx(whole[name][-12:].sum(), rel=0.005), name


def test_order_of_treatment_takes_no_more_than_waits():
    waiting = np.random.default_rng(1).uniform(0.0, 50.0, size=(2, 20, 3))
    for capacity in (0.0, 10.0, 400.0, 1e9):
        for urgent, longest in ((0.0, 0.0), (1.0, 0.0), (0.0, 1.0), (0.4, 0.3)):
            taken = order(waiting, capacity, urgent, longest)
            assert np.all(taken >= -1e-9)
            assert np.all(taken <= waiting)
            assert taken.sum(axis=1) == pytest.approx(np.minimum(capacity, waiting.sum(axis=1)))


def test_order_of_treatment_by_policy():
    waiting = np.full((1, 10, 1), 10.0)
    longest = order(waiting, 25.0, 0.0, 1.0)[0, :, 0]
    assert longest == pytest.approx([0, 0, 0, 0, 0, 0, 0, 5, 10, 10])
    assert order(waiting, 25.0, 0.0, 0.0)[0, :, 0] == pytest.approx(2.5)
    assert np.all(np.diff(order(waiting, 25.0, 1.0, 0.0)[0, :, 0]) < 0)


def test_weeks_are_counted_alike_for_any_step():
    for span in (7.0, 3.5, 1.75):
        boundaries = [week_boundaries(step * span, span) for step in range(int(70 / span))]
        assert sum(boundaries) == 10
        assert boundaries[0] == 1
    assert elapsed_share_of_week(7.0) == 1.0
    assert elapsed_share_of_week(10.5) == 0.5
    waiting = np.ones((1, 10, 1))
    assert over_threshold(waiting, 4, elapsed=1.0)[0, 0] == 6.0
    assert over_threshold(waiting, 4, elapsed=0.5)[0, 0] == 5.5


def test_share_of_waits_within_a_limit():
    completed = np.ones((10, 2))
    assert share_within(completed, 4.0) == pytest.approx(0.45)
    assert share_within(np.zeros((10, 2)), 4.0) == pytest.approx(1.0)


def test_reneging_rises_with_the_wait():
    one = np.ones(1)
    rate = removal_rate(np.arange(80.0)[:, None], 0.002 * one, 0.01 * one, 30 * one, 8 * one, one)[:, 0]
    assert np.all(np.diff(rate) > 0)
    assert rate[30] == pytest.approx(0.007)
