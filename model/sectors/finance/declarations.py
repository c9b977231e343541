"""What the finance sector declares: stocks, flows, outputs and loops."""

from __future__ import annotations

from model.registry.declarations import (
    OUTSIDE,
    UNBOUNDED,
    Declare,
    Flow,
    Kind,
    Link,
    Loop,
    Memory,
    Output,
    Stock,
    named,
)

ORGANISATION = ("organisation",)
PLACE = ("place",)

# Tables, laid out by hand.
# fmt: off

declare = Declare("finance")

STOCKS: tuple[Stock, ...] = (
    declare.stock(
        "balance", "Cumulative balance of each organisation with its reserves of March 2019, nominal.", "£", "money",
        ORGANISATION, bounds=UNBOUNDED, label="Cumulative balance",
    ),
    declare.stock(
        "unmet_social_care_need", "People whose need for long-term care is beyond what the council's budget funds.",
        "people", "people_in_need", PLACE, label="Backlog of unmet social care need",
    ),
    declare.stock("recurrent_savings", "Recurrent savings banked, 2022/23 prices.", "£/year", "index", ORGANISATION),
    declare.stock("prevention_investment", "Prevention spending in force, 2022/23 prices.", "£/year", "index"),
    declare.stock("pay_index", "Level of NHS pay, 1 = 2019/20.", "1", "index"),
    declare.stock("price_index", "Level of non-pay prices, 1 = 2019/20.", "1", "index"),
    declare.stock("care_price_index", "Level of social care prices, 1 = 2019/20.", "1", "index"),
    declare.stock("allocation_index", "Level of the NHS allocation, 1 = 2019/20.", "1", "index"),
    declare.stock("council_budget_index", "Level of adult social care budgets, 1 = 2019/20.", "1", "index", PLACE),
    declare.stock(
        "funded_share", "Share of the cost of need that the council funds, smoothed.", "1", "index", PLACE,
        recorded=False,
    ),
    declare.stock(
        "discretionary_released", "Share of planned discretionary spending released, after the delay of budgets.", "1",
        "index", recorded=False,
    ),
    declare.stock(
        "underlying_smoothed", "Underlying deficit, smoothed, 2022/23 prices.", "£/year", "index", ORGANISATION,
        bounds=UNBOUNDED, recorded=False,
    ),
    declare.stock(
        "in_year_smoothed", "In-year deficit, smoothed, 2022/23 prices.", "£/year", "index", ORGANISATION,
        bounds=UNBOUNDED, recorded=False,
    ),
    declare.stock(
        "fixed_cost_base", "Overheads and fixed costs of the base year, 2019/20 prices.", "£/year", "index",
        ORGANISATION, recorded=False,
    ),
    declare.stock(
        "fixed_volume", "Real growth of overheads and fixed costs, 1 = 2019/20.", "1", "index", ORGANISATION,
        recorded=False,
    ),
    declare.stock(
        "care_cost_scale", "Councils' cost of care relative to the unit costs in the base year.", "1", "index", PLACE,
        recorded=False,
    ),
    declare.stock(
        "reference_need", "Mean need for each service in the base year.", "1/day", "index", ("service",),
        recorded=False,
    ),
)

FLOWS: tuple[Flow, ...] = (
    declare.flow(
        "income_received", "Allocation, council budgets and other funding from outside the system.", "£", OUTSIDE,
        "balance", ORGANISATION, kind=Kind.MONEY,
    ),
    declare.flow(
        "contracts", "Contracts paid by the ICB, by the organisation that receives them.", "£", "balance", "balance",
        ORGANISATION, kind=Kind.MONEY,
    ),
    declare.flow(
        "expenditure_paid", "Money that leaves the system for staff, goods and services, after savings.", "£",
        "balance", OUTSIDE, ORGANISATION, kind=Kind.MONEY,
    ),
    declare.flow(
        "need_left_unmet", "People newly in need of long-term care who are not funded.", "people", OUTSIDE,
        "unmet_social_care_need", PLACE,
    ),
    declare.flow(
        "need_resolved", "People who leave the backlog: funded later, cared for by family, or died.", "people",
        "unmet_social_care_need", OUTSIDE, PLACE,
    ),
)

OUTPUTS: tuple[Output, ...] = (
    declare.output(
        "discretionary_share",
        "Share of planned spending on prevention, the voluntary sector and posts that the deficit leaves.", "1",
        Kind.SHARE, label="Discretionary spending released", better="higher",
    ),
    declare.output(
        "social_care_funded_share", "Council budget for long-term care over the cost of need.", "1", Kind.SHARE, PLACE,
        label="Social care need that is funded", better="higher",
    ),
    declare.output(
        "unmet_need_effect",
        "Multiplier on emergency need from unmet need for social care, 1 = the backlog of April 2019 (R5).", "1",
        Kind.INDEX, PLACE, label="Effect of unmet need",
    ),
    declare.output(
        "underlying_deficit",
        "Recurrent expenditure less recurrent income of NHS organisations, smoothed, in 2022/23 prices.", "£/year",
        Kind.RATE, label="Underlying NHS deficit", better="lower",
    ),
    declare.output(
        "underlying_deficit_nominal",
        "Recurrent expenditure less recurrent income of NHS organisations, smoothed, nominal.", "£/year", Kind.RATE,
        label="Underlying NHS deficit, nominal", better="lower",
    ),
    declare.output(
        "underlying_deficit_by_organisation",
        "Recurrent expenditure less recurrent income by organisation, smoothed, in 2022/23 prices.", "£/year",
        Kind.RATE, ORGANISATION, label="Underlying deficit by organisation", better="lower",
    ),
    declare.output(
        "in_year_deficit", "NHS deficit with one-off funding, savings and costs, smoothed, in 2022/23 prices.",
        "£/year", Kind.RATE, label="In-year NHS deficit", better="lower",
    ),
    declare.output(
        "social_care_gap", "Cost of need for long-term care beyond the council's budget, in 2022/23 prices.", "£/year",
        Kind.RATE, PLACE, label="Social care funding gap", better="lower",
    ),
    declare.output(
        "income", "Income by organisation, nominal; contracts count with who receives them, so it adds up.", "£",
        Kind.MONEY, ORGANISATION, label="Income",
    ),
    declare.output(
        "expenditure", "Expenditure by organisation after savings, nominal; contracts paid count as income passed on.",
        "£", Kind.MONEY, ORGANISATION, label="Expenditure",
    ),
    declare.output(
        "expenditure_real", "Expenditure by organisation after savings, in 2022/23 prices.", "£", Kind.MONEY,
        ORGANISATION, label="Expenditure, 2022/23 prices",
    ),
    declare.output(
        "statement", "Income and expenditure statement, nominal: income and savings positive, expenditure negative.",
        "£", Kind.MONEY, ("organisation", "statement_line"), label="Income and expenditure statement",
    ),
    declare.output(
        "agency_spend", "Cost of agency staff of NHS providers, nominal.", "£", Kind.MONEY, label="Agency spending",
        better="lower",
    ),
    declare.output(
        "cost_of_delay", "Direct cost of bed days of patients without criteria to reside, of which a share is cash.",
        "£", Kind.MONEY, label="Cost of delayed bed days", better="lower",
    ),
    declare.output(
        "programme_spend", "Cost of interventions by who pays and by type, nominal.", "£", Kind.MONEY,
        ("organisation", "cost_type"), label="Programme costs by payer",
    ),
    declare.output(
        "savings_delivered", "Recurrent savings in force and one-off savings of the period, nominal.", "£", Kind.MONEY,
        ORGANISATION, label="Savings delivered", better="higher",
    ),
    declare.output(
        "prevention_index", "Prevention spending in force in real terms, 1 = April 2019.", "1", Kind.INDEX,
        label="Prevention in force", better="higher",
    ),
)

MEMORY: tuple[Memory, ...] = (
    *(
        declare.memory(f"{index}_at_year_end", "Level of the index at the end of the last financial year.", "1", dims)
        for index, dims in (
            ("pay_index", ()), ("price_index", ()), ("care_price_index", ()), ("allocation_index", ()),
            ("council_budget_index", PLACE),
        )
    ),
    declare.memory("price_base", "Price index of 2022/23, as planned in April 2019.", "1"),
    declare.memory("pay_base", "Pay index of 2022/23, as planned in April 2019.", "1"),
    declare.memory("newly_banked", "Recurrent savings of the last step, 2022/23 prices.", "£/year", ORGANISATION),
    declare.memory("first_backlog", "Backlog of unmet need over yearly need in April 2019.", "1", PLACE),
    declare.memory("first_prevention", "Prevention spending of April 2019, 2022/23 prices.", "£/year"),
)

LOOPS: tuple[Loop, ...] = (
    Loop(
        identifier="R5", name="unmet social care", gain="loops.R5_unmet_social_care",
        description="Budgets below need leave people without care; they are admitted, stay longer and need more care.",
        links=(
            Link("finance.social_care_funded_share", "finance.unmet_social_care_need", -1),
            Link("finance.unmet_social_care_need", "finance.unmet_need_effect", +1),
            Link("finance.unmet_need_effect", "urgent_care.emergency_admissions", +1),
            Link("urgent_care.emergency_admissions", "discharge.waiting_long_term", +1),
            Link("discharge.waiting_long_term", "finance.social_care_funded_share", -1),
        ),
        strength=("finance.unmet_need_strength",),
        shows_in=("finance.unmet_need_effect", +1),
    ),
    Loop(
        identifier="R6", name="firefighting", gain="loops.R6_firefighting",
        description="A deficit cuts prevention, the voluntary sector and posts; need rises, and so the deficit.",
        links=(
            Link("finance.underlying_deficit", "finance.discretionary_share", -1),
            Link("finance.discretionary_share", "finance.prevention_index", +1),
            Link("finance.prevention_index", "population.condition_burden", -1),
            Link("population.condition_burden", "urgent_care.emergency_admissions", +1),
            Link("urgent_care.emergency_admissions", "finance.expenditure", +1),
            Link("finance.expenditure", "finance.underlying_deficit", +1),
        ),
        strength=("finance.tolerated_deficit", "finance.discretionary_cut_most", "finance.discretionary_cut_scale"),
        shows_in=("finance.discretionary_share", -1),
    ),
)

# fmt: on

# Signals that other sectors read.
DISCRETIONARY_SHARE = named(OUTPUTS, "discretionary_share")
PREVENTION_INDEX = named(OUTPUTS, "prevention_index")
SOCIAL_CARE_FUNDED_SHARE = named(OUTPUTS, "social_care_funded_share")
UNMET_NEED_EFFECT = named(OUTPUTS, "unmet_need_effect")
