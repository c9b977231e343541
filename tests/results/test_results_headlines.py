"""Headline results: reductions, horizons, paired differences, tables and files."""

from __future__ import annotations

import csv
from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from synthetic_run import invented_run, registry

from model.cli.console.headline_table import render_headlines
from model.registry.calendar import financial_year_of
from model.registry.catalogue import Registry
from model.registry.errors import UserError
from model.results.comparison import headline_table, headline_years, write_headlines, write_monthly
from model.results.expressions import Statistic, errors_in, evaluate, evaluate_monthly, parse_expression
from model.results.headlines import HEADLINES, check_headlines, headline, names_of_headlines


def test_horizons_are_financial_years_that_end_within_their_years_of_the_decision():
    run = invented_run()
    assert run.horizon_years == {"short": "2024/25", "medium": "2027/28", "long": "2037/38", "very_long": "2042/43"}
    october = replace(run, decision=date(2023, 10, 1))
    assert october.horizon_years["short"] == "2024/25"
    assert list(invented_run(years=7).horizon_years) == ["short"]


def test_financial_years_run_from_april_to_march_and_are_complete():
    run = replace(invented_run(), months=30)
    assert list(run.financial_years) == ["2019/20", "2020/21"]
    assert financial_year_of(date(2023, 3, 31)) == "2022/23"
    assert run.days[:12].sum() == 366


@pytest.mark.parametrize(
    ("period", "months"), [("2019-04", slice(0, 1)), ("2022/23", slice(36, 48)), ("2021/22 Q4", slice(33, 36))]
)
def test_periods_are_found(period, months):
    assert invented_run().months_of(period) == months


@pytest.mark.parametrize("period", ["2018-04", "2022/24", "2021/22 Q5", "April"])
def test_periods_outside_the_run_or_badly_written_are_refused(period):
    with pytest.raises(UserError):
        invented_run().months_of(period)


def test_sum_mean_and_end_of_a_year_by_hand():
    run = invented_run(members=3)
    months = run.months_of("2020/21")
    monthly = run.values("urgent_care.bed_days_needed")
    expression = parse_expression("urgent_care.bed_days_needed")
    assert np.allclose(evaluate(run, expression, months, Statistic.SUM), monthly[12:24].sum(axis=0))
    weighted = (monthly[12:24] * run.days[12:24, None]).sum(axis=0) / 365
    assert np.allclose(evaluate(run, expression, months, Statistic.MEAN), weighted)
    assert np.array_equal(evaluate(run, expression, months, Statistic.AT_END), monthly[23])


def test_expressions_select_labels_add_and_divide():
    run = invented_run()
    share = parse_expression(
        "workforce.in_post[employer=acute|community] + workforce.in_post[employer=vcse] / workforce.in_post"
    )
    assert np.allclose(evaluate_monthly(run, share), 0.5)


def test_a_divisor_of_zero_gives_no_number():
    run = invented_run()
    run.results["urgent_care.beds_open"][:] = 0.0
    assert np.isnan(evaluate_monthly(run, parse_expression("urgent_care.beds_occupied / urgent_care.beds_open"))).all()


def test_unknown_names_dimensions_and_labels_are_found_with_suggestions():
    text = "waiting_lists.rtt_totl + workforce.in_post[place=bristol] + workforce.in_post[employer=acut]"
    errors = [str(error) for error in errors_in(parse_expression(text), registry())]
    assert len(errors) == 3
    assert "waiting_lists.rtt_total" in errors[0]
    assert "'place' is not a dimension" in errors[1]
    assert "'acute'" in errors[2]
    for bad in ("a / b / c", "no name", "x.y[dim"):
        with pytest.raises(UserError):
            parse_expression(bad)


def test_headlines_fit_the_registry_and_a_missing_name_is_reported():
    known = registry()
    check_headlines(known)
    assert set(names_of_headlines(known)) <= set(invented_run().results)
    fewer = [entry for entry in known.outputs.values() if entry.name != "waiting_lists.rtt_total"]
    with pytest.raises(UserError, match=r"waiting_lists\.rtt_total"):
        check_headlines(Registry([], [], [], fewer, [], {}))


def test_headline_names_are_unique_and_unknown_ones_get_a_suggestion():
    assert len({known.name for known in HEADLINES}) == len(HEADLINES)
    with pytest.raises(UserError, match="occupancy"):
        headline("ocupancy")


def test_differences_are_paired_member_by_member():
    base = invented_run(members=5)
    better = invented_run("better", members=5, effect=-0.1)
    rows = headline_table([base, better], base)
    row = next(row for row in rows if row.scenario == "better" and row.headline.name == "rtt" and row.horizon == "long")
    difference = headline("rtt").by_year(better)["2037/38"] - headline("rtt").by_year(base)["2037/38"]
    assert row.difference.median == np.median(difference)
    assert (row.difference.low, row.difference.high) == tuple(np.quantile(difference, (0.1, 0.9)))
    assert row.improvement == 1.0
    fewer = [row for row in rows if row.scenario == "better" and row.headline.name == "qalys"]
    assert {row.improvement for row in fewer} == {0.0}


def test_a_scenario_without_change_differs_by_exactly_nothing():
    base = invented_run(members=4)
    rows = headline_years([invented_run("same", members=4)], base)
    same = [row for row in rows if row.scenario == "same"]
    assert same
    assert all(row.difference.low == row.difference.high == 0.0 and row.improvement == 0.0 for row in same)


def test_runs_with_other_members_do_not_pair():
    with pytest.raises(UserError, match="paired"):
        headline_table([invented_run("other", members=3)], invented_run(members=2))


def test_one_member_has_values_and_no_interval():
    base = invented_run()
    rows = headline_table([invented_run("other", effect=0.1)], base)
    assert {statistic for row in rows for statistic, _ in row.tidy()} == {"value", "difference_from_baseline"}
    assert all(row.improvement is None for row in rows)


def test_files_are_tidy_and_whole(tmp_path):
    base = invented_run(members=3, years=6)
    other = invented_run("other", members=3, years=6, effect=0.1)
    path = write_headlines(headline_table([other], base), tmp_path / "headlines.csv")
    with path.open(encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    assert {row["scenario"] for row in rows} == {"baseline", "other"}
    assert {row["financial_year"] for row in rows} == {"2024/25"}
    monthly = write_monthly([base], tmp_path / "monthly.csv")
    with monthly.open(encoding="utf-8") as stream:
        assert sum(1 for _ in stream) == 1 + 72 * len(HEADLINES) * 3
    assert sorted(file.name for file in tmp_path.iterdir()) == ["headlines.csv", "monthly.csv"]


@pytest.mark.parametrize("members", [1, 8])
def test_the_table_fits_the_terminal_and_names_all(members):
    from rich.console import Console

    base = invented_run(members=members)
    names = [f"a_rather_long_package_name_{index}" for index in range(1, 5)]
    runs = [invented_run(name, members=members, effect=0.02) for name in names]
    console = Console(width=116, color_system=None)
    with console.capture() as capture:
        console.print(render_headlines(headline_table(runs, base)))
    text = capture.get()
    assert max(len(line.rstrip()) for line in text.splitlines()) <= 116
    assert "…" not in text
    assert "Short term: 2024/25" in text
    assert "Referral-to-treatment list" in text
    assert ("% better" in text) == (members > 1)


def test_figures_are_written_with_true_minus_and_no_negative_nought():
    rtt = headline("rtt")
    assert rtt.format(-1234.4, signed=True) == "−1,234"
    assert rtt.format(-0.2, signed=True) == "0"
    assert rtt.format(float("nan")) == "–"


def test_names_with_square_brackets_are_printed_as_written():
    from io import StringIO

    from rich.console import Console

    base, other = invented_run(), replace(invented_run(), scenario="[/b] odd")
    console = Console(width=118, file=StringIO(), record=True)
    console.print(render_headlines(headline_table([base, other], base)))
    assert "[/b] odd" in console.export_text()
