"""How fast the model is: ``python benchmarks/run_benchmarks.py [--quick]``. No test asserts a time."""

from __future__ import annotations

import argparse
import platform
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

YEARS = 24
MEMBERS = 1000
HISTORY_YEARS = 4
"""Years from the start of the run to the decision, which the scenario counts apart."""
PROCESSES = 2
REPEATS = 3
AIMS = {"run": "under 2 s", "ensemble": "under 60 s, under 4 GB", "help": "under 0.3 s"}


def timed(task: Callable[[], object], repeats: int = 1, clock: Callable[[], float] = time.perf_counter) -> float:
    """Least time of a task in seconds: other work on the machine only ever adds to it."""
    times = []
    for _ in range(repeats):
        began = clock()
        task()
        times.append(clock() - began)
    return min(times)


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
    from model.simulation import CHUNK, kept_names, registry, run_chunk, simulate

    line("imports", f"{time.perf_counter() - began:.2f} s")
    line("reading the registry", f"{timed(registry):.2f} s")

    changes = {"years_after_decision": YEARS - HISTORY_YEARS}
    resolved = resolve("baseline", registry(), changes=changes)
    seconds = timed(lambda: simulate(resolved), REPEATS, time.process_time)
    line(f"one deterministic run of {YEARS} years, on the processor", f"{seconds:.2f} s", AIMS["run"])

    steps = Clock(resolved.start, resolved.end, resolved.step_days).steps
    cells = 0
    for stock in registry().stocks.values():
        size = 1
        for dim in stock.dims:
            size *= len(DIMENSIONS[dim])
        cells += size
    chunk = resolve("baseline", registry(), changes={**changes, "members": MEMBERS})
    seconds = timed(lambda: run_chunk(chunk, 0, CHUNK, names=kept_names(chunk)), clock=time.process_time)
    each = seconds / (steps * cells * CHUNK) * 1e9
    line(f"a chunk of {CHUNK} members of {YEARS} years, on the processor", f"{seconds:.1f} s")
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
    print(f"Python {platform.python_version()}, {platform.machine()}, least of up to {REPEATS} times")
    benchmark_help()
    benchmark_runs(quick=arguments.quick)


if __name__ == "__main__":
    main()
