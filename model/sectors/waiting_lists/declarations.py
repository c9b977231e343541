"""What the waiting lists sector declares: stocks, flows, outputs and loops."""

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

SPECIALTY = ("specialty",)
LIST = ("service_list",)

# Tables, laid out by hand.
# fmt: off

declare = Declare("waiting_lists")

RTT = declare.full_name("rtt")
SERVICE_LIST = declare.full_name("service_list")

STOCKS: tuple[Stock, ...] = (
    declare.stock(
        "rtt", "Incomplete referral-to-treatment pathways by completed weeks waited.", "pathways", "pathways",
        ("specialty", "weeks_waited"), recorded=False,
    ),
    declare.stock(
        "service_list", "People on the lists outside referral to treatment, by completed weeks waited.", "patients",
        "pathways", ("service_list", "weeks_waited_service"), recorded=False,
    ),
    declare.stock(
        "perceived_share_over_18_weeks",
        "Share waiting over 18 weeks as general practitioners and patients have come to know it.", "1", "index",
        SPECIALTY, bounds=UNBOUNDED,
    ),
    declare.stock(
        "capacity_trend",
        "Growth of treatment capacity since the start of the run from new staff models, sites and methods.", "1",
        "index", SPECIALTY, bounds=UNBOUNDED,
    ),
    declare.stock(
        "service_capacity_trend",
        "Growth of capacity for the lists outside referral to treatment since the start of the run.", "1", "index",
        LIST, bounds=UNBOUNDED,
    ),
)

FLOWS: tuple[Flow, ...] = (
    declare.flow(
        "ageing", "Pathways that complete a week of waiting.", "pathways", "rtt", "rtt", SPECIALTY, recorded=False,
    ),
    declare.flow("clock_starts", "New referral-to-treatment pathways.", "pathways", OUTSIDE, "rtt", SPECIALTY),
    declare.flow(
        "clock_stops", "Pathways completed by treatment or decision not to treat.", "pathways", "rtt", OUTSIDE,
        SPECIALTY,
    ),
    declare.flow(
        "unreported_removals", "Pathways that leave without a clock stop: validation, reneging, death.", "pathways",
        "rtt", OUTSIDE, SPECIALTY,
    ),
    declare.flow(
        "service_ageing", "People who complete a week on a list outside referral to treatment.", "patients",
        "service_list", "service_list", LIST, recorded=False,
    ),
    declare.flow("service_starts", "New referrals and requests by list.", "patients", OUTSIDE, "service_list", LIST),
    declare.flow(
        "service_stops", "People seen, tested or taken on by list.", "patients", "service_list", OUTSIDE, LIST,
    ),
    declare.flow(
        "service_removals", "People who leave a list unseen: validation, giving up, death.", "patients", "service_list",
        OUTSIDE, LIST,
    ),
)

OUTPUTS: tuple[Output, ...] = (
    declare.output("rtt_total", "Incomplete referral-to-treatment pathways.", "pathways", Kind.COUNT, better="lower"),
    declare.output(
        "rtt_by_specialty", "Incomplete pathways by specialty group.", "pathways", Kind.COUNT, SPECIALTY,
        better="lower",
    ),
    *(
        declare.output(
            f"over_{weeks}_weeks", f"Pathways waiting {weeks} weeks or more.", "pathways", Kind.COUNT, better="lower",
        )
        for weeks in (18, 52, 65, 78, 104)
    ),
    declare.output(
        "share_over_18_weeks", "Share of incomplete pathways waiting 18 weeks or more.", "1", Kind.SHARE,
        better="lower",
    ),
    declare.output(
        "within_18_weeks", "Share of incomplete pathways within 18 weeks, the national standard.", "1", Kind.SHARE,
        better="higher",
    ),
    declare.output(
        "clearing_weeks", "Weeks that the list would take to clear at the present rate of clock stops.", "weeks",
        Kind.DURATION, better="lower",
    ),
    declare.output(
        "elective_admissions_planned", "Elective admissions that need an overnight bed, before cancellations.",
        "patients/day", Kind.COUNT,
    ),
    declare.output(
        "cancelled_admissions", "Planned overnight elective admissions cancelled for want of a bed.", "patients",
        Kind.FLOW, better="lower",
    ),
    declare.output(
        "harm_admissions", "Emergency admissions caused by waiting longer than in April 2019.", "patients/day",
        Kind.RATE, better="lower",
    ),
    declare.output(
        "outpatient_attendances", "Outpatient attendances at NHS providers.", "attendances", Kind.FLOW, better="higher",
    ),
    declare.output(
        "procedures", "Elective procedures at NHS providers, day cases and overnight.", "procedures", Kind.FLOW,
        better="higher",
    ),
    declare.output(
        "day_cases", "Elective procedures at NHS providers without an overnight stay.", "procedures", Kind.FLOW,
        better="higher",
    ),
    declare.output("independent_procedures", "Elective procedures at independent providers.", "procedures", Kind.FLOW),
    declare.output("independent_stops", "Clock stops at independent providers.", "pathways", Kind.FLOW),
    declare.output(
        "activity_index", "Elective activity at NHS providers, weighted by work, 1 in April 2019.", "1", Kind.INDEX,
        better="higher",
    ),
    declare.output(
        "deaths_while_waiting", "Deaths of people on the referral-to-treatment list, of any cause.", "people",
        Kind.FLOW, better="lower",
    ),
    declare.output("referral_threshold", "Effect of long waits on referrals, 1 as in April 2019.", "1", Kind.INDEX),
    declare.output("service_list_total", "People waiting, by list.", "patients", Kind.COUNT, LIST, better="lower"),
    *(
        declare.output(
            f"service_over_{weeks}_weeks", f"People waiting {weeks} weeks or more, by list.", "patients", Kind.COUNT,
            LIST, better="lower",
        )
        for weeks in (6, 13, 18, 52)
    ),
    declare.output(
        "service_clearing_weeks", "Weeks that each list would take to clear at the present rate.", "weeks",
        Kind.DURATION, LIST, better="lower",
    ),
    declare.output(
        "cancer_within_28_days", "Share of cancer referrals told their diagnosis within 28 days.", "1", Kind.SHARE,
        better="higher",
    ),
    declare.output(
        "cancer_within_31_days", "Share of cancer patients treated within 31 days of the decision to treat.", "1",
        Kind.SHARE, better="higher",
    ),
    declare.output(
        "cancer_within_62_days", "Share of cancer patients treated within 62 days of referral.", "1", Kind.SHARE,
        better="higher",
    ),
    declare.output(
        "talking_therapies_within_6_weeks", "Share of entrants to talking therapies who waited 6 weeks or less.", "1",
        Kind.SHARE, better="higher",
    ),
)

ACTIVITY = (
    "deaths_while_waiting", "cancelled_admissions", "procedures", "day_cases", "outpatient_attendances",
    "independent_stops", "independent_procedures",
)
"""Outputs that are counted by the week and spread over the steps that fall into it."""

MEMORY: tuple[Memory, ...] = (
    declare.memory("week_before", "Those waiting as the last week began.", "pathways", ("specialty", "weeks_waited")),
    declare.memory("first_over_18", "Those waiting 18 weeks and more in April 2019.", "pathways"),
    declare.memory("first_share_over_18", "Share of each list over 18 weeks in April 2019.", "1", ("specialty",)),
    declare.memory("first_need", "Need for elective care in April 2019.", "1/day"),
    declare.memory("first_work", "Elective work of the first week.", "1/day"),
    declare.memory("stops_per_week", "Pathways that ended in treatment in the last week.", "pathways"),
    declare.memory("service_first_need", "Need behind the six lists in April 2019.", "1/day", ("service_list",)),
    *(declare.memory(f"weekly_{name}", "Activity of the last week.", "1/week") for name in ACTIVITY),
)

LOOPS: tuple[Loop, ...] = (
    Loop(
        identifier="R4", name="cancellation", gain="loops.R4_cancellation",
        description="Full beds cancel overnight electives, lists lengthen, harm while waiting fills beds.",
        links=(
            Link("urgent_care.occupancy", "urgent_care.elective_share_kept", -1),
            Link("urgent_care.elective_share_kept", "waiting_lists.clock_stops", +1),
            Link("waiting_lists.clock_stops", "waiting_lists.over_18_weeks", -1),
            Link("waiting_lists.over_18_weeks", "waiting_lists.harm_admissions", +1),
            Link("waiting_lists.harm_admissions", "urgent_care.emergency_admissions", +1),
            Link("urgent_care.emergency_admissions", "urgent_care.occupancy", +1),
        ),
        strength=("waiting_lists.harm_rate",),
        shows_in=("waiting_lists.harm_admissions", +1),
    ),
    Loop(
        identifier="B3", name="reneging and referral thresholds", gain="loops.B3_reneging",
        description="Long waits make people give up and general practitioners refer less, which shortens the list.",
        links=(
            Link("waiting_lists.rtt_total", "waiting_lists.over_18_weeks", +1),
            Link("waiting_lists.over_18_weeks", "waiting_lists.unreported_removals", +1),
            Link("waiting_lists.unreported_removals", "waiting_lists.rtt_total", -1),
        ),
        strength=(
            "waiting_lists.reneging_rate", "waiting_lists.reneging_half_point", "waiting_lists.reneging_slope",
            "waiting_lists.referral_sensitivity", "waiting_lists.service_reneging_rate",
            "waiting_lists.service_reneging_half_point", "waiting_lists.service_reneging_slope",
        ),
        shows_in=("waiting_lists.rtt_total", -1),
    ),
)

# fmt: on

# Signals that other sectors read.
ELECTIVE_ADMISSIONS_PLANNED = named(OUTPUTS, "elective_admissions_planned")
HARM_ADMISSIONS = named(OUTPUTS, "harm_admissions")
INDEPENDENT_PROCEDURES = named(OUTPUTS, "independent_procedures")
OUTPATIENT_ATTENDANCES = named(OUTPUTS, "outpatient_attendances")
PROCEDURES = named(OUTPUTS, "procedures")
