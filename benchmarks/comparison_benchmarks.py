"""How fast the model is beside other ways to compute: ``python benchmarks/comparison_benchmarks.py [PART...]``.

Three parts, all of them where none is named; nothing is written:

- ``pysd``: a model of as many stocks, cells and flows as ours, run by PySD and by our engine with equal results, and
  our own model beside it. PySD is needed for this alone (``python -m pip install pysd``); without it the part is left
  out.
- ``numba``: the motion of the referral-to-treatment list as a loop compiled by numba, and as the sector has it.
- ``scaling``: members of one part, years, and processes. Large ensembles stand in ``run_benchmarks.py``.

Times are of the processor, which other work on the machine disturbs least, but for processes, which take the clock.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
import warnings
from collections.abc import Callable
from functools import lru_cache, partial
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from run_benchmarks import HISTORY_YEARS, PROCESSES, line, timed  # puts the model on the path

# isort: split
from model_of_like_size import SIZES, LikeSector, cell_names, cells_of, run_by_engine, run_by_pysd, vessels, xmile

from model.engine.clock import Clock
from model.engine.dynamics import SMALLEST
from model.engine.parameters import Parameters
from model.engine.world import World
from model.scenarios.engine_inputs import base_parameters
from model.scenarios.resolved import ResolvedScenario
from model.scenarios.resolver import resolve
from model.sectors.model_registry import registry
from model.sectors.waiting_lists.cohort import WaitingCohorts
from model.sectors.waiting_lists.declarations import FLOWS, OUTPUTS, STOCKS
from model.sectors.waiting_lists.equations import treatment_capacity, unreported_removal_share, urgent_weight
from model.sectors.waiting_lists.treatment_order import DAYS_PER_WEEK
from model.sectors.waiting_lists.views import views
from model.simulation.simulate import CHUNK, kept_names, run_members, scenario_jobs, simulate_all
from model.simulation.store import MemoryStore

PARTS = ("pysd", "numba", "scaling")

YEARS_AFTER = 1
"""Years after the decision of a run of ours: the least there can be."""

SHORT, LONG = 10, {None: 110, 6: 1010}
"""Steps of a short run of PySD, taken off a long one, so that loading and initialising do not count.

The long one by how the model is written: in arrays, or with an equation for each of at most so many cells of a stock.
All cells of ours written out would take PySD many minutes to translate.
"""

LONGEST = 10
"""The same of the longest run."""

WEEKS = 52
"""Weeks by which the list moves between two looks at the clock."""


# Beside PySD


def pysd_step(file: Path, written_out: int | None, expected: LikeSector, repeats: int) -> tuple[float, float]:
    """Translate and run the model of like size by PySD, and check it against our engine.

    Returns:
        Seconds to translate and load it, and seconds for a step of one cell.
    """
    import pysd

    began = time.process_time()
    model = pysd.read_xmile(str(file))
    loading = time.process_time() - began
    steps, days = expected.world.clock.steps, expected.world.clock.step_days
    names = {f"{vessel.name}{cell}": vessel for vessel in vessels() for cell in cell_names(vessel, written_out)}
    results = run_by_pysd(model, steps * days, list(names))
    for name, vessel in names.items():
        ours = expected.held[vessel][..., 0]
        wanted = ours if written_out is None else ours.flat[0]
        np.testing.assert_allclose(results[name], wanted, rtol=1e-9, err_msg=name)
    long = LONG[written_out]
    least = {
        end: timed(partial(run_by_pysd, model, end * days, list(names)[:1]), repeats, time.process_time)
        for end in (SHORT, long)
    }
    cells = len(names) if written_out is not None else sum(cells_of(vessel.dims) for vessel in vessels())
    return loading, (least[long] - least[SHORT]) / (long - SHORT) / cells


def against_pysd(repeats: int) -> None:
    """Print what PySD takes for each cell and step, and how many times what ours take."""
    cells = sum(cells_of(vessel.dims) for vessel in vessels())
    print(
        f"PySD: {len(vessels())} stocks of {cells:,} cells, {len(LikeSector().flows)} flows (ours: "
        f"{len(registry().flows)})"
    )
    if find_spec("pysd") is None:
        line("not installed (python -m pip install pysd)", "left out")
        return
    expected = run_by_engine(2, plan(1))
    of_pysd: list[float] = []
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for written_out in LONG:
            file = xmile(Path(folder), plan(1).step_days, written_out)
            loading, seconds_each = pysd_step(file, written_out, expected, repeats)
            of_pysd.append(seconds_each)
            title = "in arrays" if written_out is None else f"by equations of each cell, {written_out} a stock"
            line(f"PySD, {title}: to load", f"{loading:.1f} s")
            line("  per cell and step", f"{seconds_each * 1e6:.1f} µs")
    for members in (1, CHUNK):
        steps = expected.world.clock.steps
        seconds = timed(partial(run_by_engine, members, plan(1)), repeats, time.process_time)
        ours = {"same model, our engine": seconds / (steps * cells * members)}
        ours["our own model"] = timed_chunk(members, repeats) / (steps_of(plan(members)) * cells * members)
        for title, seconds_each in ours.items():
            line(f"{title}, members: {members}; per cell, step, member", f"{seconds_each * 1e9:,.1f} ns")
            times = " and ".join(f"{seconds / seconds_each:,.0f}" for seconds in of_pysd)
            line("  PySD to it, in arrays and by cell", f"{times} times")


# Our own model


@lru_cache(maxsize=16)
def plan(members: int, years_after: int = YEARS_AFTER) -> ResolvedScenario:
    """The baseline with a number of members."""
    return resolve("baseline", registry(), changes={"members": members, "years_after_decision": years_after})


def steps_of(resolved: ResolvedScenario) -> int:
    """Base steps of a run."""
    return Clock(resolved.start, resolved.end, resolved.step_days).steps


def timed_chunk(members: int, repeats: int, years_after: int = YEARS_AFTER) -> float:
    """Seconds of the processor for one part of an ensemble, what is drawn and recorded included."""
    resolved = plan(members, years_after)
    names = kept_names(plan(CHUNK))
    return timed(lambda: run_members(resolved, 0, members, names=names), repeats, time.process_time)


# One sector compiled


class ListWeeks:
    """The motion of the referral-to-treatment list by weeks, as the sector has it and as a compiled loop.

    Referrals and capacity stay those of the start. The compiled loop has the member axis first, where it is fastest.

    Args:
        members: how many, with the model's own draws.

    Attributes:
        by_member: what the compiled loop takes: the list, referrals and capacity of a week, shares removed, urgent
            patients by weeks waited, shares of treatments for urgent and for longest waiters; members first.
        moved: what it moved in the last week: aged, referred, treated, removed; shape ``(4, members, lists)``.
        taken: room for one list by weeks waited.
    """

    def __init__(self, members: int) -> None:
        resolved = plan(members)
        parameters = base_parameters(resolved, registry(), 0, members)
        clock = Clock(resolved.start, resolved.end, resolved.step_days)
        self.world = world = World(clock, members, STOCKS, FLOWS, OUTPUTS, SIZES)
        world.p = Parameters(parameters, (), {}, members, world.signal)
        p, _, stock, _, _, _, move = views(world)
        self.cohorts = WaitingCohorts(
            stock.rtt, move.ageing, move.clock_starts, move.unreported_removals, move.clock_stops
        )
        profile = p.initial_profile / p.initial_profile.sum(axis=1, keepdims=True)
        stock.rtt = p.initial_list[:, None] * profile
        stock.capacity_trend = 1.0
        lists = stock.rtt[:, 0].shape
        self.arrivals = np.ascontiguousarray(np.broadcast_to(p.clock_starts_at_start * DAYS_PER_WEEK, lists))
        self.capacity = treatment_capacity(p, stock.capacity_trend, 1.0, 1.0).total * DAYS_PER_WEEK
        self.by_member = [
            self._members_first(values, shape)
            for values, shape in (
                (stock.rtt, stock.rtt.shape),
                (self.arrivals, lists),
                (self.capacity, lists),
                (world.p.derived(unreported_removal_share), stock.rtt.shape),
                (world.p.derived(urgent_weight), stock.rtt[0].shape),
                (p.urgent_share, (members,)),
                (p.longest_first_share, (members,)),
            )
        ]
        self.moved = np.zeros((4, members, lists[0]))
        self.taken = np.zeros(stock.rtt.shape[1])

    @staticmethod
    def _members_first(values: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
        return np.moveaxis(np.broadcast_to(values, shape), -1, 0).copy()

    def by_sector(self, weeks: int) -> None:
        """Move by weeks with the arrays of the sector."""
        world, p = self.world, views(self.world).p
        for _ in range(weeks):
            world.begin_sector("waiting_lists")
            self.cohorts.age(1)
            arrived = self.cohorts.arrive(self.arrivals)
            weight = world.p.derived(urgent_weight)
            self.cohorts.treat(arrived, self.capacity, p.urgent_share[None], p.longest_first_share[None], weight)
            self.cohorts.remove(world.p.derived(unreported_removal_share))

    def check(self) -> None:
        """Compare list and flows of the two; both must have moved by equally many weeks."""
        _, _, stock, flow, _, _, _ = views(self.world)
        waiting = stock.rtt
        rounding = 1e-12 * waiting.sum(axis=1).max()
        np.testing.assert_allclose(np.moveaxis(self.by_member[0], 0, -1), waiting, rtol=1e-9, atol=rounding)
        by_sector = (flow.ageing, flow.clock_starts, flow.clock_stops, flow.unreported_removals)
        for moved, amount in zip(self.moved, by_sector, strict=True):
            np.testing.assert_allclose(moved.T, amount, rtol=1e-9)


def compiled_week() -> Callable[..., None]:
    """The week of the list as a loop over members, lists and weeks waited, compiled."""
    import numba

    @numba.njit
    def week(
        waiting: np.ndarray,
        arrivals: np.ndarray,
        capacity: np.ndarray,
        removal_share: np.ndarray,
        weight: np.ndarray,
        urgent_share: np.ndarray,
        longest_first_share: np.ndarray,
        moved: np.ndarray,
        taken: np.ndarray,
    ) -> None:
        members, lists, cells = waiting.shape
        for member in range(members):
            for one in range(lists):
                row = waiting[member, one]
                aged = 0.0
                oldest = row[cells - 1]
                for cell in range(cells - 1, 0, -1):
                    aged += row[cell - 1]
                    row[cell] = row[cell - 1]
                row[cells - 1] += oldest
                late = 0.5 * arrivals[member, one]
                row[0] = arrivals[member, one] - late

                total = 0.0
                for cell in range(cells):
                    total += row[cell]
                treated = min(capacity[member, one], total)
                longest = treated * longest_first_share[member]
                left, eligible = longest, 0.0
                for cell in range(cells - 1, -1, -1):
                    taken[cell] = min(row[cell], left)
                    left -= taken[cell]
                    eligible += (row[cell] - taken[cell]) * weight[member, cell]
                urgent = min(treated * urgent_share[member], treated - longest, eligible)
                of_urgent = urgent / max(eligible, SMALLEST)
                of_rest = max(treated - longest - urgent, 0.0) / max(total - longest - urgent, SMALLEST)

                stopped, removed = 0.0, 0.0
                for cell in range(cells):
                    rest = row[cell] - taken[cell]
                    part = rest * weight[member, cell] * of_urgent
                    amount = min(taken[cell] + part + (rest - part) * of_rest, row[cell])
                    if cell == 0:
                        amount += min(max(capacity[member, one] - total, 0.0), late)
                        row[0] += late
                    row[cell] -= amount
                    stopped += amount
                    gone = row[cell] * removal_share[member, one, cell]
                    row[cell] -= gone
                    removed += gone
                moved[0, member, one] = aged
                moved[1, member, one] = arrivals[member, one]
                moved[2, member, one] = stopped
                moved[3, member, one] = removed

    return week


def against_numba(repeats: int) -> None:
    """Print what a week of the list takes as the sector has it and compiled, with equal lists and flows."""
    print("numba: a week of the referral-to-treatment list, the sector's arrays and a compiled loop")
    week = compiled_week()
    for members in (1, 50, CHUNK):
        both = ListWeeks(members)

        def compiled(both: ListWeeks = both) -> None:
            for _ in range(WEEKS):
                week(*both.by_member, both.moved, both.taken)

        compiled()
        both.by_sector(WEEKS)
        both.check()
        loop = timed(compiled, 3 * repeats, time.process_time) / WEEKS
        arrays = timed(partial(both.by_sector, WEEKS), 3 * repeats, time.process_time) / WEEKS
        line(f"members: {members}; arrays, loop", f"{arrays * 1e6:,.0f} µs, {loop * 1e6:,.0f} µs")
        line("  ratio of arrays to loop", f"{arrays / loop:.1f}")


# Scaling


def simulate_by(resolved: ResolvedScenario, processes: int) -> None:
    """Simulate all members of a scenario by so many processes."""
    store = MemoryStore(scenario_jobs([resolved], processes=processes))
    for _ in simulate_all([resolved], store, processes=processes):
        pass


def scaling(repeats: int) -> None:
    """Print how time grows with the members of one part, with years and with processes."""
    years = HISTORY_YEARS + YEARS_AFTER
    print(f"Scaling: the baseline, {years} years where nothing else is said")
    for members in (1, 50, CHUNK, 2 * CHUNK):
        seconds = timed_chunk(members, repeats)
        seconds_each = seconds / (steps_of(plan(members)) * members)
        line(f"members of one part: {members}; per step and member", f"{seconds:.2f} s; {seconds_each * 1e6:,.0f} µs")
    for years_after in (YEARS_AFTER, 4, LONGEST):
        seconds = timed_chunk(50, repeats, years_after)
        steps = steps_of(plan(50, years_after))
        line(
            f"50 members, {HISTORY_YEARS + years_after} years; per step",
            f"{seconds:.2f} s; {seconds / steps * 1e3:.2f} ms",
        )
    whole = plan(2 * CHUNK, LONGEST)
    by_members = {processes: timed(partial(simulate_by, whole, processes), repeats) for processes in (1, PROCESSES)}
    times = ", ".join(f"{seconds:.1f} s" for seconds in by_members.values())
    line(f"{2 * CHUNK} members, {HISTORY_YEARS + LONGEST} years: 1 process, {PROCESSES}, by the clock", times)
    line(f"  ratio of {PROCESSES} processes to 1, their start included", f"{by_members[1] / by_members[PROCESSES]:.2f}")


def main() -> None:
    """Print the parts asked for."""
    parser = argparse.ArgumentParser(description="Print how fast the model is beside other ways to compute.")
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"{', '.join(PARTS)}; all where left out")
    parser.add_argument("--repeats", type=int, default=3, help="times that each is run; the least counts")
    arguments = parser.parse_args()
    unknown = set(arguments.parts) - set(PARTS)
    if unknown:
        parser.error(f"no such part: {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
    load, processors = os.getloadavg()[0], os.cpu_count()
    print(f"Least of {arguments.repeats} times; load of the machine {load:.1f} on {processors} processors")
    run_part = {"pysd": against_pysd, "numba": against_numba, "scaling": scaling}
    for part in arguments.parts or PARTS:
        run_part[part](arguments.repeats)


if __name__ == "__main__":
    main()
