"""Errors for the user: what is wrong, where, what was expected, the nearest valid name."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from enum import IntEnum
from pathlib import Path


class Exit(IntEnum):
    """Exit codes of the command line, by kind of failure."""

    OK = 0
    INTERNAL = 1
    USAGE = 2
    INPUT = 3
    MISSING_FILE = 4
    OUTPUT = 5
    MODEL = 6


class UserError(Exception):
    """An error in what the user wrote or asked for.

    Args:
        message: what is wrong and what was expected.
        file: file in which it was found.
        line: line of that file, counted from 1.
        key: the key as written.
        nearest: valid names like the one written.
        code: exit code.
    """

    def __init__(
        self,
        message: str,
        *,
        file: Path | str | None = None,
        line: int | None = None,
        key: str | None = None,
        nearest: Iterable[str] = (),
        code: Exit = Exit.INPUT,
    ) -> None:
        self.message = message
        self.file = file
        self.line = line
        self.key = key
        self.nearest = tuple(nearest)
        self.code = code
        super().__init__(str(self))

    def __str__(self) -> str:
        """``file:line: key: message (did you mean ...?)``."""
        location = ":".join(str(piece) for piece in (self.file, self.line) if piece is not None)
        text = ": ".join(piece for piece in (location, f"'{self.key}'" if self.key else "", self.message) if piece)
        if self.nearest:
            text += f" Did you mean {' or '.join(repr(name) for name in self.nearest)}?"
        return text


def nearest_names(name: str, valid: Iterable[str], count: int = 3) -> tuple[str, ...]:
    """Valid names most like ``name``: by spelling of the whole, or of the part after the last dot."""
    names = sorted(set(valid))
    close = difflib.get_close_matches(name, names, n=count, cutoff=0.6)
    if not close:
        tail = name.rsplit(".", 1)[-1]
        tails: dict[str, str] = {}
        for full in names:
            tails.setdefault(full.rsplit(".", 1)[-1], full)
        close = [tails[match] for match in difflib.get_close_matches(tail, list(tails), n=count, cutoff=0.55)]
    return tuple(close)
