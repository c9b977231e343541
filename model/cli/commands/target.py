"""The command ``target``: what it would take to meet a target."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from model.cli.analysis_options import FIELDS, guide, question_options, workers
from model.cli.context import Session, common_options

if TYPE_CHECKING:
    from rich.console import Group

    from model.analysis.portfolio.candidates import Candidates
    from model.analysis.portfolio.goal_seek import Reaching
    from model.analysis.portfolio.lever_mix import Mix

MEMBERS = 20


@click.command(
    short_help="What it would take to meet a target.",
    epilog="Example: run.py target 'nctr_before <= 200 by 2026-03' --by home_first --by discharge.process_days=-50% "
    "--budget £10m/year. docs/portfolio.md says how to read the results.",
)
@click.argument("text", metavar="'RESULT <= NUMBER by YYYY-MM'")
@click.option(
    "--by",
    "levers",
    multiple=True,
    required=True,
    metavar="LEVER",
    help="An intervention, or a parameter with the relative change that scale 1 stands for.",
)
@click.option(
    "--probability",
    type=click.FloatRange(0, 1, min_open=True),
    default=0.8,
    show_default=True,
    help="Share of members in which the target is to be met.",
)
@click.option(
    "--start",
    "starts",
    multiple=True,
    type=click.FloatRange(min=0),
    metavar="YEARS",
    help="Years after the decision at which levers may start [default: as their files have it].",
)
@click.option(
    "--most-scale",
    type=click.FloatRange(min=0, min_open=True),
    default=2.0,
    show_default=True,
    help="Largest scale of a lever.",
)
@click.option(
    "--budget", metavar="AMOUNT", help="Most that levers may cost in any year: £20m/year [default: no limit]."
)
@click.option(
    "--posts", multiple=True, metavar="LIMIT", help="Most new posts in any year: 200, acute=80, acute.nursing=40."
)
@click.option(
    "--mix",
    is_flag=True,
    help="Also seek the cheapest mix of two to four levers, each at a scale of its own (more runs).",
)
@click.option("--baseline", default="baseline", show_default=True, help="What the levers are added to.")
@question_options(MEMBERS)
@common_options
@click.pass_obj
def target(session: Session, text: str, levers: tuple[str, ...], **options: Any) -> None:
    """Find the smallest scale of levers that meets a target, by each lever alone and by all of them together.

    Says what limits bind where it cannot be met. --by, --start and --posts may be given again.
    """
    from model.analysis.portfolio.goal_seek import cases_of, reach
    from model.analysis.portfolio.lever_mix import LEVELS, cheapest_mix, in_words, runs_of
    from model.analysis.portfolio.scale_search import POINTS, ROUNDS
    from model.analysis.robustness.targets import read_target
    from model.analysis.sensitivity.evaluation import calendar
    from model.analysis.sensitivity.worker_pool import Pool
    from model.cli.console.progress import bar
    from model.registry.errors import Exit, UserError
    from model.simulation.simulate import registry
    from model.workflows.results_folder import check_replaceable, folder_name

    wanted = read_target(text, registry())
    folder = options["output"] / folder_name(options["name"] or f"target_{wanted.measure.name}")
    check_replaceable(folder)
    found = _levers(levers, options)
    wanted.check(calendar(found.menus[0].scenario))
    cases = cases_of(found.problem, max(len(set(options["starts"])), 1), options["most_scale"])
    members = options["members"]
    together = [case for case in cases if len(case.levers) == len(set(levers))] if options["mix"] else []
    if options["mix"] and not 1 < len(set(levers)) <= max(LEVELS):
        raise UserError(f"a mix is sought of two to {max(LEVELS)} levers.", key="--mix", code=Exit.USAGE)
    runs = len(cases) * members * (POINTS + (ROUNDS - 1) * (POINTS - 2) + 1)
    runs += len(together) * runs_of(len(set(levers)), members)
    if not session.quiet:
        click.echo(f"At most {runs:,} runs of the model.", err=True)
    with bar(ROUNDS + 1, quiet=session.quiet) as progress:

        def told(done: int, total: int) -> None:
            progress.advance(done, total)
            if done == total:
                progress.finish()

        pool = Pool(told)
        progress.begin("scales of the levers")
        with pool.open(workers(options, runs), options["scheduler"]):
            reached = reach(found, wanted, cases, options["probability"], members, pool)
            progress.begin("mixes of the levers")
            mixes = [cheapest_mix(found, wanted, case, options["probability"], members, pool) for case in together]
    _write(reached, mixes, folder, figures=options["figures"])
    session.show(render(reached))
    units = [each.unit for each in found.problem.resources]
    for each in mixes:
        session.say(in_words(each, units))
    session.say(f"Results: {folder}/")


def _levers(written: tuple[str, ...], options: dict[str, Any]) -> Candidates:
    """Interventions and parameters as candidates; all their errors together."""
    from math import inf

    from model.analysis.portfolio.candidates import Limits, candidates, read_budget, read_names, read_posts
    from model.analysis.portfolio.goal_seek import ParameterLever, read_lever, with_parameters
    from model.analysis.robustness.experiment import NO_FUTURE
    from model.cli.run_options import Choices
    from model.registry.error_collector import ErrorCollector
    from model.scenarios.library import Library
    from model.simulation.simulate import registry

    errors, names, parameters = ErrorCollector(), list[str](), list[ParameterLever]()
    for text in dict.fromkeys(written):
        with errors.caught():
            lever = read_lever(text, registry())
            if lever is None:
                names.append(text)
            else:
                parameters.append(lever)
    if names:
        with errors.caught():
            read_names(names, (), (), Library())
    errors.raise_all()
    budget = read_budget(options["budget"]) if options["budget"] else inf
    limits = Limits(budget=budget, at_most=len(written), posts=read_posts(options["posts"]))
    changes = Choices(**{key: options[key] for key in FIELDS}).changes()
    starts = tuple(dict.fromkeys(options["starts"]))
    found = candidates(
        options["baseline"],
        (tuple(names), ()),
        starts=starts,
        scales=(1.0,),
        limits=limits,
        futures=(changes.pop("future", NO_FUTURE),),
        registry=registry(),
        changes=changes,
    )
    return with_parameters(found, parameters, starts, options["most_scale"], registry())


def _write(found: Reaching, mixes: Sequence[Mix], target: Path, *, figures: bool) -> None:
    from model.reporting.tables.goal_seek import draw_figure, write_mixes, write_tables
    from model.workflows.results_folder import GUIDE, whole_folder

    scenario = found.candidates.menus[0].scenario
    with whole_folder(target) as folder:
        written = [*write_tables(found, folder), *write_mixes(found, mixes, folder)]
        (folder / "levers.resolved.yaml").write_text(scenario.to_yaml(), encoding="utf-8")
        written.append(("levers.resolved.yaml", "Every setting and value, with all levers at all their starts."))
        if figures:
            (folder / "figures").mkdir()
            drawn = draw_figure(found, folder / "figures")
            written += [(f"figures/{name}", f"{meaning} Also as SVG.") for name, meaning in drawn]
        remarks = (
            f"Target: {found.target.text}, with a probability of {found.probability:.0%}; {found.members} members. "
            "docs/portfolio.md says what was computed."
        )
        text = guide("what it would take to meet a target", [scenario], remarks, written)
        (folder / GUIDE).write_text(text, encoding="utf-8")


def render(found: Reaching) -> Group:
    """What each way needs, what it uses, and what binds."""
    import numpy as np
    from rich.console import Group
    from rich.markup import escape
    from rich.text import Text

    from model.cli.console.model_tables import plain_table
    from model.reporting.tables.goal_seek import levers_of
    from model.results.measures import written

    rows = []
    for number, case in enumerate(found.cases):
        scale = float(found.solution.scale[number])
        cost = "–" if np.isnan(scale) else written(found.use(number, scale)[0] / 1e6)
        cap = "no limit" if np.isinf(case.cap) else f"{case.cap:.3g}"
        rows.append(
            (
                f"{levers_of(found, number)}\n[dim]{escape(found.verdict(number))}[/dim]",
                case.start,
                "–" if np.isnan(scale) else f"{scale:.3g}",
                cap,
                f"{found.solution.share[number]:.0%}",
                cost,
            )
        )
    columns = ("levers", "start", "scale needed", "allowed", "probability", "£m a year")
    title = f"{found.target.text}, with a probability of {found.probability:.0%}"
    yes = any(found.reached(case) for case in range(len(found.cases)))
    said = "" if yes else "The target cannot be met in any of these ways."
    text = Text(f"{said} {found.members} members; scale 1 is the lever as its file has it.".strip(), style="dim")
    return Group(plain_table(escape(title), columns, rows, widest=0), text)
