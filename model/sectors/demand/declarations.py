"""What the demand sector declares: outputs."""

from __future__ import annotations

from model.registry.declarations import Declare, Kind, Memory, Output, named

# Tables, laid out by hand.
# fmt: off

declare = Declare("demand")

OUTPUTS: tuple[Output, ...] = (
    declare.output(
        "need", "Need for each service by residents of each place.", "1/day", Kind.RATE, ("service", "place"),
        label="Need for services",
    ),
    declare.output(
        "need_by_deprivation", "Need for each service by fifth of deprivation.", "1/day", Kind.RATE,
        ("service", "deprivation"), label="Need by deprivation",
    ),
    declare.output(
        "stay_index", "Mean length of emergency stay that the ages of those admitted imply, 1 = April 2019.", "1",
        Kind.INDEX, ("place",), label="Stay implied by age",
    ),
    declare.output(
        "dependency_index", "Share of admitted people who need a supported discharge implied by age, 1 = April 2019.",
        "1", Kind.INDEX, ("place",), label="Dependency implied by age",
    ),
    declare.output(
        "falls_bed_day_concentration",
        "Share of falls bed days used by the 3% of people in the groups with the highest use.", "1", Kind.SHARE,
        label="Falls bed days used by 3% of people",
    ),
)

CELLS = ("service", "place", "deprivation")

MEMORY: tuple[Memory, ...] = (
    declare.memory("need_before", "Need at the beginning of the population's step.", "1/day", CELLS),
    declare.memory("need_after", "Need at the end of the population's step.", "1/day", CELLS),
    declare.memory("stay_before", "Stay implied by age at the beginning of the population's step.", "1", ("place",)),
    declare.memory("stay_after", "Stay implied by age at the end of the population's step.", "1", ("place",)),
    declare.memory("dependency_before", "Dependency implied by age at the beginning of that step.", "1", ("place",)),
    declare.memory("dependency_after", "Dependency implied by age at the end of that step.", "1", ("place",)),
    declare.memory("first_stay", "Mean stay that ages implied in April 2019.", "1", ("place",)),
    declare.memory("first_dependency", "Mean dependency that ages implied in April 2019.", "1", ("place",)),
)

# fmt: on

# Signals that other sectors read.
DEPENDENCY_INDEX = named(OUTPUTS, "dependency_index")
NEED = named(OUTPUTS, "need")
NEED_BY_DEPRIVATION = named(OUTPUTS, "need_by_deprivation")
STAY_INDEX = named(OUTPUTS, "stay_index")
