"""What a folder of results of a pathway network holds: data, tables, figures, the network, events, and a guide."""

from __future__ import annotations

import csv
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from pathlib import Path
from textwrap import fill
from typing import TYPE_CHECKING, Any

import numpy as np

from model import __version__
from model.hospital.engines.events import Event
from model.hospital.network.network import BACK, Network
from model.hospital.network.offered_load import can_grow_without_end, mean_places, offered_load
from model.results.atomic_files import whole_file
from model.results.number_format import format_number
from model.results.pathway_sweep import Sweep, verdict, write_sweep
from model.results.pathways import (
    DAILY,
    PathwayRecord,
    estimate,
    queue_states,
    summary_values,
    write_daily,
    write_dataset,
    write_summary,
    write_ways_out,
)
from model.workflows.folder_guide import LINE
from model.workflows.results_folder import GUIDE, MARK
from model.workflows.run_outputs import Product, write_products
from model.workflows.task_result import Files

if TYPE_CHECKING:
    from model.hospital.engines.kernel_tables import Results
    from model.hospital.pathways.replications import Simulation

LOG_DAYS = 10.0
"""Days after which the events so far are written down, so that a long log takes little memory."""


@dataclass(frozen=True)
class PathwayPlan:
    """How a network is run.

    Attributes:
        file: the network file.
        settings: numbers of the file that are changed, by dotted name.
        days: days recorded.
        warm_up_days: days before them.
        record_days: length of an interval of the record.
        replications: number of replications.
        seed: seed of all random numbers.
        engine: engine that runs it.
    """

    file: Path
    settings: Mapping[str, Any]
    days: int
    warm_up_days: int
    record_days: int
    replications: int
    seed: int
    engine: str

    def provenance(self, network: Network) -> dict[str, str]:
        """Return how results come about, as text."""
        return {
            "network": network.name,
            "network_file": self.file.name,
            "changed_on_the_command_line": ", ".join(f"{key}={value}" for key, value in self.settings.items()),
            "seed": str(self.seed),
            "replications": str(self.replications),
            "engine": self.engine,
            "starts": network.start.isoformat(),
            "warm_up_days": str(self.warm_up_days),
            "model_version": __version__,
            "versions": f"python {platform.python_version()}, numpy {np.__version__}",
        }


def record_of(network: Network, plan: PathwayPlan, results: Sequence[Results]) -> PathwayRecord:
    """Return replications as daily values by service point, each with its name."""
    from model.hospital.engines.kernel_tables import COSTS, COUNTS, TIMES

    length = float(plan.record_days)
    begin, end = float(plan.warm_up_days), float(plan.warm_up_days + plan.days)
    points = tuple(point.name for point in network.points)
    names = results[0].names

    def daily(array: str) -> np.ndarray:
        return np.stack([getattr(result, array) for result in results]) / length

    spent, counted, cost = daily("time"), daily("count"), daily("cost")
    values = {name: spent[..., position] for position, name in enumerate(TIMES)}
    values["occupancy"] = values["treated"] + values["delayed"] + values["reserved"]
    values |= {name: counted[..., position] for position, name in enumerate(COUNTS)}
    values |= {"wait_days": daily("wait_days"), "delay_days": daily("delay_days")}
    values |= {f"cost_{name}": cost[..., position] for position, name in enumerate(COSTS)}
    return PathwayRecord(
        name=network.name,
        first_day=network.start + timedelta(days=begin),
        interval_days=length,
        points=points,
        places=mean_places(network, np.arange(begin, end + length / 2, length)),
        load=offered_load(network, begin, end),
        endless=can_grow_without_end(network),
        daily={measure.name: values[measure.name] for measure in DAILY},
        exits=_by_name(network.exits, daily("exits")),
        gave_up=_by_name([f"{point}: {name}" for point, name in names.waiting_exits], daily("gave_up")),
        watches=_by_name([f"{point}: {name}" for point, name in names.watches], daily("watch")),
        provenance=plan.provenance(network),
    )


def _by_name(names: Sequence[str], values: np.ndarray) -> dict[str, np.ndarray]:
    """Return arrays [replication, interval, ...] by name, from one with the names on the third axis."""
    return {name: values[:, :, position] for position, name in enumerate(names)}


def write_events(network: Network, simulation: Simulation, days: float, path: Path) -> Path:
    """Write every event of one replication, in the order in which they happen, with names and dates.

    Args:
        network: what is run.
        simulation: a simulation of it that keeps its log and has not begun.
        days: its length.
        path: CSV file, written whole or not at all.
    """
    nodes = [*(point.name for point in network.points), *network.exits, BACK, ""]
    midnight = datetime.combine(network.start, time())
    with whole_file(path) as temporary, temporary.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(("time", "day", "patient", "event", "class", "point", "at", "other"))
        until = 0.0
        while until < days:
            until = min(until + LOG_DAYS, days)
            simulation.run(until)
            for row in simulation.take_log().tolist():
                day, patient, kind, group, home, at, other = row
                writer.writerow(
                    (
                        (midnight + timedelta(days=day)).isoformat(sep=" ", timespec="seconds"),
                        f"{day:.9f}",
                        patient,
                        Event(kind).name.lower(),
                        network.classes[group],
                        nodes[home],
                        nodes[at],
                        nodes[other],
                    )
                )
    return path


def write_network(plan: PathwayPlan, path: Path) -> Path:
    """Write a copy of the network file; comments above it give the numbers that were changed."""
    head = [f"# Run with --set '{key}={value}'\n" for key, value in plan.settings.items()]
    with whole_file(path) as temporary:
        temporary.write_text("".join(head) + plan.file.read_text(encoding="utf-8"), encoding="utf-8")
    return path


def table_products(record: PathwayRecord) -> list[Product]:
    """Return the tables of a run."""
    return [
        Product(
            "summary.csv",
            "Each result of each service point over all days: mean of the replications, and the 95% interval of that "
            "mean (low, high). 'state' says whether the line settles: where it is congested or growing, means depend "
            "on the days run.",
            lambda path: write_summary(record, path),
        ),
        Product(
            "ways_out.csv",
            "Patients a day by exit, those who stopped waiting by each way, and durations over their threshold.",
            lambda path: write_ways_out(record, path),
        ),
        Product(
            "daily.csv",
            "The same results by day: mean of the replications; 80% of the replications lie between low and high.",
            lambda path: write_daily(record, path),
        ),
    ]


def run_products(network: Network, plan: PathwayPlan, record: PathwayRecord, *, trace: bool) -> list[Product]:
    """Return the data and tables of a run.

    Args:
        network: what was run.
        plan: how.
        record: what it gave.
        trace: whether the events of the first replication are among them.
    """
    products = [
        Product(
            "results.nc",
            "All results by replication, day and service point: labelled NetCDF (CF) with units and provenance.",
            lambda path: write_dataset(record, path),
        ),
        *table_products(record),
        Product("network.yaml", "The network file as it was read.", lambda path: write_network(plan, path)),
    ]
    if trace:
        products.append(
            Product(
                "events.csv",
                "Every event of the first replication, the warm-up included: when, which patient, what, and where. "
                "'point' is the point of the stay or line, 'at' the place held, 'other' where it leads to or came "
                "from.",
                lambda path: _write_first_replication(network, plan, path),
            )
        )
    return products


def _write_first_replication(network: Network, plan: PathwayPlan, path: Path) -> Path:
    from model.hospital.pathways.replications import simulation

    days = float(plan.warm_up_days + plan.days)
    return write_events(
        network, simulation(network, days=days, seed=plan.seed, engine=plan.engine, log=True), days, path
    )


def write_run(
    folder: Path, network: Network, plan: PathwayPlan, record: PathwayRecord, *, figures: bool, trace: bool
) -> Files:
    """Write everything of a run into a folder that exists.

    Args:
        folder: where.
        network: what was run.
        plan: how.
        record: what it gave.
        figures: whether figures are drawn.
        trace: whether the events of the first replication are written.

    Returns:
        Name and meaning of each file.
    """
    files = write_products(run_products(network, plan, record, trace=trace), folder)
    if figures:
        from model.reporting.figures.pathway_network import figures_to_draw

        (folder / "figures").mkdir()
        for drawing in figures_to_draw(record):
            drawing.plot(record, folder / "figures" / f"{drawing.name}.png")
            files.append((f"figures/{drawing.name}.png", f"{drawing.meaning} Also as SVG."))
    (folder / GUIDE).write_text(_guide(network, plan, files, record_sentences(record)), encoding="utf-8")
    return files


SWEEP_MEANING = (
    "Each result at each value: mean and 95% interval, and its difference from the least-cost value, replication by "
    "replication, with the 95% interval of that."
)


def write_swept(folder: Path, network: Network, plan: PathwayPlan, sweep: Sweep, *, figures: bool) -> Files:
    """Write everything of a sweep into a folder that exists.

    Returns:
        Name and meaning of each file.
    """
    write_sweep(sweep, folder / "sweep.csv")
    write_network(plan, folder / "network.yaml")
    files = [
        ("sweep.csv", SWEEP_MEANING),
        ("network.yaml", "The network file as it was read; the swept number takes the values of the sweep instead."),
    ]
    if figures:
        from model.reporting.figures.pathway_network import plot_sweep

        (folder / "figures").mkdir()
        plot_sweep(sweep, folder / "figures" / "sweep.png")
        files.append(("figures/sweep.png", "Cost and service by value. Also as SVG."))
    (folder / GUIDE).write_text(_guide(network, plan, files, verdict(sweep)), encoding="utf-8")
    return files


def record_sentences(record: PathwayRecord) -> list[str]:
    """Return what a run gave at each service point, in words: means over days and replications."""
    values, states = summary_values(record), queue_states(record)
    sentences = []
    for position, point in enumerate(record.points):
        mean = {name: format_number(estimate(array[:, position]).mean) for name, array in values.items()}
        text = (
            f"{point}: {mean['occupancy']} in {mean['places']} places, {mean['waiting']} waiting (mean wait "
            f"{mean['mean_wait']} days), {mean['delayed']} delayed, {mean['throughput']} served a day, £{mean['cost']} "
            "a day."
        )
        if states[point].state != "settled":
            text += f" Its line does not settle ({states[point].state}): these means depend on the days run."
        sentences.append(text)
    return sentences


def _guide(network: Network, plan: PathwayPlan, files: Files, sentences: Sequence[str]) -> str:
    """Return the text of the guide: what was run, how, what each file holds, and the results in words."""
    warm_up = f", after a warm-up of {plan.warm_up_days} days that is left out" if plan.warm_up_days else ""
    first = network.start + timedelta(days=plan.warm_up_days)
    lines = [
        f"{MARK}: a pathway network, patient by patient",
        "",
        fill(f"Network {network.name}: {network.description}", LINE),
        fill(
            f"{plan.days} days recorded from {first}{warm_up}. Replications: {plan.replications}, seed "
            f"{plan.seed}, engine {plan.engine}, model {__version__}.",
            LINE,
        ),
        *(f"Changed: {key}={value}" for key, value in plan.settings.items()),
        "",
        "Files",
        *(fill(f"  {name}: {meaning}", LINE, subsequent_indent="    ") for name, meaning in files),
        "",
        "Results",
        *(fill(f"  {sentence}", LINE, subsequent_indent="    ") for sentence in sentences),
        "",
    ]
    return "\n".join(lines)
