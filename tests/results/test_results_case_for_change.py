"""Observed figures, the case for change, and the statement of income and expenditure."""

from __future__ import annotations

import csv

import numpy as np
import pytest
from synthetic_run import invented_run

from model.registry.errors import UserError
from model.results.case_for_change import (
    CASES,
    case_for_change,
    extra_bed_days,
    mean_stay,
    nctr_growth,
    write_case_for_change,
)
from model.results.observations import FIELDS, modelled, read_observations
from model.results.statement import SURPLUS, income_and_expenditure, statement_labels, write_statement


@pytest.fixture(scope="module")
def observed():
    return {row.id: row for row in read_observations()}


def test_the_shipped_figures_are_sourced_and_public(observed):
    assert len(observed) > 500
    assert all(row.evidence_id.count("E") and row.publisher and row.title for row in observed.values())
    assert max(str(row.dates[1]) for row in observed.values()) <= "2023-03-31"


@pytest.mark.parametrize(
    ("identifier", "value"),
    [
        ("case_deficit.2022-23", 76e6),
        ("nctr_before.2022-04", 531.7),
        ("rtt_list.2023-03", 134_458),
        ("rtt_over_52_weeks.2023-03", 8_521),
        ("diagnostics_list.2021-05", 28_446),
        ("beds_occupied.2022-04", 1_810),
    ],
)
def test_figures_are_carried_as_published(observed, identifier, value):
    assert observed[identifier].value == value


def test_every_case_has_a_row_and_targets_are_those_published():
    rows = {row.title: row for row in case_for_change(invented_run())}
    assert len(rows) == len(CASES)
    assert rows["No criteria to reside: growth"].target == pytest.approx(1.567, abs=1e-3)
    assert rows["No criteria to reside: level"].target == pytest.approx(619.4, abs=0.1)
    assert rows["Underlying NHS deficit"].target == 76
    assert rows["Vacancy rate, community"].high == np.inf
    assert rows["Referral-to-treatment list"].low == pytest.approx(0.9 * 134_458)


def test_growth_and_level_by_hand(observed):
    run = invented_run()
    values = run.results["discharge.nctr_before_discharges"]
    values[24], values[36] = 400.0, 620.0
    assert nctr_growth(run, observed)[0] == pytest.approx(1.55)
    rows = {row.title: row for row in case_for_change(run)}
    assert rows["No criteria to reside: growth"].passes
    values[36] = 400.0
    rows = {row.title: row for row in case_for_change(run)}
    assert not rows["No criteria to reside: growth"].passes


def test_extra_bed_days_are_discharges_times_growth_in_stay(observed):
    run = invented_run()
    for name, value in (
        ("urgent_care.bed_days_needed", 40_000.0),
        ("urgent_care.bed_days_delayed", 10_000.0),
        ("discharge.overnight_discharges", 7_000.0),
    ):
        run.results[name][:] = value
    run.results["urgent_care.bed_days_delayed"][24:36] += 2_750.0
    assert mean_stay(run, "2019/20")[0] == pytest.approx(50 / 7)
    assert extra_bed_days(run, observed)[0] == pytest.approx(33_000)


def test_a_run_that_is_too_short_or_lacks_a_result_is_refused():
    with pytest.raises(UserError, match="does not cover"):
        case_for_change(invented_run(years=3))
    run = invented_run()
    del run.results["waiting_lists.rtt_total"]
    with pytest.raises(UserError, match="rtt_total"):
        case_for_change(run)


def test_case_file(tmp_path):
    path = write_case_for_change(case_for_change(invented_run()), tmp_path / "case.csv")
    with path.open(encoding="utf-8") as stream:
        assert {row["passes"] for row in csv.DictReader(stream)} <= {"yes", "no"}


def _file(tmp_path, **changes):
    row = {
        "id": "x.2022-04",
        "quantity": "q",
        "geography": "BNSSG",
        "period": "2022-04",
        "value": "1",
        "low": "",
        "high": "",
        "unit": "beds",
        "publisher": "p",
        "title": "t",
        "evidence_id": "E0001",
        "definition": "d",
        "output": "urgent_care.beds_open",
        "operator": "mean",
        "perimeter": "all",
    }
    row.update(changes)
    path = tmp_path / "observations.csv"
    lines = ["# comment", ",".join(FIELDS), ",".join(row[field] for field in FIELDS)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_a_good_row_is_read(tmp_path):
    (row,) = read_observations(_file(tmp_path))
    assert modelled(invented_run(), row)[0] > 0


@pytest.mark.parametrize(
    ("field", "text", "message"),
    [
        ("value", "many", "not a number"),
        ("value", "", "is empty"),
        ("value", "inf", "finite"),
        ("low", "2", "between low and high"),
        ("period", "2022/24", "a period is written"),
        ("operator", "median", "must be one of"),
        ("output", "beds", "not of the form"),
        ("publisher", " ", "is empty"),
    ],
)
def test_bad_rows_are_refused_with_file_and_line(tmp_path, field, text, message):
    with pytest.raises(UserError, match=message) as caught:
        read_observations(_file(tmp_path, **{field: text}))
    assert "observations.csv:3" in str(caught.value)


def test_wrong_columns_and_missing_files_are_refused(tmp_path):
    path = tmp_path / "observations.csv"
    path.write_text("id,quantty\n", encoding="utf-8")
    with pytest.raises(UserError, match="quantity"):
        read_observations(path)
    with pytest.raises(UserError, match="not found"):
        read_observations(tmp_path / "none.csv")


def test_ids_are_unique(tmp_path):
    path = _file(tmp_path)
    lines = path.read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join([*lines, lines[-1]]), encoding="utf-8")
    with pytest.raises(UserError, match="twice"):
        read_observations(path)


def test_statement_adds_up_by_organisation_and_year(tmp_path):
    run = invented_run()
    rows = income_and_expenditure(run, ["2022/23"])
    organisations, lines = statement_labels(run)
    assert len(rows) == len(organisations) * (len(lines) + 1)
    for organisation in organisations:
        amounts = {row.line: row.value for row in rows if row.organisation == organisation}
        assert amounts.pop(SURPLUS) == pytest.approx(sum(amounts.values()), abs=1e-3)
    path = write_statement([run], tmp_path / "statement.csv")
    assert path.read_text(encoding="utf-8").startswith("scenario,financial_year,organisation,line,statistic,value,unit")
    with pytest.raises(UserError, match="covers"):
        income_and_expenditure(run, ["2050/51"])
