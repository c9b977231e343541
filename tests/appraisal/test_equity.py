"""Equity: Sullivan's method, slope and Atkinson by hand; groups that add up; gaps that narrow, and those that warn."""

from __future__ import annotations

import csv
from dataclasses import replace
from functools import lru_cache

import numpy as np
import pytest
from costing_cases import YEARS, basis, option, plain_basis
from equity_cases import FIFTHS, HEALTH, equity_by, made_up, seen
from hypothesis import given
from hypothesis import strategies as some

from model.appraisal.costing.appraisal import CASH, NON_CASH, appraise
from model.appraisal.costing.option import costed_option
from model.appraisal.costing.option import read_costing_inputs as observe_costs
from model.appraisal.costing.option import results_for_costing as costing_names
from model.appraisal.equity.distributional_impact import (
    EquityInputs,
    assess_equity,
    read_equity_inputs,
    results_for_equity,
    scaled_to_total,
)
from model.appraisal.equity.equity_weighting import HealthDistribution, equally_distributed
from model.appraisal.equity.groups import (
    BED_DAYS,
    FIRST_AGE_BANDS,
    GROUP_LABELS,
    GROUPS_OF_STAGE,
    INEQUALITY_INDICES,
    LIFE_EXPECTANCY,
    QALYS,
    RESULTS_BY_DIMENSION,
)
from model.registry.dimensions import LIFE_COURSE
from model.registry.errors import UserError
from model.reporting.tables.equity import write_tables
from model.results.headlines import measure
from model.scenarios.resolver import resolve
from model.sectors.model_registry import registry
from model.sectors.outcomes.life_expectancy import quality_adjusted, years_lived
from model.simulation.simulate import simulate

TOLERANCE = 1e-9
SHARES = np.array([0.2, 0.3, 0.5])
healths = some.lists(some.floats(1.0, 100.0), min_size=3, max_size=3).map(np.array)
aversions = some.one_of(some.sampled_from([0.0, 1.0]), some.floats(0.0, 30.0))


def appraisal(*, members=None):
    assumptions = plain_basis()
    return appraise(option(assumptions, members=members), assumptions)


def test_sullivan_by_hand_on_three_ages():
    """Two bands of ten years, then an open one."""
    rate = np.array([0.02, 0.05, 0.25])
    # Dying: 0.2 / 1.1 and 0.5 / 1.25; alive at 0, 10 and 20: 1, 9/11 and 9/11 x 0.6.
    alive = 1.0, 9 / 11, 9 / 11 * 0.6
    lived = np.array([10 * (1 + alive[1]) / 2, 10 * (alive[1] + alive[2]) / 2, alive[2] / 0.25])
    np.testing.assert_allclose(years_lived(rate, 10.0), lived, rtol=1e-12)
    assert quality_adjusted(rate, np.array([1.0, 0.8, 0.5]), 10.0) == pytest.approx(lived @ [1.0, 0.8, 0.5], rel=1e-12)


def test_atkinson_by_hand():
    health = np.array([50.0, 80.0])
    half = np.array([0.5, 0.5])
    assert equally_distributed(health, half, 0.0) == pytest.approx(65.0)
    assert equally_distributed(health, half, 1.0) == pytest.approx(np.sqrt(4000.0))
    assert equally_distributed(health, half, 1.0 + 1e-15) == pytest.approx(np.sqrt(4000.0))
    assert equally_distributed(health, half, 2.0) == pytest.approx(2 / (1 / 50 + 1 / 80))
    assert equally_distributed(health, np.array([0.25, 0.75]), 2.0) == pytest.approx(1 / (0.25 / 50 + 0.75 / 80))
    assert equally_distributed(health, half, 30.0) == pytest.approx(50.0 * 2 ** (1 / 29), rel=1e-5)
    assert np.isnan(equally_distributed(np.array([0.0, 80.0]), half, 2.0))


def test_by_groups_and_members_at_once():
    health = np.array([[50.0, 60.0], [80.0, 60.0]])
    np.testing.assert_allclose(equally_distributed(health, np.array([0.5, 0.5]), 2.0), [800 / 13, 60.0])


@given(healths, aversions)
def test_no_aversion_is_the_mean_and_more_aversion_never_more(health, aversion):
    mean = SHARES @ health
    assert equally_distributed(health, SHARES, 0.0) == pytest.approx(mean, rel=TOLERANCE)
    equal = equally_distributed(health, SHARES, aversion)
    assert health.min() * (1 - TOLERANCE) <= equal <= mean * (1 + TOLERANCE)
    assert equally_distributed(health, SHARES, aversion + 1.0) <= equal * (1 + TOLERANCE)


@given(some.floats(1.0, 100.0), aversions)
def test_equal_health_is_worth_itself(health, aversion):
    assert equally_distributed(np.full(3, health), SHARES, aversion) == pytest.approx(health, rel=TOLERANCE)


@given(healths, aversions, some.floats(0.1, 10.0))
def test_scale_does_not_matter(health, aversion, factor):
    whole = equally_distributed(health, SHARES, aversion)
    assert equally_distributed(health * factor, SHARES, aversion) == pytest.approx(whole * factor, rel=1e-8)


@given(healths, some.floats(0.1, 30.0))
def test_the_same_amount_is_worth_more_with_those_who_have_less(health, aversion):
    health = np.sort(health) + np.array([0.0, 1.0, 2.0])
    even = np.full(3, 1 / 3)
    poorest, richest = (equally_distributed(health + np.eye(3)[index], even, aversion) for index in (0, 2))
    assert poorest > richest


def test_distribution_by_hand():
    """Two groups of 100 and 300; 10 QALYs to the first; £60,000 at £15,000 each forgo 4 QALYs, 0.01 a person."""
    one = HealthDistribution(
        2.0,
        (0.0, 1.0),
        15_000.0,
        np.array([100.0, 300.0]),
        np.array([[60.0], [72.0]]),
        np.array([[10.0], [0.0]]),
        np.array([60_000.0]),
    )
    np.testing.assert_allclose(one.after[:, 0], [60.09, 71.99])
    assert one.plain[0] == pytest.approx(6.0)
    worth = 400 * (1 / (0.25 / 60.09 + 0.75 / 71.99) - 1 / (0.25 / 60 + 0.75 / 72))
    assert one.worth()[0] == pytest.approx(worth)
    assert one.for_equality()[0] == pytest.approx(worth - 6.0)
    assert one.worth(0.0)[0] == pytest.approx(6.0)
    assert one.for_equality()[0] > 0.0


def test_the_expected_distribution_is_that_of_the_means():
    one = equity_by(appraisal(members=np.array([0.5, 1.5])), np.array([5.0, 4, 3, 2, 1])).distribution
    means = one.expected()
    assert means.plain[0] == pytest.approx(one.plain.mean())
    assert means.worth(0.0)[0] == pytest.approx(one.plain.mean(), abs=1e-6)


def check_additive(gains):
    """Within each result all divisions have one sum, in every member; stages are sums of age groups."""
    by = {(impact.result, impact.grouping): impact for impact in gains}
    for (result, _), impact in by.items():
        total = by[result, "deprivation"].values.sum(axis=0)
        scale = max(1.0, np.abs(impact.yearly).max())
        np.testing.assert_allclose(impact.values.sum(axis=0), total, rtol=TOLERANCE, atol=TOLERANCE * scale * 1e3)
    for result in {result for result, division in by if division == "stage"}:
        groups = by[result, "age_group"].values
        sums = [groups[first : last + 1].sum(axis=0) for first, last in GROUPS_OF_STAGE]
        np.testing.assert_allclose(by[result, "stage"].values, sums, rtol=1e-9, atol=1e-6)


def test_fifths_places_ages_and_stages_add_up_to_one_sum():
    impact_by_group = equity_by(appraisal(members=np.ones(3)), np.array([1.0, 2, 3, 4, 5]))
    check_additive(impact_by_group.impacts)
    gain = impact_by_group.impact(QALYS, "deprivation")
    # Three years of 1, 2, .. 5 QALYs, a tenth more in each next member; 1,000 people in each fifth.
    np.testing.assert_allclose(gain.values[:, 1], 3 * 1.1 * np.arange(1.0, 6.0))
    np.testing.assert_allclose(gain.per_1000_people, gain.values)
    np.testing.assert_allclose(impact_by_group.impact(QALYS, "place").values[:, 0], 45 * np.array([0.5, 0.2, 0.3]))
    with pytest.raises(KeyError):
        impact_by_group.impact(BED_DAYS, "place")


def test_years_beyond_the_appraisal_do_not_count():
    assumptions = plain_basis().changed(years_appraised=2.0)
    impact_by_group = equity_by(appraise(option(assumptions), assumptions), np.ones(FIFTHS))
    assert impact_by_group.years == YEARS[:2]
    np.testing.assert_allclose(impact_by_group.impact(QALYS, "deprivation").values, 2.0)


def test_who_helps_the_most_deprived_narrows_and_does_not_warn():
    equity = equity_by(appraisal(), np.array([5.0, 0, 0, 0, 0]), slope=-0.05, net_cost=np.zeros(1))
    assert not equity.warnings
    assert any("narrows a gap: QALYs gained per 1,000 people" in text for text in equity.findings)
    assert any("narrows a gap: slope index, premature mortality (−10.0%)" in text for text in equity.findings)
    assert any("adds" in text for text in equity.findings)
    assert equity.distribution.for_equality()[0] > 0.0


def test_who_helps_the_least_deprived_widens_and_warns():
    equity = equity_by(appraisal(members=np.ones(4)), np.array([0.0, 0, 0, 0, 5]), slope=0.05, net_cost=np.zeros(4))
    assert not any("narrows" in text for text in equity.findings)
    widened = "widens a gap: slope index, poor health (+10.0%); sure: in 100% of members."
    assert any(widened in text for text in equity.warnings)
    assert any("QALYs gained per 1,000 people (0.00 in the most" in text for text in equity.warnings)
    assert len(equity.warnings) == len(INEQUALITY_INDICES) + 1
    assert np.all(equity.distribution.for_equality() < 0.0)


def test_an_option_that_does_nothing_says_so():
    equity = equity_by(appraisal(), np.zeros(FIFTHS), net_cost=np.zeros(1))
    assert equity.warnings == ()
    assert "moves no gap" in equity.findings[0]
    assert equity.distribution.worth()[0] == pytest.approx(0.0, abs=1e-9)


def test_what_members_do_not_agree_on_is_unclear():
    inputs, base = seen(YEARS, 4, np.zeros(FIFTHS)), seen(YEARS, 4, np.zeros(FIFTHS))
    change = np.array([-0.02, 0.01, 0.05, -0.01])
    inputs = replace(inputs, indices={name: values + change for name, values in inputs.indices.items()})
    costed = appraisal(members=np.ones(4))
    equity = assess_equity(costed.option, inputs, base, costed.assumptions, np.zeros(4))
    assert all("unclear: in 50% of members" in text for text in equity.warnings)
    slope = equity.indices[0]
    np.testing.assert_allclose(slope.change, change, atol=TOLERANCE)
    np.testing.assert_allclose(slope.before, 0.5)


def test_a_slope_below_nothing_widens_when_it_falls():
    inputs, base = (seen(YEARS, 1, np.zeros(FIFTHS), slope) for slope in (-1.1, -1.0))
    equity = assess_equity(appraisal().option, inputs, base, plain_basis(), np.zeros(1))
    assert equity.indices[0].before[0] < 0.0
    assert len(equity.warnings) == len(INEQUALITY_INDICES)


def test_life_expectancy_before_is_the_baselines_and_its_gap_stands_among_the_indices():
    equity = equity_by(appraisal(), np.zeros(FIFTHS))
    np.testing.assert_allclose(equity.distribution.before[:, 0], HEALTH)
    assert equity.indices[-1].before[0] == pytest.approx(8.0)


def test_health_is_discounted_as_in_costing_and_money_charged_at_the_margin():
    assumptions = plain_basis().changed(discount_health=0.10)
    costed = appraise(option(assumptions), assumptions)
    one = equity_by(costed, np.ones(FIFTHS)).distribution
    np.testing.assert_allclose(one.gained[:, 0], 1 + 1 / 1.1 + 1 / 1.21)
    cost = -costed.value(CASH, NON_CASH, "cost")
    np.testing.assert_allclose(one.forgone, cost / 15_000)


def test_runs_of_different_length_do_not_pair():
    costed = appraisal()
    with pytest.raises(UserError, match="needs pairs"):
        assess_equity(
            costed.option, seen(YEARS, 1, np.zeros(5)), seen(YEARS, 2, np.zeros(5)), costed.assumptions, np.zeros(1)
        )


def test_age_groups_end_where_stages_of_life_and_premature_death_do():
    assert [FIRST_AGE_BANDS["stage"][stage] for stage in range(3)] == [
        FIRST_AGE_BANDS["age_group"][first] for first, _ in GROUPS_OF_STAGE
    ]
    assert len(GROUP_LABELS["stage"]) == len(LIFE_COURSE)
    assert GROUP_LABELS["age_group"][GROUPS_OF_STAGE[-1][0]].startswith("65")
    assert "75 to 84" in GROUP_LABELS["age_group"]


def test_sums_kept_in_single_precision_are_made_to_agree():
    total = np.array([[[10.0], [20.0]]])
    np.testing.assert_allclose(scaled_to_total(np.array([[[6.0], [6.0], [12.0]]]), total)[0, :, 0], [7.5, 7.5, 15.0])
    np.testing.assert_allclose(scaled_to_total(np.zeros((1, 3, 1)), 0 * total), 0.0)


def test_all_that_is_added_up_adds_up_and_is_registered():
    for name in RESULTS_BY_DIMENSION:
        assert measure(name, registry()).adds_up
    for name in (*INEQUALITY_INDICES, LIFE_EXPECTANCY):
        assert not measure(name, registry()).adds_up
    assert set(results_for_equity()) <= set(registry().recorded)


def test_tables_state_unit_prices_years_and_source_and_agree(tmp_path):
    costed = (appraisal(members=np.array([0.5, 1.0, 1.5])),)
    (equity,) = made_up(costed)
    paths = write_tables((equity,), tmp_path)
    assert [name for name, _ in paths] == ["equity.csv", "equity_indices.csv"]
    rows = {}
    for name, _ in paths:
        with (tmp_path / name).open(encoding="utf-8", newline="") as file:
            rows[name] = list(csv.DictReader(file))
        for row in rows[name]:
            assert row["unit"]
            assert row["prices"] == ("2022/23" if "£" in row["unit"] else "no money")
            assert row["years"] == "2023/24 to 2025/26"
            assert "3 paired members" in row["source"]
    key = {"result": QALYS, "division": "deprivation", "label": "1 most deprived"}
    by_statistic = {row["statistic"]: row for row in rows["equity.csv"] if key.items() <= row.items()}
    gain = equity.impact(QALYS, "deprivation")
    assert float(by_statistic["expected"]["value"]) == pytest.approx(gain.values[0].mean())
    assert float(by_statistic["per_1000_people"]["value"]) == pytest.approx(gain.per_1000_people[0].mean())
    assert by_statistic["per_1000_people"]["unit"] == "QALYs per 1,000 people"
    assert set(by_statistic) == {"expected", "median", "low_80", "high_80", "per_1000_people"}
    worth = {
        row["label"]: row
        for row in rows["equity_indices.csv"]
        if row["index"] == "equally_distributed" and row["statistic"] == "expected"
    }
    assert list(worth) == [f"inequality aversion {value:g}" for value in (1, 10.95, 30)]
    expected = equity.distribution.expected().worth()[0]
    assert float(worth["inequality aversion 10.95"]["value"]) == pytest.approx(expected)


@lru_cache(maxsize=1)
def of_the_model() -> tuple[EquityInputs, EquityInputs, object]:
    """A package and the baseline, two members, one complete year."""
    assumptions, inputs = basis(), []
    for name in ("baseline", "vcse_capacity"):
        resolved = resolve(name, registry(), changes={"end": "2024-04-01", "members": 2})
        resolved = replace(resolved, outputs=(*resolved.outputs, *costing_names(assumptions), *results_for_equity()))
        run = simulate(resolved, processes=1)
        inputs.append((resolved, observe_costs(run, assumptions), read_equity_inputs(run)))
    (_, base_costs, base), (resolved, costs, seen_of_it) = inputs
    return seen_of_it, base, appraise(costed_option(resolved, costs, base_costs, assumptions), assumptions)


def test_in_the_model_all_divisions_add_up():
    inputs, base, costed = of_the_model()
    for one in (inputs, base):
        for (result, _), values in one.results.items():
            total = one.results[result, "deprivation"].sum(axis=1)
            np.testing.assert_allclose(values.sum(axis=1), total, rtol=TOLERANCE, err_msg=result)
    equity = assess_equity(costed.option, inputs, base, costed.assumptions, np.zeros(2))
    check_additive(equity.impacts)
    people = {impact.grouping: impact.people.sum() for impact in equity.impacts}
    np.testing.assert_allclose(list(people.values()), people["deprivation"], rtol=1e-6)


def test_in_the_model_before_they_are_made_to_agree_divisions_agree_to_single_precision():
    run = simulate(resolve("baseline", registry(), changes={"end": "2024-04-01"}), processes=1)
    for name, sources in RESULTS_BY_DIMENSION.items():
        totals = [
            run.values(source).sum(axis=tuple(range(1, run.values(source).ndim - 1))) for source in sources.values()
        ]
        for other in totals[1:]:
            np.testing.assert_allclose(other, totals[0], rtol=1e-6, err_msg=name)


def test_in_the_model_the_deprived_have_less_health_to_expect():
    _, base, costed = of_the_model()
    health = base.health[0, :, 0]
    assert np.all(np.diff(health) > 0.0)
    assert np.all((health > 55.0) & (health < 80.0))
    qalys = costed.option.gains[QALYS]
    gained = of_the_model()[0].results[QALYS, "deprivation"] - base.results[QALYS, "deprivation"]
    np.testing.assert_allclose(gained.sum(axis=1), qalys, atol=1e-6)
