"""Where chunks are computed: in this process, in others of this machine, or on a Dask cluster, behind one protocol."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
import time
import uuid
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing.connection import wait as wait_for_end
from multiprocessing.context import SpawnContext, SpawnProcess
from types import ModuleType
from typing import TYPE_CHECKING, Any, TypeVar

from model.registry.errors import Exit, UserError
from model.simulation.progress import StepCounter

if TYPE_CHECKING:
    from distributed import Client

Key = TypeVar("Key")
Result = TypeVar("Result")

POLL_SECONDS = 0.2
"""Seconds after which progress is reported again while no call has finished."""

LOCAL = "local"
"""In the place of a scheduler's address: a Dask cluster on this machine, for the length of the run."""

SECONDS_TO_ANSWER = 20
RETRIES = 3
"""Times that a call is given to another worker of the cluster when the worker that had it was lost."""

SECONDS_BETWEEN_REPORTS = 0.5
"""Workers of a cluster report their progress no more often than this."""


class StoppedError(RuntimeError):
    """The run was given up while a chunk was being computed."""


class LostWorkerError(UserError):
    """A worker process was ended from outside, as by a machine short of memory."""


class Backend(ABC):
    """Where calls are made.

    Attributes:
        count: what a call uses to report member-steps done; it can be sent along with the call.
    """

    count: StepCounter

    @abstractmethod
    def submit_all(
        self, calls: Iterable[tuple[Key, Callable[[], Result]]], counted: StepCounter
    ) -> Iterator[tuple[Key, Result]]:
        """Make calls, as many at a time as there are workers for.

        Args:
            calls: pairs of a key and what is called; it must be one that can be sent to another process.
            counted: called, now and then, with the member-steps that these calls have reported so far.

        Yields:
            The key of each call and its result, as they finish.

        Raises:
            LostWorkerError: the worker that made a call is gone.
        """


class InProcess(Backend):
    """This process: a loop that makes one call after the other."""

    def __init__(self) -> None:
        self._steps = 0
        self._counted: StepCounter = lambda steps: None

    def count(self, steps: int) -> None:
        """Add steps and report them at once."""
        self._steps += steps
        self._counted(self._steps)

    def submit_all(
        self, calls: Iterable[tuple[Key, Callable[[], Result]]], counted: StepCounter
    ) -> Iterator[tuple[Key, Result]]:
        """Make calls; see ``Backend``. An error of a call is raised as it is."""
        self._steps, self._counted = 0, counted
        for key, call in calls:
            yield key, call()


class ExecutorBackend(Backend):
    """Workers behind an executor of ``concurrent.futures``.

    Attributes:
        executor: takes the calls.
        max_in_flight: calls that are submitted and not finished, at most; None for all at once.
    """

    executor: Executor
    max_in_flight: int | None

    @abstractmethod
    def counted(self) -> int:
        """Return the member-steps that calls have reported since the backend was opened."""

    def translated(self, error: BaseException) -> BaseException:
        """Return the error as the user should read it."""
        return error

    def submit_all(
        self, calls: Iterable[tuple[Key, Callable[[], Result]]], counted: StepCounter
    ) -> Iterator[tuple[Key, Result]]:
        """Make calls; see ``Backend``."""
        in_flight: dict[Future[Result], Key] = {}
        waiting = iter(calls)
        more, before = True, self.counted()
        while more or in_flight:
            while more and (self.max_in_flight is None or len(in_flight) < self.max_in_flight):
                more = (call := next(waiting, None)) is not None
                if call is not None:
                    in_flight[self.executor.submit(call[1])] = call[0]
            finished, _ = wait(in_flight, POLL_SECONDS, FIRST_COMPLETED)
            counted(self.counted() - before)
            for future in finished:
                yield in_flight.pop(future), self._result(future)

    def _result(self, future: Future[Result]) -> Result:
        try:
            return future.result()
        except Exception as error:
            translated = self.translated(error)
            if translated is error:
                raise
            raise translated from error


SLOTS = 1024
"""Cells in which processes count, each in its own, so that none holds a lock when it is ended."""


class _WorkerProcess(SpawnProcess):
    """A worker that does not import the main module of the program.

    Workers need only the model. Importing the main module would run a script that has no guard (``if __name__ ==
    "__main__"``) again in each of them, and take the time to start the command line.
    """

    def start(self) -> None:
        """Start the worker with an empty module in the place of the main one."""
        main = sys.modules["__main__"]
        sys.modules["__main__"] = ModuleType("__main__")
        try:
            super().start()
        finally:
            sys.modules["__main__"] = main


class _WorkerContext(SpawnContext):
    """Starts workers as ``_WorkerProcess``."""

    Process = _WorkerProcess


class _WorkerState:
    """What a worker process shares with the process that started it; one for each worker."""

    counts: Any = None
    stop: Any = None


def _start_worker(counts: Any, stop: Any) -> None:
    """Prepare a new worker process."""
    _WorkerState.counts, _WorkerState.stop = counts, stop
    # Ctrl-C reaches every process of the terminal; the parent alone decides what follows from it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_exit_with_parent, args=(parent.sentinel,), daemon=True).start()


def _exit_with_parent(sentinel: int) -> None:
    """End this process as soon as its parent is gone, which may have had no time to stop it."""
    wait_for_end([sentinel])
    os._exit(1)


def _count_in_worker(steps: int) -> None:
    """Count steps of a call, and give the call up where the parent has given up the run.

    Raises:
        StoppedError: the parent has given up the run.
    """
    if _WorkerState.stop.value:
        raise StoppedError
    _WorkerState.counts[os.getpid() % SLOTS] += steps


class ProcessPool(ExecutorBackend):
    """Processes of this machine, which end with this one however it ends.

    Args:
        workers: number of processes.
    """

    count = staticmethod(_count_in_worker)

    def __init__(self, workers: int) -> None:
        context = _WorkerContext()
        self._counts = context.RawArray("q", SLOTS)
        self._stop = context.RawValue("b", 0)
        self.max_in_flight = 2 * workers
        self.executor = ProcessPoolExecutor(
            workers, mp_context=context, initializer=_start_worker, initargs=(self._counts, self._stop)
        )

    def counted(self) -> int:
        """Return the member-steps that calls have reported since the backend was opened."""
        return sum(self._counts)

    def translated(self, error: BaseException) -> BaseException:
        """Return a lost worker for a process that is gone, and any other error as it is."""
        if isinstance(error, BrokenProcessPool):
            return LostWorkerError(
                "a worker process was ended from outside, as a machine short of memory does; fewer --processes need "
                "less of it.",
                code=Exit.INTERNAL,
            )
        return error

    def close(self) -> None:
        """Give up what is not done and wait for the processes to end."""
        self._stop.value = 1
        self.executor.shutdown(wait=True, cancel_futures=True)


class DaskCluster(ExecutorBackend):
    """Workers of a Dask cluster.

    Args:
        client: connection to its scheduler.
    """

    max_in_flight = None

    def __init__(self, client: Client) -> None:
        self._topic = f"member-steps-{uuid.uuid4().hex}"
        self._steps = 0
        self.count = _SchedulerReports(self._topic)
        # Without 'pure', equal calls of two runs are not taken for one.
        self.executor = client.get_executor(pure=False, retries=RETRIES)
        client.subscribe_topic(self._topic, self._add)

    def _add(self, event: tuple[float, int]) -> None:
        self._steps += event[1]

    def counted(self) -> int:
        """Return the member-steps that calls have reported since the backend was opened."""
        return self._steps

    def translated(self, error: BaseException) -> BaseException:
        """Return a lost worker for a call whose workers were all lost, and any other error as it is."""
        from distributed import CancelledError, KilledWorker

        if isinstance(error, KilledWorker | CancelledError | TimeoutError):
            return LostWorkerError("the workers that had a chunk of the run were all lost.", code=Exit.INTERNAL)
        return error


class _SchedulerReports:
    """Reports member-steps done from a worker to the scheduler, now and then."""

    def __init__(self, topic: str) -> None:
        self._topic = topic
        self._pending = 0
        self._reported = 0.0

    def __call__(self, steps: int) -> None:
        """Count steps."""
        from distributed import get_worker

        self._pending += steps
        if time.monotonic() - self._reported > SECONDS_BETWEEN_REPORTS:
            get_worker().log_event(self._topic, self._pending)
            self._pending, self._reported = 0, time.monotonic()


@contextmanager
def open_backend(*, processes: int, scheduler: str | None, code_version: Callable[[], str]) -> Iterator[Backend]:
    """Open a backend for the length of a ``with`` block.

    Args:
        processes: processes of this machine; 1 for this process alone.
        scheduler: address of a Dask scheduler, or ``local``; None for no cluster.
        code_version: returns the version of the code that computes; every worker of a cluster is asked for its own.

    Raises:
        UserError: no such cluster, one with another version of the model, or Dask is not installed.
    """
    if scheduler is not None:
        with _dask_cluster(scheduler, processes, code_version) as cluster:
            yield cluster
    elif processes == 1:
        yield InProcess()
    else:
        pool = ProcessPool(processes)
        try:
            yield pool
        finally:
            pool.close()


@contextmanager
def _dask_cluster(scheduler: str, processes: int, code_version: Callable[[], str]) -> Iterator[DaskCluster]:
    try:
        from distributed import Client, LocalCluster
    except ImportError as error:
        message = "Dask is not installed: python -m pip install 'bnssg-system-model[cluster]'."
        raise UserError(message, key="--scheduler", code=Exit.USAGE) from error
    local = None
    try:
        if scheduler == LOCAL:
            local = LocalCluster(n_workers=processes, threads_per_worker=1, dashboard_address=None)
        try:
            client = Client(local or scheduler, timeout=SECONDS_TO_ANSWER, set_as_default=False)
        except (OSError, ValueError) as error:
            message = "no Dask scheduler answers here; an address is written tcp://host:8786, or 'local'."
            raise UserError(message, key=scheduler, code=Exit.USAGE) from error
        with client:
            _check_workers(client, scheduler, code_version)
            cluster = DaskCluster(client)
            try:
                yield cluster
            finally:
                cluster.executor.shutdown(wait=False)
    finally:
        if local is not None:
            local.close()


def _check_workers(client: Client, scheduler: str, code_version: Callable[[], str]) -> None:
    """Check that there are workers, and that they compute with this version of the model."""
    try:
        client.wait_for_workers(1, timeout=SECONDS_TO_ANSWER)
    except TimeoutError as error:
        raise UserError("the cluster has no workers.", key=scheduler, code=Exit.USAGE) from error
    answers = client.run(code_version, on_error="return")
    others = sorted(worker for worker, answer in answers.items() if answer != code_version())
    if others:
        message = f"{len(others)} of its workers do not have this version of the model: {', '.join(others[:3])}."
        raise UserError(message, key=scheduler)
