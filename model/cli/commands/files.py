"""The commands about files: ``validate``, ``new``, ``population``, ``schema`` and ``reference``."""

from __future__ import annotations

from pathlib import Path

import click

from model.cli.context import CommandContext, common_options
from model.cli.run_options import output_option


@click.command(short_help="Check scenarios without running them.")
@click.argument("scenarios", nargs=-1, required=True, metavar="FILE...")
@click.option("--resolved", is_flag=True, help="Print every value with the file and line it comes from.")
@common_options
@click.pass_obj
def validate(context: CommandContext, scenarios: tuple[str, ...], resolved: bool) -> None:
    """Check scenarios, packages, futures, interventions, decisions or pathway networks without running them."""
    from model.workflows.scenario_files import validate as validate_files

    for checked in validate_files(*scenarios):
        context.say(f"{checked.source}: no error. {checked.summary}")
        for note in checked.notes:
            context.say(f"  Note: {note}")
        if resolved and checked.resolved is not None:
            context.say(checked.resolved.to_yaml())


@click.command(short_help="Write a commented scenario to start from.")
@click.argument("path", type=click.Path(path_type=Path), default=Path("my_scenario.yaml"))
@common_options
@click.pass_obj
def new(context: CommandContext, path: Path) -> None:
    """Write a commented scenario to start from; a file that is there stays as it is."""
    from model.workflows.scenario_files import new_scenario

    new_scenario(path)
    context.say(f"Wrote {path}. Next: python run.py validate {path}")


@click.command(short_help="Run the population alone on your tables.")
@click.argument("tables", type=click.Path(path_type=Path))
@output_option
@common_options
@click.pass_obj
def population(context: CommandContext, tables: Path, output: Path) -> None:
    """Run the population model alone on tables that you supply."""
    from model.workflows.population import population as run_population

    result = run_population(tables, output=output)
    context.say(f"{result.text}\n")
    context.say_folder(result.folder)


@click.command(short_help="Print the JSON Schema of a kind of file.")
@click.argument("kind")
@common_options
@click.pass_obj
def schema(context: CommandContext, kind: str) -> None:
    """Print the JSON Schema of a kind of file, for editors that check YAML while it is written.

    KIND is scenario, package, future, history, intervention, network or decision.
    """
    import json

    from model.workflows.scenario_files import json_schema

    context.say(json.dumps(json_schema(kind), indent=2, ensure_ascii=False))


@click.command(short_help="Write the reference of the model as Markdown.")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False), default=Path("docs/reference"))
@common_options
@click.pass_obj
def reference(context: CommandContext, folder: Path) -> None:
    """Write every declaration as Markdown pages, one for each sector."""
    from model.workflows.reference import write_reference

    context.say(f"Wrote {len(write_reference(folder))} pages to {folder}/.")
