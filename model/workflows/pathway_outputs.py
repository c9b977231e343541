"""What a folder of results of a pathway network holds: data, tables, figures, the network, events, and a guide."""

from __future__ import annotations

import csv
import platform
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from io import StringIO
from pathlib import Path
from textwrap import fill
from typing import TYPE_CHECKING, Any

import numpy as np
from rich.console import Console, Group

from model import __version__
from model.cli.console.pathway_tables import render_pathway, render_sweep
from model.cli.context import NARROWEST
from model.hospital.engines.events import Event
from model.hospital.network.network import BACK, Network
from model.hospital.network.offered_load import can_grow_without_end, mean_places, offered_load
from model.results.atomic_files import written_whole
from model.results.pathway_sweep import Sweep, write_sweep
from model.results.pathways import DAILY, PathwayRecord, write_daily, write_dataset, write_summary, write_ways_out
from model.workflows.folder_guide import LINE
from model.workflows.results_folder import GUIDE, MARK
from model.workflows.run_outputs import Product

if TYPE_CHECKING:
    from model.hospital.engines.kernel_tables import Results
    from model.hospital.pathways.replications import Simulation

LOG_DAYS = 10.0
"""Days after which the events so far are written down, so that a long log takes little memory."""


@dataclass(frozen=True)
class Course:
    """How a network is run.

    Attributes:
        file: the network file.
        settings: numbers changed on the command line, by dotted name.
        days: days recorded.
        warm_up_days: days before them.
        record_days: length of an interval of the record.
        replications: number of replications.
        seed: seed of all random numbers.
        engine: engine that runs it.
    """

    file: Path
    settings: dict[str, Any]
    days: int
    warm_up_days: int
    record_days: int
    replications: int
    seed: int
    engine: str

    def provenance(self, network: Network) -> dict[str, str]:
        """How results come about, as text."""
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


def record_of(network: Network, course: Course, results: Sequence[Results]) -> PathwayRecord:
    """Replications as figures a day by service point, each with its name."""
    from model.hospital.engines.kernel_tables import COSTS, COUNTS, TIMES

    length = float(course.record_days)
    begin, end = float(course.warm_up_days), float(course.warm_up_days + course.days)
    points = tuple(point.name for point in network.points)
    names = results[0].names

    def daily(array: str) -> np.ndarray:
        return np.stack([getattr(each, array) for each in results]) / length

    spent, counted, cost = daily("time"), daily("count"), daily("cost")
    figures = {name: spent[..., position] for position, name in enumerate(TIMES)}
    figures["occupancy"] = figures["treated"] + figures["delayed"] + figures["reserved"]
    figures |= {name: counted[..., position] for position, name in enumerate(COUNTS)}
    figures |= {"wait_days": daily("wait_days"), "delay_days": daily("delay_days")}
    figures |= {f"cost_{name}": cost[..., place] for place, name in enumerate(COSTS)}
    return PathwayRecord(
        name=network.name,
        first_day=network.start + timedelta(days=begin),
        interval_days=length,
        points=points,
        places=mean_places(network, np.arange(begin, end + length / 2, length)),
        load=offered_load(network, begin, end),
        endless=can_grow_without_end(network),
        daily={measure.name: figures[measure.name] for measure in DAILY},
        exits=_by_name(network.exits, daily("exits")),
        gave_up=_by_name([f"{point}: {name}" for point, name in names.waiting_exits], daily("gave_up")),
        watches=_by_name([f"{point}: {name}" for point, name in names.watches], daily("watch")),
        provenance=course.provenance(network),
    )


def _by_name(names: Sequence[str], values: np.ndarray) -> dict[str, np.ndarray]:
    """Arrays [replication, interval, ...] by name, from one with the names on the third axis."""
    return {name: values[:, :, position] for position, name in enumerate(names)}


def write_events(network: Network, made: Simulation, days: float, path: Path) -> Path:
    """Every event of one replication, in the order in which they happen, with names and dates.

    Args:
        network: what is run.
        made: a simulation of it that keeps its log and has not begun.
        days: its length.
        path: CSV file, written whole or not at all.
    """
    nodes = [*(point.name for point in network.points), *network.exits, BACK, ""]
    midnight = datetime.combine(network.start, time())
    with written_whole(path) as temporary, temporary.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(("time", "day", "patient", "event", "class", "point", "at", "other"))
        until = 0.0
        while until < days:
            until = min(until + LOG_DAYS, days)
            made.run(until)
            for row in made.take_log().tolist():
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


def write_network(course: Course, path: Path) -> Path:
    """A copy of the network file; numbers changed on the command line stand in lines of comment above it."""
    head = [f"# Run with --set '{key}={value}'\n" for key, value in course.settings.items()]
    with written_whole(path) as temporary:
        temporary.write_text("".join(head) + course.file.read_text(encoding="utf-8"), encoding="utf-8")
    return path


def run_products(network: Network, course: Course, record: PathwayRecord, *, trace: bool) -> list[Product]:
    """Data and tables of a run."""
    found = [
        Product(
            "results.nc",
            "All figures by replication, day and service point: labelled NetCDF (CF) with units and provenance.",
            lambda path: write_dataset(record, path),
        ),
        Product(
            "summary.csv",
            "Each figure of each service point over all days: mean of the replications, and the 95% interval of that "
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
            "The same figures by day: mean of the replications; 80% of the replications lie between low and high.",
            lambda path: write_daily(record, path),
        ),
        Product("network.yaml", "The network file as it was read.", lambda path: write_network(course, path)),
    ]
    if trace:
        found.append(
            Product(
                "events.csv",
                "Every event of the first replication, the warm-up included: when, which patient, what, and where. "
                "'point' is the point whose stay or line it is, 'at' the place held, 'other' where it leads or whence "
                "it came.",
                lambda path: _write_first(network, course, path),
            )
        )
    return found


def _write_first(network: Network, course: Course, path: Path) -> Path:
    from model.hospital.pathways.replications import simulation

    days = float(course.warm_up_days + course.days)
    made = simulation(network, days=days, seed=course.seed, engine=course.engine, log=True)
    return write_events(network, made, days, path)


def write_run(
    folder: Path,
    network: Network,
    course: Course,
    record: PathwayRecord,
    *,
    figures: bool,
    trace: bool,
    began: Callable[[str], None],
) -> None:
    """Write everything of a run into a folder that exists.

    Args:
        folder: where.
        network: what was run.
        course: how.
        record: what it gave.
        figures: whether figures are drawn.
        trace: whether the events of the first replication are written.
        began: told of what is written next.
    """
    written = []
    for product in run_products(network, course, record, trace=trace):
        began(f"writing {product.name}")
        product.write(folder / product.name)
        written.append((product.name, product.meaning))
    if figures:
        from model.reporting.figures.pathway_network import drawings_of

        (folder / "figures").mkdir()
        for each in drawings_of(record):
            began(f"drawing {each.name}")
            each.plot(record, folder / "figures" / f"{each.name}.png")
            written.append((f"figures/{each.name}.png", f"{each.meaning} Also as SVG."))
    (folder / GUIDE).write_text(_guide(network, course, written, render_pathway(record)), encoding="utf-8")


def write_swept(
    folder: Path, network: Network, course: Course, sweep: Sweep, *, figures: bool, began: Callable[[str], None]
) -> None:
    """Write everything of a sweep into a folder that exists."""
    began("writing sweep.csv")
    write_sweep(sweep, folder / "sweep.csv")
    write_network(course, folder / "network.yaml")
    written = [
        (
            "sweep.csv",
            "Each figure at each value: mean and 95% interval, and its difference from the least-cost value, "
            "replication by replication, with the 95% interval of that.",
        ),
        ("network.yaml", "The network file as it was read; the swept number takes the values of the sweep instead."),
    ]
    if figures:
        from model.reporting.figures.pathway_network import plot_sweep

        began("drawing sweep")
        (folder / "figures").mkdir()
        plot_sweep(sweep, folder / "figures" / "sweep.png")
        written.append(("figures/sweep.png", "Cost and service by value. Also as SVG."))
    (folder / GUIDE).write_text(_guide(network, course, written, render_sweep(sweep)), encoding="utf-8")


def _guide(network: Network, course: Course, written: Sequence[tuple[str, str]], found: Group) -> str:
    """Text of the guide: what was run, how, what each file holds, and the tables of the terminal."""
    text = StringIO()
    Console(file=text, width=NARROWEST, highlight=False, no_color=True, force_terminal=False).print(found)
    warm_up = f", after a warm-up of {course.warm_up_days} days that is left out" if course.warm_up_days else ""
    first = network.start + timedelta(days=course.warm_up_days)
    lines = [
        f"{MARK}: a pathway network, patient by patient",
        "",
        fill(f"Network {network.name}: {network.description}", LINE),
        fill(
            f"{course.days} days recorded from {first}{warm_up}. Replications: {course.replications}, seed "
            f"{course.seed}, engine {course.engine}, model {__version__}.",
            LINE,
        ),
        *(f"Changed on the command line: {key}={value}" for key, value in course.settings.items()),
        "",
        "Files",
        *(fill(f"  {name}: {meaning}", LINE, subsequent_indent="    ") for name, meaning in written),
        "",
        *(line.rstrip() for line in text.getvalue().splitlines()),
        "",
    ]
    return "\n".join(lines)
