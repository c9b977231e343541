"""A list of work gives the same results however it is stopped and resumed; errors leave no half-written results."""

from __future__ import annotations

import os
import signal
import time
from functools import partial

import numpy as np
import pytest

from model.registry.errors import Exit, UserError
from model.simulation.backends import InProcess, LostWorkerError, open_backend
from model.simulation.chunks import ScenarioJob, chunks_of, read_work_list
from model.simulation.run_chunks import run_chunks
from model.simulation.store import FolderStore, MemoryStore

STEPS = 4


def squares(factor, first, members, progress=None):
    """A model of its own: each member's square, month by month."""
    for step in range(STEPS):
        if progress is not None:
            progress(step + 1, STEPS)
    row = factor * np.arange(first, first + members, dtype=np.float32) ** 2
    return {"a.squares": np.outer([1.0, 2.0], row).astype(np.float32), "a.count": np.ones((2, 3, members), np.float32)}


def job(name="one", members=10, size=3, factor=1.0, compute=squares):
    return ScenarioJob(
        name=name,
        members=members,
        chunk_size=size,
        steps=STEPS,
        fingerprint=f"{name} {factor}",
        compute=partial(compute, factor),
    )


def jobs():
    return [job(), job("two", members=4, factor=2.0)]


def finished(store, processes=1, progress=None):
    with open_backend(processes=processes, scheduler=None, code_version=str) as backend:
        assert sorted(run_chunks(store, backend, progress)) == list(range(len(store.jobs)))
    return [store.results(index) for index in range(len(store.jobs))]


def test_chunks_cover_all_members_once_and_evenly():
    chunks = chunks_of([job(members=10, size=4), job("two", members=3, size=250)])
    assert [(chunk.index, chunk.job, chunk.first_member, chunk.members) for chunk in chunks] == [
        (0, 0, 0, 3),
        (1, 0, 3, 3),
        (2, 0, 6, 4),
        (3, 1, 0, 3),
    ]


def test_a_folder_gives_what_memory_gives_whole_or_in_part(tmp_path):
    memory = finished(MemoryStore(jobs()))
    with FolderStore(tmp_path / ".x", jobs(), resume=False) as store:
        for stored, plain in zip(finished(store), memory, strict=True):
            assert list(stored) == list(plain)
            for name in plain:
                assert np.array_equal(stored[name], plain[name])
                assert np.array_equal(stored.of_members(name, 2, 2), plain[name][..., 2:4])
            with pytest.raises(KeyError):
                stored["a.nothing"]
    assert not list(tmp_path.iterdir())


def test_a_file_of_a_chunk_is_opened_as_an_archive_once(tmp_path, monkeypatch):
    layouts = {
        "a.rows": np.arange(24.0).reshape(2, 3, 4),
        "a.columns": np.asfortranarray(np.arange(24, dtype=np.int16).reshape(6, 4)),
        "a.single": np.float32([1.5]),
        "a.none": np.empty((0, 4)),
        "a.name_that_is_long_" + "x" * 200: np.arange(4.0),
    }
    with FolderStore(tmp_path / ".x", [job(members=4, size=4)], resume=False) as store:
        store.put(store.chunks[0], layouts)
        stored = store.results(0)
        monkeypatch.setattr("model.simulation.store.ZipFile", None)
        for name, values in layouts.items():
            assert np.array_equal(stored[name], values)
            assert (stored[name].dtype, stored[name].flags.c_contiguous) == (values.dtype, values.flags.c_contiguous)
        assert set(stored) == set(layouts)


def test_a_chunk_that_is_damaged_while_results_are_read_is_reported(tmp_path):
    with FolderStore(tmp_path / ".x", jobs(), resume=False) as store:
        stored = finished(store)[0]
        path = store.folder / "chunks" / "000001.npz"
        path.write_bytes(path.read_bytes()[:195])
        with pytest.raises(UserError, match="damaged; delete it and use --resume") as caught:
            stored["a.squares"]
        assert caught.value.code == Exit.OUTPUT
        with pytest.raises(UserError, match="damaged"):
            store.results(0)


def test_a_chunk_whose_numbers_have_changed_on_the_disk_is_computed_again(tmp_path):
    store = FolderStore(tmp_path / ".x", jobs(), resume=False)
    finished(store)
    store._lock.release()
    path = store.folder / "chunks" / "000002.npz"
    content = bytearray(path.read_bytes())
    content[195] ^= 1
    path.write_bytes(content)
    with FolderStore(tmp_path / ".x", jobs(), resume=True) as again:
        assert [chunk.index for chunk in again.chunks if not again.has(chunk)] == [2]


def test_progress_grows_within_chunks_and_ends_at_the_whole(tmp_path):
    reports = []
    finished(MemoryStore(jobs()), progress=lambda done, total: reports.append((done, total)))
    assert {total for _, total in reports} == {14 * STEPS}
    done = [done for done, _ in reports]
    assert done == sorted(done)
    assert done[-1] == 14 * STEPS
    assert len(set(done)) > 6 * 2


def test_what_is_there_is_not_computed_again(tmp_path):
    def stop_at(limit, factor, first, members, progress):
        if first >= limit:
            raise KeyboardInterrupt
        return squares(factor, first, members, progress)

    folder = tmp_path / "outputs" / ".x.unfinished"
    with (
        pytest.raises(KeyboardInterrupt),
        FolderStore(folder, [job(compute=partial(stop_at, 5))], resume=False) as store,
    ):
        finished(store)
    assert store.kept
    there = len(list((folder / "chunks").iterdir()))
    assert there == 2

    def must_be_missing(factor, first, members, progress):
        assert first >= 5
        return squares(factor, first, members, progress)

    with FolderStore(folder, [job(compute=must_be_missing)], resume=True) as store:
        assert store.replaced is None
        assert np.array_equal(finished(store)[0]["a.squares"], finished(MemoryStore([job()]))[0]["a.squares"])
    assert not folder.exists()


def test_a_damaged_chunk_is_computed_again_and_what_is_no_chunk_goes(tmp_path):
    store = FolderStore(tmp_path / ".x", jobs(), resume=False)
    finished(store)
    (store.folder / "chunks" / "000001.npz").write_bytes(b"PK half of it")
    (store.folder / ".results-abc").mkdir()
    store._lock.release()
    with FolderStore(tmp_path / ".x", jobs(), resume=True) as again:
        assert [chunk.index for chunk in again.chunks if not again.has(chunk)] == [1]
        assert not (again.folder / ".results-abc").exists()
        assert np.array_equal(finished(again)[0]["a.squares"], finished(MemoryStore(jobs()))[0]["a.squares"])


def test_another_plan_is_not_resumed(tmp_path):
    store = FolderStore(tmp_path / ".x", jobs(), resume=False)
    store._lock.release()
    table = store.folder / "work.csv"
    assert len(read_work_list(table, jobs())) == len(store.chunks)
    for other in ([job()], [job(factor=3.0), jobs()[1]], [*jobs(), job("three")], [job(members=11), jobs()[1]]):
        with pytest.raises(UserError, match="start again without --resume"):
            FolderStore(tmp_path / ".x", other, resume=True)
        assert table.is_file()
    table.write_text("chunk,scenario\n1\n")
    with pytest.raises(UserError, match="not a readable list"):
        FolderStore(tmp_path / ".x", jobs(), resume=True)


def test_nothing_to_resume_a_folder_in_use_and_one_of_something_else_are_reported(tmp_path):
    with pytest.raises(UserError, match="no unfinished run") as caught:
        FolderStore(tmp_path / ".x", jobs(), resume=True)
    assert caught.value.code == Exit.MISSING_FILE
    with (
        FolderStore(tmp_path / ".x", jobs(), resume=False),
        pytest.raises(UserError, match="another run is writing here"),
    ):
        FolderStore(tmp_path / ".x", jobs(), resume=False)
    (tmp_path / ".y").mkdir()
    (tmp_path / ".y" / "thesis.txt").write_text("years of work")
    with pytest.raises(UserError, match="not replaced"):
        FolderStore(tmp_path / ".y", jobs(), resume=False)
    assert [path.name for path in (tmp_path / ".y").iterdir()] == ["thesis.txt"]


def test_an_error_of_the_model_leaves_no_folder_and_a_lost_worker_keeps_it(tmp_path):
    for error, kept in ((ZeroDivisionError(), False), (LostWorkerError("gone"), True), (OSError(28, "full"), True)):
        folder = tmp_path / "outputs" / ".x"
        with pytest.raises(type(error)), FolderStore(folder, jobs(), resume=False) as store:  # noqa: PT012
            store.put(store.chunks[0], squares(1.0, 0, 3))
            raise error
        assert store.kept == kept == folder.exists()


def test_a_lost_process_is_reported_and_what_is_finished_stays(tmp_path):
    folder = tmp_path / "outputs" / ".x"
    with (
        pytest.raises(LostWorkerError, match="ended from outside"),
        FolderStore(folder, [job(compute=dies)], resume=False) as store,
    ):
        finished(store, processes=2)
    assert store.kept


def dies(factor, first, members, progress):
    """The last chunk ends the process that computes it."""
    if first >= 6:
        time.sleep(0.5)
        os.kill(os.getpid(), signal.SIGKILL)
    return squares(factor, first, members, progress)


def test_a_backend_in_this_process_counts_within_a_call_and_begins_again_with_the_next_calls():
    reports = []
    backend = InProcess()

    def call():
        return [backend.count(3) for _ in range(2)]

    for _ in range(2):
        assert list(backend.submit_all([("a", call)], reports.append)) == [("a", [None, None])]
    assert reports == [3, 6, 3, 6]
