"""Which equations use which entries: read from the files of the sectors, which are not imported for it.

An entry is mentioned by its name (``world.p["vcse.reach"]``, also put together: ``f"outcomes.slope_index_{subject}"``),
as an attribute of a sector's views (``p.reach``, ``out.capacity``), or by a constant that another sector's declarations
export (``from model.sectors.demand.declarations import NEED``). A gain of a loop may be named without ``loops.``. In a
file that reads views by ``getattr`` the part of a name after the dot is enough.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

from model.registry.data_folders import PACKAGE

DECLARING = ("stock", "flow", "output", "memory", "named", "Loop", "Link")
"""Calls that declare entries or loops: names in them are no use in an equation."""
NOT_VIEWS = ("np", "self", "world", "clock")
"""Names whose attributes are no entries."""
GAINS = "loops."
SECTOR_MODULE = re.compile(r"model\.sectors\.(\w+)\.(views|declarations)")


def uses_of(entries: Collection[str], files: Iterable[Path]) -> dict[str, tuple[str, ...]]:
    """Return the equations that mention each entry, as ``file:line function`` (``module`` outside of all functions).

    Args:
        entries: registered names.
        files: files of the sectors, each in the folder of its sector.
    """
    uses: dict[str, dict[str, None]] = {}
    for path in files:
        file = path.relative_to(PACKAGE.parent).as_posix() if path.is_relative_to(PACKAGE) else path.name
        reader = _EquationFile(path.parent.name, entries)
        seen: set[tuple[str, str]] = set()
        for function, line, name in reader.mentions(ast.parse(path.read_text(encoding="utf-8"))):
            if (function, name) not in seen:
                seen.add((function, name))
                uses.setdefault(name, {})[f"{file}:{line} {function}"] = None
    return {name: tuple(equations) for name, equations in uses.items()}


class _EquationFile:
    """Finds the entries that one file mentions.

    Args:
        sector: sector of the file, whose views it reads without saying so.
        entries: registered names.
    """

    def __init__(self, sector: str, entries: Collection[str]) -> None:
        self._entries = entries
        self._gains = {name.removeprefix(GAINS): name for name in entries if name.startswith(GAINS)}
        self._sectors = [sector]
        self._by_short_text = False
        self._constants: dict[str, str] = {}

    def mentions(self, tree: ast.Module) -> Iterator[tuple[str, int, str]]:
        """Yield function, line and entry of every mention."""
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and (module := SECTOR_MODULE.fullmatch(node.module or "")):
                self._take_import(module[1], module[2], node.names)
            elif isinstance(node, ast.Name) and node.id in ("getattr", "setattr"):
                self._by_short_text = True
        yield from self._walk(tree, "module")

    def _take_import(self, sector: str, module: str, names: Iterable[ast.alias]) -> None:
        if module == "views":
            self._sectors.append(sector)
            return
        for imported in names:
            entry = f"{sector}.{imported.name.lower()}"
            if entry in self._entries:
                self._constants[imported.asname or imported.name] = entry

    def _walk(self, node: ast.AST, function: str) -> Iterator[tuple[str, int, str]]:
        for child in ast.iter_child_nodes(node):
            for name in self._named_by(child):
                yield function, getattr(child, "lineno", 1), name
            if not _declares(child) and not isinstance(child, ast.JoinedStr | ast.ImportFrom):
                yield from self._walk(child, child.name if isinstance(child, ast.FunctionDef) else function)

    def _named_by(self, node: ast.AST) -> list[str]:
        """Return the entries that a node names."""
        match node:
            case ast.Constant(value=str() as text):
                return self._of_text(text)
            case ast.JoinedStr():
                return self._put_together(node)
            case ast.Name(id=constant):
                return [self._constants[constant]] if constant in self._constants else []
            case ast.Attribute(value=ast.Name(id=base)) if base in NOT_VIEWS:
                return []
            case ast.Attribute(attr=attribute):
                names = [self._gains.get(attribute, ""), *(f"{sector}.{attribute}" for sector in self._sectors)]
                return [name for name in names if name in self._entries][:1]
        return []

    def _of_text(self, text: str) -> list[str]:
        """Return the entry that a text names, if any."""
        names = [text, self._gains.get(text, "")]
        if self._by_short_text:
            names.append(f"{self._sectors[0]}.{text}")
        return [name for name in names if name in self._entries][:1]

    def _put_together(self, node: ast.JoinedStr) -> list[str]:
        """Return the entries whose name a text with fields may give."""
        pieces = [re.escape(str(piece.value)) if isinstance(piece, ast.Constant) else "[^.]+" for piece in node.values]
        if not pieces:
            return []
        if "\\." not in pieces[0]:
            if not self._by_short_text or pieces[0] == "[^.]+":
                return []
            pieces.insert(0, re.escape(f"{self._sectors[0]}."))
        pattern = re.compile("".join(pieces))
        return [name for name in self._entries if pattern.fullmatch(name) and not name.startswith(GAINS)]


def _declares(node: ast.AST) -> bool:
    if not isinstance(node, ast.Call):
        return False
    called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    return called in DECLARING
