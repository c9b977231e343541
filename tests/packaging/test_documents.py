"""What README and the documents name exists: files, links, commands, options; and what the project says of itself."""

from __future__ import annotations

import re
import shlex
import tomllib
from pathlib import Path

import click
import pytest
from packaging.requirements import Requirement
from packaging.version import Version

import model
from model.cli.main import commands

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
MADE = ("docs/reference/", "model/data", "model/sectors/helpline", "scenarios/interventions/befriending.yaml")
"""What a command, a build or an example makes, not kept in git."""


def _text(page: Path) -> str:
    return page.read_text(encoding="utf-8")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_files_and_links_exist(page):
    text = _text(page)
    named = re.findall(r"`((?:model|scenarios|calibration|tests|benchmarks|docs)/[\w/.-]*\w/?)`", text)
    missing = [name for name in named if not name.startswith(MADE) and not (ROOT / name).exists()]
    linked = re.findall(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)", text)
    missing += [name for name in linked if not (page.parent / name).exists()]
    assert missing == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_commands_and_their_options_exist(page):
    text = re.sub(r"\\\n\s*", "", _text(page))
    lines = [line for block in re.findall(r"```bash\n(.*?)```", text, flags=re.DOTALL) for line in block.splitlines()]
    lines += re.findall(r"(?<!`)`([^`\n]+)`(?!`)", text)
    wrong = []
    for line in lines:
        for typed in re.findall(r"\b(?:run\.py|bnssg-model) (.+?)(?: && |$)", line):
            words = shlex.split(typed)
            name = next((word for word in words if not word.startswith("-")), None)
            command = commands if name is None else commands.get_command(click.Context(commands), name)
            if command is None:
                # A scenario in the place of a command is run.
                command = commands.get_command(click.Context(commands), "run")
                wrong += [] if name.endswith(".yaml") or name.isupper() else [f"{typed}: no such command"]
            known = {"--help"}.union(*(option.opts + option.secondary_opts for option in command.params))
            options = {word.split("=")[0] for word in words if word.startswith("--")}
            wrong += [f"{typed}: no option {option}" for option in sorted(options - known)]
    assert wrong == []


def test_functions_named_by_the_page_of_responses_exist():
    code = "".join(_text(path) for name in ("sectors", "engine") for path in (ROOT / "model" / name).rglob("*.py"))
    page = _text(ROOT / "docs" / "responses.md")
    sentences = re.findall(r"Code:\s((?:`[\w.]+`[,\s]*)+)", page)
    named = {name.split(".")[-1] for text in sentences for name in re.findall(r"`([\w.]+)`", text)}
    assert len(named) > 20
    assert {name for name in named if f"def {name}(" not in code} == set()


def test_every_page_is_in_the_index():
    index = _text(ROOT / "docs" / "index.md")
    for page in (ROOT / "docs").glob("*.md"):
        assert page.name == "index.md" or f"]({page.name})" in index, page.name
    assert "docs/index.md" in _text(ROOT / "README.md")


def test_version_is_the_same_everywhere():
    assert f"version: {model.__version__}\n" in _text(ROOT / "CITATION.cff")
    assert f"## {model.__version__}" in _text(ROOT / "CHANGELOG.md")
    assert PROJECT["dynamic"] == ["version"]


def test_constraints_meet_every_requirement():
    lines = [line for line in _text(ROOT / "constraints.txt").splitlines() if line and not line.startswith("#")]
    assert all(re.fullmatch(r"[\w.-]+==[\w.+!]+", line) for line in lines)
    versions = {line.split("==")[0].lower().replace("_", "-"): Version(line.split("==")[1]) for line in lines}
    texts = [*PROJECT["dependencies"], *(text for texts in PROJECT["optional-dependencies"].values() for text in texts)]
    for requirement in map(Requirement, texts):
        if requirement.name != PROJECT["name"]:
            assert versions[requirement.name.lower()] in requirement.specifier, requirement
