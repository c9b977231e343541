"""Entries of the sector by attribute: ``p, gain, stock, flow, out, memory, move = views(world)``."""

from __future__ import annotations

from model.engine.views import SectorViews, State, Values, sector_views
from model.engine.world import World

Parameters, Stocks, Outputs = Values, State, State


def views(world: World) -> SectorViews:
    """Return the entries of the sector in a run; ``views.pyi`` names them."""
    return sector_views(world, "finance")
