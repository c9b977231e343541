"""Work as a list: the same results however it is cut, spread, stopped and resumed; errors leave nothing by halves."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import closing
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from model.cli.main import INTERRUPTED, main
from model.registry.errors import Exit, UserError
from model.results import dataset as results_dataset
from model.results.expressions import Statistic, evaluate_years, parse_expression
from model.results.headlines import HEADLINES
from model.scenarios.resolver import resolve
from model.simulation.backends import Here, crew
from model.simulation.chunks import Job, LostWorkerError, expand, read_table
from model.simulation.run_chunks import Tally, carry_out
from model.simulation.simulate import chunk_size, jobs_of, registry, runs_of, simulate
from model.simulation.store import Folder, InMemory
from model.workflows.results_folder import LONGEST_NAME, working_folder

ROOT = Path(__file__).resolve().parents[2]
STEPS = 4


def squares(factor, first, members, told):
    """A model of its own: each member's square, month by month."""
    for step in range(STEPS):
        if told is not None:
            told(step + 1, STEPS)
    row = factor * np.arange(first, first + members, dtype=np.float32) ** 2
    return {"a.squares": np.outer([1.0, 2.0], row).astype(np.float32), "a.count": np.ones((2, 3, members), np.float32)}


def job(name="one", members=10, size=3, factor=1.0, compute=squares):
    return Job(
        name=name,
        members=members,
        size=size,
        steps=STEPS,
        fingerprint=f"{name} {factor}",
        compute=partial(compute, factor),
    )


def jobs():
    return [job(), job("two", members=4, factor=2.0)]


def finished(store, processes=1, scheduler=None, told=None):
    tally = Tally(store, told)
    with crew(processes=processes, scheduler=scheduler, identity=str, changed=tally.counted) as hands:
        assert sorted(carry_out(store, hands, tally)) == list(range(len(store.jobs)))
    return [store.results(place) for place in range(len(store.jobs))]


def test_parts_cover_all_members_once_and_evenly():
    parts = expand([job(members=10, size=4), job("two", members=3, size=250)])
    assert [(part.number, part.job, part.first, part.members) for part in parts] == [
        (0, 0, 0, 3),
        (1, 0, 3, 3),
        (2, 0, 6, 4),
        (3, 1, 0, 3),
    ]


def test_a_folder_gives_what_memory_gives_whole_or_in_part(tmp_path):
    memory = finished(InMemory(jobs()))
    with Folder(tmp_path / ".x", jobs(), resume=False) as store:
        for kept, plain in zip(finished(store), memory, strict=True):
            assert list(kept) == list(plain)
            for name in plain:
                assert np.array_equal(kept[name], plain[name])
                assert np.array_equal(kept.part(name, 2, 2), plain[name][..., 2:4])
            with pytest.raises(KeyError):
                kept["a.nothing"]
    assert not list(tmp_path.iterdir())


def test_progress_grows_within_parts_and_ends_at_the_whole(tmp_path):
    told = []
    finished(InMemory(jobs()), told=lambda done, total: told.append((done, total)))
    assert {total for _, total in told} == {14 * STEPS}
    done = [done for done, _ in told]
    assert done == sorted(done)
    assert done[-1] == 14 * STEPS
    assert len(set(done)) > 6 * 2


def test_what_is_there_is_not_computed_again(tmp_path):
    def stop_at(limit, factor, first, members, told):
        if first >= limit:
            raise KeyboardInterrupt
        return squares(factor, first, members, told)

    folder = tmp_path / "outputs" / ".x.unfinished"
    with pytest.raises(KeyboardInterrupt), Folder(folder, [job(compute=partial(stop_at, 5))], resume=False) as store:
        finished(store)
    assert store.kept
    there = len(list((folder / "parts").iterdir()))
    assert there == 2

    def must_be_missing(factor, first, members, told):
        assert first >= 5
        return squares(factor, first, members, told)

    with Folder(folder, [job(compute=must_be_missing)], resume=True) as store:
        assert store.replaced is None
        assert np.array_equal(finished(store)[0]["a.squares"], finished(InMemory([job()]))[0]["a.squares"])
    assert not folder.exists()


def test_a_damaged_part_is_computed_again_and_what_is_no_part_goes(tmp_path):
    store = Folder(tmp_path / ".x", jobs(), resume=False)
    finished(store)
    (store.folder / "parts" / "000001.npz").write_bytes(b"PK half of it")
    (store.folder / ".results-abc").mkdir()
    store._lock.release()
    with Folder(tmp_path / ".x", jobs(), resume=True) as again:
        assert [part.number for part in again.parts if not again.has(part)] == [1]
        assert not (again.folder / ".results-abc").exists()
        assert np.array_equal(finished(again)[0]["a.squares"], finished(InMemory(jobs()))[0]["a.squares"])


def test_another_plan_is_not_resumed(tmp_path):
    store = Folder(tmp_path / ".x", jobs(), resume=False)
    store._lock.release()
    table = store.folder / "work.csv"
    assert len(read_table(table, jobs())) == len(store.parts)
    for other in ([job()], [job(factor=3.0), jobs()[1]], [*jobs(), job("three")], [job(members=11), jobs()[1]]):
        with pytest.raises(UserError, match="start anew without --resume"):
            Folder(tmp_path / ".x", other, resume=True)
        assert table.is_file()
    table.write_text("part,scenario\n1\n")
    with pytest.raises(UserError, match="not a readable list"):
        Folder(tmp_path / ".x", jobs(), resume=True)


def test_nothing_to_resume_a_folder_in_use_and_one_of_something_else_are_told(tmp_path):
    with pytest.raises(UserError, match="no unfinished run") as told:
        Folder(tmp_path / ".x", jobs(), resume=True)
    assert told.value.code == Exit.MISSING_FILE
    with Folder(tmp_path / ".x", jobs(), resume=False), pytest.raises(UserError, match="another run is writing here"):
        Folder(tmp_path / ".x", jobs(), resume=False)
    (tmp_path / ".y").mkdir()
    (tmp_path / ".y" / "thesis.txt").write_text("years of work")
    with pytest.raises(UserError, match="not replaced"):
        Folder(tmp_path / ".y", jobs(), resume=False)
    assert [path.name for path in (tmp_path / ".y").iterdir()] == ["thesis.txt"]


def test_a_error_of_the_model_leaves_no_folder_and_a_lost_worker_keeps_it(tmp_path):
    for error, kept in ((ZeroDivisionError(), False), (LostWorkerError("gone"), True), (OSError(28, "full"), True)):
        folder = tmp_path / "outputs" / ".x"
        with pytest.raises(type(error)), Folder(folder, jobs(), resume=False) as store:  # noqa: PT012
            store.put(store.parts[0], squares(1.0, 0, 3, None))
            raise error
        assert store.kept == kept == folder.exists()


def test_names_of_working_folders_stay_short(tmp_path):
    names = [f"a_long_name_of_a_package_{number}" for number in range(30)]
    folder = working_folder(tmp_path, names)
    assert len(folder.name) < LONGEST_NAME + 25
    assert folder != working_folder(tmp_path, names[:-1])
    assert working_folder(tmp_path, ["x"]).name == ".x.unfinished"


def plan(name="baseline", **settings):
    return resolve(name, registry(), changes={"end": "2019-07", "decision": "2019-05", "members": 7, **settings})


@pytest.fixture(scope="module")
def whole():
    """Seven members at once, in this process."""
    return simulate(plan(), processes=1)


@pytest.mark.parametrize(("chunk", "processes"), [(1, 1), (3, 1), (2, 2)])
def test_no_way_of_cutting_changes_a_bit(chunk, processes, whole, monkeypatch):
    monkeypatch.setattr("model.simulation.simulate.CHUNK", chunk)
    found = simulate(plan(), processes=processes)
    assert list(found.results) == list(whole.results)
    for name, values in whole.results.items():
        assert values.dtype == np.float32
        assert np.array_equal(values, found.results[name]), name


def test_no_order_changes_a_bit(whole, tmp_path, monkeypatch):
    monkeypatch.setattr("model.simulation.simulate.CHUNK", 2)
    with Folder(tmp_path / ".x", jobs_of([plan()]), resume=False) as store:
        store.parts = store.parts[::-1]
        with closing(runs_of([plan()], store, processes=1)) as coming:
            ((place, found),) = coming
        assert place == 0
        for name, values in whole.results.items():
            assert np.array_equal(values, found.results[name]), name


def test_results_are_read_a_block_of_members_at_a_time(whole, monkeypatch):
    """Blocks of members give each member the figure that all together give it."""
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


def test_parts_are_as_large_as_memory_allows():
    assert chunk_size(plan(members=1000, end="2043-04"), 1) == 250
    everything = chunk_size(plan(members=1000, end="2043-04", outputs=["all"]), 1)
    assert 10 < everything < 100
    assert chunk_size(plan(members=100, end="2043-04"), 2) == 50
    assert chunk_size(plan(members=100, end="2043-04", hospital="patient-level"), 2) == 8


SHORT = ["run", "home_first", "--end", "2019-07", "--set", "decision=2019-05", "--no-figures", "--members", "6"]


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("model.simulation.simulate.CHUNK", 2)
    return tmp_path


def files(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def stop_at(number, error, monkeypatch):
    """Let the run end with an error when it is to keep so many parts."""
    put, parts = Folder.put, []

    def put_or_stop(store, part, results):
        parts.append(part)
        if len(parts) == number:
            raise error
        put(store, part, results)

    monkeypatch.setattr(Folder, "put", put_or_stop)
    return put


@pytest.mark.slow
def test_a_stopped_run_is_resumed_to_the_same_files(here, monkeypatch, capsys):
    assert main([*SHORT, "--output", "whole"]) == Exit.OK
    put = stop_at(4, KeyboardInterrupt(), monkeypatch)
    assert main(SHORT) == INTERRUPTED
    assert "--resume" in capsys.readouterr().err
    assert [path.name for path in (here / "outputs").iterdir()] == [".home_first.unfinished"]
    monkeypatch.setattr(Folder, "put", put)
    assert main([*SHORT, "--seed", "3", "--resume"]) == Exit.INPUT
    assert "other scenarios, settings or equations" in capsys.readouterr().err
    assert main([*SHORT, "--resume"]) == Exit.OK
    assert "Resuming: 3 of 6 parts" in capsys.readouterr().err
    assert files(here / "outputs" / "home_first") == files(here / "whole" / "home_first")
    assert [path.name for path in (here / "outputs").iterdir()] == ["home_first"]
    assert main([*SHORT, "--resume"]) == Exit.MISSING_FILE


def test_a_full_disk_is_told_keeps_what_is_whole_and_is_replaced_with_a_note(here, monkeypatch, capsys):
    def full(path, **_):
        raise OSError(28, "No space left on device")

    save, count = np.savez, []

    def fills_up(path, **arrays):
        count.append(path)
        return full(path) if len(count) > 2 else save(path, **arrays)

    monkeypatch.setattr("model.simulation.store.np.savez", fills_up)
    assert main(SHORT) == Exit.OUTPUT
    printed = capsys.readouterr().err
    assert "No space left" in printed
    assert "--resume" in printed
    (unfinished,) = (here / "outputs").iterdir()
    assert sorted(path.name for path in (unfinished / "parts").iterdir()) == ["000000.npz", "000001.npz"]
    count.clear()
    assert main(SHORT) == Exit.OUTPUT
    assert "replaced (2 of 6 parts)" in capsys.readouterr().err


def test_a_place_that_cannot_be_written_is_told_before_anything_runs(here, monkeypatch, capsys):
    def no_room(*_, **__):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("model.simulation.store.FileLock.acquire", no_room)
    monkeypatch.setattr("model.simulation.simulate.run_chunk", no_room)
    assert main(SHORT) == Exit.OUTPUT
    assert "cannot write: Permission denied" in capsys.readouterr().err


@pytest.mark.parametrize(("words", "expected"), [("here", "tcp://host:8786"), ("tcp://127.0.0.1:1", "no Dask")])
def test_a_scheduler_that_is_none_is_told(words, expected, here, monkeypatch, capsys):
    pytest.importorskip("distributed")
    monkeypatch.setattr("model.simulation.backends.SECONDS_TO_ANSWER", 1)
    assert main([*SHORT, "--scheduler", words]) == Exit.USAGE
    assert expected in capsys.readouterr().err
    assert not list(here.iterdir())


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_a_cluster_that_loses_a_worker_gives_the_same(tmp_path, monkeypatch):
    """One of two workers is killed midway; what it had in hand goes to another, and not a bit is different."""
    distributed = pytest.importorskip("distributed")
    scenario = plan(members=16, end="2019-10")
    whole = simulate(scenario, processes=1)
    monkeypatch.setattr("model.simulation.simulate.CHUNK", 1)
    told, killed = [], []
    with (
        distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster,
        Folder(tmp_path / ".x", jobs_of([scenario]), resume=False) as store,
    ):

        def kill_one(done, total):
            told.append((done, total))
            if done > 0 and not killed:
                killed.append((cluster.workers[0].pid, sum(store.has(part) for part in store.parts)))
                os.kill(killed[0][0], signal.SIGKILL)

        ((_, found),) = runs_of([scenario], store, scheduler=cluster.scheduler_address, progress=kill_one)
        ((_, parts_before),) = killed
        assert parts_before < len(store.parts) == 16
        assert told[-1][0] == told[-1][1]
        for name, values in whole.results.items():
            assert np.array_equal(values, found.results[name]), name


def test_a_lost_process_is_told_and_what_is_finished_stays(tmp_path):
    folder = tmp_path / "outputs" / ".x"
    with (
        pytest.raises(LostWorkerError, match="ended from outside"),
        Folder(folder, [job(compute=dies)], resume=False) as store,
    ):
        finished(store, processes=2)
    assert store.kept


def dies(factor, first, members, told):
    """The last part ends the process that computes it."""
    if first >= 6:
        time.sleep(0.5)
        os.kill(os.getpid(), signal.SIGKILL)
    return squares(factor, first, members, told)


CALL = (
    f"import sys; sys.path.insert(0, {str(ROOT)!r}); from model.simulation import simulate; simulate.CHUNK = 2; "
    "from model.cli.main import main; sys.exit(main(sys.argv[1:]))"
)


@pytest.mark.slow
@pytest.mark.parametrize("parts", [1, 3])
def test_a_killed_run_is_resumed_to_the_same_files(parts, here):
    """SIGKILL when so many parts are there; processes of the run end with it."""
    words = [*SHORT, "--quiet", "--processes", "2"]
    assert main([*words, "--output", "whole"]) == Exit.OK
    run = subprocess.Popen([sys.executable, "-c", CALL, *words], stderr=subprocess.DEVNULL)
    unfinished = here / "outputs" / ".home_first.unfinished"
    while len(list(unfinished.glob("parts/[0-9]*.npz"))) < parts and run.poll() is None:
        time.sleep(0.01)
    run.send_signal(signal.SIGKILL)
    run.wait()
    assert not (here / "outputs" / "home_first").exists()
    done = subprocess.run([sys.executable, "-c", CALL, *words, "--resume"], stderr=subprocess.PIPE, check=False)
    assert done.returncode == Exit.OK, done.stderr
    assert files(here / "outputs" / "home_first") == files(here / "whole" / "home_first")
    assert [path.name for path in (here / "outputs").iterdir()] == ["home_first"]


def test_the_crew_here_counts_as_it_goes():
    seen = []
    hands = Here(seen.append)
    hands.executor.submit(lambda: [hands.count(3) for _ in range(2)]).result()
    assert seen == [3, 6]
    assert hands.counted() == 6


@pytest.mark.slow
def test_paired_differences_are_surer_than_unpaired_ones():
    """The same draws in scenario and baseline narrow the interval of every headline's difference."""
    seeds = (11, 12)
    changes = {"years_after_decision": 2, "members": 30}
    plans = [
        resolve(name, registry(), changes={**changes, "seed": seed})
        for name, seed in (("baseline", seeds[0]), ("combined", seeds[0]), ("combined", seeds[1]))
    ]
    runs = dict(runs_of(plans, InMemory(jobs_of(plans, processes=1)), processes=1))
    year = runs[0].horizon_years["short"]
    for headline in HEADLINES:
        base, same, other = (headline.by_year(runs[place])[year] for place in range(3))
        paired, unpaired = (np.diff(np.quantile(values - base, (0.1, 0.9)))[0] for values in (same, other))
        assert paired < unpaired, headline.name


def test_a_disk_that_fills_up_under_the_netcdf_library_is_told_too(here, monkeypatch, capsys):
    """The library raises no error of the operating system; parts stay, to be put together when there is room."""

    def full(*_):
        raise RuntimeError("NetCDF: HDF error")

    append = results_dataset._append
    monkeypatch.setattr(results_dataset, "_append", full)
    assert main(SHORT) == Exit.OUTPUT
    assert "the disk is full or faulty" in capsys.readouterr().err
    assert [path.name for path in (here / "outputs").iterdir()] == [".home_first.unfinished"]
    monkeypatch.setattr(results_dataset, "_append", append)
    monkeypatch.setattr("model.simulation.simulate.run_chunk", full)
    assert main([*SHORT, "--resume"]) == Exit.OK
