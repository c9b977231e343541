"""The reference as Markdown, from the declarations: a page for each sector, the loops and the headline results."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from model.registry.errors import Exit, UserError
from model.workflows.describe import entry_facts, loop_course, loop_kind

if TYPE_CHECKING:
    from model.registry.catalogue import Registry
    from model.registry.declarations import Entry

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
        facts = ((name, text) for name, text in entry_facts(registry, entry) if text and name != "sector")
        lines += [f"### `{entry.name}`", "", *_table(("", ""), facts)]
    return lines


def _sector_page(registry: Registry, sector: str, title: str) -> str:
    lines = [HEAD, f"# {title}", ""]
    for name, entries in (
        ("Parameters", registry.parameters),
        ("Stocks", registry.stocks),
        ("Flows", registry.flows),
        ("Outputs", registry.outputs),
    ):
        of_sector = [entry for entry in entries.values() if entry.sector == sector]
        if of_sector:
            lines += _entries(registry, name, of_sector)
    return "\n".join(lines)


def _loops_page(registry: Registry) -> str:
    loops = (
        (loop.identifier, loop_kind(loop), loop.description, loop_course(loop), loop.gain)
        for loop in registry.loops.values()
    )
    table = _table(("loop", "kind", "meaning", "course", "gain"), loops)
    return "\n".join([HEAD, "# Register of loops", "", *table])


def _headlines_page() -> str:
    from model.results.headlines import HEADLINES

    rows = (
        (
            headline.title,
            headline.unit,
            headline.better,
            headline.statistic.value,
            f"`{headline.expression}`",
            ", ".join(headline.places),
        )
        for headline in HEADLINES
    )
    columns = ("result", "unit", "better", "year's value", "made of", "shown in")
    return "\n".join([HEAD, "# Headline results", "", *_table(columns, rows)])


def pages(registry: Registry) -> dict[str, str]:
    """Return the text of every page by file name."""
    sectors = {**registry.sectors, "loops": "Gains of the loops"}
    texts = {f"{sector}.md": _sector_page(registry, sector, title) for sector, title in sectors.items()}
    texts["loop_register.md"] = _loops_page(registry)
    texts["headlines.md"] = _headlines_page()
    links = (f"- [{name.removesuffix('.md').replace('_', ' ')}]({name})" for name in texts)
    texts["README.md"] = "\n".join([HEAD, "# Reference", "", *links, ""])
    return texts


def write_reference(folder: Path) -> list[Path]:
    """Write all pages into a folder; pages of the same name are replaced.

    Raises:
        UserError: the folder cannot be written.
    """
    from model.sectors.model_registry import registry

    paths = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in pages(registry()).items():
            path = folder / name
            path.write_text(text, encoding="utf-8")
            paths.append(path)
    except OSError as error:
        raise UserError(f"cannot write: {error.strerror}.", file=folder, code=Exit.OUTPUT) from error
    return paths
