"""Kills a run at random moments and resumes it: ``python benchmarks/kill_and_resume.py [--kills 12] [--seed 1]``.

Prints, for each kill, when it came, how many chunks had been kept, and whether the resumed run ended with the same
files as one that nobody disturbed. Ends with an exit code that says whether all were equal.
"""

from __future__ import annotations

import argparse
import filecmp
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CHUNK = 10
"""Members of a chunk, so that a short run has many."""

WORDS = [
    "compare",
    "home_first",
    "--members",
    "60",
    "--end",
    "2020-04",
    "--set",
    "decision=2019-05",
    "--no-figures",
    "--quiet",
    "--processes",
    "2",
]
CALL = (
    "import sys; sys.path.insert(0, {root!r}); from model.simulation import simulate; simulate.CHUNK = {chunk}; "
    "from model.cli.main import main; sys.exit(main(sys.argv[1:]))"
)


def start(folder: Path, *more: str) -> subprocess.Popen[str]:
    """Start the run in a folder of its own."""
    call = CALL.format(root=str(ROOT), chunk=CHUNK)
    return subprocess.Popen([sys.executable, "-c", call, *WORDS, *more], cwd=folder, stderr=subprocess.PIPE, text=True)


def are_equal(one: Path, other: Path) -> bool:
    """Return whether two folders hold the same files, byte by byte."""
    names = filecmp.dircmp(one, other)
    equal, different, unreadable = filecmp.cmpfiles(one, other, names.common_files, shallow=False)
    return not (names.left_only or names.right_only or different or unreadable) and bool(equal)


def kill_and_resume(folder: Path, whole: Path, moment: float) -> tuple[str, bool]:
    """Return a line of text on one kill and what followed, and whether the results are the same."""
    run = start(folder)
    time.sleep(moment)
    os.kill(run.pid, signal.SIGKILL)
    run.communicate()
    name = whole.name
    chunks = len(list((folder / "outputs").glob(".*.unfinished/chunks/*.npz")))
    results = folder / "outputs" / name
    ended = results.exists()
    if ended and not are_equal(results, whole):
        return f"killed after {moment:5.1f} s: half-written results", False
    unfinished = any((folder / "outputs").glob(".*.unfinished/work.csv"))
    resumed = start(folder, *(["--resume"] if unfinished else []))
    _, message = resumed.communicate()
    equal = resumed.returncode == 0 and are_equal(results, whole)
    left = [path.name for path in (folder / "outputs").iterdir() if path.name != name]
    how = "resumed" if unfinished else "nothing begun or all done, run again"
    text = (
        f"killed after {moment:5.1f} s: {chunks:2d} chunks kept; {how}; {'equal' if equal else 'NOT equal ' + message}"
    )
    return text + (f"; left over: {left}" if left else ""), equal and not left


def main() -> int:
    """Print every kill.

    Returns:
        0 if every run ended with the same files.
    """
    parser = argparse.ArgumentParser(description="Kill a run at random moments and resume it.")
    parser.add_argument("--kills", type=int, default=12)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    chance = random.Random(arguments.seed)
    with tempfile.TemporaryDirectory() as temporary:
        undisturbed = Path(temporary) / "whole"
        undisturbed.mkdir()
        began = time.perf_counter()
        if start(undisturbed).wait():
            print("the undisturbed run failed")
            return 1
        length = time.perf_counter() - began
        (whole,) = (undisturbed / "outputs").iterdir()
        print(f"undisturbed: {length:.1f} s, {2 * 60 // CHUNK} chunks", flush=True)
        well = True
        for kill in range(arguments.kills):
            folder = Path(temporary) / str(kill)
            folder.mkdir()
            text, good = kill_and_resume(folder, whole, chance.uniform(0.2, 1.0) * length)
            print(text, flush=True)
            well = well and good
    return 0 if well else 1


if __name__ == "__main__":
    sys.exit(main())
