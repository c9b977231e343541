"""What the discharge sector declares: its stocks, flows, outputs and loops."""

from __future__ import annotations

from model.registry.declarations import OUTSIDE, Flow, Kind, Link, Loop, Output, Stock

PLACE_PATHWAY = ("place", "pathway")
PLACE_CARE = ("place", "long_term_care")
NOT_NEGATIVE = (0.0, float("inf"))
NCTR = "discharge.nctr"
PATHWAY = "discharge.on_pathway"
ONWARD = "discharge.awaiting_long_term_care"
COMMUNITY = "discharge.awaiting_in_community"
USERS = "discharge.long_term_users"
INPATIENTS = "urgent_care.inpatients_emergency"
VIRTUAL = "discharge.virtual_ward"


def _stock(
    name: str, dims: tuple[str, ...], description: str, unit: str = "patients", substance: str = "patients"
) -> Stock:
    return Stock(name=name, dims=dims, unit=unit, substance=substance, description=description, bounds=NOT_NEGATIVE)


def _flow(name: str, dims: tuple[str, ...], origin: str, target: str, description: str) -> Flow:
    return Flow(
        name=f"discharge.{name}", dims=dims, unit="patients", origin=origin, target=target, description=description
    )


STOCKS: tuple[Stock, ...] = (
    _stock(NCTR, ("site", "place", "pathway", "reason"), "Patients in an acute bed without criteria to reside."),
    _stock(PATHWAY, PLACE_PATHWAY, "People in their stay on a discharge pathway."),
    _stock(ONWARD, ("place", "pathway", "long_term_care"), "People on a pathway place waiting for long-term care."),
    _stock(COMMUNITY, PLACE_CARE, "People at home waiting for long-term care."),
    _stock(USERS, PLACE_CARE, "People receiving long-term home care or living in a care home."),
    _stock(VIRTUAL, (), "Patients on a virtual ward."),
    _stock("discharge.spot_places", PLACE_PATHWAY, "Pathway places bought at spot price.", "places", "index"),
    _stock("discharge.function_lost", PLACE_PATHWAY, "Function lost by a patient delayed in hospital.", "1", "index"),
    _stock(
        "discharge.function_lost_on_pathway", PLACE_PATHWAY, "Function lost in hospital by people on a pathway.",
        "1", "index",
    ),
)  # fmt: skip

FLOWS: tuple[Flow, ...] = (
    _flow("fit_to_leave", ("site",), INPATIENTS, NCTR, "Patients whose treatment ends."),
    _flow("home_without_support", ("place",), NCTR, OUTSIDE, "Simple discharges home (P0)."),
    _flow("ready_for_pathway", PLACE_PATHWAY, NCTR, NCTR, "Patients whose assessment and process for a pathway ends."),
    _flow("pathway_starts", PLACE_PATHWAY, NCTR, PATHWAY, "Patients who leave hospital for a pathway place."),
    _flow("relapses", ("site",), NCTR, INPATIENTS, "Patients who become unwell again while waiting."),
    _flow("deaths_while_waiting", ("place",), NCTR, OUTSIDE, "Deaths of patients waiting for a pathway."),
    _flow("withdrawals", ("place",), NCTR, OUTSIDE, "Patients waiting for P1 who go home with family or own means."),
    _flow("switches", PLACE_PATHWAY, NCTR, NCTR, "Patients switched to a simpler pathway while waiting."),
    _flow(
        "pathway_ends_home", PLACE_PATHWAY, PATHWAY, OUTSIDE, "Pathway stays that end at home without long-term care."
    ),
    _flow("deaths_on_pathway", PLACE_PATHWAY, PATHWAY, OUTSIDE, "Deaths on a pathway."),
    _flow("seek_long_term_care", PLACE_PATHWAY, PATHWAY, ONWARD, "People whose stay ends in need of long-term care."),
    _flow("long_term_starts_from_pathway", PLACE_CARE, ONWARD, USERS, "Long-term care begun from a pathway."),
    _flow("community_applications", PLACE_CARE, OUTSIDE, COMMUNITY, "People at home who come to need long-term care."),
    _flow("long_term_starts_from_community", PLACE_CARE, COMMUNITY, USERS, "Long-term care begun from home."),
    _flow("community_lapses", PLACE_CARE, COMMUNITY, OUTSIDE, "People at home who stop waiting for long-term care."),
    _flow("long_term_ends", PLACE_CARE, USERS, OUTSIDE, "Long-term care that ends, mostly by death."),
    _flow(
        "to_virtual_ward",
        (),
        INPATIENTS,
        VIRTUAL,
        "Early supported discharges to a virtual ward, in whole stays saved.",
    ),
    _flow("from_virtual_ward", (), VIRTUAL, OUTSIDE, "Discharges from a virtual ward."),
)

OUTPUTS: tuple[Output, ...] = (
    Output(
        name="discharge.nctr_remaining", dims=("pathway",), unit="patients", kind=Kind.COUNT, better="lower",
        label="NCTR, remaining at end of day",
        description="Patients without criteria to reside still in an acute bed at the end of the day.",
    ),
    Output(
        name="discharge.nctr_before_discharges", unit="patients", kind=Kind.COUNT, better="lower",
        label="NCTR, before the day's discharges",
        description="Patients without criteria to reside, counted before the day's discharges.",
    ),
    Output(
        name="discharge.nctr_discharges", unit="patients", kind=Kind.FLOW, label="NCTR discharges",
        description="Patients without criteria to reside who leave the hospital, deaths included.",
    ),
    Output(
        name="discharge.nctr_share_of_beds", unit="1", kind=Kind.SHARE, better="lower",
        label="NCTR share of beds", description="Patients remaining without criteria to reside over beds occupied.",
    ),
    Output(
        name="discharge.overnight_discharges", unit="patients", kind=Kind.FLOW, label="Overnight discharges",
        description="Patients who leave an acute bed after an overnight stay, deaths and virtual ward included.",
    ),
    Output(
        name="discharge.occupied_places", dims=PLACE_PATHWAY, unit="people", kind=Kind.COUNT, label="Places used",
        description="People on discharge pathway places, those waiting there for long-term care included.",
    ),
    Output(
        name="discharge.waiting_for_place", dims=PLACE_PATHWAY, unit="patients", kind=Kind.COUNT, better="lower",
        label="Waiting in hospital for a pathway", description="Patients ready for a pathway who wait in an acute bed.",
    ),
    Output(
        name="discharge.waiting_long_term", dims=PLACE_CARE, unit="people", kind=Kind.COUNT, better="lower",
        label="Waiting for long-term care",
        description="People waiting for long-term care, on a pathway place or at home.",
    ),
    Output(
        name="discharge.workload", unit="1", kind=Kind.INDEX, label="Work of community and social care",
        description="People cared for on pathways and in long-term care, weighted by work, 1 = April 2019.",
    ),
    Output(
        name="discharge.long_term_need_index", dims=("place",), unit="1", kind=Kind.INDEX,
        label="Need for long-term care", description="Need for long-term care relative to April 2019.",
    ),
    Output(
        name="discharge.supported_need_index", dims=("place",), unit="1", kind=Kind.INDEX, label="Supported discharge",
        description="Emergency need times dependency, relative to April 2019.",
    ),
)  # fmt: skip

LOOPS: tuple[Loop, ...] = (
    Loop(
        identifier="R1", name="deconditioning", gain="loops.R1_deconditioning",
        description="Delay costs function: a more dependent pathway and a longer stay on it, hence more delay.",
        links=(
            Link(cause=NCTR, effect="discharge.function_lost", sign=1),
            Link(cause="discharge.function_lost", effect="discharge.function_lost_on_pathway", sign=1),
            Link(cause="discharge.function_lost_on_pathway", effect="discharge.occupied_places", sign=1),
            Link(cause="discharge.occupied_places", effect="discharge.pathway_starts", sign=-1),
            Link(cause="discharge.pathway_starts", effect=NCTR, sign=-1),
        ),
        strength=(
            "discharge.function_lost_per_day", "discharge.dependence_per_function_lost",
            "discharge.function_lost_limit",
        ),
        shows_in=("discharge.nctr_before_discharges", 1),
    ),
    Loop(
        identifier="B5", name="spot purchase", gain="loops.B5_spot_purchase",
        description="Patients waiting for a pathway cause places to be bought at spot price: less wait, at a cost.",
        links=(
            Link(cause="discharge.waiting_for_place", effect="discharge.spot_places", sign=1),
            Link(cause="discharge.spot_places", effect="discharge.pathway_starts", sign=1),
            Link(cause="discharge.pathway_starts", effect="discharge.waiting_for_place", sign=-1),
        ),
        strength=("discharge.spot_purchase_response", "discharge.spot_purchase_limit"),
        shows_in=("discharge.nctr_before_discharges", -1),
    ),
)  # fmt: skip
