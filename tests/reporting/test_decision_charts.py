"""Charts of the decision report: valid, drawn, stated in full, and of the numbers that tables and files have."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from functools import lru_cache

import numpy as np
import pytest
import vl_convert
from costing_cases import basis, option
from equity_cases import equity_by
from principles_cases import made, nothing, ranked, resolved, shipped
from synthetic_run import invented_run

from model.analysis.attribution import shapley as games
from model.analysis.attribution.contributions import Attribution, AttributionPlan
from model.analysis.attribution.overlaps import find_interactions
from model.appraisal.costing.appraisal import appraisal_results, appraise
from model.reporting.board.charts.contributions import overlaps_chart, waterfall_chart
from model.reporting.board.charts.headline_charts import effects_chart, fan_chart, probability_chart
from model.reporting.board.charts.payers import NETS, organisations_chart, payback_chart, streams_chart
from model.reporting.board.charts.principle_scores import ranks_chart, scores_chart, totals_chart
from model.reporting.board.charts.value_for_money import acceptability_chart, frontier_chart, worth_chart
from model.reporting.board.charts.who_gains import fair_health_chart, gains_chart, slopes_chart
from model.reporting.html.vega_lite import takes_any_width, themed
from model.reporting.tables import attribution as attribution_tables
from model.reporting.tables import costing as costing_tables
from model.reporting.tables import equity as equity_tables
from model.reporting.tables import prioritisation as principles_tables
from model.reporting.time_axis import observed_points
from model.results.comparison import headline_table, headline_years, write_headlines
from model.results.headlines import headline
from model.results.observations import read_observations

MEMBERS = 6
RESULTS = ("bed_days", "four_hour", "rtt", "underlying_deficit", "slope_index", "in_post")
SHOWN = tuple(headline(name) for name in RESULTS)
EXACT = 1e-12
WRITTEN = 1e-9
"""Files hold ten figures."""
PACKAGES = {"home_first": -0.02, "prevention_shift": -0.1, "combined": 0.05}


def spread(members):
    return np.ones(1) if members == 1 else np.linspace(0.2, 1.9, members)


@lru_cache(maxsize=2)
def runs(members=MEMBERS):
    scenarios = [invented_run(name, members=members, effect=size, years=12) for name, size in PACKAGES.items()]
    return (invented_run("baseline", members=members, years=12), *scenarios)


@lru_cache(maxsize=2)
def appraisals(members=MEMBERS):
    """Packages of which the second costs more than the first and gives less."""
    packages = []
    for name, times, dear in (("home_first", 1.0, 1.0), ("prevention_shift", 0.5, 2.0), ("combined", 3.0, 4.0)):
        appraisal = made(name, basis(), times=times, members=spread(members))
        costs = tuple(replace(line, amounts=line.amounts * dear) for line in appraisal.option.costs)
        benefits = tuple(replace(line, quantity=line.quantity * times) for line in appraisal.option.benefits)
        packages.append(appraise(replace(appraisal.option, costs=costs, benefits=benefits), basis()))
    return tuple(packages)


@lru_cache(maxsize=1)
def single():
    return replace_name(appraise(option(basis(), members=0.3 * spread(MEMBERS)), basis()), "hub")


def replace_name(appraisal, name):
    return replace(appraisal, option=replace(appraisal.option, name=name, title=name))


@lru_cache(maxsize=2)
def equity(members=MEMBERS):
    gained = (np.arange(5.0), np.arange(5.0)[::-1], np.ones(5))
    return tuple(
        equity_by(appraisal, by_fifth, slope)
        for appraisal, by_fifth, slope in zip(appraisals(members), gained, (0.01, -0.02, 0.0), strict=True)
    )


@lru_cache(maxsize=2)
def ranking(members=MEMBERS):
    return ranked([*appraisals(members), nothing(basis(), spread(members))], shipped())


@lru_cache(maxsize=2)
def taken_apart(members=MEMBERS):
    """Three interventions, the first two of which save the same bed days; the third does harm to one result."""
    measures = tuple(headline(name) for name in ("bed_days", "four_hour"))
    subsets = games.all_subsets(3).astype(float)
    alone = np.array([[-9.0, 1.0], [-6.0, 0.5], [-1.0, -0.4]])
    lost = np.array([4.0, -0.3])
    worth = subsets @ alone + (subsets[:, 0] * subsets[:, 1])[:, None] * lost
    values = worth[:, :, None, None] * np.array([0.5, 1.0])[:, None] * spread(members)
    whole, ones = len(values) - 1, 1 << np.arange(3)
    shapley = games.shapley_values(values)
    return Attribution(
        replace(resolved(), name="home_first"),
        ("home_first", "p1_capacity", "care_home_support"),
        measures,
        {"short": "2024/25", "medium": "2027/28"},
        AttributionPlan(members, 0, members, 8 * members),
        values[0],
        values[whole] - values[0],
        values[ones] - values[0],
        values[whole] - values[whole - ones],
        shapley,
        np.zeros(shapley.shape[:-1]),
        games.shapley_interactions(values),
    )


@lru_cache(maxsize=2)
def charts(members=MEMBERS):
    drawn_charts = (
        fan_chart(runs(members), read_observations(), SHOWN),
        effects_chart(runs(members), SHOWN),
        probability_chart(runs(members), SHOWN),
        waterfall_chart([taken_apart(members)]),
        overlaps_chart([taken_apart(members)]),
        organisations_chart(appraisals(members)),
        streams_chart(appraisals(members)),
        payback_chart(appraisals(members)),
        frontier_chart(appraisals(members), [single()] if members == MEMBERS else ()),
        acceptability_chart(appraisals(members)),
        worth_chart(appraisals(members)),
        gains_chart(equity(members)),
        slopes_chart(equity(members)),
        fair_health_chart(equity(members)),
        scores_chart(ranking(members)),
        totals_chart(ranking(members)),
        ranks_chart(ranking(members)),
    )
    return {chart.name: chart for chart in drawn_charts if chart is not None}


NAMES = (
    "fan",
    "effects",
    "probability",
    "waterfall",
    "overlaps",
    "organisations",
    "money_by_year",
    "payback",
    "frontier",
    "acceptability",
    "net_present_value",
    "equity",
    "inequality",
    "fair_health",
    "principles",
    "totals",
    "ranks",
)
OF_MEMBERS = ("probability", "acceptability", "net_present_value")
"""Charts that one member cannot give."""


def data(name, table, members=MEMBERS):
    return charts(members)[name].specification["datasets"][table]


def draw(chart, width=335):
    specification = themed(chart.specification) | {"width": width}
    return vl_convert.vegalite_to_svg(json.loads(json.dumps(specification, allow_nan=False)))


def tidy(path):
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def close(value, in_file):
    return value == pytest.approx(float(in_file), rel=WRITTEN, abs=EXACT)


def test_every_chart_is_there():
    assert tuple(charts()) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_each_is_drawn_and_states_everything(name):
    chart = charts()[name]
    assert "width" not in chart.specification
    assert "config" not in chart.specification
    assert takes_any_width(chart.specification)
    picture = draw(chart)
    assert picture.count("<path") + picture.count("<line") > 10
    assert all(text.strip() for _, text in chart.statement.rows)
    assert len(chart.alt) > 60
    assert chart.table.rows
    assert "members" in chart.statement.interval or chart.statement.interval.startswith("none: ")


@pytest.mark.parametrize("name", NAMES)
def test_what_is_chosen_first_has_data(name):
    specification = charts()[name].specification
    rows = [row for table in specification["datasets"].values() for row in table]
    chosen = [parameter for parameter in specification.get("params", []) if parameter["name"].startswith("chosen_")]
    for parameter in chosen:
        assert "bind" not in parameter or parameter["value"] in parameter["bind"]["options"]
        field = parameter["name"].removeprefix("chosen_")
        options = parameter.get("bind", {}).get("options", [parameter["value"]])
        if field == "what":
            assert {f"{row['result']}|{row['division']}" for row in rows if row} == set(options)
        elif field != "band":
            assert {row[field] for row in rows if field in row} == set(options)


def test_choosing_another_result_draws_other_marks():
    chart = charts()["effects"]
    other = json.loads(json.dumps(chart.specification))
    next(parameter for parameter in other["params"] if parameter["name"] == "chosen_headline")["value"] = "four_hour"
    assert draw(replace(chart, specification=other)) != draw(chart)


@pytest.mark.parametrize("name", [name for name in NAMES if name not in OF_MEMBERS])
def test_one_member_has_no_interval_and_says_why(name):
    chart = charts(1)[name]
    rows = [row for table in chart.specification["datasets"].values() for row in table]
    assert not [row for row in rows if row.get("low") is not None or row.get("cost_low") is not None]
    assert chart.statement.interval.startswith("none")
    draw(chart)


def test_what_one_member_cannot_give_is_left_out():
    assert set(charts()) - set(charts(1)) == set(OF_MEMBERS)
    assert ranks_chart(ranked([appraisals()[0]], shipped())) is None
    without = taken_apart()
    nobody = replace(without, pairs=np.zeros_like(without.pairs))
    assert overlaps_chart([nobody]) is None


def test_years_are_those_of_the_table(tmp_path):
    rows = headline_years(runs(), runs()[0], SHOWN)
    in_file = {
        (row["headline"], row["scenario"], row["financial_year"], row["statistic"]): row["value"]
        for row in tidy(write_headlines(rows, tmp_path / "years.csv"))
    }
    charted = data("fan", "years")
    assert len(charted) == len(rows)
    for row in charted:
        for field, statistic in (("median", "median"), ("low", "low_80"), ("high", "high_80")):
            assert close(row[field], in_file[row["headline"], row["option"], row["year"], statistic])


def test_differences_and_probabilities_are_those_of_the_table():
    at = {(row.headline.name, row.scenario, row.horizon): row for row in headline_table(runs(), runs()[0], SHOWN)}
    for row in data("effects", "effects"):
        expected = at[row["headline"], row["option"], row["horizon"]]
        assert (row["median"], row["low"], row["high"], row["probability"]) == (
            expected.difference.median,
            expected.difference.low,
            expected.difference.high,
            expected.improvement,
        )
    for row in data("probability", "probabilities"):
        assert row["probability"] == at[row["headline"], row["option"], row["horizon"]].improvement


def test_a_verdict_follows_the_interval_and_the_direction_that_is_better():
    at = {(row["headline"], row["option"]): row["verdict"] for row in data("effects", "effects")}
    assert at["bed_days", "prevention_shift"] == "better"
    assert at["bed_days", "combined"] == "worse"
    assert at["four_hour", "combined"] == "better"


def test_observed_figures_are_marked_and_a_result_without_any_shows_none():
    observed = data("fan", "observed")
    assert {row["headline"] for row in observed} == {measure.name for measure in SHOWN}
    seen = {row["headline"] for row in observed if row["observed"]}
    assert "rtt" in seen
    assert "slope_index" not in seen
    for measure in SHOWN:
        points = [
            (row["place"], row["value"]) for row in observed if row["observed"] and row["headline"] == measure.name
        ]
        assert points == observed_points(measure, read_observations(), yearly=True)


def test_waterfalls_add_up_and_are_those_of_the_table(tmp_path):
    attribution_tables.write_tables(taken_apart(), tmp_path)
    in_file = {(row["result"], row["horizon"], row["intervention"]): row for row in tidy(tmp_path / "attribution.csv")}
    bars = data("waterfall", "contributions")
    for row in bars:
        group = in_file[row["result"], row["horizon"], row["intervention"]]
        for field, statistic in (("mean", "mean"), ("low", "low_80"), ("high", "high_80")):
            assert close(row[field], group[statistic])
    groups = {(row["result"], row["horizon"]) for row in bars}
    assert len(groups) == 4
    for result, horizon in groups:
        group = [row for row in bars if (row["result"], row["horizon"]) == (result, horizon)]
        steps, (whole, alone, lost) = group[:-3], group[-3:]
        ends = [row["start"] + row["mean"] for row in steps]
        assert [row["start"] for row in steps] == pytest.approx([0.0, *ends[:-1]])
        assert ends[-1] == pytest.approx(whole["mean"], rel=EXACT)
        assert lost["start"] + lost["mean"] == pytest.approx(whole["mean"], rel=1e-9)
        assert lost["start"] == alone["mean"]
        sizes = [abs(row["mean"]) for row in steps]
        assert sizes == sorted(sizes, reverse=True)


def test_pairs_that_save_the_same_bed_days_are_told():
    (pair,) = {(row["first"], row["second"]) for row in data("overlaps", "pairs") if "bed days" in row["kind"]}
    assert pair == ("Home first", "P1 capacity")
    shares = {pair.share for pair in find_interactions(taken_apart())}
    assert all(row["share_of_smaller"] in shares for row in data("overlaps", "pairs"))


def test_money_is_that_of_the_tables(tmp_path):
    costing_tables.write_tables(appraisals(), tmp_path)
    in_file = {
        (row["option"], row["organisation"], row["figure"]): row["value"]
        for row in tidy(tmp_path / "organisations.csv")
    }
    for row in data("organisations", "organisations"):
        assert close(row["value"], in_file[row["option"], row["organisation"], row["figure"]])
    net = sum(
        row["value"]
        for row in data("organisations", "organisations")
        if row["figure"] == "net" and row["option"] == "combined"
    )
    figures = {result.name: result for result in appraisal_results(appraisals()[2])}
    assert net == pytest.approx(figures["net_social"].discounted, rel=1e-9)
    cost = sum(
        row["value"]
        for row in data("money_by_year", "streams")
        if row["stream"] == "cost" and row["option"] == "combined"
    )
    assert cost == pytest.approx(figures["programme_cost"].undiscounted, rel=EXACT)


def test_money_added_up_ends_at_the_net_present_value():
    rows = data("payback", "added_up")
    last = max(row["financial_year"] for row in rows)
    for appraisal in appraisals():
        figures = {result.name: result for result in appraisal_results(appraisal)}
        for name in NETS:
            (row_of_figure,) = [
                row
                for row in rows
                if (row["option"], row["figure"], row["financial_year"]) == (appraisal.option.name, name, last)
            ]
            assert row_of_figure["expected"] == pytest.approx(figures[name].discounted, rel=1e-9)
            assert row_of_figure["low"] == pytest.approx(figures[name].spread.low, rel=1e-9)
            assert row_of_figure["high"] == pytest.approx(figures[name].spread.high, rel=1e-9)


def test_the_frontier_holds_figures_of_costing_and_what_none_beats():
    rows = data("frontier", "points")
    for appraisal in (*appraisals(), single()):
        figures = {result.name: result for result in appraisal_results(appraisal)}
        (points,) = [row for row in rows if (row["option"], row["gained"]) == (appraisal.option.name, "gained_qaly")]
        assert points["cost"] == figures["programme_cost"].discounted
        assert points["expected"] == figures["gained_qaly"].discounted
        assert (points["low"], points["high"]) == (
            figures["gained_qaly"].spread.low,
            figures["gained_qaly"].spread.high,
        )
    for gained in {row["gained"] for row in rows}:
        points = [row for row in rows if row["gained"] == gained]
        for row in points:
            beaten = any(
                other["cost"] <= row["cost"]
                and other["expected"] >= row["expected"]
                and (other["cost"], other["expected"]) != (row["cost"], row["expected"])
                for other in points
            )
            assert row["beaten"] == beaten, row
    by_name = {row["option"]: row["beaten"] for row in rows if row["gained"] == "gained_qaly"}
    assert by_name["prevention_shift"]
    assert not by_name["home_first"]
    assert not by_name["baseline"]


def test_acceptability_counts_members_and_one_option_is_best():
    rows = data("acceptability", "accepted")
    appraisal = appraisals()[0]
    qaly = next(divisor for divisor in appraisal.assumptions.divisors if divisor.health)
    public = appraisal.value("cash-releasing", "non-cash-releasing", "cost")
    for worth in (0, 25_000, 70_000):
        (accepted,) = [
            row for row in rows if (row["option"], row["question"], row["worth"]) == ("home_first", "against", worth)
        ]
        assert accepted["share"] == np.mean(worth * appraisal.gained(qaly) + public > 0.0)
        best = [row["share"] for row in rows if (row["question"], row["worth"]) == ("best", worth)]
        assert len(best) == len(PACKAGES) + 1
        assert sum(best) == pytest.approx(1.0)
    worths = {threshold.value for threshold in basis().thresholds}
    assert {row["worth"] for row in data("acceptability", "thresholds")} == worths
    assert worths <= {row["worth"] for row in rows}


def test_dots_are_the_members_and_their_figures_those_of_costing():
    for appraisal in appraisals():
        figures = {result.name: result for result in appraisal_results(appraisal)}
        for name, (_, streams) in NETS.items():
            dots = [
                row["value"]
                for row in data("net_present_value", "dots")
                if (row["option"], row["figure"]) == (appraisal.option.name, name)
            ]
            assert dots == sorted(appraisal.value(*streams))
            (mark,) = [
                row
                for row in data("net_present_value", "spreads")
                if (row["option"], row["figure"]) == (appraisal.option.name, name)
            ]
            assert mark["probability_above_zero"] == figures[name].favourable
            assert mark["median"] == figures[name].spread.median


def test_who_gains_is_that_of_the_tables(tmp_path):
    equity_tables.write_tables(equity(), tmp_path)
    gains = {
        (row["option"], row["result"], row["division"], row["label"], row["statistic"]): row["value"]
        for row in tidy(tmp_path / "equity.csv")
    }
    rows = data("equity", "gains")
    assert {row["division"] for row in rows} == {"deprivation", "place", "age_group", "stage"}
    for row in rows:
        key = (row["option"], row["result"], row["division"], row["label"])
        assert close(row["expected"], gains[*key, "expected"])
        assert close(row["per_1000_people"], gains[*key, "per_1000_people"])
    indices = {
        (row["option"], row["index"], row["figure"], row["label"], row["statistic"]): row["value"]
        for row in tidy(tmp_path / "equity_indices.csv")
    }
    for row in data("inequality", "slopes"):
        assert close(row["expected"], indices[row["option"], row["index"], "change", "", "expected"])
        assert close(row["low"], indices[row["option"], row["index"], "change", "", "low_80"])
    aversion = f"inequality aversion {equity()[0].distribution.aversion:g}"
    for row in data("fair_health", "health"):
        label = "" if row["index"] == "plain_gain" else aversion
        assert close(row["expected"], indices[row["option"], row["index"], "change", label, "expected"])


def test_a_gap_that_narrows_and_one_that_widens_are_told_apart():
    at = {(row["option"], row["index"]): row["verdict"] for row in data("inequality", "slopes")}
    index = "outcomes.slope_index_emergency_admissions"
    assert [at[impact.option, index] for impact in equity()] == ["widens", "narrows", "no change"]


def test_principles_are_those_of_the_tables(tmp_path):
    principles_tables.write_tables(ranking(), tmp_path)
    scores = {
        (row["option"], row["principle"]): row for row in tidy(tmp_path / "principles.csv") if not row["criterion"]
    }
    for row in data("principles", "scores"):
        assert close(row["score"], scores[row["option"], row["principle"]]["score"])
        assert close(row["weight"], scores[row["option"], row["principle"]]["weight"])
    totals = {row["option"]: row for row in tidy(tmp_path / "ranking.csv")}
    charted = data("totals", "totals")
    assert [row["total"] for row in charted] == sorted((row["total"] for row in charted), reverse=True)
    for row in charted:
        in_file = totals[row["option"]]
        assert close(row["total"], in_file["total"])
        assert close(row["low"], in_file["low_80"])
        assert close(row["rank"], in_file["rank"])
        assert (row["kind"] == "dominated by another") == bool(in_file["dominated_by"])
    for row in data("ranks", "ranks"):
        assert close(row["share"], totals[row["option"]][f"rank_{row['rank']:.0f}"])


def test_an_option_that_changes_nothing_is_said_to_do_so():
    same = replace(runs()[0], scenario="do_nothing", title="do nothing")
    chart = effects_chart([runs()[0], same], SHOWN)
    assert {row["verdict"] for row in chart.specification["datasets"]["effects"]} == {"no change"}
    draw(chart)
    cells = probability_chart([*runs(), same], SHOWN)
    changes = {(row["option"], row["changes"]) for row in cells.specification["datasets"]["probabilities"]}
    assert ("do_nothing", False) in changes
    assert ("do_nothing", True) not in changes
    assert ">–<" in draw(cells)


def test_an_option_at_the_place_of_the_baseline_is_not_beaten_by_it():
    chart = frontier_chart([*appraisals(), nothing(basis(), spread(MEMBERS))])
    rows = [row for row in chart.specification["datasets"]["points"] if row["gained"] == "gained_qaly"]
    assert {row["option"]: row["beaten"] for row in rows}["do_nothing"] is False


def test_without_a_horizon_or_a_package_there_are_no_effects():
    early = [replace(run, horizons={"long": 40}) for run in runs()]
    assert effects_chart(early, SHOWN) is None
    assert probability_chart(early, SHOWN) is None
    assert effects_chart(runs()[:1], SHOWN) is None
    years = {row[2] for row in fan_chart(early, (), SHOWN).table.rows}
    assert years == {list(runs()[0].financial_years)[-1]}


def test_a_table_that_is_too_long_for_a_page_shows_the_last_horizon(monkeypatch):
    monkeypatch.setattr("model.reporting.board.charts.contributions.MOST_ROWS", 12)
    chart = waterfall_chart([taken_apart()])
    assert len(chart.table.rows) == 12
    assert "attribution.csv" in chart.table.note
    monkeypatch.setattr("model.reporting.board.charts.contributions.MOST_ROWS", 11)
    assert len(waterfall_chart([taken_apart()]).table.rows) == 6
    assert len(chart.specification["datasets"]["contributions"]) == 24


def test_a_package_that_moves_no_money_is_drawn_at_nothing():
    chart = organisations_chart([nothing(basis())])
    rows = chart.specification["datasets"]["organisations"]
    assert rows
    assert all(row["value"] == 0.0 for row in rows)
    assert "Infinity" not in vl_convert.vegalite_to_svg(json.dumps({**chart.specification, "width": 400}))
