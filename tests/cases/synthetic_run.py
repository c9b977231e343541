"""A small registry with the names that results read, and invented runs of it, for tests of results and figures."""

from __future__ import annotations

from datetime import date

import numpy as np

from model.registry.catalogue import Registry
from model.registry.declarations import OUTSIDE, Flow, Kind, Link, Loop, Output, Stock
from model.registry.dimensions import DIMENSIONS
from model.results.headlines import HEADLINES, OTHER_RESULTS_READ, names_read
from model.results.run import Run

START = date(2019, 4, 1)
DECISION = date(2023, 4, 1)
HORIZONS = {"short": 2, "medium": 5, "long": 15, "very_long": 20}

DIMS = {
    "urgent_care.beds_by_site": ("site",),
    "waiting_lists.service_list_total": ("service_list",),
    "workforce.in_post": ("employer", "staff_group"),
    "workforce.temporary_staff": ("employer", "staff_group"),
    "workforce.vacancy_rate": ("employer",),
    "finance.expenditure": ("organisation",),
    "finance.social_care_gap": ("place",),
    "finance.statement": ("organisation", "statement_line"),
    "outcomes.qalys": ("deprivation",),
    "population.by_deprivation": ("deprivation", "segment"),
}
LEVELS = {
    "urgent_care.bed_days_needed": 36_000,
    "urgent_care.bed_days_delayed": 14_000,
    "urgent_care.beds_required": 1_790,
    "urgent_care.beds_occupied": 1_700,
    "urgent_care.beds_open": 1_850,
    "discharge.overnight_discharges": 7_000,
    "discharge.nctr_before_discharges": 600,
    "discharge.nctr_remaining": 440,
    "urgent_care.four_hour_share": 0.66,
    "urgent_care.twelve_hour_waits": 600,
    "urgent_care.handover_hours_lost": 4_000,
    "waiting_lists.rtt_total": 130_000,
    "waiting_lists.over_18_weeks": 45_000,
    "waiting_lists.over_52_weeks": 8_500,
    "waiting_lists.over_65_weeks": 3_000,
    "waiting_lists.service_list_total": 20_000,
    "waiting_lists.cancer_within_62_days": 0.62,
    "workforce.in_post": 1_200,
    "workforce.temporary_staff": 60,
    "workforce.vacancy_rate_overall": 0.16,
    "workforce.vacancy_rate": 0.21,
    "finance.underlying_deficit": 76e6,
    "finance.in_year_deficit": 60e6,
    "finance.expenditure": 30e6,
    "finance.social_care_gap": 8e6,
    "outcomes.qalys": 14_000,
    "outcomes.premature_deaths": 220,
    "population.by_deprivation": 40_000,
    "outcomes.inequality_cost": 100e6,
    "demand.falls_bed_day_concentration": 0.66,
    "waiting_lists.clock_starts": 30_000,
}


def result_names() -> list[str]:
    """Every name that headlines, the case for change, statements and figures read."""
    return list(dict.fromkeys([*names_read(HEADLINES), *OTHER_RESULTS_READ, "waiting_lists.clock_starts"]))


def registry() -> Registry:
    """A registry of those names, with a chain of three stocks, their flows and two loops."""
    totals = {*names_read([headline for headline in HEADLINES if headline.adds_up])}
    totals |= {"discharge.overnight_discharges", "finance.statement", "waiting_lists.clock_starts"}
    outputs = [
        Output(
            name=name,
            description=f"Invented {name}.",
            unit="£" if name.startswith("finance") else "patients",
            dims=DIMS.get(name, ()),
            kind=Kind.FLOW if name in totals else Kind.RATE,
            source="assumption",
        )
        for name in result_names()
    ]
    chain = ("waiting", "in_treatment", "delayed")
    stocks = [
        Stock(name=f"discharge.{name}", description=f"Patients {name}.", unit="patients", substance="patients")
        for name in chain
    ]
    stocks.append(Stock(name="discharge.smoothed", description="Smoothed signal.", unit="1", substance="index"))
    ends = [(OUTSIDE, "waiting"), ("waiting", "in_treatment"), ("in_treatment", "delayed"), ("delayed", OUTSIDE)]
    ends += [("delayed", "waiting"), ("in_treatment", "waiting")]
    flows = [
        Flow(
            name=f"discharge.flow_{position}",
            description="A flow.",
            unit="patients",
            origin=origin if origin == OUTSIDE else f"discharge.{origin}",
            target=target if target == OUTSIDE else f"discharge.{target}",
        )
        for position, (origin, target) in enumerate(ends)
    ]
    loops = [
        Loop(
            identifier=identifier,
            name=title,
            description="A loop.",
            gain=f"loops.{identifier}",
            strength=(),
            links=tuple(
                Link(cause=cause, effect=effect, sign=sign)
                for cause, effect, sign in zip(course, [*course[1:], course[0]], signs, strict=True)
            ),
            shows_in=("waiting_lists.rtt_total", 1),
        )
        for identifier, title, course, signs in (
            ("R1", "deconditioning", ["discharge.delayed", "urgent_care.beds_occupied"], [1, 1]),
            ("B1", "hiring", ["workforce.vacancy_rate", "workforce.in_post"], [1, -1]),
        )
    ]
    return Registry([], stocks, flows, outputs, loops, {"discharge": "Discharge and intermediate care"})


def invented_run(scenario: str = "baseline", *, members: int = 1, effect: float = 0.0, years: int = 24) -> Run:
    """A run with slow growth, a winter wave, spread over members, and ``effect`` growing in from the decision."""
    declared = registry()
    months = 12 * years
    month = np.arange(months)
    since = np.clip((month - 48) / 60, 0, 1)
    wave = 1 + 0.04 * np.cos(2 * np.pi * (month - 9) / 12) + 0.008 * month / 12
    members_spread = 1 + 0.1 * (np.arange(members) - (members - 1) / 2) / max(members, 2)
    results = {}
    for name in result_names():
        dims = declared.outputs[name].dims
        shape = tuple(len(DIMENSIONS[dim]) for dim in dims)
        course = LEVELS.get(name, 1_000.0) * wave * (1 + effect * since)
        values = course.reshape(-1, *(1,) * len(shape), 1) * members_spread
        results[name] = np.broadcast_to(values, (months, *shape, members)).copy()
    results["finance.statement"] = _statement(months, members, members_spread)
    provenance = {"seed": "1", "resolved_scenario": f"name: {scenario}\n"}
    return Run(scenario, START, months, DECISION, HORIZONS, members, results, declared, provenance)


def _statement(months: int, members: int, members_spread: np.ndarray) -> np.ndarray:
    organisations, lines = DIMENSIONS["organisation"], DIMENSIONS["statement_line"]
    size = np.array([40, 110, 12, 15, 35, 14, 9, 9, 1.5])[: len(organisations)]
    weight = np.array([1.0 if position < 4 else -4.0 / (len(lines) - 4) for position in range(len(lines))])
    growth = 1 + 0.03 * np.arange(months) / 12
    values = 1e6 * growth[:, None, None] * size[None, :, None] * weight[None, None, :]
    return values[..., None] * np.broadcast_to(members_spread, (members,))
