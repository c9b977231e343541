"""The command ``pathway``: a network of service points, patient by patient, by itself or with one number swept."""

from __future__ import annotations

from typing import Any

import click

from model.cli.context import CommandContext, common_options
from model.cli.run_options import figures_option, output_option, processes_option, with_options
from model.registry.errors import Exit, UserError
from model.workflows.run_options import COMMAND_LINE, read_assignments

MOST_VALUES = 200
"""Values of a sweep at most: more are likely to be a mistake."""


def _option_error(message: str, key: str) -> UserError:
    return UserError(message, file=COMMAND_LINE, key=key, code=Exit.USAGE)


def read_sweep(text: str) -> tuple[str, tuple[float | int, ...]]:
    """Return name and values from ``NAME=FIRST:LAST:STEP``, ``NAME=FIRST:LAST`` (in steps of 1) or ``NAME=A,B,C``.

    Raises:
        UserError: none of these, or too many values.
    """
    key, equals, values_text = (part.strip() for part in text.partition("="))
    wanted = "expected NAME=FIRST:LAST:STEP, such as points.ward.places=20:40:2, or NAME=A,B,C"
    if not equals or not key or not values_text:
        raise _option_error(f"{wanted}.", text)
    try:
        if ":" in values_text:
            first, last, step = (float(part) for part in [*values_text.split(":"), "1"][:3])
            if len(values_text.split(":")) > 3 or not step > 0 or not last >= first:
                raise _option_error(f"{wanted}, with FIRST at most LAST and a STEP above 0.", text)
            count = int((last - first) / step + 1e-9) + 1
            if count > MOST_VALUES:
                raise _option_error(f"{count:,} values; a sweep has at most {MOST_VALUES}.", text)
            numbers = [first + index * step for index in range(count)]
        else:
            numbers = sorted({float(part) for part in values_text.split(",")})
    except (ValueError, OverflowError) as error:
        raise _option_error(f"{wanted}.", text) from error
    # A count of places is whole, and is written so into the network; a sum of steps is freed of what binary adds.
    return key, tuple(int(value) if value.is_integer() else float(f"{value:.12g}") for value in numbers)


def _parsed_settings(context: click.Context, option: click.Parameter, texts: tuple[str, ...]) -> dict[str, Any]:
    return read_assignments(texts, "points.ward.places=24")


def _parsed_sweep(
    context: click.Context, option: click.Parameter, text: str | None
) -> tuple[str, tuple[float | int, ...]] | None:
    return read_sweep(text) if text else None


@click.command(short_help="Run a network of service points, patient by patient.")
@click.argument("network", metavar="NETWORK")
@with_options(
    click.option("--days", type=click.IntRange(min=1), help="Record this many days [default: network file]."),
    click.option("--warm-up", type=click.IntRange(min=0), help="Leave out this many days before [default: file]."),
    click.option("--replications", type=click.IntRange(min=1), help="Run this many replications [default: file]."),
    click.option("--seed", type=click.IntRange(min=0), help="Seed all random numbers with this [default: file]."),
    click.option(
        "--engine",
        type=click.Choice(["compiled", "simpy"]),
        default="compiled",
        show_default=True,
        help="Use this engine; both give the same patients.",
    ),
    click.option("--trace", is_flag=True, help="Write every event of the first replication."),
    click.option(
        "--set",
        "settings",
        multiple=True,
        metavar="NAME=VALUE",
        callback=_parsed_settings,
        help="Set a number: points.ward.places=24; repeatable.",
    ),
    click.option(
        "--sweep", metavar="NAME=FIRST:LAST:STEP", callback=_parsed_sweep, help="Run all values; find the least cost."
    ),
    click.option(
        "--cost-of-a-place",
        type=click.FloatRange(min=0),
        metavar="POUNDS_PER_DAY",
        help="Charge this for an empty place [default: as treated].",
    ),
    output_option,
    click.option("--name", help="Name the folder of results [default: the network]."),
    processes_option,
    figures_option,
)
@common_options
@click.pass_obj
def pathway(
    context: CommandContext,
    network: str,
    sweep: tuple[str, tuple[float | int, ...]] | None,
    cost_of_a_place: float | None,
    *,
    trace: bool,
    **options: Any,
) -> None:
    """Run a network of service points, patient by patient, again and again with other random numbers.

    NETWORK is a YAML file (docs/network_files.md) or the name of a network that comes with the model, such as
    discharge_to_assess or stroke. With --sweep, such as points.ward.places=20:40:2, all values of a number are run with
    the same random numbers.
    """
    from model.cli.console.pathway_tables import render_pathway, render_sweep
    from model.workflows import pathway as workflow

    if sweep is None and cost_of_a_place is not None:
        raise _option_error("only has a meaning with --sweep.", "--cost-of-a-place")
    if sweep is not None and trace:
        message = "has no meaning with --sweep; run the value that you want to trace with --set."
        raise _option_error(message, "--trace")
    with context.progress() as progress:
        if sweep is None:
            run = workflow.pathway(network, trace=trace, progress=progress, **options)
            table, folder = render_pathway(run.result), run.folder
        else:
            key, values = sweep
            swept = workflow.pathway_sweep(
                network, key, values, cost_of_a_place=cost_of_a_place, progress=progress, **options
            )
            table, folder = render_sweep(swept.result), swept.folder
    context.show(table)
    context.say_folder(folder)
