"""Stocks, flows, outputs and loops of the finance sector."""

from __future__ import annotations

import math

from model.registry.declarations import OUTSIDE, Flow, Kind, Link, Loop, Output, Stock

ANY = (-math.inf, math.inf)
POSITIVE = (0.0, math.inf)
_ORGANISATION = ("organisation",)


def _index(
    name: str,
    description: str,
    dims: tuple[str, ...] = (),
    unit: str = "1",
    recorded: bool = False,
    bounds: tuple[float, float] = POSITIVE,
) -> Stock:
    """An index stock: a level or a smoothed signal that is set, not moved."""
    return Stock(
        name=f"finance.{name}", description=description, unit=unit, dims=dims, substance="index", recorded=recorded,
        bounds=bounds,
    )  # fmt: skip


STOCKS: tuple[Stock, ...] = (
    Stock(
        name="finance.balance", dims=("organisation",), unit="£", substance="money", label="Cumulative balance",
        description="Cumulative balance of each organisation with its reserves of March 2019, nominal.",
    ),
    Stock(
        name="finance.unmet_social_care_need", dims=("place",), unit="people", substance="people_in_need",
        description="People whose need for long-term care is beyond what the council's budget funds.",
        bounds=POSITIVE, label="Backlog of unmet social care need",
    ),
    _index("recurrent_savings", "Recurrent savings banked, 2022/23 prices.", _ORGANISATION, "£/year", True),
    _index("prevention_investment", "Prevention spending in force, 2022/23 prices.", (), "£/year", True),
    _index("pay_index", "Level of NHS pay, 1 = 2019/20.", recorded=True),
    _index("price_index", "Level of non-pay prices, 1 = 2019/20.", recorded=True),
    _index("care_price_index", "Level of social care prices, 1 = 2019/20.", recorded=True),
    _index("allocation_index", "Level of the NHS allocation, 1 = 2019/20.", recorded=True),
    _index("council_budget_index", "Level of adult social care budgets, 1 = 2019/20.", ("place",), recorded=True),
    _index("funded_share", "Share of the cost of need that the council funds, smoothed.", ("place",)),
    _index("discretionary_released", "Share of planned discretionary spending released, after the delay of budgets."),
    _index("underlying_smoothed", "Underlying deficit, smoothed, 2022/23 prices.", _ORGANISATION, "£/year", bounds=ANY),
    _index("in_year_smoothed", "In-year deficit, smoothed, 2022/23 prices.", _ORGANISATION, "£/year", bounds=ANY),
    _index("fixed_cost_base", "Overheads and fixed costs of the base year, 2019/20 prices.", _ORGANISATION, "£/year"),
    _index("fixed_volume", "Real growth of overheads and fixed costs, 1 = 2019/20.", _ORGANISATION),
    _index("care_cost_scale", "Councils' cost of care relative to the unit costs in the base year.", ("place",)),
    _index("reference_need", "Mean need for each service in the base year.", ("service",), "1/day"),
)  # fmt: skip

FLOWS: tuple[Flow, ...] = (
    Flow(
        name="finance.income_received", dims=("organisation",), unit="£", kind=Kind.MONEY, origin=OUTSIDE,
        target="finance.balance", description="Allocation, council budgets and other funding from outside the system.",
    ),
    Flow(
        name="finance.contracts", dims=("organisation",), unit="£", kind=Kind.MONEY, origin="finance.balance",
        target="finance.balance", description="Contracts paid by the ICB, by the organisation that receives them.",
    ),
    Flow(
        name="finance.expenditure_paid", dims=("organisation",), unit="£", kind=Kind.MONEY, origin="finance.balance",
        target=OUTSIDE, description="Money that leaves the system for staff, goods and services, after savings.",
    ),
    Flow(
        name="finance.need_left_unmet", dims=("place",), unit="people", origin=OUTSIDE,
        target="finance.unmet_social_care_need",
        description="People newly in need of long-term care who are not funded.",
    ),
    Flow(
        name="finance.need_resolved", dims=("place",), unit="people", origin="finance.unmet_social_care_need",
        target=OUTSIDE, description="People who leave the backlog: funded later, cared for by family, or died.",
    ),
)  # fmt: skip

OUTPUTS: tuple[Output, ...] = (
    Output(
        name="finance.discretionary_share", unit="1", kind=Kind.SHARE, better="higher",
        label="Discretionary spending released",
        description="Share of planned spending on prevention, the voluntary sector and posts that the deficit leaves.",
    ),
    Output(
        name="finance.social_care_funded_share", dims=("place",), unit="1", kind=Kind.SHARE, better="higher",
        description="Council budget for long-term care over the cost of need.", label="Social care need that is funded",
    ),
    Output(
        name="finance.unmet_need_effect", dims=("place",), unit="1", kind=Kind.INDEX, label="Effect of unmet need",
        description="Multiplier on emergency need from unmet need for social care, 1 = the backlog of April 2019 (R5).",
    ),
    Output(
        name="finance.underlying_deficit", unit="£/year", better="lower", label="Underlying NHS deficit",
        description="Recurrent expenditure less recurrent income of NHS organisations, smoothed, in 2022/23 prices.",
    ),
    Output(
        name="finance.underlying_deficit_nominal", unit="£/year", better="lower",
        label="Underlying NHS deficit, nominal",
        description="Recurrent expenditure less recurrent income of NHS organisations, smoothed, nominal.",
    ),
    Output(
        name="finance.underlying_deficit_by_organisation", dims=_ORGANISATION, unit="£/year", better="lower",
        description="Recurrent expenditure less recurrent income by organisation, smoothed, in 2022/23 prices.",
        label="Underlying deficit by organisation",
    ),
    Output(
        name="finance.in_year_deficit", unit="£/year", better="lower", label="In-year NHS deficit",
        description="NHS deficit with one-off funding, savings and costs, smoothed, in 2022/23 prices.",
    ),
    Output(
        name="finance.social_care_gap", dims=("place",), unit="£/year", better="lower",
        label="Social care funding gap",
        description="Cost of need for long-term care beyond the council's budget, in 2022/23 prices.",
    ),
    Output(
        name="finance.income", dims=_ORGANISATION, unit="£", kind=Kind.MONEY, label="Income",
        description="Income by organisation, nominal; contracts count with who receives them, so it adds up.",
    ),
    Output(
        name="finance.expenditure", dims=_ORGANISATION, unit="£", kind=Kind.MONEY, label="Expenditure",
        description="Expenditure by organisation after savings, nominal; contracts paid count as income passed on.",
    ),
    Output(
        name="finance.expenditure_real", dims=_ORGANISATION, unit="£", kind=Kind.MONEY,
        label="Expenditure, 2022/23 prices",
        description="Expenditure by organisation after savings, in 2022/23 prices.",
    ),
    Output(
        name="finance.statement", dims=("organisation", "statement_line"), unit="£", kind=Kind.MONEY,
        description="Income and expenditure statement, nominal: income and savings positive, expenditure negative.",
        label="Income and expenditure statement",
    ),
    Output(
        name="finance.agency_spend", unit="£", kind=Kind.MONEY, better="lower", label="Agency spending",
        description="Cost of agency staff of NHS providers, nominal.",
    ),
    Output(
        name="finance.cost_of_delay", unit="£", kind=Kind.MONEY, better="lower", label="Cost of delayed bed days",
        description="Direct cost of bed days of patients without criteria to reside, of which a share is cash.",
    ),
    Output(
        name="finance.programme_spend", dims=("organisation", "cost_type"), unit="£", kind=Kind.MONEY,
        description="Cost of interventions by who pays and by type, nominal.", label="Programme costs by payer",
    ),
    Output(
        name="finance.savings_delivered", dims=_ORGANISATION, unit="£", kind=Kind.MONEY, better="higher",
        description="Recurrent savings in force and one-off savings of the period, nominal.", label="Savings delivered",
    ),
    Output(
        name="finance.prevention_index", unit="1", kind=Kind.INDEX, better="higher", label="Prevention in force",
        description="Prevention spending in force in real terms, 1 = April 2019.",
    ),
)  # fmt: skip

LOOPS: tuple[Loop, ...] = (
    Loop(
        identifier="R5", name="unmet social care",
        description="Budgets below need leave people without care; they are admitted, stay longer and need more care.",
        links=(
            Link(cause="finance.social_care_funded_share", effect="finance.unmet_social_care_need", sign=-1),
            Link(cause="finance.unmet_social_care_need", effect="finance.unmet_need_effect", sign=+1),
            Link(cause="finance.unmet_need_effect", effect="urgent_care.emergency_admissions", sign=+1),
            Link(cause="urgent_care.emergency_admissions", effect="discharge.waiting_long_term", sign=+1),
            Link(cause="discharge.waiting_long_term", effect="finance.social_care_funded_share", sign=-1),
        ),
        gain="loops.R5_unmet_social_care", strength=("finance.unmet_need_strength",),
        shows_in=("finance.unmet_need_effect", +1),
    ),
    Loop(
        identifier="R6", name="firefighting",
        description="A deficit cuts prevention, the voluntary sector and posts; need rises, and so the deficit.",
        links=(
            Link(cause="finance.underlying_deficit", effect="finance.discretionary_share", sign=-1),
            Link(cause="finance.discretionary_share", effect="finance.prevention_index", sign=+1),
            Link(cause="finance.prevention_index", effect="population.condition_burden", sign=-1),
            Link(cause="population.condition_burden", effect="urgent_care.emergency_admissions", sign=+1),
            Link(cause="urgent_care.emergency_admissions", effect="finance.expenditure", sign=+1),
            Link(cause="finance.expenditure", effect="finance.underlying_deficit", sign=+1),
        ),
        gain="loops.R6_firefighting",
        strength=("finance.tolerated_deficit", "finance.discretionary_cut_most", "finance.discretionary_cut_scale"),
        shows_in=("finance.discretionary_share", -1),
    ),
)  # fmt: skip
