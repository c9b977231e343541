"""The command ``portfolio``: which handful of interventions, in which order, within a budget."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from model.cli.analysis_options import FIELDS, guide, question_options, workers
from model.cli.context import Session, common_options

if TYPE_CHECKING:
    from rich.console import Group, RenderableType

    from model.analysis.portfolio.candidates import Candidates
    from model.analysis.portfolio.study import Portfolio

ALL = "all"
OBJECTIVE = "net_benefit"
CRITERIA = ("expected", "cvar", "regret")
SHOWN = 8
"""Choices, steps and points of the frontier on the terminal."""


@click.command(
    short_help="Choose a handful of interventions within a budget.",
    epilog="Example: run.py portfolio --budget £20m/year --at-most 5 --package home_first --package vcse_capacity. "
    "docs/portfolio.md says how to read the results.",
)
@click.argument("candidates", nargs=-1, metavar="[INTERVENTION]...")
@click.option("--package", "packages", multiple=True, metavar="NAME", help="Choose from what a package uses.")
@click.option("--budget", required=True, metavar="AMOUNT", help="Most that may be spent in any year: £20m/year.")
@click.option("--at-most", type=click.IntRange(min=1), default=5, show_default=True, help="Most interventions.")
@click.option("--stop", "stops", multiple=True, metavar="NAME", help="What may be stopped: a name, or 'all'.")
@click.option(
    "--start",
    "starts",
    multiple=True,
    type=click.FloatRange(min=0),
    metavar="YEARS",
    help="Years after the decision at which interventions may start [default: as their files have it].",
)
@click.option(
    "--scale",
    "scales",
    multiple=True,
    type=click.FloatRange(min=0, min_open=True),
    metavar="NUMBER",
    help="Scales that may be chosen [default: 1].",
)
@click.option(
    "--posts", multiple=True, metavar="LIMIT", help="Most new posts in any year: 200, acute=80, acute.nursing=40."
)
@click.option(
    "--objective",
    "objectives",
    multiple=True,
    metavar="NAME",
    help=f"What is to be as large as possible; the first decides, more make a frontier [default: {OBJECTIVE}].",
)
@click.option(
    "--limit", "limits", multiple=True, metavar="TEXT", help="What results must meet: 'occupancy <= 95 by 2030-03'."
)
@click.option(
    "--probability", type=click.FloatRange(0, 1), default=0.8, show_default=True, help="With which --limit is met."
)
@click.option(
    "--choose-by",
    type=click.Choice(CRITERIA),
    default=CRITERIA[0],
    show_default=True,
    help="Expected gain, mean of the worst fifth, or smallest worst regret.",
)
@click.option("--futures", multiple=True, metavar="NAME", help="A future, or 'all' [default: as projected].")
@click.option("--baseline", default="baseline", show_default=True, help="What the interventions are added to.")
@click.option(
    "--most-runs", type=click.IntRange(min=10), default=20_000, show_default=True, help="Most runs of the model."
)
@question_options(10)
@common_options
@click.pass_obj
def portfolio(session: Session, candidates: tuple[str, ...], **options: Any) -> None:
    """Choose among INTERVENTIONS (all of the library where none is named): which, when, how large, and what to stop.

    Every choice within the limits is run where that is possible; else integer programming on the effects of
    interventions and their pairs finds those that are. Options that take a NAME, YEARS, NUMBER, LIMIT or TEXT may be
    given again.
    """
    from model.analysis.portfolio.selection import Criterion
    from model.analysis.portfolio.study import find_portfolio, plan_of
    from model.analysis.robustness.targets import read_targets
    from model.analysis.sensitivity.evaluation import calendar
    from model.analysis.sensitivity.objectives import objective
    from model.analysis.sensitivity.worker_pool import Pool
    from model.cli.console.progress import bar
    from model.simulation.simulate import registry
    from model.workflows.results_folder import check_replaceable, folder_name

    wanted = [objective(each, registry()) for each in dict.fromkeys(options["objectives"] or (OBJECTIVE,))]
    limits = read_targets(options["limits"], registry())
    target = options["output"] / folder_name(options["name"] or "portfolio")
    check_replaceable(target)
    found = candidates_of(candidates, options)
    for limit in limits:
        limit.check(calendar(found.menus[0].scenario))
    plan = plan_of(found, options["members"], options["most_runs"], len(wanted))
    if not session.quiet:
        how = "every choice within the limits" if plan.exact else "effects of options and pairs, then the best choices"
        click.echo(f"At most {plan.runs:,} runs of the model: {how}.", err=True)
    with bar(1, quiet=session.quiet) as progress:
        pool = Pool(progress.advance)
        progress.begin("choices")
        with pool.open(workers(options, plan.runs), options["scheduler"]):
            chosen = find_portfolio(
                found,
                wanted,
                limits,
                plan,
                registry(),
                criterion=Criterion(options["choose_by"]),
                probability=options["probability"],
                pool=pool,
            )
        progress.finish()
    _write(chosen, target, figures=options["figures"])
    session.show(render(chosen))
    session.say(f"Results: {target}/")


def candidates_of(written: tuple[str, ...], options: Mapping[str, Any]) -> Candidates:
    """What may be chosen, within which limits.

    Args:
        written: interventions by name.
        options: options of the command ``portfolio`` by name.

    Raises:
        UserError: whatever is wrong.
    """
    from model.analysis.portfolio.candidates import Limits, candidates, read_budget, read_names, read_posts
    from model.analysis.robustness.experiment import NO_FUTURE
    from model.cli.run_options import Choices
    from model.registry.errors import Exit, UserError
    from model.scenarios.library import Library
    from model.simulation.simulate import registry

    library = Library()
    if any(text.partition("=")[0].strip() == "future" for text in options["settings"]):
        raise UserError("futures are named by --futures here.", key="--set future", code=Exit.USAGE)
    futures = list(dict.fromkeys(options["futures"])) or [NO_FUTURE]
    futures = [NO_FUTURE, *library.names("future")] if ALL in futures else futures
    limits = Limits(
        budget=read_budget(options["budget"]), at_most=options["at_most"], posts=read_posts(options["posts"])
    )
    return candidates(
        options["baseline"],
        read_names(written, options["packages"], options["stops"], library),
        starts=options["starts"],
        scales=options["scales"] or (1.0,),
        limits=limits,
        futures=futures,
        registry=registry(),
        changes=Choices(**{key: options[key] for key in FIELDS}).changes(),
    )


def _write(found: Portfolio, target: Path, *, figures: bool) -> None:
    from model.reporting.tables.portfolio import draw_figures, remark, write_tables
    from model.workflows.results_folder import GUIDE, whole_folder

    scenario = found.candidates.menus[0].scenario
    with whole_folder(target) as folder:
        written = write_tables(found, folder)
        (folder / "candidates.resolved.yaml").write_text(scenario.to_yaml(), encoding="utf-8")
        meaning = "Every setting and value, with all candidates at all their starts side by side."
        written.append(("candidates.resolved.yaml", meaning))
        if figures:
            (folder / "figures").mkdir()
            drawn = draw_figures(found, folder / "figures")
            written += [(f"figures/{name}", f"{meaning} Also as SVG.") for name, meaning in drawn]
        remarks = f"{found.message()} {remark(found)} docs/portfolio.md says what was computed.".strip()
        text = guide("a choice of interventions", [scenario], remarks, written)
        (folder / GUIDE).write_text(text, encoding="utf-8")


def render(found: Portfolio) -> Group:
    """The best choice, what each part is worth, alternatives, what the last pound buys, and the frontier."""
    from rich.console import Group
    from rich.text import Text

    from model.reporting.tables.portfolio import remark

    parts: list[RenderableType] = []
    if found.message():
        parts.append(Text(found.message(), style="bold"))
    if found.judgement.allowed.any():
        parts += [_best(found), _alternatives(found), _budget(found)]
        if len(found.objectives) > 1:
            parts.append(_frontier(found))
    parts.append(Text(remark(found), style="dim"))
    return Group(*parts)


def _best(found: Portfolio) -> RenderableType:
    from rich.markup import escape

    from model.cli.console.model_tables import plain_table
    from model.results.measures import written

    own, problem = found.judgement, found.candidates.problem
    worth = {each.intervention: each for each in own.worth()}
    rows = []
    for place in sorted(range(len(problem.options)), key=lambda place: problem.options[place].start):
        if not own.chosen[own.best(), place]:
            continue
        option = problem.options[place]
        peaks = [resource.use[place].max() for resource in problem.resources]
        rows.append(
            (
                option.intervention + (" (stopped)" if option.stops else ""),
                option.start,
                f"{option.scale:g}",
                written(peaks[0] / 1e6),
                *(written(peak) for peak in peaks[1:]),
                written(worth[option.intervention].difference, signed=True),
            )
        )
    peaks = problem.peaks(own.chosen[own.best()][None])[0]
    score = written(float(own.scores()[own.best()]), signed=True)
    rows.append(("[bold]all together[/bold]", "", "", written(peaks[0] / 1e6), *map(written, peaks[1:]), score))
    limits = [written(resource.limit) for resource in problem.resources[1:]]
    rows.append(("[dim]limit[/dim]", "", "", written(problem.resources[0].limit / 1e6), *limits, ""))
    names = [f"{resource.name} ({resource.unit})" for resource in problem.resources[1:]]
    first = found.objectives[0]
    columns = ("intervention", "start", "scale", "£m, dearest year", *names, "worth")
    title = f"The best choice by {first.name} ({first.unit}): {first.title}"
    return plain_table(escape(title), columns, rows, widest=0)


def _alternatives(found: Portfolio) -> RenderableType:
    from model.analysis.portfolio.problem import named
    from model.analysis.portfolio.selection import Criterion
    from model.cli.console.model_tables import plain_table
    from model.results.measures import written

    own = found.judgement
    marks = {criterion.value: own.best(criterion) for criterion in Criterion}
    near = own.nearly_best(SHOWN)
    rows = []
    for place in dict.fromkeys([*near, *marks.values()]):
        by = ", ".join(name for name, best in marks.items() if best == place)
        rows.append(
            (
                named(own.chosen[place], own.problem.options),
                written(float(own.scores()[place]), signed=True),
                f"{own.beats_best(place):.0%}",
                "yes" if own.is_near(place) else "",
                written(own.costs[place] / 1e6),
                by,
            )
        )
    columns = ("choice", "score", "better in", "within 5%", "£m", "best by")
    return plain_table("Alternatives, and the best by other criteria", columns, rows, widest=0)


def _budget(found: Portfolio) -> RenderableType:
    import numpy as np
    from rich.console import Group
    from rich.text import Text

    from model.analysis.portfolio.problem import named
    from model.analysis.portfolio.selection import LESS
    from model.cli.console.model_tables import plain_table
    from model.results.measures import written

    own, unit = found.judgement, found.objectives[0].unit
    rows = [
        (
            written(step.budget / 1e6),
            written(step.score, signed=True),
            written(step.per_pound * 1e6, signed=True),
            named(own.chosen[step.choice], own.problem.options),
        )
        for step in own.steps()[-SHOWN:]
    ]
    columns = ("£m a year from", "score", "per £1m more", "choice")
    table = plain_table("What a larger budget buys", columns, rows, widest=-1)
    budget = own.problem.resources[0].limit
    less = min(LESS, budget)
    lost = own.last_pound(less) * less if less else 0.0
    text = (
        f"The last £{written(less / 1e6)}m of the yearly budget buys {written(lost, signed=True)} ({unit})."
        if (np.isfinite(lost) and lost > 0)
        else "The budget does not bind: the best choice needs less in its dearest year."
    )
    return Group(table, Text(text))


def _frontier(found: Portfolio) -> RenderableType:
    from model.analysis.portfolio.problem import named
    from model.cli.console.model_tables import plain_table
    from model.results.measures import written

    own = found.judgement
    means = own.gains.mean(axis=(2, 3))
    kept = own.frontier()
    rows = [
        (
            named(own.chosen[place], own.problem.options),
            *(written(float(value), signed=True) for value in means[:, place]),
        )
        for place in kept[: 2 * SHOWN]
    ]
    title = f"Frontier: {len(kept)} choices, more is better in each column" + (
        f"; the first {2 * SHOWN}" if len(kept) > 2 * SHOWN else ""
    )
    columns = ("choice", *(f"{each.name} ({each.unit})" for each in found.objectives))
    return plain_table(title, columns, rows, widest=0)
