"""Several errors of one file, or of several, reported together so that a user mends them in one round."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

from model.registry.errors import UserError

Written = TypeVar("Written")
Read = TypeVar("Read")


class CombinedError(UserError):
    """More than one error; ``errors`` holds each, and file, line and key are those of the first."""

    def __init__(self, errors: Sequence[UserError]) -> None:
        self.errors = tuple(errors)
        first = errors[0]
        super().__init__(
            first.message, file=first.file, line=first.line, key=first.key, nearest=first.nearest, code=first.code
        )

    def __str__(self) -> str:
        """All errors, one a line."""
        return "\n".join([f"{len(self.errors)} errors:", *(f"  {error}" for error in self.errors)])


def raise_all(errors: Sequence[UserError]) -> None:
    """Raise what was found, if anything was.

    Raises:
        UserError: the error, or ``CombinedError`` where there are several.
    """
    if len(errors) == 1:
        raise errors[0]
    if errors:
        raise CombinedError(errors)


class ErrorCollector:
    """Collects errors while files are read; nothing runs until ``raise_all`` has found none."""

    def __init__(self) -> None:
        self._found: list[UserError] = []

    def add(self, error: UserError) -> None:
        """Keep an error, each part of it once."""
        known = {str(found) for found in self._found}
        for part in error.errors if isinstance(error, CombinedError) else (error,):
            if str(part) not in known:
                self._found.append(part)

    @contextmanager
    def caught(self) -> Iterator[None]:
        """Keep the errors of a block and go on."""
        try:
            yield
        except UserError as error:
            self.add(error)

    def raise_all(self) -> None:
        """Raise what was found.

        Raises:
            UserError: the error, or ``CombinedError`` where there are several.
        """
        raise_all(self._found)


def read_all(written: Iterable[Written], read: Callable[[Written], Read]) -> tuple[Read, ...]:
    """Read several things, going on after an error, so that all errors are told together.

    Raises:
        UserError: whatever is wrong with any of them.
    """
    errors, found = ErrorCollector(), list[Read]()
    for each in written:
        with errors.caught():
            found.append(read(each))
    errors.raise_all()
    return tuple(found)
