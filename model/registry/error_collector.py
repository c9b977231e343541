"""Several errors of one file, or of several, reported together so that a user mends them in one round."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

from model.registry.errors import UserError

Source = TypeVar("Source")
Result = TypeVar("Result")


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
    """Raise the errors, if there are any.

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
        self._errors: list[UserError] = []

    def add(self, error: UserError) -> None:
        """Collect an error, or the errors of which it consists, each of them once."""
        known = {str(known_error) for known_error in self._errors}
        for single in error.errors if isinstance(error, CombinedError) else (error,):
            if str(single) not in known:
                self._errors.append(single)

    @contextmanager
    def caught(self) -> Iterator[None]:
        """Collect the errors of a block and go on."""
        try:
            yield
        except UserError as error:
            self.add(error)

    def raise_all(self) -> None:
        """Raise what was collected.

        Raises:
            UserError: the error, or ``CombinedError`` where there are several.
        """
        raise_all(self._errors)


def read_all(sources: Iterable[Source], read: Callable[[Source], Result]) -> tuple[Result, ...]:
    """Read several sources, going on after an error, so that all errors are reported together.

    Raises:
        UserError: whatever is wrong with any of them.
    """
    errors, results = ErrorCollector(), list[Result]()
    for source in sources:
        with errors.caught():
            results.append(read(source))
    errors.raise_all()
    return tuple(results)
