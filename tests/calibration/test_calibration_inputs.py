"""Observed figures, their use and the priors: what is read, what is compared with what, and what is refused."""

from __future__ import annotations

import csv

import numpy as np
import pytest
from calibration_cases import SERIES, observed_row, short_problem, three_series, write_rows
from synthetic_run import invented_run

from model.calibration.fit import read_problem
from model.calibration.observation_operators import OPERATORS
from model.calibration.priors import read_priors
from model.calibration.targets import read_targets
from model.registry.calendar import add_months
from model.registry.dimensions import DIMENSIONS
from model.registry.errors import UserError
from model.results.observations import OBSERVATIONS, read_observations
from model.scenarios.engine_inputs import base_parameters
from model.scenarios.resolver import resolve
from model.scenarios.uncertainty.prior import Prior
from model.sectors.model_registry import registry


@pytest.fixture(scope="module")
def shipped():
    return read_problem()


@pytest.fixture(scope="module")
def scenario():
    return resolve("baseline", registry(), changes={"members": 1, "parameters": "central"})


def test_the_shipped_problem_is_whole(shipped):
    assert len(shipped.priors) > 100
    assert shipped.targets.fitted.sum() > 200
    assert np.all(shipped.targets.deviation > 0)
    assert shipped.targets.end == add_months(max(row.last for row in shipped.targets.rows), 1)
    uses = {row.series: row.use for row in shipped.targets.rows}
    judged_too = {name for name in uses if name.startswith("case_") and name != "case_falls"}
    assert {uses[name] for name in judged_too} == {"fit and judge"}


def test_every_observed_series_is_used_or_named_as_not_used(shipped):
    known = {row.series for row in read_observations()}
    used = {row.series for row in shipped.targets.rows}
    made_of = {figure.rsplit(".", 1)[0] for operator in OPERATORS.values() for figure in operator.figures}
    assert known == (used & known) | (made_of & known) | set(shipped.targets.unused)


def test_operators_read_a_run_as_the_figures_are_defined(scenario, tmp_path):
    problem = read_targets(scenario, registry())
    run = invented_run()
    growth = run.results["discharge.nctr_before_discharges"]
    growth[24], growth[36] = 400.0, 620.0
    by_id = {row.id: row for row in problem.rows}
    row = by_id["case_nctr_growth.2022-04"]
    assert row.model(run)[0] == pytest.approx(1.55)
    assert row.value == pytest.approx(575 / 367)
    assert row.error == pytest.approx(row.value * np.hypot(0.02, 0.02))
    at_end = by_id["rtt_list.2023-03"]
    assert at_end.model(run)[0] == run.results["waiting_lists.rtt_total"][47, 0]
    days = run.days[36:48]
    yearly = run.results["finance.underlying_deficit"][36:48, 0]
    assert by_id["case_deficit.2022-23"].model(run)[0] == pytest.approx((yearly * days).sum() / days.sum())


def test_a_new_row_is_used_without_code(scenario, tmp_path):
    series = tmp_path / "series.yaml"
    series.write_text(SERIES, encoding="utf-8")
    rows = three_series()
    before = read_targets(scenario, registry(), write_rows(tmp_path / "a.csv", rows), series)
    rows.append(observed_row(id="rtt_list.2019-12", period="2019-12"))
    after = read_targets(scenario, registry(), write_rows(tmp_path / "b.csv", rows), series)
    assert len(after) == len(before) + 1
    assert str(after.end) == "2020-01-01"


def test_errors_are_amounts_or_shares(tmp_path):
    rows = [observed_row(), observed_row(id="rtt_list.2019-07", error="150"), observed_row(id="rtt_list.x", error="")]
    errors = [row.error for row in read_observations(write_rows(tmp_path / "rows.csv", rows))]
    assert errors == [800.0, 150.0, None]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"unit": "patients"}, "pathways"),
        ({"unit": "wibbles"}, "not known"),
        ({"output": "waiting_lists.rtt_totl"}, "waiting_lists.rtt_total"),
        ({"output": "workforce.in_post[employer=acut]", "unit": "WTE"}, "acute"),
        ({"value": "-3"}, "negative"),
        ({"period": "2019-13"}, "a period is written"),
        ({"period": "2018-06"}, "begins before the run"),
        ({"period": "2199-06"}, "yet to come"),
        ({"error": "0%"}, "positive"),
        ({"error": "much"}, "not a number"),
        ({"error": ""}, "needs its measurement error"),
        ({"output": "urgent_care.four_hour_share", "operator": "mean", "unit": "share", "value": "64"}, "5% is 0.05"),
        ({"output": "finance.underlying_deficit", "operator": "mean", "unit": "£/month"}, "convert the figure"),
    ],
)
def test_bad_rows_are_refused_with_file_line_and_advice(scenario, tmp_path, changes, message):
    series = tmp_path / "series.yaml"
    series.write_text("series:\n  rtt_list: {use: fit, discrepancy: 1%}\n", encoding="utf-8")
    path = write_rows(tmp_path / "rows.csv", [observed_row(id="rtt_list.2019-05"), observed_row(**changes)])
    with pytest.raises(UserError, match=message) as caught:
        read_targets(scenario, registry(), path, series)
    assert "rows.csv:3" in str(caught.value)


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("  rtt_lst: {use: fit, discrepancy: 1%}", 2, "rtt_list"),
        ("  rtt_list: {use: fitt, discrepancy: 1%}", 2, "fit"),
        ("  rtt_list: {use: fit, discrepancy: -1%}", 2, "not negative"),
        ("  rtt_list: {use: fit, discrepancy: 1%, operator: nctr_grow}", 2, "nctr_growth"),
        ("  rtt_list: {use: fit, discrepancies: 1%}", 2, "discrepancy"),
        ("  rtt_list: {use: fit, discrepancy: 1%, key: {title: t, first: 2030-01, within: 1%}}", 2, "no figure"),
    ],
)
def test_bad_series_are_refused_with_file_and_line(scenario, tmp_path, text, line, message):
    path = tmp_path / "series.yaml"
    path.write_text(f"series:\n{text}\n", encoding="utf-8")
    with pytest.raises(UserError, match=message) as caught:
        read_targets(scenario, registry(), write_rows(tmp_path / "rows.csv", [observed_row()]), path)
    assert f"series.yaml:{line}" in str(caught.value)


PARAMETER = "parameters:\n  - parameter: {name}\n    {more}\n    source: assumption\n"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (PARAMETER.format(name="discharge.suported_share_multiplier", more="where: {}"), "discharge.supported_share"),
        (PARAMETER.format(name="discharge.process_multiplier", more="where: {}"), "no registered range"),
        (PARAMETER.format(name="discharge.process_days", more="where: {place: [bristol]}"), "has the dimensions"),
        (PARAMETER.format(name="workforce.leaving_rate", more="factor: {low: 1.2, high: 0.8}"), "must lie below high"),
        (PARAMETER.format(name="workforce.leaving_rate", more="factor: {low: 1.1, high: 1.2}"), "central value"),
        (PARAMETER.format(name="workforce.leaving_rate", more="factor: {low: -1, high: 1.2}"), "out of the bounds"),
        (PARAMETER.format(name="workforce.leaving_rate", more="factr: {low: 0.8, high: 1.2}"), "factor"),
        (
            "history:" + PARAMETER.format(name="discharge.process_days", more="factor: {low: 0.8, high: 1.2}")[11:],
            "no such change",
        ),
        (
            "changes:\n  - parameter: discharge.process_multiplier\n    points: {2020-03: 1}\n    source: assumption\n",
            "must lie below high",
        ),
        ("description: nothing\n", "no number is fitted"),
        (
            PARAMETER.format(name="waiting_lists.reneging_rate", more="where: {}")
            + PARAMETER.format(name="waiting_lists.reneging_rate", more="where: {}")[12:],
            "fitted twice",
        ),
    ],
)
def test_bad_priors_are_refused_with_file_and_advice(scenario, tmp_path, text, message):
    path = tmp_path / "priors.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UserError, match=message) as caught:
        read_priors(scenario, registry(), path)
    assert "priors.yaml" in str(caught.value)


def test_vectors_enter_parameters_history_and_changes(shipped):
    priors, known = shipped.priors, registry()
    base = base_parameters(shipped.scenario, known, 0, 1)
    with_own = priors.modifiers
    sizes = [np.asarray(spec.size[1]) for spec in with_own]
    values = np.stack(
        [np.array([fitted_number.range.central, fitted_number.range.high]) for fitted_number in priors.fitted]
    )
    parameters, scaled = priors.apply(values, base, sizes, known)
    for name, table in parameters.items():
        assert np.allclose(table[..., 0], base[name][..., 0]), name
    assert all(np.allclose(np.broadcast_to(new, 2)[0], old) for new, old in zip(scaled, sizes, strict=True))
    process = parameters["discharge.process_days"]
    assert np.allclose(process[..., 1], 1.2 * base["discharge.process_days"][..., 0])
    growth = parameters["finance.allocation_growth"]
    assert np.count_nonzero(growth[..., 1] - growth[..., 0]) == 1
    for position, spec in enumerate(with_own):
        if spec.target == "discharge.process_multiplier":
            assert scaled[position][1] == (1.5 if spec.role == "history" else 0.25)
    assert all(base[name].shape[-1] == 1 for name in base)


def test_a_table_moves_between_the_ends_of_its_registered_ranges(scenario, tmp_path):
    path, known = tmp_path / "priors.yaml", registry()
    entry = PARAMETER.format(name="demand.growth", more="where: {service: [ae_attendance, gp_contact]}")
    whole = PARAMETER.format(name="discharge.pathway_share", more="").removeprefix("parameters:\n")
    path.write_text(entry + whole, encoding="utf-8")
    priors = read_priors(scenario, known, path)
    assert [fitted_number.kind for fitted_number in priors.fitted] == ["place", "place"]
    base = base_parameters(scenario, known, 0, 1)
    places = np.array([[-1.0, 0.0, 1.0, 0.5], [0.0, -1.0, 0.0, 0.0]])
    parameters, _ = priors.apply(places, base, [np.asarray(spec.size[1]) for spec in priors.modifiers], known)
    growth, services = known.parameters["demand.growth"], DIMENSIONS["service"]
    moved = [services.index("ae_attendance"), services.index("gp_contact")]
    expected = np.stack([growth.low, growth.value, growth.high, (growth.value + growth.high) / 2], axis=-1)
    assert np.allclose(parameters["demand.growth"][moved], expected[moved])
    others = [index for index in range(len(services)) if index not in moved]
    assert np.allclose(parameters["demand.growth"][others], growth.value[others, None])
    assert np.allclose(parameters["discharge.pathway_share"][..., 1], known.parameters["discharge.pathway_share"].low)


def test_central_scores_give_central_values(shipped):
    priors = shipped.priors
    central = [fitted_number.range.central for fitted_number in priors.fitted]
    assert priors.values(priors.central[:, None])[:, 0] == pytest.approx(central, abs=1e-9)


def test_ranges_say_what_is_wrong():
    assert "inside its range" in Prior(1.0, 1.0, 2.0).error()
    assert "above zero" in Prior(-1.0, 1.0, 2.0, "loguniform").error()
    assert not Prior(0.0, 1.0, 2.0).error()


def test_errors_stand_in_the_shipped_file():
    with OBSERVATIONS.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(line for line in stream if not line.startswith("#")))
    assert all(row["error"] for row in rows if row["output"] and not row["id"].startswith(("case_vacancy_",)))


def test_the_small_problem_of_other_tests_is_read(tmp_path):
    problem = short_problem(tmp_path)
    assert [fitted_number.kind for fitted_number in problem.priors.fitted] == ["factor", "factor", "change"]
    assert len(problem.targets) == 9
