"""The Python API: the same results as the command line, in memory or in a folder, silent, and cheap to import."""

from __future__ import annotations

import csv
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import bnssg_model
from model import api
from model.cli.main import main
from model.registry.errors import Exit
from model.sectors.model_registry import registry
from model.workflows.run_options import RunOptions, read_settings

ROOT = Path(__file__).resolve().parents[2]
SHORT = {"end": "2025-05"}
"""Long enough for one horizon."""


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture(scope="module")
def comparison():
    return api.compare("home_first", "vcse_capacity", **SHORT)


@pytest.fixture(scope="module")
def ensemble():
    return api.compare({"extends": "baseline", "interventions": ["retention_programme"]}, members=3, **SHORT)


class Recorded:
    """Progress that remembers what it is told."""

    def __init__(self):
        self.expected, self.begun, self.open, self.finished, self.notes, self.shares = 0, [], [], 0, [], []

    def expect(self, stages):
        self.expected = stages

    def begin(self, title, stages=1):
        self.begun.append(title)
        self.open.append(stages)

    def advance(self, done, total):
        self.shares.append(done / total)

    def finish(self):
        self.finished += self.open.pop()

    def note(self, text):
        self.notes.append(text)


def rows_of(path):
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def test_headlines_are_those_of_the_command_line(comparison, here):
    words = [
        "compare",
        "home_first",
        "vcse_capacity",
        "--end",
        SHORT["end"],
        "--no-figures",
        "--quiet",
        "--name",
        "cli",
    ]
    assert main(words) == Exit.OK
    expected = {
        (row["scenario"], row["horizon"], row["headline"], row["statistic"]): float(row["value"])
        for row in rows_of(here / "outputs" / "cli" / "headlines.csv")
    }
    table = comparison.headlines()
    assert len(table) * 2 - len(table[table["scenario"] == "baseline"]) == len(expected)
    for row in table.itertuples():
        key = (row.scenario, row.horizon, row.headline)
        assert row.value == pytest.approx(expected[(*key, "value")], rel=1e-9)
        if row.scenario != "baseline":
            assert row.difference == pytest.approx(expected[(*key, "difference_from_baseline")], rel=1e-9, abs=1e-9)


def test_a_comparison_in_memory_prints_nothing_and_writes_nothing(here, capfd):
    api.compare("do_nothing", end="2023-06")
    assert capfd.readouterr() == ("", "")
    assert list(here.iterdir()) == []


def test_progress_is_whole_and_carries_what_the_user_should_know(here):
    (here / "late.yaml").write_text(
        "description: late\nextends: baseline\ninterventions: [{name: home_first, start: 2030-04}]\n"
    )
    progress = Recorded()
    api.run("late.yaml", "do_nothing", end="2023-06", output=here / "made", progress=progress)
    assert progress.finished == progress.expected
    assert progress.open == []
    assert progress.shares == sorted(progress.shares)
    assert progress.shares[-1] == 1.0
    assert [note for note in progress.notes if "after the run of late ends" in note]
    assert sorted(path.name for path in (here / "made").iterdir()) == ["do_nothing", "late"]


def test_tables_by_year_hold_every_complete_year(comparison):
    table = comparison.headlines("year")
    years = table[table["scenario"] == "home_first"]["financial_year"].unique()
    assert list(years) == list(comparison.baseline.financial_years)
    with pytest.raises(api.UserError, match="year"):
        comparison.headlines("decade")


@pytest.mark.parametrize("chart", ["headlines", "effects", "money", "segments"])
def test_charts_are_figures_that_a_notebook_shows(comparison, chart):
    assert comparison.plot(chart)._repr_png_().startswith(b"\x89PNG")


def test_a_chart_that_is_not_there_is_refused_with_the_nearest(comparison):
    with pytest.raises(api.UserError, match="effects"):
        comparison.plot("effect")


def test_data_and_statements_are_labelled(comparison):
    beds = comparison.dataset["urgent_care.beds_occupied"]
    assert set(beds.coords["scenario"].values) == {"baseline", "home_first", "vcse_capacity"}
    assert beds.attrs["units"]
    statement = comparison.statement(["2024/25"])
    assert set(statement.columns) == {"scenario", "financial_year", "organisation", "line", "value"}
    surplus = statement[(statement["scenario"] == "baseline") & (statement["line"] == "surplus")]
    lines = statement[(statement["scenario"] == "baseline") & (statement["line"] != "surplus")]
    assert surplus["value"].sum() == pytest.approx(lines["value"].sum())


def test_costing_of_a_comparison_is_that_of_the_function(comparison, ensemble):
    direct = api.cost("home_first", "vcse_capacity", **SHORT)
    for name, table in comparison.cost().tables().items():
        assert table.equals(direct.tables()[name]), name
    assert direct.folder is None
    assert "discounted_low_80" in set(ensemble.cost().tables()["appraisal"]["statistic"])


def test_a_baseline_alone_cannot_be_costed():
    with pytest.raises(api.UserError, match="the baseline itself"):
        api.compare("do_nothing", baseline="do_nothing", end="2024-05").cost()


def test_a_folder_of_results_is_opened_again(comparison, here):
    written = api.compare("home_first", "vcse_capacity", output=here / "made", name="both", figures=False, **SHORT)
    again = api.open_results(written.folder)
    expected = comparison.headlines("year")
    for reopened in (written, again):
        table = reopened.headlines("year")
        assert list(table["headline"]) == list(expected["headline"])
        assert np.allclose(table["value"], expected["value"], rtol=1e-5)
    assert again.plot("effects")._repr_png_()
    with pytest.raises(api.UserError, match="cost the scenarios"):
        again.cost()
    with pytest.raises(api.UserError, match=r"results\.nc"):
        api.open_results(here)


def test_a_scenario_built_in_python_is_that_of_the_file(here):
    (here / "both.yaml").write_text(
        "extends: baseline\nname: both\ninterventions: [home_first, {name: retention_programme, start: 2024-04}]\n"
        "parameters: {workforce.temporary_delay: 3 months}\nend: 2024-05\n"
    )
    built = api.scenario(
        {"extends": "baseline", "name": "both", "parameters": {"workforce.temporary_delay": "3 months"}},
        interventions=["home_first", {"name": "retention_programme", "start": "2024-04"}],
        end="2024-05",
    )
    from_file = api.load("both.yaml").resolved
    assert built.resolved.parameters["workforce.temporary_delay"].values == pytest.approx(
        from_file.parameters["workforce.temporary_delay"].values
    )
    runs = [api.simulate(scenario) for scenario in (built, "both.yaml")]
    tables = [api.headlines(run) for run in runs]
    assert tables[0].equals(tables[1])
    assert "both" in repr(built)
    assert "retention_programme" in built._repr_html_()


def test_options_of_a_loaded_scenario_hold_for_the_baseline(here):
    loaded = api.load("do_nothing", end="2023-06", future="high_inflation")
    comparison = api.compare(loaded)
    assert [scenario.future for scenario in comparison.scenarios] == ["high_inflation"] * 2
    table = comparison.headlines("year")
    assert not table[table["scenario"] != "baseline"]["difference"].any()


def test_options_that_contradict_are_refused():
    loaded = api.load("home_first", years=2)
    with pytest.raises(api.UserError, match="'years'"):
        api.compare(loaded, years=3)
    with pytest.raises(api.UserError, match="'settings'"):
        api.compare(loaded, api.load("vcse_capacity", years=2, future="high_inflation"))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: api.load("home_frist"), "home_first"),
        (lambda: api.load("home_first", futur="none"), "'future'"),
        (lambda: api.scenario(interventoins=["home_first"]), "'interventions'"),
        (lambda: api.compare("home_first", settings={"loops.R2_burn": 0}), "loops.R2_burnout"),
        (lambda: api.compare("home_first", resume=True), "folder of results"),
        (lambda: api.cost("home_first", workbook=True), "folder of results"),
        (lambda: api.cost("home_first", workbook=Path("book.txt")), "ends in .xlsx"),
        (lambda: api.report("home_first", attributed=["vcse_capacity"]), "is not among the scenarios"),
        (lambda: api.describe("workforce.leaver_rates"), "workforce.leaver_rate"),
        (lambda: api.json_schema("scenari"), "scenario"),
    ],
)
def test_errors_name_what_is_wrong_before_anything_runs(call, message, here):
    with pytest.raises(api.UserError, match=message):
        call()
    assert list(here.iterdir()) == []


def test_a_report_in_memory_has_tables_and_headlines():
    decision = api.report("faster_hiring", attributed=[], **SHORT)
    assert decision.folder is None
    assert {"appraisal", "equity", "ranking"} <= decision.tables().keys()
    assert set(decision.headlines()["scenario"]) == {"baseline", "faster_hiring"}
    assert "faster_hiring" in decision._repr_html_()


def test_settings_become_changes_of_every_scenario():
    options = RunOptions(
        members=3, years=5, settings={"future": "none", "parameters": "central", "loops.R2_burnout": 0}
    )
    assert options.changes() == {
        "members": 3,
        "years_after_decision": 5,
        "future": "none",
        "parameters": {"from": "central", "loops.R2_burnout": 0},
    }
    assert RunOptions(settings={"parameters": {"loops.R2_burnout": 0}}).changes() == {
        "parameters": {"loops.R2_burnout": 0}
    }
    assert read_settings(["members=3", "loops.R2_burnout = 0.5"]) == {"members": 3, "loops.R2_burnout": 0.5}
    with pytest.raises(api.UserError, match="twice"):
        RunOptions(members=3, settings={"members": 4}).changes()
    with pytest.raises(api.UserError, match="twice"):
        read_settings(["members=3", "members=4"])


def test_everything_registered_can_be_described():
    for name in (*registry().sectors, "loops", "schedule", "scenarios", "interventions", "headlines", "dimensions"):
        description = api.describe(name)
        assert description.listings
        for listing in description.listings:
            assert len(listing.frame()) == len(listing.rows) > 0
    entry = api.describe("workforce.leaver_rate")
    assert dict(entry.facts)["unit"] == "1/year"
    assert "1/year" in entry._repr_html_()
    assert "home_first" in api.describe("home_first").text


def test_checked_files_say_what_they_hold():
    scenario, network, decision = api.validate("home_first", "stroke", "six_packages")
    assert scenario.resolved.name == "home_first"
    assert "service points" in network.summary
    assert "scenarios" in decision.summary


def test_the_population_runs_alone_without_files(here):
    from model.registry.data_folders import SCENARIOS

    result = api.population(SCENARIOS / "population" / "published_bnssg_2023.yaml")
    assert result.folder is None
    assert "950,789" in result._repr_html_()
    assert list(here.iterdir()) == []


def test_the_name_that_cannot_clash_gives_the_same_functions():
    assert bnssg_model.__all__ == api.__all__
    assert all(getattr(bnssg_model, name) is getattr(api, name) for name in api.__all__)


def test_every_function_says_what_it_does():
    for name in api.__all__:
        assert (getattr(api, name).__doc__ or "").strip(), name


def test_the_api_is_cheap_to_import_and_needs_no_terminal():
    heavy = ("numpy", "pandas", "xarray", "matplotlib", "pydantic", "ruamel", "scipy", "numba", "click", "rich")
    code = (
        "import sys; from model import api; "
        f"print([name for name in {heavy!r} if name in sys.modules]); "
        "api.describe('loops'); api.validate('home_first'); "
        "api.compare('do_nothing', end='2023-05').headlines('year'); "
        "print([name for name in ('click', 'rich') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert done.stdout.split() == ["[]", "[]"]
