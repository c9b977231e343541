"""The command ``robustness``: packages in many futures."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from model.cli.analysis_options import forewarn, guide, question_options, resolved_with, workers
from model.cli.context import Session, common_options
from model.registry.errors import Exit, UserError

if TYPE_CHECKING:
    from model.analysis.robustness.experiment import Experiment, Failure, Grid

ALL = "all"
OBJECTIVES = ("net_benefit", "nctr_before", "rtt", "underlying_deficit")
"""By what packages are judged where nothing is named."""


@click.command(
    short_help="Set packages against many futures.",
    epilog="Example: run.py robustness home_first prevention_shift --target 'discharge.nctr_share_of_beds <= 15 % by "
    "2026-03'. docs/sensitivity.md says how to read the results.",
)
@click.argument("packages", nargs=-1, required=True, metavar="PACKAGE...")
@click.option("--futures", "futures", multiple=True, metavar="NAME", help="A future, or 'all' [default: all].")
@click.option(
    "--target", "targets", multiple=True, metavar="TEXT", help="'RESULT <= NUMBER by YYYY-MM'; may be given again."
)
@click.option(
    "--objective",
    "objectives",
    multiple=True,
    metavar="NAME",
    help=f"By what packages are judged: a name, a file or a result [default: {', '.join(OBJECTIVES)}].",
)
@click.option("--baseline", default="baseline", show_default=True, help="What the packages are compared with.")
@question_options(200)
@common_options
@click.pass_obj
def robustness(session: Session, packages: tuple[str, ...], **options: Any) -> None:
    """Run PACKAGES and the baseline in every future: regret, the best of each future, targets met, and failures.

    The future 'none' is the one without a file: as projected. Members are the same in every package and future.
    """
    from model.analysis.robustness.experiment import experiment, failures
    from model.analysis.robustness.targets import read_targets
    from model.analysis.sensitivity.evaluation import calendar
    from model.analysis.sensitivity.objectives import objective
    from model.analysis.sensitivity.worker_pool import Pool
    from model.cli.console.analysis_tables import render_robustness
    from model.cli.console.progress import bar
    from model.simulation.simulate import registry
    from model.workflows.results_folder import check_replaceable, folder_name

    targets = read_targets(options["targets"], registry())
    objectives = [objective(each, registry()) for each in dict.fromkeys(options["objectives"] or OBJECTIVES)]
    grid = _grid(packages, options)
    for target in targets:
        target.check(calendar(grid.flat[0]))
    name = options["name"] or "_".join(["robustness", *grid.packages[1:]])
    target_folder = options["output"] / folder_name(name)
    check_replaceable(target_folder)
    runs = sum(each.members for each in grid.flat)
    forewarn(session, grid.flat, runs)
    with bar(2, quiet=session.quiet) as progress:
        pool = Pool(progress.advance)
        progress.begin("packages in futures")
        with pool.open(workers(options, runs), options["scheduler"]):
            found = experiment(grid, objectives, targets, registry(), pool)
        progress.finish()
        progress.begin("looking for conditions of failure")
        failing = failures(found, registry(), grid.packages[0])
    _write(found, failing, target_folder, figures=options["figures"])
    session.show(render_robustness(found, failing))
    session.say(f"Results: {target_folder}/")


def _grid(written: tuple[str, ...], options: dict[str, Any]) -> Grid:
    """Every package in every future, resolved; the baseline first.

    Raises:
        UserError: an unknown package or future, two of one name, or a future that is set otherwise.
    """
    from model.analysis.robustness.experiment import NO_FUTURE, Grid
    from model.scenarios.library import Library

    if any(text.partition("=")[0].strip() == "future" for text in options["settings"]):
        raise UserError("futures are named by --futures here.", key="--set future", code=Exit.USAGE)
    library = Library()
    asked = list(dict.fromkeys(options["futures"] or (ALL,)))
    futures = [NO_FUTURE, *library.names("future")] if ALL in asked else asked
    packages = list(dict.fromkeys([options["baseline"], *written]))
    columns = [resolved_with(packages, options, future=future) for future in futures]
    rows = tuple(zip(*columns, strict=True))
    names = [row[0].name for row in rows]
    for name in names:
        if names.count(name) > 1:
            raise UserError("two of the packages bear this name; rename one.", key=name)
    if len(names) == 1:
        raise UserError("is the baseline itself; name a package.", key=written[0], code=Exit.USAGE)
    return Grid(tuple(names), tuple(Path(future).stem for future in futures), rows)


def _write(found: Experiment, failing: list[Failure], target: Path, *, figures: bool) -> None:
    from model.reporting.tables.robustness import draw_figures, write_tables
    from model.workflows.results_folder import GUIDE, folder_name, whole_folder

    with whole_folder(target) as folder:
        written = write_tables(found, failing, folder)
        for row in found.grid.scenarios:
            for each, future in zip(row, found.grid.futures, strict=True):
                file = f"scenario_{folder_name(each.name)}_{folder_name(future)}.resolved.yaml"
                (folder / file).write_text(each.to_yaml(), encoding="utf-8")
        meaning = "Every setting, value and dated change of each package in each future."
        written.append(("scenario_*.resolved.yaml", meaning))
        if figures:
            (folder / "figures").mkdir()
            drawn = draw_figures(found, folder / "figures")
            written += [(f"figures/{name}", f"{meaning} Also as SVG.") for name, meaning in drawn]
        remarks = (
            f"Futures: {', '.join(found.grid.futures)}. {found.members} members, the same in every package and future. "
            "docs/sensitivity.md says what was computed and how to read it."
        )
        text = guide("packages in many futures", [row[0] for row in found.grid.scenarios], remarks, written)
        (folder / GUIDE).write_text(text, encoding="utf-8")
