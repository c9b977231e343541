"""What there is to compute, as a list: jobs, and the chunks into which their members are cut.

A chunk is independent: it can be computed anywhere, in any order and again, and its results are the same.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import numpy as np

from model.registry.errors import UserError
from model.results.atomic_files import write_csv

HEADER = ("chunk", "scenario", "first_member", "members", "steps", "fingerprint")


@dataclass(frozen=True, kw_only=True)
class ScenarioJob:
    """All members of one scenario.

    Attributes:
        name: name of the scenario.
        members: ensemble size.
        chunk_size: most members of a chunk.
        steps: steps that a chunk takes.
        fingerprint: identifies everything that decides the results.
        compute: called with the number of the first member, their count and the keyword ``progress``; returns results
            by name, the member axis last. It must be one that can be sent to another process.
        precision: type of number in which results are kept; as computed where it is None.
    """

    name: str
    members: int
    chunk_size: int
    steps: int
    fingerprint: str
    compute: Callable[..., dict[str, np.ndarray]] = field(repr=False, compare=False)
    precision: type[np.floating] | None = None


@dataclass(frozen=True)
class Chunk:
    """Some members of a job.

    Attributes:
        index: position in the list, from 0.
        job: index of the job among the jobs.
        first_member: number of the first member.
        members: how many.
    """

    index: int
    job: int
    first_member: int
    members: int


def chunks_of(jobs: Sequence[ScenarioJob]) -> list[Chunk]:
    """Return the chunks of all jobs; those of one job are as even as can be."""
    chunks: list[Chunk] = []
    for index, job in enumerate(jobs):
        count = -(-job.members // job.chunk_size)
        edges = [job.members * edge // count for edge in range(count + 1)]
        for first, end in pairwise(edges):
            chunks.append(Chunk(len(chunks), index, first, end - first))
    return chunks


def write_work_list(path: Path, jobs: Sequence[ScenarioJob], chunks: Sequence[Chunk]) -> Path:
    """Write the list as CSV, whole or not at all.

    Raises:
        UserError: the file cannot be written.
    """
    rows = (
        (chunk.index, job.name, chunk.first_member, chunk.members, job.steps, job.fingerprint)
        for chunk in chunks
        for job in (jobs[chunk.job],)
    )
    return write_csv(path, HEADER, rows)


def read_work_list(path: Path, jobs: Sequence[ScenarioJob]) -> list[Chunk]:
    """Read a list back, and check that it belongs to exactly these jobs.

    Raises:
        UserError: it belongs to other scenarios, settings or equations, or it is not such a list.
    """
    job_indices = {(job.name, job.fingerprint): index for index, job in enumerate(jobs)}
    chunks: list[Chunk] = []
    try:
        with path.open(newline="", encoding="utf-8") as stream:
            rows = list(csv.DictReader(stream))
        for row in rows:
            key = (row["scenario"], row["fingerprint"])
            if key not in job_indices:
                raise _other_work(path, row["scenario"])
            chunks.append(Chunk(int(row["chunk"]), job_indices[key], int(row["first_member"]), int(row["members"])))
    except (OSError, KeyError, TypeError, ValueError) as error:
        raise UserError("not a readable list of work; start again without --resume.", file=path) from error
    for index, job in enumerate(jobs):
        spans = sorted((chunk.first_member, chunk.members) for chunk in chunks if chunk.job == index)
        ends = [0, *(first + members for first, members in spans)]
        if [first for first, _ in spans] != ends[:-1] or ends[-1] != job.members:
            raise _other_work(path, job.name)
    return chunks


def _other_work(path: Path, scenario: str) -> UserError:
    return UserError(
        f"the unfinished run had other scenarios, settings or equations (see '{scenario}'); start again without "
        "--resume, or choose another folder with --output.",
        file=path,
    )
