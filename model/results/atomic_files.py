"""Files that appear whole or not at all."""

from __future__ import annotations

import csv
import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from model.registry.errors import Exit, UserError


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """A temporary path in the same folder that takes the name ``path`` if, and only if, the block succeeds.

    Raises:
        UserError: the folder or the file cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f".{path.stem}-", suffix=path.suffix, dir=path.parent)
        os.close(handle)
    except OSError as error:
        raise UserError(f"cannot write: {error.strerror}.", file=path, code=Exit.OUTPUT) from error
    temporary = Path(name)
    try:
        yield temporary
        # A temporary file is private by default; results are for whoever may read the folder.
        temporary.chmod(0o644)
        wait_for_disk(temporary)
        temporary.replace(path)
    except OSError as error:
        raise UserError(f"cannot write: {error.strerror or error}.", file=path, code=Exit.OUTPUT) from error
    finally:
        temporary.unlink(missing_ok=True)


def wait_for_disk(path: Path) -> None:
    """Wait until a file stands on the disk, so that no crash of the machine leaves its name without its content."""
    with path.open("rb") as stream:
        os.fsync(stream.fileno())


def write_csv(
    path: Path, header: Sequence[str], rows: Iterable[Sequence[object]], stated: Mapping[str, str] | None = None
) -> Path:
    """Write a CSV file, whole or not at all; numbers with ten significant figures.

    Args:
        path: the file.
        header: names of the columns.
        rows: cells.
        stated: what holds for every row, such as prices and source: name and text of further columns.

    Raises:
        UserError: the file cannot be written.
    """
    names, texts = list(stated or ()), list((stated or {}).values())
    with whole_file(path) as temporary, temporary.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow([*header, *names])
        writer.writerows(
            [*(f"{cell:.10g}" if isinstance(cell, float) else cell for cell in row), *texts] for row in rows
        )
    return path
