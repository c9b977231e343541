"""The command line stopped by Ctrl-C, a full disk or SIGKILL: what is finished stays, and --resume completes it."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from model.cli.main import INTERRUPTED, main
from model.registry.errors import Exit
from model.results import dataset as results_dataset
from model.simulation.store import FolderStore
from model.workflows.results_folder import LONGEST_NAME, working_folder

ROOT = Path(__file__).resolve().parents[2]
SHORT = ["run", "home_first", "--end", "2019-07", "--set", "decision=2019-05", "--no-figures", "--members", "6"]


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("model.simulation.simulate.CHUNK", 2)
    return tmp_path


def files(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def stop_at(number, error, monkeypatch):
    """Let the run end with an error when it is to keep so many chunks."""
    put, chunks = FolderStore.put, []

    def put_or_stop(store, chunk, results):
        chunks.append(chunk)
        if len(chunks) == number:
            raise error
        put(store, chunk, results)

    monkeypatch.setattr(FolderStore, "put", put_or_stop)
    return put


@pytest.mark.slow
def test_a_stopped_run_is_resumed_to_the_same_files(here, monkeypatch, capsys):
    assert main([*SHORT, "--output", "whole"]) == Exit.OK
    put = stop_at(4, KeyboardInterrupt(), monkeypatch)
    assert main(SHORT) == INTERRUPTED
    assert "--resume" in capsys.readouterr().err
    assert [path.name for path in (here / "outputs").iterdir()] == [".home_first.unfinished"]
    monkeypatch.setattr(FolderStore, "put", put)
    assert main([*SHORT, "--seed", "3", "--resume"]) == Exit.INPUT
    assert "other scenarios, settings or equations" in capsys.readouterr().err
    assert main([*SHORT, "--resume"]) == Exit.OK
    assert "Resuming: 3 of 6 chunks" in capsys.readouterr().err
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
    assert sorted(path.name for path in (unfinished / "chunks").iterdir()) == ["000000.npz", "000001.npz"]
    count.clear()
    assert main(SHORT) == Exit.OUTPUT
    assert "replaced (2 of 6 chunks)" in capsys.readouterr().err


def test_a_place_that_cannot_be_written_is_told_before_anything_runs(here, monkeypatch, capsys):
    def no_room(*_, **__):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("model.simulation.store.FileLock.acquire", no_room)
    monkeypatch.setattr("model.simulation.simulate.run_members", no_room)
    assert main(SHORT) == Exit.OUTPUT
    assert "cannot write: Permission denied" in capsys.readouterr().err


@pytest.mark.parametrize(("words", "expected"), [("here", "tcp://host:8786"), ("tcp://127.0.0.1:1", "no Dask")])
def test_a_scheduler_that_is_none_is_told(words, expected, here, monkeypatch, capsys):
    pytest.importorskip("distributed")
    monkeypatch.setattr("model.simulation.backends.SECONDS_TO_ANSWER", 1)
    assert main([*SHORT, "--scheduler", words]) == Exit.USAGE
    assert expected in capsys.readouterr().err
    assert not list(here.iterdir())


CALL = (
    f"import sys; sys.path.insert(0, {str(ROOT)!r}); from model.simulation import simulate; simulate.CHUNK = 2; "
    "from model.cli.main import main; sys.exit(main(sys.argv[1:]))"
)


@pytest.mark.slow
@pytest.mark.parametrize("chunks", [1, 3])
def test_a_killed_run_is_resumed_to_the_same_files(chunks, here):
    """SIGKILL when so many chunks are there; processes of the run end with it."""
    words = [*SHORT, "--quiet", "--processes", "2"]
    assert main([*words, "--output", "whole"]) == Exit.OK
    run = subprocess.Popen([sys.executable, "-c", CALL, *words], stderr=subprocess.DEVNULL)
    unfinished = here / "outputs" / ".home_first.unfinished"
    while len(list(unfinished.glob("chunks/[0-9]*.npz"))) < chunks and run.poll() is None:
        time.sleep(0.01)
    run.send_signal(signal.SIGKILL)
    run.wait()
    assert not (here / "outputs" / "home_first").exists()
    done = subprocess.run([sys.executable, "-c", CALL, *words, "--resume"], stderr=subprocess.PIPE, check=False)
    assert done.returncode == Exit.OK, done.stderr
    assert files(here / "outputs" / "home_first") == files(here / "whole" / "home_first")
    assert [path.name for path in (here / "outputs").iterdir()] == ["home_first"]


def test_a_disk_that_fills_up_under_the_netcdf_library_is_told_too(here, monkeypatch, capsys):
    """The library raises no error of the operating system; chunks stay, to be put together when there is room."""

    def full(*_):
        raise RuntimeError("NetCDF: HDF error")

    append = results_dataset._append
    monkeypatch.setattr(results_dataset, "_append", full)
    assert main(SHORT) == Exit.OUTPUT
    assert "the disk is full or faulty" in capsys.readouterr().err
    assert [path.name for path in (here / "outputs").iterdir()] == [".home_first.unfinished"]
    monkeypatch.setattr(results_dataset, "_append", append)
    monkeypatch.setattr("model.simulation.simulate.run_members", full)
    assert main([*SHORT, "--resume"]) == Exit.OK


def test_names_of_working_folders_stay_short(tmp_path):
    names = [f"a_long_name_of_a_package_{number}" for number in range(30)]
    folder = working_folder(tmp_path, names)
    assert len(folder.name) < LONGEST_NAME + 25
    assert folder != working_folder(tmp_path, names[:-1])
    assert working_folder(tmp_path, ["x"]).name == ".x.unfinished"
