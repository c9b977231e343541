"""How fast patients move: ``python benchmarks/hospital_benchmarks.py [--quick]``. No test asserts a time.

Both engines and Ciw run the same queues side by side, one after the other in each round, so that other work on the
machine slows all of them; printed are the best rounds and their ratios.
"""

from __future__ import annotations

import argparse
import math
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from model.hospital.network.network import Distribution, Network, Point, Route, Schedule, Stream  # noqa: E402

BNSSG = ROOT / "scenarios" / "networks" / "bnssg.yaml"
YEARS = 20
DAYS_PER_YEAR = 365.25
ROUNDS = 3
SIGMA = 0.8
AIMS = {
    "simple": "compiled at least 60 times SimPy",
    "bnssg": "compiled at least 40 times SimPy",
    "years": "under 1.5 s",
    "compile": "under 15 s",
}

Rate = Callable[[], tuple[int, float]]
"""Runs a simulation; events handled, and seconds on the processor that running them took."""


def line(what: str, result: str, aim: str = "") -> None:
    """Print one result."""
    print(f"{what:<58}{result:>24}{'   aim ' + aim if aim else ''}", flush=True)


def queue_network(points: tuple[Point, ...], rate: float) -> Network:
    """Patients of one class who arrive at the first point."""
    always = Schedule((0.0,), (rate,))
    stream = Stream("arrivals", points[0].name, {"all": 1.0}, always, np.ones(168))
    return Network("queue", ("all",), points, (stream,), ("home",))


def ward(name: str, stay: Distribution, places: int, following: str) -> Point:
    """A ward from which all go on to the same."""
    return Point(name, {"all": stay}, {"all": (Route(following, 1.0),)}, places=Schedule((0.0,), (float(places),)))


def many_servers() -> Network:
    """M/M/15 at 11 arrivals a day."""
    return queue_network((ward("ward", Distribution("exponential", 1.0), 15, "home"),), 11.0)


def tandem() -> Network:
    """Two wards in a row; whoever finds the second full blocks the first."""
    first = ward("first", Distribution("exponential", 1.0), 12, "second")
    second = ward("second", Distribution("lognormal", 1.0, SIGMA), 10, "home")
    return queue_network((first, second), 8.0)


def engine(which: str, network: Network, days: float) -> Rate:
    """A run by one of the engines of the model; the network is read and built beforehand."""

    def run() -> tuple[int, float]:
        from model.hospital.engines.compiled import CompiledSimulation
        from model.hospital.engines.simpy_engine import SimpySimulation

        build = CompiledSimulation if which == "compiled" else SimpySimulation
        simulation = build(network, days=days, seed=1)
        began = time.process_time()
        simulation.run()
        seconds = time.process_time() - began
        return simulation.results().events, seconds

    return run


def ciw_queue(rate: float, servers: list[int], days: float) -> Rate:
    """The same queue in Ciw; events are counted as in the model, arrivals and ends of stay."""

    def run() -> tuple[int, float]:
        import ciw

        stays = [ciw.dists.Exponential(1.0), ciw.dists.Lognormal(-(SIGMA**2) / 2, SIGMA)][: len(servers)]
        network = ciw.create_network(
            arrival_distributions=[ciw.dists.Exponential(rate), *[None] * (len(servers) - 1)],
            service_distributions=stays,
            routing=[[0.0, 1.0], [0.0, 0.0]] if len(servers) == 2 else [[0.0]],
            number_of_servers=servers,
            queue_capacities=[math.inf, *[0] * (len(servers) - 1)],
        )
        ciw.seed(1)
        simulation = ciw.Simulation(network)
        began = time.process_time()
        simulation.simulate_until_max_time(days)
        seconds = time.process_time() - began
        records = simulation.get_all_records()
        return len(records) + sum(record.node == 1 for record in records), seconds

    return run


def side_by_side(name: str, runs: dict[str, Rate], aim: str) -> None:
    """Events per second of each in its best of some rounds, and how many times as fast as SimPy each is."""
    best = dict.fromkeys(runs, 0.0)
    for _ in range(ROUNDS):
        for which, run in runs.items():
            events, seconds = run()
            best[which] = max(best[which], events / seconds)
    for which, rate in best.items():
        ratio = f"{rate / best['simpy']:.1f} x SimPy"
        line(f"{name}, {which}, events a second ({ratio})", f"{rate:,.0f}", aim if which == "compiled" else "")


def benchmark_queues(*, quick: bool) -> None:
    """Queues small enough for Ciw."""
    scale = 0.1 if quick else 1.0
    days = 3000.0 * scale
    longer = 40 * days
    side_by_side(
        "M/M/15",
        {
            "compiled": engine("compiled", many_servers(), longer),
            "simpy": engine("simpy", many_servers(), days),
            "ciw": ciw_queue(11.0, [15], days),
        },
        AIMS["simple"],
    )
    side_by_side(
        "tandem with blocking",
        {
            "compiled": engine("compiled", tandem(), longer),
            "simpy": engine("simpy", tandem(), days),
            "ciw": ciw_queue(8.0, [12, 10], days),
        },
        AIMS["simple"],
    )


def benchmark_bnssg(*, quick: bool) -> None:
    """The BNSSG network in both engines, and 20 years of it for one member."""
    if not BNSSG.exists():
        print(f"{BNSSG.relative_to(ROOT)} does not exist: the BNSSG network is left out")
        return
    from model.hospital.network.network_file import read_network

    began = time.perf_counter()
    network = read_network(BNSSG, days=YEARS * DAYS_PER_YEAR)
    line("reading the BNSSG network", f"{time.perf_counter() - began:.2f} s")
    days = 10.0 if quick else 40.0
    runs = {"compiled": engine("compiled", network, 20 * days), "simpy": engine("simpy", network, days)}
    side_by_side("BNSSG", runs, AIMS["bnssg"])
    member = engine("compiled", network, YEARS * DAYS_PER_YEAR)
    events, seconds = min((member() for _ in range(1 if quick else ROUNDS)), key=lambda timing: timing[1])
    line(f"BNSSG, {YEARS} years of one member, {events:,} events", f"{seconds:.2f} s", AIMS["years"])


def benchmark_compiling() -> None:
    """First run with an empty cache, in another process."""
    code = (
        "import sys, time; sys.path.insert(0, sys.argv[1])\n"
        "import benchmarks.hospital_benchmarks as b, model.hospital.engines.compiled as c\n"
        "network = b.many_servers(); began = time.perf_counter()\n"
        "c.CompiledSimulation(network, days=10.0, seed=1).run()\n"
        "print(time.perf_counter() - began)"
    )
    with tempfile.TemporaryDirectory() as cache:
        environment = {**os.environ, "NUMBA_CACHE_DIR": cache}
        for which, aim in (("cold", AIMS["compile"]), ("warm", "")):
            command = [sys.executable, "-c", code, str(ROOT)]
            done = subprocess.run(command, check=True, capture_output=True, text=True, env=environment, cwd=ROOT)
            line(f"first run, {which} cache", f"{float(done.stdout):.1f} s", aim)


def main() -> None:
    """Print all benchmarks."""
    parser = argparse.ArgumentParser(description="Print how fast patients move.")
    parser.add_argument("--quick", action="store_true", help="shorter runs")
    arguments = parser.parse_args()
    print(f"Python {platform.python_version()}, {platform.machine()}, best of {ROUNDS} rounds, on the processor")
    benchmark_queues(quick=arguments.quick)
    benchmark_bnssg(quick=arguments.quick)
    benchmark_compiling()


if __name__ == "__main__":
    main()
