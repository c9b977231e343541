"""Tracking: bands and verdicts by hand, what is implicated, rows refused, and one parameter moved on purpose."""

from __future__ import annotations

import csv
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from calibration_cases import linear_targets, observed_row, write_rows
from page_checks import check_page
from scipy.special import ndtr, ndtri

from model.calibration.tracking.bands import (
    ObservationRow,
    false_alarms,
    published_quantiles,
    series_finding,
    standardised_distances,
)
from model.calibration.tracking.implicated_assumptions import (
    ImplicatedAssumption,
    direction,
    implicate_assumptions,
    ridge_slopes,
)
from model.calibration.tracking.new_observations import read_new_observations, with_projected_errors
from model.calibration.tracking.track import periods_like, scenario_to_run, track
from model.calibration.tracking.uncertain_inputs import UncertainInput, uncertain_inputs
from model.cli.main import main
from model.engine.clock import Clock
from model.registry.errors import Exit, UserError
from model.reporting.technical.tracking_narrative import summary, verdict_in_words
from model.reporting.technical.tracking_report import write_tracking
from model.results.run import Run
from model.scenarios.engine_inputs import base_parameters, effect_sizes
from model.scenarios.resolver import resolve
from model.sectors.model_registry import registry
from model.simulation.simulate import run_members

EXAMPLE = Path(__file__).resolve().parents[2] / "docs" / "made_up_figures.csv"
MONTHS = ("2019-06", "2019-07", "2019-08", "2019-09")
RESULTS = {
    "rtt_list": ("waiting_lists.rtt_total", "at end", "pathways"),
    "clock_starts": ("waiting_lists.clock_starts", "sum", "pathways"),
    "clock_stops": ("waiting_lists.clock_stops", "sum", "pathways"),
    "emergency_admissions": ("urgent_care.emergency_admissions", "sum", "patients"),
}
SERIES = "series:\n" + "".join(f"  {name}: {{use: fit, discrepancy: 0.5%}}\n" for name in RESULTS)
MOVED, FACTOR = "waiting_lists.clock_starts_at_start", 1.04
MEMBERS = 120
SHORT = {"members": MEMBERS, "decision": "2019-10", "seed": 3, "parameters": {"from": "central"}}


@pytest.fixture(scope="module")
def scenario():
    return resolve("baseline", registry(), changes=SHORT)


# Bands.


def test_the_band_of_one_member_is_the_normal_one():
    low, middle, high = published_quantiles(np.array([[100.0]]), np.array([10.0]), (0.1, 0.5, 0.9))[:, 0]
    assert (low, middle, high) == pytest.approx((100 - 12.8155, 100, 100 + 12.8155), abs=1e-3)


def test_the_band_of_two_members_holds_errors_and_spread():
    predictions, deviation = np.array([[90.0, 110.0]]), np.array([5.0])
    low, high = published_quantiles(predictions, deviation, (0.1, 0.9))[:, 0]
    for value, share in ((low, 0.1), (high, 0.9)):
        assert np.mean(ndtr((value - predictions[0]) / 5.0)) == pytest.approx(share, abs=1e-9)
    assert low == pytest.approx(200.0 - high)


def test_distances_are_normal_scores_and_agree_with_the_band():
    generator = np.random.default_rng(1)
    predictions = generator.gamma(2.0, 10.0, (1, 200))
    deviation = np.array([3.0])
    for share in (0.02, 0.1, 0.5, 0.9, 0.999):
        value = published_quantiles(predictions, deviation, (share,))[0]
        assert standardised_distances(predictions, deviation, value)[0] == pytest.approx(ndtri(share), abs=1e-6)
    far = standardised_distances(predictions.repeat(2, axis=0), deviation.repeat(2), np.array([-900.0, 1e4]))
    assert np.all(np.isfinite(far))
    assert far[0] < -100.0
    assert far[1] > 100.0


def figure(period: str, value: float) -> ObservationRow:
    return ObservationRow(f"s.{period}", "s", period, "patients", value, 10.0, 15.0, 20.0, (value - 15.0) / 3.9, False)


@pytest.mark.parametrize(
    ("values", "side", "since", "in_a_row", "outside", "words"),
    [
        ((15, 20, 10), "inside", "", 0, 0, "inside"),
        ((21, 15, 21, 22), "above", "2023-06", 2, 3, "above since June 2023, 2 in a row"),
        ((9, 21, 9), "below", "2023-06", 1, 3, "below since June 2023"),
        ((9, 21, 15), "inside", "", 0, 2, "inside; 2 of 3 outside before"),
        ((30, 30, 30), "above", "2023-04", 3, 3, "above since April 2023, 3 in a row"),
    ],
)
def test_verdicts_count_from_the_newest_figure_back(values, side, since, in_a_row, outside, words):
    rows = [figure(f"2023-{4 + index:02d}", float(value)) for index, value in enumerate(values)]
    finding = series_finding(rows, 0.5)
    assert (finding.side, finding.since, finding.in_a_row, finding.outside) == (side, since, in_a_row, outside)
    assert finding.figures == len(values)
    assert finding.mean == pytest.approx(np.mean([(value - 15.0) / 3.9 for value in values]))
    assert verdict_in_words(finding) == words


def test_one_in_five_figures_is_a_false_alarm_and_a_shift_is_none():
    targets = linear_targets(24)
    generator = np.random.default_rng(2)
    predictions = targets.observed[:, None] + 0.5 * generator.standard_normal((24, 300))
    band = published_quantiles(predictions, targets.deviation, (0.1, 0.9))
    alarm, chances = false_alarms(targets, predictions, band, seed=1)
    assert alarm.figures == 24
    assert alarm.expected == pytest.approx(0.2 * 24, abs=0.3)
    assert alarm.outside == 0
    assert alarm.chance > 0.5
    assert false_alarms(targets, predictions, band, seed=1)[0] == alarm
    shifted = predictions + 2.5 * targets.deviation[:, None]
    band = published_quantiles(shifted, targets.deviation, (0.1, 0.9))
    alarm, chances = false_alarms(targets, shifted, band, seed=1)
    assert alarm.outside == 24
    assert max(alarm.chance, alarm.chance_of_count, *chances.values()) < 0.02


# What is implicated.


def toy(members: int = 400, numbers: int = 12):
    """Figures that depend on the first three of some numbers, linearly."""
    generator = np.random.default_rng(6)
    values = generator.standard_normal((numbers, members))
    true = np.zeros((6, numbers))
    true[:, 0], true[:3, 1], true[3:, 2] = 1.0, 2.0, -1.5
    names = [
        UncertainInput(f"n{index}", "invented", "days", 10.0 + row, duration=index == 0)
        for index, row in enumerate(values)
    ]
    return names, true, 50.0 + true @ values


def test_slopes_are_found_with_their_errors():
    names, true, predictions = toy()
    standard = np.stack([(number.values - number.mean) / number.deviation for number in names])
    away = predictions + 0.3 * np.random.default_rng(8).standard_normal(predictions.shape)
    slopes, errors = ridge_slopes(standard, away - away.mean(axis=1, keepdims=True))
    expected = true * np.array([number.deviation for number in names])
    assert np.abs(slopes - expected).max() < 0.08
    assert errors == pytest.approx(np.full(errors.shape, 0.3 / 20.0), rel=0.25)
    assert np.mean(np.abs(slopes - expected) < 2.0 * errors) > 0.85


def test_the_update_is_that_of_the_linear_gaussian_rule():
    names, true, predictions = toy()
    errors = np.diag(np.full(6, 0.8))
    observed = 50.0 + 2.0 * true[:, 0]
    implications = implicate_assumptions(names, predictions, observed, errors, series=2)
    assert {row.number.name for row in implications.ranked} == {"n0", "n1", "n2"}
    assert implications.ranked[0].number.name == "n0"
    away = predictions - predictions.mean(axis=1, keepdims=True)
    standard = np.stack([(number.values - number.mean) / number.deviation for number in names])
    cross = standard @ away.T / (away.shape[1] - 1)
    update = cross @ np.linalg.solve(np.cov(predictions) + errors, observed - predictions.mean(axis=1))
    for row in implications.ranked:
        assert row.shift == pytest.approx(update[int(row.number.name[1:])], abs=0.03)
    assert sum(row.share for row in implications.ranked) + implications.errors == pytest.approx(1.0)
    assert implications.explained > 0.99
    # Alone: least squares with the prior as one more figure.
    first = implications.ranked[0]
    move = true[:, 0] * names[0].deviation
    weighed = move @ np.linalg.solve(errors, observed - predictions.mean(axis=1))
    assert first.alone == pytest.approx(weighed / (move @ np.linalg.solve(errors, move) + 1.0), abs=0.05)
    assert first.alone_share > 0.9


def test_numbers_that_move_nothing_are_not_implicated():
    names, _, predictions = toy()
    noise = np.random.default_rng(9).standard_normal(predictions.shape)
    implications = implicate_assumptions(names, 50.0 + noise, np.full(6, 53.0), np.eye(6), series=6)
    assert len(implications.ranked) <= 1
    assert implications.errors > 0.9


@pytest.mark.parametrize(
    ("mean", "deviation", "alone", "duration", "words"),
    [
        (10.0, 1.0, 1.2, True, "12% longer"),
        (10.0, 1.0, -1.2, False, "12% lower"),
        (-10.0, 1.0, 1.2, False, "12% higher"),
        (10.0, 0.01, 1.0, False, "slightly higher"),
        (0.1, 1.0, -1.0, False, "−0.9 days instead of 0.1 days"),
    ],
)
def test_a_direction_is_told_in_words(mean, deviation, alone, duration, words):
    values = mean + deviation * np.array([-1.0, 1.0]) / np.sqrt(2.0)
    row = ImplicatedAssumption(UncertainInput("n", "m", "days", values, duration=duration), 0.0, 1.0, 0.0, alone, 0.5)
    assert direction(row) == words


def test_uncertain_numbers_are_those_in_which_members_differ(scenario):
    numbers = {number.name: number for number in uncertain_inputs(scenario, registry())}
    drawn = base_parameters(scenario, registry())
    single = numbers["waiting_lists.urgent_share"]
    np.testing.assert_allclose(single.values, drawn["waiting_lists.urgent_share"])
    table = numbers["discharge.process_days"]
    assert (table.unit, table.duration) == ("x", True)
    base = registry().parameters["discharge.process_days"].value
    np.testing.assert_allclose(
        table.values, (drawn["discharge.process_days"] / base[..., None]).reshape(-1, MEMBERS).mean(axis=0)
    )
    fixed = resolve(
        "baseline", registry(), changes=SHORT | {"parameters": {"from": "central", "waiting_lists.urgent_share": 0.1}}
    )
    assert "waiting_lists.urgent_share" not in {number.name for number in uncertain_inputs(fixed, registry())}


# Figures.


@pytest.mark.parametrize(
    ("period", "expected"),
    [
        ("2020-02", ("2019-12", "2020-01", "2020-02", "2020-03", "2020-04", "2020-05")),
        ("2020/21", ()),
        ("2019/20 Q4", ("2019/20 Q4",)),
    ],
)
def test_periods_of_a_fan_are_of_the_kind_of_its_figures(period, expected):
    assert periods_like(period, date(2019, 12, 1), date(2020, 5, 31)) == expected
    longer = periods_like("2020/21", date(2019, 1, 1), date(2022, 3, 31))
    assert longer == ("2019/20", "2020/21", "2021/22")


def read(folder, scenario, **changes):
    (folder / "series.yaml").write_text(SERIES)
    file = write_rows(folder / "new.csv", [observed_row(), observed_row(**({"id": "rtt_list.2019-07"} | changes))])
    return read_new_observations(file, scenario, registry(), series=folder / "series.yaml", known=file)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"period": "2019-07", "unit": "beds"}, "expected 'pathways'"),
        ({"period": "2019-07", "output": "waiting_lists.rtt_totl"}, "waiting_lists.rtt_total"),
        ({"period": "2019-07", "value": "-4"}, "negative"),
        ({"period": "2019-07", "value": "many"}, "not a number"),
        ({"period": "2019-13"}, "a period is written"),
        ({"period": "2919-07"}, "yet to come"),
        ({"period": "2018-07"}, "before the run"),
        ({"period": "2019-07", "error": ""}, "measurement error"),
        ({"period": "2019-07", "id": "rtt_lists.2019-07"}, "'rtt_list'"),
    ],
    ids=lambda value: str(value)[-30:],
)
def test_bad_rows_are_refused_with_their_line(tmp_path, scenario, changes, message):
    with pytest.raises(UserError) as error:
        read(tmp_path, scenario, **changes)
    assert message in str(error.value)
    assert (error.value.line, str(error.value.file)) == (3, str(tmp_path / "new.csv"))


def test_a_file_without_a_result_to_compare_is_refused(tmp_path, scenario):
    (tmp_path / "series.yaml").write_text(SERIES)
    file = write_rows(tmp_path / "new.csv", [observed_row(output="", operator="")])
    with pytest.raises(UserError, match="no row names a result"):
        read_new_observations(file, scenario, registry(), series=tmp_path / "series.yaml", known=file)


def test_the_example_is_whole_and_says_that_it_is_made_up():
    baseline = resolve("baseline", registry(), changes={"parameters": {"from": "central"}})
    figures = read_new_observations(EXAMPLE, baseline, registry())
    assert "MADE UP" in EXAMPLE.read_text(encoding="utf-8").splitlines()[0]
    assert {row.publisher for row in figures.observed.values()} == {"made up"}
    assert not figures.repeated
    assert min(row.first for row in figures.targets.rows) > max(row.dates[1] for row in figures.known.values())


def test_shares_of_the_model_error_are_taken_of_the_projection(tmp_path, scenario):
    figures = read(tmp_path, scenario, period="2019-07")
    assert figures.repeated == ("rtt_list.2019-06", "rtt_list.2019-07")
    moved = with_projected_errors(figures.targets, np.array([[100.0, 300.0], [300.0, 500.0]]))
    assert [row.discrepancy for row in moved.rows] == pytest.approx([1.5, 1.5])
    assert [row.error for row in moved.rows] == [row.error for row in figures.targets.rows]


# The whole of it.


@pytest.fixture(scope="module")
def moved_on_purpose(tmp_path_factory, scenario):
    """New figures that the model gives with one parameter moved, laid over the projection."""
    folder = tmp_path_factory.mktemp("tracking")
    (folder / "series.yaml").write_text(SERIES)

    def figures(value):
        rows = [
            observed_row(
                id=f"{name}.{month}",
                period=month,
                value=value(f"{name}.{month}"),
                error="0.5%",
                output=output,
                operator=operator,
                unit=unit,
            )
            for name, (output, operator, unit) in RESULTS.items()
            for month in MONTHS
        ]
        file, none = write_rows(folder / "new.csv", rows), write_rows(folder / "known.csv", [])
        return read_new_observations(file, scenario, registry(), series=folder / "series.yaml", known=none)

    asked = figures(lambda identifier: "1000").targets
    one = scenario_to_run(scenario, figures(lambda identifier: "1000"), 1)
    parameters = base_parameters(one, registry(), 0, 1)
    parameters[MOVED] = parameters[MOVED] * FACTOR
    clock = Clock(one.start, one.end, one.step_days)
    results = run_members(one, 0, 1, parameters=parameters, sizes=effect_sizes(one, 0, 1))
    run = Run("moved", one.start, clock.months, one.decision, {}, 1, results, registry())
    values = {row.id: f"{value:.8g}" for row, value in zip(asked.rows, asked.predict(run)[:, 0], strict=True)}
    return track(scenario, figures(values.__getitem__), registry(), members=MEMBERS, processes=1)


def test_the_parameter_that_was_moved_is_named_first(moved_on_purpose):
    first = moved_on_purpose.implication.ranked[0]
    assert first.number.name == MOVED
    assert first.shift > 1.0
    assert first.change == pytest.approx(FACTOR - 1.0, abs=0.01)
    assert first.alone_share > 0.8
    assert all(abs(row.shift) < 0.6 * first.shift for row in moved_on_purpose.implication.ranked[1:])
    said = " ".join(summary(moved_on_purpose))
    assert f"Most implicated: {MOVED}, which by itself would have to be 4% higher" in said


def test_series_that_moved_have_left_their_band_and_others_not(moved_on_purpose):
    verdicts = {finding.series: finding for finding in moved_on_purpose.findings}
    assert (verdicts["clock_starts"].side, verdicts["clock_starts"].since) == ("above", "2019-06")
    assert verdicts["clock_starts"].in_a_row == 4
    assert verdicts["emergency_admissions"].side == verdicts["clock_stops"].side == "inside"
    for row in moved_on_purpose.rows:
        assert (row.score > 1.2816) == (row.value > row.high)
        assert (row.score < -1.2816) == (row.value < row.low)


def test_files_tell_the_same_and_the_page_needs_nothing_beside_itself(moved_on_purpose, tmp_path):
    nasty = replace(moved_on_purpose.observations, not_compared=("<b>odd</b>",))
    write_tracking(replace(moved_on_purpose, observations=nasty), tmp_path)
    reader = check_page((tmp_path / "report.html").read_text())
    assert len(reader.of("img")) == len(RESULTS) + 1 == len(list((tmp_path / "figures").glob("*.png")))
    assert "<b>odd</b>" in reader.text
    with (tmp_path / "series.csv").open() as stream:
        rows = {row["series"]: row for row in csv.DictReader(stream)}
    assert rows["clock_starts"]["newest"] == "above"
    with (tmp_path / "implicated.csv").open() as stream:
        assert next(csv.DictReader(stream))["assumption"] == MOVED
    with (tmp_path / "figures.csv").open() as stream:
        assert len(list(csv.DictReader(stream))) == len(RESULTS) * len(MONTHS)


def test_the_command_refuses_bad_rows_and_writes_nothing(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    write_rows(tmp_path / "new.csv", [observed_row(unit="beds")])
    assert main(["track", "new.csv"]) == Exit.INPUT
    assert "new.csv:2" in capsys.readouterr().err
    assert main(["track", "none.csv"]) == Exit.MISSING_FILE
    assert main(["track", "new.csv", "--members", "2"]) == Exit.USAGE
    assert [path.name for path in tmp_path.iterdir()] == ["new.csv"]


@pytest.mark.slow
def test_the_command_ends_well_when_figures_lie_outside(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    rows = [observed_row(id=f"rtt_list.{month}", period=month, value="400000") for month in MONTHS]
    write_rows(tmp_path / "new.csv", rows)
    words = ["track", "new.csv", "--members", "50", "--no-figures", "--set", "decision=2019-10"]
    assert main([*words, "--set", "parameters=central", "--output", "results"]) == Exit.OK
    printed = capsys.readouterr().out
    assert "above since June 2019, 4 in a row" in " ".join(printed.split())
    folder = tmp_path / "results" / "tracking_new"
    assert {"report.html", "series.csv", "figures.csv", "implicated.csv", "README.txt"} <= {
        path.name for path in folder.iterdir()
    }
    (folder / "README.txt").unlink()
    assert main([*words, "--set", "parameters=central", "--output", "results"]) == Exit.OUTPUT
