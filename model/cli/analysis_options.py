"""Options of the commands that ask many runs at once (``sensitivity``, ``robustness``), and how they resolve them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from model.cli.context import Session, announce_compiling
from model.cli.run_options import RESULTS, Choices

if TYPE_CHECKING:
    from model.scenarios.resolved import ResolvedScenario

Command = TypeVar("Command", bound=Callable[..., Any])

FIELDS = ("members", "seed", "end", "years", "settings")
"""Options that change every scenario alike."""


def question_options(members: int) -> Callable[[Command], Command]:
    """Options of a command that asks many runs.

    Args:
        members: ensemble size where none is given.
    """
    options = (
        click.option(
            "--members",
            type=click.IntRange(min=2),
            default=members,
            show_default=True,
            help="Ensemble size, where an ensemble is run.",
        ),
        click.option("--seed", type=click.IntRange(min=0), help="Seed of designs and ensembles."),
        click.option("--end", metavar="YYYY-MM", help="First month after the run."),
        click.option("--years", type=click.IntRange(min=1), help="Length of the run after the decision."),
        click.option(
            "--set",
            "settings",
            multiple=True,
            metavar="NAME=VALUE",
            help="Set a parameter (with its unit) or a setting; may be given again.",
        ),
        click.option("--name", help="Name of the folder of results."),
        click.option(
            "--output",
            type=click.Path(path_type=Path, file_okay=False),
            default=RESULTS,
            show_default=True,
            help="Folder in which the folder of results is made.",
        ),
        click.option("--processes", type=click.IntRange(min=1), help="Most processes to use [default: all]."),
        click.option("--scheduler", metavar="ADDRESS", help="A Dask scheduler, tcp://host:port, or 'local'."),
        click.option("--figures/--no-figures", default=True, help="Whether to draw figures [default: yes]."),
    )

    def add(command: Command) -> Command:
        for option in reversed(options):
            command = option(command)
        return command

    return add


def resolved_with(
    written: Sequence[str], options: dict[str, Any], *, one: bool = False, **settings: Any
) -> list[ResolvedScenario]:
    """Resolve scenarios with the options of the command; errors of all of them are told together.

    Args:
        written: names or files.
        options: as ``question_options`` gives them.
        one: whether for the central case, not an ensemble.
        settings: further settings of all of them.

    Raises:
        UserError: whatever is wrong.
    """
    from model.workflows.plan import resolve_all

    given = {key: options[key] for key in FIELDS}
    changes = Choices(**given).changes() | settings
    return resolve_all(written, changes | {"members": 1} if one else changes)


def forewarn(session: Session, scenarios: Sequence[ResolvedScenario], runs: int) -> None:
    """Say, before anything runs, how much there is to run and what of the scenarios stays out of it."""
    from model.scenarios.hospitals import PATIENT_LEVEL
    from model.workflows.plan import notes_on

    if not session.quiet:
        for text in (*notes_on(scenarios), f"About {runs:,} runs of the model."):
            click.echo(text, err=True)
    if any(each.hospital == PATIENT_LEVEL for each in scenarios):
        announce_compiling(session)


def guide(title: str, resolved: Sequence[ResolvedScenario], remarks: str, written: Sequence[tuple[str, str]]) -> str:
    """Text of the guide in a folder of results: what was asked, of which scenarios, and what each file holds."""
    from model.simulation.simulate import provenance
    from model.workflows.folder_guide import guide as text_of

    first = resolved[0]
    versions = provenance(first)
    facts = (
        f"Run from {first.start} to {first.end}, decisions from {first.decision}. Seed: {first.seed}.",
        f"Numbers that no file sets: {first.numbers}.",
        remarks,
        f"Versions: {versions['versions']}, model {versions['model_version']}.",
    )
    return text_of(title, resolved, facts, written)


def workers(options: dict[str, Any], runs: int) -> int:
    """Processes to use: those asked for, else one where others would hardly have begun when it is done."""
    from os import cpu_count

    worth = 500
    return options["processes"] or (1 if runs < worth else cpu_count() or 1)
