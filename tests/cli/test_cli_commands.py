"""The commands: what each prints and writes, without an error in what the user wrote."""

from __future__ import annotations

import csv
import json
import re

import pytest

from model.cli.main import main
from model.registry.errors import Exit
from model.workflows.results_folder import GUIDE, MARK

SHORT = ["--end", "2024-05", "--no-figures"]


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_help_lists_every_command_in_order(capsys):
    assert main([]) == Exit.OK
    printed = capsys.readouterr().out
    places = [
        printed.index(f"\n  {name} ")
        for name in ("run", "compare", "describe", "validate", "new", "population", "schema", "reference")
    ]
    assert places == sorted(places)


def test_new_writes_a_scenario_that_validates_and_never_overwrites(here, capsys):
    assert main(["new", "mine.yaml"]) == Exit.OK
    assert main(["validate", "mine.yaml"]) == Exit.OK
    assert "2 interventions" in capsys.readouterr().out
    before = (here / "mine.yaml").read_text()
    assert main(["new", "mine.yaml"]) == Exit.OUTPUT
    assert (here / "mine.yaml").read_text() == before


def test_every_line_that_new_comments_out_is_valid_too(here):
    assert main(["new", "mine.yaml"]) == Exit.OK
    lines = (here / "mine.yaml").read_text().splitlines()
    begin = next(number for number, line in enumerate(lines) if line.startswith("description"))
    prose = ("---", "'", "Any ", "Dated ")
    opened = [
        found["indent"] + found["text"]
        if (found := re.match(r"(?P<indent>\s*)# (?P<text>.*)", line)) and not found["text"].startswith(prose)
        else line
        for line in lines[begin:]
    ]
    (here / "opened.yaml").write_text("\n".join(opened))
    assert main(["validate", "opened.yaml"]) == Exit.OK


def test_validate_takes_every_kind_of_file_and_shows_origins(capsys):
    files = ["prevention_shift", "retention_programme", "high_inflation", "stroke"]
    assert main(["validate", *files, "--resolved"]) == Exit.OK
    printed = capsys.readouterr().out
    assert printed.count("no error") == 4
    assert "service points" in printed
    assert "origins:" in printed


@pytest.mark.parametrize("kind", ["scenario", "package", "future", "history", "intervention", "network"])
def test_schema_is_json(kind, capsys):
    assert main(["schema", kind]) == Exit.OK
    assert "properties" in json.loads(capsys.readouterr().out)


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["loops"],
        ["R2"],
        ["schedule"],
        ["scenarios"],
        ["interventions"],
        ["headlines"],
        ["dimensions"],
        ["workforce"],
        ["prevention_shift"],
        ["--search", "vacanc"],
    ],
    ids=lambda words: " ".join(words) or "everything",
)
def test_describe_shows_each_topic(words, capsys):
    assert main(["describe", *words]) == Exit.OK
    assert len(capsys.readouterr().out.splitlines()) > 4


def test_describe_shows_all_that_is_known_of_a_parameter(capsys):
    assert main(["describe", "loops.R1_deconditioning"]) == Exit.OK
    printed = capsys.readouterr().out
    for expected in ("meaning", "unit", "bounds", "source", "sectors/loops.yaml:", "R1 deconditioning (its gain)"):
        assert expected in printed
    assert "model/sectors/discharge/equations.py:" in printed


def test_every_entry_can_be_described():
    from model.cli.console.model_tables import render_description
    from model.sectors.model_registry import registry
    from model.workflows.describe import describe

    for name in (*registry().entries, *registry().loops):
        assert render_description(describe(name)).renderables


def test_a_run_writes_one_whole_folder_and_prints_its_place(here, capsys):
    assert main(["run", "prevention_shift", *SHORT]) == Exit.OK
    folder = here / "outputs" / "prevention_shift"
    assert {path.name for path in folder.iterdir()} == {
        GUIDE,
        "results.nc",
        "headlines.csv",
        "headlines_by_year.csv",
        "monthly.csv",
        "statement.csv",
        "case_for_change.csv",
        "scenario_baseline.resolved.yaml",
        "scenario_prevention_shift.resolved.yaml",
    }
    guide = (folder / GUIDE).read_text(encoding="utf-8")
    assert guide.startswith(MARK)
    assert all(path.name in guide for path in folder.iterdir() if path.name != GUIDE)
    assert "Results: outputs/prevention_shift/" in capsys.readouterr().out
    assert [path.name for path in folder.parent.iterdir()] == ["prevention_shift"]


def test_a_scenario_without_a_command_is_run_and_replaces_its_former_results(here):
    (here / "mine.yaml").write_text("extends: baseline\nparameters:\n  loops.R2_burnout: 0\n")
    assert main(["mine.yaml", *SHORT, "--quiet"]) == Exit.OK
    (here / "outputs" / "mine" / "left over").touch()
    assert main(["mine.yaml", *SHORT, "--quiet"]) == Exit.OK
    assert not (here / "outputs" / "mine" / "left over").exists()


@pytest.mark.parametrize("name", ["../../mine", "[/bold]mine"])
def test_a_name_with_signs_that_no_file_can_have_is_run_all_the_same(name, here):
    (here / "odd.yaml").write_text(f"extends: baseline\nname: '{name}'\n")
    assert main(["odd.yaml", *SHORT]) == Exit.OK
    assert [path.name for path in here.iterdir() if path.is_dir()] == ["outputs"]


def test_a_folder_of_something_else_is_left_alone(here, capsys):
    other = here / "outputs" / "do_nothing"
    other.mkdir(parents=True)
    (other / "thesis.txt").write_text("years of work")
    assert main(["run", "do_nothing", *SHORT]) == Exit.OUTPUT
    assert "not replaced" in capsys.readouterr().err
    assert [path.name for path in other.iterdir()] == ["thesis.txt"]


def test_options_hold_for_scenario_and_baseline_alike(here):
    words = ["compare", "do_nothing", *SHORT, "--name", "same", "--members", "3", "--seed", "5"]
    assert main([*words, "--set", "loops.R2_burnout=0", "--set", "future=high_inflation", "--quiet"]) == Exit.OK
    with (here / "outputs" / "same" / "headlines_by_year.csv").open(newline="", encoding="utf-8") as stream:
        rows = [row for row in csv.DictReader(stream) if row["statistic"].startswith("difference")]
    assert rows
    assert all(float(row["value"]) == 0 for row in rows)
    for name in ("baseline", "do_nothing"):
        text = (here / "outputs" / "same" / f"scenario_{name}.resolved.yaml").read_text(encoding="utf-8")
        assert "future: high_inflation" in text
        assert "members: 3" in text


@pytest.mark.slow
def test_figures_are_drawn_as_png_and_svg(here):
    assert main(["run", "vcse_capacity", "--years", "2", "--quiet"]) == Exit.OK
    names = {path.name for path in (here / "outputs" / "vcse_capacity" / "figures").iterdir()}
    for name in ("headlines", "money", "segments"):
        assert {f"{name}.png", f"{name}.svg"} <= names
    assert not any(name.startswith(("loops", "stocks_and_flows")) for name in names)


def test_the_population_runs_alone(here, capsys):
    from model.registry.data_folders import SCENARIOS

    assert main(["population", str(SCENARIOS / "population" / "published_bnssg_2023.yaml")]) == Exit.OK
    assert "950,789" in capsys.readouterr().out
    assert (here / "outputs" / "population_published_bnssg_2023" / "people.csv").is_file()


def test_the_case_for_change_is_printed(capsys):
    assert main(["describe", "case-for-change"]) == Exit.OK
    assert "Underlying NHS deficit" in capsys.readouterr().out


def test_the_reference_has_a_page_for_each_sector(here):
    from model.sectors.model_registry import registry

    assert main(["reference", "pages"]) == Exit.OK
    for sector in registry().sectors:
        text = (here / "pages" / f"{sector}.md").read_text(encoding="utf-8")
        assert all(f"`{name}`" in text for name, entry in registry().entries.items() if entry.sector == sector)


def test_a_scenario_with_patients_is_set_against_a_baseline_with_patients(here, monkeypatch, capsys):
    monkeypatch.setattr("model.hospital.engines.compiled.needs_compiling", lambda: True)
    (here / "mine.yaml").write_text(
        "description: patients\nextends: baseline\nhospital: patient-level\nexchange_days: 14\ndecision: 2019-06\n"
        "end: 2019-08\nhorizons: {}\ninterventions: [{name: home_first, start: 2019-06}]\n"
    )
    assert main(["run", "mine.yaml", "--no-figures"]) == Exit.OK
    assert capsys.readouterr().err.count("Compiling") == 1
    resolved = {path.name: path.read_text() for path in (here / "outputs" / "mine").glob("*.resolved.yaml")}
    assert len(resolved) == 2
    assert all("hospital: patient-level" in text and "exchange_days: 14" in text for text in resolved.values())


def test_an_intervention_that_begins_after_the_run_is_told(here, capsys):
    (here / "late.yaml").write_text(
        "description: late\nextends: baseline\ninterventions: [{name: home_first, start: 2030-04}]\n"
    )
    assert main(["run", "late.yaml", *SHORT]) == Exit.OK
    assert "home_first begins in April 2030, after the run of late ends" in capsys.readouterr().err


def test_help_of_every_option_begins_with_a_verb_and_is_short():
    import click

    from model.cli.main import commands

    nouns = {"A", "An", "The", "Of", "Most", "Number", "Ensemble", "Whether", "Seed of", "Share", "Folder", "File"}
    context = click.Context(commands)
    for name in commands.list_commands(context):
        for option in commands.get_command(context, name).params:
            if isinstance(option, click.Option):
                text = (option.help or "").split(" [default")[0]
                assert text, (name, option.name)
                assert len(text) <= 60, (name, option.name, text)
                assert text[0].isupper(), (name, option.name, text)
                assert text.split()[0] not in nouns, (name, option.name, text)


def test_pictures_of_the_structure_are_drawn_on_request(here, capsys, monkeypatch):
    from model.reporting.figures import stocks_and_flows
    from model.sectors.model_registry import registry

    drawn = []
    monkeypatch.setattr(
        stocks_and_flows, "plot_stocks_and_flows", lambda known, sector, path: drawn.append(sector) or path
    )
    assert main(["describe", "--figures", "pictures"]) == Exit.OK
    assert {"loops.png", "loops.svg"} == {path.name for path in (here / "pictures").iterdir()}
    assert set(drawn) <= set(registry().sectors)
    assert len(drawn) > 5
    assert f"Drew {len(drawn) + 1} pictures" in capsys.readouterr().out
