"""Write the names of each sector's entries for editors and type checkers: ``python -m model.sectors.generate_views``.

``views(world)`` of a sector gives its entries by attribute (``model.engine.views``); the names stand in its
``views.pyi``, made from the declarations. A test asks that the files are up to date.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from model.engine.stepper import Sector
from model.registry.data_folders import SECTORS, parameter_files
from model.registry.declarations import Entry
from model.registry.parameter_files import read_parameter_file
from model.sectors import all_sectors

HEAD = '''"""Entries of the sector by attribute. Made by ``python -m model.sectors.generate_views``; do not edit."""

from typing import NamedTuple

import numpy as np

from model.engine.views import Cells, Move, Moves, State, Values
from model.engine.world import World
'''

MODULE = '''"""Entries of the sector by attribute: ``p, gain, stock, flow, out, memory, move = views(world)``."""

from __future__ import annotations

from model.engine.views import SectorViews, State, Values, sector_views
from model.engine.world import World

Parameters, Stocks, Outputs = Values, State, State


def views(world: World) -> SectorViews:
    """Return the entries of the sector in a run; ``views.pyi`` names them."""
    return sector_views(world, "{sector}")
'''

FOOT = """class Views(NamedTuple):
    p: Parameters
    gain: Gains
    stock: Stocks
    flow: Flows
    out: Outputs
    memory: Memory
    move: FlowMoves

def views(world: World) -> Views: ...
"""


def view(name: str, base: str, kind: str, entries: Iterable[Entry]) -> str:
    """Return the text of one class."""
    fields = sorted(f"    {entry.name.partition('.')[2]}: {kind}" for entry in entries)
    return "\n".join([f"class {name}({base}):", *(fields or ["    pass"])]) + "\n"


def parameters_of(sector: str) -> list[Entry]:
    """Return the parameters of a sector, or the gains of the loops."""
    return [entry for path in parameter_files(sector) for entry in read_parameter_file(path)]


def views_of(sector: Sector) -> str:
    """Return the text of the names of a sector."""
    classes = (
        view("Parameters", "Values", "np.ndarray", parameters_of(sector.name)),
        view("Gains", "Values", "np.ndarray", parameters_of("loops")),
        view("Stocks", "State", "Cells", sector.stocks),
        view("Flows", "Values", "np.ndarray", sector.flows),
        view("Outputs", "State", "Cells", sector.outputs),
        view("Memory", "State", "Cells", sector.memory),
        view("FlowMoves", "Moves", "Move", sector.flows),
    )
    return "\n".join([HEAD, *classes, FOOT])


def view_files() -> dict[Path, str]:
    """Return the text of every file of views, by path."""
    texts = {}
    for sector in all_sectors():
        folder = SECTORS / sector.name
        texts[folder / "views.py"] = MODULE.format(sector=sector.name)
        texts[folder / "views.pyi"] = views_of(sector)
    return texts


def main() -> None:
    """Write the files that are not up to date."""
    for path, text in view_files().items():
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8", newline="\n")
            print(f"Written: {path}")


if __name__ == "__main__":
    main()
