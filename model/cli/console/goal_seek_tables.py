"""Table for the terminal of what it would take to meet a target."""

from __future__ import annotations

import numpy as np
from rich.console import Group
from rich.markup import escape
from rich.text import Text

from model.analysis.portfolio.goal_seek import GoalSeekResult
from model.cli.console.model_tables import plain_table
from model.reporting.tables.goal_seek import levers_of
from model.results.number_format import format_millions


def render_goal_seek(search: GoalSeekResult) -> Group:
    """What each case needs, what it uses, and which limit binds."""
    rows = []
    for index, case in enumerate(search.cases):
        scale = float(search.solution.scale[index])
        cost = "–" if np.isnan(scale) else format_millions(search.use(index, scale)[0])
        cap = "no limit" if np.isinf(case.cap) else f"{case.cap:.3g}"
        rows.append(
            (
                f"{levers_of(search, index)}\n[dim]{escape(search.verdict(index))}[/dim]",
                case.start,
                "–" if np.isnan(scale) else f"{scale:.3g}",
                cap,
                f"{search.solution.share[index]:.0%}",
                cost,
            )
        )
    columns = ("levers", "start", "scale needed", "allowed", "probability", "£m a year")
    title = f"{search.target.text}, with a probability of {search.probability:.0%}"
    answer = (
        ""
        if any(search.reached(index) for index in range(len(search.cases)))
        else "The target cannot be met in any of these ways."
    )
    text = Text(f"{answer} {search.members} members; scale 1 is the lever as its file has it.".strip(), style="dim")
    return Group(plain_table(escape(title), columns, rows, widest=0), text)
