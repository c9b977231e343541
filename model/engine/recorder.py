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
        self._rows_of_entry: dict[BlockKey, dict[str, slice]] = {}
        self._rows_of_block: dict[BlockKey, np.ndarray | None] = {}
        for key, block in world.blocks.items():
            names = [name for name in block.slices if keep is None or name in keep]
            if key[2] and names:
                self._choose(key, names)
        months = world.clock.months
        self._data = {
            key: np.zeros((months, sum(rows.stop - rows.start for rows in of_entry.values()), world.members))
            for key, of_entry in self._rows_of_entry.items()
        }
        self._before: dict[BlockKey, np.ndarray] = {}
        self._shares: list[tuple[int, float]] = []
        self._ending: list[int] = []
        self._spans: dict[str, float] = {}

    def _choose(self, key: BlockKey, names: list[str]) -> None:
        """Choose the rows of a block that are recorded, and index them by entry."""
        block = self.world.blocks[key]
        self._rows_of_entry[key], begin = {}, 0
        for name in names:
            size = block.slices[name].stop - block.slices[name].start
            self._rows_of_entry[key][name] = slice(begin, begin + size)
            begin += size
        whole = begin == block.data.shape[0]
        self._rows_of_block[key] = None if whole else np.concatenate([np.r_[block.slices[name]] for name in names])

    def _now(self, key: BlockKey) -> np.ndarray:
        """Present amounts of the recorded rows of a block."""
        data, rows = self.world.blocks[key].data, self._rows_of_block[key]
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
            recorded = self._data.get((store, sector, True))
            if recorded is None:
                continue
            now = self._now((store, sector, True))
            for month, share in self._shares:
                of_month = recorded[month]
                of_month += now if share == 1.0 else now * share

    def collect(self) -> dict[str, np.ndarray]:
        """Results by name, shape ``(months,) + dims + (members,)``; to be asked for once, at the end."""
        results: dict[str, np.ndarray] = {}
        days_of_month = np.diff(self.world.clock.month_edges)[:, None, None]
        for key, recorded in self._data.items():
            store, sector, _ = key
            for name, rows in self._rows_of_entry[key].items():
                values = recorded[:, rows]
                if store == "outputs" and not self._adds_up[name]:
                    # Sums over steps become means over days.
                    values *= self._spans[sector] / days_of_month
                shape = self.world.blocks[key].shapes[name]
                results[name] = values.reshape(recorded.shape[0], *shape, recorded.shape[-1])
        return results
