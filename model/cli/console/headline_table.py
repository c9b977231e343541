"""The headline table for the terminal: one block per horizon, every scenario beside the baseline, 116 columns wide."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from model.results.comparison import HeadlineRow, Spread
from model.results.headlines import Measure
from model.results.run import in_words

if TYPE_CHECKING:
    from rich.console import Group
    from rich.table import Table
    from rich.text import Text

WIDTH = 116
"""Columns that the table may take."""

SCENARIOS_ABREAST = 3
"""Scenarios side by side; more follow in another block."""


def render_headlines(rows: Sequence[HeadlineRow], titles: Mapping[str, str] | None = None) -> Group:
    """Return tables of the rows of ``headline_table``: by horizon the baseline's value and each scenario's difference.

    Args:
        rows: as ``headline_table`` gives them, the baseline's first.
        titles: names of scenarios for people, by scenario.
    """
    from rich.console import Group
    from rich.markup import escape
    from rich.text import Text

    baseline = next(row.scenario for row in rows if row.difference is None)
    others = list(dict.fromkeys(row.scenario for row in rows if row.difference is not None))
    blocks = [others[first : first + SCENARIOS_ABREAST] for first in range(0, len(others), SCENARIOS_ABREAST)] or [[]]
    by_name = {(row.horizon, row.scenario, row.headline.name): row for row in rows}
    horizons = list(dict.fromkeys((row.horizon, row.financial_year) for row in rows))
    headlines = list({row.headline.name: row.headline for row in rows}.values())
    names = {scenario: escape((titles or {}).get(scenario, in_words(scenario))) for scenario in (baseline, *others)}
    tables = [
        _table(horizon, year, baseline, block, names, headlines, by_name)
        for horizon, year in horizons
        for block in blocks
    ]
    members = rows[0].members
    note = "Differences are scenario less baseline; ↓ lower is better, ↑ higher is better; green better, red worse."
    if members > 1:
        note += f" {members} paired members: median, below it the 80% interval and the probability of improvement."
    else:
        note += " One run: no interval."
    return Group(*tables, Text(note, style="dim"))


def _table(
    horizon: str,
    year: str,
    baseline: str,
    scenarios: Sequence[str],
    names: Mapping[str, str],
    headlines: Sequence[Measure],
    rows: Mapping[tuple[str, str, str], HeadlineRow],
) -> Table:
    from rich import box
    from rich.markup import escape
    from rich.table import Table

    table = Table(
        title=escape(f"{horizon.replace('_', ' ').capitalize()} term: {year}"),
        title_justify="left",
        title_style="bold",
        box=box.SIMPLE_HEAD,
        width=WIDTH,
        pad_edge=False,
        padding=(0, 1, 0, 0),
    )
    table.add_column("headline result", ratio=10)
    table.add_column("", width=1)
    table.add_column("unit", ratio=5, style="dim")
    table.add_column(names[baseline], justify="right", ratio=5)
    for scenario in scenarios:
        table.add_column(names[scenario], justify="right", ratio=6)
    topic = None
    for headline in headlines:
        base = rows.get((horizon, baseline, headline.name))
        if base is None:
            continue
        if headline.topic is not None and headline.topic != topic:
            topic = headline.topic
            table.add_row(f"[bold]{topic.value}[/bold]")
        cells = [_difference(rows.get((horizon, scenario, headline.name))) for scenario in scenarios]
        arrow = "↑" if headline.better == "higher" else "↓"
        table.add_row(headline.title, arrow, headline.unit, _value(base), *cells)
    return table


def _range(headline: Measure, spread: Spread, *, signed: bool) -> str:
    return f"{headline.format(spread.low, signed=signed)} to {headline.format(spread.high, signed=signed)}"


def _value(row: HeadlineRow) -> str:
    text = row.headline.format(row.value.median)
    return text if row.members == 1 else f"{text}\n[dim]{_range(row.headline, row.value, signed=False)}[/dim]"


def _difference(row: HeadlineRow | None) -> Text | str:
    from rich.text import Text

    if row is None or row.difference is None:
        return "–"
    headline, spread = row.headline, row.difference
    median = headline.format(spread.median, signed=True)
    style = ""
    if median.strip("+−0.,") and median != "–":
        style = "green" if headline.improves * spread.median > 0 else "red"
    text = Text(median, style=style)
    if row.improvement is not None:
        text.append(f"\n{_range(headline, spread, signed=True)}", style="dim")
        text.append(f"\n{row.improvement:.0%} better", style="dim")
    return text
