"""The methods of the fit on models whose posterior is known, and the checkpoint from which a fit resumes."""

from __future__ import annotations

import numpy as np
import pytest
from calibration_cases import linear_targets

from model.calibration.checkpoint import Checkpoint
from model.calibration.point_fit import fit_point
from model.calibration.posterior import (
    INFLATION,
    Gaussian,
    adapted,
    correlation_time,
    drift,
    exact_normals,
    linearise_posterior,
    memory,
    sample_posterior,
)
from model.registry.errors import UserError
from model.scenarios.uncertainty.prior import Prior

DIMENSION = 4


@pytest.fixture(scope="module")
def toy():
    """A linear model of four numbers, and mean and covariance of its posterior by the textbook."""
    targets = linear_targets()
    generator = np.random.default_rng(8)
    slopes, level = generator.normal(0.0, 1.5, (len(targets), DIMENSION)), generator.normal(9.0, 1.0, len(targets))

    def forward(scores):
        return slopes @ scores + level[:, None]

    months = np.array([row.first.toordinal() for row in targets.rows]) / 30.4375
    series = np.array([row.series for row in targets.rows])
    alike = np.where(series[:, None] == series, np.exp(-np.abs(months[:, None] - months) / 3.0), 0.0)
    covariance = 0.7**2 * np.eye(len(targets)) + 0.9**2 * alike
    fitted = targets.fitted
    weight = np.linalg.inv(covariance[np.ix_(fitted, fitted)])
    posterior_covariance = np.linalg.inv(np.eye(DIMENSION) + slopes[fitted].T @ weight @ slopes[fitted])
    mean = posterior_covariance @ slopes[fitted].T @ weight @ (targets.observed - level)[fitted]
    return targets, forward, mean, posterior_covariance


def test_point_fit_of_a_linear_model_is_its_most_probable_vector(toy):
    targets, forward, mean, covariance = toy
    point = fit_point(forward, targets, np.zeros(DIMENSION), starts=2, evaluations=20, seed=3)
    assert point.scores == pytest.approx(mean, abs=1e-6)
    assert point.covariance == pytest.approx(covariance, abs=1e-9)
    assert point.costs[0] == pytest.approx(point.costs[1])


def test_posterior_of_a_linear_model_is_exact_after_one_update_from_anywhere(toy):
    targets, forward, mean, covariance = toy
    begin = Gaussian(np.full(DIMENSION, 2.0), 0.3 * np.eye(DIMENSION))
    gaussian = linearise_posterior(forward, targets, begin, members=20, iterations=1, seed=1)
    assert gaussian.mean == pytest.approx(mean, abs=1e-9)
    assert gaussian.covariance == pytest.approx(covariance, abs=1e-9)


def test_draws_of_a_linear_model_have_its_moments_and_every_step_is_accepted(toy):
    targets, forward, mean, covariance = toy
    start = sample_posterior(forward, targets, Gaussian(mean, covariance), members=300, steps=0, seed=1)
    assert start.scores.mean(axis=1) == pytest.approx(mean, abs=1e-9)
    assert np.cov(start.scores, bias=True) == pytest.approx(covariance, abs=1e-9)
    assert start.importance_size == pytest.approx(300)
    moved = sample_posterior(forward, targets, Gaussian(mean, covariance), members=300, steps=5, seed=1)
    assert moved.accepted == (1.0,) * 5
    assert not np.any(moved.scores == start.scores)
    assert moved.predictions == pytest.approx(forward(moved.scores))


def test_chains_mend_a_gaussian_that_is_wrong(toy):
    targets, forward, mean, covariance = toy
    spread = np.sqrt(np.diag(covariance))
    wrong = Gaussian(mean + 0.6 * spread, 1.6 * covariance)
    sample = sample_posterior(forward, targets, wrong, members=1500, steps=40, seed=2)
    assert sample.importance_size < 1200
    assert max(sample.accepted) < 1.0
    assert np.abs((sample.scores.mean(axis=1) - mean) / spread).max() < 0.12
    assert sample.scores.std(axis=1) == pytest.approx(spread, rel=0.08)
    assert sample.correlation_time.max() < 12
    assert np.abs(sample.memory).max() < 0.1


def test_adaptation_takes_the_moments_of_the_chains_where_the_data_inform_and_leaves_the_rest():
    dimension = 14
    generator = np.random.default_rng(4)
    turned, _ = np.linalg.qr(generator.standard_normal((dimension, dimension)))
    sizes = np.concatenate([np.linspace(0.01, 0.1, 10), np.linspace(0.8, 1.0, 4)])
    gaussian = Gaussian(np.zeros(dimension), turned @ np.diag(sizes) @ turned.T)
    true = Gaussian(np.full(dimension, 0.3), 4.0 * gaussian.covariance)
    states = true.mean[:, None] + true.factor @ exact_normals(dimension, 60, generator)
    adapted_gaussian = adapted(gaussian, states)
    inside, outside = turned[:, :10], turned[:, 10:]
    assert inside.T @ adapted_gaussian.mean == pytest.approx(inside.T @ true.mean, abs=1e-9)
    assert outside.T @ adapted_gaussian.mean == pytest.approx(np.zeros(4), abs=1e-9)
    expected = INFLATION * 60 / 59 * inside.T @ true.covariance @ inside
    assert inside.T @ adapted_gaussian.covariance @ inside == pytest.approx(expected, abs=1e-9)
    assert outside.T @ adapted_gaussian.covariance @ outside == pytest.approx(
        outside.T @ gaussian.covariance @ outside, abs=1e-9
    )


def test_what_is_not_linear_counts_as_error_and_widens_the_posterior(toy):
    targets, forward, mean, covariance = toy

    def rippled(scores):
        return forward(scores) + 2.0 * np.sin(200.0 * scores.sum(axis=0))

    begin = Gaussian(mean, covariance)
    straight = linearise_posterior(forward, targets, begin, members=60, iterations=1, seed=1)
    uneven = linearise_posterior(rippled, targets, begin, members=60, iterations=1, seed=1)
    assert np.linalg.det(uneven.covariance) > np.linalg.det(straight.covariance)


def test_figures_that_judge_do_not_move_the_fit(toy):
    targets, forward, *_ = toy
    scores = np.zeros((DIMENSION, 1))
    changed = forward(scores)
    changed[~targets.fitted] += 100.0
    assert np.array_equal(targets.whitened(changed), targets.whitened(forward(scores)))


def test_exact_normals_and_too_few_of_them():
    draws = exact_normals(5, 9, np.random.default_rng(1))
    assert draws.mean(axis=1) == pytest.approx(np.zeros(5), abs=1e-12)
    assert draws @ draws.T / 9 == pytest.approx(np.eye(5), abs=1e-12)
    with pytest.raises(ValueError, match="moments"):
        exact_normals(5, 6, np.random.default_rng(1))


def test_correlation_time_and_memory_of_a_known_process():
    generator = np.random.default_rng(1)
    states = [generator.standard_normal((2, 400))]
    keep = np.array([0.0, 0.8])[:, None]
    for _ in range(60):
        states.append(keep * states[-1] + np.sqrt(1 - keep**2) * generator.standard_normal((2, 400)))
    times = correlation_time(np.stack(states))
    assert times[0] == pytest.approx(1.0, abs=0.1)
    assert times[1] == pytest.approx(9.0, rel=0.15)
    assert memory(np.stack(states[:3]))[1] == pytest.approx(0.64, abs=0.08)
    assert memory(np.stack(states[:1])) == pytest.approx(np.ones(2))


def test_drift_tells_chains_that_settle_from_chains_that_move():
    states = np.random.default_rng(1).standard_normal((40, 2, 300))
    assert np.abs(drift(states)).max() < 0.05
    moving = states + np.array([0.0, 0.1])[None, :, None] * np.arange(40)[:, None, None]
    assert drift(moving)[1] == pytest.approx(1.0 / np.hypot(1.0, np.sqrt(400 / 12) * 0.1), abs=0.1)
    assert np.array_equal(drift(states[:3]), np.zeros(2))


@pytest.mark.parametrize(
    "prior",
    [Prior(0.6, 0.7, 1.4), Prior(1.0, 2.0, 3.0, "uniform"), Prior(0.1, 1.0, 5.0, "loguniform")],
    ids=lambda prior: prior.shape,
)
def test_scores_and_values_belong_together_and_stay_in_range(prior):
    values = prior.value(np.array([-30.0, -1.0, 0.0, 2.0, 30.0]))
    assert np.all(np.diff(values) >= 0)
    assert prior.low <= values[0]
    assert values[-1] <= prior.high
    for value in (*values[1:4], prior.central):
        assert prior.value(np.array(prior.score(value))) == pytest.approx(value)


class StoppedError(Exception):
    """A fit is killed."""


def _fit(forward, toy):
    targets, _, mean, covariance = toy
    gaussian = linearise_posterior(forward, targets, Gaussian(mean, covariance), members=20, iterations=2, seed=1)
    return sample_posterior(forward, targets, gaussian, members=20, steps=4, seed=1)


@pytest.mark.parametrize("batches", [0, 1, 3, 6])
def test_a_fit_that_was_stopped_ends_with_the_same_draws(toy, tmp_path, batches):
    _, forward, *_ = toy
    unbroken = _fit(forward, toy)
    calls = []

    def mortal(scores):
        if len(calls) == batches:
            raise StoppedError
        calls.append(scores)
        return forward(scores)

    folder = tmp_path / "fit.unfinished"
    with pytest.raises(StoppedError):
        _fit(Checkpoint(mortal, folder, "same", resume=False), toy)
    checkpoint = Checkpoint(forward, folder, "same", resume=True)
    resumed = _fit(checkpoint, toy)
    assert checkpoint.replayed == batches
    assert np.array_equal(resumed.scores, unbroken.scores)
    assert np.array_equal(resumed.predictions, unbroken.predictions)
    checkpoint.close()
    assert not folder.exists()


def test_a_broken_answer_is_computed_anew(toy, tmp_path):
    _, forward, *_ = toy
    _fit(Checkpoint(forward, tmp_path / "fit", "same", resume=False), toy)
    (tmp_path / "fit" / "00002.npz").write_bytes(b"half a file")
    checkpoint = Checkpoint(forward, tmp_path / "fit", "same", resume=True)
    assert np.array_equal(_fit(checkpoint, toy).scores, _fit(forward, toy).scores)
    assert checkpoint.replayed == 6


def test_the_checkpoint_of_another_fit_is_refused_and_strange_folders_are_left(toy, tmp_path):
    _, forward, *_ = toy
    with pytest.raises(UserError, match="no unfinished fit"):
        Checkpoint(forward, tmp_path / "none", "same", resume=True)
    Checkpoint(forward, tmp_path / "fit", "same", resume=False)
    with pytest.raises(UserError, match="other data"):
        Checkpoint(forward, tmp_path / "fit", "other", resume=True)
    strange = tmp_path / "strange"
    strange.mkdir()
    (strange / "letter.txt").write_text("keep", encoding="utf-8")
    with pytest.raises(UserError, match="not a checkpoint"):
        Checkpoint(forward, strange, "same", resume=False)
    assert (strange / "letter.txt").is_file()
