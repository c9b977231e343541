"""The rooms of the code and what each may import, kept by import-linter; and what the documents say of them."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
LONGEST_FILE = 450
COMPILED = "kernel.py"
"""All compiled functions stand in one file: those kept on disk are not made anew when a function elsewhere changes."""


def test_rooms_are_entered_from_above_only():
    from importlinter.cli import EXIT_STATUS_SUCCESS, lint_imports

    assert lint_imports(str(ROOT / "pyproject.toml"), no_cache=True) == EXIT_STATUS_SUCCESS


def test_the_command_line_starts_without_anything_heavy():
    heavy = ("numpy", "xarray", "matplotlib", "pydantic", "ruamel", "scipy", "rich", "pint", "numba", "simpy")
    code = (
        "import sys; from model.cli.main import main; main(['--help']); "
        f"print([name for name in {heavy!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


@pytest.mark.parametrize("path", sorted((ROOT / "model").rglob("*.py")), ids=lambda path: str(path.relative_to(ROOT)))
def test_files_stay_short_and_say_what_they_are(path):
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= LONGEST_FILE or path.name == COMPILED
    assert text.lstrip().startswith('"""')
    assert path.name not in ("utils.py", "helpers.py")


def test_every_room_stands_in_the_architecture():
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    rooms = [path for path in (ROOT / "model").iterdir() if path.is_dir() and path.name != "__pycache__"]
    for room in rooms:
        assert f"{room.name}/" in page
    for written in re.findall(r"`((?:model|scenarios|calibration|tests|benchmarks)/[\w/.]+)`", page):
        assert (ROOT / written).exists(), written
