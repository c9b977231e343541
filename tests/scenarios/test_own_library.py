"""A user's own ``scenarios/`` in the working directory is found first; a scenario may also be made in Python."""

from __future__ import annotations

import pytest

from model.cli.main import main
from model.registry.data_folders import SCENARIOS
from model.registry.errors import Exit, UserError
from model.scenarios.decision_file import read_decision
from model.scenarios.library import Library
from model.scenarios.resolver import resolve
from model.sectors.model_registry import registry

HOME_FIRST = (SCENARIOS / "interventions" / "home_first.yaml").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def known():
    return registry()


@pytest.fixture
def own(tmp_path, monkeypatch):
    """An empty folder of the user's own, with a function that writes a file into it."""
    monkeypatch.chdir(tmp_path)

    def write(name, text):
        path = tmp_path / "scenarios" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    return write


def test_without_a_folder_of_ones_own_there_is_the_shipped_library(own, monkeypatch):
    assert Library().folders == (SCENARIOS,)
    monkeypatch.chdir(SCENARIOS.parent)
    assert Library().folders == (SCENARIOS,)


def test_files_of_every_kind_stand_beside_the_shipped_ones(own, known):
    own("our_town.yaml", "extends: baseline\npackages: [our_package]\nfuture: our_future\n")
    own("packages/our_package.yaml", "interventions: [our_beds, home_first]\n")
    own("interventions/our_beds.yaml", HOME_FIRST)
    own("futures/our_future.yaml", "parameters: {loops.R7_poaching: 0}\n")
    own("decisions/our_choice.yaml", "description: Which?\nscenarios: [our_package, home_first]\n")
    library = Library()
    for kind, name in (
        ("scenario", "our_town"),
        ("package", "our_package"),
        ("intervention", "our_beds"),
        ("future", "our_future"),
        ("decision", "our_choice"),
    ):
        names = library.names(kind)
        assert library.is_own(names[name])
        assert list(names) == sorted(names)
        shipped = Library(SCENARIOS).names(kind)
        assert set(names) == {*shipped, name}
        assert not any(library.is_own(names[other]) for other in shipped)
    scenario = resolve("our_town", known)
    assert [programme.name for programme in scenario.programmes] == ["our_beds", "home_first"]
    assert scenario.future == "our_future"
    assert scenario.file == "scenarios/our_town.yaml"
    assert scenario.notes == ()
    assert read_decision("our_choice").content.scenarios == ("our_package", "home_first")
    assert [programme.name for programme in resolve("our_package", known).programmes] == ["our_beds", "home_first"]


def test_a_name_of_ones_own_takes_the_place_of_a_shipped_one_with_a_note(own, known):
    shipped = resolve("home_first", known)
    own("interventions/home_first.yaml", HOME_FIRST.replace("ramp_months:", "ramp_months: 1 #", 1))
    scenario = resolve("home_first", known)
    assert scenario.modifiers != shipped.modifiers
    assert scenario.notes == (
        "intervention 'home_first' is your own (scenarios/interventions/home_first.yaml), not the shipped one.",
    )


def test_a_baseline_of_ones_own_stands_on_the_shipped_one(own, known):
    own("baseline.yaml", "extends: baseline\nparameters: {loops.R7_poaching: 0}\n")
    scenario = resolve("baseline", known)
    assert list(scenario.parameters) == ["loops.R7_poaching"]
    assert list(resolve("combined", known).parameters) == ["loops.R7_poaching"]
    (note,) = scenario.notes
    assert "scenario 'baseline' is your own" in note
    own("circle.yaml", "extends: circle\n")
    with pytest.raises(UserError, match="circular"):
        resolve("circle", known)


def test_a_history_of_ones_own_is_not_the_one_to_which_numbers_were_fitted(own, known):
    own("history/pandemic.yaml", "description: None at all.\n")
    scenario = resolve("baseline", known)
    replaced, left_out = scenario.notes
    assert "history 'pandemic' is your own" in replaced
    assert "belong to the history 'pandemic', which is not in force" in left_out
    assert scenario.modifiers == ()


def test_both_folders_are_described(own, capsys):
    own("our_town.yaml", "extends: baseline\ndescription: Our town\n")
    own("packages/home_first.yaml", "description: Ours\ninterventions: []\n")
    assert main(["describe", "scenarios"]) == Exit.OK
    text = " ".join(capsys.readouterr().out.split())
    assert "Our town (your own: scenarios/our_town.yaml)" in text
    assert "Ours (your own: scenarios/packages/home_first.yaml, in place of the shipped one)" in text
    assert "vcse_capacity" in text


def test_nearest_names_are_of_both_folders(own, known):
    own("packages/our_package.yaml", "interventions: []\n")
    with pytest.raises(UserError, match="our_package"):
        resolve("our_packge", known)
    with pytest.raises(UserError, match="home_first"):
        resolve("home_frst", known)


def test_a_scenario_made_in_python_is_that_of_a_file_of_the_same_content(own, known):
    content = {
        "description": "Half of home first",
        "extends": "baseline",
        "interventions": ["retention_programme", {"name": "home_first", "scale": 0.5}],
        "parameters": {
            "loops.R7_poaching": 0,
            "discharge.funded_places": [{"value": 450, "where": {"place": "bristol"}}],
        },
    }
    path = own(
        "half.yaml",
        "description: Half of home first\nextends: baseline\n"
        "interventions: [retention_programme, {name: home_first, scale: 0.5}]\n"
        "parameters:\n  loops.R7_poaching: 0\n  discharge.funded_places: [{value: 450, where: {place: bristol}}]\n",
    )
    made = resolve({"name": "half", **content}, known, changes={"members": 3})
    read = resolve(path, known, changes={"members": 3})
    assert (made.name, made.description) == (read.name, read.description)
    assert made.settings() | {"file": ""} == read.settings() | {"file": ""}
    assert [spec.size for spec in made.modifiers] == [spec.size for spec in read.modifiers]
    assert [spec.points for spec in made.modifiers] == [spec.points for spec in read.modifiers]
    for name, override in read.parameters.items():
        assert (override.values == made.parameters[name].values).all()


def test_an_error_in_a_scenario_made_in_python_names_it_and_its_key(own, known):
    with pytest.raises(UserError, match=r"scenario 'mine': 'interventions\[1\]\.scal'.*'scale'"):
        resolve({"name": "mine", "interventions": [{"name": "home_first", "scal": 2}]}, known)
