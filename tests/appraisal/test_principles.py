"""The agreed principles: scores, weights, ranks and domination by hand, sensitivity, errors, tables, terminal."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from costing_cases import basis, column, plain_basis
from hypothesis import given
from hypothesis import strategies as some
from hypothesis.extra.numpy import arrays
from principles_cases import (
    BY_HAND,
    SPREAD,
    from_text,
    level,
    made,
    nothing,
    programme,
    ranked,
    scenario,
    shipped,
    three,
)
from rich.console import Console
from scipy.stats import beta

from model.appraisal.costing.appraisal import appraise
from model.appraisal.prioritisation.criteria import unbounded_cost
from model.appraisal.prioritisation.principles import PRINCIPLES, read_principles
from model.appraisal.prioritisation.scoring import score_options
from model.appraisal.prioritisation.weights import (
    drawn_weights,
    halved_and_doubled,
    rank_shares,
    rank_totals,
    smallest_change,
    vary_weights,
)
from model.cli.console.ranking_tables import render_ranking
from model.registry.calendar import horizon_year
from model.registry.errors import UserError
from model.reporting.tables.prioritisation import write_tables
from model.results.headlines import headline
from model.sectors.model_registry import registry

COST = 1_547_107.44
"""Programme cost of the option by hand, discounted at 10 %."""


def test_scores_and_totals_by_hand(tmp_path):
    assumptions = plain_basis()
    appraisals = [made("one", assumptions, members=np.ones(1)), nothing(assumptions, np.ones(1))]
    ranking = ranked(appraisals, from_text(tmp_path))
    # Mean effects of -2: (-2 - 10) / -20 and (-2 - 5) / -10; lists weigh three times as much as beds.
    money = 100 * (COST - 4e6) / -4e6
    assert ranking.expected[0] == pytest.approx([60.0, 70.0, money], abs=1e-5)
    assert ranking.by_principle[0] == pytest.approx([(60 + 3 * 70) / 4, money], abs=1e-5)
    assert ranking.totals[0] == pytest.approx(0.75 * 67.5 + 0.25 * money, abs=1e-5)
    assert ranking.expected[1].tolist() == [50.0, 50.0, 100.0]
    assert ranking.weight_of(ranking.criteria[1]) == pytest.approx(0.75 * 0.75)
    assert ranking.ranks.tolist() == [1, 2]
    assert ranking.interval == "none: one run"


def test_scores_are_clipped_and_follow_the_anchors_in_both_directions():
    criteria = {criterion.name: criterion for criterion in shipped().criteria}
    less, more = criteria["population_impact.bed_days"], criteria["balance.qalys"]
    assert less.score([60.0, 50.0, 0.0, -25.0, -50.0, -99.0]).tolist() == [0.0, 0.0, 50.0, 75.0, 100.0, 100.0]
    assert more.score([-9000.0, 0.0, 1500.0, 9000.0]).tolist() == [0.0, 50.0, 75.0, 100.0]
    assert (less.better, more.better) == ("lower", "higher")
    value = criteria["resources.value"]
    assert value.score([np.inf, 70_000.0, 35_000.0, -np.inf]).tolist() == [0.0, 0.0, 50.0, 100.0]
    assert value.score(35_000.0 * 1.1, 1.1) == pytest.approx(50.0)
    assert (unbounded_cost(np.inf), unbounded_cost(-np.inf), unbounded_cost(1.0)) == ("no gain", "saves money", None)


def test_what_is_better_scores_more():
    for criterion in shipped().criteria:
        assert criterion.origin != "headline" or criterion.better == headline(criterion.of).better


def test_weights_are_brought_to_a_sum_of_one(tmp_path):
    first = ranked(three(), from_text(tmp_path))
    text = BY_HAND.replace("weight: {value: 3, source", "weight: {value: 21, source")
    text = text.replace("weight: {value: 1, source", "weight: {value: 7, source")
    second = ranked(three(), from_text(tmp_path, text))
    assert first.weights == pytest.approx([0.75, 0.25])
    assert second.weights == pytest.approx(first.weights)
    # The weight of lists within their principle was 3 to 1 and is 21 to 1 now.
    assert second.shares[0] == pytest.approx([1 / 22, 21 / 22, 0.0])


def test_a_dominated_option_is_marked_with_whom_and_how_surely():
    assumptions = basis()
    clear = ranked(three(assumptions), shipped())
    assert [domination.by for domination in clear.dominated["weak"]] == ["strong"]
    assert clear.dominated["strong"] == ()
    # Doing nothing costs nothing, so no option that costs something is nowhere worse.
    assert clear.dominated["do_nothing"] == ()
    # Better by its mean, worse in the one member of four in which it saves few bed days.
    beds = 2.0 * column(-2, -2, -2) * np.array([1.0, 1.0, 1.0, 0.1])
    unsure = ranked(
        [made("strong", assumptions, times=2.0, effects={"bed_days": beds}), made("weak", assumptions)], shipped()
    )
    assert unsure.dominated["weak"][0].by == "strong"
    assert unsure.dominated["weak"][0].share == 0.75


def test_equal_options_share_ranks_and_none_dominates():
    ranking = ranked([made("one", basis()), made("two", basis())], shipped())
    assert ranking.ranks.tolist() == [1, 1]
    assert ranking.dominated == {"one": (), "two": ()}
    assert ranking.sensitivity.by_both == pytest.approx(np.full((2, 2), 0.5))


def test_the_ranking_does_not_hang_on_the_order_of_the_options():
    appraisals = three()
    ahead, back = ranked(appraisals, shipped()), ranked(appraisals[::-1], shipped())
    assert back.totals[::-1].tolist() == ahead.totals.tolist()
    assert [back.options[index] for index in back.order] == [ahead.options[index] for index in ahead.order]
    for name in ("by_members", "by_weights", "by_both", "central"):
        np.testing.assert_array_equal(getattr(back.sensitivity, name)[::-1], getattr(ahead.sensitivity, name))
    assert back.sensitivity.changes == ahead.sensitivity.changes


@given(arrays(float, (4, 6), elements=some.integers(0, 5).map(float)))
def test_shares_of_ranks_add_up_over_ranks_and_over_options(totals):
    shares = rank_shares(totals)
    assert shares.sum(axis=0) == pytest.approx(np.ones(4))
    assert shares.sum(axis=1) == pytest.approx(np.ones(4))


def test_acceptability_of_two_options_is_the_share_of_weights_by_which_each_is_first():
    # One leads by 30 on the first principle, the other by 10 on the second: the first needs a weight above a quarter.
    scores, weights, draws = np.array([[80.0, 40.0], [50.0, 50.0]]), np.array([0.3, 0.7]), 20_000
    sensitivity = vary_weights(("a", "b"), ("p", "q"), scores, scores[..., None], weights, 5.0, draws, 7)
    assert sensitivity.by_weights[0, 0] == pytest.approx(beta(1.5, 3.5).sf(0.25), abs=0.01)
    # The share over the very draws, one by one.
    drawn = drawn_weights(("p", "q"), weights, 5.0, draws, 7)
    first = drawn[:, 0] > 0.25
    assert sensitivity.by_weights[0] == pytest.approx([first.mean(), 1 - first.mean()])
    assert sensitivity.by_weights[1] == pytest.approx([1 - first.mean(), first.mean()])
    assert sensitivity.central[0] == pytest.approx(drawn[first].mean(axis=0))
    np.testing.assert_array_equal(sensitivity.by_both, sensitivity.by_weights)
    assert sensitivity.by_members.tolist() == [[1.0, 0.0], [0.0, 1.0]]


def test_drawn_weights_add_up_have_the_agreed_mean_and_are_known_by_name():
    weights = np.array([0.5, 0.3, 0.2, 0.0])
    drawn = drawn_weights(("a", "b", "c", "d"), weights, 20.0, 5000, 3)
    assert drawn.sum(axis=1) == pytest.approx(np.ones(5000))
    assert drawn.mean(axis=0) == pytest.approx(weights, abs=0.005)
    assert drawn.std(axis=0)[:3] == pytest.approx(np.sqrt(weights * (1 - weights) / 21.0)[:3], rel=0.05)
    turned = drawn_weights(("d", "c", "b", "a"), weights[::-1], 20.0, 5000, 3)
    np.testing.assert_allclose(turned[:, ::-1], drawn, rtol=1e-12)


def test_changes_of_one_weight_by_hand():
    names, keys = ("a", "b"), ("p", "q")
    scores, weights = np.array([[80.0, 40.0], [50.0, 50.0]]), np.array([0.5, 0.5])
    (first, second) = smallest_change(names, keys, scores, weights)
    assert (first.now, first.then, first.first) == (0.5, pytest.approx(0.25), "b")
    assert (second.principle, second.then) == ("q", pytest.approx(0.75))
    steps = {(step.principle, step.factor): step for step in halved_and_doubled(names, keys, scores, weights)}
    assert steps["p", 0.5].weight == pytest.approx(1 / 3)
    assert {step.first for step in steps.values()} == {("a",)}
    # No weight helps an option that is behind everywhere, or level at best.
    assert smallest_change(names, keys, np.array([[80.0, 50.0], [50.0, 50.0]]), weights) == ()
    assert rank_totals(np.array([1.0, 3.0, 3.0 + 1e-12, 2.0])).tolist() == [4, 1, 1, 3]


def test_evidence_is_weighted_by_what_is_spent():
    assumptions = plain_basis()
    appraised = made("one", assumptions)
    capital, running = appraised.option.costs
    costs = (replace(capital, grade="weak"), running)
    appraised = appraise(replace(appraised.option, costs=costs), assumptions)
    measured = ranked([appraised], shipped()).measures["one", "evidence.grade"]
    assert measured.expected == pytest.approx((1e6 * 40 + 6e5 * 100) / 1.6e6)
    assert measured.why == "strong 38%, weak 62% of what is spent"
    free = appraise(replace(appraised.option, costs=()), assumptions)
    grades = (programme(grade="moderate"), programme("b", "weak"))
    measured = ranked([free], shipped(), [scenario("one", *grades)]).measures["one", "evidence.grade"]
    assert measured.expected == pytest.approx((75 + 40) / 2)


def test_breadth_and_measurability_count_what_moves():
    assumptions = basis()
    still = {name: 0 * column(1, 1, 1) * SPREAD for name in assumptions.effects}
    moved = {
        "rtt": column(-2, -2, -2) * SPREAD,
        "bed_days": column(-2, -2, -2) * SPREAD,
        "qalys": column(2, 2, 2) * SPREAD,
        "four_hour": column(-2, -2, -2) * SPREAD,
        # Below half a per cent of the baseline, and not the same way in enough members.
        "rtt_52": column(-0.4, -0.4, -0.4) * SPREAD,
        "handover": column(5, 5, 5) * np.array([1, 1, -1, -0.5]),
    }
    ranking = ranked([made("one", assumptions, effects={**still, **moved})], shipped())
    breadth = ranking.measures["one", "population_impact.breadth"]
    assert breadth.expected == pytest.approx((3 - 1) / len(assumptions.effects))
    assert breadth.why.startswith("3 better, 1 worse")
    # Of the four, quality-adjusted life years are in no monthly publication.
    assert ranking.measures["one", "measurability.published"].expected == pytest.approx(3 / 4)


def test_timeline_is_the_share_of_the_greatest_effect():
    assumptions = basis()
    still = {name: 0 * column(1, 1, 1) * SPREAD for name in assumptions.effects}
    appraisals = [made("one", assumptions, effects={**still, "rtt": column(-1, -2, -4) * SPREAD})]
    ends = replace(scenario("one", programme()), horizons=(("short", 1), ("medium", 2), ("long", 9)))
    ranking = score_options(appraisals, [ends], shipped(), level(appraisals))
    assert ranking.measures["one", "timeline.short"].expected == pytest.approx(0.25)
    assert ranking.measures["one", "timeline.medium"].horizon == "2024/25"
    assert ranking.scores[
        0, [criterion.name for criterion in ranking.criteria].index("timeline.medium")
    ] == pytest.approx(50.0)
    assert ranking.left_out == {"timeline.long": "the run ends before the long term, 2031/32"}
    index = [principle.name for principle in ranking.principles.principles].index("timeline")
    assert ranking.by_principle[0, index] == pytest.approx((25 + 50) / 2)
    fewer = score_options(appraisals, [replace(ends, horizons=(("short", 1),))], shipped(), level(appraisals))
    assert fewer.left_out["timeline.medium"] == "the run has no horizon 'medium' (it has short)"
    assert horizon_year(date(2023, 4, 1), 2.0) == "2024/25"
    assert horizon_year(date(2023, 7, 1), 2.0) == "2024/25"


def test_the_review_is_so_many_months_after_the_first_start(tmp_path):
    late = scenario("one", programme(start=date(2024, 4, 1)), programme("b", start=date(2025, 4, 1)))
    ranking = ranked([made("one", basis())], shipped(), [late])
    assert ranking.reviews["one"] == date(2025, 4, 1)
    assert ranking.measures["one", "review.date"].expected == 24.0
    assert ranking.expected[0, -1] == pytest.approx(50.0)
    text = PRINCIPLES.read_text(encoding="utf-8").replace("options: {}", "options: {one: {value: 6 months, source: a}}")
    other = from_text(tmp_path, text, options=("one",))
    assert ranked([made("one", basis())], other, [late]).reviews["one"] == date(2024, 10, 1)


def test_doing_nothing_and_one_option_alone_are_scored():
    alone = ranked([nothing(basis())], shipped())
    assert alone.ranks is None
    assert alone.sensitivity is None
    by_name = dict(zip((criterion.name for criterion in alone.criteria), alone.expected[0], strict=True))
    assert by_name["evidence.grade"] == 0.0
    assert by_name["resources.affordable"] == 100.0
    assert {by_name[name] for name in by_name if name.partition(".")[0] in ("equality", "balance")} == {50.0}
    assert alone.balance["do_nothing"].startswith("hardly any change in health")
    assert np.isfinite(alone.totals_members).all()


def test_mortality_and_quality_of_life_stand_apart():
    fewer_deaths = {"premature_deaths": column(-10, -10, -10) * SPREAD}
    assumptions = basis()
    appraised = made("one", assumptions, effects=fewer_deaths)
    worse = {
        key: -500 * values if key.startswith("outcomes.") else values for key, values in appraised.option.gains.items()
    }
    both = ranked([appraised, appraise(replace(appraised.option, name="two", gains=worse), assumptions)], shipped())
    assert both.balance["one"].startswith("longer lives (mortality +21.0 points, 100% of members; quality of life")
    assert both.balance["two"].startswith("longer lives at a cost in quality")


def test_two_options_of_one_name_are_a_error():
    with pytest.raises(UserError, match="two options of one name"):
        ranked([made("one", basis()), made("one", basis())], shipped())


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("of: bed_days\n", "of: bed_day\n", "Did you mean 'bed_days'"),
        ("of: net_public", "of: net_publik", "Did you mean 'net_public'"),
        ("of: cost_per_qaly", "of: payback_cash", "not a figure of costing that is one number"),
        ("hundred: {value: -50,", "hundred: {value: 50,", "scores 0 and 100 at the same value"),
        ("hundred: {value: -20000,", "hundred: {value: 40000,", "exchange 'zero' and 'hundred'"),
        ("hundred: {value: 12 months,", "hundred: {value: 12 beds,", "principles.yaml"),
        ("weight: {value: 20, source: assumption}", "weight: {value: -1, source: assumption}", "expected 0 to"),
        ("from: breadth", "from: bredth", "breadth"),
        ("title: Evidence\n", "titel: Evidence\n", "titel"),
        ("from: evidence}", "from: evidence, of: x}", "takes no 'of'"),
        ("  weak: {value: 40, source: assumption}\n", "", "'weak' is missing"),
        ("bed_days: urgent_care.beds_occupied", "bed_days: urgent_care.bed_occupied", "'urgent_care.beds_occupied'"),
        ("options: {}", "options: {home_frist: {value: 6 months, source: a}}", "Did you mean 'home_first'"),
        ("prices: 2023/24", "prices: 1823/24", "not a financial year"),
        ("share: {value: 0.5 %,", "share: {value: 250 %,", "expected 0 to 1"),
    ],
)
def test_errors_of_the_file_are_told_with_their_line(tmp_path, old, new, message):
    text = PRINCIPLES.read_text(encoding="utf-8")
    assert old in text
    with pytest.raises(UserError) as error:
        from_text(tmp_path, text.replace(old, new, 1))
    assert message in str(error.value)
    assert "principles.yaml:" in str(error.value)


def test_all_errors_come_together(tmp_path):
    text = PRINCIPLES.read_text(encoding="utf-8").replace("of: bed_days\n", "of: bed_day\n")
    with pytest.raises(UserError, match="2 errors"):
        from_text(tmp_path, text.replace("of: rtt\n", "of: rrt\n"))
    with pytest.raises(UserError, match="no such file"):
        read_principles(registry(), tmp_path / "none.yaml")


def test_every_number_of_the_shipped_file_has_evidence_or_says_what_it_is():
    agreed = shipped()
    assert len(agreed.principles) == 8
    sources = [source for criterion in agreed.criteria for source in (*criterion.sources, criterion.weight_source)]
    sources += [number.source for number in (*agreed.principles, *agreed.grades.values(), agreed.concentration)]
    sources += [agreed.least_change.source, agreed.agreement.source, agreed.review_months.source]
    assert all(source.startswith(("assumption", "convention", "E")) for source in sources)
    assert {criterion.side for criterion in agreed.criteria} == {None, "mortality", "quality of life"}


def test_tables_hold_the_ranking_and_state_what_their_numbers_are(tmp_path):
    ranking = ranked(three(), shipped())
    paths = dict(write_tables(ranking, tmp_path))
    tables = {}
    for name in paths:
        with (tmp_path / name).open(encoding="utf-8", newline="") as stream:
            tables[name] = list(csv.DictReader(stream))
        for row in tables[name]:
            assert all(row[key] for key in ("unit", "prices", "horizon", "interval", "source")), (name, row)
    for row in tables["principles.csv"]:
        if row["criterion"]:
            index = [criterion.name for criterion in ranking.criteria].index(f"{row['principle']}.{row['criterion']}")
            expected = ranking.expected[ranking.options.index(row["option"]), index]
            assert float(row["score"]) == pytest.approx(expected)
            assert row["low_80"] == "" or float(row["low_80"]) <= float(row["high_80"])
    totals = {row["option"]: float(row["total"]) for row in tables["ranking.csv"]}
    assert totals == pytest.approx(dict(zip(ranking.options, ranking.totals, strict=True)), rel=1e-9)
    assert {row["option"]: row["dominated_by"] for row in tables["ranking.csv"]}["weak"] == "strong"
    shares = [float(row[f"rank_{rank}"]) for row in tables["ranking.csv"] for rank in (1, 2, 3)]
    assert sum(shares) == pytest.approx(3.0)
    value = {row["option"]: row for row in tables["principles.csv"] if row["criterion"] == "value"}
    assert value["do_nothing"]["measure"] == "no gain"
    assert value["strong"]["prices"] == ranking.prices


@pytest.mark.parametrize("number", [1, 3])
def test_the_terminal_shows_ranks_within_118_columns(number):
    ranking = ranked(three()[:number], shipped())
    console = Console(width=118, record=True, file=io.StringIO())
    console.print(render_ranking(ranking))
    shown = console.export_text()
    assert max(len(line) for line in shown.splitlines()) <= 118
    assert ("scored, not ranked" in shown) == (number == 1)
    assert "Evidence" in shown
