"""What results depend on: the methods against theory, the model against separate runs, the command against its user."""

from __future__ import annotations

import csv
from dataclasses import replace

import numpy as np
import pytest
from posterior_cases import DRAWS, small_fitted, write_draws
from scipy.stats import norm

from model.analysis.sensitivity import evaluation
from model.analysis.sensitivity.designs import DesignedMembers, DrawnMembers
from model.analysis.sensitivity.evaluation import Question, YearlyReader, evaluate, even_spans
from model.analysis.sensitivity.indices import morris_screening, sobol_indices
from model.analysis.sensitivity.information import value_of_information
from model.analysis.sensitivity.inputs import POSTERIOR, select_inputs, uncertain_inputs
from model.analysis.sensitivity.methods import (
    ENDS,
    OTHER_INPUTS,
    compute_leverage,
    leverage_inputs,
    run_sobol,
    run_tornado,
)
from model.analysis.sensitivity.objectives import find_objective
from model.analysis.sensitivity.payoffs import analyse_decision, member_quantiles
from model.analysis.sensitivity.worker_pool import WorkerPool
from model.cli.main import main
from model.registry.errors import Exit, UserError
from model.results.headlines import measure, measures
from model.results.prices import price_level
from model.scenarios.resolver import resolve
from model.scenarios.specs import Override
from model.sectors.model_registry import registry
from model.simulation.simulate import simulate

YEAR = {"decision": "2019-04", "end": "2020-04", "horizons": {"short": 1}, "parameters": "central"}
"""One year from its first day, the shortest run with a financial year after the decision."""


def one_year(scenario: str = "baseline", **changes):
    return resolve(scenario, registry(), changes={**YEAR, **changes})


def ishigami(design):
    first, second, third = -np.pi + 2 * np.pi * design
    values = np.sin(first) + 7 * np.sin(second) ** 2 + 0.1 * third**4 * np.sin(first)
    return np.stack([values, np.full(len(first), 3.0)])


ISHIGAMI_FIRST = (0.3139, 0.4424, 0.0)
ISHIGAMI_TOTAL = (0.5576, 0.4424, 0.2437)
STRENGTHS = np.array([0.0, 1.0, 4.5, 9.0])


def g_function(design):
    return np.prod((np.abs(4 * design - 2) + STRENGTHS[:, None]) / (1 + STRENGTHS[:, None]), axis=0)[None]


def test_sobol_indices_of_the_ishigami_function():
    indices = sobol_indices(["a", "b", "c"], ishigami, 2048, seed=1)
    assert indices.first[0] == pytest.approx(ISHIGAMI_FIRST, abs=0.02)
    assert indices.total[0] == pytest.approx(ISHIGAMI_TOTAL, abs=0.02)
    assert np.all(indices.first_margin[0] < 0.06)
    assert indices.variance[0] == pytest.approx(49 / 8 + 0.1 * np.pi**4 / 5 + 0.01 * np.pi**8 / 18 + 0.5, rel=0.02)
    assert np.isnan(indices.first[1]).all()


def test_sobol_indices_of_the_g_function():
    parts = 1 / (3 * (1 + STRENGTHS) ** 2)
    variance = np.prod(1 + parts) - 1
    indices = sobol_indices(["a", "b", "c", "d"], g_function, 2048, seed=1)
    assert indices.first[0] == pytest.approx(parts / variance, abs=0.02)
    assert indices.total[0] == pytest.approx(parts * np.prod(1 + parts) / (1 + parts) / variance, abs=0.02)


def test_inputs_of_one_group_have_one_index():
    indices = sobol_indices(["a", "b", "c"], ishigami, 2048, seed=1, groups=["own", "rest", "rest"])
    assert indices.groups == ("own", "rest")
    # What the first input makes with the third is in both totals; the second and third by themselves make the rest.
    assert indices.first[0] == pytest.approx((ISHIGAMI_FIRST[0], ISHIGAMI_FIRST[1]), abs=0.02)
    assert indices.total[0] == pytest.approx((ISHIGAMI_TOTAL[0], 1 - ISHIGAMI_FIRST[0]), abs=0.02)


def test_screening_finds_size_sign_and_interaction():
    def function(design):
        first, second, third, idle = design
        return (3 * first - 2 * second + 4 * (second - 0.5) * third + 0 * idle)[None]

    screening = morris_screening(["a", "b", "c", "idle"], function, 40, seed=1)
    assert screening.size[0, 0] == pytest.approx(3)
    assert screening.mean[0, 0] == pytest.approx(3)
    assert screening.spread[0, 0] == pytest.approx(0, abs=1e-12)
    assert screening.mean[0, 1] < 0
    assert screening.spread[0, 2] > 1
    assert screening.size[0, 3] == 0


def test_designs_that_cannot_be_are_refused():
    with pytest.raises(UserError, match="power of two"):
        sobol_indices(["a", "b", "c"], ishigami, 100, seed=1)
    with pytest.raises(UserError, match="two trajectories"):
        morris_screening(["a", "b", "c"], ishigami, 1, seed=1)


def expected_gain(mean, deviation):
    """Closed form of E[max(0, X)] - max(0, E[X]) for a normal X."""
    return deviation * norm.pdf(mean / deviation) + mean * norm.cdf(mean / deviation) - max(mean, 0.0)


def test_value_of_information_of_a_normal_choice_matches_the_closed_form():
    generator = np.random.default_rng(7)
    members = 6_000
    known, other = generator.normal(0.3, 1.0, members), generator.normal(0.0, 0.7, members)
    payoffs = np.stack([np.zeros(members), known + other])
    information = value_of_information(payoffs, np.stack([known, -other, generator.random(members)]), seed=1)
    assert information.best == 1
    assert information.perfect == pytest.approx(expected_gain(0.3, np.hypot(1.0, 0.7)), rel=0.08)
    assert information.partial[0] == pytest.approx(expected_gain(0.3, 1.0), rel=0.08)
    assert information.partial[1] == pytest.approx(expected_gain(0.3, 0.7), rel=0.15)
    assert information.partial[2] <= information.chance < 0.01
    assert information.explained[:2] == pytest.approx([1 / 1.49, 0.49 / 1.49], abs=0.03)


def test_what_bends_the_payoff_is_worth_what_theory_says():
    generator = np.random.default_rng(3)
    position = generator.random(4_000)
    # The second option gains one beyond the middle and loses one before it: knowing the place is worth a half.
    payoffs = np.stack([np.zeros(4_000), np.abs(position - 0.5) * 8 - 2 + generator.normal(0, 0.5, 4_000)])
    information = value_of_information(payoffs, position[None], seed=1)
    assert information.partial[0] == pytest.approx(0.5, abs=0.05)


def test_what_cannot_change_the_choice_is_worth_nothing():
    generator = np.random.default_rng(1)
    known = generator.normal(0, 1, 500)
    information = value_of_information(np.stack([known, known - 50 + 0.1 * known]), known[None], seed=1)
    assert information.perfect == 0
    assert information.partial[0] == 0


def test_a_decision_needs_two_options_and_members_enough():
    with pytest.raises(UserError, match="two options"):
        value_of_information(np.zeros((1, 100)), np.zeros((1, 100)), seed=1)
    with pytest.raises(UserError, match="members or more"):
        value_of_information(np.zeros((2, 20)), np.zeros((1, 20)), seed=1)


NAMES = ("discharge.process_days", "urgent_care.same_day_emergency_share", "discharge.pathway_stay_days")


@pytest.fixture(scope="module")
def question():
    return Question(one_year(), None, measures(["nctr_before", "discharge.nctr_share_of_beds", "qalys"], registry()))


def test_leverage_agrees_with_separate_runs_of_finite_differences(question):
    leverage = compute_leverage(question, NAMES, registry())
    for index, name in enumerate(NAMES):
        parameter = registry().parameters[name]
        ends = []
        for factor in (0.99, 1.01):
            values = parameter.value * factor
            moved = Override(values, np.ones(values.shape, dtype=bool))
            run = simulate(replace(one_year(), parameters={name: moved}))
            ends.append([of_question.by_year(run)["2019/20"][0] for of_question in question.measures])
        central = simulate(one_year())
        middle = np.array([of_question.by_year(central)["2019/20"][0] for of_question in question.measures])
        by_hand = (np.array(ends[1]) - np.array(ends[0])) / 0.02 / middle
        assert leverage.elasticity[index, :, 0] == pytest.approx(by_hand, rel=1e-6, abs=1e-9)
        assert leverage.central[:, 0] == pytest.approx(middle, rel=1e-12)
    assert abs(leverage.elasticity[0, 0, 0]) > 0.01


def test_every_parameter_that_can_be_scaled_has_leverage(question):
    names = leverage_inputs(question.scenarios, registry())
    assert "discharge.process_days" in names
    assert "pandemic|history:discharge.process_multiplier" in names
    assert "population.extra_longevity_from" not in names
    assert "population.extra_longevity" not in names


def test_tornado_moves_one_input_to_the_ends_of_its_interval(question):
    name = "urgent_care.same_day_emergency_share"
    (known,) = select_inputs([name], uncertain_inputs(question.scenarios, registry()))
    tornado = run_tornado(question, [known])
    for values, end in ((tornado.low, ENDS[0]), (tornado.high, ENDS[1])):
        run = simulate(one_year(parameters={name: known.value(end), "from": "central"}))
        by_hand = [of_question.by_year(run)["2019/20"][0] for of_question in question.measures]
        assert values[0, :, 0] == pytest.approx(by_hand, rel=1e-10)
    assert tornado.swing[0, 0, 0] > 0


def test_members_of_a_design_do_not_depend_on_how_they_are_batched(question, monkeypatch):
    inputs = uncertain_inputs(question.scenarios, registry())[:6]
    generator = np.random.default_rng(2)
    quantiles = {
        uncertain_input.name: np.where(generator.random(7) < 0.3, np.nan, generator.random(7))
        for uncertain_input in inputs
    }
    whole = question.answer(DesignedMembers(7, quantiles))
    monkeypatch.setattr(evaluation, "CHUNK", 3)
    reported = []
    pool = WorkerPool(lambda done, total: reported.append((done, total)))
    with pool.open(1):
        parts = Question(question.scenario, None, question.measures, pool).answer(DesignedMembers(7, quantiles))
    assert np.array_equal(whole, parts)
    assert reported[-1][0] == reported[-1][1]
    assert [done for done, _ in reported] == sorted(done for done, _ in reported)


def test_spans_of_members_are_even_and_leave_none_alone():
    assert even_spans(7, 3) == [(0, 2), (2, 2), (4, 3)]
    assert even_spans(50, 50) == [(0, 50)]
    assert even_spans(1, 50) == [(0, 1)]
    assert even_spans(3, 1) == [(0, 1), (1, 1), (2, 1)]
    for count in range(2, 300):
        spans = even_spans(count, 50)
        assert [first for first, _ in spans] == [sum(size for _, size in spans[:index]) for index in range(len(spans))]
        assert sum(size for _, size in spans) == count
        assert all(2 <= size <= 50 for _, size in spans)


def test_a_member_without_quantiles_is_the_central_case(question):
    nothing = np.full(2, np.nan)
    half = np.array([np.nan, 0.9])
    answer = question.answer(DesignedMembers(2, {"discharge.process_days": half, "demand.growth": nothing}))
    central = simulate(one_year())
    by_hand = [of_question.by_year(central)["2019/20"][0] for of_question in question.measures]
    assert answer[:, 0, 0] == pytest.approx(by_hand, rel=1e-12)
    assert answer[0, 0, 1] != answer[0, 0, 0]


def test_drawn_members_are_those_of_an_ordinary_ensemble(question):
    scenario = one_year(members=5, outputs=["headline", "discharge.nctr_share_of_beds"])
    run = simulate(scenario)
    figures = YearlyReader(question.measures, ("2019/20",))
    values = evaluate([one_year()], DrawnMembers(5), figures)[0]
    by_hand = np.stack([of_question.by_year(run)["2019/20"] for of_question in question.measures])
    # An ordinary ensemble is kept in single precision.
    assert values == pytest.approx(by_hand, rel=1e-5)
    inputs = uncertain_inputs([scenario], registry())
    places = member_quantiles([scenario], inputs, 5)
    again = evaluate(
        [one_year()],
        DesignedMembers(5, dict(zip((uncertain_input.name for uncertain_input in inputs), places, strict=True))),
        figures,
    )
    assert again[0] == pytest.approx(values, rel=1e-10)


def test_inputs_are_parameters_with_a_range_and_effects_in_use():
    inputs = {
        uncertain_input.name: uncertain_input
        for uncertain_input in uncertain_inputs([one_year("home_first", end="2024-04")], registry())
    }
    assert inputs["discharge.hospital_priority"].is_number
    assert not inputs["discharge.pathway_share"].is_number
    assert "home_first|effect" in inputs
    assert "demand.service_factor" not in inputs
    certain = one_year(parameters={"discharge.hospital_priority": 0.7, "from": "central"})
    assert "discharge.hospital_priority" not in {
        uncertain_input.name for uncertain_input in uncertain_inputs([certain], registry())
    }
    with pytest.raises(UserError, match=r"hospital_priority"):
        select_inputs(["discharge.hospital_prioritty"], list(inputs.values()))


def test_fitted_numbers_are_inputs_one_by_one_or_as_draws(tmp_path):
    file = write_draws(tmp_path / "draws.nc", small_fitted(tmp_path))
    scenario = one_year(parameters=str(file))
    single = {number.name: number for number in uncertain_inputs([scenario], registry())}
    joint = uncertain_inputs([scenario], registry(), together=True)
    fitted = scenario.posterior.fitted
    assert {number.name for number in fitted} <= single.keys()
    assert POSTERIOR in {number.name for number in joint}
    assert not {number.name for number in fitted} & {number.name for number in joint if number.name != POSTERIOR}
    name = "waiting_lists.urgent_share"
    row = [number.name for number in fitted].index(name)
    design = DesignedMembers(3, {name: np.array([np.nan, 0.0, 1.0])})
    parameters, _ = design.values(scenario, registry(), 0, 3)
    draws = scenario.posterior.values[row]
    assert parameters[name] == pytest.approx([scenario.posterior.point[row], draws.min(), draws.max()])
    places = (np.arange(DRAWS) + 0.5) / DRAWS
    parameters, sizes = DesignedMembers(DRAWS, {POSTERIOR: places}).values(scenario, registry(), 0, DRAWS)
    assert parameters[name] == pytest.approx(draws)
    change = next(at for at, number in enumerate(fitted) if number.kind == "change")
    (index,) = fitted[change].positions(scenario.modifiers)
    assert sizes[index] == pytest.approx(scenario.posterior.values[change])


def test_sobol_of_the_model_names_the_rest_as_one(question):
    inputs = uncertain_inputs(question.scenarios, registry())
    named = select_inputs(["discharge.process_days"], inputs)
    indices = run_sobol(question, inputs, named, 2, seed=1)
    assert indices.groups == ("discharge.process_days", OTHER_INPUTS)
    assert indices.total.shape == (3, 2)


def test_the_weights_of_an_objective_by_hand():
    years = ("2023/24", "2024/25", "2025/26")
    net_benefit = find_objective("net_benefit", registry())
    weights = net_benefit.weights(years, registry())
    prices = registry().parameters["finance.price_inflation"].value
    assert weights[0] == pytest.approx(25 / 1.035 ** np.arange(3))
    assert weights[1] == pytest.approx(
        [-1, -1 / 1.035 / (1 + prices[5]), -1 / 1.035**2 / (1 + prices[5]) / (1 + prices[6])]
    )
    assert price_level(registry(), "2023/24")["2023/24"] == 1
    turned = find_objective("nctr_before", registry())
    assert turned.weights(years, registry()) == pytest.approx(np.full((1, 3), -1 / 3))


def test_errors_of_an_objective_are_told_together_with_their_lines(tmp_path):
    path = tmp_path / "wrong.yaml"
    path.write_text(
        "description: wrong\nunit: £m\nfrom: 1999/00\nterms:\n  - {result: qalyss, weight: 1}\n"
        "  - {result: nhs_expenditure, weight: -1, money: true}\n"
    )
    with pytest.raises(UserError) as caught:
        find_objective(str(path), registry())
    message = str(caught.value)
    assert "3 errors" in message
    assert "wrong.yaml:5" in message
    assert "qalys" in message
    assert "wrong.yaml:6" in message
    assert "1999/00" in message
    with pytest.raises(UserError, match="net_benefit"):
        find_objective("net_benefitt", registry())


def test_a_measure_is_a_headline_or_an_expression():
    occupancy = measure("urgent_care.beds_occupied / urgent_care.beds_open", registry())
    assert occupancy.unit == "1"
    assert occupancy.format(0.93456) == "0.9346"
    assert measure("outcomes.qalys", registry()).adds_up
    with pytest.raises(UserError, match="vacancy"):
        measure("vacanci", registry())


def test_a_choice_between_packages_on_the_model():
    options = [
        resolve(
            name,
            registry(),
            changes={"members": 60, "decision": "2019-04", "end": "2020-04", "parameters": "central", "seed": 3},
        )
        for name in ("baseline", "home_first")
    ]
    by_patients, by_net = analyse_decision(
        options, [find_objective(name, registry()) for name in ("nctr_before", "net_benefit")], registry()
    )
    assert by_patients.options[by_patients.information.best] == "home_first"
    assert by_patients.information.partial.shape == (len(by_patients.inputs),)
    assert np.all(by_patients.information.partial <= by_patients.information.perfect + by_patients.information.chance)
    assert by_net.payoffs.shape == (2, 60)


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


SHORT = ["--set", "decision=2019-04", "--set", "parameters=central", "--end", "2020-04"]


def test_the_command_writes_a_whole_folder(here, capsys):
    words = ["sensitivity", "baseline", "--of", "nctr_before", "--sobol", "discharge.process_days", "--samples", "4"]
    assert main([*words, *SHORT, "--name", "mine", "--processes", "1"]) == Exit.OK
    printed = capsys.readouterr().out
    assert "shares of its variance" in printed
    assert all(len(line) <= 120 for line in printed.splitlines())
    folder = here / "outputs" / "mine"
    assert {path.name for path in folder.iterdir()} == {
        "README.txt",
        "inputs.csv",
        "sobol.csv",
        "figures",
        "scenario_baseline.resolved.yaml",
    }
    with (folder / "sobol.csv").open(newline="", encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    assert [(row["input"], row["financial_year"]) for row in rows] == [
        ("discharge.process_days", "2019/20"),
        (OTHER_INPUTS, "2019/20"),
    ]
    assert (folder / "figures" / "sobol.svg").is_file()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["baseline", "--of", "nctr_befor"], "nctr_before"),
        (["baseline", "--sobol", "discharge.process_dayz"], "process_days"),
        (["baseline", "--tornado", "--set", "hospital=patient-level"], "chance hides"),
        (["baseline", "--objective", "net_benefit"], "belongs to a --decision"),
        (["baseline", "--decision", "home_first", "--members", "9"], "members or more"),
        (["baseline", "--sobol", "discharge.process_days", "--samples", "5"], "power of two"),
        (["basline"], "baseline"),
    ],
)
def test_errors_of_the_user_are_told(words, told, here, capsys):
    assert main(["sensitivity", *words, *SHORT]) in (Exit.USAGE, Exit.INPUT, Exit.MISSING_FILE)
    assert told in capsys.readouterr().err
    assert not (here / "outputs").exists()
