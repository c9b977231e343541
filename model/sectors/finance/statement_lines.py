"""Lines of the income and expenditure statement, as pure functions of the signals of the other sectors.

Every function returns £ a year at the prices of the day, positive for income and for expenditure alike; ``post`` puts
the amounts into the statement with their sign. Unit costs are in 2022/23 prices, opening budgets in those of 2019/20.
"""

from __future__ import annotations

import numpy as np

from model.engine.world import World
from model.registry.calendar import DAYS_PER_YEAR
from model.registry.dimensions import DIMENSIONS, NHS_ORGANISATIONS

ORGANISATIONS = DIMENSIONS["organisation"]
LINES = DIMENSIONS["statement_line"]
SERVICES = DIMENSIONS["service"]
EMPLOYERS = DIMENSIONS["employer"]

ORGANISATION = {label: position for position, label in enumerate(ORGANISATIONS)}
LINE = {label: position for position, label in enumerate(LINES)}

ICB = ORGANISATION["icb"]
ACUTE = ORGANISATION["acute"]
VCSE = ORGANISATION["vcse"]


def adjacent(positions: list[int]) -> slice:
    """Labels that follow one another as a slice: numpy then works in place, without gathering and scattering.

    Raises:
        ValueError: if they do not follow one another.
    """
    found = slice(positions[0], positions[-1] + 1)
    if positions != list(range(found.start, found.stop)):
        raise ValueError(f"labels at {positions} do not follow one another")
    return found


NHS = adjacent([ORGANISATION[label] for label in NHS_ORGANISATIONS])
COUNCILS = adjacent([ORGANISATION[f"{place}_council"] for place in DIMENSIONS["place"]])

_EMPLOYED = [position for position, label in enumerate(EMPLOYERS) if label in NHS_ORGANISATIONS]
PROVIDER_EMPLOYERS = adjacent(_EMPLOYED)
PROVIDERS = adjacent([ORGANISATION[EMPLOYERS[position]] for position in _EMPLOYED])
CONTRACTED = (*range(PROVIDERS.start, PROVIDERS.stop), VCSE)

NON_RECURRENT = (
    "non_recurrent_funding",
    "capital_funding",
    "non_recurrent_savings",
    "non_recurrent_costs",
    "programme_non_recurrent",
    "programme_capital",
)
RECURRENT_LINES = np.array([position for label, position in LINE.items() if label not in NON_RECURRENT])
OUTSIDE_INCOME = np.array(
    [LINE[label] for label in ("allocation", "council_budget", "non_recurrent_funding", "capital_funding")]
)
SAVINGS = np.array([LINE["recurrent_savings"], LINE["non_recurrent_savings"]])
PASSED_ON = np.array([LINE["contracts_received"], LINE["contracts_paid"]])
SPENDING = np.array(
    [
        position
        for position in range(len(LINES))
        if position not in {*OUTSIDE_INCOME.tolist(), *SAVINGS.tolist(), *PASSED_ON.tolist()}
    ]
)

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
    relative = np.where(reference_need > 0.0, need / np.maximum(reference_need, 1e-300), 1.0)
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
