"""What a user gets wrong is refused before anything runs: exit code, file and line, nearest name, nothing written."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from model.cli.main import main
from model.registry.errors import Exit

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


ERRORS = {
    "misspelt key": ("extends: baseline\nintervensions: [home_first]\n", Exit.INPUT, 2, "'interventions'"),
    "unknown lever": (
        "extends: baseline\nchanges:\n  - parameter: workforce.leaving_multiplyer\n    points: {2024-04: 0.1}\n"
        "    source: assumption\n",
        Exit.INPUT,
        3,
        "'workforce.leaving_multiplier'",
    ),
    "unknown parameter": (
        "extends: baseline\nparameters:\n  loops.R2_burn_out: 0\n",
        Exit.INPUT,
        3,
        "'loops.R2_burnout'",
    ),
    "unknown intervention": (
        "extends: baseline\ninterventions:\n  - retension_programme\n",
        Exit.MISSING_FILE,
        3,
        "'retention_programme'",
    ),
    "unknown label": (
        "extends: baseline\nparameters:\n  finance.agency_premium:\n    - {value: 1.4, where: {employer: acut}}\n",
        Exit.INPUT,
        4,
        "'acute'",
    ),
    "wrong unit": ("extends: baseline\nparameters:\n  workforce.temporary_delay: 3 beds\n", Exit.INPUT, 3, "years"),
    "out of range": ("extends: baseline\nparameters:\n  loops.R2_burnout: 7\n", Exit.INPUT, 3, "0 to 2"),
    "missing parent": ("extends: base_line_of_mine.yaml\n", Exit.MISSING_FILE, 1, "base_line_of_mine"),
    "circular": ("extends: scenario.yaml\n", Exit.INPUT, 1, "circular"),
    "duplicate key": ("extends: baseline\nseed: 1\nseed: 2\n", Exit.INPUT, 3, "twice"),
    "not YAML": ("extends: [baseline\n", Exit.INPUT, 2, "YAML"),
    "unit that is a sum": (
        "extends: baseline\nparameters:\n  workforce.temporary_delay: 3 9**9**9**9\n",
        Exit.INPUT,
        3,
        "cannot be read",
    ),
    "decimal comma": (
        "extends: baseline\nparameters:\n  workforce.temporary_delay: 1,5 months\n",
        Exit.INPUT,
        3,
        "cannot be read",
    ),
    "truth for a duration": (
        "extends: baseline\nparameters:\n  workforce.temporary_delay: true\n",
        Exit.INPUT,
        3,
        "expected a number",
    ),
    "package twice": ("extends: baseline\npackages:\n  - home_first\n  - home_first\n", Exit.INPUT, 4, "listed twice"),
    "two signs": ("extends: baseline\nparameters:\n  workforce.temporary_delay: --1\n", Exit.INPUT, 3, "not a number"),
    "no cells": ("extends: baseline\nparameters:\n  finance.agency_premium: []\n", Exit.INPUT, 3, "no value"),
    "nothing after a key": ("extends: baseline\ninterventions:\n", Exit.INPUT, 2, "the value is missing"),
    "a mapping for a list": ("extends: baseline\ninterventions: {home_first: 1}\n", Exit.INPUT, 2, "expected a list"),
    "size without end": (
        "extends: baseline\nchanges:\n  - parameter: demand.service_factor\n    points: {2025-04: .inf}\n"
        "    source: assumption\n",
        Exit.INPUT,
        4,
        "finite",
    ),
    "ramp without end": (
        "extends: baseline\ninterventions:\n  - {name: home_first, ramp_months: 1e9}\n",
        Exit.INPUT,
        3,
        "1200",
    ),
    "date of another age": (
        "extends: baseline\ninterventions:\n  - {name: home_first, start: decision + 99999999999 years}\n",
        Exit.INPUT,
        3,
        "1900 to 2199",
    ),
    "target of nobody": (
        "extends: baseline\ninterventions:\n  - {name: weight_management, target: {deprivation: []}}\n",
        Exit.INPUT,
        3,
        "at least one",
    ),
    "folder as parent": ("extends: .\n", Exit.MISSING_FILE, 1, "is a folder"),
}


@pytest.mark.parametrize("command", ["run", "compare", "validate"])
@pytest.mark.parametrize("name", ERRORS)
def test_a_error_of_a_file_is_refused_with_its_line(name, command, here, capsys):
    text, code, line, expected = ERRORS[name]
    (here / "scenario.yaml").write_text(text)
    assert main([command, "scenario.yaml"]) == code
    printed = capsys.readouterr()
    assert f"scenario.yaml:{line}" in printed.err
    assert expected in printed.err
    assert "Traceback" not in printed.err
    assert not printed.out
    assert [path.name for path in here.iterdir()] == ["scenario.yaml"]


@pytest.mark.parametrize(
    ("words", "code", "expected"),
    [
        (["run", "nowhere.yaml"], Exit.MISSING_FILE, "no such file"),
        (["nowhere.yaml"], Exit.MISSING_FILE, "no such file"),
        (["prevention_shft"], Exit.USAGE, "'prevention_shift'"),
        (["compere", "home_first"], Exit.USAGE, "'compare'"),
        (["run"], Exit.USAGE, "SCENARIO"),
        (["run", "baseline", "--member", "3"], Exit.USAGE, "--members"),
        (["run", "baseline", "--members", "0"], Exit.USAGE, "--members"),
        (["run", "baseline", "--set", "loops.R2_burnout"], Exit.USAGE, "NAME=VALUE"),
        (["run", "baseline", "--set", "memberz=3"], Exit.USAGE, "'members'"),
        (["run", "baseline", "--set", "members=3", "--members", "4"], Exit.USAGE, "twice"),
        (["run", "baseline", "--set", "loops.R2_burn=0"], Exit.INPUT, "'loops.R2_burnout'"),
        (["run", "baseline", "--set", "loops.R2_burnout=5"], Exit.INPUT, "out of range"),
        (["run", "baseline", "--baseline", "base"], Exit.MISSING_FILE, "'baseline'"),
        (["run", "baseline", "--end", "2060-04"], Exit.INPUT, "cannot end later"),
        (["run", "baseline", "--end", "soon"], Exit.INPUT, "expected a date"),
        (["run", "baseline", "--end", "2030-04", "--years", "4"], Exit.INPUT, "keep one"),
        (["describe", "workforce.leaver_rates"], Exit.INPUT, "'workforce.leaver_rate'"),
        (["describe", "--search", "zzzz"], Exit.INPUT, "zzzz"),
        (["schema", "scenari"], Exit.USAGE, "'scenario'"),
        (["population", "nowhere.yaml"], Exit.MISSING_FILE, "nowhere.yaml"),
        (["new", "mine.txt"], Exit.USAGE, ".yaml"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_error_of_the_command_is_told_in_a_line(words, code, expected, here, capsys):
    assert main(words) == code
    printed = capsys.readouterr()
    assert printed.err.startswith("Error: ")
    assert expected in printed.err
    assert "Traceback" not in printed.err
    assert not printed.out
    assert not list(here.iterdir())


def test_every_scenario_is_checked_before_any_runs(here, capsys):
    (here / "one.yaml").write_text("extends: baseline\nsead: 1\n")
    (here / "two.yaml").write_text("extends: baseline\nmembers: many\n")
    assert main(["run", "baseline", "one.yaml", "two.yaml"]) == Exit.INPUT
    printed = capsys.readouterr().err
    assert "one.yaml:2" in printed
    assert "two.yaml:2" in printed
    assert {path.name for path in here.iterdir()} == {"one.yaml", "two.yaml"}


def test_scenarios_that_cannot_be_paired_are_not_compared(here, capsys):
    (here / "many.yaml").write_text("extends: baseline\nmembers: 20\n")
    assert main(["compare", "do_nothing", "many.yaml"]) == Exit.INPUT
    assert "'members'" in capsys.readouterr().err


def test_two_scenarios_of_one_name_are_refused(here, capsys):
    (here / "mine.yaml").write_text("extends: baseline\nname: baseline\n")
    assert main(["run", "mine.yaml"]) == Exit.INPUT
    assert "bear this name" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["mine/1", "mine_1"])
def test_names_that_would_share_a_file_are_refused(name, here, capsys):
    (here / "one.yaml").write_text("extends: baseline\nname: mine 1\n")
    (here / "two.yaml").write_text(f"extends: baseline\nname: {name}\n")
    assert main(["compare", "one.yaml", "two.yaml"]) == Exit.INPUT
    assert "bear this name" in capsys.readouterr().err


def test_a_name_too_long_for_a_file_is_refused_before_anything_runs(here, capsys):
    (here / "mine.yaml").write_text(f"extends: baseline\nname: {'a' * 300}\n")
    assert main(["compare", "mine.yaml", "--name", "short"]) == Exit.INPUT
    assert "too long" in capsys.readouterr().err


@pytest.mark.parametrize("debug", [False, True])
def test_an_unexpected_error_shows_its_traceback_only_on_request(debug, here, capsys, monkeypatch):
    def broken(*_, **__):
        raise ZeroDivisionError("an invented error")

    monkeypatch.setattr("model.simulation.simulate.run_members", broken)
    words = ["run", "do_nothing", "--end", "2024-05"] + (["--debug"] if debug else [])
    assert main(words) == Exit.INTERNAL
    printed = capsys.readouterr().err
    assert "an invented error" in printed
    assert ("Traceback" in printed) is debug
    assert ("--debug" in printed) is not debug
    assert not list(here.iterdir())


def test_a_broken_audit_has_an_exit_code_of_its_own(capsys, monkeypatch):
    from model.engine.world import ConservationError

    def unbalanced(*_, **__):
        raise ConservationError("staff not conserved")

    monkeypatch.setattr("model.simulation.simulate.run_members", unbalanced)
    assert main(["run", "do_nothing", "--end", "2024-05", "--checked"]) == Exit.MODEL
    assert "staff not conserved" in capsys.readouterr().err


def test_results_that_cannot_be_completed_leave_the_former_ones(here, capsys, monkeypatch):
    words = ["run", "do_nothing", "--end", "2024-05", "--no-figures", "--quiet"]
    assert main(words) == Exit.OK
    before = {path.name: path.read_bytes() for path in (here / "outputs" / "do_nothing").iterdir()}

    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("model.workflows.run_outputs.write_statement", full)
    assert main(words) == Exit.OUTPUT
    assert "No space left" in capsys.readouterr().err
    assert {path.name: path.read_bytes() for path in (here / "outputs" / "do_nothing").iterdir()} == before
    assert [path.name for path in (here / "outputs").iterdir()] == ["do_nothing"]


def test_the_program_ends_with_the_code_of_the_error(here):
    done = subprocess.run(
        [sys.executable, str(ROOT / "run.py"), "validate", "nowhere"], capture_output=True, text=True, check=False
    )
    assert done.returncode == Exit.MISSING_FILE
    assert done.stderr.startswith("Error: ")
    assert "Traceback" not in done.stderr
