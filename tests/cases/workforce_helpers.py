"""Runs of the workforce and VCSE sectors with the other sectors replaced by plain signals."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import numpy as np

from model.engine.clock import Clock
from model.engine.parameters import Modifier, Profile
from model.engine.stepper import Inputs, Sector, run
from model.engine.world import World
from model.registry.calendar import DAYS_PER_YEAR
from model.registry.data_folders import parameter_files
from model.registry.declarations import Kind, Output
from model.registry.dimensions import DIMENSIONS
from model.registry.parameter_files import read_parameter_file

START = date(2019, 4, 1)
EMPLOYERS = DIMENSIONS["employer"]
SIGNALS: dict[str, tuple[tuple[str, ...], float]] = {
    "demand.need": (("service", "place"), 10.0),
    "urgent_care.beds_occupied": ((), 1690.0),
    "waiting_lists.activity_index": ((), 1.0),
    "discharge.workload": ((), 1.0),
    "discharge.long_term_users": (("place", "long_term_care"), 1000.0),
    "finance.discretionary_share": ((), 1.0),
    "vcse.contracted_posts": ((), 1500.0),
    "workforce.staffed_share": (("employer",), 0.9),
}


class Signals(Sector):
    """The signals of other sectors, each growing by a fixed rate a year from its first value."""

    name = "signals"
    title = "Signals"

    def __init__(self, names: set[str], growth: Mapping[str, float]) -> None:
        self.growth = growth
        self.outputs = tuple(
            Output(name=name, description=name, unit="1", dims=SIGNALS[name][0], kind=Kind.RATE, recorded=False)
            for name in SIGNALS
            if name in names
        )

    def initialise(self, world: World) -> None:
        """First values."""
        self.step(world)

    def step(self, world: World) -> None:
        """Values of the moment."""
        years = world.clock.middle / DAYS_PER_YEAR
        for output in self.outputs:
            grown = SIGNALS[output.name][1] * (1.0 + self.growth.get(output.name, 0.0)) ** years
            world.outputs[output.name][...] = grown


def simulate(
    sectors: list[Sector],
    years: int = 4,
    change: Mapping[str, float | np.ndarray] | None = None,
    modifiers: tuple[Modifier, ...] = (),
    growth: Mapping[str, float] | None = None,
    members: int = 1,
    step_days: float = 3.5,
) -> dict[str, np.ndarray]:
    """Run sectors with signals for what they do not compute; every step is checked for conservation.

    Args:
        sectors: the sectors under test.
        years: length of the run.
        change: parameters set to another value, for every cell or of the parameter's shape (with or without members).
        modifiers: dated changes.
        growth: yearly growth of signals by name.
        members: size of the batch.
        step_days: base step.
    """
    owned = {output.name for sector in sectors for output in sector.outputs}
    base, bounds = {}, {}
    for path in (path for name in ("workforce", "vcse", "loops") for path in parameter_files(name)):
        for parameter in read_parameter_file(path):
            base[parameter.name] = parameter.value[..., None].copy()
            bounds[parameter.name] = parameter.bounds
    for name, value in (change or {}).items():
        base[name] = np.broadcast_to(np.asarray(value, dtype=float), base[name].shape).copy()
    sizes = {dimension: len(labels) for dimension, labels in DIMENSIONS.items()}
    clock = Clock(START, date(START.year + years, 4, 1), step_days)
    signals = Signals(set(SIGNALS) - owned, growth or {})
    return run([*sectors, signals], clock, Inputs(base, bounds, modifiers, sizes, members), checked=True)


def dated(target: str, points: dict[float, float], employers: tuple[str, ...] = ()) -> Modifier:
    """A parameter multiplied over time, for some employers or wholly: multiplier by decimal calendar year."""
    first = START.year + (START.timetuple().tm_yday - 1) / DAYS_PER_YEAR
    days = tuple((year - first) * DAYS_PER_YEAR for year in points)
    levels = tuple(multiplier - 1.0 for multiplier in points.values())
    where = ([EMPLOYERS.index(employer) for employer in employers],) if employers else (...,)
    return Modifier(target, where, "multiply", np.array(1.0), Profile(days, levels))
