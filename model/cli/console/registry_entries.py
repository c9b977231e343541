"""One registered entry, or one loop, with everything that is known of it."""

from __future__ import annotations

from itertools import product

import numpy as np
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from model.cli.console.model_tables import course, plain_table, shown_number
from model.registry.catalogue import Registry
from model.registry.declarations import Entry, Flow, Loop, Output, Parameter, Stock
from model.registry.dimensions import DIMENSIONS

ROWS_SHOWN = 36
"""Cells of a table of values shown unless all are asked for."""


def entry_sheet(registry: Registry, entry: Entry, *, all_values: bool = False) -> Group:
    """Meaning, unit, dimensions, bounds, values, source, place, equations and loops of one entry."""
    facts = Table.grid(padding=(0, 2))
    facts.add_column(style="dim", no_wrap=True)
    facts.add_column(overflow="fold")
    for name, text in facts_of(registry, entry):
        if text:
            facts.add_row(name, text)
    parts: list[RenderableType] = [Text(entry.name, style="bold"), facts]
    if isinstance(entry, Parameter) and entry.dims:
        parts.append(_values(entry, all_values=all_values))
    return Group(*parts)


def facts_of(registry: Registry, entry: Entry) -> list[tuple[str, str]]:
    """What is known of an entry: pairs of a heading and a text, empty where there is nothing to say."""
    loops = registry.loops_of(entry.name)
    found = [
        ("meaning", entry.description),
        ("sector", registry.sectors.get(entry.sector, entry.sector)),
        ("kind", _kind(entry)),
        ("unit", entry.unit),
        ("dimensions", ", ".join(f"{dim} ({len(DIMENSIONS[dim])})" for dim in entry.dims) or "none: one number"),
        ("bounds", " to ".join(shown_number(limit) for limit in entry.bounds)),
    ]
    if isinstance(entry, Parameter):
        if not entry.dims:
            found.append(("value", shown_number(float(entry.value))))
            found.append(("range", _range(entry)))
        found.append(("distribution", entry.distribution))
        found.append(("declared in", entry.origin))
    if isinstance(entry, Flow):
        found.append(("from, to", f"{entry.origin} → {entry.target}"))
    if isinstance(entry, Stock):
        found.append(("flows in", _flows(registry, entry.name, "target")))
        found.append(("flows out", _flows(registry, entry.name, "origin")))
    if isinstance(entry, Output):
        found.append(("better", entry.better))
        found.append(("over a month", "added up" if entry.adds_up else "averaged"))
    if not isinstance(entry, Parameter) and not getattr(entry, "recorded", True):
        found.append(("recorded", "no: a signal between sectors"))
    found.append(("source", entry.source))
    found.append(("equations", "\n".join(registry.uses.get(entry.name, ())) or "none names it"))
    found.append(("loops", "\n".join(f"{loop.identifier} {loop.name} ({_part(loop, entry.name)})" for loop in loops)))
    return found


def _kind(entry: Entry) -> str:
    kind = getattr(entry, "kind", None)
    text = kind.value if kind is not None else ""
    if isinstance(entry, Parameter):
        return f"parameter, {text}"
    if isinstance(entry, Stock):
        return f"{text} of {entry.substance}"
    return f"output, {text}" if isinstance(entry, Output) else text


def _range(entry: Parameter) -> str:
    low, high = float(entry.low), float(entry.high)
    return "not taken as uncertain" if low == high else f"{shown_number(low)} to {shown_number(high)}"


def _flows(registry: Registry, stock: str, end: str) -> str:
    return ", ".join(flow.name for flow in registry.flows.values() if getattr(flow, end) == stock)


def _part(loop: Loop, name: str) -> str:
    if name == loop.gain:
        return "its gain"
    return "its strength" if name in loop.strength else "a link"


def _values(entry: Parameter, *, all_values: bool) -> Table:
    """Value, low and high of every cell, or of the first where there are many."""
    cells = list(product(*(range(len(DIMENSIONS[dim])) for dim in entry.dims)))
    shown = cells if all_values or len(cells) <= ROWS_SHOWN else cells[:ROWS_SHOWN]
    uncertain = bool(np.any(entry.low != entry.high))
    columns = (*entry.dims, "value", *(("low", "high") if uncertain else ()))
    arrays = (entry.value, entry.low, entry.high) if uncertain else (entry.value,)
    rows = (
        (
            *(DIMENSIONS[dim][position] for dim, position in zip(entry.dims, cell, strict=True)),
            *(shown_number(float(array[cell])) for array in arrays),
        )
        for cell in shown
    )
    title = "Values" if uncertain else "Values (not taken as uncertain)"
    if len(shown) < len(cells):
        title += f": {len(shown)} of {len(cells)} cells; --all-values shows all"
    return plain_table(title, columns, rows)


def loop_sheet(registry: Registry, loop: Loop) -> Group:
    """Course, gain, strength and place of action of one loop."""
    facts = Table.grid(padding=(0, 2))
    facts.add_column(style="dim", no_wrap=True)
    facts.add_column(overflow="fold")
    gain = registry.parameters[loop.gain]
    for name, text in (
        ("kind", "reinforcing" if loop.polarity > 0 else "balancing"),
        ("meaning", loop.description),
        ("course", course(loop).replace(" +> ", "\n +> ").replace(" −> ", "\n −> ")),
        ("gain", f"{loop.gain} = {float(gain.value):g} (--set {loop.gain}=0 switches it off)"),
        ("strength", "\n".join(loop.strength)),
        ("shows in", f"{loop.shows_in[0]}, which it {'raises' if loop.shows_in[1] > 0 else 'lowers'}"),
    ):
        facts.add_row(name, text)
    return Group(Text(f"{loop.identifier} {loop.name}", style="bold"), facts)
