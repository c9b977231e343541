"""The folders of the code and what each may import, kept by import-linter; and what the documents say of them."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections import defaultdict
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
MOST_FOLDERS = 16
MOST_FOLDERS_OF_ONE_VALUE = 7
"""Folders that a value enters on its way from a line of YAML to a headline."""

LONGEST_FUNCTION = 65
"""Lines of a function below its signature and docstring."""

LONGER_FUNCTIONS = {"model/hospital/engines/kernel.py:run": 90}
"""The loop over events, compiled as one function."""

BANNED_FILES = ("utils.py", "util.py", "helpers.py", "misc.py", "common.py")
MOST_UNFORMATTED = 40
"""Statements that the formatter leaves alone, because they are tables of numbers or declarations."""

SOURCES = sorted((ROOT / "model").rglob("*.py"))


def _name(path: Path) -> str:
    return str(path.relative_to(ROOT))


@cache
def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def _folders() -> list[str]:
    return sorted(path.name for path in (ROOT / "model").iterdir() if path.is_dir() and path.name != "__pycache__")


def test_folders_are_entered_from_above_only():
    from importlinter.cli import EXIT_STATUS_SUCCESS, lint_imports

    assert lint_imports(str(ROOT / "pyproject.toml"), no_cache=True) == EXIT_STATUS_SUCCESS


def test_the_command_line_starts_without_anything_heavy():
    heavy = ("numpy", "xarray", "matplotlib", "pydantic", "ruamel", "scipy", "rich", "pint", "numba", "simpy", "pandas")
    code = (
        "import sys; from model.cli.main import main; main(['--help']); "
        f"print([name for name in {heavy!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


@pytest.mark.parametrize("path", SOURCES, ids=_name)
def test_files_say_what_they_are(path):
    assert ast.get_docstring(_tree(path))
    assert path.name not in BANNED_FILES


@pytest.mark.parametrize("path", SOURCES, ids=_name)
def test_functions_stay_short(path):
    too_long = {}
    for node in ast.walk(_tree(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            first = node.body[1 if ast.get_docstring(node) and len(node.body) > 1 else 0]
            lines = node.end_lineno - first.lineno + 1
            if lines > LONGER_FUNCTIONS.get(f"{_name(path)}:{node.name}", LONGEST_FUNCTION):
                too_long[node.name] = lines
    assert too_long == {}


def test_a_class_name_has_one_meaning():
    files = defaultdict(list)
    for path in SOURCES:
        for node in ast.walk(_tree(path)):
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                files[node.name].append(_name(path))
    shared = {name: paths for name, paths in files.items() if len(paths) > 1}
    assert shared == {}


def test_the_formatter_decides_the_layout():
    files = [path for name in ("model", "tests", "docs", "benchmarks") for path in (ROOT / name).rglob("*.py")]
    texts = [path.read_text(encoding="utf-8") for path in files]
    assert sum(text.count("# fmt: " + word) for text in texts for word in ("skip", "off")) <= MOST_UNFORMATTED


def test_the_house_is_small_and_stands_in_the_architecture():
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    folders = _folders()
    assert len(folders) <= MOST_FOLDERS
    picture = re.search(r"```\n(.*?)```", page, flags=re.DOTALL)[1]
    for folder in folders:
        assert f"{folder}/" in picture
        assert f"| `{folder}/` |" in page
    for file in (ROOT / "model").glob("[!_]*.py"):
        assert f"`model/{file.name}`" in page


def test_the_tests_have_the_folders_of_the_code():
    tests = {path.name for path in (ROOT / "tests").iterdir() if path.is_dir() and not path.name.startswith(("_", "."))}
    assert set(_folders()) - tests == set()


def test_a_value_enters_few_folders_on_its_way_to_a_headline():
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    walk = page.split("## How one value travels")[1].split("\n## ")[0]
    assert len(re.findall(r"^\d+\. \*\*`\w+`\*\*", walk, flags=re.MULTILINE)) <= MOST_FOLDERS_OF_ONE_VALUE
    assert len(set(re.findall(r"`model/(\w+)/", walk))) <= MOST_FOLDERS_OF_ONE_VALUE
