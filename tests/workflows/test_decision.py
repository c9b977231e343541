"""A whole decision: one folder in which report, workbook, CSV and NetCDF say the same, and say what they say it of."""

from __future__ import annotations

import csv
import json
import re
from html.parser import HTMLParser

import numpy as np
import pytest
from browser_checks import check_page, opened_browser

from model.cli.main import main
from model.registry.errors import Exit
from model.results.headlines import HEADLINES, headline
from model.scenarios.decision_file import read_decision
from model.workflows.decide import options_of
from model.workflows.run_options import RunOptions

xr = pytest.importorskip("xarray")
openpyxl = pytest.importorskip("openpyxl")

DECISION = """
description: Which of two should come first?
scenarios: [same_beds.yaml, retention_programme]
members: 3
end: 2026-04
attribute: {scenarios: [same_beds.yaml], members: 2, most_runs: 100}
handful: {budget: £6m/year, at_most: 2, interventions: [home_from_hospital, retention_programme], members: 2}
"""
SAME_BEDS = """
description: Two that act on the same bed days.
extends: baseline
interventions: [home_first, p2_and_p3_capacity]
"""
PACKAGES = ("same_beds", "retention_programme")
SINGLE = 3e-7
"""Relative error of a number that NetCDF keeps in single precision."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    place = tmp_path_factory.mktemp("decision")
    (place / "two.yaml").write_text(DECISION, encoding="utf-8")
    (place / "same_beds.yaml").write_text(SAME_BEDS, encoding="utf-8")
    assert main(["decide", str(place / "two.yaml"), "--output", str(place), "--quiet", "--processes", "1"]) == Exit.OK
    return place / "decision_two"


def rows_of(path):
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


class _Specifications(HTMLParser):
    """Gathers the specification of every chart of a page by its name."""

    def __init__(self):
        super().__init__()
        self.found, self._chart, self._inside = {}, "", False

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        self._chart = given.get("data-chart", self._chart)
        self._inside = tag == "script" and given.get("type") == "application/json"

    def handle_data(self, data):
        if self._inside:
            self.found[self._chart] = json.loads(data)
            self._inside = False


@pytest.fixture(scope="module")
def charts(folder):
    parser = _Specifications()
    parser.feed((folder / "report.html").read_text(encoding="utf-8"))
    return parser.found


@pytest.fixture(scope="module")
def book(folder):
    return openpyxl.load_workbook(folder / "costing.xlsx", data_only=True)


def of_netcdf(folder):
    """Median difference of some headlines by package and financial year, worked out here from the monthly data."""
    with xr.open_dataset(folder / "results.nc") as data:
        months = {"time": data["time"], "time_end": data["time_end"]}
        years = {
            name: [f"{(m.year if m.month > 3 else m.year - 1)}" for m in moments.to_index()]
            for name, moments in months.items()
        }

        def yearly(name, how):
            values = data[name]
            axis = "time_end" if "time_end" in values.dims else "time"
            values = values.sum([d for d in values.dims if d not in ("scenario", "member", axis)])
            values = values.astype(float)
            days = xr.DataArray([m.days_in_month for m in months[axis].to_index()], {axis: months[axis]}, [axis])
            labelled = [each.assign_coords({axis: years[axis]}).groupby(axis) for each in (values * days, days)]
            if how == "mean":
                return labelled[0].sum() / labelled[1].sum()
            grouped = values.assign_coords({axis: years[axis]}).groupby(axis)
            return {"sum": grouped.sum, "last": grouped.last}[how]()

        def found(values, scale):
            difference = (values - values.sel(scenario="baseline")) * scale
            axis = "time_end" if "time_end" in difference.dims else "time"
            median = difference.median("member")
            return {
                (str(package), f"{year}/{(int(year) + 1) % 100:02d}"): float(
                    median.sel({"scenario": package, axis: year})
                )
                for package in PACKAGES
                for year in np.unique(years[axis])
            }

        beds = yearly("urgent_care.bed_days_needed", "sum") + yearly("urgent_care.bed_days_delayed", "sum")
        return {
            "bed_days": found(beds, 1e-3),
            "underlying_deficit": found(yearly("finance.underlying_deficit", "mean"), 1e-6),
            "rtt": found(yearly("waiting_lists.rtt_total", "last"), 1.0),
            "qalys": found(yearly("outcomes.qalys", "sum"), 1e-3),
        }


def of_csv(folder):
    return {
        (row["headline"], row["scenario"], row["financial_year"]): float(row["value"])
        for row in rows_of(folder / "headlines_by_year.csv")
        if row["statistic"] == "difference_from_baseline"
    }


def of_workbook(book):
    """Median differences of the sheet of effects, by headline, package and year."""
    found, titles, years = {}, {each.title: each.name for each in HEADLINES}, None
    for row in book["Effects"].iter_rows(values_only=True):
        if row[1] == "headline result":
            years = row[5:-1]
        elif years and row[4] == "median" and row[1] in titles:
            values = [value for value in zip(years, row[5:], strict=False) if value[0] and "/" in str(value[0])]
            found |= {(titles[row[1]], row[0], year): value for year, value in values}
    return found


def test_report_workbook_csv_and_netcdf_say_the_same(folder, charts, book):
    csv_of, book_of, netcdf = of_csv(folder), of_workbook(book), of_netcdf(folder)
    compared = 0
    for name, values in netcdf.items():
        level = {row["option"]: row for row in charts["fan"]["datasets"]["years"] if row["headline"] == name}
        size = abs(level["baseline"]["median"])
        for (package, year), value in values.items():
            key = (name, package, year)
            assert csv_of[key] == pytest.approx(value, rel=1e-6, abs=SINGLE * size), key
            compared += 1
    for row in charts["effects"]["datasets"]["effects"]:
        key = (row["headline"], row["option"], row["year"])
        assert row["median"] == pytest.approx(csv_of[key], rel=1e-9, abs=1e-12), key
        compared += 1
        if key in book_of:
            assert book_of[key] == pytest.approx(row["median"], rel=1e-9, abs=1e-12), key
            compared += 1
    assert len(book_of) > 40
    assert compared > 150


def test_money_is_the_same_in_report_workbook_and_csv(folder, charts, book):
    csv_of = {
        (row["option"], row["figure"]): row["value"]
        for row in rows_of(folder / "appraisal.csv")
        if row["statistic"] == "discounted"
    }
    sheet = book["Summary"]
    names = [cell.value for cell in sheet[3]]
    titles = {row["title"]: row["figure"] for row in rows_of(folder / "appraisal.csv")}
    compared = 0
    for line in sheet.iter_rows(min_row=5, values_only=True):
        figure = titles.get((line[0] or "").removesuffix(", £"))
        if figure is None:
            continue
        for column in range(2, len(line), 2):
            option = names[column]
            if option is None:
                continue
            expected = csv_of[option, figure]
            try:
                assert line[column] == pytest.approx(float(expected), rel=1e-9, abs=0.005), (option, figure)
            except ValueError:
                assert line[column] == expected
            compared += 1
    points = {
        (row["option"], row["cost"]) for row in charts["frontier"]["datasets"]["points"] if row["option"] in PACKAGES
    }
    for option, cost in points:
        assert cost == pytest.approx(float(csv_of[option, "programme_cost"]), rel=1e-9)
    assert {option for option, _ in points} == set(PACKAGES)
    assert compared > 30


def test_who_gains_is_the_same_in_report_and_csv(folder, charts):
    csv_of = {
        (row["option"], row["result"], row["division"], row["label"]): float(row["value"])
        for row in rows_of(folder / "equity.csv")
        if row["statistic"] == "expected"
    }
    by_group = [row for row in csv_of if row[1:3] == ("outcomes.qalys", "deprivation") and row[0] == PACKAGES[0]]
    by_stage = [row for row in csv_of if row[1:3] == ("outcomes.qalys", "stage") and row[0] == PACKAGES[0]]
    assert len(by_group) == 5
    assert sum(csv_of[key] for key in by_group) == pytest.approx(sum(csv_of[key] for key in by_stage), rel=1e-6)
    assert charts["equity"]["datasets"]


def test_every_chart_and_table_of_the_report_states_what_it_holds(folder, charts):
    page = (folder / "report.html").read_text(encoding="utf-8")
    statements = re.findall(r'<dl class="stated">(.*?)</dl>', page, flags=re.S)
    assert len(statements) >= len(charts) + 6
    for text in statements:
        for word in ("Unit", "Prices", "Horizon", "Interval", "Source"):
            assert f"<dt>{word}</dt>" in text, text
    for heading in ("The answer on one page", "Who gains", "What the model cannot tell", "How the figures came about"):
        assert heading in page
    assert "http://" not in re.sub(r"http://www\.w3\.org/[\w/#]+", "", page.split("<script>")[0])


def test_every_table_of_the_folder_states_what_it_holds(folder):
    tables = [path for path in folder.rglob("*.csv") if path.name != "case_for_change.csv"]
    assert len(tables) > 15
    for path in tables:
        with path.open(encoding="utf-8") as stream:
            columns = set(next(csv.reader(stream)))
        assert columns & {"unit", "wte_of_first"} or any("(£" in name for name in columns), path.name
        if path.parent == folder:
            assert "source" in columns, path.name


def test_two_on_the_same_bed_days_give_less_than_their_sum_and_the_report_says_so(folder):
    table = rows_of(folder / "attribution_same_beds" / "attribution.csv")
    rows = {(row["intervention"], row["horizon"]): row for row in table if row["result"] == "bed_days"}
    both, alone = (float(rows[name, "short"]["mean"]) for name in ("all together", "each by itself, added up"))
    parts = sum(float(rows[name, "short"]["mean"]) for name in ("home_first", "p2_and_p3_capacity"))
    assert parts == pytest.approx(both, rel=1e-8)
    assert alone < both < 0
    page = (folder / "report.html").read_text(encoding="utf-8")
    said = re.search(
        r"by themselves its interventions would claim (−[\d.]+) thousand a year; together they give "
        r"(−[\d.]+), less than the sum by ([\d.]+)",
        page,
    )
    assert said
    assert f"{alone:.1f}".replace("-", "−") == said[1]
    assert f"{both:.1f}".replace("-", "−") == said[2]
    assert "save some of the same bed days" in page


def test_the_handful_within_the_budget_is_told(folder):
    page = (folder / "report.html").read_text(encoding="utf-8")
    assert "Which handful, within what budget" in page
    assert (folder / "portfolio" / "choices.csv").is_file()


def test_the_report_passes_in_a_real_browser(folder):
    with opened_browser() as browser:
        check_page(browser, folder / "report.html", tables=False)


def test_the_guide_names_every_file(folder):
    guide = " ".join((folder / "README.txt").read_text(encoding="utf-8").split())
    for path in folder.rglob("*"):
        if path.is_file() and path.suffix != ".svg" and path.name != "README.txt":
            assert f"{path.relative_to(folder).as_posix()}:" in guide, path.name


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("scenarios: [home_frist]", "home_first"),
        ("scenarios: [home_first]\nmembrs: 3", "members"),
        ("scenarios: [home_first]\nattribute: {scenarios: [vcse_capacity]}", "is not among the scenarios"),
        ("scenarios: [home_first]\nend: 2030-04\nyears: 3", "say the same"),
        ("scenarios: [home_first]\ncosting: nowhere.yaml", "no such file"),
        ("scenarios: [retention_programme]\nattribute: {scenarios: [retention_programme]}", "nothing to take apart"),
        ("scenarios: [home_first]\nhandful: {budget: lots}", "budget"),
        ("scenarios: [home_first]\nyears: 1", "no horizon lies within the run"),
    ],
)
def test_errors_of_a_decision_are_told_before_anything_runs(tmp_path, capsys, text, said):
    file = tmp_path / "wrong.yaml"
    file.write_text(f"description: A question.\n{text}\n", encoding="utf-8")
    assert main(["decide", str(file), "--output", str(tmp_path)]) not in (Exit.OK, Exit.INTERNAL)
    told = capsys.readouterr().err
    assert said in told
    assert [path.name for path in tmp_path.iterdir()] == ["wrong.yaml"]


def test_a_decision_that_is_not_there_is_told_with_the_nearest(capsys):
    assert main(["decide", "six_pakages"]) == Exit.MISSING_FILE
    assert "six_packages" in capsys.readouterr().err


def test_headlines_of_money_name_their_prices():
    for each in HEADLINES:
        if "£" in each.unit:
            assert "prices" in each.unit, each.name
    assert headline("underlying_deficit").unit.endswith("2022/23 prices")


def test_options_given_take_the_place_of_those_of_the_file(tmp_path):
    file = tmp_path / "set.yaml"
    file.write_text(
        "description: q\nscenarios: [home_first]\nmembers: 9\nyears: 5\nset: {future: high_inflation, "
        "loops.R7_poaching: 0}\n",
        encoding="utf-8",
    )
    content = read_decision(str(file)).content
    own = options_of(content, RunOptions())
    assert (own.members, own.years) == (9, 5)
    assert own.changes()["future"] == "high_inflation"
    given = options_of(content, RunOptions(members=3, end="2026-04", settings={"future": "bad_winter"}))
    assert (given.members, given.years, given.end) == (3, None, "2026-04")
    changed = given.changes()
    assert changed["future"] == "bad_winter"
    assert changed["parameters"] == {"loops.R7_poaching": 0}
