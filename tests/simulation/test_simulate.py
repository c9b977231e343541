"""Runs of the model: the same results, bit for bit, however members are cut, ordered and spread over workers."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from model.results.expressions import Statistic, evaluate_years, parse_expression
from model.results.headlines import HEADLINES
from model.scenarios.resolver import resolve
from model.sectors.model_registry import registry
from model.simulation.simulate import CHUNK, chunk_size, scenario_jobs, simulate, simulate_all
from model.simulation.store import FolderStore, MemoryStore

ROOT = Path(__file__).resolve().parents[2]


def plan(name="baseline", **settings):
    return resolve(name, registry(), changes={"end": "2019-07", "decision": "2019-05", "members": 7, **settings})


@pytest.fixture(scope="module")
def whole():
    """Seven members at once, in this process."""
    return simulate(plan(), processes=1)


@pytest.mark.parametrize(("chunk", "processes"), [(1, 1), (3, 1), (2, 2)])
def test_no_way_of_cutting_changes_a_bit(chunk, processes, whole, monkeypatch):
    monkeypatch.setattr("model.simulation.simulate.CHUNK", chunk)
    run = simulate(plan(), processes=processes)
    assert list(run.results) == list(whole.results)
    for name, values in whole.results.items():
        assert values.dtype == np.float32
        assert np.array_equal(values, run.results[name]), name


def test_no_order_changes_a_bit(whole, tmp_path, monkeypatch):
    monkeypatch.setattr("model.simulation.simulate.CHUNK", 2)
    with FolderStore(tmp_path / ".x", scenario_jobs([plan()]), resume=False) as store:
        store.chunks = store.chunks[::-1]
        with closing(simulate_all([plan()], store, processes=1)) as coming:
            ((index, run),) = coming
        assert index == 0
        for name, values in whole.results.items():
            assert np.array_equal(values, run.results[name]), name


def test_results_are_read_a_block_of_members_at_a_time(whole, monkeypatch):
    """Blocks of members give each member the value that all together give it."""
    expression = parse_expression("workforce.in_post")
    monkeypatch.setattr("model.results.run.BLOCK", 3)
    assert [values.shape[-1] for values in whole.blocks("workforce.in_post")] == [3, 3, 1]
    whole.by_year.clear()
    assert evaluate_years(whole, expression, Statistic.MEAN) == {}
    alike = simulate(plan(end="2020-04"), processes=1)
    apart = evaluate_years(alike, expression, Statistic.MEAN)["2019/20"]
    alike.by_year.clear()
    monkeypatch.setattr("model.results.run.BLOCK", 250)
    together = evaluate_years(alike, expression, Statistic.MEAN)["2019/20"]
    assert np.allclose(apart, together, rtol=1e-14)


def test_chunks_are_as_large_as_memory_allows():
    assert chunk_size(plan(members=1000, end="2043-04"), 1) == CHUNK
    everything = chunk_size(plan(members=1000, end="2043-04", outputs=["all"]), 1)
    assert 10 < everything < 100
    assert chunk_size(plan(members=100, end="2043-04"), 2) == 50
    assert chunk_size(plan(members=100, end="2043-04", hospital="patient-level"), 2) == 8


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_a_cluster_that_loses_a_worker_gives_the_same(tmp_path, monkeypatch):
    """One of two workers is killed midway; its chunk goes to another, and not a bit is different."""
    distributed = pytest.importorskip("distributed")
    scenario = plan(members=16, end="2019-10")
    whole = simulate(scenario, processes=1)
    monkeypatch.setattr("model.simulation.simulate.CHUNK", 1)
    reports, killed = [], []
    with (
        distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster,
        FolderStore(tmp_path / ".x", scenario_jobs([scenario]), resume=False) as store,
    ):

        def kill_one(done, total):
            reports.append((done, total))
            if done > 0 and not killed:
                killed.append((cluster.workers[0].pid, sum(store.has(chunk) for chunk in store.chunks)))
                os.kill(killed[0][0], signal.SIGKILL)

        ((_, run),) = simulate_all([scenario], store, scheduler=cluster.scheduler_address, progress=kill_one)
        ((_, chunks_before),) = killed
        assert chunks_before < len(store.chunks) == 16
        assert reports[-1][0] == reports[-1][1]
        for name, values in whole.results.items():
            assert np.array_equal(values, run.results[name]), name


@pytest.mark.slow
def test_paired_differences_are_surer_than_unpaired_ones():
    """The same draws in scenario and baseline narrow the interval of every headline's difference."""
    seeds = (11, 12)
    changes = {"years_after_decision": 2, "members": 30}
    plans = [
        resolve(name, registry(), changes={**changes, "seed": seed})
        for name, seed in (("baseline", seeds[0]), ("combined", seeds[0]), ("combined", seeds[1]))
    ]
    runs = dict(simulate_all(plans, MemoryStore(scenario_jobs(plans, processes=1)), processes=1))
    year = runs[0].horizon_years["short"]
    for headline in HEADLINES:
        base, same, other = (headline.by_year(runs[index])[year] for index in range(3))
        paired, unpaired = (np.diff(np.quantile(values - base, (0.1, 0.9)))[0] for values in (same, other))
        assert paired < unpaired, headline.name


SCRIPT = """
from model.scenarios.resolver import resolve
from model.sectors.model_registry import registry
from model.simulation import simulate

simulate.CHUNK = 2
short = {"end": "2019-07", "decision": "2019-05", "members": 4}
run = simulate.simulate(resolve("baseline", registry(), changes=short), processes=2)
print(run.values("workforce.in_post").sum().item().hex())
"""


def test_a_script_without_a_guard_may_use_several_processes(tmp_path):
    """Workers do not import the main module, so that the script is run once."""
    script = tmp_path / "script.py"
    script.write_text(SCRIPT, encoding="utf-8")
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 0, done.stderr
    total = simulate(plan(members=4), processes=1).values("workforce.in_post").sum().item()
    assert done.stdout.split() == [total.hex()]
