"""The registry itself: all declarations by name, with look-up, suggestions and what uses what."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from pathlib import Path

from model.registry.data_folders import PACKAGE
from model.registry.declarations import Entry, Flow, Loop, Output, Parameter, Stock
from model.registry.errors import UserError, nearest_names


def _mentions(tree: ast.Module) -> Iterator[tuple[str, ast.Constant | ast.JoinedStr]]:
    """Texts of a module, each with the function that holds it (``module`` outside of all functions)."""

    def walk(node: ast.AST, function: str) -> Iterator[tuple[str, ast.Constant | ast.JoinedStr]]:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.JoinedStr) or (isinstance(child, ast.Constant) and isinstance(child.value, str)):
                yield function, child
            elif isinstance(child, ast.FunctionDef):
                yield from walk(child, child.name)
            elif not _declares(child):
                yield from walk(child, function)

    yield from walk(tree, "module")


def _declares(node: ast.AST) -> bool:
    """Whether a node declares entries or loops, whose names are no use in an equation."""
    if not isinstance(node, ast.Call):
        return False
    function = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    return function in ("stock", "flow", "output", "Loop", "Link")


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
        """Equations (``file:line function``) by the names that they mention, written out or put together."""
        mentions: dict[str, dict[tuple[Path, str], str]] = {}
        for path in self._equations:
            file = path.relative_to(PACKAGE.parent).as_posix()
            for function, node in _mentions(ast.parse(path.read_text(encoding="utf-8"))):
                for name in self._named_by(node):
                    first = f"{file}:{node.lineno} {function}"
                    mentions.setdefault(name, {}).setdefault((path, function), first)
        return {name: tuple(of_name.values()) for name, of_name in mentions.items()}

    @cached_property
    def _short_names(self) -> dict[str, str]:
        """Gains of loops by the part of their name after the dot, by which equations pass them on."""
        return {name.partition(".")[2]: name for name in self.parameters if name.startswith("loops.")}

    def _named_by(self, node: ast.Constant | ast.JoinedStr) -> list[str]:
        """Registered names that a text in an equation stands for."""
        if isinstance(node, ast.Constant):
            text = str(node.value)
            name = self._short_names.get(text, text)
            return [name] if name in self.entries else []
        pieces = [re.escape(str(piece.value)) if isinstance(piece, ast.Constant) else "[^.]+" for piece in node.values]
        if not pieces or "\\." not in pieces[0]:
            return []
        pattern = re.compile("".join(pieces))
        return [name for name in self.entries if pattern.fullmatch(name) and not name.startswith("loops.")]

    def loops_of(self, name: str) -> tuple[Loop, ...]:
        """Loops in which a name takes part: as a link, as its gain, as its strength."""
        return tuple(
            loop
            for loop in self.loops.values()
            if name == loop.gain
            or name in loop.strength
            or any(name in (link.cause, link.effect) for link in loop.links)
        )
