"""Parameters in force at a moment: base values changed by dated modifiers (shocks, futures and interventions alike)."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

OPERATIONS = ("multiply", "add", "set")


@dataclass(frozen=True)
class Profile:
    """How far a modifier is in force over time: linear between dated points, constant beyond them.

    Attributes:
        days: days since the start of the run, ascending.
        levels: level at each of them, usually 0 to 1.
    """

    days: tuple[float, ...]
    levels: tuple[float, ...]

    def at(self, day: float) -> float:
        """Return the level on a day."""
        later = bisect_right(self.days, day)
        if later == 0:
            return self.levels[0]
        if later == len(self.days):
            return self.levels[-1]
        before, after = self.days[later - 1], self.days[later]
        share = (day - before) / (after - before)
        return self.levels[later - 1] + (self.levels[later] - self.levels[later - 1]) * share

    def mean(self, begin: float, end: float) -> float:
        """Return the mean level from ``begin`` to ``end``: a dated change amounts to the same wherever steps fall."""
        if begin >= self.days[-1] or end <= self.days[0] or end <= begin:
            return self.at(begin)
        last = bisect_left(self.days, end)
        inside = range(bisect_right(self.days, begin), last)
        days = [begin, *(self.days[point] for point in inside), end]
        levels = [self.at(begin), *(self.levels[point] for point in inside), self._before(last, end)]
        steps = zip(pairwise(days), pairwise(levels), strict=True)
        area = sum(0.5 * (level + following) * (later - day) for (day, later), (level, following) in steps)
        return area / (end - begin)

    def _before(self, point: int, day: float) -> float:
        """Level on a day as it is approached, ``point`` being the first dated point not before it."""
        if point in (0, len(self.days)):
            return self.levels[max(point - 1, 0)]
        before, after = self.days[point - 1], self.days[point]
        share = (day - before) / (after - before)
        return self.levels[point - 1] + (self.levels[point] - self.levels[point - 1]) * share


@dataclass(frozen=True)
class Modifier:
    """One dated change of a parameter, or of a flow.

    Attributes:
        target: registered name of a parameter or flow.
        where: index into its dimensions (without the member axis).
        operation: ``multiply`` (by 1 + size x level), ``add`` (size x level) or ``set`` (towards size by level).
        size: one number, or one per member.
        profile: level over time.
        label: where it comes from (intervention, future or history entry).
        gate: a signal that limits it (name of an output and index into it), such as the share of posts filled.
        share: factor on the level, one number per member: 0 leaves a member as if there were no such modifier.
    """

    target: str
    where: tuple[Any, ...]
    operation: str
    size: np.ndarray
    profile: Profile
    label: str = ""
    gate: tuple[str, tuple[Any, ...]] | None = None
    share: np.ndarray | None = None

    @property
    def varied(self) -> bool:
        """Whether it acts differently on members."""
        return np.size(self.size) > 1 or self.gate is not None or self.share is not None


class Parameters(dict[str, np.ndarray]):
    """Parameter arrays by name, shape ``dims + (members or 1,)``, brought up to date for every span of time.

    Args:
        base: values before any modifier.
        modifiers: changes in order of precedence; a later one acts on the result of an earlier one.
        bounds: lowest and highest value by name; results are held within them.
        members: number of members.
        signal: gives the current value of an output by name, for gates.
    """

    def __init__(
        self,
        base: dict[str, np.ndarray],
        modifiers: Iterable[Modifier],
        bounds: dict[str, tuple[float, float]],
        members: int,
        signal: Callable[[str], np.ndarray],
    ) -> None:
        super().__init__(base)
        self.base = base
        self.bounds = bounds
        self._signal = signal
        self._derived: dict[tuple[Hashable, ...], Any] = {}
        self._used_by: dict[str, set[tuple[Hashable, ...]]] = {}
        self._plans: dict[str, list[Modifier]] = {}
        self._in_force: dict[str, list[float]] = {}
        self._span = (-np.inf, -np.inf)
        # Many modifiers share a profile, whose mean over a span is worked out once.
        self._means: dict[int, float] = {}
        known: dict[Profile, int] = {}
        self._profiles_of: dict[str, list[int]] = {}
        for modifier in modifiers:
            self._profiles_of.setdefault(modifier.target, []).append(known.setdefault(modifier.profile, len(known)))
            self._plans.setdefault(modifier.target, []).append(modifier)
        for name, plan in self._plans.items():
            shape = base[name].shape[:-1]
            by_member = base[name].shape[-1] > 1 or any(modifier.varied for modifier in plan)
            self[name] = np.array(np.broadcast_to(base[name], (*shape, members if by_member else 1)))
        # From the last dated point on nothing changes, unless a signal limits a modifier.
        self._settled = {name: max(change.profile.days[-1] for change in plan) for name, plan in self._plans.items()}
        self._gated = {name for name, plan in self._plans.items() if any(modifier.gate for modifier in plan)}

    def derived(self, function: Callable[..., Any], *arguments: Hashable) -> Any:
        """Return ``function(parameters, *arguments)``, calculated again only when a parameter it reads has changed.

        For expressions of parameters alone: most parameters change seldom or never in the course of a run. The result
        is shared by all who ask for it and must not be written to.
        """
        key = (function, *arguments)
        if key not in self._derived:
            reader = _Reader(self)
            self._derived[key] = function(reader, *arguments)
            for name in reader.read:
                self._used_by.setdefault(name, set()).add(key)
        return self._derived[key]

    def advance(self, begin: float, end: float) -> None:
        """Bring every modified parameter to its mean from ``begin`` to ``end``, the days that are stepped next."""
        if (begin, end) == self._span and not self._gated:
            return
        if (begin, end) != self._span:
            self._means.clear()
        settled, self._span = min(self._span[0], begin), (begin, end)
        for name, plan in self._plans.items():
            if settled >= self._settled[name] and name not in self._gated:
                continue
            levels = self._levels(name, plan)
            gated = any(modifier.gate and level for modifier, level in zip(plan, levels, strict=True))
            if not gated and levels == self._in_force.get(name):
                continue
            self._in_force[name] = levels
            for key in self._used_by.pop(name, ()):
                self._derived.pop(key, None)
            value = self[name]
            value[...] = self.base[name]
            for modifier, full in zip(plan, levels, strict=True):
                level: float | np.ndarray = full
                if full == 0.0:
                    continue
                cells = value[modifier.where]
                if modifier.gate:
                    signal, index = modifier.gate
                    level = level * self._signal(signal)[index]
                if modifier.share is not None:
                    level = level * modifier.share
                if modifier.operation == "multiply":
                    cells = cells * (1.0 + modifier.size * level)
                elif modifier.operation == "add":
                    cells = cells + modifier.size * level
                else:
                    cells = cells + (modifier.size - cells) * level
                value[modifier.where] = cells
            low, high = self.bounds[name]
            value.clip(low, high, out=value)

    def _levels(self, name: str, plan: list[Modifier]) -> list[float]:
        """Mean level of each modifier of a parameter over the span that is stepped."""
        indices = self._profiles_of[name]
        for index, modifier in zip(indices, plan, strict=True):
            if index not in self._means:
                self._means[index] = modifier.profile.mean(*self._span)
        return [self._means[index] for index in indices]


class _Reader(dict[str, np.ndarray]):
    """The parameters as ``derived`` passes them to a function: it records which of them the function reads."""

    def __init__(self, parameters: Parameters) -> None:
        super().__init__()
        self._parameters = parameters
        self.read: set[str] = set()

    def __missing__(self, name: str) -> np.ndarray:
        self.read.add(name)
        return self._parameters[name]
