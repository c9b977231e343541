"""The command ``describe``: what the model holds, from its declarations."""

from __future__ import annotations

import click

from model.cli.context import CommandContext, common_options
from model.registry.errors import UserError, nearest_names

TOPICS = {
    "loops": "the register of feedback loops",
    "schedule": "the order of the loop over time",
    "scenarios": "scenarios, packages and futures that come with the model",
    "interventions": "the library of interventions",
    "headlines": "the headline results and what each is made of",
    "dimensions": "dimensions and their labels",
    "case-for-change": "the baseline beside the published figures (runs it to March 2024)",
}
"""What ``describe`` shows beside sectors and registered names."""


@click.command(
    short_help="Show what the model holds, by sector or by name.",
    epilog="NAME is a sector, a registered name, a loop, an intervention, or one of: "
    + "; ".join(f"{name} ({meaning})" for name, meaning in TOPICS.items()),
)
@click.argument("name", required=False)
@click.option("--search", metavar="TEXT", help="Entries whose name, meaning, unit or source contains TEXT.")
@click.option("--all-values", is_flag=True, help="Every cell of a large table.")
@common_options
@click.pass_obj
def describe(context: CommandContext, name: str | None, search: str | None, all_values: bool) -> None:
    """Show what the model holds: everything by sector, one sector, one entry, or a topic."""
    from model.simulation.simulate import registry

    known = registry()
    if name and search:
        raise click.UsageError("give a NAME or --search, not both.")
    if search:
        from model.cli.console.model_tables import entries_table

        found = known.search(search)
        if not found:
            raise UserError("nothing registered contains this text.", key=search)
        context.show(entries_table(f"Entries that contain '{search}'", found))
    elif name is None:
        _everything(context)
    elif name in TOPICS:
        _topic(context, name)
    elif name in known.sectors:
        from model.cli.console.model_tables import sector_tables

        context.show(sector_tables(known, name))
    elif name in known.loops:
        from model.cli.console.registry_entries import loop_sheet

        context.show(loop_sheet(known, known.loops[name]))
    elif name in known.entries:
        from model.cli.console.registry_entries import entry_sheet

        context.show(entry_sheet(known, known.entries[name], all_values=all_values))
    else:
        _from_library(context, name)


def _everything(context: CommandContext) -> None:
    from model.cli.console.model_tables import sector_tables
    from model.simulation.simulate import registry

    for sector in registry().sectors:
        context.show(sector_tables(registry(), sector))
    context.say("Also: " + "; ".join(f"describe {name} ({meaning})" for name, meaning in TOPICS.items()))


def _topic(context: CommandContext, name: str) -> None:
    from model.cli.console import model_tables as tables
    from model.simulation.simulate import registry

    if name == "loops":
        context.show(tables.loops_table(registry()))
    elif name == "schedule":
        context.show(tables.schedule_table(registry()))
    elif name == "scenarios":
        context.show(tables.scenarios_table())
    elif name == "interventions":
        context.show(tables.interventions_table())
    elif name == "headlines":
        context.show(tables.headlines_table())
    elif name == "dimensions":
        context.show(tables.dimensions_table())
    else:
        _case_for_change(context)


def _case_for_change(context: CommandContext) -> None:
    """Run the baseline over the years of the published figures and print the table."""
    from model.cli.console.case_for_change_table import render_case_for_change
    from model.cli.console.progress import bar
    from model.results.case_for_change import case_for_change
    from model.scenarios.resolver import resolve
    from model.simulation.simulate import registry, simulate

    resolved = resolve("baseline", registry(), changes={"years_after_decision": 1, "members": 1})
    with bar(1, quiet=context.quiet) as progress:
        progress.begin(resolved.name)
        run = simulate(resolved, progress=progress.advance)
    context.show(render_case_for_change(case_for_change(run)))


def _from_library(context: CommandContext, name: str) -> None:
    """An intervention, package, future or scenario of that name, as its file has it.

    Raises:
        UserError: there is none, with the nearest of all names.
    """
    from rich.syntax import Syntax

    from model.scenarios.library import SUBFOLDERS, Library
    from model.simulation.simulate import registry

    library, known = Library(), registry()
    valid = [*TOPICS, *known.sectors, *known.entries, *known.loops]
    for kind in SUBFOLDERS:
        files = library.names(kind)
        if name in files:
            context.say(f"{kind} {files[name]}\n")
            text = files[name].read_text(encoding="utf-8")
            context.show(Syntax(text, "yaml", background_color="default", word_wrap=True))
            return
        valid.extend(files)
    raise UserError(
        "nothing of this name: no sector, entry, loop, intervention, package or topic.",
        key=name,
        nearest=nearest_names(name, valid),
    )
