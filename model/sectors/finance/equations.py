"""Finance: income and expenditure by organisation, savings, underlying and in-year deficit, social care budgets.

The financial year 2019/20 is the base year. Through it the overheads and fixed costs of each NHS organisation are what
brings its accounts to a stated opening deficit, and the councils' price of care is what brings their budgets to a
stated share of need; the averages over the year are then held. From April 2020 the deficit follows from what the other
sectors do and from inflation against funding. Income is nominal; deficits are reported in 2022/23 prices, as said at
each output. Deficits are positive.

The lines of the statement are pure functions of the signals of the other sectors: £ a year at the prices of the day,
positive for income and for expenditure alike; ``post`` gives them their sign. Unit costs are in 2022/23 prices, opening
budgets in those of 2019/20.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from copy import copy
from typing import ClassVar

import numpy as np

from model.engine.clock import Clock
from model.engine.dynamics import SMALLEST, Numbers, approach, filled_and_left, safe_ratio
from model.engine.stepper import Sector
from model.engine.world import World
from model.registry.calendar import DAYS_PER_YEAR
from model.registry.declarations import Flow, Loop, Memory, Output, Stock
from model.registry.dimensions import DIMENSIONS, NHS_ORGANISATIONS, adjacent, position, positions
from model.sectors.demand.declarations import NEED
from model.sectors.discharge.declarations import LONG_TERM_USERS, OCCUPIED_PLACES, SPOT_PLACES, WAITING_LONG_TERM
from model.sectors.finance.declarations import FLOWS, LOOPS, MEMORY, OUTPUTS, STOCKS
from model.sectors.finance.views import Parameters, views
from model.sectors.urgent_care.declarations import ATTENDANCES, BED_DAYS_DELAYED, BED_DAYS_NEEDED, ESCALATION_BEDS
from model.sectors.urgent_care.equations import UrgentCare
from model.sectors.waiting_lists.declarations import INDEPENDENT_PROCEDURES, OUTPATIENT_ATTENDANCES, PROCEDURES
from model.sectors.workforce.declarations import IN_POST, TEMPORARY_STAFF, VACANCY_RATE
from model.sectors.workforce.views import views as workforce_views

ORGANISATION = positions("organisation")
LINE = positions("statement_line")
COST_TYPE = positions("cost_type")
SERVICE = positions("service")
YEARS = DIMENSIONS["financial_year"]
PRICE_BASE = position("financial_year", "2022/23")
LONG_TERM_CARE, PRESCRIPTION = SERVICE["long_term_care"], SERVICE["prescription"]

ICB, ACUTE, VCSE = ORGANISATION["icb"], ORGANISATION["acute"], ORGANISATION["vcse"]
NHS = adjacent("organisation", NHS_ORGANISATIONS)
COUNCILS = adjacent("organisation", [f"{place}_council" for place in DIMENSIONS["place"]])
NHS_EMPLOYERS = [employer for employer in DIMENSIONS["employer"] if employer in NHS_ORGANISATIONS]
PROVIDER_EMPLOYERS = adjacent("employer", NHS_EMPLOYERS)
PROVIDERS = adjacent("organisation", NHS_EMPLOYERS)
CONTRACTED = (*range(PROVIDERS.start, PROVIDERS.stop), VCSE)

NON_RECURRENT = (
    "non_recurrent_funding",
    "capital_funding",
    "non_recurrent_savings",
    "non_recurrent_costs",
    "programme_non_recurrent",
    "programme_capital",
)
RECURRENT_LINES = np.array([index for line, index in LINE.items() if line not in NON_RECURRENT])
OUTSIDE_INCOME = np.array(
    [LINE[line] for line in ("allocation", "council_budget", "non_recurrent_funding", "capital_funding")]
)
SAVINGS = np.array([LINE["recurrent_savings"], LINE["non_recurrent_savings"]])
PASSED_ON = np.array([LINE["contracts_received"], LINE["contracts_paid"]])
SPENDING = np.array([index for index in LINE.values() if index not in {*OUTSIDE_INCOME, *SAVINGS, *PASSED_ON}])

SAVES = np.array([[float(label in NHS_ORGANISATIONS)] for label in ORGANISATION])
"""Organisations of which savings are required: the NHS."""

PAYER_OF_SERVICE: dict[str, str] = {
    "nhs_111": "icb",
    "ambulance_999": "icb",
    "ae_attendance": "acute",
    "emergency_admission": "acute",
    "falls_admission": "acute",
    "elective_referral": "acute",
    "diagnostics": "acute",
    "cancer_referral": "acute",
    "gp_contact": "primary_care",
    "prescription": "primary_care",
    "community_contact": "community",
    "talking_therapies": "mental_health",
    "adult_community_mental_health": "mental_health",
    "cyp_mental_health": "mental_health",
    "mental_health_crisis": "mental_health",
    "mental_health_inpatient": "mental_health",
    "long_term_care": "icb",
}
"""Whose budget bears the variable non-pay cost of a service (long-term care: continuing care and funded nursing)."""


TRACKED_SIGNALS = {
    IN_POST.name: 1.0,
    TEMPORARY_STAFF.name: 1.0,
    VACANCY_RATE.name: 1.0,
    ATTENDANCES.name: 0.5,
    BED_DAYS_NEEDED.name: 0.5,
    BED_DAYS_DELAYED.name: 0.5,
    ESCALATION_BEDS.name: 1.0,
    OCCUPIED_PLACES.name: 1.0,
    SPOT_PLACES.name: 1.0,
    LONG_TERM_USERS.name: 1.0,
    WAITING_LONG_TERM.name: 1.0,
    "finance.unmet_social_care_need": 1.0,
}
"""Signals that are read as they are in the middle of the step of finance, and where in their owner's step they stand.

A deficit is a small difference of large sums: accounts early or late by days would show in it.
"""

INDICES = {"pay_index": "pay_award", "price_index": "price_inflation", "care_price_index": "care_price_inflation",
           "allocation_index": "allocation_growth"}  # fmt: skip
"""Index stocks and the table of yearly growth that each follows."""


def post(annual: np.ndarray, organisation: int | slice, line: str, amount: np.ndarray, sign: int = -1) -> None:
    """Add an amount to the statement: expenditure by default, income or a saving with ``sign`` +1."""
    annual[organisation, LINE[line]] += sign * amount


def substantive_pay(
    p: Parameters, in_post: np.ndarray, programme_posts: np.ndarray, vacancy_rate: np.ndarray, pay: np.ndarray
) -> np.ndarray:
    """Pay of staff in post by NHS provider; the pay of programme posts is left out, as programme costs include it.

    Args:
        p: parameters.
        in_post: staff by employer and group.
        programme_posts: posts of interventions, by employer and group.
        vacancy_rate: by employer.
        pay: pay level, 2022/23 = 1.
    """
    filled = 1.0 - vacancy_rate[PROVIDER_EMPLOYERS]
    paid = np.maximum(in_post[PROVIDER_EMPLOYERS] - programme_posts[PROVIDER_EMPLOYERS] * filled[:, None], 0.0)
    return (paid * p.pay_per_wte[PROVIDER_EMPLOYERS]).sum(axis=1) * pay


def temporary_pay(p: Parameters, staff: np.ndarray, pay: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Pay of temporary staff by NHS provider: the agency part at the agency premium, the rest at the bank premium.

    Args:
        p: parameters.
        staff: temporary staff by employer and group.
        pay: pay level, 2022/23 = 1.

    Returns:
        Cost of all temporary staff, and of agency staff alone.
    """
    at_pay_scale = (staff[PROVIDER_EMPLOYERS] * p.pay_per_wte[PROVIDER_EMPLOYERS]).sum(axis=1) * pay
    share = p.agency_share[PROVIDER_EMPLOYERS]
    agency = at_pay_scale * share * p.agency_premium[PROVIDER_EMPLOYERS]
    return agency + at_pay_scale * (1.0 - share) * p.bank_premium, agency


def activity_costs(budget: np.ndarray, need: np.ndarray, reference: np.ndarray, price: np.ndarray) -> np.ndarray:
    """Variable non-pay cost by service: its 2019/20 budget x need relative to 2019/20 x price level (2019/20 = 1)."""
    return budget * safe_ratio(need, reference, floor=SMALLEST, where_empty=1.0) * price


def urgent_activity_cost(p: Parameters, attendances: np.ndarray, bed_days: np.ndarray) -> np.ndarray:
    """Drugs and consumables of attendances and of bed days in treatment, 2022/23 prices."""
    return attendances * p.cost_per_attendance + bed_days * p.cost_per_bed_day


def elective_activity_cost(p: Parameters, attendances: np.ndarray, procedures: np.ndarray) -> np.ndarray:
    """Drugs and consumables of outpatient attendances and of procedures, 2022/23 prices."""
    return attendances * p.cost_per_outpatient_attendance + procedures * p.cost_per_procedure


def pathway_costs(
    p: Parameters, occupied: np.ndarray, spot: np.ndarray, price: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Cost of people on discharge pathways by place and pathway, in funded places and in spot places, £ a year.

    Args:
        p: parameters.
        occupied: people in funded and spot places; the spot ones carry the spot premium.
        spot: places bought at spot price.
        price: price level, 2022/23 = 1.
    """
    day_cost = p.pathway_day_cost[None] * DAYS_PER_YEAR * price
    return np.maximum(occupied - spot, 0.0) * day_cost, spot * day_cost * p.spot_premium


def care_need(p: Parameters, people: np.ndarray, unmet: np.ndarray) -> np.ndarray:
    """Cost-weighted need for long-term social care by place, £ a year in 2022/23 prices before the councils' scale.

    Args:
        p: parameters.
        people: users of long-term care and those who wait for it, by place and kind.
        unmet: people whose need is left unmet, by place.
    """
    return (people * p.long_term_care_unit_cost[None]).sum(axis=1) + unmet * p.unmet_need_unit_cost


def share_funded(budget: np.ndarray, cost: np.ndarray) -> np.ndarray:
    """Share of the cost of need that a budget meets: at most all of it, and all where there is no need."""
    return safe_ratio(np.minimum(budget, cost), cost, floor=SMALLEST, where_empty=1.0)


def discretionary_target(ratio: np.ndarray, tolerated: np.ndarray, most: np.ndarray, scale: np.ndarray) -> np.ndarray:
    """Share of planned discretionary spend released at a deficit of ``ratio`` of income: 1 while it is tolerated.

    Beyond, it falls with saturation towards ``1 - most``: ``1 - most (1 - exp(-(ratio - tolerated) / scale))``.
    """
    return 1.0 + most * np.expm1(-np.maximum(ratio - tolerated, 0.0) / scale)


def base_year_weight(end: Numbers, span: float, base_year_days: np.ndarray) -> np.ndarray:
    """Weight of a step in the running mean over the base year: 0 from the step on that reaches beyond it."""
    return np.where(end > base_year_days, 0.0, span / end)


def savings_delivery(p: Parameters) -> np.ndarray:
    """Share of required savings that is delivered recurrently, by organisation; a settlement ahead raises it."""
    return np.minimum(p.savings_delivery * (1.0 + p.settlement_delivery_gain * p.settlement_certainty), 1.0)


def growth_of_index(p: Parameters, table: str, year: int) -> np.ndarray:
    """Growth of an index in a financial year, with the extra that a future or scenario adds.

    Args:
        p: parameters.
        table: name of the table of yearly growth.
        year: row of the table.
    """
    growth = getattr(p, table)[year]
    if table == "pay_award":
        return growth + p.pay_award_extra
    if table == "allocation_growth":
        extra = p.pay_weight * p.pay_award_extra + (1.0 - p.pay_weight) * p.price_inflation_extra
        return growth + p.allocation_growth_extra + p.inflation_funded_share * extra
    return growth + p.price_inflation_extra


def level_of_price_base(growth: np.ndarray) -> np.ndarray:
    """Level of an index in 2022/23, 2019/20 = 1."""
    return np.prod(1.0 + growth[1 : PRICE_BASE + 1], axis=0)


def financial_year_turns(clock: Clock) -> bool:
    """Whether the step is the first that ends in its financial year."""
    if clock.step == 0:
        return False
    before = copy(clock)
    before.step, before.day, before.span = clock.step - Finance.every, clock.day - clock.span, clock.span
    return before.financial_year != clock.financial_year


class Finance(Sector):
    """Money of the NHS organisations, the three councils' adult social care and the voluntary sector."""

    name: ClassVar[str] = "finance"
    title: ClassVar[str] = "Finance"
    every: ClassVar[int] = 2
    stocks: ClassVar[tuple[Stock, ...]] = STOCKS
    flows: ClassVar[tuple[Flow, ...]] = FLOWS
    outputs: ClassVar[tuple[Output, ...]] = OUTPUTS
    memory: ClassVar[tuple[Memory, ...]] = MEMORY
    loops: ClassVar[tuple[Loop, ...]] = LOOPS
    tracked: ClassVar[Mapping[str, float]] = TRACKED_SIGNALS
    calendar: ClassVar[Mapping[str, Callable[[Clock], float]]] = {
        "year": lambda clock: min(clock.financial_year, len(YEARS) - 1)
    }
    patterns: ClassVar[Mapping[str, Callable[[Clock], Hashable]]] = {
        "first_year": lambda clock: clock.financial_year == 0,
        "year_turns": financial_year_turns,
    }

    def initialise(self, world: World) -> None:
        """Open the accounts at the stated position of April 2019."""
        p, _, stock, _, out, memory, _ = views(world)
        stock.balance = p.opening_balance
        stock.pay_index = stock.price_index = stock.care_price_index = stock.allocation_index = 1.0
        stock.council_budget_index = stock.fixed_volume = stock.discretionary_released = 1.0
        self.close_year(world)
        memory.price_base, memory.pay_base = level_of_price_base(p.price_inflation), level_of_price_base(p.pay_award)
        opening = p.opening_deficit * memory.price_base
        stock.underlying_smoothed = stock.in_year_smoothed = opening
        stock.funded_share = out.social_care_funded_share = p.opening_funded_share
        memory.first_backlog = (1.0 - p.opening_funded_share) / p.unmet_need_resolution_rate
        stock.unmet_social_care_need = world.signal(NEED)[LONG_TERM_CARE] * DAYS_PER_YEAR * memory.first_backlog
        memory.first_prevention = p.opening_allocation * p.prevention_budget_share * memory.price_base
        stock.prevention_investment = memory.first_prevention
        out.discretionary_share = out.unmet_need_effect = out.prevention_index = 1.0
        out.underlying_deficit = out.in_year_deficit = opening[NHS].sum(axis=0)

    def step(self, world: World) -> None:
        """Draw up the accounts of the step, move the money and derive the signals."""
        p, _, stock, _, out, memory, _ = views(world)
        weight = base_year_weight(world.clock.end_of_step, world.clock.span, p.base_year_days)
        self.advance_indices(world)
        price, pay = stock.price_index / memory.price_base, stock.pay_index / memory.pay_base
        annual = np.zeros_like(out.statement)
        self.post_income(world, annual)
        self.post_staff(world, annual, pay)
        self.post_activity(world, annual, weight)
        self.post_hospital(world, annual, price)
        self.post_programmes(world, annual, price)
        self.post_social_care(world, annual, price, weight)
        self.post_fixed_costs(world, annual, price, weight)
        self.post_savings(world, annual, price)
        self.move_money(world, annual, price)
        self.publish_deficits(world, annual, price)
        self.release_discretionary(world, annual, price)

    def close_year(self, world: World) -> None:
        """Remember the indices as they are at the end of a financial year."""
        _, _, stock, _, _, memory, _ = views(world)
        for name in (*INDICES, "council_budget_index"):
            setattr(memory, f"{name}_at_year_end", getattr(stock, name))

    def advance_indices(self, world: World) -> None:
        """Set each index to its level at the end of last year x (1 + growth of this year), from 1 April.

        Growth counts by the share of the step that lies in the new year: results do not depend on where steps fall.
        """
        p, _, stock, _, _, memory, _ = views(world)
        if world.pattern("year_turns"):
            self.close_year(world)
        if world.pattern("first_year"):
            return
        year, share = world.calendar("year"), world.clock.financial_share
        growth = {name: growth_of_index(p, table, year) for name, table in INDICES.items()}
        growth["council_budget_index"] = p.council_budget_growth
        for name, of_year in growth.items():
            setattr(stock, name, getattr(memory, f"{name}_at_year_end") * (1.0 + share * of_year))

    def post_income(self, world: World, annual: np.ndarray) -> None:
        """Allocation, council budgets and one-off funding; contracts and prevention out of the allocation."""
        p, _, stock, _, out, _, _ = views(world)
        allocation = p.opening_allocation * stock.allocation_index
        post(annual, ICB, "allocation", allocation, +1)
        post(annual, ICB, "prevention", allocation * p.prevention_budget_share * out.discretionary_share)
        for organisation in CONTRACTED:
            contract = allocation * p.contract_share[organisation]
            if organisation == VCSE:
                contract = contract * out.discretionary_share
            post(annual, organisation, "contracts_received", contract, +1)
            post(annual, ICB, "contracts_paid", contract)
        post(annual, COUNCILS, "council_budget", p.opening_council_budget * stock.council_budget_index, +1)
        annual[:, LINE["non_recurrent_funding"]] += p.non_recurrent_funding

    def post_staff(self, world: World, annual: np.ndarray, pay: np.ndarray) -> None:
        """Pay of staff in post and of temporary staff."""
        p, _, _, _, out, _, _ = views(world)
        posts, rate = workforce_views(world).p.programme_posts, world.extrapolated(VACANCY_RATE)
        substantive = substantive_pay(p, world.extrapolated(IN_POST), posts, rate, pay)
        post(annual, PROVIDERS, "substantive_pay", substantive)
        temporary, agency = temporary_pay(p, world.extrapolated(TEMPORARY_STAFF), pay)
        post(annual, PROVIDERS, "temporary_staff", temporary)
        out.agency_spend = agency.sum(axis=0) * world.clock.years_spanned

    def post_activity(self, world: World, annual: np.ndarray, weight: np.ndarray) -> None:
        """Variable non-pay cost of the services for which there is need."""
        p, _, stock, _, _, _, _ = views(world)
        need = world.signal(NEED).sum(axis=1)
        stock.reference_need += (need - stock.reference_need) * weight
        costs = activity_costs(p.activity_budget, need, stock.reference_need, stock.price_index)
        for service, index in SERVICE.items():
            line = "prescribing" if index == PRESCRIPTION else "activity_costs"
            post(annual, ORGANISATION[PAYER_OF_SERVICE[service]], line, costs[index])

    def post_hospital(self, world: World, annual: np.ndarray, price: np.ndarray) -> None:
        """Acute activity, escalation, delay, discharge pathways and independent providers."""
        p, _, _, _, out, _, _ = views(world)
        # Flows of urgent care are those of its own step, flows of waiting lists those of a step as long as this one.
        urgent_steps = DAYS_PER_YEAR / (world.clock.step_days * UrgentCare.every)
        list_steps = DAYS_PER_YEAR / world.clock.span
        bed_days = world.extrapolated(BED_DAYS_NEEDED)
        urgent = urgent_activity_cost(p, world.extrapolated(ATTENDANCES), bed_days) * urgent_steps
        elective = (
            elective_activity_cost(p, world.signal(OUTPATIENT_ATTENDANCES), world.signal(PROCEDURES)) * list_steps
        )
        post(annual, ACUTE, "activity_costs", (urgent + elective) * price)
        beds = world.extrapolated(ESCALATION_BEDS).sum(axis=0)
        post(annual, ACUTE, "escalation_beds", beds * p.escalation_bed_day_cost * DAYS_PER_YEAR * price)
        delay = world.extrapolated(BED_DAYS_DELAYED) * urgent_steps * p.delayed_bed_day_cost * price
        post(annual, ACUTE, "delayed_bed_days", delay * p.delayed_day_cash_share)
        out.cost_of_delay = delay * world.clock.years_spanned
        bought = world.signal(INDEPENDENT_PROCEDURES) * list_steps
        post(annual, ICB, "independent_sector", bought * p.independent_procedure_cost * price)
        costs = pathway_costs(p, world.extrapolated(OCCUPIED_PLACES), world.extrapolated(SPOT_PLACES), price)
        for line, cost in zip(("discharge_pathways", "spot_purchase"), costs, strict=True):
            post(annual, ICB, line, (cost * p.pathway_nhs_share).sum(axis=(0, 1)))
            post(annual, COUNCILS, line, (cost * (1.0 - p.pathway_nhs_share)).sum(axis=1))

    def post_programmes(self, world: World, annual: np.ndarray, price: np.ndarray) -> None:
        """Costs of interventions, each to its payer; capital is met by capital funding up to a stated share."""
        p, _, _, _, out, _, _ = views(world)
        costs = p.programme_cost * price
        for kind, index in COST_TYPE.items():
            annual[:, LINE[f"programme_{kind}"]] -= costs[:, index]
        annual[:, LINE["capital_funding"]] += costs[:, COST_TYPE["capital"]] * p.capital_funded_share
        out.programme_spend = costs * world.clock.years_spanned

    def post_social_care(self, world: World, annual: np.ndarray, price: np.ndarray, weight: np.ndarray) -> None:
        """Councils' budgets against the cost of need for long-term care; the backlog of need that they do not meet."""
        p, _, stock, _, out, _, _ = views(world)
        budget = np.maximum(annual[COUNCILS].sum(axis=1), 0.0)
        people = world.extrapolated(LONG_TERM_USERS) + world.extrapolated(WAITING_LONG_TERM)
        need = care_need(p, people, world.extrapolated("finance.unmet_social_care_need")) * stock.care_price_index
        closing = budget / (p.opening_funded_share * np.maximum(need, 1.0))
        stock.care_cost_scale += (closing - stock.care_cost_scale) * weight
        cost = np.where(weight > 0.0, budget / p.opening_funded_share, need * stock.care_cost_scale)
        spent = np.minimum(budget, cost)
        post(annual, COUNCILS, "long_term_care", spent)
        funded = share_funded(budget, cost)
        stock.funded_share = approach(stock.funded_share, funded, p.funded_share_delay, world.clock.years_spanned)
        out.social_care_funded_share = stock.funded_share
        out.social_care_gap = (cost - spent) / price
        self.leave_need_unmet(world)

    def leave_need_unmet(self, world: World) -> None:
        """Backlog of unmet need by place, and what it adds to emergency need (R5)."""
        p, gain, stock, _, out, memory, move = views(world)
        arising = np.maximum(world.signal(NEED)[LONG_TERM_CARE], 0.0)
        unfunded = arising * (1.0 - stock.funded_share) * world.clock.span
        rate, years = p.unmet_need_resolution_rate, world.clock.years_spanned
        resolved = filled_and_left(stock.unmet_social_care_need, unfunded, rate, years)
        move.need_left_unmet(unfunded)
        move.need_resolved(resolved)
        backlog, first = stock.unmet_social_care_need, memory.first_backlog
        relative = safe_ratio(backlog, arising * DAYS_PER_YEAR, floor=SMALLEST, where_empty=first)
        effect = p.unmet_need_strength * (relative - first)
        out.unmet_need_effect = np.maximum(1.0 + gain.R5_unmet_social_care * effect, 0.0)

    def banked(self, world: World, price: np.ndarray) -> np.ndarray:
        """Recurrent savings banked by the middle of the step, £ a year at the prices of the day."""
        _, _, stock, _, _, memory, _ = views(world)
        return (stock.recurrent_savings + 0.5 * memory.newly_banked) * price

    def post_fixed_costs(self, world: World, annual: np.ndarray, price: np.ndarray, weight: np.ndarray) -> None:
        """Overheads and fixed costs: what closes the accounts of the base year, indexed; the VCSE spends its income."""
        p, _, stock, _, _, _, _ = views(world)
        indexed = stock.price_index * stock.fixed_volume[NHS]
        result = annual[NHS][:, RECURRENT_LINES].sum(axis=1) + self.banked(world, price)[NHS]
        closing = np.maximum(result + p.opening_deficit[NHS], 0.0) / indexed
        stock.fixed_cost_base[NHS] += (closing - stock.fixed_cost_base[NHS]) * weight
        fixed = np.where(weight > 0.0, closing, stock.fixed_cost_base[NHS]) * indexed
        grown = stock.fixed_volume * (1.0 + p.fixed_cost_growth) ** world.clock.years_spanned
        stock.fixed_volume = np.where(weight > 0.0, stock.fixed_volume, grown)
        post(annual, NHS, "fixed_costs", fixed * p.fixed_cost_multiplier[NHS])
        post(annual, VCSE, "fixed_costs", np.maximum(annual[VCSE].sum(axis=0), 0.0))

    def post_savings(self, world: World, annual: np.ndarray, price: np.ndarray) -> None:
        """Recurrent and one-off savings, never more than there is to save on, and one-off costs of short planning."""
        p, _, stock, _, out, memory, _ = views(world)
        years = world.clock.years_spanned
        one_off = p.non_recurrent_cost_share * (1.0 - p.settlement_cost_relief * p.settlement_certainty)
        income = annual[:, LINE["allocation"]] + annual[:, PASSED_ON].sum(axis=1)
        annual[:, LINE["non_recurrent_costs"]] -= one_off * np.maximum(income, 0.0)
        gross = -annual[:, SPENDING].sum(axis=1)
        recovery = p.recovery_ambition * np.maximum(stock.underlying_smoothed, 0.0)
        required = (p.savings_target * gross / price + recovery) * SAVES
        delivery = savings_delivery(p)
        recurrent = np.minimum(self.banked(world, price), gross)
        single = required * (1.0 - delivery) * p.non_recurrent_savings_share * price
        single = np.minimum(single, gross - recurrent)
        annual[:, LINE["recurrent_savings"]] += recurrent
        annual[:, LINE["non_recurrent_savings"]] += single
        memory.newly_banked = required * delivery * years
        stock.recurrent_savings += memory.newly_banked
        out.savings_delivered = (recurrent + single) * years

    def move_money(self, world: World, annual: np.ndarray, price: np.ndarray) -> None:
        """Move the money of the step and write the statement."""
        _, _, _, _, out, _, move = views(world)
        years = world.clock.years_spanned
        out.statement = annual * years
        received = annual[:, OUTSIDE_INCOME].sum(axis=1) * years
        paid = -(annual[:, SPENDING].sum(axis=1) + annual[:, SAVINGS].sum(axis=1)) * years
        paid = np.maximum(paid, 0.0)
        move.income_received(received)
        for organisation in CONTRACTED:
            contract = annual[organisation, LINE["contracts_received"]] * years
            move.contracts(contract, origin=ICB, target=organisation, record=organisation)
        move.expenditure_paid(paid)
        out.income = received + annual[:, PASSED_ON].sum(axis=1) * years
        out.expenditure = paid
        out.expenditure_real = paid / price

    def publish_deficits(self, world: World, annual: np.ndarray, price: np.ndarray) -> None:
        """Underlying and in-year deficit by organisation, in 2022/23 prices, smoothed.

        What is published stands for the whole step: half-way between its beginning and its end.
        """
        p, _, stock, _, out, _, _ = views(world)
        years = world.clock.years_spanned
        before, in_year_before = stock.underlying_smoothed.copy(), stock.in_year_smoothed.copy()
        now = -annual[:, RECURRENT_LINES].sum(axis=1) / price
        stock.underlying_smoothed = approach(before, now, p.deficit_smoothing, years)
        in_year = -annual.sum(axis=1) / price
        stock.in_year_smoothed = approach(in_year_before, in_year, p.deficit_smoothing, years)
        over_step = 0.5 * (before + stock.underlying_smoothed)
        out.underlying_deficit = over_step[NHS].sum(axis=0)
        out.underlying_deficit_nominal = out.underlying_deficit * price
        out.underlying_deficit_by_organisation = over_step
        out.in_year_deficit = 0.5 * (in_year_before + stock.in_year_smoothed)[NHS].sum(axis=0)

    def release_discretionary(self, world: World, annual: np.ndarray, price: np.ndarray) -> None:
        """What the deficit leaves of planned discretionary spending (R6), and the prevention that is in force."""
        p, gain, stock, _, out, memory, _ = views(world)
        years = world.clock.years_spanned
        allocation = annual[ICB, LINE["allocation"]]
        ratio = safe_ratio(out.underlying_deficit_nominal, allocation, floor=1.0, where_empty=0.0)
        target = discretionary_target(ratio, p.tolerated_deficit, p.discretionary_cut_most, p.discretionary_cut_scale)
        released = np.maximum(1.0 + gain.R6_firefighting * (target - 1.0), 0.0)
        stock.discretionary_released = approach(stock.discretionary_released, released, p.discretionary_delay, years)
        out.discretionary_share = stock.discretionary_released
        spent = -annual[ICB, LINE["prevention"]] / price
        stock.prevention_investment = approach(stock.prevention_investment, spent, p.prevention_delay, years)
        out.prevention_index = safe_ratio(stock.prevention_investment, memory.first_prevention, floor=1.0)
