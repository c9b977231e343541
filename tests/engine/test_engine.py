"""The engine on small models whose answers are known."""

from __future__ import annotations

from datetime import date
from typing import ClassVar

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.engine.clock import Clock
from model.engine.dynamics import (
    SMALLEST,
    TINY,
    approach,
    competing_shares,
    entries_until_full,
    filled_and_left,
    relative_to_first,
    safe_ratio,
    served,
)
from model.engine.parameters import Modifier, Parameters, Profile
from model.engine.stepper import Inputs, Sector, run, schedule
from model.engine.world import ConservationError, World
from model.registry.declarations import OUTSIDE, Flow, Kind, Output, Stock

positive = st.floats(0.0, 1e4, allow_nan=False)


class Tank(Sector):
    """Water flows in at a rate, passes to a second tank, and leaves."""

    name: ClassVar[str] = "tank"
    title: ClassVar[str] = "Tanks"
    every: ClassVar[int] = 1
    stocks: ClassVar[tuple[Stock, ...]] = tuple(
        Stock(name=f"tank.{which}", description=which, unit="litres", substance="water", bounds=(0, np.inf))
        for which in ("upper", "lower")
    )
    flows: ClassVar[tuple[Flow, ...]] = (
        Flow(name="tank.inflow", description="in", unit="litres", origin=OUTSIDE, target="tank.upper"),
        Flow(name="tank.passing", description="down", unit="litres", origin="tank.upper", target="tank.lower"),
        Flow(name="tank.outflow", description="out", unit="litres", origin="tank.lower", target=OUTSIDE),
    )
    outputs: ClassVar[tuple[Output, ...]] = (
        Output(name="tank.level", description="level", unit="litres", kind=Kind.COUNT),
        Output(name="tank.passed", description="passed", unit="litres", kind=Kind.FLOW),
    )
    leak = 0.0

    def initialise(self, world: World) -> None:
        world.stocks["tank.upper"][...] = 100.0

    def step(self, world: World) -> None:
        span = world.clock.span
        inflow = world.move("tank.inflow", np.broadcast_to(world.p["tank.rate"] * span, (world.members,)))
        down = filled_and_left(world.stocks["tank.upper"] - inflow, inflow, world.p["tank.exit"], span)
        world.move("tank.passing", down)
        out = filled_and_left(world.stocks["tank.lower"] - down, down, 2 * world.p["tank.exit"], span)
        world.move("tank.outflow", out)
        world.stocks["tank.lower"] -= self.leak
        world.outputs["tank.level"][...] = world.stocks["tank.upper"]
        world.outputs["tank.passed"][...] = down


class LeakingTank(Tank):
    """A tank whose equation loses a little at every step."""

    leak = 1e-3


class WeeklyTank(Tank):
    """The same tanks, stepped eight base steps at a time."""

    every: ClassVar[int] = 8


def run_tank(
    sector: Sector,
    *,
    step: float = 1.0,
    members: int = 1,
    rate: float = 3.0,
    modifiers: tuple[Modifier, ...] = (),
    checked: bool = True,
) -> dict[str, np.ndarray]:
    clock = Clock(date(2019, 4, 1), date(2021, 4, 1), step)
    base = {"tank.rate": np.array([rate]), "tank.exit": np.array([0.05])}
    bounds = {"tank.rate": (0.0, 100.0), "tank.exit": (0.0, 10.0)}
    return run([sector], clock, Inputs(base, bounds, modifiers, {}, members), checked=checked)


def test_tank_follows_the_analytic_solution_whatever_the_step():
    for step in (0.5, 1.0, 7.0, 30.0):
        results = run_tank(Tank(), step=step)
        expected = 60.0 + 40.0 * np.exp(-0.05 * 30)
        assert results["tank.upper"][0, 0] == pytest.approx(expected, rel=0.02 if step > 7 else 0.005)
        assert results["tank.upper"][-1, 0] == pytest.approx(60.0, rel=1e-9)
        assert results["tank.lower"][-1, 0] == pytest.approx(30.0, rel=1e-6)


def test_monthly_flows_and_stocks_balance_exactly():
    for sector, step in ((Tank(), 3.5), (WeeklyTank(), 3.5)):
        results = run_tank(sector, step=step)
        net = results["tank.inflow"] - results["tank.passing"]
        assert np.diff(results["tank.upper"][:, 0]) == pytest.approx(net[1:, 0], rel=1e-9)
        assert results["tank.passed"] == pytest.approx(results["tank.passing"])
        assert results["tank.inflow"][1, 0] == pytest.approx(3.0 * 31)


def test_audit_finds_what_an_equation_loses():
    with pytest.raises(ConservationError, match="water not conserved at step 0"):
        run_tank(LeakingTank())


def test_audit_finds_a_negative_stock():
    class Overdrawn(Tank):
        def step(self, world: World) -> None:
            world.move("tank.outflow", np.full(world.members, 5.0))

    with pytest.raises(ConservationError, match=r"stock tank.lower is negative"):
        run_tank(Overdrawn())


def test_equal_members_get_equal_answers_bit_for_bit():
    alone = run_tank(Tank())
    together = run_tank(Tank(), members=7)
    for name, values in alone.items():
        assert np.array_equal(together[name], np.repeat(values, 7, axis=-1)), name


def test_modifier_acts_from_its_date_to_its_size():
    profile = Profile((0.0, 365.0, 366.0), (0.0, 0.0, 1.0))
    results = run_tank(Tank(), modifiers=(Modifier("tank.rate", (), "multiply", np.array(-0.5), profile),))
    plain = run_tank(Tank())
    assert np.array_equal(results["tank.inflow"][:11], plain["tank.inflow"][:11])
    assert results["tank.inflow"][-1, 0] == pytest.approx(0.5 * plain["tank.inflow"][-1, 0])


def test_modifier_of_a_flow_scales_what_moves_and_conserves():
    always = Profile((0.0,), (1.0,))
    results = run_tank(Tank(), modifiers=(Modifier("tank.inflow", (), "multiply", np.array(1.0), always),))
    assert results["tank.upper"][-1, 0] == pytest.approx(120.0, rel=1e-6)


def test_set_modifier_is_held_within_bounds():
    always = Profile((0.0,), (1.0,))
    results = run_tank(Tank(), modifiers=(Modifier("tank.rate", (), "set", np.array(1e6), always),))
    assert results["tank.inflow"][1, 0] == pytest.approx(100.0 * 31)


def test_gate_limits_a_modifier_by_a_signal():
    signal = np.array([0.25, 0.5])
    always = Profile((0.0,), (1.0,))
    modifier = Modifier("a", (), "add", np.array(8.0), always, gate=("s", ()))
    parameters = Parameters({"a": np.array([1.0])}, (modifier,), {"a": (0, 99)}, 2, lambda _: signal)
    parameters.advance(0.0, 1.0)
    assert parameters["a"].tolist() == [3.0, 5.0]


def test_schedule_keeps_the_order_given_and_joins_neighbours_of_one_rate():
    turns = schedule([WeeklyTank(), Tank(), LeakingTank()])
    assert [(turn.every, turn.sectors) for turn in turns] == [(8, ("tank",)), (1, ("tank", "tank"))]


def test_months_on_the_real_calendar():
    clock = Clock(date(2019, 4, 1), date(2020, 4, 1), 3.5)
    assert clock.months == 12
    assert clock.month_edges[-1] == 366
    assert clock.overlaps(28, 35) == [(0, 2.0), (1, 5.0)]
    clock.day, clock.span = 365.0, 1.0
    assert clock.financial_years() == [(0, 1.0)]
    clock.day = 366.0
    assert clock.financial_years() == [(1, 1.0)]
    clock.day, clock.span = 364.0, 8.0
    assert clock.financial_years() == [(0, 0.25), (1, 0.75)]


def test_a_dated_change_amounts_to_the_same_wherever_steps_fall():
    profile = Profile((10.0, 12.0, 12.0, 20.0), (0.0, 1.0, 3.0, 3.0))
    assert profile.mean(0.0, 10.0) == 0.0
    assert profile.mean(10.0, 12.0) == pytest.approx(0.5)
    assert profile.mean(12.0, 40.0) == 3.0
    assert profile.mean(8.0, 16.0) == pytest.approx((0.5 * 2 + 3.0 * 4) / 8)
    parts = [profile.mean(day, day + 0.7) for day in np.arange(0.0, 28.0, 0.7)]
    assert np.mean(parts) == pytest.approx(profile.mean(0.0, 28.0))
    assert profile.mean(11.0, 11.0) == profile.at(11.0) == 0.5


@given(positive, positive, st.floats(1e-6, 50), st.floats(0.1, 40))
def test_filled_and_left_never_takes_more_than_there_is(stock, inflow, rate, span):
    left = filled_and_left(np.array([stock]), np.array([inflow]), rate, span)
    assert -1e-9 <= left[0] <= stock + inflow + 1e-6 * (stock + inflow)


@given(positive, positive, st.floats(1e-3, 5), st.floats(0.1, 20))
@settings(max_examples=50)
def test_filled_and_left_over_two_halves_equals_the_whole(stock, inflow, rate, span):
    whole = filled_and_left(np.array([stock]), np.array([inflow]), rate, span)
    first = filled_and_left(np.array([stock]), np.array([inflow / 2]), rate, span / 2)
    then = filled_and_left(stock + inflow / 2 - first, np.array([inflow / 2]), rate, span / 2)
    assert first + then == pytest.approx(whole, rel=1e-7, abs=1e-7)


@given(st.floats(0, 100), st.floats(0, 200), st.floats(1e-3, 3), st.floats(0.1, 20))
def test_room_over_fills_places_exactly(stock, capacity, rate, span):
    room = entries_until_full(np.array([stock]), capacity, rate, span)
    end = stock + room - filled_and_left(np.array([stock]), room, rate, span)
    if room[0] > 0:
        assert end[0] == pytest.approx(capacity, abs=1e-6 * (1 + capacity))
    else:
        assert end[0] >= capacity - 1e-6 * (1 + capacity)


def test_competing_exits_share_the_whole():
    shares = competing_shares([np.array([0.2]), np.array([0.3])], 2.0)
    assert sum(shares)[0] == pytest.approx(1.0)
    assert sum(competing_shares([np.array([0.2]), np.array([0.3])], 1.0))[0] == pytest.approx(0.5)
    assert sum(competing_shares([np.array([2.0]), np.array([3.0])], 1.0))[0] == pytest.approx(1.0)
    assert shares[1][0] / shares[0][0] == pytest.approx(1.5)


def test_approach_reaches_its_target_without_overshoot():
    assert approach(np.array([1.0]), 3.0, 5.0, 1e6)[0] == pytest.approx(3.0)
    assert approach(np.array([1.0]), 3.0, 5.0, 5.0)[0] == pytest.approx(3.0 - 2.0 * np.exp(-1))


@given(positive, positive, st.floats(1e-3, 5), positive, st.floats(0.1, 20), st.floats(0, 1))
def test_served_stays_within_the_queue_and_the_room(stock, inflow, rate, room, span, elsewhere):
    out = served(np.array([stock]), np.array([inflow]), rate, np.array([room]), span, elsewhere)[0]
    assert -1e-9 <= out <= min(room, stock + inflow) * (1 + 1e-9) + 1e-9


def test_served_uses_all_room_while_people_queue_and_is_exact_where_room_does_not_bind():
    queue, coming = np.array([500.0]), np.array([70.0])
    assert served(queue, coming, 1.0, np.array([35.0]), 3.5)[0] == pytest.approx(35.0)
    free = served(np.array([5.0]), coming, 1.0, np.array([1e9]), 3.5, elsewhere=0.25)
    assert free[0] == pytest.approx(0.8 * filled_and_left(np.array([5.0]), coming, 1.25, 3.5)[0])


def test_a_guarded_division_is_plain_where_it_can_be():
    amount, total = np.array([1.0, 2.0, 0.0]), np.array([4.0, 0.0, 0.0])
    assert safe_ratio(amount, total).tolist() == [0.25, 2.0 / TINY, 0.0]
    assert safe_ratio(amount, total, floor=1.0).tolist() == [0.25, 2.0, 0.0]
    assert safe_ratio(amount, total, where_empty=1.0).tolist() == [0.25, 1.0, 1.0]
    assert safe_ratio(1.0, 3.0, floor=SMALLEST) == 1.0 / 3.0


def test_a_signal_relative_to_its_first_value_is_one_until_there_is_one():
    first = np.zeros(2)
    assert relative_to_first(np.array([0.0, 5.0]), first).tolist() == [1.0, 1.0]
    assert relative_to_first(np.array([2.0, 10.0]), first).tolist() == [1.0, 2.0]
    assert first.tolist() == [2.0, 5.0]
