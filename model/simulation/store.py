"""Where the results of parts are kept until all are there: in memory, or in a folder that outlives a crash."""

from __future__ import annotations

import shutil
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self
from zipfile import BadZipFile, ZipFile

import numpy as np
from filelock import FileLock, Timeout

from model.registry.errors import Exit, UserError
from model.results.atomic_files import written_whole
from model.simulation.chunks import Job, LostWorkerError, Part, expand, read_table, write_table

TABLE = "work.csv"
PARTS = "parts"
LOCK = "lock"


class Store(ABC):
    """Results of the parts of jobs.

    Attributes:
        jobs: the jobs.
        parts: their parts.
    """

    jobs: tuple[Job, ...]
    parts: tuple[Part, ...]

    @abstractmethod
    def has(self, part: Part) -> bool:
        """Whether the results of a part are there."""

    @abstractmethod
    def put(self, part: Part, results: Mapping[str, np.ndarray]) -> None:
        """Keep the results of a part, whole or not at all."""

    @abstractmethod
    def results(self, job: int) -> Mapping[str, np.ndarray]:
        """Results of all members of a job by name, once every part is there."""


class InMemory(Store):
    """Results side by side in arrays of all members."""

    def __init__(self, jobs: Sequence[Job]) -> None:
        self.jobs, self.parts = tuple(jobs), tuple(expand(jobs))
        self._there: set[int] = set()
        self._arrays: list[dict[str, np.ndarray]] = [{} for _ in jobs]

    def has(self, part: Part) -> bool:
        """Whether the results of a part are there."""
        return part.number in self._there

    def put(self, part: Part, results: Mapping[str, np.ndarray]) -> None:
        """Lay the members of a part beside the others."""
        arrays, members = self._arrays[part.job], self.jobs[part.job].members
        for name, values in results.items():
            if part.members == members:
                arrays[name] = values
                continue
            if name not in arrays:
                arrays[name] = np.empty((*values.shape[:-1], members), dtype=values.dtype)
            arrays[name][..., part.first : part.first + part.members] = values
        self._there.add(part.number)

    def results(self, job: int) -> Mapping[str, np.ndarray]:
        """Results of all members of a job by name."""
        return self._arrays[job]


class KeptResults(Mapping[str, np.ndarray]):
    """Results of a job in the files of its parts, read when they are asked for, one name at a time.

    Args:
        files: file of each part, with its first member, in order.
    """

    def __init__(self, files: Sequence[tuple[int, int, Path]]) -> None:
        self._files = tuple(files)
        with np.load(self._files[0][2]) as first:
            self._names = tuple(first.files)

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)

    def __getitem__(self, name: str) -> np.ndarray:
        """A result of all members."""
        return self.part(name, 0, sum(members for _, members, _ in self._files))

    def part(self, name: str, first: int, members: int) -> np.ndarray:
        """A result of some members.

        Raises:
            KeyError: unknown name.
            UserError: a file is damaged.
        """
        if name not in self._names:
            raise KeyError(name)
        found: list[np.ndarray] = []
        for begin, count, path in self._files:
            start, end = max(first, begin), min(first + members, begin + count)
            if start < end:
                found.append(_read(path, name)[..., start - begin : end - begin])
        return found[0] if len(found) == 1 else np.concatenate(found, axis=-1)


def _read(path: Path, name: str) -> np.ndarray:
    try:
        with np.load(path) as file:
            return file[name]
    except (OSError, ValueError, KeyError, BadZipFile) as error:
        raise UserError("a part is damaged; delete it and use --resume.", file=path, code=Exit.OUTPUT) from error


class Folder(Store):
    """Results in a folder: the list of work, and one file for each part, there when and only when it is whole.

    To be used in a ``with`` block. At its end the folder goes; it stays where the block was stopped from outside (by
    the user, a full disk, a lost worker) and there is something worth going on with.

    Args:
        folder: where; the place for it is made, and unmade if nothing is left in it.
        jobs: what is to be computed.
        resume: whether parts that are there are used; otherwise they are thrown away.
        lasting: whether the work takes so long that it is worth keeping when it is stopped.

    Attributes:
        replaced: parts of an unfinished run that were thrown away, and how many it had in all; None if there was none.
        kept: whether the folder stays after the block, to be resumed.

    Raises:
        UserError: nothing to resume, another plan, a folder in use, or one that cannot be written.
    """

    def __init__(self, folder: Path, jobs: Sequence[Job], *, resume: bool, lasting: bool = True) -> None:
        self.jobs, self.folder = tuple(jobs), folder
        self._lasting = lasting
        self.kept = False
        self.replaced: tuple[int, int] | None = None
        table = folder / TABLE
        if resume and not table.is_file():
            message = "there is no unfinished run of this name to resume; leave out --resume."
            raise UserError(message, file=folder, code=Exit.MISSING_FILE)
        if folder.exists() and not (folder / LOCK).is_file() and (not folder.is_dir() or any(folder.iterdir())):
            message = "is not an unfinished run, so it is not replaced; move it."
            raise UserError(message, file=folder, code=Exit.OUTPUT)
        self._made_parent = not folder.parent.exists()
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._lock = FileLock(folder / LOCK, timeout=0)
            self._lock.acquire()
        except Timeout as error:
            message = "another run is writing here; wait for it, or choose another place with --output."
            raise UserError(message, file=folder, code=Exit.OUTPUT) from error
        except OSError as error:
            raise UserError(f"cannot write: {error.strerror or error}.", file=folder, code=Exit.OUTPUT) from error
        try:
            self.parts = tuple(self._resumed() if resume else self._begun())
        except BaseException:
            self._lock.release()
            if not resume:
                self._remove()
            raise

    def _begun(self) -> list[Part]:
        """A new list, in place of what there was."""
        table = self.folder / TABLE
        if table.is_file():
            with table.open(encoding="utf-8") as stream:
                in_all = max(sum(1 for _ in stream) - 1, 0)
            self.replaced = (len(list((self.folder / PARTS).glob("*.npz"))), in_all)
        self._clear(LOCK)
        parts = expand(self.jobs)
        write_table(table, self.jobs, parts)
        return parts

    def _resumed(self) -> list[Part]:
        """The list as it stands; what is there but not whole, or no part of the work, goes."""
        parts = read_table(self.folder / TABLE, self.jobs)
        self._clear(LOCK, TABLE, PARTS)
        for part in parts:
            path = self._file(part)
            if path.is_file() and not _whole(path):
                path.unlink()
        return parts

    def _clear(self, *kept: str) -> None:
        for path in self.folder.iterdir():
            if path.name not in kept:
                shutil.rmtree(path) if path.is_dir() else path.unlink()

    def _file(self, part: Part) -> Path:
        return self.folder / PARTS / f"{part.number:06d}.npz"

    def has(self, part: Part) -> bool:
        """Whether the results of a part are there."""
        return self._file(part).is_file()

    def put(self, part: Part, results: Mapping[str, np.ndarray]) -> None:
        """Keep the results of a part in a file, whole or not at all.

        Raises:
            UserError: the file cannot be written.
        """
        with written_whole(self._file(part)) as temporary:
            np.savez(temporary, **results)

    def results(self, job: int) -> KeptResults:
        """Results of a job, read from its files when they are asked for."""
        own = sorted((part for part in self.parts if part.job == job), key=lambda part: part.first)
        return KeptResults([(part.first, part.members, self._file(part)) for part in own])

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Remove the folder, or keep it to be resumed."""
        outside = isinstance(error, KeyboardInterrupt | OSError | LostWorkerError) or (
            isinstance(error, UserError) and error.code == Exit.OUTPUT
        )
        self.kept = self._lasting and outside and any(self.has(part) for part in self.parts)
        self._lock.release()
        if not self.kept:
            self._remove()

    def _remove(self) -> None:
        """Take the folder away, and the place for it if it was made for it and holds nothing else."""
        shutil.rmtree(self.folder, ignore_errors=True)
        if self._made_parent and self.folder.parent.is_dir() and not any(self.folder.parent.iterdir()):
            self.folder.parent.rmdir()


def _whole(path: Path) -> bool:
    """Whether the file of a part can be opened: its table of contents stands at its very end."""
    try:
        with ZipFile(path):
            return True
    except (OSError, BadZipFile):
        return False
