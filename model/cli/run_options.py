"""Options of a run as the user gives them, and the changes of every scenario that they make."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import click

from model.registry.errors import Exit, UserError, nearest_names

Command = TypeVar("Command", bound=Callable[..., Any])
COMMAND_LINE = "command line"
RESULTS = Path("outputs")


@dataclass(frozen=True, kw_only=True)
class Choices:
    """Options of ``run`` and ``compare``; they hold for every scenario and for the baseline alike.

    Attributes:
        members: ensemble size.
        seed: seed of the ensemble.
        end: first month after the run.
        years: years after the decision.
        settings: texts ``NAME=VALUE``.
        baseline: what scenarios are compared with.
        output: folder in which folders of results are made.
        processes: most processes to use.
        scheduler: address of a Dask scheduler, or ``local``, in place of processes.
        resume: whether an unfinished run is completed.
        figures: whether figures are drawn.
        checked: whether conservation is audited at every step.
    """

    members: int | None = None
    seed: int | None = None
    end: str | None = None
    years: int | None = None
    settings: tuple[str, ...] = ()
    baseline: str = "baseline"
    output: Path = RESULTS
    processes: int | None = None
    scheduler: str | None = None
    resume: bool = False
    figures: bool = True
    checked: bool = False

    def changes(self) -> dict[str, Any]:
        """Changes to every scenario, in the form of a scenario file."""
        from model.scenarios.schema import FROM

        found: dict[str, Any] = {}
        given = {"members": self.members, "seed": self.seed, "end": self.end, "years_after_decision": self.years}
        for key, value in given.items():
            if value is not None:
                found[key] = value
        for text in self.settings:
            key, value = read_setting(text)
            if key == "parameters":
                key = FROM
            where = found.setdefault("parameters", {}) if "." in key or key == FROM else found
            if key in where:
                raise _error("given twice; keep one of them.", key)
            where[key] = value
        return found


def read_setting(text: str) -> tuple[str, Any]:
    """Name and value of ``NAME=VALUE``: a parameter by its dotted name, or a setting of a scenario.

    Raises:
        UserError: no ``=``, or a name without a dot that is no setting.
    """
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    from model.scenarios.schema import SETTINGS

    key, equals, written = (part.strip() for part in text.partition("="))
    if not equals or not key or not written:
        raise _error("expected NAME=VALUE, such as loops.R7_poaching=0 or 'future=high_inflation'.", text)
    if "." not in key and key not in (*SETTINGS, "parameters"):
        raise _error(
            "not a setting of a scenario; a parameter is set by its dotted name (see 'run.py describe').",
            key,
            nearest_names(key, (*SETTINGS, "parameters")),
        )
    try:
        value = YAML(typ="safe", pure=True).load(written)
    except YAMLError:
        # A text such as '%5' that is no YAML is left to the reader of quantities, which says what it expected.
        value = written
    return key, value


def _error(message: str, key: str, nearest: tuple[str, ...] = ()) -> UserError:
    return UserError(message, file=COMMAND_LINE, key=key, nearest=nearest, code=Exit.USAGE)


def _checked_address(context: click.Context, option: click.Parameter, value: str | None) -> str | None:
    if value is not None and value != "local" and not re.fullmatch(r"[a-z+]+://\S+", value):
        raise _error("expected the address of a Dask scheduler, such as tcp://host:8786, or 'local'.", value)
    return value


def run_options(command: Command) -> Command:
    """Options of ``run`` and ``compare``, which arrive as the fields of ``Choices``."""
    options = (
        click.option("--members", type=click.IntRange(min=1), help="Ensemble size; 1 takes every central value."),
        click.option("--seed", type=click.IntRange(min=0), help="Seed of the ensemble."),
        click.option("--end", metavar="YYYY-MM", help="First month after the run."),
        click.option("--years", type=click.IntRange(min=1), help="Length of the run after the decision."),
        click.option(
            "--set",
            "settings",
            multiple=True,
            metavar="NAME=VALUE",
            help="Set a parameter (with its unit) or a setting; may be given again.",
        ),
        click.option("--baseline", default="baseline", show_default=True, help="Scenario to compare with."),
        click.option(
            "--output",
            type=click.Path(path_type=Path, file_okay=False),
            default=RESULTS,
            show_default=True,
            help="Folder in which the folder of results is made.",
        ),
        click.option("--processes", type=click.IntRange(min=1), help="Most processes to use [default: all]."),
        click.option(
            "--scheduler",
            metavar="ADDRESS",
            callback=_checked_address,
            help="Compute on a Dask cluster (tcp://host:8786), or 'local' for one of this machine.",
        ),
        click.option("--resume", is_flag=True, help="Complete a run that was stopped, instead of beginning anew."),
        click.option("--figures/--no-figures", default=True, help="Whether to draw figures [default: yes]."),
        click.option("--checked", is_flag=True, help="Audit conservation at every step (slower)."),
    )
    for option in reversed(options):
        command = option(command)
    return command
