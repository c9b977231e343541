"""Entry of the command line: its commands, a scenario without a command, and how errors are reported."""

from __future__ import annotations

import gc
import sys
import traceback
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

import click

from model.cli.context import CommandContext, common_options
from model.registry.errors import Exit, UserError, nearest_names

INTERRUPTED = 130
"""Exit code of a program that the user stopped, by the convention of shells."""

MODULES = {
    "run": "run",
    "compare": "run",
    "decide": "decide",
    "report": "decide",
    "cost": "cost",
    "attribute": "attribute",
    "portfolio": "portfolio",
    "target": "target",
    "sensitivity": "sensitivity",
    "robustness": "robustness",
    "pathway": "pathway",
    "calibrate": "calibrate",
    "calibration-report": "calibration_report",
    "backtest": "backtest",
    "track": "track",
    "describe": "describe",
    "validate": "files",
    "new": "files",
    "population": "files",
    "fit-emulator": "fit_emulator",
    "schema": "files",
    "reference": "files",
}
"""Module of each command in ``model.cli.commands``, in the order in which a user meets them."""

COLLECT_AFTER = 50_000
"""New objects after which Python looks for circular garbage: start-up makes many, and nearly all of them stay."""

INSTALLED_COMMAND = "bnssg-model"
"""Command that an installed package puts on the path; works from any folder."""


def _names_scenario(word: str) -> bool:
    """Whether an argument is a scenario or package by name, or looks like a file of one."""
    from model.scenarios.library import Library

    library = Library()
    return (
        Path(word).suffix in (".yaml", ".yml")
        or Path(word).is_file()
        or any(word in library.names(kind) for kind in ("scenario", "package"))
    )


def _show_version(context: click.Context, parameter: click.Parameter, value: bool) -> None:
    """Print the version and the commit of the source, then stop."""
    if value and not context.resilient_parsing:
        from model import __version__
        from model.registry.data_folders import source_commit

        click.echo(f"bnssg-system-model {__version__} (commit {source_commit()})")
        context.exit()


class Commands(click.Group):
    """The commands; a scenario in the place of a command is run."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of the commands, in the order in which a user meets them."""
        return list(MODULES)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command, loaded from its module and named as the user started the program; None for any other."""
        if cmd_name not in self.commands and cmd_name in MODULES:
            module = import_module(f"model.cli.commands.{MODULES[cmd_name]}")
            command = getattr(module, cmd_name.replace("-", "_"))
            _name_program(command)
            self.add_command(command, cmd_name)
        return self.commands.get(cmd_name)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command, or put ``run`` before a scenario.

        Raises:
            UserError: neither a command nor a scenario, with the nearest names.
        """
        word = args[0]
        if self.get_command(ctx, word) is None and not word.startswith("-"):
            if not _names_scenario(word):
                from model.scenarios.library import Library

                library = Library()
                valid = [*MODULES, *library.names("scenario"), *library.names("package")]
                raise UserError(
                    "neither a command nor a scenario; 'python run.py --help' lists the commands.",
                    key=word,
                    nearest=nearest_names(word, valid),
                    code=Exit.USAGE,
                )
            args = ["run", *args]
        return super().resolve_command(ctx, args)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_show_version,
    help="Show version and commit.",
)
@common_options
def commands() -> None:
    """A whole-system capacity, demand and finance model of Bristol, North Somerset and South Gloucestershire.

    A scenario is a YAML file, or the name of a scenario or package that comes with the model.
    'python run.py SCENARIO.yaml' runs it against the baseline.
    """


def main(arguments: Sequence[str] | None = None) -> int:
    """Carry out one command.

    Args:
        arguments: words after the program's name; those of this process where left out.

    Returns:
        Exit code, one of ``Exit``.
    """
    gc.set_threshold(COLLECT_AFTER)
    context = CommandContext()
    _name_program(commands)
    words = list(sys.argv[1:] if arguments is None else arguments) or ["--help"]
    try:
        commands.main(words, prog_name=_program(), standalone_mode=False, obj=context)
    except UserError as error:
        return _report(str(error), error.code)
    except click.ClickException as error:
        return _report(_usage(error), Exit.USAGE)
    except (click.Abort, KeyboardInterrupt):
        return _report("stopped; results already named above are whole.", INTERRUPTED)
    except BrokenPipeError:
        # The reader of a pipe, such as head, has had enough.
        sys.stderr.close()
        return Exit.OK
    except Exception as error:
        return _report_unexpected(error, context)
    return Exit.OK


def _program() -> str:
    """Return the name by which the user started the program: the installed command, or ``run.py`` of a clone."""
    started = Path(sys.argv[0]).stem
    return started if started == INSTALLED_COMMAND else "run.py"


def _as_typed(text: str) -> str:
    """Return a text in which the program has the name by which the user started it."""
    if _program() == INSTALLED_COMMAND:
        return text.replace("python run.py", INSTALLED_COMMAND).replace("run.py", INSTALLED_COMMAND)
    return text


def _name_program(command: click.Command) -> None:
    """Give the program that name in the help of a command: who installed a wheel has no ``run.py``."""
    command.help, command.epilog = _as_typed(command.help or ""), _as_typed(command.epilog or "")


def _report(text: str, code: int) -> int:
    click.echo(f"Error: {_as_typed(text)}", err=True)
    return int(code)


def _usage(error: click.ClickException) -> str:
    context = getattr(error, "ctx", None)
    advice = f" See '{context.command_path} --help'." if context else ""
    return error.format_message() + advice


def _report_unexpected(error: Exception, context: CommandContext) -> int:
    """An error of the program, or an audit that failed: one line, and how to see more."""
    from model.engine.world import ConservationError

    if context.debug:
        traceback.print_exception(error, file=sys.stderr)
    first_line = (str(error).splitlines() or [""])[0]
    advice = "" if context.debug else " Run again with --debug to see where."
    if isinstance(error, ConservationError):
        return _report(f"an equation breaks conservation: {first_line}.{advice}", Exit.MODEL)
    return _report(f"the program failed ({type(error).__name__}: {first_line}).{advice}", Exit.INTERNAL)
