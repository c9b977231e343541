"""The command ``describe``: what the model holds, from its declarations."""

from __future__ import annotations

from pathlib import Path

import click

from model.cli.context import CommandContext, common_options
from model.workflows.describe import TOPICS

CASE_FOR_CHANGE = "case-for-change"
LISTED = {**TOPICS, CASE_FOR_CHANGE: "the baseline beside the published figures (runs it to March 2024)"}


@click.command(
    short_help="Show what the model holds, by sector or by name.",
    epilog="NAME is a sector, a registered name, a loop, an intervention, or one of: "
    + "; ".join(f"{name} ({meaning})" for name, meaning in LISTED.items()),
)
@click.argument("name", required=False)
@click.option("--search", metavar="TEXT", help="List entries whose description contains TEXT.")
@click.option("--all-values", is_flag=True, help="List every value of a large table.")
@click.option(
    "--figures",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="FOLDER",
    help="Draw loops, and stocks and flows by sector, into FOLDER.",
)
@common_options
@click.pass_obj
def describe(
    context: CommandContext, name: str | None, search: str | None, all_values: bool, figures: Path | None
) -> None:
    """Show what the model holds: everything by sector, one sector, one entry, or a topic."""
    from model.cli.console.model_tables import render_description
    from model.workflows.describe import describe as describe_model

    if name and search:
        raise click.UsageError("give a NAME or --search, not both.")
    if figures is not None:
        _draw(context, figures)
        if not (name or search):
            return
    if name == CASE_FOR_CHANGE:
        _case_for_change(context)
        return
    context.show(render_description(describe_model(name, search=search, all_values=all_values)))
    if not (name or search):
        context.say("Also: " + "; ".join(f"describe {topic} ({meaning})" for topic, meaning in LISTED.items()))


def _draw(context: CommandContext, folder: Path) -> None:
    from model.workflows.describe import draw_structure

    with context.progress() as progress:
        pictures = draw_structure(folder, progress)
    context.say(f"Drew {len(pictures)} pictures, each as PNG and SVG, into {folder}/.")


def _case_for_change(context: CommandContext) -> None:
    """Run the baseline over the years of the published figures and print the table."""
    from model.cli.console.case_for_change_table import render_case_for_change
    from model.workflows.describe import case_for_change

    with context.progress() as progress:
        rows = case_for_change(progress)
    context.show(render_case_for_change(rows))
