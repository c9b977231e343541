"""The additions that CONTRIBUTING.md shows, made in a copy of the model and run as it says."""

from __future__ import annotations

import csv
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
COPIED = ("model", "scenarios", "calibration", "run.py")
SECTOR = "model/sectors/vcse"
HELPLINE = "model/sectors/helpline"


def _section(title: str) -> str:
    return PAGE.split(f"\n## {title}\n")[1].split("\n## ")[0]


def _blocks(title: str, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", _section(title), flags=re.DOTALL)


def _commands(title: str) -> list[list[str]]:
    return [shlex.split(line)[1:] for block in _blocks(title, "bash") for line in block.splitlines()]


def _append(path: Path, text: str) -> None:
    path.write_text(path.read_text(encoding="utf-8") + "\n" + text, encoding="utf-8")


def _insert(path: Path, anchor: str, text: str, *, after: bool) -> None:
    """Insert text before, or after, the line that the first match of an anchor begins or ends."""
    old = path.read_text(encoding="utf-8")
    match = re.search(anchor, old, flags=re.MULTILINE)
    assert match, f"{path}: {anchor}"
    position = match.end() if after else match.start()
    path.write_text(old[:position] + text + old[position:], encoding="utf-8")


def _add_parameter(copy: Path) -> None:
    (entry,) = _blocks("Add a parameter", "yaml")
    _append(copy / SECTOR / "parameters.yaml", entry)


def _add_stock(copy: Path) -> None:
    stock, flows, initial, call, method = _blocks("Add a stock", "python")
    declarations, equations = copy / SECTOR / "declarations.py", copy / SECTOR / "equations.py"
    _insert(declarations, r"^ {4}declare\.stock\(", stock, after=False)
    _insert(declarations, r"^ {4}declare\.flow\(", flows, after=False)
    for name, lines in (("initialise", initial), ("step", call)):
        beginning = rf'def {name}\(self, world: World\) -> None:\n +""".*"""\n( +.* = views\(world\)\n)?'
        _insert(equations, beginning, lines, after=True)
    _insert(equations, r"^ {4}def publish\(", f"{method}\n", after=False)


def _add_intervention(copy: Path) -> None:
    (text,) = _blocks("Add an intervention", "yaml")
    (copy / "scenarios" / "interventions" / "befriending.yaml").write_text(text, encoding="utf-8")


def _add_headline(copy: Path) -> None:
    (entry,) = _blocks("Add a headline", "python")
    _insert(copy / "model" / "results" / "headlines.py", r"^HEADLINES\b.* = \(\n", entry, after=True)


def _add_sector(copy: Path) -> None:
    line, module, equations = _blocks("Add a sector", "python")
    (parameters,) = _blocks("Add a sector", "yaml")
    _insert(copy / "model" / "sectors" / "__init__.py", r'^ {4}\("outcomes"', line, after=False)
    folder = copy / HELPLINE
    folder.mkdir()
    for name, text in (("__init__.py", module), ("parameters.yaml", parameters), ("equations.py", equations)):
        (folder / name).write_text(text, encoding="utf-8")


ADDITIONS = {
    "Add a parameter": _add_parameter,
    "Add a stock": _add_stock,
    "Add an intervention": _add_intervention,
    "Add a headline": _add_headline,
    "Add a sector": _add_sector,
}


@pytest.fixture(scope="module")
def copy(tmp_path_factory) -> Path:
    """A copy of the model with all additions."""
    folder = tmp_path_factory.mktemp("contribution")
    for name in COPIED:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / name, folder / name)
    for add in ADDITIONS.values():
        add(folder)
    return folder


def _run(copy: Path, *words: str) -> str:
    clean = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run([sys.executable, *words], cwd=copy, env=clean, capture_output=True, text=True)
    assert done.returncode == 0, f"{words}\n{done.stdout}\n{done.stderr}"
    return done.stdout + done.stderr


def test_the_page_shows_every_addition():
    titles = re.findall(r"^## (Add .*)$", PAGE, flags=re.MULTILINE)
    assert titles == list(ADDITIONS)
    assert all(_commands(title) for title in titles)


@pytest.mark.slow
def test_the_commands_of_the_page_work(copy):
    said = {title: [_run(copy, *words) for words in _commands(title)] for title in ADDITIONS}
    assert "a volunteer is trained" in said["Add a parameter"][0]
    assert "Volunteers being trained" in said["Add a stock"][1]
    assert "people_supported" in said["Add a headline"][0]
    assert "helpline.calls_per_day" in said["Add a sector"][1]
    assert "Helpline" in said["Add a sector"][2]


@pytest.mark.slow
def test_additions_reach_results_and_leave_the_fit_valid(copy):
    import netCDF4

    words = ("--years", "1", "--members", "2", "--set", "outputs=all", "--checked", "--no-figures", "--output", "all")
    said = _run(copy, "run.py", "run", "baseline", *words)
    assert "fit anew" not in said
    folder = copy / "all" / "baseline"
    with (folder / "headlines_by_year.csv").open(encoding="utf-8") as file:
        assert "people_supported" in {row["headline"] for row in csv.DictReader(file)}
    with netCDF4.Dataset(folder / "results.nc") as results:
        text = " ".join([*results.variables, *(name for group in results.groups.values() for name in group.variables)])
    for name in ("vcse.trainees", "vcse.training_ends", "helpline.calls_open", "helpline.closed"):
        assert name in text


def test_the_code_of_the_page_is_clean(copy):
    files = [copy / HELPLINE, copy / SECTOR, copy / "model" / "results" / "headlines.py"]
    config = ROOT / "pyproject.toml"
    for words in (("check",), ("format", "--check")):
        done = subprocess.run(
            [sys.executable, "-m", "ruff", *words, "--no-cache", "--config", config, *files],
            cwd=copy,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stdout
