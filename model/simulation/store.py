"""Where results of chunks are kept until all are there: in memory, or in a folder that outlives a crash."""

from __future__ import annotations

import math
import os
import shutil
import struct
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Literal, Self
from zipfile import BadZipFile, ZipFile

import numpy as np
from filelock import FileLock, Timeout

from model.registry.errors import Exit, UserError
from model.results.atomic_files import whole_file
from model.simulation.backends import LostWorkerError
from model.simulation.chunks import Chunk, ScenarioJob, chunks_of, read_work_list, write_work_list

WORK_LIST = "work.csv"
CHUNKS = "chunks"
LOCK = "lock"

LOCAL_HEADER_BYTES = 30
HEADERS = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}
"""Readers of the header of an array, by the version of its format."""


class ChunkStore(ABC):
    """Results of the chunks of jobs.

    Attributes:
        jobs: the jobs.
        chunks: their chunks.
    """

    jobs: tuple[ScenarioJob, ...]
    chunks: tuple[Chunk, ...]

    @abstractmethod
    def has(self, chunk: Chunk) -> bool:
        """Return whether the results of a chunk are there."""

    @abstractmethod
    def put(self, chunk: Chunk, results: Mapping[str, np.ndarray]) -> None:
        """Keep the results of a chunk, whole or not at all."""

    @abstractmethod
    def results(self, job: int) -> Mapping[str, np.ndarray]:
        """Return the results of all members of a job by name; every chunk of it must be there."""


class MemoryStore(ChunkStore):
    """Results in arrays of all members.

    Args:
        jobs: what is to be computed.
    """

    def __init__(self, jobs: Sequence[ScenarioJob]) -> None:
        self.jobs, self.chunks = tuple(jobs), tuple(chunks_of(jobs))
        self._there: set[int] = set()
        self._arrays: list[dict[str, np.ndarray]] = [{} for _ in jobs]

    def has(self, chunk: Chunk) -> bool:
        """Return whether the results of a chunk are there."""
        return chunk.index in self._there

    def put(self, chunk: Chunk, results: Mapping[str, np.ndarray]) -> None:
        """Put the members of a chunk into the arrays of all members."""
        arrays, members = self._arrays[chunk.job], self.jobs[chunk.job].members
        for name, values in results.items():
            if chunk.members == members:
                arrays[name] = values
                continue
            if name not in arrays:
                arrays[name] = np.empty((*values.shape[:-1], members), dtype=values.dtype)
            arrays[name][..., chunk.first_member : chunk.first_member + chunk.members] = values
        self._there.add(chunk.index)

    def results(self, job: int) -> Mapping[str, np.ndarray]:
        """Return the results of all members of a job by name."""
        return self._arrays[job]


@dataclass(frozen=True)
class _ArrayInFile:
    """Where the numbers of an array begin in a file, in bytes, and what they are."""

    offset: int
    shape: tuple[int, ...]
    order: Literal["C", "F"]
    dtype: np.dtype

    def read(self, path: Path) -> np.ndarray:
        """Read the array."""
        numbers = np.fromfile(path, self.dtype, math.prod(self.shape), offset=self.offset)
        return numbers.reshape(self.shape, order=self.order)


def _arrays_in(path: Path) -> dict[str, _ArrayInFile]:
    """Return where each array of an uncompressed npz file lies, so that it can be read without opening the archive."""
    arrays: dict[str, _ArrayInFile] = {}
    with ZipFile(path) as archive, path.open("rb") as stream:
        for item in archive.infolist():
            # A local header of a zip file has 30 bytes, a name and an extra field, whose lengths are its last numbers.
            stream.seek(item.header_offset + LOCAL_HEADER_BYTES - 4)
            stream.seek(sum(struct.unpack("<HH", stream.read(4))), os.SEEK_CUR)
            read_header = HEADERS[np.lib.format.read_magic(stream)]
            shape, by_column, dtype = read_header(stream)
            name = item.filename.removesuffix(".npy")
            arrays[name] = _ArrayInFile(stream.tell(), shape, "F" if by_column else "C", dtype)
    return arrays


class StoredResults(Mapping[str, np.ndarray]):
    """Results of a job in the files of its chunks, read when they are asked for, one name at a time.

    Each file is opened once to learn where its arrays lie; no file stays open.

    Args:
        files: first member, number of members and file of each chunk, in the order of members.

    Raises:
        UserError: a file is damaged.
    """

    def __init__(self, files: Sequence[tuple[int, int, Path]]) -> None:
        self._files = [(first, members, path, _located(path)) for first, members, path in files]

    def __iter__(self) -> Iterator[str]:
        return iter(self._files[0][3])

    def __len__(self) -> int:
        return len(self._files[0][3])

    def __contains__(self, name: object) -> bool:
        return name in self._files[0][3]

    def __getitem__(self, name: str) -> np.ndarray:
        """Return a result of all members."""
        return self.of_members(name, 0, sum(members for _, members, _, _ in self._files))

    def of_members(self, name: str, first: int, members: int) -> np.ndarray:
        """Return a result of some members.

        Args:
            name: registered name of the result.
            first: number of the first member.
            members: how many.

        Raises:
            KeyError: unknown name.
            UserError: a file is damaged.
        """
        pieces: list[np.ndarray] = []
        for begin, count, path, arrays in self._files:
            start, end = max(first, begin), min(first + members, begin + count)
            if start < end:
                pieces.append(_read(path, arrays[name])[..., start - begin : end - begin])
        return pieces[0] if len(pieces) == 1 else np.concatenate(pieces, axis=-1)


def _located(path: Path) -> dict[str, _ArrayInFile]:
    try:
        return _arrays_in(path)
    except (OSError, ValueError, KeyError, BadZipFile) as error:
        raise _damaged(path) from error


def _read(path: Path, array: _ArrayInFile) -> np.ndarray:
    try:
        return array.read(path)
    except (OSError, ValueError) as error:
        raise _damaged(path) from error


def _damaged(path: Path) -> UserError:
    return UserError("a chunk is damaged; delete it and use --resume.", file=path, code=Exit.OUTPUT)


class FolderStore(ChunkStore):
    """Results in a folder: the list of work, and one file for each chunk, there when and only when it is whole.

    To be used in a ``with`` block. At its end the folder is removed; it stays where the block was stopped from outside
    (by the user, a full disk, a lost worker) and there are chunks worth resuming with.

    Args:
        folder: where; it is made, and the folder above it too, which is removed again if it is empty.
        jobs: what is to be computed.
        resume: whether chunks that are there are used; otherwise they are deleted.
        lasting: whether the work takes so long that it is worth keeping when it is stopped.

    Attributes:
        replaced: chunks of an unfinished run that were deleted, and how many it had in all; None if there was none.
        kept: whether the folder stays after the block, to be resumed.

    Raises:
        UserError: no run to resume, another plan, a folder in use, or one that cannot be written.
    """

    def __init__(self, folder: Path, jobs: Sequence[ScenarioJob], *, resume: bool, lasting: bool = True) -> None:
        self.jobs, self.folder = tuple(jobs), folder
        self._lasting = lasting
        self.kept = False
        self.replaced: tuple[int, int] | None = None
        if resume and not (folder / WORK_LIST).is_file():
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
            message = "another run is writing here; wait for it, or choose another folder with --output."
            raise UserError(message, file=folder, code=Exit.OUTPUT) from error
        except OSError as error:
            raise UserError(f"cannot write: {error.strerror or error}.", file=folder, code=Exit.OUTPUT) from error
        try:
            self.chunks = tuple(self._resume() if resume else self._begin())
        except BaseException:
            self._lock.release()
            if not resume:
                self._remove()
            raise

    def _begin(self) -> list[Chunk]:
        """Write a new list in place of what there was."""
        work_list = self.folder / WORK_LIST
        if work_list.is_file():
            with work_list.open(encoding="utf-8") as stream:
                in_all = max(sum(1 for _ in stream) - 1, 0)
            self.replaced = (len(list((self.folder / CHUNKS).glob("*.npz"))), in_all)
        self._clear(LOCK)
        chunks = chunks_of(self.jobs)
        write_work_list(work_list, self.jobs, chunks)
        return chunks

    def _resume(self) -> list[Chunk]:
        """Read the list, and delete files that are not whole or not part of the work."""
        chunks = read_work_list(self.folder / WORK_LIST, self.jobs)
        self._clear(LOCK, WORK_LIST, CHUNKS)
        for chunk in chunks:
            path = self._file(chunk)
            if path.is_file() and not _is_whole(path):
                path.unlink()
        return chunks

    def _clear(self, *spared: str) -> None:
        for path in self.folder.iterdir():
            if path.name not in spared:
                shutil.rmtree(path) if path.is_dir() else path.unlink()

    def _file(self, chunk: Chunk) -> Path:
        return self.folder / CHUNKS / f"{chunk.index:06d}.npz"

    def has(self, chunk: Chunk) -> bool:
        """Return whether the results of a chunk are there."""
        return self._file(chunk).is_file()

    def put(self, chunk: Chunk, results: Mapping[str, np.ndarray]) -> None:
        """Keep the results of a chunk in a file, whole or not at all.

        Raises:
            UserError: the file cannot be written.
        """
        with whole_file(self._file(chunk)) as temporary:
            np.savez(temporary, **results)  # type: ignore[arg-type]  # its keywords are names of arrays

    def results(self, job: int) -> StoredResults:
        """Return the results of a job, read from its files when they are asked for."""
        chunks = sorted((chunk for chunk in self.chunks if chunk.job == job), key=lambda chunk: chunk.first_member)
        return StoredResults([(chunk.first_member, chunk.members, self._file(chunk)) for chunk in chunks])

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Remove the folder, or keep it to be resumed."""
        outside = isinstance(error, KeyboardInterrupt | OSError | LostWorkerError) or (
            isinstance(error, UserError) and error.code == Exit.OUTPUT
        )
        self.kept = self._lasting and outside and any(self.has(chunk) for chunk in self.chunks)
        self._lock.release()
        if not self.kept:
            self._remove()

    def _remove(self) -> None:
        """Remove the folder, and the folder above it if it was made for it and is empty."""
        shutil.rmtree(self.folder, ignore_errors=True)
        if self._made_parent and self.folder.parent.is_dir() and not any(self.folder.parent.iterdir()):
            self.folder.parent.rmdir()


def _is_whole(path: Path) -> bool:
    """Return whether every array of a chunk is as it was written, by its checksum."""
    try:
        with ZipFile(path) as archive:
            return archive.testzip() is None
    except (OSError, BadZipFile):
        return False
