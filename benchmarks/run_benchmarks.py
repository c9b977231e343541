"""How fast the model is: ``python benchmarks/run_benchmarks.py [--quick]``. No test asserts a time."""

from __future__ import annotations

import argparse
import platform
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

YEARS = 21
MEMBERS = 1000
PROCESSES = 2
REPEATS = 3
AIMS = {"run": "under 2 s", "ensemble": "under 60 s, under 4 GB", "help": "under 0.3 s"}


def timed(task: Callable[[], object], repeats: int = 1) -> float:
    """Median wall time of a task in seconds."""
    times = []
    for _ in range(repeats):
        began = time.perf_counter()
        task()
        times.append(time.perf_counter() - began)
    return statistics.median(times)


def line(what: str, found: str, aim: str = "") -> None:
    """Print one result."""
    print(f"{what:<58}{found:>24}{'   aim ' + aim if aim else ''}", flush=True)


def peak_gigabytes(who: int) -> float:
    """Largest resident memory of this process, or of the largest of its children, in GB."""
    peak = resource.getrusage(who).ru_maxrss
    # Linux counts in kilobytes, macOS in bytes.
    return peak / (1e6 if platform.system() == "Linux" else 1e9)


def benchmark_help() -> None:
    """Start-up of the command line."""
    command = [sys.executable, str(ROOT / "run.py"), "--help"]
    seconds = timed(lambda: subprocess.run(command, check=True, capture_output=True, cwd=ROOT), 2 * REPEATS - 1)
    line("run.py --help", f"{seconds:.2f} s", AIMS["help"])


def benchmark_runs(*, quick: bool) -> None:
    """One deterministic run, the cost of a stock cell, and an ensemble."""
    began = time.perf_counter()
    from model.dimensions import DIMENSIONS
    from model.engine.clock import Clock
    from model.scenarios.resolver import resolve
    from model.simulation import registry, run_chunk, simulate

    line("imports", f"{time.perf_counter() - began:.2f} s")
    line("reading the registry", f"{timed(registry):.2f} s")

    decision_after = 4
    changes = {"years_after_decision": YEARS - decision_after}
    resolved = resolve("baseline", registry(), changes=changes)
    seconds = timed(lambda: simulate(resolved), REPEATS)
    line(f"one deterministic run of {YEARS} years", f"{seconds:.2f} s", AIMS["run"])

    steps = Clock(resolved.start, resolved.end, resolved.step_days).steps
    cells = 0
    for stock in registry().stocks.values():
        size = 1
        for dim in stock.dims:
            size *= len(DIMENSIONS[dim])
        cells += size
    members = 125
    chunk = resolve("baseline", registry(), changes={**changes, "members": 2 * members})
    seconds = timed(lambda: run_chunk(chunk, 0, members, names=["urgent_care.beds_occupied"]))
    each = seconds / (steps * cells * members) * 1e9
    line(f"per stock cell, step and member ({cells:,} cells, {steps:,} steps)", f"{each:.1f} ns")

    if quick:
        return
    ensemble = resolve("baseline", registry(), changes={**changes, "members": MEMBERS})
    seconds = timed(lambda: simulate(ensemble, processes=PROCESSES))
    own = peak_gigabytes(resource.RUSAGE_SELF)
    child = peak_gigabytes(resource.RUSAGE_CHILDREN)
    line(f"{MEMBERS:,} members of {YEARS} years on {PROCESSES} processes", f"{seconds:.1f} s", AIMS["ensemble"])
    line("peak memory, this process and each worker", f"{own:.2f} + {PROCESSES} x {child:.2f} GB")


def main() -> None:
    """Print all benchmarks."""
    parser = argparse.ArgumentParser(description="Print how fast the model is.")
    parser.add_argument("--quick", action="store_true", help="leave out the ensemble")
    arguments = parser.parse_args()
    print(f"Python {platform.python_version()}, {platform.machine()}, wall times (medians of {REPEATS} where short)")
    benchmark_help()
    benchmark_runs(quick=arguments.quick)


if __name__ == "__main__":
    main()
