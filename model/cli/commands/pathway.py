"""The command ``pathway``: a network of service points, patient by patient, by itself or with one number swept."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from model.cli.console.progress import Bar, bar
from model.cli.context import CommandContext, announce_compiling, common_options
from model.registry.errors import Exit, UserError, nearest_names
from model.workflows.run_options import COMMAND_LINE, RESULTS

if TYPE_CHECKING:
    from model.hospital.network.network import Network
    from model.results.pathways import PathwayRecord
    from model.workflows.pathway_outputs import Course

MOST_VALUES = 200
"""Values of a sweep at most: more are a slip of the pen rather than a wish."""


@dataclass(frozen=True)
class Range:
    """Values of one number of a network, one after the other.

    Attributes:
        key: dotted name of the number.
        values: values, ascending.
    """

    key: str
    values: tuple[float | int, ...]

    @property
    def point(self) -> str | None:
        """Service point whose places are swept, if it is places."""
        parts = self.key.split(".")
        return parts[1] if len(parts) == 3 and parts[0] == "points" and parts[2] == "places" else None


@dataclass(frozen=True, kw_only=True)
class PathwayChoices:
    """Options of ``pathway``; those not given are taken from the network file.

    Attributes:
        days: days recorded.
        warm_up: days before them.
        replications: number of replications.
        seed: seed.
        engine: engine.
        trace: whether events are written.
        settings: numbers of the network changed, by dotted name.
        sweep: values of one number to run through.
        cost_of_a_place: £ a day of an empty place, for a sweep of places.
        output: folder in which the folder of results is made.
        name: name of the folder of results.
        processes: most processes.
        figures: whether figures are drawn.
    """

    days: int | None = None
    warm_up: int | None = None
    replications: int | None = None
    seed: int | None = None
    engine: str = "compiled"
    trace: bool = False
    settings: dict[str, Any] = field(default_factory=dict)
    sweep: Range | None = None
    cost_of_a_place: float | None = None
    output: Path = RESULTS
    name: str | None = None
    processes: int | None = None
    figures: bool = True


def _error(message: str, key: str, nearest: tuple[str, ...] = ()) -> UserError:
    return UserError(message, file=COMMAND_LINE, key=key, nearest=nearest, code=Exit.USAGE)


def networks() -> dict[str, Path]:
    """Shipped networks by name."""
    from model.registry.data_folders import SCENARIOS

    return {path.stem: path for path in sorted((SCENARIOS / "networks").glob("*.yaml"))}


def find_network(written: str) -> Path:
    """The file of a network, by path or by the name of one that comes with the model.

    Raises:
        UserError: there is none, with the nearest names.
    """
    shipped = networks()
    if written in shipped:
        return shipped[written]
    path = Path(written)
    if path.is_file():
        return path
    raise UserError(
        f"no such network file, and no network of that name; those that come with the model: {', '.join(shipped)}.",
        key=written,
        nearest=nearest_names(written, shipped),
        code=Exit.MISSING_FILE,
    )


def read_settings(texts: tuple[str, ...]) -> dict[str, Any]:
    """Numbers of a network from texts ``NAME=VALUE``.

    Raises:
        UserError: no such text, or a name given twice.
    """
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    found: dict[str, Any] = {}
    for text in texts:
        key, equals, written = (part.strip() for part in text.partition("="))
        if not equals or not key or not written:
            raise _error("expected NAME=VALUE, such as points.ward.places=24.", text)
        if key in found:
            raise _error("given twice; keep one of them.", key)
        try:
            found[key] = YAML(typ="safe", pure=True).load(written)
        except YAMLError:
            # A text that is no YAML is left to the reader of the network, which says what it expected there.
            found[key] = written
    return found


def read_range(text: str) -> Range:
    """Values from ``NAME=FIRST:LAST:STEP``, ``NAME=FIRST:LAST`` (in steps of 1) or ``NAME=A,B,C``.

    Raises:
        UserError: none of these, or too many values.
    """
    key, equals, written = (part.strip() for part in text.partition("="))
    wanted = "expected NAME=FIRST:LAST:STEP, such as points.ward.places=20:40:2, or NAME=A,B,C"
    if not equals or not key or not written:
        raise _error(f"{wanted}.", text)
    try:
        if ":" in written:
            first, last, step = (float(part) for part in [*written.split(":"), "1"][:3])
            if len(written.split(":")) > 3 or not step > 0 or not last >= first:
                raise _error(f"{wanted}, with FIRST at most LAST and a STEP above 0.", text)
            count = int((last - first) / step + 1e-9) + 1
            if count > MOST_VALUES:
                raise _error(f"{count:,} values; at most {MOST_VALUES} are run through at once.", text)
            numbers = [first + number * step for number in range(count)]
        else:
            numbers = sorted({float(part) for part in written.split(",")})
    except (ValueError, OverflowError) as error:
        raise _error(f"{wanted}.", text) from error
    # A count of places is whole, and is written so into the network; a sum of steps is freed of what binary adds.
    values = tuple(int(value) if value.is_integer() else float(f"{value:.12g}") for value in numbers)
    return Range(key, values)


def _network_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Options of ``pathway``, which arrive as the fields of ``PathwayChoices``."""
    from_file = "[default: as the network file says]"
    options = (
        click.option("--days", type=click.IntRange(min=1), help=f"Days recorded {from_file}."),
        click.option("--warm-up", type=click.IntRange(min=0), help=f"Days run before, left out {from_file}."),
        click.option("--replications", type=click.IntRange(min=1), help=f"Number of replications {from_file}."),
        click.option("--seed", type=click.IntRange(min=0), help=f"Seed of all random numbers {from_file}."),
        click.option(
            "--engine",
            type=click.Choice(["compiled", "simpy"]),
            default="compiled",
            show_default=True,
            help="Engine; both give the same patients, the compiled one much sooner.",
        ),
        click.option("--trace", is_flag=True, help="Write every event of the first replication as CSV."),
        click.option(
            "--set",
            "settings",
            multiple=True,
            metavar="NAME=VALUE",
            help="Change a number of the network, such as points.ward.places=24; may be given again.",
        ),
        click.option(
            "--sweep",
            metavar="NAME=FIRST:LAST:STEP",
            help="Run through values of a number and find the least cost, such as points.ward.places=20:40:2.",
        ),
        click.option(
            "--cost-of-a-place",
            type=click.FloatRange(min=0),
            metavar="POUNDS_PER_DAY",
            help="In a sweep of places, cost of an empty one [default: as of a patient treated there].",
        ),
        click.option(
            "--output",
            type=click.Path(path_type=Path, file_okay=False),
            default=RESULTS,
            show_default=True,
            help="Folder in which the folder of results is made.",
        ),
        click.option("--name", help="Name of the folder of results [default: the name of the network]."),
        click.option("--processes", type=click.IntRange(min=1), help="Most processes to use [default: all]."),
        click.option("--figures/--no-figures", default=True, help="Whether to draw figures [default: yes]."),
    )
    for option in reversed(options):
        command = option(command)
    return command


@click.command(short_help="Run a network of service points, patient by patient.")
@click.argument("network", metavar="NETWORK")
@_network_options
@common_options
@click.pass_obj
def pathway(
    context: CommandContext, network: str, settings: tuple[str, ...], sweep: str | None, **options: Any
) -> None:
    """Run a network of service points, patient by patient, again and again with other random numbers.

    NETWORK is a YAML file (docs/network_files.md) or the name of a network that comes with the model, such as
    discharge_to_assess or stroke. With --sweep, all values of a number are run with the same random numbers.
    """
    choices = PathwayChoices(settings=read_settings(settings), sweep=read_range(sweep) if sweep else None, **options)
    file = find_network(network)
    if choices.sweep is None:
        if choices.cost_of_a_place is not None:
            raise _error("only has a meaning with --sweep.", "--cost-of-a-place")
        _run_once(file, choices, context)
    else:
        _run_sweep(file, choices.sweep, choices, context)


def plan_course(file: Path, choices: PathwayChoices) -> Course:
    """How a network is to be run: what the file says, with what the options say instead.

    Raises:
        UserError: an error in the file, or lengths that are not whole days.
    """
    from model.hospital.network.network_file import network_settings
    from model.workflows.pathway_outputs import Course

    said = network_settings(file, choices.settings)
    lengths = {
        "days": said.days if choices.days is None else choices.days,
        "warm_up": said.warm_up_days if choices.warm_up is None else choices.warm_up,
        "record_days": said.record_days,
    }
    for name, value in lengths.items():
        if value != int(value) or (name == "record_days" and value < 1):
            raise UserError(f"expected whole days, not {value:g}.", file=file, key=f"run.{name}")
    every = int(lengths["record_days"])
    for name in ("days", "warm_up"):
        if lengths[name] % every:
            raise UserError(
                f"{lengths[name]:g} days are no multiple of the {every} days of an interval of the record.",
                file=file,
                key=f"run.{name}",
            )
    return Course(
        file=file,
        settings=choices.settings,
        days=int(lengths["days"]),
        warm_up_days=int(lengths["warm_up"]),
        record_days=every,
        replications=choices.replications or said.replications,
        seed=said.seed if choices.seed is None else choices.seed,
        engine=choices.engine,
    )


def _read(course: Course, more: dict[str, Any] | None = None) -> Network:
    """The network of a course, with further numbers changed."""
    from model.hospital.network.network_file import read_network

    days = float(course.days + course.warm_up_days)
    return read_network(course.file, days=days, overrides={**course.settings, **(more or {})})


def _prepare(course: Course, network: Network, target: Path, context: CommandContext) -> None:
    """Everything that can be refused or told before anything runs.

    Raises:
        UserError: results that would not fit, or a folder in the way.
    """
    from model.hospital.network.warnings import warnings_of
    from model.results.pathways import check_size
    from model.workflows.results_folder import check_replaceable

    check_replaceable(target)
    check_size(course.replications, course.days // course.record_days, len(network.points))
    if context.quiet:
        return
    for warning in warnings_of(network, float(course.days + course.warm_up_days)):
        click.echo(f"Note: {warning}", err=True)
    if course.engine == "compiled":
        announce_compiling(context)


def _record(course: Course, network: Network, choices: PathwayChoices, progress: Bar) -> PathwayRecord:
    from model.hospital.pathways.replications import run_replications
    from model.workflows.pathway_outputs import record_of

    found = run_replications(
        network,
        days=course.days,
        warm_up_days=course.warm_up_days,
        replications=course.replications,
        seed=course.seed,
        engine=course.engine,
        record_days=course.record_days,
        processes=choices.processes or os.cpu_count() or 1,
        progress=progress.advance,
    )
    progress.finish()
    return record_of(network, course, found)


def _run_once(file: Path, choices: PathwayChoices, context: CommandContext) -> None:
    """Run a network and write its folder."""
    from model.cli.console.pathway_tables import render_pathway
    from model.workflows.pathway_outputs import write_run
    from model.workflows.results_folder import folder_name, whole_folder

    course = plan_course(file, choices)
    network = _read(course)
    target = choices.output / folder_name(choices.name or network.name)
    _prepare(course, network, target, context)
    with bar(2, quiet=context.quiet) as progress:
        progress.begin(network.name)
        record = _record(course, network, choices, progress)
        with whole_folder(target) as folder:
            write_run(
                folder, network, course, record, figures=choices.figures, trace=choices.trace, began=progress.begin
            )
    context.show(render_pathway(record))
    context.say(f"Results: {target}/")


def _run_sweep(file: Path, swept: Range, choices: PathwayChoices, context: CommandContext) -> None:
    """Run a network at each value of a number, all values read before the first is run, and write the folder."""
    from model.cli.console.pathway_tables import render_sweep
    from model.results.pathway_sweep import sweep_of
    from model.workflows.pathway_outputs import write_swept
    from model.workflows.results_folder import folder_name, whole_folder

    if choices.trace:
        raise _error("has no meaning with --sweep; run the value that you want to trace with --set.", "--trace")
    if swept.key in choices.settings:
        raise _error("is both set and swept; keep one of them.", swept.key)
    if choices.cost_of_a_place is not None and swept.point is None:
        raise _error("only has a meaning when points.<name>.places is swept.", "--cost-of-a-place")
    course = plan_course(file, choices)
    found = [(value, _read(course, {swept.key: value})) for value in swept.values]
    first = found[0][1]
    target = choices.output / folder_name(choices.name or f"{first.name}_sweep")
    _prepare(course, first, target, context)
    cost = _cost_of_a_place(first, swept, choices)
    with bar(len(found) + 1, quiet=context.quiet) as progress:
        records = []
        for value, network in found:
            progress.begin(f"{swept.key} = {value:g}")
            records.append((float(value), _record(course, network, choices, progress)))
        sweep = sweep_of(swept.key, swept.point, cost, records)
        with whole_folder(target) as folder:
            write_swept(folder, first, course, sweep, figures=choices.figures, began=progress.begin)
    context.show(render_sweep(sweep))
    context.say(f"Results: {target}/")


def _cost_of_a_place(network: Network, swept: Range, choices: PathwayChoices) -> float:
    """Cost of an empty place: as given, else as that of a patient treated there."""
    if choices.cost_of_a_place is not None:
        return choices.cost_of_a_place
    return next((point.costs.treated for point in network.points if point.name == swept.point), 0.0)
