"""The package built, installed in another environment, and run from an empty folder."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCE = (
    "model", "bnssg_model", "scenarios", "calibration", "pyproject.toml", "setup.py", "MANIFEST.in", "README.md",
    "LICENSE",
)  # fmt: skip
COMMIT = "0123456789abcdef0123456789abcdef01234567"
DECISION = """\
description: Should home first go ahead?
scenarios: [home_first]
members: 2
"""
COMMANDS = {
    "describe scenarios": None,
    "run baseline --years 2": "outputs/baseline/headlines.csv",
    "pathway stroke --replications 2": "outputs/stroke/summary.csv",
    "calibration-report": "outputs/calibration/report.html",
    "decide decision.yaml --years 2 --no-figures": "outputs/decision_decision/report.html",
}
"""What is run, and a file that it must write; paths from the empty folder."""


def _run(*words: str | Path, folder: Path) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHONPATH", "COV_"))}
    return subprocess.run([str(word) for word in words], cwd=folder, env=clean, capture_output=True, text=True)


def _checked(*words: str | Path, folder: Path) -> str:
    done = _run(*words, folder=folder)
    assert done.returncode == 0, f"{' '.join(map(str, words))}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def source(tmp_path_factory) -> Path:
    """A copy of the source, so that nothing is built in the work tree; its commit is written as an sdist has it."""
    folder = tmp_path_factory.mktemp("source")
    for name in SOURCE:
        path = ROOT / name
        if path.is_dir():
            shutil.copytree(path, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(path, folder / name)
    (folder / "commit.txt").write_text(COMMIT + "\n", encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def wheel(source, tmp_path_factory) -> Path:
    """The wheel, built from the copy with the tools at hand."""
    folder = tmp_path_factory.mktemp("wheel")
    words = ("wheel", ".", "--no-deps", "--no-build-isolation", "--quiet", "--wheel-dir", folder)
    _checked(sys.executable, "-m", "pip", *words, folder=source)
    (path,) = folder.glob("*.whl")
    return path


def _environment(folder: Path) -> Path:
    """Make a virtual environment that sees the libraries of this one, but not its editable install of the clone.

    A line of a ``.pth`` file adds a folder to the path without reading the ``.pth`` files in it, so that the install of
    the clone stays out.
    """
    _checked(sys.executable, "-m", "venv", "--without-pip", folder, folder=folder.parent)
    code = "import sysconfig; print(sysconfig.get_path('purelib'))"
    packages = Path(_checked(_program(folder, "python"), "-c", code, folder=folder.parent).strip())
    (packages / "libraries.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    return folder


def _program(environment: Path, name: str) -> Path:
    return environment / ("Scripts" if os.name == "nt" else "bin") / name


def _install(environment: Path, *words: str | Path) -> None:
    python = _program(environment, "python")
    options = ("--no-deps", "--no-build-isolation", "--no-index", "--quiet", "--disable-pip-version-check")
    _checked(sys.executable, "-m", "pip", "--python", python, "install", *options, *words, folder=environment)


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory) -> Path:
    """An environment with the wheel."""
    environment = _environment(tmp_path_factory.mktemp("installed") / "environment")
    _install(environment, wheel)
    return environment


def test_a_wheel_carries_all_that_a_run_reads(wheel, source):
    names = set(zipfile.ZipFile(wheel).namelist())
    for folder in ("scenarios", "calibration"):
        files = [path for path in (ROOT / folder).rglob("*") if path.is_file() and "__pycache__" not in path.parts]
        assert files
        for path in files:
            assert f"model/data/{path.relative_to(ROOT)}" in names
    for path in (source / "model").rglob("*"):
        if path.is_file() and path.suffix not in (".pyc", ".nbi", ".nbc"):
            assert str(path.relative_to(source)) in names
    assert not [name for name in names if name.startswith(("tests", "docs", "benchmarks"))]
    assert {name.split("/")[0] for name in names if ".dist-info" not in name} == {"model", "bnssg_model"}


@pytest.mark.slow
def test_an_installed_package_works_from_an_empty_folder(installed, tmp_path):
    program, python = _program(installed, "bnssg-model"), _program(installed, "python")
    location = "import model, sys; print(model.__file__); print(*sys.path, sep='\\n')"
    module, *path = _checked(python, "-c", location, folder=tmp_path).splitlines()
    assert Path(module).is_relative_to(installed)
    assert str(ROOT) not in path
    assert COMMIT in _checked(program, "--version", folder=tmp_path)

    assert "run.py" not in _checked(program, "cost", "--help", folder=tmp_path)
    assert "'bnssg-model --help'" in _run(program, "hmoe_first", folder=tmp_path).stderr
    (tmp_path / "decision.yaml").write_text(DECISION, encoding="utf-8")
    for command, written in COMMANDS.items():
        output = _checked(program, *command.split(), folder=tmp_path)
        assert output.strip()
        assert written is None or (tmp_path / written).stat().st_size > 0, command
    assert sorted(path.name for path in tmp_path.iterdir()) == ["decision.yaml", "outputs"]
    code = "import bnssg_model; print(bnssg_model.open_results('outputs/baseline').headlines()['headline'].nunique())"
    assert int(_checked(python, "-c", code, folder=tmp_path)) > 20


def test_an_editable_install_uses_the_folders_of_its_clone(source, tmp_path):
    environment = _environment(tmp_path / "environment")
    clone = shutil.copytree(source, tmp_path / "clone")
    (clone / "commit.txt").unlink()
    _install(environment, "--editable", clone)
    code = (
        "from model.registry import data_folders as d; print(d.SCENARIOS, d.CALIBRATION, d.source_commit(), sep='\\n')"
    )
    scenarios, calibration, commit = _checked(_program(environment, "python"), "-c", code, folder=tmp_path).split()
    assert (Path(scenarios), Path(calibration)) == (clone / "scenarios", clone / "calibration")
    assert not (clone / "model" / "data").exists()
    assert commit == "unknown"
