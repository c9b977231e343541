"""The compiled engine against the plain one, on a small system with everything that equations may use."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import date
from typing import ClassVar

import numpy as np
import pytest

from model.engine.clock import Clock
from model.engine.dynamics import approach, filled_and_left, relative_to_first, share_leaving
from model.engine.parameters import Modifier, Profile
from model.engine.stepper import Inputs, Sector, run
from model.registry.declarations import OUTSIDE, Flow, Kind, Memory, Output, Stock

SIZES = {"site": 3, "week": 5}


class Ward(Sector):
    """Patients by site and week: arrivals, ageing, treatment in an order, memory of the first occupancy."""

    name = "ward"
    title = "Ward"
    every = 1
    stocks = (
        Stock(name="ward.patients", description="Patients.", unit="1", substance="patients", dims=("site", "week")),
        Stock(name="ward.felt", description="Felt.", unit="1", substance="index", dims=("site",), recorded=False),
    )
    flows = (
        Flow(name="ward.arrivals", description="Arrivals.", unit="1", dims=("site",), origin=OUTSIDE,
             target="ward.patients"),
        Flow(name="ward.ageing", description="Ageing.", unit="1", dims=("site",), origin="ward.patients",
             target="ward.patients"),
        Flow(name="ward.exits", description="Exits.", unit="1", dims=("site",), origin="ward.patients",
             target=OUTSIDE),
    )  # fmt: skip
    outputs = (
        Output(name="ward.occupancy", description="Occupancy.", unit="1", dims=("site",), kind=Kind.SHARE),
        Output(name="ward.exits_total", description="Exits.", unit="1", kind=Kind.FLOW),
    )
    memory = (Memory(name="ward.first", description="First total.", unit="1", dims=("site",)),)
    tracked: ClassVar = {"money.pressure": 1.0, "ward.occupancy": 0.5}
    patterns: ClassVar = {"weeks": lambda clock: int(clock.step % 2 == 0)}
    calendar: ClassVar = {"row": lambda clock: min(clock.financial_year, 2)}

    def initialise(self, world):
        """Patients of the first day."""
        world.stocks["ward.patients"][...] = 10.0
        world.stocks["ward.felt"][...] = 1.0
        world.outputs["ward.occupancy"][...] = 0.9

    def step(self, world):
        """One step."""
        p, span = world.p, world.clock.span
        patients = world.stocks["ward.patients"]
        season = 1.0 + p["ward.amplitude"] * world.clock.season(p["ward.peak"])
        table = p["ward.growth"][world.calendar("row")]
        pressure = world.extrapolated("money.pressure")
        amount = p["ward.rate"] * season * table * (1.0 + 0.1 * pressure) * span
        for _ in range(world.pattern("weeks")):
            moving = patients[:, :-1] * 0.5
            world.move("ward.ageing", moving, origin=np.s_[:, :-1], target=np.s_[:, 1:], collect=(1,))
        world.move("ward.arrivals", amount, target=np.s_[:, 0])
        longest = np.cumsum(patients[:, ::-1], axis=1)[:, ::-1]
        share = np.where(longest > 20.0, p.derived(leaving, span), 0.5 * p.derived(leaving, span))
        gone = filled_and_left(patients, np.zeros_like(patients), share[:, :1] / span, span)
        world.move("ward.exits", np.minimum(gone, patients), collect=(1,))
        total = patients.sum(axis=1)
        relative = relative_to_first(total, world.memory["ward.first"])
        felt = world.stocks["ward.felt"]
        felt[...] = approach(felt, relative ** p["ward.power"], p["ward.delay"], span)
        own = world.extrapolated("ward.occupancy", world.clock.end_of_step)
        world.outputs["ward.occupancy"][...] = np.clip(total / p["ward.beds"], 0.0, 2.0) * 0.9 + 0.1 * own
        world.outputs["ward.exits_total"][...] = world.flows["ward.exits"].sum(axis=0)


class Money(Sector):
    """A deficit that follows the ward at a slower pace."""

    name = "money"
    title = "Money"
    every = 2
    outputs = (Output(name="money.pressure", description="Pressure.", unit="1", kind=Kind.INDEX),)
    stocks = (Stock(name="money.debt", description="Debt.", unit="£", substance="money", bounds=(-np.inf, np.inf)),)
    flows = (Flow(name="money.spent", description="Spent.", unit="£", origin="money.debt", target=OUTSIDE),)
    tracked: ClassVar = {"ward.occupancy": 0.5}

    def initialise(self, world):
        """No debt."""
        world.outputs["money.pressure"][...] = 1.0

    def step(self, world):
        """Debt grows with occupancy."""
        occupancy = world.extrapolated("ward.occupancy")
        world.move("money.spent", occupancy.sum(axis=0) * world.clock.years_spanned)
        debt = world.stocks["money.debt"]
        scale = np.stack([debt, 2.0 * debt])
        world.outputs["money.pressure"][...] = np.tanh(scale.max(axis=0) * world.p["money.scale"]) + 1.0


def leaving(p, span):
    """Share that leaves over a step."""
    return share_leaving(p["ward.exit_rate"], span)[:, None]


def inputs(members: int, *, by_member: bool) -> Inputs:
    """Parameters with dated changes: of all kinds, limited by a signal, for some members, and on a flow."""
    spread = np.linspace(0.9, 1.1, members) if by_member else np.ones(1)
    parameters = {
        "ward.rate": np.array([3.0, 4.0, 5.0])[:, None] * spread,
        "ward.amplitude": np.array([0.1]),
        "ward.peak": np.array([15.0]),
        "ward.growth": np.array([[1.0], [1.1], [1.2]]),
        "ward.exit_rate": np.array([0.05, 0.07, 0.06])[:, None] * spread,
        "ward.power": np.array([0.5]) * spread,
        "ward.delay": np.array([20.0]),
        "ward.beds": np.array([100.0, 120.0, 90.0])[:, None],
        "money.scale": np.array([0.2]),
    }
    ramp, pulse = Profile((100.0, 400.0), (0.0, 1.0)), Profile((50.0, 50.0, 80.0, 80.0), (0.0, 1.0, 1.0, 0.0))
    size = 0.2 * spread if by_member else np.array([0.2])
    share = np.arange(members) % 2 * 1.0 if by_member else None
    modifiers = (
        Modifier("ward.rate", (slice(0, 2),), "multiply", size, ramp),
        Modifier("ward.rate", (2,), "set", np.array([9.0]), pulse),
        Modifier("ward.beds", (), "add", np.array([15.0]), ramp, gate=("ward.occupancy", ())),
        Modifier("ward.exit_rate", (), "multiply", np.array([-0.3]), pulse, share=share),
        Modifier("ward.exits", (), "multiply", np.array([0.1]), ramp),
    )
    bounds = {name: (0.0, 8.0 if name == "ward.rate" else np.inf) for name in parameters}
    return Inputs(parameters, bounds, modifiers, SIZES, members)


def clock(end: date = date(2021, 7, 1)) -> Clock:
    """A little over two years."""
    return Clock(date(2019, 4, 1), end, 3.5)


@pytest.fixture(autouse=True)
def cache(tmp_path_factory, monkeypatch):
    monkeypatch.setenv("BNSSG_MODEL_CACHE", str(tmp_path_factory.getbasetemp() / "compiled"))


def both(members: int, **options):
    by_member = members > 1
    return [
        run([Ward(), Money()], clock(), inputs(members, by_member=by_member), engine=engine, **options)
        for engine in ("plain", "compiled")
    ]


@pytest.mark.parametrize("members", [1, 3, 8, 19])
def test_compiled_and_plain_agree(members):
    plain, compiled = both(members)
    assert plain.keys() == compiled.keys()
    for name, values in plain.items():
        assert compiled[name].shape == values.shape
        np.testing.assert_allclose(compiled[name], values, rtol=1e-12, atol=1e-12, err_msg=name)


class PlainWard(Ward):
    """The same ward, run in Python."""

    compiled = False


@pytest.mark.parametrize("members", [1, 5])
def test_a_sector_may_run_in_python_among_compiled_ones(members):
    given = inputs(members, by_member=members > 1)
    plain = run([PlainWard(), Money()], clock(), given, engine="plain")
    mixed = run([PlainWard(), Money()], clock(), given, engine="compiled")
    for name, values in plain.items():
        np.testing.assert_allclose(mixed[name], values, rtol=1e-12, atol=1e-12, err_msg=name)


def test_only_what_is_wanted_is_kept():
    plain, compiled = both(3, keep=["ward.exits", "money.pressure"])
    assert plain.keys() == compiled.keys() == {"ward.exits", "money.pressure"}


def test_members_have_the_same_bits_in_any_company():
    given = inputs(19, by_member=True)
    whole = run([Ward(), Money()], clock(), given, engine="compiled")
    for member in (0, 7, 8, 18):
        alone = {name: values[..., member : member + 1] if values.shape[-1] > 1 else values
                 for name, values in given.parameters.items()}  # fmt: skip
        changes = []
        for modifier in given.modifiers:
            size = modifier.size[member : member + 1] if modifier.size.size > 1 else modifier.size
            share = None if modifier.share is None else modifier.share[member : member + 1]
            changes.append(Modifier(modifier.target, modifier.where, modifier.operation, size, modifier.profile,
                                    gate=modifier.gate, share=share))  # fmt: skip
        one = run([Ward(), Money()], clock(), Inputs(alone, given.bounds, tuple(changes), SIZES, 1), engine="compiled")
        for name, values in one.items():
            np.testing.assert_array_equal(values[..., 0], whole[name][..., member], err_msg=f"{name} of {member}")


def test_progress_reaches_the_end():
    steps_done = []
    run(
        [Ward(), Money()],
        clock(),
        inputs(9, by_member=True),
        engine="compiled",
        progress=lambda *step: steps_done.append(step),
    )
    assert steps_done[-1][0] == steps_done[-1][1]
    assert steps_done == sorted(steps_done)


class LateWard(Ward):
    """A ward whose later steps have a pattern of their own."""

    patterns: ClassVar = {**Ward.patterns, "late": lambda clock: clock.step > 12}


def test_a_longer_run_finds_code_for_what_a_shorter_one_did_not_meet(tmp_path, monkeypatch):
    monkeypatch.setenv("BNSSG_MODEL_CACHE", str(tmp_path))
    for members in (3, 1):
        given = inputs(members, by_member=members > 1)
        for end in (date(2019, 5, 1), date(2019, 7, 1)):
            plain = run([LateWard(), Money()], clock(end), given, engine="plain")
            compiled = run([LateWard(), Money()], clock(end), given, engine="compiled")
            for name, values in plain.items():
                np.testing.assert_allclose(compiled[name], values, rtol=1e-12, atol=1e-12, err_msg=name)


EDITED = """
from model.engine.clock import Clock
from model.engine.stepper import Inputs, Sector, run
from model.registry.declarations import OUTSIDE, Flow, Stock
import os
import subprocess
import sys
from datetime import date
import numpy as np

class Tank(Sector):
    name, title = "tank", "Tank"
    stocks = (Stock(name="tank.water", description="Water.", unit="1", substance="water"),)
    flows = (Flow(name="tank.rain", description="Rain.", unit="1", origin=OUTSIDE, target="tank.water"),)

    def initialise(self, world):
        world.stocks["tank.water"][...] = 1.0

    def step(self, world):
        world.move("tank.rain", world.p["tank.rate"] * RATE)

given = Inputs({"tank.rate": np.ones((1,))}, {"tank.rate": (0.0, 9.0)}, (), {}, 1)
results = run([Tank()], Clock(date(2019, 4, 1), date(2019, 5, 1), 5.0), given, engine="compiled")
print(float(results["tank.rain"].sum()))
"""


def test_an_edited_equation_is_compiled_anew(tmp_path):
    script = tmp_path / "tank.py"
    environment = {**os.environ, "BNSSG_MODEL_CACHE": str(tmp_path / "compiled")}
    for rate, total in (("2.0", 12.0), ("3.0", 18.0), ("2.0", 12.0)):
        script.write_text(EDITED.replace("RATE", rate), encoding="utf-8")
        found = subprocess.run([sys.executable, str(script)], env=environment, capture_output=True, text=True)
        assert found.stderr == ""
        assert float(found.stdout) == pytest.approx(total)
