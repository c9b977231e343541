"""Every result says what made it: version, commit, libraries, seed and the resolved scenario."""

from __future__ import annotations

import re

from model import __version__
from model.registry.data_folders import source_commit
from model.results.dataset import write_runs
from model.scenarios.resolver import resolve
from model.sectors.model_registry import registry
from model.simulation import provenance as module
from model.simulation.provenance import code_fingerprint, provenance, versions_in_words
from model.simulation.simulate import simulate
from model.workflows.run_outputs import _guide


def short():
    return resolve("baseline", registry(), changes={"end": "2019-07", "decision": "2019-05", "seed": 7})


def test_the_commit_and_the_versions_are_those_of_this_source():
    facts = provenance(short())
    assert facts["commit"] == source_commit()
    assert re.fullmatch(r"[0-9a-f]{40}|unknown", facts["commit"])
    assert (facts["model_version"], facts["seed"], facts["members"]) == (__version__, "7", "1")
    for name in ("python", "numpy", "scipy", "xarray"):
        assert re.search(rf"\b{name} \d+\.\d+", facts["versions"])
    assert facts["resolved_scenario"] == short().to_yaml()
    assert versions_in_words() == f"{facts['versions']}, model {__version__}, commit {source_commit()}"


def test_guide_and_file_of_results_show_the_commit(tmp_path):
    import xarray as xr

    scenario = short()
    run = simulate(scenario)
    guide = " ".join(_guide([scenario], [run], []).split())
    assert f"model {__version__}, commit {source_commit()}." in guide
    path = write_runs([run], tmp_path / "results.nc")
    with xr.open_dataset(path) as dataset:
        assert dataset.attrs["commit"] == source_commit()
        assert dataset.attrs["model_version"] == __version__
        assert dataset["provenance"].sel(provenance_item="commit").item() == source_commit()


def test_the_fingerprint_of_the_code_is_that_of_equations_and_registered_values(monkeypatch, tmp_path):
    first = code_fingerprint()
    code_fingerprint.cache_clear()
    assert code_fingerprint() == first
    for room in module.COMPUTING:
        (tmp_path / room).mkdir()
    equation = tmp_path / "sectors" / "equations.py"
    seen = set()
    monkeypatch.setattr(module, "PACKAGE", tmp_path)
    for text, name in (
        ("a = 1", "equations.py"),
        ("a = 2", "equations.py"),
        ("a = 2", "other.yaml"),
        ("", "notes.txt"),
    ):
        equation.with_name(name).write_text(text, encoding="utf-8")
        code_fingerprint.cache_clear()
        seen.add(code_fingerprint())
    code_fingerprint.cache_clear()
    assert len(seen) == 3
