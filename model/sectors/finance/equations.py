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

from typing import ClassVar

import numpy as np

from model.engine.clock import Clock
from model.engine.dynamics import SMALLEST, approach, filled_and_left, safe_ratio
from model.engine.stepper import Sector
from model.engine.world import World
from model.registry.calendar import DAYS_PER_YEAR
from model.registry.declarations import Flow, Loop, Output, Stock
from model.registry.dimensions import DIMENSIONS, NHS_ORGANISATIONS, adjacent, position, positions
from model.sectors.finance.declarations import FLOWS, LOOPS, OUTPUTS, STOCKS
from model.sectors.urgent_care.equations import UrgentCare

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
    "workforce.in_post": 1.0,
    "workforce.temporary_staff": 1.0,
    "workforce.vacancy_rate": 1.0,
    "urgent_care.attendances": 0.5,
    "urgent_care.bed_days_needed": 0.5,
    "urgent_care.bed_days_delayed": 0.5,
    "urgent_care.escalation_beds": 1.0,
    "discharge.occupied_places": 1.0,
    "discharge.spot_places": 1.0,
    "discharge.long_term_users": 1.0,
    "discharge.waiting_long_term": 1.0,
    "finance.unmet_social_care_need": 1.0,
}
"""Signals that are read as they are in the middle of the step of finance, and where in their owner's step they stand.

A deficit is a small difference of large sums: accounts early or late by days would show in it.
"""

INDICES: dict[str, str] = {
    "finance.pay_index": "finance.pay_award",
    "finance.price_index": "finance.price_inflation",
    "finance.care_price_index": "finance.care_price_inflation",
    "finance.allocation_index": "finance.allocation_growth",
}
"""Index stocks and the table of yearly growth that each follows."""


def post(annual: np.ndarray, organisation: int | slice, line: str, amount: np.ndarray, sign: int = -1) -> None:
    """Add an amount to the statement: expenditure by default, income or a saving with ``sign`` +1."""
    annual[organisation, LINE[line]] += sign * amount


def substantive_pay(world: World, pay_factor: np.ndarray) -> np.ndarray:
    """Pay of staff in post by NHS provider; the pay of programme posts is left out, as programme costs include it."""
    in_post = world.extrapolated("workforce.in_post")[PROVIDER_EMPLOYERS]
    filled = 1.0 - world.extrapolated("workforce.vacancy_rate")[PROVIDER_EMPLOYERS]
    programme = world.p["workforce.programme_posts"][PROVIDER_EMPLOYERS] * filled[:, None]
    paid = np.maximum(in_post - programme, 0.0)
    return (paid * world.p["finance.pay_per_wte"][PROVIDER_EMPLOYERS]).sum(axis=1) * pay_factor


def temporary_pay(world: World, pay_factor: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Pay of temporary staff by NHS provider: the agency part at the agency premium, the rest at the bank premium.

    Returns:
        Cost of all temporary staff, and of agency staff alone.
    """
    staff = world.extrapolated("workforce.temporary_staff")[PROVIDER_EMPLOYERS]
    at_pay_scale = (staff * world.p["finance.pay_per_wte"][PROVIDER_EMPLOYERS]).sum(axis=1) * pay_factor
    share = world.p["finance.agency_share"][PROVIDER_EMPLOYERS]
    agency = at_pay_scale * share * world.p["finance.agency_premium"][PROVIDER_EMPLOYERS]
    bank = at_pay_scale * (1.0 - share) * world.p["finance.bank_premium"]
    return agency + bank, agency


def activity_costs(world: World, reference_need: np.ndarray, price: np.ndarray) -> np.ndarray:
    """Variable non-pay cost by service: its 2019/20 budget x need relative to 2019/20 x price level (2019/20 = 1)."""
    need = world.signal("demand.need").sum(axis=1)
    relative = safe_ratio(need, reference_need, floor=SMALLEST, where_empty=1.0)
    return world.p["finance.activity_budget"] * relative * price


def hospital_activity_cost(world: World, price: np.ndarray, hospital_days: float, list_days: float) -> np.ndarray:
    """Drugs and consumables of acute activity that is done, £ a year.

    Args:
        world: signals and parameters.
        price: price level, 2022/23 = 1.
        hospital_days: days covered by the flows of urgent care.
        list_days: days covered by the flows of waiting lists.
    """
    p = world.p
    urgent = (
        world.extrapolated("urgent_care.attendances") * p["finance.cost_per_attendance"]
        + world.extrapolated("urgent_care.bed_days_needed") * p["finance.cost_per_bed_day"]
    ) * (DAYS_PER_YEAR / hospital_days)
    elective = (
        world.signal("waiting_lists.outpatient_attendances") * p["finance.cost_per_outpatient_attendance"]
        + world.signal("waiting_lists.procedures") * p["finance.cost_per_procedure"]
    ) * (DAYS_PER_YEAR / list_days)
    return (urgent + elective) * price


def escalation_cost(world: World, price: np.ndarray) -> np.ndarray:
    """Cost of escalation beds beyond the staff counted in pay."""
    beds = world.extrapolated("urgent_care.escalation_beds").reshape(-1, world.members).sum(axis=0)
    return beds * world.p["finance.escalation_bed_day_cost"] * DAYS_PER_YEAR * price


def delay_cost(world: World, price: np.ndarray, hospital_days: float) -> np.ndarray:
    """Direct cost of delayed bed days, of which only ``finance.delayed_day_cash_share`` is extra cash."""
    days = world.extrapolated("urgent_care.bed_days_delayed") * (DAYS_PER_YEAR / hospital_days)
    return days * world.p["finance.delayed_bed_day_cost"] * price


def pathway_costs(world: World, price: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Cost of people on discharge pathways by place and pathway, in funded places and in spot places.

    ``discharge.occupied_places`` counts people in funded and spot places alike; the spot ones carry the spot premium.
    """
    day_cost = world.p["finance.pathway_day_cost"][None] * DAYS_PER_YEAR * price
    spot = world.extrapolated("discharge.spot_places")
    funded = np.maximum(world.extrapolated("discharge.occupied_places") - spot, 0.0)
    return funded * day_cost, spot * day_cost * world.p["finance.spot_premium"]


def independent_cost(world: World, price: np.ndarray, list_days: float) -> np.ndarray:
    """Procedures bought from independent providers at full price."""
    procedures = world.signal("waiting_lists.independent_procedures") * (DAYS_PER_YEAR / list_days)
    return procedures * world.p["finance.independent_procedure_cost"] * price


def care_need(world: World, unmet: np.ndarray) -> np.ndarray:
    """Cost-weighted need for long-term social care by place, £ a year in 2022/23 prices before the councils' scale."""
    people = world.extrapolated("discharge.long_term_users") + world.extrapolated("discharge.waiting_long_term")
    unit_cost = world.p["finance.long_term_care_unit_cost"]
    return (people * unit_cost[None]).sum(axis=1) + unmet * world.p["finance.unmet_need_unit_cost"]


def discretionary_target(ratio: np.ndarray, tolerated: np.ndarray, most: np.ndarray, scale: np.ndarray) -> np.ndarray:
    """Share of planned discretionary spend released at a deficit of ``ratio`` of income: 1 while it is tolerated.

    Beyond, it falls with saturation towards ``1 - most``: ``1 - most (1 - exp(-(ratio - tolerated) / scale))``.
    """
    return 1.0 + most * np.expm1(-np.maximum(ratio - tolerated, 0.0) / scale)


def base_year_share(clock: Clock, base_year_days: np.ndarray) -> float:
    """Weight of this step in the running mean over the base year: 0 from the step on that reaches beyond it."""
    end = clock.day + clock.span
    return 0.0 if end > float(np.max(base_year_days)) else clock.span / end


def savings_delivery(world: World) -> np.ndarray:
    """Share of required savings that is delivered recurrently, by organisation; a settlement ahead raises it."""
    p = world.p
    raised = 1.0 + p["finance.settlement_delivery_gain"] * p["finance.settlement_certainty"]
    return np.minimum(p["finance.savings_delivery"] * raised, 1.0)


class Finance(Sector):
    """Money of the NHS organisations, the three councils' adult social care and the voluntary sector."""

    name: ClassVar[str] = "finance"
    title: ClassVar[str] = "Finance"
    every: ClassVar[int] = 2
    stocks: ClassVar[tuple[Stock, ...]] = STOCKS
    flows: ClassVar[tuple[Flow, ...]] = FLOWS
    outputs: ClassVar[tuple[Output, ...]] = OUTPUTS
    loops: ClassVar[tuple[Loop, ...]] = LOOPS

    def initialise(self, world: World) -> None:
        """Open the accounts at the stated position of April 2019."""
        p, stocks, out = world.p, world.stocks, world.outputs
        self._annual = np.zeros((len(ORGANISATION), len(LINE), world.members))
        self._year = 0
        stocks["finance.balance"][...] = p["finance.opening_balance"]
        yearly = (*INDICES, "finance.council_budget_index")
        for name in (*yearly, "finance.fixed_volume", "finance.discretionary_released"):
            stocks[name][...] = 1.0
        self._year_end = {name: stocks[name].copy() for name in yearly}
        world.track_signals(self.name, TRACKED_SIGNALS)
        self._newly_banked = np.zeros_like(stocks["finance.recurrent_savings"])
        self._base_level = {
            name: np.prod(1.0 + p[table][1 : PRICE_BASE + 1], axis=0) for name, table in INDICES.items()
        }
        opening = p["finance.opening_deficit"] * self._base_level["finance.price_index"]
        stocks["finance.underlying_smoothed"][...] = opening
        stocks["finance.in_year_smoothed"][...] = opening
        share = p["finance.opening_funded_share"]
        stocks["finance.funded_share"][...] = share
        self._backlog_reference = (1.0 - share) / p["finance.unmet_need_resolution_rate"]
        yearly_need = world.signal("demand.need")[LONG_TERM_CARE] * DAYS_PER_YEAR
        stocks["finance.unmet_social_care_need"][...] = yearly_need * self._backlog_reference
        planned = p["finance.opening_allocation"] * p["finance.prevention_budget_share"]
        self._prevention_reference = planned * self._base_level["finance.price_index"]
        stocks["finance.prevention_investment"][...] = self._prevention_reference
        for name in ("finance.discretionary_share", "finance.unmet_need_effect", "finance.prevention_index"):
            out[name][...] = 1.0
        out["finance.social_care_funded_share"][...] = share
        out["finance.underlying_deficit"][...] = opening[NHS].sum(axis=0)
        out["finance.in_year_deficit"][...] = opening[NHS].sum(axis=0)

    def step(self, world: World) -> None:
        """Draw up the accounts of the step, move the money and derive the signals."""
        self._share = base_year_share(world.clock, world.p["finance.base_year_days"])
        self._advance_indices(world)
        price_index = world.stocks["finance.price_index"]
        self._price = price_index / self._base_level["finance.price_index"]
        self._pay = world.stocks["finance.pay_index"] / self._base_level["finance.pay_index"]
        self._annual.fill(0.0)
        self._income(world)
        self._staff(world)
        self._activity(world)
        self._hospital(world)
        self._programmes(world)
        self._social_care(world)
        self._fixed_costs(world)
        self._savings(world)
        self._move_money(world)
        self._deficits(world)
        self._discretionary(world)

    def _growth(self, world: World, table: str, year: int) -> np.ndarray:
        """Growth of an index in a financial year, with the extra that a future or scenario adds."""
        p = world.p
        growth = p[table][year]
        if table == "finance.pay_award":
            return growth + p["finance.pay_award_extra"]
        if table == "finance.allocation_growth":
            weight = p["finance.pay_weight"]
            extra = weight * p["finance.pay_award_extra"] + (1.0 - weight) * p["finance.price_inflation_extra"]
            return growth + p["finance.allocation_growth_extra"] + p["finance.inflation_funded_share"] * extra
        return growth + p["finance.price_inflation_extra"]

    def _advance_indices(self, world: World) -> None:
        """Set each index to its level at the end of last year x (1 + growth of this year), from 1 April.

        Growth counts by the share of the step that lies in the new year: results do not depend on where steps fall.
        """
        year, share = world.clock.financial_years()[-1]
        if year != self._year:
            self._year = year
            for name, level in self._year_end.items():
                level[...] = world.stocks[name]
        if year == 0:
            return
        column = min(year, len(YEARS) - 1)
        for name, table in INDICES.items():
            world.stocks[name][...] = self._year_end[name] * (1.0 + share * self._growth(world, table, column))
        name = "finance.council_budget_index"
        world.stocks[name][...] = self._year_end[name] * (1.0 + share * world.p["finance.council_budget_growth"])

    def _income(self, world: World) -> None:
        """Allocation, council budgets and one-off funding; contracts and prevention out of the allocation."""
        p, annual = world.p, self._annual
        allocation = p["finance.opening_allocation"] * world.stocks["finance.allocation_index"]
        released = world.outputs["finance.discretionary_share"]
        post(annual, ICB, "allocation", allocation, +1)
        post(annual, ICB, "prevention", allocation * p["finance.prevention_budget_share"] * released)
        for organisation in CONTRACTED:
            contract = allocation * p["finance.contract_share"][organisation]
            if organisation == VCSE:
                contract = contract * released
            post(annual, organisation, "contracts_received", contract, +1)
            post(annual, ICB, "contracts_paid", contract)
        budget = p["finance.opening_council_budget"] * world.stocks["finance.council_budget_index"]
        post(annual, COUNCILS, "council_budget", budget, +1)
        annual[:, LINE["non_recurrent_funding"]] += p["finance.non_recurrent_funding"]

    def _staff(self, world: World) -> None:
        """Pay of staff in post and of temporary staff."""
        post(self._annual, PROVIDERS, "substantive_pay", substantive_pay(world, self._pay))
        temporary, agency = temporary_pay(world, self._pay)
        post(self._annual, PROVIDERS, "temporary_staff", temporary)
        world.outputs["finance.agency_spend"][...] = agency.sum(axis=0) * world.clock.years_spanned

    def _activity(self, world: World) -> None:
        """Variable non-pay cost of the services for which there is need."""
        reference = world.stocks["finance.reference_need"]
        if self._share:
            reference += (world.signal("demand.need").sum(axis=1) - reference) * self._share
        costs = activity_costs(world, reference, world.stocks["finance.price_index"])
        for service, index in SERVICE.items():
            line = "prescribing" if index == PRESCRIPTION else "activity_costs"
            post(self._annual, ORGANISATION[PAYER_OF_SERVICE[service]], line, costs[index])

    def _hospital(self, world: World) -> None:
        """Acute activity, escalation, delay, discharge pathways and independent providers."""
        annual, price, clock = self._annual, self._price, world.clock
        hospital_days = clock.step_days * UrgentCare.every
        activity = hospital_activity_cost(world, price, hospital_days, clock.span)
        post(annual, ACUTE, "activity_costs", activity)
        post(annual, ACUTE, "escalation_beds", escalation_cost(world, price))
        delay = delay_cost(world, price, hospital_days)
        post(annual, ACUTE, "delayed_bed_days", delay * world.p["finance.delayed_day_cash_share"])
        world.outputs["finance.cost_of_delay"][...] = delay * clock.years_spanned
        post(annual, ICB, "independent_sector", independent_cost(world, price, clock.span))
        share = world.p["finance.pathway_nhs_share"]
        for line, cost in zip(("discharge_pathways", "spot_purchase"), pathway_costs(world, price), strict=True):
            post(annual, ICB, line, (cost * share).sum(axis=(0, 1)))
            post(annual, COUNCILS, line, (cost * (1.0 - share)).sum(axis=1))

    def _programmes(self, world: World) -> None:
        """Costs of interventions, each to its payer; capital is met by capital funding up to a stated share."""
        costs = world.p["finance.programme_cost"] * self._price
        for kind, index in COST_TYPE.items():
            self._annual[:, LINE[f"programme_{kind}"]] -= costs[:, index]
        capital = costs[:, COST_TYPE["capital"]] * world.p["finance.capital_funded_share"]
        self._annual[:, LINE["capital_funding"]] += capital
        world.outputs["finance.programme_spend"][...] = costs * world.clock.years_spanned

    def _social_care(self, world: World) -> None:
        """Councils' budgets against the cost of need for long-term care; the backlog of need that they do not meet."""
        p, stocks, out, annual = world.p, world.stocks, world.outputs, self._annual
        budget = np.maximum(annual[COUNCILS].sum(axis=1), 0.0)
        unmet = world.extrapolated("finance.unmet_social_care_need")
        need = care_need(world, unmet) * stocks["finance.care_price_index"]
        scale = stocks["finance.care_cost_scale"]
        if self._share:
            closing = budget / (p["finance.opening_funded_share"] * np.maximum(need, 1.0))
            scale += (closing - scale) * self._share
            cost = budget / p["finance.opening_funded_share"]
        else:
            cost = need * scale
        spent = np.minimum(budget, cost)
        post(annual, COUNCILS, "long_term_care", spent)
        funded = safe_ratio(spent, cost, floor=SMALLEST, where_empty=1.0)
        share = stocks["finance.funded_share"]
        share[...] = approach(share, funded, p["finance.funded_share_delay"], world.clock.years_spanned)
        out["finance.social_care_funded_share"][...] = share
        out["finance.social_care_gap"][...] = (cost - spent) / self._price
        self._unmet_need(world, share)

    def _unmet_need(self, world: World, funded_share: np.ndarray) -> None:
        """Backlog of unmet need by place, and what it adds to emergency need (R5)."""
        p, out = world.p, world.outputs
        arising = np.maximum(world.signal("demand.need")[LONG_TERM_CARE], 0.0)
        unfunded = arising * (1.0 - funded_share) * world.clock.span
        backlog = world.stocks["finance.unmet_social_care_need"]
        resolved = filled_and_left(
            backlog, unfunded, p["finance.unmet_need_resolution_rate"], world.clock.years_spanned
        )
        world.move("finance.need_left_unmet", unfunded)
        world.move("finance.need_resolved", resolved)
        yearly = arising * DAYS_PER_YEAR
        relative = safe_ratio(backlog, yearly, floor=SMALLEST, where_empty=self._backlog_reference)
        effect = p["finance.unmet_need_strength"] * (relative - self._backlog_reference)
        out["finance.unmet_need_effect"][...] = np.maximum(1.0 + p["loops.R5_unmet_social_care"] * effect, 0.0)

    def _fixed_costs(self, world: World) -> None:
        """Overheads and fixed costs: what closes the accounts of the base year, indexed; the VCSE spends its income."""
        p, stocks, annual = world.p, world.stocks, self._annual
        base, volume = stocks["finance.fixed_cost_base"], stocks["finance.fixed_volume"]
        indexed = stocks["finance.price_index"] * volume[NHS]
        if self._share:
            result = annual[NHS][:, RECURRENT_LINES].sum(axis=1)
            result += self._banked(world)[NHS]
            closing = np.maximum(result + p["finance.opening_deficit"][NHS], 0.0) / indexed
            base[NHS] += (closing - base[NHS]) * self._share
            fixed = closing * indexed
        else:
            volume *= (1.0 + p["finance.fixed_cost_growth"]) ** world.clock.years_spanned
            fixed = base[NHS] * indexed
        post(annual, NHS, "fixed_costs", fixed * p["finance.fixed_cost_multiplier"][NHS])
        post(annual, VCSE, "fixed_costs", np.maximum(annual[VCSE].sum(axis=0), 0.0))

    def _banked(self, world: World) -> np.ndarray:
        """Recurrent savings banked by the middle of the step, £ a year at the prices of the day."""
        return (world.stocks["finance.recurrent_savings"] + 0.5 * self._newly_banked) * self._price

    def _savings(self, world: World) -> None:
        """Recurrent and one-off savings, never more than there is to save on, and one-off costs of short planning."""
        p, annual, years = world.p, self._annual, world.clock.years_spanned
        certainty = p["finance.settlement_certainty"]
        one_off = p["finance.non_recurrent_cost_share"] * (1.0 - p["finance.settlement_cost_relief"] * certainty)
        income = annual[:, LINE["allocation"]] + annual[:, PASSED_ON].sum(axis=1)
        annual[:, LINE["non_recurrent_costs"]] -= one_off * np.maximum(income, 0.0)
        gross = -annual[:, SPENDING].sum(axis=1)
        recovery = p["finance.recovery_ambition"] * np.maximum(world.stocks["finance.underlying_smoothed"], 0.0)
        required = p["finance.savings_target"] * gross / self._price + recovery
        required[COUNCILS] = 0.0
        required[VCSE] = 0.0
        delivery = savings_delivery(world)
        recurrent = np.minimum(self._banked(world), gross)
        single = required * (1.0 - delivery) * p["finance.non_recurrent_savings_share"] * self._price
        single = np.minimum(single, gross - recurrent)
        annual[:, LINE["recurrent_savings"]] += recurrent
        annual[:, LINE["non_recurrent_savings"]] += single
        self._newly_banked[...] = required * delivery * years
        world.stocks["finance.recurrent_savings"][...] += self._newly_banked
        world.outputs["finance.savings_delivered"][...] = (recurrent + single) * years

    def _move_money(self, world: World) -> None:
        """Move the money of the step and write the statement."""
        annual, years, out = self._annual, world.clock.years_spanned, world.outputs
        np.multiply(annual, years, out=out["finance.statement"])
        received = annual[:, OUTSIDE_INCOME].sum(axis=1) * years
        paid = -(annual[:, SPENDING].sum(axis=1) + annual[:, SAVINGS].sum(axis=1)) * years
        paid = np.maximum(paid, 0.0)
        world.move("finance.income_received", received)
        for organisation in CONTRACTED:
            contract = annual[organisation, LINE["contracts_received"]] * years
            world.move("finance.contracts", contract, origin=ICB, target=organisation, record=organisation)
        world.move("finance.expenditure_paid", paid)
        out["finance.income"][...] = received + annual[:, PASSED_ON].sum(axis=1) * years
        out["finance.expenditure"][...] = paid
        out["finance.expenditure_real"][...] = paid / self._price

    def _deficits(self, world: World) -> None:
        """Underlying and in-year deficit by organisation, in 2022/23 prices, smoothed."""
        p, stocks, out, years = world.p, world.stocks, world.outputs, world.clock.years_spanned
        underlying = stocks["finance.underlying_smoothed"]
        in_year = stocks["finance.in_year_smoothed"]
        now = -self._annual[:, RECURRENT_LINES].sum(axis=1) / self._price
        delay = p["finance.deficit_smoothing"]
        before, in_year_before = underlying.copy(), in_year.copy()
        underlying[...] = approach(underlying, now, delay, years)
        in_year[...] = approach(in_year, -self._annual.sum(axis=1) / self._price, delay, years)
        # What is published stands for the whole step: half-way between its beginning and its end.
        over_step = 0.5 * (before + underlying)
        total = over_step[NHS].sum(axis=0)
        out["finance.underlying_deficit"][...] = total
        out["finance.underlying_deficit_nominal"][...] = total * self._price
        out["finance.underlying_deficit_by_organisation"][...] = over_step
        out["finance.in_year_deficit"][...] = 0.5 * (in_year_before + in_year)[NHS].sum(axis=0)

    def _discretionary(self, world: World) -> None:
        """What the deficit leaves of planned discretionary spending (R6), and the prevention that is in force."""
        p, stocks, out, years = world.p, world.stocks, world.outputs, world.clock.years_spanned
        allocation = self._annual[ICB, LINE["allocation"]]
        deficit = out["finance.underlying_deficit_nominal"]
        ratio = safe_ratio(deficit, allocation, floor=1.0, where_empty=0.0)
        target = discretionary_target(
            ratio,
            p["finance.tolerated_deficit"],
            p["finance.discretionary_cut_most"],
            p["finance.discretionary_cut_scale"],
        )
        gated = 1.0 + p["loops.R6_firefighting"] * (target - 1.0)
        released = stocks["finance.discretionary_released"]
        released[...] = approach(released, np.maximum(gated, 0.0), p["finance.discretionary_delay"], years)
        out["finance.discretionary_share"][...] = released
        spent = -self._annual[ICB, LINE["prevention"]] / self._price
        investment = stocks["finance.prevention_investment"]
        investment[...] = approach(investment, spent, p["finance.prevention_delay"], years)
        out["finance.prevention_index"][...] = safe_ratio(investment, self._prevention_reference, floor=1.0)
