"""Tables and the figure of what it would take to meet a target."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from model.analysis.portfolio.goal_seek import GoalSeekResult
from model.analysis.portfolio.lever_mix import LeverMix
from model.reporting.figures.goal_seek import ScaleResponse, plot_goal_seek
from model.reporting.tables.table import Row, file_table, write_files
from model.results.comparison import INTERVAL


def write_tables(result: GoalSeekResult, folder: Path) -> list[tuple[str, str]]:
    """Write what each set of levers needs, and what every scale tried gives; names of the files and what they hold."""
    tables = {
        "target.csv": file_table(
            "The smallest scale that meets the target in each way, what it uses, and what binds.",
            (
                "levers",
                "start",
                "met_within_limits",
                "scale_needed",
                "probability",
                "at_scale",
                "largest_scale_allowed",
                "set_by",
                *_resource_keys(result),
                "in_words",
            ),
            _needs(result),
        ),
        "scales.csv": file_table(
            "The value judged, and the probability that it meets the target, at every scale tried.",
            ("levers", "start", "scale", "probability", "median", "low_80", "high_80", "unit"),
            _scales(result),
        ),
    }
    return write_files(tables, folder)


def write_mixes(result: GoalSeekResult, mixes: Sequence[LeverMix], folder: Path) -> list[tuple[str, str]]:
    """Write the cheapest mixes, if any were sought; names of the files and what they hold."""
    if not mixes:
        return []
    rows = (
        (mix.start, name, float(scale), mix.share, "yes" if mix.met else "", mix.tried, *map(float, mix.use))
        for mix in mixes
        for name, scale in zip(mix.levers, mix.scales, strict=True)
    )
    meaning = "The cheapest mix that meets the target from each start, or the nearest, and what it uses."
    keys = ("start", "lever", "scale", "probability", "met", "mixes_tried", *_resource_keys(result))
    return write_files({"mix.csv": file_table(meaning, keys, rows)}, folder)


def _resource_keys(result: GoalSeekResult) -> list[str]:
    """Headings of the largest yearly use of each resource."""
    return [f"peak_{resource.name} ({resource.unit})" for resource in result.candidates.problem.resources]


def levers_of(result: GoalSeekResult, case: int) -> str:
    """Return the levers of a case in words."""
    return " + ".join(result.cases[case].levers)


def _needs(result: GoalSeekResult) -> Iterator[Row]:
    for index, case in enumerate(result.cases):
        scale = float(result.solution.scale[index])
        use = ["" for _ in result.candidates.problem.resources] if np.isnan(scale) else result.use(index, scale)
        yield (
            levers_of(result, index),
            case.start,
            "yes" if result.reached(index) else "",
            "" if np.isnan(scale) else scale,
            float(result.solution.share[index]),
            float(result.solution.at[index]),
            case.cap,
            case.binding,
            *use,
            result.verdict(index),
        )


def _scales(result: GoalSeekResult) -> Iterator[Row]:
    for index, case in enumerate(result.cases):
        shares, values = result.solution.shares[index], result.values[index]
        for row, scale in enumerate(result.solution.scales[index]):
            low, high = np.quantile(values[row], INTERVAL)
            yield (
                levers_of(result, index),
                case.start,
                float(scale),
                float(shares[row]),
                float(np.median(values[row])),
                float(low),
                float(high),
                result.target.measure.unit,
            )


def draw_figure(result: GoalSeekResult, folder: Path) -> list[tuple[str, str]]:
    """Draw the value judged by scale; file name and what it shows."""
    responses = []
    for index, case in enumerate(result.cases):
        values = result.values[index]
        low, high = np.quantile(values, INTERVAL, axis=-1)
        responses.append(
            ScaleResponse(
                f"{levers_of(result, index)}, from {case.start}",
                result.solution.scales[index],
                np.median(values, axis=-1),
                low,
                high,
                case.cap,
                float(result.solution.scale[index]),
            )
        )
    plot_goal_seek(
        responses,
        folder / "target.png",
        target=result.target.text,
        unit=result.target.measure.unit,
        limit=result.target.limit,
        probability=result.probability,
        members=result.members,
    )
    return [("target.png", "The value judged by the scale of each way, beside the target and the limits.")]
