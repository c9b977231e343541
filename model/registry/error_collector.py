"""Several faults of one file, or of several, reported together so that a user mends them in one round."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

from model.registry.errors import UserError

Written = TypeVar("Written")
Read = TypeVar("Read")


class SeveralFaultsError(UserError):
    """More than one fault; ``faults`` holds each, and file, line and key are those of the first."""

    def __init__(self, faults: Sequence[UserError]) -> None:
        self.faults = tuple(faults)
        first = faults[0]
        super().__init__(
            first.message, file=first.file, line=first.line, key=first.key, nearest=first.nearest, code=first.code
        )

    def __str__(self) -> str:
        """All faults, one a line."""
        return "\n".join([f"{len(self.faults)} faults:", *(f"  {fault}" for fault in self.faults)])


def settle(faults: Sequence[UserError]) -> None:
    """Raise what was found, if anything was.

    Raises:
        UserError: the fault, or ``SeveralFaultsError`` where there are several.
    """
    if len(faults) == 1:
        raise faults[0]
    if faults:
        raise SeveralFaultsError(faults)


class Faults:
    """Collects faults while files are read; nothing runs until ``settle`` has found none."""

    def __init__(self) -> None:
        self._found: list[UserError] = []

    def add(self, fault: UserError) -> None:
        """Keep a fault, each part of it once."""
        known = {str(found) for found in self._found}
        for part in fault.faults if isinstance(fault, SeveralFaultsError) else (fault,):
            if str(part) not in known:
                self._found.append(part)

    @contextmanager
    def caught(self) -> Iterator[None]:
        """Keep the faults of a block and go on."""
        try:
            yield
        except UserError as fault:
            self.add(fault)

    def settle(self) -> None:
        """Raise what was found.

        Raises:
            UserError: the fault, or ``SeveralFaultsError`` where there are several.
        """
        settle(self._found)


def read_all(written: Iterable[Written], read: Callable[[Written], Read]) -> tuple[Read, ...]:
    """Read several things, going on after a fault, so that all faults are told together.

    Raises:
        UserError: whatever is wrong with any of them.
    """
    faults, found = Faults(), list[Read]()
    for each in written:
        with faults.caught():
            found.append(read(each))
    faults.settle()
    return tuple(found)
