"""Packages in many futures: regret, targets and conditions of failure by hand, and the command on the model."""

from __future__ import annotations

import csv
import re

import numpy as np
import pytest
from synthetic_run import invented_run

from model.analysis.robustness.experiment import ExperimentGrid, Failure, find_failures, run_experiment
from model.analysis.robustness.regret import regret_of
from model.analysis.robustness.scenario_discovery import Condition, ScenarioBox, discover_box
from model.analysis.robustness.stated_targets import read_target, read_targets
from model.analysis.sensitivity.objectives import find_objective
from model.cli.main import main
from model.registry.errors import Exit, UserError
from model.scenarios.resolver import resolve
from model.sectors.model_registry import registry
from model.simulation.simulate import simulate


def test_regret_by_hand():
    # Three packages, two futures, two members: the first is best on average in one future, the second in the other.
    payoffs = np.array([[[10.0, 12.0], [1.0, 3.0]], [[6.0, 8.0], [5.0, 7.0]], [[8.0, 9.0], [4.0, 7.0]]])
    regret = regret_of(payoffs)
    assert regret.mean.tolist() == [[11, 2], [7, 6], [8.5, 5.5]]
    assert regret.regret.tolist() == [[0, 4], [4, 0], [2.5, 0.5]]
    assert regret.worst.tolist() == [4, 4, 2.5]
    assert regret.best.tolist() == [0, 1]
    assert regret.minimax == 2
    # In the second future the second and third tie in the second member and share it.
    assert regret.preferred.tolist() == [[1, 0], [0, 0.75], [0, 0.25]]
    assert regret.tail[0] == pytest.approx([0, 4])


def test_the_probability_of_a_target_by_hand():
    run = invented_run(members=5, years=8)
    occupied, opened = run.results["urgent_care.beds_occupied"], run.results["urgent_care.beds_open"]
    values = np.sort(occupied[71])
    target = read_target(f"urgent_care.beds_occupied <= {values[2]} by 2025-03", run.registry)
    judged = target.values(run)
    assert np.array_equal(judged, occupied[71])
    assert target.met(judged).mean() == pytest.approx(0.6)
    strict = read_target(f"urgent_care.beds_occupied < {values[2]} by 2025-03", run.registry)
    assert strict.met(judged).mean() == pytest.approx(0.4)
    always = read_target("urgent_care.beds_occupied <= 1 from 2023-04", run.registry)
    assert np.array_equal(always.values(run), occupied[48:].max(axis=0))
    never = read_target("urgent_care.beds_occupied ≥ 1 from 2023-04", run.registry)
    assert np.array_equal(never.values(run), occupied[48:].min(axis=0))
    yearly = read_target("occupancy <= 95 % in 2024/25", run.registry)
    days = run.days[60:72, None]
    by_hand = 100 * (occupied[60:72] * days).sum(axis=0) / (opened[60:72] * days).sum(axis=0)
    assert yearly.values(run) == pytest.approx(by_hand)
    assert yearly.limit == 95


def test_shares_and_per_cent_are_the_same_limit():
    for amount in ("15 %", "0.15", "15%"):
        target = read_target(f"discharge.nctr_share_of_beds <= {amount} by 2026-03", registry())
        assert target.limit == pytest.approx(0.15)
        assert (target.sign, target.word, target.period) == ("<=", "by", "2026-03")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("vacancy", "a target is written"),
        ("vacancy = 3 by 2025-03", "a target is written"),
        ("vacanc < 3 by 2025-03", "vacancy"),
        ("vacancy < 3 beds by 2025-03", "'%'"),
        ("vacancy < few by 2025-03", "number"),
        ("vacancy < 3 until 2025-03", "'by', 'in' or 'from'"),
        ("vacancy < 3 by 2025/26", "a month such as"),
        ("vacancy < 3 in 2025/27", "a financial year such as"),
        ("vacancy < 3 by 2025-13", "a month such as"),
        ("bed_days < 3 by 2025-03", "give a financial year"),
    ],
)
def test_a_target_that_cannot_be_read_says_why(text, told):
    with pytest.raises(UserError, match=re.escape(told)):
        read_target(text, registry())


def test_a_target_outside_the_run_is_refused():
    run = invented_run(years=6)
    for text in ("vacancy < 3 in 2030/31", "vacancy < 3 by 2030-03"):
        with pytest.raises(UserError, match="cover"):
            read_target(text, run.registry).check(run)


def test_conditions_of_failure_are_those_that_were_planted():
    generator = np.random.default_rng(0)
    places = generator.random((60, 1_500))
    fails = (places[3] > 0.6) & (places[7] < 0.5)
    fails ^= generator.random(1_500) < 0.02
    box = discover_box(places, fails)
    conditions = {condition.input: condition for condition in box.conditions}
    assert conditions.keys() == {3, 7}
    assert conditions[3].low == pytest.approx(0.6, abs=0.04)
    assert np.isinf(conditions[3].high)
    assert conditions[7].high == pytest.approx(0.5, abs=0.04)
    assert box.density > 0.9
    assert box.coverage > 0.85
    assert box.base == pytest.approx(fails[1::2].mean())
    inside = box.holds(places)[1::2]
    assert box.density == pytest.approx(fails[1::2][inside].mean())


def test_failures_by_chance_have_no_conditions():
    generator = np.random.default_rng(5)
    assert discover_box(generator.random((60, 600)), generator.random(600) < 0.3) is None
    assert discover_box(generator.random((3, 100)), np.zeros(100, dtype=bool)) is None


def test_members_that_repeat_in_every_future_count_once():
    generator = np.random.default_rng(4)
    places, fails = generator.random((40, 60)), generator.random(60) < 0.4
    repeated, same = np.tile(places, 8), np.tile(fails, 8)
    learning = np.tile(np.arange(60) % 2 == 0, 8)
    assert discover_box(repeated, same, learning, np.full(40, 8.0)) is None


@pytest.fixture(scope="module")
def experiment():
    names, futures = ("baseline", "home_first"), ("none", "high_inflation")
    changes = {"decision": "2019-04", "end": "2020-04", "members": 24, "parameters": "central", "seed": 2}
    grid = ExperimentGrid(
        names,
        futures,
        tuple(
            tuple(resolve(name, registry(), changes={**changes, "future": future}) for future in futures)
            for name in names
        ),
    )
    texts = ["nctr_before <= 500 by 2020-03", "discharge.nctr_share_of_beds <= 20 % in 2019/20"]
    objectives = [find_objective(name, registry()) for name in ("nctr_before", "net_benefit")]
    return run_experiment(grid, objectives, read_targets(texts, registry()), registry())


def test_the_experiment_gives_what_separate_runs_give(experiment):
    scenario = experiment.grid.scenarios[1][1]
    assert scenario.future == "high_inflation"
    run = simulate(scenario)
    target = experiment.targets[0]
    assert experiment.values[0, 1, 1] == pytest.approx(target.values(run), rel=1e-5)
    payoffs = -target.measure.by_year(run)["2019/20"]
    assert experiment.payoffs[0, 1, 1] == pytest.approx(payoffs, rel=1e-5)
    assert experiment.met(0).shape == (2, 2, 24)


def test_failures_are_told_for_every_package(experiment):
    failures = find_failures(experiment, registry(), "baseline")
    assert {(failure.package, failure.what.split()[0]) for failure in failures} == {
        ("baseline", "misses"),
        ("home_first", "misses"),
        ("home_first", "is"),
    }
    worse = next(failure for failure in failures if failure.what == "is worse than baseline by nctr_before")
    by_hand = (experiment.payoffs[0, 1] < experiment.payoffs[0, 0]).mean()
    assert worse.share == pytest.approx(by_hand)


def test_conditions_are_told_in_words_and_units(experiment):
    failure = find_failures(experiment, registry(), "baseline")[0]
    row = next(
        at for at, uncertain_input in enumerate(failure.inputs) if uncertain_input.name == "discharge.hospital_priority"
    )
    future = len(failure.inputs) - 1
    box = ScenarioBox((Condition(row, 0.5, np.inf, 0.0), Condition(future, 1.0, np.inf, 0.0)), 1.0, 1.0, 0.5, 0.5)
    words = Failure("baseline", "fails", 0.5, box, failure.inputs).conditions()
    assert words[0] == f"discharge.hospital_priority is {failure.inputs[row].value(0.5):.4g} or more"
    assert words[1] == "future high_inflation is in force"


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


SHORT = ["--set", "decision=2019-04", "--set", "parameters=central", "--end", "2020-04", "--members", "2"]


def test_the_command_writes_a_whole_folder(here, capsys):
    words = ["robustness", "home_first", "--futures", "none", "--objective", "nctr_before"]
    assert main([*words, "--target", "occupancy <= 95 % in 2019/20", *SHORT, "--processes", "1"]) == Exit.OK
    printed = capsys.readouterr().out
    assert "Probability of occupancy" in printed
    assert all(len(line) <= 120 for line in printed.splitlines())
    folder = here / "outputs" / "robustness_home_first"
    assert {path.name for path in folder.iterdir()} == {
        "README.txt",
        "regret.csv",
        "worst_regret.csv",
        "targets.csv",
        "failures.csv",
        "figures",
        "scenario_baseline_none.resolved.yaml",
        "scenario_home_first_none.resolved.yaml",
    }
    with (folder / "targets.csv").open(newline="", encoding="utf-8") as stream:
        assert {row["package"] for row in csv.DictReader(stream)} == {"baseline", "home_first"}
    assert (folder / "figures" / "regret.svg").is_file()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["home_firs"], "home_first"),
        (["home_first", "--futures", "bad_wintr"], "bad_winter"),
        (["home_first", "--target", "vacancy < 3 in 2030/31"], "the run covers"),
        (["home_first", "--set", "future=bad_winter"], "--futures"),
        (["home_first", "--objective", "nothing"], "neither an objective"),
        (["baseline"], "is the baseline itself"),
    ],
)
def test_errors_of_the_user_are_told(words, told, here, capsys):
    assert main(["robustness", *words, *SHORT]) in (Exit.USAGE, Exit.INPUT, Exit.MISSING_FILE)
    assert told in capsys.readouterr().err
    assert not (here / "outputs").exists()
