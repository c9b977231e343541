"""Tables and the figure of what it would take to meet a target."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from model.analysis.portfolio.goal_seek import GoalSeekResult
from model.analysis.portfolio.lever_mix import LeverMix
from model.reporting.figures.goal_seek import ScaleResponse, plot_goal_seek
from model.results.atomic_files import write_csv
from model.results.comparison import INTERVAL

Row = tuple[object, ...]


def write_tables(found: GoalSeekResult, folder: Path) -> list[tuple[str, str]]:
    """Write what each way needs, and what every scale tried gives; names of the files and what they hold."""
    resources = found.candidates.problem.resources
    used = [f"peak_{each.name} ({each.unit})" for each in resources]
    write_csv(
        folder / "target.csv",
        (
            "levers",
            "start",
            "met_within_limits",
            "scale_needed",
            "probability",
            "at_scale",
            "largest_scale_allowed",
            "set_by",
            *used,
            "in_words",
        ),
        _needs(found),
    )
    write_csv(
        folder / "scales.csv",
        ("levers", "start", "scale", "probability", "median", "low_80", "high_80", "unit"),
        _scales(found),
    )
    return [
        ("target.csv", "The smallest scale that meets the target in each way, what it uses, and what binds."),
        ("scales.csv", "The value judged, and the probability that it meets the target, at every scale tried."),
    ]


def write_mixes(found: GoalSeekResult, mixes: Sequence[LeverMix], folder: Path) -> list[tuple[str, str]]:
    """Write the cheapest mixes, if any were sought; names of the files and what they hold."""
    if not mixes:
        return []
    resources = found.candidates.problem.resources
    used = [f"peak_{each.name} ({each.unit})" for each in resources]
    rows = (
        (
            mix.start,
            name,
            float(scale),
            mix.share,
            "yes" if mix.met else "",
            mix.tried,
            *(float(value) for value in mix.use),
        )
        for mix in mixes
        for name, scale in zip(mix.levers, mix.scales, strict=True)
    )
    write_csv(folder / "mix.csv", ("start", "lever", "scale", "probability", "met", "mixes_tried", *used), rows)
    return [("mix.csv", "The cheapest mix that meets the target from each start, or the nearest, and what it uses.")]


def levers_of(found: GoalSeekResult, case: int) -> str:
    """Levers of a case in words."""
    return " + ".join(found.cases[case].levers)


def _needs(found: GoalSeekResult) -> Iterator[Row]:
    for number, case in enumerate(found.cases):
        scale = float(found.solution.scale[number])
        use = ["" for _ in found.candidates.problem.resources] if np.isnan(scale) else found.use(number, scale)
        yield (
            levers_of(found, number),
            case.start,
            "yes" if found.reached(number) else "",
            "" if np.isnan(scale) else scale,
            float(found.solution.share[number]),
            float(found.solution.at[number]),
            case.cap,
            case.binding,
            *use,
            found.verdict(number),
        )


def _scales(found: GoalSeekResult) -> Iterator[Row]:
    for number, case in enumerate(found.cases):
        shares, values = found.solution.shares[number], found.values[number]
        for place, scale in enumerate(found.solution.scales[number]):
            low, high = np.quantile(values[place], INTERVAL)
            yield (
                levers_of(found, number),
                case.start,
                float(scale),
                float(shares[place]),
                float(np.median(values[place])),
                float(low),
                float(high),
                found.target.measure.unit,
            )


def draw_figure(found: GoalSeekResult, folder: Path) -> list[tuple[str, str]]:
    """Draw the value judged by scale; file name and what it shows."""
    climbs = []
    for number, case in enumerate(found.cases):
        values = found.values[number]
        low, high = np.quantile(values, INTERVAL, axis=-1)
        climbs.append(
            ScaleResponse(
                f"{levers_of(found, number)}, from {case.start}",
                found.solution.scales[number],
                np.median(values, axis=-1),
                low,
                high,
                case.cap,
                float(found.solution.scale[number]),
            )
        )
    plot_goal_seek(
        climbs,
        folder / "target.png",
        target=found.target.text,
        unit=found.target.measure.unit,
        limit=found.target.limit,
        probability=found.probability,
        members=found.members,
    )
    return [("target.png", "The value judged by the scale of each way, beside the target and the limits.")]
