"""What the documents tell a user to type works as written."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from model.cli.main import main
from model.registry.errors import Exit

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```bash\n(.*?)```", README, flags=re.DOTALL)
LINES = [line for block in BLOCKS for line in block.splitlines() if line.strip()]
FIRST, SECOND = LINES[:2]
CALLS = [shlex.split(line)[2:] for line in LINES[2:]]
PAGES = README + (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
TYPED = [shlex.split(text) for text in re.findall(r"`python run\.py ([^`]*)`", PAGES)]


def test_the_two_commands_of_the_readme_are_those_of_the_script():
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    install, job = FIRST.split(" && ")
    tools, tests = SECOND.split(" && ")
    for command in (install, tools):
        assert command.replace("pip install", "pip install --quiet --disable-pip-version-check") + "\n" in script
    assert "test" not in install
    assert f"{job} " in script
    assert f"\n{tests}\n" in script


def test_the_main_job_is_valid_as_written():
    words = shlex.split(FIRST.split("&&")[1])[2:]
    assert words[0] == "compare"
    assert main(["validate", *words[1:]]) == Exit.OK


@pytest.mark.slow
def test_the_commands_of_the_readme_run_in_order(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert len(CALLS) > 8
    for words in CALLS:
        assert main(words) == Exit.OK, words


@pytest.mark.parametrize("words", TYPED, ids=" ".join)
def test_commands_named_in_the_text_exist(words, capsys):
    if words[0].startswith("-"):
        assert main(words) == Exit.OK
    else:
        assert main([words[0], "--help"]) == Exit.OK


def test_the_scenario_of_the_readme_is_valid(tmp_path):
    (text,) = re.findall(r"```yaml\n(.*?)```", README, flags=re.DOTALL)
    path = tmp_path / "shown.yaml"
    path.write_text(text, encoding="utf-8")
    assert main(["validate", str(path)]) == Exit.OK


def test_the_rule_of_precedence_is_the_one_in_force():
    from model.scenarios.precedence import PRECEDENCE

    assert PRECEDENCE.lower().rstrip(".") in " ".join(README.lower().split())


@pytest.mark.parametrize("page", ["README.md", "docs/architecture.md"])
def test_links_and_paths_lead_somewhere(page):
    path = ROOT / page
    text = path.read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)#]+)\)", text):
        assert (path.parent / target).exists(), target
    for written in re.findall(r"`((?:model|scenarios|calibration|tests|benchmarks|\.ci)/[\w/.]*)`", text):
        assert (ROOT / written).exists(), written


def test_every_product_of_a_run_is_in_the_readme():
    for name in (
        "README.txt",
        "headlines.csv",
        "headlines_by_year.csv",
        "monthly.csv",
        "statement.csv",
        "case_for_change.csv",
        "results.nc",
        "scenario_*.resolved.yaml",
        "figures/",
    ):
        assert f"`{name}`" in README
