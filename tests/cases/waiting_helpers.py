"""Runs of the waiting-list sector on plain signals from the other sectors, and the published model of one list."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import numpy as np

from model.engine.clock import Clock
from model.engine.stepper import Inputs, Sector, run
from model.engine.world import World
from model.registry.calendar import DAYS_PER_YEAR
from model.registry.data_folders import parameter_files
from model.registry.declarations import Output
from model.registry.dimensions import DIMENSIONS
from model.registry.parameter_files import read_parameter_file
from model.sectors.waiting_lists.equations import WaitingLists
from model.sectors.waiting_lists.treatment_order import share_out

START = date(2019, 4, 1)
DIMS = {
    "demand.need": ("service", "place"),
    "workforce.effective_staff": ("employer",),
    "urgent_care.elective_share_kept": (),
}


class Signals(Sector):
    """Constant signals; need steps up by ``need_growth`` a year."""

    name = "signals"
    title = "Signals"
    every = 8
    outputs = tuple(
        Output(name=name, description=name, unit="1", dims=dims, recorded=False) for name, dims in DIMS.items()
    )

    def __init__(self, need: float, need_growth: float, staff: float, kept: float) -> None:
        self.need, self.need_growth, self.staff, self.kept = need, need_growth, staff, kept

    def initialise(self, world: World) -> None:
        """Values at the start of the run."""
        self.publish(world, day=0.0)

    def step(self, world: World) -> None:
        """Values in the middle of the step."""
        self.publish(world, day=world.clock.middle)

    def publish(self, world: World, day: float) -> None:
        """Values of a day."""
        grown = self.need * (1.0 + self.need_growth) ** (day / DAYS_PER_YEAR)
        world.outputs["demand.need"][...] = grown
        world.outputs["workforce.effective_staff"][...] = self.staff
        world.outputs["urgent_care.elective_share_kept"][...] = self.kept


def simulate(
    years: int = 3,
    change: Mapping[str, float | np.ndarray] | None = None,
    members: int = 1,
    step_days: float = 3.5,
    need: float = 1.0,
    need_growth: float = 0.015,
    staff: float = 1.0,
    kept: float = 1.0,
) -> dict[str, np.ndarray]:
    """Run the sector, every step checked for conservation and signs.

    Args:
        years: length of the run.
        change: parameters set to another value for every cell.
        members: size of the batch.
        step_days: base step.
        need: need for every service.
        need_growth: yearly growth of need.
        staff: effective staff of every employer.
        kept: share of overnight electives kept.
    """
    base, bounds = {}, {}
    for name in ("waiting_lists", "loops"):
        for parameter in (entry for path in parameter_files(name) for entry in read_parameter_file(path)):
            base[parameter.name] = parameter.value[..., None].copy()
            bounds[parameter.name] = parameter.bounds
    for name, value in (change or {}).items():
        base[name][...] = value
    sizes = {dimension: len(labels) for dimension, labels in DIMENSIONS.items()}
    clock = Clock(START, date(START.year + years, 4, 1), step_days)
    sectors = [Signals(need, need_growth, staff, kept), WaitingLists()]
    return run(sectors, clock, Inputs(base, bounds, (), sizes, members), checked=True)


def compartment_month(
    waiting: np.ndarray, referrals: float, treatments: float, removal_share: np.ndarray, weight: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """One month of the published compartment model of the referral-to-treatment list.

    Referrals enter the first compartment, each other receives the one before it, the last two merge; a share of each
    inflow leaves unreported and treatments share the capacity in proportion to weight x inflow, as in the model.

    Returns:
        The list after the month, the removals and the treatments, by compartment.
    """
    inflow = np.concatenate(([referrals], waiting[:-1]))
    inflow[-1] += waiting[-1]
    removed = removal_share * inflow
    weighted = weight * inflow
    treated = share_out(weighted, weighted.sum(axis=0), np.asarray(treatments), axis=0)
    return inflow - removed - treated, removed, treated
