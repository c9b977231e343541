"""Finance: the statement adds up, money is conserved, the loops act and switch off, extremes behave."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from model.engine.clock import Clock
from model.engine.parameters import Modifier, Profile
from model.engine.stepper import Inputs, Sector, run
from model.registry.data_folders import parameter_files
from model.registry.declarations import OUTSIDE, Flow, Kind, Output, Stock
from model.registry.dimensions import DIMENSIONS, NHS_ORGANISATIONS
from model.registry.parameter_files import read_parameter_file
from model.sectors.finance.equations import LINE, ORGANISATION, Finance, discretionary_target

SIZES = {name: len(labels) for name, labels in DIMENSIONS.items()}
NHS = [ORGANISATION[label] for label in NHS_ORGANISATIONS]
LONG_TERM_CARE = DIMENSIONS["service"].index("long_term_care")
DAYS = 365.25


def stub_output(name: str, dims: tuple[str, ...] = (), kind: Kind = Kind.RATE) -> Output:
    return Output(name=name, description=name, unit="1", dims=dims, kind=kind, recorded=False)


class Slow(Sector):
    """Need and staff that grow steadily from April 2019."""

    name = "demand"
    title = "stub"
    every = 2
    outputs = (
        stub_output("demand.need", ("service", "place")),
        stub_output("workforce.in_post", ("employer", "staff_group")),
        stub_output("workforce.temporary_staff", ("employer", "staff_group")),
        stub_output("workforce.vacancy_rate", ("employer",)),
        stub_output("waiting_lists.outpatient_attendances", kind=Kind.FLOW),
        stub_output("waiting_lists.procedures", kind=Kind.FLOW),
        stub_output("waiting_lists.independent_procedures", kind=Kind.FLOW),
    )
    staff = np.array([16700.0, 2300.0, 1800.0, 2200.0, 12000.0, 1400.0])
    mix = np.array([0.12, 0.32, 0.14, 0.22, 0.20])

    early_years = 3.5
    early_growth = 0.029  # E2102 to E2114: about 10.6% from March 2019 to 2022/23

    def __init__(self, need_growth: float = 0.015, staff_growth: float = 0.01, temporary_growth: float = 0.1) -> None:
        self.need_growth = need_growth
        self.staff_growth = staff_growth
        self.temporary_growth = temporary_growth

    def initialise(self, world):
        """Signals of the first day."""
        self.step(world)

    def step(self, world):
        """Steady growth."""
        years = world.clock.middle / DAYS
        world.outputs["demand.need"][...] = 1000.0 * (1.0 + self.need_growth) ** years
        world.outputs["demand.need"][LONG_TERM_CARE] = 2.5 * (1.0 + self.need_growth) ** years
        in_post = (self.staff[:, None] * self.mix)[..., None]
        early = min(years, self.early_years)
        grown = (1.0 + self.early_growth) ** early * (1.0 + self.staff_growth) ** (years - early)
        world.outputs["workforce.in_post"][...] = in_post * grown
        world.outputs["workforce.temporary_staff"][...] = 0.06 * in_post * (1.0 + self.temporary_growth) ** early
        world.outputs["workforce.vacancy_rate"][...] = 0.1
        per_days = {"outpatient_attendances": 2800.0, "procedures": 320.0, "independent_procedures": 25.0}
        for name, per_day in per_days.items():
            world.outputs[f"waiting_lists.{name}"][...] = per_day * (1.0 + self.need_growth) ** years * world.clock.span


class Fast(Sector):
    """Hospital and discharge signals."""

    name = "urgent_care"
    title = "stub"
    every = 1
    outputs = (
        stub_output("urgent_care.attendances", kind=Kind.FLOW),
        stub_output("urgent_care.bed_days_needed", kind=Kind.FLOW),
        stub_output("urgent_care.bed_days_delayed", kind=Kind.FLOW),
        stub_output("urgent_care.escalation_beds", ("site",)),
        stub_output("discharge.occupied_places", ("place", "pathway")),
        stub_output("discharge.spot_places", ("place", "pathway")),
        stub_output("discharge.long_term_users", ("place", "long_term_care")),
        stub_output("discharge.waiting_long_term", ("place", "long_term_care")),
    )

    def initialise(self, world):
        """Signals stand from the first, as in the whole model."""
        self.step(world)

    def step(self, world):
        """Steady growth."""
        span, growth = world.clock.span, 1.015 ** (world.clock.middle / DAYS)
        world.outputs["urgent_care.attendances"][...] = 1100.0 * span * growth
        world.outputs["urgent_care.bed_days_needed"][...] = 1400.0 * span * growth
        world.outputs["urgent_care.bed_days_delayed"][...] = 350.0 * span * growth
        world.outputs["urgent_care.escalation_beds"][...] = 10.0
        world.outputs["discharge.occupied_places"][...] = 60.0
        world.outputs["discharge.spot_places"][...] = 5.0
        world.outputs["discharge.long_term_users"][...] = 1000.0 * growth
        world.outputs["discharge.waiting_long_term"][...] = 50.0


def parameters(**changes) -> dict[str, np.ndarray]:
    paths = [path for sector in ("finance", "loops") for path in parameter_files(sector)]
    entries = [entry for path in paths for entry in read_parameter_file(path)]
    found = {entry.name: entry.value[..., None].copy() for entry in entries}
    found["workforce.programme_posts"] = np.zeros((SIZES["employer"], SIZES["staff_group"], 1))
    for name, value in changes.items():
        found[name.replace("__", ".")][...] = value
    return found


def outcome(years=4, step=3.5, changes=None, slow=None, modifiers=(), members=2, checked=False):
    clock = Clock(date(2019, 4, 1), date(2019 + years, 4, 1), step)
    values = parameters(**(changes or {}))
    inputs = Inputs(values, dict.fromkeys(values, (-np.inf, np.inf)), modifiers, SIZES, members)
    return run([slow or Slow(), Finance(), Fast()], clock, inputs, checked=checked)


def test_statement_adds_up_to_the_change_of_balance_and_money_is_conserved():
    found = outcome(checked=True)
    change = found["finance.statement"].sum(axis=(0, 2))
    opening = parameters()["finance.opening_balance"]
    np.testing.assert_allclose(found["finance.balance"][-1] - opening, change, rtol=1e-7, atol=1.0)
    result = found["finance.income"] - found["finance.expenditure"]
    np.testing.assert_allclose(result, found["finance.statement"].sum(axis=2), atol=1e-3)
    paid = found["finance.statement"][:, :, LINE["contracts_paid"]].sum(axis=1)
    received = found["finance.statement"][:, :, LINE["contracts_received"]].sum(axis=1)
    np.testing.assert_allclose(paid, -received)


def test_base_year_opens_at_the_stated_deficit_in_2022_23_prices():
    found = outcome(years=1)
    p = parameters()
    level = np.prod(1.0 + p["finance.price_inflation"][1:4])
    expected = p["finance.opening_deficit"].sum() * level
    np.testing.assert_allclose(found["finance.underlying_deficit"][:10], expected, rtol=1e-6)
    np.testing.assert_allclose(found["finance.social_care_funded_share"][:10], 0.97, rtol=1e-9)
    np.testing.assert_allclose(found["finance.discretionary_share"], 1.0, atol=0.01)


def test_hand_computed_lines():
    found = outcome(years=1)
    p = parameters()
    year = found["finance.statement"].sum(axis=0)[..., 0]
    days = 366 / DAYS
    pay = (Slow.staff[0] * Slow.mix * p["finance.pay_per_wte"][0, :, 0]).sum()
    pay /= np.prod(1.0 + p["finance.pay_award"][1:4])
    growth = 1.029**0.5
    assert -year[ORGANISATION["acute"], LINE["substantive_pay"]] == pytest.approx(pay * growth * days, rel=2e-3)
    share, premium, bank = p["finance.agency_share"][0, 0], 1.5, 1.1
    expected = pay * 0.06 * 1.1**0.5 * (share * premium + (1 - share) * bank) * days
    assert -year[ORGANISATION["acute"], LINE["temporary_staff"]] == pytest.approx(expected, rel=3e-3)
    assert year[ORGANISATION["icb"], LINE["allocation"]] == pytest.approx(2.31e9 * days, rel=1e-3)


def test_deficit_grows_from_the_dynamics_and_does_not_explode():
    found = outcome(years=24, slow=Slow())
    yearly = found["finance.underlying_deficit"][..., 0].reshape(-1, 12).mean(axis=1) / 1e6
    assert 10 < yearly[3] < 120
    assert np.all((yearly > -50) & (yearly < 250))


def test_halved_step_moves_no_result_by_half_a_per_cent():
    whole, half = outcome(years=6), outcome(years=6, step=1.75)
    after = slice(24, None)
    for name in ("expenditure", "unmet_need_effect", "social_care_gap", "underlying_deficit"):
        coarse, fine = (found[f"finance.{name}"][after].mean(axis=0) for found in (whole, half))
        np.testing.assert_allclose(fine, coarse, rtol=5e-3, err_msg=name)


def test_equal_members_give_equal_results_whatever_the_batch():
    few, many = outcome(members=1), outcome(members=5)
    for name in few:
        for member in range(5):
            np.testing.assert_array_equal(few[name][..., 0], many[name][..., member])


def test_unmet_need_raises_emergency_need_and_switches_off():
    poorer = {"finance__council_budget_growth": 0.02}
    worse, base = outcome(years=6, changes=poorer), outcome(years=6)
    assert np.all(worse["finance.social_care_funded_share"][-1] < base["finance.social_care_funded_share"][-1])
    assert np.all(worse["finance.unmet_social_care_need"][-1] > base["finance.unmet_social_care_need"][-1])
    assert np.all(worse["finance.unmet_need_effect"][-1] > base["finance.unmet_need_effect"][-1])
    off = {"loops__R5_unmet_social_care": 0.0}
    silent = outcome(years=6, changes={**poorer, **off})
    np.testing.assert_allclose(silent["finance.unmet_need_effect"], 1.0, rtol=1e-14)


def test_zero_gain_leaves_no_trace_of_the_strength_of_a_loop():
    off = {"loops__R5_unmet_social_care": 0.0, "loops__R6_firefighting": 0.0}
    perturbed = {
        "finance__unmet_need_strength": 0.7,
        "finance__tolerated_deficit": 0.001,
        "finance__discretionary_cut_most": 0.9,
        "finance__discretionary_cut_scale": 0.005,
    }
    base, changed = outcome(changes=off), outcome(changes={**off, **perturbed})
    for name in base:
        np.testing.assert_array_equal(base[name], changed[name])


def test_deficit_holds_back_discretionary_spending():
    deep = {"finance__allocation_growth_extra": -0.02}
    found = outcome(years=6, changes=deep)
    assert found["finance.discretionary_share"][-1].max() < 0.9
    assert found["finance.discretionary_share"].min() > 0.69
    assert found["finance.prevention_index"][-1].max() < outcome(years=6)["finance.prevention_index"][-1].min()
    released = outcome(years=6, changes={**deep, "loops__R6_firefighting": 0.0})
    np.testing.assert_allclose(released["finance.discretionary_share"], 1.0, rtol=1e-14)


def test_response_of_discretionary_spending_is_bounded():
    ratio = np.array([-0.1, 0.0, 0.02, 0.05, 1.0])
    share = discretionary_target(ratio, np.array(0.02), np.array(0.3), np.array(0.03))
    np.testing.assert_allclose(share, [1, 1, 1, 1 - 0.3 * (1 - np.exp(-1)), 0.7], rtol=1e-6)


def test_programme_costs_fall_on_their_payer_and_deepen_the_deficit():
    acute, recurrent = ORGANISATION["acute"], 0
    start = 3 * DAYS
    profile = Profile((start, start + 1), (0.0, 1.0))
    where = (np.array([acute]), np.array([recurrent]), slice(None))
    cost = Modifier("finance.programme_cost", where, "add", np.array([10e6]), profile)
    still = {"loops__R6_firefighting": 0.0, "finance__recovery_ambition": 0.0, "finance__savings_target": 0.0}
    base, found = outcome(years=6, changes=still), outcome(years=6, changes=still, modifiers=(cost,), checked=True)
    extra = found["finance.underlying_deficit"][-1] - base["finance.underlying_deficit"][-1]
    np.testing.assert_allclose(extra, 10e6, rtol=0.01)
    spent = found["finance.programme_spend"][-12:].sum(axis=0)
    assert spent[acute, recurrent, 0] > 10e6
    assert np.delete(spent, acute, axis=0).sum() == 0.0


def test_recovery_and_the_squeeze_on_discretionary_spending_take_up_part_of_a_cost():
    profile = Profile((3 * DAYS, 3 * DAYS + 1), (0.0, 1.0))
    where = (np.array([ORGANISATION["acute"]]), np.array([0]), slice(None))
    cost = Modifier("finance.programme_cost", where, "add", np.array([10e6]), profile)
    base, found = outcome(years=6), outcome(years=6, modifiers=(cost,))
    extra = found["finance.underlying_deficit"][-1] - base["finance.underlying_deficit"][-1]
    assert np.all((extra > 7e6) & (extra < 10e6))


@pytest.mark.parametrize(
    "changes",
    [
        {"finance__opening_allocation": 0.0, "finance__opening_council_budget": 0.0},
        {"finance__pay_per_wte": 0.0, "finance__activity_budget": 0.0, "finance__fixed_cost_multiplier": 0.0},
        {"finance__opening_council_budget": 0.0},
        {"finance__savings_target": 0.2, "finance__savings_delivery": 1.0},
    ],
    ids=["no income", "no cost", "no council budget", "huge savings"],
)
def test_extremes_stay_finite_and_conserve_money(changes):
    found = outcome(years=5, changes=changes, checked=True)
    for name, values in found.items():
        assert np.all(np.isfinite(values)), name
    assert np.all(found["finance.expenditure"] >= 0.0)
    assert np.all(found["finance.unmet_social_care_need"] >= 0.0)
    share = found["finance.social_care_funded_share"]
    assert np.all((share >= 0.0) & (share <= 1.0))


def test_settlement_ahead_lowers_the_in_year_deficit():
    base = outcome(years=6)
    settled = outcome(years=6, changes={"finance__settlement_certainty": 1.0})
    assert np.all(settled["finance.in_year_deficit"][-1] < base["finance.in_year_deficit"][-1])


def test_extra_inflation_is_funded_in_part():
    """High inflation from 2021 raises the deficit, less so where the allocation follows more of it."""
    profile = Profile((2 * DAYS, 2 * DAYS + 1), (0.0, 1.0))
    modifiers = tuple(
        Modifier(name, (slice(None),), "add", np.array(0.03), profile)
        for name in ("finance.pay_award_extra", "finance.price_inflation_extra")
    )
    base = outcome(years=5)["finance.underlying_deficit"][-1]
    part = outcome(years=5, modifiers=modifiers)["finance.underlying_deficit"][-1]
    full = outcome(years=5, modifiers=modifiers, changes={"finance__inflation_funded_share": 1.0})
    assert np.all(part > full["finance.underlying_deficit"][-1])
    assert np.all(part > base)


def test_declared_stocks_flows_and_loops_are_consistent():
    stocks = {stock.name for stock in Finance.stocks}
    assert all(isinstance(stock, Stock) for stock in Finance.stocks)
    for flow in Finance.flows:
        assert isinstance(flow, Flow)
        assert {flow.origin, flow.target} <= stocks | {OUTSIDE}
    for loop in Finance.loops:
        assert loop.polarity == 1
        assert loop.gain in parameters()
        assert set(loop.strength) <= set(parameters())
