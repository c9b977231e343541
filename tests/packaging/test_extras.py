"""A plain install: what it lacks, and what it says when a task needs more."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from model.registry import extras
from model.registry.errors import Exit, UserError
from model.registry.extras import EXTRAS, require_extra

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
PLAIN = """
import importlib.abc, sys

class Missing(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {modules!r}:
            raise ModuleNotFoundError(name)

sys.meta_path.insert(0, Missing())
from model.cli.main import main
sys.exit(main({words!r}))
"""


def _plain(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run a command where the libraries of all extras are missing."""
    modules = {module for libraries in EXTRAS.values() for module in libraries}
    code = PLAIN.format(modules=modules, words=list(words))
    environment = {"PYTHONPATH": str(ROOT), "PATH": "", "HOME": str(folder)}
    return subprocess.run([sys.executable, "-c", code], cwd=folder, env=environment, capture_output=True, text=True)


def test_extras_are_those_of_the_project():
    declared = PROJECT["optional-dependencies"]
    for extra, libraries in EXTRAS.items():
        assert {re.split(r"[<>=]", text)[0] for text in declared[extra]} == set(libraries.values())
        assert not {re.split(r"[<>=]", text)[0] for text in PROJECT["dependencies"]} & set(libraries.values())
    assert f"{PROJECT['name']}[{','.join(EXTRAS)}]" in declared["test"]


def test_an_extra_that_is_there_is_no_error():
    for extra in EXTRAS:
        require_extra(extra, "a test")


def test_a_missing_extra_names_the_libraries_and_the_command(monkeypatch):
    monkeypatch.setattr(extras, "find_spec", lambda name: None if name in ("pptx", "xlsxwriter") else name)
    with pytest.raises(UserError) as error:
        require_extra("report", "the report to a board")
    assert "the report to a board needs python-pptx, XlsxWriter, which are not installed" in str(error.value)
    assert "pip install 'bnssg-system-model[report]'" in str(error.value)
    assert error.value.code == Exit.USAGE


@pytest.mark.slow
def test_a_plain_install_runs_a_scenario_with_figures(tmp_path):
    done = _plain(tmp_path, "run", "baseline", "--years", "1")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "outputs" / "baseline" / "headlines.csv").is_file()
    assert list((tmp_path / "outputs" / "baseline" / "figures").glob("*.png"))


@pytest.mark.parametrize(
    "words",
    [
        ("report", "home_first", "--years", "1"),
        ("decide", "six_packages"),
        ("cost", "home_first", "--years", "1", "--workbook"),
        ("run", "baseline", "--years", "1", "--scheduler", "local"),
    ],
    ids=lambda words: words[0],
)
def test_a_plain_install_says_what_a_task_lacks_before_it_runs(words, tmp_path):
    done = _plain(tmp_path, *words)
    assert done.returncode == Exit.USAGE, done.stdout + done.stderr
    assert "pip install 'bnssg-system-model[" in done.stderr
    assert not list(tmp_path.rglob("*.csv"))
