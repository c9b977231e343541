"""Choosing a handful: against brute force on tables made up by hand, then the model and the commands."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest

from model.analysis.portfolio.candidates import PortfolioLimits, read_budget, read_names, read_posts, resolve_candidates
from model.analysis.portfolio.goal_seek import ParameterLever, lever_cases, read_lever, seek_goal, with_parameters
from model.analysis.portfolio.lever_mix import cheapest_mix, cheapest_scales, mix_sentence
from model.analysis.portfolio.portfolio_search import find_portfolio, plan_portfolio
from model.analysis.portfolio.problem import DO_NOTHING, PortfolioOption, PortfolioProblem, Resource, choice_text
from model.analysis.portfolio.scale_search import smallest_scales
from model.analysis.portfolio.selection import Selection, SelectionCriterion, frontier, score_choices
from model.analysis.portfolio.surrogate import IntegerProgramme, Surrogate, surrogate_choices
from model.analysis.robustness.stated_targets import read_target, read_targets
from model.analysis.sensitivity.designs import DrawnMembers
from model.analysis.sensitivity.evaluation import YearlyReader, evaluate, years_of
from model.analysis.sensitivity.objectives import find_objective
from model.cli.main import main
from model.registry.errors import Exit, UserError
from model.scenarios.library import Library
from model.scenarios.resolver import resolve
from model.sectors.model_registry import registry

YEAR = {
    "decision": "2019-04",
    "end": "2020-04",
    "horizons": {"year": 1},
    "parameters": {"from": "central"},
    "members": 2,
}
TEN = tuple(PortfolioOption(f"intervention_{number}", "2023-04") for number in range(10))


def problem_of(options=TEN, budget=10.0, at_most=4, seed=1, posts=None):
    generator = np.random.default_rng(seed)
    cost = generator.uniform(1, 5, size=(len(options), 3))
    cost[[option.stops for option in options]] *= -0.5
    resources = [Resource("budget", "£/year", budget, cost)]
    if posts is not None:
        resources.append(Resource("posts", "WTE", posts, generator.uniform(0, 30, size=(len(options), 3))))
    return PortfolioProblem(options, tuple(resources), ("2023/24", "2024/25", "2025/26"), at_most)


def made_up(problem, *, futures=2, members=5, seed=2):
    """Values of any choices: own gains less what pairs overlap, by future and member."""
    generator = np.random.default_rng(seed)
    count = len(problem.options)
    single = generator.uniform(-1, 5, size=(count, futures, members))
    overlap = np.triu(generator.uniform(0, 1, size=(count, count)), 1)

    def values(chosen):
        sums = np.tensordot(chosen.astype(float), single, axes=1)
        lost = np.einsum("pi,ij,pj->p", chosen.astype(float), overlap, chosen.astype(float))
        return 100.0 + sums - lost[:, None, None]

    return values


def judged(problem, values, criterion=SelectionCriterion.EXPECTED, allowed=None):
    chosen = problem.enumerate_feasible()
    gains = values(chosen) - values(np.zeros((1, len(problem.options)), dtype=bool))
    whole = np.ones(len(chosen), bool) if allowed is None else allowed
    return Selection(problem, chosen, gains[None], whole, criterion)


def brute_force(problem, values, criterion):
    """All 1,024 subsets of ten, one by one."""
    choices, worth = [], []
    nothing = values(np.zeros((1, 10), dtype=bool))[0]
    for count in range(11):
        for members in combinations(range(10), count):
            started = [option for option in members if not problem.options[option].stops]
            used = problem.resources[0].use[list(members)].sum(axis=0)
            if len(started) <= problem.at_most and np.all(used <= problem.resources[0].limit):
                row = np.zeros((1, 10), dtype=bool)
                row[0, list(members)] = True
                choices.append(members)
                worth.append(values(row)[0] - nothing)
    worth = np.array(worth)
    if criterion is SelectionCriterion.EXPECTED:
        scores = worth.mean(axis=(1, 2))
    elif criterion is SelectionCriterion.CVAR:
        scores = np.array([np.sort(gains.ravel())[:2].mean() for gains in worth])
    else:
        means = worth.mean(axis=2)
        scores = -(means.max(axis=0) - means).max(axis=1)
    return len(choices), choices[int(np.argmax(scores))], float(scores.max())


@pytest.mark.parametrize("criterion", list(SelectionCriterion))
@pytest.mark.parametrize("stops", [(), (7, 9)])
def test_the_best_choice_equals_brute_force_on_all_subsets_of_ten(criterion, stops):
    options = tuple(
        PortfolioOption(option.intervention, option.start, stops=index in stops) for index, option in enumerate(TEN)
    )
    problem = problem_of(options)
    values = made_up(problem)
    selection = judged(problem, values, criterion)
    count, members, score = brute_force(problem, values, criterion)
    best = selection.best()
    assert len(selection.chosen) == count
    assert tuple(np.flatnonzero(selection.chosen[best])) == members
    assert selection.scores()[best] == pytest.approx(score)
    assert not selection.chosen[0].any()


@pytest.mark.parametrize("criterion", list(SelectionCriterion))
def test_integer_programming_finds_the_same_choices_in_the_same_order(criterion):
    problem = problem_of(posts=60.0)
    values = made_up(problem)
    surrogate = Surrogate.of(problem, values(surrogate_choices(problem)))
    selection = judged(problem, values, criterion)
    # The made-up game has no interactions beyond pairs, so that the sum is exact.
    assert surrogate.gains(selection.chosen) == pytest.approx(selection.gains[0])
    order = np.argsort(-selection.scores(), kind="stable")[:5]
    solved = list(IntegerProgramme(surrogate, criterion).solutions(5))
    assert [choice_text(choice, problem.options) for choice in solved] == [
        choice_text(selection.chosen[index], problem.options) for index in order
    ]


def test_what_is_forced_in_or_out_is_and_a_smaller_budget_binds():
    problem = problem_of()
    surrogate = Surrogate.of(problem, made_up(problem)(surrogate_choices(problem)))
    (free,) = IntegerProgramme(surrogate, SelectionCriterion.EXPECTED).solutions(1)
    taken, left = int(np.flatnonzero(free)[0]), int(np.flatnonzero(~free)[0])
    (without,) = IntegerProgramme(surrogate, SelectionCriterion.EXPECTED, without=(taken,)).solutions(1)
    (with_it,) = IntegerProgramme(surrogate, SelectionCriterion.EXPECTED, one_of=((left,),)).solutions(1)
    (half,) = IntegerProgramme(surrogate, SelectionCriterion.EXPECTED, budget=0.5).solutions(1)
    assert not without[taken]
    assert with_it[left]
    assert problem.peaks(half[None])[0, 0] <= 5.0
    gains = surrogate.gains(np.stack([free, without, with_it, half])).mean(axis=(1, 2))
    assert gains[0] > gains[1:].max()
    other = Surrogate.of(problem, made_up(problem, seed=9)(surrogate_choices(problem)))
    (solution,) = IntegerProgramme(surrogate.mixed(other, 1.0), SelectionCriterion.EXPECTED).solutions(1)
    (theirs,) = IntegerProgramme(surrogate.mixed(other, 0.0), SelectionCriterion.EXPECTED).solutions(1)
    assert np.array_equal(solution, free)
    assert other.gains(theirs[None]).mean() == pytest.approx(other.best_mean())


def test_choices_are_counted_as_they_are_enumerated():
    options = tuple(
        PortfolioOption(f"i{index}", start, stops=index == 3) for index in range(4) for start in ("2023-04", "2024-04")
    )
    problem = problem_of(options, budget=1e9, at_most=2)
    chosen = problem.enumerate_feasible()
    # Nothing, one of three, or two of three, each at two starts; and the fourth stopped at one of two starts or not.
    assert problem.choices == len(chosen) == (1 + 3 * 2 + 3 * 4) * 3
    assert len(np.unique(chosen, axis=0)) == len(chosen)


def test_a_year_over_the_limit_is_enough_to_refuse_a_choice():
    use = np.array([[1.0, 1.0, 9.0], [1.0, 1.0, -4.0]])
    options = (PortfolioOption("dear_later", "2023-04"), PortfolioOption("released", "2023-04", stops=True))
    problem = PortfolioProblem(options, (Resource("budget", "£/year", 5.0, use),), ("a", "b", "c"), 1)
    chosen = problem.enumerate_feasible()
    assert [choice_text(choice, options) for choice in chosen] == [
        DO_NOTHING,
        "released (2023-04)",
        "dear_later (2023-04); released (2023-04)",
    ]
    assert problem.peaks(chosen)[:, 0] == pytest.approx([0.0, 1.0, 5.0])


def by_hand():
    """Three options of £1m, £2m and £3m a year that gain 5, 8 and 10; two and three together lose 4."""
    options = tuple(PortfolioOption(name, "2023-04") for name in ("one", "two", "three"))
    cost = np.array([[1e6], [2e6], [3e6]])
    problem = PortfolioProblem(options, (Resource("budget", "£/year", 4e6, cost),), ("2023/24",), 3)
    chosen = problem.enumerate_feasible()
    gains = chosen @ np.array([5.0, 8.0, 10.0]) - 4.0 * (chosen[:, 1] & chosen[:, 2])
    return Selection(problem, chosen, gains[None, :, None, None], np.ones(len(chosen), bool))


def test_what_the_last_pound_buys_by_hand():
    selection = by_hand()
    steps = selection.steps()
    assert [step.budget for step in steps] == pytest.approx([0.0, 1e6, 2e6, 3e6, 4e6])
    assert [step.score for step in steps] == pytest.approx([0.0, 5.0, 8.0, 13.0, 15.0])
    assert [step.per_pound for step in steps[1:]] == pytest.approx([5e-6, 3e-6, 5e-6, 2e-6])
    assert selection.last_pound(1e6) == pytest.approx(2.0 / 1e6)
    assert selection.last_pound(2e6) == pytest.approx(7.0 / 2e6)
    # Half a million less still buys no more than three million do.
    assert selection.last_pound(5e5) == pytest.approx(2.0 / 5e5)


def test_a_budget_that_does_not_bind_has_no_last_pound():
    selection = by_hand()
    (budget,) = selection.problem.resources
    wide = replace(selection.problem, resources=(replace(budget, limit=9e6),))
    chosen = wide.enumerate_feasible()
    gains = chosen @ np.array([5.0, 8.0, -1.0])
    free = Selection(wide, chosen, gains[None, :, None, None], np.ones(len(chosen), bool))
    assert free.costs[free.best()] == pytest.approx(3e6)
    assert free.last_pound(1e6) == 0.0


def test_opportunity_costs_by_hand():
    selection = by_hand()
    assert (
        choice_text(selection.chosen[selection.best()], selection.problem.options) == "one (2023-04); three (2023-04)"
    )
    worth = {row.intervention: row for row in selection.worth()}
    # Without the first the third alone is left (10), without the third the first two (13), with the second the same.
    assert worth["one"].difference == pytest.approx(15.0 - 10.0)
    assert worth["three"].difference == pytest.approx(15.0 - 13.0)
    assert (worth["two"].chosen, worth["two"].difference) == (False, pytest.approx(15.0 - 13.0))


def test_nearly_best_choices_are_more_than_one_and_ordered():
    selection = judged(problem_of(), made_up(problem_of()))
    near = selection.nearly_best(6)
    scores = selection.scores()[near]
    assert len(near) == 6
    assert near[0] == selection.best()
    assert np.all(np.diff(scores) <= 0)
    assert selection.is_near(near[0])
    assert 0.0 <= selection.beats_best(near[1]) < 1.0


def test_a_budget_too_small_for_anything_leaves_doing_nothing():
    selection = judged(problem_of(budget=0.5), made_up(problem_of()))
    assert len(selection.chosen) == 1
    assert choice_text(selection.chosen[selection.best()], TEN) == DO_NOTHING
    assert selection.last_pound(0.5) == 0.0
    assert all(np.isnan(row.difference) for row in selection.worth())


def test_limits_on_results_rule_choices_out():
    problem = problem_of()
    free = judged(problem, made_up(problem))
    allowed = np.ones(len(free.chosen), bool)
    allowed[free.best()] = False
    bound = judged(problem, made_up(problem), allowed=allowed)
    assert bound.best() == free.nearly_best(2)[1]


def test_cvar_is_the_mean_of_the_worst_fifth_and_regret_that_of_the_worst_future():
    gains = np.array([[[0.0, 10.0, 20.0, 30.0, 40.0]], [[9.0, 9.0, 9.0, 9.0, 9.0]]])
    assert score_choices(gains, SelectionCriterion.CVAR) == pytest.approx([0.0, 9.0])
    assert score_choices(gains, SelectionCriterion.EXPECTED) == pytest.approx([20.0, 9.0])
    gains = np.array([[[10.0], [0.0]], [[7.0], [6.0]], [[0.0], [8.0]]])
    assert score_choices(gains, SelectionCriterion.REGRET) == pytest.approx([-8.0, -3.0, -10.0])


def test_the_frontier_is_monotone_and_leaves_out_what_is_beaten():
    values = np.array([[1.0, 2.0, 3.0, 2.0, 3.0], [9.0, 5.0, 1.0, 4.0, 1.0]])
    undominated = np.flatnonzero(frontier(values))
    assert undominated.tolist() == [0, 1, 2]
    generator = np.random.default_rng(3)
    problem = problem_of()
    chosen = problem.enumerate_feasible()
    gains = generator.normal(size=(2, len(chosen), 1, 3))
    selection = Selection(problem, chosen, gains, np.ones(len(chosen), bool))
    means = gains.mean(axis=(2, 3))[:, selection.frontier()]
    assert np.all(np.diff(means[0]) < 0)
    assert np.all(np.diff(means[1]) > 0)


def of_model(names, *, stops=(), budget="£20m/year", at_most=2, starts=(), scales=(1.0,), posts=(), futures=("none",)):
    limits = PortfolioLimits(budget=read_budget(budget), at_most=at_most, posts=read_posts(posts))
    return resolve_candidates(
        "baseline",
        (names, stops),
        starts=starts,
        scales=scales,
        limits=limits,
        futures=futures,
        registry=registry(),
        changes=YEAR,
    )


def test_choices_in_one_batch_equal_scenarios_of_their_own():
    candidates = of_model(
        ("home_first", "long_term_vcse_contracts"),
        starts=(0, 0.5),
        scales=(0.5, 1.0),
        futures=("none", "high_inflation"),
    )
    assert len(candidates.problem.options) == 8
    wanted = [
        next(
            index
            for index, option in enumerate(candidates.problem.options)
            if (option.intervention, option.start, option.scale) == wanted
        )
        for wanted in (("home_first", "2019-10", 0.5), ("long_term_vcse_contracts", "2019-04", 0.5))
    ]
    chosen = np.zeros((2, 8), dtype=bool)
    chosen[1, wanted] = True
    objective = find_objective("in_year_deficit", registry())
    plan = replace(plan_portfolio(candidates, 2, 10_000), chosen=chosen)
    gains = find_portfolio(candidates, [objective], (), plan, registry()).selection.gains
    uses = [
        {"name": "home_first", "start": "2019-10", "scale": 0.5},
        {"name": "long_term_vcse_contracts", "start": "2019-04", "scale": 0.5},
    ]
    for index, future in enumerate(("none", "high_inflation")):
        pair = [
            resolve("baseline", registry(), changes={**YEAR, "future": future, "interventions": use})
            for use in ([], uses)
        ]
        values = evaluate(pair, DrawnMembers(2), YearlyReader(objective.measures, years_of(pair[0])))[:, 0]
        # A deficit is better lower: the gain is what it falls by.
        assert gains[0, 1, index] == pytest.approx(values[0] - values[1], rel=1e-6, abs=1e-9)
        assert np.abs(gains[0, 1, index]).min() > 0.001


def test_costs_and_posts_of_candidates_are_those_of_their_files():
    limits = {"posts": ("community=60", "40"), "stops": ("close_acute_beds",), "starts": (0,)}
    candidates = of_model(("home_first", "p1_capacity"), **limits)
    budget, community, everybody = candidates.problem.resources
    assert candidates.problem.years == ("2019/20",)
    by_name = {option.intervention: index for index, option in enumerate(candidates.problem.options)}
    # £0.3m once over six months, the whole of it within the year.
    assert budget.use[by_name["p1_capacity"], 0] == pytest.approx(0.3e6, rel=1e-6)
    # 50 posts up a ramp of 18 months: a third of them on average over the first year.
    assert community.use[by_name["home_first"], 0] == pytest.approx(50 / 3, rel=0.02)
    assert everybody.use[by_name["home_first"], 0] == pytest.approx(62 / 3, rel=0.02)
    assert candidates.problem.options[by_name["close_acute_beds"]].stops
    assert (community.limit, everybody.limit) == (60.0, 40.0)


def test_too_many_choices_are_found_by_programming_and_run():
    candidates = of_model(("home_first", "p1_capacity", "seven_day_discharge"), at_most=2)
    objectives = [find_objective("nctr_before", registry())]
    exact = find_portfolio(candidates, objectives, (), plan_portfolio(candidates, 2, 10_000), registry())
    plan = replace(plan_portfolio(candidates, 2, 10_000), exact=False, chosen=surrogate_choices(candidates.problem))
    solved = find_portfolio(candidates, objectives, (), plan, registry())
    best = [
        choice_text(portfolio.selection.chosen[portfolio.selection.best()], candidates.problem.options)
        for portfolio in (exact, solved)
    ]
    assert best[0] == best[1] != DO_NOTHING
    assert solved.predicted is not None
    assert len(solved.selection.chosen) == len(np.unique(solved.selection.chosen, axis=0))
    with pytest.raises(UserError, match="more than --most-runs"):
        plan_portfolio(candidates, 100, 200)


def test_limits_on_results_that_nothing_meets_are_told():
    candidates = of_model(("home_first",))
    limits = read_targets(("nctr_before <= 1 in 2019/20",), registry())
    objectives = [find_objective("nctr_before", registry())]
    portfolio = find_portfolio(candidates, objectives, limits, plan_portfolio(candidates, 2, 100), registry())
    assert "No choice meets the limits" in portfolio.message()
    assert not portfolio.selection.allowed.any()


def test_names_and_amounts_that_are_wrong_are_told():
    library = Library()
    assert read_names((), ("vcse_capacity",), ("all",), library)[0][0] == "vcse_core_funding"
    assert "close_acute_beds" in read_names((), (), ("all",), library)[1]
    with pytest.raises(UserError, match="2 errors") as error:
        read_names(("home_frist",), ("vcse_capacty",), (), library)
    assert "home_first" in str(error.value)
    for text in ("£20m", "20 beds", "-£1m/year"):
        with pytest.raises(UserError, match="--budget"):
            read_budget(text)
    with pytest.raises(UserError, match="acute"):
        read_posts(("acut=20",))
    with pytest.raises(UserError, match="uses it already"):
        resolve_candidates(
            "home_first",
            (("home_first",), ()),
            starts=(),
            scales=(1.0,),
            limits=PortfolioLimits(budget=1.0, at_most=1, posts={}),
            futures=("none",),
            registry=registry(),
            changes=YEAR,
        )


def test_the_command_says_do_nothing_when_the_budget_is_too_small(tmp_path, capsys):
    path = tmp_path / "year.yaml"
    path.write_text("extends: baseline\ndecision: 2019-04\nend: 2020-04\nhorizons: {year: 1}\nparameters: central\n")
    words = [
        "portfolio",
        "home_first",
        "p1_capacity",
        "--baseline",
        str(path),
        "--members",
        "2",
        "--output",
        str(tmp_path),
        "--objective",
        "nctr_before",
        "--objective",
        "underlying_deficit",
    ]
    assert main([*words, "--budget", "£1/year", "--name", "small"]) == Exit.OK
    assert "do nothing" in capsys.readouterr().out
    assert main([*words, "--budget", "£5m/year", "--name", "large"]) == Exit.OK
    printed = capsys.readouterr().out
    assert "home_first" in printed
    assert "Frontier" in printed
    for name in ("choices.csv", "schedule.csv", "budget.csv", "worth.csv", "figures/frontier.svg", "README.txt"):
        assert (tmp_path / "large" / name).is_file()


def test_the_smallest_scale_of_a_function_that_rises():
    calls = []

    def shares(scales):
        calls.append(scales.size)
        return np.clip(scales / np.array([[1.0], [4.0], [0.5]]), 0.0, 1.0)

    result = smallest_scales(shares, np.array([2.0, 2.0, 2.0]), 0.8)
    # Needed: 0.8, 3.2 (beyond the largest), 0.4; to within 2 / 8^3.
    assert result.scale[0] == pytest.approx(0.8, abs=2 / 512)
    assert result.scale[2] == pytest.approx(0.4, abs=2 / 512)
    assert result.scale[0] >= 0.8
    assert np.isnan(result.scale[1])
    assert (result.share[1], result.at[1]) == (0.5, 2.0)
    assert sum(calls) == 3 * (9 + 7 + 7)
    assert np.all(np.diff(result.scales, axis=1) >= 0)
    assert not result.fails_above.any()


def test_what_is_met_without_anything_needs_nothing_and_a_fall_is_seen():
    result = smallest_scales(lambda scales: np.where(scales < 1.1, 1.0, 0.0), np.array([2.0]), 0.5)
    assert result.scale[0] == 0.0
    assert result.fails_above[0]


def levers(*parameters, names=("home_first",), budget="£20m/year", most=2.0):
    return with_parameters(of_model(names, budget=budget), parameters, (), most, registry())


def test_a_target_of_the_model_is_met_at_the_scale_found():
    candidates = levers(ParameterLever("discharge.process_days", -0.3))
    cases = lever_cases(candidates.problem, 1, 2.0)
    assert [case.levers for case in cases] == [
        ("home_first",),
        ("discharge.process_days",),
        ("home_first", "discharge.process_days"),
    ]
    plain = evaluate(
        [resolve("baseline", registry(), changes=YEAR)],
        DrawnMembers(2),
        YearlyReader(find_objective("nctr_before", registry()).measures, ("2019/20",)),
    )[0, 0]
    target = read_target(f"nctr_before <= {plain.max() * 0.97:.2f} in 2019/20", registry())
    reached = seek_goal(candidates, target, cases, 1.0, 2)
    scales = reached.solution.scale
    assert reached.reached(1)
    assert 0.0 < scales[1] < 2.0
    assert scales[2] < scales[1]
    # At the scale found both members meet it; a little below, one does not.
    position = int(np.searchsorted(reached.solution.scales[1], scales[1]))
    assert target.met(reached.values[1, position]).all()
    assert not target.met(reached.values[1, position - 1]).all()
    assert reached.verdict(1) == "met"


def test_a_target_out_of_reach_says_what_binds():
    candidates = levers(budget="£0.5m/year")
    (case,) = lever_cases(candidates.problem, 1, 2.0)
    assert case.binding == "budget"
    assert case.cap == pytest.approx(0.5e6 / candidates.problem.resources[0].use[0].max())
    values = seek_goal(candidates, read_target("nctr_before <= 1 in 2019/20", registry()), (case,), 0.5, 2).values[0]
    far = read_target("nctr_before <= 1 in 2019/20", registry())
    assert "cannot be met, even at scale 2" in seek_goal(candidates, far, (case,), 0.5, 2).verdict(0)
    # Met at scale 1.5 or so, which the budget does not allow.
    position = int(0.75 * (len(values) - 1))
    near = read_target(f"nctr_before <= {values[position].max():.6f} in 2019/20", registry())
    assert seek_goal(candidates, near, (case,), 1.0, 2).verdict(0).startswith("budget binds: scale 1.")


def test_the_cheapest_mix_of_a_known_surface():
    # A target met where 2 a + b reaches 3; a costs 3, b costs 1: b as far as it goes, the rest by a.
    price = np.array([3.0, 1.0])

    def shares(mixes):
        return np.where(mixes @ np.array([2.0, 1.0]) >= 3.0 - 1e-9, 1.0, 0.0)

    most = np.array([2.0, 2.0])
    scales, share, tried = cheapest_scales(shares, lambda mixes: mixes @ price, lambda m: np.ones(len(m)), most, 0.8)
    assert share == 1.0
    # Exactly 3 * 0.5 + 2 = 3.5, to within a step of the last lattice.
    assert scales @ price == pytest.approx(3.5, abs=0.1)
    assert scales[1] == pytest.approx(2.0, abs=0.06)
    assert tried <= 3 * 49
    # No more than 1 of b allowed: the rest by a.
    scales, share, _ = cheapest_scales(shares, lambda mixes: mixes @ price, lambda m: m[:, 1] <= 1.0, most, 0.8)
    assert share == 1.0
    assert scales == pytest.approx([1.0, 1.0], abs=0.06)
    # Out of reach: the nearest.
    scales, share, _ = cheapest_scales(
        lambda m: m.sum(axis=1) / 10, lambda m: m @ price, lambda m: np.ones(len(m)), most, 0.8
    )
    assert share == pytest.approx(0.4)
    assert scales == pytest.approx([2.0, 2.0])


def test_a_mix_of_the_model_costs_no_more_than_all_levers_at_one_scale():
    candidates = levers(names=("home_first", "p1_capacity"))
    cases = lever_cases(candidates.problem, 1, 2.0)
    plain = seek_goal(candidates, read_target("nctr_before <= 1 in 2019/20", registry()), cases, 0.5, 2)
    middle = float(plain.values[2, 4].max())
    target = read_target(f"nctr_before <= {middle:.4f} in 2019/20", registry())
    together = seek_goal(candidates, target, cases, 1.0, 2)
    mix = cheapest_mix(candidates, target, cases[2], 1.0, 2)
    assert mix.met
    assert mix.share == 1.0
    whole = together.use(2, float(together.solution.scale[2]))[0]
    step = 2.0 / 6 * sum(candidates.problem.resources[0].use[entry].max() for entry in cases[2].entries)
    assert mix.use[0] <= whole + step
    assert "Cheapest mix" in mix_sentence(mix, [resource.unit for resource in candidates.problem.resources])
    with pytest.raises(UserError, match="2 to 4 levers"):
        cheapest_mix(candidates, target, cases[0], 1.0, 2)


def test_levers_that_are_wrong_are_told(tmp_path, capsys):
    assert read_lever("home_first", registry()) is None
    assert read_lever("discharge.process_days=-25 %", registry()) == ParameterLever("discharge.process_days", -0.25)
    for text in (
        "discharge.process_days",
        "discharge.proces_days=-10%",
        "discharge.process_days=2 beds",
        "discharge.process_days=-200%",
    ):
        with pytest.raises(UserError, match="--by"):
            read_lever(text, registry())
    with pytest.raises(UserError, match="would fall to zero"):
        levers(ParameterLever("discharge.process_days", -0.5))
    words = ["target", "nctr_before <= 1 by 2019-12", "--by", "home_frist", "--by", "discharge.process_days"]
    assert main([*words, "--output", str(tmp_path)]) == Exit.USAGE
    printed = capsys.readouterr().err
    assert "2 errors" in printed
    assert "home_first" in printed


def test_the_command_target_writes_what_is_needed(tmp_path, capsys):
    path = tmp_path / "year.yaml"
    path.write_text("extends: baseline\ndecision: 2019-04\nend: 2020-04\nhorizons: {year: 1}\nparameters: central\n")
    words = [
        "target",
        "nctr_before <= 1 by 2020-03",
        "--by",
        "home_first",
        "--by",
        "p1_capacity",
        "--mix",
        "--baseline",
        str(path),
        "--members",
        "2",
        "--output",
        str(tmp_path),
        "--budget",
        "£1m/year",
    ]
    assert main(words) == Exit.OK
    printed = capsys.readouterr().out
    assert "cannot be met" in printed
    folder = tmp_path / "target_nctr_before"
    assert {"target.csv", "scales.csv", "mix.csv", "levers.resolved.yaml", "README.txt", "figures"} == {
        path.name for path in folder.iterdir()
    }
