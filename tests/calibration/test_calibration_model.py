"""The fit of the whole model over a short run: known numbers are found again, and a stopped fit resumes."""

from __future__ import annotations

import csv
from dataclasses import replace

import numpy as np
import pytest
import xarray as xr
from calibration_cases import short_problem

from model.calibration.fit import FitOptions, run_fit
from model.calibration.fit_summary import correlation_table, key_table, prior_table, series_table
from model.calibration.posterior_file import check_replaceable, write_posterior
from model.calibration.screening import screen_inputs
from model.cli.main import main
from model.registry.errors import Exit, UserError
from model.simulation.simulate import run_members

TRUTH = np.array([0.8, -0.6, 0.5])
OPTIONS = FitOptions(members=24, iterations=2, steps=4, starts=1, evaluations=6, seed=4)


@pytest.fixture(scope="module")
def problem(tmp_path_factory):
    return short_problem(tmp_path_factory.mktemp("problem"), TRUTH)


@pytest.fixture(scope="module")
def fit(problem):
    return run_fit(problem, OPTIONS, problem.forward())


def test_a_batch_of_vectors_is_so_many_runs_and_the_central_one_is_the_baseline(problem):
    forward = problem.forward()
    scores = np.stack([problem.priors.central, TRUTH, -TRUTH], axis=1)
    together = forward(scores)
    assert (forward.runs, forward.batches) == (3, 1)
    apart = np.concatenate([forward(scores[:, [index]]) for index in range(3)], axis=1)
    assert together == pytest.approx(apart, rel=1e-12)
    short = replace(problem.scenario, end=problem.targets.end)
    baseline = run_members(short, 0, 1, names=["waiting_lists.rtt_total"])["waiting_lists.rtt_total"]
    by_id = dict(zip((row.id for row in problem.targets.rows), together[:, 0], strict=True))
    assert by_id["rtt_list.2019-08"] == pytest.approx(baseline[4, 0], rel=1e-12)


def test_numbers_from_which_figures_were_made_are_found_again(fit):
    assert fit.misfit(fit.before) > 10
    assert fit.misfit(fit.point_predictions) < 0.2
    deviation = fit.sample.scores.std(axis=1)
    assert np.all(np.abs(fit.sample.scores.mean(axis=1) - TRUTH) < 2.0 * deviation)
    assert np.all(deviation < 0.5)


def test_tables_tell_before_from_after_and_what_was_learnt(fit):
    rows = {row.series: row for row in series_table(fit)}
    assert rows["rtt_list"].figures == 3
    assert rows["rtt_list"].rmse_after < 0.2 * rows["rtt_list"].rmse_before
    assert abs(rows["emergency_admissions"].bias_after) < abs(rows["emergency_admissions"].bias_before)
    (key,) = key_table(fit)
    assert key.holds
    assert key.low < key.median < key.high
    assert abs(key.before - key.observed) > key.within
    assert not replace(key, median=key.observed + 1.1 * key.within).holds
    assert not replace(key, low=key.observed + 1.0).holds
    learnt = prior_table(fit)
    assert all(row.informed > 0.7 for row in learnt)
    assert [row.informed for row in learnt] == sorted((row.informed for row in learnt), reverse=True)
    for row in learnt:
        assert row.prior[0] < row.prior[1] < row.prior[2]


def test_pairs_that_the_data_tied_together_are_told_by_name(fit):
    pairs = correlation_table(fit, 0.0)
    assert len(pairs) == 3
    assert [abs(row.correlation) for row in pairs] == sorted((abs(row.correlation) for row in pairs), reverse=True)
    names = [fitted_number.name for fitted_number in fit.problem.priors.fitted]
    first, second = names.index(pairs[0].first), names.index(pairs[0].second)
    expected = np.corrcoef(fit.sample.scores[[first, second]])[0, 1]
    assert pairs[0].correlation == pytest.approx(expected)
    assert not correlation_table(fit, 1.01)


@pytest.fixture(scope="module")
def screened(problem):
    return screen_inputs(problem)


def test_the_screen_is_printed_and_written(problem, screened, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("model.calibration.fit.read_problem", lambda: problem)
    monkeypatch.setattr("model.calibration.screening.screen_inputs", lambda given, told: screened)
    assert main(["calibrate", "--screen", "--tables", str(tmp_path / "tables")]) == Exit.OK
    printed = capsys.readouterr().out
    assert "not fitted and move them by 0.5" in printed
    assert max(len(line) for line in printed.splitlines() if "screen.csv" not in line) <= 120
    with (tmp_path / "tables_screen" / "screen.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [row["number"] for row in rows] == [row.name for row in screened]
    assert float(rows[0]["size"]) == pytest.approx(screened[0].size)
    assert [path.name for path in tmp_path.iterdir()] == ["tables_screen"]


def test_the_screen_measures_what_is_fitted_and_what_is_not(problem, screened):
    rows = {row.name: row for row in screened}
    fitted = {name for name, row in rows.items() if row.fitted}
    assert fitted == {fitted_number.name for fitted_number in problem.priors.fitted}
    starts = rows["waiting_lists.clock_starts_at_start"]
    assert starts.most(1)[0][0] == "rtt_list"
    forward, steps = problem.forward(), problem.priors.central[:, None] + np.array([[1.0, -1.0], [0, 0], [0, 0]])
    above, below = problem.targets.whitened(forward(steps)).T
    assert starts.size == pytest.approx(np.linalg.norm(above - below) / 2, rel=1e-9)
    assert starts.size**2 == pytest.approx(sum(size**2 for _, size in starts.by_series))
    # Of a table fitted in part, the rest stands by itself; what comes after the last figure moves none.
    assert "demand.segment_rate" not in rows
    assert any(name.startswith("demand.segment_rate[") and not row.fitted for name, row in rows.items())
    assert rows["history of waiting_lists.capacity_multiplier"].size == pytest.approx(0.0, abs=1e-9)
    assert rows["waiting_lists.reneging_rate"].size > 0.1


def test_the_file_holds_draws_and_how_they_came_about(fit, problem, tmp_path):
    path = write_posterior(fit, 123, tmp_path / "posterior.nc")
    with xr.open_dataset(path) as read:
        assert read.sizes == {"draw": 24, "fitted": 3, "figure": 9, "registered": len(problem.registry.parameters)}
        assert read["value"].values == pytest.approx(problem.priors.values(fit.sample.scores).T)
        assert read.attrs["fingerprint"] == problem.fingerprint(OPTIONS)
        assert read.attrs["runs"] == 123
        assert "clock_starts_at_start" in read.attrs["priors"]
    check_replaceable(path)
    strange = tmp_path / "strange.nc"
    strange.write_text("a letter", encoding="utf-8")
    with pytest.raises(UserError, match="not replaced"):
        check_replaceable(strange)


def test_the_fingerprint_changes_with_options_figures_and_priors(problem, tmp_path):
    other = short_problem(tmp_path, -TRUTH)
    prints = {problem.fingerprint(OPTIONS), problem.fingerprint(FitOptions()), other.fingerprint(OPTIONS)}
    assert len(prints) == 3
    assert problem.fingerprint(OPTIONS) == problem.fingerprint(OPTIONS)


def _calibrate(output, *more):
    return main(
        [
            "calibrate",
            "--members",
            "12",
            "--iterations",
            "1",
            "--steps",
            "1",
            "--starts",
            "1",
            "--output",
            str(output),
            "--tables",
            str(output.with_suffix("")),
            *more,
        ]
    )


def test_the_command_stops_resumes_and_ends_with_the_same_draws(problem, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("model.calibration.fit.read_problem", lambda: problem)
    whole, broken = tmp_path / "whole.nc", tmp_path / "broken.nc"
    assert _calibrate(whole) == Exit.OK
    printed = capsys.readouterr().out
    for words in ("Fit by series", "list in August 2019", "holds", "tied together", "runs of the model"):
        assert words in printed
    assert max(len(line) for line in printed.splitlines()) <= 120
    tables = whole.with_suffix("")
    names = ("README.txt", "case_for_change.csv", "correlations.csv", "posterior.csv", "series.csv")
    assert all((tables / name).is_file() for name in names)
    with (tables / "posterior.csv").open(encoding="utf-8", newline="") as stream:
        assert {row["fitted"] for row in csv.DictReader(stream)} == {
            fitted_number.name for fitted_number in problem.priors.fitted
        }
    forward = type(problem.forward())
    real, calls = forward.__call__, []

    def killed(self, scores):
        calls.append(1)
        if len(calls) == 4:
            raise KeyboardInterrupt
        return real(self, scores)

    monkeypatch.setattr(forward, "__call__", killed)
    assert _calibrate(broken) != Exit.OK
    assert not broken.exists()
    monkeypatch.setattr(forward, "__call__", real)
    assert _calibrate(broken, "--resume") == Exit.OK
    with xr.open_dataset(whole) as first, xr.open_dataset(broken) as second:
        assert first.identical(second)
    for name in names:
        assert (tables / name).read_bytes() == (broken.with_suffix("") / name).read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["broken", "broken.nc", "whole", "whole.nc"]


def test_too_few_members_and_nothing_to_resume_are_refused(problem, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("model.calibration.fit.read_problem", lambda: problem)
    files = ["--output", str(tmp_path / "p.nc"), "--tables", str(tmp_path / "p")]
    assert main(["calibrate", "--members", "4", *files]) == Exit.USAGE
    assert "at least 6" in capsys.readouterr().err
    assert _calibrate(tmp_path / "p.nc", "--resume") == Exit.MISSING_FILE
    assert not list(tmp_path.iterdir())
