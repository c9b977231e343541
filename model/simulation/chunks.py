"""What there is to compute, as a list: jobs, and the parts into which their members are cut.

A part stands by itself: it can be computed anywhere, in any order and again, and gives the same.
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

Told = Callable[[int, int], None]
"""Called with the steps done and the steps in all."""

Compute = Callable[[int, int, Told | None], dict[str, np.ndarray]]
"""Computes some members, from the number of the first and their count: results by name, the member axis last."""

HEADER = ("part", "scenario", "first_member", "members", "steps", "fingerprint")


class LostWorkerError(UserError):
    """A process that computed was ended from outside, as by a machine short of memory."""


@dataclass(frozen=True, kw_only=True)
class Job:
    """All members of one scenario.

    Attributes:
        name: name of the scenario.
        members: ensemble size.
        size: most members of a part.
        steps: steps that a part takes.
        fingerprint: stands for everything that decides the results.
        compute: computes some of the members; it must be one that can be sent to another process.
    """

    name: str
    members: int
    size: int
    steps: int
    fingerprint: str
    compute: Compute = field(repr=False, compare=False)


@dataclass(frozen=True)
class Part:
    """Some members of a job.

    Attributes:
        number: place in the list, from 0.
        job: place of the job among the jobs.
        first: number of the first member.
        members: how many.
    """

    number: int
    job: int
    first: int
    members: int


def expand(jobs: Sequence[Job]) -> list[Part]:
    """The parts of all jobs, those of one job as even as can be."""
    found: list[Part] = []
    for place, job in enumerate(jobs):
        count = -(-job.members // job.size)
        edges = [job.members * part // count for part in range(count + 1)]
        for first, end in pairwise(edges):
            found.append(Part(len(found), place, first, end - first))
    return found


def write_table(path: Path, jobs: Sequence[Job], parts: Sequence[Part]) -> Path:
    """Write the list as CSV, whole or not at all.

    Raises:
        UserError: the file cannot be written.
    """
    rows = (
        (part.number, jobs[part.job].name, part.first, part.members, jobs[part.job].steps, jobs[part.job].fingerprint)
        for part in parts
    )
    return write_csv(path, HEADER, rows)


def read_table(path: Path, jobs: Sequence[Job]) -> list[Part]:
    """Read a list back, and check that it is one of these very jobs.

    Raises:
        UserError: it is that of other scenarios, settings or equations, or no such list.
    """
    places = {(job.name, job.fingerprint): place for place, job in enumerate(jobs)}
    found: list[Part] = []
    try:
        with path.open(newline="", encoding="utf-8") as stream:
            rows = list(csv.DictReader(stream))
        for row in rows:
            key = (row["scenario"], row["fingerprint"])
            if key not in places:
                raise _other(path, f"'{row['scenario']}'")
            found.append(Part(int(row["part"]), places[key], int(row["first_member"]), int(row["members"])))
    except (OSError, KeyError, TypeError, ValueError) as error:
        raise UserError("not a readable list of work; start anew without --resume.", file=path) from error
    for place, job in enumerate(jobs):
        own = sorted((part.first, part.members) for part in found if part.job == place)
        ends = [0, *(first + members for first, members in own)]
        if [first for first, _ in own] != ends[:-1] or ends[-1] != job.members:
            raise _other(path, f"'{job.name}'")
    return found


def _other(path: Path, what: str) -> UserError:
    return UserError(
        f"the unfinished run had other scenarios, settings or equations (see {what}); start anew without --resume, "
        "or choose another place with --output.",
        file=path,
    )
