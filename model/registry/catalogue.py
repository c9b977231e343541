"""The registry itself: all declarations by name, with look-up, suggestions and what uses what."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from pathlib import Path

from model.registry.declarations import Entry, Flow, Loop, Output, Parameter, Stock
from model.registry.equation_uses import uses_of
from model.registry.errors import UserError, nearest_names


class Registry:
    """All parameters, stocks, flows, outputs and loops of a model.

    Args:
        parameters: every parameter.
        stocks: every stock.
        flows: every flow.
        outputs: every output.
        loops: every feedback loop.
        sectors: title of each sector by name, in the order in which they step.
        equations: files that hold the equations, for ``uses``.
    """

    def __init__(
        self,
        parameters: Iterable[Parameter],
        stocks: Iterable[Stock],
        flows: Iterable[Flow],
        outputs: Iterable[Output],
        loops: Iterable[Loop],
        sectors: Mapping[str, str],
        equations: Iterable[Path] = (),
    ) -> None:
        self.parameters = {entry.name: entry for entry in parameters}
        self.stocks = {entry.name: entry for entry in stocks}
        self.flows = {entry.name: entry for entry in flows}
        self.outputs = {entry.name: entry for entry in outputs}
        self.loops = {loop.identifier: loop for loop in loops}
        self.sectors = dict(sectors)
        self._equations = tuple(equations)

    @cached_property
    def entries(self) -> dict[str, Entry]:
        """Everything that has a name, dimensions and a unit."""
        return {**self.parameters, **self.stocks, **self.flows, **self.outputs}

    @property
    def recorded(self) -> dict[str, Entry]:
        """Entries that a run writes."""
        return {
            name: entry
            for name, entry in self.entries.items()
            if not isinstance(entry, Parameter) and getattr(entry, "recorded", False)
        }

    def find(self, name: str) -> Entry:
        """Return the entry of a name.

        Raises:
            UserError: unknown name, with the nearest ones.
        """
        if name not in self.entries:
            raise UserError("no entry of this name is registered.", key=name, nearest=nearest_names(name, self.entries))
        return self.entries[name]

    def search(self, text: str) -> list[Entry]:
        """Entries whose name, description, unit or source contains ``text``."""
        wanted = text.lower()
        return [
            entry
            for entry in self.entries.values()
            if wanted in f"{entry.name} {entry.description} {entry.label} {entry.unit} {entry.source}".lower()
        ]

    @cached_property
    def uses(self) -> dict[str, tuple[str, ...]]:
        """Equations (``file:line function``) by the names of the entries that they mention."""
        return uses_of(self.entries, self._equations)

    def loops_of(self, name: str) -> tuple[Loop, ...]:
        """Loops in which a name takes part: as a link, as its gain, as its strength."""
        return tuple(
            loop
            for loop in self.loops.values()
            if name == loop.gain
            or name in loop.strength
            or any(name in (link.cause, link.effect) for link in loop.links)
        )
