"""How members lie in ranges: stratified margins, independence of chunks, and correlations that leave margins alone."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from posterior_cases import small_fitted, write_draws
from scipy.stats import kstest, spearmanr

from model.registry.errors import UserError
from model.scenarios.engine_inputs import base_parameters, effect_sizes, quantiles_of
from model.scenarios.resolver import resolve
from model.scenarios.specs import Correlation
from model.scenarios.uncertainty.draws import Sampling, stratified
from model.sectors.model_registry import registry
from model.workflows.plan import plan_comparison, plan_runs
from model.workflows.run_options import RunOptions

MEMBERS = 500
FIRST, SECOND, EFFECT = "workforce.leaving_rate", "discharge.process_days", "home_first|effect"
TRIO = (Correlation((FIRST, SECOND), 0.7, "assumption"), Correlation((SECOND, EFFECT), -0.5, "assumption"))


def sampling(method="latin-hypercube", first=0, members=MEMBERS, ensemble=MEMBERS, correlations=(), seed=5):
    return Sampling(seed, ensemble, first, members, method, correlations)


def slices(quantiles):
    return np.sort(np.floor(quantiles * quantiles.size).astype(int)).tolist()


def test_each_slice_of_a_range_has_one_member():
    for ensemble in (2, 7, 250, 1001):
        drawn = stratified(3, FIRST, ensemble)
        assert slices(drawn) == list(range(ensemble))
        assert drawn.min() > 0.0
        assert drawn.max() < 1.0
    assert abs(spearmanr(stratified(3, FIRST, 1000), stratified(3, SECOND, 1000)).statistic) < 0.1
    assert not np.array_equal(stratified(3, FIRST, 50), stratified(4, FIRST, 50))


@pytest.mark.parametrize("method", ["latin-hypercube", "random"])
@pytest.mark.parametrize("correlations", [(), TRIO])
def test_members_do_not_depend_on_the_chunk_or_on_what_was_asked_before(method, correlations):
    whole = sampling(method, correlations=correlations)
    expected = {stream: whole(stream) for stream in (EFFECT, FIRST, SECOND, "alone")}
    for first, members in ((0, 3), (1, 8), (497, 3), (20, 250)):
        part = sampling(method, first, members, correlations=correlations)
        for stream in ("alone", SECOND, EFFECT, FIRST):
            assert np.array_equal(part(stream), expected[stream][first : first + members]), stream


def test_random_members_stay_when_the_ensemble_grows_and_stratified_ones_cover_the_ranges_better():
    for correlations in ((), TRIO):
        few, many = (sampling("random", 0, 20, size, correlations) for size in (20, 4000))
        assert np.array_equal(few(FIRST), many(FIRST))
    errors = {
        method: np.std([sampling(method, seed=seed, ensemble=50, members=50)(FIRST).mean() for seed in range(40)])
        for method in ("latin-hypercube", "random")
    }
    assert errors["latin-hypercube"] < 0.1 * errors["random"]


@pytest.mark.parametrize("method", ["latin-hypercube", "random"])
def test_stated_rank_correlations_come_about_and_margins_stay(method):
    drawn = sampling(method, ensemble=4000, members=4000, correlations=TRIO)
    plain = sampling(method, ensemble=4000, members=4000)
    streams = (FIRST, SECOND, EFFECT, "alone")
    found = spearmanr(np.stack([drawn(stream) for stream in streams], axis=1)).statistic
    expected = np.eye(4)
    expected[0, 1] = expected[1, 0] = 0.7
    expected[1, 2] = expected[2, 1] = -0.5
    assert found == pytest.approx(expected, abs=0.06)
    for stream in streams:
        assert kstest(drawn(stream), "uniform").pvalue > 1e-3
        if method == "latin-hypercube":
            assert np.array_equal(np.sort(drawn(stream)), np.sort(plain(stream)))
    assert np.array_equal(drawn("alone"), plain("alone"))


def test_a_further_pair_elsewhere_changes_no_member():
    more = (*TRIO, Correlation(("a.first", "z.last"), 0.4, "assumption"))
    for stream in (FIRST, SECOND, EFFECT):
        assert np.array_equal(sampling(correlations=TRIO)(stream), sampling(correlations=more)(stream))


def test_an_ensemble_is_stratified_in_parameters_and_effects_alike():
    found = resolve("home_first", registry(), changes={"members": 40, "parameters": "central"})
    entry = registry().parameters[FIRST]
    table = base_parameters(found, registry())[FIRST].reshape(-1, 40)
    assert entry.distribution == "triangular"
    share = quantiles_of(found)(FIRST)
    assert slices(share) == list(range(40))
    assert np.array_equal(np.argsort(table[0]), np.argsort(share))
    spec, sizes = next(
        (spec, sizes)
        for spec, sizes in zip(found.modifiers, effect_sizes(found), strict=True)
        if spec.role == "effect" and spec.size[0] != spec.size[2]
    )
    assert sizes.shape == (40,)
    baseline = resolve("baseline", registry(), changes={"members": 40, "parameters": "central"})
    assert np.array_equal(base_parameters(baseline, registry())[FIRST], base_parameters(found, registry())[FIRST])
    assert spec.label == "home_first"


def stated(folder: Path, text: str) -> Path:
    path = folder / "stated.yaml"
    head = "packages: [home_first]\nextends: baseline\nmembers: 30\ncorrelations:\n"
    path.write_text(f"{head}{text}\n", encoding="utf-8")
    return path


def pair(first=FIRST, second=SECOND, correlation=0.6):
    return f'  - {{between: ["{first}", "{second}"], correlation: {correlation}, source: assumption}}'


def test_correlations_of_a_scenario_hold_in_its_baseline_too(tmp_path):
    path = stated(tmp_path, pair() + "\n" + pair(FIRST, EFFECT, 0.5))
    choices = RunOptions(output=tmp_path / "outputs", end="2023-06", settings={"parameters": "central"})
    (plan,) = plan_runs([str(path)], choices)
    drawn = [base_parameters(each, registry()) for each in plan.resolved]
    for name in (FIRST, SECOND):
        assert np.array_equal(drawn[0][name], drawn[1][name])
    first, second = (drawn[0][name].reshape(-1, 30)[0] for name in (FIRST, SECOND))
    assert spearmanr(first, second).statistic > 0.3
    with pytest.raises(UserError, match="correlations"):
        plan_comparison([str(path), "prevention_shift"], None, replace(choices, members=30))


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        (pair("workforce.leaving_rates"), 5, "workforce.leaving_rate'"),
        (pair(FIRST, "home_frst|effect"), 5, "home_first|effect"),
        (pair("discharge.process_multiplier"), 5, "has no range"),
        (pair(correlation=1.2), 5, "less than 1"),
        (pair() + "\n" + pair(SECOND, FIRST), 6, "states a pair twice"),
        (pair(FIRST, FIRST), 5, "names one thing twice"),
        (pair(correlation=0.9) + "\n" + pair(SECOND, EFFECT, 0.9) + "\n" + pair(FIRST, EFFECT, -0.9), 4, "nearer to 0"),
        ('  - {between: ["a.b"], correlation: 0.1, source: assumption}', 5, "missing|expected"),
        (pair() + "\nsampling: sobol", 6, "latin-hypercube"),
    ],
)
def test_what_cannot_be_drawn_is_refused_with_file_and_line(tmp_path, text, line, message):
    with pytest.raises(UserError, match=message) as caught:
        resolve(str(stated(tmp_path, text)), registry(), changes={"parameters": "central"})
    assert f"stated.yaml:{line}" in str(caught.value)


def test_a_fitted_number_takes_its_correlations_from_the_draws(tmp_path):
    draws = write_draws(tmp_path / "draws.nc", small_fitted(tmp_path))
    path = str(stated(tmp_path, pair()))
    with pytest.raises(UserError, match="come from the fitted draws"):
        resolve(path, registry(), changes={"parameters": str(draws)})
    assert resolve(path, registry(), changes={"parameters": "central"}).correlations
    partly = str(stated(tmp_path, pair(FIRST, "demand.segment_rate")))
    assert replace(resolve(partly, registry(), changes={"parameters": str(draws)}), members=1).correlations
