"""What each intervention contributes: games with known values, and variants in one batch against separate runs."""

from __future__ import annotations

import csv
from functools import lru_cache

import numpy as np
import pytest

from model.analysis.attribution import shapley as games
from model.analysis.attribution.contributions import attribute, plan_attribution
from model.analysis.attribution.overlaps import find_interactions, find_shared_staff, strongest_interactions
from model.analysis.attribution.variants import NO_OWNER, evaluate_variants, option_set_of, shares_in_force
from model.analysis.sensitivity.designs import DrawnMembers
from model.analysis.sensitivity.evaluation import YearlyReader, evaluate, years_of
from model.cli.main import main
from model.registry.errors import Exit, UserError
from model.reporting.tables.attribution import decimals_of
from model.results.headlines import measure, measures
from model.scenarios.resolver import resolve
from model.sectors.model_registry import registry

YEARS = {
    "decision": "2019-04",
    "end": "2021-04",
    "horizons": {"short": 1, "last": 2},
    "parameters": {"from": "central"},
    "members": 2,
}
FLOW = ["home_first", "p1_capacity", "p2_and_p3_capacity"]


def resolved(*interventions, **changes):
    return resolve("baseline", registry(), changes={**YEARS, "interventions": list(interventions), **changes})


@lru_cache(maxsize=1)
def taken_apart():
    """Three interventions that free the same delayed beds, all subsets of two members."""
    wanted = measures(("nctr_before", "bed_days", "underlying_deficit"), registry())
    return attribute(resolved(*FLOW), wanted, plan_attribution(3, 2))


def test_shapley_values_of_the_glove_game():
    # Players 0 and 1 own a left glove, player 2 a right one: a pair is worth 1.
    values = np.array([float(subset[2] and (subset[0] or subset[1])) for subset in games.all_subsets(3)])
    assert games.shapley_values(values) == pytest.approx([1 / 6, 1 / 6, 2 / 3])
    pairs = games.shapley_interactions(values)
    # The two left gloves stand in for each other; each goes with the right one.
    assert pairs[0, 1] == pytest.approx(-0.5)
    assert pairs[0, 2] == pairs[2, 0] == pytest.approx(0.5)
    assert np.all(np.diagonal(pairs) == 0)


def test_shapley_values_of_the_airport_game():
    needed = np.array([1.0, 2.0, 4.0])
    values = np.array([needed[subset].max(initial=0.0) for subset in games.all_subsets(3)])
    assert games.shapley_values(values) == pytest.approx([1 / 3, 1 / 3 + 1 / 2, 1 / 3 + 1 / 2 + 2])


def test_a_game_without_all_subsets_is_refused():
    with pytest.raises(ValueError, match="all subsets"):
        games.shapley_values(np.zeros(5))


def test_orders_are_whole_and_opposite_and_their_values_add_up():
    drawn = games.random_orders(6, 3, seed=4, stream="a")
    assert np.array_equal(drawn[0::2], drawn[1::2, ::-1])
    assert np.array_equal(np.sort(drawn, axis=1), np.tile(np.arange(6), (6, 1)))
    assert np.array_equal(drawn, games.random_orders(6, 3, seed=4, stream="a"))
    assert not np.array_equal(drawn, games.random_orders(6, 3, seed=4, stream="b"))
    met = games.subsets_of_order(drawn[0])
    assert np.array_equal(met.sum(axis=1), np.arange(7))
    assert met[1, drawn[0, 0]]
    worth = met @ np.arange(6.0)
    assert games.gains_of_order(drawn[0], worth) == pytest.approx(np.arange(6.0))


def test_interactions_from_both_ends_are_exact_up_to_three_players():
    subsets = games.all_subsets(5)
    generator = np.random.default_rng(1)
    single, double, triple = generator.normal(size=5), generator.normal(size=(5, 5)), generator.normal(size=(5, 5, 5))
    worth = np.array(
        [
            subset @ single + subset @ double @ subset + np.einsum("i,j,k,ijk", *[subset.astype(float)] * 3, triple)
            for subset in subsets
        ]
    )
    ends = games.end_subsets(5)
    assert len(ends) == 2 * (1 + 5 + 10)
    of_ends = worth[ends @ (1 << np.arange(5))]
    assert games.end_interactions(ends, of_ends) == pytest.approx(games.shapley_interactions(worth))


def test_variants_in_one_batch_equal_scenarios_resolved_by_themselves():
    # The last two set values and move flows of money; a switch that acted on sizes alone could not leave them out.
    uses = ["home_first", "multi_year_settlement", "long_term_vcse_contracts"]
    year = {"end": "2020-04", "horizons": {"year": 1}}
    option_set = option_set_of(resolved(*uses, **year))
    reader = YearlyReader(
        measures(("nctr_before", "underlying_deficit", "in_year_deficit", "qalys"), registry()),
        years_of(option_set.scenario),
    )
    scales = np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0], [1, 1, 1], [0.5, 0.5, 2]], dtype=float)
    values = evaluate_variants(option_set, scales, reader, 2)
    separate = [
        resolved(
            *({"name": name, "scale": float(scale)} for name, scale in zip(uses, row, strict=True) if scale), **year
        )
        for row in scales
    ]
    assert values == pytest.approx(evaluate(separate, DrawnMembers(2), reader), rel=1e-10)
    assert np.abs(np.diff(values[:4], axis=0)).max() > 0.01


def test_only_what_an_intervention_owns_is_switched():
    menu = option_set_of(resolved("home_first", future="high_inflation"))
    assert menu.options == ("home_first",)
    future = [owner for spec, owner in zip(menu.scenario.modifiers, menu.owners, strict=True) if spec.role == "future"]
    assert future
    assert set(future) == {NO_OWNER}
    shares = shares_in_force(menu, np.array([[0.0], [1.0]]))
    assert any(share is not None for share in shares)
    assert all(share is None for share in shares_in_force(menu, np.ones((2, 1))))


def test_contributions_add_up_to_the_effect_exactly():
    attribution = taken_apart()
    scale = np.abs(attribution.effect).max(axis=(1, 2), keepdims=True)
    assert np.abs(attribution.shapley.sum(axis=0) - attribution.effect).max() <= 1e-9 * scale.max()
    assert np.all(np.abs(attribution.shapley.sum(axis=0) - attribution.effect) <= 1e-9 * scale)


def test_two_that_free_the_same_beds_give_less_than_their_sum():
    attribution = taken_apart()
    column = [measure.name for measure in attribution.measures].index("nctr_before")
    alone, together = attribution.alone[:, column].sum(axis=0), attribution.effect[column]
    assert np.all(together < 0)
    assert np.all(together > alone)
    assert np.all(attribution.overlap[column] > 0)
    interactions = [interaction for interaction in find_interactions(attribution) if interaction.same_bed_days]
    assert {(interaction.first, interaction.second) for interaction in interactions} & {
        ("home_first", "p2_and_p3_capacity")
    }
    assert all(interaction.share < 0 for interaction in interactions)
    assert len(strongest_interactions(interactions, 2)) <= 2


def test_those_who_want_the_same_staff_are_named():
    staff = find_shared_staff(taken_apart().scenario)
    assert ("community", "care_support") in {(shared.employer, shared.staff_group) for shared in staff}
    assert all(min(shared.wte) > 0 for shared in staff)
    assert any("home_first" in shared.gated for shared in staff)


def test_sampled_orders_agree_with_all_subsets_and_add_up():
    exact, wanted = taken_apart(), measures(("nctr_before",), registry())
    # Both orders of a pair of opposites, often enough: with three players every subset is met.
    plan = plan_attribution(3, 2, pairs=40)
    attribution = attribute(exact.scenario, wanted, plan)
    assert not plan.exact
    assert attribution.shapley.sum(axis=0) == pytest.approx(attribution.effect, rel=1e-9)
    assert attribution.effect == pytest.approx(exact.effect[:1], rel=1e-9)
    assert attribution.alone == pytest.approx(exact.alone[:, :1], rel=1e-9)
    assert attribution.last == pytest.approx(exact.last[:, :1], rel=1e-9)
    assert attribution.pairs == pytest.approx(exact.pairs[:, :, :1], rel=1e-6, abs=1e-9)
    assert np.all(
        np.abs(attribution.shapley.mean(axis=-1) - exact.shapley[:, :1].mean(axis=-1)) < 5 * attribution.error + 0.05
    )


def test_plans_keep_within_the_runs_where_they_can():
    assert plan_attribution(10, 8).exact
    assert plan_attribution(10, 8).runs == 8192
    many = plan_attribution(38, 20)
    assert not many.exact
    assert many.runs <= 10_000
    assert many.pairs >= 2
    assert not plan_attribution(13, 1).exact
    with pytest.raises(UserError, match="no intervention"):
        plan_attribution(0, 5)


def test_digits_follow_the_largest_effect():
    assert decimals_of(measure("nctr_before", registry()), np.array([-123.0])) == 0
    assert decimals_of(measure("nctr_before", registry()), np.array([1.23])) == 2
    assert decimals_of(measure("nctr_before", registry()), np.array([1e-9])) == 2


def test_the_command_writes_tables_that_add_up(tmp_path, capsys):
    path = tmp_path / "two.yaml"
    path.write_text(
        "extends: baseline\ndecision: 2019-04\nend: 2020-04\nhorizons: {year: 1}\nparameters: central\n"
        "interventions: [home_first, p1_capacity]\n"
    )
    assert main(["attribute", str(path), "--members", "2", "--output", str(tmp_path), "--of", "nctr_before"]) == Exit.OK
    printed = capsys.readouterr().out
    assert "all together" in printed
    assert "need the same staff" in printed or "No two interventions" in printed
    folder = tmp_path / "attribution_two"
    with (folder / "attribution.csv").open(encoding="utf-8") as stream:
        rows = [row for row in csv.DictReader(stream) if row["result"] == "nctr_before"]
    by_name = {row["intervention"]: float(row["mean"]) for row in rows}
    assert by_name["home_first"] + by_name["p1_capacity"] == pytest.approx(by_name["all together"], rel=1e-8)
    assert {"attribution.csv", "interactions.csv", "overlaps.csv", "shared_staff.csv", "figures", "README.txt"} <= {
        path.name for path in folder.iterdir()
    }
    assert (folder / "figures" / "waterfall_year.svg").is_file()


def test_a_scenario_without_interventions_is_told(tmp_path, capsys):
    assert main(["attribute", "do_nothing", "--output", str(tmp_path)]) == Exit.INPUT
    assert "no intervention" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


@pytest.mark.slow
def test_variants_with_patients_one_by_one_have_the_chance_of_separate_runs():
    year = {"end": "2020-04", "horizons": {"year": 1}, "hospital": "patient-level"}
    option_set = option_set_of(resolved("home_first", "retention_programme", **year))
    reader = YearlyReader(measures(("bed_days", "nctr_before"), registry()), years_of(option_set.scenario))
    values = evaluate_variants(option_set, np.array([[0.0, 0.0], [1.0, 0.0]]), reader, 2)
    separate = [resolved(**year), resolved("home_first", **year)]
    assert values == pytest.approx(evaluate(separate, DrawnMembers(2), reader), rel=1e-10)
