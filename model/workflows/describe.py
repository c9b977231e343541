"""What the model holds, from its declarations and its library: by sector, name or topic; its structure as pictures."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from itertools import product
from math import isinf
from pathlib import Path
from typing import TYPE_CHECKING, Any

from model.registry.errors import UserError, nearest_names
from model.workflows.progress import SILENT, Progress

if TYPE_CHECKING:
    import pandas as pd

    from model.registry.catalogue import Registry
    from model.registry.declarations import Entry, Loop, Parameter
    from model.results.case_for_change import CaseRow
    from model.scenarios.library import Library
    from model.scenarios.schema import Intervention

TOPICS = {
    "loops": "the register of feedback loops",
    "schedule": "the order of the loop over time",
    "scenarios": "scenarios, packages and futures that come with the model",
    "interventions": "the library of interventions",
    "headlines": "the headline results and what each is made of",
    "dimensions": "dimensions and their labels",
}
"""What can be described besides sectors and registered names."""

LABELS_SHOWN = 8
"""Labels of a dimension that are listed; of more, the first and the last."""
CELLS_SHOWN = 36
"""Values of a parameter that are listed unless all are asked for."""


@dataclass(frozen=True)
class Listing:
    """A table of text.

    Attributes:
        title: what it lists.
        columns: headings.
        rows: cells, as many as columns.
        remarks: a remark on the first cell of each row; none where empty.
        widest: index of the column with the longest texts.
    """

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    remarks: tuple[str, ...] = ()
    widest: int = -1

    def frame(self) -> pd.DataFrame:
        """Return the table, with the remarks as its second column."""
        import pandas as pd

        frame = pd.DataFrame(self.rows, columns=list(self.columns))
        if self.remarks:
            frame.insert(1, "meaning", self.remarks)
        return frame


@dataclass(frozen=True)
class Description:
    """What is known of a part of the model.

    Attributes:
        title: name of what is described; empty for lists.
        facts: heading and text.
        listings: tables.
        text: a file as it is written.
    """

    title: str = ""
    facts: tuple[tuple[str, str], ...] = ()
    listings: tuple[Listing, ...] = ()
    text: str = ""

    def frames(self) -> dict[str, pd.DataFrame]:
        """Return the tables by title."""
        return {listing.title: listing.frame() for listing in self.listings}

    def _repr_html_(self) -> str:
        rows = "".join(f"<tr><th>{escape(name)}</th><td>{escape(text)}</td></tr>" for name, text in self.facts)
        parts = [f"<p><b>{escape(self.title)}</b></p>" if self.title else "", f"<table>{rows}</table>" if rows else ""]
        for title, frame in self.frames().items():
            parts.append(f"<p><b>{escape(title)}</b></p>{frame.to_html(index=False)}")
        parts.append(f"<pre>{escape(self.text)}</pre>" if self.text else "")
        return "".join(parts)


def describe(name: str | None = None, *, search: str | None = None, all_values: bool = False) -> Description:
    """Return what the model holds: all of it by sector, one sector, one entry, one file of the library, or a topic.

    Args:
        name: a sector, a registered name, a loop, a topic, or a scenario, package, intervention, future or history; all
            sectors where left out.
        search: lists the entries whose name, meaning, unit or source contains this text, in place of a name.
        all_values: whether every value of a large parameter is listed.

    Raises:
        UserError: no such name, with the nearest ones; or no entry that contains the text.

    Example:
        >>> describe("workforce.leaver_rate")
        >>> describe(search="care home")
    """
    from model.sectors.model_registry import registry

    known = registry()
    if search is not None:
        entries = known.search(search)
        if not entries:
            raise UserError("no registered entry contains this text.", key=search)
        return Description(listings=(entries_listing(f"Entries that contain '{search}'", entries),))
    if name is None:
        return Description(
            listings=tuple(listing for sector in known.sectors for listing in sector_listings(known, sector))
        )
    if name in TOPICS:
        return Description(listings=_topic(known, name))
    if name in known.sectors:
        return Description(listings=sector_listings(known, name))
    if name in known.loops:
        return _loop(known, known.loops[name])
    if name in known.entries:
        return _entry(known, known.entries[name], all_values=all_values)
    return _library_file(known, name)


def _topic(registry: Registry, topic: str) -> tuple[Listing, ...]:
    topics: dict[str, Callable[[], tuple[Listing, ...]]] = {
        "loops": lambda: (_loops(registry),),
        "schedule": lambda: (_schedule(registry),),
        "scenarios": _scenarios,
        "interventions": lambda: (_interventions(),),
        "headlines": lambda: (_headlines(),),
        "dimensions": lambda: (_dimensions(),),
    }
    return topics[topic]()


def entries_listing(title: str, entries: Iterable[Entry]) -> Listing:
    """Return entries with their meaning, kind, unit and dimensions."""
    listed = list(entries)
    rows = tuple((entry.name, _short_kind(entry), entry.unit, "\n".join(entry.dims)) for entry in listed)
    columns = ("name and meaning", "kind", "unit", "dimensions")
    return Listing(title, columns, rows, tuple(entry.title for entry in listed), widest=0)


def sector_listings(registry: Registry, sector: str) -> tuple[Listing, ...]:
    """Return parameters, stocks, flows and outputs of a sector."""
    groups: dict[str, Mapping[str, Entry]] = {
        "parameters": registry.parameters,
        "stocks": registry.stocks,
        "flows": registry.flows,
        "outputs": registry.outputs,
    }
    listings = []
    for name, entries in groups.items():
        of_sector = [entry for entry in entries.values() if entry.sector == sector]
        if of_sector:
            listings.append(entries_listing(f"{registry.sectors[sector]}: {len(of_sector)} {name}", of_sector))
    return tuple(listings)


def loop_course(loop: Loop) -> str:
    """Return the links of a loop as one line."""
    if not loop.links:
        return ""
    arrows = "".join(f" {'+' if link.sign > 0 else '−'}> {link.effect}" for link in loop.links)
    return loop.links[0].cause + arrows


def loop_kind(loop: Loop) -> str:
    """Return whether a loop is reinforcing or balancing."""
    return "reinforcing" if loop.polarity > 0 else "balancing"


def _loops(registry: Registry) -> Listing:
    loops = sorted(registry.loops.values(), key=lambda loop: (loop.identifier[0] != "R", loop.identifier))
    rows = tuple(
        (
            loop.identifier,
            loop_kind(loop),
            f"{loop.gain} = {float(registry.parameters[loop.gain].value):g}",
            f"{loop.name}\n{loop_course(loop)}\nshows in {loop.shows_in[0]}",
        )
        for loop in loops
    )
    title = "Feedback loops (gain 1 as evidence has it, 0 switched off)"
    return Listing(title, ("loop", "kind", "gain", "name and course"), rows)


def _schedule(registry: Registry) -> Listing:
    """Which sectors step together, in what order, how often."""
    from model.engine.stepper import schedule
    from model.scenarios.resolver import DEFAULTS
    from model.sectors import all_sectors

    step = float(DEFAULTS["step_days"])
    rows = tuple(
        (
            str(turn.every),
            f"{turn.every * step:g} days",
            ", then ".join(registry.sectors[name] for name in turn.sectors),
        )
        for turn in schedule(all_sectors())
    )
    title = "Order of the loop: in each base step, those whose turn it is, from the top"
    return Listing(title, ("base steps", "at the usual step", "sectors"), rows)


def _headlines() -> Listing:
    from model.results.headlines import HEADLINES

    rows = tuple(
        (f"{headline.name}: {headline.title}", headline.statistic.value, headline.unit, headline.better)
        for headline in HEADLINES
    )
    columns = ("name, meaning, what it is made of, and where it is shown", "year's value", "unit", "better")
    remarks = tuple(
        headline.expression + (f"\nshown in: {', '.join(headline.places)}" if headline.places else "")
        for headline in HEADLINES
    )
    return Listing("Headline results", columns, rows, remarks, widest=0)


def _dimensions() -> Listing:
    from model.registry.dimensions import DIMENSION_DESCRIPTIONS, DIMENSIONS

    rows = tuple(
        (
            f"{name} ({len(labels)})",
            ", ".join(labels) if len(labels) <= LABELS_SHOWN else f"{', '.join(labels[:4])}, ... {labels[-1]}",
        )
        for name, labels in DIMENSIONS.items()
    )
    remarks = tuple(DIMENSION_DESCRIPTIONS.get(name, "") for name in DIMENSIONS)
    return Listing("Dimensions", ("name, number of labels and meaning", "labels"), rows, remarks)


def _scenarios() -> tuple[Listing, ...]:
    """Scenarios, packages, futures and decisions of the library."""
    from model.scenarios.decision_file import DecisionFile
    from model.scenarios.library import Library
    from model.scenarios.schema import FILES
    from model.scenarios.validated_file import ValidatedFile

    library = Library()
    models: dict[str, type[Any]] = {**FILES, "decision": DecisionFile}
    return tuple(
        Listing(
            f"{kind.capitalize()}s",
            ("name", "what it is"),
            tuple(
                (name, ValidatedFile.read(models[kind], file).content.description + _own_mark(library, file))
                for name, file in library.names(kind).items()
            ),
        )
        for kind in ("scenario", "package", "future", "decision")
    )


def _own_mark(library: Library, file: Path) -> str:
    """What is shown behind the description of a file that is the user's own."""
    if not library.is_own(file):
        return ""
    shadowed = library.shadowed_by(file)
    return f" (your own: {library.shown(file)}{', in place of the shipped one' if shadowed else ''})"


def _interventions() -> Listing:
    """Interventions of the library: kind, evidence, timing, yearly cost."""
    from model.scenarios.library import Library
    from model.scenarios.schema import Intervention
    from model.scenarios.validated_file import ValidatedFile

    library = Library()
    files = library.names("intervention")
    contents = {name: ValidatedFile.read(Intervention, file).content for name, file in files.items()}
    names = sorted(contents, key=lambda name: (contents[name].group, name))
    rows = tuple(
        (
            name,
            contents[name].group,
            contents[name].evidence_grade,
            f"{contents[name].lag_months or 0:g} + {contents[name].ramp_months or 0:g}",
            _yearly_cost(contents[name]),
        )
        for name in names
    )
    columns = ("name and what is done", "group", "evidence", "lag + ramp\n(months)", "£m a year")
    return Listing(
        "Interventions",
        columns,
        rows,
        tuple(contents[name].description + _own_mark(library, files[name]) for name in names),
        widest=0,
    )


def _yearly_cost(content: Intervention) -> str:
    """Cost in £m: what recurs, and in brackets what is spent once."""
    from model.results.number_format import MILLION, format_number
    from model.scenarios.units import quantity

    recurrent = sum(quantity(c.amount.central, "£/year") for c in content.costs if c.type == "recurrent") / MILLION
    once = sum(quantity(c.amount.central, "£") for c in content.costs if c.type != "recurrent") / MILLION
    return format_number(recurrent, 1) + (f" (+ {format_number(once, 1)} once)" if once else "")


def _entry(registry: Registry, entry: Entry, *, all_values: bool) -> Description:
    from model.registry.declarations import Parameter

    facts = tuple((heading, text) for heading, text in entry_facts(registry, entry) if text)
    values = (_values(entry, all_values=all_values),) if isinstance(entry, Parameter) and entry.dims else ()
    return Description(entry.name, facts, values)


def entry_facts(registry: Registry, entry: Entry) -> list[tuple[str, str]]:
    """Return what is known of an entry: pairs of a heading and a text, which may be empty."""
    from model.registry.declarations import Flow, Output, Parameter, Stock
    from model.registry.dimensions import DIMENSIONS

    facts = [
        ("meaning", entry.description),
        ("sector", registry.sectors.get(entry.sector, entry.sector)),
        ("kind", _kind(entry)),
        ("unit", entry.unit),
        ("dimensions", ", ".join(f"{dim} ({len(DIMENSIONS[dim])})" for dim in entry.dims) or "none: one number"),
        ("bounds", " to ".join(_number(limit) for limit in entry.bounds)),
    ]
    if isinstance(entry, Parameter):
        if not entry.dims:
            facts += [("value", _number(float(entry.value))), ("range", _range(entry))]
        facts += [("distribution", entry.distribution), ("declared in", entry.origin)]
    if isinstance(entry, Flow):
        facts.append(("from, to", f"{entry.origin} → {entry.target}"))
    if isinstance(entry, Stock):
        facts.append(
            ("flows in", ", ".join(flow.name for flow in registry.flows.values() if flow.target == entry.name))
        )
        facts.append(
            ("flows out", ", ".join(flow.name for flow in registry.flows.values() if flow.origin == entry.name))
        )
    if isinstance(entry, Output):
        facts += [("better", entry.better), ("over a month", "added up" if entry.adds_up else "averaged")]
    if not isinstance(entry, Parameter) and not getattr(entry, "recorded", True):
        facts.append(("recorded", "no: a signal between sectors"))
    loops = registry.loops_of(entry.name)
    facts += [
        ("source", entry.source),
        ("equations", "\n".join(registry.uses.get(entry.name, ())) or "none names it"),
        ("loops", "\n".join(f"{loop.identifier} {loop.name} ({_role(loop, entry.name)})" for loop in loops)),
    ]
    return facts


def _number(value: float) -> str:
    """A number with six significant figures, infinity in words."""
    return "no limit" if isinf(value) else f"{value:,.6g}"


def _short_kind(entry: Entry) -> str:
    """Parameter, or the kind of a stock, flow or output."""
    from model.registry.declarations import Parameter

    return "parameter" if isinstance(entry, Parameter) else str(getattr(entry, "kind", ""))


def _kind(entry: Entry) -> str:
    from model.registry.declarations import Output, Parameter, Stock

    kind = getattr(entry, "kind", None)
    text = str(kind.value) if kind is not None else ""
    if isinstance(entry, Parameter):
        return f"parameter, {text}"
    if isinstance(entry, Stock):
        return f"{text} of {entry.substance}"
    return f"output, {text}" if isinstance(entry, Output) else text


def _range(entry: Parameter) -> str:
    low, high = float(entry.low), float(entry.high)
    return "not taken as uncertain" if low == high else f"{_number(low)} to {_number(high)}"


def _role(loop: Loop, name: str) -> str:
    """What an entry is to a loop."""
    if name == loop.gain:
        return "its gain"
    return "its strength" if name in loop.strength else "a link"


def _values(entry: Parameter, *, all_values: bool) -> Listing:
    """Value, low and high of every cell, or of the first where there are many."""
    from model.registry.dimensions import DIMENSIONS

    cells = list(product(*(range(len(DIMENSIONS[dim])) for dim in entry.dims)))
    shown = cells if all_values or len(cells) <= CELLS_SHOWN else cells[:CELLS_SHOWN]
    uncertain = bool((entry.low != entry.high).any())
    columns = (*entry.dims, "value", *(("low", "high") if uncertain else ()))
    arrays = (entry.value, entry.low, entry.high) if uncertain else (entry.value,)
    rows = tuple(
        (
            *(DIMENSIONS[dim][position] for dim, position in zip(entry.dims, cell, strict=True)),
            *(_number(float(array[cell])) for array in arrays),
        )
        for cell in shown
    )
    title = "Values" if uncertain else "Values (not taken as uncertain)"
    if len(shown) < len(cells):
        title += f": {len(shown)} of {len(cells)} cells; --all-values shows all"
    return Listing(title, columns, rows)


def _loop(registry: Registry, loop: Loop) -> Description:
    """Course, gain, strength and place of action of a loop."""
    gain = registry.parameters[loop.gain]
    facts = (
        ("kind", loop_kind(loop)),
        ("meaning", loop.description),
        ("course", loop_course(loop).replace(" +> ", "\n +> ").replace(" −> ", "\n −> ")),
        ("gain", f"{loop.gain} = {float(gain.value):g} (--set {loop.gain}=0 switches it off)"),
        ("strength", "\n".join(loop.strength)),
        ("shows in", f"{loop.shows_in[0]}, which it {'raises' if loop.shows_in[1] > 0 else 'lowers'}"),
    )
    return Description(f"{loop.identifier} {loop.name}", facts)


def _library_file(registry: Registry, name: str) -> Description:
    """An intervention, package, future or scenario of that name, as its file has it.

    Raises:
        UserError: there is none, with the nearest of all names.
    """
    from model.scenarios.library import SUBFOLDERS, Library

    library = Library()
    valid = [*TOPICS, *registry.sectors, *registry.entries, *registry.loops]
    for kind in SUBFOLDERS:
        files = library.names(kind)
        if name in files:
            return Description(f"{kind} {files[name]}", text=files[name].read_text(encoding="utf-8"))
        valid.extend(files)
    raise UserError(
        "no sector, entry, loop, intervention, package or topic has this name.",
        key=name,
        nearest=nearest_names(name, valid),
    )


def case_for_change(progress: Progress = SILENT) -> list[CaseRow]:
    """Run the baseline over the years of the published figures, and return its table beside them.

    Args:
        progress: receives the progress of the run.
    """
    from model.results.case_for_change import case_for_change as beside_published
    from model.simulation.simulate import simulate
    from model.workflows.plan import resolve_all

    (baseline,) = resolve_all(["baseline"], {"years_after_decision": 1, "members": 1})
    progress.expect(1)
    progress.begin(baseline.name)
    run = simulate(baseline, progress=progress.advance)
    progress.finish()
    return beside_published(run)


def draw_structure(folder: Path, progress: Progress = SILENT) -> Sequence[Path]:
    """Draw the feedback loops, and the stocks and flows of each sector, as PNG and SVG.

    Args:
        folder: where; it is made if it is missing.
        progress: receives the progress.

    Returns:
        The PNG files.

    Raises:
        UserError: a file cannot be written.
    """
    from model.reporting.figures.feedback_loops import plot_loops
    from model.reporting.figures.stocks_and_flows import plot_stocks_and_flows
    from model.sectors.model_registry import registry

    known = registry()
    sectors = [name for name in known.sectors if any(stock.sector == name for stock in known.stocks.values())]
    progress.expect(len(sectors) + 1)
    progress.begin("drawing loops")
    pictures = [plot_loops(known, folder / "loops.png")]
    progress.finish()
    for sector in sectors:
        progress.begin(f"drawing {known.sectors[sector]}")
        pictures.append(plot_stocks_and_flows(known, sector, folder / f"stocks_and_flows_{sector}.png"))
        progress.finish()
    return pictures
