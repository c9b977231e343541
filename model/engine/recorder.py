"""Monthly results: stocks at month ends, flows as totals over months, other outputs as means over months."""

from __future__ import annotations

import numpy as np

from model.engine.world import World


class Recorder:
    """Collects the recorded stocks, flows and outputs of a run by calendar month.

    Within a step flows are even, so a stock between two steps lies on the straight line between them: month ends are
    read off it, and monthly flows and stocks balance exactly.
    """

    def __init__(self, world: World, adds_up: dict[str, bool]) -> None:
        self.world = world
        months = world.clock.months
        self.data = {
            key: np.zeros((months, *block.data.shape)) for key, block in world.blocks.items() if key[2] and block.data.size
        }
        self._sums: dict[str, np.ndarray] = {}
        for (store, sector, recorded), block in world.blocks.items():
            if store == "outputs" and recorded:
                flags = np.zeros((block.data.shape[0], 1), dtype=bool)
                for name, part in block.slices.items():
                    flags[part] = adds_up[name]
                self._sums[sector] = flags
        self._weight = {sector: np.empty_like(flags, dtype=float) for sector, flags in self._sums.items()}
        self._scratch = {key: np.empty_like(world.blocks[key].data) for key in self.data}
        self._before: dict[str, np.ndarray] = {}
        self._month_days = np.diff(world.clock.month_edges)

    def before(self, sectors: list[str], begin: float, end: float) -> None:
        """Keep the stocks of a group of sectors at the beginning of a step in which a month ends."""
        edges = self.world.clock.month_edges[1:]
        if not np.any((edges > begin) & (edges <= end)):
            self._before.clear()
            return
        self._before = {
            sector: self.world.blocks[("stocks", sector, True)].data.copy()
            for sector in sectors
            if ("stocks", sector, True) in self.data
        }

    def after(self, begin: float, end: float) -> None:
        """Write the month-end stocks of the group of sectors kept by ``before``."""
        if not self._before:
            return
        edges = self.world.clock.month_edges[1:]
        for month in np.flatnonzero((edges > begin) & (edges <= end)):
            share = (edges[month] - begin) / (end - begin)
            for sector, old in self._before.items():
                key = ("stocks", sector, True)
                self.data[key][month] = old + (self.world.blocks[key].data - old) * share

    def record(self, sector: str, begin: float, end: float) -> None:
        """Add the flows and outputs of a sector's step to the months on which it falls."""
        span = end - begin
        for month, days in self.world.clock.overlaps(begin, end):
            for store in ("flows", "outputs"):
                key = (store, sector, True)
                kept = self.data.get(key)
                if kept is None:
                    continue
                if store == "flows":
                    weight: float | np.ndarray = days / span
                else:
                    weight = self._weight[sector]
                    np.copyto(weight, days / self._month_days[month])
                    weight[self._sums[sector]] = days / span
                scratch = self._scratch[key]
                np.multiply(self.world.blocks[key].data, weight, out=scratch)
                kept[month] += scratch

    def collect(self) -> dict[str, np.ndarray]:
        """Results by name, shape ``(months,) + dims + (members,)``."""
        found: dict[str, np.ndarray] = {}
        for key, kept in self.data.items():
            block = self.world.blocks[key]
            for name, part in block.slices.items():
                found[name] = kept[:, part].reshape(kept.shape[0], *block.shapes[name], kept.shape[-1])
        return found
