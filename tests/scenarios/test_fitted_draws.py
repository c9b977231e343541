"""Fitted draws in scenarios: how they enter, what wins over them, where they are left out, and what is refused."""

from __future__ import annotations

import pickle
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from posterior_cases import DRAWS, small_fitted, write_draws

from model.registry.catalogue import Registry
from model.registry.data_folders import SCENARIOS
from model.registry.errors import Exit, UserError
from model.scenarios.engine_inputs import base_parameters, effect_sizes, fitted_values
from model.scenarios.resolver import resolve
from model.scenarios.uncertainty.draws import is_uncertain, quantile, uniforms
from model.scenarios.uncertainty.posterior import SHIPPED, read_posterior, registered_parameters
from model.sectors.model_registry import registry
from model.simulation.simulate import run_members
from model.workflows.plan import plan_comparison
from model.workflows.run_options import RunOptions

EVER = [0.4879679157181959, 0.24213594556707224, 0.3402578854758194]
"""First quantiles of the urgent share with the seed of the baseline, as published results had them."""

PROCESS, EMERGENCIES, SHARE = "discharge.process_days", "demand.segment_rate", "waiting_lists.urgent_share"


@pytest.fixture(scope="module")
def known():
    return registry()


@pytest.fixture(scope="module")
def numbers(tmp_path_factory):
    return small_fitted(tmp_path_factory.mktemp("priors"))


@pytest.fixture(scope="module")
def draws(tmp_path_factory, numbers):
    return write_draws(tmp_path_factory.mktemp("draws") / "posterior.nc", numbers)


@pytest.fixture(scope="module")
def ensemble(draws, known):
    return resolve("baseline", known, changes={"parameters": str(draws), "members": DRAWS})


def scenario(folder: Path, text: str) -> Path:
    path = folder / "asked.yaml"
    path.write_text(f"extends: baseline\n{text}\n", encoding="utf-8")
    return path


def at(known, name, where):
    """Index of the cells of a parameter that have a label."""
    from model.scenarios.overrides import index_of

    return index_of(known.parameters[name].dims, where)


def test_the_file_says_all_that_is_needed_to_apply_the_draws(draws, numbers, known):
    read = read_posterior(draws, known)
    assert read.draws == DRAWS
    for mine, theirs in zip(read.fitted, numbers, strict=True):
        assert (mine.name, mine.unit, mine.kind, mine.target) == (theirs.name, theirs.unit, theirs.kind, theirs.target)
        assert (mine.where, mine.range) == (theirs.where, theirs.range)
        if theirs.change is not None:
            assert replace(mine.change, size=theirs.change.size) == theirs.change


def test_members_take_each_draw_once_and_have_its_moments(draws, known):
    posterior = read_posterior(draws, known)
    values = posterior.of_members(7, 0, DRAWS, DRAWS)
    assert values.mean(axis=1) == pytest.approx(posterior.values.mean(axis=1), rel=1e-12)
    assert np.cov(values) == pytest.approx(np.cov(posterior.values), rel=1e-9, abs=1e-15)
    assert not np.array_equal(values, posterior.values)
    assert not np.array_equal(values, posterior.of_members(8, 0, DRAWS, DRAWS))


def test_members_do_not_depend_on_chunk_or_ensemble_and_go_round_in_another_order(draws, known):
    posterior = read_posterior(draws, known)
    whole = posterior.of_members(7, 0, 3 * DRAWS, 3 * DRAWS)
    for first, members in ((0, 5), (DRAWS - 2, 4), (3, 2 * DRAWS), (2 * DRAWS, DRAWS)):
        assert np.array_equal(posterior.of_members(7, first, members, 100), whole[:, first : first + members])
    rounds = np.split(whole, 3, axis=1)
    assert not np.array_equal(rounds[0], rounds[1])
    for each in rounds:
        assert np.array_equal(np.sort(each, axis=1), np.sort(posterior.values, axis=1))


def test_one_member_is_the_most_probable_vector_and_the_rest_is_central(draws, known):
    found = resolve("baseline", known, changes={"parameters": str(draws)})
    plain = base_parameters(resolve("baseline", known, changes={"parameters": "central"}), known)
    values = base_parameters(found, known)
    point = dict(zip((each.name for each in found.posterior.fitted), found.posterior.point, strict=True))
    assert values[SHARE].item() == point[SHARE]
    assert values[PROCESS] == pytest.approx(plain[PROCESS] * point[PROCESS], rel=1e-14)
    moved = {name for name in plain if not np.array_equal(values[name], plain[name])}
    assert moved == {SHARE, PROCESS, EMERGENCIES, "finance.allocation_growth"}


def test_what_is_not_fitted_keeps_its_range_and_what_is_fitted_is_not_drawn_twice(ensemble, known):
    values = base_parameters(ensemble, known)
    ranges = base_parameters(replace(ensemble, posterior=None), known)
    fitted = fitted_values(ensemble)
    by_name = dict(zip((each.name for each in ensemble.posterior.fitted), fitted, strict=True))
    assert np.array_equal(values[SHARE].reshape(-1), by_name[SHARE])
    process = known.parameters[PROCESS].value[..., None] * by_name[PROCESS]
    assert values[PROCESS] == pytest.approx(process, rel=1e-14)
    cells = at(known, EMERGENCIES, {"service": ("emergency_admission",)})
    mask = np.zeros(known.parameters[EMERGENCIES].value.shape, dtype=bool)
    mask[cells] = True
    factor = by_name[f"{EMERGENCIES}[emergency_admission]"]
    expected = known.parameters[EMERGENCIES].value[mask][:, None] * factor
    assert values[EMERGENCIES][mask] == pytest.approx(expected, rel=1e-14)
    assert np.array_equal(values[EMERGENCIES][~mask], ranges[EMERGENCIES][~mask])
    moved = {name for name in values if not np.array_equal(values[name], ranges[name])}
    assert moved == {SHARE, PROCESS, EMERGENCIES, "finance.allocation_growth"}


def test_history_and_fitted_changes_take_the_draws(ensemble, known):
    plain = resolve("baseline", known, changes={"parameters": "central"})
    sizes = dict(zip(ensemble.modifiers, effect_sizes(ensemble), strict=True))
    before = dict(zip(plain.modifiers, effect_sizes(plain), strict=True))
    rows = dict(zip((each.name for each in ensemble.posterior.fitted), fitted_values(ensemble), strict=True))
    own = [spec for spec in ensemble.modifiers if spec not in before]
    assert [spec.target for spec in own] == ["waiting_lists.capacity_multiplier"]
    assert np.array_equal(sizes[own[0]], rows["waiting_lists.capacity_multiplier at 2019-06"])
    history = [spec for spec in plain.modifiers if spec.target == "discharge.process_multiplier"]
    assert history
    for spec in history:
        assert np.array_equal(sizes[spec], before[spec] * rows["history of discharge.process_multiplier"])


def test_fitted_changes_stand_behind_the_history_and_before_what_a_scenario_decides(draws, known):
    found = resolve("home_first", known, changes={"parameters": str(draws), "future": "high_inflation"})
    roles = [spec.role for spec in found.modifiers]
    place = roles.index("fitted")
    assert set(roles[:place]) == {"history"}
    assert "history" not in roles[place:]


def test_chunks_and_other_processes_have_the_same_members(ensemble, known):
    whole, sizes = base_parameters(ensemble, known), effect_sizes(ensemble)
    sent = pickle.loads(pickle.dumps(ensemble))
    for name, values in base_parameters(sent, known, 5, 7).items():
        assert np.array_equal(values, whole[name] if whole[name].shape[-1] == 1 else whole[name][..., 5:12]), name
    for mine, all_members in zip(effect_sizes(sent, 5, 7), sizes, strict=True):
        assert np.array_equal(mine, all_members if np.size(all_members) == 1 else all_members[5:12])


def test_what_a_scenario_sets_wins_over_a_draw(tmp_path, draws, known):
    asked = scenario(
        tmp_path,
        f"parameters:\n  from: {draws}\n  {SHARE}: 0.3\n  {EMERGENCIES}: "
        "{value: 0.5, where: {service: emergency_admission}}\nmembers: 6",
    )
    found = resolve(asked, known)
    values = base_parameters(found, known)
    assert values[SHARE].tolist() == [0.3]
    assert np.all(values[EMERGENCIES][at(known, EMERGENCIES, {"service": ("emergency_admission",)})] == 0.5)
    assert np.unique(values[PROCESS].reshape(-1, 6)[0]).size == 6


def test_without_its_history_a_fit_leaves_out_what_belongs_to_it(tmp_path, draws, known):
    other = tmp_path / "pandemic.yaml"
    other.write_text((SCENARIOS / "history" / "pandemic.yaml").read_text(encoding="utf-8"), encoding="utf-8")
    for history in ("none", str(other)):
        found = resolve("baseline", known, changes={"parameters": str(draws), "history": history})
        assert [each.kind for each in found.posterior.fitted] == ["value", "factor", "factor", "amount"]
        assert "fitted" not in {spec.role for spec in found.modifiers}
        (note,) = found.notes
        assert "2 fitted numbers belong to the history 'pandemic'" in note
        assert base_parameters(found, known)[SHARE].item() == found.posterior.point[0]
    assert resolve("baseline", known, changes={"parameters": str(draws)}).notes == ()


def with_parameters(known, *changed, without=()):
    """The registry with some parameters added or changed, and some taken away."""
    parameters = {**known.parameters, **{parameter.name: parameter for parameter in changed}}
    return Registry(
        [parameter for name, parameter in parameters.items() if name not in without],
        known.stocks.values(),
        known.flows.values(),
        known.outputs.values(),
        known.loops.values(),
        known.sectors,
    )


@pytest.mark.parametrize("file", [None, SHIPPED])
def test_a_new_parameter_does_not_invalidate_a_fit_and_is_drawn_from_its_own_range(file, draws, known):
    new = replace(
        known.parameters[SHARE],
        name="waiting_lists.new_share",
        value=np.array(0.4),
        low=np.array(0.3),
        high=np.array(0.6),
        distribution="uniform",
    )
    more = with_parameters(known, new)
    changes = {"parameters": str(file or draws), "members": 30}
    scenario, plain = (resolve("baseline", registry, changes=changes) for registry in (more, known))
    assert scenario.notes == plain.notes == ()
    values, before = base_parameters(scenario, more), base_parameters(plain, known)
    assert 0.3 < values[new.name].min() < 0.35
    assert 0.55 < values[new.name].max() < 0.6
    for name, value in before.items():
        assert np.array_equal(values[name], value), name


@pytest.mark.parametrize("field", ["value", "low", "high", "distribution"])
def test_a_changed_parameter_refuses_a_fit_and_is_named(field, draws, known):
    entry = next(parameter for parameter in known.parameters.values() if is_uncertain(parameter))
    other = "uniform" if entry.distribution != "uniform" else "triangular"
    changed = {"distribution": other} if field == "distribution" else {field: getattr(entry, field) * 1.001}
    registry = with_parameters(known, replace(entry, **changed))
    for file in (draws, SHIPPED):
        with pytest.raises(UserError, match="have changed since the draws were fitted") as caught:
            resolve("baseline", registry, changes={"parameters": str(file)})
        text = str(caught.value)
        assert f": {entry.name}; fit again with 'python run.py calibrate', or write 'parameters: central'" in text
    assert resolve("baseline", registry, changes={"parameters": "central"}).posterior is None


def test_a_parameter_that_is_no_longer_registered_refuses_a_fit_and_is_named(draws, numbers, known):
    moved = {number.target for number in numbers}
    gone = [name for name in known.parameters if name not in moved and not name.startswith("loops.")][:8]
    for removed, shown in ((gone[:1], gone[0]), (gone, "and 2 more")):
        with pytest.raises(UserError, match="are no longer registered since the draws were fitted") as caught:
            read_posterior(draws, with_parameters(known, without=removed))
        assert shown in str(caught.value)
        assert gone[0] in str(caught.value)


def test_the_writer_of_a_fit_keeps_the_digest_of_every_parameter(known):
    posterior = read_posterior(SHIPPED, known)
    assert set(posterior.registered) <= set(known.parameters)
    assert len(posterior.registered) > 300
    (dimension, names, _), (_, digests, _) = registered_parameters(known).values()
    assert dimension == "registered"
    assert dict(zip(names, digests, strict=True)).items() >= posterior.registered.items()
    assert len(set(digests)) == len(digests)


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("parameters: postrior", 2, "posterior"),
        ("parameters:\n  discharge.process_days: {value: 3}\n  from: centrl", 4, "central"),
        ("parameters: [posterior]", 2, "key: value"),
        ("parameters:\n  from: 3", 3, "expected 'posterior'"),
        ("parameters:\n  from: nowhere.nc", 3, "no file of fitted draws nowhere.nc"),
    ],
)
def test_wrong_words_are_refused_with_file_line_and_advice(tmp_path, known, text, line, message):
    with pytest.raises(UserError, match=message) as caught:
        resolve(scenario(tmp_path, text), known)
    assert f"asked.yaml:{line}" in str(caught.value)


def test_only_a_scenario_says_where_numbers_come_from(tmp_path, known):
    future = tmp_path / "hard.yaml"
    future.write_text("parameters:\n  from: central\n", encoding="utf-8")
    with pytest.raises(UserError, match="only a scenario") as caught:
        resolve(scenario(tmp_path, f"future: {future}"), known)
    assert "hard.yaml:2" in str(caught.value)


def test_what_no_longer_exists_is_refused_with_advice(tmp_path, numbers, known):
    gone = replace(numbers[0], target="waiting_lists.urgent_shares")
    table = replace(numbers[0], target=PROCESS)
    label = replace(numbers[2], where=(("service", ("emergency_admissions",)),))
    history = replace(numbers[4], target="discharge.process_days")
    for changed, message in (
        (gone, "urgent_share'"),
        (table, "is now a table"),
        (label, "emergency_admissions"),
        (history, "no longer has this change"),
    ):
        path = write_draws(tmp_path / "draws.nc", (changed, *numbers[5:]))
        with pytest.raises(UserError, match=message) as caught:
            resolve("baseline", known, changes={"parameters": str(path)})
        assert "run.py calibrate" in str(caught.value)
        path.unlink()
    strange = tmp_path / "strange.nc"
    strange.write_text("a letter", encoding="utf-8")
    with pytest.raises(UserError, match="is not a posterior of this model"):
        read_posterior(strange, known)
    with pytest.raises(UserError, match="no fitted draws here") as caught:
        read_posterior(tmp_path / "missing.nc", known)
    assert caught.value.code == Exit.MISSING_FILE


def test_the_command_line_sets_it_beside_parameters_and_the_baseline_follows(tmp_path, draws, known):
    choices = RunOptions(
        settings={SHARE: 0.3, "parameters": str(draws)}, members=3, end="2023-06", output=tmp_path / "outputs"
    )
    plan = plan_comparison(["home_first"], None, choices)
    for each in plan.resolved:
        assert each.parameters_from == str(draws)
        assert each.posterior.draws == DRAWS
        assert list(each.parameters) == [SHARE]
    mine, theirs = (fitted_values(each) for each in plan.resolved)
    assert np.array_equal(mine, theirs)
    assert "most_probable" in plan.baseline.to_yaml()
    central = plan_comparison(
        ["home_first"], None, RunOptions(settings={"parameters": "central"}, output=choices.output)
    )
    assert {each.parameters_from for each in central.resolved} == {"central"}
    with pytest.raises(UserError, match="central"):
        plan_comparison(["home_first"], None, RunOptions(settings={"parameters": "cntral"}, output=choices.output))


@pytest.mark.parametrize("hospital", ["stock-flow", "patient-level"])
def test_a_run_with_fitted_draws_is_the_run_of_the_same_numbers_set_by_hand(tmp_path, draws, known, hospital):
    short = {"end": "2019-08-01", "decision": "2019-07-01", "horizons": {}, "hospital": hospital}
    found = resolve("baseline", known, changes={"parameters": str(draws), **short})
    by_name = dict(zip((each.name for each in found.posterior.fitted), found.posterior.point, strict=True))
    written = base_parameters(found, known)
    path = scenario(
        tmp_path,
        "parameters:\n  from: central\n"
        + "".join(
            f"  {name}: {written[name][..., 0].tolist()!r}\n"
            for name in (SHARE, PROCESS, EMERGENCIES, "finance.allocation_growth")
        )
        + "changes:\n  - parameter: waiting_lists.capacity_multiplier\n    points: {2019-04: 0, 2019-06: 1}\n"
        f"    size: {float(by_name['waiting_lists.capacity_multiplier at 2019-06'])!r}\n    source: assumption\n",
    )
    by_hand = resolve(path, known, changes=short)
    results = ("waiting_lists.rtt_total", "discharge.nctr_before_discharges")
    mine, theirs = (run_members(each, 0, 1, names=results) for each in (found, by_hand))
    plain = run_members(resolve("baseline", known, changes={"parameters": "central", **short}), 0, 1, names=results)
    for name in results:
        assert mine[name] == pytest.approx(theirs[name], rel=1e-12)
        assert np.all(mine[name][1:] != plain[name][1:])


def test_central_numbers_and_random_members_are_what_they_always_were(known):
    first = uniforms(20230401, SHARE, 0, 3)
    assert first == pytest.approx(EVER, abs=1e-15)
    found = resolve("baseline", known, changes={"parameters": "central", "members": 3, "sampling": "random"})
    entry = known.parameters[SHARE]
    drawn = quantile(entry.distribution, first, entry.low[..., None], entry.value[..., None], entry.high[..., None])
    assert np.array_equal(base_parameters(found, known)[SHARE], drawn.reshape(-1))
    one = base_parameters(replace(found, members=1), known)
    for name, parameter in known.parameters.items():
        assert np.array_equal(one[name][..., 0], parameter.value), name
