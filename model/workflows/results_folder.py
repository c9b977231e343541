"""A folder of results that appears whole, or not at all."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from model.registry.errors import Exit, UserError
from model.results.atomic_files import wait_for_disk

GUIDE = "README.txt"
MARK = "Results of the BNSSG whole-system model"
"""First words of the guide in every folder of results, by which one is known."""

LONGEST_NAME = 120


def folder_name(text: str) -> str:
    """Return text as the name of a folder: letters, digits and ``_ - + .``, the rest turned into underscores."""
    return re.sub(r"[^\w.+-]+", "_", text).strip("._") or "results"


def check_replaceable(target: Path) -> None:
    """Check that results may be written to a folder.

    Raises:
        UserError: something is there that this program did not make, or the place cannot be written to.
    """
    if len(target.name) > LONGEST_NAME:
        raise UserError("too long for the name of a folder; give a shorter one with --name.", key=target.name)
    existing = next(path for path in (target, *target.absolute().parents) if path.exists())
    if existing != target:
        if not existing.is_dir() or not os.access(existing, os.W_OK):
            raise UserError("cannot write here; choose another place with --output.", file=target, code=Exit.OUTPUT)
        return
    guide = target / GUIDE
    ours = target.is_dir() and guide.is_file() and guide.read_text(encoding="utf-8", errors="replace").startswith(MARK)
    if not ours and (not target.is_dir() or any(target.iterdir())):
        raise UserError(
            "is not a folder of results, so it is not replaced; move it, or choose another place with --output.",
            file=target,
            code=Exit.OUTPUT,
        )


def working_folder(parent: Path, names: Sequence[str]) -> Path:
    """Return where chunks are kept until the folders of results are written: hidden, beside them, by their names."""
    words = "+".join(names)
    if len(words) > LONGEST_NAME:
        words = f"{words[:LONGEST_NAME]}-{hashlib.sha256(words.encode()).hexdigest()[:8]}"
    return parent / f".{words}.unfinished"


@contextmanager
def whole_folder(target: Path, prepared_in: Path | None = None) -> Iterator[Path]:
    """Give a temporary folder that takes the place of ``target`` if, and only if, the block succeeds.

    Args:
        target: the folder of results.
        prepared_in: folder on the same disk in which it is prepared; beside ``target`` where left out.

    Raises:
        UserError: the folder cannot be written.
    """
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        temporary = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=prepared_in or target.parent))
    except OSError as error:
        raise UserError(f"cannot write: {error.strerror}.", file=target, code=Exit.OUTPUT) from error
    try:
        yield temporary
        # A temporary folder is private by default; results are for whoever may read the folder around it.
        temporary.chmod(0o755)
        for path in temporary.rglob("*"):
            if path.is_file():
                wait_for_disk(path)
        _put(temporary, target)
    except OSError as error:
        raise UserError(f"cannot write: {error.strerror or error}.", file=target, code=Exit.OUTPUT) from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _put(temporary: Path, target: Path) -> None:
    """Move the new folder into place; the former one goes only when the new one is there."""
    if not target.exists():
        temporary.rename(target)
        return
    former = Path(tempfile.mkdtemp(prefix=f".{target.name}-former-", dir=temporary.parent))
    former.rmdir()
    target.rename(former)
    try:
        temporary.rename(target)
    except OSError:
        former.rename(target)
        raise
    shutil.rmtree(former, ignore_errors=True)
