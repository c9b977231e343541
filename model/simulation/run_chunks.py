"""Computes the chunks that a store lacks, and keeps their results."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import numpy as np

from model.simulation.backends import Backend
from model.simulation.chunks import ScenarioJob
from model.simulation.progress import ProgressCallback, ProgressCounter, StepCounter
from model.simulation.store import ChunkStore


def run_chunks(store: ChunkStore, backend: Backend, progress: ProgressCallback | None = None) -> Iterator[int]:
    """Compute every chunk whose results are not in the store.

    Args:
        store: the chunks, and where their results are kept.
        backend: what computes them.
        progress: called with member-steps done and in all, over all chunks of the store.

    Yields:
        The index of each job as soon as all its chunks are in the store.
    """
    steps = {chunk: chunk.members * store.jobs[chunk.job].steps for chunk in store.chunks}
    missing = [chunk for chunk in store.chunks if not store.has(chunk)]
    total = sum(steps.values())
    counter = ProgressCounter(total, progress, total - sum(steps[chunk] for chunk in missing))
    missing_of_job = [sum(chunk.job == job for chunk in missing) for job in range(len(store.jobs))]
    yield from (job for job, count in enumerate(missing_of_job) if count == 0)
    calls = (
        (chunk, partial(_compute, store.jobs[chunk.job], chunk.first_member, chunk.members, backend.count))
        for chunk in missing
    )
    for chunk, results in backend.submit_all(calls, counter.counted):
        store.put(chunk, results)
        counter.finish(steps[chunk])
        missing_of_job[chunk.job] -= 1
        if missing_of_job[chunk.job] == 0:
            yield chunk.job


def _compute(job: ScenarioJob, first_member: int, members: int, count: StepCounter) -> dict[str, np.ndarray]:
    """Compute a chunk, in the process that does the work, in the precision in which it is kept."""
    results = job.compute(first_member, members, progress=lambda done, total: count(members))
    if job.precision is None:
        return results
    return {name: values.astype(job.precision) for name, values in results.items()}
