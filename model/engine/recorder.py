"""Monthly results: stocks at month ends, flows as totals over months, other outputs as means over months."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np

from model.engine.world import World

BlockKey = tuple[str, str, bool]


class Recorder:
    """Collects the recorded stocks, flows and outputs of a run by calendar month.

    Within a step flows are even, so a stock between two steps lies on the straight line between them: month ends are
    read off it, and monthly flows and stocks balance exactly.

    Args:
        world: the state that is recorded.
        adds_up: for each output, whether it is a total over its step (or else a level, averaged in time).
        keep: names to record, so that memory stays small for many members; all that are recorded where left out.
    """

    def __init__(self, world: World, adds_up: dict[str, bool], keep: Collection[str] | None = None) -> None:
        self.world = world
        self._adds_up = adds_up
        self._parts: dict[BlockKey, dict[str, slice]] = {}
        self._rows: dict[BlockKey, np.ndarray | None] = {}
        for key, block in world.blocks.items():
            names = [name for name in block.slices if keep is None or name in keep]
            if key[2] and names:
                self._choose(key, names)
        months = world.clock.months
        self._data = {
            key: np.zeros((months, sum(part.stop - part.start for part in parts.values()), world.members))
            for key, parts in self._parts.items()
        }
        self._before: dict[BlockKey, np.ndarray] = {}
        self._shares: list[tuple[int, float]] = []
        self._ending: list[int] = []
        self._spans: dict[str, float] = {}

    def _choose(self, key: BlockKey, names: list[str]) -> None:
        """Note which rows of a block are recorded, and where each entry then lies."""
        block = self.world.blocks[key]
        self._parts[key], begin = {}, 0
        for name in names:
            size = block.slices[name].stop - block.slices[name].start
            self._parts[key][name] = slice(begin, begin + size)
            begin += size
        whole = begin == block.data.shape[0]
        self._rows[key] = None if whole else np.concatenate([np.r_[block.slices[name]] for name in names])

    def _now(self, key: BlockKey) -> np.ndarray:
        """Present amounts of the recorded rows of a block."""
        data, rows = self.world.blocks[key].data, self._rows[key]
        return data if rows is None else data[rows]

    def before(self, sectors: list[str], begin: float, end: float) -> None:
        """Open a step of a group of sectors: the months on which it falls, and the stocks if a month ends in it."""
        edges = self.world.clock.month_edges[1:]
        self._shares = [(month, days / (end - begin)) for month, days in self.world.clock.overlaps(begin, end)]
        self._ending = [month for month, _ in self._shares if begin < edges[month] <= end]
        self._before.clear()
        if self._ending:
            keys = [("stocks", sector, True) for sector in sectors]
            self._before = {key: self._now(key).copy() for key in keys if key in self._data}

    def after(self, begin: float, end: float) -> None:
        """Write the month-end stocks of the group of sectors opened by ``before``."""
        for month in self._ending:
            share = (self.world.clock.month_edges[month + 1] - begin) / (end - begin)
            for key, old in self._before.items():
                self._data[key][month] = old + (self._now(key) - old) * share

    def record(self, sector: str) -> None:
        """Add the flows and outputs of a sector's step to the months on which it falls."""
        self._spans[sector] = self.world.clock.span
        for store in ("flows", "outputs"):
            kept = self._data.get((store, sector, True))
            if kept is None:
                continue
            now = self._now((store, sector, True))
            for month, share in self._shares:
                of_month = kept[month]
                of_month += now if share == 1.0 else now * share

    def collect(self) -> dict[str, np.ndarray]:
        """Results by name, shape ``(months,) + dims + (members,)``; to be asked for once, at the end."""
        found: dict[str, np.ndarray] = {}
        days_of_month = np.diff(self.world.clock.month_edges)[:, None, None]
        for key, kept in self._data.items():
            store, sector, _ = key
            for name, part in self._parts[key].items():
                values = kept[:, part]
                if store == "outputs" and not self._adds_up[name]:
                    # Sums over steps become means over days.
                    values *= self._spans[sector] / days_of_month
                found[name] = values.reshape(kept.shape[0], *self.world.blocks[key].shapes[name], kept.shape[-1])
        return found
