"""Stocks, flows, outputs and loops of the waiting-list sector."""

from __future__ import annotations

from model.registry.declarations import OUTSIDE, Flow, Kind, Link, Loop, Output, Stock

RTT = "waiting_lists.rtt"
SERVICE_LIST = "waiting_lists.service_list"

STOCKS = (
    Stock(
        name=RTT,
        description="Incomplete referral-to-treatment pathways by completed weeks waited.",
        unit="pathways",
        dims=("specialty", "weeks_waited"),
        substance="pathways",
        bounds=(0.0, float("inf")),
        recorded=False,
    ),
    Stock(
        name=SERVICE_LIST,
        description="People on the lists outside referral to treatment, by completed weeks waited.",
        unit="patients",
        dims=("service_list", "weeks_waited_service"),
        substance="pathways",
        bounds=(0.0, float("inf")),
        recorded=False,
    ),
    Stock(
        name="waiting_lists.perceived_share_over_18_weeks",
        unit="1",
        dims=("specialty",),
        substance="index",
        description="Share waiting over 18 weeks as general practitioners and patients have come to know it.",
    ),
    Stock(
        name="waiting_lists.capacity_trend",
        unit="1",
        dims=("specialty",),
        substance="index",
        description="Growth of treatment capacity since the start of the run from new staff models, sites and methods.",
    ),
    Stock(
        name="waiting_lists.service_capacity_trend",
        unit="1",
        dims=("service_list",),
        substance="index",
        description="Growth of capacity for the lists outside referral to treatment since the start of the run.",
    ),
)


def _flow(name: str, description: str, dim: str, origin: str, target: str, recorded: bool = True) -> Flow:
    unit = "pathways" if dim == "specialty" else "patients"
    return Flow(
        name=f"waiting_lists.{name}",
        description=description,
        unit=unit,
        dims=(dim,),
        origin=origin,
        target=target,
        recorded=recorded,
    )


FLOWS = (
    _flow("ageing", "Pathways that complete a week of waiting.", "specialty", RTT, RTT, recorded=False),
    _flow("clock_starts", "New referral-to-treatment pathways.", "specialty", OUTSIDE, RTT),
    _flow("clock_stops", "Pathways completed by treatment or decision not to treat.", "specialty", RTT, OUTSIDE),
    _flow(
        "unreported_removals",
        "Pathways that leave without a clock stop: validation, reneging, death.",
        "specialty",
        RTT,
        OUTSIDE,
    ),
    _flow(
        "service_ageing",
        "People who complete a week on a list outside referral to treatment.",
        "service_list",
        SERVICE_LIST,
        SERVICE_LIST,
        recorded=False,
    ),
    _flow("service_starts", "New referrals and requests by list.", "service_list", OUTSIDE, SERVICE_LIST),
    _flow("service_stops", "People seen, tested or taken on by list.", "service_list", SERVICE_LIST, OUTSIDE),
    _flow(
        "service_removals",
        "People who leave a list unseen: validation, giving up, death.",
        "service_list",
        SERVICE_LIST,
        OUTSIDE,
    ),
)


def _output(
    name: str, description: str, unit: str, kind: Kind = Kind.COUNT, dims: tuple[str, ...] = (), better: str = ""
) -> Output:
    return Output(name=f"waiting_lists.{name}", description=description, unit=unit, kind=kind, dims=dims, better=better)


OUTPUTS = (
    _output("rtt_total", "Incomplete referral-to-treatment pathways.", "pathways", better="lower"),
    _output(
        "rtt_by_specialty", "Incomplete pathways by specialty group.", "pathways", dims=("specialty",), better="lower"
    ),
    *(
        _output(f"over_{weeks}_weeks", f"Pathways waiting {weeks} weeks or more.", "pathways", better="lower")
        for weeks in (18, 52, 65, 78, 104)
    ),
    _output(
        "share_over_18_weeks", "Share of incomplete pathways waiting 18 weeks or more.", "1", Kind.SHARE, better="lower"
    ),
    _output(
        "within_18_weeks",
        "Share of incomplete pathways within 18 weeks, the national standard.",
        "1",
        Kind.SHARE,
        better="higher",
    ),
    _output(
        "clearing_weeks",
        "Weeks that the list would take to clear at the present rate of clock stops.",
        "weeks",
        Kind.DURATION,
        better="lower",
    ),
    _output(
        "elective_admissions_planned",
        "Elective admissions that need an overnight bed, before cancellations.",
        "patients/day",
    ),
    _output(
        "cancelled_admissions",
        "Planned overnight elective admissions cancelled for want of a bed.",
        "patients",
        Kind.FLOW,
        better="lower",
    ),
    _output(
        "harm_admissions",
        "Emergency admissions caused by waiting longer than in April 2019.",
        "patients/day",
        Kind.RATE,
        better="lower",
    ),
    _output(
        "outpatient_attendances", "Outpatient attendances at NHS providers.", "attendances", Kind.FLOW, better="higher"
    ),
    _output(
        "procedures",
        "Elective procedures at NHS providers, day cases and overnight.",
        "procedures",
        Kind.FLOW,
        better="higher",
    ),
    _output(
        "day_cases",
        "Elective procedures at NHS providers without an overnight stay.",
        "procedures",
        Kind.FLOW,
        better="higher",
    ),
    _output("independent_procedures", "Elective procedures at independent providers.", "procedures", Kind.FLOW),
    _output("independent_stops", "Clock stops at independent providers.", "pathways", Kind.FLOW),
    _output(
        "activity_index",
        "Elective activity at NHS providers, weighted by work, 1 in April 2019.",
        "1",
        Kind.INDEX,
        better="higher",
    ),
    _output(
        "deaths_while_waiting",
        "Deaths of people on the referral-to-treatment list, of any cause.",
        "people",
        Kind.FLOW,
        better="lower",
    ),
    _output("referral_threshold", "Effect of long waits on referrals, 1 as in April 2019.", "1", Kind.INDEX),
    _output("service_list_total", "People waiting, by list.", "patients", dims=("service_list",), better="lower"),
    *(
        _output(
            f"service_over_{weeks}_weeks",
            f"People waiting {weeks} weeks or more, by list.",
            "patients",
            dims=("service_list",),
            better="lower",
        )
        for weeks in (6, 13, 18, 52)
    ),
    _output(
        "service_clearing_weeks",
        "Weeks that each list would take to clear at the present rate.",
        "weeks",
        Kind.DURATION,
        ("service_list",),
        better="lower",
    ),
    _output(
        "cancer_within_28_days",
        "Share of cancer referrals told their diagnosis within 28 days.",
        "1",
        Kind.SHARE,
        better="higher",
    ),
    _output(
        "cancer_within_31_days",
        "Share of cancer patients treated within 31 days of the decision to treat.",
        "1",
        Kind.SHARE,
        better="higher",
    ),
    _output(
        "cancer_within_62_days",
        "Share of cancer patients treated within 62 days of referral.",
        "1",
        Kind.SHARE,
        better="higher",
    ),
    _output(
        "talking_therapies_within_6_weeks",
        "Share of entrants to talking therapies who waited 6 weeks or less.",
        "1",
        Kind.SHARE,
        better="higher",
    ),
)

LOOPS = (
    Loop(
        identifier="R4",
        name="cancellation",
        description="Full beds cancel overnight electives, lists lengthen, harm while waiting fills beds.",
        links=(
            Link(cause="urgent_care.occupancy", effect="urgent_care.elective_share_kept", sign=-1),
            Link(cause="urgent_care.elective_share_kept", effect="waiting_lists.clock_stops", sign=1),
            Link(cause="waiting_lists.clock_stops", effect="waiting_lists.over_18_weeks", sign=-1),
            Link(cause="waiting_lists.over_18_weeks", effect="waiting_lists.harm_admissions", sign=1),
            Link(cause="waiting_lists.harm_admissions", effect="urgent_care.emergency_admissions", sign=1),
            Link(cause="urgent_care.emergency_admissions", effect="urgent_care.occupancy", sign=1),
        ),
        gain="loops.R4_cancellation",
        strength=("waiting_lists.harm_rate",),
        shows_in=("waiting_lists.harm_admissions", 1),
    ),
    Loop(
        identifier="B3",
        name="reneging and referral thresholds",
        description="Long waits make people give up and general practitioners refer less, which shortens the list.",
        links=(
            Link(cause="waiting_lists.rtt_total", effect="waiting_lists.over_18_weeks", sign=1),
            Link(cause="waiting_lists.over_18_weeks", effect="waiting_lists.unreported_removals", sign=1),
            Link(cause="waiting_lists.unreported_removals", effect="waiting_lists.rtt_total", sign=-1),
        ),
        gain="loops.B3_reneging",
        strength=(
            "waiting_lists.reneging_rate",
            "waiting_lists.reneging_half_point",
            "waiting_lists.reneging_slope",
            "waiting_lists.referral_sensitivity",
            "waiting_lists.service_reneging_rate",
            "waiting_lists.service_reneging_half_point",
            "waiting_lists.service_reneging_slope",
        ),
        shows_in=("waiting_lists.rtt_total", -1),
    ),
)
