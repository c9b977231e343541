"""Pathways: a network of service points, patient by patient, by itself or with one of its numbers swept."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict, Unpack

from model.registry.errors import Exit, UserError, nearest_names
from model.workflows.analysis_task import note_compiling
from model.workflows.progress import SILENT, Progress
from model.workflows.results_folder import check_replaceable, folder_name, whole_folder
from model.workflows.run_options import COMMAND_LINE
from model.workflows.task_result import Files, TaskResult

if TYPE_CHECKING:
    from model.hospital.network.network import Network
    from model.results.pathway_sweep import Sweep
    from model.results.pathways import PathwayRecord
    from model.workflows.pathway_outputs import PathwayPlan

COMPILED = "compiled"


class PathwayKeywords(TypedDict, total=False):
    """Options of a pathway network; those left out are as its file says.

    days: days recorded. warm_up: days before them. replications: number of replications. seed: seed of all random
    numbers. engine: ``compiled`` or ``simpy``, which give the same patients. settings: numbers of the network to
    change, by dotted name, such as ``{"points.ward.places": 24}``. output: folder in which the folder of results is
    made; None writes no files. name: name of that folder. processes: most processes to use. figures: draw figures.
    """

    days: int | None
    warm_up: int | None
    replications: int | None
    seed: int | None
    engine: str
    settings: Mapping[str, Any]
    output: str | Path | None
    name: str | None
    processes: int | None
    figures: bool


def pathway(
    network: str | Path, *, trace: bool = False, progress: Progress = SILENT, **options: Unpack[PathwayKeywords]
) -> TaskResult[PathwayRecord]:
    """Run a network of service points, patient by patient, again and again with other random numbers.

    Args:
        network: file of a network, or the name of one that comes with the model.
        trace: write every event of the first replication as CSV into the folder of results.
        progress: receives stages and remarks.
        options: days, warm_up, replications, seed, engine, settings, output, name, processes and figures; see
            ``PathwayKeywords``.

    Raises:
        UserError: an error in the file or an option, results that would not fit into memory, or a folder that cannot be
            replaced.

    Example:
        >>> stroke = pathway("stroke", replications=5, days=100)
        >>> stroke.tables()["summary"]
    """
    from model.workflows.pathway_outputs import table_products, write_run
    from model.workflows.run_outputs import write_products

    if trace and options.get("output") is None:
        raise _usage_error("needs a folder of results; name one.", "--trace")
    plan = plan_pathway(find_network(network), options)
    planned = _read(plan)
    target = _target(options, planned.name)
    _prepare(plan, planned, target, progress)
    progress.expect(1 if target is None else 2)
    record = _record(plan, planned, options, progress, planned.name)
    files: Files = []
    if target is not None:
        progress.begin("writing")
        with whole_folder(target) as folder:
            files = write_run(folder, planned, plan, record, figures=options.get("figures", True), trace=trace)
        progress.finish()
    return TaskResult(
        "a pathway network, patient by patient",
        record,
        target,
        tuple(files),
        lambda folder: write_products(table_products(record), folder),
    )


def pathway_sweep(
    network: str | Path,
    key: str,
    values: Sequence[float],
    *,
    cost_of_a_place: float | None = None,
    progress: Progress = SILENT,
    **options: Unpack[PathwayKeywords],
) -> TaskResult[Sweep]:
    """Run a network at each value of one of its numbers, with the same random numbers, and find the least cost.

    Args:
        network: file of a network, or the name of one that comes with the model.
        key: dotted name of the number, such as ``points.ward.places``.
        values: its values.
        cost_of_a_place: £ a day of an empty place, where places are swept; that of a patient treated there where left
            out.
        progress: receives stages and remarks.
        options: days, warm_up, replications, seed, engine, settings, output, name, processes and figures; see
            ``PathwayKeywords``.

    Raises:
        UserError: as for ``pathway``; a number that is both set and swept; or a cost of a place where no places are
            swept.

    Example:
        >>> sweep = pathway_sweep("stroke", "points.rehabilitation.places", range(10, 31, 5), replications=5)
        >>> sweep.tables()["sweep"]
    """
    from model.results.pathway_sweep import sweep_of, write_sweep
    from model.workflows.pathway_outputs import SWEEP_MEANING, write_swept

    point = swept_point(key)
    if key in options.get("settings", {}):
        raise _usage_error("is both set and swept; keep one of them.", key)
    if cost_of_a_place is not None and point is None:
        raise _usage_error("only has a meaning when points.<name>.places is swept.", "--cost-of-a-place")
    plan = plan_pathway(find_network(network), options)
    networks = [(float(value), _read(plan, {key: value})) for value in sorted(values)]
    first = networks[0][1]
    target = _target(options, f"{first.name}_sweep")
    _prepare(plan, first, target, progress)
    cost = cost_of_a_place
    if cost is None:
        cost = next((known.costs.treated for known in first.points if known.name == point), 0.0)
    progress.expect(len(networks) + (target is not None))
    records = [(value, _record(plan, planned, options, progress, f"{key} = {value:g}")) for value, planned in networks]
    sweep = sweep_of(key, point, cost, records)
    files: Files = []
    if target is not None:
        progress.begin("writing")
        with whole_folder(target) as folder:
            files = write_swept(folder, first, plan, sweep, figures=options.get("figures", True))
        progress.finish()

    def tables(folder: Path) -> Files:
        return [(write_sweep(sweep, folder / "sweep.csv").name, SWEEP_MEANING)]

    return TaskResult("a sweep of a pathway network", sweep, target, tuple(files), tables)


def networks() -> dict[str, Path]:
    """Return the file of every network that comes with the model or is the user's own, by name."""
    from model.scenarios.library import Library

    return Library().files("networks")


def find_network(name: str | Path) -> Path:
    """Return the file of a network, by path or by the name of one that comes with the model.

    Raises:
        UserError: there is none, with the nearest names.
    """
    shipped = networks()
    if str(name) in shipped:
        return shipped[str(name)]
    path = Path(name)
    if path.is_file():
        return path
    raise UserError(
        f"no such network file, and no network of that name; those that come with the model: {', '.join(shipped)}.",
        key=str(name),
        nearest=nearest_names(str(name), shipped),
        code=Exit.MISSING_FILE,
    )


def swept_point(key: str) -> str | None:
    """Return the service point whose places a dotted name stands for; None where it is another number."""
    parts = key.split(".")
    return parts[1] if len(parts) == 3 and parts[0] == "points" and parts[2] == "places" else None


def plan_pathway(file: Path, options: PathwayKeywords) -> PathwayPlan:
    """Return how a network is run: as its file says, or as the options say instead.

    Raises:
        UserError: an error in the file, or lengths that are not whole days or whole intervals.
    """
    from model.hospital.network.network_file import network_settings
    from model.workflows.pathway_outputs import PathwayPlan

    settings = dict(options.get("settings", {}))
    filed = network_settings(file, settings)
    days, warm_up, seed = options.get("days"), options.get("warm_up"), options.get("seed")
    lengths = {
        "days": filed.days if days is None else days,
        "warm_up": filed.warm_up_days if warm_up is None else warm_up,
        "record_days": filed.record_days,
    }
    for name, value in lengths.items():
        if value != int(value) or (name == "record_days" and value < 1):
            raise UserError(f"expected whole days, not {value:g}.", file=file, key=f"run.{name}")
    interval = int(lengths["record_days"])
    for name in ("days", "warm_up"):
        if lengths[name] % interval:
            raise UserError(
                f"{lengths[name]:g} days are no multiple of the {interval} days of an interval of the record.",
                file=file,
                key=f"run.{name}",
            )
    return PathwayPlan(
        file=file,
        settings=settings,
        days=int(lengths["days"]),
        warm_up_days=int(lengths["warm_up"]),
        record_days=interval,
        replications=options.get("replications") or filed.replications,
        seed=filed.seed if seed is None else seed,
        engine=options.get("engine", COMPILED),
    )


def _read(plan: PathwayPlan, more: Mapping[str, Any] | None = None) -> Network:
    """Read the network of a plan, with further numbers changed."""
    from model.hospital.network.network_file import read_network

    days = float(plan.days + plan.warm_up_days)
    return read_network(plan.file, days=days, overrides={**plan.settings, **(more or {})})


def _target(options: PathwayKeywords, name: str) -> Path | None:
    """Return the folder of results; None where no files are asked for."""
    output = options.get("output")
    return None if output is None else Path(output) / folder_name(options.get("name") or name)


def _prepare(plan: PathwayPlan, network: Network, target: Path | None, progress: Progress) -> None:
    """Check and tell everything that can be known before anything runs.

    Raises:
        UserError: results that would not fit into memory, or a folder that cannot be replaced.
    """
    from model.hospital.network.warnings import warnings_of
    from model.results.pathways import check_size

    if target is not None:
        check_replaceable(target)
    check_size(plan.replications, plan.days // plan.record_days, len(network.points))
    for warning in warnings_of(network, float(plan.days + plan.warm_up_days)):
        progress.note(f"Note: {warning}")
    if plan.engine == COMPILED:
        note_compiling(progress)


def _record(
    plan: PathwayPlan, network: Network, options: PathwayKeywords, progress: Progress, title: str
) -> PathwayRecord:
    """Run all replications of a network, as one stage."""
    from model.hospital.pathways.replications import run_replications
    from model.workflows.pathway_outputs import record_of

    progress.begin(title)
    results = run_replications(
        network,
        days=plan.days,
        warm_up_days=plan.warm_up_days,
        replications=plan.replications,
        seed=plan.seed,
        engine=plan.engine,
        record_days=plan.record_days,
        processes=options.get("processes") or os.cpu_count() or 1,
        progress=progress.advance,
    )
    progress.finish()
    return record_of(network, plan, results)


def _usage_error(message: str, key: str) -> UserError:
    return UserError(message, file=COMMAND_LINE, key=key, code=Exit.USAGE)
