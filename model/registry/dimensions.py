"""The dimensions of the model and their labels, in the order in which arrays hold them.

A dimension is declared here once; sectors, parameter files, scenarios, results and figures refer to it by name. Where a
label lies in an array is asked of ``position``, never typed.
"""

from __future__ import annotations

from collections.abc import Iterable

from model.registry.calendar import financial_year_label

AGE_BANDS: tuple[str, ...] = (
    "0-4", "5-9", "10-14", "15-19", "20-24", "25-29", "30-34", "35-39", "40-44",
    "45-49", "50-54", "55-59", "60-64", "65-69", "70-74", "75-79", "80-84", "85+",
)  # fmt: skip

DIMENSIONS: dict[str, tuple[str, ...]] = {
    "place": ("bristol", "north_somerset", "south_gloucestershire"),
    "age_band": AGE_BANDS,
    "deprivation": ("1", "2", "3", "4", "5"),
    "segment": ("CS1", "CS2", "CS3", "CS4", "CS5"),
    "site": ("bristol_royal_infirmary", "southmead", "weston"),
    "employer": ("acute", "community", "mental_health", "primary_care", "social_care", "vcse"),
    "staff_group": ("medical", "nursing", "therapy_and_scientific", "care_support", "other"),
    "pathway": ("P0", "P1", "P2", "P3"),
    "reason": ("assessment_and_process", "awaiting_capacity"),
    "long_term_care": ("home_care", "care_home"),
    "specialty": (
        "orthopaedics", "general_surgery", "ophthalmology", "ear_nose_throat", "medicine_and_other",
        "gynaecology_urology",
    ),
    "weeks_waited": tuple(str(week) for week in range(105)),
    "service_list": (
        "diagnostics", "cancer", "talking_therapies", "cyp_mental_health", "adult_community_mental_health", "community",
    ),
    "weeks_waited_service": tuple(str(week) for week in range(53)),
    "condition": ("anxiety_depression", "painful_conditions", "diabetes", "cardiovascular", "frailty_falls"),
    "service": (
        "nhs_111", "ambulance_999", "ae_attendance", "emergency_admission", "falls_admission", "elective_referral",
        "diagnostics", "cancer_referral", "gp_contact", "prescription", "community_contact", "talking_therapies",
        "adult_community_mental_health", "cyp_mental_health", "mental_health_crisis", "mental_health_inpatient",
        "long_term_care",
    ),
    "organisation": (
        "icb", "acute", "community", "mental_health", "primary_care",
        "bristol_council", "north_somerset_council", "south_gloucestershire_council", "vcse",
    ),
    "cost_type": ("recurrent", "non_recurrent", "capital"),
    "statement_line": (
        "allocation", "council_budget", "non_recurrent_funding", "capital_funding", "contracts_received",
        "contracts_paid",
        "substantive_pay", "temporary_staff", "activity_costs", "prescribing", "escalation_beds", "delayed_bed_days",
        "discharge_pathways", "spot_purchase", "independent_sector", "long_term_care", "prevention", "fixed_costs",
        "recurrent_savings", "non_recurrent_savings", "non_recurrent_costs",
        "programme_recurrent", "programme_non_recurrent", "programme_capital",
    ),
    "occupancy_point": (
        "0.80", "0.85", "0.88", "0.90", "0.92", "0.94", "0.95", "0.96", "0.97", "0.98", "0.99", "1.00", "1.03",
    ),
    "financial_year": tuple(financial_year_label(year) for year in range(2019, 2045)),
    "mid_year": tuple(str(year) for year in range(2018, 2044)),
}  # fmt: skip
"""Labels by dimension. Deprivation 1 is the most deprived fifth of England, 5 the least (IMD 2019)."""

NHS_ORGANISATIONS: tuple[str, ...] = ("icb", "acute", "community", "mental_health", "primary_care")
"""The organisations whose balances make up the NHS system deficit; councils and the VCSE sector are outside it."""

LIFE_COURSE: dict[str, tuple[str, ...]] = {
    "start_well": AGE_BANDS[0:5],
    "live_well": AGE_BANDS[5:13],
    "age_well": AGE_BANDS[13:18],
}
"""Age bands by stage of life: Start Well 0-24, Live Well 25-64, Age Well 65+. Die Well is the last year of life."""

DIMENSION_DESCRIPTIONS: dict[str, str] = {
    "place": "council area of residence",
    "age_band": "five-year age band",
    "deprivation": "national fifth of deprivation (IMD 2019), 1 the most deprived",
    "segment": "core segment of the Cambridge Multimorbidity Score, CS1 fewest conditions",
    "site": "acute hospital site",
    "employer": "employing part of the system",
    "staff_group": "group of staff",
    "pathway": "discharge to assess pathway, P0 simple to P3 care home",
    "reason": "why a patient without criteria to reside is still in hospital",
    "long_term_care": "kind of long-term social care",
    "specialty": "referral-to-treatment specialty group",
    "weeks_waited": "completed weeks since the clock started, the last open-ended",
    "service_list": "waiting list outside referral to treatment",
    "weeks_waited_service": "completed weeks waited, the last open-ended",
    "condition": "long-term condition or group that drives progression between segments",
    "service": "service for which there is need",
    "organisation": "organisation with a budget",
    "cost_type": "recurrent, non-recurrent or capital",
    "statement_line": "line of the income and expenditure statement, income positive and expenditure negative",
    "occupancy_point": "occupancy at which a response is tabulated",
    "financial_year": "NHS financial year, April to March",
    "mid_year": "calendar year of a mid-year estimate",
}


def position(dimension: str, label: str) -> int:
    """Return where a label lies along its dimension.

    Raises:
        KeyError: unknown dimension.
        ValueError: unknown label.
    """
    labels = DIMENSIONS[dimension]
    if label not in labels:
        raise ValueError(f"'{label}' is not a label of {dimension}: {', '.join(labels)}")
    return labels.index(label)


def positions(dimension: str) -> dict[str, int]:
    """Return where each label of a dimension lies, by label."""
    return {label: index for index, label in enumerate(DIMENSIONS[dimension])}


def adjacent(dimension: str, labels: Iterable[str]) -> slice:
    """Return where labels lie that follow one another, as a slice: numpy then works in place, without a copy.

    Raises:
        ValueError: unknown label, or labels that do not follow one another.
    """
    indices = [position(dimension, label) for label in labels]
    if indices != list(range(indices[0], indices[0] + len(indices))):
        raise ValueError(f"labels at {indices} of {dimension} do not follow one another")
    return slice(indices[0], indices[-1] + 1)
