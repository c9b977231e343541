"""Tables of what the model holds, for the terminal."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from rich import box
from rich.console import Group
from rich.markup import escape
from rich.table import Table

from model.cli.context import NARROWEST
from model.registry.catalogue import Registry
from model.registry.declarations import Entry, Loop, Parameter
from model.registry.dimensions import DIMENSION_DESCRIPTIONS, DIMENSIONS

LABELS_SHOWN = 8


def plain_table(title: str, columns: Sequence[str], rows: Iterable[Sequence[str]], *, widest: int = -1) -> Table:
    """A table with a bold title; the column numbered ``widest`` takes the room that is left."""
    table = Table(
        title=title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, width=NARROWEST, pad_edge=False
    )
    for position, column in enumerate(columns):
        table.add_column(column, overflow="fold", ratio=1 if position == widest % len(columns) else None)
    for row in rows:
        table.add_row(*row)
    return table


def entries_table(title: str, entries: Iterable[Entry]) -> Table:
    """Entries with their meaning below their name."""
    rows = (
        (
            f"{entry.name}\n[dim]{escape(entry.title)}[/dim]",
            "parameter" if isinstance(entry, Parameter) else entry.kind.value,
            entry.unit,
            "\n".join(entry.dims),
        )
        for entry in entries
    )
    return plain_table(title, ("name and meaning", "kind", "unit", "dimensions"), rows, widest=0)


def sector_tables(registry: Registry, sector: str) -> Group:
    """Parameters, stocks, flows and outputs of a sector."""
    groups = {
        "parameters": registry.parameters,
        "stocks": registry.stocks,
        "flows": registry.flows,
        "outputs": registry.outputs,
    }
    found = []
    for name, entries in groups.items():
        own = [entry for entry in entries.values() if entry.sector == sector]
        if own:
            found.append(entries_table(f"{registry.sectors[sector]}: {len(own)} {name}", own))
    return Group(*found)


def course(loop: Loop) -> str:
    """The links of a loop as one line."""
    if not loop.links:
        return ""
    arrows = "".join(f" {'+' if link.sign > 0 else '−'}> {link.effect}" for link in loop.links)
    return loop.links[0].cause + arrows


def loops_table(registry: Registry) -> Table:
    """The register of loops."""
    rows = (
        (
            loop.identifier,
            "reinforcing" if loop.polarity > 0 else "balancing",
            f"{loop.gain} = {float(registry.parameters[loop.gain].value):g}",
            f"[bold]{loop.name}[/bold]\n{course(loop)}\n[dim]shows in {loop.shows_in[0]}[/dim]",
        )
        for loop in sorted(registry.loops.values(), key=lambda loop: (loop.identifier[0] != "R", loop.identifier))
    )
    title = "Feedback loops (gain 1 as evidence has it, 0 switched off)"
    return plain_table(title, ("", "kind", "gain", "course"), rows)


def schedule_table(registry: Registry) -> Table:
    """Which sectors step together, in what order, how often."""
    from model.engine.stepper import schedule
    from model.scenarios.resolver import DEFAULTS
    from model.sectors import all_sectors

    step = float(DEFAULTS["step_days"])
    rows = (
        (
            str(turn.every),
            f"{turn.every * step:g} days",
            ", then ".join(registry.sectors[name] for name in turn.sectors),
        )
        for turn in schedule(all_sectors())
    )
    title = "Order of the loop: in each base step, those whose turn it is, from the top"
    return plain_table(title, ("base steps", "at the usual step", "sectors"), rows)


def headlines_table() -> Table:
    """Headline results with what they are made of."""
    from model.results.headlines import HEADLINES

    rows = (
        (
            f"{each.name}: {each.title}\n[dim]{escape(each.expression)}[/dim]",
            each.statistic.value,
            each.unit,
            each.better,
        )
        for each in HEADLINES
    )
    columns = ("name, meaning and what it is made of", "year's value", "unit", "better")
    return plain_table("Headline results", columns, rows, widest=0)


def dimensions_table() -> Table:
    """Dimensions and labels."""
    rows = (
        (
            f"{name} ({len(labels)})\n[dim]{DIMENSION_DESCRIPTIONS.get(name, '')}[/dim]",
            ", ".join(labels) if len(labels) <= LABELS_SHOWN else f"{', '.join(labels[:4])}, ... {labels[-1]}",
        )
        for name, labels in DIMENSIONS.items()
    )
    return plain_table("Dimensions", ("name, number of labels and meaning", "labels"), rows)


def scenarios_table() -> Group:
    """Scenarios, packages, futures and decisions of the library."""
    from model.scenarios.decision_file import DecisionFile
    from model.scenarios.library import Library
    from model.scenarios.schema import FILES
    from model.scenarios.validated_file import Source

    library = Library()
    tables = []
    models = {**FILES, "decision": DecisionFile}
    for kind in ("scenario", "package", "future", "decision"):
        rows = (
            (name, Source.read(models[kind], file).content.description) for name, file in library.names(kind).items()
        )
        tables.append(plain_table(f"{kind.capitalize()}s", ("name", "what it is"), rows))
    return Group(*tables)


def interventions_table() -> Table:
    """The library of interventions: kind, evidence, timing, yearly cost."""
    from model.scenarios.library import Library
    from model.scenarios.schema import Intervention
    from model.scenarios.units import quantity
    from model.scenarios.validated_file import Source

    rows = []
    for name, file in Library().names("intervention").items():
        content = Source.read(Intervention, file).content
        costs = {
            kind: sum(
                quantity(cost.amount.central, "£/year" if kind == "recurrent" else "£")
                for cost in content.costs
                if (cost.type == "recurrent") == (kind == "recurrent")
            )
            for kind in ("recurrent", "once")
        }
        cost = f"{costs['recurrent'] / 1e6:,.1f}" + (f" (+ {costs['once'] / 1e6:,.1f} once)" if costs["once"] else "")
        timing = f"{content.lag_months or 0:g} + {content.ramp_months or 0:g}"
        text = f"{name}\n[dim]{escape(content.description)}[/dim]"
        rows.append((text, content.group, content.evidence_grade, timing, cost))
    rows.sort(key=lambda row: (row[1], row[0]))
    columns = ("name and what is done", "group", "evidence", "lag + ramp\n(months)", "£m a year")
    return plain_table("Interventions", columns, rows, widest=0)


def shown_number(value: float) -> str:
    """A number with six significant figures, infinity in words."""
    if np.isinf(value):
        return "no limit"
    return f"{value:,.6g}"
