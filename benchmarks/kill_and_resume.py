"""Kills a run at random moments and resumes it: ``python benchmarks/kill_and_resume.py [--kills 12] [--seed 1]``.

Prints, for each kill, when it came, how many parts had been kept, and whether the resumed run ended with the same
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
PART = 10
"""Members of a part, so that a short run has many."""

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
    "import sys; sys.path.insert(0, {root!r}); from model.simulation import simulate; simulate.CHUNK = {part}; "
    "from model.cli.main import main; sys.exit(main(sys.argv[1:]))"
)


def started(folder: Path, *more: str) -> subprocess.Popen[str]:
    """The run, begun in a folder of its own."""
    call = CALL.format(root=str(ROOT), part=PART)
    return subprocess.Popen([sys.executable, "-c", call, *WORDS, *more], cwd=folder, stderr=subprocess.PIPE, text=True)


def same(one: Path, other: Path) -> bool:
    """Whether two folders hold the same files, byte by byte."""
    found = filecmp.dircmp(one, other)
    alike, differ, odd = filecmp.cmpfiles(one, other, found.common_files, shallow=False)
    return not (found.left_only or found.right_only or differ or odd) and bool(alike)


def tried(folder: Path, whole: Path, moment: float) -> tuple[str, bool]:
    """One kill and what came of it: a line of text, and whether all ended well."""
    run = started(folder)
    time.sleep(moment)
    os.kill(run.pid, signal.SIGKILL)
    run.communicate()
    name = whole.name
    kept = len(list((folder / "outputs").glob(".*.unfinished/parts/*.npz")))
    results = folder / "outputs" / name
    ended = results.exists()
    if ended and not same(results, whole):
        return f"killed after {moment:5.1f} s: half-written results", False
    unfinished = any((folder / "outputs").glob(".*.unfinished/work.csv"))
    resumed = started(folder, *(["--resume"] if unfinished else []))
    _, told = resumed.communicate()
    equal = resumed.returncode == 0 and same(results, whole)
    left = [path.name for path in (folder / "outputs").iterdir() if path.name != name]
    how = "resumed" if unfinished else "nothing begun or all done, run again"
    text = f"killed after {moment:5.1f} s: {kept:2d} parts kept; {how}; {'equal' if equal else 'NOT equal ' + told}"
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
    with tempfile.TemporaryDirectory() as room:
        quiet = Path(room) / "whole"
        quiet.mkdir()
        began = time.perf_counter()
        if started(quiet).wait():
            print("the undisturbed run failed")
            return 1
        length = time.perf_counter() - began
        (whole,) = (quiet / "outputs").iterdir()
        print(f"undisturbed: {length:.1f} s, {2 * 60 // PART} parts", flush=True)
        well = True
        for number in range(arguments.kills):
            folder = Path(room) / str(number)
            folder.mkdir()
            text, good = tried(folder, whole, chance.uniform(0.2, 1.0) * length)
            print(text, flush=True)
            well = well and good
    return 0 if well else 1


if __name__ == "__main__":
    sys.exit(main())
