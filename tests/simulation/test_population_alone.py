"""The population model alone: the published twenty-year case, and errors in the user's tables."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from model.registry.errors import UserError
from model.simulation.population_alone import activity_growth, readable_table, run_alone

FOLDER = Path(__file__).resolve().parents[2] / "scenarios" / "population"
PUBLISHED = {
    0: (441_456, 219_262, 101_138, 48_921, 23_018),
    1: (434_506, 224_310, 107_544, 50_479, 22_964),
    5: (417_332, 239_815, 126_009, 58_166, 24_523),
    10: (409_738, 252_828, 140_561, 67_460, 29_090),
    20: (403_856, 267_553, 157_558, 81_593, 40_228),
}
GROWTH = {
    "act_secondary_ae": 24.4,
    "act_secondary_ip": 41.7,
    "act_secondary_op": 34.4,
    "act_community": 48.1,
    "Cost July2021-June2022": 42.9,
}


@pytest.fixture(scope="module")
def results():
    return run_alone(FOLDER / "published_bnssg_2023.yaml")


@pytest.mark.parametrize("year", PUBLISHED)
def test_published_case_within_one_person(results, year):
    assert np.abs(results.people.sel(year=year).values - PUBLISHED[year]).max() < 1.0


def test_published_growth_of_activity(results):
    found = activity_growth(results)
    for name, percent in GROWTH.items():
        assert 100 * found[name] == pytest.approx(percent, abs=0.05)


def test_people_are_conserved(results):
    change = results.people.sum("segment").diff("year").values
    flows = (results.births + results.net_migration - results.deaths).values
    np.testing.assert_allclose(change, flows, rtol=1e-9)


def test_readable_table_shows_the_published_totals(results):
    text = readable_table(results)
    assert "950,789" in text
    assert "+24.4%" in text


@pytest.fixture
def case(tmp_path):
    """A copy of the published case, and a function that edits its table and returns the error."""
    for name in ("published_bnssg_2023.yaml", "published_bnssg_2023.csv"):
        shutil.copy(FOLDER / name, tmp_path / name)
    table = tmp_path / "published_bnssg_2023.csv"

    def error_after(old: str, new: str) -> UserError:
        lines = table.read_text(encoding="utf-8").splitlines(keepends=True)
        table.write_text("".join(new if line.startswith(old) else line for line in lines), encoding="utf-8")
        with pytest.raises(UserError) as caught:
            run_alone(tmp_path / "published_bnssg_2023.yaml")
        return caught.value

    return error_after


@pytest.mark.parametrize(
    ("old", "new", "key", "message", "has_line"),
    [
        ("deaths,", "", "deaths", "missing", False),
        ("survivors_transition,CS2,CS3", "survivors_transition,CS2,CS3,0.1,1\n", "survivors_transition", "CS2", True),
        ("initial_adults,CS3", "initial_adults,CS3,,-5,people\n", "initial_adults", "negative", True),
        ("births,year 7,", "", "births", "year 7", False),
        ("births,year 7,", "birth,year 7,,1,people\n", "birth", "births", True),
        ("births,year 7,", "births,year 7,,many,people\n", "births", "not a number", True),
        ("births,year 7,", "births,year 7,,nan,people\n", "births", "not a finite number", True),
        ("births,year 7,", "births,year 6,,1,people\n", "births", "twice", True),
        ("share_of_birth,CS1", "share_of_birth,CS1,,0.5,share\n", "share_of_birth", "sum to", True),
        ("deaths,year 2,", "deaths,year 2,,900000,people\n", "deaths", "year 2", True),
        ("net_migration,year 3,", "net_migration,year 3,,-9000000,people\n", "net_migration", "year 3", True),
    ],
)
def test_errors_are_reported_with_file_and_line(case, old, new, key, message, has_line):
    error = case(old, new)
    assert error.key == key
    assert message in str(error)
    assert str(error.file).endswith(".csv")
    assert (error.line is not None) == has_line


def test_misspelt_key_of_the_yaml(tmp_path):
    (tmp_path / "case.yaml").write_text("tabel: a.csv\nyears: 3\n", encoding="utf-8")
    with pytest.raises(UserError, match="Did you mean 'table'") as caught:
        run_alone(tmp_path / "case.yaml")
    assert caught.value.line == 1


def test_missing_table_file(tmp_path):
    (tmp_path / "case.yaml").write_text("first_year: 2022\nyears: 3\ntable: none.csv\n", encoding="utf-8")
    with pytest.raises(UserError, match=r"none\.csv") as caught:
        run_alone(tmp_path / "case.yaml")
    assert caught.value.line == 3
