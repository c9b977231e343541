"""The reference as Markdown, from the declarations: a page for each sector, the loops and the headline results."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from model.cli.console.model_tables import course
from model.cli.console.registry_entries import facts_of
from model.registry.catalogue import Registry
from model.registry.declarations import Entry
from model.results.headlines import HEADLINES

HEAD = "<!-- Written by 'python run.py reference'; changes here are lost. -->\n"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", "<br>")


def _table(columns: Iterable[str], rows: Iterable[Iterable[str]]) -> list[str]:
    heads = list(columns)
    lines = ["| " + " | ".join(heads) + " |", "|" + "---|" * len(heads)]
    return [*lines, *("| " + " | ".join(_cell(cell) for cell in row) + " |" for row in rows), ""]


def _entries(registry: Registry, title: str, entries: Iterable[Entry]) -> list[str]:
    lines = [f"## {title}", ""]
    for entry in entries:
        facts = ((name, text) for name, text in facts_of(registry, entry) if text and name != "sector")
        lines += [f"### `{entry.name}`", "", *_table(("", ""), facts)]
    return lines


def pages(registry: Registry) -> dict[str, str]:
    """Text of every page by file name."""
    found: dict[str, str] = {}
    for sector, title in {**registry.sectors, "loops": "Gains of the loops"}.items():
        lines = [HEAD, f"# {title}", ""]
        for name, store in (
            ("Parameters", registry.parameters),
            ("Stocks", registry.stocks),
            ("Flows", registry.flows),
            ("Outputs", registry.outputs),
        ):
            own = [entry for entry in store.values() if entry.sector == sector]
            if own:
                lines += _entries(registry, name, own)
        found[f"{sector}.md"] = "\n".join(lines)
    register = (
        (
            loop.identifier,
            "reinforcing" if loop.polarity > 0 else "balancing",
            loop.description,
            course(loop),
            loop.gain,
        )
        for loop in registry.loops.values()
    )
    lines = [HEAD, "# Register of loops", "", *_table(("loop", "kind", "meaning", "course", "gain"), register)]
    found["loop_register.md"] = "\n".join(lines)
    results = ((each.title, each.unit, each.better, each.statistic.value, f"`{each.expression}`") for each in HEADLINES)
    columns = ("result", "unit", "better", "year's value", "made of")
    found["headlines.md"] = "\n".join([HEAD, "# Headline results", "", *_table(columns, results)])
    links = (f"- [{name.removesuffix('.md').replace('_', ' ')}]({name})" for name in found)
    found["README.md"] = "\n".join([HEAD, "# Reference", "", *links, ""])
    return found


def write_reference(registry: Registry, folder: Path) -> list[Path]:
    """Write all pages into a folder that exists; pages of the same name are replaced."""
    written = []
    for name, text in pages(registry).items():
        path = folder / name
        path.write_text(text, encoding="utf-8")
        written.append(path)
    return written
