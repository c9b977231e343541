"""How fast the model is: ``python benchmarks/run_benchmarks.py [--quick] [--share 0.2]``. No test asserts a time."""

from __future__ import annotations

import argparse
import platform
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

YEARS = 24
MEMBERS = 1000
PATIENT_LEVEL_MEMBERS = 100
SCENARIOS = ("home_first", "prevention_shift", "recruitment_and_retention", "vcse_capacity")
"""Run beside the baseline, so that there are five."""

ENSEMBLE_END = "2040-04"
"""First month after the 21 years of the ensembles."""

HISTORY_YEARS = 4
"""Years from the start of the run to the decision, which the scenario counts apart."""
PROCESSES = 2
REPEATS = 3
AIMS = {"run": "under 2 s", "ensemble": "under 3 minutes, 4 GB", "patients": "under 10 minutes", "help": "under 0.3 s"}


def timed(task: Callable[[], object], repeats: int = 1, clock: Callable[[], float] = time.perf_counter) -> float:
    """Least time of a task in seconds: other work on the machine only ever adds to it."""
    times = []
    for _ in range(repeats):
        began = clock()
        task()
        times.append(clock() - began)
    return min(times)


def line(what: str, result: str, aim: str = "") -> None:
    """Print one result."""
    print(f"{what:<58}{result:>24}{'   aim ' + aim if aim else ''}", flush=True)


class Memory(threading.Thread):
    """Watches the memory of a process and all that it begins; ``peak`` is the largest sum seen, in GB."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        super().__init__(daemon=True)
        self._process = process
        self.peak = 0.0

    def run(self) -> None:
        """Look twice a second until the process has ended."""
        import psutil

        while self._process.poll() is None:
            try:
                parent = psutil.Process(self._process.pid)
                family = [parent, *parent.children(recursive=True)]
                self.peak = max(self.peak, sum(process.memory_info().rss for process in family) / 1e9)
            except psutil.NoSuchProcess:
                continue
            time.sleep(0.5)


def benchmark_help() -> None:
    """Start-up of the command line."""
    command = [sys.executable, str(ROOT / "run.py"), "--help"]
    seconds = timed(lambda: subprocess.run(command, check=True, capture_output=True, cwd=ROOT), 2 * REPEATS - 1)
    line("run.py --help", f"{seconds:.2f} s", AIMS["help"])


def benchmark_runs() -> None:
    """One deterministic run, and the cost of a stock cell."""
    began = time.perf_counter()
    from model.engine.clock import Clock
    from model.registry.dimensions import DIMENSIONS
    from model.scenarios.resolver import resolve
    from model.sectors.model_registry import registry
    from model.simulation.simulate import CHUNK, kept_names, run_members, simulate

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
    seconds = timed(lambda: run_members(chunk, 0, CHUNK, names=kept_names(chunk)), clock=time.process_time)
    nanoseconds = seconds / (steps * cells * CHUNK) * 1e9
    line(f"a chunk of {CHUNK} members of {YEARS} years, on the processor", f"{seconds:.1f} s")
    line(f"per stock cell, step and member ({cells:,} cells, {steps:,} steps)", f"{nanoseconds:.1f} ns")


def compared(members: int, processes: int, *settings: str) -> tuple[float, float, float]:
    """Five scenarios of 21 years by the command line: seconds, peak memory of all processes and results in GB."""
    with tempfile.TemporaryDirectory() as output:
        command = [
            sys.executable,
            str(ROOT / "run.py"),
            "compare",
            *SCENARIOS,
            "--members",
            str(members),
            "--end",
            ENSEMBLE_END,
            "--processes",
            str(processes),
            "--output",
            output,
            "--quiet",
            *settings,
        ]
        began = time.perf_counter()
        process = subprocess.Popen(command, cwd=ROOT)
        memory = Memory(process)
        memory.start()
        if process.wait():
            sys.exit("the run failed")
        seconds = time.perf_counter() - began
        memory.join()
        return (
            seconds,
            memory.peak,
            sum(path.stat().st_size for path in Path(output).rglob("*") if path.is_file()) / 1e9,
        )


def benchmark_ensembles(share: float) -> None:
    """The large ensembles, or a share of their members, tables and figures included."""
    members = max(2, round(MEMBERS * share))
    one, _, _ = compared(max(2, members // 5), 1)
    two, _, _ = compared(max(2, members // 5), PROCESSES)
    line(f"5 x {max(2, members // 5):,} members, 21 years: 1 process, {PROCESSES}", f"{one:.0f} s, {two:.0f} s")
    line(f"ratio of {PROCESSES} processes to 1", f"{one / two:.2f}")
    seconds, peak, size = compared(members, PROCESSES)
    line(f"5 x {members:,} members, 21 years, {PROCESSES} processes", f"{seconds:.0f} s", AIMS["ensemble"])
    line("peak memory of all processes; results", f"{peak:.2f} GB; {size:.2f} GB")
    members = max(2, round(PATIENT_LEVEL_MEMBERS * share))
    seconds, peak, _ = compared(members, PROCESSES, "--set", "hospital=patient-level")
    line(f"5 x {members:,} members with patients one by one, 21 years", f"{seconds:.0f} s", AIMS["patients"])
    line("peak memory of all processes", f"{peak:.2f} GB")


def main() -> None:
    """Print all benchmarks."""
    parser = argparse.ArgumentParser(description="Print how fast the model is.")
    parser.add_argument("--quick", action="store_true", help="leave out the ensembles")
    parser.add_argument("--share", type=float, default=1.0, help="share of the members of the ensembles")
    arguments = parser.parse_args()
    print(f"Python {platform.python_version()}, {platform.machine()}, least of up to {REPEATS} times")
    benchmark_help()
    benchmark_runs()
    if not arguments.quick:
        benchmark_ensembles(arguments.share)


if __name__ == "__main__":
    main()
