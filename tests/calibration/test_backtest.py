"""The backtest: scores and reference forecasts by hand, a history cut short, forecasts that see nothing later."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from html.parser import HTMLParser

import numpy as np
import pytest
from backtest_cases import CUT_OFF, VALUES, backtest_files

from model.calibration.backtest.forecast import carried_over
from model.calibration.backtest.naive_forecasts import (
    KnownFigures,
    last_value,
    reference_forecasts,
    same_month,
    straight_line,
)
from model.calibration.backtest.rolling_origin import QUANTILES, SeriesForecast, read_trials, run_trial
from model.calibration.backtest.score_table import MODEL, horizon_table, score_table, summary_of
from model.calibration.backtest.scores import crps_of_draws, crps_of_normal, skill
from model.calibration.backtest.settings import SETTINGS, Duration, Months, read_cut_off, read_settings
from model.calibration.backtest.truncated_history import (
    COURSES,
    future_courses,
    months_disturbed,
    months_to_end,
    truncate_priors,
)
from model.calibration.fit import FitOptions, read_problem
from model.calibration.targets import CalibrationTarget
from model.cli.main import main
from model.registry.errors import Exit, UserError
from model.scenarios.specs import calendar_profile

ORIGIN = date(2021, 4, 1)
OPTIONS = FitOptions(members=12, iterations=1, steps=2, starts=1, evaluations=3, seed=3)


def level_at(points, day):
    """Level of a dated change on a day."""
    return calendar_profile(points).at(day.toordinal())


def known_past(values, first=24240.5, step=1.0, error=0.0):
    """A past with a figure each month."""
    return KnownFigures(first + step * np.arange(len(values)), np.array(values, dtype=float), error)


# Scores.


def test_the_crps_of_draws_is_the_mean_distance_less_half_the_mean_spread():
    draws, observed = np.array([[1.0, 3.0], [5.0, 5.0]]), np.array([2.0, 9.0])
    assert crps_of_draws(draws, observed) == pytest.approx([1.0 - 0.5 * 1.0, 4.0])


def test_the_crps_of_a_normal_forecast_is_the_closed_form_and_what_many_draws_give():
    at_mean = 2.0 / np.sqrt(2.0 * np.pi) - 1.0 / np.sqrt(np.pi)
    assert crps_of_normal(np.zeros(1), np.ones(1), np.zeros(1)) == pytest.approx(at_mean)
    draws = np.random.default_rng(1).normal(3.0, 2.0, (1, 40_000))
    for observed in (3.0, 0.0, 12.0):
        one = crps_of_normal(np.array([3.0]), np.array([2.0]), np.array([observed]))
        assert crps_of_draws(draws, np.array([observed])) == pytest.approx(one, rel=0.03)


def test_coverage_counts_what_lies_in_the_central_interval():
    draws = np.tile(np.linspace(0.0, 100.0, 101), (4, 1))
    observed = np.array([24.0, 26.0, 74.0, 89.0])
    months = np.zeros(4)
    forecast = SeriesForecast(
        "beds",
        "beds",
        "judge",
        ("a", "b", "c", "d"),
        months,
        months,
        observed,
        np.quantile(draws, QUANTILES, axis=1),
        crps_of_draws(draws, observed),
        {},
        {},
        KnownFigures(months, observed, 0.0),
    )
    assert list(forecast.inside(0.5)) == [False, True, True, False]
    assert list(forecast.inside(0.8)) == [True, True, True, True]


def test_skill_is_the_share_of_a_score_that_is_saved():
    assert skill(3.0, 4.0) == pytest.approx(0.25)
    assert skill(8.0, 4.0) == pytest.approx(-1.0)


# Reference forecasts.


def test_the_last_value_stays_and_its_variance_grows_as_its_past_errors_did():
    past = known_past([10.0, 12.0, 11.0])
    forecast = last_value(past, past.months[-1] + np.array([1.0, 4.0]), 0.1)
    assert list(forecast.mean) == [11.0, 11.0]
    assert forecast.deviation**2 == pytest.approx([2.5, 10.0])


def test_a_single_figure_has_the_stated_spread_and_none_gives_no_forecast():
    past = known_past([50.0])
    forecast = last_value(past, past.months[-1] + np.array([12.0, 48.0]), 0.1)
    assert forecast.deviation == pytest.approx([5.0, 10.0])
    assert reference_forecasts(known_past([]), np.array([24300.0]), 0.1) == {}


def test_noise_and_drift_are_told_apart():
    noise = np.random.default_rng(2).normal(0.0, 3.0, 200)
    still, walk = known_past(100.0 + noise), known_past(100.0 + np.cumsum(noise))
    ahead = still.months[-1] + np.array([1.0, 100.0])
    assert last_value(still, ahead, 0.1).deviation == pytest.approx(np.full(2, np.sqrt(18.0)), rel=0.25)
    near, far = last_value(walk, ahead, 0.1).deviation
    assert far > 3.0 * near


def test_no_spread_falls_below_the_measurement_error():
    past = known_past([5.0, 5.0, 5.0], error=0.7)
    assert last_value(past, past.months[-1] + np.ones(1), 0.1).deviation == pytest.approx(0.7)


def test_the_same_month_of_last_year_repeats_and_needs_a_year():
    season = np.arange(12.0)
    past = known_past([*season, *(season + 2.0)])
    forecast = same_month(past, past.months[-1] + np.array([1.0, 12.0, 13.0]), 0.1)
    assert list(forecast.mean) == [2.0, 13.0, 2.0]
    assert forecast.deviation == pytest.approx([2.0, 2.0, 2.0 * np.sqrt(2.0)])
    assert same_month(known_past(season[:6]), past.months[:1] + 7.0, 0.1) is None


def test_the_line_is_that_of_least_squares_with_the_variance_of_a_new_figure():
    past = known_past([1.0, 4.0, 5.0, 9.0])
    forecast = straight_line(past, past.months[-1] + np.array([2.0]))
    assert forecast.mean == pytest.approx([1.0 + 2.5 * 5.0 - 0.0], abs=0.01)
    at = np.arange(4.0)
    left = past.values - np.polyval(np.polyfit(at, past.values, 1), at)
    expected = np.sum(left**2) / 2.0 * (1.0 + 0.25 + (5.0 - 1.5) ** 2 / 5.0)
    assert forecast.deviation**2 == pytest.approx([expected])
    assert straight_line(known_past([1.0, 2.0, 3.0]), past.months[:1]) is None
    recent = known_past([*([100.0] * 30), *range(24)])
    assert straight_line(recent, recent.months[-1] + np.ones(1)).mean == pytest.approx([24.0])


# The history without a future.


@pytest.fixture(scope="module")
def whole():
    return read_problem()


def test_a_cut_history_is_the_history_before_and_has_no_point_after(whole):
    cut = truncate_priors(whole.priors, ORIGIN)
    changed = 0
    for before, after in zip(whole.priors.modifiers, cut.modifiers, strict=True):
        assert after.points[-1][0] == ORIGIN
        for day in (date(2020, 1, 1), date(2020, 4, 20), date(2020, 12, 31), date(2021, 3, 31), ORIGIN):
            assert level_at(after.points, day) == pytest.approx(level_at(before.points, day))
        changed += level_at(before.points, date(2022, 9, 1)) != level_at(after.points, date(2022, 9, 1))
    assert changed > 20


def test_what_moves_only_the_future_is_not_fitted(whole):
    before, after = (
        {fitted_number.name for fitted_number in priors.fitted}
        for priors in (whole.priors, truncate_priors(whole.priors, ORIGIN))
    )
    assert after < before
    for fitted_number in whole.priors.fitted:
        if fitted_number.change is not None:
            begins = max(
                day
                for day, level in fitted_number.change.points
                if level == 0.0 and day < fitted_number.change.points[-1][0]
            )
            assert (fitted_number.name in after) == (begins < ORIGIN), fitted_number.name


def test_how_long_a_disturbance_has_lasted_counts_from_when_it_was_last_normal():
    first, middle, last = date(2020, 4, 1), date(2020, 10, 1), date(2021, 4, 1)
    assert months_disturbed(((first, 0.0), (middle, -0.5)), last) == pytest.approx(12.0, abs=0.05)
    assert months_disturbed(((first, -0.4), (last, 0.4)), last) == pytest.approx(6.0, abs=0.05)
    assert months_disturbed(((first, -0.4), (middle, 0.0), (last, 0.4)), last) == pytest.approx(6.0, abs=0.05)
    assert months_disturbed(((first, 0.3), (middle, 0.0)), last) == 0.0


def test_a_disturbance_lasts_as_long_again_at_even_odds():
    assert months_to_end(12.0, np.array([0.1, 0.5, 0.75])) == pytest.approx([12.0 / 9.0, 12.0, 36.0])
    exception = Duration(parameter="p", months=Months(low=2, central=4, high=6), source="assumption")
    assert months_to_end(12.0, np.array([0.0, 0.5, 1.0]), exception) == pytest.approx([2.0, 4.0, 6.0])
    assert months_to_end(12.0, np.array([0.1]), Duration(parameter="p", stay=True, source="assumption"))[0] > 600.0


def test_members_share_the_past_and_follow_courses_of_their_own(whole):
    members = 64
    cut = truncate_priors(whole.priors, ORIGIN)
    settings = read_settings(whole.registry)
    sizes = [np.linspace(0.8, 1.2, members) for _ in cut.modifiers]
    specs, scaled = future_courses(cut.modifiers, sizes, ORIGIN, settings, 1, members)

    def course(target, day):
        return sum(
            np.broadcast_to(size, members) * level_at(spec.points, day)
            for spec, size in zip(specs, scaled, strict=True)
            if spec.target == target and spec.role == "history"
        )

    (spec,) = (
        spec for spec in cut.modifiers if spec.target == "waiting_lists.capacity_multiplier" and spec.role == "history"
    )
    for day in (date(2020, 4, 15), date(2020, 12, 1), ORIGIN):
        assert course(spec.target, day) == pytest.approx(sizes[0] * level_at(spec.points, day))
    now = course(spec.target, ORIGIN)
    later = np.array([course(spec.target, date(year, 4, 1)) / now for year in (2022, 2023, 2025)])
    assert np.all((later > -1e-9) & (later < 1.0 + 1e-9))
    assert (
        len({change.points for change in specs if change.target == spec.target and change.role == "history"}) == COURSES
    )
    # It had lasted for a little over a year: half of the members are past its end after as long again.
    assert np.mean(later[0] > 0.5) == pytest.approx(0.5, abs=0.13)
    assert np.all(np.diff(later, axis=0) <= 1e-9)
    drifts = [change for change in specs if change.role == "drift"]
    assert {(change.target, change.where) for change in drifts} >= {(spec.target, spec.where)}
    assert len({(change.target, change.where) for change in drifts}) == len(drifts)
    for change in drifts:
        assert change.points[0] == (ORIGIN, 0.0)


# The predictive distribution.


def _target(month, value=10.0, **changes):
    row = CalibrationTarget(
        f"s.{month}",
        "s",
        "fit",
        "patients",
        value,
        0.0,
        2.0,
        4.0,
        date(2020, month, 1),
        date(2020, month, 28),
        (),
        lambda run: np.zeros(1),
        "invented",
    )
    return replace(row, **changes)


def test_the_last_residual_carries_over_and_fades_to_its_lasting_part():
    known, later = [_target(1)], [_target(2), _target(9)]
    mean, factor = carried_over(known, np.array([[3.0, -1.0]]), later, np.full((2, 2), 10.0), 0.25)
    alike = 0.25 + 0.75 * np.exp(-np.array([1.0, 8.0]) / 4.0)
    assert mean == pytest.approx(alike[:, None] * np.array([3.0, -1.0]), rel=1e-6)
    assert np.diag(factor @ factor.T) == pytest.approx(4.0 * (1.0 - alike**2), rel=1e-6)


def test_without_history_the_stated_share_of_the_model_is_its_error():
    later = [_target(2, discrepancy=np.nan, discrepancy_share=0.1)]
    mean, factor = carried_over([], np.empty((0, 2)), later, np.full((1, 2), 50.0), 0.25)
    assert np.all(mean == 0.0)
    assert factor[0, 0] == pytest.approx(5.0)


# From beginning to end.


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory):
    """The same past with three futures of the figures."""
    of_each_future = []
    for after in (1.0, 1.4):
        (trial,) = read_trials([CUT_OFF], backtest_files(tmp_path_factory.mktemp("files"), after))
        of_each_future.append(run_trial(trial, OPTIONS, trial.problem.forward()))
    return of_each_future


def test_a_forecast_does_not_change_with_what_comes_later(outcomes):
    first, second = outcomes
    assert np.array_equal(first.fit.sample.scores, second.fit.sample.scores)
    for one, other in zip(first.series, second.series, strict=True):
        assert one.series == other.series
        assert np.array_equal(one.quantiles, other.quantiles)
        assert not np.array_equal(one.observed, other.observed)
        assert not np.array_equal(one.crps, other.crps)
        for name, reference in one.references.items():
            assert np.array_equal(reference.mean, other.references[name].mean)
            assert np.array_equal(reference.deviation, other.references[name].deviation)


def test_what_is_asked_is_blind_and_what_is_fitted_is_known(outcomes):
    trial = outcomes[0].trial
    assert {row.series for row in trial.asked} == set(VALUES)
    assert all(np.isnan([row.value, row.error, row.discrepancy]).all() for row in trial.asked)
    assert all(
        row.last <= trial.cut_off.last_day < other.last for row in trial.problem.targets.rows for other in trial.asked
    )
    assert len(trial.problem.priors) == 2


def test_forecasts_are_wide_in_order_and_near_what_is_known(outcomes):
    for forecast in outcomes[0].series:
        assert np.all(np.diff(forecast.quantiles, axis=0) > 0.0)
        assert forecast.ids[0].endswith("2020-09")
        assert list(forecast.ahead) == [1, 2, 3, 4]
    (listed,) = (forecast for forecast in outcomes[0].series if forecast.series == "rtt_list")
    assert listed.median[0] == pytest.approx(listed.past.values[-1], rel=0.1)


def test_tables_hold_every_series_and_horizons_add_up(outcomes):
    rows = score_table(outcomes[:1])
    assert [row.series for row in rows] == sorted(VALUES)
    by_horizon = horizon_table(outcomes[:1])
    assert [row.ahead for row in by_horizon] == ["1 to 6 months"] * 3
    for row, of_horizon in zip(rows, by_horizon, strict=True):
        assert row.crps[MODEL] == pytest.approx(of_horizon.crps[MODEL])
        assert row.verdict in ("better", "worse")
        assert row.beats == (row.skill() > 0.0)
        assert row.known == 8
    summary = summary_of(rows)
    assert summary.figures == 12
    assert summary.beaten["last value"] == (sum(row.beats for row in rows), 3)
    assert summary.beaten["seasonal"] == (0, 0)


# What a user may get wrong, and the command.


@pytest.mark.parametrize("written", ["2020", "March 2021", "2021-13", "2020-8"])
def test_a_cut_off_that_is_no_month_is_refused(written):
    with pytest.raises(UserError, match="such as 2021-03"):
        read_cut_off(written)


@pytest.mark.parametrize(
    ("written", "said"),
    [("2018-03", "figures run from"), ("2020-12", "figures run from"), ("2020-02", "only 4 figures")],
)
def test_a_cut_off_with_too_little_on_either_side_is_refused(tmp_path, written, said):
    with pytest.raises(UserError, match=said) as caught:
        read_trials([written], backtest_files(tmp_path / "files"))
    assert caught.value.code == Exit.USAGE


def test_errors_of_the_assumptions_are_told_with_their_line(tmp_path, whole):
    text = SETTINGS.read_text(encoding="utf-8").replace(
        "exceptions: []",
        "exceptions:\n    - {parameter: waiting_lists.capacity_multiplyer, stay: true, source: assumption}",
    )
    path = tmp_path / "backtest.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UserError, match=r"Did you mean .waiting_lists\.capacity_multiplier.") as caught:
        read_settings(whole.registry, path)
    assert caught.value.line is not None
    path.write_text(text.replace("stay: true, ", "").replace("plyer", "plier"), encoding="utf-8")
    with pytest.raises(UserError, match="either 'months' or 'stay: true'"):
        read_settings(whole.registry, path)


class _Page(HTMLParser):
    """Notes what a page links to and whether its elements are closed in order."""

    EMPTY = ("meta", "img", "br", "wbr", "link", "hr", "input", "col")

    def __init__(self):
        super().__init__()
        self.open, self.sources = [], []

    def handle_starttag(self, tag, attrs):
        self.sources += [value for name, value in attrs if name in ("src", "href")]
        if tag not in self.EMPTY:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def _backtest(output, *more):
    few = ("--members", "8", "--iterations", "1", "--steps", "1")
    return main(["backtest", *few, "--cut-off", CUT_OFF, "--output", str(output), *more])


def test_the_command_stops_resumes_and_writes_the_same_scores(tmp_path, monkeypatch, capsys):
    trials = read_trials([CUT_OFF], backtest_files(tmp_path / "files"))
    monkeypatch.setattr("model.calibration.backtest.rolling_origin.read_trials", lambda written: trials)
    results = tmp_path / "results"
    whole, broken = results / "whole", results / "broken"
    assert _backtest(whole) == Exit.OK
    printed = capsys.readouterr().out
    assert "better in" in printed
    (listed,) = (line for line in printed.splitlines() if line.strip().startswith("rtt_list"))
    assert listed.strip().endswith(("better", "worse"))
    assert max(len(line) for line in printed.splitlines()[:-1]) <= 120
    page = _Page()
    page.feed((whole / "report.html").read_text(encoding="utf-8"))
    assert not page.open
    assert all(source.startswith(("data:image/", "#")) for source in page.sources)
    assert {path.name for path in whole.iterdir()} == {
        "README.txt",
        "scores.csv",
        "scores_by_horizon.csv",
        "forecasts.csv",
        "report.html",
        "figures",
    }
    forward = type(trials[0].problem.forward())
    real, calls = forward.__call__, []

    def killed(self, scores):
        calls.append(1)
        if len(calls) == 4:
            raise KeyboardInterrupt
        return real(self, scores)

    monkeypatch.setattr(forward, "__call__", killed)
    assert _backtest(broken, "--no-figures") != Exit.OK
    assert not broken.exists()
    monkeypatch.setattr(forward, "__call__", real)
    assert _backtest(broken, "--no-figures", "--resume") == Exit.OK
    for name in ("scores.csv", "forecasts.csv"):
        assert (whole / name).read_text(encoding="utf-8") == (broken / name).read_text(encoding="utf-8")
    assert sorted(path.name for path in results.iterdir()) == ["broken", "whole"]
    assert _backtest(broken, "--resume") == Exit.MISSING_FILE
