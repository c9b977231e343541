"""The command ``attribute``: what each intervention of a package contributes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from model.cli.analysis_options import guide, question_options, resolved_with, workers
from model.cli.context import Session, common_options

if TYPE_CHECKING:
    from rich.console import Group, RenderableType

    from model.analysis.attribution.study import Attribution

OF = ("bed_days", "nctr_before", "rtt", "vacancy", "underlying_deficit", "qalys")
"""Results shown where none is named."""
MEMBERS = 8
"""Members where none are asked for: ten interventions then fit into the runs that all subsets may take."""
TOLD = 8
"""Overlaps, and shared needs of staff, that the terminal shows."""


@click.command(
    short_help="What each intervention of a package contributes.",
    epilog="Example: run.py attribute home_first --members 20. docs/attribution.md says how to read the results.",
)
@click.argument("package")
@click.option("--of", "of", multiple=True, metavar="RESULT", help=f"Result to show [default: {', '.join(OF)}].")
@click.option("--central", is_flag=True, help="Central values only: no intervals, far fewer runs.")
@click.option(
    "--orders",
    type=click.IntRange(min=2),
    metavar="N",
    help="Sample so many pairs of opposite orders for each member, in place of all subsets.",
)
@click.option(
    "--most-runs",
    type=click.IntRange(min=100),
    default=10_000,
    show_default=True,
    help="Runs up to which all subsets are run (of 12 interventions or fewer); beyond it, orders are sampled.",
)
@question_options(MEMBERS)
@common_options
@click.pass_obj
def attribute(session: Session, package: str, **options: Any) -> None:
    """Take the effect of a PACKAGE (or scenario) apart into what each of its interventions contributes.

    Shapley values of every headline at every horizon, which add up to the whole; interactions of pairs; and where
    interventions save the same bed days or want the same staff. The whole is compared with the same scenario without
    any of its interventions.
    """
    from model.analysis.attribution.study import attribute as find
    from model.analysis.attribution.study import plan_of
    from model.analysis.sensitivity.evaluation import calendar
    from model.analysis.sensitivity.worker_pool import Pool
    from model.cli.console.progress import bar
    from model.registry.errors import UserError
    from model.results.headlines import HEADLINES
    from model.results.measures import measures, of_headline
    from model.simulation.simulate import registry
    from model.workflows.results_folder import check_replaceable, folder_name

    shown = measures(options["of"] or OF, registry())
    known = {each.name: each for each in (*(of_headline(each.name) for each in HEADLINES), *shown)}
    (scenario,) = resolved_with([package], options, one=options["central"])
    try:
        plan = plan_of(len(scenario.programmes), scenario.members, options["most_runs"], options["orders"])
    except UserError as error:
        raise UserError(error.message, key=scenario.name) from error
    if not calendar(scenario).horizon_years:
        raise UserError("no horizon lies within the run; give a later --end or more --years.", key=scenario.name)
    target = options["output"] / folder_name(options["name"] or f"attribution_{scenario.name}")
    check_replaceable(target)
    if not session.quiet:
        how = "all subsets" if plan.exact else f"{2 * plan.pairs} sampled orders for each member"
        click.echo(f"At most {plan.runs:,} runs of the model: {how}.", err=True)
    with bar(1, quiet=session.quiet) as progress:
        pool = Pool(progress.advance)
        progress.begin("variants of the package")
        with pool.open(workers(options, plan.runs), options["scheduler"]):
            found = find(scenario, tuple(known.values()), plan, pool)
        progress.finish()
    _write(found, [each.name for each in shown], target, figures=options["figures"])
    session.show(render(found, [each.name for each in shown]))
    session.say(f"Results: {target}/")


def _write(found: Attribution, shown: list[str], target: Any, *, figures: bool) -> None:
    from model.reporting.tables.attribution import draw_figures, write_tables
    from model.workflows.results_folder import GUIDE, folder_name, whole_folder

    with whole_folder(target) as folder:
        written = write_tables(found, folder)
        file = f"scenario_{folder_name(found.scenario.name)}.resolved.yaml"
        (folder / file).write_text(found.scenario.to_yaml(), encoding="utf-8")
        written.append((file, f"Every setting, value and dated change of '{found.scenario.name}'."))
        if figures:
            (folder / "figures").mkdir()
            drawn = draw_figures(found, shown, folder / "figures")
            written += [(f"figures/{name}", f"{meaning} Also as SVG.") for name, meaning in drawn]
        remarks = f"{found.members} members. docs/attribution.md says what was computed and how to read it."
        text = guide("what each intervention contributes", [found.scenario], remarks, written)
        (folder / GUIDE).write_text(text, encoding="utf-8")


def render(found: Attribution, shown: list[str]) -> Group:
    """Contributions to each result by horizon, what overlaps, and who wants the same staff."""
    from rich.console import Group
    from rich.text import Text

    from model.analysis.attribution.overlaps import in_words, interactions, shared_staff, strongest

    parts: list[RenderableType] = [
        _contributions(found, column) for column, each in enumerate(found.measures) if each.name in shown
    ]
    told = [each for each in interactions(found) if each.measure.name in shown]
    parts.append(
        _sentences(
            "Together less, or more, than the sum",
            [in_words(each) for each in strongest(told, TOLD)],
            "No pair gives clearly less or more than its sum on these results.",
        )
    )
    staff = [
        f"{each.first} ({each.wte[0]:,.0f} WTE) and {each.second} ({each.wte[1]:,.0f} WTE) need the same staff: "
        f"{each.employer.replace('_', ' ')}, {each.staff_group.replace('_', ' ')}."
        + (f" Limited by staffing: {', '.join(each.gated)}." if each.gated else "")
        for each in shared_staff(found.scenario)
    ]
    parts.append(_sentences("The same staff", staff[:TOLD], "No two interventions need the same staff."))
    values = (
        f"Means of {found.members} members with 80% intervals; means add up, medians would not."
        if found.members > 1
        else "Central values, no interval."
    )
    how = "All subsets were run." if found.plan.exact else "Orders were sampled; attribution.csv has sampling errors."
    parts.append(Text(f"{values} {how}", style="dim"))
    return Group(*parts)


def _sentences(title: str, sentences: list[str], none: str) -> RenderableType:
    from rich.text import Text

    text = Text(f"{title}\n", style="bold")
    for sentence in sentences or [none]:
        text.append(f"  {sentence}\n", style="not bold")
    return text


def _contributions(found: Attribution, column: int) -> RenderableType:
    from rich.markup import escape

    from model.cli.console.model_tables import plain_table
    from model.reporting.tables.attribution import OVERLAP, SUM_ALONE, TOGETHER, decimals_of
    from model.results.comparison import Spread
    from model.results.measures import written

    each = found.measures[column]
    decimals = decimals_of(each, found.effect[column])

    def cell(values: Any) -> str:
        if found.members == 1:
            return written(float(values[0]), decimals, signed=True)
        spread = Spread.of(values)
        mean, low, high = (
            written(value, decimals, signed=True) for value in (float(values.mean()), spread.low, spread.high)
        )
        return f"{mean}\n[dim]{low} to {high}[/dim]"

    places = range(len(found.horizons))
    rows = [
        (name, *(cell(found.shapley[row, column, place]) for place in places))
        for row, name in enumerate(found.interventions)
    ]
    rows += [
        (f"[bold]{TOGETHER}[/bold]", *(f"[bold]{cell(found.effect[column, place])}[/bold]" for place in places)),
        (f"[dim]{SUM_ALONE}[/dim]", *(cell(found.alone[:, column, place].sum(axis=0)) for place in places)),
        (f"[dim]{OVERLAP}[/dim]", *(cell(found.overlap[column, place]) for place in places)),
    ]
    columns = ("intervention", *(f"{horizon} {year}" for horizon, year in found.horizons.items()))
    return plain_table(escape(f"{each.title} ({each.unit})"), columns, rows, widest=0)
