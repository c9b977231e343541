"""What the discharge sector declares: stocks, flows, outputs and loops."""

from __future__ import annotations

from model.registry.declarations import OUTSIDE, Declare, Flow, Kind, Link, Loop, Memory, Output, Stock, named

PLACE_PATHWAY = ("place", "pathway")
PLACE_CARE = ("place", "long_term_care")
PLACE = ("place",)

# Tables, laid out by hand.
# fmt: off

declare = Declare("discharge")

STOCKS: tuple[Stock, ...] = (
    declare.stock(
        "nctr", "Patients in an acute bed without criteria to reside.", "patients", "patients",
        ("site", "place", "pathway", "reason"),
    ),
    declare.stock("on_pathway", "People in their stay on a discharge pathway.", "patients", "patients", PLACE_PATHWAY),
    declare.stock(
        "awaiting_long_term_care", "People on a pathway place waiting for long-term care.", "patients", "patients",
        ("place", "pathway", "long_term_care"),
    ),
    declare.stock(
        "awaiting_in_community", "People at home waiting for long-term care.", "patients", "patients", PLACE_CARE,
    ),
    declare.stock(
        "long_term_users", "People receiving long-term home care or living in a care home.", "patients", "patients",
        PLACE_CARE,
    ),
    declare.stock("virtual_ward", "Patients on a virtual ward.", "patients", "patients"),
    declare.stock("spot_places", "Pathway places bought at spot price.", "places", "index", PLACE_PATHWAY),
    declare.stock("function_lost", "Function lost by a patient delayed in hospital.", "1", "index", PLACE_PATHWAY),
    declare.stock(
        "function_lost_on_pathway", "Function lost in hospital by people on a pathway.", "1", "index", PLACE_PATHWAY,
    ),
)

FLOWS: tuple[Flow, ...] = (
    declare.flow(
        "fit_to_leave", "Patients whose treatment ends.", "patients", "urgent_care.inpatients_emergency", "nctr",
        ("site",),
    ),
    declare.flow("home_without_support", "Simple discharges home (P0).", "patients", "nctr", OUTSIDE, PLACE),
    declare.flow(
        "ready_for_pathway", "Patients whose assessment and process for a pathway ends.", "patients", "nctr", "nctr",
        PLACE_PATHWAY,
    ),
    declare.flow(
        "pathway_starts", "Patients who leave hospital for a pathway place.", "patients", "nctr", "on_pathway",
        PLACE_PATHWAY,
    ),
    declare.flow(
        "relapses", "Patients who become unwell again while waiting.", "patients", "nctr",
        "urgent_care.inpatients_emergency", ("site",),
    ),
    declare.flow(
        "deaths_while_waiting", "Deaths of patients waiting for a pathway.", "patients", "nctr", OUTSIDE, PLACE,
    ),
    declare.flow(
        "withdrawals", "Patients waiting for P1 who go home with family or own means.", "patients", "nctr", OUTSIDE,
        PLACE,
    ),
    declare.flow(
        "switches", "Patients switched to a simpler pathway while waiting.", "patients", "nctr", "nctr", PLACE_PATHWAY,
    ),
    declare.flow(
        "pathway_ends_home", "Pathway stays that end at home without long-term care.", "patients", "on_pathway",
        OUTSIDE, PLACE_PATHWAY,
    ),
    declare.flow("deaths_on_pathway", "Deaths on a pathway.", "patients", "on_pathway", OUTSIDE, PLACE_PATHWAY),
    declare.flow(
        "seek_long_term_care", "People whose stay ends in need of long-term care.", "patients", "on_pathway",
        "awaiting_long_term_care", PLACE_PATHWAY,
    ),
    declare.flow(
        "long_term_starts_from_pathway", "Long-term care begun from a pathway.", "patients", "awaiting_long_term_care",
        "long_term_users", PLACE_CARE,
    ),
    declare.flow(
        "community_applications", "People at home who come to need long-term care.", "patients", OUTSIDE,
        "awaiting_in_community", PLACE_CARE,
    ),
    declare.flow(
        "long_term_starts_from_community", "Long-term care begun from home.", "patients", "awaiting_in_community",
        "long_term_users", PLACE_CARE,
    ),
    declare.flow(
        "community_lapses", "People at home who stop waiting for long-term care.", "patients", "awaiting_in_community",
        OUTSIDE, PLACE_CARE,
    ),
    declare.flow(
        "long_term_ends", "Long-term care that ends, mostly by death.", "patients", "long_term_users", OUTSIDE,
        PLACE_CARE,
    ),
    declare.flow(
        "to_virtual_ward", "Early supported discharges to a virtual ward, in whole stays saved.", "patients",
        "urgent_care.inpatients_emergency", "virtual_ward",
    ),
    declare.flow("from_virtual_ward", "Discharges from a virtual ward.", "patients", "virtual_ward", OUTSIDE),
)

OUTPUTS: tuple[Output, ...] = (
    declare.output(
        "nctr_remaining", "Patients without criteria to reside still in an acute bed at the end of the day.",
        "patients", Kind.COUNT, ("pathway",), label="NCTR, remaining at end of day", better="lower",
    ),
    declare.output(
        "nctr_before_discharges", "Patients without criteria to reside, counted before the day's discharges.",
        "patients", Kind.COUNT, label="NCTR, before the day's discharges", better="lower",
    ),
    declare.output(
        "nctr_discharges", "Patients without criteria to reside who leave the hospital, deaths included.", "patients",
        Kind.FLOW, label="NCTR discharges",
    ),
    declare.output(
        "nctr_share_of_beds", "Patients remaining without criteria to reside over beds occupied.", "1", Kind.SHARE,
        label="NCTR share of beds", better="lower",
    ),
    declare.output(
        "overnight_discharges",
        "Patients who leave an acute bed after an overnight stay, deaths and virtual ward included.", "patients",
        Kind.FLOW, label="Overnight discharges",
    ),
    declare.output(
        "occupied_places", "People on discharge pathway places, those waiting there for long-term care included.",
        "people", Kind.COUNT, PLACE_PATHWAY, label="Places used",
    ),
    declare.output(
        "waiting_for_place", "Patients ready for a pathway who wait in an acute bed.", "patients", Kind.COUNT,
        PLACE_PATHWAY, label="Waiting in hospital for a pathway", better="lower",
    ),
    declare.output(
        "waiting_long_term", "People waiting for long-term care, on a pathway place or at home.", "people", Kind.COUNT,
        PLACE_CARE, label="Waiting for long-term care", better="lower",
    ),
    declare.output(
        "workload", "People cared for on pathways and in long-term care, weighted by work, 1 = April 2019.", "1",
        Kind.INDEX, label="Work of community and social care",
    ),
    declare.output(
        "long_term_need_index", "Need for long-term care relative to April 2019.", "1", Kind.INDEX, PLACE,
        label="Need for long-term care",
    ),
    declare.output(
        "supported_need_index", "Emergency need times dependency, relative to April 2019.", "1", Kind.INDEX, PLACE,
        label="Supported discharge",
    ),
)

MEMORY: tuple[Memory, ...] = (
    declare.memory(
        "finished_per_day", "Stays on a pathway that ended in the last step, a day.", "patients/day",
        PLACE_PATHWAY,
    ),
    declare.memory("first_need", "Need for each service in April 2019.", "1/day", ("service", "place")),
    declare.memory("first_workload", "People cared for in April 2019, weighted by work.", "people"),
)

LOOPS: tuple[Loop, ...] = (
    Loop(
        identifier="R1", name="deconditioning", gain="loops.R1_deconditioning",
        description="Delay costs function: a more dependent pathway and a longer stay on it, hence more delay.",
        links=(
            Link("discharge.nctr", "discharge.function_lost", +1),
            Link("discharge.function_lost", "discharge.function_lost_on_pathway", +1),
            Link("discharge.function_lost_on_pathway", "discharge.occupied_places", +1),
            Link("discharge.occupied_places", "discharge.pathway_starts", -1),
            Link("discharge.pathway_starts", "discharge.nctr", -1),
        ),
        strength=(
            "discharge.function_lost_per_day", "discharge.dependence_per_function_lost",
            "discharge.function_lost_limit",
        ),
        shows_in=("discharge.nctr_before_discharges", +1),
    ),
    Loop(
        identifier="B5", name="spot purchase", gain="loops.B5_spot_purchase",
        description="Patients waiting for a pathway cause places to be bought at spot price: less wait, at a cost.",
        links=(
            Link("discharge.waiting_for_place", "discharge.spot_places", +1),
            Link("discharge.spot_places", "discharge.pathway_starts", +1),
            Link("discharge.pathway_starts", "discharge.waiting_for_place", -1),
        ),
        strength=("discharge.spot_purchase_response", "discharge.spot_purchase_limit"),
        shows_in=("discharge.nctr_before_discharges", -1),
    ),
)

# fmt: on

# Signals that other sectors read.
LONG_TERM_USERS = named(STOCKS, "long_term_users")
NCTR = named(STOCKS, "nctr")
OCCUPIED_PLACES = named(OUTPUTS, "occupied_places")
RELAPSES = named(FLOWS, "relapses")
SPOT_PLACES = named(STOCKS, "spot_places")
WAITING_LONG_TERM = named(OUTPUTS, "waiting_long_term")
WORKLOAD = named(OUTPUTS, "workload")
