"""Tables for the terminal of what each intervention of a package contributes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from rich.console import Group, RenderableType
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from model.analysis.attribution.contributions import Attribution
from model.analysis.attribution.overlaps import (
    find_interactions,
    find_shared_staff,
    interaction_sentence,
    strongest_interactions,
)
from model.cli.console.model_tables import plain_table
from model.reporting.tables.attribution import OVERLAP, SUM_ALONE, TOGETHER, decimals_of
from model.results.comparison import Spread
from model.results.number_format import format_number

MOST_SENTENCES = 8
"""Overlaps, and shared needs of staff, that the terminal shows."""


def render_attribution(attribution: Attribution, shown: Sequence[str]) -> Group:
    """Contributions to each result by horizon, what overlaps, and which interventions need the same staff.

    Args:
        attribution: contributions of the interventions.
        shown: names of the results to show.
    """
    parts: list[RenderableType] = [
        _contributions(attribution, index)
        for index, measure in enumerate(attribution.measures)
        if measure.name in shown
    ]
    pairs = [pair for pair in find_interactions(attribution) if pair.measure.name in shown]
    parts.append(
        _sentences(
            "Together less, or more, than the sum",
            [interaction_sentence(pair) for pair in strongest_interactions(pairs, MOST_SENTENCES)],
            "No pair gives clearly less or more than its sum on these results.",
        )
    )
    staff = [
        f"{need.first} ({need.wte[0]:,.0f} WTE) and {need.second} ({need.wte[1]:,.0f} WTE) need the same staff: "
        f"{need.employer.replace('_', ' ')}, {need.staff_group.replace('_', ' ')}."
        + (f" Limited by staffing: {', '.join(need.gated)}." if need.gated else "")
        for need in find_shared_staff(attribution.scenario)
    ]
    parts.append(_sentences("The same staff", staff[:MOST_SENTENCES], "No two interventions need the same staff."))
    values = (
        f"Means of {attribution.members} members with 80% intervals; means add up, medians would not."
        if attribution.members > 1
        else "Central values, no interval."
    )
    method = (
        "All subsets were run."
        if attribution.plan.exact
        else "Orders were sampled; attribution.csv has sampling errors."
    )
    parts.append(Text(f"{values} {method}", style="dim"))
    return Group(*parts)


def _sentences(title: str, sentences: Sequence[str], none: str) -> Text:
    text = Text(f"{title}\n", style="bold")
    for sentence in sentences or [none]:
        text.append(f"  {sentence}\n", style="not bold")
    return text


def _contributions(attribution: Attribution, index: int) -> Table:
    """Contribution of each intervention to one result at each horizon."""
    measure = attribution.measures[index]
    decimals = decimals_of(measure, attribution.effect[index])

    def cell(values: np.ndarray) -> str:
        """Mean and 80% interval of the values of the members."""
        if attribution.members == 1:
            return format_number(float(values[0]), decimals, signed=True)
        spread = Spread.of(values)
        mean, low, high = (
            format_number(value, decimals, signed=True) for value in (float(values.mean()), spread.low, spread.high)
        )
        return f"{mean}\n[dim]{low} to {high}[/dim]"

    columns = range(len(attribution.horizons))
    rows = [
        (name, *(cell(attribution.shapley[row, index, column]) for column in columns))
        for row, name in enumerate(attribution.interventions)
    ]
    together = (f"[bold]{cell(attribution.effect[index, column])}[/bold]" for column in columns)
    rows += [
        (f"[bold]{TOGETHER}[/bold]", *together),
        (f"[dim]{SUM_ALONE}[/dim]", *(cell(attribution.alone[:, index, column].sum(axis=0)) for column in columns)),
        (f"[dim]{OVERLAP}[/dim]", *(cell(attribution.overlap[index, column]) for column in columns)),
    ]
    headings = ("intervention", *(f"{horizon} {year}" for horizon, year in attribution.horizons.items()))
    return plain_table(escape(f"{measure.title} ({measure.unit})"), headings, rows, widest=0)
