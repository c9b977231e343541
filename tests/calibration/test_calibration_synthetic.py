"""Synthetic truth: on models of which all is known, intervals hold the truth as often as they say."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from calibration_cases import linear_targets, short_problem

from model.calibration.fit import FitOptions
from model.calibration.synthetic_truth import Coverage, Recovery, coverage, rank_histogram, recover, synthetic
from model.calibration.targets import CalibrationTargets

DIMENSION = 6
OPTIONS = FitOptions(members=60, iterations=1, steps=4, starts=1, evaluations=6)


def _bent(slopes, level, bend):
    """A forward operator that is linear but for ``bend``."""
    return lambda scores: slopes @ scores + bend * (slopes @ scores) ** 2 + level[:, None]


@pytest.fixture(scope="module")
def targets():
    return linear_targets()


def _recoveries(targets, bend, repetitions=60):
    generator = np.random.default_rng(8)
    slopes, level = generator.normal(0.0, 1.0, (len(targets), DIMENSION)), generator.normal(9.0, 1.0, len(targets))
    forward = _bent(slopes, level, bend)
    return [recover(forward, targets, np.zeros(DIMENSION), OPTIONS, seed) for seed in range(repetitions)]


@pytest.mark.parametrize("bend", [0.0, 0.02])
def test_intervals_hold_the_truth_four_times_in_five(targets, bend):
    recoveries = _recoveries(targets, bend)
    covered = coverage(recoveries)
    assert covered.numbers > 200
    assert 0.7 <= covered.covered <= 0.9
    assert covered.error < 0.05
    ranks = rank_histogram(recoveries, bins=5)
    assert ranks.sum() == pytest.approx(1.0)
    assert np.all((ranks > 0.1) & (ranks < 0.3))


def test_a_fit_that_believes_in_too_small_errors_is_found_out(targets, monkeypatch):
    believed = CalibrationTargets([replace(row, error=0.2, discrepancy=0.2) for row in targets.rows])
    monkeypatch.setattr(
        "model.calibration.synthetic_truth.synthetic",
        lambda *given: _with_values(believed, synthetic(targets, *given[1:]).observed),
    )
    assert coverage(_recoveries(targets, 0.0)).covered < 0.6


def _with_values(targets, values):
    return CalibrationTargets(
        [replace(row, value=float(value)) for row, value in zip(targets.rows, values, strict=True)]
    )


def test_synthetic_figures_have_the_stated_errors_and_judged_ones_have_none(targets):
    generator = np.random.default_rng(3)
    made = np.stack(
        [
            synthetic(targets, np.zeros(2), lambda scores: np.full((len(targets), 1), 5.0), generator).observed
            for _ in range(2000)
        ]
    )
    first = targets.series["first"]
    assert np.cov(made[:, first].T) == pytest.approx(targets.covariance(first), abs=0.12)
    assert np.all(made[:, ~targets.fitted] == 5.0)


def test_coverage_counts_numbers_that_are_informed_and_repetitions_as_units():
    def row(inside, informed):
        return Recovery(np.zeros(2), np.array([0.05, 0.95]), np.array(inside), np.array(informed))

    rows = [row([True, False], [0.9, 0.9]), row([True, True], [0.9, 0.1])]
    counted = coverage(rows, 0.5)
    assert counted == Coverage(0.5, 3, pytest.approx(2 / 3), pytest.approx(np.sqrt(2) / 9))
    assert rank_histogram(rows, bins=2, informed=0.5) == pytest.approx([2 / 3, 1 / 3])


@pytest.mark.slow
def test_the_whole_model_gives_its_own_numbers_back(tmp_path):
    problem = short_problem(tmp_path)
    options = FitOptions(members=24, iterations=2, steps=3, starts=1, evaluations=4)
    recoveries = [
        recover(problem.forward(), problem.targets, problem.priors.central, options, seed) for seed in range(6)
    ]
    covered = coverage(recoveries)
    assert covered.numbers >= 15
    assert covered.covered >= 0.6
