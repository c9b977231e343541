"""Who computes: this process, others on this machine, or a Dask cluster, all behind ``concurrent.futures.Executor``."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import time
import uuid
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing.connection import wait as wait_for_end
from typing import TYPE_CHECKING, Any, TypeVar

from model.registry.errors import Exit, UserError
from model.simulation.chunks import LostWorkerError

if TYPE_CHECKING:
    from distributed import Client

Key = TypeVar("Key")
Found = TypeVar("Found")

PULSE = 0.2
"""Seconds after which progress is told anew while nothing is finished."""

LOCAL = "local"
"""In the place of a scheduler's address: a Dask cluster on this machine, for the length of the run."""

SECONDS_TO_ANSWER = 20
RETRIES = 3
"""Times that a part is given to another worker of the cluster when the one that had it was lost."""

SECONDS_BETWEEN_REPORTS = 0.5
"""Workers of a cluster tell of their progress no more often than this."""

Count = Callable[[int], None]
"""Called, where the work is done, with member-steps done since the last call."""


class StoppedError(RuntimeError):
    """The work was given up while a part was being computed."""


class Crew(ABC):
    """Who computes.

    Attributes:
        executor: takes the parts.
        count: what a part calls to tell of its progress; it can be sent along with the part.
        in_hand: parts to be given out at a time; None for all at once.
    """

    executor: Executor
    count: Count
    in_hand: int | None

    @abstractmethod
    def counted(self) -> int:
        """Member-steps that parts have told of."""

    def explain(self, error: BaseException) -> BaseException:
        """The error as the user should hear of it."""
        return error


class Here(Crew):
    """This process: a part is done when it has been given out.

    Args:
        changed: called with the member-steps counted whenever a part tells of its progress.
    """

    in_hand = 1

    def __init__(self, changed: Count) -> None:
        self.executor = _AtOnce()
        self._counted = 0
        self._changed = changed

    def count(self, steps: int) -> None:
        """Add steps and pass the word on."""
        self._counted += steps
        self._changed(self._counted)

    def counted(self) -> int:
        """Member-steps that parts have told of."""
        return self._counted


class _AtOnce(Executor):
    """An executor that does what it is given before it answers; an error is raised at once."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """The future of a call that is over."""
        future: Future[Any] = Future()
        future.set_result(fn(*args, **kwargs))
        return future


SLOTS = 1024
"""Places in which processes count, each by itself, so that none holds a lock when it is ended."""


class _Joined:
    """What a process of the crew shares with the one that began it; one for each such process."""

    counts: Any = None
    stop: Any = None


def _join(counts: Any, stop: Any) -> None:
    """Begin as a process of the crew."""
    _Joined.counts, _Joined.stop = counts, stop
    # Ctrl-C reaches every process of the terminal; the parent alone decides what follows from it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent.sentinel,), daemon=True).start()


def _end_with(sentinel: int) -> None:
    """End this process as soon as its parent is gone, which may have had no time to say so."""
    wait_for_end([sentinel])
    os._exit(1)


def _tell_parent(steps: int) -> None:
    """Count steps of a part; here, in the middle of it, is also where a process gives up.

    Raises:
        StoppedError: the parent has given the work up.
    """
    if _Joined.stop.value:
        raise StoppedError
    _Joined.counts[os.getpid() % SLOTS] += steps


class Processes(Crew):
    """Processes of this machine, which end with this one however it ends."""

    def __init__(self, workers: int) -> None:
        context = multiprocessing.get_context("spawn")
        self._counts = context.RawArray("q", SLOTS)
        self._stop = context.RawValue("b", 0)
        self.in_hand = 2 * workers
        self.executor = ProcessPoolExecutor(
            workers, mp_context=context, initializer=_join, initargs=(self._counts, self._stop)
        )

    count = staticmethod(_tell_parent)

    def counted(self) -> int:
        """Member-steps that parts have told of."""
        return sum(self._counts)

    def explain(self, error: BaseException) -> BaseException:
        """A process that is gone is a worker lost."""
        if isinstance(error, BrokenProcessPool):
            return LostWorkerError(
                "a process that computed was ended from outside, as a machine short of memory does; "
                "fewer --processes need less of it.",
                code=Exit.INTERNAL,
            )
        return error

    def close(self) -> None:
        """Give up what is not done and wait for the processes to end."""
        self._stop.value = 1
        self.executor.shutdown(wait=True, cancel_futures=True)


class Cluster(Crew):
    """Workers of a Dask cluster.

    Args:
        client: connection to its scheduler.
    """

    in_hand = None

    def __init__(self, client: Client) -> None:
        self._topic = f"member-steps-{uuid.uuid4().hex}"
        self._counted = 0
        self.count = _Reports(self._topic)
        # Without 'pure', equal calls of two runs are not taken for one.
        self.executor = client.get_executor(pure=False, retries=RETRIES)
        client.subscribe_topic(self._topic, self._hear)

    def _hear(self, event: tuple[float, int]) -> None:
        self._counted += event[1]

    def counted(self) -> int:
        """Member-steps that parts have told of."""
        return self._counted

    def explain(self, error: BaseException) -> BaseException:
        """A part whose workers were all lost."""
        from distributed import CancelledError, KilledWorker

        if isinstance(error, KilledWorker | CancelledError | TimeoutError):
            return LostWorkerError("the workers that had a part of the run were all lost.", code=Exit.INTERNAL)
        return error


class _Reports:
    """Tells a scheduler of member-steps done, in the worker, now and then."""

    def __init__(self, topic: str) -> None:
        self._topic = topic
        self._pending = 0
        self._told = 0.0

    def __call__(self, steps: int) -> None:
        """Count steps."""
        from distributed import get_worker

        self._pending += steps
        if time.monotonic() - self._told > SECONDS_BETWEEN_REPORTS:
            get_worker().log_event(self._topic, self._pending)
            self._pending, self._told = 0, time.monotonic()


def hand_out(
    crew: Crew, calls: Iterable[tuple[Key, Callable[[], Found]]], counted: Count
) -> Iterator[tuple[Key, Found]]:
    """Have calls made, as many at a time as the crew takes.

    Args:
        crew: who makes them.
        calls: pairs of a key and what is called; it must be one that can be sent to another process.
        counted: told, now and then, of the member-steps that the crew has counted.

    Yields:
        The key of each call, and what it gave, as they end.

    Raises:
        LostWorkerError: who made a call is gone.
    """
    given: dict[Future[Found], Key] = {}
    coming = iter(calls)
    more = True
    while more or given:
        while more and (crew.in_hand is None or len(given) < crew.in_hand):
            more = (call := next(coming, None)) is not None
            if call is not None:
                given[crew.executor.submit(call[1])] = call[0]
        finished, _ = wait(given, PULSE, FIRST_COMPLETED)
        counted(crew.counted())
        for future in finished:
            yield given.pop(future), _result(future, crew)


def _result(future: Future[Found], crew: Crew) -> Found:
    try:
        return future.result()
    except Exception as error:
        told = crew.explain(error)
        if told is error:
            raise
        raise told from error


@contextmanager
def crew(*, processes: int, scheduler: str | None, identity: Callable[[], str], changed: Count) -> Iterator[Crew]:
    """Those who compute, for the length of a ``with`` block.

    Args:
        processes: processes of this machine, this one alone where it is 1.
        scheduler: address of a Dask scheduler, or ``local``; None for no cluster.
        identity: stands for the version of what computes, asked of every worker of a cluster.
        changed: called with the member-steps counted, where this process computes.

    Raises:
        UserError: no such cluster, one with another version of the model, or Dask is not installed.
    """
    if scheduler is not None:
        with _cluster(scheduler, processes, identity) as found:
            yield found
    elif processes == 1:
        yield Here(changed)
    else:
        pool = Processes(processes)
        try:
            yield pool
        finally:
            pool.close()


@contextmanager
def _cluster(scheduler: str, processes: int, identity: Callable[[], str]) -> Iterator[Cluster]:
    try:
        from distributed import Client, LocalCluster
    except ImportError as error:
        message = "Dask is not installed: python -m pip install 'bnssg-system-model[cluster]'."
        raise UserError(message, key="--scheduler", code=Exit.USAGE) from error
    own = None
    try:
        if scheduler == LOCAL:
            own = LocalCluster(n_workers=processes, threads_per_worker=1, dashboard_address=None)
        try:
            client = Client(own or scheduler, timeout=SECONDS_TO_ANSWER, set_as_default=False)
        except (OSError, ValueError) as error:
            message = "no Dask scheduler answers here; an address is written tcp://host:8786, or 'local'."
            raise UserError(message, key=scheduler, code=Exit.USAGE) from error
        with client:
            _check_workers(client, scheduler, identity)
            found = Cluster(client)
            try:
                yield found
            finally:
                found.executor.shutdown(wait=False)
    finally:
        if own is not None:
            own.close()


def _check_workers(client: Client, scheduler: str, identity: Callable[[], str]) -> None:
    """Check that there are workers, and that they compute with this version of the model."""
    try:
        client.wait_for_workers(1, timeout=SECONDS_TO_ANSWER)
    except TimeoutError as error:
        raise UserError("the cluster has no workers.", key=scheduler, code=Exit.USAGE) from error
    answers = client.run(identity, on_error="return")
    others = sorted(worker for worker, answer in answers.items() if answer != identity())
    if others:
        message = f"{len(others)} of its workers do not have this version of the model: {', '.join(others[:3])}."
        raise UserError(message, key=scheduler)
