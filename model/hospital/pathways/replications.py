"""Replications of a network: the same network with other random numbers, spread over processes, always the same result.

Every replication draws its random numbers from the seed and its index alone, so that neither the number of
processes nor the order in which they finish changes a single number.
"""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from model.hospital.network.network import Network

if TYPE_CHECKING:
    from model.hospital.engines.kernel_tables import Results

ENGINES = ("compiled", "simpy")
RECORDED = ("time", "count", "wait_days", "delay_days", "exits", "gave_up", "watch", "cost")
"""Arrays of ``Results`` whose first axis is the interval."""

WORTH_SPREADING = 4.0
"""Seconds of work from which on other processes are started: below that, starting them takes longer than it saves."""


class Simulation(Protocol):
    """What both engines offer to whoever runs a network from its start to its end."""

    def run(self, until: float | None = None) -> object:
        """Run until a time, or to the end."""
        ...

    def results(self) -> Results:
        """What was recorded so far."""
        ...

    def take_log(self) -> np.ndarray:
        """Events since they were last taken."""
        ...


def simulation(
    network: Network,
    *,
    days: float,
    seed: int,
    replication: int = 0,
    engine: str = "compiled",
    record_days: float = 1.0,
    log: bool = False,
) -> Simulation:
    """One replication, ready to run.

    Args:
        network: what is run.
        days: length, with the warm-up.
        seed: seed of all random numbers.
        replication: index of the replication, which enters every draw.
        engine: one of ``ENGINES``; both give the same history.
        record_days: length of an interval of the record.
        log: whether events are kept.

    Raises:
        ValueError: an engine that is not known.
    """
    engine_class: Any
    if engine == "compiled":
        from model.hospital.engines.compiled import CompiledSimulation

        engine_class = CompiledSimulation
    elif engine == "simpy":
        from model.hospital.engines.simpy_engine import SimpySimulation

        engine_class = SimpySimulation
    else:
        raise ValueError(f"engine must be one of {', '.join(ENGINES)}, not '{engine}'")
    return engine_class(network, days=days, seed=seed, replication=replication, record_days=record_days, log=log)


def without_warm_up(results: Results, intervals: int) -> Results:
    """The record without its first intervals; the number of events stays that of the whole run."""
    return replace(results, **{name: getattr(results, name)[intervals:].copy() for name in RECORDED})


def run_replications(
    network: Network,
    *,
    days: float,
    warm_up_days: float = 0.0,
    replications: int = 10,
    seed: int = 1,
    engine: str = "compiled",
    record_days: float = 1.0,
    processes: int = 1,
    progress: Callable[[int, int], None] | None = None,
) -> list[Results]:
    """Run a network again and again.

    Args:
        network: what is run.
        days: days recorded, after the warm-up.
        warm_up_days: days run before anything is recorded.
        replications: how many.
        seed: seed of all random numbers; with the same seed, replication k of two networks is paired.
        engine: one of ``ENGINES``.
        record_days: length of an interval of the record; days and warm-up consist of whole intervals.
        processes: most processes; the result does not depend on it.
        progress: called with the replications done and the replications in all.

    Returns:
        Results of each replication in order, the intervals of the warm-up dropped.

    Raises:
        ValueError: no days, no replications, days or a warm-up that are no whole intervals, or an unknown engine.
    """
    if days < record_days or warm_up_days < 0 or replications < 1:
        raise ValueError("expected at least one interval, no negative warm-up, and at least one replication")
    if days % record_days or warm_up_days % record_days:
        raise ValueError("expected days and warm-up of whole intervals of the record")
    shared = {"days": days, "warm_up_days": warm_up_days, "seed": seed, "engine": engine, "record_days": record_days}
    by_replication: dict[int, Results] = {}
    for index, results in _finished(network, replications, processes, shared):
        by_replication[index] = results
        if progress is not None:
            progress(len(by_replication), replications)
    return [by_replication[index] for index in range(replications)]


def _finished(
    network: Network, replications: int, processes: int, shared: dict[str, Any]
) -> Iterator[tuple[int, Results]]:
    """Yield replications as they finish: run here while little is left to do, in other processes otherwise."""
    # What the first replication takes may be mostly the loading of compiled functions; that of the second counts.
    began = time.perf_counter()
    for index in range(replications):
        left = replications - index
        if index >= min(2, replications - 1) and min(processes, left) > 1:
            seconds = time.perf_counter() - began
            if seconds * left >= WORTH_SPREADING:
                yield from _spread(network, range(index, replications), min(processes, left), shared)
                return
        began = time.perf_counter()
        yield index, _replication(network, index, shared)


def _spread(network: Network, indices: range, processes: int, shared: dict[str, Any]) -> Iterator[tuple[int, Results]]:
    # A fresh process ("spawn") inherits no state, so that results are alike on every operating system.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes, mp_context=context) as pool:
        waiting = {pool.submit(_replication, network, index, shared): index for index in indices}
        try:
            for done in as_completed(waiting):
                yield waiting[done], done.result()
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _replication(network: Network, index: int, shared: dict[str, Any]) -> Results:
    warm_up = shared["warm_up_days"]
    one = simulation(
        network,
        days=warm_up + shared["days"],
        seed=shared["seed"],
        replication=index,
        engine=shared["engine"],
        record_days=shared["record_days"],
    )
    one.run()
    return without_warm_up(one.results(), round(warm_up / shared["record_days"]))
