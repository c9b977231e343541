"""What the demand sector declares: outputs."""

from __future__ import annotations

from model.registry.declarations import Declare, Kind, Output, named

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

# fmt: on

# Signals that other sectors read.
DEPENDENCY_INDEX = named(OUTPUTS, "dependency_index")
NEED = named(OUTPUTS, "need")
NEED_BY_DEPRIVATION = named(OUTPUTS, "need_by_deprivation")
STAY_INDEX = named(OUTPUTS, "stay_index")
