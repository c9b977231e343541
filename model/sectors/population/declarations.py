"""What the population sector declares: stocks, flows and outputs."""

from __future__ import annotations

from model.registry.declarations import (
    NOT_NEGATIVE,
    OUTSIDE,
    UP_TO_ONE,
    Declare,
    Flow,
    Kind,
    Memory,
    Output,
    Stock,
    named,
)

PLACE = ("place",)
DEPRIVATION = ("deprivation",)

# Tables, laid out by hand.
# fmt: off

declare = Declare("population", output_bounds=NOT_NEGATIVE)

STOCKS: tuple[Stock, ...] = (
    declare.stock(
        "people", "Residents.", "people", "people", ("place", "age_band", "deprivation", "segment"), recorded=False,
    ),
    declare.stock(
        "condition_burden",
        "Frequency of each condition at given ages, 1 in April 2019; follows incidence with a delay.", "1", "index",
        ("condition", "deprivation"),
    ),
)

FLOWS: tuple[Flow, ...] = (
    declare.flow("births", "Births.", "people", OUTSIDE, "people", PLACE),
    declare.flow("deaths", "Deaths.", "people", "people", OUTSIDE, ("age_band", "deprivation")),
    declare.flow(
        "migration", "Net arrivals where a place and age gain by migration.", "people", OUTSIDE, "people", PLACE,
    ),
    declare.flow(
        "emigration", "Net departures where a place and age lose by migration.", "people", "people", OUTSIDE, PLACE,
    ),
    declare.flow("ageing", "People who grow into the next age band.", "people", "people", "people"),
    declare.flow(
        "progression", "Moves to a segment with more multimorbidity.", "people", "people", "people", DEPRIVATION,
    ),
    declare.flow("recovery", "Moves to a segment with less multimorbidity.", "people", "people", "people", DEPRIVATION),
)

OUTPUTS: tuple[Output, ...] = (
    declare.output("residents", "Residents of all ages.", "people", Kind.COUNT, label="Residents"),
    declare.output(
        "by_place_and_segment", "Residents by place and core segment.", "people", Kind.COUNT, ("place", "segment"),
    ),
    declare.output("by_age", "Residents by place and age.", "people", Kind.COUNT, ("place", "age_band")),
    declare.output(
        "by_deprivation", "Residents by deprivation and core segment.", "people", Kind.COUNT,
        ("deprivation", "segment"),
    ),
    declare.output("adults_by_segment", "People aged 17 and over by core segment.", "people", Kind.COUNT, ("segment",)),
    declare.output("start_well", "People aged 0 to 24.", "people", Kind.COUNT),
    declare.output("live_well", "People aged 25 to 64.", "people", Kind.COUNT),
    declare.output("age_well", "People aged 65 and over.", "people", Kind.COUNT),
    declare.output("aged_75_and_over", "People aged 75 and over.", "people", Kind.COUNT),
    declare.output(
        "share_high_multimorbidity", "Share of adults in core segments CS4 and CS5.", "1", Kind.SHARE,
        label="Adults in CS4-CS5", better="lower", bounds=UP_TO_ONE,
    ),
    declare.output("deaths_under_75", "Deaths before the age of 75.", "people", Kind.FLOW, DEPRIVATION, better="lower"),
    declare.output("deaths_by_place", "Deaths by place.", "people", Kind.FLOW, PLACE, recorded=False),
    declare.output(
        "deaths_under_75_by_place", "Deaths before the age of 75 by place.", "people", Kind.FLOW, PLACE, recorded=False,
    ),
)

MEMORY: tuple[Memory, ...] = (
    declare.memory(
        "people_before", "Residents at the beginning of the last step.", "people",
        ("place", "age_band", "deprivation", "segment"),
    ),
)

# fmt: on

# Signals that other sectors read.
BY_AGE = named(OUTPUTS, "by_age")
CONDITION_BURDEN = named(STOCKS, "condition_burden")
DEATHS = named(FLOWS, "deaths")
DEATHS_BY_PLACE = named(OUTPUTS, "deaths_by_place")
DEATHS_UNDER_75_BY_PLACE = named(OUTPUTS, "deaths_under_75_by_place")
PEOPLE = named(STOCKS, "people")
